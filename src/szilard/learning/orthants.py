"""How often a Gaussian weight answers every pattern in a given way: the probabilities of all sign patterns at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Array = NDArray[np.float64]
GROUPS = 16
MOST_POINTS, LEAVES = 1 << 13, 1 << 19
AT_ONCE = 1 << 15
FLAT = 1e-12
SMALLEST = 1e-300
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43)
MOST_PATTERNS = len(PRIMES)


def orthant_probabilities(inputs: Array, seed: int) -> Array:
    r"""q(s) = P(sgn(w xi^mu) = s^mu for all mu), w ~ N(0, 1)^N: 16 independent estimates, shape (16, 2^P).

    inputs: (pattern <= 14, weight); bit mu of the index s is 1 where s^mu = +1. The fields of N patterns are built one
    after the other from the triangular root of their covariance, each sign given those before it: q is the mean over
    points u of

        prod_mu Phi(s_mu t_mu),   t_mu = sum_{nu < mu} L_mu,nu z_nu / L_mu,mu,   z_mu ~ N(0, 1) given its sign,

    all branches of a point together; the answers to further patterns then follow from z. Each q(s) is unbiased, small
    ones have a small error too; sum q = 1 and q(s) = q(-s) hold exactly. Points: the lattice of Richtmyer, shifted by
    the seed. Patterns may depend on each other. Cost: 2^min(N, P) branches for every point.

    Genz, J. Comput. Graph. Stat. 1, 141 (1992); Hajivassiliou, McFadden and Ruud, J. Econometrics 72, 85 (1996).

    >>> orthant_probabilities(np.array([[1.0, 1.0], [1.0, -1.0]]), seed=1)[0].round(9).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    patterns = len(inputs)
    root = _root(inputs)
    rank = root.shape[1]
    points = min(MOST_POINTS, LEAVES >> rank)
    chunk = max(1, AT_ONCE >> rank)
    shifts = np.random.Generator(np.random.Philox(seed)).random((GROUPS, rank))
    lattice = np.arange(points)[:, None] * np.sqrt(PRIMES[:rank])
    found = np.empty((GROUPS, 1 << patterns))
    for group, shift in enumerate(shifts):
        half = np.zeros(1 << (patterns - 1))
        for first in range(0, points, chunk):
            index, chance = _branches(root, (lattice[first : first + chunk] + shift) % 1.0)
            half += np.bincount(index.ravel(), weights=chance.ravel(), minlength=half.size)
        found[group] = np.concatenate([half[::-1], half]) / (2.0 * points)  # the last sign was held at +1
    return found


def _root(inputs: Array) -> Array:
    """L of inputs inputs^T = L L^T, lower triangular or trapezoidal, diagonal >= 0, the last pattern first."""
    upper: Array = np.asarray(np.linalg.qr(inputs[::-1].T, mode="r"))
    upper = upper * np.where(np.diagonal(upper) < 0.0, -1.0, 1.0)[:, None]
    return np.asarray(upper.T / np.linalg.norm(inputs[::-1], axis=1)[:, None])


def _branches(root: Array, u: Array) -> tuple[NDArray[np.int64], Array]:
    """Index and chance of each branch, (point, branch): the product of its signs' chances, the first held at +1."""
    u = np.clip(u, SMALLEST, 1.0 - 1e-16)
    rank = root.shape[1]
    chance = np.ones((len(u), 1))
    index = np.zeros((len(u), 1), dtype=np.int64)
    z = -ndtri(0.5 * u[:, :1])[None]
    for mu in range(1, len(root)):
        mean = np.tensordot(root[mu, : len(z)], z, axes=1)
        if mu >= rank:  # the weights are known, and with them the answer
            index = 2 * index + (mean > 0.0)
            continue
        v, width = u[:, mu, None], root[mu, mu]
        if width > FLAT:
            up, down = ndtr(mean / width), ndtr(-mean / width)
            above, below = -ndtri(np.maximum(v * up, SMALLEST)), ndtri(np.maximum(v * down, SMALLEST))
        else:
            up, down = (mean > 0.0).astype(np.float64), (mean <= 0.0).astype(np.float64)
            above = below = np.broadcast_to(ndtri(v), up.shape)
        z = np.concatenate([_side_by_side(z, z), _side_by_side(below, above)[None]])
        chance = _side_by_side(chance * down, chance * up)
        index = _side_by_side(2 * index, 2 * index + 1)
    return index, chance


def _side_by_side(minus: NDArray[Any], plus: NDArray[Any]) -> NDArray[Any]:
    """Each branch split in two by its newest sign."""
    return np.stack([minus, plus], axis=-1).reshape(*minus.shape[:-1], -1)
