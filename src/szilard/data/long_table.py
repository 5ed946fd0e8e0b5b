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
CHOSEN = 3
"""The most names of columns that an error proposes."""


def parse_long_table(
    data: bytes, name: str, delimiter: str, columns: Sequence[str] | None, max_bytes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[str, ...]]:
    """Coordinates on the grid of all times, that grid, and the names of the coordinates; rules of read_recording."""
    rows = lines_of(data, name, delimiter)
    _, header, _ = next(rows, (1, [], False))
    names = [field.strip() for field in header]
    time_at, who_at, kept = roles_of(names, f"{name}, line 1", delimiter, columns)
    order: dict[str, int] = {}
    last = float("-inf")
    owner, values = array("q"), array("d")
    kept_names = tuple(names[j] for j in kept)
    for line, fields, _ in rows:
        where = f"{name}, line {line}"
        if len(fields) != len(names):
            rule = f"every line must have the same number of columns, {len(names)} in line 1"
            fix = "complete or remove the line, and write 0.5, not 0,5"
            raise InputError(where, f"{len(fields)} columns", rule, fix)
        i = order.setdefault("" if who_at is None else fields[who_at].strip(), len(order))
        t = _time(fields[time_at], f"{where}, {excerpt(names[time_at])}")
        if who_at is None and t <= last:
            got = f"time {t:g} after {last:g}"
            fix = f"{NAMED}; if all lines are one trajectory, sort the lines, each time once"
            raise InputError(where, got, "times of a trajectory must increase", fix)
        last = t
        owner.append(i)
        values.append(t)
        values.extend(_coordinates([fields[j] for j in kept], kept_names, where))
    if not owner:
        raise InputError(name, "no lines of data", "must hold at least one state", "add one line per time")
    table = np.frombuffer(values, np.float64).reshape(-1, 1 + len(kept))
    times, column = np.unique(table[:, 0], return_inverse=True)
    row = np.frombuffer(owner, np.int64)
    again = _taken(row * times.size + column)
    if again is not None:
        got = f"time {table[again, 0]:g} of {excerpt(list(order)[row[again]])} twice"
        fix = "remove one of the lines, or give two trajectories two names"
        raise InputError(f"{name}, line {again + 2}", got, "each time of a trajectory must stand once", fix)
    if times.size == 1:
        rule = "steps need two times at least"
        raise InputError(name, f"the time {times[0]:g} only", rule, _sizes_only(kept, delimiter))
    size = 8 * len(order) * times.size * len(kept)
    if size > max_bytes:
        got = f"{len(order)} trajectories on a grid of {times.size} times"
        rule = f"must take at most max_bytes = {max_bytes} bytes in memory"
        raise InputError(name, got, rule, "round the times so that trajectories share them, or raise max_bytes")
    states = np.full((len(order), times.size, len(kept)), np.nan)
    states[row, column] = table[:, 1:]
    return states, times, kept_names


def _time(text: str, where: str) -> float:
    value = number(text.strip())
    if value is None:
        fix = "write 0.5, not 0,5, and dates as days since the first look, as numbers"
        raise InputError(where, excerpt(text), "must be a number", fix)
    if not abs(value) < float("inf"):
        raise InputError(where, excerpt(text), "every time must be finite", "remove the line")
    return value


def _coordinates(fields: list[str], names: tuple[str, ...], where: str) -> list[float]:
    """The numbers of one line, NaN in gaps."""
    found = [float("nan") if text.strip() in MISSING else number(text.strip()) for text in fields]
    numbers = [value for value in found if value is not None]
    if len(numbers) == len(found):
        return numbers
    bad = found.index(None)
    fix = f"write 0.5, not 0,5, leave the field empty where nothing was seen, or {NAMED}"
    good = [excerpt(name) for name, value in zip(names, found, strict=True) if value is not None]
    if good:
        fix += f"; a column of texts is left out by choosing others: columns=[{', '.join(good[:CHOSEN])}]"
    raise InputError(f"{where}, {excerpt(names[bad])}", excerpt(fields[bad]), "must be a number", fix)


def _taken(place: NDArray[np.int64]) -> int | None:
    """The first index whose place stood before, or None."""
    _, first = np.unique(place, return_index=True)
    if first.size == place.size:
        return None
    again = np.ones(place.size, bool)
    again[first] = False
    return int(np.argmax(again))


def _sizes_only(kept: list[int], delimiter: str) -> str:
    if len(kept) > 1:
        return "add lines of other times; for sizes seen once choose their column, columns=[...]"
    read = f"numpy.genfromtxt(path, delimiter={delimiter!r}, skip_header=1, usecols={kept[0]})"
    return f"add lines of other times; sizes seen once need none: sz.infer.fit_sizes({read}, seed=1)"
