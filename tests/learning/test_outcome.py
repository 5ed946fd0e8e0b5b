"""What a run says of itself: labels of its teachers, patterns never shown, readouts, the untrained network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard import theory
from szilard.estimate import Sampled
from szilard.information import learned_information
from tests.learning import cases
from tests.statistics import assert_agrees

RUN: dict[str, Any] = {"learning_rate": 1.5, "duration": 5.0, "dt": 0.1, "replicas": 4000, "seed": 401}


def taught(n_inputs: int = 5, **more: Any) -> sz.LearningRun:
    x = cases.on_sphere(16, n_inputs, 8)
    task = sz.tasks.teacher_student(n_inputs, 10, inputs=x, held_out=6)
    return sz.train(task, sz.rules.adatron, **(RUN | more), **cases.BATH)


def test_labels_are_those_of_each_replicas_own_teacher() -> None:
    run = taught()
    task = run.settings.task
    assert run.teachers is not None and task.held_out_inputs is not None
    np.testing.assert_array_equal(run.labels, np.where(run.teachers @ task.inputs.T > 0, 1, -1))
    np.testing.assert_array_equal(run.held_out_labels, np.where(run.teachers @ task.held_out_inputs.T > 0, 1, -1))
    np.testing.assert_allclose(run.fields, run.weights @ task.inputs.T / np.sqrt(5), rtol=0, atol=1e-13)
    assert run.held_out_fields is not None
    np.testing.assert_allclose(
        run.held_out_fields, run.weights @ task.held_out_inputs.T / np.sqrt(5), rtol=0, atol=1e-13
    )
    moments = run.teachers.ravel()
    assert abs(moments.mean()) < 4 / np.sqrt(moments.size)
    assert abs((moments**2).mean() - 1) < 4 * np.sqrt(2 / moments.size)


def test_training_lowers_the_error_on_patterns_never_shown() -> None:
    trained, untrained = taught(), taught(learning_rate=0.0)
    assert trained.held_out_error is not None and untrained.held_out_error is not None
    assert trained.held_out_error.value < 0.5 - 10 * trained.held_out_error.stderr
    assert abs(untrained.held_out_error.value - 0.5) < 4 * untrained.held_out_error.stderr
    fresh, nothing = trained.fresh_information, untrained.fresh_information
    assert fresh is not None and nothing is not None
    assert fresh.value > 10 * fresh.stderr
    assert abs(nothing.value) < 4 * nothing.stderr
    assert abs(untrained.information.value) < 4 * untrained.information.stderr


def test_untrained_network_costs_nothing() -> None:
    """Equilibrium: the null of every number; heat is only exchanged with the bath."""
    run = sz.train(cases.task(3, 4), sz.rules.perceptron, **(RUN | {"learning_rate": 0.0}), **cases.BATH)
    for found in (run.heat, run.information, run.cost, run.entropy):
        assert found.stderr > 0.0
        assert abs(found.value) < 4 * found.stderr
    np.testing.assert_array_equal(run.ledger.work, 0.0)
    assert run.ledger.heat.std() > 0.5
    assert abs(run.error.value - 0.5) < 4 * run.error.stderr


@pytest.mark.parametrize("readout", ["thermal", "sign"])
def test_readout(readout: Any) -> None:
    """Each replica's own probability to be right, and the information of the two, at T, k, mu != 1."""
    one = sz.tasks.random_labels(1, 1, inputs=[[-1.0]])
    run = sz.train(one, sz.rules.hebbian, **(RUN | {"replicas": 250_000, "dt": 2.5}), readout=readout, **cases.BATH)
    exact = theory.single_synapse(1.5, 0.0, readout=readout, duration=5.0, **cases.BATH)
    assert_agrees(run.information, exact.information)
    assert_agrees(run.error, 1.0 - exact.correct)
    stability = run.fields * run.labels
    by_hand = stability > 0 if readout == "sign" else 1 / (1 + np.exp(-stability / 0.7))
    np.testing.assert_allclose(run.correct, by_hand, rtol=0, atol=1e-15)
    plain = learned_information(run.correct).estimate()
    assert 0.0 < run.information.stderr < plain.stderr  # a twin without force takes part of the luck away
    assert abs(run.information.value - plain.value) < 4.0 * plain.stderr


