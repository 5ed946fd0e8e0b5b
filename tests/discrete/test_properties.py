"""What must hold for any jump process: change the zero of energy, names, units or direction of time, and compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sinh, tanh
from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import szilard as sz
from szilard.discrete import Channel, Energetics, JumpProcess, edge_currents

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)
ROUNDING = 1e-12
"""Ten times the error that propagation and energetics state, relative to what is exchanged."""
NODES = ((0.0, 0.0), (0.0, 0.4), (0.5, -0.7), (0.5, 0.9), (0.9, 0.2), (1.3, 0.2), (1.3, -0.5))
"""Jumps at the start, inside and at the end, two ramps, a stretch of rest."""
FEW = settings(max_examples=12)


@dataclass(frozen=True)
class Drawn:
    """energy + control tilt, and per reservoir: attempt, drive, load, temperature, kinetics."""

    energy: Array
    tilt: Array
    attempts: tuple[Array, ...]
    drives: tuple[Array, ...]
    loads: tuple[Array, ...]
    temperatures: tuple[float, ...]
    kinetics: tuple[str, ...]

    @property
    def n(self) -> int:
        return self.energy.size

    @property
    def channels(self) -> list[Channel]:
        columns = zip(self.attempts, self.drives, self.temperatures, self.kinetics, self.loads, strict=True)
        return [
            Channel(a, d, temperature=t, name=f"bath {r}", kinetics=kind, load=load if kind == "arrhenius" else 0.5)  # type: ignore[arg-type]
            for r, (a, d, t, kind, load) in enumerate(columns)
        ]

    @property
    def held(self) -> JumpProcess:
        return JumpProcess(self.energy, self.channels)

    @property
    def moved(self) -> JumpProcess:
        return JumpProcess(lambda control: self.energy + control * self.tilt, self.channels)

    @property
    def p0(self) -> Array:
        """A distribution that is no stationary one, with an empty state."""
        p = np.arange(self.n, dtype=np.float64) ** 1.3
        return np.asarray(p / p.sum())


@st.composite
def drawn(
    draw: Any, kinetics: Sequence[str] = ("symmetric", "heat_bath", "arrhenius"), baths: int = 3, least: int = 2
) -> Drawn:
    """A process in one part; the first bath joins a line of states, the others what chance will have."""
    n, r = draw(st.integers(least, 6)), draw(st.integers(1, baths))
    kinds = tuple(draw(st.sampled_from(kinetics)) for _ in range(r))
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    attempts, drives, loads = [], [], []
    for i in range(r):
        some = np.triu(numbers.random((n, n)) < 0.6, 1) | (np.eye(n, k=1) > 0 if i == 0 else False)
        a = np.where(some, numbers.uniform(0.2, 2.0, (n, n)), 0.0)
        d = np.where(some, numbers.uniform(-1.0, 1.0, (n, n)), 0.0)
        share = np.triu(numbers.uniform(0.0, 1.0, (n, n)), 1)
        attempts.append(a + a.T)
        drives.append(d - d.T)
        loads.append(share + np.tril(1.0 - share.T, -1))
    energy, tilt = numbers.uniform(-1.2, 1.2, (2, n))
    warm = tuple(float(t) for t in numbers.uniform(0.6, 2.5, r))
    return Drawn(energy, tilt, tuple(attempts), tuple(drives), tuple(loads), warm, kinds)


def protocol(nodes: Sequence[tuple[float, float]] = NODES, factor: float = 1.0) -> sz.Protocol:
    return sz.Protocol([t * factor for t, _ in nodes], [v for _, v in nodes])


def books(system: Drawn) -> Energetics:
    return sz.energetics(system.moved, system.p0, NODES[-1][0], protocol())


def assert_books_agree(found: Energetics, wanted: Energetics, energy: float = 1.0, work: float = 0.0) -> None:
    """Heat and work ``energy`` times as large, ``work`` more of it; entropies and jumps the same."""
    room = ROUNDING * (energy * wanted.gross + found.gross)
    np.testing.assert_allclose(found.heat, energy * wanted.heat, rtol=0.0, atol=room)
    assert abs(found.work - energy * wanted.work - work) <= room
    assert abs(found.energy_change - energy * wanted.energy_change - work) <= room
    nats = ROUNDING * (1.0 + wanted.activity)
    for name in ("system_entropy_change", "entropy_production", "adiabatic", "nonadiabatic", "activity"):
        assert abs(getattr(found, name) - getattr(wanted, name)) <= 10.0 * nats, name


@FEW
@given(drawn(("symmetric", "heat_bath")), st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_the_zero_of_energy_is_free(system: Drawn, shift: float, rise: float) -> None:
    """energy + shift + rise lambda: the same rates, heat and entropy; the work lifts all states by rise dlambda."""
    lifted = replace(system, energy=system.energy + shift, tilt=system.tilt + rise)
    size = 8 * EPS * (10.0 + abs(shift) + abs(rise)) / min(system.temperatures)
    for control in (0.0, -0.8):
        energy = system.moved.energies(control), lifted.moved.energies(control)
        rates = [p.jump_rates(e) for p, e in zip((system.moved, lifted.moved), energy, strict=True)]
        np.testing.assert_allclose(rates[1], rates[0], rtol=size)
        p = sz.stationary(system.moved, control), sz.stationary(lifted.moved, control)
        np.testing.assert_allclose(p[1], p[0], rtol=4 * system.n * size)
    assert_books_agree(books(lifted), books(system), work=rise * (NODES[-1][1] - NODES[0][1]))


@FEW
@given(drawn(("arrhenius",)), st.floats(-2.0, 2.0))
def test_raising_all_wells_under_arrhenius_speeds_every_jump(system: Drawn, shift: float) -> None:
    """k ~ e^(energy / T): a shift is undone by attempts e^(-shift / T) times as large, reservoir by reservoir."""
    slow = [a * np.exp(-shift / t) for a, t in zip(system.attempts, system.temperatures, strict=True)]
    lifted = replace(system, energy=system.energy + shift, attempts=tuple(slow))
    assert_books_agree(books(lifted), books(system))


@FEW
@given(drawn(), st.randoms(use_true_random=False))
def test_the_names_of_states_are_free(system: Drawn, random: Any) -> None:
    """State x becomes name[x]: stationary state, p(t), energetics, lambda(s) and the affinity of every cycle follow."""
    name = np.array(random.sample(range(system.n), system.n))
    old = np.argsort(name)

    def renamed(matrices: tuple[Array, ...]) -> tuple[Array, ...]:
        return tuple(m[np.ix_(old, old)] for m in matrices)

    other = replace(
        system, energy=system.energy[old], tilt=system.tilt[old], attempts=renamed(system.attempts),
        drives=renamed(system.drives), loads=renamed(system.loads),
    )  # fmt: skip
    np.testing.assert_allclose(sz.stationary(other.held)[name], sz.stationary(system.held), rtol=200 * system.n * EPS)
    times = [0.0, 0.3, 0.5, 1.0, 1.3]
    here = sz.propagate(system.moved, system.p0, times, protocol()).probabilities
    there = sz.propagate(other.moved, system.p0[old], times, protocol()).probabilities
    np.testing.assert_allclose(there[:, name], here, rtol=0.0, atol=ROUNDING)
    assert_books_agree(sz.energetics(other.moved, system.p0[old], NODES[-1][0], protocol()), books(system))
    a, b = (sz.scgf(p, [-0.7, 0.4, 1.6]) for p in (system.held, other.held))
    assert np.all(np.abs(a.values - b.values) <= a.error + b.error)
    for cycle in sz.cycle_affinities(other.held):
        assert abs(cycle.affinity - _around(system, [int(old[x]) for x in cycle.states], cycle.channels)) <= 1e-13


def _around(system: Drawn, states: Sequence[int], names: Sequence[str]) -> float:
    """sum of q / T around a cycle, jump by jump."""
    total, e = 0.0, system.energy
    for (x, y), bath in zip(pairwise([*states, states[0]]), names, strict=True):
        r = int(bath.split()[1])
        assert system.attempts[r][y, x] > 0.0
        total += (e[x] - e[y] + system.drives[r][y, x]) / system.temperatures[r]
    return float(total)


@FEW
@given(drawn(), st.floats(0.0, 1.3))
def test_two_spans_of_time_make_one(system: Drawn, cut: float) -> None:
    """p(t1 + t2) and all sums, with the protocol cut anywhere: on a ramp, at a jump, at either end."""
    whole, end = protocol(), NODES[-1][0]
    first = [node for node in NODES if node[0] < cut] or [NODES[0]]
    later = [(t - cut, v) for t, v in NODES if t >= cut]
    at = float(np.interp(cut, [t for t, _ in NODES], [v for _, v in NODES])) if later[0][0] > 0.0 else later[0][1]
    one = protocol([*first, (cut, at)]) if cut > 0.0 else protocol([NODES[0]])
    two = protocol([(0.0, at), *later])
    a = sz.energetics(system.moved, system.p0, cut, one)
    b = sz.energetics(system.moved, a.final, end - cut, two)
    c = sz.energetics(system.moved, system.p0, end, whole)
    np.testing.assert_allclose(b.final, c.final, rtol=0.0, atol=ROUNDING)
    room = ROUNDING * (a.gross + b.gross + c.gross)
    np.testing.assert_allclose(a.heat + b.heat, c.heat, rtol=0.0, atol=room)
    np.testing.assert_allclose(a.jumps + b.jumps, c.jumps, rtol=0.0, atol=ROUNDING * (1.0 + c.activity))
    for name in ("work", "energy_change"):
        assert abs(getattr(a, name) + getattr(b, name) - getattr(c, name)) <= room
    for name in ("system_entropy_change", "entropy_production", "adiabatic", "nonadiabatic"):
        excess = abs(getattr(a, name) + getattr(b, name) - getattr(c, name))
        assert excess <= 10.0 * ROUNDING * (1.0 + c.activity), name
    halfway = sz.propagate(system.held, system.p0, [0.6]).probabilities[0]
    again = sz.propagate(system.held, halfway, [0.9]).probabilities[0]
    at_once = sz.propagate(system.held, system.p0, [0.6, 1.5]).probabilities
    np.testing.assert_allclose(at_once, [halfway, again], rtol=0.0, atol=ROUNDING)


@FEW
@given(drawn(("symmetric", "heat_bath", "arrhenius")), st.floats(0.05, 20.0))
def test_the_unit_of_energy_is_free(system: Drawn, unit: float) -> None:
    """Energies, drives and temperatures times c: the same rates and entropies, heat and work times c."""
    other = replace(
        system, energy=unit * system.energy, tilt=unit * system.tilt, drives=tuple(unit * d for d in system.drives),
        temperatures=tuple(unit * t for t in system.temperatures),
    )  # fmt: skip
    rates = [s.held.jump_rates(s.energy) for s in (system, other)]
    np.testing.assert_allclose(rates[1], rates[0], rtol=100 * EPS)
    assert_books_agree(books(other), books(system), energy=unit)
    np.testing.assert_allclose(
        [c.affinity for c in sz.cycle_affinities(other.held)],
        [c.affinity for c in sz.cycle_affinities(system.held)],
        rtol=0.0, atol=1e-13,
    )  # fmt: skip
    a, b = (sz.scgf(s.held, [-0.5, 0.3]) for s in (system, other))
    assert np.all(np.abs(a.values - b.values) <= 4.0 * (a.error + b.error))


@FEW
@given(drawn(), st.floats(0.05, 20.0))
def test_the_unit_of_time_is_free(system: Drawn, unit: float) -> None:
    """Attempts times c, times and protocol divided by c: the same sums; rates of change c times as large."""
    fast = replace(system, attempts=tuple(unit * a for a in system.attempts))
    end = NODES[-1][0] / unit
    found = sz.energetics(fast.moved, system.p0, end, sz.Protocol([*protocol(factor=1 / unit).times[:-2], end, end],
                                                                 protocol().values))  # fmt: skip
    assert_books_agree(found, books(system))
    np.testing.assert_allclose(sz.stationary(fast.held), sz.stationary(system.held), rtol=100 * system.n * EPS)
    slow_flow, fast_flow = edge_currents(system.held), edge_currents(fast.held)
    room = ROUNDING * unit * slow_flow.traffic.sum()
    np.testing.assert_allclose(fast_flow.current, unit * slow_flow.current, rtol=0.0, atol=room)
    a, b = sz.scgf(system.held, [-0.5, 0.3]), sz.scgf(fast.held, [-0.5, 0.3])
    assert np.all(np.abs(unit * a.values - b.values) <= 4.0 * (unit * a.error + b.error))


@FEW
@given(drawn())
def test_the_process_run_backwards_has_every_current_turned_round(system: Drawn) -> None:
    """k~[x, x'] = k[x', x] p_x / p_x' per channel: the same p, traffic and entropy production, opposite currents."""
    process, p = system.held, sz.stationary(system.held)
    e, k = process.edges, process.jump_rates(system.energy)
    backward = {name: np.zeros((system.n, system.n)) for name in process.reservoirs}
    for i in range(k.size):
        x, y = e.source[i], e.target[i]
        backward[process.reservoirs[e.channel[i]]][x, y] = k[i] * p[x] / p[y]
    warm = dict(zip(process.reservoirs, system.temperatures, strict=True))
    turned = sz.systems.from_rates(backward, temperature=warm)
    np.testing.assert_allclose(sz.stationary(turned), p, rtol=200 * system.n * EPS)
    forth, back = edge_currents(process), edge_currents(turned)
    np.testing.assert_array_equal(back.source, forth.source)
    np.testing.assert_array_equal(back.channel, forth.channel)
    room = 400 * system.n * EPS * forth.traffic.max()
    np.testing.assert_allclose(back.traffic, forth.traffic, rtol=0.0, atol=room)
    np.testing.assert_allclose(back.current, -forth.current, rtol=0.0, atol=room)
    sigma = sz.entropy_production_rate(process)
    assert abs(sz.entropy_production_rate(turned) - sigma) <= ROUNDING * (1.0 + forth.traffic.sum())


