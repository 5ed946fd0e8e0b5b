"""Two levels, and a ladder of levels."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..discrete import JumpProcess
from ..discrete.channel import Kinetics
from ._checks import MOST_STATES, Array, Attempt, Controlled, Temperature, baths, channel_of, energy_of, whole


def two_level(
    gap: Controlled = None,
    *,
    attempt: Attempt = 1.0,
    temperature: Temperature = 1.0,
    kinetics: Kinetics = "heat_bath",
) -> JumpProcess:
    r"""energy = (0, gap): with a heat bath k[1, 0] = attempt / (1 + e^{gap/T}), k[0, 1] = attempt / (1 + e^{-gap/T}).

    In one such bath p_1 relaxes to 1 / (1 + e^{gap/T}) at the rate ``attempt``, whatever the gap.
    gap: a number in k_B T0, a function of the control, or None: the control is the gap. attempt: 1/time.
    temperature: a number, or a mapping from the names of reservoirs to theirs (attempt may then be one too).
    Raises InputError for a gap that is not finite, attempt < 0, temperature <= 0, reservoirs that do not match.

    Source: Glauber, J. Math. Phys. 4, 294 (1963), for the kinetics.

    >>> two_level(1.5, temperature={"hot": 2.0, "cold": 0.5})
    JumpProcess: 2 states, 2 reservoirs (hot, T = 2, heat_bath, 1 pair; cold, T = 0.5, heat_bath, 1 pair), not driven
    >>> two_level().energies(control=3.0)
    array([0., 3.])
    """
    return ladder(2, gap, attempt=attempt, temperature=temperature, kinetics=kinetics)


def ladder(
    levels: int,
    gap: Controlled = None,
    *,
    attempt: Attempt = 1.0,
    temperature: Temperature = 1.0,
    kinetics: Kinetics = "symmetric",
) -> JumpProcess:
    r"""energy[x] = x gap, x = 0 ... levels - 1, with jumps between neighbours.

    Stationary p_{x+1}/p_x = sum_r k_r[x + 1, x] / sum_r k_r[x, x + 1] over the reservoirs r; with one of them the
    Boltzmann factor e^{-gap/T}, with two a steady flow of heat from hot to cold.
    levels: >= 1. gap: a number in k_B T0, a function of the control, or None: the control is the gap.
    attempt: a number or (levels - 1,) for x <-> x + 1, in 1/time; x + 1 times a number makes it a harmonic
    oscillator's. temperature: a number, or a mapping from the names of reservoirs to theirs.
    Raises InputError for a gap that is not finite, attempt < 0, temperature <= 0, reservoirs that do not match.

    Source: Montroll and Shuler, J. Chem. Phys. 26, 454 (1957).

    >>> ladder(4, 0.5).energies()
    array([0. , 0.5, 1. , 1.5])
    """
    n = whole("levels", levels, 1, MOST_STATES)
    x = np.arange(n - 1)
    channels = [
        channel_of(n, x, x + 1, rates, temperature=warm, name=name, kinetics=kinetics)
        for name, rates, warm in baths(attempt, temperature, n - 1)
    ]
    return JumpProcess(energy_of("gap", gap, partial(_spaced, np.arange(n))), channels)


def _spaced(level: NDArray[np.int64], gap: float) -> Array:
    return np.asarray(level * gap, dtype=np.float64)
