"""Fluctuation theorems for entropy: driven processes, random ones, and every broken assumption seen."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, gamma, inf, log, nan, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import szilard as sz
from szilard import InputError
from szilard.laws.entropy_theorems import (
    detailed_fluctuation_table,
    detailed_fluctuation_theorem,
    gallavotti_cohen,
    hatano_sasa,
    housekeeping_theorem,
    integral_fluctuation_theorem,
)
from szilard.laws.work_relations import jarzynski

T = 1.3
N = 20_000
LEVELS, CHANGE = np.array([0.0, 0.5, 1.2]), np.array([0.8, -0.6, 0.0])
WAY = sz.Protocol([0.0, 1.2], [0.0, 1.0])
START = np.array([0.5, 0.2, 0.3])
Array = np.ndarray


def ring(affinity: float = 2.0, control: float | None = None, temperature: float = T) -> sz.JumpProcess:
    energy: Any = (lambda c: LEVELS + c * CHANGE) if control is None else LEVELS + control * CHANGE
    return sz.systems.ring(
        energy, affinity, attempt=1.4, temperature=temperature, states=3 if control is None else None
    )


def driven(initial: Any = START, seed: int = 441, replicas: int = N, way: sz.Protocol = WAY) -> Any:
    return sz.simulate(ring(), initial, way.duration, replicas=replicas, seed=seed, protocol=way)


def reversed_entropy(forward: Any, seed: int, affinity: float = 2.0, start: Any = None) -> Array:
    """S of the reverse runs: ln p_t(y_0) / p_0(y_t) + Q / T, with the densities of the forward process."""
    first, last = forward.probabilities
    back = sz.simulate(ring(affinity), last if start is None else start, WAY.duration, replicas=N, seed=seed,
                       protocol=WAY.reversed())  # fmt: skip
    return np.asarray(np.log(last[back.initial] / first[back.final]) + back.ledger.heat[:, 0] / T)


def test_integral_theorem_of_a_ring_that_is_driven_and_moved() -> None:
    found = integral_fluctuation_theorem(driven().ledger.entropy_production)
    assert found.verdict == "holds"
    assert found.relation == "="
    assert found.slack_stderr < 0.02


def test_integral_theorem_of_a_process_at_two_temperatures() -> None:
    hot = sz.systems.two_level(1.1, temperature={"hot": 2.0, "cold": 0.6}, attempt={"hot": 0.8, "cold": 1.3})
    run = sz.simulate(hot, [0.9, 0.1], 1.5, replicas=N, seed=442)
    assert integral_fluctuation_theorem(run.ledger.entropy_production).verdict == "holds"


@settings(max_examples=15)
@given(st.integers(0, 2**31), st.floats(1.0, 3.0))
def test_theorems_of_random_rings(seed: int, temperature: float) -> None:
    """Energies, attempts, drive and start at random: integral, housekeeping and steady symmetry."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 6))
    process = sz.systems.ring(
        rng.uniform(-1, 1, n), rng.uniform(-2, 2), attempt=rng.uniform(0.5, 2.0, n), temperature=temperature
    )
    how: Any = {"replicas": 4000, "currents": {"house": housekeeping_per_jump(process)}}
    start = rng.dirichlet(np.full(n, 5.0))
    run = sz.simulate(process, start, 1.0, seed=seed, **how)
    steady = sz.simulate(process, "stationary", 1.0, seed=seed, cell="steady", **how)
    checks = [
        integral_fluctuation_theorem(run.ledger.entropy_production),
        housekeeping_theorem(run.currents["house"]),
        gallavotti_cohen(steady.ledger.entropy_production, s=0.2),
        detailed_fluctuation_theorem(steady.ledger.entropy_production, steady=True),
    ]
    assert [c.name for c in checks if c.verdict == "violated"] == []
    assert sum(c.verdict == "holds" for c in checks) >= 1
    assert all(abs(c.margin) < 5 for c in checks if c.smaller.trusted and c.larger.trusted)


