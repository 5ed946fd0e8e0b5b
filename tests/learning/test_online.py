"""Online learning: the heat of switching samples, what flow and kick do to a weight, and the order of samples."""

from __future__ import annotations

from math import exp, expm1, tanh
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard import theory
from szilard._kernels.random import CHOICE, INITIAL, NOISE, normals, stream_key, words
from szilard.estimate import Sampled
from tests.learning import cases
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
OPPOSITE = sz.Task("opposite labels", np.array([[1.0], [1.0]]), "true", np.array([1.0, -1.0]))
FORCE = 1.7
T, K, MU = 0.7, 1.3, 0.6


def opposite(dwell: float, duration: float, **more: Any) -> sz.LearningRun:
    """learning_rate is the impulse of one showing: the force is learning_rate / dwell."""
    return sz.train(
        OPPOSITE, sz.rules.hebbian, learning_rate=FORCE * dwell, duration=duration, dwell=dwell, mode="online",
        seed=91, **({"replicas": 60_000, "dt": dwell / 2} | cases.BATH | more),
    )  # fmt: skip


def rate_between(first: sz.LearningRun, last: sz.LearningRun) -> sz.Estimate:
    """Heat per time between two ends of the same paths: the initial energy cancels."""
    gone = last.settings.duration - first.settings.duration
    return Sampled.mean((last.ledger.heat - first.ledger.heat)[:, 0] / gone).estimate()


@pytest.mark.parametrize("dwell", [0.4, 2.0])
def test_alternating_labels_heat_at_the_exact_rate(dwell: float) -> None:
    """Qdot = mu f^2 2 tanh(x/2)/x, x = mu k dwell, once the start is forgotten; and Q from the start."""
    x = MU * K * dwell
    turns = 2 * round(7.0 / x)
    early, late = opposite(dwell, turns * dwell), opposite(dwell, 3 * turns * dwell)
    np.testing.assert_array_equal(early.labels, late.labels)
    assert_agrees(rate_between(early, late), MU * FORCE**2 * 2 * tanh(x / 2) / x)
    times, values = np.arange(3 * turns) * dwell, np.resize([1.0, -1.0], 3 * turns)
    exact = theory.additive_heat(
        list(times), list(values), "constant", duration=3 * turns * dwell, amplitude_squared=FORCE**2, **cases.BATH
    )
    assert_agrees(late.heat, exact.heat)
    rate = theory.additive_heat(
        list(times), list(values), "constant", duration=2 * turns * dwell, amplitude_squared=FORCE**2, **cases.BATH
    )
    # the theory of the transient and that of the stationary state agree: e^{-2 x turns} is forgotten
    assert (exact.heat - rate.heat) / (turns * dwell) == pytest.approx(MU * FORCE**2 * 2 * tanh(x / 2) / x, rel=1e-5)


def test_reference_rate_of_alternation() -> None:
    """nu = 1.3, half period 0.8, k = mu = T = 1: 1.605284..., computed independently."""
    early, late = (
        sz.train(
            OPPOSITE, sz.rules.hebbian, learning_rate=1.3 * 0.8, duration=turns * 0.8, dt=0.8, dwell=0.8, mode="online",
            replicas=60_000, seed=92,
        )
        for turns in (10, 30)
    )  # fmt: skip
    assert_agrees(rate_between(early, late), 1.605284365528325)


@pytest.mark.parametrize("dwell", [0.4, 2.0])
def test_order_drawn_anew_heats_at_the_exact_rate(dwell: float) -> None:
    """A force of random sign refreshed every dwell: Qdot = mu f^2 (1 - e^{-x})/x."""
    x = MU * K * dwell
    turns = round(7.0 / x)
    early, late = (opposite(dwell, n * turns * dwell, order="random") for n in (1, 4))
    assert_agrees(rate_between(early, late), -MU * FORCE**2 * expm1(-x) / x)


def test_reference_rate_of_an_order_drawn_anew() -> None:
    """nu = 1.3, tau_s = 0.5, k = mu = T = 1: 1.329926..., computed independently."""
    early, late = (
        sz.train(
            OPPOSITE, sz.rules.hebbian, learning_rate=1.3 * 0.5, duration=turns * 0.5, dt=0.5, dwell=0.5, mode="online",
            order="random", replicas=60_000, seed=93,
        )
        for turns in (16, 60)
    )  # fmt: skip
    assert_agrees(rate_between(early, late), 1.329926370171299)


