"""What learning costs under feedback: the weights alone break the bound, weights and answers together keep it."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import cumulative_trapezoid, simpson

import szilard as sz
from szilard.continuous.feedback import LabelFeedback
from szilard.continuous.feedback_evolution import feedback_evolve
from szilard.continuous.feedback_exact import feedback_stationary
from szilard.errors import InputError
from szilard.estimate import Sampled
from szilard.information import binary_entropy, learned_information, neighbour_entropy
from szilard.laws import second_law_of_learning
from szilard.learning.answer_costs import second_law_with_answers, thermal_surprise
from szilard.learning.answering import Answering, as_label_feedback
from szilard.learning.answers_exact import ExactAnswers, exact_answers
from szilard.learning.training import settings_for
from tests.learning import cases
from tests.learning.answer_lanes import Lanes, advanced
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
T, K = cases.BATH["temperature"], cases.BATH["stiffness"]
PROCESSES = {
    "cooling": LabelFeedback(push=0.8, feedback=0.35, field=1.7, flip_rate=0.9, **cases.BATH),
    "reciprocal": LabelFeedback(push=0.8, feedback=0.6, field=1.2, flip_rate=0.3, **cases.BATH),
    "contrary": LabelFeedback(push=1.1, feedback=-0.7, field=1.4, flip_rate=2.0, **cases.BATH),
    "deaf": LabelFeedback(push=1.1, feedback=0.0, field=2.4, flip_rate=0.05, **cases.BATH),
}


TIMES = np.concatenate([np.linspace(0.0, 3.0, 121), [6.0, 12.0, 25.0, 40.0, 80.0]])
DENSE = slice(0, 121)


@cache
def course(name: str) -> ExactAnswers:
    return exact_answers(PROCESSES[name], TIMES)


def weights_cost(run: Lanes) -> Sampled:
    """sum_n Delta S(w_n) + Q_w/T: what the weights alone would seem to pay."""
    entropy = neighbour_entropy(run.weights)
    start = 0.5 * run.weights.shape[1] * math.log(2.0 * math.pi * math.e * T / K)
    change = Sampled(entropy.value - start, entropy.influence)
    return change + Sampled.mean(run.ledger.heat[:, 0]).scaled(1.0 / T)


@pytest.mark.parametrize("name", PROCESSES)
def test_the_joint_second_law_of_learning_holds_at_all_times(name: str) -> None:
    """I((w, sigma); s_T) <= Delta S(w, sigma) + (Q_w + Q_sigma)/T, growing in time given s_T."""
    run = course(name)
    produced = run.joint_cost - run.learnt_by_both
    assert np.all(np.diff(produced) > -1e-9) and produced[-1] > 0.05
    assert np.all(run.learnt_by_both >= np.maximum(run.learnt_by_weight, run.learnt_by_answer) - 1e-9)
    assert abs(run.learnt_by_both[0]) < 1e-9
    assert run.weight_entropy[0] == pytest.approx(0.5 * math.log(2.0 * math.pi * math.e * T / K), abs=1e-9)


def test_only_feedback_below_reciprocity_breaks_the_bound_of_the_weight() -> None:
    """Delta S(w) + Q_w/T - I(w; s_T) in the long run: without end where the weight cools its bath."""
    slack = {}
    for name in PROCESSES:
        slack[name] = (course(name).weight_cost - course(name).learnt_by_weight)[-2:]
    rate = feedback_stationary(PROCESSES["cooling"]).heat[0] / T
    assert rate < 0.0
    assert slack["cooling"][1] < slack["cooling"][0] < 0.0
    assert slack["cooling"][1] - slack["cooling"][0] == pytest.approx(40.0 * rate, rel=1e-6)
    assert slack["deaf"][1] > 0.0 and slack["reciprocal"][1] > 0.0
    assert slack["contrary"][1] > slack["contrary"][0] > 0.0


@pytest.mark.parametrize("name", PROCESSES)
def test_flows_of_information_add_up_and_repair_the_bound(name: str) -> None:
    """Integral of both flows = change of I(w; sigma | s_T); S(w | s_T) + Q_w/T - flow into the weight never falls."""
    run, times = course(name), TIMES[DENSE]
    alone, both = run.weight_entropy - run.learnt_by_weight, run.joint_entropy - run.learnt_by_both
    mutual = alone + np.asarray(binary_entropy(0.5 * (1.0 + run.mean_answer))) - both
    mutual, alone, rates = mutual[DENSE], alone[DENSE], run.information_flow[DENSE]
    flows = [simpson(flow, x=times) for flow in rates.T]
    # Simpson's rule errs by h^4 of the fourth derivative, here below 1e-6 of what is summed
    assert sum(flows) == pytest.approx(mutual[-1] - mutual[0], abs=1e-5)
    assert abs(mutual[-1] - mutual[0]) > 1e-3
    repaired = alone - alone[0] + run.heat[DENSE, 0] / T
    into_weight = cumulative_trapezoid(rates[:, 0], times, initial=0.0)
    assert np.all(np.diff(repaired - into_weight) > -1e-6)


def test_late_states_do_not_know_their_start() -> None:
    """The same as ``feedback_evolve``, which starts with answers that know nothing of the weight."""
    process = PROCESSES["cooling"]
    one, other = course("cooling"), feedback_evolve(process, [0.0, 40.0, 80.0])
    assert one.learnt_by_weight[-1] == pytest.approx(other.learnt_by_weight[2], abs=1e-8)
    assert one.learnt_by_answer[-1] == pytest.approx(other.learnt_by_label[2], abs=1e-8)
    assert np.diff(one.heat[-2:], axis=0) == pytest.approx(np.diff(other.heat[1:], axis=0), abs=1e-7)


def test_sampled_costs_of_one_weight_and_one_answer() -> None:
    """Q, Delta S(w) and what the answers add, against the density; their surprise from the stationary one."""
    process = PROCESSES["cooling"]
    run = advanced(
        cases.task(1, 1), sz.rules.hebbian, feedback=0.35, answer_rate=0.9, answer_gain=1.7, learning_rate=0.8,
        duration=30.0, dt=0.05, replicas=20_000, seed=3, **cases.BATH,
    )  # fmt: skip
    exact, rates = exact_answers(process, [0.0, 30.0]), feedback_stationary(process)
    w = rates.points.weights
    surprise = [float((p * np.logaddexp(0.0, -s * 1.7 * w / T)).sum() * rates.points.step)
                for s, p in zip((-1.0, 1.0), rates.densities, strict=True)]  # fmt: skip
    z, weight = np.polynomial.hermite_e.hermegauss(80)
    chance = 0.5 * (1.0 + np.tanh(0.85 * process.width * z / T))
    start = float(weight / weight.sum() @ np.asarray(binary_entropy(chance)))
    added = sum(surprise) - start + exact.heat[1, 1] / T
    found = run.answers.cost(T)
    assert_agrees(found.estimate(), added, relative=0.02)
    assert added > exact.joint_cost[1] - exact.weight_cost[1]
    cost = weights_cost(run)
    assert abs(cost.value - exact.weight_cost[1]) < 4.0 * cost.estimate().stderr < 0.2
    learned = learned_information(run.answers.right(run.labels))
    assert_agrees(learned.estimate(), exact.learnt_by_answer[1], relative=0.05)


@pytest.mark.parametrize(
    ("rule", "n_inputs", "n_patterns"),
    [(sz.rules.hebbian, 1, 1), (sz.rules.hebbian, 3, 4), (sz.rules.perceptron, 2, 3), (sz.rules.adatron, 3, 2)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_weights_alone_break_the_bound_and_both_together_keep_it(rule: sz.Rule, n_inputs: int, n_patterns: int) -> None:
    """I <= sum_n Delta S(w_n) + Q_w/T by more than 5 sigma, the further the longer; with the answers it holds."""

    def checked(duration: float) -> tuple[Any, Any]:
        run = advanced(
            cases.task(n_inputs, n_patterns, seed=2), rule, feedback=0.3, answer_rate=1.0, answer_gain=1.4,
            learning_rate=0.7, duration=duration, dt=0.05, replicas=2000, seed=4, **cases.BATH,
        )  # fmt: skip
        learned = learned_information(run.answers.right(run.labels))
        alone = weights_cost(run)
        return (
            second_law_of_learning(learned, alone, labels="random"),
            second_law_with_answers(learned, alone + run.answers.cost(T)),
        )

    sooner, later = checked(60.0), checked(120.0)
    assert later[0].verdict == "violated" and later[0].margin < sooner[0].margin
    assert sooner[1].verdict == later[1].verdict == "holds"
    assert later[1].slack > sooner[1].slack


def test_slow_answers_remember_what_the_weights_have_lost() -> None:
    """No feedback, no time-scale separation: weights learn and unlearn slowly, and the answers still know."""
    schedule = sz.Protocol((0.0, 150.0, 850.0, 1000.0), (0.0, 1.0, 1.0, 0.0))
    run = advanced(
        cases.task(1, 1), sz.rules.hebbian, feedback=0.0, answer_rate=4e-4, answer_gain=1.6, learning_rate=3.0,
        schedule=schedule, duration=1000.0, dt=0.25, replicas=4000, seed=6, **cases.BATH,
    )  # fmt: skip
    learned, alone = learned_information(run.answers.right(run.labels)), weights_cost(run)
    assert second_law_of_learning(learned, alone, labels="random").verdict == "violated"
    assert second_law_with_answers(learned, alone + run.answers.cost(T)).verdict == "holds"


def test_the_run_that_label_feedback_solves() -> None:
    task = cases.task(1, 1)
    common: dict[str, Any] = {"learning_rate": 0.8, "duration": 1.0, "replicas": 10, "seed": 1} | cases.BATH
    how = Answering(0.35, 0.9, 1.7)
    assert as_label_feedback(settings_for(task, sz.rules.hebbian, **common), how) == PROCESSES["cooling"]
    assert as_label_feedback(settings_for(task, sz.rules.perceptron, **common), how) is None
    assert as_label_feedback(settings_for(cases.task(1, 2), sz.rules.hebbian, **common), how) is None


def test_bad_arguments_are_named() -> None:
    with pytest.raises(InputError) as caught:
        thermal_surprise([0.0, 1.0], [1.0], 1.0, 1.0)
    assert caught.value.field == "answers"
    with pytest.raises(InputError) as caught:
        thermal_surprise([0.0], [1.0], math.nan, 1.0)
    assert caught.value.field == "answer_gain"
    with pytest.raises(InputError) as caught:
        exact_answers(None, [0.0])  # type: ignore[arg-type]
    assert caught.value.field == "process"
    with pytest.raises(InputError) as caught:
        exact_answers(PROCESSES["cooling"], [1.0, 0.5])
    assert caught.value.field == "times"


def test_texts_and_figures_tell_the_physics() -> None:
    run = course("cooling")
    assert "cost of the weight alone" in repr(run) and "to t = 80" in repr(run)
    assert len(run.plot().lines) == 4
