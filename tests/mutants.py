"""Deliberate mistakes in the physics, one at a time: every one must be caught by an ordinary test.

    python tests/mutants.py [name ...]

Each mutant is a copy of the package with one passage changed, on which the named tests are run until the first
failure. The table says which test failed and how long that took. Exits with 1 if a mutant survives, if a
passage is no longer found, or if the tests fail on the package as it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ORACLES = ("tests/learning/test_oracles.py",)
ENGINES = ("tests/learning/test_engines.py",)
ONLINE = ("tests/learning/test_online.py",)
LEARNING = "_kernels/learning.py"


@dataclass(frozen=True)
class Mutant:
    """What is done to which file, and the tests that should notice."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = ORACLES
    count: int = 1


MUTANTS = (
    Mutant(
        "heat sign flipped",
        LEARNING,
        "            heat = self._lanes",
        "            heat = self._lanes",
    ),
)
