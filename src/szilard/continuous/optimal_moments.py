"""The exact mean work of a controlled linear process of one coordinate, as a function of the nodes of the control."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .process import Langevin

Array = NDArray[np.float64]
ROOT15 = np.sqrt(15.0)
# Gauss and Legendre's collocation of order 6
PLACES = np.array([0.5 - ROOT15 / 10, 0.5, 0.5 + ROOT15 / 10])
SHARES = np.array([5.0, 8.0, 5.0]) / 18.0
STAGES = np.array(
    [
        [5 / 36, 2 / 9 - ROOT15 / 15, 5 / 36 - ROOT15 / 30],
        [5 / 36 + ROOT15 / 24, 2 / 9, 5 / 36 - ROOT15 / 24],
        [5 / 36 + ROOT15 / 30, 2 / 9 + ROOT15 / 15, 5 / 36],
    ]
)
APART = 1e-3
"""Relative to 1 + |control|: how far apart the force is taken to see how it follows the control."""


@dataclass(frozen=True)
class MeanWork:
    r"""<W> = <U(stop)>_tau - <U(start)>_0 + int mu [(h - H m)^2 + H (H v - T)] dt over nodes of the control.

    From the equilibrium of ``start``, at once to the first node, in straight lines through nodes equally apart in time,
    at the end at once to ``stop``. dm/dt = mu (h - H m), dv/dt = 2 mu (T - H v). steps: of the integration, per piece.
    """

    process: Langevin
    start: float
    stop: float
    duration: float
    nodes: int
    steps: int

    @cached_property
    def _weights(self) -> Array:
        """What every node adds to the control at every stage: (step, stage, node)."""
        pieces = self.nodes - 1
        at = (np.arange(pieces * self.steps)[:, None] + PLACES) / self.steps
        i = np.minimum(at.astype(np.int64), pieces - 1)
        share = at - i
        nodes = np.arange(self.nodes)
        return np.where(nodes == i[..., None], 1.0 - share[..., None], 0.0) + np.where(
            nodes == i[..., None] + 1, share[..., None], 0.0
        )

    @cached_property
    def _ends(self) -> tuple[Array, Array]:
        """(H, h, c) at the start and at the stop."""
        return self._force(np.array(self.start)), self._force(np.array(self.stop))

    @cached_property
    def _line(self) -> tuple[Array, Array] | None:
        """H and h, and how they rise with the control, where both are straight lines."""
        a, b = min(self.start, self.stop), max(self.start, self.stop)
        at = a + (b - a) * np.array([0.0, 0.27, 0.5, 0.815, 1.0])
        found = self._force(at)[:2]
        if b == a:
            return None
        rise = (found[:, -1] - found[:, 0]) / (b - a)
        bent = np.abs(found[:, :1] + rise[:, None] * (at - a) - found)
        return None if np.any(bent > 1e-13 * np.abs(found).max()) else (found[:, 0] - rise * a, rise)

    def _forces(self, control: Array) -> tuple[Array, Array]:
        """H and h, and how they rise with the control, at every control: both (2, ...)."""
        if self._line is not None:
            origin, rise = (x.reshape(2, *[1] * control.ndim) for x in self._line)
            return origin + rise * control, rise + np.zeros_like(control)
        d = APART * (1.0 + np.abs(control))
        near = [self._force(control + s * d)[:2] for s in (1.0, -1.0, 2.0, -2.0)]
        return self._force(control)[:2], (8.0 * (near[0] - near[1]) - (near[2] - near[3])) / (12.0 * d)

    def _force(self, control: Array) -> Array:
        """(H, h, c) at every control: (3, ...)."""
        found = [(a.hessian[0, 0], a.pull[0], a.constant) for a in map(self._linear_at, control.ravel())]
        return np.array(found).T.reshape((3, *control.shape))

    def _linear_at(self, control: float) -> Any:
        found = self.process.linear_at(float(control))
        if not found.conservative:
            raise InputError("process", self.process, "must have no force but that of its energy", "drop the driving")
        return found

    def work(self, values: Array) -> float:
        """<W> of the controls at the nodes (node,)."""
        H, h = self._forces(self._weights @ values)[0]
        return float(self._of(H[None], h[None])[0])

    def slope(self, values: Array) -> tuple[float, Array]:
        """<W> and d<W>/d(value) of every node: a number and (node,).

        An imaginary step in one node at a time: the derivative comes out without a difference of two works.
        """
        (H, h), rise = self._forces(self._weights @ values)
        tiny = 1e-30j * np.moveaxis(self._weights, 2, 0)
        found = self._of(H + tiny * rise[0], h + tiny * rise[1])
        return float(found[0].real), np.asarray(found.imag / 1e-30)

    def _of(self, H: Any, h: Any) -> Any:
        """<W> of forces at the stages (batch, step, stage): (batch,)."""
        mu, T = float(self.process.mobility.ravel()[0]), float(self.process.temperature[0])
        (H0, h0, c0), (H1, h1, c1) = self._ends
        step = self.duration / H.shape[1]
        m_of, m_to = _collocation(-mu * H, mu * h, step)
        v_of, v_to = _collocation(-2.0 * mu * H, np.full_like(H, 2.0 * mu * T), step)
        m, v = np.full(H.shape[0], h0 / H0, dtype=H.dtype), np.full(H.shape[0], T / H0, dtype=H.dtype)
        work = -(0.5 * T - 0.5 * h0 * h0 / H0 + c0)
        for k in range(H.shape[1]):
            M = m_of[0][:, k] * m[:, None] + m_of[1][:, k]
            V = v_of[0][:, k] * v[:, None] + v_of[1][:, k]
            heat = mu * ((h[:, k] - H[:, k] * M) ** 2 + H[:, k] * (H[:, k] * V - T))
            work = work + step * (heat @ SHARES)
            m, v = m_to[0][:, k] * m + m_to[1][:, k], v_to[0][:, k] * v + v_to[1][:, k]
        return work + 0.5 * H1 * (v + m * m) - h1 * m + c1


def _collocation(rate: Any, source: Any, step: float) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """dy/dt = rate y + source over every step: y at its stages and at its end, each as factor and shift of y before."""
    matrix = np.eye(3) - step * STAGES * rate[..., None, :]
    known = np.stack([np.ones_like(rate), step * (source @ STAGES.T)], axis=-1)
    factor, shift = np.moveaxis(np.linalg.solve(matrix, known), -1, 0)
    end = step * np.stack([(rate * factor) @ SHARES + 0.0, (rate * shift + source) @ SHARES])
    return (factor, shift), (1.0 + end[0], end[1])
