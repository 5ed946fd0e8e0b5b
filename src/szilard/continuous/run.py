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
from .start import Start
from .steps import Method, Steps

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

    from ..discrete.backward import Backward, Beginning
    from ..discrete.split import Split
    from ..laws.panel import Laws
    from ..progress import Progress

Array = NDArray[np.float64]
GRID = 200


@dataclass(frozen=True, repr=False)
class Paths:
    """The state after every time step: times (step + 1,), states (replica, step + 1, dim).

    ``paths[i]`` is the trajectory of replica i: (step + 1, dim).
    """

    course: Course
    times: Array
    states: Array

    def __len__(self) -> int:
        return int(self.states.shape[0])

    def __getitem__(self, replica: int) -> Array:
        return np.asarray(self.states[replica])

    def reversed(self) -> Paths:
        """w(duration - t) under the control run backwards: the same film, shown from its end."""
        return Paths(self.course.reversed(), self.course.duration - self.times[::-1], self.states[:, ::-1])

    def plot(self, ax: Axes | None = None, replica: int = 0) -> Axes:
        """One trajectory: over the moving potential in one dimension, as a track in two, else against time."""
        from ..plotting import axes_or_new, house_style, lines, potential_trajectory, track

        path, process = self[replica], self.course.process
        with house_style():
            ax = axes_or_new(ax)
            if process.dim == 1 and process.has_potential:
                low, high = float(path.min()), float(path.max())
                grid = np.linspace(low - 0.3 * (high - low), high + 0.3 * (high - low), GRID)
                seen = np.linspace(0, self.times.size - 1, min(GRID, self.times.size)).astype(int)
                controls = [self.course.at(float(t)) for t in self.times[seen]]
                potential = np.stack([process.energies(grid[:, None], control) for control in controls])
                potential_trajectory(ax, self.times, path[:, 0], grid, potential, self.times[seen])
            elif process.dim == 2:
                track(ax, path)
            else:
                names = [f"w[{i}]" for i in range(process.dim)]
                lines(ax, self.times, path.T, "time", "state", names)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return f"Paths: {len(self)} trajectories of {self.times.size - 1} steps in {self.course.duration:g}"


