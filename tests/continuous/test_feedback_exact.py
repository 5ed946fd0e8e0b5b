"""The stationary state of label feedback against Hermite functions, a lattice, closed forms and its second laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from szilard.continuous.feedback import LabelFeedback
from szilard.continuous.feedback_exact import FeedbackRates, feedback_stationary
from szilard.continuous.feedback_lattice import feedback_jump_process, feedback_on_lattice
from szilard.discrete import entropy_production_rate
from szilard.errors import InputError

Array = NDArray[np.float64]
MEDIUM: dict[str, Any] = {"stiffness": 1.7, "mobility": 0.6, "temperature": 0.8, "label_temperature": 0.5}
LOPSIDED: dict[str, dict[str, Any]] = {
    "cooling": {"push": 1.0, "feedback": 0.25, "field": 1.0, "flip_rate": 1.0},
    "strong": {"push": 1.0, "feedback": 1.0, "field": 3.0, "flip_rate": 1.0},
    "negative field, two baths": {"push": 0.7, "feedback": 0.6, "field": -1.1, "flip_rate": 0.3, **MEDIUM},
    "negative feedback": {"push": -0.4, "feedback": -0.9, "field": 1.2, "flip_rate": 2.0, **MEDIUM, "label": -1},
}


def by_hermite(p: LabelFeedback, terms: int = 80) -> Array:
    """Heat of weight and label, mean label: p_sigma(w) = phi sum c He_n / sqrt(n!) about nu s_T / k, e^x by ladders."""
    n, s = np.arange(terms), np.sqrt(p.temperature / p.stiffness)
    m, T = p.push * p.label / p.stiffness, p.temperatures[1]
    L, rate = np.zeros((2, terms, 2, terms)), []
    for i, sigma in enumerate((-1.0, 1.0)):
        speed = p.mobility * p.stiffness
        L[i, :, i] += np.diag(-speed * n)
        L[i, :, i] += np.diag(p.mobility * p.feedback * sigma / s * np.sqrt(n[1:]), -1)
        tilt = -sigma * 0.5 * p.field * s / T
        e = np.zeros((terms, terms))
        e[0] = np.exp(0.5 * tilt**2) * np.concatenate([[1.0], np.cumprod(tilt / np.sqrt(n[1:]))])
        for k in range(terms - 1):
            e[k + 1] = tilt * e[k]
            e[k + 1, 1:] += np.sqrt(n[1:]) * e[k, :-1]
            e[k + 1] /= np.sqrt(k + 1)
        rate.append(p.flip_rate * np.exp(-0.5 * sigma * p.field * m / T) * e)
        L[i, :, i] -= rate[i]
        L[1 - i, :, i] += rate[i]
    A, b = L.reshape(2 * terms, -1), np.eye(1, 2 * terms)[0]
    A[0] = 0.0
    A[0, [0, terms]] = 1.0
    c = np.linalg.solve(A, b).reshape(2, terms)
    heat = np.zeros(2)
    for i, sigma in enumerate((-1.0, 1.0)):
        x, x2 = s * c[i, 1], s * s * (c[i, 0] + np.sqrt(2.0) * c[i, 2])
        pushed = p.feedback * sigma
        heat[0] += p.mobility * (pushed**2 * c[i, 0] - 2.0 * pushed * p.stiffness * x + p.stiffness**2 * x2)
        heat[0] -= p.mobility * p.stiffness * p.temperature * c[i, 0]
        heat[1] -= p.field * sigma * (m * rate[i][0] + s * rate[i][1]) @ c[i]
    return np.array([*heat, c[1, 0] - c[0, 0]])


def reference(push: float, feedback: float, field: float, flip_rate: float) -> FeedbackRates:
    return feedback_stationary(LabelFeedback(push=push, feedback=feedback, field=field, flip_rate=flip_rate))


@pytest.mark.parametrize(
    ("case", "weight", "label", "flow"),
    [
        ((1.0, 1.0, 3.0, 1.0), -0.04536088681992387, 0.06803222, -0.06082525),
        ((1.0, 0.25, 1.0, 1.0), -0.03018527412048841, 0.06036196, -0.05085232),
        ((1.0, 0.5, 1.0, 1.0), 0.0, 0.0, 0.0),
        ((1.0, 0.0, 1.0, 1.0), 0.0, 0.12835117, -0.08647793),
    ],
)
def test_reference_values(case: tuple[float, float, float, float], weight: float, label: float, flow: float) -> None:
    """The heat of the weight to 2e-5; label and flow were noted from one lattice, not extrapolated: to 2e-4."""
    rates = reference(*case)
    assert rates.error < 1e-10
    assert abs(rates.heat[0] - weight) <= 1e-8 * abs(weight) + 10.0 * rates.error
    assert abs(rates.heat[1] - label) <= 2e-4 * abs(label) + 10.0 * rates.error
    assert abs(rates.information_flow[0] - flow) <= 2e-4 * abs(flow) + 10.0 * rates.error


@pytest.mark.parametrize("name", LOPSIDED)
def test_agrees_with_hermite_functions(name: str) -> None:
    """80 terms are converged to 1e-9 for these: 120 change the last digit."""
    process = LabelFeedback(**LOPSIDED[name])
    rates = feedback_stationary(process)
    found = np.array([*rates.heat, rates.mean_label])
    np.testing.assert_allclose(found, by_hermite(process), rtol=1e-8, atol=1e-10)
    assert np.all(np.abs(rates.heat) > 0.01)


@pytest.mark.parametrize("name", LOPSIDED)
def test_agrees_with_the_lattice(name: str) -> None:
    process = LabelFeedback(**LOPSIDED[name])
    rates, lattice = feedback_stationary(process), feedback_on_lattice(process)
    wide = 10.0 * (rates.error + lattice.error)
    assert wide < 1e-6
    assert np.all(np.abs(rates.heat - lattice.heat) <= wide)
    assert np.all(np.abs(rates.information_flow - lattice.information_flow) <= wide)
    assert abs(rates.mean_label - lattice.mean_label) <= wide


def test_lattice_approaches_by_the_square_of_its_spacing() -> None:
    """The dissipation of the lattice, found by the jump processes' own function, errs by h^2."""
    process = LabelFeedback(**LOPSIDED["negative field, two baths"])
    exact = feedback_stationary(process).entropy_production
    errors = [entropy_production_rate(feedback_jump_process(process, cells)) - exact for cells in (100, 200, 400)]
    ratios = np.divide(errors[:-1], errors[1:])
    # the next term is smaller by h^2 / (s^2 = 0.47), h = 0.16, 0.08: the ratios 4 err by less than that
    assert np.all(np.abs(ratios - 4.0) < 0.2)


