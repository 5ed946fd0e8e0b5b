"""Annealed importance sampling: ln Z of a machine from the work of building it up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit

from ..check import BoundCheck
from ..errors import InputError, number
from ..estimate import Estimate
from ..laws import Laws, crooks, jarzynski, second_law_of_work
from ..laws.given import positive
from ..markup import table_of_text
from ..progress import Progress, told
from ..request import refuse_room
from .annealing import AnnealedRun, HiddenUnits, anneal
from .annealing_path import beta_grid, straight_path
from .boltzmann_chains import LANES
from .machine import BoltzmannMachine, data_rows, states

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
NEAL = "Neal, Stat. Comput. 11, 125 (2001)"


@dataclass(frozen=True, eq=False, repr=False)
class AnnealedImportance:
    r"""ln Z = ln Z_start - dF/T, dF from the works of ``forward`` and, if run, of ``reverse``.

    start: independent units, whose Z is known; machine: what was built from them.
    """

    machine: BoltzmannMachine
    start: BoltzmannMachine
    forward: AnnealedRun
    reverse: AnnealedRun | None

    @property
    def temperature(self) -> float:
        """Of the bath, in T0."""
        return self.machine.temperature

    @cached_property
    def free_energy_change(self) -> Estimate:
        r"""dF = -T ln (Z / Z_start), in k_B T0: by ``laws.crooks`` of both ways, or by ``laws.jarzynski`` of one."""
        return self.one_way if self.reverse is None else self._both(self.reverse)

    @cached_property
    def one_way(self) -> Estimate:
        r"""-T ln <e^{-W/T}> of the forward works; ``ess`` says whether the rare small works were seen."""
        back = None if self.reverse is None else self.reverse.work
        return jarzynski(self.forward.work, temperature=self.temperature, reverse=back)

    @property
    def log_partition(self) -> Estimate:
        r"""ln Z = ln Z_start - dF/T."""
        f = self.free_energy_change
        value = self.start.log_partition() - f.value / self.temperature
        return Estimate(value, f.stderr / self.temperature, f.n, f.ess, f.side, f.note, f.assumptions, NEAL)

    @cached_property
    def exact(self) -> float | None:
        """dF by counting, or None where the machine is too large."""
        if not self.machine.countable:
            return None
        return -self.temperature * (self.machine.log_partition() - self.start.log_partition())

    @property
    def effective_sample_size(self) -> float:
        r"""(sum w)^2 / sum w^2 of the weights w = e^{-W/T} of importance sampling, at most the number of replicas."""
        x = -(self.forward.work - np.min(self.forward.work)) / self.temperature
        w = np.exp(x)
        return float(w.sum() ** 2 / (w * w).sum())

    @property
    def dissipated(self) -> Estimate:
        r"""<W> - dF >= 0, in k_B T0: dF counted where it can be, else (<W> + <W_reverse>) as the sum of both ways.

        Without either, <W> - dF of halves of the replicas each.
        """
        w = self.forward.ledger.mean_work()
        if self.exact is not None:
            return Estimate(w.value - self.exact, w.stderr, w.n)
        if self.reverse is not None:
            back = self.reverse.ledger.mean_work()
            note = "of both ways together"
            return Estimate(w.value + back.value, float(np.hypot(w.stderr, back.stderr)), w.n + back.n, note=note)
        stored, spent = self._halves()
        return Estimate(spent.value - stored.value, float(np.hypot(spent.stderr, stored.stderr)), w.n, stored.ess)

    def second_law(self) -> BoundCheck:
        r"""dF / T <= <W> / T, dF counted or else from other replicas than the mean work is.

        The estimate from the same replicas could never exceed their mean, by Jensen's inequality.
        """
        if self.exact is not None:
            return second_law_of_work(self.forward.work, temperature=self.temperature, free_energy_change=self.exact)
        if self.reverse is not None:
            # The reverse replicas alone bound dF: <W_reverse> >= -dF is the same law for the process backwards.
            stored = self._other_way(self.reverse)
            return second_law_of_work(self.forward.work, temperature=self.temperature, free_energy_change=stored)
        return second_law_of_work(
            self.forward.work[1::2], temperature=self.temperature, free_energy_change=self._halves()[0]
        )

    def laws(self) -> Laws:
        r"""The second law; <e^{-(W - dF)/T}> = 1 where dF is counted; and dF of both ways where both were run.

        Works too wide for their number leave a verdict inconclusive.
        """
        t, found = self.temperature, [self.second_law()]
        if self.exact is not None:
            back = None if self.reverse is None else self.reverse.work
            found.append(jarzynski(self.forward.work, temperature=t, free_energy_change=self.exact, reverse=back))
            if self.reverse is not None:
                both = crooks(self.forward.work, self.reverse.work, temperature=t, free_energy_change=self.exact)
                found.append(both)
        elif self.reverse is not None:
            turned = self._other_way(self.reverse)
            name, ref = "dF forward = dF reverse", turned.reference
            found.append(BoundCheck(name, self.one_way, turned, turned.assumptions, ref, relation="="))
        return Laws(found)

    def log_likelihood(self, visible: ArrayLike) -> Estimate:
        r"""Mean over rows of ln pi(v) = -F(v)/T - ln Z, in nats; the error is that of ln Z, rows being given."""
        rows = states(visible, self.machine.n_visible, "visible")
        z = self.log_partition
        mean = float(np.mean(-self.machine.free_energy(rows))) / self.temperature
        return Estimate(mean - z.value, z.stderr, z.n, z.ess, z.side, z.note, z.assumptions, z.reference)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Works there and, turned round, back, which cross at dF, means dotted; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, distributions, house_style
        from ..plotting.style import MUTED

        with house_style():
            ax = axes_or_new(ax)
            works = {"forward": self.forward.work}
            if self.reverse is not None:
                works["reverse, turned round"] = -self.reverse.work
            distributions(ax, works, "work ($k_B T_0$)")
            ax.axvline(self.free_energy_change.value, color=MUTED, linewidth=0.9, label="$\\Delta F$")
            ax.plot([], [], color=MUTED, linewidth=1.0, linestyle=":", label="means")
            ax.legend(labelcolor=MUTED)
        return ax

    def _second_law(self) -> str:
        """The verdict and, where there is none, why."""
        check = self.second_law()
        if check.verdict != "inconclusive":
            return check.verdict
        for name, side in (("dF/T", check.smaller), ("<W>/T", check.larger)):
            if not side.trusted:
                return f"inconclusive: {name} = {side!r}"
        slack = Estimate(check.slack, check.slack_stderr)
        return f"inconclusive: (<W> - dF)/T = {slack!r} is not two errors above 0"

    def _both(self, reverse: AnnealedRun) -> Estimate:
        return crooks(self.forward.work, reverse.work, temperature=self.temperature)

    def _other_way(self, reverse: AnnealedRun) -> Estimate:
        """dF by the works of the reverse replicas alone."""
        back = jarzynski(reverse.work, temperature=self.temperature, reverse=self.forward.work)
        return replace(back, value=-back.value)

    def _halves(self) -> tuple[Estimate, Estimate]:
        """dF of every other replica, <W> of the others."""
        w = self.forward.work
        if w.size < 4:
            raise InputError("replicas", w.size, "halves of them need at least 4", "run more replicas")
        rest = w[1::2]
        spent = Estimate(float(rest.mean()), float(rest.std(ddof=1)) / float(np.sqrt(rest.size)), rest.size)
        return jarzynski(w[::2], temperature=self.temperature), spent

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        run = self.forward
        ways = "one way" if self.reverse is None else "there and back"
        counted = ""
        if self.exact is not None:
            counted = f"; counted: {self.start.log_partition() - self.exact / self.temperature:.6g}"
        return (
            f"AnnealedImportance: {run.work.size} replicas {ways}, {run.path.steps} steps of {run.sweeps} sweeps, "
            f"hidden units {run.hidden_units}\n"
            f"  ln Z       {self.log_partition!r}{counted}\n"
            f"  dissipated {self.dissipated!r} k_B T0\n"
            f"  weights    worth {self.effective_sample_size:.3g} of {run.work.size} replicas\n"
            f"  second law {self._second_law()}"
        )


def annealed_importance(
    machine: BoltzmannMachine,
    *,
    steps: int | ArrayLike,
    replicas: int,
    seed: int,
    start: BoltzmannMachine | None = None,
    sweeps: int = 1,
    hidden_units: HiddenUnits = "sampled",
    reverse: bool = False,
    reverse_start: ArrayLike | None = None,
    threads: int | None = None,
    progress: Progress | bool | None = None,
    cell: str = "",
    lanes: int = LANES,
) -> AnnealedImportance:
    r"""Z / Z_start = <e^{-W/T}>, W = sum_t [E(x_t; beta_{t+1}) - E(x_t; beta_t)]: the free energy of a machine by work.

    Annealed importance sampling is Jarzynski's equality: its weights are e^{-W/T}, the intermediate densities are those
    of E_beta = (1 - beta) E_start + beta E, and the sweeps at each beta are the bath. start: independent units (the
    biases of the machine where left out; ``independent_units`` takes the means of data); steps: how many equal steps of
    beta, or the betas themselves. sweeps, hidden_units, seed, threads, cell, lanes: as for ``anneal``.
    reverse: also the mirror image, as many replicas from equilibrium at the machine: then Bennett's ratio serves, which
    bears far wider works, and overlap tells of what neither way has seen. Where that equilibrium cannot be counted,
    reverse_start gives rows that are taken to be in it, such as persistent chains; the result is right as far as
    they are.
    Works wider than the temperature make <e^{-W/T}> rest on rare replicas: ``ess`` falls below 100 and every verdict is
    inconclusive. More steps narrow them, <W> - dF ~ 1 / steps.
    Raises InputError for bad input, a start with weights, or an equilibrium too large to be counted and none given.

    Neal, Stat. Comput. 11, 125 (2001); Jarzynski, PRL 78, 2690 (1997); for these machines: Salakhutdinov and Murray,
    ICML 2008. The equality seen as stochastic thermodynamics of these machines: Salazar, arXiv:1704.08724 (2017).

    >>> from szilard.networks import machine as machines
    >>> machine = machines.rbm([[1.0, 2.0], [-1.0, 0.5]], temperature=2.0)
    >>> found = annealed_importance(machine, steps=20, replicas=2000, seed=1)
    >>> abs(found.log_partition.value - machine.log_partition()) < 4 * found.log_partition.stderr
    True
    """
    if not isinstance(machine, BoltzmannMachine):
        raise InputError("machine", machine, "must be a BoltzmannMachine", "rbm(weights)")
    base = machine.without_weights() if start is None else start
    if not isinstance(base, BoltzmannMachine) or not base.independent:
        raise InputError("start", repr(base), "must be a machine without weights", "machine.without_weights()")
    path = straight_path(base, machine, beta_grid(steps, "steps"))
    if reverse_start is not None:
        reverse_start = states(reverse_start, machine.n_visible, "reverse_start", grey=True)
    elif reverse and not machine.countable:
        fix = "give rows in equilibrium (row, visible), persistent chains for instance, or leave reverse out"
        raise InputError("reverse_start", None, "the equilibrium of the machine is too large to be counted", fix)

    ways = 2 if reverse else 1

    def run(backwards: bool, rows: ArrayLike | None, tell: Progress) -> AnnealedRun:
        return anneal(
            path, replicas=replicas, seed=seed, sweeps=sweeps, hidden_units=hidden_units, backwards=backwards,
            start=rows, threads=threads, progress=lambda share: tell((share + backwards) / ways), cell=cell,
            lanes=lanes,
        )  # fmt: skip

    with told(progress, "annealed importance") as tell:
        forward = run(False, None, tell)
        return AnnealedImportance(machine, base, forward, run(True, reverse_start, tell) if reverse else None)


def independent_units(data: ArrayLike, hidden: int, *, temperature: float = 1.0, pull: float = 1.0) -> BoltzmannMachine:
    r"""a_i = T ln[m_i / (1 - m_i)], m_i = (sum over rows of x_i + pull / 2) / (rows + pull); no weights, b = 0.

    The machine without weights that is closest to data (row, visible) in [0, 1], each mean drawn to 1/2 by ``pull``
    rows more, > 0, so that no bias is infinite. hidden: how many hidden units.
    Raises InputError for data of another shape or outside [0, 1], hidden < 1 or more than memory holds.

    Salakhutdinov and Murray, ICML 2008.

    >>> independent_units([[0, 1], [1, 1]], 3).visible_bias.round(4)
    array([0.    , 1.6094])
    """
    x = data_rows(data)
    if isinstance(hidden, bool) or number("hidden", hidden) != int(hidden) or hidden < 1:
        raise InputError("hidden", hidden, "must be a whole number >= 1", "16, for instance")
    t, extra = positive(temperature, "temperature"), positive(pull, "pull")
    mean = (x.sum(axis=0) + 0.5 * extra) / (len(x) + extra)
    refuse_room("hidden", f"{hidden} of {x.shape[1]} visible units", 4 * x.shape[1] * int(hidden), "take fewer units")
    return BoltzmannMachine(np.zeros((x.shape[1], int(hidden))), t * logit(mean), np.zeros(int(hidden)), t)
