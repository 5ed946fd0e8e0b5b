"""The stationary state, its entropy production and the way to it, against exact fractions and dense solutions."""

from __future__ import annotations

from fractions import Fraction
from math import exp, inf, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from szilard.discrete import Channel, JumpProcess, convergence, entropy_production_rate, stationary
from szilard.discrete.steady import log_stationary
from szilard.errors import InputError
from tests.discrete.master import lopsided
from tests.discrete.precise import exponential, lattice, matrix, steady

EPS = float(np.finfo(float).eps)


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 6), baths=st.integers(1, 3), control=st.floats(-3.0, 3.0))
def test_against_exact_fractions(seed: int, n: int, baths: int, control: float) -> None:
    process = lopsided(n, seed=seed, baths=baths).process
    exact = np.array([float(p) for p in steady(matrix(process, control))])
    p = stationary(process, control)
    # n^2 operations on each entry, and a few roundings of ln pi on the way
    assert p == pytest.approx(exact, rel=EPS * (8 * n * n + 20.0 * (1.0 + abs(log(exact.min())))), abs=0.0)
    assert stationary(process, control, method="lu") == pytest.approx(exact, abs=1e-13)


def test_ring_of_three() -> None:
    """Energies 0, .5, 1.2, affinity 2 shared by three jumps: p from the weights of its spanning trees."""
    e = [0.0, 0.5, 1.2]
    drive = np.zeros((3, 3))
    for x, y in ((1, 0), (2, 1), (0, 2)):
        drive[x, y], drive[y, x] = 2.0 / 3.0, -2.0 / 3.0
    ring = JumpProcess(e, Channel(1.0 - np.eye(3), drive))
    k = [[exp((e[y] - e[x] + drive[x, y]) / 2.0) if x != y else 0.0 for y in range(3)] for x in range(3)]
    trees = [k[x][y] * k[x][z] + k[x][y] * k[y][z] + k[x][z] * k[z][y] for x, y, z in ((0, 1, 2), (1, 2, 0), (2, 0, 1))]
    p = stationary(ring)
    assert p == pytest.approx(np.array(trees) / sum(trees), rel=4e-15, abs=0.0)
    assert p == pytest.approx(
        np.array([0.4869180025265301, 0.3598706239289562, 0.15321137354451364]), rel=1e-14, abs=0.0
    )
    assert entropy_production_rate(ring) == pytest.approx(0.39627238239173507, rel=1e-13)


def test_rarest_state_of_a_stiff_process() -> None:
    """Rates that span 1e22: each probability to 1e-12 of itself, down to 1e-17; "lu" to 1e-12 of 1."""
    process = lattice(3, scale=26.0, drive=3.0)
    rates = matrix(process)
    exact = np.array([float(p) for p in steady(rates)])
    assert rates[rates > 0.0].max() / rates[rates > 0.0].min() > 1e12 and exact.min() < 1e-14
    assert stationary(process) == pytest.approx(exact, rel=1e-12, abs=0.0)
    assert stationary(process, method="lu") == pytest.approx(exact, abs=1e-12)


def test_equilibrium_is_boltzmann() -> None:
    process = lopsided(5, driven=False, baths=1).process
    weight = np.exp(-process.energies(0.8) / 0.7)
    assert stationary(process, 0.8) == pytest.approx(weight / weight.sum(), rel=1e-15, abs=0.0)
    assert stationary(process, 0.8, method="lu") == pytest.approx(weight / weight.sum(), rel=1e-12)
    assert abs(entropy_production_rate(process, control=0.8)) < 1e-28


def test_two_temperatures_are_no_equilibrium() -> None:
    """No drive, but two baths: heat flows, and entropy is produced."""
    process = lopsided(4, driven=False, baths=2).process
    exact = np.array([float(p) for p in steady(matrix(process, 0.5))])
    assert stationary(process, 0.5) == pytest.approx(exact, rel=1e-13)
    assert entropy_production_rate(process, control=0.5) > 1e-3


def test_large_lattice() -> None:
    """1e4 driven states: the balance of every state holds to rounding of its own traffic."""
    process = lattice(100, scale=3.0, drive=1.0)
    p = stationary(process)
    L = process.generator()
    traffic = -L.diagonal() * p
    assert np.max(np.abs(L @ p) / traffic) < 1e-13
    assert p.sum() == pytest.approx(1.0, abs=1e-14)


