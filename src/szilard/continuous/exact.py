"""Exact answers: Gaussians where the process is linear, a lattice in 1 or 2 dimensions elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..protocol import Protocol
from .averages import Energetics
from .course import course_of
from .gaussian import Gaussian
from .gaussian_averages import gaussian_energetics
from .gaussian_route import GaussianPropagation, gaussian_entropy_rate, gaussian_propagate, gaussian_stationary
from .process import Langevin, control_of, langevin

if TYPE_CHECKING:
    from .density import Densities, Density

Route = Literal["gaussian", "lattice"]


def propagate(
    process: Langevin,
    initial: Any,
    times: ArrayLike,
    protocol: Protocol | None = None,
    *,
    method: Route | None = None,
    **lattice: Any,
) -> GaussianPropagation | Densities:
    r"""dp/dt = sum_i d_i [mu_i (T_i d_i - F_i) p] from p(0) = initial: p at every time.

    times: >= 0, not decreasing. method "gaussian": means and covariances of a linear process, to 1e-12 under any
    protocol; initial: a Gaussian | "equilibrium" | "stationary" | a point (dim,). method "lattice": densities on a
    lattice in 1 or 2 dimensions, O(h^2) (see ``lattice_propagate`` for initial, box and cells). None: the first where
    the process is linear and the start is Gaussian. Raises InputError for input that does not fit.

    >>> import szilard as sz
    >>> sz.propagate(sz.systems.moved_trap(), sz.Gaussian(2.0, 1.0), [np.log(2.0)], sz.Protocol([0], [0])).means
    array([[1.]])
    """
    t = _last(times)
    course = course_of(process, protocol, t)
    if _by_gaussians(process, method, initial, lattice):
        return gaussian_propagate(course, initial, times)
    from .lattice_route import lattice_propagate

    with _explained(lattice, "box", "cells", "parts"):
        return lattice_propagate(course, initial, times, **lattice)


def stationary(
    process: Langevin, control: float | None = None, *, method: Route | None = None, **lattice: Any
) -> Gaussian | Density:
    r"""0 = sum_i d_i [mu_i (T_i d_i - F_i) p]: a Gaussian of a linear process, else a Density on a lattice.

    method, lattice: as in ``propagate``. Raises InputError where there is no stationary state, for a missing control,
    or for more than 2 dimensions.

    >>> import szilard as sz
    >>> sz.stationary(sz.systems.linear([[1.0, 1.5], [0.0, 1.0]], 1.0)).covariance.round(9)
    array([[ 2.125, -0.75 ],
           [-0.75 ,  1.   ]])
    """
    held = control_of(langevin(process), control)
    if _by_gaussians(process, method, None, lattice):
        return gaussian_stationary(process, held)
    from .lattice_route import lattice_stationary

    with _explained(lattice, "box", "cells"):
        return lattice_stationary(process, held, **lattice)


def energetics(
    process: Langevin,
    p0: Any,
    duration: float,
    protocol: Protocol | None = None,
    *,
    method: Route | None = None,
    **lattice: Any,
) -> Energetics:
    r"""Q_r = int sum_{i in r} <F_i o dw_i>,  W = int <dU/dlambda> dlambda + int <f o dw>: exact means, nothing sampled.

    Heat > 0 into the bath, work > 0 on the system, dE = W - sum_r Q_r; entropies, and the split of their production
    into the adiabatic part int <v_ss.D^{-1} v_ss> dt (v_ss the mean velocity in the stationary state of the moment) and
    the rest. p0: as ``initial`` in ``propagate``, also a Mixture. ``error`` says what the method leaves unknown:
    rounding and integration, or the spacing of three lattices; not what lies beyond a ``box`` that was given. A lattice
    takes 0.1 to 2 s in one dimension and where nothing moves, more where a potential bends with its control, and up to
    a minute for a driven process in two dimensions under a moving potential. Raises InputError as ``propagate`` does.

    >>> import szilard as sz
    >>> jump = sz.Protocol([0.0, 0.0], [1.0, 3.0])
    >>> quench = sz.energetics(sz.systems.stiffened_trap(), "equilibrium", 40.0, jump)
    >>> quench.work, round(quench.entropy_production, 9)
    (1.0, 0.450693856)
    """
    course = course_of(process, protocol, duration)
    if _by_gaussians(process, method, p0, lattice):
        return gaussian_energetics(course, p0)
    from .lattice_route import lattice_energetics

    with _explained(lattice, "box", "cells", "parts"):
        return lattice_energetics(course, p0, **lattice)


def entropy_production_rate(
    process: Langevin, p: Any = None, control: float | None = None, *, method: Route | None = None, **lattice: Any
) -> float:
    r"""sigma = <v.D^{-1} v> >= 0, v the mean velocity at a point, in nats per time; p=None: the stationary state.

    It is dS/dt + sum_r (heat per time into r) / T_r. p, method, lattice: as in ``propagate``.

    >>> import szilard as sz
    >>> sz.entropy_production_rate(sz.systems.linear([[2.0, 0.8], [-0.1, 1.0]], 1.0))
    0.27...
    """
    held = control_of(langevin(process), control)
    if _by_gaussians(process, method, p, lattice):
        return gaussian_entropy_rate(process, p, held)
    from .lattice_route import lattice_entropy_rate

    with _explained(lattice, "box", "cells"):
        return lattice_entropy_rate(process, p, held, **lattice)


@contextmanager
def _explained(options: dict[str, Any], *known: str) -> Iterator[None]:
    """Errors of the jumps on a lattice in the words of who asked for a density."""
    for name, value in options.items():
        if name not in known:
            raise InputError(name, value, f"is no option of this route, which has {', '.join(known)}", "drop it")
    try:
        yield
    except InputError as error:
        if not error.field.startswith("rate of"):
            raise
        rule = "at some control the energy changes too much from cell to cell for floating point"
        fix = "box=((low, high),): leave out what is never reached; or more cells="
        raise InputError("box", options.get("box"), rule, fix) from error


def _by_gaussians(process: Langevin, method: Route | None, p: Any, lattice: dict[str, Any]) -> bool:
    if method not in (None, "gaussian", "lattice"):
        raise InputError("method", method, 'must be "gaussian" or "lattice"', "leave it out to have one chosen")
    if method == "gaussian" and lattice:
        raise InputError("method", method, f"has no {', '.join(lattice)}", 'method="lattice"')
    if method == "gaussian":
        process.linear_at(0.0 if process.controlled else None)
    shaped = not callable(p) and type(p).__name__ != "Density"
    return method == "gaussian" or (method is None and process.is_linear and not lattice and shaped)


def _last(times: Any) -> float:
    try:
        t = np.atleast_1d(np.array(times, dtype=np.float64))
    except (TypeError, ValueError):
        t = np.array([np.nan])
    if t.ndim != 1 or t.size == 0 or not np.all(np.isfinite(t)) or t[0] < 0.0 or np.any(np.diff(t) < 0.0):
        rule = "must be one list of finite times >= 0 that do not decrease, at least one"
        raise InputError("times", times, rule, "sort them; time starts at 0")
    return float(t[-1])
