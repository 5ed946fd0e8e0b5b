"""The report of a study: one page that needs nothing else, with the answer first."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..infer.training_store import holds_training
from ..learning.tasks import COVERS
from ..plotting.style import FILLS
from ..study import load
from ..study.precision import Precision
from ..study.rank_screen import Screen, screen
from ..study.strict import parse_toml
from .assumed import verdicts_section
from .chooser import chooser_section
from .citations import citations_section, sources_of
from .doubts import Doubt, doubts_of, doubts_section
from .figure_files import RANKED, is_design
from .figures import (
    MAX_PANELS,
    RANKED_AS,
    budget_panels,
    by_condition,
    curve_panels,
    have_prices,
    ranking_panel,
    scatter_panels,
)
from .meaning import definitions, how_to_read
from .page_frame import framed, write_page
from .pictures import command_line, figure_block, legend, marker, swatch
from .prose import chosen, headline, law, missing, unresolved
from .runs import Comparison, Run, compare, extremes, principal, representatives, runs_of, thinned
from .tables import budget_table, matched_table, runs_table
from .training_page import page_of_training

if TYPE_CHECKING:
    import xarray

MAX_BARS = 12
MAX_TOML = 100_000
TITLES = {"random": "Every run: random labels", "teacher": "A teacher's labels", "true": "The true labels"}
PER_BIT = (
    "Learning itself takes kT ln 2 = 0.693 kT per bit, the same part of every bar: below that, Landauer's price, no "
    "cost can fall. "
)
EXTREMES = "Bars are three runs of the design: the cheapest per bit, the middle one, and the dearest."
UNTRAINED = "The untrained network errs on one half of any patterns, by the symmetry of its weights."


@dataclass(frozen=True)
class _Content:
    """All that the sections draw from; shown: the runs that the page has room for."""

    out: Path
    runs: tuple[Run, ...]
    shown: tuple[Run, ...]
    comparison: Comparison
    attributes: Mapping[str, Any]
    toml: str
    replicas: str
    ranking: tuple[Screen, ...]
    doubts: tuple[Doubt, ...]

    @property
    def design(self) -> bool:
        return is_design(str(self.attributes["study"]))

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

    It holds its figures, style and script and loads nothing; the same results in the same place give the same bytes.
    Of more than 1000 runs its tables, figures and sliders show 1000, and it says so.
    Returns its path. Raises InputError if ``out`` holds no finished run or the file cannot be written.
    """
    target = Path(out) / "report.html" if path is None else Path(path)
    text = page_of_training(out) if holds_training(out) else _page(_content(Path(out)))
    return write_page(target, text)


def _content(out: Path) -> _Content:
    results = load(out)
    runs = runs_of(results)
    toml = study = str(results.attrs["study"])
    if len(toml) > MAX_TOML:
        toml = toml[:MAX_TOML] + "\n# ... and so on: the rest is in study.toml beside the results\n"
    taken = sorted({int(n) for n in results.replicas.values})
    replicas = f"{taken[0]}" if len(taken) == 1 else f"{taken[0]} to {taken[-1]}"
    asked = parse_toml(study).get("precision")
    doubts = tuple(doubts_of(runs, None if asked is None else Precision.model_validate(asked)))
    ranking = _ranked(results) if is_design(study) else ()
    found = _Content(out, runs, runs, compare(results, runs), results.attrs, toml, replicas, ranking, doubts)
    bars = [run for group in _bars(found).values() for run in group]
    return replace(found, shown=tuple(thinned(runs, always=bars)))


def _ranked(results: xarray.Dataset) -> tuple[Screen, ...]:
    """Which parameters matter, for each quantity that can be ranked."""
    found = []
    for quantity in RANKED:
        with suppress(InputError):  # too few runs, or none that differ
            found.append(screen(results, quantity))
    return tuple(found)


def _page(content: _Content) -> str:
    sections: tuple[Callable[[_Content], str], ...] = (
        _head, _answer, _budget, _chooser, _verdicts, _every_run, _curves, _ranking, _reading, _provenance, _sources
    )  # fmt: skip
    return framed(f"{content.name}: the cost of learning", (section(content) for section in sections))


def _head(content: _Content) -> str:
    a = content.attributes
    unfinished = missing(int(a["unfinished"]), len(content.runs), list(json.loads(a["failed"]).values()))
    facts = (_task(content.task), f"{len(content.runs)} runs", f"{content.replicas} networks each", f"seed {a['seed']}")
    banner = f'<p class="missing">{escape(unfinished)}</p>' if unfinished else ""
    if len(content.shown) < len(content.runs):
        cut = f"Tables, figures and sliders of this page show {len(content.shown)} of {len(content.runs)} runs"
        banner += f'<p class="missing">{cut}; sentences and verdicts count all of them, and the store has them.</p>'
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
    return (
        f'<p class="lead">{lead}</p><p class="law">{law(content.runs)}</p>'
        f'<div class="matched">{doubts_section(content.doubts)}{table}</div>'
    )


def _bars(content: _Content) -> dict[str, list[Run]]:
    """The runs of the budget's bars, by panel."""
    runs = principal(content.runs)
    if content.design:
        return {"cheapest, middle and dearest per bit": extremes(runs)}
    groups = by_condition(representatives(runs, content.comparison.information))
    return {title: group[:MAX_BARS] for title, group in list(groups.items())[:MAX_PANELS]}


