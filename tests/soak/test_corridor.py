"""The cost corridor at full size, with other seeds and half the time step: the same verdicts, chi^2 as it should be."""

from __future__ import annotations

import pytest
from scipy.stats import chi2

from szilard.questions.ceiling.corridor import CorridorSettings, corridor_part
from szilard.questions.ceiling.corridor_classes import Schedules, chi_squares
from szilard.questions.ceiling.corridor_schedules import KINDS
from szilard.questions.part import Finding

pytestmark = pytest.mark.soak


def found(settings: CorridorSettings, time_step: float, seed: int) -> Finding:
    part = corridor_part(settings, time_step)
    return part.conclude([piece.work(1000 * seed + i, None) for i, piece in enumerate(part.pieces)])


def test_verdicts_do_not_depend_on_seed_and_step() -> None:
    verdicts = []
    for seed, time_step in ((1, 1.0), (2, 1.0), (3, 0.5)):
        finding = found(CorridorSettings(), time_step, seed)
        verdicts.append([check.verdict for check in (*finding.checks, *finding.broken)])
        assert {check.verdict for check in finding.checks} == {"holds", "holds, saturated"}
        assert {check.verdict for check in finding.broken} == {"violated"}
    assert verdicts[0] == verdicts[1] == verdicts[2]


def test_a_hundred_thousand_schedules_stay_in_the_corridor() -> None:
    finding = found(CorridorSettings(schedules=100_000, simulated=6, replicas=200), 1.0, 4)
    assert [row[2] for row in finding.table.rows] == [0] * len(KINDS) == [row[3] for row in finding.table.rows]


@pytest.mark.parametrize("time_step", [1.0, 4.0])
def test_simulations_scatter_by_their_errors(time_step: float) -> None:
    settings = CorridorSettings(schedules=100, simulated=360, replicas=2000)
    part = corridor_part(settings, time_step)
    records = [piece.work(i, None) for i, piece in enumerate(part.pieces) if "simulated" in piece.coordinates]
    for name, (value, count) in chi_squares([Schedules.of("all", records)]).items():
        assert 1e-4 < chi2.sf(value, count) < 1.0 - 1e-4, name
