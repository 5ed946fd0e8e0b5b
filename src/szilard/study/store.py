"""The directory of a study.

DIR/study.toml       the study as it was given
DIR/manifest.json    the keys of its runs with their effort, the study's text, where it was made; sealed
DIR/done/KEY.json    a finished run, DIR/failed/KEY.json one that failed: see ``record``
DIR/begun/KEY        a mark for every process that has begun a run and not ended it
DIR/running/*.json   who is at work: see ``pulse``
DIR/results.zarr     all finished runs as one table for any reader: see ``table``

The records are the results; everything else can be made again from them and the study's file. So any number of
processes may write at once, and a merge is nothing but reading what is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..sealed import locked, read_sealed, unwritable, write_atomically, write_sealed
from .claims import Claims
from .record import DONE, FAILED, Failed, Finished, forget_failure, maker, read_failed, read_finished, write_record
from .spec import Cell, Study
from .work import planned

FORMAT = 2
MAX_BYTES = 1 << 25
OWN = ("study.toml", "manifest.json")
"""Files of which one tells that a directory is a study's."""
ABOUT = {
    "name": str, "seed": int, "replicas": int, "precision": dict, "kelvin": float, "task": dict, "study": str,
    "first_made_by": str,
}  # fmt: skip
"""What a manifest says of its study."""
BEGUN = "begun"
MOST_DEATHS = 5
WAIT = 60.0
"""Seconds for another writer to put its files in their places."""


@dataclass(frozen=True)
class Manifest:
    """What a directory holds: every run's key with its effort (weight steps), in order, and what made it."""

    efforts: Mapping[str, float]
    about: Mapping[str, Any]


class Store:
    """A study's directory, made if it is not there, extended if the study has more runs now.

    Every run that the directory does not know yet is checked before anything is written. Raises InputError for a bad
    run, a directory of something else or of another study, or one that cannot be written.
    """

    def __init__(self, study: Study, path: Path) -> None:
        self.study, self.path = study, path
        known = read_manifest(path)
        before: Mapping[str, float] = {} if known is None else known.efforts
        efforts = {cell.key: before[cell.key] if cell.key in before else planned(study, cell).effort
                   for cell in study.cells}  # fmt: skip
        with locked(path, "study", own=OWN, wait=WAIT):
            try:
                self.manifest = self._extended(efforts)
                for folder in (DONE, FAILED, BEGUN):
                    (path / folder).mkdir(exist_ok=True)
            except OSError as error:
                raise unwritable(path, error) from None

    def _extended(self, efforts: Mapping[str, float]) -> Manifest:
        known, mine = read_manifest(self.path), self.path / "study.toml"
        text = self.study.text.encode()
        refuse_another(self.study, self.path, known)
        if known is None and mine.exists() and mine.read_bytes() != text and not (self.path / DONE).exists():
            rule = "holds the file of another study, which is never written over"
            raise InputError("out", str(self.path), rule, "name a new directory, or remove that file")
        found = Manifest(efforts, {**_about(self.study), "first_made_by": _first(known)})
        if known != found:
            content = {"format": FORMAT, "cells": list(efforts), "efforts": list(efforts.values())}
            write_sealed(self.path / "manifest.json", content | {"about": dict(found.about)})
        if not (mine.exists() and mine.read_bytes() == text):
            write_atomically(mine, self.study.text)
        return found

    def settled(self, key: str) -> bool:
        """Whether the run is finished, whole, or failed."""
        return read_finished(self.path, key) is not None or read_failed(self.path, key) is not None

    def open_cells(self, cells: Sequence[Cell], claims: Claims) -> Iterator[Cell]:
        """Those that are neither settled nor in another process's hands, each claimed when it is asked for."""
        for cell in cells:
            if claims.take(cell.key):
                if self.settled(cell.key):
                    claims.free(cell.key)
                else:
                    yield cell

    @contextmanager
    def attempt(self, key: str) -> Iterator[None]:
        """A run while it is trained in this process: what is left of this, if its process dies, is a mark."""
        path = self.path / BEGUN / key
        with path.open("a") as marks:
            marks.write("x")
        try:
            yield
        finally:
            path.unlink(missing_ok=True)

    def in_turn(self, cells: Sequence[Cell], claims: Claims) -> list[Cell]:
        """Those that are not settled, the ones that processes have died with last.

        One with which five have died, and that none has in its hands now, fails, so that it is not tried for ever.
        """
        deaths = {path.name: path.stat().st_size for path in (self.path / BEGUN).iterdir()}
        left = [cell for cell in cells if not self.settled(cell.key)]
        for cell in left:
            if deaths.get(cell.key, 0) >= MOST_DEATHS and claims.take(cell.key):
                if not self.settled(cell.key):
                    reason = f"{deaths[cell.key]} processes died while it ran: out of memory, or killed"
                    self.write(Failed(cell.key, cell.coordinates, reason))
                claims.free(cell.key)
        left = [cell for cell in left if not (cell.key in deaths and self.settled(cell.key))]
        return sorted(left, key=lambda cell: deaths.get(cell.key, 0))

    def forget(self, cells: Sequence[Cell]) -> None:
        """Failures and deaths of these runs, so that they are tried again."""
        for cell in cells:
            forget_failure(self.path, cell.key)
            (self.path / BEGUN / cell.key).unlink(missing_ok=True)

    def write(self, record: Finished | Failed) -> None:
        """Keep what became of a run."""
        write_record(self.path, record)


def read_manifest(path: Path) -> Manifest | None:
    """What the directory says that it holds; None if it says nothing, or is damaged."""
    content = read_sealed(path / "manifest.json", MAX_BYTES)
    if content is None:
        return None
    if content.get("format") != FORMAT:
        rule = f"its store has format {content.get('format')}, this version reads {FORMAT}"
        raise InputError("out", str(path), rule, "run the study again into a new directory")
    try:
        efforts = dict(zip(map(str, content["cells"]), map(float, content["efforts"]), strict=True))
        about = dict(content["about"])
        known = {name: isinstance(about[name], kind) for name, kind in ABOUT.items()}
    except (KeyError, TypeError, ValueError):
        return None
    sound = all(re.fullmatch("[0-9a-f]{16}", key) and 0.0 < effort < inf for key, effort in efforts.items())
    return Manifest(efforts, about) if efforts and sound and all(known.values()) else None


def refuse_another(study: Study, path: Path, known: Manifest | None) -> None:
    """Raise InputError if the directory holds a finished run that the study does not have."""
    keys = {cell.key for cell in study.cells}
    others = [file.stem for file in (path / DONE).glob("[0-9a-f]*.json") if file.stem not in keys]
    if not others:
        return
    mine = _about(study)
    about = {} if known is None else {n: known.about[n] for n in ("seed", "replicas", "precision", "task")}
    apart = ", ".join(f"{n} = {old} there, {mine[n]} here" for n, old in about.items() if old != mine[n])
    differs = f" ({apart})" if apart else ""
    rule = f"holds {len(others)} finished runs of another study, or of a larger one, which are never dropped{differs}"
    raise InputError("out", str(path), rule, "name a new directory, or run that study again")


def _about(study: Study) -> dict[str, Any]:
    file = study.file
    return {
        "name": study.name,
        "seed": file.seed,
        "replicas": file.replicas or 0,  # 0: as many as the precision takes, see the runs
        "precision": {} if file.precision is None else file.precision.model_dump(),
        "kelvin": file.kelvin,
        "task": file.task.model_dump(),
        "study": study.text,
    }


def _first(known: Manifest | None) -> str:
    return maker() if known is None else str(known.about.get("first_made_by", ""))
