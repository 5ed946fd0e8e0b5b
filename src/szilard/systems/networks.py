"""A reaction network in a small volume: copy numbers as states, reactions as jumps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from ..discrete import Channel, JumpProcess
from ..errors import InputError, is_whole
from ..markup import table_of_text
from ._checks import MOST_STATES, Array, channel_of, numbers, positive
from ._copy_numbers import Counts, box, drives, falling, log_constants
from .reactions import Reaction

MOST_BOX = 10**8


@dataclass(frozen=True, repr=False)
class Moments:
    r"""mean, sd: of every copy number, (time, species). lost = int_0^t sum_n leaving_n p_n dt: (time,).

    lost is the mean number of reactions that the limits have prevented, and a bound for what they spoil:
    1/2 sum_n |p_n - p_n of the network without limits| <= lost at any time up to t (Munsky and Khammash, J. Chem.
    Phys. 124, 044104 (2006), with the state of a prevented reaction as their absorbing one). It bounds probabilities;
    a mean can be off by more where rare copy numbers are large. At most 1.
    """

    species: tuple[str, ...]
    times: Array
    mean: Array
    sd: Array
    lost: Array

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        last = ", ".join(
            f"{name} = {m:.4g} (sd {s:.3g})"
            for name, m, s in zip(self.species, self.mean[-1], self.sd[-1], strict=True)
        )
        return f"Moments at {self.times.size} times; at {self.times[-1]:g}: {last}; lost <= {self.lost[-1]:.2g}"


class ReactionNetwork:
    r"""e(n) = T sum_i [ln n_i! + n_i (mu_i/T - ln V)],  ln(k+/k-) = [e(n) - e(n + nu) + drive] / T for every reaction.

    Mass action in the volume V (see ``Reaction``) obeys this exactly. e is the FREE energy of copy numbers n (an ideal
    dilute solution), mu_i/T the standard potentials that leave the least sum of drive^2, and drive what the chemostats
    give per reaction; it is zero if the constants obey Wegscheider's conditions. Heat per jump is T ln(k+/k-): it holds
    T times the entropy -ln n! of equal molecules, and is the heat of a calorimeter only up to that and to the internal
    entropy and enthalpy of the molecules, which rates do not tell. Entropy production is complete.

    reactions: reversible; one channel each, of its name. limits: the largest copy number kept, one for all species or a
    mapping; reactions that would exceed one do not happen (``leaving``: the rate at which they would). start: copy
    numbers, a mapping, 0 where absent; then only states that can be reached from it are kept (needed where a
    conservation law splits the box). concentrations: of species held fixed (chemostats). volume: V.
    Attributes: species; states (state, species); process, a JumpProcess; leaving (state,), in 1/time.
    Raises InputError: no reaction, a reaction that changes no copy number, negative limits, unknown species in
    a mapping, more than 1e7 states, or 1e8 combinations to search from start.

    Source: Schmiedl and Seifert, J. Chem. Phys. 126, 044101 (2007); Rao and Esposito, J. Chem. Phys. 149, 245101
    (2018).

    >>> network = ReactionNetwork([Reaction("A <-> B", 2.0, 1.0)], limits=5, start={"A": 5})
    >>> network
    ReactionNetwork: 2 species (A, B), 1 reaction, 6 states
    >>> network.moments({"A": 5}, [0.0, 50.0]).mean.round(6)
    array([[5. , 0. ], [1.666667, 3.333333]])
    """

    def __init__(
        self,
        reactions: Sequence[Reaction],
        *,
        limits: int | Mapping[str, int],
        start: Mapping[str, int] | None = None,
        concentrations: Mapping[str, float] | None = None,
        volume: float = 1.0,
        temperature: float = 1.0,
    ) -> None:
        self.reactions = _several(reactions)
        named = tuple(dict.fromkeys(name for reaction in self.reactions for name in reaction.species))
        held = {name: positive(f"concentrations[{name!r}]", c) for name, c in (concentrations or {}).items()}
        _refuse_unknown("concentrations", held, named)
        self.species = tuple(name for name in named if name not in held)
        self.volume, self.temperature = positive("volume", volume), positive("temperature", temperature)
        used = np.array([[r.reactants.get(name, 0) for name in self.species] for r in self.reactions], dtype=np.int64)
        made = np.array([[r.products.get(name, 0) for name in self.species] for r in self.reactions], dtype=np.int64)
        idle = np.flatnonzero(np.all(used == made, axis=1))
        if idle.size:
            rule = "changes no copy number, so that it is no jump between states"
            raise InputError("reactions", self.reactions[int(idle[0])], rule, "leave it out, or hold fewer species")
        most = self._limits(limits, MOST_STATES if start is None else MOST_BOX)
        self._place = box(used, made, most, None if start is None else self._counts("start", start, most))
        n = int(self._place.max()) + 1
        if n > MOST_STATES:
            raise InputError("limits", f"{n} states", f"must keep at most {MOST_STATES:.0e} states", "lower the limits")
        self.states: Counts = np.stack(np.unravel_index(np.flatnonzero(self._place >= 0), most + 1), axis=1)
        self._most = most
        logs = np.array([log_constants(r, held) for r in self.reactions])
        order = np.stack([used.sum(axis=1), made.sum(axis=1)], axis=1)
        logs += (1.0 - order) * np.log(self.volume)
        drive, potential = drives(logs[:, 0] - logs[:, 1], made - used)
        self.leaving: Array = np.zeros(len(self.states))
        channels = [
            self._channel(r, used[i], made[i], logs[i], float(drive[i]) * self.temperature)
            for i, r in enumerate(self.reactions)
        ]
        free = gammaln(self.states + 1.0).sum(axis=1) + self.states @ potential
        self.process = JumpProcess(self.temperature * (free - free[0]), channels)

    def index(self, counts: Mapping[str, int]) -> int:
        """The number of the state with these copy numbers (0 where absent); InputError if it is not kept."""
        place = int(
            self._place[np.ravel_multi_index(tuple(self._counts("counts", counts, self._most)), self._most + 1)]
        )
        if place < 0:
            raise InputError("counts", dict(counts), "cannot be reached from start", "give another start, or none")
        return place

    def moments(self, initial: Mapping[str, int] | ArrayLike, times: ArrayLike) -> Moments:
        r"""mean_i(t) = sum_n n_i p_n(t), sd_i(t)^2 = sum_n (n_i - mean_i(t))^2 p_n(t), from the master equation.

        initial: copy numbers, or a probability for every state. times: (time,), not decreasing, >= 0. Exact to
        rounding for the network within its limits; what these cut off is bounded by ``lost``.
        Raises InputError for times or probabilities that break these rules.
        """
        from ..discrete.course import Piece
        from ..discrete.evolution import Evolution

        t, p = _times(times), self._initial(initial)[None]
        evolution, energy = Evolution(self.process), self.process.energies()
        mean, sd, lost = np.zeros((t.size, len(self.species))), np.zeros((t.size, len(self.species))), np.zeros(t.size)
        before, left = 0.0, 0.0
        for i, now in enumerate(t.tolist()):
            if now > before:
                p, spent = evolution.advance(Piece(before, now, energy, energy), p, _time_spent)
                left, before = left + max(0.0, float(self.leaving @ spent)), now
            mean[i] = p[0] @ self.states
            sd[i] = np.sqrt(p[0] @ (self.states - mean[i]) ** 2)
            lost[i] = min(1.0, left)
        return Moments(self.species, t, mean, sd, lost)

    def _channel(self, reaction: Reaction, used: Counts, made: Counts, logs: Array, drive: float) -> Channel:
        n, target = self.states, self.states + (made - used)
        able = np.all(n >= used, axis=1)
        inside = able & np.all(target <= self._most, axis=1)
        out = able & ~inside
        self.leaving[out] += np.exp(logs[0] + falling(n[out], used))
        back = np.all(n >= made, axis=1) & np.any(n - (made - used) > self._most, axis=1)
        self.leaving[back] += np.exp(logs[1] + falling(n[back], made))
        start = np.flatnonzero(inside)
        end = self._place[np.ravel_multi_index(tuple(target[start].T), self._most + 1)]
        log_attempt = 0.5 * (logs.sum() + falling(n[start], used) + falling(target[start], made))
        return channel_of(
            len(n), start, end, np.exp(log_attempt), drive if start.size else 0.0,
            temperature=self.temperature, name=reaction.name,
        )  # fmt: skip

    def _limits(self, limits: int | Mapping[str, int], largest: int) -> Counts:
        given = limits if isinstance(limits, Mapping) else dict.fromkeys(self.species, limits)
        _refuse_unknown("limits", given, self.species)
        total = 1
        for name in self.species:
            if name not in given or not is_whole(given[name], 0):
                fix = "limits=100, or a mapping with every species"
                raise InputError(f"limits[{name!r}]", given.get(name), "must be an integer >= 0", fix)
            total *= int(given[name]) + 1
        if total > largest:
            rule = f"{total:.3g} combinations of copy numbers, {largest:.0e} at most"
            raise InputError("limits", dict(given), rule, "lower the limits")
        return np.array([int(given[name]) for name in self.species], dtype=np.int64)

    def _counts(self, field: str, counts: Mapping[str, int], most: Counts) -> Counts:
        if not isinstance(counts, Mapping):
            raise InputError(field, counts, "must be copy numbers by species", f"{field}={{'{self.species[0]}': 3}}")
        _refuse_unknown(field, counts, self.species)
        for name, limit in zip(self.species, most, strict=True):
            if not (is_whole(counts.get(name, 0), 0) and counts.get(name, 0) <= limit):
                rule = f"must be an integer from 0 to its limit {limit}"
                raise InputError(f"{field}[{name!r}]", counts[name], rule, "raise the limit, or change the number")
        return np.array([int(counts.get(name, 0)) for name in self.species], dtype=np.int64)

    def _initial(self, initial: Mapping[str, int] | ArrayLike) -> Array:
        if isinstance(initial, Mapping):
            p = np.zeros(len(self.states))
            p[self.index(initial)] = 1.0
            return p
        p = numbers("initial", initial, (len(self.states),), least=0.0)
        if abs(p.sum() - 1.0) > 1e-9:
            raise InputError("initial", float(p.sum()), "probabilities must add up to 1", "divide by their sum")
        return p

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        s, r = len(self.species), len(self.reactions)
        return (
            f"ReactionNetwork: {s} species ({', '.join(self.species)}), {r} reaction{'s' * (r != 1)}, "
            f"{len(self.states)} states"
        )


def dimerisation(
    binding: float, unbinding: float, monomers: int, *, volume: float = 1.0, temperature: float = 1.0
) -> ReactionNetwork:
    r"""2 A <-> B with n_A + 2 n_B = monomers: k+ = binding n_A (n_A - 1)/V, k- = unbinding n_B.

    Stationary p(n_A, n_B) is proportional to (unbinding V/binding)^{n_A/2} / (n_A! n_B!) (all of them: no truncation).
    binding, unbinding: > 0. monomers: >= 2.
    Source: McQuarrie, J. Appl. Probab. 4, 413 (1967).

    >>> dimerisation(1.0, 2.0, 10)
    ReactionNetwork: 2 species (A, B), 1 reaction, 6 states
    """
    if not is_whole(monomers, 2):
        raise InputError("monomers", monomers, "must be an integer >= 2", "monomers=10, for instance")
    limits, start = {"A": int(monomers), "B": int(monomers) // 2}, {"A": int(monomers)}
    pair = Reaction("2 A <-> B", binding, unbinding)
    return ReactionNetwork([pair], limits=limits, start=start, volume=volume, temperature=temperature)


def _several(reactions: Sequence[Reaction]) -> tuple[Reaction, ...]:
    given = (reactions,) if isinstance(reactions, Reaction) else tuple(reactions)
    if not given or not all(isinstance(r, Reaction) for r in given):
        raise InputError("reactions", reactions, "must be one or several Reaction", 'Reaction("A <-> B", 1.0, 2.0)')
    return given


def _refuse_unknown(field: str, given: Mapping[str, Any], named: tuple[str, ...]) -> None:
    unknown = [name for name in given if name not in named]
    if unknown:
        raise InputError(field, unknown[0], f"must name one of {', '.join(named)}", "check the spelling")


def _time_spent(energy: Array, slope: Array, rates: Array, spent: Array) -> Array:
    return spent


def _times(times: ArrayLike) -> Array:
    found = np.atleast_1d(np.asarray(times, dtype=np.float64))
    if found.ndim != 1 or found.size == 0 or not np.all(np.isfinite(found)) or found[0] < 0.0:
        raise InputError("times", times, "must be one or several finite times >= 0", "times=[0.0, 1.0]")
    if np.any(np.diff(found) < 0.0):
        raise InputError("times", times, "must not decrease", "sort them")
    return found
