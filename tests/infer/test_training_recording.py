"""What a training loop hands over: read as numbers, kept on disk whole, refused where it is damaged or foreign."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zlib
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from szilard import InputError
from szilard.infer.training_arrays import leaves, vector
from szilard.infer.training_estimates import mean_of_ledgers
from szilard.infer.training_recording import TrainingRecording, training_ledger
from szilard.infer.training_steps import COLUMNS

Array = NDArray[np.float64]


class Tensor:
    """Looks like a tensor on a device: NumPy cannot read it before it is detached and on the CPU."""

    def __init__(self, values: Any, grad: Tensor | None = None, state: str = "device") -> None:
        self.values, self.grad, self.state = np.asarray(values), grad, state
        self.shape = self.values.shape

    def detach(self) -> Tensor:
        return Tensor(self.values, state="detached")

    def cpu(self) -> Tensor:
        assert self.state == "detached"
        return Tensor(self.values, state="cpu")

    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
        if self.state != "cpu":
            raise RuntimeError("Can't call numpy() on Tensor that requires grad")
        return self.values  # shares its memory, as tensors do


class Coarse(Tensor):
    """A type that NumPy has no name for, until .float() is called."""

    def detach(self) -> Coarse:
        return self

    def cpu(self) -> Coarse:
        return self

    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
        raise TypeError("Got unsupported ScalarType BFloat16")

    def float(self) -> Array:
        return np.asarray(self.values, np.float64)


class Module:
    """Parameters from a generator, with gradients in .grad."""

    def __init__(self) -> None:
        self.held = [Tensor(np.ones((2, 3), np.float32)), Tensor(np.zeros(3, np.float32)), Tensor(np.ones(1))]

    def parameters(self) -> Iterator[Tensor]:
        yield from self.held


def walk(recording: TrainingRecording, calls: int, *, seed: int = 1, start: Array | None = None) -> Array:
    """Noisy descent in a bowl; returns where it got to."""
    draw, w = np.random.default_rng(seed), np.full(6, 2.0) if start is None else start
    for _ in range(calls):
        g = w + draw.normal(size=6)
        recording.step({"b": w[4:], "a": [w[:2], w[2:4]]}, 0.5 * float(w @ w), {"a": [g[:2], g[2:4]], "b": g[4:]})
        w = w - 0.1 * g
    return w


def test_torch_like_parameters_give_their_gradients() -> None:
    model = Module()
    model.held[0].grad = Tensor(np.full((2, 3), 0.5, np.float32))
    model.held[2].grad = Tensor([2.0])  # the second is frozen
    recording = TrainingRecording()
    recording.step(model.parameters(), Tensor(1.5))
    row = recording.training().rows[0]
    assert row[COLUMNS.index("gradient2")] == 6 * 0.25 + 4.0
    assert row[COLUMNS.index("loss")] == 1.5
    assert row[COLUMNS.index("size2")] == 7.0


def test_weights_changed_in_place_are_seen_to_change() -> None:
    model = Module()
    recording = TrainingRecording(learning_rate=0.1)
    for _ in range(2):
        for p in model.held:
            p.grad = Tensor(np.ones(p.shape))
        recording.step(model.parameters(), 1.0)
        for p in model.held:
            p.values -= 0.1
    assert recording.training().column("step2")[1] == pytest.approx(10 * 0.01, rel=1e-6)


def test_trees_are_read_in_one_order() -> None:
    Pair = namedtuple("Pair", "w b")
    tree = {"z": np.array([5.0]), "a": Pair(np.array([[1.0, 2.0]]), [np.float32(3.0), np.array(4.0)])}
    assert vector(leaves(tree, "p"), "p").tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert vector(leaves([Coarse([1.0, 2.0])], "p"), "p").tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ([], "at least one weight"),
        (None, "arrays of numbers"),
        ("weights", "arrays of numbers"),
        ([np.array([1.0, np.nan])], "finite"),
        ([np.array([1.0, np.inf])], "finite"),
        ([np.array([1, 2])], "floating-point"),
        ([np.array([1.0 + 1j])], "floating-point"),
        ([np.array([None, {}])], "floating-point"),
        ([np.array(["a"])], "floating-point"),
        ([object()], "floating-point"),
        ([Module()], "floating-point"),
    ],
)
def test_what_are_no_weights_is_refused(given: Any, rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        TrainingRecording().step(given, 1.0, [np.zeros(2)])


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(InputError, match="nested too deep"):
        TrainingRecording().step(endless, 1.0, endless)


def test_bad_calls_are_refused() -> None:
    w = np.ones(3)
    recording = TrainingRecording()
    with pytest.raises(InputError, match=r"hold no \.grad"):
        recording.step([Tensor(w)], 1.0)
    with pytest.raises(InputError, match="3 numbers"):
        recording.step(w, 1.0, np.ones(2))
    with pytest.raises(InputError, match="two microbatches"):
        recording.step(w, 1.0, parts=[w])
    with pytest.raises(InputError, match="3 numbers"):
        recording.step(w, 1.0, w, parts=[np.ones(2), np.ones(2)])
    with pytest.raises(InputError, match="parts"):
        recording.step(w, 1.0, parts=[w, np.ones(2)])
    with pytest.raises(InputError, match="loss"):
        recording.step(w, float("nan"), w)
    with pytest.raises(InputError, match="learning_rate"):
        recording.step(w, 1.0, w, learning_rate=-0.1)
    with pytest.raises(InputError, match="empty"):
        recording.ledger()
    recording.step(w, 1.0, w)
    with pytest.raises(InputError, match="needs at least 16"):
        recording.ledger()
    recording.close()
    with pytest.raises(InputError, match="closed"):
        recording.step(w, 1.0, w)


@pytest.mark.parametrize("field", ["learning_rate", "every", "follow", "seed", "resume"])
@pytest.mark.parametrize("value", [-1, 2.5, float("nan"), "x", True])
def test_bad_settings_are_refused(field: str, value: Any) -> None:
    if (field == "learning_rate" and value == 2.5) or (field == "resume" and value is True):
        return
    with pytest.raises(InputError, match=field):
        TrainingRecording(**{field: value})


@pytest.mark.parametrize("settings", [{"seed": 1 << 64}, {"path": 5}, {"path": "a\0b"}, {"path": b"run"}])
def test_settings_that_could_not_be_kept_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        TrainingRecording(**settings)


def test_a_directory_holds_what_memory_held(tmp_path: Path) -> None:
    kept = TrainingRecording(learning_rate=0.1, follow=3)
    walk(kept, 50)
    with TrainingRecording(tmp_path / "run", learning_rate=0.1, follow=3, every=7) as stored:
        walk(stored, 50)
        assert repr(training_ledger(tmp_path / "run")).startswith("Apparent ledger of 48 steps of 6 weights")
    assert repr(training_ledger(tmp_path / "run")) == repr(kept.ledger())
    assert training_ledger(tmp_path / "run").training.followed.shape == (50, 3)


def test_it_is_taken_up_again(tmp_path: Path) -> None:
    with TrainingRecording(tmp_path, learning_rate=0.1, every=10, follow=2) as first:
        w = walk(first, 40)
    with TrainingRecording(tmp_path, learning_rate=0.1, every=10, resume=True) as second:
        assert repr(second.ledger()) == repr(first.ledger())
        walk(second, 40, seed=2, start=w)
    run = training_ledger(tmp_path)
    assert run.steps == 78 and run.training.follow == 2
    assert any("taken up again 1 time" in problem for problem in run.problems)
    away = run.training.column("away2")[-1]
    assert away == pytest.approx(float(np.sum((run.training.sums[3]) ** 2)), rel=1e-12)
    with (
        TrainingRecording(tmp_path, learning_rate=0.1, resume=True) as third,
        pytest.raises(InputError, match="same model"),
    ):
        third.step(np.ones(7), 1.0, np.ones(7))


def test_a_second_training_is_never_mixed_into_the_first(tmp_path: Path) -> None:
    with TrainingRecording(tmp_path, learning_rate=0.1, resume=True) as first:  # there is nothing yet to go on with
        walk(first, 40)
    with pytest.raises(InputError, match=r"holds a recorded training already.*resume=True"):
        TrainingRecording(tmp_path, learning_rate=0.1)
    TrainingRecording(tmp_path, learning_rate=0.1, resume=True).close()  # the refusal left no lock
    assert training_ledger(tmp_path).steps == 39


KILLED = """
import os, signal, sys
import numpy as np
from szilard.infer.training_recording import TrainingRecording
recording = TrainingRecording(sys.argv[1], learning_rate=0.1, every=10)
w = np.full(6, 2.0)
for k in range(1000):
    recording.step(w, 0.5 * float(w @ w), w)
    w = 0.9 * w
    if k == 34:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_run_loses_the_last_interval_only(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert training_ledger(tmp_path).steps == 29
    with (tmp_path / "steps.f64").open("ab") as stream:
        stream.write(b"half a row that came after the last save")
    with TrainingRecording(tmp_path, learning_rate=0.1, resume=True) as again:
        walk(again, 5)
    assert training_ledger(tmp_path).steps == 29 + 4


def test_one_writer_and_no_foreign_directory(tmp_path: Path) -> None:
    first = TrainingRecording(tmp_path / "run")
    with pytest.raises(InputError, match="another run"):
        TrainingRecording(tmp_path / "run")
    first.close()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("precious")
    with pytest.raises(InputError, match="holds no recording"):
        TrainingRecording(tmp_path / "other")
    with pytest.raises(InputError, match="is a file"):
        TrainingRecording(tmp_path / "other" / "thesis.tex")
    with pytest.raises(InputError, match="holds no recording"):
        training_ledger(tmp_path / "other")


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    with TrainingRecording(tmp_path / "run", learning_rate=0.1, every=20) as recording:
        walk(recording, 40)
    return tmp_path / "run"


def resealed(path: Path, **changes: Any) -> None:
    """A header changed by someone who knows how it is sealed."""
    facts = json.loads((path / "training.json").read_text())
    facts.pop("seal")
    facts |= changes
    facts["seal"] = zlib.crc32(json.dumps(facts, sort_keys=True).encode())
    (path / "training.json").write_text(json.dumps(facts))


def test_every_flipped_bit_is_seen(recorded: Path) -> None:
    draw = np.random.default_rng(3)
    for path in sorted(recorded.iterdir()):
        whole = path.read_bytes()
        if path.name in (".training.lock", "start.f64", "sums-20.f64", "trained-20.bits", "trained-40.bits"):
            continue
        for place in draw.integers(0, len(whole), size=40):
            bad = bytearray(whole)
            bad[place] ^= 1 << int(draw.integers(8))
            path.write_bytes(bytes(bad))
            if path.suffix == ".json" and _same_text(bytes(bad), whole):
                continue
            with pytest.raises(InputError):
                training_ledger(recorded)
        path.write_bytes(whole)
    assert training_ledger(recorded).steps == 39


def _same_text(one: bytes, other: bytes) -> bool:
    """Whether only white space between words of the JSON changed."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


@pytest.mark.parametrize(("name", "place"), [("start.f64", 5), ("trained-40.bits", 0)])
def test_a_flipped_start_is_seen_when_it_is_needed(recorded: Path, name: str, place: int) -> None:
    whole = bytearray((recorded / name).read_bytes())
    whole[place] ^= 4
    (recorded / name).write_bytes(bytes(whole))
    with TrainingRecording(recorded, resume=True) as again, pytest.raises(InputError, match="damaged"):
        walk(again, 1)


@pytest.mark.parametrize("name", ["training.json", "steps.f64", "sums-40.f64"])
def test_truncated_and_missing_files_are_refused(recorded: Path, name: str) -> None:
    whole = (recorded / name).read_bytes()
    for kept in (len(whole) - 1, len(whole) // 2, 0):
        (recorded / name).write_bytes(whole[:kept])
        with pytest.raises(InputError):
            training_ledger(recorded)
    (recorded / name).unlink()
    with pytest.raises(InputError):
        training_ledger(recorded)


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": 10**18},
        {"rows": -1},
        {"rows": 2.0},
        {"rows": True},
        {"rows": 0, "steps_crc": 0},
        {"columns": 10**9},
        {"columns": 7, "rows": 80},
        {"watched": 10**12, "weights": 10**12},
        {"watched": 0},
        {"weights": 1 << 62},
        {"follow": 5},
        {"follow": 10**30},
        {"seed": 1 << 70},
        {"trained": 7},
        {"trained": 0},
        {"stopped": 3},
        {"stopped": "x" * 301},
        {"stopped": None},
        {"sums_crc": 1.5},
        {"rows": 10**300},
        {"rows": float("nan")},
        {"columns": float("inf")},
        {"columns": [15]},
        {"weights": {"of": 6}},
        {"scattered": "yes"},
        {"seed": None},
        {"sums_rows": 2, "watched": 12, "weights": 12},
        {"steps_crc": "0"},
        {"format": "pickle"},
    ],
)
def test_a_header_that_lies_is_refused_before_memory_is_taken(recorded: Path, changes: dict[str, Any]) -> None:
    resealed(recorded, **changes)
    with pytest.raises(InputError):
        training_ledger(recorded)
    with pytest.raises(InputError):
        TrainingRecording(recorded, resume=True)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"seal": 1}', "[" * 50_000, '"' + "x" * 70_000 + '"'])
def test_a_header_that_is_none_is_refused(recorded: Path, text: str) -> None:
    (recorded / "training.json").write_text(text)
    with pytest.raises(InputError):
        training_ledger(recorded)


def test_pickles_are_never_read(recorded: Path) -> None:
    marker = recorded.parent / "ran"
    bomb = np.array([_Bomb(str(marker))], dtype=object)
    np.save(recorded / "steps.npy", bomb, allow_pickle=True)
    os.replace(recorded / "steps.npy", recorded / "steps.f64")
    with pytest.raises(InputError):
        training_ledger(recorded)
    assert not marker.exists()


class _Bomb:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (Path(self.path),))


def test_the_ledger_shows_itself() -> None:
    recording = TrainingRecording(learning_rate=0.1, follow=2)
    walk(recording, 60)
    run = recording.ledger()
    html = run._repr_html_()
    for name, value, *_ in run.table:
        assert name in repr(run) and value in repr(run)
        assert value.replace("<", "&lt;").replace(">", "&gt;") in html
    for letter, assumption in run.assumptions:
        assert f"{letter}: assumes {assumption}" in repr(run)
    data = run.to_xarray()
    assert float(data.temperature) == run["temperature"].value and data.temperature.attrs["side"] == "upper"
    assert data.weights.shape == (60, 2) and data.loss.shape == (60,)
    assert float(data.path[-1]) == pytest.approx(run["path_length"].value, rel=1e-12)
    for what in ("loss", "path", "temperature", "weights"):
        line = run.plot(what=what).get_lines()[0]
        assert np.isfinite(np.asarray(line.get_ydata(), float)).all()
    assert sum(patch.get_height() for patch in run.plot(what="spectrum").patches) == 6  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="what"):
        run.plot(what="sound")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="must be one of"):
        run["entropy_production"]
    assert "temperature" in run and "entropy_production" not in run


def test_the_mean_of_ledgers_needs_two() -> None:
    recording = TrainingRecording(learning_rate=0.1)
    walk(recording, 60)
    with pytest.raises(InputError, match="two ledgers"):
        mean_of_ledgers([recording.ledger()])


def test_the_mean_of_ledgers_joins_what_they_assume() -> None:
    draw, w = np.random.default_rng(2), np.ones(6)
    single, shared = TrainingRecording(learning_rate=0.1), TrainingRecording(learning_rate=0.1)
    for _ in range(60):
        parts = w + draw.normal(size=(2, 6))
        single.step(w, 0.5 * float(w @ w), parts.mean(axis=0))
        shared.step(w, 0.5 * float(w @ w), parts=parts)
        w = w - 0.1 * parts.mean(axis=0)
    runs = [shared.ledger(), single.ledger()]
    for order in (runs, runs[::-1]):
        mean = mean_of_ledgers(order)["temperature"]
        assert set(mean.assumptions) == {a for run in runs for a in run["temperature"].assumptions}
        assert len(mean.assumptions) == 3 and mean.side == "upper"


def test_watched_weights_speak_for_all() -> None:
    """Of 100,000 weights 65,536 are in the spectrum, half of them twice as warm as the others."""
    draw, c = np.random.default_rng(1), np.repeat([1.0, 2.0], 50_000)
    recording, w = TrainingRecording(learning_rate=0.1), np.zeros(100_000)
    for _ in range(40):
        parts = w + np.sqrt(2.0 * c) * draw.normal(size=(2, c.size))
        recording.step(w, 0.5 * float(w @ w), parts=parts)
        w = w - 0.1 * parts.mean(axis=0)
    run = recording.ledger()
    assert run.spectrum.size == 65_536
    assert run["temperature"].value == pytest.approx(0.075, rel=0.01)
    # twice the standard error of the mean of 65,536 of them, drawn at random: 0.025 / 256 + sampling 0.017 / 256
    assert abs(run.spectrum.mean() - run["temperature"].value) < 4e-4
    assert abs(float(np.median(run.spectrum[run.spectrum > 0.075])) / 0.1 - 1.0) < 0.1
