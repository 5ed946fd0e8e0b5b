"""The master equation: p(t) of a driven lattice beside scipy's expm_multiply, both against extended precision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import lgamma, log
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import expm_multiply

import szilard as sz

from .peers.clock import cpu_seconds
from .table import Agreement, Block, fastest

LIMIT = 1e-12
PART = -0.6 * float(np.log(np.finfo(np.longdouble).tiny))
"""Largest rate x time of one series of the reference: e^-PART must not underflow."""


@dataclass(frozen=True)
class Case:
    """A lattice of side x side; heights: scale of its energies; q: largest rate x duration; looks at p on the way."""

    side: int
    heights: float
    force: tuple[float, float]
    q: float
    looks: int
    repeats: int
    target: float = 1.0

    @property
    def name(self) -> str:
        kind = "driven" if any(self.force) else "equilibrium"
        times = f"{self.looks} time{'s' * (self.looks > 1)}"
        return f"{self.side}^2 states, {kind}, q = {self.q:.0f}, {times}"


DRIVE, STIFF = (1.0, 0.5), 20.0
CASES = (
    Case(32, 1.0, DRIVE, 300.0, 10, 5),
    Case(100, 1.0, DRIVE, 450.0, 10, 4),
    Case(316, 1.0, DRIVE, 600.0, 10, 2),
    Case(32, 5.0, (0.0, 0.0), 7e4, 1, 3, STIFF),
    Case(32, 5.0, DRIVE, 7e4, 1, 3, STIFF),
    Case(100, 5.0, DRIVE, 7e4, 1, 1, STIFF),
)
LARGE = Case(1000, 1.0, DRIVE, 75.0, 2, 1)


class Problem:
    """A case made: the process, where it starts, the times; the fastest runs keep their answers."""

    def __init__(self, case: Case) -> None:
        draw = np.random.default_rng(case.side)
        sides = (case.side, case.side)
        energy = case.heights * draw.standard_normal(sides)
        self.process = sz.systems.lattice(sides, energy, force=case.force, periodic=True)
        self.initial = draw.random(self.process.n_states)
        self.initial /= self.initial.sum()
        self.generator = sparse.csr_array(self.process.generator())
        self.duration = case.q / float(-self.generator.diagonal().min())
        self.times = np.linspace(0.0, self.duration, case.looks + 1)[1:]
        self.answers: dict[str, NDArray[np.float64]] = {}

    def szilard(self) -> float:
        start = cpu_seconds()
        self.answers["szilard"] = np.asarray(sz.propagate(self.process, self.initial, self.times))
        return cpu_seconds() - start

    def scipy(self) -> float:
        start = cpu_seconds()
        trace = float(self.generator.diagonal().sum())
        if self.times.size == 1:
            found = expm_multiply(self.generator * self.duration, self.initial, traceA=trace * self.duration)[None]
        else:
            first, last = float(self.times[0]), float(self.times[-1])
            found = expm_multiply(
                self.generator, self.initial, start=first, stop=last, num=self.times.size, endpoint=True, traceA=trace
            )
        self.answers["expm_multiply"] = found
        return cpu_seconds() - start

    def reference(self) -> NDArray[np.longdouble]:
        """Uniformisation in extended precision: sum_n Poisson(n; q) (1 + L / rate)^n p, in equal steps of time."""
        e, wide = self.process.edges, np.longdouble
        k = self.process.jump_rates(self.process.energies()).astype(wide)
        out = np.zeros(self.initial.size, dtype=wide)
        np.add.at(out, e.source, k)
        top = out.max()
        shape = (out.size, out.size)
        stay = sparse.diags_array(1.0 - out / top, dtype=wide)
        step = sparse.csr_array(sparse.coo_array((k / top, (e.target, e.source)), shape=shape) + stay)
        gap = wide(self.times[0])
        parts = int(np.ceil(float(gap * top) / PART))
        weight = _poisson(gap * top / parts)
        p, found = self.initial.astype(wide), []
        for _ in self.times:
            for _ in range(parts):
                power, total = p, weight[0] * p
                for w in weight[1:]:
                    power = step @ power
                    total += w * power
                p = total
            found.append(p)
        return np.array(found)


def _poisson(mean: np.longdouble) -> NDArray[np.longdouble]:
    """e^-mean mean^n / n! for n = 0, 1, ... until what is left is below 1e-22."""
    weights = [np.exp(-mean)]
    while len(weights) < float(mean) or _left(float(mean), len(weights)) > log(1e-22):
        weights.append(weights[-1] * mean / len(weights))
    found = np.array(weights, dtype=np.longdouble)
    return np.asarray(found / found.sum())


def _left(mean: float, n: int) -> float:
    """ln of a bound of the tail from n > mean on: its first term over 1 - mean / (n + 1)."""
    return n * log(mean) - mean - lgamma(n + 1.0) - log(1.0 - mean / (n + 1.0))


def measure(large: bool = False) -> Block:
    block = Block("Master equation of a driven two-dimensional lattice, p(t), one thread; q = largest rate x time")
    for case in (*CASES, LARGE) if large else CASES:
        problem = Problem(case)
        jobs: dict[str, Callable[[], float]] = {"szilard": problem.szilard, "expm_multiply": problem.scipy}
        best: dict[str, Any] = fastest(jobs, case.repeats)
        block.compare(case.name, "s", best, {"expm_multiply": case.target})
        right = problem.reference()
        for who, found in problem.answers.items():
            error = float(np.abs(found - right).sum(axis=1).max())
            block.agreements.append(Agreement(who, case.name, error, LIMIT, "L1"))
    digits = -np.log10(np.finfo(np.longdouble).eps)
    block.notes.append(f"Reference: uniformisation with {digits:.0f} digits. Peer: scipy {scipy.__version__}")
    return block
