"""The numbers of Goldt and Seifert's neurons, by simulation: T one synapse, H many synapses and patterns.

The literals were computed independently of this library (quadratures and closed forms, two methods each).
k = mu = T = 1. All are values for t -> infinity; the runs end when e^{-12} = 6e-6 of the force is missing.
"""

from __future__ import annotations

import numpy as np
import pytest

import szilard as sz
from szilard import theory
from szilard.information import neighbour_entropy
from szilard.learning.knowledge import gaussian_knowledge
from tests.statistics import assert_agrees

ONE = sz.tasks.random_labels(1, 1, inputs=[[1.0]])
T01_ENTROPY = {
    0.5: 0.11142148218473658,
    1.0: 0.3368308203468313,
    2.0: 0.6327201937368674,
    4.0: 0.6930536454830709,
    8.0: 0.6931471805599436,
}
T02_INFORMATION = {
    0.5: 0.02096601100042561,
    1.0: 0.07954150586530118,
    2.0: 0.26107867031314935,
    4.0: 0.5650588201556537,
    8.0: 0.6884523278091311,
}
# (nu, tau): eta, heat
T03_EFFICIENCY = {
    (8.0, 1e5): (0.9923105434209387, 0.0006399936),
    (8.0, 1e-6): (0.021058007925197582, 31.99998933),
    (2.0, 1.0): (0.12407278809325216, 1.471517765),
    (1.0, 100.0): (0.22940419829346756, 0.0099),
}
H01_INFORMATION = {
    (1.0, 0.1): 0.07741589553162997,
    (1.0, 1.0): 0.06260760253237219,
    (3.0, 0.5): 0.26540518802535895,
    (2.0, 2.0): 0.09777734397760107,
}
H02_SLOW = {
    (1.0, 0.1): 0.1624504238488847,
    (1.0, 1.0): 0.18064735539080132,
    (3.0, 0.5): 0.15568586891736466,
    (2.0, 2.0): 0.1780015479275957,
    (5.0, 0.1): 0.09025981330215394,
}
H03_QUENCH = {
    (1.0, 0.1): 0.07927481876181826,
    (1.0, 1.0): 0.07395411722171377,
    (3.0, 0.5): 0.04277453474321529,
    (5.0, 0.1): 0.03013090690712608,
}


@pytest.mark.parametrize("nu", T01_ENTROPY)
def test_one_synapse_learns_what_its_weight_can_tell(nu: float) -> None:
    """The Hebbian step is exact for any dt: the whole quench in four steps."""
    replicas = {0.5: 500_000, 1.0: 200_000}.get(nu, 60_000)
    run = sz.train(ONE, sz.rules.hebbian, learning_rate=nu, duration=24.0, dt=6.0, replicas=replicas, seed=61)
    assert run.entropy.value == pytest.approx(T01_ENTROPY[nu], rel=1e-8)
    assert_agrees(run.information, T02_INFORMATION[nu])
    initial = 0.5 * np.log(2 * np.pi * np.e)
    found = neighbour_entropy(run.weights).estimate()
    assert_agrees(found, T01_ENTROPY[nu] + initial)
    assert run.gains is not None and run.knowledge is not None
    assert run.knowledge.of_all.estimate() == run.entropy_change.estimate()
    # what the weight knows, summed over label patterns in every replica, is all that its entropy gained
    known = gaussian_knowledge(run.fields, run.gains, run.settings).of_all.estimate()
    if nu < 8.0:
        assert_agrees(known, T01_ENTROPY[nu])
    else:  # a label in doubt has probability 1e-15: every replica knows it to rounding
        assert known.value == pytest.approx(T01_ENTROPY[nu], abs=1e-12)


@pytest.mark.parametrize(("nu", "tau"), T03_EFFICIENCY)
def test_one_synapse_is_as_efficient_as_its_ramp_is_slow(nu: float, tau: float) -> None:
    """Against the exact heat of the sampler's staircase, and against the ramp's own."""
    dt = {1e5: 10.0, 1e-6: 0.5, 1.0: 0.05, 100.0: 0.2}[tau]
    duration = tau + 12.0 if tau >= 1 else 12.0
    duration = dt * round(duration / dt)
    replicas = 40_000 if tau == 1e5 else 100_000
    ramp = sz.ramp(tau)
    run = sz.train(
        ONE, sz.rules.hebbian, learning_rate=nu, duration=duration, dt=dt, replicas=replicas, seed=62, schedule=ramp
    )
    stairs = theory.additive_heat(ramp.times, ramp.values, duration=duration, amplitude_squared=nu**2, staircase=dt)
    eta, heat = T03_EFFICIENCY[nu, tau]
    shift = stairs.heat - heat
    assert abs(shift) < 0.005 * (T01_ENTROPY[nu] + heat)
    assert_agrees(run.efficiency_marginal, T02_INFORMATION[nu] / (T01_ENTROPY[nu] + stairs.heat))
    assert abs(run.efficiency_marginal.value - eta) < 4 * run.efficiency_marginal.stderr + 0.005 * eta  # as the shift
    assert abs(run.heat.value - stairs.heat) < 4 * run.heat.stderr


