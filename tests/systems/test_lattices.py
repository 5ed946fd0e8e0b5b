"""The lattice against Kronecker sums of chains, Boltzmann without force, and the drift with one."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pytest

from szilard.errors import InputError
from szilard.systems import lattice
from tests.systems.books import assert_local_balance, assert_stationary


def chain(energy: Any, force: float, attempt: float, warm: float, periodic: bool) -> Any:
    """The generator of one axis, pair by pair."""
    n = len(energy)
    L = np.zeros((n, n))
    for x in range(n if periodic else n - 1):
        y = (x + 1) % n
        L[y, x] += attempt * np.exp((energy[x] - energy[y] + force) / (2 * warm))
        L[x, y] += attempt * np.exp((energy[y] - energy[x] - force) / (2 * warm))
    return L - np.diag(L.sum(axis=0))


def test_additive_energies_make_a_kronecker_sum_of_chains() -> None:
    rng = np.random.default_rng(1)
    sides, force, attempt, periodic, warm = (3, 4, 2), (0.7, -0.4, 0.2), (1.0, 0.5, 2.0), (True, True, False), 0.6
    lines = [rng.normal(size=side) for side in sides]
    process = lattice(
        sides, lambda x, y, z: lines[0][x] + lines[1][y] + lines[2][z],
        force=force, attempt=attempt, periodic=periodic, temperature=warm,
    )  # fmt: skip
    assert_local_balance(process)
    wanted = np.zeros((24, 24))
    for axis in range(3):
        one = chain(lines[axis], force[axis], attempt[axis], warm, periodic[axis])
        wanted += reduce(np.kron, [one if d == axis else np.eye(sides[d]) for d in range(3)])
    np.testing.assert_allclose(process.generator().toarray(), wanted, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("kinetics", ["symmetric", "heat_bath"])
def test_boltzmann_is_stationary_without_force(kinetics: str) -> None:
    energy = np.random.default_rng(2).normal(size=(7, 5)) * 2.0
    process = lattice((7, 5), energy, periodic=(True, False), attempt=(1.0, 3.0), temperature=0.8, kinetics=kinetics)  # type: ignore[arg-type]
    assert_stationary(process, np.exp(-energy.ravel() / 0.8))
    assert not process.driven


def test_a_force_on_a_closed_axis_drifts_and_on_an_open_one_tilts() -> None:
    force, warm, attempt = 1.3, 0.5, 0.7
    L = lattice(5, force=force, periodic=True, attempt=attempt, temperature=warm).generator().toarray()
    assert L[1, 0] - L[0, 1] == pytest.approx(2 * attempt * np.sinh(force / (2 * warm)), rel=1e-14)
    np.testing.assert_allclose(L.sum(axis=1), 0.0, atol=1e-14)
    opened = lattice(5, force=force, attempt=attempt, temperature=warm).generator()
    tilted = lattice(5, -force * np.arange(5), attempt=attempt, temperature=warm).generator()
    np.testing.assert_allclose(opened.toarray(), tilted.toarray(), rtol=1e-14)


def test_one_site_idle_axes_and_the_order_of_states() -> None:
    assert lattice(1).generator().toarray().tolist() == [[0.0]]
    assert lattice((2, 3), attempt=(0.0, 1.0)).components().tolist() == [0, 0, 0, 1, 1, 1]
    np.testing.assert_array_equal(lattice((2, 3), lambda x, y: 10 * x + y).energies(), [0, 1, 2, 10, 11, 12])


def test_many_sites() -> None:
    process = lattice((200, 250), lambda x, y: 0.01 * x, force=(0.0, 0.1), periodic=True)
    assert process.edges.source.size == 4 * 50_000
    np.testing.assert_allclose(np.asarray(process.generator().sum(axis=0)).ravel(), 0.0, atol=1e-14)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("shape[1]", lambda: lattice((3, 0))),
        ("shape[0]", lambda: lattice(2.0)),  # type: ignore[arg-type]
        ("shape", lambda: lattice(())),
        ("shape", lambda: lattice((10**6, 10**6))),
        ("shape", lambda: lattice(10**7 + 1)),
        ("shape[1]", lambda: lattice((4, 2), periodic=(False, True))),
        ("periodic", lambda: lattice((4, 4), periodic=(True, False, True))),
        ("periodic", lambda: lattice((4, 4), periodic=1)),  # type: ignore[arg-type]
        ("force", lambda: lattice((4, 4), force=(1.0, 2.0, 3.0))),
        ("force[1]", lambda: lattice((4, 4), force=(1.0, np.nan))),
        ("attempt[0]", lambda: lattice((4, 4), attempt=(-1.0, 1.0))),
        ("energy", lambda: lattice((4, 4), np.zeros(16))),
        ("energy[2, 1]", lambda: lattice((4, 4), lambda x, y: np.where((x == 2) & (y == 1), np.inf, 0.0))),
        ("temperature", lambda: lattice(4, temperature=0.0)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