@pytest.mark.parametrize("medium", [{}, MEDIUM])
def test_a_label_that_feels_nothing_heats_as_a_telegraph(medium: dict[str, Any]) -> None:
    """Q_w = 2 gamma mu g^2 / (mu k + 2 gamma): 1 exactly for g = 1.5, gamma = 0.4 in plain units."""
    process = LabelFeedback(push=0.0, feedback=1.5, field=0.0, flip_rate=0.4, **medium)
    rates, k, mu = feedback_stationary(process), process.stiffness, process.mobility
    expected = 0.8 * mu * 1.5**2 / (mu * k + 0.8)
    assert medium or expected == pytest.approx(1.0, rel=1e-15)
    assert abs(rates.heat[0] - expected) <= 10.0 * rates.error
    assert abs(rates.heat[1]) <= 10.0 * rates.error
    assert rates.information_flow[0] > 0.1 > -0.1 > rates.information_flow[1]


def test_equilibrium_dissipates_nothing_and_is_boltzmann() -> None:
    process = LabelFeedback(
        push=0.7, feedback=0.9, field=1.8, flip_rate=0.3, stiffness=1.7, mobility=0.6, temperature=0.8
    )
    rates = feedback_stationary(process)
    assert process.reciprocal and process.equilibrates
    assert np.all(np.abs([*rates.heat, *rates.information_flow, rates.work]) <= 10.0 * rates.error)
    w = rates.points.weights
    boltzmann = np.exp(-np.array([process.energies(w, sigma) for sigma in (-1.0, 1.0)]) / process.temperature)
    boltzmann /= boltzmann.sum() * rates.points.step
    np.testing.assert_allclose(rates.densities, boltzmann, atol=1e-12)
    between = w[:-1] + 0.3 * rates.points.step
    exact = np.exp(-np.array([process.energies(between, sigma) for sigma in (-1.0, 1.0)]) / process.temperature)
    scale = np.exp(-process.energies(w[60], 1.0) / process.temperature) / rates.densities[1, 60]
    np.testing.assert_allclose(rates.density(between).T, exact / scale, atol=1e-10)


