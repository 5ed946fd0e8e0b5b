"""Sample trajectories of a jump process exactly and keep the books of each."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping, Sequence
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
from .currents import jump_observable
from .ensemble import Ensemble, drawn
from .paths import Paths
from .process import JumpProcess
from .propagation import initial_probabilities, propagate
from .run import Run

Array = NDArray[np.float64]
Index = NDArray[np.int64]
RESOLVED = 1e14
"""rate x time, within the 53 bits of a clock with 2^-7 of a mean waiting time to spare."""
UNSEEN = 1e-14
"""The least probability that the exact solution tells from zero."""
BOOKED = ("work", "activity", "energy change", "system entropy change", "entropy production")


def simulate(
    process: JumpProcess,
    initial: int | str | ArrayLike,
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
    currents: Mapping[str, ArrayLike] | None = None,
    entropy: bool = True,
    threads: int | None = None,
    progress: Progress | bool | None = None,
    cell: str = "",
) -> Run:
    r"""P(x -> x' in dt) = k[x', x](lambda(t)) dt, sampled exactly: ``replicas`` trajectories from 0 to ``duration``.

    Per replica, W > 0 on the system and Q > 0 into the bath, in k_B T0:
        Q_r = sum over jumps in bath r of q[x', x],    W = int d eps_x / dt dt + sum over jumps of drive[x', x],
        dE = eps_x(end) - eps_x(0) = W - sum_r Q_r,    ds = -ln p(x_end, end) + ln p(x_0, 0),
    with p(x, t) solved exactly for the same initial distribution (``entropy=False``, or an array of given states,
    leaves it out). A sudden change of the protocol at time 0 or at the end is work as well.

    initial: a state, probabilities (n,) as floats, one state per replica as integers, "equilibrium" at the initial
    energies or "stationary". What a protocol does after ``duration`` does not happen. times: when to look on the
    way, increasing, within [0, duration]; gives ``states`` and ``books`` of shape (replica, time). record="paths"
    keeps every jump (24 bytes each; more than ``max_bytes`` in all is an error, raised before the memory is taken).
    currents: name -> (n, n), the amount counted in each jump x' -> x at [x, x'] in any channel, or (edge,) in the
    order of ``process.edges``, which tells channels apart. progress(share done) is called now and then;
    True shows a bar.
    There is no time step: dt and method belong to continuous systems and must be left out.

    The random numbers are a function of seed, ``cell`` (a name that tells runs of one seed apart) and the number
    of the replica: no number of threads, no grid of times and no record changes a bit. Raises InputError for bad
    input, more memory than allowed, or rates so fast that the run would not end.

    Waiting times: Gillespie, J. Phys. Chem. 81, 2340 (1977); moving rates: Lewis and Shedler, Nav. Res. Logist. Q.
    26, 403 (1979); entropy along a trajectory: Seifert, PRL 95, 040602 (2005).

    >>> import szilard as sz
    >>> ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0)
    >>> run = sz.simulate(ring, "stationary", 10.0, replicas=1000, seed=1)
    >>> bool(run.ledger.first_law_residual < 1e-12)
    True
    """
    started = clock.perf_counter()
    course = course_of(process, protocol, duration)
    refuse_request(replicas, seed, threads, max_bytes, cell, record, progress)
    for name, given in (("dt", dt), ("method", method)):
        if given is not None:
            raise InputError(name, given, "jump processes are sampled exactly, jump by jump", "leave it out")
    grid = time_grid(times, course.duration)
    counted = _currents(process, currents)
    needed = _needed(course, int(replicas), grid.size, counted.shape[1], entropy)
    refuse_size("replicas x times", needed, max_bytes, "ask for fewer times or replicas, or raise max_bytes")
    p0, states = _start(process, initial, course, int(replicas), int(seed), cell)
    ensemble = Ensemble(course, states, counted, grid, seed=int(seed), cell=cell, threads=threads)
    paths = walked(ensemble, record, (needed, max_bytes), progress)
    solved = None
    if entropy and p0 is not None:
        solved = _rested(course, initial, p0, grid.size + 2)
    if entropy and p0 is not None and solved is None:
        solved = np.asarray(propagate(process, p0, [0.0, *grid, course.duration], protocol).probabilities)
    return booked(ensemble, p0, solved, tuple(currents or ()), paths, clock.perf_counter() - started)


def walked(
    ensemble: Ensemble, record: str, memory: tuple[float, float], progress: Progress | bool | None
) -> Paths | None:
    """All trajectories from the start to the end, and where asked for their jumps; memory: bytes taken and allowed."""
    needed, allowed = memory
    _refuse_unresolved(ensemble.course)
    half = 0.5 if record == "paths" else 1.0
    paths = None
    with told(progress, "simulate") as tell:
        ensemble.run(lambda share: tell(half * share))
        if record == "paths":
            total = 24.0 * float(ensemble.jumps.sum())
            refuse_size("paths", needed + total, allowed, "ask for fewer replicas or a shorter duration")
            recorded = ensemble.record(lambda share: tell(half + half * share))
            paths = Paths(ensemble.course, ensemble.initial, *recorded)
        tell(1.0)
    return paths


def _needed(course: Course, replicas: int, looks: int, currents: int, entropy: bool) -> float:
    """Bytes of everything but the paths."""
    looked = course.process.temperatures.size + 1
    needed = 8.0 * replicas * (14 + 3 * (looked + 1 + currents) + looks * (5 + looked))
    return needed + 24.0 * (looks + 2) * course.process.n_states * entropy


def _rested(course: Course, initial: Any, p0: Array, times: int) -> Array | None:
    """p(x, t) where it stays what it is at the start; None where it has to be solved."""
    start = course.initial_energy
    moving = any(not (piece.constant and np.array_equal(piece.before, start)) for piece in course.pieces())
    at_rest = isinstance(initial, str) and (initial == "stationary" or not course.process.driven)
    return np.tile(p0, (times, 1)) if at_rest and not moving else None


def booked(
    ensemble: Ensemble,
    p0: Array | None,
    solved: Array | None,
    names: tuple[str, ...],
    paths: Paths | None,
    seconds: float,
) -> Run:
    """The run from the raw sums; solved: p(x, t) at the start, on the grid and at the end."""
    course, process, grid = ensemble.course, ensemble.process, ensemble.grid
    n_heat = process.temperatures.size
    initial, final, books = ensemble.initial, ensemble.states, ensemble.books
    start = course.initial_energy[initial]
    entropies = None
    if solved is not None:
        looks = [initial, *ensemble.grid_states.T, final]
        surprise = np.stack([-_log(p[x]) for p, x in zip(solved, looks, strict=True)])
        entropies = surprise[1:] - surprise[0]
    ledger = Ledger(
        heat=books[:, :n_heat],
        work=books[:, n_heat],
        energy_change=course.final_energy[final] - start,
        temperatures=process.temperatures,
        conditional_entropy_change=None if entropies is None else entropies[-1],
        gross=books[:, n_heat + 1],
    )
    looked = None
    if grid.size:
        energy = np.stack([e[x] for e, x in zip(course.energies_at(grid), ensemble.grid_states.T, strict=True)])
        looked = Books(
            times=grid,
            heat=ensemble.grid_books[:, :, :n_heat],
            work=ensemble.grid_books[:, :, n_heat],
            energy_change=energy.T - start[:, None],
            temperatures=process.temperatures,
            system_entropy_change=None if entropies is None else entropies[:-1].T,
        )
    return Run(
        course=course,
        initial=initial,
        final=final,
        ledger=ledger,
        activity=ensemble.jumps,
        currents={name: books[:, n_heat + 2 + i] for i, name in enumerate(names)},
        counted=ensemble.counted,
        times=grid,
        states=ensemble.grid_states,
        books=looked,
        paths=paths,
        start=p0,
        probabilities=None if solved is None else solved[[0, -1]],
        seed=ensemble.seed,
        cell=ensemble.cell,
        seconds=seconds,
    )


def _log(p: Array) -> Array:
    if p.size and p.min() < UNSEEN:
        rule = f"a visited state has probability {p.min():.2g}, below the accuracy of the exact solution"
        raise InputError("entropy", True, rule, "entropy=False leaves system entropies out")
    return np.asarray(np.log(p))


def _start(
    process: JumpProcess, initial: Any, course: Course, replicas: int, seed: int, cell: str
) -> tuple[Any, Index]:
    """The initial distribution (None: unknown) and the state of every replica."""
    if not isinstance(initial, str):
        given = np.asarray(initial)
        if given.dtype.kind in "iu" and given.ndim == 1:
            if given.size != replicas:
                rule = f"whole numbers are states, one for each of {replicas} replicas; there are {given.size}"
                raise InputError("initial", initial, rule, "give probabilities as floats, [1.0, 0.0] for instance")
            wrong = (given < 0) | (given >= process.n_states)
            if wrong.any():
                i = int(np.flatnonzero(wrong)[0])
                raise InputError(
                    f"initial[{i}]",
                    int(given[i]),
                    f"states are 0 .. {process.n_states - 1}",
                    "give a state per replica",
                )
            return None, given.astype(np.int64)
    p0 = initial_probabilities(process, initial, course.initial_energy)
    return p0, drawn(p0, replicas, seed=seed, cell=cell)


def _currents(process: JumpProcess, currents: Mapping[str, ArrayLike] | None) -> Array:
    if currents is not None and not isinstance(currents, Mapping):
        fix = 'currents={"turns": matrix}, for instance'
        raise InputError("currents", type(currents).__name__, "must be a mapping from names to what is counted", fix)
    if not currents:
        return np.zeros((process.edges.source.size, 0))
    for name, given in currents.items():
        if name in BOOKED or str(name).startswith("heat "):
            raise InputError("currents", name, "is the name of a book of the run", "choose another name")
        if given is None or isinstance(given, str):
            fix = "the ledger has heat, work and entropy, and the run its activity"
            raise InputError(f"currents[{name!r}]", given, "must be a matrix (n, n) or an array (edge,)", fix)
    still = np.zeros(process.n_states)
    return np.stack([jump_observable(process, given, still) for given in currents.values()], axis=1)


def _refuse_unresolved(course: Course) -> None:
    """Refuse waiting times that a clock in floating point cannot tell apart."""
    process, fastest = course.process, 0.0
    for piece in course.pieces():
        for energy in (piece.before, piece.after):
            rates = process.jump_rates(energy)
            out = np.bincount(process.edges.source, weights=rates, minlength=process.n_states)
            fastest = max(fastest, float(out.max(initial=0.0)))
    if fastest * course.duration > RESOLVED:
        rule = f"the fastest state would be left {fastest * course.duration:.2g} times, more than time can resolve"
        raise InputError("duration", course.duration, rule, "use propagate and energetics instead")
