"""The same dynamics in plain NumPy: for rules that Numba cannot compile, and to check the kernels against.

Signatures are those of ``_kernels.learning.advance_batch`` and ``advance_online``; the random numbers are the
same, the arithmetic agrees to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._kernels.learning import (
    GROSS,
    HAS_LOSS,
    HEAT,
    LAGGED,
    LOSS,
    SIGN_OUTPUT,
    SLIDES,
    THRESHOLD,
    USES_WEIGHT,
    WORK,
)
from .._kernels.random import CHOICE, NOISE, normals, words
from .rule import Rule

Array = NDArray[np.float64]


class Responds(Protocol):
    """What learns: the force direction (weight, lane) and the summed loss (lane,) at given weights."""

    def __call__(self, weights: Array, threshold: Array) -> tuple[Array, Array]: ...

    def fields(self, weights: Array) -> Array:
        """A of every pattern: (pattern, lane)."""


class Response:
    """Force direction and loss of a rule at given weights, for one block of lanes; inputs (pattern, weight, lane)."""

    def __init__(
        self, rule: Rule, inputs: Array, labels: Array, parameters: Array, temperature: float, flags: int
    ) -> None:
        self.rule, self.inputs, self.labels = rule, inputs, labels
        self.parameters, self.temperature, self.flags = parameters, temperature, flags

    def __call__(self, weights: Array, threshold: Array) -> tuple[Array, Array]:
        fields = self.fields(weights)
        outputs = outputs_of(fields, threshold, self.parameters, self.temperature, self.flags)
        force = np.empty_like(weights)
        amplitudes = self._each(self.rule.amplitude, fields, outputs, weights[0])
        for n in range(weights.shape[0]):
            if self.flags & USES_WEIGHT:
                amplitudes = self._each(self.rule.amplitude, fields, outputs, weights[n])
            force[n] = summed(self.inputs[:, n] * amplitudes)
            if self.rule.leak is not None:
                leak = summed(self._each(self.rule.leak, fields, outputs, weights[n]))
                force[n] -= weights[n] * leak / weights.shape[0]
        if self.rule.loss is None:
            return force, np.zeros(weights.shape[1])
        return force, summed(self._each(self.rule.loss, fields, outputs, weights[0]))

    def fields(self, weights: Array) -> Array:
        found = self.inputs[:, 0] * weights[0]
        for n in range(1, weights.shape[0]):
            found += self.inputs[:, n] * weights[n]
        return np.asarray(found)

    def _each(self, function: Any, fields: Array, outputs: Array, weight: Array) -> Array:
        return each(function, fields, self.labels, outputs, weight, self.parameters)


def outputs_of(fields: Array, threshold: Array, parameters: Array, temperature: float, flags: int) -> Array:
    """What the rule reads as output: a threshold, neighbouring fields, or the answer tanh(A / 2T), or sign A."""
    if flags & SLIDES:
        return np.broadcast_to(threshold, fields.shape)
    if flags & LAGGED:
        later, earlier = np.roll(fields, -1, axis=0), np.roll(fields, 1, axis=0)
        return np.asarray(parameters[0] * later - parameters[1] * earlier)
    if flags & SIGN_OUTPUT:
        return np.where(fields > 0, 1.0, -1.0)
    return np.tanh(fields / (2 * temperature))


def summed(rows: Array) -> Array:
    """The sum over axis 0 in its order; NumPy's own sum takes another order where there is one lane."""
    return np.asarray(np.add.accumulate(rows, axis=0)[-1])


def each(
    function: Any, fields: Array, labels: ArrayLike, outputs: ArrayLike, weight: ArrayLike, parameters: Any
) -> Array:
    """A scalar function of a rule at every field, its label, output and weight broadcast to the fields."""
    call = np.vectorize(lambda a, y, o, w: function(a, y, o, w, parameters), otypes=[float])
    return np.asarray(call(fields, labels, outputs, weight))


