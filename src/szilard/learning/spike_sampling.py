"""A synapse under pairs of spikes, spike by spike, with no step in time and no limit of small changes."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._kernels.random import stream_key
from .._kernels.spikes import spike
from .._kernels.threads import each_block
from ..errors import InputError, is_whole
from ..markup import table_of_text
from ..request import refuse_room
from .spike_timing import SpikeTiming

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
LANES = 64
"""Replicas of one call."""
BUDGET = 1 << 14
"""Candidates a lane between two looks at Ctrl-C."""
MOST_SPIKES = 1e11
"""Spikes of one run, some hours of one core."""


@dataclass(frozen=True, eq=False, repr=False)
class SpikeRun:
    """Weights (replica, time) at times (time,); moved: (replica, time), the sum of all changes since time 0.

    moved is what the rule asked for: beyond a bound, or with the weight held, the weight does not follow.
    """

    rule: SpikeTiming
    times: Array
    weights: Array
    moved: Array
    seed: int
    cell: str

    def plot(self, ax: Axes | None = None) -> Axes:
        """The last weights as a histogram; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, distributions, house_style

        with house_style():
            ax = axes_or_new(ax)
            distributions(ax, {f"t = {self.times[-1]:g}": self.weights[:, -1]}, "weight")
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        last = self.weights[:, -1]
        return (
            f"SpikeRun of {last.size} replicas to t = {self.times[-1]:g}: weights {last.mean():.4g} with standard "
            f"deviation {last.std():.3g}; {self.rule.kind} STDP"
        )


def stdp_by_spikes(
    rule: SpikeTiming,
    times: ArrayLike,
    *,
    replicas: int,
    seed: int,
    initial: ArrayLike = 0.5,
    held: bool = False,
    threads: int | None = None,
    cell: str = "",
) -> SpikeRun:
    r"""w -= f_-(w) sum e^{-(t - t_out)/tau_-} at an input spike, w += f_+(w) sum e^{-(t - t_in)/tau_+} at an output.

    The sums are over all spikes before t; the weight stays within its bounds. Output spikes have the rate of
    ``SpikeTiming``, with the weight of each input spike as it arrives. Exact in time (thinning). Before time 0 there
    are no spikes: give a first time of some time constants, and take differences from there.
    times: (time,), > 0, increasing. initial: a weight or (replica,). held: sum the changes, but keep the weight. The
    same seed gives the same bits for any number of threads; other times are other random numbers.
    Raises InputError for values out of range, initial weights outside the bounds, more replicas than memory holds, or
    more than 1e11 spikes of all replicas, as they would be at the initial weights.

    >>> rule = SpikeTiming(kind="multiplicative", pre_rate=20.0, rest_rate=20.0, feedback=0.1, step=0.02)
    >>> stdp_by_spikes(rule, [60.0], replicas=1000, seed=1)
    SpikeRun of 1000 replicas to t = 60: weights 0.5... with standard deviation 0.03...; multiplicative STDP
    """
    if not isinstance(rule, SpikeTiming):
        raise InputError("rule", rule, "must be a SpikeTiming", 'SpikeTiming(kind="additive", pre_rate=20.0, ...)')
    for name, given, least in (
        ("replicas", replicas, 1),
        ("seed", seed, 0),
        ("threads", 1 if threads is None else threads, 1),
    ):
        if not is_whole(given, least):
            raise InputError(name, given, f"must be a whole number >= {least}", "give a count")
    looks = _looks(times)
    room = int(replicas) * (2 * looks.size + 8)
    refuse_room("replicas", f"{replicas} x {looks.size} times", room, "take fewer replicas or times")
    w = np.asarray(initial, dtype=np.float64)
    if w.shape not in ((), (replicas,)) or not np.all((w >= 0.0) & (w <= rule.high) & np.isfinite(w)):
        rule_of = f"must be one weight or {replicas} of them, within [0, {rule.high:g}]"
        raise InputError("initial", initial, rule_of, "initial=0.5")
    spikes = replicas * looks[-1] * (rule.pre_rate + float(np.mean(rule.output_rate(w))))
    if not spikes <= MOST_SPIKES:
        most = f"there may be at most {MOST_SPIKES:.0e} in all replicas together"
        raise InputError("times", f"{spikes:.3g} spikes", most, "lower rates, shorter times or fewer replicas")
    start, key = np.broadcast_to(w, replicas).copy(), stream_key(seed, cell)
    weights, moved = np.empty((2, replicas, looks.size))
    model, halt = _model(rule), threading.Event()

    def work(block: int) -> None:
        rows = slice(block * LANES, (block + 1) * LANES)
        x = start[rows].copy()
        change, now, traces = np.zeros(x.size), np.zeros(x.size), np.zeros((3, x.size))
        drawn = np.zeros(x.size, dtype=np.int64)
        for look, until in enumerate(looks):
            while now.min() < until and not halt.is_set():
                spike(model, held, until, BUDGET, rows.start, *key, now, drawn, traces, x, change)
            weights[rows, look], moved[rows, look] = x, change

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        each_block(pool, work, -(-replicas // LANES), halt)
    return SpikeRun(rule, looks, weights, moved, int(seed), cell)


def _model(rule: SpikeTiming) -> Array:
    """r, r_0, c, tau_+, tau_-, tau_s, size and exponent of f_+ and f_-, the highest weight, as the kernel reads it."""
    up, down = rule.exponents
    taus = (rule.potentiation_time, rule.depression_time, rule.response_time)
    sizes = (rule.step, up, rule.step * rule.ratio, down, rule.high)
    return np.array([rule.pre_rate, rule.rest_rate, rule.feedback, *taus, *sizes])


def _looks(times: ArrayLike) -> Array:
    try:
        looks = np.atleast_1d(np.asarray(times, dtype=np.float64))
    except (TypeError, ValueError):
        raise InputError("times", times, "must be numbers", "times=[10.0, 20.0]") from None
    fine = looks.ndim == 1 and looks.size > 0 and bool(np.all(np.isfinite(looks)))
    if not fine or looks[0] <= 0.0 or np.any(np.diff(looks) <= 0.0):
        raise InputError("times", times, "must be > 0 and increase", "times=[10.0, 20.0]")
    return looks
