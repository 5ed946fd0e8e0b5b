"""Contrastive divergence as entropy production, one update against its exact mean, and the work that training does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray

import szilard as sz
from szilard.networks.annealing import anneal
from szilard.networks.annealing_importance import independent_units
from szilard.networks.annealing_path import straight_path
from szilard.networks.boltzmann_relaxation import gibbs_sweeps
from szilard.networks.boltzmann_tables import (
    Conditionals,
    data_table,
    energy_table,
    equilibrium_table,
    start_table,
    sweep_matrix,
)
from szilard.networks.contrastive import contrastive_gap
from szilard.networks.contrastive_training import RbmTraining, train_rbm
from szilard.networks.machine import BoltzmannMachine, layer_states, rbm
from tests.networks.rbm_cases import T, energies, half_sweep, lopsided
from tests.statistics import z_of_mean

Array = NDArray[np.float64]
FEW: dict[str, Any] = {"hidden": 2, "learning_rate": 0.1, "updates": 2, "seed": 1}
GREY = np.array([[0.0, 1.0, 0.3, 0.8], [0.2, 0.5, 0.9, 1.0], [1.0, 0.0, 0.0, 0.1]])
BLACK = np.array([[0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 1.0], [1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]])


def _variance(p: Array, values: Array) -> float:
    return float(np.sum(p * values**2) - np.sum(p * values) ** 2)


@pytest.mark.parametrize("data", [GREY, BLACK, BLACK[:1]], ids=["grey", "black", "one"])
def test_gap_is_entropy_production(data: Any) -> None:
    """dS + Q/T of tables is D(p_0||pi) - D(p_k||pi) of the visible units by the sweep's own matrix."""
    found = contrastive_gap(lopsided(), data, sweeps=4)
    v, matrix = layer_states(4), sweep_matrix(lopsided())
    p = np.array([np.mean(np.prod(np.where(row == 1.0, data, 1.0 - data), axis=1)) for row in v])
    log_pi = lopsided().log_likelihood(v)
    divergences = []
    for _ in range(5):
        some = p > 0.0
        divergences.append(float(p[some] @ (np.log(p[some]) - log_pi[some])))
        p = matrix @ p
    assert found.gap == pytest.approx(divergences[0] - np.array(divergences), abs=1e-13)
    assert found.entropy_production == pytest.approx(found.gap, abs=1e-13)
    assert np.all(np.diff(found.gap) > 0.0)
    assert found.gap[-1] < found.divergence[0]


def test_every_half_sweep_produces_the_fall_of_divergence() -> None:
    """Summed over pairs of states: sum M p ln[M(x'|x) p(x) / (M(x|x') p'(x'))], half a sweep after the other."""
    p, pi = start_table(lopsided(), GREY).ravel(), equilibrium_table(lopsided()).ravel()
    start, produced = p, 0.0
    for layer in ("visible", "hidden") * 2:
        matrix = half_sweep(lopsided(), layer)
        after = matrix @ p
        flow, back = matrix * p, (matrix * after).T
        some = flow > 0.0
        produced += float(np.sum(flow[some] * np.log(flow[some] / back[some])))
        p = after
    gap = contrastive_gap(lopsided(), GREY, sweeps=2).gap[-1]
    assert produced == pytest.approx(gap, rel=1e-12)
    some = start > 0.0
    fall = float(start[some] @ np.log(start[some] / pi[some])) - float(p @ np.log(p / pi))
    assert produced == pytest.approx(fall, rel=1e-12)


def test_sampled_heat_gives_the_gap() -> None:
    found = contrastive_gap(lopsided(), GREY, sweeps=2, replicas=100_000, seed=3)
    check = found.check()
    assert check.verdict == "holds"
    assert check.slack_stderr < 0.05 * found.gap[-1]
    assert found.measured_heat is not None
    assert abs(found.measured_heat.value - found.heat[-1]) < 4.0 * found.measured_heat.stderr
    # The heat alone is not the gap: the units' entropy counts.
    assert abs(found.heat[-1] / T - found.gap[-1]) > 10.0 * check.slack_stderr


def test_equilibrium_produces_nothing() -> None:
    machine = lopsided().without_weights()
    on = 1.0 / (1.0 + np.exp(-machine.visible_bias / T))
    found = contrastive_gap(machine, [on], sweeps=2)
    assert found.divergence == pytest.approx(np.zeros(3), abs=1e-14)
    assert found.heat == pytest.approx(np.zeros(3), abs=1e-14)


