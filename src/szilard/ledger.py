"""The energy books of every replica: dE = W - Q, checked when the ledger is made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .estimate import Estimate, Sampled
from .markup import table

FIRST_LAW = 1e-10
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ledger:
    """dE = W - Q per replica; dS_tot = ds + sum_r Q_r / T_r.

    heat: (replica, reservoir), > 0 INTO the bath; work: (replica,), > 0 done ON the system;
    energy_change: (replica,); temperatures: (reservoir,); energies in units of k_B T0.
    conditional_entropy_change: -ln p(w_t | told) + ln p(w_0 | told) per replica, where "told" is all that
    steers the replica (labels, order of samples), or None where that density is not known.
    marginal_entropy_change: the same without being told. Both (replica,), in nats.
    gross: (replica,) sum of absolute increments booked, the scale of rounding; default |dE| + |W| + |Q|.
    Raises InputError on a wrong shape, a value that is not finite, or a first law broken by more than 1e-10
    of that scale.

    >>> Ledger([[1.0]], [3.0], [2.0], [1.0]).first_law_residual
    0.0
    """

    heat: Array
    work: Array
    energy_change: Array
    temperatures: Array
    conditional_entropy_change: Array | None = None
    marginal_entropy_change: Array | None = None
    gross: Array | None = None

    def __post_init__(self) -> None:
        for name in ("heat", "work", "energy_change", "temperatures"):
            object.__setattr__(self, name, _frozen(getattr(self, name), name))
        for name in ("conditional_entropy_change", "marginal_entropy_change", "gross"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _frozen(getattr(self, name), name))
        replicas = self.work.shape
        if self.heat.ndim != 2 or self.heat.shape != (*replicas, self.temperatures.size):
            rule = f"must have shape (replica, reservoir) = ({self.work.size}, {self.temperatures.size})"
            raise InputError("heat", self.heat.shape, rule, "book one column per reservoir")
        if self.energy_change.shape != replicas:
            raise InputError("energy_change", self.energy_change.shape, f"must be {replicas}", "one per replica")
        if np.any(self.temperatures <= 0.0):
            raise InputError("temperatures", self.temperatures, "must be > 0", "give them in units of T0")
        residual = self.first_law_residual
        if residual > FIRST_LAW:
            rule = f"dE = W - Q must hold to {FIRST_LAW:g} of the summed absolute terms"
            raise InputError("ledger", f"residual {residual:.3g}", rule, "book heat and work of the same step")

    @property
    def first_law_residual(self) -> float:
        """max over replicas of |dE - W + Q| / (summed absolute terms)."""
        heat = self.heat.sum(axis=1)
        scale = np.abs(self.energy_change) + np.abs(self.work) + np.abs(heat)
        if self.gross is not None:
            scale = np.maximum(scale, self.gross)
        broken = np.abs(self.energy_change - self.work + heat)
        return float(np.max(np.divide(broken, scale, out=np.zeros_like(broken), where=scale > 0), initial=0.0))

    @property
    def system_entropy_change(self) -> Array:
        """The conditional change of system entropy per replica; raises InputError where it is not known."""
        if self.conditional_entropy_change is None:
            rule = "the density of the state is not known per replica for this process"
            raise InputError("system_entropy_change", "None", rule, "use the ensemble's entropy of the run")
        return self.conditional_entropy_change

    @property
    def entropy_flow(self) -> Array:
        """sum_r Q_r / T_r per replica: what the reservoirs gain, in nats."""
        return np.asarray((self.heat / self.temperatures).sum(axis=1))

    @property
    def entropy_production(self) -> Array:
        """ds + sum_r Q_r / T_r per replica (conditional)."""
        return np.asarray(self.system_entropy_change + self.entropy_flow)

    def mean_heat(self) -> Estimate:
        """<Q>, summed over reservoirs."""
        return Sampled.mean(self.heat.sum(axis=1)).estimate()

    def mean_work(self) -> Estimate:
        """<W>."""
        return Sampled.mean(self.work).estimate()

    def _repr_html_(self) -> str:
        baths = range(self.heat.shape[1]) if self.heat.shape[1] > 1 else ()
        each = (
            [f"heat into {r + 1}", repr(Sampled.mean(self.heat[:, r]).estimate()), f"at T = {self.temperatures[r]:g}"]
            for r in baths
        )
        rows = [
            ["heat", repr(self.mean_heat()), "k_B T0, > 0 into the bath"],
            *each,
            ["work", repr(self.mean_work()), "k_B T0, > 0 on the system"],
            ["energy change", repr(Sampled.mean(self.energy_change).estimate()), "k_B T0"],
            ["first law", f"to {self.first_law_residual:.1e}", "of the energies booked, in the worst replica"],
        ]
        if self.conditional_entropy_change is not None:
            rows.insert(-1, ["entropy production", repr(Sampled.mean(self.entropy_production).estimate()), "nat"])
        return table(f"Ledger of {self.work.size} replicas, means over them", rows)

    def __repr__(self) -> str:
        return (
            f"Ledger of {self.work.size} replicas: heat {self.mean_heat()!r}, work {self.mean_work()!r}, "
            f"first law to {self.first_law_residual:.1e}"
        )


def _frozen(values: object, name: str) -> Array:
    array = np.array(values, dtype=np.float64)
    if not np.all(np.isfinite(array)):
        raise InputError(name, "NaN or infinity", "every entry must be finite", "check energies, forces and dt")
    array.flags.writeable = False
    return array
