"""The cheapest way from one density on a line to another in a given time, and the potential that drives it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, pi, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import cumulative_simpson
from scipy.interpolate import CubicSpline

from ..errors import InputError
from ..markup import table_of_text
from ..protocol import Protocol
from .optimal_density import LineDensity, normal_grid
from .optimal_traps import not_negative
from .process import Langevin

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
KEPT = 5.0
CEILING = 30.0
FINEST = 2e-3


@dataclass(frozen=True, repr=False, eq=False)
class LineTransport:
    r"""x_t(z) = (1 - s) x_0(z) + s x_1(z), s = t / tau;  Sigma = W_2^2 / (D tau),  W_2^2 = E[(x_1(z) - x_0(z))^2].

    z is a standard normal number: every quantile moves at constant speed, and no way from ``start`` to ``stop`` in
    ``duration`` dissipates less. distance: W_2, a length. dissipation: Sigma in nats, D = mobility temperature.
    entropy_change: S_1 - S_0 in nats. z (point,): the quantiles at which densities and potentials are given.
    """

    start: LineDensity
    stop: LineDensity
    duration: float
    mobility: float
    temperature: float
    distance: float
    dissipation: float
    entropy_change: float
    z: Array
    _flow: tuple[Array, Array, Array, Array, Array]
    """x_0, x_1 - x_0, 1/p_0 and 1/p_1 at x_0 and x_1, and int (x_1 - x_0) dx_0."""

    @property
    def heat(self) -> float:
        """Q = T (Sigma - dS), into the bath, whatever the energies at both ends; in k_B T0."""
        return self.temperature * (self.dissipation - self.entropy_change)

    def work(self, energy_change: float) -> float:
        """W = dE + Q, where the mean energy changes by ``energy_change`` between both ends, jumps included."""
        return energy_change + self.heat

    def places(self, time: float) -> Array:
        """x_t(z): (point,)."""
        s = self._share(time)
        return np.asarray(self._flow[0] + s * self._flow[1])

    def densities(self, time: float) -> Array:
        """p_t at ``places``: 1 / p_t = (1 - s) / p_0 + s / p_1 along every path: (point,)."""
        s, (_, _, width_0, width_1, _) = self._share(time), self._flow
        return np.asarray(1.0 / ((1.0 - s) * width_0 + s * width_1))

    def potentials(self, time: float) -> Array:
        r"""U = -T ln p_t - phi / mu at ``places``, the slope of phi the velocity there: (point,), in k_B T0.

        phi = [int (x_1 - x_0) dx_0 + s (x_1 - x_0)^2 / 2] / tau.
        """
        s, (_, gap, _, _, potential) = self._share(time), self._flow
        phi = (potential + 0.5 * s * gap * gap) / self.duration
        return np.asarray(-self.temperature * np.log(self.densities(time)) - phi / self.mobility)

    def energies(self, x: ArrayLike, time: float, ceiling: float = CEILING) -> Array:
        """U(x, t) of any places (point,), in k_B T0.

        A spline through ``potentials``; beyond ``places`` (a share of 6e-7) a parabola that continues it, cut at
        ``ceiling`` T above the highest of them, which is also the energy outside the support: a wall that is high
        but finite.
        """
        return _shape(self, float(time), float(ceiling)).energies(np.asarray(x, dtype=np.float64))

    def slopes(self, x: ArrayLike, time: float) -> Array:
        """dU/dx at any places (point,)."""
        return _shape(self, float(time), CEILING).slopes(np.asarray(x, dtype=np.float64))

    @property
    def process(self) -> Langevin:
        """The process in U(x, t) whose control is the time: started in ``start``, it goes to ``stop``.

        Its walls are steep: give a Langevin run a short dt, or method="metropolis". Controls lie in [0, duration].
        """

        def potential(w: Array, control: float) -> Array:
            return self.energies(w[:, 0], self._time(control))

        def gradient(w: Array, control: float) -> Array:
            return self.slopes(w, self._time(control))

        return Langevin(
            potential=potential,
            gradient=gradient,
            dim=1,
            mobility=self.mobility,
            temperature=self.temperature,
            name="optimal transport",
        )

    def _time(self, control: float) -> float:
        slack = 1e-9 * self.duration
        if not -slack <= control <= self.duration + slack:
            rule = f"is the time, from 0 to {self.duration:g}"
            raise InputError("control", control, rule, "the protocol of this transport, not that of a task around it")
        return min(max(float(control), 0.0), self.duration)

    @property
    def protocol(self) -> Protocol:
        """The control t at the time t."""
        return Protocol((0.0, self.duration), (0.0, self.duration))

    def plot(self, ax: Axes | None = None) -> Axes:
        """p_t at five times from start to stop; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, house_style, lines

        times = np.linspace(0.0, self.duration, 5)
        ends = [self.places(t) for t in times]
        x = np.linspace(min(e[0] for e in ends), max(e[-1] for e in ends), 400)
        rows = [np.interp(x, e, self.densities(t), 0.0, 0.0) for e, t in zip(ends, times, strict=True)]
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, x, rows, "x", "density", [f"t = {t:.3g}" for t in times])
        return ax

    def _share(self, time: float) -> float:
        t = not_negative("time", time)
        if t > self.duration:
            raise InputError("time", time, f"must be at most the duration {self.duration:g}", "give one within it")
        return t / self.duration

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return (
            f"LineTransport: distance {self.distance:.6g} in the time {self.duration:g}; dissipation "
            f"{self.dissipation:.9g}, heat {self.heat:.9g}"
        )


