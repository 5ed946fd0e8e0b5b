"""Every figure fits a column of print: nothing written on it is cut off, overlaps or is too small to read."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from szilard.plotting import (
    Curve,
    agreement,
    beside_exact,
    bounds_panel,
    budget_bars,
    cost_curves,
    current_field,
    distributions,
    efficiency_curves,
    house_style,
    level_trajectory,
    lines,
    mirrored,
    network,
    potential_trajectory,
    track,
)
from szilard.plotting.between import cost_corridor
from szilard.plotting.powers import power_lines
from szilard.plotting.printed import WIDTHS, paper_figure
from szilard.plotting.ranking import ranked_points
from szilard.plotting.style import dress
from szilard.plotting.surface import plane_map
from szilard.plotting.theorems import crossing_histograms, fluctuation_symmetry
from szilard.plotting.theory_lines import beside_theory

X = np.linspace(0.2, 2.0, 7)
NOISE = np.random.default_rng(3).normal(0.6, np.sqrt(1.2), 4000)
"""<e^{-x}> = 1: mean = variance / 2."""
LOOSE = 1.0
"""Points by which a box of text may exceed: its white space, and the rounding of a renderer to whole dots."""
SMALLEST = 7.0


def _agreement(ax: Axes) -> None:
    agreement(ax, NOISE, NOISE + 0.1)
    ax.set(xlabel="entropy production (nat)", ylabel="log ratio of probabilities")


def _bounds(ax: Axes) -> None:
    rows = [
        ("the second law of learning", 0.6, 1.2, 0.03, "holds", False),
        ("0 <= <S>", 0.0, 0.8, 0.02, "holds", False),
        ("<e^{-S}> = 1", 1.02, 1.0, 0.02, "inconclusive", True),
        ("2 <J>^2 / Var J <= Sigma, J = turns", 0.4, 0.45, 0.0, "violated", False),
        ("a ceiling", 1.0, 1.0, 0.0, "holds, saturated", False),
    ]
    bounds_panel(ax, rows)


def _cost(ax: Axes) -> None:
    cost_curves(ax, [Curve("hebbian", X, 4.0 * X**1.4, 0.1 * X, 0.3 * X), Curve("adatron", X, 9.0 * X, series=1)])
    ax.legend(loc="upper left")


def _efficiency(ax: Axes) -> None:
    efficiency_curves(ax, [Curve("hebbian", X, 0.2 / X, 0.1 * X, 0.01 * X)], against="rate")


def _estimates(ax: Axes) -> None:
    rows = [
        ("driven ring", "heat / T, model", 1.0, 0.02, 1.01, "two-sided"),
        ("driven ring", "precision of currents", 0.7, 0.05, 1.01, "lower"),
        ("tilted ring", "words of 2 jumps", 0.4, float("inf"), 0.9, "none"),
    ]
    beside_exact(ax, rows)


def _field(ax: Axes) -> None:
    x, y = np.linspace(-3.0, 3.0, 40), np.linspace(-2.0, 2.0, 30)
    a, b = np.meshgrid(x, y, indexing="ij")
    p = np.exp(-0.5 * (a**2 + a * b + 2.0 * b**2))
    current_field(ax, x, y, p, b * p, -a * p)


def _distributions(ax: Axes) -> None:
    distributions(ax, {"work": NOISE, "heat bath": 0.7 * NOISE}, "$k_B T_0$ per replica")


def _levels(ax: Axes) -> None:
    levels = np.array([[0.0, 2.0], [0.5, 1.5], [1.0, 1.0], [0.0, 3.0], [0.0, -1.0]])
    level_trajectory(ax, [0.0, 0.0, 1.0, 1.0, 3.0], levels, [0.0, 0.4, 2.0, 3.0], [0, 1, 0])


def _lines(ax: Axes) -> None:
    lines(ax, X, np.outer(np.arange(1.0, 6.0), X), "time", "probability", [f"state {i}" for i in range(5)])


def _network(ax: Axes) -> None:
    reservoirs = ("cold", "hot")
    network(
        ax, [0.5, 0.3, 0.2], [0, 1, 2, 0], [1, 2, 0, 1], [0, 0, 1, 1], [0.2, 0.1, -0.1, 0.05], [0.4, 0.1, -0.2, 0.1],
        reservoirs=reservoirs,
    )  # fmt: skip


def _track(ax: Axes) -> None:
    t = np.linspace(0.0, 12.0, 400)
    track(ax, np.stack([t**0.5 * np.cos(t), t**0.5 * np.sin(t)], axis=1))


def _potential(ax: Axes) -> None:
    t, y = np.linspace(0.0, 2.0, 50), np.linspace(-2.0, 3.0, 60)
    U = 2.0 * (y[None] - 0.5 * t[:, None]) ** 2
    potential_trajectory(ax, t, 0.5 * t + 0.3 * np.sin(9.0 * t), y, U)


def _powers(ax: Axes) -> None:
    x = np.array([0.1, 1.0, 10.0])
    power_lines(ax, [(name, x, a * x**2, 0.1 * x, x, a * x**2) for name, a in (("hebbian", 1.0), ("oja", 3.0))])
    ax.set(xlabel="learning rate", ylabel="dissipation (nat)")


def _ranked(ax: Axes) -> None:
    names = ["learning rate", "temperature", "load"]
    ranked_points(ax, names, [("total", X[:3], 0.1 * X[:3]), ("first order", X[:3] / 2, 0.1 * X[:3])], "share")


def _bars(ax: Axes) -> None:
    terms = {"learned": [1.0, 1.1, 0.9, 0.8], "dissipation": [3.0, 6.0, 15.0, 2.0], "unresolved": [0.5] * 4}
    labels = ["hebbian\nrate 0.63", "perceptron\nrate 2", "adatron\nrate 6.7", "version space\nrate 2.1"]
    budget_bars(ax, labels, terms, [0.1] * 4)
    ax.legend(loc="upper left")


def _mirrored(ax: Axes) -> None:
    s = np.linspace(-0.3, 1.3, 17)
    mirrored(ax, s, s * (s - 1.0), s * (s - 1.0))


def _map(ax: Axes) -> None:
    x = np.geomspace(0.1, 10.0, 12)
    ax.set(xscale="log", yscale="log", xlabel=r"load $\alpha$", ylabel=r"rate $\nu$")
    plane_map(ax, x, x, np.add.outer(np.log(x), np.sin(x)), "efficiency", at=([1.0], [1.0], [0.8]), signed=True)


def _theory(ax: Axes) -> None:
    beside_theory(ax, [(f"α = {a:g}", X, a * X, 0.1 * X, X, a * X) for a in (0.5, 1.0, 2.0)])
    ax.set(xlabel="rate", ylabel="cost (nat)")


def _corridor(ax: Axes) -> None:
    cost_corridor(ax, X, 0.5 * X, 3.0 * X, [("linear", X, 1.5 * X, 0.1 * X, X, 1.5 * X)])
    ax.set(xlabel="learned (nat)", ylabel="cost (nat)")


def _crossing(ax: Axes) -> None:
    crossing_histograms(ax, NOISE, -NOISE[::-1], "work ($k_B T_0$)", crossing=0.0)


def _symmetry(ax: Axes) -> None:
    fluctuation_symmetry(ax, NOISE)


FIGURES: dict[str, Callable[[Axes], None]] = {
    draw.__name__.strip("_"): draw
    for draw in (
        _agreement, _bounds, _cost, _efficiency, _estimates, _field, _distributions, _levels, _lines, _network, _track,
        _potential, _powers, _ranked, _bars, _mirrored, _map, _theory, _corridor, _crossing, _symmetry,
    )
}  # fmt: skip
TALL = {"bounds": 2.9, "estimates": 2.6, "network": 3.4, "ranked": 2.2, "bars": 3.2}


def drawn(name: str, width: Literal["single", "double"]) -> tuple[Figure, Axes]:
    """The figure at the width of a column, laid out."""
    with house_style(paper=True):
        figure, ax = paper_figure(width, TALL.get(name, 2.4))
        FIGURES[name](ax)
        figure.draw_without_rendering()
    return figure, ax


def written(figure: Figure) -> list[Text]:
    """All text that is seen; of the marks of an axis, those within its limits."""
    marks = {
        label: axis.get_view_interval()[0] <= tick.get_loc() <= axis.get_view_interval()[1]
        or axis.get_view_interval()[1] <= tick.get_loc() <= axis.get_view_interval()[0]
        for ax in figure.axes
        for axis in (ax.xaxis, ax.yaxis)
        for tick in (*axis.majorTicks, *axis.minorTicks)
        for label in (tick.label1, tick.label2)
    }
    hidden = {
        text for ax in figure.axes if not ax.axison for axis in (ax.xaxis, ax.yaxis) for text in axis.findobj(Text)
    }
    return [
        text
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and marks.get(text, True) and text not in hidden
    ]


def box(text: Text) -> Any:
    """Where its letters are, without the arrow of an annotation; in points."""
    figure = text.get_figure(root=True)
    assert figure is not None
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    extent = (
        Text.get_window_extent(text, renderer) if isinstance(text, Annotation) else text.get_window_extent(renderer)
    )
    return Bbox(extent.get_points() * 72.0 / figure.dpi)


@pytest.fixture(autouse=True)
def _close() -> Any:
    yield
    plt.close("all")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", FIGURES)
def test_text_fits_the_column(name: str, width: Literal["single", "double"]) -> None:
    figure, ax = drawn(name, width)
    texts = written(figure)
    assert texts
    page = Bbox.from_bounds(0.0, 0.0, *(72.0 * inches for inches in figure.get_size_inches()))
    boxes = {text: box(text) for text in texts}
    for text, extent in boxes.items():
        assert float(text.get_fontsize()) >= SMALLEST, text.get_text()
        inside = Bbox.from_extents(page.x0 - LOOSE, page.y0 - LOOSE, page.x1 + LOOSE, page.y1 + LOOSE)
        assert inside.x0 <= extent.x0 and extent.x1 <= inside.x1, f"{text.get_text()!r} is cut off: {extent}"
        assert inside.y0 <= extent.y0 and extent.y1 <= inside.y1, f"{text.get_text()!r} is cut off: {extent}"
    for one, other in combinations(texts, 2):
        shared = Bbox.intersection(boxes[one], boxes[other])
        overlap = 0.0 if shared is None else min(shared.width, shared.height)
        assert overlap <= LOOSE, f"{one.get_text()!r} over {other.get_text()!r}"
    room = ax.get_window_extent()
    assert room.width >= figure.bbox.width / 3.0, "too little room for what is drawn"
    assert room.height >= figure.bbox.height / 3.0, "too little room for what is drawn"


def test_what_overlaps_is_noticed() -> None:
    with house_style(paper=True):
        figure, ax = paper_figure("single", 2.0)
        dress(ax)
        ax.set_yticks([0.0, 0.01], ["one", "other"])
        figure.draw_without_rendering()
    found = [text for text in written(figure) if text.get_text() in ("one", "other")]
    shared = Bbox.intersection(box(found[0]), box(found[1]))
    assert len(found) == 2 and shared is not None and shared.height > LOOSE
