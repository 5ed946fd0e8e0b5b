"""The density of one weight against closed forms, a lattice, trajectories; its modes against exact critical points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq

from szilard.discrete import entropy_production_rate, stationary
from szilard.errors import InputError
from szilard.learning.modes_sweep import weight_modes
from szilard.learning.synapse_model import Plasticity
from tests.statistics import z_of_exact_spread, z_of_mean

Array = NDArray[np.float64]


def gamma_weight() -> Plasticity:
    """p ~ w^{a/s - 1} e^{-b w/s}: A = a - b w, D = s w on w >= 0, with a = 1.3, b = 0.7, s = 0.4."""
    return Plasticity(lambda w: 1.3 - 0.7 * w, lambda w: 0.4 * w, 0.0)


def beta_weight() -> Plasticity:
    """p ~ w^{a/s - 1} (1 - w)^{b/s - 1}: A = a (1 - w) - b w, D = s w (1 - w), with a = 0.9, b = 1.7, s = 0.5."""
    return Plasticity(lambda w: 0.9 * (1.0 - w) - 1.7 * w, lambda w: 0.5 * w * (1.0 - w), 0.0, 1.0)


EXACT: dict[str, tuple[Plasticity, Any]] = {
    "gaussian": (
        Plasticity(lambda w: 1.3 * (0.6 - 1.7 * w), lambda w: np.full_like(w, 1.3 * 0.8)),
        stats.norm(0.6 / 1.7, np.sqrt(0.8 / 1.7)),
    ),
    "exponential between walls": (
        Plasticity(lambda w: np.full_like(w, -0.9), lambda w: np.full_like(w, 0.3), -0.5, 1.5),
        stats.truncexpon(6.0, loc=-0.5, scale=1.0 / 3.0),
    ),
    "gamma": (gamma_weight(), stats.gamma(1.3 / 0.4, scale=0.4 / 0.7)),
    "beta": (beta_weight(), stats.beta(0.9 / 0.5, 1.7 / 0.5)),
}


@pytest.mark.parametrize("name", EXACT)
def test_density_is_the_closed_form(name: str) -> None:
    model, exact = EXACT[name]
    found = model.stationary()
    # 3e-12: sums over some thousand points whose exponents are sums over panels
    assert found.mean == pytest.approx(exact.mean(), abs=3e-12)
    assert found.variance == pytest.approx(exact.var(), rel=3e-11)
    assert found.entropy == pytest.approx(float(exact.entropy()), abs=3e-11)
    x = exact.ppf([0.03, 0.2, 0.5, 0.9])
    # 1e-9: interpolation between points 1/64 of the range apart or less, twelve to a panel
    np.testing.assert_allclose(found.cdf(x), [0.03, 0.2, 0.5, 0.9], atol=1e-9)
    np.testing.assert_allclose(found.density(x), exact.pdf(x), rtol=1e-6)
    assert found.error < 1e-9


@pytest.mark.parametrize(("name", "mode"), [("gamma", (1.3 - 0.4) / 0.7), ("beta", (1.8 - 1.0) / (1.8 + 3.4 - 2.0))])
def test_mode_knows_the_slope_of_the_noise(name: str, mode: float) -> None:
    """Ito: the mode is where A = D', not where A = 0."""
    found = EXACT[name][0].stationary()
    # 1e-9: the five-point slope of a linear or quadratic D is exact but for rounding over its step
    np.testing.assert_allclose(found.modes, [mode], atol=1e-9)


def test_the_wall_may_be_the_mode() -> None:
    down, exact = EXACT["exponential between walls"]
    found = down.stationary()
    np.testing.assert_array_equal(found.modes, [-0.5])
    assert found.heights[0] == pytest.approx(exact.pdf(-0.5), rel=1e-6)


def test_other_conventions_are_other_densities() -> None:
    """Stratonovich noise of the same D is the Ito drift A + D'/2: p ~ D^{-1/2} e^{int A/D}; here a beta density."""
    ito = Plasticity(
        lambda w: 0.9 * (1.0 - w) - 1.7 * w + 0.25 * (1.0 - 2.0 * w), lambda w: 0.5 * w * (1.0 - w), 0.0, 1.0
    )
    exact = stats.beta(1.8 + 0.5, 3.4 + 0.5)
    assert ito.stationary().mean == pytest.approx(exact.mean(), abs=3e-12)


@pytest.mark.parametrize("name", ["gaussian", "exponential between walls", "beta"])
def test_lattice_has_the_same_density_to_second_order_and_no_current(name: str) -> None:
    model, exact = EXACT[name]
    errors = []
    for cells in (100, 200, 400):
        lattice, w = model.lattice(cells)
        p = stationary(lattice)
        errors.append(float(p @ w) - exact.mean())
        # a line of states has no cycle: detailed balance holds, to rounding of rates of 1e5 per time
        assert abs(entropy_production_rate(lattice)) < 1e-9
    if abs(errors[0]) > 1e-9:
        # h^2 falls by 4, up to the next order; the beta density has powers of the distance to a wall: 2 to 4
        assert 2.0 < errors[0] / errors[1] < 4.5 and 2.0 < errors[1] / errors[2] < 4.5
    assert abs(errors[2]) < 2e-4


