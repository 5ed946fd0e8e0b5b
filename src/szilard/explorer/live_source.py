"""Where the patterns of a choice come from, and all parameters that no control sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..data import Patterns
from ..learning.settings import Settings
from ..learning.training import settings_for
from ..study.axes import DEFAULTS
from ..study.spec import TaskSpec, task_at
from ..study.work import arguments_of
from .choice import Choice


@dataclass(frozen=True)
class Source:
    """Random inputs of +-1 or a study's patterns; others: coordinates of a study's run that no control sets.

    cell: tells the noise of this run from that of the stored one. task_seed: None is the choice's own.
    """

    spec: TaskSpec = TaskSpec(source="random", patterns=1, inputs=1)
    others: Mapping[str, Any] = field(default_factory=dict)
    own: Patterns | None = None
    task_seed: int | None = None
    cell: str = ""

    @property
    def drawn(self) -> bool:
        """Whether inputs are random, so that their number is free."""
        return self.spec.source == "random"

    def settings(self, choice: Choice, replicas: int) -> Settings:
        """Those that ``sz.train`` would make of it; raises InputError as that does."""
        c = {**DEFAULTS, **self.others, **_controlled(choice)}
        c["inputs"] = choice.inputs if self.drawn else None
        seed = choice.seed if self.task_seed is None else self.task_seed
        told = arguments_of(c, task_at(self.spec, c, self.own, seed))
        return settings_for(**told, replicas=replicas, seed=choice.seed, cell=self.cell)


def _controlled(choice: Choice) -> dict[str, Any]:
    schedule = f"ramp:{choice.ramp!r}" if choice.ramp > 0.0 else "quench"
    names = ("rule", "readout", "learning_rate", "patterns", "duration", "temperature", "feedback")
    return {name: getattr(choice, name) for name in names} | {"schedule": schedule, "ramp": None}


def as_python(choice: Choice, settings: Settings) -> str:
    """The lines that repeat a run of random inputs, bit by bit.

    >>> from szilard.explorer.live_source import Source
    >>> choice = Choice()
    >>> print(as_python(choice, Source().settings(choice, 1000)))
    import szilard as sz
    <BLANKLINE>
    task = sz.tasks.random_labels(3, 2, seed=1)
    run = sz.train(task, sz.rules.hebbian, learning_rate=2.0, duration=10.0, schedule="ramp:4.0",
                   temperature=1.0, feedback=0.0, readout="thermal", replicas=1000, seed=1)
    print(run, sz.budget(run), sep="\\n")
    """
    c = choice
    schedule = f"ramp:{c.ramp!r}" if c.ramp > 0.0 else "quench"
    return (
        f"import szilard as sz\n\ntask = sz.tasks.random_labels({c.inputs}, {c.patterns}, seed={c.seed})\n"
        f"run = sz.train(task, sz.rules.{c.rule}, learning_rate={c.learning_rate!r}, duration={c.duration!r}, "
        f'schedule="{schedule}",\n'
        f"               temperature={c.temperature!r}, feedback={c.feedback!r}, "
        f'readout="{c.readout}", replicas={settings.replicas}, seed={c.seed})\n'
        'print(run, sz.budget(run), sep="\\n")'
    )