def _budget(content: _Content) -> str:
    groups = _bars(content)
    drawn = [run for group in groups.values() for run in group]
    bits = have_prices(drawn)
    caption = (
        f"Left, the cost of each run{' per bit it learned' if bits else ''} and what it went into; right, the same as "
        "shares of the cost. The line across a bar is the cost, with one standard error. "
        f"{PER_BIT if bits else ''}{unresolved(drawn)}"
    )
    if content.design:
        caption += EXTREMES
    else:
        information = content.comparison.information
        found = representatives(principal(content.runs), information)
        caption += chosen(drawn, information) + _cut(len(found), len(drawn), "curve")
    text = (
        "<p>The cost of learning, the entropy that the weights gain and the heat they give away, splits into what was "
        f"learned and what was lost on the way.{'' if content.design else ' Each schedule has its own scale.'}</p>"
    )
    present = [name for name in FILLS if any(name in run.terms() for run in drawn)]
    names = legend({name: swatch(name) for name in present})
    figure = figure_block(budget_panels(groups, "b"), names, caption, command_line(content.out, "budget"))
    return f'<h2>Where the cost goes</h2>{text}{figure}<div class="matched">{budget_table(drawn)}</div>'


def _chooser(content: _Content) -> str:
    first = next((run for group in _bars(content).values() for run in group), None)
    return chooser_section(content.shown, first.number if first is not None else None)


def _verdicts(content: _Content) -> str:
    return verdicts_section(content.runs, int(content.task.get("held_out") or 0))


def _every_run(content: _Content) -> str:
    parts = []
    for labelling in ("random", "teacher", "true"):
        runs = [run for run in content.shown if run.labelling == labelling]
        if not runs:
            continue
        covers = COVERS[labelling]
        text = f"{covers[0].upper()}{covers[1:]}." + (f" {UNTRAINED}" if labelling != "random" else "")
        total = sum(run.labelling == labelling for run in content.runs)
        table = runs_table(runs, labelling, content.kelvin, total)
        parts.append(f"<h2>{TITLES[labelling]}</h2><p>{escape(text)}</p>{table}")
    return "\n".join(parts)


def _curves(content: _Content) -> str:
    runs = principal(content.shown)
    shown = runs
    if not content.design:
        shown = [run for group in list(by_condition(runs).values())[:MAX_PANELS] for run in group]
    if all(run.estimates["learned"].value <= 0.0 for run in shown):
        return ""
    rules = list(dict.fromkeys(run.rule for run in runs))
    panels, left_out = scatter_panels(shown, rules, "c") if content.design else curve_panels(shown, rules, "c")
    caption = (
        "Left, the cost of every run against what it learned; right, the share of the cost that is learning. The "
        "orange line is the bound: no point may lie in the shaded region by more than its error. Bars: one standard "
        "error, often smaller than the points."
    )
    if any(run.estimates[name].side != "two-sided" for run in shown for name in ("learned", "cost")):
        caption += " Hollow points rest on a number that is only a bound."
    if left_out:
        noun = "run has" if left_out == 1 else "runs have"
        caption += f" {left_out} {noun} no place on these logarithmic axes: nothing learned, or no cost above zero."
    caption += _cut(len(principal(content.runs)), len(shown), "run")
    names = legend({rule: marker(i, joined=not content.design) for i, rule in enumerate(rules)})
    commands = command_line(content.out, "cost"), command_line(content.out, "efficiency")
    return f"<h2>Cost against what was learned</h2>{figure_block(panels, names, caption, *commands)}"


def _ranking(content: _Content) -> str:
    if not content.ranking:
        return ""
    text = (
        "The runs of a design differ in everything at once. What each parameter does is its rank correlation with the "
        "quantity, the others taken out; share is the part of the variance of the ranks that it explains."
    )
    panels = [ranking_panel(found, f"r{i}") for i, found in enumerate(content.ranking)]
    caption = "Points: rank correlations, or for words the root of the share; bars: two standard errors."
    names = legend({name: marker(i, joined=False) for i, name in enumerate(RANKED_AS)})
    figure = figure_block(panels, names, caption, command_line(content.out, "ranking"))
    tables = "".join(
        f'<h3>{escape(found.quantity.replace("_", " "))}</h3><div class="scroll" tabindex="0">'
        f"{found._repr_html_().replace('+-', '±')}</div>"
        for found in content.ranking
    )
    return f"<h2>What matters</h2><p>{text}</p>{figure}{tables}"


def _cut(count: int, shown: int, noun: str) -> str:
    return f" Shown are {shown} of {count} {noun}s." if shown < count else ""


def _reading(content: _Content) -> str:
    return how_to_read({run.verdict for run in content.runs}, {run.labelling for run in content.runs})


def _provenance(content: _Content) -> str:
    a = content.attributes
    versions = json.loads(a["versions"])
    facts = {
        "task": ", ".join(f"{k} = {v}" for k, v in content.task.items() if v is not None),
        "seed, replicas": f"{a['seed']}, {content.replicas}",
        "T0": f"{content.kelvin:g} K",
        "versions": ", ".join(f"{name} {number}" for name, number in versions.items()),
        "platform": str(a["platform"]),
        "all numbers": f"SHA-256 {a['sha256']}",
    }
    makers = json.loads(a["made_by"])
    if len(makers) > 1:
        facts["runs made by"] = "; ".join(makers)
    listed = definitions({escape(k): escape(v) for k, v in facts.items()})
    source = Path(str(content.task["source"])).name
    data = "" if source in ("digits", "random") else f", put <code>{escape(source)}</code> where it says,"
    command = "szilard run study.toml --out results\nszilard report results"
    return (
        f"<h2>Where these numbers come from</h2>{listed}<p>The same study, with the same seed and versions, gives the "
        f"same numbers again: save the text below as <code>study.toml</code>{data} and run</p>"
        f"<pre tabindex=0>{command}</pre><pre tabindex=0>{escape(content.toml)}</pre>"
    )


def _sources(content: _Content) -> str:
    return citations_section(sources_of(content.runs, str(content.task["source"]), bool(content.ranking)))
