"""The Hebbian neuron of infinite size, against plain quadrature, limits and scaling."""

from __future__ import annotations

from collections.abc import Callable
from math import erf, exp, inf, isnan, log, pi, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from szilard.errors import InputError
from szilard.theory import hebbian, hebbian_ceiling, hebbian_weak_efficiency, ramp_heat, single_synapse

LN2 = log(2.0)
scales = st.floats(0.1, 10.0)
READOUTS: tuple[Any, Any] = ("thermal", "sign")


def plain_information(nu: float, alpha: float, kt: float = 1.0) -> float:
    """ln 2 - h(p), p = E[1/(1 + e^{-Delta/T})] by the trapezoid rule over Delta, k = 1, T = kT."""
    a, variance = nu, kt + alpha * nu**2
    z = 1e-3 * np.arange(-13_000, 13_001)
    weight = np.exp(-z * z / 2) / sqrt(2 * pi) * 1e-3
    delta = (a + sqrt(variance) * z) / kt
    p, q = (float(weight @ np.exp(-np.logaddexp(0.0, s * delta))) for s in (-1, 1))
    return LN2 + p * log(p) + q * log(q)


def logistic_slope(gain: float) -> float:
    """E s'(gain z), s the logistic function."""
    z = 5e-4 * np.arange(-24_000, 24_001)
    weight = np.exp(-z * z / 2) / sqrt(2 * pi) * 5e-4
    return float(np.sum(weight * np.exp(-np.logaddexp(0, gain * z) - np.logaddexp(0, -gain * z))))


@pytest.mark.parametrize(
    ("nu", "alpha", "information", "slow", "quench"),
    [
        (1.0, 0.1, 0.07741589553162997, 0.1624504238488847, 0.07927481876181826),
        (1.0, 1.0, 0.06260760253237219, 0.18064735539080132, 0.07395411722171377),
        (3.0, 0.5, 0.26540518802535895, 0.15568586891736466, 0.04277453074321529),
        (2.0, 2.0, 0.09777734397760107, 0.1780015479275957, None),
        (5.0, 0.1, None, 0.09025981330215394, 0.03013090690712608),
    ],
)
def test_reference_values(
    nu: float, alpha: float, information: float | None, slow: float, quench: float | None
) -> None:
    plain = plain_information(nu, alpha)
    learner = hebbian(nu, alpha)
    assert learner.information == pytest.approx(plain, rel=1e-9)
    assert learner.efficiency == pytest.approx(slow, rel=1e-9)
    entropy = 0.5 * log(1 + alpha * nu**2)
    assert learner.efficiency == pytest.approx(alpha * plain / entropy, rel=1e-9)
    sudden = hebbian(nu, alpha, tau=0.0)
    assert sudden.efficiency == pytest.approx(alpha * plain / (entropy + alpha * nu**2 / 2), rel=1e-9)
    assert sudden.heat == alpha * nu**2 / 2
    if information is not None:
        assert learner.information == pytest.approx(information, rel=1e-9)
    if quench is not None:
        assert sudden.efficiency == pytest.approx(quench, rel=1e-9)


def test_information_chain_at_unit_load() -> None:
    thermal, sign = hebbian(1.0, 1.0), hebbian(1.0, 1.0, readout="sign")
    assert thermal.entropy == pytest.approx(0.34657359027997264, rel=1e-14)
    assert sign.information == pytest.approx(0.1423555232129844, rel=1e-12)
    assert thermal.information == pytest.approx(0.06260760253237219, rel=1e-12)
    p = 0.5 * (1 + erf(0.5))  # nu / sqrt(2 (1 + alpha nu^2)) = 1/2
    assert sign.information == pytest.approx(LN2 + p * log(p) + (1 - p) * log(1 - p), rel=1e-12)
    assert sign.correct == pytest.approx(p, rel=1e-14)


@pytest.mark.parametrize("kt", [0.02, 0.3, 1.0, 7.0, 400.0])
@pytest.mark.parametrize(("amplitude", "alpha"), [(0.5, 0.2), (2.0, 1.0), (6.0, 3.0)])
def test_other_temperatures_against_plain_quadrature(amplitude: float, alpha: float, kt: float) -> None:
    nu = amplitude * sqrt(kt)
    plain = plain_information(nu, alpha, kt)
    assert hebbian(nu, alpha, temperature=kt).information == pytest.approx(plain, rel=1e-9, abs=3e-14)


