"""A study on worker processes: the same bits, few runs in flight, deaths survived, strangers refused, nothing left."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Future as DaskFuture

from szilard.errors import InputError
from szilard.study import cluster, cluster_existing
from szilard.study.cluster import on_cluster
from szilard.study.cluster_existing import connected
from szilard.study.cluster_local import local_cluster
from szilard.study.cluster_slurm import slurm_cluster, slurm_script
from szilard.study.record import Failed, Finished, digest_of, maker
from szilard.study.spec import Cell
from szilard.study.work import worked
from tests.study.cluster_runs import Dies, named_by_process, rather_slow, study_of

WORKERS = 2


def alone(rates: int) -> str:
    """The digest of a study's runs in this process."""
    study = study_of(rates)
    return digest_of(finished(worked(study, cell, threads=1) for cell in study.cells))


def finished(records: Iterator[Finished | Failed]) -> list[Finished]:
    """The records, none of which is a failure."""
    found = []
    for record in records:
        assert isinstance(record, Finished), record
        found.append(record)
    return found


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty working directory for all tests here."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with contextlib.chdir(folder):
        yield folder


@pytest.fixture(scope="module")
def client(elsewhere: Path) -> Iterator[Any]:
    with local_cluster(WORKERS) as found:
        yield found


def test_same_bits(client: Any) -> None:
    study = study_of(4)
    assert digest_of(finished(on_cluster(study, iter(study.cells), client))) == alone(4)


def test_few_are_pulled_and_each_comes_back_once(client: Any) -> None:
    study = study_of(10)
    pulled, seen, given = [], [], []

    def cells() -> Iterator[Cell]:
        for cell in study.cells:
            pulled.append(cell.key)
            yield cell

    for record in on_cluster(study, cells(), client, lambda *told: seen.append(told), named_by_process):
        given.append(record.key)
        assert len(pulled) - len(given) < 2 * WORKERS
    assert sorted(given) == sorted(cell.key for cell in study.cells)
    assert max(seen) == (WORKERS, 2 * WORKERS)
    assert seen[-1] == (WORKERS, 0)


def test_each_worker_makes_the_study_once_and_runs_one_thread(client: Any) -> None:
    study = study_of(10)
    records = on_cluster(study, iter(study.cells), client, run=named_by_process)
    told = {record.reason for record in records if isinstance(record, Failed)}
    assert len(told) == WORKERS
    assert {reason.split()[2] for reason in told} == {"1"}
    assert os.getpid() not in {int(reason.split()[0]) for reason in told}


def test_nothing_stays_on_the_cluster(client: Any) -> None:
    study = study_of(4)
    for _ in on_cluster(study, iter(study.cells), client, run=rather_slow):
        break
    given = on_cluster(study, iter(study.cells), client, run=rather_slow)
    next(given)
    given.close()  # type: ignore[attr-defined]
    until = time.monotonic() + 10
    while client.cluster.scheduler.tasks:
        assert time.monotonic() < until, client.cluster.scheduler.tasks
        time.sleep(0.01)
    assert not client.futures


def test_a_death_is_survived(client: Any, tmp_path: Path) -> None:
    study = study_of(2)
    dies = Dies(study.cells[3].key, times=1, folder=tmp_path)
    assert digest_of(finished(on_cluster(study, iter(study.cells), client, run=dies))) == alone(2)
    assert dies.deaths() == 1


