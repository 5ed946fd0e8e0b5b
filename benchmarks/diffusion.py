"""Nanoseconds per coordinate and step of Langevin dynamics with heat and work booked, by Heun's method.

Beside (a) the normal numbers alone, which no sampler can do without, and (b) the same steps and books in vectorised
NumPy (SFC64). A well that a control tilts (one coordinate), and coupled quadratic wells (more).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import szilard as sz

from .floor import noise, seconds
from .table import Block, fastest

REPEATS = 5
SIZES = (1, 2, 10)
DT, BARRIER = 0.005, 1.5
TARGETS: dict[str, float | None] = {"normals alone": None, "NumPy": None}
Array = NDArray[np.float64]


def chain(n: int) -> Array:
    """A chain of n springs, each end held."""
    return 2.0 * np.eye(n) - 0.7 * (np.eye(n, k=1) + np.eye(n, k=-1))


def process(n: int) -> sz.Langevin:
    if n == 1:
        return sz.systems.double_well(BARRIER, None)
    return sz.Langevin(linear=lambda c: sz.continuous.Linear(chain(n), np.full(n, c)), dim=n)


def sampled(n: int, replicas: int, steps: int) -> None:
    sz.simulate(
        process(n), np.zeros(n), steps * DT, replicas=replicas, seed=1, threads=1, method="heun", dt=DT,
        protocol=sz.Protocol([0.0, steps * DT], [0.0, 1.0]), entropy=False,
    )  # fmt: skip


def in_numpy(n: int, replicas: int, steps: int) -> Callable[[], Any]:
    """The same: the control of the middle of the step, work at its change, heat as the fall of the potential."""
    H = chain(n)

    def respond(w: Array, c: float) -> tuple[Array, Array]:
        if n == 1:
            x = w[:, 0]
            return BARRIER * (x * x - 1.0) ** 2 - c * x, -4.0 * BARRIER * w * (w * w - 1.0) + c
        pull = w @ H
        return 0.5 * (pull * w).sum(1) - c * w.sum(1), c - pull

    def run() -> Array:
        draw = np.random.Generator(np.random.SFC64(1))
        w, heat, work = np.zeros((replicas, n)), np.zeros(replicas), np.zeros(replicas)
        kick = np.sqrt(2.0 * DT)
        energy, force = respond(w, 0.0)
        for step in range(steps):
            c = (step + 0.5) / steps
            switched, force = respond(w, c)
            work += switched - energy
            z = kick * draw.standard_normal(w.shape)
            _, ahead = respond(w + DT * force + z, c)
            w = w + 0.5 * DT * (force + ahead) + z
            energy, force = respond(w, c)
            heat += switched - energy
        return heat

    return run


def measure() -> Block:
    block = Block("Langevin dynamics by Heun's method, one thread, time per coordinate and step, heat and work booked")
    for n in SIZES:
        replicas, steps = 8192 // n, 2000
        jobs: dict[str, Callable[[], float]] = {
            "szilard": partial(seconds, partial(sampled, n, replicas, steps)),
            "normals alone": partial(seconds, partial(noise, n * replicas * steps)),
            "NumPy": partial(seconds, in_numpy(n, replicas, steps)),
        }
        best = fastest(jobs, REPEATS)
        block.compare(f"{n} coordinate{'s' * (n > 1)}", "ns", best, TARGETS, 1e9 / (n * replicas * steps))
    return block
