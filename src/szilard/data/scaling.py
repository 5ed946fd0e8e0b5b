"""Patterns on the sphere |xi|^2 = N, the convention every learning rule here expects."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError

_EPS = float(np.finfo(np.float64).eps)


def standardise(inputs: ArrayLike, *, centre: bool = True) -> NDArray[np.float64]:
    r"""Patterns (P, N) centred on their mean and scaled to squared length N, as a new array.

    .. math:: \xi^\mu = \sqrt{N}\, \frac{x^\mu - m}{|x^\mu - m|}, \qquad m = \frac1P \sum_\mu x^\mu

    and m = 0 with centre=False. The mean over the data set is taken out so that patterns are not all alike:
    raw images share most of their length. After scaling, the mean of the xi is small but not exactly zero.
    An input that is the same in all patterns becomes 0 when centred, and still counts in N.
    Raises InputError, naming the row, for a pattern that has no direction: one equal to the mean within
    rounding or, uncentred, of zeros; and for anything but a finite real (P, N) array with P, N >= 1.

    >>> standardise([[3.0, 0.0, 7.0], [1.0, 0.0, 7.0]]).round(3).tolist()
    [[1.732, 0.0, 0.0], [-1.732, 0.0, 0.0]]
    """
    x = _checked(inputs)
    zero = np.zeros(x.shape[1])
    if centre:
        x, zero = _centred(x)
    size = np.abs(x)
    gone = np.flatnonzero(np.all(size <= zero, axis=1))
    if gone.size:
        got = "a pattern equal to the mean of all" if centre else "a pattern of zeros"
        fix = "drop it" + (", or add patterns or use centre=False" if centre else "")
        raise InputError(f"inputs, row {int(gone[0])}", got, "a pattern needs a direction: |xi|^2 = N", fix)
    unit = x / size.max(axis=1, keepdims=True)
    scaled: NDArray[np.float64] = unit * np.sqrt(x.shape[1] / np.sum(unit**2, axis=1, keepdims=True))
    return scaled


def _centred(x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x minus its mean, in units of its largest entry so as not to overflow, and what rounding makes of 0."""
    largest = np.abs(x).max()
    x = x / largest if largest > 0 else x.copy()
    constant = x.min(axis=0) == x.max(axis=0)
    rounding = (4.0 + x.shape[0] ** 0.5) * _EPS * np.abs(x).max(axis=0)
    x -= x.mean(axis=0)
    x -= x.mean(axis=0)
    x[:, constant] = 0.0
    return x, rounding


def _checked(inputs: ArrayLike) -> NDArray[np.float64]:
    fix = "give one row of numbers per pattern"
    try:
        raw = np.asarray(inputs)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError("inputs", type(error).__name__, "must be a (P, N) array of numbers", fix) from error
    if raw.dtype.kind not in "biuf":
        raise InputError("inputs", f"dtype {raw.dtype}", "must be real numbers", fix)
    if raw.ndim != 2 or 0 in raw.shape:
        raise InputError("inputs", f"shape {raw.shape}", "must have shape (P, N) with P, N >= 1", fix)
    x = raw.astype(np.float64)
    bad = np.argwhere(~np.isfinite(x))
    if bad.size:
        i, j = int(bad[0, 0]), int(bad[0, 1])
        raise InputError(f"inputs[{i}, {j}]", float(x[i, j]), "must be finite", "correct or drop the pattern")
    return x
