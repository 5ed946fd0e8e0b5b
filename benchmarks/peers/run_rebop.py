"""rebop: one particle on a network of first-order reactions."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from clock import cpu_seconds
from serve import serve


def load() -> tuple[str, Any]:
    import rebop

    made: dict[str, Any] = {}

    def run(name: str, reactions: list[tuple[int, int, float]], duration: float, looks: int, seed: int) -> Any:
        if name not in made:
            made[name] = rebop.Gillespie()
            for source, target, rate in reactions:
                made[name].add_reaction(rate, [f"S{source}"], [f"S{target}"])
        start = cpu_seconds()
        found = made[name].run({"S0": 1}, tmax=duration, nb_steps=looks, rng=seed, sparse=True)
        seconds = cpu_seconds() - start
        species = [f"S{x}" for x in range(1 + max(source for source, _, _ in reactions))]
        return {"seconds": seconds, "visits": [int(found[s][1:].sum()) for s in species]}

    return version("rebop"), run


serve(load)
