"""Entropies and informations of discrete variables: exact from tables, estimated from samples."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from ..data.numbers import real_numbers
from ..errors import InputError
from ..estimate import Sampled

Array = NDArray[np.float64]
Index = NDArray[np.int64]
ENOUGH_PER_CELL = 10


def table_entropy(p: ArrayLike) -> float:
    r"""H = -sum p ln p, in nats, of a table of probabilities of any shape (joint entropy); exact.

    Raises InputError unless the entries are finite, >= 0 and add up to 1.

    >>> round(table_entropy([0.5, 0.5]), 6)
    0.693147
    """
    return float(np.sum(entr(_table("p", p))))


def mutual_information(p: ArrayLike) -> float:
    r"""I(X:Y) = sum p(x, y) ln[p(x, y) / (p(x) p(y))] = H(X) + H(Y) - H(X, Y) >= 0, in nats; exact.

    p: (x, y), joint probabilities. Raises InputError unless it is a table of two variables, finite, >= 0, of sum 1.

    Shannon, Bell Syst. Tech. J. 27, 379 (1948).

    >>> round(mutual_information([[0.45, 0.05], [0.05, 0.45]]), 6)
    0.368064
    """
    table = _table("p", p, 2)
    return conditional_information(table[:, :, None])


def conditional_information(p: ArrayLike) -> float:
    r"""I(X:Y|Z) = sum p(x, y, z) ln[p(x, y, z) p(z) / (p(x, z) p(y, z))] >= 0, in nats; exact.

    p: (x, y, z), joint probabilities. Raises InputError unless a table of three variables, finite, >= 0, of sum 1.

    >>> conditional_information(np.full((2, 2, 2), 0.125))
    0.0
    """
    table = _table("p", p, 3)
    ratio = np.ones_like(table)
    some = table > 0.0
    margins = table.sum((0, 1)), table.sum(1)[:, None, :], table.sum(0)[None, :, :]
    np.divide(table * margins[0], margins[1] * margins[2], out=ratio, where=some)
    return float(np.sum(table * np.log(ratio)))


def sampled_entropy(x: ArrayLike) -> Sampled:
    r"""H = -sum f ln f + (K - 1)/2n, with f the frequencies of the K values seen in n samples, in nats.

    x: (replica,) whole numbers, or (replica, k) for the joint entropy of k variables; replicas independent.
    Side: the frequencies alone give too little entropy (Jensen's inequality, at every n); with the correction the
    estimate is two-sided, up to O(1/n^2) and to values too rare to be seen in n samples.
    Error: of the first order, and of the second, of order 1/n, which is all there is where the values are equally
    frequent.
    Raises InputError with fewer than 10 samples per value seen, or unless x are whole numbers.

    Miller, in Information Theory in Psychology (1955), p. 95; Paninski, Neural Comput. 15, 1191 (2003).

    >>> sampled_entropy([0, 1] * 500).estimate()
    0.6936 +- 0.0055 (n = 1000)
    """
    codes = _codes("x", x)
    count = np.bincount(codes)
    refuse_sparse(codes.size, count.size)
    surprise = -np.log(count / codes.size)[codes]
    return _corrected(surprise, count.size - 1)


def sampled_information(x: ArrayLike, y: ArrayLike, given: ArrayLike | None = None) -> Sampled:
    r"""I(X:Y|Z) = <ln[f(x, y, z) f(z) / (f(x, z) f(y, z))]> - (K_xyz + K_z - K_xz - K_yz)/2n, in nats.

    f: frequencies in the n samples, K: numbers of different values seen. x, y and, for I(X:Y|Z), given: (replica,)
    whole numbers, or (replica, k) for k variables together; replicas independent.
    Side: the frequencies alone give too much where the variables are independent, (K_x - 1)(K_y - 1)/2n on average,
    and where most pairs of values occur; but too little where one variable is nearly a function of the other, for
    then it is an entropy. So they bound nothing. With the correction the estimate is two-sided, up to O(1/n^2) and
    to values too rare to be seen; it may come out below zero where there is no information.
    Error: of the first order, and of the second, of order 1/n, which is all there is where the variables are
    independent. It is meant to hold below the value as well as above, and there is up to four times the spread.
    Raises InputError with fewer than 10 samples per joint value seen, different lengths, or no whole numbers.

    Miller, in Information Theory in Psychology (1955), p. 95; Paninski, Neural Comput. 15, 1191 (2003).

    >>> x = np.arange(1000) % 2
    >>> sampled_information(x, np.where(np.arange(1000) < 100, 1 - x, x)).estimate()
    0.368 +- 0.022 (n = 1000)
    """
    a, b = _codes("x", x), _codes("y", y)
    c = np.zeros(a.size, dtype=np.int64) if given is None else _codes("given", given)
    for name, codes in (("y", b), ("given", c)):
        if codes.size != a.size:
            raise InputError(name, codes.size, f"must have as many samples as x: {a.size}", "one row per replica")
    joint = [joined(a, b, c), c, joined(a, c), joined(b, c)]
    counts = [np.bincount(codes) for codes in joint]
    refuse_sparse(a.size, counts[0].size)
    logs = [np.log(count)[codes] for count, codes in zip(counts, joint, strict=True)]
    cells = counts[0].size + counts[1].size - counts[2].size - counts[3].size
    return _corrected(logs[0] + logs[1] - logs[2] - logs[3], -cells)


def _corrected(local: Array, cells: int) -> Sampled:
    """<local> + cells/2n; where no sample differs from another, with the doubt that one of n + 1 does."""
    value, n = float(local.mean()), local.size
    influence = local - value
    alike = float(np.abs(influence).max()) <= 1e-12 * max(1.0, abs(value))
    unseen = log(2.0 * n + 1.0) ** 2 * 0.5 * (n + 0.5) / (n + 1.0) ** 2 / n if alike else 0.0
    return Sampled(value + cells / (2.0 * n), influence, unseen=unseen + second_order(influence, cells, 1.0 / n))


def second_order(influence: Array, cells: int, share: float) -> float:
    r"""Variance beyond that of the influence s^2: (s + share)^2 - s^2 + |cells| share^2/2, share = 1/n.

    Near independence (or equal probabilities) <local> is |theta + e|^2/2n, e of unit variance in |cells| dimensions.
    Along theta it varies by s = |theta|/n, which comes out too small where theta does: two errors away theta is larger
    by 2, and the square by 2 (s + 1/n). Across theta it is chi^2/2n, of variance |cells|/2n^2.
    """
    if cells == 0:
        return 0.0
    n = influence.size
    s = float(np.sqrt(np.sum(influence**2) / max(n * (n - 1), 1)))
    return share * (2.0 * s + share) + 0.5 * abs(cells) * share**2


def _table(name: str, given: ArrayLike, variables: int | None = None) -> Array:
    p = real_numbers(name, given, "must be numbers", "give a table of probabilities")
    if p.size == 0 or variables not in (None, p.ndim):
        rule = "must not be empty" if variables is None else f"must have one axis for each of {variables} variables"
        raise InputError(name, p.shape, rule, "p[x, y] is the probability of x and y together")
    if not np.all(np.isfinite(p)) or np.any(p < 0.0):
        raise InputError(name, p[~(p >= 0.0) | ~np.isfinite(p)][0], "must be finite and >= 0", "give probabilities")
    if abs(float(p.sum()) - 1.0) > 1e-9:
        raise InputError(name, float(p.sum()), "must add up to 1", "divide the table by its sum")
    return np.asarray(p / p.sum())


def whole_numbers(name: str, given: ArrayLike) -> NDArray[Any]:
    """The samples as integers; raises InputError where they are none, or empty."""
    try:
        values = np.asarray(given)
    except ValueError:
        rule = "must be one array: rows of several lengths are none"
        raise InputError(name, "rows of several lengths", rule, "give every replica as many values") from None
    if values.dtype.kind not in "iub" or values.size == 0:
        got = f"{values.dtype} of shape {values.shape}"
        rule = "must be whole numbers that tell values apart, at least one"
        raise InputError(name, got, rule, "bin what is continuous, then .astype(int)")
    return values


def _codes(name: str, given: ArrayLike) -> Index:
    """Different rows as 0, 1, 2 ...: (replica,)."""
    values = whole_numbers(name, given)
    if values.ndim not in (1, 2):
        raise InputError(name, values.shape, "must have shape (replica,) or (replica, k)", "one row per replica")
    return joined(*(values[:, None] if values.ndim == 1 else values).T)


def joined(*columns: NDArray[Any]) -> Index:
    """One code per different combination."""
    found = np.zeros(columns[0].size, dtype=np.int64)
    for column in columns:
        code = np.unique(column, return_inverse=True)[1]
        found = np.unique(found * (int(code.max()) + 1) + code, return_inverse=True)[1]
    return found


def refuse_sparse(n: int, cells: int) -> None:
    if n < ENOUGH_PER_CELL * cells:
        got = f"{n} samples of {cells} different values"
        rule = f"needs {ENOUGH_PER_CELL} samples per value seen: the correction of the bias is its first order"
        raise InputError("samples", got, rule, "add replicas, or tell fewer values apart")
