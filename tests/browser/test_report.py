"""The report in a real browser that can reach nothing: it renders, sorts and asks for nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import szilard as sz
from tests.browser.conftest import NARROW, WIDE, Tab

pytestmark = pytest.mark.browser

STUDY = """
name = "a <script>document.title='owned'</script> study"
seed = 7
replicas = 200
[task]
patterns = 3
[[grid]]
rule = ["hebbian", "perceptron"]
learning_rate = [0.5, 2.0]
duration = 4.0
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("browser") / "study"
    sz.run_study(sz.Study(STUDY), out)
    return sz.write_report(out)


def test_a_name_is_text(report: Path, opened: Callable[..., Tab]) -> None:
    page = opened(report.as_uri()).page
    assert page.title() != "owned"
    assert "<script>document.title='owned'</script>" in page.inner_text("h1")
    assert page.locator("svg").count() >= 2


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_no_page_is_wider_than_its_screen(report: Path, opened: Callable[..., Tab], size: tuple[int, int]) -> None:
    page = opened(report.as_uri(), size).page
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_numbers_on_the_page_are_those_of_the_store(report: Path, opened: Callable[..., Tab]) -> None:
    page = opened(report.as_uri()).page
    for value in sz.load(report.parent).cost.values:
        assert page.locator(f'td[data-v="{float(value)!r}"]').count() >= 1
