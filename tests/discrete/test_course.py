"""Where the energies are at every time of a protocol: pieces, jumps at either end and inside, bends refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from szilard import InputError, Protocol
from szilard.discrete import Channel, JumpProcess
from szilard.discrete.course import Course, Piece, course_of

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)
TILT = np.array([0.0, 1.0, -2.0])
BASE = np.array([0.3, -0.4, 0.1])
TRIES = np.array([[0.0, 1.0, 0.2], [1.0, 0.0, 0.0], [0.2, 0.0, 0.0]])
MOVED = JumpProcess(lambda x: BASE + x * TILT, Channel(TRIES, temperature=0.7))
HELD = JumpProcess(BASE, Channel(TRIES))

JUMPY = Protocol((0.0, 0.0, 0.4, 0.4, 1.0, 1.5, 1.5), (0.0, 0.5, 1.5, -0.3, -0.3, 0.7, 2.0))
"""A jump at the start, a rise, a jump inside, a stretch of rest, a rise, a jump at the end."""


def bent(power: Callable[[float], float], temperature: float = 1.0) -> JumpProcess:
    baths = [Channel(TRIES, temperature=t, name=str(t)) for t in (temperature, 3.0 * temperature)]
    return JumpProcess(lambda x: np.array([0.0, power(x), 0.1 * x]), baths)


def lines(course: Course) -> list[tuple[float, float, float, float]]:
    """start, end and the energy of state 1 at both, piece by piece."""
    return [(p.start, p.end, float(p.before[1]), float(p.after[1])) for p in course.pieces()]


def height(control: float) -> float:
    return float(BASE[1] + control * TILT[1])


def test_pieces_follow_the_protocol_and_leave_out_its_jumps() -> None:
    course = course_of(MOVED, JUMPY, 1.5)
    wanted = [(0.0, 0.4, 0.5, 1.5), (0.4, 1.0, -0.3, -0.3), (1.0, 1.5, -0.3, 0.7)]
    assert lines(course) == [(a, b, height(u), height(v)) for a, b, u, v in wanted]
    assert [piece.constant for piece in course.pieces()] == [False, True, False]
    np.testing.assert_array_equal(course.initial_energy, BASE)
    np.testing.assert_array_equal(course.final_energy, BASE + 2.0 * TILT)
    assert course.duration == 1.5


def test_a_protocol_of_steps_is_made_of_pieces_that_rest() -> None:
    course = course_of(MOVED, Protocol((0.0, 0.5, 0.8), (1.0, -1.0, 2.0), "constant"), 1.0)
    assert lines(course) == [(a, b, height(v), height(v)) for a, b, v in [(0, 0.5, 1), (0.5, 0.8, -1), (0.8, 1.0, 2)]]
    assert all(piece.constant for piece in course.pieces())


def test_the_end_values_hold_before_and_after_the_nodes() -> None:
    late = Protocol((0.5, 1.0), (2.0, 3.0))
    rest = [(0.0, 0.5, height(2), height(2)), (0.5, 1.0, height(2), height(3)), (1.0, 4.0, height(3), height(3))]
    assert lines(course_of(MOVED, late, 4.0)) == rest
    assert lines(course_of(MOVED, late, 0.25)) == [(0.0, 0.25, height(2), height(2))]
    assert lines(course_of(MOVED, Protocol((3.0,), (1.5,)), 2.0)) == [(0.0, 2.0, height(1.5), height(1.5))]


def test_a_protocol_longer_than_the_duration_is_cut() -> None:
    course = course_of(MOVED, JUMPY, 0.1)
    assert [piece[:3] for piece in lines(course)] == [(0.0, 0.1, height(0.5))]
    np.testing.assert_allclose(course.final_energy, BASE + 0.75 * TILT, rtol=0.0, atol=8 * EPS)
    np.testing.assert_array_equal(course.initial_energy, BASE)


def test_a_jump_at_the_duration_is_made_and_a_later_one_is_not() -> None:
    np.testing.assert_array_equal(course_of(MOVED, JUMPY, 0.4).final_energy, BASE - 0.3 * TILT)
    before = course_of(MOVED, JUMPY, float(np.nextafter(0.4, 0.0))).final_energy
    np.testing.assert_allclose(before, BASE + 1.5 * TILT, rtol=0.0, atol=20 * EPS)


def test_no_duration_leaves_the_jumps_at_zero() -> None:
    course = course_of(MOVED, JUMPY, 0.0)
    assert list(course.pieces()) == []
    np.testing.assert_array_equal(course.initial_energy, BASE)
    np.testing.assert_array_equal(course.final_energy, BASE + 0.5 * TILT)
    np.testing.assert_array_equal(next(course.energies_at(np.array([0.0]))), BASE + 0.5 * TILT)
    assert list(course_of(HELD, None, 0.0).pieces()) == []


def test_several_jumps_at_one_time_are_one() -> None:
    course = course_of(MOVED, Protocol((0.0, 1.0, 1.0, 1.0, 2.0), (0.0, 0.0, 9.0, 1.0, 1.0)), 2.0)
    assert lines(course) == [(0.0, 1.0, height(0), height(0)), (1.0, 2.0, height(1), height(1))]


def test_what_does_not_move_is_one_piece() -> None:
    course = course_of(HELD, None, 2.5)
    (piece,) = course.pieces()
    assert (piece.start, piece.end, piece.constant) == (0.0, 2.5, True)
    np.testing.assert_array_equal(piece.before, BASE)
    np.testing.assert_array_equal(piece.slope, 0.0)
    held = course_of(MOVED, Protocol([0.0], [1.5]), 2.5)
    assert lines(held) == [(0.0, 2.5, height(1.5), height(1.5))]


def test_rest_asks_for_the_energies_once() -> None:
    asked: list[float] = []

    def energy(control: float) -> Array:
        asked.append(control)
        return BASE + control * TILT

    course = course_of(JumpProcess(energy, Channel(TRIES)), Protocol((0, 1, 2, 3), (1.0, 1.0, 1.0, 1.0)), 3.0)
    assert len(list(course.pieces())) == 3
    assert asked == [1.0]


def test_a_piece_is_a_straight_line() -> None:
    piece = Piece(1.0, 3.0, np.array([0.0, 4.0]), np.array([1.0, -2.0]))
    np.testing.assert_array_equal(piece.slope, [0.5, -3.0])
    np.testing.assert_array_equal(piece.at(1.5), [0.25, 2.5])
    part = piece.between(1.5, 2.5)
    assert (part.start, part.end) == (1.5, 2.5)
    np.testing.assert_array_equal(part.before, [0.25, 2.5])
    np.testing.assert_array_equal(part.after, [0.75, -0.5])
    assert piece.between(1.0, 2.0).before is piece.before
    assert piece.between(2.0, 3.0).after is piece.after
    rest = Piece(0.0, 1.0, piece.before, piece.before.copy()).between(0.2, 0.3)
    assert rest.constant
    assert (rest.start, rest.end) == (0.2, 0.3)


def test_a_protocol_cut_at_every_node_is_the_same_course() -> None:
    """Pieces of the refined protocol lie on those of the plain one."""
    plain = course_of(MOVED, JUMPY, 1.5)
    times = np.linspace(0.0, 1.5, 61)
    fine = course_of(MOVED, JUMPY.refine(3), 1.5)
    for a, b in zip(plain.energies_at(times), fine.energies_at(times), strict=True):
        np.testing.assert_allclose(a, b, rtol=0.0, atol=40 * EPS)


def test_energies_at_times_are_those_after_the_jump() -> None:
    course = course_of(MOVED, JUMPY, 1.5)
    times = [0.0, 0.0, 0.2, 0.4, 0.4, 0.7, 1.0, 1.25, 1.5]
    controls = [0.5, 0.5, 1.0, -0.3, -0.3, -0.3, -0.3, 0.2, 2.0]
    found = list(course.energies_at(np.array(times)))
    np.testing.assert_allclose(found, BASE + np.outer(controls, TILT), rtol=0.0, atol=8 * EPS)
    assert list(course.energies_at(np.array([]))) == []
    np.testing.assert_allclose(next(course.energies_at(np.array([1.25]))), BASE + 0.2 * TILT, rtol=0.0, atol=8 * EPS)


def test_the_outline_draws_every_piece_and_every_jump() -> None:
    times, energies = course_of(MOVED, JUMPY, 1.5).outline()
    assert times.tolist() == [0.0, 0.0, 0.4, 0.4, 1.0, 1.0, 1.5, 1.5]
    np.testing.assert_array_equal(energies, BASE + np.outer([0.0, 0.5, 1.5, -0.3, -0.3, -0.3, 0.7, 2.0], TILT))
    assert course_of(HELD, None, 2.0).outline()[0].tolist() == [0.0, 0.0, 2.0, 2.0]
    assert course_of(MOVED, JUMPY, 0.0).outline()[1].tolist() == [BASE.tolist(), (BASE + 0.5 * TILT).tolist()]


def test_reversed_runs_from_the_last_energy_to_the_first() -> None:
    forward = course_of(MOVED, JUMPY, 1.5)
    backward = forward.reversed()
    np.testing.assert_array_equal(backward.initial_energy, BASE + 2.0 * TILT)
    np.testing.assert_array_equal(backward.final_energy, BASE)
    assert backward.duration == forward.duration
    there, back = list(forward.pieces()), list(backward.pieces())
    for piece, mirrored in zip(there, reversed(back), strict=True):
        assert (mirrored.start, mirrored.end) == (1.5 - piece.end, 1.5 - piece.start)
        np.testing.assert_array_equal(mirrored.before, piece.after)
        np.testing.assert_array_equal(mirrored.after, piece.before)
    assert backward.reversed().times == pytest.approx(forward.times, abs=4 * EPS)
    assert backward.reversed().controls == forward.controls


times = st.floats(0.0, 2.0).map(lambda t: round(t, 100))  # so that every slope is finite
times_and_values = st.lists(st.tuples(times, st.floats(-2.0, 2.0)), min_size=1, max_size=6)


@settings(max_examples=80)
@given(times_and_values, st.floats(0.0, 3.0), st.lists(st.floats(0.0, 3.0), max_size=5))
def test_energies_are_those_of_the_control_at_any_time(
    nodes: list[tuple[float, float]], duration: float, asked: Sequence[float]
) -> None:
    """energy(lambda(t)) of an energy linear in lambda; at the very end, and within rounding of a steep rise, too."""
    protocol = Protocol(sorted(t for t, _ in nodes), [v for _, v in nodes])
    course = course_of(MOVED, protocol, duration)
    pieces = list(course.pieces())
    assert [p.start for p in pieces[1:]] == [p.end for p in pieces[:-1]]
    assert sum(p.end - p.start for p in pieces) == pytest.approx(duration, abs=8 * EPS * duration)
    times = np.array(sorted(t for t in asked if t <= duration))
    for t, found in zip(times, course.energies_at(times), strict=True):
        steep = max((abs(b - a) / (v - u) for (u, a), (v, b) in _rises(protocol) if u <= t <= v), default=0.0)
        room = 40 * EPS * (1.0 + steep * (1.0 + t))
        np.testing.assert_allclose(found, BASE + protocol(float(t)) * TILT, rtol=0.0, atol=room)


def _rises(protocol: Protocol) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    nodes = zip(protocol.times, protocol.values, strict=True)
    return [(a, b) for a, b in pairwise(nodes) if b[0] > a[0]]


@pytest.mark.parametrize("temperature", [1.0, 0.25])
@pytest.mark.parametrize("strength", [0.3, 0.9, 4.0, 37.0])
def test_a_bend_is_refused_and_the_advice_given_works(strength: float, temperature: float) -> None:
    """strength x^2 bends by strength / 4 from its chord; in units of the coldest bath; 0.05 are allowed."""
    process, protocol = bent(lambda x: strength * x * x, temperature), Protocol((0.0, 2.0), (0.0, 1.0))
    with pytest.raises(InputError, match=r"protocol\.refine\(\d+\)") as error:
        course_of(process, protocol, 2.0)
    assert error.value.field == "protocol"
    assert f"{strength / 4.0 / temperature:.3g} T" in error.value.rule
    pieces = int(re.findall(r"refine\((\d+)\)", error.value.fix)[0])
    assert pieces == ceil((strength / 4.0 / temperature / 0.05) ** 0.5)
    assert len(list(course_of(process, protocol.refine(pieces), 2.0).pieces())) == pieces
    with pytest.raises(InputError):
        course_of(process, protocol.refine(pieces - 1), 2.0)


def test_a_small_bend_a_jump_and_a_straight_line_are_no_bend() -> None:
    square = bent(lambda x: x * x)
    course_of(square, Protocol((0.0, 1.0), (0.0, 0.44)), 1.0)
    with pytest.raises(InputError):
        course_of(square, Protocol((0.0, 1.0), (0.0, 0.46)), 1.0)
    steps = course_of(square, Protocol((0.0, 1.0, 1.0, 2.0), (0.0, 0.0, 50.0, 50.0)), 2.0)
    assert [float(p.after[1]) for p in steps.pieces()] == [0.0, 2500.0]
    course_of(bent(lambda x: 1e3 * x), Protocol((0.0, 1.0), (-5.0, 5.0)), 1.0)


def test_a_bend_beyond_the_duration_does_not_count() -> None:
    square, protocol = bent(lambda x: 9.0 * x * x), Protocol((0.0, 1.0, 2.0), (0.1, 0.2, 5.0))
    course_of(square, protocol, 1.0)
    with pytest.raises(InputError):
        course_of(square, protocol, 2.0)


REFUSED: dict[str, tuple[JumpProcess, Any, float, str, str]] = {
    "no protocol": (MOVED, None, 1.0, "protocol", "function of a control"),
    "needless protocol": (HELD, Protocol([0.0], [1.0]), 1.0, "protocol", "does not depend on a control"),
    "a list": (MOVED, [0.0, 1.0], 1.0, "protocol", "must be a Protocol"),
    "negative duration": (HELD, None, -1.0, "duration", ">= 0"),
    "NaN duration": (HELD, None, float("nan"), "duration", "finite"),
    "infinite duration": (MOVED, JUMPY, float("inf"), "duration", "finite"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_breaks_a_rule_is_named(case: str) -> None:
    process, protocol, duration, field, rule = REFUSED[case]
    with pytest.raises(InputError) as error:
        course_of(process, protocol, duration)
    assert error.value.field == field
    assert rule in error.value.rule
    assert error.value.fix


@pytest.mark.parametrize("duration", ["a", None, -1.0, np.inf, True])
def test_a_duration_is_a_time(duration: Any) -> None:
    with pytest.raises(InputError, match="duration"):
        course_of(JumpProcess([0.0, 1.0], Channel([[0, 1], [1, 0]])), None, duration)


@pytest.mark.parametrize("waves", [1, 2, 3, 4])
def test_a_bend_that_vanishes_in_the_middle_is_seen(waves: int) -> None:
    wave = JumpProcess(lambda x: [0.0, np.sin(2.0 * np.pi * waves * x)], Channel([[0, 1], [1, 0]]))
    with pytest.raises(InputError, match="refine"):
        course_of(wave, Protocol([0, 1], [0, 1]), 1.0)
    course_of(wave, Protocol([0, 1], [0, 1]).refine(20 * waves), 1.0)


def test_the_advice_to_refine_is_enough_where_the_bend_is_uneven() -> None:
    """A bend in one corner: the first guess from its size is too small there."""
    bent = JumpProcess(lambda x: [0.0, 30.0 * np.maximum(x - 0.9, 0.0) ** 1.5], Channel([[0, 1], [1, 0]]))
    way = Protocol([0, 1], [0, 1])
    with pytest.raises(InputError, match="refine") as caught:
        course_of(bent, way, 1.0)
    advised = re.search(r"refine\((\d+)\)", str(caught.value))
    assert advised is not None
    course_of(bent, way.refine(int(advised[1])), 1.0)
