"""The force of a linear system along a control that is held or moves evenly in time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial.chebyshev import chebder, chebval
from numpy.typing import NDArray

from ..errors import InputError
from .process import Langevin

Array = NDArray[np.float64]
Piece = tuple[float, float, float | None, float | None]
Numbers = tuple[Array, Array, Array, Array, Array]


def held(piece: Piece) -> bool:
    """Whether the control stands still in a piece."""
    return piece[2] == piece[3]


class Moving:
    """H, h, c, G and g over a piece: polynomials in time where they are smooth functions of the control."""

    def __init__(self, process: Langevin, piece: Piece) -> None:
        self.process, self.n = process, process.dim
        self.start, self.end, before, after = piece
        self.before, self.after = before, after
        self.M = np.diag(process.mobility) if process.mobility.ndim == 1 else process.mobility
        self.D = np.diag(process.diffusion) if process.mobility.ndim == 1 else process.diffusion
        self.coefficients, seen = self._fitted()
        span = self.end - self.start
        self.slopes = None if self.coefficients is None else chebder(self.coefficients) * 2.0 / span
        self.seen = self.split(seen)
        """The forces at some controls of the piece."""
        self.stiffness = float(np.abs(self.M @ (self.seen[0] - self.seen[3])).sum(axis=-1).max()) * span
        """The largest rate times the duration."""

    def forces(self, times: Array) -> Numbers:
        """H (time, dim, dim), h (time, dim), c (time,), G (time, dim, dim) and g (time, dim)."""
        share = (times - self.start) / (self.end - self.start)
        if self.coefficients is not None:
            return self.split(chebval(2.0 * share - 1.0, self.coefficients).T)
        return self.split(np.array([self._numbers(x) for x in share]))

    def rates(self, times: Array) -> Numbers | None:
        """Their derivatives in time; None where they are not smooth."""
        if self.slopes is None:
            return None
        return self.split(chebval(2.0 * (times - self.start) / (self.end - self.start) - 1.0, self.slopes).T)

    def split(self, numbers: Any) -> Numbers:
        """H, h, c, G and g of packed numbers (time, number)."""
        n = self.n
        H, h, c, G, g = np.split(numbers, np.cumsum([n * n, n, 1, n * n]), axis=-1)
        return H.reshape(-1, n, n), h, c[:, 0], G.reshape(-1, n, n), g

    def _numbers(self, share: float) -> Array:
        if self.before is None or self.after is None:
            return self.process.linear_at(None).packed()
        return self.process.linear_at(self.before + share * (self.after - self.before)).packed()

    def _fitted(self) -> tuple[Array | None, Array]:
        """Chebyshev coefficients (degree, number) in time and values (node, number); None if 513 nodes are too few."""
        if self.before == self.after:
            fixed = self._numbers(0.0)[None]
            return fixed, fixed
        values = np.empty((0, 0))
        for nodes in (33, 129, 513):
            angles = np.pi * (np.arange(nodes) + 0.5) / nodes
            values = np.array([self._numbers(0.5 * (1.0 + x)) for x in np.cos(angles)])
            found = (2.0 / nodes) * np.cos(np.outer(np.arange(nodes), angles)) @ values
            found[0] *= 0.5
            size = np.abs(values).max(axis=0)
            if np.all(np.abs(found[-4:]) <= 1e-14 * size):
                found[np.abs(found) <= 1e-15 * size] = 0.0
                return found[: 1 + int(np.max(np.nonzero(np.any(found != 0.0, axis=1))[0], initial=0))], values
        return None, values


def finite(array: Array) -> Array:
    """The array; raises InputError where it left floating point."""
    if not np.all(np.isfinite(array)):
        fix = "take a shorter time: the drift leads away"
        raise InputError("duration", "infinite moments", "the state leaves floating point", fix)
    return array
