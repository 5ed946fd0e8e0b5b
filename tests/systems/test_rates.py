"""Rates that come back, heat that they imply, and a split that puts everything it can into energies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from szilard.errors import InputError
from szilard.systems import from_rates, landscape, lattice, ring
from tests.systems.books import assert_local_balance, stationary


def some_rates(seed: int, n: int, spread: float, joined: float = 0.6) -> Any:
    """Lopsided rates on a random connected graph, no diagonal."""
    rng = np.random.default_rng(seed)
    mask = np.triu(rng.random((n, n)) < joined, 1) | np.eye(n, k=1, dtype=bool)
    return np.where(mask | mask.T, np.exp(spread * rng.normal(size=(n, n))), 0.0)


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(2, 12), st.floats(0.0, 7.0), st.floats(0.1, 5.0))
def test_rates_come_back_and_heat_is_their_logarithm(seed: int, n: int, spread: float, warm: float) -> None:
    k = some_rates(seed, n, spread)
    process = from_rates(k, temperature=warm)
    L = process.generator().toarray()
    # a drive below 4 eps (1 + max |ln k|) for each jump of a cycle through the tree, 2n at most, is set to zero
    size = 1 + float(np.abs(process.energies()).max()) / warm + np.abs(np.log(k[k > 0])).max()
    rounding = 4 * 2.3e-16 * (2 * n + 1) * size
    np.testing.assert_allclose(L - np.diag(np.diag(L)), k, rtol=rounding)
    e, heat = process.edges, process.jump_heat(process.energies())
    wanted = warm * (np.log(k[e.target, e.source]) - np.log(k[e.source, e.target]))
    np.testing.assert_allclose(heat, wanted, rtol=0, atol=warm * rounding)
    assert_local_balance(process)


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.integers(3, 10))
def test_the_split_leaves_the_least_drive(seed: int, n: int) -> None:
    """Against NumPy's least squares on the incidence matrix."""
    k = some_rates(seed, n, 2.0)
    process = from_rates(k, temperature=0.7)
    upper, lower = np.nonzero(np.tril(k))
    heat = 0.7 * np.log(k[upper, lower] / k[lower, upper])
    incidence = np.zeros((heat.size, n))
    incidence[np.arange(heat.size), lower] = 1.0
    incidence[np.arange(heat.size), upper] = -1.0
    fitted = np.linalg.lstsq(incidence, heat, rcond=None)[0]
    np.testing.assert_allclose(process.energies(), fitted - fitted[0], atol=1e-12)
    drive = np.zeros((n, n)) if process.channels[0].drive is None else process.channels[0].drive.toarray()
    np.testing.assert_allclose(drive[upper, lower], heat - incidence @ fitted, atol=1e-12)
    np.testing.assert_allclose(drive.sum(axis=0), 0.0, atol=1e-12)


def test_detailed_balance_goes_into_energies_alone() -> None:
    rng = np.random.default_rng(5)
    energy = 3.0 * rng.normal(size=9)
    attempt = rng.random((9, 9)) + 0.1
    k = (attempt + attempt.T) * np.exp((energy[None, :] - energy[:, None]) / (2 * 0.4))
    np.fill_diagonal(k, 0.0)
    process = from_rates(k, temperature=0.4)
    assert not process.driven
    p = stationary(k - np.diag(k.sum(axis=0)))
    np.testing.assert_allclose(process.energies(), -0.4 * np.log(p / p[0]), atol=1e-13)


def test_a_ring_comes_back_as_it_was_built() -> None:
    built = ring([0.0, 0.5, 1.2, -0.3], 2.0, attempt=[1.0, 2.0, 0.3, 4.0], temperature=0.8)
    back = from_rates(built.generator(), temperature=0.8)
    np.testing.assert_allclose(back.energies(), built.energies(), atol=1e-14)
    np.testing.assert_allclose(back.channels[0].drive.toarray(), built.channels[0].drive.toarray(), atol=1e-14)
    np.testing.assert_allclose(back.channels[0].attempt.toarray(), built.channels[0].attempt.toarray(), rtol=1e-14)


def test_an_energy_of_ones_own_moves_the_rest_into_the_drive_and_leaves_the_heat() -> None:
    k = some_rates(3, 5, 1.0)
    plain, mine = from_rates(k, temperature=0.5), from_rates(k, temperature=0.5, energy=[3.0, -1.0, 0.0, 2.0, 5.0])
    np.testing.assert_array_equal(mine.energies(), [3.0, -1.0, 0.0, 2.0, 5.0])
    for process in (plain, mine):
        assert_local_balance(process)
    np.testing.assert_allclose(plain.jump_heat(plain.energies()), mine.jump_heat(mine.energies()), atol=1e-14)
    np.testing.assert_allclose(plain.generator().toarray(), mine.generator().toarray(), rtol=1e-13)
    built = ring([0.0, 0.5, 1.2], 0.0)
    assert not from_rates(built.generator(), energy=built.energies()).driven


def test_several_reservoirs_share_one_energy() -> None:
    """Two baths of two temperatures, no agent: the energies explain both, though no detailed balance holds."""
    energy = np.array([0.0, 1.3, 0.4])
    q = energy[None, :] - energy[:, None]
    ring3 = np.ones((3, 3)) - np.eye(3)
    k = {
        "hot": 0.7 * ring3 * np.exp(q / (2 * 2.0)),
        "cold": np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]]) * np.exp(q / (2 * 0.5)),
    }
    process = from_rates(k, temperature={"hot": 2.0, "cold": 0.5})
    assert process.reservoirs == ("hot", "cold")
    assert not process.driven
    np.testing.assert_allclose(process.energies(), energy, atol=1e-14)
    assert from_rates(k, temperature=1.0).driven


