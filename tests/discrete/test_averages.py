"""Exact heat, work and entropy production, against closed forms, spectral solutions and identities."""

from __future__ import annotations

from fractions import Fraction
from math import exp, log

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

import szilard as sz
from szilard.discrete import Channel, JumpProcess, energetics, entropy_production_rate, stationary
from szilard.discrete.evolution import METHODS, Method
from tests.discrete.master import JUMPY, kullback, lopsided, protocol_of, rate
from tests.discrete.precise import carried, exponential, lattice, matrix, steady

Array = NDArray[np.float64]
TWO = JumpProcess([0.0, 1.5], Channel([[0.0, 1.0], [1.0, 0.0]], kinetics="heat_bath"))
RING = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0)


def entropy(p: Array) -> float:
    return -float(sum(x * log(x) for x in p if x > 0.0))


def test_relaxation_of_two_states() -> None:
    """Entropy produced is the fall of D(p || pi): .9010108544 in the end, .6588513906 by t = .7."""
    assert energetics(TWO, [0.2, 0.8], 60.0).entropy_production == pytest.approx(0.9010108544445647, rel=1e-13)
    part = energetics(TWO, [0.2, 0.8], 0.7)
    pi = stationary(TWO)
    fall = kullback(np.array([0.2, 0.8]), pi) - kullback(pi + (np.array([0.2, 0.8]) - pi) * np.exp(-0.7), pi)
    assert part.entropy_production == pytest.approx(fall, rel=1e-13)
    assert part.entropy_production == pytest.approx(0.6588513906370007, rel=1e-12)
    assert abs(part.adiabatic) < 1e-15 and part.work == 0.0
    # what leaves upper minus what comes is what the populations tell: p' = f - p in a heat bath of attempt 1
    assert part.jumps[1] - part.jumps[0] == pytest.approx(0.8 - part.final[1], rel=1e-13)


def test_ring_splits_its_entropy() -> None:
    found = energetics(RING, [0.7, 0.2, 0.1], 1.0)
    pi = np.array([float(p) for p in steady(matrix(RING))])
    start = np.array([0.7, 0.2, 0.1])
    fall = kullback(start, pi) - kullback(exponential(matrix(RING), 1.0) @ start, pi)
    assert found.nonadiabatic == pytest.approx(fall, rel=1e-12)
    assert found.nonadiabatic == pytest.approx(0.09365874450648962, rel=1e-12)
    assert found.entropy_production == pytest.approx(found.adiabatic + found.nonadiabatic, rel=1e-15)
    kept = energetics(RING, "stationary", 3.0)
    assert kept.adiabatic == pytest.approx(3.0 * entropy_production_rate(RING), rel=1e-13)
    assert abs(kept.nonadiabatic) < 1e-14


def test_raised_level() -> None:
    """Mean work 1.1013333013: a heat bath of attempt 1, its second level raised from 0 to 3 within 2."""
    moved = JumpProcess(lambda gap: [0.0, gap], Channel([[0.0, 1.0], [1.0, 0.0]], kinetics="heat_bath"))
    for method in METHODS:
        found = energetics(moved, "equilibrium", 2.0, sz.Protocol((0.0, 2.0), (0.0, 3.0)), method=method)
        assert found.work == pytest.approx(1.1013333013354116, rel=1e-13)
        assert found.first_law_residual < 1e-14


