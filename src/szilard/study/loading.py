"""The results of a study, or a part of an answer, as one Dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from .record import Failed, read_failed, read_finished
from .store import read_manifest
from .table import damaged, dataset_of, read_table

if TYPE_CHECKING:
    import xarray


class NothingFinished(InputError):
    """A study without a result."""


def load(out: str | Path, part: str | None = None) -> xarray.Dataset:
    """The results of a study as one Dataset over ``cell``: a variable per quantity, with _stderr and _side.

    out: the study's directory, or a results.zarr that came alone. Only finished runs whose seal agrees are loaded;
    coordinates are the runs' parameters, attributes the conventions, units, provenance, the study's text, what failed,
    and the SHA-256 of all numbers. Of the answer to a question ``part`` names what to load: its arrays, with its text,
    verdicts and assumptions as attributes. Raises InputError if the directory holds no study, or no such part.
    """
    path = Path(out)
    if (path / "answer.zarr").is_dir():
        return _part_of_answer(path, part)
    if part is not None:
        raise InputError("part", part, "is of an answer, but this directory holds none", "leave part out")
    if (path / "zarr.json").is_file():
        return read_table(path)
    manifest = read_manifest(path)
    if manifest is None:
        if (path / "manifest.json").exists():
            raise damaged(path, ValueError("manifest.json is not as it was written"))
        raise InputError("out", str(out), "holds no results of a study", "give the directory that szilard run wrote")
    finished, failed = [], list[Failed]()
    for key in manifest.efforts:
        found = read_finished(path, key)
        if found is not None:
            finished.append(found)
        elif (reason := read_failed(path, key)) is not None:
            failed.append(reason)
    if not finished:
        because = f": {failed[0].reason}" if failed else ""
        count = f"; {len(failed)} of {len(manifest.efforts)} failed{because}" if failed else ""
        raise NothingFinished("out", str(out), f"holds no finished run yet{count}", "run the study first")
    return dataset_of(finished, failed, len(manifest.efforts), manifest.about)


def _part_of_answer(path: Path, part: str | None) -> xarray.Dataset:
    import xarray as xr
    import zarr

    try:
        parts = zarr.open_group(path / "answer.zarr", mode="r", zarr_format=3).attrs.asdict().get("parts")
    except Exception as error:  # a damaged file may fail anywhere inside zarr
        raise damaged(path, error) from None
    known = [str(name) for name in parts] if isinstance(parts, list) else []
    if part not in known:
        raise InputError("part", part, f"must be one of {', '.join(known)}", "name one")
    try:
        found: xarray.Dataset = xr.open_zarr(path / "answer.zarr", group=part, consolidated=False).load()
        return found
    except Exception as error:  # a damaged chunk may fail anywhere inside zarr and its codecs
        raise damaged(path, error) from None
