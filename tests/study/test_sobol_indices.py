"""Sobol indices of functions whose indices are known, with noise, missing cells and words; Saltelli's points."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import sobol_indices

import szilard as sz
from szilard.questions.ceiling.sensitivity_indices import power_indices
from szilard.study.sobol_indices import SobolIndices, saltelli_points, sobol
from tests.study.made_results import results_of

Array = NDArray[np.float64]
analyze: Any = import_module("SALib.analyze.sobol")
NAMES = ("learning_rate", "temperature", "duration")
V1, V2, V13 = 0.5 * (1.0 + 0.1 * np.pi**4 / 5.0) ** 2, 49.0 / 8.0, 0.01 * np.pi**8 * 8.0 / 225.0
"""Variances of Ishigami's function with a = 7, b = 0.1: of x1 alone, x2 alone, x1 and x3 together."""
TOTAL = V1 + V2 + V13
FIRST, ALL = np.array([V1, V2, 0.0]) / TOTAL, np.array([V1 + V13, V2, V13]) / TOTAL


def ishigami(u: Array) -> Array:
    x, y, z = np.pi * (2.0 * u.T - 1.0)
    return np.asarray(np.sin(x) + 7.0 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x))


def study(y: Array, u: Array, stderr: Any = 0.0, **others: Any) -> Any:
    axes = dict(zip(NAMES, u.T, strict=False))
    return results_of(axes | others, cost=(y, stderr))


def arrays(found: SobolIndices) -> tuple[Array, Array, Array, Array]:
    """first, its errors, total, its errors: (axis,) each."""
    rows = [(i.first.value, i.first.stderr, i.total.value, i.total.stderr) for i in found]
    first, first_error, total, total_error = np.array(rows).T
    return first, first_error, total, total_error


def test_ishigami_s_indices() -> None:
    u = saltelli_points(3, 1024, seed=3)
    found = sobol(study(ishigami(u), u), "cost", NAMES)
    first, first_error, total, total_error = arrays(found)
    assert np.all(np.abs(first - FIRST) < 2.0 * first_error) and np.all(first_error < 0.08)
    assert np.all(np.abs(total - ALL) < 2.0 * total_error) and np.all(total_error < 0.05)
    assert abs(found.interactions.value - V13 / TOTAL) < 2.0 * found.interactions.stderr
    assert found.noise.value == 0.0 and found.base == found.planned == 1024
    # the scatter of independent designs of 1024 points is below 0.01 for every index
    assert np.all(np.abs(first - FIRST) < 0.04) and np.all(np.abs(total - ALL) < 0.04)


def test_powers_have_the_indices_that_the_questions_know() -> None:
    """ln of rate^2/(T^1) x (a time without effect), log-uniform: (b L)^2/sum."""
    u = saltelli_points(3, 512, seed=4)
    ranges = np.array([[0.1, 10.0], [0.5, 2.0], [1.0, 3.0]])
    x = ranges[:, 0] * (ranges[:, 1] / ranges[:, 0]) ** u
    found = sobol(study(x[:, 0] ** 2 / x[:, 1], x), "cost", NAMES, logarithm=True)
    ten = [[1.0, 1.0 + 1e-12]] * 10
    ten[0], ten[3], ten[9] = ranges.tolist()
    exact = power_indices(ten)[[0, 3, 9]]
    first, first_error, total, _ = arrays(found)
    assert np.all(np.abs(first - exact) < 2.0 * first_error + 1e-12) and first[2] == total[2] == 0.0
    assert total == pytest.approx(exact, abs=0.02) and exact[0] > 0.9
    assert found.interactions.value == pytest.approx(0.0, abs=0.02)


def test_estimators_are_those_of_salib_and_scipy() -> None:
    u = saltelli_points(3, 64, seed=5)
    y = ishigami(u)
    first, _, total, _ = arrays(sobol(study(y, u), "cost", NAMES))
    problem = {"num_vars": 3, "names": list(NAMES), "bounds": [[0.0, 1.0]] * 3}
    salib = analyze.analyze(problem, y, calc_second_order=False, seed=1)
    assert first == pytest.approx(salib["S1"], rel=1e-12) and total == pytest.approx(salib["ST"], rel=1e-12)
    blocks = y.reshape(64, 5)
    values = {"f_A": blocks[:, :1].T, "f_B": blocks[:, -1:].T, "f_AB": blocks[:, 1:-1].T[:, None, :]}
    scipy = sobol_indices(func=values, n=64)
    assert total == pytest.approx(scipy.total_order, rel=1e-12)
    # SciPy centres on the mean of A and B, SALib on that of all: S_i differ by the distance times mean(AB - A)/V
    shift = (blocks[:, [0, -1]].mean() - y.mean()) * (blocks[:, 1:-1] - blocks[:, :1]).mean(axis=0)
    assert first - shift / blocks[:, [0, -1]].var() == pytest.approx(scipy.first_order, abs=1e-12)


