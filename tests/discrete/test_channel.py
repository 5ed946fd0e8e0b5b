"""A channel keeps what it was given, pair by pair, and names the entry that breaks a rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from szilard.discrete import Channel
from szilard.errors import InputError

TRIES = np.array([[0.0, 2.0, 0.0, 0.3], [2.0, 0.0, 0.7, 0.0], [0.0, 0.7, 0.0, 5.0], [0.3, 0.0, 5.0, 0.0]])
PUSH = np.array([[0.0, -1.5, 0.0, 0.0], [1.5, 0.0, 0.4, 0.0], [0.0, -0.4, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
"""The agent gives 1.5 in the jump 0 -> 1 and 0.4 in the jump 2 -> 1."""
JOINED = {(0, 1): (2.0, 1.5), (0, 3): (0.3, 0.0), (1, 2): (0.7, -0.4), (2, 3): (5.0, 0.0)}
"""Attempt and drive of the jump lower -> upper."""
FORMS = (np.asarray, sparse.csr_array, sparse.csc_array, sparse.coo_array, sparse.csr_matrix)


def with_entry(matrix: Any, place: tuple[int, int], value: float, mirror: float | None = None) -> Any:
    changed = np.array(matrix, dtype=np.float64)
    changed[place] = value
    if mirror is not None:
        changed[place[::-1]] = mirror
    return changed


def pairs_of(channel: Channel) -> dict[tuple[int, int], tuple[float, float]]:
    p = channel.pairs
    keys = zip(p.lower.tolist(), p.upper.tolist(), strict=True)
    return dict(zip(keys, zip(p.attempt.tolist(), p.drive.tolist(), strict=True), strict=True))


@pytest.mark.parametrize("form", FORMS)
def test_every_pair_is_kept_once_with_the_drive_of_its_upward_jump(form: Any) -> None:
    channel = Channel(form(TRIES), form(PUSH), temperature=2.0)
    assert channel.n_states == 4
    assert channel.pairs.attempt.size == 4
    assert pairs_of(channel) == JOINED


def test_no_drive_and_a_zero_drive_are_the_same() -> None:
    undriven = {pair: (attempt, 0.0) for pair, (attempt, _) in JOINED.items()}
    assert pairs_of(Channel(TRIES)) == pairs_of(Channel(TRIES, np.zeros((4, 4)))) == undriven


def test_entries_written_twice_add_up_and_stored_zeros_join_nothing() -> None:
    places = ([0, 1, 1, 2, 0], [1, 0, 0, 0, 2])
    twice = sparse.coo_array(([2.0, -0.5, 2.5, 0.0, 0.0], places), shape=(3, 3))
    assert pairs_of(Channel(twice)) == {(0, 1): (2.0, 0.0)}
    nothing = sparse.coo_array(([0.0, 0.0], ([2, 0], [0, 2])), shape=(3, 3))
    assert pairs_of(Channel(twice, nothing)) == {(0, 1): (2.0, 0.0)}


def test_the_users_matrices_are_left_alone() -> None:
    unsorted = sparse.coo_array(([0.5, 1.5, 2.0], ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
    tries = TRIES.copy()
    channel = Channel(tries)
    Channel(unsorted)
    tries[0, 1] = tries[1, 0] = 99.0
    assert pairs_of(channel)[0, 1] == (2.0, 0.0)
    assert unsorted.nnz == 3


def test_a_scalar_load_is_the_share_of_the_jump_that_the_drive_helps() -> None:
    """0 -> 1 and 2 -> 1 get 0.3 of their drive; their reverses hold the other 0.7 back."""
    p = Channel(TRIES, PUSH, kinetics="arrhenius", load=0.3).pairs
    load = dict(zip(zip(p.lower.tolist(), p.upper.tolist(), strict=True), p.load.tolist(), strict=True))
    assert load[0, 1] == 0.3
    assert load[1, 2] == 0.7


@pytest.mark.parametrize("form", FORMS)
def test_a_load_matrix_is_read_at_the_upward_jump(form: Any) -> None:
    load = np.full((4, 4), 0.5)
    load[1, 0], load[0, 1], load[2, 1], load[1, 2] = 0.1, 0.9, 1.25, -0.25
    p = Channel(TRIES, PUSH, kinetics="arrhenius", load=form(load)).pairs
    assert dict(zip(zip(p.lower.tolist(), p.upper.tolist(), strict=True), p.load.tolist(), strict=True)) == {
        (0, 1): 0.1, (0, 3): 0.5, (1, 2): 1.25, (2, 3): 0.5,
    }  # fmt: skip


def test_no_pair_and_no_state() -> None:
    assert Channel([[0.0]]).pairs.attempt.size == 0
    assert Channel(np.zeros((3, 3))).n_states == 3
    assert Channel(np.zeros((0, 0))).n_states == 0


def test_asymmetry_within_rounding_is_no_asymmetry() -> None:
    third = 1.0 / 3.0
    tries = with_entry(np.zeros((2, 2)), (0, 1), third, np.nextafter(third, 1.0))
    assert Channel(tries).pairs.attempt[0] == pytest.approx(third, rel=1e-15)
    with pytest.raises(InputError):
        Channel(with_entry(np.zeros((2, 2)), (0, 1), 1e-12, 2e-12))


def test_a_million_states_are_read_in_sparse_form() -> None:
    n = 1_000_000
    rungs = sparse.diags_array([np.arange(1.0, n), np.arange(1.0, n)], offsets=[-1, 1], format="csr")
    p = Channel(rungs).pairs
    assert p.attempt.size == n - 1
    assert (p.lower[-1], p.upper[-1], p.attempt[-1]) == (n - 2, n - 1, n - 1.0)


def test_the_text_form_says_what_it_is() -> None:
    channel = Channel(TRIES, PUSH, temperature=0.25, name="hot", kinetics="arrhenius")
    assert repr(channel) == "Channel('hot', 4 states, 4 pairs, T = 0.25, arrhenius)"
    assert repr(Channel(np.zeros((2, 2)))) == "Channel('bath', 2 states, 0 pairs, T = 1, symmetric)"


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "asymmetric": ({"attempt": with_entry(TRIES, (2, 3), 4.0)}, "attempt[2, 3] - attempt[3, 2]", "symmetric"),
    "one way only": ({"attempt": with_entry(TRIES, (0, 2), 1.0)}, "attempt[0, 2] - attempt[2, 0]", "symmetric"),
    "negative": ({"attempt": with_entry(TRIES, (1, 3), -0.5, -0.5)}, "attempt[1, 3]", ">= 0"),
    "NaN": ({"attempt": with_entry(TRIES, (2, 1), np.nan)}, "attempt[2, 1]", "finite"),
    "infinite": ({"attempt": with_entry(TRIES, (0, 3), np.inf, np.inf)}, "attempt[0, 3]", "finite"),
    "diagonal": ({"attempt": with_entry(TRIES, (2, 2), 1.0)}, "attempt[2, 2]", "own state"),
    "negative diagonal": ({"attempt": with_entry(TRIES, (1, 1), -2.0)}, "attempt[1, 1]", "own state"),
    "not square": ({"attempt": np.zeros((2, 3))}, "attempt", "square"),
    "a vector": ({"attempt": [1.0, 2.0]}, "attempt", "square"),
    "a number": ({"attempt": 1.0}, "attempt", "matrix of numbers"),
    "three axes": ({"attempt": np.zeros((2, 2, 2))}, "attempt", "square"),
    "words": ({"attempt": [["a", "b"], ["b", "a"]]}, "attempt", "matrix of numbers"),
    "ragged": ({"attempt": [[0.0, 1.0], [1.0]]}, "attempt", "matrix of numbers"),
    "nothing": ({"attempt": None}, "attempt", "number"),
    "drive symmetric": ({"drive": np.abs(PUSH)}, "drive[0, 1] + drive[1, 0]", "antisymmetric"),
    "drive one way": ({"drive": with_entry(PUSH, (3, 2), 1.0)}, "drive[2, 3] + drive[3, 2]", "antisymmetric"),
    "drive on the spot": ({"drive": with_entry(PUSH, (3, 3), 1.0)}, "drive[3, 3] + drive[3, 3]", "antisymmetric"),
    "drive without a jump": ({"drive": with_entry(PUSH, (1, 3), 1.0, -1.0)}, "drive[1, 3]", "no jump carries"),
    "drive NaN": ({"drive": with_entry(PUSH, (0, 3), np.nan)}, "drive[0, 3]", "finite"),
    "drive of another size": ({"drive": np.zeros((3, 3))}, "drive", "(4, 4)"),
    "drive a number": ({"drive": 1.0}, "drive", "matrix of numbers"),
    "shares sum to 1.1": ({"load": with_entry(np.full((4, 4), 0.5), (2, 1), 0.6)}, "load", "load[2, 1] + load[1, 2]"),
    "load of another size": ({"load": np.full((3, 3), 0.5)}, "load", "(4, 4)"),
    "load NaN": ({"load": float("nan")}, "load", "finite"),
    "load matrix NaN": ({"load": with_entry(np.full((4, 4), 0.5), (1, 0), np.nan)}, "load[1, 0]", "finite"),
    "load a word": ({"load": "half"}, "load", "finite number"),
    "no temperature": ({"temperature": 0.0}, "temperature", "> 0"),
    "negative temperature": ({"temperature": -1.0}, "temperature", "> 0"),
    "infinite temperature": ({"temperature": np.inf}, "temperature", "finite"),
    "two temperatures": ({"temperature": [1.0, 2.0]}, "temperature", "finite number"),
    "unknown kinetics": ({"kinetics": "metropolis"}, "kinetics", "symmetric, heat_bath, arrhenius"),
    "empty name": ({"name": ""}, "name", "text"),
    "no name": ({"name": None}, "name", "text"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("stored", ["dense", "sparse"])
def test_what_breaks_a_rule_is_named(case: str, stored: str) -> None:
    change, field, rule = REFUSED[case]
    given = {"attempt": TRIES, "drive": PUSH, "kinetics": "arrhenius", "load": np.full((4, 4), 0.5), **change}
    if stored == "sparse":
        given = {k: sparse.csr_array(v) if isinstance(v, np.ndarray) and v.ndim == 2 else v for k, v in given.items()}
    with pytest.raises(InputError) as error:
        Channel(given.pop("attempt"), given.pop("drive"), **given)
    assert error.value.field == field
    assert rule in error.value.rule
    assert error.value.fix


@pytest.mark.parametrize("load", [0.3, [[0.5, 0.4], [0.6, 0.5]]], ids=["share", "matrix"])
@pytest.mark.parametrize("kinetics", ["symmetric", "heat_bath"])
def test_a_load_that_would_do_nothing_is_refused(kinetics: Any, load: Any) -> None:
    with pytest.raises(InputError, match="arrhenius"):
        Channel([[0, 1], [1, 0]], [[0, 1], [-1, 0]], kinetics=kinetics, load=load)
