"""Weights and gradients as frameworks hold them, read as one vector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

Array = NDArray[np.float64]
DEEPEST = 64
FIX = "give an array, a dict or a list of arrays, or model.parameters()"


def leaves(tree: Any, field: str, depth: int = 0) -> list[Any]:
    """The arrays of nested dicts (by sorted key), lists, tuples and iterables, in order; an array is its own leaf."""
    if depth > DEEPEST:
        raise InputError(field, f"more than {DEEPEST} levels", "is nested too deep", FIX)
    if isinstance(tree, Mapping):
        inner: Iterable[Any] = (tree[key] for key in sorted(tree, key=str))
    elif isinstance(tree, (str, bytes)) or tree is None:
        raise InputError(field, tree, "must hold arrays of numbers", FIX)
    elif hasattr(tree, "shape") or hasattr(tree, "__array__") or not isinstance(tree, Iterable):
        return [tree]
    else:
        inner = tree
    return [leaf for part in inner for leaf in leaves(part, field, depth + 1)]


def vector(parts: list[Any], field: str) -> Array:
    """A copy of all numbers, (weight,); raises InputError unless they are real floating-point numbers and finite."""
    flat = [_plain(part, field).ravel() for part in parts]
    w = np.concatenate(flat).astype(np.float64, copy=False) if flat else np.zeros(0)
    if w.size == 0:
        raise InputError(field, "nothing", "must hold at least one weight", FIX)
    if not np.all(np.isfinite(w)):
        bad = int(np.flatnonzero(~np.isfinite(w))[0])
        raise InputError(f"{field}[{bad}]", float(w[bad]), "must be finite", "leave out steps that the optimizer skips")
    return w


def gradients_of(parameters: list[Any]) -> list[Any]:
    """The .grad of every parameter; zeros where one has none, as it does not move: N leaves out what never moves."""
    found = [getattr(p, "grad", None) for p in parameters]
    if all(g is None for g in found):
        fix = "give gradients=..., or call step() between backward() and zero_grad()"
        raise InputError("gradients", None, "the parameters hold no .grad", fix)
    return [np.zeros(np.shape(p)) if g is None else g for p, g in zip(parameters, found, strict=True)]


def _plain(part: Any, field: str) -> NDArray[Any]:
    for leave in ("detach", "cpu"):
        if hasattr(part, leave):
            part = getattr(part, leave)()
    try:
        array = np.asarray(part)
    except TypeError:  # a type that NumPy has no name for, such as torch.bfloat16
        if not hasattr(part, "float"):
            raise InputError(field, type(part).__name__, "must hold arrays of numbers", FIX) from None
        array = np.asarray(part.float())
    except ValueError:
        raise InputError(field, "rows of several lengths", "must hold arrays of numbers", FIX) from None
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    if array.dtype.kind != "f":
        rule = "must be real floating-point numbers"
        raise InputError(field, f"{type(part).__name__} of {array.dtype}", rule, "give the trainable weights only")
    return array
