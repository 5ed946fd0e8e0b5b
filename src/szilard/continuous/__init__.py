"""Overdamped Langevin dynamics: definition, exact solution, trajectories, label feedback, optimal control."""

from .averages import Energetics as Energetics
from .density import Densities as Densities
from .density import Density as Density
from .exact import energetics as energetics
from .exact import entropy_production_rate as entropy_production_rate
from .exact import propagate as propagate
from .exact import stationary as stationary
from .gaussian import Gaussian as Gaussian
from .gaussian_route import GaussianPropagation as GaussianPropagation
from .linear import Linear as Linear
from .mixture import Mixture as Mixture
from .process import Langevin as Langevin
from .run import Run as Run
from .simulation import simulate as simulate
