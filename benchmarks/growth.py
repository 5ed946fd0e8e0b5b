"""How the time per unit of work changes as the work grows: a slope of 0 is a cost in proportion to the work."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import szilard as sz

from .floor import seconds
from .networks import Network, ring
from .peers.clock import cpu_seconds
from .sweep import tiny
from .table import Absent, Block, Curve, fastest

REPEATS = 2
WORK, JUMPS = 4e6, 4e6
DT = 0.02
STATES = (2, 10, 100, 1000, 10000)
WEIGHTS = (1, 10, 100, 1000, 10000)
PATTERNS = (1, 4, 16, 64, 256, 1024)
REPLICAS = (64, 256, 1024, 4096, 16384)
STEPS = (10, 100, 1000, 10000)
CELLS = (1, 4, 16, 64)
PATHS = {"as chosen": None, "every weight moved": "steps"}


def jumps(states: int) -> float:
    """Seconds per jump on a ring; heat and work booked."""
    network = Network.of(ring(states))
    replicas, begun = 4096, cpu_seconds()
    run: Any = sz.simulate(
        network.process, network.stationary, JUMPS / replicas / network.activity, replicas=replicas, seed=1,
        entropy=False, threads=1,
    )  # fmt: skip
    return (cpu_seconds() - begun) / float(run.activity.sum())


def weight_step(n: int = 64, p: int = 12, replicas: int | None = None, steps: int = 200, method: Any = None) -> float:
    """Seconds per weight and step of a Perceptron in batch."""
    many = replicas or 64 * max(1, round(WORK / (n * steps * 64)))
    task: Any = sz.tasks.random_labels(n, p, seed=1)
    train: Any = sz.train
    job = partial(
        train, task, sz.rules.perceptron, learning_rate=1.0, duration=steps * DT, dt=DT, replicas=many, seed=1,
        threads=1, method=method,
    )  # fmt: skip
    return seconds(job) / (n * many * steps)


def cell(count: int) -> float:
    """Seconds on the wall per run of a sweep of so many."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        sz.run_study(tiny(count), Path(folder) / "out", threads=1, watch=False)
        return (time.perf_counter() - started) / count


def curve(what: str, over: str, unit: str, scale: float, x: Iterable[int], job: Callable[[int], float]) -> Curve:
    """One curve, its points in turns."""
    best = fastest({str(point): partial(job, point) for point in x}, REPEATS)
    points = [(float(name), scale * y) for name, y in best.items() if not isinstance(y, Absent)]
    return Curve(what, over, unit, tuple(p for p, _ in points), tuple(y for _, y in points))


def measure() -> Block:
    block = Block("Cost as the work grows, one thread")
    block.curves.append(curve("jumps on a ring", "states", "ns per jump", 1e9, STATES, jumps))
    axes: dict[str, tuple[tuple[int, ...], Callable[..., float]]] = {
        "weights": (WEIGHTS, lambda x, method: weight_step(n=x, method=method)),
        "patterns": (PATTERNS, lambda x, method: weight_step(p=x, method=method)),
        "replicas": (REPLICAS, lambda x, method: weight_step(replicas=x, method=method)),
        "steps": (STEPS, lambda x, method: weight_step(steps=x, method=method)),
    }
    for over, (points, job) in axes.items():
        for path, method in PATHS.items():
            told = partial(job, method=method)
            block.curves.append(curve(f"perceptron, {path}", over, "ns per weight and step", 1e9, points, told))
    block.curves.append(curve("tiny runs of a sweep", "runs", "ms per run", 1e3, CELLS, cell))
    block.notes.append("Perceptron in batch: 64 weights, 12 patterns, 200 steps where these are not what grows.")
    return block
