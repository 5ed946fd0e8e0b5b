"""One synapse and one label, against densities integrated on fine grids and stochastic identities."""

from __future__ import annotations

from collections.abc import Callable
from math import erfc, exp, inf, isnan, log, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from szilard.errors import InputError
from szilard.theory import ramp_heat, single_synapse

LN2 = log(2.0)
scales = st.floats(0.1, 10.0)
forces = st.floats(0.0, 20.0)
ramps = st.one_of(st.just(0.0), st.floats(1e-6, 1e6), st.just(inf))


def entropy_by_density(nu: float, k: float, warm: float) -> float:
    """S of the mixture density of w less S of the starting Gaussian, both integrated over w."""
    width = sqrt(warm / k)
    n = 20_000
    h = (nu / k + 12 * width) / n
    w = h * np.arange(-n, n + 1)

    def gauss(mean: float) -> Any:
        return np.exp(-((w - mean) ** 2) * k / (2 * warm)) / sqrt(2 * np.pi * warm / k)

    def entropy(p: Any) -> float:
        return float(-h * np.sum(p * np.log(np.where(p > 0, p, 1.0))))

    return entropy(0.5 * (gauss(nu / k) + gauss(-nu / k))) - entropy(gauss(0.0))


def information_by_density(nu: float, k: float, warm: float) -> float:
    """ln 2 - h(p), p = int p(w | +) / (1 + e^{-w/T}) dw."""
    width = sqrt(warm / k)
    n = 20_000
    h = 12 * width / n
    w = nu / k + h * np.arange(-n, n + 1)
    p_w = np.exp(-((w - nu / k) ** 2) * k / (2 * warm)) / sqrt(2 * np.pi * warm / k)
    p, q = (h * np.sum(p_w / (1 + np.exp(s * w / warm))) for s in (-1, 1))
    return float(LN2 + p * np.log(p) + q * np.log(q))


@pytest.mark.parametrize(
    ("nu", "entropy", "information"),
    [
        (0.5, 0.11142148218473658, 0.02096601100042561),
        (1.0, 0.3368308203468313, 0.07954150586530118),
        (2.0, 0.6327201937368674, 0.26107867031314935),
        (4.0, 0.6930536454830709, 0.5650588201556537),
        (8.0, 0.6931471805599436, 0.6884523278091311),
    ],
)
def test_reference_values(nu: float, entropy: float, information: float) -> None:
    slow = single_synapse(nu, inf)
    assert slow.entropy == pytest.approx(entropy, rel=1e-9)
    assert slow.information == pytest.approx(information, rel=1e-9)
    assert slow.entropy == pytest.approx(entropy_by_density(nu, 1, 1), rel=1e-10)
    assert slow.information == pytest.approx(information_by_density(nu, 1, 1), rel=1e-9)
    assert slow.heat == slow.dissipation == 0.0
    assert slow.cost == slow.entropy


@pytest.mark.parametrize(
    ("nu", "tau", "efficiency"),
    [
        (8.0, 1e5, 0.9923105434209387),
        (8.0, 1e-6, 0.021058007925197582),
        (2.0, 1.0, 0.12407278809325216),
        (1.0, 100.0, 0.22940419829346756),
    ],
)
def test_reference_efficiencies(nu: float, tau: float, efficiency: float) -> None:
    assert single_synapse(nu, tau).efficiency == pytest.approx(efficiency, rel=1e-9)
    heat = nu**2 * (exp(-tau) + tau - 1) / tau**2 if tau > 1e-3 else nu**2 / 2 * (1 - tau / 3)
    by_hand = information_by_density(nu, 1, 1) / (entropy_by_density(nu, 1, 1) + heat)
    assert single_synapse(nu, tau).efficiency == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize(
    ("nu", "k", "warm"),
    [(1.0, 2.0, 0.5), (3.0, 0.4, 1.7), (0.7, 3.0, 0.1), (2.0, 0.2, 6.0), (5.0, 5.0, 0.02)],
)
def test_other_temperatures_and_stiffnesses(nu: float, k: float, warm: float) -> None:
    slow = single_synapse(nu, inf, stiffness=k, temperature=warm, mobility=0.3)
    assert slow.entropy == pytest.approx(entropy_by_density(nu, k, warm), rel=1e-9)
    assert slow.information == pytest.approx(information_by_density(nu, k, warm), rel=1e-8)
    sign = single_synapse(nu, inf, stiffness=k, temperature=warm, readout="sign")
    wrong = 0.5 * erfc(nu / sqrt(2 * k * warm))
    assert sign.correct == pytest.approx(1 - wrong, rel=1e-12)
    expected = LN2 + (1 - wrong) * log(1 - wrong) + wrong * log(wrong)
    assert sign.information == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("nu", [1e-8, 1e-5, 1e-3])
