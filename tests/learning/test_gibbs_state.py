"""Where counting errors comes to rest: cells measured in another way, every information summed by hand."""

from __future__ import annotations

from math import exp, log, pi
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from szilard.errors import InputError
from szilard.estimate import Estimate
from szilard.learning.gibbs_state import VersionSpace, version_space
from szilard.learning.orthants import orthant_probabilities
from tests.learning.cases import on_sphere

Array = NDArray[np.float64]


def signs_of(patterns: int) -> Array:
    """Row s holds the answers of cell s: bit mu is pattern mu."""
    index = np.arange(1 << patterns)
    return np.where((index[:, None] >> np.arange(patterns)) & 1, 1.0, -1.0)


def arcs(inputs: Array) -> Array:
    """q(s) of two weights: the circle cut where a field changes its sign."""
    edges = np.sort(np.concatenate([np.arctan2(-x[0], x[1]) + np.array([0.0, pi]) for x in inputs]) % (2.0 * pi))
    lengths = np.diff(np.append(edges, edges[0] + 2.0 * pi))
    middle = edges + 0.5 * lengths
    answers = np.stack([np.cos(middle), np.sin(middle)], axis=1) @ inputs.T > 0.0
    q = np.zeros(1 << len(inputs))
    np.add.at(q, answers @ (1 << np.arange(len(inputs))), lengths / (2.0 * pi))
    return q


def agrees(found: Estimate, exact: float) -> None:
    """Within 5 errors (of 15 degrees of freedom: one in 6000), which are below 1e-3 of the value or 1e-4."""
    assert found.stderr <= max(1e-3 * abs(exact), 1e-4)
    assert abs(found.value - exact) <= 5.0 * found.stderr + 1e-12


def cells_agree(inputs: Array, exact: Array) -> None:
    q = orthant_probabilities(inputs, seed=3)
    error = q.std(axis=0, ddof=1) / 4.0
    assert np.all(error <= 5e-3 * exact + 1e-6)
    assert np.all(np.abs(q.mean(axis=0) - exact) <= 5.0 * error + 1e-12)


# The cells.


@pytest.mark.parametrize("n_inputs", [2, 3, 7])
def test_two_patterns_by_their_angle(n_inputs: int) -> None:
    x = on_sphere(2, n_inputs, 8)
    angle = np.arcsin(x[0] @ x[1] / n_inputs)
    cells_agree(x, 0.25 + signs_of(2).prod(axis=1) * angle / (2.0 * pi))


@pytest.mark.parametrize("n_inputs", [3, 5])
def test_three_patterns_by_sheppards_formula(n_inputs: int) -> None:
    x = on_sphere(3, n_inputs, 6)
    s, angle = signs_of(3), np.arcsin(x @ x.T / n_inputs - np.eye(3) * 1e-15)
    pairs = sum(s[:, a] * s[:, b] * angle[a, b] for a, b in ((0, 1), (0, 2), (1, 2)))
    cells_agree(x, 0.125 + np.asarray(pairs) / (4.0 * pi))


@pytest.mark.parametrize("patterns", [3, 6])
def test_more_patterns_than_weights_by_arcs(patterns: int) -> None:
    cells_agree(on_sphere(patterns, 2, 4), arcs(on_sphere(patterns, 2, 4)))


def test_patterns_that_repeat_or_contradict_each_other() -> None:
    x = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [-1.0, -1.0, -1.0], [1.0, 1.0, -1.0]])
    rows = orthant_probabilities(x, seed=1)
    q, near = rows.mean(axis=0), 4.0 * float(rows.std(axis=0, ddof=1).max()) / 4.0 + 1e-12  # 16 independent rows
    split = 0.25 + np.arcsin(1.0 / 3.0) / (2.0 * pi)  # both of the two different ones answered alike
    expected = {0b1011: split, 0b0011: 0.5 - split, 0b0100: split, 0b1100: 0.5 - split}
    assert {s: pytest.approx(p, abs=near) for s, p in expected.items()} == {
        int(s): q[s] for s in np.flatnonzero(q > 0.0)
    }


def test_orthogonal_patterns_are_independent() -> None:
    assert orthant_probabilities(np.eye(9), seed=2) == pytest.approx(2.0**-9, rel=1e-12)


