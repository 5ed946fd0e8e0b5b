"""The page of a recorded training run: the answer first, the ledger with its assumptions, three figures."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..infer.training_recording import training_ledger
from ..infer.training_result import MEANING, TrainingLedger, moved_of, short_text
from ..plotting import house_style, lines
from .citations import THERMODYNAMICS, citations_section, software
from .figures import PANEL
from .meaning import formula
from .page_frame import framed
from .pictures import command_line, figure_block
from .svg import Spot, inline_svg
from .training_prose import answer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
MOST_SPOTS = 100
HEADS = ("amount", "value", "unit", "what it is", "assumes")
MARKS = {"two-sided": "", "upper": "≤ ", "lower": "≥ ", "none": "? "}
SIDES = {
    "≤": "an upper bound: the truth is not larger",
    "≥": "a lower bound: the truth is not smaller",
    "?": "neither an estimate nor a bound",
    "±": "one standard error, of the noise within this run",
}
APPARENT = (
    "The bath of this ledger is the noise of the batches, and its temperature has the unit of the loss: all of it is "
    "apparent, and says nothing of the heat of a computer. How the entropy of the weights changed is not known from "
    "one run, so that an entropy flow is not yet an entropy production."
)


def page_of_training(recording: str | Path) -> str:
    """The HTML page of the training run recorded in a directory: it holds its figures, and loads nothing.

    The same recording gives the same text, in ASCII. Raises InputError if the directory holds no recording, a damaged
    one, or fewer than 16 steps.
    """
    place = Path(recording)
    ledger = training_ledger(place)
    name = place.resolve().name
    sections = (
        _head(name, ledger), _answer(ledger), _amounts(ledger), _figures(ledger, place), _reading(ledger),
        citations_section([software(), THERMODYNAMICS]),
    )  # fmt: skip
    return framed(f"{name}: what training cost", sections)


def _head(name: str, ledger: TrainingLedger) -> str:
    how = "noise from microbatches" if ledger.training.scattered else "noise from consecutive gradients"
    facts = (f"{ledger.steps} steps", moved_of(ledger.training), how)
    return (
        f'<p class="kicker">A training run and its apparent ledger</p><h1>{escape(name)}</h1>'
        f'<p class="meta">{escape(" · ".join(facts))}</p>'
    )


def _answer(ledger: TrainingLedger) -> str:
    warnings = "".join(f'<p class="missing">{escape(problem)}.</p>' for problem in ledger.problems)
    return f'<p class="lead">{_typeset(answer(ledger))}</p>{warnings}'


def _amounts(ledger: TrainingLedger) -> str:
    rows = []
    letters = {name: row[4] for name, row in zip(ledger.amounts, ledger.table, strict=True)}
    for name, e in ledger.amounts.items():
        title, unit, what = MEANING[name]
        value = MARKS[e.side] + short_text(e).lstrip("<>=? ")
        note = f' title="{escape(e.note)}"' if e.note else ""
        rows.append(
            f'<tr><th>{escape(title)}</th><td class="n" data-v="{e.value!r}"{note}>{_typeset(value)}</td>'
            f"<td>{escape(unit)}</td><td>{_typeset(what)}</td><td>{letters[name]}</td></tr>"
        )
    kinds = ["", ' class="n"', "", "", ""]
    top = "".join(f"<th{kind}>{head}</th>" for kind, head in zip(kinds, HEADS, strict=True))
    table = (
        '<div class="scroll" tabindex="0"><table><caption>Letters name the assumptions below</caption>'
        f"<thead><tr>{top}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody></table></div>"
    )
    assumed = "".join(f"<dt>{letter}</dt><dd>{escape(text)}</dd>" for letter, text in ledger.assumptions)
    return (
        f'<h2>The apparent ledger</h2><p>{APPARENT}</p><div class="matched">{table}</div>'
        f"<h3>What these numbers assume</h3><dl>{assumed}</dl>"
    )


def _figures(ledger: TrainingLedger, place: Path) -> str:
    panels, commands = [_two(ledger)], ["loss", "path"]
    caption = "Loss and the length of the way so far, at every call"
    if ledger.spectrum.any():
        panels += [_warm(ledger), _spectrum(ledger)]
        commands += ["temperature", "spectrum"]
        bound = "" if ledger.training.scattered else ", an upper bound,"
        caption += (
            f"; the apparent temperature of the noise{bound} over the run, and that of each weight (of at most 65,536)"
        )
    made = [command_line(place, name) for name in commands]
    return f"<h2>How it went</h2>{figure_block(panels, '', f'{caption}.', *made)}"


def _two(ledger: TrainingLedger) -> str:
    with house_style():
        figure = _panel()
        ax = figure.axes[0]
        (x, loss), (at, path) = ledger.over_steps("loss"), ledger.over_steps("path")
        upper = float(np.max(np.abs(loss))) or 1.0
        reach = float(path[-1]) or 1.0
        lines(ax, x, [loss / upper, np.interp(x, at, path) / reach], "call", "share of the largest",
              [f"loss, of {upper:.3g}", f"path length, of {reach:.3g}"])  # fmt: skip
        spots = [Spot(ax, float(u), float(v) / upper, f"call {u:.4g}\nloss {v:.6g}") for u, v in _some(x, loss)]
        spots += [
            Spot(ax, float(u), float(v) / reach, f"call {u:.4g}\npath length {v:.6g}") for u, v in _some(at, path)
        ]
        return inline_svg(figure, "tl", "Loss and path length over the calls, each as a share of its largest", spots)


def _warm(ledger: TrainingLedger) -> str:
    with house_style():
        figure = _panel()
        ax = ledger.plot(figure.axes[0], "temperature")
        x, warm = ledger.over_steps("temperature")
        spots = [Spot(ax, float(u), float(v), f"call {u:.4g}\ntemperature {v:.6g}") for u, v in _some(x, warm)]
        return inline_svg(figure, "tw", "Apparent temperature of the noise over the calls", spots)


def _spectrum(ledger: TrainingLedger) -> str:
    with house_style():
        figure = _panel()
        ax = ledger.plot(figure.axes[0], "spectrum")
        return inline_svg(figure, "ts", "Histogram of the temperatures of single weights", _columns(ax))


def _some(x: Array, y: Array) -> list[tuple[float, float]]:
    """At most 100 of the points of a line."""
    chosen = np.unique(np.linspace(0, x.size - 1, min(MOST_SPOTS, x.size)).astype(int))
    return list(zip(x[chosen], y[chosen], strict=True))


def _columns(ax: Axes) -> list[Spot]:
    """Every column of a histogram of temperatures: between which they lie, and of how many weights."""
    from matplotlib.patches import Rectangle

    spots = []
    for patch in ax.patches:
        if isinstance(patch, Rectangle) and patch.get_height() > 0.0:
            x, width, many = patch.get_x(), patch.get_width(), patch.get_height()
            text = f"{many:.0f} weights\ntemperature {10.0**x:.3g} to {10.0 ** (x + width):.3g}"
            spots.append(Spot(ax, x, 0.0, text, to=(x + width, many)))
    return spots


def _panel() -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=PANEL)
    figure.subplots()
    figure.subplots_adjust(left=0.165, right=0.98, bottom=0.2, top=0.9)
    return figure


def _reading(ledger: TrainingLedger) -> str:
    sides = "".join(f"<dt>{mark}</dt><dd>{text}</dd>" for mark, text in SIDES.items())
    low, middle, high = ledger.quantiles
    spread = (
        f"<p>A tenth of the weights is colder than {low:.3g}, one half than {middle:.3g}, and a tenth is warmer than "
        f"{high:.3g}.</p>"
        if ledger.spectrum.size
        else ""
    )
    return (
        f"{spread}<h2>How to read this</h2><dl>{sides}</dl><p>The apparent temperature and the entropy "
        f"flow are</p>{formula('temperature')}{formula('entropy flow')}<p>with C the covariance of the noise of the "
        "gradients, N weights, η the learning rate and Q<sub>k</sub> the heat of step k.</p><p>The steps differ from "
        f"−η<i>g</i> by {100.0 * ledger.mismatch:.2g} % of their size; beyond 1 % they are none of plain SGD.</p>"
        "<p>Printed again by <code>sz.infer.training_ledger(directory)</code>.</p>"
    )


def _typeset(text: str) -> str:
    """Plain text as HTML, with signs in place of letters that stand for them."""
    signs = escape(text).replace("+-", "±").replace("eta ", "η ")
    return re.sub(r"(?<![\w])-(?=[\d(s ])", "−", signs)
