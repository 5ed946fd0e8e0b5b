"""How many replicas a stated error takes, decided on replicas that are not used again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, inf, isfinite
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ..estimate import Estimate
from .strict import Positive, Strict

Quantity = Literal["learned", "heat", "work", "entropy", "cost", "efficiency_marginal", "error", "held_out_error"]
COARSE = 3.0
"""Scouts stop at this many times the error asked for: of all replicas about a fifth are then scouts."""
SHARE = 0.25
"""Of the budget, beyond which no further scouts are sent."""
DOUBTS = 2.0
"""Standard errors by which the scouts' prediction may be wrong before the error is missed."""


class Precision(Strict):
    r"""Replicas until stderr(quantity) <= relative_error |quantity|, or absolute_error, or ``at_most`` are spent.

    Looking at an error and going on until it is small picks, on average, samples whose error came out small: the mean
    is biased and its error too short. So the number is decided by scouts: ensembles of block, 2 block, 4 block ...
    replicas with noise of their own, until their error is 3 times the one asked for. The run itself then has a fixed
    number of fresh replicas, in whole blocks, predicted by stderr ~ n^{-1/2} with two standard errors to spare. Its
    numbers have never been looked at: they are as unbiased as those of a run whose number the file gives, and scouts
    are in none of them.
    """

    quantity: Literal[
        "learned", "heat", "work", "entropy", "cost", "efficiency_marginal", "error", "held_out_error"
    ] = "cost"
    relative_error: Positive | None = None
    absolute_error: Positive | None = None
    block: Annotated[int, Field(ge=200, le=10**6)] = 1000
    at_most: Annotated[int, Field(ge=200, le=10**8)] = 100_000

    @model_validator(mode="after")
    def _asks(self) -> Precision:
        if self.relative_error is None and self.absolute_error is None:
            raise ValueError("must have relative_error or absolute_error")
        if 2 * self.block > self.at_most:
            raise ValueError("at_most must be two blocks or more: one for the scouts")
        return self

    def target(self, value: float) -> float:
        """The error asked for: the larger of the two where both are given."""
        return max((self.relative_error or 0.0) * abs(value), self.absolute_error or 0.0)


@dataclass(frozen=True)
class Scouted:
    """What the scouts found: how many replicas to take, and how many they were."""

    replicas: int
    scouts: int


def scouted(precision: Precision, scout: Callable[[int, int], Estimate]) -> Scouted:
    r"""n = block ceil[(s_1/target)^2 (1 + 2 delta)/block] of the last scouts, s_1^2 = n_scouts stderr^2.

    scout(replicas, number): the quantity from the ensemble of that number. delta: the
    relative error of s_1 and of the target together, so that (of Gaussian scatter) the error asked for is missed about
    once in forty.
    Where the budget does not suffice all that is left of it is taken.
    """
    spent, replicas, number = 0, precision.block, 0
    while True:
        found = scout(replicas, number)
        spent += replicas
        needed = inf
        if isfinite(found.stderr):
            target = precision.target(found.value)
            if target > 0.0:
                needed = replicas * (found.stderr / target) ** 2
        if needed <= COARSE**2 * replicas or spent + 2 * replicas > SHARE * precision.at_most:
            break
        replicas, number = 2 * replicas, number + 1
    doubt = 0.0
    if isfinite(needed):
        doubt = (2.0 * replicas) ** -0.5
        if precision.target(found.value) > (precision.absolute_error or 0.0):
            doubt += found.stderr / abs(found.value)
    left = precision.at_most - spent
    wanted = needed * (1.0 + DOUBTS * doubt) ** 2
    blocks = ceil(wanted / precision.block) if isfinite(wanted) else left
    take = min(max(blocks, 1), left // precision.block) * precision.block
    return Scouted(take, spent)