@pytest.mark.parametrize("method", METHODS)
def test_lopsided_protocol(method: Method) -> None:
    """Two baths, drives, ramps and jumps at both ends: every book against integrals on Chebyshev's points."""
    system = lopsided(4, seed=11)
    p = np.array([0.1, 0.55, 0.05, 0.3])
    temperatures = [b.temperature for b in system.baths]

    def books(e: Array, slope: Array, q: Array) -> Array:
        change, heat, power, activity = system.flows(e, q)
        pi = steady_floats(e)
        kept = 0.0
        for bath in system.baths:
            for x in range(4):
                for y in range(4):
                    if x != y and bath.attempt[y, x] > 0.0:
                        k, back = rate(bath, e, x, y), rate(bath, e, y, x)
                        kept += k * q[x] * log(k * pi[x] / (back * pi[y]))
        return np.array([*heat, power + slope @ q, activity, kept, change @ np.log(pi)])

    def steady_floats(e: Array) -> Array:
        L = np.array([system.flows(e, unit)[0] for unit in np.eye(4)]).T
        L[-1] = 1.0
        return np.asarray(np.linalg.solve(L, np.eye(4)[-1]))

    def switched(q: Array, step: Array) -> Array:
        return np.array([0.0, 0.0, q @ step, 0.0, 0.0, 0.0])

    end, total = carried(system, p, JUMPY, books, switched, parts=1)
    found = energetics(system.process, p, 1.5, protocol_of(JUMPY), method=method)
    assert found.final == pytest.approx(end, abs=1e-12)
    assert found.heat == pytest.approx(total[:2], abs=1e-12 * found.gross)
    assert found.work == pytest.approx(total[2], abs=1e-12 * found.gross)
    assert found.activity == pytest.approx(total[3], rel=1e-12)
    assert found.adiabatic == pytest.approx(total[4], rel=1e-11)
    system_change = entropy(end) - entropy(p)
    assert found.nonadiabatic == pytest.approx(system_change + total[5], abs=1e-11)
    assert found.system_entropy_change == pytest.approx(system_change, abs=1e-12)
    assert found.entropy_production == pytest.approx(
        system_change + total[:2] @ (1 / np.array(temperatures)), abs=1e-11
    )
    assert found.energy_change == pytest.approx(end @ system.energy(0.2) - p @ system.energy(0.0), abs=1e-12)
    assert found.first_law_residual < 1e-13
    assert found.adiabatic > 0.0 and found.nonadiabatic > 0.0


@pytest.mark.parametrize("method", METHODS)
def test_jumps_balance(method: Method) -> None:
    """What enters a state less what leaves it is what it gains; heat per reservoir at rest is jumps times q."""
    process = lattice(3, scale=1.5, drive=2.0)
    found = energetics(process, 4, 2.3, method=method)
    gained = np.zeros(9)
    np.add.at(gained, process.edges.target, found.jumps)
    np.add.at(gained, process.edges.source, -found.jumps)
    assert gained == pytest.approx(found.final - np.eye(9)[4], abs=1e-13 * found.activity)
    assert found.heat[0] == pytest.approx(found.jumps @ process.jump_heat(process.energies()), rel=1e-12)
    assert found.activity == pytest.approx(found.jumps.sum())
    assert np.all(found.jumps > 0.0)


def test_equilibrium_costs_nothing() -> None:
    process = lopsided(5, driven=False, baths=1).process
    still = energetics(process, "equilibrium", 7.0, sz.Protocol([0.0], [0.4]))
    for value in (still.heat[0], still.work, still.entropy_production, still.adiabatic, still.nonadiabatic):
        assert abs(value) < 1e-15 * max(1.0, still.gross)
    assert still.activity > 1.0


def test_sudden_jumps_alone() -> None:
    """No time passes: W = sum p de, no heat."""
    system = lopsided(4)
    p = np.array([0.4, 0.3, 0.2, 0.1])
    found = energetics(system.process, p, 0.0, sz.Protocol((0.0, 0.0), (0.2, 1.7)))
    assert found.work == pytest.approx(p @ (system.energy(1.7) - system.energy(0.2)), rel=1e-15)
    assert found.energy_change == pytest.approx(found.work, rel=1e-14)
    assert np.all(found.heat == 0.0) and found.activity == 0.0
    assert abs(found.entropy_production) < 1e-15


