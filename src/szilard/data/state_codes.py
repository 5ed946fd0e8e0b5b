"""Whether what a file holds are numbered states or coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .labels import EXACT
from .recording import as_states

STATE = ("state", "states")
"""What the only column of a text must be called, in any case, for its numbers to be states."""
_FIX = "number the states 0, 1, 2, ..., or pass discrete=False for a coordinate"
_FEW = 100
_SPARSE = 10


def states_or_coordinates(raw: NDArray[Any], names: tuple[str, ...], discrete: bool | None, where: str) -> NDArray[Any]:
    """(replica, time) of whole numbers, -1 a gap, if discrete; else coordinates (replica, time, dim).

    discrete=None: a table's only column is discrete if it is called state or states, an array (replica, time) if its
    type is integer or boolean.
    States that were only guessed to be so must not be codes with wide gaps, such as 5, 10, 1000000.
    """
    wanted = discrete
    if wanted is None:
        wanted = [n.lower() in STATE for n in names] == [True] if names else raw.ndim == 2 and raw.dtype.kind in "biu"
    if not wanted:
        return as_states(raw.astype(np.float64))
    if raw.ndim == 3:
        if raw.shape[2] != 1:
            fix = f"choose one, columns=[{names[0]!a}] for instance" if names else "save one array (trajectory, time)"
            raise InputError(where, f"{raw.shape[2]} columns", "one number tells a discrete state", fix)
        raw = raw[:, :, 0]
    states = as_states(raw) if raw.dtype.kind in "iu" else _whole(raw.astype(np.float64), where)
    if discrete is None:
        _check_codes(states, where)
    return states


def _whole(states: NDArray[Any], where: str) -> NDArray[np.int64]:
    seen = ~np.isnan(states)
    with np.errstate(invalid="ignore"):
        wrong = seen & ((states != np.floor(states)) | (np.abs(states) > EXACT) | (states < 0.0))
    if wrong.any():
        got = float(states[wrong][0])
        raise InputError(where, got, "states are whole numbers >= 0", _FIX)
    return np.where(seen, states, -1.0).astype(np.int64)


def _check_codes(states: NDArray[np.int64], where: str) -> None:
    codes = np.unique(states[states >= 0])
    if codes.size and (width := int(codes[-1] - codes[0]) + 1) > max(_FEW, _SPARSE * codes.size):
        got = f"{codes.size} states from {codes[0]} to {codes[-1]}"
        rule = "states must be numbered without wide gaps"
        raise InputError(where, got, rule, f"{_FIX}, or discrete=True to keep all {width}")
