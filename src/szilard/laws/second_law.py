"""What a network can have learned is paid for by the entropy and the heat of its weights."""

from __future__ import annotations

from typing import Literal

from ..check import BoundCheck
from ..errors import InputError
from ..estimate import Estimate, Sampled
from .given import Known, compared, in_range

Quantity = Literal["labels", "joint", "teacher", "one label"]
LEFT = {
    "labels": "sum I(true label : answer)",
    "joint": "I(weights : labels)",
    "teacher": "I(weights : teacher)",
    "one label": "I(true label : answer) of one unseen pattern",
}


@in_range
def second_law_of_learning(
    information: Known,
    cost: Known,
    *,
    labels: Literal["random", "teacher", "true"],
    quantity: Quantity = "labels",
) -> BoundCheck:
    r"""I <= sum_n [Delta S(w_n) + Q_n / T_n].

    information: what was learned, in nats, >= 0; cost: its right-hand side, in nats; give both as ``Sampled``
    of the same replicas and their correlation is kept. labels: how they arose. quantity: which information it
    is: the sum over labels needs independent labels, and is refused for a teacher (whose labels depend on
    each other, so that the sum may exceed the cost without any law being broken) and for one fixed set of
    labels (no ensemble, so no information to bound).
    Raises InputError for a quantity that the bound does not cover, and for numbers without an error.

    Goldt and Seifert, PRL 118, 010601 (2017); with the joint information it is the tighter form.
    """
    for side, given in (("information", information), ("cost", cost)):
        if not isinstance(given, Sampled | Estimate):
            rule = "must be an Estimate or a Sampled"
            raise InputError(side, given, rule, "Sampled.mean of one value per replica, or Estimate.exact of a number")
    if not isinstance(labels, str) or labels not in ("random", "teacher", "true"):
        raise InputError("labels", labels, 'must be "random", "teacher" or "true"', "say how they arose")
    if not isinstance(quantity, str) or quantity not in LEFT:
        raise InputError("quantity", quantity, f"must be one of {', '.join(LEFT)}", "name one")
    if labels == "teacher" and quantity == "labels":
        rule = "a teacher's labels depend on each other: their informations do not add up"
        raise InputError("quantity", quantity, rule, 'check "teacher", "joint" or "one label" instead')
    if labels == "true":
        rule = "one fixed set of labels has no entropy, so the bound covers nothing learned from it"
        raise InputError("labels", labels, rule, 'use labelling="random" or "teacher" on the same patterns')
    assumptions = [
        "the force depends on labels, weights and time only: never on the answer drawn from the neuron",
        "every weight has a heat bath of its own, with noise that knows nothing of the labels",
        "weights start in equilibrium, knowing nothing of the labels",
        "inputs fixed; entropies are conditional on them",
    ]
    if quantity == "labels":
        assumptions.append("labels independent and fair")
    name, reference = f"{LEFT[quantity]} <= sum [dS + Q/T]", "Goldt and Seifert, PRL 118, 010601 (2017)"
    return compared(name, information, cost, tuple(assumptions), reference)
