"""Information flows between coordinates: against a lattice, against series in discrete time, and on random systems."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

import szilard as sz
from szilard.continuous import Langevin, Linear
from szilard.continuous.bipartite import information_flows, transfer_entropy_rate
from szilard.discrete.bipartite import information_flows as lattice_flows
from szilard.laws.flows import information_flow, learning_rate_bound, sensory_capacity

Array = NDArray[np.float64]


def random_system(seed: int, dim: int = 3) -> Langevin:
    """Stable, with swirl, push, unequal mobilities and temperatures."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(dim, dim))
    G = rng.normal(size=(dim, dim))
    force = Linear(root @ root.T + dim * np.eye(dim), rng.normal(size=dim), swirl=0.5 * G, push=rng.normal(size=dim))
    return Langevin(linear=force, dim=dim, mobility=rng.uniform(0.3, 2.0, dim), temperature=rng.uniform(0.3, 3.0, dim))


def random_gaussian(seed: int, dim: int = 3) -> sz.Gaussian:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(dim, dim))
    return sz.Gaussian(rng.normal(size=dim), root @ root.T + 0.3 * np.eye(dim))


def information(C: Array, x: list[int]) -> float:
    y = [i for i in range(len(C)) if i not in x]
    logs = [np.linalg.slogdet(C[np.ix_(own, own)])[1] for own in (x, y)]
    return float(0.5 * (sum(logs) - np.linalg.slogdet(C)[1]))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("x", [[0], [2, 0]])
def test_flows_are_slopes_of_information_when_one_part_moves_alone(seed: int, x: list[int]) -> None:
    """I of C moved by dC = N C + C N^T of one part, w_x' = v_x: a five-point difference."""
    process, p = random_system(seed), random_gaussian(seed + 40)
    found = information_flows(process, x, p)
    M, K = np.diag(process.mobility), process.linear_at().matrix
    N = np.diag(process.diffusion) @ np.linalg.inv(p.covariance) - M @ K
    y = [i for i in range(3) if i not in x]
    h = 1e-4  # (h rate)^4 is 1e-12 at rates of 10
    for part, own in enumerate((x, y)):
        alone = np.zeros((3, 3))
        alone[own] = N[own]
        at = {}
        for j in (-2, -1, 1, 2):
            step = expm(alone * j * h)
            at[j] = information(step @ p.covariance @ step.T, x)
        slope = (8.0 * (at[1] - at[-1]) - (at[2] - at[-2])) / (12.0 * h)
        assert found.flow[part] == pytest.approx(slope, abs=1e-9, rel=1e-8)
    assert found.information == pytest.approx(information(p.covariance, x), abs=1e-13)


@pytest.mark.parametrize("seed", range(200))
def test_random_systems_obey_the_law(seed: int) -> None:
    process = random_system(seed, 2 + seed % 2)
    x = [seed % 2] if seed % 3 else [0]
    found = information_flows(process, x, random_gaussian(seed, process.dim) if seed % 2 else None)
    total = found.entropy_change + found.entropy_flow - found.flow
    np.testing.assert_allclose(total, found.entropy_production, rtol=1e-9, atol=1e-11)
    if not seed % 2:
        scale = 1.0 + np.abs(found.entropy_flow).max()
        assert abs(found.flow.sum()) < 1e-11 * scale
        np.testing.assert_allclose(found.entropy_change, 0.0, atol=1e-11 * scale)
    whole = sz.entropy_production_rate(process, random_gaussian(seed, process.dim) if seed % 2 else None)
    assert found.entropy_production.sum() == pytest.approx(whole, rel=1e-9)
    for i in (0, 1):
        law = information_flow(
            float(found.flow[i]), float(found.entropy_change[i]), found.heat[i].tolist(),
            temperature=process.temperatures.tolist(),
        )  # fmt: skip
        assert law.verdict == "holds"


def test_against_jumps_on_a_lattice() -> None:
    """The same flows from the jump process of a lattice, O(h^2): extrapolated from two lattices."""
    pair = sz.systems.gyrator(1.0, 0.6, (2.0, 0.5), mobility=(1.0, 2.0))
    exact = information_flows(pair, [0])
    reach = [5.5 * float(s) for s in np.sqrt(np.diag(sz.stationary(pair).covariance))]
    found = []
    for cells in (24, 48):
        at = sz.continuous.lattice_of(pair, box=tuple((-r, r) for r in reach), cells=(cells, cells))
        flows = lattice_flows(at.process, (cells, cells))
        found.append(np.concatenate([flows.flow, flows.entropy_flow, [flows.information]]))
    wanted = np.concatenate([exact.flow, exact.entropy_flow, [exact.information]])
    # what is left is O(h^4): a sixteenth of h^2, itself a few per cent here
    better = found[1] + (found[1] - found[0]) / 3.0
    np.testing.assert_allclose(better, wanted, rtol=2e-3)
    assert np.all(np.abs(found[1] - wanted) < 0.35 * np.abs(found[0] - wanted))


def test_a_gyrator_is_a_demon() -> None:
    """Heat leaves the hot bath: x alone breaks the second law; the cold coordinate, which follows, mends it."""
    pair = sz.systems.gyrator(1.0, 0.6, (2.0, 0.5), mobility=(1.0, 2.0))
    found = information_flows(pair, [0])
    heat = float(found.heat[0, 0])
    # Q_1 = u^2 (T_2 - T_1) mu_1 mu_2 / [k (mu_1 + mu_2)]
    assert heat == pytest.approx(0.36 * (0.5 - 2.0) * 2.0 / 3.0, rel=1e-12)
    assert information_flow(0.0, 0.0, heat, temperature=2.0).verdict == "violated"
    assert information_flow(float(found.flow[0]), 0.0, heat, temperature=2.0).verdict == "holds"
    assert found.flow[0] < heat / 2.0 < 0.0 < found.flow[1]


