"""Damaged stores: the run is computed again, or one clear refusal; never a wrong number."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.errors import InputError
from szilard.study import Study, run_study
from szilard.study.sealed import seal_of
from tests.study.damage import Hurt, flipped
from tests.study.driver import Driver
from tests.study.tiny import MICRO, changed, contents, numbers


@pytest.fixture(scope="module")
def hurt(tmp_path_factory: pytest.TempPathFactory) -> Hurt:
    return Hurt(tmp_path_factory.mktemp("damage") / "whole")


def is_chunk(name: str) -> bool:
    return "/c" in name and not name.endswith(".json")


def edited(path: Path, edit: Callable[[Any], Any], seal: bool = False) -> None:
    """A JSON file after ``edit``; ``seal``: its attributes' seal is made to agree, as a forger would."""
    content = json.loads(path.read_text())
    before = json.dumps(content)
    edit(content)
    if seal:
        content["attributes"].pop("seal")
        content["attributes"]["seal"] = seal_of(content["attributes"])
    assert json.dumps(content) != before
    path.write_text(json.dumps(content))


def test_what_a_store_is_made_of(hurt: Hurt) -> None:
    names = hurt.files()
    assert sum(map(is_chunk, names)) == 2 * 4
    assert sum(name.startswith("done/") for name in names) == 2
    assert sum(name.endswith("zarr.json") for name in names) == 5
    assert len(names) == 15
    assert hurt.said(hurt.whole) == 2


def test_flipped_bits(hurt: Hurt, tmp_path: Path) -> None:
    """20 bits of every file; the soak runs turn over all of them."""
    draw = np.random.default_rng(11)
    outcomes: dict[str, list[int | None]] = {"chunk": [], "marker": [], "description": []}
    out = hurt.copy(tmp_path / "out")
    for name in hurt.files():
        data = (hurt.whole / name).read_bytes()
        kind = "chunk" if is_chunk(name) else "marker" if name.startswith("done/") else "description"
        for bit in draw.integers(0, 8 * len(data), 20):
            (out / name).write_bytes(flipped(data, int(bit)))
            outcomes[kind].append(hurt.said(out))
        (out / name).write_bytes(data)
    assert set(outcomes["marker"]) == {1}
    assert set(outcomes["chunk"]) <= {1, 2}
    assert outcomes["chunk"].count(2) < 0.05 * len(outcomes["chunk"])  # a few bits of a frame's header say nothing
    assert outcomes["description"].count(None) > 0.5 * len(outcomes["description"])
    assert hurt.said(out) == 2


@pytest.mark.parametrize("how", ["flipped", "half", "empty", "deleted", "longer"])
def test_only_what_is_damaged_is_computed_again(hurt: Hurt, tmp_path: Path, how: str) -> None:
    for name in hurt.files():
        out = hurt.copy(tmp_path / "out")
        data = (out / name).read_bytes()
        if how == "deleted":
            (out / name).unlink()
        else:
            middle = len(data) // 2
            hurts = {"flipped": flipped(data, 4 * len(data)), "half": data[:middle], "empty": b""}
            (out / name).write_bytes({**hurts, "longer": data + data[-1:]}[how])
        said, again = hurt.said(out), hurt.recovers(out)
        if name.endswith("zarr.json"):
            assert (said is None) == (again is None) or how == "flipped", name
            assert how == "flipped" or again is None, name
        elif how == "longer" and again == 0:
            assert said == 2, name  # a reader may stop at the end of what was compressed
        else:
            assert (said, again) == (1, 1), name


def test_everything_gone_but_the_markers(hurt: Hurt, tmp_path: Path) -> None:
    out = hurt.copy(tmp_path / "out")
    shutil.rmtree(out / "results.zarr")
    assert hurt.said(out) is None
    assert hurt.recovers(out) == 2


def test_chunks_and_markers_of_another_run(hurt: Hurt, tmp_path: Path) -> None:
    out = hurt.copy(tmp_path / "out")
    first, second = sorted((out / "done").glob("*.json"))
    shutil.copy(first, second)
    assert hurt.said(out) == 1
    assert hurt.recovers(out) == 1
    (one,) = [p for p in (out / "results.zarr" / "value").rglob("0") if p.is_file() and p.parent.name == "0"]
    shutil.copy(one, one.parent.parent / "1" / "0")
    assert hurt.said(out) == 1
    assert hurt.recovers(out) == 1


@pytest.mark.parametrize(
    "edit",
    [
        lambda m: m["coordinates"].update(learning_rate=1.5),
        lambda m: m["coordinates"].update(rule="perceptron"),
        lambda m: m["notes"].update(seconds=0.5),
        lambda m: m["coordinates"].pop("schedule"),
        lambda m: m.update(key="0" * 16),
        lambda m: m.update(crc=m["crc"] ^ 1),
        lambda m: m.pop("seal"),
        lambda m: m.pop("coordinates"),
    ],
)
def test_an_edited_marker_is_not_believed(hurt: Hurt, tmp_path: Path, edit: Callable[[Any], Any]) -> None:
    out = hurt.copy(tmp_path / "out")
    edited(next((out / "done").glob("*.json")), edit)
    assert hurt.said(out) == 1
    assert hurt.recovers(out) == 1


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", "null", "{}", '"seal"', "1e400", " " * (1 << 20) + "{}", "\0"])
def test_a_marker_of_something_else(hurt: Hurt, tmp_path: Path, text: str) -> None:
    out = hurt.copy(tmp_path / "out")
    next((out / "done").glob("*.json")).write_text(text)
    assert hurt.said(out) == 1
    assert hurt.recovers(out) == 1


