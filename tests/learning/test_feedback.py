"""The neuron's own answers taken for labels, through ``train``: heat that the weights take up, and who pays for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.estimate import Sampled
from szilard.laws import second_law_of_learning
from szilard.learning.answering import Answering, as_label_feedback
from szilard.learning.answers_exact import exact_answers
from tests.learning import cases
from tests.learning.answer_lanes import advanced
from tests.statistics import assert_agrees

HOW: dict[str, Any] = {"feedback": 0.3, "answer_rate": 2.0, "answer_gain": 1.4}
RUN: dict[str, Any] = {"learning_rate": 0.9, "duration": 1.0, "dt": 0.05, "replicas": 150, "seed": 6}
RAMP = sz.Protocol((0.0, 0.3, 0.3, 1.1), (0.2, 1.0, 0.5, 1.5))  # still moving at the end
ONE = sz.tasks.random_labels(1, 1, inputs=np.array([[1.0]]))


@pytest.mark.parametrize("rule", [sz.rules.hebbian, sz.rules.perceptron, cases.HALFWAY], ids=lambda r: r.name)
def test_train_is_the_kernel_step_by_step(rule: sz.Rule) -> None:
    """The same numbers as blocks of lanes advanced by hand, and the first law with two baths."""
    run = sz.train(cases.task(3, 4), rule, schedule=RAMP, **RUN, **HOW, **cases.BATH)
    hand = advanced(cases.task(3, 4), rule, schedule=RAMP, **RUN, **HOW, **cases.BATH)
    np.testing.assert_array_equal(run.weights, hand.weights)
    assert run.answers is not None
    np.testing.assert_array_equal(run.answers.answers, hand.answers.answers)
    np.testing.assert_allclose(run.answers.surprise_change, hand.answers.surprise_change, rtol=0, atol=1e-12)
    for name in ("heat", "work", "energy_change"):
        np.testing.assert_allclose(getattr(run.ledger, name), getattr(hand.ledger, name), rtol=0, atol=1e-12)
    assert run.ledger.heat.shape == (150, 2)
    assert run.ledger.gross is not None
    residual = run.ledger.energy_change - run.ledger.work + run.ledger.heat.sum(axis=1)
    assert np.all(np.abs(residual) <= 1e-10 * run.ledger.gross)


@pytest.mark.parametrize(
    "cut", [{"threads": 2}, {"lanes": 1}, {"lanes": 7, "threads": 2}, {"times": [0.2, 0.5]}], ids=str
)
def test_same_bits_however_cut(cut: dict[str, Any]) -> None:
    more = {"replicas": 250} if "times" in cut else {}
    whole, parts = (
        sz.train(cases.task(3, 4), sz.rules.adatron, schedule=RAMP, **(RUN | more), **HOW, **cases.BATH, **how)
        for how in ({"threads": 1}, cut)
    )
    np.testing.assert_array_equal(whole.weights, parts.weights)
    np.testing.assert_array_equal(whole.ledger.heat, parts.ledger.heat)
    assert whole.answers is not None and parts.answers is not None
    np.testing.assert_array_equal(whole.answers.answers, parts.answers.answers)
    np.testing.assert_array_equal(whole.answers.surprise_change, parts.answers.surprise_change)


def test_weights_take_up_heat_and_the_answers_pay() -> None:
    """nu = g = gamma = 1, a = 3: the exact heats of both at t = 30 and 60, and the rate between, -.0453609 (V01).

    Alone the weights violate I <= dS + Q/T; with the answers' heat the law holds.
    """
    how: dict[str, Any] = {"feedback": 1.0, "answer_rate": 1.0, "answer_gain": 3.0}
    common: dict[str, Any] = {"learning_rate": 1.0, "dt": 0.1, "replicas": 40_000, "seed": 3}
    runs = [sz.train(ONE, sz.rules.hebbian, duration=t, **common, **how) for t in (30.0, 60.0)]
    process = as_label_feedback(runs[0].settings, Answering(1.0, 1.0, 3.0))
    assert process is not None
    exact = exact_answers(process, [0.0, 30.0, 60.0])
    for run, expected in zip(runs, exact.heat[1:, 0], strict=True):
        assert_agrees(run.heat, float(expected), relative=0.03)
    rate = Sampled.mean((runs[1].ledger.heat[:, 0] - runs[0].ledger.heat[:, 0]) / 30.0).estimate()
    assert_agrees(rate, -0.0453609, relative=0.03)  # a step of gamma dt = .1 errs by (gamma dt)^2 / 10 of it
    last = runs[1]
    alone = second_law_of_learning(last.learned, last.weights_cost, labels="random")
    assert alone.verdict == "violated"
    together = last.second_law()
    assert together is not None and together.verdict == "holds"
    assert last.classification.kind == "driving"


def test_reciprocal_feedback_is_manipulation_and_rests_without_heat() -> None:
    """g = a/2 of Hebb's rule: one energy; nothing flows at rest."""
    how: dict[str, Any] = {"feedback": 0.7, "answer_rate": 2.0, "answer_gain": 1.4}
    common: dict[str, Any] = {"learning_rate": 0.9, "dt": 0.05, "replicas": 20_000, "seed": 3, **cases.BATH}
    task = cases.task(2, 3)
    early, late = (sz.train(task, sz.rules.hebbian, duration=t, **common, **how) for t in (10.0, 20.0))
    assert late.classification.kind == "manipulation"
    for bath in (0, 1):
        change = late.ledger.heat[:, bath] - early.ledger.heat[:, bath]
        assert abs(change.mean()) < 4.0 * change.std() / np.sqrt(change.size)
    assert change.std() / np.sqrt(change.size) < 0.02


