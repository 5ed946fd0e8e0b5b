"""Hopfield's network: binary units that remember patterns, in contact with a bath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..discrete import Channel, JumpProcess
from ..errors import InputError, is_number
from ..estimate import numbers
from ..markup import table_of_text
from .couplings import hebb_couplings, signs

if TYPE_CHECKING:
    from .recall import Recall

Array = NDArray[np.float64]
MOST_UNITS = 16
ROUNDING = 1e-14


@dataclass(frozen=True, eq=False, repr=False)
class Hopfield:
    r"""h_i = sum_j J_ij s_j; s_i -> -s_i at the rate attempt / (1 + e^{-q/T}), heat into the bath q = -2 s_i h_i.

    J = S + A: the symmetric part has the energy E = -s S s/2; the antisymmetric part A, which no energy explains,
    drives: a flip takes the work -2 s_i (A s)_i. With A = 0 the network relaxes to e^{-E/T}/Z; with A != 0 it never
    rests, and its upkeep is heat. patterns: (pattern, unit) of +-1; couplings J: (unit, unit), J_ii = 0, in k_B T0;
    temperature > 0 in T0; attempt > 0: how often each unit is tried, in 1/time. Made by ``hopfield``.
    Raises InputError for patterns other than +-1, couplings of another shape, not finite or with a diagonal.

    Source: Hopfield, Proc. Natl. Acad. Sci. USA 79, 2554 (1982); Glauber, J. Math. Phys. 4, 294 (1963).
    """

    patterns: Array
    couplings: Array
    temperature: float = 1.0
    attempt: float = 1.0

    def __post_init__(self) -> None:
        patterns, couplings = (
            signs(self.patterns, "patterns"),
            np.ascontiguousarray(numbers(self.couplings, "couplings")),
        )
        n = patterns.shape[1]
        if couplings.shape != (n, n):
            raise InputError("couplings", couplings.shape, f"must be ({n}, {n})", "J[i, j] acts from unit j on unit i")
        if not np.all(np.isfinite(couplings)):
            raise InputError("couplings", "NaN or infinity", "must be finite", "replace these values")
        if np.any(np.diagonal(couplings) != 0.0):
            raise InputError("couplings", np.diagonal(couplings).max(), "J_ii must be 0", "np.fill_diagonal(J, 0)")
        for name in ("temperature", "attempt"):
            value = getattr(self, name)
            if not (is_number(value) and value > 0.0):
                raise InputError(name, value, "must be a finite number > 0", "give a positive number")
        for name, value in (("patterns", patterns.copy()), ("couplings", couplings.copy())):
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    @property
    def n_units(self) -> int:
        """N."""
        return int(self.patterns.shape[1])

    @property
    def n_patterns(self) -> int:
        """P."""
        return int(self.patterns.shape[0])

    @property
    def load(self) -> float:
        """P / N."""
        return self.n_patterns / self.n_units

    @cached_property
    def symmetric(self) -> Array:
        """S = (J + J^T)/2, the part with an energy: (unit, unit)."""
        return np.ascontiguousarray(0.5 * (self.couplings + self.couplings.T))

    @cached_property
    def driving(self) -> Array:
        """A = (J - J^T)/2, the part without one: (unit, unit); (0, 0) where J is symmetric to rounding."""
        half = 0.5 * (self.couplings - self.couplings.T)
        if np.abs(half).max() <= ROUNDING * np.abs(self.couplings).max():
            return np.empty((0, 0))
        return np.ascontiguousarray(half)

    @property
    def reciprocal(self) -> bool:
        """Whether units act on each other alike: detailed balance, no upkeep."""
        return self.driving.size == 0

    @cached_property
    def hebbian(self) -> bool:
        """Whether the couplings are Hebb's, neither thinned out nor noisy nor driven: those of mean-field theory."""
        apart = np.abs(self.couplings - hebb_couplings(self.patterns)).max()
        return bool(apart <= ROUNDING * max(1.0, self.load))

    def energy(self, states: ArrayLike) -> Array:
        """E = -s S s/2 of (state, unit) of +-1: (state,), in k_B T0.

        >>> hopfield([[1, 1]]).energy([[1, 1], [1, -1]])
        array([-0.5,  0.5])
        """
        s = self._states(states)
        return np.asarray(-0.5 * np.einsum("ri,ij,rj->r", s, self.symmetric, s, optimize=True))

    def overlaps(self, states: ArrayLike) -> Array:
        """m^mu = (1/N) sum_i xi_i^mu s_i of (state, unit) of +-1: (state, pattern).

        >>> hopfield([[1, 1]]).overlaps([[1, 1], [1, -1]]).T
        array([[1., 0.]])
        """
        return np.asarray(self._states(states) @ self.patterns.T / self.n_units)

    @property
    def configurations(self) -> Array:
        """All 2^N states in the order of ``process``: unit i is +1 where bit i of the number is set. (state, unit)."""
        return np.asarray(2.0 * ((np.arange(2**self.n_units)[:, None] >> np.arange(self.n_units)) & 1) - 1.0)

    @cached_property
    def process(self) -> JumpProcess:
        """The same network as a jump process of all 2^N states, for every exact tool; N <= 16, else InputError.

        >>> hopfield([[1, 1, -1]]).process
        JumpProcess: 8 states, 1 reservoir (bath, T = 1, heat_bath, 12 pairs), not driven
        """
        from scipy import sparse

        n = self.n_units
        if n > MOST_UNITS:
            raise InputError(
                "n_units", n, f"2^N states are too many beyond N = {MOST_UNITS}", "use .recall, which samples"
            )
        s = self.configurations
        states = np.arange(2**n)
        flipped = states[:, None] ^ (1 << np.arange(n))
        places = (flipped.ravel(), np.repeat(states, n))
        tries = sparse.coo_array((np.full(states.size * n, self.attempt), places), shape=(2**n, 2**n))
        drive = None
        if not self.reciprocal:
            work = -2.0 * s * (s @ self.driving.T)
            drive = sparse.coo_array((work.ravel(), places), shape=(2**n, 2**n))
        channel = Channel(tries, drive, temperature=self.temperature, kinetics="heat_bath")
        return JumpProcess(self.energy(s), channel)

    def recall(
        self,
        duration: float,
        *,
        replicas: int,
        seed: int,
        cue: int | Literal["each"] = 0,
        wrong: float = 0.0,
        initial: ArrayLike | None = None,
        times: Sequence[float] | None = None,
        threads: int | None = None,
        cell: str = "",
    ) -> Recall:
        r"""Replicas from a noisy cue on: overlaps, energy, heat and work of each, exact in continuous time.

        cue: the number of the pattern shown, or "each": replica r is shown pattern r mod P. wrong: each unit of the cue
        is turned with this probability, so that the overlap starts at 1 - 2 wrong on average. initial: (unit,) or
        (replica, unit) of +-1 instead of that. times: when to look, increasing within [0, duration]; the start and the
        end are always looked at (for a curve give np.linspace(0, duration, 51)). Neither threads nor how replicas are
        cut into blocks changes a bit, nor does looking.
        Raises InputError for bad input, or more than 2e9 bytes of results.

        >>> net = hopfield([[1, -1] * 20], temperature=0.4)
        >>> net.recall(20.0, replicas=1000, seed=1, wrong=0.1).retrieved.value > 0.97
        True
        """
        from .recall import recalled

        return recalled(
            self, duration, replicas=replicas, seed=seed, cue=cue, wrong=wrong, initial=initial, times=times,
            threads=threads, cell=cell,
        )  # fmt: skip

    def _states(self, states: ArrayLike) -> Array:
        s = signs(states, "states")
        if s.shape[1] != self.n_units:
            raise InputError("states", s.shape, f"must be (state, {self.n_units})", "one row per state")
        return s

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        kind = "reciprocal" if self.reciprocal else "not reciprocal"
        return f"Hopfield: {self.n_units} units, {self.n_patterns} patterns, T = {self.temperature:g}, {kind}"


