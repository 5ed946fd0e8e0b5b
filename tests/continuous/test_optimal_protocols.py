"""Protocols of least work, against moments integrated piece by piece and protocols at random."""

from __future__ import annotations

from collections.abc import Callable
from math import log, nan, sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

import szilard as sz
from szilard.continuous import Langevin, Linear
from szilard.continuous.optimal import optimal_protocol
from szilard.continuous.optimal_moments import MeanWork
from szilard.continuous.optimal_search import search_protocol, trap_free_energy
from szilard.continuous.optimal_traps import optimal_moved_trap, optimal_stiffened_trap
from szilard.errors import InputError

Array = NDArray[np.float64]
MU, WARM, K = 0.6, 0.4, 1.7


def line(hessian: float, pull: float, constant: float = 0.0, push: float = 0.0) -> Linear:
    return Linear(np.array([[hessian]]), np.array([pull]), constant, push=np.array([push]))


def moved(constant: float = 1.0) -> Langevin:
    return Langevin(linear=lambda x: line(K, K * x, constant * 0.5 * K * x * x), dim=1, mobility=MU, temperature=WARM)


def stiffened() -> Langevin:
    return Langevin(linear=lambda x: line(x, 0.0), dim=1, mobility=MU, temperature=WARM)


def bent() -> Langevin:
    """Both the stiffness and the centre follow the control, not in straight lines."""
    return Langevin(linear=lambda x: line(1.0 + x * x, x, 0.3 * x), dim=1, mobility=MU, temperature=WARM)


