"""What a law is given: an exact number, an estimate, or one value per replica; and how two of them are compared."""

from __future__ import annotations

from dataclasses import replace
from math import hypot, isfinite

import numpy as np
from numpy.typing import ArrayLike

from ..check import BoundCheck
from ..errors import InputError, number
from ..estimate import OPPOSITE, Estimate, Sampled, finite, joined_side

Known = Sampled | Estimate


def known(value: float | Known | ArrayLike, name: str) -> Known:
    """A number is exact, an array (replica,) is sampled, an Estimate or a Sampled is itself.

    Raises InputError for NaN, infinity, an empty array or one of another shape.
    """
    if isinstance(value, Sampled | Estimate):
        if not isfinite(value.value):
            raise InputError(name, value.value, "must be finite", "find where it arose")
        return value
    if np.ndim(value) == 0:
        return Estimate.exact(number(name, np.asarray(value).item()))
    if np.ndim(value) != 1:
        raise InputError(name, np.shape(value), "must have shape (replica,)", "give one value per replica")
    return Sampled.mean(finite(value, name))


def positive(value: float, name: str) -> float:
    """A finite number > 0."""
    if not number(name, value) > 0.0:
        raise InputError(name, value, "must be > 0", "give it in the units of the docstring")
    return float(value)


def mapped(x: Known, value: float, slope: float) -> Known:
    """h(x) with errors to first order: value = h(x), slope = h'(x); a falling h turns the side."""
    side = x.side if slope >= 0.0 else OPPOSITE[x.side]
    if isinstance(x, Estimate):
        return replace(x, value=value, stderr=abs(slope) * x.stderr, side=side)
    return Sampled(value, slope * x.influence, side, slope**2 * x.unseen, x.exact)


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


def beside(x: Estimate, replicas: int) -> Sampled:
    """An independent estimate, as samples that do not vary with the replicas; one not trusted errs by infinity."""
    error = x.stderr**2 if x.trusted else float("inf")
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
    left, right = (x.estimate() if isinstance(x, Sampled) else x for x in (smaller, larger))
    if ess is not None:
        left = replace(left, ess=ess if left.ess is None else min(ess, left.ess))
    return BoundCheck(name, left, right, assumptions, reference, stderr)
