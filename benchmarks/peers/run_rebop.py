"""rebop: first-order reactions between species; None is where molecules come from and go to."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from clock import cpu_seconds
from serve import serve


def load() -> tuple[str, Any]:
    import rebop

    made: dict[str, Any] = {}

    def side(species: int | None) -> list[str]:
        return [] if species is None else [f"S{species}"]

    def run(name: str, reactions: list[Any], duration: float, looks: int, seed: int, first: int = 1) -> Any:
        if name not in made:
            made[name] = rebop.Gillespie()
            for source, target, rate in reactions:
                made[name].add_reaction(rate, side(source), side(target))
        start = cpu_seconds()
        found = made[name].run({"S0": first}, tmax=duration, nb_steps=looks, rng=seed, sparse=True)
        seconds = cpu_seconds() - start
        species = [f"S{x}" for x in range(1 + max(source for source, _, _ in reactions if source is not None))]
        return {"seconds": seconds, "visits": [int(found[s][1:].sum()) for s in species]}

    return version("rebop"), run


serve(load)
