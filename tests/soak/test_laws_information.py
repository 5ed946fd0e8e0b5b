"""Laws of information at full size."""

from __future__ import annotations

import numpy as np
import pytest

import szilard as sz
from szilard.discrete.bipartite import flow_samples, information_flows
from szilard.discrete.transfer_rate import sampled_transfer_entropy_rate, transfer_entropy_rate
from szilard.estimate import Sampled
from szilard.information import sampled_information
from szilard.laws.feedback import sagawa_ueda, second_law_with_information
from szilard.laws.flows import learning_rate_bound, nostalgia, prediction_bound, sensory_capacity
from tests.discrete.test_bipartite import random_process, verdicts_of_random_processes
from tests.laws.test_flows import LOPSIDED, SENSOR, mean
from tests.statistics import assert_agrees

pytestmark = pytest.mark.soak


def test_five_hundred_random_processes_obey_the_law() -> None:
    assert verdicts_of_random_processes(range(10_000, 10_500)) == {"holds"}


@pytest.mark.parametrize("seed", range(6))
def test_transfer_entropy_by_polynomials_and_by_sampling(seed: int) -> None:
    shape = (2 + seed % 2, 2)
    process = random_process(100 + seed, *shape)
    exact = transfer_entropy_rate(process, shape)
    run = sz.simulate(process, "stationary", 60.0, replicas=4000, seed=80 + seed, record="paths")
    assert_agrees(sampled_transfer_entropy_rate(run, shape).estimate(), exact, relative=0.02)
    assert learning_rate_bound(float(information_flows(process, shape).flow[0]), exact).verdict == "holds"


@pytest.mark.parametrize("seed", range(4))
def test_three_values_of_y(seed: int) -> None:
    """No polynomials: the bound from sampled filters, and what a merged y tells, which is less."""
    process = random_process(200 + seed, 2, 3)
    run = sz.simulate(process, "stationary", 60.0, replicas=4000, seed=90 + seed, record="paths")
    taken = sampled_transfer_entropy_rate(run, (2, 3))
    each = flow_samples(run, (2, 3))
    assert learning_rate_bound(Sampled.mean(each.flow[:, 0]).scaled(1.0 / 60.0), taken).verdict == "holds"
    two = information_flows(process, (2, 3)).flow[0]
    assert abs(each.flow[:, 0].mean() / 60.0 - two) < 4.0 * each.flow[:, 0].std() / 60.0 / np.sqrt(4000)


def test_capacity_of_a_sensor() -> None:
    run = sz.simulate(SENSOR, "stationary", 200.0, replicas=20_000, seed=95, record="paths", max_bytes=8e9)
    taken = sampled_transfer_entropy_rate(run, (2, 2), settle=40.0)
    assert_agrees(taken.estimate(), transfer_entropy_rate(SENSOR, (2, 2)), relative=0.002)
    rate = Sampled.mean(flow_samples(run, (2, 2)).flow[:, 0]).scaled(1.0 / 200.0)
    assert_agrees(sensory_capacity(rate, taken), 0.606799, relative=0.003)


def test_demon_with_a_million_replicas() -> None:
    watched = sz.systems.demon(0.07, gap=0.9, attempt=1.3, temperature=0.7)
    run = watched.simulate(5.0, replicas=1_000_000, seed=96)
    exact = watched.energetics(5.0)
    assert_agrees(Sampled.mean(run.work).estimate(), exact.work, relative=0.01)
    found = sagawa_ueda(run.work, run.information, temperature=0.7)
    assert found.verdict == "holds" and found.slack_stderr < 0.002
    assert second_law_with_information(run.work, run.information, temperature=0.7).verdict == "holds"
    assert second_law_with_information(run.work, 0.0, temperature=0.7).verdict == "violated"


def test_verdicts_of_nostalgia_over_many_samples() -> None:
    """Beyond 3 sigma in 0.27 % of all: more than 4 of 300 has a probability below 1e-3."""
    verdicts = []
    for seed in range(300):
        s, x, after = LOPSIDED.draw(20_000, 5000 + seed)
        memory, prediction = sampled_information(s, x), sampled_information(s, after)
        # what is dissipated, of other samples: the two sides are then independent
        a, b, c = LOPSIDED.draw(20_000, 9000 + seed)
        wasted = Sampled.mean(LOPSIDED.dissipated()[a, b, c]).estimate()
        verdicts.append(nostalgia(wasted, memory, prediction, temperature=0.6).verdict)
        assert prediction_bound(prediction, memory).verdict == "holds"
    assert "violated" not in verdicts and verdicts.count("holds") >= 296
    assert mean(LOPSIDED.table(), LOPSIDED.dissipated()) > 0.0
