"""The page says what the store holds, safely, and without anything but itself."""

from __future__ import annotations

import re
from math import log
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import szilard as sz
from szilard.learning.tasks import COVERS
from szilard.reporting import write_report
from szilard.reporting.figures import bars
from szilard.reporting.numbers import shown
from szilard.reporting.runs import runs_of
from szilard.study import matched
from szilard.study.units import BOLTZMANN
from tests.reporting.conftest import MakeStudy
from tests.reporting.reading import Page

ONE = '[[grid]]\nrule = "perceptron"\nlearning_rate = 2.0\n'


@pytest.fixture(scope="module")
def text(whole: Path) -> str:
    path = write_report(whole)
    assert path == whole / "report.html"
    return path.read_text("ascii")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_what_the_user_wrote_is_text_and_never_markup(text: str, page: Page) -> None:
    assert "<script>alert" not in text
    assert "<script>alert(1)</script> & $x" in page.words
    kinds = [attributes.get("type") for tag, attributes in page.tags if tag == "script"]
    assert kinds == ["application/json", None]


def test_nothing_is_loaded_from_anywhere(text: str, page: Page) -> None:
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            if name in ("src", "href", "xlink:href", "action", "data", "srcset"):
                assert value is not None and value.startswith("#"), (tag, name, value)
    assert "@import" not in text and "http:" not in text and "https:" not in text
    assert all(target.startswith("#") for target in re.findall(r"url\((.)", text))
    assert "default-src 'none'" in text


def test_ids_are_unique_and_all_references_resolve(text: str, page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'href="#([^"]+)"', text)) | set(re.findall(r"url\(#([^)]+)\)", text))
    assert used and used <= set(ids)


def test_it_is_small_and_the_same_again(whole: Path, text: str, tmp_path: Path) -> None:
    assert len(text) < 1_000_000
    again = write_report(whole, tmp_path / "again.html")
    assert again.read_text("ascii") == text
    assert [p.name for p in tmp_path.iterdir()] == ["again.html"]


def test_every_run_stands_in_a_table_with_its_numbers(whole: Path, page: Page) -> None:
    results = sz.load(whole)
    tables = [table for table in page.tables if table[0][-1][0] == "second law"]
    for labelling, table in zip(("random", "teacher", "true"), tables, strict=True):
        chosen = results.where(results.labelling == labelling, drop=True)
        heads = [head for head, _ in table[0]]
        columns = {"cost": "costnat", "heat": "heatkBT0", "entropy": "entropynat", "error": "errorshown"}
        if labelling != "true":
            columns |= {"learned": "learnednat", "efficiency_joint": "ηjoint"}
        if labelling != "random":
            columns |= {"held_out_error": "errorunseen", "fresh_information": "unseennat per label"}
        assert len(table) - 1 == chosen.sizes["cell"]
        for name, head in columns.items():
            place = heads.index(head)
            assert sorted(row[place][1] or 0.0 for row in table[1:]) == sorted(chosen[name].values)
        written = {row[heads.index("costnat")][0] for row in table[1:]}
        assert written == {shown(run.estimates["cost"]) for run in runs_of(chosen)}


def test_the_price_of_a_bit_in_joules(whole: Path, page: Page) -> None:
    results = sz.load(whole)
    table = next(t for t in page.tables if t[0][-1][0] == "second law")
    place = [head for head, _ in table[0]].index("10−21 Jper bit")
    random = results.where(results.labelling == "random", drop=True)
    joule = random.cost * log(2.0) / random.learned * BOLTZMANN * 300.0 * 1e21
    np.testing.assert_allclose(sorted(row[place][1] or 0.0 for row in table[1:]), sorted(joule.values), rtol=1e-9)


def test_the_answer_comes_first_and_is_that_of_the_store(whole: Path, page: Page) -> None:
    information, matches = matched(sz.load(whole))
    best = min(matches, key=lambda m: m.cost.value)
    lead = page.words[: page.words.index("Where the cost goes")]
    assert f"{information / log(2.0) / 3:.3g} bits per pattern" in lead
    assert best.rule in lead
    assert f"{best.cost.value * log(2.0) / information:.2f}"[:3] in lead
    assert "second law of learning" in lead
    first = page.table("of whichlearning")[0]
    assert first[0][0] == best.rule
    assert first[5][1] == best.cost.value


