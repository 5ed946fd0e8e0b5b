"""The colours and hatches of the house, for Bokeh and for the page's style sheet, light and dark."""

from __future__ import annotations

from ..plotting.style import DARK, FILLS, FORBIDDEN, INK, MUTED, PAPER, RULE, SERIES

HATCHES = {
    "": ("", ""),
    "\\": ("left_diagonal_line", "45deg"),
    "-": ("horizontal_line", "0deg"),
    "/": ("right_diagonal_line", "-45deg"),
    "|": ("vertical_line", "90deg"),
}
"""Of a Matplotlib hatch Bokeh's name and the angle of a CSS gradient."""
FLOWS = ("heat", "work", "entropy")
LABELS = {"more": 0, "less": 1}
"""Which colour of the series the weights of label +1 and of label -1 have."""


def painted(colour: str, dark: bool) -> str:
    """A colour of the house as it is on a light or on a dark page."""
    return DARK.get(colour, colour) if dark else colour


def hatched(term: str) -> str | None:
    """Bokeh's name of the hatch of a budget term; None where it has none."""
    return HATCHES[FILLS[term].hatch[:1]][0] or None


def css_colours(dark: bool) -> str:
    """Every colour that the style sheets name, as CSS declarations."""
    plain = {"ink": INK, "muted": MUTED, "line": RULE, "paper": PAPER, "shade": FORBIDDEN, "accent": SERIES[0][0]}
    plain |= {name: fill.colour for name, fill in FILLS.items()}
    plain |= {name: SERIES[i][0] for i, name in enumerate(FLOWS)}
    plain |= {name: SERIES[i][0] for name, i in LABELS.items()}
    return " ".join(f"--{name}: {painted(colour, dark)};" for name, colour in plain.items())


def css_swatches() -> str:
    """.s.TERM: a swatch filled like the term's area."""
    rules = []
    for name, fill in FILLS.items():
        angle = HATCHES[fill.hatch[:1]][1]
        hatch = f"repeating-linear-gradient({angle}, var(--paper) 0 1px, var(--{name}) 1px 4px)"
        rules.append(f".s.{name} {{ background: {hatch if angle else f'var(--{name})'}; }}")
    return "\n".join(rules)
