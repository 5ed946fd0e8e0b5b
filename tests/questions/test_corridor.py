"""The cost corridor: bounds by independent means, both ends, and an answer that follows the numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from pydantic import ValidationError
from scipy.integrate import solve_ivp
from scipy.stats import chi2

from szilard import Estimate
from szilard.plotting import house_style
from szilard.questions.ceiling.corridor import BATCH, CorridorSettings, corridor_part
from szilard.questions.ceiling.corridor_classes import ROUNDED, Schedules, as_normal
from szilard.questions.ceiling.corridor_schedules import (
    GRID,
    KINDS,
    Schedule,
    batch_of,
    bounds_of,
    drawn_schedule,
    log_whole,
    simulated_of,
)
from szilard.questions.part import Finding, Part, Record
from tests.statistics import assert_agrees

Array = np.ndarray[Any, np.dtype[np.float64]]
TINY = CorridorSettings(
    schedules=120, simulated=6, replicas=2000, weights=[2, 5], relaxations=[0.02, 20.0], dt=0.2, showings=[2, 12]
)
RANGES = {
    name: getattr(TINY, name)
    for name in (
        "strength", "stiffness", "temperature", "mobility", "relaxations", "weights", "load", "knots", "swing",
        "showings", "least_cost",
    )
}  # fmt: skip
ONE = np.ones((1, 1))


def one_weight(times: Sequence[float], factor: Sequence[float], **own: float) -> Schedule:
    """A schedule of a single weight with the force 1 x factor."""
    named = {"strength": 1.0, "stiffness": 1.0, "temperature": 1.0, "mobility": 1.0, "duration": times[-1]} | own
    return Schedule(np.array(times), np.array([factor]), np.ones(1), ONE, inputs=ONE, labels=np.ones(1), **named)


def kernel(s: Schedule) -> float:
    """(1/2kT) sum_r iint df df' e^{-mu k |t - t'|}: of jumps alone."""
    jumps = np.diff(s.factors, axis=1, prepend=0.0)
    decay = np.exp(-s.mobility * s.stiffness * np.abs(s.times[:, None] - s.times[None, :]))
    return float(np.einsum("r,ri,rj,ij", s.squares, jumps, jumps, decay)) / (2.0 * s.stiffness * s.temperature)


def integrated(s: Schedule) -> tuple[float, float]:
    """Sigma(tau) and W2 by an integrator, from the equation of the mean of each row."""
    k, mu, T = s.stiffness, s.mobility, s.temperature
    total, way = 0.0, 0.0
    for row, square in zip(s.factors, s.squares, strict=True):
        state = np.zeros(2)
        nodes = [*zip(s.times, row, strict=True), (s.duration, row[-1])]
        for (t0, f0), (t1, f1) in zip(nodes, nodes[1:], strict=False):
            if t1 == t0:
                continue
            f1 = f0 if s.dwell is not None else f1

            def rates(t: float, y: Array, t0: float = t0, t1: float = t1, f0: float = f0, f1: float = f1) -> Any:
                velocity = mu * (f0 + (f1 - f0) * (t - t0) / (t1 - t0) - k * y[0])
                return [velocity, velocity**2 / (mu * T)]

            state = solve_ivp(rates, (t0, t1), state, rtol=1e-10, atol=1e-13).y[:, -1]
        total += square * float(state[1])
        way += square * float(state[0]) ** 2
    return total, float(np.sqrt(way))


def computed(part: Part, seed: int = 5) -> list[dict[str, Any]]:
    """The records of all pieces as the frame keeps them."""
    return [json.loads(json.dumps(piece.work(seed + i, 2))) for i, piece in enumerate(part.pieces)]


@pytest.fixture(scope="module")
def part() -> Part:
    return corridor_part(TINY, 1.0)


@pytest.fixture(scope="module")
def records(part: Part) -> list[dict[str, Any]]:
    return computed(part)


@pytest.fixture(scope="module")
def finding(part: Part, records: list[dict[str, Any]]) -> Finding:
    return part.conclude(records)


def test_staircases_of_known_cost() -> None:
    steps = [0.0, 0.3, 0.3, 1.1, 1.1, 2.0, 2.0]
    rising = bounds_of(one_weight(steps, [0.5, 0.5, 1.2, 1.2, 1.4, 1.4, 2.0]))[0]
    assert rising.window + rising.relaxation == pytest.approx(1.0915955648268245, rel=1e-12)  # M01
    assert rising.ceiling == pytest.approx(2.0) and rising.last == pytest.approx(2.0)
    turning = bounds_of(one_weight(steps, [3.0, 3.0, 1.0, 1.0, 3.0, 3.0, 2.0]))[0]
    assert turning.window + turning.relaxation == pytest.approx(3.9012232005437166, rel=1e-12)  # M02
    assert turning.ceiling == pytest.approx(32.0) and turning.last == pytest.approx(2.0)


def test_the_best_way_to_move_a_trap() -> None:
    x = 1.5
    best = bounds_of(one_weight([0.0, 0.0, x, x], [0.0, 2.0 / (2 + x), 2.0 * (1 + x) / (2 + x), 2.0]))[0]
    assert best.window + best.relaxation == pytest.approx(1.1428571428571428, rel=1e-13)  # L17
    assert best.window == pytest.approx(best.floor, rel=1e-14)
    assert best.window == pytest.approx(best.way**2 / x, rel=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_exact_numbers_agree_with_an_integrator(kind: str) -> None:
    draw = np.random.default_rng(KINDS.index(kind))
    s = drawn_schedule(kind, RANGES | {"relaxations": [0.5, 5.0], "knots": [3, 6], "showings": [3, 6]}, draw)
    found, response = bounds_of(s)
    window, way = integrated(s)
    assert found.window == pytest.approx(window, rel=1e-7)  # the integrator's steps are exact to 1e-10 each
    assert found.way == pytest.approx(way, rel=1e-7)
    assert np.linalg.norm(response) / s.stiffness == pytest.approx(way, rel=1e-7)
    assert found.floor == pytest.approx(way**2 / (s.mobility * s.temperature * s.duration), rel=1e-7)


def test_online_schedules_agree_with_the_kernel_on_every_weight() -> None:
    for seed in range(5):
        s = drawn_schedule("online", RANGES, np.random.default_rng(seed))
        found = bounds_of(s)[0]
        assert s.factors.shape == (s.inputs.shape[1], round(s.duration / (s.dwell or 1.0)))
        assert found.window + found.relaxation == pytest.approx(kernel(s), rel=1e-11)
        first = s.labels[0] * s.inputs[0] * s.strength / np.sqrt(s.inputs.shape[1])
        np.testing.assert_allclose(s.factors[:, 0], first, rtol=1e-14)
        variation = np.abs(np.diff(s.factors, axis=1, prepend=0.0)).sum(axis=1)
        assert found.ceiling == pytest.approx(np.sum(variation**2) / (2.0 * s.stiffness * s.temperature), rel=1e-13)


def test_schedules_are_what_their_kind_says() -> None:
    draw = np.random.default_rng(3)
    for kind in KINDS:
        for _ in range(60):
            s = drawn_schedule(kind, RANGES, draw)
            assert RANGES["relaxations"][0] <= s.relaxations * (1 + 1e-12) <= RANGES["relaxations"][1] * (1 + 2e-12)
            assert np.sum(s.inputs**2, axis=1) == pytest.approx(s.inputs.shape[1])
            assert s.times[0] == 0.0 and s.times[-1] <= s.duration and np.all(np.diff(s.times) >= 0.0)
            steps = np.diff(s.factors, axis=1, prepend=0.0)
            if kind in ("monotone", "ramp", "optimal", "quench"):
                assert np.all(steps >= 0.0) and s.factors[0, -1] == 1.0
            elif kind == "non-monotone":
                assert np.any(steps < 0.0) and s.factors[0, -1] == 1.0
                cells = GRID * s.times / s.duration
                np.testing.assert_allclose(cells, np.round(cells), atol=1e-9)
            if kind != "online":
                force = s.strength * s.labels @ s.inputs / np.sqrt(s.inputs.shape[1])
                np.testing.assert_allclose(np.sqrt(s.squares[0]) * s.turns[0], force, rtol=1e-12)
    assert {log_whole((2, 4), draw) for _ in range(200)} == {2, 3, 4}


@pytest.mark.parametrize("kind", KINDS)
def test_simulated_heat_and_means_agree(kind: str) -> None:
    values = RANGES | {"kind": kind, "replicas": 20_000, "dt": 0.1}
    r = simulated_of(values, 11, 2)
    assert r["window"] >= 1.0
    assert_agrees(Estimate(r["heat"], r["stderr"], 20_000), r["stairs"], relative=0.03)
    if kind not in ("non-monotone", "monotone"):  # a steep piece may be as short as one step
        assert r["stairs"] == pytest.approx(r["window"], rel=0.1**2 / 6)  # steps h: (h/2) coth(h/2) - 1 < h^2/6
    assert chi2.sf(r["means"], r["weights"]) > 1e-4


def test_threads_change_nothing() -> None:
    values = RANGES | {"kind": "monotone", "replicas": 600, "dt": 0.2}
    assert simulated_of(values, 2, 1) == simulated_of(values, 2, 2)
    assert batch_of(values | {"count": 3}, 2) == batch_of(values | {"count": 3}, 2)


def test_all_laws_hold(finding: Finding) -> None:
    verdicts = {check.name: check.verdict for check in finding.checks}
    assert set(verdicts.values()) == {"holds", "holds, saturated"}
    attained = [name for name, verdict in verdicts.items() if verdict == "holds, saturated"]
    for name in ("optimal, worst of 6: W2", "quench, worst of 6: Sigma", "optimal protocol attains", "quench attains"):
        assert any(each.startswith(name) for each in attained), name
    assert [check.verdict for check in finding.broken] == ["violated", "violated"]
    assert "Of 120 random schedules" in finding.text and "none dissipated less" in finding.text
    assert "none more than V^2/(2kT)" in finding.text and "none of 48 monotone" in finding.text
    assert "the corridor is broken" not in finding.text and " misses " not in finding.text
    assert "Simulation of 6 more" in finding.text and "confirms" in finding.text
    assert "The optimal protocol attains the floor" in finding.text and "a quench attains the ceiling" in finding.text


def test_table_and_arrays_say_the_same(finding: Finding) -> None:
    rows = {row[0]: row for row in finding.table.rows}
    assert [row[1] for row in finding.table.rows] == [42, 30, 30, 6, 6, 6]
    kinds, positions = (np.asarray(finding.arrays[name].values) for name in ("kind", "position"))
    u = {kind: positions[kinds == kind] for kind in KINDS}
    assert np.all(u["optimal"] == 0.0) and np.all(u["quench"] == 1.0)
    assert all(np.all((x >= 0.0) & (x <= 1.0)) for x in u.values())
    for kind in KINDS:
        entry = rows[kind][9]
        assert isinstance(entry, Estimate) and entry.value == pytest.approx(np.median(u[kind]))
    sizes = {len(np.asarray(v.values)) for v in finding.arrays.values() if v.dims == ("schedule",)}
    assert sizes == {120}
    with house_style():
        figure = Figure(figsize=finding.picture.size, layout="constrained")
        finding.picture.draw(figure)
    assert len(figure.axes) == 3


def changed(records: list[dict[str, Any]], part: Part, kind: str, simulated: bool = False) -> tuple[list[Any], Any]:
    """A copy of all records and the one of this kind in it."""
    copies: list[Any] = json.loads(json.dumps(records))
    for piece, record in zip(part.pieces, copies, strict=True):
        if piece.coordinates["kind"] == kind and ("simulated" in piece.coordinates) == simulated:
            return copies, record
    raise AssertionError(kind)


def test_a_schedule_below_the_floor_is_told(part: Part, records: list[dict[str, Any]]) -> None:
    copies, record = changed(records, part, "monotone")
    record["window"][4] = record["floor"][4] * (1.0 - 1e-6)
    found = part.conclude(copies)
    wrong = [check.name for check in found.checks if check.verdict == "violated"]
    assert len(wrong) == 2 and wrong[0].startswith("monotone, worst of 30: W2") and "below the floor" in wrong[1]
    assert "1 dissipated less" in found.text and found.text.count("the corridor is broken") == 1
    assert found.table.rows[1][2] == 1


def test_a_schedule_above_the_ceiling_is_told(part: Part, records: list[dict[str, Any]]) -> None:
    copies, record = changed(records, part, "online")
    record["window"][7] = record["ceiling"][7] * 1.5
    record["window"][8] = record["ceiling"][8] * 1.2
    found = part.conclude(copies)
    wrong = [check.name for check in found.checks if check.verdict == "violated"]
    assert len(wrong) == 2 and wrong[0].startswith("online, worst of 30: Sigma <=") and "above the ceiling" in wrong[1]
    assert "2 more than V^2/(2kT)" in found.text and "the corridor is broken" in found.text


def test_violations_are_counted_from_rounding_on(part: Part, records: list[dict[str, Any]]) -> None:
    for off, count in ((0.1 * ROUNDED, 0), (10.0 * ROUNDED, 6)):
        copies, record = changed(records, part, "quench")
        record["window"] = [(1.0 + off) * c - r for c, r in zip(record["ceiling"], record["relaxation"], strict=True)]
        found = part.conclude(copies)
        assert found.table.rows[5][3] == count
        assert any(check.verdict == "violated" for check in found.checks) == (count > 0)


def test_ends_that_are_missed_are_told(part: Part, records: list[dict[str, Any]]) -> None:
    for kind, factor, name in (("optimal", 1.001, "optimal protocol attains"), ("quench", 0.999, "quench attains")):
        copies, record = changed(records, part, kind)
        record["window"] = [factor * x for x in record["window"]]
        found = part.conclude(copies)
        wrong = [check.name for check in found.checks if check.verdict == "violated"]
        assert any(each.startswith(name) for each in wrong)
        assert f"{'The' if kind == 'optimal' else 'a'} {kind}" in found.text and " misses the " in found.text


def test_a_monotone_schedule_dearer_than_the_quench_is_told(part: Part, records: list[dict[str, Any]]) -> None:
    copies, record = changed(records, part, "ramp")
    record["window"][0] = 2.0 * record["last"][0]
    found = part.conclude(copies)
    wrong = [check.name for check in found.checks if check.verdict == "violated"]
    assert any(name.startswith("monotone schedules: Sigma <= f^2/(2kT)") for name in wrong)
    assert "exceeded by 1 of 48 monotone schedules" in found.text


def test_if_none_turns_back_dearer_the_text_says_so(part: Part, records: list[dict[str, Any]]) -> None:
    copies: list[Any] = json.loads(json.dumps(records))
    for piece, record in zip(part.pieces, copies, strict=True):
        if piece.coordinates["kind"] in ("non-monotone", "online") and "simulated" not in piece.coordinates:
            record["last"] = [0.9999 * c for c in record["ceiling"]]
    found = part.conclude(copies)
    assert "by none of 72 that turn back" in found.text
    assert {check.verdict for check in found.broken} == {"holds"}


@pytest.mark.parametrize("name", ["heat", "means"])
def test_a_simulation_that_disagrees_is_told(part: Part, records: list[dict[str, Any]], name: str) -> None:
    copies, record = changed(records, part, "monotone", simulated=True)
    record[name] += 12.0 * record["stderr"] if name == "heat" else 300.0
    found = part.conclude(copies)
    wrong = [check.name for check in found.checks if check.verdict == "violated"]
    assert wrong == [each for each in wrong if each.startswith("simulated")] and len(wrong) == 1
    assert "does not confirm" in found.text


def test_chi_squares_are_judged_by_the_right_tails() -> None:
    for n in (6, 24, 200):  # 3 sigma are exceeded with a chance of 0.27 %: the cube root keeps within twice that
        grid = np.linspace(0.0, 8.0 * n, 4_001)[1:]
        refused = np.array([as_normal("", float(x), n).verdict != "holds" for x in grid])
        chance = float(np.sum(np.diff(chi2.cdf(grid, n), prepend=0.0)[refused]))
        assert 0.0013 < chance < 0.0054


def test_positions_and_their_errors() -> None:
    floor = np.array([1.0, 1.0, 2.0, 3.0])
    columns = {
        "window": np.array([1.0, 2.0, 2.0, 9.0]), "floor": floor, "relaxation": np.zeros(4),
        "ceiling": np.array([4.0, 4.0, 2.0, 9.0]),
    }  # fmt: skip
    np.testing.assert_allclose(Schedules("x", columns).position, [0.0, 0.5, np.nan, 1.0], rtol=1e-15)
    rng = np.random.default_rng(1)
    medians, errors = [], []
    for _ in range(300):
        u = rng.random(400)
        many = {"window": np.exp(u), "floor": np.ones(400), "relaxation": np.zeros(400), "ceiling": np.full(400, np.e)}
        found = Schedules("x", many).quantile(0.5)
        assert found is not None
        medians.append(found.value)
        errors.append(found.stderr)
    # the spread of 300 medians is known to 1/sqrt(600) = 4 %; its mean error scatters less
    assert np.std(medians) == pytest.approx(np.mean(errors), rel=4 * 0.041)
    still = {name: np.ones(3) for name in columns}
    assert Schedules("x", still).quantile(0.5) is None


def test_pieces_are_named_by_what_matters() -> None:
    def names(settings: CorridorSettings, time_step: float = 1.0) -> list[str]:
        return [json.dumps(p.coordinates, sort_keys=True) for p in corridor_part(settings, time_step).pieces]

    base = names(CorridorSettings())
    assert len(set(base)) == len(base) == 20_000 // BATCH + 24
    assert set(base) < set(names(CorridorSettings(simulated=30, schedules=40_000)))
    other = names(CorridorSettings(knots=[1, 5]))
    same = [a == b for a, b in zip(base, other, strict=True)]
    kinds = [json.loads(each)["kind"] for each in base]
    assert all(s == (k not in ("monotone", "non-monotone")) for s, k in zip(same, kinds, strict=True))
    halved = [a == b for a, b in zip(base, names(CorridorSettings(), 0.5), strict=True)]
    assert all(s == ("simulated" not in each) for s, each in zip(halved, base, strict=True))
    assert sum(p.coordinates.get("count", 0) for p in corridor_part(CorridorSettings(), 1.0).pieces) == 20_000


EXTREMES: Sequence[Mapping[str, Any]] = (
    {"relaxations": [1e-3, 1e-3], "strength": [1e-4, 1e-4], "temperature": [1e4, 1e4]},
    {"relaxations": [1e3, 1e3], "strength": [1e4, 1e4], "temperature": [1e-4, 1e-4], "stiffness": [1e-4, 1e-4]},
    {"knots": [200, 200], "swing": [1e-4, 1e-4], "weights": [2, 2], "load": [1e-3, 1e-3], "mobility": [1e4, 1e4]},
    {"showings": [2, 2], "weights": [2, 2], "load": [16.0, 16.0], "swing": [1e4, 1e4], "knots": [1, 1]},
    {"showings": [256, 256], "weights": [2, 3], "least_cost": 1e9},
)


@pytest.mark.parametrize("i", range(len(EXTREMES)))
def test_extreme_settings_are_answered(i: int) -> None:
    base: dict[str, Any] = {"schedules": 100, "simulated": 6, "replicas": 200, "dt": 0.5, "weights": [2, 4]}
    part = corridor_part(CorridorSettings(**(base | dict(EXTREMES[i]))), 1.0)
    found = part.conclude(computed(part))
    assert not [check.name for check in found.checks if check.verdict == "violated"]
    assert "none dissipated less" in found.text
    with house_style():
        figure = Figure(figsize=found.picture.size, layout="constrained")
        found.picture.draw(figure)
        figure.canvas.draw()


@pytest.mark.parametrize(
    "wrong",
    [
        {"stiffness": [2.0, 1.0]}, {"temperature": [0.0, 1.0]}, {"strength": [1.0]}, {"weights": [1, 4]},
        {"mobility": [1.0, float("nan")]}, {"schedules": 10}, {"knots": [1, 500]}, {"least_cost": 0.0},
        {"load": [0.5, 20.0]}, {"relaxations": [1.0, float("inf")]}, {"simulated": 5}, {"extra": 1},
    ],
    ids=lambda wrong: next(iter(wrong)),
)  # fmt: skip
def test_bad_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CorridorSettings(**wrong)


def test_conclusions_repeat(part: Part, records: list[Record], finding: Finding) -> None:
    again = part.conclude(records)
    assert again.text == finding.text and again.table == finding.table and again.checks == finding.checks
