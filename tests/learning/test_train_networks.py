"""Networks behind ``train``: the same bits however cut, the first law, an exact mean, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import erf

import szilard as sz
from tests.learning import cases
from tests.statistics import assert_agrees

RUN: dict[str, Any] = {"learning_rate": 1.4, "duration": 1.0, "dt": 0.05, "replicas": 171, "seed": 3}
FLOW: dict[str, Any] = {"mode": "online", "dwell": 0.2, "dt": 0.05}
KICK: dict[str, Any] = {"mode": "online", "online": "kick", "dwell": 0.1, "dt": 0.1}
COMMITTEE = sz.networks.committee(3)
DEEP = sz.networks.multilayer((4, 2), biases=True)


@pytest.mark.parametrize("network", [COMMITTEE, DEEP], ids=["committee", "deep"])
@pytest.mark.parametrize("how", [{}, FLOW | {"order": "random"}, KICK], ids=["batch", "flow", "kick"])
@pytest.mark.parametrize("rule", [sz.rules.gradient, cases.CORRECTING], ids=lambda r: r.name)
def test_same_bits_and_first_law(network: Any, how: dict[str, Any], rule: sz.Rule) -> None:
    """Threads, lanes and stops change nothing; the energy at the end is that of the weights and the rule's own loss."""
    common = RUN | how | cases.BATH | {"network": network, "schedule": sz.ramp(0.7)}
    whole = sz.train(cases.task(3, 4), rule, threads=1, **common)
    cut = sz.train(cases.task(3, 4), rule, threads=2, lanes=7, **common)
    np.testing.assert_array_equal(whole.weights, cut.weights)
    np.testing.assert_array_equal(whole.ledger.heat, cut.ledger.heat)
    assert whole.weights.shape == (171, network.weights_needed(3))
    ledger = whole.ledger
    assert ledger.gross is not None
    assert np.all(np.abs(ledger.energy_change - ledger.work + ledger.heat[:, 0]) <= 1e-10 * ledger.gross)


def test_a_perceptron_network_is_the_single_neuron() -> None:
    """Bit for bit: it takes the neuron's own path."""
    one, two = (
        sz.train(cases.task(3, 4), sz.rules.adatron, network=network, **RUN)
        for network in (None, sz.networks.perceptron())
    )
    np.testing.assert_array_equal(one.weights, two.weights)


def test_heat_of_a_committee_of_two_weights_at_rest() -> None:
    """N = 1, K = 2, gradient rule: <Q> = <E>_0 - <E>_rest by quadrature over the plane, from two steps to dt = 0."""
    temperature, stiffness, c = 0.7, 1.3, 3.0
    network = sz.networks.committee(2)
    task = sz.tasks.random_labels(1, 2, inputs=np.array([[1.0], [1.0]]))
    x, v = np.polynomial.legendre.leggauss(120)
    reach = 9.0 * np.sqrt(temperature / stiffness)
    w = reach * np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1).reshape(-1, 2)
    weight, free = np.outer(v, v).ravel(), 0.5 * stiffness * (w**2).sum(axis=1)
    field = erf(w / np.sqrt(2.0)).sum(axis=1) / np.sqrt(2.0)
    start = weight * np.exp(-free / temperature)
    falls = []
    for labels in ((1.0, 1.0), (1.0, -1.0)):
        energy = free + c * sum(np.logaddexp(0.0, -y * field) for y in labels)
        rest = weight * np.exp(-energy / temperature)
        falls.append(float(energy @ start / start.sum() - energy @ rest / rest.sum()))
    fine, coarse = (
        sz.train(
            task, sz.rules.gradient, learning_rate=c, duration=16.0, dt=dt, replicas=40_000, seed=seed,
            network=network, **cases.BATH,
        ).heat_paid
        for dt, seed in ((0.05, 5), (0.1, 6))
    )  # fmt: skip
    heat = fine.scaled(2.0 * temperature).estimate(), coarse.scaled(-temperature).estimate()
    limit = sz.Estimate(heat[0].value + heat[1].value, float(np.hypot(heat[0].stderr, heat[1].stderr)), 40_000)
    assert_agrees(limit, float(np.mean(falls)), relative=0.03)


def test_what_a_network_learns_is_paid_for() -> None:
    run = sz.train(
        cases.task(4, 3), sz.rules.gradient, learning_rate=2.0, duration=4.0, replicas=2000, seed=1,
        network=COMMITTEE, readout="sign", **cases.BATH,
    )  # fmt: skip
    check = run.second_law()
    assert check is not None and check.verdict == "holds"
    assert run.information.value > 0.1
    assert sz.budget(run).unresolved is not None
    assert run.gains is None and run.dissipated is None
    assert "committee(N, 3, 1, erf)" in repr(run)


def test_what_a_network_cannot_do_is_refused() -> None:
    for rule, how, word in (
        (sz.rules.oja, {}, "oja"),
        (sz.rules.stdp, {}, "stdp"),
        (sz.rules.gibbs, {}, "gibbs"),
        (sz.rules.hebbian, {"feedback": 0.2}, "feedback"),
        (sz.rules.hebbian, {"network": "deep"}, "network"),
    ):
        with pytest.raises(sz.InputError, match=word):
            sz.train(cases.task(3, 4), rule, **(RUN | {"network": COMMITTEE} | how))
    with pytest.raises(sz.InputError, match="multiple"):
        sz.train(cases.task(3, 4), sz.rules.hebbian, network=sz.networks.committee(2, tree=True), **RUN)
