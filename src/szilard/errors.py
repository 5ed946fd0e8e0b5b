"""The one error that bad input raises: what was given, which rule it breaks, how to fix it."""

from __future__ import annotations

from math import isfinite
from numbers import Integral, Real
from typing import Any, TypeGuard


class InputError(ValueError):
    """Input that breaks a stated rule; carries the field, what was got, the rule and the fix.

    >>> str(InputError("temperature", -1.0, "must be > 0", "give it in units of k_B T0, e.g. 1.0"))
    'temperature: got -1.0; must be > 0. Fix: give it in units of k_B T0, e.g. 1.0.'
    """

    def __init__(self, field: str, got: object, rule: str, fix: str) -> None:
        self.field = field
        self.got = got
        self.rule = rule
        self.fix = fix
        super().__init__(f"{field}: got {_short(got)}; {rule}. Fix: {fix}.")

    def __reduce__(self) -> tuple[Any, ...]:
        return InputError, (self.field, self.got, self.rule, self.fix)


def _short(got: object) -> str:
    plain: Any = got
    if getattr(got, "shape", None) == ():
        plain = plain.item()
    text = plain if isinstance(plain, str) else repr(plain)
    text = " ".join(text.split())
    return text if len(text) <= 160 else text[:157] + "..."


def is_whole(value: object, least: int) -> TypeGuard[int]:
    """Whether a value is an integer (NumPy's too, no bool) and >= least."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least


def is_number(value: object) -> bool:
    """Whether a value is a real number (NumPy's too, no bool, no text) and finite."""
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(float(value))


def number(field: str, value: Any) -> float:
    """The value as a float; raises InputError unless it is a finite number."""
    if not is_number(value):
        raise InputError(field, value, "must be a finite number", "give one number")
    return float(value)
