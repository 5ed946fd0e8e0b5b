"""A Gaussian distribution of states."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from ..errors import InputError
from ..markup import table_of_text

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Gaussian:
    r"""p(w) = exp[-(w - m).C^{-1}(w - m)/2] / sqrt((2 pi)^dim det C).

    mean: (dim,) or a number; covariance: (dim, dim), symmetric and positive definite, (dim,) variances of
    independent coordinates, or a number. Raises InputError where it is none.

    >>> round(Gaussian(0.0, 1.0).entropy, 6)
    1.418939
    """

    mean: Array
    covariance: Array

    def __init__(self, mean: Any, covariance: Any) -> None:
        m, C = _numbers("mean", mean), _numbers("covariance", covariance)
        m = np.atleast_1d(m)
        C = C * np.eye(m.size) if C.ndim == 0 else np.diag(C) if C.ndim == 1 else C
        if m.ndim != 1 or C.shape != (m.size, m.size):
            rule = f"must have shape {(m.size, m.size)} for a mean of shape {m.shape}"
            raise InputError("covariance", C.shape, rule, "give one row per coordinate")
        if np.any(np.abs(C - C.T) > 1e-12 * np.abs(C).max()):
            raise InputError("covariance", C.tolist(), "must be symmetric", "take (C + C.T) / 2")
        C = 0.5 * (C + C.T)
        try:
            np.linalg.cholesky(C)
        except np.linalg.LinAlgError:
            fix = "every direction needs a variance > 0; a point alone has no density"
            raise InputError("covariance", C.tolist(), "must be positive definite", fix) from None
        for array in (m, C):
            array.flags.writeable = False
        object.__setattr__(self, "mean", m)
        object.__setattr__(self, "covariance", C)

    @property
    def dim(self) -> int:
        """The number of coordinates."""
        return int(self.mean.size)

    @property
    def root(self) -> Array:
        """The lower triangle L with L L^T = C."""
        return np.asarray(np.linalg.cholesky(self.covariance))

    @property
    def precision(self) -> Array:
        """C^{-1}."""
        return np.asarray(cho_solve(cho_factor(self.covariance, lower=True), np.eye(self.dim)))

    @property
    def entropy(self) -> float:
        """S = (1/2) ln det(2 pi e C), in nats."""
        return 0.5 * self.dim * (1.0 + log(2.0 * pi)) + float(np.sum(np.log(np.diag(self.root))))

    def log_density(self, w: Any) -> Array:
        """ln p(w) of points (replica, dim): (replica,)."""
        z = solve_triangular(self.root, (np.asarray(w, dtype=np.float64) - self.mean).T, lower=True)
        log_volume = 0.5 * self.dim * log(2.0 * pi) + float(np.sum(np.log(np.diag(self.root))))
        return np.asarray(-0.5 * (z * z).sum(axis=0) - log_volume)

    def relative_entropy(self, other: Gaussian) -> float:
        r"""D(p || other) = (1/2)[tr(C'^{-1} C) - dim + d.C'^{-1} d - ln det(C'^{-1} C)] >= 0, d between the means."""
        a = solve_triangular(other.root, self.root, lower=True)
        d = solve_triangular(other.root, self.mean - other.mean, lower=True)
        excess = float(np.sum(a * a)) - self.dim - 2.0 * float(np.sum(np.log(np.diag(a))))
        return 0.5 * (excess + float(d @ d))

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        if self.dim == 1:
            return f"Gaussian(mean {self.mean[0]:.6g}, variance {self.covariance[0, 0]:.6g})"
        return f"Gaussian(mean {self.mean.round(6).tolist()}, covariance {self.covariance.round(6).tolist()})"


def _numbers(name: str, given: Any) -> Array:
    try:
        found = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.array(np.nan)
    if found.size == 0 or not np.all(np.isfinite(found)):
        raise InputError(name, given, "must be finite numbers", "sz.Gaussian(0.0, 1.0), for instance")
    return found
