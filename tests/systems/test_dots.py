"""The dot: Fermi rates, its current and heat in closed form, reversible at Carnot's point."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from szilard.discrete import JumpProcess
from szilard.errors import InputError
from szilard.systems import quantum_dot
from tests.systems.books import assert_local_balance, dense, of_channel, stationary


def fermi(level: float, lead: tuple[float, float]) -> float:
    return float(1 / (1 + np.exp((level - lead[0]) / lead[1])))


def current(process: JumpProcess, control: float | None = None) -> float:
    """Electrons per time from the left lead onto the dot."""
    p, L = stationary(dense(process, control)), of_channel(process, 0, control)
    return float(L[1, 0] * p[0] - L[0, 1] * p[1])


@settings(max_examples=30)
@given(st.floats(-3, 3), st.floats(-2, 2), st.floats(0.2, 3), st.floats(0.1, 5))
def test_current_heat_and_entropy_production(level: float, mu: float, warm: float, coupling: float) -> None:
    left, right = (mu, warm), (0.3, 0.9)
    process = quantum_dot(level, left, right, (coupling, 2.0))
    assert_local_balance(process)
    wanted = coupling * 2.0 / (coupling + 2.0) * (fermi(level, left) - fermi(level, right))
    assert current(process) == pytest.approx(wanted, rel=1e-10, abs=1e-15 * (coupling + 2.0))
    energy, p, e = process.energies(), stationary(dense(process)), process.edges
    flow = process.jump_rates(energy) * p[e.source]
    heat = [float((flow * process.jump_heat(energy))[e.channel == r].sum()) for r in (0, 1)]
    assert heat[0] == pytest.approx(wanted * (mu - level), rel=1e-9, abs=1e-13 * (coupling + 2))
    assert heat[1] == pytest.approx(wanted * (level - 0.3), rel=1e-9, abs=1e-13 * (coupling + 2))
    assert heat[0] / warm + heat[1] / 0.9 >= -1e-13


def test_rates_are_fermi_functions() -> None:
    process = quantum_dot(1.0, (0.6, 2.0), (-0.2, 0.5), (0.7, 3.0))
    for r, (lead, rate) in enumerate((((0.6, 2.0), 0.7), ((-0.2, 0.5), 3.0))):
        L = of_channel(process, r)
        assert L[1, 0] == pytest.approx(rate * fermi(1.0, lead), rel=1e-14)
        assert L[0, 1] == pytest.approx(rate * (1 - fermi(1.0, lead)), rel=1e-14)


def test_no_current_where_the_leads_agree_at_this_level_and_an_engine_beside_it() -> None:
    """(level - mu_L)/T_L = (level - mu_R)/T_R with level 1, T = 2 and 0.5: mu_L = 0, mu_R = 0.75."""
    assert current(quantum_dot(1.0, (0.0, 2.0), (0.75, 0.5), (1.0, 3.0))) == pytest.approx(0.0, abs=1e-16)
    engine = current(quantum_dot(1.0, (0.0, 2.0), (0.7, 0.5), (1.0, 3.0)))
    assert engine > 1e-3
    assert quantum_dot(1.0, (0.4, 0.7), (0.4, 0.7)).driven
    assert current(quantum_dot(1.0, (0.4, 0.7), (0.4, 0.7), (1.0, 3.0))) == pytest.approx(0.0, abs=1e-16)


def test_the_level_can_be_the_control_and_a_lead_can_be_cut() -> None:
    np.testing.assert_array_equal(quantum_dot().energies(1.5), [0.0, 1.5])
    np.testing.assert_array_equal(quantum_dot(lambda c: -c).energies(1.5), [0.0, -1.5])
    gate = quantum_dot(left=(1.0, 0.5), right=(2.0, 3.0), coupling=(1.0, 0.0))
    assert current(gate, 0.2) == pytest.approx(0.0, abs=1e-16)
    p = stationary(dense(gate, 0.2))
    assert p[1] == pytest.approx(fermi(0.2, (1.0, 0.5)), rel=1e-14)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("level", lambda: quantum_dot(np.nan)),
        ("left", lambda: quantum_dot(1.0, left=1.0)),  # type: ignore[arg-type]
        ("right", lambda: quantum_dot(1.0, right=(0.0,))),
        ("mu of left", lambda: quantum_dot(1.0, left=(np.inf, 1.0))),
        ("temperature of right", lambda: quantum_dot(1.0, right=(0.0, 0.0))),
        ("coupling[1]", lambda: quantum_dot(1.0, coupling=(1.0, -1.0))),
        ("coupling", lambda: quantum_dot(1.0, coupling=(1.0, 1.0, 1.0))),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
