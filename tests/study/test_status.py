"""What is said of a study while it runs, and before."""

from __future__ import annotations

import platform
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import szilard as sz
from szilard.errors import InputError
from szilard.sealed import write_sealed
from szilard.study import Study, run_study
from szilard.study.claims import Claims
from szilard.study.plan import plan_of
from szilard.study.pulse import SILENT, Pulse, signs
from szilard.study.record import Failed, read_failed, write_record
from szilard.study.spec import Cell
from szilard.study.status import status_of
from szilard.study.store import Store
from tests.study.driver import KILLED, Driver
from tests.study.test_same_bits import spawn, wait_for_marks
from tests.study.tiny import LONGER, MICRO, TINY, changed, contents

FAILING = changed(TINY, ("[0.5, 2.0]", "[0.5, 1e200]"), ('"hebbian", ', ""))


def test_a_running_study(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(LONGER)
    out = tmp_path / "out"
    process = spawn(tmp_path, out)
    wait_for_marks(out, 2, process)
    time.sleep(0.2)
    process.send_signal(signal.SIGSTOP)
    before = contents(out)
    found = status_of(out)
    assert contents(out) == before, "asking writes nothing"
    assert (found.runs, found.finished, found.failed, found.damaged) == (4, 2, (), 0)
    assert 0.0 < found.work < 1.0
    assert [sign.process for sign in found.at_work] == [process.pid]
    assert f"at work  process {process.pid} on " in repr(found)
    process.kill()
    process.communicate()
    dead = status_of(out)
    assert not dead.at_work
    assert repr(dead).endswith("left     2; nobody is at work")
    run_study(Study(LONGER), out)
    assert repr(status_of(out)) == "tiny: 4 of 4 runs finished, 100 % of the work"


def test_a_failure_is_kept_and_not_retried(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(FAILING)
    for words in ([], ["--retry"]):
        ended = driver.cli("run", "study.toml", "--out", "out", "-q", *words, cwd=tmp_path)
        assert ended.code == 1, ended
    found = status_of(tmp_path / "out")
    assert (found.finished, len(found.failed), found.left) == (1, 1, 0)
    assert "learning_rate = 1e+200" in found.failed[0].reason
    told = driver.cli("status", "out", cwd=tmp_path)
    assert told.code == 1
    assert "failed   1, the first: " in told.out


def test_retried_only_when_asked(tmp_path: Path) -> None:
    study, out = Study(MICRO), tmp_path / "out"
    run_study(study, out)
    cell = study.cells[0]
    (out / "done" / f"{cell.key}.json").unlink()
    write_record(out, Failed(cell.key, cell.coordinates, "a cosmic ray", "in test_status.py"))
    results = run_study(study, out)
    assert results.sizes["cell"] == 1
    assert "a cosmic ray" in results.attrs["failed"]
    assert run_study(study, out, retry=True).sizes["cell"] == 2
    assert read_failed(out, cell.key) is None


def test_every_run_failed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no finished run yet; 1 of 1 failed: .*1e\+200"):
        run_study(Study(changed(FAILING, ("[0.5, 1e200]", "1e200"))), tmp_path)


def test_an_error_of_the_code_is_kept_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other runs go on."""

    def broken(**arguments: Any) -> Any:
        if arguments["rule"].name == "adatron":
            raise ZeroDivisionError("by hand")
        return sz.train(**arguments)

    monkeypatch.setattr("szilard.study.work.train", broken)
    assert run_study(Study(MICRO), tmp_path).sizes["cell"] == 1
    (failed,) = status_of(tmp_path).failed
    assert failed.reason == "ZeroDivisionError: by hand"
    assert "broken" in failed.where


def test_no_study(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match="holds no study"):
            status_of(path)


def test_signs_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process says that it lives whatever its runs are doing; its sign goes with it."""
    monkeypatch.setattr("szilard.study.pulse.EVERY", 0.05)
    with Pulse(tmp_path) as pulse:
        pulse.work = 3.0
        time.sleep(0.5)
        (sign,) = signs(tmp_path)
        assert sign.work == 3.0
        assert time.time() - sign.at < 0.4
        old = {"host": "elsewhere", "process": 1, "since": 0.0, "at": time.time() - SILENT - 1.0, "work": 1.0}
        write_sealed(tmp_path / "running" / "elsewhere-1.json", old)
        write_sealed(tmp_path / "running" / "elsewhere-2.json", old | {"at": time.time()})
        write_sealed(tmp_path / "running" / "elsewhere-3.json", old | {"process": "many"})
        write_sealed(tmp_path / "running" / "other.json", {"no": "sign"})
        (tmp_path / "running" / "text.json").write_text("\0")
        assert {s.host for s in signs(tmp_path)} == {sign.host, "elsewhere"}
    assert [s.host for s in signs(tmp_path)] == ["elsewhere"]
    mine = {"host": platform.node(), "since": 0.0, "at": time.time(), "work": 1.0}
    write_sealed(tmp_path / "running" / "dead.json", mine | {"process": 2**22 + 1})
    write_sealed(tmp_path / "running" / "huge.json", mine | {"process": 10**30})
    with Pulse(tmp_path):
        time.sleep(0.2)
        left = {path.name for path in (tmp_path / "running").iterdir()} - {pulse.path.name}
    assert left == {"elsewhere-1.json", "elsewhere-2.json"}, "what is no sign, or of a dead process, is cleared away"


def test_a_run_that_kills_its_process(driver: Driver, tmp_path: Path) -> None:
    """The others are trained first; after five deaths it fails, with its reason; asked again, it is tried again."""
    (tmp_path / "study.toml").write_text(TINY)
    command = ("2.0", "run", "study.toml", "--out", "out", "-q")
    for death in range(10):  # two such runs
        assert driver.deadly(*command, cwd=tmp_path).code == KILLED
        assert status_of(tmp_path / "out").finished == (1 if death == 0 else 2), "the other runs come first"
    assert driver.deadly(*command, cwd=tmp_path).code == 1
    first = status_of(tmp_path / "out")
    assert (first.finished, len(first.failed), first.left) == (2, 2, 0)
    assert "5 processes died while it ran: out of memory, or killed" in first.failed[0].reason
    again = driver.cli("run", "study.toml", "--out", "out", "-q", "--retry", cwd=tmp_path)
    assert again.code == 0, again
    assert status_of(tmp_path / "out").finished == 4


def test_a_run_in_hand_is_not_given_up(tmp_path: Path) -> None:
    """Four processes died with it and a fifth is training it: whoever else looks leaves it alone."""
    study = Study(MICRO)
    store = Store(study, tmp_path)
    cell = study.cells[0]
    (tmp_path / "begun" / cell.key).write_text("xxxxx")
    ask = "import sys; from szilard.study.claims import Claims; from pathlib import Path; "
    ask += "claims = Claims(Path(sys.argv[1])); print(claims.take(sys.argv[2]), flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", ask, str(tmp_path), cell.key]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "True\n"
        with Claims(tmp_path) as claims:
            assert store.in_turn(study.cells, claims)[-1] == cell
            assert read_failed(tmp_path, cell.key) is None
            other.communicate()
            assert cell not in store.in_turn(study.cells, claims)
            assert read_failed(tmp_path, cell.key) is not None


def test_an_interruption_is_no_death(tmp_path: Path) -> None:
    def stop(*told: Any) -> None:
        raise KeyboardInterrupt

    for _ in range(7):
        with pytest.raises(KeyboardInterrupt):
            run_study(Study(MICRO), tmp_path, watch=stop)
    assert list((tmp_path / "begun").iterdir()) == []
    assert run_study(Study(MICRO), tmp_path).sizes["cell"] == 2


def test_versions_that_differ_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_study(Study(MICRO), tmp_path)
    grown = changed(MICRO, ('["hebbian", "adatron"]', '["hebbian", "adatron", "perceptron"]'))
    monkeypatch.setattr("szilard.study.record.maker", lambda: "szilard 99, numpy 99")
    run_study(Study(grown), tmp_path)
    found = status_of(tmp_path)
    assert len(found.makers) == 2
    assert "made by 2 different versions" in repr(found)


def test_a_plan(tmp_path: Path) -> None:
    study = Study(TINY)
    plan = plan_of(study)
    assert (plan.runs, plan.left, plan.replicas) == (4, 4, (200, 200))
    assert plan.rules == (("hebbian", 2), ("perceptron", 2))
    assert 0.0 < plan.seconds[0] < 60.0
    assert plan_of(study, shard="2/3").runs == 1
    run_study(study, tmp_path)
    assert plan_of(study, tmp_path).left == 0
    assert plan_of(study, tmp_path).seconds == (0.0, 0.0)


def test_a_plan_foretells_the_time() -> None:
    """Work is what grows: ten times the duration is about ten times the time."""
    short = plan_of(Study(changed(LONGER, ("duration = 400.0", "duration = 200.0"))))
    long = plan_of(Study(changed(LONGER, ("duration = 400.0", "duration = 2000.0"))))
    assert long.steps[0] == pytest.approx(10.0 * short.steps[0])
    assert long.memory == short.memory
    assert long.seconds[0] > short.seconds[0]


def test_a_dry_run_writes_nothing(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(TINY)
    ended = driver.cli("run", "study.toml", "--dry-run", cwd=tmp_path)
    assert ended.code == 0, ended
    assert "4 runs, 4 of them to be done; 200 replicas each" in ended.out
    assert [p.name for p in tmp_path.iterdir()] == ["study.toml"]


def test_a_plan_of_a_precision() -> None:
    text = changed(TINY, ("replicas = 200\n", ""), ("[task]", "[precision]\nrelative_error = 0.1\n[task]"))
    plan = plan_of(Study(text))
    assert plan.replicas == (2000, 100_000)
    assert plan.seconds[1] > plan.seconds[0]
    assert "2000 to 100000 replicas each" in repr(plan)


def test_a_run_that_cannot_be_is_refused_by_a_plan() -> None:
    with pytest.raises(InputError, match="the step is unstable"):
        plan_of(Study(changed(TINY, ("[0.5, 2.0]", "500.0"), ('["hebbian", "perceptron"]', '"adatron"'))))


def test_keys_are_names_of_files() -> None:
    for cell in Study(TINY).cells:
        assert isinstance(cell, Cell)
        assert len(cell.key) == 16
        assert int(cell.key, 16) >= 0
    assert sz.study.Study is Study
