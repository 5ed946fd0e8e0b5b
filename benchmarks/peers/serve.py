"""The worker's side: answers one JSON line to each that comes in, and keeps a peer's own printing out of the way."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any


def serve(load: Callable[[], tuple[str, Callable[..., dict[str, Any]]]]) -> None:
    """load() gives the peer's version and the job that a request calls with its keywords."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(answer: dict[str, Any]) -> None:
        print(json.dumps(answer), file=out, flush=True)

    try:
        version, job = load()
    except Exception as error:
        say({"error": _short(error)})
        return
    say({"version": version})
    for line in sys.stdin:
        try:
            say(job(**json.loads(line)))
        except Exception as error:
            say({"error": _short(error)})


def _short(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"[:160]
