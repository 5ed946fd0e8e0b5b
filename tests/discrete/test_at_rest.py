"""The kernel of pieces in which nothing moves makes the trajectories of the general one, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard._kernels import jumps
from szilard.discrete import Channel, JumpProcess, ensemble, thinning
from tests.discrete.cases import RING
from tests.discrete.master import lopsided

SHUT = JumpProcess([0.3, -0.2, 0.9], Channel([[0.0, 0.0, 0.0], [0.0, 0.0, 1.3], [0.0, 1.3, 0.0]], temperature=0.7))
"""No jump leaves or enters state 0."""
CASES: dict[str, tuple[JumpProcess, float]] = {
    "three baths, driven": (lopsided(4, baths=3).process, 3.0),
    "two baths, not driven": (lopsided(4, baths=2, driven=False, seed=3).process, 3.0),
    "one bath, driven": (RING, 20.0),
    "one bath, not driven, a state alone": (SHUT, 5.0),
}
STEPS = sz.Protocol([0.0, 0.8, 0.8, 1.1, 2.0, 2.0, 3.0], [0.2, 0.2, -0.6, -0.6, 0.7, 0.1, 0.1])
"""Rest, a jump, rest, a ramp, a jump, rest."""


def everything(process: JumpProcess, duration: float, replicas: int = 301, **how: Any) -> dict[str, Any]:
    states = np.arange(replicas) % process.n_states
    edges = process.edges.source.size
    counted = {"a": np.linspace(-1.0, 2.0, edges), "b": np.linspace(0.5, 0.7, edges) ** 2}
    run = sz.simulate(
        process, states, duration, replicas=replicas, seed=5, threads=1, currents=counted, record="paths", **how
    )
    assert run.books is not None
    assert run.paths is not None
    return {
        "final": run.final, "states": run.states, "activity": run.activity, "heat": run.ledger.heat,
        "work": run.ledger.work, "gross": run.ledger.gross, "heat on the way": run.books.heat,
        "work on the way": run.books.work, "a": run.currents["a"], "b": run.currents["b"], "offsets": run.paths.offsets,
        "times": run.paths.times, "jump": run.paths.jump, "heat of jumps": run.paths.heat,
    }  # fmt: skip


def by_the_general_kernel(patch: pytest.MonkeyPatch, process: JumpProcess, duration: float, **how: Any) -> Any:
    def unexpected(*_: Any) -> int:
        raise AssertionError("the faster kernel was called")

    patch.setattr(thinning.Tables, "at_rest", False)
    patch.setattr(ensemble, "advance_at_rest", unexpected)
    return everything(process, duration, **how)


def compare(fast: dict[str, Any], slow: dict[str, Any]) -> None:
    for name, array in fast.items():
        assert np.array_equal(array, slow[name]), name
    assert fast["activity"].sum() > 500


@pytest.mark.parametrize("limits", [{}, {"BUDGET": 300, "LANES": 5}], ids=["whole", "in parts"])
@pytest.mark.parametrize("case", CASES)
def test_both_kernels_give_the_same_bits(case: str, limits: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    process, duration = CASES[case]
    fixed = process if not process.controlled else JumpProcess(process.energies(0.4), process.channels)
    for name, value in limits.items():
        monkeypatch.setattr(ensemble, name, value)
    how: dict[str, Any] = {"times": [0.0, 0.1 * duration, 0.1 * duration + 1e-9, 0.77 * duration, duration]}
    compare(everything(fixed, duration, **how), by_the_general_kernel(monkeypatch, fixed, duration, **how))


def test_pieces_at_rest_and_pieces_that_move_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one kernel leaves the other takes up: the clock, the jumps so far and the time of the last rise."""
    process = lopsided(4, baths=2, seed=3).process
    how: dict[str, Any] = {"protocol": STEPS, "times": [0.4, 0.9, 1.5, 2.5]}
    fast = everything(process, 3.0, **how)
    moving: list[bool] = []

    def noted(static: Any, piece: Any, *rest: Any) -> int:
        moving.append(piece[0])
        return int(jumps.advance(static, piece, *rest))

    monkeypatch.setattr(ensemble, "advance", noted)
    everything(process, 3.0, **how)
    assert moving
    assert all(moving)
    compare(fast, by_the_general_kernel(monkeypatch, process, 3.0, **how))


def test_long_sums_are_added_up_at_the_same_jumps(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than two times 2^16 jumps, at which the books begin a new sum."""
    fast = everything(RING, 80_000.0, replicas=3, times=[40_000.0])
    assert fast["activity"].min() > 2 << 16
    compare(fast, by_the_general_kernel(monkeypatch, RING, 80_000.0, replicas=3, times=[40_000.0]))


@pytest.mark.parametrize("n", [3, 40])
def test_a_slot_knows_both_of_its_jumps_and_lies_in_one_line_of_the_cache(n: int) -> None:
    from szilard.discrete.course import course_of

    drive = np.subtract.outer(np.arange(n), np.arange(n)) ** 3 / n**3
    process = JumpProcess(np.sin(np.arange(n)), Channel(np.ones((n, n)) - np.eye(n), drive, temperature=0.8))
    edges = process.edges
    tables = thinning.tables_of(process, next(iter(course_of(process, None, 1.0).pieces())))
    ways, states, slots = tables.ways[:-1], tables.states, tables.slots[:-1]
    other = np.arange(edges.source.size) + slots["step"]
    assert np.any(slots["step"] != 0)
    assert np.array_equal(ways["target"], np.stack([edges.target, edges.target[other]], axis=1))
    assert np.array_equal(ways["drive"], np.stack([edges.drive, edges.drive[other]], axis=1))
    assert np.array_equal(states["place"] >> np.uint64(32), edges.first[:-1])
    assert np.array_equal(states["place"] & np.uint64(2**32 - 1), np.arange(n))
    assert tables.ways.ctypes.data % 64 == 0
    assert 64 % tables.ways.itemsize == 0