@FEW
@given(drawn(baths=1), st.floats(0.1, 3.0), st.integers(3, 6))
def test_turning_the_drives_turns_affinities_and_a_uniform_ring(system: Drawn, push: float, n: int) -> None:
    """One temperature: A -> -A for any energies and kinetics. A ring without slopes: J -> -J, the same sigma."""
    turned = replace(system, drives=tuple(-d for d in system.drives))
    affinities, opposite = (sz.cycle_affinities(s.held).affinity for s in (system, turned))
    np.testing.assert_allclose(opposite, -affinities, rtol=0.0, atol=1e-13)
    forth, back = (sz.systems.ring(np.zeros(n), sign * push, temperature=0.8) for sign in (1.0, -1.0))
    np.testing.assert_allclose(sz.stationary(back), sz.stationary(forth), rtol=100 * n * EPS)
    flows, turned_flows = edge_currents(forth), edge_currents(back)
    np.testing.assert_allclose(turned_flows.current, -flows.current, rtol=0.0, atol=1e3 * EPS)
    np.testing.assert_allclose(np.abs(flows.current), 2.0 / n * sinh(push / (1.6 * n)), rtol=0.0, atol=1e3 * EPS)
    sigma = sz.entropy_production_rate(forth)
    assert abs(sz.entropy_production_rate(back) - sigma) <= ROUNDING * (1.0 + sigma)