def run(
    respond_at: Callable[[int], Responds], weights: Array, factors: Array, last: float, strength: float,
    law: Array, booked: bool, frozen: bool, first_step: int, first: int, keys: tuple[Any, Any], books: Array,
    free: Array | None = None,
) -> None:  # fmt: skip
    """Through len(factors) steps; ``respond_at(step)`` is what responds in that step, ``free`` gets the noise alone."""
    decay, push, kick, stiffness, follow = law
    old_loss, threshold, shown = books[LOSS].copy(), books[THRESHOLD], None
    for i, s in enumerate(factors):
        respond = respond_at(first_step + i)
        if respond is not shown:
            shown = respond
            force, loss = respond(weights, threshold)
            if frozen:
                loss = -summed(force * weights)
        amount = strength * s
        work = strength * (s * loss - last * old_loss) if booked else np.zeros(weights.shape[1])
        noise = normals(NOISE, first_step + i, first, keys, weights.shape)
        moved = decay * weights + push * amount * force + kick * noise
        squares = respond.fields(weights if frozen else moved) ** 2
        threshold += follow * (summed(squares) / len(squares) - threshold)
        fall = 0.5 * stiffness * summed((weights - moved) * (weights + moved))
        if frozen:
            new_force, new_loss = force, -summed(force * moved)
        else:
            new_force, new_loss = respond(moved, threshold)
        if booked:
            heat = fall + amount * (loss - new_loss)
        else:
            pull = 0.5 * amount * summed((force + new_force) * (moved - weights))
            heat, work = fall + pull, work + pull
        books[HEAT] += heat
        books[WORK] += work
        books[GROSS] += np.abs(heat) + np.abs(work)
        weights[:] = moved
        if free is not None and len(free):
            free[:] = decay * free + kick * noise
        force, loss, old_loss, last = new_force, new_loss, new_loss, float(s)
    books[LOSS] = old_loss if booked else 0.0


def run_online(
    respond_to: Callable[[Array, Array], Responds], inputs: Array, labels: Array, weights: Array, factors: Array,
    last: float, strength: float, law: Array, flags: int, first_step: int, first: int, keys: tuple[Any, Any],
    books: Array, substeps: int, frozen: bool, order: NDArray[np.int64],
) -> None:  # fmt: skip
    """``run`` with one pattern at a time: ``respond_to`` takes its inputs (1, input, lane) and labels (1, lane)."""
    lanes = np.arange(weights.shape[1])
    shown: dict[int, Responds] = {}

    def respond_at(step: int) -> Responds:
        turn = step // substeps
        if turn not in shown:
            drawn = words(CHOICE, turn, first, keys, lanes.size)
            mu = np.full(lanes.size, order[turn % order.size]) if order.size else (drawn * len(inputs)) >> 32
            shown.clear()
            shown[turn] = respond_to(inputs[mu].T[None], labels[mu, lanes][None])
        return shown[turn]

    booked = frozen or bool(flags & HAS_LOSS)
    run(respond_at, weights, factors, last, strength, law, booked, frozen, first_step, first, keys, books)


def advance_batch(
    rule: Rule, inputs: Array, labels: Array, weights: Array, parameters: Array, factors: Array, last: float,
    strength: float, law: Array, temperature: float, flags: int, first_step: int, first: int,
    key0: Any, key1: Any, books: Array, free: Array,
) -> None:  # fmt: skip
    """Batch learning: every pattern pushes at every step."""
    shown = np.broadcast_to(inputs[:, :, None], (*inputs.shape, weights.shape[1]))
    respond = Response(rule, shown, labels, parameters, temperature, flags)
    run(lambda step: respond, weights, factors, last, strength, law, bool(flags & HAS_LOSS), False,
        first_step, first, (key0, key1), books, free)  # fmt: skip


def advance_online(
    rule: Rule, inputs: Array, labels: Array, weights: Array, parameters: Array, factors: Array, last: float,
    strength: float, law: Array, temperature: float, flags: int, first_step: int, first: int,
    key0: Any, key1: Any, books: Array, substeps: int, frozen: bool, order: NDArray[np.int64],
) -> None:  # fmt: skip
    """Online learning: one pattern at a time, of its own for every lane where the order is drawn."""

    def respond_to(shown: Array, of_turn: Array) -> Response:
        return Response(rule, shown, of_turn, parameters, temperature, flags)

    run_online(respond_to, inputs, labels, weights, factors, last, strength, law, flags, first_step, first,
               (key0, key1), books, substeps, frozen, order)  # fmt: skip
