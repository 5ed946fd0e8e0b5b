"""Two parts of one jump process: what flows between them as information, and the second law of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, is_whole
from ..markup import table, table_of_text
from .process import JumpProcess, jump_process
from .run import Run
from .steady import probabilities, stationary

Array = NDArray[np.float64]
Index = NDArray[np.int64]
ROUNDING = 1e-14
STEADY = 1e-9


@dataclass(frozen=True, repr=False)
class InformationFlows:
    """Rates of two parts, entry 0 of x and 1 of y; entropy_production = entropy_change + entropy_flow - flow >= 0.

    flow (2,): d I(x:y)/dt by changes of this part alone, in nats per time; > 0: it learns, < 0: it uses up.
    entropy_change (2,): dS/dt of its own distribution. heat (2, reservoir): INTO each bath by its changes, in k_B T0
    per time. entropy_flow (2,): sum_r heat_r / T_r. entropy_production (2,): in nats per time.
    information: I(x:y) itself, in nats. The sum of ``flow`` is d I(x:y)/dt, zero in a steady state.
    """

    flow: Array
    entropy_change: Array
    heat: Array
    entropy_flow: Array
    entropy_production: Array
    information: float

    def _repr_html_(self) -> str:
        named = {
            "flow": self.flow,
            "dS/dt": self.entropy_change,
            "Q/T": self.entropy_flow,
            "entropy production": self.entropy_production,
        }
        rows = [[name, f"{x:.6g}", f"{y:.6g}"] for name, (x, y) in named.items()]
        below = f"I(x:y) = {self.information:.6g} nats"
        return table("InformationFlows, nats per time", rows, ("", "x", "y"), [below])

    def __repr__(self) -> str:
        parts = [
            f"{name}: flow {self.flow[i]:.6g}, dS/dt {self.entropy_change[i]:.6g}, Q/T {self.entropy_flow[i]:.6g}, "
            f"entropy production {self.entropy_production[i]:.6g}"
            for i, name in enumerate("xy")
        ]
        return f"InformationFlows per time: {'; '.join(parts)}; I(x:y) = {self.information:.6g} nats"


@dataclass(frozen=True, repr=False)
class FlowSamples:
    """What every trajectory adds up: flow and entropy_change (replica, 2), in nats; heat (replica, 2, reservoir).

    Sums over ``duration``; heat > 0 INTO the bath, in k_B T0; entry 0 of x and 1 of y.
    """

    flow: Array
    entropy_change: Array
    heat: Array
    duration: float

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        mean = self.flow.mean(axis=0)
        return f"FlowSamples of {self.flow.shape[0]} trajectories: mean flow {mean[0]:.6g} into x, {mean[1]:.6g} into y"


def information_flows(
    process: JumpProcess, shape: tuple[int, int], p: ArrayLike | None = None, control: float | None = None
) -> InformationFlows:
    r"""Idot_x = sum over jumps (x', y) -> (x, y) of J ln[p(y|x) / p(y|x')],  J = k p(x', y) - k~ p(x, y),

        sigma_x = sum J ln[k p(x', y) / (k~ p(x, y))] = dS_x/dt + sum_r Qdot_{x,r} / T_r - Idot_x >= 0,

    each jump with its reverse once, and the same for y; Idot_x + Idot_y = d I(x:y)/dt. Exact.
    shape: (n_x, n_y), state n_y x + y being (x, y). p: probabilities (n,); None: the stationary ones. Amounts that are
    nothing but rounding of their terms are returned as zero.
    Raises InputError for a jump that changes x and y at once (it is named: the split has then no meaning), a shape that
    does not fit, p zero in a state that jumps join to an occupied one (the flow would be infinite), or a missing
    control.

    Horowitz and Esposito, PRX 4, 031015 (2014); Hartich, Barato and Seifert, J. Stat. Mech. P02016 (2014).

    >>> import szilard as sz
    >>> found = information_flows(sz.systems.sensor(2.0, environment=0.1), (2, 2))
    >>> found.flow.round(6), found.entropy_flow.round(6)
    (array([ 0.128434, -0.128434]), array([0.143049, 0.      ]))
    """
    energy = jump_process(process).energies(control)
    nx, ny = parts_of(process, shape)
    with np.errstate(divide="ignore"):
        logs = np.log(stationary(process, control) if p is None else probabilities(process, p, "p"))
    e, k = process.edges, process.jump_rates(energy)
    occupied = np.isfinite(logs)
    if np.any(occupied[e.source] != occupied[e.target]):
        x = int(e.target[occupied[e.source] & ~occupied[e.target]][0])
        fix = "start from a distribution that fills all states, or look a moment later"
        raise InputError(f"p[{x}]", 0.0, "is joined to an occupied state: the flow would be infinite", fix)
    once = (e.source < e.target) & occupied[e.source]
    s, t = e.source[once], e.target[once]
    part = (s // ny == t // ny).astype(np.int64)
    table = np.exp(logs).reshape(nx, ny)
    told = conditional_logs(table)
    surprise = _marginal_surprise(table)
    forth, back = k[once] * np.exp(logs[s]), k[e.reverse[once]] * np.exp(logs[t])
    force = process.jump_heat(energy)[once] / process.temperatures[e.channel[once]] + logs[s] - logs[t]
    near = np.abs(force) <= 1.0
    J = np.where(near, back * np.expm1(np.where(near, force, 0.0)), forth - back)
    traffic = forth + back
    q = process.jump_heat(energy)[once]
    bath = e.channel[once]
    baths = process.temperatures.size
    heat = np.stack([_per_part(bath == r, J * q, traffic * np.abs(q), part) for r in range(baths)], axis=1)
    each = np.ones(J.size, dtype=bool)

    def summed(a: Array) -> Array:
        return _per_part(each, J * a, traffic * np.abs(a), part)

    return InformationFlows(
        flow=summed(told[part, t] - told[part, s]),
        entropy_change=summed(surprise[part, t] - surprise[part, s]),
        heat=heat,
        entropy_flow=np.asarray((heat / process.temperatures).sum(axis=1)),
        entropy_production=np.asarray(np.bincount(part, J * force, 2), dtype=np.float64),
        information=float(np.sum(table.ravel()[occupied] * (told[0] + surprise[1])[occupied])),
    )


def flow_samples(run: Run, shape: tuple[int, int]) -> FlowSamples:
    r"""Delta I_x = sum over jumps of x of ln[p(y|x) / p(y|x')],  Delta S_x = -ln p(x_t) + ln p(x_0): per trajectory.

    run: in its steady state from beginning to end, with record="paths"; shape: (n_x, n_y), state n_y x + y. The mean
    of flow over ``duration`` is Idot_x. Raises InputError where no path was recorded, p(x, t) was not solved or moves,
    or a jump changes x and y at once.

    Horowitz and Esposito, PRX 4, 031015 (2014).

    >>> import szilard as sz
    >>> follows = sz.systems.sensor(2.0, environment=0.1)
    >>> run = sz.simulate(follows, "stationary", 50.0, replicas=1000, seed=1, record="paths")
    >>> flow_samples(run, (2, 2)).flow.shape
    (1000, 2)
    """
    paths = steady_paths(run)
    process, p = run.course.process, run.probabilities
    assert p is not None
    nx, ny = parts_of(process, shape)
    table = p[0].reshape(nx, ny)
    told, surprise = conditional_logs(table), _marginal_surprise(table)
    e, n, baths = process.edges, len(paths), process.temperatures.size
    s, t = e.source[paths.jump], e.target[paths.jump]
    part = (s // ny == t // ny).astype(np.int64)
    flow: Array = np.bincount(2 * paths.owner + part, told[part, t] - told[part, s], 2 * n).astype(np.float64)
    place = (2 * paths.owner + part) * baths + e.channel[paths.jump]
    heat: Array = np.bincount(place, paths.heat, 2 * n * baths).astype(np.float64)
    change = (surprise[:, run.final] - surprise[:, run.initial]).T
    return FlowSamples(flow.reshape(n, 2), np.ascontiguousarray(change), heat.reshape(n, 2, baths), run.duration)


def parts_of(process: JumpProcess, shape: Any) -> tuple[int, int]:
    """(n_x, n_y); raises InputError where it does not fit, or where a jump changes both parts."""
    if not (isinstance(shape, (tuple, list)) and len(shape) == 2 and all(is_whole(n, 1) for n in shape)):
        raise InputError("shape", shape, "must be two whole numbers >= 1", "shape=(2, 2), for instance")
    nx, ny = int(shape[0]), int(shape[1])
    if nx * ny != process.n_states:
        rule = f"must multiply to the {process.n_states} states of the process"
        raise InputError("shape", tuple(shape), rule, "state n_y x + y is (x, y)")
    e = process.edges
    both = (e.source // ny != e.target // ny) & (e.source % ny != e.target % ny)
    if both.any():
        i = int(np.flatnonzero(both)[0])
        ends = [divmod(int(z[i]), ny) for z in (e.source, e.target)]
        name = f"jump {ends[0]} -> {ends[1]} ({process.reservoirs[e.channel[i]]})"
        fix = "order the states as n_y x + y, or take both variables as one part"
        raise InputError(name, "x and y change at once", "every jump must change one of the two", fix)
    return nx, ny


def conditional_logs(table: Array) -> Array:
    """ln p(y|x) and ln p(x|y) of every state: (2, n)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        of_y = np.log(table / table.sum(axis=1, keepdims=True))
        of_x = np.log(table / table.sum(axis=0))
    return np.stack([of_y.ravel(), of_x.ravel()])


def steady_paths(run: Run) -> Any:
    """The paths of a run that is in its steady state all the time; raises InputError where it is not."""
    if not isinstance(run, Run):
        raise InputError("run", run, "must be the run of a jump process", 'sz.simulate(..., record="paths")')
    if run.paths is None:
        raise InputError("run", "no paths", "every jump has to be known", 'simulate with record="paths"')
    p = run.probabilities
    energies = run.course.outline()[1]
    if p is None or np.any(np.abs(p[1] - p[0]) > STEADY) or np.any(energies != energies[0]):
        rule = "must be in its steady state from beginning to end"
        raise InputError("run", "not known to be steady", rule, 'simulate from "stationary", without a protocol')
    return run.paths


def _marginal_surprise(table: Array) -> Array:
    """-ln p(x) and -ln p(y) of every state: (2, n)."""
    with np.errstate(divide="ignore"):
        of_x, of_y = -np.log(table.sum(axis=1)), -np.log(table.sum(axis=0))
    return np.stack([np.repeat(of_x, table.shape[1]), np.tile(of_y, table.shape[0])])


def _per_part(here: NDArray[np.bool_], amount: Array, scale: Array, part: Index) -> Array:
    """Sums over the jumps of each part; zero where they are rounding."""
    found = np.bincount(part[here], amount[here], 2)
    return np.where(np.abs(found) <= ROUNDING * np.bincount(part[here], scale[here], 2), 0.0, found)
