"""A density on a lattice, and densities at several times: entropy, moments, values in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, RectBivariateSpline
from scipy.special import entr

from ..errors import InputError
from ..markup import table_of_text
from .gaussian import Gaussian
from .lattice_cells import Lattice
from .mixture import Mixture

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
WRAPPED = 8
"""Cells of a periodic coordinate repeated at either end before splines are laid through."""
SEEN = 1e-5
"""Share of the largest marginal density below which a figure ends."""
RARE = 1e-20
"""Probability of a cell that cannot matter."""


@dataclass(frozen=True, eq=False, repr=False)
class Density:
    r"""p(w), sum_cells p v = 1: its values at the centres of the cells of a lattice.

    values: ``lattice.shape``, per volume; v the volume of a cell. Sums over cells are integrals by the midpoint rule,
    whose error falls faster than any power of h where p is smooth and vanishes at the walls, or is periodic.
    """

    lattice: Lattice
    values: Array

    @classmethod
    def of(cls, lattice: Lattice, probabilities: Array) -> Density:
        """The density with these probabilities of the states: (state,)."""
        return cls(lattice, lattice.spread(probabilities / lattice.volume))

    @property
    def dim(self) -> int:
        """The number of coordinates."""
        return self.lattice.dim

    @property
    def probabilities(self) -> Array:
        """p v of every state of ``lattice.process``: (state,)."""
        return np.asarray(self.values.ravel()[self.lattice.states] * self.lattice.volume)

    @property
    def entropy(self) -> float:
        """S = -int p ln p dw, in nats (of the density: it depends on the unit of length)."""
        return float(np.sum(entr(self.values))) * self.lattice.volume

    @property
    def mean(self) -> Array:
        """<w>: (dim,); of a periodic coordinate within its box."""
        return np.asarray(self.probabilities @ self.lattice.points)

    @property
    def covariance(self) -> Array:
        """<w w> - <w><w>: (dim, dim)."""
        off = self.lattice.points - self.mean
        return np.asarray((off * self.probabilities[:, None]).T @ off)

    def log_density(self, w: Any) -> Array:
        """ln p of points (replica, dim): (replica,), by cubic splines of ln p; -inf outside and in empty cells."""
        x = np.array(w, dtype=np.float64)
        lattice = self.lattice
        if x.ndim != 2 or x.shape[1] != lattice.dim or not np.all(np.isfinite(x)):
            raise InputError("w", np.shape(w), f"must be finite, of shape (replica, {lattice.dim})", "w[:, None]")
        filled = self.values > 0.0
        logs = np.log(np.where(filled, self.values, self.values[filled].min()))
        inside, cell, grids = np.ones(x.shape[0], dtype=bool), [], []
        for i, (edges, wraps) in enumerate(zip(lattice.edges, lattice.wraps, strict=True)):
            low, high, h = edges[0], edges[-1], lattice.spacing[i]
            if wraps:
                x[:, i] = low + (x[:, i] - low) % (high - low)
            inside &= (x[:, i] >= low) & (x[:, i] <= high)
            x[:, i] = np.clip(x[:, i], low, high)
            cell.append(np.minimum(((x[:, i] - low) / h).astype(np.int64), edges.size - 2))
            logs, extra = _padded(logs, i, wraps)
            grids.append(low + h * (np.arange(-extra, edges.size - 1 + extra) + 0.5))
        inside &= filled[tuple(cell)]
        if lattice.dim == 1:
            found = CubicSpline(grids[0], logs)(x[:, 0])
        else:
            found = RectBivariateSpline(grids[0], grids[1], logs).ev(x[:, 0], x[:, 1])
        return np.where(inside, found, -np.inf)

    def relative_entropy(self, other: Density | Gaussian | Mixture) -> float:
        r"""D(p || q) = int p ln(p / q) dw >= 0, in nats; q a Density (on any lattice), a Gaussian or a Mixture.

        Infinite where p finds states that q does not have.
        """
        if not isinstance(other, Density | Gaussian | Mixture) or other.dim != self.dim:
            rule = f"must be a Density, a Gaussian or a Mixture of {self.dim} coordinates"
            raise InputError("other", other, rule, "sz.Gaussian(mean, covariance)")
        P = self.probabilities
        some = P > RARE
        with np.errstate(divide="ignore"):
            if isinstance(other, Density) and self.lattice.same_cells(other.lattice):
                q = np.log(other.probabilities[some] / self.lattice.volume)
            else:
                q = other.log_density(self.lattice.points[some])
        return float(np.sum(P[some] * (np.log(P[some] / self.lattice.volume) - q)))

    def marginal(self, coordinate: int) -> tuple[Array, Array]:
        """The centres and the density of one coordinate: (cell,) both."""
        i = range(self.lattice.dim)[coordinate]
        h, others = self.lattice.spacing, tuple(j for j in range(self.lattice.dim) if j != i)
        return self.lattice.centres[i], np.asarray(self.values.sum(axis=others) * np.prod(h) / h[i])

    @property
    def seen(self) -> tuple[slice, ...]:
        """Per coordinate the cells from the first to the last that hold more than 1e-5 of the largest marginal."""
        found = []
        for i in range(self.dim):
            _, p = self.marginal(i)
            inside = np.flatnonzero(p > SEEN * p.max())
            found.append(slice(int(inside[0]), int(inside[-1]) + 1))
        return tuple(found)

    def plot(self, ax: Axes | None = None) -> Axes:
        """p over w as a line, or as shades over two coordinates; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, current_field, house_style, lines

        x, p = [c[s] for c, s in zip(self.lattice.centres, self.seen, strict=True)], self.values[self.seen]
        with house_style():
            ax = axes_or_new(ax)
            if self.dim == 1:
                lines(ax, x[0], p, "w", "density")
            else:
                current_field(ax, x[0], x[1], p, np.zeros_like(p), np.zeros_like(p))
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        if self.lattice.dim == 1:
            moments = f"mean {self.mean[0]:.6g}, variance {self.covariance[0, 0]:.6g}"
        else:
            moments = f"mean {self.mean.round(6).tolist()}, covariance {self.covariance.round(6).tolist()}"
        sides = " x ".join(str(n) for n in self.lattice.shape)
        return f"Density on {sides} cells: {moments}, entropy {self.entropy:.6g} nats"


