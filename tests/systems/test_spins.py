"""Spins: the transfer matrix, Glauber's decay, and the magnet against all configurations of its spins."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import comb
from typing import Any

import numpy as np
import pytest

from szilard.discrete import Channel, JumpProcess
from szilard.errors import InputError
from szilard.systems import ising_ring, magnet
from tests.systems.books import assert_local_balance, assert_stationary


@pytest.mark.parametrize(
    ("n", "coupling", "field", "warm"), [(3, 0.7, 0.3, 0.5), (7, -0.4, -1.1, 1.3), (10, 1.0, 0.2, 2.0)]
)
def test_the_partition_function_is_the_transfer_matrix(n: int, coupling: float, field: float, warm: float) -> None:
    process = ising_ring(n, coupling, field, temperature=warm)
    weight = np.exp(-process.energies() / warm)
    J, h = coupling / warm, field / warm
    root = np.sqrt(np.exp(2 * J) * np.sinh(h) ** 2 + np.exp(-2 * J))
    Z = (np.exp(J) * np.cosh(h) + root) ** n + (np.exp(J) * np.cosh(h) - root) ** n
    assert weight.sum() == pytest.approx(Z, rel=1e-12)
    assert_stationary(process, weight)


def test_states_are_the_bits_of_their_number() -> None:
    process = ising_ring(4, 0.3, 0.7, attempt=[1.0, 2.0, 3.0, 4.0])
    for x, bits in enumerate(product((-1, 1), repeat=4)):
        s = bits[::-1]
        energy = -0.3 * sum(s[i] * s[(i + 1) % 4] for i in range(4)) - 0.7 * sum(s)
        assert process.energies()[x] == pytest.approx(energy, abs=1e-14)
    tries = process.channels[0].attempt.toarray()
    assert (tries[0, 1], tries[5, 7], tries[12, 4], tries[0, 3]) == (1.0, 2.0, 4.0, 0.0)
    assert_local_balance(process)


def test_magnetisation_decays_as_glauber_says() -> None:
    """M L = -attempt (1 - tanh(2J/T)) M as a row vector, exactly, for any number of spins."""
    attempt, coupling, warm, n = 1.7, 0.6, 0.9, 6
    L = ising_ring(n, coupling, 0.0, attempt=attempt, temperature=warm).generator().toarray()
    M = np.array([2.0 * bin(x).count("1") - n for x in range(2**n)])
    np.testing.assert_allclose(M @ L, -attempt * (1 - np.tanh(2 * coupling / warm)) * M, atol=1e-13)


def test_the_field_is_the_control_or_follows_it_and_two_baths_drive() -> None:
    np.testing.assert_allclose(ising_ring(3, 0.5).energies(2.0), ising_ring(3, 0.5, 2.0).energies())
    np.testing.assert_allclose(magnet(5, 0.5, lambda c: 3 * c).energies(2.0), magnet(5, 0.5, 6.0).energies())
    assert_local_balance(ising_ring(4, 0.5, 0.1, temperature={"hot": 3.0, "cold": 0.4}, kinetics="symmetric"))


@pytest.mark.parametrize(("coupling", "field", "warm"), [(0.0, 0.7, 1.3), (1.8, -0.3, 0.6)])
def test_the_magnet_is_all_its_configurations_collected(coupling: float, field: float, warm: float) -> None:
    """Rates from a state of M into the next, and work and entropy production, against 2^6 configurations."""
    n, attempt = 6, 0.7
    x = np.arange(2**n)
    up = np.array([bin(i).count("1") for i in x])
    M = 2.0 * up - n
    flips = np.zeros((2**n, 2**n))
    for i in range(n):
        flips[x, x ^ (1 << i)] = attempt
    energy = -coupling * M**2 / (2 * n) - field * M
    spins = JumpProcess(energy, Channel(flips, temperature=warm))
    collected = magnet(n, coupling, field, attempt=attempt, temperature=warm)
    assert_local_balance(collected)
    into = np.array([[float(up[i] == u) for i in x] for u in range(n + 1)])
    one = np.array([int(np.argmax(up == u)) for u in range(n + 1)])
    wanted = into @ spins.generator().toarray()[:, one]
    np.testing.assert_allclose(collected.generator().toarray(), wanted, rtol=1e-13, atol=1e-13)
    multiplicity = np.log([comb(n, u) for u in range(n + 1)])
    np.testing.assert_allclose(collected.energies(), energy[one] - warm * multiplicity, atol=1e-13)
    moved = magnet(n, coupling, field + 0.1, attempt=attempt, temperature=warm).energies() - collected.energies()
    np.testing.assert_allclose(moved, -0.1 * M[one], atol=1e-14)

    p = np.exp(-np.linspace(0.0, 1.0, n + 1))
    p /= p.sum()
    spread: Any = (p / np.exp(multiplicity))[up]
    assert rate_of_entropy_production(collected, p) == pytest.approx(
        rate_of_entropy_production(spins, spread), rel=1e-12
    )


def rate_of_entropy_production(process: JumpProcess, p: Any) -> float:
    e, energy = process.edges, process.energies()
    flow = process.jump_rates(energy) * p[e.source]
    return float(flow @ (process.jump_heat(energy) / process.temperatures[0] + np.log(p[e.source] / p[e.target])))


def test_free_spins_are_binomial_and_many_coupled_ones_obey_the_mean_field_equation() -> None:
    free = magnet(40, 0.0, 0.3, temperature=0.8)
    p = np.exp(-(free.energies() - free.energies().min()) / 0.8)
    p /= p.sum()
    up = 1 / (1 + np.exp(-2 * 0.3 / 0.8))
    np.testing.assert_allclose(p, [comb(40, u) * up**u * (1 - up) ** (40 - u) for u in range(41)], rtol=1e-12)
    n, coupling, field, warm = 100_000, 1.5, 0.1, 0.9
    F = magnet(n, coupling, field, temperature=warm).energies()
    m = (2.0 * np.argmin(F) - n) / n
    # F is flat within its rounding of 1e-16 * 1e5 over |dm| ~ sqrt(1e-16); a state is 2/n wide
    assert abs(m - np.tanh((coupling * m + field) / warm)) < 4 / n


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("spins", lambda: ising_ring(2, 1.0)),
        ("spins", lambda: ising_ring(19, 1.0)),
        ("coupling", lambda: ising_ring(3, np.nan)),
        ("field", lambda: ising_ring(3, 1.0, np.inf)),
        ("attempt[1]", lambda: ising_ring(3, 1.0, 0.0, attempt=[1.0, -1.0, 1.0])),
        ("temperature", lambda: ising_ring(3, 1.0, 0.0, temperature=0.0)),
        ("spins", lambda: magnet(0)),
        ("spins", lambda: magnet(10**7)),
        ("coupling", lambda: magnet(3, np.inf)),
        ("field(1)", lambda: magnet(3, 1.0, lambda c: np.nan).energies(1.0)),
        ("attempt", lambda: magnet(3, 1.0, attempt=0.0)),
        ("temperature", lambda: magnet(3, 1.0, temperature=-1.0)),
    ],
)
def test_bad_input(name: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == name
