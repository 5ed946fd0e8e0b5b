"""Log-normal and gamma densities, fitted by maximum likelihood to many sets of means at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaln, ndtr, polygamma, psi

Array = NDArray[np.float64]
NEWTON = 12
"""Each step about doubles the digits, from a start that is right to 1.5 %."""


@dataclass(frozen=True)
class Family:
    """parameters: their names; fit(means) -> (many, 2) from means (many, 3) of w, ln w and (ln w)^2.

    cdf(w, parameters) and logpdf(w, parameters) take parameters (..., 2) that go along with w (..., n); draw(generator,
    parameters, shape) samples.
    """

    name: str
    parameters: tuple[str, str]
    fit: Callable[[Array], Array]
    cdf: Callable[[Array, Array], Array]
    logpdf: Callable[[Array, Array], Array]
    draw: Callable[[np.random.Generator, Array, tuple[int, int]], Array]


def means_of(w: Array) -> Array:
    """The means of w, ln w and (ln w)^2 over the last axis: (..., 3)."""
    x = np.log(w)
    return np.stack([w.mean(axis=-1), x.mean(axis=-1), (x * x).mean(axis=-1)], axis=-1)


def _fit_lognormal(means: Array) -> Array:
    """mu = <ln w>, s^2 = <(ln w)^2> - mu^2."""
    mu = means[..., 1]
    return np.stack([mu, np.sqrt(np.maximum(means[..., 2] - mu * mu, 1e-300))], axis=-1)


def _fit_gamma(means: Array) -> Array:
    """ln k - psi(k) = ln <w> - <ln w> and theta = <w>/k. Minka, Estimating a Gamma distribution (2002)."""
    g = np.maximum(np.log(means[..., 0]) - means[..., 1], 1e-14)
    k = (3.0 - g + np.sqrt((g - 3.0) ** 2 + 24.0 * g)) / (12.0 * g)
    for _ in range(NEWTON):
        k = 1.0 / (1.0 / k + (np.log(k) - psi(k) - g) / (k * k * (1.0 / k - polygamma(1, k))))
    return np.stack([k, means[..., 0] / k], axis=-1)


def _lognormal_cdf(w: Array, parameters: Array) -> Array:
    mu, s = parameters[..., :1], parameters[..., 1:]
    return np.asarray(ndtr((np.log(w) - mu) / s))


def _lognormal_logpdf(w: Array, parameters: Array) -> Array:
    mu, s = parameters[..., :1], parameters[..., 1:]
    x = np.log(w)
    return np.asarray(-0.5 * ((x - mu) / s) ** 2 - np.log(s) - 0.5 * np.log(2.0 * np.pi) - x)


def _gamma_cdf(w: Array, parameters: Array) -> Array:
    return np.asarray(gammainc(parameters[..., :1], w / parameters[..., 1:]))


def _gamma_logpdf(w: Array, parameters: Array) -> Array:
    k, theta = parameters[..., :1], parameters[..., 1:]
    return np.asarray((k - 1.0) * np.log(w / theta) - w / theta - gammaln(k) - np.log(theta))


def _draw_lognormal(draw: np.random.Generator, parameters: Array, shape: tuple[int, int]) -> Array:
    return draw.lognormal(parameters[0], parameters[1], shape)


def _draw_gamma(draw: np.random.Generator, parameters: Array, shape: tuple[int, int]) -> Array:
    # of a small shape a draw may underflow to zero, which has no logarithm
    return np.maximum(draw.gamma(parameters[0], parameters[1], shape), 1e-300)


LOGNORMAL = Family(
    "lognormal", ("mean_log", "sd_log"), _fit_lognormal, _lognormal_cdf, _lognormal_logpdf, _draw_lognormal
)
GAMMA = Family("gamma", ("shape", "scale"), _fit_gamma, _gamma_cdf, _gamma_logpdf, _draw_gamma)
PARAMETRIC = {family.name: family for family in (LOGNORMAL, GAMMA)}


def distance_to(u: Array) -> Array:
    """sup |F_n - F| of Kolmogorov and Smirnov from u = F(w), (..., n)."""
    n = u.shape[-1]
    ordered, step = np.sort(u, axis=-1), np.arange(1, n + 1) / n
    return np.asarray(np.maximum(step - ordered, ordered - step + 1.0 / n).max(axis=-1))


def simulated_distances(family: Family, parameters: Array, n: int, many: int, draw: np.random.Generator) -> Array:
    """The distances of samples of n from the family itself, refitted each time (Lilliefors): (many,)."""
    found, rows = [], max(1, 2_000_000 // n)
    for start in range(0, many, rows):
        w = family.draw(draw, parameters, (min(rows, many - start), n))
        found.append(distance_to(family.cdf(w, family.fit(means_of(w)))))
    return np.concatenate(found)
