"""The tables of a report as HTML; every number carries its uncertainty, and its full value for sorting."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from html import escape
from math import isfinite, isnan

from ..estimate import Estimate
from .numbers import DASH, NO_BITS, cell, shown, words
from .prose import KT
from .runs import STORED, Comparison, Run, in_atp, in_joules, scaled

MAX_ROWS = 1000
MATCHED_ROWS = 200
TEXT_HEADS = {"rule", "force", "schedule", "second law", "what is the matter", "what would settle it", "law", "verdict"}
ZEPTO = 1e21
PRICE_HEADS = (f"{KT}<br>per bit", "10<sup>−21</sup> J<br>per bit", "ATP<br>per bit")
NAMES = ("rule", "force", "schedule", "rate")
NAT_HEADS = {
    "learned": "learned<br><small>nat</small>",
    "heat": "heat<br><small><i>k</i><sub>B</sub><i>T</i><sub>0</sub></small>",
    "entropy": "entropy<br><small>nat</small>",
    "cost": "cost<br><small>nat</small>",
    "efficiency_marginal": "η<br><small>marginal</small>",
    "efficiency_joint": "η<br><small>joint</small>",
    "error": "error<br><small>shown</small>",
    "held_out_error": "error<br><small>unseen</small>",
    "fresh_information": "unseen<br><small>nat per label</small>",
}
NOT_FOR_TRUE = ("learned", "efficiency_marginal", "efficiency_joint")
MARKS = {"holds": "✓", "holds, saturated": "✓", "violated": "✗", "inconclusive": "?"}


def matched_table(comparison: Comparison, kelvin: float) -> str:
    """Every curve at the matched information, the cheapest first."""
    heads = (*NAMES, NAT_HEADS["heat"], NAT_HEADS["cost"], "of which<br>learning", *PRICE_HEADS)
    rows = []
    for curve in comparison.curves[:MATCHED_ROWS]:
        m = curve.match
        numbers = [m.learning_rate, m.heat, m.cost]
        cells = [
            words(m.rule, "th"),
            words(curve.force),
            words(curve.condition),
            *map(cell, numbers),
            _percent(m.efficiency),
        ]
        rows.append(row_of([*cells, *_prices(curve.price, curve.temperature, kelvin)]))
    caption = f"The same {comparison.information:.3g} nat learned, interpolated between runs"
    if len(rows) < len(comparison.curves):
        caption += f"; the cheapest {len(rows)} of {len(comparison.curves)} curves"
    return table_of(heads, rows, caption)


def budget_table(runs: Sequence[Run]) -> str:
    """The terms of the budget of a few runs, which add up to the cost."""
    present = [name for name in STORED if any(name in run.terms() for run in runs)]
    rows = []
    for run in runs[:MAX_ROWS]:
        terms = run.terms()
        cells = [*cells_of_name(run), *(cell(terms.get(name)) for name in present), cell(run.estimates.get("cost"))]
        rows.append(row_of(cells, number=run.number))
    return table_of((*NAMES, *present, "= cost"), rows, "The budget of these runs, in nat")


def runs_table(runs: Sequence[Run], labelling: str, kelvin: float, total: int | None = None) -> str:
    """Runs of one labelling, grouped by rule and schedule; sorted anew by a click on a head. total: of how many."""
    total = len(runs) if total is None else total
    fixed = labelling == "true"
    columns = [name for name in NAT_HEADS if any(name in run.estimates for run in runs)]
    columns = [name for name in columns if not (fixed and name in NOT_FOR_TRUE)]
    heads = [*NAMES, *(NAT_HEADS[name] for name in columns), *(() if fixed else PRICE_HEADS), "second law"]
    rows, before = [], ("", "")
    place = {curve: i for i, curve in enumerate(dict.fromkeys((r.condition, r.rule) for r in runs))}
    for run in sorted(runs, key=lambda r: (place[r.condition, r.rule], r.learning_rate))[:MAX_ROWS]:
        cells = [*cells_of_name(run), *(cell(run.estimates.get(name)) for name in columns)]
        if not fixed:
            cells += _prices(run.price(), run.temperature, kelvin)
        rows.append(row_of([*cells, verdict_cell(run)], (run.condition, run.rule) != before, run.number))
        before = run.condition, run.rule
    caption = f"{len(runs)} runs; click a column head to sort" if len(runs) > 1 else "1 run"
    if len(rows) < total:
        caption = f"{len(rows)} of {total} runs; all of them are in the store. Click a column head to sort"
    return table_of(heads, rows, caption, sortable=True)


def cells_of_name(run: Run) -> list[str]:
    """Rule, force, schedule and rate."""
    rate = f'<td class="n" data-v="{run.learning_rate!r}">{run.learning_rate:g}</td>'
    return [words(run.rule, "th"), words(run.force), words(run.condition), rate]


def _prices(price: Estimate | None, temperature: float, kelvin: float) -> list[str]:
    units: tuple[Callable[[Estimate], Estimate], ...] = (
        lambda p: p,
        lambda p: scaled(in_joules(p, temperature, kelvin), ZEPTO),
        lambda p: in_atp(p, temperature),
    )
    return [cell(unit(price) if price is not None else None, NO_BITS) for unit in units]


def _percent(efficiency: Estimate) -> str:
    text = shown(scaled(efficiency, 100.0))
    return f'<td class="n" data-v="{efficiency.value!r}">{text} %</td>'


def count_cell(count: int) -> str:
    """A whole number."""
    return f'<td class="n" data-v="{count}">{count}</td>'


def verdict_cell(run: Run) -> str:
    """The verdict with its margin in sigmas."""
    margin = run.estimates.get("margin")
    value = margin.value if margin is not None else float("nan")
    text = f"{MARKS.get(run.verdict, DASH)} {run.verdict}"
    if isfinite(value):
        text += f" {value:+.0f} σ".replace("-", "−")
    kind = run.verdict.split(",")[0].replace(" ", "-")
    sort = "" if isnan(value) else f' data-v="{value!r}"'
    return f'<td class="verdict {escape(kind)}"{sort}>{escape(text)}</td>'


def row_of(cells: Sequence[str], first: bool = False, number: int | None = None) -> str:
    """A row; first: of a group; number: of the run that it tells of."""
    run = "" if number is None else f" data-run={number}"
    return f"<tr{' class=first' if first else ''}{run}>{''.join(cells)}</tr>"


def table_of(
    heads: Sequence[str],
    rows: Sequence[str],
    caption: str,
    sortable: bool = False,
    texts: Collection[str] = TEXT_HEADS,
) -> str:
    """A table that scrolls in its own box; heads: HTML, and ``texts`` those that stand over words."""
    kinds = ["" if head in texts else ' class="n"' for head in heads]
    inner = [f"<button type=button>{head}</button>" if sortable else head for head in heads]
    top = "".join(f"<th{kind}>{head}</th>" for kind, head in zip(kinds, inner, strict=True))
    kind = " class=sortable" if sortable else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table{kind}>'
        f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead>\n<tbody>\n"
        + "\n".join(rows)
        + "\n</tbody></table></div>"
    )
