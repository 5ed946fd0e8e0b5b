"""The page of an answer shows what the directory holds, and takes none of it for markup."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from typer.testing import CliRunner

import szilard as sz
from szilard import BoundCheck, Estimate
from szilard.cli import app
from szilard.questions.answer import Answer, Answered
from szilard.questions.answer_report import write_answer_report
from szilard.questions.part import Finding, Part, Picture, Table
from szilard.questions.writing import write_answer
from tests.reporting.reading import Page

HELD = re.compile(r"#.*|data:image/(svg\+xml|png);base64,[A-Za-z0-9+/=]+")
BAD = "<script>alert(1)</script> & <b>"


def drawn(figure: Figure) -> None:
    figure.subplots().plot([0.0, 1.0], [1.0, 3.0], label=BAD)


def made(place: Path) -> Path:
    checks = (
        BoundCheck(f"holds {BAD}", Estimate(0.3, 0.02, 500), Estimate(0.7, 0.03, 500)),
        BoundCheck("open", Estimate(0.3, 0.02, 500), Estimate(0.31, 0.03, 500)),
    )
    broken = (BoundCheck("broken", Estimate(0.9, 0.02, 500), Estimate(0.1, 0.03, 500)),)
    rows = (
        ("first", 7, Estimate(1.25, 0.125, side="upper"), 0.1),
        (BAD, 12, None, -3.0),
        ("third", 3, Estimate(-0.5, 0.25), None),
    )
    table = Table(("what <i>", "count", "cost (nat)", "x"), rows)
    picture = Picture(drawn, f"What is seen, {BAD}", (4.0, 3.0))
    text, assumptions = f"The cost is -2.0 +- 0.1 {BAD}.", (f"assumes {BAD}", "and this")
    finding = Finding(text, assumptions, table, picture, checks, broken, gist=f"In short {BAD}.")
    part = Part("one", f"Part {BAD}", (), lambda _: finding)
    answer = Answer("Is it so?", f"name {BAD}", "limit", 7, 0.5, True, (Answered(part, finding),))
    place.mkdir()
    (place / "question.toml").write_text(f'question = "limit" # {BAD}\n')
    write_answer(answer, place)
    return place


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("answer") / "an answer")


@pytest.fixture
def copy(out: Path, tmp_path: Path) -> Path:
    shutil.copytree(out, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture(scope="module")
def text(out: Path) -> str:
    path = write_answer_report(out)
    assert path == out / "report.html"
    return path.read_text("ascii")


def test_nothing_in_the_directory_is_markup(text: str) -> None:
    page = Page(text)
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert page.words.count("<script>alert(1)</script> & <b>") >= 9
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            if name in ("src", "href", "xlink:href", "action", "srcset"):
                assert value is not None and re.match(r"#|data:image/(svg\+xml|png);base64,[A-Za-z0-9+/=]+$", value), (
                    tag
                )
    assert "default-src 'none'" in text and "img-src data:" in text and "http:" not in text and "https:" not in text


def test_numbers_are_those_of_the_store(text: str) -> None:
    page = Page(text)
    rows = page.table("cost (nat)")
    assert [[value for _, value in row[1:]] for row in rows] == [[7, 1.25, 0.1], [12, None, -3.0], [3, -0.5, None]]
    assert [row[2][0] for row in rows] == ["≤1.25(12)", "–", "−0.50(25)"]
    laws = page.table("larger")
    assert [(row[1][1], row[3][1], row[4][0]) for row in laws] == [(0.3, 0.31, "inconclusive"), (0.3, 0.7, "holds")]


def test_the_answer_comes_first(text: str) -> None:
    words = Page(text).words
    places = [words.index(part) for part in ("In short", "Of 2 laws tested", "assumes", "The cost is", "What to cite")]
    assert places == sorted(places)
    assert "The cost is −2.0 ± 0.1" in words and "0.5 of the default time step" in words
    assert "szilard ask limit question.toml --seed 7 --quick --out DIR" in words
    assert "szilard report '" in words


def test_the_same_directory_gives_the_same_page(out: Path, text: str, tmp_path: Path) -> None:
    assert write_answer_report(out, tmp_path / "again.html").read_text("ascii") == text
    told = CliRunner().invoke(app, ["report", str(out)])
    assert told.exit_code == 0 and told.output == f"report: {out / 'report.html'}\n"
    assert (out / "report.html").read_text("ascii") == text


@pytest.mark.parametrize("left", ["one.svg", "one.png", ""])
def test_a_figure_is_its_drawing_else_its_pixels_else_nothing(copy: Path, left: str) -> None:
    for path in (copy / "figures").iterdir():
        if path.name != left:
            path.unlink()
    page = write_answer_report(copy).read_text("ascii")
    assert ("data:image/svg+xml" in page) == (left == "one.svg")
    assert ("data:image/png" in page) == (left == "one.png")
    assert Page(page).table("cost (nat)")


def test_figures_that_are_none_are_left_out(copy: Path) -> None:
    (copy / "figures" / "one.svg").write_text('<svg onload="alert(1)"><script>alert(1)</script></svg>')
    (copy / "figures" / "one.png").write_bytes(b"GIF89a" + bytes(100))
    page = write_answer_report(copy).read_text("ascii")
    assert "data:image" not in page and "onload" not in page


@pytest.mark.parametrize(
    "change",
    [
        {"parts": ["../../etc"]}, {"parts": 3}, {"question": "whatever"}, {"title": 4}, {"seed": "x"},
        {"time_step": "x"}, {"versions": [1]}, {"conventions": 3},
    ],
    ids=["path", "no list", "question", "title", "seed", "step", "versions", "conventions"],
)  # fmt: skip
def test_a_changed_store_is_refused(copy: Path, change: dict[str, object]) -> None:
    about = copy / "answer.zarr" / "zarr.json"
    content = json.loads(about.read_text())
    content["attributes"] |= change
    about.write_text(json.dumps(content))
    with pytest.raises(sz.InputError, match="damaged"):
        write_answer_report(copy)


@pytest.mark.parametrize("row", ["1.0,x,upper", "1.0", "", "1.0,0.1,sideways", "1.0,-0.1,upper"])
def test_a_damaged_table_is_refused(copy: Path, row: str) -> None:
    (copy / "tables" / "one.csv").write_text(f"cost,cost: stderr,cost: side\n{row}\n")
    with pytest.raises(sz.InputError, match="damaged"):
        write_answer_report(copy)


@pytest.mark.parametrize("drawing", [b"<svg" * 250_000, b'<svg viewBox="0 0 1.1.1 3">'], ids=["long", "no number"])
def test_a_drawing_of_no_size_is_left_out_and_soon(copy: Path, drawing: bytes) -> None:
    (copy / "figures" / "one.svg").write_bytes(drawing)
    (copy / "figures" / "one.png").unlink()
    assert "data:image" not in write_answer_report(copy).read_text("ascii")


def test_a_directory_without_an_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(sz.InputError, match="holds no answer"):
        write_answer_report(tmp_path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    place = tmp_path / "answer"
    made(place)
    private = tmp_path / "private"
    private.write_text("what,nobody\nshould,see\n", encoding="utf-8")
    for path in [place / "question.toml", *(place / "tables").glob("*.csv")]:
        path.unlink()
        path.symlink_to(private)
    assert "nobody" not in write_answer_report(place).read_text(encoding="utf-8")
