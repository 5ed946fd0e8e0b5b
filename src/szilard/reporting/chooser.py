"""The part of a page where a run is chosen by sliders: its controls, and the numbers they choose from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from typing import Any

from ..estimate import SIDES, Estimate
from ..plotting.style import FILLS
from ..study.axes import AXES
from ..study.quantities import UNITS
from .runs import SIGNS, STORED, Run

Value = str | float
NONE = "none"
MOST_WORDS = 8
"""Schedules in a list; where there are more, and all are ramps, their times are a slider."""
ANSWERS = (
    "cost", "learned", "efficiency_marginal", "efficiency_joint", "heat", "entropy", "error", "held_out_error",
    "fresh_information",
)  # fmt: skip
NAMES = {
    "efficiency_marginal": "efficiency, marginal",
    "efficiency_joint": "efficiency, joint",
    "error": "error, patterns shown",
    "held_out_error": "error, patterns never shown",
    "fresh_information": "known of one unseen label",
}
SHOWN_UNITS = {"nat": "nat", "k_B T0": "kT\u2080", "1": ""}


@dataclass(frozen=True)
class AxisOfRuns:
    """A parameter with more than one value among the runs: numbers in order, or words as they come."""

    name: str
    values: tuple[Value, ...]

    @property
    def label(self) -> str:
        """How people read it."""
        sign = SIGNS.get(self.name, "")
        return self.name.replace("_", " ") + (f" {sign}" if sign and sign != self.name else "")

    @property
    def ordered(self) -> bool:
        """Whether it is a number for every run."""
        return all(isinstance(value, float) for value in self.values)


def axes_of_runs(runs: Sequence[Run]) -> tuple[AxisOfRuns, ...]:
    """Every parameter with more than one value, but for those that follow a word, as a duration may its schedule."""
    columns = {name: [run.at.get(name, NONE) for run in runs] for name in AXES}
    columns = {name: column for name, column in columns.items() if len(set(column)) > 1}
    if all(isinstance(value, float) for value in columns.get("ramp", [NONE])):
        columns.pop("ramp" if len(set(columns["schedule"])) <= MOST_WORDS else "schedule", None)
    found: list[AxisOfRuns] = []
    for name, column in columns.items():
        words = [axis.name for axis in found if not axis.ordered]
        if any(len(set(zip(columns[word], column, strict=True))) == len(set(columns[word])) for word in words):
            continue
        numbers = sorted(value for value in set(column) if isinstance(value, float))
        texts = [value for value in dict.fromkeys(column) if isinstance(value, str)]
        found.append(AxisOfRuns(name, (*numbers, *texts)))
    return tuple(found)


def chooser_section(runs: Sequence[Run], start: int | None) -> str:
    """The controls, shown once the script is there, and the data; nothing for fewer than two runs that differ.

    start: the number of the run that is shown first, by default the first one.
    """
    axes = axes_of_runs(runs)
    if not axes:
        return ""
    places = [{value: i for i, value in enumerate(axis.values)} for axis in axes]
    at = [[p[run.at.get(axis.name, NONE)] for axis, p in zip(axes, places, strict=True)] for run in runs]
    first = next((i for i, run in enumerate(runs) if run.number == start), 0)
    controls = "".join(_control(i, axis, at[first][i]) for i, axis in enumerate(axes))
    text = (
        "Every parameter that varies has a slider or a list. The run they choose is shown here and marked ▸ in the "
        "tables and with a ring in the figures; a click on a mark or a row chooses its run."
    )
    return (
        f'<section class="chooser" hidden><h2>One run after another</h2><p>{text}</p>'
        f'<form class="controls" aria-label="Choose a run">{controls}</form>'
        '<p class="nearest" role="status"></p><div class="chosen-run"></div>'
        f'<script type="application/json" id="runs">{as_json(_data(axes, runs, at, first))}</script></section>'
    )


def as_json(data: Mapping[str, Any]) -> str:
    """JSON that may stand in a page: nothing in it ends its element or begins another.

    >>> as_json({"a": "</script>"})
    '{"a":"\\\\u003c/script\\\\u003e"}'
    """
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _control(number: int, axis: AxisOfRuns, place: int) -> str:
    name = f"axis-{number}"
    label = escape(axis.label)
    if axis.ordered:
        shown = escape(said(axis.values[place]))
        return (
            f'<div><label for="{name}">{label}</label><output for="{name}">{shown}</output>'
            f'<input type="range" id="{name}" min="0" max="{len(axis.values) - 1}" step="1" value="{place}"></div>'
        )
    options = "".join(
        f'<option value="{i}"{" selected" if i == place else ""}>{escape(said(value))}</option>'
        for i, value in enumerate(axis.values)
    )
    return f'<div><label for="{name}">{label}</label><select id="{name}">{options}</select></div>'


def said(value: Value) -> str:
    """A parameter as people read it.

    >>> said(0.5), said("quench")
    ('0.5', 'quench')
    """
    return f"{value:g}" if isinstance(value, float) else value


def _data(axes: Sequence[AxisOfRuns], runs: Sequence[Run], at: Sequence[Sequence[int]], first: int) -> dict[str, Any]:
    terms = [name for name in FILLS if any(STORED[name] in run.estimates for run in runs)]
    answers = [name for name in ANSWERS if any(name in run.estimates for run in runs)]
    names = [*(STORED[name] for name in terms), *answers]
    return {
        "axes": [
            {"label": axis.label, "ordered": axis.ordered, "values": [said(value) for value in axis.values]}
            for axis in axes
        ],
        "terms": [
            {"name": name, "colour": FILLS[name].colour[1:], "hatch": FILLS[name].hatch[:1]} for name in terms
        ],
        "answers": [[NAMES.get(name, name), SHOWN_UNITS[UNITS[name]]] for name in answers],
        "sides": SIDES,
        "first": first,
        "runs": [
            {
                "number": run.number,
                "at": places,
                "name": run.name,
                "note": " + ".join(filter(None, [run.labelling + " labels", run.force])),
                "merged": run.merged,
                "numbers": [_number(run.estimates.get(name)) for name in names],
                "verdict": run.verdict,
                "margin": _finite(run.estimates["margin"].value) if "margin" in run.estimates else None,
            }
            for run, places in zip(runs, at, strict=True)
        ],
    }  # fmt: skip


def _number(estimate: Estimate | None) -> list[Any] | None:
    if estimate is None or not isfinite(estimate.value):
        return None
    return [estimate.value, _finite(estimate.stderr), SIDES.index(estimate.side)]


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
