"""The alias tables stand for the rates they were made from."""

from __future__ import annotations

import numpy as np

from szilard._kernels.jumps import SLOT, alias


def test_alias_tables_give_every_weight_back() -> None:
    """Slot e of d: e with keep / d, e + step with (1 - keep) / d; weights from 1 to 1e12 of each other."""
    draw = np.random.default_rng(4)
    degrees = np.array([1, 2, 0, 7, 40, 0, 3])
    begin = np.concatenate([[0], np.cumsum(degrees)])
    weight = 10.0 ** draw.uniform(-6.0, 6.0, begin[-1])
    slots = np.zeros(begin[-1] + 1, dtype=SLOT)
    alias(begin, weight, slots)
    for x, degree in enumerate(degrees):
        rows = np.arange(begin[x], begin[x + 1])
        found = np.zeros(begin[-1])
        np.add.at(found, rows, slots["keep"][rows] / max(degree, 1))
        np.add.at(found, rows + slots["step"][rows], (1.0 - slots["keep"][rows]) / max(degree, 1))
        exact = weight[rows] / weight[rows].sum() if degree else np.zeros(0)
        assert np.all((rows + slots["step"][rows] >= begin[x]) & (rows + slots["step"][rows] < begin[x + 1]))
        assert np.max(np.abs(found[rows] - exact), initial=0.0) < 4e-16 * max(degree, 1)
        assert np.all(slots["keep"][rows] >= 0.0)
        assert np.all(slots["keep"][rows] <= 1.0)
