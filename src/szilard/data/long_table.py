"""Trajectories from comma- or tab-separated text with one line per trajectory and time."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .header import NAMED, roles_of
from .labels import excerpt, number
from .table import lines_of

MISSING = ("", "NA")
"""What stands for a gap, besides NaN; R writes NA."""


def parse_long_table(
    data: bytes, name: str, delimiter: str, columns: Sequence[str] | None, max_bytes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[str, ...]]:
    """Coordinates on the grid of all times, that grid, and the names of the coordinates; rules of read_recording."""
    rows = lines_of(data, name, delimiter)
    _, header, _ = next(rows, (1, [], False))
    names = [field.strip() for field in header]
    time_at, who_at, kept = roles_of(names, f"{name}, line 1", delimiter, columns)
    order: dict[str, int] = {}
    last: list[float] = []
    owner, values = array("q"), array("d")
    for line, fields, _ in rows:
        where = f"{name}, line {line}"
        if len(fields) != len(names):
            rule = f"every line must have the same number of columns, {len(names)} in line 1"
            fix = "complete or remove the line, and write 0.5, not 0,5"
            raise InputError(where, f"{len(fields)} columns", rule, fix)
        i = order.setdefault("" if who_at is None else fields[who_at].strip(), len(order))
        t = _number(fields[time_at], f"{where}, {excerpt(names[time_at])}", gap=False)
        if i == len(last):
            last.append(t)
        elif t <= last[i]:
            got = f"time {t:g} after {last[i]:g}"
            fix = "sort the lines, each time once"
            if who_at is None:
                fix = f"{NAMED}; if all lines are one trajectory, {fix}"
            raise InputError(where, got, "times of a trajectory must increase", fix)
        last[i] = t
        owner.append(i)
        values.append(t)
        values.extend(_number(fields[j], f"{where}, {excerpt(names[j])}", gap=True) for j in kept)
    if not owner:
        raise InputError(name, "no lines of data", "must hold at least one state", "add one line per time")
    table = np.frombuffer(values, np.float64).reshape(-1, 1 + len(kept))
    times, column = np.unique(table[:, 0], return_inverse=True)
    size = 8 * len(order) * times.size * len(kept)
    if size > max_bytes:
        got = f"{len(order)} trajectories on a grid of {times.size} times"
        rule = f"must take at most max_bytes = {max_bytes} bytes in memory"
        raise InputError(name, got, rule, "round the times so that trajectories share them, or raise max_bytes")
    states = np.full((len(order), times.size, len(kept)), np.nan)
    states[np.frombuffer(owner, np.int64), column] = table[:, 1:]
    return states, times, tuple(names[j] for j in kept)


def _number(text: str, where: str, *, gap: bool) -> float:
    stripped = text.strip()
    if gap and stripped in MISSING:
        return float("nan")
    value = number(stripped)
    if value is None:
        fix = "write 0.5, not 0,5"
        if gap:
            fix += f", leave the field empty where nothing was seen, or {NAMED}"
        raise InputError(where, excerpt(text), "must be a number", fix)
    if not gap and not abs(value) < float("inf"):
        raise InputError(where, excerpt(text), "every time must be finite", "remove the line")
    return value
