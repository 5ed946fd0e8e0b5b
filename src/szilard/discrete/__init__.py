"""Markov jump processes: definition, exact solution, trajectories, counting statistics."""

from .averages import Energetics as Energetics
from .averages import energetics as energetics
from .channel import Channel as Channel
from .counting import exponential_work as exponential_work
from .counting import fluctuations as fluctuations
from .counting import generating_function as generating_function
from .currents import current_noise as current_noise
from .currents import edge_currents as edge_currents
from .cycles import cycle_affinities as cycle_affinities
from .cycles import detailed_balance as detailed_balance
from .large_deviations import driven_rates as driven_rates
from .large_deviations import rate_function as rate_function
from .large_deviations import scgf as scgf
from .passage import committor as committor
from .passage import first_passage as first_passage
from .process import JumpProcess as JumpProcess
from .propagation import propagate as propagate
from .relaxation import relaxation_spectrum as relaxation_spectrum
from .run import Run as Run
from .simulation import simulate as simulate
from .steady import convergence as convergence
from .steady import entropy_production_rate as entropy_production_rate
from .steady import stationary as stationary
