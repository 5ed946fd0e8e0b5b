"""The library's own simulations beside closed forms, and the laws on every ready-made system, in one table."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import exp, expm1, tanh

import numpy as np
from scipy.integrate import quad

from ..check import BoundCheck
from ..estimate import Estimate, Sampled, exponential_average
from ..information import neighbour_entropy
from ..learning import rules, tasks
from ..learning.rule import Rule
from ..learning.training import train
from ..theory import hebbian_finite, single_synapse
from .verification_diffusion import diffusion_rows
from .verification_information import information_rows
from .verification_jumps import jump_rows
from .verification_laws import law_rows
from .verification_learning import learning_rows, machine_rows

T, K, MU = 1.3, 0.7, 1.9


def agrees(name: str, measured: Estimate, exact: float) -> BoundCheck:
    """measured = exact, as a line of the table."""
    return BoundCheck(name, measured, Estimate.exact(exact), relation="=")


def verification(seed: int, replicas: int = 60000) -> Iterator[BoundCheck]:
    """Each line as it is computed: closed forms, then laws; T, k and mu differ from 1 so that a lost factor shows."""
    yield from _one_synapse(seed, replicas)
    yield from _finite_hebbian(seed, replicas)
    yield from _online(seed, replicas)
    for rule in (rules.perceptron, rules.adatron, rules.gradient):
        yield _equilibrium_heat(rule, seed, replicas)
    for row in chain(learning_rows(seed, replicas), jump_rows(seed, replicas), diffusion_rows(seed, replicas)):
        yield agrees(*row)
    yield from machine_rows(seed, replicas)
    yield from information_rows(seed, replicas // 3)
    yield from law_rows(seed, replicas // 3)


def _one_synapse(seed: int, replicas: int) -> Iterator[BoundCheck]:
    task = tasks.random_labels(1, 1, inputs=[[1.0]])
    for tau in (0.0, 1.5):
        name = "quench" if tau == 0 else f"ramp {tau:g}"
        run = train(
            task, rules.hebbian, learning_rate=2.0, duration=4.0, dt=0.01, replicas=replicas, seed=seed,
            temperature=T, stiffness=K, mobility=MU, schedule="quench" if tau == 0 else f"ramp:{tau}",
        )  # fmt: skip
        exact = single_synapse(2.0, tau, temperature=T, stiffness=K, mobility=MU, duration=4.0)
        sampled = neighbour_entropy(run.weights)
        entropy = Sampled(sampled.value - run.initial_entropy, sampled.influence).estimate()
        yield agrees(f"one synapse, {name}: heat", run.heat, exact.heat)
        yield agrees(f"one synapse, {name}: work", run.work, exact.work)
        yield agrees(f"one synapse, {name}: entropy, from samples", entropy, exact.entropy)
        if tau == 0.0:
            yield agrees(f"one synapse, {name}: entropy, by quadrature", run.entropy, exact.entropy)
        yield agrees(f"one synapse, {name}: learned", run.information, exact.information)
        yield agrees(f"one synapse, {name}: efficiency", run.efficiency_marginal, exact.efficiency)
        production = exponential_average(run.ledger.entropy_production)
        yield agrees(f"one synapse, {name}: <exp(-entropy production)>", production, 1.0)


def _finite_hebbian(seed: int, replicas: int) -> Iterator[BoundCheck]:
    task = tasks.digits(3, 8, patterns=20, seed=seed)
    run = train(
        task, rules.hebbian, learning_rate=0.8, duration=5.0, dt=0.05, replicas=replicas // 4, seed=seed,
        temperature=T, stiffness=K, mobility=MU,
    )  # fmt: skip
    exact = hebbian_finite(task.inputs, 0.8, 0.0, duration=5.0, temperature=T, stiffness=K, mobility=MU)
    sampled = neighbour_entropy(run.weights)
    entropy = Sampled(sampled.value - run.initial_entropy, sampled.influence).estimate()
    yield agrees("Hebbian, 20 digits: heat", run.heat, float(exact.heat.sum()))
    yield agrees("Hebbian, 20 digits: entropy, from samples", entropy, float(exact.entropy.sum()))
    yield agrees("Hebbian, 20 digits: entropy, by quadrature", run.entropy, float(exact.entropy.sum()))
    yield agrees("Hebbian, 20 digits: learned", run.information, float(exact.information.sum()))


def _online(seed: int, replicas: int) -> Iterator[BoundCheck]:
    """Opposite labels in turn: Qdot = 2 (nu^2/mu') tanh(h/2)/h, and drawn anew: nu^2 (1 - e^-h)/h, T = 1 = k = mu."""
    nu, h = 1.3, 0.8
    task = tasks.Task("opposite", np.array([[1.0], [1.0]]), "true", np.array([-1.0, 1.0]))
    exact = {"fixed": 2 * nu * nu * tanh(h / 2) / h, "random": -nu * nu * expm1(-h) / h}
    for order in ("fixed", "random"):
        books = []
        for periods in (10, 30):
            run = train(
                task, rules.hebbian, learning_rate=nu * h, dwell=h, dt=h / 8, duration=2 * periods * h,
                mode="online", order=order, replicas=replicas // 4, seed=seed,
            )  # fmt: skip
            books.append(run.ledger.heat[:, 0])
        rate = Sampled.mean((books[1] - books[0]) / (40 * h)).estimate()
        yield agrees(f"online, {order} order: heat rate", rate, exact[order])


def _equilibrium_heat(rule: Rule, seed: int, replicas: int) -> BoundCheck:
    """<Q> = <E>_before - <E>_after at fixed force: from N(0, T/k) to the Boltzmann law of k w^2/2 + nu loss."""
    nu = 3.0
    task = tasks.random_labels(1, 1, inputs=[[1.0]])
    assert rule.loss is not None
    loss = rule.loss

    def energy(w: float) -> float:
        return 0.5 * K * w * w + nu * float(loss(w, 1.0, 0.0, 0.0, rule.parameters))

    reach = 12.0 * (T / K) ** 0.5

    def mean(weight_energy: bool) -> float:
        def density(w: float) -> float:
            return exp(-(energy(w) if weight_energy else 0.5 * K * w * w) / T)

        norm = quad(density, -reach, reach, points=[0.0], limit=200)[0]
        return float(quad(lambda w: energy(w) * density(w), -reach, reach, points=[0.0], limit=200)[0] / norm)

    run = train(
        task, rule, learning_rate=nu, duration=8.0, dt=0.002, replicas=replicas, seed=seed,
        temperature=T, stiffness=K, mobility=MU,
    )  # fmt: skip
    return agrees(f"{rule.name}, one synapse: heat to equilibrium", run.heat, mean(False) - mean(True))