def test_in_equilibrium_nothing_flows() -> None:
    process = Langevin(
        linear=Linear([[1.0, 0.6], [0.6, 2.0]], [0.3, -1.0]), dim=2, mobility=[1.0, 3.0], temperature=0.7
    )
    found = information_flows(process, [1])
    assert found.information > 0.05
    for amount in (found.flow, found.entropy_change, found.heat, found.entropy_flow, found.entropy_production):
        np.testing.assert_allclose(amount, 0.0, atol=1e-14)


def series_transfer(process: Langevin, dt: float, history: int) -> float:
    """(1/dt) I(x_{t+dt} : y_t | x_t, x_{t-dt} ...) of the stationary Gaussian series, from its exact covariances.

    x: coordinate 0, y all others.
    """
    n = process.dim
    C = sz.stationary(process).covariance
    M, K = np.diag(process.mobility), process.linear_at().matrix
    lag = [expm(-M @ K * dt * j) @ C for j in range(history + 1)]
    full = np.block([[lag[j - i].T if j >= i else lag[i - j] for j in range(history + 1)] for i in range(history + 1)])
    # block [i, j] is <w(t_i) w(t_j)^T>, times rising
    xs, ahead = [n * i for i in range(history)], n * history
    y_now = list(range(xs[-1] + 1, ahead))

    def left(known: list[int]) -> float:
        S = full[np.ix_(known, known)]
        c = full[ahead, known]
        return float(full[ahead, ahead] - c @ np.linalg.solve(S, c))

    return 0.5 * float(np.log(left(xs) / left([*xs, *y_now]))) / dt


SENSOR = sz.systems.linear([[1.5, -1.1], [0.0, 0.4]], [0.6, 0.9])
CHASED = sz.systems.linear([[0.8, -0.6, 0.3], [0.1, 0.5, 0.7], [0.0, 0.1, 0.4]], [0.6, 0.9, 0.3])
"""Two hidden coordinates, each of which drives the other."""


@pytest.mark.parametrize("process", [SENSOR, CHASED], ids=["one hidden", "two hidden"])
def test_transfer_entropy_is_the_limit_of_a_series(process: Langevin) -> None:
    """Errors are O(dt); a past of 10 leaves e^-12 of the filter's memory, or less (rates from 0.62)."""
    exact = transfer_entropy_rate(process, [0])
    rough, fine, finer = (series_transfer(process, dt, round(10.0 / dt)) for dt in (0.16, 0.08, 0.04))
    guess = 2.0 * finer - fine
    # what extrapolation leaves is O(dt^2) at least, a quarter or less of what it leaves one level coarser
    assert abs(guess - exact) < 0.3 * abs(2.0 * fine - rough - exact)
    assert abs(2.0 * fine - rough - exact) < 1e-3 * exact


def test_one_sensor_of_one_coordinate_has_a_formula() -> None:
    """T = (w_y/2)[sqrt(1 + w_x^2 D_y/(w_y^2 D_x)) - 1] for dx = w_x (y - x) dt, dy = -w_y y dt."""
    wx, wy, Dx, Dy = 1.7, 0.6, 0.4, 1.3
    process = sz.systems.linear([[wx, -wx], [0.0, wy]], [Dx, Dy])
    formula = 0.5 * wy * (np.sqrt(1.0 + wx**2 * Dy / (wy**2 * Dx)) - 1.0)
    assert transfer_entropy_rate(process, [0]) == pytest.approx(formula, rel=1e-12)
    flow = float(information_flows(process, [0]).flow[0])
    assert learning_rate_bound(flow, formula).verdict == "holds"
    assert 0.0 < sensory_capacity(flow, formula).value < 1.0
    assert transfer_entropy_rate(process, [1]) == pytest.approx(0.0, abs=1e-15)


def test_learning_rate_stays_below_transfer_entropy_on_random_systems() -> None:
    for seed in range(40):
        process = random_system(seed, 2 + seed % 3)
        x = [0] if seed % 2 else [process.dim - 1]
        flow = float(information_flows(process, x).flow[0])
        assert learning_rate_bound(flow, transfer_entropy_rate(process, x)).verdict == "holds"


MIXED = sz.systems.linear([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.4], [0.4, 1.0]])


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("process", lambda: information_flows("gyrator", [0])),  # type: ignore[arg-type]
        ("process", lambda: information_flows(sz.systems.double_well(2.0), [0])),
        ("first", lambda: information_flows(SENSOR, [])),
        ("first", lambda: information_flows(SENSOR, [0, 1])),
        ("first", lambda: information_flows(SENSOR, [0, 0])),
        ("first", lambda: information_flows(SENSOR, [2])),
        ("first", lambda: information_flows(SENSOR, [0.5])),  # type: ignore[list-item]
        ("mobility[0, 1]", lambda: information_flows(MIXED, [0])),
        ("mobility[1, 0]", lambda: transfer_entropy_rate(MIXED, [1])),
        ("p", lambda: information_flows(SENSOR, [0], sz.Gaussian(0.0, 1.0))),
        ("p", lambda: information_flows(SENSOR, [0], [0.5, 0.5])),  # type: ignore[arg-type]
        ("control", lambda: information_flows(SENSOR, [0], control=1.0)),
        ("process", lambda: transfer_entropy_rate(sz.systems.linear([[1.0, 0.0], [0.0, -0.1]], 1.0), [0])),
    ],
)
def test_refusals(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(sz.InputError) as caught:
        call()
    assert caught.value.field == field
