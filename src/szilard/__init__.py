"""Szilard: what it costs, thermodynamically, for a neural network to learn.

The catalogue of the library: ``import szilard as sz``. Everything is loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "BoundCheck": "check",
    "Budget": "learning.decomposition",
    "Channel": "discrete",
    "Estimate": "estimate",
    "Gaussian": "continuous",
    "InputError": "errors",
    "JumpProcess": "discrete",
    "Langevin": "continuous",
    "LearningRun": "learning.outcome",
    "Ledger": "ledger",
    "Protocol": "protocol",
    "Rule": "learning.rule",
    "Study": "study",
    "Task": "learning.tasks",
    "budget": "learning.decomposition",
    "cycle_affinities": "discrete",
    "detailed_balance": "discrete",
    "energetics": "verbs",
    "entropy_production_rate": "verbs",
    "load": "study",
    "propagate": "verbs",
    "ramp": "protocol",
    "run_study": "study",
    "scgf": "discrete",
    "simulate": "verbs",
    "stationary": "verbs",
    "train": "learning.training",
    "write_report": "reporting",
}
_ROOMS = {
    "continuous": "continuous",
    "data": "data",
    "discrete": "discrete",
    "infer": "infer",
    "information": "information",
    "laws": "laws",
    "networks": "networks",
    "rules": "learning.rules",
    "systems": "systems",
    "tasks": "learning.tasks",
    "theory": "theory",
}
_ASIDE = ("estimate", "plotting", "questions", "study")
"""Rooms that are seldom entered by hand: found, but not listed."""
__all__ = [
    "BoundCheck",
    "Budget",
    "Channel",
    "Estimate",
    "Gaussian",
    "InputError",
    "JumpProcess",
    "Langevin",
    "LearningRun",
    "Ledger",
    "Protocol",
    "Rule",
    "Study",
    "Task",
    "__version__",
    "budget",
    "continuous",
    "cycle_affinities",
    "data",
    "detailed_balance",
    "discrete",
    "energetics",
    "entropy_production_rate",
    "infer",
    "information",
    "laws",
    "load",
    "networks",
    "propagate",
    "ramp",
    "rules",
    "run_study",
    "scgf",
    "simulate",
    "stationary",
    "systems",
    "tasks",
    "theory",
    "train",
    "write_report",
]

if TYPE_CHECKING:
    from . import continuous as continuous
    from . import data as data
    from . import discrete as discrete
    from . import infer as infer
    from . import information as information
    from . import laws as laws
    from . import networks as networks
    from . import systems as systems
    from . import theory as theory
    from .check import BoundCheck as BoundCheck
    from .continuous import Gaussian as Gaussian
    from .continuous import Langevin as Langevin
    from .discrete import Channel as Channel
    from .discrete import JumpProcess as JumpProcess
    from .discrete import cycle_affinities as cycle_affinities
    from .discrete import detailed_balance as detailed_balance
    from .discrete import scgf as scgf
    from .errors import InputError as InputError
    from .estimate import Estimate as Estimate
    from .learning import rules as rules
    from .learning import tasks as tasks
    from .learning.decomposition import Budget as Budget
    from .learning.decomposition import budget as budget
    from .learning.outcome import LearningRun as LearningRun
    from .learning.rule import Rule as Rule
    from .learning.tasks import Task as Task
    from .learning.training import train as train
    from .ledger import Ledger as Ledger
    from .protocol import Protocol as Protocol
    from .protocol import ramp as ramp
    from .reporting import write_report as write_report
    from .study import Study as Study
    from .study import load as load
    from .study import run_study as run_study
    from .verbs import energetics as energetics
    from .verbs import entropy_production_rate as entropy_production_rate
    from .verbs import propagate as propagate
    from .verbs import simulate as simulate
    from .verbs import stationary as stationary


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    if name in _ROOMS or name in _ASIDE:
        return import_module(f"{__name__}.{_ROOMS.get(name, name)}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
