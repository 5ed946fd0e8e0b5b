"""Solving with the rates of a process: an order of states that stays sparse, factors that never subtract."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import spilu

from .process import JumpProcess

Array = NDArray[np.float64]
Index = NDArray[np.int64]
SMALL = 24
FULL, REGULAR = 0.5, 0.5
"""Share of the states that an offset must have to be a band, and share that must fit into the bands."""


class Elimination:
    """Solves (z - L) x = b and L pi = 0, with L kept as rates per pair of states: no diagonal, no cancellation.

    Pairs are joined over channels, lower < upper; forth is the rate lower -> upper, back the reverse, both (pair,).
    States are eliminated in an order of approximate minimum degree; the pattern is found once, for every z.
    """

    def __init__(self, process: JumpProcess) -> None:
        e, n = process.edges, process.n_states
        self.n = n
        low, high = np.minimum(e.source, e.target), np.maximum(e.source, e.target)
        keys, pair = np.unique(low * n + high, return_inverse=True)
        self.lower: Index = np.ascontiguousarray(keys // n)
        self.upper: Index = np.ascontiguousarray(keys % n)
        self.entry: Index = np.where(e.source < e.target, pair, pair + keys.size)
        """Where each jump stands among the entries: lower -> upper of every pair, then upper -> lower."""
        self.source: Index = np.concatenate([self.lower, self.upper])
        self.target: Index = np.concatenate([self.upper, self.lower])

    @property
    def pairs(self) -> int:
        """The number of pairs of states that some jump joins."""
        return int(self.lower.size)

    def entries(self, values: Array) -> Array:
        """Values per jump (edge,) added up per entry: (2 pairs,), forth then back."""
        return np.bincount(self.entry, weights=values, minlength=2 * self.pairs).astype(np.float64, copy=False)

    @cached_property
    def rows(self) -> tuple[Index, Index]:
        """Entries by target: begin (n + 1,), and the order (2 pairs,) that sorts them."""
        order = np.lexsort((self.source, self.target))
        begin = np.searchsorted(self.target[order], np.arange(self.n + 1))
        return begin.astype(np.int64), order.astype(np.int64)

    @cached_property
    def bands(self) -> Bands:
        """The entries as ``rows`` sorts them, told apart into bands and the rows that do not fit."""
        begin, order = self.rows
        source, target = self.source[order], self.target[order]
        away = source - target + self.n
        common = np.bincount(away, minlength=2 * self.n) >= FULL * self.n
        fits = np.ones(self.n, dtype=bool)
        fits[target[~common[away]]] = False
        if np.count_nonzero(fits) < REGULAR * self.n:
            common[:], fits[:] = False, False
        regular = common[away]
        place = (np.cumsum(common) - 1)[away[regular]] * self.n + target[regular]
        offset = np.flatnonzero(common) - self.n
        padded = np.append(offset, np.zeros(offset.size % 2, dtype=np.int64))
        row = np.flatnonzero(~fits)
        starts = np.append(0, np.cumsum(np.diff(begin)[row]))
        other = ~fits[target]
        return Bands(
            offset=padded.astype(np.int64),
            regular=regular,
            place=place,
            row=row.astype(np.uint64),
            begin=starts.astype(np.uint64),
            source=source[other].astype(np.uint32),
            other=other,
        )

    @cached_property
    def order(self) -> Index:
        """The states as they are eliminated."""
        if self.n <= SMALL or not self.pairs:
            return np.arange(self.n)
        degree = np.bincount(self.source, minlength=self.n)
        values = np.concatenate([-np.ones(2 * self.pairs), degree + 1.0])
        states = np.arange(self.n)
        places = (np.concatenate([self.target, states]), np.concatenate([self.source, states]))
        matrix = sparse.csc_array(sparse.coo_array((values, places), shape=(self.n, self.n)))
        # an incomplete factorisation that drops everything costs no more than its ordering
        cheap = spilu(matrix, drop_tol=1e30, fill_factor=1.0, permc_spec="MMD_AT_PLUS_A")
        return np.argsort(cheap.perm_c).astype(np.int64)

    @cached_property
    def _tree(self) -> tuple[Index, Index, Index, Index]:
        from .._kernels.propagation import elimination_tree

        place = np.empty(self.n, dtype=np.int64)
        place[self.order] = np.arange(self.n)
        rows, columns = place[self.target], place[self.source]
        sort = np.lexsort((columns, rows))
        begin = np.searchsorted(rows[sort], np.arange(self.n + 1)).astype(np.int64)
        neighbour = np.ascontiguousarray(columns[sort])
        parent = np.empty(self.n, dtype=np.int64)
        first = np.cumsum(elimination_tree(begin, neighbour, parent))
        return begin, neighbour, parent, first

    @property
    def size(self) -> int:
        """Entries of one triangular factor."""
        return int(self._tree[3][-1])

    @property
    def work(self) -> float:
        """Multiplications of one factorisation."""
        return float(np.sum(np.diff(self._tree[3]).astype(float) ** 2))

    @cached_property
    def _pattern(self) -> tuple[Index, Index, Index, NDArray[np.bool_]]:
        from .._kernels.propagation import fill

        begin, neighbour, parent, first = self._tree
        later = np.empty(self.size, dtype=np.int64)
        fill(begin, neighbour, parent, first, later)
        place = np.empty(self.n, dtype=np.int64)
        place[self.order] = np.arange(self.n)
        a, b = place[self.lower], place[self.upper]
        keys = np.repeat(np.arange(self.n), np.diff(first)) * self.n + later
        slot = np.searchsorted(keys, np.minimum(a, b) * self.n + np.maximum(a, b))
        return first, later, slot.astype(np.int64), a < b

    def factor(self, column: NDArray[Any], entries: Array) -> Factor:
        """The factors of the matrix with -entries off its diagonal and these column sums (n,), real or complex."""
        return Factor(self, np.asarray(column), entries)

    def balance(self, entries: Array) -> Array:
        """ln pi with L pi = 0, every connected part to a scale of its own: (n,); -inf below what rates can tell."""
        from .._kernels.propagation import balance

        factor = self.factor(np.zeros(self.n), entries)
        p, power = np.empty(self.n), np.empty(self.n, dtype=np.int64)
        balance(factor.first, factor.later, factor.into, factor.pivot, p, power)
        logs = np.empty(self.n)
        with np.errstate(divide="ignore"):
            logs[self.order] = np.log(p) + power * np.log(2.0)
        return logs


@dataclass(frozen=True)
class Bands:
    """Entries that lie at the same distance source - target in most rows: offset (band,), their number even.

    regular: the entries that belong to a band, place: where they stand in an array (band, state) by target. row: the
    states with other entries too; source[begin[q] : begin[q + 1]] lead to row[q], and ``other`` are all of these.
    """

    offset: Index
    regular: NDArray[np.bool_]
    place: Index
    row: NDArray[np.uint64]
    begin: NDArray[np.uint64]
    source: NDArray[np.uint32]
    other: NDArray[np.bool_]


class Factor:
    """Triangular factors of z - L."""

    def __init__(self, elimination: Elimination, column: NDArray[Any], entries: Array) -> None:
        from .._kernels.propagation import eliminate, eliminate_complex

        self.first, self.later, slot, forward = elimination._pattern
        self.order = elimination.order
        kind = np.complex128 if np.iscomplexobj(column) else np.float64
        m = elimination.pairs
        forth, back = entries[:m], entries[m:]
        self.out, self.into = np.zeros(elimination.size, kind), np.zeros(elimination.size, kind)
        self.out[slot] = np.where(forward, forth, back)
        self.into[slot] = np.where(forward, back, forth)
        self.pivot = np.empty(elimination.n, kind)
        sums = column[self.order].astype(kind)
        run = eliminate_complex if kind is np.complex128 else eliminate
        run(self.first, self.later, self.out, self.into, sums, self.pivot)

    def solve(self, b: NDArray[Any]) -> NDArray[Any]:
        """(z - L)^-1 b: (n,)."""
        from .._kernels.propagation import solve, solve_complex

        x = b[self.order].astype(self.pivot.dtype)
        run = solve_complex if self.pivot.dtype == np.complex128 else solve
        run(self.first, self.later, self.out, self.into, self.pivot, x)
        result = np.empty_like(x)
        result[self.order] = x
        return result
