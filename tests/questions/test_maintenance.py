"""What a driven steady state costs, and the ceiling of it: exact numbers, sampled ones, and what is said of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from pydantic import ValidationError

import szilard as sz
from szilard.continuous import LabelFeedback, feedback_stationary, maintenance_ceiling
from szilard.estimate import Sampled
from szilard.laws import certified_ceiling
from szilard.plotting import house_style
from szilard.questions.ceiling.maintenance import MaintenanceSettings, maintenance_part
from szilard.questions.ceiling.maintenance_processes import (
    CYCLE,
    KINDS,
    MINUS,
    PLUS,
    SPREAD_INPUTS,
    estimate_of,
    hidden,
    measured,
    trapezoid_rate,
    with_energy,
)
from szilard.questions.part import Finding, Part, Record
from tests.statistics import assert_agrees

BATH = {"temperature": 0.4, "stiffness": 0.8, "mobility": 0.7}
SMALL = MaintenanceSettings(
    oja=[2.0], spike_timing=[0.8], network=[0.5], gyrator=[0.6], ring=[0.7], replicas=300, replicas_fed_back=2000,
    duration=2.0, looks=2, dt=0.02,
)  # fmt: skip
DRIVEN: Mapping[str, dict[str, Any]] = {
    "oja": {"strength": 2.0, "degree": 2},
    "spike timing": {"strength": 0.8},
    "network": {"strength": 0.9},
    "gyrator": {"strength": 0.6, "other": 1.3},
    "ring": {"strength": 0.7, "hill": 1.0},
}


def run_of(part: Part, threads: int | None = 1) -> list[Record]:
    return [json.loads(json.dumps(piece.work(17 + i, threads))) for i, piece in enumerate(part.pieces)]


@pytest.fixture(scope="module")
def small() -> tuple[Part, list[Record]]:
    part = maintenance_part(SMALL, 1.0)
    return part, run_of(part)


def values(kind: str, **changes: Any) -> dict[str, Any]:
    return BATH | DRIVEN[kind] | {"replicas": 4000, "duration": 4.0, "looks": 2, "dt": 0.01} | changes


# the processes


def test_gyrator_has_the_stated_rate_and_the_form_with_one_energy_is_nothing() -> None:
    """.533 against 0, as at k = 1.25, u = 1, T = (1, 3)."""
    v = values("gyrator", temperature=1.0, other=3.0, stiffness=1.25, strength=1.0, mobility=1.0)
    found = measured(KINDS["gyrator"](v), v, 3, 1)
    assert found["exact"] == pytest.approx(8.0 / 15.0, rel=1e-12)
    assert found["best"] == pytest.approx(8.0 / 15.0, rel=1e-9)
    process = KINDS["gyrator"](v).process
    w = np.random.default_rng(1).normal(size=(50, 2))
    assert np.abs(process.forces(w) - process.slopes(w)).max() == 0.0


def test_ring_has_stratonovich_s_rate() -> None:
    v = values("ring")
    speed = sz.systems.tilted_ring_velocity(1.0, 0.7, mobility=0.7, temperature=0.4)
    found = measured(KINDS["ring"](v), v, 3, 1)
    assert found["exact"] == pytest.approx(0.7 * speed / 0.4, rel=1e-8)
    assert found["named"] == [pytest.approx(0.7 * 0.7**2 / 0.4, rel=1e-12), 0.0]


def test_forces_of_oja_s_process_are_oja_s() -> None:
    v = values("oja")
    process = KINDS["oja"](v).process
    w = np.random.default_rng(2).normal(size=(40, 2))
    oja = sz.rules.oja_force(SPREAD_INPUTS, 2.0)(w) - 0.8 * w
    assert process.forces(w) == pytest.approx(oja, abs=1e-12)
    assert np.allclose(np.sum(SPREAD_INPUTS**2, axis=1), 2.0)


def test_forces_of_spike_timing_are_those_of_lagged_rates() -> None:
    w = np.random.default_rng(2).normal(size=(40, 3))
    timed = sz.rules.lagged_force(CYCLE, PLUS, MINUS, 0.8)(w) - 0.8 * w
    assert KINDS["spike timing"](values("spike timing")).process.forces(w) == pytest.approx(timed, abs=1e-12)
    assert np.allclose(np.sum(CYCLE**2, axis=1), 3.0)


def test_spike_timing_and_network_are_driven_and_not_normal() -> None:
    """Else the energy by name would be the best there is, and a ladder of ceilings would show nothing."""
    for kind in ("spike timing", "network"):
        v = values(kind)
        found = measured(KINDS[kind](v), v | {"replicas": 200, "duration": 0.1}, 3, 1)
        assert found["exact"] == pytest.approx(maintenance_ceiling(KINDS[kind](v).process).value, rel=1e-10)
        assert found["named"][0] > 1.002 * found["exact"]


@pytest.mark.parametrize("kind", ["spike timing", "network", "gyrator"])
def test_energy_by_name_exactly_and_from_samples(kind: str) -> None:
    v = values(kind)
    steady = KINDS[kind](v)
    exact = measured(steady, v | {"replicas": 200, "duration": 0.1}, 3, 1)["named"][0]
    process = steady.process
    gaussian = sz.stationary(process)
    assert isinstance(gaussian, sz.Gaussian)
    w = np.random.default_rng(4).multivariate_normal(gaussian.mean, gaussian.covariance, size=200_000)
    T, slope = process.temperature, process.slopes(w)
    square = np.sum(process.mobility * T * (process.forces(w) / T - slope / T.mean()) ** 2, axis=1)
    assert_agrees(Sampled.mean(square).estimate(), exact)


@pytest.mark.parametrize("kind", ["network", "gyrator"])
def test_trapezoid_of_a_long_step(kind: str) -> None:
    """The rate as steps of 0.2 book it, a fifth off, and for short ones the rate itself."""
    v = values(kind)
    process = KINDS[kind](v).process
    exact = sz.entropy_production_rate(process)
    assert trapezoid_rate(process, 1e-6) == pytest.approx(exact, rel=1e-4)
    run = sz.simulate(process, "stationary", 6.0, replicas=100_000, seed=5, dt=0.2, entropy=False)
    booked = Sampled.mean(run.ledger.heat @ (1.0 / process.temperatures) / 6.0).estimate()
    assert abs(trapezoid_rate(process, 0.2) - exact) > 10.0 * booked.stderr
    assert_agrees(booked, trapezoid_rate(process, 0.2), relative=0.02)


@pytest.mark.parametrize("kind", list(DRIVEN))
def test_heat_and_ceilings_of_samples(kind: str) -> None:
    v = values(kind)
    steady = KINDS[kind](v)
    found = measured(steady, v, 11, 2)
    exact, heat = found["exact"], estimate_of(found, "heat")
    assert_agrees(heat, exact, relative=0.12)
    fitted = estimate_of(found, "fitted")
    if steady.attained:
        assert_agrees(fitted, exact, relative=0.03)
    else:
        assert fitted.value > exact - 4.0 * fitted.stderr
    assert fitted.value < found["named"][0] + 4.0 * fitted.stderr
    assert found["whole"][0] > exact


def test_the_energy_beside_monomials_is_a_family_of_functions() -> None:
    process = KINDS["oja"](values("oja")).process
    w = np.random.default_rng(6).normal(size=(400, 2))
    found = certified_ceiling(w, process.forces(w), mobility=0.7, temperature=0.4, functions=with_energy(process, 2))
    assert found.value > 0.0  # slopes that are none would have been refused


@pytest.mark.parametrize("kind", ["hebbian", "gradient"])
def test_rules_with_an_energy_cost_nothing(kind: str) -> None:
    v = values("oja", strength=1.5)
    found = measured(KINDS[kind](v), v, 13, 1)
    assert found["conservative"] and found["exact"] == 0.0
    assert found["fitted"] == found["named"] == [0.0, 0.0] and found["whole"][0] > 0.5
    value, stderr = found["heat"]
    assert abs(value) < 4.0 * stderr < 0.05 * found["whole"][0]


# an answer that is fed back


def fed_back(feedback: float) -> LabelFeedback:
    return LabelFeedback(
        push=0.8, feedback=feedback, field=1.0, flip_rate=2.0, stiffness=0.8, mobility=0.7, temperature=0.4
    )


@pytest.mark.parametrize("feedback", [-0.3, 0.2, 0.5, 0.9, 1.4])
@pytest.mark.parametrize("slope", [0.0, 0.7, 1.3])
def test_ceiling_of_a_fed_back_answer_by_quadrature(feedback: float, slope: float) -> None:
    """Q/T + Idot <= mu T <(F/T + Phi')^2> for Phi' = slope w k/T - 0.3 and, closest of all, Phi = -ln p(w)."""
    rates = feedback_stationary(fed_back(feedback))
    w = np.linspace(-7.0, 8.0, 6001)
    p = rates.density(w)
    force = -0.8 * w[:, None] + 0.8 + feedback * np.array([-1.0, 1.0])
    paid = rates.heat[0] / 0.4 + rates.information_flow[0]

    def ceiling(rise: Any) -> float:
        return float(0.7 * 0.4 * np.sum(p * (force / 0.4 + rise[:, None]) ** 2) * (w[1] - w[0]))

    steep = np.gradient(np.log(np.maximum(p.sum(axis=1), 1e-300)), w)
    best = ceiling(-np.where(p.sum(axis=1) > 1e-13, steep, 0.0))
    assert paid <= best + 1e-7
    assert best <= ceiling(slope * 0.8 * w / 0.4 - 0.3) + 1e-7


def test_average_of_an_answer_hides_what_it_costs() -> None:
    v = BATH | {
        "push": 0.8, "feedback": 1.2, "field": 1.0, "flip_rate": 2.0, "replicas": 20_000, "duration": 4.0, "dt": 0.02
    }  # fmt: skip
    found = hidden(v, 3, 2)
    assert abs(found["heat"][0] - found["exact"]) < 4.0 * found["heat"][1] < 0.02
    assert found["averaged"][0] + 5.0 * found["averaged"][1] < found["exact"]
    assert 0.0 < found["flow"] == feedback_stationary(fed_back(1.2)).information_flow[0]
    assert found["exact"] + found["flow"] < found["fitted"][0]


# the part


def verdicts(finding: Finding) -> set[str]:
    return {check.verdict for check in finding.checks}


def test_small_run_holds_and_draws(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    finding = part.conclude(records)
    assert "violated" not in verdicts(finding)
    assert {check.verdict for check in finding.broken} == {"violated"}
    assert len(finding.table.rows) == len(part.pieces) and all(
        len(row) == len(finding.table.heads) for row in finding.table.rows
    )
    assert finding.text.startswith("None of 5 driven steady states")
    assert "2 of 2 ceilings with an assumption broken on purpose are violated" in finding.text
    assert finding.arrays["sigma"].dims == ("steady_state",)
    with house_style():
        figure = Figure(finding.picture.size)
        finding.picture.draw(figure)
    (ax,) = figure.axes
    assert [label.get_text() for label in ax.get_yticklabels()] == [str(row[0]) for row in finding.table.rows]


def test_pieces_are_their_coordinates(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    again = maintenance_part(SMALL.model_copy(update={"network": [0.5, 1.5]}), 1.0)
    kept = [dict(piece.coordinates) for piece in again.pieces]
    assert all(dict(piece.coordinates) in kept for piece in part.pieces) and len(kept) == len(part.pieces) + 1
    for i in (1, 4, 7):
        assert json.loads(json.dumps(part.pieces[i].work(17 + i, 2))) == records[i]
    assert part.conclude(records) is not None
    finer = maintenance_part(SMALL, 0.5).pieces[0].coordinates
    assert finer["dt"] == 0.5 * part.pieces[0].coordinates["dt"]


def changed(records: list[Record], i: int, **changes: Any) -> list[Record]:
    return [dict(r) | changes if j == i else r for j, r in enumerate(records)]


def test_a_ceiling_below_the_cost_is_said(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    value = float(records[4]["exact"])
    finding = part.conclude(changed(records, 4, fitted=[0.5 * value, 0.01 * value]))
    assert "violated" in verdicts(finding)
    assert "laws that should hold are violated: ring, tilt 0.7: sigma_ss <= fitted ceiling" in finding.text
    assert "None of" not in finding.text


def test_heat_that_is_not_the_rate_is_said(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    finding = part.conclude(changed(records, 2, heat=[2.0 * float(records[2]["exact"]), 0.01]))
    assert "violated: linear network, swirl 0.5: heat/T per time = sigma_ss" in finding.text


def test_a_rule_with_an_energy_that_heats_is_said(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    finding = part.conclude(changed(records, 5, heat=[0.4, 0.01]))
    assert "violated: Hebbian, at rest" in finding.text and "cost nothing to keep" not in finding.text


def test_an_average_that_hides_nothing_breaks_nothing(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    last = len(records) - 1
    finding = part.conclude(changed(records, last, averaged=[9.0, 0.01]))
    assert "1 of 2 ceilings with an assumption broken on purpose are violated" in finding.text
    low = part.conclude(changed(records, last, fitted=[float(records[last]["exact"]), 1e-4]))
    assert "violated: answers fed back: heat/T + information flow" in low.text


def test_least_settings_and_no_driven_process() -> None:
    least = SMALL.model_copy(
        update={"oja": [], "spike_timing": [], "network": [], "gyrator": [], "ring": [], "replicas": 200, "looks": 1}
    )
    part = maintenance_part(least, 1.0)
    finding = part.conclude(run_of(part))
    assert len(finding.table.rows) == 3 and "driven steady states" not in finding.text
    with house_style():
        finding.picture.draw(Figure(finding.picture.size))


def test_a_drive_below_rounding_costs_nothing() -> None:
    least = SMALL.model_copy(
        update={"oja": [], "spike_timing": [], "network": [1e-9], "gyrator": [], "ring": [], "replicas": 200}
    )
    part = maintenance_part(least, 1.0)
    finding = part.conclude(run_of(part))
    assert "violated" not in verdicts(finding)
    with house_style():
        finding.picture.draw(Figure(finding.picture.size))


@pytest.mark.parametrize(
    ("change", "field"),
    [({"spike_timing": [40.0]}, "spike_timing"), ({"gyrator": [0.8]}, "gyrator")],
    ids=["unstable", "unbound"],
)
def test_what_has_no_stationary_state_is_refused_before_anything_runs(change: dict[str, Any], field: str) -> None:
    with pytest.raises(sz.InputError) as refused:
        maintenance_part(SMALL.model_copy(update=change), 1.0)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "change",
    [{"temperature": 0.0}, {"replicas": 199}, {"dt": 0.1}, {"degree": 7}, {"oja": [-1.0]}, {"unknown": 1}],
    ids=lambda change: next(iter(change)),
)
def test_settings_refuse(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MaintenanceSettings(**change)