def test_slow_ramp_is_reversible() -> None:
    """W -> dF, and what is lost is one over the time (thermodynamic length): halved when twice as slow."""
    process = lopsided(4, driven=False, baths=1).process
    free = [-0.7 * log(np.sum(np.exp(-process.energies(x) / 0.7))) for x in (0.0, 1.0)]
    lost = [
        energetics(process, "equilibrium", t, sz.Protocol((0.0, t), (0.0, 1.0))).work - (free[1] - free[0])
        for t in (500.0, 1000.0)
    ]
    assert lost[0] > 0.0
    # the next order is smaller by relaxation time / t, here below 2 / 500
    assert lost[0] / lost[1] == pytest.approx(2.0, rel=0.01)


def test_stiff_moving_process_keeps_its_books() -> None:
    """Rates to 1e10 under a ramp: first law to rounding of the energies exchanged; both entropies >= 0."""
    slow = lattice(4, scale=2.0, drive=1.0)
    base, tilt, channel = slow.energies(), np.random.default_rng(5).normal(size=16), slow.channels[0]
    process = JumpProcess(lambda x: base + x * tilt, Channel(1e9 * channel.attempt, channel.drive, temperature=1.3))
    found = energetics(process, "equilibrium", 1.0, sz.Protocol((0.0, 1.0), (0.0, 1.0)))
    assert found.first_law_residual < 1e-15
    rates = [entropy_production_rate(process, control=x) for x in np.linspace(0.0, 1.0, 41)]
    # with fast rates p = pi(t), so that the cost is the housekeeping of every moment
    weights = np.ones(41) / 40.0
    weights[[0, -1]] /= 2.0
    assert found.adiabatic == pytest.approx(weights @ rates, rel=2e-4)


@pytest.mark.parametrize("method", METHODS)
def test_heat_of_a_fast_start_under_a_ramp(method: Method) -> None:
    """p forgets how fast it settled, heat does not: the first instants, 1e3 times faster, are resolved."""
    attempt = 1e3
    process = JumpProcess(
        lambda gap: [0.0, gap], Channel([[0.0, attempt], [attempt, 0.0]], kinetics="heat_bath", temperature=0.8)
    )
    found = energetics(process, 1, 0.5, sz.Protocol((0.0, 0.5), (1.0, 3.0)), method=method)
    gross = attempt * 0.5 * 3.0
    assert found.first_law_residual * found.gross < 1e-15 * gross
    assert found.heat[0] > 0.8


@pytest.mark.parametrize("method", METHODS)
def test_heat_of_rare_jumps(method: Method) -> None:
    """p hardly moves, yet its heat is known to rounding: int k q dt; jumps back add attempt^2 e^2.5 2.5 = 3e-17."""
    attempt = 1e-9
    process = JumpProcess(lambda gap: [0.0, gap], Channel([[0.0, attempt], [attempt, 0.0]], temperature=0.5))
    found = energetics(process, 0, 1.0, sz.Protocol((0.0, 1.0), (-1.0, 2.5)), method=method)

    def flow(time: float) -> float:
        gap = -1.0 + 3.5 * time
        return -gap * exp(-gap / (2 * 0.5))

    assert found.heat[0] == pytest.approx(attempt * quad(flow, 0.0, 1.0, epsabs=1e-15)[0], abs=4e-17)
    slow = energetics(process, 0, 1.0, sz.Protocol((0.0, 1.0), (-1.0, 2.5)).refine(40), method=method)
    assert found.heat[0] == pytest.approx(slow.heat[0], rel=1e-12, abs=0.0)
    assert found.adiabatic == pytest.approx(0.0, abs=1e-12 * found.gross)