@pytest.mark.parametrize("sweeps", [1, 2])
def test_the_rule_leaves_out_how_the_swept_density_moves(sweeps: int) -> None:
    """-d gap/dtheta = rule + sum_v (dp_k/dtheta) ln(p_k/pi), and the rule alone has a curl."""
    rng, v, p0 = np.random.default_rng(5), layer_states(4), data_table(GREY)

    def build(theta: Array) -> BoltzmannMachine:
        return rbm(theta[:12].reshape(4, 3), theta[12:16], theta[16:], temperature=T)

    def swept(theta: Array) -> Array:
        return np.asarray(np.linalg.matrix_power(sweep_matrix(build(theta)), sweeps) @ p0)

    def rule(theta: Array) -> Array:
        m = build(theta)
        means = 1.0 / (1.0 + np.exp(-(v @ m.weights + m.hidden_bias) / T))
        each = np.concatenate([(v[:, :, None] * means[:, None, :]).reshape(16, 12), v, means], axis=1)
        return np.asarray((p0 - swept(theta)) @ each / T)

    def slopes(f: Callable[[Array], Any], theta: Array) -> Array:
        moves = 1e-4 * np.eye(theta.size)
        return np.array([(f(theta + d) - f(theta - d)) / 2e-4 for d in moves])

    for _ in range(3):
        theta = 2.0 * rng.normal(size=19)
        pi = equilibrium_table(build(theta)).sum(axis=1)
        left_out = slopes(swept, theta) @ np.log(swept(theta) / pi)
        descent = -slopes(lambda x: contrastive_gap(build(x), GREY, sweeps=sweeps).gap[-1], theta)
        # Central differences over 1e-4 err by 1e-8 / 6 of a third derivative, which is of order 1.
        assert rule(theta) + left_out == pytest.approx(descent, abs=1e-7)
        assert np.max(np.abs(left_out)) > 1e-3
        curl = slopes(rule, theta)
        assert np.max(np.abs(curl - curl.T)) > 1e-3


def test_the_least_work_of_a_reset_is_that_of_a_slow_protocol() -> None:
    """From p_k to p_0: a quench to -T ln p_k, small steps to -T ln p_0, each let relax, and a quench back."""
    light = 0.1 + 0.8 * GREY
    found = contrastive_gap(lopsided(), light, sweeps=1)
    draw, energy = Conditionals(lopsided()), energies(lopsided())
    data = start_table(lopsided(), light)
    swept = draw.draw_hidden(draw.draw_visible(data)).ravel()
    data = data.ravel()
    extra = []
    for steps in (200, 400):
        p, now, work, heat = swept, energy, 0.0, 0.0
        for u in np.linspace(0.0, 1.0, steps + 1):
            then = -T * ((1.0 - u) * np.log(swept) + u * np.log(data))
            work += float(p @ (then - now))
            after = np.exp(-then / T) / np.exp(-then / T).sum()
            heat += float((p - after) @ then)
            p, now = after, then
        work += float(p @ (energy - now))
        assert p == pytest.approx(data, rel=1e-12)
        assert work - heat == pytest.approx(float((data - swept) @ energy), rel=1e-10)
        extra.append((work - found.reset_work[-1], heat - T * (found.entropy[-1] - found.entropy[0])))
    assert found.reset_work[-1] > 0.1
    assert 0.0 < extra[1][0] < 0.01 * found.reset_work[-1]
    # What is dissipated falls as 1/steps, with corrections of order 1/steps^2.
    assert extra[0][0] / extra[1][0] == pytest.approx(2.0, abs=0.02)
    assert extra[1][1] == pytest.approx(extra[1][0], rel=1e-9)


def test_resets_are_booked() -> None:
    """The second update: parameters move at the swept units, then these are put on the data, at the new parameters."""
    n = 40_000
    common: dict[str, Any] = {"hidden": 3, "learning_rate": 3.0, "seed": 4, "chains": n, "machine": lopsided()}
    first = train_rbm(GREY, updates=1, temperature=T, sweeps=2, **common)
    training = train_rbm(GREY, updates=2, temperature=T, sweeps=2, **common)
    draw = Conditionals(lopsided())
    swept = start = start_table(lopsided(), GREY)
    for _ in range(2):
        swept = draw.draw_hidden(draw.draw_visible(swept))
    old, new = energy_table(lopsided()), energy_table(first.machine)
    after = start_table(first.machine, GREY)
    moved, put = float(np.sum(swept * (new - old))), float(np.sum((after - swept) * new))
    # Standard errors of means over n chains; the two states of a reset are independent.
    error = np.sqrt(_variance(swept, new - old) / n), np.sqrt((_variance(swept, new) + _variance(after, new)) / n)
    assert abs(training.work[1] - moved) < 4.0 * error[0]
    assert abs(training.reset[1] - put) < 4.0 * error[1]
    assert min(abs(moved) / error[0], abs(put) / error[1]) > 15.0
    # At the old parameters, or with work and reset in the other order, the numbers would be others.
    assert abs(float(np.sum((start - swept) * old)) - put) > 10.0 * error[1]
    assert training.work[0] == training.reset[0] == 0.0