def test_relaxation_is_that_of_known_spectra() -> None:
    gaussian = EXACT["gaussian"][0].relaxation_rate()
    assert abs(gaussian.value - 1.3 * 1.7) < 10.0 * gaussian.stderr + 1e-9
    walls = EXACT["exponential between walls"][0].relaxation_rate()
    exact = 0.9**2 / (4.0 * 0.3) + 0.3 * (np.pi / 2.0) ** 2  # A^2/4D + D (pi/L)^2
    assert abs(walls.value - exact) < 10.0 * walls.stderr + 1e-9
    assert walls.stderr < 1e-5


@pytest.mark.parametrize("name", ["gaussian", "exponential between walls", "beta"])
def test_trajectories_relax_to_the_density(name: str) -> None:
    """From one weight, for eight relaxation times: e^-8 of the distance is left, less than half a standard error."""
    model, exact = EXACT[name]
    duration = 8.0 / model.relaxation_rate().value
    start = exact.mean() + 0.3 * exact.std()
    w = model.simulate(6000, duration, 3, initial=start)
    assert abs(z_of_exact_spread(w, exact.mean(), exact.var())) < 4.0
    assert abs(z_of_mean((w - exact.mean()) ** 2, exact.var())) < 4.0
    assert stats.kstest(w, exact.cdf).pvalue > 1e-4
    assert w.min() >= model.low and w.max() <= model.high


def test_the_noise_of_a_step_is_milsteins() -> None:
    """One step from w: mean A dt, variance 2 D dt + (D' dt)^2/2 and the third moment that D' makes, 6 D D' dt^2."""
    model = gamma_weight()
    h, w0 = 1e-3, 2.0
    assert h <= model.longest_step
    moved = model.simulate(400_000, h, 5, h, initial=w0) - w0
    A, D, slope = 1.3 - 0.7 * w0, 0.4 * w0, 0.4
    assert abs(z_of_mean(moved, A * h)) < 4.0
    off = moved - A * h
    assert abs(z_of_mean(off**2, 2.0 * D * h + 0.5 * (slope * h) ** 2)) < 4.0
    assert abs(z_of_mean(off**3, 6.0 * D * slope * h**2 + slope**3 * h**3)) < 4.0
    assert abs(z_of_mean(off**3, 0.0)) > 4.0


def test_same_seed_same_bits() -> None:
    model = beta_weight()
    a, b, c = (model.simulate(20, 0.3, seed) for seed in (4, 4, 5))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)
    np.testing.assert_array_equal(model.simulate(40, 0.3, 4)[:20], a)


def test_one_mode_becomes_two_where_the_slope_at_the_centre_vanishes() -> None:
    """A = (g - 0.37) w - w^3 and D constant: a pitchfork at g = 0.37; modes at +- sqrt(g - 0.37)."""
    found = weight_modes(
        lambda g: Plasticity(lambda w: (g - 0.37) * w - w**3, lambda w: np.full_like(w, 0.2)),
        [-0.4, 0.1, 0.6, 0.9],
        accuracy=1e-7,
    )
    np.testing.assert_array_equal(found.count, [1, 1, 2, 2])
    assert found.critical.size == 1 and abs(found.critical[0] - 0.37) <= 1e-7
    np.testing.assert_allclose(found.modes[3], [-np.sqrt(0.53), np.sqrt(0.53)], atol=1e-9)
    np.testing.assert_allclose(found.troughs[2:, 0], 0.0, atol=1e-9)
    assert np.isnan(found.modes[0, 1])


def test_a_fold_is_found_as_well() -> None:
    """A = h + w - w^3: a second mode where |h| < 2/(3 sqrt 3)."""
    edge = 2.0 / (3.0 * np.sqrt(3.0))
    found = weight_modes(
        lambda h: Plasticity(lambda w: h + w - w**3, lambda w: np.full_like(w, 0.2)), [-1.0, 0.05, 1.0], accuracy=1e-6
    )
    # two roots 2 sqrt(dh / sqrt 3) apart are told apart from a grid of 1/2000 of 4, refined 16^3 times: dh > 1e-13
    np.testing.assert_allclose(found.critical, [-edge, edge], atol=1e-6)
    assert (found.before.tolist(), found.after.tolist()) == ([1, 2], [2, 1])


