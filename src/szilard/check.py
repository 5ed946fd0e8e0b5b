"""Whether one estimate is not larger than another, or equals it, said only as surely as the two allow."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import Literal

from .errors import InputError, is_number
from .estimate import Estimate
from .markup import table

Verdict = Literal["holds", "holds, saturated", "violated", "inconclusive"]
Relation = Literal["<=", "="]
VIOLATED_SIGMAS = 5.0
HOLDS_SIGMAS = 2.0
EQUAL_SIGMAS = 3.0
ROUNDING = 1e-9


@dataclass(frozen=True)
class BoundCheck:
    """smaller <= larger, or smaller = larger, judged from estimates.

    "violated": larger - smaller < -5 sigma, and no one-sided closure explains it. "holds": the
    difference exceeds 2 sigma and both sides permit the claim. "holds, saturated": both are exact and
    equal to rounding. Everything else, and whatever rests on fewer than 100 effective samples, is
    "inconclusive".
    relation "=": "smaller" was measured and "larger" is what it must be. "violated": they differ by more than 5
    sigma, and no one-sided closure explains it. "holds": both are two-sided and differ by at most 3 sigma; how sharp
    that is, ``slack_stderr`` says.
    ``stderr`` is the standard error of the difference if the two are correlated; else errors add in squares.

    >>> BoundCheck("I <= cost", Estimate(0.3, 0.01, 500), Estimate(0.7, 0.01, 500)).verdict
    'holds'
    """

    name: str
    smaller: Estimate
    larger: Estimate
    assumptions: tuple[str, ...] = ()
    reference: str = ""
    stderr: float | None = None
    relation: Relation = "<="

    def __post_init__(self) -> None:
        for name in ("smaller", "larger"):
            side = getattr(self, name)
            if not isinstance(side, Estimate):
                rule = "must be an Estimate"
                raise InputError(name, side, rule, "Estimate.exact of a number, Sampled.mean(samples).estimate()")
        if self.stderr is not None and not (is_number(self.stderr) or self.stderr == float("inf")):
            raise InputError("stderr", self.stderr, "must be a number or None", "leave it out where errors are apart")
        if self.stderr is not None and self.stderr < 0.0:
            raise InputError("stderr", self.stderr, "must be >= 0", "give the standard error of the difference")
        if not isinstance(self.relation, str) or self.relation not in ("<=", "="):
            raise InputError("relation", self.relation, 'must be "<=" or "="', "name one of them")

    @property
    def slack(self) -> float:
        """larger - smaller, in the bound's own unit."""
        return self.larger.value - self.smaller.value

    @property
    def slack_stderr(self) -> float:
        """The standard error of the slack."""
        return hypot(self.smaller.stderr, self.larger.stderr) if self.stderr is None else self.stderr

    @property
    def margin(self) -> float:
        """slack / stderr, in sigmas; infinite with the slack's sign where both numbers are exact."""
        if self.slack_stderr > 0.0:
            return self.slack / self.slack_stderr
        return 0.0 if self._attained else float("inf") * self.slack

    @property
    def _attained(self) -> bool:
        """Whether the two agree to rounding."""
        return abs(self.slack) <= ROUNDING * max(abs(self.larger.value), abs(self.smaller.value)) < float("inf")

    @property
    def verdict(self) -> Verdict:
        """holds, "holds, saturated", violated or inconclusive."""
        if not (self.smaller.trusted and self.larger.trusted):
            return "inconclusive"
        may_hold = self.smaller.side in ("two-sided", "upper") and self.larger.side in ("two-sided", "lower")
        may_break = self.smaller.side in ("two-sided", "lower") and self.larger.side in ("two-sided", "upper")
        if self.relation == "=":
            apart = (may_break and self.margin < -VIOLATED_SIGMAS) or (may_hold and self.margin > VIOLATED_SIGMAS)
            equal = may_break and may_hold and abs(self.margin) <= EQUAL_SIGMAS
            return "violated" if apart else "holds" if equal else "inconclusive"
        if may_hold and self.slack_stderr == 0.0 and self._attained:
            return "holds, saturated"
        if may_break and self.margin < -VIOLATED_SIGMAS:
            return "violated"
        if may_hold and self.margin > HOLDS_SIGMAS:
            return "holds"
        return "inconclusive"

    @property
    def tightness(self) -> float:
        """smaller / larger: 1 where the bound is attained."""
        return self.smaller.value / self.larger.value if self.larger.value else float("nan")

    def _repr_html_(self) -> str:
        rows = [
            ["verdict", self.verdict],
            ["left side", repr(self.smaller), self.smaller.side],
            [f"{self.relation} right side", repr(self.larger), self.larger.side],
            ["slack", repr(Estimate(self.slack, self.slack_stderr)), f"{self.margin:+.1f} sigma"],
            *([] if self.stderr is None else [["its error", f"{self.stderr!r}", "the two sides are correlated"]]),
            ["tightness", f"{self.tightness:.3g}", "left / right"],
            *(["assumes", line] for line in self.assumptions),
            *([["reference", self.reference]] if self.reference else []),
        ]
        return table(self.name, rows)

    def __str__(self) -> str:
        return f"{self.name}: {self.verdict} ({self.smaller!r} against {self.larger!r}, {self.margin:+.1f} sigma)"
