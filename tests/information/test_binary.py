"""Information between label and answer: exact values, its small-sample bias and its honest error."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from szilard import InputError
from szilard.information import binary_entropy, label_information, learned_information
from szilard.theory import hebbian
from tests.statistics import z_of_mean

DRAW = np.random.default_rng(1001)


def test_binary_entropy() -> None:
    assert binary_entropy(0.5) == log(2.0)
    np.testing.assert_array_equal(binary_entropy(np.array([0.0, 1.0])), 0.0)
    p = np.array([0.1, 0.3, 1e-12])
    np.testing.assert_allclose(binary_entropy(p), -p * np.log(p) - (1 - p) * np.log1p(-p), rtol=1e-15)
    np.testing.assert_allclose(binary_entropy(1 - 0.1), binary_entropy(0.1), rtol=1e-15)
    for bad in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="p: got"):
            binary_entropy(bad)


def test_label_information_is_that_of_a_symmetric_channel() -> None:
    """By its definition, the mutual information of the 2 x 2 joint distribution."""
    p = 0.83
    joint = 0.5 * np.array([[p, 1 - p], [1 - p, p]])
    direct = float((joint * np.log(joint / 0.25)).sum())
    assert float(label_information(np.array(p))) == pytest.approx(direct, rel=1e-14)
    assert float(label_information(np.array(0.5))) == 0.0
    slow = hebbian(1.0, 1.0)
    assert float(label_information(np.array(slow.correct))) == pytest.approx(slow.information, rel=1e-12)


@pytest.mark.parametrize(("p", "replicas"), [(0.5, 30), (0.6, 30), (0.6, 300), (0.85, 100)])
def test_bias_of_few_replicas_is_taken_out(p: float, replicas: int) -> None:
    """4000 repetitions of 3 patterns; without the correction the bias is 1/2n a pattern, 5 to 40 standard errors."""
    runs = 4000
    found, plain = np.empty(runs), np.empty(runs)
    for i in range(runs):
        correct = (DRAW.random((replicas, 3)) < p).astype(np.float64)
        found[i] = learned_information(correct).value
        plain[i] = label_information(correct.mean(axis=0)).sum()
    exact = 3 * float(label_information(np.array(p)))
    assert abs(z_of_mean(found, exact)) < 4
    assert z_of_mean(plain, exact) > 4


@pytest.mark.parametrize("p", [0.5, 0.51, 0.6, 0.8])
def test_error_is_honest_also_where_nothing_was_learned(p: float) -> None:
    """At p = 1/2 the first order vanishes; without the second, 1.3 % of the values were beyond 4 sigma."""
    inside = beyond = 0
    exact = 3 * float(label_information(np.array(p)))
    for _ in range(2000):
        e = learned_information((DRAW.random((200, 3)) < p).astype(np.float64)).estimate()
        inside += abs(e.value - exact) <= 2 * e.stderr
        beyond += abs(e.value - exact) > 4 * e.stderr
    assert inside >= 0.93 * 2000  # 95 % of normal errors; 4 standard errors of a count below
    assert beyond <= 3  # expected: 0.1


def test_patterns_are_summed_or_averaged_and_stay_paired() -> None:
    correct = DRAW.beta(4, 2, size=(500, 7))
    total, each = learned_information(correct), learned_information(correct, total=False)
    assert each.value == pytest.approx(total.value / 7, rel=1e-15)
    assert each.estimate().stderr == pytest.approx(total.estimate().stderr / 7, rel=1e-12)
    assert (total - each.scaled(7.0)).estimate().stderr < 1e-15


def test_side_and_refusals() -> None:
    assert learned_information(np.full((5, 2), 0.7)).side == "two-sided"
    assert learned_information(np.full((5, 2), 0.7), symmetric=False).side == "lower"
    for shape in ((1, 3), (5, 0), (5,)):
        with pytest.raises(InputError, match="correct: got"):
            learned_information(np.full(shape, 0.7))


def test_pooling_unequal_channels_loses_information() -> None:
    """Why an asymmetric rule has the side "lower": by convexity the pooled channel carries less than the mixture."""
    up, down = 0.9, 0.6
    joint = 0.5 * np.array([[up, 1 - up], [1 - down, down]])
    exact = float((joint * np.log(joint / (0.5 * joint.sum(axis=0)))).sum())
    assert float(label_information(np.array(0.5 * (up + down)))) < exact
