"""Rules, answers that come back, memories and Boltzmann machines, as simulated, beside exact numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import exp, pi
from typing import Any

import numpy as np

from ..check import BoundCheck
from ..estimate import Estimate, Sampled, exponential_average
from ..infer import extrapolate
from ..learning import rules, tasks
from ..learning.answering import Answering, as_label_feedback
from ..learning.answers_exact import exact_answers
from ..learning.training import train
from ..networks import annealed_importance, contrastive_gap, hopfield, random_patterns, rbm
from ..theory import online_stationary
from ..verbs import energetics, entropy_production_rate

T, K, MU = 1.3, 0.7, 1.9
BATH: dict[str, Any] = {"temperature": T, "stiffness": K, "mobility": MU}
Row = tuple[str, Estimate, float]


def learning_rows(seed: int, replicas: int) -> Iterator[Row]:
    """(name, measured, exact)."""
    yield from _counted_errors(seed, replicas // 2)
    yield from _own_answers(seed, replicas // 4)
    yield from _oja(seed, replicas // 4)
    yield from _spikes(seed, replicas // 20)
    yield _kicks(seed, replicas // 600)
    yield from _memory(seed, replicas // 10)


def machine_rows(seed: int, replicas: int) -> Iterator[BoundCheck]:
    """Annealing and contrastive divergence of a small Boltzmann machine, whose states can be counted."""
    rng = np.random.default_rng(seed)
    machine = rbm(rng.normal(size=(5, 3)), 0.5 * rng.normal(size=5), temperature=T)
    found = annealed_importance(machine, steps=12, replicas=replicas // 6, seed=seed, reverse=True)
    data = (rng.random((20, 5)) < 0.5).astype(float)
    yield BoundCheck(
        "annealed machine: ln Z", found.log_partition, Estimate.exact(machine.log_partition()), relation="="
    )
    for law in (*found.laws(), contrastive_gap(machine, data, sweeps=2, replicas=replicas // 2, seed=seed).check()):
        yield replace(law, name=f"annealed machine: {law.name}")


def _counted_errors(seed: int, replicas: int) -> Iterator[Row]:
    """One weight that pays c while its answer is wrong: <e^{-W/T}> = (1 + e^{-c/T})/2, 1/(1 + e^{c/T}) are wrong."""
    c = 2.5
    run = train(
        tasks.random_labels(1, 1, inputs=[[1.0]]), rules.gibbs, learning_rate=c, duration=6.0, dt=0.05,
        schedule="ramp:2.0", replicas=replicas, seed=seed, readout="sign", **BATH,
    )  # fmt: skip
    wrong = Sampled.mean((run.fields * run.labels <= 0.0)[:, 0]).estimate()
    yield "gibbs, one synapse: errors at rest", wrong, 1.0 / (1.0 + exp(c / T))
    work = exponential_average(run.ledger.work / T)
    yield "gibbs, one synapse: <exp(-W/T)>, coarse steps", work, 0.5 * (1.0 + exp(-c / T))


def _own_answers(seed: int, replicas: int) -> Iterator[Row]:
    """Heat of a weight and of its answer that comes back as a label, at g < a/2, where the weight is cooled."""
    said, duration = Answering(0.6, 1.7, 2.2), 6.0
    run = train(
        tasks.random_labels(1, 1, inputs=[[1.0]]), rules.hebbian, learning_rate=0.8, duration=duration, dt=0.02,
        replicas=replicas, seed=seed, feedback=said.feedback, answer_rate=said.answer_rate,
        answer_gain=said.answer_gain, **BATH,
    )  # fmt: skip
    process = as_label_feedback(run.settings, said)
    assert process is not None
    exact = exact_answers(process, [0.0, duration]).heat[-1]
    for i, name in enumerate(("weight", "answer")):
        yield f"own answers as labels: heat of the {name}", Sampled.mean(run.ledger.heat[:, i]).estimate(), exact[i]


def _oja(seed: int, replicas: int) -> Iterator[Row]:
    """Housekeeping heat of Oja's rule on two weights: that of the stationary currents on a lattice."""
    c, inputs = 1.5, np.array([[1.2, 0.74833147735], [-0.2, 1.4], [1.4, 0.2]])
    bath: dict[str, Any] = {"stiffness": 0.5, "mobility": MU, "temperature": T}
    process = rules.rule_process(rules.oja_swirl(inputs, c), 2, energy=rules.oja_energy(inputs, c), **bath)
    exact = T * entropy_production_rate(process)
    early, late = (
        train(
            tasks.random_labels(2, 3, inputs=inputs), rules.oja, learning_rate=c, duration=t, dt=0.002,
            replicas=replicas, seed=seed, **bath,
        ).ledger.heat[:, 0]
        for t in (8.0, 16.0)
    )  # fmt: skip
    yield "oja, two weights: heat per time", Sampled.mean((late - early) / 8.0).estimate(), exact


def _spikes(seed: int, replicas: int) -> Iterator[Row]:
    """Every spike drawn, weight held: <dw>/dt = A and the mean square around it 2 D."""
    synapse = rules.SpikeTiming(kind="multiplicative", pre_rate=20.0, rest_rate=12.0, feedback=0.1, step=0.02)
    held = rules.stdp_by_spikes(synapse, [1.0, 21.0], replicas=replicas, seed=seed, initial=0.3, held=True)
    moved = held.moved[:, 1] - held.moved[:, 0]
    yield "spike timing: drift", Sampled.mean(moved / 20.0).estimate(), float(synapse.drift(0.3))


def _kicks(seed: int, draws: int) -> Row:
    """Perceptrons of 20, 40 and 80 weights after 5 relaxation times: their error for N -> infinity."""
    nu, duration = 2.4, 5.0 / (MU * K)
    found, sizes = [], (20, 40, 80)
    for n in sizes:
        errors = []
        for draw in range(draws):
            run = train(
                tasks.teacher_student(n, round(duration * n), held_out=0, seed=seed + draw), rules.perceptron,
                learning_rate=nu / MU, duration=round(duration * n) / n, dwell=1.0 / n, mode="online", online="kick",
                replicas=20, seed=seed + draw, **BATH,
            )  # fmt: skip
            assert run.teachers is not None
            cosine = np.sum(run.weights * run.teachers, axis=1) / np.linalg.norm(run.weights, axis=1)
            errors.append(np.mean(np.arccos(cosine / np.linalg.norm(run.teachers, axis=1))) / pi)
        found.append(Sampled.mean(np.array(errors)).estimate())
    exact = online_stationary("perceptron", nu, **BATH).error
    return "perceptron, kicks, N -> infinity: error at rest", extrapolate(sizes, found).limit, exact


def _memory(seed: int, replicas: int) -> Iterator[Row]:
    """A driven memory of six units, whose states can be counted: heat while it recalls."""
    memory = hopfield(
        random_patterns(2, 6, seed=3), temperature=T, connectivity=0.6, reciprocal=False, seed=4, attempt=0.8
    )
    recall = memory.recall(2.0, replicas=replicas, seed=seed, cue=0)
    start = np.zeros(64)
    start[np.flatnonzero((memory.configurations == memory.patterns[0]).all(axis=1))] = 1.0
    yield "driven memory: heat of recall", recall.heat_total, float(energetics(memory.process, start, 2.0).heat.sum())
