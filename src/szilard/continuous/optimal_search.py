"""The control of least mean work, found by moving the nodes of a protocol."""

from __future__ import annotations

from math import ceil

import numpy as np
from scipy.optimize import minimize

from ..errors import InputError, is_whole, number
from ..protocol import Protocol
from .optimal_moments import MeanWork
from .optimal_traps import OptimalProtocol, above
from .partition import free_energy
from .process import Langevin, langevin

ROUNDS = 2000
MOST_STEPS = 32


def search_protocol(
    process: Langevin,
    start: float,
    stop: float,
    duration: float,
    *,
    nodes: int = 17,
    bounds: tuple[float, float] | None = None,
) -> OptimalProtocol:
    r"""min over lambda_0 ... lambda_n of <W>: straight lines between them, sudden changes at both ends.

    process: linear, one coordinate, a control, no force but that of its energy. It starts in the equilibrium of
    ``start``, from which the control jumps to lambda_0; at the end it jumps from lambda_n to ``stop``. The n + 1 =
    ``nodes`` values are equally apart in time, all free, within ``bounds`` = (low, high) if given; these are needed
    where the process is not defined at every control. <W> is exact (moments by collocation of order 6), so is its
    slope; a quasi-Newton search walks down until neither falls. ``work`` is that of ``protocol`` itself and so an
    upper bound on the least work; straight lines instead of a smooth curve cost O(1/nodes^4).
    duration: > 0. Returns work and free energy change in k_B T0, dissipation in nats.

    Raises InputError for a process that is not of this kind, a start or stop without equilibrium (stiffness <= 0),
    bounds without room, or a search that does not settle.

    Source: the search is L-BFGS-B, Byrd, Lu, Nocedal and Zhu, SIAM J. Sci. Comput. 16, 1190 (1995).

    >>> from szilard.continuous import Linear
    >>> trap = Langevin(linear=lambda x: Linear([[1.0]], [x], 0.5 * x * x), dim=1)
    >>> found = search_protocol(trap, 0.0, 2.0, 1.5, nodes=5)
    >>> round(found.work, 7), [round(x, 3) for x in found.protocol.values]
    (1.1428571, [0.0, 0.571, 0.786, 1.0, 1.214, 1.429, 2.0])
    """
    first, last, tau = number("start", start), number("stop", stop), above("duration", duration)
    free = trap_free_energy(process, last) - trap_free_energy(process, first)
    if not is_whole(nodes, 2):
        raise InputError("nodes", nodes, "must be a whole number >= 2", "e.g. nodes=17")
    low, high = (-np.inf, np.inf) if bounds is None else (number("bounds", bounds[0]), number("bounds", bounds[1]))
    if not low < high:
        raise InputError("bounds", bounds, "must leave room between low and high", "give (low, high)")
    mu, T = float(process.mobility.ravel()[0]), float(process.temperature[0])
    stiffest = max(float(process.linear_at(x).hessian[0, 0]) for x in (first, last))
    # two relaxation times of the variance in one step of collocation: what moves within them is slow
    steps = max(3, ceil(mu * stiffest * tau / (nodes - 1)))
    if steps > MOST_STEPS:
        rule = f"is {mu * stiffest * tau:.3g} relaxation times, too long for {nodes} nodes"
        fix = "use more nodes; so slowly, the excess work is that of the thermodynamic length"
        raise InputError("duration", duration, rule, fix)
    books = MeanWork(process, first, last, tau, nodes, steps)
    guess = np.clip(first + (last - first) * (np.arange(nodes) + 0.5) / nodes, low, high)
    found = minimize(
        lambda x: _scaled(*books.slope(x), T),
        guess,
        jac=True,
        method="L-BFGS-B",
        bounds=[(low, high)] * nodes,
        options={"maxiter": ROUNDS, "maxfun": 2 * ROUNDS, "maxcor": 2 * nodes, "ftol": 0.0, "gtol": 1e-9},
    )
    downhill = np.clip(found.x - found.jac, low, high) - found.x
    if not (np.isfinite(found.fun) and np.abs(downhill).max() < 1e-5):
        raise InputError("nodes", nodes, f"did not settle in {found.nit} rounds", "use fewer nodes, or bounds")
    t = np.linspace(0.0, tau, nodes)
    protocol = Protocol((0.0, *t, tau), (first, *found.x, last))
    work = MeanWork(process, first, last, tau, nodes, 3 * steps).work(found.x)
    return OptimalProtocol(protocol, work, free, (work - free) / T, "search")


def trap_free_energy(process: Langevin, control: float) -> float:
    """The free energy of one coordinate held by a linear force.

    Raises InputError where there is no equilibrium, or the process is not linear with one coordinate and a control.
    """
    langevin(process)
    if not (process.is_linear and process.controlled and process.dim == 1):
        raise InputError("process", process, "must be linear with one coordinate and a control", "Langevin(linear=...)")
    at = process.linear_at(control)
    H = float(at.hessian[0, 0])
    if not at.conservative:
        raise InputError("process", process, "must have no force but that of its energy", "drop the driving")
    if H <= 0.0:
        raise InputError("control", control, f"has no equilibrium: the stiffness is {H:g}", "give one with H > 0")
    return free_energy(process, control)


def _scaled(work: float, slope: np.ndarray, temperature: float) -> tuple[float, np.ndarray]:
    return work / temperature, slope / temperature
