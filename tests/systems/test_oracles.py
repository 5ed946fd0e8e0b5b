"""Every ready-made system passes three oracles: first law per replica, a fluctuation theorem, exact mean heats."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from scipy.linalg import expm

import szilard as sz
from szilard import systems
from tests.statistics import z_of_mean
from tests.systems.books import of_channel

HOT_AND_COLD = {"hot": 1.7, "cold": 0.6}
GRAPH = nx.Graph([("a", "b", {"attempt": 0.7}), ("b", "c", {"attempt": 1.9}), ("c", "a", {"attempt": 0.4})])
REACTIONS = [systems.Reaction("0 <-> A", 2.0, 0.7), systems.Reaction("2 A <-> B", 0.3, 0.9)]
CASES = {
    "ring": systems.ring([0.0, 0.5, 1.2, -0.3], 2.0, attempt=[1.0, 0.4, 2.0, 0.7], temperature=HOT_AND_COLD),
    "two_level": systems.two_level(0.8, attempt=1.3, temperature=0.7),
    "ladder": systems.ladder(4, 0.6, temperature=HOT_AND_COLD),
    "landscape": systems.landscape(6, 0.8, seed=3, temperature=1.4),
    "lattice": systems.lattice((2, 3), [[0.0, 0.4, 0.9], [0.3, -0.2, 0.1]], force=(0.0, 0.7), temperature=0.8),
    "molecular_motor": systems.molecular_motor(2.0, force=-0.7, gap=0.4, temperature=0.8),
    "quantum_dot": systems.quantum_dot(0.3, (0.9, 0.7), (-0.2, 1.6), coupling=(1.2, 0.6)),
    "colloid": systems.colloid_double_well(1.2, 0.4, sites=7, temperature=0.9),
    "ising_ring": systems.ising_ring(3, 0.5, 0.3, attempt=[1.0, 0.4, 1.7], temperature=1.3),
    "magnet": systems.magnet(4, 0.6, 0.4, temperature=1.2),
    "birth_death": systems.immigration_death(1.5, 0.8, 5, temperature=1.3),
    "network": systems.ReactionNetwork(REACTIONS, limits={"A": 3, "B": 2}, temperature=0.8).process,
    "from_rates": systems.from_rates([[0.0, 2.0, 0.3], [0.9, 0.0, 1.1], [0.7, 0.4, 0.0]], temperature=0.7),
    "from_graph": systems.from_graph(GRAPH, drive={("a", "b"): 0.6}, temperature=1.4),
}
DURATION = 0.9


def mean_heat(process: sz.JumpProcess, p0: np.ndarray) -> list[float]:
    """sum k q int p dt of every reservoir, from matrices written out pair by pair and one exponential."""
    n = process.n_states
    L = sum(of_channel(process, r) for r in range(len(process.channels)))
    both = np.block([[np.asarray(L), np.zeros((n, n))], [np.eye(n), np.zeros((n, n))]])
    spent = expm(both * DURATION)[n:, :n] @ p0
    e, heat = process.energies(), []
    for r, channel in enumerate(process.channels):
        k = of_channel(process, r)
        drive = np.zeros((n, n)) if channel.drive is None else channel.drive.toarray()
        q = e[None, :] - e[:, None] + drive
        np.fill_diagonal(q, 0.0)
        heat.append(float(np.sum(k * q * spent[None, :])))
    return heat


@pytest.mark.parametrize("name", CASES)
def test_three_oracles(name: str) -> None:
    process = CASES[name]
    p0 = np.arange(1.0, process.n_states + 1.0)
    p0 /= p0.sum()
    run = sz.simulate(process, p0, DURATION, replicas=50_000, seed=17)
    book, e = run.ledger, process.energies()
    change = e[run.final] - e[run.initial]
    assert book.gross is not None
    assert np.all(np.abs(change - book.work + book.heat.sum(axis=1)) <= 1e-13 * (1.0 + book.gross))
    assert np.ptp(book.heat) > 0.0
    weights = np.exp(-book.entropy_production)
    assert abs(z_of_mean(weights, 1.0)) <= 4.0
    assert weights.sum() ** 2 / (weights**2).sum() > 100.0
    for measured, exact in zip(book.heat.T, mean_heat(process, p0), strict=True):
        assert abs(z_of_mean(measured, exact)) <= 4.0
