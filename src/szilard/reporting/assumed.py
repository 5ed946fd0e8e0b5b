"""The verdicts of a study with what they assume: each law once, with the runs in which it holds or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Literal

import numpy as np

from ..estimate import Estimate, Sampled
from ..laws.second_law import Quantity, second_law_of_learning
from ..learning.answer_costs import second_law_with_answers
from ..learning.tasks import COVERS
from .doubts import answers_back, needed_text
from .numbers import words
from .runs import Run
from .tables import cells_of_name, count_cell, row_of, table_of, verdict_cell

MOST_LISTED = 60
REMEMBERS = (
    "The force remembers the weights of before (a kick that was read off the field, or a threshold that follows the "
    "answers). That is feedback by measurement: such weights may gain more than the cost pays for, and no bound is "
    "claimed (Sagawa and Ueda, PRL 104, 090602 (2010))."
)
COUNTED = {
    "holds": "hold",
    "holds, saturated": "hold, saturated",
    "violated": "violated",
    "inconclusive": "inconclusive",
    "not covered": "not covered",
}
LABELS = {"random": "random labels", "teacher": "a teacher's labels", "true": "the true labels"}


@dataclass(frozen=True)
class Assumed:
    """A law as it was checked on runs of one labelling: its name, what it assumes, and these runs."""

    name: str
    labelling: str
    assumptions: tuple[str, ...]
    runs: tuple[Run, ...]


def assumed_laws(runs: Sequence[Run], held_out: int) -> tuple[Assumed, ...]:
    """The runs by the form of the second law that they were held against; held_out: patterns never shown."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[Run]] = {}
    for run in runs:
        name, assumptions = _law_of(run, held_out)
        groups.setdefault((name, run.labelling, assumptions), []).append(run)
    return tuple(Assumed(*key, tuple(group)) for key, group in groups.items())


def _law_of(run: Run, held_out: int) -> tuple[str, tuple[str, ...]]:
    if run.verdict == "not covered":
        return "no law", (COVERS["true"] if run.labelling == "true" else REMEMBERS,)
    quantity: Quantity = "labels" if run.labelling == "random" else "one label" if held_out else "teacher"
    return _told(answers_back(run), quantity)


@cache
def _told(answers: bool, quantity: Quantity) -> tuple[str, tuple[str, ...]]:
    """Name and assumptions, as the law itself tells them of any numbers."""
    if answers:
        paid = Sampled.mean(np.array([1.0, 2.0]))
        law = second_law_with_answers(paid, paid, independent=quantity == "labels")
    else:
        labels: Literal["random", "teacher"] = "random" if quantity == "labels" else "teacher"
        one = Estimate.exact(1.0)
        law = second_law_of_learning(one, one, labels=labels, quantity=quantity)
    return law.name, law.assumptions


def verdicts_section(runs: Sequence[Run], held_out: int) -> str:
    """Of each law its assumptions, how many runs say what, and one by one those in which it does not hold."""
    return "<h2>Verdicts, and what they assume</h2>" + "".join(map(_one_law, assumed_laws(runs, held_out)))


def _one_law(law: Assumed) -> str:
    counts = Counter(run.verdict for run in law.runs)
    said = [
        f'<span class="verdict {verdict.split(",")[0].replace(" ", "-")}">{counts[verdict]} {word}</span>'
        if counts[verdict]
        else f"0 {word}"
        for verdict, word in COUNTED.items()
        if counts[verdict] or (verdict == "violated" and not counts["not covered"])
    ]
    covered = law.name != "no law"
    head = f"{signed(law.name)}: {LABELS[law.labelling]}" if covered else f"No law: {LABELS[law.labelling]}"
    count = f"{len(law.runs)} run{'' if len(law.runs) == 1 else 's'}: {', '.join(said)}."
    intro = "<p>It assumes that</p>" if covered else ""
    listed = "".join(f"<li>{escape(text)}</li>" for text in law.assumptions)
    text = f"<h3>{escape(head)}</h3><p>{count}</p>{intro}<ul class=assumed>{listed}</ul>"
    open_runs = [run for run in law.runs if run.verdict in ("violated", "inconclusive")]
    open_runs.sort(key=lambda run: run.verdict != "violated")
    if open_runs:
        text += _listed(open_runs)
    return text


def _listed(runs: Sequence[Run]) -> str:
    rows = [
        row_of([*cells_of_name(run), verdict_cell(run), count_cell(run.replicas), words(needed_text(run))],
               number=run.number)
        for run in runs[:MOST_LISTED]
    ]  # fmt: skip
    caption = "Runs in which it is violated or left open"
    if len(runs) > MOST_LISTED:
        caption += f": {MOST_LISTED} of {len(runs)}; all of them are in the store"
    heads = ("rule", "force", "schedule", "rate", "second law", "replicas", "what would settle it")
    return table_of(heads, rows, caption, sortable=True)


def signed(name: str) -> str:
    """The name of a law with signs in place of letters.

    >>> signed("sum I(true label : answer) <= sum [dS + Q/T]")
    'Σ I(true label : answer) ≤ Σ [ΔS + Q/T]'
    """
    return name.replace("sum ", "Σ ").replace("<=", "≤").replace("dS", "ΔS")
