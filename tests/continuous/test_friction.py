"""Friction against closed forms, correlation functions of a jump process, and slow protocols."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import cumulative_simpson, quad, simpson
from scipy.linalg import expm

import szilard as sz
from szilard.continuous import Langevin, Linear
from szilard.continuous.course import course_of
from szilard.continuous.lattice_friction import friction, thermodynamic_length
from szilard.continuous.lattice_route import lattice_energetics
from szilard.errors import InputError

Array = NDArray[np.float64]
T, MU = 0.7, 1.8


def trap(temperature: float = T, mobility: float = MU) -> Langevin:
    return Langevin(potential=lambda w, k: 0.5 * k * w[:, 0] ** 2, dim=1, temperature=temperature, mobility=mobility)


def well() -> Langevin:
    """A quartic well whose control tilts and stiffens it."""
    return Langevin(
        potential=lambda w, l: 0.25 * w[:, 0] ** 4 + 0.5 * l * w[:, 0] ** 2 - 0.8 * l * l * w[:, 0],
        dim=1, temperature=T, mobility=MU,
    )  # fmt: skip


def test_a_trap_that_is_stiffened() -> None:
    """zeta = T / (4 mu k^3) and L = |k0^-1/2 - k1^-1/2| sqrt(T / mu)."""
    for k in (0.3, 1.0, 2.7):
        assert friction(trap(), k) == pytest.approx(T / (4 * MU * k**3), rel=1e-10)
    exact = (1.0 - 1.0 / sqrt(3.0)) * sqrt(T / MU)
    assert thermodynamic_length(trap(), 1.0, 3.0) == pytest.approx(exact, rel=1e-9)
    assert thermodynamic_length(trap(), 3.0, 1.0) == pytest.approx(exact, rel=1e-9)
    assert thermodynamic_length(trap(1.0, 1.0), 1.0, 3.0) == pytest.approx(0.42264973081037416, rel=1e-9)
    assert thermodynamic_length(trap(), 2.0, 2.0) == 0.0


def test_a_trap_that_is_moved() -> None:
    """zeta = 1 / mu, whatever the stiffness and the temperature."""
    moved = Langevin(potential=lambda w, l: 1.7 * (w[:, 0] - l) ** 2, dim=1, temperature=T, mobility=MU)
    assert friction(moved, 0.4) == pytest.approx(1.0 / MU, rel=1e-10)


def test_a_quartic_well_against_the_slope_of_its_distribution_function() -> None:
    """(d Pi / dlambda) = -(1/T) int_-inf^w (X - <X>) p dw with X written out, by Simpson's rule on a fine grid."""
    l, x = 0.6, np.linspace(-5.0, 5.0, 100_001)
    p = np.exp(-(0.25 * x**4 + 0.5 * l * x**2 - 0.8 * l * l * x) / T)
    p /= simpson(p, x=x)
    X = 0.5 * x**2 - 1.6 * l * x
    rise = cumulative_simpson((X - simpson(X * p, x=x)) * p, x=x, initial=0.0) / T
    inside = p > 1e-12
    exact = simpson(rise[inside] ** 2 / p[inside], x=x[inside]) / MU
    assert friction(well(), l) == pytest.approx(exact, rel=1e-9)


def test_a_ring_against_its_correlation_function() -> None:
    """zeta = (1/T) int <dX(t) dX(0)> dt with the generator of a random walk on 240 sites, written out."""

    def U(x: Any, l: float) -> Any:
        return l * np.cos(x) + 0.4 * np.sin(2 * x + l)

    ring = Langevin(potential=lambda w, l: U(w[:, 0], l), dim=1, temperature=T, mobility=MU, period=2 * np.pi)
    l, zeta = 0.9, []
    for n in (120, 240):
        x, h = np.arange(n) * 2 * np.pi / n, 2 * np.pi / n
        u = U(x, l)
        L = np.zeros((n, n))
        for i in range(n):
            for j in ((i + 1) % n, (i - 1) % n):
                L[j, i] = MU * T / h**2 * np.exp(-(u[j] - u[i]) / (2 * T))
                L[i, i] -= L[j, i]
        p = np.exp(-u / T) / np.exp(-u / T).sum()
        X = np.cos(x) + 0.4 * np.cos(2 * x + l)
        X -= p @ X
        # int_0^inf e^{L t} dt on what sums to zero
        zeta.append(float(X @ np.linalg.lstsq(-L, X * p, rcond=None)[0]) / T)
    exact = zeta[1] + (zeta[1] - zeta[0]) / 3.0
    assert friction(ring, l) == pytest.approx(exact, rel=1e-5)


