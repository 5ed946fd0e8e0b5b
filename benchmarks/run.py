"""Speed of the learning kernel, on one core, as ratios measured in one run.

Prints nanoseconds per weight and step with heat and work booked, beside (a) the normal numbers alone, which no
sampler of this dynamics can do without, and (b) the same job in vectorised NumPy (SFC64). Times are the smallest
of several interleaved repeats. Run: make bench
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

import szilard as sz
from szilard._kernels import random as streams

REPEATS = 5
CASES = ((1, 1), (10, 5), (64, 12), (1000, 100))


def seconds(job: Callable[[], object]) -> float:
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def in_numpy(task: sz.Task, name: str, replicas: int, steps: int) -> Callable[[], object]:
    """The same steps for all replicas at once: exact decay, potential-difference heat, work at the quench."""
    inputs = task.inputs / np.sqrt(task.n_inputs)

    def respond(w: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        field = w @ inputs.T
        wrong = y * field < 0
        if name == "hebbian":
            amplitude, loss = y, -(y * field).sum(1)
        elif name == "perceptron":
            amplitude, loss = np.where(wrong, y, 0.0), np.where(wrong, -y * field, 0.0).sum(1)
        else:
            amplitude, loss = np.where(wrong, -field, 0.0), np.where(wrong, 0.5 * field * field, 0.0).sum(1)
        return amplitude @ inputs, loss

    def run() -> np.ndarray:
        draw = np.random.Generator(np.random.SFC64(1))
        w = draw.standard_normal((replicas, task.n_inputs))
        y = 2.0 * draw.integers(0, 2, (replicas, task.n_patterns)) - 1.0
        decay, push, kick = np.exp(-0.02), -np.expm1(-0.02), np.sqrt(-np.expm1(-0.04))
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
        task, rule, learning_rate=1.0, duration=steps * 0.02, dt=0.02, replicas=replicas, seed=1, threads=1
    )  # fmt: skip


def learning(rule: sz.Rule, n: int, p: int) -> dict[str, object]:
    replicas = max(64, min(8192, 64 * (4096 // n)))
    steps = max(20, int(2e7 / (n * replicas) / (1 + p / 8)))
    task = sz.tasks.random_labels(n, p, seed=1)
    jobs: dict[str, Callable[[], object]] = {
        "kernel": partial(kernel, task, rule, replicas, steps),
        "normals": partial(noise, n, replicas, steps),
        "numpy": in_numpy(task, rule.name, replicas, steps),
    }
    best = dict.fromkeys(jobs, float("inf"))
    for _ in range(REPEATS):
        for label, job in jobs.items():
            best[label] = min(best[label], seconds(job))
    ns = {label: 1e9 * value / (n * replicas * steps) for label, value in best.items()}
    print(
        f"{rule.name:10} N={n:<5} P={p:<4} {ns['kernel']:7.2f} ns   normals alone {ns['normals']:5.2f} ns "
        f"(x{ns['kernel'] / ns['normals']:.2f})   NumPy {ns['numpy']:7.1f} ns (x{ns['numpy'] / ns['kernel']:.1f})",
        flush=True,
    )
    return {"rule": rule.name, "N": n, "P": p, **ns}


def starting() -> dict[str, float]:
    def best(command: list[str]) -> float:
        run = partial(subprocess.run, command, check=True, stdout=subprocess.DEVNULL)
        return min(seconds(run) for _ in range(REPEATS))

    python = best([sys.executable, "-c", "pass"])
    commands = {
        "import szilard": [sys.executable, "-c", "import szilard"],
        "szilard --help": [str(Path(sys.executable).parent / "szilard"), "--help"],
    }
    found = {name: best(command) - python for name, command in commands.items()}
    for name, value in found.items():
        print(f"{name}: {1e3 * value:.0f} ms beyond Python's own start")
    return found


def main() -> None:
    rows = [
        learning(rule, n, p) for n, p in CASES for rule in (sz.rules.hebbian, sz.rules.perceptron, sz.rules.adatron)
    ]
    Path("benchmarks/latest.json").write_text(json.dumps({"learning": rows, "start": starting()}, indent=1))


if __name__ == "__main__":
    main()
