"""A Matplotlib figure as SVG inside a page: text stays text, colours follow the page, marks can be asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import TYPE_CHECKING

from ..plotting.style import DARK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KNOWN = re.compile(r"(?<=[:\s\"])(" + "|".join(map(re.escape, DARK)) + r")(?![0-9a-f])")
POINTS = 72.0
MANY = 150
"""Marks of a figure beyond which they are small, so that they do not hide each other."""


@dataclass(frozen=True)
class Spot:
    """A place of a figure that tells something when asked: a point (x, y), or the area from there to ``to``, in data.

    text: what it tells, a line each; number: the run that it tells of.
    """

    ax: Axes
    x: float
    y: float
    text: str
    number: int | None = None
    to: tuple[float, float] | None = None


def inline_svg(figure: Figure, prefix: str, label: str, spots: Sequence[Spot] = ()) -> str:
    """The figure as one <svg> element: no outside name, ids of its own, colours as CSS variables.

    prefix: letters and digits, different for every figure of a page; label: what it shows, for a reader
    who cannot see it; spots: what can be asked, the first reached by the keyboard. Drawn inside ``house_style``.
    """
    buffer = StringIO()
    figure.savefig(buffer, format="svg", transparent=True)
    text = buffer.getvalue()
    width, height = (POINTS * inches for inches in figure.get_size_inches())
    body = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = body.replace("xlink:href", "href")
    body = re.sub(r'\bid="', f'id="{prefix}-', body)
    body = re.sub(r'(href="|url\()#', rf"\1#{prefix}-", body)
    body = re.sub(r"'DejaVu Sans'[^;\"]*", "var(--sans)", body)
    body = KNOWN.sub(lambda found: f"var({variable(found[1])})", body)
    body = re.sub(r"\n\s*", "\n", body).strip()
    shapes = _shapes(figure, spots)
    role = "group" if shapes else "img"
    head = f'<svg viewBox="0 0 {width:g} {height:g}" role="{role}" aria-label="{escape(label)}">'
    if not shapes:
        return f"{head}{body}</svg>"
    return f'{head}<g aria-hidden="true">{body}</g><g class="marks">{"".join(shapes)}</g></svg>'


def _shapes(figure: Figure, spots: Sequence[Spot]) -> list[str]:
    """The spots as they lie on the drawn figure, those out of sight left out."""
    radius = "3.5" if len(spots) > MANY else "6"
    shapes: list[str] = []
    for spot in spots:
        x, y = _placed(figure, spot.ax, spot.x, spot.y)
        if spot.to is None:
            if not spot.ax.bbox.contains(*spot.ax.transData.transform((spot.x, spot.y))):
                continue
            shape = f'circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}"'
        else:
            u, v = _placed(figure, spot.ax, *spot.to)
            left, top = min(x, u), min(y, v)
            shape = f'rect x="{left:.1f}" y="{top:.1f}" width="{abs(u - x):.1f}" height="{max(abs(v - y), 2.0):.1f}"'
        run = "" if spot.number is None else f' data-run="{spot.number}"'
        stop = -1 if shapes else 0
        told = escape(spot.text).replace("\n", "&#10;")
        shapes.append(
            f'<{shape} class="mark"{run} tabindex="{stop}" role="img"><title>{told}</title></{shape.split()[0]}>'
        )
    return shapes


def _placed(figure: Figure, ax: Axes, x: float, y: float) -> tuple[float, float]:
    """Where the data (x, y) lie on the page, in its units; after the figure was drawn."""
    u, v = ax.transData.transform((x, y)) * (POINTS / figure.dpi)
    return float(u), POINTS * figure.get_figheight() - float(v)


def variable(colour: str) -> str:
    """The CSS variable of a colour.

    >>> variable("#1c2127")
    '--c1c2127'
    """
    return f"--c{colour[1:]}"


def colour_variables(dark: bool) -> str:
    """Every colour of the figures as CSS declarations."""
    return " ".join(f"{variable(light)}: {other if dark else light};" for light, other in DARK.items())
