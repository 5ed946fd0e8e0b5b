"""Figures of jump processes: what is drawn is what was given, at its place, in its width and direction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch
from numpy.typing import NDArray

from szilard import InputError, propagate, scgf, systems
from szilard.discrete import convergence, edge_currents, rate_function
from szilard.plotting import agreement, house_style, level_trajectory, lines, mirrored, network
from szilard.plotting.network import layout
from szilard.plotting.style import INK, PAPER, SERIES

Array = NDArray[np.float64]


def empty(width: float = 5.0, height: float = 3.4) -> Axes:
    return Figure(figsize=(width, height), layout="constrained").subplots()


def drawn(ax: Axes) -> Axes:
    """Warnings are errors: nothing is clipped into one or left without a glyph."""
    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    return ax


def line(ax: Axes, label: str) -> Any:
    return next(found for found in ax.lines if found.get_label() == label)


def across(found: Any) -> list[float]:
    """The x of the points of a line."""
    return [float(x) for x in found.get_xdata()]


def arrows(ax: Axes) -> list[FancyArrowPatch]:
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def circles(ax: Axes) -> list[Circle]:
    return [patch for patch in ax.patches if isinstance(patch, Circle)]


def ends(arrow: FancyArrowPatch) -> tuple[Array, Array]:
    """Where the arrow starts and where its head is, in data coordinates."""
    start, end = arrow._posA_posB  # type: ignore[attr-defined]
    return np.array(start), np.array(end)


def course(arrow: FancyArrowPatch) -> Array:
    """Points along the arrow, (point, 2)."""
    return np.asarray(arrow.get_path().interpolated(16).vertices, dtype=np.float64)


def legend(ax: Axes) -> list[str]:
    found = ax.get_legend()
    return [] if found is None else [text.get_text() for text in found.get_texts()]


def written(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_text()]


TIMES = [0.0, 0.0, 1.0, 1.0, 3.0]
LEVELS = np.array([[0.0, 2.0], [0.5, 1.5], [1.0, 1.0], [0.0, 3.0], [0.0, -1.0]])
"""State 0 jumps, rises and drops, state 1 falls, jumps and falls."""


def test_every_level_is_a_line_through_its_nodes() -> None:
    ax = empty()
    level_trajectory(ax, TIMES, LEVELS, [0.0, 3.0], [1])
    for x in range(2):
        np.testing.assert_array_equal(ax.lines[x].get_xdata(), TIMES)
        np.testing.assert_array_equal(ax.lines[x].get_ydata(), LEVELS[:, x])


def test_the_path_follows_its_level_and_the_jumps_join_them() -> None:
    """0 -> 1 at 0.4 from 0.7 up to 1.3; 1 -> 0 at 2 from 1 down to 0."""
    ax = empty()
    level_trajectory(ax, TIMES, LEVELS, [0.0, 0.4, 2.0, 3.0], [0, 1, 0])
    path = line(ax, "work, along a level")
    nan = np.nan
    np.testing.assert_array_equal(path.get_xdata(), [0.0, 0.0, 0.4, nan, 0.4, 1.0, 1.0, 2.0, nan, 2.0, 3.0, nan])
    want = [0.0, 0.5, 0.7, nan, 1.3, 1.0, 3.0, 1.0, nan, 0.0, 0.0, nan]
    np.testing.assert_allclose(path.get_ydata(), want, rtol=0.0, atol=1e-15)
    jumps = next(found for found in ax.collections if isinstance(found, LineCollection))
    want_jumps = [[[0.4, 0.7], [0.4, 1.3]], [[2.0, 1.0], [2.0, 0.0]]]
    np.testing.assert_allclose(jumps.get_segments(), want_jumps, rtol=0.0, atol=1e-15)
    heads = {found.get_marker(): found for found in ax.lines if found.get_marker() in ("^", "v")}
    np.testing.assert_allclose(np.array(heads["^"].get_xydata(), dtype=float), [[0.4, 1.3]], rtol=1e-15)
    np.testing.assert_array_equal(heads["v"].get_xydata(), [[2.0, 0.0]])
    assert legend(drawn(ax)) == ["work, along a level", "heat and drive, in a jump"]


def test_the_path_starts_at_a_dot_before_anything_has_moved() -> None:
    ax = empty()
    level_trajectory(ax, TIMES, LEVELS, [0.0, 3.0], [1])
    dot = next(found for found in ax.lines if found.get_marker() == "o")
    np.testing.assert_array_equal(dot.get_xydata(), [[0.0, 2.0]])
    assert legend(drawn(ax)) == ["work, along a level"]


def test_one_state_and_no_time_at_all() -> None:
    ax = empty()
    level_trajectory(ax, [0.0, 2.0], [[1.0], [1.0]], [0.0, 2.0], [0])
    drawn(ax)
    level_trajectory(empty(), [0.0, 0.0], [[1.0], [2.0]], [0.0, 0.0], [0])


def test_of_many_levels_only_the_range_is_drawn() -> None:
    levels = np.add.outer([0.0, 1.0], np.arange(41.0))
    ax = empty()
    level_trajectory(ax, [0.0, 2.0], levels, [0.0, 0.5, 2.0], [3, 7])
    area = next(found for found in ax.collections if isinstance(found, PolyCollection))
    corners = np.unique(np.asarray(area.get_paths()[0].vertices), axis=0)
    np.testing.assert_array_equal(corners, [[0.0, 0.0], [0.0, 40.0], [2.0, 1.0], [2.0, 41.0]])
    assert not any(np.array_equal(found.get_ydata(), levels[:, 20]) for found in ax.lines)
    np.testing.assert_allclose(line(ax, "work, along a level").get_ydata(), [3, 3.25, np.nan, 7.25, 8, np.nan])
    full = empty()
    level_trajectory(full, [0.0, 2.0], levels[:, :40], [0.0, 2.0], [3])
    assert any(np.array_equal(found.get_ydata(), levels[:, 20]) for found in full.lines)


def test_a_long_path_is_few_artists() -> None:
    jumps = 5000
    ax = empty()
    level_trajectory(
        ax, [0.0, 1.0], [[0.0, 1.0], [0.0, 1.0]], np.linspace(0.0, 1.0, jumps + 2), np.arange(jumps + 1) % 2
    )
    assert len(ax.lines) + len(ax.collections) + len(ax.texts) < 10


@pytest.mark.parametrize(
    ("times", "path_times", "states"),
    [(TIMES, [0.0, 3.0], [0, 1]), (TIMES, [0.0], [0]), (TIMES[:-1], [0.0, 3.0], [0])],
)
def test_paths_that_do_not_fit_are_refused(times: Any, path_times: Any, states: Any) -> None:
    with pytest.raises(InputError, match="path: got"):
        level_trajectory(empty(), times, LEVELS, path_times, states)


RING = {
    "probabilities": [0.5, 0.32, 0.18],
    "source": [0, 1, 0],
    "target": [1, 2, 2],
    "channel": [0, 0, 0],
    "current": [0.4, 0.2, -0.1],
    "heat": [0.2, -0.05, 0.3],
}


def test_circles_stand_on_a_ring_and_have_the_area_of_their_probability() -> None:
    ax = empty()
    network(ax, **RING)  # type: ignore[arg-type]
    found = circles(drawn(ax))
    angle = np.pi * np.array([0.5, -1.0 / 6.0, 7.0 / 6.0])
    np.testing.assert_allclose([c.center for c in found], np.transpose([np.cos(angle), np.sin(angle)]), atol=1e-15)
    area = np.array([c.radius**2 for c in found])
    np.testing.assert_allclose(area / area[0], np.array([0.5, 0.32, 0.18]) / 0.5, rtol=1e-14)


def test_arrows_lead_along_the_current_and_have_its_width() -> None:
    ax = empty()
    network(ax, **RING)  # type: ignore[arg-type]
    xy, radius = np.array([c.center for c in circles(ax)]), [c.radius for c in circles(ax)]
    for arrow, (tail, head) in zip(arrows(ax), [(0, 1), (1, 2), (2, 0)], strict=True):
        start, end = ends(arrow)
        way = (xy[head] - xy[tail]) / np.linalg.norm(xy[head] - xy[tail])
        np.testing.assert_allclose(start, xy[tail] + radius[tail] * way, atol=1e-14)
        np.testing.assert_allclose(end, xy[head] - radius[head] * way, atol=1e-14)
        assert arrow.get_arrowstyle().__class__.__name__ == "CurveFilledB"
    widths = np.array([arrow.get_linewidth() for arrow in arrows(ax)])
    np.testing.assert_allclose((widths - 0.6) / (widths[0] - 0.6), [1.0, 0.5, 0.25], rtol=1e-12)


def test_the_heat_stands_on_its_arrow_and_in_the_legend() -> None:
    ax = empty()
    network(ax, **RING, reservoirs=["the $ bath"])  # type: ignore[arg-type]
    assert {"+0.2", "-0.05", "+0.3", "0\n0.5", "1\n0.32", "2\n0.18"} == set(written(drawn(ax)))
    assert legend(ax) == [r"the \$ bath: heat +0.45"]
    xy = [c.center for c in circles(ax)]
    label = next(text for text in ax.texts if text.get_text() == "+0.3")
    along = (np.array(label.xy) - xy[2]) @ (np.array(xy[0]) - xy[2]) / 3.0  # type: ignore[attr-defined]
    assert 0.2 < along < 0.5


def test_two_states_joined_by_two_channels_show_both() -> None:
    ax = empty()
    network(ax, [0.7, 0.3], [0, 0], [1, 1], [0, 1], [-0.2, 0.2], [0.17, -0.17], reservoirs=["cold", "hot"])
    cold, hot = arrows(drawn(ax))
    assert to_hex(cold.get_edgecolor()) == SERIES[0][0]
    assert to_hex(hot.get_edgecolor()) == SERIES[1][0]
    (cold_start, cold_end), (hot_start, hot_end) = ends(cold), ends(hot)
    assert cold_end[1] > cold_start[1] and hot_end[1] < hot_start[1]
    assert course(hot)[:, 0].max() - course(cold)[:, 0].min() > 0.4
    assert min(abs(course(hot)[16, 0]), abs(course(cold)[16, 0])) > 0.1
    assert legend(ax) == ["cold: heat +0.17", "hot: heat -0.17"]
    assert cold.get_linewidth() == hot.get_linewidth()


@pytest.mark.parametrize("several", [2, 3, 4, 5])
def test_several_channels_are_kept_apart_and_inside_the_frame(several: int) -> None:
    ax = empty()
    current = 0.1 * np.arange(1.0, several + 1.0) * (-1.0) ** np.arange(several)
    names = [f"bath {r}" for r in range(several)]
    pair = ([0] * several, [1] * several, range(several), current, current)
    network(ax, [0.6, 0.4], *pair, reservoirs=names)
    drawn(ax)
    marks: list[Any] = [text for text in ax.texts if "\n" not in text.get_text()]
    places = sorted(float(mark.xy[0]) for mark in marks)
    assert len(places) == several
    assert np.diff(places).min() > 0.1
    low, high = ax.get_xlim()
    for arrow in arrows(ax):
        x = course(arrow)[:, 0]
        assert low < x.min() and x.max() < high


def test_a_current_of_rounding_is_a_line_without_head_or_heat() -> None:
    ax = empty()
    noisy = {**RING, "current": [1e-17, -3e-18, 0.0], "heat": [1e-17, 1e-18, 0.0]}
    network(ax, **noisy, traffic=[0.3, 0.2, 0.1])  # type: ignore[arg-type]
    assert {arrow.get_linewidth() for arrow in arrows(drawn(ax))} == {0.6}
    assert all(arrow.get_arrowstyle().__class__.__name__ == "Curve" for arrow in arrows(ax))
    assert written(ax).count("0") == 3
    assert legend(ax) == ["bath: heat 0"]
    slow = empty()
    network(slow, **{**RING, "current": [1e-15, 5e-16, 0.0]}, traffic=[1e-14] * 3)  # type: ignore[arg-type]
    assert np.ptp([arrow.get_linewidth() for arrow in arrows(slow)]) > 1.0


def test_one_state_has_neither_arrow_nor_legend() -> None:
    ax = empty()
    network(ax, [1.0], [], [], [], [], [])
    assert len(circles(drawn(ax))) == 1
    assert written(ax) == ["0\n1"]
    assert (arrows(ax), ax.get_legend()) == ([], None)


def test_labels_and_positions_are_those_given() -> None:
    place = np.array([[0.0, 0.0], [2.0, 0.5], [1.0, -1.0]])
    ax = empty()
    network(ax, **RING, positions=place, labels=["free", "$b$", "bound"])  # type: ignore[arg-type]
    np.testing.assert_array_equal([c.center for c in circles(drawn(ax))], place)
    assert {"free\n0.5", "\\$b\\$\n0.32", "bound\n0.18"} <= set(written(ax))
    for axis, limits in ((0, ax.get_xlim()), (1, ax.get_ylim())):
        assert limits[0] < place[:, axis].min() and limits[1] > place[:, axis].max()


def test_a_name_that_does_not_fit_its_circle_stands_outside_in_ink() -> None:
    """Of the outer states of a ring, further from the centre than the circle."""
    ax = empty()
    network(ax, [0.98, 0.01, 0.01], *[RING[k] for k in ("source", "target", "channel", "current", "heat")])  # type: ignore[arg-type]
    drawn(ax)
    by_name = {text.get_text().split("\n")[0]: text for text in ax.texts if "\n" in text.get_text()}
    assert to_hex(by_name["0"].get_color()) == PAPER
    assert to_hex(by_name["1"].get_color()) == INK
    (x, y), (shift_x, shift_y) = circles(ax)[1].center, by_name["1"].get_position()
    assert shift_x * x > 0.0 and shift_y * y > 0.0
    assert by_name["0"].get_position() == (0.0, 0.0)


def test_numbers_are_left_out_where_they_do_not_fit() -> None:
    n = 40
    x = np.arange(n)
    ax = empty()
    network(ax, np.full(n, 1.0 / n), x, (x + 1) % n, 0 * x, np.full(n, 0.1), np.full(n, 0.01))
    assert written(drawn(ax)) == []
    assert len(arrows(ax)) == n
    wide = empty(40.0, 40.0)
    network(wide, np.full(n, 1.0 / n), x, (x + 1) % n, 0 * x, np.full(n, 0.1), np.full(n, 0.01))
    assert len(written(wide)) == 2 * n


def test_more_states_than_can_be_read_are_refused() -> None:
    with pytest.raises(InputError, match="more than 200 states"):
        network(empty(), np.full(201, 1.0 / 201.0), [], [], [], [], [])


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(InputError, match="one entry per pair"):
        network(empty(), [0.5, 0.5], [0], [1], [0], [0.1, 0.2], [0.1])


def test_a_ring_stays_a_circle_and_a_lattice_finds_its_shape() -> None:
    """Neighbours on the lattice end up nearer than opposite corners; parts without a jump are laid out too."""
    ring = np.arange(12)
    np.testing.assert_allclose(np.linalg.norm(layout(12, ring, (ring + 1) % 12), axis=1), 1.0, rtol=1e-14)
    at = np.arange(16).reshape(4, 4)
    source = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    target = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    xy = layout(16, source, target)
    longest = np.linalg.norm(xy[source] - xy[target], axis=1).max()
    assert np.linalg.norm(xy[0] - xy[15]) > 3.0 * longest
    parts = layout(12, np.array([0, 3]), np.array([5, 9]))
    assert parts.shape == (12, 2)
    assert np.all(np.isfinite(parts))
    np.testing.assert_array_equal(parts, layout(12, np.array([0, 3]), np.array([5, 9])))


def test_agreement_draws_the_points_and_the_line_they_should_lie_on() -> None:
    ax = empty()
    x, y = [1.0, -2.0, 3.0], [1.5, -2.5, 2.0]
    agreement(ax, x, y)
    diagonal, points = ax.lines[0], ax.lines[1]
    np.testing.assert_array_equal(diagonal.get_xdata(), [-2.5, 3.0])
    np.testing.assert_array_equal(diagonal.get_ydata(), [-2.5, 3.0])
    np.testing.assert_array_equal(points.get_xdata(), x)
    np.testing.assert_array_equal(points.get_ydata(), y)
    assert points.get_linestyle() == "None"
    drawn(ax)


def test_of_very_many_points_every_few_are_drawn() -> None:
    ax = empty()
    x = np.linspace(-1.0, 2.0, 100_000)
    agreement(ax, x, x**2)
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), x[::5])
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), x[::5] ** 2)
    assert ax.lines[0].get_xdata()[1] == 4.0  # type: ignore[index]


def test_one_point_agrees_without_a_warning() -> None:
    ax = empty()
    agreement(ax, [0.0], [0.0])
    drawn(ax)


def test_a_generating_function_is_drawn_in_order_beside_its_mirror_image() -> None:
    s = np.array([1.0, 0.0, 0.25, 0.5])
    values = 3.0 * s * (s - 1.0)
    ax = empty()
    mirrored(ax, s, values, values + 0.1)
    curve, mirror = line(ax, r"$\lambda(s)$"), line(ax, r"$\lambda(1 - s)$")
    np.testing.assert_array_equal(curve.get_xdata(), [0.0, 0.25, 0.5, 1.0])
    np.testing.assert_array_equal(curve.get_ydata(), [0.0, -0.5625, -0.75, 0.0])
    np.testing.assert_array_equal(mirror.get_xdata(), curve.get_xdata())
    np.testing.assert_allclose(mirror.get_ydata(), curve.get_ydata() + 0.1, rtol=1e-15)
    assert mirror.get_linestyle() == "None"
    axes_of_symmetry = [across(found) for found in ax.lines if found.get_linestyle() == ":"]
    assert [0.5, 0.5] in axes_of_symmetry
    assert legend(drawn(ax)) == [r"$\lambda(s)$", r"$\lambda(1 - s)$"]


def test_without_a_symmetry_there_is_no_mirror() -> None:
    ax = empty()
    mirrored(ax, [0.0, 1.0], [0.0, 2.0], None)
    assert legend(drawn(ax)) == [r"$\lambda(s)$"]
    assert not any(across(found) == [0.5, 0.5] for found in ax.lines)


@pytest.mark.parametrize("which", ["levels", "network", "agreement", "mirrored"])
def test_every_figure_is_drawn_in_the_house_style_without_a_warning(which: str) -> None:
    with house_style():
        ax = empty()
        if which == "levels":
            level_trajectory(ax, TIMES, LEVELS, [0.0, 0.4, 2.0, 3.0], [0, 1, 0])
        elif which == "network":
            network(ax, **RING)  # type: ignore[arg-type]
        elif which == "agreement":
            agreement(ax, [0.0, 1.0], [0.0, 1.1])
        else:
            mirrored(ax, [0.0, 1.0], [0.0, 0.0], [0.0, 0.0])
        drawn(ax)


def test_never_more_points_than_promised() -> None:
    ax, x = Figure().subplots(), np.linspace(0.0, 1.0, 39_999)
    agreement(ax, x, x)
    assert len(np.asarray(ax.lines[1].get_xdata())) <= 20_000


def test_lines_are_named_up_to_eight() -> None:
    ax = Figure().subplots()
    lines(ax, [0.0, 1.0, 3.0], [[1.0, 2.0, 3.0], [0.0, 0.5, 0.25]], "t", "p", ["a", "b"])
    assert [np.asarray(line.get_ydata()).tolist() for line in ax.lines] == [[1.0, 2.0, 3.0], [0.0, 0.5, 0.25]]
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b"]
    many = Figure().subplots()
    lines(many, [0.0, 1.0], np.zeros((20, 2)), "t", "p", [str(i) for i in range(20)])
    assert many.get_legend() is None
    with pytest.raises(InputError, match="rows"):
        lines(ax, [0.0, 1.0], [[1.0, 2.0, 3.0]], "t", "p")


def test_exact_results_draw_themselves() -> None:
    ring = systems.ring([0.0, 0.5, 1.2], affinity=2.0)
    found = propagate(ring, 0, [0.0, 0.5, 2.0])
    drawn = np.array([np.asarray(line.get_ydata()) for line in found.plot().lines])
    assert np.array_equal(drawn, found.probabilities.T)
    assert np.array_equal(found.to_xarray()["probabilities"].values, found.probabilities)
    apart = convergence(ring, [0.1, 1.0])
    ax = apart.plot()
    assert ax.get_yscale() == "log"
    assert np.array_equal(np.asarray(ax.lines[2].get_ydata()), apart.distance[:, 2])
    rate = rate_function(ring, [0.9, 0.1, 0.5])
    assert np.asarray(rate.plot().lines[0].get_xdata()).tolist() == [0.1, 0.5, 0.9]
    twice = scgf(ring, np.linspace(-0.5, 1.5, 9)).plot()
    assert np.asarray(twice.lines[0].get_ydata()) == pytest.approx(np.asarray(twice.lines[1].get_ydata()), abs=1e-9)
    assert len(scgf(ring, [0.1, 0.2]).plot().lines) == 2
    assert len(edge_currents(ring).plot().patches) >= 6
