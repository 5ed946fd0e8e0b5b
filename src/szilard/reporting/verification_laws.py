"""Every law that applies, on every ready-made system, each away from symmetry: unequal energies, T other than 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import networkx as nx
import numpy as np

from .. import systems
from ..check import BoundCheck
from ..continuous import Langevin
from ..discrete import JumpProcess
from ..protocol import Protocol, ramp
from ..verbs import simulate

T, MU = 1.3, 1.9
HOT_AND_COLD = {"hot": T, "cold": 0.6}
PULL = Protocol((0.0, 0.8), (0.0, 1.1))


@dataclass(frozen=True)
class Setting:
    """One system, where it starts, how long it runs, under which protocol, and how its steps are made."""

    name: str
    process: JumpProcess | Langevin
    initial: Any
    duration: float
    protocol: Protocol | None = None
    dt: float | None = None
    method: str | None = None
    record: Literal["ledger", "paths"] = "ledger"


def settings() -> Iterator[Setting]:
    """All ready-made systems; the last is in equilibrium, where nothing happens."""
    graph = nx.Graph([("a", "b", {"attempt": 0.7}), ("b", "c", {"attempt": 1.9}), ("c", "a", {"attempt": 0.4})])
    reactions = [systems.Reaction("0 <-> A", 2.0, 0.7), systems.Reaction("2 A <-> B", 0.3, 0.9)]
    network = systems.ReactionNetwork(reactions, limits={"A": 3, "B": 2}, temperature=0.8).process
    rates = [[0.0, 2.0, 0.3], [0.9, 0.0, 1.1], [0.7, 0.4, 0.0]]
    sites = [[0.0, 0.4, 0.9], [0.3, -0.2, 0.1]]
    for name, process in (
        ("driven ring", systems.ring([0.0, 0.5, 1.2], 2.0, attempt=[1.0, 0.4, 2.0], temperature=T)),
        ("ring, two baths", systems.ring([0.0, 0.5, 1.2, -0.3], 2.0, attempt=1.3, temperature=HOT_AND_COLD)),
        ("molecular motor", systems.molecular_motor(2.0, force=-0.7, gap=0.4, temperature=0.8)),
        ("quantum dot", systems.quantum_dot(0.3, (0.9, 0.7), (-0.2, 1.6), coupling=(1.2, 0.6))),
        ("lattice", systems.lattice((2, 3), sites, force=(0.0, 0.7), periodic=(False, True), temperature=0.8)),
        ("ladder", systems.ladder(4, 0.6, temperature=HOT_AND_COLD)),
        ("sensor", systems.sensor(2.0, environment=(0.3, 0.5), temperature=T)),
        ("from_rates", systems.from_rates(rates, temperature=0.7)),
        ("from_graph", systems.from_graph(graph, drive={("a", "b"): 0.6}, temperature=1.4)),
    ):
        yield Setting(name, process, "stationary", 1.0)
    for name, process in (
        ("landscape", systems.landscape(6, 0.8, seed=3, temperature=1.4)),
        ("colloid", systems.colloid_double_well(1.2, 0.4, sites=7, temperature=0.9)),
        ("Ising ring", systems.ising_ring(3, 0.5, 0.3, attempt=[1.0, 0.4, 1.7], temperature=T)),
        ("magnet", systems.magnet(4, 0.6, 0.4, temperature=1.2)),
        ("immigration and death", systems.immigration_death(1.5, 0.8, 5, temperature=T)),
        ("birth and death", systems.birth_death([1.2, 0.7, 0.4], [0.5, 1.1, 1.9], 4, temperature=T)),
        ("dimerisation", systems.dimerisation(0.6, 1.3, 6, temperature=T).process),
        ("reactions", network),
    ):
        start = np.arange(1.0, process.n_states + 1.0)
        yield Setting(f"{name}, relaxing", process, start / start.sum(), 0.9)
    yield Setting("two levels, raised", systems.two_level(temperature=T), "equilibrium", 2.0, Protocol((0, 2), (0, 2)))
    pushed = JumpProcess(
        lambda c: [0.0, c, 1.2, -0.3], systems.ring(np.zeros(4), 1.5, temperature=HOT_AND_COLD).channels
    )
    yield Setting("ring, pushed and moved", pushed, "stationary", 0.8, PULL, record="paths")
    yield from continuous_settings()
    yield Setting("ring at rest", systems.ring([0.0, 0.5, 1.2], 0.0, temperature=T), "stationary", 1.0)


def continuous_settings() -> Iterator[Setting]:
    """Langevin processes: linear ones with Heun's steps, potentials with metropolised ones."""
    drift, noise = np.array([[2.0, 0.8], [-0.9, 1.0]]), np.array([[0.9, 0.2], [0.2, 0.5]])
    spun = systems.rotating_trap(1.3, -0.7, mobility=MU, temperature=T)
    baths = systems.gyrator(1.4, -0.9, (1.6, 0.6), mobility=(0.4, 1.9))
    slope = systems.tilted_ring(0.9, T, period=1.7, mobility=0.6, temperature=0.7)
    yield Setting("rotating trap", spun, "stationary", 0.4, None, 0.005)
    yield Setting("linear drift", systems.linear(drift, noise, temperature=T), "stationary", 0.4, None, 0.005)
    yield Setting("gyrator", baths, "stationary", 1.5, None, 0.005)
    yield Setting("tilted ring", slope, "stationary", 2.0, None, 0.002)
    yield Setting("moved trap", systems.moved_trap(1.7, mobility=0.6, temperature=T), "equilibrium", 0.8, PULL, 0.02)
    stiff = Protocol((0.0, 0.0, 0.8), (0.9, 2.0, 2.0))
    trap = systems.stiffened_trap(mobility=0.6, temperature=T)
    yield Setting("stiffened trap", trap, "equilibrium", 0.8, stiff, 0.05)
    well = systems.double_well(1.6, None, well=0.8, mobility=0.6, temperature=0.7)
    yield Setting("double well, tilted", well, "equilibrium", 0.8, PULL, 0.01, "metropolis")
    bit = systems.bit_memory(2.6, 1.8, well=0.8, mobility=0.6, temperature=T)
    yield Setting("bit, erased", bit, "equilibrium", 1.0, ramp(1.0), 0.01, "metropolis")


def law_rows(seed: int, replicas: int) -> Iterator[BoundCheck]:
    """ "System: law" for each law that a run of each system can speak of, the backward run included."""
    for s in settings():
        run = simulate(
            s.process, s.initial, s.duration, replicas=replicas, seed=seed, protocol=s.protocol, dt=s.dt,
            method=s.method, record=s.record, cell=s.name,
        )  # fmt: skip
        for check in run.laws():
            yield replace(check, name=f"{s.name}: {check.name}")
