"""A number with its uncertainty and its side; sampled numbers that stay paired through arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import hypot, isfinite, isnan, sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InputError, is_whole, number
from .markup import table, table_of_fields

Array = NDArray[np.float64]
Side = Literal["two-sided", "upper", "lower", "none"]
SIDES: tuple[Side, ...] = ("two-sided", "upper", "lower", "none")
MEANING: dict[Side, str] = {
    "two-sided": "an estimate of the true value",
    "upper": "an upper bound of the true value",
    "lower": "a lower bound of the true value",
    "none": "neither an estimate nor a bound",
}
OPPOSITE: dict[Side, Side] = {"two-sided": "two-sided", "upper": "lower", "lower": "upper", "none": "none"}
ENOUGH = 100.0
FEW = 40
UNSEEN = 3.0
MANY = 1e9
SKEW_PRICE = 8.0
SEEN_PRICE = 5.0
LONG_TAIL = 1.75
ROUNDED = 1e-12
ROUNDING = 2.3e-16
TINY = 1e-300


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
        text = f"{self.value:.6g} +- {self.stderr:.2g} ({size}) is {MEANING[self.side]}"
        if self.ess is not None and self.n:
            text += f"; it is worth {self.ess:.3g} independent samples"
            if self.ess < ENOUGH:
                needed = self.n * ENOUGH / max(self.ess, TINY)
                count = f"{int(needed) + 1}" if needed < MANY else f"{needed:.1g}"
                text += f", too few to be trusted: at least {count} replicas are needed"
        return text + (f" ({self.note})." if self.note else ".")

    def _repr_html_(self) -> str:
        rows = [["value", repr(self)], ["side", f"{self.side}: {MEANING[self.side]}"], ["note", self.note]]
        rows += [["assumes", line] for line in self.assumptions] + [["reference", self.reference]]
        return table("", [row for row in rows if row[1]])

    def __repr__(self) -> str:
        marks = {"two-sided": "", "upper": "<= ", "lower": ">= ", "none": "? "}
        if self.n == 0 and self.stderr == 0.0:
            return f"{marks[self.side]}{self.value:.9g} (exact)"
        if 0.0 < self.stderr < 1e-12:
            return f"{marks[self.side]}{self.value:.3g} +- {self.stderr:.1g}" + (f" (n = {self.n})" if self.n else "")
        digits = max(0, min(12, 1 - _exponent(self.stderr))) if 0.0 < self.stderr < float("inf") else 3
        doubt = f", untrusted: worth {self.ess:.2g}" if self.ess is not None and self.ess < ENOUGH else ""
        tail = f" (n = {self.n}{doubt})" if self.n else ""
        return f"{marks[self.side]}{self.value:.{digits}f} +- {self.stderr:.{digits}f}{tail}"


def _exponent(x: float) -> int:
    return int(np.floor(np.log10(x))) if x > 0 else 0


def freed(samples: Array, controls: Array) -> Array:
    r"""x - sum_j b_j c_j with the b of least variance: samples of the same mean, exactly, and of smaller spread.

    samples: (n,), independent; controls: (n, k), sampled beside x, of mean exactly zero; b as in ``least_variance``.
    """
    return np.asarray(samples - (controls * least_variance(samples, controls)).sum(axis=1))


def least_variance(samples: Array, controls: Array) -> Array:
    """The b of each sample, (n, k): each half of the samples has those fitted to the other half.

    Numbers fitted to the same samples would shift the mean. The fits cost degrees of freedom, which widens the spread:
    of the controls only the first n/40 are used.
    """
    n, used = samples.size, samples.size // FEW
    found = np.zeros_like(controls)
    if used and np.any(samples != samples[0]):
        halves = (slice(0, n // 2), slice(n // 2, n))
        for own, other in (halves, halves[::-1]):
            found[own, :used] = _slopes(samples[other], controls[other, :used])
    return found


def _slopes(samples: Array, controls: Array) -> Array:
    """The b of least variance; 0 for controls that do not vary. Sums without BLAS, whose order depends on threads."""
    about, apart = controls - controls.mean(axis=0), samples - samples.mean()
    gram = np.array([(about * column[:, None]).sum(axis=0) for column in about.T])
    return np.asarray(np.linalg.pinv(gram, hermitian=True) @ (about * apart[:, None]).sum(axis=0))


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

    def freed(self, controls: Array) -> Sampled:
        """Less what quantities of mean exactly zero, (replica, control), explain of its influence: the same mean.

        However much they explain, its numbers have been rounded, by as much as the largest of them.
        """
        left = freed(self.influence, controls)
        luck = float(left.mean())
        rounded = 0.0 if self.exact else (ROUNDING * (abs(self.value) + float(np.abs(self.influence).max()))) ** 2
        return replace(self, value=self.value + luck, influence=left - luck, unseen=self.unseen + rounded)

    @classmethod
    def constant(cls, value: float, replicas: int, side: Side = "two-sided") -> Sampled:
        """A number known exactly, beside sampled ones."""
        return cls(float(value), np.zeros(replicas), side, exact=True)

    def _repr_html_(self) -> str:
        return table_of_fields(self, [["estimate", repr(self.estimate())]])

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
        unseen = factor**2 * self.unseen if factor else 0.0
        return Sampled(factor * self.value, factor * self.influence, side, unseen, self.exact)

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
        unseen = self.unseen + (weight * other.unseen if weight else 0.0)
        return Sampled(value, influence, side, unseen, self.exact and other.exact)


def joined_side(a: Side, b: Side) -> Side:
    """The side of a sum: two bounds of the same kind bound it, opposite kinds leave none."""
    if a == "two-sided":
        return b
    if b in ("two-sided", a):
        return a
    return "none"


def finite(samples: ArrayLike, name: str) -> NDArray[np.float64]:
    """The samples as a flat array; raises InputError if empty, not finite or not ``numbers``."""
    x = numbers(samples, name).ravel()
    if x.size == 0:
        raise InputError(name, "an empty array", "at least one sample is needed", "pass the array of replicas")
    if not np.all(np.isfinite(x)):
        bad = int(np.flatnonzero(~np.isfinite(x))[0])
        raise InputError(f"{name}[{bad}]", float(x[bad]), "every sample must be finite", "find where it arose")
    return x


def numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """The values as an array of floats, True and False as 1 and 0; raises InputError unless all are real numbers."""
    try:
        x = np.asarray(values)
    except (TypeError, ValueError):  # rows of unequal length, or an object that is no array
        x = np.asarray(None)
    if x.dtype.kind in "biuf":
        return np.asarray(x, dtype=np.float64)
    whole = hasattr(values, "ledger") or hasattr(values, "work")
    fix = "pass one array of it: run.ledger.work, for instance" if whole else "give one real number per replica"
    got = values if isinstance(values, str) else f"{type(values).__name__}, read as {x.dtype}"
    raise InputError(name, got, "must be an array of real numbers", fix)


def exponential_average(samples: ArrayLike) -> Estimate:
    r"""<e^{-x}> over replicas, with the number of samples that the average is worth.

    x dimensionless, shape (replica,). The average lives on the rare smallest x. Their weights w = e^{-x} are skewed,
    and an interval of 1.96 standard errors then misses more than 5 % of the truths: by gamma^2 / (4 n) more, gamma the
    skewness of w (Edgeworth's first term; Hall, Ann. Statist. 16, 927 (1988)). Hence ess = 8 n / gamma^2, which is
    100 where that term is 0.02, and at most Kish's (sum w)^2 / sum w^2. gamma^2 is the larger of two. Half of what the
    sample shows, as all of it is often exceeded by chance. And (e^v + 2)^2 (e^v - 1), that of Gaussian x with the
    variance v of x below its mean: a sample without its rare paths looks better, its spread does not; this one is left
    out where the third moment of w rests on 100 samples or more (Kish's number of |w - <w>|^3), as for work of two
    values.

    On an exponential tail of x, e^{-b d} for d below the mean, <w^4> diverges for b <= 4, and with it the error of the
    error. Where 2 <d^3> / (2 <d^2>)^{3/2} exceeds 1.75 (1.60 for Gaussian x, 2.12 or more for such tails) and
    b = 3 <d^2> / <d^3> < 4, ess is at most 5 times the number behind the third moment.

    Found for Gaussian x with <e^{-x}> = 1, n = 10^3 and 10^4 and standard deviations from 0.5 to 6, 1000 times each: of
    the 95 % intervals that are trusted 94 to 95 % cover, up to a deviation of 1 (n = 10^3) and 1.4 (n = 10^4); beyond
    1.25 and 1.5 at most 1 % are trusted. In between, trusted ones are those that miss rare paths, and fewer cover.
    A class of paths of which none was seen may have the probability 3 / n (the rule of three: Hanley and
    Lippman-Hand, J. Am. Med. Assoc. 249, 1743 (1983); five of these are exceeded as rarely as 5 standard errors). If
    such paths had the weight 0, that much of the mean would be too much, and the standard error holds it. Their weight
    may as well be large: that cannot be guessed, and samples that all agree are worth nothing.
    Raises InputError on NaN, infinities, an empty array, or where e^{-x} overflows.

    >>> exponential_average([0.0, 0.0]).value
    1.0
    """
    x = finite(samples, "samples")
    n = x.size
    shift = float(np.min(x))
    if shift < -700.0:
        raise InputError("samples", shift, "e^-x overflows below -700", "compare the logarithms, or use bounds")
    w = np.exp(-(x - shift))
    scale = float(np.exp(-shift))
    mean = float(np.mean(w))
    stderr = hypot(float(np.std(w, ddof=1)) / sqrt(n), UNSEEN / n * mean) if n > 1 else float("inf")
    return Estimate(scale * mean, scale * stderr, n, _worth(x, w))


def _worth(x: NDArray[np.float64], w: NDArray[np.float64]) -> float:
    """The effective size of <w>, w = e^{-x} up to a factor: see ``exponential_average``."""
    n = x.size
    c = w - np.mean(w)
    second, third, sixth = (float(np.sum(np.abs(c) ** k)) for k in (2, 3, 6))
    if second <= n * (ROUNDED * float(np.mean(w))) ** 2:
        return 0.0
    skew2 = n * float(np.sum(c**3)) ** 2 / second**3
    kish = float(np.sum(w)) ** 2 / float(np.sum(w * w))
    worth = min(kish, SKEW_PRICE * n / max(skew2 / 2.0, TINY))
    seen = third**2 / max(sixth, TINY)
    if seen >= ENOUGH:
        return worth
    below = np.maximum(np.mean(x) - x, 0.0)
    square, cube = float(np.mean(below**2)), float(np.mean(below**3))
    v = min(2.0 * square, 200.0)
    gaussian = (np.exp(v) + 2.0) ** 2 * np.expm1(v)
    worth = min(worth, SKEW_PRICE * n / float(gaussian))
    exponential = 2.0 * cube > LONG_TAIL * v**1.5 and 3.0 * square < 4.0 * cube
    return min(worth, SEEN_PRICE * seen) if exponential else worth


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
    form. ess = number of blocks. resamples >= 2; seed: a whole number >= 0.
    Raises InputError if the block does not fit, or a value or what the statistic gives is no finite number.

    >>> block_bootstrap([1.0, 2.0, 1.0, 2.0], np.mean, block=2, seed=1).value
    1.5
    """
    x = numbers(series, "series")
    if x.ndim not in (1, 2):
        raise InputError("series", x.shape, "must be (time,) or (time, k)", "give one series")
    finite(x, "series")
    n = x.shape[0]
    if not (is_whole(block, 1) and block <= n):
        raise InputError("block", block, f"must be a whole number in 1..{n}", "take a few correlation times")
    if not is_whole(resamples, 2):
        raise InputError("resamples", resamples, "must be a whole number >= 2", "400, for instance")
    if not is_whole(seed, 0):
        raise InputError("seed", seed, "must be a whole number >= 0", "1, for instance")
    if not callable(statistic):
        raise InputError("statistic", statistic, "must be a function of the series", "np.mean, for instance")
    draw: Any = np.random.Generator(np.random.Philox(seed))
    offsets = np.arange(block)
    found = _one_number(statistic(x))
    values = []
    for _ in range(resamples):
        starts = draw.integers(0, n, size=-(-n // block))
        index = ((starts[:, None] + offsets) % n).ravel()[:n]
        values.append(_one_number(statistic(x[index])))
    return Estimate(found, float(np.std(values, ddof=1)), n, n / block)


def _one_number(found: Any) -> float:
    """What a statistic gave."""
    return number("statistic", np.asarray(found).item() if np.shape(found) == () else found)
