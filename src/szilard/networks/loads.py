"""How well a Hopfield network recalls as more patterns are stored, beside mean-field theory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from ..errors import InputError, is_number, is_whole
from ..estimate import Estimate, Sampled
from ..markup import table_of_text
from ..request import refuse_room
from .associative import hopfield
from .couplings import random_patterns
from .mean_field import retrieval_overlap, storage_capacity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class RetrievalCurve:
    """Overlap with the cue after ``duration``, for each load P/N, and what mean-field theory says for N -> infinity.

    loads: (load,), P/N with the whole P taken. overlap: over samples, each a network of its own patterns. heat: per
    unit, in k_B T0, > 0 into the bath. theory: (load,), 0 beyond ``capacity``, where it has no retrieval state.
    Overlaps found there are no failure. The state is gone for N -> infinity only: of few units some networks still have
    it. And where it is gone, a cue can run into a spin-glass state that still overlaps with it: remanence.
    Errors are of few samples: intervals are Student's t, with samples - 1 degrees of freedom, as the repr says.
    """

    n_units: int
    temperature: float
    duration: float
    loads: Array
    overlap: tuple[Estimate, ...]
    heat: tuple[Estimate, ...]
    theory: Array
    capacity: float

    def plot(self, ax: Axes | None = None) -> Axes:
        """Overlap against load with standard errors, theory as a line."""
        from ..plotting import axes_or_new, house_style, lines
        from ..plotting.style import INK, MUTED

        end = 1.05 * max(float(self.loads.max()), self.capacity)
        grid = np.unique(np.concatenate([self.capacity * np.linspace(0.0, 1.0, 41), [1.0001 * self.capacity, end]]))
        exact = [[retrieval_overlap(x, self.temperature) for x in grid]]
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, grid, exact, "patterns per unit", "overlap", ["mean field, N -> infinity"])
            values, errors = [e.value for e in self.overlap], [e.stderr for e in self.overlap]
            ax.errorbar(
                self.loads, values, yerr=errors, linestyle="none", marker="o", markersize=4.6, color=INK,
                label=f"simulated, $N = {self.n_units}$",
            )  # fmt: skip
            ax.legend(labelcolor=MUTED, loc="lower left")
        return ax

    def __repr__(self) -> str:
        found = [f"RetrievalCurve: {self.n_units} units, T = {self.temperature:g}, capacity {self.capacity:.4f}"]
        for load, m, theory in zip(self.loads, self.overlap, self.theory, strict=True):
            plain = Estimate(m.value, m.stderr, m.n)  # the line below says what few samples mean
            found.append(
                f"  load {load:.4f}: {plain!r}, theory " + (f"{theory:.4f}" if theory else "no retrieval state")
            )
        samples = self.overlap[0].n
        wide = float(stdtrit(samples - 1, 0.975))
        found.append(
            f"  +- is one standard error over {samples} networks; 95 % intervals are {wide:.2f} of them (Student's t)"
        )
        if not np.all(self.theory):
            some = f"{self.n_units} units may keep the state, and a remanent overlap stays"
            found.append(f"  beyond the capacity: theory is for N -> infinity; {some}")
        return "\n".join(found)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))


def retrieval_curve(
    n_units: int,
    loads: Sequence[float],
    *,
    temperature: float,
    samples: int,
    replicas: int,
    duration: float,
    seed: int,
    wrong: float = 0.0,
    threads: int | None = None,
) -> RetrievalCurve:
    r"""m(P/N) of networks of N units with Hebb's couplings of P = load N random patterns, each recalled from a cue.

    For each load ``samples`` networks are drawn (>= 2: the error is theirs, as replicas of one network share its
    patterns), and in each ``replicas`` start from its patterns in turn, every unit of the cue turned with probability
    ``wrong``. duration is in units of 1/attempt. At finite N the edge at the capacity is rounded.
    Raises InputError for bad input; a load is > 0 and gives at least one pattern.

    Source of the theory: Amit, Gutfreund and Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985).

    >>> retrieval_curve(200, [0.05], temperature=0.1, samples=4, replicas=10, duration=5.0, seed=1).overlap[
    ...     0
    ... ].value > 0.99
    True
    """
    if not is_whole(samples, 2):
        raise InputError("samples", samples, "must be an integer >= 2", "8, for instance")
    if not is_whole(n_units, 2):
        raise InputError("n_units", n_units, "must be an integer >= 2", "1000, for instance")
    if not is_whole(seed, 0):
        raise InputError("seed", seed, "must be an integer >= 0", "1, for instance")
    n = int(n_units)
    refuse_room("n_units", f"{n} units", 4 * n * n, "N^2 couplings have to fit: take fewer units")
    counts = [_count(load, n) for load in _each(loads)]
    refuse_room(
        "loads", f"{max(counts)} patterns of {n} units", 3 * max(counts) * n, "take smaller loads or fewer units"
    )
    overlap, heat = [], []
    for p in counts:
        kept, paid = [], []
        for sample in range(samples):
            drawn = int(np.random.SeedSequence((seed, p, sample)).generate_state(1, np.uint64)[0])
            network = hopfield(random_patterns(p, n_units, seed=drawn), temperature=temperature)
            run = network.recall(duration, replicas=replicas, seed=drawn, cue="each", wrong=wrong, threads=threads)
            kept.append(run.retrieved.value)
            paid.append(run.heat_total.value / n_units)
        overlap.append(Sampled.mean(kept).estimate())
        heat.append(Sampled.mean(paid).estimate())
    at = np.array(counts, dtype=np.float64) / n_units
    theory = np.array([retrieval_overlap(float(x), temperature) for x in at])
    return RetrievalCurve(
        n_units, float(temperature), float(duration), at, tuple(overlap), tuple(heat), theory,
        storage_capacity(temperature),
    )  # fmt: skip


def _each(loads: Any) -> list[Any]:
    found = list(loads) if isinstance(loads, (Sequence, np.ndarray)) and not isinstance(loads, str) else []
    if not found:
        raise InputError("loads", loads, "must be a list of numbers, at least one", "[0.05, 0.1, 0.15], for instance")
    return found


def _count(load: Any, n_units: int) -> int:
    count = round(float(load) * n_units) if is_number(load) else 0
    if count < 1:
        rule = f"must be a number that gives at least one pattern of {n_units} units"
        raise InputError("loads", load, rule, f"for instance {1.0 / n_units:.3g}")
    return count
