"""A question's file: strict TOML with a table for each part; the table [quick] holds what --quick changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field, ValidationError, create_model

from ..errors import InputError
from ..markup import folded, table
from ..study.strict import Name, Strict, Whole, explained, parse_toml, read_text
from .catalogue import QUESTIONS, Section
from .part import Part

Title = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")]


class _Common(Strict):
    question: Literal["ceiling", "limit", "rules"]
    name: Name
    seed: Whole
    time_step: Annotated[float, Field(gt=0, le=1)] = 1.0


@dataclass(frozen=True)
class Question:
    """A checked question: which one, its seed, its parts.

    text: the file; quick: with what its table [quick] changes; seed: instead of the file's.
    Raises InputError naming the key, what was given, the rule and the fix.
    """

    text: str
    quick: bool = False
    other_seed: int | None = None

    def __post_init__(self) -> None:
        _ = self.parts  # everything that can be wrong is found now, before anything runs

    def _repr_html_(self) -> str:
        rows = [["kind", self.kind], ["seed", f"{self.seed}"], ["quick", f"{self.quick}"]]
        rows += [["part", part.title, f"{len(part.pieces)} pieces"] for part in self.parts]
        return table(f"Question {self.name!r}", [*rows, ["file", folded(self.text, "as text")]])

    @classmethod
    def shipped(cls, name: str, quick: bool = False, seed: int | None = None) -> Question:
        """One of the three: ceiling, limit, rules."""
        return cls(shipped_text(name), quick, seed)

    @classmethod
    def from_toml(cls, path: str | Path, quick: bool = False, seed: int | None = None) -> Question:
        """Read and check a question's file of at most 1 MiB."""
        return cls(read_text(path), quick, seed)

    @cached_property
    def _raw(self) -> dict[str, Any]:
        raw = parse_toml(self.text)
        name = raw.get("question")
        if not isinstance(name, str) or name not in QUESTIONS:
            got = "nothing" if name is None else str(name)[:40]
            raise InputError("question", got, f"must be one of {', '.join(QUESTIONS)}", _HELP.format("an example"))
        changes = raw.pop("quick", {})
        if not isinstance(changes, dict):
            raise InputError("quick", repr(changes)[:40], "must be a table", _HELP.format("an example"))
        merged = _merged(raw, changes)
        _ = _checked(merged)
        return merged if self.quick else raw

    @cached_property
    def file(self) -> Any:
        """The parsed file, as it is to be run."""
        return _checked(self._raw)

    @property
    def kind(self) -> str:
        """ceiling, limit or rules."""
        return str(self.file.question)

    @property
    def name(self) -> str:
        """The question's name."""
        return str(self.file.name)

    @property
    def seed(self) -> int:
        """The seed of all its simulations."""
        return int(self.file.seed) if self.other_seed is None else self.other_seed

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Every part that the file names, in the catalogue's order."""
        found = tuple(self._parts())
        if not found:
            known = ", ".join(QUESTIONS[self.kind])
            raise InputError("question", self.kind, f"needs a table of at least one part: {known}", "name one")
        return found

    def _parts(self) -> Iterator[Part]:
        for key, section in QUESTIONS[self.kind].items():
            settings = getattr(self.file, key)
            if isinstance(settings, Mapping):
                for name, each in settings.items():
                    yield section.part(name, each, self.file.time_step)
            elif settings is not None:
                yield section.part(settings, self.file.time_step)


_HELP = "see `szilard new --question ceiling` for {}"


def shipped_text(name: str) -> str:
    """The file of one of the three questions."""
    if name not in QUESTIONS:
        raise InputError("question", name, f"must be one of {', '.join(QUESTIONS)}", "name one")
    return (files("szilard.questions") / f"{name}.toml").read_text("utf-8")


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """base with the entries of changes in their place, table by table."""
    merged = dict(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _checked(raw: Mapping[str, Any]) -> Any:
    model = _model(raw["question"])
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        named = {name for key, each in QUESTIONS[raw["question"]].items() if each.many for name in raw.get(key, {})}
        raise explained(error, {*_keys(model), *named}, "a question's file", _HELP) from None


def _model(name: str) -> type[BaseModel]:
    def field(section: Section) -> Any:
        one = dict[Title, section.settings] if section.many else section.settings | None  # type: ignore[name-defined]
        return (one, {} if section.many else None)

    fields = {key: field(section) for key, section in QUESTIONS[name].items()}
    return create_model(name, __base__=_Common, **fields)


def _keys(model: Any) -> Iterator[str]:
    """Every key that the file may hold."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            yield name
            yield from _keys(field.annotation)
    for inner in get_args(model):
        yield from _keys(inner)
