"""Entropies and informations of tables: against an independent library, by enumeration, and their sampling errors."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from szilard import Estimate, InputError
from szilard.estimate import Sampled
from szilard.information import (
    binary_entropy,
    class_information,
    conditional_information,
    gaussian_entropy,
    learned_information,
    mutual_information,
    neighbour_entropy,
    sampled_entropy,
    sampled_information,
    signs_entropy,
    table_entropy,
    transfer_entropy,
)
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
BAD: Any = {"a": 1}


def table(seed: int, shape: tuple[int, ...]) -> Array:
    p = np.random.default_rng(seed).dirichlet(np.full(int(np.prod(shape)), 0.7))
    return np.asarray(p.reshape(shape))


@pytest.mark.parametrize("seed", range(4))
def test_tables_against_dit(seed: int) -> None:
    """dit counts in bits."""
    dit = pytest.importorskip("dit", minversion="2.0", exc_type=ImportError)
    p = table(seed, (2, 3, 2))
    outcomes = ["".join(map(str, x)) for x in np.ndindex(p.shape)]
    d = dit.Distribution(outcomes, p.ravel().tolist())
    assert table_entropy(p) == pytest.approx(log(2.0) * float(dit.shannon.entropy(d)), rel=1e-12)
    apart = log(2.0) * float(dit.shannon.mutual_information(d, [0], [1]))
    assert mutual_information(p.sum(axis=2)) == pytest.approx(apart, rel=1e-10)
    given = log(2.0) * float(dit.multivariate.coinformation(d, [[0], [1]], [2]))
    assert conditional_information(p) == pytest.approx(given, rel=1e-10)


def test_the_table_of_counts_against_scikit_learn() -> None:
    """Both of the counted shares, before any bias is taken off."""
    from sklearn.metrics import mutual_info_score

    draw = np.random.default_rng(5)
    x = draw.integers(0, 4, size=500)
    y = np.where(draw.random(500) < 0.4, x, draw.integers(0, 3, size=500))
    shares = np.zeros((4, 4))
    np.add.at(shares, (x, y), 1.0 / 500)
    assert mutual_information(shares) == pytest.approx(mutual_info_score(x, y), rel=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_information_is_a_sum_of_entropies(seed: int) -> None:
    p = table(seed, (3, 4, 2))
    H = table_entropy
    whole = H(p.sum(axis=(1, 2))) + H(p.sum(axis=(0, 2))) - H(p.sum(axis=2))
    assert mutual_information(p.sum(axis=2)) == pytest.approx(whole, abs=1e-14)
    given = H(p.sum(axis=1)) + H(p.sum(axis=0)) - H(p) - H(p.sum(axis=(0, 1)))
    assert conditional_information(p) == pytest.approx(given, abs=1e-14)
    assert mutual_information(p.sum(axis=2)) == pytest.approx(mutual_information(p.sum(axis=2).T), abs=1e-15)


def test_limits_of_information() -> None:
    assert mutual_information(np.outer([0.2, 0.8], [0.3, 0.3, 0.4])) == pytest.approx(0.0, abs=1e-16)
    assert mutual_information(np.diag([0.2, 0.8])) == pytest.approx(table_entropy([0.2, 0.8]), rel=1e-14)
    x = np.zeros((2, 2, 2))
    for a, b in np.ndindex(2, 2):
        x[a, b, a ^ b] = 0.25
    assert mutual_information(x.sum(axis=2)) == pytest.approx(0.0, abs=1e-16)
    assert conditional_information(x) == pytest.approx(log(2.0), rel=1e-14)


def draws(p: Array, n: int, seed: int) -> tuple[NDArray[np.int64], ...]:
    flat = np.random.default_rng(seed).choice(p.size, size=n, p=p.ravel())
    return tuple(np.asarray(x) for x in np.unravel_index(flat, p.shape))


def test_sampled_information_agrees_and_tells_z_apart() -> None:
    p = table(5, (3, 4, 2))
    x, y, z = draws(p, 150_000, 11)
    assert_agrees(sampled_information(x, y).estimate(), mutual_information(p.sum(axis=2)), relative=0.03)
    assert_agrees(sampled_information(x, y, z).estimate(), conditional_information(p), relative=0.02)
    assert_agrees(sampled_entropy(np.stack([x, y, z], axis=1)).estimate(), table_entropy(p))
    both = np.stack([y, z], axis=1)
    pair = mutual_information(p.reshape(3, 8))
    assert_agrees(sampled_information(x, both).estimate(), pair, relative=0.02)


@pytest.mark.parametrize(
    ("statistic", "exact", "plain"),
    [
        (lambda x, y, z: sampled_information(x, y), lambda p: mutual_information(p.sum(axis=2)), 2 * 3 / 400),
        (sampled_information, conditional_information, 2 * 2 * 3 / 400),
        (lambda x, y, z: sampled_entropy(x), lambda p: table_entropy(p.sum(axis=(1, 2))), -2 / 400),
    ],
    ids=["information", "given z", "entropy"],
)
def test_bias_of_first_order_is_taken_away(
    statistic: Callable[..., Sampled], exact: Callable[[Array], float], plain: float
) -> None:
    """Over 800 samples of 400: the mean is right, the error is that of the spread, the plain value would be off.

    All cells are filled (probability of an empty one < 1e-3), and the second order of the bias is
    (1/12 n^2)(sum over cells of 1/p) < 4e-4 here, less than a tenth of the first order ``plain`` / 2.
    """
    p = 0.5 * table(6, (3, 4, 2)) + 0.5 / 24
    found = [statistic(*draws(p, 400, seed)) for seed in range(1000, 1800)]
    values, errors = np.array([s.value for s in found]), np.array([s.estimate().stderr for s in found])
    gap = values.mean() - exact(p)
    noise = values.std(ddof=1) / np.sqrt(values.size)
    assert abs(gap) <= 4.0 * noise + abs(plain) / 20.0
    assert abs(gap + plain / 2.0) > 5.0 * noise
    # the second order adds 1/n to the error of the first, for what is below the value
    assert 0.9 < np.sqrt((errors**2).mean()) / (values.std(ddof=1) + 1.0 / 400) < 1.25


def test_no_sample_differs_and_still_no_certainty() -> None:
    found = sampled_entropy(np.zeros(1000, dtype=int)).estimate()
    assert found.value == 0.0
    # one of n + 1 samples may differ: p = 1/2(n+1) has entropy of about p ln(1/p) = 0.004, and its error is as large
    assert 1e-3 < found.stderr < 1e-2
    assert sampled_information(np.zeros(1000, dtype=int), np.arange(1000) % 2).estimate().stderr > 0.0


@pytest.mark.parametrize("n", [500, 5000])
@pytest.mark.parametrize("case", ["independent", "given", "weak", "uniform", "transfer"])
def test_errors_hold_where_the_first_order_vanishes(case: str, n: int) -> None:
    """Up to 700 samples stay within 4.5 errors, which a normal one leaves once in 200 times, and errors are not idle.

    Near independence <ln ...> is |theta + e|^2/2n: at theta = 0 its spread is sqrt(cells/2)/n, and with the influence
    alone, |theta + e|/n, 7 % of all are further off than 5 errors.
    """
    rng = np.random.default_rng(n)
    weak = np.array([[0.25, 0.25], [0.25, 0.25]]) + np.outer([1.0, -1.0], [1.0, -1.0]) * 0.5 / np.sqrt(n)

    def sample() -> Sampled:
        if case == "independent":
            return sampled_information(rng.integers(0, 2, n), rng.integers(0, 2, n))
        if case == "given":
            return sampled_information(rng.integers(0, 2, n), rng.integers(0, 3, n), rng.integers(0, 2, n))
        if case == "uniform":
            return sampled_entropy(rng.integers(0, 5, n))
        if case == "transfer":
            return transfer_entropy(*rng.integers(0, 2, (2, n // 10, 11)))
        return sampled_information(*np.unravel_index(rng.choice(4, n, p=weak.ravel()), (2, 2)))

    exact = {"uniform": log(5.0), "weak": mutual_information(weak)}.get(case, 0.0)
    found = [sample().estimate() for _ in range(200 if case == "transfer" or n == 5000 else 700)]
    z = np.array([(e.value - exact) / e.stderr for e in found])
    assert np.abs(z).max() < 4.5 and z.std() > 0.2
    assert np.mean([e.stderr for e in found]) < 4.0 * np.std([e.value for e in found])


def lagged(seed: int, replicas: int, steps: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """y stays with 0.8; x' repeats y with 0.9, else is drawn with P(1) = 0.3: (x, y) is Markov."""
    rng = np.random.default_rng(seed)
    y = np.empty((replicas, steps), dtype=np.int64)
    x = np.empty_like(y)
    y[:, 0] = rng.integers(0, 2, replicas)
    x[:, 0] = y[:, 0]
    for t in range(1, steps):
        y[:, t] = np.where(rng.random(replicas) < 0.8, y[:, t - 1], 1 - y[:, t - 1])
        other = (rng.random(replicas) < 0.3).astype(np.int64)
        x[:, t] = np.where(rng.random(replicas) < 0.9, y[:, t - 1], other)
    return x[:, 40:], y[:, 40:]


