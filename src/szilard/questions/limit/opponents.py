"""Learners that try to break the second law of learning, and the books that are held against them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Law = Literal["kept", "prior knowledge", "wrong temperature", "heat alone"]
ROUNDING = 1e-10
"""What an evaluation may be wrong by, in nats and in units of all entropy and heat that were booked."""


@dataclass(frozen=True)
class AccountBooks:
    """What each of many learners has learned and paid, exactly, in nats: arrays (learner,).

    information: of the answers on the labels, summed over independent labels. knowledge: of the labels in the weights
    at the start. entropy: Delta S(w) of all weights together; entropy_marginal: summed over weights, never less if they
    start independent. heat: Q/T > 0 into the bath, averaged over the labels. labels: their entropy. booked: all entropy
    and heat that were added up, without their signs.
    """

    information: Array
    knowledge: Array
    entropy: Array
    entropy_marginal: Array
    heat: Array
    labels: Array
    booked: Array

    @property
    def rounding(self) -> Array:
        """What I - (Delta S + Q/T) may be wrong by, in nats."""
        return np.asarray(ROUNDING * (1.0 + self.booked))

    def right_side(self, law: Law, factor: float) -> Array:
        r"""Delta S + Q/T, or what stands there by mistake: Q/T alone, or Delta S + Q/(factor T)."""
        if law == "heat alone":
            return self.heat
        if law == "wrong temperature":
            return np.asarray(self.entropy + self.heat / factor)
        return np.asarray(self.entropy + self.heat)

    @classmethod
    def joined(cls, books: list[AccountBooks]) -> AccountBooks:
        """The learners of several books, one after the other."""
        return cls(**{f.name: np.concatenate([getattr(b, f.name) for b in books]) for f in fields(cls)})


@dataclass(frozen=True)
class Opponent:
    """A family of learners: every point of the unit cube (dimension,) is one.

    books(points (learner, dimension)) -> AccountBooks; traits(point) -> its most telling numbers by name.
    """

    dimension: int
    books: Callable[[Array], AccountBooks]
    traits: Callable[[Array], Mapping[str, float | str]]


def split(points: Array, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """The coordinates (learner, dimension) by name, each (learner, *shape)."""
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])
    parts = np.split(points, ends[:-1], axis=1)
    return {name: part.reshape(len(points), *shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


def size_of(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """How many coordinates they are together."""
    return sum(int(np.prod(shape)) for shape in shapes.values())


def between(share: Array, low: float, high: float) -> Array:
    """low^(1-share) high^share: from low to high, evenly in the logarithm."""
    return np.asarray(low * (high / low) ** share)
