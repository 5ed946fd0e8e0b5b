"""The runs of a finished study: a scatter of cost against learned, and a table; choosing a run in either."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, InlineStyleSheet, TapTool
from bokeh.models.widgets.buttons import Button
from bokeh.models.widgets.markups import Div
from bokeh.models.widgets.tables import DataTable, NumberFormatter, TableColumn
from numpy.typing import NDArray

from ..plotting.style import INK, series_look
from .colours import painted
from .figures import dressed
from .stored import StoredStudy

MARKERS = {"o": "circle", "s": "square", "^": "triangle", "D": "diamond", "v": "inverted_triangle", "P": "plus"}
SIGNS = {"o": "●", "s": "■", "^": "▲", "D": "◆", "v": "▼", "P": "✚"}
ROW = 26


class StudyView:
    """roots: the heading, the scatter, the table and a button that leaves the study's runs."""

    def __init__(
        self, study: StoredStudy, style: InlineStyleSheet, dark: bool, chosen: Callable[[int | None], None]
    ) -> None:
        self.study = study
        self.source = ColumnDataSource(study.columns)
        self.source.selected.on_change("indices", lambda attr, old, new: self._selected())
        self._chosen = chosen
        count = len(study.runs)
        rules = list(dict.fromkeys(study.columns["rule"]))
        self._looks = {rule: series_look(i) for i, rule in enumerate(rules)}
        title = (
            f"<h2>{escape(study.name)}</h2><p>{count} finished {'run' if count == 1 else 'runs'}: {self._key(dark)}"
            f"{self._left_out()}</p>"
        )
        self.heading = Div(
            text=title, name="study", stylesheets=[style], disable_math=True, sizing_mode="stretch_width"
        )
        self.leave = Button(label="Leave the study's runs", name="leave", stylesheets=[style], width=200)
        self.leave.on_click(self._left)
        self.plot = self._scatter(dark)
        self.table = self._table(style)
        self.roots = (self.heading, self.plot, self.table, self.leave)

    def _scatter(self, dark: bool) -> Any:
        fits = self._fits()
        scale = "log" if fits.any() else "linear"
        plot = dressed(dark, "learned (nat)", "cost (nat)", name="scatter", x_axis_type=scale, y_axis_type=scale)
        self.source.data["colour"] = [painted(self._looks[rule][0], dark) for rule in self.study.columns["rule"]]
        self.source.data["marker"] = [MARKERS[self._looks[rule][1]] for rule in self.study.columns["rule"]]
        points = plot.scatter(
            "learned", "cost", source=self.source, marker="marker", color="colour", size=10, fill_alpha=0.7,
            selection_line_color=painted(INK, dark), selection_line_width=2.5, selection_fill_alpha=1.0,
            nonselection_alpha=0.45,
        )  # fmt: skip
        if fits.any():
            learned = self.study.columns["learned"][fits]
            ends = [float(learned.min()), float(learned.max())]
            plot.line(ends, ends, line_color=painted(INK, dark), line_dash="dashed", line_width=1.2)
        tips = [(word, f"@{name}") for word, name in TIPS.items()]
        plot.add_tools(HoverTool(renderers=[points], tooltips=tips), TapTool(renderers=[points]))
        return plot

    def _fits(self) -> NDArray[np.bool_]:
        """(run,) whether it has a place on logarithmic axes."""
        return np.asarray((self.study.columns["learned"] > 0.0) & (self.study.columns["cost"] > 0.0))

    def _left_out(self) -> str:
        count = int((~self._fits()).sum())
        if not 0 < count < len(self.study.runs):
            return ""
        return f" · {count} only in the table: nothing learned, or no cost above zero"

    def _key(self, dark: bool) -> str:
        marks = [
            f'<span class="rule"><i style="color: {painted(colour, dark)}">{SIGNS[marker]}</i>'
            f"&nbsp;{escape(rule)}</span>"
            for rule, (colour, marker) in self._looks.items()
        ]
        return " ".join(marks) + ' <span class="rule">╌&nbsp;cost = learned</span>'

    def _table(self, style: InlineStyleSheet) -> DataTable:
        digits = NumberFormatter(format="0.0000")
        columns = [TableColumn(field=field, title=word, width=width) for field, word, width in WORDS]
        columns += [TableColumn(field=f, title=w, width=80, formatter=digits) for f, w in NUMBERS]
        return DataTable(
            source=self.source, columns=columns, name="runs", index_position=None, selectable=True, reorderable=False,
            height=min(240, ROW * (len(self.study.runs) + 1) + 6), row_height=ROW, sizing_mode="stretch_width",
            autosize_mode="none", stylesheets=[style],
        )  # fmt: skip

    def _selected(self) -> None:
        indices = self.source.selected.indices
        if indices and isinstance(indices[0], int) and 0 <= indices[0] < len(self.study.runs):
            self._chosen(indices[0])

    def _left(self) -> None:
        self.source.selected.indices = []
        self._chosen(None)


TIPS = {
    "rule": "rule", "rate": "rate", "under": "condition", "learned": "learned_shown", "cost": "cost_shown",
    "efficiency": "efficiency_marginal_shown", "second law": "verdict",
}  # fmt: skip
WORDS = (("rule", "rule", 90), ("rate", "rate", 55), ("condition", "under", 130), ("verdict", "second law", 90))
NUMBERS = (
    ("learned", "learned"), ("learned_error", "±"), ("cost", "cost"), ("cost_error", "±"),
    ("efficiency_marginal", "efficiency"),
)  # fmt: skip
