"""Sample trajectories of a Langevin process and keep the books of each."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..books import Books
from ..errors import InputError
from ..ledger import Ledger
from ..progress import Progress, told
from ..protocol import Protocol
from ..request import refuse_request, refuse_size, time_grid
from .course import Course, course_of
from .ensemble import Ensemble
from .gaussian import Gaussian
from .process import Langevin
from .run import Paths, Run
from .start import Start, start_of
from .steps import method_of, steps_of
from .surprise import Surprises, refuse_unsolvable, surprises
from .time_step import time_step

Array = NDArray[np.float64]
CHECKED = 64
"""Initial and final states at which functions and the time step are checked."""


def simulate(
    process: Langevin,
    initial: str | ArrayLike | Gaussian | Any,
    duration: float,
    *,
    replicas: int,
    seed: int,
    protocol: Protocol | None = None,
    dt: float | None = None,
    method: str | None = None,
    times: Sequence[float] | None = None,
    record: Literal["ledger", "paths"] = "ledger",
    max_bytes: float = 2e9,
    entropy: bool | None = None,
    threads: int | None = None,
    progress: Progress | bool | None = None,
    cell: str = "",
) -> Run:
    r"""dw_i = mu_i F_i(w, lambda(t)) dt + sqrt(2 mu_i T_i) dB_i: ``replicas`` trajectories from 0 to ``duration``.

    Per replica, W > 0 on the system and Q > 0 into the bath, in k_B T0:
        dU = U(w_end, lambda_end) - U(w_0, lambda_0) = W - sum_r Q_r,
        W = sum over steps of [U(w, lambda') - U(w, lambda)] + int f o dw,    ds = -ln p(w_end, end) + ln p(w_0, 0).
    During a step the control is held at its value in the middle of the step; a change of it is work at fixed w, and
    heat is the fall of the potential plus the work of f (Stratonovich's trapezoid). With baths of several temperatures
    the heat of each is int F_i o dw_i.

    method: "exact", the transition of a linear force, right for any drift matrix and any dt (the default for linear
    systems); "heun" (the default for others; weak order 2), "euler" (weak order 1); "metropolis": steps of euler that
    are accepted or refused so that ln P(w -> w')/P(w' -> w) = Q/T exactly: Jarzynski's equality and Crooks' theorem
    hold at any dt, but means have a bias of order dt: refused steps slow the dynamics (see ``run.acceptance``). dt: the
    longest step; steps end at the nodes of the protocol and at ``times``. None: found by pilot runs of a few replicas,
    so that the forces met are resolved to 1/20 of their relaxation time ("heun", "exact"), 1/100 ("euler",
    "metropolis"), or 1/200 where heat is the trapezoid's; often a longer one will do. Means of the "exact" method have
    no bias but that of the staircase of the control, and, where a force has no energy or baths differ in temperature,
    one of order dt from the trapezoid.

    initial: sz.Gaussian | "equilibrium" (at the initial control) | "stationary" | states (replica, dim) | one state
    (dim,) | a sz.continuous.Mixture or Density. times: when to look on the way, increasing, within [0, duration]; gives
    ``states`` and ``books``. record="paths" keeps the state after every step; more than ``max_bytes`` in all is an
    error, raised before the memory is taken. entropy: None: the entropy of the system is booked where p(w, t) is known
    in closed form (linear systems with a Gaussian start, whatever stays at rest); True: elsewhere p is solved on a
    lattice in 1 or 2 dimensions; False: left out. progress(share done) is called now and then; True shows a bar.

    The random numbers are a function of seed, ``cell`` and the number of the replica: no number of threads and no
    record changes a bit, nor do ``times`` that are whole steps. Raises InputError for bad input, for a dt beyond
    stability or a trajectory that leaves every bound, or for more memory than allowed.

    Sekimoto, Stochastic Energetics (2010), for heat; Rossky, Doll and Friedman, J. Chem. Phys. 69, 4628 (1978), for the
    metropolised step; Kloeden and Platen (1992) for the weak orders.

    >>> import szilard as sz
    >>> trap = sz.systems.moved_trap(stiffness=2.0)
    >>> pulled = sz.Protocol([0.0, 1.0], [0.0, 1.5])
    >>> run = sz.simulate(trap, "equilibrium", 1.0, replicas=1000, seed=1, protocol=pulled)
    >>> bool(run.ledger.first_law_residual < 1e-12)
    True
    """
    started = clock.perf_counter()
    course = course_of(process, protocol, duration)
    refuse_request(replicas, seed, threads, max_bytes, cell, record, progress)
    grid = time_grid(times, course.duration)
    name = method_of(process, method)
    columns = process.dim + process.temperatures.size + 4
    needed = 8.0 * replicas * (4 * columns + grid.size * 3 * columns)
    refuse_size("replicas x times", needed, max_bytes, "ask for fewer times or replicas, or raise max_bytes")
    if entropy not in (None, True, False):
        raise InputError("entropy", entropy, "must be True, False or None", "leave it out")
    start = start_of(course, initial, int(replicas), int(seed), cell)
    if entropy is True:
        refuse_unsolvable(course, start)
    few = start.states[:CHECKED]
    for control in course.occurring(CHECKED):
        process.check(few, control)
    step = time_step(course, name, dt, few, int(seed), cell)
    steps = steps_of(course, step, grid, max_bytes)
    if record == "paths":
        needed += 8.0 * replicas * (steps.count + 1) * process.dim
        refuse_size("paths", needed, max_bytes, "ask for fewer replicas, a larger dt, or raise max_bytes")
    ensemble = Ensemble(
        process, steps, name, start.states, grid.size, seed=int(seed), cell=cell, path=record == "paths",
        threads=threads,
    )  # fmt: skip
    with told(progress, "simulate") as tell:
        ensemble.run(tell)
        tell(1.0)
    final = ensemble.states()
    looked, sums = ensemble.looked()
    known = None
    if entropy is not False:
        known = surprises(course, steps, start, [*looked.transpose(1, 0, 2), final], grid, entropy is True)
    return booked(course, start, ensemble, (grid, looked, sums), known, cell, clock.perf_counter() - started)


def booked(
    course: Course, start: Start, ensemble: Ensemble, look: tuple[Array, Array, Array], known: Surprises | None,
    cell: str, seconds: float,
) -> Run:  # fmt: skip
    """The run from the raw sums; look: times, states and books at them; known: p at the start, at them, at the end."""
    steps, initial, final = ensemble.steps, start.states, ensemble.states()
    grid, looked, on_the_way = look
    entropies = None if known is None else known.changes
    process, sums = course.process, ensemble.sums()
    baths = process.temperatures.size
    before = process.energies(initial, course.controls[0])
    ledger = Ledger(
        heat=sums[:, :baths],
        work=sums[:, baths],
        energy_change=process.energies(final, course.controls[-1]) - before,
        temperatures=process.temperatures,
        conditional_entropy_change=None if entropies is None else entropies[-1],
        gross=sums[:, baths + 1],
    )
    books = None
    if grid.size:
        books = Books(
            times=grid,
            heat=on_the_way[:, :, :baths],
            work=on_the_way[:, :, baths],
            energy_change=on_the_way[:, :, -1] - before[:, None],
            temperatures=process.temperatures,
            system_entropy_change=None if entropies is None else entropies[:-1].T,
        )
    paths = None if ensemble.path is None else Paths(course, steps.ends, ensemble.path)
    share = float(np.mean(sums[:, baths + 2])) / steps.count if steps.count else 1.0
    return Run(
        course=course,
        initial=initial,
        final=final,
        ledger=ledger,
        times=grid,
        states=looked,
        books=books,
        paths=paths,
        start=start,
        ends=None if known is None else (known.before, known.after),
        plan=steps,
        method=ensemble.method,
        dt=float(steps.length.max()),
        steps=steps.count,
        acceptance=share,
        seed=ensemble.seed,
        cell=cell,
        seconds=seconds,
    )
