"""What is printed of a difference."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from rich.console import Console

from szilard.reporting.difference_table import show_difference
from szilard.reporting.plain_text import printable
from szilard.study.difference import compare_results
from tests.study.made_results import results_of

RATES = np.arange(1.0, 16.0)


def costs(cells: int = 15, verdict: str = "holds", cost: float = 0.0, heat: float = 0.0) -> Any:
    """Costs of so many rates and heats of one side, with their shifts."""
    rates = RATES[:cells]
    return results_of(
        {"learning_rate": rates, "rule": ["[b]hebb"] * cells},
        verdicts=[verdict] * cells,
        cost=(10.0 * rates + cost, 0.2),
        heat=(5.0 * rates + heat, 0.1, "upper"),
    )


def printed(b: Any) -> str:
    """What is said of costs() and b."""
    stream = io.StringIO()
    show_difference(compare_results(costs(), b), Console(file=stream, width=140))
    return stream.getvalue()


def test_agreement_is_short() -> None:
    text = printed(costs(cost=0.1))
    assert "DIFFER" not in text and "15 cells in both" in text
    lines = [line.split() for line in text.splitlines()]
    assert ["cost", "15", "0.35", "+1.37", "1.9", "1"] in lines
    assert ["heat", "15", "0.00", "+0.00", "0.0", "1"] in lines
    assert "only in" not in text and "verdict" not in text


def test_a_difference_stands_first_with_both_numbers() -> None:
    text = printed(costs(heat=1.0))
    assert "15 beyond 5 sigma; all cells together of heat: THEY DIFFER" in " ".join(text.split())
    assert "learning_rate = 1" in text and "≤5.00(10)" in text and "≤6.00(10)" in text and "+7.07" in text
    assert "[b]hebb" not in text, "an axis that does not vary is not named"


def test_no_text_of_the_results_commands_the_terminal() -> None:
    """Escape sequences in every name, verdict and side of a foreign study, on a terminal with colours."""
    evil = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e\r\n[red]"
    named = {"cost": f"cost{evil}", "cost_stderr": f"cost{evil}_stderr", "cost_side": f"cost{evil}_side"}

    def foreign(cost: float, verdict: str, rule: str) -> Any:
        found = costs(cells=3, cost=cost).rename(named).assign_coords(rule=("cell", ["hebbian", evil, rule]))
        found[named["cost_side"]] = ("cell", [evil] * 3)
        return found.assign(verdict=("cell", [verdict] * 3))

    stream = io.StringIO()
    console = Console(file=stream, width=300, force_terminal=True, color_system=None)
    show_difference(compare_results(foreign(0.0, "holds", f"a{evil}"), foreign(9.0, evil, f"b{evil}")), console)
    text = stream.getvalue()
    assert "\\x1b[2J" in text and "\\u202e" in text and "[red]" in text
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "only in a" in text and "verdict of" in text and f"cost{printable(evil)}" in text


def test_cells_and_verdicts_of_one_alone() -> None:
    text = printed(costs(cells=12, verdict="violated"))
    assert "only in a: learning_rate = 13; learning_rate = 14; learning_rate = 15" in text
    assert "verdict of learning_rate = 10: holds -> violated" in text
    assert "and 2 verdicts more" in text
