"""Overdamped Langevin dynamics: a potential, a force that none explains, mobility and temperature per coordinate."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._kernels.source import reads, refuse_captures
from ..errors import InputError, is_number, is_whole, number
from ..markup import table
from .linear_force import Linear
from .response import block_by_block, compile_response, finite_difference, point_by_point

Array = NDArray[np.float64]
Function = Callable[..., Any]
SCALAR = ("w", "control", "parameters")
STEP = 1e-5
"""Relative to 1 + |w|: how far apart U is taken to check its gradient."""

MANY = 64
"""States from which on a scalar function is worth running compiled."""


class Langevin:
    r"""dw_i = mu_i [-dU/dw_i + f_i] dt + sqrt(2 mu_i T_i) dB_i,  U = potential(w, lambda), f = force(w, lambda).

    potential: the energy, in k_B T0; its slope is a force, and moving it by the control lambda is manipulation.
    gradient: dU/dw; None: five-point differences of U (to about 1e-11). force: what no energy explains (driving).
    Either is left out where there is none.

    Functions of arrays: w is (replica, dim); potential(w) or potential(w, control) gives (replica,), gradient and
    force give (replica, dim). With ``compiled=True`` they are scalar functions of one state instead,
    function(w, control, parameters), w a tuple of ``dim`` numbers, ``parameters`` the tuple given here; potential gives
    a number, gradient and force a tuple of ``dim`` numbers (for dim = 1 a number). These may use math and numpy,
    capture nothing, and run in the compiled kernel, many times faster. linear: a ``Linear``, or a function of the
    control that gives one, instead of all three: such systems are solved exactly.

    dim: the number of coordinates. mobility, temperature: a number or (dim,), > 0, in 1/(time energy) and T0 (a linear
    system may have a symmetric positive definite mobility matrix). One temperature is one reservoir, "bath"; an array
    of temperatures makes one reservoir per coordinate. period: the period of each coordinate (a number or (dim,)),
    inf where it is none. Momenta are not covered.

    Raises InputError for shapes that do not fit, values that are not finite, T <= 0, mobility <= 0, a gradient that
    is not that of the potential, functions that are not periodic although said to be.

    >>> trap = Langevin(potential=lambda w: w[:, 0] ** 2, gradient=lambda w: 2 * w, dim=1, temperature=0.5)
    >>> trap
    Langevin: 1 coordinate, T = 0.5, mobility 1, potential, not driven
    >>> trap.forces(np.array([[3.0]]))
    array([[-6.]])
    """

    def __init__(
        self,
        force: Function | None = None,
        potential: Function | None = None,
        *,
        dim: int,
        mobility: ArrayLike = 1.0,
        temperature: ArrayLike = 1.0,
        gradient: Function | None = None,
        compiled: bool = False,
        parameters: tuple[float, ...] = (),
        period: ArrayLike | None = None,
        linear: Linear | Callable[[float], Linear] | None = None,
        name: str = "Langevin",
    ) -> None:
        if not is_whole(dim, 1):
            raise InputError("dim", dim, "must be a whole number >= 1", "the number of coordinates")
        self.dim, self.name, self.compiled = int(dim), name, bool(compiled)
        given = {"force": force, "potential": potential, "gradient": gradient}
        self._functions = {role: function for role, function in given.items() if function is not None}
        self._linear = linear
        if np.ndim(parameters) != 1:
            got, fix = f"{np.ndim(parameters)} dimensions", "parameters=(1.0, 2.0); a matrix has to be flattened"
            raise InputError("parameters", got, "must be one row of numbers", fix)
        self.parameters = tuple(number(f"parameters[{i}]", p) for i, p in enumerate(parameters))
        self._refuse_roles()
        self.temperature = self._per_coordinate("temperature", temperature)
        shared = np.ndim(temperature) == 0
        self.temperatures: Array = self.temperature[:1] if shared else self.temperature
        self.reservoirs = ("bath",) if shared else tuple(f"bath {i}" for i in range(self.dim))
        self.bath: NDArray[np.int64] = np.zeros(self.dim, np.int64) if shared else np.arange(self.dim)
        """The reservoir of each coordinate."""
        self.mobility = self._mobility(mobility)
        self.period = np.full(self.dim, np.inf) if period is None else self._per_coordinate("period", period, np.inf)
        self._takes_control = {role: self._reads_control(role) for role in self._functions}
        if not self.controlled:
            self.check(_probes(self.dim), None)

    @property
    def controlled(self) -> bool:
        """Whether potential or force follow a control."""
        return callable(self._linear) or any(self._takes_control.values())

    @property
    def is_linear(self) -> bool:
        """Whether it was given as a linear system."""
        return self._linear is not None

    @property
    def has_potential(self) -> bool:
        """Whether there is an energy."""
        return self.is_linear or "potential" in self._functions

    def driven_at(self, control: float | None = None) -> bool:
        """Whether a force acts that no energy explains."""
        return not self.linear_at(control).conservative if self.is_linear else "force" in self._functions

    @property
    def equilibrates(self) -> bool:
        """Whether e^{-U/T} is stationary at any control held: no force, one temperature. False if it may depend."""
        if np.any(self.temperature != self.temperature[0]) or "force" in self._functions:
            return False
        return "potential" in self._functions or (isinstance(self._linear, Linear) and self._linear.conservative)

    @property
    def force_controlled(self) -> bool:
        """Whether the force that no energy explains follows the control."""
        return callable(self._linear) or self._takes_control.get("force", False)

    @property
    def diffusion(self) -> Array:
        """D = mobility T: (dim,), or (dim, dim) where the mobility is a matrix."""
        return np.asarray(self.mobility * (self.temperature if self.mobility.ndim == 1 else self.temperature[0]))

    def linear_at(self, control: float | None = None) -> Linear:
        """The linear force at this control; raises InputError where the process is not linear."""
        if self._linear is None:
            fix = "sz.systems.linear, or Langevin(linear=Linear(...), dim=...)"
            raise InputError("process", self, "must be a linear system", fix)
        if isinstance(self._linear, Linear):
            return self._linear
        if control is None:
            raise InputError("control", None, "this process follows a control", "pass control= or protocol=")
        try:
            found = self._linear(number("control", control))
        except (ArithmeticError, ValueError, TypeError) as error:
            if isinstance(error, InputError):
                raise
            got = f"{type(error).__name__}: {error}"
            raise InputError(f"linear({control:g})", got, "must give a Linear", "guard its domain") from error
        if not isinstance(found, Linear) or found.pull.size != self.dim:
            rule = f"must be a Linear of {self.dim} coordinates"
            raise InputError(f"linear({control:g})", found, rule, "return sz.continuous.Linear(hessian, pull)")
        return found

    def energies(self, w: Array, control: float | None = None) -> Array:
        """U, in k_B T0, of states (replica, dim): (replica,); zero where there is no potential."""
        if self.is_linear:
            return self.linear_at(control).energies(w)
        if "potential" not in self._functions:
            return np.zeros(w.shape[0])
        return self._value("potential", w, control)

    def slopes(self, w: Array, control: float | None = None) -> Array:
        """-dU/dw, in k_B T0 per length: (replica, dim)."""
        if self.is_linear:
            return self.linear_at(control).slopes(w)
        if "gradient" in self._functions:
            return np.asarray(-self._value("gradient", w, control))
        if "potential" not in self._functions:
            return np.zeros_like(w)
        return -finite_difference(lambda x: self._value("potential", x, control), w)

    def pushes(self, w: Array, control: float | None = None) -> Array:
        """f, the force that no energy explains: (replica, dim)."""
        if self.is_linear:
            return self.linear_at(control).pushes(w)
        if "force" not in self._functions:
            return np.zeros_like(w)
        return self._value("force", w, control)

    def forces(self, w: Array, control: float | None = None) -> Array:
        """-dU/dw + f: (replica, dim)."""
        return self.slopes(w, control) + self.pushes(w, control)

    @cached_property
    def response(self) -> Any:
        """The compiled functions over a block of lanes (see ``_kernels.diffusion.RESPONSE``), or None: run in NumPy."""
        return compile_response(self)

    def function(self, role: str) -> Function | None:
        """What was given as "potential", "gradient" or "force"."""
        return self._functions.get(role)

    def check(self, w: Array, control: float | None) -> None:
        """Raise InputError unless all functions fit these states (replica, dim): shapes, values, gradient, period."""
        if self.controlled and control is None:
            raise InputError("control", None, "this process follows a control", "pass control= or protocol=")
        for role, values in (("potential", self.energies), ("gradient", self.slopes), ("force", self.pushes)):
            if not np.all(np.isfinite(values(w, control))):
                at = w[int(np.flatnonzero(~np.isfinite(values(w, control)).reshape(w.shape[0], -1).all(axis=1))[0])]
                got = f"{values(at[None], control).ravel().tolist()} at w = {at.tolist()}"
                raise InputError(role, got, "must be finite", "check logarithms, roots and divisions")
        if "gradient" in self._functions:
            self._check_gradient(w, control)
        if np.any(np.isfinite(self.period)):
            self._check_period(w, control)

    def _check_gradient(self, w: Array, control: float | None) -> None:
        slope, U = -self.slopes(w, control), self.energies(w, control)
        for i in range(self.dim):
            h = STEP * (1.0 + np.abs(w[:, i]))
            up, down = w.copy(), w.copy()
            up[:, i] += h
            down[:, i] -= h
            before, after = (U - self.energies(down, control)) / h, (self.energies(up, control) - U) / h
            # at a kink any slope between the two is right; rounding eps U / h stays below 1e-6 of the scale
            room = 1e-6 * (1.0 + np.abs(slope[:, i]) + np.abs(U))
            right = (slope[:, i] >= np.minimum(before, after) - room) & (
                slope[:, i] <= np.maximum(before, after) + room
            )
            if not np.all(right):
                k = int(np.flatnonzero(~right)[0])
                at = f"at w = {w[k].tolist()}" + ("" if control is None else f", control {control:g}")
                got = f"{slope[k, i]:.6g}, dU/dw[{i}] {0.5 * (before[k] + after[k]):.6g} {at}"
                raise InputError("gradient", got, "must be the derivative of the potential", "correct one of the two")

    def _check_period(self, w: Array, control: float | None) -> None:
        shifted = w + np.where(np.isfinite(self.period), self.period, 0.0)
        for role, values in (("potential", self.energies), ("gradient", self.slopes), ("force", self.pushes)):
            here, there = values(w, control), values(shifted, control)
            if np.any(np.abs(here - there) > 1e-8 * (1.0 + np.abs(here))):
                rule = f"must repeat itself after the period {self.period.tolist()}"
                raise InputError(role, "another value", rule, "give a periodic function, or leave period out")

    def _value(self, role: str, w: Array, control: float | None) -> Array:
        function, takes = self._functions[role], self._takes_control[role]
        if takes and control is None:
            raise InputError("control", None, "this process follows a control", "pass control= or protocol=")
        shape = w.shape[:1] if role == "potential" else w.shape
        try:
            with np.errstate(all="ignore"):
                if self.compiled and w.shape[0] > MANY and self.response is not None:
                    found = block_by_block(self, role, w, control)
                elif self.compiled:
                    found = point_by_point(function, w, control, self.parameters, shape)
                else:
                    seen = w.view()
                    seen.flags.writeable = False
                    given = function(seen, control) if takes else function(seen)
                    if np.iscomplexobj(given):
                        raise TypeError("complex numbers")
                    found = np.array(given, dtype=np.float64)
        except InputError:
            raise
        except Exception as error:
            got = f"{type(error).__name__}: {error}"
            how = "one state" if self.compiled else f"states of shape {w.shape}"
            raise InputError(role, got, f"must give numbers for {how}", "guard its domain and its indices") from error
        if found.shape != shape:
            rule = f"must have shape {shape} for states of shape {w.shape}"
            fix = "sum over coordinates with axis=1" if role == "potential" else "give one component per coordinate"
            raise InputError(role, found.shape, rule, fix)
        return found

    def _refuse_roles(self) -> None:
        roles = self._functions
        if self._linear is not None and roles:
            raise InputError("linear", sorted(roles), "stands instead of all functions", "give one or the other")
        if self._linear is not None and not (isinstance(self._linear, Linear) or callable(self._linear)):
            raise InputError("linear", self._linear, "must be a Linear or a function of the control", "Linear(H, h)")
        if isinstance(self._linear, Linear) and self._linear.pull.size != self.dim:
            raise InputError("linear", self._linear.pull.size, f"must have dim = {self.dim} coordinates", "match them")
        if "gradient" in roles and "potential" not in roles:
            fix = "give the potential too, or pass a force that has none as force="
            raise InputError("gradient", "given", "is that of the potential, which is missing", fix)
        if self._linear is None and not roles:
            raise InputError("process", "no force", "needs a potential, a force or both", "potential=lambda w: ...")
        for role, function in roles.items():
            if not callable(function):
                raise InputError(role, function, "must be a function", "def potential(w): ...")
            if self.compiled:
                refuse_captures(role, function, SCALAR)

    def _reads_control(self, role: str) -> bool:
        function = self._functions[role]
        if self.compiled:
            return reads(function, 1)
        try:
            kinds = [p.kind for p in inspect.signature(function).parameters.values() if p.default is p.empty]
        except (TypeError, ValueError):  # a ufunc tells nothing of its arguments
            return False
        plain = [k for k in kinds if k in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)]
        if len(plain) not in (1, 2):
            raise InputError(role, f"{len(plain)} arguments", "must take (w) or (w, control)", "def force(w, control):")
        return len(plain) == 2

    def _per_coordinate(self, name: str, given: Any, most: float = 1e300) -> Array:
        try:
            found = np.array(given, dtype=np.float64)
        except (TypeError, ValueError):
            found = np.array(np.nan)
        if found.shape not in ((), (self.dim,)):
            raise InputError(name, found.shape, f"must be a number or have shape ({self.dim},)", "one per coordinate")
        if not np.all((found > 0.0) & (found <= most)):
            fix = "without a bath there is no stochastic thermodynamics" if name == "temperature" else "e.g. 1.0"
            raise InputError(name, given, "must be finite and > 0", fix)
        found = np.array(np.broadcast_to(found, (self.dim,)))
        found.flags.writeable = False
        return found

    def _mobility(self, given: Any) -> Array:
        if np.ndim(given) != 2:
            return self._per_coordinate("mobility", given)
        M = np.array(given, dtype=np.float64)
        if not self.is_linear or self.temperatures.size > 1:
            rule = "a mobility matrix belongs to a linear system with one temperature"
            raise InputError("mobility", M.shape, rule, "give a number or one mobility per coordinate")
        if M.shape != (self.dim, self.dim) or not np.all(np.isfinite(M)) or np.any(np.abs(M - M.T) > 1e-12 * abs(M)):
            raise InputError("mobility", given, f"must be symmetric, ({self.dim}, {self.dim})", "symmetrise it")
        try:
            np.linalg.cholesky(M)
        except np.linalg.LinAlgError:
            raise InputError("mobility", given, "must be positive definite", "check its eigenvalues") from None
        M.flags.writeable = False
        return M

    def _repr_html_(self) -> str:
        rows = [
            ["coordinates", f"{self.dim}"],
            ["T", ", ".join(f"{t:g}" for t in self.temperatures)],
            ["mobility", self._speed],
            ["force", self._kinds],
        ]
        return table(self.name, rows)

    @property
    def _speed(self) -> str:
        mobility = np.unique(self.mobility) if self.mobility.ndim == 1 else self.mobility
        return f"{mobility[0]:g}" if mobility.size == 1 else str(self.mobility.tolist())

    @property
    def _kinds(self) -> str:
        energy = ["linear"] if self.is_linear else ["potential"] if self.has_potential else []
        driven = callable(self._linear) or self.driven_at()
        words = [w for w, so in (("manipulated", self.controlled), ("driven", driven)) if so]
        if callable(self._linear):
            words = ["manipulated"]
        return ", ".join([*energy, " and ".join(words) or "not driven"])

    def __repr__(self) -> str:
        baths = ", ".join(f"{t:g}" for t in self.temperatures)
        s = "s" * (self.dim != 1)
        return f"{self.name}: {self.dim} coordinate{s}, T = {baths}, mobility {self._speed}, {self._kinds}"


def langevin(given: object) -> Langevin:
    """The argument, if it is a Langevin; raises InputError that says what to pass else."""
    if isinstance(given, Langevin):
        return given
    inner = isinstance(getattr(given, "process", None), Langevin)
    fix = "pass its .process" if inner else "sz.Langevin(force, potential, dim=...), or one of sz.systems"
    raise InputError("process", given, "must be a Langevin process", fix)


def control_of(process: Langevin, control: float | None) -> float | None:
    """The control, checked against what the process needs."""
    if process.controlled and control is None:
        raise InputError("control", None, "this process follows a control", "control=1.0, for instance")
    if control is None:
        return None
    if not process.controlled:
        raise InputError("control", control, "this process does not follow a control", "leave it out")
    if not is_number(control):
        raise InputError("control", control, "must be a finite number", "one value of the control at a time")
    return float(control)


def _probes(dim: int) -> Array:
    """Twelve states that no symmetry prefers, within 2.5 of the origin."""
    golden = np.modf(np.outer(np.arange(1, 13), 1.0 / np.sqrt(np.arange(2, dim + 2) + 0.618)))[0]
    return np.asarray(5.0 * golden - 2.5)
