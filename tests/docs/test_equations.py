"""Every equation of the theory leads to public functions, and the first of them to a test that calls it."""

from __future__ import annotations

import re
from functools import reduce
from pathlib import Path

import pytest

import szilard as sz

ROOT = Path(__file__).parents[2]
THEORY = (ROOT / "docs/theory.md").read_text(encoding="utf-8")
TABLE = (ROOT / "docs/equations.md").read_text(encoding="utf-8")
MANUAL = (ROOT / "docs/api.md").read_text(encoding="utf-8")
LABEL = re.compile(r"\$\$ \(([^)]*)\)$", re.MULTILINE)
LINK = re.compile(r"\{py:(?:func|class)\}`([\w.]+) <szilard\.([\w.]+)>`")


def linked() -> dict[str, list[str]]:
    """The functions that stand below each equation."""
    found = {}
    for place in LABEL.finditer(THEORY):
        below = THEORY[place.end() :].lstrip("\n").split("\n", 1)[0]
        found[place[1]] = [name for _, name in LINK.findall(below)] if below.startswith("In code: ") else []
    return found


def rows() -> dict[str, tuple[list[str], str]]:
    """Functions and test of every row of the table."""
    lines = re.findall(r"^\| \{eq\}`([\w-]+)` \| [^|]+ \| (.*) \| `([^`|]+)` \|$", TABLE, re.MULTILINE)
    return {label: ([name for _, name in LINK.findall(names)], test) for label, names, test in lines}


EQUATIONS, ROWS = linked(), rows()


def test_every_displayed_equation_has_a_label_of_its_own() -> None:
    labels = LABEL.findall(THEORY)
    assert len(labels) == len(set(labels)) >= 40
    assert len(re.findall(r"^\$\$", THEORY, re.MULTILINE)) == len(labels)


@pytest.mark.parametrize("label", EQUATIONS)
def test_equation_leads_to_public_functions(label: str) -> None:
    assert EQUATIONS[label]
    for name in EQUATIONS[label]:
        assert callable(reduce(getattr, name.split("."), sz)), name
        entry = "systems" if name.startswith("systems.") else name
        assert re.search(rf"^\.\. auto\w+:: szilard\.{re.escape(entry)}$", MANUAL, re.MULTILINE), name
    for text, name in LINK.findall(THEORY):
        assert text == name


def test_table_holds_every_equation_with_its_functions() -> None:
    assert {label: names for label, (names, _) in ROWS.items()} == EQUATIONS


@pytest.mark.parametrize("label", ROWS)
def test_test_of_an_equation_calls_the_first_of_its_functions(label: str) -> None:
    """By its name, or, as in ``gaussian_propagate``, that of the route it takes."""
    names, test = ROWS[label]
    text = (ROOT / "tests" / test).read_text(encoding="utf-8")
    assert re.search(rf"(\b|_){names[0].rpartition('.')[2]}\b", text), (test, names)
