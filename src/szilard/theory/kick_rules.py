"""A learning rule as a function F of the stability, whether it was given by name, as a function or as an object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import tanh
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from ..errors import InputError
from ._checks import number, positive

Array = NDArray[np.float64]
Curve = Callable[[Array], Array]
PROBES = np.array([-7.3, -2.9, -1.37, -0.61, -0.113, -1e-3, 1e-3, 0.127, 0.59, 1.41, 3.1, 6.7])
NAMES = ("hebbian", "perceptron", "adatron", "gradient", "optimal")


@dataclass(frozen=True)
class KickRule:
    """F(lambda) of a rule; ``closed`` where its averages have a closed form, no amplitude for the optimal rule."""

    name: str
    amplitude: Curve | None
    parameters: tuple[float, ...] = ()
    breaks: tuple[float, ...] = ()
    closed: bool = False


def _hebbian(stability: Array) -> Array:
    return np.ones_like(stability)


def _perceptron(stability: Array) -> Array:
    return np.where(stability < 0.0, 1.0, 0.0)


def _adatron(stability: Array) -> Array:
    return np.maximum(-stability, 0.0)


CLOSED: dict[str, Curve] = {"hebbian": _hebbian, "perceptron": _perceptron, "adatron": _adatron}


def kick_rule(rule: Any, parameters: tuple[float, ...], temperature: float, breaks: ArrayLike) -> KickRule:
    """The rule that a name, a function of the stability or an object with an ``amplitude`` stands for."""
    name = rule if isinstance(rule, str) else getattr(rule, "name", None)
    if isinstance(rule, str) or (name == "optimal" and not hasattr(rule, "amplitude")):
        return _named(str(name), tuple(number("parameters", p) for p in parameters))
    if len(parameters) > 0:
        raise InputError("parameters", parameters, "belong to a rule given by name", "put them into the rule itself")
    kinks = _places(breaks)
    if hasattr(rule, "amplitude"):
        amplitude = _of_object(rule, temperature)
        if isinstance(name, str) and name in CLOSED and np.array_equal(amplitude(PROBES), CLOSED[name](PROBES)):
            return KickRule(name, CLOSED[name], closed=True)
        return KickRule(str(name), amplitude, tuple(getattr(rule, "parameters", ())), kinks)
    if callable(rule):
        return KickRule(getattr(rule, "__name__", "amplitude"), _checked(rule), breaks=kinks)
    fix = f"one of {', '.join(NAMES)}, a function of the stability, or an object with an amplitude"
    raise InputError("rule", rule, "is no function of the stability", fix)


def _named(name: str, parameters: tuple[float, ...]) -> KickRule:
    if name == "gradient" and len(parameters) <= 1:
        steep = positive("parameters", parameters[0] if parameters else 1.0)
        return KickRule(name, lambda stability: np.asarray(expit(-steep * stability)), (steep,))
    if name not in NAMES:
        raise InputError("rule", name, f"must be one of {', '.join(NAMES)}", "name one, or give a function F(lambda)")
    if parameters:
        raise InputError("parameters", parameters, f"{name} has fewer of them", "gradient has one, the others none")
    return KickRule(name, CLOSED.get(name), closed=name in CLOSED)


def _of_object(rule: Any, temperature: float) -> Curve:
    """F(lambda) = amplitude(lambda, 1, tanh(lambda/2T), 0, parameters), for a rule that treats both labels alike."""
    if getattr(rule, "leak", None) is not None:
        raise InputError("rule", rule, "has a leak: its kicks are no function of the stability alone", "leave it out")
    parameters = getattr(rule, "parameters", ())

    def at(stability: float, label: float, weight: float) -> float:
        field = label * stability
        output = tanh(0.5 * field / temperature) if temperature > 0.0 else float(np.sign(field))
        return label * float(rule.amplitude(field, label, output, weight, parameters))

    for stability in PROBES:
        if at(stability, 1.0, 0.0) != at(stability, 1.0, 1.3):
            raise InputError("rule", rule, "reads the single weight", "order parameters need F(lambda)")
        if at(stability, 1.0, 0.0) != at(stability, -1.0, 0.0):
            raise InputError(
                "rule", rule, "must treat both labels alike", "amplitude(-A, -label) = -amplitude(A, label)"
            )
    each = np.vectorize(lambda stability: at(stability, 1.0, 0.0), otypes=[np.float64])
    return lambda stability: np.asarray(each(stability), dtype=np.float64)


def _checked(function: Callable[[Any], Any]) -> Curve:
    def amplitude(stability: Array) -> Array:
        return np.asarray(function(stability), dtype=np.float64)

    try:
        values = amplitude(PROBES)
    except Exception as error:
        got = f"{type(error).__name__}: {error}"
        raise InputError("rule", got, "must take an array of stabilities", "np.where in place of if") from error
    if values.shape != PROBES.shape or not np.all(np.isfinite(values)):
        got = f"shape {values.shape}" if values.shape != PROBES.shape else "NaN or infinity"
        raise InputError("rule", got, "must give one finite number per stability", "lambda x: np.exp(-np.abs(x))")
    return amplitude


def _places(breaks: ArrayLike) -> tuple[float, ...]:
    try:
        places = np.asarray(breaks, dtype=np.float64)
    except (TypeError, ValueError):
        places = np.array([np.nan])
    if places.ndim != 1 or not np.all(np.isfinite(places)):
        raise InputError("breaks", breaks, "must be finite stabilities", "breaks=(0.5,), for instance")
    return tuple(float(x) for x in places)