def test_answers_without_feedback_jump_and_end_where_they_would_be_drawn() -> None:
    """g = 0, fast answers: the error is that of an answer given once, at the end."""
    common: dict[str, Any] = {"learning_rate": 1.5, "duration": 3.0, "dt": 0.02, "replicas": 40_000, "seed": 4}
    jumping = sz.train(cases.task(2, 3), sz.rules.hebbian, answer_rate=50.0, **common)
    once = sz.train(cases.task(2, 3), sz.rules.hebbian, **common)
    assert jumping.answers is not None and once.answers is None
    assert np.all(jumping.answers.jumps > 0)
    apart = (jumping.error.value - once.error.value) / float(np.hypot(jumping.error.stderr, once.error.stderr))
    assert abs(apart) < 4.0


def test_what_jumping_answers_cannot_do_is_refused() -> None:
    for how, word in (
        ({"mode": "online", "dwell": 0.1}, "mode"),
        ({"readout": "sign"}, "readout"),
        ({"answer_rate": 0.0}, "answer_rate"),
        ({"feedback": float("nan")}, "feedback"),
    ):
        with pytest.raises(sz.InputError, match=word):
            sz.train(ONE, sz.rules.hebbian, **(RUN | {"feedback": 0.3} | how))
    with pytest.raises(sz.InputError, match="bcm"):
        sz.train(ONE, sz.rules.bcm, feedback=0.3, **RUN)


def test_what_answers_add_to_the_cost_is_a_bound_from_above() -> None:
    """Slow answers are far from equilibrium at the weights: the surprise exceeds their entropy."""
    how: dict[str, Any] = {"feedback": 0.3, "answer_rate": 0.05, "answer_gain": 1.2}
    run = sz.train(ONE, sz.rules.hebbian, learning_rate=0.9, duration=4.0, replicas=4000, seed=1, **how, **cases.BATH)
    process = as_label_feedback(run.settings, Answering(0.3, 0.05, 1.2))
    assert process is not None
    exact = float(exact_answers(process, [0.0, 4.0]).joint_cost[-1])
    assert run.cost.side == "upper"
    assert run.cost.value > exact + 3.0 * run.cost.stderr
    assert run.efficiency_joint.side == "lower"
    check = run.second_law()
    assert check is not None and check.verdict == "holds"


def test_answers_that_no_rule_could_use_are_refused() -> None:
    how: dict[str, Any] = {"learning_rate": 1.0, "duration": 1.0, "replicas": 50, "seed": 1}
    with pytest.raises(sz.InputError, match="whole steps"):
        sz.train(ONE, sz.rules.gibbs, feedback=0.3, **how)
    for gain in (3.0, float("nan")):
        with pytest.raises(sz.InputError, match="answer_gain"):
            sz.train(ONE, sz.rules.hebbian, answer_gain=gain, **how)