def test_weak_limit() -> None:
    weak = 4 * logistic_slope(1.0) ** 2
    assert hebbian_weak_efficiency(0.0) == pytest.approx(weak, rel=1e-11)
    assert weak == pytest.approx(0.170768891291725, rel=1e-9)
    for nu in (1e-4, 1e-6, 1e-9):
        assert hebbian(nu, 1.0).efficiency == pytest.approx(weak, rel=3 * nu**2 + 1e-12)
    assert hebbian_weak_efficiency(0.0, "sign") == pytest.approx(2 / pi, rel=1e-15)
    assert hebbian(1e-6, 1e-3, readout="sign").efficiency == pytest.approx(2 / pi, rel=1e-9)


def test_ceiling_at_unit_temperature() -> None:
    load = 3.354549268386823
    gain = sqrt(1 + load)
    by_hand = 4 * load * logistic_slope(gain) ** 2 / log(1 + load)
    assert hebbian_weak_efficiency(load) == pytest.approx(by_hand, rel=1e-11)
    assert by_hand == pytest.approx(0.1985838940288485, rel=1e-9)
    assert hebbian_ceiling() == pytest.approx(by_hand, rel=1e-12)
    for off in (0.99, 1.01):
        assert hebbian_weak_efficiency(off * load) < hebbian_ceiling()
    near = hebbian(0.000246, 55447834.569624)
    assert near.efficiency == pytest.approx(0.19858390170989595, rel=1e-6)
    assert near.efficiency < hebbian_ceiling()
    assert near.efficiency == pytest.approx(hebbian_ceiling(), rel=1e-7)


@pytest.mark.parametrize(
    ("kt", "rounded"),
    [(0.3, 0.339866), (0.1, 0.486596), (0.01, 0.616525), (10.0, 0.104750), (100.0, 0.072278)],
)
def test_ceiling_at_other_temperatures(kt: float, rounded: float) -> None:
    loads = np.concatenate([[1e-9], np.geomspace(1e-4, 1e5, 200)])
    by_hand = max(4 * x / kt * logistic_slope(sqrt((1 + x) / kt)) ** 2 / np.log1p(x) for x in loads)
    ceiling = hebbian_ceiling("thermal", kt)
    assert by_hand <= ceiling * (1 + 1e-9)
    assert ceiling == pytest.approx(by_hand, rel=1e-4)
    assert ceiling == pytest.approx(rounded, abs=1e-6)
    assert hebbian_ceiling("thermal", kt / 3, 3.0) == pytest.approx(ceiling, rel=1e-12)


def test_ceiling_of_sign_readout_needs_no_temperature() -> None:
    for kt in (0.01, 1.0, 50.0):
        assert hebbian_ceiling("sign", kt) == pytest.approx(2 / pi, rel=1e-15)
    assert hebbian_ceiling("thermal", 1e-6) == pytest.approx(2 / pi * (1 - pi**2 / 3 * 1e-6), rel=1e-9)
    kts = np.geomspace(1e-3, 1e3, 25)
    assert np.all(np.diff([hebbian_ceiling("thermal", t) for t in kts]) < 0)


@given(
    amplitude=st.floats(1e-4, 50.0),
    load=st.floats(1e-6, 1e6),
    kt=st.floats(1e-3, 1e3),
    readout=st.sampled_from(READOUTS),
    tau=st.one_of(st.just(0.0), st.floats(1e-6, 1e6), st.just(inf)),
)
@settings(max_examples=300)
def test_no_learner_beats_the_ceiling(amplitude: float, load: float, kt: float, readout: Any, tau: float) -> None:
    learner = hebbian(amplitude * sqrt(kt), load / amplitude**2, tau=tau, readout=readout, temperature=kt)
    assert 0 < learner.efficiency <= hebbian_ceiling(readout, kt) * (1 + 1e-12)
    assert 0 < learner.information <= LN2
    assert learner.heat >= 0
    free = -load * kt / 2
    assert learner.work == pytest.approx(free + learner.heat, rel=1e-10, abs=1e-12 * load * kt)


@given(load=st.floats(1e-3, 1e3), kt=st.floats(0.01, 100.0), readout=st.sampled_from(READOUTS))
@settings(max_examples=60)
def test_weaker_learning_is_more_efficient_at_equal_load(load: float, kt: float, readout: Any) -> None:
    nus = np.geomspace(1e-3, 30.0, 30)
    found = [hebbian(nu * sqrt(kt), load / nu**2, readout=readout, temperature=kt).efficiency for nu in nus]
    assert np.all(np.diff(found) <= 1e-11)
    assert found[0] == pytest.approx(hebbian_weak_efficiency(load, readout, kt), rel=1e-4)


