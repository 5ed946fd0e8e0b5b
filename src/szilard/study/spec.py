"""A study file: strict TOML, every key documented in the template, nothing in it is ever executed."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from ..data import Patterns, read_patterns
from ..errors import InputError
from ..learning import rules, tasks
from ..request import available_memory
from .strict import Name, Positive, Rate, Strict, Whole, explained, parse_toml, read_text

MAX_CELLS = 100_000
BUILTIN = str(files("szilard.study") / "digits.toml")
TEMPLATE = str(files("szilard.study") / "template.toml")


class TaskSpec(Strict):
    """Where the patterns come from."""

    source: Name = "digits"
    classes: Annotated[list[Whole], Field(min_length=2, max_length=2)] = [3, 8]
    labels: Literal["named", "last", "none"] = "named"
    patterns: Annotated[int, Field(ge=1, le=10**6)]
    inputs: Annotated[int, Field(ge=1, le=10**6)] | None = None
    held_out: Whole = 0


class Axes(Strict):
    """One run's parameters; in [[grid]] each may be a list, and the grid is their product."""

    labelling: Literal["random", "teacher", "true"] | list[Literal["random", "teacher", "true"]] | None = None
    rule: Name | list[Name] | None = None
    learning_rate: Rate | list[Rate] | None = None
    schedule: Name | list[Name] | None = None
    duration: Positive | list[Positive] | None = None
    dt: Positive | list[Positive] | None = None
    readout: Literal["thermal", "sign"] | list[Literal["thermal", "sign"]] | None = None
    mode: Literal["batch", "online"] | list[Literal["batch", "online"]] | None = None
    dwell: Positive | list[Positive] | None = None
    order: Literal["fixed", "random"] | list[Literal["fixed", "random"]] | None = None
    online: Literal["flow", "kick"] | list[Literal["flow", "kick"]] | None = None
    temperature: Positive | list[Positive] | None = None
    stiffness: Positive | list[Positive] | None = None
    mobility: Positive | list[Positive] | None = None


AXES = tuple(Axes.model_fields)
DEFAULTS: dict[str, Any] = {
    "labelling": "random",
    "rule": "hebbian",
    "learning_rate": 1.0,
    "schedule": "quench",
    "duration": 8.0,
    "dt": None,
    "readout": "thermal",
    "mode": "batch",
    "dwell": None,
    "order": "fixed",
    "online": "flow",
    "temperature": 1.0,
    "stiffness": 1.0,
    "mobility": 1.0,
}


class Setup(Strict):
    """What is trained on what, how often: the tables that a study and a scene of a question have in common."""

    replicas: Annotated[int, Field(ge=40, le=10**8)]
    task: TaskSpec
    training: Axes = Axes()
    grid: Annotated[list[Axes], Field(min_length=1, max_length=1000)]

    @cached_property
    def points(self) -> tuple[dict[str, Any], ...]:
        """The coordinates of every run of every grid, in order, each once."""
        found: dict[str, dict[str, Any]] = {}
        asked = 0
        base = {**DEFAULTS, **self.training.model_dump(exclude_none=True)}
        for number, grid in enumerate(self.grid):
            axes = {**base, **grid.model_dump(exclude_none=True)}
            lists = {name: value if isinstance(value, list) else [value] for name, value in axes.items()}
            for name, values in lists.items():
                lists[name] = list(dict.fromkeys(values))
                if not values:
                    rule = "an axis needs at least one value"
                    raise InputError(f"grid[{number}].{name}", "[]", rule, "give a value or drop the key")
            for rule_name in lists["rule"]:
                if rule_name not in rules.SHIPPED:
                    known = ", ".join(rules.SHIPPED)
                    raise InputError(f"grid[{number}].rule", rule_name, f"must be one of {known}", "name one")
            count = 1
            for values in lists.values():
                count *= len(values)
            asked += count
            if asked > MAX_CELLS:
                rule = f"a study has at most {MAX_CELLS} runs"
                raise InputError(f"grid[{number}]", f"{asked} runs so far", rule, "use fewer values per axis")
            for chosen in itertools.product(*lists.values()):
                point = dict(zip(lists, chosen, strict=True))
                if point["mode"] == "batch":
                    point |= {"dwell": None, "order": "fixed", "online": "flow"}
                found.setdefault(json.dumps(point), point)
        return tuple(found.values())


