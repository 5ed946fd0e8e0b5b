"""What weights tell of a teacher: all of its weights, or its answer to one pattern that was never shown."""

from __future__ import annotations

from math import inf, log1p, pi, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from ..errors import InputError
from ._channels import binary_information
from ._checks import Readout, known_readout, not_negative, number
from .averages_online import normal, panels

Array = NDArray[np.float64]


def teacher_information(rho: float) -> float:
    r"""I(w : B | inputs)/N >= -ln(1 - rho^2)/2 nats per weight, rho = w.B/(|w||B|), N -> infinity.

    A lower bound, for a teacher of independent Gaussian weights (which a random direction is for N -> infinity): the
    inputs do not depend on B, so that I(w : B | inputs) = I(w, inputs : B) >= I(w : B) >= sum_n I(w_n : B_n), and of
    all weights with this correlation the Gaussian ones tell least of a Gaussian teacher. Where the pairs (w_n, B_n)
    are Gaussian and independent of each other it is I(w : B)/N itself: what the weights tell without the inputs.
    A teacher of weights +-1 has at most ln 2; the formula is then neither. -1 <= rho <= 1, infinite at its ends.
    Raises InputError outside.

    >>> round(teacher_information(0.6), 6)
    0.223144
    """
    overlap = number("rho", rho)
    if not -1.0 <= overlap <= 1.0:
        raise InputError("rho", rho, "must be in [-1, 1]", "the cosine between weights and teacher")
    return inf if abs(overlap) == 1.0 else -0.5 * log1p(-overlap * overlap)


def fresh_label_information(rho: float, Q: float, readout: Readout = "thermal", *, temperature: float = 1.0) -> float:
    r"""I(sigma_T : sigma | xi) = ln 2 - h(p),   2p - 1 = E tanh(lambda/2T)  or  1 - 2 arccos(rho)/pi.

    The first is the thermal readout, the second the sign.
    One pattern that was never shown, N -> infinity: the stability is lambda = sqrt(Q) x with x of density
    2 phi(x) Phi(rho x/sqrt(1 - rho^2)), so that 2p - 1 = int phi(x) tanh(sqrt(Q) x/2T) erf(rho x/sqrt(2(1 - rho^2)))
    dx. Both labels and all answers are equally likely, whatever the pattern, and errors do not depend on the label: 0
    <= I <= ln 2 nats, and the thermal one is never above that of the sign. temperature = 0 is the sign readout. -1 <=
    rho <= 1, Q >= 0 (infinity allowed). Absolute accuracy 1e-13. Raises InputError outside, or for an unknown readout.

    >>> round(fresh_label_information(0.6, 2.0), 6), round(fresh_label_information(0.6, 2.0, "sign"), 6)
    (0.032368, 0.086433)
    """
    overlap, size, warm = number("rho", rho), number("Q", Q), not_negative("temperature", temperature)
    if not -1.0 <= overlap <= 1.0:
        raise InputError("rho", rho, "must be in [-1, 1]", "the cosine between weights and teacher")
    if size < 0.0:
        raise InputError("Q", Q, "must be >= 0", "the mean square of a weight")
    angle = float(np.arccos(overlap))
    gain = inf if known_readout(readout) == "sign" or warm == 0.0 else sqrt(size) / warm
    return float(binary_information(fresh_contrast(angle, gain)))


def fresh_contrast(angle: float, gain: float) -> float:
    """2p - 1 of the answer to a fresh pattern at an angle to the teacher, gain = sqrt(Q)/T."""
    if gain == inf:
        return 1.0 - 2.0 * angle / pi
    slope = float(np.tan(angle))
    x, weight = panels([min(abs(slope) + 1e-12, 1.0), min(1.0 / max(gain, 1.0), 1.0)])
    with np.errstate(divide="ignore"):
        agreed = erf(x / (slope * sqrt(2.0)))
    return float(weight @ (normal(x) * np.tanh(0.5 * gain * x) * agreed))
