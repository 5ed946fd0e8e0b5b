"""The store of a study: one zarr group with checksums, one marker per finished run.

DIR/study.toml            the study as it was given
DIR/results.zarr          value, stderr, side: (cell, quantity); verdict: (cell,); sealed attributes
DIR/done/KEY.json         written last: coordinates, and a CRC of the numbers stored; sealed

A run counts as finished only if its marker's CRC agrees with what the store holds, so that a kill at any moment
loses at most the run in progress, and a damaged chunk is recomputed instead of believed. A seal is the CRC of
everything else that stands beside it: names and parameters are guarded as the numbers are.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..estimate import SIDES, Estimate
from .sealed import locked, read_sealed, seal_of, unwritable, write_atomically, write_sealed
from .spec import MAX_CELLS, Study

if TYPE_CHECKING:
    import xarray

QUANTITIES = (
    "learned", "heat", "work", "entropy", "cost", "cost_joint", "efficiency_marginal", "efficiency_joint",
    "error", "held_out_error", "fresh_information", "dissipation", "redundancy", "interference", "readout_loss",
    "unresolved", "margin", "first_law_residual",
)  # fmt: skip
UNITS = (
    dict.fromkeys(QUANTITIES, "nat")
    | {"heat": "k_B T0", "work": "k_B T0"}
    | dict.fromkeys(
        (
            "efficiency_marginal",
            "efficiency_joint",
            "error",
            "held_out_error",
            "margin",
            "first_law_residual",
        ),
        "1",
    )
)
VERDICTS = ("not covered", "holds", "holds, saturated", "inconclusive", "violated")
CONVENTIONS = {
    "units": "k_B = 1; energies in k_B T0; information and entropy in nats; totals over all weights",
    "heat": "> 0 into the bath; dE = W - Q with W > 0 done on the system; Stratonovich",
    "cost": "sum_n [Delta S(w_n) + Q_n / T_n]; cost_joint: Delta S(w) + Q / T",
    "side": "two-sided: an estimate; upper / lower: a bound of the truth; none: neither",
}
FORMAT = 1
WIDTH = len(QUANTITIES)
PARTS = {"value": ("f8", (WIDTH,)), "stderr": ("f8", (WIDTH,)), "side": ("i1", (WIDTH,)), "verdict": ("i1", ())}
"""Every array of a store: its type and what follows its first axis, the cells."""


@dataclass(frozen=True)
class Row:
    """The numbers of one finished run."""

    estimates: Mapping[str, Estimate]
    verdict: str
    notes: Mapping[str, Any]


class Store:
    """A study's results on disk, for the one writer that ``only_writer`` lets in; made if they are not there."""

    def __init__(self, study: Study, path: Path) -> None:
        import zarr

        self.study, self.path = study, path
        keys = [cell.key for cell in study.cells]
        group_path, mine = path / "results.zarr", path / "study.toml"
        if group_path.exists():
            self.group = _opened(group_path, "r+")
            attributes = _attributes(self.group, path)
            known = attributes["cells"]
            if not set(known) <= set(keys):
                raise _another(path)
            _arrays(self.group, len(known), path)
            old = set(known)
            cells = known + [key for key in keys if key not in old]
            if not (mine.exists() and mine.read_bytes() == study.text.encode()):
                write_atomically(mine, study.text)
            self._resize(len(cells))
            told = {"name": study.name, "kelvin": study.file.kelvin}
            self._seal({**attributes, "cells": cells, "provenance": {**attributes["provenance"], **told}})
        else:
            if mine.exists() and mine.read_bytes() != study.text.encode():
                raise _another(path)
            write_atomically(mine, study.text)
            partial = path / "results.partial"
            self.group = zarr.open_group(partial, mode="w", zarr_format=3)
            self._create(keys)
            os.replace(partial, group_path)
            self.group = _opened(group_path, "r+")
            cells = keys
        (path / "done").mkdir(exist_ok=True)
        self.arrays = _arrays(self.group, len(cells), path)
        self.index = {key: i for i, key in enumerate(cells)}

    def _create(self, keys: list[str]) -> None:
        codec = checked_codec()
        width = len(QUANTITIES)
        for name, dtype, fill in (("value", "f8", np.nan), ("stderr", "f8", np.nan), ("side", "i1", -1)):
            array = self.group.create_array(
                name, shape=(len(keys), width), chunks=(1, width), dtype=dtype, fill_value=fill,
                compressors=codec, dimension_names=("cell", "quantity"),
            )  # fmt: skip
            array.attrs["long_name"] = name
        self.group["side"].attrs["meaning"] = list(SIDES)
        verdict = self.group.create_array(
            "verdict", shape=(len(keys),), chunks=(1,), dtype="i1", fill_value=-1, compressors=codec,
            dimension_names=("cell",),
        )  # fmt: skip
        verdict.attrs["meaning"] = list(VERDICTS)
        self._seal(
            {
                "cells": keys,
                "quantities": list(QUANTITIES),
                "unit": UNITS,
                "conventions": CONVENTIONS,
                "format": FORMAT,
                "provenance": provenance(self.study),
            }
        )

    def _resize(self, cells: int) -> None:
        """Longer arrays first, then the attributes that name the new cells: a kill between loses nothing."""
        for name in PARTS:
            array = self.group[name]
            if array.shape[0] != cells:
                array.resize((cells, *array.shape[1:]))

    def _seal(self, attributes: dict[str, Any]) -> None:
        attributes.pop("seal", None)
        if self.group.attrs.asdict() != (sealed := {**attributes, "seal": seal_of(attributes)}):
            self.group.attrs.put(sealed)

    def finished(self, key: str) -> bool:
        """Whether this run is in the store, whole."""
        marker = read_marker(self.path, key)
        row = _row(self.arrays, self.index[key])
        return marker is not None and row is not None and marker["crc"] == crc_of(row)

    def write(self, key: str, coordinates: Mapping[str, Any], row: Row) -> None:
        """Store one finished run: numbers first, then its marker."""
        i = self.index[key]
        values = np.full(len(QUANTITIES), np.nan)
        errors, sides = values.copy(), np.full(len(QUANTITIES), -1, dtype=np.int8)
        for j, name in enumerate(QUANTITIES):
            if name in row.estimates:
                estimate = row.estimates[name]
                values[j], errors[j], sides[j] = estimate.value, estimate.stderr, SIDES.index(estimate.side)
        verdict = np.int8(VERDICTS.index(row.verdict))
        parts = [values, errors, sides, np.asarray(verdict)]
        marker = {
            "key": key,
            "crc": crc_of(parts),
            "coordinates": dict(coordinates),
            "notes": dict(row.notes),
        }
        try:
            for array, part in zip(self.arrays, parts, strict=True):
                array[i] = part
            write_sealed(self.path / "done" / f"{key}.json", marker)
        except OSError as error:
            raise unwritable(self.path, error) from None


