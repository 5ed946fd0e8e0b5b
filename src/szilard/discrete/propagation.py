"""p(t): the master equation, solved to rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, is_whole
from ..markup import table_of_text
from ..protocol import Protocol
from .costs import Route
from .course import course_of
from .evolution import Evolution, Method
from .process import JumpProcess
from .steady import ordered, probabilities, stationary_at

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
WAYS: dict[Route, str] = {
    "uniformisation": "uniformisation",
    "rational": "rational Krylov steps",
    "contour": "resolvents on a contour",
    "collocation": "collocation",
    "extrapolation": "extrapolated exponentials",
}


@dataclass(frozen=True, repr=False)
class Propagation:
    """times (time,), probabilities (time, state); routes: how they were found, see ``propagate``."""

    times: Array
    probabilities: Array
    routes: tuple[Route, ...] = ()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.probabilities, dtype=dtype, copy=copy)

    def to_xarray(self) -> xarray.Dataset:
        """probabilities over (time, state) as a Dataset."""
        import xarray as xr

        return xr.Dataset({"probabilities": (("time", "state"), self.probabilities)}, coords={"time": self.times})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Every probability against time; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, house_style, lines

        names = [f"state {x}" for x in range(self.probabilities.shape[1])]
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, self.times, self.probabilities.T, "time", "probability", names)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        n, m = self.probabilities.shape[1], self.times.size
        span = f"in [{self.times[0]:g}, {self.times[-1]:g}]"
        ways = f", by {' and '.join(WAYS[route] for route in self.routes)}" if self.routes else ""
        return f"Propagation: {n} state{'s' * (n != 1)} at {m} time{'s' * (m != 1)} {span}{ways}"


def propagate(
    process: JumpProcess,
    initial: ArrayLike,
    times: ArrayLike,
    protocol: Protocol | None = None,
    *,
    method: Method | None = None,
) -> Propagation:
    r"""dp_x/dt = sum_x' [k[x, x'] p_x' - k[x', x] p_x] from p(0) = initial: p at every time, (time, state).

    initial: a state | probabilities (n,) | "equilibrium" | "stationary", see ``initial_probabilities``. times: >= 0,
    not decreasing; they need not start at 0, and which are asked does not change the answer. protocol: the control in
    time, where the energy is a function of one. method: "uniformisation" (powers of a matrix without negative
    entries; cost ~ largest rate x time) or "contour" (resolvents; stiff rates cost nothing); None takes the cheapest,
    which may be steps in a Krylov space of one resolvent. ``routes`` of the answer says which it was.
    sum |error| is about 1e-14 where nothing moves (measured: below 6e-14 up to rate x time = 1e18, below 1e-13 where
    probability runs round in nearly one direction) and 1e-13 under a protocol; the sum of p is 1 to rounding, and
    negative rounding errors are cut to 0.

    Raises InputError for times, a protocol or an initial state that do not fit the process.

    Uniformisation: Jensen, Skand. Aktuarietidskr. 36, 87 (1953). Contour: Trefethen, Weideman and Schmelzer, BIT 46,
    653 (2006); with one pole: Moret and Novati, BIT 44, 595 (2004). Moving energies: Radau collocation, Hairer and
    Wanner (1996), or extrapolated exponentials.

    >>> from szilard.discrete import Channel, JumpProcess
    >>> moved = JumpProcess(lambda gap: [0.0, gap], Channel([[0, 1], [1, 0]]))
    >>> propagate(moved, 0, [1.0, 2.0, 3.0], Protocol((0.0, 3.0), (0.0, 3.0))).probabilities[:, 1].round(5)
    array([0.29788, 0.16495, 0.06135])
    """
    t = ordered(times)
    course = course_of(process, protocol, float(t[-1]))
    v = initial_probabilities(process, initial, course.initial_energy)[None]
    engine, found = Evolution(process, None, method), np.empty((t.size, process.n_states))
    done = int(np.searchsorted(t, 0.0, side="right"))
    found[:done] = v[0]
    for piece in course.pieces():
        now = piece.start
        while now < piece.end:
            until = min(piece.end, float(t[done])) if done < t.size else piece.end
            v, _ = engine.advance(piece.between(now, until), v)
            now = until
            while done < t.size and t[done] <= now:
                found[done] = v[0]
                done += 1
    found = np.maximum(found, 0.0)
    return Propagation(t, found / found.sum(axis=1, keepdims=True), tuple(engine.routes))


def initial_probabilities(process: JumpProcess, initial: ArrayLike, energy: Array) -> Array:
    r"""p(0): 1 in one state | probabilities (n,) | "equilibrium": e^{-energy / T} / Z | "stationary": L p = 0.

    energy: (n,), the energies at the start, before a jump of the protocol at time 0. "equilibrium" is that of the
    energies alone, with a drive too, and needs one temperature; "stationary" needs a process in one part.
    Raises InputError where it is none of these, or does not exist.

    >>> from szilard.discrete import Channel, JumpProcess
    >>> two = JumpProcess([0.0, np.log(4.0)], Channel([[0, 3], [3, 0]]))
    >>> initial_probabilities(two, "equilibrium", two.energies())
    array([0.8, 0.2])
    """
    n = process.n_states
    if isinstance(initial, str):
        if initial == "equilibrium":
            t = process.temperatures
            if np.any(t != t[0]):
                rule = f"reservoirs of temperatures {', '.join(f'{x:g}' for x in t)} have no common equilibrium"
                raise InputError("initial", initial, rule, 'initial="stationary", or probabilities')
            weight = np.exp(-(energy - energy.min()) / t[0])
            return np.asarray(weight / weight.sum())
        if initial == "stationary":
            return stationary_at(process, energy)
        rule = 'must be a state, probabilities, "equilibrium" or "stationary"'
        raise InputError("initial", initial, rule, "name one of them")
    if np.ndim(initial) == 0:
        if not is_whole(initial, 0) or int(initial) >= n:
            raise InputError("initial", initial, f"a state must be a whole number in 0..{n - 1}", "give its index")
        p = np.zeros(n)
        p[int(initial)] = 1.0
        return p
    return probabilities(process, initial, "initial")
