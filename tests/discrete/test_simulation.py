"""Trajectories pass three oracles (first law, fluctuation theorems, exact means) and show the same bits however run."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.discrete import Channel, JumpProcess
from szilard.estimate import Sampled
from tests.discrete.master import JUMPY, System, lopsided, protocol_of
from tests.statistics import assert_agrees, z_of_mean

P0 = np.array([0.1, 0.45, 0.15, 0.3])
SYSTEMS = {
    "three baths": lopsided(4, baths=3),
    "two baths, not driven": lopsided(4, baths=2, driven=False, seed=3),
    "one bath": lopsided(4, baths=1, seed=5),
}
NODES = {"jumps": JUMPY, "ramp": ((0.0, -0.5), (1.0, 0.8)), "rest": ((0.0, 0.6), (0.9, 0.6))}


def run_of(system: System, nodes: Any, replicas: int = 100_000, seed: int = 11, **how: Any) -> Any:
    return sz.simulate(
        system.process, P0, nodes[-1][0], replicas=replicas, seed=seed, protocol=protocol_of(nodes), **how
    )


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("nodes", NODES)
def test_first_law_per_replica(name: str, nodes: str) -> None:
    """dE = W - sum_r Q_r, the energies taken from the states; at every time of the grid too."""
    system = SYSTEMS[name]
    run = run_of(system, NODES[nodes], 500, times=[0.0, 0.35, 0.6, NODES[nodes][-1][0]])
    first, last = NODES[nodes][0][1], NODES[nodes][-1][1]
    change = system.energy(last)[run.final] - system.energy(first)[run.initial]
    book = run.ledger
    assert np.array_equal(change, book.energy_change)
    assert np.all(np.abs(change - book.work + book.heat.sum(axis=1)) <= 1e-13 * (1.0 + book.gross))
    assert np.all(np.abs(book.heat).max(axis=0) > 0.1)
    on_the_way = run.books.energy_change - run.books.work + run.books.heat.sum(axis=2)
    assert np.max(np.abs(on_the_way)) <= 1e-13 * (1.0 + book.gross.max())
    assert np.array_equal(run.books.heat[:, -1], book.heat)
    assert np.array_equal(run.books.work[:, -1], book.work)
    assert np.array_equal(run.states[:, -1], run.final)


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("nodes", NODES)
def test_entropy_production_obeys_the_integral_theorem(name: str, nodes: str) -> None:
    """<e^{-dS_tot}> = 1 from any initial distribution, under any driving, at any time on the way (Seifert 2005)."""
    end = NODES[nodes][-1][0]
    run = run_of(SYSTEMS[name], NODES[nodes], times=[0.4, 0.6, end])
    for produced in run.books.entropy_production.T:
        weights = np.exp(-produced)
        assert abs(z_of_mean(weights, 1.0)) <= 4.0
        assert weights.sum() ** 2 / (weights**2).sum() > 500.0
    assert np.array_equal(run.books.entropy_production[:, -1], run.ledger.entropy_production)


@pytest.mark.parametrize("nodes", ["jumps", "ramp"])
def test_work_from_equilibrium_obeys_jarzynski(nodes: str) -> None:
    """<e^{-W/T}> = Z_end / Z_start at T = 0.7, jumps of the control included (Jarzynski 1997)."""
    system = lopsided(4, baths=1, driven=False, seed=5)
    t, way = 0.7, NODES[nodes]
    run = sz.simulate(system.process, "equilibrium", way[-1][0], replicas=100_000, seed=3, protocol=protocol_of(way))
    z = [np.sum(np.exp(-system.energy(value) / t)) for _, value in (way[0], way[-1])]
    assert abs(z[1] / z[0] - 1.0) > 0.03
    assert abs(z_of_mean(np.exp(-run.ledger.work / t), z[1] / z[0])) <= 4.0


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("nodes", NODES)
def test_means_are_those_of_the_master_equation(name: str, nodes: str) -> None:
    """p(t), heat into each bath, work and activity, against an ordinary differential equation."""
    system = SYSTEMS[name]
    exact = system.solve(P0, NODES[nodes])
    run = run_of(system, NODES[nodes])
    found = np.bincount(run.final, minlength=4) / run.final.size
    assert np.all(np.abs(found - exact["p"]) <= 4.0 * np.sqrt(exact["p"] * (1.0 - exact["p"]) / run.final.size))
    for r, heat in enumerate(exact["heat"]):
        assert abs(z_of_mean(run.ledger.heat[:, r], heat)) <= 4.0
    assert_agrees(run.means["activity"], float(exact["activity"]))
    if exact["work"] != 0.0:
        assert abs(z_of_mean(run.ledger.work, float(exact["work"]))) <= 4.0
    else:
        assert not run.ledger.work.any()
    entropy = -np.sum(exact["p"] * np.log(exact["p"])) + np.sum(P0 * np.log(P0))
    assert abs(z_of_mean(run.ledger.system_entropy_change, entropy)) <= 4.0


def test_equilibrium_at_rest_costs_nothing() -> None:
    """The null case: one bath, no drive, no change; nothing is produced in any replica."""
    system = lopsided(4, baths=1, driven=False)
    still = JumpProcess(system.energy(0.3), system.process.channels)
    run = sz.simulate(still, "equilibrium", 3.0, replicas=2000, seed=1)
    assert not run.ledger.work.any()
    assert np.max(np.abs(run.ledger.entropy_production)) < 1e-11
    assert np.max(np.abs(run.ledger.heat)) > 0.3


# Rates that move: the two-state system with rates e^{-t/2} forth and e^{+t/2} back.

RATES = JumpProcess(lambda control: [0.0, control], Channel([[0.0, 1.0], [1.0, 0.0]]))
RISING = sz.Protocol([0.0, 3.0], [0.0, 3.0])
P_B = {1.0: 0.29788, 2.0: 0.16495, 3.0: 0.06135}


@pytest.mark.parametrize("times", [[1.0, 2.0, 3.0], [0.0, 0.01, 1.0, 1.7, 2.0, 2.000001, 3.0], np.linspace(0, 3, 121)])
def test_rates_that_move_are_followed_whatever_is_saved(times: Any) -> None:
    run = sz.simulate(RATES, 0, 3.0, replicas=100_000, seed=5, protocol=RISING, times=times)
    for t, p in P_B.items():
        here = run.states[:, int(np.argmin(np.abs(np.asarray(times) - t)))]
        assert abs(z_of_mean(here == 1, p)) <= 4.0


@pytest.mark.parametrize("parts", [1, 4, 50])
def test_rates_that_move_do_not_depend_on_the_nodes(parts: int) -> None:
    run = sz.simulate(RATES, 0, 3.0, replicas=100_000, seed=6, protocol=RISING.refine(parts), times=[1.0, 2.0, 3.0])
    for g, p in enumerate(P_B.values()):
        assert abs(z_of_mean(run.states[:, g] == 1, p)) <= 4.0


def test_the_time_of_the_first_jump_has_its_exact_law() -> None:
    """P(no jump until t) = exp(-int_0^t k) with k = e^{-s/2}, then e^{-(3 - 2(s - 1))/2} after a jump at s = 1."""
    way = sz.Protocol([0.0, 1.0, 1.0, 2.0], [0.0, 1.0, 3.0, 1.0])
    run = sz.simulate(RATES, 0, 2.0, replicas=100_000, seed=8, protocol=way, record="paths")
    paths = run.paths
    assert paths is not None
    at = np.full(len(paths), np.inf)
    some = np.diff(paths.offsets) > 0
    at[some] = paths.times[paths.offsets[:-1][some]]
    for t in (0.2, 0.7, 1.0, 1.3, 1.8, 2.0):
        s = max(t - 1.0, 0.0)
        passed = 2.0 * (1.0 - np.exp(-min(t, 1.0) / 2.0)) + np.exp(-1.5) * np.expm1(s)
        assert abs(z_of_mean(at > t, float(np.exp(-passed)))) <= 4.0


def test_a_state_that_starts_is_drawn_from_its_probabilities() -> None:
    run = sz.simulate(SYSTEMS["one bath"].process, P0, 0.0, replicas=100_000, seed=2, protocol=sz.Protocol([0], [0.3]))
    assert np.array_equal(run.initial, run.final)
    found = np.bincount(run.initial, minlength=4) / run.initial.size
    assert np.all(np.abs(found - P0) <= 4.0 * np.sqrt(P0 * (1.0 - P0) / run.initial.size))
    sure = sz.simulate(
        SYSTEMS["one bath"].process, [0, 0, 1.0, 0], 0.0, replicas=500, seed=2, protocol=sz.Protocol([0], [0])
    )
    assert np.all(sure.initial == 2)


# The same bits.


def everything(run: Any) -> list[Any]:
    book = run.ledger
    return [run.initial, run.final, run.activity, book.heat, book.work, book.energy_change, book.gross]


@pytest.mark.parametrize(
    "other",
    [
        {"threads": 1},
        {"threads": 2},
        {"threads": 5},
        {"times": [0.1, 0.6, 1.5]},
        {"record": "paths"},
        {"entropy": False},
    ],
    ids=str,
)
def test_nothing_but_the_seed_changes_a_bit(other: dict[str, Any]) -> None:
    """9,001 replicas: several blocks, the last one short."""
    system = SYSTEMS["three baths"]
    first = run_of(system, JUMPY, 9001, threads=2, entropy=False)
    second = run_of(system, JUMPY, 9001, **{"entropy": False} | other)
    for a, b in zip(everything(first), everything(second), strict=True):
        assert np.array_equal(a, b)


def test_seeds_and_cells_change_the_numbers_and_a_longer_run_keeps_the_first_replicas() -> None:
    system = SYSTEMS["three baths"]
    first = run_of(system, JUMPY, 2000, seed=1, entropy=False)
    for other in ({"seed": 2}, {"cell": "b"}):
        assert not np.array_equal(
            run_of(system, JUMPY, 2000, **{"seed": 1, "entropy": False} | other).final, first.final
        )
    more = run_of(system, JUMPY, 5000, seed=1, entropy=False)
    assert np.array_equal(more.ledger.heat[:2000], first.ledger.heat)


# What is counted.


def test_currents_and_activity_are_sums_over_the_jumps_of_the_paths() -> None:
    system = SYSTEMS["three baths"]
    flow = np.triu(np.arange(16.0).reshape(4, 4), 1)
    flow[0, 3] = 0.0
    antisymmetric = flow - flow.T
    edges = system.process.edges
    count = np.where(edges.channel == 1, 1.0, 0.0)
    run = run_of(system, JUMPY, 300, record="paths", currents={"flow": antisymmetric, "bath 1": count})
    for i in range(0, 300, 37):
        path = run.paths[i]
        assert run.activity[i] == path.heat.size
        flowed = sum(antisymmetric[y, x] for x, y in zip(path.states, path.states[1:], strict=False))
        assert run.currents["flow"][i] == pytest.approx(flowed, rel=1e-13, abs=1e-12)
        assert run.currents["bath 1"][i] == np.sum(path.channel == 1)


def test_entropies_are_left_out_where_the_distribution_is_unknown() -> None:
    system = SYSTEMS["one bath"]
    given = np.arange(400) % 4
    run = sz.simulate(system.process, given, 1.0, replicas=400, seed=1, protocol=sz.Protocol([0], [0.5]), times=[1.0])
    assert np.array_equal(run.initial, given)
    with pytest.raises(sz.InputError, match="system_entropy_change"):
        _ = run.ledger.entropy_production
    assert run.books is not None
    with pytest.raises(sz.InputError, match="entropy=True"):
        _ = run.books.entropy_production


def test_what_stays_at_rest_is_not_solved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from szilard.discrete import simulation

    ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0, temperature=0.7)
    solved = sz.simulate(ring, sz.stationary(ring), 2.0, replicas=500, seed=1, times=[0.5, 2.0])
    monkeypatch.setattr(simulation, "propagate", None)
    known = sz.simulate(ring, "stationary", 2.0, replicas=500, seed=1, times=[0.5, 2.0])
    assert known.books is not None
    assert solved.books is not None
    assert known.books.entropy_production == pytest.approx(solved.books.entropy_production, rel=1e-12, abs=1e-12)
    with pytest.raises(TypeError):
        sz.simulate(RATES, "stationary", 2.0, replicas=5, seed=1, protocol=RISING)


def test_a_run_shows_itself() -> None:
    run = run_of(SYSTEMS["three baths"], JUMPY, 200, times=[0.5, 1.0], currents={"one": np.zeros((4, 4))})
    text = repr(run)
    for word in ("200 trajectories", "heat bath 0", "heat bath 2", "entropy production", "activity", "first law"):
        assert word in text
    assert "<table>" in run._repr_html_()
    data = run.to_xarray()
    assert data["heat"].dims == ("replica", "reservoir")
    assert data["heat_on_the_way"].shape == (200, 2, 3)
    assert np.array_equal(data["work"].values, run.ledger.work)
    assert list(data["temperature"].values) == [0.7, 1.6, 1.1]
    assert (data.attrs["seed"], data.attrs["cell"]) == (11, "")
    assert list(zip(data.attrs["control_times"], data.attrs["control_values"], strict=True)) == list(JUMPY)
    assert len(run.plot().patches) >= 4


def test_progress_rises_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from szilard.discrete import ensemble

    monkeypatch.setattr(ensemble, "PAUSE", -1.0)
    seen: list[float] = []
    run_of(SYSTEMS["one bath"], JUMPY, 9000, threads=1, progress=seen.append)
    assert len(seen) > 3
    seen.clear()
    run_of(SYSTEMS["one bath"], JUMPY, 9000, threads=4, progress=seen.append, record="paths")
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


# Odd systems.


def test_one_state_never_moves() -> None:
    run = sz.simulate(JumpProcess(lambda c: [c], Channel([[0.0]])), 0, 2.0, replicas=5, seed=1, protocol=sz.ramp(2.0))
    assert not run.activity.any()
    assert run.ledger.work == pytest.approx(np.ones(5), rel=1e-15)
    assert run.ledger.heat == pytest.approx(np.zeros((5, 1)), abs=0.0)


def test_a_state_without_jumps_is_lifted_however_fast() -> None:
    attempt = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    process = JumpProcess(lambda c: [0.0, 0.1 * c, 1e12 * c], Channel(attempt))
    run = sz.simulate(process, 2, 1.0, replicas=3, seed=1, protocol=sz.ramp(1.0), times=[0.5])
    assert run.ledger.work == pytest.approx(np.full(3, 1e12), rel=1e-15)
    assert run.books is not None
    assert run.books.work == pytest.approx(np.full((3, 1), 5e11), rel=1e-15)
    assert not run.ledger.heat.any()


def test_parts_that_no_jump_joins_stay_apart_and_a_state_without_jumps_keeps_its_replicas() -> None:
    attempt = np.zeros((5, 5))
    attempt[0, 1] = attempt[1, 0] = 2.0
    attempt[3, 4] = attempt[4, 3] = 0.5
    process = JumpProcess([0.0, 0.5, 0.1, 0.4, -0.2], Channel(attempt, temperature=0.6))
    p0 = [0.2, 0.2, 0.2, 0.2, 0.2]
    run = sz.simulate(process, p0, 4.0, replicas=5000, seed=3, times=[1.0, 4.0])
    part = np.array([0, 0, 1, 2, 2])
    assert np.array_equal(part[run.initial], part[run.final])
    assert not run.activity[run.initial == 2].any()
    assert run.activity[run.initial != 2].any()


def test_a_very_fast_state_that_is_rarely_seen_does_no_harm() -> None:
    """Rates of 1e6 beside 1: the fast state is left at once; occupation and heat stay right."""
    process = JumpProcess([0.0, 0.4, 27.0], Channel([[0, 1, 2], [1, 0, 3], [2, 3, 0]], temperature=1.0))
    run = sz.simulate(process, "equilibrium", 2.0, replicas=20_000, seed=4)
    p = np.exp([0.0, -0.4, -27.0])
    assert abs(z_of_mean(run.final == 1, p[1] / p.sum())) <= 4.0


FAST = JumpProcess([0.0, 0.1, 0.2], Channel([[0.0, 1e12, 0.0], [1e12, 0.0, 1.0], [0.0, 1.0, 0.0]]))


def test_runs_that_would_not_end_are_refused() -> None:
    with pytest.raises(sz.InputError, match="more than time can resolve"):
        sz.simulate(FAST, 0, 1e3, replicas=1, seed=1)
    for start in (0, np.arange(1000) % 2):
        with pytest.raises(sz.InputError, match=r"jumps were tried for .* more than 1e\+12"):
            sz.simulate(FAST, start, 10.0, replicas=1000, seed=1)
    few = sz.simulate(FAST, 0, 1e-9, replicas=50, seed=1)
    assert few.means["activity"].value == pytest.approx(1000.0, rel=0.05)


@pytest.mark.parametrize(("kinetics", "end"), [("heat_bath", 709.0), ("heat_bath", -700.0), ("arrhenius", -740.0)])
def test_rates_that_fall_to_nothing_stay_finite(kinetics: Any, end: float) -> None:
    """Rates down to e^-740: waiting times beyond floating point are never multiplied into the books."""
    process = JumpProcess(lambda c: [-0.2, c], Channel([[0.0, 1.0], [1.0, 0.0]], kinetics=kinetics))
    way = sz.Protocol([0.0, 1.0], [0.0, end])
    run = sz.simulate(process, 1, 1.0, replicas=2000, seed=1, protocol=way, entropy=False)
    assert run.activity.max() >= 1
    assert np.all(np.abs(run.ledger.energy_change - run.ledger.work + run.ledger.heat[:, 0]) < 1e-10)


@pytest.mark.parametrize(
    "setting", [{"BUDGET": 7}, {"BUDGET": 300, "LANES": 3}, {"BLOCK": 13}, {"AT_ONCE": 1}], ids=str
)
def test_neither_budget_nor_lanes_nor_blocks_change_a_bit(
    setting: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trajectories that are left half-way go on where they were, on the grid and in their paths too."""
    from szilard.discrete import ensemble

    how: dict[str, Any] = {"times": [0.1, 0.6, 1.5], "record": "paths", "entropy": False}
    first = run_of(SYSTEMS["three baths"], JUMPY, 301, **how)
    for name, value in setting.items():
        monkeypatch.setattr(ensemble, name, value)
    second = run_of(SYSTEMS["three baths"], JUMPY, 301, **how)
    for a, b in zip(everything(first), everything(second), strict=True):
        assert np.array_equal(a, b)
    for looked in ("heat", "work", "energy_change"):
        assert np.array_equal(getattr(first.books, looked), getattr(second.books, looked))
    for kept in ("offsets", "times", "jump", "heat"):
        assert np.array_equal(getattr(first.paths, kept), getattr(second.paths, kept))


