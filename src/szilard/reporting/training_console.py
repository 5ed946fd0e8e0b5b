"""The apparent ledger of a training run on the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..infer.training_result import TrainingLedger
from .training_prose import answer

HEADS = ("amount", "value", "unit", "assumes")


def show_training(ledger: TrainingLedger, console: Console) -> None:
    """The answer, every amount with its side, and what it assumes."""
    console.print(escape(answer(ledger)) + "\n")
    table = Table(title="Apparent ledger", box=box.SIMPLE, title_justify="left", pad_edge=False, padding=(0, 1))
    for head in HEADS:
        table.add_column(head, justify="right" if head == "value" else "left", no_wrap=True)
    for name, value, unit, _, letters in ledger.table:
        table.add_row(*map(escape, (name, value, unit, letters)))
    console.print(table)
    for letter, assumption in ledger.assumptions:
        console.print(f"[dim]{letter}: {escape(assumption)}[/dim]", highlight=False)
    for problem in ledger.problems:
        console.print(f"[yellow]warning: {escape(problem)}[/yellow]", highlight=False)
    console.print(
        "[dim]<= upper bound, >= lower bound, ? neither; energies in units of the loss.[/dim]", highlight=False
    )
