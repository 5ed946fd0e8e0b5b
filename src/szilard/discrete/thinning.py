"""What the sampler needs to know of a piece of a course: bounds on the rates, tables to draw from, heat per jump."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .course import Course, Piece
from .process import JumpProcess

Array = NDArray[np.float64]
NEVER = 1e200
"""The mean waiting time of a state that no jump leaves."""


@dataclass(frozen=True)
class Tables:
    """One piece of the course, ready for the kernel.

    Thinning: candidates come at the rates bound_e = max(k_e(start), k_e(end)) >= k_e(t), which is certain because a
    rate is monotone in an exponent that is linear in time; a candidate is a jump with probability
        k_e(t) / bound_e = norm_e / (logistic_e + exp(shift_e + tilt_e (t - start))).
    wait: (n,), 1 / sum of the bounds out of a state. slots, thinning: records per jump.
    """

    piece: Piece
    wait: Array
    slots: NDArray[np.void]
    thinning: NDArray[np.void]

    @property
    def nbytes(self) -> int:
        """The memory it takes."""
        return self.wait.nbytes + self.slots.nbytes + self.thinning.nbytes

    def as_arguments(self) -> tuple[Any, ...]:
        """In the order of the kernel."""
        p = self.piece
        return (not p.constant, p.start, p.end, p.before, p.slope, self.wait, self.slots, self.thinning)


def tables_of(process: JumpProcess, piece: Piece) -> Tables:
    """Bounds, alias tables and acceptance of one piece."""
    from .._kernels.jumps import SLOT, THINNING, alias

    e = process.edges
    bound = process.jump_rates(piece.before)
    slots = np.zeros(e.source.size + 1, dtype=SLOT)
    thinning = np.zeros(0 if piece.constant else e.source.size + 1, dtype=THINNING)
    if not piece.constant:
        x, y = process.exponents(piece.before), process.exponents(piece.after)
        top, logistic = np.maximum(x, y), process.logistic[e.channel]
        bound = np.maximum(bound, process.jump_rates(piece.after))
        thinning["tilt"][:-1] = (x - y) / (piece.end - piece.start)
        thinning["logistic"][:-1] = logistic
        thinning["shift"][:-1] = np.where(logistic, -x, top - x)
        thinning["norm"][:-1] = np.where(logistic, 1.0 + np.exp(np.where(logistic, -top, 0.0)), 1.0)
    alias(e.first, bound, slots)
    total = np.bincount(e.source, weights=bound, minlength=process.n_states)
    with np.errstate(over="ignore"):
        wait = np.minimum(np.divide(1.0, total, out=np.full(process.n_states, NEVER), where=total > 0.0), NEVER)
    return Tables(piece, wait, slots, thinning)


def stages(process: JumpProcess, course: Course) -> Iterator[Piece]:
    """The pieces of the course, those that move cut so that few candidates are refused."""
    for piece in course.pieces():
        cuts = _cuts(process, piece)
        at = [piece.start + (piece.end - piece.start) * j / cuts for j in range(cuts)] + [piece.end]
        for start, end in zip(at, at[1:], strict=False):
            if end > start:
                yield piece.between(start, end)


def _cuts(process: JumpProcess, piece: Piece) -> int:
    """How many parts cost least: m (one candidate each is lost at its end) + n D / 2m refused, so m = sqrt(n D / 2).

    n: the candidates that a typical state meets; D: the largest change of a rate's exponent.
    """
    if piece.constant:
        return 1
    change = float(np.max(np.abs(process.exponents(piece.after) - process.exponents(piece.before)), initial=0.0))
    bound = np.maximum(process.jump_rates(piece.before), process.jump_rates(piece.after))
    total = np.bincount(process.edges.source, weights=bound, minlength=process.n_states)
    left = total[total > 0.0]
    candidates = (piece.end - piece.start) * left.size / np.sum(1.0 / left) if left.size else 0.0
    return max(1, ceil(sqrt(0.5 * candidates * change)), ceil(0.5 * change))