@pytest.mark.parametrize(("patterns", "n_inputs"), [(7, 7), (9, 4), (1, 3)])
def test_cells_add_up_and_are_symmetric(patterns: int, n_inputs: int) -> None:
    q = orthant_probabilities(on_sphere(patterns, n_inputs, 3), seed=2)
    assert q.shape == (16, 1 << patterns)
    assert q.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
    assert np.array_equal(q, q[:, ::-1])
    w = np.random.default_rng(5).normal(size=(200_000, n_inputs))
    counted = np.bincount(
        (w @ on_sphere(patterns, n_inputs, 3).T > 0.0) @ (1 << np.arange(patterns)), minlength=1 << patterns
    )
    often = q.mean(axis=0) * len(w) > 50.0
    z = (counted - len(w) * q.mean(axis=0))[often] / np.sqrt(len(w) * q.mean(axis=0)[often])
    assert np.all(np.abs(z) < 5.0) and 0.5 < np.mean(z**2) < 1.5 or often.sum() < 10


# The state at rest.


def by_hand(q: Array, a: float) -> dict[str, float]:
    """Every number as a plain sum over labels and cells."""
    patterns = q.size.bit_length() - 1
    s = signs_of(patterns)
    distance = (s[:, None, :] != s[None, :, :]).sum(axis=2)
    joint = q * np.exp(-a * distance) / (q * np.exp(-a * distance)).sum(axis=1)[:, None] / q.size  # p(sigma, s)
    cell = joint.sum(axis=0)
    told = joint > 0.0
    information = float((joint[told] * np.log((joint * q.size / np.where(cell > 0.0, cell, 1.0))[told])).sum())
    each = learned = errors = 0.0
    for mu in range(patterns):
        part = np.array([joint[s[:, mu] == y].sum(axis=0) for y in (-1.0, 1.0)])
        there = part > 0.0
        each += float((part[there] * np.log((2.0 * part / np.where(cell > 0.0, cell, 1.0))[there])).sum())
        wrong = float((joint * (s[:, None, mu] != s[None, :, mu])).sum())
        errors += wrong
        learned += log(2.0) + wrong * log(wrong) + (1.0 - wrong) * log(1.0 - wrong)
    given = joint * q.size
    inside = given > 0.0
    entropy = -float((given[inside] * np.log((given / np.where(q > 0.0, q, 1.0))[inside])).sum()) / q.size
    work = -0.7 * float(np.mean(np.log((q * np.exp(-a * distance)).sum(axis=1))))
    return {
        "information": information, "information_each": each, "learned": learned, "errors": errors,
        "entropy_change": entropy, "work": work, "efficiency_joint": learned / information,
    }  # fmt: skip


@pytest.mark.parametrize(("patterns", "strength"), [(1, 0.9), (2, 1.5), (3, 2.8), (5, 1.1), (5, 6.0)])
def test_two_weights_by_polar_sums(patterns: int, strength: float) -> None:
    x = on_sphere(patterns, 2, 4)
    state = version_space(x, strength=strength, temperature=0.7)
    for name, value in by_hand(arcs(x), strength / 0.7).items():
        agrees(getattr(state, name), value)


def test_one_weight_in_closed_form() -> None:
    """P(right) = 1/(1 + e^{-c/T}); the sign tells all that the weight knows, at any c: efficiency 1."""
    state = version_space([[-2.0]], strength=1.7, temperature=0.7)
    wrong = 1.0 / (1.0 + exp(1.7 / 0.7))
    told = log(2.0) + wrong * log(wrong) + (1.0 - wrong) * log(1.0 - wrong)
    for found in (state.learned, state.information, state.information_each):
        assert found.value == pytest.approx(told, rel=1e-12)
    assert state.work.value == pytest.approx(-0.7 * log((1.0 + exp(-1.7 / 0.7)) / 2.0), rel=1e-12)
    assert state.efficiency_joint.value == pytest.approx(1.0, rel=1e-12)


