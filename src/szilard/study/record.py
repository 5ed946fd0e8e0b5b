"""What is kept of one run: a small sealed file of its own, written whole or not at all.

DIR/done/KEY.json      coordinates, numbers with errors and sides, verdict, notes
DIR/failed/KEY.json    coordinates and the reason

A record is believed only if its seal agrees and its name is the key inside: a kill at any moment loses at most the run
in progress, and a damaged record is computed again. Two writers of one run write the same numbers.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..estimate import SIDES, Estimate
from ..sealed import read_sealed, unwritable, write_sealed
from .axes import AXES, DEFAULTS
from .quantities import QUANTITIES

DONE, FAILED = "done", "failed"
MAX_BYTES = 1 << 18
VERDICTS = ("not covered", "holds", "holds, saturated", "inconclusive", "violated")
PACKAGES = ("szilard", "numpy", "scipy", "numba", "llvmlite")


@dataclass(frozen=True)
class Finished:
    """The numbers of one run."""

    key: str
    coordinates: Mapping[str, Any]
    estimates: Mapping[str, Estimate]
    verdict: str
    notes: Mapping[str, Any]


@dataclass(frozen=True)
class Failed:
    """Why a run has no numbers; where: in the code, if it was no refusal."""

    key: str
    coordinates: Mapping[str, Any]
    reason: str
    where: str = ""


@cache
def maker() -> str:
    """The versions and the kind of machine that a run's bits may depend on."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{versions}, Python {platform.python_version()}, {platform.system()} {platform.machine()}, {sys.byteorder}"


def write_record(out: Path, record: Finished | Failed) -> None:
    """Put a run's record in its place; a failure that has become a result is forgotten."""
    content = {"key": record.key, "coordinates": dict(record.coordinates), "made_by": maker()}
    if isinstance(record, Finished):
        numbers = {name: [e.value, e.stderr, e.side] for name, e in record.estimates.items()}
        content |= {"estimates": numbers, "verdict": record.verdict, "notes": dict(record.notes)}
    else:
        content |= {"reason": record.reason, "where": record.where}
    try:
        write_sealed(_path(out, DONE if isinstance(record, Finished) else FAILED, record.key), content)
        if isinstance(record, Finished):
            _path(out, FAILED, record.key).unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(out, error) from None


def read_finished(out: Path, key: str) -> tuple[Finished, str] | None:
    """A finished run and what made it; None if its record is missing or damaged."""
    content = _content(out, DONE, key)
    if content is None:
        return None
    try:
        found = {n: Estimate(float(v), float(e), side=_side(s)) for n, (v, e, s) in content["estimates"].items()}
        if content["verdict"] not in VERDICTS or not set(found) <= set(QUANTITIES):
            return None
        return Finished(key, _coordinates(content), found, content["verdict"], _notes(content)), str(content["made_by"])
    except (KeyError, TypeError, ValueError, AttributeError, InputError):
        return None


def read_failed(out: Path, key: str) -> Failed | None:
    """Why a run failed; None if it has not, or its record is damaged."""
    content = _content(out, FAILED, key)
    try:
        if content is not None:
            told = str(content["reason"]), str(content["where"])
            return Failed(key, _coordinates(content), *told)
    except (KeyError, TypeError, ValueError):
        pass
    return None


def forget_failure(out: Path, key: str) -> None:
    """So that the run is tried again."""
    _path(out, FAILED, key).unlink(missing_ok=True)


def digest_of(finished: Iterable[Finished]) -> str:
    """SHA-256 of keys, numbers, sides and verdicts: the same for any threads, workers, shards, order, resumes."""
    total = hashlib.sha256()
    for run in sorted(finished, key=lambda run: run.key):
        numbers = {name: [e.value.hex(), e.stderr.hex(), e.side] for name, e in run.estimates.items()}
        total.update(json.dumps([run.key, numbers, run.verdict], sort_keys=True).encode())
    return total.hexdigest()


def _content(out: Path, folder: str, key: str) -> dict[str, Any] | None:
    content = read_sealed(_path(out, folder, key), MAX_BYTES)
    return content if content is not None and content.get("key") == key else None


def _coordinates(content: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters, each a word, a number or nothing."""
    found = dict(content["coordinates"])
    if not (set(found) <= set(AXES) and all(isinstance(v, str | int | float | None) for v in found.values())):
        raise ValueError("coordinates")
    return {**DEFAULTS, **found}


def _notes(content: Mapping[str, Any]) -> dict[str, Any]:
    """What is noted, each of the type that it was written with."""
    found = dict(content["notes"])
    kinds = {"merged": list, "force": str, "replicas": int, "scouts": int, "error reached": bool, "seconds": float}
    if not all(isinstance(value, kinds[name]) for name, value in found.items()):
        raise ValueError("notes")
    return found | {"merged": [str(term) for term in found.get("merged", ())]}


def _path(out: Path, folder: str, key: str) -> Path:
    return out / folder / f"{key}.json"


def _side(side: Any) -> Any:
    if side not in SIDES:
        raise ValueError(side)
    return side
