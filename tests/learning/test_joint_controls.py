"""Entropy and heat freed of the same luck: they still add up, each replica's share too, with a smaller error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.estimate import Sampled, freed
from szilard.learning.controls import heat_controls
from szilard.learning.knowledge import single_weight_knowledge
from szilard.learning.weight_entropy import marginal_entropies
from tests.learning import cases
from tests.statistics import z_of_mean


def run(rule: sz.Rule, n: int, p: int, **how: Any) -> sz.LearningRun:
    chosen: dict[str, Any] = {"learning_rate": 1.7, "duration": 2.0, "dt": 0.05, "replicas": 2000, "seed": 3}
    return sz.train(cases.task(n, p), rule, **(chosen | cases.BATH | how))


def test_a_statistic_freed_keeps_side_and_sums() -> None:
    draw = np.random.default_rng(4)
    luck = draw.standard_normal((400, 2))
    a = Sampled.mean(3.0 + luck @ np.array([1.0, -2.0]) + 0.1 * draw.standard_normal(400), "upper")
    b = Sampled.mean(1.0 + luck @ np.array([0.5, 4.0]) + 0.1 * draw.standard_normal(400), "upper")
    apart, together = a.freed(luck) + b.freed(luck), (a + b).freed(luck)
    assert apart.side == together.side == "upper"
    assert apart.value == pytest.approx(together.value, rel=1e-12)
    np.testing.assert_allclose(apart.influence, together.influence, rtol=0, atol=1e-12)
    assert abs(together.influence.mean()) < 1e-12
    samples = a.value + a.influence
    assert a.freed(luck).value == pytest.approx(float(freed(samples, luck).mean()), rel=1e-12)
    assert a.freed(luck).estimate().stderr < 0.1 * a.estimate().stderr
    assert abs(a.freed(luck).value - 3.0) < 4.0 * a.freed(luck).estimate().stderr
    known = Sampled.constant(2.0, 400)
    assert known.freed(luck).exact
    assert known.freed(luck).value == 2.0


@pytest.mark.parametrize("rule", [sz.rules.perceptron, sz.rules.adatron], ids=lambda r: r.name)
@pytest.mark.parametrize("how", [{}, {"schedule": sz.ramp(1.0)}], ids=["quench", "ramp"])
def test_the_cost_is_known_better_than_its_parts(rule: sz.Rule, how: dict[str, Any]) -> None:
    found = run(rule, 24, 3, **how)
    entropy, _ = marginal_entropies(found)
    raw_heat = Sampled.mean(found.ledger.heat[:, 0] / 0.7)
    apart = entropy + raw_heat.freed(heat_controls(found))
    assert found.cost.stderr < 0.8 * apart.estimate().stderr
    assert found.cost.stderr < 0.4 * (entropy + raw_heat).estimate().stderr
    assert found.cost.value == pytest.approx(found.entropy.value + found.heat.value / 0.7, rel=1e-12)
    assert abs(found.entropy.value + found.initial_entropy - entropy.value) < 4.0 * entropy.estimate().stderr


@pytest.mark.parametrize(("rule", "n", "p"), [(sz.rules.perceptron, 9, 3), (sz.rules.adatron, 1, 2)])
def test_the_budget_still_adds_up(rule: sz.Rule, n: int, p: int) -> None:
    found = run(rule, n, p)
    shares = sz.budget(found)
    assert sum(term.value for term in shares.terms().values()) == pytest.approx(shares.cost.value, rel=1e-12)
    if n == 1:
        assert found.knowledge is not None
        assert shares.redundancy is not None
        assert abs(shares.redundancy.value) < 1e-12
        assert shares.redundancy.stderr < 1e-12


def test_one_weight_knows_its_labels_no_worse() -> None:
    """What a weight tells of its labels is a difference of entropies that share their luck: both are freed or none."""
    found = run(sz.rules.adatron, 1, 2, replicas=4000)
    assert found.knowledge is not None
    raw, _ = marginal_entropies(found)
    alone = single_weight_knowledge(found.weights[:, 0], found.labels, raw, found.settings)
    assert alone is not None
    half = found.entropy_change - alone.conditional_entropy_change
    known = found.knowledge.of_all.estimate()
    assert known.stderr < 0.8 * half.estimate().stderr
    assert known.stderr < alone.of_all.estimate().stderr
    assert abs(known.value + found.initial_entropy - alone.of_all.value) < 4.0 * known.stderr


def test_the_loss_of_the_free_twin_tells_of_the_entropy() -> None:
    """Weak learning: what the twin's mistakes would push explains most of what a replica adds to the entropy."""
    found = run(sz.rules.perceptron, 24, 3, learning_rate=0.5, replicas=20_000)
    controls = heat_controls(found)
    assert controls.shape[1] == 6
    for control in controls.T:
        assert abs(z_of_mean(control, 0.0)) < 4.0
    entropy, _ = marginal_entropies(found)
    without = entropy.freed(np.delete(controls, 3, axis=1)).estimate().stderr
    assert entropy.freed(controls).estimate().stderr < 0.7 * without
