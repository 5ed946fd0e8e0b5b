"""Studies at length: 200 kills, every byte of a record, a full disk, 10,000 runs, 20,000 study files, a crowd."""

from __future__ import annotations

import contextlib
import random
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import szilard as sz
from szilard.errors import InputError
from szilard.study import Study, run_study
from szilard.study.table import read_table
from szilard.study.work import worked
from tests.study.damage import Hurt, flipped
from tests.study.driver import KILLED
from tests.study.tiny import LONGER, MICRO, TINY, changed, digest
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


def test_two_hundred_kills(longer: tuple[Path, str]) -> None:
    """At random times, with one thread or two: no finished run is lost or touched, and the bits are the same."""
    folder, whole = longer
    draw = random.Random(20)
    kills = rounds = 0
    while kills < 200:
        out = folder / f"round{rounds}"
        rounds += 1
        kept: dict[str, int] = {}
        before = kills
        while True:
            process = spawn(folder, out, "--retry", "--threads", str(draw.randint(1, 2)))  # no run is to blame for it
            try:
                process.wait(draw.uniform(0.05, 4.0) if kills < before + 20 else 120.0)
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
        assert read_table(out / "results.zarr").identical(sz.load(out))
        shutil.rmtree(out)
    print(f"{kills} processes killed in {rounds} studies of 4 runs: none lost, the same bits")
    assert rounds > 1


def test_a_thousand_flipped_bits(tmp_path: Path) -> None:
    """Of records, of the manifest, and of the table that other readers see: never a number that was not computed."""
    hurt = Hurt(tmp_path / "whole")
    draw = np.random.default_rng(5)
    out = hurt.copy(tmp_path / "out")
    outcomes: dict[str, Counter[int | str | None]] = {}
    for name in draw.choice(hurt.files(), 1000):
        data = (hurt.whole / name).read_bytes()
        (out / name).write_bytes(flipped(data, int(draw.integers(0, 8 * len(data)))))
        kind = "manifest" if name == "manifest.json" else "record"
        outcomes.setdefault(kind, Counter())[hurt.said(out)] += 1
        if draw.random() < 0.05:
            hurt.recovers(out)
        (out / name).write_bytes(data)
    assert hurt.said(out) == 2
    print({kind: dict(found) for kind, found in outcomes.items()})
    assert set(outcomes["record"]) <= {1, 2}
    assert set(outcomes["manifest"]) <= {None, 2}


def test_every_byte_of_a_record(tmp_path: Path) -> None:
    """All eight bits of every byte of one."""
    hurt = Hurt(tmp_path / "whole")
    out = hurt.copy(tmp_path / "out")
    name = next(name for name in hurt.files() if name.startswith("done/"))
    data = (hurt.whole / name).read_bytes()
    seen: Counter[int | None] = Counter()
    for bit in range(8 * len(data)):
        (out / name).write_bytes(flipped(data, bit))
        seen[hurt.said(out)] += 1
    print(dict(seen))
    assert set(seen) <= {1, 2}
    assert seen[2] < 0.05 * seen.total()  # the space between two numbers may become another space


def test_a_thousand_flipped_bits_of_a_table(tmp_path: Path) -> None:
    """Every one is seen or changes nothing; the library itself goes on from the records."""
    hurt = Hurt(tmp_path / "whole")
    truth = sz.load(hurt.whole)
    draw = np.random.default_rng(6)
    table = tmp_path / "alone.zarr"
    shutil.copytree(hurt.whole / "results.zarr", table)
    seen: Counter[str] = Counter()
    for name in draw.choice(hurt.table_files(), 1000):
        path = table / name.removeprefix("results.zarr/")
        data = path.read_bytes()
        path.write_bytes(flipped(data, int(draw.integers(0, 8 * len(data)))))
        try:
            assert sz.load(table).identical(truth), name
            seen["changes nothing"] += 1
        except InputError as error:
            assert str(error).isprintable()
            seen["refused"] += 1
        path.write_bytes(data)
    print(dict(seen))
    assert seen["refused"] > 500


def test_two_hundred_truncations(tmp_path: Path) -> None:
    hurt = Hurt(tmp_path / "whole")
    draw = np.random.default_rng(7)
    out = hurt.copy(tmp_path / "out")
    for name in draw.choice(hurt.files(), 200):
        data = (hurt.whole / name).read_bytes()
        (out / name).write_bytes(data[: int(draw.integers(0, len(data)))])
        assert hurt.said(out) == (None if name == "manifest.json" else 1), name
        (out / name).write_bytes(data)
    assert hurt.said(out) == 2


