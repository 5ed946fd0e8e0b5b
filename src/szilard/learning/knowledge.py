"""What weights know of labels or of a teacher, by enumeration where it is possible."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from .._kernels.posterior import enumerate_labels
from ..estimate import Sampled
from ..information import binary_entropy, neighbour_entropy
from .settings import Settings

Array = NDArray[np.float64]
SMALLEST_GROUP = 200
SEEN = 8.0
"""Replicas behind a variance beyond which what they show is taken for all there is."""


@dataclass(frozen=True)
class Knowledge:
    """I(w : sigma_T), sum_mu I(w : sigma_T^mu) and Delta S(w | sigma_T), in nats, all two-sided.

    interference: of_all - of_each, whose error is far below theirs, as replicas in doubt lower both alike.
    """

    of_all: Sampled
    of_each: Sampled
    interference: Sampled
    conditional_entropy_change: Sampled


def gaussian_knowledge(fields: Array, gains: Array, settings: Settings) -> Knowledge:
    r"""I = P ln 2 - <H(sigma | w)> with the posterior summed over all 2^P label patterns.

    fields: (replica, pattern); gains: (pattern,). w | sigma is Gaussian with variance T/k, so that
    Delta S(w | sigma) = 0.
    """
    replicas, patterns = fields.shape
    variance = settings.temperature / settings.stiffness
    gram = np.einsum("an,bn->ab", settings.scaled_inputs, settings.scaled_inputs)
    coupling = np.ascontiguousarray(gains[:, None] * gram * gains / variance)
    certainty, remaining = np.empty((replicas, patterns)), np.empty(replicas)
    enumerate_labels(np.ascontiguousarray(fields * gains / variance), coupling, certainty, remaining)
    left = binary_entropy(np.clip(certainty, 0.0, 1.0)).sum(axis=1)
    most = patterns * log(2.0)
    all_known, each_known = Sampled.mean(most - remaining), Sampled.mean(most - left)
    unseen = (most / replicas) ** 2  # a replica in doubt that happens once in n would add at most this
    return Knowledge(
        Sampled(all_known.value, all_known.influence, unseen=unseen),
        Sampled(each_known.value, each_known.influence, unseen=unseen),
        _hidden(left - remaining, (patterns - 1) * log(2.0)),
        Sampled.constant(0.0, replicas),
    )


def _hidden(doubt: Array, most: float) -> Sampled:
    r"""<x>, x = sum_mu H(sigma^mu | w) - H(sigma | w) of each replica, 0 <= x <= (P - 1) ln 2 = ``most``.

    Its variance rests on K = (sum x^2)^2 / sum x^4 replicas. With few of them, doubt that happens once in n was perhaps
    not seen, and adds at most ``most``/n; with many it was. K = 8 parts the two: judged, not proven. With N from 3 to
    20, P from 2 to 8, n from 40 to 2000 and any strength <x> then scatters by at most 1.1 standard errors, and by more
    than 5 of them twice in 10^5 ensembles; where K > 100, by 0.7 at least.
    """
    square, fourth = float(doubt @ doubt), float(np.sum(doubt**4))
    resting = square**2 / fourth if fourth > 0.0 else 0.0
    mean = Sampled.mean(doubt)
    unseen = most / (doubt.size * max(1.0, resting / SEEN) ** 2)
    return Sampled(mean.value, mean.influence, unseen=unseen**2)


def single_weight_knowledge(
    weight: Array, labels: NDArray[np.int8], change: Sampled, settings: Settings
) -> Knowledge | None:
    """The same for N = 1 and any rule: entropies of the one weight within each group of equal labels."""
    replicas, patterns = labels.shape
    codes = (labels > 0) @ (1 << np.arange(min(patterns, 30)))[:patterns] if patterns <= 30 else None
    if codes is None or np.unique(codes, return_counts=True)[1].min() < SMALLEST_GROUP:
        return None
    initial = 0.5 * log(2.0 * np.pi * np.e * settings.temperature / settings.stiffness)
    within = _grouped_entropy(weight, codes, initial)
    each = Sampled.constant(0.0, replicas)
    for mu in range(patterns):
        each = each + (change - _grouped_entropy(weight, labels[:, mu], initial))
    whole = change - within
    return Knowledge(whole, each, whole - each, within)


def _grouped_entropy(weight: Array, groups: NDArray[np.generic], initial: float) -> Sampled:
    """<S(w | group)> - initial over the groups found."""
    value, influence = 0.0, np.zeros(weight.size)
    for group in np.unique(groups):
        members = groups == group
        entropy = neighbour_entropy(weight[members, None])
        value += members.mean() * entropy.value
        influence[members] = entropy.influence + entropy.value
    return Sampled(value - initial, influence - value)


def label_ceiling(gains: Array, settings: Settings) -> float:
    r"""I(w : sigma) <= min(P ln 2, (1/2) ln det(1 + a X X^T a k/T)): signs carry less than Gaussians do."""
    scaled = gains[:, None] * settings.scaled_inputs
    gram = scaled @ scaled.T if scaled.shape[0] <= scaled.shape[1] else scaled.T @ scaled
    ratio = gram * settings.stiffness / settings.temperature
    capacity = 0.5 * float(np.linalg.slogdet(np.eye(len(ratio)) + ratio)[1])
    return min(settings.task.n_patterns * log(2.0), capacity)


def teacher_information(weights: Array, teachers: Array) -> Sampled:
    r"""I(w : B) >= -(1/2) sum_n ln(1 - rho_n^2), rho_n the correlation of w_n with the teacher's B_n ~ N(0, 1).

    A LOWER bound: B has independent Gaussian components, and the Gaussian of given correlation carries the
    least. weights, teachers: (replica, weight). Corrected for its
    exact Gaussian bias, [psi((R-1)/2) - psi((R-2)/2)]/2 per weight.
    """
    replicas = weights.shape[0]
    w = weights - weights.mean(axis=0)
    w = w / w.std(axis=0)
    b = teachers - teachers.mean(axis=0)
    b = b / b.std(axis=0)
    rho = (w * b).mean(axis=0)
    bias = 0.5 * float(digamma((replicas - 1) / 2.0) - digamma((replicas - 2) / 2.0))
    value = float((-0.5 * np.log1p(-(rho**2)) - bias).sum())
    # near rho = 0 the slope vanishes: the second order keeps the error honest
    slopes = np.copysign(np.sqrt(rho**2 + 0.5 * (1.0 + rho**2) ** 2 / replicas) / (1.0 - rho**2), rho)
    influence = ((w * b - 0.5 * rho * (w * w + b * b)) * slopes).sum(axis=1)
    return Sampled(value, influence - influence.mean(), "lower")
