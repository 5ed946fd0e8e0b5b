"""The Fokker-Planck equation on a lattice: densities in time, stationary states, heat and work, entropy production."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from ..discrete import energetics, entropy_production_rate, propagate, stationary
from ..discrete.steady import ordered
from ..errors import InputError, is_whole
from .averages import Energetics
from .course import Course
from .density import Densities, Density
from .gaussian import Gaussian
from .lattice_cells import CELLS, Lattice, Other, lattice_of
from .lattice_stages import beyond_wall, initial_on, lattice_for, reach_of, stages
from .mixture import Mixture
from .process import Langevin, control_of, langevin

Array = NDArray[np.float64]
Cells = int | Sequence[int] | None
LEVELS = (2, 3, 4)
"""Quarters of the cells, and of the steps in time, of the three lattices that are combined."""
NUDGES = {2: 0.31, 3: 0.64, 4: 0.0}
"""By which part of a cell their cells are moved, so that a kink shows."""
FAR = 40.0
"""Energy and surprise, in T and nats, of what a wall keeps in."""
EPS = float(np.finfo(float).eps)


def lattice_stationary(
    process: Langevin, control: float | None = None, *, box: Any = None, cells: Cells = None
) -> Density:
    r"""0 = -div j,  j_i = mu_i (F_i - T_i d_i) p: the stationary density, from elimination without subtraction.

    Every cell has a small relative rounding error, the rarest too; the lattice leaves O(h^2), and nothing in
    equilibrium. box, cells: see ``lattice_of``. Raises InputError for a process that does not fit a lattice, or a
    density that reaches the walls of a box that was not given.

    >>> trap = Langevin(potential=lambda w: w[:, 0] ** 2, dim=1, temperature=0.5)
    >>> lattice_stationary(trap).covariance.round(12)
    array([[0.25]])
    """
    lattice = _at(process, control, box, cells, ())
    p = stationary(lattice.process)
    beyond_wall(lattice, p, box)
    return Density.of(lattice, p)


def lattice_equilibrium(
    process: Langevin, control: float | None = None, *, box: Any = None, cells: Cells = None
) -> Density:
    r"""p(w) = e^{-U(w)/T} / Z, whatever force acts besides; exact at the centres of the cells.

    box, cells: see ``lattice_of``. Raises InputError for several temperatures, a process without potential that is not
    periodic, or one that does not fit a lattice.

    >>> ring = Langevin(potential=lambda w: np.cos(w[:, 0]), dim=1, period=2 * np.pi)
    >>> lattice_equilibrium(ring).values.max() * 2 * np.pi * np.i0(1.0)  # e^1
    np.float64(2.718...)
    """
    lattice = _at(process, control, box, cells, ())
    p = initial_on("equilibrium", process, lattice, control)
    beyond_wall(lattice, p, box)
    return Density.of(lattice, p)


def lattice_propagate(
    course: Course, initial: Any, times: ArrayLike, *, box: Any = None, cells: Cells = None, parts: int = 32
) -> Densities:
    r"""dp/dt = -sum_i d_i [mu_i (F_i - T_i d_i) p] from p(0) = initial: p at every time.

    initial: "equilibrium" or "stationary" (at the control before a sudden change at time 0), a Gaussian, a Mixture, a
    Density, or a function of states (replica, dim) that gives their density (any norm). times: from 0 to the duration
    of the course. Time is solved to rounding where the control is held and where energies move in straight lines;
    energies that bend are cut into straight pieces (to 0.04 T, then in four). Where the force that no energy explains
    follows the control, every moving piece is a staircase of ``parts`` steps at their middle controls: O(1 / parts^2).
    Space: O(h^2).
    box, cells: see ``lattice_of``. Raises InputError for times, states or a process that do not fit.

    >>> from szilard.continuous.course import course_of
    >>> trap = Langevin(potential=lambda w: 0.5 * w[:, 0] ** 2, dim=1)
    >>> found = lattice_propagate(course_of(trap, None, 1.0), Gaussian(2.0, 0.25), [0.0, 1.0])
    >>> found.at(1).mean.round(3), found.at(1).covariance.round(3)
    (array([0.736]), array([[0.899]]))
    """
    t = ordered(times)
    if t[-1] > course.duration:
        raise InputError(
            "times", float(t[-1]), f"must end by the duration {course.duration:g}", "ask for earlier times"
        )
    lattice = lattice_for(course, initial, box, cells)
    p = initial_on(initial, course.process, lattice, course.controls[0])
    found = np.empty((t.size, p.size))
    done = int(np.searchsorted(t, 0.0, side="right"))
    found[:done] = p
    for stage in stages(course, lattice, _parts(parts), 4):
        inner = t[(t > stage.start) & (t <= stage.end)]
        asked = np.append(inner - stage.start, stage.end - stage.start)
        rows = propagate(stage.process, p, asked, stage.protocol).probabilities
        found[done : done + inner.size] = rows[:-1]
        done += inner.size
        p = rows[-1]
        if done == t.size:
            break
    beyond_wall(lattice, found[-1], box)
    return Densities(t, lattice, np.stack([lattice.spread(row / lattice.volume) for row in found]))


def lattice_energetics(
    course: Course, initial: Any, *, box: Any = None, cells: Cells = None, parts: int = 32
) -> Energetics:
    r"""Q_r = int sum_{i in r} <F_i o dw_i> and W = int <dU/dlambda> dlambda + int <f o dw>, exact means on lattices.

    Heat > 0 into the bath, work > 0 on the system, dE = W - Q; entropy production = dS + sum_r Q_r / T_r, split into
    adiabatic and nonadiabatic. Three lattices of 1/2, 3/4 and all of the ``cells`` (400, or 96 x 96; rounded up to
    multiples of 4), with as many steps in time, are combined so that O(h^2) and O(h^4) drop out. error: by how much
    the coarsest changed the result. Where the three do not follow h^2 (kinks of a potential, jumps of a density) the
    finest counts, and three times their spread is the error. Two dimensions, a driving force and a moving potential
    together take about 40 s, because the stationary state is found at every moment; with ``cells=48`` 2 s.
    initial, parts, box, cells: as in ``lattice_propagate``; sudden changes of the control at both ends count.

    Raises InputError as ``lattice_propagate`` does.

    Seifert, Rep. Prog. Phys. 75, 126001 (2012); Esposito and Van den Broeck, PRL 104, 090601 (2010).

    >>> from szilard.continuous.course import course_of
    >>> trap = Langevin(potential=lambda w: 0.5 * w[:, 0] ** 2, dim=1)
    >>> found = lattice_energetics(course_of(trap, None, 30.0), Gaussian(1.0, 1.0))
    >>> round(found.entropy_production, 6), found.error < 1e-6
    (0.5, True)
    """
    shape = _quarters(course.process, cells)
    runs = [_booked(course, initial, box, tuple(k * n for n in shape), k * _parts(parts) // 4, k) for k in LEVELS]
    rows = np.stack([run[0] for run in runs])
    value, error = extrapolated(rows)
    r = course.process.temperatures.size
    heat, (work, energy, system, production, adiabatic, nonadiabatic) = value[:r], value[r:].tolist()
    gross, rounding = runs[-1][1:]
    return Energetics(
        heat=heat,
        work=work,
        energy_change=energy,
        system_entropy_change=system,
        entropy_production=production,
        adiabatic=adiabatic,
        nonadiabatic=nonadiabatic,
        error=error + 8.0 * rounding,
        gross=gross,
        reservoirs=course.process.reservoirs,
        method="lattice",
    )


def lattice_entropy_rate(
    process: Langevin,
    p: Density | Gaussian | Mixture | Callable[[Array], Array] | str | None = None,
    control: float | None = None,
    *,
    box: Any = None,
    cells: Cells = None,
) -> float:
    r"""sigma = int sum_i j_i^2 / (D_i p) dw >= 0, in nats per time; p None: the stationary density.

    Three lattices of 1/2, 3/4 and all of the ``cells`` are combined so that O(h^2) and O(h^4) drop out.
    p: also what ``initial`` may be in ``lattice_propagate``.
    Raises InputError as ``lattice_stationary`` does.

    >>> turned = Langevin(lambda w: np.stack([-w[:, 1], w[:, 0]], axis=1), lambda w: 0.5 * (w**2).sum(axis=1), dim=2)
    >>> round(lattice_entropy_rate(turned), 6)
    2.0
    """
    found = []
    for k in LEVELS:
        number = [k * n for n in _quarters(process, cells)]
        lattice = _at(process, control, box, number, reach_of(p, process), NUDGES[k])
        P = stationary(lattice.process) if p is None else initial_on(p, process, lattice, control)
        beyond_wall(lattice, P, box)
        found.append([entropy_production_rate(lattice.process, None if p is None else P)])
    return float(extrapolated(np.array(found))[0][0])


def extrapolated(rows: Array) -> tuple[Array, float]:
    """The limit h -> 0 of quantities (3, k) at 1/2, 3/4 and all of the cells, and the error to expect in any."""
    h2 = np.array([(4.0 / k) ** 2 for k in LEVELS])
    coarse, middle, fine = rows
    first, second = coarse - middle, middle - fine
    sizes = float(np.linalg.norm(first)), float(np.linalg.norm(second))
    # differences fall by 2.86 where the error is h^2 and by 5.9 where it is h^4; by 2 where a density jumps, and by
    # anything where a kink lies now here and now there in its cell: then the finest is as good as any
    if not (first @ second > 0.9 * sizes[0] * sizes[1] and 2.3 * sizes[1] < sizes[0] < 7.0 * sizes[1]):
        return fine, 3.0 * float(np.max(np.ptp(rows, axis=0)))
    two = (h2[1] * fine - h2[2] * middle) / (h2[1] - h2[2])
    weight = np.array([np.prod([h2[j] / (h2[j] - h2[i]) for j in range(3) if j != i]) for i in range(3)])
    three = weight @ rows
    return three, float(np.max(np.abs(three - two)))


def _booked(
    course: Course, initial: Any, box: Any, cells: Sequence[int], parts: int, share: int
) -> tuple[Array, float, float]:
    """[heat, work, dE, dS, production, adiabatic, nonadiabatic] of one lattice; gross; rounding and losses at walls."""
    process = course.process
    lattice = lattice_for(course, initial, box, cells, NUDGES[share])
    p = begin = initial_on(initial, process, lattice, course.controls[0])
    energy = start = process.energies(lattice.points, course.controls[0])
    end = process.energies(lattice.points, course.controls[-1])
    heat, work, adiabatic, gross, rounding = np.zeros(process.temperatures.size), 0.0, 0.0, 0.0, 0.0
    for stage in stages(course, lattice, parts, share):
        work += float(p @ (stage.first - energy))
        gross += float(p @ np.abs(stage.first - energy))
        found = energetics(stage.process, p, stage.end - stage.start, stage.protocol)
        heat, work, adiabatic = heat + found.heat, work + found.work, adiabatic + found.adiabatic
        gross, rounding = gross + found.gross, rounding + found.rounding
        p, energy = found.final, stage.last
    work += float(p @ (end - energy))
    gross += float(p @ np.abs(end - energy))
    lost = FAR * max(beyond_wall(lattice, q, box) for q in (begin, p))
    system = float(np.sum(entr(p)) - np.sum(entr(begin)))
    change = float(p @ end - begin @ start)
    production = system + float(np.sum(heat / process.temperatures))
    kept = [work, change, system, production, adiabatic, production - adiabatic]
    return np.array([*heat, *kept]), gross, rounding + EPS * gross + lost


def _at(
    process: Langevin, control: float | None, box: Any, cells: Any, others: Sequence[Other], nudge: float = 0.0
) -> Lattice:
    held = control_of(langevin(process), control)
    controls = () if held is None else (held,)
    return lattice_of(process, box=box, cells=cells, controls=controls, others=others, nudge=nudge)


def _quarters(process: Langevin, cells: Any) -> tuple[int, ...]:
    default = CELLS.get(langevin(process).dim, ())
    given: tuple[Any, ...] = default if cells is None else tuple(np.atleast_1d(np.array(cells, dtype=object)))
    given = given * process.dim if len(given) == 1 else given
    if not all(is_whole(n, 32) for n in given):
        raise InputError("cells", cells, "must be whole numbers >= 32: half of them must do as well", "cells=64")
    return tuple(-(-int(n) // 4) for n in given)


def _parts(parts: Any) -> int:
    if not is_whole(parts, 4):
        raise InputError("parts", parts, "must be a whole number >= 4", "parts=32")
    return 4 * -(-int(parts) // 4)
