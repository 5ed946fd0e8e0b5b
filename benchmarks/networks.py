"""The systems that jumps are measured on, and the tables that a lockstep loop of its own needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import szilard as sz
from szilard._kernels.jumps import SLOT, alias

Array = NDArray[np.float64]


def ring(n: int) -> sz.JumpProcess:
    """Unequal energies and attempts, a drive round the ring; two states are driven by a hot and a cold bath."""
    x = np.arange(n)
    energy = 0.6 * np.sin(1.0 + 2.0 * np.pi * x / n) + 0.2 * (x % 3)
    if n == 2:
        hot = sz.Channel([[0.0, 1.3], [1.3, 0.0]], temperature=1.6, name="hot")
        return sz.JumpProcess(energy, [hot, sz.Channel([[0.0, 0.5], [0.5, 0.0]], temperature=0.8, name="cold")])
    return sz.systems.ring(energy, 0.5 * n, attempt=1.0 + 0.3 * np.cos(2.0 * np.pi * x / n), temperature=0.8)


def dense(n: int) -> sz.JumpProcess:
    """Every pair joined, its attempt and its drive drawn at random."""
    draw = np.random.default_rng(n)
    attempt, drive = draw.random((n, n)) / n, draw.standard_normal((n, n))
    attempt, drive = attempt + attempt.T, drive - drive.T
    np.fill_diagonal(attempt, 0.0)
    return sz.JumpProcess(0.5 * draw.standard_normal(n), sz.Channel(attempt, drive, temperature=0.8))


@dataclass(frozen=True)
class Network:
    """A process as jumps, (edge,): target, rate, heat, drive, entropy flow q / T, alias table; (state,): the rest."""

    process: sz.JumpProcess
    first: NDArray[np.int64]
    target: NDArray[np.int64]
    rate: Array
    heat: Array
    drive: Array
    flow: Array
    slots: NDArray[Any]
    wait: Array
    stationary: Array

    @classmethod
    def of(cls, process: sz.JumpProcess) -> Network:
        energy, e = process.energies(), process.edges
        rate = process.jump_rates(energy)
        slots = np.zeros(rate.size, dtype=SLOT)
        alias(e.first, rate, slots)
        out = np.bincount(e.source, weights=rate, minlength=process.n_states)
        p = np.asarray(sz.stationary(process))
        heat = process.jump_heat(energy)
        flow = heat / process.temperatures[e.channel]
        return cls(process, e.first, e.target, rate, heat, e.drive, flow, slots, 1.0 / out, p)

    @property
    def degree(self) -> NDArray[np.int64]:
        return np.diff(self.first)

    @property
    def activity(self) -> float:
        """Jumps per time in the steady state."""
        return float(self.stationary @ (1.0 / self.wait))

    def excess(self, time: Array | float, flow: Array) -> float:
        """z of the mean over trajectories of flow - sigma x time, which is 0 in the steady state."""
        surplus = flow - sz.entropy_production_rate(self.process) * time
        return float(surplus.mean() / (surplus.std(ddof=1) / np.sqrt(surplus.size)))

    def reactions(self) -> list[tuple[int, int, float]]:
        return list(zip(self.process.edges.source.tolist(), self.target.tolist(), self.rate.tolist(), strict=True))