@FEW
@given(drawn())
def test_first_and_second_law(system: Drawn) -> None:
    """dE = W - Q; dS + sum Q / T and both its parts are >= 0, over time and at any moment, from any p."""
    found = books(system)
    assert found.first_law_residual <= ROUNDING
    assert found.gross > 0.0
    for part in ("entropy_production", "adiabatic", "nonadiabatic"):
        assert getattr(found, part) >= -ROUNDING * (1.0 + found.activity), part
    with_state = np.where(system.p0 > 0.0, system.p0, 0.01)
    rate = sz.entropy_production_rate(system.held, with_state / with_state.sum())
    assert rate >= 0.0
    assert sz.entropy_production_rate(system.held) >= 0.0


@FEW
@given(drawn(), st.floats(0.1, 3.0))
def test_a_stationary_state_stays_and_pays_at_a_constant_rate(system: Drawn, duration: float) -> None:
    p = sz.stationary(system.held)
    kept = sz.energetics(system.held, p, duration)
    flows = edge_currents(system.held)
    room = ROUNDING * (1.0 + kept.gross + kept.activity)
    np.testing.assert_allclose(kept.final, p, rtol=0.0, atol=ROUNDING)
    np.testing.assert_allclose(kept.heat, duration * flows.heat_flow, rtol=0.0, atol=room)
    assert abs(kept.entropy_production - duration * sz.entropy_production_rate(system.held)) <= 10.0 * room
    assert abs(kept.nonadiabatic) <= 10.0 * room
    assert abs(kept.work - kept.heat.sum()) <= room


