"""The exponent of a tilted backward equation: a quadratic in the state."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from ..errors import InputError
from .course import Course
from .gaussian_control import Moving

Array = NDArray[np.float64]
Exponent = tuple[Array, Array, Array]
"""P (order, dim, dim), q (order, dim), r (order,) of phi = -w.P w / 2 + q.w + r, by orders of the tilt or one sum."""
STIFF = 2e3
"""Rate x time from which an implicit method is cheaper."""
ESCAPE = 1e8
"""P beyond this many times its natural size has a pole within the time."""


def tilted(course: Course, tilt: Array, phi: Exponent) -> Exponent:
    r"""-d phi/dt = F.M u + u.D u + tr(D du/dw),  u = d phi/dw - n F,  F = k - K w: phi at time 0 from that at the end.

    With u = a - B w: dP/dt = K^T M B + B^T M K + 2 B^T D B,  dq/dt = K^T M a + B^T M k + 2 B^T D a,
    dr/dt = -k.M a - a.D a + tr(D B). tilt: n (dim,). Raises InputError where P becomes infinite.
    """
    n, N = course.process.dim, np.diag(tilt)
    for piece in reversed(course.pieces()):
        along = Moving(course.process, piece)
        D, span = along.D, along.end - along.start

        def motion(back: float, y: Array, along: Moving = along) -> Array:
            (K, k), (P, q, _) = force_at(along, back), apart(y, n, 1)
            M, D = along.M, along.D
            B, a = P[0] - N @ K, q[0] - N @ k
            pulled, noise = K.T @ M @ B, B.T @ D
            dP = -(pulled + pulled.T) - 2.0 * noise @ B
            dq = -(K.T @ M @ a + B.T @ (M @ k)) - 2.0 * noise @ a
            return np.concatenate([dP.ravel(), dq, [k @ M @ a + a @ D @ a - np.sum(D * B)]])

        H, _, _, G, _ = along.seen
        natural = np.abs(phi[0]).max() + np.abs(tilt).max() * np.abs(H - G).max() + 1.0 / (D.max() * span)
        limit = ESCAPE * float(natural + along.stiffness / (span * np.linalg.eigvalsh(D)[0]))
        phi = apart(solved(along, motion, phi, limit), n, 1)
    return phi


def force_at(along: Moving, back: float) -> tuple[Array, Array]:
    """K and k of F = k - K w, a time ``back`` before the end."""
    H, h, _, G, g = along.forces(np.array([along.end - back]))
    return H[0] - G[0], h[0] + g[0]


def solved(along: Moving, motion: Callable[[float, Array], Array], phi: Exponent, limit: float | None = None) -> Array:
    """phi at the start in a row; raises InputError where it becomes infinite or its quadratic part passes the limit."""
    y, size = np.concatenate([part.ravel() for part in phi]), phi[0].size

    def escape(back: float, y: Array) -> float:
        return float(np.abs(y[:size]).max() - (limit or 0.0))

    escape.terminal = True  # type: ignore[attr-defined]
    method, rtol = ("DOP853", 1e-13) if along.stiffness < STIFF else ("Radau", 1e-11)
    with np.errstate(all="ignore"):
        found = solve_ivp(
            motion, (0.0, along.end - along.start), y, method=method, rtol=rtol, atol=1e-15,
            events=escape if limit is not None else None,
        )  # fmt: skip
    last = np.asarray(found.y[:, -1])
    if found.status != 0 or not np.all(np.isfinite(last)):
        rule = "the mean of the exponential diverges within this time: the tail of heat and work falls too slowly"
        raise InputError("weights", "an infinite mean", rule, "take smaller weights of heat and work")
    return last


def apart(y: Array, n: int, orders: int) -> Exponent:
    """P, q and r of a row."""
    P, q, r = np.split(y, [orders * n * n, orders * n * (n + 1)])
    return P.reshape(orders, n, n), q.reshape(orders, n), r
