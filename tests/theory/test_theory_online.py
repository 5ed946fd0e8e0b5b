"""Order parameters of kick learning: averages, courses and states of rest, against quadrature, closed forms, kicks."""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, exp, log, pi, sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

import szilard as sz
from szilard.errors import InputError
from szilard.estimate import Sampled
from szilard.infer.extrapolation_fit import extrapolate
from szilard.theory.asymptotic import online_asymptote
from szilard.theory.averages_online import averages_of, kick_averages
from szilard.theory.kick_rules import CLOSED, KickRule
from szilard.theory.order_parameters import online
from szilard.theory.stationary_online import online_stationary
from szilard.theory.teacher import fresh_label_information
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
OPEN: dict[str, Any] = {"temperature": 0.0, "stiffness": 0.0}
BATH: dict[str, Any] = {"temperature": 0.7, "stiffness": 1.3, "mobility": 1.6}


def test_averages_of_the_closed_rules_at_the_reference_overlap() -> None:
    perceptron, adatron = kick_averages("perceptron", 0.6), kick_averages("adatron", 0.6)
    assert perceptron.teacher == pytest.approx(0.1595769121605731, rel=1e-12)  # O01
    assert adatron.teacher == pytest.approx(0.0775475677665126, rel=1e-12)  # O02
    assert adatron.square == pytest.approx(0.14237848993264707, rel=1e-12)  # O03
    assert kick_averages("hebbian", 0.6, 3.0) == pytest.approx((sqrt(2 / pi), 1.8 * sqrt(2 / pi), 1.0), rel=1e-14)
    assert perceptron.square == pytest.approx(acos(0.6) / pi, rel=1e-14)


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("length", [1e-3, 1.0, 40.0])
@pytest.mark.parametrize("angle", [1e-7, 1e-2, 0.9, 1.5707, 2.5])
def test_closed_forms_are_what_quadrature_gives(name: str, length: float, angle: float) -> None:
    closed = averages_of(KickRule(name, CLOSED[name], closed=True))(angle, length)
    by_nodes = averages_of(KickRule(name, CLOSED[name]))(angle, length)
    assert by_nodes == pytest.approx(closed, rel=2e-13)


@pytest.mark.parametrize("rho", [-0.5, 0.3, 0.95])
def test_averages_against_the_two_fields_themselves(rho: float) -> None:
    """Over the two correlated Gaussian fields, not over the law of the stability."""
    s, q, steep = sqrt(1.0 - rho * rho), 1.7, 2.3

    points, share = np.polynomial.legendre.leggauss(240)
    y, x = 4.5 * (1.0 + points)[:, None], 9.0 * points[None, :]
    weight = 4.5 * share[:, None] * 9.0 * share[None, :] * 2 * norm.pdf(y) * norm.pdf((x - rho * y) / s) / s

    def mean(f: Any) -> float:
        return float(np.sum(weight * f(y, q * x)))

    found = kick_averages("gradient", rho, q, parameters=(steep,))
    assert found.teacher == pytest.approx(mean(lambda y, x: y * expit(-steep * x)), rel=1e-12)
    assert found.field == pytest.approx(mean(lambda y, x: x * expit(-steep * x)), rel=1e-12)
    assert found.square == pytest.approx(mean(lambda y, x: expit(-steep * x) ** 2), rel=1e-12)


def test_a_break_away_from_zero_is_met_exactly() -> None:
    """F = theta(1 - lambda): <F^2> = P(lambda < 1), which an unmarked step spoils."""

    def margin(stability: Array) -> Array:
        return np.where(stability < 1.0, 1.0, 0.0)

    rho, q = 0.4, 0.8
    below = quad(lambda x: 2 * norm.pdf(x) * norm.cdf(rho * x / sqrt(1 - rho**2)), -12, 1.0 / q, epsabs=1e-14)[0]
    assert kick_averages(margin, rho, q, breaks=[1.0]).square == pytest.approx(below, rel=1e-12)
    assert abs(kick_averages(margin, rho, q).square - below) > 1e-4


