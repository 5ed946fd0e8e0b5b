"""A figure as it stands on a page: legend, panels, caption, and the command that makes it again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from ..plotting.style import FILLS, series_look
from .figure_files import figure_command
from .svg import variable

BROAD = 400.0
"""Points; the others, of 4.7 inches, stand two in a row."""


def figure_block(panels: Sequence[str], names: str, caption: str, *commands: str) -> str:
    """names: HTML of the legend; caption: plain text; commands: HTML."""
    inner = "".join(f'<div class="panel{_width(panel)}">{panel}</div>' for panel in panels)
    return (
        f'<figure>{names}<div class="panels">{inner}</div><figcaption>{escape(caption)}</figcaption>'
        f"{''.join(commands)}</figure>"
    )


def _width(panel: str) -> str:
    """A class of its own for a panel of many bars, which needs a whole row of the page."""
    box = re.match(r'<svg viewBox="0 0 ([\d.]+) ', panel)
    return " wide" if box is not None and float(box[1]) > BROAD else ""


def command_line(out: str | Path, name: str) -> str:
    """The command that makes a figure again, for print."""
    return f'<p class="command">For print: <code>{escape(figure_command(out, name))}</code></p>'


def legend(entries: Mapping[str, str]) -> str:
    """Names, each with its sign as HTML."""
    return '<ul class="legend">' + "".join(f"<li>{s}{escape(n)}</li>" for n, s in entries.items()) + "</ul>"


def swatch(term: str) -> str:
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


def marker(series: int, joined: bool = True) -> str:
    """The mark of the first, second, ... curve; joined: on its line."""
    colour, shape = series_look(series)
    shapes = {
        "o": '<circle cx="9" cy="5" r="3.2"/>',
        "s": '<rect x="6" y="2" width="6" height="6"/>',
        "^": '<path d="M9 1.2L12.6 8.2H5.4Z"/>',
        "D": '<path d="M9 1L13 5L9 9L5 5Z"/>',
        "v": '<path d="M9 8.8L12.6 1.8H5.4Z"/>',
        "P": '<path d="M7.6 1.6h2.8v2h2v2.8h-2v2h-2.8v-2h-2v-2.8h2Z"/>',
    }
    colour = f"var({variable(colour)})"
    line = f'<path d="M0 5H18" stroke="{colour}" stroke-width="1.3"/>' if joined else ""
    return f'<svg viewBox="0 0 18 10" aria-hidden="true" fill="{colour}">{line}{shapes[shape]}</svg>'
