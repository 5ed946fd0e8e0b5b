"""Figures for print: their width, their sizes, and the files they become."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from szilard import Estimate, InputError, Ledger
from szilard.books import draw_books
from szilard.check import BoundCheck
from szilard.laws import Laws
from szilard.plotting import axes_or_new, house_style
from szilard.plotting.printed import DPI, UNDATED, WIDTHS, paper_figure, write_figure
from szilard.plotting.style import LOOK, PRINT, SIZED, TEXT, look, points
from tests.plotting.test_page_widths import drawn

INCH = 25.4


@pytest.fixture(autouse=True)
def _close() -> Any:
    yield
    plt.close("all")


def test_columns_are_as_wide_as_those_of_the_journals() -> None:
    assert WIDTHS["single"] * INCH == pytest.approx(85.7, abs=0.05)
    assert WIDTHS["double"] * INCH == pytest.approx(178.0, abs=0.5)
    figure, ax = paper_figure("double", 2.5)
    assert figure.get_size_inches().tolist() == [7.0, 2.5]
    figure, axes = paper_figure(rows=2, columns=3)
    assert axes.shape == (2, 3)
    assert figure.get_size_inches() == pytest.approx([3.375, 0.72 * 3.375 / 3 * 2])
    assert len(figure.axes) == 6


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"width": "triple"}, "width"),
        ({"height": 0.0}, "height"),
        ({"height": float("nan")}, "height"),
        ({"rows": 0}, "rows"),
        ({"columns": 1.5}, "columns"),
    ],
    ids=str,
)
def test_what_is_no_figure_is_refused(options: Any, field: str) -> None:
    with pytest.raises(InputError, match=field):
        paper_figure(**options)


def test_sizes_of_print_are_eight_ninths_of_those_on_a_screen() -> None:
    assert all(look(paper=True)[name] == pytest.approx(PRINT * LOOK[name]) for name in SIZED)
    assert {name for name in LOOK if look(paper=True)[name] != look(paper=False)[name]} == set(SIZED)
    with house_style(paper=True):
        assert matplotlib.rcParams["font.size"] == pytest.approx(8.0)
        assert points(TEXT) == pytest.approx(8.0)
        with house_style():  # that of a plot method
            assert matplotlib.rcParams["font.size"] == pytest.approx(8.0)
        with house_style(paper=False):
            assert matplotlib.rcParams["font.size"] == TEXT
        assert matplotlib.rcParams["font.size"] == pytest.approx(8.0)
    with house_style():
        assert matplotlib.rcParams["font.size"] == TEXT


def test_plot_methods_take_the_sizes_of_the_figure_they_draw_on() -> None:
    check = BoundCheck("0 <= <S>", Estimate.exact(0.0), Estimate(1.0, 0.1, 1000))
    _, printed = paper_figure("double")
    _, shown = plt.subplots()
    for ax, size in ((printed, 8.5 * PRINT), (shown, 8.5)):
        assert [float(text.get_fontsize()) for text in Laws([check]).plot(ax).texts] == pytest.approx([size] * 4)
    before = matplotlib.rcParams["font.size"]
    ledger = Ledger(np.array([[1.0], [2.0]]), np.array([1.0, 3.0]), np.array([0.0, 1.0]), np.array([1.0]))
    legend = draw_books(ledger, ("bath",), printed).get_legend()
    assert legend is not None
    assert float(legend.get_texts()[0].get_fontsize()) == pytest.approx(8.5 * PRINT)
    assert matplotlib.rcParams["font.size"] == before
    with house_style():
        assert axes_or_new(None).figure.bbox.width / matplotlib.rcParams["figure.dpi"] == 5.0


@pytest.mark.parametrize("suffix", UNDATED)
def test_numbers_drawn_anew_give_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    """Also where a layout depends on the one before, as with equal axes."""
    contents = []
    for name in ("first", "second"):
        figure, _ = drawn("network", "single")
        if name == "second":
            figure.draw_without_rendering()
        contents.append(write_figure(figure, tmp_path / f"{name}{suffix}").read_bytes())
    sizes = [len(content) for content in contents]
    assert contents[0][:4] in (b"%PDF", b"<?xm", b"\x89PNG")
    assert sizes[0] == sizes[1]
    again, _ = drawn("network", "single")
    assert write_figure(again, tmp_path / f"first{suffix}").read_bytes() == contents[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"first{suffix}", f"second{suffix}"]


def test_bytes_do_not_depend_on_the_order_of_hashes(tmp_path: Path) -> None:
    program = (
        "import sys; from szilard.plotting import lines, house_style\n"
        "from szilard.plotting.printed import paper_figure, write_figure\n"
        "with house_style(paper=True):\n"
        "    figure, ax = paper_figure()\n"
        "    lines(ax, [0, 1], [[0, 1], [1, 0]], 'time', 'p', ['up', 'down'])\n"
        "write_figure(figure, sys.argv[1])\n"
    )
    found = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.pdf"
        environment = {"PYTHONHASHSEED": seed, "MPLBACKEND": "agg", "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        subprocess.run([sys.executable, "-c", program, str(path)], check=True, env=environment)
        found.append(path.read_bytes())
    assert found[0] == found[1]


def test_files_are_as_large_as_the_column_and_keep_their_text(tmp_path: Path) -> None:
    figure, _ = drawn("theory", "single")
    with Image.open(write_figure(figure, tmp_path / "figure.png")) as image:
        assert image.size == (round(3.375 * DPI), round(2.4 * DPI))
        assert DPI >= 300
    svg = write_figure(figure, tmp_path / "figure.svg").read_text()
    assert 'width="243pt"' in svg and re.search(r"<text[^>]*>cost \(nat\)</text>", svg)
    pdf = write_figure(figure, str(tmp_path / "figure.pdf")).read_bytes()
    assert b"/FontFile2" in pdf and b"/Subtype /Type3" not in pdf  # TrueType, not Type 3
    assert b"CreationDate" not in pdf
    assert figure.dpi == matplotlib.rcParams["figure.dpi"]


def test_a_figure_can_be_drawn_on_after_it_was_written(tmp_path: Path) -> None:
    figure, ax = drawn("theory", "single")
    before = type(figure.get_layout_engine())
    write_figure(figure, tmp_path / "figure.png")
    assert type(figure.get_layout_engine()) is before
    ax.set_xlabel("a label\nof\nmany\nlines")
    bottom = ax.get_position().y0
    figure.draw_without_rendering()
    assert ax.get_position().y0 > bottom


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    figure = Figure()
    for name in ("figure.jpg", "figure", "figure.PDF"):
        with pytest.raises(InputError, match=r"must end in \.pdf, \.svg, \.png"):
            write_figure(figure, tmp_path / name)
    with pytest.raises(InputError, match="cannot be written"):
        write_figure(figure, tmp_path / "absent" / "figure.png")
