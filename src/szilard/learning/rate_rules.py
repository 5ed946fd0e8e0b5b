"""Forces of unsupervised rules on N weights, written out as functions of the weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..continuous import Langevin
from ..errors import InputError, is_whole, number
from ..estimate import finite, numbers

Array = NDArray[np.float64]
Force = Callable[[Array], Array]


def oja_force(inputs: ArrayLike, strength: float = 1.0) -> Force:
    r"""f_n = c sum_mu [xi_n y/sqrt N - y^2 w_n/N] = c [C w - (w.C w) w/N]_n,  y = w.xi^mu/sqrt N,  C = xi^T xi/N.

    A force on weights (replica, N), summed over the patterns; inputs: (pattern, N). Without noise |w|^2 -> N along the
    first principal component. Its curl c 2 [w_i (C w)_j - w_j (C w)_i]/N is not zero unless C is a multiple of 1
    (or N = 1): at one temperature the steady state of Oja's rule carries currents and costs housekeeping heat.
    Raises InputError for inputs that are no finite (pattern, N), or a strength that is not finite.

    Oja, J. Math. Biol. 15, 267 (1982).

    >>> oja_force([[1.0, 1.0]])(np.array([[1.0, 1.0], [2.0, 2.0]]))
    array([[ 0.,  0.],
           [-6., -6.]])
    """
    xi, c = _inputs(inputs), number("strength", strength)
    C = xi.T @ xi / xi.shape[1]

    def force(w: Array) -> Array:
        pulled = w @ C
        return np.asarray(c * (pulled - np.sum(w * pulled, axis=1, keepdims=True) * w / w.shape[1]))

    return force


def oja_energy(inputs: ArrayLike, strength: float = 1.0) -> Force:
    r"""U = c [|w|^2 (w.C w)/4N - (w.C w)/2]: an energy of Oja's rule, f = -grad U + ``oja_swirl``, which |w| rests in.

    U is (replica,), of weights (replica, N). Raises InputError as ``oja_force``. Derived here.

    >>> oja_energy([[1.0, 1.0]])(np.array([[1.0, 1.0]]))
    array([-0.5])
    """
    xi, c = _inputs(inputs), number("strength", strength)
    C = xi.T @ xi / xi.shape[1]

    def energy(w: Array) -> Array:
        along = np.sum(w * (w @ C), axis=1)
        return np.asarray(c * along * (np.sum(w * w, axis=1) / (4.0 * w.shape[1]) - 0.5))

    return energy


def oja_swirl(inputs: ArrayLike, strength: float = 1.0) -> Force:
    r"""f = (c/2N) [|w|^2 C w - (w.C w) w]: what ``oja_energy`` leaves of Oja's rule, at right angles to w.

    Zero for every w only where C is a multiple of 1. At one temperature sigma_ss <= (mu/T) <|f|^2>, from samples.
    A force on weights (replica, N). Raises InputError as ``oja_force``. Derived here.

    >>> oja_swirl([[2.0, 0.0], [0.0, 1.0]])(np.array([[1.0, 1.0]]))
    array([[ 0.375, -0.375]])
    """
    xi, c = _inputs(inputs), number("strength", strength)
    C = xi.T @ xi / xi.shape[1]

    def force(w: Array) -> Array:
        pulled, square = w @ C, np.sum(w * w, axis=1, keepdims=True)
        return np.asarray(0.5 * c / w.shape[1] * (square * pulled - np.sum(w * pulled, axis=1, keepdims=True) * w))

    return force


def bcm_force(inputs: ArrayLike, strength: float = 1.0) -> Force:
    r"""f_n = c sum_mu (xi_n^mu/sqrt N) y^mu (y^mu - theta),  theta = <y^2> over the patterns = -d(bcm_energy)/dw_n.

    A force on weights (replica, N); inputs: (pattern, N), y = w.xi/sqrt N. The threshold follows the weights at once,
    and the force has an energy: this rule drives no current. A threshold that follows them ever faster,
    d theta/dt = (<y^2> - theta)/tau, ends in the same motion, but not without cost: heat per time is
    c (P/2) <(<y^2> - theta)^2>/tau -> c mu T (P/2) <|grad theta|^2> as tau -> 0. Raises InputError as ``oja_force``.

    Bienenstock, Cooper and Munro, J. Neurosci. 2, 32 (1982); Intrator and Cooper, Neural Netw. 5, 3 (1992), for the
    threshold <y^2> and its energy. Derived here: the heat.

    >>> bcm_force([[1.0, 1.0]])(np.array([[1.0, 1.0]])).round(3)  # y = sqrt 2, theta = 2
    array([[-0.586, -0.586]])
    """
    xi, c = _inputs(inputs), number("strength", strength)

    def force(w: Array) -> Array:
        y = w @ xi.T / np.sqrt(xi.shape[1])
        theta = np.mean(y * y, axis=1, keepdims=True)
        return np.asarray(c * (y * (y - theta)) @ xi / np.sqrt(xi.shape[1]))

    return force


def bcm_energy(inputs: ArrayLike, strength: float = 1.0) -> Force:
    r"""U = c [(P/4) theta^2 - sum_mu (y^mu)^3/3],  theta = <y^2> over the P patterns.

    U is (replica,), of weights (replica, N); -dU/dw is ``bcm_force``. Raises InputError as ``oja_force``.

    >>> bcm_energy([[1.0, 1.0]])(np.array([[1.0, 1.0]])).round(4)  # 1 - 2^{3/2}/3
    array([0.0572])
    """
    xi, c = _inputs(inputs), number("strength", strength)

    def energy(w: Array) -> Array:
        y = w @ xi.T / np.sqrt(xi.shape[1])
        theta = np.mean(y * y, axis=1)
        return np.asarray(c * (0.25 * xi.shape[0] * theta**2 - np.sum(y**3, axis=1) / 3.0))

    return energy


def lagged_matrix(inputs: ArrayLike, plus: float, minus: float, strength: float = 1.0) -> Array:
    r"""M = c (a_+ L - a_- L^T),  L = (1/N) sum_mu xi^{mu-1} (xi^mu)^T, patterns in a cycle: f = M w, (N, N).

    Its antisymmetric part c (a_+ + a_-)(L - L^T)/2 drives currents: none where the lagged correlations L are symmetric.
    Raises InputError as ``oja_force``.

    >>> lagged_matrix([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]], 1.0, 0.5).round(3)
    array([[-0.25,  1.  ],
           [-1.25, -0.25]])
    """
    xi = _inputs(inputs)
    before = np.roll(xi, 1, axis=0)
    L = before.T @ xi / xi.shape[1]
    return np.asarray(number("strength", strength) * (number("plus", plus) * L - number("minus", minus) * L.T))


def lagged_force(inputs: ArrayLike, plus: float, minus: float, strength: float = 1.0) -> Force:
    r"""f_n = (c/sqrt N) sum_mu (a_+ xi_n^{mu-1} - a_- xi_n^{mu+1}) y^mu: spike timing at the level of rates.

    Patterns follow each other in a cycle; the input just before an output is potentiated (plus: a_+), the input just
    after it depressed (minus: a_-). A force on weights (replica, N), linear in them: see ``lagged_matrix``.
    Raises InputError as ``oja_force``.

    Kempter, Gerstner and van Hemmen, Phys. Rev. E 59, 4498 (1999), for rates in place of spikes.

    >>> lagged_force([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]], 1.0, 0.5)(np.array([[1.0, 0.0]])).round(3)
    array([[-0.25, -1.25]])
    """
    xi, c = _inputs(inputs), number("strength", strength)
    shown = number("plus", plus) * np.roll(xi, 1, axis=0) - number("minus", minus) * np.roll(xi, -1, axis=0)

    def force(w: Array) -> Array:
        y = w @ xi.T / np.sqrt(xi.shape[1])
        return np.asarray(c * y @ shown / np.sqrt(xi.shape[1]))

    return force


def rule_process(
    force: Force | None,
    weights: int,
    *,
    energy: Force | None = None,
    stiffness: float = 1.0,
    mobility: float = 1.0,
    temperature: float = 1.0,
) -> Langevin:
    r"""dw = mu (-k w - dU/dw + f(w)) dt + sqrt(2 mu T) dB on N weights: a process for ``sz.stationary``.

    force: f, (replica, N), or None; energy: U, (replica,), of a rule that has one, beside k |w|^2/2. Heat does not
    depend on the split, but a lattice looks for weights where the energy is low: give Oja's rule as ``oja_energy`` and
    ``oja_swirl``. Raises InputError for a number that is not > 0, or functions that do not fit.

    >>> inputs = [[1.0, 1.0], [1.0, 1.0], [1.0, -1.0]]
    >>> rule_process(oja_swirl(inputs), 2, energy=oja_energy(inputs))
    Langevin: 2 coordinates, T = 1, mobility 1, potential, driven
    """
    if not is_whole(weights, 1):
        raise InputError("weights", weights, "must be a whole number >= 1", "the number of weights")
    k = number("stiffness", stiffness)
    if not k > 0.0:
        raise InputError("stiffness", k, "must be > 0", "1.0; a weight is held by its decay")

    def potential(w: Array) -> Array:
        own = 0.5 * k * np.sum(w * w, axis=1)
        return np.asarray(own if energy is None else own + energy(w))

    return Langevin(force, potential, dim=weights, mobility=mobility, temperature=temperature)


def _inputs(inputs: ArrayLike) -> Array:
    xi = numbers(inputs, "inputs")
    if xi.ndim != 2 or xi.size == 0:
        raise InputError("inputs", xi.shape, "must be (pattern, N)", "one row per pattern")
    finite(xi, "inputs")
    return xi
