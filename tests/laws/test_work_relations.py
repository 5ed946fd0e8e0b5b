"""Free energies from work: beside exact ones, beside another implementation, and where an assumption is broken."""

from __future__ import annotations

import contextlib
import io
from math import exp, inf, log, nan, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import szilard as sz
from szilard import Estimate, InputError
from szilard.laws.work_relations import crooks, jarzynski, second_law_of_work
from tests.statistics import assert_agrees

T = 1.3
RAISED = sz.Protocol([0.0, 2.0], [0.0, 3.0])
STIFFER = sz.Protocol([0.0, 0.8], [1.0, 3.0])
N = 20_000


def raised(initial: Any = "equilibrium", way: sz.Protocol = RAISED, temperature: float = T, seed: int = 421) -> Any:
    process = sz.systems.two_level(temperature=temperature, attempt=1.4)
    return sz.simulate(process, initial, way.duration, replicas=N, seed=seed, protocol=way).ledger.work


def stiffened(way: sz.Protocol = STIFFER, seed: int = 422) -> Any:
    process = sz.systems.stiffened_trap(mobility=1.9, temperature=T)
    return sz.simulate(process, "equilibrium", way.duration, replicas=N, seed=seed, protocol=way, dt=0.05,
                       method="metropolis").ledger.work  # fmt: skip


RAISED_DF = -T * log((1 + exp(-3 / T)) / 2)
STIFFER_DF = T / 2 * log(3.0)


def test_raised_level() -> None:
    work = raised()
    assert_agrees(jarzynski(work, temperature=T), RAISED_DF)
    found = jarzynski(work, temperature=T, free_energy_change=RAISED_DF)
    assert found.verdict == "holds"
    assert found.relation == "="
    assert found.slack_stderr < 0.01
    assert second_law_of_work(work, temperature=T, free_energy_change=RAISED_DF).verdict == "holds"


def test_reference_values_at_unit_temperature() -> None:
    """R15_two_level_Jarzynski and L07_stiffness_ramp_Jarzynski."""
    level = sz.systems.two_level()
    work = sz.simulate(level, "equilibrium", 2.0, replicas=N, seed=423, protocol=RAISED).ledger.work
    assert_agrees(jarzynski(work, temperature=1.0), -log(0.5248935341840435))
    work = sz.simulate(sz.systems.stiffened_trap(), "equilibrium", 0.8, replicas=N, seed=424, protocol=STIFFER,
                       dt=0.05, method="metropolis").ledger.work  # fmt: skip
    assert_agrees(jarzynski(work, temperature=1.0), -log(0.5773502691896257))


@pytest.mark.parametrize("shift", [0.0, 1e4, -1e4])
def test_sudden_stiffening_and_a_shift_of_the_energy(shift: float) -> None:
    """L04_stiffness_quench_Jarzynski, also where e^{-W/T} itself would not fit in a float."""
    z = np.random.default_rng(425).normal(size=N)
    found = jarzynski(T * z**2 + shift, temperature=T)
    assert_agrees(Estimate(found.value - shift, found.stderr, found.n), -T * log(0.5773502691896257))
    assert found.trusted


def test_both_directions_agree_with_the_exact_free_energy() -> None:
    reverse = raised(way=RAISED.reversed(), seed=426)
    found = crooks(raised(), reverse, temperature=T)
    assert_agrees(found, RAISED_DF)
    assert found.stderr < jarzynski(raised(), temperature=T).stderr
    assert crooks(raised(), reverse, temperature=T, free_energy_change=RAISED_DF).verdict == "holds"
    softened = stiffened(way=STIFFER.reversed(), seed=427)
    assert crooks(stiffened(), softened, temperature=T, free_energy_change=STIFFER_DF).verdict == "holds"


def test_works_that_all_agree_are_no_evidence() -> None:
    """No work in 500 replicas: the 501st may do much, and no sample says how much."""
    still = np.zeros(500)
    assert jarzynski(still, temperature=T).value == 0.0
    assert crooks(still, still, temperature=T).value == pytest.approx(0.0, abs=1e-12)
    assert not crooks(still, still, temperature=T).trusted
    for dF in (0.0, 1e-9, 0.3):
        assert jarzynski(still, temperature=T, free_energy_change=dF).verdict == "inconclusive"
        assert crooks(still, still, temperature=T, free_energy_change=dF).verdict == "inconclusive"
        assert second_law_of_work(still, temperature=T, free_energy_change=dF).verdict == "inconclusive"


