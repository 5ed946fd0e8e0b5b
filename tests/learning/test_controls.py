"""What is known exactly takes luck from a run's numbers and leaves their means and honest errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.estimate import Sampled
from szilard.information import learned_information, neighbour_entropy
from szilard.learning.controls import answer_controls, heat_controls
from szilard.learning.settings import Learner
from szilard.learning.weight_entropy import known_noise, marginal_entropies
from tests.learning import cases
from tests.statistics import z_of_mean

LOUD = sz.Rule("loud", lambda a, y, o, w, p: y * abs(a))
KINDS: list[tuple[Learner, int, int, dict[str, Any]]] = [
    (sz.rules.perceptron, 7, 3, {}),
    (sz.rules.adatron, 3, 5, {"schedule": sz.ramp(1.0)}),
    (sz.rules.hebbian, 7, 3, {}),
    (LOUD, 6, 3, {"learning_rate": 0.3, "readout": "sign"}),
    (sz.rules.perceptron, 7, 3, {"mode": "online", "dwell": 0.4}),
    (sz.rules.perceptron, 4, 3, {"answer_rate": 0.8}),
]


def run(rule: Learner, n: int, p: int, how: dict[str, Any], task: sz.Task | None = None, **more: Any) -> sz.LearningRun:
    chosen: dict[str, Any] = {"learning_rate": 1.7, "duration": 2.0, "dt": 0.05, "replicas": 400, "seed": 3}
    return sz.train(task or cases.task(n, p), rule, **(chosen | cases.BATH | how | more))


def names(case: Any) -> str:
    return f"{case[0].name}-{case[1]}x{case[2]}-" + "-".join(k for k in case[3])


@pytest.mark.parametrize("case", KINDS, ids=names)
def test_controls_have_mean_zero(case: tuple[Learner, int, int, dict[str, Any]]) -> None:
    found = run(*case, replicas=200_000)
    beside = heat_controls(found)
    answers = answer_controls(found)
    told = [] if answers is None else list(answers.reshape(len(answers), -1).T)
    assert (answers is None) == ("mode" in case[3] or "answer_rate" in case[3])
    for control in (*beside.T, *told):
        assert control.std() > 0.0
        assert abs(z_of_mean(control, 0.0)) < 4.0


@pytest.mark.parametrize("labels", ["true", "teacher"])
def test_controls_of_the_heat_have_mean_zero_for_other_labels(labels: str) -> None:
    inputs = cases.on_sphere(3, 7, 5)
    task = sz.Task("seven", inputs, "teacher")
    if labels == "true":
        task = sz.Task("seven", inputs, "true", np.array([1.0, -1.0, -1.0]))
    loss = sz.Rule("lopsided", lambda a, y, o, w, p: y + 0.5, lambda a, y, o, w, p: -(y + 0.5) * a)
    for rule in (sz.rules.adatron, loss):
        controls = heat_controls(run(rule, 7, 3, {"replicas": 200_000, "learning_rate": 0.5}, task=task))
        assert controls.shape[1] >= 3
        for control in controls.T:
            assert abs(z_of_mean(control, 0.0)) < 4.0


@pytest.mark.parametrize("case", KINDS[:3], ids=names)
@pytest.mark.parametrize("readout", ["sign", "thermal"])
def test_errors_are_honest(case: tuple[Learner, int, int, dict[str, Any]], readout: str) -> None:
    """z of 200 seeds about a long run: mean 0, spread 1; both within 4 sigma of what 200 normal numbers do."""
    about = run(*case, replicas=400_000, seed=999, readout=readout)
    seeds = [run(*case, replicas=800, seed=seed, readout=readout) for seed in range(200)]
    for name in ("heat", "cost", "entropy", "information", "efficiency_marginal"):
        right = getattr(about, name)
        if name == "entropy" and right.stderr == 0.0:
            continue  # by quadrature
        z = np.array([(getattr(r, name).value - right.value) / np.hypot(getattr(r, name).stderr, right.stderr)
                      for r in seeds])  # fmt: skip
        assert abs(z.mean()) < 4.0 / np.sqrt(200.0), name
        assert abs(z.std(ddof=1) - 1.0) < 4.0 / np.sqrt(400.0), name


@pytest.mark.parametrize("duration", [2.0, 8.0, 80.0])
def test_heat_of_a_quench_is_known_as_well_along_a_line_as_in_steps(duration: float) -> None:
    """Q = f^2 (1 - e^{-2 mu k t}) / 2k on average: at rest no luck is left but rounding."""
    line, steps = (
        run(sz.rules.hebbian, 7, 3, {"method": method}, duration=duration, replicas=4000) for method in (None, "steps")
    )
    s = line.settings
    push = s.strength**2 * float((s.scaled_inputs**2).sum())
    exact = push / (2.0 * s.stiffness) * -np.expm1(-2.0 * s.mobility * s.stiffness * duration)
    for found in (line, steps):
        assert abs(found.heat.value - exact) < 4.0 * found.heat.stderr
    assert line.path == "line"
    assert line.heat.stderr == pytest.approx(steps.heat.stderr, rel=0.2 if duration < 10.0 else 2.0)


def test_errors_shrink() -> None:
    found = run(sz.rules.perceptron, 24, 3, {"replicas": 4000, "readout": "sign"})
    assert found.entropy_method == "a Gaussian mixture"
    assert found.heat.stderr < 0.5 * Sampled.mean(found.ledger.heat[:, 0]).estimate().stderr
    assert found.entropy.stderr < 0.5 * neighbour_entropy(found.weights).estimate().stderr
    assert found.information.stderr < 0.8 * learned_information(found.correct).estimate().stderr


def test_entropy_of_weights_that_no_pattern_touches_is_known() -> None:
    inputs = np.zeros((2, 5))
    inputs[0, :2], inputs[1, 1:3] = [1.0, 2.0], [2.0, -1.0]  # |xi|^2 = N
    task = sz.tasks.random_labels(5, 2, inputs=inputs)
    found = run(sz.rules.perceptron, 5, 2, {"replicas": 4000}, task=task)
    assert found.entropy_method == "a Gaussian mixture"
    known = known_noise(found)
    assert known is not None
    centres, _, free = known
    np.testing.assert_array_equal(free, [False, False, False, True, True])
    assert np.abs(centres[3:]).max() < 1e-12


def test_narrow_noise_is_left_to_neighbours() -> None:
    inputs = np.eye(3)[:2] * np.sqrt(3.0)  # two weights are all span, one is free
    found = run(sz.rules.perceptron, 3, 2, {"replicas": 4000}, task=sz.tasks.random_labels(3, 2, inputs=inputs))
    assert found.entropy_method == "a Gaussian mixture and nearest neighbours"
    at_rest = 0.5 * np.log(2.0 * np.pi * np.e * 0.7 / 1.3)
    told, _ = marginal_entropies(found)
    assert told.value == pytest.approx(neighbour_entropy(found.weights[:, :2]).value + at_rest, abs=1e-12)
