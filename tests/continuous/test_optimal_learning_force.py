"""The force that teaches for the least dissipation, against integration, closed forms and forces at random."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, expm1, nan, sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

import szilard as sz
from szilard.continuous.optimal_force import optimal_learning_force
from szilard.continuous.optimal_traps import optimal_moved_trap
from szilard.errors import InputError
from szilard.theory import additive_heat, ramp_heat

Array = NDArray[np.float64]
K, MU, WARM, TAU = 1.7, 0.6, 0.4, 1.3
SCALES: dict[str, Any] = {"stiffness": K, "mobility": MU, "temperature": WARM}


def by_integration(protocol: sz.Protocol) -> tuple[float, float]:
    """Sigma and m(tau) of a force, by an explicit solver from node to node."""
    y = np.zeros(2)
    nodes = list(zip(protocol.times, protocol.values, strict=True))
    for (s, a), (e, b) in zip(nodes, nodes[1:], strict=False):
        if e > s:

            def motion(t: float, y: Array, s: float = s, e: float = e, a: float = a, b: float = b) -> list[float]:
                speed = MU * (a + (b - a) * (t - s) / (e - s) - K * y[1])
                return [speed**2 / (MU * WARM), speed]

            y = solve_ivp(motion, (s, e), y, "DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
    return float(y[0]), float(y[1])


@pytest.mark.parametrize("end", [1.5, -0.8])
def test_the_best_force_moves_the_mean_at_constant_speed(end: float) -> None:
    found = optimal_learning_force(end, TAU, **SCALES)
    assert found.dissipation == pytest.approx(end**2 / (MU * WARM * TAU), rel=1e-13)
    assert found.least == pytest.approx(found.dissipation, rel=1e-13)
    assert found.means == pytest.approx(end * found.times / TAU, abs=1e-13)
    # f = (m/tau)(k t + 1/mu), off before and after
    inside = end / TAU * (K * found.times + 1.0 / MU)
    assert np.array(found.protocol.values) == pytest.approx(np.array([0.0, *inside, 0.0]), abs=1e-11)
    assert by_integration(found.protocol) == pytest.approx((found.dissipation, end), abs=1e-9)


def test_the_force_that_is_kept_is_the_moved_trap() -> None:
    found = optimal_learning_force(2.0, TAU, fixed="force", **SCALES)
    trap = optimal_moved_trap(2.0 / K, TAU, **SCALES)
    assert found.dissipation == pytest.approx(trap.dissipation, rel=1e-13)
    assert found.least == pytest.approx(trap.dissipation, rel=1e-13)
    assert found.protocol(0.5 * TAU) == pytest.approx(K * trap.protocol(0.5 * TAU), rel=1e-12)
    sigma, m = by_integration(found.protocol)
    assert sigma + 0.5 * K * (2.0 / K - m) ** 2 / WARM == pytest.approx(found.dissipation, abs=1e-9)


@pytest.mark.parametrize("extra", [{}, {"largest": 2.9}, {"jumps": False}, {"jumps": False, "monotone": True}])
@pytest.mark.parametrize("fixed", ["state", "force"])
def test_the_dissipation_is_that_of_the_force_under_any_limit(fixed: Any, extra: dict[str, Any]) -> None:
    end = 0.9 if fixed == "state" else 2.6
    found = optimal_learning_force(end, TAU, fixed=fixed, nodes=17, **SCALES, **extra)
    sigma, m = by_integration(found.protocol)
    rest = 0.5 * K * (end / K - m) ** 2 / WARM if fixed == "force" else 0.0
    assert sigma + rest == pytest.approx(found.dissipation, abs=1e-9)
    assert m == pytest.approx(found.mean, abs=1e-9)
    inside = np.array(found.protocol.values[1:-1])
    assert np.abs(inside).max() <= extra.get("largest", np.inf) * (1 + 1e-12)
    assert extra.get("jumps", True) or inside[0] == 0.0
    # what the search leaves below 0 is its own rounding
    assert not extra.get("monotone") or np.diff(inside).min() > -1e-7
    assert found.dissipation >= found.least * (1 - 1e-12)


def best_below(largest: float, end: float) -> float:
    """The mean moves at the speed v until k m + v/mu = f_max, then f = f_max: v so that m(tau) = end; Sigma of it."""

    def path(v: float) -> tuple[float, float, float]:
        t = (largest - v / MU) / (K * v)
        m = v * t
        return t, m, largest / K + (m - largest / K) * exp(-MU * K * (TAU - t))

    low = largest / (K * TAU + 1.0 / MU) * (1 + 1e-12)
    v = brentq(lambda v: path(v)[2] - end, low, largest * MU * (1 - 1e-12), xtol=1e-14)
    t, m, _ = path(v)
    after = (MU * (largest - K * m)) ** 2 * -expm1(-2 * MU * K * (TAU - t)) / (2 * MU * K)
    return float((v * v * t + after) / (MU * WARM))


def test_a_limited_force_saturates_at_the_end() -> None:
    """Pontryagin's principle: constant speed, then the largest force; the nodes miss the corner by half a piece."""
    most, end = 2.9, 1.1
    truth = best_below(most, end)
    excess = []
    for nodes in (17, 65):
        found = optimal_learning_force(end, TAU, largest=most, nodes=nodes, **SCALES)
        assert found.protocol.values[-2] == pytest.approx(most, rel=1e-6)
        excess.append(found.dissipation / truth - 1.0)
    assert found.least < truth
    assert all(-1e-9 < x for x in excess)
    # a corner rounded over h = tau/(nodes - 1) deviates by O(h) there only: Sigma by O(h^3), so (1/4)^3; 1/4 is safe
    assert excess[1] < max(excess[0] / 4.0, 1e-8)
    barely = -expm1(-MU * K * TAU) * most / K
    edge = optimal_learning_force(barely, TAU, largest=most, **SCALES)
    assert np.array(edge.protocol.values[1:-1]) == pytest.approx(np.full(33, most), rel=1e-5)


