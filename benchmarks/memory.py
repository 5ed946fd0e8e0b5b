"""Peak memory, each in a process of its own: it must not grow with the number of jumps or steps."""

from __future__ import annotations

import subprocess
import sys

from .table import Block, Level

MIB = 2.0**20
MOST = 1.05
"""Largest ratio of two peaks that are the same but for what the allocator happens to keep."""
SHORT, LONG = 100, 10000
JUMPS = """
import numpy as np, szilard as sz
ring = sz.systems.ring(np.sin(np.arange(10.0)), 3.0)
rate = float(sz.stationary(ring) @ -ring.generator().diagonal())
sz.simulate(ring, "stationary", {count} / rate, replicas=2048, seed=1, threads=1)
"""
STEPS = """
import szilard as sz
task = sz.tasks.random_labels(64, 12, seed=1)
rule, how = sz.rules.perceptron, dict(learning_rate=1.0, dt=0.01, replicas=256, seed=1, threads=1)
sz.train(task, rule, duration={count} * 0.01, **how)
"""
PEAK = """
import resource, sys
try:
    lines = open("/proc/self/status").read().splitlines()
    print(1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1]))
except (OSError, StopIteration):
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""
"""Linux counts in ru_maxrss what the parent took before the process began its own program; VmHWM begins with it."""


def peak(job: str) -> float:
    """Bytes of a process that does the job."""
    told = subprocess.run([sys.executable, "-c", job + PEAK], check=True, capture_output=True, text=True)
    return float(told.stdout.split()[-1])


def measure() -> Block:
    block = Block("Peak memory of a process, Python and libraries included")
    for job in (JUMPS, STEPS):
        peak(job.format(count=1))  # a first call may compile
    block.levels.append(Level("import szilard", peak("import szilard") / MIB, "MiB"))
    cases = {
        "2048 trajectories of a ring of 10": (JUMPS, "jumps each"),
        "256 replicas of 64 weights, perceptron, P = 12": (STEPS, "steps each"),
    }
    for what, (job, unit) in cases.items():
        few, many = (peak(job.format(count=count)) for count in (SHORT, LONG))
        block.levels.append(Level(f"{what}: {SHORT} {unit}", few / MIB, "MiB"))
        block.levels.append(Level(f"{what}: {LONG} {unit}", many / MIB, "MiB"))
        block.levels.append(Level(f"{what}: the second over the first", many / few, "", MOST))
    return block
