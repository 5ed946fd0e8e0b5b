"""Every shipped system with a steady state: no estimate from trajectories alone contradicts the exact value."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

import szilard as sz
from szilard.infer.comparison import Row, SideBySide, side_by_side

s = sz.systems
SYSTEMS: dict[str, sz.JumpProcess | sz.Langevin] = {
    "ring": s.ring([0.0, 0.5, 1.2, 0.3], 4.0, attempt=[1.0, 2.0, 0.5, 1.3], temperature=1.5),
    "quantum dot": s.quantum_dot(0.6, left=(1.0, 1.0), right=(-0.5, 0.7), coupling=(1.0, 0.6)),
    "motor": s.molecular_motor(3.0, 0.4, gap=0.5, temperature=0.8),
    "two levels": s.two_level(0.7, temperature=0.6),
    "ladder": s.ladder(3, 0.5, temperature={"hot": 2.0, "cold": 0.6}),
    "graph": s.from_rates([[0.0, 1.0, 0.4], [2.0, 0.0, 0.7], [0.3, 1.5, 0.0]]),
    "linear": s.linear([[2.0, 0.8], [-0.6, 1.0]], [0.5, 0.9], temperature=0.5),
    "trap": s.rotating_trap(1.3, 0.9, mobility=1.4, temperature=0.7),
    "gyrator": s.gyrator(1.0, 0.5, (1.0, 3.0), mobility=(1.0, 1.4)),
    "tilted ring": s.tilted_ring(1.0, 0.8, mobility=1.3, temperature=0.7),
    "double well": s.double_well(1.5, 0.3, temperature=0.8),
}
HIDDEN = ("quantum dot", "motor", "ladder")


@pytest.fixture(scope="module")
def table() -> SideBySide:
    return side_by_side(SYSTEMS, seed=3)


def test_bounds_stay_below_and_estimates_agree(table: SideBySide) -> None:
    assert {row.system for row in table} == set(SYSTEMS) and len(table) == 6 * 4 + 3 * 4 + 3 + 4
    for row in table:
        e = row.estimate
        assert row.exact == sz.entropy_production_rate(SYSTEMS[row.system])
        assert row.check.verdict != "violated", row.check
        if e.side == "two-sided" and e.stderr > 0.0:
            assert abs(e.value - row.exact) < 4.0 * e.stderr, row
        elif e.side == "lower":
            assert e.value <= row.exact + 4.0 * e.stderr + 1e-12, row


def test_hidden_baths_leave_strict_lower_bounds(table: SideBySide) -> None:
    for row in table:
        if row.system in HIDDEN and row.method != "heat / T, model":
            assert row.estimate.side == "lower"
            assert row.estimate.value < row.exact - 5.0 * row.estimate.stderr
    assert {r.system for r in table if r.method == "currents" and r.estimate.side == "two-sided"} == {
        "ring", "two levels", "graph",
    }  # fmt: skip


def test_what_cannot_be_trusted_has_a_warning(table: SideBySide) -> None:
    said = {(row.system, row.method): row.warning for row in table}
    assert "nothing was seen" in said["two levels", "words of 2 jumps"]
    assert "says nothing" in said["double well", "linear fit"]
    assert said["ring", "currents"] == ""
    for row in table:
        if row.estimate.side == "none" or not row.estimate.trusted:
            assert row.warning


def test_it_is_a_table_and_a_figure(table: SideBySide) -> None:
    text = repr(table)
    assert len(text.splitlines()) == len(table)
    assert "exact 0  " in text and "gyrator" in text
    html = table._repr_html_()
    assert html.count("<tr>") == len(table) + 1 and "&gt;= " in html
    ax = Figure(layout="constrained").subplots()
    table.plot(ax)
    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    assert len(ax.get_yticklabels()) == len(table)


def test_same_seed_same_numbers() -> None:
    ring = SYSTEMS["ring"]
    a, b, c = (side_by_side(ring, seed=k, replicas=50, duration=20.0) for k in (1, 1, 2))
    assert repr(a) == repr(b) != repr(c)


def test_a_false_claim_is_violated_and_a_bound_is_not() -> None:
    claimed = Row("x", "claim", sz.Estimate(1.0, 0.1, 200), 2.0)
    assert claimed.check.verdict == "violated"
    bound = Row("x", "bound", sz.Estimate(1.0, 0.1, 200, side="lower"), 2.0)
    assert bound.check.verdict == "holds"
    assert Row("x", "bound", sz.Estimate(3.0, 0.1, 200, side="lower"), 2.0).check.verdict == "violated"


def test_bad_input() -> None:
    ring, trap = SYSTEMS["ring"], SYSTEMS["trap"]
    with pytest.raises(sz.InputError, match="process"):
        side_by_side("ring", seed=1)  # type: ignore[arg-type]
    with pytest.raises(sz.InputError, match="control"):
        side_by_side(sz.systems.two_level(), seed=1)
    with pytest.raises(sz.InputError, match="replicas"):
        side_by_side(ring, seed=1, replicas=2)
    with pytest.raises(sz.InputError, match="interval"):
        side_by_side(ring, seed=1, interval=0.1)
    for bad in (0.0, -1.0, np.nan):
        with pytest.raises(sz.InputError, match="duration"):
            side_by_side(trap, seed=1, duration=bad)
