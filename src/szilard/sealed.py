"""Small files that are there whole or not at all, and a directory with one writer."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import stat
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import InputError

PATIENCE = 0.02
LOCKLESS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


class Busy(InputError):
    """Another process is writing where one may write at a time."""


def seal_of(content: Mapping[str, Any]) -> int:
    """CRC-32 of some JSON, whatever its layout in the file."""
    return zlib.crc32(json.dumps(content, sort_keys=True).encode())


def write_sealed(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON with its seal."""
    write_atomically(path, json.dumps({**content, "seal": seal_of(content)}, indent=1))


def read_sealed(path: Path, max_bytes: int) -> dict[str, Any] | None:
    """What was sealed, or None if it is missing, damaged or larger than max_bytes."""
    try:
        found = path.stat()
        if found.st_size > max_bytes or not stat.S_ISREG(found.st_mode):
            return None
        content = json.loads(path.read_bytes())
        if content.pop("seal") == seal_of(content):
            return dict(content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    return None


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that it is there whole or not at all, even after a crash."""
    partial = path.with_name(f".{path.name}.{platform.node()}-{os.getpid()}-{threading.get_ident()}")
    with partial.open("wb") as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, path)


@contextmanager
def locked(path: Path, what: str, own: Sequence[str], wait: float = 0.0) -> Iterator[None]:
    """The directory for one writer, made if it is not there.

    what: what it holds; own: files of which one tells that it does; wait: seconds for another writer to be done.
    Raises InputError if it is a file, holds something else, cannot be written or still has another writer.
    """
    try:
        _refuse_foreign(path, what, own)
        path.mkdir(parents=True, exist_ok=True)
        lock = (path / ".lock").open("a")
    except OSError as error:
        raise unwritable(path, error) from None
    with lock:
        until = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    rule = "another run is writing there"
                    raise Busy("out", str(path), rule, "wait for it, or stop it") from None
                time.sleep(PATIENCE)
            except OSError as error:
                if wait > 0.0 and error.errno in LOCKLESS:
                    break  # a file system without locks: files are still put in their places whole
                raise unwritable(path, error) from None
        yield


def _refuse_foreign(path: Path, what: str, own: Sequence[str]) -> None:
    if path.exists() and not path.is_dir():
        raise InputError("out", str(path), "is a file", "name a new or empty directory")
    if not path.exists() or any((path / name).exists() for name in own):
        return
    begun = (".lock", *(f".{name}." for name in own))  # left by a run killed before it had written anything else
    if any(not entry.name.startswith(begun) for entry in path.iterdir()):
        rule = f"is not empty and holds no {what}"
        raise InputError("out", str(path), rule, "name a new or empty directory")


def unwritable(path: Path, error: OSError) -> InputError:
    """What to say when a disk refuses."""
    rule = f"cannot be written: {error.strerror or error}; what is finished is kept"
    return InputError("out", str(path), rule, "name a directory you may write to that has room left")
