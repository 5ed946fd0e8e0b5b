"""Studies: the demo as a user runs it, what a sweep adds to its runs, and how well it uses two cores."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import szilard as sz
from szilard.study.cluster_local import local_cluster
from szilard.study.work import worked

from .cores import every_core
from .peers.clock import cpu_seconds
from .table import Block, Level

TINY, REPEATS = 100, 3
RUNS, REPLICAS = 4, 1300
FEWEST, DEMO, MOST = 90.0, 120.0, 10.0
OTHERS = 0.6
"""Programs beside this one, on average over a minute, from which on wall time and scaling say nothing of szilard."""
STUDY = """name = "{name}"
seed = 1
replicas = {replicas}

[task]
source = "digits"
patterns = {patterns}

[[grid]]
rule = "{rule}"
learning_rate = [{rates}]
duration = {duration}
dt = {dt}
"""


def study_of(name: str, runs: int, replicas: int, patterns: int, rule: str, duration: float, dt: float) -> sz.Study:
    """So many runs that differ in their learning rate by little."""
    rates = ", ".join(f"{1.0 + 1e-3 * i:g}" for i in range(runs))
    told: dict[str, Any] = {"name": name, "replicas": replicas, "patterns": patterns, "rule": rule}
    return sz.Study(STUDY.format(**told, duration=duration, dt=dt, rates=rates))


def tiny(runs: int) -> sz.Study:
    """Runs that take no time to speak of."""
    return study_of("tiny runs", runs, 40, 2, "hebbian", 0.1, 0.02)


def long(runs: int) -> sz.Study:
    """Runs of a second and more on one thread."""
    return study_of("long runs", runs, REPLICAS, 12, "adatron", 16.0, 0.002)


def on_the_wall(job: Callable[[], object]) -> float:
    return _taken(job, time.perf_counter)


def swept(study: sz.Study, **how: Any) -> float:
    """Seconds on the wall of a study into a directory of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return on_the_wall(partial(sz.run_study, study, Path(folder) / "out", watch=False, **how))


def alone(study: sz.Study) -> float:
    """Seconds on the wall of its runs, none of them kept."""

    def job() -> None:
        for cell in study.cells:
            worked(study, cell, threads=1)

    return on_the_wall(job)


def demo(block: Block) -> None:
    """`szilard run`, as in `make demo`, on all cores."""
    command = [str(Path(sys.executable).parent / "szilard"), "run", "--out"]
    with tempfile.TemporaryDirectory() as folder, every_core() as cores:
        env = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
        begun = cpu_seconds()
        job = partial(subprocess.run, [*command, f"{folder}/demo"], check=True, stdout=subprocess.DEVNULL, env=env)
        taken = on_the_wall(job)
        block.levels.append(judged(f"the demo, {cores} cores, on the wall", taken, "s", DEMO, ""))
        block.levels.append(Level("the demo, processor time", cpu_seconds() - begun, "s"))


def judged(what: str, value: float, unit: str, target: float | None, note: str, least: bool = False) -> Level:
    """A level that is held against its target only while the machine is not busy with something else."""
    others = max(0.0, os.getloadavg()[0] - 1.0)
    if target is None or others <= OTHERS:
        return Level(what, value, unit, target, least, note)
    sign = ">=" if least else "<="
    busy = f"not judged ({sign} {target:g} {unit}): load of other programs {others:.1f}"
    return Level(what, value, unit, None, least, f"{busy}; {note}" if note else busy)


def threads() -> Level:
    """One training run on one thread and on two."""
    task: Any = sz.tasks.random_labels(64, 12, seed=1)
    train = partial(
        sz.train, task, sz.rules.adatron, learning_rate=1.0, duration=16.0, dt=0.01, replicas=4096, seed=1
    )  # fmt: skip
    turns = [[on_the_wall(partial(train, threads=count)) for count in (1, 2)] for _ in range(REPEATS)]
    one, two = (min(times) for times in zip(*turns, strict=True))
    note = f"{one:.2f} s on one, {two:.2f} s on two"
    return judged("one run on 2 threads, of the ideal speed", 50.0 * one / two, "%", FEWEST, note, least=True)


def workers() -> Level:
    """A sweep in this process on one thread, and on two worker processes that have started already."""
    study = long(RUNS)
    one = alone(long(1))
    serial = swept(study, threads=1)
    with local_cluster(2) as client:
        swept(long(2), engine=client)
        both = min(swept(study, engine=client) for _ in range(2))
    note = f"runs of {one:.2f} s, {serial:.1f} s in one process, {both:.1f} s on two workers"
    return judged(f"{RUNS} runs on 2 workers, of the ideal speed", 50.0 * serial / both, "%", FEWEST, note, least=True)


def overhead(block: Block) -> None:
    """What a sweep takes beyond its runs, for each: directories, records, the table."""
    study = tiny(TINY)
    alone(study)
    for what, clock, target in (("", time.perf_counter, MOST), (", processor time", cpu_seconds, None)):
        kept, bare = (
            min(_taken(partial(job, study), clock) for _ in range(REPEATS))
            for job in (partial(swept, threads=1), alone)
        )
        each = 1e3 * (kept - bare) / TINY
        block.levels.append(judged(f"overhead of a sweep of {TINY} tiny runs, a run{what}", each, "ms", target, ""))


def _taken(job: Callable[[], object], clock: Callable[[], float]) -> float:
    begun = clock()
    job()
    return clock() - begun


def measure() -> Block:
    block = Block("Studies: seconds on the wall, so that other programs at work count too")
    demo(block)
    overhead(block)
    with every_core() as cores:
        if cores < 2:
            block.notes.append("One core: no scaling can be measured.")
        else:
            block.levels += [threads(), workers()]
    return block