def read_marker(out: Path, key: str) -> dict[str, Any] | None:
    """A finished run's marker, or None if it is missing or damaged."""
    marker = read_sealed(out / "done" / f"{key}.json", 1 << 20)
    return marker if marker is not None and marker.get("key") == key else None


def crc_of(parts: list[NDArray[Any]]) -> int:
    """CRC-32 over the bytes of some arrays."""
    crc = 0
    for part in parts:
        crc = zlib.crc32(np.ascontiguousarray(part).tobytes(), crc)
    return crc


@contextmanager
def only_writer(study: Study, out: str | Path) -> Iterator[Store]:
    """The study's store, locked; nothing is touched in a directory of something else or with another writer."""
    path = Path(out)
    with locked(path, "study", own=("study.toml", "results.zarr")):
        try:
            store = Store(study, path)
        except OSError as error:
            raise unwritable(path, error) from None
        yield store


def _another(path: Path) -> InputError:
    rule = "holds the results of another study, which is never written over"
    return InputError("out", str(path), rule, "name a new directory, or run that study again")


def provenance(study: Study) -> dict[str, Any]:
    """What made these numbers: versions, platform, seed, the study's text."""
    packages = ("szilard", "numpy", "scipy", "numba", "llvmlite", "zarr", "xarray")
    own = {"python": platform.python_version()}
    return {
        "versions": own | {name: version(name) for name in packages},
        "platform": f"{platform.system()} {platform.machine()}, {sys.byteorder} endian",
        "seed": study.file.seed,
        "replicas": study.file.replicas,
        "kelvin": study.file.kelvin,
        "task": study.file.task.model_dump(),
        "name": study.name,
    }


