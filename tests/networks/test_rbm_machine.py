"""The machine against slow loops over all states, its sweeps against its tables, its twin in continuous time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.stats import chi2

import szilard as sz
from szilard.laws import integral_fluctuation_theorem
from szilard.networks.boltzmann_relaxation import gibbs_sweeps
from szilard.networks.boltzmann_tables import (
    Conditionals,
    energy_table,
    equilibrium_table,
    flip_process,
    start_table,
    sweep_matrix,
)
from szilard.networks.machine import BoltzmannMachine, rbm
from tests.networks.rbm_cases import T, all_states, energies, half_sweep, loose, lopsided
from tests.statistics import z_of_mean

GREY = [[0.0, 1.0, 0.3, 0.8], [0.2, 0.5, 0.9, 1.0], [1.0, 0.0, 0.0, 0.1]]
FULL = [[0.1, 0.9, 0.3, 0.8], [0.2, 0.5, 0.9, 0.6]]


@pytest.mark.parametrize("machine", [lopsided(), loose(), lopsided().transposed()], ids=["lopsided", "loose", "turned"])
def test_counts_agree_with_loops_over_all_states(machine: BoltzmannMachine) -> None:
    e = energies(machine)
    v, h = (np.array(x) for x in zip(*all_states(machine), strict=True))
    p = np.exp(-e / T)
    assert machine.log_partition() == pytest.approx(np.log(p.sum()), rel=1e-14)
    assert machine.energy(v, h) == pytest.approx(e, abs=1e-13)
    assert energy_table(machine).ravel() == pytest.approx(e, abs=1e-13)
    p /= p.sum()
    found = machine.means()
    assert found.visible == pytest.approx(p @ v, rel=1e-13)
    assert found.hidden == pytest.approx(p @ h, rel=1e-13)
    assert found.products == pytest.approx((v * p[:, None]).T @ h, rel=1e-13)
    marginal = p.reshape(1 << machine.n_visible, -1).sum(axis=1)
    assert np.exp(machine.log_likelihood(v)) == pytest.approx(np.repeat(marginal, 1 << machine.n_hidden), rel=1e-13)


def test_many_independent_units_are_counted() -> None:
    machine = rbm(np.zeros((300, 200)), np.linspace(-2, 2, 300), np.linspace(-1, 3, 200), temperature=0.5)
    by_hand = sum(np.log1p(np.exp(x / 0.5)) for x in [*np.linspace(-2, 2, 300), *np.linspace(-1, 3, 200)])
    assert machine.log_partition() == pytest.approx(by_hand, rel=1e-13)


def test_counting_in_parts_is_counting() -> None:
    """13 units in the smaller layer: more states than are taken at once."""
    w = np.random.Generator(np.random.Philox(3)).normal(0.0, 0.7, (13, 14))
    machine = rbm(w, np.linspace(-1, 1, 13), np.linspace(0, 1, 14), temperature=0.8)
    step = 1e-4
    more, less = (
        rbm(w, machine.visible_bias + s * np.eye(13)[4], machine.hidden_bias, temperature=0.8) for s in (step, -step)
    )
    slope = 0.8 * (more.log_partition() - less.log_partition()) / (2 * step)
    # The central difference errs by step^2 / 6 times a third cumulant / T^2, which is below 1: 3e-9.
    assert machine.means().visible[4] == pytest.approx(slope, abs=1e-8)
    assert machine.transposed().log_partition() == pytest.approx(machine.log_partition(), rel=1e-13)


@pytest.mark.parametrize("layer", ["visible", "hidden"])
def test_half_a_sweep_is_in_detailed_balance(layer: str) -> None:
    machine = lopsided()
    matrix, pi = half_sweep(machine, layer), equilibrium_table(machine).ravel()
    flow = matrix * pi
    assert flow == pytest.approx(flow.T, abs=1e-16)
    p = start_table(machine, GREY)
    draw = Conditionals(machine)
    moved = (draw.draw_visible if layer == "visible" else draw.draw_hidden)(p)
    assert moved.ravel() == pytest.approx(matrix @ p.ravel(), abs=1e-15)


def test_sweep_of_visible_states() -> None:
    machine = lopsided()
    matrix, pi = sweep_matrix(machine), equilibrium_table(machine).sum(axis=1)
    assert matrix.sum(axis=0) == pytest.approx(np.ones(16), rel=1e-14)
    assert matrix * pi == pytest.approx((matrix * pi).T, abs=1e-16)


def test_twin_in_continuous_time_has_the_same_equilibrium() -> None:
    machine = lopsided()
    process = flip_process(machine, 2.5)
    pi = equilibrium_table(machine).ravel()
    assert sz.stationary(process) == pytest.approx(pi, rel=1e-10)
    assert process.generator() @ pi == pytest.approx(np.zeros(128), abs=1e-15)
    assert process.reservoirs == ("visible", "hidden")
    jumps = process.edges
    flipped = np.log2(np.abs(jumps.source ^ jumps.target))
    assert np.all(np.where(jumps.channel == 0, flipped >= 3, flipped < 3))


def test_twin_relaxes_with_the_entropy_of_the_sweeps() -> None:
    """The two take other paths, and both produce D(p_0||pi) on the whole way."""
    machine = lopsided(0.5)
    p = start_table(machine, FULL)
    energy, pi = energy_table(machine), equilibrium_table(machine)
    whole = float(np.sum(p * np.log(p / pi)))
    run = sz.energetics(flip_process(machine), p.ravel(), 60.0)
    assert float(np.sum(run.heat)) == pytest.approx(float(np.sum((p - pi) * energy)), rel=1e-8)
    assert run.entropy_production == pytest.approx(whole, rel=1e-8)


def test_sampled_sweeps_have_the_heat_and_the_density_of_the_tables() -> None:
    machine = lopsided()
    n, sweeps = 40_000, 2
    run = gibbs_sweeps(machine, GREY, sweeps=sweeps, replicas=n, seed=11)
    p, energy, draw = start_table(machine, GREY), energy_table(machine), Conditionals(machine)
    exact = np.zeros(2)
    for _ in range(sweeps):
        for layer, change in enumerate((draw.draw_visible, draw.draw_hidden)):
            after = change(p)
            exact[layer] += float(np.sum((p - after) * energy))
            p = after
    for layer in range(2):
        assert abs(z_of_mean(run.ledger.heat[:, layer], exact[layer])) < 4.0
    # The two heats tell the layers apart: they differ by far more than they err.
    assert abs(exact[0] - exact[1]) > 20.0 * run.ledger.heat.std() / np.sqrt(n)
    bits = 1 << np.arange(4)
    seen = np.bincount((run.visible @ bits * 8 + run.hidden @ bits[:3]).astype(int), minlength=128)
    expected = n * p.ravel()
    many = expected > 5.0
    score = float(np.sum((seen - expected)[many] ** 2 / expected[many]))
    assert chi2.sf(score, int(many.sum())) > 1e-4
    assert run.ledger.first_law_residual < 1e-13
    assert not np.any(run.ledger.work)


def test_equilibrium_stays_and_gives_no_heat() -> None:
    machine = lopsided()
    run = gibbs_sweeps(machine, sweeps=3, replicas=40_000, seed=5, entropy=True)
    assert abs(z_of_mean(run.ledger.heat[:, 0], 0.0)) < 4.0
    assert abs(z_of_mean(run.ledger.heat[:, 1], 0.0)) < 4.0
    for found, exact in ((run.start_visible, machine.means().visible), (run.visible, machine.means().visible)):
        z = (found.mean(axis=0) - exact) / np.sqrt(exact * (1 - exact) / len(found))
        assert np.all(np.abs(z) < 4.0)
    # In equilibrium every single path is as likely forwards as backwards.
    assert np.max(np.abs(run.ledger.entropy_production)) < 1e-12


def test_entropy_of_a_relaxation_obeys_the_integral_theorem() -> None:
    run = gibbs_sweeps(lopsided(), FULL, sweeps=2, replicas=40_000, seed=7, entropy=True)
    check = integral_fluctuation_theorem(run.ledger.entropy_production)
    assert check.verdict == "holds"
    assert check.slack_stderr < 0.02
    assert check.larger.value == 1.0


def test_bits_depend_on_neither_lanes_nor_threads() -> None:
    common: dict[str, Any] = {"sweeps": 3, "replicas": 100, "seed": 2}
    first = gibbs_sweeps(lopsided(), GREY, **common)
    for lanes, threads in ((7, 1), (64, 2), (1, 2)):
        again = gibbs_sweeps(lopsided(), GREY, lanes=lanes, threads=threads, **common)
        assert np.array_equal(first.visible, again.visible)
        assert np.array_equal(first.hidden, again.hidden)
        assert np.array_equal(first.ledger.heat, again.ledger.heat)
    other = gibbs_sweeps(lopsided(), GREY, sweeps=3, replicas=100, seed=2, cell="other")
    assert not np.array_equal(first.visible, other.visible)


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("weights", ([1.0, 2.0],)),
        ("weights", (np.zeros((0, 2)),)),
        ("weights[0]", ([[np.nan]],)),
        ("visible_bias", ([[1.0]], [1.0, 2.0])),
        ("hidden_bias", ([[1.0]], None, [[1.0]])),
        ("hidden_bias[0]", ([[1.0]], None, [np.inf])),
    ],
)
def test_bad_machines_are_refused(field: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(sz.InputError) as error:
        rbm(*arguments)
    assert error.value.field == field


@pytest.mark.parametrize("temperature", [0.0, -1.0, np.nan, np.inf])
def test_bad_temperatures_are_refused(temperature: float) -> None:
    with pytest.raises(sz.InputError, match="temperature"):
        rbm([[1.0]], temperature=temperature)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("sweeps", {"sweeps": 0}),
        ("replicas", {"replicas": 0}),
        ("seed", {"seed": -1}),
        ("lanes", {"lanes": 0}),
        ("threads", {"threads": 0}),
        ("start", {"start": "rest"}),
        ("start", {"start": [[0.0, 1.0]]}),
        ("start", {"start": [[0.0, 1.0, 2.0, 0.0]]}),
    ],
)
def test_bad_requests_are_refused(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(sz.InputError) as error:
        gibbs_sweeps(lopsided(), **({"sweeps": 1, "replicas": 2, "seed": 1} | changes))
    assert error.value.field == field


def test_large_machines_are_refused_where_they_are_counted() -> None:
    large = rbm(np.ones((21, 22)))
    for call in (large.log_partition, large.means, lambda: sweep_matrix(large), lambda: energy_table(large)):
        with pytest.raises(sz.InputError, match="machine"):
            call()
    with pytest.raises(sz.InputError, match="units are 0 or 1"):
        large.free_energy(np.full(21, 0.5))


def test_it_shows_itself() -> None:
    ax = Figure().subplots()
    assert lopsided().plot(ax) is ax
    shades = ax.images[0].get_array()
    assert shades is not None
    assert shades.shape == (3, 4)
    assert "4 visible and 3 hidden" in lopsided()._repr_html_()
    assert "GibbsRun: 10 replicas" in gibbs_sweeps(lopsided(), GREY, sweeps=1, replicas=10, seed=1)._repr_html_()
