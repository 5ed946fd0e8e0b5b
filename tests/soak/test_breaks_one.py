"""Five rows of the matrix at their default size: other seeds and half the step leave every verdict as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from szilard.questions.limit.breaking import MatrixSettings, Row
from szilard.questions.limit.breaks_feedback import label_feedback
from szilard.questions.limit.breaks_heat_alone import heat_alone
from szilard.questions.limit.breaks_nothing import nothing_broken
from szilard.questions.limit.breaks_prior import prior_knowledge
from szilard.questions.limit.breaks_readout import slow_readout

pytestmark = pytest.mark.soak
MINE = (nothing_broken, label_feedback, slow_readout, prior_knowledge, heat_alone)
STRONG = {
    "feedback_rate": 20.0, "feedback_push": 5.7, "feedback_strength": 3.8, "feedback_field": 5.7, "readout_rate": 1.0,
    "readout_push": 4.7, "heat_push": 4.7,
}  # fmt: skip
WEAK = {"feedback_rate": 0.01, "feedback_duration": 0.5, "readout_rate": 1e-6, "heat_ramp": 0.5, "heat_reset": 0.5}
COLD = {
    "temperature": 0.1, "stiffness": 2.6, "feedback_push": 1.5, "feedback_strength": 1.0, "feedback_field": 1.5,
    "readout_push": 2.5, "heat_push": 1.3,
}  # fmt: skip


def done(settings: MatrixSettings, time_step: float, seed: int) -> dict[str, Row]:
    rows = {}
    for make in MINE:
        breaker = make(settings, time_step)
        records = [json.loads(json.dumps(piece.work(seed + 1000 * i, None))) for i, piece in enumerate(breaker.pieces)]
        rows[breaker.name] = breaker.conclude(records)
    return rows


@pytest.mark.parametrize(("seed", "time_step"), [(1, 1.0), (2, 1.0), (3, 0.5), (4, 0.5)])
def test_verdicts_are_those_of_any_seed_and_step(seed: int, time_step: float) -> None:
    for name, row in done(MatrixSettings(), time_step, seed).items():
        expected = "holds" if row.sound else "violated"
        assert [check.verdict for check in row.naive()] == [expected] * 2, name
        assert [check.verdict for check in row.mended()] == ["holds"] * 2, name
        assert all(check.verdict == "violated" for check in row.broken), name
        for check in (*row.agreement(), *row.checks):
            assert check.verdict != "violated", check
            if check.relation == "=" and check.slack_stderr > 0.0:
                assert abs(check.margin) <= 4.0, check


@pytest.mark.parametrize("extreme", [STRONG, WEAK, COLD], ids=["strong", "weak", "cold"])
def test_no_law_that_must_hold_falls_at_extreme_settings(extreme: dict[str, Any]) -> None:
    short: dict[str, Any] = {"replicas": 2000, "feedback_duration": 5.0, "readout_ramp": 10.0, "readout_hold": 10.0}
    for row in done(MatrixSettings(**(short | extreme)), 1.0, 7).values():
        assert not [str(c) for c in (*row.mended(), *row.agreement(), *row.checks) if c.verdict == "violated"]