def test_the_optimal_kick_is_the_best_of_all() -> None:
    """d rho/dt = <(|y| - rho x) F>/q - rho <F^2>/2q^2 falls for every change of F, to second order."""
    rho, q = 0.55, 1.4
    s = sqrt(1.0 - rho * rho)

    def best(stability: Array) -> Array:
        u = rho * stability / q / s
        return np.asarray(q * s / rho * np.exp(norm.logpdf(u) - norm.logcdf(u)))

    def gain(f: Any) -> float:
        a, b, c = kick_averages(f, rho, q)
        return (a - rho * b / q) / q - 0.5 * rho * c / q**2

    top = gain("optimal")
    assert gain(best) == pytest.approx(top, rel=1e-12)
    for change in (np.sin, np.tanh, np.ones_like, lambda x: np.exp(-np.abs(x))):
        for size in (-0.1, 0.1):
            lower = gain(lambda x, c=change, h=size: best(x) + h * c(x))
            cost = 0.5 * rho * size**2 / q**2 * kick_averages(change, rho, q).square
            assert top - lower == pytest.approx(cost, rel=1e-9)


@pytest.mark.parametrize(("r0", "q0"), [(0.0, 1.0), (0.0, 0.0), (-0.7, 1.0), (0.9, 1.0)])
def test_hebbian_course_without_bath_to_a_load_of_1e8(r0: float, q0: float) -> None:
    """R = R0 + a t, Q = Q0 + 2 a R0 t + t + a^2 t^2, a = sqrt(2/pi) nu; Q - R^2 = Q0 - R0^2 + nu^2 t."""
    t, nu = np.geomspace(1e-3, 1e8, 34), 1.7
    course = online("hebbian", nu, t, start=(r0, q0), **OPEN)
    a = nu * sqrt(2 / pi)
    across, along = np.sqrt(q0 - r0**2 + nu**2 * t), r0 + a * t
    # steps of relative size 1e-12 in ln tan(angle/2) and ln Q: some hundred of them add up to below 1e-10
    np.testing.assert_allclose(course.error, np.arctan2(across, along) / pi, rtol=1e-10)
    np.testing.assert_allclose(course.Q, across**2 + along**2, rtol=4e-10)
    np.testing.assert_allclose(course.R, course.rho * np.sqrt(course.Q), rtol=1e-14)


def test_reference_course_of_hebb() -> None:
    assert online("hebbian", 1.0, [10.0], **OPEN).error[0] == pytest.approx(0.12539747641594898, rel=1e-10)  # O10


@pytest.mark.parametrize("rule", ["hebbian", "perceptron", "adatron", "gradient"])
def test_course_against_a_plain_solver_in_R_and_Q(rule: str) -> None:
    """Classical Runge and Kutta on the equations as they are printed, T != 1, k != 1, mobility != 1."""
    nu, t, k, mu = 1.4, BATH["temperature"], BATH["stiffness"], BATH["mobility"]

    def rate(y: Array) -> Array:
        r, size = float(y[0]), float(y[1])
        a, b, c = kick_averages(rule, r / sqrt(size), sqrt(size))
        return np.array([-mu * k * r + nu * a, -2 * mu * k * size + 2 * mu * t + 2 * nu * b + nu * nu * c])

    y, h = np.array([-0.2, 0.9]), 0.01
    for _ in range(60):
        k1 = rate(y)
        k2 = rate(y + 0.5 * h * k1)
        k3 = rate(y + 0.5 * h * k2)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + rate(y + h * k3))
    course = online(rule, nu, [0.0, 0.6], start=(-0.2, 0.9), **BATH)
    # Runge and Kutta's global error: (mu k h)^4 ~ 2e-7 times small derivatives
    assert (course.R[1], course.Q[1]) == pytest.approx(tuple(y), rel=1e-7)
    assert (course.R[0], course.Q[0]) == pytest.approx((-0.2, 0.9), rel=1e-14)


def test_no_learning_rate_to_speak_of_is_equilibrium() -> None:
    course = online("adatron", 1e-9, [0.0, 5.0], **BATH)
    assert course.Q == pytest.approx(BATH["temperature"] / BATH["stiffness"], rel=1e-8)
    assert np.all(np.abs(course.rho) < 1e-8)
    assert np.all(course.information_sign < 1e-16)


def test_optimal_course_from_no_overlap_and_from_a_small_one() -> None:
    t = [0.0, 1e-13, 1e-4, 1.0, 30.0, 1e5]
    limit, small = online("optimal", 1.0, t, **OPEN), online("optimal", 1.0, t, start=(1e-5, 1.0), **OPEN)
    assert np.all(np.isinf(limit.Q))
    np.testing.assert_allclose(limit.rho[1:3], np.sqrt(2 / pi * np.array(t[1:3])), rtol=1e-4)  # next order rho^2 / 2
    np.testing.assert_allclose(small.error[3:], limit.error[3:], rtol=1e-9)  # rho0^2 = 1e-10 shifts time by as much
    for rule in ("hebbian", "perceptron", "adatron", "gradient"):
        assert np.all(online(rule, 1.0, t[3:], **OPEN).error > limit.error[3:])


