"""How the error of learning without noise and decay vanishes: exponents and amplitudes from the equations."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import cbrt, inf, log, nan, pi, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr

from ..errors import InputError
from ..markup import table_of_text
from .averages_online import ROOT, normal, panels
from .kick_rules import KickRule, kick_rule
from .order_parameters import follow, kick_size, motion

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
DECADES = np.arange(4.0, 12.1, 0.5)
"""log10 of the loads at which the course of a user's rule is looked at."""
ROUGH = 1e-9
"""The relative change below which a sequence is taken to have arrived: the solver is good to 1e-10."""
FIRM = 1e-3
"""The accuracy of an exponent that is needed to name it, and of an amplitude to be given."""


@dataclass(frozen=True, repr=False)
class OnlineAsymptote:
    """error = amplitude * alpha^-exponent for alpha = P/N -> infinity, without noise and decay.

    exponent, amplitude: None where no power law was found. exponent_error, amplitude_error: 0 where they follow from
    the equations (to 1e-12), else how far the extrapolation of their numerical solution may be off. how: the origin.
    """

    rule: str
    learning_rate: float
    exponent: float | None
    amplitude: float | None
    exponent_error: float
    amplitude_error: float
    how: str

    def error(self, alpha: ArrayLike) -> Array:
        """amplitude * alpha^-exponent; raises InputError where there is no power law."""
        if self.exponent is None or self.amplitude is None:
            raise InputError("rule", self.rule, "no power law was found", "follow its course with online")
        return np.asarray(self.amplitude * np.asarray(alpha, dtype=np.float64) ** -self.exponent)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The law as a line over alpha = 10 to 10^6, both axes logarithmic."""
        from ..plotting import axes_or_new, house_style, lines

        at = np.geomspace(10.0, 1e6, 61)
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, at, self.error(at)[None, :], "patterns per weight", "error on a fresh pattern")
            ax.set_xscale("log")
            ax.set_yscale("log")
        return ax

    def __repr__(self) -> str:
        if self.exponent is None or self.amplitude is None:
            return f"OnlineAsymptote: {self.rule}: no power law found ({self.how})"
        doubt = f" (+- {self.amplitude_error:.1g})" if self.amplitude_error > 0.0 else ""
        return (
            f"OnlineAsymptote: {self.rule}: error = {self.amplitude:.8g}{doubt} alpha^-{self.exponent:.6g}, {self.how}"
        )

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))


def online_asymptote(
    rule: Any, learning_rate: float = 1.0, *, parameters: tuple[float, ...] = (), breaks: ArrayLike = ()
) -> OnlineAsymptote:
    r"""error = amplitude * alpha^-exponent, alpha -> infinity, of ``online`` with temperature = stiffness = 0.

    With the angle a to the teacher, error = a/pi:
    "hebbian": q = nu sqrt(2/pi) alpha, a^2 = pi/(2 alpha): 1/sqrt(2 pi alpha), whatever nu.
    "perceptron" and "gradient" (any F that vanishes fast for lambda > 0, where q grows for ever): r = a q becomes
    constant, 2 r^2 sqrt(2/pi) E F(r z) = nu C, and q^3 = 3 nu (B + nu C/2) alpha, with C = sqrt(2/pi) int Phi(lambda/r)
    F^2 dlambda and B the same of lambda F: (r/pi) [3 nu (B + nu C/2)]^{-1/3} alpha^{-1/3}; the Perceptron has
    r = nu/sqrt(2 pi) and (2/3)^{1/3}/pi, whatever nu.
    "adatron": da/dt = -nu (3 - nu) a^2/(3 pi): 3/[nu (3 - nu)]/alpha; nu = 3: a^-3 = 9 alpha/(5 pi); beyond 3 the error
    does not vanish.
    "optimal": sqrt(2/pi)/J/[nu (2 - nu)]/alpha with J = int phi^2/Phi du, 0.8834/alpha at nu = 1; nu < 2.
    Learning from all patterns at once (learning_rate plays no part; see ``batch_error``), as 1 - rho^2 -> 0 there:
    "gibbs": 1/(sqrt(pi) J)/alpha, "bayes": 1/(sqrt(2 pi) J)/alpha, a half of the optimal kick's.
    Any other rule: the equations are followed from (R, Q) = (0, 1) to alpha = 1e12, and the local exponent and the
    amplitude are extrapolated by Aitken's method; an exponent within its error of a fraction with a denominator up to
    6 is taken for it. Their errors say how far the last extrapolations differ; both are None where that exceeds 1e-3.
    Raises InputError for a learning rate at which the error does not vanish, and for what is no rule.

    Sources: Biehl and Riegler, Europhys. Lett. 28, 525 (1994); Kinouchi and Caticha, J. Phys. A 25, 6243 (1992);
    Gyorgyi and Tishby in Neural Networks and Spin Glasses (World Scientific, 1990); Opper and Haussler, Phys. Rev.
    Lett. 66, 2677 (1991).

    >>> online_asymptote("adatron", 1.5)
    OnlineAsymptote: adatron: error = 1.3333333 alpha^-1, from the equations
    """
    nu = kick_size(learning_rate)
    if isinstance(rule, str) and rule in ("gibbs", "bayes"):
        return _law(rule, nu, 1.0, 1.0 / (sqrt(pi if rule == "gibbs" else 2.0 * pi) * hazard_square()))
    kick = kick_rule(rule, parameters, 1.0, breaks)
    if kick.name == "hebbian" and kick.closed:
        return _law(kick.name, nu, 0.5, 1.0 / sqrt(2.0 * pi))
    if kick.name == "perceptron" and kick.closed:
        return _law(kick.name, nu, 1.0 / 3.0, cbrt(2.0 / 3.0) / pi)
    if kick.name == "adatron" and kick.closed:
        _vanishing(kick.name, nu, nu <= 3.0, "between 0 and 3")
        if nu == 3.0:
            return _law(kick.name, nu, 1.0 / 3.0, cbrt(5.0 * pi / 9.0) / pi)
        return _law(kick.name, nu, 1.0, 3.0 / (nu * (3.0 - nu)))
    if kick.amplitude is None:
        _vanishing(kick.name, nu, nu < 2.0, "below 2")
        return _law(kick.name, nu, 1.0, ROOT / hazard_square() / (nu * (2.0 - nu)))
    if isinstance(rule, str):
        return _law(kick.name, nu, 1.0 / 3.0, _saturating(kick, nu))
    return _extrapolated(kick, nu)


def hazard_square() -> float:
    r"""J = int phi(u)^2/Phi(u) du = 0.9032: what bounds all learning of a teacher without noise."""
    u, weight = panels([1.0])
    return float(weight @ np.exp(-u * u - log_ndtr(u))) / (2.0 * pi)


def _law(name: str, nu: float, exponent: float, amplitude: float) -> OnlineAsymptote:
    return OnlineAsymptote(name, nu, exponent, amplitude, 0.0, 0.0, "from the equations")


def _vanishing(name: str, nu: float, holds: bool, range_: str) -> None:
    if not holds:
        raise InputError("learning_rate", nu, f"the error of {name} does not vanish", f"give one {range_}")


def _saturating(kick: KickRule, nu: float) -> float:
    """The amplitude of alpha^(-1/3) where F vanishes fast for lambda > 0: r = angle * q from its balance."""
    amplitude, steep = kick.amplitude, kick.parameters[0]
    assert amplitude is not None

    def balance(log_r: float) -> tuple[float, float, float]:
        r = np.exp(log_r)
        reach = max(r, 5.0 / steep)  # F reaches to 45/steep on the one side, Phi to 9 r on the other
        x, weight = panels([min(r, 1.0 / steep) / reach])
        force = amplitude(reach * x)
        tail = ROOT * weight * reach * ndtr(reach * x / r)
        z, share = panels([min(1.0, 1.0 / (steep * r))])
        turn = float((share * normal(z)) @ amplitude(r * z))
        c, b = float(tail @ force**2), float(tail @ (reach * x * force))
        return 2.0 * r * r * ROOT * turn - nu * c, b, c

    scale = log(nu + sqrt(nu / steep))
    log_r = float(brentq(lambda x: balance(x)[0], scale - 12.0, scale + 5.0, xtol=1e-15, rtol=1e-14))
    _, b, c = balance(log_r)
    return float(np.exp(log_r)) / pi / cbrt(3.0 * nu * (b + 0.5 * nu * c))


def _extrapolated(kick: KickRule, nu: float) -> OnlineAsymptote:
    loads = 10.0**DECADES
    found = follow(motion(kick, nu, 0.0, 0.0), np.zeros(2), loads)
    log_error = np.log(2.0 / pi * np.arctan(np.exp(found[0])))
    slopes = -np.diff(log_error) / np.diff(np.log(loads))
    exponent, doubt = _limit(slopes)
    if not (doubt < FIRM and exponent > FIRM):
        how = f"the local exponent is {slopes[-1]:.4g} at alpha = 1e12, and not steady"
        return OnlineAsymptote(kick.name, nu, None, None, inf, inf, how)
    fraction = float(Fraction(exponent).limit_denominator(6))
    if abs(fraction - exponent) <= max(2.0 * doubt, 1e-6):
        exponent, doubt = fraction, abs(fraction - exponent) + doubt
    amplitude, spread = _limit(np.exp(log_error + exponent * np.log(loads)))
    if not spread < FIRM * amplitude:
        how = f"exponent {exponent:.4g}, but the amplitude still moves at alpha = 1e12"
        return OnlineAsymptote(kick.name, nu, None, None, doubt, inf, how)
    return OnlineAsymptote(kick.name, nu, exponent, amplitude, doubt, spread, "extrapolated from alpha = 1e12")


def _limit(sequence: Array) -> tuple[float, float]:
    """The limit of a sequence that closes in by a constant ratio (Aitken), and how far its estimates differ."""
    first, second = np.diff(sequence)[:-1], np.diff(sequence)[1:]
    arrived = np.abs(second) <= ROUGH * np.abs(sequence[2:])
    ratio = second / np.where(first == 0.0, nan, first)
    step = np.where(np.abs(ratio) < 1.0, second * ratio / (1.0 - ratio), nan)
    tail = (sequence[2:] + np.where(arrived, 0.0, step))[-3:]
    spread = float(np.ptp(tail)) + ROUGH * abs(float(tail[-1]))
    return float(tail[-1]), spread if np.isfinite(spread) else inf
