"""Entropy production from counted transitions and from words, against exact values and exact chains."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

import szilard as sz
from szilard.data.recording import Recording
from szilard.infer.jump_currents import entropy_production_from_currents
from szilard.infer.short_time import entropy_production_from_short_times
from szilard.infer.words import entropy_production_from_words, growth_with_words
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
RING = sz.systems.ring([0.0, 0.5, 1.2, 0.3], 7.0, attempt=[1.0, 2.0, 0.5, 1.3], temperature=1.5)
SIGMA = sz.entropy_production_rate(RING)
EXACT = sz.Estimate.exact(SIGMA)
SEEN = Recording.from_run(sz.simulate(RING, "stationary", 300.0, replicas=300, seed=1, record="paths"))
DT = 0.4
SAMPLED = SEEN.sampled(np.arange(0.0, 300.0, DT))
LUMPS = [0, 0, 1, 2]


def chain(steps: int, lumps: list[int]) -> float:
    """sum_w P(w) ln[P(w)/P(w backwards)] / (steps dt) of the chain seen every dt, states shown as lumps: exact."""
    k = RING.generator().toarray()
    T, p = expm(DT * k), sz.stationary(RING)
    shown = np.array([[float(lump == a) for lump in lumps] for a in range(max(lumps) + 1)])

    def probability(word: tuple[int, ...]) -> float:
        v = shown[word[0]] * p
        for a in word[1:]:
            v = shown[a] * (T @ v)
        return float(v.sum())

    words = list(product(range(len(shown)), repeat=steps + 1))
    total = sum(probability(w) * np.log(probability(w) / probability(w[::-1])) for w in words)
    return float(total / (steps * DT))


def judged(estimate: sz.Estimate, exact: float, relation: str = "=") -> str:
    return sz.BoundCheck("inferred", estimate, sz.Estimate.exact(exact), relation=relation).verdict  # type: ignore[arg-type]


def test_every_jump_seen_is_the_entropy_production() -> None:
    found = entropy_production_from_currents(SEEN, complete=True)
    assert found.side == "two-sided" and found.trusted and not found.note
    assert_agrees(found, SIGMA, relative=0.02)
    assert entropy_production_from_currents(SEEN).side == "lower"


def test_the_precision_of_transitions_is_its_exact_value() -> None:
    k, p = RING.generator().toarray(), sz.stationary(RING)
    flux = (k * p)[np.triu_indices(4, 1)], (k * p).T[np.triu_indices(4, 1)]
    joined = flux[0] > 0.0
    a, b = flux[0][joined], flux[1][joined]
    exact = float(np.sum(2.0 * (a - b) ** 2 / (a + b)))
    assert exact < 0.95 * SIGMA
    assert_agrees(entropy_production_from_short_times(SEEN), exact, relative=0.02)


@pytest.mark.parametrize("seed", range(10))
def test_random_networks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 6))
    k = np.exp(rng.normal(0.0, 1.0, (n, n))) * (1.0 - np.eye(n))
    process = sz.systems.from_rates(k)
    run = sz.simulate(process, "stationary", 150.0, replicas=100, seed=seed, record="paths")
    seen = Recording.from_run(run)
    exact = sz.entropy_production_rate(process)
    assert_agrees(entropy_production_from_currents(seen, complete=True), exact, relative=0.1)
    least = entropy_production_from_short_times(seen)
    assert least.value < exact + 4.0 * least.stderr and least.side == "lower"


def test_one_long_trajectory_is_cut_into_blocks() -> None:
    run = sz.simulate(RING, "stationary", 40_000.0, replicas=1, seed=5, record="paths")
    found = entropy_production_from_currents(Recording.from_run(run), complete=True)
    assert found.n == 1 and 100.0 <= (found.ess or 0.0) <= 200.0
    assert_agrees(found, SIGMA, relative=0.03)


def test_states_seen_now_and_then_give_the_divergence_of_their_chain() -> None:
    exact = chain(1, [0, 1, 2, 3])
    assert exact < 0.8 * SIGMA
    found = entropy_production_from_currents(SAMPLED)
    assert_agrees(found, exact, relative=0.02)
    assert found.side == "lower" and judged(found, SIGMA) == "inconclusive"
    gaps = SAMPLED.states.copy()
    gaps[np.random.default_rng(3).random(gaps.shape) < 0.3] = -1
    found = entropy_production_from_currents(Recording(gaps, SAMPLED.times))
    assert_agrees(found, exact, relative=0.03)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_words_of_lumps_give_their_exact_divergence(steps: int) -> None:
    found = entropy_production_from_words(SAMPLED.lumped(LUMPS), steps=steps)
    assert_agrees(found, chain(steps, LUMPS), relative=0.04)
    assert found.side == "lower"


def test_long_words_see_more_of_what_is_lumped_and_no_more_of_a_markov_chain() -> None:
    assert chain(1, LUMPS) < 0.99 * chain(3, LUMPS) < 0.99 * SIGMA
    growth = growth_with_words(SEEN.lumped(LUMPS), longest=2)
    low, high = (b.value for b in growth.bounds)
    assert low + 5.0 * growth.bounds[0].stderr < high < SIGMA and not growth.saturated
    whole = growth_with_words(SEEN, longest=3)
    assert whole.saturated and "saturated" in repr(whole)
    for bound in whole.bounds:
        assert_agrees(bound, SIGMA, relative=0.05)


def test_words_too_rare_make_the_bound_smaller_and_say_so() -> None:
    found = entropy_production_from_words(SAMPLED.thinned(3), steps=6)
    assert found.value + 5.0 * found.stderr < SIGMA
    assert "seen one way only" in found.note


def test_equilibrium_is_zero() -> None:
    still = sz.systems.ring([0.0, 0.5, 1.2, 0.3], 0.0, temperature=0.7)
    for seed in range(5):
        run = sz.simulate(still, "stationary", 50.0, replicas=200, seed=seed, record="paths")
        seen = Recording.from_run(run)
        for found in (
            entropy_production_from_currents(seen, complete=True),
            entropy_production_from_words(seen, steps=3),
            entropy_production_from_short_times(seen),
        ):
            assert abs(found.value) < 4.0 * found.stderr < 0.01


def test_the_unit_of_time_is_that_of_the_times() -> None:
    slow = Recording(SAMPLED.states, 10.0 * SAMPLED.times)
    for infer in (entropy_production_from_currents, entropy_production_from_words, entropy_production_from_short_times):
        fast_rate, slow_rate = infer(SAMPLED), infer(slow)
        assert slow_rate.value == pytest.approx(fast_rate.value / 10.0, rel=1e-9)
        assert slow_rate.stderr == pytest.approx(fast_rate.stderr / 10.0, rel=1e-9)


def test_words_seen_once_add_nothing() -> None:
    """Independent states: 5000 words of four that are seen about once each, and no direction of time."""
    drawn = np.random.default_rng(7).integers(0, 10, (200, 54))
    found = entropy_production_from_words(Recording(drawn, np.arange(54.0)), steps=3)
    assert abs(found.value) < 4.0 * found.stderr < 0.1


# what breaks it


def test_a_hidden_bath_breaks_the_claim_of_completeness() -> None:
    dot = sz.systems.quantum_dot(0.6, left=(1.0, 1.0), right=(-0.5, 0.7), coupling=(1.0, 0.6))
    seen = Recording.from_run(sz.simulate(dot, "stationary", 100.0, replicas=200, seed=2, record="paths"))
    claimed = entropy_production_from_currents(seen, complete=True)
    assert judged(claimed, sz.entropy_production_rate(dot)) == "violated"
    assert judged(entropy_production_from_currents(seen), sz.entropy_production_rate(dot)) == "inconclusive"
    assert "no" in entropy_production_from_words(seen, steps=2).note and not entropy_production_from_words(seen).trusted


def test_lumped_states_break_the_claim_of_completeness() -> None:
    claimed = entropy_production_from_currents(SEEN.lumped(LUMPS), complete=True)
    assert judged(claimed, SIGMA) == "violated"


def test_a_recording_on_its_way_to_equilibrium_is_found_out() -> None:
    two = sz.systems.two_level(1.5, attempt=1.3, temperature=0.8)
    run = sz.simulate(two, 1, 1.0, replicas=4000, seed=3, record="paths")
    seen = Recording.from_run(run)
    found = entropy_production_from_currents(seen, complete=True)
    assert found.value > 5.0 * found.stderr  # not the production of the steady state, which is zero
    assert found.side == "lower" and "not stationary" in found.note
    # p(t) passes through states in which fluxes differ from their mean, so that the true mean is larger
    assert found.value < sz.energetics(two, [0.0, 1.0], 1.0).entropy_production - 5.0 * found.stderr
    sampled = seen.sampled(np.linspace(0.0, 1.0, 6))
    for infer in (entropy_production_from_currents, entropy_production_from_words, entropy_production_from_short_times):
        assert infer(sampled).side == "none" and "not stationary" in infer(sampled).note


def test_a_reverse_that_is_never_seen_leaves_a_lower_bound() -> None:
    driven = sz.systems.ring([0.0, 0.5, 1.2], 60.0)
    seen = Recording.from_run(sz.simulate(driven, "stationary", 0.1, replicas=100, seed=4, record="paths"))
    found = entropy_production_from_currents(seen, complete=True)
    exact = sz.entropy_production_rate(driven)
    assert found.side == "lower" and "never seen the other way round" in found.note
    assert 0.0 < found.value < exact - 5.0 * found.stderr


def test_bad_input() -> None:
    plane = Recording(np.zeros((3, 4, 2)), np.arange(4.0))
    for infer in (entropy_production_from_currents, entropy_production_from_words):
        with pytest.raises(sz.InputError, match="must hold discrete states"):
            infer(plane)
        with pytest.raises(sz.InputError, match="must be a Recording"):
            infer(SAMPLED.states)  # type: ignore[arg-type]
    with pytest.raises(sz.InputError, match="sampled hide the jumps"):
        entropy_production_from_currents(SAMPLED, complete=True)
    uneven = Recording([[0, 1, 0]], [0.0, 1.0, 3.0])
    with pytest.raises(sz.InputError, match="must be even"):
        entropy_production_from_currents(uneven)
    with pytest.raises(sz.InputError, match="no two states in a row"):
        entropy_production_from_currents(Recording([[0, -1, 1, -1]] * 4, np.arange(4.0)))
    with pytest.raises(sz.InputError, match="three independent pieces"):
        entropy_production_from_currents(Recording([[0, 1, 0]], np.arange(3.0)))
    for steps in (0, 1.5, True):
        with pytest.raises(sz.InputError, match="steps"):
            entropy_production_from_words(SAMPLED, steps=steps)  # type: ignore[arg-type]
    with pytest.raises(sz.InputError, match="recorded jumps have no interval"):
        entropy_production_from_short_times(SEEN, every=2)
