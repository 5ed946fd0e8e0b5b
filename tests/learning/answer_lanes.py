"""Replicas whose answers jump, by hand: blocks of lanes advanced by the kernel, without ``train`` around them."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from szilard._kernels import answers as kernels
from szilard._kernels import learning
from szilard._kernels import random as streams
from szilard.learning.answer_costs import JumpingAnswers, thermal_surprise
from szilard.learning.answering import Answering, half_law
from szilard.learning.kernel_flags import flags_of
from szilard.learning.training import settings_for
from szilard.ledger import Ledger

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Lanes:
    """What replicas were and came to: (replica, weight), (replica, pattern) and (replica,) arrays."""

    weights: Array
    labels: Array
    fields: Array
    first_weights: Array
    first_answers: Array
    answers: JumpingAnswers
    ledger: Ledger


def advanced(
    task: Any, rule: Any, *, feedback: float, answer_rate: float, answer_gain: float = 1.0, start: Any = None,
    labels: Any = None, lanes: int = 512, cuts: int = 1, advance: Any = kernels.advance_answers, compiled: bool = True,
    **other: Any,
) -> Lanes:  # fmt: skip
    """One run; start: (weights, answers), labels: each (replica, ..), in the place of those drawn."""
    s = settings_for(task, rule, **other)
    how = Answering(feedback, answer_rate, answer_gain)
    how.check(s)
    keys, x, law = streams.stream_key(s.seed, s.cell), s.scaled_inputs, half_law(s)
    known, factors = np.array(rule.parameters or (0.0,)), s.factors(0, s.steps)
    blocks = []
    for first in range(0, s.replicas, lanes):
        n = min(lanes, s.replicas - first)
        w, y = np.empty((task.n_inputs, n)), np.empty((task.n_patterns, n))
        learning.prepare(w, sqrt(s.temperature / s.stiffness), streams.INITIAL, first, *keys)
        learning.draw_labels(y, streams.LABELS, first, *keys)
        if labels is not None:
            y = np.ascontiguousarray(labels[first : first + n].T)
        if start is not None:
            w = np.ascontiguousarray(start[0][first : first + n].T)
        sigma = how.start(x @ w, s.temperature, first, keys)
        if start is not None:
            sigma = np.ascontiguousarray(start[1][first : first + n].T)
        at_first, said, before = w.T.copy(), sigma.T.copy(), 0.5 * s.stiffness * (w * w).sum(axis=0)
        surprise = -_surprise(x @ w, sigma, how, s.temperature)
        books, done = np.zeros((learning.ROWS_WITH_ANSWERS, n)), 0
        for part in np.array_split(factors, cuts):
            last = float(factors[done - 1]) if done else 0.0
            advance(rule.kernel if compiled else rule, x, y, w, known, part, last, s.strength, law, s.temperature,
                    flags_of(s), done, first, *keys, books, sigma, feedback, answer_rate * s.dt,
                    answer_gain)  # fmt: skip
            done += len(part)
        surprise += _surprise(x @ w, sigma, how, s.temperature)
        closing = s.schedule(s.duration)
        loss = s.strength * _loss(rule, x @ w, y) + feedback * _loss(rule, x @ w, sigma)
        work = books[learning.WORK] + (closing - factors[-1]) * loss
        after = 0.5 * s.stiffness * (w * w).sum(axis=0) + closing * loss
        heat = np.array([books[learning.HEAT], books[learning.ANSWER_HEAT]])
        gross = books[learning.GROSS] + before + np.abs(after)
        blocks.append((w.T, y.T, (x @ w).T, at_first, said, sigma.T, surprise, heat.T, books[learning.JUMPS], work,
                       after - before, gross))  # fmt: skip
    w, y, fields, at_first, said, sigma, surprise, heat, jumps, work, change, gross = (
        np.concatenate(parts) for parts in zip(*blocks, strict=True)
    )
    ledger = Ledger(heat, work, change, np.full(2, s.temperature), gross=gross)
    return Lanes(w, y, fields, at_first, said, JumpingAnswers(sigma, surprise, heat[:, 1], jumps), ledger)


def _loss(rule: Any, fields: Array, labels: Array) -> Array:
    """The summed loss of each lane; 0 without one."""
    if rule.loss is None:
        return np.zeros(fields.shape[1])
    each = np.vectorize(lambda a, y: rule.loss(a, y, 0.0, 0.0, rule.parameters), otypes=[float])
    return np.asarray(each(fields, labels).sum(axis=0))


def _surprise(fields: Array, answers: Array, how: Answering, temperature: float) -> Array:
    return np.asarray(thermal_surprise(fields, answers, how.answer_gain, temperature).sum(axis=0))
