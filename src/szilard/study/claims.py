"""Which runs a process has in hand, so that writers of one store share the work instead of doing it twice."""

from __future__ import annotations

import fcntl
from pathlib import Path
from types import TracebackType

from ..sealed import LOCKLESS


class Claims:
    """One byte of the file DIR/.claims per run, locked while it is trained; the system frees it with its process.

    Claims save work and nothing else depends on them: two writers of one run write the same numbers. Where the file
    system has no locks every claim is granted.
    """

    def __init__(self, out: Path) -> None:
        self.file = (out / ".claims").open("a+b")

    def take(self, key: str) -> bool:
        """Whether the run is now this process's own."""
        try:
            fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(key))
        except (BlockingIOError, PermissionError):
            return False
        except OSError as error:
            if error.errno not in LOCKLESS:
                raise
        return True

    def free(self, key: str) -> None:
        """Let others have it."""
        try:
            fcntl.lockf(self.file, fcntl.LOCK_UN, 1, _place(key))
        except OSError as error:
            if error.errno not in LOCKLESS:
                raise

    def __enter__(self) -> Claims:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.file.close()


def _place(key: str) -> int:
    return int(key, 16) >> 2
