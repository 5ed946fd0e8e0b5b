r"""What learning costs where the neuron's own answers act back on its weights: the second law of both together.

True labels are static, and weights and answers know nothing of them at the start, so that

    I(sigma_T : (w, sigma))  <=  Delta S(w, sigma) + (Q_w + Q_sigma)/T,

whatever the answers do to the weights. Of the weights alone I <= Delta S(w) + Q_w/T fails: they may take up heat for
ever, and the answers pay for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..check import BoundCheck
from ..errors import InputError, number
from ..estimate import Sampled, numbers
from ..markup import table_of_fields

Array = NDArray[np.float64]


@dataclass(frozen=True)
class JumpingAnswers:
    r"""Delta S(sigma | w) + Q_sigma/T  <=  <Delta sum_mu ln(1 + e^{-sigma^mu a A^mu/T})> + Q_sigma/T.

    What the answers of every replica came to. answers: (replica, pattern) of +-1 at the end. surprise_change:
    (replica,), of ``thermal_surprise`` summed over patterns, since the start; heat: (replica,), into the answers' bath,
    in k_B T0. jumps: (replica,), how often answers changed.
    """

    answers: Array
    surprise_change: Array
    heat: Array
    jumps: Array

    def right(self, labels: ArrayLike) -> Array:
        """1 where the answer is the true label, else 0: (replica, pattern)."""
        return np.asarray((self.answers == np.asarray(labels)).astype(np.float64))

    def cost(self, temperature: float) -> Sampled:
        r"""<Delta surprise> + <Q_sigma>/T in nats: what the answers add to the cost of the weights, at most.

        It is Delta S(sigma | w) + Q_sigma/T plus D(p(sigma | w) || thermal) at the end, and so not less than that:
        answers start in equilibrium at the weights, and S(sigma | w) is at most their mean surprise. Both agree where
        answers are fast.
        """
        return Sampled.mean(self.surprise_change + self.heat / temperature, "upper")

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def thermal_surprise(fields: ArrayLike, answers: ArrayLike, answer_gain: float, temperature: float) -> Array:
    r"""-ln p(sigma | A) = ln(1 + e^{-sigma a A / T}) of answers in equilibrium at their field, in nats.

    fields, answers: of one shape, any; +-1. Its mean over replicas, summed over patterns, is an upper bound of
    S(sigma | w) whatever the law of the answers is (Gibbs' inequality), attained in equilibrium.
    Raises InputError for shapes that differ.

    >>> thermal_surprise([0.0, 3.0], [1.0, -1.0], 1.0, 1.0).round(4)
    array([0.6931, 3.0486])
    """
    a, sigma = numbers(fields, "fields"), numbers(answers, "answers")
    if a.shape != sigma.shape:
        raise InputError("answers", sigma.shape, f"must have the shape of the fields, {a.shape}", "one for each field")
    gain, warm = number("answer_gain", answer_gain), number("temperature", temperature)
    return np.asarray(np.logaddexp(0.0, -gain * sigma * a / warm))


def second_law_with_answers(information: Sampled, cost: Sampled, *, independent: bool = True) -> BoundCheck:
    r"""I <= Delta S(w) + Delta S(sigma | w) + (Q_w + Q_sigma)/T, for weights and answers as one system.

    information: I(sigma_T : (w, sigma)) or less, such as sum_mu I(sigma_T^mu : sigma^mu) of independent labels, or what
    any readout of the weights tells. cost: that of the weights, each on its own or together, plus
    ``JumpingAnswers.cost``. Both of the same replicas, in nats. independent: whether the information is a sum over
    labels that are independent and fair.

    Goldt and Seifert, PRL 118, 010601 (2017), for answers that do not act back; the joint form is derived here.

    >>> told, paid = (Sampled.mean(np.linspace(low, low + 0.1, 200)) for low in (0.2, 0.9))
    >>> second_law_with_answers(told, paid).verdict
    'holds'
    """
    assumptions = [
        "labels are static; weights and answers know nothing of them at the start",
        "weights start in equilibrium, answers in equilibrium at these weights",
        "every weight and every answer has a heat bath of its own, with noise that knows nothing of the labels",
        "inputs fixed; entropies are conditional on them",
        "S(answers | weights) at the end is counted by their mean surprise, which is not less: the law holds for it",
    ]
    if independent:
        assumptions.append("labels independent and fair")
    paid = replace(cost, side="two-sided")
    difference = (paid - information).estimate()
    name = "I <= dS(weights, answers) + (Q_weights + Q_answers)/T"
    return BoundCheck(name, information.estimate(), paid.estimate(), tuple(assumptions), "", difference.stderr)
