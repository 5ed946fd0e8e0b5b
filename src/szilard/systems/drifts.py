"""Linear drift given as it is: an energy for what is symmetric, a swirl for the rest; two baths on two coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..continuous import Langevin, Linear
from ..errors import InputError, number
from ._checks import positive

Array = NDArray[np.float64]


def linear(drift_matrix: ArrayLike, diffusion: ArrayLike, *, temperature: float = 1.0) -> Langevin:
    r"""dw = -A w dt + sqrt(2D) dB, read as M = D/T, H = (K + K^T)/2 and G = (K^T - K)/2 for K = M^{-1} A.

    The mobility M follows from Einstein's relation and the force is F = -K w = (G - H) w: its symmetric part is that of
    the energy U = w.Hw/2, its antisymmetric part the swirl G w, which no energy explains. Another split moves terms
    between energy and work; heat and entropy production do not depend on it. If every eigenvalue of A has a positive
    real part the stationary state is Gaussian with mean 0 and A C + C A^T = 2D, and produces entropy at the rate
    sigma = tr(A^T D^{-1} A C) - tr A, zero only if D^{-1} A is symmetric.
    drift_matrix: A (dim, dim), in 1/time, normal or not. diffusion: D in length^2/time, a number > 0, (dim,) > 0, or a
    symmetric positive definite matrix (dim, dim). temperature > 0, in T0, one for all coordinates.
    Raises InputError for shapes that do not fit, values that are not finite or beyond these.

    >>> process = linear([[2.0, 0.8], [-0.1, 1.0]], 0.5, temperature=0.5)
    >>> process
    linear: 2 coordinates, T = 0.5, mobility 1, linear, driven
    >>> process.linear_at().swirl
    array([[ 0.  , -0.45],
           [ 0.45,  0.  ]])
    """
    A = _finite("drift_matrix", drift_matrix)
    if A.ndim != 2 or A.shape[0] != A.shape[1] or A.size == 0:
        raise InputError("drift_matrix", A.shape, "must be a square matrix", "[[1.0]] for one coordinate")
    warm = positive("temperature", temperature)
    D = _diffusion(diffusion, A.shape[0])
    K = np.linalg.solve(D / warm, A) if D.ndim == 2 else A * (warm / D)[:, None]
    H, G = 0.5 * (K + K.T), 0.5 * (K.T - K)
    force = Linear(H, np.zeros(A.shape[0]), swirl=G)
    return Langevin(linear=force, dim=A.shape[0], mobility=D / warm, temperature=warm, name="linear")


def rotating_trap(
    stiffness: float = 1.0, rotation: float = 1.0, *, mobility: float = 1.0, temperature: float = 1.0
) -> Langevin:
    r"""U = k (x^2 + y^2)/2 and f = r (-y, x): a trap with a vortex, counterclockwise for r > 0.

    The vortex runs along the lines of equal energy: e^{-U/T} stays stationary, and entropy production per time is
    sigma = 2 mobility r^2/k at any temperature. Work and heat per time are T sigma.
    stiffness: k > 0, rotation: r of either sign, in k_B T0 per length squared; mobility > 0, in
    length^2/(time k_B T0); temperature > 0, in T0. Raises InputError for values that are not finite or beyond these.

    >>> rotating_trap(1.3, 0.7).forces(np.array([[1.0, 0.0]]))
    array([[-1.3,  0.7]])
    """
    k, r = positive("stiffness", stiffness), number("rotation", rotation)
    mu, warm = positive("mobility", mobility), positive("temperature", temperature)
    force = Linear(k * np.eye(2), np.zeros(2), swirl=np.array([[0.0, -r], [r, 0.0]]))
    return Langevin(linear=force, dim=2, mobility=mu, temperature=warm, name="rotating trap")


def gyrator(
    stiffness: float,
    coupling: float,
    temperatures: tuple[float, float],
    *,
    mobility: float | tuple[float, float] = 1.0,
) -> Langevin:
    r"""U = k (x^2 + y^2)/2 + u x y, with x in a bath at T_1 and y in one at T_2: heat flows through the coupling.

    With T' = (mu_1 T_2 + mu_2 T_1)/(mu_1 + mu_2), the stationary state is Gaussian with mean 0 and
    <xy> = -u T'/(k^2 - u^2), <x^2> = (T_1 - u <xy>)/k, <y^2> = (T_2 - u <xy>)/k. The heat per time into bath 1 is
    Q_1 = u^2 (T_2 - T_1) mu_1 mu_2/[k (mu_1 + mu_2)] = -Q_2, from hot to cold, and
    sigma = Q_1/T_1 + Q_2/T_2 = u^2 (T_2 - T_1)^2 mu_1 mu_2/[k (mu_1 + mu_2) T_1 T_2]. No force but that of the energy
    acts, yet the particle circulates: <x dy/dt - y dx/dt> = 2 Q_1/u, counterclockwise where u (T_2 - T_1) > 0.
    stiffness: k > 0; coupling: u, |u| < k, in k_B T0 per length squared. temperatures: (T_1, T_2), > 0, in T0.
    mobility: a number or (mu_1, mu_2), > 0, in length^2/(time k_B T0). The reservoirs are "bath 0" and "bath 1".
    Raises InputError for values that are not finite or beyond these.

    Source: Filliger and Reimann, PRL 99, 230602 (2007); the formulas follow from A C + C A^T = 2D.

    >>> gyrator(1.0, 0.6, (2.0, 0.5))
    gyrator: 2 coordinates, T = 2, 0.5, mobility 1, linear, not driven
    """
    k, u = positive("stiffness", stiffness), number("coupling", coupling)
    if not abs(u) < k:
        raise InputError(
            "coupling", coupling, f"must lie between -{k:g} and {k:g}", "beyond, nothing holds the particle"
        )
    warm = _finite("temperatures", temperatures)
    if warm.shape != (2,) or not np.all(warm > 0.0):
        raise InputError("temperatures", temperatures, "must be two numbers > 0", "temperatures=(2.0, 1.0)")
    mu = _finite("mobility", mobility)
    if mu.shape not in ((), (2,)) or not np.all(mu > 0.0):
        raise InputError("mobility", mobility, "must be a number or two numbers, > 0", "mobility=1.0")
    force = Linear(np.array([[k, u], [u, k]]), np.zeros(2))
    return Langevin(linear=force, dim=2, mobility=mu, temperature=warm, name="gyrator")


def _diffusion(given: Any, dim: int) -> Array:
    """(dim,) where the coordinates have noises of their own, else (dim, dim)."""
    D = _finite("diffusion", given)
    if D.shape not in ((), (dim,), (dim, dim)):
        rule = f"must be a number or have shape ({dim},) or ({dim}, {dim})"
        raise InputError("diffusion", D.shape, rule, "one row per coordinate")
    if D.ndim < 2:
        if not np.all(D > 0.0):
            raise InputError("diffusion", given, "must be > 0", "every coordinate needs noise")
        return np.array(np.broadcast_to(D, (dim,)))
    if np.any(np.abs(D - D.T) > 1e-14 * np.abs(D).max()):
        raise InputError("diffusion", D.tolist(), "must be symmetric", "take (D + D.T) / 2")
    D = 0.5 * (D + D.T)
    if not np.all(np.linalg.eigvalsh(D) > 0.0):
        raise InputError("diffusion", D.tolist(), "must be positive definite", "every direction needs noise")
    return D


def _finite(name: str, given: Any) -> Array:
    try:
        found = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.array(np.nan)
    if not np.all(np.isfinite(found)):
        raise InputError(name, given, "must be finite numbers", "check what is divided by")
    return found
