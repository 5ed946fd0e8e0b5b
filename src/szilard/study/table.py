"""All finished runs as one Dataset, and that Dataset on disk for any reader of zarr."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import warnings
import zlib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .axes import AXES
from .designs import MAX_CELLS
from .quantities import AXIS_UNITS, CONVENTIONS, QUANTITIES, UNITS
from .record import Failed, Finished, digest_of

if TYPE_CHECKING:
    import xarray

PACKAGES = ("szilard", "numpy", "scipy", "numba", "llvmlite", "zarr", "xarray")
MOST_ARRAYS = 256


def dataset_of(
    finished: Sequence[tuple[Finished, str]], failed: Sequence[Failed], runs: int, about: Mapping[str, Any]
) -> xarray.Dataset:
    """One Dataset over ``cell``: a variable per quantity, with _stderr and _side, verdict and notes.

    finished: runs with what made them; runs: how many the study has; about: what the manifest says of the study.
    Coordinates are the runs' parameters. Attributes are numbers and texts, of JSON where there is more to say.
    """
    import xarray as xr

    records = [record for record, _ in finished]
    variables: dict[str, Any] = {}
    for name in QUANTITIES:
        found = [record.estimates.get(name) for record in records]
        unit = {"units": UNITS[name]}
        variables[name] = ("cell", np.array([np.nan if e is None else e.value for e in found]), unit)
        variables[f"{name}_stderr"] = ("cell", np.array([np.nan if e is None else e.stderr for e in found]), unit)
        variables[f"{name}_side"] = ("cell", np.array(["" if e is None else e.side for e in found]))
    variables["verdict"] = ("cell", np.array([record.verdict for record in records]))
    notes = [record.notes for record in records]
    variables["merged"] = ("cell", np.array([" + ".join(n.get("merged", [])) for n in notes]))
    variables["force"] = ("cell", np.array([str(n.get("force", "")) for n in notes]))
    variables["replicas"] = ("cell", np.array([int(n.get("replicas", 0)) for n in notes]))
    if about.get("precision"):
        variables["scouts"] = ("cell", np.array([int(n.get("scouts", 0)) for n in notes]))
        variables["error_reached"] = ("cell", np.array([int(bool(n.get("error reached"))) for n in notes]))
    variables["seconds"] = ("cell", np.array([float(n.get("seconds", np.nan)) for n in notes]), {"units": "s"})
    variables["made_by"] = ("cell", np.array([made_by for _, made_by in finished]))
    coordinates: dict[str, Any] = {"key": ("cell", np.array([record.key for record in records]))}
    for name in AXES:
        entries = [record.coordinates.get(name) for record in records]
        unit = {"units": AXIS_UNITS.get(name, "1")}
        if any(isinstance(e, str) for e in entries):
            coordinates[name] = ("cell", np.array(["" if e is None else str(e) for e in entries]))
        else:
            coordinates[name] = ("cell", np.array([np.nan if e is None else float(e) for e in entries]), unit)
    makers = [made_by for _, made_by in finished]
    return xr.Dataset(variables, coordinates, _attributes(records, makers, failed, runs, about))


def _attributes(
    records: Sequence[Finished], makers: Sequence[str], failed: Sequence[Failed], runs: int, about: Mapping[str, Any]
) -> dict[str, Any]:
    versions = {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
    return {
        "conventions": json.dumps(CONVENTIONS),
        "versions": json.dumps(versions),
        "platform": f"{platform.system()} {platform.machine()}, {sys.byteorder} endian",
        **{name: json.dumps(v) if isinstance(v, dict) else v for name, v in about.items()},
        "sha256": digest_of(records),
        "unfinished": runs - len(records) - len(failed),
        "failed": json.dumps({run.key: run.reason for run in failed}),
        "made_by": json.dumps(sorted(set(makers))),
    }


def coded(dataset: xarray.Dataset) -> xarray.Dataset:
    """The same with words as numbers of the list in flag_meanings, which every reader knows, and keys as integers."""
    found = dataset.copy()
    for name, variable in dataset.variables.items():
        if name == "key":
            found[name] = ("cell", np.array([int(key, 16) for key in variable.values], dtype=np.uint64), {"base": 16})
        elif variable.dtype.kind == "U":
            codes, words = coded_words(variable.values)
            found[name] = (variable.dims, codes, {**variable.attrs, "flag_meanings": words})
    return found


def decoded(dataset: xarray.Dataset) -> xarray.Dataset:
    """The words again."""
    found = dataset.copy()
    for name, variable in dataset.variables.items():
        attributes = dict(variable.attrs)
        if attributes.pop("base", None) == 16:
            keys = np.array([f"{int(key):016x}" for key in variable.values])
            found[name] = (variable.dims, keys, attributes)
        elif "flag_meanings" in attributes:
            words = np.array(json.loads(attributes.pop("flag_meanings")), dtype=str)
            if not np.all((variable.values >= 0) & (variable.values < words.size)):
                raise ValueError(f"{name}: a word that is not in its list")
            found[name] = (variable.dims, words[variable.values], attributes)
    return found


def write_table(dataset: xarray.Dataset, store: Path) -> None:
    """Put the Dataset into a zarr directory store with checksums, beside the old one and then in its place."""
    for left in (*store.parent.glob(f"{store.stem}.partial*"), *store.parent.glob(f"{store.stem}.old*")):
        shutil.rmtree(left, ignore_errors=True)
    partial, old = (
        store.with_name(f"{store.stem}.{word}-{platform.node()}-{os.getpid()}") for word in ("partial", "old")
    )
    table = coded(dataset)
    table.attrs["seal"] = table_seal(table)
    encoding: dict[str, Any] = {}
    for name, variable in table.variables.items():
        lost = {"f": np.nan, "i": -1}.get(variable.dtype.kind, 0)  # what no result is, for a chunk that is not there
        said = {"chunks": variable.shape, "fill_value": lost, "_FillValue": None}
        encoding[str(name)] = said | {"compressors": (checked_codec(),)}
    with warnings.catch_warnings():
        # Without it every reader warns, and is slow; with it the writer warns that it is no part of the format yet.
        warnings.filterwarnings("ignore", "Consolidated metadata is currently not part", UserWarning)
        table.to_zarr(partial, mode="w", consolidated=True, encoding=encoding, zarr_format=3)
    if store.exists():
        os.replace(store, old)
    os.replace(partial, store)
    shutil.rmtree(old, ignore_errors=True)


def read_table(store: Path) -> xarray.Dataset:
    """What ``write_table`` wrote, if every bit of it is as it was; InputError if not, before memory is taken."""
    import xarray as xr
    import zarr

    try:
        group = zarr.open_group(store, mode="r", zarr_format=3)
        lengths = set()
        for name, array in group.arrays():
            if array.ndim != 1 or array.dtype.kind not in "fiu" or array.shape[0] > MAX_CELLS:
                raise ValueError(f"{name}: not as it was written")
            lengths.add((array.shape[0], *array.chunks))
        if len(lengths) != 1 or len(list(group.array_keys())) > MOST_ARRAYS:
            raise ValueError("its arrays differ in length, or are too many")
        found = xr.open_zarr(store, chunks=None, consolidated=False, mask_and_scale=False, decode_times=False).load()
        if found.attrs.get("seal") != table_seal(found):
            raise ValueError("its numbers were changed")
        del found.attrs["seal"]
        return decoded(found)
    except Exception as error:  # a damaged file may fail anywhere inside zarr and its codecs
        raise damaged(store, error) from None


def table_seal(table: xarray.Dataset) -> int:
    """CRC-32 over every name, attribute and byte of a coded Dataset, its own seal left out."""
    crc = zlib.crc32(json.dumps({k: _plain(v) for k, v in table.attrs.items() if k != "seal"}, sort_keys=True).encode())
    for name in sorted(map(str, table.variables)):
        variable = table.variables[name]
        told = [
            name,
            variable.dims,
            str(variable.dtype),
            variable.shape,
            {k: _plain(v) for k, v in variable.attrs.items()},
        ]
        crc = zlib.crc32(json.dumps(told, sort_keys=True).encode(), crc)
        crc = zlib.crc32(np.ascontiguousarray(variable.values).tobytes(), crc)
    return crc


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def checked_codec() -> Any:
    """Compression with a checksum, so that a damaged chunk is seen."""
    from zarr.codecs import ZstdCodec

    return ZstdCodec(level=3, checksum=True)


def coded_words(values: NDArray[Any]) -> tuple[NDArray[Any], str]:
    """Words as numbers, and the list (JSON) that they count in."""
    words, codes = np.unique(values, return_inverse=True)
    return codes.reshape(values.shape), json.dumps(words.tolist())


def damaged(path: Path, error: Exception) -> InputError:
    """What to say of a store that cannot be believed."""
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    first = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in first)[:200]  # it may quote the damaged file
    rule = f"its store is damaged or no store of a study ({first})"
    return InputError("out", str(path), rule, "run the study again: nothing finished is lost")