def test_information_of_a_course_and_its_limits() -> None:
    course = online("perceptron", 3.0, np.linspace(0.0, 4.0, 9), temperature=1.5, stiffness=0.7)
    assert np.all(course.information_thermal <= course.information_sign + 1e-30)
    assert np.all((course.information_thermal >= 0.0) & (course.information_sign <= log(2.0)))
    np.testing.assert_allclose(course.teacher_information, -0.5 * np.log1p(-(course.rho**2)), rtol=1e-10, atol=1e-15)
    thermal = [fresh_label_information(r, q, temperature=1.5) for r, q in zip(course.rho, course.Q, strict=True)]
    np.testing.assert_allclose(course.information_thermal, thermal, rtol=1e-9, atol=1e-15)
    sign = [fresh_label_information(r, 1.0, "sign") for r in course.rho]
    np.testing.assert_allclose(course.information_sign, sign, rtol=1e-9, atol=1e-15)


def test_states_of_rest_at_the_reference() -> None:
    for rule, nu, error in (
        ("hebbian", 1.0, 0.3162053476431967),  # O20
        ("hebbian", 5.0, 0.23691603743951234),
        ("hebbian", 1e8, 0.23082347895877325),  # O21
        ("perceptron", 1.0, 0.40548884174954936),  # O22
        ("perceptron", 5.0, 0.3250358973148196),
        ("adatron", 1.0, 0.43029665312420273),
    ):
        rest = online_stationary(rule, nu)
        assert rest.error == pytest.approx(error, rel=1e-9)
        assert rest.unique
    perceptron = online_stationary("perceptron", 1.0)
    assert (perceptron.R, perceptron.Q) == pytest.approx((0.2822228885, 0.9305046851), rel=1e-9)


def test_hebb_at_rest_for_any_bath() -> None:
    """R = nu sqrt(2/pi)/(mu k), mu k Q = mu T + nu R sqrt(2/pi) + nu^2/2; the floor is that of T = 0 at mu k = 1."""
    nu, k, mu, t = 2.1, 1.3, 1.6, 0.7
    rest = online_stationary("hebbian", nu, **BATH)
    r = nu * sqrt(2 / pi) / (mu * k)
    q = (mu * t + nu * r * sqrt(2 / pi) + nu * nu / 2) / (mu * k)
    assert (rest.R, rest.Q) == pytest.approx((r, q), rel=1e-10)
    assert rest.error == pytest.approx(acos(r / sqrt(q)) / pi, rel=1e-10)
    floor = acos(sqrt((2 / pi) / (2 / pi + 0.5))) / pi
    assert online_stationary("hebbian", 0.3, temperature=0.0).error == pytest.approx(floor, rel=1e-10)


@pytest.mark.parametrize("rule", ["perceptron", "adatron", "gradient", "optimal"])
def test_rest_is_where_the_course_ends_and_the_equations_vanish(rule: str) -> None:
    rest = online_stationary(rule, 1.2, **BATH)
    end = online(rule, 1.2, [60.0], start=(0.05, 0.6), **BATH)
    assert (end.R[0], end.Q[0]) == pytest.approx((rest.R, rest.Q), rel=1e-8)
    a, b, c = kick_averages(rule, rest.rho, sqrt(rest.Q))
    k, mu, t = BATH["stiffness"], BATH["mobility"], BATH["temperature"]
    assert mu * k * rest.R == pytest.approx(1.2 * a, rel=1e-9)
    assert mu * k * rest.Q == pytest.approx(mu * t + 1.2 * b + 0.72 * c, rel=1e-9)


@pytest.mark.parametrize("nu", [0.3, 1.5, 1.9])
def test_optimal_kicks_at_rest(nu: float) -> None:
    """<lambda F> = 0 and <F^2> = (q/rho) <|y| F>, so that k Q (1 - nu/2) = T, whatever rho."""
    k, mu, t = 1.3, 1.6, 0.7
    rest = online_stationary("optimal", nu, temperature=t, stiffness=k, mobility=mu)
    assert rest.Q == pytest.approx(t / k / (1.0 - 0.5 * nu), rel=1e-9)
    with pytest.raises(InputError, match="below 2"):
        online_stationary("optimal", 2.0)