def test_other_versions_are_refused(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    study = study_of(1)
    monkeypatch.setattr(cluster, "maker", lambda: "szilard 0.0.0")
    with pytest.raises(InputError, match="the bits would differ") as refused:
        list(on_cluster(study, iter(study.cells), client))
    assert maker()[:60] in str(refused.value)
    assert "here it is szilard 0.0.0:" in str(refused.value)


# Who may talk to it


def sockets() -> list[tuple[str, int]]:
    """Where this process and its children listen."""
    here = psutil.Process()
    processes = [here, *here.children(recursive=True)]
    found = [c.laddr for p in processes for c in p.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    return [(str(where.ip), int(where.port)) for where in found]


def test_it_listens_on_this_machine_alone_and_serves_no_pages(client: Any) -> None:
    found = sockets()
    assert len(found) >= 2 * (1 + WORKERS)
    assert {address for address, _ in found} == {"127.0.0.1"}
    for _, port in found:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            with contextlib.suppress(ConnectionError):
                plain.sendall(b"GET /info/main/workers.html HTTP/1.0\r\n\r\n")
                answer = plain.recv(1000)
                assert answer == b"" or b" 404 " in answer.partition(b"\r\n")[0] or answer[0] == TLS_ALERT, answer


TLS_ALERT = 21

STRANGER = """
import os, socket, ssl, sys
from distributed import Client, Security
address, kind = sys.argv[1:]
security = Security.temporary()
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
if kind == "plain":
    Client(address.replace("tls://", "tcp://"), timeout=2)
elif kind == "other":
    Client(address, security=security, timeout=2)
else:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, port = address.removeprefix("tls://").split(":")
    with context.wrap_socket(socket.create_connection((host, int(port)), timeout=5)) as stranger:
        stranger.sendall(b"x" * 100)
        if not stranger.recv(100):
            raise OSError("closed")
print("CONNECTED")
"""


@pytest.mark.parametrize("kind", ["plain", "other", "none"])
def test_strangers_are_refused(client: Any, kind: str) -> None:
    """As the user nobody, if this is root: with no TLS, with certificates of another authority, with none."""
    command = [sys.executable, "-c", STRANGER, client.scheduler.address, kind]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (1, ""), ended
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith(("OSError", "TimeoutError", "ssl.SSL", "ConnectionResetError", "distributed.comm.core.")), (
        ended.stderr
    )


PEEKS = """
import os, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
for path in sys.argv[1:]:
    try:
        print(os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1))
    except PermissionError:
        pass
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can act as another user")
def test_another_user_cannot_look_inside(client: Any) -> None:
    here = psutil.Process()
    paths = [f"/proc/{p.pid}/{name}" for p in [here, *here.children(recursive=True)] for name in ("mem", "environ")]
    paths += [str(folder) for folder in Path(tempfile.gettempdir()).glob("szilard-*")]
    assert len(paths) >= 2 * (1 + WORKERS) + 1
    ended = subprocess.run([sys.executable, "-c", PEEKS, *paths], capture_output=True, text=True, check=True)
    assert ended.stdout == ""


def test_the_key_is_in_no_file_argument_or_environment(client: Any, elsewhere: Path) -> None:
    secret = client.security.tls_client_key
    assert "PRIVATE KEY" in secret
    line = secret.splitlines()[5].encode()
    here = psutil.Process()
    for process in [here, *here.children(recursive=True)]:
        for name in ("cmdline", "environ"):
            assert line not in Path(f"/proc/{process.pid}/{name}").read_bytes()
    scratch = [folder for folder in Path(tempfile.gettempdir()).glob("szilard-*") if folder.is_dir()]
    assert scratch
    for file in (file for folder in scratch for file in folder.rglob("*") if file.is_file()):
        assert line not in file.read_bytes()
    assert not list(elsewhere.iterdir())


# How it ends

PROGRAM = """
import sys, time
from szilard.study.cluster import on_cluster
from szilard.study.cluster_local import local_cluster
from szilard.study.cluster_slurm import slurm_cluster, slurm_script
from tests.study.cluster_runs import slow, study_of

if __name__ == "__main__":
    study = study_of(1)
    try:
        with local_cluster(1) as client:
            def told(threads, flying, began=[]):
                if flying == 2 and not began:
                    began.append(1)
                    print("flying", flush=True)
            for _ in on_cluster(study, iter(study.cells), client, told, slow):
                pass
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux")
def test_interrupts_are_not_for_workers(client: Any) -> None:
    for pid in client.run(os.getpid).values():
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        assert int(status["SigBlk"], 16) >> (signal.SIGINT - 1) & 1
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_no_process_is_left(number: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    root = str(Path(__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": root, "OPENBLAS_NUM_THREADS": "1", "TMPDIR": str(tmp_path)}
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs, and their children, ignore it
    process = subprocess.Popen(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "flying\n"
    time.sleep(0.3)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert workers
    began = time.monotonic()
    if number is signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does: everybody hears it
    else:
        process.send_signal(number)
    out, err = process.communicate(timeout=30)
    took = time.monotonic() - began
    _, alive = psutil.wait_procs(workers, timeout=2)
    assert not alive
    if number is signal.SIGINT:
        assert err == ""
        assert (process.returncode, out) == (0, "interrupted\n")
        assert took < 2.0
        assert [p.name for p in tmp_path.iterdir()] == ["program.py"]


def test_runs_that_the_scheduler_drops_are_told(client: Any) -> None:
    study = study_of(2)
    given = on_cluster(study, iter(study.cells), client, run=rather_slow)
    next(given)
    for future in list(client.futures):
        client.cancel([DaskFuture(future, client)], force=True)
    with pytest.raises(InputError, match="finished runs are kept"):
        list(given)


@pytest.mark.parametrize("workers", [0, -1, 1.0, True, "2", 1001, float("nan"), None])
def test_bad_numbers_of_workers(workers: Any) -> None:
    with pytest.raises(InputError, match="workers"), local_cluster(workers):
        pass


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(InputError, match=r'pip install "\.\[cluster\]"'), local_cluster(1):
        pass


# Someone else's cluster


@pytest.fixture(scope="module")
def files(client: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The certificates of the cluster, as its owner would keep them."""
    return _files(client.security, tmp_path_factory.mktemp("certificates"))


def _files(security: Any, folder: Path) -> dict[str, Any]:
    texts = {
        "tls_ca": security.tls_ca_file,
        "tls_cert": security.tls_client_cert,
        "tls_key": security.tls_client_key,
    }
    for name, text in texts.items():
        (folder / f"{name}.pem").write_text(text)
        (folder / f"{name}.pem").chmod(0o600)
    return {name: folder / f"{name}.pem" for name in texts}


def test_an_existing_cluster(client: Any, files: dict[str, Any]) -> None:
    study = study_of(1)
    with connected(client.scheduler.address, **files) as other:
        assert digest_of(finished(on_cluster(study, iter(study.cells), other))) == alone(1)


def test_its_workers_have_the_same_versions(
    client: Any, files: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_existing, "maker", lambda: "szilard 0.0.0")
    monkeypatch.setattr(cluster, "maker", lambda: "szilard 0.0.0")
    with pytest.raises(InputError, match="here it is szilard 0.0.0"), connected(client.scheduler.address, **files):
        pass


def test_dasks_own_settings_name_the_files(client: Any, files: dict[str, Any]) -> None:
    import dask

    own = {"ca-file": files["tls_ca"], "client.cert": files["tls_cert"], "client.key": files["tls_key"]}
    named = {f"distributed.comm.tls.{name}": str(path) for name, path in own.items()}
    with dask.config.set(named), connected(client.scheduler.address) as other:
        assert sum(other.nthreads().values()) == WORKERS


@pytest.mark.parametrize(
    "address",
    [
        "tcp://127.0.0.1:8786",
        "127.0.0.1:8786",
        "ws://h:1",
        "tls://",
        "tls://h",
        "tls://h:1/x",
        "tls://h:1 ",
        "",
        "tls://:1",
    ],
)
def test_addresses_without_tls_are_refused(address: str, files: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="scheduler") as refused, connected(address, **files):
        pass
    assert ("run code as you" in str(refused.value)) == (not address.startswith("tls://"))


def test_bad_files_are_refused(files: dict[str, Any], tmp_path: Path) -> None:
    from distributed import Security

    def refused(field: str, rule: str, **changed: Path | None) -> None:
        given: dict[str, Any] = {**files, **changed}
        with pytest.raises(InputError, match=rule) as error, connected("tls://127.0.0.1:1", **given):
            pass
        assert error.value.field == field

    other = _files(Security.temporary(), tmp_path)
    refused("tls_ca", "is required", tls_ca=None)
    refused("tls_cert", "is required", tls_cert=None)
    refused("tls_key", "is required", tls_key=None)
    refused("tls_cert", "that can be read", tls_cert=tmp_path / "none.pem")
    refused("tls_ca", "that can be read", tls_ca=tmp_path)
    refused("tls_ca, tls_cert, tls_key", "the key that of the certificate", tls_key=other["tls_key"])
    (tmp_path / "empty.pem").touch(0o600)
    refused("tls_ca, tls_cert, tls_key", "must be PEM files", tls_ca=tmp_path / "empty.pem")
    other["tls_key"].chmod(0o640)
    refused("tls_key", "by you alone", tls_key=other["tls_key"])


def test_no_answer_and_another_authority(client: Any, files: dict[str, Any], tmp_path: Path) -> None:
    from distributed import Security

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(InputError, match="does not answer"):
            with connected(f"tls://127.0.0.1:{free.getsockname()[1]}", **files, timeout=0.5):
                pass
    other = _files(Security.temporary(), tmp_path)
    with pytest.raises(InputError, match="refuses the certificate"):
        with connected(client.scheduler.address, **other, timeout=1.0):
            pass


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan"), float("inf"), "1"])
def test_bad_timeouts(timeout: Any, files: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="timeout"), connected("tls://127.0.0.1:1", **files, timeout=timeout):
        pass


# SLURM; with its commands in the soak tests


def test_the_script_of_a_job(elsewhere: Path) -> None:
    import dask

    script = slurm_script(3, "/shared/out", memory="3GiB", walltime="02:00:00", queue="long", account="physics")
    lines = script.splitlines()
    directives = {line.removeprefix("#SBATCH ") for line in lines if line.startswith("#SBATCH")}
    wanted = {"-p long", "-A physics", "-n 1", "--cpus-per-task=1", "--mem=3G", "-t 02:00:00"}
    assert wanted <= directives
    command = lines[-1]
    assert " tls://SCHEDULER:PORT " in command
    for option in ("--nthreads 1", "--protocol tls://", "--no-dashboard", "--tls-ca-file /shared/out/.certificates-"):
        assert option in command
    assert all(f"--tls-{kind} /shared/out/" in command for kind in ("cert", "key"))
    assert "BEGIN" not in script
    with dask.config.set({"jobqueue.slurm.queue": "short", "jobqueue.slurm.job-script-prologue": ["module load x"]}):
        own = slurm_script(1, "/shared/out").splitlines()
    assert "#SBATCH -p short" in own
    assert "module load x" in own
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("workers", {"workers": 0}),
        ("workers", {"workers": 1e9}),
        ("folder", {"folder": "/a b"}),
        ("folder", {"folder": "/a;rm -rf x"}),
        ("queue", {"queue": "q\nrm x"}),
        ("account", {"account": "$(id)"}),
        ("walltime", {"walltime": ""}),
        ("memory", {"memory": "2 GiB`id`"}),
    ],
)
def test_what_cannot_stand_in_a_script(field: str, given: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"workers": 1, "folder": "/out"}
    with pytest.raises(InputError) as refused:
        slurm_script(**(usual | given))
    assert refused.value.field == field


def test_no_slurm_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="sbatch"), slurm_cluster(1, tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_a_slurm_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = tmp_path / "commands"
    commands.mkdir()
    for name, text in (("sbatch", "exit 0"), ("squeue", "echo connect failure >&2\nexit 1")):
        (commands / name).write_text(f"#!/bin/sh\n{text}\n")
        (commands / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}:/bin")
    with pytest.raises(InputError, match="connect failure; SLURM does not answer"), slurm_cluster(1, tmp_path / "out"):
        pass
    assert not (tmp_path / "out").exists()
