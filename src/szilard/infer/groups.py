"""Independent pieces of a recording, and statistics of their sums with the bias removed and an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..data.recording import Recording
from ..errors import InputError

Array = NDArray[np.float64]
Index = NDArray[np.int64]
ENOUGH_REPLICAS = 100
"""From here on a piece is made of whole replicas, which are independent."""
MOST_GROUPS = 400
RESAMPLES = 200
SEED = 0x53A1


@dataclass(frozen=True)
class Groups:
    """Replica i between times[0] + (b / blocks) duration and the next: the piece i blocks + b, or a set of replicas."""

    count: int
    blocks: int
    replicas: int
    start: float
    duration: float

    def of(self, replica: Index, time: Array) -> Index:
        """The piece of each of these replicas at each of these times."""
        if self.blocks == 1:
            return np.asarray(replica * self.count // self.replicas)
        block = ((time - self.start) / self.duration * self.blocks).astype(np.int64)
        return np.asarray(replica * self.blocks + np.clip(block, 0, self.blocks - 1))


def groups_of(recording: Recording) -> Groups:
    """Sets of replicas where there are 100 or more, else blocks in time of each, 200 in all or as many as fit."""
    r, t0 = recording.replicas, float(recording.times[0])
    if r >= ENOUGH_REPLICAS:
        return Groups(min(r, MOST_GROUPS), 1, r, t0, recording.duration)
    blocks = -(-2 * ENOUGH_REPLICAS // r)
    if recording.jumps is None:
        blocks = max(1, min(blocks, (recording.times.size - 1) // 2))
    return Groups(r * blocks, blocks, r, t0, recording.duration)


@dataclass(frozen=True)
class Found:
    """A statistic of all pieces with the first-order bias removed, its standard error, how many pieces it is worth."""

    value: float
    stderr: float
    ess: float


def statistic_of(sums: Array, statistic: Callable[[Array], Array], chained: int = 1) -> Found:
    r"""theta(sum_g s_g), less its bias (G - 1)(mean_g theta_(-g) - theta) by the jackknife; error by the bootstrap.

    sums: (piece, m); statistic: (many, m) -> (many,). The pieces are resampled whole, so that their inner correlation
    is kept; the bootstrap keeps the quadratic part of the spread as well, which is all of it in equilibrium, where the
    linear part is zero. A piece or a resample without a finite value leaves the error infinite. chained: how many
    pieces in a row belong to one trajectory: their first correlation widens the error where it is positive.
    Quenouille, Biometrika 43, 353 (1956); Efron, Ann. Stat. 7, 1 (1979); Kunsch, Ann. Stat. 17, 1217 (1989).
    """
    n = sums.shape[0]
    if n < 3:
        rule = "at least three independent pieces are needed for an error"
        raise InputError("recording", f"{n} pieces", rule, "record more replicas, or more times")
    total = sums.sum(axis=0)
    whole = float(statistic(total[None])[0])
    without = statistic(total - sums)
    draw = np.random.Generator(np.random.Philox(SEED))
    often = draw.multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES).astype(np.float64)
    resampled = statistic(often @ sums)
    if not (np.all(np.isfinite(without)) and np.all(np.isfinite(resampled))):
        return Found(whole, float("inf"), 0.0)
    pseudo = n * whole - (n - 1) * without
    spread = float(np.std(resampled, ddof=1))
    stretch = 1.0
    if chained > 1:
        d = pseudo - pseudo.mean()
        inside = (np.arange(n - 1) + 1) % chained > 0
        stretch += 2.0 * max(0.0, float(np.sum(d[:-1] * d[1:] * inside) / max(np.sum(d * d), 1e-300)))
    return Found(float(pseudo.mean()), spread * stretch**0.5, n / stretch)
