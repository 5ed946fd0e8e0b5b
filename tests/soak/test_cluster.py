"""A study on a cluster, at length: workers killed, a run that kills, any number of workers, other processes, SLURM."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from szilard.errors import InputError
from szilard.study.cluster import on_cluster
from szilard.study.cluster_existing import connected
from szilard.study.cluster_local import local_cluster
from szilard.study.cluster_slurm import slurm_cluster
from szilard.study.record import Failed, Finished, digest_of
from szilard.study.spec import Study
from szilard.study.work import worked
from tests.study.cluster_runs import STUDY, Dies, named_by_process, rather_slow, study_of

pytestmark = pytest.mark.soak


def alone(study: Study, but: str = "") -> str:
    """The digest of a study's runs in this process, without the one of this key."""
    records = [worked(study, cell, threads=1) for cell in study.cells if cell.key != but]
    return digest_of(r for r in records if isinstance(r, Finished))


def finished(records: Iterator[Finished | Failed]) -> list[Finished]:
    """The records, none of which is a failure."""
    found = []
    for record in records:
        assert isinstance(record, Finished), record
        found.append(record)
    return found


def workers_of(client: Any) -> list[int]:
    """The worker processes that are alive."""
    return [nanny.process.pid for nanny in client.cluster.workers.values() if nanny.process and nanny.process.pid]


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_same_bits_for_any_number_of_workers(workers: int) -> None:
    study = study_of(10)
    with local_cluster(workers) as client:
        assert digest_of(finished(on_cluster(study, iter(study.cells), client))) == alone(study)


def test_fifty_workers_killed_at_random() -> None:
    study, chance, killed, found = study_of(52), random.Random(7), 0, []
    with local_cluster(2) as client:
        for record in on_cluster(study, iter(study.cells), client, run=rather_slow):
            found.append(record)
            if len(found) % 6 == 0 and killed < 50:
                while not (alive := workers_of(client)):
                    time.sleep(0.01)
                os.kill(chance.choice(alive), signal.SIGKILL)
                killed += 1
    assert (len(found), killed) == (312, 50)
    assert digest_of(finished(iter(found))) == alone(study)


def test_a_run_that_always_kills(tmp_path: Path) -> None:
    study = study_of(5)
    bad = study.cells[7]
    dies = Dies(bad.key, times=1000, folder=tmp_path)
    with local_cluster(2) as client:
        found = list(on_cluster(study, iter(study.cells), client, run=dies))
    failed = [record for record in found if isinstance(record, Failed)]
    reason = "4 workers died while it ran: out of memory, or killed"
    assert failed == [Failed(bad.key, bad.coordinates, reason)]
    assert dies.deaths() == 8  # four next to other runs, four alone
    assert digest_of(r for r in found if isinstance(r, Finished)) == alone(study, but=bad.key)


LONG = STUDY.replace("replicas = 200", "replicas = 8_000").replace("dt = 0.05", "dt = 0.0025")


def test_two_workers_beside_one() -> None:
    """48 runs of about a second on each; told are the gain in time, and how long workers were busy.

    Where the two workers have two cores, the scheduler and this process take their share of these: what is asserted is
    that the workers do not wait. At the end one of them waits for the other, up to one run.
    """
    study = Study(LONG.format(rates=[round(0.2 + 0.02 * i, 2) for i in range(8)]))
    took, busy = {1: float("inf"), 2: float("inf")}, []
    for workers in (2, 1, 2):
        with local_cluster(workers) as client:
            list(on_cluster(study, iter(study.cells[:2]), client))
            began = time.perf_counter()
            found = finished(on_cluster(study, iter(study.cells), client))
            wall, inside = time.perf_counter() - began, sum(record.notes["seconds"] for record in found)
            took[workers] = min(took[workers], wall)
            busy.append(inside / (workers * wall))
            print(f"{workers} workers: {wall:.2f} s for {len(found)} runs of {inside:.2f} s, busy {busy[-1]:.3f}")
    share = took[1] / (2.0 * took[2])
    print(f"2 workers are {2.0 * share:.2f} times as fast as 1, {100.0 * share:.0f} % of ideal")
    assert max(busy[0], busy[2]) >= 0.9


def test_two_writers_are_twice_as_fast(tmp_path: Path) -> None:
    """Two processes on one directory, each with one thread, beside one: runs per second from the first to the last."""
    (tmp_path / "study.toml").write_text(LONG.format(rates=[round(0.2 + 0.02 * i, 2) for i in range(8)]))
    command = [sys.executable, "-m", "szilard.cli", "run", "study.toml", "--quiet", "--threads", "1", "--out"]
    rate = {}
    for writers in (1, 2):
        crowd = [subprocess.Popen([*command, f"out{writers}"], cwd=tmp_path) for _ in range(writers)]
        assert [process.wait(300) for process in crowd] == [0] * writers
        ends = sorted(path.stat().st_mtime for path in (tmp_path / f"out{writers}" / "done").iterdir())
        rate[writers] = (len(ends) - writers) / (ends[-1] - ends[writers - 1])
    share = rate[2] / (2.0 * rate[1])
    print(f"2 writers: {rate[2]:.2f} runs a second, 1: {rate[1]:.2f}: {100.0 * share:.0f} % of ideal")
    assert share >= 0.9


