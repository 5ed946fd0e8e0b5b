"""Feed-forward networks with one output field, and its derivative with respect to every weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, is_whole
from ..estimate import numbers
from ..markup import table_of_text

Array = NDArray[np.float64]
Activation = Literal["erf", "tanh"]
ACTIVATIONS = ("erf", "tanh")
"""In the order in which the kernels count them."""
STEEPEST = {"erf": 2.0 / np.pi, "tanh": 1.0}
"""max g'(h)^2."""


@dataclass(frozen=True)
class FeedForward:
    r"""A(w, x) through layers: h_j = scale sum_i w_ji g(h_i) + b_j, the last h is the output field A.

    hidden: widths of the hidden layers, () for none; activation g: "erf", erf(h / sqrt 2), or "tanh". biases: every
    unit with learned weights has a bias b_j, which is one more weight. tree: the K units of the first layer see
    separate blocks of N/K inputs. learned_output: the last layer's weights are learned, else they are 1.
    scale = 1 / sqrt(units below) (inputs are xi / sqrt(N) already, receptive fields make up for being few by sqrt(K)):
    weights of variance T/k, the same for all, then give every unit a field of order 1, and |dA/dw|^2, which sets force
    and heat at a given learning rate, does not grow with N or any width.
    Made by ``perceptron``, ``committee`` and ``multilayer``. The order of the weights: unit after unit, layer after
    layer, each unit's bias after its weights.

    >>> committee(2, tree=True).weights_needed(6)
    6
    """

    name: str
    hidden: tuple[int, ...] = ()
    activation: Activation = "tanh"
    biases: bool = False
    tree: bool = False
    learned_output: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.hidden, tuple) or not all(is_whole(k, 1) for k in self.hidden):
            raise InputError("hidden", self.hidden, "must be integers >= 1", "for instance (8, 4)")
        if not isinstance(self.activation, str) or self.activation not in ACTIVATIONS:
            raise InputError("activation", self.activation, f"must be one of {', '.join(ACTIVATIONS)}", "name one")
        for name in ("biases", "tree", "learned_output"):
            if not isinstance(getattr(self, name), bool):
                raise InputError(name, getattr(self, name), "must be True or False", "say which")
        if not self.hidden and (self.tree or not self.learned_output):
            rule = "without a hidden layer nothing would be learned, or no unit would have a field of its own"
            raise InputError("hidden", self.hidden, rule, "give the width of a hidden layer")

    @property
    def n_hidden(self) -> int:
        """The number of hidden units."""
        return sum(self.hidden)

    @property
    def linear(self) -> bool:
        """Whether A is linear in the weights, so that dA/dw does not depend on them."""
        return not self.hidden

    def weights_needed(self, n_inputs: int) -> int:
        """The number of weights, biases included. Raises InputError where N inputs do not share out over K units."""
        if not is_whole(n_inputs, 1):
            raise InputError("n_inputs", n_inputs, "must be an integer >= 1", "give the number of inputs")
        if self.tree and n_inputs % self.hidden[0]:
            rule = f"must be a multiple of the {self.hidden[0]} units that share the inputs"
            raise InputError("n_inputs", n_inputs, rule, f"for instance {self.hidden[0] * max(1, n_inputs // 2)}")
        widths = (n_inputs, *self.hidden, 1)
        total, first = 0, n_inputs // self.hidden[0] if self.tree else n_inputs
        for layer in range(1, len(widths)):
            if layer < len(widths) - 1 or self.learned_output:
                total += widths[layer] * ((first if layer == 1 else widths[layer - 1]) + self.biases)
        return int(total)

    def layout(self, n_inputs: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """What the kernels are told: widths of all layers, and (activation, biases, tree, learned output)."""
        form = (ACTIVATIONS.index(self.activation), self.biases, self.tree, self.learned_output)
        return np.array((n_inputs, *self.hidden, 1), dtype=np.int64), np.array(form, dtype=np.int64)

    def fields(self, weights: ArrayLike, inputs: ArrayLike) -> Array:
        r"""A^mu = A(w, xi^mu / sqrt(N)) for every pattern and lane: (pattern, lane).

        weights: (weight, lane), a lane is a replica; inputs: xi / sqrt(N), (pattern, input), or (1, input, lane) where
        every lane sees a pattern of its own. The bits of a lane do not depend on the other lanes.
        Raises InputError for shapes that do not fit, NaN or infinities.

        >>> perceptron().fields([[2.0], [1.0]], [[0.5, 0.25]])
        array([[1.25]])
        """
        from .._kernels import networks as kernels

        w, x, shown = self._checked(weights, inputs)
        found = np.empty((x.shape[0], w.shape[1]))
        kernels.measure(x, shown, *self.layout(x.shape[1]), w, found)
        return found

    def pull(self, weights: ArrayLike, inputs: ArrayLike, amplitudes: ArrayLike) -> Array:
        r"""sum_mu amplitude_mu dA^mu/dw, (weight, lane): the force direction of a rule, by backpropagation.

        amplitudes: (pattern, lane); weights and inputs as for ``fields``. With amplitude = -d loss/dA it is
        -d/dw sum_mu loss(A^mu). Raises InputError for shapes that do not fit, NaN or infinities.

        Source: Rumelhart, Hinton and Williams, Nature 323, 533 (1986).

        >>> perceptron().pull([[2.0], [1.0]], [[0.5, 0.25]], [[2.0]]).T
        array([[1. , 0.5]])
        """
        from .._kernels import networks as kernels

        w, x, shown = self._checked(weights, inputs)
        a = _finite(amplitudes, "amplitudes")
        if a.shape != (x.shape[0], w.shape[1]):
            raise InputError("amplitudes", a.shape, f"must be {(x.shape[0], w.shape[1])}", "one per pattern and lane")
        found = np.empty_like(w)
        kernels.pull_of(x, shown, *self.layout(x.shape[1]), w, a, found)
        return found

    def steepness(self, variance: float) -> float:
        """A bound of <|dA/dw|^2> at the start, for |x|^2 = 1 and weights of this variance: it limits the time step.

        From the output down, one layer's weights see values <= 1 (the inputs: |x|^2 = 1), and every learned layer above
        passes on at most max g'^2 times the variance. It is exact for a perceptron, and a bound at any weights for a
        committee.
        """
        steep, through, total = STEEPEST[self.activation], 1.0, 0.0
        for layer in range(len(self.hidden), -1, -1):
            output = layer == len(self.hidden)
            if not output or self.learned_output:
                total += through * (1.0 + self.biases)
            through *= steep * (variance if not output or self.learned_output else 1.0)
        return total

    def _checked(self, weights: Any, inputs: Any) -> tuple[Array, Array, Array]:
        """weights, shared inputs and, where each lane has its own, those as (input, lane)."""
        w, x = _finite(weights, "weights"), _finite(inputs, "inputs")
        own = x.ndim == 3
        if w.ndim != 2 or x.ndim not in (2, 3) or (own and (x.shape[0] != 1 or x.shape[2] != w.shape[1])):
            got = f"weights {w.shape}, inputs {x.shape}"
            rule = "must be (weight, lane) and (pattern, input), or (1, input, lane)"
            raise InputError("weights, inputs", got, rule, "put one replica in each column of the weights")
        needed = self.weights_needed(x.shape[1])
        if w.shape[0] != needed:
            rule = f"{self!r} of {x.shape[1]} inputs has {needed} weights"
            raise InputError("weights", w.shape, rule, f"give ({needed}, lane)")
        shown = np.ascontiguousarray(x[0]) if own else np.empty((0, w.shape[1]))
        return w, np.ascontiguousarray(x[:, :, 0]) if own else x, shown

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        shape = "".join(f", {k}" for k in self.hidden)
        how = f", {self.activation}" if self.hidden else ""
        return f"{self.name}(N{shape}, 1{how}{', biases' * self.biases}{', tree' * self.tree})"


def perceptron(*, biases: bool = False) -> FeedForward:
    """A = w xi / sqrt(N): one neuron, whose field is linear in its N weights.

    biases: A = w xi / sqrt(N) + b, with a threshold b that is learned as a weight is.

    >>> perceptron().weights_needed(5)
    5
    """
    return FeedForward("perceptron", biases=biases)


def committee(hidden: int, *, activation: Activation = "erf", tree: bool = False) -> FeedForward:
    r"""A = K^{-1/2} sum_k g(w_k xi / sqrt(N)): a soft committee machine of K hidden units, its output weights fixed.

    g(h) = erf(h / sqrt 2) or tanh h. Every hidden unit sees all N inputs (K N weights), or with tree=True a block of
    N/K of its own (N weights), with field w_k xi_k / sqrt(N/K). With the factor K^{-1/2}, where the cited
    papers have 1, A is of order 1 for any K, as the thermal readout at temperature T needs, and |dA/dw|^2 =
    sum_k g'^2 / K: at equal learning rate committees of any size are pushed with the same total force.
    Raises InputError for hidden that is no integer >= 1, or an unknown activation.

    Sources: Biehl and Schwarze, J. Phys. A 28, 643 (1995); Saad and Solla, Phys. Rev. Lett. 74, 4337 (1995).

    >>> committee(3)
    committee(N, 3, 1, erf)
    """
    return FeedForward("committee", _widths((hidden,)), activation, tree=tree, learned_output=False)


def multilayer(hidden: tuple[int, ...], *, activation: Activation = "tanh", biases: bool = False) -> FeedForward:
    r"""A = h^L, h^l_j = n_{l-1}^{-1/2} sum_i w^l_ji g(h^{l-1}_i) + b^l_j: a multilayer perceptron, all weights learned.

    hidden: the widths n_1, n_2, .. of the hidden layers; the first sees xi / sqrt(N). Without biases b = 0.
    The factor n^{-1/2} stands outside the weights, so that all start in the same N(0, T/k) and fields are of order 1
    for any width. Raises InputError for widths that are no integers >= 1, or an unknown activation.

    Source of the scaling: Jacot, Gabriel and Hongler, NeurIPS 31 (2018).

    >>> multilayer((8, 4)).weights_needed(10)
    116
    """
    return FeedForward("multilayer", _widths(hidden), activation, biases=biases)


def _widths(hidden: Any) -> tuple[int, ...]:
    given = tuple(hidden) if isinstance(hidden, (tuple, list)) else (None,)
    if not given or not all(is_whole(k, 1) for k in given):
        raise InputError("hidden", hidden, "must be integers >= 1", "committee(3), multilayer((8, 4))")
    return tuple(int(k) for k in given)


def _finite(values: Any, name: str) -> Array:
    found = np.ascontiguousarray(numbers(values, name))
    if found.size == 0 or not np.all(np.isfinite(found)):
        got = "an empty array" if found.size == 0 else "NaN or infinity"
        raise InputError(name, got, "must be finite numbers, at least one", "replace these values")
    return found
