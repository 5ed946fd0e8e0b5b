"""What every ready-made Langevin process is asked: whether its slopes are those of its energy."""

from __future__ import annotations

import numpy as np

from szilard.continuous import Langevin


def assert_slopes(process: Langevin, control: float | None = None) -> None:
    """-dU/dw by central differences in double precision, at twenty places that no symmetry prefers.

    Truncation is h^2 U'''/6 and rounding eps |U| / h; with h = 1e-5 both are below 1e-8 for energies of order 100.
    """
    w = np.random.default_rng(4).normal(size=(20, process.dim)) * 1.3
    for i in range(process.dim):
        h = np.zeros(process.dim)
        h[i] = 1e-5
        fall = (process.energies(w - h, control) - process.energies(w + h, control)) / 2e-5
        np.testing.assert_allclose(process.slopes(w, control)[:, i], fall, rtol=1e-7, atol=1e-7)
