"""Training a restricted Boltzmann machine by contrastive divergence, with the books of its chains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._kernels import random as streams
from .._kernels import unit_sweeps as kernels
from ..errors import InputError, is_whole, number
from ..ledger import Ledger
from ..markup import table_of_text
from ..progress import Progress, told
from ..request import refuse_request, refuse_room, refuse_size
from .annealing_importance import independent_units
from .annealing_path import ParameterPath
from .boltzmann_chains import Chains, draw_grey, draw_hidden, refuse_sweeps, show
from .machine import BoltzmannMachine, data_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
MAX_BYTES = 2e9
PARAMETERS = ("weights", "visible_bias", "hidden_bias")
COUNTED_OFTEN = 12
"""Units of the smaller layer up to which ln Z is counted along the way."""


@dataclass(frozen=True, eq=False, repr=False)
class RbmTraining:
    r"""A trained machine and what the training did to its chains.

    log_likelihood: mean over the rows of ln pi(v), in nats, after ``looks`` updates (NaN where ln Z is too large to be
    counted). Means over the chains of every update, in k_B T0, (update,): heat of the sweeps; work, by how much the
    parameters change the energy at fixed units; reset, by how much putting the chains back on the data does (0 in the
    first update, which begins there, and where chains persist), which is not work: see ``train_rbm``. energy: at the
    start and after the sweeps of every update, (update + 1,); it changes by work + reset - heat.
    Persistent chains also: ``ledger`` from the start to the end, and ``path``, the parameters of every update, from
    independent units on.
    """

    machine: BoltzmannMachine
    looks: NDArray[np.int64]
    log_likelihood: Array
    heat: Array
    work: Array
    reset: Array
    energy: Array
    ledger: Ledger | None
    path: ParameterPath | None
    sweeps: int
    chains: int
    seed: int

    @property
    def persistent(self) -> bool:
        """Whether chains went on from update to update."""
        return self.ledger is not None

    def plot(self, ax: Axes | None = None) -> Axes:
        """The log-likelihood against updates; where it was not counted, heat, work and resets so far, per chain."""
        from ..plotting import axes_or_new, house_style, lines

        with house_style():
            ax = axes_or_new(ax)
            if np.all(np.isfinite(self.log_likelihood)):
                lines(ax, self.looks, self.log_likelihood, "updates", "log-likelihood per row (nat)")
            else:
                paid = {"heat": self.heat, "work": self.work} | ({} if self.persistent else {"reset": self.reset})
                so_far = np.cumsum([*paid.values()], axis=1)
                label = f"{', '.join(paid)} per chain so far ($k_B T_0$)"
                lines(ax, np.arange(1, self.heat.size + 1), so_far, "updates", label, [*paid])
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        kind = "persistent contrastive divergence" if self.persistent else "contrastive divergence"
        parts = [
            f"RbmTraining: {kind}, {self.heat.size} updates of {self.sweeps} sweeps, {self.chains} chains",
            f"  {self.machine!r}",
        ]
        if np.isfinite(self.log_likelihood[-1]):
            parts.append(f"  ln pi      {self.log_likelihood[0]:.5g} -> {self.log_likelihood[-1]:.5g} nats per row")
        elif self.machine.countable:
            parts.append("  ln pi      not counted on the way; now: trained.machine.log_likelihood(data).mean()")
        else:
            parts.append(
                "  ln pi      not countable; estimate: annealed_importance(trained.machine, ...).log_likelihood(data)"
            )
        parts.append(f"  heat       {self.heat.sum():.5g} k_B T0 per chain, all updates together")
        if self.ledger is not None:
            parts.append(f"  work       {self.ledger.mean_work().value:.5g} k_B T0 per chain")
            parts.append(f"  first law to {self.ledger.first_law_residual:.1e}")
        else:
            moved, put = self.work.sum(), self.reset.sum()
            parts.append(f"  energy     {moved:+.5g} by the parameters, {put:+.5g} by resets to the data")
        return "\n".join(parts)


def train_rbm(
    data: ArrayLike,
    *,
    hidden: int,
    learning_rate: float,
    updates: int,
    seed: int,
    sweeps: int = 1,
    persistent: bool = False,
    chains: int | None = None,
    temperature: float = 1.0,
    spread: float = 0.01,
    machine: BoltzmannMachine | None = None,
    looks: int = 20,
    progress: Progress | bool | None = None,
    cell: str = "",
    max_bytes: float = MAX_BYTES,
) -> RbmTraining:
    r"""dW = (eta / T) [<v h>_data - <v h>_k], da = (eta / T) [<v>_data - <v>_k], db likewise: contrastive divergence.

    <.>_k are means over chains, k = ``sweeps`` Gibbs sweeps from the data (hidden units by their means given the
    visible ones, in both terms), or, persistent, over chains that go on from update to update while the parameters
    move. eta = learning_rate > 0, in (k_B T0)^2. data: (row, visible) in [0, 1]; grey units are drawn afresh in each
    update with their value as probability. chains: how many rows are drawn per update, and how many chains there are;
    where left out all rows are used, one chain each. hidden: units. machine: where to begin; else ``independent_units``
    of the data and weights N(0, spread^2). looks: how often the log-likelihood is counted (both ends included), exact
    where a layer has at most 12 units, of the rows themselves, grey ones drawn once. progress(share done) is called
    each time; True shows a bar.

    What it costs: a persistent chain starts in equilibrium, without weights; each update does the work
    W = E(v, h; theta') - E(v, h; theta) on it, and the sweeps release heat. The ledger books both. Since the update
    depends on where the chains are, this is FEEDBACK: <e^{-(W - dF)/T}> = 1 does not hold for the training chains (by
    an amount that fades with their number), and does for fresh replicas that ``anneal(training.path, ...)`` takes along
    the recorded parameters.
    Without persistent, each update changes the parameters at fixed units (work), puts the chains back on the data and
    sweeps. The heat of the sweeps is < 0 where the data lie lower in energy than what the machine makes of them, but no
    bath is cooled for free. Putting back is the agent's, outside the books: ``reset`` is by how much it changes the
    energy, W_reset - Q_reset, of which neither is known alone. At parameters that stand still it raises the free energy
    <E> - T S of the units by T [D(p_0||pi) - D(p_k||pi)], T times the ``contrastive_gap``; so W_reset >= T gap >= 0 and
    Q_reset >= T [S(p_k) - S(p_0)] on average. Over a whole training the heats of sweeps and resets together are at
    least T [sum of the gaps - S(end) + S(start)], apart from what feedback gives.
    Raises InputError for bad input, parameters that diverge, what memory does not hold, or a path larger than
    max_bytes.

    Hinton, Neural Comput. 14, 1771 (2002): the rule follows the gradient of the gap only approximately, see
    ``contrastive_gap``; persistent: Tieleman, ICML 2008. Feedback: Sagawa and Ueda, PRL 104, 090602 (2010). Least work
    of a change of density: Esposito and Van den Broeck, EPL 95, 40004 (2011).

    >>> data = [[1, 1, 0], [0, 0, 1]] * 10
    >>> training = train_rbm(data, hidden=2, learning_rate=0.5, updates=100, seed=1, spread=0.1)
    >>> bool(training.log_likelihood[-1] > training.log_likelihood[0] + 0.5)
    True
    """
    rows = data_rows(data)
    count = len(rows) if chains is None else chains
    for name, value in (("chains", count), ("updates", updates), ("hidden", hidden), ("looks", looks)):
        if not is_whole(value, 1):
            raise InputError(name, value, "must be an integer >= 1", f"{name}=20, for instance")
    refuse_request(count, seed, None, max_bytes, cell, "ledger", progress)
    refuse_sweeps(sweeps)
    for name, amount, strict in (("learning_rate", learning_rate, True), ("spread", spread, False)):
        if number(name, amount) < 0.0 or (strict and amount == 0.0):
            raise InputError(name, amount, f"must be {'>' if strict else '>='} 0", f"{name}=0.1, for instance")
    _refuse_room(rows.shape[1], hidden, count, chains is not None, updates)
    now = _beginning(rows, hidden, temperature, spread, machine, streams.stream_key(seed, cell))
    if persistent:
        needed = 8.0 * (updates + 2) * (now.weights.size + now.n_visible + now.n_hidden)
        refuse_size("updates", needed, max_bytes, "take fewer updates, or raise max_bytes")
    with told(progress, "train rbm") as tell:
        return _Trainer(rows, now, count, chains is None, sweeps, persistent, seed, cell).run(
            learning_rate, updates, min(looks, updates), tell
        )


def _refuse_room(visible: int, hidden: int, count: int, chosen: bool, updates: int) -> None:
    """Raise InputError where machine, chains or the record of all updates are more than memory holds."""
    h, n = int(hidden), int(count)
    refuse_room("hidden", f"{h} of {visible} visible units", 10 * visible * h, "take fewer hidden units")
    name = "chains" if chosen and n > h else "hidden"
    got = f"{n} chains of {visible} visible and {h} hidden units"
    refuse_room(name, got, 5 * n * (visible + h), "give fewer chains, or take fewer hidden units")
    refuse_room("updates", f"{updates} updates", 10 * int(updates), "take fewer updates")


class _Trainer:
    """Parameters, chains and data of one training."""

    def __init__(
        self,
        rows: Array,
        machine: BoltzmannMachine,
        count: int,
        all_rows: bool,
        sweeps: int,
        persistent: bool,
        seed: int,
        cell: str,
    ) -> None:
        self.rows, self.machine, self.count, self.all_rows = rows, machine, count, all_rows
        self.sweeps, self.persistent, self.seed = sweeps, persistent, seed
        self.key = streams.stream_key(seed, cell + "data")
        self.transposed = np.ascontiguousarray(rows.T)
        # One block holds all chains: the sums over them are then taken in one order.
        self.chains = Chains(machine, count, seed, cell + "chains", lanes=count)
        self.shown = np.empty((machine.n_visible, count))
        self.answers = np.empty((machine.n_hidden, count))
        self.evaluated = np.empty((machine.n_visible, len(rows)))
        draw_grey(self.transposed, 0, 0, streams.stream_key(seed, cell + "evaluated"), self.evaluated)

    def run(self, rate: float, updates: int, looks: int, progress: Progress) -> RbmTraining:
        m = self.machine
        base = m.without_weights()
        recorded = [base, m]
        if self.persistent:
            self.chains.start(base, None)
        when = np.unique(np.linspace(0, updates, looks + 1).round().astype(np.int64))
        seen, (heat, work, reset) = [self._likelihood()], np.zeros((3, updates))
        energy = np.full(updates + 1, self._energy())
        before = base
        for update in range(updates):
            m = self.machine
            self._show(update)
            if not self.persistent:
                moved, put = self._restart(update)
                if update:
                    work[update], reset[update] = moved - energy[update], put - moved
                else:
                    energy[0] = put
            booked = self.chains.books[0].mean(axis=1)
            self._sweep(before if self.persistent else m, m)
            after = self.chains.books[0].mean(axis=1)
            heat[update] = (after - booked)[[kernels.HEAT_VISIBLE, kernels.HEAT_HIDDEN]].sum()
            if self.persistent:
                work[update] = (after - booked)[kernels.WORK]
            energy[update + 1] = after[kernels.ENERGY]
            before, self.machine = m, self._updated(rate)
            if self.persistent:
                recorded.append(self.machine)
            if update + 1 in when:
                seen.append(self._likelihood())
                progress((update + 1) / updates)
        ledger = None
        if self.persistent:
            recorded.pop()  # no chain has lived at the parameters of the last update
            ledger = self.chains.ledger(before)
        path = _recorded(recorded) if self.persistent else None
        return RbmTraining(
            self.machine, when, np.array(seen), heat, work, reset, energy, ledger, path, self.sweeps, self.count,
            self.seed,
        )  # fmt: skip

    def _show(self, update: int) -> None:
        """Rows of data, grey ones drawn afresh."""
        if self.all_rows:
            draw_grey(self.transposed, update, 0, self.key, self.shown)
        else:
            show(self.rows, update, 0, self.key, self.shown)

    def _restart(self, update: int) -> tuple[float, float]:
        """Chains at the data, hidden units given the visible; their mean energy before and after, at the machine."""
        c, v, h = self.chains, self.chains.visible[0], self.chains.hidden[0]
        c.measure(self.machine)
        before = self._energy()
        v[:] = self.shown
        draw_hidden(self.machine, streams.INITIAL, update + 2, 0, c.key, v, h)
        c.measure(self.machine)
        return before, self._energy()

    def _energy(self) -> float:
        """The mean over the chains."""
        return float(self.chains.books[0, kernels.ENERGY].mean())

    def _sweep(self, before: BoltzmannMachine, after: BoltzmannMachine) -> None:
        """The change of parameters, and k sweeps."""
        c = self.chains
        path = (np.stack([getattr(m, x) for m in (before, after)]) for x in PARAMETERS)
        kernels.advance(
            *path, after.temperature, self.sweeps, False, streams.NOISE, c.steps, 0, *c.key, c.visible[0], c.hidden[0],
            c.books[0],
        )  # fmt: skip
        c.steps += 1

    def _updated(self, rate: float) -> BoltzmannMachine:
        """theta + (eta / T) (data - chains)."""
        m, step = self.machine, rate / self.machine.temperature
        told, own = self._correlations(self.shown), self._correlations(self.chains.visible[0])
        moved = [getattr(m, name) + step * (x - y) for name, x, y in zip(PARAMETERS, told, own, strict=True)]
        if not all(np.all(np.isfinite(x)) for x in moved):
            raise InputError("learning_rate", rate, "the parameters diverged", "lower it")
        w, a, b = moved
        return BoltzmannMachine(w, a, b, m.temperature)

    def _correlations(self, visible: Array) -> tuple[Array, Array, Array]:
        """<v h>, <v> and <h>, hidden units by their means."""
        m = self.machine
        kernels.hidden_means(m.weights, m.hidden_bias, m.temperature, visible, self.answers)
        products, v, h = np.empty(m.weights.shape), np.empty(m.n_visible), np.empty(m.n_hidden)
        kernels.correlate(visible, self.answers, products, v, h)
        return products, v, h

    def _likelihood(self) -> float:
        if min(self.machine.n_visible, self.machine.n_hidden) > COUNTED_OFTEN:
            return float("nan")
        return float(np.mean(self.machine.log_likelihood(self.evaluated.T)))


def _beginning(
    rows: Array,
    hidden: int,
    temperature: float,
    spread: float,
    machine: BoltzmannMachine | None,
    key: tuple[np.uint64, np.uint64],
) -> BoltzmannMachine:
    """The machine given, or biases from the data and small random weights."""
    if machine is None:
        base = independent_units(rows, hidden, temperature=temperature)
        drawn = streams.normals(streams.INPUTS, 0, 0, key, base.weights.shape)
        return BoltzmannMachine(spread * drawn, base.visible_bias, base.hidden_bias, base.temperature)
    if not isinstance(machine, BoltzmannMachine) or machine.weights.shape != (rows.shape[1], hidden):
        rule = f"must be a BoltzmannMachine of {rows.shape[1]} visible and {hidden} hidden units"
        raise InputError("machine", repr(machine), rule, "leave it out, or fit data and hidden")
    if machine.temperature != temperature:
        raise InputError("temperature", temperature, f"the machine has {machine.temperature}", "give the same")
    return machine


def _recorded(machines: list[BoltzmannMachine]) -> ParameterPath:
    w, a, b = (np.stack([getattr(m, x) for m in machines]) for x in PARAMETERS)
    return ParameterPath(w, a, b, np.arange(float(len(machines))), machines[0].temperature)
