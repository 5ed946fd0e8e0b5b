"""Information about a teacher, the heat of switched forces, and the irreversibility of stochastic gradient descent."""

from __future__ import annotations

from math import exp, inf, log, pi, sqrt, tanh
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm, solve_continuous_lyapunov
from scipy.stats import norm

from szilard.errors import InputError
from szilard.theory.descent import sgd_entropy_production
from szilard.theory.switching import switching_heat_rate
from szilard.theory.teacher import fresh_label_information, teacher_information
from tests.statistics import z_of_mean

Array = NDArray[np.float64]
LN2 = log(2.0)


def two_fields(rho: float, q: float) -> tuple[Array, Array, Array]:
    """The stability, the teacher's field and weights, on a grid of both fields."""
    points, share = np.polynomial.legendre.leggauss(400)
    y, x = 4.5 * (1.0 + points)[:, None], 9.0 * points[None, :]
    s = sqrt(1 - rho * rho)
    weight = 4.5 * share[:, None] * 9.0 * share[None, :] * 2 * norm.pdf(y) * norm.pdf((x - rho * y) / s) / s
    return q * x, y, weight


def told(p: float) -> float:
    return LN2 + p * log(p) + (1 - p) * log(1 - p)


@pytest.mark.parametrize(("rho", "size", "t"), [(0.6, 2.0, 1.0), (-0.4, 0.3, 0.5), (0.9, 9.0, 2.0)])
def test_fresh_label_over_both_fields(rho: float, size: float, t: float) -> None:
    stability, _, weight = two_fields(rho, sqrt(size))
    p = float(np.sum(weight / (1 + np.exp(-stability / t))))
    assert fresh_label_information(rho, size, temperature=t) == pytest.approx(told(p), rel=1e-10)
    sure = 1 - np.arccos(rho) / pi
    assert fresh_label_information(rho, size, "sign") == pytest.approx(told(sure), rel=1e-12)


def test_limits_of_the_fresh_label() -> None:
    for rho, size in ((0.3, 1.0), (0.99, 30.0), (1.0, 4.0)):
        thermal, sign = fresh_label_information(rho, size), fresh_label_information(rho, size, "sign")
        assert 0.0 < thermal < sign <= LN2
        assert fresh_label_information(rho, size, temperature=0.0) == sign
        assert fresh_label_information(rho, inf) == sign
        assert fresh_label_information(rho, size, temperature=1e-9) == pytest.approx(sign, rel=1e-7)
    assert fresh_label_information(1.0, 1.0, "sign") == pytest.approx(LN2, rel=1e-15)
    assert fresh_label_information(0.0, 3.0, "sign") == 0.0
    assert fresh_label_information(0.0, 3.0) < 1e-30
    # small fields: 2p - 1 = E |lambda| sign/2T = q rho sqrt(2/pi)/2T, and I = (2p - 1)^2/2
    assert fresh_label_information(0.5, 1e-8) == pytest.approx(0.5 * 1e-8 * 0.25 / (2 * pi), rel=1e-6)


def test_teacher_information_is_that_of_two_gaussians_and_else_a_bound() -> None:
    assert teacher_information(0.6) == pytest.approx(-0.5 * log(0.64), rel=1e-14)
    assert teacher_information(-0.6) == teacher_information(0.6)
    assert teacher_information(1e-9) == pytest.approx(0.5e-18, rel=1e-12)
    assert teacher_information(1.0) == inf
    # w = sign(B) + small noise knows one bit of a Gaussian B and more than a Gaussian of its correlation sqrt(2/pi)
    spread = 0.2
    rho = sqrt(2 / pi) / sqrt(1 + spread**2)
    w = np.linspace(-3, 3, 20001)
    density = 0.5 * (norm.pdf(w, 1, spread) + norm.pdf(w, -1, spread))
    knows = -np.sum(np.where(density > 0, density * np.log(density + 1e-300), 0)) * (w[1] - w[0])
    knows -= 0.5 * log(2 * pi * np.e * spread**2)
    assert knows > teacher_information(rho)