def test_random_order_is_drawn_per_replica_and_turn() -> None:
    """Each showing's pattern, read back from the kicks of orthogonal patterns, is the stream's own choice."""
    inputs = np.sqrt(3.0) * np.eye(3)
    task = sz.tasks.random_labels(3, 3, inputs=inputs)
    run = sz.train(
        task, sz.rules.hebbian, learning_rate=50.0, duration=0.1, dwell=0.1, dt=0.1, mode="online", online="kick",
        order="random", replicas=500, seed=94,
    )  # fmt: skip
    shown = np.argmax(np.abs(run.weights), axis=1)
    np.testing.assert_array_equal(shown, (words(CHOICE, 0, 0, stream_key(94), 500) * 3) >> 32)
    assert set(shown) == {0, 1, 2}
    each = np.arange(500)
    np.testing.assert_array_equal(np.sign(run.weights[each, shown]), run.labels[each, shown])


@pytest.mark.parametrize("name", ["hebbian", "perceptron", "adatron"])
@pytest.mark.parametrize("dwell", [0.05, 1.0])
def test_kick_is_one_exact_step_of_a_frozen_force(name: str, dwell: float) -> None:
    """Two showings by hand, from the same random numbers: weights and heat to rounding."""
    task = cases.task(3, 2)
    rate, replicas, seed = 0.8, 100, 95
    rule: sz.Rule = getattr(sz.rules, name)
    run = sz.train(
        task, rule, learning_rate=rate, duration=2 * dwell, dwell=dwell, mode="online", online="kick",
        replicas=replicas, seed=seed, method="steps", **cases.BATH,
    )  # fmt: skip
    key, scaled = stream_key(seed), task.inputs / np.sqrt(3.0)
    w = normals(INITIAL, 0, 0, key, (3, replicas)).T * np.sqrt(T / K)
    heat, labels = np.zeros(replicas), run.labels
    relax = MU * K * dwell
    for mu in range(2):
        field = w @ scaled[mu]
        stability = field * labels[:, mu]
        wrong = stability < 0
        push = {"hebbian": labels[:, mu] * 1.0, "perceptron": labels[:, mu] * wrong, "adatron": -field * wrong}[name]
        force = (rate / dwell) * push[:, None] * scaled[mu]
        noise = normals(NOISE, mu, 0, key, (3, replicas)).T * np.sqrt(T / K * -expm1(-2 * relax))
        moved = exp(-relax) * w + force / K * -expm1(-relax) + noise
        heat += 0.5 * K * (w**2 - moved**2).sum(axis=1) + (force * (moved - w)).sum(axis=1)
        w = moved
    np.testing.assert_allclose(run.weights, w, rtol=0, atol=1e-13 * (1 + rate / dwell))
    np.testing.assert_allclose(run.ledger.heat[:, 0], heat, rtol=0, atol=1e-12 * (1 + (rate / dwell) ** 2))


COLD: dict[str, Any] = {"temperature": 1e-10, "stiffness": 1e-10}


@pytest.mark.parametrize("rate", [0.3, 1.0, 2.5])
def test_flow_moves_a_perceptron_to_the_border_at_most(rate: float) -> None:
    """min(nu, -lambda) for lambda < 0, else nothing: k = T = 1e-10 leaves a start in N(0, 1) and no noise.

    At the border the frozen steps of nu/400 hunt; the noise of one showing is sqrt(2 T) = 1.4e-5, taken at 7.
    """
    moved, start = first_showing("perceptron", rate, "flow", 400)
    expected = np.where(start < 0, np.minimum(rate, -start), 0.0)
    assert np.all(np.abs(moved - expected) < rate / 400 + 1e-4)
    kicked, _ = first_showing("perceptron", rate, "kick", 1)
    np.testing.assert_allclose(kicked, np.where(start < 0, rate, 0.0), rtol=0, atol=1e-4)
    assert np.any(np.abs(kicked - moved) > rate / 2), "kick and flow are two models"


