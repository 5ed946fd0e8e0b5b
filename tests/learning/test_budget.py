"""Where the cost goes: terms that add up, each against exact numbers, none of them signed where it cannot be."""

from __future__ import annotations

import dataclasses
from itertools import product
from math import log
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard import theory
from szilard._kernels.posterior import enumerate_labels
from szilard.information import signs_entropy
from szilard.learning.equilibrium import free_energy_change
from szilard.learning.knowledge import gaussian_knowledge, single_weight_knowledge, teacher_information
from tests.learning import cases
from tests.learning.test_oracles import free_energies
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
TERMS = ("learned", "dissipation", "redundancy", "interference", "readout", "unresolved")
FLOW: dict[str, Any] = {"mode": "online", "dwell": 0.25}
QUENCH: dict[str, Any] = {"learning_rate": 1.5, "duration": 5.0, "dt": 0.05, "replicas": 3000, "seed": 101}


def tasks() -> dict[str, sz.Task]:
    x = cases.on_sphere(20, 3, 5)
    return {
        "random": cases.task(3, 4),
        "one weight": sz.tasks.random_labels(1, 2, inputs=[[1.0], [-1.0]]),
        "many labels": cases.task(4, 16),
        "teacher": sz.tasks.teacher_student(3, 4, inputs=x[:8], held_out=4),
        "true": sz.Task("true", x[:4], "true", np.array([1.0, -1.0, 1.0, 1.0])),
    }


@pytest.mark.parametrize("labelling", tasks())
@pytest.mark.parametrize("rule", ["hebbian", "perceptron", "adatron", "soft", "correcting"])
@pytest.mark.parametrize("how", [{}, FLOW, FLOW | {"order": "random"}], ids=["batch", "flow", "random order"])
def test_terms_add_up_to_the_cost(labelling: str, rule: str, how: dict[str, Any]) -> None:
    """To rounding, however many of them are known; a number that bounds nothing is never shown as one."""
    chosen: sz.Rule = {"soft": cases.SOFT, "correcting": cases.CORRECTING}.get(rule) or getattr(sz.rules, rule)
    run = sz.train(tasks()[labelling], chosen, **(QUENCH | how | {"replicas": 1000}), **cases.BATH)
    budget = sz.budget(run)
    terms = budget.terms()
    assert list(terms) == [name for name in TERMS if name in terms]
    assert sum(t.value for t in terms.values()) == pytest.approx(budget.cost.value, abs=1e-11)
    assert budget.cost == run.cost
    assert all(t.side != "none" for t in terms.values())
    assert (budget.unresolved is None) == (budget.merged == ())
    assert set(budget.merged) | set(terms) >= set(TERMS[:5])
    assert not set(budget.merged) & set(terms)
    assert "unresolved" not in repr(budget) or "together" in repr(budget)
    if labelling in ("random", "one weight"):
        for name, term in terms.items():
            assert term.value > -4 * term.stderr - 1e-12, f"{name} is negative for independent labels"


def test_smallest_learner_against_its_closed_form() -> None:
    """N = P = 1: dissipation = Q/T, readout = DS - I, nothing else; T, k, mu != 1."""
    task = sz.tasks.random_labels(1, 1, inputs=[[-1.0]])
    run = sz.train(
        task, sz.rules.hebbian, learning_rate=1.6, duration=2.0, dt=0.01, replicas=150_000, seed=102,
        schedule=sz.ramp(1.5), **cases.BATH,
    )  # fmt: skip
    exact = theory.single_synapse(1.6, 1.5, duration=2.0, **cases.BATH)
    found = sz.budget(run)
    assert found.merged == ()
    for name, value in (
        ("learned", exact.information),
        ("dissipation", exact.dissipation),
        ("readout", exact.entropy - exact.information),
        ("cost", exact.cost),
    ):
        assert_agrees(getattr(found, name), value, relative=0.012)
    assert_agrees(run.efficiency_joint, exact.efficiency, relative=0.015)
    assert found.interference is not None and abs(found.interference.value) < 1e-15
    assert found.redundancy is not None
    assert found.redundancy.value == 0.0