@pytest.mark.parametrize(("k", "mu", "d"), [(1.0, 1.0, 0.5), (1.7, 0.6, 0.8), (0.4, 2.0, 3.0)])
def test_heat_of_switched_forces_from_their_motion(k: float, mu: float, d: float) -> None:
    """Work of a held force, f (f/k - <w>)(1 - e^-x), <w> of the steady state; telegraph: two states."""
    a, kept = 1.3, exp(-mu * k * d)
    fresh = a * (a / k) * (1 - kept) / d
    assert switching_heat_rate(a, d, stiffness=k, mobility=mu) == pytest.approx(fresh, rel=1e-13)
    turn = -a / k * (1 - kept) / (1 + kept)  # where the weight stands when the force becomes +a
    turned = a * (a / k - turn) * (1 - kept) / d
    found = switching_heat_rate(a, d, pattern="alternating", stiffness=k, mobility=mu)
    assert found == pytest.approx(turned, rel=1e-13)
    rate, mean = 1 / d, np.zeros(2)  # <w; f = +a>, <w; f = -a>: d m/dt = mu(-k m + f p) + jumps = 0
    m = np.linalg.solve([[-mu * k - rate, rate], [rate, -mu * k - rate]], [-mu * a / 2, mu * a / 2]) + mean
    power = mu * (a * a - k * a * (m[0] - m[1]))
    found = switching_heat_rate(a, d, pattern="telegraph", stiffness=k, mobility=mu)
    assert found == pytest.approx(power, rel=1e-13)


def test_switching_at_the_reference() -> None:
    assert switching_heat_rate(1.3, 0.5) == pytest.approx(1.329926370171299, rel=1e-13)  # O30
    assert switching_heat_rate(1.3, 0.8, pattern="alternating") == pytest.approx(1.605284365528325, rel=1e-13)  # M03
    assert switching_heat_rate(1.5, 1 / 0.4, pattern="telegraph") == pytest.approx(1.0, rel=1e-14)  # L24
    assert 2 * 1.3**2 * tanh(0.4) / 0.8 == pytest.approx(1.605284365528325, rel=1e-13)


def test_switching_heat_in_a_sample_of_weights() -> None:
    """Exact steps of 4000 weights at k = 1.7, mobility 0.6, T = 0.5: the heat per time, whatever the temperature."""
    a, d, k, mu, t, turns = 1.3, 0.8, 1.7, 0.6, 0.5, 400
    rng, kept = np.random.default_rng(5), exp(-0.6 * 1.7 * 0.8)
    w = rng.standard_normal(4000) * sqrt(t / k + a * a / k**2 * (1 - kept) / (1 + kept))
    heat = np.zeros(4000)
    for _ in range(turns):
        f = a * rng.choice([-1.0, 1.0], 4000)
        moved = w * kept + f / k * (1 - kept) + rng.standard_normal(4000) * sqrt(t / k * (1 - kept**2))
        heat += f * (moved - w) - 0.5 * k * (moved**2 - w**2)
        w = moved
    assert abs(z_of_mean(heat / (turns * d), switching_heat_rate(a, d, stiffness=k, mobility=mu))) < 4.0


def test_short_showings_cost_most_and_that_is_the_ceiling() -> None:
    patterns: tuple[Any, ...] = ("random", "alternating", "telegraph")
    for pattern in patterns:
        rates = [switching_heat_rate(0.9, d, pattern=pattern, stiffness=2.0, mobility=1.5) for d in (0.0101, 0.3, 5.0)]
        assert rates == sorted(rates, reverse=True)
        top = switching_heat_rate(0.9, 1e-12, pattern=pattern, stiffness=2.0, mobility=1.5)
        assert top == pytest.approx(1.5 * 0.81, rel=1e-11)


HESSIAN = np.array([[2.0, 0.3], [0.3, 0.5]])
NOISE = np.array([[1.0, 0.6], [0.6, 2.0]])


def test_descent_at_the_reference_and_both_forms() -> None:
    found = sgd_entropy_production(HESSIAN, NOISE, 0.1, 8)
    assert found.rate == pytest.approx(0.0351219512195122, rel=1e-12)  # M05
    a, d = 0.1 * HESSIAN, 0.01 / 16 * NOISE
    s = solve_continuous_lyapunov(a, 2 * d)
    np.testing.assert_allclose(found.covariance, s, rtol=1e-12)
    inverse = np.linalg.inv(d)
    assert found.rate == pytest.approx(float(np.trace(a.T @ inverse @ a @ s) - np.trace(a)), rel=1e-10)
    velocity = -(a - d @ np.linalg.inv(s))
    assert found.rate == pytest.approx(float(np.trace(inverse @ velocity @ s @ velocity.T)), rel=1e-10)


