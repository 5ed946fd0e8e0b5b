"""A number, its error and its side; correlated arithmetic; averages that know when they cannot be trusted."""

from __future__ import annotations

import re
from math import inf, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from szilard import Estimate, InputError
from szilard.estimate import SIDES, Sampled, Side, block_bootstrap, exponential_average, freed, joined_side
from tests.statistics import z_of_mean


@pytest.mark.parametrize(
    ("arguments", "field"),
    [((float("nan"), 0.1), "value"), ((1.0, -0.1), "stderr"), ((1.0, float("nan")), "stderr")],
)
def test_estimate_refuses(arguments: tuple[float, float], field: str) -> None:
    with pytest.raises(InputError) as caught:
        Estimate(*arguments)
    assert caught.value.field == field
    with pytest.raises(InputError, match="side: got sideways"):
        Estimate(1.0, 0.1, side="sideways")  # type: ignore[arg-type]


def test_estimate_says_what_it_is() -> None:
    assert repr(Estimate(0.5, 0.01, 1000)) == "0.500 +- 0.010 (n = 1000)"
    assert repr(Estimate(123.456, 2.0, 10, side="upper")) == "<= 123.5 +- 2.0 (n = 10)"
    assert repr(Estimate.exact(0.25)) == "0.25 (exact)"
    assert repr(Estimate(1.0, 0.1, 5, side="none")).startswith("? ")
    assert Estimate(1.0, 0.2, 5).interval(3.0) == pytest.approx((0.4, 1.6))
    assert "a lower bound" in Estimate(1.0, 0.1, 5, side="lower").explain()
    few = Estimate(1.0, 0.1, 1000, ess=20.0)
    assert not few.trusted
    assert "at least 5001 replicas" in few.explain()
    assert not Estimate(1.0, inf, 1).trusted
    assert Estimate.exact(1.0).trusted


NUMBERS = st.floats(-100, 100)


@given(st.lists(st.tuples(NUMBERS, st.floats(0.5, 100)), min_size=3, max_size=30), NUMBERS)
def test_arithmetic_is_that_of_the_samples(pairs: list[tuple[float, float]], factor: float) -> None:
    """Sums and multiples are exact; of a ratio the influence is its derivative."""
    x, y = np.array(pairs).T
    a, b = Sampled.mean(x), Sampled.mean(y)
    scale = 1e-12 * (1 + np.abs(x).max() + np.abs(y).max()) * (1 + abs(factor))
    for ours, theirs in ((a + b, x + y), (a - b, x - y), (a.scaled(factor), factor * x)):
        assert ours.value == pytest.approx(theirs.mean(), abs=scale)
        np.testing.assert_allclose(ours.influence, theirs - theirs.mean(), rtol=0, atol=10 * scale)
        spread = np.std(theirs, ddof=1) / sqrt(len(theirs))
        assert ours.estimate().stderr == pytest.approx(spread, rel=1e-9, abs=10 * scale)
    ratio = a / b
    assert ratio.value == pytest.approx(x.mean() / y.mean(), rel=1e-12)
    np.testing.assert_allclose(ratio.influence, (x - ratio.value * y) / y.mean(), rtol=0, atol=1e4 * scale)


def test_ratio_covers_its_truth() -> None:
    """2000 ratios of means of correlated samples: 95 % within two errors."""
    rng = np.random.default_rng(201)
    inside = 0
    for _ in range(2000):
        y = rng.exponential(size=300)
        x = 0.5 * y + 0.1 * rng.normal(size=300)
        e = (Sampled.mean(x) / Sampled.mean(y)).estimate()
        inside += abs(e.value - 0.5) < 2 * e.stderr
    assert abs(inside - 0.9545 * 2000) < 4 * sqrt(2000 * 0.9545 * 0.0455)


def test_ratio_by_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="ratio: got"):
        Sampled.mean([1.0, 2.0]) / Sampled.constant(0.0, 2)


def test_control_takes_out_what_is_known() -> None:
    """x = c + noise with <c> known: the error falls to that of the noise, the mean stays."""
    rng = np.random.default_rng(202)
    values, errors = [], []
    for _ in range(500):
        c = 5.0 + rng.normal(size=200)
        x = 3.0 * (c - 5.0) + 0.1 * rng.normal(size=200) + 2.0
        e = Sampled.controlled(x, c, 5.0).estimate()
        values.append(e.value)
        errors.append(e.stderr)
    assert abs(z_of_mean(values, 2.0)) < 4
    assert np.mean(errors) == pytest.approx(0.1 / sqrt(200), rel=0.02)
    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.15)
    flat = Sampled.controlled([1.0, 2.0, 3.0], [4.0, 4.0, 4.0], 4.0)
    assert flat.value == 2.0


