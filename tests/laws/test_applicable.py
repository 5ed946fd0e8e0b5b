"""Which laws are held against what is known: those alone whose assumptions it meets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from szilard.estimate import Estimate
from szilard.laws.applicable import Facts, Flow, Isothermal, applicable

DRAW = np.random.default_rng(7)
N = 20_000
S = 0.5 + DRAW.normal(size=N)
"""Gaussian with variance 2 <S>: it obeys the integral theorem, and its mirror image the detailed one."""
BACK = 0.5 + DRAW.normal(size=N)
KNOWN = Facts(2.0, S)


def names(facts: Facts) -> list[str]:
    return [law.name.split(",")[0] for law in applicable(facts)]


def test_nothing_known_means_no_law() -> None:
    assert len(applicable(Facts(1.0))) == 0


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, []),
        ({"reversible": True}, ["<e^{-S}> = 1"]),
        ({"mirrored": BACK}, []),
        ({"reversible": True, "mirrored": BACK}, ["<e^{-S}> = 1", "P_reverse(-S in B) = <e^{-S}; S in B>"]),
        ({"steady": True}, ["<e^(-0.25 S)> = <e^(-0.75 S)>"]),
        ({"hatano_sasa": BACK}, ["<e^{-Y}> = 1"]),
        ({"housekeeping": BACK}, ["<e^{-S_hk}> = 1"]),
        ({"housekeeping": np.full(N, 1e-13)}, []),
        ({"housekeeping": S, "steady": True}, ["<e^(-0.25 S)> = <e^(-0.75 S)>"]),
        ({"distance": 0.7, "diffusion": 1.0}, ["W2^2 / (D tau) <= Sigma"]),
        ({"distance": 0.3, "activity": np.full(N, 3.0)}, ["L^2 / (2 A tau) <= Sigma"]),
        ({"distance": 0.3, "activity": np.zeros(N)}, []),
        ({"activity": np.full(N, 3.0), "largest_force": 1.2}, ["dissipation <= F tanh(F/2) K"]),
        ({"ceiling": (S[::2], Estimate(1.0, 0.01, 500))}, ["dissipation <= certified ceiling"]),
    ],
    ids=str,
)
def test_every_law_needs_what_it_rests_on(known: dict[str, Any], expected: list[str]) -> None:
    assert names(replace(KNOWN, **known)) == ["0 <= <S>", *expected]
    without = replace(Facts(2.0), **{k: v for k, v in known.items() if k != "entropy_production"})
    kept = [name for name in expected if name in ("<e^{-Y}> = 1", "<e^{-S_hk}> = 1")]
    if "steady" not in known:
        assert names(without) == kept, "without S only what needs no S"


def test_work_from_equilibrium() -> None:
    work = 0.3 + 0.7 * S
    done = Isothermal(work, 0.7, 0.3)
    there = ["dF / T <= <W> / T", "<e^{-(W - dF)/T}> = 1"]
    assert names(Facts(1.0, isothermal=done)) == there
    both = applicable(Facts(1.0, isothermal=replace(done, backward=-0.3 + 0.7 * BACK)))
    assert [law.name for law in both] == [*there, "dF of both directions = dF"]
    assert all(law.verdict == "holds" for law in both)
    wrong = applicable(Facts(1.0, isothermal=replace(done, free_energy_change=0.5, backward=-0.3 + 0.7 * BACK)))
    assert [law.verdict for law in wrong][1:] == ["violated", "violated"]
    idle = Isothermal(np.zeros(N), 0.7, 0.0, np.zeros(N))
    assert {law.verdict for law in applicable(Facts(1.0, isothermal=idle))} == {"inconclusive"}


def test_one_law_does_not_say_what_another_says() -> None:
    """Without housekeeping Hatano and Sasa's is Jarzynski's; with it both are told."""
    done = Isothermal(0.7 * S, 0.7, 0.0)
    alone = Facts(1.0, isothermal=done, hatano_sasa=S, housekeeping=np.zeros(N))
    assert "<e^{-Y}> = 1" not in names(alone)
    assert "<e^{-Y}> = 1" in names(replace(alone, housekeeping=BACK))


def test_currents_by_what_they_are() -> None:
    odd, even = Flow("turns", 1.0 + S, True), Flow("visits", 5.0 + BACK, False)
    slow = replace(odd, response=0.4)
    steady = replace(KNOWN, steady=True, flows=(odd, even), activity=np.full(N, 9.0) + S)
    found = [law.name for law in applicable(steady)]
    assert found[2:] == [
        "2 <J>^2 / Var J <= Sigma, J = turns",
        "R^2 / Var J <= activity, J = turns",
        "R^2 / Var J <= activity, J = visits",
    ]
    relaxing = replace(steady, steady=False, flows=(slow, even, replace(even, response=0.2)))
    assert [law.name for law in applicable(relaxing)][1:] == [
        "2 R^2 / Var J <= Sigma, J = turns",
        "R^2 / Var J <= activity, J = turns",
        "R^2 / Var J <= activity, J = visits",
    ]
    laws = applicable(relaxing)
    assert laws["2 R^2"].smaller.value == pytest.approx(2.0 * 0.4**2 / np.var(odd.counted, ddof=1))
    assert laws["J = visits"].smaller.value == pytest.approx(0.2**2 / np.var(even.counted, ddof=1))
    unmoved = replace(steady, flows=(Flow("none", np.ones(N), True),))
    assert len(applicable(unmoved)) == 2


def test_numbers_reach_their_law() -> None:
    facts = replace(KNOWN, distance=0.6, activity=np.full(N, 3.0), largest_force=2.0)
    speed, ceiling = applicable(facts)["L^2"], applicable(facts)["tanh"]
    assert speed.smaller.value == pytest.approx(0.36 / (2 * 1.5 * 2.0))
    assert ceiling.larger.value == pytest.approx(2.0 * np.tanh(1.0) * 3.0)
    farther = replace(facts, activity=None, diffusion=0.5)
    assert applicable(farther)["W2"].smaller.value == pytest.approx(0.36 / (0.5 * 2.0))


def test_assumptions_of_the_run_are_added_once() -> None:
    said = ("nothing else is hidden", "the time step is short")
    for law in applicable(replace(KNOWN, reversible=True, assumptions=said)):
        assert law.assumptions[-1] in said and "nothing else is hidden" in law.assumptions
        assert sum("time step" in one for one in law.assumptions) == 1


def test_at_rest_nothing_is_sampled() -> None:
    found = applicable(Facts(1.0, 1e-12 * S, reversible=True, mirrored=1e-12 * BACK, steady=True, at_rest=True))
    assert [(law.name, law.verdict) for law in found] == [("0 <= <S>", "holds, saturated")]


def test_replicas_without_a_jump_are_no_evidence() -> None:
    jumps = np.zeros(N)
    jumps[:50] = 1.0
    for law in applicable(replace(KNOWN, reversible=True, activity=jumps)):
        assert law.verdict == "inconclusive"
        assert max(e.ess or 0.0 for e in (law.smaller, law.larger)) <= 50.0
