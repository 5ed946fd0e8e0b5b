"""Where kick learning with decay and noise comes to rest: the roots of the equations of its order parameters."""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, exp, log, pi, sqrt, tanh
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import root

from ..errors import InputError
from ..markup import table_of_fields, table_of_text
from ._checks import not_negative, positive
from .kick_rules import KickRule, kick_rule
from .order_parameters import SEED, SMALLEST, Motion, angle_at, follow, kick_size, motion
from .teacher import fresh_label_information, teacher_information

Array = NDArray[np.float64]
ANGLES, LENGTHS = np.linspace(0.04, 0.96, 7) * pi, np.geomspace(0.1, 2000.0, 8)
STAGE, STAGES = 10.0, 40
"""Relaxation times to follow at once, and how often: who has come to no rest by then does not."""
NEAR = 1e-3
"""How near the course has come to a root, in logarithms, for the root to be its end."""
LARGE = 1e20
"""The largest learning rate, also in units of the thermal weights: Q stays within what is no runaway."""
RUNAWAY = 100.0
"""The change of ln Q that is taken for growth without bound."""


@dataclass(frozen=True)
class RestPoint:
    """R = w.B/N, Q = w.w/N, error = arccos(R/sqrt Q)/pi where both stand still; whether small deviations die out."""

    R: float
    Q: float
    error: float
    stable: bool

    def _repr_html_(self) -> str:
        return table_of_fields(self)


@dataclass(frozen=True, repr=False)
class OnlineStationary:
    """The state in which a kick learner that starts in equilibrium comes to rest, and all others that were found.

    R, Q, rho, error as in ``online``; information_sign, information_thermal: nats per fresh label, and
    teacher_information: nats per weight, a lower bound. others: further roots of the equations, stable or not, which
    other starts may lead to. unique: whether there were none.
    """

    rule: str
    learning_rate: float
    temperature: float
    stiffness: float
    mobility: float
    R: float
    Q: float
    rho: float
    error: float
    information_sign: float
    information_thermal: float
    teacher_information: float
    others: tuple[RestPoint, ...]

    @property
    def unique(self) -> bool:
        """Whether no other root was found."""
        return not self.others

    def __repr__(self) -> str:
        head = f"OnlineStationary: {self.rule}, learning rate {self.learning_rate:g}, T = {self.temperature:g}"
        rows = [
            f"{head}, k = {self.stiffness:g}",
            f"  error {self.error:.8g}, R {self.R:.8g}, Q {self.Q:.8g}, rho {self.rho:.8g}",
            f"  fresh label {self.information_thermal:.5g} nats (thermal), {self.information_sign:.5g} (sign); "
            f"teacher >= {self.teacher_information:.5g} nats per weight",
        ]
        for p in self.others:
            kind = "stable" if p.stable else "unstable"
            rows.append(f"  also {kind}: error {p.error:.6g}, R {p.R:.6g}, Q {p.Q:.6g}")
        return "\n".join(rows)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))


