"""What a person sees in a notebook: tables with the numbers of the text, bars that end, figures that can be read."""

from __future__ import annotations

import base64
import re
import struct
from html import unescape
from typing import Any

import pytest

from .notebook_run import CELLS, outputs_of_notebook
from .test_markup import Page, numbers

Outputs = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    return dict(zip(CELLS, outputs_of_notebook(tmp_path_factory.mktemp("notebook")), strict=True))


def test_nothing_is_printed_and_nothing_warns(outputs: Outputs) -> None:
    kinds = {output["output_type"] for each in outputs.values() for output in each}
    assert kinds == {"display_data", "execute_result"}


def test_every_result_is_html_with_the_numbers_of_its_text(outputs: Outputs) -> None:
    every = [output for each in outputs.values() for output in each]
    shown = [output["data"] for output in every if output["output_type"] == "execute_result"]
    assert len(shown) == 5
    for data in shown:
        told = Page(data["text/html"]).text
        assert numbers(data["text/plain"]) - numbers(told) == set()
        assert len(numbers(told)) > 5
    assert "<svg" in shown[1]["text/html"] and "dissipation" in Page(shown[1]["text/html"]).text
    assert "verdict" in Page(shown[2]["text/html"]).text


def test_a_bar_ends_as_one_line(outputs: Outputs) -> None:
    """Changed in place: the output holds what was shown last, and once."""
    bars = [
        unescape(output["data"]["text/html"])
        for each in outputs.values()
        for output in each
        if output["output_type"] == "display_data" and "text/html" in output["data"]
    ]
    expected = ("train: done in", "simulate: done in", "two rules: 2/2 runs, done in")
    assert [re.sub("<div>(.*in) [0-9]+ s</div>", r"\1", bar) for bar in bars] == list(expected)


def test_figures_are_shown_and_large_enough_to_read(outputs: Outputs) -> None:
    """Every one is shown, not the first alone; text of 9 points at 100 dots an inch has 12 pixels."""
    plots = [each for cell, each in outputs.items() if "plot()" in cell]
    assert len(plots) == 2
    for each in plots:
        (picture,) = [base64.b64decode(output["data"]["image/png"]) for output in each]
        width, height = struct.unpack(">II", picture[16:24])
        assert 320 <= width <= 1000 and 300 <= height <= 1000
