"""States drawn from a density, the same for a replica whatever the number of replicas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .._kernels.random import INITIAL, stream_key, words
from ..errors import InputError, is_whole
from .density import Density

Array = NDArray[np.float64]
ROUNDS = 12
BLOCK = 1 << 16


def drawn_states(
    density: Density,
    replicas: int,
    *,
    seed: int,
    cell: str = "",
    log_weight: Callable[[Array], Array] | None = None,
) -> Array:
    r"""w ~ e^{log_weight(w)} / Z: proposals from the cells, accepted with min[1, e^{l(w') - l(w)} p(w) / p(w')].

    A proposal is a cell drawn with its probability and a place in it drawn evenly. Twelve rounds of this independence
    sampler leave a bias of at most (1 - 1/M)^12 in total variation, M the largest ratio of weight and proposal (below
    1e-8 for energies that change by 0.3 T from cell to cell). log_weight: of states (replica, dim), any norm, for
    instance -U/T; None: ``density.log_density``, the density between the centres.

    density: what the cells hold, close to the weight. seed, cell: name the random numbers; those of a replica do not
    depend on the number of replicas. Returns (replica, dim).
    Raises InputError for a number of replicas that is not whole and positive, or weights that are not finite.

    Tierney, Ann. Stat. 22, 1701 (1994).

    >>> from szilard.continuous import Langevin
    >>> from szilard.continuous.lattice_route import lattice_stationary
    >>> trap = Langevin(potential=lambda w: w[:, 0] ** 2, dim=1, temperature=0.5)
    >>> few = drawn_states(lattice_stationary(trap), 2, seed=1)
    >>> bool(np.all(few == drawn_states(lattice_stationary(trap), 1000, seed=1)[:2]))
    True
    """
    if not is_whole(replicas, 1):
        raise InputError("replicas", replicas, "must be a whole number >= 1", "replicas=1000")
    log = density.log_density if log_weight is None else log_weight
    key = stream_key(seed, cell)
    found = [_block(density, log, first, min(BLOCK, replicas - first), key) for first in range(0, int(replicas), BLOCK)]
    return np.concatenate(found)


def _block(
    density: Density, log: Callable[[Array], Array], first: int, count: int, key: tuple[np.uint64, np.uint64]
) -> Array:
    P = density.probabilities
    ends = np.cumsum(P)
    ends /= ends[-1]
    last = int(np.flatnonzero(P)[-1])
    points, h, dim = density.lattice.points, density.lattice.spacing, density.lattice.dim
    w, score = np.empty((count, dim)), np.full(count, -np.inf)
    step = 0
    for turn in range(ROUNDS + 1):
        u = np.stack([_uniform(step + j, first, count, key) for j in range(dim + 2)])
        step += dim + 2
        at = np.minimum(np.searchsorted(ends, u[0], side="right"), last)
        tried = points[at] + (u[1 : dim + 1].T - 0.5) * h
        weight = np.asarray(log(tried), dtype=np.float64)
        if weight.shape != (count,) or np.any(np.isnan(weight)) or np.any(weight == np.inf):
            rule = f"must give {count} finite numbers (or -inf) for states of shape {tried.shape}"
            raise InputError("log_weight", weight.shape, rule, "log_weight=lambda w: -U(w) / T")
        new = weight - np.log(P[at])
        taken = np.log(u[dim + 1]) < new - score if turn else np.ones(count, dtype=bool)
        w[taken], score[taken] = tried[taken], new[taken]
    return w


def _uniform(number: int, first: int, count: int, key: tuple[np.uint64, np.uint64]) -> Array:
    """The ``number``-th uniform number in (0, 1) of every replica, from two words."""
    high, low = (words(INITIAL, 2 * number + j, first, key, count).astype(np.float64) for j in (0, 1))
    return np.asarray((high + (low + 0.5) * 2.0**-32) * 2.0**-32)
