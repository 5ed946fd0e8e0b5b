"""Work along a path against matrices and tables, both fluctuation theorems, and ln Z of machines that are counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

import szilard as sz
from szilard.laws.unseen import SEEN
from szilard.networks.annealing import AnnealedRun, HiddenUnits, anneal
from szilard.networks.annealing_curve import annealing_budget
from szilard.networks.annealing_exact import exact_annealing
from szilard.networks.annealing_importance import annealed_importance, independent_units
from szilard.networks.annealing_path import ParameterPath, straight_path
from szilard.networks.boltzmann_relaxation import gibbs_sweeps
from szilard.networks.boltzmann_tables import Conditionals, energy_table, start_table, sweep_matrix
from szilard.networks.contrastive_training import train_rbm
from szilard.networks.machine import layer_states, rbm
from tests.networks.rbm_cases import T, energies, half_sweep, loose, lopsided
from tests.statistics import assert_agrees, z_of_mean

Array = NDArray[np.float64]
N = 40_000
PATH = straight_path(loose(), lopsided(), [0.0, 0.3, 0.5, 0.5, 0.8, 1.0])
DF = -T * (lopsided().log_partition() - loose().log_partition())


def means_by_matrices(path: ParameterPath, sweeps: int, backwards: bool) -> tuple[float, float, float, float]:
    """<W>, <Q> of both layers and <e^{-W/T}> from dense matrices over all states."""
    along = [path.machine(step) for step in range(path.steps + 1)]
    along = along[::-1] if backwards else along
    e = energies(along[0])
    p = np.exp(-e / T)
    p /= p.sum()
    tilted, work, heat = p.copy(), 0.0, {"visible": 0.0, "hidden": 0.0}
    for before, after in zip(along, along[1:], strict=False):
        changes = [("work", after)]
        sweep = [(layer, before if backwards else after) for layer in ("visible", "hidden")]
        order = [*sweep[::-1] * sweeps, *changes] if backwards else [*changes, *sweep * sweeps]
        for kind, machine in order:
            if kind == "work":
                new = energies(machine)
                work += float(p @ (new - e))
                tilted, e = tilted * np.exp(-(new - e) / T), new
            else:
                matrix = half_sweep(machine, kind)
                heat[kind] += float((p - matrix @ p) @ e)
                p, tilted = matrix @ p, matrix @ tilted
    return work, heat["visible"], heat["hidden"], float(tilted.sum())


@pytest.fixture(scope="module")
def runs() -> dict[tuple[str, bool], AnnealedRun]:
    kinds: tuple[HiddenUnits, HiddenUnits] = ("sampled", "summed")
    return {
        (kind, back): anneal(PATH, replicas=N, seed=3, sweeps=2, hidden_units=kind, backwards=back)
        for kind in kinds
        for back in (False, True)
    }


@pytest.mark.parametrize("backwards", [False, True])
def test_tables_agree_with_matrices(backwards: bool) -> None:
    found = exact_annealing(PATH, sweeps=2, backwards=backwards)
    work, visible, hidden, average = means_by_matrices(PATH, 2, backwards)
    assert found.work == pytest.approx(work, rel=1e-12)
    assert found.heat_visible == pytest.approx(visible, rel=1e-12)
    assert found.heat_hidden == pytest.approx(hidden, rel=1e-12)
    sign = -1.0 if backwards else 1.0
    assert average == pytest.approx(np.exp(-sign * DF / T), rel=1e-12)
    assert found.free_energy_change == pytest.approx(sign * DF, rel=1e-12)
    assert found.exponential == pytest.approx(1.0, rel=1e-12)
    assert found.dissipated > 0.0


@pytest.mark.parametrize("backwards", [False, True])
def test_sampled_books_have_the_exact_means(runs: dict[tuple[str, bool], AnnealedRun], backwards: bool) -> None:
    run, exact = runs["sampled", backwards], exact_annealing(PATH, sweeps=2, backwards=backwards)
    assert abs(z_of_mean(run.work, exact.work)) < 4.0
    assert abs(z_of_mean(run.ledger.heat[:, 0], exact.heat_visible)) < 4.0
    assert abs(z_of_mean(run.ledger.heat[:, 1], exact.heat_hidden)) < 4.0
    assert run.work.std() / np.sqrt(N) < 0.02
    assert run.ledger.first_law_residual < 1e-13


@pytest.mark.parametrize("backwards", [False, True])
def test_summed_books_have_the_exact_means(runs: dict[tuple[str, bool], AnnealedRun], backwards: bool) -> None:
    """The chain of visible states alone, by its own matrices."""
    along = [PATH.machine(step) for step in range(PATH.steps + 1)]
    along = along[::-1] if backwards else along
    v = layer_states(4)
    f = along[0].free_energy(v)
    p = np.exp(along[0].log_likelihood(v))
    work = heat = 0.0
    for before, after in zip(along, along[1:], strict=False):
        new = after.free_energy(v)
        if not backwards:
            work += float(p @ (new - f))
        at = before if backwards else after
        q = sweep_matrix(at) @ sweep_matrix(at) @ p
        heat += float((p - q) @ (f if backwards else new))
        p = q
        if backwards:
            work += float(p @ (new - f))
        f = new
    run = runs["summed", backwards]
    assert abs(z_of_mean(run.work, work)) < 4.0
    assert abs(z_of_mean(run.ledger.heat[:, 0], heat)) < 4.0
    assert run.ledger.heat.shape == (N, 1)
    assert run.ledger.first_law_residual < 1e-13


@pytest.mark.parametrize("kind", ["sampled", "summed"])
def test_both_fluctuation_theorems(runs: dict[tuple[str, bool], AnnealedRun], kind: str) -> None:
    forward, back = runs[kind, False].work, runs[kind, True].work
    for work, df in ((forward, DF), (back, -DF)):
        check = sz.laws.jarzynski(work, temperature=T, free_energy_change=df)
        assert check.verdict == "holds"
        assert check.slack_stderr < 0.02
        assert abs(check.margin) < 4.0
    # Crooks, set by set: <e^{-(W - dF)/T}; W in B> = P(-W_back in B).
    edges = np.quantile(forward, np.linspace(0.0, 1.0, 9)[1:-1])
    places, mirror = np.digitize(forward, edges), np.digitize(-back, edges)
    for place in range(8):
        told = np.where(places == place, np.exp(-(forward - DF) / T), 0.0)
        seen = (mirror == place).astype(float)
        z = (told.mean() - seen.mean()) / np.hypot(told.std(), seen.std()) * np.sqrt(N)
        assert abs(z) < 4.0
    assert_agrees(sz.laws.crooks(forward, back, temperature=T), DF)


def test_mirrored_sweeps_draw_the_hidden_layer_first() -> None:
    """From rows with hidden units given the visible: drawing these anew gives no heat, the visible ones then do."""
    rows = [[0.0, 1.0, 0.3, 0.8], [1.0, 0.0, 0.0, 0.1]]
    rest = straight_path(lopsided(), lopsided(), 1)
    p, e, draw = start_table(lopsided(), rows), energy_table(lopsided()), Conditionals(lopsided())
    first = draw.draw_visible(p)
    second = draw.draw_hidden(first)
    visible, hidden = float(np.sum((p - first) * e)), float(np.sum((first - second) * e))
    back = anneal(rest, replicas=N, seed=4, backwards=True, start=rows).ledger.heat
    there = anneal(rest, replicas=N, seed=4, start=rows).ledger.heat
    assert abs(z_of_mean(back[:, 0], visible)) < 4.0
    assert abs(z_of_mean(back[:, 1], 0.0)) < 4.0
    assert abs(z_of_mean(there[:, 0], visible)) < 4.0
    assert abs(z_of_mean(there[:, 1], hidden)) < 4.0
    assert abs(hidden) > 10.0 * back[:, 1].std() / np.sqrt(N)


def test_slow_paths_dissipate_inversely_to_their_steps() -> None:
    """n (<W> - dF) -> int zeta d beta, zeta = [<dX^2>/2 + sum_{s >= 1} <dX_0 dX_s>] / T by a fundamental matrix."""
    x = energies(lopsided()) - energies(loose())
    betas, rule = np.polynomial.legendre.leggauss(12)
    friction = 0.0
    for beta, share in zip(0.5 * (betas + 1.0), 0.5 * rule, strict=True):
        at = straight_path(loose(), lopsided(), [0.0, beta, 1.0]).machine(1)
        pi = np.exp(-energies(at) / T)
        pi /= pi.sum()
        sweep = half_sweep(at, "hidden") @ half_sweep(at, "visible")
        d = (x - pi @ x) * pi
        later = np.linalg.solve(np.eye(pi.size) - sweep + np.outer(pi, np.ones(pi.size)), sweep @ d)
        friction += share * float(0.5 * (x - pi @ x) @ d + (x - pi @ x) @ later) / T
    scaled = [n * exact_annealing(straight_path(loose(), lopsided(), n)).dissipated for n in (50, 100, 200)]
    # Corrections are powers of 1/n: two steps of Richardson's scheme leave those of the third order, (C / n)^3 of the
    # value, with C = 3 of the largest correction seen: 3e-6.
    once = [2.0 * b - a for a, b in zip(scaled, scaled[1:], strict=False)]
    assert (4.0 * once[1] - once[0]) / 3.0 == pytest.approx(friction, rel=3e-5)


def test_log_partition_of_small_machines() -> None:
    for kind in ("sampled", "summed"):
        found = annealed_importance(
            lopsided(), start=loose(), steps=20, replicas=N, seed=8, hidden_units=kind, reverse=True
        )
        exact = lopsided().log_partition()
        assert_agrees(found.log_partition, exact)
        one_way = found.start.log_partition() - found.one_way.value / T
        assert abs(one_way - exact) < 4.0 * found.one_way.stderr / T
        assert found.second_law().verdict == "holds"
        assert {check.verdict for check in found.laws().checks} == {"holds"}
        assert SEEN not in found.laws().checks[1].assumptions, "the reverse replicas test it"
        weights = np.exp(-found.forward.work / T)
        assert found.effective_sample_size == pytest.approx(weights.sum() ** 2 / (weights**2).sum(), rel=1e-12)
        expected = exact_annealing(found.forward.path).dissipated
        if kind == "sampled":
            assert_agrees(found.dissipated, expected, relative=0.1)


def test_more_steps_make_a_smaller_error() -> None:
    """Narrow works: the error of ln Z is sqrt(2 <W_diss> / T n), and W_diss ~ 1/steps, so that it falls as 1/sqrt."""
    found = annealing_budget(lopsided(), start=loose(), steps=[4, 16, 64], replicas=N, seed=3)
    for few, many in zip(found.runs, found.runs[1:], strict=False):
        ratio = few.log_partition.stderr / many.log_partition.stderr
        exact = [exact_annealing(run.forward.path).dissipated for run in (few, many)]
        # Gaussian works have sd = sqrt(2 T W_diss); the weights' own spread adds (sd/T)^2 / 2 of the error, < 1/2.
        assert np.sqrt(exact[0] / exact[1]) * 0.95 < ratio < 1.5 * np.sqrt(exact[0] / exact[1])
    for run, dissipated in zip(found.runs, found.dissipated, strict=True):
        assert_agrees(dissipated, exact_annealing(run.forward.path).dissipated, relative=0.1)
    assert found.per_sweep[0].value == pytest.approx(found.dissipated[0].value / 4, rel=1e-14)
    assert found.times_steps[2].value == pytest.approx(found.dissipated[2].value * 64, rel=1e-14)


def test_works_too_wide_decide_nothing() -> None:
    steep = rbm(60.0 * lopsided().weights, lopsided().visible_bias, lopsided().hidden_bias, temperature=T)
    found = annealed_importance(steep, steps=1, replicas=2000, seed=1)
    assert not found.log_partition.trusted
    checks = found.laws().checks
    assert not checks[1].smaller.trusted
    assert checks[1].verdict == "inconclusive" and SEEN in checks[1].assumptions
    assert found.effective_sample_size < 100.0


def test_large_machines_use_other_replicas_for_the_second_law() -> None:
    w = np.random.Generator(np.random.Philox(1)).normal(0.0, 0.25, (25, 22))
    large = rbm(w, np.linspace(-1.0, 1.0, 25), temperature=0.8)
    found = annealed_importance(large, steps=16, replicas=4000, seed=2)
    assert found.exact is None
    check = found.second_law()
    assert check.verdict == "holds"
    assert check.smaller.n == 2000
    rows = anneal(straight_path(large.without_weights(), large, 100), replicas=4000, seed=5, sweeps=5).visible
    both = annealed_importance(large, steps=40, replicas=4000, seed=3, reverse=True, reverse_start=rows)
    assert abs(both.log_partition.value - found.log_partition.value) < 4.0 * np.hypot(
        both.log_partition.stderr, found.log_partition.stderr
    )
    assert both.laws().checks[1].verdict == "holds" and SEEN not in both.laws().checks[1].assumptions


def test_uncounted_equilibria_ask_for_an_argument_that_is_there() -> None:
    """Each entry point names what it takes: anneal start=, annealed_importance reverse_start=, the budget neither."""
    large = rbm(np.full((25, 22), 0.1))
    with pytest.raises(sz.InputError, match=r"^reverse_start: .*leave reverse out"):
        annealed_importance(large, steps=4, replicas=10, seed=2, reverse=True)
    with pytest.raises(sz.InputError, match=r"^reverse: .*leave reverse out, or call annealed_importance"):
        annealing_budget(large, steps=[4], replicas=10, seed=2, reverse=True)
    with pytest.raises(sz.InputError, match=r"^path: .* give start= "):
        anneal(straight_path(large, large, 4), replicas=10, seed=2)
    with pytest.raises(sz.InputError, match=r"^start: .*give rows"):
        gibbs_sweeps(large, sweeps=1, replicas=10, seed=2)


def test_an_inconclusive_second_law_says_why() -> None:
    """Slow: <W> - dF is no two errors above 0. Steep and large: dF rests on few replicas. Else the verdict alone."""
    slow = annealed_importance(lopsided(), start=loose(), steps=1000, replicas=400, seed=1)
    check = slow.second_law()
    assert check.verdict == "inconclusive" and check.margin < 2.0
    assert f"{check.slack:.4f} +- {check.slack_stderr:.4f} is not two errors above 0" in repr(slow)
    steep = annealed_importance(rbm(np.full((25, 22), 2.0), np.linspace(-5.0, 0.0, 25)), steps=1, replicas=200, seed=1)
    assert f"inconclusive: dF/T = {steep.second_law().smaller!r}" in repr(steep)
    assert "untrusted" in repr(steep.second_law().smaller)
    hurried = annealed_importance(lopsided(), start=loose(), steps=2, replicas=2000, seed=1)
    assert repr(hurried).endswith("second law holds")


def test_machine_trained_on_digits() -> None:
    images, _ = sz.data.digit_images()
    data = (images > 7.5).astype(float)
    training = train_rbm(data, hidden=16, learning_rate=0.2, updates=1000, seed=1, chains=50, persistent=True)
    machine = training.machine
    base = independent_units(data, 16)
    found = annealed_importance(machine, start=base, steps=300, replicas=1000, seed=2, reverse=True)
    exact = machine.log_partition()
    assert_agrees(found.log_partition, exact)
    assert abs(found.one_way.value - (base.log_partition() - exact)) < 4.0 * found.one_way.stderr
    # The weights matter: ln pi of the digits is far above that of independent units.
    assert found.log_likelihood(data).value > float(np.mean(base.log_likelihood(data))) + 3.0
    known = float(np.mean(machine.log_likelihood(data, exact)))
    assert abs(found.log_likelihood(data).value - known) < 4.0 * found.log_partition.stderr


def test_bits_depend_on_neither_lanes_nor_threads() -> None:
    for kind, backwards in (("sampled", False), ("summed", True)):
        common: dict[str, Any] = {"replicas": 100, "seed": 2, "hidden_units": kind, "backwards": backwards}
        first = anneal(PATH, **common)
        for lanes, threads in ((7, 1), (64, 2), (1, 2)):
            again = anneal(PATH, lanes=lanes, threads=threads, **common)
            assert np.array_equal(first.visible, again.visible)
            assert np.array_equal(first.work, again.work)
            assert np.array_equal(first.ledger.heat, again.ledger.heat)


def test_a_path_through_its_nodes() -> None:
    path = straight_path(loose(), lopsided(), 4)
    assert path.machine(3).weights == pytest.approx(0.75 * lopsided().weights, rel=1e-15)
    assert path.machine(-1).hidden_bias == pytest.approx(lopsided().hidden_bias, rel=1e-15)
    assert path.reversed().machine(1).weights == pytest.approx(path.machine(3).weights, rel=1e-15)
    with pytest.raises(sz.InputError, match="step"):
        path.machine(5)


def test_progress_ends_at_one() -> None:
    seen: list[float] = []
    annealed_importance(lopsided(), steps=10, replicas=200, seed=1, reverse=True, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("steps", {"steps": 0}),
        ("steps", {"steps": [0.0, 0.5]}),
        ("steps", {"steps": [0.0, 0.7, 0.5, 1.0]}),
        ("steps[1]", {"steps": [0.0, np.nan, 1.0]}),
        ("start", {"start": lopsided(0.5)}),
        ("start", {"start": rbm(np.zeros((4, 3)))}),
        ("hidden_units", {"hidden_units": "none"}),
        ("replicas", {"replicas": 0}),
        ("sweeps", {"sweeps": 1.5}),
        ("machine", {"machine": "rbm"}),
        ("reverse_start", {"reverse": True, "reverse_start": [[1.0, 0.0]]}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_bad_requests_are_refused(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(sz.InputError) as error:
        request: dict[str, Any] = {"machine": lopsided(), "steps": 2, "replicas": 2, "seed": 1}
        annealed_importance(**(request | changes))
    assert error.value.field == field


def test_budget_refuses_steps_that_do_not_increase() -> None:
    wrong: list[Any] = [[], [3, 3], [5, 2], [0, 1], 7]
    for steps in wrong:
        with pytest.raises(sz.InputError, match="steps"):
            annealing_budget(lopsided(), steps=steps, replicas=10, seed=1)


def texts(ax: Axes) -> list[str]:
    """What the legend says."""
    legend = ax.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def test_they_show_themselves() -> None:
    ax = Figure().subplots()
    found = annealed_importance(lopsided(), steps=5, replicas=500, seed=1, reverse=True)
    assert found.plot(ax) is ax
    assert texts(ax) == ["forward", "reverse, turned round", r"$\Delta F$", "means"]
    solid = next(line for line in ax.lines if line.get_label() == r"$\Delta F$")
    assert np.all(np.asarray(solid.get_xdata()) == found.free_energy_change.value)
    assert f"counted: {lopsided().log_partition():.6g}" in found._repr_html_()
    budget = annealing_budget(lopsided(), steps=[1, 10], replicas=500, seed=1)
    ax = Figure().subplots()
    budget.plot(ax)
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert texts(ax)[0] == "1 / steps, through the last" and len(texts(ax)) == 3
    assert "10 steps" in budget._repr_html_()
    ax = Figure().subplots()
    found.forward.plot(ax)
    assert texts(ax) == ["work", "heat", "means"]
    assert "first law" in found.forward._repr_html_()
