"""A ring of states on which an agent drives a current."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ..discrete import JumpProcess
from ..discrete.channel import Kinetics
from ..errors import InputError, number
from ._checks import Attempt, Temperature, baths, channel_of, whole


def ring(
    energy: ArrayLike | Callable[[float], ArrayLike],
    affinity: float,
    *,
    attempt: Attempt = 1.0,
    temperature: Temperature = 1.0,
    kinetics: Kinetics = "symmetric",
    states: int | None = None,
) -> JumpProcess:
    r"""drive[x + 1, x] = affinity / n on every jump 0 -> 1 -> ... -> n - 1 -> 0, so that a cycle is given affinity.

    In the steady state (one reservoir) the current J > 0 runs in the direction of the drive and
    sigma = J affinity / T. With equal energies and attempt a, symmetric kinetics: J = (2a/n) sinh(affinity / 2nT).
    energy: (n,), n >= 3, in k_B T0, or a function of the control that returns one; then give n as ``states``.
    affinity: energy per cycle, in k_B T0, of either sign. attempt: a number or (n,) for the jumps x -> x + 1, > 0,
    in 1/time. temperature: a number, or a mapping from the names of reservoirs to theirs (attempt may then be a
    mapping too); all of them carry every jump, and the agent gives its energy in each.
    Raises InputError: n < 3 (two states would be joined by two different jumps), values that are not finite,
    attempt or temperature <= 0.

    Source: Schnakenberg, Rev. Mod. Phys. 48, 571 (1976); Barato and Seifert, PRL 114, 158101 (2015).

    >>> ring([0.0, 0.5, 1.2], affinity=2.0)
    JumpProcess: 3 states, 1 reservoir (bath, T = 1, symmetric, 3 pairs), driven
    """
    n = _size(energy, states)
    x = np.arange(n)
    drive = number("affinity", affinity) / n
    channels = []
    for name, rates, warm in baths(attempt, temperature, n):
        if not np.all(rates > 0.0):
            broken = int(np.argmin(rates))
            fix = "systems.ladder joins a line of states"
            raise InputError(f"attempt[{broken}]", float(rates[broken]), "must be > 0: a ring is closed", fix)
        channels.append(channel_of(n, x, (x + 1) % n, rates, drive, temperature=warm, name=name, kinetics=kinetics))
    return JumpProcess(energy, channels)


def _size(energy: ArrayLike | Callable[[float], ArrayLike], states: int | None) -> int:
    if callable(energy):
        if states is None:
            rule = "is needed where the energy is a function of the control"
            raise InputError("states", None, rule, "states=3, for instance")
        return whole("states", states, 3)
    if np.ndim(energy) != 1:
        raise InputError("energy", np.shape(energy), "must have shape (n,)", "give one energy per state")
    n = int(np.shape(energy)[0])
    if n < 3:
        rule = "a ring has at least 3 states: two would be joined by two different jumps"
        raise InputError("energy", f"{n} states", rule, "use systems.two_level, or two Channel of their own names")
    if states not in (None, n):
        raise InputError("states", states, f"must be the {n} of energy", "leave it out")
    return n
