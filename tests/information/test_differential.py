"""Entropy estimates of known densities: within their errors, with the bias that was measured."""

from __future__ import annotations

from collections.abc import Callable
from math import e, log, pi

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

from szilard import InputError
from szilard.information import gaussian_entropy, neighbour_entropy, signs_entropy
from tests.statistics import z_of_mean

Array = NDArray[np.float64]
GAUSS = 0.5 * log(2 * pi * e)


def mixture_entropy(steps: list[float], variance: float) -> float:
    """-int p ln p of all 2^P Gaussians, added one by one and integrated adaptively."""
    means = np.array([0.0])
    for step in steps:
        means = np.concatenate([means - step, means + step])

    def term(x: float) -> float:
        p = float(np.mean(np.exp(-0.5 * (x - means) ** 2 / variance)) / np.sqrt(2 * pi * variance))
        return float(-p * log(p)) if p > 0 else 0.0

    reach = float(np.abs(means).max()) + 12 * np.sqrt(variance)
    cuts = np.linspace(-reach, reach, 41)
    return float(sum(quad(term, a, b, epsabs=1e-13, epsrel=1e-12)[0] for a, b in zip(cuts, cuts[1:], strict=False)))


@pytest.mark.parametrize(
    ("steps", "variance"),
    [([0.0], 1.0), ([1.0], 1.0), ([3.0], 0.5), ([0.3, 0.9, 1.4], 0.7), ([8.0, 2.0], 1.0), ([0.1] * 6, 2.0)],
)
def test_signs_entropy_is_that_of_the_explicit_mixture(steps: list[float], variance: float) -> None:
    assert signs_entropy(steps, variance) == pytest.approx(mixture_entropy(steps, variance), abs=2e-11)


def test_signs_entropy_scales_and_ignores_signs_and_order() -> None:
    """S(c w) = S(w) + ln c."""
    base = signs_entropy([0.5, 1.1, 0.2], 0.6)
    assert signs_entropy([-1.1, 0.2, -0.5], 0.6) == pytest.approx(base, abs=1e-13)
    assert signs_entropy([1.5, 3.3, 0.6], 5.4) == pytest.approx(base + log(3.0), abs=1e-12)
    for steps, variance in (([1.0], 0.0), ([1.0], float("inf")), ([float("nan")], 1.0), ([1e9], 1e-6)):
        with pytest.raises(InputError, match="steps: got"):
            signs_entropy(steps, variance)


DENSITIES: dict[str, tuple[Callable[[np.random.Generator, int], Array], float]] = {
    "gauss": (lambda d, n: 1.7 * d.normal(size=n), GAUSS + log(1.7)),
    "mixture": (lambda d, n: d.normal(size=n) + 3 * d.choice([-1, 1], n), mixture_entropy([3.0], 1.0)),
    "apart": (lambda d, n: d.normal(size=n) + 8 * d.choice([-1, 1], n), mixture_entropy([8.0], 1.0)),
    "uniform": (lambda d, n: 3 * d.random(n) - 1, log(3.0)),
    "exponential": (lambda d, n: 2 * d.exponential(size=n), 1 + log(2.0)),
}


@pytest.mark.parametrize("name", DENSITIES)
@pytest.mark.parametrize("replicas", [500, 2000, 20000])
def test_neighbour_entropy_of_known_densities(name: str, replicas: int) -> None:
    draw, exact = DENSITIES[name]
    found = neighbour_entropy(draw(np.random.default_rng(7), replicas)[:, None]).estimate()
    assert found.side == "two-sided"
    assert abs(found.value - exact) < 4 * found.stderr
    assert found.stderr < 1.6 / np.sqrt(replicas), "a useless error agrees with everything"


@pytest.mark.parametrize("name", DENSITIES)
def test_bias_of_neighbour_entropy_is_below_its_error(name: str) -> None:
    """150 samples of 1000: the mean is off by less than 0.75 of one error; sharp edges are worst (0.5)."""
    draw, exact = DENSITIES[name]
    rng = np.random.default_rng(8)
    found = [neighbour_entropy(draw(rng, 1000)[:, None]).estimate() for _ in range(150)]
    value, stderr = np.array([x.value for x in found]), np.array([x.stderr for x in found])
    assert abs(value.mean() - exact) < 0.75 * value.std(ddof=1)
    assert 0.8 < value.std(ddof=1) / stderr.mean() < 1.25
    if name == "gauss":
        assert abs(z_of_mean(value, exact)) < 4, "free of bias where the map is exact"


def test_neighbour_entropy_adds_up_over_weights() -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=(3000, 3)) * np.array([1.0, 2.0, 0.5])
    together = neighbour_entropy(x)
    apart = [neighbour_entropy(x[:, [n]]) for n in range(3)]
    assert together.value == pytest.approx(sum(a.value for a in apart), rel=1e-12)
    assert abs(together.value - 3 * GAUSS) < 4 * together.estimate().stderr
    shifted = neighbour_entropy(2.5 * x + 100.0)
    assert shifted.value == pytest.approx(together.value + 3 * log(2.5), abs=1e-9)


def test_neighbour_entropy_refuses_what_has_no_density() -> None:
    rng = np.random.default_rng(10)
    for bad in (
        rng.normal(size=(20, 1)),
        rng.normal(size=100),
        np.append(rng.normal(size=99), np.nan)[:, None],
        np.ones((100, 1)),
        rng.choice([0.0, 1.0], size=(200, 1)),
    ):
        with pytest.raises(InputError, match="samples: got"):
            neighbour_entropy(bad)


@pytest.mark.parametrize(("weights", "replicas"), [(1, 20), (3, 20), (10, 40), (10, 500)])
def test_gaussian_entropy_is_free_of_bias(weights: int, replicas: int) -> None:
    """2000 samples; uncorrected, the log determinant is low by some N^2/4R: up to 40 standard errors."""
    rng = np.random.default_rng(11)
    mix = rng.normal(size=(weights, weights))
    exact = weights * GAUSS + float(np.linalg.slogdet(mix)[1])
    found = [gaussian_entropy(rng.normal(size=(replicas, weights)) @ mix).estimate() for _ in range(2000)]
    value = np.array([x.value for x in found])
    assert found[0].side == "upper"
    assert abs(z_of_mean(value, exact)) < 4
    if replicas == 500:
        assert value.std(ddof=1) / np.mean([x.stderr for x in found]) == pytest.approx(1.0, abs=0.08)


def test_gaussian_entropy_bounds_from_above() -> None:
    rng = np.random.default_rng(12)
    x = rng.exponential(size=(5000, 2))
    found = gaussian_entropy(x).estimate()
    assert found.value - 2.0 > 5 * found.stderr  # 2 (GAUSS - 1) = 0.84 nats above


def test_gaussian_entropy_refuses_too_few_or_copied_weights() -> None:
    rng = np.random.default_rng(13)
    x = rng.normal(size=(50, 2))
    for bad in (rng.normal(size=(8, 3)), np.repeat(np.eye(50)[:, :1], 2, axis=1), np.zeros((50, 2)), x[:, 0]):
        with pytest.raises(InputError, match="samples: got"):
            gaussian_entropy(bad)