class _File(Setup):
    name: Name
    seed: Whole
    kelvin: Positive = 300.0


@dataclass(frozen=True)
class Cell:
    """One training run: its coordinates, and the key made of them that seeds and names it."""

    coordinates: dict[str, Any]
    key: str


@dataclass(frozen=True)
class Study:
    """A checked study: what to train on, the grid of runs, how many replicas, the seed.

    ``Study.from_toml(path)`` reads one; raises InputError naming the field, what was given, the rule and the fix.
    """

    text: str
    path: Path | None = None

    def __post_init__(self) -> None:
        _ = self.cells  # everything that can be wrong is found now, before anything runs

    @classmethod
    def from_toml(cls, path: str | Path) -> Study:
        """Read and check a study file of at most 1 MiB."""
        return cls(read_text(path), Path(path))

    @cached_property
    def file(self) -> _File:
        """The parsed file."""
        try:
            return _File.model_validate(parse_toml(self.text))
        except ValidationError as error:
            raise explained(error, _KEYS, "a study file", "see `szilard new` for {}") from None

    @property
    def name(self) -> str:
        """The study's name."""
        return self.file.name

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Every run of every grid, in order, each once."""
        return tuple(self._cell(point) for point in self.file.points)

    def _cell(self, coordinates: dict[str, Any]) -> Cell:
        named = {
            "cell": coordinates,
            "replicas": self.file.replicas,
            "seed": self.file.seed,
            "task": self.file.task.model_dump(),
            "data": self.patterns.sha256 if self.patterns is not None else "",
        }
        canonical = json.dumps(named, sort_keys=True, separators=(",", ":"))
        return Cell(coordinates, hashlib.sha256(canonical.encode()).hexdigest()[:16])

    @cached_property
    def patterns(self) -> Patterns | None:
        """The user's own patterns; None for the built-in sources. A relative path starts at the study file."""
        return patterns_of(self.file.task, Path() if self.path is None else self.path.parent)

    def task(self, labelling: tasks.Labelling) -> tasks.Task:
        """The task with this labelling, the same patterns for all."""
        return task_of(self.file.task, labelling, self.patterns, self.file.seed)


def patterns_of(spec: TaskSpec, folder: Path) -> Patterns | None:
    """The user's own patterns; None for the built-in sources. A relative path starts at the folder."""
    return None if spec.source in ("digits", "random") else read_patterns(folder / spec.source, labels=spec.labels)


def task_of(spec: TaskSpec, labelling: tasks.Labelling, own: Patterns | None, seed: int) -> tasks.Task:
    """The patterns that the seed draws or chooses, with this labelling; own: what ``patterns_of`` read."""
    if spec.source == "digits":
        a, b = spec.classes
        return tasks.digits(a, b, patterns=spec.patterns, labelling=labelling, held_out=spec.held_out, seed=seed)
    if spec.source == "random":
        if spec.inputs is None:
            raise InputError("task.inputs", "none", 'source = "random" needs it', "give inputs = N")
        if labelling == "true":
            rule = "random patterns have no true classes"
            raise InputError("grid.labelling", labelling, rule, 'use "random" or "teacher"')
        _refuse_too_many(spec)
        if labelling == "random":
            return tasks.random_labels(spec.inputs, spec.patterns, seed=seed)
        return tasks.teacher_student(spec.inputs, spec.patterns, held_out=spec.held_out, seed=seed)
    assert own is not None
    return tasks.from_data(
        own.inputs,
        own.labels,
        labelling=labelling,
        patterns=spec.patterns,
        held_out=spec.held_out,
        seed=seed,
        name=Path(spec.source).name,
    )


def _refuse_too_many(spec: TaskSpec) -> None:
    """Raise InputError before patterns are drawn that would not fit."""
    assert spec.inputs is not None
    needed, there = 40 * (spec.patterns + spec.held_out) * spec.inputs, available_memory()
    if needed > 0.9 * there:
        got = f"{spec.patterns} + {spec.held_out} held out, of {spec.inputs} inputs"
        rule = f"drawing them takes {needed / 2**30:.3g} GiB, but {there / 2**30:.3g} GiB are free"
        raise InputError("task.patterns", got, rule, "ask for fewer patterns or inputs")


_KEYS = {*_File.model_fields, *TaskSpec.model_fields, *AXES}
