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
LINE = 64
"""Bytes that a cache fetches at once."""


@dataclass(frozen=True)
class Tables:
    """One piece of the course, ready for the kernel.

    Thinning: candidates come at the rates bound_e = max(k_e(start), k_e(end)) >= k_e(t), which is certain because a
    rate is monotone in an exponent that is linear in time; a candidate is a jump with probability
        k_e(t) / bound_e = norm_e / (logistic_e + exp(shift_e + tilt_e (t - start))).
    wait: (n,), 1 / sum of the bounds out of a state. slots, thinning: records per jump. states, ways: records per
    state and per slot for the faster kernel of a piece in which nothing moves, and driven: whether a jump has a drive.
    """

    piece: Piece
    wait: Array
    slots: NDArray[np.void]
    thinning: NDArray[np.void]
    states: NDArray[np.void]
    ways: NDArray[np.void]
    driven: bool

    @property
    def at_rest(self) -> bool:
        """Whether the faster kernel can advance through it."""
        return self.piece.constant

    @property
    def nbytes(self) -> int:
        """The memory it takes."""
        return sum(table.nbytes for table in (self.wait, self.slots, self.thinning, self.states, self.ways))

    def as_arguments(self) -> tuple[Any, ...]:
        """In the order of the general kernel."""
        p = self.piece
        return (not p.constant, p.start, p.end, p.before, p.slope, self.wait, self.slots, self.thinning)

    def as_arguments_at_rest(self) -> tuple[Any, ...]:
        """In the order of the kernel for pieces in which nothing moves."""
        return (self.piece.start, self.piece.end, self.driven, self.states, self.ways, self.slots)


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
    states, ways = _at_rest(process, piece, wait, slots)
    return Tables(piece, wait, slots, thinning, states, ways, bool(np.any(e.drive)))


def _at_rest(
    process: JumpProcess, piece: Piece, wait: Array, slots: NDArray[np.void]
) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Records per state and per slot: energies, and what either jump of a slot does. Empty where the piece moves."""
    from .._kernels.jumps_at_rest import STATE, WAY

    if not piece.constant:
        return np.zeros(0, STATE), np.zeros(0, WAY)
    e, n = process.edges, process.n_states
    states = np.zeros(n, STATE)
    states["wait"], states["ways"], states["energy"] = wait, np.diff(e.first), piece.before
    states["place"] = (e.first[:-1].astype(np.uint64) << np.uint64(32)) | np.arange(n, dtype=np.uint64)
    ways = _in_lines(slots.size, WAY)
    ways["keep"] = slots["keep"]
    for side, chosen in enumerate((np.arange(slots.size), np.arange(slots.size) + slots["step"])):
        ways["drive"][:-1, side], ways["target"][:-1, side] = e.drive[chosen[:-1]], e.target[chosen[:-1]]
    return states, ways


def _in_lines(count: int, record: np.dtype[np.void]) -> NDArray[np.void]:
    """Zeros, no record of which lies in two lines of the cache."""
    raw = np.zeros(count * record.itemsize + LINE, dtype=np.uint8)
    skipped = -raw.ctypes.data % LINE
    return raw[skipped : skipped + count * record.itemsize].view(record)


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
