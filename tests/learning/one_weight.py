"""One weight, solved without a single random number: the oracle of the sampler's mean heat.

The energy of the weight is E = k w^2/2 + c s sum_mu loss(y_mu w), y_mu = xi^mu sigma^mu. Two methods, neither
of which shares a line with the library:

* ``lattice``: the master equation of a walk on a lattice whose jumps obey detailed balance in E (the
  Scharfetter-Gummel discretisation of the Fokker-Planck equation, error of order h^2), solved by the
  action of its matrix exponential: continuous time.
* ``steps``: the sampler's own chain in discrete time, the force frozen during each dt, its Gaussian kernel
  integrated by Gauss and Legendre's rule on panels that end at w = 0, where the forces break.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import diags_array
from scipy.sparse.linalg import expm_multiply
from scipy.special import exprel

Array = NDArray[np.float64]
Signs = tuple[float, ...]


@dataclass(frozen=True)
class Rule:
    """Amplitude F(lambda) and loss(lambda) with F = -d loss/d lambda, of the stability lambda = y w."""

    push: Callable[[Array], Array]
    loss: Callable[[Array], Array]


HEBBIAN = Rule(np.ones_like, lambda x: -x)
PERCEPTRON = Rule(lambda x: np.where(x < 0, 1.0, 0.0), lambda x: np.where(x < 0, -x, 0.0))
ADATRON = Rule(lambda x: np.where(x < 0, -x, 0.0), lambda x: np.where(x < 0, 0.5 * x * x, 0.0))
GRADIENT = Rule(lambda x: np.exp(-np.logaddexp(0.0, x)), lambda x: np.logaddexp(0.0, -x))
RULES = {"hebbian": HEBBIAN, "perceptron": PERCEPTRON, "adatron": ADATRON, "gradient": GRADIENT}


@dataclass(frozen=True)
class Stage:
    """The factor s and the patterns' signs y that hold for a time."""

    time: float
    factor: float
    signs: Signs


