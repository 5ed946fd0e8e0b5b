"""libRoadRunner's gillespie: two states whose rates move in time, e^(-t/2) up and e^(t/2) down; and copy numbers."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from clock import cpu_seconds
from serve import serve

MODELS = {
    "kinetic laws": "J0: A -> B; A * exp(-time / 2); J1: B -> A; B * exp(time / 2);",
    "assignment rules": "J0: A -> B; A * up; J1: B -> A; B * down; up := exp(-time / 2); down := exp(time / 2);",
    "copies": "J0: -> B; {immigration}; J1: B -> ; {death} * B;",
    "nothing": "J0: A -> B; A * 1e-9; J1: B -> A; B * 1e-9;",
}


def load() -> tuple[str, Any]:
    import antimony
    import numpy as np
    import roadrunner

    made: dict[tuple[object, ...], Any] = {}

    def model(kind: str, rates: dict[str, float]) -> Any:
        antimony.loadAntimonyString(f"model two; species A = 1, B = 0; {MODELS[kind].format(**rates)} end")
        found = roadrunner.RoadRunner(antimony.getSBMLString(antimony.getMainModuleName()))
        found.setIntegrator("gillespie")
        found.integrator.variable_step_size = False
        found.timeCourseSelections = ["time", "B"]
        return found

    def run(kind: str, trajectories: int, duration: float, looks: int, seed: int, **rates: float) -> Any:
        known = (kind, *rates.values())
        if known not in made:
            made[known] = model(kind, rates)
        two, upper = made[known], np.zeros(looks)
        two.integrator.seed = seed
        start = cpu_seconds()
        for _ in range(trajectories):
            two.reset()
            upper += np.asarray(two.simulate(0.0, duration, looks + 1))[1:, 1]
        return {"seconds": cpu_seconds() - start, "upper": (upper / trajectories).tolist()}

    return version("libroadrunner"), run


serve(load)
