"""The force that teaches a harmonic weight with the least dissipation in a given time."""

from __future__ import annotations

from dataclasses import dataclass
from math import expm1
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.optimize import lsq_linear

from ..errors import InputError, is_whole, number
from ..markup import table
from ..protocol import Protocol
from .optimal_traps import above

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
HEAVY = 1e7
PLACES, SHARES = np.polynomial.legendre.leggauss(12)


@dataclass(frozen=True, repr=False)
class LearningForce:
    """Sigma >= least: a force over time and the conditional entropy production of the weight that follows it.

    protocol: the force, off before and after a sudden change at each end (at the end it is kept if the force was
    asked for). dissipation: Sigma in nats, of ``protocol`` itself. least: the same without any limit on the force.
    mean: of the weight at the end. times, means (time,): the path of the mean at the nodes.
    """

    protocol: Protocol
    dissipation: float
    least: float
    mean: float
    times: Array
    means: Array

    def plot(self, ax: Axes | None = None) -> Axes:
        """The force against time, its sudden changes upright; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, house_style, lines

        with house_style():
            ax = axes_or_new(ax)
            lines(ax, self.protocol.times, [self.protocol.values], "time", "force")
        return ax

    def _repr_html_(self) -> str:
        rows = [
            ["mean reached", f"{self.mean:.6g}", f"in the time {self.protocol.duration:g}"],
            ["dissipation", f"{self.dissipation:.9g}", "nat"],
            ["least dissipation", f"{self.least:.9g}", "nat, without limits"],
        ]
        return table("LearningForce", rows)

    def __repr__(self) -> str:
        return (
            f"LearningForce: the mean reaches {self.mean:.6g} in the time {self.protocol.duration:g}; dissipation "
            f"{self.dissipation:.9g}, at least {self.least:.9g} without limits"
        )


def optimal_learning_force(
    end: float,
    duration: float,
    *,
    stiffness: float = 1.0,
    mobility: float = 1.0,
    temperature: float = 1.0,
    nodes: int = 33,
    fixed: Literal["state", "force"] = "state",
    largest: float | None = None,
    monotone: bool = False,
    jumps: bool = True,
) -> LearningForce:
    r"""min over f of Sigma = (1/(mu T)) int (dm/dt)^2 dt,  dm/dt = mu (f(t) - k m), m(0) = 0;  >= m^2 / (mu T tau).

    Given its label, the weight is a Gaussian of constant width moved by an additive force; Q/T = Sigma is its entropy
    production. Speed costs its square, so that the least is a constant one, f = (m/tau) (k t + 1/mu), with a sudden
    change of f at both ends. The force here is a straight line between ``nodes`` points equally apart in time; Sigma
    is a quadratic form of the nodes, taken exactly.

    fixed: "state": m(tau) = ``end``, a length; "force": f(tau) = ``end``, held ever after, and Sigma includes the
    relaxation to m = end / k: (k/2T)(end/k - m(tau))^2; least (end^2 / kT) / (2 + mu k tau). largest: |f| at most this.
    monotone: the force never turns round. jumps: False: the force starts at 0, and where it is fixed it ends at
    ``end``, without sudden changes. Without any of these the nodes solve linear equations (error: rounding); with
    them they solve a least squares problem with bounds, whose least is unique (Sigma to about 1e-9).
    duration, stiffness, mobility, temperature: > 0. nodes: 2 ... 400, all limits included.

    Raises InputError for values beyond these, or an end that the largest force cannot reach in this time.

    Source: for "force" the system is the moved trap of Schmiedl and Seifert, Phys. Rev. Lett. 98, 108301 (2007).

    >>> optimal_learning_force(1.5, 2.0)
    LearningForce: the mean reaches 1.5 in the time 2; dissipation 1.125, at least 1.125 without limits
    >>> round(optimal_learning_force(1.5, 2.0, largest=2.0).dissipation, 4)
    1.1362
    """
    target, tau = number("end", end), above("duration", duration)
    k, mu, T = above("stiffness", stiffness), above("mobility", mobility), above("temperature", temperature)
    if not is_whole(nodes, 2) or nodes > 400:
        raise InputError("nodes", nodes, "must be a whole number in 2..400", "e.g. nodes=33")
    if fixed not in ("state", "force"):
        raise InputError("fixed", fixed, 'must be "state" or "force"', "name one of them")
    most = None if largest is None else above("largest", largest)
    x = mu * k * tau
    reach = None if most is None else most * (-expm1(-x) / k if fixed == "state" else 1.0)
    if reach is not None and abs(target) > reach * (1.0 + 1e-12):
        rule = f"cannot be reached in the time {tau:g} with |f| <= {most:g}: at most {reach:.6g}"
        raise InputError("end", end, rule, "give more time or force")
    cost, means = _quadratic(k, mu, tau, nodes)
    gain = means[-1]
    cost = cost / (mu * T)
    pull = np.zeros(nodes)
    if fixed == "force":
        # (k/2T)(end/k - gain.f)^2 without its constant
        cost, pull = cost + (k / (2.0 * T)) * np.outer(gain, gain), -(target / T) * gain
    if target == 0.0:
        f = np.zeros(nodes)
    elif most is None and jumps and not monotone:
        f = _solved(cost, pull, gain, target if fixed == "state" else None)
    else:
        f = _limited(cost, pull, gain, target, fixed, most, monotone, jumps)
    left = target * target / (2.0 * k * T) if fixed == "force" else 0.0
    least = target**2 / (mu * T * tau) if fixed == "state" else target**2 / (k * T * (2.0 + x))
    t = np.linspace(0.0, tau, nodes)
    after = target if fixed == "force" else 0.0
    protocol = Protocol((0.0, *t, tau), (0.0, *f, after))
    return LearningForce(protocol, float(f @ cost @ f + pull @ f + left), least, float(gain @ f), t, means @ f)


def _quadratic(k: float, mu: float, tau: float, nodes: int) -> tuple[Array, Array]:
    """int (dm/dt)^2 dt = f.C f and m at the nodes = M f, exactly: C and M, both (node, node)."""
    h, a = tau / (nodes - 1), mu * k
    rate = mu * np.eye(nodes)[0]
    means, C = np.zeros((nodes, nodes)), np.zeros((nodes, nodes))
    decay = -expm1(-a * h) / a
    # r = e^{-as} r_0 + mu (1 - e^{-as})/a f'; many short panels resolve e^{-as} to rounding
    panels = int(np.ceil(0.25 * min(a * h, 160.0))) + 1
    width = min(h, 40.0 / a) if a * h > 160.0 else h
    edges = np.linspace(0.0, width, panels + 1)
    s = (edges[:-1, None] + np.diff(edges)[:, None] * (PLACES + 1.0) / 2.0).ravel()
    w = (np.diff(edges)[:, None] * SHARES / 2.0).ravel()
    if width < h:  # what follows is constant to rounding
        s, w = np.append(s, width), np.append(w, h - width)
    fall, rise = np.exp(-a * s), -np.expm1(-a * s) / a
    own, cross, drive, lift = w @ fall**2, w @ (fall * rise), w @ rise**2, w @ rise
    for i in range(nodes - 1):
        slope = np.zeros(nodes)
        slope[i], slope[i + 1] = -mu / h, mu / h
        both = np.outer(rate, slope)
        C += own * np.outer(rate, rate) + cross * (both + both.T) + drive * np.outer(slope, slope)
        means[i + 1] = means[i] + decay * rate + lift * slope
        rate = rate * np.exp(-a * h) + slope * decay
    return C, means


def _solved(cost: Array, pull: Array, gain: Array, target: float | None) -> Array:
    """min f.C f + p.f, subject to gain.f = target if there is one."""
    n = gain.size
    if target is None:
        return np.asarray(np.linalg.solve(2.0 * cost, -pull))
    matrix = np.zeros((n + 1, n + 1))
    scale = float(np.abs(cost).max() / np.abs(gain).max())
    matrix[:n, :n], matrix[:n, n], matrix[n, :n] = 2.0 * cost, scale * gain, scale * gain
    return np.asarray(np.linalg.solve(matrix, np.append(-pull, scale * target))[:n])


def _limited(
    cost: Array,
    pull: Array,
    gain: Array,
    target: float,
    fixed: str,
    most: float | None,
    monotone: bool,
    jumps: bool,
) -> Array:
    """min |R y - q|^2 within limits, R^T R the cost, every equation between the nodes a row of great weight.

    In units in which the end is 1 the unknowns are the forces, or, where these never fall, their steps and what
    is left of the last one's room.
    """
    n, kept = gain.size, fixed == "force"
    size = target if kept else target / float(gain.sum())
    top = np.inf if most is None else most / abs(size)
    R = np.linalg.cholesky(cost * size * size).T
    goal = -solve_triangular(R, 0.5 * pull * size, trans="T")
    heavy = HEAVY * float(np.abs(R).max())
    rows, goals = [R], [goal]
    if not kept:
        rows.append(heavy * gain[None] / float(gain.sum()))
        goals.append(np.array([heavy]))
    if kept and not jumps:
        rows.append(heavy * np.eye(n)[-1:])
        goals.append(np.array([heavy]))
    low, high = np.full(n, -top), np.full(n, top)
    to_forces = np.eye(n)
    if monotone:
        to_forces, low, high = np.tril(np.ones((n, n))), np.zeros(n), np.full(n, np.inf)
        top = min(top, 1.0) if kept else top
    first = 0 if jumps else 1
    to_forces, low, high = to_forces[:, first:], low[first:], high[first:]
    matrix, goal = np.concatenate(rows) @ to_forces, np.concatenate(goals)
    if monotone and np.isfinite(top):
        room = np.append(heavy * to_forces[-1], heavy)
        matrix = np.vstack([np.column_stack([matrix, np.zeros(goal.size)]), room])
        goal, low, high = np.append(goal, heavy * top), np.append(low, 0.0), np.append(high, np.inf)
    found = lsq_linear(matrix, goal, (low, high), method="bvls", tol=1e-15, max_iter=20 * n)
    if found.status <= 0:
        rule = f"the search for the force stopped: {found.message}"
        raise InputError("end", target, rule, "use fewer nodes or wider limits")
    return np.asarray(size * (to_forces @ found.x[: to_forces.shape[1]]))
