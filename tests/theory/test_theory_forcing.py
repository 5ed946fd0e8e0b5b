"""The heat of additive forces, against a correlation kernel, Runge-Kutta and dimensional analysis."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import cosh, exp, inf, sinh, tanh

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from szilard.errors import InputError
from szilard.theory import additive_heat, ramp_heat

numbers = st.floats(-3.0, 3.0)
gaps = st.floats(0.0, 4.0)
scales = st.floats(0.1, 10.0)


def runge_kutta(
    schedule: Callable[[float], float],
    breaks: list[float],
    *,
    stiffness: float = 1.0,
    mobility: float = 1.0,
    steps: int = 600,
) -> tuple[float, float]:
    """(mean weight, heat) of dm/dt = mu (s - k m), dQ/dt = (s - k m) dm/dt, smooth between the breaks."""

    def rate(t: float, m: float) -> tuple[float, float]:
        force = schedule(t) - stiffness * m
        return mobility * force, mobility * force * force

    m = q = 0.0
    for left, right in pairwise(breaks):
        h = (right - left) / steps
        for i in range(steps):
            t = left + i * h
            a = rate(t, m)
            b = rate(t + h / 2, m + h / 2 * a[0])
            c = rate(t + h / 2, m + h / 2 * b[0])
            d = rate(t + h * (1 - 1e-9), m + h * c[0])
            m += h / 6 * (a[0] + 2 * b[0] + 2 * c[0] + d[0])
            q += h / 6 * (a[1] + 2 * b[1] + 2 * c[1] + d[1])
    return m, q


def kernel_heat(times: list[float], jumps: list[float]) -> float:
    """Q = (1/2k) sum_ij df_i df_j exp(-|t_i - t_j|), k = mu = 1, t -> infinity."""
    t, f = np.array(times), np.array(jumps)
    return float(0.5 * f @ np.exp(-np.abs(t[:, None] - t)) @ f)


def test_ramp_reference() -> None:
    assert float(ramp_heat(4.0, 0.7)) == pytest.approx(1.604777990133956, rel=1e-12)
    assert float(ramp_heat(64.0, 1e5)) == pytest.approx(64 * (1e5 - 1) / 1e10, rel=1e-14)


@pytest.mark.parametrize("tau", [0.02, 0.3, 0.999999, 1.0, 1.7, 6.0])
@pytest.mark.parametrize("share", [0.3, 1.0, 2.5])
def test_ramp_against_runge_kutta(tau: float, share: float) -> None:
    k, mu, end = 1.7, 0.6, share * tau
    breaks = [0.0, end] if share <= 1 else [0.0, tau, end]
    m, q = runge_kutta(lambda t: min(t / tau, 1.0), breaks, stiffness=k, mobility=mu)
    assert float(ramp_heat(1.0, tau, end, stiffness=k, mobility=mu)) == pytest.approx(q, rel=1e-9)
    ramp = additive_heat([0, tau], [0, 1], duration=end, stiffness=k, mobility=mu)
    assert ramp.heat == pytest.approx(q, rel=1e-9)
    assert ramp.response / k == pytest.approx(m, rel=1e-9)


@pytest.mark.parametrize("tau", [1e-12, 1e-6, 1e-3])
def test_ramp_has_no_cancellation_when_short(tau: float) -> None:
    assert float(ramp_heat(2.0, tau)) == pytest.approx(1 - tau / 3 + tau**2 / 12 - tau**3 / 60, rel=1e-13)
    inside = 2.0 * (tau / 3 - tau**2 / 4 + 7 * tau**3 / 60 - tau**4 / 24)
    assert float(ramp_heat(2.0, tau, tau)) == pytest.approx(inside, rel=1e-12)


def test_ramp_switch_between_series_and_closed_form_is_smooth() -> None:
    edge = np.array([1 - 1e-9, 1 + 1e-9])
    for end in (edge, np.array([inf, inf])):
        low, high = ramp_heat(1.0, edge, end)
        assert low == pytest.approx(high, rel=3e-9)


def test_ramp_limits_and_shapes() -> None:
    assert float(ramp_heat(3.0, 0.0)) == 1.5
    assert float(ramp_heat(3.0, inf)) == 0.0
    assert float(ramp_heat(3.0, inf, 5.0)) == 0.0
    assert float(ramp_heat(3.0, 2.0, 0.0)) == 0.0
    assert float(ramp_heat(3.0, 0.0, 0.4)) == pytest.approx(1.5 * (1 - exp(-0.8)), rel=1e-15)
    assert float(ramp_heat(1.0, 1e300)) == pytest.approx(1e-300)
    grid = ramp_heat(np.ones((3, 1)), np.array([0.0, 1.0, 2.0, inf]))
    assert grid.shape == (3, 4)
    assert np.all(np.diff(grid, axis=1) < 0)


@given(tau=st.floats(0, 50), end=st.floats(0, 50), c=scales, k=scales, mu=scales)
def test_ramp_dimensional_analysis(tau: float, end: float, c: float, k: float, mu: float) -> None:
    plain = float(ramp_heat(1.0, tau, end))
    scaled = float(ramp_heat(c * c, tau / (mu * k), end / (mu * k), stiffness=k, mobility=mu))
    assert scaled == pytest.approx(c * c / k * plain, rel=1e-9, abs=1e-300)


@given(tau=st.floats(1e-6, 1e6), factor=st.floats(1.001, 10))
def test_slower_ramps_cost_less(tau: float, factor: float) -> None:
    assert float(ramp_heat(1.0, tau * factor)) < float(ramp_heat(1.0, tau)) <= 0.5


def test_staircases_against_the_correlation_kernel() -> None:
    times = [0.0, 0.3, 1.1, 2.0]
    for jumps, value in (
        ([0.5, 0.7, 0.2, 0.6], 1.0915955648268245),
        ([3.0, -2.0, 2.0, -1.0], 3.9012232005437166),
    ):
        books = additive_heat(times, np.cumsum(jumps).tolist(), "constant")
        assert books.heat == pytest.approx(kernel_heat(times, jumps), rel=1e-13)
        assert books.heat == pytest.approx(value, rel=1e-10)


@given(
    nodes=st.lists(st.tuples(gaps, numbers), min_size=1, max_size=8),
    kind=st.sampled_from(["linear", "constant"]),
    end=st.one_of(st.none(), st.floats(0.0, 10.0)),
    scale=st.tuples(scales, scales, scales, scales),
)
@settings(max_examples=200)
def test_books_of_random_schedules(
    nodes: list[tuple[float, float]],
    kind: str,
    end: float | None,
    scale: tuple[float, float, float, float],
) -> None:
    times = np.cumsum([g for g, _ in nodes]).tolist()
    values = [v for _, v in nodes]
    books = additive_heat(times, values, kind, duration=end)  # type: ignore[arg-type]
    variation = abs(values[0]) + float(np.sum(np.abs(np.diff(values))))
    assert -1e-12 <= books.heat <= variation**2 / 2 * (1 + 1e-12) + 1e-12
    assert abs(books.response) <= max(map(abs, values)) + 1e-12
    assert books.energy_change == pytest.approx(books.work - books.heat, abs=1e-13)
    s = _value(times, values, kind, inf if end is None else end)
    change = books.response**2 / 2 - s * books.response
    assert books.energy_change == pytest.approx(change, abs=1e-11)
    assert books.work >= -(s**2) / 2 - 1e-11  # the second law: W >= the change of free energy
    square, warm, k, mu = scale
    other = additive_heat(
        [t / (mu * k) for t in times],
        values,
        kind,  # type: ignore[arg-type]
        duration=None if end is None else end / (mu * k) * (1 + 1e-12),
        amplitude_squared=square,
        temperature=warm,
        stiffness=k,
        mobility=mu,
    )
    if end is None or all(abs(t - end) > 1e-9 for t in times):
        assert other.heat == pytest.approx(square / k * books.heat, rel=1e-8, abs=1e-8)
        assert other.work == pytest.approx(square / k * books.work, rel=1e-8, abs=1e-8)
        assert other.dissipation == other.heat / warm


def _value(times: list[float], values: list[float], kind: str, t: float) -> float:
    """s(t), after the jump."""
    if t < times[0]:
        return values[0]
    last = max(i for i, x in enumerate(times) if x <= t)
    if kind == "constant" or last == len(times) - 1:
        return values[last]
    share = (t - times[last]) / (times[last + 1] - times[last])
    return values[last] + share * (values[last + 1] - values[last])


def test_linear_schedule_against_runge_kutta() -> None:
    times, values = [0.4, 1.0, 1.0, 2.5, 3.0], [0.5, 1.5, -1.0, 2.0, 0.3]
    for end in (0.2, 0.7, 1.0, 1.8, 2.5, 2.8, 4.0):
        breaks = sorted({0.0, end, *(t for t in times if t < end)})
        m, q = runge_kutta(lambda t: _value(times, values, "linear", t), breaks, stiffness=2.0, mobility=0.8)
        books = additive_heat(times, values, duration=end, stiffness=2.0, mobility=0.8)
        assert books.heat == pytest.approx(q, rel=1e-8)
        assert books.response / 2.0 == pytest.approx(m, rel=1e-8, abs=1e-9)


def test_splitting_a_piece_changes_nothing() -> None:
    whole = additive_heat([0, 3.0], [0.2, 1.0], duration=4.0)
    fine = np.linspace(0, 3, 1001)
    split = additive_heat(fine.tolist(), (0.2 + 0.8 * fine / 3).tolist(), duration=4.0)
    for name in ("heat", "work", "response"):
        assert getattr(split, name) == pytest.approx(getattr(whole, name), rel=1e-12)


def test_first_value_is_a_jump_at_time_zero_and_holds_to_the_first_node() -> None:
    early = additive_heat([2.0, 3.0], [1.0, 4.0], duration=5.0)
    assert early == additive_heat([0.0, 2.0, 3.0], [1.0, 1.0, 4.0], duration=5.0)
    assert additive_heat([2.0], [1.0], duration=0.0).work == 0.0


def test_jump_at_the_closing_time_is_booked() -> None:
    after = additive_heat([0, 1, 1], [1, 1, 3], duration=1.0)
    before = additive_heat([0, 1], [1, 1], duration=1.0)
    assert after.heat == before.heat
    assert after.work == pytest.approx(before.work - 2 * before.response, rel=1e-14)


def test_alternating_force_in_the_periodic_state() -> None:
    nu, h = 1.3, 0.8
    n = 60
    times = [h * i for i in range(n)]
    values = [nu * (-1) ** i for i in range(n)]
    long = additive_heat(times, values, "constant", duration=h * n).heat
    short = additive_heat(times, values, "constant", duration=h * (n - 2)).heat
    assert (long - short) / (2 * h) == pytest.approx(2 * nu**2 * tanh(h / 2) / h, rel=1e-12)


@pytest.mark.parametrize("step", [0.5, 0.1, 0.02])
def test_staircase_is_the_schedule_held_at_the_middle_of_each_step(step: float) -> None:
    tau, end = 2.0, 3.0
    n = round(end / step)
    held = [min((i + 0.5) * step / tau, 1.0) for i in range(n)]
    stairs = additive_heat([0, tau], [0, 1], duration=end, staircase=step)
    plain = additive_heat([i * step for i in range(n)], held, "constant", duration=end)
    assert stairs.heat == pytest.approx(plain.heat, rel=1e-13)
    assert stairs.work == pytest.approx(plain.work, rel=1e-12)
    m, q = 0.0, 0.0
    for s in held:  # the exact conditional step of a sampler: heat is the drop of (w - s)^2/2
        new = s + (m - s) * exp(-step)
        q += ((m - s) ** 2 - (new - s) ** 2) / 2
        m = new
    assert stairs.heat == pytest.approx(q, rel=1e-12)
    assert stairs.response == pytest.approx(m, rel=1e-12)


def test_staircase_bias_of_a_stationary_ramp_is_that_of_its_teeth() -> None:
    h = 0.1  # s = t: the lag settles, and each step then costs h (h/2) coth(h/2) instead of h
    excess = [additive_heat([0, 40], [0, 40], duration=t, staircase=h).heat for t in (30.0, 39.0)]
    assert (excess[1] - excess[0]) / 9.0 == pytest.approx(h / 2 * cosh(h / 2) / sinh(h / 2), rel=1e-11)


def test_staircase_converges_quadratically_and_linearly_at_worst() -> None:
    exact = additive_heat([0, 2.0], [0, 1], duration=3.0).heat
    errors = [additive_heat([0, 2.0], [0, 1], duration=3.0, staircase=h).heat - exact for h in (0.02, 0.01)]
    assert 1.9 < errors[0] / errors[1] < 4.2
    assert abs(errors[1]) < 1e-4


def test_many_steps_stay_exact() -> None:
    n = 200_000
    fine = additive_heat([0, 10.0], [0, 1], duration=20.0, staircase=20.0 / n).heat
    assert fine == pytest.approx(float(ramp_heat(1.0, 10.0, 20.0)), rel=1e-8)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("amplitude_squared", lambda: ramp_heat(-1.0, 1.0)),
        ("amplitude_squared", lambda: ramp_heat(inf, 1.0)),
        ("tau", lambda: ramp_heat(1.0, float("nan"))),
        ("tau", lambda: ramp_heat(1.0, -1.0)),
        ("duration", lambda: ramp_heat(1.0, 1.0, -0.1)),
        ("stiffness", lambda: ramp_heat(1.0, 1.0, stiffness=0.0)),
        ("mobility", lambda: ramp_heat(1.0, 1.0, mobility=-1.0)),
        ("tau", lambda: ramp_heat(1.0, "slow")),
        ("times", lambda: additive_heat([], [])),
        ("times", lambda: additive_heat([0.0, 1.0], [1.0])),
        ("times", lambda: additive_heat([1.0, 0.5], [1.0, 1.0])),
        ("times", lambda: additive_heat([-1.0], [1.0])),
        ("times", lambda: additive_heat([inf], [1.0])),
        ("values", lambda: additive_heat([0.0], [float("nan")])),
        ("values", lambda: additive_heat([0.0], ["high"])),  # type: ignore[list-item]
        ("kind", lambda: additive_heat([0.0], [1.0], "cubic")),  # type: ignore[arg-type]
        ("duration", lambda: additive_heat([0.0], [1.0], duration=-1.0)),
        ("temperature", lambda: additive_heat([0.0], [1.0], temperature=0.0)),
        ("staircase", lambda: additive_heat([0.0], [1.0], staircase=0.1)),
        ("staircase", lambda: additive_heat([0.0], [1.0], duration=1.0, staircase=0.3)),
        ("staircase", lambda: additive_heat([0.0], [1.0], duration=1.0, staircase=2.5)),
        ("staircase", lambda: additive_heat([0.0], [1.0], duration=1.0, staircase=0.0)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