@given(
    nu=st.floats(1e-3, 20.0),
    alpha=st.floats(1e-3, 1e3),
    c=scales,
    k=scales,
    mu=scales,
    tau=st.floats(0.0, 100.0),
    end=st.one_of(st.none(), st.floats(1e-3, 100.0)),
    readout=st.sampled_from(READOUTS),
)
@settings(max_examples=100)
def test_dimensional_analysis(
    nu: float, alpha: float, c: float, k: float, mu: float, tau: float, end: float | None, readout: Any
) -> None:
    one = hebbian(nu, alpha, tau, readout, temperature=c, duration=end)
    two = hebbian(
        nu,
        alpha,
        tau / (mu * k),
        readout,
        temperature=c / k,
        stiffness=k,
        mobility=mu,
        duration=None if end is None else end / (mu * k),
    )
    for name in ("information", "entropy", "dissipation", "cost", "efficiency", "correct"):
        assert getattr(two, name) == pytest.approx(getattr(one, name), rel=1e-8)
    for name in ("heat", "work"):
        assert k * getattr(two, name) == pytest.approx(getattr(one, name), rel=1e-8)


def test_many_patterns_store_one_over_pi_nats_per_weight() -> None:
    for readout in READOUTS:
        total = 1e12 * hebbian(1.0, 1e12, readout=readout).information
        assert total == pytest.approx(1 / pi, rel=1e-11)
        totals = [a * hebbian(1.0, a, readout=readout).information for a in np.geomspace(0.01, 1e8, 60)]
        assert np.all(np.diff(totals) > 0)
        assert totals[-1] == pytest.approx(1 / pi, rel=1e-6)


def test_few_patterns_read_like_one_synapse() -> None:
    for readout in READOUTS:
        dilute, one = hebbian(2.0, 1e-12, 3.0, readout), single_synapse(2.0, 3.0, readout=readout)
        assert dilute.information == pytest.approx(one.information, rel=1e-10)
        assert dilute.heat == pytest.approx(1e-12 * one.heat, rel=1e-12)
        assert dilute.work == pytest.approx(1e-12 * one.work, rel=1e-12)


@pytest.mark.parametrize("end", [0.4, 2.0, 9.0])
def test_finite_time(end: float) -> None:
    nu, alpha, tau, k, mu, warm = 1.4, 0.8, 2.0, 1.6, 0.5, 0.7
    now = hebbian(nu, alpha, tau, stiffness=k, mobility=mu, temperature=warm, duration=end)
    rise, ramp = mu * k * min(end, tau), mu * k * tau
    y = (rise - 1 + exp(-rise)) / ramp
    if end > tau:
        y = 1 + (y - 1) * exp(-mu * k * (end - tau))
    assert now.entropy == pytest.approx(0.5 * log(1 + alpha * (nu * y) ** 2 / (k * warm)), rel=1e-11)
    frozen = hebbian(nu * y, alpha, stiffness=k, temperature=warm)
    assert now.information == pytest.approx(frozen.information, rel=1e-10)
    heat = float(ramp_heat(alpha * nu**2, tau, end, stiffness=k, mobility=mu))
    assert now.heat == pytest.approx(heat, rel=1e-13)
    assert now.cost == pytest.approx(now.entropy + heat / warm, rel=1e-14)


def test_monotone_in_speed_and_load() -> None:
    speeds = [hebbian(1.0, 1.0, tau).efficiency for tau in np.geomspace(1e-3, 1e4, 40)]
    assert np.all(np.diff(speeds) > 0)
    crowd = [hebbian(2.0, a).information for a in np.geomspace(1e-3, 1e3, 40)]
    assert np.all(np.diff(crowd) < 0)
    assert isnan(hebbian(0.0, 1.0).efficiency)


NAN = float("nan")


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("nu", lambda: hebbian(NAN, 1.0)),
        ("nu", lambda: hebbian(-1.0, 1.0)),
        ("nu", lambda: hebbian(1e160, 1.0)),
        ("alpha", lambda: hebbian(1.0, 0.0)),
        ("alpha", lambda: hebbian(1.0, inf)),
        ("tau", lambda: hebbian(1.0, 1.0, -1.0)),
        ("readout", lambda: hebbian(1.0, 1.0, readout="loud")),  # type: ignore[arg-type]
        ("temperature", lambda: hebbian(1.0, 1.0, temperature=0.0)),
        ("stiffness", lambda: hebbian(1.0, 1.0, stiffness=NAN)),
        ("mobility", lambda: hebbian(1.0, 1.0, mobility=0.0)),
        ("duration", lambda: hebbian(1.0, 1.0, duration=2.0)),
        ("duration", lambda: hebbian(1.0, 1.0, 1.0, duration=-2.0)),
        ("load", lambda: hebbian_weak_efficiency(-1.0)),
        ("temperature", lambda: hebbian_weak_efficiency(1.0, temperature=-1.0)),
        ("readout", lambda: hebbian_ceiling("loud")),  # type: ignore[arg-type]
        ("temperature", lambda: hebbian_ceiling("sign", 0.0)),
        ("stiffness", lambda: hebbian_ceiling("thermal", 1.0, -1.0)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
