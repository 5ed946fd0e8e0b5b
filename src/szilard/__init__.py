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
    "Estimate": "estimate",
    "InputError": "errors",
    "LearningRun": "learning.outcome",
    "Ledger": "ledger",
    "Protocol": "protocol",
    "Rule": "learning.rule",
    "Study": "study",
    "Task": "learning.tasks",
    "budget": "learning.decomposition",
    "load": "study",
    "ramp": "protocol",
    "run_study": "study",
    "train": "learning.training",
    "write_report": "reporting",
}
_ROOMS = {
    "data": "data",
    "information": "information",
    "laws": "laws",
    "rules": "learning.rules",
    "tasks": "learning.tasks",
    "theory": "theory",
}
__all__ = [
    "BoundCheck",
    "Budget",
    "Estimate",
    "InputError",
    "LearningRun",
    "Ledger",
    "Protocol",
    "Rule",
    "Study",
    "Task",
    "__version__",
    "budget",
    "data",
    "information",
    "laws",
    "load",
    "ramp",
    "rules",
    "run_study",
    "tasks",
    "theory",
    "train",
    "write_report",
]

if TYPE_CHECKING:
    from . import data as data
    from . import information as information
    from . import laws as laws
    from . import theory as theory
    from .check import BoundCheck as BoundCheck
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


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    if name in _ROOMS:
        return import_module(f"{__name__}.{_ROOMS[name]}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