def test_rows_are_columns_transposed_and_sparse_is_dense() -> None:
    k = some_rates(7, 6, 1.5)
    wanted = from_rates(k).generator().toarray()
    L = k - np.diag(k.sum(axis=0))
    for matrix, convention in ((k.T, "row"), (L.T, "row"), (L, "column"), (sparse.csr_array(L), "column")):
        found = from_rates(matrix, convention).generator().toarray()  # type: ignore[arg-type]
        np.testing.assert_array_equal(found, wanted)


def test_the_given_matrix_is_left_as_it_was() -> None:
    twice = sparse.csr_array((np.array([1.0, 1.0, 0.5]), np.array([1, 1, 0]), np.array([0, 2, 3])), shape=(2, 2))
    assert from_rates(twice).generator().toarray()[0, 1] == pytest.approx(2.0, rel=1e-15)
    assert twice.data.tolist() == [1.0, 1.0, 0.5]


def test_parts_that_are_not_joined_and_single_states() -> None:
    two = np.zeros((5, 5))
    two[1, 0], two[0, 1], two[4, 3], two[3, 4] = 2.0, 1.0, 5.0, 0.5
    process = from_rates(two)
    assert process.components().tolist() == [0, 0, 1, 2, 2]
    np.testing.assert_allclose(process.energies(), [0.0, -np.log(2.0), 0.0, 0.0, -np.log(10.0)], atol=1e-15)
    assert from_rates([[0.0]]).n_states == 1


def test_rates_twelve_orders_apart_come_back() -> None:
    k = np.array([[0.0, 1e-6, 3.0], [1e6, 0.0, 1e-9], [2e-3, 7.0, 0.0]])
    L = from_rates(k, temperature=0.2).generator().toarray()
    np.testing.assert_allclose(L[k > 0], k[k > 0], rtol=3e-14)


def test_large_driven_systems_leave_a_drive_without_sources() -> None:
    """Both solvers: conjugate gradients on a random graph, elimination on a long ring."""
    ground = landscape(4000, 1.0, seed=2).generator().tolil()
    lower, upper = (int(i) for i in np.argwhere(np.triu(ground.toarray(), 1) > 0)[0])
    ground[upper, lower] *= 5.0
    ground.setdiag(0.0)
    long = ring(np.sin(np.arange(4000.0)), 40.0)
    for k in (sparse.csr_array(ground), long.generator()):
        process = from_rates(k)
        drive = process.channels[0].drive
        assert np.abs(drive.data).max() > 5e-3
        np.testing.assert_allclose(drive.sum(axis=0), 0.0, atol=2e-11)
        off = process.generator() - sparse.csr_array(k)
        off.setdiag(0.0)
        assert np.abs(off.data).max() < 1e-12
    np.testing.assert_allclose(process.energies(), long.energies() - long.energies()[0], atol=1e-9)


def test_a_large_lattice_in_equilibrium_has_no_drive() -> None:
    built = lattice((60, 70), lambda x, y: np.sin(0.3 * x) * y / 7.0, temperature=0.3)
    back = from_rates(built.generator(), temperature=0.3)
    assert not back.driven
    np.testing.assert_allclose(back.energies(), built.energies() - built.energies()[0], atol=1e-12)


GOOD = np.array([[0.0, 2.0, 0.5], [1.0, 0.0, 3.0], [4.0, 1.0, 0.0]])


def changed(x: int, y: int, value: float) -> Any:
    k = GOOD.copy()
    k[x, y] = value
    return k


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("k[2, 0] and k[0, 2]", lambda: from_rates(changed(0, 2, 0.0))),
        ("k[0, 2] and k[2, 0]", lambda: from_rates(changed(0, 2, 0.0), "row")),
        ("k['hot'][2, 0] and k['hot'][0, 2]", lambda: from_rates({"hot": changed(0, 2, 0.0)})),
        ("k[1, 2]", lambda: from_rates(changed(1, 2, -1.0))),
        ("k[1, 2]", lambda: from_rates(changed(1, 2, np.nan), "row")),
        ("k[1, 1]", lambda: from_rates(changed(1, 1, -1.0))),
        ("k[0, 0]", lambda: from_rates(GOOD - np.diag(GOOD.sum(axis=1)))),
        ("k", lambda: from_rates(GOOD[:2])),
        ("k", lambda: from_rates([["a"]])),
        ("k", lambda: from_rates(np.zeros((0, 0)))),
        ("k", lambda: from_rates({"a": GOOD, "b": GOOD[:2, :2]})),
        ("convention", lambda: from_rates(GOOD, "rows")),  # type: ignore[arg-type]
        ("temperature", lambda: from_rates(GOOD, temperature=0.0)),
        ("temperature", lambda: from_rates({"a": GOOD}, temperature={"b": 1.0})),
        ("temperature", lambda: from_rates({})),
        ("energy", lambda: from_rates(GOOD, energy=[0.0, 1.0])),
        ("name", lambda: from_rates(GOOD, name="")),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field


def test_errors_give_both_rates_and_hint_at_the_other_convention() -> None:
    with pytest.raises(InputError, match=r"got \(4\.0, 0\.0\)"):
        from_rates(changed(0, 2, 0.0))
    with pytest.raises(InputError, match='convention="row"'):
        from_rates(GOOD - np.diag(GOOD.sum(axis=1)))
