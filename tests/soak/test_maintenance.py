"""The part on steady states at its default size: other seeds, half the step, the same verdicts; right errors."""

from __future__ import annotations

import numpy as np
import pytest

from szilard.questions.ceiling.maintenance import MaintenanceSettings, maintenance_part
from szilard.questions.ceiling.maintenance_processes import KINDS, measured
from szilard.questions.part import Finding

pytestmark = pytest.mark.soak


def found(seed: int, time_step: float = 1.0) -> Finding:
    part = maintenance_part(MaintenanceSettings(), time_step)
    return part.conclude([piece.work(1000 * seed + i, None) for i, piece in enumerate(part.pieces)])


@pytest.mark.parametrize(("seed", "time_step"), [(1, 1.0), (2, 1.0), (3, 0.5)])
def test_no_seed_and_no_step_changes_a_verdict(seed: int, time_step: float) -> None:
    finding = found(seed, time_step)
    wanted = {"holds", "holds, saturated"}
    undecided = [check.name for check in finding.checks if check.verdict not in wanted]
    assert len(undecided) <= 1, undecided  # 24 equalities to 3 standard errors: one in 16 runs misses one
    assert not any(check.verdict == "violated" for check in finding.checks)
    assert {check.verdict for check in finding.broken} == {"violated"}


@pytest.mark.parametrize("kind", ["oja", "network", "gyrator", "ring", "spike timing"])
def test_errors_of_heat_and_of_attained_ceilings_are_right(kind: str) -> None:
    """z of 60 small runs: mean 0 and variance 1, to 4 standard errors."""
    v = {
        "temperature": 0.4, "stiffness": 0.8, "mobility": 0.7, "strength": 0.7, "other": 1.3, "hill": 0.8,
        "degree": 2, "replicas": 1000, "duration": 4.0, "looks": 2, "dt": 0.01,
    }  # fmt: skip
    steady, n = KINDS[kind](v), 60
    records = [measured(steady, v, seed, None) for seed in range(n)]
    names = ("heat", "fitted") if steady.attained else ("heat",)
    for name in names:
        z = np.array([(r[name][0] - r["exact"]) / r[name][1] for r in records])
        assert abs(z.mean()) < 4.0 / np.sqrt(n), name
        assert abs(z.var() - 1.0) < 4.0 * np.sqrt(2.0 / n), name
