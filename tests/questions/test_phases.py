"""The phase diagram of label feedback: known numbers, its limit of fast answers, and what it says when they change."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from szilard.continuous import feedback_stationary
from szilard.questions.limit.phases import (
    QUANTITIES,
    PhaseSettings,
    SampledPoint,
    phase_part,
)
from szilard.questions.limit.phases_limit import FeedbackSystem, deepest_cooling, fast_heat_rate, process_at
from szilard.questions.part import Finding, Record

OTHER = FeedbackSystem(push=0.6, field=2.1, temperature=0.7, stiffness=1.3, mobility=1.6)
SMALL = PhaseSettings(
    shares=[-0.2, 0.0, 0.25, 1.0 / 3.0, 0.5, 0.8],
    rates=[0.2, 1.0],
    systems=[FeedbackSystem(), OTHER],
    sampled=[SampledPoint(system=0, share=1.0 / 3.0), SampledPoint(system=1, share=0.8, rate=0.2)],
    replicas=2000,
)


def computed(settings: PhaseSettings, time_step: float = 1.0) -> list[Record]:
    """The records of all pieces, as they are kept."""
    return [
        json.loads(json.dumps(piece.work(100 + i, None)))
        for i, piece in enumerate(phase_part(settings, time_step).pieces)
    ]


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Of the small diagram."""
    return computed(SMALL)


def concluded(records: list[Record], settings: PhaseSettings = SMALL) -> Finding:
    return phase_part(settings, 1.0).conclude(records)


def test_the_known_cooling_is_found(records: list[Record]) -> None:
    heat = concluded(records).arrays["heat"].values
    assert isinstance(heat, np.ndarray)
    assert heat[0, 3, 1] == pytest.approx(-0.0453608868, abs=2e-10)  # V01: nu = 1, g = 1, a = 3, gamma = 1


def test_signs_and_verdicts(records: list[Record]) -> None:
    finding = concluded(records)
    assert "is that of g (g - a/2) at every one of 24 points" in finding.text
    assert "restores the second law at every point" in finding.text
    assert {check.verdict for check in finding.checks} <= {"holds", "holds, saturated"}
    assert [check.verdict for check in finding.broken] == ["violated", "violated"]


def forged(records: list[Record], i: int, **changes: Any) -> list[Record]:
    return [{**r, **changes} if j == i else r for j, r in enumerate(records)]


def test_the_answer_follows_the_numbers(records: list[Record]) -> None:
    warmed = concluded(forged(records, 5, heat=0.05))  # share 1/4... rate 1: would not cool
    assert "at all but 1 of 24" in warmed.text
    assert "holds" in {check.verdict for check in warmed.broken} or "violated" not in warmed.broken[0].verdict
    broken = concluded(forged(records, 5, slack=-0.01))
    assert "does NOT restore" in broken.text
    assert "violated" in {check.verdict for check in broken.checks}
    cooled = concluded(forged(records, 0, heat=-0.3))
    assert "violated" in {check.verdict for check in cooled.checks}
    biased = concluded(forged(records, 24, rate=0.0453608868))
    assert any(check.verdict == "violated" and "heat of the weight" in check.name for check in biased.checks)


@pytest.mark.parametrize("system", [FeedbackSystem(), OTHER])
@pytest.mark.parametrize("share", [-0.2, 0.1, 0.3, 0.8])
def test_fast_answers_reach_their_limit_as_one_over_the_rate(system: FeedbackSystem, share: float) -> None:
    limit = fast_heat_rate(system, share)
    far = [feedback_stationary(process_at(system, share, rate)).heat[0] - limit for rate in (200.0, 400.0)]
    assert abs(far[1]) < 0.02 * abs(limit)
    assert far[0] / far[1] == pytest.approx(2.0, rel=0.02)  # the next order is some mu k / rate = 1 % of this one


def test_the_deepest_cooling_is_a_minimum() -> None:
    share, heat = deepest_cooling(OTHER)
    assert 0.0 < share < 0.5
    assert heat < min(fast_heat_rate(OTHER, share + d) for d in (-0.01, 0.01))
    assert fast_heat_rate(OTHER, 0.0) == 0.0 and abs(fast_heat_rate(OTHER, 0.5)) < 1e-15


def test_pieces_are_named_by_what_decides_them() -> None:
    pieces = phase_part(SMALL, 1.0).pieces
    finer = phase_part(SMALL, 0.5).pieces
    changed = [a.coordinates != b.coordinates for a, b in zip(pieces, finer, strict=True)]
    assert [p.coordinates["what"] for p, c in zip(pieces, changed, strict=True) if c] == ["sampled", "sampled"]
    longer = phase_part(SMALL.model_copy(update={"rates": [0.2, 1.0, 5.0]}), 1.0).pieces
    names = [json.dumps(p.coordinates) for p in longer]
    assert all(json.dumps(p.coordinates) in names for p in pieces)


def test_the_figure_is_drawn(records: list[Record]) -> None:
    figure = Figure(figsize=(7.0, 3.0), layout="constrained")
    concluded(records).picture.draw(figure)
    figure.draw_without_rendering()
    assert len(figure.axes) == 3


def test_one_system_without_simulation_is_enough() -> None:
    small = PhaseSettings(shares=[0.6, 0.7], rates=[0.5, 1.0], systems=[OTHER], sampled=[])
    finding = concluded(computed(small), small)
    assert finding.broken == () and len(finding.table.rows) == 2 and set(QUANTITIES) < set(finding.arrays)


def test_a_point_of_a_system_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="system must be below 1"):
        PhaseSettings(systems=[OTHER], sampled=[SampledPoint(system=1)])


@pytest.mark.parametrize(("share", "rate"), [(0.25, 0.3), (0.8, 2.0), (-0.2, 1.0)])
def test_heat_of_the_weight_fixes_that_of_the_answer(share: float, rate: float) -> None:
    """Q_w = g <sigma o dw> and Q_s = -(a/2) <sigma o dw>: hence T Sigma = Q_w (1 - a/2g), and the sign of Q_w."""
    found = feedback_stationary(process_at(OTHER, share, rate))
    total = found.heat[0] * (1.0 - 0.5 / share)
    assert OTHER.temperature * found.entropy_production == pytest.approx(total, abs=3.0 * found.error)


def test_numbers_of_another_bath_are_kept_apart() -> None:
    """Heat of the weight mu [<F^2> - k T], and both slacks of an asymmetric point, which must not be confused."""
    point = PhaseSettings(shares=[0.25, 0.8], rates=[0.3, 1.0], systems=[OTHER], sampled=[])
    record = phase_part(point, 1.0).pieces[0].work(0, None)
    found = feedback_stationary(process_at(OTHER, 0.25, 0.3))
    w, p = found.points.weights, found.densities
    force = -OTHER.stiffness * w + OTHER.push + 0.25 * OTHER.field * np.array([[-1.0], [1.0]])
    mean = float(np.sum(p * force**2) / np.sum(p))  # even spacing
    assert record["heat"] == pytest.approx(OTHER.mobility * (mean - OTHER.stiffness * OTHER.temperature), abs=1e-6)
    assert record["slack"] == pytest.approx(record["heat"] / OTHER.temperature - found.information_flow[0])
    assert record["label_slack"] == pytest.approx(record["label_heat"] / OTHER.temperature - found.information_flow[1])
    assert abs(record["slack"] - record["label_slack"]) > 1e-3
