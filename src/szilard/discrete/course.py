"""How the energies move in time: pieces between the nodes of a protocol, jumps where two nodes share a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, is_number
from ..protocol import Protocol
from .process import JumpProcess, jump_process

Array = NDArray[np.float64]
BEND = 0.05
"""How far, in units of the lowest T, the energy may bend away from the straight line between two nodes."""

MANY = 1000
"""Parts beyond which no finer advice is looked for."""

PROBES = (0.5, 0.2113, 0.8137)
"""Where between two nodes a bend is looked for: an odd one vanishes in the middle."""


@dataclass(frozen=True)
class Piece:
    """start < end; energy (n,) moves linearly in time from ``before`` at the start to ``after`` at the end."""

    start: float
    end: float
    before: Array
    after: Array

    @property
    def constant(self) -> bool:
        """Whether nothing moves."""
        return self.before is self.after or bool(np.array_equal(self.before, self.after))

    @property
    def slope(self) -> Array:
        """d energy / dt: (n,)."""
        return np.asarray((self.after - self.before) / (self.end - self.start))

    def at(self, time: float) -> Array:
        """The energies at a time within the piece."""
        share = (time - self.start) / (self.end - self.start)
        return np.asarray(self.before + share * (self.after - self.before))

    def between(self, start: float, end: float) -> Piece:
        """The part of the piece from ``start`` to ``end``."""
        if self.constant:
            return Piece(start, end, self.before, self.before)
        before = self.before if start == self.start else self.at(start)
        return Piece(start, end, before, self.after if end == self.end else self.at(end))


@dataclass(frozen=True)
class Course:
    """Nodes (time, control) from 0 to the duration; two nodes of one time are a jump. Energies are made when needed."""

    process: JumpProcess
    times: tuple[float, ...]
    controls: tuple[float | None, ...]

    @property
    def duration(self) -> float:
        """The time of the last node."""
        return self.times[-1]

    @property
    def initial_energy(self) -> Array:
        """The energies before anything has moved: (n,)."""
        return self.process.energies(self.controls[0])

    @property
    def final_energy(self) -> Array:
        """The energies when all has moved: (n,)."""
        return self.process.energies(self.controls[-1])

    def reversed(self) -> Course:
        """The same nodes run backwards: energies at duration - t."""
        times = tuple(self.duration - t for t in reversed(self.times))
        return Course(self.process, times, tuple(reversed(self.controls)))

    def energies_at(self, times: Array) -> Iterator[Array]:
        """The energies (n,) at each of these non-decreasing times, after the jump if there is one at that time."""
        pieces, piece = self.pieces(), None
        for t in times:
            while t < self.duration and (piece is None or t >= piece.end):
                piece = next(pieces)
            yield self.final_energy if piece is None or t >= self.duration else piece.at(t)

    def outline(self) -> tuple[Array, Array]:
        """Times (node,) and energies (node, state), straight lines in between; two equal times are a jump."""
        times, energies = [0.0], [self.initial_energy]
        for piece in self.pieces():
            times += [piece.start, piece.end]
            energies += [piece.before, piece.after]
        return np.array([*times, self.duration]), np.stack([*energies, self.final_energy])

    def pieces(self) -> Iterator[Piece]:
        """The pieces of positive length in order; the energy jumps where one's ``before`` is not the last ``after``."""
        before = self.initial_energy
        for i in range(1, len(self.times)):
            same = self.controls[i] == self.controls[i - 1]
            after = before if same else self.process.energies(self.controls[i])
            if self.times[i] > self.times[i - 1]:
                yield Piece(self.times[i - 1], self.times[i], before, after)
            before = after


def course_of(process: JumpProcess, protocol: Protocol | None, duration: float) -> Course:
    """The course of a process under a protocol from 0 to ``duration``, a jump at either end included.

    Raises InputError if the protocol is missing or has nothing to move, if the duration is not finite and >= 0,
    or if the energy bends by more than 0.05 of the lowest temperature between two nodes.
    """
    jump_process(process)
    if not (is_number(duration) and duration >= 0.0):
        raise InputError("duration", duration, "must be finite and >= 0", "give a time")
    if protocol is None:
        if process.controlled:
            fix = "protocol=sz.Protocol(times, values), or sz.Protocol([0], [value]) to hold it"
            raise InputError("protocol", None, "the energy of this process is a function of a control", fix)
        return Course(process, (0.0, float(duration)), (None, None))
    if not isinstance(protocol, Protocol):
        raise InputError("protocol", protocol, "must be a Protocol", "sz.Protocol(times, values)")
    if not process.controlled:
        fix = "give the energy as a function of the control, or leave the protocol out"
        raise InputError("protocol", protocol, "the energy of this process does not depend on a control", fix)
    times, controls = zip(*protocol.nodes(duration), strict=True)
    _refuse_bends(process, times, controls)
    return Course(process, times, controls)


def _refuse_bends(process: JumpProcess, times: tuple[float, ...], controls: tuple[float, ...]) -> None:
    worst, state = _bend(process, times, controls, 1)
    if worst > BEND:
        pieces, left = 1, worst
        while left > BEND and pieces < MANY:
            pieces = max(pieces + 1, ceil(pieces * sqrt(left / BEND)))
            left, _ = _bend(process, times, controls, pieces)
        away = f"the energy of state {state} bends by {worst:.3g} T away from a straight line"
        rule = f"{away} between two nodes; {BEND:g} T at most"
        raise InputError("protocol", f"{len(times)} nodes", rule, f"protocol.refine({pieces}) or finer")


def _bend(
    process: JumpProcess, times: tuple[float, ...], controls: tuple[float, ...], pieces: int
) -> tuple[float, int]:
    """The largest bend within one of ``pieces`` parts between two nodes, in the lowest T, and the state it is of."""
    found, lowest = (0.0, 0), float(process.temperatures.min())
    for i in range(1, len(times)):
        if times[i] == times[i - 1] or controls[i] == controls[i - 1]:
            continue
        parts = np.linspace(controls[i - 1], controls[i], pieces + 1)
        for a, b in zip(parts[:-1].tolist(), parts[1:].tolist(), strict=True):
            before, after = process.energies(a), process.energies(b)
            for share in PROBES:
                bend = process.energies(a + share * (b - a)) - (before + share * (after - before))
                x = int(np.argmax(np.abs(bend)))
                found = max(found, (abs(float(bend[x])) / lowest, x))
    return found
