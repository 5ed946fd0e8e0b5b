"""Sparse elimination without subtraction, against dense solutions and exact fractions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from szilard.discrete import Channel, JumpProcess
from szilard.discrete.elimination import Elimination
from tests.discrete.master import lopsided
from tests.discrete.precise import lattice, matrix, steady

EPS = float(np.finfo(float).eps)


@pytest.mark.parametrize("z", [0.7, 3.0 + 4.0j, -0.4 + 2.0j, 1e-9])
@pytest.mark.parametrize("m", [3, 9])
def test_resolvent_against_a_dense_solution(m: int, z: complex) -> None:
    process = lattice(m, scale=2.0, drive=1.5)
    g = Elimination(process)
    rates = process.jump_rates(process.energies())
    factor = g.factor(np.full(g.n, z), g.entries(rates))
    b = np.random.default_rng(3).normal(size=g.n)
    dense = z * np.eye(g.n) - process.generator().toarray()
    expected = np.linalg.solve(dense, b)
    bound = 10.0 * g.n * EPS * np.linalg.cond(dense, 1)
    assert np.sum(np.abs(factor.solve(b) - expected)) <= bound * np.sum(np.abs(expected))


def test_columns_may_have_any_sum() -> None:
    process = lattice(4, scale=1.0, drive=1.0)
    g = Elimination(process)
    column = np.random.default_rng(0).uniform(0.1, 3.0, g.n)
    k = matrix(process)
    dense = np.diag(column + k.sum(axis=0)) - k
    found = g.factor(column, g.entries(process.jump_rates(process.energies()))).solve(np.arange(g.n))
    assert found == pytest.approx(np.linalg.solve(dense, np.arange(g.n)), rel=1e-13)


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 6), stiff=st.floats(0.0, 60.0))
def test_every_probability_to_its_own_rounding(seed: int, n: int, stiff: float) -> None:
    """Rates that span up to e^60: the rarest state has as many digits as the commonest."""
    draw = np.random.default_rng(seed)
    g = Elimination(lopsided(n, seed=seed).process)
    entries = np.exp(stiff * draw.uniform(-0.5, 0.5, 2 * g.pairs))
    k = np.zeros((n, n))
    k[g.target, g.source] = entries
    exact = np.array([float(p) for p in steady(k)])
    logs = g.balance(entries)
    p = np.exp(logs - logs.max())
    # each elimination adds a few roundings to each entry; ln pi is rounded to EPS |ln pi|
    assert p / p.sum() == pytest.approx(exact, rel=EPS * (8 * n * n + 2.0 * np.max(np.abs(logs))), abs=0.0)


def test_ratios_beyond_floating_point() -> None:
    """A chain whose ends differ by e^3000 in probability."""
    process = lattice(5, scale=0.0, drive=0.0)
    g = Elimination(process)
    height = 125.0 * np.arange(25.0)
    uphill = np.exp(0.02 * (height[g.source] - height[g.target]))
    logs = g.balance(uphill)
    assert logs - logs[0] == pytest.approx(-0.04 * height, abs=1e-11)


def test_order_keeps_a_lattice_sparse() -> None:
    """Nested orders of a square lattice leave about n log2(n) entries, a band n^1.5."""
    g = Elimination(lattice(60, scale=1.0, drive=0.0))
    assert g.size < 1.3 * g.n * np.log2(g.n) < 0.3 * g.n**1.5
    assert sorted(g.order) == list(range(g.n))


def test_parts_are_balanced_on_their_own() -> None:
    attempt = np.zeros((6, 6))
    attempt[0, 4] = attempt[4, 1] = attempt[1, 0] = attempt[3, 5] = 1.0
    g = Elimination(JumpProcess(np.zeros(6), Channel(attempt + attempt.T)))
    entries = np.arange(1.0, 2 * g.pairs + 1)
    p = np.exp(g.balance(entries))
    flow = np.zeros(6)
    np.add.at(flow, g.target, entries * p[g.source])
    np.add.at(flow, g.source, -entries * p[g.source])
    assert np.all(p > 0.0)
    assert np.max(np.abs(flow)) < 1e-14 * np.max(entries) * np.max(p)
