"""Label feedback in time against moment equations, a lattice and the stationary state; the bound that it breaks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from szilard.continuous.feedback import LabelFeedback
from szilard.continuous.feedback_evolution import feedback_evolve
from szilard.continuous.feedback_exact import feedback_stationary
from szilard.continuous.feedback_lattice import feedback_jump_process
from szilard.discrete import energetics
from szilard.errors import InputError
from szilard.information import binary_entropy
from tests.continuous.test_feedback_sampling import LOPSIDED

TIMES = [0.0, 0.3, 1.0, 4.0]


def test_moments_and_heat_of_a_blind_label_follow_their_own_equations() -> None:
    """Field 0 closes (1, <w>, <w^2>, <sigma>, <sigma w>, int <F^2>): a matrix exponential of six numbers."""
    nu, g, gamma, k, mu, T = 0.7, 1.1, 0.4, 1.7, 0.6, 0.8
    process = LabelFeedback(push=nu, feedback=g, field=0.0, flip_rate=gamma, stiffness=k, mobility=mu, temperature=T)
    # dQ/dt = mu (<F^2> - k T), F = -k w + nu + g sigma
    A = np.zeros((6, 6))
    A[1, [0, 1, 3]] = mu * nu, -mu * k, mu * g
    A[2, [0, 1, 2, 4]] = 2.0 * mu * T, 2.0 * mu * nu, -2.0 * mu * k, 2.0 * mu * g
    A[3, 3] = -2.0 * gamma
    A[4, [0, 3, 4]] = mu * g, mu * nu, -mu * k - 2.0 * gamma
    A[5, :5] = mu * np.array([nu**2 + g**2 - k * T, -2.0 * k * nu, k**2, 2.0 * nu * g, -2.0 * k * g])
    run = feedback_evolve(process, TIMES)
    exact = np.array([expm(A * t) @ [1.0, 0.0, T / k, 0.0, 0.0, 0.0] for t in TIMES])
    # 1e-9: residues of 1e3 amplify rounding to 1e-12 per step, some dozens of steps
    np.testing.assert_allclose(run.mean_weight, exact[:, 1], atol=1e-9)
    np.testing.assert_allclose(run.variance_weight, exact[:, 2] - exact[:, 1] ** 2, atol=1e-9)
    np.testing.assert_allclose(run.heat[:, 0], exact[:, 5], atol=1e-9)
    np.testing.assert_allclose(run.heat[:, 1], 0.0, atol=1e-9)
    np.testing.assert_allclose(run.learnt_by_label, 0.0, atol=1e-9)
    assert run.heat[-1, 0] > 0.5


@pytest.mark.parametrize("name", LOPSIDED)
def test_heat_agrees_with_lattices_extrapolated(name: str) -> None:
    process = LabelFeedback(**LOPSIDED[name])
    found = feedback_evolve(process, TIMES).heat[2]
    levels = []
    for cells in (80, 160, 320):
        low, high = process.centres.min() - 8.0 * process.width, process.centres.max() + 8.0 * process.width
        w = low + (high - low) / cells * (np.arange(cells) + 0.5)
        p = np.tile(np.exp(-0.5 * (w / process.width) ** 2), 2)
        levels.append(energetics(feedback_jump_process(process, cells), p / p.sum(), TIMES[2]).heat)
    once = [b + (b - a) / 3.0 for a, b in zip(levels[:-1], levels[1:], strict=True)]
    twice = once[1] + (once[1] - once[0]) / 15.0
    # what the last extrapolation moved bounds what is left
    assert np.all(np.abs(found - twice) <= np.abs(twice - once[1]) + 1e-8)
    assert np.all(np.abs(twice - once[1]) < 1e-4 * np.abs(found))


@pytest.mark.parametrize("name", LOPSIDED)
def test_it_ends_in_the_stationary_state_and_keeps_the_first_law(name: str) -> None:
    process = LabelFeedback(**LOPSIDED[name])
    rates, run = feedback_stationary(process), feedback_evolve(process, [0.0, 40.0, 41.0])
    assert run.first_law_residual < 1e-8
    # e^{-r t} with r > 0.8 for these: e^{-32} of what is left
    np.testing.assert_allclose(run.heat[2] - run.heat[1], rates.heat, atol=1e-7)
    np.testing.assert_allclose(run.information_flow[-1], rates.information_flow, atol=1e-6)
    np.testing.assert_allclose(run.information[-1], rates.information, atol=1e-7)
    np.testing.assert_allclose(run.mean_label[-1], rates.mean_label, atol=1e-7)


@pytest.mark.parametrize("name", LOPSIDED)
def test_information_flows_add_up_to_its_change_and_each_part_obeys_its_second_law(name: str) -> None:
    """dI/dt = Idot_w + Idot_sigma by central differences; d(S - I-part)/dt: the sum of both laws is the joint one."""
    process = LabelFeedback(**LOPSIDED[name])
    h = 1e-3
    run = feedback_evolve(process, [0.0, 0.5 - h, 0.5, 0.5 + h])
    growth = (run.information[3] - run.information[1]) / (2.0 * h)
    # h^2/6 times a third derivative of order one, and 1e-10 of rounding over h
    assert growth == pytest.approx(run.information_flow[2].sum(), abs=1e-6)
    warm = (run.heat[3] - run.heat[1]) / (2.0 * h) / process.temperatures
    weight = (run.weight_entropy[3] - run.weight_entropy[1]) / (2.0 * h) + warm[0] - run.information_flow[2, 0]
    joint = (run.joint_entropy[3] - run.joint_entropy[1]) / (2.0 * h) + warm.sum()
    assert 0.0 < weight < joint


def test_mutual_information_is_that_of_the_entropies() -> None:
    """I(w; sigma) = S(w) + S(sigma) - S(w, sigma) and I(sigma; s_T) = ln 2 - h((1 + <sigma>)/2)."""
    run = feedback_evolve(LabelFeedback(**LOPSIDED["two baths"]), TIMES)
    label = np.array([binary_entropy(0.5 * (1.0 + m)) for m in run.mean_label])
    np.testing.assert_allclose(run.information, run.weight_entropy + label - run.joint_entropy, atol=1e-8)
    np.testing.assert_allclose(run.learnt_by_label, np.log(2.0) - label, atol=1e-8)
    assert np.all(np.diff(run.learnt_by_label) > 0.0)


def test_feedback_breaks_the_bound_of_a_weight_alone() -> None:
    """I(w; s_T) <= dS(w) + Q_w/T holds where nothing acts back and fails for ever where feedback cools the bath."""
    free = feedback_evolve(LabelFeedback(push=1.0, feedback=0.0, field=1.0, flip_rate=1.0), [0.0, 1.0, 20.0])
    assert np.all(free.bound_slack[1:] > 0.1)
    cooled = feedback_evolve(LabelFeedback(**LOPSIDED["plain"]), [0.0, 1.0, 20.0])
    assert cooled.bound_slack[1] > 0.1 and cooled.bound_slack[2] < -0.01


@pytest.mark.parametrize(
    ("times", "variance", "field"),
    [([1.0, 0.5], None, "times"), ([1.0], 0.0, "variance"), ([1.0], 1e-6, "variance"), ([1.0], np.nan, "variance")],
)
def test_bad_arguments_are_named(times: list[float], variance: float | None, field: str) -> None:
    with pytest.raises(InputError) as caught:
        feedback_evolve(LabelFeedback(**LOPSIDED["plain"]), times, variance=variance)
    assert caught.value.field == field


def test_texts_and_figures_tell_the_physics() -> None:
    run = feedback_evolve(LabelFeedback(**LOPSIDED["plain"]), [0.0, 0.5], variance=0.5)
    assert "learnt by the weight" in repr(run) and "first law to" in repr(run)
    assert len(run.plot().lines) == 4
