"""What every analysis reads of a study's results: the axes of its cells, and a quantity with its errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..estimate import SIDES, Side, joined_side

if TYPE_CHECKING:
    import xarray

Array = NDArray[np.float64]
Axis = NDArray[Any]
Point = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    """One quantity of every cell: value, standard error and side, (cell,) each; NaN where a cell has none."""

    name: str
    value: Array
    stderr: Array
    side: tuple[str, ...]
    units: str

    @property
    def known(self) -> NDArray[np.bool_]:
        """Cells whose value is finite, with a finite standard error."""
        return np.isfinite(self.value) & np.isfinite(self.stderr) & (self.stderr >= 0.0)


def axes_of(results: xarray.Dataset) -> dict[str, Axis]:
    """Every parameter of the cells by its name, (cell,): numbers, or words; "" or NaN where a cell has none.

    A ramp is in the schedule as a word and beside it as a number: only the number is given where all cells have it.
    Raises InputError unless the results are a Dataset over ``cell`` with one cell at least.
    """
    sizes: Any = getattr(results, "sizes", {})
    if not sizes.get("cell", 0):
        got = type(results).__name__
        raise InputError("results", got, "must be a Dataset over cell, with one cell or more", "sz.load(out)")
    found = {}
    for name, values in results.coords.items():
        if name != "key" and values.dims == ("cell",):
            array = np.asarray(values.values)
            found[str(name)] = array.astype(np.float64) if array.dtype.kind in "biuf" else array.astype(str)
    if "ramp" in found and found["ramp"].dtype.kind == "f" and np.all(np.isfinite(found["ramp"])):
        found.pop("schedule", None)
    return found


def column_of(results: xarray.Dataset, quantity: str) -> Column:
    """A quantity of the results; raises InputError for one that is not there with its errors and sides."""
    axes_of(results)
    parts = (quantity, f"{quantity}_stderr", f"{quantity}_side")
    if not all(isinstance(part, str) and part in results.data_vars for part in parts):
        known = ", ".join(quantities_of(results))
        raise InputError("quantity", quantity, f"must be one of {known}", "name a quantity of these results")
    value, stderr = (np.asarray(results[part].values, dtype=np.float64) for part in parts[:2])
    side = tuple(str(each) for each in results[parts[2]].values)
    return Column(quantity, value, stderr, side, str(results[quantity].attrs.get("units", "1")))


def quantities_of(results: xarray.Dataset) -> tuple[str, ...]:
    """The names that have a standard error and a side."""
    names = [str(name) for name in results.data_vars]
    return tuple(n for n in names if {f"{n}_stderr", f"{n}_side"} <= set(names))


def joined(sides: Sequence[str]) -> Side:
    """The side of what rests on all of them."""
    found: Side = "two-sided"
    for side in sides:
        found = joined_side(found, SIDES[SIDES.index(side)] if side in SIDES else "none")
    return found


def codes_of(axis: Axis) -> NDArray[np.int64]:
    """A whole number for each different entry; NaN equals NaN."""
    return np.unique(axis, return_inverse=True)[1].ravel().astype(np.int64)


def varying(axes: Mapping[str, Axis]) -> list[str]:
    """The axes with more than one entry."""
    return [name for name, axis in axes.items() if codes_of(axis).max() > 0]


def entry_of(value: Any) -> str | float | None:
    """One entry of an axis; None where there is none, however its column says so."""
    if isinstance(value, str):
        return value or None
    number = float(value)
    return None if np.isnan(number) else number


def points_of(axes: Mapping[str, Axis], names: Sequence[str]) -> list[Point]:
    """The entries of each cell on these axes."""
    columns = [[entry_of(value) for value in axes[name].tolist()] for name in names]
    return list(zip(*columns, strict=True)) if columns else [()] * next((a.size for a in axes.values()), 0)


def named(point: Mapping[str, str | float | None]) -> str:
    """Entries as they are said.

    >>> named({"rule": "hebbian", "dt": None, "temperature": 0.5})
    'rule = hebbian, temperature = 0.5'
    """
    told = {name: f"{value:g}" if isinstance(value, float) else value for name, value in point.items()}
    return ", ".join(f"{name} = {value}" for name, value in told.items() if value is not None) or "all"
