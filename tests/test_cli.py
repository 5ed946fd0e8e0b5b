"""The command line as a user meets it: what it prints and writes, its exit codes, what it loads and compiles."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import szilard as sz
from szilard import cli
from szilard.learning.settings import Settings
from szilard.reporting import verification
from szilard.reporting.numbers import number
from szilard.study import Study, run_study
from szilard.study.spec import template_text
from tests.study.driver import Driver
from tests.study.tiny import MICRO, TINY, contents

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
HEAVY = {"numpy", "numba", "scipy", "xarray", "zarr", "matplotlib", "pydantic", "networkx"}


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    with Driver() as started:
        yield started


def dates(folder: Path) -> dict[str, int]:
    """When each file was written, but for the report's."""
    return {str(p): p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file() and p.name != "report.html"}


def test_help(driver: Driver, tmp_path: Path) -> None:
    asked, bare = driver.cli("--help", cwd=tmp_path), driver.cli(cwd=tmp_path)
    assert (asked.code, asked.err) == (0, "")
    for command in ("run", "report", "new", "verify"):
        assert re.search(rf"\b{command}\s+[A-Z]", asked.out), command
        ended = driver.cli(command, "--help", cwd=tmp_path)
        assert ended.code == 0
        assert not CONTROL.search(ended.out)
    assert not CONTROL.search(asked.out)
    assert (bare.out + bare.err).strip() == asked.out.strip()


@pytest.mark.parametrize(
    "words, told",
    [
        (["fly"], "No such command 'fly'"),
        (["run", "--fast"], "No such option"),
        (["run", "--threads", "0"], "--threads"),
        (["run", "--threads", "many"], "--threads"),
        (["run", "a.toml", "b.toml"], "unexpected extra argument"),
        (["report"], "Missing argument"),
        (["verify", "--seed", "-1"], "--seed"),
    ],
    ids=" ".join,
)
def test_misuse(driver: Driver, tmp_path: Path, words: list[str], told: str) -> None:
    ended = driver.cli(*words, cwd=tmp_path)
    assert ended.code == 2
    assert ended.out == ""
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert not CONTROL.search(ended.err)
    assert not list(tmp_path.iterdir())


