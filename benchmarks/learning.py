"""Nanoseconds per weight and step with heat and work booked, for one learning synapse array after the other.

Beside (a) the normal numbers alone, which no sampler of this dynamics can do without, and (b) the same job in
vectorised NumPy (SFC64).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import szilard as sz
from szilard._kernels import random as streams

from .peers.clock import cpu_seconds
from .table import Block, fastest

REPEATS = 5
CASES = ((1, 1), (10, 5), (64, 12), (1000, 100))
DT = 0.02
TARGETS: dict[str, dict[str, float | None]] = {
    "small": {"normals alone": None, "NumPy": None},
    "large": {"normals alone": 1 / 1.4, "NumPy": 3.0},
}
LARGEST = 31 << 20
"""Bytes which, once freed, keep glibc from handing NumPy's arrays back to the system between any two steps."""
Array = NDArray[np.float64]


def seconds(job: Callable[[], object]) -> float:
    start = cpu_seconds()
    job()
    return cpu_seconds() - start


def in_numpy(task: sz.Task, name: str, replicas: int, steps: int) -> Callable[[], Array]:
    """The same steps for all replicas at once: exact decay, potential-difference heat, work at the quench."""
    inputs = task.inputs / np.sqrt(task.n_inputs)

    def respond(w: Array, y: Array) -> tuple[Array, Array]:
        field = w @ inputs.T
        wrong = y * field < 0
        if name == "hebbian":
            amplitude, loss = y, -(y * field).sum(1)
        elif name == "perceptron":
            amplitude, loss = np.where(wrong, y, 0.0), np.where(wrong, -y * field, 0.0).sum(1)
        else:
            amplitude, loss = np.where(wrong, -field, 0.0), np.where(wrong, 0.5 * field * field, 0.0).sum(1)
        return amplitude @ inputs, loss

    def run() -> Array:
        draw = np.random.Generator(np.random.SFC64(1))
        w = draw.standard_normal((replicas, task.n_inputs))
        y = np.where(draw.random((replicas, task.n_patterns)) < 0.5, -1.0, 1.0)
        decay, push, kick = np.exp(-DT), -np.expm1(-DT), np.sqrt(-np.expm1(-2.0 * DT))
        force, loss = respond(w, y)
        heat = np.zeros(replicas)
        for _ in range(steps):
            moved = decay * w + push * force + kick * draw.standard_normal(w.shape)
            new_force, new_loss = respond(moved, y)
            heat += 0.5 * ((w - moved) * (w + moved)).sum(1) + loss - new_loss
            w, force, loss = moved, new_force, new_loss
        return heat

    return run


def noise(n: int, replicas: int, steps: int) -> None:
    key = streams.stream_key(1)
    for step in range(steps):
        for first in range(0, replicas, 64):
            streams.normals(streams.NOISE, step, first, key, (n, 64))


def kernel(task: sz.Task, rule: sz.Rule, replicas: int, steps: int) -> None:
    sz.train(
        task, rule, learning_rate=1.0, duration=steps * DT, dt=DT, replicas=replicas, seed=1, threads=1
    )  # fmt: skip


def add(block: Block, rule: sz.Rule, n: int, p: int) -> None:
    replicas = max(64, min(8192, 64 * (4096 // n)))
    steps = max(20, int(2e7 / (n * replicas) / (1 + p / 8)))
    task: Any = sz.tasks.random_labels(n, p, seed=1)
    jobs: dict[str, Callable[[], float]] = {
        "szilard": partial(seconds, partial(kernel, task, rule, replicas, steps)),
        "normals alone": partial(seconds, partial(noise, n, replicas, steps)),
        "NumPy": partial(seconds, in_numpy(task, rule.name, replicas, steps)),
    }
    best = fastest(jobs, REPEATS)
    targets = TARGETS["large" if n >= 10 else "small"]
    block.compare(f"{rule.name}, N = {n}, P = {p}", "ns", best, targets, 1e9 / (n * replicas * steps))


def measure() -> Block:
    np.ones(LARGEST // 8)
    block = Block("Langevin learning, one thread, time per weight and step, heat and work booked")
    for n, p in CASES:
        for rule in (sz.rules.hebbian, sz.rules.perceptron, sz.rules.adatron):
            add(block, rule, n, p)
    block.notes.append("Within 1.4x of the normal numbers alone is a ratio >= 0.71.")
    return block
