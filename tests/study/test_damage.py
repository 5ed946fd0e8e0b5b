"""Damaged directories: the run is computed again, or one clear refusal; never a wrong number, never a lost run."""

from __future__ import annotations

import json
import pickle
import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.errors import InputError
from szilard.sealed import seal_of
from szilard.study import Study, run_study
from szilard.study.status import status_of
from szilard.study.table import read_table
from tests.study.damage import Hurt, flipped
from tests.study.driver import Driver
from tests.study.tiny import MICRO, changed, contents, numbers


@pytest.fixture(scope="module")
def hurt(tmp_path_factory: pytest.TempPathFactory) -> Hurt:
    return Hurt(tmp_path_factory.mktemp("damage") / "whole")


def edited(path: Path, edit: Callable[[Any], Any], seal: bool = False) -> None:
    """A JSON file after ``edit``; ``seal``: its seal is made to agree, as a forger would."""
    content = json.loads(path.read_text())
    before = json.dumps(content)
    edit(content)
    if seal:
        content.pop("seal")
        content["seal"] = seal_of(content)
    assert json.dumps(content) != before
    path.write_text(json.dumps(content))


def test_what_a_directory_is_made_of(hurt: Hurt) -> None:
    keys = [cell.key for cell in Study(MICRO).cells]
    assert sorted(hurt.files()) == sorted(["manifest.json", *(f"done/{key}.json" for key in keys)])
    others = {name for name in contents(hurt.whole) if name not in hurt.files() + hurt.table_files()}
    assert others == {"study.toml", ".lock", ".claims"}


def test_some_bits_of_every_file(hurt: Hurt, tmp_path: Path) -> None:
    """Every flipped bit of a record is seen, and nothing else is lost with it."""
    draw = np.random.default_rng(4)
    out = hurt.copy(tmp_path / "out")
    outcomes = defaultdict[str, list[int | None]](list)
    for name in hurt.files():
        data = (hurt.whole / name).read_bytes()
        for bit in draw.integers(0, 8 * len(data), 60):
            (out / name).write_bytes(flipped(data, int(bit)))
            outcomes["record" if name.startswith("done/") else "manifest"].append(hurt.said(out))
        (out / name).write_bytes(data)
    assert set(outcomes["record"]) <= {1, 2}
    assert outcomes["record"].count(2) < 0.1 * len(outcomes["record"])  # a bit of the space between two numbers
    assert set(outcomes["manifest"]) <= {None, 2}
    assert outcomes["manifest"].count(2) < 0.1 * len(outcomes["manifest"])
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
            digit = next(i for i in range(middle, len(data)) if chr(data[i]).isdigit())
            hurts = {"flipped": flipped(data, 8 * digit), "half": data[:middle], "empty": b""}
            (out / name).write_bytes({**hurts, "longer": data + data[-1:]}[how])
        said, again = hurt.said(out), hurt.recovers(out)
        assert (said, again) == ((None, 0) if name == "manifest.json" else (1, 1)), name


def test_a_damaged_table_is_made_again(hurt: Hurt, tmp_path: Path) -> None:
    """It is made from the records and is not read by the library; a reader that checks sees every damage."""
    draw = np.random.default_rng(6)
    names = hurt.table_files()
    refused = 0
    for name in draw.choice(names, 8, replace=False):
        out = hurt.copy(tmp_path / "out")
        data = (out / name).read_bytes()
        (out / name).write_bytes(flipped(data, int(draw.integers(0, 8 * len(data)))))
        try:
            assert sz.load(out / "results.zarr").identical(sz.load(hurt.whole))
        except InputError as error:
            assert str(error).isprintable()
            refused += 1
        assert hurt.said(out) == 2
        assert hurt.recovers(out) == 0
    assert refused >= 4


def test_a_chunk_that_is_gone_is_no_number(hurt: Hurt, tmp_path: Path) -> None:
    import xarray as xr

    out = hurt.copy(tmp_path / "out")
    for name in ("cost", "verdict", "replicas"):
        shutil.rmtree(out / "results.zarr" / name / "c")
    plain = xr.open_zarr(out / "results.zarr")
    assert np.all(np.isnan(plain.cost.values))
    assert np.all(plain.verdict.values == -1)
    assert np.all(plain.replicas.values == -1)
    with pytest.raises(InputError, match="its numbers were changed"):
        sz.load(out / "results.zarr")
    assert hurt.recovers(out) == 0


def test_everything_gone_but_the_records(hurt: Hurt, tmp_path: Path) -> None:
    out = hurt.copy(tmp_path / "out")
    shutil.rmtree(out / "results.zarr")
    for name in ("manifest.json", "study.toml", ".claims", ".lock"):
        (out / name).unlink()
    with pytest.raises(InputError, match="is not empty and holds no study"):
        run_study(Study(MICRO), out)
    (out / "study.toml").write_text(MICRO)
    assert hurt.said(out) is None
    assert hurt.recovers(out) == 0


