"""A peer at work in its own environment: a process that reads requests and writes answers, one JSON line each."""

from __future__ import annotations

import json
import os
import select
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

from .table import Absent

HERE = Path(__file__).parent
ENVIRONMENT = Path(os.environ.get("PEERS", HERE.parent / ".venv-peers"))
PATIENCE = 90.0
"""Seconds that one answer may take."""


class Peer:
    """``with Peer("rebop") as peer: peer.ask(n=3)``: runs peers/run_rebop.py; Absent where that cannot be done.

    A peer that cannot be started says so at every ask, so that the rest of a benchmark goes on without it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.version = ""
        self._reason = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Peer:
        python = ENVIRONMENT / "bin" / "python"
        if not (ENVIRONMENT / ".made").exists():
            self._reason = f"{ENVIRONMENT.name} could not be set up"
            return self
        command = [str(python), str(HERE / "peers" / f"run_{self.name}.py")]
        pipe = subprocess.PIPE
        env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, env=env
        )
        try:
            self.version = str(self._read()["version"])
        except Absent as reason:
            self._stop(str(reason))
        return self

    def ask(self, **request: Any) -> dict[str, Any]:
        """The answer to one request; the worker's own clock is in it."""
        if self._process is None or self._process.stdin is None:
            raise Absent(self._reason)
        try:
            print(json.dumps(request), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            self._stop("it ended before its time")
            raise Absent(self._reason) from None
        return self._read()

    def _read(self) -> dict[str, Any]:
        process = self._process
        assert process is not None and process.stdout is not None
        if not select.select([process.stdout], [], [], PATIENCE)[0]:
            self._stop(f"no answer in {PATIENCE:.0f} s")
            raise Absent(self._reason)
        line = process.stdout.readline()
        if not line:
            self._stop(f"{self.name} ended with code {process.wait()}")
            raise Absent(self._reason)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Absent(str(answer["error"]))
        return answer

    def _stop(self, reason: str) -> None:
        self._reason = reason
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop("it was stopped")
