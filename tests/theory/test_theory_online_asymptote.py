"""How errors vanish: amplitudes by expansion against the equations followed to large loads; learning in a batch."""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import ndtr, ndtri
from scipy.stats import norm

from szilard.errors import InputError
from szilard.estimate import Sampled
from szilard.infer.extrapolation_fit import extrapolate
from szilard.theory.asymptotic import hazard_square, online_asymptote
from szilard.theory.batch import batch_error
from szilard.theory.order_parameters import online
from tests.statistics import assert_agrees

Array = NDArray[np.float64]


@pytest.mark.parametrize(
    ("rule", "nu", "exponent", "amplitude"),
    [
        ("hebbian", 0.6, 1 / 2, 0.3989422804014327),  # O14
        ("perceptron", 2.0, 1 / 3, 0.2780692983025943),  # O11
        ("adatron", 1.0, 1.0, 1.5),  # O12
        ("adatron", 0.5, 1.0, 2.4),  # O13
        ("adatron", 1.5, 1.0, 1.3333333333333333),
        ("optimal", 1.0, 1.0, 0.8834000871698166),  # O15
        ("bayes", 1.0, 1.0, 0.441700),
    ],
)
def test_amplitudes_at_the_reference(rule: str, nu: float, exponent: float, amplitude: float) -> None:
    found = online_asymptote(rule, nu)
    assert found.exponent == pytest.approx(exponent, rel=1e-15)
    assert found.amplitude == pytest.approx(amplitude, rel=2e-7 if rule == "bayes" else 1e-12)


def limit_of_course(rule: Any, nu: float, exponent: float, **given: Any) -> float:
    """error * alpha^exponent at three loads a factor 100 apart, extrapolated as a geometric sequence."""
    loads = np.array([1e6, 1e8, 1e10])
    a, b, c = online(rule, nu, loads, temperature=0.0, stiffness=0.0, **given).error * loads**exponent
    return float(c if abs(c - b) < 1e-9 * c else c - (c - b) ** 2 / ((c - b) - (b - a)))


@pytest.mark.parametrize(
    ("rule", "nu", "given"),
    [
        ("hebbian", 1.7, {}),
        ("perceptron", 0.8, {}),
        ("adatron", 0.5, {}),
        ("adatron", 2.6, {}),
        ("adatron", 3.0, {}),
        ("optimal", 1.0, {}),
        ("optimal", 0.4, {}),
        ("gradient", 1.0, {}),
        ("gradient", 5.0, {"parameters": (0.3,)}),
    ],
)
def test_expansions_against_the_equations(rule: str, nu: float, given: dict[str, Any]) -> None:
    """The next order is smaller by alpha^-1/3 at least, 5e-4 at the last load: Aitken leaves about its square."""
    found = online_asymptote(rule, nu, **given)
    assert found.exponent is not None
    assert limit_of_course(rule, nu, found.exponent, **given) == pytest.approx(found.amplitude, rel=1e-6)


def test_gradient_goes_over_into_the_perceptron() -> None:
    steep, perceptron = online_asymptote("gradient", parameters=(1e6,)), online_asymptote("perceptron")
    assert steep.amplitude == pytest.approx(perceptron.amplitude, rel=1e-5)
    shallow = [float(online_asymptote("gradient", 0.01, parameters=(b,)).error(1.0)) for b in (0.1, 1.0, 10.0)]
    assert shallow == sorted(shallow)


def test_hazard_square_by_plain_quadrature() -> None:
    plain = quad(lambda u: np.exp(2 * norm.logpdf(u) - norm.logcdf(u)), -30, 30, epsabs=1e-14)[0]
    assert hazard_square() == pytest.approx(plain, rel=1e-12)
    gibbs, bayes = online_asymptote("gibbs"), online_asymptote("bayes")
    assert gibbs.amplitude == pytest.approx(1 / sqrt(pi) / plain, rel=1e-12)
    assert gibbs.amplitude == pytest.approx(sqrt(2.0) * bayes.amplitude if bayes.amplitude else 0.0, rel=1e-14)


