"""Laws of information, erasure and learning on a demon, a sensor, a bit and a learner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import log

import numpy as np

from ..check import BoundCheck
from ..continuous import free_energy, thermodynamic_length
from ..discrete import flow_samples, sampled_transfer_entropy_rate
from ..estimate import Sampled
from ..information import binary_entropy, sampled_information
from ..laws import (
    cost_of_nostalgia,
    information_flow,
    landauer,
    learning_rate_bound,
    prediction_bound,
    sagawa_ueda,
    second_law_with_information,
    slow_driving_limit,
    two_level_erasure,
)
from ..learning import rules, tasks
from ..learning.training import train
from ..protocol import Protocol
from ..systems import demon, sensor, stiffened_trap, two_level
from ..verbs import simulate

T, K, MU = 1.3, 0.7, 1.9


def information_rows(seed: int, replicas: int) -> Iterator[BoundCheck]:
    """ "System: law", where a law asks for more than one run knows of itself."""
    yield from _demon(seed, replicas)
    yield from _sensor(seed, replicas // 10)
    yield from _reminded(seed, replicas)
    yield _erased(seed, replicas)
    yield _slow(seed, replicas)
    yield from _learner(seed, replicas // 4)


def _demon(seed: int, replicas: int) -> Iterator[BoundCheck]:
    run = demon(0.1, gap=0.6, temperature=T).simulate(8.0, replicas=replicas, seed=seed)
    for law in (sagawa_ueda, second_law_with_information):
        yield _of("demon", law(run.work, run.information, temperature=T))


def _sensor(seed: int, replicas: int) -> Iterator[BoundCheck]:
    """Each of the two parts pays for what it learns of the other; the environment forgets, and may be paid."""
    follows = sensor(2.0, environment=(0.1, 0.15), temperature=T)
    run = simulate(follows, "stationary", 40.0, replicas=replicas, seed=seed, record="paths")
    seen = flow_samples(run, (2, 2))
    for part, name in enumerate(("sensor", "sensor's environment")):
        heat, temperatures = list(seen.heat[:, part].T), list(run.ledger.temperatures)
        flows = information_flow(seen.flow[:, part], seen.entropy_change[:, part], heat, temperature=temperatures)
        yield _of(name, flows)
    learned = Sampled.mean(seen.flow[:, 0] / seen.duration)
    yield _of("sensor", learning_rate_bound(learned, sampled_transfer_entropy_rate(run, (2, 2))))


def _reminded(seed: int, replicas: int) -> Iterator[BoundCheck]:
    """A level that a signal moves now and then: what it remembers of the signal in vain is paid for by work.

    The signal, 0 or 1, stays with probability 0.8; between its steps the level relaxes for the time 0.7. After 8 steps
    hardly anything changes, so that <E> - T H(s|x) does not: 0.2^8 of the start is left.
    """
    gap, stay, steps = np.array([-0.9, 1.4]), 0.8, 8
    draw = np.random.Generator(np.random.Philox(seed))
    level, signal = two_level(temperature=T), draw.integers(0, 2, replicas)
    state, work = draw.integers(0, 2, replicas), np.zeros(replicas)
    for step in range(steps):
        ahead = np.where(draw.random(replicas) < stay, signal, 1 - signal)
        if step == steps - 1:
            memory, prediction = sampled_information(state, signal), sampled_information(state, ahead)
        work, signal = state * (gap[ahead] - gap[signal]), ahead
        for x in (0, 1):
            here = signal == x
            held = Protocol((0.0, 0.7), (gap[x], gap[x]))
            run = simulate(level, state[here], 0.7, replicas=int(here.sum()), seed=seed, protocol=held,
                           entropy=False, cell=f"signal {step} {x}")  # fmt: skip
            state[here] = run.final
    yield _of("two levels, told by a signal", cost_of_nostalgia(work, memory, prediction, temperature=T))
    yield _of("two levels, told by a signal", prediction_bound(prediction, memory))


def _erased(seed: int, replicas: int) -> BoundCheck:
    """A bit of two levels along its best protocol, which ends wrong in 1 % of the cases."""
    best = two_level_erasure(0.01, 6.0, temperature=T)
    process = two_level(temperature=T)
    run = simulate(process, "equilibrium", 6.0, replicas=replicas, seed=seed, protocol=best.protocol)
    forgotten = float(binary_entropy(0.01)) - log(2.0)
    return _of("two levels, erased", landauer(run.ledger.work, temperature=T, entropy_change=forgotten))


def _slow(seed: int, replicas: int) -> BoundCheck:
    """A trap stiffened tenfold at a constant rate in 10 of its first relaxation times."""
    trap, tau, stiff = stiffened_trap(mobility=MU, temperature=T), 10.0 / (MU * K), 10.0 * K
    way = Protocol((0.0, tau), (K, stiff))
    run = simulate(trap, "equilibrium", tau, replicas=replicas, seed=seed, protocol=way, dt=tau / 1000)
    free, length = free_energy(trap, stiff) - free_energy(trap, K), thermodynamic_length(trap, K, stiff)
    return _of("stiffened trap, slowly", slow_driving_limit(length, tau, run.ledger.work, free))


def _learner(seed: int, replicas: int) -> Iterator[BoundCheck]:
    task = tasks.random_labels(3, 4, inputs=np.sqrt(3.0) * _rows_of_length_one())
    for rule in (rules.hebbian, rules.adatron):
        run = train(
            task, rule, learning_rate=0.7, duration=6.0, replicas=replicas, seed=seed, temperature=T, stiffness=K,
            mobility=MU, schedule="ramp:1.5",
        )  # fmt: skip
        for law in run.laws():
            yield _of(f"{rule.name}, 4 labels", law)


def _rows_of_length_one() -> np.ndarray:
    x = np.array([[1.0, 0.4, -0.7], [0.3, -1.2, 0.8], [-0.5, 0.9, 1.1], [1.3, 0.2, 0.6]])
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


def _of(system: str, law: BoundCheck) -> BoundCheck:
    return replace(law, name=f"{system}: {law.name}")
