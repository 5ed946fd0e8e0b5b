"""Differences between results: what must be seen, what must not, and how large chance makes the largest."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from scipy.stats import kstest, norm

import szilard as sz
from szilard.study.cell_sigmas import KINDS
from szilard.study.difference import Difference, compare_results, sidak_largest
from tests.study.made_results import grid, results_of
from tests.study.tiny import MICRO, changed

AXES = grid(rule=["hebbian", "adatron"], temperature=[0.5, 2.0], learning_rate=[0.5, 1.0, 2.0])
N = 12
KEYS = np.array([f"{i:016x}" for i in range(N)])


def measured(seed: int, change: Any = None, cells: int = 1, alike: float = 0.0, **others: Any) -> Any:
    """heat, work and cost = heat/T + entropy with errors of 1 %, entropy negative; change(exact) before the noise.

    alike: how much of the noise, in its variance, the quantities of one cell share.
    """
    axes = {name: np.tile(values, cells) for name, values in AXES.items()}
    axes["drawing"] = np.repeat(np.arange(cells), N).astype(float)
    rate, t, first = axes["learning_rate"], axes["temperature"], axes["rule"] == "hebbian"
    heat = rate**2 * np.where(first, 1.0, 0.7)
    entropy = -0.3 * rate
    exact = {"heat": heat, "work": 1.2 * heat, "entropy": entropy, "cost": heat / t + entropy}
    if change is not None:
        exact = change(exact, t)
    rng = np.random.default_rng(seed)
    found, shared = {}, np.sqrt(alike) * rng.normal(size=rate.size) if alike else 0.0
    for name, value in exact.items():
        stderr = 0.01 * heat
        found[name] = value + stderr * (shared + np.sqrt(1.0 - alike) * rng.normal(size=value.size)), stderr
    return results_of(axes | others, **found)


def sides(a: tuple[float, float, str], b: tuple[float, float, str], name: str = "cost") -> tuple[float, str]:
    """z and kind of one number in a and in b."""
    one, two = (results_of({"temperature": [0.5]}, **{name: ([v], [e], s)}) for v, e, s in (a, b))
    found = compare_results(one, two)
    rows = list(found.rows())
    kind = KINDS[found.kind[0, 0]]
    assert [row.kind for row in rows] == ([kind] if found.z[0, 0] != 0.0 else [])
    return float(found.z[0, 0]), kind


def test_equal_results_under_another_seed_do_not_differ() -> None:
    found = compare_results(measured(1), measured(2))
    assert (found.alarms, found.compared, found.changed_bits) == (0, 4 * N, 0)
    assert not found.only_a and not found.only_b and "DIFFER" not in found.sentence
    z = found.z.ravel()
    assert abs(z.mean()) < 4.0 / np.sqrt(z.size) and abs(np.mean(z**2) - 1.0) < 4.0 * np.sqrt(2.0 / z.size)


def test_sigmas_are_those_of_both_errors() -> None:
    a = results_of({"temperature": [0.5, 2.0]}, cost=([1.0, 4.0], [0.3, 0.1]))
    b = results_of({"temperature": [2.0, 0.5]}, cost=([4.5, 0.0], [0.1, 0.4]))
    found = compare_results(a, b)
    assert found.z[:, 0] == pytest.approx([-1.0 / 0.5, 0.5 / (0.1 * np.sqrt(2.0))])
    assert found.cells == ("temperature = 0.5", "temperature = 2")
    (s,) = found.summaries
    assert (s.n, s.chi2, s.shift) == pytest.approx((2, 4.0 + 12.5, (-2.0 + np.sqrt(12.5)) / np.sqrt(2.0)))
    assert s.probability == pytest.approx(np.exp(-16.5 / 2.0)), "of two degrees of freedom"
    assert [(r.cell, round(r.z, 3)) for r in found.rows()] == [("temperature = 2", 3.536), ("temperature = 0.5", -2.0)]
    assert next(found.rows(1)).b == (4.5, 0.1, "two-sided")


@pytest.mark.parametrize(
    "change",
    [
        lambda e, t: e | {"entropy": -e["entropy"]},
        lambda e, t: e | {"cost": e["cost"] + e["heat"] * (1.0 - 1.0 / t)},
        lambda e, t: {name: 1.1 * value for name, value in e.items()},
        lambda e, t: {name: value[::-1] for name, value in e.items()},
        lambda e, t: e | {"work": e["heat"], "heat": e["work"]},
        lambda e, t: e | {"heat": np.where(np.arange(N) == 7, np.nan, e["heat"])},
    ],
    ids=["sign", "temperature", "tenth", "cells", "quantities", "NaN"],
)
def test_changes_are_found(change: Any) -> None:
    found = compare_results(measured(1), measured(2, change))
    assert found.alarms > 0 and found.largest > 5.0 and "THEY DIFFER" in found.sentence
    assert found.probability < 1e-4


def test_changes_that_all_cells_share() -> None:
    """None beyond 5 standard errors: a shift of half of the alarm in every cost, and scatter twice what it may be."""
    a, size = measured(1, cells=4), 4 * N
    b = measured(2, cells=4)
    error = np.hypot(a.cost_stderr, b.cost_stderr)
    b["cost"] = b.cost + 1.5 * error
    found = compare_results(a, b)
    assert found.far == 0 and found.together == ("cost",) and found.alarms == 1
    assert "; all cells together of cost: THEY DIFFER" in found.sentence
    (cost,) = (s for s in found.summaries if s.quantity == "cost")
    assert cost.shift == pytest.approx(1.5 * np.sqrt(size), abs=4.0) and cost.alarm
    down = compare_results(b, a)
    assert down.together == ("cost",), "of either sign"
    b = measured(2, cells=4)
    b["cost"] = a.cost + error * np.where(np.arange(size) % 2 == 0, 2.1, -2.1)
    found = compare_results(a, b)
    (cost,) = (s for s in found.summaries if s.quantity == "cost")
    assert found.far == 0 and found.together == ("cost",) and abs(cost.shift) < 1e-9, (
        "chi2 sees what the shift does not"
    )


def test_alarms_of_quantities_stand_where_they_are_said_to_stand() -> None:
    """A shift of 5, and a chi2 as improbable as that."""

    def difference(z: Any) -> Difference:
        axes = {"drawing": np.arange(len(z), dtype=float)}
        none = np.zeros(len(z))
        return compare_results(results_of(axes, cost=(none, 0.6)), results_of(axes, cost=(np.array(z), 0.8)))

    for sign in (1.0, -1.0):
        assert difference([2.49 * sign] * 4).together == ()
        assert difference([2.51 * sign] * 4).together == ("cost",)
    # two degrees of freedom: P(chi2 > x) = e^{-x/2}
    limit = np.sqrt(-np.log(5.7e-7))
    assert difference([0.999 * limit, -0.999 * limit]).together == ()
    assert difference([1.001 * limit, -1.001 * limit]).together == ("cost",)
    assert 2.0 * norm.sf(5.0) == pytest.approx(5.7e-7, rel=0.01)


def test_one_per_cent_far_beyond_the_errors() -> None:
    results = measured(1)
    sharper = results.copy()
    for name in ("heat", "work", "entropy", "cost"):
        sharper[f"{name}_stderr"] = results[f"{name}_stderr"] * 0.01
    shifted = sharper.copy()
    shifted["work"] = sharper.work * 1.01
    found = compare_results(sharper, shifted)
    assert found.far == N and found.together == ("work",) and {row.quantity for row in found.rows()} == {"work"}
    assert found.largest == pytest.approx(0.012 / (1e-4 * np.sqrt(2.0)), rel=0.05)  # work scatters by 1 % of heat
    assert compare_results(sharper, sharper).alarms == 0


def test_same_random_numbers_give_the_same_bits_or_are_told() -> None:
    a = measured(1, key=KEYS)
    same = compare_results(a, a.isel(cell=np.arange(N)[::-1]))
    assert (same.compared, same.changed_bits, same.largest) == (0, 0, 0.0)
    assert f"{4 * N} numbers the same to the last bit" in same.sentence
    b = a.copy()
    b["heat"] = a.heat * (1.0 + 1e-15)
    found = compare_results(a, b)
    assert found.alarms == 0 and 0 < found.changed_bits <= N and "random numbers did not" in found.sentence
    for versions, alarms in (("this", found.changed_bits), ("that", 0)):
        made = [x.assign(made_by=("cell", np.array([word] * N))) for x, word in ((a, "this"), (b, versions))]
        told = compare_results(*made)
        assert told.alarms == told.broken_bits == alarms and told.changed_bits == found.changed_bits
        assert ("versions did not: THEY DIFFER" in told.sentence) == bool(alarms)
        assert ("other versions made them" in told.sentence) != bool(alarms)
    other = compare_results(a, measured(1, key=KEYS[::-1].copy()))
    assert (other.compared, other.changed_bits, other.largest) == (4 * N, 0, 0.0)
    half = compare_results(a, measured(2, key=np.where(np.arange(N) < 6, KEYS, "f" * 16)))
    assert half.same_key.sum() == 6 and half.changed_bits == 24


@pytest.mark.parametrize(
    ("a", "b", "z", "kind"),
    [
        ((1.0, 0.1, "upper"), (1.3, 0.1, "upper"), 0.3 / (0.1 * np.sqrt(2.0)), "compared"),
        ((1.0, 0.3, "none"), (1.0, 0.4, "none"), 0.0, "compared"),
        ((1.0, 0.3, "upper"), (0.0, 0.4, "lower"), 0.0, "not comparable"),
        ((0.0, 0.3, "upper"), (3.0, 0.4, "lower"), 6.0, "bounds that exclude each other"),
        ((3.0, 0.3, "lower"), (0.0, 0.4, "upper"), -6.0, "bounds that exclude each other"),
        ((0.0, 0.3, "lower"), (3.0, 0.4, "upper"), 0.0, "not comparable"),
        ((0.0, 0.3, "two-sided"), (3.0, 0.4, "upper"), 0.0, "not comparable"),
        ((3.0, 0.3, "two-sided"), (0.0, 0.4, "upper"), -6.0, "bounds that exclude each other"),
        ((0.0, 0.3, "two-sided"), (3.0, 0.4, "lower"), 6.0, "bounds that exclude each other"),
        ((3.0, 0.3, "two-sided"), (0.0, 0.4, "lower"), 0.0, "not comparable"),
        ((0.0, 0.3, "none"), (9.0, 0.4, "two-sided"), 0.0, "not comparable"),
        ((1.0, 0.0, "two-sided"), (1.0 + 1e-12, 0.0, "two-sided"), 0.0, "equal to rounding"),
        ((1.0, 0.0, "two-sided"), (0.999, 0.0, "two-sided"), -np.inf, "exact values that differ"),
        ((1.0, 0.0, "two-sided"), (1.2, 0.1, "two-sided"), 2.0, "compared"),
        ((1.0, 1e-17, "two-sided"), (1.0 + 1e-15, 1e-17, "two-sided"), 0.0, "equal to rounding"),
        ((1.0, np.inf, "two-sided"), (9.0, 0.1, "two-sided"), 0.0, "not comparable"),
        ((1.0, np.nan, "two-sided"), (9.0, 0.1, "two-sided"), 0.0, "not comparable"),
        ((np.inf, 0.1, "two-sided"), (np.inf, 0.1, "two-sided"), 0.0, "equal to rounding"),
        ((np.inf, 0.1, "two-sided"), (9.0, 0.1, "two-sided"), -np.inf, "exact values that differ"),
        ((np.nan, np.nan, ""), (9.0, 0.1, "two-sided"), np.inf, "a number in one alone"),
        ((9.0, 0.1, "two-sided"), (np.nan, np.nan, ""), np.inf, "a number in one alone"),
        ((np.nan, np.nan, ""), (np.nan, np.nan, ""), 0.0, "in neither"),
    ],
)  # fmt: skip
def test_how_two_numbers_are_compared(a: Any, b: Any, z: float, kind: str) -> None:
    found, how = sides(a, b)
    assert how == kind and found == pytest.approx(z, rel=1e-12)


def test_margins_follow_and_residuals_are_rounding() -> None:
    assert sides((3.0, 0.0, "two-sided"), (9.0, 0.0, "two-sided"), "margin") == (0.0, "not comparable")
    small, large = (2e-16, 0.0, "two-sided"), (1e-3, 0.0, "two-sided")
    assert sides(small, (9e-16, 0.0, "two-sided"), "first_law_residual") == (0.0, "equal to rounding")
    assert sides(small, large, "first_law_residual") == (np.inf, "exact values that differ")


def test_cells_verdicts_and_axes_of_one_alone() -> None:
    a = measured(1)
    a["verdict"] = ("cell", np.array(["holds"] * N))
    b = measured(2).isel(cell=slice(2, N))
    b["verdict"] = ("cell", np.array(["holds"] * 4 + ["violated"] + ["holds"] * 5))
    b = b.assign_coords(feedback=("cell", np.zeros(N - 2)))
    found = compare_results(a, b)
    assert len(found.cells) == N - 2 and not found.only_b
    assert found.only_a == tuple(f"rule = hebbian, temperature = 0.5, learning_rate = {x}" for x in ("0.5", "1"))
    assert found.verdicts == (("rule = adatron, temperature = 0.5, learning_rate = 0.5", "holds", "violated"),)
    assert "cells only in a: 2; verdicts changed: 1" in found.sentence
    back = compare_results(b, a)
    assert back.only_b == found.only_a and np.array_equal(back.z, -found.z)


def test_no_entry_is_no_entry_however_its_column_says_so() -> None:
    """A parameter that no cell has is NaN in one study, and an empty word in another where some cells have it."""
    a = results_of({"temperature": [0.5, 2.0], "order": [np.nan, np.nan]}, cost=([1.0, 2.0], 0.1))
    b = results_of({"temperature": [0.5, 2.0, 2.0], "order": ["", "", "random"]}, cost=([1.0, 2.0, 7.0], 0.1))
    found = compare_results(a, b)
    assert len(found.cells) == 2 and found.only_b == ("temperature = 2, order = random",)


def test_what_cannot_be_compared_is_refused() -> None:
    a, wrong = measured(1), cast("Any", None)
    with pytest.raises(sz.InputError, match="several cells"):
        compare_results(a, a.drop_vars("learning_rate"))
    with pytest.raises(sz.InputError, match="no quantity"):
        compare_results(a, results_of({"temperature": [1.0]}, learned=([1.0], 0.1)))
    with pytest.raises(sz.InputError, match="results"):
        compare_results(a, wrong)


def test_nothing_in_common() -> None:
    found = compare_results(measured(1), measured(2).assign_coords(temperature=("cell", AXES["temperature"] + 9.0)))
    assert not found.cells and len(found.only_a) == len(found.only_b) == N
    assert (found.compared, found.alarms, found.largest, found.expected, found.probability) == (0, 1, 0.0, 0.0, 1.0)
    assert "NOTHING COULD BE COMPARED; cells only in a: 12; cells only in b: 12" in repr(found)


def test_nothing_that_can_be_compared_in_common_cells() -> None:
    a, b = measured(1), measured(2)
    for name in ("heat", "work", "entropy", "cost"):
        b[f"{name}_stderr"] = b[f"{name}_stderr"] * np.inf
    found = compare_results(a, b)
    assert len(found.cells) == N and found.nothing and found.alarms == 1
    b["work_stderr"] = a.work_stderr
    assert compare_results(a, b).alarms == 0, "one quantity is enough"


@pytest.mark.parametrize("alike", [0.0, 0.9], ids=["apart", "correlated"])
def test_false_alarms_are_as_rare_as_stated(alike: float) -> None:
    """200 pairs of equal studies of 48 numbers: probabilities are uniform, and the median largest |z| is Sidak's.

    Correlated quantities of one cell leave each quantity's own probabilities as they are, and the largest is smaller.
    """
    found = [compare_results(measured(2 * s, alike=alike), measured(2 * s + 1, alike=alike)) for s in range(200)]
    assert not any(d.alarms for d in found)
    p = np.array([d.probability for d in found])
    assert kstest(p, "uniform", alternative="greater" if alike else "two-sided").pvalue > 1e-3
    for j in range(4):
        assert kstest([d.summaries[j].probability for d in found], "uniform").pvalue > 1e-3
        assert kstest([d.summaries[j].shift for d in found], "norm").pvalue > 1e-3
    above = np.mean([d.largest > d.expected for d in found])
    assert above - 0.5 < 4.0 * np.sqrt(0.25 / 200.0) and (alike or 0.5 - above < 4.0 * np.sqrt(0.25 / 200.0))


def test_largest_of_many() -> None:
    rng = np.random.default_rng(4)
    for n in (1, 10, 300):
        largest = np.abs(rng.normal(size=(4000, n))).max(axis=1)
        assert abs(np.mean(largest > sidak_largest(n)) - 0.5) < 4.0 * np.sqrt(0.25 / 4000.0)
    assert sidak_largest(0) == 0.0 and sidak_largest(10**6) > 4.8


def test_result_is_shown_and_drawn() -> None:
    found = compare_results(measured(1), measured(2))
    assert isinstance(found, Difference)
    assert repr(found).splitlines()[1].startswith("quantity  cells  largest |z|")
    assert found._repr_html_().count("<tr>") == 5
    ax = found.plot()
    assert [t.get_text() for t in ax.get_yticklabels()] == ["heat", "work", "entropy", "cost"]
    assert np.asarray(ax.lines[1].get_xdata()) == pytest.approx(found.z[:, 1])


def test_studies_of_the_library(tmp_path: Any) -> None:
    """A small study against itself, and with other replicas: other random numbers, the same patterns."""
    first = sz.run_study(sz.Study(MICRO), tmp_path / "a")
    again = sz.run_study(sz.Study(MICRO), tmp_path / "b")
    more = sz.run_study(sz.Study(changed(MICRO, ("replicas = 40", "replicas = 200"))), tmp_path / "c")
    same = compare_results(first, again)
    assert same.compared == same.changed_bits == same.alarms == 0 and len(same.cells) == 2
    found = compare_results(first, more)
    assert found.alarms == 0 and found.compared > 10 and not np.any(found.same_key)
