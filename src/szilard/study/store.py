"""The store of a study: one zarr group with checksums, one marker per finished run.

DIR/study.toml            the study as it was given
DIR/results.zarr          value, stderr, side: (cell, quantity); verdict: (cell,)
DIR/done/KEY.json         written last: coordinates, and a CRC of the numbers stored

A run counts as finished only if its marker's CRC agrees with what the store holds, so that a kill at any moment
loses at most the run in progress, and a damaged chunk is recomputed instead of believed.
"""

from __future__ import annotations

import fcntl
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

from .. import __version__
from ..errors import InputError
from ..estimate import SIDES, Estimate
from .spec import Study

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


@dataclass(frozen=True)
class Row:
    """The numbers of one finished run."""

    estimates: Mapping[str, Estimate]
    verdict: str
    notes: Mapping[str, Any]


class Store:
    """A study's results on disk, opened for one writer; made if the directory is new or empty."""

    def __init__(self, study: Study, out: str | Path) -> None:
        self.study = study
        self.path = Path(out)
        self._claim()
        import zarr

        keys = [cell.key for cell in study.cells]
        group_path = self.path / "results.zarr"
        if group_path.exists():
            self.group = _opened(group_path, "r+")
            known = list(self.group.attrs.get("cells", []))
            new = [key for key in keys if key not in known]
            if new:
                self._resize(known + new)
        else:
            partial = self.path / "results.partial"
            self.group = zarr.open_group(partial, mode="w", zarr_format=3)
            self._create(keys)
            os.replace(partial, group_path)
            self.group = _opened(group_path, "r+")
        self.index = {key: i for i, key in enumerate(self.group.attrs["cells"])}

    def _claim(self) -> None:
        mine = self.path / "study.toml"
        try:
            if self.path.exists() and not self.path.is_dir():
                raise InputError("out", str(self.path), "is a file", "name a new or empty directory")
            if mine.exists():
                if mine.read_text() != self.study.text and not _extends(Study(mine.read_text()), self.study):
                    rule = "holds the results of another study, which is never written over"
                    raise InputError(
                        "out", str(self.path), rule, "name a new directory, or run that study again"
                    )
            elif self.path.exists() and any(self.path.iterdir()):
                rule = "is not empty and holds no study"
                raise InputError("out", str(self.path), rule, "name a new or empty directory")
            (self.path / "done").mkdir(parents=True, exist_ok=True)
            write_atomically(mine, self.study.text)
        except OSError as error:
            rule = f"cannot be written: {error.strerror or error}"
            raise InputError("out", str(self.path), rule, "name a directory you may write to") from None

    def _create(self, keys: list[str]) -> None:
        codec = _codec()
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
        self.group.attrs.update(
            cells=keys, quantities=list(QUANTITIES), unit=UNITS, conventions=CONVENTIONS, format=FORMAT,
            provenance=provenance(self.study),
        )  # fmt: skip

    def _resize(self, keys: list[str]) -> None:
        for name in ("value", "stderr", "side"):
            self.group[name].resize((len(keys), len(QUANTITIES)))
        self.group["verdict"].resize((len(keys),))
        self.group.attrs["cells"] = keys

    def finished(self, key: str) -> bool:
        """Whether this run is in the store, whole."""
        marker = self._marker(key)
        return marker is not None and marker.get("crc") == self._crc(key)

    def _marker(self, key: str) -> dict[str, Any] | None:
        return read_marker(self.path / "done" / f"{key}.json")

    def _crc(self, key: str) -> int | None:
        i = self.index[key]
        try:
            parts = [
                np.ascontiguousarray(self.group[name][i]) for name in ("value", "stderr", "side", "verdict")
            ]
        except (OSError, ValueError, RuntimeError, KeyError):
            return None
        return crc_of(parts)

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
        for name, part in (("value", values), ("stderr", errors), ("side", sides), ("verdict", verdict)):
            self.group[name][i] = part
        crc = crc_of([values, errors, sides, np.asarray(verdict)])
        marker = {"key": key, "crc": crc, "coordinates": dict(coordinates), "notes": dict(row.notes)}
        write_atomically(self.path / "done" / f"{key}.json", json.dumps(marker, indent=1))


def crc_of(parts: list[NDArray[Any]]) -> int:
    """CRC-32 over the bytes of some arrays."""
    crc = 0
    for part in parts:
        crc = zlib.crc32(np.ascontiguousarray(part).tobytes(), crc)
    return crc


