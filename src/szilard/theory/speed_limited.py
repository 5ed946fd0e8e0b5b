"""The best efficiency of one synapse that has to learn its label within a given time."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, log, pi, sqrt
from typing import Literal

import numpy as np
from scipy.optimize import minimize_scalar

from ..errors import InputError
from ..markup import table_of_fields
from ._channels import binary_information, label_information, thermal_contrast, thermal_slope
from ._checks import Readout, known_readout, positive

GRID = 160


@dataclass(frozen=True)
class SpeedLimited:
    """eta* = information / cost at the learning rate nu that makes it largest; information and cost in nats.

    At nu = 0 information and cost vanish, and eta* is the limit of their ratio.
    """

    nu: float
    information: float
    cost: float
    efficiency: float

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def speed_limited_efficiency(
    tau: float,
    *,
    readout: Literal["thermal", "sign"] = "thermal",
    temperature: float = 1.0,
    stiffness: float = 1.0,
    mobility: float = 1.0,
) -> SpeedLimited:
    r"""eta*(tau) = max_nu I(sigma : sigma_T) / [I(w : sigma_T) + (nu/k)^2 / (mu T tau)].

    One weight w in k w^2 / 2, at first in N(0, T/k), whose mean a force moves to sigma_T nu / k within ``tau``; nu is
    the force that would hold it there. Given the label, the entropy production is Sigma = (1/(mu T)) int (dm/dt)^2 dt;
    it is least, (nu/k)^2 / (mu T tau), where the mean moves at constant speed, for which the force jumps at both
    ends. The cost is Delta S(w) + Sigma with Delta S(w) = I(w : sigma_T). Only mu k tau and k T matter.

    readout: "thermal", P(sigma = sigma_T | w) = 1 / (1 + exp(-sigma_T w / T)), or "sign", sigma = sign(w).
    tau: > 0, a time. For small mu k tau the ratio is largest in the limit nu -> 0; nu = 0 is returned then.
    Accuracy about 1e-12 of eta*, 1e-6 of nu. Raises InputError for NaN, values <= 0 or an unknown readout.

    Source: I(sigma : sigma_T) <= Delta S(w) + Sigma is Goldt and Seifert, Phys. Rev. Lett. 118, 010601 (2017); that
    Sigma is least at constant speed follows from the inequality of Cauchy and Schwarz.

    >>> best = speed_limited_efficiency(10.0)
    >>> round(best.efficiency, 6), round(best.nu, 4), round(best.information, 5)
    (0.278331, 2.8539, 0.41791)
    """
    time, warm = positive("tau", tau), positive("temperature", temperature)
    k, kind = positive("stiffness", stiffness), known_readout(readout)
    speed, gain = positive("mobility", mobility) * k * time, 1.0 / sqrt(k * warm)
    if not speed * speed < float("inf") or speed == 0.0:
        raise InputError("tau", tau, "is beyond what can be resolved", "give mu k tau between 1e-150 and 1e150")
    slope = sqrt(2.0 / pi) if kind == "sign" else gain * thermal_slope(gain)
    still = slope * slope / (1.0 + 2.0 / speed)

    def loss(log_amplitude: float) -> float:
        gained, cost = _books(exp(log_amplitude), speed, gain, kind)
        return -gained / cost

    # beyond the amplitude 12 the weight knows its label; only a noisy readout may want more, and not beyond 60 T
    low, high = log(1e-2), log(12.0 + 60.0 / gain)
    grid = np.linspace(low, high, GRID)
    best = int(np.argmin([loss(x) for x in grid]))
    ends = (grid[max(best - 1, 0)], grid[min(best + 1, GRID - 1)])
    found = minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-9})
    if best == 0 or -found.fun <= still:
        return SpeedLimited(0.0, 0.0, 0.0, still)
    amplitude = exp(float(found.x))
    information, cost = _books(amplitude, speed, gain, kind)
    return SpeedLimited(amplitude / gain, information, cost, information / cost)


def _books(amplitude: float, speed: float, gain: float, readout: Readout) -> tuple[float, float]:
    """Information and cost at the mean ``amplitude`` in units of the spread of the weight."""
    contrast = erf(amplitude / sqrt(2.0)) if readout == "sign" else thermal_contrast(amplitude * gain, gain)
    return float(binary_information(contrast)), label_information(amplitude) + amplitude**2 / speed
