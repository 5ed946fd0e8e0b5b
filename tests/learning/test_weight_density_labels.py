"""A weight that the neuron's own label acts back on: its density, its modes, where it cools its bath."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from szilard.continuous.feedback import LabelFeedback
from szilard.continuous.feedback_exact import feedback_stationary
from szilard.continuous.feedback_sampling import sample_feedback
from szilard.errors import InputError
from szilard.learning.label_density import (
    averaged_label,
    fast_label_heat,
    label_feedback_costs,
    label_weight_density,
)
from szilard.learning.modes_sweep import weight_modes
from tests.statistics import z_of_mean

MEDIUM: dict[str, Any] = {"stiffness": 1.7, "mobility": 0.6, "temperature": 0.8}
LOPSIDED = LabelFeedback(push=0.7, feedback=0.4, field=1.3, flip_rate=0.9, label_temperature=0.5, **MEDIUM)
STRONG = LabelFeedback(push=0.1, feedback=2.6, field=2.2, flip_rate=0.7, **MEDIUM)


@pytest.mark.parametrize("process", [LOPSIDED, STRONG, replace(LOPSIDED, label=-1)], ids=["two baths", "strong", "-1"])
def test_the_density_from_the_mean_label_is_that_of_both_labels(process: LabelFeedback) -> None:
    """p ~ exp(int F/T) of the force met on average, against the sum of both densities, which share no quadrature."""
    found, rates = label_weight_density(process), feedback_stationary(process)
    # 1e-9: the mean label is a ratio of densities that are exact to 1e-15 of their peak
    np.testing.assert_allclose(found.p, rates.density(found.w).sum(axis=1), atol=1e-9)
    assert found.mean == pytest.approx(rates.mean_weight, abs=1e-9)
    assert found.variance == pytest.approx(rates.variance_weight, abs=1e-9)


def test_trajectories_have_this_density_with_its_two_modes() -> None:
    found = label_weight_density(STRONG)
    assert found.bimodal and found.modes[0] < 0.0 < found.modes[1]
    run = sample_feedback(STRONG, 6.0, replicas=8000, seed=2, dt=0.05, initial="stationary")
    w = run.weights[:, -1]
    for cut in (*found.modes, *found.troughs):
        assert abs(z_of_mean((w < cut).astype(np.float64), float(found.cdf(cut)))) < 4.0
    assert abs(z_of_mean(w, found.mean)) < 4.0


def test_at_reciprocity_the_density_is_that_of_a_fast_label_at_any_rate() -> None:
    """g = a/2 at one temperature: p(w) ~ e^{-(k w^2/2 - nu w)/T} cosh(a w/2T), whatever the flip rate."""
    process = replace(LOPSIDED, feedback=0.65, label_temperature=0.8)
    fast = averaged_label(process).stationary()
    for rate in (0.2, 5.0):
        slow = label_weight_density(replace(process, flip_rate=rate))
        assert abs(slow.mean - fast.mean) < 1e-9 and abs(slow.entropy - fast.entropy) < 1e-9
    off = label_weight_density(replace(process, feedback=0.4))
    assert abs(off.mean - averaged_label(replace(process, feedback=0.4)).stationary().mean) > 1e-4


def test_a_fast_label_leaves_the_averaged_density_and_a_heat_that_does_not_vanish() -> None:
    """Both to O(1/flip rate): a tenth is left at ten times the rate."""
    limit, exact = fast_label_heat(LOPSIDED), averaged_label(LOPSIDED).stationary()
    assert limit[0] < -0.05 and limit[1] > 0.1
    off, moved = [], []
    for rate in (30.0, 300.0):
        process = replace(LOPSIDED, flip_rate=rate)
        off.append(feedback_stationary(process).heat - limit)
        moved.append(label_weight_density(process).mean - exact.mean)
    # the next order is about 1/30 of the first
    np.testing.assert_allclose(np.array(off[0]) / off[1], 10.0, rtol=0.1)
    assert moved[0] / moved[1] == pytest.approx(10.0, rel=0.1)


def test_fast_label_heat_is_zero_where_one_energy_explains_both() -> None:
    both = replace(LOPSIDED, feedback=0.65, label_temperature=0.8)
    np.testing.assert_array_equal(fast_label_heat(both), 0.0)
    # with two baths the label works as an engine between them: at g = a T / 2 T_l nothing flows
    assert np.all(np.abs(fast_label_heat(replace(LOPSIDED, feedback=0.5 * 1.3 * 0.8 / 0.5))) < 1e-15)


def test_the_weight_cools_its_bath_for_feedback_between_none_and_reciprocal() -> None:
    """At one temperature, Q_w < 0 for 0 < g < a/2 and no other g in (-a/4, 3 a)."""
    process = LabelFeedback(push=0.7, feedback=0.0, field=1.3, flip_rate=0.4, **MEDIUM)
    found = label_feedback_costs(process, np.array([-0.3, 0.35, 0.75, 3.9]))
    ((low, high),) = found.cooling
    # the root is where Q_w, known to ``error``, is zero: over its slope, of 0.01 to 0.3
    assert abs(low) < 100.0 * found.error + 1e-11 and abs(high - 0.65) < 100.0 * found.error + 1e-11
    assert found.heat[1, 0] < 0.0 and np.all(found.heat[[0, 2, 3], 0] > 0.0)
    slack = found.heat[:, 0] / process.temperature - found.information_flow[:, 0]
    assert np.all(slack > 0.0) and found.information_flow[1, 0] < 0.0
    np.testing.assert_allclose(found.heat.sum(axis=1), found.work, atol=10.0 * found.error)


def test_reference_values_of_the_sweep() -> None:
    """V01_feedback_heatrate_nu1.0_g0.25_a1.0_gam1.0 and the two zeros beside it."""
    process = LabelFeedback(push=1.0, feedback=9.0, field=1.0, flip_rate=1.0)
    found = label_feedback_costs(process, [0.0, 0.25, 0.5])
    assert found.heat[1, 0] == pytest.approx(-0.03018527412048841, rel=1e-8)
    assert found.cooling == ((0.0, 0.5),)
    assert np.all(np.abs(found.heat[[0, 2], 0]) < 1e-10)


def test_a_fast_label_splits_the_weight_at_two_k_t_over_a() -> None:
    process = LabelFeedback(push=0.0, feedback=0.0, field=2.2, flip_rate=1.0, label_temperature=0.5, **MEDIUM)
    found = weight_modes(lambda g: averaged_label(replace(process, feedback=g)), [0.1, 0.7, 1.5], accuracy=1e-6)
    assert (found.before[0], found.after[0]) == (1, 2)
    assert abs(found.critical[0] - 2.0 * 1.7 * 0.5 / 2.2) <= 1e-6


def test_a_pushed_weight_gets_its_second_mode_in_a_fold() -> None:
    """|nu| = g u - (2 k T_l/a) artanh u at u^2 = 1 - 2 k T_l/(a g): roots of force and slope meet."""
    process = LabelFeedback(push=0.3, feedback=0.0, field=2.2, flip_rate=1.0, label_temperature=0.5, **MEDIUM)
    least = 2.0 * 1.7 * 0.5 / 2.2

    def pushed(g: float) -> float:
        u = np.sqrt(1.0 - least / g)
        return float(g * u - least * np.arctanh(u) - 0.3)

    exact = float(brentq(pushed, least * (1.0 + 1e-12), 5.0))
    found = weight_modes(lambda g: averaged_label(replace(process, feedback=g)), [0.5, 1.0, 2.5], accuracy=1e-6)
    assert found.critical.size == 1 and abs(found.critical[0] - exact) <= 1e-6
    assert found.densities[2].heights[0] < found.densities[2].heights[1]


def test_a_slow_label_splits_the_weight_sooner_or_later_than_a_fast_one() -> None:
    """Slow labels: the weight follows each, N(+- g/k, T/k) in equal parts, two modes for g > sqrt(k T)."""
    process = LabelFeedback(push=0.0, feedback=0.0, field=0.0, flip_rate=1e-3, **MEDIUM)
    found = weight_modes(lambda g: replace(process, feedback=g), [0.9, 1.5], accuracy=0.01)
    # a label that flips once in 1000/(mu k) leaves a share of about 1e-3 between the two
    assert abs(found.critical[0] - np.sqrt(1.7 * 0.8)) < 0.015
    # a label without a field never splits a fast-label weight
    np.testing.assert_array_equal(
        weight_modes(lambda g: averaged_label(replace(process, feedback=g)), [0.9, 1.5]).count, 1
    )


def test_bad_arguments_are_named() -> None:
    with pytest.raises(InputError) as caught:
        label_feedback_costs(LOPSIDED, [0.3, 0.1])
    assert caught.value.field == "feedbacks"
    functions: tuple[Any, ...] = (averaged_label, fast_label_heat, label_weight_density)
    for function in functions:
        with pytest.raises(InputError) as caught:
            function(3.0)
        assert caught.value.field == "process"
    with pytest.raises(InputError) as caught:
        weight_modes(lambda g: averaged_label(LOPSIDED), [1.0, 0.5])
    assert caught.value.field == "strengths"
    nothing: Any = float
    with pytest.raises(InputError) as caught:
        weight_modes(nothing, [0.5])
    assert caught.value.field == "model_of"


def test_figure_marks_cooling() -> None:
    found = label_feedback_costs(replace(LOPSIDED, label_temperature=0.8), [0.1, 0.65])
    ax = found.plot()
    assert len(ax.patches) == 1 and "cools its bath for 0.1 < g < 0.65" in repr(found)