def read_marker(path: Path) -> dict[str, Any] | None:
    """A finished run's marker, or None if it is missing or damaged."""
    try:
        if path.stat().st_size > 1 << 20:
            return None
        marker = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError):
        return None
    return marker if isinstance(marker, dict) else None


def write_atomically(path: Path, text: str) -> None:
    """Write a small file so that it is there whole or not at all, even after a crash."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with partial.open("w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, path)


@contextmanager
def only_writer(out: Path) -> Iterator[None]:
    """Hold the study's lock; a second writer is told so."""
    with (out / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                "out", str(out), "another run is writing there", "wait for it, or stop it"
            ) from None
        yield


def provenance(study: Study) -> dict[str, Any]:
    """What made these numbers: versions, platform, seed, the study's text."""
    packages = ("numpy", "scipy", "numba", "llvmlite", "zarr", "xarray")
    own = {"szilard": __version__, "python": platform.python_version()}
    return {
        "versions": own | {name: version(name) for name in packages},
        "platform": f"{platform.system()} {platform.machine()}, {sys.byteorder} endian",
        "seed": study.file.seed,
        "replicas": study.file.replicas,
        "kelvin": study.file.kelvin,
        "task": study.file.task.model_dump(),
        "name": study.name,
    }


def load(out: str | Path) -> xarray.Dataset:
    """The results of a study as one Dataset over ``cell``: a variable per quantity, with _stderr and _side.

    Only finished runs whose checksum agrees are loaded; coordinates are the runs' parameters, attributes the
    conventions, units and provenance. Raises InputError if the directory holds no study.
    """
    import xarray as xr

    path = Path(out)
    if not (path / "results.zarr").is_dir():
        raise InputError(
            "out", str(out), "holds no results of a study", "give the directory named with --out"
        )
    group = _opened(path / "results.zarr", "r")
    try:
        cells, quantities = list(group.attrs["cells"]), list(group.attrs["quantities"])
        expected = {"value": (len(cells), len(quantities)), "verdict": (len(cells),)}
        if any(group[name].shape != shape for name, shape in expected.items()) or len(cells) > 10**6:
            raise ValueError("shapes")
    except (KeyError, TypeError, ValueError):
        rule = "its store is damaged or no store of a study"
        raise InputError("out", str(out), rule, "run the study again into a new directory") from None
    rows, markers = [], []
    for i, key in enumerate(cells):
        marker = read_marker(path / "done" / f"{key}.json")
        if marker is None:
            continue
        try:
            row = [np.asarray(group[name][i]) for name in ("value", "stderr", "side", "verdict")]
        except (OSError, ValueError, RuntimeError):
            continue
        if crc_of(row) == marker.get("crc"):
            rows.append(row)
            markers.append(marker)
    if not rows:
        raise InputError("out", str(out), "holds no finished run yet", "run the study first")
    value, stderr, side, verdict = (np.stack([r[j] for r in rows]) for j in range(4))
    unit = group.attrs["unit"]
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
    variables["seconds"] = ("cell", np.array([float(m["notes"].get("seconds", np.nan)) for m in markers]))
    attributes = {"conventions": json.dumps(group.attrs["conventions"]), **_flat(group.attrs["provenance"])}
    return xr.Dataset(variables, coordinates, {**attributes, "unfinished": len(cells) - len(rows)})


def _flat(provenance: Mapping[str, Any]) -> dict[str, Any]:
    return {k: json.dumps(v) if isinstance(v, dict) else v for k, v in provenance.items()}


def _opened(path: Path, mode: Any) -> Any:
    import zarr

    try:
        return zarr.open_group(path, mode=mode, zarr_format=3)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        rule = f"its store cannot be opened ({first})"
        raise InputError("out", str(path.parent), rule, "run the study again into a new directory") from None


def _codec() -> Any:
    from zarr.codecs import ZstdCodec

    return ZstdCodec(level=3, checksum=True)


def _extends(old: Study, new: Study) -> bool:
    """Whether ``new`` keeps every run of ``old``: then its store may grow."""
    return {c.key for c in old.cells} <= {c.key for c in new.cells}


def row_of(estimates: Mapping[str, Estimate | None], verdict: str, notes: Mapping[str, Any]) -> Row:
    """A row with the estimates that are there."""
    return Row({k: v for k, v in estimates.items() if v is not None}, verdict, notes)
