"""Jumps at rates that do not move: nanoseconds per jump with heat, work and entropy flow booked per trajectory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import szilard as sz

from .lockstep import LANES, Bare, in_numpy
from .networks import Network, dense, ring
from .peer import Peer
from .peers.clock import cpu_seconds
from .table import Absent, Agreement, Block, fastest

CASES = (("ring", ring, 2), ("ring", ring, 10), ("ring", ring, 100), ("ring", ring, 1000)) + (
    ("dense", dense, 10), ("dense", dense, 100), ("dense", dense, 1000),
)  # fmt: skip
REPEATS = 4
JUMPS, REPLICAS = 1.6e7, 8192
LANES_OF_NUMPY = 4096
PEERS: dict[str, float | None] = {"NumPy lockstep": 2.5, "bare C loop": 0.4, "rebop": 5.0, "GillesPy2 C++": 20.0}
ASKED = {"rebop": {2: 8e6, 10: 4e6, 100: 6e5}, "GillesPy2 C++": {2: 2e6, 10: 1e6, 100: 1e5}}
"""Jumps in one run of a peer that follows one trajectory: long enough that its fixed cost per call is small."""
LOOKS, APART = 4000, 60.0
"""How often a peer's trajectory is looked at, and how many jumps apart: by then a ring of 10 has forgotten."""
NOTE = (
    "A bare C loop within 2.5x is a ratio >= 0.4. It makes a fixed number of jumps and looks at no clock; "
    "rebop and GillesPy2 keep no books and solve general networks."
)


class Szilard:
    """The job on our side; keeps the last run."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.duration = JUMPS / REPLICAS / network.activity
        self.run: Any = None

    def __call__(self) -> float:
        start = cpu_seconds()
        self.run = sz.simulate(
            self.network.process, self.network.stationary, self.duration,
            replicas=REPLICAS, seed=1, entropy=False, threads=1,
        )  # fmt: skip
        return (cpu_seconds() - start) / float(self.run.activity.sum())


class Lockstep:
    """The same job in NumPy, on as many lanes as suit it."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.duration = 0.25 * JUMPS / LANES_OF_NUMPY / network.activity
        self.flow = np.zeros(0)

    def __call__(self) -> float:
        start = cpu_seconds()
        (_, _, self.flow), jumps = in_numpy(self.network, LANES_OF_NUMPY, self.duration, seed=2)
        return (cpu_seconds() - start) / float(jumps.sum())


class Loop:
    """The bare loop in C."""

    def __init__(self, network: Network, bare: Bare) -> None:
        self.network, self.bare = network, bare
        self.flow, self.time = np.zeros(0), np.zeros(0)

    def __call__(self) -> float:
        blocks = 16
        jumps = int(JUMPS / (blocks * LANES))
        seconds, (self.time, _, _, self.flow) = self.bare.run(self.network, blocks, jumps, seed=3)
        return seconds / (blocks * LANES * jumps)


def network_solver(peer: Peer, name: str, network: Network, jumps: float) -> float:
    answer = peer.ask(
        name=name, reactions=network.reactions(), duration=jumps / network.activity, looks=1, seed=4
    )  # fmt: skip
    return float(answer["seconds"]) / jumps


def visits(peer: Peer, name: str, network: Network) -> float:
    """z of the mean energy where a peer's trajectory is found, against the exact one."""
    duration = LOOKS * APART / network.activity
    answer = peer.ask(name=name, reactions=network.reactions(), duration=duration, looks=LOOKS, seed=5)
    if sum(answer["visits"]) != LOOKS:
        raise Absent("did not report the times it was asked for")
    seen, energy, p = np.array(answer["visits"]), network.process.energies(), network.stationary
    mean = float(p @ energy)
    return float((seen @ energy / seen.sum() - mean) / np.sqrt(p @ (energy - mean) ** 2 / seen.sum()))


def measure() -> Block:
    block = Block("Jumps at constant rates, one thread, heat + work + entropy flow booked by szilard, NumPy and C")
    bare = Bare()
    with Peer("rebop") as rebop, Peer("gillespy2") as gillespy2:
        solvers = {"rebop": rebop, "GillesPy2 C++": gillespy2}
        for kind, make, n in CASES:
            network, name = Network.of(make(n)), f"{kind} of {n}"
            ours, numpy, loop = Szilard(network), Lockstep(network), Loop(network, bare)
            jobs: dict[str, Callable[[], float]] = {"szilard": ours, "NumPy lockstep": numpy, "bare C loop": loop}
            for label, peer in solvers.items():
                if kind == "ring" and n in ASKED[label]:
                    jobs[label] = partial(network_solver, peer, name, network, ASKED[label][n])
            best = fastest(jobs, REPEATS)
            block.compare(name, "ns", best, {p: target for p, target in PEERS.items() if p in jobs}, 1e9)
            _check(block, name, ours, numpy, loop)
            if kind == "ring" and n == 10:
                _look(block, name, network, solvers)
        block.notes.append(NOTE)
        versions = [f"{label} {peer.version}" for label, peer in solvers.items() if peer.version]
        block.notes.append(f"Peers: {', '.join(versions) or 'none'}, NumPy {np.__version__}")
    return block


def _check(block: Block, name: str, ours: Szilard, numpy: Lockstep, loop: Loop) -> None:
    network, what = ours.network, f"{name}, mean entropy flow against the exact entropy production"
    book = ours.run.ledger
    z = network.excess(ours.duration, (book.heat / book.temperatures).sum(axis=1))
    block.agreements.append(Agreement("szilard", what, z))
    block.agreements.append(Agreement("NumPy lockstep", what, network.excess(numpy.duration, numpy.flow)))
    if loop.flow.size:
        block.agreements.append(Agreement("bare C loop", what, network.excess(loop.time, loop.flow)))


def _look(block: Block, name: str, network: Network, solvers: dict[str, Peer]) -> None:
    for label, peer in solvers.items():
        try:
            z = visits(peer, name, network)
        except Absent:
            continue  # its rows say why
        block.agreements.append(Agreement(label, f"{name}, mean energy against the exact stationary state", z))
