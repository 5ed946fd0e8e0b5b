"""Linear Langevin systems, exactly: their distribution is Gaussian at every time."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve_continuous_lyapunov

from ..discrete.steady import ordered
from ..errors import InputError
from ..markup import table_of_text
from .course import Course
from .gaussian import Gaussian
from .gaussian_motion import advance
from .mixture import Mixture
from .process import Langevin, control_of, langevin
from .transition import drift_of

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Initial = Gaussian | Mixture | str | ArrayLike


@dataclass(frozen=True, repr=False)
class GaussianPropagation:
    """p(w, t) = Gaussian(m(t), C(t)): times (time,), means (time, dim), covariances (time, dim, dim)."""

    times: Array
    means: Array
    covariances: Array

    def at(self, i: int) -> Gaussian:
        """The distribution at the i-th time; raises InputError where it is a point still."""
        return Gaussian(self.means[i], self.covariances[i])

    @property
    def deviations(self) -> Array:
        """sqrt(C_ii): (time, dim)."""
        return np.sqrt(np.diagonal(self.covariances, axis1=1, axis2=2))

    @property
    def entropies(self) -> Array:
        """S = (1/2) ln det(2 pi e C), in nats: (time,); -inf for a point."""
        _, logs = np.linalg.slogdet(self.covariances)
        return np.asarray(0.5 * (self.means.shape[1] * (1.0 + log(2.0 * pi)) + logs))

    def to_xarray(self) -> xarray.Dataset:
        """mean over (time, coordinate), covariance over (time, coordinate, other), entropy over time."""
        import xarray as xr

        held = {
            "mean": (("time", "coordinate"), self.means),
            "covariance": (("time", "coordinate", "other"), self.covariances),
            "entropy": ("time", self.entropies),
        }
        return xr.Dataset(held, coords={"time": self.times})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Every mean against time in a band of one standard deviation; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, house_style, lines

        names = [f"coordinate {i}" for i in range(self.means.shape[1])]
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, self.times, self.means.T, "time", "mean and standard deviation", names)
            for line, m, sd in zip(ax.get_lines(), self.means.T, self.deviations.T, strict=False):
                ax.fill_between(self.times, m - sd, m + sd, color=line.get_color(), alpha=0.15, linewidth=0.0)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        n, k = self.means.shape[1], self.times.size
        size = f"{n} coordinate{'s' * (n != 1)} at {k} time{'s' * (k != 1)} in [{self.times[0]:g}, {self.times[-1]:g}]"
        last = f"mean {self.means[-1].round(6).tolist()}, standard deviation {self.deviations[-1].round(6).tolist()}"
        return f"GaussianPropagation: {size}; {last} at the end"


def gaussian_propagate(course: Course, initial: Initial, times: ArrayLike) -> GaussianPropagation:
    r"""dm/dt = b - A m,  dC/dt = -(A C + C A^T) + 2D,  A = M(H - G), b = M(h + g): m and C at every time.

    initial: a Gaussian | "equilibrium" | "stationary" | a point (dim,), see ``initial_gaussian``. times: >= 0, not
    decreasing, within the course. Relative error about 1e-13 where the control is held and 1e-12 where it moves;
    sudden changes of the control leave the state as it is. Raises InputError for times or a state that do not fit, or
    if the state leaves floating point.

    >>> from szilard.continuous import Langevin, Linear
    >>> from szilard.continuous.course import course_of
    >>> trap = Langevin(linear=Linear([[2.0]], [0.0]), dim=1, temperature=0.5)
    >>> found = gaussian_propagate(course_of(trap, None, 1.0), [3.0], [0.0, 1.0])
    >>> found.means[:, 0].round(6), found.covariances[:, 0, 0].round(6)
    (array([3.      , 0.406006]), array([0.      , 0.245421]))
    """
    t = ordered(times)
    if t[-1] > course.duration:
        raise InputError("times", float(t[-1]), f"must lie within {course.duration:g}", "ask for a longer course")
    m, C = initial_moments(course, initial)
    n = course.process.dim
    means, covariances = np.empty((t.size, n)), np.empty((t.size, n, n))
    done = int(np.searchsorted(t, 0.0, side="right"))
    means[:done], covariances[:done] = m, C
    for start, end, before, after in course.pieces():
        now, control = start, before
        while now < end:
            until = min(end, float(t[done])) if done < t.size else end
            there = after if until == end else _between(start, end, before, after, until)
            m, C = advance(course.process, (now, until, control, there), m, C)
            now, control = until, there
            while done < t.size and t[done] <= now:
                means[done], covariances[done] = m, C
                done += 1
    return GaussianPropagation(t, means, covariances)


def gaussian_stationary(process: Langevin, control: float | None = None) -> Gaussian:
    r"""A m = b,  A C + C A^T = 2D: the stationary Gaussian of dw = (b - A w) dt + sqrt(2D) dB.

    m = H^{-1} h and C = T H^{-1} where one temperature rules and an energy explains the force. Raises InputError if
    an eigenvalue of A has a real part <= 0: no stationary state.

    >>> from szilard.continuous import Langevin, Linear
    >>> sheared = Langevin(linear=Linear([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0], swirl=[[0.0, -1.5], [0.0, 0.0]]), dim=2)
    >>> gaussian_stationary(sheared)
    Gaussian(mean [0.0, 0.0], covariance [[2.125, -0.75], [-0.75, 1.0]])
    """
    found = stationary_or_none(process, control_of(langevin(process), control))
    if found is None:
        A, _, _ = drift_of(process, control)
        rates = np.sort(np.linalg.eigvals(A).real)
        rule = "every relaxation rate must be > 0, or there is no stationary state"
        raise InputError("process", f"relaxation rates {rates.tolist()}", rule, "confine every direction")
    return found


def stationary_or_none(process: Langevin, control: float | None) -> Gaussian | None:
    """The stationary Gaussian, None where there is none."""
    A, b, D = drift_of(process, control)
    if float(np.linalg.eigvals(A).real.min()) <= 1e-14 * float(np.abs(A).sum(axis=1).max()):
        return None
    at, T = process.linear_at(control), process.temperatures
    if at.conservative and np.all(T == T[0]):
        return Gaussian(np.linalg.solve(at.hessian, at.pull), T[0] * _symmetric(np.linalg.inv(at.hessian)))
    C = solve_continuous_lyapunov(A, 2.0 * D)
    C = C - solve_continuous_lyapunov(A, A @ C + C @ A.T - 2.0 * D)
    return Gaussian(np.linalg.solve(A, b), _symmetric(C))


def gaussian_entropy_rate(process: Langevin, p: Gaussian | None = None, control: float | None = None) -> float:
    r"""sigma = <nu.D^{-1} nu> >= 0,  nu = b - A w + D C^{-1}(w - m) the local mean velocity, in nats per time.

    It is dS/dt + sum_r (heat per time into r) / T_r, and zero in equilibrium only. p: the Gaussian of the moment;
    None: the stationary one. Raises InputError if p does not fit, or is needed and there is none.

    U. Seifert, Rep. Prog. Phys. 75, 126001 (2012).

    >>> from szilard.continuous import Langevin, Linear
    >>> turning = Langevin(linear=Linear([[1.3, 0.0], [0.0, 1.3]], [0.0, 0.0], swirl=[[0.0, -0.7], [0.7, 0.0]]), dim=2)
    >>> round(gaussian_entropy_rate(turning), 12)  # 2 x 0.7^2 / 1.3
    0.753846153846
    """
    control = control_of(langevin(process), control)
    if p is None:
        p = gaussian_stationary(process, control)
    elif not isinstance(p, Gaussian) or p.dim != process.dim:
        raise InputError("p", p, f"must be a Gaussian in {process.dim} dimensions", "sz.Gaussian(mean, covariance)")
    A, b, D = drift_of(process, control)
    R, centre = A - D @ p.precision, b - A @ p.mean
    return float(centre @ np.linalg.solve(D, centre) + np.sum(R * np.linalg.solve(D, R @ p.covariance)))


def initial_gaussian(course: Course, initial: Gaussian | Mixture | str) -> Gaussian | Mixture:
    r"""p(w, 0): a Gaussian | a Mixture | "equilibrium": e^{-U/T} / Z | "stationary": ``gaussian_stationary``.

    Both states are those of the control at the start, before a sudden change at time 0. "equilibrium" is that of the
    energy alone, with a drive too, and needs one temperature. Raises InputError where there is none.
    """
    process, control = course.process, course.controls[0]
    if isinstance(initial, str):
        if initial == "stationary":
            return gaussian_stationary(process, control)
        if initial != "equilibrium":
            rule = 'must be a Gaussian, a Mixture, "equilibrium" or "stationary"'
            raise InputError("initial", initial, rule, "name one of them")
        return _equilibrium(process, control)
    if not isinstance(initial, (Gaussian, Mixture)):
        rule = "must be a distribution: a point has no entropy"
        raise InputError("initial", initial, rule, 'sz.Gaussian(mean, covariance), "equilibrium" or "stationary"')
    if initial.dim != process.dim:
        raise InputError("initial", initial, f"must have {process.dim} coordinates", "match the process")
    return initial


def initial_moments(course: Course, initial: Initial) -> tuple[Array, Array]:
    """m and C at the start; C = 0 for a point (dim,)."""
    n = course.process.dim
    if isinstance(initial, Mixture):
        fix = "propagate its components one by one"
        raise InputError("initial", initial, "a mixture does not stay Gaussian", fix)
    if isinstance(initial, (str, Gaussian)):
        found = initial_gaussian(course, initial)
        return found.mean, found.covariance
    try:
        point = np.array(initial, dtype=np.float64)
    except (TypeError, ValueError):
        point = np.array(np.nan)
    point = np.atleast_1d(point) if n == 1 else point
    if point.shape != (n,) or not np.all(np.isfinite(point)):
        rule = f'must be a Gaussian, "equilibrium", "stationary" or a point ({n},)'
        raise InputError("initial", initial, rule, "give one finite number per coordinate")
    return point, np.zeros((n, n))


def _equilibrium(process: Langevin, control: float | None) -> Gaussian:
    T, at = process.temperatures, process.linear_at(control)
    if np.any(T != T[0]):
        rule = f"reservoirs of temperatures {', '.join(f'{x:g}' for x in T)} have no common equilibrium"
        raise InputError("initial", "equilibrium", rule, 'initial="stationary", or a Gaussian')
    curvatures = np.linalg.eigvalsh(at.hessian)
    if curvatures[0] <= 1e-14 * np.abs(curvatures).max():
        rule = f"e^(-U/T) has no norm: U has the curvatures {curvatures.tolist()}"
        raise InputError("initial", "equilibrium", rule, "confine every direction, or give a Gaussian")
    return Gaussian(np.linalg.solve(at.hessian, at.pull), T[0] * _symmetric(np.linalg.inv(at.hessian)))


def _between(start: float, end: float, before: float | None, after: float | None, time: float) -> float | None:
    if before is None or after is None:
        return None
    return before + (time - start) / (end - start) * (after - before)


def _symmetric(matrix: Any) -> Array:
    return np.asarray(0.5 * (matrix + matrix.T))
