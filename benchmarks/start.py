"""How long the library and its command take to start, beyond Python's own start: seconds on the wall."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from .table import Block

REPEATS = 5


def best(command: list[str]) -> float:
    found = float("inf")
    for _ in range(REPEATS):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found = min(found, time.perf_counter() - start)
    return found


def measure() -> Block:
    block = Block("Start, beyond Python's own")
    python = best([sys.executable, "-c", "pass"])
    commands = {
        "import szilard": ([sys.executable, "-c", "import szilard"], 0.3),
        "szilard --help": ([str(Path(sys.executable).parent / "szilard"), "--help"], 0.4),
    }
    for name, (command, target) in commands.items():
        taken = best(command) - python
        verdict = "met" if taken < target else "NOT MET"
        block.notes.append(f"{name}: {1e3 * taken:.0f} ms, target < {1e3 * target:.0f} ms: {verdict}")
    return block
