"""Results as HTML for notebooks: plain tables that take the colours of the page, everything in them escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from html import escape
from typing import Any

import numpy as np

MOST_ROWS = 100
"""Rows of a table; how many more there are is said below it."""
LONGEST = 20_000
"""Characters of a folded text; how many more there are is said at its end."""
LONG = 160
"""Characters of a cell, beyond which it is folded."""
SHORT = 14
"""Characters of a cell that is not broken into lines: a number with its error."""
LEFT = ' style="text-align:left"'
WHOLE = ' style="text-align:left;white-space:nowrap"'
AS_LONG = ' style="width:max-content;max-width:min(50em,80vw)"'
"""A caption may be wider than its table."""
NAMED = re.compile(r"(?P<name>[^\d([{=]*[^\d([{= ]) (?P<value>(?:[<>?]=? )?[-+]?(?:\d|inf|nan|\().*)", re.DOTALL)
EQUATED = re.compile(r"(?P<name>[^\d=]{1,40}?) = (?P<value>.+)", re.DOTALL)
ADDRESS = re.compile(r" at 0x[0-9a-f]+")
WIDE = re.compile(r" {2,}")


class Html(str):
    """Text that is HTML already and is not escaped again."""


def table(caption: str, rows: Sequence[Sequence[str]], head: Sequence[str] = (), below: Sequence[str] = ()) -> str:
    """Rows of cells under a caption; the first cell of a row names it. below: lines under the table.

    Cells are texts, escaped here, or ``Html``. A row with one cell spans all columns.

    >>> table("Two", [["a < b", "0.500 +- 0.010"]])
    '<table><caption...>Two</div></caption><tbody><tr><th scope="row"...>a &lt; b</th><td...
    """
    shown = rows[:MOST_ROWS]
    columns = max((len(row) for row in (head, *shown)), default=1)
    top = "".join(f'<th scope="col"{LEFT}>{_inside(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(_cells(row, columns))}</tr>" for row in shown)
    named = f"<caption{LEFT}><div{AS_LONG}>{_inside(caption)}</div></caption>" if caption else ""
    headed = f"<thead><tr>{top}</tr></thead>" if head else ""
    more = [f"and {len(rows) - MOST_ROWS} rows more"] if len(rows) > MOST_ROWS else []
    under = "".join(f"<div>{_inside(line)}</div>" for line in (*more, *below))
    return f"<table>{named}{headed}<tbody>{body}</tbody></table>{under}"


def _cells(row: Sequence[str], columns: int) -> Iterator[str]:
    """The first names the row unless it stands alone; the last one spans what is left."""
    for place, cell in enumerate(row):
        span = columns - place if place == len(row) - 1 else 1
        kind = "td" if place or len(row) == 1 else "th"
        scope = ' scope="row"' if kind == "th" else ""
        wide = f' colspan="{span}"' if span > 1 else ""
        style = WHOLE if len(cell) <= SHORT else LEFT
        yield f"<{kind}{scope}{wide}{style}>{_inside(cell)}</{kind}>"


def _inside(cell: str) -> str:
    return cell if isinstance(cell, Html) else escape(cell)


def folded(text: str, summary: str) -> Html:
    """A long text behind its summary, opened by a click or a key.

    >>> folded("1 < 2", "more")
    '<details><summary>more</summary><pre>1 &lt; 2</pre></details>'
    """
    more = f"\n... and {len(text) - LONGEST} characters more" if len(text) > LONGEST else ""
    return Html(f"<details><summary>{escape(summary)}</summary><pre>{escape(text[:LONGEST] + more)}</pre></details>")


def table_of_text(text: str) -> str:
    """What a result says of itself as text, as a table: its first line above, a row for every other line.

    Two spaces or more part the cells of a line. Of a text of one line its parts after the colon are the rows.

    >>> table_of_text("Gap: gain 0.25, cost 1.5").count("<tr>")
    2
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1:
        caption = "" if WIDE.search(lines[0]) else lines[0]
        return table(caption, [_row(line) for line in (lines[1:] if caption else lines)])
    caption, colon, rest = text.partition(": ")
    if not colon:
        return f"<div>{escape(text)}</div>"
    return table(caption, [_named(part) for part in parts(rest)])


def _row(line: str) -> list[str]:
    """Its cells; of one that is not parted the name and the value, if it names no more than one."""
    if WIDE.search(line):
        return WIDE.split(line)
    first, *others = parts(line)
    alone = NAMED.fullmatch(line) if NAMED.fullmatch(first) and not any(map(NAMED.fullmatch, others)) else None
    return [alone["name"], alone["value"]] if alone else [line]


def _named(part: str) -> list[str]:
    """Name and value where the part is of that form."""
    found = NAMED.fullmatch(part) or EQUATED.fullmatch(part)
    return [found["name"], found["value"]] if found else [part]


def parts(text: str) -> list[str]:
    """The text cut at ", " and "; ", but not within brackets or quotes.

    >>> parts("heat (a 1, b 2), work 3; 'x, y'")
    ['heat (a 1, b 2)', 'work 3', "'x, y'"]
    """
    found, start, depth, quoted = [], 0, 0, ""
    for place, sign in enumerate(text):
        if quoted:
            quoted = "" if sign == quoted else quoted
        elif sign in "'\"" and (place == 0 or text[place - 1] in " (["):
            quoted = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif depth == 0 and text[place : place + 2] in (", ", "; "):
            found.append(text[start:place])
            start = place + 2
    return [*found, text[start:]]


def table_of_fields(result: Any, more: Sequence[Sequence[str]] = ()) -> str:
    """The fields of a dataclass, each as its text; long ones folded. more: rows that are no fields."""
    rows = [[field.name.replace("_", " "), value_cell(getattr(result, field.name))] for field in fields(result)]
    return table(type(result).__name__, [*more, *rows])


def value_cell(value: Any) -> str:
    """The value's text, folded where it is long.

    >>> value_cell(0.5)
    '0.5'
    """
    text = value if isinstance(value, str) and value else ADDRESS.sub("", repr(value))
    if len(text) <= LONG:
        return text
    shape = getattr(value, "shape", None)
    if isinstance(value, np.ndarray):
        return folded(text, f"array {shape}")
    return folded(text, f"{text[:60]} ...")
