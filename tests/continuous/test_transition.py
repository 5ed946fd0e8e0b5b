"""The exact transition of a linear force beside matrix exponentials of another kind."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from szilard.continuous.transition import transition

RNG = np.random.default_rng(3)


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("time", [1e-6, 0.03, 1.0, 9.0])
def test_decay_shift_and_spread(n: int, time: float) -> None:
    """Van Loan's block exponential, for a drift that is neither normal nor symmetric and noise of any shape."""
    A = RNG.normal(size=(n, n)) + 1.5 * np.eye(n)
    b, root = RNG.normal(size=n), RNG.normal(size=(n, n))
    D = root @ root.T + 0.1 * np.eye(n)
    decay, shift, C = transition(A, b, D, time)
    block = np.block([[A, 2.0 * D], [np.zeros((n, n)), -A.T]])
    parts = expm(block * time / 64.0)
    short, spread = parts[n:, n:].T, parts[n:, n:].T @ parts[:n, n:]
    for _ in range(6):
        spread = spread + short @ spread @ short.T
        short = short @ short
    drift = expm(np.block([[-A, b[:, None]], [np.zeros((1, n + 1))]]) * time)
    # rounding grows with the condition of the exponentials, e^{|A| t}, here at most 1e3
    for ours, other in ((decay, drift[:n, :n]), (shift, drift[:n, n]), (C, spread)):
        np.testing.assert_allclose(ours, other, rtol=0, atol=3e-13 * np.abs(other).max())


def test_free_diffusion_and_an_unstable_drift() -> None:
    decay, shift, C = transition(np.zeros((2, 2)), np.array([1.0, -2.0]), np.diag([0.5, 3.0]), 4.0)
    np.testing.assert_array_equal(decay, np.eye(2))
    np.testing.assert_array_equal(shift, [4.0, -8.0])
    np.testing.assert_array_equal(C, np.diag([4.0, 24.0]))
    decay, _, C = transition(np.array([[-0.5]]), np.zeros(1), np.array([[2.0]]), 3.0)
    assert decay[0, 0] == pytest.approx(np.exp(1.5), rel=1e-14)
    assert C[0, 0] == pytest.approx(4.0 * np.expm1(3.0), rel=1e-14)