def signs(n: int, p: int, seed: int) -> sz.Task:
    return sz.tasks.random_labels(n, p, seed=seed)


@pytest.mark.parametrize(("nu", "alpha"), H02_SLOW)
def test_many_synapses(nu: float, alpha: float) -> None:
    """N = 400 fixed inputs of +-1: the run against the theory of these inputs, and these against N -> infinity."""
    n = 400
    task = signs(n, round(alpha * n), 71)
    run = sz.train(
        task,
        sz.rules.hebbian,
        learning_rate=nu,
        duration=20.0,
        dt=20.0,
        replicas=8000 if alpha < 0.5 else 2000,
        seed=63,
    )
    finite = theory.hebbian_finite(task.inputs, nu, 0.0)
    assert_agrees(run.information, float(finite.information.sum()))
    assert_agrees(run.efficiency_marginal, finite.efficiency_marginal)
    assert_agrees(run.heat, 0.5 * nu**2 * alpha * n)
    assert run.entropy.value == pytest.approx(float(finite.entropy.sum()), rel=1e-8)
    shift = float(finite.information.mean()) / theory.hebbian(nu, alpha).information - 1.0
    assert abs(shift) < 0.02, "the inputs' chance overlaps make some 1/sqrt(N P)"
    per_pattern = run.information.value / task.n_patterns
    if (nu, alpha) in H01_INFORMATION:
        literal = H01_INFORMATION[nu, alpha]
        assert abs(per_pattern / (1 + shift) - literal) < 4 * run.information.stderr / task.n_patterns
    if (nu, alpha) in H03_QUENCH:
        gap = run.efficiency_marginal.value / (1 + shift) - H03_QUENCH[nu, alpha]
        assert abs(gap) < 4 * run.efficiency_marginal.stderr


@pytest.mark.parametrize(("nu", "alpha"), H02_SLOW)
def test_many_synapses_slowly(nu: float, alpha: float) -> None:
    """A ramp of 400 stairs, each held for 20 relaxation times: its heat, alpha nu^2/800 a weight, is predicted."""
    n, dt, tau = 200, 20.0, 8000.0
    task = signs(n, round(alpha * n), 72)
    run = sz.train(
        task,
        sz.rules.hebbian,
        learning_rate=nu,
        duration=tau + dt,
        dt=dt,
        replicas=30_000 if alpha < 0.5 else 3000,
        seed=64,
        schedule=sz.ramp(tau),
    )
    stairs = theory.additive_heat(
        (0.0, tau), (0.0, 1.0), duration=tau + dt, amplitude_squared=nu**2 * alpha, staircase=dt
    )
    assert stairs.heat == pytest.approx(alpha * nu**2 / 800, rel=0.01)
    finite = theory.hebbian_finite(task.inputs, nu)
    entropy, information = float(finite.entropy.sum()), float(finite.information.sum())
    assert_agrees(run.efficiency_marginal, information / (entropy + n * stairs.heat))
    excess = n * stairs.heat / entropy
    assert excess < 0.02
    shift = finite.efficiency_marginal / theory.hebbian(nu, alpha).efficiency - 1.0
    assert abs(shift) < 0.03, "the inputs' chance overlaps make some 1/sqrt(N P)"
    corrected = (1.0 + excess) / (1.0 + shift)
    gap = run.efficiency_marginal.value * corrected - H02_SLOW[nu, alpha]
    assert abs(gap) < 4 * run.efficiency_marginal.stderr * corrected


@pytest.mark.parametrize(("nu", "alpha"), [(1.0, 1.0), (3.0, 0.5)])
def test_finite_neurons_become_the_infinite_one(nu: float, alpha: float) -> None:
    """20 draws of the inputs at each N, a straight line in 1/N: its end is H01."""
    sizes = np.array([50, 100, 200])
    draws = np.array(
        [
            [theory.hebbian_finite(signs(n, round(alpha * n), s).inputs, nu).information.mean() for s in range(20)]
            for n in sizes
        ]
    )
    mean, error = draws.mean(axis=1), draws.std(axis=1, ddof=1) / np.sqrt(20)
    design = np.stack([np.ones(3), 1.0 / sizes], axis=1) / error[:, None]
    covariance = np.linalg.inv(design.T @ design)
    limit = float((covariance @ design.T @ (mean / error))[0])
    assert_agrees(sz.Estimate(limit, float(np.sqrt(covariance[0, 0])), 60), H01_INFORMATION[nu, alpha])
