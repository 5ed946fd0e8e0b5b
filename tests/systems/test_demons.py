"""The demon: its information by enumeration, its work in the limits and in between, its trajectories against both."""

from __future__ import annotations

from collections.abc import Callable
from math import log

import numpy as np
import pytest

import szilard as sz
from szilard.errors import InputError
from szilard.estimate import Sampled, exponential_average
from szilard.systems import demon, two_level
from tests.statistics import assert_agrees, z_of_mean

LOPSIDED = demon(0.15, gap=1.1, attempt=1.7, temperature=0.6)
"""Unequal prior, T != 1, another rate."""


def entropy(p: float) -> float:
    return -p * log(p) - (1.0 - p) * log(1.0 - p)


def test_information_of_a_fair_system_is_that_of_the_channel() -> None:
    """I01: ln 2 - h(0.1)."""
    assert demon(0.1).information == pytest.approx(log(2.0) - entropy(0.1), rel=1e-14)
    assert demon(0.1).information == pytest.approx(0.3680642071684971, rel=1e-12)
    assert demon(0.5, gap=0.7).information == pytest.approx(0.0, abs=1e-15)
    assert demon(0.9, gap=0.7).information == pytest.approx(demon(0.1, gap=0.7).information, rel=1e-13)


def test_information_of_an_unequal_prior() -> None:
    """I = h(p(m = 1)) - h(error)."""
    p = 1.0 / (1.0 + np.exp(1.1 / 0.6))
    told = p * 0.85 + (1.0 - p) * 0.15
    assert LOPSIDED.information == pytest.approx(entropy(told) - entropy(0.15), rel=1e-13)
    posterior = p * 0.15 / (1.0 - told)
    assert LOPSIDED.gap_after(0) == pytest.approx(0.6 * log((1.0 - posterior) / posterior), rel=1e-13)
    assert LOPSIDED.gap_after(1) < LOPSIDED.gap < LOPSIDED.gap_after(0)
    held = sz.stationary(LOPSIDED.process, LOPSIDED.gap_after(1))
    np.testing.assert_allclose(held, LOPSIDED.joint[:, 1] / LOPSIDED.joint[:, 1].sum(), rtol=1e-13)


@pytest.mark.parametrize("watched", [demon(0.1), LOPSIDED], ids=["fair", "lopsided"])
def test_slow_return_is_reversible(watched: sz.systems.Demon) -> None:
    """<W> + T I = c/tau + O(1/tau^2): it falls by ten with ten times the time."""
    excess = [watched.energetics(t).work + watched.temperature * watched.information for t in (5.0, 1e3, 1e4)]
    # the next term is of relative size 1/tau: 1e-3 times a few
    assert excess[1] / excess[2] == pytest.approx(10.0, rel=0.02)
    assert excess[0] > excess[1] > excess[2] > 0.0
    assert excess[2] < 1e-3


def test_sudden_return_gains_nothing() -> None:
    """tau = 0: up and down again at a fixed state."""
    assert LOPSIDED.energetics(0.0).work == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("duration", [0.0, 0.3, 8.0])
def test_exact_average_of_the_exponential_is_one(duration: float) -> None:
    """I02, at any speed."""
    for watched in (demon(0.1), LOPSIDED):
        assert watched.energetics(duration).exponential_average == pytest.approx(1.0, rel=1e-11)


def test_mean_work_by_a_master_equation_of_its_own() -> None:
    """p_1' = attempt (f(gap) - p_1), W = int p_1 d gap: Runge-Kutta of fourth order with 4000 steps, error < 1e-12."""
    T, rate, tau = LOPSIDED.temperature, 1.7, 3.0
    total = 0.0
    for m in (0, 1):
        pm = LOPSIDED.joint[:, m].sum()
        p, start = LOPSIDED.joint[1, m] / pm, LOPSIDED.gap_after(m)
        slope = (LOPSIDED.gap - start) / tau
        total += pm * p * (start - LOPSIDED.gap)
        steps = 4000
        h, work = tau / steps, 0.0

        def velocity(t: float, p: float, start: float = start, slope: float = slope) -> float:
            return float(rate * (1.0 / (1.0 + np.exp((start + slope * t) / T)) - p))

        for i in range(steps):
            t = i * h
            a = velocity(t, p)
            b = velocity(t + h / 2, p + h / 2 * a)
            c = velocity(t + h / 2, p + h / 2 * b)
            d = velocity(t + h, p + h * c)
            after = p + h / 6 * (a + 2 * b + 2 * c + d)
            # Simpson with the middle value of the cubic through both ends and slopes
            middle = 0.5 * (p + after) + h / 8 * (a - velocity(t + h, after))
            work += slope * h / 6 * (p + 4 * middle + after)
            p = after
        total += pm * work
    assert LOPSIDED.energetics(tau).work == pytest.approx(total, rel=1e-9)


def test_trajectories_agree_with_the_exact_averages() -> None:
    run = LOPSIDED.simulate(4.0, replicas=150_000, seed=61)
    exact = LOPSIDED.energetics(4.0)
    assert_agrees(Sampled.mean(run.work).estimate(), exact.work, relative=0.02)
    assert_agrees(Sampled.mean(run.information).estimate(), exact.information, relative=0.02)
    assert_agrees(exponential_average(run.work / 0.6 + run.information), 1.0)
    for x in (0, 1):
        for m in (0, 1):
            assert abs(z_of_mean((run.state == x) & (run.outcome == m), LOPSIDED.joint[x, m])) < 4.0
    told = LOPSIDED.local_information[run.state, run.outcome]
    np.testing.assert_array_equal(run.information, told)
    assert repr(run).startswith("DemonRun of 150000 replicas: work -0.0")
    again = LOPSIDED.simulate(4.0, replicas=1000, seed=61)
    assert again.work.shape == (1000,)
    np.testing.assert_array_equal(again.state, run.state[:1000])


def test_the_protocol_jumps_to_the_posterior_and_returns() -> None:
    p = LOPSIDED.protocol(1, 4.0)
    assert p.values == (1.1, LOPSIDED.gap_after(1), 1.1)
    assert p(0.0) == LOPSIDED.gap_after(1) and p(4.0) == 1.1
    assert repr(LOPSIDED).startswith("Demon: two levels, gap 1.1, T = 0.6")
    assert LOPSIDED.process.energies(2.0).tolist() == two_level().energies(2.0).tolist() == [0.0, 2.0]


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("error", lambda: demon(0.0)),
        ("error", lambda: demon(1.0)),
        ("error", lambda: demon(np.nan)),
        ("error", lambda: demon([0.1])),  # type: ignore[arg-type]
        ("gap", lambda: demon(0.1, gap=np.inf)),
        ("attempt", lambda: demon(0.1, attempt=0.0)),
        ("temperature", lambda: demon(0.1, temperature=-1.0)),
        ("outcome", lambda: demon(0.1).protocol(2, 1.0)),
        ("duration", lambda: demon(0.1).protocol(0, -1.0)),
        ("duration", lambda: demon(0.1).energetics(np.nan)),
        ("replicas", lambda: demon(0.1).simulate(1.0, replicas=0, seed=1)),
        ("seed", lambda: demon(0.1).simulate(1.0, replicas=1, seed=-1)),
    ],
)
def test_refusals(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
