"""Many bounds in one figure: where points stand, what is shaded, what grey print keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from szilard.errors import InputError
from szilard.plotting import bounds_panel
from szilard.plotting.bounds import MARKS

LONG = "the product of the relative variance and the entropy production of the current around the ring"
ROWS = [
    ("a bound", 0.6, 1.2, 0.03, "holds", False),
    (LONG, 2.0, 2.05, 0.07, "inconclusive", False),
    ("an equality", 1.01, 1.0, 0.02, "holds", True),
    ("broken", 1.4, 1.0, 0.05, "violated", False),
    ("negative", -2.0, -1.0, 0.1, "holds", False),
    ("far off $5", 9.0, 1.0, 0.1, "violated", False),
    ("met", 1.0, 1.0, 0.0, "holds, saturated", False),
    ("zero", -0.2, 0.0, 0.05, "holds", False),
]


def drawn(rows: list[Any]) -> Axes:
    ax: Axes = Figure(figsize=(8.0, 5.0), layout="constrained").subplots()
    bounds_panel(ax, rows)
    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    return ax


def points(ax: Axes) -> list[tuple[float, float, str]]:
    """(x, y, marker) of the marker of every law."""
    found = []
    for line in ax.lines:
        marker = str(line.get_marker())
        if marker in ("o", "D", "X", "s", "<", ">"):
            found.append((float(np.asarray(line.get_xdata())[0]), float(np.asarray(line.get_ydata())[0]), marker))
    return sorted(found, key=lambda point: point[1])


def test_a_point_is_the_ratio_and_its_bar_two_errors_long() -> None:
    ax = drawn(ROWS)
    found = points(ax)
    # 1 - slack / |larger|: the ratio where the bound is positive, and on the allowed side of 1 where it is not
    # near zero the unit is 5 standard errors of the difference
    expected = [0.5, 2.0 / 2.05, 1.01, 1.4, 0.0, ax.get_xlim()[1], 1.0, 0.2]
    assert [x for x, _, _ in found] == pytest.approx(expected)
    assert [marker for _, _, marker in found] == ["o", "s", "o", "X", "o", ">", "D", "o"]
    bars = [c.get_segments()[0] for c in ax.collections]  # type: ignore[attr-defined]
    first = next(bar for bar in bars if bar[0][1] == 0.0)
    assert first[:, 0] == pytest.approx([0.5 - 2 * 0.03 / 1.2, 0.5 + 2 * 0.03 / 1.2])


def test_the_allowed_side_is_shaded_but_for_equalities() -> None:
    ax = drawn(ROWS)
    bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    shaded = {round(bar.get_y() + 0.5 * bar.get_height()): bar for bar in bars}
    assert sorted(shaded) == [0, 1, 3, 4, 5, 6, 7]
    for patch in shaded.values():
        assert patch.get_x() + patch.get_width() == pytest.approx(1.0)
        assert patch.get_x() == pytest.approx(ax.get_xlim()[0])


def test_verdicts_differ_in_more_than_colour() -> None:
    looks = {(marker, filled) for _, marker, filled in MARKS.values()}
    assert len(looks) == len(MARKS) == 4
    shown = {text.get_text() for text in drawn(ROWS).texts}
    assert {"holds", "violated", "inconclusive", "holds, saturated", "ratio", "verdict", "0.5", "0.976"} <= shown


def test_long_names_are_broken_and_nothing_overlaps() -> None:
    ax = drawn(ROWS)
    labels = [text.get_window_extent() for text in ax.get_yticklabels()]
    assert ax.get_yticklabels()[1].get_text().replace("\n", " ") == LONG
    assert max(map(len, ax.get_yticklabels()[1].get_text().split("\n"))) <= 40
    assert ax.get_yticklabels()[5].get_text() == r"far off \$5"
    for one, next_one in zip(labels, labels[1:], strict=False):
        assert not one.overlaps(next_one)
    figure = ax.figure.bbox
    assert min(box.x0 for box in labels) >= figure.x0
    assert max(text.get_window_extent().x1 for text in ax.texts) <= figure.x1 + 1.0
    assert ax.get_ylim()[0] > ax.get_ylim()[1], "the first is on top"


def test_no_rows_make_an_empty_figure() -> None:
    assert drawn([]).get_yticklabels() == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("a", np.nan, 1.0, 0.1, "holds", False), "finite"),
        (("a", 1.0, np.inf, 0.1, "holds", False), "finite"),
        (("a", 1.0, 1.0, -0.1, "holds", False), "error"),
        (("a", 1.0, 1.0, np.nan, "holds", False), "error"),
        (("a", 1.0, 1.0, 0.1, "perhaps", False), "verdict"),
    ],
    ids=str,
)
def test_what_cannot_be_drawn_is_refused(row: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        drawn([row])
