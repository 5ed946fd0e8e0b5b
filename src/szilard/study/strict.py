"""Files that a user writes: every key known, every type exact, and one sentence for what is wrong."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ..errors import InputError

MAX_BYTES = 1 << 20
_CHAIN = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){17}""")
"""A dotted key of more than 16 parts, which costs the parser the square of their number."""


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


def read_text(path: str | Path) -> str:
    """The text of a user's file of at most 1 MiB."""
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "cannot be opened"
        raise InputError("study", str(path), f"cannot be read: {reason}", "give a readable file") from None
    if len(raw) > MAX_BYTES:
        raise InputError("study", str(path), "a study file has at most 1 MiB", "is this the right file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("study", str(path), "must be UTF-8 text", "is this the right file?") from None


def parse_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text, or what is wrong with it."""
    try:
        if _CHAIN.search(text):
            raise RecursionError
        return tomllib.loads(text)
    except ValueError as error:  # not only TOMLDecodeError: also an integer of thousands of digits
        raise InputError("study", str(error), "must be valid TOML", "see `szilard new`") from None
    except RecursionError:
        raise InputError("study", "deep nesting", "is nested too deeply", "see `szilard new`") from None


def explained(error: ValidationError, keys: Collection[str], file: str, help: str) -> InputError:
    """The first thing wrong, before all a misspelt key; of a list what is wrong with its entry.

    keys: every key that the file may hold; file: what it is called; help: where to look for {what}.
    """
    every = sorted(error.errors(include_url=False), key=_rank)
    named = [(_field(e, keys), e) for e in every]
    first = max((e for field, e in named if field == named[0][0]), key=lambda e: sum(map(_is_index, e["loc"])))
    kind, message, field = first["type"], first["msg"].removeprefix("Value error, "), named[0][0]
    got = _told(first["input"])
    if kind == "extra_forbidden":
        near = get_close_matches(str(first["loc"][-1]), keys, 1)
        fix = f"did you mean {near[0]}" if near else help.format("the keys")
        return InputError(field, got, f"is not a key of {file}", fix)
    if kind == "list_type" and field in ("grid", "design"):
        return InputError(field, "a table", "is a list of tables", f"write [[{field}]]")
    if kind == "missing":
        return InputError(field, "nothing", "is required", help.format("an example"))
    rule = message.replace("Input should", "must", 1)
    return InputError(field, got, rule[0].lower() + rule[1:], help.format("an example"))


def _rank(error: Any) -> int:
    """A misspelt key first, then what is wrong inside a table, where a number or a list would have done too."""
    return 0 if error["type"] == "extra_forbidden" else 1 if _in_range(error) else 2


def _in_range(error: Any) -> bool:
    return any(str(part).endswith("Range]") for part in error["loc"]) and error["type"] != "model_type"


def _told(got: object) -> str:
    try:
        return json.dumps(got, ensure_ascii=False) if isinstance(got, str) else repr(got)
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
        elif isinstance(part, int) and text.rpartition(".")[2] in ("grid", "design"):
            text += f"[{part}]"
    return text[1:] or "study"
