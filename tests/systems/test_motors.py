"""The motor: velocity and stall force in closed form, its three cycles, no motion without fuel and force."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from szilard.discrete import JumpProcess
from szilard.errors import InputError
from szilard.systems import molecular_motor
from tests.systems.books import assert_local_balance, dense, of_channel, stationary

LOPSIDED: Any = {"gap": 0.8, "passive": (0.2, 1.5), "active": (2.0, 0.3), "stride": 0.3, "temperature": 0.7}


def currents(process: JumpProcess) -> dict[str, float]:
    """a -> b per time by each mechanism, in the steady state."""
    p = stationary(dense(process))
    found = {}
    for r, name in enumerate(process.reservoirs):
        L = of_channel(process, r)
        found[name] = float(L[1, 0] * p[0] - L[0, 1] * p[1])
    return found


def stall(fuel: float, w: tuple[float, float], a: tuple[float, float], T: float) -> float:
    up, down = exp(fuel / (2 * T)), exp(-fuel / (2 * T))
    return T * (log((w[0] + a[0] * down) * (w[1] + a[1] * up)) - log((w[0] + a[0] * up) * (w[1] + a[1] * down)))


@settings(max_examples=30)
@given(st.floats(-8, 8), st.floats(-4, 4))
def test_velocity_is_the_closed_form(fuel: float, force: float) -> None:
    w, a, split, T, gap = (LOPSIDED[key] for key in ("passive", "active", "stride", "temperature", "gap"))
    plus = [(w[i] + a[i] * exp(fuel / (2 * T))) for i in (0, 1)]
    minus = [(w[i] + a[i] * exp(-fuel / (2 * T))) for i in (0, 1)]
    right, left = force * split, -force * (1 - split)
    R, L = (plus[0] * exp((right - gap) / (2 * T)), minus[0] * exp((gap - right) / (2 * T))), (
        plus[1] * exp((left - gap) / (2 * T)), minus[1] * exp((gap - left) / (2 * T)),
    )  # fmt: skip
    wanted = (R[0] * L[1] - R[1] * L[0]) / (sum(R) + sum(L))
    J = currents(molecular_motor(fuel, force, **LOPSIDED))
    assert J["passive right"] + J["active right"] == pytest.approx(wanted, rel=1e-11, abs=1e-13 * (sum(R) + sum(L)))
    assert sum(J.values()) == pytest.approx(0.0, abs=1e-14 * (sum(R) + sum(L)))


@pytest.mark.parametrize("fuel", [6.0, -3.0, 0.5])
def test_it_stalls_at_the_stall_force_and_still_burns_fuel(fuel: float) -> None:
    force = stall(fuel, LOPSIDED["passive"], LOPSIDED["active"], LOPSIDED["temperature"])
    assert force * fuel < 0
    process = molecular_motor(fuel, force, **LOPSIDED)
    assert_local_balance(process)
    J = currents(process)
    assert J["passive right"] + J["active right"] == pytest.approx(0.0, abs=1e-14)
    burnt = J["active right"] + J["active left"]
    assert burnt * fuel > 0
    p = stationary(dense(process))
    e = process.edges
    rate = process.jump_rates(process.energies())
    dissipated = float((rate * p[e.source]) @ process.jump_heat(process.energies()))
    assert dissipated == pytest.approx(burnt * fuel, rel=1e-12)


def test_a_motor_without_slip_stalls_where_the_load_takes_all_the_fuel() -> None:
    tight: Any = {"gap": 0.4, "passive": (0.0, 1.5), "active": (2.0, 0.0), "stride": 0.3, "temperature": 0.7}
    assert sum(currents(molecular_motor(5.0, -4.0, **tight)).values()) == pytest.approx(0.0, abs=1e-14)
    assert currents(molecular_motor(5.0, -4.9, **tight))["active right"] > 1e-3
    assert currents(molecular_motor(5.0, -5.1, **tight))["active right"] < -1e-3
    assert currents(molecular_motor(5.0, -5.0, **tight))["active right"] == pytest.approx(0.0, abs=1e-15)


def test_the_three_cycles_are_given_force_fuel_and_both() -> None:
    fuel, force = 3.0, -1.2
    L = [of_channel(molecular_motor(fuel, force, **LOPSIDED), r) for r in range(4)]
    out = {name: log(k[1, 0] / k[0, 1]) for name, k in zip(("pr", "pl", "ar", "al"), L, strict=True)}
    T = LOPSIDED["temperature"]
    assert T * (out["pr"] - out["pl"]) == pytest.approx(force, rel=1e-13)
    assert T * (out["ar"] - out["pr"]) == pytest.approx(fuel, rel=1e-13)
    assert T * (out["ar"] - out["pl"]) == pytest.approx(force + fuel, rel=1e-13)


def test_at_rest_it_is_in_equilibrium() -> None:
    process = molecular_motor(0.0, **LOPSIDED)
    assert not process.driven
    np.testing.assert_allclose(
        stationary(dense(process)), np.array([1.0, exp(-0.8 / 0.7)]) / (1 + exp(-0.8 / 0.7)), rtol=1e-14
    )
    assert all(abs(J) < 1e-15 for J in currents(process).values())


def test_as_it_comes_it_walks_to_the_right() -> None:
    J = currents(molecular_motor(10.0))
    assert J["passive right"] + J["active right"] > 0.1


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("fuel", lambda: molecular_motor(np.nan)),
        ("force", lambda: molecular_motor(1.0, np.inf)),
        ("gap", lambda: molecular_motor(1.0, gap=np.nan)),
        ("stride", lambda: molecular_motor(1.0, stride=1.5)),
        ("stride", lambda: molecular_motor(1.0, stride=-0.5)),
        ("passive[1]", lambda: molecular_motor(1.0, passive=(1.0, -1.0))),
        ("active", lambda: molecular_motor(1.0, active=(1.0, 1.0, 1.0))),  # type: ignore[arg-type]
        ("passive, active", lambda: molecular_motor(1.0, passive=(0.0, 0.0), active=(0.0, 0.0))),
        ("temperature", lambda: molecular_motor(1.0, temperature=0.0)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
