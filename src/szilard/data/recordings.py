"""Recordings from a file the user names: .npz, .csv, .tsv or NetCDF."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .archive import REAL, Archive, Wanted, check_exact, open_archive, read_array
from .even_grid import on_even_grid
from .long_table import parse_long_table
from .netcdf import parse_netcdf
from .reading import MAX_BYTES, bytes_of, checked_path
from .recording import Recording
from .state_codes import states_or_coordinates

_SAVE = "save it as numpy.savez(path, states=..., times=...)"
_FEWER = "use fewer trajectories or times"
STATES = Wanted(
    (REAL,), (2, 3), "(trajectory, time) or (trajectory, time, coordinate)", _SAVE, "one trajectory per row", _FEWER
)
TIMES = Wanted((REAL,), (1,), "(time,)", _SAVE, "give one time per state", _FEWER)
SUFFIXES = (".npz", ".csv", ".tsv", ".nc")


def read_recording(
    path: str | os.PathLike[str],
    *,
    columns: Sequence[str] | None = None,
    discrete: bool | None = None,
    period: ArrayLike | None = None,
    max_bytes: int = MAX_BYTES,
) -> Recording:
    """x_i(t_j) from a .npz, .csv (commas), .tsv (tabs) or .nc (NetCDF) file; InputError says what to correct.

    .npz: arrays ``states``, (trajectory, time) or (trajectory, time, coordinate), and ``times`` (time,).
    Text: UTF-8, a first line of column names, then one line per trajectory and time: a column ``time``, one that names
    the trajectory (``trajectory``, ``replica`` or one that ends in ``_id``; without it all lines are one trajectory),
    in any case, and one per coordinate. Each time of a trajectory stands once; lines may stand in any order where a
    column names the trajectory, else times increase. All times of all trajectories make one grid; where a trajectory
    has no line, or a field is empty, NaN or NA, there is a gap.
    NetCDF: a variable ``states`` of dimensions (replica, time) or (replica, time, coordinate) and a coordinate
    ``time``, as in ``run.to_xarray().to_netcdf(path)``. NetCDF 3 can always be read, NetCDF 4 with the extra "netcdf".
    A file is data: nothing in it is run or unpickled.

    Times that are whole multiples of the smallest step go on an even grid, with gaps where all trajectories miss a
    time, if it has less than 20 times as many times. So do times rounded to the same decimal or to single precision,
    if an even grid lies within less than half of their last digit, this digit is at most a fifth of the step, and so
    many times would fit by chance less often than once in a thousand.

    columns: names of the columns of a text that are coordinates, the others left out; None for all.
    discrete: whether the numbers are states of a jump process, whole and >= 0, with gaps where they are NaN (in an
    array of integers: -1). None: they are if a text has one column and it is called ``state`` or ``states``, or if an
    array (trajectory, time) is of an integer or boolean type; all else is a coordinate, NaN a gap. Codes with wide
    gaps, such as 5, 10, 1000000, are then refused.
    period: of the coordinates, see ``Recording``. max_bytes bounds the file and the states in memory, 8 bytes a value.
    """
    if discrete is not None and not isinstance(discrete, bool):
        raise InputError("discrete", discrete, "must be True, False or None", "leave it out")
    file, name = checked_path(path, max_bytes)
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        rule = f"the name must end in {', '.join(SUFFIXES)}"
        raise InputError(name, suffix or "no suffix", rule, "rename, unpack or convert the file")
    text = suffix in (".csv", ".tsv")
    if columns is not None and not text:
        raise InputError("columns", columns, "belongs to .csv and .tsv files", "leave it out")
    data = bytes_of(file, name, max_bytes)
    names: tuple[str, ...] = ()
    if suffix == ".npz":
        with open_archive(data, name, max_bytes) as archive:
            raw, times = _arrays(archive)
    elif suffix == ".nc":
        raw, times = parse_netcdf(data, name, max_bytes)
    else:
        raw, times, names = parse_long_table(data, name, "," if suffix == ".csv" else "\t", columns, max_bytes)
    states = states_or_coordinates(raw, names, discrete, f"{name}, {', '.join(names) if len(names) == 1 else 'states'}")
    names = () if states.ndim == 2 else names
    made = partial(
        Recording, period=period, names=names, source=os.fspath(path), sha256=hashlib.sha256(data).hexdigest()
    )
    try:
        found = made(states, times)
        even = on_even_grid(found.states, found.times, max_bytes)
        return found if even is None else made(*even)
    except InputError as error:
        field = error.field if error.field == "period" else f"{name}, {error.field}"
        raise InputError(field, error.got, error.rule, error.fix) from None


def _arrays(archive: Archive) -> tuple[NDArray[Any], NDArray[np.float64]]:
    states, times = read_array(archive, "states", STATES), read_array(archive, "times", TIMES)
    for key, raw in (("states", states), ("times", times)):
        check_exact(raw, f"{archive.name}, {key}")
    if states.shape[1] != times.size and times.size in states.shape:
        got = f"shape {states.shape} for {times.size} times"
        rule = "states are (trajectory, time) or (trajectory, time, coordinate); these look transposed"
        fix = f"numpy.swapaxes(states, {states.shape.index(times.size)}, 1)"
        raise InputError(f"{archive.name}, states", got, rule, fix)
    return states, np.asarray(times, np.float64)