def test_reversible_and_still() -> None:
    """Equilibrium: S = 0 on every path, exactly."""
    run = sz.simulate(ring(0.0, 0.4), "stationary", 2.0, replicas=500, seed=443)
    s = run.ledger.entropy_production
    np.testing.assert_allclose(s, 0.0, atol=1e-12)
    for found in (detailed_fluctuation_theorem(s, s), detailed_fluctuation_theorem(s, steady=True)):
        assert found.verdict == "holds"
    for found in (integral_fluctuation_theorem(s), gallavotti_cohen(s)):
        assert found.verdict == "inconclusive", "samples that all agree say nothing of the rare one"
        assert found.smaller.value == pytest.approx(found.larger.value)
    assert detailed_fluctuation_theorem(s + 1.0, s - 1.0).verdict == "violated"


def test_violated_by_absolute_irreversibility() -> None:
    """All start in state 0: <e^{-S}> is the chance p_0(t) that the reversed process returns there."""
    run = driven(initial=0)
    found = integral_fluctuation_theorem(run.ledger.entropy_production)
    assert found.verdict == "violated"
    process, (first, last) = ring(), run.probabilities
    back = sz.propagate(process, last, [WAY.duration], WAY.reversed()).probabilities[0]
    assert first[0] == 1.0
    assert abs(found.smaller.value - back[0]) < 4 * found.smaller.stderr


def housekeeping_per_jump(process: sz.JumpProcess, control: float | None = None) -> Array:
    """ln [k_xy p_y / (k_yx p_x)] at [x, y], for the jump y -> x."""
    k = process.generator(control).toarray()
    np.fill_diagonal(k, 0.0)
    p = sz.stationary(process, control)
    flow = k * p
    return np.asarray(np.log(np.divide(flow, flow.T, out=np.ones_like(flow), where=flow.T > 0)))


def test_housekeeping_and_its_breaking_by_the_stationary_state_of_another_control() -> None:
    process, other = ring(2.0, 0.0), ring(2.0, 1.0)
    wrong = housekeeping_per_jump(process)
    p, q = sz.stationary(process), sz.stationary(other)
    wrong = wrong + np.log(np.outer(p / q, q / p)) * (wrong != 0)
    run = sz.simulate(process, START, 1.2, replicas=N, seed=444,
                      currents={"right": housekeeping_per_jump(process), "wrong": wrong})  # fmt: skip
    right = housekeeping_theorem(run.currents["right"])
    assert right.verdict == "holds"
    assert np.mean(run.currents["right"]) > 0.3
    assert housekeeping_theorem(run.currents["wrong"]).verdict == "violated"


def hatano_sasa_of_a_jump(start: Any, seed: int = 445) -> Array:
    """The control jumps from 0 to 1 at .4 and back to 0.3 at 1: Y = sum of the changes of phi at the state then."""
    way = sz.Protocol([0.0, 0.4, 1.0], [0.0, 1.0, 0.3], kind="constant")
    run = sz.simulate(ring(), start, 1.2, replicas=N, seed=seed, protocol=way, times=[0.4, 1.0])
    phi = [-np.log(sz.stationary(ring(), c)) for c in (0.0, 1.0, 0.3)]
    then = run.states
    return np.asarray((phi[1] - phi[0])[then[:, 0]] + (phi[2] - phi[1])[then[:, 1]])


def test_hatano_sasa_and_its_breaking_by_the_start() -> None:
    found = hatano_sasa(hatano_sasa_of_a_jump("stationary"))
    assert found.verdict == "holds"
    assert found.slack_stderr < 0.01
    broken = hatano_sasa(hatano_sasa_of_a_jump([0.05, 0.9, 0.05]))
    assert broken.verdict == "violated"
    assert "starts in the stationary state" in broken.assumptions[1]


def test_hatano_sasa_is_jarzynski_without_a_drive() -> None:
    way = sz.Protocol([0.0, 0.5, 0.5, 1.0], [0.0, 0.0, 1.0, 1.0])
    process = ring(0.0)
    run = sz.simulate(process, "equilibrium", 1.0, replicas=2000, seed=446, protocol=way, times=[0.5])
    phi = [-np.log(sz.stationary(process, c)) for c in (0.0, 1.0)]
    free = -T * log(np.sum(np.exp(-(LEVELS + CHANGE) / T)) / np.sum(np.exp(-LEVELS / T)))
    one = hatano_sasa((phi[1] - phi[0])[run.states[:, 0]])
    other = jarzynski(run.ledger.work, temperature=T, free_energy_change=free)
    assert one.smaller.value == pytest.approx(other.smaller.value, rel=1e-10)
    assert one.smaller.stderr == pytest.approx(other.smaller.stderr, rel=1e-8)


