"""Trajectories from comma- or tab-separated text with one line per trajectory and time."""

from __future__ import annotations

from array import array
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .labels import EXACT, excerpt, number
from .table import lines_of

STATE = "state"


def parse_long_table(
    data: bytes, name: str, delimiter: str, max_bytes: int
) -> tuple[NDArray[np.float64] | NDArray[np.int64], NDArray[np.float64], tuple[str, ...]]:
    """States on the grid of all times, that grid, and the names of the coordinates; rules of read_recording."""
    rows = lines_of(data, name, delimiter)
    _, header, _ = next(rows, (1, [], False))
    names = [field.strip() for field in header]
    time_at, who_at = _roles(names, f"{name}, line 1")
    kept = [i for i in range(len(names)) if i not in (time_at, who_at)]
    order: dict[str, int] = {}
    last: list[float] = []
    owner, values = array("q"), array("d")
    for line, fields, _ in rows:
        where = f"{name}, line {line}"
        if len(fields) != len(names):
            rule = f"every line must have the same number of columns, {len(names)} in line 1"
            raise InputError(where, f"{len(fields)} columns", rule, "complete or remove the line")
        i = order.setdefault("" if who_at is None else fields[who_at].strip(), len(order))
        t = _number(fields[time_at], f"{where}, time", gap=False)
        if i == len(last):
            last.append(t)
        elif t <= last[i]:
            got = f"time {t:g} after {last[i]:g}"
            raise InputError(where, got, "times of a trajectory must increase", "sort the lines, each time once")
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
    if [names[j] for j in kept] == [STATE]:
        return _whole(states[:, :, 0], name), times, ()
    return states, times, tuple(names[j] for j in kept)


def _roles(names: list[str], where: str) -> tuple[int, int | None]:
    """The columns of the time and of the name of the trajectory, if there is one."""
    fix = "name them trajectory,time,x0,x1,... for instance"
    if len(set(names)) < len(names):
        got = f"column {excerpt(Counter(names).most_common(1)[0][0])} twice"
        raise InputError(where, got, "a header must not repeat a name", "rename one of them")
    if "" in names or "time" not in names:
        got = f"columns {excerpt(', '.join(names))}"
        raise InputError(where, got, "a first line must name every column, one of them time", fix)
    who = [i for i, n in enumerate(names) if n in ("trajectory", "replica") or n.endswith("_id")]
    if len(who) > 1:
        got = f"columns {excerpt(names[who[0]])} and {excerpt(names[who[1]])}"
        raise InputError(where, got, "only one column may name the trajectory", "drop or rename one of them")
    if len(names) < 2 + len(who):
        raise InputError(where, f"columns {excerpt(', '.join(names))}", "at least one column must hold states", fix)
    return names.index("time"), who[0] if who else None


def _number(text: str, where: str, *, gap: bool) -> float:
    stripped = text.strip()
    if gap and stripped == "":
        return float("nan")
    value = number(stripped)
    if value is None:
        fix = "write 0.5 or 5e-1" + (", or leave the field empty where nothing was seen" if gap else "")
        raise InputError(where, excerpt(text), "must be a number", fix)
    if not gap and not abs(value) < float("inf"):
        raise InputError(where, excerpt(text), "every time must be finite", "remove the line")
    return value


def _whole(states: NDArray[np.float64], name: str) -> NDArray[np.int64]:
    seen = ~np.isnan(states)
    with np.errstate(invalid="ignore"):
        wrong = seen & ((states != np.floor(states)) | (np.abs(states) > EXACT) | (states < 0.0))
    if wrong.any():
        got = float(states[wrong][0])
        raise InputError(f"{name}, state", got, "states are whole numbers >= 0", "call the column x for a coordinate")
    return np.where(seen, states, -1.0).astype(np.int64)
