"""Exact entropy production beside what a model samples and what recorded trajectories alone tell of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..check import BoundCheck
from ..continuous import Langevin
from ..continuous.stability import relaxation_rates
from ..data.recording import Recording
from ..discrete import JumpProcess
from ..errors import InputError, is_number, is_whole
from ..estimate import Estimate, Sampled
from ..ledger import Ledger
from ..markup import table
from ..verbs import entropy_production_rate, simulate, stationary
from .jump_currents import entropy_production_from_currents
from .linear_fit import entropy_production_from_linear_fit
from .short_time import entropy_production_from_short_times
from .words import entropy_production_from_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Process = JumpProcess | Langevin
Method = Callable[[Recording], Estimate]
JUMPS = 300
"""Jumps of one replica, on average."""
STEPS = 500
SHARE = 0.02
"""The interval between two states in units of the relaxation time of nine states in ten."""
LEDGER = "heat / T, model"


@dataclass(frozen=True)
class Row:
    """One method on one system: what it found, and the exact value."""

    system: str
    method: str
    estimate: Estimate
    exact: float

    @property
    def check(self) -> BoundCheck:
        """The estimate against the exact value: not larger if it is a lower bound, else equal."""
        lower = self.estimate.side == "lower"
        claim = replace(self.estimate, side="two-sided") if lower else self.estimate  # what it says is not larger
        name = f"{self.system}, {self.method} {'<=' if lower else '='} exact"
        return BoundCheck(
            name, claim, Estimate.exact(self.exact), claim.assumptions, claim.reference,
            relation="<=" if lower else "=",
        )  # fmt: skip

    @property
    def warning(self) -> str:
        """What makes the number doubtful, or nothing."""
        said = [self.estimate.note] if self.estimate.note else []
        if not self.estimate.trusted:
            said.append("too few independent samples")
        return "; ".join(said)


@dataclass(frozen=True, repr=False)
class SideBySide:
    """Rows of estimates, those of one system after the other; iterate over it. Entropy production in nats per time."""

    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Every estimate less the exact value, in the unit of the exact value where it is not zero; 2 errors wide."""
        from ..plotting import axes_or_new, beside_exact, house_style

        rows = [
            (r.system, r.method, r.estimate.value, r.estimate.stderr, r.exact if _counts(r) else 0.0, _side(r))
            for r in self.rows
        ]
        with house_style():
            ax = axes_or_new(ax, (6.4, 1.4 + 0.26 * len(rows)))
            beside_exact(ax, rows)
        return ax

    def _cells(self) -> list[tuple[str, str, str, str, str]]:
        return [
            (r.system, r.method, repr(r.estimate), f"{r.exact if _counts(r) else 0.0:.6g}", r.warning)
            for r in self.rows
        ]

    def _repr_html_(self) -> str:
        heads = ("system", "method", "entropy production per time", "exact", "warning")
        return table("", self._cells(), heads)

    def __repr__(self) -> str:
        cells = self._cells()
        wide = [max((len(row[i]) for row in cells), default=0) for i in range(4)]
        return "\n".join(
            f"{row[0]:{wide[0]}}  {row[1]:{wide[1]}}  {row[2]:{wide[2]}}  exact {row[3]:{wide[3]}}  {row[4]}".rstrip()
            for row in cells
        )


def _side(row: Row) -> str:
    return row.estimate.side if row.estimate.trusted else "none"


def _counts(row: Row) -> bool:
    """Whether the exact value is more than the rounding of a zero."""
    return row.exact > 1e-12