def test_labels_and_limits_are_explained(page: Page) -> None:
    for text in COVERS.values():
        assert text[1:] in page.words
    assert "szilard run study.toml --out" in page.words
    assert 'rule = ["hebbian", "perceptron"]' in page.words
    assert "seed = 5" in page.words


def test_text_in_figures_is_text(page: Page) -> None:
    assert "learned (nat)" in page.words and "share of the cost (%)" in page.words
    assert "ramp, τ = 1" in page.words


def test_terms_of_each_drawn_run_add_up_to_its_cost(page: Page) -> None:
    table = page.table("= cost")
    assert len(table) == 4
    for row in table:
        values = [value for _, value in row[4:]]
        terms = sum(value for value in values[:-1] if value is not None)
        assert terms == pytest.approx(values[-1], rel=1e-9)


def test_bars_per_bit_stand_on_the_price_of_landauer(whole: Path) -> None:
    runs = [run for run in runs_of(sz.load(whole)) if run.labelling == "random"]
    ax = Figure().subplots()
    costs = bars(ax, runs, "bit")
    for bar, run, cost in zip(ax.containers[0].patches, runs, costs, strict=True):  # type: ignore[attr-defined]
        price = run.price()
        assert price is not None and cost == price
        assert bar.get_height() == pytest.approx(log(2.0))
        assert cost.value == pytest.approx(run.estimates["cost"].value / run.estimates["learned"].value * log(2.0))
    assert "kT" in ax.get_ylabel()


def test_an_unfinished_study_says_what_is_missing(make_study: MakeStudy) -> None:
    out = make_study('[[grid]]\nrule = "hebbian"\nlearning_rate = [1.0, 2.0, 4.0]\n')
    next((out / "done").glob("*.json")).unlink()
    words = Page(write_report(out).read_text("ascii")).words
    assert "1 of 3 runs is missing" in words


def test_a_single_run_is_reported_without_a_comparison(make_study: MakeStudy) -> None:
    page = Page(write_report(make_study(ONE)).read_text("ascii"))
    assert "per bit" in page.words and "At the same learned information" not in page.words
    assert "second law of learning, learned ≤ cost, " in page.words


@pytest.mark.parametrize("labelling", ["teacher", "true"])
def test_studies_without_random_labels(make_study: MakeStudy, labelling: str) -> None:
    page = Page(write_report(make_study(ONE + f'labelling = "{labelling}"\n')).read_text("ascii"))
    assert COVERS[labelling][1:] in page.words
    if labelling == "true":
        assert "Nothing was learned that counts" in page.words
        assert "covers none of these runs" in page.words
    assert "inf" not in {text for table in page.tables for row in table for text, _ in row}


def test_conditions_are_named_by_all_that_differs(make_study: MakeStudy) -> None:
    grid = '[[grid]]\nrule = "perceptron"\nlearning_rate = [1.0, 2.0, 4.0]\ntemperature = [1.0, 2.0]\n'
    out = make_study(grid)
    page = Page(write_report(out).read_text("ascii"))
    assert {run.condition for run in runs_of(sz.load(out))} == {"quench, T = 1", "quench, T = 2"}
    assert "At the same learned information" in page.words
    rows = page.table("of whichlearning")
    prices = {row[2][0]: (row[7][1], row[8][1]) for row in rows}
    for condition, temperature in (("quench, T = 1", 1.0), ("quench, T = 2", 2.0)):
        thermal, joule = prices[condition]
        assert thermal is not None and joule == pytest.approx(thermal * temperature * BOLTZMANN * 300e21)


def test_a_directory_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(sz.InputError, match="holds no results"):
        write_report(tmp_path)


def test_a_place_that_cannot_be_written_is_refused(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(sz.InputError, match="cannot be written"):
        write_report(whole, tmp_path / "nowhere" / "report.html")
