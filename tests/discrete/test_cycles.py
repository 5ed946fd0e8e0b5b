"""Cycle affinities against products of rates, detailed balance against Kolmogorov's criterion on every cycle."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from szilard.discrete import Channel, JumpProcess
from szilard.discrete.cycles import cycle_affinities, detailed_balance
from szilard.discrete.steady import entropy_production_rate, stationary
from szilard.errors import InputError
from tests.discrete.lopsided import RING_P, generator, grid, lopsided, ring

EPS = float(np.finfo(float).eps)


def log_ratio(process: JumpProcess, states: tuple[int, ...], channels: tuple[str, ...]) -> float:
    """ln of the rates along a cycle over the rates against it."""
    rates = process.jump_rates(process.energies())
    known = {
        (int(s), int(t), process.reservoirs[c]): float(k)
        for s, t, c, k in zip(process.edges.source, process.edges.target, process.edges.channel, rates, strict=True)
    }
    total = 0.0
    for i, name in enumerate(channels):
        x, y = states[i], states[(i + 1) % len(states)]
        total += np.log(known[x, y, name]) - np.log(known[y, x, name])
    return float(total)


def test_ring_of_three() -> None:
    process = ring([0.0, 0.5, 1.2], 2.0)
    found = cycle_affinities(process)
    assert len(found) == 1
    assert found[0].states == (0, 1, 2)
    assert found[0].channels == ("bath",) * 3
    assert found[0].affinity == pytest.approx(2.0, rel=4 * EPS)
    assert found.currents(RING_P) == pytest.approx([0.19813619119586753], rel=1e-13)
    assert cycle_affinities(ring([0.0, 0.5, 1.2], 2.0, temperature=0.4)).affinity == pytest.approx([5.0], rel=4 * EPS)


def test_two_baths_on_one_pair_are_a_cycle_of_two() -> None:
    """hot up, cold down: q/T = -1.5/3 + 1.5/0.5."""
    pair = [[0.0, 1.0], [1.0, 0.0]]
    process = JumpProcess(
        [0.0, 1.5], [Channel(pair, temperature=3.0, name="hot"), Channel(pair, temperature=0.5, name="cold")]
    )
    cycle = cycle_affinities(process)[0]
    assert cycle.states == (0, 1)
    assert cycle.channels == ("cold", "hot")
    assert cycle.affinity == pytest.approx(-2.5, rel=4 * EPS)
    broken = detailed_balance(process)
    assert not broken
    assert broken.affinity == cycle.affinity
    assert "cold, hot" in repr(broken)


@given(st.integers(0, 10**6), st.integers(2, 9))
@settings(max_examples=25)
def test_every_cycle_against_the_product_of_its_rates(seed: int, n: int) -> None:
    process = lopsided(seed, n)
    found = cycle_affinities(process)
    pairs = sum(c.pairs.attempt.size for c in process.channels)
    assert len(found) == pairs - n + 1
    chords = set()
    for cycle in found:
        assert cycle.states[0] == min(cycle.states)
        assert len(set(cycle.states)) == len(cycle.states) == len(cycle.channels)
        # each logarithm of a rate is within a few EPS of its exponent, which is below 100 here
        assert cycle.affinity == pytest.approx(log_ratio(process, cycle.states, cycle.channels), abs=400 * EPS * n)
        e = process.edges
        assert [int(e.source[j]) for j in cycle.jumps] == list(cycle.states)
        chords |= set(cycle.jumps) & set(found.chord.tolist())
    assert len(chords) == len(found)


@given(st.integers(0, 10**6), st.integers(2, 30))
@settings(max_examples=15)
def test_entropy_production_is_affinities_times_currents(seed: int, n: int) -> None:
    process = lopsided(seed, n, chords=6)
    found = cycle_affinities(process)
    p = stationary(process)
    sigma = entropy_production_rate(process)
    terms = np.abs(found.affinity) @ np.abs(found.currents(p))
    assert found.affinity @ found.currents(p) == pytest.approx(sigma, rel=0, abs=float(1e-11 * terms + 1e-14))


def test_the_forest_is_always_the_same() -> None:
    a, b = (cycle_affinities(lopsided(3, 40, chords=30)) for _ in range(2))
    assert np.array_equal(a.chord, b.chord)
    assert a[2:5] == b[2:5]
    assert repr(a).startswith("CycleAffinities: ")


@pytest.mark.parametrize("seed", range(6))
def test_detailed_balance_against_all_cycles(seed: int) -> None:
    """Kolmogorov's criterion on every simple cycle of five states, drives from a potential or not."""
    rng = np.random.default_rng(seed)
    n = 5
    tries = np.triu(rng.uniform(0.3, 3.0, (n, n)) * (rng.random((n, n)) < 0.8), 1)
    potential = rng.normal(size=n)
    drive = (potential[None, :] - potential[:, None]) * (tries + tries.T > 0)
    if seed % 2:
        a, b = np.argwhere(tries > 0)[-1]
        drive[a, b] += 0.01
        drive[b, a] -= 0.01
    process = JumpProcess(rng.normal(size=n), Channel(tries + tries.T, drive, temperature=1.7))
    k = generator(process)
    worst = 0.0
    for length in range(3, n + 1):
        for states in permutations(range(n), length):
            forth = np.prod([k[states[(i + 1) % length], states[i]] for i in range(length)])
            back = np.prod([k[states[i], states[(i + 1) % length]] for i in range(length)])
            worst = max(worst, abs(np.log(forth / back))) if forth > 0 else worst
    found = detailed_balance(process)
    assert bool(found) == (worst < 1e-9)
    assert found.holds == (seed % 2 == 0)
    if found:
        flows = k * found.equilibrium
        assert flows == pytest.approx(flows.T, rel=1e-13)
    else:
        assert abs(found.affinity) == pytest.approx(worst, rel=1e-10)
        with pytest.raises(InputError, match="this cycle is driven"):
            _ = found.equilibrium


