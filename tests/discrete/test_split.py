"""Housekeeping and excess of every replica: against sums over its jumps, exact means, and their own theorems."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import szilard as sz
from szilard.discrete import Channel, JumpProcess
from szilard.discrete.run import Run
from szilard.discrete.stationary_table import StationaryTable
from szilard.discrete.steady import log_stationary
from szilard.estimate import Sampled
from tests.discrete.cases import RING
from tests.discrete.lopsided import generator, lopsided, steady
from tests.discrete.moved_rings import START, WAY, moved, z
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
PROCESS = moved(9)
RUN = sz.simulate(PROCESS, "stationary", 1.2, replicas=60_000, seed=2, protocol=WAY, record="paths")
SPLIT = RUN.split()


def jump_by_jump(run: Run) -> tuple[Array, Array, Array]:
    """S_hk, S_ex and Y of every replica from their definitions, pi found anew at the time of every jump."""
    paths, process = run.paths, run.course.process
    assert paths is not None
    pieces, edges = list(run.course.pieces()), process.edges
    starts = [piece.start for piece in pieces]

    def phi(energy: Array) -> Array:
        return np.asarray(-log_stationary(process, energy))

    kept, excess, moved_by = (np.zeros(len(paths)) for _ in range(3))
    for i in range(len(paths)):
        x, energy, now = int(paths.initial[i]), run.course.initial_energy, 0.0
        rows = range(paths.offsets[i], paths.offsets[i + 1])
        for row in [*rows, None]:
            end = run.duration if row is None else float(paths.times[row])
            last = len(pieces) if row is None else bisect_right(starts, end)
            for piece in pieces[bisect_right(starts, now) - 1 if now > 0.0 else 0 : last]:
                # while in x: every stretch of a piece, and the sudden change before it
                a, b = piece.at(max(now, piece.start)), piece.at(min(end, piece.end))
                moved_by[i] += phi(a)[x] - phi(energy)[x] + phi(b)[x] - phi(a)[x]
                energy = b
            now = end
            if row is not None:
                jump = int(paths.jump[row])
                back, y = int(edges.reverse[jump]), int(edges.target[jump])
                rates, surprise = process.jump_rates(energy), phi(energy)
                kept[i] += np.log(rates[jump] * np.exp(-surprise[x])) - np.log(rates[back] * np.exp(-surprise[y]))
                excess[i] += surprise[x] - surprise[y]
                x = y
        moved_by[i] += phi(run.course.final_energy)[x] - phi(energy)[x]
    return kept, excess, moved_by


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 5))
def test_it_is_the_sum_over_jumps_in_every_replica(seed: int, n: int) -> None:
    """Random driven processes between two baths; pi tabulated along the protocol against pi at every jump."""
    run = sz.simulate(moved(seed, n), "stationary", 1.2, replicas=6, seed=1, protocol=WAY, record="paths")
    split = run.split()
    kept, excess, moved_by = jump_by_jump(run)
    np.testing.assert_allclose(split.housekeeping, kept, rtol=0, atol=1e-9)
    np.testing.assert_allclose(split.excess, excess, rtol=0, atol=1e-9)
    np.testing.assert_allclose(split.hatano_sasa, moved_by, rtol=0, atol=1e-9)
    assert split.nonadiabatic is not None
    total = split.housekeeping + split.nonadiabatic
    np.testing.assert_allclose(total, run.ledger.entropy_production, rtol=0, atol=1e-9)


def test_means_are_the_exact_ones() -> None:
    exact = sz.energetics(PROCESS, "stationary", 1.2, WAY)
    assert SPLIT.nonadiabatic is not None
    assert abs(z(SPLIT.housekeeping, exact.adiabatic)) <= 4.0
    assert abs(z(SPLIT.nonadiabatic, exact.nonadiabatic)) <= 4.0
    assert exact.nonadiabatic > 5.0 * SPLIT.nonadiabatic.std() / np.sqrt(60_000)


def test_both_parts_obey_their_integral_theorem() -> None:
    for part in (SPLIT.hatano_sasa, SPLIT.housekeeping, SPLIT.nonadiabatic):
        assert part is not None
        assert abs(z(np.exp(-part), 1.0)) <= 4.0


def test_of_another_start_only_the_housekeeping_part_does() -> None:
    run = sz.simulate(PROCESS, START, 1.2, replicas=60_000, seed=2, protocol=WAY, record="paths")
    split = run.split()
    assert abs(z(np.exp(-split.housekeeping), 1.0)) <= 4.0
    assert abs(z(np.exp(-split.hatano_sasa), 1.0)) > 5.0


def test_one_temperature_for_both_baths_breaks_it() -> None:
    """Heat over the mean of 0.6 and 2.3: what is kept obeys no theorem, and its mean is another one."""
    wrong = RUN.ledger.heat.sum(axis=1) / PROCESS.temperatures.mean() - SPLIT.excess
    assert abs(z(np.exp(-wrong), 1.0)) > 5.0


def test_no_paths_are_needed_while_nothing_moves() -> None:
    """S_ex = ln pi(x_end) - ln pi(x_0), pi by least squares; the start is far from it, two baths are at work."""
    process = lopsided(8, 4)
    run = sz.simulate(process, START, 1.0, replicas=100_000, seed=4)
    split, pi = run.split(), steady(generator(process))
    np.testing.assert_allclose(split.excess, np.log(pi[run.final] / pi[run.initial]), rtol=0, atol=1e-10)
    np.testing.assert_array_equal(split.hatano_sasa, 0.0)
    exact = sz.energetics(process, START, 1.0)
    assert split.nonadiabatic is not None
    assert abs(z(split.housekeeping, exact.adiabatic)) <= 4.0
    assert abs(z(split.nonadiabatic, exact.nonadiabatic)) <= 4.0
    assert abs(z(np.exp(-split.housekeeping), 1.0)) <= 4.0


def test_the_reference_ring_relaxes_at_its_price() -> None:
    """R13: the nonadiabatic entropy production of the ring from (0.7, 0.2, 0.1) until t = 1."""
    run = sz.simulate(RING, [0.7, 0.2, 0.1], 1.0, replicas=400_000, seed=1)
    found = run.split().nonadiabatic
    assert found is not None
    assert_agrees(Sampled.mean(found).estimate(), 0.09365874450648962, relative=0.02)


def test_without_drive_at_one_temperature_nothing_is_kept() -> None:
    """S_hk = 0 and Y = (W - dF)/T, without paths."""
    process = moved(4, push=0.0, baths=(0.7,))
    run = sz.simulate(process, "equilibrium", 1.2, replicas=500, seed=1, protocol=WAY)
    split = run.split()
    free = [-0.7 * np.log(np.sum(np.exp(-process.energies(c) / 0.7))) for c in (0.0, 0.2)]
    np.testing.assert_array_equal(split.housekeeping, 0.0)
    np.testing.assert_allclose(split.hatano_sasa, (run.ledger.work - free[1] + free[0]) / 0.7, rtol=0, atol=1e-12)
    still = sz.simulate(lopsided(4, 4, push=0.0, baths=(0.7,)), "equilibrium", 1.0, replicas=50, seed=1).split()
    np.testing.assert_allclose(still.hatano_sasa, 0.0, atol=1e-12)
    assert still.nonadiabatic is not None
    np.testing.assert_allclose(still.nonadiabatic, 0.0, atol=1e-12)


def test_a_sharp_turn_of_pi_is_tabulated_all_the_same() -> None:
    """A level that crosses two others within a hundredth of the way."""
    process = sz.systems.ring(lambda c: [0.0, 200.0 * (c - 0.3), 1.0], affinity=3.0, states=3, temperature=1.7)
    course = sz.simulate(
        process, 0, 1.0, replicas=1, seed=1, protocol=sz.Protocol([0, 1], [0.2, 0.4]), entropy=False
    ).course
    table = StationaryTable.of(course)
    times = np.linspace(0.0, 1.0, 401)
    for x in range(3):
        exact = [-log_stationary(process, process.energies(0.2 + 0.2 * t))[x] for t in times]
        np.testing.assert_allclose(table.at(times, np.full(401, x)), exact, rtol=0, atol=1e-9)


def test_what_cannot_be_split_is_refused() -> None:
    run = sz.simulate(PROCESS, "stationary", 1.2, replicas=5, seed=2, protocol=WAY)
    with pytest.raises(sz.InputError, match="needs every jump"):
        run.split()
    two = np.zeros((4, 4))
    two[0, 1] = two[1, 0] = two[2, 3] = two[3, 2] = 1.0
    apart = JumpProcess([0.0, 0.5, 0.1, 0.9], Channel(two))
    with pytest.raises(sz.InputError, match="no jump joins its parts"):
        sz.simulate(apart, "equilibrium", 1.0, replicas=5, seed=1).split()


def test_it_says_its_means() -> None:
    assert repr(SPLIT).startswith("Split, in nats: housekeeping ")
    unknown = sz.simulate(RING, "stationary", 1.0, replicas=5, seed=1, entropy=False).split()
    assert unknown.nonadiabatic is None and "nonadiabatic" not in repr(unknown)
