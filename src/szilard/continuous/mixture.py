"""A mixture of Gaussian distributions: what is known of a state before its label is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from ..errors import InputError
from ..markup import table_of_text
from .gaussian import Gaussian
from .gaussian_quadrature import line_integral, plane_integral

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Mixture:
    r"""p(w) = sum_i p_i Gaussian_i(w).

    weights: p_i (component,), >= 0, of sum 1; components: Gaussians of one dimension. Entropies are in nats, by
    quadrature: to 1e-11 in one dimension, 1e-8 in two. Components of one covariance whose means lie on a line (in a
    plane) count as one (two) dimensions; entropies of others in more than two raise InputError, as do weights or
    components that do not fit.

    >>> Mixture([0.25, 0.75], [Gaussian(3.0, 1.0), Gaussian(-1.0, 1.0)])
    Mixture of 2 Gaussians in 1 dimension: mean [0.0], covariance [[4.0]]
    """

    weights: Array
    components: tuple[Gaussian, ...]

    def __init__(self, weights: Any, components: Sequence[Gaussian]) -> None:
        parts = tuple(components) if isinstance(components, (list, tuple)) else ()
        if not parts or not all(isinstance(part, Gaussian) for part in parts) or len({part.dim for part in parts}) > 1:
            rule = "must be a list of Gaussians of one dimension, at least one"
            raise InputError("components", components, rule, "[sz.Gaussian(-1.0, 1.0), sz.Gaussian(1.0, 1.0)]")
        try:
            p = np.array(weights, dtype=np.float64)
        except (TypeError, ValueError):
            p = np.array(np.nan)
        # a probability summed in any order is 1 to far less than 1e-9
        if p.shape != (len(parts),) or not np.all(p >= 0.0) or not abs(float(p.sum()) - 1.0) <= 1e-9:
            rule = f"must be {len(parts)} probabilities of sum 1, one per component"
            raise InputError("weights", weights, rule, "divide them by their sum")
        p = p / p.sum()
        p.flags.writeable = False
        object.__setattr__(self, "weights", p)
        object.__setattr__(self, "components", parts)

    @property
    def dim(self) -> int:
        """The number of coordinates."""
        return self.components[0].dim

    @property
    def mean(self) -> Array:
        """sum_i p_i m_i: (dim,)."""
        return np.asarray(self.weights @ np.array([part.mean for part in self.components]))

    @property
    def covariance(self) -> Array:
        """sum_i p_i [C_i + (m_i - m)(m_i - m)^T]: (dim, dim)."""
        apart = np.array([part.mean for part in self.components]) - self.mean
        within = np.array([part.covariance for part in self.components])
        return np.asarray(np.einsum("i,ijk->jk", self.weights, within + apart[:, :, None] * apart[:, None, :]))

    def log_density(self, w: Any) -> Array:
        """ln p(w) of points (replica, dim): (replica,)."""
        kept = [(log(p), part) for p, part in zip(self.weights, self.components, strict=True) if p > 0.0]
        logs = np.array([of + part.log_density(w) for of, part in kept])
        top = logs.max(axis=0)
        return np.asarray(top + np.log(np.exp(logs - top).sum(axis=0)))

    @property
    def entropy(self) -> float:
        """S = -int p ln p dw, in nats."""
        small, rest = self._reduced()
        return rest + small._mean(lambda w: -small.log_density(w), ())

    @property
    def information(self) -> float:
        """I(w; i) = S - sum_i p_i S_i, what the state tells of the label i, in nats."""
        small, _ = self._reduced()
        within = sum(p * part.entropy for p, part in zip(small.weights, small.components, strict=True))
        return float(small._mean(lambda w: -small.log_density(w), ()) - within)

    def relative_entropy(self, other: Gaussian | Mixture) -> float:
        r"""D(p || other) = int p ln(p / other) dw >= 0, in nats; by quadrature where other is a mixture."""
        if not isinstance(other, (Gaussian, Mixture)) or other.dim != self.dim:
            rule = f"must be a Gaussian or a Mixture in {self.dim} dimensions"
            raise InputError("other", other, rule, "both are distributions of one state")
        if isinstance(other, Gaussian):
            z = solve_triangular(other.root, self.mean - other.mean, lower=True)
            spread = float(np.sum(other.precision * self.covariance) + z @ z)
            return other.entropy - self.entropy + 0.5 * (spread - self.dim)
        return self._mean(lambda w: self.log_density(w) - other.log_density(w), other.components)

    def _mean(self, function: Callable[[Array], Array], seen: Sequence[Gaussian]) -> float:
        """int p f dw; f varies as fast as this mixture and the Gaussians seen."""

        def integrand(w: Array) -> Array:
            return np.exp(self.log_density(w)) * function(w)

        parts = [part for p, part in zip(self.weights, self.components, strict=True) if p > 0.0]
        if self.dim == 1:
            return line_integral(lambda x: integrand(x[:, None]), parts, seen)
        if self.dim == 2:
            return plane_integral(integrand, parts, seen)
        rule = "quadrature reaches two dimensions"
        raise InputError("dim", self.dim, rule, "give components of one covariance with means on a line or in a plane")

    def _reduced(self) -> tuple[Mixture, float]:
        """A mixture of the coordinates in which components differ, and the entropy of the others."""
        first = self.components[0]
        size = np.abs(first.covariance).max()
        if any(np.any(np.abs(part.covariance - first.covariance) > 1e-14 * size) for part in self.components):
            return self, 0.0
        means = np.array([part.mean for part in self.components])
        z = solve_triangular(first.root, (means - means[0]).T, lower=True)
        u, spread, _ = np.linalg.svd(z, full_matrices=False)
        # a spread of 1e-8 noise widths changes entropies by its square
        rank = max(1, int(np.count_nonzero(spread > 1e-8)))
        rest = (self.dim - rank) * 0.5 * (1.0 + log(2.0 * pi)) + float(np.sum(np.log(np.diag(first.root))))
        along = (u[:, :rank].T @ z).T
        return Mixture(self.weights, [Gaussian(at, np.eye(rank)) for at in along]), rest

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        k, n = len(self.components), self.dim
        shape = f"{k} Gaussian{'s' * (k != 1)} in {n} dimension{'s' * (n != 1)}"
        moments = f"mean {self.mean.round(6).tolist()}, covariance {self.covariance.round(6).tolist()}"
        return f"Mixture of {shape}: {moments}"