def test_one_replica_has_no_error() -> None:
    assert Sampled(1.0, np.array([0.5])).estimate().stderr == inf
    assert Sampled.constant(1.0, 5).estimate().stderr == 0.0


@given(st.sampled_from(SIDES), st.sampled_from(SIDES), st.sampled_from(SIDES))
def test_sides_join_like_bounds(a: Side, b: Side, c: Side) -> None:
    assert joined_side(a, b) == joined_side(b, a)
    assert joined_side(joined_side(a, b), c) == joined_side(a, joined_side(b, c))
    assert joined_side(a, "two-sided") == a
    assert joined_side("upper", "lower") == "none"


def test_side_of_a_combination_holds_for_numbers() -> None:
    """Truth 1 and 2; an upper bound is 0.3 above, a lower one 0.3 below: what the sides say of every result is so."""
    shift: dict[Side, float] = {"two-sided": 0.0, "upper": 0.3, "lower": -0.3}
    for sa, da in shift.items():
        for sb, db in shift.items():
            a, b = Sampled(1 + da, np.array([0.1, -0.1]), sa), Sampled(2 + db, np.array([0.1, -0.1]), sb)
            for found, truth in ((a + b, 3.0), (a - b, -1.0), (a / b, 0.5), (a.scaled(-2.0), -2.0)):
                if found.side == "two-sided":
                    assert found.value == pytest.approx(truth)
                elif found.side == "upper":
                    assert found.value > truth
                elif found.side == "lower":
                    assert found.value < truth
    negative = Sampled(-1.0, np.array([0.1, -0.1])) / Sampled(2.0, np.array([0.1, -0.1]), "upper")
    assert negative.side == "none"


@pytest.mark.parametrize("bad", [[], [1.0, float("nan")], [1.0, inf]])
def test_samples_must_be_numbers(bad: list[float]) -> None:
    for function in (Sampled.mean, exponential_average):
        with pytest.raises(InputError, match="samples"):
            function(bad)


def test_worth_of_an_exponential_average() -> None:
    """Kish's number while weights are alike; then 8 n / gamma^2, gamma that of Gaussian x or half of that seen."""
    rng = np.random.default_rng(203)
    n = 20_000
    for sigma in (0.02, 1.2, 3.0):
        x = rng.normal(size=n)
        x = sigma * (x - x.mean()) / x.std()
        w = np.exp(-x)
        v = 2 * np.mean(np.minimum(x, 0) ** 2)
        kish = w.sum() ** 2 / (w * w).sum()
        extrapolated = 8 * n / ((np.exp(v) + 2) ** 2 * np.expm1(v))
        assert exponential_average(x).ess == pytest.approx(min(kish, extrapolated), rel=1e-9)
        assert (kish < extrapolated) == (sigma == 0.02)
    rare = np.where(np.arange(n) < 200, 2.0, 0.0)
    w = np.exp(-rare)
    skew = np.mean((w - w.mean()) ** 3) / w.std() ** 3
    assert exponential_average(rare).ess == pytest.approx(16 * n / skew**2, rel=1e-9)
    tail = rng.exponential(size=n) / -3.0
    cube = np.abs(np.exp(-tail) - np.exp(-tail).mean()) ** 3
    assert exponential_average(tail).ess == pytest.approx(5 * cube.sum() ** 2 / (cube**2).sum(), rel=1e-9)
    assert exponential_average(np.full(300, 0.1)).ess == 0, "300 that agree say nothing of a rare one that does not"


def test_worth_does_not_depend_on_a_shift_of_the_samples() -> None:
    x = np.random.default_rng(204).normal(0.0, 1.1, 1000)
    assert exponential_average(x + 500.0).ess == pytest.approx(exponential_average(x).ess, rel=1e-9)


def test_replicas_that_would_be_needed() -> None:
    """The worth grows with n at the same spread: 3 needs 10^13 replicas, not the 10^5 that Kish's number would say."""
    x = np.random.default_rng(205).normal(4.5, 3.0, 1000)
    assert re.search(r"at least \de\+1[2-4] replicas are needed", exponential_average(x).explain())


def test_exponential_average_beyond_what_floats_hold() -> None:
    with pytest.raises(InputError, match="samples: got"):
        exponential_average([-701.0, -700.0])
    far = exponential_average(np.random.default_rng(206).normal(6000.0, 40.0, 500))
    assert far.value == 0.0 and not far.trusted


