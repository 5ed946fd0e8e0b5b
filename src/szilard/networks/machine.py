"""A restricted Boltzmann machine: its energy, and what can be counted exactly while one layer is small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logsumexp

from ..errors import InputError, number
from ..estimate import finite, numbers
from ..markup import table_of_fields, table_of_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
MOST_COUNTED = 20
"""Units of the smaller layer up to which all its states are counted: about a million."""
AT_ONCE = 1 << 12


@dataclass(frozen=True)
class Means:
    """<v_i>, <h_j> and <v_i h_j> in equilibrium: (visible,), (hidden,), (visible, hidden)."""

    visible: Array
    hidden: Array
    products: Array

    def _repr_html_(self) -> str:
        return table_of_fields(self)


@dataclass(frozen=True, eq=False, repr=False)
class BoltzmannMachine:
    r"""E(v, h) = -sum_ij v_i W_ij h_j - sum_i a_i v_i - sum_j b_j h_j,  pi(v, h) = e^{-E/T} / Z; units are 0 or 1.

    weights W: (visible, hidden); visible_bias a: (visible,); hidden_bias b: (hidden,); all in k_B T0, as energies are;
    temperature in T0. Given one layer, the units of the other are independent, each on with probability
    1 / (1 + e^{-x/T}), x its field. Made by ``rbm``.
    Raises InputError for shapes that do not fit, what is not finite, an empty layer, or a temperature <= 0.

    Smolensky, in Parallel Distributed Processing 1, 194 (1986); Hinton, Neural Comput. 14, 1771 (2002).

    >>> machine = BoltzmannMachine([[1.0, -0.5], [0.5, 2.0]], [0.0, -1.0], [0.2, 0.0], temperature=2.0)
    >>> machine
    BoltzmannMachine: 2 visible and 2 hidden units, T = 2, ln Z = 3.0445
    >>> machine.energy([1, 0], [1, 1])
    array(-0.7)
    """

    weights: Array
    visible_bias: Array
    hidden_bias: Array
    temperature: float = 1.0

    def __init__(
        self, weights: ArrayLike, visible_bias: ArrayLike, hidden_bias: ArrayLike, temperature: float = 1.0
    ) -> None:
        w = numbers(weights, "weights")
        if w.ndim != 2 or w.size == 0:
            raise InputError("weights", w.shape, "must have shape (visible, hidden), both >= 1", "give a matrix")
        for name, values, shape in (
            ("weights", w, w.shape),
            ("visible_bias", numbers(visible_bias, "visible_bias"), w.shape[:1]),
            ("hidden_bias", numbers(hidden_bias, "hidden_bias"), w.shape[1:]),
        ):
            if values.shape != shape:
                raise InputError(name, values.shape, f"must have shape {shape}", "one bias per unit of its layer")
            finite(values, name)
            held = np.array(values, order="C")
            held.flags.writeable = False
            object.__setattr__(self, name, held)
        if not number("temperature", temperature) > 0.0:
            raise InputError("temperature", temperature, "must be > 0", "give it in units of T0")
        object.__setattr__(self, "temperature", float(temperature))

    @property
    def n_visible(self) -> int:
        """The number of visible units."""
        return int(self.weights.shape[0])

    @property
    def n_hidden(self) -> int:
        """The number of hidden units."""
        return int(self.weights.shape[1])

    @property
    def independent(self) -> bool:
        """Whether all weights are zero, so that no unit knows of another."""
        return not bool(np.any(self.weights))

    @property
    def countable(self) -> bool:
        """Whether Z is known exactly: units independent, or at most 20 in the smaller layer."""
        return self.independent or min(self.n_visible, self.n_hidden) <= MOST_COUNTED

    def energy(self, visible: ArrayLike, hidden: ArrayLike) -> Array:
        r"""E = -v W h - a v - b h of states (..., visible) and (..., hidden), in k_B T0.

        Raises InputError unless all units are 0 or 1 and the shapes fit.
        """
        v = states(visible, self.n_visible, "visible")
        h = states(hidden, self.n_hidden, "hidden")
        return np.asarray(-np.sum((v @ self.weights) * h, axis=-1) - v @ self.visible_bias - h @ self.hidden_bias)

    def free_energy(self, visible: ArrayLike) -> Array:
        r"""F(v) = -T ln sum_h e^{-E(v, h)/T} = -a v - T sum_j ln(1 + e^{(b_j + v W_j)/T}): (..., visible) -> (...).

        Raises InputError unless all units are 0 or 1 and the shape fits.
        """
        v = states(visible, self.n_visible, "visible")
        return np.asarray(-v @ self.visible_bias - self._summed(v @ self.weights + self.hidden_bias))

    def log_partition(self) -> float:
        r"""ln Z = ln sum_s e^{-F(s)/T}, over all states s of the smaller layer, the other one summed out; exact.

        Raises InputError with more than 20 units in both layers (``annealed_importance`` estimates it), unless the
        units are independent.
        """
        if self.independent:
            return (self._summed(self.visible_bias) + self._summed(self.hidden_bias)).item() / self.temperature
        return float(logsumexp(smaller_layer(self)._logs()))

    def log_likelihood(self, visible: ArrayLike, log_partition: float | None = None) -> Array:
        r"""ln pi(v) = -F(v)/T - ln Z of each state, in nats: (..., visible) -> (...).

        log_partition: ln Z where it cannot be counted. Raises InputError as ``log_partition`` and ``free_energy`` do.
        """
        ln_z = self.log_partition() if log_partition is None else number("log_partition", log_partition)
        return np.asarray(-self.free_energy(visible) / self.temperature - ln_z)

    def means(self) -> Means:
        r"""<v_i> = T d ln Z / d a_i, <h_j> and <v_i h_j> in equilibrium, by counting the smaller layer; exact.

        Raises InputError with more than 20 units in both layers, unless the units are independent.
        """
        if self.independent:
            v, h = expit(self.visible_bias / self.temperature), expit(self.hidden_bias / self.temperature)
            return Means(v, h, np.outer(v, h))
        small = smaller_layer(self)
        logs = small._logs()
        weight = np.exp(logs - logsumexp(logs))
        own, other = np.zeros(small.n_visible), np.zeros(small.n_hidden)
        products = np.zeros((small.n_visible, small.n_hidden))
        for first in range(0, weight.size, AT_ONCE):
            s = layer_states(small.n_visible, first, min(first + AT_ONCE, weight.size))
            p = weight[first : first + AT_ONCE]
            answer = expit((s @ small.weights + small.hidden_bias) / small.temperature)
            own, other, products = own + p @ s, other + p @ answer, products + (s * p[:, None]).T @ answer
        return Means(own, other, products) if small is self else Means(other, own, products.T)

    def without_weights(self) -> BoltzmannMachine:
        """The same biases and no weights: every unit on its own."""
        return BoltzmannMachine(np.zeros_like(self.weights), self.visible_bias, self.hidden_bias, self.temperature)

    def transposed(self) -> BoltzmannMachine:
        """The same machine, its layers exchanged."""
        return BoltzmannMachine(self.weights.T, self.hidden_bias, self.visible_bias, self.temperature)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The weights as shades, (hidden, visible), on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, house_style

        with house_style():
            ax = axes_or_new(ax)
            most = float(np.max(np.abs(self.weights))) or 1.0
            image = ax.imshow(self.weights.T, cmap="PuOr", vmin=-most, vmax=most, aspect="auto", interpolation="none")
            ax.set(xlabel="visible unit", ylabel="hidden unit")
            ax.figure.colorbar(image, ax=ax, label="weight ($k_B T_0$)")
        return ax

    def _summed(self, fields: Array) -> Array:
        """T sum_j ln(1 + e^{x_j/T}) over the last axis."""
        return np.asarray(self.temperature * np.logaddexp(0.0, fields / self.temperature).sum(axis=-1))

    def _logs(self) -> Array:
        """-F(v)/T of every visible state, in the order of ``layer_states``."""
        n = 1 << self.n_visible
        parts = (layer_states(self.n_visible, i, min(i + AT_ONCE, n)) for i in range(0, n, AT_ONCE))
        return np.concatenate([-self.free_energy(s) for s in parts]) / self.temperature

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        size = f"{self.n_visible} visible and {self.n_hidden} hidden units, T = {self.temperature:g}"
        quick = self.independent or min(self.n_visible, self.n_hidden) <= MOST_COUNTED // 2
        return f"BoltzmannMachine: {size}" + (f", ln Z = {self.log_partition():.5g}" if quick else "")


def rbm(
    weights: ArrayLike,
    visible_bias: ArrayLike | None = None,
    hidden_bias: ArrayLike | None = None,
    *,
    temperature: float = 1.0,
) -> BoltzmannMachine:
    r"""E(v, h) = -v W h - a v - b h: a restricted Boltzmann machine, its biases 0 where left out.

    weights W: (visible, hidden), visible_bias a: (visible,), hidden_bias b: (hidden,), in k_B T0; temperature in T0.
    Raises InputError for shapes that do not fit, what is not finite, or a temperature <= 0.

    Smolensky, in Parallel Distributed Processing 1, 194 (1986).

    >>> rbm([[2.0], [-1.0]]).means().visible.round(4)
    array([0.7824, 0.3287])
    """
    w = numbers(weights, "weights")
    if w.ndim != 2:
        raise InputError("weights", w.shape, "must have shape (visible, hidden)", "give a matrix")
    a = np.zeros(w.shape[0]) if visible_bias is None else visible_bias
    b = np.zeros(w.shape[1]) if hidden_bias is None else hidden_bias
    return BoltzmannMachine(w, a, b, temperature)


def smaller_layer(machine: BoltzmannMachine) -> BoltzmannMachine:
    """The machine with the smaller layer as the visible one; raises InputError where that is too large to count."""
    n = min(machine.n_visible, machine.n_hidden)
    if n > MOST_COUNTED:
        rule = f"all states are counted only up to {MOST_COUNTED} units in the smaller layer"
        raise InputError("machine", f"{n} units", rule, "estimate ln Z with annealed_importance")
    return machine if machine.n_visible == n else machine.transposed()


def layer_states(units: int, first: int = 0, last: int | None = None) -> Array:
    """States first .. last - 1 of a layer, (state, unit): unit i of state s is bit i of the number s."""
    s = np.arange(first, 1 << units if last is None else last)
    return ((s[:, None] >> np.arange(units)) & 1).astype(np.float64)


def data_rows(data: ArrayLike) -> Array:
    """Data (row, visible) in [0, 1]; raises InputError for any other shape, as the machine takes its size from it."""
    x = numbers(data, "data")
    if x.ndim != 2 or x.size == 0:
        fix = "data[None, :] for a single row" if x.ndim == 1 and x.size else "data.reshape(len(data), -1) for images"
        raise InputError("data", x.shape, "must have shape (row, visible)", fix)
    return states(x, x.shape[1], "data", grey=True)


def states(values: ArrayLike, units: int, name: str, grey: bool = False) -> Array:
    """Units of 0 and 1, or grey between them, over the last axis; raises InputError otherwise."""
    x = numbers(values, name)
    if x.ndim == 0 or x.shape[-1] != units or x.size == 0:
        raise InputError(name, x.shape, f"must have shape (..., {units})", "one column per unit")
    finite(x, name)
    if grey and not np.all((x >= 0.0) & (x <= 1.0)):
        raise InputError(name, float(x[(x < 0.0) | (x > 1.0)][0]), "must lie in [0, 1]", "scale the values")
    if not grey and not np.all((x == 0.0) | (x == 1.0)):
        bad = float(x[(x != 0.0) & (x != 1.0)][0])
        raise InputError(name, bad, "units are 0 or 1", "compare with a threshold, or draw them")
    return x
