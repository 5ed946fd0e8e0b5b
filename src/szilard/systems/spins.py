"""Ising spins: every configuration of a small ring, or the magnetisation of a large magnet."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.special import gammaln

from ..discrete import JumpProcess
from ..discrete.channel import Kinetics
from ..errors import number
from ._checks import Array, Attempt, Controlled, Temperature, baths, channel_of, energy_of, positive, whole

MOST_SPINS = 18


def ising_ring(
    spins: int,
    coupling: float,
    field: Controlled = None,
    *,
    attempt: Attempt = 1.0,
    temperature: Temperature = 1.0,
    kinetics: Kinetics = "heat_bath",
) -> JumpProcess:
    r"""energy = -coupling sum_i s_i s_{i+1} - field sum_i s_i over all 2^n configurations, one spin flips per jump.

    State x has s_i = +1 where bit i of x is set, -1 elsewhere. In one bath Z = u^n + v^n with u, v =
    e^{J/T} cosh(h/T) +- sqrt(e^{2J/T} sinh^2(h/T) + e^{-2J/T}); without field and with a heat bath (Glauber's
    dynamics) the magnetisation decays exactly as exp[-attempt (1 - tanh(2J/T)) t].
    spins: 3 ... 18 (2^18 states, 2.4e6 pairs). coupling J: in k_B T0, > 0 ferromagnetic. field h: a number, a function
    of the control, or None: the control is the field. attempt: of each spin, a number or (spins,), >= 0, in 1/time.
    temperature: a number or a mapping from the names of reservoirs to theirs.
    Raises InputError for values that are not finite or beyond these.

    Source: Glauber, J. Math. Phys. 4, 294 (1963).

    >>> ising_ring(4, 0.5, 0.2)
    JumpProcess: 16 states, 1 reservoir (bath, T = 1, heat_bath, 32 pairs), not driven
    """
    n, J = whole("spins", spins, 3, MOST_SPINS), number("coupling", coupling)
    states = np.arange(2**n)
    s = 2.0 * ((states[:, None] >> np.arange(n)) & 1) - 1.0
    bonds = -J * np.sum(s * np.roll(s, -1, axis=1), axis=1)
    down = [states[s[:, i] < 0.0] for i in range(n)]
    source, target = np.concatenate(down), np.concatenate([x | (1 << i) for i, x in enumerate(down)])
    channels = [
        channel_of(2**n, source, target, np.repeat(rates, 2 ** (n - 1)), temperature=warm, name=name, kinetics=kinetics)
        for name, rates, warm in baths(attempt, temperature, n)
    ]
    M = np.asarray(s.sum(axis=1), dtype=np.float64)
    return JumpProcess(energy_of("field", field, partial(_in_field, bonds, M)), channels)


def magnet(
    spins: int,
    coupling: float = 0.0,
    field: Controlled = None,
    *,
    attempt: float = 1.0,
    temperature: float = 1.0,
) -> JumpProcess:
    r"""F(M) = -coupling M^2/2n - field M - T ln C(n, u): n spins that all couple to all, u of them up, M = 2u - n.

    State u = 0 ... n collects all configurations with u spins up. The rates are those of single spins flipping with
    symmetric kinetics, k = attempt e^{q/2T}, times the number of spins that can flip, for any field. The energy of a
    state is its FREE energy F: work, entropy production and all probabilities are those of the n spins; the heat is
    theirs plus T times the change of ln C(n, u), the entropy within a state, and the energy change theirs minus it.
    coupling J = 0: spins on their own, M binomial with mean n tanh(field/T). n -> infinity: m = tanh((J m + field)/T),
    two states of m below T = J, and a time to go from one to the other that grows exponentially with n.
    spins: >= 1, up to 1e6. coupling: in k_B T0. field: a number, a function of the control, or None: the control is
    the field. attempt: > 0, of each spin, in 1/time. temperature: > 0.
    Raises InputError for values that are not finite or beyond these.

    Source: Griffiths, Weng and Langer, Phys. Rev. 149, 301 (1966); Herpich, Cossetto, Falasco and Esposito, New J.
    Phys. 22, 063005 (2020), for the thermodynamics of collected states.

    >>> magnet(1000, coupling=1.5, field=0.0)
    JumpProcess: 1001 states, 1 reservoir (bath, T = 1, symmetric, 1000 pairs), not driven
    """
    n, J = whole("spins", spins, 1, 10**6), number("coupling", coupling)
    warm, rate = positive("temperature", temperature), positive("attempt", attempt)
    up = np.arange(n + 1)
    M = np.asarray(2.0 * up - n, dtype=np.float64)
    choices = gammaln(n + 1.0) - gammaln(up + 1.0) - gammaln(n - up + 1.0)
    u = up[:-1]
    flips = np.sqrt((n - u) * (u + 1.0))
    channel = channel_of(n + 1, u, u + 1, rate * flips, temperature=warm)
    free = np.asarray(-J * M**2 / (2.0 * n) - warm * choices, dtype=np.float64)
    return JumpProcess(energy_of("field", field, partial(_in_field, free, M)), channel)


def _in_field(rest: Array, magnetisation: Array, field: float) -> Array:
    return np.asarray(rest - field * magnetisation)
