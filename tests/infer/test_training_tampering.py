"""Sealed recordings with numbers or files that no recorder writes are refused, and never a traceback."""

from __future__ import annotations

import json
import os
import signal
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from szilard import InputError
from szilard.infer.training_recording import TrainingRecording, training_ledger
from szilard.infer.training_steps import COLUMNS, KEPT

VALUES = (0.0, -0.0, 1.0, -1.0, 2.0, 1e-320, 1e-160, 1e59, 1e61, 1e160, 1e308, -1e308, np.nan, np.inf, -np.inf)


class TooLate(BaseException):
    """No OSError, which a reader turns into a refusal."""


@contextmanager
def soon() -> Iterator[None]:
    """Raises TooLate where something waits for a pipe."""

    def late(*_: Any) -> None:
        raise TooLate

    old = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 5.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, old)


def recorded(path: Path, parts: int) -> Path:
    draw, w = np.random.default_rng(6), np.full(6, 2.0)
    for calls in (25, 15):
        with TrainingRecording(path, learning_rate=0.1, follow=1, resume=True) as recording:
            for _ in range(calls):
                shards = w + draw.normal(size=(max(parts, 1), 6))
                recording.step(w, 0.5 * float(w @ w), None if parts else shards[0], parts=shards if parts else None)
                w = w - 0.1 * shards.mean(axis=0)
    return path


def resealed(path: Path, rows: Any = None, sums: Any = None, **changes: Any) -> None:
    """A recording changed by someone who knows how it is sealed."""
    facts = json.loads((path / "training.json").read_text())
    facts.pop("seal")
    for name, key, data in (("steps.f64", "steps_crc", rows), ("sums-40.f64", "sums_crc", sums)):
        if data is not None:
            (path / name).write_bytes(data.tobytes())
            facts[key] = zlib.crc32(data.tobytes())
    facts |= changes
    facts["seal"] = zlib.crc32(json.dumps(facts, sort_keys=True).encode())
    (path / "training.json").write_text(json.dumps(facts))


def columns_of(path: Path) -> tuple[Any, Any]:
    rows = np.frombuffer((path / "steps.f64").read_bytes()).reshape(40, -1).copy()
    return rows, np.frombuffer((path / "sums-40.f64").read_bytes()).reshape(KEPT, -1).copy()


def refused_or_whole(path: Path) -> bool:
    """Whether there is a ledger; it then shows itself, and every amount is a number."""
    try:
        run = training_ledger(path)
    except InputError:
        return False
    assert repr(run) and run._repr_html_()
    assert all(not np.isnan(e.value) and not np.isnan(e.stderr) for e in run.amounts.values())
    return True


@pytest.mark.parametrize("parts", [0, 2])
def test_any_number_anywhere_is_refused_or_understood(tmp_path: Path, parts: int) -> None:
    path = recorded(tmp_path / "run", parts)
    rows, sums = columns_of(path)
    assert refused_or_whole(path)
    read, draw = 0, np.random.default_rng(parts)
    for value in VALUES:
        for column in range(rows.shape[1]):
            bad = rows.copy()
            bad[draw.integers(40) if draw.random() < 0.5 else slice(None), column] = value
            resealed(path, bad, sums)
            read += refused_or_whole(path)
        for kind in range(KEPT):
            bad = sums.copy()
            bad[kind, draw.integers(6) if draw.random() < 0.5 else slice(None)] = value
            resealed(path, rows, bad)
            read += refused_or_whole(path)
    assert read > 30


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("loss", np.nan),
        ("rate", np.nan),
        ("step2", -1.0),
        ("step2", np.inf),
        ("before", np.nan),
        ("neighbour", np.inf),
        ("second", np.nan),
        ("cross", np.nan),
        ("away2", np.nan),
        ("since2", -1e-9),
        ("parts", 2.0),
        ("gradient2", 1e61),
    ],
)
def test_numbers_that_no_run_gives_are_refused(tmp_path: Path, name: str, value: float) -> None:
    path = recorded(tmp_path / "run", 0)
    rows, sums = columns_of(path)
    rows[8, COLUMNS.index(name)] = value
    resealed(path, rows, sums)
    with pytest.raises(InputError, match="does not write"):
        training_ledger(path)
    with pytest.raises(InputError, match="does not write"):
        TrainingRecording(path, resume=True)
    with TrainingRecording(tmp_path / "other"):  # the lock of the refused one does not linger
        pass


@pytest.mark.parametrize("parts", [1.0, 0.0, np.nan, 1.5])
def test_a_scatter_of_fewer_than_two_parts_is_refused(tmp_path: Path, parts: float) -> None:
    path = recorded(tmp_path / "run", 2)
    rows, sums = columns_of(path)
    rows[:, COLUMNS.index("parts")] = parts
    resealed(path, rows, sums)
    with pytest.raises(InputError, match="does not write"):
        training_ledger(path)


def test_parts_that_never_were_are_refused(tmp_path: Path) -> None:
    path = recorded(tmp_path / "run", 0)
    resealed(path, scattered=True)
    with pytest.raises(InputError, match="does not write"):
        training_ledger(path)


@pytest.mark.parametrize("text", ['{"a":' * 900 + "1" + "}" * 900, '{"seal": 1, "rows": 1' + "0" * 5000 + "}"])
def test_texts_that_break_a_reader_of_json_are_refused(tmp_path: Path, text: str) -> None:
    path = recorded(tmp_path / "run", 0)
    (path / "training.json").write_text(text)
    with pytest.raises(InputError):
        training_ledger(path)


@pytest.mark.parametrize("kind", ["pipe", "directory", "device"])
@pytest.mark.parametrize("name", ["training.json", "steps.f64", "sums-40.f64", "start.f64", "trained-40.bits"])
def test_only_plain_files_are_read(tmp_path: Path, name: str, kind: str) -> None:
    path = recorded(tmp_path / "run", 0)
    (path / name).unlink()
    if kind == "pipe":
        os.mkfifo(path / name)
    elif kind == "directory":
        (path / name).mkdir()
    else:
        (path / name).symlink_to("/dev/zero")
    with soon(), pytest.raises(InputError):
        if name not in ("start.f64", "trained-40.bits"):
            training_ledger(path)
        with TrainingRecording(path, resume=True) as recording:
            recording.step(np.ones(6), 1.0, np.ones(6))


def test_a_lock_that_is_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".training.lock")
    with soon(), pytest.raises(InputError, match="no plain file"):
        TrainingRecording(tmp_path)
