"""Steps within the rule's reach have the law of steps of all weights; what is beside it is free."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard._kernels import learning as kernels
from szilard.learning.reach import path_of, span_of, stretches_of
from szilard.learning.settings import Learner
from szilard.learning.training import settings_for
from tests.learning import cases
from tests.statistics import assert_agrees, z_of_mean

T, K = cases.BATH["temperature"], cases.BATH["stiffness"]
RAMP = sz.Protocol((0.0, 0.3, 0.3, 1.6), (0.2, 1.0, 0.5, 1.5))
STAIRS = sz.Protocol((0.0, 0.7, 1.7), (1.0, 0.3, 1.6), "constant")
FLOW: dict[str, Any] = {"mode": "online", "dwell": 0.4}
RANDOM: dict[str, Any] = {"order": "random"}
WHERE: list[tuple[Learner, int, int, dict[str, Any], str]] = [
    (sz.rules.hebbian, 9, 4, {}, "line"),
    (sz.rules.hebbian, 3, 5, {}, "line"),
    (sz.rules.hebbian, 1, 3, {}, "line"),
    (sz.rules.hebbian, 9, 4, {"schedule": STAIRS}, "line"),
    (sz.rules.hebbian, 9, 4, FLOW | RANDOM, "line"),
    (sz.rules.perceptron, 9, 4, {}, "span"),
    (sz.rules.perceptron, 9, 4, FLOW, "line"),
    (sz.rules.adatron, 3, 5, FLOW | RANDOM, "line"),
    (sz.rules.adatron, 9, 3, {"mode": "online", "online": "kick", "dwell": 0.1, "dt": 0.1}, "span"),
    (cases.CORRECTING, 9, 4, {}, "span"),
    (cases.CORRECTING, 9, 4, FLOW, "line"),
    (sz.rules.Bcm(averaging=0.4), 9, 4, FLOW | {"learning_rate": 0.2}, "line"),
    (sz.rules.Stdp(1.1, 0.7), 9, 4, {"learning_rate": 0.2}, "span"),
]
STEPS: list[tuple[Learner, int, int, dict[str, Any]]] = [
    (sz.rules.perceptron, 1, 3, {}),
    (sz.rules.perceptron, 4, 4, {}),
    (cases.FORGETTING, 9, 3, {}),
    (cases.HALFWAY, 9, 3, FLOW),
    (sz.rules.oja, 9, 3, {"learning_rate": 0.2}),
    (sz.rules.gibbs, 9, 3, {}),
    (sz.rules.perceptron, 9, 3, {"answer_rate": 1.0}),
    (sz.rules.gradient, 9, 3, {"network": sz.networks.committee(2)}),
    (sz.rules.perceptron, 9, 3, {"method": "steps"}),
]


def run(rule: Learner, n: int, p: int, how: dict[str, Any], **more: Any) -> sz.LearningRun:
    chosen: dict[str, Any] = {
        "learning_rate": 1.4,
        "duration": 2.0,
        "dt": 0.05,
        "replicas": 20_000,
        "seed": 3,
        "schedule": RAMP,
    }
    return sz.train(cases.task(n, p), rule, **(chosen | cases.BATH | how | more))


def names(case: Any) -> str:
    rule, n, p, how, *_ = case
    return f"{rule.name}-{n}x{p}-" + "-".join(str(how[k]) for k in ("online", "mode", "order") if k in how)


@pytest.mark.parametrize("case", WHERE, ids=names)
def test_same_law_as_steps_of_all_weights(case: tuple[Learner, int, int, dict[str, Any], str]) -> None:
    rule, n, p, how, path = case
    near, whole = run(rule, n, p, how), run(rule, n, p, how | {"method": "steps"}, seed=4)
    assert (near.path, whole.path) == (path, "steps")
    assert near.ledger.first_law_residual < 1e-13 and whole.ledger.first_law_residual < 1e-13

    def seen(of: sz.LearningRun) -> list[np.ndarray[Any, Any]]:
        heat, told = of.ledger.heat[:, 0], of.fields * of.labels
        turned = of.weights @ np.cos(np.arange(n) + 1.0)
        return [
            heat, heat**2, of.ledger.work, of.ledger.work**2, told.sum(axis=1), (told**2).sum(axis=1), told[:, 0],
            of.weights[:, 0] * of.labels[:, 0], turned**2, heat * turned**2, of.initial_energy * turned**2,
            of.initial_energy * heat,
        ]  # fmt: skip

    for ours, theirs in zip(seen(near), seen(whole), strict=True):
        spread = np.sqrt((ours.var(ddof=1) + theirs.var(ddof=1)) / ours.size)
        assert abs(ours.mean() - theirs.mean()) < 4.0 * spread


@pytest.mark.parametrize("case", STEPS, ids=names)
def test_all_weights_where_the_rule_reaches_them(case: tuple[Learner, int, int, dict[str, Any]]) -> None:
    rule, n, p, how = case
    settings = settings_for(
        cases.task(n, p), rule, **({"learning_rate": 1.0, "duration": 2.0, "replicas": 10, "seed": 1} | how)
    )
    assert path_of(settings) == "steps"


def test_method_is_checked() -> None:
    with pytest.raises(sz.InputError, match='must be "steps"'):
        run(sz.rules.hebbian, 3, 2, {"method": "span"}, replicas=10)


@pytest.mark.parametrize("case", WHERE, ids=names)
@pytest.mark.parametrize(
    "cut", [{"threads": 2}, {"lanes": 1}, {"lanes": 7, "threads": 2}, {"times": [0.1, 1.5, 1.8]}], ids=str
)
def test_same_bits_however_cut(
    case: tuple[Learner, int, int, dict[str, Any], str], cut: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule, n, p, how, _ = case
    how = how | {"replicas": 71, "threads": 1}
    whole = run(rule, n, p, how)
    monkeypatch.setattr("szilard.learning.replicas.CHUNK", 2e4)  # some steps at a time, within a showing too
    other = run(rule, n, p, how | cut)
    for name in ("weights", "labels", "fields", "initial_loss", "free_fields", "free_energy"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(other, name), err_msg=name)
    for name in ("heat", "work", "energy_change", "gross"):
        np.testing.assert_array_equal(getattr(whole.ledger, name), getattr(other.ledger, name), err_msg=name)


@pytest.mark.parametrize("case", WHERE, ids=names)
def test_what_is_seen_on_the_way_is_a_shorter_run(case: tuple[Learner, int, int, dict[str, Any], str]) -> None:
    rule, n, p, how, _ = case
    how = how | {"replicas": 300, "schedule": "quench"}
    on_the_way = run(rule, n, p, how, times=[1.4]).snapshots[0]  # while a pattern is shown, but for kicks
    short = run(rule, n, p, how, duration=1.4)
    assert (on_the_way.heat, on_the_way.work, on_the_way.entropy) == (short.heat, short.work, short.entropy)


def test_mean_heat_of_hebbian_steps_on_a_line() -> None:
    """<Q> = c^2/(2 k) sum_n f_n^2 (1 - e^-x)^2 + <Q of the quench back> by the mean weight: Q = W - <dE> exactly."""
    c, duration = 1.4, 2.0
    task = cases.task(9, 4)
    found = sz.train(task, sz.rules.hebbian, learning_rate=c, duration=duration, replicas=200_000, seed=8, **cases.BATH)
    assert found.path == "line"
    x = cases.RATE * duration
    force2 = float((task.inputs**2).sum()) / 9.0  # <f^2> over labels, |x_mu|^2 = 1
    learned = c * (1.0 - np.exp(-x)) / K
    assert_agrees(found.heat, force2 * (c * learned - 0.5 * K * learned**2), relative=0.02)


@pytest.mark.parametrize("chunk", [1 << 20, 3])
def test_stretches_of_one_factor(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("szilard.learning.reach.CHUNK", chunk)

    def stretches(schedule: Any) -> list[int]:
        fixed: dict[str, Any] = {"learning_rate": 1.0, "duration": 2.0, "dt": 0.1, "replicas": 9, "seed": 1}
        return list(stretches_of(settings_for(cases.task(3, 2), sz.rules.hebbian, schedule=schedule, **fixed)))

    assert stretches("quench") == [0, 20]
    assert stretches(STAIRS) == [0, 7, 17, 20]
    assert stretches(sz.ramp(0.5)) == [0, 1, 2, 3, 4, 5, 20]
    assert "in 3 moves along one line" in repr(run(sz.rules.hebbian, 3, 2, {"schedule": STAIRS}, replicas=200))
    assert "in 1 move along one line" in repr(run(sz.rules.hebbian, 3, 2, {"schedule": "quench"}, replicas=200))


def test_free_weights_stay_in_equilibrium() -> None:
    found = run(sz.rules.perceptron, 9, 3, {"replicas": 100_000})
    basis, _ = span_of(cases.task(9, 3).inputs / 3.0)
    aside = np.linalg.svd(basis)[2][3:]
    beside = found.weights @ aside.T
    assert abs(z_of_mean(beside**2, T / K)) < 4.0
    assert abs(z_of_mean(beside[:, 0] * found.ledger.work, 0.0)) < 4.0
    inside = found.weights @ basis.T
    assert abs(z_of_mean(inside**2, T / K)) > 10.0  # learning moves what is within


@pytest.mark.parametrize(("n", "p"), [(9, 3), (3, 5)])
def test_free_twin_is_in_equilibrium_and_close(n: int, p: int) -> None:
    found = run(sz.rules.perceptron, n, p, {"replicas": 100_000})
    assert found.free_fields is not None and found.free_energy is not None
    assert abs(z_of_mean(found.free_fields**2, T / K)) < 4.0  # |x| = 1
    assert abs(z_of_mean(found.free_energy, 0.5 * n * T)) < 4.0
    assert abs(z_of_mean(found.free_fields * found.labels, 0.0)) < 4.0
    assert np.corrcoef(found.free_fields[:, 0], found.fields[:, 0])[0, 1] > 0.5
    idle = run(sz.rules.perceptron, n, p, {"replicas": 50, "learning_rate": 0.0})
    assert idle.free_fields is not None and idle.free_energy is not None
    np.testing.assert_allclose(idle.free_fields, idle.fields, rtol=0, atol=1e-12)
    np.testing.assert_allclose(idle.free_energy, 0.5 * K * (idle.weights**2).sum(axis=1), rtol=1e-12)


def test_span() -> None:
    inputs = cases.task(6, 4).inputs
    inputs = np.vstack([inputs[:2], 0.3 * inputs[0] - 2.0 * inputs[1], inputs[2:]])
    basis, within = span_of(inputs)
    assert basis.shape == (4, 6) and within.shape == (5, 4)
    np.testing.assert_allclose(basis @ basis.T, np.eye(4), atol=1e-15)
    np.testing.assert_allclose(within @ basis, inputs, atol=1e-14)
    assert np.all(within[np.triu_indices(5, 1, 4)] == 0.0)


@pytest.mark.parametrize("n", [12, 31])
def test_zeros_of_the_span_are_passed_over_with_the_same_bits(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a pattern adds nothing to the span, so that directions are fewer than patterns."""
    inputs = cases.task(n, n - 3).inputs.copy()
    inputs[4] = -inputs[1]
    task = sz.tasks.random_labels(n, n - 3, inputs=inputs)
    how: dict[str, Any] = {"learning_rate": 0.7, "duration": 1.0, "dt": 0.05, "replicas": 71, "seed": 3} | cases.BATH
    shorter = sz.train(task, sz.rules.adatron, **how)
    monkeypatch.setattr(kernels, "TRIANGULAR", 0)
    whole = sz.train(task, sz.rules.adatron, **how)
    assert whole.path == "span"
    np.testing.assert_array_equal(shorter.weights, whole.weights)
    np.testing.assert_array_equal(shorter.ledger.heat, whole.ledger.heat)
    np.testing.assert_array_equal(shorter.ledger.work, whole.ledger.work)
