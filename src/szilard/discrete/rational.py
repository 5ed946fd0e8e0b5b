"""exp(L t) v from some forty solutions with one real factorisation, however stiff the rates are."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .contour import talbot

if TYPE_CHECKING:
    from .elimination import Factor
    from .evolution import Evolution, Rates

Array = NDArray[np.float64]
STIFFNESS = 20.0
"""Span over the time scale of the resolvent: best for real spectra and some 40 vectors."""
LEAST, MOST, MORE = 20, 60, 4
"""Vectors before the first look at the result, the largest space, and vectors between two looks."""
LOCAL = 5e-14
"""What the last MORE vectors may change in a step, in sum |dp| / sum |p|; those left out change some tenfold less."""
SCALAR = 3e-14
"""Error of the contour at the eigenvalues of the small matrix."""
HALVINGS, PARTS = 6, 8
MEMORY = 1 << 29
CLOSED = 1e-15
"""A vector of which only this share leaves the space does not leave it."""


class Rational:
    """exp(L span) v = V f(H) e_1 |v| in the span of v, K v, K^2 v, ... with K = (1 - L / pole)^-1.

    K V = V H but for the last column, V orthonormal, and f(K) = exp(pole span (1 - 1 / K)) = exp(L span). Polynomials
    in K are exact: eigenvalues of L far to the left, where f vanishes with K, cost nothing, complex ones take more
    vectors. Where the last of MOST vectors still matter, the same space serves half of the step.
    Shift-and-invert: Moret and Novati, BIT 44, 595 (2004); van den Eshof and Hochbruck, SIAM J. Sci. Comput. 27, 1438
    (2006).
    """

    def __init__(self, evolution: Evolution, at: Rates, span: float) -> None:
        self.at, self.pole = at, STIFFNESS / span
        self.factor = evolution.factor(at, self.pole)

    @staticmethod
    def fits(n: int) -> bool:
        """Whether the vectors fit into memory."""
        return 8 * (MOST + 1) * n <= MEMORY

    def serves(self, at: Rates, span: float) -> bool:
        """Whether the factors suit steps of this length."""
        return 0.4 < self.pole * span / STIFFNESS < 1.6 and np.array_equal(at.jumps, self.at.jumps)

    def carry(self, span: float, v: Array, patience: float) -> tuple[Array, Array] | None:
        """exp(L span) v and the time spent, both (n,).

        None where it would take more than ``patience`` solutions, or steps below span / 2^HALVINGS.
        """
        spent, left, step, solved = np.zeros(v.size), span, span, 0
        while left > 0.0:
            step = left / ceil(left / step * (1.0 - 1e-9))
            space = Space(self.factor, self.pole, v)
            found = self._shared(space, step, span / 2.0**HALVINGS)
            solved += space.m
            if found is None:
                return None
            weights, taken = found
            left = left - taken if taken < left * (1.0 - 1e-9) else 0.0
            if solved + space.m * left / taken > patience:
                return None
            v, during = space.combined(weights)
            spent += taken * during
            step = taken if space.m > LEAST + 2 * MORE else 2.0 * taken
        return v, spent

    def _shared(self, space: Space, step: float, shortest: float) -> tuple[Array, float] | None:
        """Weights (2, m) of the vectors, for exp(L t) v and its mean over the step, and t, the step or part of it."""
        before = None
        for m in range(LEAST, MOST + 1, MORE):
            space.grow(m)
            now = self._weights(space, space.m, step)
            if now is not None and self._settled(space, before, now, step):
                return now.row, step
            before = now
            if space.closed:
                break
        while step > shortest:
            step *= 0.5
            now = self._weights(space, space.m, step)
            before = None if space.closed else self._weights(space, space.m - MORE, step)
            if now is not None and self._settled(space, before, now, step):
                return now.row, step
        return None

    def _settled(self, space: Space, before: Weights | None, now: Weights, step: float) -> bool:
        """Whether neither the last vectors nor a contour around half as much change the result.

        The second look is for matrices far from normal, of which eigenvalues do not tell enough.
        """
        limit = LOCAL * float(np.abs(space.v).sum())
        if not space.closed and (before is None or space.change(before.row, now.row) > limit):
            return False
        return space.change(self._summed(space, now.row.shape[1], step, 2 * now.parts), now.row) <= limit

    def _weights(self, space: Space, m: int, step: float) -> Weights | None:
        """f(H) e_1 and its mean over the step; None where the eigenvalues of H lie outside of the contour."""
        kappa = np.linalg.eigvals(space.h[:m, :m]).astype(np.complex128)
        s = self.pole * step * (1.0 - 1.0 / np.where(kappa == 0.0, 1e-300, kappa))
        z, weight = talbot()
        weight, parts = weight * np.exp(z), 1
        with np.errstate(all="ignore"):
            while parts <= PARTS:
                y = s[:, None] / parts
                r = 0.5 * (weight / (z - y) + weight.conj() / (z.conj() - y)).sum(axis=1)
                if np.all(np.abs(r**parts - np.exp(s)) <= SCALAR):
                    return Weights(self._summed(space, m, step, parts), parts)
                parts *= 2
        return None

    def _summed(self, space: Space, m: int, step: float, parts: int) -> Array:
        """f(H) e_1 and its mean over the step, in equal parts: (2, m)."""
        # (z - x (1 - 1 / H))^-1 = H ((z - x) H + x)^-1 with x = pole step / parts: no inverse of H
        h, x = space.h[:m, :m], self.pole * step / parts
        z, weight = talbot()
        weight = weight * np.exp(z)
        matrices = (z - x)[:, None, None] * h + x * np.eye(m)
        now, mean = np.zeros(m), np.zeros(m)
        now[0] = space.size
        for _ in range(parts):
            found = np.linalg.solve(matrices, np.broadcast_to(now[:, None], (z.size, m, 1)))[:, :, 0] @ h.T
            now, mean = (weight @ found).real, mean + (weight / z @ found).real / parts
        return np.array([now, mean])


@dataclass(frozen=True)
class Weights:
    """Of the vectors, for exp(L t) v and its mean until t: row (2, m), and the number of parts of t."""

    row: Array
    parts: int


class Space:
    """Orthonormal vectors of v, K v, ..., K^m v: basis (m + 1, n), h (m + 1, m) with K basis[j] = h[i, j] basis[i]."""

    def __init__(self, factor: Factor, pole: float, v: Array) -> None:
        self.factor, self.pole, self.v = factor, pole, v
        self.size = float(np.sqrt(np.sum(v * v)))
        self.basis, self.h = np.empty((MOST + 1, v.size)), np.zeros((MOST + 1, MOST))
        self.basis[0] = v / self.size
        self.m, self.closed = 0, False

    def grow(self, m: int) -> None:
        """To m vectors, or as many as there are."""
        from .._kernels.krylov import orthogonalise

        while self.m < m and not self.closed:
            w = self.pole * self.factor.solve(self.basis[self.m])
            column = np.zeros(MOST + 1)
            before = float(np.sqrt(np.sum(w * w)))
            orthogonalise(self.basis[: self.m + 1], w, column)
            after = float(np.sqrt(np.sum(w * w)))
            self.closed = after <= CLOSED * before or self.m + 1 == self.v.size
            column[self.m + 1] = after
            self.h[:, self.m] = column
            self.m += 1
            if not self.closed:
                self.basis[self.m] = w / after

    def combined(self, weights: Array) -> Array:
        """Sums of the vectors: (k, n) from weights (k, m)."""
        from .._kernels.krylov import combine

        found = np.zeros((weights.shape[0], self.v.size))
        combine(self.basis, weights, found)
        return found

    def change(self, before: Array, now: Array) -> float:
        """sum |now - before|, the larger of both rows."""
        apart = now.copy()
        apart[:, : before.shape[1]] -= before
        return float(np.abs(self.combined(apart)).sum(axis=1).max())