@pytest.mark.parametrize(
    "edit",
    [
        lambda a: a["provenance"].update(kelvin=310.0),
        lambda a: a["provenance"].update(replicas=41),
        lambda a: a["cells"].reverse(),
        lambda a: a["quantities"].reverse(),
        lambda a: a["unit"].update(heat="J"),
        lambda a: a["cells"].append("0" * 16),
        lambda a: a.pop("seal"),
        lambda a: a.update(seal="none"),
        lambda a: a.update(more=1),
    ],
)
def test_edited_attributes_are_refused(hurt: Hurt, tmp_path: Path, edit: Callable[[Any], Any]) -> None:
    out = hurt.copy(tmp_path / "out")
    edited(out / "results.zarr" / "zarr.json", lambda group: edit(group["attributes"]))
    assert hurt.said(out) is None
    assert hurt.recovers(out) is None


def test_a_store_of_another_format_says_so(hurt: Hurt, tmp_path: Path) -> None:
    out = hurt.copy(tmp_path / "out")
    edited(out / "results.zarr" / "zarr.json", lambda group: group["attributes"].update(format=99), seal=True)
    with pytest.raises(InputError, match="its store has format 99, this version reads"):
        sz.load(out)
    assert hurt.recovers(out) is None


HUGE = 10**13 // 18 // 8 * 8
ARRAYS: list[tuple[str, Callable[[Any], Any]]] = [
    ("a shape of 80 TB", lambda a: a.update(shape=[HUGE, 18])),
    ("fewer rows than runs", lambda a: a.update(shape=[1, 18])),
    ("another width", lambda a: a.update(shape=[2, 19])),
    ("a negative shape", lambda a: a.update(shape=[-2, 18])),
    ("a chunk of 80 TB", lambda a: a["chunk_grid"]["configuration"].update(chunk_shape=[HUGE, 18])),
    ("another type", lambda a: a.update(data_type="float32", fill_value=0.0)),
    ("text", lambda a: a.update(data_type="string", fill_value="")),
    ("no codecs", lambda a: a.update(codecs=[])),
    ("pickled objects", lambda a: a["codecs"].append({"name": "numcodecs.pickle", "configuration": {}})),
    ("pickled objects first", lambda a: a["codecs"].insert(0, {"name": "numcodecs.pickle", "configuration": {}})),
    ("an unknown codec", lambda a: a["codecs"].append({"name": "no.such.codec", "configuration": {}})),
    ("a group", lambda a: a.update(node_type="group")),
    ("format 2", lambda a: a.update(zarr_format=2)),
]


@pytest.mark.parametrize("name, edit", ARRAYS, ids=[name for name, _ in ARRAYS])
def test_a_declared_array_that_is_no_such_array(
    hurt: Hurt, driver: Driver, tmp_path: Path, name: str, edit: Callable[[Any], Any]
) -> None:
    """Refused by its description alone: within a second and without memory for it."""
    out = hurt.copy(tmp_path / "out")
    edited(out / "results.zarr" / "value" / "zarr.json", edit)
    assert hurt.said(out) is None
    assert hurt.recovers(out) is None
    ended = driver.cli("report", out, cwd=tmp_path)
    assert ended.code == 2, ended
    assert ended.err.startswith("szilard: out: got ")
    assert "its store is damaged or no store of a study" in ended.err
    assert ended.err.count("\n") == 1
    assert ended.peak < 500
    assert not (out / "report.html").exists()


class Witness:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_nothing_is_ever_unpickled(hurt: Hurt, tmp_path: Path) -> None:
    pickled = pickle.dumps(Witness(tmp_path / "ran"))
    pickle.loads(pickled)
    assert (tmp_path / "ran").exists(), "the witness works"
    (tmp_path / "ran").unlink()
    out = hurt.copy(tmp_path / "out")
    edited(
        out / "results.zarr" / "value" / "zarr.json",
        lambda a: a.update(codecs=[{"name": "numcodecs.pickle", "configuration": {}}]),
    )
    old = {"zarr_format": 2, "shape": [2, 18], "chunks": [1, 18], "dtype": "|O", "compressor": None, "order": "C"}
    old |= {"filters": [{"id": "pickle"}], "fill_value": 0}
    for folder in (out / "results.zarr" / "stderr", out / "results.zarr" / "side"):
        (folder / ".zarray").write_text(json.dumps(old))
    (out / "results.zarr" / "side" / "zarr.json").unlink()
    for path in [*out.rglob("c/*/0"), *out.rglob("c/0"), *out.rglob("c/1")]:
        if path.is_file():
            path.write_bytes(pickled)
    for i in (0, 1):
        (out / "results.zarr" / "side" / f"{i}.0").write_bytes(pickled)
    assert hurt.said(out) is None
    assert hurt.recovers(out) is None
    assert not (tmp_path / "ran").exists()


def test_another_study_beside_a_damaged_text(hurt: Hurt, tmp_path: Path) -> None:
    """Which study a directory holds is told by its sealed keys, not by a text that anything may have changed."""
    out = hurt.copy(tmp_path / "out")
    for text in (b"\xff\xfe", b"", changed(MICRO, ("seed = 3", "seed = 4")).encode()):
        (out / "study.toml").write_bytes(text)
        before = contents(out)
        with pytest.raises(InputError, match="another study, which is never written over"):
            run_study(Study(changed(MICRO, ("seed = 3", "seed = 4"))), out)
        assert contents(out) == before
        assert hurt.recovers(out) == 0
        assert (out / "study.toml").read_text() == MICRO
    assert numbers(out) == hurt.truth
