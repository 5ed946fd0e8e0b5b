"""Networks, slowly: how their time step converges, and many units at rest against mean-field theory."""

from __future__ import annotations

import math

import numpy as np
import pytest

from szilard.estimate import Sampled, exponential_average
from szilard.networks.feedforward import committee
from tests.networks.paths import STIFFNESS, TEMPERATURE, summed_loss
from tests.networks.test_network_path import GRADIENT, ONE_INPUT, STRENGTH, THEIR_LABELS, average, two_weights

pytestmark = pytest.mark.soak


def test_heat_of_rest_converges_linearly_in_the_step() -> None:
    """bias(dt) = a dt + O(dt^2): halving 0.4, 0.2, 0.1 leaves 0.51 +- a share of a few dt each; a < 0."""
    mean = TEMPERATURE + STRENGTH * average(committee(2), 0.0)[2]
    exact = mean - average(committee(2), STRENGTH)[1]
    bias = []
    for dt in (0.4, 0.2, 0.1):
        done = two_weights(800000, np.ones(round(6.4 / dt)), dt, seed=11)
        start = 0.5 * STIFFNESS * (done.start**2).sum(axis=1) + done.work
        bias.append(Sampled.controlled(done.heat, start, mean) - Sampled.constant(exact, done.heat.size))
    for coarse, fine in zip(bias, bias[1:], strict=False):
        assert coarse.value < -5.0 * coarse.estimate().stderr
        curved = fine.scaled(2.0) - coarse
        # O(dt^2): of the size of the bias itself times 2 mu (k + c) dt <= 1
        assert abs(curved.value) < 4.0 * curved.estimate().stderr + 0.2 * abs(coarse.value)
    last = (bias[2].scaled(2.0) - bias[1]).estimate()
    assert abs(last.value) < 4.0 * last.stderr


def test_jarzynski_converges_in_the_step() -> None:
    change = average(committee(2), STRENGTH)[0] - average(committee(2), 0.0)[0]
    for dt in (0.1, 0.05, 0.01):
        replicas, steps = 400000, round(1.0 / dt)
        ramp = (np.arange(steps) + 0.5) / steps
        done = two_weights(replicas, ramp, dt)
        labels = np.repeat(THEIR_LABELS[:, None], replicas, axis=1)
        loss = summed_loss(committee(2), GRADIENT, done.weights, ONE_INPUT, labels)
        work = done.work + STRENGTH * (1.0 - ramp[-1]) * loss
        found = exponential_average((work - change) / TEMPERATURE)
        assert abs(found.value - 1.0) < 4.0 * found.stderr + 0.02 * dt
        assert math.isfinite(found.stderr)