def test_parts_on_their_own() -> None:
    """Two pairs that no jump joins, one of them driven against one bath and relaxing: their sums add up."""
    attempt = np.zeros((5, 5))
    attempt[0, 1] = attempt[1, 2] = attempt[0, 2] = attempt[3, 4] = 1.5
    drive = np.zeros((5, 5))
    drive[1, 0] = drive[2, 1] = drive[0, 2] = 0.8
    whole = JumpProcess([0.0, 0.4, 1.0, 0.2, 0.9], Channel(attempt + attempt.T, drive - drive.T, temperature=0.8))
    ring = JumpProcess(
        [0.0, 0.4, 1.0], Channel((attempt + attempt.T)[:3, :3], (drive - drive.T)[:3, :3], temperature=0.8)
    )
    pair = JumpProcess([0.2, 0.9], Channel([[0.0, 1.5], [1.5, 0.0]], temperature=0.8))
    both = energetics(whole, [0.3, 0.1, 0.2, 0.1, 0.3], 1.1)
    a, b = energetics(ring, [0.5, 1 / 6, 1 / 3], 1.1), energetics(pair, [0.25, 0.75], 1.1)
    for name in ("adiabatic", "nonadiabatic", "entropy_production", "work", "activity"):
        expected = 0.6 * getattr(a, name) + 0.4 * getattr(b, name)
        assert getattr(both, name) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def chain(fast: float) -> JumpProcess:
    attempt = np.zeros((3, 3))
    attempt[0, 1], attempt[1, 2] = fast, 1e-3
    return JumpProcess([0.0, 2.1, 0.4], Channel(attempt + attempt.T, temperature=0.8))


@pytest.mark.parametrize("method", [None, "contour"])
@pytest.mark.parametrize("fast", [1.0, 1e6, 1e8, 1e10, 1e12])
def test_stiff_relaxation(fast: float, method: Method | None) -> None:
    """One bath and no drive: Q = -dE, nothing to keep, and the entropy produced is the fall of D(p || pi)."""
    process, start = chain(fast), np.array([0.1, 0.6, 0.3])
    found = energetics(process, start, 200.0, method=method)
    pi = np.exp(-process.energies() / 0.8)
    pi /= pi.sum()
    assert found.rounding < 1e-13
    assert found.heat[0] == pytest.approx(-found.energy_change, abs=1e-14)
    assert abs(found.adiabatic) < 1e-14 and found.first_law_residual < 1e-14
    assert found.nonadiabatic == pytest.approx(kullback(start, pi) - kullback(found.final, pi), abs=1e-14)
    assert "rounding" not in repr(found)


def solved(a: list[list[Fraction]], b: list[Fraction]) -> list[Fraction]:
    n = len(b)
    for i in range(n):
        j = next(j for j in range(i, n) if a[j][i] != 0)
        a[i], a[j], b[i], b[j] = a[j], a[i], b[j], b[i]
        for r in range(n):
            factor = a[r][i] / a[i][i] if r != i else Fraction(0)
            a[r] = [u - factor * v for u, v in zip(a[r], a[i], strict=True)]
            b[r] -= factor * b[i]
    return [b[i] / a[i][i] for i in range(n)]


def exact_heat(process: JumpProcess, p: Array, time: float) -> Array:
    """Heat per reservoir from int p dt, which L int p dt = p(t) - p(0) and its sum t fix, in fractions."""
    e, k = process.edges, [Fraction(float(x)) for x in process.jump_rates(process.energies())]
    n = process.n_states
    end = exponential(matrix(process), time) @ p
    L = [[Fraction(0)] * n for _ in range(n)]
    for i, (x, y) in enumerate(zip(e.source, e.target, strict=True)):
        L[y][x] += k[i]
        L[x][x] -= k[i]
    L[-1] = [Fraction(1)] * n
    spent = solved(L, [*(Fraction(float(end[x])) - Fraction(float(p[x])) for x in range(n - 1)), Fraction(time)])
    heat = [Fraction(0)] * len(process.reservoirs)
    for i, q in enumerate(process.jump_heat(process.energies())):
        heat[e.channel[i]] += k[i] * spent[e.source[i]] * Fraction(float(q))
    return np.array([float(q) for q in heat])


