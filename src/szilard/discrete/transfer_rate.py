"""How fast the path of one part of a jump process takes in what the other does: the rate of transfer entropy."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from ..errors import InputError, is_number
from ..estimate import Sampled
from .bipartite import parts_of, steady_paths
from .process import JumpProcess, jump_process
from .run import Run
from .steady import stationary

Array = NDArray[np.float64]
ORDERS = (24, 48, 96, 192, 384)
PRECISION = 1e-7
ROUNDING = 1e-13
FARTHEST = 15.0


def transfer_entropy_rate(process: JumpProcess, shape: tuple[int, int], control: float | None = None) -> float:
    r"""T_{y->x} = < sum_x' k(x'|x, y) ln[k(x'|x, y) / kbar(x'|x_0^t)] >,  kbar = sum_y k(x'|x, y) p(y|x_0^t),

    in nats per time, in the steady state, with p(y|x_0^t) given the whole past of x; y has two values. Between jumps
    of x the probability r = p(1|x_0^t) flows, r' = v_x(r), and in a jump to x' it becomes r k(x'|x, 1)/kbar: (x, r) is
    a process of its own, whose mean of a function f is the c of  v_x g_x' + sum_x' kbar [g_x'(r_x') - g_x] + f = c.
    That equation is solved with Chebyshev polynomials of rising order, until c keeps to 1e-7; g is smooth.
    shape: (n_x, 2), state 2 x + y. The other direction: a process with the states in the other order.
    Raises InputError if y has not two values (see ``sampled_transfer_entropy_rate``), a jump changes x and y at once,
    or 384 polynomials are too few (rates that differ by many orders).

    Hartich, Barato and Seifert, J. Stat. Mech. P02016 (2014), for the rate; the equation is that of a piecewise
    deterministic process, Davis, J. R. Stat. Soc. B 46, 353 (1984).

    >>> import szilard as sz
    >>> transfer_entropy_rate(sz.systems.sensor(2.0, environment=0.1), (2, 2)).__round__(6)
    0.211658
    """
    nx, ny = parts_of(jump_process(process), shape)
    if ny != 2:
        fix = "sampled_transfer_entropy_rate(run, shape) takes any number"
        raise InputError("shape", tuple(shape), "y must have two values", fix)
    stationary(process, control)  # refuses a process in several parts
    rates = _rates(process, nx, ny, control)
    last = change = np.inf
    for order in ORDERS:
        found, size = _collocated(*rates, order)
        if abs(found - last) <= PRECISION * abs(found) + ROUNDING * size:
            return max(found, 0.0)
        change, last = abs(found - last), found
    rule = f"still changes by {change:.2g} with {ORDERS[-1]} polynomials"
    raise InputError("process", "transfer entropy", rule, "sampled_transfer_entropy_rate(run, shape)")


def sampled_transfer_entropy_rate(run: Run, shape: tuple[int, int], *, settle: float | None = None) -> Sampled:
    r"""T_{y->x} = <sum over jumps x -> x' of sum_y w_y ln[k(x'|x, y)/kbar]> / time,  w_y = p(y|x_0^t) k(x'|x, y)/kbar.

    As ``transfer_entropy_rate``, for any number of values of y: p(y|x_0^t) is followed along the recorded paths of x,
    exactly (matrix exponentials between jumps, Bayes' rule at jumps), from the stationary p(y|x) at time 0. Jumps
    before ``settle`` (half of the duration where None) are left out: the past is then as long, not infinite, and the
    value too large by no more than ln(n_y)/settle, in practice by e^{-settle/(memory of the filter)}.
    run: steady, with record="paths". Raises InputError as ``transfer_entropy_rate`` and for settle not within the run.

    >>> import szilard as sz
    >>> follows = sz.systems.sensor(2.0, environment=0.1)
    >>> run = sz.simulate(follows, "stationary", 100.0, replicas=1000, seed=1, record="paths")
    >>> sampled_transfer_entropy_rate(run, (2, 2)).estimate()
    0.2127 +- 0.0015 (n = 1000)
    """
    paths = steady_paths(run)
    process = run.course.process
    nx, ny = parts_of(process, shape)
    since = 0.5 * run.duration if settle is None else settle
    if not (is_number(since) and 0.0 <= since < run.duration):
        raise InputError("settle", settle, f"must lie in [0, {run.duration:g})", "leave it out")
    k, inner = _rates(process, nx, ny, None, run)
    decay = [_spectral(inner[x] - np.diag(k[:, x].sum(axis=0))) for x in range(nx)]
    e, n = process.edges, len(paths)
    before, after = e.source[paths.jump] // ny, e.target[paths.jump] // ny
    mine = before != after
    owner, when, before, after = (a[mine] for a in (paths.owner, paths.times, before, after))
    first = np.searchsorted(owner, np.arange(n + 1))
    assert run.probabilities is not None
    table = run.probabilities[0].reshape(nx, ny)
    belief = (table / table.sum(axis=1, keepdims=True))[run.initial // ny]
    now, gained = np.zeros(n), np.zeros(n)
    for turn in range(int(np.diff(first).max(initial=0))):
        who = np.flatnonzero(np.diff(first) > turn)
        i = first[who] + turn
        for x in range(nx):
            here = before[i] == x
            rows, j = who[here], i[here]
            belief[rows] = _passed(decay[x], when[j] - now[rows], belief[rows])
        rate = k[after[i], before[i]]
        weight = belief[who] * rate
        kbar = weight.sum(axis=1)
        told = xlogy(weight, np.where(weight > 0.0, rate, 1.0)).sum(axis=1) / kbar - np.log(kbar)
        gained[who] += np.where(when[i] > since, told, 0.0)
        belief[who] = weight / kbar[:, None]
        now[who] = when[i]
    return Sampled.mean(gained / (run.duration - since))


def _rates(
    process: JumpProcess, nx: int, ny: int, control: float | None, run: Run | None = None
) -> tuple[Array, Array]:
    """k[x', x, y] of x' != x, and the generator inner[x, y', y] of y while x is held."""
    e = process.edges
    rate = process.jump_rates(process.energies(control) if run is None else run.course.initial_energy)
    x, y, u, v = e.source // ny, e.source % ny, e.target // ny, e.target % ny
    k, inner = np.zeros((nx, nx, ny)), np.zeros((nx, ny, ny))
    np.add.at(k, (u[x != u], x[x != u], y[x != u]), rate[x != u])
    np.add.at(inner, (x[x == u], v[x == u], y[x == u]), rate[x == u])
    np.add.at(inner, (x[x == u], y[x == u], y[x == u]), -rate[x == u])
    return k, inner


def _spectral(A: Array) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Eigenvalues, eigenvectors and their inverse."""
    values, vectors = np.linalg.eig(A)
    if np.linalg.cond(vectors) > 1e10:
        fix = "change a rate by a part in a million"
        raise InputError("process", A.tolist(), "the filter of y has no basis of eigenvectors", fix)
    return values, vectors, np.linalg.inv(vectors)


def _passed(decay: tuple[NDArray[Any], NDArray[Any], NDArray[Any]], time: Array, belief: Array) -> Array:
    """p(y) after a time (row,) without a jump of x, from ``belief`` (row, y)."""
    values, vectors, inverse = decay
    slower = values - values.real.max()
    found = ((np.exp(slower * time[:, None]) * (belief @ inverse.T)) @ vectors.T).real
    found = np.maximum(found, 0.0)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _collocated(k: Array, inner: Array, order: int) -> tuple[float, float]:
    """c of the equation of ``transfer_entropy_rate``, and the size of the rates it comes from."""
    nx = k.shape[0]
    line = _Line(_reach(k, inner))
    t = -np.cos(np.pi * (np.arange(order) + 0.5) / order)
    r, rest, stretch = line.probability(t)
    basis, slope = _chebyshev(t, order), _derivatives(t, order) / stretch[:, None]
    rows = nx * order
    matrix, right = np.zeros((rows + 1, rows + 1)), np.zeros(rows + 1)
    size = 0.0
    for x in range(nx):
        here = slice(x * order, (x + 1) * order)
        out = k[:, x].sum(axis=0)
        v = inner[x, 1, 0] * rest - inner[x, 0, 1] * r - r * rest * (out[1] - out[0])
        matrix[here, here] += v[:, None] * slope
        matrix[here, rows] = -1.0
        for z in np.flatnonzero(k[:, x].any(axis=1)):
            one, zero = k[z, x, 1] * r, k[z, x, 0] * rest
            kbar = one + zero
            landed = _chebyshev(line.place(one / kbar, zero / kbar), order)
            matrix[here, here] -= kbar[:, None] * basis
            matrix[here, z * order : (z + 1) * order] += kbar[:, None] * landed
            right[here] -= xlogy(one, k[z, x, 1]) + xlogy(zero, k[z, x, 0]) - xlogy(kbar, kbar)
            size = max(size, float(kbar.max()))
    matrix[rows, 0] = 1.0  # g is fixed up to a constant
    return float(np.linalg.solve(matrix, right)[rows]), size


@dataclass(frozen=True)
class _Line:
    """r = (1 + tanh(reach t)/tanh(reach))/2, t in [-1, 1]: as many points for each factor e of r and of 1 - r."""

    reach: float

    def probability(self, t: Array) -> tuple[Array, Array, Array]:
        """r, 1 - r and dr/dt."""
        X = self.reach
        scale = 2.0 * np.cosh(X * t) * np.sinh(X)
        stretch = 0.5 * X / (np.tanh(X) * np.cosh(X * t) ** 2)
        return np.sinh(X * (1.0 + t)) / scale, np.sinh(X * (1.0 - t)) / scale, stretch

    def place(self, r: Array, rest: Array) -> Array:
        """t of r, and of rest = 1 - r."""
        X = self.reach
        edge = 2.0 / (np.exp(2.0 * X) + 1.0)
        ratio = (edge + 2.0 * np.tanh(X) * r) / (edge + 2.0 * np.tanh(X) * rest)
        return np.asarray(np.clip(0.5 * np.log(ratio) / X, -1.0, 1.0))


def _reach(k: Array, inner: Array) -> float:
    """Half of how many factors e the smallest of r, 1 - r where x rests, or after one more jump, are away from 1."""
    least = 1.0
    for x in range(k.shape[0]):
        out = k[:, x].sum(axis=0)
        up, down, tilt = inner[x, 1, 0], inner[x, 0, 1], out[1] - out[0]
        # at rest tilt r^2 - (up + down + tilt) r + up = 0; the root within [0, 1], written without cancellation
        if up == 0.0:
            continue
        b = up + down + tilt
        r = 2.0 * up / (b + sqrt(b * b - 4.0 * tilt * up))
        ends = [(r, 1.0 - r), *((k[z, x, 1] * r, k[z, x, 0] * (1.0 - r)) for z in range(k.shape[0]))]
        least = min([least, *(min(a, b) / (a + b) for a, b in ends if min(a, b) > 0.0)])
    return float(np.clip(-0.5 * np.log(least), 1.0, FARTHEST))


def _chebyshev(t: Array, order: int) -> Array:
    """T_j at points t in [-1, 1]: (point, order)."""
    return np.asarray(np.cos(np.arange(order) * np.arccos(t)[:, None]))


def _derivatives(t: Array, order: int) -> Array:
    """d T_j / dt at points t in (-1, 1): (point, order)."""
    j, angle = np.arange(order), np.arccos(t)[:, None]
    return np.asarray(j * np.sin(j * angle) / np.sin(angle))
