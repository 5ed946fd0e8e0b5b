"""A sign of life of every process that works on a study, for whoever asks how far it is."""

from __future__ import annotations

import os
import platform
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from ..errors import is_number, is_whole
from ..sealed import read_sealed, write_sealed

FOLDER = "running"
EVERY = 2.0
SILENT = 60.0
"""Seconds without a sign after which a process counts as gone."""
FORGOTTEN = 3600.0
MAX_BYTES = 1 << 12


@dataclass(frozen=True)
class Sign:
    """Where a process runs, since and until when (seconds since 1970), and the work done by it, in weight steps."""

    host: str
    process: int
    since: float
    at: float
    work: float

    def __post_init__(self) -> None:
        numbers = (self.since, self.at, self.work)
        if not (isinstance(self.host, str) and is_whole(self.process, 1) and all(map(is_number, numbers))):
            raise TypeError("not a sign of life")


class Pulse:
    """Writes the sign every two seconds while it is entered; a disk that refuses it does not end the work."""

    def __init__(self, out: Path) -> None:
        self.path = out / FOLDER / f"{platform.node()}-{os.getpid()}.json"
        self.since, self.work = time.time(), 0.0
        self.over = threading.Event()
        self.beating = threading.Thread(target=self._beat, daemon=True)

    def _beat(self) -> None:
        while not self.over.is_set():
            sign = {"host": platform.node(), "process": os.getpid(), "since": self.since, "at": time.time()}
            with suppress(OSError):
                self.path.parent.mkdir(exist_ok=True)
                write_sealed(self.path, {**sign, "work": self.work})
            self.over.wait(EVERY)

    def __enter__(self) -> Pulse:
        """What was left by processes that were killed is cleared away."""
        for path in self.path.parent.glob("*.json"):
            sign = _sign(read_sealed(path, MAX_BYTES))
            if sign is None or time.time() - sign.at > FORGOTTEN or not _lives(sign):
                with suppress(OSError):
                    path.unlink(missing_ok=True)
        self.beating.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.over.set()
        self.beating.join()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def signs(out: Path) -> list[Sign]:
    """Of every process that gave one in the last minute; of those on this machine only the ones that still live."""
    found = []
    for path in sorted((out / FOLDER).glob("*.json")):
        sign = _sign(read_sealed(path, MAX_BYTES))
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
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass
    return True
