"""Networks of neurons: feed-forward, associative, and Boltzmann machines; what running and training them costs."""

from .annealing import AnnealedRun, anneal
from .annealing_curve import AnnealingBudget, annealing_budget
from .annealing_exact import ExactAnnealing, exact_annealing
from .annealing_importance import AnnealedImportance, annealed_importance, independent_units
from .annealing_path import ParameterPath, straight_path
from .boltzmann_relaxation import GibbsRun, gibbs_sweeps
from .boltzmann_tables import flip_process, sweep_matrix
from .contrastive import ContrastiveGap, contrastive_gap
from .contrastive_training import RbmTraining, train_rbm
from .machine import BoltzmannMachine, Means, rbm

__all__ = [
    "AnnealedImportance",
    "AnnealedRun",
    "AnnealingBudget",
    "BoltzmannMachine",
    "ContrastiveGap",
    "ExactAnnealing",
    "GibbsRun",
    "Means",
    "ParameterPath",
    "RbmTraining",
    "anneal",
    "annealed_importance",
    "annealing_budget",
    "contrastive_gap",
    "exact_annealing",
    "flip_process",
    "gibbs_sweeps",
    "independent_units",
    "rbm",
    "straight_path",
    "sweep_matrix",
    "train_rbm",
]


def __dir__() -> list[str]:
    return __all__