def test_noise_is_taken_out_and_its_share_told() -> None:
    """Noise of a quarter of the variance, unequal: uncorrected the third total index would be 0.43, not 0.24."""
    u = saltelli_points(3, 2048, seed=6)
    y, rng = ishigami(u), np.random.default_rng(6)
    stderr = np.sqrt(TOTAL / 3.0) * np.sqrt(2.0 * rng.random(y.size))
    found = sobol(study(y + stderr * rng.normal(size=y.size), u, stderr), "cost", NAMES)
    first, first_error, total, total_error = arrays(found)
    assert np.all(np.abs(first - FIRST) < 3.0 * first_error) and np.all(np.abs(total - ALL) < 3.0 * total_error)
    assert np.all(total_error < 0.05)
    assert found.noise.value == pytest.approx(0.25, abs=4.0 * found.noise.stderr) and found.noise.stderr < 0.01
    uncorrected = total * (1.0 - found.noise.value) + found.noise.value
    assert uncorrected[2] - ALL[2] > 5.0 * total_error[2]


def test_points_that_are_one_cell_share_its_noise() -> None:
    """An axis of two words: A and A with the word of B are often the same cell, which has no noise against itself."""
    u = saltelli_points(2, 1024, seed=7)
    words = np.where(u[:, 0] < 0.5, "hebbian", "adatron")
    cells = {"rule": words, "temperature": u[:, 1]}
    rng = np.random.default_rng(7)
    once = {point: i for i, point in reversed(list(enumerate(zip(words, u[:, 1], strict=True))))}
    kept = np.array(sorted(once.values()))
    assert kept.size < 0.9 * words.size
    y = 1.0 * (words == "hebbian") + np.sqrt(12.0) * 0.5 * u[:, 1]  # a quarter of variance each
    noisy = y + 0.5 * rng.normal(size=y.size)
    axes = {name: values[kept] for name, values in cells.items()}
    found = sobol(results_of(axes, cost=(noisy[kept], 0.5)), "cost", cells)
    first, first_error, total, total_error = arrays(found)
    assert np.all(np.abs(first - 0.5) < 3.0 * first_error) and np.all(np.abs(total - 0.5) < 3.0 * total_error)
    assert total_error[0] < 0.05
    blind = 0.5 * 0.25 / (0.25 + 0.25)  # subtracted from S_T V although half of the pairs have no noise
    assert blind > 3.0 * total_error[0]


def test_one_axis_alone_explains_all() -> None:
    """With one axis AB is B itself: the product of B with itself holds the square of its noise."""
    u = saltelli_points(1, 1024, seed=8)
    y = u[:, 0] + 0.15 * np.random.default_rng(8).normal(size=u.shape[0])
    y[1::3] = y[2::3]  # the same cell
    results = results_of({"temperature": np.delete(u[:, 0], np.s_[1::3])}, cost=(np.delete(y, np.s_[1::3]), 0.15))
    index = sobol(results, "cost", {"temperature": u[:, 0]}).indices[0]
    assert index.first.value == pytest.approx(1.0, abs=3.0 * index.first.stderr) and index.first.stderr < 0.1
    assert index.total.value == pytest.approx(1.0, abs=3.0 * index.total.stderr) and index.total.stderr < 0.1


def test_order_of_cells_and_missing_ones() -> None:
    u = saltelli_points(3, 128, seed=9)
    y = ishigami(u)
    whole = sobol(study(y, u), "cost", NAMES)
    order = np.random.default_rng(1).permutation(y.size)
    design = dict(zip(NAMES, u.T, strict=True))
    assert repr(sobol(study(y, u).isel(cell=order), "cost", design)) == repr(whole)
    holes = y.copy()
    holes[[3, 17]] = np.nan  # of base points 0 and 3
    found = sobol(study(holes, u).isel(cell=slice(0, 635)), "cost", design)
    assert (found.base, found.planned) == (125, 128) and "125 of 128 base points" in repr(found)
    kept = np.ones(128, dtype=bool)
    kept[[0, 3, 127]] = False
    rest = y.reshape(128, 5)[kept].ravel()
    problem = {"num_vars": 3, "names": list(NAMES), "bounds": [[0.0, 1.0]] * 3}
    salib = analyze.analyze(problem, rest, calc_second_order=False, seed=1)
    assert arrays(found)[0] == pytest.approx(salib["S1"], rel=1e-12)
    with pytest.raises(sz.InputError, match="design"):
        sobol(study(y, u).isel(cell=order), "cost", NAMES)


