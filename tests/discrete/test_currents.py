"""Currents and their noise against dense matrices, closed forms and laws."""

from __future__ import annotations

from fractions import Fraction
from math import tanh

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from szilard.discrete import Channel, JumpProcess
from szilard.discrete.currents import current_noise, edge_currents
from szilard.discrete.steady import entropy_production_rate, stationary
from szilard.errors import InputError
from tests.discrete.lopsided import RING_P, TURN, exact, generator, jumps, lopsided, rational, ring, steady

Array = NDArray[np.float64]
RING = ring([0.0, 0.5, 1.2], 2.0)


def dense_noise(process: JumpProcess, weights: list[Array]) -> tuple[Array, Array]:
    """Means and C_ij = 1 (J_ij - J_i D J_j - J_j D J_i) p, D the Drazin inverse of the dense generator."""
    L, listed = generator(process), jumps(process)
    p, n = steady(L), process.n_states
    D = np.outer(p, np.ones(n)) - np.linalg.inv(np.outer(p, np.ones(n)) - L)

    def counted(values: Array) -> Array:
        J = np.zeros((n, n))
        for (x, y, k, _), d in zip(listed, values, strict=True):
            J[y, x] += k * d
        return J

    single = [counted(w) for w in weights]
    mean = np.array([(J @ p).sum() for J in single])
    covariance = np.array(
        [
            [((counted(a * b) - A @ D @ B - B @ D @ A) @ p).sum() for b, B in zip(weights, single, strict=True)]
            for a, A in zip(weights, single, strict=True)
        ]
    )
    return mean, covariance


def in_order(process: JumpProcess, matrix: Array) -> tuple[Array, Array]:
    """A weight per jump in the order of ``jumps``, and in that of process.edges."""
    e = process.edges
    return np.array([matrix[y, x] for x, y, _, _ in jumps(process)]), matrix[e.target, e.source]


def test_ring_of_three() -> None:
    flows = edge_currents(RING)
    # p is known to 1e-15, currents are differences of flows below 1
    assert flows.current == pytest.approx(np.array([1, -1, 1]) * 0.19813619119586753, rel=1e-13)
    assert flows.entropy_production.sum() == pytest.approx(0.39627238239173507, rel=1e-13)
    assert np.all(flows.entropy_production > 0.0)
    K, F = flows.traffic, flows.force
    assert np.sum(K * F * np.tanh(F / 2)) == pytest.approx(0.39627238239173507, rel=1e-13)
    ceiling = np.abs(F).max() * tanh(np.abs(F).max() / 2) * K.sum()
    assert ceiling == pytest.approx(0.6223789950, rel=1e-9)
    given = edge_currents(RING, RING_P)
    assert given.force == pytest.approx(flows.force, rel=1e-13)
    noise = current_noise(RING, TURN / 3)
    assert noise.mean == pytest.approx(0.19813619119586753, rel=1e-13)
    assert noise.uncertainty_product == pytest.approx(2.1621752500037634, rel=1e-12)
    assert current_noise(RING).uncertainty_product == pytest.approx(2.1621752500037634, rel=1e-12)


@pytest.mark.parametrize(("force", "temperature"), [(2.0, 1.0), (0.3, 2.5), (9.0, 0.4)])
def test_uniform_ring(force: float, temperature: float) -> None:
    """F coth(F/2), with F the affinity of one jump."""
    process = ring([1.0] * 5, 5 * force * temperature, 0.7, temperature)
    noise = current_noise(process)
    assert noise.uncertainty_product == pytest.approx(force / tanh(force / 2), rel=1e-12)
    assert noise.mean == pytest.approx(1.4 * np.sinh(force / 2) * force, rel=1e-12)
    if force == 2.0:
        assert noise.uncertainty_product == pytest.approx(2.626070570998663, rel=1e-12)


@given(st.integers(0, 10**6), st.integers(2, 12))
@settings(max_examples=25)
def test_noise_against_the_drazin_inverse(seed: int, n: int) -> None:
    process = lopsided(seed, n, baths=(0.6, 2.3, 1.1))
    rng = np.random.default_rng(seed)
    possible = generator(process) > 0.0
    antisymmetric = np.where(possible, rng.normal(size=(n, n)), 0.0)
    antisymmetric -= antisymmetric.T
    any_sign = np.where(possible, rng.normal(size=(n, n)), 0.0)
    listed = jumps(process)
    entropy = np.array([a for *_, a in listed])
    weights = [in_order(process, antisymmetric)[0], in_order(process, any_sign)[0], entropy, np.ones(len(listed))]
    found = current_noise(
        process,
        {
            "a current": antisymmetric,
            "per jump": in_order(process, any_sign)[1],
            "entropy": "entropy",
            "activity": "activity",
        },
    )
    mean, covariance = dense_noise(process, weights)
    # a dense inverse errs by EPS x condition, below 1e-6 / EPS here, relative to the largest entry
    assert found.mean == pytest.approx(mean, abs=1e-9 * np.abs(covariance).max())
    assert found.covariance == pytest.approx(covariance, abs=1e-9 * np.abs(covariance).max())
    assert found.names == ("a current", "per jump", "entropy", "activity")
    assert found.entropy_production == pytest.approx(entropy_production_rate(process), rel=1e-12)
    alone = current_noise(process, sparse.csr_array(antisymmetric))
    assert alone.mean == pytest.approx(found.mean[0], rel=1e-12, abs=1e-13 * np.abs(covariance).max())
    assert alone.variance == pytest.approx(found.variance[0], rel=1e-12, abs=1e-13 * np.abs(covariance).max())


