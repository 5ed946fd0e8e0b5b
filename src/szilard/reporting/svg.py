"""A Matplotlib figure as SVG inside a page: its text stays text, its colours follow the page."""

from __future__ import annotations

import re
from html import escape
from io import StringIO
from typing import TYPE_CHECKING

from ..plotting.style import DARK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KNOWN = re.compile(r"(?<=[:\s\"])(" + "|".join(map(re.escape, DARK)) + r")(?![0-9a-f])")


def inline_svg(figure: Figure, prefix: str, label: str) -> str:
    """The figure as one <svg> element: no outside name, ids of its own, colours as CSS variables.

    prefix: letters and digits, different for every figure of a page; label: what it shows, for a reader
    who cannot see it. Drawn inside ``house_style``.
    """
    buffer = StringIO()
    figure.savefig(buffer, format="svg", transparent=True)
    text = buffer.getvalue()
    width, height = (72.0 * inches for inches in figure.get_size_inches())
    body = text[text.index(">", text.index("<svg")) + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = body.replace("xlink:href", "href")
    body = re.sub(r'\bid="', f'id="{prefix}-', body)
    body = re.sub(r'(href="|url\()#', rf"\1#{prefix}-", body)
    body = re.sub(r"'DejaVu Sans'[^;\"]*", "var(--sans)", body)
    body = KNOWN.sub(lambda found: f"var({variable(found[1])})", body)
    head = f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}">'
    return head + re.sub(r"\n\s*", "\n", body).strip()


def variable(colour: str) -> str:
    """The CSS variable of a colour.

    >>> variable("#1c2127")
    '--c1c2127'
    """
    return f"--c{colour[1:]}"


def colour_variables(dark: bool) -> str:
    """Every colour of the figures as CSS declarations."""
    return " ".join(f"{variable(light)}: {other if dark else light};" for light, other in DARK.items())
