"""GillesPy2's compiled direct method: first-order reactions between species, None is outside."""

from __future__ import annotations

import os
import sysconfig
from importlib.metadata import version
from typing import Any

from clock import cpu_seconds
from serve import serve

# its build step starts the base interpreter, which does not see this environment
os.environ["PYTHONPATH"] = sysconfig.get_path("purelib")


def load() -> tuple[str, Any]:
    import gillespy2
    import numpy as np

    made: dict[str, Any] = {}

    def build(reactions: list[Any], first: int) -> Any:
        model = gillespy2.Model(name="network")
        n = 1 + max(source for source, _, _ in reactions if source is not None)
        species = [gillespy2.Species(name=f"S{x}", initial_value=first * (x == 0), mode="discrete") for x in range(n)]

        def side(x: int | None) -> dict[Any, int]:
            return {} if x is None else {species[x]: 1}

        model.add_species(species)
        for i, (source, target, rate) in enumerate(reactions):
            constant = gillespy2.Parameter(name=f"k{i}", expression=repr(rate))
            model.add_parameter(constant)
            model.add_reaction(
                gillespy2.Reaction(name=f"r{i}", reactants=side(source), products=side(target), rate=constant)
            )
        model.timespan(gillespy2.TimeSpan(np.linspace(0.0, 1.0, 2)))
        return gillespy2.SSACSolver(model=model)

    def run(name: str, reactions: list[Any], duration: float, looks: int, seed: int, first: int = 1) -> Any:
        if name not in made:
            made[name] = build(reactions, first)
        solver = made[name]
        solver.model.timespan(gillespy2.TimeSpan(np.linspace(0.0, duration, looks + 1)))
        start = cpu_seconds()
        found = solver.run(number_of_trajectories=1, seed=seed)
        seconds = cpu_seconds() - start
        return {"seconds": seconds, "visits": [int(found[s][1:].sum()) for s in solver.model.listOfSpecies]}

    return version("gillespy2"), run


serve(load)
