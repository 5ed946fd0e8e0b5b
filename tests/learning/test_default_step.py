"""The step that is chosen where none is given: it resolves all that a rule reads, and no number carries its mark."""

from __future__ import annotations

from math import exp, log1p

import numpy as np
import pytest
from scipy.integrate import quad

import szilard as sz
from szilard.estimate import Sampled
from szilard.learning.training import settings_for
from tests.statistics import assert_agrees

ONE = sz.tasks.random_labels(1, 1, inputs=[[1.0]])


def late_heat(task: sz.Task, rule: sz.rules.Stdp | sz.Rule, early: float, late: float, **how: float) -> sz.Estimate:
    """Heat per time at rest, with the step that is chosen."""
    books = [
        sz.train(task, rule, duration=t, replicas=3000, seed=4, **how).ledger.heat[:, 0]  # type: ignore[arg-type]
        for t in (early, late)
    ]
    return Sampled.mean((books[1] - books[0]) / (late - early)).estimate()


@pytest.mark.parametrize("rate", [1.0, 2.0])
def test_spike_timing_that_turns_fast(rate: float) -> None:
    """Eight patterns around a circle: w relaxes at 1 and turns at 8 or 16; heat by Lyapunov's equation."""
    angles = np.arange(8) * np.pi / 4.0
    inputs = np.sqrt(2.0) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    exact = sz.entropy_production_rate(sz.systems.linear(np.eye(2) - sz.rules.lagged_matrix(inputs, 1, 1, rate), 1.0))
    found = late_heat(sz.tasks.random_labels(2, 8, inputs=inputs), sz.rules.stdp, 3.0, 7.0, learning_rate=rate)
    assert exact > 10.0
    assert_agrees(found, exact * 1.02, relative=0.05)  # 0.02 Re h/(mu |h|^2) widens the weights by 2 per cent


def correcting(field: float, label: float, output: float, weight: float, parameters: tuple[float, ...]) -> float:
    return label - 3.0 * output


def test_a_mean_answer_that_turns_over_steeply() -> None:
    """At T = 0.05 the answer turns over within fields of 0.1; one weight at rest gives off nothing."""
    found = late_heat(ONE, sz.Rule("correcting", correcting), 2.0, 6.0, learning_rate=3.0, temperature=0.05)
    assert abs(found.value) < 4.0 * found.stderr + 0.003  # at a step of 0.02, which relaxation alone asks for, 0.3
    assert found.stderr < 0.001


def test_a_logistic_loss_as_steep_as_a_step() -> None:
    """<w sigma> at rest, by quadrature: steeper than noise can tell, the slope asks for no shorter step than a jump."""
    steep, c, t = 300.0, 15.0, 0.1
    how: dict[str, float] = {"learning_rate": c, "duration": 6.0, "temperature": t}
    rule = sz.rules.gradient.tuned(steep)
    run = sz.train(ONE, rule, replicas=3000, seed=1, **how)  # type: ignore[arg-type]

    def density(w: float) -> float:
        loss = log1p(exp(-steep * w)) / steep if steep * w > -30.0 else -w
        return exp(-(0.5 * w * w + c * loss) / t)

    norm = quad(density, -3.0, 3.0, points=[0.0, 0.01], limit=300)[0]
    exact = quad(lambda w: w * density(w), -3.0, 3.0, points=[0.0, 0.01], limit=300)[0] / norm
    assert_agrees(Sampled.mean((run.weights * run.labels)[:, 0]).estimate(), exact, relative=0.05)
    jump = settings_for(ONE, sz.rules.perceptron, replicas=10, seed=1, **how)  # type: ignore[arg-type]
    assert jump.finest_dt <= run.settings.finest_dt < 3.0 * jump.finest_dt


def test_a_jump_asks_for_its_layer_and_bcm_for_its_threshold() -> None:
    how: dict[str, float] = {"learning_rate": 4.0, "duration": 3.0, "temperature": 0.7, "mobility": 1.6}
    perceptron = settings_for(ONE, sz.rules.perceptron, replicas=10, seed=1, **how)  # type: ignore[arg-type]
    assert perceptron.finest_dt == pytest.approx(0.3 * 0.7 / (1.6 * 16.0), rel=1e-6)
    bcm = settings_for(ONE, sz.rules.Bcm(averaging=0.004), replicas=10, seed=1, **how | {"learning_rate": 0.1})  # type: ignore[arg-type]
    assert bcm.finest_dt <= 0.004 / 16
    turning = sz.tasks.random_labels(2, 4, inputs=np.sqrt(2.0) * np.array([[1, 0], [0, 1], [-1, 0], [0, -1.0]]))
    with pytest.raises(sz.InputError, match="unstable"):
        sz.train(turning, sz.rules.stdp, learning_rate=20.0, duration=3.0, dt=0.02, replicas=50, seed=1)
