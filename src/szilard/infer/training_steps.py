"""What is kept of each step of a training run: a row of scalars, and sums over steps for the weights watched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

Array = NDArray[np.float64]
COLUMNS = (
    "loss", "rate", "gradient2", "scatter2", "step2", "before", "after", "residual2", "neighbour", "second", "cross",
    "away2", "size2", "parts",
)  # fmt: skip
"""Of call k: L_k, |g_k|^2, tr C_k from parts, |w_k - w_0|^2, |w_k|^2, and of the step dw that ended there: its rate,
|dw|^2, g_{k-1}.dw, g_k.dw, |dw + eta g_{k-1}|^2; g_k.g_{k-1}, g_k.g_{k-2}, (g_k - g_{k-1}).(g_{k-2} - g_{k-3})."""
KEPT = 4
NOISE, RAW, OWN, AWAY = range(KEPT)
"""Sums of each weight: of eta^2 C_n / 2, of -(g_{k-1} + g_k) dw / 2, of eta C_n / 2, and w_n - w_n(0)."""


class Sequel:
    """The last three gradients, and what the next call adds to them."""

    def __init__(
        self,
        start: Array,
        watched: NDArray[np.int64],
        followed: NDArray[np.int64],
        scattered: bool,
        sums: Array | None = None,
    ) -> None:
        self.start, self.watched, self.followed, self.scattered = start.copy(), watched, followed, scattered
        self.sums = np.zeros((KEPT, watched.size)) if sums is None else sums.copy()
        self._weights: Array | None = None
        self._gradients: list[Array] = []
        self._noise: Array | None = None
        self._rate: float | None = None

    def row(self, w: Array, loss: float, g: Array, noise: Array | None, rate: float | None, parts: int) -> Array:
        """Book the step that ended in w, and keep w and g for the next; noise: C_n of g_n, (weight,).

        Raises InputError for another number of weights, or parts that come and go.
        """
        if w.size != self.start.size:
            rule = f"must have {self.start.size} weights, as before"
            raise InputError("parameters", w.size, rule, "give the same weights at every call")
        if (noise is not None) != self.scattered:
            got = "None" if noise is None else f"{parts} parts"
            raise InputError("parts", got, "must be given at every call or at none", "give them always")
        found = dict.fromkeys(COLUMNS, np.nan)
        found |= {"loss": loss, "gradient2": float(g @ g), "size2": float(w @ w), "parts": float(parts)}
        away = w - self.start
        found["away2"] = float(away @ away)
        if noise is not None:
            found["scatter2"] = float(noise.sum())
        self.sums[AWAY] = away[self.watched]
        if self._weights is not None:
            found |= self._step(w - self._weights, g)
        self._weights, self._noise, self._rate = w, noise, rate
        self._gradients = [g, *self._gradients[:2]]
        return np.array([*found.values(), *w[self.followed]])

    def _step(self, dw: Array, g: Array) -> dict[str, float]:
        last, *older = self._gradients
        before, square = float(last @ dw), float(last @ last)
        rate = self._rate
        if rate is None:  # the one that explains most of dw
            rate = -before / square if square > 0.0 else 0.0
        off = dw + rate * last
        found = {
            "rate": rate, "step2": float(dw @ dw), "before": before, "after": float(g @ dw),
            "residual2": float(off @ off), "neighbour": float(g @ last),
        }  # fmt: skip
        if older:
            found["second"] = float(g @ older[0])
        if len(older) > 1:
            found["cross"] = float((g - last) @ (older[0] - older[1]))
        k = self.watched
        variance = 0.5 * (g[k] - last[k]) ** 2 if self._noise is None else self._noise[k]
        self.sums[NOISE] += 0.5 * rate**2 * variance
        self.sums[RAW] -= 0.5 * (last[k] + g[k]) * dw[k]
        self.sums[OWN] += 0.5 * rate * variance
        return found


@dataclass(frozen=True, eq=False, repr=False)
class Training:
    """Rows (call, column), sums (4, watched weight), and how many weights there are in all.

    scattered: whether the noise is known from parts of each batch. follow: how many weights were asked to be followed.
    """

    rows: Array
    sums: Array
    weights: int
    scattered: bool
    follow: int = 0

    def column(self, name: str) -> Array:
        """One quantity at every call: (call,), NaN where it is not known."""
        return np.asarray(self.rows[:, COLUMNS.index(name)])

    @property
    def moved(self) -> NDArray[np.bool_]:
        """Calls at which a step ended: all but the first, and but the first after a break."""
        return np.isfinite(self.column("step2"))

    @property
    def followed(self) -> Array:
        """The weights followed at every call: (call, weight)."""
        return np.asarray(self.rows[:, len(COLUMNS) :])
