"""A molecular motor: fuel and load, two conformations, four mechanisms."""

from __future__ import annotations

import numpy as np

from ..discrete import JumpProcess
from ..errors import InputError, number
from ._checks import channel_of, not_negative, numbers, positive


def molecular_motor(
    fuel: float,
    force: float = 0.0,
    *,
    gap: float = 0.0,
    passive: tuple[float, float] = (0.1, 1.0),
    active: tuple[float, float] = (1.0, 0.1),
    stride: float = 0.5,
    temperature: float = 1.0,
) -> JumpProcess:
    r"""v = (R+ L- - R- L+) / (R+ + R- + L+ + L-): steps to the right per time, by two ways between a and b.

    Conformation a (state 0, energy 0) turns into b (state 1, energy gap) with the leading head ``stride`` to the
    right, or 1 - stride to the left; back along the other way completes a step of length 1. Each way is passive or
    burns one fuel molecule (a -> b), which gives the energy ``fuel`` = mu_ATP - mu_ADP - mu_P. Drive on a -> b:
        passive right   force stride              passive left   -force (1 - stride)
        active right    force stride + fuel       active left    -force (1 - stride) + fuel
    each a channel of this name with its own attempt, symmetric kinetics: passive = (w, w'), active = (a, a') for
    (right, left). R+ = (w + a e^{fuel/2T}) e^{(force stride - gap)/2T} is the rate of a -> b to the right, R- of its
    reverse, L+ and L- those of the way to the left. The cycles are given force (passive turn), fuel (futile) and
    force + fuel. v = 0 at the stall force
        f_stall = T ln [(w + a e^{-fuel/2T}) (w' + a' e^{fuel/2T})] - T ln [(w + a e^{fuel/2T}) (w' + a' e^{-fuel/2T})],
    which is -fuel for a motor without slip (w = a' = 0). The fuel burnt per time is the current in the active channels.
    fuel, force, gap: in k_B T0 (force times one step), of either sign; force > 0 pulls to the right. passive, active:
    >= 0, in 1/time. stride: 0 ... 1. temperature: > 0, of all four mechanisms.
    Raises InputError for values that are not finite or beyond these, or if a and b are not joined at all.

    Source: Lau, Lacoste and Mallick, PRL 99, 158102 (2007), the same four mechanisms with load factors of its own.

    >>> molecular_motor(10.0, force=-2.0).reservoirs
    ('passive right', 'passive left', 'active right', 'active left')
    """
    mu, f, split = number("fuel", fuel), number("force", force), not_negative("stride", stride)
    if split > 1.0:
        raise InputError("stride", stride, "must be between 0 and 1, in steps", "stride=0.5, for instance")
    warm = positive("temperature", temperature)
    w, a = numbers("passive", passive, (2,), least=0.0), numbers("active", active, (2,), least=0.0)
    if not (np.any(w) or np.any(a)):
        raise InputError("passive, active", (passive, active), "must not all be zero", "give one attempt rate > 0")
    right, left = f * split, -f * (1.0 - split)
    ways = (
        ("passive right", w[0], right),
        ("passive left", w[1], left),
        ("active right", a[0], right + mu),
        ("active left", a[1], left + mu),
    )
    start, end = np.array([0]), np.array([1])
    channels = [
        channel_of(2, start, end, np.array([rate]), drive if rate else 0.0, temperature=warm, name=name)
        for name, rate, drive in ways
    ]
    return JumpProcess([0.0, number("gap", gap)], channels)
