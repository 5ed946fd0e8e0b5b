"""What a run of a jump process knows of itself, and which laws it can be held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..laws.applicable import Facts, Flow, Isothermal, applicable
from ..laws.panel import Laws
from .split import split_or_reason
from .steady import log_stationary

if TYPE_CHECKING:
    from .run import Run

Array = NDArray[np.float64]
FEW = 3.0
"""Expected jumps of a kind below which it may not have been seen at all."""
SAME = 1e-9
"""Relative difference of two distributions below which they are one."""


def laws_of_run(run: Run, backward: bool, threads: int | None) -> Laws:
    """All laws that apply to a run: see ``Run.laws``."""
    process, course = run.course.process, run.course
    whole = int(process.components().max()) == 0
    pi = np.exp(log_stationary(process, course.initial_energy)) if whole else None
    stationary = run.start is not None and pi is not None and np.allclose(run.start, pi, rtol=SAME, atol=0.0)
    still = _still(run)
    split, reason = split_or_reason(run) if whole else (None, "the process falls into parts")
    S = None if run.probabilities is None else run.ledger.entropy_production
    reversible = run.probabilities is not None and not np.any(
        (run.probabilities[0] == 0.0) & (run.probabilities[1] > 0)
    )
    mirrored = None
    if backward and reversible and S is not None and np.any(np.abs(S) > SAME):
        mirrored = run.backward(threads=threads).entropy_production
    distance = None
    if run.probabilities is not None:
        far = float(np.abs(run.probabilities[1] - run.probabilities[0]).sum())
        distance = far if far > SAME else None
    steady = stationary and still
    largest = _largest_force(run) if steady else None
    return applicable(
        Facts(
            duration=run.duration,
            entropy_production=S,
            reversible=reversible,
            mirrored=mirrored,
            isothermal=_isothermal(run, backward, threads),
            housekeeping=None if split is None else split.housekeeping,
            hatano_sasa=split.hatano_sasa if split is not None and stationary else None,
            steady=steady,
            flows=_flows(run, steady) if still else (),
            activity=run.activity.astype(np.float64),
            left_out=_left_out(run, S, reversible, reason),
            distance=distance,
            largest_force=largest,
            at_rest=steady and largest is None,
            housekeeping_missed=_rare_jumps(run) if whole else 0.0,
            hatano_sasa_missed=_unvisited(run) if whole else 0.0,
        )
    )


def _still(run: Run) -> bool:
    """Whether no energy ever moves."""
    first = run.course.initial_energy
    ends = (energy for piece in run.course.pieces() for energy in (piece.before, piece.after))
    return all(np.array_equal(energy, first) for energy in (*ends, run.course.final_energy))


def _left_out(run: Run, S: Array | None, reversible: bool, unsplit: str) -> tuple[str, ...]:
    said = []
    if run.start is None:
        said.append("all that needs p_0: the run started from states that were given")
    elif S is None:
        said.append("all that needs entropy production: p(x, t) was not solved; simulate with entropy=True")
    elif not reversible:
        said.append("integral and detailed theorem: the reversed process ends where this one never starts")
    if unsplit:
        said.append(f"Hatano-Sasa and housekeeping: {unsplit}")
    return tuple(said)


def _isothermal(run: Run, backward: bool, threads: int | None) -> Isothermal | None:
    process, warm = run.course.process, run.course.process.temperatures
    if run.start is None or np.any(warm != warm[0]):
        return None
    T, Z = float(warm[0]), []
    for energy in (run.course.initial_energy, run.course.final_energy):
        Z.append(np.exp(-(energy - energy.min()) / T))
    if not np.allclose(run.start, Z[0] / Z[0].sum(), rtol=SAME, atol=0.0):
        return None
    free = [
        float(energy.min() - T * np.log(z.sum()))
        for energy, z in zip((run.course.initial_energy, run.course.final_energy), Z, strict=True)
    ]
    moved = process.driven or not _still(run)
    if not moved:
        return None
    back = run.backward(start="equilibrium", threads=threads).work if backward else None
    return Isothermal(run.ledger.work, T, free[1] - free[0], back)


def _flows(run: Run, steady: bool) -> tuple[Flow, ...]:
    """What was counted on the way; beside it the drive's work and, of several baths, their heat: energies rest."""
    process, edges = run.course.process, run.course.process.edges
    energy = run.course.initial_energy
    counted = {name: run.counted[:, i] for i, name in enumerate(run.currents)}
    samples = dict(run.currents)
    if process.driven:
        counted["work"], samples["work"] = edges.drive, run.ledger.work
    if len(process.reservoirs) > 1:
        q = process.jump_heat(energy)
        for r, name in enumerate(process.reservoirs):
            counted[f"heat {name}"], samples[f"heat {name}"] = (
                np.where(edges.channel == r, q, 0.0),
                run.ledger.heat[:, r],
            )
    found = []
    for name, amount in counted.items():
        response = None
        if run.probabilities is not None and not steady:
            per_time = process.jump_rates(energy) * run.probabilities[1][edges.source]
            response = run.duration * float(amount @ per_time)
        found.append(Flow(name, samples[name], bool(np.array_equal(amount[edges.reverse], -amount)), response))
    return tuple(found)


def _largest_force(run: Run) -> float | None:
    """max |ln(k p / k~ p~)| over all jumps, in the steady state: (edge,) with p the start."""
    process, edges, p = run.course.process, run.course.process.edges, run.start
    if p is None:
        return None
    flow = process.jump_heat(run.course.initial_energy) / process.temperatures[edges.channel]
    force = flow + np.log(p[edges.source]) - np.log(p[edges.target])
    largest = float(np.max(np.abs(force), initial=0.0))
    return largest if largest > SAME else None


def _rare_jumps(run: Run) -> float:
    """What <e^{-S_hk}> owes to jumps expected fewer than 3 times in all: their number in the dual process.

    A jump x' -> x with S_hk = s weighs e^{-s}; the dual process makes it at the rate k e^{-s}.
    """
    process, edges = run.course.process, run.course.process.edges
    if run.probabilities is None:
        return 0.0
    missed = 0.0
    for energy, p in zip((run.course.initial_energy, run.course.final_energy), run.probabilities, strict=True):
        rate, log_pi = process.jump_rates(energy), log_stationary(process, energy)
        dual = rate[edges.reverse] * np.exp(log_pi[edges.target] - log_pi[edges.source])
        rare = run.initial.size * run.duration * rate * p[edges.source] < FEW
        missed = max(missed, float(np.sum(run.duration * dual[rare] * p[edges.source][rare])))
    return min(missed, 1.0)


def _unvisited(run: Run) -> float:
    """What <e^{-Y}> owes to states in which no replica started: a change too quick for jumps gives each its last pi."""
    seen = np.zeros(run.course.process.n_states, dtype=bool)
    seen[run.initial] = True
    return float(np.exp(log_stationary(run.course.process, run.course.final_energy))[~seen].sum())
