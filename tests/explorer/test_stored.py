"""A finished study in the explorer: the store's numbers, and each run as it was made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.explorer.stored import StoredStudy
from szilard.study.work import summary

TEXT = """
name = "two <b>rules</b>"
seed = 9
replicas = 200
[task]
classes = [3, 8]
patterns = 3
[[grid]]
rule = ["hebbian", "perceptron"]
learning_rate = [0.5, 12.0]
schedule = ["quench", "ramp:2"]
duration = 4.0
temperature = 0.8
[[grid]]
rule = "hebbian"
learning_rate = 1.0
duration = 4.0
mode = "online"
dwell = 0.25
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("explorer") / "study"
    sz.run_study(sz.Study(TEXT), where)
    return where


def test_columns_are_the_stores_numbers(out: Path) -> None:
    found, store = StoredStudy.at(out), sz.load(out)
    for name in ("learned", "cost", "efficiency_marginal"):
        assert np.array_equal(found.columns[name], store[name].values)
        assert np.array_equal(found.columns[f"{name}_error"], store[f"{name}_stderr"].values)
    assert list(found.columns["rule"]) == [str(rule) for rule in store["rule"].values]
    assert found.name == "two <b>rules</b>"


def test_a_run_is_trained_again_bit_by_bit_under_its_own_name(out: Path) -> None:
    study, store = StoredStudy.at(out), sz.load(out)
    for number in range(len(study.runs)):
        source, choice = study.source(number), study.choice(number)
        settings = source.settings(choice, 200)
        assert settings.learner.name == study.runs[number].rule
        assert settings.mode == str(store["mode"].values[number])
        assert settings.cell == "explorer"  # noise of its own
        told: dict[str, Any] = {
            "learning_rate": settings.learning_rate, "duration": settings.duration, "schedule": settings.schedule,
            "temperature": settings.temperature, "mode": settings.mode, "dwell": settings.dwell, "seed": 9,
        }  # fmt: skip
        cell = str(store["key"].values[number])
        again = sz.train(settings.task, settings.learner, **told, replicas=200, cell=cell)
        assert summary(again).estimates["cost"].value == float(store["cost"].values[number])


def test_rates_and_inputs_beyond_the_usual_limits_are_kept(out: Path) -> None:
    study = StoredStudy.at(out)
    choices = [study.choice(number) for number in range(len(study.runs))]
    assert {choice.learning_rate for choice in choices} == {0.5, 1.0, 12.0}
    assert {choice.inputs for choice in choices} == {64}
    assert {choice.ramp for choice in choices} == {0.0, 2.0}
    assert not study.source(0).drawn


def test_moving_a_control_keeps_what_no_control_sets(out: Path) -> None:
    study = StoredStudy.at(out)
    online = next(i for i, c in enumerate(study.coordinates) if c["mode"] == "online")
    settings = study.source(online).settings(study.choice(online).changed(learning_rate=0.3, patterns=2), 200)
    assert (settings.mode, settings.dwell, settings.learning_rate) == ("online", 0.25, 0.3)
    assert settings.task.n_patterns == 2
    assert "digits" in settings.task.name


def test_what_no_control_has_is_refused_by_name(out: Path) -> None:
    study = StoredStudy.at(out)
    with pytest.raises(sz.InputError, match="run"):
        study.choice(len(study.runs))
    study.coordinates[0]["schedule"] = "sawtooth"
    with pytest.raises(sz.InputError, match="schedule"):
        study.choice(0)
    with pytest.raises(sz.InputError):
        StoredStudy.at(out.parent)
