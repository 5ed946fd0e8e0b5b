"""Distributions of synaptic sizes: maximum likelihood, its errors, goodness of fit, comparison, refusals."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from scipy import stats

from szilard.data.recording import Recording
from szilard.errors import InputError
from szilard.infer.size_distribution import fit_sizes
from szilard.infer.size_families import GAMMA, LOGNORMAL, distance_to, means_of, simulated_distances
from szilard.infer.spine_sizes import Sizes
from szilard.infer.synapse_fit import fit_synapse
from tests.infer.spines import MEAN, SPREAD, log_ou, shots, square_root

GAMMA_SIZES = np.random.default_rng(5).gamma(1.7, 0.3, 1000)
FAST: Any = {"resamples": 60, "simulations": 99}


@pytest.mark.parametrize("shape", [0.05, 0.9, 2.0, 40.0, 3000.0])
def test_maximum_likelihood_is_that_of_scipy(shape: float) -> None:
    w = np.random.default_rng(3).gamma(shape, 0.7 / shape, 400)
    means = means_of(w)
    k, _, theta = stats.gamma.fit(w, floc=0.0)
    s, _, e_mu = stats.lognorm.fit(w, floc=0.0)
    # scipy solves for k to 1e-9 or so of itself; the other two are closed forms
    assert GAMMA.fit(means) == pytest.approx([k, theta], rel=1e-7)
    assert LOGNORMAL.fit(means) == pytest.approx([np.log(e_mu), s], rel=1e-9, abs=1e-12)
    assert GAMMA.logpdf(w, GAMMA.fit(means)).sum() == pytest.approx(stats.gamma.logpdf(w, k, 0, theta).sum(), rel=1e-8)
    assert np.allclose(LOGNORMAL.logpdf(w, LOGNORMAL.fit(means)), stats.lognorm.logpdf(w, s, 0.0, e_mu))


def test_distance_is_that_of_kolmogorov_and_smirnov() -> None:
    w = GAMMA_SIZES[:200]
    fitted = GAMMA.fit(means_of(w))
    exact = stats.kstest(w, stats.gamma(fitted[0], 0, fitted[1]).cdf).statistic
    assert float(distance_to(GAMMA.cdf(w, fitted))) == pytest.approx(exact, rel=1e-12)
    twice = np.repeat(w, 2)  # steps of equal values have their ends only
    assert float(distance_to(GAMMA.cdf(twice, fitted))) == pytest.approx(exact, rel=1e-12)


def test_refitted_distances_are_those_of_lilliefors() -> None:
    """D of 30 normal values, mean and spread fitted, exceeds .1590 once in twenty (Abdi and Molin, 2007)."""
    draw = np.random.Generator(np.random.Philox(1))
    null = simulated_distances(LOGNORMAL, np.array([0.3, 1.7]), 30, 20_000, draw)
    over = np.mean(null > 0.1590)
    # rounding of the table by .00005 moves 0.05 by 0.0002
    assert abs(over - 0.05) < 4.0 * np.sqrt(0.05 * 0.95 / 20_000) + 2e-4


def test_errors_respect_that_looks_at_a_synapse_are_not_independent() -> None:
    found = fit_sizes(log_ou(4), families=["lognormal"], seed=1)
    mean, spread = (found["lognormal"].parameters[name] for name in ("mean_log", "sd_log"))
    assert abs(mean.value - MEAN) < 4.0 * mean.stderr
    assert abs(spread.value - SPREAD) < 4.0 * spread.stderr
    # exact: Var of the mean of 20 looks whose correlation is B^k, all seen; of those seen 9 in 10
    lags = np.abs(np.subtract.outer(np.arange(20), np.arange(20)))
    kept = np.exp(-0.21 * lags)
    np.fill_diagonal(kept, 1.0 / 0.9)
    exact = SPREAD * np.sqrt(kept.mean() / 300.0)
    assert mean.stderr == pytest.approx(exact, rel=4.0 / np.sqrt(2 * 300) + 4.0 / np.sqrt(2 * 400))
    assert mean.stderr > 2.0 * SPREAD / np.sqrt(found.looks)
    assert found.worth == pytest.approx((SPREAD / exact) ** 2, rel=0.35)  # a variance of 300 synapses: 4 x 8 %
    assert found.looks < 20 * 300 and found.synapses == 300


def test_gamma_sizes_are_no_lognormal_and_the_other_way_round() -> None:
    found = fit_sizes(GAMMA_SIZES, seed=1)
    assert found["lognormal"].rejected and not found["gamma"].rejected
    assert found.best == "gamma" == found.better("lognormal", "gamma") == found.better("gamma", "lognormal")
    assert found["gamma"].aic < found["lognormal"].aic
    other = fit_sizes(np.exp(SPREAD * np.random.default_rng(2).standard_normal(1000)), seed=1)
    assert other["gamma"].rejected and not other["lognormal"].rejected and other.best == "lognormal"


def test_few_synapses_do_not_tell_families_apart() -> None:
    few = fit_sizes(np.random.default_rng(8).gamma(9.0, 0.1, 30), seed=1, **FAST)
    assert few.better("lognormal", "gamma") == "cannot be told apart"
    assert few.best is None and "cannot be told apart" in repr(few)
    assert not few["gamma"].held_out.trusted


def test_aic_and_held_out_are_their_formulas() -> None:
    found = fit_sizes(GAMMA_SIZES, families=["gamma"], seed=1, **FAST)
    k, _, theta = stats.gamma.fit(GAMMA_SIZES, floc=0.0)
    logp = stats.gamma.logpdf(GAMMA_SIZES, k, 0.0, theta)
    assert found["gamma"].aic == pytest.approx(4.0 - 2.0 * logp.sum(), rel=1e-9)
    held = found["gamma"].held_out
    # two parameters cost 1/n each of what is fitted, and once more of what is not, by chance as much again
    assert held.value < logp.mean() and logp.mean() - held.value < 10.0 / 1000.0
    # without a fifth of the sizes parameters move by half of their error, 0.5/sqrt(1000) of themselves
    assert held.stderr == pytest.approx(logp.std(ddof=1) / np.sqrt(1000), rel=0.02)


def test_units_of_size_do_not_matter() -> None:
    one, thousand = (fit_sizes(unit * GAMMA_SIZES, seed=1, **FAST) for unit in (1.0, 1000.0))
    for family in ("lognormal", "gamma"):
        assert thousand[family].p_value == one[family].p_value
        assert thousand[family].distance.value == pytest.approx(one[family].distance.value, rel=1e-12)
        shift = one[family].held_out.value - thousand[family].held_out.value
        assert shift == pytest.approx(np.log(1000.0), rel=1e-12)
    a, b = one["gamma"].parameters, thousand["gamma"].parameters
    assert b["scale"].value == pytest.approx(1000.0 * a["scale"].value, rel=1e-9)
    assert b["shape"].stderr == pytest.approx(a["shape"].stderr, rel=1e-9)


def test_model_predicts_the_distribution_of_the_right_law() -> None:
    found = fit_sizes(log_ou(6), seed=1, **FAST)
    assert not found["model"].rejected
    assert found.better("lognormal", "model") == "cannot be told apart"
    assert found["model"].distance.value < 4.0 * found["model"].expected
    w = np.geomspace(1e-4, 1e2, 20_001)
    assert np.trapezoid(found.density("model", w), w) == pytest.approx(1.0, abs=1e-5)


def test_model_of_a_square_root_law_is_a_gamma_density() -> None:
    seen = square_root(2)
    fit = fit_synapse(seen, coordinate="size", diffusion="linear")
    found = fit_sizes(seen, model=fit, seed=1, resamples=20, simulations=40)
    assert not found["model"].rejected
    shape = fit.rate.value * fit.mean.value / fit.diffusion_slope.value
    assert shape == pytest.approx(found["gamma"].parameters["shape"].value, rel=0.2)  # 4 x 5 %, the error of D
    assert found.better("lognormal", "gamma") == "gamma"


def test_model_is_rejected_where_steps_are_no_diffusion() -> None:
    """Linear mean, constant variance: drift and diffusion look right, and predict a distribution that is not there."""
    seen = shots(3)
    assert fit_synapse(seen).trusted
    found = fit_sizes(seen, seed=1, families=["lognormal", "model"], **FAST)
    assert found["model"].p_value == pytest.approx(1.0 / 100.0)
    assert found["model"].distance.value > 3.0 * found["model"].expected


def test_sizes_that_move_are_not_tested_against_a_stationary_density() -> None:
    found = fit_sizes(log_ou(7, moved=1.0), seed=1, **FAST)
    assert np.isnan(found["model"].p_value) and "not stationary" in found.note and "not tested" in repr(found)


def test_one_look_of_each_synapse_is_one_that_was_seen() -> None:
    w = np.array([[1.0, np.nan, 3.0]] * 3000 + [[np.nan, 5.0, np.nan]] * 10 + [[np.nan] * 3] * 2)
    sizes = Sizes.of(w)
    one = sizes.one_each(np.random.default_rng(1))
    assert sizes.w.shape == (3010, 3)
    assert np.all(one[3000:] == 5.0) and set(one[:3000]) == {1.0, 3.0}
    assert abs(np.mean(one[:3000] == 1.0) - 0.5) < 4.0 * np.sqrt(0.25 / 3000)


def test_same_seed_same_numbers() -> None:
    seen = log_ou(9, synapses=60, times=6)
    one, again, other = (repr(fit_sizes(seen, seed=seed, **FAST)) for seed in (3, 3, 4))
    assert one == again != other


def test_shown_as_text_table_page_and_figure() -> None:
    found = fit_sizes(log_ou(1, synapses=120, times=8), seed=1, **FAST)
    assert len(found) == 3 == len(list(found)) and [len(row) for row in found.table] == [7] * 4
    page = found._repr_html_()
    assert page.count("<tr>") == 4 and "lognormal - gamma" in page
    ax = found.plot()
    assert len(ax.lines) == 3 and ax.get_xlabel() == "ln size"
    ax.figure.clear()
    with pytest.raises(InputError, match="beta"):
        found["beta"]


@pytest.mark.parametrize(
    ("sizes", "kwargs", "field"),
    [
        ([0.1, 0.2, 0.0, *np.arange(1.0, 20.0)], {}, r"recording\[synapse 2, time 0\]"),
        ([0.1, -0.2, *np.arange(1.0, 20.0)], {}, r"recording\[synapse 1, time 0\]"),
        ([np.inf, *np.arange(1.0, 20.0)], {}, r"recording\[synapse 0, time 0\]"),
        ([1e-70, *np.arange(1.0, 20.0)], {}, "recording"),
        (np.arange(1.0, 6.0), {}, "recording"),
        (np.full(30, 0.4), {}, "recording"),
        (np.full((30, 3), np.nan), {}, "recording"),
        (["a"] * 30, {}, "recording"),
        (np.ones((30, 2, 2)), {}, "recording"),
        (Recording(np.zeros((30, 3), int), [0, 1, 2]), {}, "recording"),
        (Recording(np.ones((30, 3, 2)), [0, 1, 2]), {}, "recording"),
        (GAMMA_SIZES, {"families": ["weibull"]}, "families"),
        (GAMMA_SIZES, {"families": "gamma"}, "families"),
        (GAMMA_SIZES, {"families": []}, "families"),
        (GAMMA_SIZES, {"families": ["gamma", "gamma"]}, "families"),
        (GAMMA_SIZES, {"families": ["model"]}, "families"),
        (GAMMA_SIZES, {"seed": -1}, "seed"),
        (GAMMA_SIZES, {"seed": True}, "seed"),
        (GAMMA_SIZES, {"resamples": 3}, "resamples"),
        (GAMMA_SIZES, {"simulations": 2.5}, "simulations"),
        (GAMMA_SIZES, {"model": 3}, "model"),
    ],
    ids=lambda value: str(sorted(value)) if isinstance(value, dict) else "",
)
def test_what_is_no_size_is_refused(sizes: Any, kwargs: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        fit_sizes(sizes, **{"seed": 1, **kwargs})
    assert re.fullmatch(field, caught.value.field)
    assert caught.value.fix


def test_zeros_are_told_to_become_gaps() -> None:
    with pytest.raises(InputError, match="limit of detection is a gap"):
        fit_sizes(np.append(GAMMA_SIZES, 0.0), seed=1)


def test_a_model_of_another_recording_is_refused() -> None:
    with pytest.raises(InputError, match="this recording"):
        fit_sizes(log_ou(1), model=fit_synapse(log_ou(2)), seed=1)
