"""Hopfield's network: exact at small N, sampled at large N, the same bits however cut."""

from __future__ import annotations

from dataclasses import replace
from math import tanh

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray

import szilard as sz
from szilard.estimate import Sampled, exponential_average
from szilard.networks.associative import Hopfield, hopfield
from szilard.networks.couplings import random_patterns
from szilard.networks.mean_field import recall_course, retrieval_overlap
from szilard.networks.recall import Recall, recalled
from tests.statistics import assert_agrees, z_of_mean

Array = NDArray[np.float64]
XI = random_patterns(3, 6, seed=4)
RECIPROCAL = hopfield(XI, temperature=0.7, attempt=1.3)
CALLING = hopfield(XI, temperature=0.7, attempt=1.3, sequence=0.6)
THINNED = hopfield(XI, temperature=0.7, attempt=1.3, connectivity=0.6, noise=0.4, reciprocal=False, seed=8)
NETWORKS = [RECIPROCAL, CALLING, THINNED]
TIMES = [0.3, 1.0, 2.0]
WRONG = 0.2


def start_of(network: Hopfield, wrong: float = WRONG) -> Array:
    """p(x) of the first pattern as a cue whose units are wrong with this probability."""
    right = (network.configurations == network.patterns[0]).sum(axis=1)
    return np.asarray((1.0 - wrong) ** right * wrong ** (network.n_units - right))


def sampled(network: Hopfield, replicas: int = 40000) -> Recall:
    return network.recall(2.0, replicas=replicas, seed=3, wrong=WRONG, times=TIMES)


def numbers(states: NDArray[np.int8]) -> NDArray[np.int64]:
    return np.asarray(((states > 0) << np.arange(states.shape[1])).sum(axis=1))


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_samples_agree_with_the_exact_process(network: Hopfield) -> None:
    """Overlaps at every time, the distribution at the end, and mean heat and work."""
    run = sampled(network)
    p = sz.propagate(network.process, start_of(network), TIMES).probabilities
    exact = p @ network.overlaps(network.configurations)
    for i in range(len(TIMES)):
        for mu in range(network.n_patterns):
            assert abs(z_of_mean(run.overlaps[:, i + 1, mu], exact[i, mu])) < 4.0
    assert_agrees(run.retrieved, exact[-1, 0], relative=0.02)
    counts = np.bincount(numbers(run.states), minlength=2**network.n_units)
    z = (counts - counts.sum() * p[-1]) / np.sqrt(counts.sum() * p[-1] * (1.0 - p[-1]))
    assert np.abs(z[counts.sum() * p[-1] > 20.0]).max() < 4.5
    assert (counts.sum() * p[-1] > 20.0).sum() > 30
    books = sz.energetics(network.process, start_of(network), 2.0)
    assert_agrees(run.heat_total, books.heat[0])
    if network.reciprocal:
        assert not run.work.any()
    else:
        assert_agrees(run.ledger.mean_work(), books.work, relative=0.06)


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_integral_fluctuation_theorem_with_exact_densities(network: Hopfield) -> None:
    """<e^{-ds - Q/T}> = 1, ds = ln p(x_0) - ln p(x_t, t), of warm units, which see enough rare paths."""
    warm, wrong, replicas = replace(network, temperature=3.0), 0.4, 60000
    run = warm.recall(0.5, replicas=replicas, seed=5, wrong=wrong)
    start = warm.recall(1e-12, replicas=replicas, seed=5, wrong=wrong).states
    p0 = start_of(warm, wrong)
    p1 = sz.propagate(warm.process, p0, [0.5]).probabilities[-1]
    produced = np.log(p0[numbers(start)] / p1[numbers(run.states)]) + run.ledger.heat[:, 0] / warm.temperature
    assert_agrees(exponential_average(produced), 1.0)
    mean = Sampled.mean(produced).estimate()
    assert_agrees(mean, sz.energetics(warm.process, p0, 0.5).entropy_production, relative=0.03)


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_first_law_and_energies(network: Hopfield) -> None:
    run = sampled(network, 500)
    assert run.ledger.first_law_residual < 1e-13
    assert np.abs(run.ledger.heat).max() > 1.0
    end = network.energy(run.states)
    np.testing.assert_allclose(run.energy[:, -1], end, rtol=0, atol=1e-13)
    np.testing.assert_allclose(run.energy - run.energy[:, :1], run.work - run.heat, rtol=0, atol=1e-12)
    np.testing.assert_allclose(run.overlaps[:, -1], network.overlaps(run.states), rtol=0, atol=1e-14)


