"""Jumps at rates that move: two states, e^(-t/2) up and e^(t/2) down, which is an energy gap that grows as t."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

import szilard as sz

from .peer import Peer
from .peers.clock import cpu_seconds
from .table import Absent, Agreement, Block, fastest

DURATION, LOOKS = 3.0, 3
REPEATS = 3
OURS, THEIRS, QUANTUM = 1_000_000, 10_000, 4000
ACCURATE = 100_000
"""Trajectories of libRoadRunner for its z: enough to see a bias of one per cent."""
RULES = ("kinetic laws", "assignment rules")


def exact() -> tuple[NDArray[np.float64], float]:
    """p of the upper state at t = 1, 2, 3 and the mean number of jumps: dp/dt = e^(-t/2) (1 - p) - e^(t/2) p."""

    def flow(t: float, y: NDArray[np.float64]) -> list[float]:
        up, down = np.exp(-t / 2.0) * (1.0 - y[0]), np.exp(t / 2.0) * y[0]
        return [up - down, up + down]

    found = solve_ivp(flow, (0.0, DURATION), [0.0, 0.0], "DOP853", [1.0, 2.0, 3.0], rtol=1e-12, atol=1e-13)
    return found.y[0], float(found.y[1, -1])


class Szilard:
    """The job on our side; keeps the last run."""

    def __init__(self) -> None:
        self.process = sz.JumpProcess(lambda gap: [0.0, gap], sz.Channel([[0.0, 1.0], [1.0, 0.0]]))
        self.protocol = sz.Protocol([0.0, DURATION], [0.0, DURATION])
        self.run: Any = None

    def __call__(self) -> float:
        start = cpu_seconds()
        self.run = sz.simulate(
            self.process, 0, DURATION, protocol=self.protocol, times=[1.0, 2.0, 3.0],
            replicas=OURS, seed=1, entropy=False, threads=1,
        )  # fmt: skip
        return (cpu_seconds() - start) / OURS


def per_trajectory(peer: Peer, trajectories: int, **request: Any) -> float:
    answer = peer.ask(trajectories=trajectories, duration=DURATION, looks=LOOKS, seed=2, **request)
    return float(answer["seconds"]) / trajectories


def measure() -> Block:
    block = Block("Jumps under lambda(t): driven two-level system, start below, duration 3, looked at 3 times")
    ours = Szilard()
    with Peer("roadrunner") as roadrunner, Peer("qutip") as qutip:
        jobs: dict[str, Callable[[], float]] = {
            "szilard": ours,
            "libRoadRunner": partial(per_trajectory, roadrunner, THEIRS, kind=RULES[0]),
            "its calls alone": partial(per_trajectory, roadrunner, THEIRS, kind="nothing"),
            "QuTiP mcsolve": partial(per_trajectory, qutip, QUANTUM // 4),
        }
        best = fastest(jobs, REPEATS)
        calls = best.pop("its calls alone")
        block.compare("trajectory", "us", best, {"libRoadRunner": 10.0, "QuTiP mcsolve": None}, 1e6)
        whole, own = best["libRoadRunner"], best["szilard"]
        if not (isinstance(calls, Absent) or isinstance(whole, Absent) or isinstance(own, Absent)):
            told = f"{1e6 * calls:.1f} us of libRoadRunner's are its calls from Python with no jump made"
            block.notes.append(f"{told}; without them the ratio is {(whole - calls) / own:.3g}")
        _compare(block, ours, roadrunner, qutip)
        versions = [f"{p.name} {p.version}" for p in (roadrunner, qutip) if p.version]
        block.notes.append(f"Peers: {', '.join(versions) or 'none'}")
    return block


def _compare(block: Block, ours: Szilard, roadrunner: Peer, qutip: Peer) -> None:
    p, jumps = exact()

    def occupied(who: str, found: Any, n: int, how: str = "") -> None:
        for t, seen, right in zip((1, 2, 3), found, p, strict=True):
            z = float((seen - right) / np.sqrt(right * (1.0 - right) / n))
            block.agreements.append(Agreement(who, f"{how}p_B({t}) = {seen:.5f}, exact {right:.5f}", z))

    occupied("szilard", (ours.run.states == 1).mean(axis=0), OURS)
    made = ours.run.activity
    z = float((made.mean() - jumps) / (made.std(ddof=1) / np.sqrt(OURS)))
    block.agreements.append(Agreement("szilard", f"jumps {made.mean():.4f}, exact {jumps:.4f}", z))
    for kind in RULES:
        try:
            answer = roadrunner.ask(kind=kind, trajectories=ACCURATE, duration=DURATION, looks=LOOKS, seed=3)
        except Absent:
            break
        occupied("libRoadRunner", answer["upper"], ACCURATE, f"{kind}: ")
    try:
        answer = qutip.ask(trajectories=QUANTUM, duration=DURATION, looks=LOOKS, seed=3)
    except Absent:
        return
    occupied("QuTiP mcsolve", answer["upper"], QUANTUM)
    z = (answer["jumps"] - jumps) / answer["jumps_error"]
    block.agreements.append(Agreement("QuTiP mcsolve", f"jumps {answer['jumps']:.3f}, exact {jumps:.4f}", z))
