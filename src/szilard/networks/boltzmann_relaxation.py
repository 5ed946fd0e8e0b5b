"""Gibbs sweeps at fixed parameters: what a machine that is shown data pays to forget them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._kernels import unit_sweeps as kernels
from ..books import draw_books
from ..errors import InputError
from ..ledger import Ledger
from ..markup import table_of_text
from ..progress import Progress, told
from ..request import refuse_request, refuse_room
from .annealing_path import resting_path
from .boltzmann_chains import LANES, Chains, refuse_lanes, refuse_sweeps
from .boltzmann_tables import Conditionals, start_table
from .machine import BoltzmannMachine, states

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class GibbsRun:
    """Replicas after sweeps at fixed parameters; ledger: heat (replica, 2) of the visible and of the hidden units.

    start_visible, visible, hidden: (replica, unit). ledger.entropy_production is there where the exact density is.
    """

    machine: BoltzmannMachine
    ledger: Ledger
    start_visible: Array
    visible: Array
    hidden: Array
    sweeps: int
    seed: int

    def plot(self, ax: Axes | None = None) -> Axes:
        """How heat is spread over replicas, its means dotted; on the Axes given or a new figure's."""
        return draw_books(self.ledger, ("visible", "hidden"), ax)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return (
            f"GibbsRun: {len(self.visible)} replicas, {self.sweeps} sweeps of a {self.machine!r}\n"
            f"  heat       {self.ledger.mean_heat()!r} k_B T0\n"
            f"  first law to {self.ledger.first_law_residual:.1e}"
        )


def gibbs_sweeps(
    machine: BoltzmannMachine,
    start: ArrayLike | str = "equilibrium",
    *,
    sweeps: int,
    replicas: int,
    seed: int,
    entropy: bool = False,
    threads: int | None = None,
    progress: Progress | bool | None = None,
    cell: str = "",
    lanes: int = LANES,
) -> GibbsRun:
    r"""v' ~ p(v | h), Q_v = E(v, h) - E(v', h); then h' ~ p(h | v'), Q_h = E(v', h) - E(v', h'): so many times.

    Each half of a sweep obeys detailed balance at T on its own, so that its heat is T times the log ratio of the
    probabilities there and back; nothing is work. start: "equilibrium", or rows (row, visible) of which each replica
    draws one: units are on with the values as probabilities, 0 and 1 being certain, and hidden units follow p(h | v).
    entropy: with -ln p_k(v, h) + ln p_0(v, h) in the ledger, p exact (at most 20 units together).
    Bits depend on seed and ``cell`` alone, on neither threads nor lanes. progress(share done) is called now and then,
    True shows a bar.
    Raises InputError for bad input, and for "equilibrium" with more than 20 units in both layers.

    Hinton, Neural Comput. 14, 1771 (2002).

    >>> from szilard.networks import machine as machines
    >>> run = gibbs_sweeps(machines.rbm([[3.0], [-2.0]]), [[0, 1]], sweeps=5, replicas=1000, seed=1)
    >>> float(run.ledger.heat.mean(axis=0).sum()) > 0.0
    True
    """
    refuse_request(replicas, seed, threads, 0.0, cell, "ledger", progress)
    refuse_sweeps(sweeps)
    refuse_lanes(lanes)
    if not isinstance(machine, BoltzmannMachine):
        raise InputError("machine", machine, "must be a BoltzmannMachine", "rbm(weights)")
    rows = start_rows(machine, start)
    if rows is None and not machine.countable:
        raise InputError("start", start, "the equilibrium is too large to be counted", "give rows (row, visible)")
    refuse_room("sweeps", f"{sweeps} sweeps", 3 * int(sweeps), "take fewer sweeps")
    before = start_table(machine, start) if entropy else None
    chains = Chains(machine, replicas, seed, cell, lanes=lanes)
    chains.start(machine, rows)
    shown, answers = chains.states()
    with told(progress, "gibbs sweeps") as tell:
        chains.follow(resting_path(machine, sweeps), 1, False, threads, tell)
    chains.books[:, kernels.WORK] = 0.0  # at fixed parameters it is the rounding of energies measured twice
    visible, hidden = chains.states()
    change = None
    if before is not None:
        after, draw = before, Conditionals(machine)
        for _ in range(sweeps):
            after = draw.draw_hidden(draw.draw_visible(after))
        change = np.log(before[_number(shown), _number(answers)] / after[_number(visible), _number(hidden)])
    return GibbsRun(machine, chains.ledger(machine, change), shown, visible, hidden, sweeps, seed)


def start_rows(machine: BoltzmannMachine, start: ArrayLike | str) -> Array | None:
    """The rows, or None for equilibrium; raises InputError for anything else."""
    if isinstance(start, str):
        if start != "equilibrium":
            raise InputError("start", start, 'must be "equilibrium" or rows of units', "name it, or give the data")
        return None
    return states(start, machine.n_visible, "start", grey=True).reshape(-1, machine.n_visible)


def _number(units: Array) -> NDArray[np.int64]:
    """States as numbers, bit i for unit i."""
    return np.asarray(units.astype(np.int64) @ (1 << np.arange(units.shape[1])))
