"""Every result as HTML: well-formed, escaped, small, and with the numbers of its text."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.estimate import Estimate
from szilard.laws.panel import Laws
from szilard.learning.decomposition import Budget
from szilard.learning.rule import Rule
from szilard.markup import LONGEST, MOST_ROWS, Html, folded, table, table_of_text
from szilard.shares import Share, shares_bar

from .every_result import every_result

ROOMS = ("continuous", "data", "discrete", "estimate", "infer", "laws", "networks", "questions", "study", "systems")
TAGS = {
    "table", "caption", "thead", "tbody", "tr", "th", "td", "div", "details", "summary", "pre", "svg", "g", "rect",
    "line", "path", "pattern", "polyline", "text", "title",
}  # fmt: skip
EVIL = "<script>alert('&')</script>"
MOST_BYTES = 100_000


class Page(HTMLParser):
    """The text of some HTML; raises AssertionError where tags do not close in order or are none of a result."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        assert not any(name.startswith("on") for name, _ in attrs), attrs
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.said)


def numbers(text: str) -> set[str]:
    """Every number as it is written; addresses of functions are none."""
    return set(re.findall(r"\d+(?:\.\d*)?(?:e[-+]?\d+)?", re.sub(r"0x[0-9a-f]+", "", text)))


def told_classes() -> Iterator[type]:
    """Public classes that say something of themselves by hand, and the exported ones that a dataclass speaks for."""
    rooms = [sz, *(importlib.import_module(f"szilard.{room}") for room in (*ROOMS, "theory"))]
    exported = {v for room in rooms for name in dir(room) if inspect.isclass(v := getattr(room, name))}
    for module in pkgutil.walk_packages(sz.__path__, "szilard."):
        if module.name in ("szilard.cli",):
            continue
        for name, found in vars(importlib.import_module(module.name)).items():
            if not inspect.isclass(found) or found.__module__ != module.name or name.startswith("_"):
                continue
            text = vars(found).get("__repr__")
            by_hand = text is not None and not hasattr(text, "__wrapped__") and text.__module__ == module.name
            if by_hand or (found in exported and text is not None):
                yield found


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return list(every_result(tmp_path_factory.mktemp("results")))


def test_every_result_is_there_and_has_html(results: list[Any]) -> None:
    classes = set(told_classes())
    assert len(classes) > 100
    assert {found.__name__ for found in classes if "_repr_html_" not in vars(found)} == set()
    made = {type(result) for result in results}
    assert {f"{found.__module__}.{found.__name__}" for found in classes - made} == set()


def test_html_is_well_formed_small_and_says_the_numbers(results: list[Any]) -> None:
    for result in results:
        html = result._repr_html_()
        page = Page(html)
        missing = numbers(repr(result)) - numbers(page.text)
        assert missing == set(), f"{type(result).__name__}: {missing}"
        assert "<pre>" not in html.replace("</summary><pre>", ""), type(result).__name__
        assert len(html) < MOST_BYTES, type(result).__name__
        assert not re.search(r"(?<![-\w])(color|background)\s*:", html), "colours are the page's"


def test_names_are_escaped() -> None:
    estimate = Estimate(0.7, 0.1, 10, note=EVIL, assumptions=(EVIL,), reference=EVIL)
    check = sz.BoundCheck(EVIL, estimate, Estimate.exact(1.0), (EVIL,), EVIL)
    channel = sz.Channel([[0.0, 2.0], [2.0, 0.0]], name=EVIL)
    named: list[tuple[Any, int]] = [
        (estimate, 3), (check, 3), (Laws([check], [EVIL]), 2), (channel, 1), (sz.JumpProcess([0.0, 1.0], channel), 1),
        (Rule(EVIL, lambda field, label, output, weight, parameters: label), 1),
        (sz.Task(EVIL, np.array([[1.0, -1.0]])), 1),
        (sz.Study(STUDY.replace("a study", EVIL)), 2),
    ]  # fmt: skip
    for result, times in named:
        html = result._repr_html_()
        assert "<script" not in html
        assert len(re.findall(r"<script>alert\(\\?'&\\?'\)</script>", Page(html).text)) == times, type(result).__name__


