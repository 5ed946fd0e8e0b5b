"""Rank correlations against SciPy's, against the ones of the questions, and what noise and words do to them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import kruskal, spearmanr

import szilard as sz
from szilard.questions.ceiling.sensitivity_indices import partial_ranks
from szilard.study.rank_screen import Screen, screen
from tests.study.made_results import grid, results_of

RNG = np.random.default_rng


def drawn(cells: int, seed: int, noise: float = 0.0) -> Any:
    """cost = rate^2/T e^{0.3 n}, a random design of rate, T and a stiffness without effect."""
    rng = RNG(seed)
    rate, t, k = np.exp(rng.uniform(-1.0, 1.0, size=(3, cells)))
    y = rate**2 / t * np.exp(0.3 * rng.normal(size=cells))
    measured = y + noise * rng.normal(size=cells)
    return results_of({"learning_rate": rate, "temperature": t, "stiffness": k}, cost=(measured, noise))


def by_axis(found: Screen) -> dict[str, Any]:
    return {effect.axis: effect for effect in found}


def test_one_axis_is_spearman_s_correlation() -> None:
    rng = RNG(2)
    x = rng.normal(size=30)
    y = np.round(x + rng.normal(size=30), 1)  # ties
    effect = screen(results_of({"temperature": x}, heat=(y, 0.0)), "heat").effects[0]
    assert effect.correlation is not None
    assert effect.correlation.value == pytest.approx(spearmanr(x, y).statistic, rel=1e-12)
    r = effect.correlation.value
    assert effect.correlation.stderr == pytest.approx((1.0 - r * r) * np.sqrt((1.0 + r * r / 2.0) / 27.0))
    assert effect.share == pytest.approx(1.0 - (1.0 - r * r) * 29.0 / 28.0)
    assert effect.n == 30


def test_one_axis_of_words_is_kruskal_s_h() -> None:
    rng = RNG(3)
    words = np.array(["hebbian"] * 7 + ["adatron"] * 12 + ["perceptron"] * 9)
    y = np.round(rng.normal(size=28) + 0.8 * (words == "adatron"), 1)
    effect = screen(results_of({"rule": words}, heat=(y, 0.0)), "heat").effects[0]
    h, p = kruskal(*(y[words == word] for word in np.unique(words)))
    eta2 = h / 27.0
    assert effect.correlation is None
    assert effect.share == pytest.approx(1.0 - (1.0 - eta2) * 27.0 / 25.0, rel=1e-12)
    # of 999 random orders: binomial error of p, beside which H is chi2-distributed to a few per cent of p at n = 28
    assert abs(effect.probability - p) < 4.0 * np.sqrt(p * (1.0 - p) / 999.0) + 0.1 * p


def test_several_axes_are_the_partial_correlations_of_the_questions() -> None:
    results = drawn(60, 4)
    x = np.array([results[name].values for name in results.coords])
    known = partial_ranks(x, results.cost.values[None, :])[0]
    found = by_axis(screen(results, "cost"))
    for name, r in zip(results.coords, known, strict=True):
        assert found[str(name)].correlation.value == pytest.approx(r, rel=1e-10)


def test_the_order_is_that_of_importance_and_signs_are_right() -> None:
    found = screen(drawn(60, 5), "cost")
    assert [e.axis for e in found] == ["learning_rate", "temperature", "stiffness"]
    rate, t, k = (e.correlation for e in found)
    assert rate is not None and t is not None and k is not None
    assert rate.value > 0.8 and t.value < -0.5 and abs(k.value) < 3.0 * k.stderr
    assert [e.probability for e in found][:2] == [0.001, 0.001] and found.effects[2].probability > 0.05


def test_a_grid_and_words_beside_numbers() -> None:
    """On a grid axes are orthogonal: what words explain is judged after the rate has been taken out."""
    axes = grid(rule=["hebbian", "adatron", "perceptron"], learning_rate=[0.5, 1.0, 2.0, 4.0, 8.0], dt=[0.01, 0.02])
    shift = {"hebbian": 0.3, "adatron": 0.0, "perceptron": -0.2}
    y = np.log(axes["learning_rate"]) + np.array([shift[r] for r in axes["rule"]])
    found = by_axis(screen(results_of(axes, learned=(y, 0.0)), "learned"))
    assert found["rule"].share > 0.9 and found["rule"].probability == 0.001
    alone = screen(results_of({"rule": axes["rule"]}, learned=(y, 0.0)), "learned").effects[0]
    assert alone.share < 0.05 < alone.probability
    assert "dt" not in found, "nothing is left to be explained"


def test_nothing_is_found_where_there_is_nothing() -> None:
    """p of independent axes is uniform: of 60 by 3 axes the number below 0.1 is binomial."""
    low = []
    for seed in range(60):
        rng = RNG(seed)
        axes = {"temperature": rng.random(24), "rule": rng.choice(["a", "b", "c"], size=24), "dt": rng.random(24)}
        low += [e.probability <= 0.1 for e in screen(results_of(axes, heat=(rng.normal(size=24), 0.0)), "heat")]
    assert abs(np.mean(low) - 0.1) < 4.0 * np.sqrt(0.09 / 180.0)


def test_chance_on_a_grid_is_no_larger_than_stated() -> None:
    """A rate that orders nearly all cells: what is left of the ranks is exchanged only among cells of equal rate."""
    rule, rate = (x.ravel() for x in np.meshgrid(["a", "b", "c"], [1.0, 2.0, 3.0, 4.0]))
    chance = []
    for seed in range(300):
        y = rate**2 + RNG(seed).normal(size=12)
        found = screen(results_of({"rule": rule, "learning_rate": rate}, heat=(y, 0.0)), "heat")
        chance += [e.probability for e in found if e.axis == "rule"]
    for level in (0.01, 0.05, 0.1, 0.5):
        found_below = np.mean(np.array(chance) <= level)
        assert 0.3 * level < found_below < level + 3.0 * np.sqrt(level * (1.0 - level) / 300.0), level


def test_noise_is_found_and_what_it_takes_from_r() -> None:
    """y = x + noise of variance Var(x)/3: a quarter of the variance is noise, and r falls by sqrt(3/4)."""
    n, rng = 4000, RNG(7)
    x, other = rng.normal(size=(2, n))
    y = x + 0.2 * other
    noisy = y + np.sqrt(1.04 / 3.0) * rng.normal(size=n)
    axes = {"temperature": x, "duration": other}
    clean = by_axis(screen(results_of(axes, heat=(y, 0.0)), "heat"))
    found = screen(results_of(axes, heat=(noisy, np.sqrt(1.04 / 3.0))), "heat")
    # 0.25 up to the scatter of a variance, 3 sqrt(2/n) of its value 1/4 and as much for its complement
    assert found.noise == pytest.approx(0.25, abs=4.0 * np.sqrt(2.0 / n))
    effects = by_axis(found)
    for name, variance in (("temperature", 0.04), ("duration", 1.0)):
        spearman = 6.0 / np.pi * np.arcsin(0.5 * np.sqrt(variance / (1.04 * 4.0 / 3.0)))  # of y and what is taken out
        left = 1.0 - spearman**2
        # the scatter of the noise's share is about 0.006
        error = 0.006 / left / (2.0 * np.sqrt(1.0 - 0.25 / left))
        assert effects[name].shrunk == pytest.approx(np.sqrt(1.0 - 0.25 / left), abs=4.0 * error)
    r, shrunk = effects["temperature"].correlation, effects["temperature"].shrunk
    assert r.value / shrunk == pytest.approx(clean["temperature"].correlation.value, abs=4.0 * r.stderr / shrunk)
    assert clean["temperature"].shrunk == 1.0


def test_axes_that_only_some_cells_have() -> None:
    """A dwell belongs to online cells: it is judged among them, and its absence is no effect of it on the others."""
    axes = grid(learning_rate=[0.5, 1.0, 2.0, 4.0], dwell=[np.nan, 0.1, 0.3, 0.9])
    online = np.isfinite(axes["dwell"])
    axes["mode"] = np.where(online, "online", "batch")
    y = axes["learning_rate"] * np.where(online, 10.0 / np.nan_to_num(axes["dwell"], nan=1.0), 1.0)
    found = screen(results_of(axes, heat=(y, 0.0)), "heat")
    effects = by_axis(found)
    assert effects["dwell"].n == 12 and effects["dwell"].correlation.value < -0.95
    assert effects["learning_rate"].n == 16 and effects["learning_rate"].correlation.value > 0.95
    assert dict(found.left_out)["mode"].startswith("moves with other axes")


def test_axes_that_move_together_are_not_told_apart() -> None:
    rng = RNG(8)
    x, z = rng.random((2, 20))
    found = screen(results_of({"temperature": x, "stiffness": x**3, "dt": z}, heat=(x + z, 0.0)), "heat")
    assert [e.axis for e in found] == ["dt"]
    assert [name for name, _ in found.left_out] == ["temperature", "stiffness"]


def test_too_few_cells_and_bounds() -> None:
    rng = RNG(9)
    axes = {"temperature": rng.random(5), "dt": rng.random(5), "dwell": rng.random(5)}
    with pytest.raises(sz.InputError, match="no axis can be judged"):
        screen(results_of(axes, heat=(rng.random(5), 0.0)), "heat")
    with pytest.raises(sz.InputError, match="no axis varies"):
        screen(results_of({"temperature": np.ones(5)}, heat=(rng.random(5), 0.0)), "heat")
    with pytest.raises(sz.InputError, match="no axis varies"):
        screen(results_of({"temperature": rng.random(5)}, heat=(np.full(5, np.nan), 0.0)), "heat")
    found = screen(results_of({"temperature": rng.random(9)}, heat=(rng.random(9), 0.0, "upper")), "heat")
    assert found.effects[0].correlation is not None and found.effects[0].correlation.side == "none"


def test_errors_cover_as_stated() -> None:
    """200 designs of 24 cells: Fisher's two standard errors hold the correlation of all cells in 95 % or more."""
    results = drawn(200 * 24, 11)
    truth = by_axis(screen(results, "cost"))
    hits = 0
    for i in range(200):
        part = by_axis(screen(results.isel(cell=slice(24 * i, 24 * i + 24)), "cost"))
        r = part["temperature"].correlation
        hits += abs(r.value - truth["temperature"].correlation.value) < 2.0 * r.stderr
    assert hits > 200 * 0.954 - 4.0 * np.sqrt(200 * 0.954 * 0.046)


def test_result_is_shown_and_drawn() -> None:
    axes = grid(rule=["hebbian", "<b>"], learning_rate=[0.5, 1.0, 2.0, 4.0, 8.0], temperature=[0.5, 1.0])
    y = axes["learning_rate"] ** 2 / axes["temperature"] * np.where(axes["rule"] == "<b>", 1.1, 1.0)
    found = screen(results_of(axes | {"<i>": axes["learning_rate"] ** 2}, cost=(y, 0.0)), "cost")
    assert "left out: moves with other axes" in repr(found)
    assert "<i>" not in found._repr_html_() and "&lt;i&gt;" in found._repr_html_()
    ax = found.plot()
    assert [t.get_text() for t in ax.get_yticklabels()] == [e.axis for e in found]
    assert len(found) == 2
