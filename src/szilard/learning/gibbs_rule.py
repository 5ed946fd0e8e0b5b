"""Rules that are obeyed by chance and temperature alone: an energy, and moves that are accepted or not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..errors import InputError
from .rule import PROBES, Rule


def _no_force(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return 0.0


def _errors(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return 0.0 if label * field > 0.0 else 1.0


@dataclass(frozen=True)
class Metropolised:
    r"""E(w; s) = k w^2/2 + c s(t) sum_mu loss(A^mu, sigma_T^mu), moves accepted with min(1, e^{-c s Delta loss/T}).

    Any rule with a loss, and only its loss: the moves are those of the free weights, two at a time, so that e^{-E/T} is
    stationary whatever dt, c and the shape of the loss. Jarzynski's equality holds at any dt. c is an energy, in
    k_B T0 per unit of loss. As dt -> 0 these are the Langevin dynamics of E (batch learning only); at larger dt they
    are slower where moves are refused: lower dt until most are accepted.
    Raises InputError if the rule has no loss.

    >>> Metropolised(Rule("hebb", lambda a, y, o, w, p: y, lambda a, y, o, w, p: -y * a)).name
    'metropolised hebb'
    """

    rule: Rule

    def __post_init__(self) -> None:
        if not isinstance(self.rule, Rule):
            raise InputError("rule", self.rule, "must be a Rule", "for instance sz.rules.perceptron")
        if self.rule.loss is None:
            fix = "give Rule(..., loss=...) or another rule"
            raise InputError("rule", self.rule.name, "moves are accepted by their loss, and it has none", fix)

    @property
    def name(self) -> str:
        """The rule's name, and that it is metropolised where the rule has a force of its own."""
        return self.rule.name if self.counts_errors else f"metropolised {self.rule.name}"

    @cached_property
    def counts_errors(self) -> bool:
        """Whether the loss is the number of patterns that the sign of A answers wrongly."""
        loss, known = self.rule.loss, self.rule.parameters
        assert loss is not None
        fields = (*PROBES, 1e-9, -1e-9, 1e3, -1e3)
        return all(loss(a, y, 0.0, 0.0, known) == (0.0 if y * a > 0 else 1.0) for a in fields for y in (-1.0, 1.0))


gibbs = Metropolised(Rule("gibbs", _no_force, _errors))
r"""loss theta(-sigma_T A), the number of errors, metropolised; A = 0 is an error, as the sign readout has it.

At rest the weights are uniform in direction within each cell of equal answers, and a cell with d errors has the weight
e^{-c d/T}: as c -> infinity only the version space is left. Gardner, J. Phys. A 21, 257 (1988).
"""
