"""What each column of a text with one line per trajectory and time is, or what to correct in its first line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ..errors import InputError
from .labels import excerpt, number

TIME = "time"
NAMED = "call the column that names the trajectories trajectory (or synapse_id, cell_id, ...)"
_TRAJECTORY = re.compile(r"trajectory|replica|.*_id", re.IGNORECASE)
_ID = re.compile(r"(?:.*[\W\d])?(?:id|ID|Id)|.*[a-z]I[dD]")
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_EXAMPLE = "name the columns trajectory,time,x0,x1,... for instance"


class Roles(NamedTuple):
    """The columns of the time, of the name of the trajectory (None: there is one only) and of the coordinates."""

    time: int
    trajectory: int | None
    kept: list[int]


def roles_of(names: list[str], where: str, delimiter: str, columns: Sequence[str] | None) -> Roles:
    """Roles of the columns with these names; InputError says which name is missing, double or unclear."""
    _check_names(names, where, delimiter)
    time = _time(names, where)
    chosen = None if columns is None else _chosen(names, time, columns)
    free = [i for i in range(len(names)) if i != time and i not in (chosen or [])]
    who = [i for i in free if _TRAJECTORY.fullmatch(names[i])]
    if len(who) > 1:
        got = f"columns {excerpt(names[who[0]])} and {excerpt(names[who[1]])}"
        fix = "join them into one column, such as animal3-synapse17, or drop one that the other implies"
        raise InputError(where, got, "only one column may name the trajectory", fix)
    kept = [i for i in free if i not in who] if chosen is None else chosen
    unclear = [names[i] for i in kept if _ID.fullmatch(names[i])] if chosen is None else []
    if unclear:
        got = f"column {excerpt(unclear[0])}"
        fix = f"{NAMED}, drop it, or choose the coordinates: columns=[...]"
        raise InputError(where, got, "a column of names is no coordinate", fix)
    if not kept:
        got = f"columns {excerpt(', '.join(names))}"
        raise InputError(where, got, "at least one column must hold states", _EXAMPLE)
    return Roles(time, who[0] if who else None, kept)


def _check_names(names: list[str], where: str, delimiter: str) -> None:
    rule = "a first line must name every column"
    other = next((c for c in _SEPARATORS if c != delimiter and any(c in name for name in names)), None)
    if other is not None and len(names) == 1:
        fix = f"save with {_SEPARATORS[delimiter]} between columns and a point in numbers"
        fix += {",": ", or call it .csv", "\t": ", or call it .tsv"}.get(other, "")
        raise InputError(where, f"{other!r} between columns", f"must be {_SEPARATORS[delimiter]}", fix)
    if names and names[0].startswith("#"):
        raise InputError(where, excerpt(", ".join(names)), rule, "remove lines and marks that start with #")
    if names and all(number(name) is not None for name in names):
        raise InputError(where, f"numbers {excerpt(', '.join(names))}", rule, _EXAMPLE)
    if "" in names:
        fix = "name it, or drop it if it only numbers the lines: to_csv(path, index=False) in pandas"
        raise InputError(where, f"no name for column {names.index('') + 1}", rule, fix)
    if len(set(names)) < len(names):
        got = f"column {excerpt(Counter(names).most_common(1)[0][0])} twice"
        raise InputError(where, got, "a header must not repeat a name", "rename one of them")


def _time(names: list[str], where: str) -> int:
    found = [i for i, name in enumerate(names) if name.lower() == TIME]
    if len(found) == 1:
        return found[0]
    if found:
        got = f"columns {names[found[0]]} and {names[found[1]]}"
        raise InputError(where, got, "only one column may be called time", "rename one of them")
    guess = next((n for n in names if n.lower() == "t" or n.lower().startswith(TIME)), None)
    fix = f"rename {'the column of times' if guess is None else excerpt(guess)} to time"
    got = f"columns {excerpt(', '.join(names))}" if names else "an empty file"
    raise InputError(where, got, "one column must be called time", fix)


def _chosen(names: list[str], time: int, columns: Sequence[str]) -> list[int]:
    there = [name for i, name in enumerate(names) if i != time]
    listed = isinstance(columns, (list, tuple)) and all(isinstance(name, str) for name in columns)
    if not listed or not columns or len(set(columns)) < len(columns) or not set(columns) <= set(there):
        rule = "must be a list of names of columns other than time, each once"
        raise InputError("columns", excerpt(str(columns)), rule, f"choose among {excerpt(', '.join(there))}")
    return [names.index(name) for name in columns]
