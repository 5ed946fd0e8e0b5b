"""Figures of theory beside simulation: every number drawn is one that was given, or follows from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from numpy.typing import NDArray

from szilard import InputError, systems
from szilard.discrete import first_passage, relaxation_spectrum
from szilard.laws import detailed_fluctuation_table
from szilard.plotting import distributions, lines
from szilard.plotting.between import cost_corridor
from szilard.plotting.style import INK, PAPER
from szilard.plotting.surface import plane_map
from szilard.plotting.theorems import counted_ratios, crossing_histograms, fluctuation_symmetry
from szilard.plotting.theory_lines import beside_theory

Array = NDArray[np.float64]
X = np.array([0.5, 1.0, 4.0])
LINE = np.geomspace(0.1, 10.0, 5)


def empty() -> Axes:
    return Figure(figsize=(5.0, 3.4), layout="constrained").subplots()


def bars(ax: Axes) -> list[tuple[Array, Array, Array]]:
    """x, y and half-length of the bars of every set of points."""
    found = []
    for container in ax.containers:
        assert isinstance(container, ErrorbarContainer)
        ends = np.array(container.lines[2][0].get_segments())
        points = container.lines[0]
        assert points is not None
        half = 0.5 * (ends[:, 1, 1] - ends[:, 0, 1])
        found.append((np.asarray(points.get_xdata()), np.asarray(points.get_ydata()), half))
    return found


def through(ax: Axes, y: Array) -> Any:
    """The line with these ordinates."""
    return next(line for line in ax.lines if np.array_equal(np.asarray(line.get_ydata()), y))


def test_points_stand_where_they_were_measured_with_two_errors() -> None:
    ax = empty()
    assert beside_theory(ax, [("a", X, 2.0 * X, 0.1 * X, LINE, 2.1 * LINE), ("b", X, X, 0.0 * X, [], [])]) == 0
    (x, y, half), (_, other, none) = bars(ax)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, 2.0 * X)
    np.testing.assert_allclose(half, 0.2 * X, rtol=1e-14)
    np.testing.assert_array_equal(other, X)
    np.testing.assert_array_equal(none, 0.0 * X)
    np.testing.assert_array_equal(through(ax, 2.1 * LINE).get_xdata(), LINE)
    faces = [to_hex(str(container.lines[0].get_markerfacecolor())) for container in ax.containers]  # type: ignore[attr-defined]
    assert faces[0] != PAPER and faces[1] == PAPER
    legend = ax.get_legend()
    assert legend is not None and [text.get_text() for text in legend.get_texts()] == ["a", "b"]
    assert [handle.get_linestyle() for handle in legend.get_lines()] == ["-", "None"]


def test_what_has_no_logarithm_is_left_out_and_counted() -> None:
    ax = empty()
    ax.set_yscale("log")
    assert beside_theory(ax, [("a", [-1.0, 1.0, 2.0, 3.0], [1.0, 0.0, np.nan, 3.0], [0.1] * 4, [], [])]) == 2
    np.testing.assert_array_equal(bars(ax)[0][0], [-1.0, 3.0])
    linear = empty()
    assert beside_theory(linear, [("a", [-1.0, 1.0], [1.0, 0.0], [0.1] * 2, [], [])]) == 0


@pytest.mark.parametrize(
    "curve",
    [
        ("a", X, X[:2], X, [], []),
        ("a", X, X, X, LINE, LINE[:2]),
        ("a", X, X, -X, [], []),
        ("a", X, X, [np.nan] * 3, [], []),
    ],
    ids=["points", "line", "negative", "nan"],
)
def test_curves_that_do_not_fit_are_refused(curve: Any) -> None:
    with pytest.raises(InputError, match="curve 'a'"):
        beside_theory(empty(), [curve])


def test_many_curves_differ_in_colour_or_dashes() -> None:
    ax = empty()
    lines(ax, LINE, np.outer(np.arange(1.0, 9.0), LINE), "x", "y", [str(i) for i in range(8)])
    drawn: Any = ax.lines
    looks = [(line.get_color(), str(line._dash_pattern)) for line in drawn]
    assert len(set(looks)) == 8
    assert len({dashes for _, dashes in looks}) == 6, "grey print tells six apart"
    samples = {str(i): np.linspace(0.0, 1.0 + i, 50) for i in range(8)}
    ax = empty()
    distributions(ax, samples, "x")
    legend = ax.get_legend()
    assert legend is not None and len(legend.get_texts()) == 8
    means = np.array([np.asarray(line.get_xdata(), dtype=np.float64)[0] for line in ax.lines])
    np.testing.assert_allclose(means, 0.5 * (1.0 + np.arange(8)))


def test_the_corridor_has_its_walls_and_shades_what_is_outside() -> None:
    ax = empty()
    floor, ceiling = 0.5 * LINE, 3.0 * LINE
    assert cost_corridor(ax, LINE, floor, ceiling, [("a", X, X, 0.1 * X, LINE, LINE)], words=("under", "over")) == 0
    np.testing.assert_array_equal(through(ax, floor).get_xdata(), LINE)
    np.testing.assert_array_equal(through(ax, ceiling).get_xdata(), LINE)
    assert ax.get_xscale() == ax.get_yscale() == "log"
    below, above = ax.collections[-2:]
    low, high = (np.asarray(shade.get_paths()[0].vertices) for shade in (below, above))
    bottom, top = ax.get_ylim()
    assert low[:, 1].min() == pytest.approx(bottom) and high[:, 1].max() == pytest.approx(top)
    for x, f, c in zip(LINE, floor, ceiling, strict=True):
        assert low[low[:, 0] == x, 1].max() == pytest.approx(f)
        assert high[high[:, 0] == x, 1].min() == pytest.approx(c)
    assert bottom < floor.min() and top > ceiling.max()
    assert [text.get_text() for text in ax.texts] == ["under", "over"]


@pytest.mark.parametrize(
    ("x", "floor", "ceiling", "message"),
    [
        (LINE, LINE[:2], LINE, "floor"),
        (LINE[::-1], LINE, LINE, "must increase"),
        (LINE, 0.0 * LINE, LINE, "logarithmic"),
        (LINE, LINE, [np.inf] * 5, "ceiling"),
        (LINE, 2.0 * LINE, LINE, "above the ceiling"),
        ([1.0], [1.0], [1.0], "2 or more"),
    ],
    ids=["lengths", "order", "zero", "infinite", "crossed", "one"],
)
def test_no_corridor_is_refused(x: Any, floor: Any, ceiling: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cost_corridor(empty(), x, floor, ceiling)


def test_the_map_shades_what_it_was_given_and_discs_in_the_same_shades() -> None:
    ax = empty()
    x, y = np.linspace(1.0, 2.0, 4), np.linspace(0.0, 3.0, 6)
    values = np.add.outer(x, -y)
    plane_map(ax, x, y, values, "heat", at=([1.5, 1.2], [1.0, 2.5], [0.5, -1.3]), signed=True)
    shades: Any = ax.collections[0]
    discs: Any = ax.collections[-1]
    assert discs.get_offsets().tolist() == [[1.5, 1.0], [1.2, 2.5]]
    np.testing.assert_array_equal(discs.get_array(), [0.5, -1.3])
    assert discs.norm(0.7) == shades.norm(0.7)
    assert shades.norm.vmin == pytest.approx(-shades.norm.vmax) and shades.norm.vmin <= values.min()
    assert np.asarray(shades.cmap(shades.norm(0.0)))[:3] == pytest.approx(1.0, abs=0.02)
    zero: Any = next(c for c in ax.collections if np.array_equal(getattr(c, "levels", []), [0.0]))
    path = np.concatenate([p.vertices for p in zero.get_paths()])
    np.testing.assert_allclose(path[:, 0], path[:, 1], atol=1e-12)  # v = x - y
    hatched = next(c for c in ax.collections if getattr(c, "hatches", None) == ["////"])
    inside = hatched.get_paths()[0]
    assert inside.contains_point((1.5, 2.0)) and not inside.contains_point((1.5, 1.0))
    assert to_hex(zero.get_edgecolor()[0]) == INK


def test_the_key_says_what_lies_beyond_its_ends() -> None:
    x = np.linspace(0.0, 1.0, 3)
    for limit, extend in ((None, "neither"), (0.5, "max")):
        ax = empty()
        plane_map(ax, x, x, np.add.outer(x, x), "v", limit=limit)
        assert ax.collections[0].extend == extend  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("x", "y", "values", "options", "field"),
    [
        (X, LINE, np.ones((5, 3)), {}, "values"),
        (X[::-1], LINE, np.ones((3, 5)), {}, "x"),
        (X, LINE, np.full((3, 5), np.nan), {}, "values"),
        (X, LINE, np.ones((3, 5)), {"at": ([1.0], [1.0], [])}, "at"),
        (X, LINE, np.ones((3, 5)), {"limit": 0.0}, "limit"),
    ],
    ids=["shape", "order", "nan", "at", "limit"],
)
def test_no_map_is_refused(x: Any, y: Any, values: Any, options: Any, field: str) -> None:
    with pytest.raises(InputError, match=f"^{field}"):
        plane_map(empty(), x, y, values, "v", **options)


T, CHANGE, SPREAD = 0.7, 1.3, 0.9
"""Gaussian work: <W> = dF + s^2/2T forward, and -dF + s^2/2T back, which obeys Crooks."""


def works(n: int = 60_000) -> tuple[Array, Array]:
    random = np.random.default_rng(5)
    lost = SPREAD**2 / (2.0 * T)
    return random.normal(CHANGE + lost, SPREAD, n), -random.normal(-CHANGE + lost, SPREAD, n // 2)


def test_histograms_are_densities_of_what_was_given_and_cross_at_the_line() -> None:
    forward, mirrored = works()
    ax = empty()
    crossing_histograms(ax, forward, mirrored, "work", crossing=CHANGE, names=("there", "back"))
    drawn = {patch.get_label(): patch for patch in ax.patches if not str(patch.get_label()).startswith("_")}
    heights = {}
    for name, samples in (("there", forward), ("back", mirrored)):
        values, edges, _ = drawn[name].get_data()  # type: ignore[attr-defined]
        counts = np.histogram(samples, edges)[0]
        np.testing.assert_allclose(values * samples.size * np.diff(edges), counts, atol=1e-9)
        assert counts.sum() > 0.997 * samples.size
        heights[name] = values
    line = next(line for line in ax.lines if line.get_linestyle() == ":")
    assert list(np.asarray(line.get_xdata())) == [CHANGE] * 2
    middle = 0.5 * (edges[1:] + edges[:-1])
    assert np.all(heights["there"][middle > CHANGE + 0.3] >= heights["back"][middle > CHANGE + 0.3])
    assert np.all(heights["there"][middle < CHANGE - 0.3] <= heights["back"][middle < CHANGE - 0.3])


def test_counted_ratios_obey_the_theorem_within_their_errors() -> None:
    """chi^2 of k bins has mean k and variance 2 k; four sigmas, for work and for entropy in a steady state."""
    forward, mirrored = works()
    entropy = np.random.default_rng(6).normal(0.8, np.sqrt(1.6), 60_000)
    for found, slope, crossing in (
        (fluctuation_symmetry(empty(), forward, mirrored, slope=1.0 / T, crossing=CHANGE), 1.0 / T, CHANGE),
        (fluctuation_symmetry(empty(), entropy), 1.0, 0.0),
    ):
        x, ratio, error = found
        z = (ratio - slope * (x - crossing)) / error
        assert x.size >= 8 and error.min() < 0.05
        assert abs(np.sum(z**2) - x.size) < 4.0 * np.sqrt(2.0 * x.size)
        assert abs(z.sum()) < 4.0 * np.sqrt(x.size)


def test_errors_of_ratios_are_those_of_counts() -> None:
    """The spread of the ratio over 2000 repetitions; (sd of a sd) / sd = 1 / sqrt(2 n), four of these.

    To second order in 1/count the error of ln(count) is larger than told by 3/(4 count): 1 % where 60 are counted.
    """
    random, n = np.random.default_rng(7), 2000
    steady, work = [], []
    edges = np.array([0.0, 2.0])
    for _ in range(n):
        s = random.choice([-1.0, 1.0], size=500, p=[0.25, 0.75])
        steady.append([each[0] for each in counted_ratios(s, -s, edges, shared=True)[1:]])
        a, b = (random.choice([-1.0, 1.0], size=500, p=[1.0 - p, p]) for p in (0.6, 0.75))
        work.append([each[0] for each in counted_ratios(a, b, edges, shared=False)[1:]])
    for found, exact in ((np.array(steady), np.log(3.0)), (np.array(work), np.log(0.8))):
        spread, told = float(found[:, 0].std(ddof=1)), float(found[:, 1].mean())
        assert abs(spread / told - 1.0) < 4.0 / np.sqrt(2.0 * n) + 0.01
        assert abs(found[:, 0].mean() - exact) < 4.0 * spread / np.sqrt(n)


def test_results_draw_themselves() -> None:
    ring = systems.ring([0.0, 0.5, 1.2], affinity=2.0)
    passage = first_passage(ring, 2)
    drawn = passage.plot().lines
    assert len(drawn) == 2
    times = np.asarray(drawn[0].get_xdata(), dtype=np.float64)
    np.testing.assert_array_equal([line.get_ydata() for line in drawn], passage.survival(times)[:, :2].T)
    spectrum = relaxation_spectrum(ring)
    modes, gap = spectrum.plot().lines
    np.testing.assert_array_equal(np.asarray(modes.get_xdata()), spectrum.eigenvalues.real)
    np.testing.assert_array_equal(np.asarray(modes.get_ydata()), spectrum.eigenvalues.imag)
    assert np.asarray(gap.get_xdata())[0] == spectrum.gap > 0.0
    table = detailed_fluctuation_table(np.random.default_rng(8).normal(0.5, 1.0, 8000), steady=True)
    ax = table.plot()
    ((_, ratio, half),) = bars(ax)
    expected = np.array([e.value for e in table.expected])
    np.testing.assert_allclose(ratio * expected, [e.value for e in table.measured], rtol=1e-12)
    np.testing.assert_allclose(half, 2.0 * np.sqrt(np.diag(table.covariance)) / expected, rtol=1e-9)


def test_the_theorem_is_a_line_of_the_slope_asked_for() -> None:
    forward, mirrored = works()
    ax = empty()
    x, ratio, error = fluctuation_symmetry(ax, forward, mirrored, slope=1.0 / T, crossing=CHANGE)
    theorem = next(line for line in ax.lines if line.get_label() == "theorem")
    a, b = np.asarray(theorem.get_xdata()), np.asarray(theorem.get_ydata())
    np.testing.assert_allclose(b, (a - CHANGE) / T, rtol=1e-12)
    ((seen_x, seen_y, half),) = bars(ax)
    np.testing.assert_array_equal(seen_x, x)
    np.testing.assert_array_equal(seen_y, ratio)
    np.testing.assert_allclose(half, 2.0 * error, rtol=1e-9)


@pytest.mark.parametrize("samples", [[], [np.nan], [[1.0, 2.0]]], ids=["empty", "nan", "two axes"])
def test_samples_that_are_none_are_refused(samples: Any) -> None:
    with pytest.raises(InputError, match="forward"):
        crossing_histograms(empty(), samples, [1.0], "work")
    with pytest.raises(InputError, match="mirrored"):
        fluctuation_symmetry(empty(), [1.0], samples)


def test_too_few_samples_have_no_ratio() -> None:
    with pytest.raises(InputError, match="more replicas"):
        fluctuation_symmetry(empty(), np.linspace(-1.0, 2.0, 40))