def test_detailed_theorem_of_a_ring_that_is_driven_and_moved() -> None:
    run = driven()
    found = detailed_fluctuation_theorem(run.ledger.entropy_production, reversed_entropy(run, 447))
    assert found.verdict == "holds"
    table = detailed_fluctuation_table(run.ledger.entropy_production, reversed_entropy(run, 447))
    assert table.degrees > 8
    assert table.check == found


def test_detailed_theorem_is_violated_by_every_wrong_reverse() -> None:
    """The forward runs themselves, a reverse from the wrong start, one with half of the drive, and S at another T."""
    run = driven()
    s = run.ledger.entropy_production
    for wrong in (
        driven(seed=448).ledger.entropy_production,
        reversed_entropy(run, 449, start=START),
        reversed_entropy(run, 450, affinity=1.0),
        -reversed_entropy(run, 451),
    ):
        assert detailed_fluctuation_theorem(s, wrong).verdict == "violated"
    warmer = s + run.ledger.heat[:, 0] * (1 / (1.3 * T) - 1 / T)
    assert detailed_fluctuation_theorem(warmer, reversed_entropy(run, 452)).verdict == "violated"


def test_forward_runs_stand_in_only_in_a_steady_state() -> None:
    steady = sz.simulate(ring(3.0, 0.2), "stationary", 2.0, replicas=2 * N, seed=453)
    S = steady.ledger.entropy_production
    found = detailed_fluctuation_theorem(S, steady=True)
    assert found.verdict == "holds"
    assert found == detailed_fluctuation_theorem(S[::2], S[1::2])  # no run stands on both sides
    assert (
        detailed_fluctuation_theorem(driven(replicas=2 * N).ledger.entropy_production, steady=True).verdict
        == "violated"
    )


@pytest.mark.parametrize("sigma", [0.3, 2.0])
def test_statistic_has_the_law_that_it_claims(sigma: float) -> None:
    """Gaussian S: over 250 repetitions the margin has mean 0 and variance 1, to 4 errors and .1 for its skewness."""
    rng = np.random.default_rng(454)
    checks = [detailed_fluctuation_theorem(*rng.normal(sigma**2 / 2, sigma, (2, 2500))) for _ in range(250)]
    margins = np.array([c.margin for c in checks])
    assert abs(np.mean(margins)) < 4 / sqrt(250) + 0.1
    assert abs(np.var(margins) - 1.0) < 4 * sqrt(2 / 250) + 0.1
    assert np.max(np.abs(margins)) < 4.5
    assert all(c.smaller.trusted for c in checks)


def test_statistic_is_compared_with_the_mean_and_spread_that_chi_square_gives_it() -> None:
    """Of (chi^2 / k)^(1/3), from gamma functions; Wilson and Hilferty are off by 2 / (81 k^2) and 6 % / k."""
    rng = np.random.default_rng(459)
    for edges in ([-1.0, 0.5, 2.0], [-1.0, 0.0, 1.0, 2.0]):
        table = detailed_fluctuation_table(*rng.normal(0.5, 1.0, (2, 4000)), bins=edges)
        k, check = table.degrees, table.check
        assert k == len(edges) - 1
        mean, square = ((2 / k) ** p * gamma(k / 2 + p) / gamma(k / 2) for p in (1 / 3, 2 / 3))
        assert check.larger.value == pytest.approx(mean, abs=2 / (81 * k**2))
        assert check.slack_stderr == pytest.approx(sqrt(square - mean**2), rel=0.06 / k)
        assert check.smaller.value == pytest.approx((table.chi_square / k) ** (1 / 3))


