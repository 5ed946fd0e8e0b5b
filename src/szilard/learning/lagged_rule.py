"""Spike timing by rates: what a synapse brings before the neuron is active grows, what it brings after shrinks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..markup import table_of_fields
from .rule import Rule


def _stdp(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return output


@dataclass(frozen=True)
class Stdp:
    r"""f_n = c N^{-1/2} sum_mu (potentiation xi_n^{mu-1} - depression xi_n^{mu+1}) A^mu, patterns in a cycle.

    Pair-based plasticity of a linear neuron of rate A that sees its patterns one after the other: a pattern followed by
    activity is potentiated, one preceded by it depressed (batch learning only). The effective drift matrix has an
    antisymmetric part, proportional to potentiation + depression where the patterns have a direction: driving.
    The noise is the bath's; that of the spikes themselves is in ``stdp_synapse``.
    Raises InputError if one of the two is not a finite number.

    Kempter, Gerstner and van Hemmen, Phys. Rev. E 59, 4498 (1999).

    >>> Stdp(potentiation=1.0, depression=0.8).rule.parameters
    (1.0, 0.8)
    """

    potentiation: float = 1.0
    depression: float = 1.0

    def __post_init__(self) -> None:
        _ = self.rule

    @property
    def name(self) -> str:
        """The rule's name."""
        return self.rule.name

    @cached_property
    def rule(self) -> Rule:
        """The amplitude; in the place of the output it reads potentiation A^{mu+1} - depression A^{mu-1}."""
        return Rule("stdp", _stdp, parameters=(self.potentiation, self.depression))

    def _repr_html_(self) -> str:
        return table_of_fields(self)