def stiff(fast: float, other: float) -> JumpProcess:
    """Two fast pairs 0 1 and 2 3 and slow pairs between them, driven; a second bath moves 0 1 and 0 2."""
    attempt, drive, second = np.zeros((4, 4)), np.zeros((4, 4)), np.zeros((4, 4))
    attempt[0, 1], attempt[1, 2], attempt[2, 3], attempt[0, 3] = fast, 0.1, 0.3 * fast, 0.2
    drive[1, 0], drive[2, 1] = 1.0, 0.5
    second[0, 1], second[0, 2] = other, 0.4
    x = Channel(attempt + attempt.T, drive - drive.T, temperature=0.8, name="x")
    y = Channel(second + second.T, temperature=1.1, name="y", kinetics="heat_bath")
    return JumpProcess([0.0, 2.1, 0.4, 0.9], [x, y])


@pytest.mark.parametrize("method", [None, "contour"])
@pytest.mark.parametrize("fast", [1e4, 1e8, 1e12])
def test_stiff_driven_process_with_two_baths(fast: float, method: Method | None) -> None:
    """Slow cycles, one of them of two channels on one pair: heat to rounding of p, whatever the fast rates."""
    process, p = stiff(fast, 0.3), np.array([0.1, 0.4, 0.2, 0.3])
    found = energetics(process, p, 3.0, method=method)
    assert found.rounding < (1e-13 if method == "contour" or fast > 1e6 else 1e-11)
    assert found.heat == pytest.approx(exact_heat(process, p, 3.0), abs=found.rounding)
    assert found.work == pytest.approx(found.energy_change + found.heat.sum(), abs=found.rounding)
    pi = np.array([float(x) for x in steady(matrix(process))])
    assert found.nonadiabatic == pytest.approx(kullback(p, pi) - kullback(found.final, pi), abs=found.rounding)


@pytest.mark.parametrize("time", [3.0, 40.0])
def test_uniformisation_counts_its_products(time: float) -> None:
    """1e5 to 1e6 products: errors of 1e-13 to 1e-12 and more, within the estimate."""
    process, p = stiff(1e4, 0.3), np.array([0.1, 0.4, 0.2, 0.3])
    found = energetics(process, p, time, method="uniformisation")
    assert np.all(np.abs(found.heat - exact_heat(process, p, time)) <= found.rounding)
    assert found.first_law_residual * found.gross <= found.rounding < 1e-9


@pytest.mark.parametrize("method", [None, "contour"])
@pytest.mark.parametrize("fast", [1e4, 1e8, 1e12])
def test_fast_cycle_owns_up(fast: float, method: Method | None) -> None:
    """Two fast channels on one pair: heat flows at k, is known to rounding of k t, and the text says so."""
    process, p = stiff(fast, 0.6 * fast), np.array([0.1, 0.4, 0.2, 0.3])
    found = energetics(process, p, 3.0, method=method)
    exact = exact_heat(process, p, 3.0)
    assert 1e-16 * fast < found.rounding < 1e-11 * fast
    assert np.all(np.abs(found.heat - exact) <= found.rounding)
    pi = np.array([float(x) for x in steady(matrix(process))])
    assert found.nonadiabatic == pytest.approx(kullback(p, pi) - kullback(found.final, pi), abs=found.rounding)
    assert ("; rounding " in repr(found)) == (fast > 1e9)


def test_stiff_ramp_is_reversible() -> None:
    """A ring of fast pairs that follows its energies: W = dF and no entropy, but for some 1 / k = 1e-12."""
    attempt = 1e12 * np.array([[0.0, 1.0, 0.4], [1.0, 0.0, 2.0], [0.4, 2.0, 0.0]])
    base, tilt = np.array([0.0, 1.3, -0.4]), np.array([0.2, -2.0, 1.5])
    process = JumpProcess(lambda x: base + x * tilt, Channel(attempt, temperature=0.7, kinetics="heat_bath"))
    found = energetics(process, "equilibrium", 1.0, sz.Protocol((0.0, 1.0), (0.0, 1.0)))
    before, after = (-0.7 * log(np.sum(np.exp(-(base + x * tilt) / 0.7))) for x in (0.0, 1.0))
    lost = 10.0 / 0.4e12
    assert found.rounding < 1e-13
    assert found.work == pytest.approx(after - before, abs=lost)
    assert abs(found.entropy_production) < lost and found.adiabatic == 0.0
    assert found.heat[0] == pytest.approx(-0.7 * found.system_entropy_change, abs=lost)


