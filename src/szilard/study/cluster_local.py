"""Worker processes on this machine, which nobody but their owner can talk to."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import resource_tracker
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..errors import InputError, is_whole
from .cluster import cluster_extra

if TYPE_CHECKING:
    from distributed import Client

MOST_WORKERS = 1000
STARTS = 120.0
"""Seconds in which the workers must be there."""
ENDS = 0.5
"""Seconds that a worker is given to end by itself."""
SETTINGS: dict[str, Any] = {
    "distributed.scheduler.allowed-failures": 3,
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.no-workers-timeout": "2 minutes",
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.worker.multiprocessing-method": "spawn",
}
"""A run that no worker survives is given up after four; runs wait at the scheduler, where the death of another's worker
does not count against them; nothing is served over HTTP, which Dask would not encrypt; a worker that needs more than
its memory ends, and does not wait for ever."""


@contextmanager
def local_cluster(workers: int) -> Iterator[Client]:
    """A client of so many processes of one thread each, ready to work; they end with the block, however it ends.

    They listen on 127.0.0.1 alone, over TLS with certificates made for this cluster and kept in memory: a connection
    without them is refused. Each has an equal part of the machine's memory, and is ended and begun anew where it takes
    more. Ctrl-C reaches this process only. Raises InputError for a bad number, or where no workers start.
    A script must call it below ``if __name__ == "__main__":``, because every worker imports the script.
    """
    if not (is_whole(workers, 1) and workers <= MOST_WORKERS):
        raise InputError("workers", workers, f"must be a whole number from 1 to {MOST_WORKERS}", "give one per core")
    dask, distributed = cluster_extra("dask"), cluster_extra("distributed")
    security = temporary_security()
    with ExitStack() as stack:
        scratch = stack.enter_context(TemporaryDirectory(prefix="szilard-", ignore_cleanup_errors=True))
        stack.enter_context(_environment_kept())
        stack.enter_context(dask.config.set(SETTINGS | {"temporary-directory": scratch}))
        runner = distributed.utils.LoopRunner()
        resource_tracker.ensure_running()  # started later, by the thread below, it would let Ctrl-C through again
        with _interrupts_held():
            runner.start()  # this thread, and every process that it starts, inherits that Ctrl-C is not for it
        stack.callback(runner.stop)
        cluster = distributed.LocalCluster(
            n_workers=0,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            protocol="tls://",
            security=security,
            loop=runner.loop,
            silence_logs=logging.CRITICAL,  # deaths are told by records, not by tracebacks
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            local_directory=scratch,
            memory_limit=int(distributed.system.MEMORY_LIMIT / workers),
        )
        stack.callback(_ended, cluster)
        client: Client = stack.enter_context(distributed.Client(cluster, set_as_default=False))
        keep_scaled(cluster, workers, stack)
        _wait_for(client, cluster, workers)
        yield client


def temporary_security() -> Any:
    """Certificates of one cluster, kept in memory."""
    cluster_extra("cryptography")
    return cluster_extra("distributed").Security.temporary()


def keep_scaled(cluster: Any, workers: int, stack: ExitStack) -> None:
    """Ask for so many workers, and every second again: Dask drops one for good that dies while it starts anew."""
    again = cluster_extra("tornado.ioloop").PeriodicCallback(lambda: cluster.scale(workers), 1000)
    cluster.scale(workers)
    cluster.loop.add_callback(again.start)
    stack.callback(cluster.loop.add_callback, again.stop)


def _wait_for(client: Any, cluster: Any, workers: int) -> None:
    until = time.monotonic() + STARTS
    while (there := len(client.nthreads())) < workers:
        failed = cluster.status.name != "running" or any(w.status.name in FAILED for w in cluster.workers.values())
        if failed or time.monotonic() > until:
            rule = f"of {workers} processes did not start"
            fix = 'in a script, call this below `if __name__ == "__main__":`; else ask for fewer'
            raise InputError("workers", f"{workers - there}", rule, fix)
        time.sleep(0.02)


FAILED = ("failed", "closed", "closing")


def _ended(cluster: Any) -> None:
    """Close the cluster; what its workers are doing is not waited for."""

    async def all_workers() -> None:
        from asyncio import gather

        nannies = list(cluster.workers.values())
        await gather(*(nanny.close(timeout=ENDS) for nanny in nannies), return_exceptions=True)

    with suppress(Exception):  # a scheduler that is gone already cannot be closed
        cluster.sync(all_workers, callback_timeout=5.0)
        cluster.close(timeout=5.0)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Threads that are started inside, and processes that they start, never see SIGINT; but on Windows."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Dask writes what its workers inherit into this process' environment: take it out again."""
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in [name for name in os.environ if name not in before]:
            del os.environ[name]
        os.environ.update(before)