def test_what_only_the_reverse_has_seen_lowers_the_worth() -> None:
    """W = -T ln 30 with the chance 1/2000, 0 else: 500 forward runs miss it, of the reverse ones 1 in 67 shows it."""
    forward = 1e-3 * np.resize([1.0, -1.0], 500)
    reverse = np.concatenate([np.zeros(1970), np.full(30, T * log(30.0))])
    assert jarzynski(forward, temperature=T).trusted
    assert not jarzynski(forward, temperature=T, reverse=reverse).trusted
    assert jarzynski(forward, temperature=T, reverse=1e-4 * reverse).trusted


def test_paths_too_rare_to_be_taken_are_in_the_error() -> None:
    """exp(-W/T) = 0.13 with the chance 1/6000, or 1 and a little: most samples of 4000 lack it and agree far better."""
    rng = np.random.default_rng(436)
    rare, weight, n = 1 / 6000, 0.13, 4000
    often = (1 - rare * weight) / (1 - rare)
    alone = []
    for _ in range(300):
        w = np.where(rng.random(n) < rare, weight, often * (1 + 1e-4 * rng.normal(size=n)))
        found = jarzynski(-T * np.log(w), temperature=T, free_energy_change=0.0)
        assert abs(found.margin) < 2
        alone.append((w.mean() - 1) / (w.std() / sqrt(n)))
    assert np.mean(np.array(alone) > 5) > 0.4, "by their spread alone"


def test_what_was_never_taken_and_weighs_much_is_an_assumption() -> None:
    """One process of those below whose 4000 replicas lack a path that carries 3 % of the average."""
    forward, reverse, free = at_random(15477, 0.40234375)
    alone = jarzynski(forward, temperature=0.40234375, free_energy_change=free)
    assert alone.verdict == "violated" and alone.smaller.value < 1
    assert "that none of the replicas took" in alone.assumptions[-1]
    seen = jarzynski(forward, temperature=0.40234375, free_energy_change=free, reverse=reverse)
    assert seen.verdict == "inconclusive" and seen.assumptions == alone.assumptions[:-1]


@pytest.mark.parametrize(("n", "m"), [(1000, 1000), (3000, 100), (150, 2000)])
@pytest.mark.parametrize("sigma", [0.4, 1.5, 3.0])
def test_acceptance_ratio_as_pymbar_finds_it(n: int, m: int, sigma: float) -> None:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        bar = pytest.importorskip("pymbar.other_estimators").bar
    rng = np.random.default_rng(428)
    forward = T * (0.7 + sigma**2 / 2 + sigma * rng.normal(size=n))
    reverse = T * (-0.7 + sigma**2 / 2 + sigma * rng.normal(size=m))
    ours, theirs = crooks(forward, reverse, temperature=T), bar(forward / T, reverse / T)
    assert ours.value == pytest.approx(T * theirs["Delta_f"], rel=1e-9, abs=1e-9)
    never_taken = (3 / n) ** 2 + (3 / m) ** 2
    assert ours.stderr == pytest.approx(T * sqrt(theirs["dDelta_f"] ** 2 + never_taken), rel=1e-6)


def test_acceptance_ratio_solves_its_equation_and_turns_with_the_direction() -> None:
    rng = np.random.default_rng(429)
    forward, reverse = rng.gamma(2.0, 1.0, 70), rng.gamma(3.0, 0.7, 110) - 2.5
    found = crooks(forward, reverse, temperature=T)
    m = log(70 / 110)
    left = np.sum(1 / (1 + np.exp(m + (forward - found.value) / T)))
    right = np.sum(1 / (1 + np.exp(-m + (reverse + found.value) / T)))
    assert left == pytest.approx(right, rel=1e-10)
    assert found.ess == pytest.approx(min(7 * left, 180))
    turned = crooks(reverse, forward, temperature=T)
    assert turned.value == pytest.approx(-found.value, rel=1e-10)
    assert turned.stderr == pytest.approx(found.stderr, rel=1e-8)


