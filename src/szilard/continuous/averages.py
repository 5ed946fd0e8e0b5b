"""Exact averages over all trajectories: heat, work, entropy production and its two parts."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, log10

import numpy as np
from numpy.typing import NDArray

from ..markup import table

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Energetics:
    """<dE> = W - sum_r Q_r and dS_tot = dS + sum_r Q_r / T_r = adiabatic + nonadiabatic, means over trajectories.

    heat (reservoir,), > 0 into the bath; work > 0 on the system, of the protocol and of the force that no energy
    explains; energy_change; in k_B T0. system_entropy_change, entropy_production, adiabatic (what it costs to keep the
    stationary state of every moment; None where there is none), nonadiabatic (what it costs not to be in it); in nats.
    error: what the method leaves unknown of any of them (rounding, or the spacing of a lattice). There is no activity:
    a diffusing particle turns round infinitely often. gross: the sum of absolute energies that were added up.
    """

    heat: Array
    work: float
    energy_change: float
    system_entropy_change: float
    entropy_production: float
    adiabatic: float | None
    nonadiabatic: float | None
    error: float
    gross: float
    reservoirs: tuple[str, ...]
    method: str

    @property
    def first_law_residual(self) -> float:
        """|dE - W + Q| / gross."""
        broken = abs(self.energy_change - self.work + float(self.heat.sum()))
        return broken / self.gross if self.gross > 0.0 else broken

    def _shown(self, value: float) -> str:
        known = 0.0 < self.error < inf
        return f"{round(float(value), -ceil(log10(self.error))) + 0.0 if known else value:.9g}"

    def _repr_html_(self) -> str:
        named = [
            (f"heat {name}", q, "k_B T0, > 0 into the bath") for name, q in zip(self.reservoirs, self.heat, strict=True)
        ]
        named += [("work", self.work, "k_B T0, > 0 on the system"), ("energy change", self.energy_change, "k_B T0")]
        named += [("entropy production", self.entropy_production, "nat")]
        if self.adiabatic is not None and self.nonadiabatic is not None:
            named += [
                ("adiabatic", self.adiabatic, "nat"),
                ("nonadiabatic", self.nonadiabatic, "nat"),
            ]
        rows = [[name, self._shown(value), unit] for name, value, unit in named]
        return table(f"Energetics, exact means ({self.method})", [*rows, ["error", f"{self.error:.1g}", ""]])

    def __repr__(self) -> str:
        shown = self._shown
        heat = ", ".join(f"{name} {shown(q)}" for name, q in zip(self.reservoirs, self.heat, strict=True))
        split = ""
        if self.adiabatic is not None and self.nonadiabatic is not None:
            split = f" = adiabatic {shown(self.adiabatic)} + nonadiabatic {shown(self.nonadiabatic)}"
        return (
            f"Energetics ({self.method}): heat ({heat}), work {shown(self.work)}, "
            f"energy change {shown(self.energy_change)}; "
            f"entropy production {shown(self.entropy_production)}{split}; error {self.error:.1g}"
        )
