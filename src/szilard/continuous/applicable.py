"""What a run of a Langevin process knows of itself, and which laws it can be held against."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..discrete.split import split_or_reason
from ..errors import InputError
from ..estimate import Estimate
from ..laws.applicable import Facts, Flow, Isothermal, applicable
from ..laws.certified import certified_ceiling
from ..laws.panel import Laws
from ..laws.trial_functions import TrialFunctions, fourier, polynomials
from .backward import free_energy_change
from .density import Density
from .gaussian import Gaussian
from .optimal_gaussians import between_gaussians

if TYPE_CHECKING:
    from .run import Run

Array = NDArray[np.float64]
SAME = 1e-9
"""Entropies and distances that are smaller are rounding of zero."""
STEPS = "the time step is so short that its bias is below the statistical error"
HARMONICS = 4
CONTROLS = 64
"""Values of the control at which driving is looked for."""


def laws_of_run(run: Run, backward: bool, threads: int | None) -> Laws:
    """All laws that apply to a run: see ``Run.laws``."""
    process = run.course.process
    still = len(set(run.course.controls)) == 1
    steady = still and run.start.rests
    split, reason = split_or_reason(run)
    S = None if run.ends is None else run.ledger.entropy_production
    moves = S is not None and bool(np.any(np.abs(S) > SAME))
    mirrored = run.backward(threads=threads).entropy_production if backward and moves else None
    covered = _everywhere(run) if mirrored is None else bool(np.all(np.isfinite(mirrored)))
    driven = any(process.driven_at(c) for c in run.course.occurring(CONTROLS))
    warm = bool(np.all(process.temperature == process.temperature[0]))
    exact = run.method == "metropolis" or (run.method == "exact" and warm and not driven)
    return applicable(
        Facts(
            duration=run.duration,
            entropy_production=S,
            reversible=S is not None and covered,
            mirrored=mirrored if covered else None,
            isothermal=_isothermal(run, backward, threads) if driven or not still else None,
            housekeeping=None if split is None else split.housekeeping,
            hatano_sasa=split.hatano_sasa if split is not None and run.start.rests else None,
            steady=steady,
            at_rest=steady and not driven and warm,
            flows=_flows(run, driven) if steady else (),
            distance=_distance(run) if run.method != "metropolis" else None,
            diffusion=1.0,
            ceiling=_ceiling(run) if steady and moves else None,
            assumptions=() if exact else (STEPS,),
            left_out=_left_out(run, S, covered, reason),
        )
    )


def _everywhere(run: Run) -> bool:
    """Whether the density of the start, as far as it is known, leaves no place out."""
    return run.ends is not None and (not isinstance(run.ends[0], Density) or bool(np.all(run.ends[0].values > 0.0)))


def _left_out(run: Run, S: Array | None, covered: bool, unsplit: str) -> tuple[str, ...]:
    said = []
    if S is None:
        fix = "simulate from a distribution with entropy=True (one or two coordinates, or a linear process)"
        said.append(f"all that needs entropy production: p(x, t) is not known; {fix}")
    elif not covered:
        said.append("integral and detailed theorem: the reversed process ends where this one never starts")
    if unsplit:
        said.append(f"Hatano-Sasa and housekeeping: {unsplit}")
    if run.method == "metropolis":
        said.append("speed limit: a metropolised step moves less far than diffusion does")
    return tuple(said)


def _isothermal(run: Run, backward: bool, threads: int | None) -> Isothermal | None:
    process, controls = run.course.process, run.course.controls
    if not run.start.boltzmann:
        return None
    try:
        change = free_energy_change(process, controls[0], controls[-1])
    except InputError:
        return None
    back = run.backward(start="equilibrium", threads=threads).work if backward else None
    return Isothermal(run.ledger.work, float(process.temperature[0]), change, back)


def _flows(run: Run, driven: bool) -> tuple[Flow, ...]:
    """The work of the force that no energy explains and, of several baths, their heat: the control rests."""
    found = [Flow("work", run.ledger.work, True)] if driven else []
    names = run.course.process.reservoirs
    if len(names) > 1:
        found += [Flow(f"heat {name}", run.ledger.heat[:, r], True) for r, name in enumerate(names)]
    return tuple(found)


def _distance(run: Run) -> float | None:
    """W_2 between the ends in the coordinates in which D = 1, where both are Gaussian."""
    if run.ends is None or not all(isinstance(end, Gaussian) for end in run.ends):
        return None
    D = run.course.process.diffusion
    shrink = np.linalg.inv(np.linalg.cholesky(np.diag(D) if D.ndim == 1 else D))
    first, last = (Gaussian(shrink @ end.mean, shrink @ end.covariance @ shrink.T) for end in run.ends)
    distance = between_gaussians(first, last, 1.0, 1.0, 1.0).distance
    return distance if distance > SAME else None


def _ceiling(run: Run) -> tuple[Array, Estimate] | None:
    """S of every other replica, and the ceiling of its mean by the states in which the rest start."""
    process, control = run.course.process, run.course.controls[0]
    families = _families(process)
    if families is None or process.mobility.ndim > 1:
        return None
    states = run.initial[1::2]
    try:
        rate = certified_ceiling(
            states, process.forces(states, control), mobility=process.mobility, temperature=process.temperature,
            functions=families, period=process.period,
        )  # fmt: skip
    except InputError:
        return None
    ceiling = replace(rate, value=rate.value * run.duration, stderr=rate.stderr * run.duration)
    return run.ledger.entropy_production[::2], ceiling


def _families(process: Any) -> TrialFunctions | None:
    """Functions among which -ln p_ss is sought: quadratic ones, or waves on a ring."""
    bounded = np.isfinite(process.period)
    if process.is_linear:
        return polynomials(2)
    if process.dim == 1 and bounded[0]:
        return fourier(HARMONICS, process.period)
    return polynomials(4) if process.dim <= 2 and not bounded.any() else None
