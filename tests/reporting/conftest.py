"""Small real studies, each run once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from szilard.study import Study, run_study

HEAD = """
name = {name}
seed = 5
replicas = 200

[task]
source = "digits"
patterns = 3
held_out = 20

[training]
readout = "sign"
duration = 1.0
dt = 0.05
"""
WHOLE = """
[[grid]]
rule = ["hebbian", "perceptron"]
learning_rate = [1.0, 2.0, 4.0]
schedule = ["quench", "ramp:1"]

[[grid]]
labelling = ["teacher", "true"]
rule = ["hebbian", "perceptron"]
"""

MakeStudy = Callable[..., Path]


@pytest.fixture(scope="session")
def make_study(tmp_path_factory: pytest.TempPathFactory) -> MakeStudy:
    """make_study(grids, name=TOML string) runs a study of three digits and returns its directory."""

    def make(grids: str, name: str = '"small"') -> Path:
        out = tmp_path_factory.mktemp("study") / "out"
        run_study(Study(HEAD.format(name=name) + grids), out)
        return out

    return make


@pytest.fixture(scope="session")
def whole(make_study: MakeStudy) -> Path:
    """Two rules at two rates, quench and ramp; a teacher and the true labels besides."""
    return make_study(WHOLE, name='"<script>alert(1)</script> & $x"')
