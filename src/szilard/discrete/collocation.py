"""Rates that move in time: collocation at Radau's points, or exponentials of the midpoint extrapolated."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from ..errors import InputError
from .course import Piece

if TYPE_CHECKING:
    from .evolution import Books, Evolution, Rates

Array = NDArray[np.float64]
Step = Callable[["Evolution", Piece, Array, "Books | None"], "tuple[Array, Array, float]"]

STAGES = 8
"""Radau IIA of 8 stages: order 15, and stiffly accurate, so that fast states follow moving energies at any step."""
STROKE = 1.0
"""How far the logarithm of a rate may move within one step of collocation."""
COLUMNS = 7
"""Midpoint steps of 1/1 to 1/7 of a step: order 14."""
LOCAL = 1e-14
"""Error of a step, in sum |dp| / sum |p|."""
BOOKED = 1e-13
SHORTEST = 1e-25


@cache
def radau(stages: int) -> tuple[Array, Array, Array, NDArray[Any], NDArray[Any], NDArray[Any]]:
    """c, b, A^-1 of Radau IIA on [0, 1], and A^-1 = T diag(z) T^-1 with one z of each conjugate pair: z, T, T^-1.

    c are the roots of P_s - P_{s-1}; A integrates the Lagrange polynomials through them: Hairer and Wanner, Solving
    Ordinary Differential Equations II (1996), chapter IV.5.
    """
    x = legendre.legroots([0.0] * (stages - 1) + [-1.0, 1.0])
    x[-1] = 1.0
    value = legendre.legvander(x, stages)
    order = np.arange(1, stages)
    integral = np.empty((stages, stages))
    integral[:, 0] = 0.5 * (x + 1.0)
    integral[:, 1:] = 0.5 * (value[:, 2:] - value[:, : stages - 1]) / (2 * order + 1)
    a = np.linalg.solve(value[:, :stages].T, integral.T).T
    inverse = np.linalg.inv(a)
    z, t = np.linalg.eig(inverse)
    half = z.imag > 0.0
    return 0.5 * (x + 1.0), a[-1], inverse, z[half], t[:, half], np.linalg.inv(t)[half]


def collocate(evolution: Evolution, piece: Piece, v: Array, books: Books | None) -> tuple[Array, Array]:
    """v and its books across a piece: the polynomial of degree 8 in each step obeys dv/dt = L v at Radau's points.

    A step is made once and as two halves; the halves count, and their difference sets the next step.
    """
    speed = evolution.speed(piece)
    longest = min(piece.end - piece.start, STROKE / speed if speed > 0.0 else np.inf)
    return _adaptive(evolution, piece, v, books, longest, _halved)


def extrapolate(evolution: Evolution, piece: Piece, v: Array, books: Books | None) -> tuple[Array, Array]:
    """v and its books across a piece: exp(h L(t + h/2)) is symmetric, its error a series in h^2 that is eliminated."""
    speed = evolution.speed(piece)
    longest = min(piece.end - piece.start, 2.0 * STROKE / speed if speed > 0.0 else np.inf)
    return _adaptive(evolution, piece, v, books, longest, _midpoints)


def _adaptive(
    evolution: Evolution, piece: Piece, v: Array, books: Books | None, longest: float, step: Step
) -> tuple[Array, Array]:
    clock = Piece(0.0, piece.end - piece.start, piece.before, piece.after)  # so that the first steps may be tiny
    h, t = longest, 0.0
    total: Array = np.zeros(0)
    while t < clock.end:
        left = clock.end - t
        part = clock.between(t, clock.end if left <= 1.0000001 * h else t + (h if left > 2.0 * h else 0.5 * left))
        after, booked, change = step(evolution, part, v, books)
        h = part.end - part.start
        if change < 1.0:
            h *= change
            if h <= max(1e-15 * t, SHORTEST * clock.end):
                rule = "takes steps below the resolution of time: the counted mean or the rates are out of reach"
                fix = "take smaller weights, or move the energies more slowly"
                raise InputError("protocol", f"{clock.end:g} of time, {h:.1g} a step", rule, fix)
            continue
        v, t = after, part.end
        total = booked if total.size == 0 else total + booked
        h = min(h * change, longest)
    return v, total


def _halved(evolution: Evolution, part: Piece, v: Array, books: Books | None) -> tuple[Array, Array, float]:
    middle = 0.5 * (part.start + part.end)
    whole = _step(evolution, part, v, books)
    if whole is None:
        return v, np.zeros(0), 0.3
    first = _step(evolution, part.between(part.start, middle), v, books)
    second = None if first is None else _step(evolution, part.between(middle, part.end), first[0], books)
    if first is None or second is None:
        return v, np.zeros(0), 0.3
    booked = first[1] + second[1]
    error = distance(whole[0], second[0], whole[1], booked) / 2.0**STAGES
    return second[0], booked, _change(error, STAGES + 1)


def _change(error: float, order: int) -> float:
    """The factor on the step: < 1 where it has to be made again."""
    if not np.isfinite(error):
        return 0.1
    best = 0.8 * float((LOCAL / max(error, 1e-30)) ** (1.0 / order))
    return min(4.0, max(1.0, best)) if error <= LOCAL else max(0.1, min(0.8, best))


def distance(a: Array, b: Array, books_a: Array, books_b: Array) -> float:
    """The largest relative difference of two vectors, row by row, and of two books (2, k) against their gross sums."""
    scale = np.sum(np.abs(b), axis=1)
    apart = np.sum(np.abs(a - b), axis=1)
    found = float(np.max(np.divide(apart, scale, out=np.zeros_like(apart), where=scale > 0.0)))
    if books_b.size and np.sum(books_b[1]) > 0.0:
        off = float(np.sum(np.abs(books_a[0] - books_b[0])) / np.sum(books_b[1]))
        found = max(found, off * LOCAL / BOOKED)
    return found


def _step(evolution: Evolution, part: Piece, v: Array, books: Books | None) -> tuple[Array, Array] | None:
    """One step of collocation; None where its equations do not converge.

    (A^-1 Z)_i / h = L(t_i) (v + Z_i) for the increments Z of the stages, corrected with L at the middle of the step.
    """
    c, b, inverse, z, t, t_inverse = radau(STAGES)
    h, slope = part.end - part.start, part.slope
    times = part.start + h * c
    times[-1] = part.end
    energies = [part.at(time) for time in times]
    at = [evolution.rates(energy, slope) for energy in energies]
    held = evolution.rates(part.at(0.5 * (part.start + part.end)), slope)
    factors = [evolution.factor(held, value / h) for value in z]
    increments = np.zeros((STAGES, *v.shape))
    before = np.inf
    for _ in range(40):
        wrong = np.array([evolution.apply(at[i], v + increments[i]) for i in range(STAGES)])
        wrong -= np.einsum("ij,jmx->imx", inverse / h, increments)
        inner = np.einsum("ij,jmx->imx", t_inverse, wrong)
        solved = np.array([evolution.resolve(factors[j], held, inner[j]) for j in range(z.size)])
        moved = 2.0 * np.einsum("ij,jmx->imx", t, solved).real
        increments += moved
        scale = np.abs(v + increments).sum(axis=2).max(axis=0)
        apart = np.abs(moved).sum(axis=2).max(axis=0)
        size = float(np.max(np.divide(apart, scale, out=np.zeros_like(apart), where=scale > 0.0)))
        if size < 2e-16 or (size < 1e-13 and size > 0.5 * before):
            stages = v + increments
            return stages[-1], _booked(books, energies, slope, at, h * b, stages)
        if not size < 10.0 * before:
            return None
        before = size
    return None


def _booked(
    books: Books | None, energies: list[Array], slope: Array, at: list[Rates], weight: Array, stages: Array
) -> Array:
    if books is None:
        return np.zeros(0)
    return np.asarray(sum(books(energies[i], slope, at[i].jumps, weight[i] * stages[i, 0]) for i in range(weight.size)))


def _midpoints(evolution: Evolution, part: Piece, v: Array, books: Books | None) -> tuple[Array, Array, float]:
    table: list[tuple[Array, Array]] = []
    slope = part.slope
    error = np.inf
    for n in range(1, COLUMNS + 1):
        h, now = (part.end - part.start) / n, v
        kept: Array = np.zeros(0)
        for i in range(n):
            energy = part.at(part.start + (i + 0.5) * h)
            at = evolution.rates(energy, slope)
            now, spent = evolution.powers(at, h, now, books is not None)
            if books is not None:
                booked = books(energy, slope, at.jumps, spent)
                kept = booked if kept.size == 0 else kept + booked
        row = [(now, kept)]
        for k in range(1, n):  # Neville's rule in h^2
            factor = 1.0 / ((n / (n - k)) ** 2 - 1.0)
            finer, coarser = row[-1], table[k - 1]
            row.append((finer[0] + factor * (finer[0] - coarser[0]), finer[1] + factor * (finer[1] - coarser[1])))
        if n > 2:
            error = distance(row[-2][0], row[-1][0], row[-2][1], row[-1][1])
            if error <= LOCAL:
                return *row[-1], 2.0 if n < 6 else 1.0
        table = row
    return *table[-1], _change(error, 2 * COLUMNS - 2)
