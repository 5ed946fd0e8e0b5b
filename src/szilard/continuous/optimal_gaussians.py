"""The cheapest way from one Gaussian to another in a given time, in any dimension."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..markup import table_of_text
from ..protocol import Protocol
from .gaussian import Gaussian
from .linear_force import Linear
from .optimal_traps import not_negative
from .process import Langevin

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class GaussianTransport:
    r"""Sigma = W_2^2 / (D tau),  W_2^2 = |m_1 - m_0|^2 + tr[C_0 + C_1 - 2 (C_0^{1/2} C_1 C_0^{1/2})^{1/2}].

    distance: W_2, a length. dissipation: Sigma in nats, the least entropy production of any way from ``start`` to
    ``stop`` in ``duration``, D = mobility temperature. entropy_change: S_1 - S_0, in nats.
    """

    start: Gaussian
    stop: Gaussian
    duration: float
    mobility: float
    temperature: float
    distance: float
    dissipation: float
    entropy_change: float
    stretch: Array
    """M, symmetric: the map x -> m_1 + M (x - m_0) takes one Gaussian to the other."""

    @property
    def heat(self) -> float:
        """Q = T (Sigma - dS), into the bath, whatever the energies at both ends; in k_B T0."""
        return self.temperature * (self.dissipation - self.entropy_change)

    def work(self, energy_change: float) -> float:
        """W = dE + Q, where the mean energy changes by ``energy_change`` between both ends, jumps included."""
        return energy_change + self.heat

    def at(self, time: float) -> Gaussian:
        """The Gaussian at a time: mean m_0 + (m_1 - m_0) s, covariance A C_0 A, A = 1 + s (M - 1), s = t / tau."""
        s = self._share(time)
        A = np.eye(self.start.dim) + s * (self.stretch - np.eye(self.start.dim))
        C = A @ self.start.covariance @ A
        return Gaussian(self.start.mean + s * (self.stop.mean - self.start.mean), 0.5 * (C + C.T))

    def force_at(self, time: float) -> Linear:
        """H = T C^{-1} - K / mu, h = H m + (m_1 - m_0) / (mu tau),  K = (M - 1) A^{-1} / tau: what drives it."""
        s, now, n = self._share(time), self.at(time), self.start.dim
        change = self.stretch - np.eye(n)
        K = np.linalg.solve(np.eye(n) + s * change, change) / self.duration
        H = self.temperature * now.precision - K / self.mobility
        H = 0.5 * (H + H.T)
        return Linear(H, H @ now.mean + (self.stop.mean - self.start.mean) / (self.mobility * self.duration))

    @property
    def process(self) -> Langevin:
        """The linear process whose control is the time: started in ``start``, it goes to ``stop``."""
        name = "optimal transport"
        given = {"dim": self.start.dim, "mobility": self.mobility, "temperature": self.temperature}
        return Langevin(linear=self.force_at, name=name, **given)  # type: ignore[arg-type]

    @property
    def protocol(self) -> Protocol:
        """The control t at the time t."""
        return Protocol((0.0, self.duration), (0.0, self.duration))

    def _share(self, time: float) -> float:
        t = not_negative("time", time)
        if t > self.duration:
            raise InputError("time", time, f"must be at most the duration {self.duration:g}", "give one within it")
        return t / self.duration

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return (
            f"GaussianTransport: {self.start.dim} coordinate{'s' * (self.start.dim != 1)}, distance {self.distance:.6g}"
            f" in the time {self.duration:g}; dissipation {self.dissipation:.9g}, heat {self.heat:.9g}"
        )


def between_gaussians(
    start: Gaussian, stop: Gaussian, duration: float, mobility: float, temperature: float
) -> GaussianTransport:
    """The transport between two Gaussians; all numbers checked before but the dimensions."""
    if start.dim != stop.dim:
        raise InputError("stop", stop.dim, f"must have {start.dim} coordinates like the start", "match them")
    root = _root(start.covariance)
    inverse = np.linalg.inv(root)
    M = inverse @ _root(root @ stop.covariance @ root) @ inverse
    M = 0.5 * (M + M.T)
    change, shift = M - np.eye(start.dim), stop.mean - start.mean
    # tr[(M - 1) C_0 (M - 1)], a sum of squares: nothing cancels where the two are close
    square = float(shift @ shift) + float(np.sum((change @ root) ** 2))
    return GaussianTransport(
        start,
        stop,
        duration,
        mobility,
        temperature,
        float(np.sqrt(square)),
        square / (mobility * temperature * duration),
        stop.entropy - start.entropy,
        M,
    )


def _root(C: Array) -> Array:
    """The symmetric square root of a positive matrix."""
    values, vectors = np.linalg.eigh(0.5 * (C + C.T))
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)
