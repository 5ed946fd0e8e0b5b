"""Information flows of two parts: against a dense generator, on random processes, and where they mean nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

import szilard as sz
from szilard.discrete import Channel, JumpProcess
from szilard.discrete.bipartite import InformationFlows, flow_samples, information_flows
from szilard.discrete.transfer_rate import _spectral, sampled_transfer_entropy_rate, transfer_entropy_rate
from szilard.estimate import Sampled
from szilard.information import mutual_information
from szilard.laws.flows import information_flow, learning_rate_bound, sensory_capacity
from tests.statistics import assert_agrees

Array = NDArray[np.float64]


def pairs_of(nx: int, ny: int, part: int) -> NDArray[np.bool_]:
    """[i, j]: whether i and j differ in x alone (part 0), or in y alone (part 1)."""
    x, y = np.divmod(np.arange(nx * ny), ny)
    differs = (x[:, None] != x, y[:, None] != y)
    return np.asarray(differs[part] & ~differs[1 - part])


def random_process(seed: int, nx: int = 3, ny: int = 2) -> JumpProcess:
    """Two baths on x and one on y, all of unequal temperature, each driven: nothing is in equilibrium."""
    rng = np.random.default_rng(seed)
    n = nx * ny
    channels = []
    for name, part in (("x0", 0), ("x1", 0), ("y", 1)):
        free = pairs_of(nx, ny, part)
        a, d = rng.lognormal(0.0, 1.0, (n, n)), rng.normal(0.0, 1.0, (n, n))
        warm = float(rng.uniform(0.3, 3.0))
        channels.append(Channel(free * (a + a.T), free * (d - d.T), temperature=warm, name=name))
    return JumpProcess(rng.normal(0.0, 1.0, n), channels)


def random_p(seed: int, n: int) -> Array:
    return np.asarray(np.random.default_rng(seed).dirichlet(np.ones(n)))


def generator_of_part(process: JumpProcess, shape: tuple[int, int], part: int) -> Array:
    k = process.generator().toarray() * pairs_of(*shape, part)
    return np.asarray(k - np.diag(k.sum(axis=0)))


@pytest.mark.parametrize("seed", range(12))
def test_flows_are_the_gradient_of_information_along_each_parts_generator(seed: int) -> None:
    """d/dt of I, of S(x) and S(y) with p' = L_x p alone, then L_y p alone; heat pair by pair."""
    shape = (3, 2) if seed % 2 else (2, 4)
    process = random_process(seed, *shape)
    p = random_p(seed, process.n_states) if seed % 4 else sz.stationary(process)
    found = information_flows(process, shape, p)
    table = p.reshape(shape)
    px, py = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    for part in (0, 1):
        moved = (generator_of_part(process, shape, part) @ p).reshape(shape)
        assert found.flow[part] == pytest.approx(float(np.sum(moved * np.log(table / (px * py)))), abs=1e-12)
        entropy = -float(np.sum(moved * np.log(px if part == 0 else py)))
        assert found.entropy_change[part] == pytest.approx(entropy, abs=1e-12)
        e, k = process.edges, process.jump_rates(process.energies())
        mine = pairs_of(*shape, part)[e.target, e.source]
        q = process.jump_heat(process.energies())
        for r in range(3):
            here = mine & (e.channel == r)
            assert found.heat[part, r] == pytest.approx(float((k * p[e.source] * q)[here].sum()), abs=1e-11)
    assert found.information == pytest.approx(mutual_information(table), abs=1e-13)


@pytest.mark.parametrize("seed", range(4))
def test_flows_add_up_to_the_change_of_information_in_time(seed: int) -> None:
    """Five-point difference over h = 2e-4 / rate: error (h rate / p)^4 rate / 30, p > 1/12, and rounding 1e-16 / h."""
    process, shape = random_process(seed), (3, 2)
    L, p = process.generator().toarray(), 0.5 * random_p(seed + 50, 6) + 0.5 / 6.0
    rate = -float(np.diag(L).min())
    h = 2e-4 / rate
    at = {j: mutual_information((expm(L * j * h) @ p).reshape(shape)) for j in (-2, -1, 1, 2)}
    slope = (8.0 * (at[1] - at[-1]) - (at[2] - at[-2])) / (12.0 * h)
    assert information_flows(process, shape, p).flow.sum() == pytest.approx(slope, abs=1e-11 * rate)


