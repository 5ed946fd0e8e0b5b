"""A path of machines: what an agent does to weights and biases, one step after another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, is_whole
from ..estimate import finite, numbers
from ..markup import table_of_text
from ..request import refuse_room
from .machine import BoltzmannMachine

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class ParameterPath:
    r"""theta_t = (1 - u) theta_[p] + u theta_[p+1], p + u = places[t]: machines between recorded ones.

    weights: (node, visible, hidden), visible_bias: (node, visible), hidden_bias: (node, hidden), in k_B T0; places:
    (step + 1,), each within [0, nodes - 1]; temperature in T0, the same all along.
    Made by ``straight_path`` and by training with persistent chains.
    """

    weights: Array
    visible_bias: Array
    hidden_bias: Array
    places: Array
    temperature: float = 1.0

    @property
    def steps(self) -> int:
        """How many times the parameters change."""
        return self.places.size - 1

    def machine(self, step: int) -> BoltzmannMachine:
        """The machine after ``step`` changes; -1 is the last."""
        if not 0 <= (at := step + self.places.size if step < 0 else step) <= self.steps:
            raise InputError("step", step, f"must lie within 0..{self.steps}", "count the changes from the start")
        w, a, b = self.stretch(at, at)
        return BoltzmannMachine(w[0], a[0], b[0], self.temperature)

    def stretch(self, first: int, last: int) -> tuple[Array, Array, Array]:
        """W, a and b of the steps first .. last, both included, step first."""
        at = self.places[first : last + 1]
        below = np.minimum(at.astype(np.int64), len(self.weights) - 1)
        above = np.minimum(below + 1, len(self.weights) - 1)
        share = at - below

        def between(x: Array) -> Array:
            u = share.reshape(-1, *(1,) * (x.ndim - 1))
            return np.ascontiguousarray((1.0 - u) * x[below] + u * x[above])

        return between(self.weights), between(self.visible_bias), between(self.hidden_bias)

    def reversed(self) -> ParameterPath:
        """The same machines, the last one first."""
        places = self.places[::-1].copy()
        return ParameterPath(self.weights, self.visible_bias, self.hidden_bias, places, self.temperature)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        _, v, h = self.weights.shape
        return f"ParameterPath of {self.steps} steps, {v} visible and {h} hidden units, T = {self.temperature:g}"


def straight_path(start: BoltzmannMachine, end: BoltzmannMachine, betas: int | ArrayLike) -> ParameterPath:
    r"""theta_t = (1 - beta_t) theta_start + beta_t theta_end, beta from 0 to 1: E moves in a straight line too.

    betas: how many equal steps, or the values themselves, the first 0 and the last 1, not falling.
    Raises InputError unless both machines have the same units and temperature, and for betas that break a rule.

    Neal, Stat. Comput. 11, 125 (2001).

    >>> from szilard.networks import machine as machines
    >>> end = machines.rbm([[1.0, 2.0]])
    >>> straight_path(end.without_weights(), end, 4).machine(1).weights
    array([[0.25, 0.5 ]])
    """
    if start.weights.shape != end.weights.shape or start.temperature != end.temperature:
        got = f"{start!r} and {end!r}"
        raise InputError("start", got, "both must have the same units and temperature", "end.without_weights()")
    return ParameterPath(
        np.stack([start.weights, end.weights]),
        np.stack([start.visible_bias, end.visible_bias]),
        np.stack([start.hidden_bias, end.hidden_bias]),
        beta_grid(betas, "betas"),
        start.temperature,
    )


def beta_grid(betas: int | ArrayLike, name: str) -> Array:
    """So many equal steps from 0 to 1, or the values given; raises InputError for any that break a rule."""
    if is_whole(betas, 1):
        refuse_room(name, f"{betas} steps", 3 * int(betas), "take fewer steps")
        return np.linspace(0.0, 1.0, int(betas) + 1)
    places = numbers(betas, name)
    if places.ndim != 1 or places.size < 2:
        raise InputError(name, betas, "must be a whole number >= 1 or at least two values", "100, for instance")
    finite(places, name)
    if places[0] != 0.0 or places[-1] != 1.0 or np.any(np.diff(places) < 0.0):
        raise InputError(name, betas, "must rise from 0 to 1", "np.linspace(0, 1, 101), for instance")
    return places


def resting_path(machine: BoltzmannMachine, steps: int) -> ParameterPath:
    """The same machine for so many steps."""
    return ParameterPath(
        machine.weights[None], machine.visible_bias[None], machine.hidden_bias[None], np.zeros(steps + 1),
        machine.temperature,
    )  # fmt: skip
