"""Speed limits: attained, on random processes, and what an incomplete account of entropy makes of them."""

from __future__ import annotations

from math import atanh, exp, log, sqrt
from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.estimate import Estimate, Sampled
from szilard.laws.given import BLIND
from szilard.laws.speed import slow_driving_limit, speed_limit, wasserstein_distance
from tests.laws.test_precision import Random
from tests.statistics import assert_agrees

GAUSSIAN, NARROW = sz.continuous.Gaussian([0.0], [[1.0]]), sz.continuous.Gaussian([1.5], [[0.25]])


def test_random_processes() -> None:
    """Relaxations and sudden steps between them from any start: none is faster than it may be."""
    rng = np.random.default_rng(421)
    closest = 0.0
    for i in range(250):
        a = Random(rng)
        process, protocol = a.moved() if i % 5 == 0 else (a.still(), None)
        books = sz.energetics(process, a.start, a.duration, protocol)
        distance = float(np.abs(books.final - a.start).sum())
        activity = books.activity / a.duration
        found = speed_limit(distance, a.duration, books.entropy_production, activity=activity)
        assert found.verdict == "holds", found
        closest = max(closest, found.tightness)
    assert 0.5 < closest < 1.0


def test_two_levels_that_move_at_one_ratio_of_jumps() -> None:
    """A steady share y = net / all of the jumps gives Sigma = L artanh(y), L = 2 y A tau: the ratio is y / artanh(y).

    Far below saturation where jumps are one-way, and attained as y -> 0. The gap follows from p(t) = p_0 - v t and
    k_up (1 - p) = (A / 2) (1 - y), k_down p = (A / 2) (1 + y) with v = A y.
    """
    T, rate = 1.7, 0.6
    for y in (0.02, 0.3, 0.9):
        # a heat bath has k_up + k_down = rate: at p = 1/2 both are fixed by y alone, over a short time
        gap = T * log((1 + y) / (1 - y))
        process = sz.systems.two_level(gap, attempt=rate, temperature=T)
        tau = 1e-5 / rate
        books = sz.energetics(process, [0.5, 0.5], tau)
        distance = float(np.abs(books.final - 0.5).sum())
        found = speed_limit(distance, tau, books.entropy_production, activity=books.activity / tau)
        assert found.verdict == "holds"
        # the ratio moves by a relative O(rate tau / y) while p moves
        assert found.tightness == pytest.approx(y / atanh(y), rel=2e-5 / y)


def test_optimal_transport_attains_it() -> None:
    """L18_W2_gaussians_minEP: N(0, 1) -> N(1.5, 1/4) in the time 2 costs 1.25, also at other T and mobility."""
    for mobility, temperature in ((1.0, 1.0), (0.4, 1.8)):
        way = sz.continuous.optimal_transport(GAUSSIAN, NARROW, 2.0, mobility=mobility, temperature=temperature)
        sigma = way.entropy_change + way.heat / temperature
        found = speed_limit(way.distance, 2.0, sigma, diffusion=mobility * temperature)
        assert found.verdict == "holds, saturated"
        if mobility == 1.0:
            assert found.smaller.value == pytest.approx(1.25, rel=1e-9)
        cold = speed_limit(way.distance, 2.0, sigma, diffusion=0.9 * mobility * temperature)
        assert cold.verdict == "violated"


@pytest.mark.parametrize("seed", range(40))
def test_random_gaussian_relaxations(seed: int) -> None:
    """Linear drifts in two coordinates, a vortex included, of one D."""
    rng = np.random.default_rng(seed)
    temperature, mobility, tau = rng.uniform(0.4, 2.5), rng.uniform(0.3, 3.0), 10 ** rng.uniform(-2.0, 0.7)
    root = rng.normal(size=(2, 2))
    matrix = root @ root.T + 0.1 * np.eye(2) + rng.normal() * np.array([[0.0, 1.0], [-1.0, 0.0]])
    process = sz.systems.linear(mobility * matrix, mobility * temperature * np.ones(2), temperature=temperature)
    root = rng.normal(size=(2, 2))
    start = sz.continuous.Gaussian(rng.normal(size=2), root @ root.T + 0.05 * np.eye(2))
    books = sz.energetics(process, start, tau)
    end = sz.propagate(process, start, [tau]).at(0)
    distance = sz.continuous.optimal_transport(start, end, tau).distance
    assert speed_limit(distance, tau, books.entropy_production, diffusion=mobility * temperature).verdict == "holds"


@pytest.fixture(scope="module")
def moved() -> sz.continuous.Run:
    trap, ramp = sz.systems.moved_trap(1.5, mobility=0.8, temperature=1.4), sz.Protocol([0.0, 2.0], [0.0, 3.0])
    return sz.simulate(trap, "equilibrium", 2.0, replicas=20_000, seed=422, protocol=ramp)