def online_stationary(
    rule: Any,
    learning_rate: float,
    *,
    parameters: tuple[float, ...] = (),
    temperature: float = 1.0,
    stiffness: float = 1.0,
    mobility: float = 1.0,
    breaks: ArrayLike = (),
) -> OnlineStationary:
    r"""mu k R = nu <|y| F>,   2 mu k Q = 2 mu T + 2 nu <lambda F> + nu^2 <F^2>:  dR/dt = dQ/dt = 0 in ``online``.

    The state chosen is the one to which the equations lead from equilibrium, R = 0 and Q = T/k (for "optimal", whose
    kick is infinite there, R = sqrt(Q)/2; its rate must be below 2). Newton's method from a grid of angles and lengths
    looks for others, up to Q 2000 times as large. Parameters as in ``online``, stiffness > 0. R, Q and the error are
    accurate to about 1e-10. temperature = 0 is the limit of large learning rates where F does not depend on |lambda|.
    learning_rate: at most 1e20, and 1e20 sqrt(T/k); at temperature 0 at least 1e-20.
    Raises InputError where nothing comes to rest (the weights grow without bound, or the error goes to 0), saying
    which, and for input outside these ranges.

    >>> online_stationary("perceptron", 1.0)
    OnlineStationary: perceptron, learning rate 1, T = 1, k = 1
      error 0.40548884, R 0.28222289, Q 0.93050469, rho 0.29257213
      fresh label 0.0044662 nats (thermal), 0.017973 (sign); teacher >= 0.044743 nats per weight
    """
    warm, k, mu = (
        not_negative("temperature", temperature),
        positive("stiffness", stiffness),
        positive("mobility", mobility),
    )
    thermal = sqrt(warm / k)
    least, most = (SMALLEST, LARGE * min(1.0, thermal)) if warm > 0.0 else (1.0 / LARGE, LARGE)
    nu = kick_size(learning_rate, least, most)
    kick = kick_rule(rule, parameters, warm, breaks)
    rate = motion(kick, nu, mu * warm, mu * k)
    scale = warm / k if warm > 0.0 else SEED * nu * nu
    optimal = kick.amplitude is None
    if optimal and nu >= 2.0:
        raise InputError("learning_rate", nu, "the optimal kick learns nothing at rate 2 and above", "give one below 2")
    begun = np.array([-atanh(0.5) if optimal else 0.0, log(scale)])
    main = _led_to(rate, begun, 1.0 / (mu * k), kick)
    here = _point(rate, main)
    others: list[RestPoint] = []
    for angle in ANGLES[ANGLES < 0.5 * pi] if optimal else ANGLES:
        for length in LENGTHS:
            found = _polished(rate, np.array([log(np.tan(0.5 * angle)), log(here.Q * length)]), not optimal)
            if found is not None:
                point = _point(rate, found)
                if not any(_same(point, known) for known in (here, *others)):
                    others.append(point)
    rho = here.R / sqrt(here.Q)
    return OnlineStationary(
        rule=kick.name,
        learning_rate=nu,
        temperature=warm,
        stiffness=k,
        mobility=mu,
        R=here.R,
        Q=here.Q,
        rho=rho,
        error=here.error,
        information_sign=fresh_label_information(rho, here.Q, "sign"),
        information_thermal=fresh_label_information(rho, here.Q, "thermal", temperature=warm),
        teacher_information=teacher_information(rho),
        others=tuple(sorted(others, key=lambda p: p.error)),
    )


def _led_to(rate: Motion, begun: Array, relaxation: float, kick: KickRule) -> Array:
    """The root at the end of the course from ``begun``; refuses weights that grow for ever, or shrink to nothing."""
    state = begun
    for _ in range(STAGES):
        state = follow(rate, state, np.array([STAGE * relaxation]))[:, -1]
        if abs(float(state[1] - begun[1])) > RUNAWAY:
            break
        found = _polished(rate, state, kick.amplitude is not None)
        if found is not None and np.all(np.abs(found - state) < NEAR):
            return found
    growth, error = float(rate(0.0, state)[1]), angle_at(float(state[0])) / pi
    fate = "the weights grow without bound" if growth > 0.0 else "the weights shrink without end"
    rule = f"comes to no rest: {fate} (error {error:.3g})"
    raise InputError("rule", kick.name, rule, "follow its course with online, or change learning_rate or temperature")


def _polished(rate: Motion, state: Array, obtuse: bool) -> Array | None:
    """Newton's root near a state; None where there is none within the range of numbers, or of the rule."""
    top = np.array([RUNAWAY if obtuse else -1e-6, RUNAWAY])

    def still(x: Array) -> Array:
        inside = np.clip(x, -RUNAWAY, top)
        return rate(0.0, inside) + (x - inside)

    end = np.asarray(root(still, state, tol=1e-14).x)
    if not np.all((end > -RUNAWAY) & (end < top)):
        return None
    return end if np.all(np.abs(rate(0.0, end)) <= 1e-10 * (1.0 + np.abs(_slopes(rate, end)).max())) else None


def _slopes(rate: Motion, at: Array) -> Array:
    steps = 1e-6 * np.eye(2)
    return np.array([(rate(0.0, at + h) - rate(0.0, at - h)) / 2e-6 for h in steps]).T


def _point(rate: Motion, state: Array) -> RestPoint:
    angle, size = angle_at(float(state[0])), exp(float(state[1]))
    stable = bool(np.all(np.linalg.eigvals(_slopes(rate, state)).real < 0.0))
    return RestPoint(-tanh(float(state[0])) * sqrt(size), size, angle / pi, stable)


def _same(one: RestPoint, other: RestPoint) -> bool:
    return abs(one.error / other.error - 1.0) < 1e-6 and abs(one.Q / other.Q - 1.0) < 1e-6
