"""Mixtures of Gaussians: entropy, information and relative entropy, against quadrature and closed forms."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal

from szilard.continuous import Gaussian, Mixture
from szilard.errors import InputError

WIDE = np.array([[1.0, 0.6], [0.6, 2.0]])
NARROW = np.array([[0.3, -0.1], [-0.1, 0.2]])
LOPSIDED = Mixture([0.2, 0.5, 0.3], [Gaussian(-2.0, 1.0), Gaussian(2.0, 0.01), Gaussian(3.0, 4.0)])


def density(x: float, parts: tuple[tuple[float, float, float], ...]) -> float:
    return float(sum(p * np.exp(-0.5 * (x - m) ** 2 / v) / np.sqrt(2.0 * np.pi * v) for p, m, v in parts))


PARTS = ((0.2, -2.0, 1.0), (0.5, 2.0, 0.01), (0.3, 3.0, 4.0))
BREAKS = sorted([-2.0, 0.0, 3.0, 6.0, *(2.0 + 0.1 * k for k in range(-9, 10, 2))])


def integral(function: object) -> float:
    ends = [-22.0, *BREAKS, 25.0]
    pieces = zip(ends, ends[1:], strict=False)
    return float(sum(quad(function, a, b, epsabs=1e-14, epsrel=1e-12, limit=200)[0] for a, b in pieces))


def test_entropy_on_a_line_is_that_of_adaptive_quadrature() -> None:
    true = integral(lambda x: -density(x, PARTS) * log(density(x, PARTS)) if density(x, PARTS) > 0.0 else 0.0)
    assert LOPSIDED.entropy == pytest.approx(true, abs=1e-11)


def test_label_at_two_deviations_tells_the_reference_information() -> None:
    learned = Mixture([0.5, 0.5], [Gaussian(-2.0, 1.0), Gaussian(2.0, 1.0)])
    assert learned.information == pytest.approx(0.6327201937369082, rel=1e-11)
    assert learned.relative_entropy(Gaussian(0.0, 1.0)) == pytest.approx(1.3672798062630918, rel=1e-11)


def test_label_told_in_full_is_its_entropy() -> None:
    """Components 60 deviations apart, one of them 1e4 times narrower, overlap by less than e^{-400}."""
    far = Mixture([0.3, 0.7], [Gaussian(-30.0, 1.0), Gaussian(30.0, 1e-8)])
    assert far.information == pytest.approx(-0.3 * log(0.3) - 0.7 * log(0.7), abs=1e-11)


def test_equal_components_tell_nothing() -> None:
    same = Mixture([0.3, 0.0, 0.7], [Gaussian([1.0, 2.0], WIDE)] * 3)
    assert abs(same.information) < 1e-13
    assert same.entropy == pytest.approx(Gaussian([1.0, 2.0], WIDE).entropy, rel=1e-13)


def test_relative_entropy_of_mixtures_is_that_of_quadrature() -> None:
    others = ((0.6, 0.0, 9.0), (0.4, 2.5, 1.0))
    other = Mixture([0.6, 0.4], [Gaussian(0.0, 9.0), Gaussian(2.5, 1.0)])

    def surprise(x: float) -> float:
        p = density(x, PARTS)
        return p * (log(p) - log(density(x, others))) if p > 0.0 else 0.0

    assert LOPSIDED.relative_entropy(other) == pytest.approx(integral(surprise), abs=1e-11)
    assert abs(LOPSIDED.relative_entropy(LOPSIDED)) < 1e-14


def test_relative_entropy_to_one_gaussian_is_the_same_by_both_ways() -> None:
    one = Gaussian(0.5, 6.0)
    assert LOPSIDED.relative_entropy(one) == pytest.approx(LOPSIDED.relative_entropy(Mixture([1.0], [one])), abs=1e-11)
    parted = Mixture([0.4, 0.6], [Gaussian([0.0, 1.0], WIDE), Gaussian([1.5, -1.0], NARROW)])
    flat = Gaussian([0.3, 0.2], [[3.0, 0.5], [0.5, 4.0]])
    assert parted.relative_entropy(flat) == pytest.approx(parted.relative_entropy(Mixture([1.0], [flat])), abs=1e-8)


def test_entropy_in_a_plane_is_a_sum_where_coordinates_are_independent() -> None:
    """The product of two mixtures, turned and sheared: S adds up, and ln |det| of the map on top."""
    x = ((0.3, -1.0, 0.5), (0.7, 2.0, 1.5))
    y = ((0.6, 0.0, 1.0), (0.4, 3.0, 0.3))
    by = np.array([[1.0, 0.7], [-0.2, 0.9]])
    parts = [
        (p * q, Gaussian(by @ [m, n], by @ np.diag([v, u]) @ by.T)) for p, m, v in x for q, n, u in y
    ]  # fmt: skip
    joint = Mixture([p for p, _ in parts], [g for _, g in parts])
    sides = [Mixture([p for p, _, _ in z], [Gaussian(m, v) for _, m, v in z]).entropy for z in (x, y)]
    assert joint.entropy == pytest.approx(sum(sides) + log(abs(np.linalg.det(by))), abs=1e-8)


def test_means_on_a_line_count_as_one_dimension_in_any() -> None:
    """Distance 4 in units of the common covariance, in three dimensions: the reference information of a label."""
    root = np.array([[1.0, 0.0, 0.0], [0.5, 2.0, 0.0], [-0.3, 0.4, 0.7]])
    along = root @ np.array([2.0, -1.0, 2.0]) / 3.0
    learned = Mixture([0.5, 0.5], [Gaussian(s * along + 1.0, root @ root.T) for s in (-2.0, 2.0)])
    assert learned.information == pytest.approx(0.6327201937369082, rel=1e-10)
    assert learned.entropy == pytest.approx(
        Gaussian(np.zeros(3), root @ root.T).entropy + learned.information, rel=1e-12
    )


def test_density_and_moments_are_those_of_the_sum() -> None:
    m = Mixture([0.4, 0.6], [Gaussian([0.0, 1.0], WIDE), Gaussian([1.5, -1.0], NARROW)])
    at = np.array([[0.3, 0.4], [-1.0, 2.0], [30.0, -20.0]])
    true = 0.4 * multivariate_normal([0.0, 1.0], WIDE).pdf(at) + 0.6 * multivariate_normal([1.5, -1.0], NARROW).pdf(at)
    assert np.exp(m.log_density(at)) == pytest.approx(true, rel=1e-11)
    assert np.isfinite(m.log_density([[300.0, 0.0]])).all()
    assert m.mean == pytest.approx([0.9, -0.2])
    second = 0.4 * (WIDE + np.outer([0, 1], [0, 1])) + 0.6 * (NARROW + np.outer([1.5, -1.0], [1.5, -1.0]))
    assert m.covariance == pytest.approx(second - np.outer(m.mean, m.mean), rel=1e-13)
    assert "2 Gaussians in 2 dimensions" in repr(m)


@pytest.mark.parametrize(
    ("weights", "parts", "words"),
    [
        ([0.5, 0.6], [Gaussian(0.0, 1.0)] * 2, "divide them by their sum"),
        ([1.5, -0.5], [Gaussian(0.0, 1.0)] * 2, "divide them by their sum"),
        ([np.nan, 1.0], [Gaussian(0.0, 1.0)] * 2, "divide them by their sum"),
        ([1.0], [], "at least one"),
        ([0.5, 0.5], [Gaussian(0.0, 1.0), Gaussian([0.0, 0.0], 1.0)], "one dimension"),
        ([1.0], ["normal"], "list of Gaussians"),
    ],
)
def test_what_is_no_mixture_is_refused(weights: object, parts: list[Gaussian], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Mixture(weights, parts)


def test_entropies_beyond_the_reach_of_quadrature_are_refused() -> None:
    deep = Mixture([0.5, 0.5], [Gaussian(np.zeros(3), np.eye(3)), Gaussian(np.ones(3), 2.0 * np.eye(3))])
    with pytest.raises(InputError, match="two dimensions"):
        _ = deep.entropy
    unlike = Mixture([0.5, 0.5], [Gaussian(np.zeros(2), np.eye(2)), Gaussian(np.ones(2), 1e-9 * np.eye(2))])
    with pytest.raises(InputError, match="too unlike"):
        _ = unlike.entropy
    with pytest.raises(InputError, match="in 1 dimensions"):
        LOPSIDED.relative_entropy(deep)
