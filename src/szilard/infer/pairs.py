"""Events and their reverses, counted in pieces: how different the two counts are, without the bias of counting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import psi

from ..errors import InputError
from .groups import Found, statistic_of

Array = NDArray[np.float64]
Index = NDArray[np.int64]
MOST_PAIRS = 10_000


@dataclass(frozen=True)
class Pairs:
    """counts: (piece, 2, pair), of events and of their reverses; time: (piece,), over which they were counted."""

    counts: Array
    time: Array

    @property
    def events(self) -> float:
        """How many events were counted, their reverses included."""
        return float(self.counts.sum())

    def per_time(self, kernel: Callable[[Array, Array], Array], chained: int) -> Found:
        """sum over pairs of kernel(n, m) / time, its bias removed."""
        groups, _, pairs = self.counts.shape

        def statistic(sums: Array) -> Array:
            n, m = sums[:, :pairs], sums[:, pairs:-1]
            return np.asarray(kernel(n, m).sum(axis=1) / sums[:, -1])

        sums = np.concatenate([self.counts.reshape(groups, -1), self.time[:, None]], axis=1)
        return statistic_of(sums, statistic, chained)

    def divergence(self, chained: int) -> Found:
        """sum over pairs of the logarithmic kernel / time.

        Where a reverse was never seen its logarithm stands still while the time shrinks, which the jackknife takes for
        a bias of one per event; that is put back, so that a lone event counts as in the mean over Poisson counts.
        """
        found = self.per_time(logarithmic, chained)
        n, m = self.counts.sum(axis=0)
        lone = float(np.sum((n + m)[np.minimum(n, m) == 0]))
        return replace(found, value=found.value - lone / float(self.time.sum()))

    def one_way(self) -> tuple[int, float]:
        """How many pairs were seen one way only, and what they add to the sum of the logarithmic kernel per time."""
        n, m = self.counts.sum(axis=0)
        only = np.minimum(n, m) == 0
        added = logarithmic(n[only], m[only]) - 1.0
        repeated = (n + m)[only] > 1
        return int(repeated.sum()), float(added[repeated].sum() / self.time.sum())


def paired(group: Index, code: Index, reverse: Index, time: Array) -> Pairs:
    """Pairs from events: the piece, the code and the code of the reverse of each; what is its own reverse is dropped.

    time: (piece,). Raises InputError for more than 10,000 different pairs.
    """
    kept = code != reverse
    group, code, reverse = group[kept], code[kept], reverse[kept]
    names, pair = np.unique(np.minimum(code, reverse), return_inverse=True)
    if names.size > MOST_PAIRS:
        rule = f"at most {MOST_PAIRS} different pairs of events are counted"
        raise InputError("recording", f"{names.size} pairs", rule, "lump the states, or ask for shorter words")
    backward = (code > reverse).astype(np.int64)
    place = (group * 2 + backward) * names.size + pair
    counts = np.bincount(place, minlength=time.size * 2 * names.size).astype(np.float64)
    return Pairs(counts.reshape(time.size, 2, names.size), time)


def logarithmic(n: Array, m: Array) -> Array:
    r"""(n - m) [psi(n + 1) - psi(m + 1)], which is (n - m) ln(n/m) for large counts and finite for zeros.

    Of independent Poisson counts of means N, M its mean, less P(n > 0) + P(m > 0) - which is the bias that the
    jackknife takes off - is (N - M) [ln(N/M) + E_1(N) - E_1(M)] <= (N - M) ln(N/M), E_1 the exponential integral: so
    that rare and unseen reverses make it too small, never too large.
    """
    return np.asarray((n - m) * (psi(n + 1.0) - psi(m + 1.0)))


def quadratic(n: Array, m: Array) -> Array:
    """2 (n - m)^2 / (n + m) <= (n - m) ln(n/m)."""
    total = n + m
    return np.asarray(2.0 * (n - m) ** 2 / np.where(total > 0.0, total, 1.0))
