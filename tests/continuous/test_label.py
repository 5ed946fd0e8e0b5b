"""Information with a label: quadrature, one lattice, bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from szilard.continuous import Gaussian, Langevin
from szilard.continuous.course import course_of
from szilard.continuous.label import information_with_label
from szilard.continuous.lattice_route import lattice_propagate
from szilard.errors import InputError

BOX = ((-13.0, 12.0),)


def normal(x: float, m: float, v: float) -> float:
    return float(np.exp(-((x - m) ** 2) / (2 * v)) / np.sqrt(2 * np.pi * v))


def test_lopsided_labels_by_quadrature_gaussians_and_a_lattice() -> None:
    parts, p = [(1.7, 0.6), (-0.9, 1.8), (0.2, 0.3)], [0.5, 0.2, 0.3]

    def gained(x: float) -> float:
        rho = np.array([normal(x, m, v) for m, v in parts])
        return float(np.sum(p * rho * np.log(rho / (p @ rho))))

    exact = quad(gained, -13.0, 12.0, epsabs=1e-13, limit=400)[0]
    gaussians = [Gaussian(m, v) for m, v in parts]
    assert information_with_label(gaussians, p) == pytest.approx(exact, abs=1e-10)
    course = course_of(Langevin(potential=lambda w: 0.5 * w[:, 0] ** 2, dim=1), None, 1.0)
    densities = [lattice_propagate(course, g, [0.0], box=BOX).at(0) for g in gaussians]
    assert information_with_label(densities, p) == pytest.approx(exact, abs=1e-10)


def test_what_is_known_of_a_sign() -> None:
    """nu^2 / 2 less the entropy production of a sudden reset."""
    assert information_with_label([Gaussian(2.0, 1.0), Gaussian(-2.0, 1.0)], [0.5, 0.5]) == pytest.approx(
        2.0 - 1.3672798062630918, abs=1e-10
    )


def test_two_coordinates_that_know_apart_what_they_know_together() -> None:
    """Labels that move independent coordinates: the information adds up."""
    p, q = np.array([0.3, 0.7]), np.array([0.6, 0.4])
    x = information_with_label([Gaussian(0.8, 0.5), Gaussian(-0.4, 0.5)], p)
    y = information_with_label([Gaussian(1.3, 1.2), Gaussian(0.1, 1.2)], q)
    both = [Gaussian([a, b], [0.5, 1.2]) for a in (0.8, -0.4) for b in (1.3, 0.1)]
    assert information_with_label(both, np.outer(p, q).ravel()) == pytest.approx(x + y, abs=1e-7)


def test_limits() -> None:
    assert information_with_label([Gaussian(0.5, 1.0)] * 2, [0.3, 0.7]) == pytest.approx(0.0, abs=1e-10)
    far = information_with_label([Gaussian(30.0, 1.0), Gaussian(-30.0, 1.0)], [0.3, 0.7])
    assert far == pytest.approx(-0.3 * np.log(0.3) - 0.7 * np.log(0.7), abs=1e-9)


def test_a_label_is_forgotten_as_the_state_relaxes() -> None:
    course = course_of(Langevin(potential=lambda w: 0.25 * w[:, 0] ** 4, dim=1, temperature=0.7), None, 2.0)
    runs = [lattice_propagate(course, Gaussian(m, 0.2), [0.0, 0.5, 2.0], box=((-5.0, 5.0),)) for m in (1.0, -0.5)]
    known = [information_with_label([run.at(i) for run in runs], [0.4, 0.6]) for i in range(3)]
    assert known[0] > known[1] > known[2] > 0.0


@pytest.mark.parametrize(
    ("densities", "p", "field"),
    [
        ([Gaussian(0.0, 1.0)] * 2, [0.5, 0.6], "label_probabilities"),
        ([Gaussian(0.0, 1.0)] * 2, [1.0], "label_probabilities"),
        ([Gaussian(0.0, 1.0)] * 2, [-0.5, 1.5], "label_probabilities"),
        ([Gaussian(0.0, 1.0)] * 2, ["a", "b"], "label_probabilities"),
        ([Gaussian(0.0, 1.0), 3.0], [0.5, 0.5], "densities_given_label"),
        ([], [], "label_probabilities"),
    ],
)
def test_bad_input_is_refused(densities: Any, p: Any, field: str) -> None:
    with pytest.raises(InputError) as caught:
        information_with_label(densities, p)
    assert caught.value.field == field


def test_densities_on_different_cells_are_refused() -> None:
    course = course_of(Langevin(potential=lambda w: 0.5 * w[:, 0] ** 2, dim=1), None, 1.0)
    two = [lattice_propagate(course, "equilibrium", [0.0], cells=n).at(0) for n in (64, 80)]
    with pytest.raises(InputError, match="share their cells"):
        information_with_label(two, [0.5, 0.5])
