"""The same study gives the same bits: for any number of threads, after any kill, alone or extended."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.errors import InputError
from szilard.study import Study, run_study
from szilard.study.plan import plan_of
from szilard.study.table import read_table
from tests.study.driver import KILLED, Driver
from tests.study.tiny import LONGER, MICRO, TINY, changed, contents, digest, numbers

SPAWNED = [sys.executable, "-m", "szilard.cli"]


def marks(out: Path) -> dict[str, int]:
    """When each finished run was stored, by the file's date."""
    return {p.name: p.stat().st_mtime_ns for p in (out / "done").glob("*.json")}


def begun(seen: list[tuple[int, int, float]]) -> set[int]:
    """Which runs, by number, a watch saw starting or going on."""
    return {done for done, total, _ in seen if done < total}


def spawn(folder: Path, out: Path) -> subprocess.Popen[str]:
    command = [*SPAWNED, "run", str(folder / "study.toml"), "--out", str(out), "--quiet"]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs, and their children, ignore it
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for_marks(out: Path, count: int, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 120
    while len(marks(out)) < count:
        assert process.poll() is None, f"ended with {count} runs to wait for: {process.communicate()}"
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The longer study's directory and the digest of it run in one go."""
    folder = tmp_path_factory.mktemp("longer")
    (folder / "study.toml").write_text(LONGER)
    run_study(Study(LONGER), folder / "whole")
    return folder, digest(folder / "whole")


def test_threads(tmp_path: Path) -> None:
    for threads in (1, 2, 5):
        run_study(Study(TINY), tmp_path / str(threads), threads=threads)
    one, two, five = (numbers(tmp_path / str(threads)) for threads in (1, 2, 5))
    assert len(one) == 4
    assert one == two
    assert one == five
    assert digest(tmp_path / "1") == digest(tmp_path / "2")
    assert len({sz.load(tmp_path / str(threads)).attrs["sha256"] for threads in (1, 2, 5)}) == 1


def test_another_seed_gives_other_bits(tmp_path: Path) -> None:
    run_study(Study(TINY), tmp_path / "a")
    run_study(Study(changed(TINY, ("seed = 5", "seed = 6"))), tmp_path / "b")
    assert not set(numbers(tmp_path / "a").values()) & set(numbers(tmp_path / "b").values())


def test_every_run_has_noise_of_its_own(tmp_path: Path) -> None:
    """Almost nothing is learned, so that equal noise would give equal errors."""
    results = run_study(Study(changed(TINY, ("[0.5, 2.0]", "[1e-9, 2e-9]"))), tmp_path)
    assert np.unique(results.error.values).size == 4


def test_order_of_the_grid(tmp_path: Path) -> None:
    turned = changed(TINY, ('["hebbian", "perceptron"]', '["perceptron", "hebbian"]'), ("[0.5, 2.0]", "[2, 0.5]"))
    run_study(Study(TINY), tmp_path / "a")
    run_study(Study(turned), tmp_path / "b")
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_killed_in_the_middle(longer: tuple[Path, str]) -> None:
    folder, whole = longer
    out = folder / "killed"
    for count, delay in ((1, 0.1), (3, 0.0)):
        process = spawn(folder, out)
        wait_for_marks(out, count, process)
        time.sleep(delay)
        before = marks(out)
        process.kill()
        assert process.wait(60) == KILLED
        process.communicate()
        assert set(before) <= set(marks(out))
    kept = marks(out)
    assert 3 <= len(kept) <= 4
    seen: list[tuple[int, int, float]] = []
    run_study(Study(LONGER), out, watch=lambda *told: seen.append(told))
    assert begun(seen) == set(range(len(kept), 4))
    assert kept.items() <= marks(out).items()
    assert digest(out) == whole


def writes() -> Iterator[int]:
    """The first eight one by one, of which every kind of file of the store is one; then now and then, in the table."""
    yield from range(8)
    yield from range(8, 10_000, 190)


def test_killed_before_a_write(driver: Driver, tmp_path: Path) -> None:
    """Each file is put in its place by one rename; the process is killed before the first, the second, ..."""
    (tmp_path / "study.toml").write_text(MICRO)
    run_study(Study(MICRO), tmp_path / "whole")
    whole = digest(tmp_path / "whole")
    finished = set()
    for write in writes():
        out = tmp_path / f"out{write}"
        ended = driver.killed_at(write, "run", "study.toml", "--out", out, "-q", cwd=tmp_path)
        if ended.code == 0:
            break
        assert ended.code == KILLED, ended
        kept = marks(out)
        finished.add(len(kept))
        seen: list[tuple[int, int, float]] = []
        results = run_study(Study(MICRO), out, watch=lambda *told, seen=seen: seen.append(told))
        assert begun(seen) == set(range(len(kept), 2)), write
        assert kept.items() <= marks(out).items()
        assert digest(out) == whole, write
        assert read_table(out / "results.zarr").identical(results), write
    assert finished == {0, 1, 2}


def test_killed_while_the_grid_grows(driver: Driver, tmp_path: Path) -> None:
    grown = changed(MICRO, ('rule = ["hebbian", "adatron"]', 'rule = ["hebbian", "adatron", "perceptron"]'))
    (tmp_path / "grown.toml").write_text(grown)
    run_study(Study(grown), tmp_path / "whole")
    whole = digest(tmp_path / "whole")
    for write in range(4):  # manifest, study.toml, sign of life, record
        out = tmp_path / f"out{write}"
        run_study(Study(MICRO), out)
        old = numbers(out)
        kept = marks(out)
        ended = driver.killed_at(write, "run", "grown.toml", "--out", out, "-q", cwd=tmp_path)
        assert ended.code == KILLED, ended
        assert old.items() <= numbers(out).items(), write
        run_study(Study(grown), out)
        assert kept.items() <= marks(out).items(), write
        assert digest(out) == whole, write


def test_interrupted_from_the_keyboard(longer: tuple[Path, str]) -> None:
    folder, whole = longer
    out = folder / "interrupted"
    process = spawn(folder, out)
    wait_for_marks(out, 1, process)
    process.send_signal(signal.SIGINT)
    told, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told == ""
    assert error == "szilard: interrupted; finished runs are kept, the same command goes on from there\n"
    kept = marks(out)
    assert 1 <= len(kept) < 4
    run_study(Study(LONGER), out)
    assert kept.items() <= marks(out).items()
    assert digest(out) == whole


def test_two_writers_share_the_work(longer: tuple[Path, str]) -> None:
    """A run is in one process's hands; when that process is killed in the middle of it, the other one takes it."""
    folder, whole = longer
    out = folder / "shared"
    first = spawn(folder, out)
    wait_for_marks(out, 1, first)
    first.send_signal(signal.SIGSTOP)  # alive, with a run in its hands, while the second one works
    mine = marks(out)
    second = spawn(folder, out)
    wait_for_marks(out, 3, second)
    time.sleep(0.5)
    assert len(marks(out)) == 3, "the fourth is in the hands of the first"
    assert mine.items() <= marks(out).items()
    assert second.poll() is None
    first.kill()
    first.communicate()
    told = second.communicate(timeout=60)
    assert (second.returncode, told) == (0, ("", ""))
    assert digest(out) == whole


@pytest.mark.parametrize("of", [3, 7])
def test_shards(tmp_path: Path, of: int) -> None:
    """In any order, some of them empty."""
    run_study(Study(TINY), tmp_path / "whole")
    for number in (3, 1, 2, *range(4, of + 1)):
        results = run_study(Study(TINY), tmp_path / "out", shard=f"{number}/{of}")
    assert results.attrs["unfinished"] == 0
    assert results.attrs["sha256"] == sz.load(tmp_path / "whole").attrs["sha256"]
    assert digest(tmp_path / "out") == digest(tmp_path / "whole")


def test_a_shard_trains_its_own_runs(tmp_path: Path) -> None:
    results = run_study(Study(TINY), tmp_path, shard="2/3")
    assert (results.sizes["cell"], results.attrs["unfinished"]) == (1, 3)
    assert str(results.key.values[0]) == Study(TINY).cells[1].key


def test_a_writer_that_never_ends_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is held for moments, when a directory is opened or its table written; nothing is touched without it."""
    out = tmp_path / "out"
    run_study(Study(MICRO), out)
    before = contents(out)
    grown = changed(MICRO, ('["hebbian", "adatron"]', '["hebbian", "adatron", "perceptron"]'))
    monkeypatch.setattr("szilard.study.store.WAIT", 0.1)
    with (out / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another run is writing there"):
            run_study(Study(grown), out)
        assert contents(out) == before
    assert run_study(Study(grown), out).sizes["cell"] == 3


def test_the_lock_ends_with_its_run(tmp_path: Path) -> None:
    def stop(*told: Any) -> None:
        raise RuntimeError("stopped here")

    with pytest.raises(RuntimeError, match="stopped here"):
        run_study(Study(MICRO), tmp_path / "out", watch=stop)
    assert run_study(Study(MICRO), tmp_path / "out").sizes["cell"] == 2


def test_a_second_run_computes_nothing(tmp_path: Path) -> None:
    run_study(Study(TINY), tmp_path)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    seen: list[tuple[int, int, float]] = []
    run_study(Study(TINY), tmp_path, watch=lambda *told: seen.append(told))
    assert seen == [(4, 4, 1.0)]
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_a_larger_grid_keeps_what_is_finished(tmp_path: Path) -> None:
    run_study(Study(TINY), tmp_path / "out")
    old, kept = numbers(tmp_path / "out"), marks(tmp_path / "out")
    grown = changed(TINY, ("[0.5, 2.0]", "[0.5, 1.0, 2.0]"))
    seen: list[tuple[int, int, float]] = []
    results = run_study(Study(grown), tmp_path / "out", watch=lambda *told: seen.append(told))
    assert results.sizes["cell"] == 6
    assert results.attrs["unfinished"] == 0
    assert begun(seen) == {4, 5}
    assert kept.items() <= marks(tmp_path / "out").items()
    assert old.items() <= numbers(tmp_path / "out").items()
    run_study(Study(grown), tmp_path / "at once")
    assert digest(tmp_path / "out") == digest(tmp_path / "at once")


def test_name_and_kelvin_are_those_of_the_last_run(tmp_path: Path) -> None:
    """They change no run, and what is shown must agree with the file."""
    assert run_study(Study(MICRO), tmp_path).attrs["kelvin"] == 300.0
    again = changed(MICRO, ('name = "micro"', 'name = "warmer"\nkelvin = 310.0'))
    seen: list[tuple[int, int, float]] = []
    results = run_study(Study(again), tmp_path, watch=lambda *told: seen.append(told))
    assert begun(seen) == set()
    assert (results.attrs["name"], results.attrs["kelvin"]) == ("warmer", 310.0)


def test_another_text_of_the_same_study(tmp_path: Path) -> None:
    run_study(Study(MICRO), tmp_path)
    seen: list[tuple[int, int, float]] = []
    run_study(Study("# a comment\r\n" + MICRO.replace("\n", "\r\n")), tmp_path, watch=lambda *told: seen.append(told))
    assert begun(seen) == set()


@pytest.mark.parametrize(
    "edit",
    [("seed = 3", "seed = 4"), ("replicas = 40", "replicas = 41"), ('"hebbian", "adatron"', '"hebbian"')],
    ids=["seed", "replicas", "smaller grid"],
)
def test_another_study_is_refused(tmp_path: Path, edit: tuple[str, str]) -> None:
    run_study(Study(MICRO), tmp_path)
    before = contents(tmp_path)
    with pytest.raises(InputError, match="of another study"):
        run_study(Study(changed(MICRO, edit)), tmp_path)
    assert contents(tmp_path) == before


def test_a_run_that_is_not_finished_may_be_dropped(tmp_path: Path) -> None:
    """A wrong value is corrected in the file, and the same directory goes on."""
    wrong = changed(TINY, ("[0.5, 2.0]", "[0.5, 1e200]"), ('"hebbian", ', ""))
    assert run_study(Study(wrong), tmp_path).sizes["cell"] == 1
    kept = marks(tmp_path)
    results = run_study(Study(changed(wrong, ("1e200", "2.0"))), tmp_path)
    assert (results.sizes["cell"], results.attrs["failed"], results.attrs["unfinished"]) == (2, "{}", 0)
    assert kept.items() <= marks(tmp_path).items()


def test_what_differs_is_told(tmp_path: Path) -> None:
    run_study(Study(MICRO), tmp_path)
    other = Study(changed(MICRO, ("replicas = 40", "replicas = 50")))
    for attempt in (run_study, plan_of):
        with pytest.raises(InputError, match=r"holds 2 finished runs of another study.*replicas = 40 there, 50 here"):
            attempt(other, tmp_path)


def test_a_study_that_has_not_begun_is_not_replaced(tmp_path: Path) -> None:
    """A study file that somebody wrote there himself."""
    (tmp_path / "study.toml").write_text(MICRO)
    with pytest.raises(InputError, match="of another study"):
        run_study(Study(changed(MICRO, ("seed = 3", "seed = 4"))), tmp_path)
    assert contents(tmp_path) == {"study.toml": MICRO.encode(), ".lock": b""}
    assert run_study(Study(MICRO), tmp_path).sizes["cell"] == 2


def test_a_directory_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("ten years of work")
    with pytest.raises(InputError, match="is not empty and holds no study"):
        run_study(Study(MICRO), tmp_path)
    assert contents(tmp_path) == {"thesis.tex": b"ten years of work"}


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="is a file"):
        run_study(Study(MICRO), tmp_path / "out")
    with pytest.raises(InputError, match="Not a directory"):
        run_study(Study(MICRO), tmp_path / "out" / "below")
    assert contents(tmp_path) == {"out": b"a file"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InputError, match="Permission denied"):
            run_study(Study(MICRO), tmp_path / "out")
    finally:
        tmp_path.chmod(0o700)


def test_a_full_disk(driver: Driver, tmp_path: Path) -> None:
    """What is finished is kept, the message is one line, and with room again the same command goes on."""
    (tmp_path / "study.toml").write_text(MICRO)
    run_study(Study(MICRO), tmp_path / "whole")
    ended = driver.full_after(1, "run", "study.toml", "--out", "out", cwd=tmp_path)
    assert ended.code == 2, ended
    assert "cannot be written: File too large; what is finished is kept" in ended.err
    assert ended.err.count("\n") == 1
    kept = marks(tmp_path / "out")
    assert len(kept) == 1
    run_study(Study(MICRO), tmp_path / "out")
    assert kept.items() <= marks(tmp_path / "out").items()
    assert digest(tmp_path / "out") == digest(tmp_path / "whole")


def test_nothing_finished_is_no_result(tmp_path: Path) -> None:
    def stop(*told: Any) -> None:
        raise RuntimeError("stopped here")

    with pytest.raises(RuntimeError, match="stopped here"):
        run_study(Study(MICRO), tmp_path / "out", watch=stop)
    with pytest.raises(InputError, match="holds no finished run yet"):
        sz.load(tmp_path / "out")
    for other in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match="holds no results of a study"):
            sz.load(other)