STUDY = """\
name = "a study"
seed = 3
replicas = 40
[task]
source = "random"
inputs = 2
patterns = 2
[[grid]]
rule = ["hebbian", "adatron"]
"""


def test_large_objects_stay_small() -> None:
    many = [sz.BoundCheck(f"law {i}", Estimate(0.3, 0.01, 500), Estimate(0.7, 0.01, 500)) for i in range(3000)]
    nodes = np.linspace(0.0, 1.0, 50_000)
    for result in (Laws(many), sz.Protocol(nodes.tolist(), np.sin(40.0 * nodes).tolist())):
        html = result._repr_html_()
        assert len(html) < MOST_BYTES
        assert "more" in Page(html).text


def test_a_table_says_how_much_it_left_out() -> None:
    page = Page(table("", [[f"{i}", "x"] for i in range(MOST_ROWS + 7)]))
    assert "and 7 rows more" in page.text and f"{MOST_ROWS - 1}" in page.said and f"{MOST_ROWS}" not in page.said
    assert "and 5 characters more" in Page(folded("x" * (LONGEST + 5), "long")).text


def test_text_becomes_rows_and_cells() -> None:
    html = table_of_text("Run: of <1>\n  heat    1.50 +- 0.02 (n = 3) k_B T0\n  first law to 1.0e-16")
    assert re.findall(r"<th[^>]*>(.*?)</th><td[^>]*>(.*?)</td>", html) == [
        ("heat", "1.50 +- 0.02 (n = 3) k_B T0"),
        ("first law to", "1.0e-16"),
    ]
    alone = '<td colspan="2" style="text-align:left;white-space:nowrap">error 1, R 2</td>'
    assert alone in table_of_text("a\nb  c\nerror 1, R 2")  # two names: not parted
    assert "Run: of &lt;1&gt;</div></caption>" in html
    assert table_of_text("Gaussian(mean 0)") == "<div>Gaussian(mean 0)</div>"


def exact(*values: float | None) -> list[Estimate | None]:
    return [None if value is None else Estimate.exact(value) for value in values]


def test_the_bar_of_a_budget_has_widths_in_proportion() -> None:
    learned, dissipation, unresolved, cost = exact(1.5, 6.5, 2.0, 10.0)
    assert learned is not None and cost is not None
    budget = Budget(learned, dissipation, None, None, None, unresolved, cost, ("redundancy", "readout"))
    html = budget._repr_html_()
    areas = re.findall(r"<g><title>(\w+) [\d.]+</title>.*?<rect x=\"([\d.]+)%\" width=\"([\d.]+)%\"", html)
    assert areas == [("learned", "0.00", "15.00"), ("dissipation", "15.00", "65.00"), ("unresolved", "80.00", "20.00")]
    text = Page(html).text
    assert "15 %" in text and "65 %" in text and " 15.0 %" in text and "redundancy + readout, together" in text
    assert "learned 15.0 %, dissipation 65.0 %, unresolved 20.0 %" in html  # for a reader who cannot see it


def test_a_bar_shows_what_is_negative_left_of_its_zero() -> None:
    bar = shares_bar([Share("a", 3.0, "#23415e"), Share("b", -1.0, "#c7d9b7", "---")], "whole")
    assert '<title>a 3</title><rect x="25.00%" width="75.00%"' in bar
    assert '<rect x="0.00%" width="25.00%" height="30" fill="#c7d9b7"/>' in bar
    assert '<line x1="25.00%" x2="25.00%"' in bar and "a 150.0 %, b -50.0 %" in bar
    assert shares_bar([Share("a", 0.0, "#23415e"), Share("b", float("nan"), "#23415e")], "nothing") == Html("")
    first, second = re.findall(r'fill="(#\w{6})" stroke="(?:#\w{6})"', bar)
    assert (first, second) == ("#ffffff", "#1c2127")  # light on dark, dark on light
