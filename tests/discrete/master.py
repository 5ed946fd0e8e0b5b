"""The master equation written out with loops and solved as an ordinary differential equation: an oracle, not a tool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

import szilard as sz
from szilard.discrete import Channel, JumpProcess

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Bath:
    """attempt and drive as matrices, the share of the drive (arrhenius) that speeds the jump lower -> upper."""

    attempt: Array
    drive: Array
    temperature: float
    kinetics: str
    load: float = 0.5

    @property
    def share(self) -> float:
        """The load where it has a meaning."""
        return self.load if self.kinetics == "arrhenius" else 0.5


def rate(bath: Bath, e: Array, x: int, y: int) -> float:
    """k of the jump x -> y, from its definition."""
    q = e[x] - e[y] + bath.drive[y, x]
    t, a = bath.temperature, bath.attempt[y, x]
    if a == 0.0:
        return 0.0
    if bath.kinetics == "symmetric":
        return float(a * exp(q / (2.0 * t)))
    if bath.kinetics == "heat_bath":
        return float(a / (1.0 + exp(-q / t)))
    share = bath.load if bath.drive[y, x] >= 0.0 else 1.0 - bath.load
    return float(a * exp((e[x] + share * bath.drive[y, x]) / t))


@dataclass(frozen=True)
class System:
    """e(lambda) and its baths; ``process`` is the library's, the rest is made here."""

    energy: Callable[[float], Array]
    baths: tuple[Bath, ...]

    @property
    def n(self) -> int:
        return int(self.baths[0].attempt.shape[0])

    @property
    def process(self) -> JumpProcess:
        channels = [
            Channel(b.attempt, b.drive, temperature=b.temperature, name=f"bath {i}", kinetics=b.kinetics, load=b.share)  # type: ignore[arg-type]
            for i, b in enumerate(self.baths)
        ]
        return JumpProcess(self.energy, channels)

    def flows(self, e: Array, p: Array) -> tuple[Array, Array, float, float]:
        """dp/dt, heat flow per bath, power of the drives and jumps per time."""
        change, heat, power, activity = np.zeros(self.n), np.zeros(len(self.baths)), 0.0, 0.0
        for r, bath in enumerate(self.baths):
            for x in range(self.n):
                for y in range(self.n):
                    if x != y and bath.attempt[y, x] > 0.0:
                        flow = rate(bath, e, x, y) * p[x]
                        change[x] -= flow
                        change[y] += flow
                        heat[r] += flow * (e[x] - e[y] + bath.drive[y, x])
                        power += flow * bath.drive[y, x]
                        activity += flow
        return change, heat, power, activity

    def solve(self, p0: Array, nodes: Sequence[tuple[float, float]]) -> dict[str, Array]:
        """p at the end, mean heat (bath,), work and activity, along straight lines between nodes (time, lambda)."""
        n, r = self.n, len(self.baths)
        y = np.concatenate([p0, np.zeros(r + 2)])
        for (t0, l0), (t1, l1) in pairwise(nodes):
            a, b = self.energy(l0), self.energy(l1)
            if t1 == t0:
                y[n + r] += y[:n] @ (b - a)
                continue
            slope = (b - a) / (t1 - t0)

            def right(t: float, y: Array, a: Array = a, slope: Array = slope, t0: float = t0) -> Array:
                change, heat, power, activity = self.flows(a + slope * (t - t0), y[:n])
                return np.concatenate([change, heat, [power + y[:n] @ slope, activity]])

            y = solve_ivp(right, (t0, t1), y, method="DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
        return {"p": y[:n], "heat": y[n : n + r], "work": y[n + r], "activity": y[n + r + 1]}


def lopsided(n: int = 4, *, baths: int = 2, driven: bool = True, seed: int = 7) -> System:
    """Unequal energies, attempts and drives, baths of unlike temperature and kinetics, not all pairs joined."""
    draw = np.random.default_rng(seed)
    base, tilt = draw.normal(0.0, 0.8, n), draw.normal(0.0, 0.9, n)
    kinds = ("heat_bath", "arrhenius", "symmetric")
    made = []
    for r in range(baths):
        a = np.triu(draw.uniform(0.3, 2.0, (n, n)), 1)
        d = np.triu(draw.normal(0.0, 0.6, (n, n)), 1) * driven
        if r == 0 and n > 3:
            a[0, n - 1] = d[0, n - 1] = 0.0
        made.append(Bath(a + a.T, d - d.T, (0.7, 1.6, 1.1)[r % 3], kinds[r % 3], 0.3))
    return System(lambda control: base + control * tilt, tuple(made))


JUMPY = ((0.0, 0.0), (0.0, 0.4), (0.6, 1.6), (0.6, -0.3), (1.1, 0.7), (1.1, 1.0), (1.5, 1.0), (1.5, 0.2))
"""lambda(t): a jump at the start, one inside, a stretch of rest, a jump at the end."""


def protocol_of(nodes: Sequence[tuple[float, float]]) -> sz.Protocol:
    return sz.Protocol([t for t, _ in nodes], [v for _, v in nodes])


def kullback(p: Array, q: Array) -> float:
    """D(p || q) in nats."""
    return float(sum(a * log(a / b) for a, b in zip(p, q, strict=True) if a > 0.0))