def test_sampled_positions(moved: sz.continuous.Run) -> None:
    """A trap that is moved: the density moves as it is, so that W_2 is the shift of the mean."""
    start, stop = moved.initial[:, 0], moved.final[:, 0]
    distance = wasserstein_distance(start, stop)
    lag = 3.0 / 2.0 / (0.8 * 1.5) * (1 - exp(-0.8 * 1.5 * 2.0))
    assert_agrees(distance.estimate(), 3.0 - lag)
    sigma = moved.ledger.entropy_production
    found = speed_limit(distance, 2.0, sigma, diffusion=0.8 * 1.4)
    assert found.verdict == "holds"
    assert found.smaller.side == "upper"
    # the distance and the work of the same replicas vary together
    assert found.slack_stderr < 0.95 * np.hypot(found.smaller.stderr, found.larger.stderr)


def test_wasserstein_distance() -> None:
    """Of N(0, 1) and N(1.5, 1/4): 1.5^2 + (1 - 1/2)^2 = 2.5; sorted pairs, whatever the order of the replicas."""
    rng = np.random.default_rng(423)
    x, y = rng.normal(size=50_000), 1.5 + 0.5 * rng.normal(size=50_000)
    found = wasserstein_distance(x, y)
    assert_agrees(found.estimate(), sqrt(2.5))
    # f(x) = x^2 / 2 - 3 x and g(y) = 3 y - (y - 1.5)^2: Var / (4 W_2^2) with Var f = 1/2 + 9, Var g = 9/4 + 1/8
    assert found.estimate().stderr == pytest.approx(sqrt((9.5 + 2.375) / 10.0 / 50_000), rel=0.02)
    # the same replicas, y = 1.5 + x / 2: f + g = x^2 / 4 - 3 x / 2
    together = wasserstein_distance(x, 1.5 + 0.5 * x)
    assert together.estimate().stderr == pytest.approx(sqrt(2.375 / 10.0 / 50_000), rel=0.02)
    turned = wasserstein_distance(x[::-1], y[::-1])
    assert turned.value == found.value
    assert turned.influence == pytest.approx(found.influence[::-1], abs=1e-12)
    assert wasserstein_distance(x, x).value == 0.0
    assert wasserstein_distance(x, x + 2.0).value == pytest.approx(2.0)
    assert wasserstein_distance(x, x[::-1] + 2.0).value == pytest.approx(2.0)


def test_errors_of_distance_and_activity() -> None:
    """x = L^2 / (2 A tau): dx/x = 2 dL/L - dA/A, independent errors and those of the same replicas."""
    found = speed_limit(Estimate(1.0, 0.01, 1000), 2.0, 9.0, activity=Estimate(4.0, 0.1, 1000))
    assert found.smaller.value == pytest.approx(1 / 16)
    assert found.smaller.stderr == pytest.approx(np.hypot(0.02, 0.025) / 16)
    a = np.random.default_rng(424).normal(4.0, 1.0, 1000)
    paired = speed_limit(1.0, 2.0, a, activity=a)
    assert paired.slack_stderr == pytest.approx((1 + 1 / (4 * a.mean() ** 2)) * a.std(ddof=1) / sqrt(1000), rel=1e-9)
    unsure = speed_limit(Estimate(1.0, 0.01, 20, 20.0), 2.0, a, activity=a)
    assert unsure.verdict == "inconclusive"
    assert speed_limit(Estimate.exact(1.0, "lower"), 2.0, 0.01, diffusion=1.0).verdict == "violated"
    assert speed_limit(Estimate.exact(1.0, "upper"), 2.0, 0.01, diffusion=1.0).verdict == "inconclusive"


def test_broken_by_a_hidden_cycle() -> None:
    """Twelve states in a driven circle, seen as two halves: the entropy of two levels relaxing is far too small."""
    ring = sz.systems.ring(np.tile([0.0, 0.3], 6), affinity=60.0, temperature=1.2)
    start = np.where(np.arange(12) < 6, 1 / 6, 0.0)
    tau = 0.5 / (sz.entropy_production_rate(ring) * 1.2 / 60.0)  # half a turn
    edge = np.zeros((12, 12))
    edge[6, 5] = edge[5, 6] = edge[0, 11] = edge[11, 0] = 1.0
    run = sz.simulate(ring, start, tau, replicas=20_000, seed=425, currents={"seen": edge})
    p = np.bincount(run.final, minlength=12)[:6].sum() / 20_000
    whole = sz.energetics(ring, start, tau)
    assert p == pytest.approx(whole.final[:6].sum(), abs=4 * sqrt(p * (1 - p) / 20_000))
    far = float(np.abs(whole.final - start).sum())
    assert speed_limit(far, tau, run.ledger.entropy_production, activity=run.activity / tau).verdict == "holds"
    seen = 2 * abs(1 - p)
    half = float(sz.discrete.stationary(ring)[:6].sum())
    fall = -log(half) - p * log(p / half) - (1 - p) * log((1 - p) / (1 - half))  # of D(p | half), two levels
    apparent = speed_limit(Estimate(seen, 2 * sqrt(p * (1 - p) / 20_000), 20_000), tau, fall, activity=np.abs(
        run.currents["seen"]) / tau)  # fmt: skip
    assert apparent.verdict == "violated"
    assert apparent.margin < -20


