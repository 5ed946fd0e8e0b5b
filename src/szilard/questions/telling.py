"""An answer on the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from .answer import Answer
from .answer_page import entry_text
from .part import Table


def tell(answer: Answer, console: Console) -> None:
    """Every table, and last the paragraph that answers the question."""
    for answered in answer.parts:
        console.print(_table(answered.finding.table, answered.part.title))
    console.print(f"\n[bold]{escape(answer.title)}[/bold]")
    console.print(escape(answer.text), width=100)
    console.print(f"\n[bold]How surely.[/bold] {escape(answer.surely)}", width=100)
    console.print("\n[bold]Assumptions.[/bold]")
    for assumption in answer.assumptions:
        console.print(f"[dim]- {escape(assumption)}[/dim]", width=100)


def _table(table: Table, title: str) -> RichTable:
    shown = RichTable(title=escape(title), box=box.SIMPLE, title_justify="left", pad_edge=False, padding=(0, 1))
    for i, head in enumerate(table.heads):
        words = all(isinstance(row[i], str) for row in table.rows)
        shown.add_column(escape(head), justify="left" if words else "right")
    for row in table.rows:
        shown.add_row(*(escape(entry_text(entry)) for entry in row))
    return shown
