"""The same dynamics in plain NumPy: for rules that Numba cannot compile, and to check the kernels against.

Signatures are those of ``_kernels.learning.advance_batch`` and ``advance_online``; the random numbers are the
same, the arithmetic agrees to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


class _Response:
    """Force direction and loss of a rule at given weights, for one block of lanes; inputs (pattern, weight, lane)."""

    def __init__(  # noqa: PLR0913
        self, rule: Rule, inputs: Array, labels: Array, parameters: Array, temperature: float, flags: int
    ) -> None:
        self.rule, self.inputs, self.labels = rule, inputs, labels
        self.parameters, self.temperature, self.flags = parameters, temperature, flags

    def __call__(self, weights: Array, threshold: Array) -> tuple[Array, Array]:
        fields = self.fields(weights)
        outputs = self._outputs(fields, threshold)
        force = np.empty_like(weights)
        amplitudes = self._each(self.rule.amplitude, fields, outputs, weights[0])
        for n in range(weights.shape[0]):
            if self.flags & USES_WEIGHT:
                amplitudes = self._each(self.rule.amplitude, fields, outputs, weights[n])
            force[n] = (self.inputs[:, n] * amplitudes).sum(axis=0)
            if self.rule.leak is not None:
                leak = self._each(self.rule.leak, fields, outputs, weights[n]).sum(axis=0)
                force[n] -= weights[n] * leak / weights.shape[0]
        if self.rule.loss is None:
            return force, np.zeros(weights.shape[1])
        return force, self._each(self.rule.loss, fields, outputs, weights[0]).sum(axis=0)

    def fields(self, weights: Array) -> Array:
        return np.asarray(np.einsum("mnl,nl->ml", self.inputs, weights))

    def _outputs(self, fields: Array, threshold: Array) -> Array:
        if self.flags & SLIDES:
            return np.broadcast_to(threshold, fields.shape)
        if self.flags & LAGGED:
            later, earlier = np.roll(fields, -1, axis=0), np.roll(fields, 1, axis=0)
            return np.asarray(self.parameters[0] * later - self.parameters[1] * earlier)
        if self.flags & SIGN_OUTPUT:
            return np.where(fields > 0, 1.0, -1.0)
        return np.tanh(fields / (2 * self.temperature))

    def _each(self, function: Any, fields: Array, outputs: Array, weight: Array) -> Array:
        call = np.vectorize(lambda a, y, o, w: function(a, y, o, w, self.parameters), otypes=[float])
        return np.asarray(call(fields, self.labels, outputs, np.broadcast_to(weight, fields.shape)))


def _run(  # noqa: PLR0913
    respond_at: Callable[[int], _Response], weights: Array, factors: Array, last: float, strength: float,
    law: Array, booked: bool, frozen: bool, first_step: int, first: int, keys: tuple[Any, Any], books: Array,
) -> None:  # fmt: skip
    decay, push, kick, stiffness, follow = law
    old_loss, threshold, shown = books[LOSS].copy(), books[THRESHOLD], None
    for i, s in enumerate(factors):
        respond = respond_at(first_step + i)
        if respond is not shown:
            shown = respond
            force, loss = respond(weights, threshold)
            if frozen:
                loss = -(force * weights).sum(axis=0)
        amount = strength * s
        work = strength * (s * loss - last * old_loss) if booked else np.zeros(weights.shape[1])
        noise = normals(NOISE, first_step + i, first, keys, weights.shape)
        moved = decay * weights + push * amount * force + kick * noise
        threshold += follow * ((respond.fields(weights) ** 2).mean(axis=0) - threshold)
        fall = 0.5 * stiffness * ((weights - moved) * (weights + moved)).sum(axis=0)
        if frozen:
            new_force, new_loss = force, -(force * moved).sum(axis=0)
        else:
            new_force, new_loss = respond(moved, threshold)
        if booked:
            heat = fall + amount * (loss - new_loss)
        else:
            pull = 0.5 * amount * ((force + new_force) * (moved - weights)).sum(axis=0)
            heat, work = fall + pull, work + pull
        books[HEAT] += heat
        books[WORK] += work
        books[GROSS] += np.abs(heat) + np.abs(work)
        weights[:] = moved
        force, loss, old_loss, last = new_force, new_loss, new_loss, float(s)
    books[LOSS] = old_loss if booked else 0.0


def advance_batch(  # noqa: PLR0913
    rule: Rule, inputs: Array, labels: Array, weights: Array, parameters: Array, factors: Array, last: float,
    strength: float, law: Array, temperature: float, flags: int, first_step: int, first: int,
    key0: Any, key1: Any, books: Array,
) -> None:  # fmt: skip
    """Batch learning: every pattern pushes at every step."""
    shown = np.broadcast_to(inputs[:, :, None], (*inputs.shape, weights.shape[1]))
    respond = _Response(rule, shown, labels, parameters, temperature, flags)
    _run(lambda step: respond, weights, factors, last, strength, law, bool(flags & HAS_LOSS), False,
         first_step, first, (key0, key1), books)  # fmt: skip


def advance_online(  # noqa: PLR0913
    rule: Rule, inputs: Array, labels: Array, weights: Array, parameters: Array, factors: Array, last: float,
    strength: float, law: Array, temperature: float, flags: int, first_step: int, first: int,
    key0: Any, key1: Any, books: Array, substeps: int, frozen: bool, order: NDArray[np.int64],
) -> None:  # fmt: skip
    """Online learning: one pattern at a time, of its own for every lane where the order is drawn."""
    lanes = np.arange(weights.shape[1])
    shown: dict[int, _Response] = {}

    def respond_at(step: int) -> _Response:
        turn = step // substeps
        if turn not in shown:
            drawn = words(CHOICE, turn, first, (key0, key1), lanes.size)
            mu = np.full(lanes.size, order[turn % order.size]) if order.size else (drawn * len(inputs)) >> 32
            shown.clear()
            of_turn = labels[mu, lanes][None]
            shown[turn] = _Response(rule, inputs[mu].T[None], of_turn, parameters, temperature, flags)
        return shown[turn]

    booked = frozen or bool(flags & HAS_LOSS)
    _run(
        respond_at,
        weights,
        factors,
        last,
        strength,
        law,
        booked,
        frozen,
        first_step,
        first,
        (key0, key1),
        books,
    )
