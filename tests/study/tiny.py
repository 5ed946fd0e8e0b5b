"""Small studies, and what makes two result directories the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

import szilard as sz
from szilard.estimate import SIDES
from szilard.study.quantities import QUANTITIES
from szilard.study.record import VERDICTS

TINY = """\
name = "tiny"
seed = 5
replicas = 200

[task]
patterns = 3

[training]
duration = 1.0
dt = 0.05
readout = "sign"

[[grid]]
rule = ["hebbian", "perceptron"]
learning_rate = [0.5, 2.0]
"""

LONGER = TINY.replace("duration = 1.0\ndt = 0.05", "duration = 400.0\ndt = 0.004")
"""The same grid at some tenths of a second a run, so that a kill falls in the middle."""

MICRO = """\
name = "micro"
seed = 3
replicas = 40

[task]
source = "random"
inputs = 2
patterns = 2

[training]
duration = 0.1
dt = 0.05

[[grid]]
rule = ["hebbian", "adatron"]
"""


def changed(text: str, *edits: tuple[str, str]) -> str:
    """The text with each first string replaced by the second; every first string must be there once."""
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the text"
        text = text.replace(old, new)
    return text


def numbers(out: Path) -> dict[str, bytes]:
    """Of every finished run, by its key: the bytes of its values, errors, sides and verdict, as ``load`` gives them."""
    results = sz.load(out)
    found = {}
    for i, key in enumerate(results.key.values):
        run = results.isel(cell=i)
        values = np.array([run[name].item() for name in QUANTITIES])
        errors = np.array([run[f"{name}_stderr"].item() for name in QUANTITIES])
        sides = [run[f"{name}_side"].item() for name in QUANTITIES]
        codes = np.array([SIDES.index(side) if side else -1 for side in sides], dtype=np.int8)
        verdict = np.int8(VERDICTS.index(run.verdict.item()))
        coordinates = repr(sorted((str(name), run[name].item()) for name in results.coords)).encode()
        found[str(key)] = values.tobytes() + errors.tobytes() + codes.tobytes() + verdict.tobytes() + coordinates
    return found


def digest(out: Path) -> str:
    """SHA-256 of all that ``numbers`` gives, in the order of the keys."""
    total = hashlib.sha256()
    for key, part in sorted(numbers(out).items()):
        total.update(key.encode() + part)
    return total.hexdigest()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a directory."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