def test_the_record_of_another_run(hurt: Hurt, tmp_path: Path) -> None:
    out = hurt.copy(tmp_path / "out")
    first, second = sorted((out / "done").glob("*.json"))
    shutil.copy(first, second)
    assert hurt.said(out) == 1
    found = status_of(out)
    assert (found.finished, found.damaged, found.left) == (1, 1, 0)
    assert "damaged  1, to be run again" in repr(found)
    assert hurt.recovers(out) == 1


RECORDS: list[Callable[[Any], Any]] = [
    lambda m: m["coordinates"].update(learning_rate=1.5),
    lambda m: m["coordinates"].update(rule="perceptron"),
    lambda m: m["notes"].update(seconds=0.5),
    lambda m: m["coordinates"].pop("schedule"),
    lambda m: m["estimates"].pop("heat"),
    lambda m: m["estimates"]["heat"].reverse(),
    lambda m: m["estimates"].update(heat=[0.0, 0.1, "two-sided"]),
    lambda m: m.update(key="0" * 16),
    lambda m: m.pop("seal"),
    lambda m: m.pop("coordinates"),
]
FORGED: list[Callable[[Any], Any]] = [
    lambda m: m.update(key="0" * 16),
    lambda m: m["estimates"].update(heat=[0.0, 0.1, "sideways"]),
    lambda m: m["estimates"].update(heat=[0.0, -0.1, "two-sided"]),
    lambda m: m["estimates"].update(heat=[float("nan"), 0.1, "two-sided"]),
    lambda m: m["estimates"].update(heat="hot"),
    lambda m: m.update(verdict="true"),
    lambda m: m.update(estimates=[]),
    lambda m: m.update(coordinates=7),
    lambda m: m.pop("made_by"),
]


@pytest.mark.parametrize("edit", RECORDS)
def test_an_edited_record_is_not_believed(hurt: Hurt, tmp_path: Path, edit: Callable[[Any], Any]) -> None:
    out = hurt.copy(tmp_path / "out")
    edited(next((out / "done").glob("*.json")), edit)
    assert hurt.said(out) == 1
    assert hurt.recovers(out) == 1


@pytest.mark.parametrize("edit", FORGED)
def test_a_sealed_record_of_no_sense_is_not_believed(hurt: Hurt, tmp_path: Path, edit: Callable[[Any], Any]) -> None:
    out = hurt.copy(tmp_path / "out")
    edited(next((out / "done").glob("*.json")), edit, seal=True)
    assert hurt.said(out) == 1
    assert hurt.recovers(out) == 1


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", "null", "{}", '"seal"', "1e400", " " * (1 << 20) + "{}", "\0"])
@pytest.mark.parametrize("which", ["record", "manifest"])
def test_a_file_of_something_else(hurt: Hurt, tmp_path: Path, text: str, which: str) -> None:
    out = hurt.copy(tmp_path / "out")
    path = out / "manifest.json" if which == "manifest" else next((out / "done").glob("*.json"))
    path.write_text(text)
    assert hurt.said(out) == (None if which == "manifest" else 1)
    assert hurt.recovers(out) == (0 if which == "manifest" else 1)


@pytest.mark.parametrize(
    "edit",
    [
        lambda m: m["about"].update(kelvin=310.0),
        lambda m: m["about"].update(replicas=41),
        lambda m: m["cells"].reverse(),
        lambda m: m["cells"].append("0" * 16),
        lambda m: m["efforts"].pop(),
        lambda m: m.pop("seal"),
        lambda m: m.update(seal="none"),
        lambda m: m.update(more=1),
    ],
)
def test_an_edited_manifest_is_refused_and_made_again(hurt: Hurt, tmp_path: Path, edit: Callable[[Any], Any]) -> None:
    out = hurt.copy(tmp_path / "out")
    edited(out / "manifest.json", edit)
    assert hurt.said(out) is None
    with pytest.raises(InputError, match="is not as it was written"):
        status_of(out)
    assert hurt.recovers(out) == 0


def test_a_directory_of_another_format_says_so(hurt: Hurt, tmp_path: Path) -> None:
    out = hurt.copy(tmp_path / "out")
    edited(out / "manifest.json", lambda m: m.update(format=99), seal=True)
    with pytest.raises(InputError, match="its store has format 99, this version reads"):
        sz.load(out)
    assert hurt.recovers(out) is None