def test_true_labels_teach_but_carry_no_information() -> None:
    x = cases.on_sphere(12, 4, 9)
    y = np.where(x[:, 0] + 0.3 * x[:, 1] > 0.2, 1.0, -1.0)
    task = sz.Task("true", x[:8], "true", y[:8], x[8:], y[8:])
    run = sz.train(task, sz.rules.adatron, **RUN, **cases.BATH)
    np.testing.assert_array_equal(run.labels, np.tile(y[:8], (4000, 1)))
    np.testing.assert_array_equal(run.held_out_labels, np.tile(y[8:], (4000, 1)))
    assert run.information.value == 0.0 == run.information.stderr
    assert "no entropy" in run.information.note
    assert run.error.value < 0.5 - 10 * run.error.stderr


def test_controlled_heat_is_the_plain_mean_with_less_noise() -> None:
    run = sz.train(cases.task(3, 4), sz.rules.hebbian, **(RUN | {"learning_rate": 0.4}), **cases.BATH)
    plain = run.ledger.mean_heat()
    assert run.heat.stderr < 0.95 * plain.stderr
    gap = Sampled.mean(run.ledger.heat[:, 0] / 0.7) - run.heat_paid
    assert abs(gap.value) < 4 * gap.estimate().stderr
    energy = 0.5 * 1.3 * (run.weights**2).sum(axis=1) - run.initial_energy
    np.testing.assert_allclose(
        run.ledger.energy_change - energy, -0.4 * (run.labels * run.fields).sum(axis=1), rtol=0, atol=1e-11
    )


def test_run_describes_itself_even_where_it_cannot_know() -> None:
    text = repr(sz.train(cases.task(3, 4), sz.rules.adatron, **(RUN | {"replicas": 20}), **cases.BATH))
    assert "adatron" in text and "not known" in text
    text = repr(taught())
    for word in ("learned", "heat", "entropy", "cost", "efficiency", "error", "first law"):
        assert word in text


def test_a_run_is_held_against_the_laws_that_its_rule_permits() -> None:
    """Additive and known labels: all four; a force that follows the weight has no variation known beforehand."""
    how: dict[str, Any] = {
        "learning_rate": 0.7,
        "duration": 6.0,
        "replicas": 20_000,
        "seed": 7,
        "schedule": sz.ramp(1.5),
    }
    laws = sz.train(cases.task(3, 4), sz.rules.hebbian, **how, **cases.BATH).laws()
    assert [law.relation for law in laws] == ["<=", "=", "<=", "<="]
    assert [law.verdict for law in laws] == ["holds"] * 4
    other = sz.train(cases.task(3, 4), sz.rules.adatron, **(how | {"replicas": 2000}), **cases.BATH).laws()
    assert [law.name.split()[0] for law in other] == ["sum", "0"]


def test_the_ceiling_of_an_additive_force_is_met_by_a_quench_and_counts_every_change() -> None:
    """V^2/2kT of a force switched on at once is what it dissipates; back and forth, V is the sum of all changes."""
    how: dict[str, Any] = {"learning_rate": 0.9, "duration": 12.0, "dt": 0.05, "replicas": 20_000, "seed": 8}
    run = sz.train(cases.task(3, 4), sz.rules.hebbian, **how, **cases.BATH)
    met = run.laws()["sum V^2"]
    assert met.verdict != "violated" and abs(met.margin) < 4.0
    assert met.tightness == pytest.approx(1.0, abs=4.0 * met.slack_stderr / met.larger.value)
    swung = sz.Protocol([0.0, 3.0, 3.0, 6.0, 6.0, 12.0], [1.0, 1.0, -0.5, -0.5, 1.0, 1.0])
    again = sz.train(cases.task(3, 4), sz.rules.hebbian, **how, schedule=swung, **cases.BATH)
    wide = again.laws()["sum V^2"]
    assert wide.verdict == "holds"
    assert wide.larger.value == pytest.approx(16.0 * met.larger.value, rel=1e-12)  # (1 + 3/2 + 3/2)^2
