"""Where probability flows: the current of a density, which turns in circles where detailed balance is broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..discrete import edge_currents
from ..markup import table_of_text
from .density import Density
from .lattice_cells import Lattice
from .lattice_route import Cells, lattice_stationary
from .process import Langevin, control_of, langevin

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class CurrentField:
    """j_i at the centres of the cells, in probability per time and area: (dim, *shape); the density it is of.

    faces: per coordinate the current through the faces to the next cell (shape), zero at a wall: exactly conserved.
    entropy_production: in nats per time, on this lattice.
    """

    density: Density
    components: Array
    faces: tuple[Array, ...]
    entropy_production: float

    @property
    def lattice(self) -> Lattice:
        """The cells."""
        return self.density.lattice

    @property
    def circulation(self) -> float:
        """int (x j_y - y j_x) dw about the mean, twice the area swept per time, in two dimensions; int j dw in one."""
        volume = self.lattice.volume
        if self.lattice.dim == 1:
            return float(self.components.sum()) * volume
        x, y = np.meshgrid(*self.lattice.centres, indexing="ij")
        m, (jx, jy) = self.density.mean, self.components
        return float(np.sum((x - m[0]) * jy - (y - m[1]) * jx)) * volume

    def plot(self, ax: Axes | None = None) -> Axes:
        """The current over w as a line, or as arrows over the density of two coordinates."""
        from ..plotting import axes_or_new, current_field, house_style, lines

        seen = self.density.seen
        x = [c[s] for c, s in zip(self.lattice.centres, seen, strict=True)]
        with house_style():
            ax = axes_or_new(ax)
            if self.lattice.dim == 1:
                lines(ax, x[0], self.components[:, seen[0]], "w", "current")
            else:
                jx, jy = (j[seen] for j in self.components)
                current_field(ax, x[0], x[1], self.density.values[seen], jx, jy)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        sides = " x ".join(str(n) for n in self.lattice.shape)
        what = "current" if self.lattice.dim == 1 else "circulation"
        return (
            f"CurrentField on {sides} cells: {what} {self.circulation:.6g} per time, "
            f"entropy production {self.entropy_production:.6g} nats per time"
        )


def probability_current(
    process: Langevin,
    density: Density | None = None,
    control: float | None = None,
    *,
    box: Any = None,
    cells: Cells = None,
) -> CurrentField:
    r"""j_i = mu_i (F_i - T_i d_i) p, in probability per time through a unit of area; None: of the stationary density.

    Through each face j = (k p - k~ p~) v / area, exact in its conservation, O(h^2) in its value; at a centre the mean
    of the two faces. Raises InputError as ``lattice_stationary`` does.

    >>> turned = Langevin(lambda w: np.stack([-w[:, 1], w[:, 0]], axis=1), lambda w: 0.5 * (w**2).sum(axis=1), dim=2)
    >>> round(probability_current(turned, cells=96).circulation, 2)  # <x v_y - y v_x> = <x^2 + y^2>
    2.0
    """
    held = control_of(langevin(process), control)
    if density is None:
        density = lattice_stationary(process, held, box=box, cells=cells)
    lattice = density.lattice.held(process, held)
    flow = edge_currents(lattice.process, density.probabilities)
    n = lattice.states.size
    key = flow.source * n + flow.target
    order = np.argsort(key)
    faces, components = [], []
    for i, (low, high) in enumerate(lattice.faces()):
        first, second = np.minimum(low, high), np.maximum(low, high)
        at = order[np.searchsorted(key[order], first * n + second)]
        through = np.where(low < high, 1.0, -1.0) * flow.current[at] * lattice.spacing[i] / lattice.volume
        found = np.zeros(n)
        found[low] = through
        right = lattice.spread(found)
        left = np.roll(right, 1, axis=i)  # at a wall the last face is zero, so that the first one gets zero
        faces.append(right)
        components.append(0.5 * (left + right))
    return CurrentField(
        Density(lattice, density.values), np.stack(components), tuple(faces), float(flow.entropy_production.sum())
    )
