"""A sensor that follows an environment which it does not influence."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np

from ..discrete import JumpProcess
from ..errors import InputError, number
from ._checks import channel_of, numbers, positive


def sensor(
    coupling: float,
    *,
    environment: Any = 1.0,
    attempt: float = 1.0,
    bias: float = 0.0,
    temperature: float = 1.0,
) -> JumpProcess:
    r"""E(x, y) = coupling (1 - delta_xy) + bias x + e_y: x follows y in a bath at T, y flips at its own rates.

    States 2 x + y, so that the shape of the bipartite process is (2, 2): x, y = 0, 1. The sensor jumps with
    k(x'|x, y) = attempt e^{[E(x, y) - E(x', y)]/2T}, heat into the reservoir "sensor". The environment flips 0 -> 1 and
    1 -> 0 at the rates ``environment`` = (up, down), whatever x is; a number means both. Its own levels
    e_1 = -T ln(up/down) explain these rates, so that no heat is hidden in them, and its drive gives what a flip does
    to the energy of the sensor: that is the work which keeps the sensor out of equilibrium.
    In the steady state <W> per time is the heat per time into "sensor" (what flows into "environment" is zero), and
    without bias and with up = down = g, with a = attempt e^{coupling/2T}, b = attempt e^{-coupling/2T},

        p(x = y) = (a + g)/(a + b + 2g),   l_x = J ln[p/(1 - p)] <= sigma_x = J coupling/T,   J = g (2p - 1).

    coupling, bias: in k_B T0, of either sign; rates > 0, in 1/time; temperature > 0, in T0.
    Raises InputError for values that are not finite or beyond these.

    Barato, Hartich and Seifert, New J. Phys. 16, 103024 (2014); Hartich, Barato and Seifert, PRE 93, 022116 (2016).

    >>> follows = sensor(2.0, environment=0.1)
    >>> follows.reservoirs, follows.energies()
    (('sensor', 'environment'), array([0., 2., 2., 0.]))
    """
    held, tilt = number("coupling", coupling), number("bias", bias)
    rate, T = positive("attempt", attempt), positive("temperature", temperature)
    up, down = numbers("environment", environment, (2,)).tolist()
    if not min(up, down) > 0.0:
        raise InputError("environment", environment, "must be > 0", "environment=(0.1, 0.2): the rates up and down")
    x, y = np.arange(4) // 2, np.arange(4) % 2
    own = held * (x != y) + tilt * x
    energy = own - T * log(up / down) * y
    follows = channel_of(4, np.array([0, 1]), np.array([2, 3]), np.full(2, rate), temperature=T, name="sensor")
    below, above = np.array([0, 2]), np.array([1, 3])
    flips = channel_of(
        4, below, above, np.full(2, (up * down) ** 0.5), own[above] - own[below], temperature=T, name="environment"
    )
    return JumpProcess(energy, [follows, flips])