def test_long_trajectories_keep_the_first_law() -> None:
    """Ten million driven jumps: sums of one sign, whose rounding would pile up."""
    baths = [
        Channel(np.ones((3, 3)) - np.eye(3), drive * np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]), temperature=0.02,
                name=f"{drive}", kinetics="heat_bath")
        for drive in (0.1, 0.7, 0.37)
    ]  # fmt: skip
    process = JumpProcess([0.0, 0.013, 0.0291], baths)
    run = sz.simulate(process, 0, 3e6, replicas=2, seed=1, entropy=False)
    assert run.activity.min() > 5e6
    assert run.ledger.first_law_residual < 2e-12


def test_gross_is_the_sum_of_what_was_booked() -> None:
    system = SYSTEMS["three baths"]
    still = JumpProcess(system.energy(0.3), system.process.channels)
    run = sz.simulate(still, P0, 2.0, replicas=50, seed=1, record="paths")
    paths, drive = run.paths, np.abs(still.edges.drive)
    assert paths is not None
    assert run.ledger.gross is not None
    exact = np.bincount(paths.owner, np.abs(paths.heat) + drive[paths.jump], 50)
    assert run.ledger.gross == pytest.approx(exact, rel=1e-12)


def test_an_interruption_stops_all_threads() -> None:
    from szilard.discrete import ensemble

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensemble, "PAUSE", -1.0)
        patch.setattr(ensemble, "BUDGET", 1000)
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            sz.simulate(FAST, 0, 1e-2, replicas=8, seed=1, progress=stop, threads=2)
    assert time.monotonic() - started < 20.0