@settings(max_examples=25)
@given(drawn(least=3), st.sampled_from(["as it is", "one temperature", "no drive", "equilibrium"]))
def test_detailed_balance_and_no_entropy_production_are_one(system: Drawn, kind: str) -> None:
    """A cycle of m jumps with affinity A has one with |F| >= A / m, and J F = K F tanh(F / 2): a floor for sigma."""
    if kind in ("one temperature", "equilibrium"):
        system = replace(system, temperatures=(0.7,) * len(system.temperatures))
    if kind in ("no drive", "equilibrium"):
        system = replace(system, drives=tuple(np.zeros_like(d) for d in system.drives))
    process, balance = system.held, sz.detailed_balance(system.held)
    flows, sigma = edge_currents(process), sz.entropy_production_rate(process)
    if kind == "equilibrium":
        assert balance
        weight = np.exp(-system.energy / 0.7)
        np.testing.assert_allclose(sz.stationary(process), weight / weight.sum(), rtol=200 * system.n * EPS)
    if balance:
        np.testing.assert_allclose(balance.equilibrium, sz.stationary(process), rtol=200 * system.n * EPS)
        assert np.all(np.abs(flows.current) <= 200 * system.n * EPS * flows.traffic)
        assert 0.0 <= sigma <= (200 * system.n * EPS) ** 2 * flows.traffic.sum()
        return
    cycle = balance.worst
    assert cycle is not None
    assume(abs(cycle.affinity) > 1e-3)
    force = abs(cycle.affinity) / len(cycle.states)
    assert sigma >= (1.0 - 1e-9) * flows.traffic.min() * force * tanh(0.5 * force)
