"""Exact averages over all trajectories: heat, work, entropy production and its two parts."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, log10

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from ..errors import InputError
from ..markup import table
from ..protocol import Protocol
from .conservation import Forest
from .course import Piece, course_of
from .evolution import Books, Evolution, Method
from .process import JumpProcess
from .propagation import initial_probabilities
from .steady import log_stationary

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)
DIGITS, DRIFT = 16.0, 1.0 / 16.0
"""Error of p and of the jumps in units of EPS: of resolvents, and per product of uniformisation (10, 0.02 measured)."""
WORTH_SAYING = 1e-6
NEVER = 1e-9
"""The probability that may be where the stationary one is below all numbers."""
SLIGHT = 1e-9
"""Weight of the time in states that do not move: books count errors against their sum, where rare jumps matter too."""


@dataclass(frozen=True, repr=False)
class Energetics:
    """<dE> = W - sum_r Q_r and dS_tot = dS + sum_r Q_r / T_r = adiabatic + nonadiabatic, means over trajectories.

    heat (reservoir,), > 0 into the bath; work > 0 on the system, of the protocol and of the drive; energy_change; in
    k_B T0. system_entropy_change = S(p_end) - S(p_0), entropy_production, adiabatic (what it costs to keep the
    stationary state of every moment), nonadiabatic (what it costs not to be in it); in nats. jumps (edge,): expected
    number of every jump, in the order of ``process.edges``; activity: their sum. final (state,): p at the end.
    gross: the sum of absolute energies that were added up or subtracted to find heat and work. rounding: the absolute
    error to expect in heat and work, and in nats in the entropies; the text shows the digits it leaves.
    """

    heat: Array
    work: float
    energy_change: float
    system_entropy_change: float
    entropy_production: float
    adiabatic: float
    nonadiabatic: float
    activity: float
    jumps: Array
    final: Array
    gross: float
    rounding: float
    reservoirs: tuple[str, ...]

    @property
    def first_law_residual(self) -> float:
        """|dE - W + Q| / gross, with dE from p at both ends, W and Q from what happens in between: some 1e-15.

        What is not known of the jumps around a fast cycle enters W and Q alike: ``rounding`` counts that.
        """
        broken = abs(self.energy_change - self.work + float(self.heat.sum()))
        return broken / self.gross if self.gross > 0.0 else broken

    def _shown(self, value: float) -> str:
        known = 0.0 < self.rounding < inf
        return f"{round(float(value), -ceil(log10(self.rounding))) + 0.0 if known else value:.9g}"

    def _repr_html_(self) -> str:
        named = [
            (f"heat {name}", q, "k_B T0, > 0 into the bath") for name, q in zip(self.reservoirs, self.heat, strict=True)
        ]
        named += [("work", self.work, "k_B T0, > 0 on the system"), ("energy change", self.energy_change, "k_B T0")]
        named += [("entropy production", self.entropy_production, "nat"), ("adiabatic", self.adiabatic, "nat")]
        named += [("nonadiabatic", self.nonadiabatic, "nat")]
        rows = [[name, self._shown(value), unit] for name, value, unit in named]
        rows += [["activity", f"{self.activity:.9g}", "jumps"], ["rounding", f"{self.rounding:.1g}", ""]]
        return table("Energetics, exact means", rows)

    def __repr__(self) -> str:
        shown = self._shown
        heat = ", ".join(f"{name} {shown(q)}" for name, q in zip(self.reservoirs, self.heat, strict=True))
        return (
            f"Energetics: heat ({heat}), work {shown(self.work)}, energy change {shown(self.energy_change)}; "
            f"entropy production {shown(self.entropy_production)} = adiabatic {shown(self.adiabatic)} "
            f"+ nonadiabatic {shown(self.nonadiabatic)}; {self.activity:.9g} jumps"
            + (f"; rounding {self.rounding:.1g}" if self.rounding > WORTH_SAYING else "")
        )


def energetics(
    process: JumpProcess,
    p0: ArrayLike,
    duration: float,
    protocol: Protocol | None = None,
    *,
    method: Method | None = None,
) -> Energetics:
    r"""Q_r = int sum_r k[x, x'] q[x, x'] p_x' dt,  W = int [sum_x e'_x p_x + sum k[x, x'] drive[x, x'] p_x'] dt.

    Exact means from 0 to ``duration`` (0 is allowed: only sudden jumps of the energies count, W = sum_x p_x de_x).
    p0: as ``initial`` in ``propagate``. Nothing is sampled, and heat and work are summed apart.
    With pi the stationary state of the moment (per connected part, where there are several),

        adiabatic = int sum k[x, x'] p_x' ln(k[x, x'] pi_x' / (k[x', x] pi_x)) dt,    nonadiabatic = dS_tot - adiabatic,

    both >= 0; while nothing moves the second is the fall of the relative entropy sum p ln(p / pi).

    Stiff rates: where a pair jumps often, its net number of jumps is found from dp_x = sum of net jumps into x, along
    a tree of the busiest pairs, not as the difference of jumps both ways. Errors are about 1e-14 of ``gross``, whatever
    the rates. What no tree can tell is the current around a cycle: where even the least busy pair of a cycle jumps
    k t times, the heat of its drive, or between its baths, is known to about 1e-16 k t only; ``rounding`` counts it.
    A driven process of many states under a moving protocol spends most of its time on pi, which is found anew at every
    node. ``method`` "uniformisation" loses digits with every product it makes, which ``rounding`` counts as well.

    Raises InputError as ``propagate`` does.

    Splitting: Esposito and Van den Broeck, PRL 104, 090601 (2010); Hatano and Sasa, PRL 86, 3463 (2001).

    >>> from szilard.discrete import Channel, JumpProcess
    >>> two = JumpProcess([0.0, 1.5], Channel([[0, 1], [1, 0]], kinetics="heat_bath"))
    >>> relaxed = energetics(two, [0.2, 0.8], 50.0)
    >>> round(relaxed.entropy_production, 9), relaxed.first_law_residual < 1e-14
    (0.901010854, True)
    """
    course = course_of(process, protocol, duration)
    start = course.initial_energy
    p = initial_probabilities(process, p0, start)
    engine, t = Evolution(process, None, method), process.temperatures
    jumps, heat = np.zeros(process.edges.source.size), np.zeros(t.size)
    work, adiabatic, gross, steady = 0.0, 0.0, 0.0, 0.0
    last, v = start, p[None]
    for piece in course.pieces():
        work, gross = _switched(v[0], piece.before - last, work, gross)
        before = v[0]
        v, booked = engine.advance(piece, v, _books(process, engine, piece))
        found = _piece(process, engine, piece, before, v[0], booked)
        jumps += found.jumps
        heat += found.heat
        work, adiabatic = work + found.work, adiabatic + found.adiabatic
        gross, steady = gross + found.gross, steady + found.steady
        last = piece.after
    end = course.final_energy
    work, gross = _switched(v[0], end - last, work, gross)
    final = np.maximum(v[0], 0.0)
    final /= final.sum()
    entropies = float(np.sum(entr(final))), float(np.sum(entr(p)))
    system = entropies[0] - entropies[1]
    production = system + float(np.sum(heat / t))
    return Energetics(
        heat=heat,
        work=work,
        energy_change=float(final @ end - p @ start),
        system_entropy_change=system,
        entropy_production=production,
        adiabatic=adiabatic,
        nonadiabatic=production - adiabatic,
        activity=float(jumps.sum()),
        jumps=jumps,
        final=final,
        gross=gross,
        rounding=EPS
        * (DIGITS + DRIFT * engine.products)
        * max(gross, gross / float(t.min()) + steady + sum(entropies)),
        reservoirs=process.reservoirs,
    )


def _switched(p: Array, step: Array, work: float, gross: float) -> tuple[float, float]:
    return work + float(p @ step), gross + float(p @ np.abs(step))


@dataclass(frozen=True)
class _Found:
    """The sums of one piece; gross and steady: absolute amounts in heat and work, and in the adiabatic part."""

    jumps: Array
    heat: Array
    work: float
    adiabatic: float
    gross: float
    steady: float


def _books(process: JumpProcess, engine: Evolution, piece: Piece) -> Books:
    """[value, gross] of the jumps; where energies move also of jumps tau, p d tau and the adiabatic part.

    tau is how far the energies have come, from 0 to 1.
    """
    e = process.edges
    if piece.constant:
        return lambda energy, slope, rate, spent: np.array([rate * spent[e.source]] * 2)
    once, span = np.flatnonzero(e.source < e.target), piece.end - piece.start
    moved = piece.after - piece.before
    x = int(np.argmax(np.abs(moved)))

    def books(energy: Array, slope: Array, rate: Array, spent: Array) -> Array:
        jumps = rate * spent[e.source]
        tau = (energy[x] - piece.before[x]) / moved[x]
        back, kept = jumps[e.reverse[once]], _kept(process, engine, energy, spent / span)[once]
        value = np.concatenate([jumps, tau * jumps, _weight(piece) * spent / span, [(jumps[once] - back) @ kept]])
        gross = np.abs(value)
        gross[-1] = np.abs(jumps[once] + back) @ np.abs(kept)
        return np.array([value, gross])

    return books


def _weight(piece: Piece) -> Array:
    moved = np.abs(piece.after - piece.before)
    return np.asarray(moved / moved.max() + SLIGHT)


def _kept(process: JumpProcess, engine: Evolution, energy: Array, mass: Array) -> Array:
    """ln(k[x, x'] pi_x' / (k[x', x] pi_x)) per jump; 0 where pi is below all numbers, if no ``mass`` is there."""
    e, t = process.edges, process.temperatures
    if not process.driven and np.all(t == t[0]):
        return np.zeros(e.source.size)
    log_pi = log_stationary(process, energy, engine.elimination)
    never = np.isneginf(log_pi)
    if np.any(never) and float(mass[never].sum()) > NEVER:
        got = f"{float(mass[never].sum()):.3g} of it where the stationary state has nothing"
        raise InputError("initial", got, "the adiabatic part is not known there", "start closer, or leave states out")
    log_pi = np.where(never, 0.0, log_pi)
    kept = process.jump_heat(energy) / t[e.channel] + (log_pi[e.source] - log_pi[e.target])
    return np.where(never[e.source] | never[e.target], 0.0, kept)


def _piece(process: JumpProcess, engine: Evolution, piece: Piece, before: Array, after: Array, booked: Array) -> _Found:
    """Q_r = sum q net, at rest; q_0 net + (q_1 - q_0) int tau d net where energies move from q_0 to q_1."""
    e, baths = process.edges, process.temperatures.size
    once = np.flatnonzero(e.source < e.target)
    channel, turned = e.channel[once], e.reverse[once]
    jumps = booked[0, : e.source.size]
    q, drive = process.jump_heat(piece.before)[once], e.drive[once]
    traffic = jumps[once] + jumps[turned]
    forest = Forest.of(e.source[once], e.target[once], process.n_states, traffic)
    net = forest.conserved(jumps[once] - jumps[turned], after - before)
    heat: Array = np.bincount(channel, weights=net * q, minlength=baths).astype(np.float64, copy=False)
    work = float(net @ drive)
    ends = [q]
    mass = before + after
    if piece.constant:
        kept = _kept(process, engine, piece.before, mass)[once]
        adiabatic, steady, lifted = float(net @ kept), forest.scale(kept, net, traffic, mass), 0.0
    else:
        late, mean = booked[0, e.source.size : 2 * e.source.size], booked[0, 2 * e.source.size : -1] / _weight(piece)
        moved = piece.after - piece.before
        ends.append(process.jump_heat(piece.after)[once])
        late_net = forest.conserved(late[once] - late[turned], after - mean)
        heat += np.bincount(channel, weights=late_net * (ends[1] - q), minlength=baths)
        work += float(moved @ mean)
        lifted = float(np.abs(moved) @ np.abs(mean))
        adiabatic, steady = float(booked[0, -1]), float(booked[1, -1])
    scales = [
        sum(forest.scale(np.where(channel == r, given, 0.0), net, traffic, mass) for r in range(baths))
        for given in ends
    ]
    return _Found(jumps, heat, work, adiabatic, max(scales) + lifted, steady)
