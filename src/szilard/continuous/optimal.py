"""The control of least mean work for a process: a closed form where its kind is known, a search else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import number
from ..protocol import Protocol
from .optimal_search import search_protocol, trap_free_energy
from .optimal_traps import OptimalProtocol, not_negative, optimal_moved_trap, optimal_stiffened_trap
from .process import Langevin

SHARES = (0.0, 0.25, 0.5, 0.815, 1.0)


def optimal_protocol(
    process: Langevin, start: float, stop: float, duration: float, *, nodes: int | None = None
) -> OptimalProtocol:
    r"""min <W> over all lambda(t) from ``start`` to ``stop`` in ``duration``, sudden changes included.

    The process starts in the equilibrium of ``start``. A trap whose centre follows the control (H constant, h = a + b
    lambda) and one whose stiffness does (H = a + b lambda, b != 0, h = 0) are known in closed form, see
    ``optimal_moved_trap`` and ``optimal_stiffened_trap``; which kind it is, the force tells, and the constant of the
    energy enters the free energy. Any other linear process of one coordinate goes to ``search_protocol``.
    nodes: of the protocol; None: 129 where the closed form bends, 17 where it is searched. Energies in k_B T0.
    Raises InputError for a process that is not linear, driven, or of more than one coordinate.

    >>> from szilard.continuous import Linear
    >>> moved = Langevin(linear=lambda x: Linear([[1.0]], [x], 0.5 * x * x), dim=1)
    >>> optimal_protocol(moved, 0.0, 2.0, 1.5).protocol.values
    (0.0, 0.5714285714285714, 1.4285714285714286, 2.0)
    """
    first, last, tau = number("start", start), number("stop", stop), not_negative("duration", duration)
    free = trap_free_energy(process, last) - trap_free_energy(process, first)
    mu, T = float(process.mobility.ravel()[0]), float(process.temperature[0])
    forces = [process.linear_at(first + x * (last - first)) for x in SHARES]
    H, h = np.array([a.hessian[0, 0] for a in forces]), np.array([a.pull[0] for a in forces])
    if all(a.conservative for a in forces):
        if _same(H, np.full_like(H, H[0])) and _straight(h):
            k = float(H[0])
            found = optimal_moved_trap(float(h[-1] - h[0]) / k, tau, stiffness=k, mobility=mu, temperature=T)
            return _for_control(found, 0.0, float(h[-1] - h[0]) / k, first, last, free, T)
        if _straight(H) and np.all(h == 0.0):
            a, b = float(H[0]), float(H[-1])
            found = optimal_stiffened_trap(a, b, tau, mobility=mu, temperature=T, nodes=129 if nodes is None else nodes)
            return _for_control(found, a, b, first, last, free, T)
    return search_protocol(process, first, last, tau, nodes=17 if nodes is None else nodes)


def _same(found: np.ndarray, wanted: np.ndarray) -> bool:
    return bool(np.all(np.abs(found - wanted) <= 1e-12 * np.abs(wanted).max()))


def _straight(values: np.ndarray) -> bool:
    return _same(values, values[0] + np.array(SHARES) * (values[-1] - values[0])) if np.any(values) else True


def _for_control(
    found: OptimalProtocol, a: float, b: float, start: float, stop: float, free: float, temperature: float
) -> OptimalProtocol:
    """Where the closed form speaks of what goes from a to b, the control goes from start to stop."""
    share = (np.array(found.protocol.values) - a) / (b - a) if b != a else np.zeros(len(found.protocol.values))
    values = start + share * (stop - start)
    values[0], values[-1] = start, stop
    protocol = Protocol(found.protocol.times, values.tolist())
    return replace(found, protocol=protocol, free_energy_change=free, work=free + temperature * found.dissipation)
