"""BCM: what is active above a threshold is strengthened, below it weakened; the threshold follows the activity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..errors import InputError, number
from ..markup import table_of_fields
from .rule import Rule


def _bcm(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return field * (field - output)


@dataclass(frozen=True)
class Bcm:
    r"""f_n = c N^{-1/2} sum_mu xi_n^mu A^mu (A^mu - theta),  d theta/dt = (<A^2> - theta) / averaging.

    The output is the field A itself, <A^2> its mean square over the patterns shown; theta starts at T/k, its mean
    before learning. averaging: the time over which activity is averaged, > 0. The label plays no part. The threshold
    has no bath of its own and depends on earlier weights: weights and threshold together are driven, and no bound on
    what the weights alone may gain is claimed.
    Raises InputError if averaging is not a number > 0.

    Bienenstock, Cooper and Munro, J. Neurosci. 2, 32 (1982); with theta = <A^2>, Intrator and Cooper,
    Neural Networks 5, 3 (1992).

    >>> Bcm(averaging=2.0).rule.name
    'bcm'
    """

    averaging: float = 1.0

    def __post_init__(self) -> None:
        if not number("averaging", self.averaging) > 0.0:
            raise InputError("averaging", self.averaging, "must be > 0", "give the threshold's time")

    @property
    def name(self) -> str:
        """The rule's name."""
        return self.rule.name

    @cached_property
    def rule(self) -> Rule:
        """The amplitude; it reads the threshold in the place of the output."""
        return Rule("bcm", _bcm)

    def _repr_html_(self) -> str:
        return table_of_fields(self)