def test_several_states_of_rest_are_all_named() -> None:
    """F = 2 theta(lambda - 2) writes only what is nearly known: small weights stay small, large ones stay large."""

    def confident(x: Array) -> Array:
        return np.where(x > 2.0, 2.0, 0.0)

    rest = online_stationary(confident, 2.5, temperature=0.3, breaks=[2.0])
    assert not rest.unique
    assert [p.stable for p in rest.others] == [True, False]
    assert "also stable" in repr(rest)
    for r, q in [(rest.R, rest.Q), *((p.R, p.Q) for p in rest.others)]:
        a, b, c = kick_averages(confident, r / sqrt(q), sqrt(q), breaks=[2.0])
        assert r == pytest.approx(2.5 * a, rel=1e-8)
        assert q == pytest.approx(0.3 + 2.5 * b + 0.5 * 2.5**2 * c, rel=1e-8)
    between = rest.others[1]
    for factor, end in ((0.9, rest), (1.1, rest.others[0])):
        start = (between.R * factor, between.Q * factor**2)
        course = online(confident, 2.5, [60.0], start=start, temperature=0.3, breaks=[2.0])
        assert course.Q[0] == pytest.approx(end.Q, rel=1e-6)


def test_where_nothing_comes_to_rest_it_is_said() -> None:
    with pytest.raises(InputError, match="grow without bound"):
        online_stationary("adatron", 6.0)
    with pytest.raises(InputError, match="shrink"):
        online_stationary("adatron", 1.0, temperature=0.0)


@dataclass(frozen=True)
class Duck:
    name: str = "leaky"
    parameters: tuple[float, ...] = (0.3,)

    def amplitude(self, field: float, label: float, output: float, weight: float, parameters: Any) -> float:
        return label * (1.0 if label * field < 0.0 else parameters[0]) * (1.0 - 0.5 * label * output)


def test_rules_as_objects_functions_and_names() -> None:
    t = [0.5, 2.0]
    for name in ("hebbian", "perceptron", "adatron"):
        named, shipped = online(name, 1.1, t), online(getattr(sz.rules, name), 1.1, t)
        np.testing.assert_array_equal(named.error, shipped.error)
        np.testing.assert_allclose(online(CLOSED[name], 1.1, t).error, named.error, rtol=1e-10)
    np.testing.assert_array_equal(online(sz.rules.optimal, 1.0, t).error, online("optimal", 1.0, t).error)
    steep = online(sz.rules.gradient.tuned(2.0), 1.1, [0.5])
    np.testing.assert_allclose(steep.error, online("gradient", 1.1, [0.5], parameters=(2.0,)).error, rtol=1e-10)

    def leaky(x: Array) -> Array:
        return np.where(x < 0.0, 1.0, 0.3) * (1.0 - 0.5 * np.tanh(x / 1.4))

    found = online(Duck(), 1.1, [0.5], temperature=0.7)
    np.testing.assert_allclose(found.error, online(leaky, 1.1, [0.5], temperature=0.7).error, rtol=1e-11)
    assert found.parameters == (0.3,)


