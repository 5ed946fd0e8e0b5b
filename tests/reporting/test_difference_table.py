"""What is printed of a difference."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from rich.console import Console

from szilard.reporting.difference_table import show_difference
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
    assert "15 beyond 5 sigma: THEY DIFFER" in " ".join(text.split())
    assert "learning_rate = 1" in text and "≤5.00(10)" in text and "≤6.00(10)" in text and "+7.07" in text
    assert "[b]hebb" not in text, "an axis that does not vary is not named"


def test_cells_and_verdicts_of_one_alone() -> None:
    text = printed(costs(cells=12, verdict="violated"))
    assert "only in a: learning_rate = 13; learning_rate = 14; learning_rate = 15" in text
    assert "verdict of learning_rate = 10: holds -> violated" in text
    assert "and 2 verdicts more" in text