@dataclass(frozen=True)
class _Shape:
    """U at one time: a spline between the edges, parabolas beyond, cut at the top."""

    curve: Any
    edges: tuple[float, float]
    support: tuple[float, float]
    top: float

    def _beyond(self, x: Array) -> tuple[Array, Array, Array, Array]:
        """The distance beyond the edges, and U, its slope and its bend there."""
        edge = np.clip(x, *self.edges)
        bend = np.maximum(self.curve(edge, 2), 0.0)
        slope = np.asarray(self.curve(edge, 1))
        d = x - edge
        return d, np.asarray(self.curve(edge)), slope, bend

    def energies(self, x: Array) -> Array:
        d, U, slope, bend = self._beyond(x)
        found = np.where(d == 0.0, U, np.minimum(U + slope * d + 0.5 * bend * d * d, self.top))
        return np.where((x < self.support[0]) | (x > self.support[1]), self.top, found)

    def slopes(self, x: Array) -> Array:
        d, U, slope, bend = self._beyond(x)
        flat = (U + slope * d + 0.5 * bend * d * d > self.top) & (d != 0.0)
        flat |= (x < self.support[0]) | (x > self.support[1])
        return np.where(flat, 0.0, slope + bend * d)


def _shape(transport: LineTransport, time: float, ceiling: float) -> _Shape:
    x, U, s = transport.places(time), transport.potentials(time), time / transport.duration
    kept = np.append(True, np.diff(x) > 0.0)
    a, b = transport.start, transport.stop
    low, high = ((1.0 - s) * p if s < 1.0 else 0.0 for p in (a.low, a.high))
    low, high = (e + s * p if s > 0.0 else e for e, p in ((low, b.low), (high, b.high)))
    top = float(U.max()) + ceiling * transport.temperature
    return _Shape(CubicSpline(x[kept], U[kept]), (float(x[kept][0]), float(x[kept][-1])), (low, high), top)


def between_lines(
    start: LineDensity, stop: LineDensity, duration: float, mobility: float, temperature: float
) -> LineTransport:
    """The transport between two densities on a line; all numbers checked before."""
    z, weight = normal_grid(start.marks, stop.marks)
    square = float(weight @ (stop.place(z) - start.place(z)) ** 2)
    z = _thinned(start, stop)
    x0, x1 = start.place(z), stop.place(z)
    gap = x1 - x0
    flow = (x0, gap, np.exp(-start.log_density(z)), np.exp(-stop.log_density(z)))
    # int gap dx_0 over z, where 1/p_0 = (dx_0/dz) / phi(z)
    rise = gap * flow[2] * np.exp(-0.5 * z * z) / sqrt(2.0 * pi)
    potential = cumulative_simpson(rise, x=z, initial=0.0)
    return LineTransport(
        start,
        stop,
        duration,
        mobility,
        temperature,
        sqrt(square),
        square / (mobility * temperature * duration),
        stop.entropy - start.entropy,
        z,
        (*flow, np.asarray(potential)),
    )


def _thinned(start: LineDensity, stop: LineDensity) -> Array:
    """Quantiles that follow both densities, no two of them closer than a small part of both spans."""
    z = np.unique(np.concatenate([np.linspace(-KEPT, KEPT, 401), start.marks, stop.marks]))
    z = z[np.abs(z) <= KEPT]
    x0, x1 = start.place(z), stop.place(z)
    way = x0 / (x0[-1] - x0[0]) + x1 / (x1[-1] - x1[0])
    kept, last = [], -inf
    for i, at in enumerate(way):
        if at - last >= FINEST or i == 0:
            kept.append(i)
            last = at
    return np.asarray(z[kept])
