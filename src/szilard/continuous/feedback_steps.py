"""The density of label feedback in time, by rational steps that damp what is stiff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, factorial, floor, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lu_factor, lu_solve

from .feedback_points import Look, Points

Array = NDArray[np.float64]
POLES = 6
"""Degree of the denominator of the Pade approximation to e^z; that of the numerator is one less."""
FIRST, GROWTH, LONGEST = 0.1, 0.25, 0.25
"""Steps: the first, in 1 / (fastest flip that matters); later ones, in the time passed and in the time of motion."""
MATTERS = 1e-12
"""Flips matter where the density is above so much of its peak."""


@dataclass(frozen=True)
class Moment:
    """The density p (label, point) at a time, heat (reservoir,) and work since time 0, and what p shows."""

    p: Array
    heat: Array
    work: float
    look: Look


def march(grid: Points, p: Array, times: Array) -> Iterator[Moment]:
    r"""p(t + h) = sum_j c_j u_j,  int p dt = h sum_j (c_j / z_j) u_j,  (z_j - h L) u_j = p(t): a Moment at every time.

    e^z ~ sum_j c_j / (z_j - z). Net flips are what p gains beyond its motion, never the difference of two fast rates.
    """
    process, n = grid.process, grid.points
    rates = process.flip_rates(grid.weights)
    flips = rates[0] * p[0] - rates[1] * p[1]
    z, c = _pade(POLES)
    fastest = float((rates * (p > MATTERS * p.max())).max())
    moving = process.mobility * (process.stiffness + abs(process.feedback) / process.width)
    factors: dict[float, list[tuple[Any, Any]]] = {}
    heat, work, now = np.zeros(2), 0.0, 0.0
    for time in times:
        for h in _steps(now, float(time), FIRST / max(fastest, moving), LONGEST / moving):
            if h not in factors:
                factors = {h: [_factor(grid, pole / h) for pole in z]}
            told = np.concatenate([p.sum(axis=0), grid.pace * p[1]]) / h
            after, spent, speed = np.zeros((3, 2, n))
            for (size, lu), pole, residue in zip(factors[h], z, c, strict=True):
                u = lu_solve(lu, told / size).reshape(2, n)
                after += 2.0 * (residue * u).real
                spent += 2.0 * h * (residue / pole * u).real
                speed += 2.0 * (residue * (pole * u - p)).real / h
            warmed, given = grid.costs(spent, after[1] - p[1] - grid.motion[1] @ spent[1])
            heat, work = heat + warmed, work + given
            p, flips = after, speed[1] - grid.motion[1] @ after[1]
        now = float(time)
        yield Moment(p, heat, work, grid.look(p, flips))


def _steps(start: float, end: float, first: float, longest: float) -> Iterator[float]:
    """Steps that double as the time passed grows (so that factors serve several of them), then equal ones."""
    now = start
    while now < end:
        left = end - now
        step = first * 2.0 ** max(0, floor(log2(GROWTH * max(now, first) / first)))
        if step >= min(longest, left):
            count = ceil(left / min(step, longest))
            yield from [left / count] * count
            return
        yield step
        now += step


def _factor(grid: Points, z: complex) -> tuple[Array, Any]:
    """The rows of z - L: both labels' motion without flips; motion and flips of +1 over the sum of flip rates."""
    n, at = grid.points, np.arange(grid.points)
    rows = np.zeros((2 * n, 2 * n), dtype=np.complex128)
    rows[:n, :n], rows[:n, n:] = -grid.motion
    rows[at, at] += z
    rows[at, n + at] += z
    rows[n:, n:] = -grid.pace[:, None] * grid.motion[1]
    rows[n + at, n + at] += grid.pace * z + grid.shares[1]
    rows[n + at, at] -= grid.shares[0]
    size = np.abs(rows).max(axis=1)
    return size, lu_factor(rows / size[:, None])


def _pade(m: int) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Poles z_j above the real axis and residues c_j of e^z ~ sum_j c_j / (z_j - z) + complex conjugates, m even."""
    over = [factorial(2 * m - 1 - j) * factorial(m - 1) / (factorial(j) * factorial(m - 1 - j)) for j in range(m)]
    under = [
        (-1) ** j * factorial(2 * m - 1 - j) * factorial(m) / (factorial(j) * factorial(m - j)) for j in range(m + 1)
    ]
    P = np.polynomial.Polynomial(np.array(over) / over[0])
    Q = np.polynomial.Polynomial(np.array(under) / under[0])
    roots = np.asarray(Q.roots(), dtype=np.complex128)
    z = roots[roots.imag > 0.0]
    slope = Q.deriv()
    for _ in range(3):
        z = z - np.asarray(Q(z) / slope(z))
    return z, np.asarray(-P(z) / slope(z), dtype=np.complex128)
