"""An answer as a page of Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import version

from ..check import BoundCheck
from ..estimate import Estimate
from ..reporting.numbers import DASH, shown
from ..study.quantities import CONVENTIONS
from .answer import Answer, Answered
from .part import Entry, Table

MARKUP = re.compile(r"([\\`*_\[\]<>#$|])")


def page_text(answer: Answer) -> str:
    """The paragraph, how surely, the assumptions; every part with figure, table and verdicts; how to do it again."""
    quick = ", quick" if answer.quick else ""
    step = "" if answer.time_step == 1.0 else f", {answer.time_step:g} of the default time step"
    lines = [
        f"# {answer.title}", "", f"{plain(answer.name)} (seed {answer.seed}{step}{quick}).", "", *summary_lines(answer),
    ]  # fmt: skip
    for answered in answer.parts:
        lines += part_lines(answered, f"figures/{answered.part.name}.png")
        lines += _verdicts("Laws whose assumptions are met", answered.finding.checks)
        lines += _verdicts("Laws without their assumptions", answered.finding.broken)
    options = f"--seed {answer.seed}{' --quick' if answer.quick else ''}"
    lines += [
        "## To do it again", "", f"    szilard ask {answer.kind} question.toml {options} --out DIR",
        "", f"Made by szilard {version('szilard')}. {plain('; '.join(CONVENTIONS.values()))}.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def summary_lines(answer: Answer) -> list[str]:
    """What was found, how surely, and under which assumptions."""
    return [
        plain(answer.text), "", f"**How surely.** {plain(answer.surely)}", "", "**Assumptions.**", "",
        *(f"- {plain(assumption)}" for assumption in answer.assumptions), "",
    ]  # fmt: skip


def part_lines(answered: Answered, figure: str, heading: str = "##") -> list[str]:
    """One part: its sentences, its figure with the caption, its table."""
    part, finding = answered.part, answered.finding
    return [
        f"{heading} {part.title}", "", plain(finding.text), "", f"![{plain(part.title)}]({figure})", "",
        f"*{plain(finding.picture.caption)}*", "", *_table(finding.table),
    ]  # fmt: skip


def plain(text: str) -> str:
    """The text with every sign escaped that Markdown would take for markup.

    >>> print(plain("<e^-R> = 1"))
    \\<e^-R\\> = 1
    """
    return MARKUP.sub(r"\\\1", text)


def entry_text(entry: Entry) -> str:
    """A cell of a table as people read it: value(error in the last digits), a dash where there is none."""
    if entry is None:
        return DASH
    if isinstance(entry, Estimate):
        return shown(entry)
    return entry if isinstance(entry, str) else f"{entry:.4g}".replace("-", "−")


def _verdicts(title: str, checks: Sequence[BoundCheck]) -> list[str]:
    if not checks:
        return []
    rows = tuple((c.name, c.smaller, c.relation, c.larger, c.verdict) for c in checks)
    return [f"{title}:", "", *_table(Table(("law", "smaller", "", "larger", "verdict"), rows))]


def _table(table: Table) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    return [
        line([plain(head) for head in table.heads]),
        line(["---"] * len(table.heads)),
        *(line([plain(entry_text(entry)) for entry in row]) for row in table.rows),
        "",
    ]
