"""A run of a jump process knows which laws apply to it, and they hold."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import szilard as sz
from szilard.discrete import Channel, JumpProcess
from szilard.discrete.applicable import _rare_jumps, _unvisited
from szilard.laws.panel import Laws
from tests.discrete.cases import EVEN, RING, TURN
from tests.discrete.lopsided import lopsided, ring
from tests.discrete.moved_rings import START, WAY, moved

ALWAYS = ["0 <= <S>", "<e^{-S}> = 1", "P_reverse(-S in B) = <e^{-S}; S in B>"]
WORK = ["dF / T <= <W> / T", "<e^{-(W - dF)/T}> = 1", "dF of both directions = dF"]
GC, HK, HS = "<e^(-0.25 S)> = <e^(-0.75 S)>", "<e^{-S_hk}> = 1", "<e^{-Y}> = 1"
SPEED, CEILING = "L^2 / (2 A tau) <= Sigma", "dissipation <= F tanh(F/2) K"


def turning(name: str, odd: bool = True, steady: bool = True) -> list[str]:
    first = [f"2 {'<J>' if steady else 'R'}^2 / Var J <= Sigma, J = {name}"] if odd else []
    return [*first, f"R^2 / Var J <= activity, J = {name}"]


def names(laws: Laws) -> list[str]:
    return [law.name.split(", as ")[0] for law in laws]


def run_of(process: JumpProcess, initial: Any, duration: float = 1.2, n: int = 20_000, **more: Any) -> Any:
    return sz.simulate(process, initial, duration, replicas=n, seed=1, **more)


COUNTED = {"turns": TURN, "forth": np.maximum(TURN, 0.0)}
COLD: dict[str, Any] = {"protocol": WAY}
CASES: dict[str, tuple[Any, list[str]]] = {
    "steady ring": (
        run_of(RING, "stationary", 2.0, currents=COUNTED),
        [*ALWAYS, GC, *turning("turns"), *turning("forth", False), *turning("work"), CEILING],
    ),
    "steady between two baths": (
        run_of(lopsided(1, 4, push=0.0), "stationary", 1.0),
        [*ALWAYS, GC, *turning("heat bath 0"), *turning("heat bath 1"), CEILING],
    ),
    "relaxing ring": (
        run_of(RING, [0.2, 0.1, 0.7], 1.0, currents=COUNTED),
        [*ALWAYS, HK, *turning("turns", steady=False), *turning("forth", False), *turning("work", steady=False), SPEED],
    ),
    "from one state": (
        run_of(RING, 2, 1.0),
        ["0 <= <S>", HK, *turning("work", steady=False), SPEED],
    ),
    "moved, driven, stationary": (
        run_of(moved(9), "stationary", record="paths", **COLD),
        [*ALWAYS, HS, HK, SPEED],
    ),
    "moved and driven without paths": (run_of(moved(9), "stationary", **COLD), [*ALWAYS, SPEED]),
    "moved and driven from anywhere": (run_of(moved(9), START, record="paths", **COLD), [*ALWAYS, HK, SPEED]),
    "moved from equilibrium": (
        run_of(moved(4, push=0.0, baths=(0.7,)), "equilibrium", **COLD), [*ALWAYS, *WORK, SPEED]
    ),
    "moved from equilibrium, named otherwise": (
        run_of(moved(4, push=0.0, baths=(0.7,)), "stationary", **COLD), [*ALWAYS, *WORK, SPEED]
    ),
    "moved and driven from equilibrium": (
        run_of(moved(9, baths=(0.7,)), "equilibrium", record="paths", **COLD), [*ALWAYS, HK, *WORK, SPEED]
    ),
    "in equilibrium": (run_of(lopsided(4, 4, push=0.0, baths=(0.7,)), "equilibrium"), ALWAYS[:1]),
    "relaxing to equilibrium": (
        run_of(lopsided(4, 4, push=0.0, baths=(0.7,)), START), [*ALWAYS, SPEED]
    ),
    "p not solved": (run_of(RING, "stationary", 2.0, entropy=False), [HK, "R^2 / Var J <= activity, J = work"]),
    "states given": (run_of(RING, np.zeros(20_000, dtype=int)), [HK]),
    "no time": (run_of(RING, START[:2] + [0.7], 0.0), ALWAYS[:2]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_laws_that_apply_are_told_and_hold(case: str) -> None:
    run, expected = CASES[case]
    found = run.laws()
    assert names(found) == expected
    for law in found:
        assert law.verdict in ("holds", "holds, saturated", "inconclusive")
        assert law.assumptions and (law.reference or law.name == CEILING)
        if law.relation == "<=" and law.margin > 2.5:
            assert law.verdict == "holds"
    if "<S>" in expected[0] and case != "no time":
        assert found["0 <= <S>"].verdict in ("holds", "holds, saturated")


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000), n=st.integers(3, 5), start=st.sampled_from(["stationary", "equilibrium", "even"]))
def test_no_law_is_broken_by_any_system_that_meets_its_assumptions(seed: int, n: int, start: str) -> None:
    process = moved(seed, n, baths=(0.8,) if start == "equilibrium" else (0.6, 1.5))
    begin = np.full(n, 1.0 / n) if start == "even" else start
    run = sz.simulate(process, begin, 1.2, replicas=2000, seed=1, protocol=WAY, record="paths")
    assert run.laws().violated == ()
    still = lopsided(seed, n, push=0.5, baths=(0.8, 1.5))
    begin = "stationary" if start == "equilibrium" else begin
    assert sz.simulate(still, begin, 1.5, replicas=2000, seed=1).laws().violated == ()


def test_no_backward_run_where_none_is_wanted() -> None:
    run, expected = CASES["moved from equilibrium"]
    assert names(run.laws(backward=False)) == [name for name in expected if name not in (ALWAYS[2], WORK[2])]


def test_exact_numbers_reach_the_table() -> None:
    """2 <J>^2 / Var J of the ring after 2 and what it costs; the ceiling is met where all edges are equal."""
    exact = sz.discrete.fluctuations(RING, "stationary", 2.0).work
    law = CASES["steady ring"][0].laws(backward=False)["Var J <= Sigma, J = work"]
    assert abs(law.smaller.value - 2.0 * exact.mean**2 / exact.variance) <= 4.0 * law.smaller.stderr
    assert abs(law.larger.value - 2.0 * sz.entropy_production_rate(RING)) <= 4.0 * law.larger.stderr
    even = run_of(EVEN, "stationary", 2.0, n=40_000).laws(backward=False)["tanh"]
    assert abs(even.slack) <= 4.0 * even.slack_stderr and even.slack_stderr < 0.005 * even.larger.value


def test_few_replicas_are_inconclusive_and_no_error() -> None:
    for n in (1, 2, 20):
        laws = run_of(RING, "stationary", 5.0, n=n, currents=COUNTED).laws()
        assert len(laws) > 4 and {law.verdict for law in laws} == {"inconclusive"}


def test_what_is_hidden_breaks_laws() -> None:
    """Heat taken at one temperature instead of two, as if the hot bath were not known: several laws break."""
    run, _ = CASES["steady between two baths"]
    wrong = replace(run, ledger=replace(run.ledger, temperatures=np.array([2.3, 0.6])))
    assert {law.name for law in wrong.laws(backward=False).violated} >= {"0 <= <S>"}
    ring_run, _ = CASES["steady ring"]
    half = replace(ring_run, ledger=replace(ring_run.ledger, temperatures=np.array([2.0])))
    broken = {law.name for law in half.laws(backward=False).violated}
    assert "2 <J>^2 / Var J <= Sigma, J = turns" in broken


def test_it_is_the_same_every_time_and_draws() -> None:
    run, _ = CASES["relaxing ring"]
    assert repr(run.laws()) == repr(run.laws(threads=1))
    assert len(run.laws().plot().get_yticklabels()) == len(run.laws())
    with pytest.raises(sz.InputError, match="threads"):
        run.laws(threads=0)


def test_a_current_is_told_from_a_count_by_both_directions() -> None:
    """An antisymmetric matrix over two channels with a current through one alone (by edges) is no current of both."""
    two = JumpProcess([0.0, 0.4], [Channel([[0, 1], [1, 0]], name="a"), Channel([[0, 2], [2, 0]], name="b")])
    forth = (two.edges.source < two.edges.target).astype(float)
    run = run_of(two, [0.9, 0.1], n=500, currents={"up": forth, "net": forth - forth[two.edges.reverse]})
    found = names(run.laws())
    assert "2 R^2 / Var J <= Sigma, J = net" in found and "2 R^2 / Var J <= Sigma, J = up" not in found
    assert "R^2 / Var J <= activity, J = up" in found


def test_the_response_is_that_of_a_longer_run() -> None:
    """R = tau d<J>/dtau of a relaxation, from exact means at tau and a little later."""
    process = ring([0.0, 0.5, 1.2], 1.5, np.array([0.5, 1.0, 2.0]), temperature=0.7)
    run = run_of(process, [0.3, 0.2, 0.5], 0.8, currents={"turns": TURN})
    law = run.laws(backward=False)["R^2 / Var J <= activity, J = turns"]
    edges = process.edges
    jumps = [sz.energetics(process, [0.3, 0.2, 0.5], t).jumps for t in (0.8 - 1e-4, 0.8 + 1e-4)]
    response = 0.8 * float(TURN[edges.target, edges.source] @ (jumps[1] - jumps[0])) / 2e-4
    variance = float(np.var(run.currents["turns"], ddof=1))
    assert law.smaller.value == pytest.approx(response**2 / variance, rel=1e-6)


def test_rare_paths_that_only_the_reverse_shows_are_no_violation() -> None:
    """Two levels that exchange places by several T: 7 % of <e^{-S}> lie on paths that 3000 replicas never take."""
    channel = sz.Channel([[0.0, 0.3], [0.3, 0.0]], temperature=0.52, kinetics="heat_bath")
    swapped = sz.JumpProcess(lambda c: np.array([-1.2, -0.9]) + c * np.array([-3.2, 2.4]), channel)
    way = sz.Protocol([0.0, 1.15, 2.3], [0.0, 1.0, 0.4], kind="constant")
    for seed in range(5):
        laws = sz.simulate(swapped, "equilibrium", 2.3, replicas=3000, seed=seed, protocol=way).laws()
        assert laws["<e^{-S}> = 1"].margin > 5.0, "the sample alone would be sure of the wrong thing"
        assert laws["<e^{-S}> = 1"].verdict == "inconclusive" and laws.violated == ()


def test_replicas_in_which_nothing_happens_are_no_evidence() -> None:
    still = sz.JumpProcess(lambda c: [0.0, 15.0 - c], sz.systems.two_level().channels)
    run = sz.simulate(still, "equilibrium", 1.0, replicas=20_000, seed=2, protocol=sz.Protocol([0, 1], [0, -1]))
    assert np.ptp(run.ledger.work) == 0.0
    assert {law.verdict for law in run.laws()} == {"inconclusive"}
    few = sz.simulate(sz.systems.ring([0, 0.5, 1.2], 1.0), [0.16, 0.8, 0.04], 0.013, replicas=150, seed=213)
    assert 0 < few.activity.sum() < 10
    assert few.laws()["L^2"].margin < -5.0 and few.laws().violated == ()


def test_entropy_beyond_the_range_of_exponentials_is_inconclusive() -> None:
    run = run_of(sz.systems.ring([0.0, 0.5, 1.2], affinity=20.0), "stationary", 40.0, n=300)
    laws = run.laws()
    assert run.ledger.entropy_production.min() > 700.0
    assert laws["<e^{-S}> = 1"].verdict == "inconclusive" and laws["0 <= <S>"].verdict == "holds"


def test_states_in_which_none_started_are_missed_by_hatano_sasa() -> None:
    """A third state is so high that of 500 replicas none starts there, and comes down at once, at the end."""
    channels = sz.systems.ring(np.zeros(3), 1.5, temperature={"hot": 1.3, "cold": 0.6}).channels
    lowered = sz.JumpProcess(lambda c: [0.0, 0.4, 14.0 - 14.0 * c], channels)
    late = sz.Protocol([0.0, 2.0, 2.0], [0.0, 0.0, 1.0])
    run = sz.simulate(lowered, "stationary", 2.0, replicas=500, seed=4, protocol=late, record="paths")
    assert not np.any(run.initial == 2) and run.activity.sum() > 300
    law = run.laws(backward=False)[HS]
    assert law.margin > 5.0 and law.verdict == "inconclusive"
    assert _unvisited(run) == pytest.approx(sz.stationary(lowered, 1.0)[2], rel=1e-9)
    assert _unvisited(CASES["moved, driven, stationary"][0]) == 0.0, "all four states are among the first"


@pytest.mark.parametrize(("replicas", "rare"), [(2, True), (20_000, False)])
def test_jumps_too_rare_to_be_seen_are_missed_by_the_housekeeping(replicas: int, rare: bool) -> None:
    """Written out jump by jump: time x p x' k[x', x] pi_x / pi_x' where fewer than 3 jumps x' -> x are expected."""
    process, tau = lopsided(3, 4, push=0.8, baths=(0.7,)), 0.04
    run = run_of(process, [0.1, 0.4, 0.3, 0.2], tau, n=replicas)
    assert run.probabilities is not None
    k, pi = process.generator().toarray(), sz.stationary(process)
    missed = [0.0, 0.0]
    for end, p in enumerate(run.probabilities):
        for x, y in product(range(4), repeat=2):
            if k[x, y] > 0.0 and replicas * tau * k[x, y] * p[y] < 3.0:
                missed[end] += tau * p[y] * k[y, x] * pi[x] / pi[y]
    assert _rare_jumps(run) == pytest.approx(min(1.0, max(missed)), rel=1e-9)
    assert (max(missed) > 0.0) == rare


def test_what_cannot_be_checked_is_said() -> None:
    assert "states that were given" in run_of(RING, np.zeros(20, dtype=int), n=20).laws().left_out[0]
    assert "entropy=True" in run_of(RING, "stationary", n=20, entropy=False).laws().left_out[0]
    assert "never starts" in run_of(RING, 2, n=20).laws().left_out[0]
    assert 'record="paths"' in run_of(moved(9), "stationary", n=20, **COLD).laws().left_out[0]
    assert run_of(RING, "stationary", n=20).laws().left_out == ()
