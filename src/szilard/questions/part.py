"""What a question is made of: parts, each with its own table and figure, computed in pieces that are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..check import BoundCheck
from ..estimate import Estimate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Record = Mapping[str, Any]
"""The numbers of a finished piece by name: floats, texts, and lists of them, as JSON knows them."""
Entry = str | int | float | Estimate | None
"""A cell of a table: a number with its error where it has one, None where there is none."""


@dataclass(frozen=True)
class Piece:
    """A share of a part's work that is kept once it is finished.

    coordinates: everything that decides its numbers besides the seed, as JSON knows it; their hash names the piece
    and its random numbers. work(seed, threads) -> Record. effort: expected seconds, for the progress bar.
    """

    coordinates: Mapping[str, Any]
    work: Callable[[int, int | None], Record]
    effort: float = 1.0


@dataclass(frozen=True)
class Table:
    """Rows under heads; a head names the unit in brackets."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A figure: draw(figure) puts its axes on an empty figure of this size in inches; caption says what is seen."""

    draw: Callable[[Figure], None]
    caption: str
    size: tuple[float, float] = (7.2, 3.6)


@dataclass(frozen=True)
class Variable:
    """An array for the store with the names of its axes, unit and meaning."""

    dims: tuple[str, ...]
    values: NDArray[Any] | ArrayLike
    unit: str = "1"
    about: str = ""


@dataclass(frozen=True)
class Finding:
    """What a part found: sentences with numbers and their errors, a table, a figure, verdicts, arrays.

    text: sentences that can stand alone; gist: the same in a sentence or two, for the answer as a whole. assumptions:
    under which it holds, one clause each. checks: laws whose assumptions are met. broken: laws without their
    assumptions, where a violation contradicts nothing.
    """

    text: str
    assumptions: tuple[str, ...]
    table: Table
    picture: Picture
    checks: tuple[BoundCheck, ...] = ()
    broken: tuple[BoundCheck, ...] = ()
    arrays: Mapping[str, Variable] = field(default_factory=dict)
    gist: str = ""


@dataclass(frozen=True)
class Part:
    """One part of a question's answer: pieces of work, and what they say when all are done."""

    name: str
    title: str
    pieces: tuple[Piece, ...]
    conclude: Callable[[Sequence[Record]], Finding]


def joined(records: Sequence[Record], name: str) -> NDArray[Any]:
    """The lists that the pieces keep under one name, end to end, as one array."""
    return np.concatenate([np.atleast_1d(record[name]) for record in records])
