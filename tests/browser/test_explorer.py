"""The explorer in a real browser: it asks for nothing outside, and what it shows is what the library gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import szilard as sz
from szilard.explorer.serving import Served
from szilard.explorer.stored import StoredStudy
from tests.browser.conftest import NARROW, WIDE, Tab
from tests.explorer.running import running

pytestmark = pytest.mark.browser

NAME = "a <script>document.title='owned'</script> study"
STUDY = f"""
name = "{NAME}"
seed = 7
replicas = 1000
[task]
source = "random"
inputs = 2
patterns = 2
[[grid]]
rule = ["hebbian", "perceptron"]
learning_rate = [0.5, 2.0]
duration = 2.0
"""
PATIENT = 60_000
Open = Callable[..., Tab]


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("explorer") / "study"
    sz.run_study(sz.Study(STUDY), where)
    return where


def shown(page: Page, name: str) -> float:
    """The number in the budget's table, to the last bit."""
    value = page.locator(f'#numbers td[data-of="{name}"]').get_attribute("data-v", timeout=PATIENT)
    assert value is not None
    return float(value)


def at_rest(page: Page) -> int:
    """Wait until nothing better is on its way; how many replicas stand behind what is seen."""
    state = page.locator("#state .bk-clearfix")
    expect(state).to_contain_text("at rest", timeout=PATIENT)
    found = re.match(r"(\d+) replicas", state.inner_text())
    assert found is not None
    return int(found[1])


def slider(page: Page, name: str, *keys: str) -> None:
    """Press keys on a slider, reached by its name."""
    handle = page.get_by_role("slider", name=name, exact=True)
    for key in keys:
        handle.press(key)


def test_it_opens_and_moving_the_rate_shows_what_train_gives(server: Served, opened: Open) -> None:
    page = opened(server.address).page
    slider(page, "Duration", "Home", "ArrowRight")  # 1.0
    replicas = at_rest(page)
    before = shown(page, "heat")
    slider(page, "Learning rate", "ArrowRight", "ArrowRight", "ArrowRight")
    expect(page.locator("#python")).to_contain_text("learning_rate=2.3", timeout=PATIENT)
    assert at_rest(page) == replicas
    run = sz.train(
        sz.tasks.random_labels(3, 2, seed=1), sz.rules.hebbian, learning_rate=2.3, duration=1.0, schedule="ramp:4.0",
        replicas=replicas, seed=1,
    )  # fmt: skip
    assert shown(page, "heat") == run.heat.value != before
    assert shown(page, "cost") == run.cost.value
    for name, term in sz.budget(run).terms().items():
        assert shown(page, name) == term.value


def test_a_control_is_answered_at_once(server: Served, opened: Open) -> None:
    page = opened(server.address).page
    at_rest(page)
    slider(page, "Inputs N", "End")
    page.get_by_role("combobox").first.select_option("gradient")
    expect(page.locator("#state .bk-clearfix")).to_contain_text("computing", timeout=1000)


def test_another_rule_has_its_own_numbers_and_no_closed_form(server: Served, opened: Open) -> None:
    page = opened(server.address).page
    slider(page, "Duration", "Home")
    page.get_by_role("combobox").first.select_option("hebbian_decay")
    expect(page.locator("#python")).to_contain_text("hebbian_decay", timeout=PATIENT)
    replicas = at_rest(page)
    run = sz.train(
        sz.tasks.random_labels(3, 2, seed=1), sz.rules.hebbian_decay, learning_rate=2.0, duration=0.5,
        schedule="ramp:4.0", replicas=replicas, seed=1,
    )  # fmt: skip
    assert shown(page, "unresolved") == sz.budget(run).terms()["unresolved"].value
    expect(page.locator("#law")).to_contain_text("no closed form")
    expect(page.locator("#law")).to_contain_text("It assumes")


def test_time_moves_by_key_and_by_play(server: Served, opened: Open) -> None:
    page = opened(server.address).page
    slider(page, "Duration", "Home")
    at_rest(page)
    at_end = shown(page, "cost")
    slider(page, "Time", "Home")
    expect(page.locator("#player .bk-slider-title")).to_contain_text("Time 0 of 0.5", timeout=PATIENT)
    assert shown(page, "cost") == 0.0 != at_end
    page.get_by_role("button", name="Play").press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator("#player .bk-slider-title")).to_contain_text("Time 0.5 of 0.5", timeout=PATIENT)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert shown(page, "cost") == at_end


