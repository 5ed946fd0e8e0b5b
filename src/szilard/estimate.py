"""A number with its uncertainty and its side; sampled numbers that stay paired through arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, isnan, sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InputError

Side = Literal["two-sided", "upper", "lower", "none"]
SIDES: tuple[Side, ...] = ("two-sided", "upper", "lower", "none")
OPPOSITE: dict[Side, Side] = {"two-sided": "two-sided", "upper": "lower", "lower": "upper", "none": "none"}
ENOUGH = 100.0
FEW = 40


@dataclass(frozen=True)
class Estimate:
    r"""x = value +- stderr, from n replicas worth ``ess`` independent ones.

    ``side`` says what the value is to the truth, apart from its statistical error: "two-sided" (it
    estimates the truth), "upper" (the truth is not larger), "lower" (the truth is not smaller) or
    "none" (it bounds nothing, e.g. the difference of two upper bounds).
    ``ess`` is Kish's effective sample size (sum w)^2 / sum w^2; exact values have stderr 0 and n = 0.
    ``assumptions``: what must be true of the samples for the value to mean what it says; ``reference``: its source.

    Raises InputError if stderr is negative, the side unknown or the value NaN.

    >>> Estimate(0.5, 0.01, 1000)
    0.500 +- 0.010 (n = 1000)
    """

    value: float
    stderr: float
    n: int = 0
    ess: float | None = None
    side: Side = "two-sided"
    note: str = ""
    assumptions: tuple[str, ...] = ()
    reference: str = ""

    def __post_init__(self) -> None:
        if isnan(self.value):
            raise InputError("value", self.value, "an estimate is a number", "drop the NaN samples first")
        if not self.stderr >= 0.0:
            raise InputError("stderr", self.stderr, "must be >= 0", "give the standard error of the value")
        if self.side not in SIDES:
            raise InputError("side", self.side, f"must be one of {', '.join(SIDES)}", "name the side")

    @classmethod
    def exact(cls, value: float, side: Side = "two-sided", note: str = "") -> Estimate:
        """A value without statistical error: a closed form, a quadrature or a bound."""
        return cls(float(value), 0.0, 0, None, side, note)

    @property
    def trusted(self) -> bool:
        """False where fewer than 100 effective samples stand behind the value or its error is unknown."""
        return isfinite(self.stderr) and (self.ess is None or self.ess >= ENOUGH)

    def interval(self, sigmas: float = 2.0) -> tuple[float, float]:
        """(value - sigmas stderr, value + sigmas stderr): statistical error only."""
        return self.value - sigmas * self.stderr, self.value + sigmas * self.stderr

    def explain(self) -> str:
        """One sentence: what the number is, how sure, and what would make it surer."""
        size = f"{self.n} replicas" if self.n else "exact" if self.stderr == 0.0 else "error given"
        side = {
            "two-sided": "an estimate of the true value",
            "upper": "an upper bound of the true value",
            "lower": "a lower bound of the true value",
            "none": "neither an estimate nor a bound",
        }[self.side]
        text = f"{self.value:.6g} +- {self.stderr:.2g} ({size}) is {side}"
        if self.ess is not None and self.n:
            text += f"; it is worth {self.ess:.3g} independent samples"
            if self.ess < ENOUGH:
                needed = int(self.n * ENOUGH / max(self.ess, 1.0)) + 1
                text += f", too few to be trusted: at least {needed} replicas are needed"
        return text + (f" ({self.note})." if self.note else ".")

    def __repr__(self) -> str:
        marks = {"two-sided": "", "upper": "<= ", "lower": ">= ", "none": "? "}
        if self.n == 0 and self.stderr == 0.0:
            return f"{marks[self.side]}{self.value:.9g} (exact)"
        digits = max(0, min(12, 1 - _exponent(self.stderr))) if 0.0 < self.stderr < float("inf") else 3
        doubt = f", untrusted: worth {self.ess:.2g}" if self.ess is not None and self.ess < min(ENOUGH, self.n) else ""
        tail = f" (n = {self.n}{doubt})" if self.n else ""
        return f"{marks[self.side]}{self.value:.{digits}f} +- {self.stderr:.{digits}f}{tail}"


def _exponent(x: float) -> int:
    return int(np.floor(np.log10(x))) if x > 0 else 0


@dataclass(frozen=True)
class Sampled:
    r"""x = value with error (1/n) sum_i influence_i: a statistic and what each replica adds to it.

    Sums, products and ratios of statistics of the SAME replicas keep their correlation (delta method):
    d(a/b) = da/b - a db/b^2. An array ``influence`` of shape (replica,), mean near zero.
    ``unseen``: variance that no replica shows, e.g. of events too rare for the sample. ``exact``: no sampling.

    >>> a = Sampled.mean([1.0, 2.0, 3.0])
    >>> (a / a).estimate().stderr
    0.0
    """

    value: float
    influence: NDArray[np.float64]
    side: Side = "two-sided"
    unseen: float = 0.0
    exact: bool = False

    @classmethod
    def mean(cls, samples: ArrayLike, side: Side = "two-sided") -> Sampled:
        """<x> over replicas; refuses an empty or non-finite sample."""
        x = finite(samples, "samples")
        value = float(np.mean(x))
        return cls(value, x - value, side)

    @classmethod
    def controlled(cls, samples: ArrayLike, control: ArrayLike, mean: float) -> Sampled:
        """<x - b (c - mean)> with the b of least variance: c is sampled beside x and its mean is known exactly.

        The fit of b costs one more degree of freedom; with fewer than 40 replicas b = 0.
        """
        x, c = finite(samples, "samples"), finite(control, "control")
        n, variance = x.size, float(np.mean((c - c.mean()) ** 2))
        if n < FEW or variance == 0.0:
            return cls.mean(x)
        slope = float(np.mean((x - x.mean()) * (c - c.mean()))) / variance
        found = cls.mean(x - slope * (c - mean))
        return cls(found.value, found.influence * sqrt((n - 1) / (n - 2)))

    @classmethod
    def constant(cls, value: float, replicas: int, side: Side = "two-sided") -> Sampled:
        """A number known exactly, beside sampled ones."""
        return cls(float(value), np.zeros(replicas), side, exact=True)

    def estimate(self, note: str = "") -> Estimate:
        """Its value with standard error sqrt(sum_i influence_i^2 / (n (n - 1)) + unseen)."""
        n = self.influence.size
        if self.exact:
            return Estimate.exact(self.value, self.side, note)
        if n < 2:
            return Estimate(self.value, float("inf"), n, float(n), self.side, note)
        stderr = sqrt(float(np.sum(self.influence**2)) / (n * (n - 1)) + self.unseen)
        return Estimate(self.value, stderr, n, float(n), self.side, note)

    def __add__(self, other: Sampled) -> Sampled:
        side = joined_side(self.side, other.side)
        return self._combined(self.value + other.value, self.influence + other.influence, side, other, 1.0)

    def __sub__(self, other: Sampled) -> Sampled:
        side = joined_side(self.side, OPPOSITE[other.side])
        return self._combined(self.value - other.value, self.influence - other.influence, side, other, 1.0)

    def scaled(self, factor: float) -> Sampled:
        """factor x; a negative factor turns the side."""
        side = self.side if factor >= 0 else OPPOSITE[self.side]
        return Sampled(factor * self.value, factor * self.influence, side, factor**2 * self.unseen, self.exact)

    def __truediv__(self, other: Sampled) -> Sampled:
        """a / b of a, b >= 0; raises InputError where b is zero."""
        if other.value == 0.0:
            raise InputError("ratio", 0.0, "the denominator must not be zero", "compare the difference instead")
        ratio = self.value / other.value
        influence = (self.influence - ratio * other.influence) / other.value
        side = joined_side(self.side, OPPOSITE[other.side]) if self.value >= 0 and other.value > 0 else "none"
        numerator = Sampled(self.value, self.influence, unseen=self.unseen / other.value**2, exact=self.exact)
        return numerator._combined(ratio, influence, side, other, (ratio / other.value) ** 2)

    def _combined(
        self, value: float, influence: NDArray[np.float64], side: Side, other: Sampled, weight: float
    ) -> Sampled:
        unseen = self.unseen + weight * other.unseen
        return Sampled(value, influence, side, unseen, self.exact and other.exact)


def joined_side(a: Side, b: Side) -> Side:
    """The side of a sum: two bounds of the same kind bound it, opposite kinds leave none."""
    if a == "two-sided":
        return b
    if b in ("two-sided", a):
        return a
    return "none"


def finite(samples: ArrayLike, name: str) -> NDArray[np.float64]:
    """The samples as a flat array; raises InputError if empty or not finite."""
    x = np.asarray(samples, dtype=np.float64).ravel()
    if x.size == 0:
        raise InputError(name, "an empty array", "at least one sample is needed", "pass the array of replicas")
    if not np.all(np.isfinite(x)):
        bad = int(np.flatnonzero(~np.isfinite(x))[0])
        raise InputError(f"{name}[{bad}]", float(x[bad]), "every sample must be finite", "find where it arose")
    return x


def exponential_average(samples: ArrayLike) -> Estimate:
    r"""<e^{-x}> over replicas, with the effective size of its weights (the field's Jarzynski average).

    x dimensionless, shape (replica,). ess = (sum w)^2 / sum w^2 with w = e^{-x}, and at most n e^{-v}, v the
    variance of x below its mean (twice the half sum): the average lives on the rare smallest x, and a sample
    without them looks better, not worse. Of Gaussian samples with ess >= 100, n = 10^3 or 10^4, two standard
    errors cover the truth in 95 % where v < 1 and in 87 % at worst.
    Raises InputError on NaN, infinities or an empty array.

    >>> exponential_average([0.0, 0.0]).value
    1.0
    """
    x = finite(samples, "samples")
    n = x.size
    shift = float(np.min(x))
    if shift < -700.0:
        raise InputError("samples", shift, "e^-x overflows below -700", "compare the logarithms, or use bounds")
    w = np.exp(-(x - shift))
    ess = float(np.sum(w) ** 2 / np.sum(w * w))
    below = np.minimum(x - float(np.mean(x)), 0.0)
    ess = min(ess, n * float(np.exp(-2.0 * np.mean(below * below))))
    scale = float(np.exp(-shift))
    stderr = scale * float(np.std(w, ddof=1)) / sqrt(n) if n > 1 else float("inf")
    return Estimate(scale * float(np.mean(w)), stderr, n, ess)


def block_bootstrap(
    series: ArrayLike,
    statistic: Callable[[NDArray[np.float64]], float],
    *,
    block: int,
    resamples: int = 400,
    seed: int,
) -> Estimate:
    """statistic(x) with the error of resampled circular blocks, for one correlated series in time.

    series: shape (time,) or (time, k); block: a few correlation times, in samples. Kunsch (1989), circular
    form. ess = number of blocks. Raises InputError if the block does not fit or a value is not finite.

    >>> block_bootstrap([1.0, 2.0, 1.0, 2.0], np.mean, block=2, seed=1).value
    1.5
    """
    x = np.asarray(series, dtype=np.float64)
    finite(x, "series")
    n = x.shape[0]
    if not 1 <= block <= n:
        raise InputError("block", block, f"must lie in 1..{n}", "take a few correlation times")
    draw: Any = np.random.Generator(np.random.Philox(seed))
    offsets = np.arange(block)
    values = []
    for _ in range(resamples):
        starts = draw.integers(0, n, size=-(-n // block))
        index = ((starts[:, None] + offsets) % n).ravel()[:n]
        values.append(float(statistic(x[index])))
    return Estimate(float(statistic(x)), float(np.std(values, ddof=1)), n, n / block)
