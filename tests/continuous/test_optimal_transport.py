"""Transport of least dissipation, against moments integrated in time, matrix roots and other ways at random."""

from __future__ import annotations

from collections.abc import Callable
from math import log, nan, pi, sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad, solve_ivp
from scipy.linalg import sqrtm
from scipy.special import ndtri

from szilard.continuous import Gaussian
from szilard.continuous.optimal_density import LineDensity, below, boltzmann, box, normal
from szilard.continuous.optimal_gaussians import GaussianTransport
from szilard.continuous.optimal_passage import optimal_transport
from szilard.errors import InputError

Array = NDArray[np.float64]
MU, WARM, TAU = 0.7, 0.4, 1.3


def wells(x: Any) -> Any:
    return 3.0 * (x * x - 1.0) ** 2 + 0.3 * x


def test_reference_value_of_two_gaussians() -> None:
    closed = optimal_transport(Gaussian(0.0, 1.0), Gaussian(1.5, 0.25), 2.0)
    assert closed.dissipation == pytest.approx(1.25, rel=1e-14)
    line = optimal_transport(normal(0.0, 1.0), Gaussian(1.5, 0.25), 2.0)
    # quantiles beyond 8.25 standard deviations are left out: a share of 1e-14 of the variance
    assert line.dissipation == pytest.approx(1.25, rel=1e-13)
    assert line.entropy_change == pytest.approx(closed.entropy_change, rel=1e-13)
    assert line.heat == pytest.approx(closed.heat, rel=1e-13)


def lopsided() -> GaussianTransport:
    start = Gaussian([0.3, -1.0], [[1.0, 0.6], [0.6, 0.5]])
    stop = Gaussian([-0.7, 0.4], [[0.4, -0.3], [-0.3, 2.0]])
    return optimal_transport(start, stop, TAU, mobility=MU, temperature=WARM)


def test_distance_of_gaussians_that_do_not_commute() -> None:
    found = lopsided()
    C0, C1 = found.start.covariance, found.stop.covariance
    root = np.real(sqrtm(C0))
    bures = np.trace(C0 + C1 - 2.0 * np.real(sqrtm(root @ C1 @ root)))
    shift = found.stop.mean - found.start.mean
    assert found.distance**2 == pytest.approx(shift @ shift + bures, rel=1e-12)
    assert found.dissipation == pytest.approx(found.distance**2 / (MU * WARM * TAU), rel=1e-14)
    assert found.stretch @ C0 @ found.stretch == pytest.approx(C1, abs=1e-13)
    assert found.at(TAU).covariance == pytest.approx(C1, abs=1e-13)