def leaky(x: Array) -> Array:
    return np.where(x < 0.0, 1.0, 0.1)


def hinge(x: Array) -> Array:
    return np.maximum(0.0, 0.5 - x)


def quadratic(x: Array) -> Array:
    return np.maximum(0.0, -x) ** 2


def confident(x: Array) -> Array:
    return np.where(x < 0.0, 0.0, 1.0)


def test_a_rule_of_ones_own() -> None:
    """F -> f at +infinity, g at -infinity, both > 0: q = nu f sqrt(2/pi) alpha and angle^2 = (pi/2)(f/g)/alpha."""
    found = online_asymptote(leaky, 0.7)
    assert found.exponent == 0.5
    assert found.amplitude == pytest.approx(sqrt(0.1 / (2 * pi)), abs=3 * found.amplitude_error)
    assert 0.0 < found.amplitude_error < 1e-6
    cornered = online_asymptote(hinge, 1.0, breaks=[0.5])
    assert cornered.exponent == pytest.approx(1 / 3, rel=1e-15)
    assert cornered.amplitude == pytest.approx(limit_of_course(hinge, 1.0, 1 / 3, breaks=[0.5]), rel=1e-6)


def test_the_shipped_rules_as_functions_agree_with_their_expansions() -> None:
    for name, nu in (("perceptron", 0.7), ("adatron", 0.7)):
        found = online_asymptote({"perceptron": _step, "adatron": _miss}[name], nu)
        expansion = online_asymptote(name, nu)
        assert found.exponent == pytest.approx(expansion.exponent, rel=1e-15)
        assert found.amplitude_error < 1e-6
        assert found.amplitude == pytest.approx(expansion.amplitude, abs=3 * found.amplitude_error)


def _step(x: Array) -> Array:
    return np.where(x < 0.0, 1.0, 0.0)


def _miss(x: Array) -> Array:
    return np.maximum(0.0, -x)


def test_errors_relax_as_the_square_root_under_a_quadratic_push() -> None:
    """da/dt = -nu (a q)^2 terms: turn ~ (q s)^2/2, so that da/dt = -nu q a^3/sqrt(2 pi) with q constant: a ~ t^-1/2."""
    found = online_asymptote(quadratic, 1.0)
    assert found.exponent == 0.5
    course = online(quadratic, 1.0, [1e10], temperature=0.0, stiffness=0.0)
    expected = sqrt(sqrt(2 * pi) / 2 / sqrt(course.Q[0])) / pi
    # the heat of kicks, nu^2 c/(2 q^2 a), is smaller by a^2 = 1e-10; q has arrived to the same order in a
    assert found.amplitude == pytest.approx(expected, rel=1e-4)


def test_no_power_law_is_said_to_be_none() -> None:
    """F = theta(lambda): angle^2 d ln alpha has a logarithm."""
    found = online_asymptote(confident, 1.0)
    assert found.amplitude is None
    assert "no power law" in repr(found)
    with pytest.raises(InputError, match="no power law"):
        found.error([10.0])


def test_errors_that_do_not_vanish_are_refused() -> None:
    for rule, nu in (("adatron", 3.1), ("optimal", 2.0)):
        with pytest.raises(InputError, match="does not vanish"):
            online_asymptote(rule, nu)
    stuck = online("adatron", 3.5, [50.0, 100.0], temperature=0.0, stiffness=0.0).error
    assert stuck[1] == pytest.approx(stuck[0], rel=1e-6)
    assert stuck[1] > 0.01


@pytest.mark.parametrize("learner", ["gibbs", "bayes"])
def test_batch_error_at_any_load_is_continued_by_its_asymptote(learner: Any) -> None:
    amplitude = online_asymptote(learner).amplitude
    assert amplitude is not None
    assert batch_error(1e300, learner) == pytest.approx(amplitude * 1e-300, rel=1e-12)
    assert batch_error(0.99e8, learner) * 0.99e8 == pytest.approx(amplitude, rel=1e-12)
    # corrections are of order 1/alpha^2: at 1e5, 1.5e-10
    assert 0.0 < 1.0 - batch_error(1e5, learner) * 1e5 / amplitude < 1e-9