def test_energy_is_that_of_the_overlaps() -> None:
    """E = -(N/2) sum_mu m_mu^2 + P/2."""
    s = RECIPROCAL.configurations
    exact = -0.5 * 6 * (RECIPROCAL.overlaps(s) ** 2).sum(axis=1) + 0.5 * 3
    np.testing.assert_allclose(RECIPROCAL.energy(s), exact, rtol=0, atol=1e-14)


def test_symmetric_couplings_rest_in_equilibrium() -> None:
    """The null case: no entropy production, and e^{-E/T}/Z; samples of the upkeep of driven ones do not vanish."""
    assert sz.detailed_balance(RECIPROCAL.process)
    assert abs(sz.entropy_production_rate(RECIPROCAL.process)) < 1e-15
    p = np.exp(-RECIPROCAL.energy(RECIPROCAL.configurations) / 0.7)
    np.testing.assert_allclose(sz.stationary(RECIPROCAL.process), p / p.sum(), rtol=1e-12)
    run = RECIPROCAL.recall(40.0, replicas=20000, seed=9)
    assert abs(z_of_mean(run.energy[:, -1], float(p @ RECIPROCAL.energy(RECIPROCAL.configurations) / p.sum()))) < 4.0


@pytest.mark.parametrize("network", [CALLING, THINNED], ids=repr)
def test_upkeep_of_driven_couplings(network: Hopfield) -> None:
    """Heat per time in the steady state is T times the exact entropy production rate."""
    assert not network.reciprocal
    rate = sz.entropy_production_rate(network.process)
    assert rate > 1e-3
    run = network.recall(120.0, replicas=4000, seed=2, times=[20.0])
    found = Sampled.mean((run.work[:, 2] - run.work[:, 1]) / 100.0 / network.temperature).estimate()
    assert_agrees(found, rate, relative=0.05)


def test_two_units_that_chase_each_other() -> None:
    """J_12 = a = -J_21: four states in a ring, q = 2a in every step; sigma = attempt (2a/T) tanh(a/T)."""
    a, T, attempt = 0.8, 0.6, 1.7
    pair = Hopfield(np.array([[1.0, 1.0]]), np.array([[0.0, a], [-a, 0.0]]), T, attempt)
    np.testing.assert_allclose(pair.energy(pair.configurations), 0.0, atol=1e-16)
    exact = attempt * (2.0 * a / T) * tanh(a / T)
    assert sz.entropy_production_rate(pair.process) == pytest.approx(exact, rel=1e-12)
    run = pair.recall(50.0, replicas=4000, seed=1)
    assert_agrees(Sampled.mean(run.ledger.heat[:, 0] / T / 50.0).estimate(), exact)


def test_one_unit_flips_at_the_attempted_rate() -> None:
    """Free units: <s(t)> = s(0) e^{-attempt t}, P(no error yet) as for a Poisson process of half the rate."""
    free = Hopfield(np.ones((1, 2)), np.zeros((2, 2)), 1.0, 1.7)
    run = free.recall(0.5, replicas=40000, seed=4)
    assert_agrees(run.retrieved, float(np.exp(-1.7 * 0.5)))
    assert not run.heat.any()


def test_many_units_follow_the_mean_field_course() -> None:
    """One pattern, N = 1500: m(t) of dm/dt = attempt (tanh(m/T) - m), and heat N (m^2 - m_0^2)/2, to O(1/N).

    Fluctuations shift <m> by <tanh''> Var(m)/2 / (1 - slope) and J_ii = 0 shifts every field by 1/N: below 5/N.
    """
    n, T, times = 1500, 0.6, [0.5, 1.0, 2.0, 4.0]
    network = hopfield(random_patterns(1, n, seed=6), temperature=T, attempt=1.4)
    run = network.recall(4.0, replicas=100, seed=1, wrong=0.35, times=times)
    exact = recall_course(0.3, [0.0, *times], T, attempt=1.4)
    for i in range(5):
        m, heat = (Sampled.mean(x[:, i]).estimate() for x in (run.with_cue, run.heat))
        assert abs(m.value - exact[i]) < 4.0 * m.stderr + 5.0 / n
        assert abs(heat.value / n - 0.5 * (exact[i] ** 2 - exact[0] ** 2)) < 4.0 * heat.stderr / n + 5.0 / n
    assert run.retrieved.value > 0.85
    assert 0.35 < run.with_cue[:, 1].mean() < 0.5


