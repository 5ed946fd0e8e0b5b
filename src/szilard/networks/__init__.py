"""Networks of neurons: feed-forward, associative, and Boltzmann machines; what running and training them costs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOME = {
    "AnnealedImportance": "annealing_importance",
    "AnnealedRun": "annealing",
    "AnnealingBudget": "annealing_curve",
    "BoltzmannMachine": "machine",
    "ContrastiveGap": "contrastive",
    "ExactAnnealing": "annealing_exact",
    "FeedForward": "feedforward",
    "GibbsRun": "boltzmann_relaxation",
    "Hopfield": "associative",
    "Means": "machine",
    "ParameterPath": "annealing_path",
    "RbmTraining": "contrastive_training",
    "Recall": "recall",
    "RetrievalCurve": "loads",
    "StoragePrice": "storing",
    "anneal": "annealing",
    "annealed_importance": "annealing_importance",
    "annealing_budget": "annealing_curve",
    "committee": "feedforward",
    "contrastive_gap": "contrastive",
    "exact_annealing": "annealing_exact",
    "flip_process": "boltzmann_tables",
    "gibbs_sweeps": "boltzmann_relaxation",
    "hopfield": "associative",
    "independent_units": "annealing_importance",
    "multilayer": "feedforward",
    "perceptron": "feedforward",
    "random_patterns": "couplings",
    "rbm": "machine",
    "recall_course": "mean_field",
    "retrieval_curve": "loads",
    "retrieval_overlap": "mean_field",
    "storage_capacity": "mean_field",
    "storage_price": "storing",
    "straight_path": "annealing_path",
    "sweep_matrix": "boltzmann_tables",
    "train_rbm": "contrastive_training",
}
"""Loaded when first used: each brings compiled kernels of its own."""

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

if TYPE_CHECKING:
    from .annealing import AnnealedRun as AnnealedRun
    from .annealing import anneal as anneal
    from .annealing_curve import AnnealingBudget as AnnealingBudget
    from .annealing_curve import annealing_budget as annealing_budget
    from .annealing_exact import ExactAnnealing as ExactAnnealing
    from .annealing_exact import exact_annealing as exact_annealing
    from .annealing_importance import AnnealedImportance as AnnealedImportance
    from .annealing_importance import annealed_importance as annealed_importance
    from .annealing_importance import independent_units as independent_units
    from .annealing_path import ParameterPath as ParameterPath
    from .annealing_path import straight_path as straight_path
    from .associative import Hopfield as Hopfield
    from .associative import hopfield as hopfield
    from .boltzmann_relaxation import GibbsRun as GibbsRun
    from .boltzmann_relaxation import gibbs_sweeps as gibbs_sweeps
    from .boltzmann_tables import flip_process as flip_process
    from .boltzmann_tables import sweep_matrix as sweep_matrix
    from .contrastive import ContrastiveGap as ContrastiveGap
    from .contrastive import contrastive_gap as contrastive_gap
    from .contrastive_training import RbmTraining as RbmTraining
    from .contrastive_training import train_rbm as train_rbm
    from .couplings import random_patterns as random_patterns
    from .feedforward import FeedForward as FeedForward
    from .feedforward import committee as committee
    from .feedforward import multilayer as multilayer
    from .feedforward import perceptron as perceptron
    from .loads import RetrievalCurve as RetrievalCurve
    from .loads import retrieval_curve as retrieval_curve
    from .machine import BoltzmannMachine as BoltzmannMachine
    from .machine import Means as Means
    from .machine import rbm as rbm
    from .mean_field import recall_course as recall_course
    from .mean_field import retrieval_overlap as retrieval_overlap
    from .mean_field import storage_capacity as storage_capacity
    from .recall import Recall as Recall
    from .storing import StoragePrice as StoragePrice
    from .storing import storage_price as storage_price


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
