"""What is drawn is what was given."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from szilard import InputError
from szilard.plotting import Curve, budget_bars, cost_curves, efficiency_curves, house_style
from szilard.plotting.style import DARK, FILLS, INK, PAPER, SERIES

TERMS = {
    "dissipation": [1.0, -0.2, np.nan],
    "learned": [0.5, 0.7, 0.3],
    "unresolved": [np.nan, np.nan, 2.0],
}


def luminance(colour: str) -> float:
    """Relative luminance of sRGB (WCAG)."""
    channels = [int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_bars_are_as_high_as_the_terms_and_stand_on_each_other() -> None:
    ax = Figure().subplots()
    drawn = budget_bars(ax, ["a", "b", "c"], TERMS)
    assert list(drawn) == ["learned", "dissipation", "unresolved"]
    assert [bar.get_height() for bar in drawn["learned"]] == [0.5, 0.7, 0.3]
    assert [bar.get_y() for bar in drawn["learned"]] == [0.0, 0.0, 0.0]
    assert [bar.get_height() for bar in drawn["dissipation"]] == [1.0, -0.2]
    assert [bar.get_y() for bar in drawn["dissipation"]] == [0.5, 0.0]
    top = drawn["unresolved"][0]
    assert (top.get_y(), top.get_height()) == pytest.approx((0.3, 2.0), rel=1e-12)
    assert ax.get_ylim()[0] < -0.2


def test_the_cost_is_marked_where_it_is() -> None:
    ax = Figure().subplots()
    budget_bars(ax, ["a", "b", "c"], TERMS, [0.1, 0.1, 0.1], cost=[1.5, 0.5, 2.3])
    levels = [line.get_ydata()[0] for line in ax.lines if len(np.atleast_1d(line.get_ydata())) == 2]  # type: ignore[index]
    assert {1.5, 0.5, 2.3} <= set(levels)
    assert [text.get_text() for text in ax.texts] == ["1.50", "0.500", "2.30"]


def test_shares_add_up_to_a_hundred_percent_and_need_a_cost() -> None:
    ax = Figure().subplots()
    drawn = budget_bars(ax, ["a", "b"], {"learned": [1.0, 1.0], "dissipation": [3.0, -1.0]}, share=True)
    assert drawn["learned"][0].get_height() == 25.0
    assert drawn["dissipation"][0].get_height() == 75.0
    assert len(drawn["learned"]) == 1


def test_terms_without_a_name_of_their_own_are_drawn() -> None:
    drawn = budget_bars(Figure().subplots(), ["a"], {"learned": [1.0], "information flow": [2.0]})
    assert drawn["information flow"][0].get_height() == 2.0


def test_wrong_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="terms"):
        budget_bars(Figure().subplots(), ["a", "b"], {"learned": [1.0]})
    with pytest.raises(InputError, match="unequal lengths"):
        Curve("a", [1.0, 2.0], [1.0])


def test_curves_pass_through_their_points_with_errors() -> None:
    ax = Figure().subplots()
    x, y = [0.1, 1.0, 2.0], [1.0, 4.0, 30.0]
    assert cost_curves(ax, [Curve("a", x, y, [0.01] * 3, [0.1] * 3)]) == 0
    line = ax.containers[0].lines[0]  # type: ignore[attr-defined]
    np.testing.assert_array_equal(line.get_xdata(), x)
    np.testing.assert_array_equal(line.get_ydata(), y)
    bars = ax.containers[0].lines[2]  # type: ignore[attr-defined]
    np.testing.assert_allclose([segment[:, 1] for segment in bars[1].get_segments()], [[b - 0.1, b + 0.1] for b in y])


def test_the_bound_is_drawn_and_no_point_is_cut_off() -> None:
    ax = Figure().subplots()
    cost_curves(ax, [Curve("a", [0.1, 2.0], [0.5, 30.0])])
    bound = next(line for line in ax.lines if line.get_label() == "_bound")
    np.testing.assert_array_equal(bound.get_xdata(), bound.get_ydata())
    assert ax.get_xlim()[0] < 0.1 and ax.get_xlim()[1] > 2.0
    assert ax.get_ylim()[0] < 0.1 and ax.get_ylim()[1] > 30.0


def test_points_without_a_logarithm_are_counted() -> None:
    curve = Curve("a", [0.0, 1.0, np.nan], [1.0, 2.0, 3.0], [0.1, np.inf, 0.1])
    assert cost_curves(Figure().subplots(), [curve]) == 2
    assert cost_curves(Figure().subplots(), [Curve("a", [0.0], [1.0])]) == 1
    assert efficiency_curves(Figure().subplots(), [Curve("a", [1.0, 2.0], [0.5, -0.1])]) == 1


def test_efficiency_has_its_bound_at_one() -> None:
    ax = Figure().subplots()
    efficiency_curves(ax, [Curve("a", [1.0, 2.0], [0.02, 0.5])], against="rate")
    assert ax.get_ylim()[1] >= 1.0
    assert ax.get_xlabel() == "learning rate"


def test_one_sided_points_are_hollow() -> None:
    ax = Figure().subplots()
    cost_curves(ax, [Curve("a", [1.0, 2.0], [3.0, 4.0], one_sided=[False, True])])
    hollow = [line for line in ax.lines if to_hex(str(line.get_markerfacecolor())) == PAPER]
    assert [list(np.asarray(line.get_xdata())) for line in hollow] == [[2.0]]


def test_dollars_are_no_formula() -> None:
    figure = Figure()
    budget_bars(figure.subplots(), ["$x", "a$b$"], {"learned": [1.0, 2.0]})
    figure.canvas.draw()


def test_grey_keeps_the_order_of_the_losses() -> None:
    order = ["dissipation", "redundancy", "interference", "readout"]
    for page in (dict.fromkeys(DARK), DARK):
        greys = [luminance(page[FILLS[name].colour] or FILLS[name].colour) for name in order]
        assert greys == sorted(greys)
        assert min(b / a for a, b in zip(greys, greys[1:], strict=False)) > 1.2


def test_every_colour_is_legible_on_both_pages() -> None:
    for light in (INK, *(colour for colour, _ in SERIES), FILLS["learned"].colour):
        assert contrast(light, PAPER) >= 3.0, light
        assert contrast(DARK[light], DARK[PAPER]) >= 3.0, light


def test_the_style_leaves_the_users_settings_as_they_were() -> None:
    with matplotlib.rc_context({"font.size": 31.0}):
        with house_style():
            assert matplotlib.rcParams["font.size"] != 31.0
        assert matplotlib.rcParams["font.size"] == 31.0