def test_batch_errors_at_small_and_large_loads() -> None:
    for learner, amplitude in (("gibbs", 0.6246581921), ("bayes", 0.4417000436)):
        assert batch_error(1e7, learner) * 1e7 == pytest.approx(online_asymptote(learner).amplitude, rel=1e-6)  # type: ignore[arg-type]
        assert online_asymptote(learner).amplitude == pytest.approx(amplitude, rel=1e-9)
    assert np.cos(pi * batch_error(1e-4, "gibbs")) == pytest.approx(2e-4 / pi, rel=1e-3)  # next order alpha
    for alpha in (0.3, 1.0, 4.0):
        one, best = batch_error(alpha, "gibbs"), batch_error(alpha, "bayes")
        assert np.cos(pi * best) ** 2 == pytest.approx(np.cos(pi * one), rel=1e-10)
        assert best < float(online("optimal", 1.0, [alpha], temperature=0.0, stiffness=0.0).error[0])


def test_gibbs_learning_against_two_samples_of_the_version_space() -> None:
    """The teacher is one sample of its own version space; a long walk from it makes another. Extrapolated in 1/N."""
    sizes = [5, 7, 10, 14]
    errors = [_walked(n, 5 * n * n, 15_000 // n, seed=n) for n in sizes]
    limit = extrapolate(sizes, [Sampled.mean(e).estimate() for e in errors])
    assert limit.fits, limit
    assert_agrees(limit.limit, batch_error(1.0, "gibbs"), relative=0.03)


def _walked(n: int, steps: int, replicas: int, seed: int) -> Array:
    """The angle over pi between teacher and student, Gaussian vectors that P = N patterns cannot tell apart."""
    rng = np.random.default_rng(seed)
    x, teacher = rng.standard_normal((replicas, n, n)), rng.standard_normal((replicas, n))
    x *= np.sign(np.einsum("rpn,rn->rp", x, teacher))[:, :, None]
    w, field = teacher.copy(), np.einsum("rpn,rn->rp", x, teacher)
    for _ in range(steps):
        d = rng.standard_normal((replicas, n))
        d /= np.linalg.norm(d, axis=1)[:, None]
        slope = np.einsum("rpn,rn->rp", x, d)
        wall = -field / slope
        low = np.where(slope > 0, wall, -np.inf).max(axis=1)
        high = np.where(slope < 0, wall, np.inf).min(axis=1)
        centre = -np.sum(w * d, axis=1)
        a, b = ndtr(low - centre), ndtr(high - centre)
        step = centre + ndtri(np.clip(a + (b - a) * rng.random(replicas), 1e-15, 1 - 1e-15))
        step = np.clip(step, low, high)
        w += step[:, None] * d
        field = np.maximum(field + step[:, None] * slope, 0.0)
    cosine = np.sum(w * teacher, axis=1) / np.linalg.norm(w, axis=1) / np.linalg.norm(teacher, axis=1)
    return np.asarray(np.arccos(cosine) / pi)


def test_text_and_figure() -> None:
    law = online_asymptote("adatron", 1.5)
    line = law.plot().get_lines()[0]
    np.testing.assert_allclose(np.asarray(line.get_ydata()), 4 / 3 / np.asarray(line.get_xdata()), rtol=1e-14)
    assert "<table>" in law._repr_html_()


def test_bad_input() -> None:
    for change in ({"rule": "bolt"}, {"learning_rate": -1.0}, {"learning_rate": float("inf")}):
        given: dict[str, Any] = {"rule": "adatron", "learning_rate": 1.0} | change
        with pytest.raises(InputError):
            online_asymptote(**given)
    for bad in (0.0, -1.0, float("nan")):
        with pytest.raises(InputError):
            batch_error(bad)
    with pytest.raises(InputError):
        batch_error(1.0, "hebb")  # type: ignore[arg-type]
