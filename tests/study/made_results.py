"""Results of studies as ``load`` gives them, made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Measured = tuple[ArrayLike, ArrayLike] | tuple[ArrayLike, ArrayLike, Any]


def results_of(axes: Mapping[str, Any], verdicts: Any = None, **quantities: Measured) -> xarray.Dataset:
    """axes: (cell,) each; quantities: value and standard error, and the sides where they are not two-sided."""
    data: dict[str, Any] = {}
    for name, (value, stderr, *side) in quantities.items():
        y = np.asarray(value, dtype=np.float64)
        data[name] = ("cell", y, {"units": "nat"})
        data[f"{name}_stderr"] = ("cell", np.broadcast_to(np.asarray(stderr, dtype=np.float64), y.shape).copy())
        words = side[0] if side else "two-sided"
        data[f"{name}_side"] = ("cell", np.array([words] * y.size if isinstance(words, str) else words))
    if verdicts is not None:
        data["verdict"] = ("cell", np.array(verdicts))
    return xarray.Dataset(data, {name: ("cell", np.asarray(values)) for name, values in axes.items()})


def grid(**lists: Any) -> dict[str, NDArray[Any]]:
    """The product of the lists, (cell,) for each axis."""
    mixed = np.meshgrid(*(np.arange(len(values)) for values in lists.values()), indexing="ij")
    return {name: np.asarray(values)[place.ravel()] for (name, values), place in zip(lists.items(), mixed, strict=True)}