@pytest.mark.parametrize("rate", [0.3, 1.0, 1.8])
def test_flow_moves_an_adatron_by_an_exponential_part(rate: float) -> None:
    """-lambda (1 - e^{-nu}) for lambda < 0; in m steps -lambda (1 - (1 - nu/m)^m), which differs by nu^2 e^{-nu}/2m."""
    steps = 400
    moved, start = first_showing("adatron", rate, "flow", steps)
    wrong = np.where(start < -0.01, -start, 0.0)
    clear = np.abs(start) > 0.01
    np.testing.assert_allclose(moved[clear], (wrong * (1 - (1 - rate / steps) ** steps))[clear], rtol=0, atol=1e-4)
    off = np.abs(moved - wrong * (1 - exp(-rate)))[clear]
    assert np.all(off <= np.abs(start[clear]) * rate**2 * exp(-rate) / (2 * steps) * 1.1 + 1e-4)
    kicked, _ = first_showing("adatron", rate, "kick", 1)
    np.testing.assert_allclose(kicked[clear], rate * wrong[clear], rtol=0, atol=1e-4)


def first_showing(name: str, rate: float, online: str, steps: int) -> tuple[Array, Array]:
    """What one showing of one pattern to one weight adds to the stability, and the stability before it."""
    rule: sz.Rule = getattr(sz.rules, name)
    settings: dict[str, Any] = {"duration": 1.0, "dwell": 1.0, "dt": 1.0 / steps, "mode": "online", "online": online}
    run = sz.train(
        sz.tasks.random_labels(1, 1, inputs=[[-1.0]]),
        rule,
        learning_rate=rate,
        replicas=3000,
        seed=96,
        **settings,
        **COLD,
    )
    signs = -run.labels[:, 0].astype(float)
    before = normals(INITIAL, 0, 0, stream_key(96), (1, 3000))[0] * signs
    return run.weights[:, 0] * signs - before, before


def test_batch_with_one_pattern_is_online_with_one_pattern() -> None:
    """One pattern shown again and again is a batch of one whose force is learning_rate / dwell."""
    task = cases.task(3, 1)
    how: dict[str, Any] = {"duration": 1.0, "dt": 0.05, "replicas": 300, "seed": 97, "method": "steps"}
    online = sz.train(task, sz.rules.perceptron, learning_rate=0.2, mode="online", dwell=0.1, **how, **cases.BATH)
    batch = sz.train(task, sz.rules.perceptron, learning_rate=2.0, **how, **cases.BATH)
    np.testing.assert_allclose(online.weights, batch.weights, rtol=0, atol=1e-13)
    np.testing.assert_allclose(online.ledger.heat, batch.ledger.heat, rtol=0, atol=1e-12)
    np.testing.assert_allclose(online.ledger.work, batch.ledger.work, rtol=0, atol=1e-12)


def test_gains_are_the_mean_weights() -> None:
    """<w | labels> of an online additive run, as the enumeration uses it: linear in each label."""
    task = cases.task(2, 3)
    run = sz.train(
        task, sz.rules.hebbian, learning_rate=0.5, duration=2.0, dwell=0.25, dt=0.125, mode="online",
        schedule=sz.ramp(1.0), replicas=200_000, seed=98, **cases.BATH,
    )  # fmt: skip
    assert run.gains is not None and np.ptp(run.gains) > 0.1
    for mu in range(3):
        for n in range(2):
            overlap = Sampled.mean(run.weights[:, n] * run.labels[:, mu]).estimate()
            assert abs(overlap.value - run.gains[mu] * task.inputs[mu, n] / np.sqrt(2.0)) < 4 * overlap.stderr
    residual = run.weights - (run.labels * run.gains) @ (task.inputs / np.sqrt(2.0))
    assert_agrees(Sampled.mean((residual**2).mean(axis=1)).estimate(), T / K)
    random = sz.train(
        task, sz.rules.hebbian, learning_rate=0.5, duration=0.5, dwell=0.25, mode="online",
        order="random", replicas=200, seed=1,
    )  # fmt: skip
    assert random.gains is None, "each replica's own order is not told"
