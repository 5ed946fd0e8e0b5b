"""The reversed process: its trajectories are the forward ones seen backwards, with the weight e^{-S}."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.discrete.backward import Backward
from tests.discrete.cases import RING, TURN
from tests.discrete.lopsided import lopsided, ring
from tests.discrete.moved_rings import START, WAY, bins_apart, moved, z

PROCESS = moved(9)
RUN = sz.simulate(PROCESS, START, 1.2, replicas=60_000, seed=2, protocol=WAY)
BACK = RUN.backward()


def test_a_path_seen_backwards_produces_minus_its_entropy() -> None:
    """S~ of the film shown from its end, from the definition: ln p_tau(x~_0) - ln p_0(x~_tau) + sum Q~/T = -S."""
    run = sz.simulate(PROCESS, START, 1.2, replicas=300, seed=2, protocol=WAY, record="paths")
    assert run.paths is not None and run.probabilities is not None
    film = run.paths.reversed()
    baths = PROCESS.temperatures[PROCESS.edges.channel[film.jump]]
    flow = np.bincount(film.owner, film.heat / baths, len(film))
    p0, p1 = run.probabilities
    mirrored = np.log(p1[film.initial]) - np.log(p0[film.final]) + flow
    np.testing.assert_allclose(mirrored, -run.backward().forward, rtol=0, atol=1e-12)
    np.testing.assert_allclose(run.backward().forward, run.ledger.entropy_production, rtol=0, atol=1e-12)


def test_it_is_the_process_under_the_reversed_control() -> None:
    assert RUN.probabilities is not None
    exact = sz.propagate(PROCESS, RUN.probabilities[1], [1.2], WAY.reversed()).probabilities[0]
    means = sz.energetics(PROCESS, RUN.probabilities[1], 1.2, WAY.reversed())
    for x in range(4):
        assert abs(z((BACK.run.final == x).astype(float), exact[x])) <= 4.0
        assert abs(z((BACK.run.initial == x).astype(float), RUN.probabilities[1][x])) <= 4.0
    assert abs(z(BACK.work, means.work)) <= 4.0
    for r in range(2):
        assert abs(z(BACK.run.ledger.heat[:, r], means.heat[r])) <= 4.0
    p0, p1 = RUN.probabilities
    expected = p1 @ np.log(p1) - exact @ np.log(p0) + np.sum(means.heat / PROCESS.temperatures)
    assert abs(z(BACK.entropy_production, float(expected))) <= 4.0


def test_the_detailed_theorem_holds_bin_by_bin() -> None:
    assert max(map(abs, bins_apart(BACK.forward, BACK.entropy_production))) <= 4.0
    assert abs(z(np.exp(-BACK.entropy_production), 1.0)) <= 4.0


def test_a_control_that_is_not_run_backwards_breaks_it() -> None:
    """From p_tau once more along the forward protocol: no reversed process."""
    assert RUN.probabilities is not None
    p0, p1 = RUN.probabilities
    again = sz.simulate(PROCESS, p1, 1.2, replicas=60_000, seed=5, protocol=WAY, entropy=False)
    flow = (again.ledger.heat / again.ledger.temperatures).sum(axis=1)
    wrong = np.log(p1)[again.initial] - np.log(p0)[again.final] + flow
    assert max(map(abs, bins_apart(BACK.forward, wrong))) > 5.0


def test_its_own_last_distribution_has_no_part_in_it() -> None:
    """With -ln p(x~_tau) of the backward process in place of -ln p_0 the two sides differ."""
    assert RUN.probabilities is not None
    p0, p1 = RUN.probabilities
    own = sz.propagate(PROCESS, p1, [1.2], WAY.reversed()).probabilities[0]
    wrong = BACK.entropy_production + np.log(p0)[BACK.run.final] - np.log(own)[BACK.run.final]
    assert max(map(abs, bins_apart(BACK.forward, wrong))) > 5.0


def test_from_equilibrium_it_is_the_other_half_of_crooks_theorem() -> None:
    """S = (W - dF)/T and S~ = (W~ + dF)/T of a process at one temperature that starts in equilibrium."""
    process = moved(4, push=0.0, baths=(0.7,))
    run = sz.simulate(process, "equilibrium", 1.2, replicas=60_000, seed=7, protocol=WAY)
    back = run.backward(start="equilibrium")
    free = [-0.7 * np.log(np.sum(np.exp(-process.energies(c) / 0.7))) for c in (0.0, 0.2)]
    np.testing.assert_allclose(back.forward, (run.ledger.work - free[1] + free[0]) / 0.7, rtol=0, atol=1e-12)
    np.testing.assert_allclose(back.entropy_production, (back.work + free[1] - free[0]) / 0.7, rtol=0, atol=1e-12)
    assert max(map(abs, bins_apart(back.forward, back.entropy_production))) <= 4.0


def test_currents_change_sign_and_activity_does_not() -> None:
    """<g e^{-S}> forward = <g~> backward, g~ = -g of a current and g of the number of jumps."""
    process = ring([0.0, 0.5, 1.2], 1.5, np.array([0.5, 1.0, 2.0]), temperature=0.7)
    run = sz.simulate(process, [0.3, 0.2, 0.5], 0.8, replicas=100_000, seed=3, currents={"turns": TURN})
    back = run.backward()
    for there, here, sign in (
        (run.currents["turns"], back.run.currents["turns"], -1.0),
        (run.activity, back.run.activity, 1.0),
    ):
        weighted = there * np.exp(-back.forward)
        error = np.sqrt(weighted.var() / weighted.size + here.var() / here.size)
        assert abs(here.mean()) > 5.0 * error
        assert abs(weighted.mean() - sign * here.mean()) <= 4.0 * error


def test_where_the_forward_process_never_starts_the_entropy_is_infinite() -> None:
    """From one state: <e^{-S}> is the share of backward paths that end there (Murashita, Funo and Ueda)."""
    run = sz.simulate(RING, 2, 0.7, replicas=40_000, seed=4)
    back = run.backward()
    ends = np.isfinite(back.entropy_production)
    np.testing.assert_array_equal(ends, back.run.final == 2)
    weights = np.exp(-back.forward)
    error = np.sqrt(weights.var() / weights.size + ends.var() / ends.size)
    assert abs(weights.mean() - ends.mean()) <= 4.0 * error
    assert ends.mean() < 0.9
    assert "never starts" in repr(back)


def test_in_equilibrium_every_path_is_as_likely_backwards() -> None:
    run = sz.simulate(lopsided(6, 4, push=0.0, baths=(0.8,)), "equilibrium", 2.0, replicas=500, seed=1)
    back = run.backward()
    np.testing.assert_allclose(back.forward, 0.0, atol=1e-12)
    np.testing.assert_allclose(back.entropy_production, 0.0, atol=1e-12)


def test_the_same_bits_every_time_and_other_numbers_than_forward() -> None:
    again, few = RUN.backward(threads=1), RUN.backward(replicas=100)
    np.testing.assert_array_equal(again.entropy_production, BACK.entropy_production)
    np.testing.assert_array_equal(few.entropy_production, BACK.entropy_production[:100])
    assert few.forward.size == 60_000 and BACK.run.cell == "backward" and BACK.run.seed == 2
    assert np.any(RUN.backward(replicas=100, seed=3).entropy_production != few.entropy_production)
    assert RUN.backward(replicas=5, record="paths").run.paths is not None
    assert np.mean(BACK.run.activity == RUN.activity) < 0.5
    assert isinstance(BACK, Backward) and repr(BACK).startswith("Backward: <S> = ")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": "stationary"}, "start"),
        ({"start": "equilibrium"}, "no common equilibrium"),
        ({"replicas": 0}, "replicas"),
        ({"replicas": np.nan}, "replicas"),
        ({"seed": "x"}, "seed"),
        ({"record": "all"}, "record"),
        ({"record": "paths", "max_bytes": 10.0}, "paths"),
    ],
    ids=str,
)
def test_what_does_not_make_sense_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(sz.InputError, match=message):
        RUN.backward(**change)


def test_unknown_distributions_are_refused() -> None:
    given = sz.simulate(RING, np.array([0, 1, 2]), 0.5, replicas=3, seed=1)
    with pytest.raises(sz.InputError, match="states that were given"):
        given.backward()
    unsolved = sz.simulate(RING, "stationary", 0.5, replicas=3, seed=1, entropy=False)
    with pytest.raises(sz.InputError, match="not solved"):
        unsolved.backward()
