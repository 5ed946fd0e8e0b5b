"""Trajectories of Langevin processes: three oracles, theorems at any time step, the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

import szilard as sz
from szilard.continuous import Linear, Mixture, Run
from tests.continuous.cases import WAY, moved, moved_of_arrays, sheared, stirred
from tests.statistics import assert_agrees, z_of_mean

Array = NDArray[np.float64]
METHODS = ("euler", "heun", "metropolis")


def assert_seen(samples: Array, exact: float) -> None:
    """Within 4 standard errors of a mean that is at least 5 of them from zero, so that a lost sign would show."""
    error = samples.std(ddof=1) / np.sqrt(samples.size)
    assert abs(exact) >= 5.0 * error
    assert abs(samples.mean() - exact) <= 4.0 * error


def assert_first_law(run: Run) -> None:
    """At the end and at every time on the way, with U computed from the states and the control alone."""
    process, course = run.course.process, run.course
    start = process.energies(run.initial, course.controls[0])
    book = run.ledger
    assert book.gross is not None
    change = process.energies(run.final, course.controls[-1]) - start
    assert np.all(np.abs(change - book.work + book.heat.sum(axis=1)) <= 1e-13 * (1.0 + book.gross))
    assert np.ptp(book.heat) > 0.0
    assert run.books is not None
    for i, time in enumerate(run.times):
        change = process.energies(run.states[:, i], course.at(float(time))) - start
        np.testing.assert_allclose(run.books.energy_change[:, i], change, rtol=0, atol=1e-12)
        broken = change - run.books.work[:, i] + run.books.heat[:, i].sum(axis=1)
        assert np.all(np.abs(broken) <= 1e-13 * (1.0 + book.gross))


@pytest.mark.parametrize("method", METHODS)
def test_a_manipulated_well_passes_three_oracles(method: str) -> None:
    """From equilibrium under a protocol with sudden changes; exact means on a lattice, Jarzynski by quadrature."""
    process, dt = moved(), 0.004 if method == "euler" else 0.01
    run = sz.simulate(
        process, "equilibrium", 1.2, replicas=40_000, seed=3, protocol=WAY, dt=dt, method=method, times=[0.3, 0.6, 1.2]
    )
    assert_first_law(run)
    z = [quad(lambda x, c=c: np.exp(-(1.5 * (x * x - 1) ** 2 + 0.3 * x - c * x) / 0.7), -5, 5)[0] for c in (0.0, -0.7)]
    assert abs(z_of_mean(np.exp(-run.ledger.work / 0.7), z[1] / z[0])) <= 4.0
    exact = sz.energetics(process, "equilibrium", 1.2, WAY, cells=200)
    assert_seen(run.ledger.work, exact.work)
    assert_seen(run.ledger.heat, float(exact.heat[0]))


@pytest.mark.parametrize("method", METHODS)
def test_a_stirred_bowl_passes_three_oracles(method: str) -> None:
    """Driven, from a Gaussian; the entropy of the system from a density solved on a lattice."""
    process, start = stirred(), sz.Gaussian([0.6, -0.4], [[0.3, 0.1], [0.1, 0.5]])
    run = sz.simulate(process, start, 0.8, replicas=40_000, seed=5, dt=0.004, method=method, times=[0.4], entropy=True)
    assert_first_law(run)
    assert abs(z_of_mean(np.exp(-run.ledger.entropy_production), 1.0)) <= 4.0
    assert run.books is not None
    assert abs(z_of_mean(np.exp(-run.books.entropy_production[:, 0]), 1.0)) <= 4.0
    exact = sz.energetics(process, start, 0.8)
    assert_agrees(run.means["heat bath"], float(exact.heat[0]), relative=0.02)
    assert abs(z_of_mean(run.ledger.work, exact.work)) <= 4.0
    assert_agrees(run.means["entropy production"], exact.entropy_production, relative=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_baths_of_two_temperatures_are_told_apart(method: str) -> None:
    process, start = stirred([1.7, 0.6]), sz.Gaussian([0.6, -0.4], [[0.3, 0.1], [0.1, 0.5]])
    run = sz.simulate(process, start, 0.8, replicas=40_000, seed=6, dt=0.004, method=method, times=[0.4], entropy=True)
    assert_first_law(run)
    assert abs(z_of_mean(np.exp(-run.ledger.entropy_production), 1.0)) <= 4.0
    exact = sz.energetics(process, start, 0.8)
    for measured, value in zip(run.ledger.heat.T, exact.heat, strict=True):
        assert_seen(measured, float(value))


@pytest.mark.parametrize("method", ["exact", *METHODS])
def test_a_sheared_linear_system_passes_three_oracles(method: str) -> None:
    process = sheared()
    start = sz.Gaussian([0.3, 0.0, -0.5], np.diag([0.2, 0.6, 0.4]))
    run = sz.simulate(process, start, 1.0, replicas=40_000, seed=7, dt=0.004, method=method, times=[0.5])
    assert_first_law(run)
    assert abs(z_of_mean(np.exp(-run.ledger.entropy_production), 1.0)) <= 4.0
    exact = sz.energetics(process, start, 1.0)
    assert_seen(run.ledger.heat, float(exact.heat[0]))
    assert_seen(run.ledger.work, exact.work)


def test_in_equilibrium_no_entropy_is_produced() -> None:
    """The null case: a well at rest. dS_tot vanishes on every trajectory, and heat only fluctuates."""
    run = sz.simulate(moved(), "equilibrium", 1.0, replicas=20_000, seed=8, protocol=sz.Protocol([0.0], [0.2]))
    assert np.abs(run.ledger.entropy_production).max() < 1e-12
    assert abs(z_of_mean(run.ledger.heat, 0.0)) <= 4.0
    assert run.ledger.heat.std() > 0.5


def test_the_exact_transition_is_right_for_drift_that_is_not_normal() -> None:
    """A = [[1, 3/2], [0, 1]], D = 2: A C + C A^T = 2 D gives C = [[17/4, -3/2], [-3/2, 2]], at a step of 1.5."""
    drift = np.array([[1.0, 1.5], [0.0, 1.0]])
    process = sz.Langevin(
        linear=Linear((drift + drift.T) / 4.0, [0.0, 0.0], swirl=(drift.T - drift) / 4.0), dim=2, mobility=2.0
    )
    by_hand = np.array([[4.25, -1.5], [-1.5, 2.0]])
    np.testing.assert_allclose(sz.stationary(process).covariance, by_hand, rtol=1e-14)
    run = sz.simulate(process, [3.0, -2.0], 60.0, replicas=200_000, seed=9, dt=1.5, method="exact")
    for i in range(2):
        for j in range(2):
            assert abs(z_of_mean(run.final[:, i] * run.final[:, j], by_hand[i, j])) <= 4.0


def test_jarzynski_holds_at_a_step_where_euler_fails_by_ten_sigma() -> None:
    """A trap dragged with steps of 0.9 relaxation times: dF = 0 and <e^{-W/T}> = 1."""
    trap = sz.Langevin(linear=lambda c: Linear([[1.3]], [1.3 * c], 0.65 * c * c), dim=1, temperature=0.8, mobility=1.1)
    way, dt = sz.Protocol([0.0, 6.0], [0.0, 3.0]), 0.9 / (1.1 * 1.3)
    sigmas = {}
    for method in ("euler", "metropolis"):
        run = sz.simulate(
            trap, "equilibrium", 6.0, replicas=200_000, seed=11, protocol=way, dt=dt, method=method, entropy=False
        )
        sigmas[method] = z_of_mean(np.exp(-run.ledger.work / 0.8), 1.0)
    assert abs(sigmas["metropolis"]) <= 4.0
    assert abs(sigmas["euler"]) > 10.0


def test_crooks_theorem_holds_at_a_long_step_bin_by_bin() -> None:
    """<e^{-(W - dF)/T}; W in B> there = P(-W in B) on the way back, for metropolised steps that refuse half."""
    process, dt = moved(), 0.2
    z = [quad(lambda x, c=c: np.exp(-(1.5 * (x * x - 1) ** 2 + 0.3 * x - c * x) / 0.7), -5, 5)[0] for c in (0.0, -0.7)]
    free = -0.7 * np.log(z[1] / z[0])
    there = sz.simulate(
        process, "equilibrium", 1.2, replicas=100_000, seed=12, protocol=WAY, dt=dt, method="metropolis"
    )
    back = sz.simulate(
        process, "equilibrium", 1.2, replicas=100_000, seed=13, protocol=WAY.reversed(), dt=dt, method="metropolis"
    )
    assert there.acceptance < 0.6
    edges = [-np.inf, -0.5, 0.0, 0.4, np.inf]
    for low, high in zip(edges, edges[1:], strict=False):
        weights = np.exp(-(there.ledger.work - free) / 0.7) * (there.ledger.work > low) * (there.ledger.work <= high)
        backward = ((-back.ledger.work > low) & (-back.ledger.work <= high)).astype(float)
        error = np.hypot(weights.std() / np.sqrt(weights.size), backward.std() / np.sqrt(backward.size))
        assert backward.mean() > 0.02
        assert abs(weights.mean() - backward.mean()) <= 4.0 * error


@pytest.mark.parametrize("temperature", [0.8, (1.7, 0.6)])
def test_metropolised_steps_of_a_driven_process_obey_the_integral_theorem_at_any_step(temperature: Any) -> None:
    """<e^{-Q/T} p1(w_t)/p0(w_0)> = 1 for any density p1: there local detailed balance is all that counts."""
    process = stirred(list(temperature) if isinstance(temperature, tuple) else temperature)
    p0, p1 = sz.Gaussian([0.2, 0.1], [0.4, 0.5]), sz.Gaussian([-0.2, 0.0], [[0.3, -0.1], [-0.1, 0.6]])
    sigmas = {}
    for method in ("heun", "metropolis"):
        run = sz.simulate(process, p0, 1.2, replicas=100_000, seed=14, dt=0.4, method=method, entropy=False)
        flow = (run.ledger.heat / run.ledger.temperatures).sum(axis=1)
        sigmas[method] = z_of_mean(np.exp(-flow + p1.log_density(run.final) - p0.log_density(run.initial)), 1.0)
    assert abs(sigmas["metropolis"]) <= 4.0
    assert abs(sigmas["heun"]) > 6.0


@pytest.mark.parametrize("temperature", [0.8, (1.7, 0.6)])
def test_the_detailed_theorem_holds_at_a_long_step_bin_by_bin(temperature: Any) -> None:
    """<e^{-S}; S in B> there = P(-S in B) on the way back from p1, for three steps of a driven process."""
    process = stirred(list(temperature) if isinstance(temperature, tuple) else temperature)
    p0, p1 = sz.Gaussian([0.2, 0.1], [0.4, 0.5]), sz.Gaussian([-0.2, 0.0], [[0.3, -0.1], [-0.1, 0.6]])
    entropies = []
    for start, end, seed in ((p0, p1, 24), (p1, p0, 25)):
        run = sz.simulate(process, start, 1.2, replicas=200_000, seed=seed, dt=0.4, method="metropolis", entropy=False)
        assert run.steps == 3
        flow = (run.ledger.heat / run.ledger.temperatures).sum(axis=1)
        entropies.append(flow - end.log_density(run.final) + start.log_density(run.initial))
    there, back = entropies
    for low, high in ((-np.inf, -0.4), (-0.4, 0.0), (0.0, 0.5), (0.5, np.inf)):
        weights = np.exp(-there) * ((there > low) & (there <= high))
        backward = ((-back > low) & (-back <= high)).astype(float)
        error = np.hypot(weights.std() / np.sqrt(weights.size), backward.std() / np.sqrt(backward.size))
        assert backward.mean() > 0.02
        assert abs(weights.mean() - backward.mean()) <= 4.0 * error


def test_a_step_with_two_temperatures_is_its_own_mirror_image() -> None:
    """<g(w, w') e^{-S}> there = <g(w', w)> on the way back for any g, in one step: an order of moves would show."""
    pair = Linear([[2.0, 1.5], [1.5, 2.5]], [0.3, -0.2])
    process = sz.Langevin(linear=pair, dim=2, temperature=[1.7, 0.6], mobility=[1.0, 0.7])
    p0, p1 = sz.Gaussian([0.2, 0.1], [0.8, 0.5]), sz.Gaussian([-0.2, 0.0], [[0.7, -0.3], [-0.3, 0.6]])
    runs = [
        sz.simulate(process, start, 0.3, replicas=200_000, seed=seed, dt=0.3, method="metropolis", entropy=False)
        for start, seed in ((p0, 26), (p1, 27))
    ]
    there, back = runs
    assert there.steps == 1
    flow = (there.ledger.heat / there.ledger.temperatures).sum(axis=1)
    weights = np.exp(-flow + p1.log_density(there.final) - p0.log_density(there.initial))
    for i, j in ((0, 1), (1, 0)):
        forward, backward = weights * there.initial[:, i] * there.final[:, j], back.final[:, i] * back.initial[:, j]
        error = np.hypot(forward.std(), backward.std()) / np.sqrt(forward.size)
        assert abs(forward.mean() - backward.mean()) <= 4.0 * error


def test_a_mixture_starts_in_its_components() -> None:
    process = sz.Langevin(linear=Linear([[2.0]], [1.0]), dim=1, temperature=0.7, mobility=0.9)
    start = Mixture([0.3, 0.7], [sz.Gaussian(-1.0, 0.5), sz.Gaussian(2.0, 0.3)])
    run = sz.simulate(process, start, 0.5, replicas=40_000, seed=15)
    assert run.steps == 1
    assert abs(z_of_mean(run.initial, 1.1)) <= 4.0
    assert abs(z_of_mean(run.initial**2, 0.3 * 1.5 + 0.7 * 4.3)) <= 4.0
    exact = sz.energetics(process, start, 0.5)
    assert_agrees(run.means["entropy production"], exact.entropy_production, relative=0.02)
    assert abs(z_of_mean(np.exp(-run.ledger.entropy_production), 1.0)) <= 4.0


def test_an_equilibrium_start_has_boltzmann_moments() -> None:
    run = sz.simulate(
        moved(), "equilibrium", 0.0, replicas=200_000, seed=16, protocol=sz.Protocol([0.0], [0.4]), entropy=False
    )
    weight = [quad(lambda x, n=n: x**n * np.exp(-(1.5 * (x * x - 1) ** 2 - 0.1 * x) / 0.7), -5, 5)[0] for n in range(5)]
    for n in range(1, 5):
        assert abs(z_of_mean(run.initial[:, 0] ** n, weight[n] / weight[0])) <= 4.0


@pytest.mark.parametrize("method", METHODS)
def test_functions_of_arrays_give_the_bits_of_compiled_ones(method: str) -> None:
    """The arithmetic of these two wells agrees to a digit or two; steps, books and random numbers are the same."""
    settings: dict[str, Any] = {
        "replicas": 300, "seed": 17, "protocol": WAY, "dt": 0.01, "method": method, "times": [0.0, 0.3, 1.2],
    }  # fmt: skip
    fast = sz.simulate(moved(), [0.3], 1.2, **settings)
    slow = sz.simulate(moved_of_arrays(), [0.3], 1.2, **settings)
    np.testing.assert_allclose(slow.final, fast.final, rtol=0, atol=1e-9)
    np.testing.assert_allclose(slow.ledger.heat, fast.ledger.heat, rtol=0, atol=1e-8)
    assert fast.books is not None and slow.books is not None
    np.testing.assert_allclose(slow.books.work, fast.books.work, rtol=0, atol=1e-8)


@pytest.mark.parametrize("method", ["exact", *METHODS])
def test_threads_blocks_records_and_looks_change_no_bit(method: str) -> None:
    process = sheared() if method == "exact" else stirred([1.7, 0.6])
    start = sz.Gaussian(np.zeros(process.dim), np.ones(process.dim))
    settings: dict[str, Any] = {"seed": 18, "dt": 0.02, "method": method}
    one = sz.simulate(process, start, 1.0, replicas=1000, threads=1, **settings)
    for other in (
        sz.simulate(process, start, 1.0, replicas=1000, threads=2, **settings),
        sz.simulate(process, start, 1.0, replicas=1000, threads=5, record="paths", times=[0.5, 1.0], **settings),
    ):
        assert np.array_equal(one.final, other.final)
        assert np.array_equal(one.ledger.heat, other.ledger.heat)
        assert np.array_equal(one.ledger.work, other.ledger.work)
    few = sz.simulate(process, start, 1.0, replicas=130, threads=2, **settings)
    assert np.array_equal(one.final[:130], few.final)
    assert np.array_equal(one.ledger.heat[:130], few.ledger.heat)
    another = sz.simulate(process, start, 1.0, replicas=130, cell="b", **settings)
    assert not np.any(another.final == few.final)


def test_chunks_of_steps_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    from szilard.continuous import ensemble

    settings: dict[str, Any] = {"replicas": 100, "seed": 19, "protocol": WAY, "dt": 0.01, "times": [0.0, 0.3, 0.6, 1.1]}
    whole = sz.simulate(moved(), [0.3], 1.2, record="paths", **settings)
    monkeypatch.setattr(ensemble, "WORK", 7 * 4096)
    parts = sz.simulate(moved(), [0.3], 1.2, record="paths", **settings)
    assert np.array_equal(whole.final, parts.final)
    assert np.array_equal(whole.trajectories().states, parts.trajectories().states)
    assert whole.books is not None and parts.books is not None
    np.testing.assert_array_equal(whole.states, parts.states)
    np.testing.assert_allclose(whole.books.work, parts.books.work, rtol=0, atol=1e-13)


def test_one_coordinate_uses_both_numbers_of_a_pair_once() -> None:
    """Increments of free diffusion: variance 2Dt, no correlation from step to step or from replica to replica."""
    free = sz.Langevin(np.zeros_like, dim=1, mobility=0.5, temperature=3.0)
    run = sz.simulate(free, [0.0], 2.0, replicas=20_000, seed=20, dt=0.25, method="euler", record="paths")
    steps = np.diff(run.trajectories().states[:, :, 0], axis=1) / np.sqrt(2 * 1.5 * 0.25)
    for i in range(8):
        assert abs(z_of_mean(steps[:, i], 0.0)) <= 4.0
        assert abs(z_of_mean(steps[:, i] ** 2, 1.0)) <= 4.0
        for j in range(i):
            assert abs(z_of_mean(steps[:, i] * steps[:, j], 0.0)) <= 4.5
    assert abs(z_of_mean(steps[1:, 0] * steps[:-1, 0], 0.0)) <= 4.0
