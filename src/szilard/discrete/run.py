"""What came out of a simulation: states, books and paths of every replica."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..books import (
    Books,
    booked_attributes,
    booked_coordinates,
    booked_samples,
    booked_variables,
    draw_books,
)
from ..errors import InputError
from ..estimate import Estimate, Sampled
from ..ledger import Ledger
from .course import Course
from .paths import Paths
from .reversal import TimeReversal, time_reversal

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class Run:
    """Trajectories of a jump process: (replica,) first everywhere.

    initial, final: (replica,) states. ledger: heat (replica, reservoir), work, energy change, entropies; W > 0 on
    the system, Q > 0 into the bath. times: (time,), states: (replica, time) and ``books`` on that grid (None
    without times). activity: (replica,), the number of jumps. currents: name -> (replica,). paths: every jump,
    or None. probabilities: (2, state), the exact p at the start and at the end, or None. seed, cell: what the random
    numbers are a function of.
    """

    course: Course
    initial: Index
    final: Index
    ledger: Ledger
    activity: Index
    currents: dict[str, Array]
    times: Array
    states: Index
    books: Books | None
    paths: Paths | None
    probabilities: Array | None
    seed: int
    cell: str
    seconds: float

    @property
    def duration(self) -> float:
        """How long every trajectory is."""
        return self.course.duration

    def time_reversal(self) -> TimeReversal:
        """ln of forward over backward probability beside the entropy production of every path (Loschmidt).

        Raises InputError without recorded paths or exact probabilities.
        """
        if self.paths is None:
            raise InputError("paths", None, "no path was recorded", 'simulate with record="paths"')
        if self.probabilities is None:
            fix = "simulate from probabilities or one state, with entropy=True"
            raise InputError("probabilities", None, "p(x, t) was not solved", fix)
        return time_reversal(self.paths, self.probabilities, self.ledger.entropy_production)

    @cached_property
    def means(self) -> dict[str, Estimate]:
        """<.> over replicas with standard errors: work, heat of each reservoir, entropies, activity, currents."""
        found = booked_samples(self.ledger, self.course.process.reservoirs)
        found |= {"activity": self.activity} | self.currents
        return {name: Sampled.mean(values).estimate() for name, values in found.items()}

    def to_xarray(self) -> xarray.Dataset:
        """States and books of every replica as one Dataset, units and signs as attributes; without paths."""
        import xarray as xr

        process = self.course.process
        data: dict[str, Any] = {
            "initial": ("replica", self.initial),
            "final": ("replica", self.final),
            "activity": ("replica", self.activity, {"description": "number of jumps"}),
        }
        data |= booked_variables(self.ledger, self.books)
        data |= {f"current {name}": ("replica", values) for name, values in self.currents.items()}
        if self.books is not None:
            data["states"] = (("replica", "time"), self.states)
        attributes = booked_attributes(process, self.course.times, self.course.controls)
        attributes |= {"seed": self.seed, "cell": self.cell}
        return xr.Dataset(data, coords=booked_coordinates(process, self.times), attrs=attributes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """How work and heat are spread over replicas, their means dotted; on the Axes given or a new figure's."""
        return draw_books(self.ledger, self.course.process.reservoirs, ax)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"

    def __repr__(self) -> str:
        wide = max(len(name) for name in self.means)
        lines = [
            f"Run of {self.initial.size} trajectories for {self.duration:g}, {self.seconds:.2f} s; "
            f"{self.course.process!r}",
            *(f"  {name:{wide}}  {value!r}" for name, value in self.means.items()),
            f"  first law to {self.ledger.first_law_residual:.1e}",
        ]
        return "\n".join(lines)
