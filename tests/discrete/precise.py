"""Dense solutions with more digits than the library claims: long doubles, exact fractions, spectral collocation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from scipy import sparse

from szilard.discrete import Channel, JumpProcess
from tests.discrete.master import System

Array = NDArray[np.float64]
NODES = 48


def matrix(process: JumpProcess, control: float | None = None) -> Array:
    """Rates x' -> x off the diagonal, nothing on it."""
    k = process.generator(control).toarray()
    np.fill_diagonal(k, 0.0)
    return np.asarray(k)


def exponential(rates: Array, time: float) -> Array:
    """exp(L time) in extended precision by squaring a matrix whose columns are kept to sum 1 by their diagonal.

    Entries off the diagonal are sums of positive terms: some n log2(rate time) roundings of 1e-19, relative.
    """
    k = np.array(rates, dtype=np.longdouble)
    top = k.sum(axis=0).max()
    halvings = max(0, int(np.ceil(np.log2(float(top) * time)))) + 6
    h = np.longdouble(time) / np.longdouble(2) ** halvings
    m = k / top
    m[np.diag_indices_from(m)] = 1 - m.sum(axis=0)
    p = term = np.eye(len(m), dtype=np.longdouble)
    for j in range(1, 14):
        term = m @ term * (top * h / j)
        p = p + term
    p = _closed(p * np.exp(-top * h))
    for _ in range(halvings):
        p = _closed(p @ p)
    return np.asarray(p, dtype=np.float64)


def _closed(p: NDArray[np.longdouble]) -> NDArray[np.longdouble]:
    """Columns of sum 1, by the largest entry of each."""
    largest = p.argmax(axis=0)
    columns = np.arange(len(p))
    p[largest, columns] += 1 - p.sum(axis=0)
    return p


def steady(rates: Array) -> list[Fraction]:
    """The stationary state of exactly these rates, by elimination in fractions."""
    n = len(rates)
    k = [[Fraction(float(rates[x, y])) for y in range(n)] for x in range(n)]
    a = [
        [k[x][y] if x != y else -sum((k[z][x] for z in range(n) if z != x), Fraction(0)) for y in range(n)]
        for x in range(n)
    ]
    a[-1], right = [Fraction(1)] * n, [Fraction(0)] * (n - 1) + [Fraction(1)]
    for i in range(n):
        j = next(j for j in range(i, n) if a[j][i] != 0)
        a[i], a[j], right[i], right[j] = a[j], a[i], right[j], right[i]
        for r in range(i + 1, n):
            factor = a[r][i] / a[i][i]
            if factor:
                a[r] = [u - factor * v for u, v in zip(a[r], a[i], strict=True)]
                right[r] -= factor * right[i]
    p = [Fraction(0)] * n
    for i in reversed(range(n)):
        p[i] = (right[i] - sum((a[i][j] * p[j] for j in range(i + 1, n)), Fraction(0))) / a[i][i]
    return p


def carried(
    system: System,
    p: Array,
    nodes: Sequence[tuple[float, float]],
    books: Callable[[Array, Array, Array], Array],
    switched: Callable[[Array, Array], Array],
    parts: int = 2,
) -> tuple[Array, Array]:
    """p at the end and the sum of all books: p = p0 + int L p dt on Chebyshev's points, 48 in each part of a piece.

    books(energy, slope, p) per time; switched(p, step of the energies) at a jump. Integrals are exact to degree 47.
    """
    x = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    value = chebyshev.chebvander(x, NODES - 1)
    integrals = np.array([chebyshev.chebint(row, lbnd=-1) for row in np.eye(NODES)])
    weights = np.linalg.solve(value.T, np.array([chebyshev.chebval(x, row) for row in integrals])).T
    to_end = np.linalg.solve(value.T, np.array([chebyshev.chebval(1.0, row) for row in integrals]))
    n, total = system.n, np.zeros(1)
    for (t0, l0), (t1, l1) in pairwise(nodes):
        a, b = system.energy(l0), system.energy(l1)
        if t1 == t0:
            total = total + switched(p, b - a)
            continue
        slope, h = (b - a) / (t1 - t0), (t1 - t0) / parts
        for i in range(parts):
            energies = [a + slope * h * (i + 0.5 * (1.0 + s)) for s in x]
            L = [np.array([system.flows(e, unit)[0] for unit in np.eye(n)]).T for e in energies]
            blocks = np.eye(NODES * n) - 0.5 * h * np.block([[w * L[j] for j, w in enumerate(row)] for row in weights])
            found: Array = np.asarray(np.linalg.solve(blocks, np.tile(p, NODES)).reshape(NODES, n), dtype=np.float64)
            gone = np.array([books(e, slope, q) for e, q in zip(energies, found, strict=True)])
            total = total + 0.5 * h * to_end @ gone
            p = p + 0.5 * h * to_end @ np.array([L[j] @ found[j] for j in range(NODES)])
    return p, total


def lattice(m: int, *, scale: float, drive: float, attempt: float = 1.0, temperature: float = 1.3) -> JumpProcess:
    """m x m states, each joined to its neighbours, energies and drives of random size, attempts unequal by 4."""
    draw = np.random.default_rng(m)
    at = np.arange(m * m).reshape(m, m)
    s = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    t = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    a, d = attempt * draw.uniform(0.5, 2.0, s.size), drive * draw.normal(size=s.size)
    both = (np.concatenate([t, s]), np.concatenate([s, t]))
    tries = sparse.coo_array((np.concatenate([a, a]), both), shape=(m * m, m * m))
    given = sparse.coo_array((np.concatenate([d, -d]), both), shape=(m * m, m * m)) if drive else None
    return JumpProcess(scale * draw.normal(size=m * m), Channel(tries, given, temperature=temperature))
