"""A study file: strict TOML, every key documented in the template, nothing in it is ever executed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from ..data import Patterns, read_patterns
from ..errors import InputError
from ..learning import tasks
from ..markup import folded, table
from ..request import available_memory
from .axes import AXES, Axes, Count, Range, named
from .designs import MAX_CELLS, Design, design_points, drawn_number, draws, grid_points
from .precision import Precision
from .strict import Name, Positive, Strict, Whole, explained, parse_toml, read_text

BUILTIN = str(files("szilard.study") / "digits.toml")
TEMPLATES = ("grid", "design", "precision")
TASKS_KEPT = 8
MOST_LISTED = 12
Replicas = Annotated[int, Field(ge=40, le=10**8)]


class TaskSpec(Strict):
    """Where the patterns come from."""

    source: Name = "digits"
    classes: Annotated[list[Whole], Field(min_length=2, max_length=2)] = [3, 8]
    labels: Literal["named", "last", "none"] = "named"
    patterns: Count
    inputs: Count | None = None
    held_out: Whole = 0


class Setup(Strict):
    """What is trained on what: the tables that a study and a scene of a question have in common."""

    task: TaskSpec
    training: Axes = Axes()
    grid: Annotated[list[Axes], Field(max_length=1000)] = []

    @cached_property
    def points(self) -> tuple[dict[str, Any], ...]:
        """The coordinates of every run, in order, each once."""
        found: dict[str, dict[str, Any]] = {}
        asked = 0
        for runs in self._tables():
            for point in runs(MAX_CELLS - asked):
                asked += 1
                if point["patterns"] is None:
                    point["patterns"] = self.task.patterns
                if point["inputs"] is None:
                    point["inputs"] = self.task.inputs
                found.setdefault(json.dumps(point), point)
        if not found:
            raise InputError("grid", "nothing", "is required", "give a [[grid]] or a [[design]]")
        return tuple(found.values())

    def _tables(self) -> Iterator[Callable[[int], Iterator[dict[str, Any]]]]:
        """Of every grid the function from the room that is left, in runs, to its runs."""
        for number, grid in enumerate(self.grid):
            yield partial(grid_points, grid, self.training, f"grid[{number}]")


class _File(Setup):
    name: Name
    seed: Whole
    replicas: Replicas | None = None
    precision: Precision | None = None
    kelvin: Positive = 300.0
    design: Annotated[list[Design], Field(max_length=1000)] = []

    def _tables(self) -> Iterator[Callable[[int], Iterator[dict[str, Any]]]]:
        yield from super()._tables()
        for number, design in enumerate(self.design):
            seed = apart(self.seed, "design", number)
            yield partial(design_points, design, self.training, f"design[{number}]", seed)


@dataclass(frozen=True)
class Cell:
    """One training run: its coordinates, and the key made of them that seeds and names it."""

    coordinates: dict[str, Any]
    key: str


@dataclass(frozen=True)
class Study:
    """A checked study: what to train on, which runs, how many replicas or how small an error, the seed.

    ``Study.from_toml(path)`` reads one; raises InputError naming the field, what was given, the rule and the fix.
    own: the user's patterns, where they have been read already.
    """

    text: str
    path: Path | None = None
    own: Patterns | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or (self.text.endswith(".toml") and "\n" not in self.text):
            rule = "must be the text of a study file, not its name"
            raise InputError("study", str(self.text), rule, "sz.Study.from_toml(path) reads a file")
        _ = self.cells  # everything that can be wrong is found now, before anything runs

    def _repr_html_(self) -> str:
        file = self.file
        axes = {name: list(dict.fromkeys(repr(c.coordinates[name]) for c in self.cells)) for name in AXES}
        rows = [
            ["runs", f"{len(self.cells)}"],
            ["replicas", f"{file.replicas}" if file.precision is None else f"as many as {file.precision!r} asks for"],
            ["seed", f"{file.seed}"],
            ["task", repr(file.task)],
            *([name, listed(values)] for name, values in axes.items() if len(values) > 1),
            ["file", folded(self.text, "as text" if self.path is None else str(self.path))],
        ]
        return table(f"Study {self.name!r}", rows)

    def __reduce__(self) -> tuple[Any, ...]:
        return Study, (self.text, self.path, self.patterns)

    @classmethod
    def from_toml(cls, path: str | Path) -> Study:
        """Read and check a study file of at most 1 MiB."""
        return cls(read_text(path), Path(path))

    @cached_property
    def file(self) -> _File:
        """The parsed file."""
        try:
            file = _File.model_validate(parse_toml(self.text))
        except ValidationError as error:
            raise explained(error, _KEYS, "a study file", "see `szilard new` for {}") from None
        if (file.replicas is None) == (file.precision is None):
            got = "neither" if file.replicas is None else "both"
            rule = "a study says how many replicas, or in [precision] how small an error"
            raise InputError("replicas, precision", got, rule, "give one of them")
        return file

    @property
    def name(self) -> str:
        """The study's name."""
        return self.file.name

    @property
    def most_replicas(self) -> int:
        """Of one run."""
        return self.file.replicas or _precision(self.file).at_most

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Every run of every grid and design, in order, each once."""
        file = self.file
        common = {
            "replicas": file.replicas if file.precision is None else file.precision.model_dump(),
            "seed": file.seed,
            "task": file.task.model_dump(),
            "data": self.patterns.sha256 if self.patterns is not None else "",
        }
        return tuple(self._cell(point, common) for point in file.points)

    def _cell(self, point: dict[str, Any], common: dict[str, Any]) -> Cell:
        as_told = {name: None for name in ("patterns", "inputs") if point[name] == getattr(self.file.task, name)}
        text = json.dumps({"cell": named(point | as_told), **common}, sort_keys=True, separators=(",", ":"))
        return Cell(point, hashlib.sha256(text.encode()).hexdigest()[:16])

    def drawn(self, number: int = 0) -> dict[str, list[float]]:
        """What the design of this number draws: of each range its values, draw after draw, as ``sobol`` wants them."""
        if not 0 <= number < len(self.file.design):
            raise InputError("number", number, f"of {len(self.file.design)} designs", "count from 0")
        design = self.file.design[number]
        rows = draws(design, f"design[{number}]", apart(self.file.seed, "design", number))
        return {
            name: [drawn_number(name, r, float(u)) for u in rows[:, i]]
            for i, (name, r) in enumerate(design.ranges.items())
        }

    @cached_property
    def patterns(self) -> Patterns | None:
        """The user's own patterns; None for the built-in sources. A relative path starts at the study file."""
        if self.own is not None:
            return self.own
        return patterns_of(self.file.task, Path() if self.path is None else self.path.parent)

    def task(self, at: Mapping[str, Any]) -> tasks.Task:
        """What a run at these coordinates is trained on; the last few are kept."""
        wanted = at["labelling"], at["patterns"], at["inputs"], at["drawing"]
        found = self._tasks.pop(wanted, None)
        if found is None:
            while len(self._tasks) >= TASKS_KEPT:
                del self._tasks[next(iter(self._tasks))]
            found = task_at(self.file.task, at, self.patterns, self.file.seed)
        self._tasks[wanted] = found
        return found

    @cached_property
    def _tasks(self) -> dict[tuple[Any, ...], tasks.Task]:
        return {}