def test_contradicting_patterns_of_one_weight() -> None:
    """Three copies of a pattern: the majority decides, and Z by hand; a label hides the others."""
    state = version_space([[1.0], [1.0], [-1.0]], strength=1.0, temperature=0.7)
    for name, value in by_hand(np.array([0, 0, 0, 0.5, 0.5, 0, 0, 0]), 1.0 / 0.7).items():
        assert getattr(state, name).value == pytest.approx(value, rel=1e-12), name
    assert state.efficiency_joint.value < 0.9


def test_the_limit_is_reached_within_capacity() -> None:
    """P <= N in general position: error-free as c -> infinity, and then learned = I(w : sigma) = P ln 2."""
    state = version_space(on_sphere(3, 4, 7), strength=20.0, temperature=0.7)
    for found in (state.learned, state.information, state.information_each):
        assert found.value == pytest.approx(3.0 * log(2.0), abs=1e-8)
    beyond = version_space(on_sphere(6, 2, 4), strength=20.0, temperature=0.7)
    assert beyond.errors.value > 1.0
    assert beyond.efficiency_joint.value < 0.8


@pytest.mark.parametrize(("patterns", "n_inputs"), [(4, 4), (7, 3)])
def test_the_second_law_holds_with_equality_at_rest(patterns: int, n_inputs: int) -> None:
    """learned <= sum I(w : each) <= I(w : all) = Delta S(w) + Q/T of a quasi-static run, Q/T = -Delta S(w | sigma)."""
    state = version_space(on_sphere(patterns, n_inputs, 3), strength=2.0, temperature=0.7)
    assert 0.0 < state.learned.value < state.information_each.value < state.information.value < patterns * log(2.0)
    heat = (state.work.value - 2.0 * state.errors.value) / 0.7  # k w^2/2 stays
    assert heat == pytest.approx(-state.entropy_change.value, rel=1e-9)


def test_free_energies_of_given_labels() -> None:
    x = on_sphere(3, 2, 4)
    state = version_space(x, strength=1.3, temperature=0.7)
    q, s = arcs(x), signs_of(3)
    exact = [-0.7 * log(float((q * np.exp(-1.3 / 0.7 * (s != y).sum(axis=1))).sum())) for y in s]
    assert np.ptp(exact) > 0.3
    assert state.free_energy_changes(s) == pytest.approx(exact, abs=1e-4)
    few = s[[1, 1, 6, 2]]
    agrees(state.mean_free_energy_change(few), float(np.mean(np.array(exact)[[1, 1, 6, 2]])))


def test_nothing_is_learned_for_nothing() -> None:
    state = version_space(on_sphere(3, 3, 1), strength=0.0)
    for found in (state.learned, state.information, state.work, state.entropy_change):
        assert found.value == pytest.approx(0.0, abs=1e-12)
    assert state.errors.value == pytest.approx(1.5, abs=1e-12)
    assert "VersionSpace: P = 3" in version_space(on_sphere(3, 3, 1), strength=1.0)._repr_html_()


BAD: list[tuple[str, dict[str, Any]]] = [
    ("inputs", {"inputs": [1.0, 2.0]}),
    ("inputs", {"inputs": np.ones((15, 15))}),
    ("inputs", {"inputs": np.ones((0, 3))}),
    ("inputs", {"inputs": [[1.0, np.nan]]}),
    ("inputs", {"inputs": [[1.0, 1.0], [0.0, 0.0]]}),
    ("strength", {"strength": -1.0}),
    ("strength", {"strength": np.inf}),
    ("temperature", {"temperature": 0.0}),
    ("seed", {"seed": -1}),
]


@pytest.mark.parametrize(("field", "given"), BAD, ids=range(len(BAD)))
def test_bad_input(field: str, given: dict[str, Any]) -> None:
    settings: dict[str, Any] = {"inputs": [[1.0, 1.0]], "strength": 1.0} | given
    with pytest.raises(InputError, match=field):
        version_space(settings.pop("inputs"), **settings)


def test_labels_that_do_not_fit() -> None:
    state: VersionSpace = version_space([[1.0, 1.0]], strength=1.0)
    for labels in ([[1.0, 1.0]], [1.0], [[0.0]]):
        with pytest.raises(InputError, match="labels"):
            state.free_energy_changes(labels)


def test_impossible_labels_at_an_endless_energy() -> None:
    with pytest.raises(InputError, match="strength"):
        _ = version_space([[1.0], [1.0]], strength=1e4).work
