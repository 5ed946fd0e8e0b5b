"""Random processes, many of them far from normal: a result of few vectors is right, or there is none."""

from __future__ import annotations

import numpy as np
import pytest

import szilard as sz
from szilard.discrete import Channel, JumpProcess
from szilard.discrete.evolution import Evolution
from szilard.discrete.rational import HALVINGS, LOCAL, Rational
from tests.discrete.precise import exponential, matrix

pytestmark = pytest.mark.soak
KINDS = ("ring", "lattice", "tangle", "chain", "dense")


def drawn(kind: str, draw: np.random.Generator) -> JumpProcess:
    n = int(draw.integers(30, 110))
    attempt, drive = np.zeros((n, n)), np.zeros((n, n))
    energy = draw.uniform(0.0, 5.0) * draw.standard_normal(n)
    if kind == "lattice":
        sides = (int(draw.integers(5, 10)),) * 2
        force = (draw.uniform(0.0, 10.0), draw.uniform(0.0, 10.0))
        return sz.systems.lattice(
            sides, draw.uniform(0.0, 8.0) * draw.standard_normal(sides), force=force, periodic=True
        )
    if kind == "dense":
        attempt = draw.random((n, n))
        drive = draw.uniform(-6.0, 6.0, (n, n))
    elif kind == "tangle":
        pairs = [(x, int(draw.integers(0, x))) for x in range(1, n)] + [tuple(draw.integers(0, n, 2)) for _ in range(n)]
        for x, y in pairs:
            attempt[x, y] = 10.0 ** draw.uniform(-6.0, 3.0)
            drive[x, y] = draw.uniform(-8.0, 8.0)
    else:
        strength, rough = draw.uniform(0.0, 12.0), draw.uniform(0.0, 2.0)
        for x in range(n if kind == "ring" else n - 1):
            attempt[(x + 1) % n, x] = np.exp(rough * draw.standard_normal() - 0.5 * strength)
            drive[(x + 1) % n, x] = strength
        energy *= draw.random() < 0.5
    attempt = attempt + attempt.T
    np.fill_diagonal(attempt, 0.0)
    return JumpProcess(energy, Channel(attempt, np.where(attempt > 0.0, drive - drive.T, 0.0)))


@pytest.mark.parametrize("kind", KINDS)
def test_right_or_declined(kind: str) -> None:
    draw = np.random.default_rng(KINDS.index(kind))
    right = 0
    for _ in range(60):
        process = drawn(kind, draw)
        n, engine = process.n_states, Evolution(process)
        at = engine.rates(process.energies(), None)
        span = 10.0 ** draw.uniform(0.5, 4.0 if kind in ("ring", "chain") else 7.0) / float(engine.outflow(at).max())
        start = np.eye(n)[draw.integers(n)] if draw.random() < 0.6 else draw.dirichlet(np.full(n, 0.1))
        found = Rational(engine, at, span).carry(span, start, 1e9)
        if found is not None:
            right += 1
            # each of up to 2^HALVINGS steps may err by what its last vectors and its contour change
            assert np.sum(np.abs(found[0] - exponential(matrix(process), span) @ start)) < 2.0 * LOCAL * 2.0**HALVINGS
    assert right > 15
