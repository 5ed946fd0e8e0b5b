"""Nanoseconds per weight and step with heat and work booked, for one learning synapse array after the other.

Every rule, in batch and online (patterns in order, 16 steps each), beside (a) the normal numbers alone, which no
sampler that moves every weight in every step can do without, (b) the same job in vectorised NumPy (SFC64), and (c)
diffrax on JAX, for one fixed set of labels and without books, which favours it. A rule is trained twice: as the library
chooses ("line", "span": only what the rule can reach is moved in every step), and with every weight moved ("steps").
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import szilard as sz

from .floor import noise, seconds
from .peer import Peer
from .table import Absent, Agreement, Block, fastest

REPEATS = 3
CASES = ((1, 1), (10, 5), (64, 12), (64, 128), (1000, 100), (10000, 100))
RULES = (sz.rules.hebbian, sz.rules.perceptron, sz.rules.adatron)
MODES = ("batch", "online")
DT, SUBSTEPS = 0.02, 16
SHOWN = {1: 120, 10000: 2}
USUAL = 24
"""Showings of a run, by the number of weights: one weight needs many, or its start is what is timed."""
WORK, PEERS_WORK, LEAST = 8e6, 2e6, 64
"""Weight steps of one run of ours and of a peer's, about, and the fewest replicas."""
ROOM = 8192
"""Weights in an array of NumPy's or JAX's at least, so that a call from Python costs little beside its work."""
FLOOR = 1 / 1.4
TARGETS: dict[str, float | None] = {"normals alone": FLOOR, "NumPy": 3.0, "diffrax": 6.0, "diffrax float32": None}
DIFFRAX = {"diffrax": "float64", "diffrax float32": "float32"}
SMALLEST = 10
"""Weights from which on there are targets."""
FOLLOWED = (10, 64, 1000)
"""Numbers of weights that diffrax is asked for."""
LARGEST = 31 << 20
"""Bytes which, once freed, keep glibc from handing NumPy's arrays back to the system between any two steps."""
Array = NDArray[np.float64]


def steps_of(n: int) -> int:
    return SUBSTEPS * SHOWN.get(n, USUAL)


def replicas_of(n: int, work: float) -> int:
    """A multiple of 64."""
    steps = steps_of(n)
    return LEAST * max(1, round(work / (n * steps * LEAST)))


def responded(rule: str, w: Array, y: Array, inputs: Array) -> tuple[Array, Array]:
    """F(A, y) x and the loss, A = w.x, summed over the patterns that are shown."""
    field = w @ inputs.T
    wrong = y * field < 0
    if rule == "hebbian":
        amplitude, loss = y, -(y * field).sum(1)
    elif rule == "perceptron":
        amplitude, loss = np.where(wrong, y, 0.0), np.where(wrong, -y * field, 0.0).sum(1)
    else:
        amplitude, loss = np.where(wrong, -field, 0.0), np.where(wrong, 0.5 * field * field, 0.0).sum(1)
    return amplitude @ inputs, loss


class Numpy:
    """The same steps for all replicas at once: exact decay, potential-difference heat, work at every change."""

    def __init__(self, task: sz.Task, name: str, mode: str, replicas: int, steps: int) -> None:
        self.inputs = task.inputs / np.sqrt(task.n_inputs)
        self.name, self.mode, self.replicas, self.steps = name, mode, replicas, steps
        self.heat = np.zeros(0)

    def __call__(self) -> None:
        patterns, n = self.inputs.shape
        draw = np.random.Generator(np.random.SFC64(1))
        w = draw.standard_normal((self.replicas, n))
        y = np.where(draw.random((self.replicas, patterns)) < 0.5, -1.0, 1.0)
        decay, push, kick = np.exp(-DT), -np.expm1(-DT), np.sqrt(-np.expm1(-2.0 * DT))
        heat = np.zeros(self.replicas)
        online = self.mode == "online"
        rate = 1.0 / (SUBSTEPS * DT) if online else 1.0
        shown, labels = self.inputs, y
        force, loss = responded(self.name, w, labels, shown)
        for step in range(self.steps):
            if online and step % SUBSTEPS == 0:
                mu = step // SUBSTEPS % patterns
                shown, labels = self.inputs[mu : mu + 1], y[:, mu : mu + 1]
                force, loss = responded(self.name, w, labels, shown)
            moved = decay * w + push * rate * force + kick * draw.standard_normal(w.shape)
            force, new_loss = responded(self.name, moved, labels, shown)
            heat += 0.5 * ((w - moved) * (w + moved)).sum(1) + rate * (loss - new_loss)
            w, loss = moved, new_loss
        self.heat = heat