@dataclass(frozen=True, repr=False)
class Run:
    """Trajectories of a Langevin process: (replica,) first everywhere.

    initial, final: (replica, dim). ledger: heat (replica, reservoir), work, energy change, entropies; W > 0 on the
    system, Q > 0 into the bath. times: (time,), states: (replica, time, dim) and ``books`` on that grid (None without
    times). paths: every step, or None. start: what is known of p(w, 0). ends: p at the start and at the end, each with
    a log_density, or None. plan: the control and the length of every step. method, dt: how the steps were made;
    acceptance: the share of steps that moved (1 except for metropolised ones). seed, cell: what the random numbers are
    a function of.
    """

    course: Course
    initial: Array
    final: Array
    ledger: Ledger
    times: Array
    states: Array
    books: Books | None
    paths: Paths | None
    start: Start
    ends: tuple[Any, Any] | None
    plan: Steps
    method: Method
    dt: float
    steps: int
    acceptance: float
    seed: int
    cell: str
    seconds: float

    @property
    def duration(self) -> float:
        """How long every trajectory is."""
        return self.course.duration

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
        r"""P[w] e^{-S[w]} = P~[w~]: trajectories of the reversed process, with the steps of this run in reverse order.

        start: "final", the p(w, tau) that this run ends in, or "equilibrium" at the last control (for Crooks' theorem;
        one temperature). ``entropy_production`` of the answer is S~[w~] = -S[w], with S of this run in ``forward``, so
        that <e^{-S}; S in B> = P~(-S~ in B) for every set B of values. Metropolised steps, and exact ones of a linear
        process without driving at one temperature, obey it at any dt; the others to the order of the step.
        replicas, seed: as in this run where left out; the random numbers are others ("backward" is added to the cell),
        and always the same ones. Raises InputError where p at the start or at the end is not known.

        Crooks, PRE 60, 2721 (1999); Seifert, PRL 95, 040602 (2005).

        >>> import szilard as sz
        >>> pulled = sz.Protocol([0.0, 1.0], [0.0, 1.5])
        >>> run = sz.simulate(sz.systems.moved_trap(2.0), "equilibrium", 1.0, replicas=1000, seed=1, protocol=pulled)
        >>> run.backward(start="equilibrium").work.shape
        (1000,)
        """
        from .backward import backward_run

        return backward_run(
            self, replicas=replicas, seed=seed, start=start, record=record, max_bytes=max_bytes, threads=threads,
            progress=progress,
        )  # fmt: skip

    def split(self) -> Split:
        r"""sum_r Q_r / T_r = S_hk + S_ex,  S_tot = S_hk + (ds + S_ex): (replica,), in nats; see ``discrete.Split``.

        S_hk is Stratonovich's int (v_ss / D) o dw, v_ss the mean velocity in the stationary state, as the heat of the
        run books it: exact to the order of the step where the process is driven. Covered are processes without
        driving at one temperature, linear ones with a stationary state (under a protocol they need record="paths"),
        and those of one coordinate at a control held. Raises InputError for others.

        >>> import szilard as sz
        >>> run = sz.simulate(sz.systems.rotating_trap(1.3, 0.7), "stationary", 1.0, replicas=100, seed=1, dt=0.01)
        >>> bool(np.allclose(run.split().hatano_sasa, 0.0))
        True
        """
        from .split import entropy_split

        return entropy_split(self)

    def laws(self, *, backward: bool = True, threads: int | None = None) -> Laws:
        r"""Every law whose assumptions this run meets, each with its verdict: a table, and ``laws().plot()`` a figure.

        Always 0 <= <S>; the integral and detailed theorem; dF <= <W>, Jarzynski and Crooks from equilibrium at one
        temperature; Hatano and Sasa from a stationary start, and the housekeeping theorem, where ``split`` covers it;
        in a steady state uncertainty relations, Gallavotti and Cohen, and a certified ceiling; the speed limit between
        Gaussians.
        backward: whether the reversed process is run too, with as many replicas, for the detailed theorem and Crooks'.
        What a run cannot say is left out: without p(w, t) (entropy=False) there is no law of entropy, and without the
        split none of its parts. With few replicas verdicts are inconclusive. Raises InputError for bad ``threads``.

        >>> import szilard as sz
        >>> pulled = sz.Protocol([0.0, 1.0], [0.0, 1.0])
        >>> run = sz.simulate(sz.systems.moved_trap(2.0), "equilibrium", 1.0, replicas=20_000, seed=1, protocol=pulled)
        >>> run.laws()["0 <= <S>"].verdict
        'holds'
        """
        from .applicable import laws_of_run

        return laws_of_run(self, backward, threads)

    @cached_property
    def means(self) -> dict[str, Estimate]:
        """<.> over replicas with standard errors: work, energy change, heat of each reservoir, entropies."""
        found = booked_samples(self.ledger, self.course.process.reservoirs)
        return {name: Sampled.mean(values).estimate() for name, values in found.items()}

    def to_xarray(self) -> xarray.Dataset:
        """States and books of every replica as one Dataset, units and signs as attributes; without paths."""
        import xarray as xr

        process = self.course.process
        data: dict[str, Any] = {
            "initial": (("replica", "coordinate"), self.initial),
            "final": (("replica", "coordinate"), self.final),
        }
        data |= booked_variables(self.ledger, self.books)
        if self.books is not None:
            data["states"] = (("replica", "time", "coordinate"), self.states)
        attributes = booked_attributes(process, self.course.times, self.course.controls)
        attributes |= {"method": self.method, "dt": self.dt, "seed": self.seed, "cell": self.cell}
        return xr.Dataset(data, coords=booked_coordinates(process, self.times), attrs=attributes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """How work and heat are spread over replicas, their means dotted; on the Axes given or a new figure's."""
        return draw_books(self.ledger, self.course.process.reservoirs, ax)

    def trajectories(self) -> Paths:
        """The recorded paths; raises InputError where there are none."""
        if self.paths is None:
            raise InputError("paths", None, "no path was recorded", 'simulate with record="paths"')
        return self.paths

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        wide = max(len(name) for name in self.means)
        refused = f", {self.acceptance:.1%} accepted" if self.method == "metropolis" else ""
        lines = [
            f"Run of {self.initial.shape[0]} trajectories for {self.duration:g}, {self.seconds:.2f} s; "
            f"{self.course.process!r}",
            f"  {self.method}, {self.steps} steps of {self.dt:.4g} at most{refused}",
            *(f"  {name:{wide}}  {value!r}" for name, value in self.means.items()),
            f"  first law to {self.ledger.first_law_residual:.1e}",
        ]
        return "\n".join(lines)
