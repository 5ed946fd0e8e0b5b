"""The assumptions on the page are those of the law that each run was held against."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import szilard as sz
from szilard.learning.rule import Rule
from szilard.reporting import write_report
from szilard.reporting.assumed import REMEMBERS, assumed_laws
from szilard.reporting.runs import Run
from tests.reporting.faked import fake
from tests.reporting.reading import Page

SMALL: dict[str, Any] = {
    "learning_rate": 0.8,
    "duration": 0.4,
    "dt": 0.1,
    "replicas": 120,
    "seed": 3,
}
INPUTS = [[1.2, 0.74833147735], [-0.2, 1.4]]


def shown(verdict: str, labelling: str = "random", **at: float | str) -> Run:
    return Run("hebbian", 1.0, labelling, "quench", 1.0, {}, verdict, at=at)


@pytest.mark.parametrize("labelling", ["random", "teacher", "unseen", "answers"])
def test_names_and_assumptions_are_those_of_the_run(labelling: str) -> None:
    rule: Rule = sz.rules.hebbian
    held_out = 0
    at: dict[str, Any] = {}
    if labelling in ("random", "answers"):
        task = sz.tasks.random_labels(2, 2, inputs=INPUTS)
    else:
        held_out = 3 if labelling == "unseen" else 0
        task = sz.tasks.teacher_student(2, 2, held_out=held_out, seed=1)
    if labelling == "answers":
        at = {"feedback": 0.4}
    check = sz.train(task, rule, temperature=1.3, **SMALL, **at).second_law()
    assert check is not None
    kind = "teacher" if labelling in ("teacher", "unseen") else "random"
    (found,) = assumed_laws([shown(check.verdict, kind, **at)], held_out)
    assert found.name == check.name
    assert found.assumptions == check.assumptions


def test_runs_without_a_law_say_why() -> None:
    kicked, true = shown("not covered"), shown("not covered", "true")
    found = assumed_laws([shown("holds"), kicked, true, shown("violated")], 0)
    assert [len(law.runs) for law in found] == [2, 1, 1]
    assert found[1].assumptions == (REMEMBERS,)
    assert "one fixed set of labels" in found[2].assumptions[0]


@pytest.mark.parametrize("verdict", ["violated", "inconclusive", "holds"])
def test_what_does_not_hold_is_listed_run_by_run(tmp_path: Path, verdict: str) -> None:
    points = [{"learning_rate": 0.5 * (i + 1), "rule": "<b>&" if i == 0 else "oja"} for i in range(3)]
    out = fake(tmp_path / "results.zarr", points, verdict, margin=-7.0 if verdict == "violated" else 1.0)
    page = Page(write_report(out, tmp_path / "page.html").read_text("ascii"))
    word = {"violated": "violated", "inconclusive": "inconclusive", "holds": "hold"}[verdict]
    assert f"3 runs: {'' if verdict != 'inconclusive' else '0 violated, '}3 {word}" in page.words
    assert "weights start in equilibrium, knowing nothing of the labels" in page.words
    if verdict == "holds":
        assert not any("what would settle it" in [head for head, _ in table[0]] for table in page.tables)
    else:
        rows = page.table("what would settle it")
        assert [row[0][0] for row in rows] == ["<b>&", "oja", "oja"]
        assert [row[3][1] for row in rows] == [0.5, 1.0, 1.5]
