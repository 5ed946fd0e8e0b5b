"""Weights that learn one fair label from a linear force: what they know, what it costs, exactly and simulated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ...check import BoundCheck
from ...continuous import Gaussian, GaussianPropagation, Langevin, Linear, propagate, simulate
from ...estimate import Sampled
from ...information import label_information, learned_information, neighbour_entropy
from ...protocol import Protocol
from .breaking import NAMES, Account

Array = NDArray[np.float64]
Values = Mapping[str, Any]
SETTLING = 10.0
"""How long the whole force acts at the end, in relaxation times."""
STAIRS = 2.0
"""Exact transitions need only resolve the ramp: they take so many of the default steps at once."""
FEWEST_STAIRS = 100


def ramped(v: Values) -> tuple[Protocol, float]:
    """s(t): from 0 to 1 in ``ramp`` relaxation times, then held for ``settling``: the protocol and its duration."""
    unit = 1.0 / (v["mobility"] * v["stiffness"])
    return Protocol([0.0, v["ramp"] * unit], [0.0, 1.0]), (v["ramp"] + v["settling"]) * unit


def stairs(ramp: float, dt: float) -> float:
    """The step of exact transitions along a ramp, in relaxation times: its staircase errs by the square of it."""
    return min(STAIRS * dt, ramp / FEWEST_STAIRS)


def pushed(v: Values, label: int) -> Langevin:
    r"""dw = mu (-k w + sigma c s) dt + sqrt(2 mu T) dB, sigma c s(t) the force of a label: one weight."""
    return Langevin(
        linear=lambda s: Linear([[v["stiffness"]]], [label * v["push"] * s]), dim=1, mobility=v["mobility"],
        temperature=v["temperature"], name="pushed weight",
    )  # fmt: skip


def end_of(process: Langevin, start: Gaussian, v: Values) -> tuple[Array, Array]:
    """Mean (dim,) and covariance (dim, dim) at the end of ``ramped``, exactly."""
    protocol, duration = ramped(v)
    found = propagate(process, start, [duration], protocol)
    assert isinstance(found, GaussianPropagation)
    return np.asarray(found.means[-1]), np.asarray(found.covariances[-1])


def answered(mean: float, variance: float) -> float:
    """I(label : sign of the field), of a field N(+-mean, variance): ln 2 - h(Phi(mean/sqrt(variance)))."""
    return float(label_information(np.array(ndtr(mean / sqrt(variance)))))


@dataclass(frozen=True)
class Learnt:
    """weights: (replica, coordinate) at the end; labels: (replica,) of +-1; heat: (replica, reservoir), k_B T0.

    luck: (replica,), the initial energy at no force, of mean expected_luck, which heat varies with.
    """

    weights: Array
    labels: Array
    heat: Array
    luck: Array
    expected_luck: float

    def told(self, field: Array) -> Sampled:
        """I(label : sign of the field (replica,)) in nats."""
        return learned_information((field * self.labels > 0.0).astype(np.float64)[:, None])

    def entropy_change(self, weights: Array, initial: float) -> Sampled:
        """sum_n S(w_n) - initial, of weights (replica, weight), by nearest neighbours."""
        return neighbour_entropy(weights) + Sampled.constant(-initial, len(self.labels))

    def heat_over(self, temperatures: Sequence[float]) -> Sampled:
        """sum_r Q_r/T_r in nats."""
        return Sampled.controlled(self.heat @ (1.0 / np.asarray(temperatures)), self.luck, self.expected_luck)


def learn(
    process: Callable[[int], Langevin], start: Gaussian, v: Values, seed: int, threads: int | None, *,
    dt: float, method: str | None = None,
) -> Learnt:  # fmt: skip
    """Half of v["replicas"] learn the label +1, half -1, along ``ramped``; dt in relaxation times."""
    protocol, duration = ramped(v)
    step = dt / (v["mobility"] * v["stiffness"])
    runs = [
        simulate(
            process(label), start, duration, replicas=int(v["replicas"]) // 2, seed=seed, protocol=protocol, dt=step,
            method=method, entropy=False, threads=threads, cell=f"label {label}",
        )
        for label in (1, -1)
    ]  # fmt: skip
    initial = np.concatenate([run.initial for run in runs])
    return Learnt(
        weights=np.concatenate([run.final for run in runs]),
        labels=np.repeat([1.0, -1.0], len(runs[0].final)),
        heat=np.concatenate([run.ledger.heat for run in runs]),
        luck=0.5 * v["stiffness"] * np.sum(initial**2, axis=1),
        expected_luck=0.5 * v["stiffness"] * float(np.trace(start.covariance)),
    )


def paid(rule: str, exact: Account, seen: Account, assumptions: tuple[str, ...] = ()) -> Iterator[BoundCheck]:
    """information <= cost, exact and simulated, as a law beside that of the row."""
    for how, a in (("exact", exact), ("simulated", seen)):
        yield BoundCheck(f"{rule} ({how})", a.information, a.cost, assumptions, stderr=a.stderr)


def mended(rule: str, exact: Account, seen: Account) -> Iterator[BoundCheck]:
    """smaller <= larger, exact and simulated."""
    for how, a in (("exact", exact), ("simulated", seen)):
        yield BoundCheck(f"{rule} ({how})", a.smaller, a.larger, stderr=a.repaired_stderr)


def agreeing(told: str, exact: Account, seen: Account) -> Iterator[BoundCheck]:
    """Every simulated number of an account beside that of the row against its exact one, each once."""
    pairs = {(getattr(seen, name), getattr(exact, name)): name for name in reversed(NAMES)}
    for (sampled, true), name in reversed(pairs.items()):
        yield BoundCheck(f"{told}: {name}, simulated = exact", sampled, true, relation="=")
