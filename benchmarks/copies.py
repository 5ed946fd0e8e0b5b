"""Copy numbers: molecules come at a constant rate and live for 1/death on average; nanoseconds per jump.

Made for the general network solvers, which count molecules as we count states; the stationary law is Poisson's.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np

import szilard as sz

from .jumps import Lockstep, Loop, Szilard
from .lockstep import Bare
from .networks import Network
from .peer import Peer
from .table import Absent, Agreement, Block, fastest

REPEATS = 3
CASES = ((3.0, 1.3, 20), (60.0, 1.0, 160))
"""Immigration, death, and the states kept: beyond them lies a probability below 1e-12."""
PEERS: dict[str, float | None] = {
    "NumPy lockstep": 2.5, "bare C loop": 0.4, "rebop": 5.0, "GillesPy2 C++": 20.0, "libRoadRunner": None,
}  # fmt: skip
ASKED = {"rebop": 2e6, "GillesPy2 C++": 1e6, "libRoadRunner": 1e6}
"""Jumps in one run of a peer that follows one trajectory."""
LOOKS, LIVES = 4000, 8.0
"""How often a peer's trajectory is looked at, and how many lifetimes apart."""


class Solver:
    """One trajectory of a peer's, from no molecule on."""

    def __init__(self, name: str, peer: Peer, immigration: float, death: float) -> None:
        self.name, self.peer, self.immigration, self.death = name, peer, immigration, death

    def ask(self, duration: float, looks: int) -> dict[str, Any]:
        rates = {"immigration": self.immigration, "death": self.death}
        if self.name == "libRoadRunner":
            return self.peer.ask(kind="copies", trajectories=1, duration=duration, looks=looks, seed=4, **rates)
        reactions = [(None, 0, self.immigration), (0, None, self.death)]
        told = {"name": f"copies {self.immigration} {self.death}", "reactions": reactions, "first": 0}
        return self.peer.ask(**told, duration=duration, looks=looks, seed=4)

    def __call__(self) -> float:
        """Seconds per jump; coming and going are equally frequent."""
        jumps = ASKED[self.name]
        return float(self.ask(jumps / (2.0 * self.immigration), 1)["seconds"]) / jumps

    def z(self) -> float:
        """Of the mean number found, against Poisson's, which is also its variance."""
        found = self.ask(LOOKS * LIVES / self.death, LOOKS)
        seen = sum(found["upper"] if self.name == "libRoadRunner" else found["visits"])
        mean = self.immigration / self.death
        return float(seen / LOOKS - mean) / sqrt(mean / LOOKS)


def measure() -> Block:
    block = Block("Copy numbers, immigration and death, one thread, time per jump, heat booked by szilard, NumPy and C")
    bare = Bare()
    with Peer("rebop") as rebop, Peer("gillespy2") as gillespy2, Peer("roadrunner") as roadrunner:
        peers = {"rebop": rebop, "GillesPy2 C++": gillespy2, "libRoadRunner": roadrunner}
        for immigration, death, size in CASES:
            network = Network.of(sz.systems.immigration_death(immigration, death, size))
            name, mean = f"{immigration / death:.3g} molecules", immigration / death
            ours, numpy, loop = Szilard(network), Lockstep(network), Loop(network, bare)
            jobs: dict[str, Callable[[], float]] = {"szilard": ours, "NumPy lockstep": numpy, "bare C loop": loop}
            solvers = {who: Solver(who, peer, immigration, death) for who, peer in peers.items()}
            best = fastest(jobs | solvers, REPEATS)
            block.compare(name, "ns", best, PEERS, 1e9)
            seen = np.asarray(ours.run.final)
            z = float((seen.mean() - mean) / np.sqrt(mean / seen.size))
            block.agreements.append(Agreement("szilard", f"{name}, mean against Poisson's", z))
            for who, solver in solvers.items():
                if not isinstance(best[who], Absent):
                    block.agreements.append(Agreement(who, f"{name}, mean against Poisson's", solver.z()))
        versions = [f"{who} {peer.version}" for who, peer in peers.items() if peer.version]
        block.notes.append(f"Peers: {', '.join(versions) or 'none'}. Those that follow one trajectory keep no books.")
    return block
