"""One reservoir's way of moving a system: how often a jump is tried, how hot the bath is, what an agent adds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from ..errors import InputError, number
from ..markup import table_of_text

Array = NDArray[np.float64]
Kinetics = Literal["symmetric", "heat_bath", "arrhenius"]
KINETICS: tuple[Kinetics, ...] = ("symmetric", "heat_bath", "arrhenius")
SYMMETRY = 1e-9


@dataclass(frozen=True)
class Pairs:
    """The pairs of states that a channel joins, lower < upper; drive and load belong to lower -> upper."""

    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    attempt: Array
    drive: Array
    load: Array


@dataclass(frozen=True, eq=False, repr=False)
class Channel:
    r"""ln(k[x, x'] / k[x', x]) = q[x, x'] / T,  q[x, x'] = energy[x'] - energy[x] + drive[x, x'].

    k[x, x'] is the rate of the jump x' -> x in contact with one reservoir, q the heat INTO it, in k_B T0:
        symmetric   k[x, x'] = attempt[x, x'] exp(q[x, x'] / 2T)
        heat_bath   k[x, x'] = attempt[x, x'] / (1 + exp(-q[x, x'] / T))
        arrhenius   k[x, x'] = attempt[x, x'] exp((energy[x'] + load[x, x'] drive[x, x']) / T)
    attempt: (n, n), symmetric, >= 0, in 1/time, dense or scipy sparse, zero where no jump is possible; its
    diagonal is not used and must be zero. drive: (n, n), antisymmetric, the energy an agent provides in the jump
    x' -> x; None: no agent. temperature: in T0, > 0. load, of arrhenius only: how the drive is shared between a jump
    and its reverse, load[x, x'] + load[x', x] = 1; a number is the share that speeds the jump along the drive.
    Raises InputError that names the entry which breaks a rule.

    Local detailed balance: Bergmann and Lebowitz, Phys. Rev. 99, 578 (1955); Seifert, Rep. Prog. Phys. 75,
    126001 (2012).

    >>> Channel([[0.0, 2.0], [2.0, 0.0]], temperature=0.5)
    Channel('bath', 2 states, 1 pair, T = 0.5, symmetric)
    """

    attempt: Any
    drive: Any = None
    temperature: float = 1.0
    name: str = "bath"
    kinetics: Kinetics = "symmetric"
    load: Any = 0.5
    pairs: Pairs = field(init=False)

    def __init__(
        self,
        attempt: ArrayLike | sparse.sparray,
        drive: ArrayLike | sparse.sparray | None = None,
        *,
        temperature: float = 1.0,
        name: str = "bath",
        kinetics: Kinetics = "symmetric",
        load: ArrayLike | sparse.sparray = 0.5,
    ) -> None:
        if not isinstance(kinetics, str) or kinetics not in KINETICS:
            raise InputError("kinetics", kinetics, f"must be one of {', '.join(KINETICS)}", "name one")
        if not isinstance(name, str) or not name:
            raise InputError("name", name, "must be a text, not empty", 'for instance "hot"')
        t = number("temperature", temperature)
        if not t > 0.0:
            raise InputError("temperature", t, "must be > 0", "give it in units of T0, for instance 1.0")
        for key, value in (("temperature", t), ("name", name), ("kinetics", kinetics)):
            object.__setattr__(self, key, value)
        tries = _matrix(attempt, "attempt")
        object.__setattr__(self, "attempt", tries)
        given = None if drive is None else _matrix(drive, "drive", tries.shape[0])
        object.__setattr__(self, "drive", given)
        shares = load if np.ndim(load) == 0 and not sparse.issparse(load) else _matrix(load, "load", tries.shape[0])
        object.__setattr__(self, "load", shares)
        if kinetics != "arrhenius" and not (np.ndim(load) == 0 and not sparse.issparse(load) and load == 0.5):
            rule = f'shares the drive of kinetics="arrhenius" only, not of "{kinetics}"'
            raise InputError("load", load, rule, 'leave it out, or take kinetics="arrhenius"')
        object.__setattr__(self, "pairs", self._paired())

    @property
    def n_states(self) -> int:
        """The number of states of the matrices."""
        return int(self.attempt.shape[0])

    def _paired(self) -> Pairs:
        tries = self.attempt
        if np.any(tries.diagonal() != 0.0):
            x = int(np.flatnonzero(tries.diagonal())[0])
            raise InputError(
                f"attempt[{x}, {x}]", float(tries.diagonal()[x]), "no jump leads to its own state", "set it to zero"
            )
        if tries.nnz and tries.data.min() < 0.0:
            where = int(np.argmin(tries.data))
            x, y = int(tries.row[where]), int(tries.col[where])
            raise InputError(
                f"attempt[{x}, {y}]", float(tries.data[where]), "must be >= 0", "an attempt rate is no energy"
            )
        _refuse(tries - tries.T, tries, "attempt", "must be symmetric", "put what differs into energy or drive")
        up = sparse.coo_array(sparse.tril(tries, -1))
        keep = up.data > 0.0
        upper, lower, attempt = up.row[keep], up.col[keep], up.data[keep]
        drive = np.zeros(attempt.size)
        if self.drive is not None:
            _refuse(
                self.drive + self.drive.T, self.drive, "drive", "must be antisymmetric",
                "an agent that gives energy on x' -> x takes it back on x -> x'; pass both entries",
            )  # fmt: skip
            drive = _at(self.drive, upper, lower)
            lost = sparse.coo_array(abs(self.drive))
            lost.eliminate_zeros()
            idle = _at(tries, lost.row, lost.col) == 0.0
            if idle.any():
                x, y = int(lost.row[idle][0]), int(lost.col[idle][0])
                fix = f"set attempt[{x}, {y}] and attempt[{y}, {x}] > 0"
                raise InputError(f"drive[{x}, {y}]", float(lost.data[idle][0]), "no jump carries this drive", fix)
        return Pairs(lower.astype(np.int64), upper.astype(np.int64), attempt, drive, self._shared(upper, lower, drive))

    def _shared(self, upper: NDArray[Any], lower: NDArray[Any], drive: Array) -> Array:
        if sparse.issparse(self.load):
            forth, back = _at(self.load, upper, lower), _at(self.load, lower, upper)
            wrong = np.abs(forth + back - 1.0) > SYMMETRY
            if wrong.any():
                x, y = int(upper[wrong][0]), int(lower[wrong][0])
                rule = f"load[{x}, {y}] + load[{y}, {x}] must be 1"
                fix = "the two shares make up the whole drive"
                raise InputError("load", float((forth + back)[wrong][0]), rule, fix)
            return forth
        share = number("load", self.load)
        return np.where(drive >= 0.0, share, 1.0 - share)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        n = self.pairs.attempt.size
        return (
            f"Channel({self.name!r}, {self.n_states} state{'s' * (self.n_states != 1)}, {n} pair{'s' * (n != 1)}, "
            f"T = {self.temperature:g}, {self.kinetics})"
        )


def _matrix(values: Any, name: str, n: int | None = None) -> Any:
    """The matrix as a sparse one with coordinates, square and finite."""
    try:
        if np.iscomplexobj(values):
            raise TypeError
        dense = values if sparse.issparse(values) else np.asarray(values, dtype=np.float64)
        found = sparse.coo_array(dense, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(name, values, "must be a matrix of numbers", "give an (n, n) array") from None
    wanted = "square, (n, n)" if n is None else f"of shape ({n}, {n})"
    if len(found.shape) != 2 or found.shape[0] != found.shape[1] or n not in (None, found.shape[0]):
        raise InputError(name, found.shape, f"must be {wanted}", "one row and one column per state")
    found.sum_duplicates()
    if not np.all(np.isfinite(found.data)):
        where = int(np.flatnonzero(~np.isfinite(found.data))[0])
        at = f"{name}[{int(found.row[where])}, {int(found.col[where])}]"
        raise InputError(at, float(found.data[where]), "must be finite", "remove NaN and infinity")
    return found


def _refuse(difference: Any, matrix: Any, name: str, rule: str, fix: str) -> None:
    """Raise if a difference (or sum) of entries that must vanish does not, to their own rounding."""
    found = sparse.coo_array(difference)
    size = _at(abs(matrix) + abs(matrix.T), found.row, found.col)
    wrong = np.abs(found.data) > SYMMETRY * size
    if wrong.any():
        x, y, sign = int(found.row[wrong][0]), int(found.col[wrong][0]), "+" if "anti" in rule else "-"
        got = float(found.data[wrong][0])
        raise InputError(f"{name}[{x}, {y}] {sign} {name}[{y}, {x}]", got, f"{name} {rule}", fix)


def _at(matrix: Any, rows: NDArray[Any], columns: NDArray[Any]) -> Array:
    """matrix[rows, columns] of a sparse matrix."""
    if rows.size == 0:
        return np.zeros(0)
    return np.asarray(sparse.csr_array(matrix)[rows, columns], dtype=np.float64).ravel()
