"""Generating functions and cumulants, against fluctuation theorems, dense hierarchies and each other."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard.discrete import (
    Channel,
    JumpProcess,
    energetics,
    exponential_work,
    fluctuations,
    generating_function,
    propagate,
    stationary,
)
from szilard.discrete.counting import Cumulants
from szilard.discrete.evolution import METHODS, Method
from szilard.errors import InputError
from tests.discrete.master import JUMPY, lopsided, protocol_of
from tests.discrete.precise import lattice

Array = NDArray[np.float64]


@pytest.mark.parametrize("method", METHODS)
def test_jarzynski_with_jumps_and_drives(method: Method) -> None:
    """<e^{-W/T}> = Z_end / Z_0 from equilibrium, with T = 0.7, non-conservative drives and sudden jumps."""
    system = lopsided(5, baths=1)
    z = [np.sum(np.exp(-system.energy(control) / 0.7)) for control in (JUMPY[0][1], JUMPY[-1][1])]
    found = exponential_work(system.process, "equilibrium", 1.5, protocol_of(JUMPY), method=method)
    assert found == pytest.approx(z[1] / z[0], rel=1e-12)


def test_raised_level() -> None:
    moved = JumpProcess(lambda gap: [0.0, gap], Channel([[0.0, 1.0], [1.0, 0.0]], kinetics="heat_bath"))
    found = exponential_work(moved, "equilibrium", 2.0, sz.Protocol((0.0, 2.0), (0.0, 3.0)))
    assert found == pytest.approx(0.5248935341840435, rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_crooks_for_every_weight(method: Method) -> None:
    """<e^{-s W/T}> = (Z_end / Z_0) <e^{-(1-s) W/T}> of the reversed protocol, whose jumps and ramps run backwards."""
    process = lopsided(4, baths=1, driven=False, seed=3).process
    forward = protocol_of(JUMPY)
    ratio = np.exp(-process.energies(0.2) / 0.7).sum() / np.exp(-process.energies(0.0) / 0.7).sum()
    for s in (-0.7, 0.3, 1.6):
        there = exponential_work(process, "equilibrium", 1.5, forward, s, method=method)
        back = exponential_work(process, "equilibrium", 1.5, forward.reversed(), 1.0 - s, method=method)
        assert there == pytest.approx(ratio * back, rel=1e-11)


@pytest.mark.parametrize("method", METHODS)
def test_integral_theorem_for_two_baths(method: Method) -> None:
    """<e^{-sum Q_r/T_r} r(end) / p(start)> = 1 for any r: from uniform p to uniform r it needs no ratio."""
    system = lopsided(4, seed=5)
    flow = [1.0 / b.temperature for b in system.baths]
    p = np.full(4, 0.25)
    found = generating_function(system.process, p, 1.5, protocol_of(JUMPY), heat=flow, method=method)
    assert found == pytest.approx(1.0, rel=1e-12)
    other = generating_function(system.process, [0.7, 0.1, 0.1, 0.1], 1.5, protocol_of(JUMPY), heat=flow, method=method)
    assert abs(other - 1.0) > 0.05


def test_first_law_of_single_trajectories() -> None:
    """W - Q = dE of the same trajectory: equal weights of both leave only the energies of the two ends."""
    system = lopsided(4, seed=9)
    h, p = 0.37, np.array([0.4, 0.3, 0.2, 0.1])
    # <e^{-h (W - Q)}> = sum_xy P(y | x) p_x e^{-h (E_y - e_x)}
    start, end = system.energy(0.0), system.energy(0.2)
    expected = 0.0
    for x in range(4):
        q = propagate(system.process, x, [1.5], protocol_of(JUMPY)).probabilities[0]
        expected += p[x] * np.sum(q * np.exp(-h * (end - start[x])))
    found = generating_function(system.process, p, 1.5, protocol_of(JUMPY), heat=-h, work=h)
    assert found == pytest.approx(expected, rel=1e-12)


def dense(process: JumpProcess, p: Array, gained: Array, time: float) -> tuple[float, float, float]:
    """Cumulants from exp of the block matrix of moments, in extended precision by Taylor steps."""
    e, n = process.edges, process.n_states
    k = process.jump_rates(process.energies())
    blocks = np.zeros((4 * n, 4 * n), dtype=np.longdouble)
    for j in range(4):
        for i in range(4 - j):
            size = k * gained**j / [1, 1, 2, 6][j]
            np.add.at(blocks, ((i + j) * n + e.target, i * n + e.source), size)
        np.add.at(blocks, (j * n + e.source, j * n + e.source), -k)
    v = np.concatenate([p, np.zeros(3 * n)]).astype(np.longdouble)
    steps = int(np.ceil(time * np.abs(blocks).sum(axis=0).max()))
    for _ in range(steps):
        term = v
        for j in range(1, 28):
            term = blocks @ term * (np.longdouble(time) / steps / j)
            v = v + term
    _, a, b, c = v.reshape(4, n).sum(axis=1) * np.array([1, 1, 2, 6])
    return float(a), float(b - a * a), float(c - 3 * a * b + 2 * a**3)


@pytest.mark.parametrize("method", [*METHODS, None])
def test_cumulants_against_a_dense_hierarchy(method: Method | None) -> None:
    process = lattice(3, scale=1.0, drive=1.5, temperature=0.8)
    p = np.random.default_rng(8).dirichlet(np.ones(9))
    found = fluctuations(process, p, 4.0, method=method)
    q = process.jump_heat(process.energies())
    for cumulants, gained in ((found.heat[0], q), (found.work, process.edges.drive), (found.entropy_flow, q / 0.8)):
        mean, variance, third = dense(process, p, gained, 4.0)
        assert cumulants.mean == pytest.approx(mean, rel=1e-12)
        assert cumulants.variance == pytest.approx(variance, rel=1e-12)
        assert cumulants.third == pytest.approx(third, rel=1e-11)


@pytest.mark.parametrize("method", METHODS)
def test_cumulants_under_a_protocol(method: Method) -> None:
    """Means of two baths against ``energetics``; the second and third against six values of ln<e^{-s X}>."""
    system = lopsided(4, seed=11)
    p, protocol = np.array([0.1, 0.55, 0.05, 0.3]), protocol_of(JUMPY)
    found = fluctuations(system.process, p, 1.5, protocol, method=method)
    mean = energetics(system.process, p, 1.5, protocol)
    assert found.work.mean == pytest.approx(mean.work, rel=1e-11)
    assert [q.mean for q in found.heat] == pytest.approx(list(mean.heat), rel=1e-11)
    flow = [1.0 / b.temperature for b in system.baths]
    h = 0.02
    for heat, work, cumulants in (
        ([0.0, 0.0], 1.0, found.work),
        ([1.0, 0.0], 0.0, found.heat[0]),
        ([0.0, 1.0], 0.0, found.heat[1]),
        (flow, 0.0, found.entropy_flow),
    ):
        f = [
            np.log(
                generating_function(system.process, p, 1.5, protocol, heat=s * h * np.array(heat), work=s * h * work)
            )
            for s in (-3, -2, -1, 1, 2, 3)
        ]
        second = (2 * f[0] - 27 * f[1] + 270 * f[2] + 270 * f[3] - 27 * f[4] + 2 * f[5]) / (180 * h * h)
        third = -(f[0] - 8 * f[1] + 13 * f[2] - 13 * f[3] + 8 * f[4] - f[5]) / (8 * h**3)
        # the stencils leave h^6 K_8 / 560 and 7 h^4 K_7 / 120, and rounding over h^2 and h^3
        assert cumulants.variance == pytest.approx(second, rel=1e-7)
        assert cumulants.third == pytest.approx(third, rel=1e-4, abs=1e-5)


def test_long_times_keep_their_digits() -> None:
    """Variance and third cumulant grow by the same amount in each long interval, though the mean is 1e5 of them."""
    ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0)
    a, b, c = (fluctuations(ring, "stationary", t) for t in (1e5, 2e5, 3e5))
    for name in ("mean", "variance", "third"):
        x, y, z = (getattr(f.work, name) for f in (a, b, c))
        assert z - y == pytest.approx(y - x, rel=1e-8)
    # uncertainty product of this ring, 2.162175250
    sigma = sz.entropy_production_rate(ring)
    product = sigma * 1e5 * (b.work.variance - a.work.variance) / (b.work.mean - a.work.mean) ** 2
    assert product == pytest.approx(2.1621752500037634, rel=1e-6)


def test_nothing_fluctuates_without_jumps() -> None:
    alone = JumpProcess(lambda x: [x], Channel([[0.0]]))
    moved = sz.Protocol((0.0, 0.0, 1.0, 1.0), (0.0, 1.0, 2.0, 5.0))
    for duration in (0.0, 1.0):
        found = fluctuations(alone, 0, duration, moved)
        work = 1.0 if duration == 0.0 else 5.0
        assert found.work.mean == pytest.approx(work, rel=1e-15)
        assert found.work.variance == pytest.approx(0.0, abs=1e-14) and found.heat[0].mean == 0.0
        assert generating_function(alone, 0, duration, moved, work=0.4) == pytest.approx(np.exp(-0.4 * work), rel=1e-14)
    assert np.isnan(Cumulants(1.0, 0.0, 0.0).skewness)
    assert Cumulants(1.0, 4.0, 2.0).skewness == 0.25


def test_equilibrium_heat_is_the_change_of_energy() -> None:
    """Undriven and at rest Q = e_start - e_end in each trajectory, so that its cumulants are those of two draws."""
    process = lopsided(4, driven=False, baths=1).process
    held = sz.Protocol([0.0], [0.5])
    found = fluctuations(process, "equilibrium", 400.0, held)
    e, p = process.energies(0.5), stationary(process, 0.5)
    spread = p @ e**2 - (p @ e) ** 2
    assert found.heat[0].variance == pytest.approx(2.0 * spread, rel=1e-11)
    assert found.heat[0].mean == pytest.approx(0.0, abs=1e-12) and found.heat[0].third == pytest.approx(0.0, abs=1e-11)
    assert found.work == Cumulants(0.0, 0.0, 0.0)
    assert repr(found).startswith("Fluctuations: work ")


def test_refusals() -> None:
    process = lopsided(3).process
    held = sz.Protocol([0.0], [0.0])
    for heat in ([1.0, 2.0, 3.0], "all", [np.nan, 0.0], [[1.0], [2.0], [3.0]]):
        with pytest.raises(InputError, match="^heat: "):
            generating_function(process, 0, 1.0, held, heat=heat)  # type: ignore[arg-type]
    for work in (np.inf, "much"):
        with pytest.raises(InputError, match="^work: "):
            generating_function(process, 0, 1.0, held, work=work)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="temperatures"):
        exponential_work(process, 0, 1.0, held)
    with pytest.raises(InputError, match="^duration: "):
        fluctuations(process, 0, -1.0, held)
    with pytest.raises(InputError, match="^weights: .* beyond floating point"):
        generating_function(process, 0, 1.0, held, work=-1e4)
    alone = JumpProcess(lambda x: [x], Channel([[0.0]]))
    with pytest.raises(InputError, match="^duration: .* beyond floating point"):
        generating_function(alone, 0, 1.0, sz.Protocol((0.0, 0.0), (0.0, 1000.0)), work=-1.0)
