"""Storage in an associative memory as a task of one neuron."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError, is_whole
from ..networks.couplings import signs
from .tasks import Task


def storage_task(patterns: ArrayLike, unit: int = 0) -> Task:
    r"""Row i of Hopfield's couplings as a neuron: inputs xi_j^mu of the other units, labels the unit's bits xi_i^mu.

    With the Hebbian rule dw_ij = mu [-k w_ij + c N^{-1/2} sum_mu xi_i^mu xi_j^mu] dt + noise, what ``train`` books is
    the cost of the row's N - 1 synapses, and P times the information of a label is what they store. The bits of the
    unit itself are drawn anew by every replica, independent and fair, so that the second law covers their sum;
    ``networks.storage_price`` is the limit of many units. patterns: (pattern, unit) of +-1, at least two units.
    Raises InputError for other values, or a unit that there is not.

    Source: Hopfield, Proc. Natl. Acad. Sci. USA 79, 2554 (1982).

    >>> storage_task([[1, -1, 1], [1, 1, -1]], unit=1)
    Task('storage of unit 1', N = 2, P = 2, random, 0 held out)
    """
    xi = signs(patterns, "patterns")
    if xi.shape[1] < 2:
        raise InputError("patterns", xi.shape, "a unit stores what the others show: at least 2 units", "add units")
    if not is_whole(unit, 0) or unit >= xi.shape[1]:
        raise InputError("unit", unit, f"must be a unit 0 ... {xi.shape[1] - 1}", "0, for instance")
    return Task(f"storage of unit {unit}", np.delete(xi, int(unit), axis=1), "random")
