"""Which laws a result may be held against: each one where what it assumes is known to be so, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..check import BoundCheck
from ..estimate import Estimate, Sampled
from .ceilings import cost_ceiling
from .entropy_theorems import (
    detailed_fluctuation_theorem,
    gallavotti_cohen,
    hatano_sasa,
    housekeeping_theorem,
    integral_fluctuation_theorem,
)
from .given import BLIND, compared, known
from .panel import Laws
from .precision import driven_uncertainty_relation, kinetic_uncertainty_relation, uncertainty_relation
from .speed import speed_limit
from .work_relations import crooks, jarzynski, second_law_of_work

Array = NDArray[np.float64]
STILL = 1e-9
"""Entropy productions that are all smaller, in nats, are rounding of zero."""
SEIFERT = "Seifert, PRL 95, 040602 (2005)"


@dataclass(frozen=True)
class Isothermal:
    """Work (replica,) from equilibrium at one temperature; backward: that of the reversed process, from equilibrium."""

    work: Array
    temperature: float
    free_energy_change: float
    backward: Array | None = None


@dataclass(frozen=True)
class Flow:
    """What was counted, (replica,); whether it changes sign with time; d<J>/dtau x tau under fixed rates, or None."""

    name: str
    counted: Array
    odd: bool
    response: float | None = None


@dataclass(frozen=True)
class Facts:
    """What a run knows of itself; None or empty where it does not know, and then no law is held against it.

    Arrays are (replica,), entropies in nats. entropy_production: S, total. reversible: whether the reversed process
    ends only where this one may start. mirrored: S~ of the reversed process from the final distribution. isothermal:
    from equilibrium at one temperature. housekeeping: S_hk. hatano_sasa: Y, from a stationary start. steady: stationary
    from the start, nothing moves. flows: currents and counts, at a control held. activity: jumps. distance, diffusion:
    how far p has come, see ``speed_limit``. largest_force: see ``cost_ceiling``. ceiling: samples of S, and what their
    mean may be at most, independent of them. at_rest: in an equilibrium that is held, where S = 0 on every path.
    housekeeping_missed, hatano_sasa_missed: parts of the two averages that the sample is known not to show.
    assumptions: what else everything rests on. left_out: laws that cannot be checked, and why.
    """

    duration: float
    entropy_production: Array | None = None
    reversible: bool = False
    mirrored: Array | None = None
    isothermal: Isothermal | None = None
    housekeeping: Array | None = None
    hatano_sasa: Array | None = None
    steady: bool = False
    flows: tuple[Flow, ...] = ()
    activity: Array | None = None
    distance: float | None = None
    diffusion: float | None = None
    largest_force: float | None = None
    at_rest: bool = False
    housekeeping_missed: float = 0.0
    hatano_sasa_missed: float = 0.0
    ceiling: tuple[Array, Estimate] | None = None
    assumptions: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def applicable(facts: Facts) -> Laws:
    """All laws whose assumptions these facts meet."""
    found = [*_of_entropy(facts), *_of_work(facts), *_of_currents(facts), *_of_speed(facts)]
    found = [replace(law, assumptions=(*law.assumptions, *_new(law, facts.assumptions))) for law in found]
    if facts.activity is not None:
        found = [_resting_on(law, float(facts.activity.sum())) for law in found]
    return Laws(found, facts.left_out)


def _resting_on(law: BoundCheck, jumps: float) -> BoundCheck:
    """Replicas in which nothing jumped are no evidence: what was sampled is worth at most one sample per jump seen."""

    def worth(e: Estimate) -> Estimate:
        return e if e.n == 0 else replace(e, ess=jumps if e.ess is None else min(e.ess, jumps))

    return replace(law, smaller=worth(law.smaller), larger=worth(law.larger))


def _new(law: BoundCheck, assumptions: tuple[str, ...]) -> tuple[str, ...]:
    """Those that the law does not make by itself: whatever it says of time steps covers that of the run."""
    stepped = any("time step" in said for said in law.assumptions)
    return tuple(said for said in assumptions if not (stepped and "time step" in said))


def _of_entropy(facts: Facts) -> Iterator[BoundCheck]:
    S, Y, kept = facts.entropy_production, facts.hatano_sasa, facts.housekeeping
    whole = ("the entropy of the system is that of the exact p(x, t) of the ensemble", BLIND)
    if facts.at_rest:
        yield BoundCheck("0 <= <S>", Estimate.exact(0.0), Estimate.exact(0.0), whole, SEIFERT)
        return
    if S is not None:
        yield compared("0 <= <S>", Estimate.exact(0.0), known(S, "entropy_production"), whole, SEIFERT)
        if facts.reversible:
            yield integral_fluctuation_theorem(S, facts.mirrored)
        if facts.reversible and facts.mirrored is not None:
            yield detailed_fluctuation_theorem(S, facts.mirrored)
        if facts.steady:
            yield gallavotti_cohen(S)
    keeps = kept is not None and float(np.max(np.abs(kept), initial=0.0)) > STILL
    # without housekeeping, from equilibrium, Y = (W - dF)/T and Jarzynski says it; in a steady state S_hk is all of S
    if Y is not None and not facts.steady and (keeps or facts.isothermal is None):
        yield hatano_sasa(Y, missed=facts.hatano_sasa_missed)
    if kept is not None and keeps and not (facts.steady and S is not None):
        yield housekeeping_theorem(kept, missed=facts.housekeeping_missed)


def _of_work(facts: Facts) -> Iterator[BoundCheck]:
    done = facts.isothermal
    if done is None:
        return
    T, free = done.temperature, done.free_energy_change
    yield second_law_of_work(done.work, temperature=T, free_energy_change=free)
    yield jarzynski(done.work, temperature=T, free_energy_change=free, reverse=done.backward)
    if done.backward is not None:
        yield crooks(done.work, done.backward, temperature=T, free_energy_change=free)


def _of_currents(facts: Facts) -> Iterator[BoundCheck]:
    S, jumps = facts.entropy_production, facts.activity
    for flow in facts.flows:
        found: list[BoundCheck] = []
        if np.ptp(flow.counted) == 0.0:
            continue
        if flow.odd and S is not None and facts.steady:
            found.append(uncertainty_relation(flow.counted, S))
        elif flow.odd and S is not None and flow.response is not None:
            found.append(driven_uncertainty_relation(flow.counted, S, flow.response))
        if jumps is not None and (facts.steady or flow.response is not None):
            response = None if facts.steady else flow.response
            found.append(kinetic_uncertainty_relation(flow.counted, jumps, response=response))
        for law in found:
            yield replace(law, name=f"{law.name}, J = {flow.name}")


def _of_speed(facts: Facts) -> Iterator[BoundCheck]:
    S, jumps = facts.entropy_production, facts.activity
    if S is None or facts.duration == 0.0:
        return
    if facts.distance and facts.diffusion is not None:
        yield speed_limit(facts.distance, facts.duration, S, diffusion=facts.diffusion)
    elif facts.distance and jumps is not None and np.any(jumps):
        yield speed_limit(facts.distance, facts.duration, S, activity=jumps / facts.duration)
    if facts.ceiling is not None:
        yield cost_ceiling(Sampled.mean(facts.ceiling[0]), facts.ceiling[1])
    elif facts.largest_force and jumps is not None and np.any(jumps):
        activity = Sampled.mean(jumps)
        yield cost_ceiling(Sampled.mean(S), activity=activity, largest_force=facts.largest_force)