def test_bins_by_hand() -> None:
    """Edges that are given are used as they are; the upper one belongs to the bin."""
    forward = np.array([-0.5, 0.2, 0.7, 1.0, 1.4, 3.0])
    reverse = np.array([0.5, -0.2, -0.9, -1.2])
    table = detailed_fluctuation_table(forward, reverse, bins=[-1.0, 0.0, 1.0, 2.0])
    w = np.exp(-forward)
    found = [[e.value for e in side] for side in (table.measured, table.expected)]
    np.testing.assert_allclose(found[0], [w[0] / 6, (w[1] + w[2] + w[3]) / 6, w[4] / 6], rtol=1e-14)
    np.testing.assert_allclose(found[1], [0.25, 0.5, 0.25], rtol=1e-14)
    column = [np.where(np.isin(forward, part), w, 0.0) for part in ([-0.5], [0.2, 0.7, 1.0], [1.4])]
    np.testing.assert_allclose([e.stderr for e in table.measured], [c.std() / sqrt(5) for c in column], rtol=1e-12)
    np.testing.assert_allclose(
        table.covariance,
        np.cov(column, ddof=0) / 5 + np.cov(np.eye(3)[:, [0, 1, 1, 2]], ddof=0) / 3,
        rtol=1e-12,
    )
    assert [e.ess for e in table.expected] == [1, 2, 1]
    d = table.differences
    assert table.chi_square == pytest.approx(d @ np.linalg.solve(table.covariance, d), rel=1e-8)
    assert table.check.verdict == "inconclusive"


def test_values_that_only_the_reverse_could_see_are_left_out() -> None:
    """S = 12 or -12, where the latter has the chance e^-12: the reverse sees it always, 500 forward runs never."""
    table = detailed_fluctuation_table([12.0] * 500, [12.0] * 500)
    assert table.edges[0] == 0.0
    assert table.check.verdict == "inconclusive"


@pytest.mark.parametrize("s", [-0.1, 0.0, 0.25, 0.4])
def test_gallavotti_cohen_in_a_driven_steady_state(s: float) -> None:
    x = sz.simulate(ring(2.5, 0.2), "stationary", 0.4, replicas=N, seed=455).ledger.entropy_production
    found = gallavotti_cohen(x, s=s)
    assert found.verdict == "holds" if s > 0.0 else abs(found.margin) < 4.0
    assert found.slack_stderr == pytest.approx(np.std(np.exp(-s * x) - np.exp((s - 1) * x), ddof=1) / sqrt(N))


def test_gallavotti_cohen_gives_the_rate_of_growth() -> None:
    """R08_ring3_GC_symmetry at T = 1: of ln <e^{-.2 S}> / t the slope between two times, at .2 and .8 alike."""
    process = sz.systems.ring(LEVELS, 2.0)
    means = []
    for t in (2.0, 4.0):
        run = sz.simulate(process, "stationary", t, replicas=4 * N, seed=456)
        check = gallavotti_cohen(run.ledger.entropy_production, s=0.2)
        assert abs(check.margin) < 4.0
        means.append(check.smaller)
    slope = log(means[1].value / means[0].value) / 2.0
    error = sqrt(sum((m.stderr / m.value) ** 2 for m in means)) / 2.0
    assert error < 0.002
    assert abs(slope - -0.06256355864658403) < 4 * error


def test_gallavotti_cohen_is_violated_out_of_the_steady_state() -> None:
    run = sz.simulate(ring(2.0, 0.2), [0.05, 0.9, 0.05], 1.2, replicas=4 * N, seed=457)
    found = gallavotti_cohen(run.ledger.entropy_production)
    assert found.verdict == "violated"
    assert "every replica starts in it" in found.assumptions[0]


def test_gallavotti_cohen_is_violated_by_heat_alone() -> None:
    """Heat of a trap at rest: <e^{-sQ}> = [1 - s^2 (1 - e^{-2kt})]^{-1/2} is even in s, not about 1/2.

    At t = 0.5 and s = 0.6 it is L10_OU_heat_MGF_s0.6.
    """
    trap = sz.systems.linear([[1.0]], 1.0)
    for t, s in ((0.1, 0.45), (0.5, 0.4)):
        run = sz.simulate(trap, "stationary", t, replicas=5 * N, seed=458, dt=t / 2, method="exact")
        found = gallavotti_cohen(run.ledger.heat[:, 0], s=s)
        assert found.margin > 5
        for side, power in ((found.smaller, s), (found.larger, 1.0 - s)):
            exact = (1 - power**2 * (1 - exp(-2.0 * t))) ** -0.5
            assert abs(side.value - exact) < 4 * side.stderr
        if t == 0.1:
            assert found.verdict == "violated"
    assert exact == pytest.approx(1.1378069403919604, rel=1e-9)


