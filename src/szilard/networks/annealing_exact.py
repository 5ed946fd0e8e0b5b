"""The same without sampling: mean work and heat along a path of a small machine, from its table of states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from ..errors import InputError
from ..markup import table_of_fields
from .annealing_path import ParameterPath
from .boltzmann_chains import refuse_sweeps
from .boltzmann_tables import MOST_TOGETHER, Conditionals, energy_table, equilibrium_table, refuse_large

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ExactAnnealing:
    """Means over all replicas that there could be, in k_B T0.

    work, heat_visible, heat_hidden; free_energy_change dF; exponential = <e^{-(W - dF)/T}>, 1 by Jarzynski's equality.
    """

    work: float
    heat_visible: float
    heat_hidden: float
    free_energy_change: float
    exponential: float

    @property
    def dissipated(self) -> float:
        """<W> - dF."""
        return self.work - self.free_energy_change

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def exact_annealing(path: ParameterPath, *, sweeps: int = 1, backwards: bool = False) -> ExactAnnealing:
    r"""<W> = sum_t sum_x p_t(x) [E(x; theta_{t+1}) - E(x; theta_t)], p_t the density that the sweeps leave; exact.

    path, sweeps, backwards: as for ``anneal`` with sampled hidden units. Takes 2^(units) numbers per step.
    Raises InputError with more than 20 units together.

    Jarzynski, PRL 78, 2690 (1997).

    >>> from szilard.networks import machine as machines
    >>> from szilard.networks.annealing_path import straight_path
    >>> end = machines.rbm([[1.0, 2.0], [-1.0, 0.5]], temperature=2.0)
    >>> found = exact_annealing(straight_path(end.without_weights(), end, 10))
    >>> round(found.dissipated, 4), round(found.exponential, 12)
    (0.0438, 1.0)
    """
    refuse_sweeps(sweeps)
    if not isinstance(path, ParameterPath):
        raise InputError("path", path, "must be a ParameterPath", "straight_path(start, end, 100)")
    along = path.reversed() if backwards else path
    now = along.machine(0)
    refuse_large(now, MOST_TOGETHER)
    t = along.temperature
    energy = energy_table(now)
    first = energy
    p = equilibrium_table(now)
    tilted = p.copy()
    work = heat_visible = heat_hidden = 0.0
    for step in range(along.steps):
        then = along.machine(step + 1)
        new = energy_table(then)
        at, e = (now, energy) if backwards else (then, new)
        if not backwards:
            work += float(np.sum(p * (new - energy)))
            tilted = tilted * np.exp(-(new - energy) / t)
        draw = Conditionals(at)
        for _ in range(sweeps):
            for layer in ("hidden", "visible") if backwards else ("visible", "hidden"):
                change = draw.draw_visible if layer == "visible" else draw.draw_hidden
                after = change(p)
                released = float(np.sum((p - after) * e))
                heat_visible += released if layer == "visible" else 0.0
                heat_hidden += released if layer == "hidden" else 0.0
                p, tilted = after, change(tilted)
        if backwards:
            work += float(np.sum(p * (new - energy)))
            tilted = tilted * np.exp(-(new - energy) / t)
        now, energy = then, new
    change_of_f = -t * float(logsumexp(-energy / t) - logsumexp(-first / t))
    return ExactAnnealing(work, heat_visible, heat_hidden, change_of_f, float(tilted.sum() * np.exp(change_of_f / t)))
