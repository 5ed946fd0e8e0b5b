"""Runs that misbehave on a cluster's workers, by functions that workers can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from szilard.study.record import Failed, Finished
from szilard.study.spec import Cell, Study
from szilard.study.work import worked

STUDY = """\
name = "on a cluster"
seed = 11
replicas = 200

[task]
patterns = 3

[training]
duration = 1.0
dt = 0.05
temperature = 1.7
stiffness = 0.6
mobility = 2.0

[[grid]]
rule = ["hebbian", "perceptron", "adatron"]
learning_rate = {rates}
readout = ["thermal", "sign"]
"""


def study_of(rates: int) -> Study:
    """Of 6 runs for each learning rate."""
    return Study(STUDY.format(rates=[round(0.2 + 0.01 * i, 2) for i in range(rates)]))


def named_by_process(study: Study, cell: Cell, threads: int) -> Failed:
    """Says in which process, from which study and with how many threads it was asked to run."""
    return Failed(cell.key, cell.coordinates, f"{os.getpid()} {id(study)} {threads}")


def slow(study: Study, cell: Cell, threads: int) -> Failed:
    """A minute of work, in pieces that Python could interrupt."""
    for _ in range(600):
        time.sleep(0.1)
    return Failed(cell.key, cell.coordinates, "slow")


def rather_slow(study: Study, cell: Cell, threads: int) -> Finished | Failed:
    """The run, and then a rest."""
    found = worked(study, cell, threads)
    time.sleep(0.1)
    return found


class Dies:
    """Kills its worker at one cell, the given number of times."""

    def __init__(self, key: str, times: int, folder: Path) -> None:
        self.key, self.times, self.folder = key, times, folder

    def __call__(self, study: Study, cell: Cell, threads: int) -> Finished | Failed:
        if cell.key == self.key and self.deaths() < self.times:
            (self.folder / f"{time.time_ns()}-{os.getpid()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return worked(study, cell, threads)

    def deaths(self) -> int:
        """So far."""
        return len(list(self.folder.iterdir()))
