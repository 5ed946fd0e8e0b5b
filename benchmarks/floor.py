"""What no sampler of diffusion can do without: its normal numbers."""

from __future__ import annotations

from collections.abc import Callable

from szilard._kernels import random as streams

from .peers.clock import cpu_seconds

ROWS, LANES = 256, 64
"""Numbers drawn in one call, so that calls from Python cost nothing to speak of."""


def seconds(job: Callable[[], object]) -> float:
    """Processor seconds of one call."""
    start = cpu_seconds()
    job()
    return cpu_seconds() - start


def noise(count: float) -> None:
    """So many N(0, 1) numbers of the library's own generator, or a few more."""
    key = streams.stream_key(1)
    for step in range(-int(-count // (ROWS * LANES))):
        streams.normals(streams.NOISE, step, 0, key, (ROWS, LANES))
