"""Two plain ways to make many jumps: vectorised NumPy, and a bare loop in C."""

from __future__ import annotations

import ctypes
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .networks import Array, Network
from .peers.clock import cpu_seconds
from .table import Absent

LANES = 256
EDGE = np.dtype(
    [("keep", "f8"), ("heat", "f8"), ("drive", "f8"), ("flow", "f8"), ("step", "i4"), ("target", "i4")],
)


def in_numpy(network: Network, replicas: int, duration: float, seed: int) -> tuple[Array, NDArray[np.int64]]:
    """(heat, work, entropy flow) and number of jumps of every trajectory from the steady state to ``duration``."""
    first, degree, wait, slots = network.first, network.degree, network.wait, network.slots
    keep, step = slots["keep"].copy(), slots["step"].copy()
    draw = np.random.Generator(np.random.SFC64(seed))
    x = draw.choice(wait.size, replicas, p=network.stationary)
    t, q, w, s = (np.zeros(replicas) for _ in range(4))
    books, jumps = np.zeros((3, replicas)), np.zeros(replicas, dtype=np.int64)
    who, n = np.arange(replicas), 0
    while who.size:
        t += draw.standard_exponential(who.size) * wait[x]
        spot = draw.random(who.size) * degree[x]
        slot = spot.astype(np.int64)
        e = first[x] + slot
        e += np.where(spot - slot < keep[e], 0, step[e])
        live = t < duration
        if not live.all():
            ended = who[~live]
            books[:, ended], jumps[ended] = (q[~live], w[~live], s[~live]), n
            who, t, q, w, s, e = who[live], t[live], q[live], w[live], s[live], e[live]
        q += network.heat[e]
        w += network.drive[e]
        s += network.flow[e]
        x = network.target[e]
        n += 1
    return books, jumps


def compiled(folder: str) -> Any:
    """lockstep.c as a library, by $CC or cc; Absent where there is none."""
    compiler = shlex.split(os.environ.get("CC", "cc"))
    if shutil.which(compiler[0]) is None:
        raise Absent(f"no C compiler ({compiler[0]})")
    library = Path(folder) / "lockstep.so"
    source = Path(__file__).with_suffix(".c")
    command = [*compiler, "-O3", "-march=native", "-shared", "-fPIC", str(source), "-o", str(library)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Absent(f"{compiler[0]}: {(ended.stderr.splitlines() or ['failed'])[0]}"[:160])
    return ctypes.CDLL(str(library))


class Bare:
    """lockstep.c, compiled for this processor when first used."""

    def __init__(self) -> None:
        self._library: Any = None

    def run(self, network: Network, blocks: int, jumps: int, seed: int) -> tuple[float, Array]:
        """Seconds of the loop alone; (time, heat, work, entropy flow) of trajectories from the steady state."""
        if self._library is None:
            with tempfile.TemporaryDirectory() as folder:
                self._library = compiled(folder)
        draw = np.random.Generator(np.random.SFC64(seed))
        edge = np.zeros(network.target.size, dtype=EDGE)
        edge["keep"], edge["step"] = network.slots["keep"], network.slots["step"]
        edge["heat"], edge["drive"], edge["flow"] = network.heat, network.drive, network.flow
        edge["target"] = network.target
        leaving = network.stationary / network.wait
        state = draw.choice(leaving.size, blocks * LANES, p=leaving / leaving.sum()).astype(np.int32)
        random = draw.integers(0, 2**64, (4, LANES), dtype=np.uint64)
        first, degree = network.first.astype(np.int32), network.degree.astype(np.float64)
        books = np.zeros((4, blocks * LANES))
        arrays = (first, degree, network.wait, edge, random, state, *books)
        pointers = [ctypes.c_void_p(a.ctypes.data) for a in arrays]
        start = cpu_seconds()
        self._library.lockstep(ctypes.c_int64(blocks), ctypes.c_int64(jumps), *pointers)
        return cpu_seconds() - start, books
