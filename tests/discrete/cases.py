"""Small systems whose numbers were found by two independent methods each, and how to find them by sampling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import szilard as sz
from szilard.discrete import Channel, JumpProcess
from szilard.discrete.run import Run
from szilard.estimate import Sampled

Array = NDArray[np.float64]
RING = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0)
"""Three unequal states, 2 k_B T of work in each turn 0 -> 1 -> 2 -> 0."""
TURN = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / 3.0
"""Counts turns: a third in each jump."""
EVEN = sz.systems.ring(np.zeros(5), affinity=10.0)
"""Five equal states, 2 k_B T in each jump."""
EVEN_TURN = (np.roll(np.eye(5), 1, axis=0) - np.roll(np.eye(5), -1, axis=0)) / 5.0
RELAXING = JumpProcess([0.0, 1.5], Channel([[0.0, 1.0], [1.0, 0.0]], kinetics="heat_bath"))
RAISED = JumpProcess(lambda gap: [0.0, gap], Channel([[0.0, 1.0], [1.0, 0.0]], kinetics="heat_bath"))
UP = sz.Protocol([0.0, 2.0], [0.0, 3.0])

VALUES = {
    "relaxation, all entropy produced": (0.9010108544445647, 1e-9),
    "relaxation, entropy produced until 0.7": (0.6588513906370007, 1e-9),
    "ring, p of state 0": (0.4869180025265301, 1e-10),
    "ring, p of state 1": (0.3598706239289562, 1e-10),
    "ring, p of state 2": (0.15321137354451364, 1e-10),
    "ring, current": (0.19813619119586753, 1e-10),
    "ring, entropy production rate": (0.39627238239173507, 1e-9),
    "ring, lambda(0.3)": (-0.0817601763543987, 1e-9),
    "ring, lambda(0.5)": (-0.09699157081589993, 1e-9),
    "ring, lambda(0.2)": (-0.06256355864658403, 1e-9),
    "ring, uncertainty product": (2.1621752500037634, 1e-6),
    "even ring, uncertainty product": (2.626070570998663, 1e-12),
    "even ring, lambda(0.25)": (-0.830909339217726, 1e-9),
    "ring, sum K F tanh(F/2)": (0.39627238239173523, 1e-10),
    "ring, nonadiabatic entropy until 1": (0.09365874450648962, 1e-9),
    "raised level, <exp(-W)>": (0.5248935341840435, 1e-9),
    "raised level, mean work": (1.1013333013354116, 1e-8),
}
"""Value and the relative accuracy to which two independent derivations of it agree."""


@dataclass(frozen=True)
class Way:
    """A run and the statistics of its replicas; longest: the relative standard error allowed at 1e5 replicas."""

    run: Callable[[int, int], Run]
    read: dict[str, Callable[[Run], Sampled]]


def produced(run: Run) -> Sampled:
    return Sampled.mean(run.ledger.entropy_production)


def per_time(name: str) -> Callable[[Run], Sampled]:
    return lambda run: Sampled.mean(run.currents[name]).scaled(1.0 / run.duration)


def generating(s: float) -> Callable[[Run], Sampled]:
    """ln(G(t2)/G(t1)) / (t2 - t1) with G = <exp(-s S)>: what depends on the start has died out by t1."""

    def read(run: Run) -> Sampled:
        assert run.books is not None
        early, late = np.exp(-s * run.books.entropy_production).T
        span = run.times[1] - run.times[0]
        value = float(np.log(late.mean() / early.mean()) / span)
        return Sampled(value, (late / late.mean() - early / early.mean()) / span)

    return read


def uncertainty(run: Run) -> Sampled:
    """sigma (Var X(t2) - Var X(t1)) / (t2 - t1) / J^2; the turns until t1 are counted by the entropy at a fixed state.

    X = (S_tot + ln p_ss(x_t) - ln p_ss(x_0)) / affinity counts turns up to the energy of the state, which is bounded.
    """
    assert run.books is not None
    affinity = 2.0 if run.course.process.n_states == 3 else 10.0
    flow = (run.books.heat / run.books.temperatures).sum(axis=2) / affinity
    span = run.times[1] - run.times[0]
    early, late = ((x - x.mean()) ** 2 for x in flow.T)
    spread = Sampled.mean((late - early) / span)
    current = Sampled.mean((flow[:, 1] - flow[:, 0]) / span)
    return (spread / current).scaled(affinity)


def balance(run: Run) -> Sampled:
    """sum_e K_e F_e tanh(F_e / 2) with the traffic K sampled and the force F from the exact p."""
    p, e = sz.stationary(RING), RING.edges
    rates = RING.jump_rates(RING.energies())
    total = np.zeros(run.initial.size)
    for i in np.flatnonzero(e.source < e.target):
        force = np.log(rates[i] * p[e.source[i]] / (rates[e.reverse[i]] * p[e.target[i]]))
        total += run.currents[f"{e.source[i]}-{e.target[i]}"] * force * np.tanh(force / 2.0) / run.duration
    return Sampled.mean(total)


def nonadiabatic(run: Run) -> Sampled:
    """ds + ln pi(x_end) - ln pi(x_0), pi being at rest."""
    log_pi = np.log(sz.stationary(RING))
    return Sampled.mean(run.ledger.system_entropy_change + log_pi[run.final] - log_pi[run.initial])


def _traffic() -> dict[str, Array]:
    e = RING.edges
    pairs = np.flatnonzero(e.source < e.target)
    return {
        f"{e.source[i]}-{e.target[i]}": np.isin(np.arange(e.source.size), (i, e.reverse[i])).astype(float)
        for i in pairs
    }


def _state(x: int) -> Callable[[Run], Sampled]:
    return lambda run: Sampled.mean(run.final == x)


WAYS = (
    Way(
        lambda n, seed: sz.simulate(RELAXING, [0.2, 0.8], 30.0, replicas=n, seed=seed),
        {"relaxation, all entropy produced": produced},
    ),
    Way(
        lambda n, seed: sz.simulate(RELAXING, [0.2, 0.8], 0.7, replicas=n, seed=seed),
        {"relaxation, entropy produced until 0.7": produced},
    ),
    Way(
        lambda n, seed: sz.simulate(RING, 2, 20.0, replicas=n, seed=seed),
        {f"ring, p of state {x}": _state(x) for x in range(3)},
    ),
    Way(
        lambda n, seed: sz.simulate(
            RING, "stationary", 25.0, replicas=n, seed=seed, times=[5.0, 25.0], currents={"turn": TURN} | _traffic()
        ),
        {
            "ring, current": per_time("turn"),
            "ring, entropy production rate": lambda run: produced(run).scaled(1.0 / run.duration),
            "ring, sum K F tanh(F/2)": balance,
            "ring, uncertainty product": uncertainty,
        },
    ),
    Way(
        lambda n, seed: sz.simulate(RING, "stationary", 14.0, replicas=n, seed=seed, times=[4.0, 14.0]),
        {f"ring, lambda({s})": generating(s) for s in (0.2, 0.3, 0.5)},
    ),
    Way(
        lambda n, seed: sz.simulate(EVEN, 1, 10.0, replicas=n, seed=seed, times=[2.0, 10.0]),
        {"even ring, uncertainty product": uncertainty},
    ),
    Way(
        lambda n, seed: sz.simulate(EVEN, "stationary", 3.0, replicas=n, seed=seed, times=[0.0, 3.0]),
        {"even ring, lambda(0.25)": generating(0.25)},
    ),
    Way(
        lambda n, seed: sz.simulate(RING, [0.7, 0.2, 0.1], 1.0, replicas=n, seed=seed),
        {"ring, nonadiabatic entropy until 1": nonadiabatic},
    ),
    Way(
        lambda n, seed: sz.simulate(RAISED, "equilibrium", 2.0, replicas=n, seed=seed, protocol=UP),
        {
            "raised level, <exp(-W)>": lambda run: Sampled.mean(np.exp(-run.ledger.work)),
            "raised level, mean work": lambda run: Sampled.mean(run.ledger.work),
        },
    ),
)
