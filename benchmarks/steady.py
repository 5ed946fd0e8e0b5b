"""The stationary state of a driven lattice, and the largest eigenvalue of its tilted generator, beside scipy's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import eigs, spsolve

import szilard as sz

from .peers.clock import cpu_seconds
from .table import Agreement, Block, fastest

Array = NDArray[np.float64]
FORCE, HEIGHTS = (1.0, 0.5), 1.0
SIDES = ((32, 5), (100, 3), (316, 1))
DENSE = 32
"""Side of the lattices that are solved densely as well."""
TILTS = (0.3, 0.6)
"""Between 0 and 1, so that lambda < 0 and is the eigenvalue nearest to 0: the peer needs no guess."""
STEADY, VALUE = 1e-12, 1e-10
"""Limits: sum |dp|; |d lambda| over the largest rate. Refinement of the reference leaves below 1e-15."""
REFINEMENTS = 4


class Problem:
    """A lattice side x side with a constant force; the fastest runs keep their answers."""

    def __init__(self, side: int) -> None:
        energy = HEIGHTS * np.random.default_rng(side).standard_normal((side, side))
        self.process = sz.systems.lattice((side, side), energy, force=FORCE, periodic=True)
        self.generator = sparse.csc_array(self.process.generator())
        self.n = self.process.n_states
        self.tilted = [self._tilted(s) for s in TILTS]
        self.answers: dict[str, Array] = {}

    def _tilted(self, s: float) -> Any:
        """M[x, x'] = k e^(-s q / T) off the diagonal, -sum k on it: the entropy flow counted."""
        e, energy = self.process.edges, self.process.energies()
        k = self.process.jump_rates(energy)
        flow = self.process.jump_heat(energy) / self.process.temperatures[e.channel]
        states = np.arange(self.n)
        out = np.bincount(e.source, weights=k, minlength=self.n)
        values = np.concatenate([k * np.exp(-s * flow), -out])
        places = np.concatenate([e.target, states]), np.concatenate([e.source, states])
        return sparse.csc_array(sparse.coo_array((values, places), shape=(self.n, self.n)))

    def timed(self, name: str, job: Callable[[], Array]) -> Callable[[], float]:
        """A job that keeps its answer and returns its processor time."""

        def run() -> float:
            start = cpu_seconds()
            self.answers[name] = job()
            return cpu_seconds() - start

        return run

    def spsolve(self) -> Array:
        """L pi = 0 with pi_0 = 1 fixed and its row left out."""
        rest = self.generator[1:, 1:]
        p = np.append(1.0, spsolve(-rest, self.generator[1:, [0]].toarray().ravel()))
        return np.asarray(p / p.sum())

    def inverted(self) -> Array:
        """The eigenvector of the eigenvalue nearest to a shift just above zero."""
        shift = 1e-9 * float(-self.generator.diagonal().min())
        _, vectors = eigs(self.generator, k=1, sigma=shift, v0=np.ones(self.n))
        p = vectors[:, 0].real
        return np.asarray(p / p.sum())

    def scgf(self) -> Array:
        """lambda at the tilts."""
        return np.asarray(sz.scgf(self.process, TILTS).values)

    def values(self) -> Array:
        """Of each tilted generator, the eigenvalue nearest to zero."""
        return np.array([eigs(m, k=1, sigma=0.0, v0=np.ones(self.n))[0][0].real for m in self.tilted])

    def stationary_reference(self) -> NDArray[np.longdouble]:
        """Ours, refined until L pi = 0 in extended precision: what is left is corrected by an independent solution."""
        from scipy.sparse.linalg import splu

        e, wide = self.process.edges, np.longdouble
        k = self.process.jump_rates(self.process.energies()).astype(wide)
        solver = splu(-self.generator[1:, 1:])
        p = sz.stationary(self.process).astype(wide)
        for _ in range(REFINEMENTS):
            left = np.zeros(self.n, dtype=wide)
            flow = k * p[e.source]
            np.add.at(left, e.target, flow)
            np.subtract.at(left, e.source, flow)
            p[1:] += solver.solve(left[1:].astype(np.float64))
            p /= p.sum()
        return p

    def value_reference(self) -> Array:
        """The rightmost eigenvalues of the dense matrices."""
        return np.array([np.linalg.eigvals(m.toarray()).real.max() for m in self.tilted])


def measure() -> Block:
    block = Block("Stationary state and scaled cumulant generating function of a driven two-dimensional lattice")
    for side, repeats in SIDES:
        problem = Problem(side)
        what = f"stationary state, {side}^2 states"
        jobs = {
            "szilard": problem.timed("szilard", partial(sz.stationary, problem.process)),
            "spsolve": problem.timed("spsolve", problem.spsolve),
            "eigs, shift-invert": problem.timed("eigs, shift-invert", problem.inverted),
        }
        best: dict[str, Any] = fastest(jobs, repeats)
        block.compare(what, "s", best, {"spsolve": None, "eigs, shift-invert": None})
        right = problem.stationary_reference()
        for who, found in problem.answers.items():
            block.agreements.append(Agreement(who, what, float(np.abs(found - right).sum()), STEADY, "L1"))
    for side, repeats in SIDES[:2]:
        problem = Problem(side)
        what = f"lambda at s = {', '.join(map(str, TILTS))}, {side}^2 states"
        jobs = {
            "szilard": problem.timed("szilard", problem.scgf),
            "eigs": problem.timed("eigs", problem.values),
        }
        best = fastest(jobs, repeats)
        block.compare(what, "s", best, {"eigs": None})
        dense = problem.value_reference() if side <= DENSE else problem.answers["eigs"]
        scale = float(-problem.generator.diagonal().min())
        for who, found in problem.answers.items():
            block.agreements.append(Agreement(who, what, float(np.abs(found - dense).max()) / scale, VALUE, "relative"))
    block.notes.append(f"Peer: scipy {scipy.__version__}")
    return block
