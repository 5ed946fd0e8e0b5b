"""The reversed process: control and steps run backwards, from where the forward process ends."""

from __future__ import annotations

import time as clock
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..discrete.backward import CELL, Backward, Beginning
from ..errors import InputError
from ..progress import Progress, told
from ..request import refuse_request, refuse_size
from .ensemble import Ensemble
from .lattice_cells import lattice_of
from .partition import free_energy
from .process import Langevin
from .simulation import booked
from .start import start_of
from .steps import Steps
from .surprise import Boltzmann

if TYPE_CHECKING:
    from .run import Run

Array = NDArray[np.float64]


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
    replicas, seed = run.initial.shape[0] if replicas is None else replicas, run.seed if seed is None else seed
    cell = run.cell + CELL
    refuse_request(replicas, seed, threads, max_bytes, cell, record, progress)
    course, process = run.course.reversed(), run.course.process
    p0, rho = _ends(run, start)
    first = "equilibrium" if isinstance(rho, Boltzmann) else rho
    if record == "paths":
        needed = 8.0 * replicas * (run.steps + 1) * process.dim
        refuse_size("paths", needed, max_bytes, "ask for fewer replicas, or raise max_bytes")
    begun = start_of(course, first, int(replicas), int(seed), cell)
    ensemble = Ensemble(
        process, turned(run.plan), run.method, begun.states, 0, seed=int(seed), cell=cell, path=record == "paths",
        threads=threads,
    )  # fmt: skip
    with told(progress, "backward") as tell:
        ensemble.run(tell)
        tell(1.0)
    look = (np.zeros(0), *ensemble.looked())
    back = booked(course, begun, ensemble, look, None, cell, clock.perf_counter() - started)
    return Backward(
        run=back,
        entropy_production=rho.log_density(back.initial) - p0.log_density(back.final) + back.ledger.entropy_flow,
        forward=p0.log_density(run.initial) - rho.log_density(run.final) + run.ledger.entropy_flow,
    )


def turned(steps: Steps) -> Steps:
    """The same steps in reverse order, without the looks: what was a change of the control before a step follows it."""
    real = steps.look < 0
    control, length = steps.control[real][::-1].copy(), steps.length[real][::-1].copy()
    number = np.concatenate([[0], np.cumsum(length[:-1] > 0.0)]).astype(np.int64)
    return Steps(control, length, number, np.full(control.size, -1, dtype=np.int64))


def free_energy_change(process: Langevin, first: float | None, last: float | None) -> float:
    """F(last) - F(first), in k_B T0; on a lattice of one box. Raises InputError as ``free_energy`` does."""
    if first == last or first is None or last is None:
        return 0.0
    shared: dict[str, Any] = {}
    if not process.is_linear:
        lattice = lattice_of(process, controls=[first, last])
        shared = {"box": tuple((float(x[0]), float(x[-1])) for x in lattice.edges)}
    return free_energy(process, last, **shared) - free_energy(process, first, **shared)


def _ends(run: Run, start: Any) -> tuple[Any, Any]:
    """p_0 and rho, each with a log_density."""
    if start not in ("final", "equilibrium"):
        raise InputError("start", start, 'must be "final" or "equilibrium"', "name one of them")
    process, first, last = run.course.process, run.course.controls[0], run.course.controls[-1]
    if start == "final":
        if run.ends is None:
            fix = "simulate from a distribution or a name, with entropy=True where there is no closed form"
            raise InputError("entropy", None, "p(w, t) of this run is not known", fix)
        return run.ends
    if run.start.boltzmann:
        return Boltzmann(process, first), Boltzmann(process, last, free_energy_change(process, first, last))
    if run.start.density is None:
        rule = "the run started from states that were given, whose distribution is not known"
        raise InputError("initial", "states", rule, "simulate from a distribution, or from a name")
    return run.start.density, Boltzmann(process, last, free_energy(process, last))
