"""A learning rule: how strongly a synapse is pushed along the pattern it sees, and the loss behind it."""

from __future__ import annotations

import hashlib
import inspect
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.source import described, reads, refuse_captures
from ..errors import InputError
from ..markup import folded, table

Scalar = Callable[[Any, Any, Any, Any, Any], Any]
Array = NDArray[np.float64]
ARGUMENTS = ("field", "label", "output", "weight", "parameters")
ROLES = ("amplitude", "loss", "leak")
PROBES = np.array([-7.3, -2.9, -1.37, -0.61, -0.113, 0.127, 0.59, 1.41, 3.1, 6.7])


@dataclass(frozen=True)
class Rule:
    r"""f_n = c s(t) sum_mu [N^{-1/2} xi_n^mu amplitude(A^mu, sigma_T^mu, sigma^mu, w_n) - w_n leak(A^mu, ..) / N].

    amplitude, loss, leak: plain scalar functions of (field, label, output, weight, parameters): the field
    A = w xi / sqrt(N), the true label +-1, the neuron's mean output given its weights, one weight, and the
    tuple ``parameters``. They may use ``math`` and ``numpy``, and capture nothing.
    loss(A, ...): the energy per unit learning rate with amplitude = -d loss / d field; where it is given heat
    is a difference of potential, exact for any step of the integrator, else Stratonovich's midpoint.
    leak(A, ...): how fast a shown pattern makes weights decay (Oja: A^2); a rule has a loss or a leak, not both.
    Raises InputError if a function captures variables, is not finite, or amplitude is not -d loss / d field.

    >>> Rule("hebb", lambda field, label, output, weight, parameters: label).additive
    True
    """

    name: str
    amplitude: Scalar
    loss: Scalar | None = None
    parameters: tuple[float, ...] = ()
    leak: Scalar | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", _numbers(self.parameters))
        for role in ROLES:
            function = getattr(self, role)
            if function is not None:
                refuse_captures(f"{self.name}.{role}", function, ARGUMENTS)
        for role in ROLES:
            if getattr(self, role) is not None:
                self._check_values(role)
        if self.loss is not None:
            self._check_loss()

    def _repr_html_(self) -> str:
        heat = "a difference of potential: the force has a loss" if self.loss else "Stratonovich: the force has no loss"
        force = [
            "does not depend on the weights" if self.additive else "",
            "reads the neuron's own answer" if self.uses_output else "",
            "reads the single weight" if self.uses_weight else "",
            "treats both labels alike" if self.odd else "",
        ]
        rows = [["force", "; ".join(filter(None, force)) or "depends on the field"], ["heat", heat]]
        rows += [["parameters", repr(self.parameters)]] if self.parameters else []
        rows += [[role, folded(_source(f), "source")] for role in ROLES if (f := getattr(self, role)) is not None]
        return table(f"Rule {self.name!r}", rows)

    def tuned(self, *parameters: float) -> Rule:
        """The same rule with other parameters."""
        return replace(self, parameters=parameters)

    def _check_values(self, role: str) -> None:
        name = f"{self.name}.{role}"
        try:
            values = self._probe(getattr(self, role))
        except Exception as error:
            got = f"{type(error).__name__}: {error}"
            raise InputError(name, got, "must give a number for any field", "guard its domain") from error
        if values.ndim != 1:
            raise InputError(name, f"an array of shape {values.shape[1:]}", "must give one number", "drop the array")
        if not np.all(np.isfinite(values)):
            raise InputError(name, "NaN or infinity", "must be finite", "guard its domain")

    def _check_loss(self) -> None:
        if self.leak is not None:
            rule = "the energy of a leak is not that of a loss of the field"
            raise InputError(f"{self.name}.loss", "given beside a leak", rule, "leave one of the two out")
        if self.uses_output or self.uses_weight:
            rule = "a force that depends on the output or on the single weight is no gradient of this loss"
            raise InputError(f"{self.name}.loss", "given", rule, "leave loss out: heat is then Stratonovich's")
        assert self.loss is not None
        h = 1e-5
        for label in (-1.0, 1.0):
            for a in PROBES:
                up = self.loss(a + h, label, 0.0, 0.0, self.parameters)
                down = self.loss(a - h, label, 0.0, 0.0, self.parameters)
                slope, push = -(up - down) / (2 * h), self.amplitude(a, label, 0.0, 0.0, self.parameters)
                # truncation h^2 loss'''/6 and rounding eps loss / h both stay below 1e-6 of the scale
                if not abs(slope - push) <= 1e-6 * (1.0 + abs(push) + abs(up)):
                    got = f"amplitude {push:.6g}, -d loss/d field {slope:.6g} at field {a:g}, label {label:g}"
                    rule = "amplitude must be minus the slope of the loss"
                    raise InputError(f"{self.name}.loss", got, rule, "correct one of the two, or leave loss out")

    def _probe(self, function: Scalar, flip: float = 1.0) -> Array:
        values = [
            function(flip * a, flip * y, flip * math.tanh(a / 2), flip * w, self.parameters)
            for a in PROBES
            for y in (-1.0, 1.0)
            for w in (-0.7, 1.3)
        ]
        return np.asarray(values, dtype=np.float64)

    @cached_property
    def uses_output(self) -> bool:
        """Whether the amplitude reads the neuron's own output (feedback)."""
        return self._reads(2)

    @cached_property
    def uses_weight(self) -> bool:
        """Whether the amplitude reads the single weight."""
        return self._reads(3)

    def _reads(self, argument: int) -> bool:
        return any(reads(f, argument) for f in (self.amplitude, self.leak) if f is not None)

    @cached_property
    def additive(self) -> bool:
        """Whether the force does not depend on the weights: w given the labels is then Gaussian, exactly."""
        return self.leak is None and not (reads(self.amplitude, 0) or self.uses_output or self.uses_weight)

    @cached_property
    def odd(self) -> bool:
        """Whether both labels are learned alike: the force changes sign with fields, labels and weights."""
        even = self.leak is None or np.array_equal(self._probe(self.leak), self._probe(self.leak, -1.0))
        return bool(even and np.array_equal(self._probe(self.amplitude), -self._probe(self.amplitude, -1.0)))

    @cached_property
    def convex(self) -> bool:
        """Whether the loss is convex in the field: the amplitude never rises with it."""
        fine = np.sort(np.concatenate([PROBES, np.linspace(-10.0, 10.0, 401)]))
        pushes = [[self.amplitude(a, y, 0.0, 0.0, self.parameters) for a in fine] for y in (-1.0, 1.0)]
        return self.loss is not None and bool(np.all(np.diff(np.asarray(pushes, dtype=np.float64)) <= 0.0))

    @cached_property
    def growth(self) -> float:
        """lim |amplitude| / |field|: the steepest linear pull, beyond which a step is unstable.

        Of a rule that grows faster than its field the slope at a field of 3; a leak adds its value at a field of 2.
        """
        for far in (1e6, 1e3, 1e2):  # an exponential in the rule may overflow far out
            try:
                slope, nearer = self._steepest(far), self._steepest(0.1 * far)
            except OverflowError:
                continue
            if slope > 2.0 * nearer:
                slope = self._steepest(3.0)
            return (float(slope) if slope > 1e-3 else 0.0) + self.leakage
        return math.inf

    @property
    def leakage(self) -> float:
        """The largest |leak| at fields of size 2: how fast it lets a weight decay, per unit of strength; else 0."""
        if self.leak is None:
            return 0.0
        return max(abs(float(self.leak(s * 2.0, y, s, 0.0, self.parameters))) for s in (-1, 1) for y in (-1.0, 1.0))

    def _steepest(self, far: float) -> float:
        return max(self._slope(s * far, y) for s in (-1.0, 1.0) for y in (-1.0, 1.0))

    def _slope(self, field: float, label: float) -> float:
        output = math.copysign(1.0, field)
        near, far = (self.amplitude(a, label, output, 0.0, self.parameters) for a in (field, 2.0 * field))
        return float(abs(far - near) / abs(field))

    @cached_property
    def stamp(self) -> bytes:
        """SHA-256 of what the compiler sees of this rule."""
        digest = hashlib.sha256()
        for function in (self.amplitude, self.loss, self.leak):
            digest.update(described(function.__code__) if function is not None else b"none")
        return digest.digest()

    @cached_property
    def kernel(self) -> Any:
        """The rule compiled over (pattern, lane) arrays, or None where Numba cannot compile it."""
        from .compile import compile_rule

        try:
            return compile_rule(self)
        except Exception as error:  # Numba has no common base for what it cannot compile
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            text = f"rule {self.name!r} cannot be compiled ({first}); it runs in NumPy, many times slower"
            warnings.warn(text, RuntimeWarning, stacklevel=2)
            return None


def refuse_weight_readers(rule: Rule) -> None:
    """Raise InputError for a rule that reads single weights or makes them leak: which weight of a network is meant?"""
    if rule.uses_weight or rule.leak is not None:
        got = f"{rule.name!r}, which {'leaks' if rule.leak is not None else 'reads the weight'}"
        said = "in a network a rule acts through the output field: it may use field, label and output"
        raise InputError("rule", got, said, "write it in terms of these, or train a single neuron")


def _source(function: Scalar) -> str:
    try:
        return inspect.cleandoc(inspect.getsource(function))
    except OSError:  # typed where no file keeps it
        return repr(function)


def _numbers(parameters: Any) -> tuple[float, ...]:
    try:
        found = tuple(float(p) for p in parameters)
    except (TypeError, ValueError):
        found = (math.nan,)
    if not all(math.isfinite(p) for p in found):
        raise InputError("parameters", parameters, "must be finite numbers", "for instance parameters=(0.5,)")
    return found
