"""Workers that are SLURM jobs of one core each, through dask-jobqueue, over TLS."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..errors import InputError, is_whole
from .cluster import cluster_extra
from .cluster_local import MOST_WORKERS, SETTINGS, keep_scaled, temporary_security

if TYPE_CHECKING:
    from distributed import Client

ANSWER = 120.0
"""Seconds that SLURM may take to say which jobs there are."""
MEMORY = "2GiB"
PEM = {"ca_file": "authority.pem", "worker_cert": "certificate.pem", "worker_key": "key.pem"}
"""The files that hold a cluster's certificates, by what Dask calls them."""
LIKE_LOCAL = (
    'export DASK_DISTRIBUTED__WORKER__HTTP__ROUTES="[]"',
    'export DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED="False"',
    'export DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE="False"',
    'export DASK_DISTRIBUTED__WORKER__MEMORY__SPILL="False"',
    'export DASK_DISTRIBUTED__WORKER__MEMORY__TARGET="False"',
)
"""The settings of local workers, for those in jobs."""


@contextmanager
def slurm_cluster(
    workers: int,
    folder: str | Path,
    memory: str | None = None,
    walltime: str | None = None,
    queue: str | None = None,
    account: str | None = None,
) -> Iterator[Client]:
    """A client of a scheduler in this process, for which SLURM starts so many jobs of one core; a job that ends, for
    instance at its walltime, is asked for again.

    folder: where the nodes can read too. A directory in it that only its owner may enter holds the certificates, made
    for this cluster, until the block ends; "slurm-logs" in it keeps what the jobs say.
    memory ("2GiB"), walltime ("00:30:00"), queue and account: where an argument is None, what Dask's own settings
    (jobqueue.slurm) say, where more can stand, such as modules to load or the network interface.
    The first job may have to wait, and so does whoever uses the client. Raises InputError for bad arguments, a folder
    that cannot be written, or where there is no SLURM.
    """
    asked = _asked(workers, folder, memory, walltime, queue, account)
    dask, distributed = cluster_extra("dask"), cluster_extra("distributed")
    cluster_extra("dask_jobqueue")
    _check_slurm()
    with ExitStack() as stack:
        try:
            logs = Path(folder).resolve() / "slurm-logs"
            logs.mkdir(parents=True, exist_ok=True)
            certificates = Path(stack.enter_context(TemporaryDirectory(prefix=".certificates-", dir=logs.parent)))
            security = _security(certificates)
            _write(certificates, temporary_security())
        except OSError as error:
            raise InputError("folder", str(folder), f"cannot be written ({error})", "name another") from None
        stack.enter_context(dask.config.set(SETTINGS | {"distributed.scheduler.no-workers-timeout": None}))
        options = dict(dask.config.get("jobqueue.slurm.scheduler-options", {}))
        options |= {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
        cluster = stack.enter_context(
            cluster_extra("dask_jobqueue").SLURMCluster(
                security=security, protocol="tls://", scheduler_options=options, log_directory=str(logs), **asked
            )
        )
        client: Client = stack.enter_context(distributed.Client(cluster, set_as_default=False))
        keep_scaled(cluster, workers, stack)
        yield client


def slurm_script(
    workers: int,
    folder: str | Path,
    memory: str | None = None,
    walltime: str | None = None,
    queue: str | None = None,
    account: str | None = None,
) -> str:
    """The script of each job that ``slurm_cluster`` submits, with a mark where only it can know what will stand there.

    The script holds no secret: certificates and key are named by their files.
    """
    asked = _asked(workers, folder, memory, walltime, queue, account)
    security = _security(Path(folder).resolve() / ".certificates-XXXXXXXX")
    job = cluster_extra("dask_jobqueue.slurm").SLURMJob(
        "tls://SCHEDULER:PORT", name="NAME", security=security, protocol="tls://", **asked
    )
    return str(job.job_script())


def _asked(
    workers: int,
    folder: str | Path,
    memory: str | None,
    walltime: str | None,
    queue: str | None,
    account: str | None,
) -> dict[str, Any]:
    """What dask-jobqueue is told; None leaves Dask's own settings as they are."""
    if not (is_whole(workers, 1) and workers <= MOST_WORKERS):
        raise InputError("workers", workers, f"must be a whole number from 1 to {MOST_WORKERS}", "give the jobs wanted")
    told = {"memory": memory, "walltime": walltime, "queue": queue, "account": account}
    for name, value in (told | {"folder": str(Path(folder).resolve())}).items():
        if value is not None and not re.fullmatch(r"[\w./:,@+=-]+", value):
            rule = "stands in a shell script: letters, digits and ./:,@+=-_ only"
            raise InputError(name, value, rule, "take these out")
    dask = cluster_extra("dask")
    cluster_extra("dask_jobqueue")  # brings its settings
    told["memory"] = memory or dask.config.get("jobqueue.slurm.memory", None) or MEMORY
    return {
        **told,
        "cores": 1,
        "processes": 1,
        "job_script_prologue": [*dask.config.get("jobqueue.slurm.job-script-prologue", []), *LIKE_LOCAL],
        "worker_extra_args": [*dask.config.get("jobqueue.slurm.worker-extra-args", []), "--no-dashboard"],
    }


def _check_slurm() -> None:
    """Raise InputError where jobs cannot be submitted: no command for it, or nobody who answers it."""
    if which("sbatch") is None:
        rule = "is SLURM's command to submit jobs, and is not to be found"
        raise InputError("engine", "sbatch", rule, "give the command where jobs are submitted, or take --engine local")
    if which("squeue") is None:
        return
    try:
        asked = subprocess.run(
            ["squeue", "--me", "--noheader"], capture_output=True, text=True, check=False, timeout=ANSWER
        )
        said = "" if asked.returncode == 0 else asked.stderr.strip() or f"squeue ended with {asked.returncode}"
    except subprocess.TimeoutExpired:
        said = f"squeue has not answered in {ANSWER:.0f} s"
    if said:
        rule = "SLURM does not answer"
        raise InputError("engine", said, rule, "wait until it does, or take --engine local")


def _security(certificates: Path) -> Any:
    """All roles with the same files: who can read them is the cluster's owner."""
    files = {name: str(certificates / file) for name, file in PEM.items()}
    roles = {f"tls_{role}_{kind}": files[f"worker_{kind}"] for role in ROLES for kind in ("cert", "key")}
    security = cluster_extra("distributed").Security
    return security(require_encryption=True, tls_ca_file=files["ca_file"], **roles)


ROLES = ("client", "scheduler", "worker")


def _write(certificates: Path, made: Any) -> None:
    for name, file in PEM.items():
        with open(os.open(certificates / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(getattr(made, f"tls_{name}"))
