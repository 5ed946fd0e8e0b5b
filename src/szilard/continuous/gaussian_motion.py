"""Mean and covariance of a linear system in time, with the integrals that heat and work are made of."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, log2

import numpy as np
from numpy.polynomial.chebyshev import chebder, chebval
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from ..errors import InputError
from .process import Langevin
from .transition import drift_of, transition

Array = NDArray[np.float64]
Piece = tuple[float, float, float | None, float | None]
STIFF = 2e4
"""Rate x time from which an implicit method is cheaper."""


def held(piece: Piece) -> bool:
    """Whether the control stands still in a piece."""
    return piece[2] == piece[3]


def advance(process: Langevin, piece: Piece, mean: Array, covariance: Array) -> tuple[Array, Array]:
    r"""dm/dt = b - A m,  dC/dt = -(A C + C A^T) + 2D from the start of a piece to its end.

    Exact where the control is held, else by a Runge-Kutta method of order 8 (implicit where stiff) to about 1e-12.
    Raises InputError if the state leaves floating point.
    """
    start, end, before, _ = piece
    if held(piece):
        with np.errstate(over="ignore", invalid="ignore"):
            decay, shift, added = transition(*drift_of(process, before), end - start)
            return finite(decay @ mean + shift), finite(decay @ covariance @ decay.T + added)
    moving, n = Moving(process, piece), process.dim

    def motion(time: float, y: Array) -> Array:
        A, b, D = moving.drift(time)
        m, AC = y[:n], A @ y[n:].reshape(n, n)
        return np.concatenate([b - A @ m, (2.0 * D - AC - AC.T).ravel()])

    y = integrate(motion, np.concatenate([mean, covariance.ravel()]), moving.sizes(mean, covariance), moving)
    C = y[n:].reshape(n, n)
    return y[:n], 0.5 * (C + C.T)


def moments_integral(A: Array, D: Array, Y: Array, time: float) -> tuple[Array, Array]:
    r"""Y(t) and int_0^t Y ds of dY/dt = -(A Y + Y A^T) + 2D: both (dim, dim).

    Y(s) = e^{-As} Y e^{-A^T s} + C(s). Over a short step by Gauss-Legendre quadrature of an entire function, then
    doubled: int_0^{2t} C = 2 int_0^t C + int_0^t e^{-As} C(t) e^{-A^T s} ds. Positive matrices are added only.

    >>> moments_integral(np.eye(1), np.eye(1), np.zeros((1, 1)), 2.0)[1].round(9)  # 2 - (1 - e^-4) / 2
    array([[1.50915782]])
    """
    size = float(np.abs(A).sum(axis=1).max()) * time
    doublings = max(0, ceil(log2(size)) if size > 0.0 else 0)
    h = time / 2.0**doublings
    nodes, weights = np.polynomial.legendre.leggauss(16)
    s, weights = 0.5 * h * (1.0 + nodes), 0.5 * h * weights
    early = expm(-A[None] * s[:, None, None])
    decays: list[Array] = []

    def gathered(P: Array, weighted: Array = weights) -> Array:
        total = np.asarray(np.einsum("j,jab,bc,jdc->ad", weighted, early, P, early, optimize=True))
        for decay in decays:
            total = total + decay @ total @ decay.T
        return total

    decay, C, late = expm(-A * h), gathered(2.0 * D), gathered(2.0 * D, weights * (h - s))
    for _ in range(doublings):
        late = 2.0 * late + gathered(C)
        decays.append(decay)
        C = C + decay @ C @ decay.T
        decay = decay @ decay
    return decay @ Y @ decay.T + C, gathered(Y) + late


class Moving:
    """The linear force along a control that moves evenly in time, as a polynomial in it where it is smooth."""

    def __init__(self, process: Langevin, piece: Piece) -> None:
        self.process, self.n = process, process.dim
        self.start, self.end, before, after = piece
        assert before is not None and after is not None
        self.before, self.after = before, after
        self.M = np.diag(process.mobility) if process.mobility.ndim == 1 else process.mobility
        self.D = np.diag(process.diffusion) if process.mobility.ndim == 1 else process.diffusion
        self.coefficients, seen = fitted(self._numbers, before, after)
        self.slopes = None if self.coefficients is None else chebder(self.coefficients) * 2.0 / (self.end - self.start)
        H, _, _, G, _ = self.split(seen)
        rates = np.abs(self.M @ (H - G)).sum(axis=-1).max()
        self.stiffness = float(rates) * (self.end - self.start)
        self.seen = seen

    def drift(self, time: float) -> tuple[Array, Array, Array]:
        """A, b and D at a time."""
        H, h, _, G, g = self.forces(time)
        return self.M @ (H - G), self.M @ (h + g), self.D

    def forces(self, time: float) -> tuple[Array, Array, Array, Array, Array]:
        """H, h, c, G and g at a time."""
        share = (time - self.start) / (self.end - self.start)
        if self.coefficients is None:
            return self.split(self._numbers(self.before + share * (self.after - self.before)))
        return self.split(chebval(2.0 * share - 1.0, self.coefficients))

    def rates(self, time: float) -> tuple[Array, Array, Array, Array, Array] | None:
        """Their derivatives in time; None where they are not smooth."""
        if self.slopes is None:
            return None
        return self.split(chebval(2.0 * (time - self.start) / (self.end - self.start) - 1.0, self.slopes))

    def sizes(self, mean: Array, covariance: Array) -> Array:
        """How large mean and covariance are, in a row: the start, or what the noise adds in a relaxation time."""
        time = (self.end - self.start) / max(1.0, self.stiffness)
        deviation = np.sqrt(np.diag(covariance) + 2.0 * np.diag(self.D) * time)
        return np.concatenate([np.abs(mean) + deviation, np.outer(deviation, deviation).ravel()])

    def split(self, numbers: Array) -> tuple[Array, Array, Array, Array, Array]:
        """H, h, c, G and g of packed numbers (..., number)."""
        n, lead = self.n, numbers.shape[:-1]
        H, h, c, G, g = np.split(numbers, np.cumsum([n * n, n, 1, n * n]), axis=-1)
        return H.reshape(*lead, n, n), h, c[..., 0], G.reshape(*lead, n, n), g

    def _numbers(self, control: float) -> Array:
        return self.process.linear_at(control).packed()


def fitted(function: Callable[[float], Array], before: float, after: float) -> tuple[Array | None, Array]:
    """Chebyshev coefficients (degree, number) of a function of the control, and its values (node, number).

    None in place of coefficients where 513 nodes do not resolve it.
    """
    values = np.empty((0, 0))
    for nodes in (33, 129, 513):
        angles = np.pi * (np.arange(nodes) + 0.5) / nodes
        values = np.array([function(before + 0.5 * (1.0 + x) * (after - before)) for x in np.cos(angles)])
        found = (2.0 / nodes) * np.cos(np.outer(np.arange(nodes), angles)) @ values
        found[0] *= 0.5
        size = np.abs(values).max(axis=0)
        if np.all(np.abs(found[-4:]) <= 1e-14 * size):
            found[np.abs(found) <= 1e-15 * size] = 0.0
            return found[: 1 + int(np.max(np.nonzero(np.any(found != 0.0, axis=1))[0], initial=0))], values
    return None, values


def integrate(motion: Callable[[float, Array], Array], y: Array, sizes: Array, moving: Moving) -> Array:
    """y(end) of dy/dt = motion(t, y) to about 1e-12; errors below 1e-15 sizes do not matter (shape of y).

    Raises InputError where it leaves floating point.
    """
    span, method = (moving.start, moving.end), "DOP853" if moving.stiffness < STIFF else "Radau"
    with np.errstate(all="ignore"):
        found = solve_ivp(motion, span, y, method=method, rtol=1e-13, atol=1e-15 * sizes, t_eval=span[1:])
    return finite(np.asarray(found.y[:, -1] if found.success else np.array(np.nan)))


def finite(array: Array) -> Array:
    """The array; raises InputError where it left floating point."""
    if not np.all(np.isfinite(array)):
        fix = "take a shorter time: the drift leads away"
        raise InputError("duration", "infinite moments", "the state leaves floating point", fix)
    return array
