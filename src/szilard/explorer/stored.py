"""A finished study in the explorer: what its runs learned and cost, and how each is run again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..estimate import Estimate
from ..protocol import ramp
from ..reporting.numbers import shown
from ..reporting.runs import Run, runs_of
from ..study import load
from ..study.axes import AXES, DEFAULTS
from ..study.spec import Study
from .choice import Choice
from .live_source import Source

CONTROLLED = (
    "rule",
    "readout",
    "learning_rate",
    "patterns",
    "duration",
    "temperature",
    "feedback",
    "inputs",
    "schedule",
)


@dataclass(frozen=True)
class StoredStudy:
    """The runs of a results directory, in the order of its store; ``StoredStudy.at(directory)`` reads one."""

    name: str
    runs: tuple[Run, ...]
    coordinates: tuple[dict[str, Any], ...]
    text: str
    path: Path

    @classmethod
    def at(cls, directory: Path) -> StoredStudy:
        """Raises InputError where the directory holds no study that can be read, or no finished run."""
        results = load(directory)
        return cls(
            str(results.attrs.get("name", directory.name)),
            runs_of(results),
            tuple(_coordinates(results, i) for i in range(results.sizes["cell"])),
            str(results.attrs.get("study", "")),
            directory,
        )

    @cached_property
    def columns(self) -> dict[str, Any]:
        """What the scatter and the table show of each run: the store's own numbers, and words."""
        found: dict[str, Any] = {"number": np.arange(len(self.runs))}
        for name in ("learned", "cost", "efficiency_marginal"):
            every = [run.estimates.get(name) for run in self.runs]
            found[name] = np.array([np.nan if e is None else e.value for e in every])
            found[f"{name}_error"] = np.array([np.nan if e is None else e.stderr for e in every])
            found[f"{name}_shown"] = [shown(e) for e in every]
        found |= {
            "rule": [run.rule for run in self.runs],
            "rate": np.array([run.learning_rate for run in self.runs]),
            "condition": [run.condition for run in self.runs],
            "verdict": [run.verdict for run in self.runs],
        }
        return found

    @cached_property
    def study(self) -> Study:
        """The file that it was made from; raises InputError where that cannot be read again."""
        if not self.text:
            raise InputError("study", self.name, "its store does not hold the study's text", "run the study again")
        return Study(self.text, self.path)

    def choice(self, number: int) -> Choice:
        """The controls as this run was made; raises InputError for a schedule or an input that no control has."""
        c = self.coordinates[self._known(number)]
        task = self.study.task(c)
        return Choice(
            rule=c["rule"], readout=c["readout"], learning_rate=c["learning_rate"], inputs=task.n_inputs,
            patterns=task.n_patterns, ramp=_ramp_time(c["schedule"]), duration=c["duration"],
            temperature=c["temperature"], feedback=c["feedback"], seed=self.study.file.seed,
        )  # fmt: skip

    def source(self, number: int) -> Source:
        """Its patterns and whatever no control sets; noise of its own, apart from that of the stored run."""
        c = self.coordinates[self._known(number)]
        others = {name: value for name, value in c.items() if name not in CONTROLLED}
        file = self.study.file
        return Source(file.task, others, self.study.patterns, file.seed, "explorer")

    def estimates(self, number: int) -> dict[str, Estimate]:
        """What is stored of a run."""
        return self.runs[self._known(number)].estimates

    def _known(self, number: int) -> int:
        if not 0 <= number < len(self.runs):
            raise InputError("run", number, f"the study has {len(self.runs)}", "choose one of them")
        return number


def _ramp_time(schedule: str) -> float:
    if schedule == "quench":
        return 0.0
    kind, _, time = schedule.partition(":")
    try:
        if kind == "ramp":
            return ramp(float(time)).duration
    except ValueError:
        pass
    raise InputError("schedule", schedule, "no control has it", "open a run of a quench or a ramp")


def _coordinates(results: Any, cell: int) -> dict[str, Any]:
    """The parameters of one run as a study has them: whole numbers whole, what was silent as by default."""
    found = dict(DEFAULTS)
    for name in AXES:
        if name not in results.coords:
            continue
        value = results[name].values[cell].item()
        if value == "" or (isinstance(value, float) and isnan(value)):
            found[name] = DEFAULTS[name]
        else:
            found[name] = int(value) if name in ("patterns", "inputs", "drawing") else value
    return found
