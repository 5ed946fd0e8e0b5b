"""A recorded training run on disk: a directory with one small sealed text and plain columns of numbers."""

from __future__ import annotations

import fcntl
import json
import os
import stat
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
from ..sealed import LOCKLESS, seal_of, write_atomically, write_sealed

Array = NDArray[np.float64]
FORMAT = "szilard training recording 2"
HEADER, STEPS, START, LOCK = "training.json", "steps.f64", "start.f64", ".training.lock"
MOST_TEXT = 1 << 16
MOST_BYTES = 1 << 32
MOST_WEIGHTS = MOST_BYTES // 8
MOST_SEED = (1 << 64) - 1
MOST_FOLLOWED = 256
MOST_REASON = 300
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
        try:
            _refuse_foreign(path)
            path.mkdir(parents=True, exist_ok=True)
            if (path / LOCK).exists() and not (path / LOCK).is_file():
                raise InputError("path", str(path / LOCK), "is no plain file", "name a new or empty directory")
            lock = (path / LOCK).open("a")
        except OSError as error:
            raise _unwritable(path, error) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            fix = "close that recording, name another directory, or record on one rank only"
            raise InputError("path", str(path), "another run is writing there", fix) from None
        except OSError as error:
            if error.errno not in LOCKLESS:  # a file system without locks: what was saved is still there whole
                lock.close()
                raise _unwritable(path, error) from None
        return cls(path, lock)

    def save(
        self, facts: Mapping[str, Any], rows: Array, sums: Array, start: Array, trained: NDArray[np.bool_]
    ) -> None:
        """Append rows (call, column), replace sums and trained (weight,), and only then the header.

        Raises InputError where the disk refuses; what was saved before is then as it was.
        """
        try:
            if self.start_crc < 0:
                self.start_crc = _write(self.path / START, start)
            data, total = np.ascontiguousarray(rows, dtype="<f8").tobytes(), self.rows + rows.shape[0]
            with (self.path / STEPS).open("r+b" if (self.path / STEPS).exists() else "w+b") as stream:
                stream.seek(self.rows * rows.shape[1] * 8)
                stream.truncate()
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            bits = np.packbits(trained).tobytes()
            write_atomically(self.path / f"trained-{total}.bits", bits)
            crc = zlib.crc32(data, self.crc)
            content = {
                **facts, "format": FORMAT, "rows": total, "columns": rows.shape[1], "steps_crc": crc,
                "sums_rows": sums.shape[0], "sums_crc": _write(self.path / f"sums-{total}.f64", sums),
                "start_crc": self.start_crc, "trained": int(trained.sum()), "trained_crc": zlib.crc32(bits),
            }  # fmt: skip
            write_sealed(self.path / HEADER, content)
            kept = {f"-{count}." for count in (self.rows, total)}  # the former for a reader of the header before
            self.rows, self.crc = total, crc
            for old in (*self.path.glob("sums-*.f64"), *self.path.glob("trained-*.bits")):
                if not any(count in old.name for count in kept):
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
            facts = json.loads(_bytes(header, MOST_TEXT))
            sealed = facts.pop("seal") == seal_of(facts)
        except OSError:
            rule = "holds no recording of a training run"
            raise InputError("path", str(path), rule, 'record one: TrainingRecording("run", ...)') from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise InputError("path", str(header), DAMAGED, FIX) from None
        if not sealed or facts.get("format") != FORMAT or not _plausible(facts):
            raise InputError("path", str(header), DAMAGED, FIX)
        rows = _read(path / STEPS, facts["rows"], facts["columns"], facts["steps_crc"], longer=True)
        sums = _read(path / f"sums-{facts['rows']}.f64", facts["sums_rows"], facts["watched"], facts["sums_crc"])
        return cls(facts, rows, sums)

    def start(self, path: Path) -> Array:
        """The weights at the first call: (weight,)."""
        return _read(path / START, 1, self.facts["weights"], self.facts["start_crc"]).ravel()

    def trained(self, path: Path) -> NDArray[np.bool_]:
        """Which weights ever moved: (weight,)."""
        weights, name = self.facts["weights"], f"trained-{self.facts['rows']}.bits"
        data = _checked(path / name, (weights + 7) // 8, self.facts["trained_crc"])
        return np.unpackbits(np.frombuffer(data, np.uint8), count=weights).astype(np.bool_)


def most_rows(columns: int) -> int:
    """How many rows a recording may hold."""
    return MOST_BYTES // (8 * columns)


def _refuse_foreign(path: Path) -> None:
    fix = "name a new or empty directory"
    if path.exists() and not path.is_dir():
        raise InputError("path", str(path), "is a file", fix)
    if path.exists() and not (path / HEADER).exists():
        begun = (
            STEPS,
            START,
            LOCK,
            *(f".{name}." for name in (HEADER, START)),
            "sums-",
            "trained-",
            ".sums-",
            ".trained-",
        )
        if any(not entry.name.startswith(begun) for entry in path.iterdir()):  # else by a run killed before it saved
            raise InputError("path", str(path), "is not empty and holds no recording of a training run", fix)


def _plausible(facts: Mapping[str, Any]) -> bool:
    counts = ("rows", "columns", "sums_rows", "watched", "weights", "trained", "follow", "seed")
    crcs = ("steps_crc", "sums_crc", "start_crc", "trained_crc")
    if not all(is_whole(facts.get(name), 0) for name in (*counts, *crcs)):
        return False
    stopped = facts.get("stopped")
    return bool(
        facts["columns"] <= 1024
        and facts["sums_rows"] <= 64
        and facts["seed"] <= MOST_SEED
        and facts["follow"] <= MOST_FOLLOWED
        and 0 < facts["watched"] <= facts["weights"] <= MOST_WEIGHTS
        and facts["trained"] <= facts["weights"]
        and isinstance(facts.get("scattered"), bool)
        and isinstance(stopped, str)
        and len(stopped) <= MOST_REASON
    )


def _read(path: Path, rows: int, columns: int, crc: int, longer: bool = False) -> Array:
    """Numbers of a known shape and checksum; a longer file has rows of a save that did not finish."""
    numbers = np.frombuffer(_checked(path, rows * columns * 8, crc, longer), np.float64).reshape(rows, columns)
    return numbers if sys.byteorder == "little" else numbers.byteswap()


def _checked(path: Path, size: int, crc: int, longer: bool = False) -> bytes:
    try:
        data = _bytes(path, size, longer) if size <= MOST_BYTES else b""
    except OSError:
        raise InputError("path", str(path), "is missing or cannot be read", FIX) from None
    except ValueError:
        raise InputError("path", str(path), DAMAGED, FIX) from None
    if len(data) != size or zlib.crc32(data) != crc:
        raise InputError("path", str(path), DAMAGED, FIX)
    return data


def _bytes(path: Path, most: int, longer: bool = False) -> bytes:
    """The first bytes of a plain file; raises ValueError for a larger one, a pipe or a device."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode) or (found.st_size > most and not longer):
        raise ValueError
    with path.open("rb") as stream:
        return stream.read(min(most, found.st_size))


def _write(path: Path, values: Array) -> int:
    data = np.ascontiguousarray(values, dtype="<f8").tobytes()
    write_atomically(path, data)
    return zlib.crc32(data)


def _unwritable(path: Path, error: OSError) -> InputError:
    rule = f"cannot be written: {error.strerror or error}"
    return InputError("path", str(path), rule, "name a directory you may write to that has room left")