def at_random(seed: int, temperature: float) -> tuple[Any, Any, float]:
    """Work of a process and of its reverse, with levels, attempts and protocol at random, and the exact dF."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 5))
    start, change = rng.normal(0, 1.0, n), rng.normal(0, 1.2, n)
    attempt = rng.uniform(0.3, 2.0, (n, n))
    channel = sz.Channel(np.triu(attempt, 1) + np.triu(attempt, 1).T, temperature=temperature)
    process = sz.JumpProcess(lambda c: start + c * change, channel)
    way = sz.Protocol([0.0, 0.7, 0.7, 1.5], [0.0, *rng.uniform(-0.5, 1.5, 2), 1.0])
    free = -temperature * log(np.sum(np.exp(-(start + change) / temperature)) / np.sum(np.exp(-start / temperature)))
    how: Any = {"replicas": 4000, "seed": seed}
    forward = sz.simulate(process, "equilibrium", 1.5, protocol=way, **how).ledger.work
    reverse = sz.simulate(process, "equilibrium", 1.5, protocol=way.reversed(), cell="reverse", **how).ledger.work
    return forward, reverse, free


@settings(max_examples=15)
@given(st.integers(0, 2**31), st.floats(0.4, 3.0))
def test_random_processes_that_are_driven_from_equilibrium(seed: int, temperature: float) -> None:
    """No law is broken, and where it was sampled well it holds."""
    forward, reverse, free = at_random(seed, temperature)
    one = jarzynski(forward, temperature=temperature, free_energy_change=free, reverse=reverse)
    both = crooks(forward, reverse, temperature=temperature, free_energy_change=free)
    for found in (one, both):
        assert found.verdict != "violated"
        assert abs(found.margin) < 5 or not found.smaller.trusted
    assert second_law_of_work(forward, temperature=temperature, free_energy_change=free).verdict != "violated"
    assert both.smaller.trusted


@pytest.mark.parametrize("wrong", [[0.2, 0.8], 1])
def test_violated_from_a_start_out_of_equilibrium(wrong: Any) -> None:
    found = jarzynski(raised(initial=wrong), temperature=T, free_energy_change=RAISED_DF)
    assert found.verdict == "violated"
    assert "every replica starts in equilibrium" in found.assumptions[0]


def test_violated_at_the_wrong_temperature() -> None:
    """A trap is pulled at once: W = k (l^2 / 2 - l x)."""
    k, far = 1.4, 1.2
    x = sqrt(T / k) * np.random.default_rng(430).normal(size=N)
    work = k * (far**2 / 2 - far * x)
    assert jarzynski(work, temperature=T, free_energy_change=0.0).verdict == "holds"
    for wrong in (0.9 * T, 1.15 * T):
        assert jarzynski(work, temperature=wrong, free_energy_change=0.0).verdict == "violated"


def test_violated_by_long_steps() -> None:
    """A trap pulled with steps of .9 relaxation times: Euler breaks detailed balance, Metropolis does not."""
    way = sz.Protocol([0.0, 3.0], [0.0, 1.0])
    trap = sz.systems.moved_trap(1.4, mobility=1.9, temperature=T)
    for method, verdict in (("metropolis", "holds"), ("euler", "violated")):
        work = sz.simulate(trap, "equilibrium", 3.0, replicas=N, seed=431, protocol=way, dt=0.9 / (1.4 * 1.9),
                           method=method).ledger.work  # fmt: skip
        assert jarzynski(work, temperature=T, free_energy_change=0.0).verdict == verdict


def test_violated_by_free_expansion() -> None:
    """A wall is drawn aside and a level raised a little: the free energy falls by T ln 2 more than work can tell.

    Half of the end is out of reach at the start.
    """
    low = 0.4 * T
    raised_level = np.where(np.random.default_rng(432).random(N) < 0.5, 0.0, low)
    change = -T * log((1.0 + np.exp(-low / T)) / 2.0) - T * log(2.0)
    found = jarzynski(raised_level, temperature=T, free_energy_change=change)
    assert found.verdict == "violated"
    assert abs(found.smaller.value - 0.5) <= 4.0 * found.smaller.stderr


def test_violated_when_the_reverse_does_not_start_in_equilibrium() -> None:
    forward = raised()
    started = raised(initial=[0.5, 0.5], way=RAISED.reversed(), seed=432)
    assert crooks(forward, started, temperature=T, free_energy_change=RAISED_DF).verdict == "violated"
    unchanged = raised(way=RAISED, seed=433)
    assert crooks(forward, unchanged, temperature=T, free_energy_change=RAISED_DF).verdict == "violated"


def test_second_law_is_violated_by_work_that_a_start_out_of_equilibrium_gives() -> None:
    lowered = sz.Protocol([0.0, 2.0], [3.0, 0.0])
    found = second_law_of_work(raised(initial=1, way=lowered), temperature=T, free_energy_change=-RAISED_DF)
    assert found.verdict == "violated"
    assert found.smaller.value == pytest.approx(-RAISED_DF / T)


def test_inconclusive_where_rare_paths_were_not_seen() -> None:
    rng = np.random.default_rng(434)
    hard = rng.normal(8.0, 4.0, 1000)
    assert jarzynski(hard, temperature=1.0, free_energy_change=0.0).verdict == "inconclusive"
    assert crooks(hard + 40, hard + 40, temperature=1.0, free_energy_change=3.0).verdict == "inconclusive"
    assert crooks([1.0], [-1.0], temperature=1.0).stderr == inf


def test_error_and_side_of_the_free_energy_that_is_given() -> None:
    work = raised()
    exact = jarzynski(work, temperature=T, free_energy_change=RAISED_DF)
    other = Estimate(RAISED_DF, 0.05, 4000, 900.0)
    given_ = jarzynski(work, temperature=T, free_energy_change=other)
    mean = exact.smaller
    assert given_.smaller.value == mean.value
    assert given_.smaller.stderr == pytest.approx(sqrt(mean.stderr**2 + (mean.value * 0.05 / T) ** 2))
    assert given_.smaller.ess == 900.0
    unsure = Estimate(RAISED_DF, 0.05, 4000, 20.0)
    assert jarzynski(work, temperature=T, free_energy_change=unsure).verdict == "inconclusive"
    bound = Estimate(RAISED_DF + 1.0, 0.01, side="upper")
    assert jarzynski(work, temperature=T, free_energy_change=bound).verdict == "inconclusive"
    assert crooks(work, -work, temperature=T, free_energy_change=other).larger is other


def test_delta_method_by_hand() -> None:
    work = np.array([0.2, 1.4, -0.3, 0.9])
    found = jarzynski(work, temperature=2.0)
    w = np.exp(-work / 2)
    assert found.value == pytest.approx(-2 * log(w.mean()), rel=1e-13)
    assert found.stderr == pytest.approx(2 * sqrt(w.var(ddof=1) / 4 / w.mean() ** 2 + (3 / 4) ** 2), rel=1e-13)
    assert found.n == 4
    assert found.reference.startswith("Jarzynski")


def test_bias_of_a_finite_sample_is_upwards() -> None:
    """T var(w) / (2 n <w>^2), for a deviation of T / 2: the next order is 5 % of it, the error 20 %."""
    rng = np.random.default_rng(435)
    n, runs = 10, 4000
    found = [jarzynski(rng.normal(T / 8, T / 2, n), temperature=T).value for _ in range(runs)]
    bias = T * (exp(0.25) - 1) / (2 * n)
    error = float(np.std(found)) / sqrt(runs)
    assert abs(np.mean(found) - bias) < 4 * error
    assert np.mean(found) > 4 * error


@pytest.mark.parametrize("bad", [[], [1.0, nan], [inf, 1.0], [[1.0, 2.0]], 3.0])
def test_refusals_of_samples(bad: Any) -> None:
    fine = [0.1, 0.2]
    for call, field in (
        (lambda: jarzynski(bad, temperature=1.0), "work"),
        (lambda: second_law_of_work(bad, temperature=1.0, free_energy_change=0.0), "work"),
        (lambda: crooks(bad, fine, temperature=1.0), "forward"),
        (lambda: crooks(fine, bad, temperature=1.0), "reverse"),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.field.startswith(field)


@pytest.mark.parametrize("bad", [0.0, -1.0, nan, inf, "warm", None])
def test_refusals_of_temperature_and_free_energy(bad: Any) -> None:
    fine = [0.1, 0.2]
    for call in (
        lambda: jarzynski(fine, temperature=bad),
        lambda: crooks(fine, fine, temperature=bad),
        lambda: second_law_of_work(fine, temperature=bad, free_energy_change=0.0),
    ):
        with pytest.raises(InputError, match="temperature: got"):
            call()
    if bad not in (0.0, -1.0, None):
        for law in (jarzynski, second_law_of_work):
            with pytest.raises(InputError, match="free_energy_change: got"):
                law(fine, temperature=1.0, free_energy_change=bad)
        with pytest.raises(InputError, match="free_energy_change: got"):
            crooks(fine, fine, temperature=1.0, free_energy_change=bad)
