"""The double well and the bit: the potential said, Boltzmann's moments, Kramers' rate, a closed cycle."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import quad

from szilard.continuous import Langevin
from szilard.errors import InputError
from szilard.systems import bit_memory, colloid_double_well, double_well
from tests.systems.forces import assert_slopes

BARRIER, TILT, WELL, MU, WARM = 2.6, 0.45, 0.7, 1.7, 0.8


def at(process: Langevin, w: float, control: float | None = None) -> float:
    return float(process.energies(np.array([[w]]), control)[0])


@pytest.mark.parametrize(
    ("barrier", "tilt", "control"), [(BARRIER, TILT, None), (None, TILT, BARRIER), (BARRIER, None, TILT)]
)
def test_a_number_and_the_control_give_one_potential(
    barrier: float | None, tilt: float | None, control: float | None
) -> None:
    process = double_well(barrier, tilt, well=WELL, mobility=MU, temperature=WARM)
    assert process.controlled is (control is not None)
    for w in (-1.1, -0.2, 0.0, 0.4, 1.3):
        expected = BARRIER * ((w / WELL) ** 2 - 1.0) ** 2 - TILT * w / WELL
        assert at(process, w, control) == pytest.approx(expected, rel=1e-13)
    assert_slopes(process, control)
    np.testing.assert_allclose(process.diffusion, [MU * WARM], rtol=1e-15)


def test_it_is_the_potential_of_the_colloid_on_its_grid() -> None:
    colloid = colloid_double_well(BARRIER, TILT, sites=9, well=WELL, reach=1.6, temperature=WARM)
    process = double_well(BARRIER, TILT, well=WELL, temperature=WARM)
    grid = np.linspace(-1.6 * WELL, 1.6 * WELL, 9)[:, None]
    np.testing.assert_allclose(process.energies(grid), colloid.energies(), rtol=1e-12, atol=1e-12)


def test_the_tilt_favours_the_right_well_and_the_shift_is_that_of_a_derivative() -> None:
    """d ln Z/d tilt = <w>/(well T): the mean position by quadrature, against a difference of free energies."""

    def partition(tilt: float) -> float:
        process = double_well(BARRIER, tilt, well=WELL, temperature=WARM)
        return float(quad(lambda w: np.exp(-at(process, w) / WARM), -3.0, 3.0, epsrel=1e-12, limit=200)[0])

    process = double_well(BARRIER, TILT, well=WELL, temperature=WARM)
    first = quad(lambda w: w * np.exp(-at(process, w) / WARM), -3.0, 3.0, epsrel=1e-12, limit=200)[0]
    h = 1e-4  # truncation h^2/6 of the third derivative of ln Z, rounding 1e-12/h: both near 1e-8
    slope = (np.log(partition(TILT + h)) - np.log(partition(TILT - h))) / (2.0 * h)
    assert first / partition(TILT) == pytest.approx(WELL * WARM * slope, rel=1e-7)
    assert first > 0.0


def test_kramers_rate_is_that_of_the_curvatures_of_the_process() -> None:
    """The rate of the docstring against the flux over the population, by quadrature: equal up to O(T/barrier)."""
    high = 14.0
    process = double_well(high, 0.0, well=WELL, mobility=MU, temperature=1.0)
    h = 1e-3
    bend = [(at(process, w + h) - 2.0 * at(process, w) + at(process, w - h)) / h**2 for w in (-WELL, 0.0)]
    kramers = MU * np.sqrt(bend[0] * -bend[1]) / (2.0 * np.pi) * np.exp(-high)
    said = 2.0 * np.sqrt(2.0) / np.pi * MU * high / WELL**2 * np.exp(-high)
    assert kramers == pytest.approx(said, rel=1e-4)  # h^2 U''''/12U'' = 6e-7 at the well, 1e-6 on the barrier
    inside = quad(lambda w: np.exp(-at(process, w)), -2.5 * WELL, 0.0, epsrel=1e-10, limit=200)[0]
    over = quad(lambda w: np.exp(at(process, w) - high), -WELL, WELL, epsrel=1e-10, limit=200)[0]
    flux = MU * np.exp(-high) / (inside * over)
    # Laplace's next order is 3/16 (T/barrier) at the well and as much on the barrier; the one after that is O(1/high^2)
    assert np.log(flux / said) == pytest.approx(-0.375 / high, abs=1.0 / high**2)


def test_the_bit_is_the_potential_it_says() -> None:
    bit = bit_memory(BARRIER, TILT, well=WELL, mobility=MU, temperature=WARM)
    for c in (0.0, 0.3, 0.5, 0.8, 1.0):
        for w in (-1.1, -0.2, 0.0, 0.4, 1.3):
            x = w / WELL
            lowering, slope = np.sin(np.pi * c) ** 2, np.sin(np.pi * c**2) ** 2
            expected = BARRIER * ((x**2 - 1.0) ** 2 + 2.0 * lowering * x**2) - TILT * slope * x
            assert at(bit, w, c) == pytest.approx(expected, rel=1e-12)
        assert_slopes(bit, c)
    np.testing.assert_allclose(bit.diffusion, [MU * WARM], rtol=1e-15)


def test_the_cycle_of_the_bit_is_closed() -> None:
    bit, w = bit_memory(9.0, -7.0, well=WELL), np.linspace(-1.5, 1.5, 31)[:, None]
    untilted = double_well(9.0, 0.0, well=WELL)
    for end in (0.0, 1.0):
        np.testing.assert_allclose(bit.energies(w, end), untilted.energies(w), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("control", [0.1, 0.3, 0.5, 0.9])
def test_the_barrier_falls_with_the_fourth_power_of_the_cosine(control: float) -> None:
    """Of the untilted bit: U(0) minus the least of a fine grid, whose spacing d costs U'' d^2/8 < 1e-7."""
    bit, w = bit_memory(9.0, 0.0), np.linspace(-1.5, 1.5, 30_001)[:, None]
    wall = at(bit, 0.0, control) - float(bit.energies(w[::10], control).min())
    assert wall == pytest.approx(9.0 * np.cos(np.pi * control) ** 4, abs=1e-5)


def test_the_tilt_of_the_bit_points_where_it_says_while_the_barrier_rises() -> None:
    for sign in (1.0, -1.0):
        bit = bit_memory(10.0, sign * 10.0)
        weight = lambda w, b=bit: np.exp(-at(b, w, 0.75))  # noqa: E731
        wrong = quad(weight, -2.0, 0.0)[0] if sign > 0 else quad(weight, 0.0, 2.0)[0]
        assert wrong < 1e-3 * quad(weight, -2.0, 2.0)[0]


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("barrier", lambda: double_well(0.0)),
        ("barrier", lambda: double_well(np.nan)),
        ("barrier", lambda: double_well("8")),  # type: ignore[arg-type]
        ("tilt", lambda: double_well(1.0, np.inf)),
        ("tilt", lambda: double_well(None, None)),
        ("tilt", lambda: double_well(None, np.nan)),
        ("well", lambda: double_well(1.0, well=0.0)),
        ("mobility", lambda: double_well(1.0, mobility=0.0)),
        ("temperature", lambda: double_well(1.0, temperature=-1.0)),
        ("barrier", lambda: bit_memory(-1.0, 1.0)),
        ("tilt", lambda: bit_memory(1.0, np.nan)),
        ("tilt", lambda: bit_memory(1.0, None)),  # type: ignore[arg-type]
        ("well", lambda: bit_memory(1.0, 1.0, well=np.inf)),
        ("mobility", lambda: bit_memory(1.0, 1.0, mobility=-2.0)),
        ("temperature", lambda: bit_memory(1.0, 1.0, temperature=0.0)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
