"""A user's own patterns, from a file to the report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard.data import standardise
from szilard.errors import InputError
from szilard.study import Study, run_study
from tests.study.driver import Driver
from tests.study.test_bad_files import assert_refused
from tests.study.tiny import contents, digest, numbers

STUDY = """\
name = "mine"
seed = 7
replicas = 60

[task]
source = "mine.csv"
patterns = 4
held_out = 3
labels = "named"

[training]
duration = 0.5
dt = 0.05

[[grid]]
labelling = ["random", "teacher", "true"]
rule = ["hebbian", "perceptron"]
"""
DRAW = np.random.default_rng(3)
X = DRAW.normal(size=(9, 5)) + 2.0
Y = np.array(["cat", "dog"] * 4 + ["cat"])


def rows(x: NDArray[np.float64], *columns: NDArray[np.str_], head: str = "", delimiter: str = ",") -> str:
    lines = [delimiter.join([*map(repr, map(float, row)), *extra]) for row, *extra in zip(x, *columns, strict=True)]
    return "\n".join([*([head] if head else []), *lines]) + "\n"


def at(labelling: str) -> dict[str, object]:
    """Where in the study a task is asked for."""
    return {"labelling": labelling, "patterns": 4, "inputs": None, "drawing": 0}


def study_in(folder: Path, source: str = "mine.csv", labels: str = "named", labelling: str = "") -> Path:
    text = STUDY.replace('"mine.csv"', f'"{source}"').replace('labels = "named"', f'labels = "{labels}"')
    if labelling:
        text = text.replace('["random", "teacher", "true"]', f'"{labelling}"')
    path = folder / "study.toml"
    path.write_text(text)
    return path


def run_in(folder: Path, path: Path, out: str = "out") -> dict[str, bytes]:
    """The numbers of every run, by key, after checking that all is there."""
    study = Study.from_toml(path)
    results = run_study(study, folder / out)
    assert results.sizes["cell"] == len(study.cells)
    assert np.isfinite(results.heat.values).all()
    assert np.isfinite(results.error.values).all()
    for labelling in ("teacher", "true"):
        chosen = results.where(results.labelling == labelling, drop=True)
        assert np.isfinite(chosen.held_out_error.values).all()
    return numbers(folder / out)


def test_from_file_to_report(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(rows(X, Y, head="a,b,c,d,e,label"))
    study_in(tmp_path)
    ended = driver.cli("run", "study.toml", "--out", "out", cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    for labelling in ("random", "teacher", "true"):
        assert f"mine: {labelling} labels" in ended.out
    assert sz.load(tmp_path / "out").sizes["cell"] == 6
    assert "mine.csv" in (tmp_path / "out" / "report.html").read_text()


def test_the_same_patterns_in_any_file(tmp_path: Path) -> None:
    """csv and tsv, labels named or last, npz with numbers or texts: the same is learned, and each runs."""
    np.savez(tmp_path / "mine.npz", patterns=X, labels=np.where(Y == "dog", 1, 0))
    np.savez_compressed(tmp_path / "text.npz", patterns=X, labels=Y)
    (tmp_path / "mine.csv").write_text(rows(X, Y, head="a,b,c,d,e,label"))
    (tmp_path / "bare.csv").write_text(rows(X, Y))
    (tmp_path / "mine.tsv").write_text(rows(X, Y, delimiter="\t"))
    sources = [("mine.csv", "named"), ("bare.csv", "last"), ("mine.tsv", "last"), ("mine.npz", "named")]
    sources += [("text.npz", "named")]
    first = Study.from_toml(study_in(tmp_path, *sources[0])).task(at("true"))
    keys: set[str] = set()
    for i, source in enumerate(sources):
        path = study_in(tmp_path, *source)
        task = Study.from_toml(path).task(at("true"))
        for part in ("inputs", "labels", "held_out_inputs", "held_out_labels"):
            assert np.array_equal(getattr(task, part), getattr(first, part)), (source, part)
        found = run_in(tmp_path, path, f"out{i}")
        assert len(found) == 6
        assert not found.keys() & keys, "runs on different files have different keys"
        keys |= found.keys()


def test_what_is_learned_is_what_the_file_holds(tmp_path: Path) -> None:
    """Centred, scaled, shuffled by the seed and split; the smaller class is -1."""
    (tmp_path / "mine.csv").write_text(rows(X, Y, head="a,b,c,d,e,label"))
    task = Study.from_toml(study_in(tmp_path)).task(at("true"))
    every, signs = standardise(X), np.where(Y == "dog", 1.0, -1.0)
    assert task.held_out_inputs is not None
    assert task.labels is not None
    assert task.held_out_labels is not None
    places = [int(np.flatnonzero((every == row).all(axis=1))[0]) for row in (*task.inputs, *task.held_out_inputs)]
    assert len(set(places)) == 7
    assert places != sorted(places)
    assert (np.concatenate([task.labels, task.held_out_labels]) == signs[places]).all()


def test_without_labels(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(rows(X))
    for labelling in ("random", "teacher"):
        found = run_in(tmp_path, study_in(tmp_path, labels="none", labelling=labelling), labelling)
        assert len(found) == 2
    study_in(tmp_path, labels="none", labelling="true")
    ended = driver.cli("run", "study.toml", "--out", "out", cwd=tmp_path)
    assert_refused(ended)
    told = 'labels of rule = hebbian, learning_rate = 1: got none; labelling = "true" needs them. Fix: give labels'
    assert told in ended.err
    assert not (tmp_path / "out").exists()


NAN = X.copy()
NAN[3, 2] = np.nan
ALIKE = np.tile(X[:1], (9, 1))
BAD = [
    (
        "three classes",
        rows(X, np.where(X[:, 0] > 2, "owl", Y)),
        "last",
        "line 7: got label 'cat' beside 'owl' and 'dog'",
    ),
    ("one class", rows(X, np.full(9, "cat")), "last", "exactly two distinct values"),
    ("NaN", rows(NAN, Y), "last", "mine.csv, line 4, input 3: got nan; every input must be finite"),
    ("infinity", rows(X, Y).replace(repr(float(X[8, 4])), "inf"), "last", "line 9, input 5: got inf"),
    ("text", rows(X, Y).replace(repr(float(X[8, 4])), "0,5"), "last", "line 9: got 7 columns"),
    ("no such column", rows(X, Y), "named", "no column named label"),
    ("too few", rows(X[:6], Y[:6]), "last", "together at most the 6 samples of mine.csv"),
    ("all alike", rows(ALIKE, Y), "last", "a pattern needs a direction"),
    ("nothing", "", "last", "at least one pattern"),
]


@pytest.mark.parametrize("text, labels, told", [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_refused(driver: Driver, tmp_path: Path, text: str, labels: str, told: str) -> None:
    (tmp_path / "mine.csv").write_text(text)
    study_in(tmp_path, labels=labels)
    ended = driver.cli("run", "study.toml", "--out", "out", cwd=tmp_path)
    assert_refused(ended)
    assert told in ended.err
    assert not (tmp_path / "out").exists()


def test_objects_in_an_archive_are_refused(driver: Driver, tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", patterns=np.array([[1, "a"], [None, {}]], dtype=object))
    study_in(tmp_path, source="mine.npz", labels="none")
    ended = driver.cli("run", "study.toml", "--out", "out", cwd=tmp_path)
    assert_refused(ended)
    assert "objects are never unpickled" in ended.err


def test_the_file_is_found_beside_the_study(driver: Driver, tmp_path: Path) -> None:
    """Wherever the command is given, and also when its results are there already."""
    study, elsewhere = tmp_path / "study", tmp_path / "elsewhere"
    study.mkdir()
    elsewhere.mkdir()
    (study / "mine.csv").write_text(rows(X, Y))
    path = study_in(study, labels="last", labelling="random")
    words = ("run", path, "--out", "out", "-q")
    assert driver.cli(*words, cwd=elsewhere).code == 0
    before = digest(elsewhere / "out")
    path.write_text(path.read_text() + '\n[[grid]]\nlabelling = "random"\nrule = "adatron"\n')
    ended = driver.cli(*words, cwd=elsewhere)
    assert (ended.code, ended.err) == (0, "")
    assert sz.load(elsewhere / "out").sizes["cell"] == 3
    assert digest(elsewhere / "out") != before


def test_changed_patterns_are_another_study(tmp_path: Path) -> None:
    """Old and new runs of one name must never stand in one table."""
    (tmp_path / "mine.csv").write_text(rows(X, Y))
    path = study_in(tmp_path, labels="last", labelling="random")
    run_in(tmp_path, path)
    before = contents(tmp_path / "out")
    (tmp_path / "mine.csv").write_text(rows(2.5 * X[::-1], Y))
    with pytest.raises(InputError, match="of another study"):
        run_study(Study.from_toml(path), tmp_path / "out")
    assert contents(tmp_path / "out") == before
