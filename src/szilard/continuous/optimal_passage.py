"""The way of least dissipation from one density to another in a given time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

import numpy as np

from ..errors import InputError
from .density import Density
from .gaussian import Gaussian
from .optimal_density import LineDensity, boltzmann, by_quantile, normal
from .optimal_gaussians import GaussianTransport, between_gaussians
from .optimal_lines import LineTransport, between_lines
from .optimal_traps import above

Line = LineDensity | Density | Callable[[Any], Any]


@overload
def optimal_transport(
    p0: Gaussian, p1: Gaussian, duration: float, *, mobility: float = 1.0, temperature: float = 1.0
) -> GaussianTransport: ...


@overload
def optimal_transport(
    p0: Line, p1: Line | Gaussian, duration: float, *, mobility: float = 1.0, temperature: float = 1.0
) -> LineTransport: ...


@overload
def optimal_transport(
    p0: Gaussian, p1: Line, duration: float, *, mobility: float = 1.0, temperature: float = 1.0
) -> LineTransport: ...


def optimal_transport(
    p0: Gaussian | Line, p1: Gaussian | Line, duration: float, *, mobility: float = 1.0, temperature: float = 1.0
) -> GaussianTransport | LineTransport:
    r"""min Sigma = W_2(p_0, p_1)^2 / (D tau),  D = mu T, over all ways from p_0 to p_1 in the time tau.

    Sigma = int dt int p |v|^2 / D dx, v the velocity of the probability; it is least where every particle of the
    optimal coupling moves at constant speed (Benamou and Brenier), and some potential U(x, t), which the result gives,
    makes it so. U is fixed between the ends only: at both ends it jumps from, and to, what the energy is there, and
    the mean work is W = dE + T (Sigma - dS).

    p0, p1: two ``Gaussian`` of any dimension (closed form, rounding), or densities on a line: a ``LineDensity`` (box,
    normal, boltzmann, below), a one-dimensional ``Gaussian``, or a quantile function of probabilities (point,).
    duration, mobility, temperature: > 0; the same mobility and temperature in every direction.
    Raises InputError for values beyond these and for densities that do not match.

    Source: Benamou and Brenier, Numer. Math. 84, 375 (2000); Aurell, Gawedzki, Mejia-Monasterio, Mohayaee and
    Muratore-Ginanneschi, J. Stat. Phys. 147, 487 (2012).

    >>> optimal_transport(Gaussian(0.0, 1.0), Gaussian(1.5, 0.25), 2.0)
    GaussianTransport: 1 coordinate, distance 1.58114 in the time 2; dissipation 1.25, heat 1.94314718
    """
    tau, mu, T = above("duration", duration), above("mobility", mobility), above("temperature", temperature)
    if isinstance(p0, Gaussian) and isinstance(p1, Gaussian):
        return between_gaussians(p0, p1, tau, mu, T)
    return between_lines(line("p0", p0), line("p1", p1), tau, mu, T)


def line(field: str, given: Gaussian | Line) -> LineDensity:
    """The density on a line that was meant; raises InputError where it is none."""
    if isinstance(given, LineDensity):
        return given
    if isinstance(given, Gaussian):
        if given.dim != 1:
            raise InputError(field, f"{given.dim} coordinates", "must be a density on a line", "give two Gaussians")
        return normal(float(given.mean[0]), float(given.covariance[0, 0]))
    if isinstance(given, Density) and given.lattice.dim == 1:
        low, high = (float(x) for x in given.lattice.edges[0][[0, -1]])
        return boltzmann(lambda x: -given.log_density(np.asarray(x)[:, None]), low, high)
    if callable(given):
        return by_quantile(given)
    fix = "a Gaussian, a Density or LineDensity in one dimension, or a quantile function"
    raise InputError(field, given, "must be a density", fix)
