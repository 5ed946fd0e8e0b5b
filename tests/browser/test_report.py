"""The report in a real browser that can reach nothing: it sorts, zooms, tells, and shows what the store holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

import szilard as sz
from szilard.infer.training_recording import training_ledger
from szilard.questions.answer_report import write_answer_report
from szilard.reporting.chooser import NAMES
from szilard.reporting.numbers import plus_minus
from szilard.reporting.runs import runs_of
from tests.browser.conftest import NARROW, WIDE, Tab
from tests.questions.test_answer_report import made
from tests.reporting.faked import fake
from tests.reporting.test_training_page import descent

pytestmark = pytest.mark.browser
Opened = Callable[..., Tab]
ROUNDED = 5.001e-4
"""The page rounds a view to three decimals."""

STUDY = """
name = "a <script>document.title='owned'</script> study"
seed = 7
replicas = 200
[task]
patterns = 3
held_out = 20
[training]
readout = "sign"
duration = 1.0
dt = 0.05
[[grid]]
rule = ["hebbian", "perceptron"]
learning_rate = [1.0, 2.0, 4.0]
temperature = [0.7, 1.3]
[[grid]]
labelling = "teacher"
rule = "perceptron"
learning_rate = 3.0
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("browser") / "study"
    sz.run_study(sz.Study(STUDY), out)
    return sz.write_report(out)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten thousand runs of a design, one of which violates its law."""
    points = [
        {"rule": ("hebbian", "perceptron")[i % 2], "learning_rate": 0.5 + 1e-3 * i, "temperature": 1.0 + 0.37 * i % 3.0}
        for i in range(10_000)
    ]
    out = fake(tmp_path_factory.mktemp("large") / "results.zarr", points)
    return sz.write_report(out, out.parent / "report.html")


def chosen_numbers(page: Page) -> dict[str, tuple[float, str]]:
    """What the chosen run's tables say: value and text by the row's head."""
    found = {}
    for row in page.locator(".chosen-run tr").all():
        cell = row.locator("td").first
        found[row.locator("th").inner_text()] = float(cell.get_attribute("data-v") or "nan"), cell.inner_text()
    return found


def run_at(page: Page) -> int:
    """The number of the run that is shown."""
    return int(page.locator("tr.chosen").first.get_attribute("data-run") or -1)


def view(svg: Locator) -> list[float]:
    return [float(x) for x in (svg.get_attribute("viewBox") or "").split()]


def move(page: Page, axis: int, place: int) -> None:
    """Put a slider or a list to one of its places, as a user's input does."""
    page.locator(f"#axis-{axis}").evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', { bubbles: true })); }", str(place)
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_it_opens_without_complaint(report: Path, opened: Opened, size: tuple[int, int], dark: bool) -> None:
    page = opened(report.as_uri(), size, dark).page
    assert page.title() != "owned"
    assert "<script>document.title='owned'</script>" in page.inner_text("h1")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == ("rgb(20, 23, 27)" if dark else "rgb(255, 255, 255)")


def test_tables_scroll_in_their_boxes(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri(), NARROW).page
    boxes = page.evaluate("[...document.querySelectorAll('.scroll')].map((b) => [b.clientWidth, b.scrollWidth])")
    assert any(inner > width for width, inner in boxes) and all(width <= NARROW[0] for width, _ in boxes)


def test_numbers_on_the_page_are_those_of_the_store(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri()).page
    for value in sz.load(report.parent).cost.values:
        assert page.locator(f'td[data-v="{float(value)!r}"]').count() >= 1