def plane_entropy(centres: Array, variance: float) -> float:
    """-int p ln p of equal Gaussians in the plane; the trapezoid rule on a smooth density is exact to rounding."""
    width = np.sqrt(variance)
    axes = [np.arange(c.min() - 8.5 * width, c.max() + 8.5 * width, 0.25 * width) for c in centres.T]
    x, y = np.meshgrid(*axes, indexing="ij")
    p = np.zeros_like(x)
    for a, b in centres:
        p += np.exp(-0.5 * ((x - a) ** 2 + (y - b) ** 2) / variance)
    p /= len(centres) * 2 * np.pi * variance
    return float(-(p * np.log(np.where(p > 0, p, 1.0))).sum() * (0.25 * width) ** 2)


@pytest.mark.parametrize("how", [{}, FLOW], ids=["batch", "flow"])
def test_two_weights_against_quadrature_in_the_plane(how: dict[str, Any]) -> None:
    """I(w : all labels), sum I(w : one label) and the redundancy, of all 8 Gaussians."""
    run = sz.train(
        cases.task(2, 3), sz.rules.hebbian, **(QUENCH | how | {"replicas": 60_000, "learning_rate": 1.1}), **cases.BATH
    )
    assert run.gains is not None
    variance, scaled = 0.7 / 1.3, run.settings.scaled_inputs
    patterns = np.array(list(product((-1.0, 1.0), repeat=3)))
    centres = (patterns * run.gains) @ scaled
    whole, noise = plane_entropy(centres, variance), plane_entropy(np.zeros((1, 2)), variance)
    # an even density: given sigma^mu = -1 the entropy is that given +1
    each = [whole - plane_entropy(centres[patterns[:, mu] > 0], variance) for mu in range(3)]
    assert run.knowledge is not None
    assert_agrees(run.knowledge.of_all.estimate(), whole - noise)
    assert_agrees(run.knowledge.of_each.estimate(), sum(each))
    singles = sum(signs_entropy(column, variance) for column in (run.gains[:, None] * scaled).T)
    found = sz.budget(run)
    assert found.redundancy is not None and found.interference is not None
    assert_agrees(found.redundancy, singles - whole, relative=0.05)
    assert_agrees(found.interference, whole - noise - sum(each), relative=0.05)
    joint = run.joint_cost.estimate()
    assert_agrees(joint, whole - noise + run.heat_paid.value)


def scatter_of_interference(rate: float, ensembles: int, replicas: int) -> tuple[Array, Array]:
    """(<x> of each ensemble - <x> of all)/its standard error, and those errors: parts of one long run."""
    run = sz.train(
        cases.task(5, 3), sz.rules.hebbian, **cases.BATH,
        **(QUENCH | {"replicas": ensembles * replicas, "learning_rate": rate, "dt": 0.5}),
    )  # fmt: skip
    assert run.gains is not None and run.knowledge is not None
    assert sz.budget(run).interference == run.knowledge.interference.estimate()
    parts = run.fields.reshape(ensembles, replicas, 3)
    found = [gaussian_knowledge(part, run.gains, run.settings) for part in parts]
    for known in found:
        assert known.interference.value == pytest.approx(known.of_all.value - known.of_each.value, abs=1e-12)
    values = np.array([known.interference.value for known in found])
    errors = np.array([known.interference.estimate().stderr for known in found])
    return (values - values.mean()) / errors, errors


@pytest.mark.parametrize("rate", [0.4, 0.8, 1.2])
def test_error_of_the_interference_is_its_scatter(rate: float) -> None:
    """Not that of two informations apart: replicas in doubt lower both alike."""
    z, _ = scatter_of_interference(rate, 200, 300)
    assert abs(np.sqrt(np.mean(z**2)) - 1.0) < 4.0 / np.sqrt(2 * 200)