def test_weak_learning_keeps_relative_accuracy(nu: float) -> None:
    slow = single_synapse(nu, inf)
    z = 1e-3 * np.arange(-12_000, 12_001)
    slope = float(np.sum(np.exp(-z * z / 2) / (2 + 2 * np.cosh(z))) * 1e-3 / sqrt(2 * np.pi))
    assert slow.entropy == pytest.approx(nu**2 / 2 - nu**4 / 4, rel=1e-11)
    assert slow.information == pytest.approx(2 * (slope * nu) ** 2, rel=1e-6 if nu > 1e-4 else 1e-9)
    sign = single_synapse(nu, inf, readout="sign").information
    assert sign == pytest.approx(nu**2 / np.pi, rel=1e-6 if nu > 1e-4 else 1e-9)


def test_strong_learning_saturates() -> None:
    for nu in (40.0, 1e4):
        strong = single_synapse(nu, 1e6)
        assert strong.information == pytest.approx(LN2, rel=1e-12)
        assert strong.entropy == pytest.approx(LN2, rel=1e-14)
        assert strong.heat == pytest.approx(nu**2 * (1e6 - 1) / 1e12, rel=1e-13)
    assert single_synapse(40.0, 1e6).efficiency == pytest.approx(LN2 / (LN2 + 1.6e-3 * (1 - 1e-6)), rel=1e-10)


@pytest.mark.parametrize("amplitude", [0.999999, 1.0, 1.000001, 11.9999, 12.0, 12.0001])
def test_formulas_join_smoothly(amplitude: float) -> None:
    by_density = entropy_by_density(amplitude, 1.0, 1.0)
    assert single_synapse(amplitude, inf).entropy == pytest.approx(by_density, rel=1e-12)


@pytest.mark.parametrize("gain", [3e-3, 0.02, 0.1, 1.0, 30.0, 999.0, 1001.0, 1e5])
def test_thermal_readout_over_ten_decades_of_temperature(gain: float) -> None:
    """p = P(a + z + logistic/gain > 0): integrate over the logistic noise instead of the Gaussian one."""
    kt = 1.0 / gain**2
    for amplitude in (0.3, 2.0):
        edge = 1e-3 * np.arange(-45_000, 45_001)  # logistic noise, weight sech^2/4
        weight = 1e-3 / (2 + 2 * np.cosh(edge))
        miss = np.array([erfc((amplitude + x / gain) / sqrt(2)) / 2 for x in edge])
        p = 1 - float(weight @ miss)
        found = single_synapse(amplitude * sqrt(kt), inf, temperature=kt).correct
        assert found == pytest.approx(p, abs=1e-12)
        contrast = float(weight @ (0.5 - miss))
        assert found - 0.5 == pytest.approx(contrast, rel=1e-9)


@given(nu=forces, tau=ramps, c=scales, k=scales, mu=scales, end=st.one_of(st.none(), st.floats(0, 100)))
@settings(max_examples=150)
def test_dimensional_analysis(nu: float, tau: float, c: float, k: float, mu: float, end: float | None) -> None:
    """nu^2/(kT), kT and mu k t fix everything; energies scale with T."""
    if tau == inf:
        end = None
    one = single_synapse(nu, tau, temperature=c, duration=end)
    two = single_synapse(
        nu,
        tau / (mu * k),
        temperature=c / k,
        stiffness=k,
        mobility=mu,
        duration=None if end is None else end / (mu * k),
    )
    assert two.information == pytest.approx(one.information, rel=1e-7, abs=1e-15)
    assert two.entropy == pytest.approx(one.entropy, rel=1e-7, abs=1e-15)
    assert two.dissipation == pytest.approx(one.dissipation, rel=1e-7, abs=1e-15)
    assert two.heat * k == pytest.approx(one.heat, rel=1e-7, abs=1e-15)
    assert two.work * k == pytest.approx(one.work, rel=1e-7, abs=1e-15)


@given(
    nu=forces,
    tau=ramps,
    warm=scales,
    readout=st.sampled_from(["thermal", "sign"]),
    end=st.one_of(st.none(), st.floats(0, 1e3)),
)
@settings(max_examples=200)
def test_second_law_and_first_law(nu: float, tau: float, warm: float, readout: Any, end: float | None) -> None:
    if tau == inf:
        end = None
    learner = single_synapse(nu, tau, temperature=warm, readout=readout, duration=end)
    tiny = 1e-14
    assert 0 <= learner.information <= learner.entropy + tiny <= LN2 + 2 * tiny
    assert learner.information <= learner.cost + tiny
    assert 0.5 <= learner.correct <= 1
    assert isnan(learner.efficiency) or 0 <= learner.efficiency <= 1 + 1e-10
    assert 0 <= learner.heat <= nu**2 / 2 + tiny  # the quench is the worst monotone schedule
    assert learner.cost == learner.entropy + learner.dissipation
    s = 1.0 if end is None or end >= tau else end / tau
    free = -((nu * s) ** 2) / 2
    assert learner.work >= free - 1e-9 * (1 + nu**2)
    if end is None:  # equilibrium at the end: W = Delta F + Q
        assert learner.work == pytest.approx(free + learner.heat, abs=1e-12 * (1 + nu**2))


