"""Two numbers of the same cell: how many standard errors they are apart, and whether that can be said at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ALARM = 5.0
"""Standard errors beyond which a difference is one."""
UNLIKELY = 5.7e-7
"""The probability of a normal number beyond them."""
ROUNDING = 1e-9
"""The relative difference that counts as rounding, and the largest relative error of what counts as exact."""
SAME, COMPARED, ROUNDED, DIFFERENT, EXCLUDED, APART, ABSENT, MISSING = range(8)
KINDS = (
    "same bits", "compared", "equal to rounding", "exact values that differ", "bounds that exclude each other",
    "not comparable", "in neither", "a number in one alone",
)  # fmt: skip
FOLLOWING = ("margin",)
"""Quantities in sigmas of others, without an error of their own: told by those others and by the verdict."""
RESIDUALS = ("first_law_residual",)
"""Quantities that are zero to rounding."""
UPWARDS, DOWNWARDS = ("two-sided", "upper"), ("two-sided", "lower")
"""The sides that say that the truth is not larger, and not smaller."""


def judged(
    value: Array, stderr: Array, side: NDArray[np.str_], quantities: Sequence[str], same_key: NDArray[np.bool_]
) -> tuple[Array, NDArray[np.int64]]:
    r"""z = (y_b - y_a)/sqrt(s_a^2 + s_b^2) and kind (an index of KINDS), (cell, quantity), of (a | b, cell, quantity).

    z is 0 where nothing can be said, infinite where exact values differ or one is missing; ``compare_results`` tells
    the rules. same_key: (cell,).
    """
    none = np.isnan(value)
    with np.errstate(invalid="ignore"):
        apart = value[1] - value[0]
    apart[value[0] == value[1]] = 0.0  # of two infinities
    error = np.hypot(*stderr)
    size = np.abs(value).max(axis=0)
    rounding = ROUNDING * np.where(np.isfinite(size), size, 0.0)
    sigmas = _over(apart, error, rounding)
    alike = side[0] == side[1]
    z, kind = np.where(alike, sigmas, 0.0), np.where(alike, COMPARED, APART)
    exact = alike & ((error <= rounding) | np.isinf(size))
    kind[exact] = np.where(z[exact] == 0.0, ROUNDED, DIFFERENT)
    for direction, lower in ((1.0, side[1]), (-1.0, side[0])):
        upper = side[0] if direction > 0.0 else side[1]
        said = np.isin(upper, UPWARDS) & np.isin(lower, DOWNWARDS)
        excluded = ~alike & said & (direction * sigmas > ALARM)
        z, kind = np.where(excluded, sigmas, z), np.where(excluded, EXCLUDED, kind)
    for j, name in enumerate(quantities):
        if name in RESIDUALS:
            z[:, j] = np.where(np.abs(apart[:, j]) <= ROUNDING, 0.0, np.inf)
            kind[:, j] = np.where(z[:, j] == 0.0, ROUNDED, DIFFERENT)
    unknown = ~np.isfinite(error)
    unknown[:, [name in FOLLOWING for name in quantities]] = True
    bits = [np.ascontiguousarray(x, dtype=np.float64).view(np.int64) for x in (value, stderr)]
    same = same_key[:, None] & alike & (bits[0][0] == bits[0][1]) & (bits[1][0] == bits[1][1])
    for which, what, amount in (
        (unknown, APART, 0.0), (none.any(axis=0), MISSING, np.inf), (same, SAME, 0.0), (none.all(axis=0), ABSENT, 0.0),
    ):  # fmt: skip
        z, kind = np.where(which, amount, z), np.where(which, what, kind)
    return z, kind


def _over(apart: Array, error: Array, rounding: Array) -> Array:
    """apart/error; where both are finite and there is no error, 0 for rounding and infinite else."""
    known = (error > rounding) & np.isfinite(error) & np.isfinite(apart)
    exact = np.where(np.abs(apart) <= rounding, 0.0, np.copysign(np.inf, apart))
    return np.where(known, apart / np.where(known, error, 1.0), exact)