@pytest.mark.parametrize("rate", [4.0, 4.5, 6.0])
def test_doubt_that_is_rare_leaves_an_honest_interference(rate: float) -> None:
    """Few replicas or none show the doubt that makes the mean; their own scatter alone would be far too small."""
    z, errors = scatter_of_interference(rate, 200, 300)
    assert np.abs(z).max() < 5.0
    assert np.all(errors < np.sqrt(2.0) * 3 * log(2.0) / 300), "as large as if both informations missed all of it apart"


def test_one_label_hides_nothing() -> None:
    run = sz.train(cases.task(4, 1), sz.rules.hebbian, **QUENCH, **cases.BATH)
    found = sz.budget(run).interference
    assert found is not None and abs(found.value) < 1e-12 and found.stderr < 1e-12


@pytest.mark.parametrize(("weights", "patterns"), [(1, 1), (3, 5), (2, 9)])
def test_enumeration_is_the_sum_over_all_label_patterns(weights: int, patterns: int) -> None:
    """Posterior and its entropy against 2^P Gaussians written out; unequal gains."""
    rng = np.random.default_rng(103)
    inputs, gains, variance = rng.normal(size=(patterns, weights)), rng.normal(size=patterns), 0.6
    w = 1.5 * rng.normal(size=(40, weights))
    all_labels = np.array(list(product((-1.0, 1.0), repeat=patterns)))
    away = w[:, None, :] - (all_labels * gains) @ inputs
    log_p = -0.5 * (away**2).sum(axis=2) / variance
    log_p -= np.logaddexp.reduce(log_p, axis=1, keepdims=True)
    remaining = -(np.exp(log_p) * log_p).sum(axis=1)
    plus = np.exp(log_p) @ (all_labels > 0)
    certainty, entropy = np.empty((40, patterns)), np.empty(40)
    h = np.ascontiguousarray((w @ inputs.T) * gains / variance)
    coupling = np.ascontiguousarray(np.outer(gains, gains) * (inputs @ inputs.T) / variance)
    enumerate_labels(h, coupling, certainty, entropy)
    # exponents of some 100: their rounding, 1e-14, is that of the probabilities
    np.testing.assert_allclose(certainty, plus, rtol=0, atol=1e-12)
    np.testing.assert_allclose(entropy, remaining, rtol=0, atol=1e-12)


def test_routes_for_one_weight_agree() -> None:
    """Nearest neighbours within each group of labels against enumeration, on one and the same Hebbian run."""
    run = sz.train(
        tasks()["one weight"], sz.rules.hebbian, **(QUENCH | {"replicas": 40_000, "learning_rate": 1.1}), **cases.BATH
    )
    assert run.gains is not None
    exact = gaussian_knowledge(run.fields, run.gains, run.settings)
    found = single_weight_knowledge(run.weights[:, 0], run.labels, run.entropy_change, run.settings)
    assert found is not None
    for name in ("of_all", "of_each", "conditional_entropy_change"):
        ours, theirs = getattr(found, name), getattr(exact, name)
        gap = (ours - theirs).estimate()
        assert abs(gap.value) < 4 * gap.stderr, name
        assert gap.stderr < 0.02, name


@pytest.mark.parametrize("name", ["hebbian", "perceptron", "adatron"])
def test_free_energies_by_integration_are_those_by_quadrature(name: str) -> None:
    """Two weights, three unequal patterns, the mean over all eight labellings; T, k, mu != 1."""
    rule: sz.Rule = getattr(sz.rules, name)
    run = sz.train(cases.task(2, 3), rule, **(QUENCH | {"dt": 0.02, "replicas": 20_000}), **cases.BATH)
    exact = float(np.unique(free_energies(run, name, 1.5).round(12), axis=0).mean())
    found = free_energy_change(run.settings, run.labels).estimate()
    assert found.stderr < 0.02 * abs(exact)
    assert abs(found.value - exact) < 4 * found.stderr + 0.005 * abs(exact)  # the frozen force: some dt/4 of it


