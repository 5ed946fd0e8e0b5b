"""Exponents in groups of cells: known powers with their errors, bent lines, and what has no exponent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.study.power_groups import Exponents, exponents
from szilard.study.power_law import power_fit
from tests.study.made_results import grid, results_of

RATES = np.array([0.5, 1.0, 2.0, 4.0, 8.0])


def two_groups(**changes: Any) -> Any:
    """cost = 3 rate^1.6 of one rule and 0.7 rate^0.9/T of another, with errors of 1 % and a fixed seed."""
    axes = grid(rule=["hebbian", "adatron"], temperature=[0.5, 2.0], learning_rate=RATES)
    first = axes["rule"] == "hebbian"
    rate, t = axes["learning_rate"], axes["temperature"]
    exact = np.where(first, 3.0 * rate**1.6 / t, 0.7 * rate**0.9 * t)
    noise = np.random.default_rng(5).normal(size=exact.size)
    return results_of(axes | changes, cost=(exact * (1.0 + 0.01 * noise), 0.01 * exact))


def test_each_group_has_its_own_power() -> None:
    found = exponents(two_groups(dt=np.full(20, np.nan)), "cost", "learning_rate")
    assert [g.group for g in found] == [
        "rule = hebbian, temperature = 0.5",
        "rule = hebbian, temperature = 2",
        "rule = adatron, temperature = 0.5",
        "rule = adatron, temperature = 2",
    ]
    # five equal weights 1/0.01^2 at ln x one octave apart: var b = 0.01^2/(10 ln^2 2)
    expected = 0.01 / (np.sqrt(10.0) * np.log(2.0))
    for g, power in zip(found, (1.6, 1.6, 0.9, 0.9), strict=True):
        assert g.fit.exponent.stderr == pytest.approx(expected, rel=0.03)  # a curve 1 % off weighs 2 % more
        assert abs(g.fit.exponent.value - power) < 4.0 * g.fit.exponent.stderr
        assert g.fits and g.verdict == "a power law" and g.fit.exponent.side == "two-sided"
    assert np.exp(found.groups[0].fit.offset) == pytest.approx(6.0, rel=0.04)
    assert not found.left_out


def test_order_of_cells_does_not_matter() -> None:
    results = two_groups()
    order = np.random.default_rng(1).permutation(20)
    there = {g.group: g.fit.exponent.value for g in exponents(results.isel(cell=order), "cost", "learning_rate")}
    for g in exponents(results, "cost", "learning_rate"):
        assert there[g.group] == pytest.approx(g.fit.exponent.value, rel=1e-9)


def test_points_that_noise_made_negative_still_count() -> None:
    """y = 0.5 x^2 with one error of 0.5 for all: the first points are noise, the exponent is known all the same."""
    x = np.geomspace(0.25, 8.0, 6)
    y = 0.5 * x**2 + np.array([-0.6, 0.1, 0.3, -0.4, 0.2, -0.3]) * 0.5
    assert y[0] < 0.0
    g = exponents(results_of({"learning_rate": x}, heat=(y, 0.5)), "heat", "learning_rate").groups[0]
    assert g.fit.dof == 4 and g.ends[0] is None
    assert abs(g.fit.exponent.value - 2.0) < 2.0 * g.fit.exponent.stderr < 0.2


def test_negative_quantities_and_exact_ones() -> None:
    axes = {"learning_rate": RATES}
    negative = exponents(results_of(axes, entropy=(-2.0 * RATES**0.5, 0.01)), "entropy", "learning_rate").groups[0]
    assert negative.sign == -1.0 and negative.fit.exponent.value == pytest.approx(0.5, abs=1e-9)
    exact = exponents(results_of(axes, heat=(2.0 * RATES**0.5, 0.0)), "heat", "learning_rate").groups[0]
    assert exact.fit.exponent == sz.Estimate.exact(exact.fit.exponent.value) and exact.fits
    assert exact.fit.exponent.value == pytest.approx(0.5, rel=1e-12)
    bent = exponents(results_of(axes, heat=(RATES + RATES**2, 0.0)), "heat", "learning_rate").groups[0]
    assert not bent.fits and bent.fit.exponent.stderr == float("inf")


def test_a_bent_line_is_refused_and_its_ends_are_told() -> None:
    y = RATES + RATES**2
    found = exponents(results_of({"learning_rate": RATES}, cost=(y, 0.01 * y)), "cost", "learning_rate")
    g = found.groups[0]
    assert not g.fits and g.fit.exponent.side == "none" and g.fit.exponent.stderr == float("inf")
    assert not g.fit.exponent.trusted
    first, last = g.ends
    assert first is not None and last is not None
    assert first.value == pytest.approx(np.log2(2.0 / 0.75)) and last.value == pytest.approx(np.log2(72.0 / 20.0))
    assert first.stderr == pytest.approx(np.sqrt(2.0) * 0.01 / np.log(2.0))
    assert "no power law: from 1.42 to 1.85" in repr(found)


def test_bounds_have_exponents_that_bound_nothing() -> None:
    results = results_of({"learning_rate": RATES}, cost_joint=(RATES**2, 0.01 * RATES, ["lower"] * 4 + ["two-sided"]))
    g = exponents(results, "cost_joint", "learning_rate").groups[0]
    assert g.fits and g.fit.exponent.side == "none" and g.verdict == "of a bound"


@pytest.mark.parametrize(
    ("y", "stderr", "why"),
    [
        ([1.0, 2.0, np.nan, np.nan, 3.0, np.nan], 0.01, "2 of the 3 points"),
        ([1.0, 2.0, 4.0, 8.0, 16.0, 32.0], [0.1, 0.0, 0.1, 0.1, 0.1, 0.1], "exact values among sampled ones"),
        ([0.1, -0.1, 0.2, 0.1, 0.3, 0.2], 1.0, "too noisy"),
        ([-1.0, -0.5, 0.5, 1.0, 1.5, 2.0], 0.01, "both signs"),
        ([0.0, 0.0, 1.0, 2.0, 3.0, 4.0], 0.0, "too noisy"),
    ],
    ids=["few", "mixed", "noise", "signs", "exact zeros"],
)  # fmt: skip
def test_what_has_no_exponent_is_left_out_with_the_reason(y: Any, stderr: Any, why: str) -> None:
    rates = [0.0, *RATES]
    found = exponents(results_of({"learning_rate": rates}, cost=(y, stderr)), "cost", "learning_rate")
    assert not len(found) and why in found.left_out[0][1]
    assert f"left out: {found.left_out[0][1]}" in repr(found)


def test_a_schedule_does_not_tell_ramps_apart() -> None:
    """The schedule is the ramp's own name, so that cells along the ramp differ in nothing else."""
    ramps = np.array([0.0, 2.0, 4.0, 8.0, 16.0])
    words = ["quench", *(f"ramp:{r}" for r in ramps[1:])]
    y = np.where(ramps > 0.0, 5.0 / np.maximum(ramps, 1.0), 9.0)
    found = exponents(results_of({"ramp": ramps, "schedule": words}, heat=(y, 0.01)), "heat", "ramp")
    assert len(found) == 1 and found.groups[0].x.size == 4
    assert found.groups[0].fit.exponent.value == pytest.approx(-1.0, abs=1e-6)


