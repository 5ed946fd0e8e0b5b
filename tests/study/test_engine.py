"""Where runs are trained: what is refused, and that a cluster gives what one process gives."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import szilard as sz
from szilard.errors import InputError
from szilard.study import Study, run_study
from szilard.study.record import Finished, digest_of
from szilard.study.work import worked
from tests.study.driver import Driver
from tests.study.tiny import MICRO, TINY, contents


@pytest.mark.parametrize(
    "keywords, field",
    [
        ({"engine": "gpu"}, "engine"),
        ({"engine": None}, "engine"),
        ({"workers": 2}, "workers"),
        ({"engine": "local", "threads": 2}, "threads"),
        ({"engine": "local", "workers": 0}, "workers"),
        ({"shard": "0/3"}, "shard"),
        ({"engine": SimpleNamespace(submit=None, scheduler=SimpleNamespace(address="tcp://1.2.3.4:8786"))}, "engine"),
    ],
)
def test_refused(tmp_path: Path, keywords: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        run_study(Study(MICRO), tmp_path / "out", **keywords)
    assert caught.value.field == field
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    "words, told",
    [
        (["--engine", "gpu"], "must be one of threads, local, slurm"),
        (["--engine", "slurm"], "--engine slurm needs it"),
        (["--scheduler", "tcp://1.2.3.4:8786"], "must begin with tls://"),
        (["--scheduler", "tls://1.2.3.4:8786", "--workers", "2"], "has workers of its own"),
        (["--tls-ca", "ca.pem"], "are those of a scheduler"),
        (["--shard", "3/2"], "must be i/n"),
    ],
)
def test_refused_on_the_command_line(driver: Driver, tmp_path: Path, words: list[str], told: str) -> None:
    (tmp_path / "study.toml").write_text(MICRO)
    ended = driver.cli("run", "study.toml", "--out", "out", *words, cwd=tmp_path)
    assert ended.code == 2, ended
    assert told in ended.err
    assert ended.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_workers_give_what_one_process_gives(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(TINY)
    command = [sys.executable, "-m", "szilard.cli", "run", "study.toml", "--out", "out", "--engine", "local"]
    done = subprocess.run(
        [*command, "--workers", "2", "--quiet"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    alone = run_study(Study(TINY), tmp_path / "alone")
    assert sz.load(tmp_path / "out").attrs["sha256"] == alone.attrs["sha256"]
    assert (tmp_path / "out" / "report.html").exists()


def test_shuffled_order(tmp_path: Path) -> None:
    study = Study(TINY)
    cells = list(study.cells)
    random.Random(3).shuffle(cells)
    assert cells != list(study.cells)
    found = [worked(Study(TINY), cell, 1) for cell in cells]
    whole = run_study(study, tmp_path).attrs["sha256"]
    assert digest_of([record for record in found if isinstance(record, Finished)]) == whole


def test_a_share_says_how_far_all_are(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(TINY)
    first = driver.cli("run", "study.toml", "--out", "out", "--shard", "1/2", cwd=tmp_path)
    assert first.code == 0, first
    assert "tiny: 2 of 4 runs finished" in first.out
    assert not (tmp_path / "out" / "report.html").exists()
    second = driver.cli("run", "study.toml", "--out", "out", "--shard", "2/2", cwd=tmp_path)
    assert second.code == 0, second
    assert (tmp_path / "out" / "report.html").exists(), "the last share writes the report"


def test_differences(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(TINY)
    for name, text in (("a", TINY), ("b", TINY.replace("replicas = 200", "replicas = 300"))):
        run_study(Study(text), tmp_path / name)
    same = driver.cli("diff", "a", "a", cwd=tmp_path)
    assert same.code == 0, same
    assert "the same to the last bit" in same.out
    others = driver.cli("diff", "a", "b/results.zarr", cwd=tmp_path)
    assert others.code == 0, others
    hot = TINY.replace('readout = "sign"', 'readout = "sign"\ntemperature = 4.0')
    run_study(Study(hot), tmp_path / "hot")
    assert "only in a" in driver.cli("diff", "a", "hot", cwd=tmp_path).out
