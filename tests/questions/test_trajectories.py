"""Trajectories below the bound: exact means and probabilities, theorems, and what is said when they fail."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.stats import norm

from szilard.estimate import Estimate, Sampled, exponential_average
from szilard.questions.limit.trajectories import FluctuationSettings, fluctuation_part
from szilard.questions.limit.trajectories_cases import additive_case, quenched_case
from szilard.questions.part import Finding, Record
from szilard.theory import single_synapse
from tests.statistics import assert_agrees

SMALL = FluctuationSettings(ramps=[0.0, 5.0], replicas=20_000)
BATH: dict[str, Any] = {"temperature": 0.7, "stiffness": 1.3, "mobility": 1.6, "time_step": 1.0, "replicas": 100_000}


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Of all cases, as they are kept."""
    pieces = fluctuation_part(SMALL, 1.0).pieces
    return [json.loads(json.dumps(piece.work(7 + i, None))) for i, piece in enumerate(pieces)]


def concluded(records: list[Record]) -> Finding:
    return fluctuation_part(SMALL, 1.0).conclude(records)


def test_no_law_is_violated_and_trajectories_are_below_the_bound(records: list[Record]) -> None:
    finding = concluded(records)
    assert {check.verdict for check in finding.checks} <= {"holds", "inconclusive"}
    assert sum(check.verdict == "holds" for check in finding.checks) > 0.8 * len(finding.checks)
    assert "none of the means does" in finding.text and "never beyond e^-x" in finding.text
    assert all(r["paid"]["below"] > 1000 for r in records)


def test_r_of_an_additive_force_is_gaussian_with_variance_twice_its_mean() -> None:
    case = additive_case({**BATH, "rate": 1.3, "ramp": 3.0, "weights": 1, "patterns": 1}, 5, None)
    assert_agrees(Sampled.mean(case.excess).estimate(), case.exact_mean)
    assert_agrees(Sampled.mean((case.excess - case.exact_mean) ** 2).estimate(), 2.0 * case.exact_mean)
    for x in (-0.5, 0.4):
        share = Sampled.mean((case.excess <= x).astype(float)).estimate()
        assert_agrees(share, float(norm.cdf((x - case.exact_mean) / np.sqrt(2.0 * case.exact_mean))))


def test_the_answer_costs_what_the_readout_loses() -> None:
    case = additive_case({**BATH, "rate": 1.0, "ramp": 3.0, "weights": 1, "patterns": 1}, 5, None)
    assert case.answered_excess is not None
    lost = Sampled.mean(case.answered_excess - case.excess).estimate()
    pace = BATH["mobility"] * BATH["stiffness"]
    exact = single_synapse(1.0, 3.0 / pace, temperature=0.7, stiffness=1.3, mobility=1.6, duration=11.0 / pace)
    assert_agrees(lost, exact.entropy - exact.information)  # I(w; s_T) - I(s_T; s)
    assert_agrees(Sampled.mean(np.exp(-case.answered_excess)).estimate(), 1.0, relative=0.02)


@pytest.mark.parametrize("rule", ["perceptron", "adatron"])
def test_a_quench_forgets_its_start(rule: str) -> None:
    case = quenched_case({**BATH, "rule": rule, "rate": 1.1}, 3, None)
    assert_agrees(Sampled.mean(case.excess).estimate(), case.exact_mean, relative=0.03)
    assert_agrees(Sampled.mean((case.excess < 0.0).astype(float)).estimate(), case.exact_below)
    assert_agrees(Sampled.mean(np.exp(-case.excess)).estimate(), 1.0)


def shifted(record: Record, by: float) -> Record:
    mean, stderr, n = record["paid"]["mean"]
    value, error, count, ess = record["paid"]["theorem"]
    paid = {
        **record["paid"],
        "mean": [mean - by, stderr, n],
        "theorem": [value * np.exp(by), error, count, ess],
        "tail": [int(0.9 * n) for _ in record["paid"]["tail"]],
    }
    return {**record, "paid": paid}


def test_the_answer_follows_the_numbers(records: list[Record]) -> None:
    wrong = concluded([shifted(records[0], 2.0), *records[1:]])
    assert "1 of the means DO too" in wrong.text and "1 times BEYOND e^-x" in wrong.text
    violated = {check.name.partition(": ")[2] for check in wrong.checks if check.verdict == "violated"}
    assert {"<e^-R> = 1, R", "0 <= <R>, R", "<R>"} < violated


def test_coordinates_hold_the_time_step_and_all_that_matters() -> None:
    pieces = fluctuation_part(SMALL, 1.0).pieces
    assert all("time_step" in p.coordinates and "replicas" in p.coordinates for p in pieces)
    more = fluctuation_part(SMALL.model_copy(update={"ramps": [0.0, 2.0, 5.0]}), 1.0).pieces
    assert {json.dumps(p.coordinates) for p in pieces} < {json.dumps(p.coordinates) for p in more}


def test_the_figure_is_drawn(records: list[Record]) -> None:
    figure = Figure(figsize=(7.0, 4.0), layout="constrained")
    concluded(records).picture.draw(figure)
    figure.draw_without_rendering()
    assert len(figure.axes) == 2


def test_averages_without_the_weights_that_matter_are_not_trusted() -> None:
    """Of a strong slow force hardly a weight is met that contradicts its label, but half of <e^-R> lies there.

    Seed 11 has met none of those that matter: nothing in its own spread says so.
    """
    strong = FluctuationSettings(learning_rate=2.4, ramps=[50.0], replicas=20_000)
    value, stderr, n, ess = fluctuation_part(strong, 1.0).pieces[0].work(11, None)["answered"]["theorem"]
    assert abs(value - 1.0) > 10.0 * stderr and not Estimate(value, stderr, n, ess).trusted
    at = {**BATH, "rate": 2.4, "ramp": 50.0, "weights": 1, "patterns": 1, "replicas": 20_000}
    met = additive_case(at, 11, None).answered_excess
    assert met is not None and exponential_average(met).trusted  # as the replicas alone would have it


def test_answers_that_are_never_wrong_tell_one_bit() -> None:
    strong = {**BATH, "rate": 1e3, "ramp": 5.0, "weights": 1, "patterns": 1, "replicas": 400}
    case = additive_case(strong, 2, None)
    assert case.answered_excess is not None
    np.testing.assert_allclose(case.answered_excess, case.excess, rtol=1e-12)  # both know the label: ln 2