@pytest.mark.parametrize("rule", ["perceptron", "adatron"])
def test_kicks_at_finite_size_approach_the_equations(rule: str) -> None:
    """Own kicks at N = 25 to 100; R, Q, error and heat by frozen forces, extrapolated in 1/N."""
    sizes, nu, end = [25, 50, 100], 1.5, 1.2
    courses = {n: _kicked(rule, nu, n, round(end * n), 240_000 // n, seed=7 + n) for n in sizes}
    exact = online(rule, nu, [end], **BATH)
    for i, value in enumerate((exact.R[0], exact.Q[0])):
        limit = extrapolate(sizes, [Sampled.mean(courses[n][i]).estimate() for n in sizes])
        assert limit.fits, limit
        assert_agrees(limit.limit, float(value), relative=0.015)
    grid = np.linspace(0.0, end, 241)
    rates = {n: online(rule, nu, grid, **BATH).heat_rate(1.0 / n) for n in sizes}
    ratios = []
    for n in sizes:
        total = float(np.sum(0.5 * (rates[n][1:] + rates[n][:-1])) * (grid[1] - grid[0]))
        ratios.append(Sampled.mean(courses[n][2] / total).estimate())
    limit = extrapolate(sizes, ratios)
    assert limit.fits, limit
    assert_agrees(limit.limit, 1.0, relative=0.015)


def _kicked(rule: str, nu: float, n: int, turns: int, replicas: int, seed: int) -> tuple[Array, Array, Array]:
    """R, Q and the heat per weight of N weights under a frozen force during each showing of 1/N: exact steps."""
    t, k, mu = BATH["temperature"], BATH["stiffness"], BATH["mobility"]
    rng = np.random.default_rng(seed)
    dwell = 1.0 / n
    kept = exp(-mu * k * dwell)
    teacher = rng.standard_normal((replicas, n))
    teacher *= sqrt(n) / np.linalg.norm(teacher, axis=1)[:, None]
    w = rng.standard_normal((replicas, n)) * sqrt(t / k)
    heat = 0.5 * k * np.sum(w * w, axis=1)
    for _ in range(turns):
        xi = rng.standard_normal((replicas, n))
        xi *= sqrt(n) / np.linalg.norm(xi, axis=1)[:, None]
        label = np.sign(np.sum(xi * teacher, axis=1))
        stability = label * np.sum(xi * w, axis=1) / sqrt(n)
        size = CLOSED[rule](stability) * label * nu / (mu * dwell * sqrt(n))
        force = size[:, None] * xi
        moved = w * kept + force * (1 - kept) / k + rng.standard_normal(w.shape) * sqrt(t / k * (1 - kept**2))
        heat += np.sum(force * (moved - w), axis=1)
        w = moved
    heat -= 0.5 * k * np.sum(w * w, axis=1)
    return np.sum(w * teacher, axis=1) / n, np.sum(w * w, axis=1) / n, heat / n


def test_heat_at_rest_is_the_work_of_the_frozen_force() -> None:
    course = online("hebbian", 1.3, [200.0], **BATH)
    d, k, mu = 0.01, BATH["stiffness"], BATH["mobility"]
    kept = (1 - exp(-mu * k * d)) / (mu * k * d)
    work = 1.3**2 * kept / (mu * d) - 1.3 * course.R[0] * sqrt(2 / pi) * k * kept
    assert course.heat_rate(d)[0] == pytest.approx(work, rel=1e-9)


def test_weights_that_learn_nothing_give_off_what_they_lose() -> None:
    """Qdot = mu k (k Q - T) of weights that relax, Q = T/k + (Q0 - T/k) e^{-2 mu k t}."""
    t, k, mu = BATH["temperature"], BATH["stiffness"], BATH["mobility"]
    at = np.array([0.0, 0.2, 0.9])
    course = online("hebbian", 1e-12, at, start=(0.0, 3.0), **BATH)
    size = t / k + (3.0 - t / k) * np.exp(-2.0 * mu * k * at)
    np.testing.assert_allclose(course.Q, size, rtol=1e-10)
    np.testing.assert_allclose(course.heat_rate(0.01), mu * k * (k * size - t), rtol=1e-8)


def test_text_and_figure() -> None:
    course = online("gradient", 2.0, [1.0, 2.0, 30.0], parameters=(3.0,))
    assert "gradient, learning rate 2" in repr(course)
    assert "<table>" in course._repr_html_()
    ax = course.plot()
    line = ax.get_lines()[0]
    np.testing.assert_array_equal(np.asarray(line.get_ydata()), course.error)
    assert ax.get_xscale() == "log"


BAD: list[tuple[str, dict[str, Any]]] = [
    ("learning_rate", {"learning_rate": 0.0}),
    ("learning_rate", {"learning_rate": float("nan")}),
    ("times", {"times": [1.0, 0.5]}),
    ("times", {"times": [-1.0]}),
    ("times", {"times": []}),
    ("temperature", {"temperature": -1.0}),
    ("mobility", {"mobility": 0.0}),
    ("start", {"start": (1.0, 1.0)}),
    ("start", {"start": (0.0, -1.0)}),
    ("start", {"start": (0.1,)}),
    ("start", {"rule": "optimal", "start": (-0.1, 1.0)}),
    ("learning_rate", {"rule": "optimal", "learning_rate": 2.5}),
    ("rule", {"rule": "hebb"}),
    ("rule", {"rule": 3}),
    ("rule", {"rule": lambda x: np.ones(3)}),
    ("rule", {"rule": np.log}),
    ("rule", {"rule": sz.rules.oja}),
    ("parameters", {"parameters": (1.0,)}),
    ("parameters", {"rule": "gradient", "parameters": (-1.0,)}),
    ("parameters", {"rule": np.tanh, "parameters": (1.0,)}),
    ("breaks", {"rule": np.tanh, "breaks": [float("nan")]}),
]


@pytest.mark.parametrize(("field", "change"), BAD, ids=[f"{f}-{i}" for i, (f, _) in enumerate(BAD)])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_bad_input(field: str, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {"rule": "perceptron", "learning_rate": 1.0, "times": [1.0]} | change
    with pytest.raises(InputError) as caught:
        online(**given)
    assert caught.value.field.startswith(field)


@pytest.mark.parametrize(
    "solve",
    [
        lambda nu: online("perceptron", nu, [0.0, 1.0]),
        lambda nu: online_stationary("perceptron", nu),
        lambda nu: online_asymptote("gradient", nu),
    ],
    ids=["course", "rest", "asymptote"],
)
@pytest.mark.parametrize("nu", [1e200, 1e100, 1e-200])
def test_learning_rates_beyond_all_range_are_refused(solve: Any, nu: float) -> None:
    with pytest.raises(InputError, match="must be within") as caught:
        solve(nu)
    assert caught.value.field == "learning_rate"


def test_large_and_small_learning_rates_are_those_of_their_limits() -> None:
    """Without bath the kicks have one scale, the weights at the start: error(nu, Q) = error(1, Q/nu^2)."""
    nothing = online("perceptron", 1.0, [1.0], start=(0.0, 0.0), **OPEN).error[0]
    for nu in (1e-90, 1e-15, 1e40):
        # Q = 0 is 1e-24 of what the first time unit adds
        assert online("perceptron", nu, [1.0], start=(0.0, 0.0), **OPEN).error[0] == pytest.approx(nothing, rel=1e-9)
    assert online("perceptron", 1e50, [1.0], **OPEN).error[0] == pytest.approx(nothing, rel=1e-9)
    for nu in (1e-19, 1e19):
        rest = online_stationary("hebbian", nu, temperature=0.0)
        assert rest.error == pytest.approx(0.23082347895877325, rel=1e-9)  # O21
    assert online_stationary("hebbian", 1e19).error == pytest.approx(0.23082347895877325, rel=1e-9)


@pytest.mark.parametrize(
    "bath",
    [{"mobility": 1e12}, {"mobility": 1e9}, {"mobility": 1e20}, {"stiffness": 1e200}, {"temperature": 1e-200}],
    ids=str,
)
@pytest.mark.filterwarnings("error")
def test_what_is_too_stiff_is_refused_in_words(bath: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="far faster than patterns come") as caught:
        online("perceptron", 1.0, [0.0, 1.0], **bath)
    assert caught.value.field == "times"


def test_times_are_one_row() -> None:
    with pytest.raises(InputError, match="must be \\(time,\\)"):
        online("hebbian", 1.0, [[1.0, 2.0], [3.0, 4.0]])
    assert online("hebbian", 1.0, 3.0).times.shape == (1,)


def test_the_teachers_information_is_a_lower_bound_of_what_weights_tell_beside_inputs() -> None:
    """Hebb without noise, N = P = 6: every row of labels is another w, so I(w : B | inputs) = H(labels | inputs)."""
    rng, n = np.random.default_rng(5), 6
    exact = []
    for _ in range(20):
        xi = rng.standard_normal((n, n))
        labels = (rng.standard_normal((40_000, n)) @ xi.T > 0.0) @ 2 ** np.arange(n)
        p = np.bincount(labels, minlength=2**n) / labels.size  # the plug-in entropy errs downwards
        exact.append(float(-np.sum(p[p > 0.0] * np.log(p[p > 0.0]))) / n)
    told = Sampled.mean(np.array(exact)).estimate()
    course = online("hebbian", 1.0, [1.0], start=(0.0, 0.0), **OPEN)
    assert course.teacher_information[0] == pytest.approx(0.5 * log(1.0 + 2.0 / pi), rel=1e-9)  # rho^2 = 2/(2 + pi)
    assert told.value - 10.0 * told.stderr > course.teacher_information[0]
    assert "teacher >= 0.4106 nats" in repr(online_stationary("hebbian", 1e19))
