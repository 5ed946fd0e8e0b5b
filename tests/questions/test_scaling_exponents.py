"""Exponents of what learning dissipates: the fit, the exact laws beside it, and what is said when they part."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from pydantic import ValidationError

import szilard as sz
from szilard.plotting import house_style
from szilard.questions.ceiling.scaling_exponents import ExponentSettings, exponent_part
from szilard.questions.ceiling.scaling_ladders import climbed, exact_curve, online_rate
from szilard.questions.part import Finding, Part, Record
from szilard.study.power_law import power_fit, slope_beside
from szilard.theory import ramp_heat, switching_heat_rate

SMALL = ExponentSettings(
    weights=8, rates=[0.8, 2.4, 7.2], loads=[0.25, 1.0, 2.5], sizes=[4, 8, 24], temperatures=[0.3, 0.7, 1.5],
    stiffnesses=[0.5, 1.6, 4.8], mobilities=[0.2, 0.6, 1.8], ramps=[0.2, 0.8, 6.0, 20.0], dwells=[0.03, 0.3, 3.0, 12.0],
    shown=30, swirls=[0.3, 0.8, 1.8], other_rates=[0.8, 1.6, 3.2], replicas=3000, replicas_others=1000, dt_driven=0.02,
)  # fmt: skip
BATH = {"temperature": 0.7, "stiffness": 1.6, "mobility": 0.6}
HELD = BATH | {"rate": 2.4, "weights": 8, "patterns": 6, "inputs": 5, "settle": 5.0, "replicas": 4000}


@pytest.fixture(scope="module")
def small() -> tuple[Part, list[Record]]:
    part = exponent_part(SMALL, 1.0)
    return part, [json.loads(json.dumps(piece.work(100 + i, 2))) for i, piece in enumerate(part.pieces)]


def with_power(part: Part, records: list[Record], ladder: str, power: float) -> list[Record]:
    """The dissipation of one ladder as if another power had been measured."""
    found: list[Record] = []
    key = "patterns" if ladder == "load" else "weights" if ladder == "size" else ladder
    for piece, record in zip(part.pieces, records, strict=True):
        changed = dict(record)
        if piece.coordinates["ladder"] == ladder:
            changed["dissipation"] = [x * piece.coordinates[key] ** power for x in record["dissipation"]]
        found.append(changed)
    return found


def verdicts(finding: Finding) -> list[str]:
    return [check.verdict for check in finding.checks]


# the fit


def test_fit_of_an_exact_power() -> None:
    x = np.array([0.3, 1.0, 4.0, 9.0])
    fit = power_fit(x, 2.5 * x**-1.7, 0.01 * x)
    assert fit.exponent.value == pytest.approx(-1.7, rel=1e-12) and fit.offset == pytest.approx(np.log(2.5))
    assert fit.chi2 < 1e-20 and fit.dof == 2 and fit.probability == pytest.approx(1.0)


def test_errors_of_exponents_and_chi2_are_right() -> None:
    """Of 4000 ladders with unequal errors: z of variance 1, chi2 of mean dof; to 4 standard errors of both."""
    rng, x, n = np.random.default_rng(3), np.geomspace(0.5, 40.0, 5), 4000
    y = 3.0 * x**1.3
    stderr = y * np.array([0.004, 0.001, 0.003, 0.002, 0.006])
    fits = [power_fit(x, y + stderr * rng.normal(size=5), stderr) for _ in range(n)]
    z = np.array([(fit.exponent.value - 1.3) / fit.exponent.stderr for fit in fits])
    assert abs(z.mean()) < 4.0 / np.sqrt(n) + 0.02  # half the squared relative error against the error: below 0.02
    assert abs(z.var() - 1.0) < 4.0 * np.sqrt(2.0 / n)
    assert abs(np.mean([fit.chi2 for fit in fits]) - 3.0) < 4.0 * np.sqrt(6.0 / n)


def test_a_bent_line_is_no_power() -> None:
    x = np.array([1.0, 2.0, 4.0, 8.0])
    y = x + x**2
    assert power_fit(x, y, 0.01 * y).probability < 1e-6
    assert slope_beside(x, x**2, y, 0.01 * y) == pytest.approx(2.0, rel=1e-12)


@pytest.mark.parametrize(
    "wrong", [([1.0, 1.0], [1.0, 2.0], [0.1, 0.1]), ([1.0, 2.0], [1.0, -2.0], [0.1, 0.1]), ([1.0], [1.0], [0.1])],
    ids=["one x", "negative", "one point"],
)  # fmt: skip
def test_fit_refuses(wrong: Any) -> None:
    with pytest.raises(sz.InputError):
        power_fit(*wrong)


# the exact laws


def test_quench_dissipates_the_square_of_the_force() -> None:
    found = climbed(HELD | {"ladder": "rate"}, 3, 2)
    full = 2.4**2 * 6 / (2.0 * 1.6 * 0.7)  # nu^2 P/2kT
    assert found["exact"] == pytest.approx(full * -np.expm1(-10.0), rel=1e-12)
    limit = sz.theory.hebbian(2.4, 0.75, 0.0, temperature=0.7, stiffness=1.6, mobility=0.6)
    assert found["exact"] == pytest.approx(8 * limit.dissipation, rel=1e-4)
    for name, exact in (("dissipation", "exact"), ("learned", "learned_exact"), ("cost", "cost_exact")):
        value, stderr = found[name]
        assert abs(value - found[exact]) < 4.0 * stderr < 0.08 * found[exact], name


def test_samples_drawn_anew_heat_at_the_reference_rate() -> None:
    """O30: 1.329926370171299 at k = T = mu = 1, reached after many; the first of them costs half a quench."""
    many = online_rate(1.3, 0.5, 2_000_000, temperature=1.0, stiffness=1.0, mobility=1.0)
    assert many == pytest.approx(1.329926370171299, rel=1e-6)
    late = online_rate(1.3, 0.7, 2_000_000, **BATH)
    assert late == pytest.approx(switching_heat_rate(1.3, 0.7 / 0.96, stiffness=1.6, mobility=0.6) / 0.7, rel=1e-6)
    once = online_rate(1.3, 0.7, 1, **BATH) * 0.7 / 0.96
    assert once == pytest.approx(1.3**2 / (2.0 * 1.6 * 0.7) * -np.expm1(-1.4), rel=1e-12)
    assert online_rate(1.3, 1e-7, 7, **BATH) == pytest.approx(0.6 * 1.3**2 / 0.7, rel=1e-5)


@pytest.mark.parametrize(
    "rung",
    [
        {"ladder": "ramp", "ramp": 3.0, "dt": 0.3},
        {"ladder": "dwell", "dwell": 0.2, "patterns": 40},
        {"ladder": "dwell", "dwell": 4.0, "patterns": 40},
        {"ladder": "swirl", "swirl": 1.1, "dt": 0.1},
    ],
    ids=["ramp", "short", "long", "swirl"],
)
def test_simulated_rungs_are_the_exact_ones(rung: dict[str, Any]) -> None:
    found = climbed(HELD | rung, 7, 2)
    value, stderr = found["dissipation"]
    assert abs(value - found["exact"]) < 4.0 * stderr < 0.12 * found["exact"]
    curve = exact_curve(HELD | rung, [rung.get("ramp", rung.get("dwell", 1.0))])
    assert (curve is None) == (rung["ladder"] == "swirl")
    if curve is not None:  # of a staircase of steps of 0.3 within a ramp of 3 the ramp is a hundredth off
        assert curve[0] == pytest.approx(found["exact"], rel=0.02 if rung["ladder"] == "ramp" else 1e-12)


def test_ramp_s_curve_is_goldt_and_seifert_s() -> None:
    v = HELD | {"ladder": "ramp", "settle": 400.0}
    curve = exact_curve(v, [2.0])
    assert curve is not None
    assert curve[0] == pytest.approx(2.4**2 * 6 / (1.6 * 0.7) * (np.exp(-2.0) + 1.0) / 4.0, rel=1e-12)
    assert curve[0] == pytest.approx(float(ramp_heat(2.4**2 * 6, 2.0 / 0.96, stiffness=1.6, mobility=0.6)) / 0.7)


def test_other_rules_dissipate_less_than_hebb() -> None:
    hebb = climbed(HELD | {"ladder": "rate"}, 3, 2)["exact"]
    for rule in ("perceptron", "adatron"):
        value, stderr = climbed(
            HELD | {"ladder": rule, "rule": rule, "time_step": 1.0, "replicas": 1000}, 3, 2
        )["dissipation"]  # fmt: skip
        assert 5.0 * stderr < value < hebb - 5.0 * stderr


# the part


def test_exponents_agree_with_theory(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    finding = part.conclude(records)
    assert "violated" not in verdicts(finding)
    assert all(abs(check.margin) < 4.0 for check in finding.checks)
    exponents = {(row[0], row[1]): row for row in finding.table.rows if row[6] in ("2", "1", "-1", "0")}
    assert len(exponents) == 6
    for row in exponents.values():
        measured, pure = row[4], float(str(row[6]))
        assert isinstance(measured, sz.Estimate)
        assert abs(measured.value - pure) < 4.0 * measured.stderr < 0.1
        assert isinstance(row[5], sz.Estimate) and row[5].value == pytest.approx(pure, abs=1e-9)
    falls = [float(x.split(" ±")[0]) for x in finding.text.split("Perceptron")[1].split("; ")[1].split(", ")[:2]]
    assert falls[0] > falls[1] > 0.5  # the more is known, the less a Perceptron is pushed
    assert finding.text.startswith("A Hebbian quench dissipates as learning rate^(")
    assert "exponents agree" in finding.text and "CONTRADICT" not in finding.text


def test_rules_without_theory_are_told_apart(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    finding = part.conclude(records)
    rows = [row for row in finding.table.rows if row[5] == "no theory"]
    assert [row[0] for row in rows] == ["dissipation, perceptron", "dissipation, adatron"]
    assert not any("perceptron" in check.name for check in finding.checks)
    bent = part.conclude([
        dict(r) | ({"dissipation": [r["dissipation"][0] * (9.0 if p.coordinates["rate"] == 1.6 else 1.0), 0.01]})
        if p.coordinates["ladder"] == "adatron" else r
        for p, r in zip(part.pieces, records, strict=True)
    ])  # fmt: skip
    assert "no pure power" in bent.text.split("Adatron")[1]


@pytest.mark.parametrize("ladder", ["rate", "load", "size", "temperature", "stiffness", "mobility", "ramp", "swirl"])
def test_another_power_is_said(small: tuple[Part, list[Record]], ladder: str) -> None:
    part, records = small
    finding = part.conclude(with_power(part, records, ladder, 1.0))
    assert "violated" in verdicts(finding)
    assert "exponents CONTRADICT the exact laws" in finding.text


def test_noise_that_drowns_a_point_is_said(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    drowned = [dict(r) | {"dissipation": [-0.1, 1.0]} if i == 0 else r for i, r in enumerate(records)]
    finding = part.conclude(drowned)
    assert "Too few points or too noisy for an exponent: dissipation ~ (learning rate)^b" in finding.text
    assert len(finding.checks) == len(part.conclude(records).checks) - 1
    with house_style():
        finding.picture.draw(Figure(finding.picture.size))


def test_figure_has_a_panel_for_each_ladder(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    finding = part.conclude(records)
    with house_style():
        figure = Figure(finding.picture.size)
        finding.picture.draw(figure)
    assert len(figure.axes) == 9
    assert figure.axes[0].get_xlabel().startswith("learning rate")
    texts = [ax.texts[0].get_text() for ax in figure.axes]
    assert all("theory" in text for text in texts) and "slow: b" in texts[6] and "long: b" in texts[7]
    for name, variable in finding.arrays.items():
        assert len(variable.dims) == np.ndim(variable.values), name


def test_steps_are_in_the_coordinates_of_those_that_have_them() -> None:
    whole, half = exponent_part(SMALL, 1.0), exponent_part(SMALL, 0.5)
    for a, b in zip(whole.pieces, half.pieces, strict=True):
        stepped = a.coordinates["ladder"] in ("ramp", "swirl", "perceptron", "adatron")
        assert (dict(a.coordinates) != dict(b.coordinates)) == stepped
    named = [json.dumps(dict(piece.coordinates), sort_keys=True) for piece in whole.pieces]
    assert len(set(named)) == len(named)
    longer = exponent_part(SMALL.model_copy(update={"rates": [0.8, 2.4, 7.2, 20.0]}), 1.0)
    assert set(named) < {json.dumps(dict(piece.coordinates), sort_keys=True) for piece in longer.pieces}


@pytest.mark.parametrize("ladder", ["rate", "ramp", "dwell", "swirl", "adatron"])
def test_threads_change_no_number(small: tuple[Part, list[Record]], ladder: str) -> None:
    part, records = small
    i = next(i for i, piece in enumerate(part.pieces) if piece.coordinates["ladder"] == ladder)
    assert json.loads(json.dumps(part.pieces[i].work(100 + i, 1))) == records[i]


@pytest.mark.parametrize(
    "change",
    [
        {"rates": [1.0, 2.0]},
        {"loads": [1.0, 1.0, 2.0]},
        {"sizes": [1, 2, 3]},
        {"temperature": 0.0},
        {"settle": 1.0},
        {"dt": 0.5},
        {"ramps": [1.0, 2.0, float("inf")]},
        {"unknown": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_settings_refuse(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ExponentSettings(**change)


def test_ladders_on_one_side_of_a_bend_and_equal_loads() -> None:
    """Only short dwells, only slow ramps; loads that are one pattern all: no exponent, and it is said."""
    settings = SMALL.model_copy(
        update={
            "weights": 2, "loads": [0.05, 0.1, 0.2], "ramps": [2.0, 4.0, 8.0], "dwells": [0.1, 0.2, 0.4],
            "other_rates": [1.0, 2.0, 3.0], "replicas": 500, "replicas_others": 500,
        }
    )  # fmt: skip
    part = exponent_part(settings, 1.0)
    finding = part.conclude([piece.work(5 + i, 2) for i, piece in enumerate(part.pieces)])
    assert "Too few points or too noisy for an exponent: dissipation ~ (load P/N)^b" in finding.text
    names = [check.name for check in finding.checks]
    assert any("slow" in name for name in names) and not any("fast" in name for name in names)
    with house_style():
        finding.picture.draw(Figure(finding.picture.size))
