"""Trajectories from NetCDF, whose sizes are checked before anything is loaded."""

from __future__ import annotations

import importlib.util
import io
import warnings
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

CLASSIC = (b"CDF\x01", b"CDF\x02")
HDF = b"\x89HDF\r\n\x1a\n"
EXTRA = ("h5netcdf", "h5py")
SHAPES = (("replica", "time"), ("replica", "time", "coordinate"))
_FIX = "save it as run.to_xarray().to_netcdf(path)"


def parse_netcdf(data: bytes, name: str, max_bytes: int) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """States and times of one file; its rules are those of read_recording."""
    import xarray as xr

    engine = _engine(data, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with xr.open_dataset(io.BytesIO(data), engine=engine, decode_times=False) as dataset:
                return _variables(dataset, name, max_bytes)
    except InputError:
        raise
    except Exception as error:  # a broken file makes these parsers raise errors of every kind
        got = f"{type(error).__name__}: {ascii(str(error))[:120]}"
        raise InputError(name, got, "must be an intact NetCDF file", "save it again") from error


def _engine(data: bytes, name: str) -> Any:
    if data[:4] in CLASSIC:
        return "scipy"
    if not data.startswith(HDF):
        got = f"bytes {data[:8]!r}"
        raise InputError(name, got, "must start as NetCDF 3 or NetCDF 4 does", _FIX)
    missing = [package for package in EXTRA if importlib.util.find_spec(package) is None]
    if missing:
        rule = f"NetCDF 4 needs the package{'s' * (len(missing) > 1)} {' and '.join(missing)}"
        fix = 'pip install ".[netcdf]" in the sources, or save as NetCDF 3: to_netcdf(path, engine="scipy")'
        raise InputError(name, "NetCDF 4", rule, fix)
    return "h5netcdf"


def _variables(dataset: Any, name: str, max_bytes: int) -> tuple[NDArray[Any], NDArray[np.float64]]:
    found = []
    for key, shapes in (("states", SHAPES), ("time", (("time",),))):
        where = f"{name}, {key}"
        if key not in dataset.variables:
            got = f"variables {', '.join(sorted(ascii(str(v)) for v in dataset.variables))}"[:200]
            raise InputError(where, got, f"the variable {key} must be there", _FIX)
        variable = dataset.variables[key]
        if tuple(variable.dims) not in shapes or 0 in variable.shape:
            rule = f"must have dimensions {' or '.join(map(str, shapes))}, none of them empty"
            turned = next((s for s in shapes if set(s) == set(variable.dims) and len(s) == variable.ndim), None)
            fix = _FIX if turned in (None, tuple(variable.dims)) else f"save it transposed: data.transpose{turned}"
            raise InputError(where, f"{ascii(variable.dims)}, {variable.shape}", rule, fix)
        if variable.dtype.kind not in "biuf":
            raise InputError(where, f"dtype {variable.dtype}", "must be real numbers", _FIX)
        if 8 * prod(variable.shape) > max_bytes:
            got = f"{prod(variable.shape)} values"
            rule = f"must take at most max_bytes = {max_bytes} bytes in memory, 8 a value"
            raise InputError(where, got, rule, "use fewer trajectories or times, or raise max_bytes")
        found.append(np.asarray(variable.values))
    states, times = found
    return states, times.astype(np.float64)