def test_broken_by_the_heat_alone_and_by_the_wrong_diffusion() -> None:
    """A density that widens takes heat up; of two coordinates the fast one moves, and the slow D is too small."""
    wide = sz.continuous.Gaussian([0.0], [[6.0]])
    way = sz.continuous.optimal_transport(GAUSSIAN, wide, 3.0, mobility=0.7, temperature=1.3)
    assert speed_limit(way.distance, 3.0, way.heat / 1.3, diffusion=0.7 * 1.3).verdict == "violated"
    assert (
        speed_limit(way.distance, 3.0, way.heat / 1.3 + way.entropy_change, diffusion=0.91).verdict
        == "holds, saturated"
    )
    fast = sz.systems.linear(np.diag([0.2, 2.0]), np.array([0.2, 2.0]))
    start, tau = sz.continuous.Gaussian([0.0, 4.0], np.eye(2)), 0.5
    sigma = sz.energetics(fast, start, tau).entropy_production
    shift = 4.0 * (1 - exp(-2.0 * tau))
    assert speed_limit(shift, tau, sigma, diffusion=0.2).verdict == "violated"
    assert speed_limit(shift / sqrt(2.0), tau, sigma, diffusion=1.0).verdict == "holds"


def test_slow_driving() -> None:
    """A trap stiffened along its shortest way: tau (W - dF) -> L^2 (L19), at least as fast as 1/tau."""
    trap = sz.systems.stiffened_trap(mobility=0.8, temperature=1.4)
    length = sz.continuous.thermodynamic_length(trap, 1.0, 3.0)
    assert length == pytest.approx(0.42264973081037416 * sqrt(1.4 / 0.8), rel=1e-9)
    free = 0.7 * log(3.0)
    ratios = []
    for tau in (20.0, 200.0):
        s = np.linspace(0.0, 1.0, 61)
        way = sz.Protocol((tau * s).tolist(), ((1.0 + (3.0**-0.5 - 1.0) * s) ** -2).tolist())
        found = slow_driving_limit(length, tau, sz.energetics(trap, "equilibrium", tau, way).work, free)
        ratios.append(found.larger.value / found.smaller.value)
    assert abs(ratios[0] - 1) < 1 / 20.0
    assert abs(ratios[1] - 1) < abs(ratios[0] - 1) / 10
    straight = sz.energetics(trap, "equilibrium", 200.0, sz.Protocol([0.0, 200.0], [1.0, 3.0])).work
    assert slow_driving_limit(length, 200.0, straight, free).verdict == "holds"


