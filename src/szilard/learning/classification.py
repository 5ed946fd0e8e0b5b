"""Manipulation or driving: whether an energy that data move explains the force on the weights."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .answering import reciprocal_feedback
from .kernel_flags import flags_of
from .lagged_rule import Stdp
from .plain import Response
from .settings import Settings
from .threshold_rule import Bcm

Array = NDArray[np.float64]
PLACES, CLOSE = 9, 1e-4
RECIPROCAL = 1e-5
"""Of two responses, relative: central differences at CLOSE err by its square, rounding by 1e-12."""


@dataclass(frozen=True)
class Classification:
    """manipulation: f = -dE(w; data)/dw, data move an energy; driving: a part of the force that no energy explains.

    why: in words. Judged on all that moves together: weights, answers, threshold.
    """

    kind: Literal["manipulation", "driving"]
    why: str

    def __str__(self) -> str:
        return f"{self.kind} ({self.why})"


def classify(settings: Settings) -> Classification:
    r"""u J v = v J u for all directions u, v, J = df/dw: reciprocity of how the weights respond to each other.

    A force along each pattern that reads only its own field, amplitude(A^mu, sigma_T^mu) dA^mu/dw, has the energy
    -int amplitude dA whether or not a loss is given: no curl. So has one that reads the neuron's mean answer, which is
    a function of its field. A threshold that follows the weights, or an answer that jumps, is judged together with
    them: where what acts on the weights is not acted upon alike, no energy of both exists (of jumping answers one does
    at s g = ``reciprocal_feedback``). Everything else is tried: at 9 states drawn from equilibrium, along two
    directions each, with labels drawn at random.

    Onsager's reciprocity, Phys. Rev. 37, 405 (1931), of the forces themselves.
    """
    rule = settings.rule
    if settings.metropolised:
        return Classification("manipulation", "an energy, whose moves are accepted or not")
    if isinstance(settings.learner, Bcm):
        return Classification("driving", "the threshold follows the weights, which do not answer it alike")
    if settings.answering is not None:
        balanced = reciprocal_feedback(rule, settings.answering.answer_gain)
        end = settings.schedule(settings.duration)
        if balanced is not None and abs(settings.feedback * end - balanced) <= RECIPROCAL * abs(balanced):
            return Classification("manipulation", "answers and weights act on each other alike")
        return Classification("driving", "answers act on the weights otherwise than weights on answers")
    lagged = isinstance(settings.learner, Stdp)
    if settings.n_weights == 1:
        return Classification("manipulation", "one weight: every force has an energy")
    if not (lagged or rule.uses_weight or rule.leak is not None):
        frozen = settings.mode == "online" and settings.online == "kick" and not rule.additive
        return Classification("manipulation", f"an energy of the fields{', which each kick freezes' if frozen else ''}")
    if _asymmetry(settings) <= RECIPROCAL:
        return Classification("manipulation", "weights respond to each other alike")
    return Classification("driving", "weights do not respond to each other alike")


def _asymmetry(settings: Settings) -> float:
    """|u J v - v J u| / (|u J v| + |v J u|), the median over states."""
    task, rule, flags = settings.task, settings.rule, flags_of(settings)
    draw = np.random.Generator(np.random.Philox(0))
    shown = np.broadcast_to(settings.scaled_inputs[:, :, None], (task.n_patterns, task.n_inputs, 4))
    found = []
    for _ in range(PLACES):
        w, u, v = draw.normal(size=(3, task.n_inputs))
        u, v = u / np.linalg.norm(u), v / np.linalg.norm(v)
        labels = np.repeat(2.0 * draw.integers(0, 2, size=(task.n_patterns, 1)) - 1.0, 4, axis=1)
        states = w[:, None] * sqrt(settings.temperature / settings.stiffness) + CLOSE * np.stack([u, -u, v, -v], axis=1)
        respond = Response(rule, shown, labels, np.array(rule.parameters), settings.temperature, flags)
        force = respond(np.ascontiguousarray(states), np.zeros(4))[0]
        one, other = float(v @ (force[:, 0] - force[:, 1])), float(u @ (force[:, 2] - force[:, 3]))
        size = abs(one) + abs(other)
        found.append(abs(one - other) / size if size > 0.0 else 0.0)
    return float(np.median(found))
