"""What came out of a simulation: states, books and paths of every replica."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

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
from ..markup import table_of_text
from .course import Course
from .paths import Paths
from .reversal import TimeReversal, time_reversal

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

    from ..laws.panel import Laws
    from ..progress import Progress
    from .backward import Backward, Beginning
    from .split import Split

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class Run:
    """Trajectories of a jump process: (replica,) first everywhere.

    initial, final: (replica,) states. ledger: heat (replica, reservoir), work, energy change, entropies; W > 0 on
    the system, Q > 0 into the bath. times: (time,), states: (replica, time) and ``books`` on that grid (None
    without times). activity: (replica,), the number of jumps. currents: name -> (replica,); counted: (edge, current),
    what each jump counts for them. paths: every jump, or None. start: (state,), the exact p at the start, None where
    states were given. probabilities: (2, state), the exact p at the start and at the end, or None. seed, cell: what the
    random numbers are a function of.
    """

    course: Course
    initial: Index
    final: Index
    ledger: Ledger
    activity: Index
    currents: dict[str, Array]
    counted: Array
    times: Array
    states: Index
    books: Books | None
    paths: Paths | None
    start: Array | None
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

    def backward(
        self,
        *,
        replicas: int | None = None,
        seed: int | None = None,
        start: Beginning = "final",
        record: Literal["ledger", "paths"] = "ledger",
        max_bytes: float = 2e9,
        threads: int | None = None,
        progress: Progress | bool | None = None,
    ) -> Backward:
        r"""P[x] e^{-S[x]} = P~[x~]: trajectories of the reversed process, control and all run backwards.

        start: "final", the exact p(x, tau) that this run ends in, or "equilibrium" at the last control (for Crooks'
        theorem; one temperature). ``entropy_production`` of the answer is S~[x~] = -S[x], with S of this run in
        ``forward``, so that <e^{-S}; S in B> = P~(-S~ in B) for every set B of values.
        replicas, seed: as in this run where left out; the random numbers are others ("backward" is added to the cell),
        and always the same ones. Raises InputError where p at the start or at the end is not known.

        Crooks, PRE 60, 2721 (1999); Seifert, PRL 95, 040602 (2005).

        >>> import szilard as sz
        >>> ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0)
        >>> run = sz.simulate(ring, [0.2, 0.3, 0.5], 1.0, replicas=1000, seed=1)
        >>> run.backward().run.initial.shape
        (1000,)
        """
        from .backward import backward_run

        return backward_run(
            self, replicas=replicas, seed=seed, start=start, record=record, max_bytes=max_bytes, threads=threads,
            progress=progress,
        )  # fmt: skip

    def split(self) -> Split:
        r"""sum_r Q_r / T_r = S_hk + S_ex,  S_tot = S_hk + (ds + S_ex): (replica,), in nats; see ``Split``.

        Needs no paths at a control held, or where no agent drives at one temperature; else record="paths".
        Raises InputError where paths are missing, or for parts that no jump joins.

        >>> import szilard as sz
        >>> ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0)
        >>> sz.simulate(ring, "stationary", 5.0, replicas=1000, seed=1).split().housekeeping.shape
        (1000,)
        """
        from .split import entropy_split

        return entropy_split(self)

    def laws(self, *, backward: bool = True, threads: int | None = None) -> Laws:
        r"""Every law whose assumptions this run meets, each with its verdict: a table, and ``laws().plot()`` a figure.

        Always 0 <= <S>; the integral and detailed theorem; dF <= <W>, Jarzynski and Crooks from equilibrium at one
        temperature; Hatano and Sasa from a stationary start, and the housekeeping theorem, where ``split`` covers it;
        at energies at rest the uncertainty relations of what was counted; Gallavotti and Cohen and the ceiling of the
        traffic in a steady state; else the speed limit.
        backward: whether the reversed process is run too, with as many replicas, for the detailed theorem and Crooks'.
        What a run cannot say is left out: without p(x, t) (entropy=False) there is no law of entropy, and without the
        split none of its parts. With few replicas verdicts are inconclusive. Raises InputError for bad ``threads``.

        >>> import szilard as sz
        >>> ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0)
        >>> found = sz.simulate(ring, "stationary", 2.0, replicas=20_000, seed=1).laws()
        >>> found["0 <= <S>"].verdict, len(found.violated)
        ('holds', 0)
        """
        from .applicable import laws_of_run

        return laws_of_run(self, backward, threads)

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
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        wide = max(len(name) for name in self.means)
        lines = [
            f"Run of {self.initial.size} trajectories for {self.duration:g}, {self.seconds:.2f} s; "
            f"{self.course.process!r}",
            *(f"  {name:{wide}}  {value!r}" for name, value in self.means.items()),
            f"  first law to {self.ledger.first_law_residual:.1e}",
        ]
        return "\n".join(lines)