@given(st.integers(0, 10**6), st.integers(3, 20))
@settings(max_examples=25)
def test_uncertainty_relation(seed: int, n: int) -> None:
    process = lopsided(seed, n)
    rng = np.random.default_rng(seed)
    weight = np.where(generator(process) > 0.0, rng.normal(size=(n, n)), 0.0)
    noise = current_noise(process, weight - weight.T)
    if abs(float(noise.mean)) > 1e-6:
        assert noise.uncertainty_product >= 2.0 * (1 - 1e-9)


@given(st.integers(0, 10**6), st.integers(2, 15))
@settings(max_examples=20)
def test_books_of_the_steady_state(seed: int, n: int) -> None:
    """Kirchhoff's law, the first law and both ways to the entropy production."""
    process = lopsided(seed, n)
    flows = edge_currents(process)
    scale = flows.traffic.sum() * 30 * np.finfo(float).eps * n
    gained = np.bincount(flows.target, flows.current, n) - np.bincount(flows.source, flows.current, n)
    assert gained == pytest.approx(np.zeros(n), abs=scale)
    noise = current_noise(process, {"work": "work", "heat": "heat", "one": "heat bath 0", "two": "heat bath 1"})
    size = 1.0 + np.abs(process.edges.drive).max() + np.abs(process.energies()).max()
    assert noise.mean[0] == pytest.approx(noise.mean[1], abs=4 * scale * size)
    assert noise.mean[2:] == pytest.approx(flows.heat_flow, abs=4 * scale * size)
    # heat differs from work by a bounded energy, so the two have the same noise
    assert noise.variance[0] == pytest.approx(noise.variance[1], rel=1e-9)
    assert flows.entropy_production.sum() == pytest.approx(
        float(flows.heat_flow @ (1.0 / process.temperatures)), abs=8 * scale * size
    )


def test_heat_flows_from_hot_to_cold() -> None:
    """Two levels, symmetric channels: J = (k_hot up p_0 - k_hot down p_1) by hand."""
    pair, gap = [[0.0, 1.0], [1.0, 0.0]], 1.5
    hot, cold = Channel(pair, temperature=3.0, name="hot"), Channel(pair, temperature=0.5, name="cold")
    flows = edge_currents(JumpProcess([0.0, gap], [hot, cold]))
    up, down = np.exp(-gap / 2 / np.array([3.0, 0.5])), np.exp(gap / 2 / np.array([3.0, 0.5]))
    p1 = up.sum() / (up + down).sum()
    current = up * (1 - p1) - down * p1
    assert flows.current == pytest.approx(current, rel=1e-13)
    assert flows.heat_flow == pytest.approx(-gap * current, rel=1e-13)
    assert flows.heat_flow[0] < 0 < flows.heat_flow[1]


def test_any_distribution_and_empty_states() -> None:
    process = lopsided(4, 6)
    p = np.array([0.0, 0.3, 0.0, 0.2, 0.5, 0.0])
    flows = edge_currents(process, p)
    total = sum(k * p[x] * (1 if x < y else -1) for (x, y, k, _) in jumps(process) if {x, y} == {1, 3})
    assert flows.current[(flows.source == 1) & (flows.target == 3)].sum() == pytest.approx(total)
    empty = (p[flows.source] == 0) & (p[flows.target] == 0)
    half = (p[flows.source] == 0) ^ (p[flows.target] == 0)
    assert empty.any()
    assert np.all(flows.force[empty] == 0.0)
    assert np.all(np.isinf(flows.force[half]))
    assert np.all(flows.entropy_production[half] == np.inf)
    assert np.all(flows.entropy_production >= 0.0)


def test_equilibrium_has_noise_and_no_current() -> None:
    """The variance is then a conductance: sum of squares without a drift; currents are rounding."""
    process = lopsided(5, 8, push=0.0, baths=(0.7,))
    flows = edge_currents(process)
    assert np.abs(flows.current).max() <= 16 * np.finfo(float).eps * flows.traffic.max()
    weight = np.where(generator(process) > 0, 1.0, 0.0)
    noise = current_noise(process, np.triu(weight) - np.tril(weight))
    _, covariance = dense_noise(process, [in_order(process, np.triu(weight) - np.tril(weight))[0]])
    assert noise.variance == pytest.approx(covariance[0, 0], rel=1e-9)
    with pytest.raises(InputError, match="zero to rounding"):
        _ = noise.uncertainty_product


