"""Families of functions of the state that a ceiling is sought in."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations_with_replacement, product
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, is_whole
from ..estimate import numbers

Array = NDArray[np.float64]
TrialFunctions: TypeAlias = Callable[[Array], tuple[ArrayLike, ArrayLike]]
"""states (sample, dim) -> values (sample, function) and their slopes (sample, function, dim)."""

PROBED = 16
STEP = 1e-5


def polynomials(degree: int) -> TrialFunctions:
    r"""prod_i w_i^{a_i} for 1 <= sum_i a_i <= degree: all monomials but the constant.

    Raises InputError unless degree is a whole number >= 1.

    >>> values, slopes = polynomials(2)(np.array([[2.0, 3.0]]))
    >>> values
    array([[2., 3., 4., 6., 9.]])
    >>> slopes[0, 3]  # of w_0 w_1
    array([3., 2.])
    """
    if not is_whole(degree, 1):
        raise InputError("degree", degree, "must be a whole number >= 1", "2 holds -ln p of every Gaussian")

    def family(w: Array) -> tuple[Array, Array]:
        samples, dim = w.shape
        ways = [
            np.bincount(chosen, minlength=dim)
            for d in range(1, degree + 1)
            for chosen in combinations_with_replacement(range(dim), d)
        ]
        powers = w[:, :, None] ** np.arange(degree + 1)
        values, slopes = np.empty((samples, len(ways))), np.zeros((samples, len(ways), dim))
        for f, a in enumerate(ways):
            values[:, f] = np.prod([powers[:, i, a[i]] for i in range(dim)], axis=0)
            for i in np.flatnonzero(a):
                lowered = a - (np.arange(dim) == i)
                slopes[:, f, i] = a[i] * np.prod([powers[:, j, lowered[j]] for j in range(dim)], axis=0)
        return values, slopes

    return family


def fourier(order: int, period: ArrayLike) -> TrialFunctions:
    r"""cos(q.w) and sin(q.w), q_i = 2 pi n_i/L_i, for all whole |n_i| <= order but n = 0; once for n and -n.

    period: L, a number or (dim,), > 0. Raises InputError unless order is a whole number >= 1 and L > 0 is finite, and,
    when it is used, for states of another dim.

    >>> values, slopes = fourier(1, 2 * np.pi)(np.array([[0.0]]))
    >>> values, slopes
    (array([[1., 0.]]), array([[[-0.],
            [ 1.]]]))
    """
    if not is_whole(order, 1):
        raise InputError("order", order, "must be a whole number >= 1", "the number of harmonics")
    L = numbers(period, "period")
    if L.ndim > 1 or L.size == 0 or not np.all(np.isfinite(L)) or np.any(L <= 0.0):
        raise InputError("period", period, "must be finite numbers > 0", "one, or one per coordinate")

    def family(w: Array) -> tuple[Array, Array]:
        dim = w.shape[1]
        if L.shape not in ((), (dim,)):
            raise InputError("period", L.shape, f"must be a number or have shape ({dim},)", "one per coordinate")
        ways = [n for n in product(range(-order, order + 1), repeat=dim) if n > (0,) * dim]
        q = 2.0 * np.pi * np.array(ways) / L
        c, s = np.cos(w @ q.T), np.sin(w @ q.T)
        values = np.concatenate([c, s], axis=1)
        slopes = np.concatenate([-s[:, :, None] * q, c[:, :, None] * q], axis=1)
        return values, slopes

    return family


def slopes_of(family: TrialFunctions, w: Array) -> Array:
    """The slopes (sample, function, dim); raises InputError for other shapes and values that are not finite."""
    return _both(family, w)[1]


def refuse_no_gradient(family: TrialFunctions, w: Array, period: Array) -> None:
    """Raise InputError unless the slopes are those of the values, and the values repeat after the period.

    A field that is no gradient can cancel any force, and so can the slope of a function that is not single-valued
    on a ring: both would certify a ceiling below the truth.
    """
    w = w[:: -(-w.shape[0] // PROBED)]
    values, slopes = _both(family, w)
    for i in range(w.shape[1]):
        h = STEP * (1.0 + np.abs(w[:, i]))
        up, down = w.copy(), w.copy()
        up[:, i] += h
        down[:, i] -= h
        above, below = _both(family, up), _both(family, down)
        difference = (above[0] - below[0]) / (2.0 * h)[:, None]
        # central differences err by h^2 phi'''/6, phi'' h being what the slope changes by, and by rounding of phi / h
        bend = np.abs(above[1][:, :, i] - below[1][:, :, i])
        room = 1e-6 * (1.0 + np.abs(values) + np.abs(slopes[:, :, i])) + bend
        if np.any(np.abs(slopes[:, :, i] - difference) > room):
            s, f = (int(x[0]) for x in np.nonzero(np.abs(slopes[:, :, i] - difference) > room))
            got = f"{slopes[s, f, i]:.6g}, the values give {difference[s, f]:.6g} (function {f}, coordinate {i})"
            raise InputError("functions", got, "slopes must be the derivatives of the values", "correct one of the two")
        if np.isfinite(period[i]):
            turned = w.copy()
            turned[:, i] += period[i]
            if np.any(np.abs(_both(family, turned)[0] - values) > 1e-8 * (1.0 + np.abs(values))):
                rule = f"must repeat itself after the period {period[i]:g} of coordinate {i}"
                raise InputError("functions", "another value after one turn", rule, "fourier(order, period)")


def _both(family: TrialFunctions, w: Array) -> tuple[Array, Array]:
    if not callable(family):
        raise InputError("functions", family, "must be functions of the states", "polynomials(2), for instance")
    found = family(w)
    if not isinstance(found, tuple) or len(found) != 2:
        rule = "must give (values, slopes) for states (sample, dim)"
        raise InputError("functions", type(found).__name__, rule, "polynomials(2), for instance")
    values, slopes = (numbers(x, "functions") for x in found)
    samples, dim = w.shape
    if values.ndim != 2 or values.shape[0] != samples or slopes.shape != (*values.shape, dim):
        rule = f"must be ({samples}, function) and ({samples}, function, {dim})"
        raise InputError("functions", (values.shape, slopes.shape), rule, "one column per function")
    if not (np.all(np.isfinite(values)) and np.all(np.isfinite(slopes))):
        raise InputError("functions", "NaN or infinity", "must be finite at every state", "guard their domain")
    return values, slopes
