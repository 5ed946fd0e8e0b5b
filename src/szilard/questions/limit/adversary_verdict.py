"""What the searches say: verdicts, table, figure and arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...check import BoundCheck
from ...estimate import Estimate
from ...reporting.numbers import DASH
from ..part import Entry, Finding, Picture, Record, Table, Variable, joined
from .adversary_figure import Cloud, Course, draw_searches
from .adversary_groups import Group, Hunted, grouped
from .adversary_search import ratio_of
from .adversary_text import broken_text, feedback_text, gist, kept_text, manner, span

KEPT_POINTS = 3000
ASSUMPTIONS = (
    "weights start knowing nothing of the labels; labels are independent of each other",
    "given the labels the weights are Markovian, and every jump or push exchanges its heat with one bath at T",
    "the answer is made from the weights at the end alone, and never acts back",
    "the search covers the families, ranges and numbers of knots that its settings name; about half of the learners "
    "are neighbours of others, for gradients",
)
REFERENCE = "Goldt and Seifert, PRL 118, 010601 (2017)"
FLOWS = "Horowitz and Esposito, Phys. Rev. X 4, 031015 (2014)"
RIGHT = {
    "kept": "dS + Q/T",
    "prior knowledge": "dS + Q/T, the start knows the label",
    "wrong temperature": "dS + Q/T', T' wrong",
    "heat alone": "Q/T alone",
}
HEADS = (
    "learners", "right side", "learners tried", "violations", "first found after", "I (nats)", "right side (nats)",
    "I / right side, joint", "I / right side, marginal", "closest approaches, searches for the ratio", "the learner",
)  # fmt: skip


def verdict_of(hunted: Sequence[Hunted], records: Sequence[Record], feedback: Record, known: Record) -> Finding:
    """The finding of all searches: those where the law must hold, those where it must not, and label feedback."""
    groups = grouped(hunted, records)
    kept, broken = [g for g in groups if g.kept], [g for g in groups if not g.kept]
    said = kept_text(kept), broken_text(broken, feedback), feedback_text(feedback, known)
    return Finding(
        text=" ".join(said),
        assumptions=ASSUMPTIONS,
        table=Table(HEADS, (*map(_row, groups), *_feedback_rows(feedback, known))),
        picture=_picture(kept, broken),
        checks=(*map(_check, kept), *map(_repaired, broken), *_feedback_repaired(feedback, known)),
        broken=(*map(_check, broken), *_feedback_broken(feedback, known)),
        arrays=_arrays(groups, feedback),
        gist=gist(kept, broken, feedback),
    )


def _check(group: Group) -> BoundCheck:
    name = f"I <= {RIGHT[group.hunted.law]}: {group.hunted.name}"
    information = Estimate.exact(group.found["information"])
    return BoundCheck(name, information, Estimate.exact(group.right_side), ASSUMPTIONS[:3], REFERENCE)


def _repaired(group: Group) -> BoundCheck:
    """The law at the same learner with all that belongs to it: the true T, Delta S, and what was known before."""
    found = group.found
    whole = found["knowledge"] + min(found["entropy"], found["entropy_marginal"]) + found["heat"]
    name = f"I <= {'I_0 + ' * (group.hunted.law == 'prior knowledge')}dS + Q/T at the learner of: {group.title}"
    return BoundCheck(name, Estimate.exact(found["information"]), Estimate.exact(whole), (), REFERENCE)


def _feedback_broken(feedback: Record, known: Record) -> list[BoundCheck]:
    name = "0 <= Q_w/T per time in a stationary state with label feedback"
    zero = Estimate.exact(0.0)
    return [BoundCheck(f"{name}, {which}", zero, heat) for which, heat, _ in _rates(feedback, known)]


def _feedback_repaired(feedback: Record, known: Record) -> list[BoundCheck]:
    """The second law of the weight with the flow of information, at the same points."""
    name = "information flow <= Q_w/T per time with label feedback"
    return [BoundCheck(f"{name}, {which}", flow, heat, (), FLOWS) for which, heat, flow in _rates(feedback, known)]


def _rates(feedback: Record, known: Record) -> list[tuple[str, Estimate, Estimate]]:
    """Heat and flow of information of the weight at the two points, with the error of their quadrature."""
    points = ("deepest found", feedback), ("known point", known)
    return [
        (which, Estimate(float(r["heat"]), float(r["error"])), Estimate(float(r["flow"]), float(r["error"])))
        for which, r in points
    ]


def _row(group: Group) -> tuple[Entry, ...]:
    found, first, cost = group.found, group.first, group.right_side
    redundancy = 0.0 if group.hunted.law == "heat alone" else found["entropy_marginal"] - found["entropy"]
    return (
        group.hunted.name,
        RIGHT[group.hunted.law],
        str(group.evaluations),
        str(group.violations),
        span(first, "d") if first else DASH,
        Estimate.exact(found["information"]),
        Estimate.exact(cost),
        _ratio(found["information"], cost),
        _ratio(found["information"], cost + redundancy),
        span(group.approaches, ".4g"),
        manner(group),
    )


def _ratio(information: float, cost: float) -> Entry:
    return Estimate.exact(information / cost) if cost > 0.0 else None


def _feedback_rows(feedback: Record, known: Record) -> tuple[tuple[Entry, ...], ...]:
    first = str(feedback["first"]) if feedback["first"] else DASH
    below = str(int(known["heat"] < -2.0 * known["error"]))
    counts = (str(feedback["evaluations"]), str(feedback["violations"]), first), ("1", below, DASH)
    names = "label feedback, searched", "label feedback, known point"
    return tuple(
        (name, RIGHT["kept"], *count, *(None,) * 5, _where(r))
        for name, count, r in zip(names, counts, (feedback, known), strict=True)
    )


def _where(r: Record) -> str:
    names = "push", "feedback", "field", "flip_rate"
    place = ", ".join(f"{name.replace('_', ' ')} {r[name]:.3g}" for name in names)
    return f"Q/T = {r['heat']:.7f} per time for ever ({place})".replace("-", "−")


def _picture(kept: Sequence[Group], broken: Sequence[Group]) -> Picture:
    courses = [_course(g, i) for some in (kept, broken) for i, g in enumerate(some)]
    inside = [r for g in kept for r in g.records]
    outside = [r for g in broken for r in g.records]
    every = len(inside) + len(outside)
    clouds = [_cloud(some, KEPT_POINTS * len(some) // every) for some in (inside, outside)]
    caption = (
        "Left: the best I over its right side so far against the number of learners tried, the closest search of each "
        "kind; solid where all assumptions are kept, broken lines where one is missing, at the top where the right "
        "side is not positive. Right: learners tried, information against its right side where both are positive. The "
        "shaded region is forbidden."
    )
    return Picture(lambda figure: draw_searches(figure, courses, *clouds), caption, (7.2, 4.4))


def _course(group: Group, rank: int) -> Course:
    best = group.closest
    ratios = [ratio_of(float(c)) for c in best["close"]]
    tried = np.array([*best["steps"], best["evaluations"]])
    return Course(group.title, tried, np.array([*ratios, ratios[-1]]), group.kept, rank)


def _cloud(records: Sequence[Record], most: int) -> Cloud:
    """(I, right side) of at most so many learners of these searches."""
    information, cost = joined(records, "seen_information"), joined(records, "seen_cost")
    some = np.linspace(0, information.size - 1, min(max(most, 1), information.size)).astype(int)
    return information[some], cost[some]


def _arrays(groups: Sequence[Group], feedback: Record) -> dict[str, Variable]:
    """All that the figure is drawn from, one row for each search, step or point."""
    searches = [(g, r) for g in groups for r in g.records]
    records = [r for _, r in searches]
    names = [f"{g.title}; {r['objective']}" for g, r in searches]
    steps = np.repeat(np.arange(len(records)), [len(r["steps"]) for r in records])
    seen = np.repeat(np.arange(len(records)), [len(r["seen_cost"]) for r in records])
    some = np.linspace(0, seen.size - 1, min(KEPT_POINTS, seen.size)).astype(int)
    return {
        "search": Variable(("search",), names, "", "learners; objective"),
        "tried": Variable(("search",), [int(r["evaluations"]) for r in records], "1", "learners tried"),
        "violations": Variable(("search",), [int(r["violations"]) for r in records], "1", "beyond rounding"),
        "step_search": Variable(("step",), steps, "1", "number of the search"),
        "step_tried": Variable(("step",), joined(records, "steps"), "1", "learners tried when it came closer"),
        "closeness": Variable(("step",), joined(records, "close"), "1", "(I - C)/(I + |C|), C right side, best so far"),
        "point_search": Variable(("point",), seen[some], "1", "number of the search"),
        "information": Variable(("point",), joined(records, "seen_information")[some], "nat", "learned, of some tried"),
        "right_side": Variable(("point",), joined(records, "seen_cost")[some], "nat", "right side, of the same"),
        "feedback_heat": Variable(("state",), feedback["heats"], "1/time", "lowest Q/T of the weight so far"),
    }
