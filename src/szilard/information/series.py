"""Transfer entropy of discrete series in time."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

from ..errors import InputError, is_whole
from ..estimate import Sampled, Side
from .tables import joined, refuse_sparse, second_order, whole_numbers

Array = NDArray[np.float64]
Index = NDArray[np.int64]
GROUPS = 50
SIGNS = (1.0, 1.0, -1.0, -1.0)


def transfer_entropy(
    x: ArrayLike, y: ArrayLike, *, history: int = 1, bound: Literal["upper", "lower"] = "upper"
) -> Sampled:
    r"""T_{y->x} = I(x_{t+1} : y_t | x_t ... x_{t-h+1}), in nats per step: what y tells of the next x beyond its past.

    x, y: (replica, time), whole numbers; replicas independent, series stationary; h = ``history`` >= 1. The value is
    that of the frequencies, freed of its bias of order 1/n by a jackknife over groups of whole replicas (so that the
    correlation between times does no harm); the error is that of the replicas, of first and second order as in
    ``sampled_information``.
    Side: if (x, y) together are a Markov chain, the whole past of x would give less, so that this is an "upper" bound,
    falling with h; and bound="lower" gives I(x_{t+1} : y_t | x_t ... x_{t-h+1}, y_{t-h+1}), a lower bound, rising with
    h from zero at h = 1. Both are of the series as it is: of a process in continuous time looked at every dt, value/dt
    may lie on either side of the rate. If something hidden drives x as well, there is no side.
    Raises InputError for shapes that differ, fewer than 2 replicas or h + 1 times, or fewer than 10 samples per
    combination of values seen.

    Schreiber, PRL 85, 461 (2000); bounds as in Cover and Thomas, Elements of Information Theory, on entropy rates of
    functions of Markov chains; jackknife: Quenouille, Biometrika 43, 353 (1956).

    >>> y = np.random.default_rng(1).integers(0, 2, (200, 50))
    >>> round(transfer_entropy(np.roll(y, 1, axis=1), y).value, 3)  # x repeats y one step later: ln 2
    0.693
    """
    a, b = whole_numbers("x", x), whole_numbers("y", y)
    if not is_whole(history, 1):
        raise InputError("history", history, "must be a whole number >= 1", "history=1, for instance")
    if bound not in ("upper", "lower"):
        raise InputError("bound", bound, 'must be "upper" or "lower"', "name one of them")
    if a.ndim != 2 or a.shape[0] < 2 or a.shape[1] <= history:
        rule = f"must have shape (replica >= 2, time > {history})"
        raise InputError("x", a.shape, rule, "cut one long series into pieces and make them replicas")
    if b.shape != a.shape:
        raise InputError("y", b.shape, f"must have the shape of x, {a.shape}", "give both at the same times")
    replicas, steps = a.shape[0], a.shape[1] - history
    past = [a[:, history - 1 - j : a.shape[1] - 1 - j] for j in range(history)]
    if bound == "lower":
        past.append(b[:, :steps])
    given = joined(*(column.ravel() for column in past))
    ahead, now = joined(a[:, history:].ravel()), joined(b[:, history - 1 : -1].ravel())
    codes = [joined(ahead, now, given), given, joined(ahead, given), joined(now, given)]
    refuse_sparse(given.size, int(codes[0].max()) + 1)
    owner = np.repeat(np.arange(replicas), steps)
    whole, parts, local = 0.0, np.zeros(min(replicas, GROUPS)), np.zeros(given.size)
    for code, sign in zip(codes, SIGNS, strict=True):
        group = _counted(code, owner * parts.size // replicas, parts.size)
        total = group.sum(axis=0)
        whole += sign * float(_mean_log(total))
        parts += sign * _mean_log(total - group)
        local += sign * np.log(total / given.size)[code]
    value = parts.size * whole - (parts.size - 1) * float(parts.mean())
    influence = np.bincount(owner, local, replicas) / steps - whole
    cells = sum(round(sign) * (int(code.max()) + 1) for code, sign in zip(codes, SIGNS, strict=True))
    share = max(1.0 / given.size, 2.0 * abs(whole - value) / max(abs(cells), 1))  # bias = cells share/2, however slow
    side: Side = bound
    return Sampled(value, influence, side, second_order(influence, cells, share))


def _counted(code: Index, group: Index, groups: int) -> Array:
    """How often each value occurs in each group: (group, value)."""
    values = int(code.max()) + 1
    return np.bincount(group * values + code, minlength=groups * values).reshape(groups, values).astype(np.float64)


def _mean_log(count: Array) -> Array:
    """sum f ln f of counts (..., value)."""
    n = count.sum(axis=-1)
    return np.asarray(xlogy(count, count).sum(axis=-1) / n - np.log(n))
