"""A Markov jump process whose rates obey local detailed balance by construction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

from ..errors import InputError, is_number
from ..markup import table
from .channel import Channel

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Energy = Callable[[float], ArrayLike]


@dataclass(frozen=True)
class Edges:
    """Every possible jump, once per direction and channel, in the order of its source.

    The rate is attempt e^x, or attempt / (1 + e^-x) for a heat bath, with
    x = pull energy[source] + push energy[target] + offset, so that x is linear in the energies.
    """

    source: Index
    target: Index
    channel: Index
    reverse: Index
    attempt: Array
    drive: Array
    offset: Array
    first: Index
    """Jumps out of state x are first[x] .. first[x + 1] - 1."""


def jump_process(given: object) -> JumpProcess:
    """The argument, if it is a JumpProcess; raises InputError that says what to pass else."""
    if isinstance(given, JumpProcess):
        return given
    inner = isinstance(getattr(given, "process", None), JumpProcess)
    fix = "pass its .process" if inner else "sz.JumpProcess(energy, channels), or one of sz.systems"
    raise InputError("process", given, "must be a JumpProcess", fix)


class JumpProcess:
    r"""dp_x/dt = sum_x' [k[x, x'] p_x' - k[x', x] p_x],  ln(k[x, x'] / k[x', x]) = q[x, x'] / T per channel.

    energy: (n,), in k_B T0, or a function of the control lambda that returns one. channels: one or several
    ``Channel`` of n states, each a reservoir of its own; their names must differ. Heat into the bath per jump
    x' -> x: q[x, x'] = energy[x'] - energy[x] + drive[x, x']. The energy follows a protocol: it is evaluated at
    the protocol's nodes and interpolated linearly in time between them.
    Raises InputError for shapes that do not fit, energies that are not finite, or rates beyond floating point.

    >>> ring = JumpProcess([0.0, 0.5], Channel([[0, 1], [1, 0]], kinetics="heat_bath", temperature=2.0))
    >>> ring
    JumpProcess: 2 states, 1 reservoir (bath, T = 2, heat_bath, 1 pair), not driven
    >>> ring.generator().toarray().sum(axis=0)
    array([0., 0.])
    """

    def __init__(self, energy: ArrayLike | Energy, channels: Channel | Sequence[Channel]) -> None:
        given = (channels,) if isinstance(channels, Channel) else channels
        if not isinstance(given, Sequence) or not given or not all(isinstance(c, Channel) for c in given):
            raise InputError("channels", channels, "must be one or several Channel", "sz.Channel(attempt)")
        if len({c.name for c in given}) < len(given):
            names = [c.name for c in given]
            raise InputError("channels", names, "names must differ", 'name="hot" and name="cold", for instance')
        sizes = [c.n_states for c in given]
        if len(set(sizes)) > 1:
            raise InputError("channels", sizes, "must have the same number of states", "pad with zeros")
        if sizes[0] == 0:
            raise InputError("channels", "no state", "a system has at least one state", "give an (n, n) attempt")
        self.channels = tuple(given)
        self.n_states = sizes[0]
        self.temperatures: Array = np.array([c.temperature for c in given])
        self.reservoirs = tuple(c.name for c in given)
        self._energy = energy if callable(energy) else self._checked(energy, None)
        self._pull = np.array([(0.5 if c.kinetics == "symmetric" else 1.0) / c.temperature for c in given])
        self._push = np.where([c.kinetics == "arrhenius" for c in given], 0.0, -self._pull)
        self.logistic: NDArray[np.bool_] = np.array([c.kinetics == "heat_bath" for c in given])
        self.edges = self._joined()

    @property
    def controlled(self) -> bool:
        """Whether the energy is a function of the control."""
        return callable(self._energy)

    @property
    def driven(self) -> bool:
        """Whether an agent gives energy in any jump."""
        return bool(np.any(self.edges.drive != 0.0))

    def energies(self, control: float | None = None) -> Array:
        """energy[x] in k_B T0 at this control: (n,)."""
        if callable(self._energy):
            if control is None:
                fix = "pass control= here, or protocol=sz.Protocol(times, values) to a verb that runs in time"
                raise InputError("control", None, "the energy of this process is a function of the control", fix)
            if not is_number(control):
                raise InputError("control", control, "must be a finite number", "one value of the control at a time")
            return self._checked(self._energy(float(control)), control)
        if control is not None:
            fix = "leave it out, or give the energy as a function of the control"
            raise InputError("control", control, "the energy of this process does not depend on a control", fix)
        return np.asarray(self._energy)

    def exponents(self, energy: Array) -> Array:
        """x of every jump at these energies (see ``Edges``): (edge,)."""
        e = self.edges
        return np.asarray(
            self._pull[e.channel] * energy[e.source] + self._push[e.channel] * energy[e.target] + e.offset
        )

    def jump_rates(self, energy: Array) -> Array:
        """The rate of every jump at these energies, in 1/time: (edge,). Raises InputError if one is 0 or infinite."""
        e = self.edges
        x = self.exponents(energy)
        logistic = self.logistic[e.channel]
        with np.errstate(over="ignore", under="ignore"):
            rates = e.attempt * np.where(logistic, expit(x), np.exp(np.where(logistic, 0.0, x)))
        wrong = ~(np.isfinite(rates) & (rates > 0.0))
        if wrong.any():
            i = int(np.flatnonzero(wrong)[0])
            name = f"rate of {e.source[i]} -> {e.target[i]} ({self.reservoirs[e.channel[i]]})"
            rule = "is beyond floating point, though a jump and its reverse both have a rate > 0"
            raise InputError(name, float(rates[i]), rule, "make the energies or the drive smaller, or T larger")
        return np.asarray(rates)

    def jump_heat(self, energy: Array) -> Array:
        """q = energy[source] - energy[target] + drive, into the jump's own reservoir, in k_B T0: (edge,)."""
        e = self.edges
        return np.asarray(energy[e.source] - energy[e.target] + e.drive)

    def generator(self, control: float | None = None) -> sparse.csc_array:
        """L[x, x'] = k[x, x'] summed over channels, L[x, x] = -sum of rates out of x: (n, n), columns sum to 0."""
        return self.generator_of(self.jump_rates(self.energies(control)))

    def generator_of(self, rates: Array) -> sparse.csc_array:
        """The generator with these rates per jump."""
        e, n = self.edges, self.n_states
        states = np.arange(n)
        out = np.bincount(e.source, weights=rates, minlength=n)
        values = np.concatenate([rates, -out])
        places = (np.concatenate([e.target, states]), np.concatenate([e.source, states]))
        return sparse.csc_array(sparse.coo_array((values, places), shape=(n, n)))

    def components(self) -> Index:
        """The number of the connected part that each state belongs to: (n,)."""
        e, n = self.edges, self.n_states
        graph = sparse.coo_array((np.ones(e.source.size), (e.target, e.source)), shape=(n, n))
        return np.asarray(connected_components(sparse.csr_array(graph), directed=False)[1], dtype=np.int64)

    def _joined(self) -> Edges:
        source, target, channel, attempt, drive, offset, partner = [], [], [], [], [], [], []
        count = 0
        for r, c in enumerate(self.channels):
            p, m = c.pairs, c.pairs.attempt.size
            pull = 0.5 / c.temperature if c.kinetics == "symmetric" else 1.0 / c.temperature
            forth, back = (p.load, 1.0 - p.load) if c.kinetics == "arrhenius" else (1.0, 1.0)
            source += [p.lower, p.upper]
            target += [p.upper, p.lower]
            channel += [np.full(2 * m, r)]
            attempt += [p.attempt, p.attempt]
            drive += [p.drive, -p.drive]
            offset += [pull * forth * p.drive, -pull * back * p.drive]
            partner += [count + m + np.arange(m), count + np.arange(m)]
            count += 2 * m
        sources, targets, channels = (np.concatenate(column) for column in (source, target, channel))
        order = np.lexsort((channels, targets, sources))
        place = np.empty(count, dtype=np.int64)
        place[order] = np.arange(count)
        sources = sources[order].astype(np.int64)
        return Edges(
            source=sources,
            target=targets[order].astype(np.int64),
            channel=channels[order].astype(np.int64),
            reverse=place[np.concatenate(partner)[order].astype(np.int64)],
            attempt=np.concatenate(attempt)[order],
            drive=np.concatenate(drive)[order],
            offset=np.concatenate(offset)[order],
            first=np.searchsorted(sources, np.arange(self.n_states + 1)).astype(np.int64),
        )

    def _checked(self, energy: Any, control: float | None) -> Array:
        name = "energy" if control is None else f"energy({control:g})"
        try:
            if np.iscomplexobj(energy):
                raise TypeError
            values = np.array(energy, dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(name, energy, f"must be {self.n_states} numbers", "return one energy per state") from None
        if values.shape != (self.n_states,):
            raise InputError(name, values.shape, f"must have shape ({self.n_states},)", "one energy per state")
        if not np.all(np.isfinite(values)):
            x = int(np.flatnonzero(~np.isfinite(values))[0])
            fix = "leave a forbidden state out of the channel (attempt zero)"
            raise InputError(f"{name}[{x}]", float(values[x]), "must be finite", fix)
        values.flags.writeable = False
        return values

    def _repr_html_(self) -> str:
        rows = [[c.name, f"{c.temperature:g}", c.kinetics, f"{c.pairs.attempt.size}"] for c in self.channels]
        n, r = self.n_states, len(rows)
        size = f"{n} state{'s' * (n != 1)}, {r} reservoir{'s' * (r != 1)}"
        return table(f"JumpProcess: {size}, {self._kinds}", rows, ("reservoir", "T", "kinetics", "pairs of states"))

    @property
    def _kinds(self) -> str:
        kinds = [word for word, so in (("manipulated", self.controlled), ("driven", self.driven)) if so]
        return " and ".join(kinds) or "not driven"

    def __repr__(self) -> str:
        baths = "; ".join(
            f"{c.name}, T = {c.temperature:g}, {c.kinetics}, {c.pairs.attempt.size} "
            f"pair{'s' * (c.pairs.attempt.size != 1)}"
            for c in self.channels
        )
        n, r = self.n_states, len(self.channels)
        return f"JumpProcess: {n} state{'s' * (n != 1)}, {r} reservoir{'s' * (r != 1)} ({baths}), {self._kinds}"
