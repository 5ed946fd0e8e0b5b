"""A recorder never ends a training: it warns once, stops recording, and keeps what it has."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from szilard import InputError
from szilard.infer import training_recording, training_store
from szilard.infer.training_recording import TrainingRecording, training_ledger
from szilard.infer.training_result import TrainingLedger
from szilard.infer.training_steps import BLOCK, COLUMNS

CALLS, BAD = 80, 50


class Broken:
    """An array of a library that fails."""

    shape = (6,)

    def detach(self) -> None:
        raise RuntimeError("device-side assert triggered")


def spoiled(kind: str, w: Any, g: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What the fiftieth call is given."""
    bad = g.copy()
    bad[2] = np.nan
    calls: dict[str, tuple[Any, ...]] = {
        "gradient": (w, 1.0, bad),
        "infinite": (np.where(w > 0.0, np.inf, w), 1.0, g),
        "loss": (w, float("nan"), g),
        "shape": (w[:5], 1.0, g[:5]),
        "gradients": (w, 1.0, g[:5]),
        "parts": (w, 1.0),
        "rate": (w, 1.0, g),
        "type": ("weights", 1.0, g),
        "library": (Broken(), 1.0, g),
        "diverged": (w, 1.0, 1e200 * g),
        "large": (1e31 * w, 1.0, g),
    }
    named: dict[str, dict[str, Any]] = {"parts": {"parts": [g, g]}, "rate": {"learning_rate": -0.1}}
    return calls[kind], named.get(kind, {})


def train(recording: TrainingRecording, calls: int, kind: str | None = None) -> int:
    """Noisy descent whose call number fifty is spoiled; how many calls were made."""
    draw, w, made = np.random.default_rng(1), np.full(6, 2.0), 0
    for k in range(calls):
        g = w + draw.normal(size=6)
        with np.errstate(over="ignore", invalid="ignore"):
            given, named = spoiled(kind, w, g) if kind and k == BAD else ((w, 0.5 * float(w @ w), g), {})
            recording.step(*given, **named)
        w, made = w - 0.1 * g, made + 1
    return made


def same_but_for(run: TrainingLedger, clean: TrainingLedger, told: str) -> None:
    assert run.amounts == clean.amounts and np.array_equal(run.spectrum, clean.spectrum)
    (new,) = [problem for problem in run.problems if problem not in clean.problems]
    assert new.startswith(f"the recording stopped after {BAD} calls: ") and told in new


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("gradient", "gradients[2]"),
        ("infinite", "finite"),
        ("loss", "loss"),
        ("shape", "as before"),
        ("gradients", "6 numbers"),
        ("parts", "at every call or at none"),
        ("rate", "learning_rate"),
        ("type", "arrays of numbers"),
        ("library", "RuntimeError: device-side assert triggered"),
        ("diverged", "diverged"),
        ("large", "diverged"),
    ],
)
@pytest.mark.parametrize("every", [7, 1000])
def test_a_bad_call_ends_the_recording_and_not_the_training(tmp_path: Path, kind: str, told: str, every: int) -> None:
    clean = TrainingRecording(learning_rate=0.1)
    train(clean, BAD)
    with TrainingRecording(tmp_path, learning_rate=0.1, every=every) as recording:
        with pytest.warns(RuntimeWarning, match="the training goes on") as said:
            assert train(recording, CALLS, kind) == CALLS
        assert len(said) == 1 and said[0].filename == __file__
        same_but_for(recording.ledger(), clean.ledger(), told)
        assert "stopped" in repr(recording)
        same_but_for(training_ledger(tmp_path), clean.ledger(), told)  # before it is closed
    same_but_for(training_ledger(tmp_path), clean.ledger(), told)


@pytest.mark.parametrize("kind", ["gradient", "loss", "gradients", "rate", "type", "diverged"])
def test_the_first_call_is_refused(kind: str) -> None:
    w = np.full(6, 2.0)
    given, named = spoiled(kind, w, w.copy())
    recording = TrainingRecording(learning_rate=0.1)
    with np.errstate(over="ignore"), pytest.raises(InputError):
        recording.step(*given, **named)
    train(recording, 30)  # nothing was booked
    clean = TrainingRecording(learning_rate=0.1)
    train(clean, 30)
    assert repr(recording.ledger()) == repr(clean.ledger())