@pytest.mark.parametrize("persistent", [False, True])
def test_energy_changes_by_work_resets_and_heat(persistent: bool) -> None:
    training = train_rbm(
        GREY, hidden=3, learning_rate=0.4, updates=40, seed=6, chains=50, persistent=persistent, spread=0.5,
        temperature=T, sweeps=2,
    )  # fmt: skip
    assert training.energy.shape == (41,)
    # Means of energies of order 1, each with a rounding error of 1e-16 per term.
    expected = training.work + training.reset - training.heat
    assert np.diff(training.energy) == pytest.approx(expected, abs=1e-13)
    assert np.all(training.work[1:] != 0.0)
    assert bool(np.all(training.reset[1:] != 0.0)) != persistent
    assert ("resets to the data" in repr(training)) != persistent


@pytest.mark.parametrize("sweeps", [1, 3])
def test_one_update_has_the_exact_mean(sweeps: int) -> None:
    n, rate = 40_000, 0.6
    machine, draw = lopsided(), Conditionals(lopsided())
    training = train_rbm(
        GREY, hidden=3, learning_rate=rate, updates=1, seed=4, sweeps=sweeps, chains=n, machine=machine, temperature=T
    )
    p0 = p = data_table(GREY)
    for _ in range(sweeps):
        p = draw.visible @ (draw.hidden.T @ p)
    v = layer_states(4)
    means = 1.0 / (1.0 + np.exp(-(v @ machine.weights + machine.hidden_bias) / T))
    products = (v * (p0 - p)[:, None]).T @ means
    # Each of the two means is of values in [0, 1], whose variance is at most 1/4.
    error = rate / T * np.sqrt(2.0 * 0.25 / n)
    moved = training.machine
    for found, exact in (
        (moved.weights - machine.weights, products),
        (moved.visible_bias - machine.visible_bias, (p0 - p) @ v),
        (moved.hidden_bias - machine.hidden_bias, (p0 - p) @ means),
    ):
        assert np.all(np.abs(found - rate / T * exact) < 4.0 * error)
    assert np.max(np.abs(rate / T * products)) > 20.0 * error
    heat = contrastive_gap(machine, GREY, sweeps=sweeps).heat[-1]
    assert abs(training.heat[0] - heat) < 4.0 * 3.0 / np.sqrt(n)  # the spread of the heat of one chain is below 3
    assert training.ledger is None
    assert not training.work.any()


@pytest.mark.parametrize("persistent", [False, True])
def test_training_nears_the_data_and_not_beyond(persistent: bool) -> None:
    training = train_rbm(
        BLACK, hidden=4, learning_rate=0.3, updates=600, seed=2, chains=200, persistent=persistent, spread=0.3,
        temperature=1.3,
    )  # fmt: skip
    found = training.log_likelihood
    # ln pi per row is at most minus the entropy of the data, ln 4, and four independent units in doubt give -4 ln 2.
    assert found[0] < -3.5 * np.log(2.0)
    assert found[-1] > -0.6 * 4.0 * np.log(2.0)
    assert np.all(found < -np.log(4.0))
    assert training.looks[-1] == 600
    assert found[-1] == pytest.approx(float(np.mean(training.machine.log_likelihood(BLACK))), rel=1e-13)


@pytest.fixture(scope="module")
def trained() -> RbmTraining:
    return train_rbm(
        BLACK, hidden=3, learning_rate=0.4, updates=60, seed=6, chains=50, persistent=True, spread=0.5, temperature=T,
        sweeps=2,
    )  # fmt: skip


def test_training_keeps_its_books(trained: RbmTraining) -> None:
    assert trained.ledger is not None
    assert trained.path is not None
    assert trained.ledger.first_law_residual < 1e-13
    assert trained.work.sum() == pytest.approx(trained.ledger.work.mean(), rel=1e-12)
    assert trained.heat.sum() == pytest.approx(trained.ledger.heat.sum(axis=1).mean(), rel=1e-12)
    assert trained.path.steps == 60
    assert trained.path.machine(0).independent
    # The last update is made after the last sweep: no chain has lived there.
    assert not np.array_equal(trained.path.machine(-1).weights, trained.machine.weights)


