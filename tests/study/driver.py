"""Commands in processes of their own, forked from one that has everything imported: quick enough for hundreds.

``Driver()`` starts that process; its methods return what a command left behind. Run as a script this file is it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Ended:
    """Exit code (minus the signal if one ended it), output, CPU seconds, and the peak of resident memory in MiB."""

    code: int
    out: str
    err: str
    seconds: float
    peak: float


class Driver:
    """Starts the process to fork from; a context manager."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Driver:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(60)

    def cli(self, *words: object, cwd: Path, limit: int = 60) -> Ended:
        """``szilard`` with these words."""
        return self._ask("cli", [str(word) for word in words], cwd, limit)

    def killed_at(self, write: int, *words: object, cwd: Path, limit: int = 60) -> Ended:
        """The same, killed by SIGKILL just before the file number ``write`` is put in its place."""
        return self._ask("killed_at", [str(write), *map(str, words)], cwd, limit)

    def full_after(self, runs: int, *words: object, cwd: Path, limit: int = 60) -> Ended:
        """The same, on a disk that has no more room once so many runs are stored."""
        return self._ask("full_after", [str(runs), *map(str, words)], cwd, limit)

    def deadly(self, rate: str, *words: object, cwd: Path, limit: int = 60) -> Ended:
        """The same, where every run of this learning rate kills its process."""
        return self._ask("deadly", [rate, *map(str, words)], cwd, limit)

    def _ask(self, action: str, words: list[str], cwd: Path, limit: int) -> Ended:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"action": action, "words": words, "cwd": str(cwd), "limit": limit}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return Ended(**json.loads(self.process.stdout.readline()))


def _cli(words: list[str]) -> None:
    from szilard.cli import main

    sys.argv = ["szilard", *words]
    main()


def _killed_at(words: list[str]) -> None:
    left = int(words.pop(0))
    put = os.replace

    def replace(*arguments: Any, **keywords: Any) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        put(*arguments, **keywords)

    os.replace = replace
    _cli(words)


def _full_after(words: list[str]) -> None:
    import resource

    from szilard.study.store import Store

    left = int(words.pop(0))
    write: Any = Store.write

    def limited(*arguments: Any) -> None:
        nonlocal left
        largest = 0 if left == 0 else resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
        left -= 1
        try:
            write(*arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    Store.write = limited  # type: ignore[method-assign, assignment]
    _cli(words)


def _deadly(words: list[str]) -> None:
    import szilard.study.engine

    engine: Any = szilard.study.engine
    rate, worked = float(words.pop(0)), engine.worked

    def lethal(study: Any, cell: Any, *others: Any) -> Any:
        if cell.coordinates["learning_rate"] == rate:
            os.kill(os.getpid(), signal.SIGKILL)
        return worked(study, cell, *others)

    engine.worked = lethal
    _cli(words)


ACTIONS: dict[str, Callable[[list[str]], None]] = {
    "cli": _cli,
    "killed_at": _killed_at,
    "full_after": _full_after,
    "deadly": _deadly,
}


def _child(order: dict[str, Any]) -> NoReturn:
    code = 1
    try:
        os.chdir(order["cwd"])
        signal.alarm(order["limit"])
        ACTIONS[order["action"]](order["words"])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _forked(order: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            _child(order)
        status, usage = os.wait4(pid, 0)[1:]
        seconds = usage.ru_utime + usage.ru_stime
        told = []
        for stream in (out, err):
            stream.seek(0)
            told.append(stream.read().decode("utf-8", "backslashreplace"))
    code = os.waitstatus_to_exitcode(status)
    return {"code": code, "out": told[0], "err": told[1], "seconds": seconds, "peak": usage.ru_maxrss / 1024}


def _serve() -> None:
    import szilard.reporting.console
    import szilard.reporting.page
    import szilard.study.engine  # noqa: F401
    from szilard.learning.rule import Rule
    from szilard.learning.rules import SHIPPED

    for learner in SHIPPED.values():
        rule = learner if isinstance(learner, Rule) else learner.rule
        assert rule.kernel is not None
    for line in sys.stdin:
        print(json.dumps(_forked(json.loads(line))), flush=True)


if __name__ == "__main__":
    _serve()
