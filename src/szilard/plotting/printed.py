"""Figures for a page of print: as wide as its columns, written as PDF, SVG or PNG."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import InputError, is_number, is_whole
from ..sealed import unwritable, write_atomically
from .style import PRINTED, house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTHS = {"single": 3.375, "double": 7.0}
"""Inches: one column of a page of the American Physical Society, and both."""
ASPECT = 0.72
"""Height over width of one panel, where no height is asked for."""
DPI = 300
MOST, STILL = 40, 1e-12
"""Layouts that are tried, and shares of the figure by which the last one may move anything."""
UNDATED: dict[str, dict[str, Any]] = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}, ".png": {}}
"""What a file would say of the day it was written, by suffix: nothing."""


def paper_figure(
    width: Literal["single", "double"] = "single", height: float | None = None, *, rows: int = 1, columns: int = 1
) -> tuple[Figure, Any]:
    r"""width = 3.375 in ("single") or 7 in ("double"): an empty figure for a page, and its Axes.

    height: in inches; by default 0.72 of the width of a panel for every row. Returns the figure and its one Axes, or
    an array of them (row, column). Text drawn on it by this library is 8 points high and nowhere under 7, but for
    indices. Whatever ``plot`` method or function draws on it, draw inside ``house_style(paper=True)``.
    Raises InputError for an unknown width, a height that is not a number > 0, rows or columns below 1.

    >>> import matplotlib
    >>> matplotlib.use("agg")
    >>> figure, ax = paper_figure("single", 2.0)
    >>> figure.get_size_inches().tolist()
    [3.375, 2.0]
    """
    if width not in WIDTHS:
        raise InputError("width", width, f"must be one of {', '.join(WIDTHS)}", "name the column")
    if height is not None and not (is_number(height) and height > 0.0):
        raise InputError("height", height, "must be a number > 0", "give inches, or leave it out")
    for name, value in (("rows", rows), ("columns", columns)):
        if not is_whole(value, 1):
            raise InputError(name, value, "must be a whole number >= 1", "count the panels")
    import matplotlib.pyplot as plt

    inches = WIDTHS[width]
    tall = ASPECT * inches / columns * rows if height is None else float(height)
    with house_style(paper=True):
        figure, axes = plt.subplots(rows, columns, figsize=(inches, tall), layout="constrained")
    PRINTED.add(figure)
    return figure, axes


def _settle(figure: Figure) -> None:
    """Lay out until nothing moves: a layout depends on the one before, which may have been for a screen."""
    before: list[float] = []
    for _ in range(MOST):
        figure.draw_without_rendering()
        places = [place for ax in figure.axes for place in ax.get_position().bounds]
        if len(places) == len(before) and all(abs(a - b) < STILL for a, b in zip(places, before, strict=True)):
            return
        before = places


def write_figure(figure: Figure, path: str | Path) -> Path:
    r"""The figure as PDF, SVG or PNG (300 dots per inch), as the suffix says; returns the path.

    Text stays text: embedded TrueType in a PDF, characters in an SVG. The same numbers, drawn anew, give the same
    bytes, and the file is there whole or not at all.
    Raises InputError for another suffix, or where it cannot be written.

    >>> write_figure(None, "budget.jpg")
    Traceback (most recent call last):
    ...
    szilard.errors.InputError: path: got budget.jpg; must end in .pdf, .svg, .png. Fix: name the file so.
    """
    target = Path(path)
    if target.suffix not in UNDATED:
        raise InputError("path", str(path), f"must end in {', '.join(UNDATED)}", "name the file so")
    stream, seen_at, engine = BytesIO(), figure.dpi, figure.get_layout_engine()
    with house_style():
        try:
            figure.set_dpi(DPI)
            _settle(figure)
            figure.set_layout_engine("none")
            figure.savefig(stream, format=target.suffix[1:], dpi=DPI, metadata=UNDATED[target.suffix])
        finally:
            figure.set_layout_engine(engine)
            figure.set_dpi(seen_at)
    try:
        write_atomically(target, stream.getvalue())
    except OSError as error:
        raise unwritable(target, error) from None
    return target