@dataclass(frozen=True)
class Weight:
    """dw = mu (-k w + c s sum_mu y_mu F(y_mu w)) dt + sqrt(2 mu T) dW from equilibrium without the force."""

    rule: Rule
    strength: float
    temperature: float
    stiffness: float
    mobility: float
    reach: float = 9.0

    def loss(self, w: Array, signs: Signs) -> Array:
        return np.asarray(np.sum([self.rule.loss(y * w) for y in signs], axis=0))

    def push(self, w: Array, signs: Signs) -> Array:
        return np.asarray(np.sum([y * self.rule.push(y * w) for y in signs], axis=0))

    def energy(self, w: Array, factor: float, signs: Signs) -> Array:
        return np.asarray(0.5 * self.stiffness * w * w + self.strength * factor * self.loss(w, signs))

    @property
    def width(self) -> float:
        """The farthest that an initial tail and the force together can reach."""
        return self.reach * float(np.sqrt(self.temperature / self.stiffness)) + self.strength / self.stiffness

    def free_energy_change(self, factor: float, signs: Signs) -> float:
        """-T ln of the ratio of the two partition functions, by Gauss and Legendre's rule."""
        nodes, weights = panels(self.width, 0.1)
        energy, free = self.energy(nodes, factor, signs), 0.5 * self.stiffness * nodes**2
        ratio = weights @ np.exp(-energy / self.temperature) / (weights @ np.exp(-free / self.temperature))
        return float(-self.temperature * np.log(ratio))

    def lattice_heat(self, stages: Sequence[Stage], cells: int) -> float:
        """<Q> after the stages; ``cells`` even, so that w = 0 is a face."""
        h = 2.0 * self.width / cells
        w = (np.arange(cells, dtype=np.float64) + 0.5) * h - self.width
        p = np.exp(-0.5 * self.stiffness * w * w / self.temperature)
        p /= p.sum()
        heat, known = 0.0, {}
        for stage in stages:
            energy = self.energy(w, stage.factor, stage.signs)
            key = (stage.factor, stage.signs)
            if key not in known:
                known[key] = self._generator(energy, h)
            before, p = p, expm_multiply(stage.time * known[key], p, traceA=stage.time * known[key].trace())
            heat += float(energy @ (before - p))
        return heat

    def _generator(self, energy: Array, h: float) -> Any:
        rise = np.diff(energy) / self.temperature
        jump = self.mobility * self.temperature / h**2
        up, down = jump / exprel(rise), jump / exprel(-rise)  # up/down = e^{-rise}
        leave = np.append(up, 0.0) + np.append(0.0, down)
        return diags_array([up, -leave, down], offsets=[-1, 0, 1]).tocsr()

    def limit_heat(self, stages: Sequence[Stage], cells: int = 400) -> float:
        """<Q> for h -> 0: two lattices, the error of order h^2 taken out."""
        coarse, fine = self.lattice_heat(stages, cells), self.lattice_heat(stages, 2 * cells)
        return (4.0 * fine - coarse) / 3.0

    def step_heat(self, stages: Sequence[Stage], dt: float, *, midpoint: bool = False) -> float:
        """<Q> of the chain with the force frozen during dt; booked by the loss or by Stratonovich's midpoint."""
        relax = self.mobility * self.stiffness * dt
        spread = float(np.sqrt(self.temperature / self.stiffness * -np.expm1(-2.0 * relax)))
        nodes, weights = panels(self.width, 2.5 * spread)
        p = weights * np.exp(-0.5 * self.stiffness * nodes**2 / self.temperature)
        p /= p.sum()
        heat, kernels = 0.0, {}
        for stage in stages:
            key = (stage.factor, stage.signs)
            if key not in kernels:
                kernels[key] = self._kernel(stage, nodes, weights, relax, spread, midpoint)
            move, mean_heat = kernels[key]
            for _ in range(round(stage.time / dt)):
                heat += float(mean_heat @ p)
                p = move @ p
        assert abs(p.sum() - 1.0) < 1e-10, "the grid loses probability"
        return heat

    def step_jarzynski(self, factors: Sequence[float], closing: float, signs: Signs, dt: float) -> float:
        """<e^{-(W - dF)/T}> of the same chain: every change of s multiplies the density by e^{-dE/T}."""
        relax = self.mobility * self.stiffness * dt
        spread = float(np.sqrt(self.temperature / self.stiffness * -np.expm1(-2.0 * relax)))
        nodes, weights = panels(self.width, 2.5 * spread)
        p = weights * np.exp(-0.5 * self.stiffness * nodes**2 / self.temperature)
        p /= p.sum()
        loss, last = self.strength * self.loss(nodes, signs) / self.temperature, 0.0
        for factor in factors:
            p = p * np.exp(-(factor - last) * loss)
            p = self._kernel(Stage(dt, factor, signs), nodes, weights, relax, spread, False)[0] @ p
            last = factor
        p = p * np.exp(-(closing - last) * loss)
        return float(p.sum() * np.exp(self.free_energy_change(closing, signs) / self.temperature))

    def _kernel(
        self, stage: Stage, nodes: Array, weights: Array, relax: float, spread: float, midpoint: bool
    ) -> tuple[Array, Array]:
        push = self.strength * stage.factor * self.push(nodes, stage.signs)
        mean = np.exp(-relax) * nodes - np.expm1(-relax) / self.stiffness * push
        z = (nodes[:, None] - mean[None, :]) / spread
        move = weights[:, None] * np.exp(-0.5 * z * z) / (spread * np.sqrt(2.0 * np.pi))
        if midpoint:
            fall = 0.5 * self.stiffness * (nodes[None, :] ** 2 - nodes[:, None] ** 2)
            each = fall + 0.5 * (push[None, :] + push[:, None]) * (nodes[:, None] - nodes[None, :])
            return move, np.asarray((move * each).sum(axis=0))
        energy = self.energy(nodes, stage.factor, stage.signs)
        return move, np.asarray(energy * move.sum(axis=0) - energy @ move)


def panels(width: float, size: float) -> tuple[Array, Array]:
    """Nodes and weights of a 12-point Gauss rule on equal panels of [-width, 0] and [0, width]."""
    x, v = np.polynomial.legendre.leggauss(12)
    n = max(1, int(np.ceil(width / size)))
    half = 0.5 * width / n
    right = (half * (2 * np.arange(n)[:, None] + 1 + x)).ravel()
    weight = np.tile(half * v, n)
    return np.concatenate([-right[::-1], right]), np.concatenate([weight[::-1], weight])
