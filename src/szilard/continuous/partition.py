"""The free energy at a control held."""

from __future__ import annotations

from math import log, pi
from typing import Any

import numpy as np

from ..errors import InputError
from .lattice_cells import lattice_of
from .process import Langevin, control_of, langevin


def free_energy(process: Langevin, control: float | None = None, *, box: Any = None, cells: Any = None) -> float:
    r"""F = -T ln int e^{-U(w) / T} dw, in k_B T0: what Jarzynski's equality compares work with, -T ln <e^{-W/T}> = dF.

    Closed form of a linear process, c - h.H^{-1} h / 2 + (T/2) ln det(H / 2 pi T); else a sum over the cells of a
    lattice in 1 or 2 dimensions, which converges faster than any power of their width where U is smooth. It depends on
    the unit of length; differences between controls do not. A driving force does not enter. box, cells: see
    ``lattice_of``; give the same box to both of a difference.
    Raises InputError for several temperatures, no potential, one that confines nothing, or more than 2 dimensions.

    >>> import szilard as sz
    >>> trap = sz.systems.stiffened_trap(temperature=2.0)
    >>> round(free_energy(trap, 3.0) - free_energy(trap, 1.0), 9)  # (T/2) ln 3
    1.098612289
    >>> well = sz.systems.double_well(2.0, None)
    >>> round(free_energy(well, 1.0) - free_energy(well, 0.0), 9)
    -0.384330805
    """
    held, T = control_of(langevin(process), control), process.temperature
    if np.any(T != T[0]):
        shown = ", ".join(f"{t:g}" for t in process.temperatures)
        raise InputError("process", f"temperatures {shown}", "has no common equilibrium", "give one temperature")
    if not process.has_potential:
        raise InputError("process", process, "has no potential", "potential=lambda w: ...")
    warm = float(T[0])
    if process.is_linear:
        at = process.linear_at(held)
        sign, log_det = np.linalg.slogdet(at.hessian / (2.0 * pi * warm))
        if sign <= 0 or np.linalg.eigvalsh(at.hessian)[0] <= 0.0:
            raise InputError("process", process, "its potential does not confine every coordinate", "stiffen it")
        return float(at.constant - 0.5 * at.pull @ np.linalg.solve(at.hessian, at.pull) + 0.5 * warm * log_det)
    lattice = lattice_of(process, box=box, cells=cells, controls=[] if held is None else [held])
    U = process.energies(lattice.points, held)
    lowest = float(U.min())
    return lowest - warm * log(float(np.sum(np.exp(-(U - lowest) / warm))) * lattice.volume)
