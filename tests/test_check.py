"""A bound is said to hold, to be attained, to be violated, or nothing is said."""

from __future__ import annotations

from itertools import product
from math import inf, sqrt
from typing import Any

import numpy as np
import pytest

from szilard import BoundCheck, Estimate, InputError
from szilard.estimate import SIDES, Sampled


def check(small: Estimate, large: Estimate, stderr: float | None = None) -> BoundCheck:
    return BoundCheck("a <= b", small, large, stderr=stderr)


@pytest.mark.parametrize(
    ("gap", "verdict"),
    [(6.0, "holds"), (2.1, "holds"), (1.9, "inconclusive"), (-4.9, "inconclusive"), (-5.1, "violated")],
)
def test_verdict_by_sigmas(gap: float, verdict: str) -> None:
    small, large = Estimate(1.0, 0.3, 1000), Estimate(1.0 + gap * 0.5, 0.4, 1000)
    found = check(small, large)
    assert found.slack_stderr == pytest.approx(0.5)
    assert found.margin == pytest.approx(gap)
    assert found.verdict == verdict
    assert verdict in str(found)


@pytest.mark.parametrize(("a", "b", "gap"), list(product(SIDES, SIDES, (10.0, -10.0))))
def test_sides_permit_or_forbid_a_claim(a: str, b: str, gap: float) -> None:
    """x <= y holds if an upper bound of x is below a lower one of y; is violated the other way round."""
    small = Estimate(1.0, 0.1, 1000, side=a)  # type: ignore[arg-type]
    large = Estimate(1.0 + gap, 0.1, 1000, side=b)  # type: ignore[arg-type]
    if gap > 0:
        claim = a in ("two-sided", "upper") and b in ("two-sided", "lower")
        assert check(small, large).verdict == ("holds" if claim else "inconclusive")
    else:
        claim = a in ("two-sided", "lower") and b in ("two-sided", "upper")
        assert check(small, large).verdict == ("violated" if claim else "inconclusive")


def test_exact_numbers() -> None:
    one = Estimate.exact(1.0)
    assert check(one, Estimate.exact(1.0 + 1e-11)).verdict == "holds, saturated"
    assert check(one, Estimate.exact(1.0 + 1e-11)).margin == 0.0
    assert check(one, Estimate.exact(1.001)).verdict == "holds"
    assert check(one, Estimate.exact(1.001)).margin == inf
    assert check(one, Estimate.exact(0.999)).verdict == "violated"
    assert check(one, Estimate.exact(0.999)).margin == -inf


def test_few_effective_samples_or_an_unknown_error_say_nothing() -> None:
    good, far = Estimate(1.0, 0.1, 1000, ess=500.0), Estimate(10.0, 0.1, 1000, ess=99.0)
    assert check(good, far).verdict == "inconclusive"
    assert check(far, good).verdict == "inconclusive"
    assert check(good, Estimate(10.0, inf, 1)).verdict == "inconclusive"


def test_correlated_numbers_bring_their_own_error() -> None:
    small, large = Estimate(1.0, 0.3, 1000), Estimate(1.2, 0.4, 1000)
    assert check(small, large).verdict == "inconclusive"
    assert check(small, large, stderr=0.02).verdict == "holds"
    assert check(small, large, stderr=0.02).margin == pytest.approx(10.0)
    assert check(small, large).slack_stderr == pytest.approx(sqrt(0.25))
    assert check(small, large).tightness == pytest.approx(1 / 1.2)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(("gap", "verdict"), [(0.0, "holds"), (2.9, "holds"), (3.1, "inconclusive"), (5.1, "violated")])
def test_an_equality_is_broken_on_either_side(gap: float, verdict: str, sign: float) -> None:
    found = BoundCheck("a = b", Estimate(1.0, 0.3, 1000), Estimate(1.0 + sign * gap * 0.5, 0.4, 1000), relation="=")
    assert found.margin == pytest.approx(sign * gap)
    assert found.verdict == verdict


@pytest.mark.parametrize(("a", "b", "gap"), list(product(SIDES, SIDES, (10.0, -10.0, 0.1))))
def test_a_bound_never_proves_an_equality_but_may_break_it(a: str, b: str, gap: float) -> None:
    small = Estimate(1.0, 0.1, 1000, side=a)  # type: ignore[arg-type]
    large = Estimate(1.0 + gap, 0.1, 1000, side=b)  # type: ignore[arg-type]
    found = BoundCheck("a = b", small, large, relation="=").verdict
    if gap == 0.1:
        assert found == ("holds" if a == b == "two-sided" else "inconclusive")
    elif gap > 0:
        apart = a in ("two-sided", "upper") and b in ("two-sided", "lower")
        assert found == ("violated" if apart else "inconclusive")
    else:
        apart = a in ("two-sided", "lower") and b in ("two-sided", "upper")
        assert found == ("violated" if apart else "inconclusive")


def test_exact_equalities() -> None:
    one = Estimate.exact(1.0)
    assert BoundCheck("a = b", one, Estimate.exact(1.0 + 1e-11), relation="=").verdict == "holds"
    assert BoundCheck("a = b", one, Estimate.exact(1.001), relation="=").verdict == "violated"
    assert BoundCheck("a = b", Estimate(1.0, 0.1, 99, ess=99.0), one, relation="=").verdict == "inconclusive"


@pytest.mark.parametrize("wrong", [1.0, None, [1.0], np.ones(3), "much", Sampled.mean([1.0, 2.0])])
def test_sides_are_estimates(wrong: Any) -> None:
    one = Estimate.exact(1.0)
    for sides, field in (((wrong, one), "smaller"), ((one, wrong), "larger")):
        with pytest.raises(InputError) as caught:
            BoundCheck("a <= b", *sides)
        assert caught.value.field == field and "Estimate" in caught.value.fix


@pytest.mark.parametrize("wrong", [-0.1, float("nan"), -inf, "small", [0.1], True])
def test_an_error_of_the_difference_that_is_none_is_refused(wrong: Any) -> None:
    one = Estimate.exact(1.0)
    with pytest.raises(InputError, match="stderr"):
        BoundCheck("a <= b", one, one, stderr=wrong)
    assert BoundCheck("a <= b", one, Estimate(2.0, 0.1, 1000), stderr=inf).verdict == "inconclusive"


def test_infinite_sides() -> None:
    one, beyond = Estimate.exact(1.0), Estimate.exact(inf)
    assert check(one, beyond).verdict == "holds" and check(one, beyond).margin == inf
    assert check(beyond, one).verdict == "violated"
    assert check(beyond, beyond).verdict == "inconclusive"
    assert BoundCheck("a = b", beyond, beyond, relation="=").verdict == "inconclusive"


@pytest.mark.parametrize("wrong", [None, [], {}, "<"])
def test_unknown_relations(wrong: Any) -> None:
    one = Estimate.exact(1.0)
    with pytest.raises(InputError, match="relation"):
        BoundCheck("a", one, one, relation=wrong)
