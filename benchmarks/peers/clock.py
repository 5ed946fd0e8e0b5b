"""Processor time, which another program on the same cores changes far less than the time on the wall."""

from __future__ import annotations

import resource


def cpu_seconds() -> float:
    """Seconds of processor time of this process and of the children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)
