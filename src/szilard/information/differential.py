"""Differential entropy of continuous weights, in nats, with what each replica adds to it."""

from __future__ import annotations

from math import log, pi, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, ndtr, polygamma

from ..data.numbers import real_numbers
from ..errors import InputError, is_whole
from ..estimate import Sampled

Array = NDArray[np.float64]
FEWEST = 40


def neighbour_entropy(samples: Array, *, neighbours: int | None = None) -> Sampled:
    r"""sum_n S(w_n), S = <-ln g(w)> + psi(R) - psi(k) + <ln V_k>: nearest neighbours behind a Gaussian map.

    g is the Gaussian of the sample's mean and variance and u = G(w) its distribution function; V_k is the
    part inside [0, 1] of the interval about u that reaches the k-th nearest of the other R - 1 points. The
    mass of that interval has <ln mass> = psi(k) - psi(R) whatever the density, so the estimate is free of
    bias where w is Gaussian, and elsewhere its bias falls with k/R.

    samples: (replica, weight), every column on its own (a sum of marginal entropies); two-sided, in nats.
    neighbours: k, default max(4, sqrt(R)/4). The error counts the distances' own noise, psi'(k) per weight, twice,
    because neighbouring distances share points. Raises InputError with too few replicas, NaN or equal values.

    Kozachenko and Leonenko (1987); Kraskov, Stogbauer and Grassberger, PRE 69, 066138 (2004).
    """
    x = real_numbers("samples", samples)
    if neighbours is not None and not is_whole(neighbours, 1):
        raise InputError("neighbours", neighbours, "must be a whole number >= 1", "leave it out")
    if x.ndim != 2 or x.shape[0] < FEWEST or (neighbours is not None and x.shape[0] < 10 * neighbours):
        raise InputError("samples", x.shape, f"must have shape (replica >= {FEWEST}, weight)", "add replicas")
    if not np.all(np.isfinite(x)):
        raise InputError("samples", "NaN or infinity", "every weight must be finite", "check the run")
    replicas, weights = x.shape
    k = neighbours or max(4, round(replicas**0.5 / 4.0))
    smooth, local = np.zeros(replicas), np.zeros(replicas)
    for n in range(weights):
        surprise, width = _mapped(x[:, n], k)
        smooth += surprise
        local += width
    constant = weights * float(digamma(replicas) - digamma(k))
    value = constant + float(smooth.mean()) + float(local.mean())
    local -= local.mean()
    spread = float(local.var())
    shared = np.sqrt(1.0 + weights * float(polygamma(1, k)) / spread) if spread > 0 else 1.0
    return Sampled(value, smooth - smooth.mean() + shared * local)


def _mapped(column: Array, k: int) -> tuple[Array, Array]:
    """-ln g and ln V_k of every point of one weight; g = 1 (no map) where its tails would merge points."""
    deviation = column.std()
    if deviation == 0.0:
        raise InputError("samples", "equal values", "a constant weight has no density", "drop the column")
    z = (column - column.mean()) / deviation
    order = np.argsort(z, kind="stable")
    for u, surprise, ends in (
        (ndtr(z), 0.5 * z * z + log(deviation * sqrt(2.0 * pi)), (0.0, 1.0)),
        (column, np.zeros_like(z), (-np.inf, np.inf)),
    ):
        ordered = u[order]
        reach = _kth_distance(ordered, k)
        volume = np.minimum(ordered + reach, ends[1]) - np.maximum(ordered - reach, ends[0])
        if volume.min() > 0.0 and reach.min() > 0.0:
            width = np.empty_like(volume)
            width[order] = np.log(volume)
            return surprise, width
    rule = f"a weight takes one value {k + 1} times: it has no density"
    raise InputError("samples", "equal values", rule, "use a continuous weight or drop the column")


def _kth_distance(ordered: Array, k: int) -> Array:
    """Distance of every point of a sorted line to its k-th nearest neighbour."""
    n = ordered.size
    padded = np.concatenate([np.full(k, -np.inf), ordered, np.full(k, np.inf)])
    distance = np.full(n, np.inf)
    for left in range(k + 1):
        low = padded[k - left : k - left + n]
        high = padded[2 * k - left : 2 * k - left + n]
        distance = np.minimum(distance, np.maximum(ordered - low, high - ordered))
    return distance


def gaussian_entropy(samples: Array) -> Sampled:
    r"""S(w) <= (1/2) ln det(2 pi e Cov): the Gaussian of the same covariance has the largest entropy.

    samples: (replica, weight); an UPPER bound of the joint entropy. The sample determinant is corrected by
    its exact Gaussian (Wishart) bias, sum_i [psi((R - i)/2) - ln((R - 1)/2)].
    Raises InputError with fewer than 2 N replicas.
    """
    x = real_numbers("samples", samples)
    if x.ndim != 2 or x.shape[0] <= 2 * x.shape[1] + 2:
        raise InputError("samples", x.shape, "needs more than 2 N + 2 replicas", "add replicas")
    replicas, weights = x.shape
    centred = x - x.mean(axis=0)
    covariance = centred.T @ centred / (replicas - 1)
    sign, logdet = np.linalg.slogdet(covariance)
    if sign <= 0:
        raise InputError("samples", "singular covariance", "weights must vary independently", "drop copies")
    bias = float(np.sum(digamma((replicas - np.arange(1, weights + 1)) / 2.0) - log((replicas - 1) / 2.0)))
    value = 0.5 * (weights * log(2.0 * pi * np.e) + float(logdet) - bias)
    squares = np.einsum("ij,ij->i", centred @ np.linalg.inv(covariance), centred)
    return Sampled(value, 0.5 * (squares - squares.mean()), "upper")