CHAIN = np.array([[0.8, 0.2], [0.2, 0.8]])
SEEN = np.array([[0.97, 0.07], [0.03, 0.93]])
"""P(x'|y): rows x', columns y."""


def exact_transfer(history: int, lower: bool) -> float:
    """By enumeration of y_{t-h} ... y_t and x_{t-h+1} ... x_{t+1}: x_{s+1} depends on y_s alone."""
    h = history
    joint: Any = np.full(2, 0.5)  # y_{t-h}
    letters = "abcdefgh"
    xs = "ijklmnopq"
    operands, inputs = [joint], [letters[0]]
    for s in range(h):
        operands += [CHAIN, SEEN]
        inputs += [letters[s + 1] + letters[s], xs[s] + letters[s]]
    operands.append(SEEN)
    inputs.append(xs[h] + letters[h])
    keep = xs[h] + letters[h] + xs[:h] + (letters[1] if lower and h > 1 else "")
    p = np.einsum(",".join(inputs) + "->" + keep, *operands)
    return 0.0 if lower and h == 1 else conditional_information(p.reshape(2, 2, -1))


@pytest.mark.parametrize("history", [1, 2, 3])
def test_transfer_entropy_agrees_with_enumeration(history: int) -> None:
    x, y = lagged(21, 2000, 140)
    found = transfer_entropy(x, y, history=history)
    assert found.side == "upper"
    assert_agrees(found.estimate(), exact_transfer(history, False), relative=0.02)
    below = transfer_entropy(x, y, history=history, bound="lower")
    assert below.side == "lower"
    if history > 1:
        assert_agrees(below.estimate(), exact_transfer(history, True), relative=0.02)
    else:
        assert abs(below.value) < 1e-12


