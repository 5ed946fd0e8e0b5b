"""What two sets of results differ in, on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table

from ..study.cell_sigmas import ALARM
from .numbers import MARKS, number
from .plain_text import printable

if TYPE_CHECKING:
    from rich.console import Console

    from ..study.difference import Difference, DifferentCell

MOST = 20
CELLS = 10


def show_difference(difference: Difference, console: Console) -> None:
    """Every quantity over all cells, the largest differences one by one, and what only one of the two has."""
    colour = "red" if difference.alarms else "green"
    console.print(f"[{colour}]{_text(difference.sentence)}.[/]", highlight=False)
    if difference.compared:
        console.print(_quantities(difference))
        console.print(
            "[dim]shift: sum of z over the square root of their number, a standard normal number if nothing changed; "
            "quantities of one cell are correlated, cells are not.[/dim]"
        )
    rows = list(difference.rows(MOST))
    if rows:
        console.print(_largest(rows))
    for word, cells in (("a", difference.only_a), ("b", difference.only_b)):
        if cells:
            console.print(f"only in {word}: {_text(_listed(cells))}", highlight=False)
    for cell, before, after in difference.verdicts[:CELLS]:
        console.print(f"verdict of {_text(cell)}: {_text(before)} -> {_text(after)}", highlight=False)
    if len(difference.verdicts) > CELLS:
        console.print(f"and {len(difference.verdicts) - CELLS} verdicts more", highlight=False)


def _quantities(difference: Difference) -> Table:
    table = _table("every quantity over its cells")
    for head in ("quantity", "cells", "largest |z|", "shift", "chi2", "probability"):
        table.add_column(head, justify="left" if head == "quantity" else "right", no_wrap=True)
    for s in difference.summaries:
        cells = (str(s.n), f"{s.largest:.2f}", f"{s.shift:+.2f}", f"{s.chi2:.1f}", f"{s.probability:.2g}")
        table.add_row(_text(s.quantity), *cells, style="red" if s.largest > ALARM or s.alarm else None)
    return table


def _largest(rows: list[DifferentCell]) -> Table:
    table = _table("the largest differences")
    for head in ("cell", "quantity", "a", "b", "z", ""):
        table.add_column(head, justify="right" if head in ("a", "b", "z") else "left")
    for row in rows:
        a, b = (number(value, stderr, side if side in MARKS else "none") for value, stderr, side in (row.a, row.b))
        kind = "" if row.kind == "compared" else row.kind
        style = "red" if abs(row.z) > ALARM else None
        table.add_row(_text(row.cell), _text(row.quantity), a, b, f"{row.z:+.2f}", kind, style=style)
    return table


def _text(found: str) -> str:
    """What comes from the results: neither markup nor a command of the terminal."""
    return escape(printable(found))


def _table(title: str) -> Table:
    return Table(title=title, box=box.SIMPLE, title_justify="left", pad_edge=False, padding=(0, 1))


def _listed(cells: tuple[str, ...]) -> str:
    more = f" and {len(cells) - CELLS} more" if len(cells) > CELLS else ""
    return "; ".join(cells[:CELLS]) + more
