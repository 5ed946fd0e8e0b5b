"""A table of words as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


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


def html_table(heads: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """The same as HTML, everything escaped.

    >>> html_table(["a"], [["1 < 2"]], "")
    '<table><caption></caption><thead><tr><th>a</th></tr></thead><tbody><tr><td>1 &lt; 2</td></tr></tbody></table>'
    """
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    inner = f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody>"
    return f"<table><caption>{escape(caption)}</caption>{inner}</table>"
