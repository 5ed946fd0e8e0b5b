"""The optimal online rule: the kick that brings the weights closest to what a Bayesian would do, example by example."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from ..markup import table_of_fields
from .rule import Rule

if TYPE_CHECKING:
    from .settings import Settings

Array = NDArray[np.float64]
GAUSS = np.polynomial.legendre.leggauss(8)
FARTHEST, PANELS = 9.0, 12


def _optimal(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    q, rho = parameters[0], parameters[1]
    narrow = math.sqrt(1.0 - rho * rho)
    u = rho * label * field / (q * narrow)
    if u < -25.0:
        hazard = -u / (1.0 - 1.0 / u**2 + 3.0 / u**4 - 15.0 / u**6 + 105.0 / u**8)
    else:
        hazard = math.exp(-0.5 * u * u) * math.sqrt(2.0 / math.pi) / math.erfc(-u / math.sqrt(2.0))
    return label * q * narrow / rho * hazard


@dataclass(frozen=True)
class Optimal:
    r"""F(lambda) = (q/rho) sqrt(1 - rho^2) phi(u)/Phi(u),  u = rho lambda / (q sqrt(1 - rho^2)),  lambda = sigma_T A.

    q = |w|/sqrt(N) and rho = w B/(|w| |B|) are not measured but follow the course that they take on average for fresh
    random patterns and N -> infinity, from rho = 0, q^2 = T/k on, rho at least 1/sqrt(N): what one example can tell.
    The kick that raises rho the most, for an impulse learning_rate = 1/mobility. Online kicks and a teacher only.

    Kinouchi and Caticha, J. Phys. A 25, 6243 (1992).

    >>> Optimal().rule.name
    'optimal'
    """

    @property
    def name(self) -> str:
        """The rule's name."""
        return self.rule.name

    @cached_property
    def rule(self) -> Rule:
        """The amplitude, of parameters (q, rho)."""
        return Rule("optimal", _optimal, parameters=(1.0, 0.5))

    def course(self, settings: Settings, turns: int) -> Array:
        """(q, rho) before each of the first ``turns`` showings: (turn, 2)."""
        n = settings.task.n_inputs
        decay, push = settings.law[0], settings.law[1]
        factors = settings.factors(0, turns)
        fresh = (1.0 - decay**2) * settings.temperature / settings.stiffness
        found = np.empty((turns, 2))
        r, square = 0.0, settings.temperature / settings.stiffness
        for turn in range(turns):
            q = math.sqrt(square)
            rho = min(max(r / q, 1.0 / math.sqrt(n)), 1.0 - 1e-12) if n > 1 else 0.5
            found[turn] = q, rho
            with_teacher, with_field, itself = _averages(q, rho, r / q)
            kick = push * settings.strength * float(factors[turn])
            r = decay * r + kick * with_teacher / n
            square = decay**2 * square + fresh + (2.0 * decay * kick * with_field + kick * kick * itself) / n
        return found

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def _averages(q: float, rho: float, true_rho: float) -> tuple[float, float, float]:
    """<|y| F>, <lambda F>, <F^2> over lambda = q x, the teacher's field y of correlation true_rho with x."""
    narrow = math.sqrt(1.0 - rho * rho)
    x, weight = _nodes(min(1.0, narrow / rho))
    u = rho * x / narrow
    log_density = -0.5 * u * u - 0.5 * math.log(2.0 * math.pi)
    f = q * narrow / rho * np.exp(log_density - log_ndtr(u))
    true_narrow = math.sqrt(max(1.0 - true_rho * true_rho, 1e-300))
    v = true_rho * x / true_narrow
    # the stability's law is 2 phi(x) Phi(v); <|y| | x> Phi(v) = true_rho x Phi(v) + true_narrow phi(v)
    share = 2.0 * weight * np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    density = np.exp(-0.5 * v * v) / math.sqrt(2.0 * math.pi)
    right = np.exp(log_ndtr(v))
    with_teacher = share @ (f * (true_rho * x * right + true_narrow * density))
    return float(with_teacher), float(share @ (q * x * f * right)), float(share @ (f * f * right))


def _nodes(width: float) -> tuple[Array, Array]:
    """Gauss and Legendre's rule on panels that grow from a layer of the given width around 0."""
    edges = np.concatenate([[0.0], np.geomspace(0.3 * width, FARTHEST, PANELS)])
    half = 0.5 * np.diff(edges)[:, None]
    right, weight = (edges[:-1, None] + half * (1.0 + GAUSS[0])).ravel(), (half * GAUSS[1]).ravel()
    return np.concatenate([-right, right]), np.concatenate([weight, weight])