def test_reciprocal_parts_of_two_temperatures_pass_heat_from_hot_to_cold() -> None:
    rates = feedback_stationary(LabelFeedback(push=0.7, feedback=0.9, field=1.8, flip_rate=0.3, label_temperature=0.4))
    assert abs(rates.work) <= 10.0 * rates.error
    assert rates.heat[0] < -0.01 and rates.heat[1] > 0.01


def test_each_part_obeys_its_second_law() -> None:
    """Q/T - Idot >= 0 of weight and of label, dE = 0, no net flow: 50 processes drawn at random."""
    draw = np.random.default_rng(5)
    for _ in range(50):
        numbers = draw.normal(0.0, [1.0, 1.2, 1.5])
        process = LabelFeedback(
            push=numbers[0],
            feedback=numbers[1],
            field=numbers[2],
            flip_rate=float(np.exp(draw.normal())),
            stiffness=float(draw.uniform(0.5, 2.0)),
            mobility=float(draw.uniform(0.5, 2.0)),
            temperature=float(draw.uniform(0.5, 2.0)),
            label_temperature=float(draw.uniform(0.5, 2.0)),
        )
        rates = feedback_stationary(process)
        wide = 20.0 * rates.error * max(1.0, 1.0 / process.temperatures.min())
        assert rates.error < 1e-7
        assert rates.slack_weight > -wide and rates.slack_label > -wide
        assert rates.slack_weight + rates.slack_label == pytest.approx(rates.entropy_production, abs=wide)
        assert abs(rates.heat.sum() - rates.work) <= wide
        assert abs(rates.information_flow.sum()) <= wide


@pytest.mark.parametrize("flip_rate", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("field", [1.0, 3.0])
def test_the_weight_cools_its_bath_between_no_feedback_and_reciprocity(flip_rate: float, field: float) -> None:
    """Q_w < 0 where 0 < g < a/2, > 0 outside, at any flip rate: time scales do not save the bound."""
    sign = [np.sign(reference(1.0, share * field, field, flip_rate).heat[0]) for share in (-0.2, 0.1, 0.25, 0.45, 0.7)]
    assert sign == [1.0, -1.0, -1.0, -1.0, 1.0]


def test_turning_the_true_label_turns_the_rest() -> None:
    one, other = (feedback_stationary(LabelFeedback(**LOPSIDED["cooling"], label=s)) for s in (1, -1))
    np.testing.assert_allclose(one.heat, other.heat, atol=1e-9)
    assert one.mean_label == pytest.approx(-other.mean_label, abs=1e-9)
    assert one.mean_weight == pytest.approx(-other.mean_weight, abs=1e-9)


def test_what_is_too_steep_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="too steep"):
        reference(1.0, 1.0, 200.0, 1.0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("flip_rate", 0.0), ("stiffness", -1.0), ("mobility", np.nan), ("temperature", 0.0),
        ("push", np.inf), ("feedback", "much"), ("field", None), ("label", 0), ("label", True),
        ("label_temperature", -2.0),
    ],
)  # fmt: skip
def test_bad_numbers_are_named(field: str, value: Any) -> None:
    with pytest.raises(InputError) as caught:
        LabelFeedback(**{**LOPSIDED["cooling"], field: value})
    assert caught.value.field == field


def test_bad_arguments_are_named() -> None:
    process: Any = LabelFeedback(**LOPSIDED["cooling"])
    for call in (
        lambda: feedback_stationary(3),  # type: ignore[arg-type]
        lambda: feedback_jump_process(process, 3),
        lambda: feedback_on_lattice(process, levels=1),
    ):
        with pytest.raises(InputError):
            call()


def test_texts_and_figures_tell_the_physics() -> None:
    rates = reference(1.0, 0.25, 1.0, 1.0)
    assert "heat (weight -0.0301853, label 0.0603705)" in repr(rates)
    assert "not reciprocal (field / 2 = 0.5)" in repr(rates.process)
    assert "flow of information (weight -0.0508581" in repr(feedback_on_lattice(rates.process))
    assert len(rates.plot().lines) == 2
