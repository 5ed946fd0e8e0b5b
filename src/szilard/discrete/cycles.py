"""What drives a process out of equilibrium: the affinities of its cycles, and whether they all vanish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order

from ..errors import InputError
from ..markup import table_of_text
from .process import Index, JumpProcess, jump_process

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)


@dataclass(frozen=True, repr=False)
class Cycle:
    """states[i] -> states[i + 1] through channels[i], the last one back to the first.

    affinity: sum of q / T, in nats. tolerance: what rounding alone can make of it. jumps: their places in
    process.edges.
    """

    states: tuple[int, ...]
    channels: tuple[str, ...]
    affinity: float
    tolerance: float
    jumps: tuple[int, ...]

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        shown = [*self.states, self.states[0]]
        way = " -> ".join(map(str, shown if len(shown) <= 12 else [*shown[:6], "...", *shown[-5:]]))
        names = ", ".join(dict.fromkeys(self.channels))
        return f"Cycle {way} ({names}), affinity {self.affinity:.6g}"


@dataclass(frozen=True, repr=False)
class CycleAffinities:
    """The fundamental cycles, one per chord of the spanning forest: ``affinity`` and ``tolerance``, (cycle,).

    Item i is the ``Cycle`` itself, made when asked for. source, target, chord: the jump, as a place in process.edges,
    that belongs to this cycle alone, and its states, source < target: the cycle runs along it.
    """

    affinity: Array
    tolerance: Array
    chord: Index
    source: Index
    target: Index
    _parent: Index
    _depth: Index
    _up: Index
    _reverse: Index
    _channels: tuple[str, ...]
    _channel: Index
    _rates: Array

    def __len__(self) -> int:
        return self.chord.size

    @overload
    def __getitem__(self, i: int) -> Cycle: ...
    @overload
    def __getitem__(self, i: slice) -> list[Cycle]: ...
    def __getitem__(self, i: int | slice) -> Cycle | list[Cycle]:
        """The cycle along the chord and back through the forest, from its lowest state on."""
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        back, forth = [int(self.target[i])], [int(self.source[i])]
        while back[-1] != forth[-1]:
            deeper = back if self._depth[back[-1]] >= self._depth[forth[-1]] else forth
            deeper.append(int(self._parent[deeper[-1]]))
        states = back[:-1] + forth[::-1]
        jumps = [*self._up[back[:-1]], *self._reverse[self._up[forth[-2::-1]]], self.chord[i]]
        first = states.index(min(states))
        states, jumps = states[first:] + states[:first], jumps[first:] + jumps[:first]
        names = tuple(self._channels[self._channel[jump]] for jump in jumps)
        return Cycle(tuple(states), names, float(self.affinity[i]), float(self.tolerance[i]), tuple(map(int, jumps)))

    def __iter__(self) -> Iterator[Cycle]:
        return (self[i] for i in range(len(self)))

    def currents(self, p: ArrayLike) -> Array:
        """The net current along every chord when p (n,) is the distribution: (cycle,), in 1/time.

        In the stationary state they are the conjugate currents: the entropy production is sum affinity current.
        """
        weights = np.asarray(p, dtype=np.float64)
        if weights.shape != self._parent.shape:
            raise InputError("p", weights.shape, f"must have shape {self._parent.shape}", "one probability per state")
        back = self._rates[self._reverse[self.chord]] * weights[self.target]
        return np.asarray(self._rates[self.chord] * weights[self.source] - back)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        n = len(self)
        text = f"CycleAffinities: {n} cycle{'s' * (n != 1)}"
        return text + (f", largest affinity {float(np.abs(self.affinity).max()):.6g} nats" if n else "")


@dataclass(frozen=True, repr=False)
class DetailedBalance:
    """Whether every cycle's affinity is zero to rounding; true or false as a truth value.

    worst: the cycle of the largest affinity, among those beyond rounding if there are any; None without cycles.
    potential: ln p within each part of the process, largest value 0 per part, along the forest: (n,).
    """

    holds: bool
    worst: Cycle | None
    potential: Array
    parts: Index

    def __bool__(self) -> bool:
        return self.holds

    @property
    def affinity(self) -> float:
        """The affinity of the worst cycle, in nats; 0 without cycles."""
        return 0.0 if self.worst is None else self.worst.affinity

    @property
    def equilibrium(self) -> Array:
        """p with no current anywhere: (n,). Raises InputError where none exists, or where it is not the only one."""
        if not self.holds:
            fix = "take sz.stationary(process): the state it settles in has currents"
            raise InputError("process", repr(self.worst), "has no equilibrium: this cycle is driven", fix)
        if self.parts.max() > 0:
            rule = f"falls apart into {int(self.parts.max()) + 1} parts, which share out p as they start"
            raise InputError("process", f"{self.parts.size} states", rule, "normalise exp(potential) within each part")
        p = np.exp(self.potential)
        return np.asarray(p / p.sum())

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        if self.holds:
            return "DetailedBalance: holds" + (" (no cycle)" if self.worst is None else "")
        return f"DetailedBalance: broken by {self.worst!r}"


def cycle_affinities(process: JumpProcess, control: float | None = None) -> CycleAffinities:
    r"""A_c = sum over the cycle of ln(k / k_rev) = sum of q / T, in nats.

    One cycle per jump outside a spanning forest, whose edges are the pairs per channel: two channels on one pair
    make a cycle of two states, driven by their temperatures. The forest grows breadth-first from the lowest state
    of every part, along the first channel of a pair, so that it is always the same. Affinities are differences of
    potentials along it: energies cancel exactly where only one temperature enters.
    Raises InputError if a rate is beyond floating point, or the control is missing.

    Schnakenberg, Rev. Mod. Phys. 48, 571 (1976).

    >>> from szilard.discrete import Channel
    >>> hot, cold = (Channel([[0, 1], [1, 0]], temperature=t, name=n) for t, n in ((2.0, "hot"), (1.0, "cold")))
    >>> cycle_affinities(JumpProcess([0.0, 1.0], [hot, cold]))[0]
    Cycle 0 -> 1 -> 0 (cold, hot), affinity -0.5
    """
    return _forest(process, control)[0]


def detailed_balance(process: JumpProcess, control: float | None = None) -> DetailedBalance:
    r"""prod k = prod k_rev around every cycle (Kolmogorov's criterion): all affinities are zero.

    Zero means below the rounding of the energies and drives that make up the cycle.
    Raises InputError as ``cycle_affinities`` does.

    Kolmogorov, Math. Ann. 112, 155 (1936); Kelly, Reversibility and Stochastic Networks (1979), section 1.5.

    >>> from szilard.discrete import Channel
    >>> pair = detailed_balance(JumpProcess([0.0, 1.0], Channel([[0, 1], [1, 0]], temperature=0.5)))
    >>> bool(pair), pair.equilibrium.round(6)
    (True, array([0.880797, 0.119203]))
    """
    cycles, potential = _forest(process, control)
    excess = np.abs(cycles.affinity) - cycles.tolerance
    broken = np.flatnonzero(excess > 0.0)
    among = broken if broken.size else np.arange(len(cycles))
    worst = cycles[int(among[np.argmax(np.abs(cycles.affinity[among]))])] if among.size else None
    parts = process.components()
    top = np.full(int(parts.max()) + 1, -np.inf)
    np.maximum.at(top, parts, potential)
    return DetailedBalance(not broken.size, worst, potential - top[parts], parts)


def _forest(process: JumpProcess, control: float | None) -> tuple[CycleAffinities, Array]:
    """The cycles, and ln p along the forest."""
    energy = jump_process(process).energies(control)
    rates, e, n = process.jump_rates(energy), process.edges, process.n_states
    parent, up = _spanning(process)
    beta = 1.0 / process.temperatures[e.channel]
    shared = 1.0 / process.temperatures[0]
    push = (beta - shared) * (energy[e.source] - energy[e.target]) + beta * e.drive
    size = beta * (np.abs(energy[e.source]) + np.abs(energy[e.target]) + np.abs(e.drive))
    rooted = np.flatnonzero(up >= 0)
    sums = np.zeros((3, n))
    sums[:, rooted] = np.array([-push[up[rooted]], size[up[rooted]], np.ones(rooted.size)])
    climbed = parent.copy()
    doublings = 1
    while np.any(climbed != climbed[climbed]):
        sums += sums[:, climbed]
        climbed = climbed[climbed]
        doublings += 1
    potential, path, depth = sums
    chords = (e.source < e.target) & ~_in(up, e.source.size) & ~_in(e.reverse[up[rooted]], e.source.size)
    chord = np.flatnonzero(chords)
    s, t = e.source[chord], e.target[chord]
    cycles = CycleAffinities(
        affinity=push[chord] - (potential[t] - potential[s]),
        tolerance=(4 + doublings) * EPS * (size[chord] + path[s] + path[t]),
        chord=chord,
        source=s,
        target=t,
        _parent=parent,
        _depth=np.rint(depth).astype(np.int64),
        _up=up,
        _reverse=e.reverse,
        _channels=process.reservoirs,
        _channel=e.channel,
        _rates=rates,
    )
    return cycles, potential - shared * energy


def _in(places: Index, size: int) -> NDArray[np.bool_]:
    found = np.zeros(size, dtype=bool)
    found[places[places >= 0]] = True
    return found


def _spanning(process: JumpProcess) -> tuple[Index, Index]:
    """Parent of every state, itself at a root, and the jump to the parent by the first channel, -1 at a root."""
    e, n = process.edges, process.n_states
    _, roots = np.unique(process.components(), return_index=True)
    rows = np.concatenate([e.source, np.full(roots.size, n)])
    columns = np.concatenate([e.target, roots])
    graph = sparse.csr_array(sparse.coo_array((np.ones(rows.size), (rows, columns)), shape=(n + 1, n + 1)))
    _, before = breadth_first_order(graph, n, directed=True)
    parent = before[:n].astype(np.int64)
    inner = np.flatnonzero(parent != n)
    parent[parent == n] = np.flatnonzero(parent == n)
    up = np.full(n, -1, dtype=np.int64)
    up[inner] = np.searchsorted(e.source * n + e.target, inner * n + parent[inner])
    return parent, up
