"""Differential entropy of continuous weights, in nats, with what each replica adds to it."""

from __future__ import annotations

from math import log, pi

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from ..errors import InputError
from ..estimate import Sampled

Array = NDArray[np.float64]


def neighbour_entropy(samples: Array, *, neighbours: int = 4) -> Sampled:
    r"""sum_n S(w_n), S = psi(R) - psi(k) + <ln 2 eps_k>: eps_k the distance to the k-th neighbour of R - 1.

    samples: (replica, weight); every column on its own (sum of marginal entropies). Non-parametric and
    two-sided; its bias falls as (k / R)^2 for smooth densities, below the standard error from R ~ 500.
    Kozachenko and Leonenko (1987); Kraskov, Stogbauer and Grassberger, PRE 69, 066138 (2004).
    Raises InputError with too few replicas, NaN, or equal values (a continuous weight has none).
    """
    x = np.asarray(samples, dtype=np.float64)
    if x.ndim != 2 or x.shape[0] < 10 * neighbours:
        rule = f"must have shape (replica >= {10 * neighbours}, weight)"
        raise InputError("samples", x.shape, rule, "add replicas")
    if not np.all(np.isfinite(x)):
        raise InputError("samples", "NaN or infinity", "every weight must be finite", "check the run")
    replicas, weights = x.shape
    local = np.zeros(replicas)
    constant = float(digamma(replicas) - digamma(neighbours)) + log(2.0)
    for n in range(weights):
        order = np.argsort(x[:, n], kind="stable")
        distance = _kth_distance(x[order, n], neighbours)
        if distance.min() <= 0.0:
            rule = f"weight {n} takes the same value {neighbours + 1} times: it has no density"
            raise InputError("samples", "equal values", rule, "use a continuous weight or drop the column")
        local[order] += np.log(distance)
    value = float(local.mean())
    return Sampled(weights * constant + value, local - value)


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
    x = np.asarray(samples, dtype=np.float64)
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
