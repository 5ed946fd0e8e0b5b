"""Colours are told apart by every eye and in grey print, or by more than colour."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from szilard.plotting.bounds import MARKS
from szilard.plotting.style import DARK, DASHES, FILLS, FORBIDDEN, INK, MUTED, OTHER, PAPER, SERIES
from tests.plotting.vision import VISIONS, contrast, distance, linear, seen

PAGES = {"light": dict(zip(DARK, DARK, strict=True)), "dark": DARK}
FAR = 10.0
"""CIEDE2000 of 1 is about what half of all eyes just see between two large patches side by side. Marks of a figure are
a few millimetres wide, apart from each other and printed: ten times that. What is nearer must differ in more than
colour."""
TEXT, LINE = 4.5, 3.0
"""Least contrast of text and of graphical objects: WCAG 2.2, success criteria 1.4.3 and 1.4.11."""


@pytest.mark.parametrize(
    ("one", "other", "known"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
    ],
    ids=str,
)
def test_the_distance_is_that_of_the_published_test_data(
    one: tuple[float, ...], other: tuple[float, ...], known: float
) -> None:
    """Sharma, Wu and Dalal (2005), table 1, given to four digits."""
    assert distance(np.array(one), np.array(other)) == pytest.approx(known, abs=5e-5)
    assert distance(np.array(other), np.array(one)) == pytest.approx(known, abs=5e-5)


def test_blindness_takes_away_what_it_should() -> None:
    for vision in VISIONS:
        np.testing.assert_allclose(seen("#ffffff", vision), [100.0, 0.0, 0.0], atol=0.02)  # matrices of 6 digits
    assert distance(seen("#ff0000", "normal"), seen("#5f5f00", "normal")) > 40.0
    red, green = seen("#c83232", "deuteranopia"), seen("#7d7d32", "deuteranopia")
    assert distance(red, green) < distance(seen("#c83232", "normal"), seen("#7d7d32", "normal")) / 2.0
    assert np.abs(seen("#c04305", "grey")[1:]).max() < 0.02


@pytest.mark.parametrize("page", PAGES)
def test_fills_differ_to_every_eye_or_in_their_hatch(page: str) -> None:
    """Any two terms may be neighbours, as those between them may be missing."""
    fills = {**FILLS, "other": OTHER}
    near = {
        (one, other)
        for one, other in combinations(fills, 2)
        for vision in VISIONS
        if distance(*(seen(PAGES[page][fills[name].colour], vision) for name in (one, other))) < FAR
    }
    assert all(fills[one].hatch != fills[other].hatch for one, other in near), near


@pytest.mark.parametrize("vision", [vision for vision in VISIONS if vision != "grey"])
@pytest.mark.parametrize("page", PAGES)
def test_series_differ_to_every_eye(page: str, vision: str) -> None:
    colours = [seen(PAGES[page][colour], vision) for colour, _ in SERIES]
    assert min(distance(one, other) for one, other in combinations(colours, 2)) >= FAR


def test_series_differ_in_more_than_colour() -> None:
    """In grey print six curves cannot differ in their colour alone."""
    assert len({marker for _, marker in SERIES}) == len(set(DASHES)) == len(SERIES) == len(DASHES)
    assert len({(marker, filled) for _, marker, filled in MARKS.values()}) == len(MARKS)


@pytest.mark.parametrize("page", PAGES)
def test_text_and_lines_can_be_read_on_either_page(page: str) -> None:
    known = PAGES[page]
    for ground in (PAPER, FORBIDDEN):
        for text in (INK, MUTED, FILLS["learned"].colour):
            assert contrast(known[text], known[ground]) >= TEXT, text
        for line in (*(colour for colour, _ in SERIES), *(colour for colour, _, _ in MARKS.values())):
            assert contrast(known[line], known[ground]) >= LINE, line
    assert contrast(known[MUTED], known[PAPER]) >= TEXT, "text of the ground on a node"


@pytest.mark.parametrize("page", PAGES)
def test_grey_keeps_the_order_of_the_losses(page: str) -> None:
    """From the darkest to the lightest in both pages; each step is one that is seen."""
    order = ["dissipation", "redundancy", "interference", "readout"]
    greys = [seen(PAGES[page][FILLS[name].colour], "grey")[0] for name in order]
    assert min(np.diff(greys)) >= FAR
    light = [float(linear(PAGES[page][FILLS[name].colour]) @ [0.2126, 0.7152, 0.0722]) for name in order]
    assert light == sorted(light)
