"""The reversed process: the control runs backwards, from where the forward process ends."""

from __future__ import annotations

import time as clock
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..markup import table_of_text
from ..progress import Progress
from ..request import refuse_request
from .ensemble import Ensemble, drawn
from .propagation import initial_probabilities
from .simulation import booked, walked

if TYPE_CHECKING:
    from .run import Run

Array = NDArray[np.float64]
Beginning = Literal["final", "equilibrium"]
CELL = "backward"
"""Added to the cell of the forward run: random numbers of its own."""


@dataclass(frozen=True, repr=False)
class Backward:
    r"""P[x] e^{-S[x]} = P~[x~],  S[x] = ln p_0(x_0) - ln rho(x_tau) + sum_r Q_r / T_r,  S~[x~] = -S[x].

    x~(t) = x(tau - t) is the path seen backwards, P~ the process under the control run backwards, started from rho.
    entropy_production: S~ = ln rho(x~_0) - ln p_0(x~_tau) + sum_r Q~_r / T_r of every backward replica; infinite where
    it ends where the forward process never starts. forward: S of every forward replica. Both (replica,), in nats.
    run: the backward trajectories with their own heat and work, and currents counted as they jump: one that is
    antisymmetric has the other sign in x~. Started from rho = p_tau, S is the forward entropy production.
    """

    run: Any
    entropy_production: Array
    forward: Array

    @property
    def work(self) -> Array:
        """Work done on the system on the way back: (replica,), in k_B T0."""
        return np.asarray(self.run.ledger.work)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        lost = float(np.mean(np.isinf(self.entropy_production)))
        ends = f" ({lost:.2%} end where the forward process never starts)" if lost > 0.0 else ""
        there, back = self.forward.mean(), self.entropy_production.mean()
        return f"Backward: <S> = {there:.6g} forward, <S~> = {back:.6g} backward{ends}; {self.run!r}"


def backward_run(
    run: Run,
    *,
    replicas: int | None,
    seed: int | None,
    start: Beginning,
    record: Literal["ledger", "paths"],
    max_bytes: float,
    threads: int | None,
    progress: Progress | bool | None,
) -> Backward:
    """Trajectories of the reversed process of a run: see ``Run.backward``."""
    started = clock.perf_counter()
    replicas, seed = run.initial.size if replicas is None else replicas, run.seed if seed is None else seed
    cell = run.cell + CELL
    refuse_request(replicas, seed, threads, max_bytes, cell, record, progress)
    course = run.course.reversed()
    p0, rho = forward_start(run), _beginning(run, start)
    states = drawn(rho, int(replicas), seed=int(seed), cell=cell)
    ensemble = Ensemble(course, states, run.counted, np.zeros(0), seed=int(seed), cell=cell, threads=threads)
    paths = walked(ensemble, record, (0.0, max_bytes), progress)
    back = booked(ensemble, rho, None, tuple(run.currents), paths, clock.perf_counter() - started)
    with np.errstate(divide="ignore"):
        log_p0, log_rho = np.log(p0), np.log(rho)
    return Backward(
        run=back,
        entropy_production=log_rho[back.initial] - log_p0[back.final] + back.ledger.entropy_flow,
        forward=log_p0[run.initial] - log_rho[run.final] + run.ledger.entropy_flow,
    )


def forward_start(run: Run) -> Array:
    """p_0 of the run; raises InputError where states were given."""
    if run.start is None:
        rule = "the run started from states that were given, whose distribution is not known"
        raise InputError("initial", "states", rule, "simulate from probabilities, or from a name")
    return run.start


def _beginning(run: Run, start: Any) -> Array:
    if start not in ("final", "equilibrium"):
        raise InputError("start", start, 'must be "final" or "equilibrium"', "name one of them")
    if start == "equilibrium":
        return initial_probabilities(run.course.process, "equilibrium", run.course.final_energy)
    if run.probabilities is None:
        fix = "simulate from probabilities or a name, with entropy=True"
        raise InputError("probabilities", None, "p(x, t) was not solved", fix)
    return np.asarray(run.probabilities[1])