ONE = JumpProcess([0.0, 0.5], Channel([[0.0, 1.0], [1.0, 0.0]]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"initial": 2}, "initial"),
        ({"initial": -1}, "initial"),
        ({"initial": [0.5, 0.6]}, "initial"),
        ({"initial": [0.5, np.nan]}, "initial"),
        ({"initial": "rest"}, "initial"),
        ({"initial": [0, 1, 2, 0]}, r"initial\[2\]"),
        ({"initial": [1, 0]}, "probabilities as floats"),
        ({"currents": np.zeros((2, 2))}, "mapping"),
        ({"duration": -1.0}, "duration"),
        ({"duration": np.nan}, "duration"),
        ({"duration": "long"}, "duration"),
        ({"replicas": 0}, "replicas"),
        ({"replicas": 2.5}, "replicas"),
        ({"seed": "a"}, "seed"),
        ({"threads": 0}, "threads"),
        ({"dt": 0.1}, "dt"),
        ({"method": "euler"}, "method"),
        ({"record": "everything"}, "record"),
        ({"times": [0.5, 0.5]}, "increasing"),
        ({"times": [0.5, 2.0]}, "within"),
        ({"times": [-0.5]}, "within"),
        ({"times": [[0.1, 0.2]]}, "times"),
        ({"times": "soon"}, "times"),
        ({"currents": {"a": "heat"}}, "currents"),
        ({"currents": {"a": np.zeros((3, 3))}}, "shape"),
        ({"max_bytes": 10.0}, "max_bytes"),
        ({"max_bytes": "2GB"}, "max_bytes"),
        ({"max_bytes": np.nan}, "max_bytes"),
        ({"cell": None}, "cell"),
        ({"replicas": 1 << 33}, "replicas"),
        ({"currents": {"heat bath": np.zeros((2, 2))}}, "book of the run"),
        ({"currents": {"a": None}}, "currents"),
        ({"protocol": sz.ramp(1.0)}, "protocol"),
    ],
    ids=str,
)
def test_bad_input_is_named(change: dict[str, Any], message: str) -> None:
    good: dict[str, Any] = {"initial": 0, "duration": 1.0, "replicas": 4, "seed": 1}
    given = good | change
    with pytest.raises(sz.InputError, match=message):
        sz.simulate(ONE, given.pop("initial"), given.pop("duration"), **given)


def test_paths_beyond_the_limit_are_refused_before_memory_is_taken() -> None:
    with pytest.raises(sz.InputError, match=r"paths.*GB"):
        sz.simulate(ONE, 0, 1000.0, replicas=1000, seed=1, record="paths", max_bytes=1e6)


def test_means_carry_their_error() -> None:
    run = sz.simulate(ONE, [0.9, 0.1], 1.0, replicas=1000, seed=1)
    heat = Sampled.mean(run.ledger.heat[:, 0]).estimate()
    assert run.means["heat bath"] == heat
    assert heat.stderr > 0.0