def test_rounding_is_no_drive_and_a_small_drive_is_no_rounding() -> None:
    """Energies that enter as drives, beside others that cancel them: 300 in units of T, 1e-9 apart."""
    rng = np.random.default_rng(1)
    n = 12
    big = 100.0 * rng.normal(size=n)
    drive = big[None, :] - big[:, None]
    tries = rng.uniform(0.5, 2.0, (n, n))
    tries = np.triu(tries, 1) + np.triu(tries, 1).T
    held = detailed_balance(JumpProcess(-big, Channel(tries, drive, temperature=0.3)))
    assert held
    assert held.affinity != 0.0
    assert held.equilibrium == pytest.approx(np.full(n, 1 / n), rel=1e-9)
    drive[4, 7] += 1e-9
    drive[7, 4] -= 1e-9
    broken = detailed_balance(JumpProcess(-big, Channel(tries, drive, temperature=0.3)))
    assert not broken
    # a cycle adds up to 12 terms of some 300 / 0.3, each to EPS: 3e-12 of 3e-9
    assert abs(broken.affinity) == pytest.approx(1e-9 / 0.3, rel=1e-3)
    assert {4, 7} <= set(broken.worst.states if broken.worst else ())


def test_one_temperature_without_an_agent_is_exactly_zero() -> None:
    process = lopsided(2, 30, chords=40, push=0.0, baths=(0.37,))
    assert np.all(cycle_affinities(process).affinity == 0.0)
    energy = process.energies()
    boltzmann = np.exp(-(energy - energy.min()) / 0.37)
    assert detailed_balance(process).equilibrium == pytest.approx(boltzmann / boltzmann.sum(), rel=1e-13)


def test_large_lattice() -> None:
    """10^5 pairs: drives from a potential along the rows are no drive; one pair turned breaks it by twice its drive."""
    rows, columns = 225, 225
    rng = np.random.default_rng(0)
    height = 0.3 * np.arange(columns)
    drive = np.tile(np.diff(height), (rows, 1))
    energy = rng.normal(size=rows * columns)
    assert detailed_balance(grid(rows, columns, energy, drive))
    drive[100, 30] *= -1
    found = detailed_balance(grid(rows, columns, energy, drive))
    assert not found
    assert abs(found.affinity) == pytest.approx(0.6 / 0.7, rel=1e-9)
    assert {100 * columns + 30, 100 * columns + 31} <= set(found.worst.states if found.worst else ())


def test_long_ring_is_walked_around() -> None:
    n = 20_001
    i = np.arange(n)
    from scipy import sparse

    up = sparse.coo_array((np.ones(n), ((i + 1) % n, i)), shape=(n, n))
    process = JumpProcess(np.cos(i), Channel(up + up.T, 0.25 * (up - up.T), temperature=2.0))
    cycle = cycle_affinities(process)[0]
    assert cycle.states == tuple(range(n))
    assert cycle.affinity == pytest.approx(n * 0.125, rel=1e-12)
    assert len(repr(cycle)) < 150


def test_trees_parts_and_single_states() -> None:
    chain = JumpProcess([1.0, 0.0, 3.0], Channel([[0, 1, 0], [1, 0, 2], [0, 2, 0]], [[0, 5, 0], [-5, 0, 0], [0, 0, 0]]))
    tree = detailed_balance(chain)
    assert tree
    assert tree.worst is None
    assert tree.affinity == 0.0
    assert generator(chain) @ tree.equilibrium == pytest.approx(np.zeros(3), abs=1e-14)
    parts = np.zeros((5, 5))
    parts[0, 1] = parts[1, 0] = 1.0
    parts[3, 4] = parts[4, 3] = 2.0
    apart = detailed_balance(JumpProcess([0.0, 1.0, 7.0, 2.0, 0.5], Channel(parts, temperature=0.5)))
    assert apart
    assert apart.potential == pytest.approx([0.0, -2.0, 0.0, -3.0, 0.0])
    with pytest.raises(InputError, match="3 parts"):
        _ = apart.equilibrium
    alone = detailed_balance(JumpProcess([4.0], Channel([[0.0]])))
    assert alone
    assert alone.equilibrium.tolist() == [1.0]
    assert len(cycle_affinities(JumpProcess([4.0], Channel([[0.0]])))) == 0


def test_control_and_bad_input() -> None:
    tries = np.ones((3, 3)) - np.eye(3)
    hot, cold = Channel(tries, temperature=2.0, name="hot"), Channel(tries, name="cold")
    process = JumpProcess(lambda gap: [0.0, gap, 0.0], [hot, cold])
    assert detailed_balance(process, 0.0)
    assert detailed_balance(process, 1.0).affinity == pytest.approx(-0.5, rel=4 * EPS)
    with pytest.raises(InputError, match="control"):
        cycle_affinities(process)
    with pytest.raises(InputError, match="one probability per state"):
        cycle_affinities(process, 1.0).currents([0.5, 0.5])
