"""The cheapest way to move a harmonic trap, or to change its stiffness, in a given time."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, is_whole, number
from ..markup import table_of_text
from ..protocol import Protocol

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class OptimalProtocol:
    """<W> = dF + T Sigma: the control in time that costs the least work, and what it costs.

    protocol: from the first value to the last one, a sudden change at both ends. work: mean, > 0 on the system;
    free_energy_change: between the equilibria of the first and the last control; in k_B T0. dissipation:
    Sigma = (<W> - dF) / T in nats, what the relaxation after the end produces included. method: "closed form" (the
    work is that of the curve, ``protocol`` its straight lines) or "search" (the work is that of ``protocol``).
    """

    protocol: Protocol
    work: float
    free_energy_change: float
    dissipation: float
    method: str = "closed form"

    def plot(self, ax: Axes | None = None) -> Axes:
        """The control against time, its sudden changes upright; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, house_style, lines

        with house_style():
            ax = axes_or_new(ax)
            lines(ax, self.protocol.times, [self.protocol.values], "time", "control")
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return (
            f"OptimalProtocol ({self.method}): work {self.work:.9g} = free energy {self.free_energy_change:.9g} + "
            f"T x dissipation {self.dissipation:.9g} in the time {self.protocol.duration:g}"
        )


def optimal_moved_trap(
    distance: float, duration: float, *, stiffness: float = 1.0, mobility: float = 1.0, temperature: float = 1.0
) -> OptimalProtocol:
    r"""lambda(t) = lambda_f (1 + mu k t) / (2 + mu k tau),  <W> = k lambda_f^2 / (2 + mu k tau).

    U = k (w - lambda)^2 / 2, lambda from 0 to lambda_f = ``distance``, from equilibrium in the time tau = ``duration``.
    Q = (1/mu) int (dm/dt)^2 dt is least for a mean m that moves at constant speed v; then
    <W> = k (lambda_f - v tau)^2 / 2 + v^2 tau / mu is least for v = mu k lambda_f / (2 + mu k tau). The trap leads by
    v / (mu k), and jumps by this much at both ends. dF = 0; the work does not depend on the temperature.
    The protocol is a straight line, so that its nodes are exact.

    distance: a length, of either sign. duration: >= 0; 0 is the sudden move. stiffness, mobility, temperature: > 0.
    Raises InputError for values beyond these.

    Source: Schmiedl and Seifert, Phys. Rev. Lett. 98, 108301 (2007).

    >>> optimal_moved_trap(2.0, 1.5)
    OptimalProtocol (closed form): work 1.14285714 = free energy 0 + T x dissipation 1.14285714 in the time 1.5
    >>> optimal_moved_trap(2.0, 2.0).protocol.values
    (0.0, 0.5, 1.5, 2.0)
    """
    end, tau = number("distance", distance), not_negative("duration", duration)
    k, mu, T = above("stiffness", stiffness), above("mobility", mobility), above("temperature", temperature)
    x = mu * k * tau
    work = k * end * end / (2.0 + x)
    first, last = end / (2.0 + x), end * (1.0 + x) / (2.0 + x)
    return OptimalProtocol(Protocol((0.0, 0.0, tau, tau), (0.0, first, last, end)), work, 0.0, work / T)


def optimal_stiffened_trap(
    start: float,
    stop: float,
    duration: float,
    *,
    mobility: float = 1.0,
    temperature: float = 1.0,
    nodes: int = 129,
) -> OptimalProtocol:
    r"""s(t) = s_0 + (s_1 - s_0) t / tau,  lambda(t) = T / s^2 - (ds/dt) / (mu s),  s^2 the variance of w.

    U = lambda w^2 / 2, lambda from ``start`` to ``stop``, from equilibrium, s_0^2 = T / start, in tau = ``duration``:

        <W> = (stop s_1^2 - T) / 2 - T ln(s_1 / s_0) + (s_1 - s_0)^2 / (mu tau),
        s_1 = [s_0 + sqrt(s_0^2 + a T (2 + a stop))] / (2 + a stop),  a = mu tau,

    because T dS_tot = (1/mu) int (ds/dt)^2 dt is least for constant ds/dt, and <W> for this s_1. The control jumps at
    both ends. dF = (T/2) ln(stop / start). Where the trap has to widen fast, the control is below 0 for a while: the
    trap turns into a hill. Where that cannot be, ``search_protocol`` finds the best within bounds.

    ``work`` is that of the curve; ``protocol`` joins ``nodes`` points of it, equally apart in time, by straight lines.
    These deviate by O(1/nodes^2), and since the curve is optimal their work exceeds it by O(1/nodes^4) only.
    start, stop, mobility, temperature: > 0. duration: >= 0; 0 is the sudden change. nodes: >= 2.
    Raises InputError for values beyond these.

    Source: Schmiedl and Seifert, Phys. Rev. Lett. 98, 108301 (2007).

    >>> found = optimal_stiffened_trap(1.0, 3.0, 2.0)
    >>> round(found.work, 9), round(found.dissipation, 9)
    (0.625486617, 0.076180473)
    """
    first, last, tau = above("start", start), above("stop", stop), not_negative("duration", duration)
    mu, T = above("mobility", mobility), above("temperature", temperature)
    if not is_whole(nodes, 2):
        raise InputError("nodes", nodes, "must be a whole number >= 2", "e.g. nodes=129")
    free = 0.5 * T * log(last / first)
    if tau == 0.0:
        work = 0.5 * T * (last / first - 1.0)
        return OptimalProtocol(Protocol((0.0, 0.0), (first, last)), work, free, (work - free) / T)
    a, s0 = mu * tau, sqrt(T / first)
    s1 = (s0 + sqrt(s0 * s0 + a * T * (2.0 + a * last))) / (2.0 + a * last)
    # (work - free)/T from the distance to the last equilibrium, so that nothing cancels where all is slow
    apart = last * s1 * s1 / T - 1.0
    left = 0.5 * (apart - float(np.log1p(apart))) + (s1 - s0) ** 2 / (a * T)
    t = np.linspace(0.0, tau, nodes)
    s = s0 + (s1 - s0) * t / tau
    control = T / s**2 - (s1 - s0) / (a * s)
    protocol = Protocol((0.0, *t, tau), (first, *control, last))
    return OptimalProtocol(protocol, free + T * left, free, left)


def above(field: str, value: object) -> float:
    """A finite number > 0."""
    found = number(field, value)
    if found <= 0.0:
        raise InputError(field, value, "must be > 0", "e.g. 1.0")
    return found


def not_negative(field: str, value: object) -> float:
    """A finite number >= 0."""
    found = number(field, value)
    if found < 0.0:
        raise InputError(field, value, "must be >= 0", "give a time")
    return found
