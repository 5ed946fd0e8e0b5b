"""exp(L t) v as a sum of powers of a matrix without negative entries, weighted by Poisson's probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

if TYPE_CHECKING:
    from .evolution import Evolution, Rates

Array = NDArray[np.float64]
NEGLIGIBLE = 1e-19
"""Weights of a series, relative to their sum, that are left out; for counted vectors, which grow, FINER of it."""
FINER = 1e-7
FEWEST = 16
"""Terms that are kept in any case: where jumps are rare, states a few jumps away count too."""
SPREAD = 5.0
"""How much more, in its logarithm, one state may gain than another within one series."""
PRODUCTS, CHUNK = 1e10, 2e9
"""Products that are still made, and entries multiplied in one uninterrupted call."""
MANY = 256
"""States from which one vector is carried band by band."""


@dataclass(frozen=True)
class Uniformised:
    """M = 1 + (L - c) / top >= 0, ready for series: off the diagonal (m, entry), on it (m, n), what rounding took (n,).

    c: the fastest growth of a weighted vector, zero otherwise. By ``method``: a ``Series`` of M applied to v.
    """

    evolution: Evolution
    at: Rates
    growth: float
    spread: float
    top: float
    step: Array
    diagonal: Array
    rest: Array

    @classmethod
    def of(cls, evolution: Evolution, at: Rates) -> Uniformised:
        """M of these rates."""
        g, n = evolution.elimination, evolution.elimination.n
        excess = evolution.excess(at)
        c = float(excess.max())
        loss = evolution.outflow(at) + c - (at.extra[0] if evolution.tilted else 0.0)
        top = max(float(loss.max()), float(np.abs(at.extra[1:]).max(initial=0.0)))
        begin, order = g.rows
        off = at.coupling.copy() if at.coupling.size else np.zeros((1, at.entries.size))
        off[0] += at.entries
        scale = top if top > 0.0 else 1.0
        step = np.ascontiguousarray(off[:, order] / scale)
        diagonal = np.zeros((evolution.rows, n))
        diagonal[0] = 1.0 - loss / scale
        if evolution.rows > 1:
            diagonal[1:] = at.extra[1:] / scale
        rest = np.zeros(n)
        if not evolution.tilted:
            whole = diagonal[0].astype(np.longdouble)
            np.add.at(whole, g.source[order], step[0].astype(np.longdouble))
            rest = np.asarray(1.0 - whole, dtype=np.float64)
        return cls(evolution, at, c, c - float(excess.min()), top, step, diagonal, rest)

    def serves(self, at: Rates) -> bool:
        """Whether M is that of these rates."""
        old = self.at
        return at is old or (
            np.array_equal(at.entries, old.entries)
            and np.array_equal(at.coupling, old.coupling)
            and np.array_equal(at.extra, old.extra)
        )

    def carry(self, span: float, v: Array, wanted: bool) -> tuple[Array, Array]:
        """exp(L span) v and, where it is wanted, the time spent, int exp(L t) v_0 dt (zeros else)."""
        from .._kernels.propagation import series

        e, g, n = self.evolution, self.evolution.elimination, self.evolution.elimination.n
        c, top = self.growth, self.top
        if top <= 0.0:
            return v * np.exp(c * span), span * v[0]
        if span * top > PRODUCTS:
            fix = 'method="contour", or a shorter duration'
            raise InputError("method", "uniformisation", f"takes {span * top:.3g} products of matrix and vector", fix)
        begin, order = g.rows
        parts = max(1, ceil(span * self.spread / SPREAD), ceil(span * top * (2 * n + order.size) / CHUNK))
        e.products += top * span
        weight, tail = poisson(top * span / parts, 1.0 if e.counter is None else FINER)
        if e.counter is not None or not wanted:
            tail = np.zeros_like(tail)
        spent = np.zeros((e.rows, n))
        source = g.source[order]
        for _ in range(parts):
            after = np.zeros((e.rows, n))
            if e.rows == 1 and n >= MANY:
                self._marched(weight, tail / top, v[0], after[0], spent[0])
            else:
                series(begin, source, self.step, self.diagonal, self.rest, weight, tail / top, v, after, spent)
            v = after * np.exp(c * span / parts)
        return v, spent[0]

    def _marched(self, weight: Array, tail: Array, v: Array, total: Array, integral: Array) -> None:
        from .._kernels.marching import march

        b = self.evolution.elimination.bands
        band = np.zeros((b.offset.size, v.size))
        band.ravel()[b.place] = self.step[0][b.regular]
        entry = np.ascontiguousarray(self.step[0][b.other])
        march(
            b.offset,
            band,
            b.row,
            b.begin,
            b.source,
            entry,
            self.rest,
            self.diagonal[0],
            weight,
            tail,
            v,
            total,
            integral,
        )


def poisson(mean: float, finer: float = 1.0) -> tuple[Array, Array]:
    """P(N = k) and P(N > k) of a Poisson number, k from 0 to where nothing is left: both (k,).

    Ratios from the mode outwards, then normalised: no exponential of a large number.
    """
    mode = int(mean)
    reach = 60 + int(13.0 * sqrt(mean + 1.0))
    left = max(0, mode - reach)
    with np.errstate(divide="ignore"):
        up = np.cumsum(np.log(mean / np.arange(mode + 1, mode + reach + 1)))
    down = np.cumsum(np.log(np.arange(mode, left, -1) / mean))[::-1] if mode > left else np.zeros(0)
    weight = np.concatenate([np.zeros(left), np.exp(np.concatenate([down, [0.0], up]))])
    weight /= weight.sum()
    weight = weight[: max(FEWEST, int(np.flatnonzero(weight > NEGLIGIBLE * finer)[-1]) + 1)]
    return weight, np.append(np.cumsum(weight[:0:-1])[::-1], 0.0)
