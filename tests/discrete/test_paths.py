"""Paths hold every jump; seen backwards they are as probable as the entropy they produced says."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

import szilard as sz
from szilard.discrete import Channel, JumpProcess
from tests.discrete.master import JUMPY, Bath, lopsided, protocol_of, rate

P0 = np.array([0.1, 0.45, 0.15, 0.3])
SYSTEM = lopsided(4, baths=3)
RUN = sz.simulate(SYSTEM.process, P0, 1.5, replicas=400, seed=2, protocol=protocol_of(JUMPY), record="paths")
assert RUN.paths is not None
PATHS = RUN.paths


def energies(t: float) -> np.ndarray:
    """Straight lines between the nodes, after a jump at its time."""
    i = max(k for k in range(len(JUMPY) - 1) if JUMPY[k][0] <= t and JUMPY[k + 1][0] > JUMPY[k][0])
    (t0, a), (t1, b) = JUMPY[i], JUMPY[i + 1]
    return np.asarray(SYSTEM.energy(a) + (SYSTEM.energy(b) - SYSTEM.energy(a)) * (t - t0) / (t1 - t0))


def test_paths_hold_the_run() -> None:
    edges = SYSTEM.process.edges
    assert len(PATHS) == 400
    assert np.array_equal(PATHS.final, RUN.final)
    assert np.array_equal(np.diff(PATHS.offsets), RUN.activity)
    for i in range(0, 400, 23):
        path = PATHS[i]
        assert path.times[0] == 0.0
        assert path.times[-1] == 1.5
        assert np.all(np.diff(path.times) > 0.0)
        assert path.states[0] == RUN.initial[i]
        assert path.states[-1] == RUN.final[i]
        rows = slice(PATHS.offsets[i], PATHS.offsets[i + 1])
        assert np.array_equal(edges.source[PATHS.jump[rows]], path.states[:-1])
        for r in range(3):
            assert path.heat[path.channel == r].sum() == pytest.approx(RUN.ledger.heat[i, r], rel=1e-12, abs=1e-12)
        for k in range(path.heat.size):
            e, (x, y) = energies(path.times[k + 1]), path.states[k : k + 2]
            q = e[x] - e[y] + SYSTEM.baths[path.channel[k]].drive[y, x]
            assert path.heat[k] == pytest.approx(q, rel=1e-11, abs=1e-11)


def test_a_path_says_where_it_is() -> None:
    path = PATHS[int(np.argmax(RUN.activity))]
    middle = 0.5 * (path.times[:-1] + path.times[1:])
    assert np.array_equal(path.at(middle), path.states)
    assert np.array_equal(path.at(path.times[1:-1]), path.states[1:])
    assert path.at(np.array([0.0]))[0] == path.states[0]


def test_log_probability_is_that_of_its_definition() -> None:
    """ln k at every jump minus the integrated rate of leaving, by quadrature, for a few paths."""
    breaks = sorted({t for t, _ in JUMPY})
    for i in (3, 57, int(np.argmax(RUN.activity))):
        path = PATHS[i]
        total = 0.0
        for k in range(path.heat.size):
            bath, (x, y) = SYSTEM.baths[path.channel[k]], path.states[k : k + 2]
            total += log(rate(bath, energies(path.times[k + 1]), x, y))
        for x, start, end in zip(path.states, path.times[:-1], path.times[1:], strict=True):

            def leaving(t: float, x: int = x) -> float:
                e = energies(t)
                return sum(rate(bath, e, x, y) for bath in SYSTEM.baths for y in range(4) if y != x)

            cuts = [start, *(b for b in breaks if start < b < end), end]
            for a, b in zip(cuts, cuts[1:], strict=False):
                inner = 1e-13 * (b - a)
                total -= quad(leaving, a, b - inner, epsabs=1e-12, epsrel=1e-12)[0]
        assert PATHS.log_probability[i] == pytest.approx(total, rel=1e-9, abs=1e-9)


def test_backwards_twice_is_forwards() -> None:
    back = PATHS.reversed()
    assert np.array_equal(back.initial, PATHS.final)
    assert np.array_equal(back.final, PATHS.initial)
    again = back.reversed()
    assert np.array_equal(again.jump, PATHS.jump)
    assert np.array_equal(again.heat, PATHS.heat)
    assert again.times == pytest.approx(PATHS.times, rel=1e-14, abs=1e-14)
    one, other = PATHS[5], back[5]
    assert np.array_equal(other.states, one.states[::-1])
    assert np.array_equal(other.channel, one.channel[::-1])
    assert other.times == pytest.approx(1.5 - one.times[::-1], abs=1e-15)


def test_forward_over_backward_probability_is_the_entropy_production_of_each_path() -> None:
    """Two computations that share nothing but the jumps: rates integrated along the path; heat and -ln p."""
    found = RUN.time_reversal()
    scale = np.abs(found.forward) + np.abs(found.backward) + 1.0
    assert np.all(np.abs(found.log_ratio - RUN.ledger.entropy_production) < 1e-11 * scale)
    assert np.ptp(found.log_ratio) > 3.0
    assert np.mean(found.entropy_production < 0.0) > 0.01
    assert "against the second law" in repr(found)
    assert found.plot().get_xlabel().startswith("entropy production")


@pytest.mark.parametrize("slope", [1e-9, 1e-6, 3e-4, 0.02, 5.0, 60.0])
@pytest.mark.parametrize("kinetics", ["symmetric", "heat_bath", "arrhenius"])
def test_the_integrated_rate_keeps_its_digits_for_slow_and_fast_changes(kinetics: Any, slope: float) -> None:
    """A staying path: ln P = -int (rate out) dt, against quadrature."""
    bath = Bath(np.array([[0, 1e-9], [1e-9, 0]]), np.zeros((2, 2)), 2.0, kinetics)
    process = JumpProcess(
        lambda c: [0.3 * c, -0.7 * c], Channel(bath.attempt, temperature=bath.temperature, kinetics=kinetics)
    )
    way = sz.Protocol([0, 1], [1.0, 1.0 + slope])
    run = sz.simulate(process, 0, 1.0, replicas=1, seed=1, protocol=way, record="paths")
    assert run.paths is not None
    assert run.activity[0] == 0

    def leaving(t: float) -> float:
        return rate(bath, (1.0 + slope * t) * np.array([0.3, -0.7]), 0, 1)

    exact = quad(leaving, 0.0, 1.0, epsabs=0.0, epsrel=1e-13)[0]
    assert -run.paths.log_probability[0] == pytest.approx(exact, rel=1e-11)


def test_what_was_not_recorded_is_said() -> None:
    process = JumpProcess([0.0, 0.5], Channel([[0.0, 1.0], [1.0, 0.0]]))
    with pytest.raises(sz.InputError, match='record="paths"'):
        sz.simulate(process, 0, 1.0, replicas=2, seed=1).time_reversal()
    given = sz.simulate(process, [0, 1, 1], 1.0, replicas=3, seed=1, record="paths")
    with pytest.raises(sz.InputError, match="p\\(x, t\\)"):
        given.time_reversal()


def test_a_trajectory_is_drawn_over_its_levels() -> None:
    ax = PATHS.plot(replica=5)
    assert ax.get_ylabel().startswith("energy")
    assert len(ax.lines) >= 4
