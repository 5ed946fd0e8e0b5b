"""What a simulation is asked for: how many replicas, which seed, when to look, how much memory."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InputError, is_number, is_whole
from .progress import refuse_progress

MOST = 1 << 32
"""Trajectories that the counter of the random numbers tells apart."""
LARGEST = 10**300
"""More bytes than this are told as this many: what no float holds cannot be written."""


def refuse_request(
    replicas: Any, seed: Any, threads: Any, max_bytes: Any, cell: Any, record: Any, progress: Any
) -> None:
    """Raise InputError unless all of these make sense."""
    for name, value in (("replicas", replicas), ("seed", seed), ("threads", 1 if threads is None else threads)):
        least, most = int(name != "seed"), MOST if name == "replicas" else inf
        if not is_whole(value, least) or value > most:
            rule = f"must be an integer >= {least}" + (f" and <= {most}" if most < inf else "")
            raise InputError(name, value, rule, f"for instance {name}=1")
    if not is_number(max_bytes):
        raise InputError("max_bytes", max_bytes, "must be a finite number", "max_bytes=2e9, for instance")
    if not isinstance(cell, str):
        raise InputError("cell", cell, "must be a text", "leave it out, or name the run")
    if record not in ("ledger", "paths"):
        raise InputError("record", record, 'must be "ledger" or "paths"', "name one of them")
    refuse_progress(progress)


def refuse_size(name: str, needed: float, allowed: float, fix: str) -> None:
    """Raise InputError where more memory would be taken than is allowed."""
    if needed > allowed:
        raise InputError(name, f"{needed / 1e9:.3g} GB", f"more than max_bytes = {allowed / 1e9:.3g} GB", fix)


def refuse_room(name: str, got: str, numbers: int, fix: str) -> None:
    """Raise InputError where so many numbers of 8 bytes are more than nine tenths of the memory that is free."""
    needed, there = 8 * numbers, available_memory()
    if 10 * needed > 9 * there:
        rule = f"needs {min(needed, LARGEST) / 2**30:.3g} GiB, but {there / 2**30:.3g} GiB are free"
        raise InputError(name, got, rule, fix)


def available_memory() -> int:
    """Bytes that can still be taken, as far as the system says; else a very large number."""
    limits = []
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                limits.append(int(line.split()[1]) * 1024)
        group = Path("/sys/fs/cgroup/memory.max")
        if group.exists() and group.read_text().strip() != "max":
            used = int(Path("/sys/fs/cgroup/memory.current").read_text())
            limits.append(int(group.read_text()) - used)
    except (OSError, ValueError):
        pass
    return min(limits, default=1 << 62)


def time_grid(times: Sequence[float] | None, duration: float) -> NDArray[np.float64]:
    """The times at which to look, as an array; raises InputError unless increasing and within [0, duration]."""
    try:
        grid = np.array([] if times is None else times, dtype=np.float64)
    except (TypeError, ValueError):
        grid = np.array([np.nan])
    if grid.ndim != 1 or not np.all(np.isfinite(grid)) or np.any(np.diff(grid) <= 0.0):
        fix = "for instance np.linspace(0, duration, 11)"
        raise InputError("times", times, "must be increasing finite numbers", fix)
    if grid.size and (grid[0] < 0.0 or grid[-1] > duration):
        got = (float(grid[0]), float(grid[-1]))
        raise InputError("times", got, f"must lie within [0, {duration:g}]", "drop what lies outside")
    return grid
