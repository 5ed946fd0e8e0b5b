"""Recordings from a file the user names: .npz, .csv, .tsv or NetCDF."""

from __future__ import annotations

import hashlib
import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .archive import REAL, Archive, Wanted, check_exact, open_archive, read_array
from .long_table import parse_long_table
from .netcdf import parse_netcdf
from .reading import MAX_BYTES, bytes_of, checked_path
from .recording import Recording, as_states

_SAVE = "save it as numpy.savez(path, states=..., times=...)"
_FEWER = "use fewer trajectories or times"
STATES = Wanted(
    (REAL,), (2, 3), "(trajectory, time) or (trajectory, time, coordinate)", _SAVE, "one trajectory per row", _FEWER
)
TIMES = Wanted((REAL,), (1,), "(time,)", _SAVE, "give one time per state", _FEWER)
SUFFIXES = (".npz", ".csv", ".tsv", ".nc")


def read_recording(
    path: str | os.PathLike[str], *, period: ArrayLike | None = None, max_bytes: int = MAX_BYTES
) -> Recording:
    """x_i(t_j) from a .npz, .csv (commas), .tsv (tabs) or .nc (NetCDF) file; InputError says what to correct.

    .npz: arrays ``states`` and ``times`` (time,). States (trajectory, time) of integers are discrete, -1 a gap; of real
    numbers one coordinate; (trajectory, time, coordinate) several, NaN a gap.
    Text: UTF-8, a first line of column names, then one line per trajectory and time: a column ``time``, one that names
    the trajectory (``trajectory``, ``replica`` or one that ends in ``_id``; without it all lines are one trajectory),
    and one per coordinate; a single column ``state`` of whole numbers is discrete. The times of a trajectory increase.
    All times of all trajectories make one grid; where a trajectory has no line, or an empty field, there is a gap.
    NetCDF: a variable ``states`` of dimensions (replica, time) or (replica, time, coordinate) and a coordinate
    ``time``, as in ``run.to_xarray().to_netcdf(path)``. NetCDF 3 can always be read, NetCDF 4 with the extra "netcdf".
    A file is data: nothing in it is run or unpickled.

    period: of the coordinates, see ``Recording``. max_bytes bounds the file and the states in memory, 8 bytes a value.
    """
    file, name = checked_path(path, max_bytes)
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        rule = f"the name must end in {', '.join(SUFFIXES)}"
        raise InputError(name, suffix or "no suffix", rule, "rename, unpack or convert the file")
    data = bytes_of(file, name, max_bytes)
    names: tuple[str, ...] = ()
    if suffix == ".npz":
        with open_archive(data, name, max_bytes) as archive:
            states, times = _arrays(archive)
    elif suffix == ".nc":
        states, times = parse_netcdf(data, name, max_bytes)
    else:
        states, times, names = parse_long_table(data, name, "," if suffix == ".csv" else "\t", max_bytes)
    try:
        return Recording(
            states, times, period=period, names=names, source=os.fspath(path),
            sha256=hashlib.sha256(data).hexdigest(),
        )  # fmt: skip
    except InputError as error:
        field = error.field if error.field == "period" else f"{name}, {error.field}"
        raise InputError(field, error.got, error.rule, error.fix) from None


def _arrays(archive: Archive) -> tuple[NDArray[Any], NDArray[np.float64]]:
    states, times = read_array(archive, "states", STATES), read_array(archive, "times", TIMES)
    for key, raw in (("states", states), ("times", times)):
        check_exact(raw, f"{archive.name}, {key}")
    return as_states(states), np.asarray(times, np.float64)
