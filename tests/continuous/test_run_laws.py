"""A Langevin run knows which laws apply to it, and they hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import szilard as sz
from szilard.continuous import Linear
from szilard.laws.panel import Laws
from tests.continuous.cases import WAY, moved, stirred
from tests.continuous.turning import START, SWIRLED

ALWAYS = ["0 <= <S>", "<e^{-S}> = 1", "P_reverse(-S in B) = <e^{-S}; S in B>"]
WORK = ["dF / T <= <W> / T", "<e^{-(W - dF)/T}> = 1", "dF of both directions = dF"]
GC, HK, HS = "<e^(-0.25 S)> = <e^(-0.75 S)>", "<e^{-S_hk}> = 1", "<e^{-Y}> = 1"
SPEED, CEILING = "W2^2 / (D tau) <= Sigma", "dissipation <= certified ceiling"
TRAP = sz.systems.moved_trap(2.0, temperature=0.5, mobility=1.3)
HELD = sz.Protocol([0.0], [0.4])


def names(laws: Laws) -> list[str]:
    return [law.name.split(", as ")[0] for law in laws]


def precise(name: str) -> str:
    return f"2 <J>^2 / Var J <= Sigma, J = {name}"


def run_of(process: sz.Langevin, initial: Any, duration: float = 1.2, n: int = 5_000, **more: Any) -> Any:
    return sz.simulate(process, initial, duration, replicas=n, seed=1, **more)


CASES: dict[str, tuple[Any, list[str]]] = {
    "trap moved from equilibrium": (run_of(TRAP, "equilibrium", protocol=WAY, dt=0.1), [*ALWAYS, *WORK, SPEED]),
    "well moved, p not known": (
        run_of(moved(), "equilibrium", protocol=WAY, dt=0.1, method="metropolis"), WORK
    ),
    "well moved, p on a lattice": (
        run_of(moved(), "equilibrium", protocol=WAY, dt=0.01, entropy=True), [*ALWAYS, *WORK]
    ),
    "driven and moved, stationary": (
        run_of(SWIRLED, "stationary", protocol=WAY, dt=0.02, record="paths"), [*ALWAYS, HS, HK, SPEED]
    ),
    "driven and moved without paths": (run_of(SWIRLED, "stationary", protocol=WAY, dt=0.02), [*ALWAYS, SPEED]),
    "driven and moved from anywhere": (
        run_of(SWIRLED, START, protocol=WAY, dt=0.02, record="paths"), [*ALWAYS, HK, SPEED]
    ),
    "gyrator": (
        run_of(sz.systems.gyrator(1.0, 0.5, (2.0, 0.7)), "stationary", dt=0.02),
        [*ALWAYS, GC, precise("heat bath 0"), precise("heat bath 1"), CEILING],
    ),
    "rotating trap": (
        run_of(sz.systems.rotating_trap(1.3, 0.7, temperature=0.6), "stationary", dt=0.02),
        [*ALWAYS, GC, precise("work"), CEILING],
    ),
    "rotating trap from equilibrium": (
        run_of(sz.systems.rotating_trap(1.3, 0.7, temperature=0.6), "equilibrium", dt=0.02), [*ALWAYS, HK, *WORK]
    ),
    "tilted ring": (
        run_of(sz.systems.tilted_ring(0.6, 0.5, temperature=0.8), "stationary", dt=0.02),
        [*ALWAYS, GC, precise("work"), CEILING],
    ),
    "trap relaxing": (run_of(TRAP, sz.Gaussian(1.0, 0.6), protocol=HELD), [*ALWAYS, SPEED]),
    "in equilibrium": (run_of(TRAP, "equilibrium", protocol=HELD), ALWAYS[:1]),
    "states given, driven": (run_of(stirred(), [0.1, 0.2], 0.1, dt=0.02), []),
    "states given, linear": (run_of(SWIRLED, [0.1, 0.2], protocol=WAY, dt=0.02, record="paths"), [HK]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_laws_that_apply_are_told_and_hold(case: str) -> None:
    run, expected = CASES[case]
    found = run.laws()
    assert names(found) == expected
    for law in found:
        assert law.verdict in ("holds", "holds, saturated") or law.name == CEILING or abs(law.margin) < 4.0
        assert law.assumptions and law.reference


def test_the_time_step_is_an_assumption_unless_it_cannot_matter() -> None:
    for case, stepped in (("gyrator", True), ("trap moved from equilibrium", False)):
        for law in CASES[case][0].laws(backward=False):
            if law.name in ("0 <= <S>", SPEED):
                assert any("time step" in said for said in law.assumptions) == stepped


@settings(max_examples=4)
@given(seed=st.integers(0, 10_000))
def test_no_law_is_broken_by_any_linear_process(seed: int) -> None:
    """Random hessians, swirls, mobilities and temperatures, all moved by a control; exact transitions of 0.01."""
    draw = np.random.default_rng(seed)
    root, slope = draw.normal(size=(2, 2)), draw.normal(size=(2, 2))
    hessian, swirl = root @ root.T + np.eye(2), 0.5 * draw.normal(size=(2, 2))
    swirl = 0.5 * (swirl - swirl.T)

    def linear(control: float) -> Linear:
        return Linear(hessian + 0.1 * control * (slope + slope.T), [control, -0.5 * control], swirl=swirl)

    process = sz.Langevin(
        linear=linear, dim=2, temperature=draw.uniform(0.7, 1.5, 2), mobility=draw.uniform(0.5, 1.5, 2)
    )
    run = sz.simulate(process, "stationary", 1.2, replicas=1000, seed=1, protocol=WAY, dt=0.04, record="paths")
    assert run.laws().violated == ()


def test_euler_steps_too_long_break_the_theorems() -> None:
    """Steps of 0.8 relaxation times: heat and work are not those of the probabilities of the steps."""
    softly = sz.Protocol(WAY.times, [0.4 * value for value in WAY.values])
    run = run_of(TRAP, "equilibrium", n=40_000, protocol=softly, dt=0.3, method="euler")
    broken = {law.name.split(", as ")[0] for law in run.laws().violated}
    assert {*ALWAYS[1:], WORK[1]} <= broken


def test_no_backward_run_where_none_is_wanted() -> None:
    run, expected = CASES["trap moved from equilibrium"]
    assert names(run.laws(backward=False)) == [name for name in expected if name not in (ALWAYS[2], WORK[2])]


def test_numbers_in_the_table_are_the_exact_ones() -> None:
    run, _ = CASES["trap relaxing"]
    laws, exact = run.laws(backward=False), sz.energetics(TRAP, sz.Gaussian(1.0, 0.6), 1.2, HELD)
    assert abs(laws["0 <= <S>"].larger.value - exact.entropy_production) <= 4.0 * laws["0 <= <S>"].larger.stderr
    end = sz.propagate(TRAP, sz.Gaussian(1.0, 0.6), [1.2], HELD)
    mean, deviation = float(end.means[0, 0]), float(np.sqrt(end.covariances[0, 0, 0]))  # type: ignore[union-attr]
    square = (mean - 1.0) ** 2 + (deviation - np.sqrt(0.6)) ** 2
    assert laws[SPEED].smaller.value == pytest.approx(square / (0.65 * 1.2), rel=1e-9)
    trap, _ = CASES["rotating trap"]
    ceiling = trap.laws(backward=False)["certified"]
    # quadratic functions hold -ln p_ss: the ceiling is met, 2 mobility r^2 tau/k at any temperature
    for side in (ceiling.smaller, ceiling.larger):
        assert abs(side.value - 2.0 * 0.49 * 1.2 / 1.3) <= 4.0 * side.stderr


def test_few_replicas_are_inconclusive_and_no_error() -> None:
    for n in (1, 2, 9):
        for case in ("gyrator", "tilted ring"):
            process = CASES[case][0].course.process
            laws = run_of(process, "stationary", 0.5, n=n, dt=0.05).laws()
            assert {law.verdict for law in laws} == {"inconclusive"}


def test_it_draws() -> None:
    laws = CASES["gyrator"][0].laws()
    assert len(laws.plot().get_yticklabels()) == len(laws)


def test_a_start_that_leaves_places_out_is_seen_without_the_backward_run() -> None:
    lattice = sz.continuous.lattice_of(sz.systems.double_well(1.0, 0.0), cells=64)
    there = np.abs(lattice.points[:, 0] + 1.0) < 0.3
    start = sz.continuous.Density.of(lattice, there / there.sum())
    run = sz.simulate(sz.systems.double_well(1.0, 0.0), start, 0.3, replicas=2000, seed=1, dt=0.02, entropy=True)
    for backward in (True, False):
        laws = run.laws(backward=backward)
        assert [law.name for law in laws if law.name == "<e^{-S}> = 1"] == []
        assert any("never starts" in reason for reason in laws.left_out)


def test_metropolised_steps_are_not_held_to_the_speed_of_diffusion() -> None:
    pulled = sz.Protocol([0.0, 6.0], [0.0, 2.5])
    run = sz.simulate(sz.systems.moved_trap(1.0), "equilibrium", 6.0, replicas=4000, seed=1, protocol=pulled, dt=0.3,
                      method="metropolis")  # fmt: skip
    laws = run.laws()
    assert laws.violated == () and not any("W2" in law.name for law in laws)
    assert any("speed limit" in reason for reason in laws.left_out)
