"""The report of a study: one page that needs nothing else, with the answer first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..infer.training_store import holds_training
from ..learning.decomposition import MEANING
from ..learning.tasks import COVERS
from ..plotting.style import FILLS, SERIES
from ..sealed import write_atomically
from ..study import load
from ..study.quantities import CONVENTIONS
from ..study.rank_screen import screen
from ..study.strict import parse_toml
from .figures import MAX_PANELS, budget_panels, by_condition, curve_panels, have_prices
from .page_frame import framed
from .prose import SIDES, VERDICTS, chosen, headline, law, missing, unresolved
from .runs import Comparison, Run, compare, principal, representatives, runs_of
from .svg import variable
from .tables import budget_table, matched_table, runs_table
from .training_page import page_of_training

if TYPE_CHECKING:
    import xarray

MAX_BARS = 12
RANKED = ("cost", "learned", "efficiency_marginal", "dissipation")
MAX_TOML = 100_000
TITLES = {"random": "Every run: random labels", "teacher": "A teacher's labels", "true": "The true labels"}
PER_BIT = (
    "Learning itself takes kT ln 2 = 0.693 kT per bit, the same part of every bar: below that, Landauer's price, no "
    "cost can fall. "
)
UNTRAINED = "The untrained network errs on one half of any patterns, by the symmetry of its weights."


@dataclass(frozen=True)
class _Content:
    """All that the sections draw from."""

    runs: tuple[Run, ...]
    comparison: Comparison
    attributes: Mapping[str, Any]
    toml: str
    replicas: str
    ranking: tuple[str, ...]

    @property
    def kelvin(self) -> float:
        return float(self.attributes["kelvin"])

    @property
    def task(self) -> dict[str, Any]:
        return dict(json.loads(self.attributes["task"]))

    @property
    def name(self) -> str:
        return str(self.attributes["name"])


def write_report(out: str | Path, path: str | Path | None = None) -> Path:
    """Write the report of the study, or of the training run, kept in ``out``: an HTML file, by default out/report.html.

    It holds its figures, style and script and loads nothing; the same results give the same bytes.
    Returns its path. Raises InputError if ``out`` holds no finished run or the file cannot be written.
    """
    target = Path(out) / "report.html" if path is None else Path(path)
    text = page_of_training(out) if holds_training(out) else _page(_content(Path(out)))
    try:
        write_atomically(target, text)
    except OSError as error:
        rule = f"cannot be written: {error.strerror or error}"
        raise InputError("path", str(target), rule, "name a file in a directory you may write to") from None
    return target


def _content(out: Path) -> _Content:
    results = load(out)
    runs = runs_of(results)
    toml = str(results.attrs["study"])
    if len(toml) > MAX_TOML:
        toml = toml[:MAX_TOML] + "\n# ... and so on: the rest is in study.toml beside the results\n"
    taken = sorted({int(n) for n in results.replicas.values})
    replicas = f"{taken[0]}" if len(taken) == 1 else f"{taken[0]} to {taken[-1]}"
    return _Content(runs, compare(results, runs), results.attrs, toml, replicas, _ranked(results))


def _ranked(results: xarray.Dataset) -> tuple[str, ...]:
    """Of a design which parameters matter, a table for each quantity that can be ranked."""
    found = []
    if "design" in parse_toml(str(results.attrs["study"])):
        for quantity in RANKED:
            with suppress(InputError):  # too few runs, or none that differ
                found.append(f"<h3>{quantity.replace('_', ' ')}</h3>{screen(results, quantity)._repr_html_()}")
    return tuple(found)


def _page(content: _Content) -> str:
    figures = (_ranking,) if content.ranking else (_budget, _curves)
    sections: tuple[Callable[[_Content], str], ...] = (
        _head, _answer, *figures, _every_run, _how_to_read, _provenance
    )  # fmt: skip
    return framed(f"{content.name}: the cost of learning", (section(content) for section in sections))


def _head(content: _Content) -> str:
    a = content.attributes
    unfinished = missing(int(a["unfinished"]), len(content.runs), list(json.loads(a["failed"]).values()))
    facts = (_task(content.task), f"{len(content.runs)} runs", f"{content.replicas} networks each", f"seed {a['seed']}")
    banner = f'<p class="missing">{escape(unfinished)}</p>' if unfinished else ""
    return (
        f'<p class="kicker">What it costs to learn</p><h1>{escape(content.name)}</h1>'
        f'<p class="meta">{escape(" · ".join(facts))}</p>{banner}'
    )


def _task(task: Mapping[str, Any]) -> str:
    source = str(task["source"])
    if source == "digits":
        source = "handwritten digits " + " and ".join(str(c) for c in task["classes"])
    elif source == "random":
        source = f"random ±1 patterns of {task['inputs']} inputs"
    else:
        source = Path(source).name
    return f"{source}, {task['patterns']} pattern{'' if task['patterns'] == 1 else 's'}"


def _answer(content: _Content) -> str:
    patterns = int(content.task["patterns"])
    lead = headline(content.comparison, principal(content.runs), patterns, content.kelvin)
    table = matched_table(content.comparison, content.kelvin) if content.comparison.curves else ""
    return f'<p class="lead">{lead}</p><p class="law">{law(content.runs)}</p><div class="matched">{table}</div>'


def _ranking(content: _Content) -> str:
    text = (
        "The runs of a design differ in everything at once. What each parameter does is its rank correlation with the "
        "quantity, the others taken out; share is the part of the variance of the ranks that it explains."
    )
    return f"<h2>What matters</h2><p>{text}</p>" + "".join(content.ranking)


def _budget(content: _Content) -> str:
    information = content.comparison.information
    found = representatives(principal(content.runs), information)
    groups = list(by_condition(found).values())[:MAX_PANELS]
    drawn = [run for group in groups for run in group[:MAX_BARS]]
    present = [name for name in FILLS if any(name in run.terms() for run in drawn)]
    legend = _legend({name: _swatch(name) for name in present})
    bits = have_prices(drawn)
    caption = (
        f"Left, the cost of each run{' per bit it learned' if bits else ''} and what it went into; right, the same as "
        "shares of the cost. The line across a bar is the cost, with one standard error. "
        f"{PER_BIT if bits else ''}{unresolved(drawn)}{chosen(drawn, information)}"
    ) + _cut(len(found), len(drawn), "curve")
    text = (
        "<p>The cost of learning, the entropy that the weights gain and the heat they give away, splits into what was "
        "learned and what was lost on the way. Each schedule has its own scale.</p>"
    )
    figure = _figure(budget_panels(drawn, "b"), legend, caption)
    return f'<h2>Where the cost goes</h2>{text}{figure}<div class="matched">{budget_table(drawn)}</div>'


def _curves(content: _Content) -> str:
    runs = principal(content.runs)
    shown = [run for group in list(by_condition(runs).values())[:MAX_PANELS] for run in group]
    if all(run.estimates["learned"].value <= 0.0 for run in shown):
        return ""
    rules = list(dict.fromkeys(run.rule for run in runs))
    panels, left_out = curve_panels(shown, rules, "c")
    caption = (
        "Left, the cost of every run against what it learned; right, the share of the cost that is learning. The "
        "orange line is the bound: no point may lie in the shaded region. Bars: one standard error, often smaller than "
        "the points."
    )
    if any(run.estimates[name].side != "two-sided" for run in shown for name in ("learned", "cost")):
        caption += " Hollow points rest on a number that is only a bound."
    if left_out:
        noun = "run has" if left_out == 1 else "runs have"
        caption += f" {left_out} {noun} no place on these logarithmic axes: nothing learned, or no cost above zero."
    caption += _cut(len(runs), len(shown), "run")
    figure = _figure(panels, _legend({rule: _marker(i) for i, rule in enumerate(rules)}), caption)
    return f"<h2>Cost against what was learned</h2>{figure}"


def _cut(count: int, shown: int, noun: str) -> str:
    return f" Shown are {shown} of {count} {noun}s." if shown < count else ""


def _figure(panels: Sequence[str], legend: str, caption: str) -> str:
    inner = "".join(f"<div>{panel}</div>" for panel in panels)
    return f'<figure>{legend}<div class="panels">{inner}</div><figcaption>{escape(caption)}</figcaption></figure>'


def _legend(entries: Mapping[str, str]) -> str:
    return '<ul class="legend">' + "".join(f"<li>{s}{escape(n)}</li>" for n, s in entries.items()) + "</ul>"


def _swatch(term: str) -> str:
    """The colour of a term; hatched ones get a stroke of paper across."""
    fill = FILLS[term]
    strokes = {
        "\\": "M-2 -4L8 14M4 -4L14 14M10 -4L20 14",
        "/": "M8 -4L-2 14M14 -4L4 14M20 -4L10 14",
        "-": "M0 2.5H18M0 5H18M0 7.5H18",
    }
    lines = strokes.get(fill.hatch[:1], "")
    colour = f"var({variable(fill.colour)})"
    return (
        f'<svg viewBox="0 0 18 10" aria-hidden="true"><rect width="18" height="10" fill="{colour}"/>'
        f'<path d="{lines}" stroke="var(--paper)"/></svg>'
    )


def _marker(series: int) -> str:
    colour, marker = SERIES[series % len(SERIES)]
    shapes = {
        "o": '<circle cx="9" cy="5" r="3.2"/>',
        "s": '<rect x="6" y="2" width="6" height="6"/>',
        "^": '<path d="M9 1.2L12.6 8.2H5.4Z"/>',
        "D": '<path d="M9 1L13 5L9 9L5 5Z"/>',
        "v": '<path d="M9 8.8L12.6 1.8H5.4Z"/>',
        "P": '<path d="M7.6 1.6h2.8v2h2v2.8h-2v2h-2.8v-2h-2v-2.8h2Z"/>',
    }
    colour = f"var({variable(colour)})"
    return (
        f'<svg viewBox="0 0 18 10" aria-hidden="true" fill="{colour}"><path d="M0 5H18" stroke="{colour}" '
        f'stroke-width="1.3"/>{shapes[marker]}</svg>'
    )


def _every_run(content: _Content) -> str:
    parts = []
    for labelling in ("random", "teacher", "true"):
        runs = [run for run in content.runs if run.labelling == labelling]
        if not runs:
            continue
        covers = COVERS[labelling]
        text = f"{covers[0].upper()}{covers[1:]}." + (f" {UNTRAINED}" if labelling != "random" else "")
        table = runs_table(runs, labelling, content.kelvin)
        parts.append(f"<h2>{TITLES[labelling]}</h2><p>{escape(text)}</p>{table}")
    return "\n".join(parts)


def _how_to_read(content: _Content) -> str:
    terms = {f"{_swatch(name)}{escape(name)}": _formula(text) for name, text in MEANING.items()}
    present = {run.verdict for run in content.runs}
    verdicts = {escape(k): escape(v) for k, v in VERDICTS.items() if k in present or k in ("holds", "violated")}
    sides = {escape(k): escape(v) for k, v in SIDES.items()}
    conventions = {escape(k): _formula(v) for k, v in CONVENTIONS.items() if k != "side"}
    return (
        "<h2>How to read this</h2><h3>Terms of the budget</h3><p>cost = learned + everything below it. All terms are "
        "≥ 0 for independent labels and no feedback; sampled ones may fall below zero by their error, and are drawn "
        f"so.</p>{_list(terms)}<h3>Numbers</h3>{_list(sides)}<h3>Verdicts on learned ≤ cost</h3>"
        "<p>Beside each stands the difference in standard errors (σ).</p>"
        f"{_list(verdicts)}<h3>Conventions</h3>{_list(conventions)}"
    )


def _formula(text: str) -> str:
    """Plain text with its indices, sums and differences set as such."""
    text = re.sub(r"\b([A-Za-z]|sum)_(\w)\b", r"\1<sub>\2</sub>", escape(text))
    text = re.sub(r"\bT0\b", "T<sub>0</sub>", text)
    return re.sub(r"\bsum\b", "Σ", text).replace("Delta ", "Δ").replace(" - ", " − ")


def _list(entries: Mapping[str, str]) -> str:
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in entries.items()) + "</dl>"


def _provenance(content: _Content) -> str:
    a = content.attributes
    versions = json.loads(a["versions"])
    facts = {
        "task": ", ".join(f"{k} = {v}" for k, v in content.task.items() if v is not None),
        "seed, replicas": f"{a['seed']}, {content.replicas}",
        "T0": f"{content.kelvin:g} K",
        "versions": ", ".join(f"{name} {number}" for name, number in versions.items()),
        "platform": str(a["platform"]),
    }
    makers = json.loads(a["made_by"])
    if len(makers) > 1:
        facts["runs made by"] = "; ".join(makers)
    listed = _list({escape(k): escape(v) for k, v in facts.items()})
    source = Path(str(content.task["source"])).name
    data = "" if source in ("digits", "random") else f", put <code>{escape(source)}</code> where it says,"
    command = "szilard run study.toml --out results\nszilard report results"
    return (
        f"<h2>Where these numbers come from</h2>{listed}<p>The same study, with the same seed and versions, gives the "
        f"same numbers again: save the text below as <code>study.toml</code>{data} and run</p><pre>{command}</pre>"
        f"<pre>{escape(content.toml)}</pre>"
    )
