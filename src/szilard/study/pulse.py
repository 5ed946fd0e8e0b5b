"""A sign of life of every process that works on a study, for whoever asks how far it is."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from .sealed import read_sealed, write_sealed

FOLDER = "running"
EVERY = 2.0
SILENT = 60.0
"""Seconds without a sign after which a process counts as gone."""


@dataclass(frozen=True)
class Sign:
    """Where a process runs, since and until when (seconds since 1970), and the work done by it, in weight steps."""

    host: str
    process: int
    since: float
    at: float
    work: float


class Pulse:
    """Writes the sign while it is entered, now and then; a disk that refuses it does not end the work."""

    def __init__(self, out: Path) -> None:
        self.path = out / FOLDER / f"{platform.node()}-{os.getpid()}.json"
        self.since, self.last = time.time(), 0.0

    def beat(self, work: float) -> None:
        """Say that so much work is done."""
        if time.monotonic() - self.last < EVERY:
            return
        self.last = time.monotonic()
        sign = {"host": platform.node(), "process": os.getpid(), "since": self.since, "at": time.time(), "work": work}
        try:
            self.path.parent.mkdir(exist_ok=True)
            write_sealed(self.path, sign)
        except OSError:
            pass

    def __enter__(self) -> Pulse:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.path.unlink(missing_ok=True)


def signs(out: Path) -> list[Sign]:
    """Of every process that gave one in the last minute; of those on this machine only the ones that still live."""
    found = []
    for path in sorted((out / FOLDER).glob("*.json")):
        sign = _sign(read_sealed(path, 1 << 12))
        if sign is not None and time.time() - sign.at < SILENT and _lives(sign):
            found.append(sign)
    return found


def _sign(content: dict[str, Any] | None) -> Sign | None:
    try:
        return None if content is None else Sign(**content)
    except TypeError:
        return None


def _lives(sign: Sign) -> bool:
    if sign.host != platform.node():
        return True
    try:
        os.kill(sign.process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True
