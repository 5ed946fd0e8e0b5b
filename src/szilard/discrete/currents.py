"""What flows through every pair of states, and how much a flow fluctuates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from ..errors import InputError
from ..markup import table_of_text
from ._killed import Killed
from .elimination import Elimination
from .process import Index, JumpProcess, jump_process
from .steady import entropy_production_rate, log_stationary, probabilities, stationary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Observable: TypeAlias = str | ArrayLike | sparse.sparray | None
NAMES = '"entropy", "heat", "heat NAME" of one reservoir, "work" or "activity"'
EPS = float(np.finfo(float).eps)


@dataclass(frozen=True, repr=False)
class EdgeCurrents:
    """Flows over every pair of states and channel, source < target, counted positive from source to target.

    current J and traffic K, in 1/time; force F in nats; heat: flow INTO the channel's reservoir, in k_B T0 per
    time. All (pair,). ``reservoirs`` names the channels. probabilities: (state,), those they were computed in.
    """

    source: Index
    target: Index
    channel: Index
    current: Array
    traffic: Array
    force: Array
    heat: Array
    reservoirs: tuple[str, ...]
    probabilities: Array

    @property
    def entropy_production(self) -> Array:
        """J F >= 0 of every pair, in nats per time: (pair,). Infinite where one state is empty."""
        with np.errstate(invalid="ignore"):
            return np.where(self.current == 0.0, 0.0, self.current * self.force)

    @property
    def heat_flow(self) -> Array:
        """The heat into each reservoir per time: (reservoir,)."""
        return np.asarray(np.bincount(self.channel, self.heat, len(self.reservoirs)), dtype=np.float64)

    def plot(
        self, ax: Axes | None = None, *, positions: ArrayLike | None = None, labels: Sequence[str] | None = None
    ) -> Axes:
        """The network: circles of area ~ p, arrows along the net current, the heat flow on each; see ``network``."""
        from ..plotting import axes_or_new, house_style, network

        with house_style():
            ax = axes_or_new(ax, (5.0, 5.0))
            network(
                ax, self.probabilities, self.source, self.target, self.channel, self.current, self.heat,
                reservoirs=self.reservoirs, traffic=self.traffic, positions=positions, labels=labels,
            )  # fmt: skip
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        n = self.current.size
        total = float(self.entropy_production.sum())
        return f"EdgeCurrents: {n} pair{'s' * (n != 1)}, entropy production {total:.6g} nats per time"


@dataclass(frozen=True, repr=False)
class CurrentNoise:
    """The steady state's mean rate and noise of time-integrated observables.

    mean: () or (observable,), per time. covariance: () or (observable, observable), the growth rate of
    Cov(X_i, X_j). entropy_production: sum of J F in nats per time. names: of several observables.
    """

    mean: Array
    covariance: Array
    entropy_production: float
    names: tuple[str, ...]
    rounding: Array

    @property
    def variance(self) -> Array:
        """lim Var(X_t) / t: () or (observable,)."""
        return np.asarray(np.diagonal(self.covariance)) if self.covariance.ndim else self.covariance

    @property
    def uncertainty_product(self) -> Array:
        r"""sigma Var / J^2 >= 2 for every current, that is, antisymmetric observable.

        Raises InputError where the mean is zero to rounding. Barato and Seifert, PRL 114, 158101 (2015);
        Gingrich, Horowitz, Perunov and England, PRL 116, 120601 (2016).
        """
        idle = np.abs(self.mean) <= self.rounding
        if np.any(idle):
            fix = "compare variances instead, or take a current that flows"
            raise InputError("mean", self.mean, "is zero to rounding: no relative uncertainty", fix)
        return np.asarray(self.entropy_production * self.variance / self.mean**2)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        if not self.names:
            return f"CurrentNoise: mean {float(self.mean):.6g}, variance {float(self.variance):.6g} per time"
        each = ", ".join(
            f"{name} {m:.6g} (variance {v:.6g})"
            for name, m, v in zip(self.names, self.mean, self.variance, strict=True)
        )
        return f"CurrentNoise per time: {each}"


def edge_currents(process: JumpProcess, p: ArrayLike | None = None, control: float | None = None) -> EdgeCurrents:
    r"""J = k_ts p_s - k_st p_t,  K = k_ts p_s + k_st p_t,  F = ln(k_ts p_s / k_st p_t),  sigma = sum J F.

    One entry per pair s < t and channel, where k_ts is the rate s -> t. p: (n,), None for the stationary
    distribution. F is infinite where one of the two states is empty, and 0 where both are. Heat into the
    reservoir: J q. Raises InputError if p is no distribution over the states, or if it is left out and the
    process has no single stationary one.

    Schnakenberg, Rev. Mod. Phys. 48, 571 (1976).

    >>> from szilard.discrete import Channel, JumpProcess
    >>> flows = edge_currents(JumpProcess([0.0, 0.0], Channel([[0, 1], [1, 0]])), [1.0, 0.0])
    >>> flows.current, flows.force
    (array([1.]), array([inf]))
    """
    energy = jump_process(process).energies(control)
    rates, e = process.jump_rates(energy), process.edges
    if p is None:
        stationary(process, control)
        logs = log_stationary(process, energy)
    else:
        with np.errstate(divide="ignore"):
            logs = np.log(probabilities(process, p, "p"))
    forth = np.flatnonzero(e.source < e.target)
    before, after = logs[e.source[forth]], logs[e.target[forth]]
    forward, backward = rates[forth] * np.exp(before), rates[e.reverse[forth]] * np.exp(after)
    q = process.jump_heat(energy)[forth]
    empty = np.isneginf(before) & np.isneginf(after)
    force = np.where(empty, 0.0, q / process.temperatures[e.channel[forth]])
    force = force + np.subtract(before, after, out=np.zeros(forth.size), where=~empty)
    near = np.abs(force) < 1.0
    current = np.where(near, backward * np.expm1(np.where(near, force, 0.0)), forward - backward)
    return EdgeCurrents(
        source=e.source[forth],
        target=e.target[forth],
        channel=e.channel[forth],
        current=current,
        traffic=forward + backward,
        force=force,
        heat=current * q,
        reservoirs=process.reservoirs,
        probabilities=np.exp(logs),
    )


def current_noise(
    process: JumpProcess,
    observable: Observable | Mapping[str, Observable] = None,
    control: float | None = None,
) -> CurrentNoise:
    r"""J_i = <X_i>/t and C_ij = lim Cov(X_i, X_j)/t of X_i = sum of d_i over all jumps, in the steady state.

    C_ij = sum_jumps k p_s D_i D_j with D = d + h_t - h_s, where h solves sum_t k_ts (h_t - h_s) = J - sum_t k_ts d:
    X_t - J t + h is a martingale, and D its steps, so that a variance is a sum of squares. One elimination
    serves all observables.

    observable: see ``jump_observable``; a mapping of names gives means (observable,) and the covariance matrix.
    Raises InputError where the process falls apart into several parts, and for what is no observable.

    Lebowitz and Spohn, J. Stat. Phys. 95, 333 (1999), for the currents; Koza, J. Phys. A 32, 7637 (1999), for
    their variance.

    >>> from szilard.discrete import Channel, JumpProcess
    >>> current_noise(JumpProcess([0.0, 0.0], Channel([[0, 1], [1, 0]])), "activity")
    CurrentNoise: mean 1, variance 1 per time
    """
    p = stationary(process, control)
    several = isinstance(observable, Mapping)
    given = dict(observable) if isinstance(observable, Mapping) else {"": observable}
    if not given:
        raise InputError("observable", given, "an empty mapping", 'name one, for instance {"heat": "heat"}')
    energy = jump_process(process).energies(control)
    d = np.array([jump_observable(process, each, energy) for each in given.values()])
    rates, e = process.jump_rates(energy), process.edges
    g = Elimination(process)
    killed = Killed(g, g.entries(rates), np.zeros(p.size), np.arange(p.size) == np.argmax(p))
    mean, covariance, _ = steady_noise(process, killed, rates, p, d)
    sigma = entropy_production_rate(process, None, control)
    rounding = 64 * EPS * np.abs(d) @ (rates * p[e.source])
    if several:
        return CurrentNoise(mean, covariance, sigma, tuple(given), rounding)
    return CurrentNoise(mean.reshape(()), covariance.reshape(()), sigma, (), rounding.reshape(()))


def steady_noise(process: JumpProcess, killed: Killed, rates: Array, p: Array, d: Array) -> tuple[Array, Array, Array]:
    """Means (m,), covariances (m, m) and potentials h (n, m) of d (m, jump).

    p is stationary under ``rates``; killed: the process with these rates that ends at a state of large p.
    """
    e, n = process.edges, p.size
    gain = np.array([np.bincount(e.source, weights=rates * row, minlength=n) for row in d], dtype=np.float64).T
    mean = p @ gain
    h = killed.backward(gain - mean)
    flow = rates * p[e.source]
    seen = flow > 0.0
    step = (d + (h[e.target] - h[e.source]).T)[:, seen]
    return mean, (step * flow[seen]) @ step.T, h


def jump_observable(process: JumpProcess, observable: Observable, energy: Array) -> Array:
    r"""d of every jump, in the order of ``process.edges``: (jump,).

    None or "entropy": q / T, in nats; "heat": q, into all reservoirs, or "heat NAME" into one; "work": the drive;
    "activity": 1; an array (jump,) as it is; a matrix (n, n), dense or sparse: d[x, x'] for a jump x' -> x in
    any channel. Raises InputError for other names and shapes, for numbers that are not finite, and for a matrix
    that counts a jump which does not exist.
    """
    e = process.edges
    q = process.jump_heat(energy)
    if observable is None or (isinstance(observable, str) and observable == "entropy"):
        return q / process.temperatures[e.channel]
    if isinstance(observable, str):
        plain: dict[str, Array] = {"heat": q, "work": e.drive, "activity": np.ones(q.size)}
        if observable in plain:
            return plain[observable].copy()
        for r, name in enumerate(process.reservoirs):
            if observable == f"heat {name}":
                return np.where(e.channel == r, q, 0.0)
        rule = f"must be {NAMES}, where NAME is one of {', '.join(process.reservoirs)}"
        raise InputError("observable", observable, rule, "name one, or give an array")
    try:
        dense = None if sparse.issparse(observable) else np.asarray(observable, dtype=np.float64)
        matrix = sparse.csr_array(observable) if dense is None else dense
    except (TypeError, ValueError):
        raise InputError("observable", observable, f"must be {NAMES} or numbers", "give an array") from None
    n = process.n_states
    if matrix.shape not in ((q.size,), (n, n)):
        rule = f"must have shape ({q.size},), one number per jump, or ({n}, {n}), one per pair"
        raise InputError("observable", matrix.shape, rule, "follow process.edges, or give a matrix")
    if not np.all(np.isfinite(matrix if dense is not None else matrix.data)):
        raise InputError("observable", "NaN or infinity", "must be finite", "remove what is not")
    if matrix.ndim == 1:
        return np.array(matrix)
    _refuse_idle(matrix, process)
    return np.asarray(matrix[e.target, e.source], dtype=np.float64).ravel()


def _refuse_idle(matrix: Any, process: JumpProcess) -> None:
    e, n = process.edges, process.n_states
    found = sparse.coo_array(matrix)
    used = np.flatnonzero(found.data)
    known = np.isin(found.row[used].astype(np.int64) * n + found.col[used], e.target * n + e.source)
    if not known.all():
        i = int(used[~known][0])
        x, y = int(found.row[i]), int(found.col[i])
        raise InputError(f"observable[{x}, {y}]", float(found.data[i]), f"no jump {y} -> {x} exists", "set it to zero")