@pytest.mark.parametrize("network", [CALLING, hopfield(random_patterns(5, 60, seed=2), temperature=0.4)], ids=repr)
def test_same_bits_however_cut(network: Hopfield) -> None:
    how = {"replicas": 37, "seed": 3, "cue": "each", "wrong": 0.3, "initial": None, "times": TIMES, "cell": ""}
    one = recalled(network, 3.0, **how, threads=1, block=64)  # type: ignore[arg-type]
    for block, threads in ((1, 1), (5, 2), (16, 2)):
        other = recalled(network, 3.0, **how, threads=threads, block=block)  # type: ignore[arg-type]
        for name in ("states", "overlaps", "energy", "heat", "work"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    looked = recalled(network, 3.0, **(how | {"times": np.linspace(0.0, 3.0, 51)}), threads=1)  # type: ignore[arg-type]
    np.testing.assert_array_equal(looked.states, one.states)
    fewer = recalled(network, 3.0, **(how | {"times": None, "replicas": 20}), threads=1)  # type: ignore[arg-type]
    np.testing.assert_array_equal(fewer.states, one.states[:20])
    np.testing.assert_array_equal(fewer.heat[:, -1], one.heat[:20, -1])


def test_initial_states_and_cues() -> None:
    given = np.sign(np.random.default_rng(1).normal(size=(5, 6)))
    run = CALLING.recall(1e-9, replicas=5, seed=1, initial=given)
    np.testing.assert_array_equal(run.states, given)
    np.testing.assert_array_equal(CALLING.recall(1e-9, replicas=2, seed=1, initial=given[0]).states, given[[0, 0]])
    each = CALLING.recall(1e-9, replicas=5, seed=1, cue="each")
    np.testing.assert_array_equal(each.states, XI[[0, 1, 2, 0, 1]])
    np.testing.assert_array_equal(each.with_cue, 1.0)
    assert each.error.value == 0.0
    every = RECIPROCAL.recall(1e-9, replicas=2, seed=1, wrong=1.0)
    np.testing.assert_array_equal(every.states, -XI[[0, 0]])


def test_couplings_are_hebbs() -> None:
    xi = random_patterns(3, 5, seed=1)
    exact = np.einsum("mi,mj->ij", xi, xi) / 5.0 - np.eye(5) * 3.0 / 5.0
    np.testing.assert_allclose(hopfield(xi).couplings, exact, rtol=0, atol=1e-15)
    onward = np.einsum("mi,mj->ij", xi[[1, 2, 0]], xi) / 5.0
    np.fill_diagonal(onward, 0.0)
    calling = hopfield(xi, sequence=0.4).couplings
    np.testing.assert_allclose(calling, exact + 0.4 * onward, rtol=0, atol=1e-15)


def test_dilution_and_noise_keep_the_mean() -> None:
    """<J_ij> = Hebb's, the share kept is c, N Var(noise) = noise^2; mirrored or drawn apart."""
    xi, n = random_patterns(2, 300, seed=1), 300
    full, off = hopfield(xi).couplings, ~np.eye(300, dtype=bool)
    for reciprocal in (True, False):
        thin = hopfield(xi, connectivity=0.3, reciprocal=reciprocal, seed=2).couplings
        both = (full != 0.0) & off
        kept = (thin != 0.0)[np.triu(both, 1)]
        assert abs(kept.mean() - 0.3) < 4.0 * np.sqrt(0.21 / kept.size)
        np.testing.assert_allclose(thin[thin != 0.0], full[thin != 0.0] / 0.3, rtol=1e-14)
        noisy = hopfield(xi, noise=0.5, reciprocal=reciprocal, seed=2).couplings - full
        upper = np.sqrt(n) * noisy[np.triu(off, 1)]
        assert abs(upper.var() - 0.25) < 4.0 * 0.25 * np.sqrt(2.0 / upper.size)
        for J in (thin, noisy):
            assert np.array_equal(J, J.T) == reciprocal
            assert not np.diagonal(J).any()
    lower = np.sqrt(n) * noisy.T[np.triu(off, 1)]
    assert abs((upper * lower).mean()) < 4.0 * 0.25 / np.sqrt(upper.size)


def test_shows_itself() -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    run = sampled(CALLING, 200)
    ax = run.plot()
    np.testing.assert_allclose(np.asarray(ax.lines[0].get_ydata()), run.with_cue.mean(axis=0))
    assert "not reciprocal" in repr(run) and "first law" in run._repr_html_()
    assert run.predicted is None and "mean field" not in repr(run)
    plain = hopfield(random_patterns(1, 50, seed=1), temperature=0.5).recall(1.0, replicas=4, seed=1)
    assert plain.predicted == retrieval_overlap(0.02, 0.5)
    assert f"mean field {plain.predicted:.4f}" in repr(plain)
    full = hopfield(random_patterns(20, 50, seed=1), temperature=0.5).recall(1.0, replicas=4, seed=1)
    assert "mean field without a retrieval state" in repr(full)
    import matplotlib.pyplot as plt

    plt.close("all")


def test_plot_marks_where_it_was_looked_at() -> None:
    """The start and the end alone are two points without a line; looks in between are marked on one."""
    for times, style in ((None, "None"), ([0.5, 1.0], "-")):
        run = CALLING.recall(2.0, replicas=20, seed=3, wrong=WRONG, times=times)
        ax = Figure().subplots()
        ax.plot([0.0, 2.0], [0.0, 0.0])
        run.plot(ax)
        assert ax.lines[0].get_marker() == "None" and ax.lines[0].get_linestyle() == "-"
        assert [line.get_marker() for line in ax.lines[1:]] == ["o", "s"]
        for line in ax.lines[1:]:
            assert line.get_linestyle() == style
            np.testing.assert_array_equal(line.get_xdata(), run.times)


def test_advice_fits_the_mistake() -> None:
    with pytest.raises(sz.InputError, match=r"^patterns: got \(6,\); .*Fix: patterns\[None, :\] for a single one\.$"):
        hopfield(XI[0])
    with pytest.raises(sz.InputError, match=r"^states: got \(6,\); .*Fix: states\[None, :\] for a single one\.$"):
        CALLING.energy(XI[0])
    with pytest.raises(sz.InputError, match="one row for each, one column per unit"):
        hopfield(np.ones((2, 2, 2)))
    with pytest.raises(sz.InputError, match="np.where"):
        hopfield(0.5 * XI)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("patterns", lambda: hopfield([[1, 0]])),
        ("patterns", lambda: hopfield([1, -1])),
        ("patterns", lambda: hopfield([[np.nan, 1.0]])),
        ("temperature", lambda: hopfield(XI, temperature=0.0)),
        ("attempt", lambda: hopfield(XI, attempt=-1.0)),
        ("connectivity", lambda: hopfield(XI, connectivity=0.0)),
        ("connectivity", lambda: hopfield(XI, connectivity=1.5)),
        ("noise", lambda: hopfield(XI, noise=-0.1)),
        ("sequence", lambda: hopfield(XI, sequence=np.inf)),
        ("seed", lambda: hopfield(XI, noise=0.1)),
        ("reciprocal", lambda: hopfield(XI, reciprocal=1)),  # type: ignore[arg-type]
        ("couplings", lambda: Hopfield(XI, np.zeros((2, 2)))),
        ("couplings", lambda: Hopfield(XI, np.eye(6))),
        ("couplings", lambda: Hopfield(XI, np.full((6, 6), np.nan))),
        ("n_units", lambda: hopfield(random_patterns(1, 20, seed=1)).process),
        ("states", lambda: CALLING.energy([[1, 1]])),
        ("cue", lambda: CALLING.recall(1.0, replicas=2, seed=1, cue=3)),
        ("wrong", lambda: CALLING.recall(1.0, replicas=2, seed=1, wrong=1.1)),
        ("duration", lambda: CALLING.recall(0.0, replicas=2, seed=1)),
        ("replicas", lambda: CALLING.recall(1.0, replicas=0, seed=1)),
        ("replicas", lambda: CALLING.recall(1.0, replicas=10**8, seed=1)),
        ("times", lambda: CALLING.recall(1.0, replicas=2, seed=1, times=[2.0])),
        ("initial", lambda: CALLING.recall(1.0, replicas=2, seed=1, initial=[[1, 1]])),
        ("n_units", lambda: random_patterns(2, 0, seed=1)),
        ("n_patterns", lambda: random_patterns(10**8, 10**8, seed=1)),
        ("n_patterns", lambda: random_patterns(10**400, 1, seed=1)),
        ("n_units", lambda: random_patterns(2, 10**13, seed=1)),
        ("patterns", lambda: hopfield(np.ones((1, 10**6)))),
    ],
)
def test_bad_input(field: str, wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(sz.InputError) as raised:
        wrong()
    assert raised.value.field == field