def test_a_linear_process_against_its_correlation_function() -> None:
    """Two coordinates, a mobility matrix, H and h that both move: the correlation of a quadratic form, integrated."""
    M = np.array([[1.4, 0.5], [0.5, 0.8]])
    bent, pulled = np.array([[1.0, 0.3], [0.3, -0.2]]), np.array([0.7, -1.1])

    def at(l: float) -> Linear:
        return Linear(np.array([[2.0, 0.6], [0.6, 1.5]]) + l * bent, l * pulled)

    process = Langevin(linear=at, dim=2, temperature=T, mobility=M)
    l = 0.5
    H = at(l).hessian
    m, C = np.linalg.solve(H, l * pulled), T * np.linalg.inv(H)
    g = bent @ m - pulled

    def correlation(t: float) -> float:
        K = expm(-M @ H * t) @ C
        return float(g @ K @ g + 0.5 * np.trace(bent @ K @ bent @ K.T))

    exact = quad(correlation, 0.0, 60.0, epsabs=1e-12, limit=200)[0] / T
    assert friction(process, l) == pytest.approx(exact, rel=1e-9)


def test_both_ways_to_a_trap_agree() -> None:
    def force(l: float) -> Linear:
        return Linear((1.0 + l * l) * np.eye(1), np.array([0.6 * l]))

    linear = Langevin(linear=force, dim=1, temperature=T, mobility=MU)
    plain = Langevin(
        potential=lambda w, l: 0.5 * (1 + l * l) * w[:, 0] ** 2 - 0.6 * l * w[:, 0],
        dim=1, temperature=T, mobility=MU,
    )  # fmt: skip
    assert friction(linear, 0.7) == pytest.approx(friction(plain, 0.7), rel=1e-9)


def test_a_slow_protocol_dissipates_what_friction_says_and_more_than_the_length_allows() -> None:
    """W - dF = int zeta (dlambda/dt)^2 dt + O(1/tau^2) >= L^2 / tau + O(1/tau^2)."""
    process, ends = trap(), (1.0, 3.0)
    free = 0.5 * T * np.log(3.0)
    power = quad(lambda k: friction(process, k), *ends)[0] * 2.0
    excess = []
    for tau in (20.0, 40.0):
        run = lattice_energetics(course_of(process, sz.Protocol((0.0, tau), ends), tau), "equilibrium")
        excess.append((run.work - free) * tau)
    assert 2.0 * excess[1] - excess[0] == pytest.approx(power, rel=2e-3)
    assert power > thermodynamic_length(process, *ends) ** 2


@pytest.mark.parametrize(
    ("process", "control", "field"),
    [
        (Langevin(potential=lambda w: w[:, 0] ** 2, dim=1), 1.0, "control"),
        (trap(), None, "control"),
        (trap(), np.nan, "control"),
        (Langevin(lambda w: 0 * w + 1.0, lambda w, k: k * w[:, 0] ** 2, dim=1), 1.0, "process"),
        (Langevin(potential=lambda w, k: k * (w**2).sum(axis=1), dim=2, temperature=[1.0, 2.0]), 1.0, "process"),
        (Langevin(potential=lambda w, k: k * (w**2).sum(axis=1), dim=2), 1.0, "dim"),
        (Langevin(linear=lambda k: Linear(k * np.eye(1), np.zeros(1)), dim=1), -1.0, "control"),
        (trap(), -1.0, "box"),
    ],
)
def test_what_has_no_friction_is_refused(process: Langevin, control: Any, field: str) -> None:
    with pytest.raises(InputError) as caught:
        friction(process, control)
    assert caught.value.field == field