def test_exponential_average_by_hand() -> None:
    x = np.array([0.1, 0.5, -0.2, 0.4])
    w = np.exp(-x)
    e = exponential_average(x)
    assert e.value == pytest.approx(w.mean(), rel=1e-14)
    assert e.stderr == pytest.approx(sqrt(w.var(ddof=1) / 4 + (3 / 4 * w.mean()) ** 2), rel=1e-14)
    assert not e.trusted
    shifted = exponential_average(x + 699.0)
    assert log(shifted.value) == pytest.approx(log(e.value) - 699.0, rel=1e-12)
    assert exponential_average([0.3]).stderr == inf


@pytest.mark.parametrize(("memory", "block"), [(0.5, 20), (0.9, 100)])
def test_block_bootstrap_of_a_correlated_series(memory: float, block: int) -> None:
    """AR(1): the error of the mean is 1/((1 - phi) sqrt n); blocks of 10 correlation times lose some 5 % of it."""
    rng = np.random.default_rng(205)
    n, errors, inside = 4000, [], 0
    exact = 1 / ((1 - memory) * sqrt(n))
    for seed in range(60):
        x = np.empty(n)
        x[0] = rng.normal() / sqrt(1 - memory**2)
        for i, noise in enumerate(rng.normal(size=n - 1)):
            x[i + 1] = memory * x[i] + noise
        e = block_bootstrap(x, lambda s: float(np.mean(s)), block=block, seed=seed, resamples=150)
        assert e.value == x.mean()
        assert e.ess == n / block
        errors.append(e.stderr)
        inside += abs(e.value) < 2 * e.stderr
    assert 0.85 * exact < np.mean(errors) < 1.05 * exact
    assert inside >= 50  # 0.93 x 60 = 56 expected, 4 errors of that count below 48
    naive = block_bootstrap(x, lambda s: float(np.mean(s)), block=1, seed=1)
    assert naive.stderr < 0.7 * exact, "without blocks the correlation is forgotten"


def test_block_bootstrap_repeats_and_refuses() -> None:
    x = np.random.default_rng(206).normal(size=(50, 2))

    def spread(s: np.ndarray) -> float:
        return float(s[:, 0].std() - s[:, 1].std())

    first, again = (block_bootstrap(x, spread, block=5, seed=3, resamples=50) for _ in range(2))
    assert first == again
    assert first != block_bootstrap(x, spread, block=5, seed=4, resamples=50)
    for block in (0, 51):
        with pytest.raises(InputError, match="block: got"):
            block_bootstrap(x, spread, block=block, seed=1)
    with pytest.raises(InputError, match="series"):
        block_bootstrap([1.0, float("nan")], lambda s: 0.0, block=1, seed=1)


def test_an_unknown_error_stays_unknown_and_is_never_nan() -> None:
    doubtful = Sampled(2.0, np.zeros(100), unseen=inf)
    known = Sampled.mean(np.arange(1.0, 101.0))
    for found in (doubtful + known, doubtful - known, doubtful.scaled(-3.0), known / doubtful, doubtful / known):
        assert found.estimate().stderr == inf
    assert doubtful.scaled(0.0).estimate().stderr == 0.0
    assert (Sampled.constant(0.0, 100) / doubtful).estimate().stderr == 0.0


def test_freed_samples_keep_their_mean_and_lose_spread() -> None:
    """400 samples of 200, skewed together with their control: no bias, which in-sample fits would have."""
    draw = np.random.default_rng(5)
    means, errors = [], []
    for _ in range(400):
        luck = draw.exponential(size=(200, 2)) - 1.0
        x = 3.0 + luck[:, 0] ** 2 + luck[:, 0] + 0.2 * luck[:, 1] + 0.3 * draw.standard_normal(200)
        found = Sampled.mean(freed(x, luck)).estimate()
        assert found.stderr < Sampled.mean(x).estimate().stderr
        means.append(found.value)
        errors.append(found.stderr)
    z = (np.array(means) - 4.0) / np.sqrt(np.mean(np.square(errors)))  # <(e - 1)^2> = 1
    assert abs(z.mean()) < 4.0 / np.sqrt(400.0)
    assert abs(z.std(ddof=1) - 1.0) < 4.0 * 1.5 / np.sqrt(800.0)  # 1.5: the kurtosis of exponential samples


def test_few_samples_use_few_controls() -> None:
    draw = np.random.default_rng(6)
    luck = draw.standard_normal((100, 3))
    x = luck @ np.array([1.0, 2.0, 4.0])
    np.testing.assert_array_equal(freed(x[:39], luck[:39]), x[:39])
    left = freed(x, luck) - x
    assert np.linalg.matrix_rank(np.column_stack([left[:50], luck[:50, :2]]), tol=1e-9) == 2
    np.testing.assert_array_equal(freed(np.ones(100), luck), np.ones(100))
    np.testing.assert_array_equal(freed(x, np.zeros((100, 1))), x)
