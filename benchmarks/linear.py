"""Linear Langevin dynamics, dw = (h - H w) dt + sqrt(2) dW, by exact steps: nanoseconds per coordinate and step.

Heat is booked by szilard and NumPy; both, and thermox, keep the path of every replica. diffrax takes steps of Euler
and keeps the ends alone. A chain of springs that starts stretched.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

import szilard as sz

from .diffusion import chain
from .floor import noise, seconds
from .peer import Peer
from .table import Absent, Agreement, Block, fastest

REPEATS = 3
SIZES = (2, 10, 100)
DT, STEPS, WORK = 0.05, 100, 2e6
PULL, STRETCH = 0.5, 2.0
TARGETS: dict[str, float | None] = {"normals alone": None, "NumPy": None, "thermox": None, "diffrax": None}
Array = NDArray[np.float64]


class Chain:
    """H, h, the start, and the exact mean and covariance at the end, which the three have in common."""

    def __init__(self, n: int) -> None:
        self.n, self.replicas = n, max(64, int(WORK / (n * STEPS)))
        self.hessian, self.pull, self.start = chain(n), np.full(n, PULL), np.full(n, STRETCH)
        self.rest = np.linalg.solve(self.hessian, self.pull)
        decay = expm(-self.hessian * DT * STEPS)
        self.mean = self.rest + decay @ (self.start - self.rest)
        self.covariance = np.linalg.solve(self.hessian, np.eye(n) - decay @ decay)

    @property
    def heat(self) -> float:
        """<Q> = U(start) - <U(end)>, U = w.H w/2 - h.w: nothing does work."""
        spread = 0.5 * float((self.hessian * self.covariance).sum())
        return float(self.energy(self.start) - self.energy(self.mean)) - spread

    def energy(self, w: Array) -> Array:
        return np.asarray((0.5 * w @ self.hessian * w).sum(-1) - w @ self.pull)


class Szilard:
    """The job on our side; keeps the last run."""

    def __init__(self, system: Chain) -> None:
        self.system, self.run = system, None
        self.process = sz.Langevin(linear=sz.continuous.Linear(system.hessian, system.pull), dim=system.n)

    def __call__(self) -> None:
        run: Any = sz.simulate(
            self.process, self.system.start, DT * STEPS, replicas=self.system.replicas, seed=1, threads=1,
            method="exact", dt=DT, record="paths", entropy=False,
        )  # fmt: skip
        self.run = run

    @property
    def heat(self) -> Array:
        run: Any = self.run
        return np.asarray(run.ledger.heat[:, 0])


class Numpy:
    """The same steps for all replicas at once."""

    def __init__(self, system: Chain) -> None:
        self.system, self.heat = system, np.zeros(0)
        decay = expm(-system.hessian * DT)
        step = np.linalg.solve(system.hessian, np.eye(system.n) - decay @ decay)
        self.decay, self.kick = decay, np.linalg.cholesky(step).T

    def __call__(self) -> None:
        system = self.system
        draw = np.random.Generator(np.random.SFC64(1))
        path = np.empty((STEPS + 1, system.replicas, system.n))
        path[0] = system.start
        energy, self.heat = system.energy(path[0]), np.zeros(system.replicas)
        for i in range(STEPS):
            noise = draw.standard_normal((system.replicas, system.n)) @ self.kick
            path[i + 1] = system.rest + (path[i] - system.rest) @ self.decay + noise
            after = system.energy(path[i + 1])
            self.heat += energy - after
            energy = after


class Asked:
    """A peer's job; keeps the last answer about the sum of the coordinates at the end."""

    def __init__(self, system: Chain, ask: Callable[[], dict[str, Any]]) -> None:
        self.system, self.ask = system, ask
        self.answer: dict[str, Any] = {}

    def __call__(self) -> float:
        self.answer = self.ask()
        return float(self.answer["seconds"]) / (self.system.n * self.system.replicas * STEPS)

    @property
    def z(self) -> float:
        return float((self.answer["mean"] - self.system.mean.sum()) / self.answer["stderr"])


def add(block: Block, n: int, thermox: Peer, diffrax: Peer) -> None:
    """Rows for n coordinates."""
    system = Chain(n)
    ours, numpy = Szilard(system), Numpy(system)
    told = {"hessian": system.hessian.tolist(), "pull": system.pull.tolist(), "start": system.start.tolist()}
    fixed = {"replicas": system.replicas, "steps": STEPS, "dt": DT, "along": [1.0] * n, "seed": 1}
    asked = {
        "thermox": Asked(system, partial(thermox.ask, **told, **fixed, scan=False)),
        "diffrax": Asked(system, partial(diffrax.ask, job="linear", arrays=told, dtype="float64", **fixed)),
    }
    whole = n * system.replicas * STEPS
    jobs: dict[str, Callable[[], float]] = {
        "szilard": lambda: seconds(ours) / whole,
        "normals alone": lambda: seconds(partial(noise, whole)) / whole,
        "NumPy": lambda: seconds(numpy) / whole,
    }
    best = fastest(jobs | asked, REPEATS)
    name = f"{n} coordinates"
    block.compare(name, "ns", best, TARGETS, 1e9)
    for who, heat in (("szilard", ours.heat), ("NumPy", numpy.heat)):
        z = float((heat.mean() - system.heat) / (heat.std(ddof=1) / np.sqrt(heat.size)))
        block.agreements.append(Agreement(who, f"{name}, <Q> against the exact mean", z))
    for who, peer in asked.items():
        if not isinstance(best[who], Absent):
            block.agreements.append(Agreement(who, f"{name}, <sum of w> at the end against the exact mean", peer.z))


def measure() -> Block:
    block = Block("Linear Langevin dynamics by exact steps, one thread, time per coordinate and step, heat booked")
    with Peer("thermox") as thermox, Peer("diffrax") as diffrax:
        for n in SIZES:
            add(block, n, thermox, diffrax)
        versions = [f"{p.name} {p.version}" for p in (thermox, diffrax) if p.version]
    block.notes.append(
        f"Peers: {', '.join(versions) or 'none'}, NumPy {np.__version__}. thermox and diffrax book no heat."
    )
    return block