def test_little_time_and_no_memory_for_each_run() -> None:
    small, large = study_of(167), study_of(834)
    with local_cluster(2) as client:

        def spent(study: Study) -> tuple[float, float, int]:
            cpu, began = time.process_time(), time.perf_counter()
            count = sum(1 for _ in on_cluster(study, iter(study.cells), client, run=named_by_process))
            each = (time.perf_counter() - began) / count, (time.process_time() - cpu) / count
            return *each, psutil.Process().memory_info().rss

        spent(small)
        _, _, before = spent(small)
        wall, cpu, after = spent(large)
    grown = (after - before) / 2**20
    print(f"{1e3 * wall:.1f} ms, {1e3 * cpu:.1f} ms of this process' CPU for each of 5004 runs; {grown:+.1f} MiB")
    assert cpu < 0.02
    assert grown < 20.0  # 4 KiB for each run would be this


# A cluster of processes of their own

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def started(*command: str, until: str, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A process, once it has said this, and what it has said."""
    log = folder / f"{until}.log"
    with open(log, "wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=out,
            stderr=out,
        )
        try:
            end = time.monotonic() + 60
            while until not in log.read_text():
                assert process.poll() is None and time.monotonic() < end, log.read_text()
                time.sleep(0.05)
            yield process, log.read_text()
        finally:
            process.terminate()
            process.wait(30)


def certificates(folder: Path) -> None:
    """Made by the commands that the manual gives."""
    block = next(b for b in (ROOT / "docs" / "cluster.md").read_text().split("```sh\n")[1:] if "openssl" in b)
    subprocess.run(["bash", "-euc", block.partition("```")[0]], cwd=folder, check=True, capture_output=True)


def test_a_scheduler_with_certificates_of_its_own(tmp_path: Path) -> None:
    certificates(tmp_path)
    files: dict[str, Any] = {
        name: str(tmp_path / f"{name.removeprefix('tls_')}.pem") for name in ("tls_ca", "tls_cert", "tls_key")
    }
    assert stat.S_IMODE(os.stat(files["tls_key"]).st_mode) == 0o600
    tls = [word for name, path in files.items() for word in (f"--{name}-file".replace("_", "-"), path)]
    tls = [word.replace("--tls-cert-file", "--tls-cert").replace("--tls-key-file", "--tls-key") for word in tls]
    scheduler = ["distributed.cli.dask_scheduler", "--protocol", "tls", "--port", "0", "--no-dashboard", *tls]
    study = study_of(4)
    with started(*scheduler, until="Scheduler at:", folder=tmp_path) as (process, said):
        address = next(word for word in said.split() if word.startswith("tls://"))
        worker = ["distributed.cli.dask_worker", address, "--nthreads", "2", "--no-dashboard", *tls]
        with started(*worker, until="Registered to:", folder=tmp_path):
            with connected(address, **files) as client:
                assert digest_of(finished(on_cluster(study, iter(study.cells), client))) == alone(study)
                given = on_cluster(study, iter(study.cells), client, run=rather_slow)
                next(given)
                process.kill()
                began = time.monotonic()
                with pytest.raises(InputError, match="finished runs are kept"):
                    list(given)
                assert time.monotonic() - began < 10.0


# SLURM: its own commands where they are, and as the tests play them

SBATCH = """\
#!/bin/sh
cp "$1" {folder}/submitted.$$
bash {folder}/submitted.$$ > {folder}/job.$$.out 2>&1 &
echo "Submitted batch job $!"
"""
SCANCEL = """\
#!/bin/sh
pkill -P "$1"
kill "$1"
"""


@pytest.fixture(params=["played", "real"])
def slurm(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which one it is."""
    if request.param == "real":
        if shutil.which("sinfo") is None or subprocess.run(["sinfo"], capture_output=True, check=False).returncode:
            pytest.skip("no SLURM runs here")
        return "real"
    commands = tmp_path / "commands"
    commands.mkdir()
    for name, text in (("sbatch", SBATCH.format(folder=tmp_path)), ("scancel", SCANCEL), ("squeue", "#!/bin/sh\n")):
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}:{os.environ['PATH']}")
    return "played"


def test_slurm(slurm: str, tmp_path: Path) -> None:
    study, out = study_of(10), tmp_path / "out"
    with slurm_cluster(2, out) as found_client:
        client: Any = found_client
        client.wait_for_workers(2, timeout=120)
        private = next(out.glob(".certificates-*"))
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in private.iterdir()} == {0o600}
        key = (private / "key.pem").read_text().splitlines()[5]
        given = on_cluster(study, iter(study.cells), client, run=rather_slow)
        found = [next(given)]
        jobs = [job.job_id for job in client.cluster.workers.values()]
        assert len(jobs) == 2
        subprocess.run(["scancel", jobs[0]], check=True)
        found += given
        assert digest_of(finished(iter(found))) == alone(study)
        if slurm == "played":
            scripts = [file.read_text() for file in tmp_path.glob("submitted.*")]
            assert len(scripts) >= 2
            assert all("--tls-key" in script and key not in script for script in scripts)
    assert [path.name for path in out.iterdir()] == ["slurm-logs"]