def test_noise_alone_makes_two_modes() -> None:
    """No drift at all, D = 0.1 + w (1 - w): p ~ 1/D has its peaks at both walls."""
    found = Plasticity(np.zeros_like, lambda w: 0.1 + w * (1.0 - w), 0.0, 1.0).stationary()
    np.testing.assert_array_equal(found.modes, [0.0, 1.0])
    np.testing.assert_allclose(found.troughs, [0.5], atol=1e-9)
    assert found.dip == pytest.approx(1.0 - 0.1 / 0.35, rel=1e-6)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"drift": lambda w: np.full_like(w, np.nan)}, "drift"),
        ({"drift": lambda w: 1.0}, "drift"),
        ({"diffusion": lambda w: -np.ones_like(w)}, "diffusion"),
        ({"diffusion": None}, "diffusion"),
        ({"low": 1.0, "high": 1.0}, "low"),
        ({"finest": -1.0}, "finest"),
        ({"thermal": True, "diffusion": lambda w: 1.0 + w**2}, "thermal"),
    ],
    ids=["nan", "shape", "negative", "no function", "no room", "finest", "thermal"],
)
def test_bad_models_are_named(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        Plasticity(**{"drift": lambda w: -w, "diffusion": np.ones_like, **given})
    assert caught.value.field == field


def test_what_has_no_stationary_density_is_refused() -> None:
    with pytest.raises(InputError, match="hold an unbounded weight back"):
        Plasticity(lambda w: w, np.ones_like).stationary()
    with pytest.raises(InputError, match="too steep"):
        Plasticity(np.zeros_like, lambda w: 1e-3 * w**2, 0.0, 1.0).stationary()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"replicas": 0}, "replicas"),
        ({"seed": -1}, "seed"),
        ({"duration": 0.0}, "duration"),
        ({"dt": 10.0}, "dt"),
        ({"initial": 1.5}, "initial"),
        ({"initial": "warm"}, "initial"),
    ],
    ids=str,
)
def test_bad_runs_are_named(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        beta_weight().simulate(**{"replicas": 5, "duration": 0.1, "seed": 1, **given})
    assert caught.value.field == field


def test_texts_and_figures() -> None:
    found = beta_weight().stationary()
    assert "mode at 0.25" in repr(found) and "<table>" in found._repr_html_()
    assert len(found.plot().lines) == 2
    sweep = weight_modes(lambda g: Plasticity(lambda w: g * w - w**3, np.ones_like), [0.5, 1.0])
    assert "2 throughout" in repr(sweep) and len(sweep.plot().lines) == 3


@pytest.mark.parametrize("unit", [3e-4, 7e-10, 1e-25, 1e7])
def test_a_change_of_unit_changes_nothing_else(unit: float) -> None:
    """A = -w, D = s^2 (1 + tanh(w/s)/2): in units of s the mode solves x = -sech^2(x)/2, whatever s."""
    found = Plasticity(lambda w: -w, lambda w: unit**2 * (1.0 + 0.5 * np.tanh(w / unit))).stationary()
    mode = brentq(lambda x: x + 0.5 / np.cosh(x) ** 2, -1.0, 0.0, xtol=1e-14)
    # 1e-10: five points 1e-3 apart, in standard deviations, err by 1e-12 of D''''' and by rounding over 1e-3
    np.testing.assert_allclose(found.modes / unit, [mode], atol=1e-10)
    here = Plasticity(lambda w: -w, lambda w: 1.0 + 0.5 * np.tanh(w)).stationary()
    assert found.std / unit == pytest.approx(here.std, rel=1e-10)
    assert found.entropy - np.log(unit) == pytest.approx(here.entropy, abs=1e-10)


def test_the_slope_of_the_noise_does_not_know_how_far_a_bound_is() -> None:
    """D = (1 + sin(3 w)/2)/10 around 1: a bound at 1e6, or none, is never met."""
    bounds = (6.0, 1e6, np.inf)
    modes = [
        Plasticity(lambda w: 1.0 - w, lambda w: 0.1 + 0.05 * np.sin(3.0 * w), 0.0, high).stationary().modes
        for high in bounds
    ]
    mode = brentq(lambda w: 1.0 - w - 0.15 * np.cos(3.0 * w), 0.8, 1.4, xtol=1e-14)
    np.testing.assert_allclose(modes, [[mode]] * 3, atol=1e-10)
    near = Plasticity(lambda w: 1.0 - w, lambda w: 0.1 + 0.05 * np.sin(3.0 * w), 0.0, 6.0).stationary()
    assert near.cdf(6.0) == 1.0 and 0.0 < near.cdf(mode) < 1.0


def test_what_memory_cannot_hold_is_refused_before_it_is_taken() -> None:
    model = beta_weight()
    with pytest.raises(InputError, match="GiB") as caught:
        model.simulate(10**14, 0.1, 1)
    assert caught.value.field == "replicas"
    with pytest.raises(InputError, match="GiB") as caught:
        model.lattice(10**13)
    assert caught.value.field == "cells"
