"""What the searches found, in sentences: every word follows from the numbers."""

from __future__ import annotations

from collections.abc import Sequence

from ..part import Record
from .adversary_groups import Group
from .opponents import ROUNDING

SLOW, STRONG, WEAK = 100.0, 0.9, 0.1


def gist(kept: Sequence[Group], broken: Sequence[Group], feedback: Record) -> str:
    """The search in a sentence: whether it broke the law where it must hold, and where it need not."""
    tried, violations = sum(g.evaluations for g in kept), sum(g.violations for g in kept)
    best = max(g.ratio for g in kept)
    seen = sum(g.violations > 0 for g in broken) + bool(feedback["violations"])
    held = f"finds no violation (closest I = {best:.4f} of the right side)" if not violations else "BREAKS the law"
    return (
        f"A search of {tried:,} small learners that keep all assumptions {held}; where one is missing it finds the "
        f"violation in {seen} of {len(broken) + 1} cases."
    )


def kept_text(kept: Sequence[Group]) -> str:
    """Whether the law held wherever it must, and how close it was come to."""
    tried = sum(g.evaluations for g in kept)
    lost = sum(int(r["lost"]) for g in kept for r in g.records)
    aside = f" ({lost:,} of them gave no finite number)" if lost else ""
    guilty = [g for g in kept if g.violations]
    if guilty:
        worst = max(guilty, key=lambda g: float(g.found["information"]) - g.right_side)
        return (
            f"VIOLATION: {sum(g.violations for g in guilty):,} of {tried:,} learners{aside} that keep all assumptions "
            f"have I > ΔS + Q/T by more than rounding; the worst ({worst.title}) learns "
            f"{worst.found['information']:.6g} nats at a cost of {worst.right_side:.6g}, {words(worst)}. "
            "Either the law or this program is wrong."
        )
    best = max(kept, key=lambda g: g.ratio)
    rest = sorted((g for g in kept if g is not best), key=lambda g: g.ratio)
    others = ""
    if rest:
        ends = " to ".join(dict.fromkeys(f"{g.ratio:.4f} ({g.title})" for g in (rest[0], rest[-1])))
        kinds = f"the other {len(rest)} kinds of learner" if len(rest) > 1 else "the other kind of learner"
        others = f" The closest approach of {kinds} is {ends}."
    return (
        f"{sum(len(g.records) for g in kept)} searches computed {tried:,} learners exactly{aside} that keep all "
        f"assumptions, and not one has I > ΔS + Q/T beyond rounding ({ROUNDING:g} of all that is booked). They come as "
        f"close as I = {best.ratio:.5f} (ΔS + Q/T) with {best.title}, {words(best)}; its searches "
        f"for the ratio end at {span(best.approaches, '.5f')}.{others}"
    )


def broken_text(broken: Sequence[Group], feedback: Record) -> str:
    """Whether the same search sees a violation where there is one, and how soon."""
    seen = [g for g in broken if g.violations]
    missed = [g.title for g in broken if not g.violations] + ([] if feedback["violations"] else ["label feedback"])
    every = len(broken) + 1
    after = [f"{g.title} after {span(g.first, 'd')}" for g in seen]
    said = f"Where an assumption or a term is missing it finds the violation in {every - len(missed)} of {every} cases"
    told = f"{said}: {'; '.join(after)} learners." if after else f"{said}."
    return told + (f" It MISSES it for {', '.join(missed)}, so that its silence proves little." if missed else "")


def feedback_text(feedback: Record, known: Record) -> str:
    """How far the neuron's own answer lets the weight cool its bath."""
    point = f"Q/T = {known['heat']:.7f} per time at the known point".replace("-", "−")
    if not feedback["violations"]:
        return f"With label feedback no state was found that cools the weight's bath ({point})."
    deeper = "deeper than" if feedback["heat"] < known["heat"] - known["error"] else "not deeper than"
    return (
        f"With label feedback the weight cools its bath for ever, by {-feedback['heat']:.4f} T per time at "
        f"g/a = {feedback['feedback'] / feedback['field']:.2f}, a = {feedback['field']:.2f}, "
        f"γ = {feedback['flip_rate']:.2f} (the first such state after {feedback['first']} of "
        f"{feedback['evaluations']}), {deeper} the {point}; ΔS + Q/T then falls below any I."
    )


def words(group: Group) -> str:
    """The learner to be judged: how fast, how strong, how it answers."""
    found, traits = group.found, group.found["traits"]
    share = found["information"] / found["labels"]
    unit = "attempted jumps" if "prior" in traits else "relaxation times"
    more = [f"force of {traits['force']:.2g} thermal widths"] if "force" in traits else []
    more += [f"{traits['readout']} readout"] if "readout" in traits else []
    more += [f"larger prior {traits['prior']:.2f}"] if "prior" in traits else []
    learned = f"{100.0 * share:.1f} %" if share > 0.01 else f"{100.0 * share:.1g} %"
    said = ", ".join([f"{float(traits['time']):.3g} {unit}", *more, f"{learned} of the labels' entropy learned"])
    return f"{manner(group)} ({said})"


def manner(group: Group) -> str:
    """How fast and how strong."""
    time, share = float(group.found["traits"]["time"]), group.found["information"] / group.found["labels"]
    pace = "slow" if time > SLOW else "fast" if time < 1.0 else "neither slow nor fast"
    much = "strong" if share > STRONG else "weak" if share < WEAK else "of middle strength"
    return f"{pace}, {much}"


def span(values: Sequence[float], digits: str) -> str:
    """The smallest to the largest, once where they are shown alike.

    >>> span([3, 40], "d"), span([1.0, float("inf")], ".2f"), span([0.12, 0.121], ".2f")
    ('3 to 40', '1.00 to ∞', '0.12')
    """
    ends = dict.fromkeys("∞" if v == float("inf") else f"{v:{digits}}" for v in (values[0], values[-1]))
    return " to ".join(ends)
