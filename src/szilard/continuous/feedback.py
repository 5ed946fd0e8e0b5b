"""A weight that is pushed by a label, and a label that jumps in the field of the weight."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, number
from ..markup import table_of_text

Array = NDArray[np.float64]
LABELS: Array = np.array([-1.0, 1.0])
"""The two values of the label, in the order of every axis (label,)."""
RESERVOIRS = ("weight", "label")
"""The bath of the weight and that of the label, in the order of every axis (reservoir,)."""
LABELS.flags.writeable = False


@dataclass(frozen=True, repr=False, kw_only=True)
class LabelFeedback:
    r"""dw = mu (-k w + nu s_T + g sigma) dt + sqrt(2 mu T) dB,  sigma -> -sigma at rate gamma e^{-sigma a w / 2 T_l}.

    A weight w learns the label s_T = +-1; the label that it puts out, sigma = +-1, jumps in its field and acts back.
    push: nu, of the true label on the weight. feedback: g, of the label put out on the weight; field: a, of the weight
    on that label; both energies per weight, of any sign. flip_rate: gamma > 0, of sigma at w = 0, in 1/time.
    stiffness: k > 0; mobility: mu > 0; temperature: T > 0 of the weight's bath; label_temperature: T_l > 0 of the
    label's (None: T). label: s_T, +1 or -1; turning it turns w and sigma and leaves heat and information.

    Local detailed balance of either part gives the heat into its bath, > 0 where it warms:
    of the weight (-k w + nu s_T + g sigma) o dw, of a flip a w (sigma' - sigma)/2. The energy is taken to be
    E = k w^2/2 - nu s_T w - a sigma w/2, so that the force (g - a/2) sigma is left without one and its
    (g - a/2) sigma o dw is work, > 0 on the system. One energy explains both parts where g = a/2.

    Raises InputError for values that are not finite, or not > 0 where said.

    Bipartite systems and their flow of information: Horowitz and Esposito, Phys. Rev. X 4, 031015 (2014).

    >>> LabelFeedback(push=1.0, feedback=0.25, field=1.0, flip_rate=1.0)
    LabelFeedback: push 1, feedback 0.25, field 1, flip rate 1; not reciprocal (field / 2 = 0.5)
    """

    push: float
    feedback: float
    field: float
    flip_rate: float
    stiffness: float = 1.0
    mobility: float = 1.0
    temperature: float = 1.0
    label_temperature: float | None = None
    label: int = 1

    def __post_init__(self) -> None:
        if self.label_temperature is None:
            object.__setattr__(self, "label_temperature", self.temperature)
        for name in (f.name for f in fields(self) if f.name != "label"):
            value = number(name, getattr(self, name))
            if name not in ("push", "feedback", "field") and not value > 0.0:
                raise InputError(name, value, "must be > 0", "only push, feedback and field may have any sign")
            object.__setattr__(self, name, value)
        if isinstance(self.label, bool) or np.ndim(self.label) != 0 or self.label not in (-1, 1):
            raise InputError("label", self.label, "must be +1 or -1", "the label to be learnt")
        object.__setattr__(self, "label", int(self.label))

    @property
    def reciprocal(self) -> bool:
        """Whether g = a/2: one energy explains how the weight acts on the label and the label on the weight."""
        return self.feedback == 0.5 * self.field

    @property
    def equilibrates(self) -> bool:
        """Whether e^{-E/T} is stationary: reciprocal, and both baths of one temperature."""
        return self.reciprocal and self.temperatures[0] == self.temperatures[1]

    @property
    def temperatures(self) -> Array:
        """T of the weight and of the label: (reservoir,)."""
        return np.array([self.temperature, self.label_temperature])

    @property
    def width(self) -> float:
        """sqrt(T / k), how far the weight strays while the label rests."""
        return sqrt(self.temperature / self.stiffness)

    @property
    def centres(self) -> Array:
        """(nu s_T + g sigma) / k, where the weight comes to rest at each label: (label,)."""
        return np.asarray((self.push * self.label + self.feedback * LABELS) / self.stiffness)

    def energies(self, weights: ArrayLike, labels: ArrayLike) -> Array:
        """E = k w^2/2 - nu s_T w - a sigma w/2, in k_B T0, of the shape of the weights."""
        w = np.asarray(weights, dtype=np.float64)
        pull = self.push * self.label + 0.5 * self.field * np.asarray(labels, dtype=np.float64)
        return np.asarray(0.5 * self.stiffness * w * w - pull * w)

    def flip_rates(self, weights: ArrayLike) -> Array:
        """gamma e^{-sigma a w / 2 T_l}, of leaving label -1 and +1 at each weight, in 1/time: (label, weight)."""
        w = np.asarray(weights, dtype=np.float64)
        return np.asarray(
            self.flip_rate * np.exp(-0.5 * self.field * np.multiply.outer(LABELS, w) / self.temperatures[1])
        )

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        told = f"push {self.push:g}, feedback {self.feedback:g}, field {self.field:g}, flip rate {self.flip_rate:g}"
        others = (
            f", {f.name} {getattr(self, f.name):g}"
            for f in fields(self)[4:]
            if getattr(self, f.name) != (self.temperature if f.name == "label_temperature" else f.default)
        )
        kind = "reciprocal" if self.reciprocal else f"not reciprocal (field / 2 = {0.5 * self.field:g})"
        return f"LabelFeedback: {told}{''.join(others)}; {kind}"
