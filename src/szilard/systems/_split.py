"""The part of a heat per jump that an energy of the states explains, and the drive that is left."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components
from scipy.sparse.linalg import cg, splu

Array = NDArray[np.float64]
Index = NDArray[np.int64]
EPS = float(np.finfo(np.float64).eps)
SMALL = 2000
ITERATIONS = 500
PRECISION = 1e-13


def split_heat(n: int, source: Index, target: Index, heat: Array, scale: float) -> tuple[Array, Array]:
    r"""heat = energy[source] - energy[target] + drive, with the least sum of drive^2: (n,), (pair,).

    An energy along a spanning tree explains everything where no cycle has an affinity, to the rounding of
    ``scale``, the size of one heat's terms; the drive is then exactly zero. Otherwise the least squares leave a
    drive without sources: what it gives on the jumps into a state it takes on the jumps out.
    Every pair has source < target; the energy is zero at the first state of each connected part.
    """
    energy, depth = _along_tree(n, source, target, heat)
    drive = heat - (energy[source] - energy[target])
    rounding = 4.0 * EPS * scale * (1.0 + depth[source] + depth[target])
    if np.any(np.abs(drive) > rounding):
        energy = energy + _least_squares(n, source, target, drive)
        drive = heat - (energy[source] - energy[target])
    return energy, np.where(np.abs(drive) <= rounding, 0.0, drive)


def _along_tree(n: int, source: Index, target: Index, heat: Array) -> tuple[Array, Array]:
    """Energies along a tree of each part, and how many jumps each state is away from its root."""
    number = np.arange(1, source.size + 1)
    ends = (np.concatenate([target, source]), np.concatenate([source, target]))
    pairs = sparse.csr_array(sparse.coo_array((np.concatenate([number, -number]), ends), shape=(n + 1, n + 1)))
    if source.size and pairs.nnz < 2 * source.size:
        _, first = np.unique(source * n + target, return_index=True)
        return _along_tree(n, source[first], target[first], heat[first])
    roots = _parts(n, source, target)[0]
    joined = sparse.coo_array(
        (np.ones(roots.size), (np.full(roots.size, n), roots)), shape=(n + 1, n + 1)
    )  # a root above all the parts, so that one search finds them all
    order, before = breadth_first_order(sparse.csr_array(abs(pairs) + joined), n, directed=True)
    reached = order[1:]
    step = np.zeros(n + 1)
    inner = reached[before[reached] != n]
    if inner.size:
        signed = np.asarray(pairs[inner, before[inner]]).ravel()
        step[inner] = -np.sign(signed) * heat[np.abs(signed) - 1]
    energy, depth = [0.0] * (n + 1), [-1.0] * (n + 1)
    for x, y, change in zip(reached.tolist(), before[reached].tolist(), step[reached].tolist(), strict=True):
        energy[x] = energy[y] + change
        depth[x] = depth[y] + 1.0
    return np.array(energy[:n]), np.array(depth[:n])


def _least_squares(n: int, source: Index, target: Index, heat: Array) -> Array:
    r"""The energy that minimises sum (heat - energy[source] + energy[target])^2: a Laplace equation on the graph.

    Conjugate gradients are fast where states are few jumps apart, elimination where the graph has few dimensions.
    """
    ones = np.ones(source.size)
    places = (np.concatenate([source, target]), np.concatenate([target, source]))
    adjacency = sparse.coo_array((np.concatenate([ones, ones]), places), shape=(n, n))
    degree = np.asarray(adjacency.sum(axis=1)).ravel()
    laplacian = sparse.csr_array(sparse.diags_array(degree) - adjacency)
    outflow = np.bincount(source, weights=heat, minlength=n) - np.bincount(target, weights=heat, minlength=n)
    first, part = _parts(n, source, target)
    if n > SMALL:
        scaled = sparse.diags_array(1.0 / np.maximum(degree, 1.0))
        energy, failed = cg(laplacian, outflow, rtol=PRECISION, atol=0.0, maxiter=ITERATIONS, M=scaled)
        if not failed:
            return np.asarray(energy - energy[first][part])
    free = np.ones(n, dtype=bool)
    free[first] = False
    energy = np.zeros(n)
    symmetric = {"permc_spec": "MMD_AT_PLUS_A", "diag_pivot_thresh": 0.0, "options": {"SymmetricMode": True}}
    energy[free] = splu(sparse.csc_array(laplacian[free][:, free]), **symmetric).solve(outflow[free])
    return energy


def _parts(n: int, source: Index, target: Index) -> tuple[Index, Index]:
    """The first state of each connected part, and the part of each state."""
    graph = sparse.coo_array((np.ones(source.size), (source, target)), shape=(n, n))
    part = connected_components(sparse.csr_array(graph), directed=False)[1]
    first = np.unique(part, return_index=True)[1]
    return np.asarray(first, dtype=np.int64), np.asarray(part, dtype=np.int64)
