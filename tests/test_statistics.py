"""The gate that all comparisons pass through must close."""

from __future__ import annotations

import pytest

from szilard import Estimate
from tests.statistics import assert_agrees, z_of_exact_spread, z_of_mean


def test_gate_opens_for_agreement() -> None:
    assert assert_agrees(Estimate(1.03, 0.01, 100), 1.0) == pytest.approx(3.0)
    assert z_of_mean([0.0, 2.0], 0.0) == pytest.approx(1.0)
    assert z_of_exact_spread([1.0, 1.0, 1.0, 1.0], 0.0, 4.0) == 1.0


@pytest.mark.parametrize(
    "estimate",
    [Estimate(1.05, 0.01, 100), Estimate(0.95, 0.01, 100), Estimate(1.0, 0.02, 100), Estimate(1.0, 0.0, 100)],
)
def test_gate_closes_for_disagreement_and_for_ignorance(estimate: Estimate) -> None:
    with pytest.raises(AssertionError):
        assert_agrees(estimate, 1.0)
