"""How fast a process relaxes where it is, and which time steps that forbids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigvals

from ..errors import InputError
from .process import Langevin
from .transition import drift_of

Array = NDArray[np.float64]
Rates = NDArray[np.complex128]
EXPLICIT = ("euler", "heun")
NEAR = 0.01
"""The distance over which the slope of a force is taken where the step is not known."""


def relaxation_rates(process: Langevin, states: Array, control: float | None, dt: float | None) -> Rates:
    """Eigenvalues of -mobility dF/dw at every state: (replica, dim); those of A, once, for a linear system.

    Slopes are taken over the distance sqrt(2 D dt) that a step diffuses: a force may jump, or have a kink.
    """
    if process.is_linear:
        return np.asarray(eigvals(drift_of(process, control)[0]), dtype=np.complex128)[None]
    n = process.dim
    jacobian = np.empty((states.shape[0], n, n))
    for j in range(n):
        h = NEAR if dt is None else float(np.sqrt(2.0 * process.diffusion[j] * dt))
        up, down = states.copy(), states.copy()
        up[:, j] += h
        down[:, j] -= h
        jacobian[:, :, j] = (process.forces(up, control) - process.forces(down, control)) / (2.0 * h)
    return np.asarray(np.linalg.eigvals(-process.mobility[:, None] * jacobian), dtype=np.complex128)


def refuse_unstable(rates: Rates, dt: float, method: str) -> None:
    """Raise InputError where a step of dt makes a mode grow that should relax.

    Euler and Heun need |1 - dt r| < 1 for every rate of relaxation r with a positive real part.
    """
    falling = rates[rates.real > 1e-12]
    if falling.size == 0:
        return
    limits = 2.0 * falling.real / np.abs(falling) ** 2
    limit = float(limits.min())
    if dt >= limit:
        fastest = falling[limits.argmin()]
        shown = f"{fastest.real:.3g}" + (f" {fastest.imag:+.3g}i" if abs(fastest.imag) > 1e-9 * abs(fastest) else "")
        rule = f"beyond the stability of {method}: a mode that relaxes at the rate {shown} grows"
        fix = f'dt < {limit:.2g}, better {0.1 * limit:.1g}, or method="metropolis", which is stable at any dt'
        raise InputError("dt", dt, rule, fix)
