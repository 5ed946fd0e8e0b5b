"""Manipulation or driving: whether an energy that data move explains the force on the weights."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..markup import table_of_fields
from .answering import reciprocal_feedback
from .kernel_flags import flags_of
from .lagged_rule import Stdp
from .plain import Response
from .settings import Settings
from .threshold_rule import Bcm

Array = NDArray[np.float64]
PLACES, CLOSE = 32, 1e-4
KINK = 1e-3
"""The relative change of a response on half the distance by which a kink within it is known."""
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

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def classify(settings: Settings) -> Classification:
    r"""u J v = v J u for all directions u, v, J = df/dw: reciprocity of how the weights respond to each other.

    A force along each pattern that reads only its own field, amplitude(A^mu, sigma_T^mu) dA^mu/dw, has the energy
    -int amplitude dA whether or not a loss is given: no curl. So has one that reads the neuron's mean answer, which is
    a function of its field. A threshold that follows the weights, an answer that jumps, or a kick that holds the force
    read off earlier weights, is judged together with them: where what acts on the weights is not acted upon alike, no
    energy of both exists (of jumping answers one does at s g = ``reciprocal_feedback``). Everything else is tried: at
    32 states up to three times as wide as equilibrium, along two directions each, with labels drawn at random. What
    is asymmetric elsewhere only is not seen.

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
    if settings.holds_force:
        return Classification("driving", "each kick holds a force that it read off earlier weights")
    if settings.n_weights == 1:
        return Classification("manipulation", "one weight: every force has an energy")
    if not (isinstance(settings.learner, Stdp) or rule.uses_weight or rule.leak is not None):
        return Classification("manipulation", "an energy of the fields")
    if _asymmetry(settings) <= RECIPROCAL:
        return Classification("manipulation", "weights respond to each other alike")
    return Classification("driving", "weights do not respond to each other alike")


def _asymmetry(settings: Settings) -> float:
    """max |u J v - v J u| / max (|u J v| + |v J u|) over states, leaving out those that lie at a kink."""
    task, rule, flags = settings.task, settings.rule, flags_of(settings)
    draw = np.random.Generator(np.random.Philox(0))
    shown = np.broadcast_to(settings.scaled_inputs[:, :, None], (task.n_patterns, task.n_inputs, 4))
    apart, sizes = [0.0], [0.0]
    for place in range(PLACES):
        w, u, v = draw.normal(size=(3, task.n_inputs))
        w *= (1 + 2 * (place % 2)) * sqrt(settings.temperature / settings.stiffness)
        u, v = u / np.linalg.norm(u), v / np.linalg.norm(v)
        labels = np.repeat(2.0 * draw.integers(0, 2, size=(task.n_patterns, 1)) - 1.0, 4, axis=1)
        respond = Response(rule, shown, labels, np.array(rule.parameters), settings.temperature, flags)

        far, near = (_responses(respond, w, u, v, h) for h in (CLOSE, 0.5 * CLOSE))
        size = float(np.abs(far).sum())
        if np.all(np.abs(far - near) <= KINK * size):
            apart.append(float(abs(near[0] - near[1])))
            sizes.append(size)
    return max(apart) / max(sizes) if max(sizes) > 0.0 else 0.0


def _responses(respond: Response, w: Array, u: Array, v: Array, h: float) -> Array:
    """2 v J u and 2 u J v at w, by central differences."""
    states = np.ascontiguousarray(w[:, None] + h * np.stack([u, -u, v, -v], axis=1))
    force = respond(states, np.zeros(4))[0] / h
    return np.array([v @ (force[:, 0] - force[:, 1]), u @ (force[:, 2] - force[:, 3])])
