"""What a study will ask for, before it is run: runs, memory, and the time they take on this machine."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..learning.settings import Settings
from ..learning.training import train
from ..markup import table_of_text
from ..progress import said
from .record import read_failed, read_finished
from .shard import Shard
from .spec import Cell, Study
from .store import read_manifest, refuse_another
from .work import arguments_of, planned

MOST_TRIALS = 16
"""Kinds of runs that are timed; others count as the slowest of these."""
STEPS = (1, 64)
TRIAL = 2e7
"""Weight steps of a timed run, about."""


@dataclass(frozen=True)
class Plan:
    """runs: of the study; left: not settled yet in the directory. memory: bytes of the largest run.

    steps: weight steps of what is left, and seconds, on ``threads`` threads of this machine; for a precision both are
    (least, most): two blocks of replicas, and all that the budget permits.
    """

    runs: int
    left: int
    rules: tuple[tuple[str, int], ...]
    replicas: tuple[int, int]
    memory: int
    steps: tuple[float, float]
    seconds: tuple[float, float]

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        count = " to ".join(f"{n}" for n in dict.fromkeys(self.replicas))
        took = " to ".join(dict.fromkeys(said(s) for s in self.seconds))
        work = " to ".join(dict.fromkeys(f"{s:.2g}" for s in self.steps))
        lines = (
            f"{self.runs} runs, {self.left} of them to be done; {count} replicas each",
            "of " + ", ".join(f"{rule} {n}" for rule, n in self.rules),
            f"memory  {self.memory / 2**20:.3g} MiB for the largest run",
            f"work    {work} weight steps",
            f"time    about {took} on this machine, as timed just now on short runs of each kind",
        )
        return "\n".join(lines)


def plan_of(
    study: Study, out: str | Path | None = None, *, threads: int | None = None, shard: str | None = None
) -> Plan:
    """t = sum over the runs that are left of t_0 + effort/speed, both measured on short runs of each kind.

    out: the directory, of which what is settled is left out; shard: of which share, "2/7". Raises InputError for bad
    settings of any run.
    """
    settled = set()
    if out is not None:
        refuse_another(study, Path(out), read_manifest(Path(out)))
        settled = _settled(Path(out))
    share = Shard(1, 1) if shard is None else Shard.parsed(shard)
    cells = [cell for place, cell in enumerate(study.cells) if share.holds(place)]
    left = [cell for cell in cells if cell.key not in settled]
    most = study.most_replicas
    precision = study.file.precision
    least = most if precision is None else 2 * precision.block
    memory, clock = 0, _Clock(study, threads)
    steps, seconds = [0.0, 0.0], [0.0, 0.0]
    for cell in cells:
        full = planned(study, cell, most)
        memory = max(memory, full.bytes_needed)
        if cell.key in settled:
            continue
        for i, replicas in enumerate((least, most)):
            at = replace(full, replicas=replicas) if replicas != most else full
            steps[i] += at.effort
            seconds[i] += clock.seconds(cell, at)
    rules = Counter(str(cell.coordinates["rule"]) for cell in cells)
    both = (steps[0], steps[1]), (seconds[0], seconds[1])
    return Plan(len(cells), len(left), tuple(rules.items()), (least, most), memory, *both)


def _settled(out: Path) -> set[str]:
    manifest = read_manifest(out)
    keys = () if manifest is None else manifest.efforts
    return {key for key in keys if read_finished(out, key) is not None or read_failed(out, key) is not None}


class _Clock:
    """Times one run of each kind when it is first asked for."""

    def __init__(self, study: Study, threads: int | None) -> None:
        self.study, self.threads = study, threads
        self.known: dict[tuple[Any, ...], tuple[float, float]] = {}

    def seconds(self, cell: Cell, settings: Settings) -> float:
        at = cell.coordinates
        kind = tuple(at[name] for name in ("rule", "mode", "online", "network", "labelling")) + (settings.additive,)
        if kind not in self.known:
            if len(self.known) >= MOST_TRIALS:
                kind = max(self.known, key=lambda k: self.known[k][1])
            else:
                self.known[kind] = self._timed(cell, settings)
        start, pace = self.known[kind]
        return start * settings.replicas + pace * settings.effort

    def _timed(self, cell: Cell, settings: Settings) -> tuple[float, float]:
        """Seconds per replica besides the steps, and per weight step."""
        replicas = min(settings.replicas, 4096)
        small = replace(settings, replicas=replicas)
        per_step = small.effort / small.steps
        longest = max(1, min(small.steps, int(TRIAL / per_step)))
        took, efforts = [], []
        for steps in (1, 1, longest):
            trial = small.until(steps)
            arguments = arguments_of(cell.coordinates, self.study.task(cell.coordinates))
            arguments |= {"duration": trial.duration, "dt": trial.dt}
            started = time.perf_counter()
            train(**arguments, replicas=replicas, seed=0, cell="timing", threads=self.threads)
            took.append(time.perf_counter() - started)
            efforts.append(trial.effort)
        pace = max(0.0, took[2] - took[1]) / max(efforts[2] - efforts[1], per_step)
        return max(0.0, took[1] - pace * efforts[1]) / replicas, pace
