"""The entropy that a few Gibbs sweeps from the data produce: what contrastive divergence is named after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr, rel_entr

from ..check import BoundCheck
from ..errors import InputError
from ..estimate import Estimate
from ..markup import table_of_text
from .boltzmann_chains import refuse_sweeps
from .boltzmann_relaxation import gibbs_sweeps
from .boltzmann_tables import MOST_TOGETHER, Conditionals, energy_table, equilibrium_table, refuse_large, start_table
from .machine import BoltzmannMachine, states

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class ContrastiveGap:
    r"""D(p_0||pi) - D(p_k||pi) = S(p_k) - S(p_0) + <Q>/T after k = 0, 1, .. sweeps: (sweep + 1,) each, in nats.

    divergence: D(p_k(v) || pi(v)) of the visible units; entropy: S(p_k(v, h)) of all units; heat: <Q> into the bath so
    far, in k_B T0. measured_heat: <Q> of sampled replicas after all sweeps, or None.
    """

    divergence: Array
    entropy: Array
    heat: Array
    temperature: float
    measured_heat: Estimate | None = None

    @property
    def gap(self) -> Array:
        """D(p_0||pi) - D(p_k||pi) >= 0, which the k-step rule of that name follows approximately."""
        return np.asarray(self.divergence[0] - self.divergence)

    @property
    def reset_work(self) -> Array:
        """T [D(p_0||pi) - D(p_k||pi)] = F[p_0] - F[p_k], F = <E> - T S: the least mean work of a way back to the data.

        (sweep + 1,), in k_B T0, > 0 on the units. At least T [S(p_k) - S(p_0)] then goes into the bath as heat.
        """
        return self.temperature * self.gap

    @property
    def entropy_production(self) -> Array:
        """S(p_k) - S(p_0) + <Q>/T, of system and bath together."""
        return np.asarray(self.entropy - self.entropy[0] + self.heat / self.temperature)

    @property
    def measured(self) -> Estimate | None:
        """The last entropy production with the sampled heat in the place of the exact one."""
        if self.measured_heat is None:
            return None
        q, t = self.measured_heat, self.temperature
        return Estimate(float(self.entropy[-1] - self.entropy[0]) + q.value / t, q.stderr / t, q.n)

    def check(self) -> BoundCheck:
        """Whether the sampled entropy production equals the gap; raises InputError where nothing was sampled."""
        if self.measured is None:
            raise InputError("replicas", None, "nothing was sampled", "contrastive_gap(..., replicas=1000, seed=1)")
        name = "dS + Q/T = D(p_0||pi) - D(p_k||pi)"
        return BoundCheck(name, self.measured, Estimate.exact(float(self.gap[-1])), reference=HINTON, relation="=")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Entropy change, heat and their sum against sweeps, with D(p_0||pi), which the sum grows to."""
        from ..plotting import axes_or_new, house_style, lines
        from ..plotting.style import MUTED

        with house_style():
            ax = axes_or_new(ax)
            rows = [self.entropy_production, self.entropy - self.entropy[0], self.heat / self.temperature]
            names = ["gap = entropy production", "of the units", "of the bath"]
            lines(ax, np.arange(self.gap.size), rows, "sweeps from the data", "entropy (nat)", names)
            ax.axhline(
                float(self.divergence[0]), color=MUTED, linewidth=0.9, linestyle=":", label="$D(p_0||\\pi)$, its limit"
            )
            ax.legend(labelcolor=MUTED)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        k = self.gap.size - 1
        sampled = "" if self.measured is None else f"\n  sampled    {self.measured!r}"
        return (
            f"ContrastiveGap after {k} sweep{'s' * (k != 1)}: {self.gap[-1]:.6g} of {self.divergence[0]:.6g} nats\n"
            f"  units      {self.entropy[-1] - self.entropy[0]:+.6g}\n"
            f"  bath       {self.heat[-1] / self.temperature:+.6g}{sampled}"
        )


HINTON = "Hinton, Neural Comput. 14, 1771 (2002)"


def contrastive_gap(
    machine: BoltzmannMachine, data: ArrayLike, *, sweeps: int, replicas: int | None = None, seed: int | None = None
) -> ContrastiveGap:
    r"""CD_k = D(p_0||pi) - D(p_k||pi) = S(p_k) - S(p_0) + <Q>/T >= 0: contrastive divergence is entropy production.

    p_0(v) is that of the data, rows (row, visible) of units in [0, 1], grey ones on with their value as probability;
    hidden units start from p(h | v), so that p_k(v, h) = p_k(v) p(h | v) and D is that of the visible units alone. Half
    a sweep obeys detailed balance with pi, so that all entropy that it produces is the fall of D: a relaxation at fixed
    parameters, whose adiabatic (housekeeping) part is zero. Maximum likelihood descends D(p_0||pi), the entropy
    produced on the whole way to equilibrium. The rule called contrastive divergence, <-dE/dtheta>_0 - <-dE/dtheta>_k,
    descends the gap only approximately:
    -T d gap/dtheta = <-dE/dtheta>_0 - <-dE/dtheta>_k + T sum_v [dp_k(v)/dtheta] ln[p_k(v)/pi(v)],
    and it leaves out the last term, by which the swept density moves with the parameters. Without it there is no
    function left whose gradient it would be.
    Putting the units back on the data raises their free energy by T times the gap, see ``reset_work``: sweeps and
    resets in turn heat the bath by that much or more, also where the sweeps alone cool it.
    replicas, seed: also sample the heat. Raises InputError with more than 20 units together, or for bad input.

    Hinton, Neural Comput. 14, 1771 (2002); Sutskever and Tieleman, AISTATS 2010, no gradient for k = 1; Esposito and
    Van den Broeck, PRL 104, 090601 (2010) for the split.

    >>> from szilard.networks import machine as machines
    >>> found = contrastive_gap(machines.rbm([[1.0], [-2.0]], temperature=2.0), [[1, 1], [0, 1]], sweeps=3)
    >>> bool(abs(found.gap - found.entropy_production).max() < 1e-12)
    True
    """
    if not isinstance(machine, BoltzmannMachine):
        raise InputError("machine", machine, "must be a BoltzmannMachine", "rbm(weights)")
    refuse_sweeps(sweeps)
    refuse_large(machine, MOST_TOGETHER)
    rows = states(data, machine.n_visible, "data", grey=True).reshape(-1, machine.n_visible)
    if (replicas is None) != (seed is None):
        raise InputError("seed", seed, "replicas and seed go together", "give both, or neither")
    energy, stationary = energy_table(machine), equilibrium_table(machine).sum(axis=1)
    draw, p = Conditionals(machine), start_table(machine, rows)
    divergence, entropy, heat, start = [], [], [], p
    for sweep in range(sweeps + 1):
        p = draw.draw_hidden(draw.draw_visible(p)) if sweep else p
        divergence.append(rel_entr(p.sum(axis=1), stationary).sum())
        entropy.append(entr(p).sum())
        heat.append(np.sum((start - p) * energy))
    measured = None
    if replicas is not None and seed is not None:
        run = gibbs_sweeps(machine, rows, sweeps=sweeps, replicas=replicas, seed=seed)
        measured = run.ledger.mean_heat()
    return ContrastiveGap(
        divergence=np.array(divergence),
        entropy=np.array(entropy),
        heat=np.array(heat),
        temperature=machine.temperature,
        measured_heat=measured,
    )
