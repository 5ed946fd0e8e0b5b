"""Run every cell of a study that is not yet in its store: in this process, on a cluster, or a share of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import InputError
from ..progress import Watch, counted
from ..sealed import Busy, locked, unwritable
from .claims import Claims
from .loading import NothingFinished, load
from .pulse import Pulse
from .record import DONE, Failed, Finished
from .shard import Shard
from .spec import Cell, Study
from .store import OWN, WAIT, Store
from .table import read_table, write_table
from .work import worked

if TYPE_CHECKING:
    import xarray
    from distributed import Client

Tell = Callable[[Cell, float], None]
"""tell(run, share of it that is done)."""
Train = Callable[[Store, Iterator[Cell], Tell], Generator[Finished | Failed, None, None]]
"""From runs, taken one by one when there is room for one more, to what became of them, in any order."""


SHORTEST, LONGEST = 0.1, 3.0
"""Seconds between two looks at runs that other processes have in their hands."""


def run_study(
    study: Study,
    out: str | Path,
    *,
    engine: Literal["threads", "local"] | Client = "threads",
    threads: int | None = None,
    workers: int | None = None,
    shard: str | None = None,
    retry: bool = False,
    watch: Watch | bool | None = None,
) -> xarray.Dataset:
    """Train every run of the study and keep each as soon as it is finished; what is there already is not repeated.

    engine: "threads" (this process, one run after another, each on ``threads`` threads), "local" (``workers`` processes
    on this machine), or the client of a Dask cluster, as ``cluster.connected`` and ``cluster.slurm_cluster`` give it;
    all but the first need the extra "cluster". shard: "2/7" trains the second of seven shares, for array jobs; any
    number of processes may work on one directory. retry: runs that failed before are tried again.
    watch(settled runs, all runs, share of all the work) is called now and then; True shows a bar in a notebook or a
    terminal, False nothing, and None a bar in a notebook or at Python's prompt and nothing in scripts.

    The numbers do not depend on engine, threads, workers, shards, order or interruption. Every run's settings are
    checked before the first one starts; a run that fails all the same leaves its reason in the store, and the others
    go on. Returns what ``load(out)`` returns. Raises InputError for bad settings, a directory of something else or of
    another study, one that cannot be written, or if no run has succeeded.
    """
    if not isinstance(study, Study):
        raise InputError("study", study, "must be a Study", "sz.Study.from_toml(path) reads a file")
    path, share = Path(out), Shard(1, 1) if shard is None else Shard.parsed(shard)
    with _trainer(engine, threads, workers) as train:
        store = Store(study, path)
        mine = [cell for place, cell in enumerate(study.cells) if share.holds(place)]
        if retry:
            store.forget(mine)
        with counted(watch, study.name, "runs") as seen:
            _work_through(store, mine, train, seen)
    try:
        return keep_table(path)
    except NothingFinished:
        if shard is None:
            raise
        import xarray as xr

        return xr.Dataset(attrs={"unfinished": len(study.cells)})


def keep_table(path: Path) -> xarray.Dataset:
    """All finished runs, put into results.zarr too where that does not hold them yet and nobody else is writing it."""
    results = load(path)
    with suppress(Busy), locked(path, "study", own=OWN, wait=WAIT):
        if len(list((path / DONE).iterdir())) != results.sizes["cell"]:
            results = load(path)  # others have finished more while the lock was theirs
        if not _holds(path / "results.zarr", results):
            try:
                write_table(results, path / "results.zarr")
            except FileNotFoundError:
                pass  # a file system without locks, and another process at the same table
            except OSError as error:
                raise unwritable(path, error) from None
    return results


def _holds(table: Path, results: xarray.Dataset) -> bool:
    try:
        return read_table(table).identical(results)
    except InputError:
        return False


@contextmanager
def _trainer(engine: Literal["threads", "local"] | Client, threads: int | None, workers: int | None) -> Iterator[Train]:
    """How runs become records."""
    for name, value, of in (("workers", workers, "local"), ("threads", threads, "threads")):
        if value is not None and engine != of:
            rule = f'is for engine = "{of}"'
            raise InputError(name, value, rule, f'drop it, or give engine = "{of}"')
    if engine == "threads":
        yield partial(_in_this_process, threads)
    elif engine == "local":
        from .cluster_local import local_cluster

        with local_cluster(os.cpu_count() or 1 if workers is None else workers) as client:
            yield partial(_on_workers, client)
    elif isinstance(engine, str) or not hasattr(engine, "submit"):
        raise InputError("engine", engine, "must be threads, local or a client of a Dask cluster", "name one")
    elif not (address := str(getattr(engine.scheduler, "address", ""))).startswith(("tls://", "inproc://")):
        rule = "must use TLS: without it anyone who reaches the scheduler could run code as you"
        raise InputError("engine", address, rule, "start the cluster with a Security of its own")
    else:
        yield partial(_on_workers, engine)


def _in_this_process(
    threads: int | None, store: Store, cells: Iterator[Cell], tell: Tell
) -> Generator[Finished | Failed, None, None]:
    for cell in cells:
        tell(cell, 0.0)
        with store.attempt(cell.key):
            record = worked(store.study, cell, threads, partial(tell, cell))
        yield record


def _on_workers(
    client: Client, store: Store, cells: Iterator[Cell], tell: Tell
) -> Generator[Finished | Failed, None, None]:
    from .cluster import on_cluster

    def told() -> Iterator[Cell]:
        for cell in cells:
            tell(cell, 0.0)
            yield cell

    yield from on_cluster(store.study, told(), client)


class _Progress:
    """How many of the runs are settled, how much of the work is done, and how much of that by this process."""

    def __init__(self, efforts: Mapping[str, float], runs: Sequence[Cell], watch: Watch, pulse: Pulse | None) -> None:
        self.efforts, self.watch, self.pulse = efforts, watch, pulse
        self.runs, self.total = len(runs), sum(efforts[cell.key] for cell in runs)
        self.settled, self.spent, self.own = 0, 0.0, 0.0

    def count(self, left: Sequence[Cell]) -> None:
        """These are not settled, all others are."""
        self.settled = self.runs - len(left)
        self.spent = self.total - sum(self.efforts[cell.key] for cell in left)

    def finish(self, key: str) -> None:
        """This process has settled one more."""
        self.settled += 1
        self.spent += self.efforts[key]
        self.own += self.efforts[key]

    def tell(self, cell: Cell, share: float) -> None:
        """This share of a run is done."""
        work = share * self.efforts[cell.key]
        if self.pulse is not None:
            self.pulse.work = self.own + work
        self.watch(self.settled, self.runs, (self.spent + work) / self.total)


def _work_through(store: Store, mine: Sequence[Cell], train: Train, watch: Watch) -> None:
    try:
        with Claims(store.path) as claims:
            left = store.in_turn(mine, claims)
            with Pulse(store.path) if left else nullcontext() as pulse:
                progress = _Progress(store.manifest.efforts, mine, watch, pulse)
                patience = SHORTEST
                while left:
                    progress.count(left)
                    written = set()
                    with closing(train(store, store.open_cells(left, claims), progress.tell)) as records:
                        for record in records:
                            store.write(record)
                            claims.free(record.key)
                            written.add(record.key)
                            progress.finish(record.key)
                    left = store.in_turn([cell for cell in left if cell.key not in written], claims)
                    if left:  # in the hands of others
                        patience = SHORTEST if written else min(2.0 * patience, LONGEST)
                        time.sleep(patience)
    except OSError as error:
        raise unwritable(store.path, error) from None
    watch(len(mine), len(mine), 1.0)
