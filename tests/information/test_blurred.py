"""Entropy behind known Gaussian noise, against the exact one of a few jumps."""

from __future__ import annotations

import numpy as np
import pytest

from szilard import InputError
from szilard.information import blurred_entropy, signs_entropy


@pytest.mark.parametrize("place", [0.0, 0.37, -1.99])
def test_without_spread_it_is_a_gaussian(place: float) -> None:
    found = blurred_entropy(np.full(50, place), 1.7)
    assert found is not None
    # cubic interpolation on a grid of 1/12 deviation: p errs by at most (1/12)^4/24 of its fourth derivative
    assert found.value == pytest.approx(0.5 * np.log(2.0 * np.pi * np.e * 1.7**2), abs=3.0 * 12.0**-4 / 24.0)
    assert np.abs(found.influence).max() < 1e-12


@pytest.mark.parametrize(("steps", "sampled", "noise"), [((0.5, 1.0, 1.7), 0.5, 0.35), ((3.0, 1.0), 0.3, 0.2)])
def test_value_and_error(steps: tuple[float, ...], sampled: float, noise: float) -> None:
    """400 samples of 1000: z of mean 0 and spread 1, within 4 sigma of what 400 normal numbers do."""
    exact = signs_entropy(steps, sampled**2 + noise**2)
    draw = np.random.default_rng(7)
    z = []
    for _ in range(400):
        labels = np.where(draw.random((1000, len(steps))) < 0.5, -1.0, 1.0)
        found = blurred_entropy(labels @ np.array(steps) + sampled * draw.standard_normal(1000), noise)
        assert found is not None
        told = found.estimate()
        z.append((told.value - exact) / told.stderr)
    assert abs(np.mean(z)) < 4.0 / np.sqrt(400.0)
    assert abs(np.std(z, ddof=1) - 1.0) < 4.0 / np.sqrt(800.0)


def test_noise_too_narrow_for_so_few_is_refused() -> None:
    centres = np.random.default_rng(1).standard_normal(400)
    assert blurred_entropy(centres, 0.5) is not None
    assert blurred_entropy(centres, 0.01) is None
    assert blurred_entropy(centres, 1e-9) is None


@pytest.mark.parametrize("deviation", [0.0, -1.0, np.nan, np.inf])
def test_bad_deviation(deviation: float) -> None:
    with pytest.raises(InputError, match="deviation > 0"):
        blurred_entropy(np.zeros(50), deviation)


def test_bad_centres() -> None:
    with pytest.raises(InputError, match="finite"):
        blurred_entropy(np.array([0.0, np.nan]), 1.0)
