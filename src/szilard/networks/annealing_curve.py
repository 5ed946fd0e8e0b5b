"""What a slower path saves: dissipated work against the number of steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, is_whole
from ..estimate import Estimate
from ..markup import table_of_text
from .annealing import HiddenUnits
from .annealing_importance import AnnealedImportance, annealed_importance
from .machine import BoltzmannMachine

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class AnnealingBudget:
    r"""<W> - dF of paths of n steps, ~ 1/n where they are slow; one ``AnnealedImportance`` for each n in ``steps``."""

    steps: tuple[int, ...]
    runs: tuple[AnnealedImportance, ...]

    @property
    def dissipated(self) -> tuple[Estimate, ...]:
        """<W> - dF for each n, in k_B T0; there and back together where dF cannot be counted."""
        return tuple(run.dissipated for run in self.runs)

    @property
    def per_sweep(self) -> tuple[Estimate, ...]:
        """The same per sweep, ~ 1/n^2: what one sweep adds to the entropy of the world, times T."""
        counts = [n * run.forward.sweeps for n, run in zip(self.steps, self.runs, strict=True)]
        return tuple(
            Estimate(d.value / c, d.stderr / c, d.n, d.ess) for d, c in zip(self.dissipated, counts, strict=True)
        )

    @property
    def times_steps(self) -> tuple[Estimate, ...]:
        """n (<W> - dF): it grows to a constant of the path, the squared thermodynamic length at constant friction."""
        return tuple(
            Estimate(d.value * n, d.stderr * n, d.n, d.ess) for d, n in zip(self.dissipated, self.steps, strict=True)
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Dissipated work against n, both logarithmic, with 1/n through the last point and the error of ln Z beside."""
        from ..plotting import axes_or_new, house_style
        from ..plotting.style import MUTED, SERIES, dress

        n = np.array(self.steps, dtype=np.float64)
        with house_style():
            ax = axes_or_new(ax)
            y = [(d.value, d.stderr) for d in self.dissipated]
            error = [(run.log_partition.stderr * run.temperature, 0.0) for run in self.runs]
            for (colour, marker), points, label in zip(
                SERIES,
                (y, error),
                ("dissipated work $\\langle W \\rangle - \\Delta F$", "error of $T$ ln Z"),
                strict=False,
            ):
                value, bar = np.array(points).T
                some = value > 0.0
                ax.errorbar(n[some], value[some], bar[some], color=colour, marker=marker, markersize=4.6, label=label)
            last = self.dissipated[-1].value
            if last > 0.0:
                ax.plot(
                    n, last * n[-1] / n, color=MUTED, linewidth=0.9, linestyle=":", label="1 / steps, through the last"
                )
            ax.set(xscale="log", yscale="log", xlabel="steps of the path", ylabel="$k_B T_0$")
            dress(ax)
            ax.legend(labelcolor=MUTED)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        lines = [f"AnnealingBudget: {self.runs[0].forward.work.size} replicas per path"]
        for n, run, d in zip(self.steps, self.runs, self.dissipated, strict=True):
            lines.append(f"  {n:>6} steps: dissipated {d!r} k_B T0, ln Z {run.log_partition!r}")
        return "\n".join(lines)


def annealing_budget(
    machine: BoltzmannMachine,
    *,
    steps: Sequence[int],
    replicas: int,
    seed: int,
    start: BoltzmannMachine | None = None,
    sweeps: int = 1,
    hidden_units: HiddenUnits = "sampled",
    reverse: bool = False,
    threads: int | None = None,
) -> AnnealingBudget:
    r"""<W> - dF = T D(paths there || paths back) -> C / n for n equal steps: a hurried path pays for its hurry.

    For large n each step of d beta dissipates zeta(beta) d beta^2, zeta = [<dX^2>/2 + sum_{s >= 1} <dX_0 dX_s>] / T,
    with X = E_end - E_start and s counting steps at fixed beta, so that C = int zeta d beta.
    steps: the numbers of steps, increasing; all else as for ``annealed_importance``. Every n has random numbers of its
    own. Raises InputError for bad input.

    Neal, Stat. Comput. 11, 125 (2001); slow processes: Crooks, PRL 99, 100602 (2007).

    >>> from szilard.networks import machine as machines
    >>> machine = machines.rbm([[1.0, 2.0], [-1.0, 0.5]], temperature=2.0)
    >>> found = annealing_budget(machine, steps=[1, 100], replicas=1000, seed=1)
    >>> found.dissipated[0].value > found.dissipated[1].value
    True
    """
    counts = list(steps) if isinstance(steps, (list, tuple, range)) else []
    if not counts or not all(is_whole(n, 1) for n in counts) or sorted(set(counts)) != counts:
        raise InputError("steps", steps, "must be whole numbers >= 1 that increase", "steps=[10, 30, 100]")
    if reverse and isinstance(machine, BoltzmannMachine) and not machine.countable:
        fix = "leave reverse out, or call annealed_importance with reverse_start= for each number of steps"
        raise InputError("reverse", reverse, "the equilibrium of the machine is too large to be counted", fix)
    runs = tuple(
        annealed_importance(
            machine, steps=int(n), replicas=replicas, seed=seed, start=start, sweeps=sweeps, threads=threads,
            hidden_units=hidden_units, reverse=reverse, cell=f"{n} steps",
        )
        for n in counts
    )  # fmt: skip
    return AnnealingBudget(tuple(int(n) for n in counts), runs)