def test_stiff_ramp_between_slow_pairs() -> None:
    """Fast pairs only follow: from k = 1e8 to 1e12 heat and both entropies move by some 1 / k = 1e-8."""
    protocol, tilt = sz.Protocol((0.0, 1.0, 1.0, 3.0), (0.0, 1.0, 0.6, 0.6)), np.array([0.0, 1.0, -0.6, 0.3])
    base = stiff(1e8, 0.3).energies()
    a, b = (
        energetics(
            JumpProcess(lambda x: base + x * tilt, stiff(fast, 0.3).channels), [0.1, 0.4, 0.2, 0.3], 3.0, protocol
        )
        for fast in (1e8, 1e12)
    )
    assert b.rounding < 1e-13
    assert b.heat == pytest.approx(a.heat, abs=1e-7)
    assert b.adiabatic == pytest.approx(a.adiabatic, abs=1e-7)
    assert b.nonadiabatic == pytest.approx(a.nonadiabatic, abs=1e-7)
    assert abs(b.energy_change - b.work + b.heat.sum()) < b.rounding


def test_stiff_parts_and_a_state_alone() -> None:
    """Two stiff parts and a state that nothing leaves: each part gives off what it loses."""
    attempt = np.zeros((6, 6))
    attempt[0, 3], attempt[3, 5], attempt[1, 4] = 1e12, 2e-3, 3e11
    energy = np.array([0.0, 1.7, 5.0, 2.1, -0.3, 0.4])
    p = np.array([0.1, 0.3, 0.1, 0.2, 0.1, 0.2])
    found = energetics(JumpProcess(energy, Channel(attempt + attempt.T, temperature=0.8)), p, 50.0)
    assert found.rounding < 1e-13
    assert found.heat[0] == pytest.approx((p - found.final) @ energy, abs=1e-14)
    assert found.final[2] == pytest.approx(0.1, rel=1e-15)
    assert found.final[[1, 4]].sum() == pytest.approx(0.4, rel=1e-15)
    ratio = exp(-2.0 / 0.8)
    assert found.final[1] == pytest.approx(0.4 * ratio / (1.0 + ratio), rel=1e-13)
    assert found.adiabatic == 0.0 and found.entropy_production > 0.0


def test_one_state() -> None:
    found = energetics(JumpProcess([0.7], Channel([[0.0]])), [1.0], 3.0)
    assert found.heat == pytest.approx([0.0], abs=0.0)
    assert (found.work, found.entropy_production, found.activity, found.rounding) == (0.0, 0.0, 0.0, 0.0)
    lifted = energetics(JumpProcess(lambda x: [x], Channel([[0.0]])), [1.0], 3.0, sz.Protocol((0.0, 3.0), (0.2, 1.7)))
    assert lifted.work == pytest.approx(1.5, rel=1e-15) and lifted.heat[0] == 0.0


def test_text() -> None:
    found = energetics(TWO, 1, 1.0)
    assert repr(found).startswith("Energetics: heat (bath ") and "nonadiabatic" in repr(found)
    fast = energetics(stiff(1e12, 6e11), [0.1, 0.4, 0.2, 0.3], 3.0)
    places = int(np.ceil(-np.log10(fast.rounding)))
    shown = float(repr(fast).split("nonadiabatic ")[1].split(";")[0])
    assert 0 < places < 6 and shown == round(fast.nonadiabatic, places - 1)
