"""A run seen at many times on its way: books, budget and the spread of one weight, by the library's own functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .._kernels.threads import each_block
from ..check import BoundCheck
from ..estimate import Estimate
from ..learning.decomposition import Budget, budget
from ..learning.outcome import LearningRun
from ..learning.replicas import Replicas
from ..learning.settings import Settings

Array = NDArray[np.float64]
FRAMES = 24
BINS = 44
NOTHING = Estimate.exact(0.0)


class SupersededError(Exception):
    """Nobody waits for this any more."""


@dataclass(frozen=True)
class Frame:
    """What the run shows at one time. density: (2, bin), of +-w_1 where label 1 is -1, and where it is +1.

    The sign is that of input 1 of pattern 1, so that the label +1 pushes to the right.

    Entropies and information in nats, heat and work in k_B T0, totals over all weights. budget: None until it is made.
    """

    time: float
    heat: Estimate
    work: Estimate
    entropy: Estimate
    cost: Estimate
    learned: Estimate
    density: Array
    budget: Budget | None = None


@dataclass(frozen=True)
class Scene:
    """A run's frames from time 0 on, with common bins (bin + 1,); law: the second law at the end, None: not covered."""

    settings: Settings
    edges: Array
    frames: tuple[Frame, ...]
    law: BoundCheck | None
    final: LearningRun

    @property
    def times(self) -> Array:
        """(frame,)."""
        return np.array([frame.time for frame in self.frames])

    @property
    def whole(self) -> bool:
        """Whether every frame has its budget."""
        return all(frame.budget is not None for frame in self.frames)

    def with_budget(self, index: int, found: Budget) -> Scene:
        """The same with the budget of one frame."""
        frames = list(self.frames)
        frames[index] = replace(frames[index], budget=found)
        return replace(self, frames=tuple(frames))


def stops(settings: Settings, frames: int = FRAMES) -> list[int]:
    """Steps after which to look: evenly spread over the run, the last one its end."""
    return [int(step) for step in np.unique(np.round(np.linspace(0, settings.steps, frames + 1)).astype(int))[1:]]


def walked(settings: Settings, steps: list[int], stale: Callable[[], bool]) -> Iterator[LearningRun]:
    """The run after each of these numbers of steps, bit by bit what ``train`` gives.

    Raises SupersededError soon after ``stale()`` has become true.
    """

    def still_wanted(_: float = 0.0) -> None:
        if stale():
            raise SupersededError

    state, done = Replicas(settings), 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        each_block(pool, state.prepare, state.blocks, state.halt)
        for stop in steps:

            def advance(block: int, first: int = done, last: int = stop) -> None:
                state.advance(block, first, last, still_wanted)

            each_block(pool, advance, state.blocks, state.halt)
            still_wanted()
            done = stop
            yield state.finish(done, pool)


def scene_by_scene(
    settings: Settings, stale: Callable[[], bool] = lambda: False, every: bool = True
) -> Iterator[Scene]:
    """The scene without budgets, then with that of the end, then with more and more; every: not only the whole one.

    Budgets of time 0 are nothing: a weight at rest has neither learned nor paid. Raises SupersededError when stale,
    and InputError where the run cannot be.
    """
    runs = list(walked(settings, stops(settings), stale))
    scene = _without_budgets(settings, runs)
    if every:
        yield scene
    for index in coarse_to_fine(len(runs)):
        if stale():
            raise SupersededError
        scene = scene.with_budget(index + 1, budget(runs[index]))
        if every or scene.whole:
            yield scene


def coarse_to_fine(count: int) -> list[int]:
    """0 ... count - 1, the last first, then the middle, the quarters, ...

    >>> coarse_to_fine(5)
    [4, 2, 1, 3, 0]
    """
    order, stride = [count - 1], 1 << max(0, (count - 1).bit_length() - 1)
    while stride:
        order += [i for i in range(stride, count, stride) if i not in order]
        stride //= 2
    return order + [i for i in range(count) if i not in order]


def direction(settings: Settings) -> float:
    """The sign of input 1 of pattern 1."""
    return -1.0 if settings.task.inputs[0, 0] < 0.0 else 1.0


def _without_budgets(settings: Settings, runs: list[LearningRun]) -> Scene:
    start = replace(settings, duration=settings.dt)
    state = Replicas(start)
    weights = np.concatenate([state.start(block)[0] for block in range(state.blocks)])[: settings.replicas]
    first = direction(settings) * weights
    reach = max(float(np.abs(w).max()) for w in (first, *(run.weights[:, 0] for run in runs)))
    edges = np.linspace(-reach, reach, BINS + 1)
    at_rest = Frame(
        0.0, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, _density(first, runs[0].labels[:, 0], edges), _free()
    )
    return Scene(settings, edges, (at_rest, *(_frame(run, edges) for run in runs)), runs[-1].second_law(), runs[-1])


def _frame(run: LearningRun, edges: Array) -> Frame:
    return Frame(
        run.settings.duration, run.heat, run.work, run.entropy, run.cost, run.information,
        _density(direction(run.settings) * run.weights[:, 0], run.labels[:, 0], edges),
    )  # fmt: skip


def _density(weights: Array, labels: NDArray[np.int8], edges: Array) -> Array:
    """p(w | label) of each label, on the bins; zero where no replica has that label."""
    width = edges[1] - edges[0]
    counts = np.array([np.histogram(weights[labels == label], edges)[0] for label in (-1, 1)], dtype=np.float64)
    return np.asarray(counts / (np.maximum(counts.sum(axis=1, keepdims=True), 1.0) * width))


def _free() -> Budget:
    return Budget(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, None, NOTHING)
