"""What the library and its command take to start, beyond Python's own start, and how much there is of it.

Processor time, which is what one waits for on a machine with nothing else to do: files are in memory by the last try.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import szilard as sz

from .floor import seconds
from .table import Block, Level

REPEATS = 5
MIB = 2.0**20
CALL = """
import time
import szilard as sz
task = sz.tasks.random_labels(10, 5, seed=1)
start = time.process_time()
sz.train(task, sz.rules.perceptron, learning_rate=1.0, duration=1.0, replicas=64, seed=1, threads=1)
print(time.process_time() - start)
"""
CACHE = "SZILARD_CACHE_DIR"


def spent(command: list[str]) -> float:
    """Processor seconds of a command, the fewest of some."""
    job = partial(subprocess.run, command, check=True, stdout=subprocess.DEVNULL)
    return min(seconds(job) for _ in range(REPEATS))


def first_calls() -> tuple[float, float, int]:
    """Seconds of a call in a process that finds no machine code, and in the next; files that the next added."""
    with tempfile.TemporaryDirectory() as cache:
        env = os.environ | {CACHE: cache}
        taken, files = [], []
        for _ in range(2):
            told = subprocess.run([sys.executable, "-c", CALL], check=True, capture_output=True, text=True, env=env)
            taken.append(float(told.stdout))
            files.append(sum(1 for _ in Path(cache).rglob("*")))
    return taken[0], taken[1], files[1] - files[0]


def installed() -> dict[str, float]:
    """Bytes of the package, and of all that it needs to run."""
    own = sum(path.stat().st_size for path in _sources(Path(sz.__file__).parent))
    needed, waiting = {"szilard"}, ["szilard"]
    total = own
    while waiting:
        for line in distribution(waiting.pop()).requires or ():
            name = re.split(r"[^\w.-]", line)[0].lower().replace("_", "-")
            if "extra ==" in line or name in needed:
                continue
            try:
                files = distribution(name).files or ()
            except PackageNotFoundError:  # of another system
                continue
            needed.add(name)
            waiting.append(name)
            total += sum(path.stat().st_size for path in (Path(str(f.locate())) for f in files) if path.is_file())
    return {"szilard itself": own / MIB, f"with all {len(needed) - 1} packages it needs": total / MIB}


def _sources(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def measure() -> Block:
    block = Block("Start, beyond Python's own, in processor time")
    python = spent([sys.executable, "-c", "pass"])
    commands = {
        "import szilard": ([sys.executable, "-c", "import szilard"], 0.3),
        "szilard --help": ([str(Path(sys.executable).parent / "szilard"), "--help"], 0.4),
    }
    for name, (command, target) in commands.items():
        block.levels.append(Level(name, 1e3 * (spent(command) - python), "ms", 1e3 * target))
    cold, warm, added = first_calls()
    block.levels.append(Level("first call of train, no machine code kept", cold, "s"))
    block.levels.append(Level("the same call in the next process", warm, "s"))
    block.levels.append(Level("machine code compiled in the next process", float(added), "files", 0.0))
    for name, size in installed().items():
        block.levels.append(Level(f"installed, {name}", size, "MiB"))
    return block
