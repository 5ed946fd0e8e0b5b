"""Shares of a whole as one bar, drawn as SVG that takes the colours of the page."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite

from .markup import Html

DARK_INK, LIGHT_INK = "#1c2127", "#ffffff"
ROOM = 9.0
"""Percent of the bar's width that a written number needs."""
HEIGHT = 30
SQUARE = 'width="14" height="14"'
STROKES = {
    "\\": "M0 0 6 6M-1 5 1 7M5 -1 7 1",
    "/": "M6 0 0 6M-1 1 1 -1M5 7 7 5",
    "-": "M0 3H6",
    "x": "M0 0 6 6M6 0 0 6",
}
"""Lines of a tile of 6 by 6, by the hatch they are for."""


@dataclass(frozen=True)
class Share:
    """A part of a whole: its name, its value, and how its area is filled, a hatch as Matplotlib has it."""

    name: str
    value: float
    colour: str
    hatch: str = ""


def shares_bar(shares: Sequence[Share], label: str) -> Html:
    """One bar from left to right; what is negative lies left of the line at zero. label: for who cannot see it.

    Numbers in the bar are percent of the sum of all shares, where they have room. Values that are not finite are left
    out; without any that is not zero there is no bar.

    >>> shares_bar([Share("learned", 1.0, "#d1500b"), Share("lost", 3.0, "#23415e")], "cost").count("<rect")
    3
    """
    known = [share for share in shares if isfinite(share.value) and share.value != 0.0]
    width, total = sum(abs(share.value) for share in known), sum(share.value for share in known)
    if width == 0.0:
        return Html("")
    below = sum(-share.value for share in known if share.value < 0.0)
    left, right, drawn = below, below, []
    for share in known:
        size = abs(share.value)
        if share.value < 0.0:
            left -= size
        drawn.append(_area(share, 100.0 * (left if share.value < 0.0 else right) / width, 100.0 * size / width, total))
        right += size if share.value > 0.0 else 0.0
    zero = 100.0 * below / width
    line = f'<line x1="{zero:.2f}%" x2="{zero:.2f}%" y1="0" y2="{HEIGHT}" stroke="currentColor" stroke-width="2"/>'
    told = ", ".join(f"{share.name} {100.0 * share.value / total:.1f} %" for share in known) if total else label
    return Html(
        f'<svg role="img" aria-label="{escape(f"{label}: {told}")}" width="100%" height="{HEIGHT}" '
        f'style="max-width:44em;display:block">{"".join(drawn)}{line if below else ""}'
        f'<rect width="100%" height="{HEIGHT}" fill="none" stroke="currentColor"/></svg>'
    )


def swatch(share: Share) -> Html:
    """A small square filled as the share is, for a legend."""
    pattern, fill = _fill(share)
    return Html(
        f'<svg aria-hidden="true" {SQUARE} style="vertical-align:middle">{pattern}'
        f'<rect {SQUARE} fill="{share.colour}"/>{_over(fill, SQUARE)}'
        f'<rect {SQUARE} fill="none" stroke="currentColor"/></svg>'
    )


def _area(share: Share, start: float, size: float, total: float) -> str:
    pattern, fill = _fill(share)
    place = f'x="{start:.2f}%" width="{size:.2f}%" height="{HEIGHT}"'
    said = f"{100.0 * share.value / total:.0f} %" if total and size >= ROOM else ""
    ink = DARK_INK if _light(share.colour) else LIGHT_INK
    text = (
        f'<text x="{start + size / 2:.2f}%" y="{HEIGHT / 2 + 4:g}" text-anchor="middle" font-size="12" fill="{ink}" '
        f'stroke="{share.colour}" stroke-width="4" paint-order="stroke">{said}</text>'
    )
    title = f"<title>{escape(share.name)} {share.value:.4g}</title>"
    drawn = f'<rect {place} fill="{share.colour}"/>{_over(fill, place)}'
    return f"<g>{title}{pattern}{drawn}{text if said else ''}</g>"


def _over(fill: str, place: str) -> str:
    return f'<rect {place} fill="{fill}"/>' if fill else ""


def _fill(share: Share) -> tuple[str, str]:
    """The pattern of a hatched area and how it is named; both empty where there is none."""
    if not share.hatch:
        return "", ""
    name = f"hatch-{zlib.crc32(repr(share).encode()):08x}"
    path = f'<path d="{STROKES[share.hatch[0]]}" stroke="{LIGHT_INK}" stroke-width="1" fill="none"/>'
    return f'<pattern id="{name}" width="6" height="6" patternUnits="userSpaceOnUse">{path}</pattern>', f"url(#{name})"


def _light(colour: str) -> bool:
    """Whether dark ink stands out from the colour more than white does: relative luminance above 0.179."""
    channels = [int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.179
