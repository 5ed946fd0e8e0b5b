"""Figures of continuous processes: what is drawn is what was given, at its place and in its direction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from matplotlib.quiver import Quiver
from numpy.typing import NDArray

from szilard import InputError
from szilard.plotting import current_field, house_style, potential_trajectory, track
from szilard.plotting.potential import COLUMNS, DENSE

Array = NDArray[np.float64]
TIMES = np.array([0.0, 0.5, 2.0, 2.0, 3.0])
PATH = np.array([0.2, -0.4, 0.9, 0.9, 1.3])
GRID = np.linspace(-1.0, 2.0, 7)
HILLS = np.stack([(GRID - c) ** 2 + 5.0 * c for c in (0.0, 0.1, 0.5, 1.5, 1.6)])
"""A parabola that moves, rises, and jumps at time 2."""
X, Y = np.linspace(-1.0, 2.0, 5), np.array([0.0, 0.3, 1.1, 4.0])
DENSITY = np.exp(-((X[:, None] - 0.4) ** 2) - 0.3 * Y)
JX, JY = 0.7 * DENSITY * (Y + 0.2), -DENSITY * X[:, None]


def empty() -> Axes:
    return Figure(figsize=(5.0, 3.4), layout="constrained").subplots()


def drawn(ax: Axes) -> Axes:
    """Warnings are errors: nothing is clipped into one or left without a glyph."""
    figure = ax.figure
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()
    return ax


def only(ax: Axes, kind: Any) -> Any:
    """The one thing of a kind that is drawn."""
    found = [thing for thing in ax.collections if isinstance(thing, kind)]
    assert len(found) == 1
    return found[0]


def line(ax: Axes, label: str) -> Any:
    return next(found for found in ax.lines if found.get_label() == label)


def shades(ax: Axes) -> Array:
    return np.asarray(only(ax, QuadMesh).get_array(), dtype=np.float64)


def test_the_path_is_drawn_whole_and_its_start_is_marked() -> None:
    ax = empty()
    potential_trajectory(ax, TIMES, PATH, GRID, HILLS)
    path, start = line(ax, "path"), line(ax, "start")
    np.testing.assert_array_equal(path.get_xdata(), TIMES)
    np.testing.assert_array_equal(path.get_ydata(), PATH)
    assert (start.get_xdata()[0], start.get_ydata()[0]) == (0.0, 0.2)
    assert ax.get_xlim() == (0.0, 3.0)
    assert ax.get_ylim() == (-1.0, 2.0)


def test_the_shade_is_the_height_above_the_lowest_point_of_its_time() -> None:
    ax = empty()
    potential_trajectory(ax, TIMES, PATH, GRID, HILLS)
    expected = (HILLS - HILLS.min(axis=1, keepdims=True)).T
    np.testing.assert_allclose(shades(ax).reshape(expected.shape), expected, rtol=1e-15)


def test_every_cell_lies_around_its_time_and_place_and_a_sudden_change_is_sharp() -> None:
    ax = empty()
    potential_trajectory(ax, TIMES, PATH, GRID, HILLS)
    corners = only(ax, QuadMesh).get_coordinates()
    np.testing.assert_allclose(corners[0, :, 0], [0.0, 0.25, 1.25, 2.0, 2.5, 3.0], rtol=1e-15)
    np.testing.assert_allclose(corners[:, 0, 1], [-1.0, -0.75, -0.25, 0.25, 0.75, 1.25, 1.75, 2.0], rtol=1e-15)


def test_high_is_dark_and_the_ceiling_is_where_shades_end() -> None:
    ax = empty()
    potential_trajectory(ax, TIMES, PATH, GRID, HILLS, ceiling=3.0)
    mesh = only(ax, QuadMesh)
    assert mesh.get_clim() == (0.0, 3.0)
    brightness = [sum(to_rgb(mesh.cmap(share))) for share in np.linspace(0.0, 1.0, 11)]
    assert np.all(np.diff(brightness) < 0.0)
    assert to_rgb(mesh.cmap(0.0)) == (1.0, 1.0, 1.0)
    levels = only(ax, QuadContourSet).levels
    np.testing.assert_allclose(levels, [0.5, 1.0, 1.5, 2.0, 2.5, 3.0], rtol=1e-15)


def test_the_ceiling_follows_what_the_path_visits() -> None:
    """Nine of ten points between -0.4 and 1.3, at all times; what lies beyond may be as high as it likes."""
    ax = empty()
    potential_trajectory(ax, TIMES, PATH, GRID, HILLS)
    above = HILLS - HILLS.min(axis=1, keepdims=True)
    assert only(ax, QuadMesh).get_clim()[1] == pytest.approx(np.quantile(above[:, 2:5], 0.9), rel=1e-15)


def test_the_potential_may_have_times_of_its_own() -> None:
    ax = empty()
    potential_trajectory(ax, TIMES, PATH, GRID, HILLS[:2], [0.0, 3.0])
    assert shades(ax).size == 2 * GRID.size
    np.testing.assert_array_equal(line(ax, "path").get_xdata(), TIMES)


def test_a_flat_potential_is_white_without_contours() -> None:
    ax = empty()
    potential_trajectory(ax, TIMES, PATH, GRID, np.full((5, 7), 3.0))
    assert not np.any(shades(ax))
    assert not [thing for thing in ax.collections if isinstance(thing, QuadContourSet)]


def test_of_very_many_times_every_few_are_shaded_and_long_paths_are_thin() -> None:
    n = 3 * COLUMNS
    times = np.linspace(0.0, 1.0, n)
    ax = empty()
    potential_trajectory(ax, times, np.sin(times), GRID, np.tile(HILLS[0], (n, 1)) + times[:, None])
    assert shades(ax).size <= (COLUMNS + 1) * GRID.size
    assert len(line(ax, "path").get_xdata()) == n
    short = empty()
    potential_trajectory(short, TIMES, PATH, GRID, HILLS)
    assert n > DENSE and line(ax, "path").get_linewidth() < line(short, "path").get_linewidth()


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("positions", {"positions": PATH[:-1]}),
        ("positions", {"times": [0.0], "positions": [0.2]}),
        ("potential", {"potential": HILLS.T}),
        ("potential", {"potential": HILLS[:2]}),
        ("potential", {"grid": GRID[:1], "potential": HILLS[:, :1]}),
        ("potential", {"potential_times": [0.0, 1.0]}),
        ("times", {"times": TIMES[::-1]}),
        ("times", {"times": np.zeros(5)}),
        ("potential_times", {"potential_times": TIMES[::-1]}),
        ("grid", {"grid": GRID[::-1]}),
        ("positions", {"positions": PATH * np.nan}),
        ("potential", {"potential": np.where(HILLS > 5.0, np.inf, HILLS)}),
        ("ceiling", {"ceiling": 0.0}),
        ("ceiling", {"ceiling": np.nan}),
    ],
)
def test_trajectories_that_do_not_fit_are_refused(field: str, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {"times": TIMES, "positions": PATH, "grid": GRID, "potential": HILLS}
    with pytest.raises(InputError) as caught:
        potential_trajectory(empty(), **{**given, **change})
    assert caught.value.field == field


def test_density_stands_at_its_place() -> None:
    ax = empty()
    current_field(ax, X, Y, DENSITY, JX, JY)
    mesh = only(ax, QuadMesh)
    places = mesh.get_coordinates()
    np.testing.assert_array_equal(places[0, :, 0], X)
    np.testing.assert_array_equal(places[:, 0, 1], Y)
    np.testing.assert_array_equal(shades(ax).reshape(Y.size, X.size), DENSITY.T)
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1.0, 2.0), (0.0, 4.0))


def test_arrows_are_the_current_where_it_was_given() -> None:
    """Every arrow at a point of the grid, its components those of the current there, of one scale for all."""
    ax = empty()
    current_field(ax, X, Y, DENSITY, JX, JY)
    arrows = only(ax, Quiver)
    assert (arrows.angles, arrows.scale_units, arrows.pivot) == ("xy", "xy", "middle")
    at = {(float(x), float(y)): (i, j) for i, x in enumerate(X) for j, y in enumerate(Y)}
    seen = [at[float(x), float(y)] for x, y in arrows.XY]
    assert len(seen) > 10
    for (i, j), u, v in zip(seen, arrows.U, arrows.V, strict=True):
        assert (u, v) == (JX[i, j], JY[i, j])
    lengths = np.hypot(JX / 0.75, JY / (4.0 / 3.0))  # in spacings
    assert 1.3 == pytest.approx(lengths.max() / arrows.scale, rel=1e-14)
    hidden = set(at.values()) - set(seen)
    assert all(lengths[place] <= 0.08 * lengths.max() for place in hidden)


def test_an_arrow_to_the_right_points_to_the_right_on_the_page() -> None:
    """A current along x alone, then along y alone: the tip against the tail, in dots, on axes of unequal units."""
    for jx, jy, along in ((1.0, 0.0, 0), (0.0, 1.0, 1)):
        ax = empty()
        current_field(ax, X, Y, np.ones((5, 4)), jx * np.ones((5, 4)), jy * np.ones((5, 4)))
        arrows = only(drawn(ax), Quiver)
        shape = np.asarray(arrows.get_paths()[0].vertices)
        tip = shape[np.argmax(shape[:, along])]
        assert tip[along] > 0.0
        assert abs(tip[1 - along]) < 1e-6 * tip[along]


def test_never_more_arrows_than_promised() -> None:
    x, y = np.linspace(0.0, 1.0, 130), np.linspace(0.0, 2.0, 90)
    ax = empty()
    current_field(ax, x, y, np.ones((130, 90)), np.ones((130, 90)), np.zeros((130, 90)))
    assert only(ax, Quiver).U.size == 15 * 15


def test_without_a_current_there_are_no_arrows() -> None:
    ax = empty()
    current_field(ax, X, Y, 0.0 * DENSITY, 0.0 * JX, 0.0 * JY)
    assert not [thing for thing in ax.collections if isinstance(thing, Quiver)]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("density", {"density": DENSITY.T}),
        ("jx", {"jx": JX.T}),
        ("jy", {"jy": JY[:, :2]}),
        ("x", {"x": X[None]}),
        ("x", {"x": X[::-1]}),
        ("y", {"y": np.zeros(4)}),
        ("density", {"density": -DENSITY}),
        ("jx", {"jx": JX * np.nan}),
    ],
)
def test_fields_that_do_not_fit_are_refused(field: str, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {"x": X, "y": Y, "density": DENSITY, "jx": JX, "jy": JY}
    with pytest.raises(InputError) as caught:
        current_field(empty(), **{**given, **change})
    assert caught.value.field == field


def test_a_track_is_the_path_in_the_plane_from_disc_to_ring() -> None:
    path = np.array([[0.0, 1.0], [0.5, -0.2], [2.0, 0.3]])
    ax = empty()
    track(ax, path)
    np.testing.assert_array_equal(np.transpose(line(ax, "path").get_data()), path)
    np.testing.assert_array_equal(np.ravel(line(ax, "start").get_data()), path[0])
    np.testing.assert_array_equal(np.ravel(line(ax, "end").get_data()), path[-1])
    assert line(ax, "end").get_markerfacecolor() == "none"
    assert ax.get_aspect() == 1.0


def test_of_a_very_long_track_every_few_points_are_drawn() -> None:
    angle = np.linspace(0.0, 9.0, 50_001)
    ax = empty()
    track(ax, np.stack([np.cos(angle), np.sin(angle)], axis=1))
    x = np.asarray(line(ax, "path").get_xdata())
    assert x.size <= 20_001
    assert (x[0], x[-1]) == (1.0, np.cos(9.0))


@pytest.mark.parametrize("path", [np.zeros((3, 3)), np.zeros(4), np.zeros((0, 2)), np.full((2, 2), np.nan)])
def test_tracks_that_do_not_fit_are_refused(path: Any) -> None:
    with pytest.raises(InputError, match="path: got"):
        track(empty(), path)


@pytest.mark.parametrize("which", ["potential", "field", "track"])
def test_every_figure_is_drawn_in_the_house_style_without_a_warning(which: str) -> None:
    with house_style():
        ax = empty()
        if which == "potential":
            potential_trajectory(ax, TIMES, PATH, GRID, HILLS)
        elif which == "field":
            current_field(ax, X, Y, DENSITY, JX, JY)
        else:
            track(ax, np.zeros((1, 2)))
        drawn(ax)
