"""Deliberate mistakes in the physics, one at a time: every one must be caught by an ordinary test.

    python -m tests.mutants [words of a name ...]

Each mutant is a copy of the package with a few passages changed, on which the named test files are run until the
first failure. The table says which test failed and after how many seconds. Exits with 1 if a mutant survives, if
a passage is not found exactly once, or if these tests fail on the package as it is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import (
    averages,
    continuous,
    discrete,
    exact,
    inference,
    laws,
    learning,
    pages,
    questions,
    rules,
    shortcuts,
    studies,
)
from .case import Mutant

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 900.0
LISTS = (learning, discrete, exact, continuous, laws, inference, rules, averages, shortcuts, questions, studies, pages)
MUTANTS = tuple(mutant for each in LISTS for mutant in each.MUTANTS)
FILES = {word: files for each in LISTS for word, files in each.FILES.items()}


def copied(place: Path) -> Path:
    """The package, its tests and their settings, at another place."""
    caches = shutil.ignore_patterns("__pycache__")
    for folder in ("src", "tests"):
        shutil.copytree(ROOT / folder, place / folder, ignore=caches)
    for file in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / file, place)
    return place


def run_tests(place: Path, cache: Path, tests: str) -> tuple[str, float]:
    """The first test that fails ("" if none does) and the seconds it took."""
    environment = os.environ | {"PYTHONPATH": str(place / "src"), "SZILARD_CACHE_DIR": str(cache)}
    files = [file for word in tests.split() for file in FILES[word].split()]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *files]
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=LIMIT
    )
    seconds = time.perf_counter() - started
    if done.returncode == 0:
        return "", seconds
    found = re.search(r"^(?:FAILED|ERROR) (?:\S*/)?(\S+)", done.stdout, re.MULTILINE)
    if found is None:
        raise SystemExit(f"mutants: the tests could not be run\n{done.stdout}\n{done.stderr}")
    return found[1], seconds


def attempt(case: Mutant, cache: Path) -> tuple[Mutant, str, float]:
    """Make one mutant and see what kills it."""
    with tempfile.TemporaryDirectory() as folder:
        place = copied(Path(folder))
        for file, old, new in case.edits:
            path = place / "src/szilard" / file
            text = path.read_text()
            if text.count(old) != 1:
                raise SystemExit(f"mutants: {file} does not hold {old!r} once (mutant {case.name!r}): adapt the mutant")
            path.write_text(text.replace(old, new))
        return case, *run_tests(place, cache, case.tests)


def main() -> int:
    words = sys.argv[1:]
    chosen = [m for m in MUTANTS if all(word in m.name for word in words)]
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        print("the package as it is: ", end="", flush=True)
        failed, seconds = run_tests(
            copied(Path(folder) / "sound"),
            cache,
            " ".join(dict.fromkeys(word for m in chosen for word in m.tests.split())),
        )
        print(f"{failed or 'passes'} ({seconds:.0f} s)", flush=True)
        if failed:
            return 1
        width = max(len(m.name) for m in chosen)
        print(f"{'mutant':{width}}  seconds  killed by")
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for case, killer, seconds in pool.map(lambda m: attempt(m, cache), chosen):
                survivors += not killer
                print(f"{case.name:{width}}  {seconds:7.1f}  {killer or 'SURVIVES'}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} mutants killed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
