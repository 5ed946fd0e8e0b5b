"""Mean-field theory of retrieval: known numbers, its own equations by another quadrature, and samples."""

from __future__ import annotations

from math import erf, exp, pi, sqrt
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.integrate import quad
from scipy.optimize import brentq

import szilard as sz
from szilard.networks.loads import retrieval_curve
from szilard.networks.mean_field import recall_course, retrieval_overlap, storage_capacity


def gauss(function: object, low: float = -9.0, high: float = 9.0, turn: float | None = None) -> float:
    assert callable(function)
    found = quad(
        lambda z: function(z) * exp(-0.5 * z * z) / sqrt(2.0 * pi), low, high,
        points=None if turn is None else [turn], limit=400, epsabs=1e-12,
    )  # fmt: skip
    return float(found[0])


def test_capacity_at_zero_temperature() -> None:
    """0.138 and m = 0.967 (Amit, Gutfreund and Sompolinsky); to nine digits by the maximum of another form.

    sqrt(2 alpha) = erf(y)/y - (2/sqrt(pi)) e^{-y^2}, y = m / sqrt(2 alpha r).
    """
    y = np.linspace(1.0, 2.5, 150001)
    most = max(0.5 * (erf(v) / v - 2.0 / sqrt(pi) * exp(-v * v)) ** 2 for v in y)
    assert storage_capacity() == pytest.approx(most, rel=1e-9)
    assert round(storage_capacity(), 3) == 0.138
    assert retrieval_overlap(storage_capacity() * (1.0 - 1e-9)) == pytest.approx(0.967, abs=5e-4)  # three digits given
    assert retrieval_overlap(storage_capacity() * (1.0 + 1e-9)) == 0.0


@pytest.mark.parametrize("load", [0.02, 0.08, 0.13])
def test_equations_hold_at_zero_temperature(load: float) -> None:
    """m = erf(y) at the larger root of sqrt(2 alpha) = erf(y)/y - (2/sqrt(pi)) e^{-y^2}."""
    y = brentq(lambda v: erf(v) / v - 2.0 / sqrt(pi) * exp(-v * v) - sqrt(2.0 * load), 1.55, 50.0, xtol=1e-14)
    assert retrieval_overlap(load) == pytest.approx(erf(y), rel=1e-11)


@pytest.mark.parametrize(("load", "t"), [(0.05, 0.5), (0.1, 0.2), (0.12, 0.05), (0.002, 0.85)])
def test_equations_hold_at_any_temperature(load: float, t: float) -> None:
    """m and q by adaptive quadrature at the sigma that solves sigma^2 = alpha q / (1 - (1 - q)/T)^2."""
    m = retrieval_overlap(load, t)
    assert m > 0.3

    def q_of(s: float) -> float:
        return gauss(lambda z: np.tanh((m + s * z) / t) ** 2, turn=-m / s)

    sigma = sqrt(load) * 1.2
    for _ in range(400):
        q = q_of(sigma)
        sigma = 0.5 * sigma + 0.5 * sqrt(load * q) / (1.0 - (1.0 - q) / t)
    assert gauss(lambda z: np.tanh((m + sigma * z) / t), turn=-m / sigma) == pytest.approx(m, abs=1e-8)


def test_limits() -> None:
    for t in (0.3, 0.8):
        m = retrieval_overlap(0.0, t)
        assert m == pytest.approx(np.tanh(m / t), rel=1e-12)
    assert retrieval_overlap(0.0) == 1.0
    assert retrieval_overlap(0.0, 1.2) == storage_capacity(1.0) == 0.0
    # the T = 0 formulas are the limit: corrections are of order T
    assert retrieval_overlap(0.1, 1e-4) == pytest.approx(retrieval_overlap(0.1), abs=1e-4)
    assert storage_capacity(1e-4) == pytest.approx(storage_capacity(), abs=1e-4)


def test_retrieval_ends_below_the_critical_temperature() -> None:
    """Amit, Gutfreund and Sompolinsky: T_M = 1 - 1.95 sqrt(alpha), alpha -> 0; the next order is 1 %."""
    t = 0.995
    assert (1.0 - t) / sqrt(storage_capacity(t)) == pytest.approx(1.95, abs=0.02)


def test_diluted_networks() -> None:
    """m = erf(m / sqrt(2 alpha)), which vanishes continuously at 2/pi (Derrida, Gardner and Zippelius)."""
    m = retrieval_overlap(0.3, wiring="diluted")
    assert m == pytest.approx(erf(m / sqrt(0.6)), rel=1e-12)
    assert storage_capacity(wiring="diluted") == pytest.approx(2.0 / pi, rel=1e-12)
    assert 0.0 < retrieval_overlap(0.636, wiring="diluted") < 0.06
    assert retrieval_overlap(0.637, wiring="diluted") == 0.0
    t = 0.4
    edge = sqrt(storage_capacity(t, wiring="diluted"))
    assert gauss(lambda z: 1.0 - np.tanh(edge * z / t) ** 2, turn=0.0) / t == pytest.approx(1.0, abs=1e-9)


