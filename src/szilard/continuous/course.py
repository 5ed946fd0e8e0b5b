"""How the control of a Langevin process moves in time: nodes, straight lines between them, sudden changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, is_number
from ..protocol import Protocol
from .process import Langevin, langevin

Array = NDArray[np.float64]
WITHIN = (0.1727, 0.382, 0.5, 0.618, 0.8273)
"""Where between two nodes a control is looked at: what repeats itself is not met at its nodes only."""


@dataclass(frozen=True)
class Course:
    """Nodes (time, control) from 0 to the duration; two nodes of one time are a sudden change, controls may be None."""

    process: Langevin
    times: tuple[float, ...]
    controls: tuple[float | None, ...]

    @property
    def duration(self) -> float:
        """The time of the last node."""
        return self.times[-1]

    def pieces(self) -> list[tuple[float, float, float | None, float | None]]:
        """(start, end, control at the start, control at the end) of the stretches of positive length, in order."""
        nodes = list(zip(self.times, self.controls, strict=True))
        return [(s, e, a, b) for (s, a), (e, b) in zip(nodes, nodes[1:], strict=False) if e > s]

    def at(self, time: float) -> float | None:
        """The control at a time, after a sudden change at that very time."""
        if self.controls[0] is None:
            return None
        return Protocol(self.times, [c for c in self.controls if c is not None])(time)

    def occurring(self, most: int) -> list[float | None]:
        """Controls at the nodes and between them, at most ``most``: evenly by value, the extremes included."""
        if self.controls[0] is None:
            return [None]
        found = {c for c in self.controls if c is not None}
        for _, _, a, b in self.pieces():
            if a is not None and b is not None and a != b:
                found |= {a + share * (b - a) for share in WITHIN}
        values = sorted(found)
        picked = np.unique(np.linspace(0, len(values) - 1, min(most, len(values))).round().astype(int))
        return [values[i] for i in picked]

    def reversed(self) -> Course:
        """The same nodes run backwards: the control at duration - t."""
        times = tuple(self.duration - t for t in reversed(self.times))
        return Course(self.process, times, tuple(reversed(self.controls)))


def course_of(process: Langevin, protocol: Protocol | None, duration: float) -> Course:
    """The course of a process under a protocol from 0 to ``duration``, a sudden change at either end included.

    Raises InputError if the protocol is missing or has nothing to move, or the duration is not finite and >= 0.
    """
    langevin(process)
    if not (is_number(duration) and duration >= 0.0):
        raise InputError("duration", duration, "must be finite and >= 0", "give a time")
    if protocol is None:
        if process.controlled:
            fix = "protocol=sz.Protocol(times, values), or sz.Protocol([0], [value]) to hold it"
            raise InputError("protocol", None, "this process follows a control", fix)
        return Course(process, (0.0, float(duration)), (None, None))
    if not isinstance(protocol, Protocol):
        raise InputError("protocol", protocol, "must be a Protocol", "sz.Protocol(times, values)")
    if not process.controlled:
        fix = "give the potential as a function of w and the control, or leave the protocol out"
        raise InputError("protocol", protocol, "this process does not follow a control", fix)
    times, controls = zip(*protocol.nodes(duration), strict=True)
    return Course(process, times, controls)
