"""Sampled Langevin dynamics beside closed forms."""

from __future__ import annotations

from collections.abc import Iterator
from math import cosh, exp, log, pi, sqrt

from scipy.integrate import quad

from ..continuous import Gaussian, LabelFeedback, Mixture, sample_feedback, simulate
from ..estimate import Estimate, Sampled, exponential_average
from ..protocol import Protocol
from ..systems import double_well, gyrator, linear, moved_trap, tilted_ring, tilted_ring_velocity

T, K, MU = 1.3, 0.7, 1.9
Row = tuple[str, Estimate, float]


def diffusion_rows(seed: int, replicas: int) -> Iterator[Row]:
    """(name, measured, exact) of a dragged trap, a tilted well, a gyrator, a ring, a reset and a telegraph force."""
    yield from _dragged(seed, replicas)
    yield from _well(seed, replicas)
    yield from _gyrator(seed, replicas)
    yield from _ring(seed, replicas)
    yield from _reset(seed, replicas)
    yield from _telegraph(seed, replicas // 10)


def _dragged(seed: int, replicas: int) -> Iterator[Row]:
    """<W> = (v^2 / mu) [tau - (1 - e^{-mu k tau}) / (mu k)], <e^{-W/T}> = 1."""
    v, tau, rate = 1.5, 1.2, MU * K
    way = Protocol((0.0, tau), (0.0, v * tau))
    run = simulate(moved_trap(K, mobility=MU, temperature=T), "equilibrium", tau, replicas=replicas, seed=seed,
                   protocol=way, dt=0.01)  # fmt: skip
    yield "dragged trap: work", run.means["work"], v * v / MU * (tau + (exp(-rate * tau) - 1.0) / rate)
    yield "dragged trap: <exp(-W/T)>", exponential_average(run.ledger.work / T), 1.0
    produced = exponential_average(run.ledger.entropy_production)
    yield "dragged trap: <exp(-entropy production)>", produced, 1.0


def _well(seed: int, replicas: int) -> Iterator[Row]:
    """Metropolised steps of a quarter of the time that the wells relax in: <e^{-W/T}> = Z_end / Z_0 all the same."""
    barrier, tilt = 2.0, 1.1

    def weight(c: float) -> float:
        return float(quad(lambda x: exp(-(barrier * (x * x - 1.0) ** 2 - c * x) / T), -6.0, 6.0)[0])

    run = simulate(double_well(barrier, None, mobility=MU, temperature=T), "equilibrium", 1.0, replicas=replicas,
                   seed=seed, protocol=Protocol((0.0, 1.0), (0.0, tilt)), dt=0.02, method="metropolis")  # fmt: skip
    exact = weight(tilt) / weight(0.0)
    yield "tilted well, metropolised: <exp(-W/T)>", exponential_average(run.ledger.work / T), exact


def _gyrator(seed: int, replicas: int) -> Iterator[Row]:
    """u^2 (T2 - T1) / (2k) per time into the first bath, mobility 1; the trapezoid is off by mu k dt."""
    k, u, t1, t2 = 1.2, 0.6, 0.5, T
    run = simulate(gyrator(k, u, (t1, t2)), "stationary", 4.0, replicas=replicas // 4, seed=seed, dt=0.002)
    yield "gyrator: heat into the cold bath", run.means["heat bath 0"], 4.0 * u * u * (t2 - t1) / (2.0 * k)


def _ring(seed: int, replicas: int) -> Iterator[Row]:
    """The force times Stratonovich's mean velocity."""
    hill, force, duration = 1.5, 1.2, 5.0
    ring = tilted_ring(hill, force, mobility=MU, temperature=T)
    run = simulate(ring, "stationary", duration, replicas=replicas // 4, seed=seed, dt=0.01)
    velocity = tilted_ring_velocity(hill, force, mobility=MU, temperature=T)
    yield "tilted ring: work", run.means["work"], force * velocity * duration


def _reset(seed: int, replicas: int) -> Iterator[Row]:
    """N(+-m, T/k), the label unknown, relaxes: <ln p/p_eq> = <ln cosh(a z)> - a^2/2 is produced, a^2 = m^2 k/T."""
    mean, spread = 1.6, T / K
    learned = Mixture([0.5, 0.5], [Gaussian(-mean, spread), Gaussian(mean, spread)])
    weight = linear([[MU * K]], MU * T, temperature=T)
    run = simulate(weight, learned, 12.0 / (MU * K), replicas=replicas, seed=seed)
    a = mean / sqrt(spread)

    def surprise(x: float) -> float:
        return (log(cosh(a * (x + a))) - 0.5 * a * a) * exp(-0.5 * x * x) / sqrt(2.0 * pi)

    exact = float(quad(surprise, -12.0, 12.0)[0])
    yield "sudden reset: entropy production", run.means["entropy production"], exact


def _telegraph(seed: int, replicas: int) -> Iterator[Row]:
    """2 gamma mu g^2 / (mu k + 2 gamma) per time, for a label that the weight does not act upon."""
    g, gamma, duration = 1.5, 0.4, 20.0
    told = LabelFeedback(push=0.3, feedback=g, field=0.0, flip_rate=gamma, stiffness=K, mobility=MU, temperature=T)
    run = sample_feedback(told, duration, replicas=replicas, seed=seed, dt=0.02, initial="stationary")
    heat = Sampled.mean(run.ledger.heat[:, 0]).scaled(1.0 / duration).estimate()
    yield "telegraph force: heat rate", heat, 2.0 * gamma * MU * g * g / (MU * K + 2.0 * gamma)
