"""Linear equations of a process that may end: backward and forward, without a subtraction."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .elimination import Elimination

Array = NDArray[np.float64]


class Killed:
    r"""(A x)_s = kill_s x_s + sum_(jumps s -> t) k (x_s - x_t), with x = 0 on ``ground``.

    entries: the rates, as ``Elimination.entries`` returns them; kill (n,); ground (n,) truth values. Every other
    state must lead to kill > 0 or to the ground. A is a diagonally dominant M-matrix: where b >= 0, every entry of
    A^-1 b keeps its relative accuracy. A kill that is < 0 by rounding does no harm.
    """

    def __init__(
        self, elimination: Elimination, entries: Array, kill: Array, ground: NDArray[np.bool_] | None = None
    ) -> None:
        self.elimination = elimination
        self.free = np.ones(kill.size, dtype=bool) if ground is None else ~ground
        leaves = self.free[elimination.source]
        ends = leaves & ~self.free[elimination.target]
        lost = np.bincount(elimination.source[ends], weights=entries[ends], minlength=kill.size)
        column = np.where(self.free, kill + lost, 1.0)
        self.factor = f = elimination.factor(column, np.where(leaves & ~ends, entries, 0.0))
        self._out, self._into, self._pivot = (np.asarray(x, dtype=np.float64) for x in (f.out, f.into, f.pivot))

    def forward(self, b: Array) -> Array:
        """x of A^T x = b, as probabilities move: (n,) or (n, m)."""
        return self._each(self._out, self._into, b)

    def backward(self, b: Array) -> Array:
        """x of A x = b, as expectations of the future: (n,) or (n, m)."""
        return self._each(*self._transposed, b)

    @cached_property
    def _transposed(self) -> tuple[Array, Array]:
        pivot = np.repeat(self._pivot, np.diff(self.factor.first))
        return self._into / pivot, self._out * pivot

    def _each(self, out: Array, into: Array, b: Array) -> Array:
        from .._kernels.propagation import solve

        f = self.factor
        x = np.empty((b.size // self.free.size, self.free.size))
        for row, column in zip(x, b.reshape(self.free.size, -1).T, strict=True):
            ordered = np.where(self.free, column, 0.0)[f.order]
            solve(f.first, f.later, out, into, self._pivot, ordered)
            row[f.order] = ordered
        return np.ascontiguousarray(x.T).reshape(b.shape)
