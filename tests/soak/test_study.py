"""Studies at length: kills at any time, every byte of a store turned over, 20,000 study files, writers in a crowd."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from szilard.study import Study, run_study
from tests.study.damage import Hurt, flipped
from tests.study.driver import KILLED
from tests.study.tiny import LONGER, digest
from tests.study.toml_fuzz import taken, texts

pytestmark = pytest.mark.soak
SPAWNED = [sys.executable, "-m", "szilard.cli"]


def spawn(folder: Path, out: Path, *words: str) -> subprocess.Popen[str]:
    command = [*SPAWNED, "run", str(folder / "study.toml"), "--out", str(out), "--quiet", *words]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def marks(out: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mtime_ns for p in (out / "done").glob("*.json")}


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("longer")
    (folder / "study.toml").write_text(LONGER)
    run_study(Study(LONGER), folder / "whole")
    return folder, digest(folder / "whole")


def test_sixty_kills(longer: tuple[Path, str]) -> None:
    """At random times, with one thread or two: no finished run is lost or touched, and the bits are the same."""
    folder, whole = longer
    draw = random.Random(20)
    kills = rounds = 0
    while kills < 60:
        out = folder / f"round{rounds}"
        rounds += 1
        kept: dict[str, int] = {}
        while True:
            process = spawn(folder, out, "--threads", str(draw.randint(1, 2)))
            try:
                process.wait(draw.uniform(0.05, 2.5))
            except subprocess.TimeoutExpired:
                process.kill()
            told = process.communicate(timeout=60)
            assert kept.items() <= marks(out).items()
            kept = marks(out)
            if process.returncode != KILLED:
                break
            kills += 1
        assert process.returncode == 0, told
        assert digest(out) == whole
    assert rounds > 1


def test_every_byte_of_a_store(tmp_path: Path) -> None:
    """One bit of every byte of every file; every bit of the numbers and the markers."""
    hurt = Hurt(tmp_path / "whole")
    draw = np.random.default_rng(5)
    out = hurt.copy(tmp_path / "out")
    outcomes: dict[str, Counter[int | None]] = {}
    for name in hurt.files():
        data = (hurt.whole / name).read_bytes()
        every = name.endswith("zarr.json")
        bits = 8 * np.arange(len(data)) + draw.integers(0, 8, len(data)) if every else np.arange(8 * len(data))
        kind = "description" if every else "marker" if name.startswith("done/") else "chunk"
        for bit in bits:
            (out / name).write_bytes(flipped(data, int(bit)))
            outcomes.setdefault(kind, Counter())[hurt.said(out)] += 1
            if draw.random() < 0.02:
                hurt.recovers(hurt_copy(hurt, out, tmp_path / "again", name))
        (out / name).write_bytes(data)
    print(outcomes)
    assert set(outcomes["marker"]) == {1}
    assert set(outcomes["chunk"]) <= {1, 2}
    assert outcomes["chunk"][2] < 0.05 * outcomes["chunk"].total()
    assert hurt.said(out) == 2


def hurt_copy(hurt: Hurt, out: Path, to: Path, name: str) -> Path:
    """A copy of the whole store with this one file as it is now in ``out``."""
    hurt.copy(to)
    (to / name).write_bytes((out / name).read_bytes())
    return to


def test_every_truncation_of_a_store(tmp_path: Path) -> None:
    hurt = Hurt(tmp_path / "whole")
    out = hurt.copy(tmp_path / "out")
    for name in hurt.files():
        data = (hurt.whole / name).read_bytes()
        for length in range(len(data)):
            (out / name).write_bytes(data[:length])
            said = hurt.said(out)
            assert said is None if name.endswith("zarr.json") else said == 1, (name, length)
        (out / name).write_bytes(data)


@given(texts())
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_twenty_thousand_study_files(text: str) -> None:
    taken(text)


def test_writers_in_a_crowd(longer: tuple[Path, str]) -> None:
    """Many start at once in a directory that is not there yet: one writes, the others are told so."""
    folder, whole = longer
    for i in range(6):
        out = folder / f"crowd{i}"
        crowd = [spawn(folder, out) for _ in range(5)]
        ends = [(*process.communicate(timeout=300), process.returncode) for process in crowd]
        assert {code for _, _, code in ends} <= {0, 2}
        assert any(code == 0 for _, _, code in ends)
        for _, error, code in ends:
            assert error == "" or (code == 2 and "another run is writing there" in error), error
        assert digest(out) == whole


def test_start() -> None:
    """Beyond Python's own start, best of nine: import below 0.3 s, --help below 0.4 s."""

    def best(*words: str) -> float:
        times = []
        for _ in range(9):
            started = time.perf_counter()
            subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, timeout=60)
            times.append(time.perf_counter() - started)
        return min(times)

    bare = best("-c", "pass")
    imported, helped = best("-c", "import szilard") - bare, best("-m", "szilard.cli", "--help") - bare
    print(f"Python {bare:.3f} s; import szilard + {imported:.3f} s; szilard --help + {helped:.3f} s")
    assert imported < 0.3
    assert helped < 0.4
