"""Whether what is asked for fits into memory: looked at before any of it is taken."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError

LARGEST = 10**300
"""More bytes than this are told as this many: what no float holds cannot be written."""


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