def test_every_run_can_be_chosen_and_shows_the_stores_numbers(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri()).page
    runs = runs_of(sz.load(report.parent))
    data = json.loads(page.evaluate("document.getElementById('runs').textContent"))
    names = {"learned": "learned", "dissipation": "dissipation", "cost": "cost", "heat": "heat"}
    for told in data["runs"]:
        for axis, place in enumerate(told["at"]):
            move(page, axis, place)
        run = runs[told["number"]]
        assert run_at(page) == run.number
        assert page.inner_text(".chosen-run h3") == run.name
        assert page.inner_text(".nearest") == ""
        found = chosen_numbers(page)
        for label, name in names.items():
            if name in run.estimates:
                e = run.estimates[name]
                value, text = found[label]
                assert value == e.value
                assert text.lstrip("≤≥? ") == plus_minus(e)
        assert run.verdict in page.inner_text(".chosen-run .verdict")
        marks = page.locator(f'.mark.chosen[data-run="{run.number}"]').count()
        drawn = run.labelling == "random" and run.estimates["learned"].value > 0.0 and run.estimates["cost"].value > 0.0
        assert marks >= (2 if drawn else 0)
        assert page.locator(f".mark.chosen:not([data-run='{run.number}'])").count() == 0


def test_the_bar_is_the_budget(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri()).page
    run = runs_of(sz.load(report.parent))[run_at(page)]
    positive = {name: e.value for name, e in run.terms().items() if e.value > 0.0}
    parts = page.locator(".stack .part")
    widths = parts.evaluate_all("(all) => all.map((e) => e.getBoundingClientRect().width)")
    titles = parts.evaluate_all("(all) => all.map((e) => e.title.split(' ')[0])")
    assert titles == list(positive)
    total = sum(positive.values())
    for width, value in zip(widths, positive.values(), strict=True):
        assert abs(width / sum(widths) - value / total) < 3.0 / sum(widths)  # a pixel, and the least width of two


def test_where_there_is_no_run_the_nearest_is_shown_and_named(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri()).page
    labels = [label.lower() for label in page.locator(".controls label").all_inner_texts()]
    axis = labels.index("labelling")
    options = page.locator(f"#axis-{axis} option").all_inner_texts()
    move(page, axis, options.index("teacher"))
    run = runs_of(sz.load(report.parent))[int(page.locator("tr.chosen").first.get_attribute("data-run") or -1)]
    assert run.labelling == "teacher"
    assert "No run has this combination" in page.inner_text(".nearest")
    assert "learning rate" in page.inner_text(".nearest")
    rate = page.locator(f"output[for=axis-{labels.index('learning rate')}]").inner_text()
    assert float(rate) == run.learning_rate == 3.0


def test_sliders_move_by_the_keyboard(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri()).page
    slider = page.locator(".controls input[type=range]").first
    before, name = slider.input_value(), page.inner_text(".chosen-run h3")
    slider.focus()
    page.keyboard.press("Home" if before != "0" else "End")
    assert slider.input_value() != before and page.inner_text(".chosen-run h3") != name
    assert slider.get_attribute("aria-valuetext")


def test_hovering_a_point_tells_the_stores_numbers(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri()).page
    runs = runs_of(sz.load(report.parent))
    mark = page.locator("circle.mark").nth(4)
    run = runs[int(mark.get_attribute("data-run") or -1)]
    assert page.locator(".tip").is_hidden()
    mark.hover()
    lines = page.inner_text(".tip").split("\n")
    assert lines[0] == run.name
    assert f"cost {plus_minus(run.estimates['cost'])} nat" in lines
    assert f"learned {plus_minus(run.estimates['learned'])} nat" in lines
    assert lines[-1].startswith(f"second law: {run.verdict}")
    page.mouse.move(5, 5)
    assert page.locator(".tip").is_hidden()


def test_hovering_a_bar_tells_its_term(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri()).page
    runs = runs_of(sz.load(report.parent))
    mark = max(page.locator("rect.mark").all()[:8], key=lambda m: float(m.get_attribute("height") or 0.0))
    run = runs[int(mark.get_attribute("data-run") or -1)]
    mark.hover()
    told = page.inner_text(".tip").split("\n")[1]
    name = told.split(" ")[0]
    assert told.startswith(f"{name} {plus_minus(run.terms()[name])} nat")


def test_marks_are_reached_by_the_keyboard(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri()).page
    group = page.locator(".marks").first
    marks = group.locator(".mark")
    assert group.locator('[tabindex="0"]').count() == 1
    marks.first.focus()
    first = page.inner_text(".tip")
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".tip") != first
    assert group.locator('[tabindex="0"]').count() == 1
    assert marks.nth(1).get_attribute("tabindex") == "0"
    page.keyboard.press("Escape")
    assert page.locator(".tip").is_hidden()