def side_by_side(
    process: Process | Mapping[str, Process],
    *,
    seed: int,
    replicas: int = 200,
    duration: float | None = None,
    interval: float | None = None,
) -> SideBySide:
    r"""sigma, exactly; (1/t) sum_r <Q_r>/T_r of a simulated run; and each estimate from its trajectories alone.

    process: one without a control, or a mapping from names to several. Each is simulated from its stationary state:
    jump processes with every jump recorded, Langevin processes with a state every ``interval``. duration and interval
    in the unit of time of the process; None: 300 jumps per replica, or 500 intervals of 1/50 relaxation time.
    What is known of a process beyond its trajectories is used in two places: transitions are said to be complete where
    one channel joins each pair of states, and coordinates are, for the linear fit.
    Raises InputError for a process with a control or without a stationary state, and for numbers that do not fit.

    >>> import szilard as sz
    >>> side_by_side(sz.systems.ring([0.0, 0.5, 1.2], affinity=3.0), seed=1)
    process  heat / T, model        0.9324 +- 0.0085 (n = 200)   exact 0.919959
    process  currents               0.939 +- 0.015 (n = 200)     exact 0.919959
    process  words of 2 jumps       >= 0.944 +- 0.016 (n = 200)  exact 0.919959
    process  precision of currents  >= 0.860 +- 0.013 (n = 200)  exact 0.919959
    """
    if not is_whole(replicas, 3):
        raise InputError("replicas", replicas, "must be a whole number >= 3", "replicas=200, for instance")
    for name, value in (("duration", duration), ("interval", interval)):
        if value is not None and not (is_number(value) and value > 0.0):
            raise InputError(name, value, "must be a finite number > 0", "leave it out")
    named = process if isinstance(process, Mapping) else {"process": process}
    rows: list[Row] = []
    for system, one in named.items():
        exact = entropy_production_rate(one)
        if isinstance(one, JumpProcess):
            found = _of_jumps(one, seed, replicas, duration, interval)
        else:
            found = _of_steps(one, seed, replicas, duration, interval)
        rows += [Row(system, method, estimate, exact) for method, estimate in found.items()]
    return SideBySide(tuple(rows))


def _of_jumps(
    process: JumpProcess, seed: int, replicas: int, duration: float | None, interval: float | None
) -> dict[str, Estimate]:
    if interval is not None:
        raise InputError("interval", interval, "every jump is recorded", "leave it out for a jump process")
    p, e = stationary(process), process.edges
    activity = float(process.jump_rates(process.energies(None)) @ p[e.source])
    span = JUMPS / activity if duration is None else float(duration)
    run = simulate(process, "stationary", span, replicas=replicas, seed=seed, record="paths", entropy=False)
    seen = Recording.from_run(run)
    joined = np.unique(e.source * process.n_states + e.target)
    return {
        LEDGER: _of_ledger(run.ledger, span),
        "currents": entropy_production_from_currents(seen, complete=joined.size == e.source.size),
        "words of 2 jumps": entropy_production_from_words(seen, steps=2),
        "precision of currents": entropy_production_from_short_times(seen),
    }


def _of_steps(
    process: Langevin, seed: int, replicas: int, duration: float | None, interval: float | None
) -> dict[str, Estimate]:
    dt = _interval(process, seed) if interval is None else float(interval)
    steps = STEPS if duration is None else round(duration / dt)
    times = dt * np.arange(max(steps, 4) + 1)
    run = simulate(
        process, "stationary", float(times[-1]), replicas=replicas, seed=seed, times=times.tolist(), entropy=False
    )
    seen = Recording.from_run(run)
    found = {
        LEDGER: _of_ledger(run.ledger, run.duration),
        "short times": entropy_production_from_short_times(seen),
        "short times, dt to 0": entropy_production_from_short_times(seen, extrapolate=True),
    }
    if not np.any(np.isfinite(seen.period)):
        found["linear fit"] = entropy_production_from_linear_fit(seen, complete=True)
    return found


def _interval(process: Langevin, seed: int) -> float:
    """A fiftieth of the relaxation time of nine states in ten; of the time to diffuse around where nothing relaxes."""
    start = simulate(process, "stationary", 0.0, replicas=64, seed=seed).initial
    rates = np.abs(relaxation_rates(process, start, None, None)).max(axis=1)
    fastest = float(np.quantile(rates, 0.9))
    around = np.isfinite(process.period)
    if around.any():
        wave = process.diffusion[around] * (2.0 * np.pi / process.period[around]) ** 2
        fastest = max(fastest, float(wave.max()))
    return SHARE / fastest


def _of_ledger(ledger: Ledger, duration: float) -> Estimate:
    return Sampled.mean(ledger.entropy_flow / duration).estimate()
