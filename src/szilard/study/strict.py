"""Files that a user writes: every key known, every type exact, and one sentence for what is wrong."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ..errors import InputError


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable text on one line")
    return text


Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=0, le=2**31)]


class Strict(BaseModel):
    """A table of a file: no key that is not named, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def explained(error: ValidationError, keys: Collection[str], file: str, help: str) -> InputError:
    """The first thing wrong, before all a misspelt key; of a list what is wrong with its entry.

    keys: every key that the file may hold; file: what it is called; help: where to look for {what}.
    """
    every = sorted(error.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
    named = [(_field(e, keys), e) for e in every]
    first = max((e for field, e in named if field == named[0][0]), key=lambda e: sum(map(_is_index, e["loc"])))
    kind, message, field = first["type"], first["msg"].removeprefix("Value error, "), named[0][0]
    got = _told(first["input"])
    if kind == "extra_forbidden":
        return InputError(field, got, f"is not a key of {file}", help.format("all keys"))
    if kind == "missing":
        return InputError(field, "nothing", "is required", help.format("an example"))
    rule = message.replace("Input should", "must", 1)
    return InputError(field, got, rule[0].lower() + rule[1:], help.format("an example"))


def _told(got: object) -> str:
    try:
        return got if isinstance(got, str) else repr(got)
    except (ValueError, RecursionError):  # an integer of thousands of digits, a table thousands deep
        return f"{type(got).__name__} too long to print"


def _is_index(part: object) -> bool:
    return isinstance(part, int)


def _field(error: Any, keys: Collection[str]) -> str:
    """The key as the file says it, without the names of types that stand in a validator's path."""
    text = ""
    for depth, part in enumerate(error["loc"]):
        last = depth == len(error["loc"]) - 1
        if part in keys or (last and error["type"] == "extra_forbidden"):
            text += f".{part}" if part in keys else f".{ascii(str(part)[:40])[1:-1]}"
        elif isinstance(part, int) and text.rpartition(".")[2] in ("grid", "scene"):
            text += f"[{part}]"
    return text[1:] or "study"