def test_a_tap_tells_and_chooses(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri(), NARROW).page
    mark = page.locator("circle.mark").nth(2)
    mark.scroll_into_view_if_needed()
    mark.dispatch_event("pointerenter", {"pointerType": "touch"})
    assert page.locator(".tip").is_visible()
    box = page.locator(".tip").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= NARROW[0]
    mark.click()
    assert run_at(page) == int(mark.get_attribute("data-run") or -1)


def test_buttons_wheel_keys_and_drag_change_the_view(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri()).page
    panel = page.locator(".panel").first
    svg = panel.locator("svg").first
    whole = view(svg)
    zoom_in, zoom_out, reset = panel.locator("button").all()
    zoom_in.click()
    x, y, width, height = view(svg)
    assert width == pytest.approx(whole[2] / 1.25**2, abs=ROUNDED)
    assert height == pytest.approx(whole[3] / 1.25**2, abs=ROUNDED)
    assert x + width / 2 == pytest.approx(whole[2] / 2, abs=1.5 * ROUNDED)
    zoom_out.click()
    assert view(svg) == pytest.approx(whole, abs=ROUNDED)

    svg.scroll_into_view_if_needed()
    box = svg.bounding_box()
    assert box is not None
    u, v = 0.25, 0.7
    page.mouse.move(box["x"] + u * box["width"], box["y"] + v * box["height"])
    before = page.evaluate("scrollY")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -60)
    page.wait_for_function("(w) => document.querySelector('.panel svg').viewBox.baseVal.width < w", arg=whole[2] - 1)
    page.keyboard.up("Control")
    assert page.evaluate("scrollY") == before
    x, y, width, height = view(svg)
    pixel = whole[2] / box["width"]  # the pointer stands on whole ones, and what is under it stays there
    assert x + u * width == pytest.approx(u * whole[2], abs=pixel)
    assert y + v * height == pytest.approx(v * whole[3], abs=pixel)

    panel.locator("button").first.focus()
    page.keyboard.press("+")
    assert view(svg)[2] < width
    now = view(svg)
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.97 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.97 * box["height"], steps=4)
    page.mouse.up()
    assert view(svg)[0] > now[0]
    reset.click()
    assert view(svg) == whole


def test_the_wheel_alone_scrolls_the_page(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri()).page
    svg = page.locator(".panel svg").first
    whole = view(svg)
    svg.hover(position={"x": 5, "y": 5})
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, 200)
    page.wait_for_function("(y) => scrollY > y", arg=before)
    assert view(svg) == whole


def test_columns_sort(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri()).page
    table = page.locator("table.sortable", has=page.locator("caption", has_text="click a column head")).first
    head = table.locator("th button", has_text="cost")

    def costs() -> list[float]:
        place = table.locator("thead th").all_inner_texts()
        at = next(i for i, text in enumerate(place) if text.split("\n")[0] == "cost")
        return [float(row.locator("td, th").nth(at).get_attribute("data-v") or "nan")
                for row in table.locator("tbody tr").all()]  # fmt: skip

    head.click()
    assert costs() == sorted(costs())
    head.click()
    assert costs() == sorted(costs(), reverse=True)


def test_formulas_are_set(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri()).page
    boxes = page.locator(".formula math").evaluate_all("(all) => all.map((m) => m.getBoundingClientRect().width)")
    assert len(boxes) >= 8 and min(boxes) > 20
    fraction = page.locator(".formula mfrac").first.bounding_box()
    assert fraction is not None and fraction["height"] > 25  # two lines


def test_it_prints_without_its_controls(report: Path, opened: Opened, tmp_path: Path) -> None:
    page = opened(report.as_uri()).page
    page.emulate_media(media="print")
    for selector in (".chooser", ".tools", ".tip"):
        assert page.locator(selector).first.is_hidden()
    assert page.locator(".panel svg").first.is_visible()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 3


