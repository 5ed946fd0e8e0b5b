"""Extrapolation to infinite size: against plain least squares, coverage, and the refusal to guess."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from szilard.errors import InputError
from szilard.estimate import Estimate
from szilard.infer.extrapolation_fit import extrapolate

SIZES = np.array([20.0, 40.0, 80.0, 160.0])


def drawn(values: Any, errors: Any, rng: np.random.Generator) -> list[Estimate]:
    return [Estimate(float(v + e * rng.standard_normal()), float(e)) for v, e in zip(values, errors, strict=True)]


def test_the_fit_is_weighted_least_squares() -> None:
    errors = np.array([0.01, 0.03, 0.02, 0.05])
    estimates = drawn(0.7 + 3.0 / SIZES, errors, np.random.default_rng(1))
    found = extrapolate(SIZES, estimates)
    slope, covariance = np.polyfit(1 / SIZES, [e.value for e in estimates], 1, w=1 / errors, cov="unscaled")
    assert found.limit.value == pytest.approx(slope[1], rel=1e-12)
    assert found.limit.stderr == pytest.approx(np.sqrt(covariance[1, 1]), rel=1e-12)
    assert found.coefficients == pytest.approx(slope[::-1], rel=1e-12)
    residues = (np.polyval(slope, 1 / SIZES) - [e.value for e in estimates]) / errors
    assert found.chi2 == pytest.approx(float(residues @ residues), rel=1e-9)
    assert found.freedom == 2
    assert found.limit.side == "two-sided"


def test_the_error_covers_the_truth() -> None:
    """z of the limit over 2000 draws: mean 0 and variance 1 within 4 of their standard errors."""
    rng, errors = np.random.default_rng(2), np.array([0.01, 0.03, 0.02, 0.05])
    z = []
    for _ in range(2000):
        limit = extrapolate(SIZES, drawn(0.7 + 3.0 / SIZES, errors, rng)).limit
        if limit.side == "two-sided":
            z.append((limit.value - 0.7) / limit.stderr)
    assert abs(np.mean(z)) < 4 / np.sqrt(len(z))
    assert abs(np.var(z) - 1.0) < 4 * np.sqrt(2 / len(z))


def test_a_second_power_is_added_where_the_line_fails() -> None:
    errors = np.full(4, 1e-4)
    values = 0.7 + 3.0 / SIZES - 50.0 / SIZES**2
    found = extrapolate(SIZES, drawn(values, errors, np.random.default_rng(3)))
    assert found.coefficients.size == 3
    assert found.fits
    assert abs(found.limit.value - 0.7) < 4 * found.limit.stderr
    line = extrapolate(SIZES[:3], drawn(values[:3], errors[:3], np.random.default_rng(3)))
    assert not line.fits  # three sizes cannot tell a square


def test_what_does_not_fit_is_inconclusive() -> None:
    values = [0.5, 0.9, 0.4, 0.8]
    found = extrapolate(SIZES, [Estimate(v, 0.01) for v in values])
    assert not found.fits
    assert found.limit.side == "none"
    assert not found.limit.trusted
    assert "inconclusive" in repr(found)
    assert "inconclusive" in found.limit.note
    assert "<table>" in found._repr_html_()


def test_figure() -> None:
    estimates = drawn(0.7 + 3.0 / SIZES, np.full(4, 0.01), np.random.default_rng(4))
    found = extrapolate(SIZES, estimates)
    ax = found.plot()
    line = ax.get_lines()[0]
    assert float(np.asarray(line.get_ydata())[0]) == pytest.approx(found.limit.value, rel=1e-12)
    assert float(np.asarray(line.get_xdata())[-1]) > 1 / 20
    assert ax.get_ylabel() == "estimate"
    bars = {str(c.get_label()): c.lines[2][0].get_segments() for c in ax.containers}  # type: ignore[attr-defined]
    (bar,) = bars["limit"]
    limit = found.limit
    assert bar == pytest.approx(
        np.array([[0.0, limit.value - 2 * limit.stderr], [0.0, limit.value + 2 * limit.stderr]])
    )
    assert len(bars["at each size"]) == 4
    ax = extrapolate(SIZES, [Estimate(v, 0.01) for v in (0.5, 0.9, 0.4, 0.8)]).plot()
    assert [c.get_label() for c in ax.containers] == ["at each size"]


def test_the_fix_says_where_estimates_come_from() -> None:
    with pytest.raises(InputError, match="from szilard.estimate import Sampled; Sampled.mean"):
        extrapolate([10, 20, 30], [1.0, 2.0, 3.0])  # type: ignore[list-item]


GOOD = [Estimate(1.0, 0.1)] * 3
BAD: list[tuple[str, Any, Any]] = [
    ("sizes", [10, 20], GOOD[:2]),
    ("sizes", [10, 20, 20], GOOD),
    ("sizes", [0, 20, 30], GOOD),
    ("estimates", [10, 20, 30], GOOD[:2]),
    ("estimates", [10, 20, 30], [1.0, 2.0, 3.0]),
    ("estimates", [10, 20, 30], [*GOOD[:2], Estimate.exact(1.0)]),
    ("estimates", [10, 20, 30], [*GOOD[:2], Estimate(1.0, 0.1, side="upper")]),
]


@pytest.mark.parametrize(("field", "sizes", "estimates"), BAD, ids=[f"{b[0]}-{i}" for i, b in enumerate(BAD)])
def test_bad_input(field: str, sizes: Any, estimates: Any) -> None:
    with pytest.raises(InputError) as caught:
        extrapolate(sizes, estimates)
    assert caught.value.field == field
