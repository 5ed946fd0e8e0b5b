"""Full counting statistics over a finite time: generating functions and cumulants of heat, work and entropy flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, number
from ..markup import table_of_text
from ..protocol import Protocol
from .course import Course, course_of
from .evolution import Counter, Evolution, Method
from .process import JumpProcess, jump_process
from .propagation import initial_probabilities

Array = NDArray[np.float64]
Weights = float | Sequence[float] | Array


@dataclass(frozen=True)
class Cumulants:
    """mean = <X>, variance = <(X - <X>)^2>, third = <(X - <X>)^3>."""

    mean: float
    variance: float
    third: float

    @property
    def skewness(self) -> float:
        """third / variance^(3/2); NaN where nothing fluctuates."""
        return self.third / self.variance**1.5 if self.variance > 0.0 else float("nan")

    def scaled(self, factor: float) -> Cumulants:
        """Those of factor X."""
        return Cumulants(factor * self.mean, factor**2 * self.variance, factor**3 * self.third)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return f"{self.mean:.9g} (sd {sqrt(max(self.variance, 0.0)):.6g}, third cumulant {self.third:.6g})"


@dataclass(frozen=True, repr=False)
class Fluctuations:
    """work, heat (one per reservoir, > 0 into the bath), entropy_flow = sum_r Q_r / T_r: the cumulants of each."""

    work: Cumulants
    heat: tuple[Cumulants, ...]
    entropy_flow: Cumulants
    reservoirs: tuple[str, ...]

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        rows = [("work", self.work), *((f"heat {n}", q) for n, q in zip(self.reservoirs, self.heat, strict=True))]
        rows.append(("entropy flow", self.entropy_flow))
        return "Fluctuations: " + "; ".join(f"{name} {found!r}" for name, found in rows)


def generating_function(
    process: JumpProcess,
    p0: ArrayLike,
    duration: float,
    protocol: Protocol | None = None,
    *,
    heat: Weights = 0.0,
    work: float = 0.0,
    method: Method | None = None,
) -> float:
    r"""<exp(-(sum_r h_r Q_r + w W))> = sum_x rho_x(duration),  rho(0) = p0,

        d rho_x / dt = sum_x' k[x, x'] e^{-h q[x, x'] - w drive[x, x']} rho_x' - (out_x + w de_x/dt) rho_x.

    heat: h, one number or one per reservoir; work: w; in 1 / (k_B T0). The mean over trajectories from 0 to
    ``duration``, started from p0 (as ``initial`` in ``propagate``), with the sudden jumps of the protocol. Relative
    error about 1e-12. Raises InputError as ``propagate`` does, or if the mean is beyond floating point.

    Feynman-Kac formula; Lebowitz and Spohn, J. Stat. Phys. 95, 333 (1999). work = 1/T from equilibrium at one
    temperature gives Z_end / Z_0 (Jarzynski, PRL 78, 2690 (1997)), driven or not.

    >>> from szilard.discrete import Channel, JumpProcess
    >>> moved = JumpProcess(lambda gap: [0.0, gap], Channel([[0, 1], [1, 0]], temperature=2.0))
    >>> found = generating_function(moved, "equilibrium", 1.0, Protocol((0.0, 1.0), (0.0, 3.0)), work=0.5)
    >>> round(found, 11), round(float(1 + np.exp(-1.5)) / 2, 11)
    (0.61156508007, 0.61156508007)
    """
    counter = Counter(_per_reservoir(process, heat), number("work", work))
    course = course_of(process, protocol, duration)
    v = initial_probabilities(process, p0, course.initial_energy)[None]
    with np.errstate(over="ignore", invalid="ignore"):
        total = float(Evolution(process, counter, method).across(course, v).sum())
    if not np.isfinite(total):
        rule = "the mean of the exponential is beyond floating point"
        raise InputError("duration", duration, rule, "take smaller weights or a shorter time; scgf gives the rate")
    return total


def exponential_work(
    process: JumpProcess,
    p0: ArrayLike,
    duration: float,
    protocol: Protocol | None = None,
    s: float = 1.0,
    *,
    method: Method | None = None,
) -> float:
    r"""<e^{-s W / T}> at one temperature T: Z_end / Z_0 for s = 1 from equilibrium (Jarzynski, PRL 78, 2690 (1997)).

    Raises InputError where the temperatures differ, else as ``generating_function``.
    """
    t = jump_process(process).temperatures
    if np.any(t != t[0]):
        fix = "generating_function(..., work=w) takes the weight of W itself"
        raise InputError("process", f"temperatures {t}", "W / T needs one temperature", fix)
    weight = number("s", s) / float(t[0])
    return generating_function(process, p0, duration, protocol, work=weight, method=method)


def fluctuations(
    process: JumpProcess,
    p0: ArrayLike,
    duration: float,
    protocol: Protocol | None = None,
    *,
    method: Method | None = None,
) -> Fluctuations:
    r"""dg_m/dt = L g_m + sum_{j=1}^m L_j g_{m-j},  g_m,x = <X^m / m!; state x>,  L_j = k x^j / j! off the diagonal.

    Mean, variance and third cumulant of work, of the heat into every reservoir and of the entropy flow
    sum_r Q_r / T_r, over trajectories from 0 to ``duration`` started from p0 (as ``initial`` in ``propagate``); x is
    what a jump adds to X. Exact: no sampling, no numerical derivative. X is counted from its mean, so that the
    variance keeps its digits over long times. Raises InputError as ``propagate`` does.

    Stiff rates: jumps both ways are subtracted, so that where pairs jump k t times the cumulants are known to about
    1e-16 k t, in units of x, only; ``energetics`` finds the means without that loss.

    >>> from szilard.discrete import Channel, JumpProcess
    >>> two = JumpProcess([0.0, 1.0], Channel([[0, 1], [1, 0]]))
    >>> fluctuations(two, [0.0, 1.0], 40.0).heat[0].mean.__round__(9)  # 1 - 1 / (1 + e)
    0.731058579
    """
    course = course_of(process, protocol, duration)
    p = initial_probabilities(process, p0, course.initial_energy)
    t = process.temperatures
    one = np.eye(t.size)

    def cumulants(heat: Array, work: float) -> Cumulants:
        return _cumulants(process, course, p, Counter(heat, work), method)

    into = tuple(cumulants(one[r], 0.0) for r in range(t.size))
    return Fluctuations(
        work=cumulants(np.zeros(t.size), 1.0),
        heat=into,
        entropy_flow=into[0].scaled(1.0 / float(t[0])) if t.size == 1 else cumulants(1.0 / t, 0.0),
        reservoirs=process.reservoirs,
    )


def _cumulants(process: JumpProcess, course: Course, p: Array, counted: Counter, method: Method | None) -> Cumulants:
    guess = 0.0
    if course.duration > 0.0:
        v = np.array([p, np.zeros(p.size)])
        guess = float(Evolution(process, Counter(counted.heat, counted.work, 1), method).across(course, v)[1].sum())
    drift = -guess / course.duration if course.duration > 0.0 else 0.0
    v = np.concatenate([p[None], np.zeros((3, p.size))])
    counter = Counter(counted.heat, counted.work, 3, drift)
    _, first, half, sixth = Evolution(process, counter, method).across(course, v).sum(axis=1)
    second, third = 2.0 * half, 6.0 * sixth
    return Cumulants(
        mean=float(guess + first) if course.duration > 0.0 else float(first),
        variance=max(0.0, float(second - first**2)),
        third=float(third - 3.0 * first * second + 2.0 * first**3),
    )


def _per_reservoir(process: JumpProcess, heat: Weights) -> Array:
    n = jump_process(process).temperatures.size
    try:
        given = np.array(heat, dtype=np.float64)
        h = np.array(np.broadcast_to(given, (n,)))
    except (TypeError, ValueError):
        rule = f"must be one number, or {n}: one per reservoir ({', '.join(process.reservoirs)})"
        raise InputError("heat", heat, rule, "give the weight of each heat, 0 where it does not count") from None
    if not np.all(np.isfinite(h)):
        raise InputError("heat", heat, "must be finite", "give the weight of each heat")
    return h
