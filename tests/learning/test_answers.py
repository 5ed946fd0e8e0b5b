"""Answers that jump and act back on the weights: first law, fluctuation theorems, exact means, null at reciprocity."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard.continuous.feedback import LABELS, LabelFeedback
from szilard.continuous.feedback_exact import feedback_stationary
from szilard.errors import InputError
from szilard.estimate import Sampled
from szilard.learning.answer_costs import thermal_surprise
from szilard.learning.answering import Answering, reciprocal_feedback
from szilard.learning.answers_exact import exact_answers
from szilard.learning.plain_answers import advance_answers
from szilard.learning.training import settings_for
from tests.learning import cases
from tests.learning.answer_lanes import Lanes, advanced
from tests.statistics import assert_agrees, z_of_mean

Array = NDArray[np.float64]
RULES = (
    sz.rules.hebbian, sz.rules.perceptron, sz.rules.adatron, sz.rules.gradient.tuned(1.6), sz.rules.oja,
    cases.CORRECTING, cases.FORGETTING, cases.HALFWAY,
)  # fmt: skip
ONE = cases.task(1, 1)
COARSE: dict[str, Any] = {
    "feedback": 0.4, "answer_rate": 1.3, "answer_gain": 1.7, "learning_rate": 0.8, "duration": 1.0, "dt": 0.1,
    "schedule": "ramp:0.55",
} | cases.BATH  # fmt: skip


def coarse(rule: Any, n_inputs: int = 3, n_patterns: int = 5, **other: Any) -> Lanes:
    return advanced(_task(n_inputs, n_patterns), rule, **(COARSE | {"replicas": 40, "seed": 3} | other))


def thermal_density(away: Array, fields: Array, answers: Array, gain: float) -> Array:
    """-ln N(away; 0, T/k) - ln P(sigma | A) of answers in equilibrium: (replica,)."""
    t, k = cases.BATH["temperature"], cases.BATH["stiffness"]
    surprise = thermal_surprise(fields, answers, gain, t).sum(axis=1)
    free = 0.5 * away.shape[1] * math.log(2 * math.pi * t / k)
    return np.asarray(0.5 * k / t * (away * away).sum(axis=1) + free + surprise)


def at_the_start(lanes: Lanes, gain: float) -> Array:
    w = lanes.first_weights
    return thermal_density(w, w @ _scaled(lanes).T, lanes.first_answers, gain)


def _task(n_inputs: int, n_patterns: int) -> sz.Task:
    return cases.task(n_inputs, n_patterns, seed=2)


def _scaled(lanes: Lanes) -> Array:
    n, p = lanes.weights.shape[1], lanes.labels.shape[1]
    return np.asarray(_task(n, p).inputs / math.sqrt(n))


def hebbian_surprise(lanes: Lanes, x: Array, c: float, g: float) -> Array:
    r"""-ln of e^{-E/T}/Z(labels), E = k w^2/2 - (c labels + g answers) A, Z by all 2^P answers: (replica,)."""
    t, k = cases.BATH["temperature"], cases.BATH["stiffness"]
    n, p = x.shape[1], x.shape[0]
    w, y, sigma = lanes.weights, lanes.labels, lanes.answers.answers
    energy = 0.5 * k * (w * w).sum(axis=1) - ((c * y + g * sigma) * (w @ x.T)).sum(axis=1)
    total = np.zeros(len(w))
    for signs in product((-1.0, 1.0), repeat=p):
        force = (c * y + g * np.array(signs)) @ x
        total += np.exp(0.5 * (force * force).sum(axis=1) / (k * t))
    return np.asarray(energy / t + 0.5 * n * math.log(2 * math.pi * t / k) + np.log(total))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_first_law_per_replica(rule: sz.Rule) -> None:
    """dE = W - Q_w - Q_sigma with the energy from the states, not the books."""
    run = coarse(rule)
    broken = run.ledger.energy_change - run.ledger.work + run.ledger.heat.sum(axis=1)
    assert np.all(np.abs(broken) <= 1e-13 * (1.0 + np.abs(run.ledger.heat).sum(axis=1) + np.abs(run.ledger.work)))
    assert np.all(np.abs(run.ledger.heat).mean(axis=0) > 0.05) and np.abs(run.ledger.work).mean() > 0.1
    assert 2.0 < run.answers.jumps.mean() < 20.0


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("n_inputs", [1, 4])
def test_kernel_and_numpy_take_the_same_steps(rule: sz.Rule, n_inputs: int) -> None:
    fast = coarse(rule, n_inputs)
    plain = coarse(rule, n_inputs, advance=advance_answers, compiled=False)
    assert np.array_equal(fast.answers.answers, plain.answers.answers)
    assert np.array_equal(fast.answers.jumps, plain.answers.jumps)
    assert fast.weights == pytest.approx(plain.weights, abs=1e-12)
    assert fast.ledger.heat == pytest.approx(plain.ledger.heat, abs=1e-12)
    assert fast.ledger.work == pytest.approx(plain.ledger.work, abs=1e-12)


@pytest.mark.parametrize("rule", [sz.rules.hebbian, cases.HALFWAY], ids=lambda rule: rule.name)
def test_neither_lanes_nor_cuts_change_a_bit(rule: sz.Rule) -> None:
    whole = coarse(rule, replicas=90)
    for other in (coarse(rule, replicas=90, lanes=17), coarse(rule, replicas=90, lanes=1, cuts=4)):
        assert np.array_equal(whole.weights, other.weights)
        assert np.array_equal(whole.answers.answers, other.answers.answers)
        assert np.array_equal(whole.ledger.heat, other.ledger.heat)
        assert np.array_equal(whole.ledger.work, other.ledger.work)
    other = coarse(rule, replicas=90, seed=4)
    assert not np.any(whole.weights == other.weights)
    assert np.unique(whole.ledger.heat[:, 0]).size == 90


def test_first_answers_are_in_equilibrium_at_their_weights() -> None:
    """Given the weights, right in mean, for each field and for each pair of patterns; they know nothing of labels."""
    run = coarse(sz.rules.hebbian, 3, 5, replicas=50_000, duration=0.1)
    fields = run.first_weights @ _scaled(run).T
    away = run.first_answers - np.tanh(COARSE["answer_gain"] * fields / (2 * cases.BATH["temperature"]))
    for mu in range(5):
        assert abs(z_of_mean(away[:, mu], 0.0)) <= 4.0
        assert abs(z_of_mean(away[:, mu] * fields[:, mu], 0.0)) <= 4.0
        assert abs(z_of_mean(away[:, mu] * run.labels[:, mu], 0.0)) <= 4.0
        for nu in range(mu):
            assert abs(z_of_mean(away[:, mu] * away[:, nu], 0.0)) <= 4.0


# Exact means.


def test_transient_means_of_one_weight_and_one_answer() -> None:
    """Against the density of (w, sigma), from the same start; k, mu, T, a all unlike."""
    process = LabelFeedback(push=0.8, feedback=0.5, field=1.7, flip_rate=0.9, **cases.BATH)
    exact = exact_answers(process, [0.0, 1.5])
    run = advanced(
        ONE, sz.rules.hebbian, feedback=0.5, answer_rate=0.9, answer_gain=1.7, learning_rate=0.8, duration=1.5,
        dt=0.0125, replicas=60_000, seed=2, **cases.BATH,
    )  # fmt: skip
    # the steps err by some 0.1 (gamma dt)^2 = 1e-5 of themselves
    for r in range(2):
        assert_agrees(Sampled.mean(run.ledger.heat[:, r]).estimate(), exact.heat[1, r], relative=0.03)
    right, stability = run.answers.answers * run.labels, run.fields * run.labels
    assert_agrees(Sampled.mean(right).estimate(), exact.mean_answer[1], relative=0.02)
    assert_agrees(Sampled.mean(stability).estimate(), exact.mean_weight[1])


@pytest.mark.parametrize(
    ("feedback", "gain", "weight"),
    [
        (1.0, 3.0, -0.04536088681992387),  # V01_feedback_heatrate_nu1.0_g1.0_a3.0_gam1.0
        (0.25, 1.0, -0.03018527412048841),  # V01_feedback_heatrate_nu1.0_g0.25_a1.0_gam1.0
    ],
)
def test_reference_rates(feedback: float, gain: float, weight: float) -> None:
    """Stationary heat per time of weight and answer, Q_sigma = -(a/2g) Q_w, and the information that answers feed."""
    exact = feedback_stationary(LabelFeedback(push=1.0, feedback=feedback, field=gain, flip_rate=1.0))
    common: dict[str, Any] = {
        "feedback": feedback, "answer_rate": 1.0, "answer_gain": gain, "learning_rate": 1.0, "dt": 0.05,
        "replicas": 8192,
    }  # fmt: skip
    before = advanced(ONE, sz.rules.hebbian, duration=15.0, seed=1, **common)
    run = advanced(
        ONE, sz.rules.hebbian, duration=100.0, seed=7, start=(before.weights, before.answers.answers),
        labels=before.labels, **common,
    )  # fmt: skip
    # the steps shift rates by 3e-3 and 7e-4 of themselves, less than a third of a standard error
    assert_agrees(Sampled.mean(run.ledger.heat[:, 0] / 100.0).estimate(), weight, relative=0.02)
    assert_agrees(
        Sampled.mean(run.ledger.heat[:, 1] / 100.0).estimate(), -0.5 * gain / feedback * weight, relative=0.02
    )
    w, right = (run.fields * run.labels)[:, 0], (run.answers.answers * run.labels)[:, 0] > 0
    down, up = exact.density(w).T
    odds = np.log(up / down) - math.log((1.0 + exact.mean_label) / (1.0 - exact.mean_label))
    # net jumps at the weights of the run, answers given the weight as in the exact density
    net = (np.exp(0.5 * gain * w) * down - np.exp(-0.5 * gain * w) * up) / (down + up)
    assert_agrees(Sampled.mean(net * odds).estimate(), exact.information_flow[1], relative=0.03)
    told = np.log(np.where(right, up / (down + up), down / (down + up)))
    told -= np.log(0.5 * (1.0 + np.where(right, 1.0, -1.0) * exact.mean_label))
    assert_agrees(Sampled.mean(told).estimate(), exact.information, relative=0.1)


def test_one_long_step_of_a_rule_that_reads_its_field() -> None:
    """Mean heats and work of one step at mu k h = 0.9 by Gauss and Hermite's rule: forces held, moves judged."""
    gain, rate, c, g, b = 1.7, 1.3, 3.0, 1.5, 1.6
    t, k = cases.BATH["temperature"], cases.BATH["stiffness"]
    dt, x = 0.9 / cases.RATE, ONE.inputs[0, 0]
    run = advanced(
        ONE, sz.rules.gradient.tuned(b), feedback=g, answer_rate=rate, answer_gain=gain, learning_rate=c, duration=dt,
        dt=dt, replicas=200_000, seed=5, **cases.BATH,
    )  # fmt: skip
    assert abs(abs(x) - 1.0) < 1e-12  # one weight: the field is the weight up to its sign; the label is +1 below
    z, weight = np.polynomial.hermite_e.hermegauss(40)
    weight = weight / weight.sum()
    w, z1, z2 = np.meshgrid(np.sqrt(t / k) * z, z, z, indexing="ij")
    p0 = weight[:, None, None] * weight[:, None] * weight
    decay, spread = math.exp(-0.45), math.sqrt(t / k * -math.expm1(-0.9))
    heat_w, heat_answer, work = 0.0, 0.0, 0.0

    def force(a: Array, s: float) -> Array:
        return np.asarray(c / (1.0 + np.exp(b * a)) + g * s / (1.0 + np.exp(b * s * a)))

    def energy(a: Array, s: float) -> Array:
        return np.asarray(0.5 * k * a * a + (c * np.logaddexp(0, -b * a) + g * np.logaddexp(0, -b * s * a)) / b)

    def move(a: Array, s: float, noise: Array) -> Array:
        return np.asarray(decay * a + (1.0 - decay) / k * force(a, s) + spread * noise)

    def accepted(a: Array, v: Array, s: float) -> Array:
        there, here = (y - decay * x - (1.0 - decay) / k * force(x, s) for x, y in ((v, a), (a, v)))
        return np.asarray(
            np.minimum(1.0, np.exp((energy(a, s) - energy(v, s)) / t + (here**2 - there**2) / (2 * spread**2)))
        )

    for first, last, one, two in product((-1.0, 1.0), (-1.0, 1.0), (True, False), (True, False)):
        offered = move(w, first, z1)
        half = offered if one else w
        total = rate * (np.exp(0.5 * gain * half / t) + np.exp(-0.5 * gain * half / t))
        turned = -np.expm1(-total * dt) / (1.0 + np.exp(first * gain * half / t))
        end = move(half, last, z2)
        chance = p0 / (1.0 + np.exp(-first * gain * w / t)) * (turned if first != last else 1.0 - turned)
        for taken, share in ((one, accepted(w, offered, first)), (two, accepted(half, end, last))):
            chance = chance * (share if taken else 1.0 - share)
        warmed = 0.5 * gain * half * (last - first)
        fall = energy(w, first) - energy(half, first) + (energy(half, last) - energy(end, last) if two else 0.0)
        heat_w += float((chance * fall).sum())
        heat_answer += float((chance * warmed).sum())
        given = energy(w, first) - 0.5 * k * w * w + energy(half, last) - energy(half, first) + warmed
        work += float((chance * given).sum())
    assert_agrees(Sampled.mean(run.ledger.heat[:, 0]).estimate(), heat_w, relative=0.02)
    assert_agrees(Sampled.mean(run.ledger.heat[:, 1]).estimate(), heat_answer, relative=0.02)
    assert_agrees(Sampled.mean(run.ledger.work).estimate(), work, relative=0.02)