def test_fresh_replicas_along_the_recorded_path_obey_jarzynski(trained: RbmTraining) -> None:
    path = trained.path
    assert path is not None
    df = -T * float(
        np.log(np.exp(-energies(path.machine(-1)) / T).sum() / np.exp(-energies(path.machine(0)) / T).sum())
    )
    run = anneal(path, replicas=40_000, seed=9, sweeps=2)
    check = sz.laws.jarzynski(run.work, temperature=T, free_energy_change=df)
    assert check.verdict == "holds"
    assert check.slack_stderr < 0.05
    assert sz.laws.second_law_of_work(run.work, temperature=T, free_energy_change=df).verdict == "holds"


def test_training_itself_is_feedback_and_breaks_jarzynski() -> None:
    """Two chains push the energies of their own states up: <e^{-(W - dF)/T}> < 1; replayed on fresh chains it is 1."""
    own, fresh = [], []
    for seed in range(200):
        training = train_rbm(
            BLACK, hidden=2, learning_rate=0.5, updates=10, seed=seed, chains=2, persistent=True, spread=0.5,
            temperature=T, looks=1,
        )  # fmt: skip
        assert training.ledger is not None
        assert training.path is not None
        ends = training.path.machine(-1).log_partition(), training.path.machine(0).log_partition()
        df = -T * (ends[0] - ends[1])
        own.append(np.mean(np.exp(-(training.ledger.work - df) / T)))
        again = anneal(training.path, replicas=20, seed=seed, threads=1)
        fresh.append(np.mean(np.exp(-(again.work - df) / T)))
    assert z_of_mean(own, 1.0) < -6.0, z_of_mean(own, 1.0)
    assert abs(z_of_mean(fresh, 1.0)) < 4.0
    assert np.std(fresh) / np.sqrt(len(fresh)) < 0.02


def test_same_seed_same_bits() -> None:
    common: dict[str, Any] = {"hidden": 3, "learning_rate": 0.1, "updates": 20, "chains": 30, "persistent": True}
    first, again, other = (train_rbm(GREY, seed=seed, **common) for seed in (1, 1, 2))
    assert np.array_equal(first.machine.weights, again.machine.weights)
    assert np.array_equal(first.heat, again.heat)
    assert not np.array_equal(first.machine.weights, other.machine.weights)