def work_by_integration(process: Langevin, protocol: sz.Protocol) -> float:
    """<W> = int dlambda <dU/dlambda>, the moments by an explicit solver; at a jump <U> changes at fixed w."""

    def numbers(c: float) -> tuple[float, float, float]:
        at = process.linear_at(c)
        return float(at.hessian[0, 0]), float(at.pull[0]), at.constant

    def mean_energy(c: float, m: float, v: float) -> float:
        H, h, constant = numbers(c)
        return 0.5 * H * (v + m * m) - h * m + constant

    H, h, _ = numbers(protocol.values[0])
    m, v, work = h / H, WARM / H, 0.0
    nodes = list(zip(protocol.times, protocol.values, strict=True))
    for (s, a), (e, b) in zip(nodes, nodes[1:], strict=False):
        if e == s:
            work += mean_energy(b, m, v) - mean_energy(a, m, v)
            continue

        def motion(t: float, y: Array, s: float = s, e: float = e, a: float = a, b: float = b) -> list[float]:
            c, d = a + (b - a) * (t - s) / (e - s), 1e-4
            H, h, _ = numbers(c)
            power = (mean_energy(c + d, y[0], y[1]) - mean_energy(c - d, y[0], y[1])) / (2 * d) * (b - a) / (e - s)
            return [MU * (h - H * y[0]), 2 * MU * (WARM - H * y[1]), power]

        m, v, work = solve_ivp(motion, (s, e), [m, v, work], "DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
    return float(work)


def test_reference_value_of_the_moved_trap() -> None:
    found = optimal_moved_trap(2.0, 1.5)
    assert found.work == pytest.approx(1.1428571428571428, rel=1e-14)
    trap = Langevin(linear=lambda x: line(1.0, x, 0.5 * x * x), dim=1)
    assert search_protocol(trap, 0.0, 2.0, 1.5).work == pytest.approx(1.1428571428571428, rel=1e-7)


@pytest.mark.parametrize("constant", [1.0, 0.0])
def test_the_work_of_the_moved_trap_is_that_of_its_protocol(constant: float) -> None:
    """With the constant K x^2 / 2 the trap moves; without it a force pulls, and the free energy falls."""
    process = moved(constant)
    found = optimal_protocol(process, 0.5, -1.5, 0.8)
    # dF of U = K w^2/2 - K x w + c: -K x^2/2 + c
    assert found.free_energy_change == pytest.approx((constant - 1.0) * 0.5 * K * (1.5**2 - 0.5**2), abs=1e-14)
    assert found.dissipation == pytest.approx(K * 4.0 / (MU * K * 0.8 + 2.0) / WARM, rel=1e-13)
    assert found.work == pytest.approx(found.free_energy_change + WARM * found.dissipation, rel=1e-13)
    # the solver's tolerance; central differences of a parabola are exact
    assert work_by_integration(process, found.protocol) == pytest.approx(found.work, abs=1e-9)
    direct = optimal_moved_trap(-2.0, 0.8, stiffness=K, mobility=MU, temperature=WARM)
    assert np.array(direct.protocol.values) + 0.5 == pytest.approx(np.array(found.protocol.values), abs=1e-14)


@pytest.mark.parametrize(("start", "stop", "duration"), [(1.0, 3.0, 1.5), (3.0, 0.5, 1.5), (2.0, 0.4, 0.1)])
def test_the_work_of_the_stiffened_trap_is_that_of_its_protocol(start: float, stop: float, duration: float) -> None:
    found = optimal_protocol(stiffened(), start, stop, duration)
    assert found.free_energy_change == pytest.approx(0.5 * WARM * log(stop / start), rel=1e-14)
    # straight lines through 129 points cost (16/128)^4 of what they cost through 17, below 3e-8 here
    assert work_by_integration(stiffened(), found.protocol) == pytest.approx(found.work, abs=1e-10)


def test_straight_lines_cost_the_fourth_power_of_their_length() -> None:
    excess = []
    for nodes in (9, 17, 33):
        found = optimal_stiffened_trap(1.0, 3.0, 1.5, mobility=MU, temperature=WARM, nodes=nodes)
        excess.append(work_by_integration(stiffened(), found.protocol) - found.work)
    # 16 in the limit of many nodes
    assert 13.0 < excess[0] / excess[1] < 19.0
    assert 13.0 < excess[1] / excess[2] < 19.0


def test_the_least_work_of_the_stiffened_trap_by_scanning_the_final_variance() -> None:
    """T Sigma of a straight path of s ends at any s_1; the formula takes the best of them."""
    start, stop, tau = 2.0, 0.4, 0.7
    s0 = sqrt(WARM / start)
    s1 = np.linspace(0.3 * s0, 4.0 * s0, 400_001)
    W = 0.5 * (stop * s1**2 - WARM) - WARM * np.log(s1 / s0) + (s1 - s0) ** 2 / (MU * tau)
    found = optimal_stiffened_trap(start, stop, tau, mobility=MU, temperature=WARM)
    # the grid misses the minimum by at most half a step, 2e-6: W'' (2e-6)^2 / 2 < 1e-10
    assert found.work == pytest.approx(float(W.min()), abs=1e-10)


@pytest.mark.parametrize(("build", "ends"), [(moved, (0.2, 2.0)), (stiffened, (1.0, 3.0)), (bent, (0.3, 2.0))])
def test_no_protocol_beats_the_optimum(build: Callable[[], Langevin], ends: tuple[float, float]) -> None:
    process, tau, n = build(), 1.5, 9
    best = search_protocol(process, *ends, tau, nodes=n)
    known = optimal_protocol(process, *ends, tau, nodes=n)
    assert best.work >= known.work - 1e-12
    # 9 nodes cost 1.4e-7 of the curve of the stiffened trap, nothing of the straight one
    assert best.work == pytest.approx(known.work, abs=2e-7)
    assert work_by_integration(process, best.protocol) == pytest.approx(best.work, abs=2e-9)
    assert best.work == pytest.approx(best.free_energy_change + WARM * best.dissipation, rel=1e-12)
    assert best.dissipation > 0.0
    books = MeanWork(process, *ends, tau, n, 4)
    values = np.array(best.protocol.values[1:-1])
    rng = np.random.default_rng(3)
    for size in (1.0, 0.1, 0.01, 1e-3):
        for _ in range(25):
            tried = np.abs(values + size * rng.standard_normal(n))
            # the second order in a deviation of 1e-3 is 1e-6 times a curvature of at least 1e-3
            assert books.work(tried) > best.work
    for _ in range(100 if build is not bent else 20):
        assert books.work(rng.uniform(0.1, 4.0, n)) > known.free_energy_change + WARM * best.dissipation


def test_the_work_and_its_slope_are_exact() -> None:
    books = MeanWork(bent(), 0.3, 2.0, 1.5, 6, 12)
    values = np.array([0.4, 1.9, -0.3, 0.8, 2.2, 1.0])
    work, slope = books.slope(values)
    t = np.linspace(0.0, 1.5, 6)
    protocol = sz.Protocol((0.0, *t.tolist(), 1.5), (0.3, *values.tolist(), 2.0))
    assert work == pytest.approx(work_by_integration(bent(), protocol), abs=1e-8)
    assert work == pytest.approx(books.work(values), rel=1e-15)
    h = 1e-5
    for i, d in enumerate(h * np.eye(6)):
        # central differences: rounding 1e-16/h and h^2 W'''/6
        assert slope[i] == pytest.approx((books.work(values + d) - books.work(values - d)) / (2 * h), abs=2e-9)


def test_slow_protocols_dissipate_the_thermodynamic_length_and_fast_ones_are_jumps() -> None:
    start, stop = 1.0, 3.0
    length = abs(start**-0.5 - stop**-0.5) * sqrt(WARM / MU)
    slow = optimal_stiffened_trap(start, stop, 1e6, mobility=MU, temperature=WARM)
    # the next order is a relative 1/(mu k tau)
    assert WARM * slow.dissipation * 1e6 == pytest.approx(length**2, rel=1e-5)
    sudden = WARM * (stop - start) / (2 * start)
    for tau in (0.0, 1e-9):
        fast = optimal_stiffened_trap(start, stop, tau, mobility=MU, temperature=WARM)
        assert fast.work == pytest.approx(sudden, rel=1e-8)
    assert optimal_moved_trap(2.0, 0.0, stiffness=K).work == pytest.approx(0.5 * K * 4.0)
    works = [optimal_protocol(stiffened(), 1.0, 3.0, tau).work for tau in (0.01, 0.1, 1.0, 10.0, 100.0)]
    assert np.all(np.diff(works) < 0.0)
    assert works[-1] > 0.5 * WARM * log(3.0)


def test_nothing_to_do_costs_nothing() -> None:
    """Equilibrium: the control ends where it began."""
    for process in (moved(), stiffened(), bent()):
        found = optimal_protocol(process, 1.3, 1.3, 0.7)
        assert found.work == pytest.approx(0.0, abs=1e-13)
        assert found.dissipation == pytest.approx(0.0, abs=1e-13)
        assert np.array(found.protocol.values) == pytest.approx(np.full(len(found.protocol.values), 1.3), abs=1e-6)


def test_bounds_are_kept_and_cost() -> None:
    free = search_protocol(stiffened(), 3.0, 0.5, 0.3, nodes=9)
    tight = search_protocol(stiffened(), 3.0, 0.5, 0.3, nodes=9, bounds=(1.5, 2.0))
    assert 1.5 <= min(tight.protocol.values[1:-1]) <= max(tight.protocol.values[1:-1]) <= 2.0
    assert tight.work > free.work + 1e-5


def test_two_stiffnesses_that_follow_the_control_in_other_ways() -> None:
    """H = 1 + 2 x is a stiffened trap too: the same work for the same stiffnesses."""
    process = Langevin(linear=lambda x: line(1.0 + 2.0 * x, 0.0), dim=1, mobility=MU, temperature=WARM)
    found = optimal_protocol(process, 0.0, 1.0, 1.5)
    assert found.work == pytest.approx(optimal_protocol(stiffened(), 1.0, 3.0, 1.5).work, rel=1e-13)
    assert found.method == "closed form"
    assert work_by_integration(process, found.protocol) == pytest.approx(found.work, abs=1e-9)
    assert trap_free_energy(process, 1.0) - trap_free_energy(process, 0.0) == pytest.approx(
        0.5 * WARM * log(3.0), rel=1e-14
    )


def test_results_tell_the_physics_and_plot() -> None:
    found = optimal_moved_trap(2.0, 1.5)
    assert repr(found) == (
        "OptimalProtocol (closed form): work 1.14285714 = free energy 0 + T x dissipation 1.14285714 in the time 1.5"
    )
    assert found.plot().get_ylabel() == "control"


def test_bad_input() -> None:
    cases: list[tuple[str, Callable[[], Any]]] = [
        ("duration", lambda: optimal_moved_trap(1.0, -1.0)),
        ("distance", lambda: optimal_moved_trap(nan, 1.0)),
        ("temperature", lambda: optimal_moved_trap(1.0, 1.0, temperature=0.0)),
        ("start", lambda: optimal_stiffened_trap(0.0, 1.0, 1.0)),
        ("nodes", lambda: optimal_stiffened_trap(1.0, 2.0, 1.0, nodes=1)),
        ("duration", lambda: search_protocol(moved(), 0.0, 1.0, 0.0)),
        ("duration", lambda: search_protocol(moved(), 0.0, 1.0, 1e5)),
        ("bounds", lambda: search_protocol(moved(), 0.0, 1.0, 1.0, bounds=(2.0, 1.0))),
        ("nodes", lambda: search_protocol(moved(), 0.0, 1.0, 1.0, nodes=True)),
        ("control", lambda: optimal_protocol(stiffened(), 1.0, -1.0, 1.0)),
        ("process", lambda: optimal_protocol("trap", 0.0, 1.0, 1.0)),  # type: ignore[arg-type]
        ("process", lambda: optimal_protocol(Langevin(lambda w: -w, dim=1), 0.0, 1.0, 1.0)),
    ]
    for field, call in cases:
        with pytest.raises(InputError, match=f"^{field}"):
            call()
    pushed: Any = Langevin(linear=lambda x: line(1.0, 0.0, push=x), dim=1)
    with pytest.raises(InputError, match="driving"):
        optimal_protocol(pushed, 0.0, 1.0, 1.0)