@pytest.mark.parametrize("part", ["steps", "sums", "trained", "header"])
def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """It fills at the second save, in one file or another; once there is room again, closing saves the rest once."""
    clean = TrainingRecording(learning_rate=0.1)
    train(clean, 40)
    recording = TrainingRecording(tmp_path, learning_rate=0.1, every=20)
    replace, fsync = os.replace, os.fsync
    full = False

    def refuse() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def replaced(partial: Path, path: Path) -> None:
        if full and path.name.startswith({"header": "training"}.get(part, part)):
            refuse()
        replace(partial, path)

    def synced(number: int) -> None:
        if full and part == "steps":
            refuse()
        fsync(number)

    monkeypatch.setattr(os, "replace", replaced)
    monkeypatch.setattr(os, "fsync", synced)
    train(recording, 20)
    full = True
    draw, w = np.random.default_rng(3), np.ones(6)
    with pytest.warns(RuntimeWarning, match="No space left") as said:
        for _ in range(60):
            recording.step(w, 1.0, w)
            w = w - 0.1 * (w + draw.normal(size=6))
    assert len(said) == 1
    assert training_ledger(tmp_path).steps == 19
    assert recording.ledger().steps == 39 and "No space left" in recording.ledger().problems[-1]
    full = False
    recording.close()
    assert training_ledger(tmp_path).steps == 39
    assert "stopped after 40 calls" in training_ledger(tmp_path).problems[-1]


def test_a_directory_that_vanishes(tmp_path: Path) -> None:
    recording = TrainingRecording(tmp_path / "run", learning_rate=0.1, every=20)
    train(recording, 25)
    shutil.rmtree(tmp_path / "run")
    with pytest.warns(RuntimeWarning, match="No such file"):
        train(recording, 60)
    assert recording.ledger().steps == 39
    recording.close()


def test_closing_on_a_full_disk_raises_nothing(tmp_path: Path) -> None:
    with pytest.warns(RuntimeWarning, match="cannot be written"), TrainingRecording(tmp_path / "run") as recording:
        train(recording, 25)
        shutil.rmtree(tmp_path / "run")


def test_a_stopped_recording_is_taken_up_again(tmp_path: Path) -> None:
    with TrainingRecording(tmp_path, learning_rate=0.1) as first, pytest.warns(RuntimeWarning):
        train(first, CALLS, "gradient")
    with TrainingRecording(tmp_path, learning_rate=0.1, resume=True) as second:
        train(second, 30)
    run = training_ledger(tmp_path)
    assert run.steps == BAD - 1 + 29
    assert not any("stopped" in problem for problem in run.problems)
    assert any("taken up again" in problem for problem in run.problems)


@pytest.mark.parametrize("follow", [0, 3])
def test_what_is_saved_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, follow: int) -> None:
    """The reader's limit is the writer's: here 3600 bytes."""
    monkeypatch.setattr(training_store, "MOST_BYTES", 3600)
    most = 3600 // (8 * (len(COLUMNS) + follow))
    with pytest.warns(RuntimeWarning, match="as long as a recording may be") as said:
        with TrainingRecording(tmp_path, learning_rate=0.1, every=9, follow=follow) as recording:
            train(recording, 100)
    run = training_ledger(tmp_path)
    assert run.steps == most - 1 and len(said) == 1
    assert f"stopped after {most} calls" in run.problems[-1]
    with TrainingRecording(tmp_path, resume=True) as again, pytest.raises(InputError, match="as long"):
        train(again, 1)


def test_more_weights_than_can_be_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_recording, "MOST_WEIGHTS", 5)
    with pytest.raises(InputError, match="at most 5 weights"):
        train(TrainingRecording(), 1)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EIO])
def test_file_systems_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refused(*_: Any) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr(fcntl, "flock", refused)
    if number == errno.EIO:
        with pytest.raises(InputError, match="cannot be written"):
            TrainingRecording(tmp_path)
        return
    with TrainingRecording(tmp_path, learning_rate=0.1) as recording:
        train(recording, 30)
    assert training_ledger(tmp_path).steps == 29


def test_a_second_rank_is_refused(tmp_path: Path) -> None:
    with TrainingRecording(tmp_path), pytest.raises(InputError, match="one rank only"):
        TrainingRecording(tmp_path)


def test_memory_per_call_is_what_is_said() -> None:
    recording, w = TrainingRecording(learning_rate=0.1), np.ones(6)
    recording.step(w, 1.0, w)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(BLOCK):
        recording.step(w, 1.0, w)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert abs(grown / BLOCK - 8 * len(COLUMNS)) < 1.0
    assert len(COLUMNS) == 15  # 120 bytes
