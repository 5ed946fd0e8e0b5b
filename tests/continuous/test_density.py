"""A density on a lattice against Gaussians and quadrature: entropy, moments, logarithm, relative entropy, figures."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

from szilard.continuous import Density, Gaussian, Langevin, Linear
from szilard.continuous.course import course_of
from szilard.continuous.lattice_current import probability_current
from szilard.continuous.lattice_route import lattice_equilibrium, lattice_propagate, lattice_stationary
from szilard.continuous.mixture import Mixture
from szilard.errors import InputError

Array = NDArray[np.float64]
T = 0.7
H, PULL = np.array([[2.0, 0.7], [0.7, 1.1]]), np.array([0.4, -0.2])


def line() -> Langevin:
    return Langevin(potential=lambda w: 0.25 * w[:, 0] ** 4 - w[:, 0] ** 2 + 0.3 * w[:, 0], dim=1, temperature=T)


def plane() -> Density:
    return lattice_stationary(Langevin(linear=Linear(H, PULL), dim=2, temperature=T))


def test_entropy_and_moments_of_a_slanted_gaussian() -> None:
    C = T * np.linalg.inv(H)
    exact = Gaussian(np.linalg.solve(H, PULL), C)
    found = plane()
    assert found.dim == 2
    assert found.mean == pytest.approx(exact.mean, rel=1e-11)
    assert found.covariance == pytest.approx(C, rel=1e-11)
    assert found.entropy == pytest.approx(exact.entropy, rel=1e-11)
    assert found.probabilities.sum() == pytest.approx(1.0, abs=1e-14)
    x, p = found.marginal(1)
    exact_p = np.exp(-((x - exact.mean[1]) ** 2) / (2 * C[1, 1])) / np.sqrt(2 * np.pi * C[1, 1])
    assert p == pytest.approx(exact_p, rel=1e-6, abs=1e-16)


def test_the_logarithm_between_the_centres() -> None:
    found, w = lattice_equilibrium(line()), np.linspace(-2.5, 2.5, 777)[:, None]
    Z = quad(lambda x: np.exp(-(0.25 * x**4 - x**2 + 0.3 * x) / T), -8, 8, epsabs=0, epsrel=1e-12)[0]
    exact = -line().energies(w) / T - np.log(Z)
    # splines of ln p err by 5 h^4 / 384 times its fourth derivative 6 / T: 2e-8 for h = 0.02
    assert found.log_density(w) == pytest.approx(exact, abs=4e-8)
    slanted, points = plane(), np.random.default_rng(5).normal(0.0, 0.5, (50, 2))
    C = T * np.linalg.inv(H)
    assert slanted.log_density(points) == pytest.approx(
        Gaussian(np.linalg.solve(H, PULL), C).log_density(points), abs=1e-8
    )
    assert np.all(np.isneginf(found.log_density(np.array([[50.0], [-50.0]]))))


def test_the_logarithm_repeats_on_a_ring() -> None:
    ring = Langevin(potential=lambda w: np.cos(w[:, 0]) + 0.3 * np.sin(2 * w[:, 0]), dim=1, period=2 * np.pi)
    found, w = lattice_equilibrium(ring, cells=200), np.linspace(-9.0, 9.0, 100)[:, None]
    Z = quad(lambda x: np.exp(-np.cos(x) - 0.3 * np.sin(2 * x)), 0, 2 * np.pi, epsabs=0, epsrel=1e-12)[0]
    # 5 h^4 / 384 times the fourth derivative 1 + 16 * 0.3: 8e-8 for h = 2 pi / 200
    assert found.log_density(w) == pytest.approx(-ring.energies(w) - np.log(Z), abs=1e-7)


def test_relative_entropy_to_gaussians_and_other_cells() -> None:
    one, other = Gaussian(0.3, 0.4), Gaussian(-0.2, 0.9)
    still = Langevin(potential=lambda w: 0.5 * w[:, 0] ** 2, dim=1)
    course = course_of(still, None, 1.0)
    p = lattice_propagate(course, one, [0.0]).at(0)
    q = lattice_propagate(course, other, [0.0], cells=300).at(0)
    same = lattice_propagate(course, other, [0.0], box=p.lattice.box).at(0)
    exact = one.relative_entropy(other)
    for known in (other, q, same, Mixture([1.0], [other])):
        assert p.relative_entropy(known) == pytest.approx(exact, rel=1e-9)
    assert p.relative_entropy(p) == 0.0


def test_where_the_other_density_is_empty_the_relative_entropy_is_infinite() -> None:
    still = Langevin(potential=lambda w: 0.5 * w[:, 0] ** 2, dim=1)
    course, box = course_of(still, None, 1.0), ((-9.0, 9.0),)
    half = lattice_propagate(course, lambda w: np.where(w[:, 0] > 0, np.exp(-w[:, 0]), 0.0), [0.0], box=box).at(0)
    whole = lattice_propagate(course, "equilibrium", [0.0], box=box).at(0)
    assert whole.relative_entropy(half) == np.inf
    assert 0.0 < half.relative_entropy(whole) < np.inf


def test_what_densities_show() -> None:
    found = lattice_propagate(course_of(line(), None, 1.0), Gaussian(0.3, 0.2), [0.0, 0.4, 1.0])
    assert len(found) == 3 and repr(found.at(0)) == "Density on 400 cells: mean 0.3, variance 0.2, entropy 0.61422 nats"
    assert repr(found).startswith("Densities at 3 times in [0, 1]; the last: Density on 400 cells: mean ")
    data = found.to_xarray()
    assert data["density"].dims == ("time", "w0") and data["density"].shape == (3, 400)
    assert "covariance [[" in repr(plane())


@pytest.mark.parametrize("dim", [1, 2])
def test_figures(dim: int) -> None:
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    turned = Langevin(
        (lambda w: w @ np.array([[0.0, 0.5], [-0.5, 0.0]])) if dim == 2 else lambda w: 0 * w + 0.4,
        lambda w: (w**2).sum(axis=1),
        dim=dim,
    )
    found = lattice_propagate(course_of(turned, None, 1.0), Gaussian(np.full(dim, 0.3), 0.2), [0.0, 1.0], cells=48)
    figures: list[Any] = [found.plot(), found.at(0).plot(), probability_current(turned, cells=48).plot()]
    if dim == 1:
        assert len(figures[0].lines) == 2 and figures[0].lines[1].get_ydata().max() == found.values[1].max()
    else:
        assert len(figures[1].collections) > 0
    plt.close("all")


def test_a_current_shows_its_circulation() -> None:
    turned = Langevin(lambda w: np.stack([-w[:, 1], w[:, 0]], axis=1), lambda w: 0.5 * (w**2).sum(axis=1), dim=2)
    assert repr(probability_current(turned, cells=96)).startswith(
        "CurrentField on 96 x 96 cells: circulation 2 per time"
    )


def test_points_and_partners_that_do_not_fit_are_refused() -> None:
    found = lattice_equilibrium(line())
    for w in (np.zeros(3), np.zeros((3, 2)), np.array([[np.nan]])):
        with pytest.raises(InputError, match="must be finite, of shape"):
            found.log_density(w)
    for other in (Gaussian([0.0, 0.0], 1.0), "equilibrium"):
        with pytest.raises(InputError, match="must be a Density"):
            found.relative_entropy(other)  # type: ignore[arg-type]
