"""Answers that jump, in plain NumPy: for rules that Numba cannot compile, and to check the kernel against."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.answers import VERDICT, choices
from .._kernels.learning import ANSWER_HEAT, GROSS, HEAT, JUMPS, LOSS, REFUSED, WORK
from .._kernels.random import NOISE, normals
from .plain import each
from .rule import Rule

Array = NDArray[np.float64]


def advance_answers(
    rule: Rule, inputs: Array, labels: Array, weights: Array, parameters: Array, factors: Array, last: float,
    strength: float, law: Array, temperature: float, flags: int, first_step: int, first: int,
    key0: Any, key1: Any, books: Array, answers: Array, feedback: float, paced: float, gain: float,
) -> None:  # fmt: skip
    """The steps of ``_kernels.answers.advance_answers``, with the same random numbers."""
    decay, push, kick, stiffness = law[:4]

    def respond() -> tuple[Array, Array]:
        told, loss = pushes(rule, inputs, labels, answers, weights, parameters)
        said, own = pushes(rule, inputs, answers, answers, weights, parameters)
        return strength * told + feedback * said, strength * loss + feedback * own

    def book(row: int, amount: Array) -> None:
        books[row] += amount
        books[GROSS] += np.abs(amount)

    def refused(u: Array) -> NDArray[np.bool_]:
        """Where u > e^{-Delta E/T} q(w' -> w)/q(w -> w'): there weights go back."""
        there, here = weights - decay * before - push * s * old, before - decay * weights - push * s * force
        gap = heat + s * (loss - new_loss)
        ratio = (0.5 / kick**2) * (there * there - here * here).sum(axis=0)
        return np.asarray(u > np.exp(np.minimum(gap / temperature + ratio, 0.0)))

    force, loss = respond()
    for step, s in enumerate(factors, first_step):
        book(WORK, (s - last) * loss)
        last = float(s)
        for half in range(2):
            before, old = weights.copy(), force
            noise = normals(NOISE, 2 * step + half, first, (key0, key1), weights.shape)
            weights[:] = decay * before + push * s * force + kick * noise
            heat = 0.5 * stiffness * ((before - weights) * (before + weights)).sum(axis=0)
            force, new_loss = respond()
            if rule.loss is not None and not rule.additive:
                back = refused(choices(VERDICT, step, first, (key0, key1), (2, weights.shape[1]))[half])
                weights[:, back], heat[back] = before[:, back], 0.0
                books[REFUSED] += back
                force, new_loss = respond()
            if rule.loss is None:
                pull = 0.5 * s * ((old + force) * (weights - before)).sum(axis=0)
                book(WORK, pull)
                heat += pull
            else:
                heat += s * (loss - new_loss)
            book(HEAT, heat)
            loss = new_loss
            if half == 0:
                pull = gain * (inputs @ weights) * answers
                tilt = np.exp(np.clip(0.5 * pull / temperature, -300.0, 300.0))
                u = choices(0, step, first, (key0, key1), (answers.shape[0], answers.shape[1]))
                jumps = u * (1.0 + tilt * tilt) <= 1.0 - np.exp(-paced * (tilt + 1.0 / tilt))
                warmed = np.where(jumps, -pull, 0.0)
                answers[jumps] *= -1.0
                force, new_loss = respond()
                books[ANSWER_HEAT] += warmed.sum(axis=0)
                books[JUMPS] += jumps.sum(axis=0)
                books[GROSS] += np.abs(warmed).sum(axis=0)
                book(WORK, warmed.sum(axis=0) + s * (new_loss - loss))
                loss = new_loss
    books[LOSS] = loss


def pushes(
    rule: Rule, inputs: Array, labels: Array, answers: Array, weights: Array, parameters: Array
) -> tuple[Array, Array]:
    """sum_mu x_mu,n F(A_mu, label_mu) less the leak, (weight, lane), and the summed loss, (lane,)."""
    fields = inputs @ weights

    def at(function: Any, weight: Array) -> Array:
        return each(function, fields, labels, answers, weight, parameters)

    force = np.array([x @ at(rule.amplitude, w) for x, w in zip(inputs.T, weights, strict=True)])
    if rule.leak is not None:
        leaks = np.array([at(rule.leak, w).sum(axis=0) for w in weights])
        force -= weights * leaks / len(weights)
    if rule.loss is None:
        return force, np.zeros(weights.shape[1])
    return force, at(rule.loss, weights[0]).sum(axis=0)
