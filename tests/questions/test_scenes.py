"""A tiny real scene: its runs are those of train, its errors those of a study, its answer is drawn and stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import szilard as sz
from szilard.errors import InputError
from szilard.plotting import house_style
from szilard.questions.part import Finding, Part
from szilard.questions.rules.scenes import SceneSettings, scene_part
from szilard.study.work import summary

SMALL: dict[str, Any] = {
    "title": "Small",
    "replicas": 300,
    "task": {"source": "random", "inputs": 4, "patterns": 3, "held_out": 10},
    "training": {"readout": "sign", "duration": 2.0, "dt": 0.1, "temperature": 0.7, "stiffness": 1.2},
    "grid": [
        {"rule": "hebbian", "learning_rate": [0.4, 0.8, 1.5]},
        {"rule": "perceptron", "learning_rate": [1.0, 2.0, 4.0]},
        {"rule": "oja", "learning_rate": 0.5, "schedule": "ramp:1"},
    ],
}


def scene(**changes: Any) -> SceneSettings:
    return SceneSettings.model_validate({**SMALL, **changes})


def finding_of(part: Part, seed: int = 5) -> Finding:
    return part.conclude([piece.work(seed + i, 1) for i, piece in enumerate(part.pieces)])


@pytest.fixture(scope="module")
def small() -> Part:
    return scene_part("small", scene(), 1.0)


@pytest.fixture(scope="module")
def finding(small: Part) -> Finding:
    return finding_of(small)


def test_a_piece_is_one_run_of_train(small: Part) -> None:
    piece = small.pieces[4]
    assert (piece.coordinates["rule"], piece.coordinates["learning_rate"]) == ("perceptron", 2.0)
    record = piece.work(17, 1)
    task = sz.tasks.random_labels(4, 3, seed=1)
    run = sz.train(task, sz.rules.perceptron, learning_rate=2.0, duration=2.0, dt=0.1, replicas=300, seed=17,
                   temperature=0.7, stiffness=1.2, readout="sign")  # fmt: skip
    row = summary(run)
    assert record["quantity"] == list(row.estimates)
    assert record["value"] == [e.value for e in row.estimates.values()]
    assert record["stderr"] == [e.stderr for e in row.estimates.values()]
    law = run.second_law()
    assert law is not None
    assert record["law_value"] == [law.smaller.value, law.larger.value]
    assert record["law_slack_stderr"] == law.slack_stderr
    assert piece.work(17, 2)["value"] == record["value"], "threads change no bit"


def test_other_runs_leave_a_piece_as_it_is(small: Part) -> None:
    fewer = scene_part("other", scene(grid=SMALL["grid"][:1], title="Other", information=0.3), 1.0)
    assert [p.coordinates for p in fewer.pieces] == [p.coordinates for p in small.pieces[:3]]
    other = scene_part("small", scene(seed=2), 1.0)
    assert other.pieces[0].coordinates != small.pieces[0].coordinates


def test_half_the_time_step_halves_every_step_but_that_of_a_kick() -> None:
    kick = {"rule": "hebbian", "mode": "online", "online": "kick", "dwell": 0.5, "dt": 0.5, "learning_rate": 0.3}
    grid = [*SMALL["grid"], {"rule": "gibbs", "learning_rate": 1.0}, kick]
    steps = [
        [p.coordinates["dt"] for p in scene_part("s", scene(grid=grid), factor).pieces] for factor in (1.0, 0.5, 0.3)
    ]
    np.testing.assert_allclose(np.array(steps[1][:-1]), 0.5 * np.array(steps[0][:-1]), rtol=1e-12)
    assert all(2.0 / dt == pytest.approx(round(2.0 / dt), abs=1e-9) and dt <= 0.03 for dt in steps[2][:-1])
    assert steps[0][-1] == steps[1][-1] == 0.5


def test_the_finding_has_every_law_and_every_run(finding: Finding, small: Part) -> None:
    runs = len(small.pieces)
    assert sum(check.name.startswith("sum I") for check in finding.checks) == runs
    assert not any(check.verdict == "violated" for check in finding.checks)
    assert finding.arrays["rule"].values == ["hebbian"] * 3 + ["perceptron"] * 3 + ["oja"]
    forces = {str(row[2]).partition(",")[0]: row[3] for row in finding.table.rows}
    assert forces == {"hebbian": "manipulation", "perceptron": "manipulation", "oja": "driving"}
    assert np.asarray(finding.arrays["on_front"].values).dtype == bool
    lengths = {(v.dims, len(np.asarray(v.values))) for v in finding.arrays.values()}
    assert len(lengths) == 2
    assert all(len(row) == len(finding.table.heads) for row in finding.table.rows)
    assert "all rules compared at" in finding.text


def axes_of(figure: Figure) -> Sequence[Any]:
    return [ax for part in figure.subfigs for ax in part.axes]


def test_the_figure_shows_bars_and_every_run(finding: Finding, small: Part) -> None:
    with house_style():
        figure = Figure(figsize=finding.picture.size, layout="constrained")
        finding.picture.draw(figure)
        figure.canvas.draw()
    *bars, cloud = axes_of(figure)
    assert bars
    assert all(ax.get_ylabel() == "share of the cost (%)" for ax in bars[:1])
    markers = [line for line in cloud.lines if line.get_marker() not in ("None", None, "") and len(line.get_xdata())]
    assert len(markers) == len(small.pieces)


def test_teacher_and_true_labels_are_compared_by_unseen_patterns() -> None:
    grid = [{"labelling": "teacher", "rule": ["hebbian", "perceptron"], "learning_rate": [0.8, 1.5, 2.6]}]
    finding = finding_of(scene_part("t", scene(grid=grid), 1.0))
    assert {row[0].split()[0] for row in finding.table.rows if isinstance(row[0], str)} == {
        "information",
        "error",
        "best",
    }
    assert all("one label" in c.name or "I(" in c.name or c.name.startswith(("0", "|")) for c in finding.checks)
    digits = {"source": "digits", "patterns": 4, "held_out": 20}
    grid = [{"labelling": "true", "rule": ["hebbian", "hebbian_decay"], "learning_rate": [0.4, 0.8, 1.5]}]
    finding = finding_of(scene_part("d", scene(task=digits, grid=grid, training={"readout": "sign"}), 1.0))
    assert {row[0].split()[0] for row in finding.table.rows if isinstance(row[0], str)} == {"error", "best"}
    assert not any(check.name.startswith("sum I") for check in (*finding.checks, *finding.broken))


def test_feedback_through_memory_is_shown_apart() -> None:
    grid = [*SMALL["grid"], {"rule": "bcm", "learning_rate": 0.1}]
    finding = finding_of(scene_part("b", scene(grid=grid), 1.0))
    assert len(finding.broken) == 1
    assert any("BCM" in told for told in finding.assumptions)


def test_the_smallest_scene_claims_nothing_it_cannot_know() -> None:
    task = {"source": "random", "inputs": 1, "patterns": 1}
    grid = [{"rule": ["hebbian", "adatron"], "learning_rate": [0.0, 1e-6, 1.0, 2.0]}]
    changes = {"replicas": 40, "task": task, "grid": grid, "information": 0.1, "error": 0.4}
    finding = finding_of(scene_part("least", scene(**changes), 0.5))
    assert all(check.verdict == "inconclusive" for check in finding.checks if check.larger.n)
    with house_style():
        figure = Figure(figsize=finding.picture.size, layout="constrained")
        finding.picture.draw(figure)
        figure.canvas.draw()
    assert axes_of(figure)


def refused(changes: dict[str, Any]) -> InputError:
    with pytest.raises(InputError) as caught:
        scene_part("s", scene(**changes), 1.0)
    return caught.value


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"grid": [{"rule": "hebian"}]}, "grid[0].rule"),
        ({"grid": [{"labelling": ["random", "teacher"], "learning_rate": [1.0, 2.0, 3.0]}]}, "grid.labelling"),
        ({"grid": [{"learning_rate": [1.0, 2.0]}]}, "grid.learning_rate"),
        ({"grid": [{"learning_rate": [0.0, 1.0, 2.0]}]}, "grid.learning_rate"),
        ({"grid": [{"learning_rate": [1.0, 2.0, 3.0], "dt": [0.1, 0.05]}]}, "grid.dt"),
        ({"task": {"source": "random", "patterns": 3}}, "task.inputs"),
        ({"task": {"source": "digits", "patterns": 3}, "grid": [{"labelling": "true"}]}, "task.held_out"),
        ({"grid": [{"rule": "optimal", "learning_rate": [1.0, 2.0, 3.0]}]}, "mode of rule = optimal"),
        ({"grid": [{"rule": "adatron", "learning_rate": [1.0, 2.0, 3e3], "dt": 0.1}]}, "dt of rule = adatron"),
        ({"training": {"duration": 1e12, "dt": 0.001}}, "duration"),
    ],
)
def test_what_a_study_refuses_a_scene_refuses_before_it_runs(changes: dict[str, Any], field: str) -> None:
    assert refused(changes).field.startswith(f"scene.s.{field}")