def listed(values: Sequence[str]) -> str:
    """The values one after the other; of many the first and the last.

    >>> listed([f"{n}" for n in range(100)])
    '0, 1, 2, 3, 4, ... 99 (100 values)'
    """
    if len(values) <= MOST_LISTED:
        return ", ".join(values)
    return f"{', '.join(values[:5])}, ... {values[-1]} ({len(values)} values)"


def _precision(file: _File) -> Precision:
    assert file.precision is not None
    return file.precision


def template_text(name: str) -> str:
    """A commented study file to start from: grid, design or precision."""
    if name not in TEMPLATES:
        raise InputError("template", name, f"must be one of {', '.join(TEMPLATES)}", "name one")
    return (files("szilard.study") / "templates" / f"{name}.toml").read_text("utf-8")


def patterns_of(spec: TaskSpec, folder: Path) -> Patterns | None:
    """The user's own patterns; None for the built-in sources. A relative path starts at the folder."""
    return None if spec.source in ("digits", "random") else read_patterns(folder / spec.source, labels=spec.labels)


def task_at(spec: TaskSpec, point: Mapping[str, Any], own: Patterns | None, seed: int) -> tasks.Task:
    """The task of a run at these coordinates: as the table says, but for patterns, inputs and drawing."""
    if point["inputs"] is not None and spec.source != "random":
        rule = f'patterns of source = "{spec.source}" have the inputs that they have'
        raise InputError("inputs", point["inputs"], rule, 'drop it, or take source = "random"')
    varied = spec.model_copy(update={"patterns": point["patterns"], "inputs": point["inputs"]})
    return task_of(varied, point["labelling"], own, apart(seed, "drawing", point["drawing"]))


def apart(seed: int, what: str, number: int) -> int:
    """A seed for each number of something, of number 0 the study's own."""
    if number == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{what} {number} of {seed}".encode()).digest()[:4]) >> 1


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


_KEYS = {name for table in (_File, TaskSpec, Design, Precision, Range) for name in table.model_fields} | set(AXES)
