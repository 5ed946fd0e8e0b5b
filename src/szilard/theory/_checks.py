"""Checks of the numbers that the closed forms take."""

from __future__ import annotations

from math import inf, isfinite, isnan
from typing import Literal

from ..errors import InputError

Readout = Literal["thermal", "sign"]


def number(field: str, value: object) -> float:
    """The value as a float; anything that is no real number, and NaN, is refused."""
    try:
        if isinstance(value, (str, bytes)):
            raise TypeError
        result = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise InputError(field, value, "must be a number", "give one real number") from None
    if isnan(result):
        raise InputError(field, value, "must not be NaN", "give a number")
    return result


def positive(field: str, value: object) -> float:
    """A finite number > 0."""
    result = number(field, value)
    if not (isfinite(result) and result > 0.0):
        raise InputError(field, value, "must be finite and > 0", "give a positive number, e.g. 1.0")
    return result


def not_negative(field: str, value: object) -> float:
    """A finite number >= 0."""
    result = number(field, value)
    if not (isfinite(result) and result >= 0.0):
        raise InputError(field, value, "must be finite and >= 0", "give a number that is not negative")
    return result


def bounded(field: str, value: float, result: float) -> float:
    """The result, refused where a finite value has made it overflow."""
    if not isfinite(result):
        raise InputError(field, value, "is too large: energies overflow", "give a smaller number")
    return result


def span(field: str, value: object) -> float:
    """A time >= 0, infinity allowed."""
    result = number(field, value)
    if result < 0.0:
        raise InputError(field, value, "must be >= 0", "give a time, or infinity")
    return result


def elapsed(duration: object, tau: float) -> float:
    """The time at which the learner is looked at: None means t -> infinity, after the ramp."""
    if duration is None:
        return inf
    result = span("duration", duration)
    if tau == inf and result < inf:
        rule = "must be None for a quasi-static ramp (tau = inf)"
        raise InputError("duration", duration, rule, "give a finite tau, or leave duration out")
    return result


def known_readout(readout: object) -> Readout:
    """The readout, "thermal" or "sign"."""
    if readout == "thermal":
        return "thermal"
    if readout == "sign":
        return "sign"
    raise InputError("readout", readout, 'must be "thermal" or "sign"', "name one of them")
