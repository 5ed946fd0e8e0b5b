"""The three figures of the page: a weight, the flow of heat, and the budget as it fills up."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Range1d
from bokeh.models.annotations.geometry import Span
from bokeh.plotting import figure
from numpy.typing import NDArray

from ..estimate import Estimate
from ..learning.decomposition import TERMS
from ..plotting.style import FILLS, INK, MUTED, PAPER, RULE, SERIES
from .closed_forms import Exact, exact_density
from .colours import FLOWS, LABELS, hatched, painted
from .frames import Scene

Array = NDArray[np.float64]
FONT = "system-ui, sans-serif"
HEIGHT = 270
FINE = 241


def dressed(dark: bool, x_label: str, y_label: str, **more: Any) -> Any:
    """An empty figure in the look of the house, as wide as its place."""
    ink, muted, paper = (painted(colour, dark) for colour in (INK, MUTED, PAPER))
    plot = figure(
        height=HEIGHT, sizing_mode="stretch_width", toolbar_location=None, background_fill_color=paper,
        border_fill_color=paper, outline_line_color=None, x_axis_label=x_label, y_axis_label=y_label,
        min_border_right=12, **{"tools": "", **more},
    )  # fmt: skip
    plot.grid.grid_line_color = painted(RULE, dark)
    plot.grid.grid_line_alpha = 0.6
    for axis in plot.axis:
        axis.axis_line_color = axis.major_tick_line_color = muted
        axis.minor_tick_line_color = None
        axis.major_label_text_color = axis.axis_label_text_color = ink
        axis.major_label_text_font = axis.axis_label_text_font = FONT
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font_size = axis.major_label_text_font_size = "13px"
    return plot


class WeightFigure:
    """p(+-w_1 | label 1) over the replicas at one time, and the exact density as lines."""

    def __init__(self, dark: bool) -> None:
        self.bars = ColumnDataSource({name: [] for name in ("left", "right", "less", "more")})
        self.lines = ColumnDataSource({name: [] for name in ("w", "less", "more")})
        self.plot = dressed(
            dark,
            "weight 1, in the direction of its input",
            "density",
            x_range=Range1d(start=-4, end=4),
            y_range=Range1d(start=0, end=1),
        )
        for name, number in LABELS.items():
            shade = painted(SERIES[number][0], dark)
            hatch = "right_diagonal_line" if name == "less" else None
            self.plot.quad(
                left="left", right="right", bottom=0, top=name, source=self.bars, fill_color=shade, fill_alpha=0.35,
                line_color=None, hatch_pattern=hatch, hatch_color=shade, hatch_alpha=0.9, hatch_scale=7.0,
            )  # fmt: skip
            dash = "solid" if name == "more" else "dashed"
            self.plot.line("w", name, source=self.lines, line_color=shade, line_width=2.4, line_dash=dash)

    def show(self, scene: Scene, index: int) -> None:
        """The frame of this number."""
        frame, edges = scene.frames[index], scene.edges
        self.bars.data = {"left": edges[:-1], "right": edges[1:], "less": frame.density[0], "more": frame.density[1]}
        at = np.linspace(edges[0], edges[-1], FINE)
        known = exact_density(scene.settings, frame.time, at)
        self.lines.data = (
            {"w": [], "less": [], "more": []}
            if known is None
            else dict(zip(("w", "less", "more"), (at, *known), strict=True))
        )
        self.plot.x_range.start, self.plot.x_range.end = float(edges[0]), float(edges[-1])
        self.plot.y_range.end = 1.1 * max(float(f.density.max()) for f in scene.frames)


class FlowFigure:
    """Heat, work and the gain of entropy over time: points with their errors, lines where they are exact."""

    def __init__(self, dark: bool) -> None:
        self.points = {name: ColumnDataSource({"t": [], "y": [], "low": [], "high": []}) for name in FLOWS}
        self.lines = {name: ColumnDataSource({"t": [], "y": []}) for name in FLOWS}
        self.plot = dressed(
            dark, "time", "kT₀, or nat", x_range=Range1d(start=0, end=1), y_range=Range1d(start=-1, end=1)
        )
        for name, (colour, _), marker in zip(FLOWS, SERIES, ("circle", "square", "triangle"), strict=False):
            shade, points = painted(colour, dark), self.points[name]
            self.plot.line("t", "y", source=self.lines[name], line_color=shade, line_width=2.0)
            self.plot.segment("t", "low", "t", "high", source=points, line_color=shade, line_width=1.4)
            self.plot.scatter("t", "y", source=points, marker=marker, color=shade, size=6)
        self.now = Span(location=0.0, dimension="height", line_color=painted(MUTED, dark), line_dash="dotted")
        self.plot.add_layout(self.now)

    def draw(self, scene: Scene, known: Exact | None) -> None:
        """All frames of a scene."""
        times, ends = scene.times, [0.0]
        for name in FLOWS:
            found = [getattr(frame, name) for frame in scene.frames]
            self.points[name].data = {"t": times, **_bars(found)}
            ends += [*self.points[name].data["low"], *self.points[name].data["high"]]
            exact = np.full(times.size, np.nan) if known is None else getattr(known, name)
            self.lines[name].data = {"t": times, "y": exact}
        room = 0.05 * max(max(ends) - min(ends), 1e-3)
        self.plot.y_range.start, self.plot.y_range.end = float(min(ends) - room), float(max(ends) + room)
        self.plot.x_range.start, self.plot.x_range.end = -0.012 * float(times[-1]), 1.012 * float(times[-1])

    def show(self, scene: Scene, index: int) -> None:
        """Mark the time of this frame."""
        self.now.location = scene.frames[index].time


class BudgetFigure:
    """The terms of the cost stacked over time, up to the frame that is shown; the cost with its error on top."""

    def __init__(self, dark: bool) -> None:
        edges = [f"{name}_{end}" for name in TERMS for end in ("low", "high")]
        self.areas = ColumnDataSource({"t": [], **{edge: [] for edge in edges}})
        self.points = ColumnDataSource({"t": [], "y": [], "low": [], "high": []})
        self.lines = ColumnDataSource({"t": [], "cost": [], "learned": []})
        self.plot = dressed(dark, "time", "nat", x_range=Range1d(start=0, end=1), y_range=Range1d(start=0, end=1))
        ink, paper = painted(INK, dark), painted(PAPER, dark)
        for name in TERMS:
            self.plot.varea(
                x="t", y1=f"{name}_low", y2=f"{name}_high", source=self.areas,
                fill_color=painted(FILLS[name].colour, dark), hatch_pattern=hatched(name), hatch_color=paper,
                hatch_alpha=0.8, hatch_scale=8.0,
            )  # fmt: skip
        self.plot.line("t", "cost", source=self.lines, line_color=ink, line_width=1.6)
        self.plot.line("t", "learned", source=self.lines, line_color=ink, line_width=1.6, line_dash="dashed")
        self.plot.segment("t", "low", "t", "high", source=self.points, line_color=ink, line_width=1.4)
        self.plot.scatter("t", "y", source=self.points, marker="circle", color=ink, size=5)

    def draw(self, scene: Scene, known: Exact | None) -> None:
        """The scale, and what is exact."""
        top = max(f.cost.value + 2.0 * _finite(f.cost.stderr) for f in scene.frames)
        low = [float(stacked(scene, len(scene.frames) - 1)[f"{name}_low"].min()) for name in TERMS]
        self.plot.y_range.start, self.plot.y_range.end = 1.1 * min(0.0, *low), 1.08 * max(top, 1e-3)
        self.plot.x_range.end = 1.012 * float(scene.times[-1])
        nothing = np.full(scene.times.size, np.nan)
        cost, learned = (nothing, nothing) if known is None else (known.cost, known.learned)
        self.lines.data = {"t": scene.times, "cost": cost, "learned": learned}

    def show(self, scene: Scene, index: int) -> None:
        """Fill up to the frame of this number."""
        self.areas.data = stacked(scene, index)
        shown = scene.frames[: index + 1]
        self.points.data = {"t": scene.times[: index + 1], **_bars([frame.cost for frame in shown])}


def stacked(scene: Scene, index: int) -> dict[str, Array]:
    """t, and of each term where its area begins and ends, of the frames up to this one that have their budget.

    What is learned at the bottom, negative terms below zero. Where a term begins to be known, or is no longer, the
    areas make a step: at that time stands first what the frame before would have told apart.
    """
    times: list[float] = []
    rows: list[dict[str, float]] = []
    apart: set[str] = set()
    for frame in scene.frames[: index + 1]:
        if frame.budget is None:
            continue
        terms = {name: term.value for name in TERMS if (term := getattr(frame.budget, name)) is not None}
        known = set(terms) - {"unresolved"}
        if rows and known != apart:
            times.append(frame.time)
            rows.append(_merged(terms, known & apart))
        times.append(frame.time)
        rows.append(terms)
        apart = known
    found = {"t": np.array(times)}
    above, below = np.zeros(len(rows)), np.zeros(len(rows))
    for name in TERMS:
        height = np.array([row.get(name, 0.0) for row in rows])
        base = np.where(height >= 0.0, above, below)
        found[f"{name}_low"], found[f"{name}_high"] = base, base + height
        above, below = above + np.maximum(height, 0.0), below + np.minimum(height, 0.0)
    return found


def _merged(terms: dict[str, float], apart: set[str]) -> dict[str, float]:
    """The same terms, all but ``apart`` in unresolved."""
    told = {name: value for name, value in terms.items() if name in apart}
    return told | {"unresolved": sum(value for name, value in terms.items() if name not in apart)}


def _bars(found: list[Estimate]) -> dict[str, Array]:
    value = np.array([x.value for x in found])
    error = np.array([_finite(x.stderr) for x in found])
    return {"y": value, "low": value - error, "high": value + error}


def _finite(error: float) -> float:
    return error if np.isfinite(error) else 0.0
