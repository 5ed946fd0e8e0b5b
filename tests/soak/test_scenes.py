"""Scenes at their default size: against exact costs, other seeds, half the time step, other patterns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.questions.part import Finding
from szilard.questions.rules.fair_rows import at_information
from szilard.questions.rules.fair_trials import Trial, contenders_of
from szilard.questions.rules.scenes import SceneSettings, scene_part
from szilard.theory import hebbian_finite

pytestmark = pytest.mark.soak

RANDOM: dict[str, Any] = {
    "title": "Random labels",
    "replicas": 4000,
    "information": 1.1,
    "task": {"source": "random", "inputs": 16, "patterns": 8},
    "training": {"readout": "sign", "duration": 5.0},
    "grid": [
        {"rule": "hebbian", "learning_rate": [0.5, 0.8, 1.2, 1.8]},
        {"rule": "perceptron", "learning_rate": [1.0, 1.8, 3.0, 4.5]},
        {"rule": "adatron", "learning_rate": [3.0, 6.0, 10.0, 15.0]},
        {"rule": "gibbs", "learning_rate": [0.7, 1.0, 1.4, 1.8]},
        {"rule": ["oja", "bcm", "stdp"], "learning_rate": [0.1, 0.2]},
    ],
}


def run(settings: SceneSettings, seed: int, time_step: float) -> tuple[Finding, list[Trial]]:
    part = scene_part("random", settings, time_step)
    records = [piece.work(1000 * seed + i, None) for i, piece in enumerate(part.pieces)]
    trials = [Trial.of(p.coordinates, r) for p, r in zip(part.pieces, records, strict=True)]
    return part.conclude(records), trials


@pytest.mark.parametrize(("seed", "patterns", "time_step"), [(1, 1, 1.0), (2, 1, 0.5), (3, 7, 1.0)])
def test_no_seed_no_step_and_no_patterns_change_a_verdict(seed: int, patterns: int, time_step: float) -> None:
    finding, trials = run(SceneSettings.model_validate({**RANDOM, "seed": patterns}), seed, time_step)
    assert {check.verdict for check in finding.checks} <= {"holds", "inconclusive"}
    undecided = [check.name for check in finding.checks if check.verdict == "inconclusive"]
    assert len(undecided) <= 1, undecided
    rows = at_information(contenders_of(trials), "random", 1.1).in_time(5.0)
    assert [row.contender.rule for row in rows] == ["gibbs", "hebbian", "perceptron", "adatron"]
    for cheap, dear in zip(rows, rows[1:], strict=False):
        assert dear.cost.value - cheap.cost.value > 4.0 * np.hypot(dear.cost.stderr, cheap.cost.stderr)
    assert "Nothing of the labels, to 4 standard errors, is known after oja, bcm and stdp" in finding.text


@pytest.mark.parametrize("seed", [1, 2])
def test_the_matched_cost_of_the_hebbian_rule_is_the_exact_one(seed: int) -> None:
    hebbian = {**RANDOM, "replicas": 20_000, "grid": RANDOM["grid"][:1]}
    _, trials = run(SceneSettings.model_validate(hebbian), seed, 1.0)
    inputs = sz.tasks.random_labels(16, 8, seed=1).inputs

    def exact(rate: float) -> Any:
        return hebbian_finite(inputs, rate, 0.0, "sign", duration=5.0)

    level = float(exact(0.9).information.sum())
    (row,) = at_information(contenders_of(trials), "random", level).rows
    for found, truth in ((row.found["learning_rate"], 0.9), (row.cost, float(exact(0.9).cost))):
        assert abs(found.value - truth) <= 4.0 * found.stderr
        assert found.stderr < 0.03 * truth