def test_what_cannot_be_is_told_and_the_page_lives_on(server: Served, opened: Open) -> None:
    page = opened(server.address).page
    at_rest(page)
    for name in ("Learning rate", "Inputs N", "Patterns P", "Duration"):
        slider(page, name, "End")
    slider(page, "Temperature", "Home")
    page.get_by_role("combobox").first.select_option("perceptron")
    expect(page.locator("#state .bk-clearfix")).to_contain_text("too much for a page", timeout=PATIENT)
    page.get_by_role("combobox").first.select_option("hebbian")
    slider(page, "Duration", "Home")
    at_rest(page)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_no_page_is_wider_than_its_screen(
    server: Served, out: Path, opened: Open, size: tuple[int, int], dark: bool
) -> None:
    with running(StoredStudy.at(out)) as with_study:
        page = opened(with_study.address, size, dark).page
        at_rest(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.evaluate("document.documentElement.dataset.look") == ("dark" if dark else "light")
        page.goto("about:blank")


def test_a_study_opens_with_the_stores_numbers_and_its_name_is_text(out: Path, opened: Open) -> None:
    store = sz.load(out)
    with running(StoredStudy.at(out)) as with_study:
        page = opened(with_study.address).page
        expect(page.locator("#study")).to_contain_text(NAME, timeout=PATIENT)
        assert page.title() != "owned"
        for value in store.cost.values:
            expect(page.locator(".slick-cell", has_text=re.compile(rf"^{value:.4f}$")).first).to_be_visible()
        page.locator(".slick-row").nth(2).locator(".slick-cell").nth(1).click()
        row = page.locator("#compared tr", has_text=re.compile("^cost[^_ ]"))
        expect(row.first).to_be_visible(timeout=PATIENT)
        told = row.first.locator("td")
        assert told.nth(0).get_attribute("data-v") == repr(float(store.cost.values[2]))
        sigmas = float(told.nth(2).inner_text().replace("−", "-"))
        assert abs(sigmas) < 4.0
        expect(page.locator("#controls .bk-slider-title").first).to_contain_text(f"{store.learning_rate.values[2]}")
        slider(page, "Learning rate", "ArrowRight")
        expect(page.locator("#compared")).to_contain_text("have left", timeout=PATIENT)
        page.get_by_role("button", name="Leave the study's runs").click()
        expect(page.locator("#compared")).to_contain_text("Choose a run", timeout=PATIENT)
        page.goto("about:blank")


def test_controls_have_names_and_text_has_contrast(server: Served, opened: Open) -> None:
    for dark in (False, True):
        page = opened(server.address, WIDE, dark).page
        at_rest(page)
        names = [handle.get_attribute("aria-label") for handle in page.get_by_role("slider").all()]
        assert len(names) == len(set(names)) == 9
        for place in (
            "#state .bk-clearfix",
            "#numbers td.what >> nth=0",
            "#law p >> nth=0",
            "figcaption .key >> nth=0",
        ):
            ink = page.locator(place).evaluate("e => getComputedStyle(e).color")
            paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
            assert contrast(ink, paper) >= 4.5, (place, dark)
        page.goto("about:blank")


def contrast(a: str, b: str) -> float:
    """(L1 + 0.05)/(L2 + 0.05) of two CSS colours, as WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(value) / 255.0 for value in re.findall(r"\d+", colour)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_words_of_a_hostile_store_are_text(out: Path, opened: Open) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\">"
    study = StoredStudy.at(out)
    runs = tuple(replace(run, rule=evil, condition=evil, verdict=evil) for run in study.runs)
    with running(replace(study, runs=runs)) as with_study:
        page = opened(with_study.address).page
        expect(page.locator(".slick-cell").first).to_contain_text("<img src=x", timeout=PATIENT)
        expect(page.locator("#study")).to_contain_text("<img src=x")
        box = page.locator("#scatter").bounding_box()
        assert box is not None
        for column in range(0, int(box["width"]), 40):
            for row in range(20, int(box["height"]), 30):
                page.mouse.move(box["x"] + column, box["y"] + row)
        assert page.locator("img").count() == 0
        assert page.title() != "owned"
        page.goto("about:blank")
