"""A quantum dot between two leads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from ..discrete import JumpProcess
from ..errors import InputError, number
from ._checks import Array, Controlled, channel_of, energy_of, numbers, positive


def quantum_dot(
    level: Controlled = None,
    left: Sequence[float] = (0.0, 1.0),
    right: Sequence[float] = (0.0, 1.0),
    coupling: Sequence[float] = (1.0, 1.0),
) -> JumpProcess:
    r"""k_r[1, 0] = coupling_r f_r,  k_r[0, 1] = coupling_r (1 - f_r),  f_r = 1 / (1 + e^{(level - mu_r)/T_r}).

    One level, empty (state 0, energy 0) or filled (state 1, energy level); lead r fills and empties it, and gives the
    energy mu_r with each electron that enters: heat into lead r per entering electron q = mu_r - level. Steady state:
        J = coupling_L coupling_R / (coupling_L + coupling_R) (f_L - f_R)   electrons per time from left to right,
        sigma = J [(level - mu_R)/T_R - (level - mu_L)/T_L],
    zero where (level - mu_L)/T_L = (level - mu_R)/T_R; with unequal leads a thermoelectric engine that attains Carnot's
    efficiency there. level: in k_B T0, a function of the control, or None: the control is the level.
    left, right: (mu, T), chemical potential and temperature. coupling: (left, right), >= 0, in 1/time.
    The classical (sequential tunnelling) limit: coupling much smaller than T in units of energy over hbar.
    Raises InputError for values that are not finite, temperature <= 0, coupling < 0.

    Source: Esposito, Lindenberg and Van den Broeck, EPL 85, 60010 (2009).

    >>> dot = quantum_dot(1.0, left=(0.6, 2.0), right=(0.0, 0.5), coupling=(1.0, 3.0))
    >>> dot.generator().toarray().round(4)
    array([[-0.8078,  3.1922],
           [ 0.8078, -3.1922]])
    """
    rates = numbers("coupling", coupling, (2,), least=0.0)
    channels = []
    for name, lead, rate in zip(("left", "right"), (left, right), rates, strict=True):
        if not isinstance(lead, (tuple, list, np.ndarray)) or len(lead) != 2:
            raise InputError(name, lead, "must be (chemical potential, temperature)", f"{name}=(0.0, 1.0)")
        mu, warm = number(f"mu of {name}", lead[0]), positive(f"temperature of {name}", lead[1])
        channels.append(
            channel_of(
                2, np.array([0]), np.array([1]), np.array([rate]), mu if rate else 0.0,
                temperature=warm, name=name, kinetics="heat_bath",
            )
        )  # fmt: skip
    return JumpProcess(energy_of("level", level, partial(_filled, np.array([0.0, 1.0]))), channels)


def _filled(electrons: Array, level: float) -> Array:
    return electrons * level
