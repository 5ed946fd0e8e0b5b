"""What weights tell of labels when w | labels is Gaussian: all 2^P label patterns, summed exactly.

w = sum_mu a_mu sigma_mu X_mu + noise of variance v gives, up to a constant,
ln p(w | sigma) = h sigma - sigma K sigma / 2 with h_mu = a_mu X_mu w / v and K_mu,nu = a_mu a_nu X_mu X_nu / v.
"""

from __future__ import annotations

import numpy as np
from numba import types

from .flags import compile_kernel
from .scalar import exp, log


def _enumerate_labels(h, coupling, certainty, remaining):
    """Per replica: certainty[r, mu] = P(sigma_mu = +1 | w_r), remaining[r] = H(sigma | w_r) in nats."""
    replicas, patterns = h.shape
    size = 1 << patterns
    energy, tilt = np.empty(size), np.empty(size)
    for r in range(replicas):
        energy[0] = 0.0
        for m in range(patterns):
            half = 1 << m
            tilt[0] = 0.0
            for nu in range(patterns):
                if nu != m:
                    tilt[0] -= coupling[m, nu]
            for j in range(m):
                width = 1 << j
                for c in range(width):
                    tilt[width + c] = tilt[c] + 2.0 * coupling[m, j]
            for c in range(half):
                energy[half + c] = energy[c] + 2.0 * (h[r, m] - tilt[c])
        top = energy[0]
        for c in range(size):
            top = max(top, energy[c])
        norm, mean = 0.0, 0.0
        for c in range(size):
            x = energy[c] - top
            p = exp(x)
            norm += p
            mean += p * x
            energy[c] = p
        remaining[r] = log(norm) - mean / norm
        for m in range(patterns - 1, -1, -1):
            half = 1 << m
            plus = 0.0
            for c in range(half):
                plus += energy[half + c]
                energy[c] += energy[half + c]
            certainty[r, m] = plus / norm


_matrix = types.Array(types.float64, 2, "C")
_vector = types.Array(types.float64, 1, "C")
enumerate_labels = compile_kernel(_enumerate_labels, types.void(_matrix, _matrix, _matrix, _vector))
