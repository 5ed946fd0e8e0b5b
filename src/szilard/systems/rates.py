"""A process from the rates of its jumps, with the heat that they imply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from ..discrete import Channel, JumpProcess
from ..errors import InputError
from ._checks import Array, channel_of, numbers, positive
from ._split import EPS, Index, split_heat

Convention = Literal["column", "row"]
Rates: TypeAlias = ArrayLike | sparse.sparray
DIAGONAL = 1e-9


def from_rates(
    k: Rates | Mapping[str, Rates],
    convention: Convention = "column",
    *,
    temperature: float | Mapping[str, float] = 1.0,
    name: str = "bath",
    energy: ArrayLike | None = None,
) -> JumpProcess:
    r"""q[x, x'] = T ln(k[x, x'] / k[x', x]) = energy[x'] - energy[x] + drive[x, x']: the heat that given rates imply.

    k: (n, n), dense or scipy sparse, in 1/time; k[x, x'] is the rate of x' -> x ("column": a generator's columns
    sum to zero) or of x -> x' ("row"). The diagonal is zero or minus the sum of the rates out of a state, and is
    not used. A mapping from names to matrices makes one reservoir of each; temperature is then a number or a
    mapping with the same names. name: of the only reservoir.

    The given rates come back to rounding, by symmetric kinetics with attempt sqrt(k[x, x'] k[x', x]). Heat and
    entropy production do not depend on how q is split; energy change and work do. energy: (n,), yours; None takes
    the energy that explains most, with the least sum of drive[x, x']^2 over the pairs and energy 0 in the first state
    of each connected part. Rates in detailed balance then have no drive, and the same ring comes back as
    ``systems.ring`` builds it.
    Where the states are themselves collections of states (copy numbers, lumped states), that energy is a free energy.

    Without ``energy``, rates with affinities need the solution of a Laplace equation on the graph: less than a second
    for a square lattice or a random graph of 1e5 states.
    Raises InputError: rates that are negative or not finite, a jump without its reverse (both rates are named: the heat
    would be infinite), a diagonal that is neither zero nor minus the sums.

    Source: Seifert, Rep. Prog. Phys. 75, 126001 (2012); the split is the discrete Helmholtz-Hodge decomposition,
    Jiang, Lim, Yao and Ye, Math. Program. 127, 203 (2011).

    >>> from_rates([[-1.0, 4.0], [1.0, -4.0]], temperature=0.5).energies().round(4)
    array([0.    , 0.6931])
    >>> from_rates([[0, 3, 1], [1, 0, 3], [3, 1, 0]])
    JumpProcess: 3 states, 1 reservoir (bath, T = 1, symmetric, 3 pairs), driven
    """
    if convention not in ("column", "row"):
        raise InputError("convention", convention, 'must be "column" or "row"', "name one")
    several = isinstance(k, Mapping)
    given: Mapping[str, Any] = k if isinstance(k, Mapping) else {name: k}
    warm: Mapping[str, Any] = temperature if isinstance(temperature, Mapping) else dict.fromkeys(given, temperature)
    if not given or set(given) != set(warm):
        got = f"rates for {sorted(map(str, given))}, temperature for {sorted(map(str, warm))}"
        raise InputError("temperature", got, "must name the same reservoirs", "give both for every reservoir")
    found = [
        _pairs(matrix, f"k[{key!r}]" if several else "k", convention, positive("temperature", warm[key]))
        for key, matrix in given.items()
    ]
    n = found[0].n_states
    if any(pairs.n_states != n for pairs in found):
        raise InputError("k", [pairs.n_states for pairs in found], "must have the same size", "pad with zeros")
    level, drives = _levels(found, n, energy)
    channels: list[Channel] = []
    for key, pairs, drive in zip(given, found, drives, strict=True):
        channels.append(
            channel_of(n, pairs.lower, pairs.upper, pairs.attempt, drive, temperature=pairs.temperature, name=key)
        )
    return JumpProcess(level, channels)


@dataclass(frozen=True)
class _Pairs:
    """One reservoir's pairs of states; heat belongs to lower -> upper."""

    n_states: int
    temperature: float
    lower: Index
    upper: Index
    attempt: Array
    heat: Array
    scale: float


def _levels(found: list[_Pairs], n: int, energy: ArrayLike | None) -> tuple[Array, list[Array]]:
    lower, upper, heat = (np.concatenate([getattr(p, key) for p in found]) for key in ("lower", "upper", "heat"))
    scale = max(p.scale for p in found)
    if energy is None:
        level, drive = split_heat(n, lower, upper, heat, scale)
    else:
        level = numbers("energy", energy, (n,))
        drive = heat - (level[lower] - level[upper])
        rounding = 4.0 * EPS * (scale + np.abs(level[lower]) + np.abs(level[upper]))
        drive = np.where(np.abs(drive) <= rounding, 0.0, drive)
    return level, np.split(drive, np.cumsum([p.heat.size for p in found])[:-1])


def _pairs(k: Rates, name: str, convention: Convention, temperature: float) -> _Pairs:
    matrix = _matrix(k, name)
    entries = sparse.coo_array(matrix)
    kept = (entries.row != entries.col) & (entries.data != 0.0)
    places = (entries.row[kept], entries.col[kept])
    off = sparse.coo_array((entries.data[kept], places), shape=matrix.shape)
    _refuse_entries(off, name)
    _refuse_diagonal(matrix.diagonal(), off, name, convention)
    rates = sparse.csr_array(off if convention == "column" else off.T)
    forth = sparse.coo_array(sparse.tril(rates, -1))
    forth.sum_duplicates()
    back = sparse.coo_array(sparse.triu(rates, 1).T)
    n = int(matrix.shape[0])
    one, two = forth.row.astype(np.int64) * n + forth.col, back.row.astype(np.int64) * n + back.col
    lonely = np.setxor1d(one, two)
    if lonely.size:
        x, y = divmod(int(lonely[0]), n)
        x, y = (x, y) if convention == "column" else (y, x)
        rule = "a jump whose reverse has rate 0 would release infinite heat"
        fix = "give the reverse jump its rate, however small, or take both out"
        got = (float(sparse.csr_array(off)[x, y]), float(sparse.csr_array(off)[y, x]))
        raise InputError(f"{name}[{x}, {y}] and {name}[{y}, {x}]", got, rule, fix)
    up, down = forth.data[np.argsort(one)], back.data[np.argsort(two)]
    upper, lower = np.divmod(np.sort(one), n)
    logs = np.log(up), np.log(down)
    scale = temperature * (1.0 + float(np.max(np.abs(logs), initial=0.0)))
    return _Pairs(n, temperature, lower, upper, np.sqrt(up) * np.sqrt(down), temperature * (logs[0] - logs[1]), scale)


def _matrix(k: Rates, name: str) -> Any:
    try:
        found = sparse.csr_array(
            k if sparse.issparse(k) else np.asarray(k, dtype=np.float64), dtype=np.float64, copy=True
        )
    except (TypeError, ValueError):
        raise InputError(name, k, "must be a matrix of numbers", "give an (n, n) array") from None
    if len(found.shape) != 2 or found.shape[0] != found.shape[1] or found.shape[0] == 0:
        raise InputError(name, found.shape, "must be square, (n, n), n >= 1", "one row and one column per state")
    found.sum_duplicates()
    return found


def _refuse_entries(off: Any, name: str) -> None:
    wrong = ~(np.isfinite(off.data) & (off.data >= 0.0))
    if wrong.any():
        i = int(np.flatnonzero(wrong)[0])
        at = f"{name}[{int(off.row[i])}, {int(off.col[i])}]"
        raise InputError(at, float(off.data[i]), "a rate must be finite and >= 0", "replace this value")


def _refuse_diagonal(diagonal: Array, off: Any, name: str, convention: Convention) -> None:
    if not np.any(diagonal):
        return
    sums = {key: np.asarray(off.sum(axis=axis)).ravel() for key, axis in (("column", 0), ("row", 1))}
    fits = {key: np.abs(diagonal + out) <= DIAGONAL * (np.abs(diagonal) + out) for key, out in sums.items()}
    if np.all(fits[convention]):
        return
    other: Convention = "row" if convention == "column" else "column"
    wrong = ~fits[convention]
    x = int(np.flatnonzero(wrong & (diagonal != 0.0) if np.any(wrong & (diagonal != 0.0)) else wrong)[0])
    rule = f"the diagonal must be zero or minus the {convention} sums; here the sum is {float(sums[convention][x]):.6g}"
    fix = f'convention="{other}"' if np.all(fits[other]) else "set the diagonal to zero"
    raise InputError(f"{name}[{x}, {x}]", float(diagonal[x]), rule, fix)
