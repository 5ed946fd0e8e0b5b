"""Studies: many training runs from one file, kept in one directory that survives interruption, and what they tell."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOME = {
    "BUILTIN": "spec",
    "Difference": "difference",
    "Exponents": "power_groups",
    "Match": "matching",
    "Plan": "plan",
    "PowerFit": "power_law",
    "Screen": "rank_screen",
    "SobolIndices": "sobol_indices",
    "Status": "status",
    "Study": "spec",
    "TEMPLATES": "spec",
    "compare_results": "difference",
    "connected": "cluster_existing",
    "exponents": "power_groups",
    "load": "loading",
    "local_cluster": "cluster_local",
    "matched": "matching",
    "plan_of": "plan",
    "power_fit": "power_law",
    "run_study": "engine",
    "screen": "rank_screen",
    "slurm_cluster": "cluster_slurm",
    "slurm_script": "cluster_slurm",
    "sobol": "sobol_indices",
    "status_of": "status",
    "template_text": "spec",
}
"""Loaded when first used: running a study needs no Dask, and writing its file nothing that runs it."""

__all__ = [
    "BUILTIN",
    "TEMPLATES",
    "Difference",
    "Exponents",
    "Match",
    "Plan",
    "PowerFit",
    "Screen",
    "SobolIndices",
    "Status",
    "Study",
    "compare_results",
    "connected",
    "exponents",
    "load",
    "local_cluster",
    "matched",
    "plan_of",
    "power_fit",
    "run_study",
    "screen",
    "slurm_cluster",
    "slurm_script",
    "sobol",
    "status_of",
    "template_text",
]

if TYPE_CHECKING:
    from .cluster_existing import connected as connected
    from .cluster_local import local_cluster as local_cluster
    from .cluster_slurm import slurm_cluster as slurm_cluster
    from .cluster_slurm import slurm_script as slurm_script
    from .difference import Difference as Difference
    from .difference import compare_results as compare_results
    from .engine import run_study as run_study
    from .loading import load as load
    from .matching import Match as Match
    from .matching import matched as matched
    from .plan import Plan as Plan
    from .plan import plan_of as plan_of
    from .power_groups import Exponents as Exponents
    from .power_groups import exponents as exponents
    from .power_law import PowerFit as PowerFit
    from .power_law import power_fit as power_fit
    from .rank_screen import Screen as Screen
    from .rank_screen import screen as screen
    from .sobol_indices import SobolIndices as SobolIndices
    from .sobol_indices import sobol as sobol
    from .spec import BUILTIN as BUILTIN
    from .spec import TEMPLATES as TEMPLATES
    from .spec import Study as Study
    from .spec import template_text as template_text
    from .status import Status as Status
    from .status import status_of as status_of


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
