"""Entropy of a weight that is Gaussian once the labels are known: a sum of independent signs plus noise."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..data.numbers import real_numbers
from ..errors import InputError, is_number

TAIL = 9.0
MAX_GRID = 1 << 24


def signs_entropy(steps: ArrayLike, variance: float) -> float:
    r"""S(w), w = sum_mu +-steps_mu + N(0, variance) with fair independent signs, in nats.

    The density is the inverse Fourier transform of exp(-v u^2 / 2) prod_mu cos(u steps_mu) on a periodic grid
    that leaves out e^{-40} of the weight (Hoeffding); the trapezoid rule on it is exact to rounding.
    steps: (pattern,). Raises InputError unless 0 < variance is finite and the steps are.

    >>> round(signs_entropy([0.0], 1.0), 6)
    1.418939
    """
    jumps = np.abs(real_numbers("steps", steps).ravel())
    if not (is_number(variance) and variance > 0 and np.all(np.isfinite(jumps))):
        raise InputError("steps", steps, "steps and variance > 0 must be finite", "check gains and temperature")
    jumps = jumps[jumps > 0]
    width = sqrt(variance)
    reach = min(float(jumps.sum()), TAIL * float(np.sqrt((jumps * jumps).sum()))) + TAIL * width
    modes = int(TAIL * 4.0 * reach / (pi * width)) + 8
    if modes > MAX_GRID:
        rule = "the labels' steps are too many noise widths apart for the grid"
        raise InputError("steps", float(jumps.max()), rule, "lower the learning rate")
    u = (pi / reach) * np.arange(modes)
    transform = np.exp(-0.5 * variance * u * u)
    for jump in jumps:
        transform *= np.cos(u * jump)
    density = _inverse(transform, modes) / (2.0 * reach)
    positive = density > 0.0
    p = density[positive]
    return float(-(p * np.log(p)).sum() * reach / modes)


def _inverse(transform: NDArray[np.float64], modes: int) -> NDArray[np.float64]:
    return np.asarray(np.fft.irfft(np.append(transform, 0.0), 2 * modes) * (2 * modes))
