"""A recorded training run on disk: a directory with one small sealed text and plain columns of numbers."""

from __future__ import annotations

import fcntl
import json
import os
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, is_whole

Array = NDArray[np.float64]
FORMAT = "szilard training recording 1"
HEADER, STEPS, START, LOCK = "training.json", "steps.f64", "start.f64", ".training.lock"
MOST_TEXT = 1 << 16
MOST_BYTES = 1 << 32
MOST_WEIGHTS = MOST_BYTES // 8
CHUNK = 1 << 20
DAMAGED = "is damaged or no recording of a training run"
FIX = "restore it from a copy, or record anew into an empty directory"


@dataclass
class Store:
    """A directory with one writer. What was saved last is there whole, whenever the writer is killed.

    training.json names sizes and checksums of the other files and is replaced as the last of them: rows that were
    appended to steps.f64 after it are not counted. Numbers are little-endian float64, so that no file can hold code.
    """

    path: Path
    lock: TextIOWrapper
    rows: int = 0
    crc: int = 0
    start_crc: int = -1

    @classmethod
    def opened(cls, path: Path) -> Store:
        """Raises InputError for a file, a directory that holds something else, or one with another writer."""
        if path.exists() and not path.is_dir():
            raise InputError("path", str(path), "is a file", "name a new or empty directory")
        if path.exists() and not (path / HEADER).exists():
            begun = (STEPS, START, LOCK, f".{HEADER}", "sums-")  # left by a run killed before its first save
            if any(not entry.name.startswith(begun) for entry in path.iterdir()):
                rule = "is not empty and holds no recording of a training run"
                raise InputError("path", str(path), rule, "name a new or empty directory")
        try:
            path.mkdir(parents=True, exist_ok=True)
            lock = (path / LOCK).open("a")
        except OSError as error:
            raise _unwritable(path, error) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            rule = "another run is writing there"
            raise InputError("path", str(path), rule, "close that recording, or name another directory") from None
        except OSError as error:
            lock.close()
            raise _unwritable(path, error) from None
        return cls(path, lock)

    def save(self, facts: Mapping[str, Any], rows: Array, sums: Array, start: Array) -> None:
        """Append rows (call, column), replace the sums, and only then the header; raises InputError on a full disk."""
        try:
            if self.start_crc < 0:
                self.start_crc = _write(self.path / START, start)
            data = np.ascontiguousarray(rows, dtype="<f8").tobytes()
            with (self.path / STEPS).open("r+b" if (self.path / STEPS).exists() else "w+b") as stream:
                stream.seek(self.rows * rows.shape[1] * 8)
                stream.truncate()
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            self.rows, self.crc = self.rows + rows.shape[0], zlib.crc32(data, self.crc)
            kept = f"sums-{self.rows - rows.shape[0]}.f64"  # for a reader of the header before
            name = f"sums-{self.rows}.f64"
            content = {
                **facts, "format": FORMAT, "rows": self.rows, "columns": rows.shape[1], "steps_crc": self.crc,
                "sums_rows": sums.shape[0], "sums_crc": _write(self.path / name, sums), "start_crc": self.start_crc,
            }  # fmt: skip
            _replace(self.path / HEADER, json.dumps({**content, "seal": _seal(content)}, indent=1).encode())
            for old in self.path.glob("sums-*.f64"):
                if old.name not in (name, kept):
                    old.unlink()
        except OSError as error:
            raise _unwritable(self.path, error) from None

    def close(self) -> None:
        """Let another writer in."""
        self.lock.close()


def holds_training(out: str | Path) -> bool:
    """Whether a directory is one of a recorded training run."""
    return (Path(out) / HEADER).is_file()


@dataclass(frozen=True)
class Stored:
    """What a directory holds: the facts of its header, rows (call, column) and sums (kind, watched weight)."""

    facts: Mapping[str, Any]
    rows: Array
    sums: Array

    @classmethod
    def read(cls, path: Path) -> Stored:
        """Raises InputError for what is none, damaged or too large; sizes are checked before memory is taken."""
        header = path / HEADER
        try:
            if header.stat().st_size > MOST_TEXT:
                raise InputError("path", str(header), DAMAGED, FIX)
            facts = json.loads(header.read_bytes())
            seal = facts.pop("seal")
        except InputError:
            raise
        except OSError:
            rule = "holds no recording of a training run"
            raise InputError("path", str(path), rule, 'record one: TrainingRecording("run", ...)') from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise InputError("path", str(header), DAMAGED, FIX) from None
        if seal != _seal(facts) or facts.get("format") != FORMAT or not _plausible(facts):
            raise InputError("path", str(header), DAMAGED, FIX)
        rows = _read(path / STEPS, facts["rows"], facts["columns"], facts["steps_crc"], longer=True)
        sums = _read(path / f"sums-{facts['rows']}.f64", facts["sums_rows"], facts["watched"], facts["sums_crc"])
        return cls(facts, rows, sums)

    def start(self, path: Path) -> Array:
        """The weights at the first call: (weight,)."""
        return _read(path / START, 1, self.facts["weights"], self.facts["start_crc"]).ravel()


def _plausible(facts: Mapping[str, Any]) -> bool:
    counts = ("rows", "columns", "sums_rows", "watched", "weights", "follow", "seed")
    if not all(is_whole(facts.get(name), 0) for name in counts):
        return False
    small = facts["columns"] <= 1024 and facts["sums_rows"] <= 64 and facts["weights"] <= MOST_WEIGHTS
    return bool(small and 0 < facts["watched"] <= facts["weights"] and isinstance(facts.get("scattered"), bool))


def _read(path: Path, rows: int, columns: int, crc: int, longer: bool = False) -> Array:
    """Numbers of a known shape and checksum; a longer file has rows of a save that did not finish."""
    size = rows * columns * 8
    try:
        found = path.stat().st_size
        if found < size or (found > size and not longer) or size > MOST_BYTES:
            raise InputError("path", str(path), DAMAGED, FIX)
        with path.open("rb") as stream:
            data = stream.read(size)
    except OSError:
        raise InputError("path", str(path), "is missing or cannot be read", FIX) from None
    if len(data) != size or zlib.crc32(data) != crc:
        raise InputError("path", str(path), DAMAGED, FIX)
    numbers = np.frombuffer(data, np.float64).reshape(rows, columns)
    return numbers if sys.byteorder == "little" else numbers.byteswap()


def _seal(content: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(content, sort_keys=True).encode())


def _write(path: Path, values: Array) -> int:
    data = np.ascontiguousarray(values, dtype="<f8").tobytes()
    _replace(path, data)
    return zlib.crc32(data)


def _replace(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with partial.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, path)


def _unwritable(path: Path, error: OSError) -> InputError:
    rule = f"cannot be written: {error.strerror or error}"
    return InputError("path", str(path), rule, "name a directory you may write to that has room left")