def test_bounds_have_indices_of_their_own() -> None:
    u = saltelli_points(2, 32, seed=1)
    axes = {"temperature": u[:, 0], "duration": u[:, 1]}
    results = results_of(axes, cost_joint=(u[:, 0] + u[:, 1] ** 2, 0.0, ["lower"] + ["two-sided"] * 127))
    assert {i.first.side for i in sobol(results, "cost_joint", ["temperature", "duration"])} == {"none"}


def test_points_of_a_larger_base_begin_with_those_of_a_smaller() -> None:
    small, large = saltelli_points(4, 32, seed=2), saltelli_points(4, 64, seed=2)
    assert np.array_equal(small, large[: small.shape[0]]) and small.shape == (192, 4)
    assert np.all((large > 0.0) & (large < 1.0))
    assert not np.array_equal(small, saltelli_points(4, 32, seed=3))
    blocks = large.reshape(64, 6, 4)
    for j in range(4):
        mixed = blocks[:, 0].copy()
        mixed[:, j] = blocks[:, -1, j]
        assert np.array_equal(blocks[:, 1 + j], mixed)
    # each column of A is a net: one point in each of 64 equal intervals
    assert all(np.array_equal(np.sort((64.0 * blocks[:, 0, j]).astype(int)), np.arange(64)) for j in range(4))


@pytest.mark.parametrize(
    ("dimensions", "base", "seed"), [(0, 4, 1), (2, 12, 1), (2, 1, 1), (2, 4, -1), (2.0, 4, 1), (2, True, 1)]
)
def test_points_are_refused(dimensions: Any, base: Any, seed: Any) -> None:
    with pytest.raises(sz.InputError):
        saltelli_points(dimensions, base, seed)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"design": ["learning_rate", "nothing"]}, "design"),
        ({"design": "learning_rate"}, "design"),
        ({"design": {}}, "design"),
        ({"design": {"learning_rate": [0.1, 0.2]}}, "design"),
        ({"design": {"learning_rate": [0.1, 0.2, 0.3]}}, "no Saltelli design"),
        ({"quantity": "heat"}, "quantity"),
        ({"y": 1.0}, "same in all cells"),
        ({"stderr": 5.0}, "noise"),
        ({"y": np.nan}, "base points"),
        ({"logarithm": True}, "not positive"),
    ],
    ids=lambda x: str(x) if isinstance(x, str) else next(iter(x)),
)
def test_what_cannot_be_analysed_is_refused(change: dict[str, Any], match: str) -> None:
    u = saltelli_points(3, 32, seed=1)
    y = ishigami(u) if "y" not in change else np.full(u.shape[0], change["y"])
    results = study(y, u, change.get("stderr", 0.1))
    with pytest.raises(sz.InputError, match=match):
        sobol(results, change.get("quantity", "cost"), change.get("design", NAMES), logarithm="logarithm" in change)


def test_several_cells_at_a_point_are_refused() -> None:
    u = saltelli_points(3, 32, seed=1)
    twice = np.concatenate([u, u])
    results = study(ishigami(twice), twice, rule=["hebbian"] * 160 + ["adatron"] * 160)
    with pytest.raises(sz.InputError, match="several cells"):
        sobol(results, "cost", dict(zip(NAMES, u.T, strict=True)))
    one = results.where(results.rule == "hebbian", drop=True)
    assert len(sobol(one, "cost", dict(zip(NAMES, u.T, strict=True)))) == 3


def test_without_salib_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib.sample.sobol", None)
    with pytest.raises(sz.InputError, match=r'pip install "\.\[analysis\]"'):
        saltelli_points(2, 4, seed=1)


def test_result_is_shown_and_drawn() -> None:
    u = saltelli_points(3, 64, seed=1)
    found = sobol(study(ishigami(u), u), "cost", NAMES)
    assert repr(found).splitlines()[0] == "cost: shares of the variance, 64 base points; 0.000 +- 0.000 of it was noise"
    assert found._repr_html_().count("<tr>") == 5
    ax = found.plot()
    totals = {i.axis: i.total.value for i in found}
    assert [t.get_text() for t in ax.get_yticklabels()] == sorted(totals, key=lambda name: -totals[name])
