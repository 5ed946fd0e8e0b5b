"""Studies: many training runs from one file, kept in one store that survives interruption."""

from .engine import run_study as run_study
from .loading import load as load
from .matching import Match as Match
from .matching import matched as matched
from .spec import BUILTIN as BUILTIN
from .spec import TEMPLATE as TEMPLATE
from .spec import Study as Study
