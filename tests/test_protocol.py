"""lambda(t): lines, steps, jumps; its mirror image, its refinement and its variation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from szilard import InputError, Protocol, ramp

NODES = st.lists(st.tuples(st.integers(0, 8), st.floats(-3, 3)), min_size=1, max_size=8)


def made(nodes: list[tuple[int, float]], kind: str) -> Protocol:
    nodes = sorted(nodes, key=lambda n: n[0])
    return Protocol([n[0] for n in nodes], [n[1] for n in nodes], kind)  # type: ignore[arg-type]


def test_by_hand() -> None:
    p = Protocol((1.0, 2.0, 2.0, 4.0), (0.5, 1.5, -1.0, 0.0))
    for time, value in ((0.0, 0.5), (1.5, 1.0), (2.0, -1.0), (3.0, -0.5), (9.0, 0.0)):
        assert p(time) == value
    assert p.total_variation == 1.0 + 2.5 + 1.0
    assert p.duration == 4.0
    stairs = Protocol((0.0, 1.0, 2.0), (1.0, 3.0, 2.0), "constant")
    assert [stairs(t) for t in (0.0, 0.999, 1.0, 1.999, 2.0, 5.0)] == [1.0, 1.0, 3.0, 3.0, 2.0, 2.0]
    assert stairs.total_variation == 3.0
    assert [ramp(4.0)(t) for t in (0.0, 1.0, 4.0, 8.0)] == [0.0, 0.25, 1.0, 1.0]


@given(NODES, st.sampled_from(["linear", "constant"]), st.floats(0, 9))
def test_same_control_written_otherwise(nodes: list[tuple[int, float]], kind: str, time: float) -> None:
    p = made(nodes, kind)
    for other in (p.as_linear(), p.refine(3)):
        assert other(time) == pytest.approx(p(time), abs=1e-12)
        assert other.total_variation == pytest.approx(p.total_variation, abs=1e-10)


@given(NODES, st.sampled_from(["linear", "constant"]), st.floats(0.01, 0.99))
def test_mirror_image(nodes: list[tuple[int, float]], kind: str, share: float) -> None:
    """lambda(duration - t) between nodes; twice reversed it is itself, jumps and all."""
    p = made([(0, 0.7), *nodes], kind)
    back = p.reversed()
    assert back.total_variation == pytest.approx(p.total_variation, abs=1e-12)
    if p.duration > 0 and min(abs(share * p.duration - t) for t in p.times) > 1e-6:
        assert back(p.duration * (1 - share)) == pytest.approx(p(share * p.duration), abs=1e-9)
    assert back.reversed() == p.as_linear()


@given(NODES, st.sampled_from(["linear", "constant"]), st.lists(st.floats(0, 9), min_size=1, max_size=9))
def test_arrays_are_read_one_by_one(nodes: list[tuple[int, float]], kind: str, times: list[float]) -> None:
    p = made(nodes, kind)
    np.testing.assert_array_equal(p.at(np.array(times)), [p(t) for t in times])


@pytest.mark.parametrize(
    ("times", "values", "kind"),
    [
        ([], [], "linear"),
        ([0.0, 1.0], [1.0], "linear"),
        ([0.0, float("nan")], [1.0, 2.0], "linear"),
        ([0.0, 1.0], [1.0, float("inf")], "linear"),
        ([1.0, 0.0], [1.0, 2.0], "linear"),
        ([-1.0, 0.0], [1.0, 2.0], "linear"),
        ([0.0], [1.0], "cubic"),
    ],
)
def test_refusals(times: list[float], values: list[float], kind: str) -> None:
    with pytest.raises(InputError, match="protocol"):
        Protocol(times, values, kind)  # type: ignore[arg-type]


@pytest.mark.parametrize("tau", [0.0, -1.0, float("nan"), float("inf")])
def test_ramp_refuses(tau: float) -> None:
    with pytest.raises(InputError, match="tau: got"):
        ramp(tau)


def test_refine_refuses() -> None:
    with pytest.raises(InputError, match="n: got 0"):
        ramp(1.0).refine(0)
