"""Studies of any size whose numbers were drawn instead of trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from szilard.estimate import Estimate
from szilard.study.axes import DEFAULTS
from szilard.study.record import Finished
from szilard.study.table import dataset_of, write_table

TOML = """
name = "faked"
seed = 1
replicas = {replicas}
[task]
source = "random"
inputs = 6
patterns = 4
{grids}
"""
GRID = '[[grid]]\nrule = "hebbian"\n'
TERMS = ("dissipation", "redundancy", "interference", "readout_loss")


def fake(
    path: Path,
    points: list[dict[str, Any]],
    verdict: str = "holds",
    margin: float = 9.0,
    replicas: int = 400,
    grids: str = GRID,
    changed: dict[str, Estimate] | None = None,
) -> Path:
    """A results.zarr of runs at these parameters, others as by default; changed: numbers that are not drawn."""
    rng = np.random.default_rng(4)
    finished = []
    for i, point in enumerate(points):
        terms = {
            name: Estimate(float(x), 0.01 * float(x)) for name, x in zip(TERMS, rng.exponential(1, 4), strict=True)
        }
        learned = Estimate(float(rng.uniform(0.1, 2.0)), 0.02)
        cost = Estimate(learned.value + sum(e.value for e in terms.values()), 0.05)
        ratio = Estimate(learned.value / cost.value, 0.01)
        numbers = terms | {
            "learned": learned, "cost": cost, "efficiency_marginal": ratio, "efficiency_joint": ratio,
            "heat": Estimate(cost.value, 0.05), "entropy": Estimate(0.1, 0.01), "error": Estimate(0.25, 0.003),
            "margin": Estimate.exact(margin),
        }  # fmt: skip
        coordinates = DEFAULTS | {"patterns": 4, "inputs": 6} | point
        notes = {"force": "manipulation", "replicas": replicas, "seconds": 1.0}
        numbers |= changed or {}
        finished.append((Finished(f"{i:016x}", coordinates, numbers, verdict, notes), "faked"))
    task = {"source": "random", "inputs": 6, "patterns": 4, "held_out": 0}
    about = {
        "name": "faked", "seed": 1, "kelvin": 300.0, "task": task, "study": TOML.format(replicas=replicas, grids=grids)
    }  # fmt: skip
    write_table(dataset_of(finished, [], len(points), about), path)
    return path
