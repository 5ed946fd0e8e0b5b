"""Which processor cores the measurement uses: one, so that nothing moves; all of them where it is about more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


def _all() -> set[int]:
    return set(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else set()


ALL = _all()


def pin() -> str:
    """Keep this process, and those it starts, to one core; says which, or that this system cannot."""
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned: this system cannot"
    os.sched_setaffinity(0, {max(ALL)})
    return f"pinned to core {max(ALL)}"


@contextmanager
def every_core() -> Iterator[int]:
    """All cores for a while; gives their number."""
    if not hasattr(os, "sched_setaffinity"):
        yield os.cpu_count() or 1
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, ALL)
    try:
        yield len(ALL)
    finally:
        os.sched_setaffinity(0, before)
