"""Overdamped Langevin dynamics: definition, exact solution, trajectories, label feedback, optimal control.

Files that begin alike belong together: ``gaussian_`` solves linear processes, ``lattice_`` all others in one and two
dimensions, ``feedback_`` a weight with a jumping label, ``optimal_`` finds controls of least work. ``exact`` chooses
between the first two; ``simulation`` samples.
"""

from .averages import Energetics as Energetics
from .bipartite import information_flows as information_flows
from .bipartite import transfer_entropy_rate as transfer_entropy_rate
from .ceiling import Ceiling as Ceiling
from .ceiling import maintenance_ceiling as maintenance_ceiling
from .density import Densities as Densities
from .density import Density as Density
from .exact import energetics as energetics
from .exact import entropy_production_rate as entropy_production_rate
from .exact import propagate as propagate
from .exact import stationary as stationary
from .feedback import LabelFeedback as LabelFeedback
from .feedback_evolution import FeedbackEvolution as FeedbackEvolution
from .feedback_evolution import feedback_evolve as feedback_evolve
from .feedback_exact import FeedbackRates as FeedbackRates
from .feedback_exact import feedback_stationary as feedback_stationary
from .feedback_lattice import feedback_jump_process as feedback_jump_process
from .feedback_lattice import feedback_on_lattice as feedback_on_lattice
from .feedback_sampling import FeedbackRun as FeedbackRun
from .feedback_sampling import sample_feedback as sample_feedback
from .gaussian import Gaussian as Gaussian
from .gaussian_route import GaussianPropagation as GaussianPropagation
from .label import information_with_label as information_with_label
from .lattice_cells import Lattice as Lattice
from .lattice_cells import lattice_of as lattice_of
from .lattice_current import CurrentField as CurrentField
from .lattice_current import probability_current as probability_current
from .lattice_friction import friction as friction
from .lattice_friction import thermodynamic_length as thermodynamic_length
from .linear_force import Linear as Linear
from .mixture import Mixture as Mixture
from .optimal import optimal_protocol as optimal_protocol
from .optimal_density import LineDensity as LineDensity
from .optimal_density import below as below
from .optimal_density import boltzmann as boltzmann
from .optimal_density import box as box
from .optimal_density import by_quantile as by_quantile
from .optimal_density import normal as normal
from .optimal_erasure import BitErasure as BitErasure
from .optimal_erasure import bit_erasure as bit_erasure
from .optimal_force import LearningForce as LearningForce
from .optimal_force import optimal_learning_force as optimal_learning_force
from .optimal_gaussians import GaussianTransport as GaussianTransport
from .optimal_lines import LineTransport as LineTransport
from .optimal_passage import optimal_transport as optimal_transport
from .optimal_search import search_protocol as search_protocol
from .optimal_traps import OptimalProtocol as OptimalProtocol
from .optimal_traps import optimal_moved_trap as optimal_moved_trap
from .optimal_traps import optimal_stiffened_trap as optimal_stiffened_trap
from .partition import free_energy as free_energy
from .process import Langevin as Langevin
from .run import Paths as Paths
from .run import Run as Run
from .simulation import simulate as simulate
from .tilted_gaussian import exponential_work as exponential_work
from .tilted_gaussian import fluctuations as fluctuations
from .tilted_gaussian import generating_function as generating_function
