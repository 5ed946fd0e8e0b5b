"""The time steps of a simulation: they end at the nodes of the protocol and at the times asked for."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..request import refuse_size
from .course import Course
from .process import Langevin
from .transition import drift_of, held_transition

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Method = Literal["euler", "heun", "exact", "metropolis"]
METHODS = ("euler", "heun", "exact", "metropolis")
PLAN_BYTES = 96.0
"""What a step takes while the plan is made."""


@dataclass(frozen=True)
class Steps:
    """Entry 0 is before the start; then the control held and the length of every step, 0 where only the control moves.

    number: how many steps of positive length came before; look: -1, or the index of the time asked for at which an
    entry only looks, at the control of that time.
    """

    control: Array
    length: Array
    number: Index
    look: Index

    @property
    def count(self) -> int:
        """The number of steps of positive length."""
        return int(np.count_nonzero(self.length))

    @property
    def ends(self) -> Array:
        """The time at the end of every step of positive length, 0 first: (step + 1,)."""
        return np.concatenate([[0.0], np.cumsum(self.length[self.length > 0.0])])


def steps_of(course: Course, dt: float, grid: Array, max_bytes: float = 2e9) -> Steps:
    """Steps of at most dt; during each the control is held at its value in the middle of the step.

    Raises InputError where the plan alone would take more than ``max_bytes``.
    """
    expected = sum(end - start for start, end, _, _ in course.pieces()) / dt
    refuse_size("duration / dt", PLAN_BYTES * expected, max_bytes, "a larger dt, or raise max_bytes")
    times, seen = grid.tolist(), 0
    runs: list[tuple[Array | list[float], float, int]] = [([_held(course.controls[0])], 0.0, -1)]

    def look_at(time: float) -> None:
        nonlocal seen
        while seen < len(times) and times[seen] <= time:
            runs.append(([_held(course.at(times[seen]))], 0.0, seen))
            seen += 1

    for start, end, before, after in course.pieces():
        look_at(start)
        inside = [t for t in times[seen:] if start < t < end]
        whole = max(1, ceil((end - start) / dt - 1e-9))
        places = [(t - start) / (end - start) * whole for t in inside]
        if all(abs(x - round(x)) <= 1e-9 * whole for x in places):
            counts = np.diff([0, *(round(x) for x in places), whole]).tolist()
            lengths = [(end - start) / whole] * len(counts)
            shares = np.split((np.arange(whole) + 0.5) / whole, np.cumsum(counts)[:-1])
        else:
            edges = np.array([start, *inside, end])
            counts = [max(1, ceil((b - a) / dt - 1e-9)) for a, b in itertools.pairwise(edges.tolist())]
            lengths = (np.diff(edges) / counts).tolist()
            shares = [
                (a - start + h * (np.arange(n) + 0.5)) / (end - start)
                for a, h, n in zip(edges.tolist(), lengths, counts, strict=False)
            ]
        first, last = _held(before), _held(after)
        for t, h, share in zip([*inside, end], lengths, shares, strict=True):
            runs.append((first + share * (last - first), h, -1))
            look_at(t)
    look_at(course.duration)
    runs.append(([_held(course.controls[-1])], 0.0, -1))
    sizes = [len(controls) for controls, _, _ in runs]
    length = np.repeat([h for _, h, _ in runs], sizes)
    number = np.concatenate([[0], np.cumsum(length[:-1] > 0.0)]).astype(np.int64)
    look = np.repeat(np.array([place for _, _, place in runs], dtype=np.int64), sizes)
    return Steps(np.concatenate([controls for controls, _, _ in runs]), length, number, look)


def method_of(process: Langevin, method: str | None) -> Method:
    """The method asked for, or "exact" for linear systems and "heun" for others."""
    if method is None:
        return "exact" if process.is_linear else "heun"
    if method not in METHODS:
        raise InputError("method", method, f"must be one of {', '.join(METHODS)}", "leave it out to have one chosen")
    if method == "exact" and not process.is_linear:
        rule = "the exact transition is known for linear systems only"
        raise InputError("method", method, rule, 'method="metropolis" keeps the fluctuation theorems at any dt')
    if method != "exact" and process.mobility.ndim == 2:
        raise InputError("method", method, "a mobility matrix is for the exact transition", 'method="exact"')
    return method  # type: ignore[return-value]


class Laws:
    """The exact transition of every step: what a moved centre leaves as it is, is computed once."""

    def __init__(self, process: Langevin) -> None:
        self.process = process
        self._known: dict[tuple[bytes, float], tuple[Array, Array, Array]] = {}

    def __call__(self, control: float, length: float) -> tuple[Array, Array, Array]:
        """decay, shift and covariance of one step."""
        A, b, D = drift_of(self.process, control if self.process.controlled else None)
        key = (A.tobytes(), length)
        if key not in self._known:
            if len(self._known) > 4096:
                self._known.clear()
            self._known[key] = held_transition(A, D, length)
        decay, reach, C = self._known[key]
        return decay, reach @ b, C


def _held(control: float | None) -> float:
    return 0.0 if control is None else float(control)