def test_the_driving_potential_does_what_is_claimed() -> None:
    """dm/dt = mu (h - H m), dC/dt = 2 mu T - mu (H C + C H), and the heat mu <|F|^2> + mu T <div F>."""
    found = lopsided()
    process = found.process

    def motion(t: float, y: Array) -> Array:
        at = process.linear_at(float(min(t, TAU)))
        H, m, C = at.hessian, y[:2], y[2:6].reshape(2, 2)
        force = at.pull - H @ m
        heat = MU * (force @ force + np.trace(H @ C @ H) - WARM * np.trace(H))
        return np.concatenate([MU * force, (2.0 * MU * WARM * np.eye(2) - MU * (H @ C + C @ H)).ravel(), [heat]])

    start = np.concatenate([found.start.mean, found.start.covariance.ravel(), [0.0]])
    end = solve_ivp(motion, (0.0, TAU), start, "DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
    assert end[:2] == pytest.approx(found.stop.mean, abs=1e-9)
    assert end[2:6].reshape(2, 2) == pytest.approx(found.stop.covariance, abs=1e-9)
    assert end[6] == pytest.approx(found.heat, abs=1e-9)
    assert found.heat == pytest.approx(WARM * (found.dissipation - found.stop.entropy + found.start.entropy), rel=1e-14)
    assert found.work(0.8) == pytest.approx(found.heat + 0.8, rel=1e-14)
    assert np.array(found.protocol.values) == pytest.approx([0.0, TAU])


def test_no_other_way_between_two_gaussians_dissipates_less() -> None:
    """In one dimension Sigma = int (m'^2 + s'^2) dt / D, s^2 the variance; 200 ways with the same ends."""
    least = optimal_transport(Gaussian(0.3, 1.2), Gaussian(1.5, 0.25), TAU, mobility=MU, temperature=WARM).dissipation
    t = np.linspace(0.0, TAU, 2001)
    h = t[1]
    rng = np.random.default_rng(7)
    for i in range(200):
        bumps = 10.0 ** -(i % 3) * rng.standard_normal((2, 4))
        waves = np.sin(pi * np.arange(1, 5)[:, None] * t / TAU)
        m = 0.3 + 1.2 * t / TAU + bumps[0] @ waves
        s = sqrt(1.2) + (0.5 - sqrt(1.2)) * t / TAU + 0.2 * bumps[1] @ waves
        sigma = float((np.diff(m) ** 2 + np.diff(s) ** 2).sum()) / h / (MU * WARM)
        assert sigma > least * (1.0 + 1e-12)


def test_lines_and_gaussians_agree_on_the_potential() -> None:
    closed = optimal_transport(Gaussian(0.3, 1.2), Gaussian(1.5, 0.25), TAU, mobility=MU, temperature=WARM)
    line = optimal_transport(normal(0.3, 1.2), normal(1.5, 0.25), TAU, mobility=MU, temperature=WARM)
    for time in (0.0, 0.6, TAU):
        now = closed.at(time)
        x = now.mean[0] + sqrt(now.covariance[0, 0]) * np.array([-4.9, -2.0, 0.0, 1.0, 4.0])
        apart = line.energies(x, time) - closed.force_at(time).energies(x[:, None])
        # splines through numbers of size 10 give them back to 1e-10
        assert np.ptp(apart) < 1e-9
        assert line.process.slopes(x[:, None], time) == pytest.approx(closed.process.slopes(x[:, None], time), abs=1e-8)
        assert np.exp(now.log_density(line.places(time)[:, None])) == pytest.approx(line.densities(time), rel=1e-11)


def lines() -> list[tuple[LineDensity, LineDensity]]:
    memory = boltzmann(wells, -3.0, 3.0, temperature=WARM)
    return [(box(-1.0, 2.0), normal(1.5, 0.25)), (normal(0.5, 0.3), memory), (memory, normal(-1.0, 2.0))]


@pytest.mark.parametrize("i", range(3))
def test_the_force_of_the_potential_is_the_velocity_and_the_gradient_of_the_density(i: int) -> None:
    """-dU/dx = v / mu + T d ln p / dx, v = (x_1 - x_0) / tau on every path."""
    found = optimal_transport(*lines()[i], TAU, mobility=MU, temperature=WARM)
    velocity = (found.places(TAU) - found.places(0.0)) / TAU
    for time in (0.1, 0.6, 1.2):
        x, U, p = found.places(time), found.potentials(time), found.densities(time)
        rest = -np.diff(U) - WARM * np.diff(np.log(p))
        # the mean of v over a step of x by the trapezoid rule, whose error is the third power of the step
        step = np.diff(x) * 0.5 * (velocity[1:] + velocity[:-1]) / MU
        assert np.abs(rest - step).max() < 2e-4 * np.abs(np.diff(x)).max() + 1e-6
        assert float(np.sum(np.diff(x) * 0.5 * (p[1:] + p[:-1]))) == pytest.approx(1.0, abs=1e-3)


def test_walkers_in_the_potential_arrive_for_the_heat_claimed() -> None:
    """Heun's steps of 8000 walkers from a Gaussian to a double well; heat is the fall of U at fixed time."""
    found = optimal_transport(*lines()[1], TAU, mobility=MU, temperature=WARM)
    process, n, steps = found.process, 8000, 400
    rng = np.random.default_rng(11)
    w, heat, dt = found.start.place(rng.standard_normal(n))[:, None], np.zeros(n), TAU / steps
    for i in range(steps):
        time = (i + 0.5) * dt
        kick = sqrt(2.0 * MU * WARM * dt) * rng.standard_normal((n, 1))
        first = process.slopes(w, time)
        there = w + MU * dt * first + kick
        there = w + 0.5 * MU * dt * (first + process.slopes(there, time)) + kick
        heat += process.energies(w, time) - process.energies(there, time)
        w = there
    # five standard errors, and a step of 0.003 against relaxation times of 0.06: below 1e-2 of the heat and the moments
    assert w.mean() == pytest.approx(found.stop.mean, abs=5.0 * w.std() / sqrt(n) + 0.01)
    assert w.var() == pytest.approx(found.stop.variance, abs=5.0 * ((w - w.mean()) ** 2).std() / sqrt(n) + 0.01)
    assert heat.mean() == pytest.approx(found.heat, abs=5.0 * heat.std() / sqrt(n) + 0.01 * abs(found.heat))
    share = float(np.mean(w < 0.0))
    assert share == pytest.approx(found.stop.share_below(0.0), abs=5.0 * sqrt(0.25 / n))


def test_the_rate_of_the_potential_is_that_of_a_gauge_without_a_constant() -> None:
    """dphi/dt = -v^2/2 at fixed x (Hamilton and Jacobi), so that phi rises by v^2/2 along every path."""
    found = optimal_transport(*lines()[0], TAU, mobility=MU, temperature=WARM)
    phi = [-MU * (found.potentials(t) + WARM * np.log(found.densities(t))) for t in (0.3, 0.8)]
    velocity = (found.places(TAU) - found.places(0.0)) / TAU
    assert (phi[1] - phi[0]) / 0.5 == pytest.approx(0.5 * velocity**2, abs=1e-12)


def test_densities_have_the_moments_of_quadrature() -> None:
    memory = boltzmann(wells, -3.0, 3.0, temperature=WARM)

    def over(f: Any, top: float = 3.0) -> float:
        return float(quad(lambda x: f(x) * np.exp(-wells(x) / WARM), -3.0, top, epsabs=1e-13, limit=200)[0])

    Z, left = over(lambda x: 1.0), over(lambda x: 1.0, 0.0)
    mean = over(lambda x: x) / Z
    # cubics between 2000 panels: 1e-9 of the width
    assert memory.mean == pytest.approx(mean, abs=1e-9)
    assert memory.variance == pytest.approx(over(lambda x: (x - mean) ** 2) / Z, abs=1e-9)
    assert memory.entropy == pytest.approx(over(lambda x: wells(x) / WARM + log(Z)) / Z, abs=1e-8)
    assert memory.share_below(0.0) == pytest.approx(left / Z, abs=1e-9)
    half = below(memory, 0.0)
    assert half.mean == pytest.approx(over(lambda x: x, 0.0) / left, abs=1e-9)
    assert half.entropy == pytest.approx(over(lambda x: wells(x) / WARM + log(left), 0.0) / left, abs=1e-8)
    assert half.share_below(-1.0) == pytest.approx(memory.share_below(-1.0) / memory.share_below(0.0), abs=1e-9)


def test_a_barrier_that_hides_its_mass_is_no_obstacle() -> None:
    """At 60 T the density on the barrier is below rounding: half the mass on either side, and a jump between."""
    high = boltzmann(lambda x: 60.0 * (x * x - 1.0) ** 2, -2.0, 2.0)
    assert high.share_below(0.0) == pytest.approx(0.5, abs=1e-9)
    z = np.linspace(-8.0, 8.0, 10_001)
    assert np.all(np.diff(high.place(z)) >= 0.0)
    # the wells are harmonic up to corrections of T / barrier
    assert high.variance == pytest.approx(1.0, abs=0.02)


def test_quantile_functions_are_densities() -> None:
    by_hand = optimal_transport(lambda u: 3.0 * u - 1.0, lambda u: 1.5 + 0.5 * ndtri(u), TAU)
    known = optimal_transport(box(-1.0, 2.0), normal(1.5, 0.25), TAU)
    # the share of 2e-9 beyond six standard deviations is left out, times squares up to 100
    assert by_hand.dissipation == pytest.approx(known.dissipation, abs=2e-7)
    assert by_hand.entropy_change == pytest.approx(known.entropy_change, abs=2e-7)


def test_no_other_coupling_is_closer() -> None:
    """The order on the line is kept; any exchange of partners costs more."""
    found = optimal_transport(*lines()[2], TAU)
    rng = np.random.default_rng(2)
    u = (np.arange(2000) + 0.5) / 2000
    x0, x1 = found.start.place(ndtri(u)), found.stop.place(ndtri(u))
    least = float(np.mean((x1 - x0) ** 2))
    # 2000 points leave out tails of 2.5e-4 on either side
    assert least == pytest.approx(found.distance**2, rel=5e-3)
    for size in (0.01, 0.1, 1.0):
        order = np.argsort(u + size * rng.random(2000))
        assert float(np.mean((x1[order] - x0) ** 2)) > least


def test_nothing_moves_at_no_cost() -> None:
    """Equilibrium: the potential stays that of the density."""
    memory = boltzmann(wells, -3.0, 3.0, temperature=WARM)
    still = optimal_transport(memory, memory, TAU, mobility=MU, temperature=WARM)
    assert still.dissipation == 0.0
    assert still.heat == 0.0
    x = np.linspace(-1.4, 1.3, 40)
    # splines between points 0.01 apart: 1e-6 of energies of a few T
    assert np.ptp(still.energies(x, 0.7) - wells(x)) < 1e-5
    gaussian = optimal_transport(Gaussian([1.0, 2.0], [0.5, 2.0]), Gaussian([1.0, 2.0], [0.5, 2.0]), TAU)
    assert gaussian.dissipation < 1e-28
    assert gaussian.force_at(0.4).hessian == pytest.approx(np.diag([2.0, 0.5]), abs=1e-14)


def test_slow_transport_costs_only_the_entropy() -> None:
    fast, slow = (optimal_transport(*lines()[0], tau, mobility=MU, temperature=WARM) for tau in (1.0, 1e6))
    assert slow.dissipation * 1e6 == pytest.approx(fast.dissipation, rel=1e-13)
    assert slow.heat == pytest.approx(-WARM * slow.entropy_change, abs=2e-6)
    assert slow.heat > -WARM * slow.entropy_change


def test_results_tell_the_physics_and_plot() -> None:
    assert repr(lopsided()).startswith("GaussianTransport: 2 coordinates, distance 2.06761 in the time 1.3")
    found = optimal_transport(*lines()[0], TAU)
    assert repr(found).startswith("LineTransport: distance")
    assert len(found.plot().lines) == 5


def test_bad_input() -> None:
    g, two = Gaussian(0.0, 1.0), Gaussian([0.0, 0.0], 1.0)
    bad: Any = "density"
    cases: list[tuple[str, Callable[[], Any]]] = [
        ("duration", lambda: optimal_transport(g, g, 0.0)),
        ("mobility", lambda: optimal_transport(g, g, 1.0, mobility=nan)),
        ("stop", lambda: optimal_transport(g, two, 1.0)),
        ("p1", lambda: optimal_transport(box(0.0, 1.0), two, 1.0)),
        ("p0", lambda: optimal_transport(bad, g, 1.0)),
        ("quantile", lambda: optimal_transport(lambda u: -u, g, 1.0)),
        ("quantile", lambda: optimal_transport(lambda u: float(u[0]), g, 1.0)),
        ("box", lambda: box(1.0, 1.0)),
        ("variance", lambda: normal(0.0, 0.0)),
        ("x", lambda: below(box(0.0, 1.0), 1.0)),
        ("low", lambda: boltzmann(wells, 1.0, 0.0)),
        ("temperature", lambda: boltzmann(wells, 0.0, 1.0, temperature=-1.0)),
        ("points", lambda: boltzmann(wells, 0.0, 1.0, points=2)),
        ("potential", lambda: boltzmann(lambda x: x * nan, 0.0, 1.0)),
        ("time", lambda: optimal_transport(g, g, 1.0).at(1.1)),
        ("time", lambda: optimal_transport(box(0.0, 1.0), g, 1.0).places(-0.1)),
    ]
    for field, call in cases:
        with pytest.raises(InputError, match=f"^{field}"):
            call()
