"""Learning a teacher from all patterns at once without noise: the version space, N -> infinity."""

from __future__ import annotations

from math import asin, atan, pi, sqrt
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_ndtr

from ..errors import InputError
from ._checks import positive
from .asymptotic import hazard_square, online_asymptote
from .averages_online import normal, panels

LARGE = 1e8
"""The load beyond which the error is its asymptote, whose relative corrections are of order 1/alpha^2."""


def batch_error(alpha: float, learner: Literal["gibbs", "bayes"] = "bayes") -> float:
    r"""q = 2 alpha int Dt phi(g t)^2/Phi(g t),  g^2 = q/(1 - q);  error = arccos(q)/pi  or  arccos(sqrt q)/pi.

    The first error is that of "gibbs", the second that of "bayes". q is the overlap of two weights drawn from the
    version space, the directions that answer all P = alpha N patterns like the teacher, and by symmetry that of one of
    them with the teacher. "gibbs" answers with one of them, "bayes" with their majority, which is that of their centre:
    no learner errs less. Random patterns, replica symmetric, which is exact where a teacher exists. alpha > 0; relative
    accuracy 1e-10. Raises InputError else.

    Sources: Gyorgyi and Tishby in Neural Networks and Spin Glasses (World Scientific, 1990); Opper and Haussler, Phys.
    Rev. Lett. 66, 2677 (1991).

    >>> round(batch_error(1.0, "gibbs"), 5), round(batch_error(1.0), 5)
    (0.33836, 0.25437)
    """
    load = positive("alpha", alpha)
    if learner not in ("gibbs", "bayes"):
        raise InputError("learner", learner, 'must be "gibbs" or "bayes"', "name one of them")
    if load > LARGE:
        return float(online_asymptote(learner).error(load))

    def excess(log_g: float) -> float:
        g = float(np.exp(log_g))
        t, weight = panels([min(1.0, 1.0 / g)])
        square = float(weight @ (normal(t) * np.exp(-((g * t) ** 2) - log_ndtr(g * t)))) / (2.0 * pi)
        return g * g / (1.0 + g * g) - 2.0 * load * square

    top = 2.0 * load * hazard_square() + 10.0
    g = float(np.exp(brentq(excess, np.log(1e-3 * sqrt(load) / (1.0 + load)), np.log(top), xtol=1e-14, rtol=1e-13)))
    return 2.0 * asin(sqrt(0.5 / (1.0 + g * g))) / pi if learner == "gibbs" else atan(1.0 / g) / pi
