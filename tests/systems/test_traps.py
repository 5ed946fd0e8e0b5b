"""Traps that are moved and stiffened: their forces, and work in closed form by independent equations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from szilard.continuous import Langevin
from szilard.errors import InputError
from szilard.systems import moved_trap, stiffened_trap
from tests.systems.forces import assert_slopes

K, MU, WARM = 2.3, 0.7, 0.6


def test_the_moved_trap_pulls_towards_the_control() -> None:
    trap = moved_trap(K, mobility=MU, temperature=WARM)
    w = np.array([[-0.4], [1.9]])
    np.testing.assert_allclose(trap.energies(w, 1.5), 0.5 * K * (w[:, 0] - 1.5) ** 2, rtol=1e-14)
    np.testing.assert_allclose(trap.forces(w, 1.5), -K * (w - 1.5), rtol=1e-14)
    np.testing.assert_array_equal(trap.pushes(w, 1.5), 0.0)
    np.testing.assert_allclose(trap.diffusion, [MU * WARM], rtol=1e-15)
    assert_slopes(trap, -0.8)


@pytest.mark.parametrize(("k", "mu", "warm"), [(K, MU, WARM), (2.0, 1.0, 1.0)])
def test_the_work_of_pulling_is_that_of_the_drift_of_the_mean(k: float, mu: float, warm: float) -> None:
    """int v k (vt - m) dt with dm/dt = mu F(m, vt), F from the process; the closed form of the docstring."""
    v, tau = 1.5, 1.2
    trap = moved_trap(k, mobility=mu, temperature=warm)

    def rates(t: float, y: np.ndarray) -> list[float]:
        pull = float(trap.forces(np.array([[y[0]]]), v * t)[0, 0])
        return [mu * pull, v * pull]

    work = solve_ivp(rates, (0.0, tau), [0.0, 0.0], rtol=1e-11, atol=1e-13).y[1, -1]
    r = mu * k
    assert work == pytest.approx(v**2 / mu * (tau - (1.0 - np.exp(-r * tau)) / r), rel=1e-9)
    if (k, mu) == (2.0, 1.0):
        assert work == pytest.approx(1.6770576974505889, rel=1e-9)


def test_the_work_of_pulling_fluctuates_as_twice_its_mean_allows() -> None:
    """var W = (k v)^2 int int C(t, s), C = (T/k) e^{-r |t - s|} from equilibrium: 2T <W>, so that dF = 0."""
    v, tau, r = 1.5, 1.2, MU * K
    inner = lambda t: quad(lambda s: WARM / K * np.exp(-r * (t - s)), 0.0, t)[0]  # noqa: E731
    spread = 2.0 * (K * v) ** 2 * quad(inner, 0.0, tau)[0]
    assert spread == pytest.approx(2.0 * WARM * v**2 / MU * (tau - (1.0 - np.exp(-r * tau)) / r), rel=1e-10)


def test_the_stiffened_trap_is_as_stiff_as_its_control() -> None:
    trap = stiffened_trap(mobility=MU, temperature=WARM)
    w = np.array([[-0.4], [1.9]])
    np.testing.assert_allclose(trap.energies(w, 3.1), 0.5 * 3.1 * w[:, 0] ** 2, rtol=1e-14)
    np.testing.assert_allclose(trap.forces(w, 3.1), -3.1 * w, rtol=1e-14)
    np.testing.assert_allclose(trap.diffusion, [MU * WARM], rtol=1e-15)
    assert_slopes(trap, 0.7)


def test_a_sudden_stiffening_costs_what_boltzmann_says() -> None:
    """<W> = T (k1 - k0)/2k0 and <e^{-W/T}> = sqrt(k0/k1), by quadrature over the energies of the process."""
    trap, k0, k1 = stiffened_trap(temperature=WARM), 0.8, 3.0

    def mean(of: Callable[[float], float]) -> float:
        def weight(w: float) -> float:
            return float(np.exp(-trap.energies(np.array([[w]]), k0)[0] / WARM))

        reach = 9.0 * np.sqrt(WARM / k0)
        return float(
            quad(lambda w: of(w) * weight(w), -reach, reach, limit=200)[0] / quad(weight, -reach, reach, limit=200)[0]
        )

    def work(w: float) -> float:
        x = np.array([[w]])
        return float(trap.energies(x, k1)[0] - trap.energies(x, k0)[0])

    assert mean(work) == pytest.approx(WARM * (k1 - k0) / (2.0 * k0), rel=1e-9)
    assert mean(lambda w: float(np.exp(-work(w) / WARM))) == pytest.approx(np.sqrt(k0 / k1), rel=1e-9)


def test_a_ramp_of_the_stiffness_costs_what_the_variance_says() -> None:
    """k: 1 -> 3 in 0.8, T = mu = 1: <W> = int (dk/dt) S/2 dt with the force of the process on the spread sqrt(S)."""
    trap = stiffened_trap()

    def rates(t: float, y: np.ndarray) -> list[float]:
        k = 1.0 + 2.0 * t / 0.8
        pull = float(trap.forces(np.array([[1.0]]), k)[0, 0])
        return [2.0 * (1.0 + pull * y[0]), 0.5 * (2.0 / 0.8) * y[0]]

    work = solve_ivp(rates, (0.0, 0.8), [1.0, 0.0], rtol=1e-11, atol=1e-13).y[1, -1]
    assert work == pytest.approx(0.7337394037448273, rel=1e-9)


def test_held_traps_are_in_equilibrium_without_a_drive() -> None:
    for trap in (moved_trap(K, mobility=MU, temperature=WARM), stiffened_trap(mobility=MU, temperature=WARM)):
        assert isinstance(trap, Langevin)
        assert trap.controlled and trap.is_linear and not trap.driven_at(1.3)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("stiffness", lambda: moved_trap(0.0)),
        ("stiffness", lambda: moved_trap(np.nan)),
        ("stiffness", lambda: moved_trap("2")),  # type: ignore[arg-type]
        ("mobility", lambda: moved_trap(mobility=-1.0)),
        ("temperature", lambda: moved_trap(temperature=0.0)),
        ("mobility", lambda: stiffened_trap(mobility=np.inf)),
        ("temperature", lambda: stiffened_trap(temperature=-0.5)),
        ("control", lambda: stiffened_trap().linear_at(0.0)),
        ("control", lambda: stiffened_trap().linear_at(-2.0)),
        ("control", lambda: stiffened_trap().linear_at(None)),
        ("control", lambda: moved_trap().linear_at(np.nan)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