@dataclass(frozen=True, eq=False, repr=False)
class Densities:
    """p(w, t): times (time,), values (time, *lattice.shape)."""

    times: Array
    lattice: Lattice
    values: Array

    def at(self, i: int) -> Density:
        """The density at the i-th time."""
        return Density(self.lattice, self.values[i])

    def __len__(self) -> int:
        return int(self.times.size)

    def to_xarray(self) -> xarray.Dataset:
        """density over (time, w0[, w1]) as a Dataset."""
        import xarray as xr

        names = [f"w{i}" for i in range(self.lattice.dim)]
        coords = {"time": self.times} | dict(zip(names, self.lattice.centres, strict=True))
        return xr.Dataset({"density": (("time", *names), self.values)}, coords=coords)

    def plot(self, ax: Axes | None = None) -> Axes:
        """p over w, a line for every time; of two coordinates, the density at the last time."""
        from ..plotting import axes_or_new, house_style, lines

        if self.lattice.dim > 1:
            return self.at(-1).plot(ax)
        with house_style():
            ax = axes_or_new(ax)
            parts = [self.at(i).seen[0] for i in range(len(self))]
            part = slice(min(s.start for s in parts), max(s.stop for s in parts))
            names = [f"t = {t:g}" for t in self.times]
            lines(ax, self.lattice.centres[0][part], self.values[:, part], "w", "density", names)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        m = self.times.size
        span = f"{m} time{'s' * (m != 1)} in [{self.times[0]:g}, {self.times[-1]:g}]"
        return f"Densities at {span}; the last: {self.at(-1)!r}"


def _padded(logs: Array, axis: int, wraps: bool) -> tuple[Array, int]:
    """The values with what follows at both ends: periodic images, or one more by the parabola through three."""
    if wraps:
        images = np.arange(-WRAPPED, logs.shape[axis] + WRAPPED) % logs.shape[axis]
        return np.take(logs, images, axis=axis), WRAPPED
    a, b, c = (np.take(logs, [i], axis=axis) for i in range(3))
    z, y, x = (np.take(logs, [-i], axis=axis) for i in range(1, 4))
    return np.concatenate([3.0 * (a - b) + c, logs, 3.0 * (z - y) + x], axis=axis), 1
