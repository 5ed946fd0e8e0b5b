"""The least work to erase a bit within a given time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from ..errors import InputError, number
from ..markup import table_of_text
from ..protocol import Protocol
from .density import Density
from .gaussian import Gaussian
from .optimal_density import LineDensity, below, box, normal, normal_grid
from .optimal_lines import LineTransport, between_lines
from .optimal_passage import line
from .optimal_traps import above
from .process import Langevin

Array = NDArray[np.float64]
BEFORE = -1.0
"""The control at which the memory stands alone, before and after."""


@dataclass(frozen=True, repr=False, eq=False)
class BitErasure:
    r"""W = T ln(1 / P) + T C / (D tau), P the share of the memory that lies on the right side already.

    work: in k_B T0; attained where ``fixed`` is "full", a lower bound for every final density else. landauer:
    T ln(1 / P), the free energy of the erased memory less that of the memory: T ln 2 for two equal halves.
    coefficient: C, a length squared. transport: the way that attains it, from the memory to its part below the
    boundary; with ``fixed`` = "bit" the work of that way lies above ``work``.
    """

    work: float
    landauer: float
    coefficient: float
    fixed: str
    transport: LineTransport

    @property
    def protocol(self) -> Protocol:
        """The control of ``energies``: the memory, at once the driving potential, its time, at once the memory."""
        tau = self.transport.duration
        return Protocol((0.0, 0.0, tau, tau), (BEFORE, 0.0, tau, BEFORE))

    def energies(self, x: ArrayLike, control: float) -> Array:
        """U of places (point,): of the driving potential at the time ``control`` >= 0, of the memory, -T ln p_0, else.

        The memory is known within its ``places``; beyond these it goes on as ``LineTransport.energies`` says.
        """
        if number("control", control) >= 0.0:
            return self.transport.energies(x, min(control, self.transport.duration))
        return self._still.energies(x, 0.0)

    @property
    def process(self) -> Langevin:
        """The memory in ``energies``: started in "equilibrium" and moved by ``protocol``, it is erased.

        Its walls are steep: take method="metropolis" and a short dt. A trajectory that a step leaves behind a wall pays
        for it, so that means fall to ``work`` as dt does, and slowly (1.27, 1.18 and 1.15 at tau / 2000, 8000 and 16000
        for a barrier of 8 T in the time 4, where ``work`` is 1.119; 0.02 each).
        """

        def potential(w: Array, control: float) -> Array:
            return self.energies(w[:, 0], control)

        def gradient(w: Array, control: float) -> Array:
            if control >= 0.0:
                return self.transport.slopes(w, min(control, self.transport.duration))
            return self._still.slopes(w, 0.0)

        t = self.transport
        return Langevin(
            potential=potential, gradient=gradient, dim=1, mobility=t.mobility, temperature=t.temperature,
            name="bit erasure",
        )  # fmt: skip

    @cached_property
    def _still(self) -> LineTransport:
        """The memory as it is: a transport that goes nowhere."""
        return between_lines(self.transport.start, self.transport.start, 1.0, 1.0, self.transport.temperature)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        sign = "=" if self.fixed == "full" else ">="
        return (
            f"BitErasure in the time {self.transport.duration:g}: work {sign} {self.work:.9g} = {self.landauer:.9g} + "
            f"{self.coefficient:.9g} / (mobility x time)"
        )


def bit_erasure(
    duration: float,
    *,
    density: Literal["box", "gaussian"] | LineDensity | Density | Gaussian | Callable[[Any], Any] = "box",
    boundary: float = 0.0,
    fixed: Literal["full", "bit"] = "full",
    mobility: float = 1.0,
    temperature: float = 1.0,
) -> BitErasure:
    r"""W >= T ln 2 + T C / (D tau),  D = mu T: the least work to bring a memory to w < boundary in the time tau.

    The memory starts in the equilibrium p_0 of its energy -T ln p_0, and any potential may act in between.
    fixed = "full": it ends in p_1 = p_0 cut at the boundary, the local equilibrium. C = W_2(p_0, p_1)^2, and the work
    is attained by optimal transport.
    fixed = "bit": only P(w < boundary) = 1 is asked for. The work of a final density p_1 is
    T KL(p_1 | p_0) + T W_2^2 / (D tau); the first term is at least T ln(1/P), the second at least that of
    C = int_{w > boundary} (w - boundary)^2 p_0 dw, the mass moved to the boundary and no further. The bound holds for
    every p_1; as tau -> 0 the ratio of the least work to it tends to 1, as tau -> infinity both tend to T ln(1/P).

    density: "box" (flat on [-1, 1]; C = 1/3), "gaussian" (mean 0, variance 1; C = .839273; "bit": 1/2), a
    ``LineDensity`` such as ``boltzmann(U, low, high, temperature=T)`` of a double well, a ``Density`` such as
    ``sz.stationary(well)``, a ``Gaussian`` or a quantile
    function. duration, mobility, temperature: > 0. Energies in k_B T0, C a length squared.
    Raises InputError for values beyond these, or a boundary with nothing on one side of it.

    Source: Proesmans, Ehrich and Bechhoefer, Phys. Rev. Lett. 125, 100602 (2020).

    >>> bit_erasure(2.0)
    BitErasure in the time 2: work = 0.859813847 = 0.693147181 + 0.333333333 / (mobility x time)
    >>> bit_erasure(2.0, density="gaussian", fixed="bit")
    BitErasure in the time 2: work >= 0.943147181 = 0.693147181 + 0.5 / (mobility x time)
    """
    tau, mu, T = above("duration", duration), above("mobility", mobility), above("temperature", temperature)
    if fixed not in ("full", "bit"):
        raise InputError("fixed", fixed, 'must be "full" or "bit"', "name one of them")
    memory = _memory(density)
    erased = below(memory, boundary)
    transport = between_lines(memory, erased, tau, mu, T)
    share = memory.share_below(boundary)
    landauer = -T * log(share)
    if fixed == "full":
        square = transport.distance**2
    else:
        z, weight = normal_grid(memory.marks, np.array([ndtri(share)]))
        square = float(weight @ np.maximum(memory.place(z) - boundary, 0.0) ** 2)
    return BitErasure(landauer + square / (mu * tau), landauer, square, fixed, transport)


def _memory(density: Any) -> LineDensity:
    if isinstance(density, str):
        if density == "box":
            return box(-1.0, 1.0)
        if density == "gaussian":
            return normal()
        raise InputError("density", density, 'must be "box", "gaussian" or a density', "name one of them")
    return line("density", density)
