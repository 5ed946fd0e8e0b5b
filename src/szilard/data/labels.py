"""Two classes read from a file, as -1 and +1."""

from __future__ import annotations

from array import array
from math import isfinite
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

Labels = Literal["named", "last", "none"]
Classes = tuple[float, float] | tuple[str, str]
EXACT = 2.0**53
_REMEMBERED = 64
_RULE = "labels must be exactly two distinct values, both texts or both finite numbers up to 2^53"


def number(text: str) -> float | None:
    """The plain decimal number that the text is (NaN and infinity included), or None."""
    if not text.isascii() or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def excerpt(text: str) -> str:
    """The text quoted, its control characters escaped, at most 40 characters of it."""
    return ascii(text if len(text) <= 40 else text[:37] + "...")


class TwoClasses:
    """Collects labels one by one and refuses a third class as soon as it appears."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._values: list[float | str] = []
        self._codes = array("b")

    def add(self, text: str, where: str, row: int) -> None:
        """One more label; InputError at f"{where} {row}" if it is empty, not finite or of a third class."""
        code = self._known.get(text)
        if code is None:
            code = self._code(text, f"{where} {row}")
            if len(self._known) < _REMEMBERED:
                self._known[text] = code
        self._codes.append(code)

    def finish(self, where: str) -> tuple[NDArray[np.int8], Classes]:
        """Labels with the smaller value at -1 and the larger at +1, and the two values in that order."""
        match self._values:
            case [float() as first, float() as second]:
                classes: Classes = (first, second) if first < second else (second, first)
            case [str() as first, str() as second]:
                classes = (first, second) if first < second else (second, first)
            case _:
                got = f"only {_names(self._values)}"
                raise InputError(where, got, _RULE, 'add the other class or use labels="none"')
        sign = 1 if classes[0] == self._values[0] else -1
        codes = np.frombuffer(self._codes, np.int8)
        return (sign * (2 * codes - 1)).astype(np.int8), classes

    def _code(self, text: str, where: str) -> int:
        value: float | str | None = number(text)
        if value is None:
            value = text.strip()
        if value == "" or (isinstance(value, float) and not (isfinite(value) and abs(value) <= EXACT)):
            raise InputError(where, f"label {excerpt(text)}", _RULE, "give every pattern one of two labels")
        if value in self._values:
            return self._values.index(value)
        if len(self._values) == 2 or (self._values and type(value) is not type(self._values[0])):
            got = f"label {excerpt(text)} beside {_names(self._values)}"
            raise InputError(where, got, _RULE, 'keep two classes, choose the label column or labels="none"')
        self._values.append(value)
        return len(self._values) - 1


def _names(values: list[float | str]) -> str:
    return " and ".join(excerpt(v) if isinstance(v, str) else f"{v:g}" for v in values) or "no label"