def test_slow_driving_sampled_and_broken_by_a_quench(moved: sz.continuous.Run) -> None:
    """A trap of k, moved by l: L^2 = l^2 / mu. In a quench W = k l^2 / 2, below L^2 / tau if tau < 2 / (mu k)."""
    length = 3.0 / sqrt(0.8)
    assert slow_driving_limit(length, 8.0, sz.Estimate(2.0, 0.01, 1000)).verdict == "holds"
    # ramp in time 2: W = (l^2 / mu tau) (1 - (1 - e^-a) / a), a = mu k tau: below L^2 / tau, no longer slow
    a = 0.8 * 1.5 * 2.0
    found = slow_driving_limit(length, 2.0, moved.ledger.work)
    assert_agrees(found.larger, length**2 / 2.0 * (1 - (1 - exp(-a)) / a))
    assert found.verdict == "violated"
    for tau, verdict in ((1.9 / (0.8 * 1.5), "violated"), (2.1 / (0.8 * 1.5), "holds")):
        assert slow_driving_limit(length, tau, 0.5 * 1.5 * 3.0**2).verdict == verdict
    best = sz.continuous.optimal_moved_trap(3.0, 50.0, stiffness=1.5, mobility=0.8, temperature=1.4).work
    found = slow_driving_limit(length, 50.0, best)
    assert found.larger.value / found.smaller.value == pytest.approx(50.0 / (50.0 + 2 / (0.8 * 1.5)), rel=1e-9)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: speed_limit(1.0, 1.0, 1.0), "activity, diffusion"),
        (lambda: speed_limit(1.0, 1.0, 1.0, activity=1.0, diffusion=1.0), "activity, diffusion"),
        (lambda: speed_limit(-1.0, 1.0, 1.0, diffusion=1.0), "distance"),
        (lambda: speed_limit(np.nan, 1.0, 1.0, diffusion=1.0), "distance"),
        (lambda: speed_limit(1.0, 0.0, 1.0, diffusion=1.0), "duration"),
        (lambda: speed_limit(1.0, np.inf, 1.0, diffusion=1.0), "duration"),
        (lambda: speed_limit(1.0, 1.0, np.inf, diffusion=1.0), "entropy_production"),
        (lambda: speed_limit(1.0, 1.0, [1.0, np.nan], diffusion=1.0), "entropy_production[1]"),
        (lambda: speed_limit(1.0, 1.0, np.ones((2, 2)), diffusion=1.0), "entropy_production"),
        (lambda: speed_limit(1.0, 1.0, [], diffusion=1.0), "entropy_production"),
        (lambda: speed_limit(1.0, 1.0, 1.0, diffusion=0.0), "diffusion"),
        (lambda: speed_limit(1.0, 1.0, 1.0, activity=0.0), "activity"),
        (lambda: speed_limit(1.0, 1.0, 1.0, activity=[1.0, np.inf]), "activity[1]"),
        (lambda: speed_limit(1.0, 1.0, [1.0, 2.0], activity=[1.0, 1.0, 2.0]), "replicas"),
        (lambda: slow_driving_limit(-1.0, 1.0, 1.0), "length"),
        (lambda: slow_driving_limit(1.0, -1.0, 1.0), "duration"),
        (lambda: slow_driving_limit(1.0, 1.0, [np.nan]), "work[0]"),
        (lambda: slow_driving_limit(1.0, 1.0, 1.0, np.nan), "free_energy_change"),
        (lambda: wasserstein_distance([1.0, 2.0], [1.0]), "stop"),
        (lambda: wasserstein_distance([1.0], [1.0]), "stop"),
        (lambda: wasserstein_distance([1.0, np.nan], [1.0, 2.0]), "start[1]"),
        (lambda: wasserstein_distance([1.0, 2.0], []), "stop"),
        (lambda: wasserstein_distance(np.ones((3, 2)), np.ones((3, 2))), "start"),
        (lambda: wasserstein_distance("near", [1.0, 2.0]), "start"),
        (lambda: wasserstein_distance([1.0, 2.0], [[1.0], [1.0, 2.0]]), "stop"),
        (lambda: wasserstein_distance([0.0, 1e300], [1.0, 2.0]), "wasserstein_distance"),
        (lambda: speed_limit(1e300, 1.0, 1.0, diffusion=1.0), "speed_limit"),
        (lambda: speed_limit(1e10, 1e-300, 1.0, diffusion=1.0), "speed_limit"),
        (lambda: speed_limit(1.0, 1e-300, 1.0, diffusion=1e-300), "speed_limit"),
        (lambda: speed_limit(1.0, 1e-300, 1.0, activity=1e-300), "speed_limit"),
        (lambda: slow_driving_limit(1e10, 1e-300, 1.0), "slow_driving_limit"),
        (lambda: slow_driving_limit(1.0, 1.0, 1e308, -1e308), "slow_driving_limit"),
    ],
)
def test_refusals(call: Any, field: str) -> None:
    with pytest.raises(sz.InputError) as caught:
        call()
    assert caught.value.field == field


def test_what_is_assumed_is_said() -> None:
    jumps, diffusion = speed_limit(1.0, 1.0, 5.0, activity=1.0), speed_limit(1.0, 1.0, 5.0, diffusion=1.0)
    assert any("activity" in a for a in jumps.assumptions) and "070601" in jumps.reference
    assert any("constant D" in a for a in diffusion.assumptions) and "Benamou" in diffusion.reference
    slow = slow_driving_limit(1.0, 1.0, 2.0)
    assert any("slow" in a for a in slow.assumptions)
    assert all(BLIND in law.assumptions for law in (jumps, diffusion, slow))
    assert isinstance(wasserstein_distance([0.0, 1.0], [1.0, 2.0]), Sampled)


def test_distributions_over_states_are_at_most_two_apart() -> None:
    assert speed_limit(2.0, 1.0, 9.0, activity=1.0).verdict == "holds"
    with pytest.raises(sz.InputError, match="at most 2"):
        speed_limit(3.0, 1.0, 2.0, activity=1.0)
    assert speed_limit(3.0, 1.0, 20.0, diffusion=1.0).verdict == "holds"
