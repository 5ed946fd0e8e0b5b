"""The tilted ring: its forces, and the mean velocity by the flux that solves the stationary equation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import solve_bvp
from scipy.special import i0, roots_legendre

from szilard.continuous import Langevin
from szilard.errors import InputError
from szilard.systems import tilted_ring, tilted_ring_velocity
from tests.systems.forces import assert_slopes

HILL, TILT, L, MU, WARM = 1.3, 0.9, 1.7, 0.6, 0.8


@pytest.mark.parametrize(("hill", "tilt", "control"), [(HILL, TILT, None), (None, TILT, HILL), (HILL, None, TILT)])
def test_a_number_and_the_control_give_one_ring(hill: float | None, tilt: float | None, control: float | None) -> None:
    process = tilted_ring(hill, tilt, period=L, mobility=MU, temperature=WARM)
    assert process.controlled is (control is not None)
    assert process.force_controlled is (tilt is None)
    w = np.array([[-0.9], [0.2], [1.1], [4.0]])
    np.testing.assert_allclose(process.energies(w, control), HILL * np.cos(2 * np.pi * w[:, 0] / L), rtol=1e-12)
    np.testing.assert_array_equal(process.pushes(w, control), TILT)
    assert_slopes(process, control)
    np.testing.assert_allclose(process.energies(w + L, control), process.energies(w, control), rtol=1e-12)
    assert process.period.tolist() == [L]


def velocity_of_the_flow(process: Langevin) -> float:
    """J L with p' D = mu F p - J, p(0) = p(L), int p = 1: the boundary value problem itself, F from the process."""
    mu, D, length = float(process.mobility[0]), float(process.diffusion[0]), float(process.period[0])

    def slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        F = process.forces(x[:, None])[:, 0]
        return np.stack([(mu * F * y[0] - y[2]) / D, y[0], np.zeros_like(x)])

    def ends(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.array([a[0] - b[0], a[1], b[1] - 1.0])

    x = np.linspace(0.0, length, 201)
    guess = np.stack([np.full(x.size, 1.0 / length), x / length, np.zeros(x.size)])
    found = solve_bvp(slopes, ends, x, guess, tol=1e-7, max_nodes=20_000)
    assert found.success
    return float(found.y[2, 0]) * length


@pytest.mark.parametrize("tilt", [TILT, -TILT, 4.1])
def test_the_velocity_is_that_of_the_stationary_flow(tilt: float) -> None:
    process = tilted_ring(HILL, tilt, period=L, mobility=MU, temperature=WARM)
    v = tilted_ring_velocity(HILL, tilt, period=L, mobility=MU, temperature=WARM)
    assert v == pytest.approx(velocity_of_the_flow(process), rel=1e-6)  # the solver leaves 1e-7 of the slopes
    assert v * tilt > 0.0


def test_the_velocity_is_stratonovichs_double_integral() -> None:
    """L D (1 - e^{-fL/T})/int dx int dy exp{[V(x) - V(x - y)]/T}: midpoints in x (periodic), Gauss in y."""
    x = (np.arange(256) + 0.5) / 256 * L
    nodes, weights = roots_legendre(120)
    y, dy = 0.5 * L * (nodes + 1.0), 0.5 * L * weights
    process = tilted_ring(HILL, TILT, period=L, mobility=MU, temperature=WARM)

    def U(z: np.ndarray) -> np.ndarray:
        return np.asarray(process.energies(z.reshape(-1, 1)).reshape(z.shape))

    inner = np.exp((U(x[:, None]) - U(x[:, None] - y) - TILT * y) / WARM) @ dy
    expected = L * MU * WARM * (1.0 - np.exp(-TILT * L / WARM)) / (inner.mean() * L)
    found = tilted_ring_velocity(HILL, TILT, period=L, mobility=MU, temperature=WARM)
    assert found == pytest.approx(expected, rel=1e-10)


def test_the_velocity_has_its_limits() -> None:
    """No hills: mu f. Weak tilt: mu f/I_0(A/T)^2. Strong tilt: mu f (1 - g^2/2 + O(g^4)), g = 2 pi A/(L f)."""
    ring = {"period": L, "mobility": MU, "temperature": WARM}
    assert tilted_ring_velocity(0.0, TILT, **ring) == pytest.approx(MU * TILT, rel=1e-12)
    assert tilted_ring_velocity(HILL, 1e-7, **ring) == pytest.approx(MU * 1e-7 / i0(HILL / WARM) ** 2, rel=1e-10)
    strong, k = 1e5, 2 * np.pi / L
    assert tilted_ring_velocity(HILL, strong, **ring) == pytest.approx(
        MU * strong * (1.0 - 0.5 * (HILL * k / strong) ** 2), rel=1e-13
    )
    assert tilted_ring_velocity(HILL, 0.0, **ring) == 0.0


def test_high_hills_are_crossed_at_kramers_rate() -> None:
    """A/T = 400, far beyond e^{700} in either integral: v/L = (mu A k^2/2 pi) e^{-2A/T} (e^{fL/2T} - e^{-fL/2T})."""
    v = tilted_ring_velocity(200.0, 0.3, period=L, mobility=MU)
    kramers = MU * 200.0 * (2 * np.pi / L) ** 2 / (2 * np.pi) * np.exp(-400.0) * 2.0 * np.sinh(0.5 * 0.3 * L)
    # Laplace's next order is T/8A at the well and as much on the hill
    assert np.log(v / (L * kramers)) == pytest.approx(-0.25 / 200.0, abs=1e-4)
    assert tilted_ring_velocity(1e4, 0.3) == 0.0


def test_without_a_tilt_the_ring_is_in_equilibrium() -> None:
    process = tilted_ring(HILL, 0.0, period=L, mobility=MU, temperature=WARM)
    assert process.equilibrates and not process.driven_at()
    assert tilted_ring(HILL, TILT).driven_at()


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("amplitude", lambda: tilted_ring(-1.0, 1.0)),
        ("amplitude", lambda: tilted_ring(np.nan, 1.0)),
        ("amplitude", lambda: tilted_ring(-1.0, None)),
        ("tilt", lambda: tilted_ring(1.0, np.inf)),
        ("tilt", lambda: tilted_ring(None, None)),
        ("tilt", lambda: tilted_ring(None, np.nan)),
        ("period", lambda: tilted_ring(1.0, 1.0, period=0.0)),
        ("mobility", lambda: tilted_ring(1.0, 1.0, mobility=0.0)),
        ("temperature", lambda: tilted_ring(1.0, 1.0, temperature=-1.0)),
        ("amplitude", lambda: tilted_ring_velocity(-1.0, 1.0)),
        ("tilt", lambda: tilted_ring_velocity(1.0, np.nan)),
        ("period", lambda: tilted_ring_velocity(1.0, 1.0, period=np.inf)),
        ("mobility", lambda: tilted_ring_velocity(1.0, 1.0, mobility=-1.0)),
        ("temperature", lambda: tilted_ring_velocity(1.0, 1.0, temperature=0.0)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
