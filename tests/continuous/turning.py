"""Two coordinates in baths of their own, pulled, stiffened and stirred by one control: nothing commutes."""

from __future__ import annotations

import szilard as sz
from szilard.continuous import Linear

START = sz.Gaussian([0.4, -0.3], [[0.5, 0.1], [0.1, 0.8]])


def swirled(control: float) -> Linear:
    return Linear(
        [[2.0, 0.3], [0.3, 1.1 + 0.3 * control]],
        [control, -0.2 * control],
        swirl=[[0.0, 0.9], [-0.3 - 0.4 * control, 0.0]],
        push=[0.1 * control, 0.0],
    )


SWIRLED = sz.Langevin(linear=swirled, dim=2, temperature=[0.6, 1.4], mobility=[1.0, 0.5])
