"""Answers that act back: where they cool the weights, what fast ones do, and theorems at many sizes."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard.continuous.feedback import LabelFeedback
from szilard.continuous.feedback_exact import feedback_stationary
from szilard.estimate import Estimate, Sampled
from szilard.learning.answering import reciprocal_feedback
from szilard.learning.label_density import fast_label_heat
from tests.learning import cases
from tests.learning.answer_lanes import advanced
from tests.learning.test_answers import thermal_density
from tests.statistics import assert_agrees, z_of_mean

pytestmark = pytest.mark.soak
Array = NDArray[np.float64]
PLAIN = {"temperature": 1.0, "stiffness": 1.0, "mobility": 1.0}


def rates(task: sz.Task, rule: sz.Rule, g: float, **other: Any) -> Array:
    """Heat per time of weights and answers at rest, (replica, reservoir)."""
    span = other.pop("span", 40.0)
    common: dict[str, Any] = {"feedback": g, "answer_rate": 1.0, "learning_rate": 1.0, "dt": 0.02, "replicas": 4000}
    common |= PLAIN | other
    before = advanced(task, rule, duration=10.0, seed=1, **common)
    start = (before.weights, before.answers.answers)
    run = advanced(task, rule, duration=span, seed=7, start=start, labels=before.labels, **common)
    return np.asarray(run.ledger.heat / span)


def mean(heat: Array) -> Estimate:
    return Sampled.mean(heat).estimate()


@pytest.mark.parametrize("answer_rate", [1.0, 10.0])
@pytest.mark.parametrize(
    "rule", [sz.rules.hebbian, sz.rules.perceptron, sz.rules.gradient, sz.rules.adatron], ids=lambda rule: rule.name
)
def test_weights_cool_their_bath_below_reciprocity(rule: sz.Rule, answer_rate: float) -> None:
    """a = 1, two weights: Q_w < 0 for 0 < g < a/2 (Hebb) or a (Perceptron, gradient), and for AdaTron up to 1 at least.

    Where F(A, +1) - F(A, -1) = d does not depend on A, Q_sigma = -(a/(g d)) Q_w at rest.
    """
    task, zero = cases.task(2, 3, seed=2), reciprocal_feedback(rule)
    for g in (0.15, 0.3, 0.45, 0.6, 0.8):
        heat = rates(task, rule, g, answer_rate=answer_rate)
        z = z_of_mean(heat[:, 0], 0.0)
        assert z < -8.0 if zero is None or g < zero else z > 8.0
        if zero is not None:
            assert abs(z_of_mean(heat[:, 0] + g / zero * heat[:, 1], 0.0)) <= 4.0
    if zero is not None:
        for heat in rates(task, rule, zero, answer_rate=answer_rate).T:
            assert abs(z_of_mean(heat, 0.0)) <= 4.0


@pytest.mark.parametrize("answer_rate", [0.2, 3.0, 30.0])
def test_one_weight_at_any_rate(answer_rate: float) -> None:
    """k, mu, T, a unlike: both heats per time against the exact density."""
    process = LabelFeedback(push=0.9, feedback=0.45, field=1.6, flip_rate=answer_rate, **cases.BATH)
    exact = feedback_stationary(process).heat
    heat = rates(
        cases.task(1, 1), sz.rules.hebbian, 0.45, answer_gain=1.6, learning_rate=0.9, answer_rate=answer_rate,
        dt=min(0.02, 0.2 / answer_rate), replicas=16_000, **cases.BATH,
    )  # fmt: skip
    # the steps err by at most 0.1 (gamma dt)^2 = 4e-3 of themselves
    assert_agrees(mean(heat[:, 0]), exact[0], relative=0.03)
    assert_agrees(mean(heat[:, 1]), exact[1], relative=0.03)


def test_heat_tends_to_that_of_fast_answers() -> None:
    """More per time the faster answers are, and a limit for gamma -> infinity that is not that of averaged answers."""
    process = LabelFeedback(push=0.9, feedback=0.45, field=1.6, flip_rate=1.0, **cases.BATH)
    common: dict[str, Any] = {"answer_gain": 1.6, "learning_rate": 0.9, "replicas": 16_000} | cases.BATH
    found = [
        mean(rates(cases.task(1, 1), sz.rules.hebbian, 0.45, answer_rate=rate, dt=dt, **common)[:, 0])
        for rate, dt in ((0.3, 0.02), (3.0, 0.02), (1e4, 0.004))
    ]
    assert all(slow.value > fast.value + 4.0 * fast.stderr for slow, fast in pairwise(found))
    assert found[0].value < 0.0
    # at gamma dt = 40 a step errs by less than mu k dt = 3e-3 of itself
    assert_agrees(found[2], fast_label_heat(process)[0], relative=0.03)


def test_rates_approach_their_limit_at_many_weights() -> None:
    """N = 3, P = 4: what is missing of the heat of fast answers falls as 1/gamma."""
    task = cases.task(3, 4, seed=2)
    heat = {
        rate: mean(rates(task, sz.rules.hebbian, 0.3, answer_rate=rate, dt=0.005, span=20.0, replicas=16_000)[:, 0])
        for rate in (2.0, 8.0, 32.0, 512.0)
    }
    missing = [heat[rate].value - heat[512.0].value for rate in (2.0, 8.0, 32.0)]
    error = math.hypot(heat[32.0].stderr, heat[512.0].stderr)
    assert missing[0] > missing[1] > missing[2] > -3.0 * error
    assert missing[0] > 10.0 * error
    # b/gamma + c/gamma^2: the ratio is between 4 and 16 from above gamma, less where 1/512 counts
    assert 2.0 < missing[0] / missing[1] < 8.0


@pytest.mark.parametrize("seed", range(6))
def test_integral_theorem_of_many_sizes(seed: int) -> None:
    """<e^{-ds - (Q_w + Q_sigma)/T}> = 1 at mu k h = 0.4, for a normalised final density, whatever g and rule."""
    task, rules = cases.task(1 + seed, 5 - seed % 5, seed), (sz.rules.hebbian, sz.rules.perceptron, sz.rules.gradient)
    g, gain = (-0.3, 0.1, 0.25, 0.4, -0.1, 0.2)[seed], (0.5, 0.6, 0.5, 0.4, 0.5, 0.4)[seed]
    run = advanced(
        task, rules[seed % 3], feedback=g, answer_rate=0.8, answer_gain=gain, learning_rate=0.3, duration=1.5, dt=0.5,
        replicas=400_000, seed=seed, **cases.BATH,
    )  # fmt: skip
    x = task.inputs / math.sqrt(task.n_inputs)
    reached = 0.3 * -math.expm1(-1.5 * cases.RATE) / cases.BATH["stiffness"]
    after = thermal_density(run.weights - reached * run.labels @ x, run.fields, run.answers.answers, gain)
    before = thermal_density(run.first_weights, run.first_weights @ x.T, run.first_answers, gain)
    weights = np.exp(-(after - before + run.ledger.entropy_flow))
    assert abs(z_of_mean(weights, 1.0)) <= 4.0
    assert weights.sum() ** 2 / (weights**2).sum() > 4000.0