def test_without_sudden_changes_the_nodes_solve_linear_equations() -> None:
    found = optimal_learning_force(0.9, TAU, nodes=9, jumps=False, **SCALES)
    free = optimal_learning_force(0.9, TAU, nodes=9, **SCALES)
    rng = np.random.default_rng(5)
    for size in (0.1, 1e-2, 1e-3):
        for _ in range(15):
            tried = np.array(found.protocol.values[1:-1]) + size * rng.standard_normal(9) * (np.arange(9) > 0)
            _, m = by_integration(sz.Protocol(found.times.tolist(), tried.tolist()))
            # the mean is linear in the force: rescaled, it ends where it should
            sigma, m = by_integration(sz.Protocol(found.times.tolist(), (tried * 0.9 / m).tolist()))
            assert m == pytest.approx(0.9, abs=1e-9)
            assert sigma > found.dissipation
    assert found.dissipation > free.dissipation * (1 + 1e-4)


def test_no_force_beats_the_least() -> None:
    """200 forces at random, and the ramp, through the library's own heat of a schedule."""
    best = optimal_learning_force(1.0, TAU, nodes=9, **SCALES)
    rng = np.random.default_rng(1)
    for i in range(200):
        values = np.array(best.protocol.values[1:-1]) + 10.0 ** -(i % 4) * rng.standard_normal(9)
        books = additive_heat(
            [0.0, *best.times[1:]], values.tolist(), duration=TAU, temperature=WARM, stiffness=K, mobility=MU
        )
        mean = books.response / K
        assert books.dissipation / mean**2 > best.dissipation * (1 + 1e-12)
    # a ramp of the force in the same time, relaxed to nu/k at the end: for k = mu = T = 1
    learned = optimal_learning_force(2.0, 0.7, fixed="force")
    assert float(ramp_heat(4.0, 0.7)) == pytest.approx(1.604777990133956, rel=1e-9)
    assert learned.dissipation == pytest.approx(4.0 / 2.7, rel=1e-13)
    assert learned.dissipation < float(ramp_heat(4.0, 0.7))


@pytest.mark.parametrize("stiffness", [1e-3, 1.0, 30.0, 3000.0])
def test_weak_and_stiff_weights(stiffness: float) -> None:
    """The force, and with it the rounding, grows with k; Sigma does not."""
    found = optimal_learning_force(0.5, 2.0, stiffness=stiffness)
    assert found.dissipation == pytest.approx(0.125, rel=1e-9)
    assert found.mean == pytest.approx(0.5, rel=1e-9)


def test_equilibrium_asks_for_no_force() -> None:
    kinds: list[dict[str, Any]] = [{}, {"largest": 1.0}, {"monotone": True}, {"fixed": "force"}]
    for kind in kinds:
        still = optimal_learning_force(0.0, TAU, **SCALES, **kind)
        assert still.dissipation == 0.0
        assert not np.any(still.protocol.values)
    assert repr(still).startswith("LearningForce: the mean reaches 0 in the time 1.3")
    assert still.plot().get_ylabel() == "force"


def test_more_time_costs_less() -> None:
    taus = np.array([0.1, 1.0, 10.0, 100.0])
    sigma = [optimal_learning_force(1.0, float(t), **SCALES).dissipation for t in taus]
    assert sigma * taus == pytest.approx(np.full(4, 1.0 / (MU * WARM)), rel=1e-9)
    assert sqrt(sigma[0]) > sqrt(sigma[-1])


def test_bad_input() -> None:
    cases: list[tuple[str, Callable[[], Any]]] = [
        ("end", lambda: optimal_learning_force(nan, 1.0)),
        ("end", lambda: optimal_learning_force(1.0, 1.0, largest=1.5)),
        ("end", lambda: optimal_learning_force(1.6, 1.0, fixed="force", largest=1.5)),
        ("duration", lambda: optimal_learning_force(1.0, 0.0)),
        ("stiffness", lambda: optimal_learning_force(1.0, 1.0, stiffness=0.0)),
        ("nodes", lambda: optimal_learning_force(1.0, 1.0, nodes=1)),
        ("nodes", lambda: optimal_learning_force(1.0, 1.0, nodes=1000)),
        ("largest", lambda: optimal_learning_force(1.0, 1.0, largest=-1.0)),
        ("fixed", lambda: optimal_learning_force(1.0, 1.0, fixed="label")),  # type: ignore[arg-type]
    ]
    for field, call in cases:
        with pytest.raises(InputError, match=f"^{field}"):
            call()
