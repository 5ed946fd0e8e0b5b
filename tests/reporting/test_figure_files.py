"""A command makes each figure of a report again, for print."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import szilard as sz
from szilard.cli import app
from szilard.reporting import write_report
from szilard.reporting.figure_files import figure_command, figure_file, figures_of
from tests.reporting.faked import fake
from tests.reporting.reading import Page
from tests.reporting.test_training_page import descent

DESIGN = '[[design]]\nkind = "random"\npoints = 12\nlearning_rate = { low = 0.5, high = 5.0 }\n'


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    points = [
        {"rule": rule, "learning_rate": rate, "schedule": schedule}
        for rule in ("hebbian", "perceptron")
        for rate in (0.5, 1.0, 2.0)
        for schedule in ("quench", "ramp:3")
    ]
    return fake(tmp_path_factory.mktemp("grid") / "a study's results.zarr", points)


@pytest.fixture(scope="module")
def design(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(1)
    points = [{"learning_rate": float(x), "mobility": float(y)} for x, y in rng.uniform(0.5, 3.0, (24, 2))]
    return fake(tmp_path_factory.mktemp("design") / "results.zarr", points, grids=DESIGN)


@pytest.mark.parametrize(("name", "suffix"), [("budget", ".png"), ("cost", ".svg"), ("efficiency", ".pdf")])
def test_a_grids_figures(grid: Path, tmp_path: Path, name: str, suffix: str) -> None:
    path = figure_file(grid, name, tmp_path / f"{name}{suffix}")
    first = path.read_bytes()
    assert first[:5] in (b"\x89PNG\r", b"<?xml", b"%PDF-")
    assert figure_file(grid, name, path).read_bytes() == first
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_the_width_is_that_of_a_column(design: Path, tmp_path: Path) -> None:
    for name in figures_of(design):
        for width, inches in (("single", 3.375), ("double", 7.0)):
            text = figure_file(design, name, tmp_path / "f.svg", width).read_text("utf-8")
            assert f'width="{72 * inches:g}pt"' in text


def test_every_figure_has_its_command_on_the_page(grid: Path, design: Path, tmp_path: Path) -> None:
    for out in (grid, design):
        page = Page(write_report(out, tmp_path / "page.html").read_text("ascii"))
        for name in figures_of(out):
            assert figure_command(out, name) in page.words


@pytest.mark.parametrize("name", ["a b", "$(x)'", "<i>", "-out", "plain"])
def test_a_command_survives_the_shell(tmp_path: Path, name: str) -> None:
    words = shlex.split(figure_command(name, "cost"))
    assert words[:2] == ["szilard", "figure"] and words[3:] == ["cost", "--out", "cost.pdf"]
    assert Path(words[2]) == Path(name) and not words[2].startswith("-")


def test_a_trainings_figures(tmp_path: Path) -> None:
    out = descent(tmp_path / "run")
    assert list(figures_of(out)) == ["loss", "path", "temperature", "spectrum"]
    for name in figures_of(out):
        assert figure_file(out, name, tmp_path / f"{name}.pdf", "single").read_bytes().startswith(b"%PDF")
    page = Page(write_report(out).read_text("ascii"))
    assert all(figure_command(out, name) in page.words for name in figures_of(out))
    assert list(figures_of(descent(tmp_path / "heavy", momentum=0.9))) == ["loss", "path"]


def test_the_command_line(grid: Path, tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["figure", str(grid)])
    assert told.exit_code == 0
    assert [line.split("  ")[0].strip() for line in told.output.splitlines()] == ["budget", "cost", "efficiency"]
    target = tmp_path / "b.pdf"
    made = CliRunner().invoke(app, ["figure", str(grid), "budget", "--width", "single", "--out", str(target)])
    assert made.exit_code == 0 and made.output == f"wrote {target}\n"
    assert target.read_bytes() == figure_file(grid, "budget", tmp_path / "again.pdf", "single").read_bytes()


@pytest.mark.parametrize(
    ("name", "width", "path", "rule"),
    [
        ("nothing", "double", "a.pdf", "must be one of budget, cost, efficiency"),
        ("cost", "wide", "a.pdf", "must be one of single, double"),
        ("cost", "double", "a.gif", "must end in"),
    ],
)
def test_bad_input_is_refused(grid: Path, tmp_path: Path, name: str, width: str, path: str, rule: str) -> None:
    with pytest.raises(sz.InputError, match=rule):
        figure_file(grid, name, tmp_path / path, width)
    assert not list(tmp_path.iterdir())


def test_a_directory_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(sz.InputError, match="holds no results"):
        figures_of(tmp_path)
