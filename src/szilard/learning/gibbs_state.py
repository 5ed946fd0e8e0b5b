"""Where a learner that counts its errors comes to rest: every number from the sizes of the cells of equal answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import exp, log, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, is_whole, number
from ..estimate import Estimate
from ..information import binary_entropy
from ..markup import table_of_text
from .orthants import GROUPS, MOST_PATTERNS, orthant_probabilities

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class VersionSpace:
    r"""p(w | sigma) = p_0(w) e^{-a d(w, sigma)} / Z(sigma), d the number of errors, a = c/T, p_0 = N(0, T/k).

    With q(s) the share of weights that answer s, Z(sigma) = sum_s q(s) e^{-a d(s, sigma)}; labels are independent and
    fair. w knows of sigma what its answers know, and k w^2/2 stays at N T/2 as no error depends on the length of w.
    In nats; W is the work of a quasi-static run, its heat Q = -T Delta S(w | sigma).
    """

    strength: float
    temperature: float
    probabilities: Array
    """q(s), 16 independent estimates: (16, 2^P); bit mu of s is 1 where the answer to pattern mu is +1."""

    @property
    def n_patterns(self) -> int:
        """P."""
        return int(self.probabilities.shape[1]).bit_length() - 1

    @cached_property
    def information(self) -> Estimate:
        """I(w : sigma_T), also what a quasi-static run costs: Delta S(w) + Q/T."""
        return _jackknife(self._numbers["information"])

    @cached_property
    def information_each(self) -> Estimate:
        """sum_mu I(w : sigma_T^mu)."""
        return _jackknife(self._numbers["each"])

    @cached_property
    def learned(self) -> Estimate:
        """sum_mu I(sigma_T^mu : sgn A^mu): what the sign readout tells."""
        return _jackknife(self._numbers["learned"])

    @cached_property
    def errors(self) -> Estimate:
        """<d>, the mean number of patterns answered wrongly by the sign readout."""
        return _jackknife(self._numbers["errors"])

    @cached_property
    def entropy_change(self) -> Estimate:
        """Delta S(w | sigma_T) = a <d> + <ln Z> <= 0."""
        return _jackknife(self._numbers["conditional"])

    @cached_property
    def work(self) -> Estimate:
        """W = <Delta F> = -T <ln Z>, in k_B T0."""
        return _jackknife(self._numbers["work"])

    @cached_property
    def efficiency_joint(self) -> Estimate:
        """learned / [Delta S(w) + Q/T] of a quasi-static run."""
        return _jackknife(self._numbers["learned"] / self._numbers["information"])

    def free_energy_changes(self, labels: ArrayLike) -> Array:
        r"""Delta F(sigma) = -T ln Z(sigma) of every row of labels, (replica, pattern) of +-1, in k_B T0: (replica,)."""
        return np.asarray(self._free_energies[self._codes(labels)])

    def mean_free_energy_change(self, labels: ArrayLike) -> Estimate:
        """Their mean over the rows, with the error that q leaves."""
        share = np.bincount(self._codes(labels), minlength=self.probabilities.shape[1]) / len(np.asarray(labels))
        return _jackknife(-self.temperature * self._logarithms @ share)

    def _codes(self, labels: ArrayLike) -> NDArray[np.int64]:
        y = np.asarray(labels)
        if y.ndim != 2 or y.shape[1] != self.n_patterns or not np.all(np.abs(y) == 1):
            rule = f"must have shape (replica, {self.n_patterns}) and entries +-1"
            raise InputError("labels", y.shape, rule, "pass run.labels")
        return np.asarray((y > 0) @ (1 << np.arange(self.n_patterns)))

    @cached_property
    def _left_out(self) -> Array:
        """q from all estimates, and from all but one of them: (1 + 16, 2^P)."""
        whole = self.probabilities.mean(axis=0)
        return np.concatenate([whole[None], (GROUPS * whole - self.probabilities) / (GROUPS - 1)])

    @cached_property
    def _logarithms(self) -> Array:
        """ln Z(sigma): (1 + 16, 2^P)."""
        partition = _spread(self._left_out, exp(-self.strength))
        if not np.all(partition > 0.0):
            rule = "some labels cannot be answered at all, and e^{-c/T} is too small to be told from 0"
            raise InputError("strength", self.strength, rule, "lower it, or drop patterns that contradict others")
        return np.log(partition)

    @cached_property
    def _free_energies(self) -> Array:
        x = self._logarithms
        return np.asarray(-self.temperature * (GROUPS * x[0] - (GROUPS - 1) * x[1:].mean(axis=0)))

    @cached_property
    def _numbers(self) -> dict[str, Array]:
        """Every mean over fair labels, from all of q and with each estimate left out: (1 + 16,)."""
        q, log_z, b, patterns = self._left_out, self._logarithms, exp(-self.strength), self.n_patterns
        posterior = np.exp(-log_z) / q.shape[1]
        gain = _spread(posterior, b)  # p(w) / p_0(w)
        errors, each, learned = np.zeros((3, len(q)))
        for mu in range(patterns):
            right = _spread(posterior, b, kept=mu)
            wrong = np.clip(1.0 - (q * right).sum(axis=1), 0.0, 1.0)
            sure = np.clip(right / gain, 0.0, 1.0)
            errors += wrong
            learned += log(2.0) - binary_entropy(wrong)
            each += log(2.0) - (q * gain * binary_entropy(sure)).sum(axis=1)
        mean_log = log_z.mean(axis=1)
        conditional = self.strength * errors + mean_log
        joint = -(q * gain * np.log(gain)).sum(axis=1)
        return {
            "errors": errors,
            "learned": learned,
            "each": each,
            "conditional": conditional,
            "information": joint - conditional,
            "work": -self.temperature * mean_log,
        }

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return "\n".join(
            [
                f"VersionSpace: P = {self.n_patterns}, c/T = {self.strength:g}, T = {self.temperature:g}",
                f"  learned     {self.learned!r} nats, by the sign readout",
                f"  I(w : each) {self.information_each!r} nats",
                f"  I(w : all)  {self.information!r} nats = cost of a quasi-static run",
                f"  efficiency  {self.efficiency_joint!r} joint",
                f"  errors      {self.errors!r} of {self.n_patterns}",
            ]
        )


def version_space(inputs: ArrayLike, *, strength: float, temperature: float = 1.0, seed: int = 0) -> VersionSpace:
    r"""p(w | sigma) = p_0(w) e^{-c d(w, sigma)/T} / Z(sigma): the rest of the learner that counts its d errors.

    inputs: (pattern <= 14, weight), of any norm; strength: c >= 0 in k_B T0 per error; temperature > 0 in T0; seed: of
    the points by which the cells are measured (``orthant_probabilities``), whose error is carried. Independent of the
    stiffness. Raises InputError on bad input.

    >>> version_space([[1.0]], strength=log(3.0)).errors
    0.25 (exact)
    """
    x = np.asarray(inputs, dtype=np.float64)
    if x.ndim != 2 or not 1 <= x.shape[0] <= MOST_PATTERNS or x.shape[1] < 1:
        rule = f"must have shape (pattern <= {MOST_PATTERNS}, weight)"
        raise InputError("inputs", x.shape, rule, "the cells of more patterns are too many to enumerate")
    if not np.all(np.isfinite(x)) or not np.all(np.any(x != 0.0, axis=1)):
        raise InputError("inputs", "NaN, infinity or a row of zeros", "must be finite patterns", "drop those rows")
    c, t = number("strength", strength), number("temperature", temperature)
    if c < 0.0:
        raise InputError("strength", c, "must be >= 0", "an error must cost something")
    if t <= 0.0:
        raise InputError("temperature", t, "must be > 0", "give it in T0")
    if not is_whole(seed, 0):
        raise InputError("seed", seed, "must be an integer >= 0", "give one")
    return VersionSpace(c / t, t, orthant_probabilities(x, seed))


def _spread(values: Array, b: float, kept: int = -1) -> Array:
    """sum_s' b^{d(s, s')} values(s'), bit by bit: (row, 2^P); only s' that agree with s in the bit ``kept``."""
    rows, size = values.shape
    for mu in range(size.bit_length() - 1):
        if mu == kept:
            continue
        split = values.reshape(rows, -1, 2, 1 << mu)
        values = (split + b * split[:, :, ::-1]).reshape(rows, size)
    return values


def _jackknife(found: Array) -> Estimate:
    """The value freed of its bias of order 1/16, and its error, from the whole and 16 with one estimate left out."""
    whole, rest = float(found[0]), found[1:]
    value = GROUPS * whole - (GROUPS - 1) * float(rest.mean())
    stderr = sqrt((GROUPS - 1) / GROUPS * float(((rest - rest.mean()) ** 2).sum()))
    return Estimate(value, stderr, GROUPS) if stderr > 1e-12 * max(1.0, abs(value)) else Estimate.exact(value)