def test_work_of_quench_and_quasi_static_ramp() -> None:
    assert single_synapse(3.0, 0.0).work == 0.0
    assert single_synapse(3.0, 0.0, stiffness=2.0).heat == 2.25
    assert single_synapse(3.0, inf, stiffness=2.0).work == -2.25


@pytest.mark.parametrize("end", [0.0, 1e-7, 0.3, 1.0, 1.7, 30.0])
@pytest.mark.parametrize("tau", [0.0, 0.5, 1.0, 4.0])
def test_finite_time_is_the_state_at_that_time(tau: float, end: float) -> None:
    nu, k, mu, warm = 2.0, 1.5, 0.7, 0.8
    now = single_synapse(nu, tau, stiffness=k, mobility=mu, temperature=warm, duration=end)
    x = mu * k * end
    if tau == 0.0:
        y = 1 - exp(-x)
    else:
        rise = mu * k * min(tau, end)
        ramp = mu * k * tau
        y = (rise - 1 + exp(-rise)) / ramp
        if end > tau:
            y = 1 + (y - 1) * exp(-(x - ramp))
    reached = max(nu * y, 0.0)
    frozen = single_synapse(reached, inf, stiffness=k, temperature=warm)
    assert now.entropy == pytest.approx(frozen.entropy, rel=1e-9, abs=1e-14)
    assert now.information == pytest.approx(frozen.information, rel=1e-9, abs=1e-14)
    assert now.heat == pytest.approx(float(ramp_heat(nu**2, tau, end, stiffness=k, mobility=mu)), rel=1e-13)
    s = 1.0 if end >= tau else end / tau
    change = nu**2 / k * (y * y / 2 - s * y)
    assert now.work == pytest.approx(change + now.heat, abs=1e-13)


def test_monotone_in_strength_and_speed() -> None:
    for readout in ("thermal", "sign"):
        runs = [single_synapse(nu, 5.0, readout=readout) for nu in np.geomspace(0.01, 8, 40)]
        assert np.all(np.diff([r.information for r in runs]) > 0)
        assert np.all(np.diff([r.entropy for r in runs]) > 0)
    speeds = [single_synapse(2.0, tau).efficiency for tau in np.geomspace(1e-3, 1e4, 40)]
    assert np.all(np.diff(speeds) > 0)
    later = [single_synapse(2.0, 1.0, duration=t).information for t in np.linspace(0, 20, 40)]
    assert np.all(np.diff(later) > 0)
    assert later[-1] == pytest.approx(single_synapse(2.0, 1.0).information, rel=1e-6)


def test_nothing_learned_has_no_efficiency() -> None:
    idle = single_synapse(0.0, 1.0)
    assert idle.information == idle.cost == 0.0
    assert idle.correct == 0.5
    assert isnan(idle.efficiency)


NAN = float("nan")


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("nu", lambda: single_synapse(NAN, 1.0)),
        ("nu", lambda: single_synapse(-1.0, 1.0)),
        ("nu", lambda: single_synapse(inf, 1.0)),
        ("nu", lambda: single_synapse(1e200, 1.0)),
        ("nu", lambda: single_synapse("1", 1.0)),  # type: ignore[arg-type]
        ("tau", lambda: single_synapse(1.0, -1.0)),
        ("tau", lambda: single_synapse(1.0, NAN)),
        ("tau", lambda: single_synapse(1.0, None)),  # type: ignore[arg-type]
        ("temperature", lambda: single_synapse(1.0, 1.0, temperature=0.0)),
        ("temperature", lambda: single_synapse(1.0, 1.0, temperature=NAN)),
        ("stiffness", lambda: single_synapse(1.0, 1.0, stiffness=-2.0)),
        ("mobility", lambda: single_synapse(1.0, 1.0, mobility=inf)),
        ("readout", lambda: single_synapse(1.0, 1.0, readout="loud")),  # type: ignore[arg-type]
        ("duration", lambda: single_synapse(1.0, 1.0, duration=-1.0)),
        ("duration", lambda: single_synapse(1.0, 1.0, duration=NAN)),
        ("duration", lambda: single_synapse(1.0, inf, duration=3.0)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