def _averaged(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return label + parameters[0] * math.tanh(parameters[1] * field)


def test_fast_answers_act_by_their_mean() -> None:
    r"""gamma -> infinity: weights follow label + (g/c) tanh(a A/2T), run by ``train`` itself; the heat is another."""
    task, g, gain = cases.task(3, 4), 0.5, 1.7
    t, common = cases.BATH["temperature"], {"learning_rate": 0.8, "duration": 1.0, "replicas": 20_000} | cases.BATH
    mean = sz.Rule("averaged", _averaged, parameters=(g / 0.8, 0.5 * gain / t))
    exact = sz.train(task, mean, dt=0.005, seed=1, **common)
    fast = advanced(task, sz.rules.hebbian, feedback=g, answer_rate=1e5, answer_gain=gain, dt=0.005, seed=2, **common)
    slow = advanced(task, sz.rules.hebbian, feedback=g, answer_rate=0.3, answer_gain=gain, dt=0.005, seed=2, **common)

    def apart(run: Lanes) -> list[float]:
        """In sigmas: <A sigma_T> and <A^2> of each pattern."""
        found = []
        for power in (1, 2):
            one, two = (a * y ** (power % 2) * a ** (power - 1) for a, y in
                        ((run.fields, run.labels), (exact.fields, exact.labels)))  # fmt: skip
            for mu in range(4):
                error = math.hypot(*(x[:, mu].std() / math.sqrt(len(x)) for x in (one, two)))
                found.append(float(one[:, mu].mean() - two[:, mu].mean()) / error)
        return found

    assert np.abs(apart(fast)).max() < 4.0
    assert np.abs(apart(slow)).max() > 5.0


# Fluctuation theorems, at steps far from short.


@pytest.mark.parametrize("schedule", ["quench", "ramp:0.9"])
def test_integral_theorem_of_one_weight_and_one_answer(schedule: str) -> None:
    """<e^{-ds - (Q_w + Q_sigma)/T}> = 1 from the start of every run, its final density that of the stationary state."""
    run = coarse(sz.rules.hebbian, 1, 1, replicas=100_000, duration=1.5, dt=0.5, schedule=schedule)
    process = LabelFeedback(push=0.8, feedback=0.4, field=1.7, flip_rate=1.3, **cases.BATH)
    both = feedback_stationary(process).density((run.fields * run.labels)[:, 0])
    right = (run.answers.answers * run.labels)[:, 0] > 0
    after = -np.log(np.where(right, both[:, 1], both[:, 0]))
    produced = after - at_the_start(run, 1.7) + run.ledger.entropy_flow
    assert abs(z_of_mean(np.exp(-produced), 1.0)) <= 4.0
    assert produced.mean() > 20.0 * produced.std() / math.sqrt(produced.size)


@pytest.mark.parametrize(("feedback", "gain"), [(0.4, 0.8), (0.2, 1.0), (-0.3, 1.0)])
def test_integral_theorem_of_two_weights_and_two_answers(feedback: float, gain: float) -> None:
    """Reciprocal (g = a/2) with e^{-E/T}/Z at the end, and not, with another normalised density there."""
    run = coarse(
        sz.rules.hebbian, 2, 2, replicas=100_000, duration=2.0, dt=0.5, feedback=feedback, answer_gain=gain,
        learning_rate=0.5, schedule="quench",
    )  # fmt: skip
    if feedback == 0.5 * gain:
        after = hebbian_surprise(run, _scaled(run), 0.5, feedback)
    else:
        reached = 0.5 * -math.expm1(-2.0 * cases.RATE) / cases.BATH["stiffness"]
        away = run.weights - reached * run.labels @ _scaled(run)
        after = thermal_density(away, run.fields, run.answers.answers, gain)
    produced = after - at_the_start(run, gain) + run.ledger.entropy_flow
    weights = np.exp(-produced)
    assert abs(z_of_mean(weights, 1.0)) <= 4.0
    assert weights.sum() ** 2 / (weights**2).sum() > 1000.0
    assert produced.mean() > 20.0 * produced.std() / math.sqrt(produced.size)


@pytest.mark.parametrize(
    "rule", [sz.rules.perceptron, sz.rules.adatron, sz.rules.gradient.tuned(1.6)], ids=lambda rule: rule.name
)
def test_integral_theorem_of_rules_that_read_their_field(rule: sz.Rule) -> None:
    """At mu k h = 0.4 as well, since moves are accepted or refused; without that it fails by far."""
    run = coarse(
        rule, 2, 3, replicas=100_000, duration=1.5, dt=0.5, feedback=0.7, answer_gain=0.6, learning_rate=1.2,
        schedule="quench",
    )  # fmt: skip
    after = thermal_density(run.weights - 0.3 * run.labels @ _scaled(run), run.fields, run.answers.answers, 0.6)
    produced = after - at_the_start(run, 0.6) + run.ledger.entropy_flow
    weights = np.exp(-produced)
    assert abs(z_of_mean(weights, 1.0)) <= 4.0
    assert weights.sum() ** 2 / (weights**2).sum() > 5000.0


def drawn_at_rest(task: sz.Task, c: float, g: float, replicas: int, seed: int) -> tuple[Array, Array, Array]:
    """(weights, answers, labels) of e^{-E/T}/Z for Hebb's rule: answers by enumeration, weights Gaussian given them."""
    t, k = cases.BATH["temperature"], cases.BATH["stiffness"]
    draw, x = np.random.default_rng(seed), task.inputs / math.sqrt(task.n_inputs)
    y = draw.choice([-1.0, 1.0], size=(replicas, task.n_patterns))
    signs = np.array(list(product((-1.0, 1.0), repeat=task.n_patterns)))
    forces = (c * y[:, None] + g * signs) @ x
    p = np.exp(0.5 * (forces**2).sum(axis=2) / (k * t))
    chosen = (np.cumsum(p, axis=1) < draw.random(replicas)[:, None] * p.sum(axis=1, keepdims=True)).sum(axis=1)
    force = forces[np.arange(replicas), chosen]
    w = force / k + math.sqrt(t / k) * draw.normal(size=force.shape)
    return w, signs[chosen], y


def test_a_long_step_is_reversible_in_equilibrium() -> None:
    """<f(before) h(after)> = <h(before) f(after)> for states of all kinds, W = 0 and mean heats 0, at g = a/2."""
    task, g = _task(2, 2), 0.85
    start = drawn_at_rest(task, 0.5, g, 100_000, 1)
    run = advanced(
        task, sz.rules.hebbian, feedback=g, answer_rate=0.7, answer_gain=2 * g, learning_rate=0.5,
        duration=0.9 / cases.RATE, dt=0.9 / cases.RATE, replicas=100_000, seed=2, start=start[:2], labels=start[2],
        **cases.BATH,
    )  # fmt: skip
    x = _scaled(run)
    switched = -((0.5 * run.labels + g * run.first_answers) * (run.first_weights @ x.T)).sum(axis=1)
    assert run.ledger.work == pytest.approx(switched, abs=1e-13 * 50.0)
    for heat in run.ledger.heat.T:
        assert abs(z_of_mean(heat, 0.0)) <= 4.0
        assert heat.std() > 0.3
    looks = [
        (w[:, 0], s[:, 0] * run.labels[:, 0], s[:, 1] * w[:, 1], w[:, 0] * w[:, 1], s[:, 0] * s[:, 1] * w[:, 0] ** 2)
        for w, s in ((run.first_weights, run.first_answers), (run.weights, run.answers.answers))
    ]
    for i, j in product(range(5), repeat=2):
        if i < j:
            assert abs(z_of_mean(looks[0][i] * looks[1][j] - looks[0][j] * looks[1][i], 0.0)) <= 4.0
    assert 0.1 < np.mean(run.first_answers != run.answers.answers) < 0.4


def test_the_split_step_obeys_detailed_balance_to_rounding() -> None:
    """p(x) K(x -> x') = p(x') K(x' -> x) on a lattice of weights where K = move, jump, move, and only at g = a/2."""
    gain, rate, dt = 1.7, 0.7, 0.9 / cases.RATE
    t, k = cases.BATH["temperature"], cases.BATH["stiffness"]
    w = np.linspace(-7.0, 7.0, 161)
    decay = math.exp(-0.45)
    spread = math.sqrt(t / k * -math.expm1(-0.9))

    def unbalanced(g: float) -> float:
        rest = (0.8 + g * LABELS) / k
        move, jump = np.zeros((2, 161, 2, 161)), np.zeros((2, 161, 2, 161))
        for i, sigma in enumerate(LABELS):
            move[i, :, i] = np.exp(-0.5 * ((w[:, None] - rest[i] - (w - rest[i]) * decay) / spread) ** 2)
            leave = 1.0 / (1.0 + np.exp(sigma * gain * w / t))
            chance = leave * -np.expm1(-2.0 * rate * np.cosh(0.5 * gain * w / t) * dt)
            at = np.arange(161)
            jump[1 - i, at, i, at], jump[i, at, i, at] = chance, 1.0 - chance
        M, J = move.reshape(322, 322), jump.reshape(322, 322)
        p = np.concatenate([np.exp(-(0.5 * k * w**2 - (0.8 + g * s) * w) / t) for s in LABELS])
        flow = M @ J @ M * p
        return float(np.abs(flow - flow.T).max() / flow.max())

    assert unbalanced(0.5 * gain) < 1e-12
    assert unbalanced(0.4 * gain) > 1e-2


# What reciprocity means for other rules.


@pytest.mark.parametrize(
    ("rule", "share"),
    [
        (sz.rules.hebbian, 0.5),
        (sz.rules.perceptron, 1.0),
        (sz.rules.gradient, 1.0),
        (sz.rules.gradient.tuned(2.5), 1.0),
    ],
    ids=["hebbian", "perceptron", "gradient", "steep"],
)
def test_reciprocal_feedback_does_no_work(rule: sz.Rule, share: float) -> None:
    """All that any replica is given is the switch at time 0: jumps move g loss(A, sigma) by just their heat."""
    g = reciprocal_feedback(rule, 1.7)
    assert g == pytest.approx(share * 1.7, rel=1e-12)
    assert g is not None
    common: dict[str, Any] = {
        "answer_gain": 1.7, "answer_rate": 2.0, "schedule": "quench", "duration": 2.0, "dt": 0.05, "replicas": 50,
    }  # fmt: skip
    work = [coarse(rule, feedback=f, **common).ledger.work for f in (g, 0.9 * g)]
    switched = [coarse(rule, feedback=f, **(common | {"answer_rate": 1e-12})).ledger.work for f in (g, 0.9 * g)]
    assert work[0] == pytest.approx(switched[0], abs=1e-11)
    assert np.abs(work[1] - switched[1]).max() > 0.01


def test_rules_without_reciprocal_feedback() -> None:
    for rule in (sz.rules.adatron, sz.rules.oja, cases.CORRECTING, cases.FORGETTING):
        assert reciprocal_feedback(rule) is None


def test_equilibrium_of_the_perceptron_with_its_answers() -> None:
    """At g = a: mean heats vanish once at rest, while at g = a/2 the weights cool their bath."""
    task = cases.task(2, 3, seed=8)

    def rates(g: float) -> Array:
        common: dict[str, Any] = {
            "feedback": g, "answer_rate": 1.0, "answer_gain": 1.4, "learning_rate": 0.8, "dt": 0.02, "replicas": 4000,
        } | cases.BATH  # fmt: skip
        before = advanced(task, sz.rules.perceptron, duration=8.0, seed=1, **common)
        return advanced(
            task, sz.rules.perceptron, duration=10.0, seed=7, start=(before.weights, before.answers.answers),
            labels=before.labels, **common,
        ).ledger.heat  # fmt: skip

    for heat in rates(1.4).T:
        assert abs(z_of_mean(heat, 0.0)) <= 4.0
    weight, answer = rates(0.7).T
    assert z_of_mean(weight, 0.0) < -10.0
    # at rest the odd part of the force, g sigma/2, and the answers, a sigma/2, see the same sigma o dA
    assert abs(z_of_mean(weight + 0.5 * answer, 0.0)) <= 4.0


def test_a_rule_that_reads_the_output_reads_the_answer() -> None:
    """label - output without feedback is Hebb's rule with g = -c, and its heats are the same."""
    one = coarse(cases.CORRECTING, feedback=0.0)
    other = coarse(sz.rules.hebbian, feedback=-0.8)
    assert one.weights == pytest.approx(other.weights, abs=1e-13)
    assert one.ledger.heat == pytest.approx(other.ledger.heat, abs=1e-12)


def test_without_feedback_weights_are_those_of_train() -> None:
    """<w | labels> and the heat of the weights, exact for Hebb's rule, whatever the answers do."""
    run = coarse(sz.rules.hebbian, 3, 4, feedback=0.0, replicas=40_000, schedule="quench")
    t, k, x = cases.BATH["temperature"], cases.BATH["stiffness"], _scaled(run)
    reached = -math.expm1(-cases.RATE) / k
    away = run.weights - 0.8 * reached * run.labels @ x
    assert abs(z_of_mean(away[:, 0], 0.0)) <= 4.0
    assert abs(z_of_mean((away**2).sum(axis=1), 3 * t / k)) <= 4.0
    force = 0.64 * np.trace(x @ x.T)
    exact = force / k * (-math.expm1(-cases.RATE) - 0.5 * (-math.expm1(-cases.RATE)) ** 2)
    assert_agrees(Sampled.mean(run.ledger.heat[:, 0]).estimate(), exact, relative=0.02)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"answer_rate": 0.0}, "answer_rate"),
        ({"answer_rate": math.nan}, "answer_rate"),
        ({"feedback": math.inf}, "feedback"),
        ({"answer_gain": "steep"}, "answer_gain"),
        ({"mode": "online", "dwell": 0.5, "schedule": "quench"}, "mode"),
        ({"readout": "sign"}, "readout"),
        ({"rule": sz.rules.bcm}, "rule"),
        ({"rule": sz.rules.stdp}, "rule"),
    ],
)
def test_bad_arguments_are_named(wrong: dict[str, Any], field: str) -> None:
    rule = wrong.get("rule", sz.rules.hebbian)
    with pytest.raises(InputError) as caught:
        coarse(rule, **{name: value for name, value in wrong.items() if name != "rule"})
    assert caught.value.field == field


def test_the_step_that_answers_need() -> None:
    common: dict[str, Any] = {"learning_rate": 1.0, "duration": 1.0, "replicas": 10, "seed": 1} | cases.BATH
    s = settings_for(cases.task(3, 4), sz.rules.hebbian, **common)
    assert Answering(0.5, 1e3).finest_dt(s) == pytest.approx(0.01 / cases.RATE)
    assert Answering(0.5, 5.0).finest_dt(s) == pytest.approx(0.04)
