"""What a law is given: an exact number, an estimate, or one value per replica; and how two of them are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from math import hypot, inf, isfinite
from typing import ParamSpec, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..check import BoundCheck
from ..errors import InputError, number
from ..estimate import OPPOSITE, ROUNDED, Estimate, Sampled, finite, joined_side, numbers

Known = Sampled | Estimate
Amount: TypeAlias = float | Estimate | Sampled | ArrayLike
Array = NDArray[np.float64]
P = ParamSpec("P")
R = TypeVar("R")
BLIND = "no feedback: nothing acts on what it measured"


def in_range(law: Callable[P, R]) -> Callable[P, R]:
    """The law, raising InputError where its numbers are so large or so small that the result is not a finite one."""

    @wraps(law)
    def ranged(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise"):
                found = law(*args, **kwargs)
        except ArithmeticError as error:
            raise _out_of_range(law.__name__) from error
        parts = (found.smaller, found.larger) if isinstance(found, BoundCheck) else (found,)
        values = (x.value if isinstance(x, Estimate | Sampled) else x for x in parts)
        if not all(isfinite(x) for x in values if isinstance(x, float)):
            raise _out_of_range(law.__name__)
        return found

    return ranged


def _out_of_range(name: str) -> InputError:
    rule = "the result must lie within the range of floating point"
    return InputError(name, "numbers too large or too small", rule, "give them in k_B T0 and in units near their size")


def known(value: Amount, name: str) -> Known:
    """A number is exact, an array (replica,) is sampled, an Estimate or a Sampled is itself.

    Samples that all agree, to rounding, are no proof of certainty: their error is unknown, and every verdict from them
    inconclusive. Where the value is certain pass the number.
    Raises InputError for NaN, infinity, an empty array or one of another shape, and for what is no number.
    """
    if isinstance(value, Sampled | Estimate):
        if not isfinite(value.value):
            raise InputError(name, value.value, "must be finite", "find where it arose")
        return value
    if numbers(value, name).ndim == 0:
        return Estimate.exact(number(name, np.asarray(value).item()))
    x = per_replica(value, name)
    return replace(Sampled.mean(x), unseen=inf) if alike(x) else Sampled.mean(x)


def per_replica(values: ArrayLike, name: str) -> Array:
    """One finite number per replica; raises InputError on NaN, infinities, an empty array or a wrong shape."""
    x = numbers(values, name)
    if x.ndim != 1:
        raise InputError(name, x.shape, "must have shape (replica,)", "give one number per replica")
    return finite(x, name)


def alike(samples: Array) -> bool:
    """Whether all agree to rounding."""
    return bool(np.ptp(samples) <= ROUNDED * np.max(np.abs(samples)))


def positive(value: float, name: str) -> float:
    """A finite number > 0."""
    if not number(name, value) > 0.0:
        raise InputError(name, value, "must be > 0", "give it in the units of the docstring")
    return float(value)


def mapped(x: Known, value: float, slope: float) -> Known:
    """h(x) with errors to first order: value = h(x), slope = h'(x); a falling h turns the side.

    An error that is not known stays so.
    """
    side = x.side if slope >= 0.0 else OPPOSITE[x.side]
    if isinstance(x, Estimate):
        return replace(x, value=value, stderr=abs(slope) * x.stderr if isfinite(x.stderr) else inf, side=side)
    unseen = slope * slope * x.unseen if isfinite(x.unseen) else inf
    return Sampled(value, slope * x.influence, side, unseen, x.exact)


def scaled(x: Known, factor: float) -> Known:
    """factor x."""
    return mapped(x, factor * x.value, factor)


def plus(a: Known, b: Known) -> Known:
    """a + b: samples of the same replicas keep their correlation, else errors add in squares."""
    if isinstance(a, Estimate) and isinstance(b, Estimate):
        sizes = [x.ess for x in (a, b) if x.ess is not None]
        n, ess, side = max(a.n, b.n), min(sizes, default=None), joined_side(a.side, b.side)
        return Estimate(a.value + b.value, hypot(a.stderr, b.stderr), n, ess, side)
    if isinstance(a, Estimate):
        a, b = b, a
    assert isinstance(a, Sampled)
    b = b if isinstance(b, Sampled) else beside(b, a.influence.size)
    if a.influence.size != b.influence.size:
        rule = "all samples must be of the same replicas"
        raise InputError("replicas", f"{a.influence.size} and {b.influence.size}", rule, "pass the arrays of one run")
    return a + b


def summed(parts: Sequence[tuple[str, Amount, float]]) -> Known:
    """sum of factor x amount of (name, amount, factor): arrays first, so that only a sum without spread is doubtful."""
    sampled: list[tuple[str, Array]] = []
    others: list[Known] = []
    for name, amount, factor in parts:
        if not isinstance(amount, Sampled | Estimate) and numbers(amount, name).ndim > 0:
            sampled.append((name, factor * per_replica(amount, name)))
        else:
            others.append(scaled(known(amount, name), factor))
    if sampled:
        sizes = sorted({x.size for _, x in sampled})
        if len(sizes) > 1:
            rule = "all samples must be of the same replicas"
            raise InputError("replicas", " and ".join(map(str, sizes)), rule, "pass the arrays of one run")
        others.insert(0, known(np.sum([x for _, x in sampled], axis=0), " + ".join(name for name, _ in sampled)))
    total = others[0]
    for part in others[1:]:
        total = plus(total, part)
    return total


def beside(x: Estimate, replicas: int) -> Sampled:
    """An independent estimate, as samples that do not vary with the replicas; one not trusted errs by infinity."""
    error = x.stderr * x.stderr if x.trusted else inf
    return Sampled(x.value, np.zeros(replicas), x.side, error, error == 0.0)


def compared(
    name: str, smaller: Known, larger: Known, assumptions: tuple[str, ...], reference: str, ess: float | None = None
) -> BoundCheck:
    """smaller <= larger; ``ess``: the effective size of the smaller side, where it is below its replicas."""
    stderr = None
    if isinstance(smaller, Sampled) and isinstance(larger, Sampled):
        difference = plus(larger, scaled(smaller, -1.0))
        assert isinstance(difference, Sampled)
        stderr = difference.estimate().stderr
    left, right = (estimated(x) for x in (smaller, larger))
    if ess is not None:
        left = replace(left, ess=ess if left.ess is None else min(ess, left.ess))
    return BoundCheck(name, left, right, assumptions, reference, stderr)


def estimated(x: Known) -> Estimate:
    """Its value with its error."""
    return x.estimate() if isinstance(x, Sampled) else x
