"""Sampled jump processes beside closed forms."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, sinh

import numpy as np
from scipy.integrate import quad
from scipy.special import expit

from ..discrete import simulate
from ..estimate import Estimate, Sampled, exponential_average
from ..protocol import Protocol
from ..systems import quantum_dot, ring, two_level

T = 1.3
Row = tuple[str, Estimate, float]


def jump_rows(seed: int, replicas: int) -> Iterator[Row]:
    """(name, measured, exact) of a driven ring, a quantum dot between two leads and a level that is raised."""
    yield from _ring(seed, replicas)
    yield from _dot(seed, replicas)
    yield from _raised(seed, replicas)


def _ring(seed: int, replicas: int) -> Iterator[Row]:
    """J = (2a/n) sinh(A / 2nT) turns per time, each gives A to the bath."""
    n, affinity, attempt, duration = 5, 6.0, 1.7, 1.0
    run = simulate(
        ring(np.zeros(n), affinity, attempt=attempt, temperature=T),
        "stationary",
        duration,
        replicas=replicas,
        seed=seed,
    )
    flow = 2.0 * attempt / n * sinh(affinity / (2.0 * n * T))
    yield "driven ring: heat", run.means["heat bath"], flow * affinity * duration
    yield "driven ring: <exp(-entropy production)>", exponential_average(run.ledger.entropy_production), 1.0


def _dot(seed: int, replicas: int) -> Iterator[Row]:
    """J = g_L g_R / (g_L + g_R) (f_L - f_R) electrons per time; each takes level - mu from the left, gives it right."""
    level, left, right, (a, b), duration = 0.4, (0.9, 0.8), (-0.3, T), (1.2, 0.7), 10.0
    run = simulate(
        quantum_dot(level, left, right, coupling=(a, b)), "stationary", duration, replicas=replicas, seed=seed
    )
    f = [float(expit((mu - level) / t)) for mu, t in (left, right)]
    current = a * b / (a + b) * (f[0] - f[1])
    heat = [Sampled.mean(column).estimate() for column in run.ledger.heat.T]
    yield "quantum dot: heat into the left lead", heat[0], -current * (level - left[0]) * duration
    yield "quantum dot: heat into the right lead", heat[1], current * (level - right[0]) * duration


def _raised(seed: int, replicas: int) -> Iterator[Row]:
    """The gap rises from 0 to 3 in the time 2: <e^{-W/T}> = Z_end / Z_0, p' = f(gap) - p in contact with the bath."""
    way = Protocol((0.0, 2.0), (0.0, 3.0))
    run = simulate(two_level(temperature=T), "equilibrium", 2.0, replicas=replicas, seed=seed, protocol=way)

    def occupied(t: float) -> float:
        return 0.5 * exp(-t) + float(quad(lambda s: exp(s - t) * expit(-1.5 * s / T), 0.0, t)[0])

    yield "raised level: <exp(-W/T)>", exponential_average(run.ledger.work / T), (1.0 + exp(-3.0 / T)) / 2.0
    yield "raised level: work", run.means["work"], quad(lambda t: 1.5 * occupied(t), 0.0, 2.0)[0]
    yield "raised level: end", Sampled.mean(run.final == 1).estimate(), occupied(2.0)
