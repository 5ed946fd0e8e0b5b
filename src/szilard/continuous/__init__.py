"""Overdamped Langevin dynamics: definition, exact solution, trajectories, optimal control."""

from .gaussian import Gaussian as Gaussian
from .linear import Linear as Linear
from .process import Langevin as Langevin