def test_inconclusive_where_rare_paths_were_not_seen() -> None:
    hard = np.random.default_rng(458).normal(8.0, 4.0, 1000)
    for found in (
        integral_fluctuation_theorem(hard),
        hatano_sasa(hard),
        housekeeping_theorem(hard),
        gallavotti_cohen(hard, s=0.1),
        detailed_fluctuation_theorem(hard, hard),
        integral_fluctuation_theorem(hard[:1]),
        gallavotti_cohen(hard[:1]),
    ):
        assert found.verdict == "inconclusive"


@pytest.mark.parametrize("bad", [[], [1.0, nan], [inf, 1.0], [[1.0, 2.0]], 3.0])
def test_refusals_of_samples(bad: Any) -> None:
    fine = [0.1, 0.2]
    calls: tuple[tuple[Callable[[], Any], str], ...] = (
        (lambda: integral_fluctuation_theorem(bad), "entropy_production"),
        (lambda: gallavotti_cohen(bad), "entropy_production"),
        (lambda: hatano_sasa(bad), "excess"),
        (lambda: housekeeping_theorem(bad), "housekeeping"),
        (lambda: detailed_fluctuation_theorem(bad, fine), "forward"),
        (lambda: detailed_fluctuation_theorem(bad, steady=True), "forward"),
        (lambda: detailed_fluctuation_theorem(fine, bad), "reverse"),
    )
    for call, field in calls:
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.field.startswith(field)


@pytest.mark.parametrize(
    ("arguments", "how", "field"),
    [
        (([0.1],), {}, "reverse"),
        (([0.1], [0.1]), {"steady": True}, "reverse"),
        (([0.1],), {"steady": True}, "forward"),
        (([-800.0, 1.0], [0.1]), {}, "forward"),
        (([0.1], [0.1]), {"bins": [1.0]}, "bins"),
        (([0.1], [0.1]), {"bins": [1.0, 1.0]}, "bins"),
        (([0.1], [0.1]), {"bins": [0.0, nan]}, "bins"),
        (([0.1], [0.1]), {"bins": 0}, "bins"),
    ],
)
def test_refusals_of_the_detailed_theorem(arguments: Any, how: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        detailed_fluctuation_theorem(*arguments, **how)
    assert caught.value.field.startswith(field)


@pytest.mark.parametrize("s", [0.5, nan, inf, "a", None])
def test_refusals_of_gallavotti_cohen(s: Any) -> None:
    with pytest.raises(InputError, match="^s: got"):
        gallavotti_cohen([0.1, 0.2], s=s)


def test_what_only_the_reverse_has_seen_lowers_the_worth() -> None:
    """S = -7 with the chance e^{-7}/2 is missed by 2000 forward runs; the reverse shows it in half of its runs."""
    forward = np.random.default_rng(470).choice([1e-3, -1e-3], 2000)
    assert integral_fluctuation_theorem(forward).verdict == "holds"
    assert integral_fluctuation_theorem(forward, np.where(np.arange(2000) % 2, 7.0, 0.0)).verdict == "inconclusive"
    never = np.where(np.arange(2000) % 2, np.inf, 0.0)
    assert integral_fluctuation_theorem(forward, never).verdict == "holds", "no forward path can start there"


@pytest.mark.parametrize("law", [hatano_sasa, housekeeping_theorem])
def test_what_is_known_to_be_missed_lowers_the_worth(law: Any) -> None:
    x = np.random.default_rng(471).normal(0.02, 0.2, 2000)
    found = law(x)
    assert found.verdict == "holds"
    assert law(x, missed=0.4 * found.smaller.stderr).verdict == "holds"
    assert law(x, missed=0.6 * found.smaller.stderr).verdict == "inconclusive"
    with pytest.raises(InputError, match="missed"):
        law(x, missed=-0.1)
