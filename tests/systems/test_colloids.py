"""The double well: its potential, Boltzmann on the grid, and passage times that converge with the square of dx."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid
from scipy.sparse.linalg import spsolve

from szilard.errors import InputError
from szilard.systems import colloid_double_well
from tests.systems.books import assert_local_balance, assert_stationary

BARRIER, TILT, WELL, WARM, D = 2.0, 0.4, 0.7, 0.8, 1.7


def potential(x: np.ndarray) -> np.ndarray:
    return np.asarray(BARRIER * ((x / WELL) ** 2 - 1) ** 2 - TILT * x / WELL)


def passage_time(sites: int) -> float:
    """Mean time from the leftmost site to the middle of the grid, from the generator."""
    process = colloid_double_well(BARRIER, TILT, sites=sites, well=WELL, reach=1.8, diffusion=D, temperature=WARM)
    middle = sites // 2
    backward = process.generator().T.tocsc()[:middle, :middle]
    return float(spsolve(backward, -np.ones(middle))[0])


def exact_passage_time(sites: int) -> float:
    """(1/D) int dy e^{U(y)/T} int^y dz e^{-U(z)/T} from half a step beyond the grid, by quadrature on 4e5 points."""
    far = 1.8 * WELL
    x = np.concatenate([np.linspace(-far - far / (sites - 1), -far, 2001)[:-1], np.linspace(-far, 0.0, 400_001)])
    u = potential(x) / WARM
    inside = cumulative_trapezoid(np.exp(-u), x, initial=0.0)
    start = 2000
    return float(np.trapezoid(np.exp(u[start:]) * inside[start:], x[start:])) / D


def test_passage_time_is_that_of_diffusion_to_second_order() -> None:
    coarse, fine = (passage_time(sites) / exact_passage_time(sites) - 1 for sites in (201, 401))
    assert abs(coarse) < 1e-3
    assert 1.9 < np.log2(coarse / fine) < 2.1


def test_boltzmann_is_stationary_and_the_tilt_favours_the_right() -> None:
    process = colloid_double_well(BARRIER, TILT, sites=61, well=WELL, reach=1.8, diffusion=D, temperature=WARM)
    assert_local_balance(process)
    x = np.linspace(-1.8 * WELL, 1.8 * WELL, 61)
    np.testing.assert_allclose(process.energies(), potential(x), rtol=1e-13, atol=1e-13)
    p = np.exp(-process.energies() / WARM)
    assert_stationary(process, p)
    assert p[31:].sum() > p[:30].sum()


def test_barrier_and_tilt_follow_a_control() -> None:
    bit = colloid_double_well(lambda c: 8.0 * (1 - c), lambda c: 4.0 * c, sites=5)
    np.testing.assert_allclose(bit.energies(0.0), [72.0, 0.0, 8.0, 0.0, 72.0])
    np.testing.assert_allclose(bit.energies(1.0), [8.0, 4.0, 0.0, -4.0, -8.0])
    tilted = colloid_double_well(1.0, None, sites=5)
    np.testing.assert_allclose(tilted.energies(2.0), np.array([9.0, 0.0, 1.0, 0.0, 9.0]) - 2.0 * np.arange(-2, 3))
    half = colloid_double_well(lambda c: c, sites=3, diffusion=2.0, temperature=2.0)
    L = half.generator(1.0).toarray()
    assert L[1, 0] == pytest.approx(2.0 / 2.0**2 * np.exp((9.0 - 1.0) / 4.0), rel=1e-14)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("barrier", lambda: colloid_double_well(np.nan)),
        ("tilt", lambda: colloid_double_well(1.0, np.inf)),
        ("tilt(1)", lambda: colloid_double_well(1.0, lambda c: np.nan).energies(1.0)),
        ("sites", lambda: colloid_double_well(1.0, sites=1)),
        ("well", lambda: colloid_double_well(1.0, well=0.0)),
        ("reach", lambda: colloid_double_well(1.0, reach=-1.0)),
        ("diffusion", lambda: colloid_double_well(1.0, diffusion=0.0)),
        ("temperature", lambda: colloid_double_well(1.0, temperature=0.0)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
