"""The runs of a study on the workers of a Dask cluster: each record as soon as it is there, whatever workers die."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ..data import Patterns
from ..errors import InputError
from .record import Failed, Finished, maker
from .spec import Cell, Study
from .work import worked

if TYPE_CHECKING:
    from distributed import Client

AHEAD = 2
"""Runs in flight for each thread of the workers: one that runs and one that waits for its place."""
LOOK = 1.0
"""Seconds between two looks at how many workers there are."""
Watch = Callable[[int, int], None]
"""watch(threads of all workers, runs in flight)."""
Run = Callable[[Study, Cell, int], Finished | Failed]


def on_cluster(
    study: Study, cells: Iterator[Cell], client: Client, watch: Watch | None = None, run: Run = worked
) -> Iterator[Finished | Failed]:
    """The record of every cell, in the order in which they end, the same bits on any workers.

    At most two cells for each thread of the workers are pulled from ``cells`` and not yet given back. A run whose
    worker dies is begun again elsewhere. When Dask gives one up, because as many workers died as its scheduler allows
    (4, with its own setting) while they had it, it may only have stood next to the run that kills: it is run once more
    at the end, with no other run in flight, and only if that many workers die again it ends as Failed.
    Close the iterator to leave what is in flight. ``run(study, cell, threads)`` does the work, on the workers.
    Raises InputError where the scheduler is lost, where workers have other versions than this process, or where no
    worker survives the study itself; what has been given back by then is good.
    """
    flight = _Flight(client, study, run, watch)
    try:
        doubted: list[Cell] = []
        for cell, found in flight.over(cells, flight.room):
            if isinstance(found, int):
                doubted.append(cell)
            else:
                yield found
        for cell, found in flight.over(iter(doubted), lambda: 1):
            yield _killer(cell, found) if isinstance(found, int) else found
    finally:
        flight.leave()


def _killer(cell: Cell, deaths: int) -> Failed:
    return Failed(cell.key, cell.coordinates, f"{deaths} workers died while it ran: out of memory, or killed")


def cluster_extra(name: str) -> Any:
    """A module that the extra ``cluster`` brings; InputError where it is missing."""
    try:
        return import_module(name)
    except ImportError as error:
        rule = "a cluster needs Dask and cryptography"
        raise InputError(
            "engine", str(error), rule, 'pip install ".[cluster]" in the directory of the sources'
        ) from None


@dataclass
class _Flight:
    """What is on the workers now."""

    client: Any
    study: Study
    run: Run
    watch: Watch | None
    running: dict[Any, Cell] = field(default_factory=dict)
    ended: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    name: str = field(default_factory=lambda: f"szilard-{uuid4().hex}")
    begun: int = 0
    served: int = 0
    looked: float = float("-inf")
    threads: int = 0

    def __post_init__(self) -> None:
        self._send()

    def _send(self) -> None:
        """As a task, which can be done again where a worker dies that had it."""
        self.served = 0
        sent = Sent(self.name, self.study.text, self.study.path, self.study.patterns)
        large = {"distributed.admin.large-graph-warning-threshold": "1 TiB"}  # patterns may be many
        with cluster_extra("dask").config.set(large):
            self.sent = self.client.submit(_as_it_is, sent, key=f"{self.name}-study-{self.begun}", pure=False)

    def over(self, cells: Iterator[Cell], room: Callable[[], int]) -> Iterator[tuple[Cell, Finished | Failed | int]]:
        """Each cell with its record, or with the number of workers that died with it."""
        more = True
        while more or self.running:
            while more and len(self.running) < room():
                cell = next(cells, None)
                if cell is None:
                    more = False
                else:
                    self._begin(cell)
            self._tell()
            if not self.running:
                continue
            try:
                future = self.ended.get(timeout=LOOK)
            except Empty:
                continue
            cell = self.running.pop(future)
            found = self._found(future)
            future.release()
            if found is None:
                self._begin(cell)
            else:
                self.served += 1
                yield cell, found

    def room(self) -> int:
        """How many runs may be in flight; some where no worker has come yet."""
        now = time.monotonic()
        if now - self.looked >= LOOK:
            self.looked = now
            try:
                self.threads = sum(self.client.nthreads().values())
            except (OSError, RuntimeError, TimeoutError) as error:
                raise _lost(str(error)) from None
        return max(AHEAD * self.threads, 1)

    def leave(self) -> None:
        """Release what is in flight; the scheduler drops it, whatever state it is in."""
        for future in (*self.running, self.sent):
            future.release()
        self.running.clear()

    def _begin(self, cell: Cell) -> None:
        self.begun += 1
        key = (self.name, self.begun)
        future = self.client.submit(_at_work, self.sent, cell, self.run, maker(), key=key, pure=False)
        self.running[future] = cell
        future.add_done_callback(self.ended.put)

    def _tell(self) -> None:
        if self.watch is not None:
            self.watch(self.threads, len(self.running))

    def _found(self, future: Any) -> Finished | Failed | int | None:
        """A record, how many workers died with the run, or None where it has not begun and must be sent again."""
        distributed = cluster_extra("distributed")
        try:
            found: Finished | Failed | str = future.result()
            if isinstance(found, str):
                raise other_versions("a worker", found)
            return found
        except distributed.KilledWorker as error:
            if error.task == future.key:
                return int(error.allowed_failures) + 1
            if error.task == self.sent.key:  # in the course of time it has been with as many workers when they died
                if not self.served:
                    got = f"{error.allowed_failures + 1} workers died when they were given the study"
                    raise InputError("workers", got, "must hold it in memory", "give them more memory") from None
                self._send()
            return None
        except InputError:
            raise
        except (CancelledError, OSError) as error:
            raise _lost(f"{type(error).__name__}: {error}") from None
        except Exception as error:  # not the run's own, which is in its record
            got = f"{type(error).__name__}: {error}"
            raise InputError("workers", got, "could not begin a run", "see what they say when they start") from None


def _lost(got: str) -> InputError:
    fix = "give the same command again: finished runs are kept"
    return InputError("scheduler", got, "the connection to it is lost", fix)


@dataclass(frozen=True)
class Sent:
    """What a worker makes the study of."""

    name: str
    text: str
    path: Path | None
    own: Patterns | None


_here = threading.local()


def _as_it_is(sent: Sent) -> Sent:
    return sent


def _at_work(sent: Sent, cell: Cell, run: Run, made_by: str) -> Finished | Failed | str:
    """On a worker: a run, or what this worker would make it with, if its numbers were not the client's."""
    if maker() != made_by:
        return maker()
    if getattr(_here, "name", None) != sent.name:  # one study for each thread: it keeps the last tasks
        _here.study, _here.name = Study(sent.text, sent.path, sent.own), sent.name
    return run(_here.study, cell, 1)


def other_versions(where: str, theirs: str) -> InputError:
    """The refusal of a worker that would not make the same bits."""
    rule = f"here it is {maker()}: the bits would differ"
    return InputError("workers", f"{theirs} on {where}", rule, "install the same versions on both sides")
