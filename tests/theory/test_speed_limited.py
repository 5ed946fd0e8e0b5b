"""The best efficiency within a given time, against reference values, quadrature and the slower learners."""

from __future__ import annotations

from math import exp, inf, log, nan, pi, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from szilard.errors import InputError
from szilard.theory import single_synapse, speed_limited_efficiency


@pytest.mark.parametrize(
    ("tau", "efficiency", "nu"),
    [
        (1.0, 0.0596702548356844, 1.194278),
        (10.0, 0.278330595733964, 2.853854),
        (100.0, 0.67593, 4.61496),
        (1000.0, 0.9194746555442614, 6.710941),
    ],
)
def test_reference_values(tau: float, efficiency: float, nu: float) -> None:
    best = speed_limited_efficiency(tau)
    assert best.efficiency == pytest.approx(efficiency, rel=2e-5)
    assert best.nu == pytest.approx(nu, rel=1e-5)
    assert best.efficiency == pytest.approx(best.information / best.cost, rel=1e-14)


def efficiency_by_quadrature(nu: float, tau: float, k: float, mu: float, warm: float) -> float:
    """I(sigma; sigma_T) / [I(w; sigma_T) + Sigma] with every mean integrated over w."""
    width, mean = sqrt(warm / k), nu / k

    def density(w: float, centre: float) -> float:
        return exp(-((w - centre) ** 2) / (2 * width**2)) / (width * sqrt(2 * pi))

    def over(f: Any) -> float:
        return float(quad(f, -mean - 9 * width, mean + 9 * width, points=[-mean, mean], epsabs=1e-13, limit=200)[0])

    right = over(lambda w: density(w, mean) / (1 + exp(-w / warm)))
    learned = log(2) + right * log(right) + (1 - right) * log(1 - right)
    entropy = -over(lambda w: (m := 0.5 * (density(w, mean) + density(w, -mean))) * log(m)) - 0.5 * log(
        2 * pi * 2.718281828459045 * width**2
    )
    return learned / (entropy + mean**2 / (mu * warm * tau))


def test_the_best_learning_rate_is_better_than_its_neighbours() -> None:
    k, mu, warm, tau = 1.7, 0.6, 0.4, 8.0
    best = speed_limited_efficiency(tau, stiffness=k, mobility=mu, temperature=warm)
    at = [efficiency_by_quadrature(best.nu * x, tau, k, mu, warm) for x in (0.97, 1.0, 1.03)]
    assert best.efficiency == pytest.approx(at[1], rel=1e-9)
    assert at[1] > max(at[0], at[2])


@pytest.mark.parametrize("readout", ["thermal", "sign"])
@pytest.mark.parametrize("tau", [0.3, 2.0, 30.0])
def test_no_ramp_of_the_force_beats_the_constant_speed(tau: float, readout: Any) -> None:
    """A ramp that ends at tau leaves the same kind of weight, for more dissipation."""
    best = speed_limited_efficiency(tau, readout=readout, temperature=0.4, stiffness=1.7, mobility=0.6)
    for nu in np.geomspace(0.05, 20.0, 25):
        for ramp in (0.0, 0.5 * tau, tau):
            toy = single_synapse(
                float(nu), ramp, duration=tau, readout=readout, temperature=0.4, stiffness=1.7, mobility=0.6
            )
            assert toy.efficiency < best.efficiency


def test_what_is_slow_enough_is_quasi_static_and_what_is_fast_learns_nothing() -> None:
    slow = [speed_limited_efficiency(tau).efficiency for tau in (1e2, 1e4, 1e6, 1e9)]
    assert np.all(np.diff(slow) > 0.0)
    assert 0.99999 < slow[-1] <= 1.0
    fast = speed_limited_efficiency(1e-3, readout="sign")
    # I = (2/pi) a^2 / 2 and cost = a^2 / 2 + a^2 / tau for small a
    assert fast.efficiency == pytest.approx((2 / pi) / (1 + 2e3), rel=1e-14)
    assert (fast.nu, fast.information, fast.cost) == (0.0, 0.0, 0.0)
    edge = [speed_limited_efficiency(float(tau)).efficiency for tau in np.geomspace(0.1, 2.0, 40)]
    assert np.all(np.diff(edge) > 0.0)


def test_only_two_numbers_matter() -> None:
    a = speed_limited_efficiency(6.0, temperature=0.5, stiffness=2.0, mobility=0.25)
    b = speed_limited_efficiency(3.0)
    assert a.efficiency == pytest.approx(b.efficiency, rel=1e-12)
    assert a.nu == pytest.approx(b.nu * sqrt(0.5 * 2.0), rel=1e-6)


@pytest.mark.parametrize("bad", [0.0, -1.0, nan, inf, "fast", 1e300])
def test_bad_input(bad: Any) -> None:
    with pytest.raises(InputError, match="tau"):
        speed_limited_efficiency(bad)
    with pytest.raises(InputError, match="readout"):
        speed_limited_efficiency(1.0, readout="loud")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="mobility"):
        speed_limited_efficiency(1.0, mobility=0.0)
