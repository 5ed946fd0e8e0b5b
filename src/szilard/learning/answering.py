"""Answers that the neuron gives while it learns, and that the rule takes for labels: how they jump and act back."""

from __future__ import annotations

from dataclasses import dataclass
from math import expm1, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, number
from ..markup import table_of_fields
from .gibbs_rule import Metropolised
from .lagged_rule import Stdp
from .optimal_rule import Optimal
from .rule import PROBES, Rule
from .threshold_rule import Bcm

if TYPE_CHECKING:
    from ..continuous.feedback import LabelFeedback
    from .settings import Settings

Array = NDArray[np.float64]
PER_JUMP, PER_MOTION = 0.2, 0.01
"""A step in 1/gamma and in 1/(mu k): the longer of the two is short enough, as fast answers only average in it."""
ALIKE = 1e-12
"""Of differences of a rule's amplitude, relative: rounding."""


@dataclass(frozen=True)
class Answering:
    r"""f_n = s N^{-1/2} sum_mu xi_n^mu [c F(A, sigma_T) + g F(A, sigma)],  sigma -> -sigma at gamma e^{-sigma a A/2T}.

    feedback: g, a force of any sign, as c is in batch, of the neuron's own answers taken for labels. answer_rate:
    gamma > 0, of jumps at A = 0, in 1/time. answer_gain: a, how steeply the answer follows its field: at rest
    P(+1) = 1/(1 + e^{-a A / T}).

    The schedule s(t) multiplies both parts: it switches the rule, which cannot tell a label from an answer taken for
    one. Before time 0 it is off, so that weights start in their equilibrium N(0, T/k), and answers in theirs at these
    weights, whatever g is. Raises InputError for numbers out of range.

    Goldt and Seifert, PRL 118, 010601 (2017), for the jumps of the answer; feedback is not theirs.

    >>> Answering(feedback=0.25, answer_rate=1.0)
    Answering(feedback=0.25, answer_rate=1.0, answer_gain=1.0)
    """

    feedback: float
    answer_rate: float
    answer_gain: float = 1.0

    def __post_init__(self) -> None:
        for name in ("feedback", "answer_rate", "answer_gain"):
            object.__setattr__(self, name, number(name, getattr(self, name)))
        if not self.answer_rate > 0.0:
            rule = "must be > 0, the rate of jumps at field 0"
            raise InputError("answer_rate", self.answer_rate, rule, "leave it out where answers are instantaneous")

    def check(self, settings: Settings) -> None:
        """Raises InputError where a run has no jumping answers that the rule could take for labels."""
        for name, value in (("mode", "batch"), ("readout", "thermal")):
            if getattr(settings, name) != value:
                rule = f'answers that jump need {name}="{value}"'
                raise InputError(name, getattr(settings, name), rule, "or leave answer_rate and feedback out")
        if isinstance(settings.learner, Bcm | Stdp | Optimal | Metropolised):
            own = "has a state of its own in the place of the answer"
            rule = f"{settings.rule.name} {'moves by whole steps' if settings.metropolised else own}"
            raise InputError("rule", settings.rule.name, rule, "use a Rule, for instance sz.rules.hebbian")

    def finest_dt(self, settings: Settings) -> float:
        """max[0.2/gamma, 0.01/(mu k)]: heats then err by some 0.1 (gamma dt)^2, and by mu k dt at most, of themselves.

        Fast answers average within a step, which is why they do not shorten it without end. What the rule itself asks
        for comes on top, with c + |g| in the place of c.
        """
        return max(PER_JUMP / self.answer_rate, PER_MOTION / (settings.mobility * settings.stiffness))

    def start(self, fields: Array, temperature: float, first: int, keys: tuple[Any, Any]) -> Array:
        """+1 with probability 1/(1 + e^{-a A/T}), of one block of lanes from replica ``first`` on: (pattern, lane)."""
        from .._kernels.answers import prepare_answers

        answers = np.empty_like(fields)
        prepare_answers(fields, self.answer_gain, temperature, first, *keys, answers)
        return answers

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def half_law(settings: Settings) -> Array:
    """decay, push, kick, stiffness of half a step: what the weights do before and after the answers jump."""
    x = 0.5 * settings.mobility * settings.stiffness * settings.dt
    kick = sqrt(-expm1(-2.0 * x) * settings.temperature / settings.stiffness)
    return np.array([1.0 + expm1(-x), -expm1(-x) / settings.stiffness, kick, settings.stiffness])


def reciprocal_feedback(rule: Rule, answer_gain: float = 1.0) -> float | None:
    r"""g [F(A, +1) - F(A, -1)] = a: where one energy explains both how weights act on answers and answers on weights.

    The part of the feedback that is odd in the answer is then a sigma/2, the slope of -a sigma A/2, and what is left is
    a force of the field alone. It exists where F(A, +1) - F(A, -1) does not depend on A: a/2 for Hebb's rule, a for the
    Perceptron and for the gradient of the logistic loss; AdaTron, whose difference is |A|, has none. At s g of this
    value nothing flows at rest: e^{-E/T} is stationary. None where there is no such g.

    >>> from szilard.learning.rules import adatron, hebbian, perceptron
    >>> reciprocal_feedback(hebbian), reciprocal_feedback(perceptron, 3.0), reciprocal_feedback(adatron)
    (0.5, 3.0, None)
    """
    gain = number("answer_gain", answer_gain)
    if rule.uses_output or rule.uses_weight or rule.leak is not None:
        return None
    up, down = (np.array([rule.amplitude(a, y, 0.0, 0.0, rule.parameters) for a in PROBES]) for y in (1.0, -1.0))
    odd = up - down
    if odd[0] == 0.0 or np.any(np.abs(odd - odd[0]) > ALIKE * abs(odd[0])):
        return None
    return float(gain / odd[0])


def as_label_feedback(settings: Settings, answering: Answering) -> LabelFeedback | None:
    r"""The run of one weight, one pattern and an additive odd rule at s = 1, as the process of ``LabelFeedback``.

    Its weight is xi w, its push c F(+1), its feedback g F(+1) and its field a; None for other runs.
    """
    from ..continuous.feedback import LabelFeedback

    rule, task = settings.rule, settings.task
    if task.n_inputs != 1 or task.n_patterns != 1 or not (rule.additive and rule.odd):
        return None
    unit = float(rule.amplitude(0.0, 1.0, 0.0, 0.0, rule.parameters))
    return LabelFeedback(
        push=settings.strength * unit,
        feedback=answering.feedback * unit,
        field=answering.answer_gain,
        flip_rate=answering.answer_rate,
        stiffness=settings.stiffness,
        mobility=settings.mobility,
        temperature=settings.temperature,
    )
