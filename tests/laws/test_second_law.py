"""What was learned against what it cost: every verdict can be reached, every misuse is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.estimate import Sampled
from szilard.laws import second_law_of_learning
from tests.learning import cases

LAW: dict[str, Any] = {"learning_rate": 2.0, "duration": 8.0, "dt": 0.05, "replicas": 20_000, "seed": 301}


@pytest.fixture(scope="module")
def adatron() -> sz.LearningRun:
    return sz.train(cases.task(3, 4), sz.rules.adatron, **LAW, **cases.BATH)


def test_holds(adatron: sz.LearningRun) -> None:
    found = adatron.second_law()
    assert found is not None
    assert found.verdict == "holds"
    assert found.margin > 5
    assert "labels independent and fair" in found.assumptions


def test_violated_beyond_five_sigma_by_a_cost_at_the_wrong_temperature(adatron: sz.LearningRun) -> None:
    """Weights that contract lose entropy and pay with heat: Q/4T does not pay for it."""
    assert adatron.entropy.value < 0 < adatron.heat.value
    wrong = adatron.entropy_change + adatron.heat_paid.scaled(0.25)
    found = second_law_of_learning(adatron.learned, wrong, labels="random")
    assert found.verdict == "violated"
    assert found.margin < -5


def test_violated_by_a_heat_of_the_wrong_sign(adatron: sz.LearningRun) -> None:
    wrong = adatron.entropy_change - adatron.heat_paid
    assert second_law_of_learning(adatron.learned, wrong, labels="random").verdict == "violated"


def test_inconclusive_for_few_replicas_and_for_one_sided_numbers(adatron: sz.LearningRun) -> None:
    few = sz.train(cases.task(3, 4), sz.rules.adatron, **(LAW | {"replicas": 60}), **cases.BATH).second_law()
    assert few is not None and few.verdict == "inconclusive"
    cost = adatron.marginal_cost
    upper = Sampled(cost.value, cost.influence, "upper")
    assert second_law_of_learning(adatron.learned, upper, labels="random").verdict == "inconclusive"


def test_correlation_of_the_two_sides_is_kept() -> None:
    noise = np.random.default_rng(302).normal(size=1000)
    information, cost = Sampled.mean(1.0 + noise), Sampled.mean(1.01 + noise)
    paired = second_law_of_learning(information, cost, labels="random")
    assert paired.slack_stderr < 1e-15
    assert paired.verdict == "holds"
    apart = second_law_of_learning(information.estimate(), cost.estimate(), labels="random")
    assert apart.slack_stderr == pytest.approx(np.sqrt(2 / 1000), rel=0.1)
    assert apart.verdict == "inconclusive"


@pytest.mark.parametrize(
    ("labels", "quantity", "field"),
    [
        ("teacher", "labels", "quantity"),
        ("true", "labels", "labels"),
        ("true", "joint", "labels"),
        ("random", "all", "quantity"),
    ],
)
def test_refusals(labels: Any, quantity: Any, field: str) -> None:
    e = sz.Estimate(1.0, 0.1, 100)
    with pytest.raises(sz.InputError) as caught:
        second_law_of_learning(e, e, labels=labels, quantity=quantity)
    assert caught.value.field == field


@pytest.mark.parametrize("wrong", [1.0, [1.0, 2.0], np.ones(200), "much", None, {}])
def test_numbers_without_an_error_are_refused(wrong: Any) -> None:
    e = sz.Estimate(1.0, 0.1, 1000)
    for sides, field in (((wrong, e), "information"), ((e, wrong), "cost")):
        with pytest.raises(sz.InputError) as caught:
            second_law_of_learning(*sides, labels="random")
        assert caught.value.field == field


@pytest.mark.parametrize("wrong", [[], {}, None, 1.0, "any"])
def test_labels_and_quantities_that_are_none_are_refused(wrong: Any) -> None:
    e = sz.Estimate(1.0, 0.1, 1000)
    with pytest.raises(sz.InputError, match="quantity"):
        second_law_of_learning(e, e, labels="random", quantity=wrong)
    with pytest.raises(sz.InputError, match="labels"):
        second_law_of_learning(e, e, labels=wrong)


def test_sides_of_other_replicas_are_refused() -> None:
    with pytest.raises(sz.InputError, match="same replicas"):
        second_law_of_learning(Sampled.mean([1.0, 2.0]), Sampled.mean([1.0, 2.0, 3.0]), labels="random")


@pytest.mark.parametrize("quantity", ["teacher", "joint", "one label"])
def test_what_a_teacher_permits(quantity: Any) -> None:
    small, large = sz.Estimate(0.1, 0.01, 1000), sz.Estimate(1.0, 0.01, 1000)
    found = second_law_of_learning(small, large, labels="teacher", quantity=quantity)
    assert found.verdict == "holds"
    assert "labels independent and fair" not in found.assumptions


def test_runs_choose_what_their_labels_permit() -> None:
    x = cases.on_sphere(8, 3, 7)
    how = LAW | {"replicas": 3000}
    fresh = sz.train(
        sz.tasks.teacher_student(3, 4, inputs=x, held_out=4), sz.rules.hebbian, **how, **cases.BATH
    ).second_law()
    assert fresh is not None and "one unseen pattern" in fresh.name and fresh.verdict == "holds"
    task = sz.tasks.teacher_student(3, 8, inputs=x, held_out=0)
    whole = sz.train(task, sz.rules.hebbian, **how, **cases.BATH).second_law()
    assert whole is not None and "teacher" in whole.name
    true = sz.Task("true", x, "true", np.resize([1.0, -1.0], 8))
    assert sz.train(true, sz.rules.hebbian, **how, **cases.BATH).second_law() is None


def test_sum_over_a_teachers_labels_may_exceed_the_cost() -> None:
    """Why it is refused: N = 1, five patterns alike, nu = 8, slow: 5 x 0.688 nats against ln 2, no law broken."""
    task = sz.tasks.teacher_student(1, 5, inputs=np.ones((5, 1)), held_out=0)
    ramp = sz.ramp(2000.0)
    run = sz.train(
        task, sz.rules.hebbian, learning_rate=8.0 / 5, duration=2000.0, dt=2.0, replicas=4000, seed=303, schedule=ramp
    )
    total = float(sz.information.learned_information(run.correct).value)
    assert total == pytest.approx(3.442, abs=0.01)
    assert total > run.cost.value + 50 * run.cost.stderr


def test_mean_answer_is_a_function_of_the_weights_and_breaks_nothing() -> None:
    run = sz.train(cases.task(3, 2), cases.CORRECTING, **(LAW | {"replicas": 500}), **cases.BATH)
    found = run.second_law()
    assert found is not None
    assert found.verdict != "violated"
    assert any("never on the answer drawn" in a for a in found.assumptions)
    plain = second_law_of_learning(run.learned, run.marginal_cost, labels="random")
    assert not any("answer steers" in a for a in plain.assumptions)
