"""Counted pairs and pieces: what the estimators of sampled sums promise, by exact sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import exp1
from scipy.stats import poisson

import szilard as sz
from szilard.data.recording import Recording
from szilard.infer.groups import groups_of, statistic_of
from szilard.infer.pairs import Pairs, logarithmic, paired, quadratic

MEANS = st.floats(0.05, 40.0)


@given(MEANS, MEANS)
@settings(max_examples=60)
def test_the_mean_over_poisson_counts_is_the_stated_one_and_never_too_large(N: float, M: float) -> None:
    n, m = np.arange(200.0)[:, None], np.arange(200.0)[None, :]
    weight = poisson.pmf(n, N) * poisson.pmf(m, M)
    mean = float(np.sum(weight * (logarithmic(n, m) - (n > 0) - (m > 0))))
    assert mean == pytest.approx((N - M) * (np.log(N / M) + exp1(N) - exp1(M)), rel=1e-10, abs=1e-10)
    assert mean <= (N - M) * np.log(N / M) + 1e-10


def test_the_jackknife_takes_off_what_single_events_add() -> None:
    """Each event in a piece of its own: the correction is P(n > 0) + P(m > 0) of the counts that were drawn."""
    n, m = np.array([7, 0, 3]), np.array([2, 4, 3])
    counts = np.zeros((int((n + m).sum()), 2, 3))
    row = 0
    for pair in range(3):
        for direction, many in ((0, n[pair]), (1, m[pair])):
            counts[row : row + many, direction, pair] = 1.0
            row += many
    pairs = Pairs(counts, np.full(row, 0.5))
    exact = np.sum(logarithmic(n, m) - (n > 0) - (m > 0)) / (0.5 * row)
    assert pairs.divergence(1).value == pytest.approx(exact, rel=1e-12)
    assert pairs.one_way()[0] == 1


def test_quadratic_is_the_smaller_one() -> None:
    n, m = np.meshgrid(np.arange(1.0, 60.0), np.arange(1.0, 60.0))
    assert np.all(quadratic(n, m) <= (n - m) * np.log(n / m) + 1e-12)
    assert quadratic(np.zeros(1), np.zeros(1)).tolist() == [0.0]


def test_the_square_of_a_mean_is_estimated_without_bias() -> None:
    x = np.random.default_rng(1).normal(0.3, 1.0, 50)
    sums = np.stack([np.ones(50), x], axis=1)
    found = statistic_of(sums, lambda s: (s[:, 1] / s[:, 0]) ** 2)
    assert found.value == pytest.approx(x.mean() ** 2 - x.var(ddof=1) / 50, rel=1e-9)
    # the linear and the quadratic part; 200 resamples know a spread to 5 %: four of these
    both = 4 * x.mean() ** 2 * x.var() / 50 + 2 * x.var() ** 2 / 50**2
    assert found.stderr == pytest.approx(both**0.5, rel=0.2)


def test_neighbours_that_move_together_widen_the_error() -> None:
    slow = np.repeat(np.random.default_rng(2).normal(size=50), 4)
    sums = np.stack([np.ones(200), slow], axis=1)
    alone, chained = (statistic_of(sums, lambda s: s[:, 1] / s[:, 0], c) for c in (1, 200))
    assert 1.4 * alone.stderr < chained.stderr < 1.7 * alone.stderr  # correlation 3/4: sqrt(1 + 3/2) = 1.58
    assert chained.ess < 100.0
    with pytest.raises(sz.InputError, match="three independent pieces"):
        statistic_of(sums[:2], lambda s: s[:, 1])


def test_pieces_cover_replicas_and_time() -> None:
    many = groups_of(Recording(np.zeros((1000, 5), int), np.arange(5.0)))
    assert many.count == 400 and many.blocks == 1
    assert np.bincount(many.of(np.arange(1000), np.zeros(1000))).tolist().count(2) == 200
    few = groups_of(Recording(np.zeros((2, 1001), int), np.arange(1001.0)))
    assert (few.count, few.blocks) == (200, 100)
    assert few.of(np.array([0, 0, 1, 1]), np.array([0.0, 1000.0, 0.0, 15.0])).tolist() == [0, 99, 100, 101]


def test_too_many_kinds_of_events() -> None:
    code = np.arange(20_002)
    with pytest.raises(sz.InputError, match="10000 different pairs"):
        paired(np.zeros(20_002, int), code, code + 100_000, np.ones(1))
