"""What is kept of each step of a training run: a row of scalars, and sums over steps for the weights watched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

Array = NDArray[np.float64]
COLUMNS = (
    "loss", "rate", "gradient2", "scatter2", "step2", "before", "after", "residual2", "neighbour", "second", "cross",
    "away2", "since2", "size2", "parts",
)  # fmt: skip
"""Of call k: L_k, |g_k|^2, tr C_k from parts, |w_k - w_0|^2, the same from where the recording was last taken up,
|w_k|^2, and of the step dw that ended there: its rate, |dw|^2, g_{k-1}.dw, g_k.dw, |dw + eta g_{k-1}|^2; g_k.g_{k-1},
g_k.g_{k-2}, (g_k - g_{k-1}).(g_{k-2} - g_{k-3})."""
KEPT = 5
NOISE, RAW, OWN, AWAY, MOVES = range(KEPT)
"""Sums of each weight: of eta^2 C_n / 2, of -(g_{k-1} + g_k) dw / 2, of eta C_n / 2, w_n - w_n(0), and of
steps that moved it."""
LARGEST = 1e60
"""Of a square: beyond it a training has diverged, and squares of squares would soon be no numbers."""
BLOCK = 4096


class Rows:
    """A table that grows by a row at a time, in blocks: 8 bytes a number, and none is moved."""

    def __init__(self, kept: Array) -> None:
        self.columns: int = kept.shape[1]
        self._full = [kept]
        self._open = np.empty((BLOCK, self.columns))
        self._fill = 0
        self._size: int = kept.shape[0]

    def __len__(self) -> int:
        return self._size

    def append(self, row: Array) -> None:
        """One more row, (column,)."""
        if self._fill == BLOCK:
            self._full.append(self._open)
            self._open, self._fill = np.empty_like(self._open), 0
        self._open[self._fill] = row
        self._fill += 1
        self._size += 1

    def since(self, first: int) -> Array:
        """A copy of the rows from one on: (row, column)."""
        found, missing = [self._open[: self._fill]], self._size - first - self._fill
        for block in reversed(self._full):
            if missing <= 0:
                break
            found.append(block[-missing:])
            missing -= block.shape[0]
        rows = np.concatenate(found[::-1])
        return rows[max(0, rows.shape[0] - (self._size - first)) :]


class Sequel:
    """The last three gradients, and what the next call adds to them."""

    def __init__(
        self,
        start: Array,
        watched: NDArray[np.int64],
        followed: NDArray[np.int64],
        scattered: bool,
        sums: Array | None = None,
        trained: NDArray[np.bool_] | None = None,
    ) -> None:
        self.start, self.watched, self.followed, self.scattered = start.copy(), watched, followed, scattered
        self.sums = np.zeros((KEPT, watched.size)) if sums is None else sums.copy()
        self.trained = np.zeros(start.size, np.bool_) if trained is None else trained.copy()
        self._begun = self.start
        self._weights: Array | None = None
        self._gradients: list[Array] = []
        self._noise: Array | None = None
        self._rate: float | None = None

    def row(self, w: Array, loss: float, g: Array, noise: Array | None, rate: float | None, parts: int) -> Array:
        """Book the step that ended in w, and keep w and g for the next; noise: C_n of g_n, (weight,).

        Raises InputError for another number of weights, parts that come and go, or numbers that say that the training
        has diverged; nothing is booked then.
        """
        if w.size != self.start.size:
            rule = f"must have {self.start.size} weights, as before"
            raise InputError("parameters", w.size, rule, "give the same weights at every call")
        if (noise is not None) != self.scattered:
            got = "None" if noise is None else f"{parts} parts"
            raise InputError("parts", got, "must be given at every call or at none", "give them always")
        if self._weights is None and not np.array_equal(w, self.start):
            self._begun = w
        away = w - self.start
        since = away if self._begun is self.start else w - self._begun
        found = dict.fromkeys(COLUMNS, np.nan)
        found |= {"loss": loss, "gradient2": float(g @ g), "size2": float(w @ w), "parts": float(parts)}
        found |= {"away2": float(away @ away), "since2": float(since @ since)}
        if noise is not None:
            found["scatter2"] = float(noise.sum())
        dw = None if self._weights is None else w - self._weights
        if dw is not None:
            found |= self._step(dw, g)
        row = np.array([*found.values(), *w[self.followed]])
        if np.any(np.abs(row) > LARGEST):
            name = next((name for name, value in found.items() if abs(value) > LARGEST), "parameters")
            rule = "is too large to be kept: the training has diverged"
            raise InputError(name, f"more than {LARGEST:g}", rule, "record the steps before it")
        self.sums[AWAY] = away[self.watched]
        if dw is not None:
            self._add(dw, g, found["rate"])
        self._weights, self._noise, self._rate = w, noise, rate
        self._gradients = [g, *self._gradients[:2]]
        return row

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
        return found

    def _add(self, dw: Array, g: Array, rate: float) -> None:
        k, last = self.watched, self._gradients[0]
        variance = 0.5 * (g[k] - last[k]) ** 2 if self._noise is None else self._noise[k]
        self.sums[NOISE] += 0.5 * rate**2 * variance
        self.sums[RAW] -= 0.5 * (last[k] + g[k]) * dw[k]
        self.sums[OWN] += 0.5 * rate * variance
        self.sums[MOVES] += dw[k] != 0.0
        self.trained |= dw != 0.0


@dataclass(frozen=True, eq=False, repr=False)
class Training:
    """Rows (call, column), sums (5, watched weight), how many weights there are in all and how many of them ever moved.

    scattered: whether the noise is known from parts of each batch. follow: how many weights were asked to be followed.
    stopped: why nothing was recorded from some call on, or nothing.
    """

    rows: Array
    sums: Array
    weights: int
    trained: int
    scattered: bool
    follow: int = 0
    stopped: str = ""

    def column(self, name: str) -> Array:
        """One quantity at every call: (call,), NaN where it is not known."""
        return np.asarray(self.rows[:, COLUMNS.index(name)])

    def per_weight(self, kind: int) -> Array:
        """One of the sums, of the watched weights that ever moved: (weight,)."""
        return np.asarray(self.sums[kind, self.sums[MOVES] > 0.0])

    @property
    def moved(self) -> NDArray[np.bool_]:
        """Calls at which a step ended: all but the first, and but the first after a break."""
        return np.isfinite(self.column("step2"))

    @property
    def stretches(self) -> list[slice]:
        """The calls that were recorded in one go."""
        cuts = [*np.flatnonzero(~self.moved).tolist(), len(self.rows)]
        return [slice(a, b) for a, b in zip(cuts[:-1], cuts[1:], strict=True)]

    @property
    def followed(self) -> Array:
        """The weights followed at every call: (call, weight)."""
        return np.asarray(self.rows[:, len(COLUMNS) :])