class Szilard:
    """The job on our side; keeps the last run."""

    def __init__(self, task: sz.Task, rule: sz.Rule, mode: str, replicas: int, steps: int, method: Any) -> None:
        dwell = SUBSTEPS * DT if mode == "online" else None
        train: Any = sz.train
        self.job = partial(
            train, task, rule, learning_rate=1.0, duration=steps * DT, dt=DT, replicas=replicas, seed=1,
            threads=1, mode=mode, dwell=dwell, method=method,
        )  # fmt: skip
        self.run: Any = None

    def __call__(self) -> None:
        self.run = self.job()

    @property
    def heat(self) -> Array:
        return np.asarray(self.run.ledger.heat[:, 0])


class Diffrax:
    """Batch learning of one set of labels; checks its mean projection on the Hebbian force by the end."""

    def __init__(self, peer: Peer, task: sz.Task, rule: str, dtype: str, replicas: int) -> None:
        x = task.inputs / np.sqrt(task.n_inputs)
        labels = np.where(np.arange(task.n_patterns) % 3 < 1, -1.0, 1.0)
        self.push = labels @ x
        self.steps = steps_of(task.n_inputs)
        self.count = task.n_inputs * replicas * self.steps
        self.job = partial(
            peer.ask, job="learn", arrays={"inputs": x.tolist(), "labels": labels.tolist()}, seed=1, rule=rule,
            replicas=replicas, steps=self.steps, dt=DT, dtype=dtype, along=self.push.tolist(),
        )  # fmt: skip
        self.answer: dict[str, float] = {}

    def __call__(self) -> float:
        self.answer = self.job()
        return self.answer["seconds"] / self.count

    @property
    def z(self) -> float:
        """Hebbian only: <w> = push (1 - (1 - dt)^steps) by Euler's own steps."""
        mean = float(self.push @ self.push) * (1.0 - (1.0 - DT) ** self.steps)
        return (self.answer["mean"] - mean) / self.answer["stderr"]


def difference(a: Array, b: Array) -> float:
    """z of <a> - <b>."""
    return float((a.mean() - b.mean()) / np.sqrt(a.var(ddof=1) / a.size + b.var(ddof=1) / b.size))


def add(block: Block, rule: sz.Rule, mode: str, n: int, p: int, peer: Peer) -> None:
    """Rows of one rule in one mode on one task."""
    steps, replicas = steps_of(n), replicas_of(n, WORK)
    fewer = replicas_of(n, max(PEERS_WORK, ROOM * steps))
    task: Any = sz.tasks.random_labels(n, p, seed=1)
    chosen, plain = (Szilard(task, rule, mode, replicas, steps, method) for method in (None, "steps"))
    numpy = Numpy(task, rule.name, mode, fewer, steps)
    whole = n * replicas * steps
    jobs: dict[str, Callable[[], float]] = {
        "szilard": lambda: seconds(chosen) / whole,
        "steps": lambda: seconds(plain) / whole,
        "normals alone": lambda: seconds(partial(noise, whole)) / whole,
        "NumPy": lambda: seconds(numpy) / (n * fewer * steps),
    }
    followers: dict[str, Diffrax] = {}
    if mode == "batch" and n in FOLLOWED:
        for name, dtype in DIFFRAX.items():
            followers[name] = Diffrax(peer, task, rule.name, dtype, fewer)
    best = fastest(jobs | followers, REPEATS)
    told = f"{rule.name}, {mode}, N = {n}, P = {p}"
    targets = {name: target for name, target in TARGETS.items() if name in best}
    if n < SMALLEST:
        targets = dict.fromkeys(targets)
    block.compare(f"{told}: {chosen.run.path}", "ns", best, targets, 1e9)
    heat = f"{told}, <Q> as chosen against every weight moved"
    if chosen.run.path != "steps":
        block.compare(f"{told}: steps", "ns", {"steps": best["steps"], **best}, dict.fromkeys(targets), 1e9)
        other = Szilard(task, rule, mode, fewer, steps, None)
        other.job = partial(other.job, seed=2)
        other()
        block.agreements.append(Agreement("szilard", heat, difference(other.heat, plain.heat)))
    block.agreements.append(Agreement("NumPy", f"{told}, <Q> against szilard's", difference(numpy.heat, plain.heat)))
    for name, follower in followers.items():
        if rule.name == "hebbian" and not isinstance(best[name], Absent):
            block.agreements.append(Agreement(name, f"{told}, <w> against its own exact mean", follower.z))


def measure() -> Block:
    np.ones(LARGEST // 8)
    block = Block("Langevin learning, one thread, time per weight and step, heat and work booked")
    with Peer("diffrax") as peer:
        for n, p in CASES:
            for rule in RULES:
                for mode in MODES:
                    add(block, rule, mode, n, p, peer)
        told = f"diffrax {peer.version} (one set of labels, no books)" if peer.version else "none"
    block.notes.append(f"Within 1.4x of the normal numbers alone is a ratio >= {FLOOR:.2f}.")
    block.notes.append(
        "line, span: steps move the coordinates that the rule can reach, and one move the rest; the time is still "
        "per weight and step of the run. steps: every weight is moved in every step. Targets are for what is chosen."
    )
    block.notes.append(f"Peers: {told}, NumPy {np.__version__}")
    return block
