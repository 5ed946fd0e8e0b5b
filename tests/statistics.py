"""How a sampled number is compared with an exact one: in its own standard errors, which must be small."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from szilard import Estimate


def assert_agrees(estimate: Estimate, exact: float, sigmas: float = 4.0, relative: float = 0.01) -> float:
    """The estimate lies within ``sigmas`` standard errors, which are below ``relative`` of the value: its z."""
    assert estimate.stderr > 0.0, "an exact number is compared to rounding, not in sigmas"
    assert estimate.stderr <= relative * abs(exact), f"{estimate!r} is too uncertain to be compared with {exact:.6g}"
    z = (estimate.value - exact) / estimate.stderr
    assert abs(z) <= sigmas, f"{estimate!r} is {z:+.1f} sigma from {exact:.8g}"
    return z


def z_of_mean(samples: ArrayLike, exact: float) -> float:
    """(mean - exact) / (standard error of the mean)."""
    x = np.asarray(samples, dtype=np.float64).ravel()
    return float((x.mean() - exact) / (x.std(ddof=1) / np.sqrt(x.size)))


def z_of_exact_spread(samples: ArrayLike, exact: float, variance: float) -> float:
    """(mean - exact) / sqrt(variance / n), the variance of one sample being known."""
    x = np.asarray(samples, dtype=np.float64).ravel()
    return float((x.mean() - exact) / np.sqrt(variance / x.size))
