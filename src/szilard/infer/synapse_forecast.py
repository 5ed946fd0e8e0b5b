r"""Whether sizes end where the fitted law leads them from where they began: <y'> = m + B (y - m), Var(y'|y) = v(y)."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from ..check import BoundCheck
from ..estimate import Estimate
from .synapse_law import SynapseFit
from .synapse_moments import NOISE, RATE, moments_after

Array = NDArray[np.float64]
ALONE = "what changes the sizes is the fitted law and nothing else"
REFERENCE = "Forman and Sorensen, Scand. J. Stat. 35, 438 (2008), on the moments of such diffusions"


def forecast_checks(fit: SynapseFit, start: Array, stop: Array, t: float) -> tuple[BoundCheck, ...]:
    r"""<y_1> = <M(y_0)>;  var y_1 = <v(y_0)> + var M(y_0);  var[y_1 - M(y_0)] = <v(y_0)>,  M = m + e^{-bt} (y_0 - m).

    Mean and spread at the end, and the scatter of synapses about their own forecasts M: as found in ``stop``
    (synapse,), and as the fitted law makes them of ``start`` (synapse,), of the same synapses a time t before. The
    error of a difference is that of paired synapses, and that of the fit as if it were of other steps: too large where
    it is of the same, so that less is called violated. A noise of looks counts where the fit has taken it out.
    """
    numbers = np.where(np.arange(NOISE + 1) < NOISE + fit.noise_removed, fit.numbers, 0.0)
    found, made, influence = _three(numbers, start, stop, t)
    n, size = start.size, np.sqrt(np.diagonal(fit.covariance))
    slopes = np.zeros((3, numbers.size))
    for i in range(NOISE + fit.noise_removed):
        if size[i] > 0.0 and numbers[i] != 0.0:
            step = np.where(np.arange(numbers.size) == i, 0.01 * size[i], 0.0)
            up, down = (_three(numbers + sign * step, start, stop, t) for sign in (1.0, -1.0))
            slopes[:, i] = ((up[1] - up[0]) - (down[1] - down[0])) / (0.02 * size[i])
    used = np.any(slopes != 0.0, axis=0)
    of_fit = np.einsum("ki,ij,kj->k", slopes[:, used], fit.covariance[np.ix_(used, used)], slopes[:, used])
    y = "ln size" if fit.coordinate == "log" else "size"
    names = (f"mean of {y} at the end", f"spread of {y} at the end", f"scatter of {y} about forecasts")
    checks = []
    for k, name in enumerate(names):
        of_synapses, whole = influence[:, k, 0], influence[:, k, 0] - influence[:, k, 1]
        measured = Estimate(float(found[k]), _error(of_synapses), n, float(n))
        expected = Estimate(float(made[k]), sqrt(_error(influence[:, k, 1]) ** 2 + float(of_fit[k])), n, float(n))
        stderr = sqrt(_error(whole) ** 2 + float(of_fit[k]))
        checks.append(BoundCheck(f"{name} = as fitted", measured, expected, (ALONE,), REFERENCE, stderr, "="))
    return tuple(checks)


def farthest(checks: Sequence[BoundCheck]) -> float:
    """The largest departure from the fitted law, in standard errors; 0 of no checks."""
    return max((abs(check.margin) for check in checks), default=0.0)


def _three(numbers: Array, start: Array, stop: Array, t: float) -> tuple[Array, Array, Array]:
    """Found (3,), made by the law (3,), and what each synapse adds to either: (synapse, 3, 2)."""
    r, kept = numbers[NOISE], np.exp(-2.0 * numbers[RATE] * t)
    mean, variance = moments_after(numbers, start, t, r)
    about, along = variance + r * (1.0 + kept), variance + r * (1.0 - kept)  # the noise of a start moves its forecast
    miss = stop - mean
    miss, ahead, end = ((x - x.mean()) ** 2 for x in (miss, mean, stop))
    n = start.size
    spread, scatter = np.sqrt(end.sum() / (n - 1)), np.sqrt(miss.sum() / (n - 1))
    wide, narrow = np.sqrt(along.mean() + ahead.sum() / (n - 1)), np.sqrt(about.mean())
    found, made = np.array([stop.mean(), spread, scatter]), np.array([mean.mean(), wide, narrow])
    squares = ((end, along + ahead, spread, wide), (miss, about, scatter, narrow))
    each = [(stop - stop.mean(), mean - mean.mean())]
    each += [((a - a.mean()) / (2.0 * s), (b - b.mean()) / (2.0 * w)) for a, b, s, w in squares]
    return found, made, np.stack([np.stack(pair, axis=1) for pair in each], axis=1)


def _error(influence: Array) -> float:
    n = influence.size
    return float(np.sqrt(np.sum(influence**2) / (n * (n - 1))))
