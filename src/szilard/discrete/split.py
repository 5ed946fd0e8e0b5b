"""The entropy production of every replica in two: what keeps the stationary state, and what is off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..estimate import Sampled
from ..markup import table_of_text
from .course import Course
from .paths import Paths
from .stationary_table import StationaryTable
from .steady import log_stationary

if TYPE_CHECKING:
    from .run import Run

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Split:
    r"""sum_r Q_r / T_r = S_hk + S_ex,  S_ex = Y - d phi,  phi = -ln pi(x; lambda), pi stationary at lambda held.

    In nats, (replica,). housekeeping: S_hk = sum over jumps x' -> x of ln[k[x, x'] pi_x' / (k[x', x] pi_x)], each in
    its own channel, at the control of its moment. excess: S_ex = sum over jumps of ln(pi_x / pi_x'). hatano_sasa:
    Y = int (dlambda/dt) d phi/d lambda dt, sudden changes of the control included. nonadiabatic: ds + S_ex, None where
    p is not known.
    <e^{-S_hk}> = 1 from any start; <e^{-Y}> = 1 from the stationary state of the first control.

    Hatano and Sasa, PRL 86, 3463 (2001); Speck and Seifert, J. Phys. A 38, L581 (2005); Esposito and Van den Broeck,
    PRL 104, 090601 (2010).
    """

    housekeeping: Array
    excess: Array
    hatano_sasa: Array
    nonadiabatic: Array | None

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        named = {"housekeeping": self.housekeeping, "excess": self.excess, "hatano_sasa": self.hatano_sasa}
        if self.nonadiabatic is not None:
            named["nonadiabatic"] = self.nonadiabatic
        means = (f"{name} {Sampled.mean(values).estimate()!r}" for name, values in named.items())
        return "Split, in nats: " + ", ".join(means)


def split_or_reason(run: Any) -> tuple[Split | None, str]:
    """The split of a run of either kind, or why there is none."""
    try:
        return run.split(), ""
    except InputError as error:
        return None, f"{error.rule}: {error.fix}"


def entropy_split(run: Run) -> Split:
    """The split of a run: see ``Run.split``."""
    course, ledger = run.course, run.ledger
    process, baths = course.process, ledger.temperatures
    flow = ledger.entropy_flow
    energies = [course.initial_energy, *(e for piece in course.pieces() for e in (piece.before, piece.after))]
    still = all(np.array_equal(e, energies[0]) for e in [*energies, course.final_energy])
    if int(process.components().max()) > 0:
        rule = "no jump joins its parts, each of which has a stationary state of its own"
        raise InputError("process", process, rule, "make a process of each part")
    first, last = (-log_stationary(process, e) for e in (course.initial_energy, course.final_energy))
    change = last[run.final] - first[run.initial]
    if not process.driven and np.all(baths == baths[0]):
        excess = flow
    elif still:
        excess = -change
    elif run.paths is None:
        rule = "the split needs every jump: the process is driven, or between baths, while its energies move"
        raise InputError("paths", None, rule, 'simulate with record="paths"')
    else:
        excess = _excess(course, run.paths)
    surprise = ledger.conditional_entropy_change
    return Split(
        housekeeping=flow - excess,
        excess=excess,
        hatano_sasa=excess + change,
        nonadiabatic=None if surprise is None else surprise + excess,
    )


def _excess(course: Course, paths: Paths) -> Array:
    """sum over jumps x' -> x of phi(x') - phi(x), both at the time of the jump: (replica,)."""
    edges, table = course.process.edges, StationaryTable.of(course)
    fall = table.at(paths.times, edges.source[paths.jump]) - table.at(paths.times, edges.target[paths.jump])
    return np.asarray(np.bincount(paths.owner, fall, len(paths)))
