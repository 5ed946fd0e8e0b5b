"""Processor seconds until cost and efficiency are known to 1 %, on the built-in study's cells with random labels.

Ours: ``train`` of 4000 replicas and the reading of both numbers. Beside plain sampling: Euler's steps of all weights in
NumPy, plain means, the same nearest-neighbour entropies, its error from its own sample. Either is scaled to 1 % by the
square of its relative error, which falls as one over the root of the replicas; ours takes a run of 100 at least.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import szilard as sz
from szilard.estimate import Estimate
from szilard.study.spec import BUILTIN, Cell
from szilard.study.work import arguments_of, planned

from .euler import Reading, plain
from .floor import seconds
from .table import Agreement, Block, Speed

WANTED = 0.01
PLAIN_REPLICAS = 500
LEAST = 100
"""Replicas of our shortest run: there are costs that do not shrink with their number."""
REPEATS = 2
LONGER = {"hebbian": 1.0, "perceptron": 0.5, "adatron": 0.5}
"""Euler's step over the library's own: of 4, 2, 1 and 1/2 the longest whose bias, 2 [x(dt) - x(dt/2)] with the same
noise in 2000 replicas, pooled over the rates of a rule, exceeds 1 % by at most its standard error, quench and ramp."""
TARGET = 100.0
SIGMAS = 5.0
QUANTITIES = ("cost", "efficiency")


@dataclass(frozen=True)
class Cost:
    """Of one cell, what a run of ours took and found, and the seconds of the shortest run."""

    seconds: float
    least: float
    cost: Estimate
    efficiency: Estimate

    @property
    def errors(self) -> tuple[float, float]:
        """Relative ones of cost and efficiency."""
        return self.cost.stderr / self.cost.value, self.efficiency.stderr / self.efficiency.value

    def until(self, error: float) -> float:
        """Seconds until a relative error is the wanted one."""
        return max(self.least, until(self.seconds, error))


def ours(study: sz.Study, cell: Cell) -> Cost:
    """The study's own run of a cell, on one thread."""
    arguments = arguments_of(cell.coordinates, study.task(cell.coordinates))
    found: Any = None

    def job(replicas: int) -> None:
        nonlocal found
        run = sz.train(**arguments, replicas=replicas, seed=study.file.seed, cell=cell.key, threads=1)
        found = (run.cost, run.efficiency_marginal)

    least, taken = (min(seconds(partial(job, n)) for _ in range(REPEATS)) for n in (LEAST, study.most_replicas))
    return Cost(taken, least, *found)


def theirs(study: sz.Study, cell: Cell) -> tuple[float, Reading]:
    """Seconds of plain sampling of a cell, and what it found."""
    settings = planned(study, cell)
    steps = round(settings.duration / (LONGER[settings.rule.name] * settings.dt))
    found: Any = None

    def job() -> None:
        nonlocal found
        found = plain(settings, PLAIN_REPLICAS, steps, seed=1)

    return seconds(job), found


def until(taken: float, error: float) -> float:
    """Seconds until a relative error is the wanted one."""
    return taken * (error / WANTED) ** 2


def pooled(off: list[tuple[float, float]]) -> str:
    """The mean of relative deviations, each by its certainty, and its error."""
    values, errors = (np.array(column) for column in zip(*off, strict=True))
    weight = errors**-2.0
    return f"{100.0 * (values @ weight) / weight.sum():+.1f} +- {100.0 / np.sqrt(weight.sum()):.1f} %"


def measure() -> Block:
    block = Block("Time to 1 % of cost and of efficiency, demo cells with random labels, one thread")
    study = sz.Study.from_toml(BUILTIN)
    off: dict[str, list[tuple[float, float]]] = {quantity: [] for quantity in QUANTITIES}
    for cell in study.cells:
        at = cell.coordinates
        if at["labelling"] != "random":
            continue
        own, (taken, reading) = ours(study, cell), theirs(study, cell)
        found = reading.off(own.cost.value * own.efficiency.value, own.cost.value)
        for quantity, error, apart in zip(QUANTITIES, own.errors, found, strict=True):
            name = f"{at['rule']}, {at['schedule']}, rate {at['learning_rate']:g}: {quantity}"
            spent = own.until(error), until(taken, apart.stderr)
            block.speeds.append(Speed(name, "plain sampling", *spent, "s", TARGET))
            both = float(np.hypot(error, apart.stderr))
            block.agreements.append(Agreement("szilard", f"{name}, against plain sampling", apart.value / both, SIGMAS))
            off[quantity].append((apart.value, both))
    for quantity in QUANTITIES:
        ratios = [s.ratio for s in block.speeds if s.what.endswith(quantity) and s.ratio is not None]
        told = f"geometric mean {np.exp(np.log(ratios).mean()):.3g}, worst {min(ratios):.3g}, best {max(ratios):.3g}"
        block.notes.append(f"{quantity}: {told}; plain sampling is off by {pooled(off[quantity])} of ours on average.")
    block.notes.append(
        f"Plain sampling has {PLAIN_REPLICAS} replicas; its steps are the longest whose bias is about 1 % at most. "
        f"Ours is not said to take less than a run of {LEAST} replicas."
    )
    return block