def test_course_obeys_its_equation() -> None:
    """In implicit form: attempt t = int_{m0}^{m(t)} dm / (tanh(m/T) - m)."""
    t = 0.7
    m = recall_course(0.2, [0.0, 1.0, 3.0], t, attempt=1.6)
    assert m[0] == 0.2
    for time, end in zip((1.0, 3.0), m[1:], strict=True):
        passed = quad(lambda x: 1.0 / (np.tanh(x / t) - x), 0.2, end, epsabs=1e-12)[0]
        assert passed == pytest.approx(1.6 * time, rel=1e-7)


def test_samples_lie_on_the_curve_and_fall_beyond_it() -> None:
    """N = 1000, T = 0.3: below the capacity of 0.103 to O(1/N), some 5e-4 here; beyond, what is left is < 1/2."""
    curve = retrieval_curve(1000, [0.03, 0.06, 0.16], temperature=0.3, samples=8, replicas=12, duration=25.0, seed=3)
    for found, exact in zip(curve.overlap[:2], curve.theory[:2], strict=True):
        assert abs(found.value - exact) < 4.0 * found.stderr + 5e-4
        assert found.stderr < 1e-3
    assert curve.capacity < 0.16
    assert curve.theory[2] == 0.0
    assert curve.overlap[2].value < 0.4
    assert "mean field" not in repr(curve) and "capacity 0.1033" in repr(curve)


def test_curve_shows_itself() -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    curve = retrieval_curve(60, [0.05], temperature=0.3, samples=2, replicas=4, duration=2.0, seed=3)
    ax = curve.plot()
    assert ax.get_xlabel() == "patterns per unit"
    assert "RetrievalCurve" in curve._repr_html_()
    plt.close("all")


def test_curve_says_what_few_samples_and_few_units_mean() -> None:
    """Student's t for three samples is 4.30; what is left beyond the capacity is explained where it is shown."""
    how: dict[str, Any] = {"temperature": 0.3, "samples": 3, "replicas": 4, "duration": 5.0, "seed": 3}
    below, beyond = (retrieval_curve(60, loads, **how) for loads in ([0.05], [0.05, 0.3]))
    assert "untrusted" not in repr(beyond) and not beyond.overlap[1].trusted
    assert "over 3 networks; 95 % intervals are 4.30 of them" in repr(below)
    assert "beyond the capacity" not in repr(below)
    *_, load, _, last = repr(beyond).splitlines()
    assert load.endswith("theory no retrieval state")
    assert "beyond the capacity" in last and "60 units may keep" in last and "remanent" in last
    legend = beyond.plot(Figure().subplots()).get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["mean field, N -> infinity", "simulated, $N = 60$"]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("load", lambda: retrieval_overlap(-0.1)),
        ("load", lambda: retrieval_overlap(np.nan)),
        ("temperature", lambda: retrieval_overlap(0.1, -1.0)),
        ("temperature", lambda: storage_capacity(np.inf)),
        ("wiring", lambda: storage_capacity(wiring="random")),  # type: ignore[arg-type]
        ("overlap", lambda: recall_course(1.2, [1.0], 0.5)),
        ("temperature, attempt", lambda: recall_course(0.2, [1.0], 0.0)),
        ("times", lambda: recall_course(0.2, [1.0, 0.5], 0.5)),
        ("times[0]", lambda: recall_course(0.2, [np.nan], 0.5)),
        ("samples", lambda: retrieval_curve(9, [1], temperature=1, samples=1, replicas=2, duration=1.0, seed=1)),
        ("n_units", lambda: retrieval_curve(1, [1], temperature=1, samples=2, replicas=2, duration=1.0, seed=1)),
        ("seed", lambda: retrieval_curve(9, [1], temperature=1, samples=2, replicas=2, duration=1.0, seed=-1)),
        ("loads", lambda: retrieval_curve(9, [], temperature=1, samples=2, replicas=2, duration=1.0, seed=1)),
        ("loads", lambda: retrieval_curve(9, [0.01], temperature=1, samples=2, replicas=2, duration=1.0, seed=1)),
        ("loads", lambda: retrieval_curve(9, [1e13], temperature=1, samples=2, replicas=2, duration=1.0, seed=1)),
        ("n_units", lambda: retrieval_curve(10**7, [1], temperature=1, samples=2, replicas=2, duration=1.0, seed=1)),
    ],
)
def test_bad_input(field: str, wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(sz.InputError) as raised:
        wrong()
    assert raised.value.field == field
