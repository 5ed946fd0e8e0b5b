"""A control lambda(t): nodes in time, straight lines or steps between them, jumps where two times are equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .markup import Html, folded, table

Kind = Literal["linear", "constant"]
MOST_DRAWN = 500
"""Nodes of a control that is drawn."""


@dataclass(frozen=True)
class Protocol:
    """lambda(t) through (times, values); linear between nodes or constant from each node on.

    times: non-decreasing, from 0; two equal times make a jump (the value after it holds at that time).
    Before the first node and after the last the end values hold. Raises InputError on NaN, decreasing times
    or different lengths.

    >>> Protocol((0.0, 2.0), (0.0, 1.0))(1.0)
    0.5
    >>> Protocol((0.0, 1.0, 1.0), (0.0, 1.0, 3.0)).total_variation
    3.0
    """

    times: tuple[float, ...]
    values: tuple[float, ...]
    kind: Kind = "linear"

    def __init__(self, times: Sequence[float], values: Sequence[float], kind: Kind = "linear") -> None:
        t = tuple(float(x) for x in times)
        v = tuple(float(x) for x in values)
        if not t or len(t) != len(v):
            rule = "times and values must have the same length, at least 1"
            raise InputError("protocol", f"{len(t)} times, {len(v)} values", rule, "give one value per time")
        if not np.all(np.isfinite((*t, *v))):
            raise InputError("protocol", (t, v), "times and values must be finite", "remove NaN and infinity")
        if t[0] < 0 or any(b < a for a, b in zip(t, t[1:], strict=False)):
            raise InputError("protocol.times", t, "must start at >= 0 and not decrease", "sort the nodes")
        if kind not in ("linear", "constant"):
            raise InputError("protocol.kind", kind, 'must be "linear" or "constant"', "name one of them")
        object.__setattr__(self, "times", t)
        object.__setattr__(self, "values", v)
        object.__setattr__(self, "kind", kind)

    def _repr_html_(self) -> str:
        rows = [["from", f"{self.values[0]!r}"], ["to", f"{self.values[-1]!r}"], ["duration", f"{self.duration!r}"]]
        rows += [
            ["total variation", f"{self.total_variation:.6g}"],
            ["nodes", folded(repr(self), f"{len(self.times)}")],
        ]
        kind = "straight lines between nodes" if self.kind == "linear" else "steps from node to node"
        return table(f"Protocol: {kind}", rows) + self._drawn()

    def _drawn(self) -> Html:
        """The control over time as a line without axes; nothing where it does not move."""
        course = self.as_linear()
        t, v = np.asarray(course.times), np.asarray(course.values)
        if len(t) > MOST_DRAWN or t[-1] == t[0] or v.max() == v.min():
            return Html("")
        x, y = 198.0 * (t - t[0]) / (t[-1] - t[0]) + 1.0, 38.0 * (v.max() - v) / (v.max() - v.min()) + 1.0
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        line = f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
        return Html(f'<svg role="img" aria-label="the control over time" width="200" height="40">{line}</svg>')

    def __call__(self, time: float) -> float:
        """lambda(time), after the jump if there is one at that time."""
        return float(self.at(np.array([time]))[0])

    def at(self, time: NDArray[np.float64]) -> NDArray[np.float64]:
        """lambda at every time of an array."""
        t, v = np.asarray(self.times), np.asarray(self.values)
        right = np.searchsorted(t, time, side="right")
        before = np.clip(right - 1, 0, t.size - 1)
        if self.kind == "constant":
            return np.asarray(v[before])
        after = np.clip(right, 0, t.size - 1)
        width = np.where(t[after] > t[before], t[after] - t[before], 1.0)
        share = np.clip((time - t[before]) / width, 0.0, 1.0)
        return np.asarray(v[before] + share * (v[after] - v[before]))

    @property
    def duration(self) -> float:
        """The time of the last node."""
        return self.times[-1]

    @property
    def total_variation(self) -> float:
        """V = int |d lambda|, jumps included."""
        return float(np.sum(np.abs(np.diff(self.values))))

    def as_linear(self) -> Protocol:
        """The same control with every step written as a jump between straight pieces."""
        if self.kind == "linear":
            return self
        times, values = [self.times[0]], [self.values[0]]
        for t, v in zip(self.times[1:], self.values[1:], strict=True):
            times += [t, t]
            values += [values[-1], v]
        return Protocol(times, values)

    def nodes(self, duration: float) -> list[tuple[float, float]]:
        """(time, lambda) from 0 to ``duration``, at least two, straight lines in between; equal times are a jump."""
        p = self.as_linear()
        nodes = [(t, v) for t, v in zip(p.times, p.values, strict=True) if t <= duration]
        if not nodes or nodes[0][0] > 0.0:
            nodes.insert(0, (0.0, p.values[0]))
        if nodes[-1][0] < duration:
            nodes.append((float(duration), float(p.at(np.array([duration]))[0])))
        return nodes if len(nodes) > 1 else nodes * 2

    def reversed(self) -> Protocol:
        """lambda(duration - t): the control of the backward process."""
        forward = self.as_linear()
        end = forward.duration
        return Protocol([end - t for t in reversed(forward.times)], list(reversed(forward.values)))

    def refine(self, n: int) -> Protocol:
        """The same control with n pieces where it had one."""
        if n < 1:
            raise InputError("n", n, "must be >= 1", "give the number of pieces per interval")
        p = self.as_linear()
        times, values = [p.times[0]], [p.values[0]]
        for i in range(1, len(p.times)):
            for j in range(1, n + 1 if p.times[i] > p.times[i - 1] else 2):
                share = j / n if p.times[i] > p.times[i - 1] else 1.0
                times.append(p.times[i - 1] + share * (p.times[i] - p.times[i - 1]))
                values.append(p.values[i - 1] + share * (p.values[i] - p.values[i - 1]))
        return Protocol(times, values)


def ramp(tau: float) -> Protocol:
    """lambda(t) = min(t / tau, 1): a linear rise in the time tau > 0.

    >>> ramp(4.0)(1.0)
    0.25
    """
    if not (np.isfinite(tau) and tau > 0):
        raise InputError("tau", tau, "must be finite and > 0", 'use "quench" for a sudden rise')
    return Protocol((0.0, tau), (0.0, 1.0))
