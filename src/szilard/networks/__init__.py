"""Networks of neurons: feed-forward, associative, and Boltzmann machines; what running and training them costs."""

from .annealing import AnnealedRun, anneal
from .annealing_curve import AnnealingBudget, annealing_budget
from .annealing_exact import ExactAnnealing, exact_annealing
from .annealing_importance import AnnealedImportance, annealed_importance, independent_units
from .annealing_path import ParameterPath, straight_path
from .associative import Hopfield, hopfield
from .boltzmann_relaxation import GibbsRun, gibbs_sweeps
from .boltzmann_tables import flip_process, sweep_matrix
from .contrastive import ContrastiveGap, contrastive_gap
from .contrastive_training import RbmTraining, train_rbm
from .couplings import random_patterns
from .feedforward import FeedForward, committee, multilayer, perceptron
from .loads import RetrievalCurve, retrieval_curve
from .machine import BoltzmannMachine, Means, rbm
from .mean_field import recall_course, retrieval_overlap, storage_capacity
from .recall import Recall
from .storing import StoragePrice, storage_price

__all__ = [
    "AnnealedImportance",
    "AnnealedRun",
    "AnnealingBudget",
    "BoltzmannMachine",
    "ContrastiveGap",
    "ExactAnnealing",
    "FeedForward",
    "GibbsRun",
    "Hopfield",
    "Means",
    "ParameterPath",
    "RbmTraining",
    "Recall",
    "RetrievalCurve",
    "StoragePrice",
    "anneal",
    "annealed_importance",
    "annealing_budget",
    "committee",
    "contrastive_gap",
    "exact_annealing",
    "flip_process",
    "gibbs_sweeps",
    "hopfield",
    "independent_units",
    "multilayer",
    "perceptron",
    "random_patterns",
    "rbm",
    "recall_course",
    "retrieval_curve",
    "retrieval_overlap",
    "storage_capacity",
    "storage_price",
    "straight_path",
    "sweep_matrix",
    "train_rbm",
]


def __dir__() -> list[str]:
    return __all__