def test_training_goes_on_from_a_machine() -> None:
    seen: list[float] = []
    training = train_rbm(
        BLACK, hidden=3, learning_rate=0.1, updates=4, seed=1, machine=lopsided(), temperature=T, looks=2,
        progress=seen.append,
    )  # fmt: skip
    assert list(training.looks) == [0, 2, 4]
    assert seen == [0.5, 1.0]
    assert training.chains == 4
    expected = float(np.mean(lopsided().log_likelihood(BLACK)))
    assert training.log_likelihood[0] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("data", {"data": [[0.5, 2.0]]}),
        ("data", {"data": [[]]}),
        ("data[1]", {"data": [[0.5, np.nan]]}),
        ("hidden", {"hidden": 0}),
        ("updates", {"updates": 0}),
        ("looks", {"looks": 0}),
        ("learning_rate", {"learning_rate": 0.0}),
        ("spread", {"spread": -1.0}),
        ("chains", {"chains": 0}),
        ("seed", {"seed": -1}),
        ("sweeps", {"sweeps": 0}),
        ("temperature", {"temperature": 0.0}),
        ("temperature", {"machine": lopsided()}),
        ("machine", {"machine": lopsided(), "hidden": 2}),
        ("updates", {"persistent": True, "max_bytes": 100.0}),
        ("hidden", {"hidden": 10**13}),
        ("hidden", {"hidden": 10**400}),
        ("chains", {"chains": 1 << 32, "data": np.ones((1, 100))}),
        ("updates", {"updates": 10**13}),
        ("updates", {"updates": 10**400, "persistent": True}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_bad_requests_are_refused(field: str, changes: dict[str, Any]) -> None:
    request: dict[str, Any] = {"data": BLACK, "hidden": 3, "learning_rate": 0.1, "updates": 2, "seed": 1}
    with pytest.raises(sz.InputError) as error:
        train_rbm(**(request | changes))
    assert error.value.field == field


@pytest.mark.parametrize(
    "take", [lambda x: train_rbm(x, **FEW), lambda x: independent_units(x, 2)], ids=["rbm", "base"]
)
def test_data_of_another_shape_are_refused(take: Callable[[Array], object]) -> None:
    """One array of 20 numbers could be one row or 20; images could be rows of pixels or rows of rows."""
    with pytest.raises(sz.InputError, match=r"^data: got \(20,\); .*data\[None, :\]"):
        take(np.ones(20))
    with pytest.raises(sz.InputError, match=r"^data: got \(5, 2, 2\); .*data\.reshape\(len\(data\), -1\)"):
        take(np.ones((5, 2, 2)))
    take(np.ones(20)[None, :])


def test_more_looks_than_updates_take_no_room() -> None:
    assert list(train_rbm(BLACK, **FEW, looks=10**13).looks) == [0, 1, 2]


def test_what_memory_does_not_hold_is_refused_before_it_is_taken() -> None:
    machine, huge = lopsided(), 10**13
    for field, take in (
        ("hidden", lambda: independent_units(BLACK, huge)),
        ("betas", lambda: straight_path(machine.without_weights(), machine, huge)),
        ("steps", lambda: sz.networks.annealed_importance(machine, steps=huge, replicas=5, seed=1)),
        ("replicas", lambda: sz.networks.annealed_importance(machine, steps=2, replicas=1 << 32, seed=1)),
        ("replicas", lambda: gibbs_sweeps(machine, sweeps=2, replicas=1 << 32, seed=1)),
        ("sweeps", lambda: gibbs_sweeps(machine, sweeps=huge, replicas=2, seed=1)),
    ):
        with pytest.raises(sz.InputError, match="GiB are free") as error:
            take()
        assert error.value.field == field


def test_training_says_how_to_get_a_likelihood_that_it_did_not_count() -> None:
    """Up to 12 hidden units it is counted on the way, up to 20 it can be at the end, beyond it is estimated."""
    rows = (np.random.default_rng(1).random((6, 24)) < 0.5).astype(float)
    hints = {
        12: "nats per row",
        13: "trained.machine.log_likelihood(data).mean()",
        21: "annealed_importance(trained.machine, ...).log_likelihood(data)",
    }
    for hidden, hint in hints.items():
        shown = repr(train_rbm(rows, **(FEW | {"hidden": hidden})))
        assert [other in shown for other in hints.values()] == [other == hint for other in hints.values()]
    trained = train_rbm(rows, **(FEW | {"hidden": 21}))
    found = sz.networks.annealed_importance(trained.machine, steps=10, replicas=200, seed=1).log_likelihood(rows)
    assert -25.0 * np.log(2.0) < found.value < -np.log(6.0)
    end = train_rbm(rows, **(FEW | {"hidden": 13})).machine.log_likelihood(rows).mean()
    assert -25.0 * np.log(2.0) < end < -np.log(6.0)


@pytest.mark.parametrize("persistent", [False, True])
def test_what_was_not_counted_is_drawn_as_sums(persistent: bool) -> None:
    training = train_rbm(np.eye(20), **(FEW | {"hidden": 21, "updates": 30}), persistent=persistent)
    ax = training.plot(Figure().subplots())
    drawn = [np.asarray(line.get_ydata()) for line in ax.lines]
    expected = [training.heat, training.work] + [training.reset] * (not persistent)
    assert len(drawn) == len(expected)
    for line, values in zip(drawn, expected, strict=True):
        np.testing.assert_allclose(line, np.cumsum(values), rtol=1e-13)
    assert ("reset" in ax.get_ylabel()) != persistent


def test_bad_gaps_are_refused() -> None:
    narrow = {"data": [[0.0, 1.0]]}
    for field, arguments in (
        ("data", {"data": "equilibrium"}),
        ("data", narrow),
        ("seed", {"replicas": 3}),
        ("sweeps", {"sweeps": 0}),
    ):
        request: dict[str, Any] = {"data": GREY, "sweeps": 1}
        with pytest.raises(sz.InputError) as error:
            contrastive_gap(lopsided(), **(request | arguments))
        assert error.value.field == field
    with pytest.raises(sz.InputError, match="sampled"):
        contrastive_gap(lopsided(), GREY, sweeps=1).check()


def test_they_show_themselves(trained: RbmTraining) -> None:
    ax = Figure().subplots()
    assert trained.plot(ax) is ax
    assert "persistent" in trained._repr_html_()
    found = contrastive_gap(lopsided(), GREY, sweeps=2, replicas=100, seed=1)
    ax = Figure().subplots()
    found.plot(ax)
    assert len(ax.lines) == 4
    legend = ax.get_legend()
    assert legend is not None and len(legend.get_texts()) == 4
    assert "sampled" in found._repr_html_()
