"""Which numbers of a study are not to be trusted, and how many replicas would settle them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, inf, isfinite

from ..check import HOLDS_SIGMAS, VIOLATED_SIGMAS
from ..errors import InputError
from ..estimate import ENOUGH, Estimate
from ..study.precision import Precision
from .numbers import words
from .runs import Run
from .tables import cells_of_name, count_cell, row_of, table_of

MOST_LISTED = 60
FEW = 6
"""Doubts that are shown at once; more are unfolded."""


@dataclass(frozen=True)
class Doubt:
    """What is the matter with a run, and the replicas that would settle it: infinite where no number does."""

    run: Run
    what: str
    needed: float


def needed_replicas(replicas: int, error: float, aim: float) -> float:
    r"""n' = n (sigma / sigma')^2: replicas for which a standard error sigma from n of them becomes sigma'.

    Errors of means fall as n^{-1/2}. For a verdict that wants a gap of z standard errors, sigma' = gap / z, so that
    n' = n (z sigma / gap)^2. The gap is then z standard errors on average: half of such runs lie below that. Where the
    gap is itself below one standard error, n' is no more than its order of magnitude.

    replicas: n >= 1; error: sigma >= 0; aim: sigma', both in one unit. Infinite where the aim is zero or sigma is not
    known. Raises InputError for fewer than one replica or a negative error. Derived here.

    >>> needed_replicas(1000, 0.5, 0.25)
    4000.0
    """
    if replicas < 1:
        raise InputError("replicas", replicas, "must be >= 1", "give those that the error comes from")
    if not (error >= 0.0 and aim >= 0.0):
        raise InputError("error, aim", (error, aim), "must be >= 0", "give standard errors")
    if not (aim > 0.0 and isfinite(error)):
        return inf
    return replicas * (error / aim) ** 2


def replicas_for_verdict(run: Run) -> float:
    """The replicas after which the second law would hold, or be violated, if the gap stays as it was measured."""
    left, right = _sides(run)
    may_hold = left in ("two-sided", "upper") and right in ("two-sided", "lower")
    may_break = left in ("two-sided", "lower") and right in ("two-sided", "upper")
    margin = run.estimates.get("margin", Estimate.exact(0.0)).value
    if run.replicas < 1 or not isfinite(margin) or (margin >= 0.0 and not may_hold) or (margin < 0.0 and not may_break):
        return inf
    wanted = HOLDS_SIGMAS if margin >= 0.0 else VIOLATED_SIGMAS
    return max(needed_replicas(run.replicas, 1.0, abs(margin) / wanted), float(run.replicas), ENOUGH)


def _sides(run: Run) -> tuple[str, str]:
    """Of what was learned, in the form that the law bounds, and of the cost."""
    of_one = run.labelling == "teacher" and "fresh_information" in run.estimates
    learned = run.estimates.get("fresh_information" if of_one else "learned")
    cost = run.estimates.get("cost")
    right = "two-sided" if answers_back(run) else cost.side if cost else "none"
    return learned.side if learned else "none", right


def answers_back(run: Run) -> bool:
    """Whether answers jump, so that the law is that of weights and answers, which holds for its cost as booked."""
    return "answer_rate" in run.at or run.at.get("feedback", 0.0) != 0.0


def needed_text(run: Run) -> str:
    """What would settle an open verdict, in words; for a violated one what to look at."""
    if run.verdict == "violated":
        return "look at the assumptions, then halve dt, then change the seed"
    if run.verdict != "inconclusive":
        return ""
    needed = replicas_for_verdict(run)
    if not isfinite(needed):
        left, right = _sides(run)
        if left == right == "two-sided":
            return "no number of replicas: no gap was found"
        return f"no number of replicas: what was learned is {SAID[left]}, the cost {SAID[right]}"
    return f"{counted(needed)} replicas"


SAID = {
    "two-sided": "an estimate",
    "upper": "an upper bound",
    "lower": "a lower bound",
    "none": "neither an estimate nor a bound",
}


def counted(replicas: float) -> str:
    """A number of replicas as people read it: two digits, rounded up.

    >>> counted(8910.2), counted(100.0), counted(3.2e11), counted(float("inf"))
    ('9000', '100', 'about 3.2e+11', 'none')
    """
    if not isfinite(replicas):
        return "none"
    if replicas >= 1e6:
        return f"about {replicas:.2g}"
    whole = ceil(replicas)
    step = 10 ** max(0, len(str(whole)) - 2)
    return f"{ceil(whole / step) * step}"


def doubts_of(runs: Sequence[Run], precision: Precision | None = None) -> list[Doubt]:
    """Reasons not to trust a number: few effective samples, an unknown error, an open verdict, an error missed.

    precision: what the study asked for, if it did. The effective samples of these means are their replicas.
    """
    found = []
    for run in runs:
        if 0 < run.replicas < ENOUGH:
            found.append(Doubt(run, f"{run.replicas} effective samples, fewer than {ENOUGH:.0f}", ENOUGH))
        unknown = [name for name, e in run.estimates.items() if not isfinite(e.stderr)]
        if unknown:
            found.append(Doubt(run, f"no error is known of {', '.join(unknown)}", inf))
        if run.verdict == "inconclusive":
            margin = run.estimates.get("margin")
            told = f" ({margin.value:+.1f} σ)".replace("-", "−") if margin is not None else ""
            found.append(Doubt(run, f"the second law is left open{told}", replicas_for_verdict(run)))
        if precision is not None and not run.reached and precision.quantity in run.estimates:
            e = run.estimates[precision.quantity]
            aim = precision.target(e.value)
            what = f"the error of the {precision.quantity} is {e.stderr:.3g}, asked for was {aim:.3g}"
            found.append(Doubt(run, what, needed_replicas(max(run.replicas, 1), e.stderr, aim)))
    return found


def doubts_section(doubts: Sequence[Doubt]) -> str:
    """A warning with the needed number of replicas for each of them; nothing where there are none."""
    if not doubts:
        return ""
    runs = len({doubt.run.number for doubt in doubts})
    text = (
        f"<strong>Not to be trusted as it stands:</strong> {len(doubts)} point{'' if len(doubts) == 1 else 's'} in "
        f"{runs} run{'' if runs == 1 else 's'}. The last column says how many replicas would settle it, if gaps and "
        "spreads stay as they were measured."
    )
    rows = [
        row_of(
            [*cells_of_name(doubt.run), words(doubt.what), count_cell(doubt.run.replicas), _needed(doubt)],
            number=doubt.run.number,
        )
        for doubt in doubts[:MOST_LISTED]
    ]
    caption = "n needed = n (z σ / gap)², errors falling as 1/√n; 'none': no number of replicas helps"
    if len(doubts) > MOST_LISTED:
        caption = f"The first {MOST_LISTED} of {len(doubts)}. " + caption
    heads = ("rule", "force", "schedule", "rate", "what is the matter", "replicas", "needed")
    table = table_of(heads, rows, caption, sortable=True)
    shown = " open" if len(doubts) <= FEW else ""
    return f'<aside class="missing"><p>{text}</p><details{shown}><summary>One by one</summary>{table}</details></aside>'


def _needed(doubt: Doubt) -> str:
    value = f' data-v="{doubt.needed!r}"' if isfinite(doubt.needed) else ""
    return f'<td class="n"{value}>{escape(counted(doubt.needed))}</td>'
