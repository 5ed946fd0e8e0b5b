"""Generating functions and cumulants of linear systems, against theorems, closed forms, quadrature and each other."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import dblquad

import szilard as sz
from szilard.continuous import Gaussian, Langevin, Mixture
from szilard.continuous.course import course_of
from szilard.continuous.gaussian_averages import gaussian_energetics
from szilard.continuous.gaussian_route import gaussian_entropy_rate
from szilard.continuous.tilted_gaussian import exponential_work, fluctuations, generating_function
from szilard.errors import InputError
from tests.continuous.gaussians import MOBILITY, START, WAY, force, gyrator, moved

Array = NDArray[np.float64]
RELAXING = Langevin(linear=force([[1.0]], [0.0]), dim=1)
STIFFENED = Langevin(linear=lambda k: force([[k]], [0.0]), dim=1)
ONE_BATH = Langevin(linear=moved, dim=2, mobility=MOBILITY, temperature=0.7)


def test_jarzynski_with_jumps_and_drives() -> None:
    """Z_end / Z_0 = e^{-dF/T} of the Gaussian integrals, though a force without energy acts all along."""

    def log_z(control: float) -> float:
        at = moved(control)
        well = 0.5 * at.pull @ np.linalg.solve(at.hessian, at.pull) - at.constant
        return float(well / 0.7 - 0.5 * np.linalg.slogdet(at.hessian)[1])

    found = exponential_work(ONE_BATH, "equilibrium", 2.5, WAY)
    assert found == pytest.approx(np.exp(log_z(0.6) - log_z(0.2)), rel=1e-11)


@pytest.mark.parametrize(("duration", "times"), [(0.0, (0.0, 0.0)), (0.8, (0.0, 0.8))])
def test_stiffening_has_the_reference_exponential_work(duration: float, times: tuple[float, float]) -> None:
    found = exponential_work(STIFFENED, "equilibrium", duration, sz.Protocol(times, [1.0, 3.0]))
    assert found == pytest.approx(0.5773502691896257, rel=1e-11)


def test_integral_theorem_of_the_entropy_flow_with_unequal_temperatures() -> None:
    """The weights 1/T_r turn the backward equation into the forward one, in which a flat density grows by tr A."""
    still = sz.Protocol([0.0], [0.4])
    found = generating_function(gyrator(), START, 1.3, still, heat=[2.0, 0.5])
    assert found == pytest.approx(np.exp(1.3 * np.sum(MOBILITY * np.diag(moved(0.4).matrix))), rel=1e-11)


def test_heat_of_a_relaxing_state_has_the_reference_generating_function() -> None:
    assert generating_function(RELAXING, "equilibrium", 0.5, heat=0.6) == pytest.approx(1.1378069403919604, rel=1e-12)
    assert fluctuations(RELAXING, "equilibrium", 0.5).heat[0].variance == pytest.approx(1.0 - np.exp(-1.0), rel=1e-12)


def test_heat_of_a_relaxing_state_out_of_equilibrium_is_that_of_quadrature() -> None:
    """No work, so Q = U(w_0) - U(w_t): the mean over both ends, with U = (3/2) w^2 - w, mu = 0.4, T = 1.8."""
    process = Langevin(linear=force([[3.0]], [1.0]), dim=1, mobility=0.4, temperature=1.8)
    start, decay = Gaussian(1.2, 0.3), np.exp(-0.4 * 3.0 * 0.6)
    spread = 1.8 / 3.0 * (1.0 - decay**2)

    def weighted(later: float, first: float) -> float:
        to = 1.0 / 3.0 + decay * (first - 1.0 / 3.0)
        heat = 1.5 * (first**2 - later**2) - (first - later)
        away = -0.5 * ((first - 1.2) ** 2 / 0.3 + (later - to) ** 2 / spread)
        return float(np.exp(away - 0.35 * heat) / (2.0 * np.pi * np.sqrt(0.3 * spread)))

    true, _ = dblquad(weighted, -6.0, 8.0, -8.0, 9.0, epsabs=1e-11, epsrel=1e-11)
    assert generating_function(process, start, 0.6, heat=0.35) == pytest.approx(true, rel=1e-9)


def test_cumulants_are_the_derivatives_of_the_logarithm() -> None:
    """Nine points a step of 0.03 apart: truncation falls as h^8 and h^6, rounding is 1e-13 / h^n; 1e-7 covers both."""
    found = fluctuations(gyrator(), START, 2.5, WAY)
    s = 0.03 * np.arange(-4, 5)
    weights = {"work": found.work, 0: found.heat[0], 1: found.heat[1]}
    for name, cumulants in weights.items():
        heat = np.zeros((9, 2))
        if name != "work":
            heat[:, name] = s  # type: ignore[index]
        work = s if name == "work" else np.zeros(9)
        logs = [
            log(generating_function(gyrator(), START, 2.5, WAY, heat=h, work=float(w)))
            for h, w in zip(heat, work, strict=True)
        ]
        series = np.linalg.solve(np.vander(s / 0.03, increasing=True), logs)
        assert cumulants.mean == pytest.approx(-series[1] / 0.03, rel=1e-7)
        assert cumulants.variance == pytest.approx(2.0 * series[2] / 0.03**2, rel=1e-6)
        assert cumulants.third == pytest.approx(-6.0 * series[3] / 0.03**3, rel=1e-4)


def test_means_are_those_of_the_energetics() -> None:
    found, true = fluctuations(gyrator(), START, 2.5, WAY), gaussian_energetics(course_of(gyrator(), WAY, 2.5), START)
    assert found.work.mean == pytest.approx(true.work, rel=1e-11)
    assert [q.mean for q in found.heat] == pytest.approx(true.heat, rel=1e-11)
    assert found.entropy_flow.mean == pytest.approx(float(np.sum(true.heat / [0.5, 2.0])), rel=1e-11)


def test_moved_trap_has_the_reference_variance_of_gaussian_work() -> None:
    trap = Langevin(linear=lambda at: force([[2.0]], [2.0 * at], at**2), dim=1)
    work = fluctuations(trap, "equilibrium", 1.2, sz.Protocol([0.0, 1.2], [0.0, 1.8])).work
    assert work.variance == pytest.approx(3.3541153949011777, rel=1e-11)
    assert abs(work.third) < 1e-11 * work.variance**1.5


def test_long_runs_gain_cumulants_evenly_and_fast() -> None:
    """Twice the time adds as much again, less the ends: transients of order 1, in thousands."""
    still = sz.Protocol([0.0], [0.4])
    one, two, three = (fluctuations(gyrator(), "stationary", t, still) for t in (1e4, 2e4, 3e4))
    for a, b, c in zip(one.heat, two.heat, three.heat, strict=True):
        assert b.mean == pytest.approx(2.0 * a.mean, rel=1e-11)
        assert c.variance - b.variance == pytest.approx(b.variance - a.variance, rel=1e-9)
        assert c.third - b.third == pytest.approx(b.third - a.third, rel=1e-9)
    rate = gaussian_entropy_rate(gyrator(), None, 0.4)
    assert one.entropy_flow.mean == pytest.approx(1e4 * rate, rel=1e-11)


def test_mixture_is_the_mean_of_its_components() -> None:
    parts = (START, Gaussian([-1.5, 0.7], [0.3, 0.6]))
    mixed = Mixture([0.3, 0.7], parts)
    each = [generating_function(gyrator(), part, 2.5, WAY, work=0.2) for part in parts]
    found = generating_function(gyrator(), mixed, 2.5, WAY, work=0.2)
    assert found == pytest.approx(0.3 * each[0] + 0.7 * each[1], rel=1e-12)
    k = fluctuations(gyrator(), mixed, 2.5, WAY).work
    s = 0.02 * np.arange(-4, 5)
    logs = [log(generating_function(gyrator(), mixed, 2.5, WAY, work=float(w))) for w in s]
    series = np.linalg.solve(np.vander(s / 0.02, increasing=True), logs)
    assert k.variance == pytest.approx(2.0 * series[2] / 0.02**2, rel=1e-6)
    assert k.third == pytest.approx(-6.0 * series[3] / 0.02**3, rel=1e-4)


def test_many_coordinates_fluctuate_each_as_it_would_alone() -> None:
    rates = np.linspace(0.5, 3.0, 11)
    chain = Langevin(linear=lambda c: force(np.diag(rates * (1.0 + c)), np.zeros(11)), dim=11)
    way = sz.Protocol([0.0, 1.0], [0.0, 1.0])

    def single(rate: float) -> Langevin:
        return Langevin(linear=lambda c: force([[rate * (1.0 + c)]], [0.0]), dim=1)

    alone = [fluctuations(single(float(r)), "equilibrium", 1.0, way).work for r in rates]
    found = fluctuations(chain, "equilibrium", 1.0, way).work
    assert found.mean == pytest.approx(sum(w.mean for w in alone), rel=1e-10)
    assert found.third == pytest.approx(sum(w.third for w in alone), rel=1e-10)


def test_diverging_means_are_refused() -> None:
    """<e^{-sQ}> = [1 - s^2 (1 - e^{-2t})]^{-1/2} diverges at s = 1.258 for t = 0.5; driven work does in time."""
    assert generating_function(RELAXING, "equilibrium", 0.5, heat=1.25) == pytest.approx(
        (1.0 - 1.25**2 * (1.0 - np.exp(-1.0))) ** -0.5, rel=1e-9
    )
    with pytest.raises(InputError, match="diverges"):
        generating_function(RELAXING, "equilibrium", 0.5, heat=1.27)
    with pytest.raises(InputError, match="diverges"):
        generating_function(gyrator(), START, 2.5, WAY, work=-3.0)


def test_wrong_weights_and_temperatures_are_refused() -> None:
    with pytest.raises(InputError, match="one per reservoir"):
        generating_function(gyrator(), START, 2.5, WAY, heat=[1.0, 2.0, 3.0])
    with pytest.raises(InputError, match="finite"):
        generating_function(gyrator(), START, 2.5, WAY, work=np.nan)
    with pytest.raises(InputError, match="one temperature"):
        exponential_work(gyrator(), START, 2.5, WAY)