def test_the_two_bounds_of_transfer_entropy_close() -> None:
    above, below = ([exact_transfer(h, lower) for h in range(1, 7)] for lower in (False, True))
    assert np.all(np.diff(above) < 0) and np.all(np.diff(below) > 0)
    assert 0.0 < above[-1] - below[-1] < 0.02 * above[-1]


def test_nothing_flows_back_and_the_bias_is_gone() -> None:
    """y never looks at x. The plain value is 2 (free cells) / 2n = 2.0e-4 too large at n = 9900, h = 1."""
    values = []
    for seed in range(80):
        x, y = lagged(1000 + seed, 100, 140)
        values.append(transfer_entropy(y, x).value)
    mean, noise = np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))
    assert abs(mean) <= 4.0 * noise
    assert 1.0 / 9900 > 5.0 * noise


def test_the_bias_is_gone_of_series_with_a_long_memory_too() -> None:
    """x is a slow signal seen through noise, not Markov, and y a slow one beside it: as if of fewer samples."""
    values, single = [], []
    for seed in range(120):
        rng = np.random.default_rng(3000 + seed)
        turns = rng.random((2, 100, 60)) < 0.02
        hidden, y = (np.cumsum(turns, axis=2) + rng.integers(0, 2, (2, 100, 1))) % 2
        x = (hidden + (rng.random(y.shape) < 0.2)) % 2
        values.append(transfer_entropy(x, y).value)
        single.append(sampled_information(x[:, 1:].ravel(), y[:, :-1].ravel(), x[:, :-1].ravel()).value)
    noise = np.std(values, ddof=1) / np.sqrt(len(values))
    assert abs(np.mean(values)) <= 4.0 * noise
    assert np.mean(single) > 5.0 * noise  # freed of the bias that independent samples would have