def verdicts_of_random_processes(seeds: range) -> set[str]:
    verdicts: set[str] = set()
    for seed in seeds:
        shape = (2 + seed % 2, 2 + seed // 2 % 2)
        process = random_process(seed, *shape)
        found = information_flows(process, shape, None if seed % 3 else random_p(seed, process.n_states))
        if seed % 3:
            scale = np.abs(found.flow).max() + np.abs(found.entropy_flow).max()
            assert abs(found.flow.sum()) < 1e-12 * scale
            np.testing.assert_allclose(found.entropy_change, 0.0, atol=1e-12 * scale)
        total = found.entropy_change + found.entropy_flow - found.flow
        np.testing.assert_allclose(total, found.entropy_production, rtol=1e-9, atol=1e-12)
        for i in (0, 1):
            law = information_flow(
                float(found.flow[i]), float(found.entropy_change[i]), found.heat[i].tolist(),
                temperature=process.temperatures.tolist(),
            )  # fmt: skip
            verdicts.add(law.verdict)
    return verdicts


def test_random_processes_obey_the_law() -> None:
    assert verdicts_of_random_processes(range(150)) == {"holds"}


def test_the_parts_of_entropy_production_make_up_the_whole() -> None:
    for seed in range(10):
        process = random_process(seed)
        p = random_p(seed, 6)
        whole = sz.entropy_production_rate(process, p)
        assert information_flows(process, (3, 2), p).entropy_production.sum() == pytest.approx(whole, rel=1e-12)


def test_in_equilibrium_nothing_flows() -> None:
    energy = np.array([0.0, 0.7, 1.9, -0.4, 0.3, 1.1])
    free = [pairs_of(3, 2, part).astype(float) for part in (0, 1)]
    process = JumpProcess(
        energy, [Channel(free[0], temperature=0.7, name="x"), Channel(2.0 * free[1], temperature=0.7, name="y")]
    )
    found = information_flows(process, (3, 2))
    assert found.information > 0.05
    for amount in (found.flow, found.entropy_change, found.heat, found.entropy_flow):
        assert not amount.any()
    assert information_flow(found.flow[0], 0.0, found.heat[0, 0], temperature=0.7).verdict == "holds, saturated"


DEMON = JumpProcess(
    [0.0, 0.8, 0.5, -1.2],
    [
        Channel(np.kron([[0, 1], [1, 0]], np.eye(2)), temperature=2.0, name="hot"),
        Channel(3.0 * np.kron(np.eye(2), [[0, 1], [1, 0]]), temperature=0.25, name="cold"),
    ],
)
"""Two coupled spins: x in a hot bath, y in a cold one that watches it; states 2 x + y."""


def test_second_law_of_x_alone_is_broken_by_a_demon_and_mended_by_the_flow() -> None:
    found = information_flows(DEMON, (2, 2))
    assert found.heat[0, 0] < 0.0 and found.heat[1, 0] == 0.0
    heat = float(found.heat[0, 0])
    assert information_flow(0.0, 0.0, heat, temperature=2.0).verdict == "violated"
    assert information_flow(float(found.flow[0]), 0.0, heat, temperature=2.0).verdict == "holds"
    run = sz.simulate(DEMON, "stationary", 40.0, replicas=4000, seed=71, record="paths")
    each = flow_samples(run, (2, 2))
    held = information_flow(each.flow[:, 0], each.entropy_change[:, 0], each.heat[:, 0, 0], temperature=2.0)
    assert held.verdict == "holds"
    forgotten = information_flow(0.0, each.entropy_change[:, 0], each.heat[:, 0, 0], temperature=2.0)
    assert forgotten.verdict == "violated" and forgotten.margin < -5.0
    assert_agrees(Sampled.mean(each.flow[:, 0] / 40.0).estimate(), float(found.flow[0]), relative=0.03)
    assert_agrees(Sampled.mean(each.heat[:, 0, 0] / 40.0).estimate(), heat, relative=0.03)
    assert_agrees(Sampled.mean(each.heat[:, 1, 1] / 40.0).estimate(), float(found.heat[1, 1]), relative=0.03)
    assert abs(Sampled.mean(each.entropy_change[:, 1]).estimate().value) < 4.0 * 0.7 / np.sqrt(4000)


def test_trajectories_of_two_baths_and_of_a_driven_process() -> None:
    process = random_process(3)
    exact = information_flows(process, (3, 2))
    run = sz.simulate(process, "stationary", 8.0, replicas=4000, seed=72, record="paths")
    each = flow_samples(run, (3, 2))
    for part in (0, 1):
        z = (each.flow[:, part].mean() / 8.0 - exact.flow[part]) / (each.flow[:, part].std() / 8.0 / np.sqrt(4000))
        assert abs(z) < 4.0
        for r in range(3):
            q = each.heat[:, part, r]
            assert abs(q.mean() / 8.0 - exact.heat[part, r]) <= 4.0 * q.std() / 8.0 / np.sqrt(4000)
    np.testing.assert_allclose(each.heat.sum(axis=1), run.ledger.heat, atol=1e-10)
    change = each.entropy_change[:, 0] + each.entropy_change[:, 1] - each.flow.sum(axis=1)
    np.testing.assert_allclose(change, run.ledger.system_entropy_change, atol=1e-10)


def test_jumps_that_change_both_are_named_and_a_naive_split_breaks_the_law() -> None:
    """Two spins in equilibrium, and a bath that swaps (0, 1) and (1, 0): x and y make good for its jumps.

    What they produce is of second order in the current, what they do to the entropy of x or y of first.
    """
    swap = np.array([[0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]])
    drive = np.array([[0, 0, 0, 0], [0, 0, 2, 0], [0, -2, 0, 0], [0, 0, 0, 0]])
    warm = [Channel(c.attempt, temperature=0.8, name=c.name) for c in DEMON.channels]
    two = JumpProcess(DEMON.energies(), warm)
    both = JumpProcess(DEMON.energies(), [*warm, Channel(0.05 * swap, drive, temperature=0.8, name="swap")])
    with pytest.raises(sz.InputError, match=r"jump \(0, 1\) -> \(1, 0\) \(swap\)") as caught:
        information_flows(both, (2, 2))
    assert "x and y change at once" in str(caught.value)
    naive = information_flows(two, (2, 2), sz.stationary(both))
    laws = [information_flow(float(naive.flow[i]), 0.0, float(naive.heat[i, i]), temperature=0.8) for i in (0, 1)]
    assert "violated" in [law.verdict for law in laws]
    assert abs(naive.flow.sum()) > 1e-3


def symmetric_sensor(coupling: float, flip: float, attempt: float, warm: float) -> tuple[float, float, float, float]:
    """Learning rate and entropy production of x from p(x = y) alone; its two rates."""
    a, b = attempt * np.exp(coupling / (2.0 * warm)), attempt * np.exp(-coupling / (2.0 * warm))
    p = (a + flip) / (a + b + 2.0 * flip)
    J = flip * (2.0 * p - 1.0)
    return float(J * np.log(p / (1.0 - p))), float(J * coupling / warm), float(a), float(b)


def transfer_by_renewal(a: float, b: float, flip: float, order: int) -> float:
    r"""T of the symmetric sensor from one jump of x to the next: h = int S (f - c) dt + int S kbar h(r after) dt.

    r = P(y = x|past of x); x is left at rate b if y = x, at rate a else. Without a jump (S r, S (1 - r)) follows the
    matrix M, with S the probability of none; after one r is a S (1 - r) over the sum. h is interpolated in r, the
    integrals are Gauss-Legendre on 60 geometric panels.
    """
    M = np.array([[-b - flip, flip], [flip, -a - flip]])
    node, weight = np.polynomial.legendre.leggauss(10)
    edge = np.concatenate([[0.0], np.geomspace(1e-3 / (a + flip), 60.0 / min(b + flip, flip), 60)])
    half = 0.5 * np.diff(edge)
    t = (half[:, None] * (1.0 + node) + edge[:-1, None]).ravel()
    dt = (half[:, None] * weight).ravel()
    value, vector = np.linalg.eigh(M)
    decay = (vector * np.exp(value * t[:, None])[:, None, :]) @ vector.T
    z = np.cos(np.pi * (np.arange(order) + 0.5) / order)
    matrix, right = np.zeros((order + 1, order + 1)), np.zeros(order + 1)
    for i in range(order):
        alike, unlike = (decay @ np.array([0.5 * (1.0 + z[i]), 0.5 * (1.0 - z[i])])).T
        S, left = alike + unlike, b * alike + a * unlike
        f = b * alike * np.log(b) + a * unlike * np.log(a) - left * np.log(left / S)
        after = np.polynomial.chebyshev.chebvander(2.0 * a * unlike / left - 1.0, order - 1)
        here = np.polynomial.chebyshev.chebvander(z[i], order - 1)
        matrix[i, :order] = here - (dt * left) @ after
        matrix[i, order], right[i] = dt @ S, dt @ f
    matrix[order, 0] = 1.0
    return float(np.linalg.solve(matrix, right)[order])


@pytest.mark.parametrize(("coupling", "flip", "attempt", "warm"), [(2.0, 0.1, 1.0, 1.0), (1.5, 0.7, 2.0, 0.6)])
def test_sensor_against_formulas_and_the_renewal_of_its_filter(
    coupling: float, flip: float, attempt: float, warm: float
) -> None:
    process = sz.systems.sensor(coupling, environment=flip, attempt=attempt, temperature=warm)
    learned, paid, a, b = symmetric_sensor(coupling, flip, attempt, warm)
    found = information_flows(process, (2, 2))
    np.testing.assert_allclose(found.flow, [learned, -learned], rtol=1e-12)
    np.testing.assert_allclose(found.entropy_flow, [paid, 0.0], rtol=1e-12)
    exact = transfer_entropy_rate(process, (2, 2))
    assert exact == pytest.approx(transfer_by_renewal(a, b, flip, 60), rel=1e-8)
    run = sz.simulate(process, "stationary", 60.0 / flip, replicas=400, seed=73, record="paths")
    assert_agrees(sampled_transfer_entropy_rate(run, (2, 2)).estimate(), exact, relative=0.02)
    assert 0.0 < learned < exact and learned < paid
    assert sensory_capacity(learned, exact).value == pytest.approx(learned / exact, rel=1e-15)


def test_transfer_entropy_of_an_asymmetric_sensor_and_of_mutual_influence() -> None:
    lopsided = sz.systems.sensor(3.0, environment=(0.2, 0.5), bias=0.6, attempt=1.4, temperature=0.8)
    for process, shape, seed in ((lopsided, (2, 2), 74), (random_process(9), (3, 2), 75)):
        exact = transfer_entropy_rate(process, shape)
        run = sz.simulate(process, "stationary", 30.0, replicas=1000, seed=seed, record="paths")
        sampled = sampled_transfer_entropy_rate(run, shape)
        assert_agrees(sampled.estimate(), exact, relative=0.03)
        flow = float(information_flows(process, shape).flow[0])
        assert learning_rate_bound(flow, exact).verdict == "holds"
        assert learning_rate_bound(flow, sampled).verdict == "holds"


def test_what_is_not_listened_to_tells_nothing() -> None:
    """The environment of a sensor: its rates do not look at x."""
    process = sz.systems.sensor(2.0, environment=(0.3, 0.1))
    order = [0, 2, 1, 3]
    k = process.generator().toarray()[np.ix_(order, order)]
    turned = sz.systems.from_rates(k)
    assert transfer_entropy_rate(turned, (2, 2)) == pytest.approx(0.0, abs=1e-12)
    blind = sz.systems.sensor(0.0, environment=0.3, bias=0.5)
    assert transfer_entropy_rate(blind, (2, 2)) == pytest.approx(0.0, abs=1e-12)
    assert not information_flows(blind, (2, 2)).flow.any()


def test_learning_rate_stays_below_transfer_entropy_on_random_processes() -> None:
    for seed in range(8):
        process = random_process(seed, 2 + seed % 2, 2)
        found = information_flows(process, (2 + seed % 2, 2))
        exact = transfer_entropy_rate(process, (2 + seed % 2, 2))
        assert learning_rate_bound(float(found.flow[0]), exact).verdict == "holds"


def test_slow_environments_need_more_polynomials_and_impossible_ones_are_refused() -> None:
    """Strong coupling, rare flips: x tells of a flip nearly at once."""
    process = sz.systems.sensor(8.0, environment=1e-3)
    learned, _, _, _ = symmetric_sensor(8.0, 1e-3, 1.0, 1.0)
    assert learned < transfer_entropy_rate(process, (2, 2)) < 2.0 * learned
    with pytest.raises(sz.InputError) as caught:
        transfer_entropy_rate(sz.systems.sensor(30.0, environment=1e-9), (2, 2))
    assert caught.value.field == "process"


def test_a_part_that_moves_only_while_the_other_is_in_one_state() -> None:
    """y flips while x = 1 alone: then nothing pulls the filter back while x = 0."""
    free = pairs_of(2, 2, 1) * np.array([0.0, 0.0, 1.0, 1.0])[:, None]
    x = Channel(np.array([[0, 0, 1.5, 0], [0, 0, 0, 0.6], [1.5, 0, 0, 0], [0, 0.6, 0, 0]]), temperature=0.9, name="x")
    process = JumpProcess([0.0, 0.9, -0.3, 0.2], [x, Channel(0.7 * free, temperature=0.5, name="y")])
    exact = transfer_entropy_rate(process, (2, 2))
    run = sz.simulate(process, "stationary", 80.0, replicas=2000, seed=76, record="paths")
    assert_agrees(sampled_transfer_entropy_rate(run, (2, 2)).estimate(), exact, relative=0.03)
    shown = repr(information_flows(process, (2, 2))), repr(flow_samples(run, (2, 2)))
    assert shown[0].startswith("InformationFlows per time: x: flow ")
    assert shown[1].startswith("FlowSamples of 2000 trajectories")


def test_a_filter_without_a_basis_is_refused() -> None:
    with pytest.raises(sz.InputError, match="no basis of eigenvectors"):
        _spectral(np.array([[-1.0, 1.0], [0.0, -1.0]]))


def wide() -> JumpProcess:
    return random_process(1, 2, 3)


def steady_run(**how: object) -> sz.discrete.Run:
    return sz.simulate(DEMON, "stationary", 1.0, replicas=10, seed=1, **how)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("process", lambda: information_flows("DEMON", (2, 2))),  # type: ignore[arg-type]
        ("shape", lambda: information_flows(DEMON, (2, 3))),
        ("shape", lambda: information_flows(DEMON, (4,))),  # type: ignore[arg-type]
        ("shape", lambda: information_flows(DEMON, (2.0, 2))),  # type: ignore[arg-type]
        ("jump (0, 2) -> (2, 0) (cold)", lambda: information_flows(wide_wrong(), (3, 3))),
        ("p", lambda: information_flows(DEMON, (2, 2), [0.5, 0.5, np.nan, 0.0])),
        ("p", lambda: information_flows(DEMON, (2, 2), [])),
        ("p[1]", lambda: information_flows(DEMON, (2, 2), [1.0, 0.0, 0.0, 0.0])),
        ("control", lambda: information_flows(DEMON, (2, 2), control=1.0)),
        ("shape", lambda: transfer_entropy_rate(wide(), (2, 3))),
        ("run", lambda: flow_samples(DEMON, (2, 2))),  # type: ignore[arg-type]
        ("run", lambda: flow_samples(steady_run(), (2, 2))),
        ("run", lambda: flow_samples(steady_run(record="paths", entropy=False), (2, 2))),
        ("run", lambda: flow_samples(sz.simulate(DEMON, 0, 1.0, replicas=9, seed=1, record="paths"), (2, 2))),
        ("settle", lambda: sampled_transfer_entropy_rate(steady_run(record="paths"), (2, 2), settle=1.0)),
        ("settle", lambda: sampled_transfer_entropy_rate(steady_run(record="paths"), (2, 2), settle=np.nan)),
    ],
)
def test_refusals(field: str, call: Callable[[], InformationFlows]) -> None:
    with pytest.raises(sz.InputError) as caught:
        call()
    assert caught.value.field == field


def wide_wrong() -> JumpProcess:
    """Nine states in a ring: from (0, 2) the next is (1, 0)."""
    free = np.zeros((9, 9))
    free[2, 6] = free[6, 2] = 1.0
    return JumpProcess(np.zeros(9), Channel(free, name="cold"))