def test_new(driver: Driver, tmp_path: Path) -> None:
    ended = driver.cli("new", cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "wrote study.toml; run it with: szilard run study.toml --out results\n"
    assert contents(tmp_path) == {"study.toml": template_text("grid").encode()}
    assert Study.from_toml(tmp_path / "study.toml").cells
    named = driver.cli("new", "other.toml", cwd=tmp_path)
    assert named.code == 0
    assert (tmp_path / "other.toml").read_bytes() == template_text("grid").encode()


def test_new_never_writes_over(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("mine")
    (tmp_path / "link.toml").symlink_to(tmp_path / "nowhere.toml")
    for name, told in (
        ("study.toml", "is there already and is not written over"),
        ("link.toml", "is there already and is not written over"),
        (".", "is there already and is not written over"),
        ("missing/study.toml", "cannot be written: No such file or directory"),
        ("study.toml/x", "cannot be written: Not a directory"),
    ):
        ended = driver.cli("new", name, cwd=tmp_path)
        assert (ended.code, ended.out) == (2, "")
        assert told in ended.err
        assert ended.err.count("\n") == 1
    assert contents(tmp_path) == {"study.toml": b"mine"}


def test_every_commented_key_of_the_template_is_a_key() -> None:
    text = template_text("grid")
    keys = re.findall(r"^# (\w+ = .*|\[\[grid\]\])$", text, re.MULTILINE)
    assert len(keys) >= 8
    assert (
        len(Study(re.sub(r"^# (?=\w+ = |\[\[grid)", "", text, flags=re.MULTILINE)).cells) == 3 * 3 * 2 * 2 * 2 * 3 + 1
    )


def lasting(out: str) -> list[str]:
    """Lines without those that say on the way how far a slow run is."""
    return [line for line in out.splitlines() if not re.match(r"\d+ of \d+ runs, ", line)]


def test_run_twice_and_report(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(TINY)
    first = driver.cli("run", "study.toml", "--out", "out", "--threads", "1", cwd=tmp_path)
    assert (first.code, first.err) == (0, "")
    assert "tiny: random labels" in first.out
    results = sz.load(tmp_path / "out")
    for i in range(4):
        run = results.isel(cell=i)
        shown = number(float(run.heat), float(run.heat_stderr), str(run.heat_side.values))
        row = next(line for line in first.out.splitlines() if shown in line)
        assert str(run.rule.values) in row
        assert f" {float(run.learning_rate):g} " in row
        assert str(run.verdict.values) in row
    assert "…" not in first.out, "numbers are cut"
    assert not CONTROL.search(first.out)
    assert first.out.splitlines()[-1].endswith("results in out, report: out/report.html")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "tiny" in page

    before = dates(tmp_path)
    (tmp_path / "out" / "report.html").unlink()
    second = driver.cli("run", "study.toml", "--out", "out", cwd=tmp_path)
    assert second.code == 0
    assert dates(tmp_path) == before
    assert lasting(second.out)[:-1] == lasting(first.out)[:-1]
    assert (tmp_path / "out" / "report.html").read_text(encoding="utf-8") == page

    (tmp_path / "out" / "report.html").unlink()
    again = driver.cli("report", "out", cwd=tmp_path)
    assert (again.code, again.err) == (0, "")
    assert again.out.splitlines()[-1] == "report: out/report.html"
    assert again.out.splitlines()[:-1] == lasting(first.out)[:-2]
    assert (tmp_path / "out" / "report.html").read_text(encoding="utf-8") == page
    assert dates(tmp_path) == before


def test_report_of_nothing(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name in ("missing", ".", "file"):
        ended = driver.cli("report", name, cwd=tmp_path)
        assert (ended.code, ended.out) == (2, "")
        assert "holds no results of a study" in ended.err
        assert ended.err.count("\n") == 1
    assert contents(tmp_path) == {"file": b""}


def test_quiet(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(MICRO)
    ended = driver.cli("run", "study.toml", "--out", "out", "--quiet", cwd=tmp_path)
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert (tmp_path / "out" / "report.html").exists()
    again = driver.cli("run", "study.toml", "-o", "out", "-q", cwd=tmp_path)
    assert (again.code, again.out, again.err) == (0, "", "")


def test_the_built_in_study_is_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Reached(Exception):
        pass

    def reached(study: Study, out: Path, **_: Any) -> None:
        raise Reached(study.name, str(out))

    monkeypatch.setattr("szilard.study.run_study", reached)
    monkeypatch.setattr(sys, "argv", ["szilard", "run"])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Reached, match="three rules on handwritten digits.*results"):
        cli.main()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal")
def test_on_a_terminal(tmp_path: Path) -> None:
    """There the bar and colours may be used; and an interruption is told as anywhere."""
    import pty

    (tmp_path / "study.toml").write_text(TINY.replace("duration = 1.0", "duration = 40.0"))
    keeper, terminal = pty.openpty()
    command = [sys.executable, "-m", "szilard.cli", "run", "study.toml", "--out", "out"]
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "160"}
    process = subprocess.Popen(command, cwd=tmp_path, env=env, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    told = b""
    while select.select([keeper], [], [], 60)[0]:
        try:
            part = os.read(keeper, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        told += part
    os.close(keeper)
    assert process.wait(60) == 0
    assert b"\x1b[" in told
    assert b"runs, left" in told
    assert b"tiny: random labels" in told


@pytest.mark.skipif(sys.platform == "win32", reason="needs /dev/full")
def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    """``szilard report out | head -1`` ends without a traceback."""
    run_study(Study(MICRO), tmp_path / "out")
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "szilard.cli", "report", "out"]
    ended = subprocess.run(
        command, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True, check=False, timeout=60
    )
    os.close(writing)
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr


def test_verify(driver: Driver, tmp_path: Path) -> None:
    ended = driver.cli("verify", cwd=tmp_path, limit=300)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[-1].startswith(f"0 of {len(lines) - 2} beyond 5 sigma; ")
    assert len(lines) - 2 >= 200
    assert not CONTROL.search(ended.out)
    assert not list(tmp_path.iterdir())


def verified(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int | str | None, str]:
    """Exit code and last line of ``szilard verify`` with fewer replicas, without the laws."""
    whole = verification.verification
    monkeypatch.setattr(verification, "verification", lambda seed: whole(seed, replicas=8000))
    monkeypatch.setattr(verification, "law_rows", lambda *_: ())
    monkeypatch.setattr(sys, "argv", ["szilard", "verify", "--seed", "3"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, capsys.readouterr().out.splitlines()[-1]


def test_verify_with_few_replicas(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = verified(monkeypatch, capsys)
    assert (code, told.split()[0]) == (0, "0")


@pytest.mark.parametrize("wrong", [0, 1, 2], ids=["decay", "push", "kick"])
def test_verify_finds_wrong_physics(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], wrong: int
) -> None:
    """The weights' own law of motion, one factor in it changed by a few per cent."""
    law_of = Settings.law_of

    def broken(settings: Settings, steps: int) -> Any:
        right = law_of(settings, steps)
        right[wrong] *= 0.999 if wrong == 0 else 1.1
        return right

    monkeypatch.setattr(Settings, "law_of", broken)
    code, told = verified(monkeypatch, capsys)
    assert code == 1
    assert int(told.split()[0]) >= 1


LOADED = """
import json, sys
{statement}
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})), file=sys.stderr)
"""
HELP = """
sys.argv = ["szilard", "--help"]
from szilard.cli import main
try:
    main()
except SystemExit as end:
    assert end.code == 0
"""


@pytest.mark.parametrize("statement", ["import szilard", HELP], ids=["import", "help"])
def test_what_is_loaded_at_the_start(statement: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOADED.format(statement=statement)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = set(json.loads(ended.stderr))
    assert "szilard" in loaded
    assert not loaded & HEAVY


COMPILING = """
import sys
from numba.core import event

class Counter(event.Listener):
    names = []

    def on_start(self, told):
        self.names.append(told.data["dispatcher"].py_func.__qualname__)

    def on_end(self, told):
        pass

event.register("numba:compile", Counter())
import numba
numba.njit(lambda: 1)()
from szilard.cli import main
sys.argv = ["szilard", "run", "study.toml", "--out", sys.argv[1]]
try:
    main()
except SystemExit as end:
    assert end.code == 0
print(len(Counter.names), *Counter.names, file=sys.stderr)
"""


def test_a_second_run_compiles_nothing(tmp_path: Path) -> None:
    """Not in a new process, nor for results of its own: every kernel and shipped rule is in the cache on disk."""
    (tmp_path / "study.toml").write_text(TINY.replace('"perceptron"]', '"perceptron", "adatron"]'))
    for out in ("first", "second"):
        command = [sys.executable, "-c", COMPILING, out]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=300)
    assert ended.stderr.split() == ["1", "<lambda>"], "one function, which no cache keeps, shows that they are counted"
    assert (tmp_path / "first" / "results.zarr").is_dir()
    assert len(list((tmp_path / "second" / "done").glob("*.json"))) == 6
