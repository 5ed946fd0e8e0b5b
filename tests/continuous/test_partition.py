"""Free energies by quadrature and in closed form; wells that a lattice would miss; options that do not exist."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import dblquad, quad

import szilard as sz
from szilard.continuous import Linear, bit_erasure, boltzmann, free_energy
from tests.continuous.cases import moved, stirred


@pytest.mark.parametrize("control", [-0.4, 1.1])
def test_a_tilted_well(control: float) -> None:
    z = quad(lambda x: np.exp(-(1.5 * (x * x - 1.0) ** 2 + 0.3 * x - control * x) / 0.7), -6.0, 6.0, epsabs=1e-13)[0]
    assert free_energy(moved(), control) == pytest.approx(-0.7 * np.log(z), rel=1e-10)


def test_two_coordinates() -> None:
    def weight(y: float, x: float) -> float:
        U = x**2 + 0.4 * y**2 + 0.5 * x * y + 0.6 * np.sin(x) + 0.1 * y**4
        return float(np.exp(-U / 0.8))

    z = dblquad(weight, -7.0, 7.0, -6.0, 6.0, epsabs=1e-10)[0]
    assert free_energy(stirred()) == pytest.approx(-0.8 * np.log(z), rel=1e-8)


def test_a_linear_process_in_three_coordinates() -> None:
    """Completing the square by hand in one rotated coordinate after the other is what numpy's determinant does."""
    H, h = np.array([[2.0, 0.3, 0.1], [0.3, 1.0, 0.0], [0.1, 0.0, 0.7]]), np.array([0.5, -1.0, 0.2])
    process = sz.Langevin(linear=Linear(H, h, 0.9), dim=3, temperature=0.6)
    values, vectors = np.linalg.eigh(H)
    g = vectors.T @ h
    widths, shifts = np.sqrt(2.0 * np.pi * 0.6 / values), np.exp(g * g / (2.0 * values * 0.6))
    parts = -0.6 * np.log(widths * shifts)
    assert free_energy(process) == pytest.approx(0.9 + parts.sum(), rel=1e-13)


@pytest.mark.parametrize(
    ("process", "match"),
    [
        (stirred([1.0, 2.0]), "no common equilibrium"),
        (sz.Langevin(np.zeros_like, dim=1), "no potential"),
        (sz.Langevin(linear=Linear([[-1.0]], [0.0]), dim=1), "confine"),
        (sz.Langevin(potential=lambda w: -(w[:, 0] ** 2), dim=1), "box"),
    ],
)
def test_no_free_energy(process: sz.Langevin, match: str) -> None:
    with pytest.raises(sz.InputError, match=match):
        free_energy(process)


def test_a_well_between_two_cells_is_told_and_not_missed() -> None:
    """A hole of width 0.1 in a bowl of width 44: 400 cells see its edge only."""
    holed = sz.Langevin(potential=lambda w: w[:, 0] ** 2 / 50.0 - 8.0 * np.exp(-((w[:, 0] - 5.003) ** 2) / 0.02), dim=1)
    for call in (lambda: sz.stationary(holed), lambda: sz.simulate(holed, "equilibrium", 0.0, replicas=2, seed=1)):
        with pytest.raises(sz.InputError, match="miss a well"):
            call()
    z = [quad(lambda x, n=n: x**n * np.exp(-x * x / 50.0 + 8.0 * np.exp(-((x - 5.003) ** 2) / 0.02)), -45.0, 45.0,
              points=[4.6, 5.0, 5.4], limit=400)[0] for n in (0, 1)]  # fmt: skip
    assert sz.stationary(holed, cells=4000).mean[0] == pytest.approx(z[1] / z[0], rel=1e-3)


def test_the_erasure_of_a_memory_given_as_a_density_is_that_of_its_potential() -> None:
    """O(h^2) of 400 cells in between: 1e-3."""
    well = sz.systems.double_well(6.0)
    given = bit_erasure(4.0, density=sz.stationary(well))
    exact = bit_erasure(4.0, density=boltzmann(lambda x: 6.0 * (x * x - 1.0) ** 2, -2.5, 2.5))
    assert given.work == pytest.approx(exact.work, rel=1e-3)


def test_options_that_do_not_exist_are_named() -> None:
    with pytest.raises(sz.InputError, match="is no option"):
        sz.stationary(stirred(), foo=3)
    with pytest.raises(sz.InputError, match="has no foo"):
        sz.stationary(sz.systems.rotating_trap(), method="gaussian", foo=3)


def test_a_box_too_wide_for_floating_point_says_so() -> None:
    steep = sz.Langevin(potential=lambda x, c: c * x[:, 0] ** 4 + 0.5 * x[:, 0] ** 2, dim=1)
    with pytest.raises(sz.InputError, match="box="):
        sz.energetics(steep, "equilibrium", 1.0, sz.Protocol([0.0, 1.0], [0.0, 200.0]))
