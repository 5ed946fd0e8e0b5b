"""Pictures of a choice that become better while nobody moves anything."""

from __future__ import annotations

import time
from collections.abc import Iterator

from ..errors import InputError
from ..learning.settings import Settings
from .choice import Choice
from .frames import FRAMES, Scene, scene_by_scene
from .live_source import Source
from .superseding import Stale

STAGES = (1000, 4000, 16000)
"""Replicas of the first picture, and of the better ones that follow while nobody moves anything."""
PATIENCE = 20.0
"""Seconds that a better picture may be expected to take."""
MOST_BYTES = 1 << 28
"""Of all frames of one scene."""
MOST_EFFORT = 4e9
"""Steps of weights of the first picture, above which nobody would wait for it."""


def improving(source: Source, choice: Choice, stale: Stale) -> Iterator[tuple[Scene, float, bool]]:
    """Scenes of a choice, each with the seconds since it was asked and whether a better one follows.

    The first as soon as there is something to see, then with its budgets one by one, then whole ones with more replicas
    as long as one of them is expected within ``PATIENCE``. Raises what ``scene_by_scene`` does.
    """
    started = time.perf_counter()
    for stage, replicas in enumerate(STAGES):
        begun = time.perf_counter()
        settings = source.settings(choice, replicas)
        if stage == 0:
            refuse_too_long(settings)
        simulated = 0.0
        for scene in scene_by_scene(settings, stale, every=stage == 0):
            took = time.perf_counter() - begun
            simulated = simulated or took
            ahead = STAGES[stage + 1] if stage + 1 < len(STAGES) else 0
            longer = ahead / replicas * simulated + (ahead / STAGES[1]) * (took - simulated)
            more = bool(ahead) and longer < PATIENCE and fits(source, choice, ahead)
            yield scene, time.perf_counter() - started, more or not scene.whole
        if not more:
            return


def fits(source: Source, choice: Choice, replicas: int) -> bool:
    """Whether the frames of so many replicas are held in memory without harm."""
    return FRAMES * source.settings(choice, replicas).bytes_needed < MOST_BYTES


def refuse_too_long(settings: Settings) -> None:
    """Raise InputError for a run whose first picture would take minutes."""
    if settings.effort > MOST_EFFORT:
        got = f"{settings.steps} steps of {settings.n_weights} weights, {settings.task.n_patterns} patterns"
        raise InputError("duration", got, "is too much for a page", "shorten it, or lower the learning rate")
