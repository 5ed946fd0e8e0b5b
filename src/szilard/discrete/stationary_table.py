"""-ln pi along a course: tabulated where energies move, so that it is known at the time of every jump."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from ..errors import InputError
from .course import Course, Piece
from .elimination import Elimination
from .steady import log_stationary

Array = NDArray[np.float64]
Index = NDArray[np.int64]
DEGREE = 12
ACCURACY = 1e-10
"""Largest error of a table beside 1 + |ln pi|, seen between its nodes."""
HALVINGS = 20
SLICE = 1 << 18
"""Jumps that are looked up at once."""
NODES = chebyshev.chebpts1(DEGREE + 1)
FIT = np.linalg.inv(chebyshev.chebvander(NODES, DEGREE))
BETWEEN = np.append(0.5 * (NODES[1:] + NODES[:-1]), [-1.0, 1.0])


@dataclass(frozen=True)
class StationaryTable:
    """phi(x, t) = -ln pi_x(lambda(t)): Chebyshev series (segment, degree + 1, state) between ``edges`` (segment + 1,).

    first, last: (state,), at the control before anything has moved and when all has.
    """

    edges: Array
    series: Array
    first: Array
    last: Array

    @classmethod
    def of(cls, course: Course) -> StationaryTable:
        """The table of a course; raises InputError where pi changes too suddenly to be told."""
        process = course.process
        solver = Elimination(process)
        edges, series = [0.0], []
        for piece in course.pieces():
            for end, found in _tabulated(course, piece, solver, HALVINGS):
                edges.append(end)
                series.append(found)
        n = process.n_states
        return cls(
            edges=np.array(edges),
            series=np.stack(series) if series else np.zeros((0, DEGREE + 1, n)),
            first=-log_stationary(process, course.initial_energy, solver),
            last=-log_stationary(process, course.final_energy, solver),
        )

    def at(self, times: Array, states: Index) -> Array:
        """phi of these states at these times: (jump,)."""
        found = np.empty(times.size)
        for low in range(0, times.size, SLICE):
            rows = slice(low, low + SLICE)
            t = times[rows]
            segment = np.clip(np.searchsorted(self.edges, t, side="right") - 1, 0, len(self.series) - 1)
            start, end = self.edges[segment], self.edges[segment + 1]
            x = (2.0 * t - start - end) / (end - start)
            coefficients = self.series[segment, :, states[rows]].T
            found[rows] = chebyshev.chebval(x, coefficients, tensor=False)
        return found


def _tabulated(course: Course, piece: Piece, solver: Elimination, halvings: int) -> list[tuple[float, Array]]:
    """(end, series) of the segments of a piece, halved until the series is right between its nodes."""

    def phi(places: Array) -> Array:
        shares = 0.5 * (places + 1.0)
        energies = [piece.before + s * (piece.after - piece.before) for s in shares]
        return np.stack([-log_stationary(course.process, e, solver) for e in energies])

    if piece.constant:
        series = np.zeros((DEGREE + 1, course.process.n_states))
        series[0] = phi(np.array([-1.0]))[0]
        return [(piece.end, series)]
    series, seen = FIT @ phi(NODES), phi(BETWEEN)
    error = np.abs(chebyshev.chebval(BETWEEN, series).T - seen)
    if np.all(error <= ACCURACY * (1.0 + np.abs(seen))):
        return [(piece.end, series)]
    if halvings == 0:
        rule = "-ln pi of the moment changes too suddenly along the protocol to be tabulated"
        raise InputError("protocol", f"a piece from {piece.start:g} to {piece.end:g}", rule, "move it more slowly")
    middle = 0.5 * (piece.start + piece.end)
    halves = piece.between(piece.start, middle), piece.between(middle, piece.end)
    return [found for half in halves for found in _tabulated(course, half, solver, halvings - 1)]