def test_error_of_transfer_entropy_is_that_of_its_spread() -> None:
    found = [transfer_entropy(*lagged(2000 + seed, 100, 90), history=2).estimate() for seed in range(100)]
    spread = np.std([e.value for e in found], ddof=1)
    # the spread of 100 values is known to 7 %: three of these
    assert np.mean([e.stderr for e in found]) == pytest.approx(spread, rel=0.21)
    assert isinstance(found[0], Estimate) and found[0].n == 100


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("p", lambda: mutual_information([0.5, 0.5])),
        ("p", lambda: mutual_information([[0.5, np.nan], [0.25, 0.25]])),
        ("p", lambda: mutual_information([[0.5, np.inf], [0.25, 0.25]])),
        ("p", lambda: mutual_information([[0.5, 0.1], [0.25, 0.25]])),
        ("p", lambda: mutual_information([[1.5, -0.5], [0.0, 0.0]])),
        ("p", lambda: conditional_information(np.full((2, 2), 0.25))),
        ("p", lambda: table_entropy([])),
        ("p", lambda: table_entropy("half")),
        ("p", lambda: table_entropy([[0.5], [0.25, 0.25]])),
        ("p", lambda: table_entropy([0.5j, 0.5])),
        ("x", lambda: sampled_entropy([[0, 1], [0]])),
        ("p", lambda: binary_entropy(BAD)),
        ("correct", lambda: learned_information(BAD)),
        ("correct", lambda: class_information(BAD, np.ones(2))),
        ("labels", lambda: class_information(np.full((3, 2), 0.5), BAD)),
        ("samples", lambda: neighbour_entropy(BAD)),
        ("neighbours", lambda: neighbour_entropy(np.ones((50, 1)), neighbours=BAD)),
        ("samples", lambda: gaussian_entropy(BAD)),
        ("steps", lambda: signs_entropy(BAD, 1.0)),
        ("steps", lambda: signs_entropy([1.0], BAD)),
        ("y", lambda: sampled_information([0, 1] * 50, BAD)),
        ("x", lambda: sampled_entropy([0.5] * 100)),
        ("x", lambda: sampled_entropy([np.nan] * 100)),
        ("x", lambda: sampled_entropy([])),
        ("x", lambda: sampled_entropy(np.zeros((5, 5, 5), dtype=int))),
        ("y", lambda: sampled_information([0, 1] * 50, [0, 1] * 49)),
        ("given", lambda: sampled_information([0, 1] * 50, [0, 1] * 50, [0])),
        ("samples", lambda: sampled_information(np.arange(100) % 20, np.arange(100) % 20)),
        ("x", lambda: transfer_entropy([0, 1] * 50, [0, 1] * 50)),
        ("x", lambda: transfer_entropy(np.zeros((1, 50), int), np.zeros((1, 50), int))),
        ("x", lambda: transfer_entropy(np.zeros((50, 2), int), np.zeros((50, 2), int), history=2)),
        ("y", lambda: transfer_entropy(np.zeros((50, 20), int), np.zeros((50, 21), int))),
        ("y", lambda: transfer_entropy(np.zeros((50, 20), int), np.zeros((50, 20)))),
        ("history", lambda: transfer_entropy(np.zeros((50, 20), int), np.zeros((50, 20), int), history=0)),
        ("bound", lambda: transfer_entropy(np.zeros((50, 20), int), np.zeros((50, 20), int), bound="both")),  # type: ignore[arg-type]
        ("samples", lambda: transfer_entropy(*np.random.default_rng(1).integers(0, 9, (2, 10, 10)))),
    ],
)
def test_refusals(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