HUGE = 10**13
ARRAYS: list[tuple[str, Callable[[Any], Any]]] = [
    ("a shape of 80 TB", lambda a: a.update(shape=[HUGE])),
    ("more rows", lambda a: a.update(shape=[3])),
    ("fewer rows", lambda a: a.update(shape=[1])),
    ("two dimensions", lambda a: a.update(shape=[2, 2], dimension_names=["cell", "other"])),
    ("another dimension", lambda a: a.update(dimension_names=["cull"])),
    ("a negative shape", lambda a: a.update(shape=[-2])),
    ("a chunk of 80 TB", lambda a: a["chunk_grid"]["configuration"].update(chunk_shape=[HUGE])),
    ("another type", lambda a: a.update(data_type="float32", fill_value=0.0)),
    ("text", lambda a: a.update(data_type="string", fill_value="")),
    ("no codecs", lambda a: a.update(codecs=[])),
    ("pickled objects", lambda a: a["codecs"].append({"name": "numcodecs.pickle", "configuration": {}})),
    ("pickled objects first", lambda a: a["codecs"].insert(0, {"name": "numcodecs.pickle", "configuration": {}})),
    ("an unknown codec", lambda a: a["codecs"].append({"name": "no.such.codec", "configuration": {}})),
    ("a group", lambda a: a.update(node_type="group")),
    ("format 2", lambda a: a.update(zarr_format=2)),
]


def alone(hurt: Hurt, to: Path, name: str, edit: Callable[[Any], Any]) -> Path:
    """A table that came without its directory, one of its arrays described otherwise, wherever it is described."""
    shutil.copytree(hurt.whole / "results.zarr", to)
    edited(to / name / "zarr.json", edit)
    edited(to / "zarr.json", lambda group: edit(group["consolidated_metadata"]["metadata"][name]))
    return to


@pytest.mark.parametrize("name, edit", ARRAYS, ids=[name for name, _ in ARRAYS])
def test_a_declared_array_that_is_no_such_array(
    hurt: Hurt, driver: Driver, tmp_path: Path, name: str, edit: Callable[[Any], Any]
) -> None:
    """Refused by its description: within a second and without memory for it."""
    table = alone(hurt, tmp_path / "alone.zarr", "cost", edit)
    with pytest.raises(InputError, match="its store is damaged or no store of a study"):
        sz.load(table)
    ended = driver.cli("diff", table, hurt.whole, cwd=tmp_path)
    assert ended.code == 2, ended
    assert ended.err.startswith("szilard: out: got ")
    assert ended.err.count("\n") == 1
    assert ended.peak < 500


def test_a_table_alone(hurt: Hurt, tmp_path: Path) -> None:
    """What a colleague gets by mail."""
    shutil.copytree(hurt.whole / "results.zarr", tmp_path / "results.zarr")
    assert sz.load(tmp_path / "results.zarr").identical(sz.load(hurt.whole))


def test_a_table_of_someone_else(tmp_path: Path) -> None:
    import xarray as xr

    xr.Dataset({"cost": ("cell", np.ones(3))}).to_zarr(tmp_path / "other.zarr", consolidated=False, zarr_format=3)
    with pytest.raises(InputError, match="its numbers were changed"):
        sz.load(tmp_path / "other.zarr")


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
    table = alone(
        hurt, tmp_path / "new.zarr", "cost",
        lambda a: a.update(codecs=[{"name": "numcodecs.pickle", "configuration": {}}]),
    )  # fmt: skip
    old = {"zarr_format": 2, "shape": [2], "chunks": [2], "dtype": "|O", "compressor": None, "order": "C"}
    old |= {"filters": [{"id": "pickle"}], "fill_value": 0}
    (table / "heat" / ".zarray").write_text(json.dumps(old))
    (table / "heat" / "zarr.json").unlink()
    (table / "heat" / "0").write_bytes(pickled)
    for path in table.rglob("c/0"):
        path.write_bytes(pickled)
    with pytest.raises(InputError):
        sz.load(table)
    with pytest.raises(InputError):
        read_table(table)
    out = hurt.copy(tmp_path / "out")
    for name in hurt.files():
        (out / name).write_bytes(pickled)
    assert hurt.said(out) is None
    assert not (tmp_path / "ran").exists()


def test_another_study_beside_a_damaged_text(hurt: Hurt, tmp_path: Path) -> None:
    """Which study a directory holds is told by its sealed keys, not by a text that anything may have changed."""
    out = hurt.copy(tmp_path / "out")
    for text in (b"\xff\xfe", b"", changed(MICRO, ("seed = 3", "seed = 4")).encode()):
        (out / "study.toml").write_bytes(text)
        before = contents(out)
        with pytest.raises(InputError, match="of another study"):
            run_study(Study(changed(MICRO, ("seed = 3", "seed = 4"))), out)
        assert contents(out) == before
        assert hurt.recovers(out) == 0
        assert (out / "study.toml").read_text() == MICRO
    assert numbers(out) == hurt.truth


def test_another_study_beside_a_damaged_manifest(hurt: Hurt, tmp_path: Path) -> None:
    out = hurt.copy(tmp_path / "out")
    (out / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match="of another study"):
        run_study(Study(changed(MICRO, ("seed = 3", "seed = 4"))), out)
    assert hurt.recovers(out) == 0