def test_stiff_noise_in_rational_numbers() -> None:
    """Rates over twelve orders of magnitude: mean and variance to 1e-12, where a dense inverse has no digit left."""
    process = ring([0.0, 3.0, 1.0, 2.0], 4.0, np.array([1e-6, 1.0, 1e6, 1e-3]))
    L = rational(process)
    n, e = 4, process.edges
    k = [Fraction(float(r)) for r in process.jump_rates(process.energies())]
    d = [Fraction(1 if (int(t) - int(s)) % n == 1 else -1, n) for s, t in zip(e.source, e.target, strict=True)]
    columns = [[L[s][t] for s in range(n)] for t in range(n)]
    p = [Fraction(x) for x in exact([*columns[:-1], [Fraction(1)] * n], [Fraction(0)] * (n - 1) + [Fraction(1)])]
    gain = [sum((k[j] * d[j] for j in range(len(k)) if e.source[j] == s), Fraction(0)) for s in range(n)]
    mean = sum((a * b for a, b in zip(p, gain, strict=True)), Fraction(0))
    h = exact([[*L[s][:-1]] for s in range(n - 1)], [mean - gain[s] for s in range(n - 1)])
    h = np.append(h, 0.0)
    step = np.array([float(x) for x in d]) + h[e.target] - h[e.source]
    variance = sum(float(a) * float(p[int(s)]) * b**2 for a, s, b in zip(k, e.source, step, strict=True))
    noise = current_noise(process, np.array([float(x) for x in d]))
    assert noise.mean == pytest.approx(float(mean), rel=1e-12)
    # h is rounded to EPS; its differences, squared, carry the rates: h / step is below 1e3 on the flows that count
    assert noise.variance == pytest.approx(variance, rel=1e-9)


def test_large_ring() -> None:
    """A uniform ring of 20 000 states: Poisson jumps forth and back."""
    n = 20_000
    i = np.arange(n)
    up = sparse.coo_array((np.ones(n), ((i + 1) % n, i)), shape=(n, n))
    process = JumpProcess(np.zeros(n), Channel(up + up.T, 0.5 * (up - up.T), temperature=0.5))
    noise = current_noise(process, up - up.T)
    # means per state add up over n states, and potentials over half the ring
    assert noise.mean == pytest.approx(2 * np.sinh(0.5), rel=1e-10)
    assert noise.variance == pytest.approx(2 * np.cosh(0.5), rel=1e-6)


def test_one_state() -> None:
    alone = JumpProcess([3.0], Channel([[0.0]]))
    assert current_noise(alone).mean == 0.0
    assert edge_currents(alone).current.size == 0
    assert edge_currents(alone).heat_flow.tolist() == [0.0]


@pytest.mark.parametrize(
    ("observable", "match"),
    [
        ("warmth", "NAME is one of bath"),
        ("heat cold", "NAME is one of bath"),
        (np.ones(5), "one number per jump"),
        (np.ones((2, 2)), "one per pair"),
        (np.full((3, 3), np.nan), "must be finite"),
        (np.eye(3), "no jump 0 -> 0"),
        ([["a"]], "give an array"),
        ({}, "an empty mapping"),
    ],
)
def test_bad_observable(observable: object, match: str) -> None:
    with pytest.raises(InputError, match=match):
        current_noise(RING, observable)


def test_bad_distribution_and_parts() -> None:
    for p in ([0.5, 0.5], [0.5, 0.6, 0.0], [1.5, -0.5, 0.0], [np.nan, 0.5, 0.5], "abc"):
        with pytest.raises(InputError):
            edge_currents(RING, p)
    apart = JumpProcess(np.zeros(3), Channel([[0, 1, 0], [1, 0, 0], [0, 0, 0]]))
    with pytest.raises(InputError):
        current_noise(apart)
    with pytest.raises(InputError):
        edge_currents(apart)
    assert edge_currents(apart, [0.2, 0.3, 0.5]).current == pytest.approx([-0.1])


def test_the_control_is_passed_on() -> None:
    process = JumpProcess(lambda gap: [0.0, gap], Channel([[0.0, 1.0], [1.0, 0.0]], kinetics="heat_bath"))
    assert edge_currents(process, [0.5, 0.5], 2.0).force == pytest.approx([-2.0])
    p = stationary(process, 2.0)
    assert current_noise(process, "activity", 2.0).mean == pytest.approx(2 * p[0] / (1 + np.exp(2.0)))
