"""Metropolised steps: the first law per replica, Jarzynski at any dt, exact means of the chain itself."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.errors import InputError
from szilard.estimate import Sampled, exponential_average
from szilard.learning import plain_metropolis
from szilard.learning.gibbs_rule import Metropolised, gibbs
from szilard.learning.gibbs_state import version_space
from tests.learning import cases
from tests.learning.gibbs_lanes import Lanes, advanced
from tests.learning.gibbs_line import line
from tests.learning.one_weight import RULES, Weight
from tests.statistics import assert_agrees, z_of_mean

COARSE = 0.9 / cases.RATE  # mu k dt = 0.9
OVERSHOOT = np.array([0.3, 1.2, 1.6, 0.7, -0.4, -0.1, 0.6, 1.0])
BEYOND = Metropolised(sz.rules.perceptron)
SLOPE = Metropolised(sz.rules.gradient.tuned(2.0))


def coarse(n_patterns: int, n_inputs: int, replicas: int, **other: Any) -> Lanes:
    inputs = cases.on_sphere(n_patterns, n_inputs, 5)
    settings = {"strength": 1.4, "factors": OVERSHOOT, "dt": COARSE, "seed": 12} | cases.BATH | other
    return advanced(inputs, replicas=replicas, **settings)


@pytest.mark.parametrize("learner", [gibbs, BEYOND, SLOPE], ids=["gibbs", "perceptron", "gradient"])
@pytest.mark.parametrize("n_inputs", [1, 3, 4])
def test_first_law_per_replica(learner: Metropolised, n_inputs: int) -> None:
    """dE = W - Q, the energy at the end taken from the weights and the rule, not from the books."""
    run = coarse(5, n_inputs, 300, learner=learner)
    assert np.all(np.abs(run.energy_change - run.work + run.heat) <= 1e-12 * run.gross)
    assert np.all(np.abs(run.heat) > 1e-9) and np.mean(np.abs(run.work)) > 0.1
    assert np.all(run.gross >= np.abs(run.heat) + np.abs(run.work) - 1e-9)
    assert 0.3 < run.accepted.mean() < 0.95


@pytest.mark.parametrize("learner", [gibbs, BEYOND, SLOPE], ids=["gibbs", "perceptron", "gradient"])
@pytest.mark.parametrize("n_inputs", [1, 2, 5])
def test_kernel_and_numpy_take_the_same_steps(learner: Metropolised, n_inputs: int) -> None:
    fast = coarse(3, n_inputs, 40, learner=learner)
    plain = coarse(3, n_inputs, 40, learner=learner, compiled=False, advance=plain_metropolis.advance_metropolis)
    for name in vars(fast):
        assert getattr(fast, name) == pytest.approx(getattr(plain, name), abs=1e-11), name


def test_neither_lanes_nor_cuts_change_a_bit() -> None:
    whole = coarse(4, 3, 150)
    for other in (coarse(4, 3, 150, lanes=37), coarse(4, 3, 150, cuts=3), coarse(4, 3, 150, lanes=1, cuts=8)):
        for name in ("weights", "labels", "heat", "work"):
            assert np.array_equal(getattr(whole, name), getattr(other, name)), name


def test_other_seeds_and_replicas_are_other_runs() -> None:
    one, other = coarse(4, 3, 100), coarse(4, 3, 100, seed=13)
    assert not np.any(one.heat == other.heat)
    assert np.unique(one.heat).size == 100


# The fluctuation theorem.


@pytest.mark.parametrize(("n_patterns", "n_inputs"), [(1, 1), (3, 3), (5, 2)])
def test_jarzynski_at_a_coarse_step(n_patterns: int, n_inputs: int) -> None:
    """<e^{-(W - dF)/T}> = 1 at mu k dt = 0.9, with patterns beyond the number of weights too; per labels as well."""
    strength = {1: 0.9, 3: 0.35, 5: 0.2}[n_patterns]
    run = coarse(n_patterns, n_inputs, 100_000, strength=strength)
    state = version_space(cases.on_sphere(n_patterns, n_inputs, 5), strength=strength, temperature=0.7)
    excess = (run.work - state.free_energy_changes(run.labels)) / 0.7
    assert 0.1 < excess.mean() and 0.3 < excess.std() < 1.6
    assert_agrees(exponential_average(excess), 1.0)
    for labels in product((-1.0, 1.0), repeat=n_patterns):
        group = np.all(run.labels == np.array(labels), axis=1)
        # the error that q leaves in dF is below a tenth of the sampling error here
        assert abs(z_of_mean(np.exp(-excess[group]), 1.0)) < 4.5


@pytest.mark.parametrize("name", ["perceptron", "adatron", "hebbian"])
def test_jarzynski_of_any_loss(name: str) -> None:
    """The same for losses that Euler steps err on in order dt; dF of one weight by quadrature."""
    inputs, strength = np.array([[1.0], [-1.0], [1.0]]), 0.25 if name == "hebbian" else 0.6
    run = advanced(
        inputs, strength=strength, factors=OVERSHOOT, dt=COARSE, replicas=60_000, seed=5,
        learner=Metropolised(getattr(sz.rules, name)), **cases.BATH,
    )  # fmt: skip
    weight = Weight(RULES[name], strength, 0.7, 1.3, 0.6)
    signed = (run.labels * inputs[:, 0]).astype(float)
    change = {tuple(s): weight.free_energy_change(1.0, tuple(s)) for s in product((-1.0, 1.0), repeat=3)}
    excess = (run.work - np.array([change[tuple(s)] for s in signed])) / 0.7
    assert excess.std() > 0.3
    assert_agrees(exponential_average(excess), 1.0)


# The exact means.


def test_every_mean_of_one_weight_is_that_of_the_chain() -> None:
    """Work, heat, errors and acceptance by quadrature of the metropolised chain at mu k dt = 0.9."""
    exact = line(OVERSHOOT, strength=1.4, dt=COARSE, **cases.BATH)
    run = coarse(1, 1, 200_000)
    for samples, value in ((run.work, exact.work), (run.heat, exact.heat), (run.accepted, exact.accepted)):
        assert_agrees(Sampled.mean(samples).estimate(), value, relative=0.03)
    assert_agrees(Sampled.mean(run.errors).estimate(), exact.errors)


def test_equilibrium_is_kept_whatever_the_step() -> None:
    """After 40 coarse steps at s = 1: errors as enumerated, k w^2/2 = N T/2, and little to none of it heat."""
    inputs = cases.on_sphere(4, 3, 5)
    run = coarse(4, 3, 60_000, factors=np.ones(40))
    state = version_space(inputs, strength=1.4, temperature=0.7)
    assert_agrees(Sampled.mean(run.errors).estimate(), state.errors.value)
    assert_agrees(Sampled.mean(0.65 * (run.weights**2).sum(axis=1)).estimate(), 1.5 * 0.7)
    assert_agrees(Sampled.mean(run.work).estimate(), 1.4 * 4 / 2)  # a quench: half of the answers are wrong


def test_nothing_to_learn_is_free() -> None:
    """c = 0: every move is taken and <Q> = 0."""
    run = coarse(3, 3, 20_000, strength=0.0)
    assert np.all(run.accepted == pytest.approx(1.0, abs=1e-12))
    assert np.all(run.work == 0.0)
    assert abs(z_of_mean(run.heat, 0.0)) < 4


def test_a_pair_is_turned_down_on_its_own() -> None:
    """With many weights each move changes the fields little: acceptance hardly falls from 2 weights to 40."""
    few, many = (
        advanced(
            cases.on_sphere(n, n, 3), strength=6.0, factors=np.ones(300), dt=0.02, replicas=64, seed=2, lanes=64
        ).accepted.mean()
        for n in (2, 40)
    )
    assert few > 0.8
    assert many > 0.5


# The type.


def test_what_counts_errors() -> None:
    assert gibbs.counts_errors and gibbs.name == "gibbs"
    assert not BEYOND.counts_errors and BEYOND.name == "metropolised perceptron"
    loss = gibbs.rule.loss
    assert loss is not None
    assert [loss(a, 1.0, 0.0, 0.0, ()) for a in (-0.1, 0.0, 0.1)] == [1.0, 1.0, 0.0]  # as the sign readout answers


@pytest.mark.parametrize("rule", [sz.rules.oja, "perceptron", None], ids=["no loss", "text", "nothing"])
def test_a_rule_without_a_loss_is_refused(rule: Any) -> None:
    with pytest.raises(InputError, match="rule"):
        Metropolised(rule)
