"""Exact averages over all trajectories: heat, work, entropy production and its two parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from ..protocol import Protocol
from .course import course_of
from .evolution import Evolution, Method
from .process import JumpProcess
from .propagation import initial_probabilities
from .steady import log_stationary

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Energetics:
    """<dE> = W - sum_r Q_r and dS_tot = dS + sum_r Q_r / T_r = adiabatic + nonadiabatic, means over trajectories.

    heat (reservoir,), > 0 into the bath; work > 0 on the system, of the protocol and of the drive; energy_change; in
    k_B T0. system_entropy_change = S(p_end) - S(p_0), entropy_production, adiabatic (what it costs to keep the
    stationary state of every moment), nonadiabatic (what it costs not to be in it); in nats. jumps (edge,): expected
    number of every jump, in the order of ``process.edges``; activity: their sum. final (state,): p at the end.
    gross: the sum of absolute energies exchanged, the scale of rounding in heat and work.
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
    reservoirs: tuple[str, ...]

    @property
    def first_law_residual(self) -> float:
        """|dE - W + Q| / gross: heat, work and energy are computed apart, so that this tests them."""
        broken = abs(self.energy_change - self.work + float(self.heat.sum()))
        return broken / self.gross if self.gross > 0.0 else broken

    def __repr__(self) -> str:
        heat = ", ".join(f"{name} {q:.9g}" for name, q in zip(self.reservoirs, self.heat, strict=True))
        return (
            f"Energetics: heat ({heat}), work {self.work:.9g}, energy change {self.energy_change:.9g}; "
            f"entropy production {self.entropy_production:.9g} = adiabatic {self.adiabatic:.9g} "
            f"+ nonadiabatic {self.nonadiabatic:.9g}; {self.activity:.9g} jumps"
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
    p0: as ``initial`` in ``propagate``. Nothing is sampled and nothing defined by another: the first law tests both.
    With pi the stationary state of the moment (per connected part, where there are several),

        adiabatic = int sum k[x, x'] p_x' ln(k[x, x'] pi_x' / (k[x', x] pi_x)) dt,    nonadiabatic = dS_tot - adiabatic,

    both >= 0; while nothing moves the first is the fall of the relative entropy sum p ln(p / pi). Errors are about
    1e-13 of ``gross`` (and of the number of jumps for the entropies); where rates reach k over a time t, the heat of
    a drive between them is known to about 1e-16 k t only. A driven process of many states under a moving protocol
    spends most of its time on pi, which is found anew at every node.

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
    engine, e = Evolution(process, None, method), process.edges
    baths = process.temperatures.size
    t = process.temperatures[e.channel]

    def books(energy: Array, slope: Array, rate: Array, spent: Array) -> Array:
        """[value, gross] of: heat per reservoir, driving, lifting, steady (see below), jumps."""
        jumps = rate * spent[e.source]
        q = process.jump_heat(energy)
        log_pi = log_stationary(process, energy, engine.elimination)
        kept = q / t + log_pi[e.source] - log_pi[e.target]
        lift = slope * spent if slope.size else np.zeros(1)
        rows = []
        for size in (np.asarray, np.abs):
            heat = np.bincount(e.channel, weights=size(jumps * q), minlength=baths)
            sums = [size(jumps * e.drive).sum(), size(lift).sum(), size(jumps * kept).sum()]
            rows.append(np.concatenate([heat, sums, size(jumps)]))
        return np.array(rows)

    total = np.zeros((2, baths + 3 + e.source.size))
    switching, gross, last, v = 0.0, 0.0, start, p[None]
    for piece in course.pieces():
        switching, gross = _switched(v[0], piece.before - last, switching, gross)
        v, booked = engine.advance(piece, v, books)
        total += booked
        last = piece.after
    end = course.final_energy
    switching, gross = _switched(v[0], end - last, switching, gross)
    final = np.maximum(v[0], 0.0)
    final /= final.sum()
    heat, (driving, lifting, adiabatic), jumps = np.split(total[0], [baths, baths + 3])
    system = float(np.sum(entr(final)) - np.sum(entr(p)))
    production = system + float(np.sum(heat / process.temperatures))
    return Energetics(
        heat=heat,
        work=float(switching + driving + lifting),
        energy_change=float(final @ end - p @ start),
        system_entropy_change=system,
        entropy_production=production,
        adiabatic=float(adiabatic),
        nonadiabatic=production - float(adiabatic),
        activity=float(jumps.sum()),
        jumps=jumps,
        final=final,
        gross=float(gross + np.sum(total[1, : baths + 2])),
        reservoirs=process.reservoirs,
    )


def _switched(p: Array, step: Array, work: float, gross: float) -> tuple[float, float]:
    return work + float(p @ step), gross + float(p @ np.abs(step))