def load(out: str | Path, part: str | None = None) -> xarray.Dataset:
    """The results of a study as one Dataset over ``cell``: a variable per quantity, with _stderr and _side.

    Only finished runs whose checksum agrees are loaded; coordinates are the runs' parameters, attributes the
    conventions, units and provenance. Of the answer to a question ``part`` names what to load: its arrays, with its
    text, verdicts and assumptions as attributes. Raises InputError if the directory holds no study, or no such part.
    """
    import xarray as xr

    path = Path(out)
    if (path / "answer.zarr").is_dir():
        return _part_of_answer(path, part)
    if part is not None:
        raise InputError("part", part, "is of an answer, but this directory holds none", "leave part out")
    if not (path / "results.zarr").is_dir():
        raise InputError("out", str(out), "holds no results of a study", "give the directory named with --out")
    group = _opened(path / "results.zarr", "r")
    attributes = _attributes(group, path)
    cells, quantities = attributes["cells"], attributes["quantities"]
    arrays = _arrays(group, len(cells), path)
    rows, markers = [], []
    for i, key in enumerate(cells):
        marker = read_marker(path, key)
        row = _row(arrays, i) if marker is not None else None
        if marker is not None and row is not None and crc_of(row) == marker["crc"]:
            rows.append(row)
            markers.append(marker)
    if not rows:
        raise InputError("out", str(out), "holds no finished run yet", "run the study first")
    value, stderr, side, verdict = (np.stack([r[j] for r in rows]) for j in range(4))
    unit = attributes["unit"]
    variables: dict[str, Any] = {}
    for j, name in enumerate(quantities):
        variables[name] = ("cell", value[:, j], {"units": unit.get(name, "1")})
        variables[f"{name}_stderr"] = ("cell", stderr[:, j], {"units": unit.get(name, "1")})
        variables[f"{name}_side"] = ("cell", np.array([SIDES[s] if s >= 0 else "" for s in side[:, j]]))
    variables["verdict"] = ("cell", np.array([VERDICTS[v] for v in verdict]))
    coordinates = {"key": ("cell", [m["key"] for m in markers])}
    for name in markers[0]["coordinates"]:
        entries = [m["coordinates"].get(name) for m in markers]
        if any(isinstance(e, str) for e in entries):
            coordinates[name] = ("cell", ["" if e is None else str(e) for e in entries])
        else:
            coordinates[name] = ("cell", [np.nan if e is None else float(e) for e in entries])
    merged = [" + ".join(m["notes"].get("merged", [])) for m in markers]
    variables["merged"] = ("cell", np.array(merged))
    variables["force"] = ("cell", np.array([str(m["notes"].get("force", "")) for m in markers]))
    variables["seconds"] = ("cell", np.array([float(m["notes"].get("seconds", np.nan)) for m in markers]))
    said = {"conventions": json.dumps(attributes["conventions"]), **_flat(attributes["provenance"])}
    return xr.Dataset(variables, coordinates, {**said, "unfinished": len(cells) - len(rows)})


def _part_of_answer(path: Path, part: str | None) -> xarray.Dataset:
    import xarray as xr

    parts = _opened(path / "answer.zarr", "r").attrs.asdict().get("parts")
    known = [str(name) for name in parts] if isinstance(parts, list) else []
    if part not in known:
        raise InputError("part", part, f"must be one of {', '.join(known)}", "name one")
    try:
        found: xarray.Dataset = xr.open_zarr(path / "answer.zarr", group=part, consolidated=False).load()
        return found
    except Exception as error:  # a damaged chunk may fail anywhere inside zarr and its codecs
        raise _damaged(path, error) from None


def _flat(provenance: Mapping[str, Any]) -> dict[str, Any]:
    return {k: json.dumps(v) if isinstance(v, dict) else v for k, v in provenance.items()}


def _opened(path: Path, mode: Any) -> Any:
    import zarr

    try:
        return zarr.open_group(path, mode=mode, zarr_format=3)
    except Exception as error:  # a damaged file may fail anywhere inside zarr
        raise _damaged(path.parent, error) from None


def _attributes(group: Any, path: Path) -> dict[str, Any]:
    """The group's attributes, if they are as they were written."""
    try:
        attributes: dict[str, Any] = group.attrs.asdict()
        if attributes.pop("seal") != seal_of(attributes):
            raise ValueError("its attributes were changed")
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _damaged(path, error) from None
    if attributes.get("format") != FORMAT:
        rule = f"its store has format {attributes.get('format')}, this version reads {FORMAT}"
        raise InputError("out", str(path), rule, "run the study again into a new directory")
    return attributes


def _arrays(group: Any, cells: int, path: Path) -> list[Any]:
    """The four arrays, each of the shape, type and chunks of a store of this many cells; nothing is read."""
    try:
        arrays = [group[name] for name in PARTS]
        for array, (dtype, tail) in zip(arrays, PARTS.values(), strict=True):
            if (array.dtype, array.shape[1:], array.chunks) != (np.dtype(dtype), tail, (1, *tail)):
                raise ValueError(f"{array.name}: not as it was written")
            if not cells <= array.shape[0] <= MAX_CELLS:
                raise ValueError(f"{array.name}: {array.shape[0]} rows for {cells} runs")
    except Exception as error:  # a damaged file may fail anywhere inside zarr
        raise _damaged(path, error) from None
    return arrays


def _row(arrays: list[Any], i: int) -> list[NDArray[Any]] | None:
    """What the store holds of one run; None if a chunk cannot be read."""
    try:
        return [np.asarray(array[i]) for array in arrays]
    except Exception:  # a damaged chunk may fail anywhere inside zarr and its codecs
        return None


def _damaged(path: Path, error: Exception) -> InputError:
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    first = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in first)  # it may quote the damaged file
    rule = f"its store is damaged or no store of a study ({first})"
    return InputError("out", str(path), rule, "run the study again into a new directory")


def checked_codec() -> Any:
    """Compression with a checksum, so that a damaged chunk is seen."""
    from zarr.codecs import ZstdCodec

    return ZstdCodec(level=3, checksum=True)


def row_of(estimates: Mapping[str, Estimate | None], verdict: str, notes: Mapping[str, Any]) -> Row:
    """A row with the estimates that are there."""
    return Row({k: v for k, v in estimates.items() if v is not None}, verdict, notes)
