"""The outputs of a notebook in a real browser: light, dark and narrow, with no script and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NARROW, WIDE, Tab
from tests.notebook_run import outputs_of_notebook, pages

pytestmark = pytest.mark.browser
LOOK = """
:root { color-scheme: light dark }
body { font: 14px/1.5 'DejaVu Sans', sans-serif; margin: 12px; background: #fff; color: #212121 }
@media (prefers-color-scheme: dark) { body { background: #111; color: #e0e0e0 } }
section { overflow-x: auto; margin-bottom: 1em }
table { border-collapse: collapse; font-size: 12px; margin-bottom: 1em }
td, th { text-align: right; padding: .5em; vertical-align: middle }
tbody tr:nth-child(odd) { background: rgba(128, 128, 128, .08) }
img { max-width: 100% }
"""
"""What notebooks lay over tables: numbers at the right, stripes, the theme's colours."""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page's address."""
    folder = tmp_path_factory.mktemp("notebook")
    body = "".join(f"<section>{output}</section>" for output in pages(outputs_of_notebook(folder)))
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
    look = f"<title>notebook</title><style>{LOOK}</style>"
    page = folder / "page.html"
    page.write_text(f'<!doctype html><html lang="en"><head>{head}{look}</head><body>{body}</body></html>')
    return page.as_uri()


def contrasts(page: Page) -> list[float]:
    """The contrast of every text with the page, and of the numbers in the bar with the area that they stand on."""
    found: list[float] = page.evaluate("""() => {
      const light = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255)
        .map(x => x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
        return .2126 * v[0] + .7152 * v[1] + .0722 * v[2] };
      const ratio = (a, b) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
      const ground = light(getComputedStyle(document.body).backgroundColor);
      const cells = [...document.querySelectorAll('td, th, caption, section > div, summary')]
        .map(x => ratio(light(getComputedStyle(x).color), ground));
      const bars = [...document.querySelectorAll('svg text')]
        .map(x => [x, x.parentNode.querySelector('g > rect')].map(y => light(getComputedStyle(y).fill)))
        .map(([text, area]) => ratio(text, area));
      return [...cells, ...bars] }""")
    return found


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_outputs_can_be_read(
    opened: Callable[..., Tab], notebook: str, size: tuple[int, int], dark: bool, tmp_path: Path
) -> None:
    page = opened(notebook, size, dark).page
    assert min(contrasts(page)) >= 4.5
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    for cell in page.locator("tbody td").all()[:10]:
        assert cell.evaluate("x => getComputedStyle(x).textAlign") == "left"


def test_the_bar_of_the_budget_is_drawn_to_scale(opened: Callable[..., Tab], notebook: str) -> None:
    page = opened(notebook, NARROW).page
    bar = page.get_by_role("img", name="shares of the cost of learning")
    label = bar.get_attribute("aria-label") or ""
    width = bar.evaluate("x => x.getBoundingClientRect().width")
    shares = [float(part.split()[-2]) for part in label.split(": ")[1].split(", ")]
    drawn = bar.locator("g").evaluate_all("x => x.map(g => g.querySelector('g > rect').getBoundingClientRect().width)")
    assert len(shares) == 5
    for share, wide in zip(shares, drawn, strict=True):
        assert wide == pytest.approx(width * share / 100.0, abs=0.001 * width + 0.1)  # shares are told to 0.1 %
    assert width > 300


def test_folded_texts_open_by_key(opened: Callable[..., Tab], notebook: str) -> None:
    page = opened(notebook).page
    folded = page.locator("details").first
    assert not folded.locator("pre").is_visible()
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    assert folded.locator("pre").is_visible()
