"""Entropy production per time from words of states and the same words read backwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..data.recording import Recording
from ..errors import InputError, is_whole
from ..estimate import Estimate
from ..markup import table_of_text
from .groups import Groups, groups_of
from .jump_currents import refuse_coordinates, refuse_empty, settled
from .pairs import Pairs, paired
from .stillness import NOT_STATIONARY, SIGMAS, moved_sigmas

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Index = NDArray[np.int64]
REFERENCE = "Roldan and Parrondo, PRL 105, 150607 (2010); PRE 85, 031129 (2012)"
CONDITIONS = (
    "stationary",
    "overdamped, even under time reversal",
    "pieces of the recording are independent of each other",
)
SAME = 2.0


def entropy_production_from_words(recording: Recording, *, steps: int = 2) -> Estimate:
    r"""sigma >= (1/tau) sum_w P(w) ln[P(w) / P(w backwards)], w = (x_0, ..., x_k): k = ``steps``, tau their duration.

    From sampled states a step is the interval dt and tau = k dt; from recorded jumps a step is a jump, w are the states
    visited one after the other, and tau is k mean times between jumps (what the waiting times tell is left out).
    Always a lower bound: also where the recorded states are lumps of others, where the bound grows with k, and between
    whose states no current need flow. For a Markov chain sampled every dt all k give the same. Words seen in one
    direction only make it smaller than it is, never larger: the bound that a long word could give is lost where
    recordings are too short for it.
    Raises InputError for coordinates, uneven times, more than 10,000 different words, steps < 1.

    Roldan and Parrondo, PRL 105, 150607 (2010); Kawai, Parrondo and Van den Broeck, PRL 98, 080602 (2007).

    >>> import szilard as sz
    >>> ring = sz.systems.ring([0.0, 0.5, 1.2, 0.3], affinity=8.0)
    >>> run = sz.simulate(ring, "stationary", 50.0, replicas=200, seed=1, record="paths")
    >>> seen = Recording.from_run(run).lumped([0, 0, 1, 2])
    >>> low, high = (entropy_production_from_words(seen, steps=k).value for k in (1, 3))
    >>> low < high < sz.entropy_production_rate(ring)
    True
    """
    refuse_coordinates(recording)
    k = _whole(steps)
    groups = groups_of(recording)
    pairs = _words(recording, groups, k)
    found = pairs.divergence(groups.blocks)
    notes = []
    once, _ = pairs.one_way()
    if once:
        notes.append(f"{once} words of several were seen one way only, which makes the bound smaller")
    still = moved_sigmas(recording) <= SIGMAS
    if not still:
        notes.append(NOT_STATIONARY)
    return settled(recording, found, pairs.events / k, "lower" if still else "none", notes, CONDITIONS, REFERENCE)


@dataclass(frozen=True, repr=False)
class Growth:
    """The bound for words of 1, 2, ... steps."""

    steps: tuple[int, ...]
    bounds: tuple[Estimate, ...]

    @property
    def saturated(self) -> bool:
        """Whether the longest words say the same as those one step shorter, to 2 standard errors."""
        if len(self.bounds) < 2:
            return False
        before, last = self.bounds[-2:]
        return abs(last.value - before.value) <= SAME * last.stderr

    def plot(self, ax: Axes | None = None) -> Axes:
        """The bound against the length of the words, with two standard errors."""
        from ..plotting import axes_or_new, house_style

        with house_style():
            ax = axes_or_new(ax)
            value, error = np.array([(b.value, 2.0 * b.stderr) for b in self.bounds]).T
            ax.errorbar(self.steps, value, error, marker="o", markersize=4, capsize=2, linewidth=1.2)
            ax.set(xlabel="steps of a word", ylabel="entropy production per time, at least")
            ax.set_xticks(self.steps)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        lines = [f"  {k} step{'s' * (k > 1)}: {bound!r}" for k, bound in zip(self.steps, self.bounds, strict=True)]
        end = "saturated" if self.saturated else "still growing, or falling as words become rare"
        return "\n".join([f"Growth of the bound with the length of words, {end}", *lines])


def growth_with_words(recording: Recording, *, longest: int = 4) -> Growth:
    r"""d_k = (1/tau_k) sum_w P(w) ln[P(w) / P(w backwards)] for k = 1 ... ``longest`` steps: how the bound grows.

    See ``entropy_production_from_words``. The largest of several bounds is chosen by its noise as well: choose the
    length before looking, or on other data. Raises InputError as that does.

    >>> import szilard as sz
    >>> ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=4.0)
    >>> run = sz.simulate(ring, "stationary", 50.0, replicas=200, seed=1, times=np.arange(0.0, 50.0, 0.2))
    >>> growth_with_words(Recording.from_run(run), longest=3).saturated
    True
    """
    lengths = tuple(range(1, _whole(longest) + 1))
    return Growth(lengths, tuple(entropy_production_from_words(recording, steps=k) for k in lengths))


def _whole(steps: object) -> int:
    if not is_whole(steps, 1) or int(steps) > 64:
        raise InputError("steps", steps, "must be a whole number from 1 to 64", "steps=2, for instance")
    return int(steps)


def _words(recording: Recording, groups: Groups, k: int) -> Pairs:
    """Words of k steps and their reverses in every piece, each in the piece of its first step, and k times the time."""
    if recording.jumps is not None:
        replica, time, visited, follows = _visits(recording)
        starts = np.flatnonzero(_runs(follows, k))
        length = recording.duration * recording.replicas * starts.size / max(1, int(follows.sum()))
        share = np.bincount(groups.of(replica, time), weights=follows, minlength=groups.count)
        duration = np.asarray(length * share / max(1.0, float(share.sum())), np.float64)
    else:
        dt = recording.even_interval()
        seen = recording.seen
        visited = recording.states.ravel()
        replica, column = (v.ravel() for v in np.indices(recording.states.shape))
        time = recording.times[column]
        follows = np.zeros(seen.shape, bool)
        follows[:, :-1] = seen[:, :-1] & seen[:, 1:]
        starts = np.flatnonzero(_runs(follows.ravel(), k))
        begun = np.bincount(groups.of(replica[starts], time[starts]), minlength=groups.count)
        duration = np.asarray(dt * begun, np.float64)
        refuse_empty(duration)
    window = starts[:, None] + np.arange(k + 1)
    code, reverse = _codes(visited[window])
    return paired(groups.of(replica[starts], time[starts]), code, reverse, k * duration)


def _visits(recording: Recording) -> tuple[Index, Array, Index, NDArray[np.bool_]]:
    """Replica, time of entry and state of every visit, and whether a jump to the next one of the replica follows."""
    j = recording.jumps
    assert j is not None
    first = np.arange(recording.replicas)
    replica = np.concatenate([first, j.replica])
    order = np.argsort(replica, kind="stable")
    time = np.concatenate([np.full(first.size, recording.times[0]), j.time])[order]
    visited = np.concatenate([recording.states[:, 0], j.target])[order]
    replica = replica[order]
    return replica, time, visited, np.append(replica[1:] == replica[:-1], False)


def _runs(follows: NDArray[np.bool_], k: int) -> NDArray[np.bool_]:
    """Where k steps in a row follow."""
    found = follows.copy()
    for i in range(1, k):
        found[: follows.size - i] &= follows[i:]
        found[follows.size - i :] = False
    return found


def _codes(words: Index) -> tuple[Index, Index]:
    """A number for each word, equal for equal words, and that of the word backwards."""
    both = np.concatenate([words, words[:, ::-1]])
    base = int(words.max(initial=0)) + 1
    if base ** words.shape[1] < 1 << 62:
        number = both @ base ** np.arange(words.shape[1], dtype=np.int64)
    else:
        number = np.unique(both, axis=0, return_inverse=True)[1].ravel()
    return number[: len(words)], number[len(words) :]