@pytest.mark.parametrize("name", ["perceptron", "adatron"])
def test_dissipation_of_a_quench_is_exact(name: str) -> None:
    """Sigma_c = (<W> - <dF>)/T, W = c loss(w_0): the mean loss of N(0, v) is sqrt(v/2pi) or v/4 a pattern."""
    rule: sz.Rule = getattr(sz.rules, name)
    run = sz.train(cases.task(2, 3), rule, **(QUENCH | {"dt": 0.01, "replicas": 40_000}), **cases.BATH)
    v = 0.7 / 1.3
    start = 1.5 * 3 * {"perceptron": np.sqrt(v / (2 * np.pi)), "adatron": 0.25 * v}[name]
    assert_agrees(run.work, start)
    assert run.dissipated is not None
    found = run.dissipated.estimate()
    exact = (start - float(free_energies(run, name, 1.5).mean())) / 0.7
    assert_agrees(found, exact, relative=0.025)


def test_dissipation_that_has_not_relaxed_is_an_upper_bound() -> None:
    """3 relaxation times after the quench e^{-6} of it may be missing: more than a tenth of a small error."""
    how = QUENCH | {"duration": 3.9, "dt": 0.05, "replicas": 20_000, "learning_rate": 3.0}
    run = sz.train(cases.task(2, 3), sz.rules.perceptron, **how, **cases.BATH)
    assert run.dissipated is not None and run.dissipated.side == "upper"
    early = sz.train(cases.task(2, 3), sz.rules.perceptron, **(how | {"duration": 1.0}), **cases.BATH)
    assert early.dissipated is None
    bare = dataclasses.replace(sz.rules.perceptron, name="bare", loss=None)
    assert sz.train(cases.task(2, 3), bare, **how, **cases.BATH).dissipated is None


@pytest.mark.parametrize("rho", [0.0, 0.4, 0.8])
def test_teacher_information_of_gaussian_channels(rho: float) -> None:
    """w = rho B + noise: -ln(1 - rho^2)/2 a weight, with an honest error also where nothing is known."""
    rng = np.random.default_rng(104)
    exact, beyond, values = -0.5 * 3 * log(1 - rho**2), 0, []
    for _ in range(400):
        b = rng.normal(size=(500, 3))
        found = teacher_information(2.0 * (rho * b + np.sqrt(1 - rho**2) * rng.normal(size=(500, 3))), b).estimate()
        assert found.side == "lower"
        beyond += abs(found.value - exact) > 3 * found.stderr
        values.append(found.value)
    assert beyond <= 6  # 1.1 expected of a normal error
    assert abs(np.mean(values) - exact) < 4 * np.std(values) / 20 + 3 * rho**2 / 500  # the bias left: rho^2/R a weight


def test_teacher_information_of_hebbian_run() -> None:
    """One pattern: w_n = g xi_n sign(B xi) + noise; <B_n sign(B xi)> = sqrt(2/pi) xi_n/|xi|."""
    x = cases.on_sphere(1, 3, 6)
    task = sz.tasks.teacher_student(3, 1, inputs=x, held_out=0)
    run = sz.train(task, sz.rules.hebbian, **(QUENCH | {"replicas": 60_000}), **cases.BATH)
    assert run.gains is not None
    step = run.gains[0] * x[0] / np.sqrt(3.0)
    rho = step * np.sqrt(2 / np.pi) * x[0] / np.sqrt(3.0) / np.sqrt(step**2 + 0.7 / 1.3)
    assert_agrees(run.information, float(-0.5 * np.log1p(-(rho**2)).sum()), relative=0.02)
    assert run.information.side == "lower"


def test_joint_cost_lies_between_what_is_known_and_the_marginal_cost() -> None:
    """16 labels cannot be enumerated: the ceiling ln det and P ln 2 close it from above."""
    run = sz.train(cases.task(4, 16), sz.rules.hebbian, **QUENCH, **cases.BATH)
    assert run.knowledge is None
    joint, marginal = run.joint_cost, run.marginal_cost
    assert joint.side == "upper"
    assert joint.value < marginal.value
    few = sz.train(cases.task(4, 10), sz.rules.hebbian, **QUENCH, **cases.BATH)
    assert few.joint_cost.side == "two-sided"
    assert run.efficiency_joint.side == "lower"
