"""A scene as a figure: budgets at one level above, the front of gain and cost below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...plotting import budget_bars
from ...plotting.stack import short
from ...plotting.style import FILLS, FORBIDDEN, INK, MUTED, OTHER, PAPER, RULE, SERIES, dress
from .fair_rows import Alike, FairRow
from .fair_trials import SURE, Contender, Trial, curve_of, title_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

MOST = 2
"""Bar charts side by side: of the shortest and of the longest time."""
SUPERVISED = ("hebbian", "perceptron", "adatron", "gibbs", "gradient", "hebbian_decay", "optimal")
COLOURS = dict(zip(SUPERVISED, (*(SERIES[i][0] for i in (0, 1, 2, 3, 5)), INK, OTHER.colour), strict=True))
DASHES: Mapping[str, Any] = dict(
    zip(SUPERVISED, ("-", (0, (5, 1)), (0, (1, 1)), "-", (0, (5, 1, 1, 1)), (0, (3, 1)), "-"), strict=True)
)
"""The same colour and dashes for a rule in every scene; those that hear of no label are grey."""
MARKERS = ("o", "s", "^", "D", "v", "P")
BELOW = 0.6
"""Where the axis of costs ends, of the smallest that is sure."""
STORED = {name: "readout_loss" if name == "readout" else name for name in FILLS}
GAINED = {
    "random": "learned of all labels (nat)",
    "teacher": "known of the teacher, at least (nat)",
    "true": "known of one label never shown (nat)",
}


def drawn_scene(
    contenders: Sequence[Contender], main: Alike, trials: Sequence[Trial], on_front: Sequence[bool], figure: Figure
) -> None:
    """Stacked budgets of the shortest and the longest time at one level; cost against gain of every run."""
    times = list(dict.fromkeys(row.contender.time for row in main.rows))
    times = [times[0], times[-1]] if len(times) > MOST else times
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.0, 1.05))[:, 0]
    if times:
        widths = [max(2, len(main.in_time(time))) for time in times]
        panels = above.subplots(1, len(times), squeeze=False, sharey=True, width_ratios=widths)[0]
        for ax, time in zip(panels, times, strict=True):
            _bars(ax, main.in_time(time))
        for ax in panels[1:]:
            ax.set_ylabel("")
        names = [name for name in FILLS if any(STORED[name] in row.found for row in main.rows)]
        _legend(above, [name for name in names if name != "learned" or main.rows[0].efficiency is not None])
    _cloud(below.subplots(), trials, on_front)


def _legend(figure: SubFigure, names: Sequence[str]) -> None:
    from matplotlib.patches import Patch

    told = {"unresolved": "not told apart"}
    handles = [
        Patch(facecolor=FILLS[name].colour, hatch=FILLS[name].hatch, edgecolor=PAPER, label=told.get(name, name))
        for name in names
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(names), handlelength=1.3, columnspacing=1.2)


def _bars(ax: Axes, rows: Sequence[FairRow]) -> None:
    terms = {
        name: [row.found[key].value if key in row.found else np.nan for row in rows] for name, key in STORED.items()
    }
    labels = [row.contender.label.replace(", ", "\n") for row in rows]
    budget_bars(ax, labels, terms, cost=[row.cost.value for row in rows], share=True)
    ax.set_xticklabels(labels, rotation=38, ha="right", rotation_mode="anchor", fontsize=8.0)
    for place, row in enumerate(rows):
        ax.annotate(
            short(row.cost.value), (place, 100.0), (0, 3), textcoords="offset points", ha="center", fontsize=8.0,
            color=INK,
        )  # fmt: skip
    ax.set_ylim(min(0.0, ax.get_ylim()[0]), 112.0)
    ax.set_yticks([0, 25, 50, 75, 100])
    ax.set_title(title_of([row.contender for row in rows]), pad=5.0)


def _cloud(ax: Axes, trials: Sequence[Trial], on_front: Sequence[bool]) -> None:
    """Cost against gain of every run that cost anything; whoever is full is on the front."""
    colours, markers = _colours(trials), _markers(trials)
    bounded = trials[0].at["labelling"] != "true"
    curves: dict[str, list[tuple[Trial, bool]]] = {}
    for trial, first in zip(trials, on_front, strict=True):
        if trial.estimates["cost"].value > 0.0:
            curves.setdefault(curve_of(trial.at), []).append((trial, first))
    ax.set_yscale("log", nonpositive="clip")
    for curve in curves.values():
        _curve(ax, sorted(curve, key=lambda each: each[0].rate), colours, markers)
    ax.margins(x=0.09)
    sure = [t.estimates["cost"].value for t in trials if t.estimates["cost"].value > SURE * t.estimates["cost"].stderr]
    ax.set_ylim(bottom=max(ax.get_ylim()[0], BELOW * min(sure, default=0.0)))
    for time in markers:
        front = sorted((t for t, first in zip(trials, on_front, strict=True) if first and t.time == time), key=_gain)
        ax.plot([t.gain.value for t in front], [t.estimates["cost"].value for t in front], color=RULE, linewidth=4.0,
                drawstyle="steps-pre", solid_capstyle="round", zorder=1)  # fmt: skip
    ax.set_xlabel(GAINED[str(trials[0].at["labelling"])])
    ax.set_ylabel("cost (nat)")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_minor_formatter(lambda value, _: "")
    dress(ax)
    if bounded:
        _forbid(ax)
    _explain(ax, colours, markers)


def _gain(trial: Trial) -> float:
    return trial.gain.value


def _curve(
    ax: Axes, curve: Sequence[tuple[Trial, bool]], colours: Mapping[str, str], markers: Mapping[float, str]
) -> None:
    trials = [trial for trial, _ in curve]
    rule, online = str(trials[0].at["rule"]), trials[0].at["mode"] == "online"
    colour, marker = colours[rule], markers[trials[0].time]
    x, y = [t.gain.value for t in trials], [t.estimates["cost"].value for t in trials]
    ax.plot(x, y, color=colour, linewidth=1.2, linestyle=DASHES.get(rule, "-"), zorder=2)
    ax.errorbar(x, y, [t.estimates["cost"].stderr for t in trials], [t.gain.stderr for t in trials], color=colour,
                linestyle="none", elinewidth=0.9, zorder=3)  # fmt: skip
    if online:
        ax.annotate("online", (x[-1], y[-1]), (6, 3), textcoords="offset points", fontsize=8.0, color=colour)
    for trial, first in curve:
        ax.plot(trial.gain.value, trial.estimates["cost"].value, marker=marker, color=colour, markersize=4.8,
                markerfacecolor=colour if first else PAPER, zorder=4)  # fmt: skip


def _colours(trials: Sequence[Trial]) -> dict[str, str]:
    """The colour of each rule, those that gained anything first."""
    first = [str(trial.at["rule"]) for trial in trials if trial.gained]
    return {name: COLOURS.get(name, MUTED) for name in dict.fromkeys([*first, *(str(t.at["rule"]) for t in trials)])}


def _markers(trials: Sequence[Trial]) -> dict[float, str]:
    times = sorted({trial.time for trial in trials})
    return {time: MARKERS[i % len(MARKERS)] for i, time in enumerate(times)}


def _forbid(ax: Axes) -> None:
    """The efficiency's limit, cost = learned, and what lies below."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    x = np.linspace(max(left, 1e-3 * right), right, 400)
    ax.fill_between(x, x, 1e-6 * low, color=FORBIDDEN, linewidth=0.0, zorder=0)
    ax.plot(x, x, color=FILLS["learned"].colour, linewidth=1.1, zorder=1)
    ax.set(xlim=(left, right), ylim=(low, high))
    ax.text(0.985, 0.03, "forbidden: cost < gain", transform=ax.transAxes, ha="right", va="bottom", fontsize=8.0,
            color=MUTED)  # fmt: skip


def _explain(ax: Axes, colours: Mapping[str, str], markers: Mapping[float, str]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, linestyle=DASHES[name], label=name.replace("_", " "))
        for name, colour in colours.items()
        if name in DASHES
    ]
    blind = [name for name in colours if name not in DASHES]
    if blind:
        handles.append(Line2D([], [], color=MUTED, label=", ".join(blind)))
    handles += [
        Line2D([], [], color=MUTED, marker=marker, linestyle="none", markersize=4.8, label=f"time {time:g}")
        for time, marker in markers.items()
    ]
    handles.append(Line2D([], [], color=RULE, linewidth=4.0, label="front"))
    ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=2.4, fontsize=8.0)
