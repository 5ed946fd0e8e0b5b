"""A table of words as text."""

from __future__ import annotations

from collections.abc import Sequence


def text_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns aligned on the left, two spaces apart.

    >>> print(text_table(["axis", "share"], [["rule", "0.5"], ["learning_rate", "0.25"]]))
    axis           share
    rule           0.5
    learning_rate  0.25
    """
    lines = [heads, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    return "\n".join("  ".join(f"{x:{w}}" for x, w in zip(line, widths, strict=True)).rstrip() for line in lines)
