"""Net flows from what every state gains: where jumps both ways all but cancel, their difference is known from p."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

Array = NDArray[np.float64]
Index = NDArray[np.int64]
BUSY = 1.0
"""Jumps per pair beyond which their net number is known better from p than from the jumps both ways."""


@dataclass(frozen=True)
class Forest:
    """Trees of the busiest pairs: the net flow along a branch is what the states beyond it gain.

    source, target (pair and channel,). order: the states that hang on a branch, parents first; above: their parents;
    branch: their branches; sign: +1 where the branch leads to the state.
    """

    source: Index
    target: Index
    n: int
    order: Index
    above: Index
    branch: Index
    sign: Array
    chord: Index

    @classmethod
    def of(cls, source: Index, target: Index, n: int, traffic: Array) -> Forest:
        """The forest of greatest traffic among pairs of more than BUSY jumps; of parallel channels the busiest."""
        busy = np.flatnonzero(traffic > BUSY)
        if not busy.size:
            none = np.zeros(0, dtype=np.int64)
            return cls(source, target, n, none, none, none, np.zeros(0), np.arange(source.size))
        busy = busy[np.lexsort((traffic[busy], target[busy], source[busy]))]
        keys = source[busy] * n + target[busy]
        best = np.append(keys[1:] != keys[:-1], True)
        busy, keys = busy[best], keys[best]
        places = (source[busy], target[busy])
        tree = minimum_spanning_tree(sparse.csr_array(sparse.coo_array((-traffic[busy], places), shape=(n, n)))).tocoo()
        _, roots = np.unique(connected_components(tree, directed=False)[1], return_index=True)
        rows, columns = np.append(tree.row, np.full(roots.size, n)), np.append(tree.col, roots)
        rooted = sparse.csr_array(sparse.coo_array((np.ones(rows.size), (rows, columns)), shape=(n + 1, n + 1)))
        order, above = breadth_first_order(rooted, n, directed=False)
        order = order[1 + roots.size :].astype(np.int64)
        up = above[order].astype(np.int64)
        branch = busy[np.searchsorted(keys, np.minimum(order, up) * n + np.maximum(order, up))]
        chord = np.flatnonzero(~np.isin(np.arange(source.size), branch, kind="table"))
        return cls(source, target, n, order, up, branch, np.where(order > up, 1.0, -1.0), chord)

    def conserved(self, net: Array, gain: Array) -> Array:
        """The net flows: of chords as given, of branches such that every state gains what it does."""
        c = self.chord
        rest = gain + np.bincount(self.source[c], weights=net[c], minlength=self.n)
        rest -= np.bincount(self.target[c], weights=net[c], minlength=self.n)
        flows = net.copy()
        flows[self.branch] = self.sign * self._beyond(rest)
        return flows

    def scale(self, q: Array, net: Array, traffic: Array, mass: Array) -> float:
        """Absolute amounts in sum q net: traffic of chords times q around their cycles, mass beyond each branch."""
        phi = np.zeros(self.n).tolist()
        for x, up, step in zip(
            self.order.tolist(), self.above.tolist(), (self.sign * q[self.branch]).tolist(), strict=True
        ):
            phi[x] = phi[up] - step
        fall, c = np.array(phi), self.chord
        around = q[c] - (fall[self.source[c]] - fall[self.target[c]])
        branches = (np.abs(self._beyond(np.abs(mass))) + np.abs(net[self.branch])) @ np.abs(q[self.branch])
        return float(branches + np.abs(traffic[c]) @ np.abs(around))

    def _beyond(self, amount: Array) -> Array:
        """Sums of an amount per state over what hangs on each branch."""
        total = amount.tolist()
        for x, up in zip(self.order[::-1].tolist(), self.above[::-1].tolist(), strict=True):
            total[up] += total[x]
        return np.array(total)[self.order]
