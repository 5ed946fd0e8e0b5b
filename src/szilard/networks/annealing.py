"""Replicas of a machine whose parameters are changed step by step: work at fixed states, heat in the sweeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..ledger import Ledger
from ..markup import table_of_text
from ..progress import Progress, told
from ..request import refuse_request
from .annealing_path import ParameterPath
from .boltzmann_chains import LANES, Chains, refuse_lanes, refuse_sweeps
from .machine import states

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
HiddenUnits = Literal["sampled", "summed"]


@dataclass(frozen=True, eq=False, repr=False)
class AnnealedRun:
    """Replicas along a path; ledger: heat (replica, reservoir), one reservoir per layer, or one where summed.

    path: as the agent went through it, backwards if ``backwards``; visible, hidden: the last states, (replica, unit).
    """

    path: ParameterPath
    ledger: Ledger
    visible: Array
    hidden: Array
    sweeps: int
    hidden_units: HiddenUnits
    backwards: bool
    seed: int

    @property
    def work(self) -> Array:
        """(replica,), > 0 done on the units, in k_B T0."""
        return self.ledger.work

    @property
    def temperature(self) -> float:
        """That of the bath, in T0."""
        return self.path.temperature

    def plot(self, ax: Axes | None = None) -> Axes:
        """How work and heat are spread over replicas, their means dotted; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, distributions, house_style
        from ..plotting.style import MUTED

        with house_style():
            ax = axes_or_new(ax)
            both = {"work": self.work, "heat": self.ledger.heat.sum(axis=1)}
            distributions(ax, both, "$k_B T_0$ per replica")
            ax.plot([], [], color=MUTED, linewidth=1.0, linestyle=":", label="means")
            ax.legend(labelcolor=MUTED)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        way = "backwards along" if self.backwards else "along"
        return (
            f"AnnealedRun: {self.work.size} replicas {way} a {self.path!r}\n"
            f"  sweeps     {self.sweeps} per step, hidden units {self.hidden_units}\n"
            f"  work       {self.ledger.mean_work()!r} k_B T0\n"
            f"  heat       {self.ledger.mean_heat()!r} k_B T0\n"
            f"  first law to {self.ledger.first_law_residual:.1e}"
        )


def anneal(
    path: ParameterPath,
    *,
    replicas: int,
    seed: int,
    sweeps: int = 1,
    hidden_units: HiddenUnits = "sampled",
    backwards: bool = False,
    start: ArrayLike | None = None,
    threads: int | None = None,
    progress: Progress | bool | None = None,
    cell: str = "",
    lanes: int = LANES,
) -> AnnealedRun:
    r"""W = sum_t [E(x_t; theta_{t+1}) - E(x_t; theta_t)], x_{t+1} from x_t by sweeps at theta_{t+1}; booked.

    Replicas start in equilibrium at the first machine of the path, drawn by counting. Each step changes the parameters
    at fixed units, which is work, and then redraws the visible units given the hidden ones and the hidden given the
    visible, ``sweeps`` times: the heat is the fall of E, layer by layer. backwards: the mirror image in time, from
    equilibrium at the last machine: sweeps, in each the hidden layer first, then the change. So Crooks' theorem holds
    between the two, and Jarzynski's equality for each, exactly and for any number of steps.
    hidden_units "summed": they are summed out, and F(v) = -T ln sum_h e^{-E/T} is in the place of E for energy, work
    and heat: the same free energies, as a rule with less spread.
    start: (row, visible) in [0, 1], drawn from at random, in the place of an equilibrium that cannot be counted (hidden
    units given the visible); the laws above then hold as far as the rows are in equilibrium.
    Random numbers are a function of seed and ``cell``; neither threads (default: all cores) nor lanes changes a bit.
    progress(share done) is called now and then, True shows a bar.
    Raises InputError for bad input, or where the first machine is too large to be counted and no start is given.

    Jarzynski, PRL 78, 2690 (1997); Neal, Stat. Comput. 11, 125 (2001); Salakhutdinov and Murray, ICML 2008.

    >>> from szilard.networks import machine as machines
    >>> from szilard.networks.annealing_path import straight_path
    >>> end = machines.rbm([[1.0, 2.0], [-1.0, 0.5]], temperature=2.0)
    >>> run = anneal(straight_path(end.without_weights(), end, 10), replicas=100, seed=1)
    >>> run.ledger.first_law_residual < 1e-13
    True
    """
    refuse_request(replicas, seed, threads, 0.0, cell, "ledger", progress)
    refuse_sweeps(sweeps)
    refuse_lanes(lanes)
    if hidden_units not in ("sampled", "summed"):
        raise InputError("hidden_units", hidden_units, 'must be "sampled" or "summed"', "name one of them")
    if not isinstance(path, ParameterPath):
        raise InputError("path", path, "must be a ParameterPath", "straight_path(start, end, 100)")
    along = path.reversed() if backwards else path
    first, last = along.machine(0), along.machine(-1)
    rows = None if start is None else states(start, first.n_visible, "start", grey=True).reshape(-1, first.n_visible)
    if rows is None and not first.countable:
        fix = "begin with independent units, or give start= (rows in equilibrium)"
        raise InputError("path", repr(first), "its equilibrium is too large to be counted", fix)
    chains = Chains(
        first, replicas, seed, cell + ("backwards" if backwards else ""), lanes=lanes, summed=hidden_units == "summed"
    )
    chains.start(first, rows)
    with told(progress, "anneal") as tell:
        chains.follow(along, sweeps, backwards, threads, tell)
    visible, hidden = chains.states()
    return AnnealedRun(along, chains.ledger(last), visible, hidden, sweeps, hidden_units, backwards, seed)