def hopfield(
    patterns: ArrayLike,
    *,
    temperature: float = 1.0,
    attempt: float = 1.0,
    connectivity: float = 1.0,
    reciprocal: bool = True,
    noise: float = 0.0,
    sequence: float = 0.0,
    seed: int | None = None,
) -> Hopfield:
    r"""J_ij = c_ij / (c N) sum_mu (xi_i^mu + sequence xi_i^{mu+1}) xi_j^mu + noise z_ij / sqrt(N), J_ii = 0.

    Hebb's couplings of P patterns, (pattern, unit) of +-1, in k_B T0. connectivity c: each coupling is kept with this
    probability. noise: standard deviation of sqrt(N) J_ij from normal z_ij; synapses that store by Hebb's force nu
    in a well of stiffness k at temperature T have noise = sqrt(k T)/nu: see ``storage_price``. reciprocal: c_ij = c_ji
    and z_ij = z_ji; False draws them apart, and the network is driven. sequence: how strongly each pattern calls the
    next, in a circle, which drives too (P >= 3). seed: of c and z.
    temperature > 0 in T0, attempt > 0 in 1/time. Raises InputError for bad input, or N^2 couplings that memory does not
    hold.

    Sources: Hopfield, Proc. Natl. Acad. Sci. USA 79, 2554 (1982); Derrida, Gardner and Zippelius, Europhys. Lett. 4,
    167 (1987), dilution; Sompolinsky and Kanter, Phys. Rev. Lett. 57, 2861 (1986), sequences.

    >>> hopfield([[1, 1, 1, -1], [1, -1, 1, 1], [-1, 1, 1, 1]], sequence=0.5)
    Hopfield: 4 units, 3 patterns, T = 1, not reciprocal
    """
    xi = signs(patterns, "patterns")
    J = hebb_couplings(xi, connectivity=connectivity, reciprocal=reciprocal, noise=noise, sequence=sequence, seed=seed)
    return Hopfield(xi, J, temperature, attempt)
