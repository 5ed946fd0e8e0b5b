"""The words and numbers of the page, as HTML in which everything of foreign origin is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from math import hypot, isfinite

from ..check import BoundCheck
from ..estimate import Estimate
from ..learning.decomposition import MEANING
from ..learning.outcome import LearningRun
from ..reporting.numbers import MARKS, cell, shown
from .closed_forms import Exact
from .frames import Scene

NO_BOUND = "No bound is claimed here: "
SIDES = {"≤": "at most", "≥": "at least", "?": "neither an estimate nor a bound"}


def budget_table(scene: Scene, index: int, known: Exact | None) -> str:
    """The budget of a frame: every term with its error and side, its share of the cost, and what is exact."""
    frame = scene.frames[index]
    rows = []
    terms = frame.budget.terms() if frame.budget is not None else {"learned": frame.learned}
    for name, value in terms.items():
        merged = frame.budget.merged if frame.budget is not None else ()
        what = f"{' + '.join(merged)}, together" if name == "unresolved" else MEANING[name]
        exact = None
        if known is not None and name in ("learned", "dissipation"):
            exact = known.learned[index] if name == "learned" else known.heat[index] / scene.settings.temperature
        rows.append(_row(f'<i class="s {name}"></i>{name}', value, exact, what, _share(value, frame.cost)))
    if frame.budget is None:
        rows.append('<tr><th scope="row">the rest</th><td colspan="4">is being computed</td></tr>')
    exact_cost = None if known is None else known.cost[index]
    rows.append(_row("<b>cost</b>", frame.cost, exact_cost, _paid(scene), ""))
    for name, what in (
        ("heat", "Q of the weights, into the bath, kT₀"), ("work", "W, on the weights, kT₀"),
        ("entropy", "sum of ΔS(wₙ), nat"),
    ):  # fmt: skip
        exact = None if known is None else getattr(known, name)[index]
        rows.append(_row(name, getattr(frame, name), exact, what, ""))
    head = "".join(f'<th scope="col">{word}</th>' for word in ("", "nat", "share", "exact", "what it is"))
    return f'<table class="numbers budget"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _row(head: str, value: Estimate, exact: float | None, what: str, share: str) -> str:
    known = "" if exact is None else f"{exact:.4g}".replace("-", "−")
    number = cell(value).replace('class="n"', f'class="n" data-of="{head if head.isalpha() else _word(head)}"')
    return (
        f'<tr><th scope="row">{head}</th>{number}<td class="n">{share}</td><td class="n">{known}</td>'
        f'<td class="what">{escape(what)}</td></tr>'
    )


def _paid(scene: Scene) -> str:
    paid = "sum over weights of ΔS + Q/T"
    return paid if scene.final.answers is None else f"{paid}, and of the answers that jump"


def _word(head: str) -> str:
    return "".join(c for c in head.rpartition("</i>")[2].removeprefix("<b>").removesuffix("</b>") if c.isalpha())


def _share(value: Estimate, cost: Estimate) -> str:
    return f"{100.0 * value.value / cost.value:.1f} %".replace("-", "−") if cost.value > 0.0 else ""


def efficiency_text(scene: Scene, known: Exact | None) -> str:
    """The efficiency at the end beside what is known of it."""
    run = scene.final
    found = shown(run.efficiency_marginal) if run.cost.value > 0.0 else "–"
    text = f"<p><b>Efficiency</b> learned/cost at the end: <span data-of='efficiency'>{found}</span>"
    if known is None:
        return f"{text}. There is no closed form for this run.</p>"
    return (
        f"{text}, exact {known.efficiency:.4f}; infinitely many inputs and patterns at this load: {known.limit:.4f}; "
        f"no Hebbian neuron of that kind exceeds {known.ceiling:.4f}.</p>"
    )


def law_text(law: BoundCheck | None, run: LearningRun) -> str:
    """The verdict of the second law of learning with both sides and its assumptions."""
    kind = f"<p>The force is <b>{escape(run.classification.kind)}</b>.</p>"
    if law is None:
        covered = "a force that remembers the weights is feedback" if run.remembers else run.settings.task.covers
        return f"<p>{NO_BOUND}{escape(covered)}.</p>{kind}"
    margin = "" if not isfinite(law.margin) else f", {law.margin:+.1f} standard errors apart".replace("-", "−")
    told = "".join(f"<li>{escape(line)}</li>" for line in law.assumptions)
    return (
        f'<p>Second law of learning: <b class="verdict {law.verdict.partition(",")[0]}">{escape(law.verdict)}</b></p>'
        f"<p>{escape(law.name)}: {shown(law.smaller)} against {shown(law.larger)}{margin}.</p>"
        f"{'<p>It assumes:</p><ul>' + told + '</ul>' if told else ''}{kind}"
    )


def state_text(scene: Scene, seconds: float, busy: bool) -> str:
    """How many replicas stand behind the picture, and whether more are on their way."""
    s = scene.settings
    doing = "computing, errors will shrink" if busy else "at rest"
    size = f"{s.task.n_inputs} inputs, {s.task.n_patterns} patterns"
    return f"<b>{s.replicas}</b> replicas in {seconds:.1f} s · {size} · {s.steps} steps · {doing}"


def stored_beside_live(stored: Mapping[str, Estimate], live: Mapping[str, Estimate]) -> str:
    """Stored value, live value, and their difference in standard errors, of every quantity that both have."""
    rows = []
    for name, a in stored.items():
        b = live.get(name)
        if b is None or name in ("margin", "first_law_residual"):
            continue
        rows.append(
            f'<tr><th scope="row">{escape(name.replace("_", " "))}</th>{cell(a)}{cell(b)}'
            f'<td class="n">{apart(a, b)}</td></tr>'
        )
    head = "".join(f'<th scope="col">{word}</th>' for word in ("", "stored", "live", "sigmas"))
    return f'<table class="numbers"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def apart(a: Estimate, b: Estimate) -> str:
    """(b - a) in standard errors; "equal" where both are exact and the same; which bounds they are where sides differ.

    >>> apart(Estimate(1.0, 0.3), Estimate(1.5, 0.4))
    '+1.0'
    """
    if a.side != b.side:
        marks = (MARKS[a.side], MARKS[b.side])
        return " and ".join(SIDES.get(mark, "an estimate") for mark in marks)
    error = hypot(a.stderr, b.stderr)
    if error > 0.0 and isfinite(error):
        return f"{(b.value - a.value) / error:+.1f}".replace("-", "−")
    return "equal" if a.value == b.value else f"{b.value - a.value:+.1g}, exact"
