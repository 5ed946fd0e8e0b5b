"""All laws that apply to one result, in one table and one figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from typing import TYPE_CHECKING

from ..check import BoundCheck
from ..errors import InputError
from ..estimate import ENOUGH, Estimate
from ..markup import table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEADER = ("law", "left side", "", "right side", "slack / sigma", "tightness", "verdict")
NUMBERS = (4, 5)
"""Columns that end at the right."""


@dataclass(frozen=True, repr=False)
class Laws:
    """Bounds (left side <= right side) and equalities (left side = right side), each with its verdict.

    Iterate over them, count them, or take one by its number, by its name or by a part that no other name has.
    ``violated``: those broken by more than 5 sigma. ``left_out``: laws that cannot be checked here, and why.
    As text: both sides with their standard errors; slack, right - left, in sigmas ("exact" where both are exact);
    tightness, left / right; and what a side that is not to be trusted is worth in independent samples.
    Raises InputError for anything but BoundCheck, or two of one name.

    >>> Laws([BoundCheck("0 <= <S>", Estimate.exact(0.0), Estimate(1.26, 0.02, 1000))])
    1 law: 1 holds
      law       left side      right side      slack / sigma  tightness  verdict
      0 <= <S>  0          <=  1.260 +- 0.020          +63.0          0  holds
    """

    checks: tuple[BoundCheck, ...]
    left_out: tuple[str, ...]

    def __init__(self, checks: Sequence[BoundCheck], left_out: Sequence[str] = ()) -> None:
        found = tuple(checks) if isinstance(checks, (list, tuple)) else ()
        if not isinstance(checks, (list, tuple)) or not all(isinstance(check, BoundCheck) for check in found):
            raise InputError("checks", checks, "must be a list of BoundCheck", "laws.jarzynski(...), for instance")
        names = [check.name for check in found]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError("checks", twice, "two laws have this name", "give every law once")
        object.__setattr__(self, "checks", found)
        object.__setattr__(self, "left_out", tuple(left_out))

    def __iter__(self) -> Iterator[BoundCheck]:
        return iter(self.checks)

    def __len__(self) -> int:
        return len(self.checks)

    def __getitem__(self, name: str | int) -> BoundCheck:
        """The law of this number or name, or the only one whose name contains it."""
        if isinstance(name, int):
            return self.checks[name]
        exact = [check for check in self.checks if check.name == name]
        found = exact or [check for check in self.checks if isinstance(name, str) and name in check.name]
        if len(found) != 1:
            rule = f"names {len(found)} laws" if found else "names no law"
            raise InputError("name", name, rule, f"one of: {'; '.join(c.name for c in found or self.checks) or 'none'}")
        return found[0]

    @property
    def violated(self) -> tuple[BoundCheck, ...]:
        """Those broken by more than 5 sigma."""
        return tuple(check for check in self.checks if check.verdict == "violated")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Every law on a line of its own: left side over right side, with two standard errors of the slack.

        1 is where a bound is attained; the side that it allows is shaded.
        """
        from ..plotting import axes_or_new, bounds_panel, house_style

        rows = [
            (c.name, c.smaller.value, c.larger.value, c.slack_stderr, c.verdict, c.relation == "=") for c in self.checks
        ]
        with house_style():
            ax = axes_or_new(ax, (8.0, 1.1 + 0.42 * len(rows)))
            bounds_panel(ax, rows)
        return ax

    def _repr_html_(self) -> str:
        out = [f"left out: {reason}" for reason in self.left_out]
        return table(self._summary(), [_cells(check) for check in self.checks], HEADER, out)

    def _summary(self) -> str:
        verdicts = [check.verdict.rpartition(", ")[2] for check in self.checks]
        counts = ", ".join(f"{verdicts.count(v)} {v}" for v in dict.fromkeys(verdicts))
        return f"{len(verdicts)} law{'s' * (len(verdicts) != 1)}" + (f": {counts}" if counts else "")

    def __repr__(self) -> str:
        out = [f"  left out: {reason}" for reason in self.left_out]
        if not self.checks:
            return "\n".join([self._summary(), *out])
        rows = [HEADER, *(_cells(check) for check in self.checks)]
        wide = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
        lines = (
            "  ".join(
                cell.rjust(w) if i in NUMBERS else cell.ljust(w)
                for i, (cell, w) in enumerate(zip(row, wide, strict=True))
            ).rstrip()
            for row in rows
        )
        return "\n".join([self._summary(), *(f"  {line}" for line in lines), *out])


def _cells(check: BoundCheck) -> tuple[str, ...]:
    slack = f"{check.margin:+.1f}" if isfinite(check.margin) and check.slack_stderr > 0.0 else "exact"
    if not isfinite(check.slack_stderr):
        slack = "-"
    pointless = isnan(check.tightness) or (check.relation == "=" and abs(check.larger.value) < check.slack_stderr)
    tightness = "-" if pointless else f"{check.tightness:.3g}"
    worth = min((e.ess for e in (check.smaller, check.larger) if e.ess is not None), default=ENOUGH)
    verdict = check.verdict + (f": worth {worth:.2g} samples" if worth < ENOUGH else "")
    return (check.name, _short(check.smaller), check.relation, _short(check.larger), slack, tightness, verdict)


def _short(estimate: Estimate) -> str:
    """The number with its error: without the count, which is the same for all."""
    if estimate.stderr == 0.0:
        marks = {"two-sided": "", "upper": "<= ", "lower": ">= ", "none": "? "}
        return f"{marks[estimate.side]}{estimate.value:.6g}"
    return repr(estimate).split(" (")[0]
