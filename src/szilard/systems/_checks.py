"""Checks of what the ready-made systems take, and the pairs of states that become a channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from ..discrete.channel import Channel, Kinetics
from ..errors import InputError, is_whole, number

Array = NDArray[np.float64]
Controlled = float | Callable[[float], float] | None
"""A number, a function of the control, or None: it is the control itself."""
MOST_STATES = 10**7
Attempt = ArrayLike | Mapping[str, ArrayLike]
Temperature = float | Mapping[str, float]


def positive(field: str, value: Any) -> float:
    """A finite number > 0."""
    result = number(field, value)
    if not result > 0.0:
        raise InputError(field, value, "must be > 0", "give a positive number, e.g. 1.0")
    return result


def not_negative(field: str, value: Any) -> float:
    """A finite number >= 0."""
    result = number(field, value)
    if result < 0.0:
        raise InputError(field, value, "must be >= 0", "give a number that is not negative")
    return result


def whole(field: str, value: Any, least: int, most: int | None = None) -> int:
    """An integer >= least, and <= most where there is one."""
    if not is_whole(value, least):
        raise InputError(field, value, f"must be an integer >= {least}", f"give an integer, for instance {least}")
    if most is not None and value > most:
        raise InputError(field, value, f"must be <= {most}", "make the system smaller")
    return int(value)


def numbers(field: str, values: Any, shape: tuple[int, ...], *, least: float | None = None) -> Array:
    """A number or an array of ``shape`` as such an array, finite, >= least."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(field, values, "must be numbers", f"give one number or an array {shape}") from None
    if found.shape not in ((), shape):
        raise InputError(field, found.shape, f"must be a number or have shape {shape}", "give one value for each")
    wrong = ~np.isfinite(found) if least is None else ~(np.isfinite(found) & (found >= least))
    if np.any(wrong):
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        name = f"{field}[{', '.join(map(str, where))}]" if where else field
        rule = "must be finite" if least is None else f"must be finite and >= {least:g}"
        raise InputError(name, float(found[where]), rule, "replace this value")
    return np.array(np.broadcast_to(found, shape))


def baths(attempt: Attempt, temperature: Temperature, size: int) -> list[tuple[str, Array, float]]:
    """(name, attempt of every pair, temperature) per reservoir; one that is not named is called "bath"."""
    if not isinstance(temperature, Mapping):
        if isinstance(attempt, Mapping):
            fix = "give temperature the same names: temperature={'hot': 2.0, 'cold': 1.0}"
            raise InputError("temperature", temperature, "must name the reservoirs that attempt names", fix)
        return [("bath", numbers("attempt", attempt, (size,), least=0.0), positive("temperature", temperature))]
    if not temperature:
        raise InputError("temperature", {}, "must name at least one reservoir", "temperature=1.0, for instance")
    rates = attempt if isinstance(attempt, Mapping) else dict.fromkeys(temperature, attempt)
    if set(rates) != set(temperature):
        got = f"attempt for {sorted(map(str, rates))}, temperature for {sorted(map(str, temperature))}"
        raise InputError("attempt", got, "must name the same reservoirs", "give both for every reservoir")
    return [
        (name, numbers(f"attempt[{name!r}]", rates[name], (size,), least=0.0), positive(f"temperature[{name!r}]", t))
        for name, t in temperature.items()
    ]


def channel_of(
    n: int,
    source: NDArray[Any],
    target: NDArray[Any],
    attempt: Array,
    drive: Array | float = 0.0,
    *,
    temperature: float,
    name: str = "bath",
    kinetics: Kinetics = "symmetric",
) -> Channel:
    """The channel that joins every source to its target; drive is the energy provided in source -> target."""
    places = (np.concatenate([target, source]), np.concatenate([source, target]))
    tries = sparse.coo_array((np.concatenate([attempt, attempt]), places), shape=(n, n))
    given = np.broadcast_to(np.asarray(drive, dtype=np.float64), attempt.shape)
    agent = sparse.coo_array((np.concatenate([given, -given]), places), shape=(n, n)) if np.any(given) else None
    return Channel(tries, agent, temperature=temperature, name=name, kinetics=kinetics)


@dataclass(frozen=True)
class Followed:
    """Energies that follow a control through one parameter: energy(control) = energy_at(given(control))."""

    field: str
    given: Callable[[float], float]
    energy_at: Callable[[float], Array]

    def __call__(self, control: float) -> Array:
        return self.energy_at(number(f"{self.field}({control:g})", self.given(control)))


def energy_of(
    field: str, value: Controlled, energy_at: Callable[[float], Array]
) -> Array | Followed | Callable[[float], Array]:
    """The energies for a parameter that is a number, a function of the control, or (None) the control itself."""
    if value is None:
        return energy_at
    if callable(value):
        return Followed(field, value, energy_at)
    return energy_at(number(field, value))