def test_descent_against_the_law_of_two_looks() -> None:
    """The relative entropy of a pair (theta(0), theta(dt)) and its reverse, per dt, as dt -> 0; three parameters."""
    rng = np.random.default_rng(3)
    h, c = rng.standard_normal((2, 3, 3))
    h, c = h @ h.T + np.eye(3), c @ c.T + 0.5 * np.eye(3)
    found = sgd_entropy_production(h, c, 0.2, 4)
    a = 0.2 * h
    rates = []
    for dt in (1e-3, 5e-4):
        cross = expm(-a * dt) @ found.covariance
        forward = np.block([[found.covariance, cross.T], [cross, found.covariance]])
        back = np.block([[found.covariance, cross], [cross.T, found.covariance]])
        rates.append((0.5 * float(np.trace(np.linalg.solve(back, forward))) - 3.0) / dt)
    assert 2 * rates[1] - rates[0] == pytest.approx(found.rate, rel=1e-5)  # linear order in dt taken off


def test_descent_is_reversible_just_where_curvature_and_noise_commute() -> None:
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((4, 4)))[0]
    h, c = turn @ np.diag([1.0, 2.0, 3.0, 5.0]) @ turn.T, turn @ np.diag([2.0, 0.3, 1.0, 0.7]) @ turn.T
    h, c = 0.5 * (h + h.T), 0.5 * (c + c.T)
    assert sgd_entropy_production(h, c, 0.1, 8).rate < 1e-28
    assert sgd_entropy_production(h, h, 0.1, 8).rate < 1e-28  # noise like the curvature, as near a fitted minimum
    c[0, 1] = c[1, 0] = c[0, 1] + 0.2
    skewed = sgd_entropy_production(h, c, 0.1, 8)
    assert skewed.rate > 1e-4
    assert sgd_entropy_production(h, c, 0.1, 64).rate == pytest.approx(skewed.rate, rel=1e-12)
    assert sgd_entropy_production(h, c, 0.05, 8).rate == pytest.approx(0.5 * skewed.rate, rel=1e-12)
    np.testing.assert_allclose(skewed.swirl, -skewed.swirl.T)
    assert "not heat" in repr(skewed)
    assert "<table>" in skewed._repr_html_()


BAD: list[tuple[str, Any, tuple[Any, ...], dict[str, Any]]] = [
    ("rho", teacher_information, (1.1,), {}),
    ("rho", teacher_information, (float("nan"),), {}),
    ("rho", fresh_label_information, (-2.0, 1.0), {}),
    ("Q", fresh_label_information, (0.5, -1.0), {}),
    ("readout", fresh_label_information, (0.5, 1.0, "best"), {}),
    ("temperature", fresh_label_information, (0.5, 1.0), {"temperature": -1.0}),
    ("amplitude", switching_heat_rate, (-1.0, 1.0), {}),
    ("dwell", switching_heat_rate, (1.0, 0.0), {}),
    ("pattern", switching_heat_rate, (1.0, 1.0), {"pattern": "late"}),
    ("hessian", sgd_entropy_production, ([[1.0, 2.0], [2.0, 1.0]], NOISE, 0.1, 8), {}),
    ("hessian", sgd_entropy_production, ([1.0], NOISE, 0.1, 8), {}),
    ("hessian", sgd_entropy_production, ([[1.0, 0.1], [0.2, 1.0]], NOISE, 0.1, 8), {}),
    ("noise_covariance", sgd_entropy_production, (HESSIAN, [[1.0, np.nan], [0.0, 1.0]], 0.1, 8), {}),
    ("noise_covariance", sgd_entropy_production, (HESSIAN, np.eye(3), 0.1, 8), {}),
    ("noise_covariance", sgd_entropy_production, (HESSIAN, np.zeros((2, 2)), 0.1, 8), {}),
    ("learning_rate", sgd_entropy_production, (HESSIAN, NOISE, 0.0, 8), {}),
]


@pytest.mark.parametrize(("field", "function", "given", "named"), BAD, ids=[f"{b[0]}-{i}" for i, b in enumerate(BAD)])
def test_bad_input(field: str, function: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        function(*given, **named)
    assert caught.value.field == field