def test_result_is_shown_and_drawn() -> None:
    found = exponents(two_groups(), "cost", "learning_rate")
    assert isinstance(found, Exponents)
    text = repr(found)
    assert text.startswith("cost ~ learning_rate^b") and "rule = adatron, temperature = 2" in text
    assert found._repr_html_().count("<tr>") == 5
    ax = found.plot()
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert ax.get_xlabel() == "learning_rate" and ax.get_ylabel() == "cost (nat)"
    line = next(line for line in ax.lines if line.get_marker() == "None")
    x, y = (np.asarray(values) for values in line.get_data())
    g = found.groups[0]
    assert np.log(y[-1] / y[0]) / np.log(x[-1] / x[0]) == pytest.approx(g.fit.exponent.value)
    legend = ax.get_legend()
    assert legend is not None and [t.get_text() for t in legend.get_texts()] == [g.group for g in found]


@pytest.mark.parametrize(
    ("quantity", "against"),
    [("nothing", "learning_rate"), ("cost", "rule"), ("cost", "nothing"), ("cost_stderr", "learning_rate")],
)
def test_unknown_names_are_refused(quantity: str, against: str) -> None:
    with pytest.raises(sz.InputError, match="quantity" if quantity != "cost" else "against"):
        exponents(two_groups(), quantity, against)


@pytest.mark.parametrize("wrong", [None, 3, "results"])
def test_what_is_no_results_is_refused(wrong: Any) -> None:
    with pytest.raises(sz.InputError, match="results"):
        exponents(wrong, "cost", "learning_rate")


def test_both_fits_agree_where_points_are_sharp() -> None:
    """Logarithms and values differ by half a squared relative error, 1e-8 here."""
    y = 2.0 * RATES**-0.7 * (1.0 + 1e-4 * np.array([1.0, -2.0, 0.5, 1.5, -1.0]))
    g = exponents(results_of({"dwell": RATES}, cost=(y, 1e-4 * y)), "cost", "dwell").groups[0]
    logs = power_fit(RATES, y, 1e-4 * y)
    assert g.fit.exponent.value == pytest.approx(logs.exponent.value, abs=1e-7)
    assert g.fit.chi2 == pytest.approx(logs.chi2, rel=1e-3)