def test_a_hundred_deleted_chunks(tmp_path: Path) -> None:
    """Of the table: the next call makes it again; none of the runs."""
    hurt = Hurt(tmp_path / "whole")
    draw = np.random.default_rng(8)
    chunks = [name for name in hurt.table_files() if "/c/" in name]
    for _ in range(10):
        out = hurt.copy(tmp_path / "out")
        for name in draw.choice(chunks, 10, replace=False):
            (out / name).unlink()
        with pytest.raises(InputError, match="its numbers were changed"):
            sz.load(out / "results.zarr")
        assert hurt.said(out) == 2
        assert hurt.recovers(out) == 0


@contextlib.contextmanager
def small_disk(folder: Path, kibibytes: int) -> Iterator[Path]:
    folder.mkdir()
    options = f"size={kibibytes}k"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    mounted = subprocess.run(command, check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(tmp_path: Path) -> None:
    """One line that says so, no finished run lost, and the same bits once there is room, wherever it was full."""
    (tmp_path / "study.toml").write_text(TINY)
    whole = run_study(Study(TINY), tmp_path / "whole").attrs["sha256"]
    finished = set()
    for kibibytes in range(8, 132, 4):
        with small_disk(tmp_path / f"disk{kibibytes}", kibibytes) as disk:
            process = spawn(tmp_path, disk / "out")
            told, error = process.communicate(timeout=120)
            assert (process.returncode, told) == (2, ""), error
            assert error.count("\n") == 1
            assert "cannot be written: No space left on device; what is finished is kept" in error
            kept = marks(disk / "out")
            finished.add(len(kept))
            subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
            results = run_study(Study(TINY), disk / "out")
            assert kept.items() <= marks(disk / "out").items()
            assert results.attrs["sha256"] == whole
    print(f"full with {sorted(finished)} of 4 runs finished")
    assert len(finished) > 2


def test_ten_thousand_runs(tmp_path: Path) -> None:
    """At most 10 ms a run besides its training, and memory that does not grow with their number."""

    def peak() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def study(runs: int, seed: int) -> Study:
        rates = ", ".join(f"{0.001 * i:.3f}" for i in range(1, runs + 1))
        edits = ('rule = ["hebbian", "adatron"]', f"learning_rate = [{rates}]"), ("seed = 3", f"seed = {seed}")
        return Study(changed(MICRO, *edits))

    run_study(study(200, 1), tmp_path / "warm", threads=1)
    many = study(10_000, 2)
    alone = []
    for cell in many.cells[:300]:
        started = time.perf_counter()
        worked(many, cell, threads=1)
        alone.append(time.perf_counter() - started)
    seen: list[tuple[int, float]] = []
    started = time.perf_counter()
    run_study(many, tmp_path / "out", threads=1, watch=lambda done, *_: seen.append((done, peak())))
    each = (time.perf_counter() - started) / 10_000
    again = time.perf_counter()
    run_study(many, tmp_path / "out")
    again = time.perf_counter() - again
    grown = max(p for _, p in seen) - next(p for done, p in seen if done >= 1000)
    overhead = 1e3 * (each - float(np.mean(alone)))
    print(
        f"10,000 runs: {1e3 * each:.2f} ms each, {overhead:.2f} ms of it not training; {again:.1f} s to find them done"
    )
    print(f"memory after the first 1000: {grown:+.0f} MiB until the last")
    assert overhead < 10.0
    assert grown < 16.0


@given(texts())
@settings(max_examples=20_000, suppress_health_check=list(HealthCheck))
def test_twenty_thousand_study_files(text: str) -> None:
    taken(text)


def test_writers_in_a_crowd(longer: tuple[Path, str]) -> None:
    """Many start at once in a directory that is not there yet: they share the runs, and each returns all of them."""
    folder, whole = longer
    for i in range(6):
        out = folder / f"crowd{i}"
        crowd = [spawn(folder, out) for _ in range(5)]
        ends = [(*process.communicate(timeout=300), process.returncode) for process in crowd]
        assert ends == [("", "", 0)] * 5
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