def test_it_reads_without_a_script(report: Path, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert page.locator(".chooser").is_hidden()
    assert page.locator("circle.mark title").first.text_content()
    assert "Verdicts, and what they assume" in page.inner_text("main")
    context.close()


def test_ten_thousand_runs(large: Path, opened: Opened) -> None:
    assert large.stat().st_size < 5_000_000
    page = opened(large.as_uri()).page
    assert "1000 of 10000 runs" in page.inner_text("main")
    results = sz.load(large.parent / "results.zarr")
    move(page, [text.lower() for text in page.locator(".controls label").all_inner_texts()].index("learning rate"), 333)
    run = runs_of(results.isel(cell=[run_at(page)]))[0]
    found = chosen_numbers(page)
    for name in ("cost", "learned"):
        assert found[name][0] == run.estimates[name].value


def test_python_and_the_page_write_numbers_alike(report: Path, opened: Opened) -> None:
    page = opened(report.as_uri()).page
    data = json.loads(page.evaluate("document.getElementById('runs').textContent"))
    runs = runs_of(sz.load(report.parent))
    assert {told["number"] for told in data["runs"]} == {run.number for run in runs}
    named = {label: name for name, label in NAMES.items()}
    sides = {"≤": "upper", "≥": "lower", "?": "none"}
    compared = 0
    for told in data["runs"]:
        for axis, place in enumerate(told["at"]):
            move(page, axis, place)
        estimates = runs[told["number"]].estimates
        for label, (value, text) in chosen_numbers(page).items():
            name = {"readout": "readout_loss"}.get(label, named.get(label, label))
            if isfinite(value):
                e = estimates[name]
                assert value == e.value
                assert text.lstrip("≤≥? ") == plus_minus(e)
                assert sides.get(text[0], "two-sided") == e.side
                compared += 1
    assert compared > 100


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_an_answer_shows_its_figure_and_zooms(
    tmp_path_factory: pytest.TempPathFactory, opened: Opened, size: tuple[int, int]
) -> None:
    out = made(tmp_path_factory.mktemp("answers") / "answer")
    (out / "figures" / "one.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50"><script>document.title="owned"</script>'
        '<image href="http://127.0.0.2/x.png" width="9" height="9"/><rect width="100" height="50" fill="red"/></svg>'
    )
    page = opened(write_answer_report(out).as_uri(), size).page
    assert page.title() == "Is it so?"
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    svg = page.locator(".drawn svg").first
    shot = svg.screenshot()
    assert len(set(shot)) > 10
    page.locator(".drawn button").first.click()
    assert view(svg)[2] == pytest.approx(100 / 1.25**2, abs=ROUNDED)
    page.locator("th button", has_text="count").click()
    cells = page.locator("table.sortable").first.locator("tbody tr td:nth-child(2)").all_inner_texts()
    assert cells == ["3", "7", "12"]


def test_a_training_tells_its_loss(tmp_path_factory: pytest.TempPathFactory, opened: Opened) -> None:
    out = descent(tmp_path_factory.mktemp("training") / "run")
    page = opened(sz.write_report(out).as_uri()).page
    calls, loss = training_ledger(out).over_steps("loss")
    mark = page.locator("circle.mark").first
    mark.hover()
    assert page.inner_text(".tip") == f"call {calls[0]:.4g}\nloss {loss[0]:.6g}"
    assert page.locator(".chooser").count() == 0


def test_many_bars_scroll_in_their_box(tmp_path: Path, opened: Callable[..., Tab]) -> None:
    rules = "['hebbian', 'perceptron', 'adatron', 'gradient', 'hebbian_decay', 'oja', 'bcm']"
    text = f"name = 'many'\nseed = 3\nreplicas = 100\n[task]\npatterns = 3\n[[grid]]\nrule = {rules}\nduration = 1.0\n"
    sz.run_study(sz.Study(text), tmp_path / "many")
    page = opened(sz.write_report(tmp_path / "many").as_uri(), NARROW).page
    assert page.locator(".panel.wide").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
