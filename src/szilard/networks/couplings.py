"""Hebb's couplings: symmetric, thinned out, noisy, or pushing from one pattern to the next."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, is_number, is_whole
from ..estimate import numbers
from ..request import refuse_room

Array = NDArray[np.float64]


def random_patterns(n_patterns: int, n_units: int, *, seed: int) -> Array:
    """xi_i^mu = +-1, independent and fair: (pattern, unit).

    Raises InputError for sizes or a seed that are no integers, or more patterns and units than memory holds.

    >>> random_patterns(2, 3, seed=1).shape
    (2, 3)
    """
    for name, value, least in (("n_patterns", n_patterns, 1), ("n_units", n_units, 1), ("seed", seed, 0)):
        if not is_whole(value, least):
            raise InputError(name, value, f"must be an integer >= {least}", f"for instance {max(least, 5)}")
    p, n = int(n_patterns), int(n_units)
    larger = "n_patterns" if p >= n else "n_units"
    refuse_room(larger, f"{p} patterns of {n} units", 3 * p * n, "ask for fewer patterns or units")
    draw = np.random.Generator(np.random.Philox(seed))
    return np.asarray(2.0 * draw.integers(0, 2, size=(n_patterns, n_units)) - 1.0)


def signs(values: ArrayLike, name: str) -> Array:
    """The values as (row, unit) of +-1."""
    x = numbers(values, name)
    if x.ndim != 2 or x.size == 0:
        fix = f"{name}[None, :] for a single one" if x.ndim == 1 and x.size else "one row for each, one column per unit"
        raise InputError(name, x.shape, "must have shape (row, unit)", fix)
    if not np.all(np.abs(x) == 1.0):
        raise InputError(name, "values other than +-1", "must be +-1", "np.where(x > 0, 1, -1), for instance")
    return np.ascontiguousarray(x)


def hebb_couplings(
    patterns: Array,
    *,
    connectivity: float = 1.0,
    reciprocal: bool = True,
    noise: float = 0.0,
    sequence: float = 0.0,
    seed: int | None = None,
) -> Array:
    """J_ij = c_ij / (c N) sum_mu (xi_i^mu + sequence xi_i^{mu+1}) xi_j^mu + noise z_ij / sqrt(N), J_ii = 0."""
    n = patterns.shape[1]
    kept = _between("connectivity", connectivity, 0.0, 1.0)
    if kept == 0.0:
        raise InputError("connectivity", connectivity, "must be > 0", "1.0 keeps every coupling")
    if not isinstance(reciprocal, bool):
        raise InputError("reciprocal", reciprocal, "must be True or False", "False: J_ij and J_ji apart")
    spread, onward = _between("noise", noise, 0.0, np.inf), _between("sequence", sequence, -np.inf, np.inf)
    random = kept < 1.0 or spread > 0.0
    if random and not (seed is not None and is_whole(seed, 0)):
        raise InputError("seed", seed, "what is drawn at random needs an integer >= 0", "give seed=1, for instance")
    refuse_room("patterns", f"{n} units", (6 if random else 4) * n * n, "N^2 couplings have to fit: take fewer units")
    found = (patterns + onward * np.roll(patterns, -1, axis=0)).T @ patterns / (kept * n)
    if random:
        draw = np.random.Generator(np.random.Philox(seed))
        found = found * (_alike(draw.random((n, n)), reciprocal) < kept)
        found = found + spread / np.sqrt(n) * _alike(draw.normal(size=(n, n)), reciprocal)
    np.fill_diagonal(found, 0.0)
    return np.asarray(found)


def _alike(drawn: Array, reciprocal: bool) -> Array:
    """The upper triangle of a matrix, mirrored, if J_ij and J_ji are to be alike."""
    upper = np.triu(drawn, 1)
    return upper + upper.T if reciprocal else drawn


def _between(name: str, value: Any, least: float, most: float) -> float:
    if not is_number(value) or not least <= value <= most:
        limits = f", >= {least:g}" * (least > -np.inf) + f" and <= {most:g}" * (most < np.inf)
        raise InputError(name, value, f"must be a finite number{limits}", "see networks.hopfield")
    return float(value)
