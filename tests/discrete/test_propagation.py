"""p(t) as users ask for it: times, protocols, initial states, errors."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard.discrete import Channel, JumpProcess, propagate, stationary
from szilard.discrete.evolution import METHODS, Method
from szilard.discrete.propagation import initial_probabilities
from szilard.errors import InputError
from tests.discrete.master import JUMPY, lopsided, protocol_of
from tests.discrete.precise import exponential, lattice, matrix

Array = NDArray[np.float64]


@pytest.mark.parametrize("method", [*METHODS, None])
def test_rates_that_grow_and_fall(method: Method | None) -> None:
    """e^{-t/2} one way and e^{+t/2} the other, asked on any grid: p = .29788, .16495, .06135 at 1, 2, 3."""
    moved = JumpProcess(lambda gap: [0.0, gap], Channel([[0.0, 1.0], [1.0, 0.0]]))
    rise = sz.Protocol((0.0, 3.0), (0.0, 3.0))
    known = [0.29788, 0.16495, 0.06135]
    for times in ([1.0, 2.0, 3.0], [0.0, 0.3, 1.0, 1.0, 1.7, 2.0, 2.0001, 3.0], np.linspace(0.0, 3.0, 13)):
        found = propagate(moved, 0, times, rise, method=method)
        at = [int(np.searchsorted(found.times, t)) for t in (1.0, 2.0, 3.0)]
        assert found.probabilities[at, 1] == pytest.approx(known, abs=5e-6)
    alone = propagate(moved, 0, 2.0, rise, method=method).probabilities[0]
    assert alone == pytest.approx(found.probabilities[at[1]], abs=1e-14)


def test_still_against_extended_precision() -> None:
    process = lattice(3, scale=2.0, drive=2.0)
    p = np.random.default_rng(2).dirichlet(np.ones(9))
    times = [0.0, 0.02, 0.5, 0.5, 8.0]
    found = propagate(process, p, times)
    for row, time in zip(found.probabilities, times, strict=True):
        assert row == pytest.approx(exponential(matrix(process), time) @ p if time else p, abs=2e-14)
    assert np.asarray(found).shape == (5, 9)
    assert repr(found) == "Propagation: 9 states at 5 times in [0, 8], by uniformisation"
    slow = propagate(process, p, 1e9)
    assert repr(slow) == "Propagation: 9 states at 1 time in [1e+09, 1e+09], by rational Krylov steps"
    still = propagate(process, p, 0.0)
    assert still.routes == ()


def test_a_jump_of_the_energies_moves_nobody_at_once() -> None:
    system = lopsided(4)
    protocol = protocol_of(JUMPY)
    found = propagate(system.process, 1, [0.0, 0.6, 0.6 + 1e-9, 1.5], protocol).probabilities
    assert np.array_equal(found[0], np.eye(4)[1])
    assert found[2] == pytest.approx(found[1], abs=1e-7)
    # at rest between 1.1 and 1.5 at lambda = 1, whose jumps at 1.1 and 1.5 leave p as it is
    early = propagate(system.process, 1, [1.1], protocol).probabilities[0]
    assert found[3] == pytest.approx(exponential(matrix(system.process, 1.0), 0.4) @ early, abs=1e-13)


def test_probabilities_stay_probabilities() -> None:
    process = lattice(5, scale=12.0, drive=4.0)
    for method in (*METHODS, None):
        found = propagate(process, 3, [1e-9, 1e-4, 0.01], method=method).probabilities
        assert np.all(found >= 0.0)
        assert found.sum(axis=1) == pytest.approx(np.ones(3), abs=4e-16)


def test_initial_states() -> None:
    system = lopsided(4, baths=1)
    process, e = system.process, system.energy(0.3)
    weight = np.exp(-e / 0.7)
    assert initial_probabilities(process, "equilibrium", e) == pytest.approx(weight / weight.sum(), rel=1e-14)
    assert initial_probabilities(process, "stationary", e) == pytest.approx(stationary(process, 0.3), rel=1e-14)
    assert np.max(np.abs(stationary(process, 0.3) - weight / weight.sum())) > 0.01  # driven: they differ
    assert np.array_equal(initial_probabilities(process, np.int64(2), e), np.eye(4)[2])
    assert np.array_equal(initial_probabilities(process, [0.25] * 4, e), np.full(4, 0.25))
    # the start lies before a jump of the protocol at time 0
    jump = sz.Protocol((0.0, 0.0), (0.3, 5.0))
    for kind in ("equilibrium", "stationary"):
        assert propagate(process, kind, [0.0], jump).probabilities[0] == pytest.approx(
            initial_probabilities(process, kind, e), rel=1e-14
        )


def test_large_lattice() -> None:
    """1e4 states, rate x time 5e2: both families, and the equilibrium stays where it is."""
    process = lattice(100, scale=1.0, drive=0.0)
    near, far = (propagate(process, 0, [1.0, 12.0], method=method).probabilities for method in METHODS)
    assert np.max(np.sum(np.abs(near - far), axis=1)) < 5e-14
    still = propagate(process, "equilibrium", [7.0]).probabilities[0]
    weight = np.exp(-process.energies() / 1.3)
    assert np.sum(np.abs(still - weight / weight.sum())) < 5e-14


def test_parts_keep_their_share() -> None:
    attempt = np.zeros((5, 5))
    attempt[0, 1] = attempt[3, 4] = 2.0
    process = JumpProcess([0.0, 1.0, 2.0, 0.0, 3.0], Channel(attempt + attempt.T, temperature=0.5))
    for method in (*METHODS, None):
        p = propagate(process, [0.1, 0.2, 0.3, 0.3, 0.1], [200.0], method=method).probabilities[0]
        low = 1.0 / (1.0 + exp(-2.0))
        assert p == pytest.approx([0.3 * low, 0.3 * (1.0 - low), 0.3, 0.4 / (1 + exp(-6.0)), 0.4 / (1 + exp(6.0))])


def test_refusals() -> None:
    process, moved = lattice(2, scale=1.0, drive=0.0), lopsided(3).process
    for wrong in ("hot", 4, -1, 1.5, True, None, [1.0], [0.5, 0.5, 0.5, 0.5], [1.5, -0.5, 0.0, 0.0], [[1.0] * 4]):
        with pytest.raises(InputError, match="^initial: "):
            propagate(process, wrong, [1.0])  # type: ignore[arg-type]
    for times in ([], [1.0, 0.5], [-1.0], [np.nan], "now"):
        with pytest.raises(InputError, match="^times: "):
            propagate(process, 0, times)
    with pytest.raises(InputError, match="temperatures 0.7, 1.6 have no common equilibrium"):
        propagate(moved, "equilibrium", [1.0], sz.Protocol([0.0], [0.0]))
    with pytest.raises(InputError, match="^protocol: "):
        propagate(moved, 0, [1.0])
    with pytest.raises(InputError, match="^protocol: "):
        propagate(process, 0, [1.0], sz.Protocol([0.0], [0.0]))
    with pytest.raises(InputError, match="^method: "):
        propagate(process, 0, [1.0], method="euler")  # type: ignore[arg-type]