def test_entropy_production_of_any_state() -> None:
    """Heat flow over temperature plus the change of the system's entropy, written out with loops."""
    system = lopsided(4, baths=3)
    p, e = np.array([0.4, 0.1, 0.2, 0.3]), system.energy(0.7)
    change, heat, _, _ = system.flows(e, p)
    temperatures = np.array([b.temperature for b in system.baths])
    expected = np.sum(heat / temperatures) - change @ np.log(p)
    assert entropy_production_rate(system.process, p, control=0.7) == pytest.approx(expected, rel=1e-13)
    assert entropy_production_rate(system.process, [1.0, 0.0, 0.0, 0.0], control=0.7) == inf
    pi = stationary(system.process, 0.7)
    heat = system.flows(e, pi)[1]
    assert entropy_production_rate(system.process, control=0.7) == pytest.approx(np.sum(heat / temperatures), rel=1e-12)


def test_two_empty_neighbours_produce_nothing() -> None:
    attempt = np.zeros((4, 4))
    attempt[0, 1] = attempt[2, 3] = 1.0
    process = JumpProcess([0.0, 1.0, 0.0, 1.0], Channel(attempt + attempt.T))
    half = entropy_production_rate(process, [0.5, 0.5, 0.0, 0.0])
    k, back = exp(-0.5), exp(0.5)
    assert half == pytest.approx(0.5 * (k - back) * log(k / back))


def test_convergence_from_every_state() -> None:
    process = lattice(3, scale=1.0, drive=2.0)
    times = [0.0, 0.1, 0.1, 0.7, 5.0]
    pi = np.array([float(p) for p in steady(matrix(process))])
    found = convergence(process, times)
    assert found.distance.shape == (5, 9)
    for i, time in enumerate(times):
        p = exponential(matrix(process), time) if time else np.eye(9)
        assert found.distance[i] == pytest.approx(0.5 * np.abs(p - pi[:, None]).sum(axis=0), abs=1e-14)
    assert np.all(np.diff(found.worst) <= 1e-15)
    assert np.array_equal(found.worst, found.distance.max(axis=1))


def test_ratios_that_underflow() -> None:
    """ln pi is kept where pi is not: a driven process with energies of 2000 T."""
    attempt = np.diag(np.ones(20), 1)
    drive = 0.3 * (np.diag(np.ones(20), -1) - np.diag(np.ones(20), 1))
    process = JumpProcess(100.0 * np.arange(21.0), Channel(attempt + attempt.T, drive))
    logs = log_stationary(process, process.energies())
    assert np.diff(logs) == pytest.approx(-99.7, rel=1e-12)
    assert stationary(process)[-1] == 0.0


def test_refusals() -> None:
    attempt = np.zeros((5, 5))
    attempt[0, 3] = attempt[1, 2] = 1.0
    apart = JumpProcess(np.zeros(5), Channel(attempt + attempt.T))
    for call in (stationary, entropy_production_rate, lambda p: convergence(p, [1.0])):
        with pytest.raises(InputError, match=r"3 parts: states 0, 3; 1, 2; 4"):
            call(apart)
    whole = lattice(2, scale=1.0, drive=0.0)
    with pytest.raises(InputError, match="method"):
        stationary(whole, method="qr")  # type: ignore[arg-type]
    for wrong in ([0.5, 0.5], [0.5, 0.5, 0.5, -0.5], [0.5, 0.5, 0.5, 0.5], [np.nan, 0.5, 0.5, 0.0], "half"):
        with pytest.raises(InputError, match="^p: "):
            entropy_production_rate(whole, wrong)
    for times in ([], [-1.0], [2.0, 1.0], [np.inf], "soon", [[1.0]]):
        with pytest.raises(InputError, match="times"):
            convergence(whole, times)
    with pytest.raises(InputError, match="control"):
        stationary(lopsided(3).process)


def test_fractions_oracle_itself() -> None:
    assert steady(np.array([[0.0, 3.0], [1.0, 0.0]])) == [Fraction(3, 4), Fraction(1, 4)]
