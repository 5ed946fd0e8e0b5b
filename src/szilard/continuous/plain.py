"""The same steps for functions of arrays: the kernel's pieces, one after the other, with NumPy in between.

The arguments of ``advance_plain`` are those of ``_kernels.diffusion.advance``, the process in place of its response;
random numbers and arithmetic are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels import diffusion as kernel
from .process import Langevin

Array = NDArray[np.float64]


def advance_plain(
    process: Langevin, method: int, plan: tuple[Any, ...], media: tuple[Any, ...], stream: tuple[Any, ...], w: Array,
    books: Array, look: tuple[Array, Array], path: Array,
) -> None:  # fmt: skip
    """All steps of a plan for one block of states w (dim, replica)."""
    control, length, _, law, number, looked = plan
    n, lanes = w.shape
    z, v, chance = np.empty((n, lanes)), np.empty((n, lanes)), np.empty((n, lanes))
    spare, scratch = np.empty(lanes), np.empty((4, lanes))
    energy, slope, push = np.empty(lanes), np.empty((n, lanes)), np.empty((n, lanes))
    new_energy, new_slope, new_push = np.empty(lanes), np.empty((n, lanes)), np.empty((n, lanes))
    old, new = (w, energy, slope, push), (v, new_energy, new_slope, new_push)
    _respond(process, w, control[0], energy, slope, push)
    turns, halves = (n, 2) if method == kernel.SWEEP else (1, 1)
    last, walked = control[0], 0
    for s in range(1, control.size):
        if looked[s] >= 0:
            _respond(process, w, control[s], new_energy, new_slope, new_push)
            kernel.look_at(look, looked[s], w, energy, new_energy, books)
            continue
        if control[s] != last:
            _respond(process, w, control[s], new_energy, slope, push)
            kernel.switch_control(energy, new_energy, books)
            last = control[s]
        h = length[s]
        if h > 0.0:
            h /= halves
            for half in range(halves):
                kernel.begin_step(method, halves * number[s] + half, *stream, z, chance, spare)
                for turn in range(turns):
                    only = kernel.coordinate(method, half, turn, n)
                    kernel.make_proposal(method, only, h, media, law[min(s, len(law) - 1)], w, slope, push, z, v)
                    _respond(process, v, control[s], new_energy, new_slope, new_push)
                    if method == kernel.HEUN:
                        kernel.make_correction(h, media, slope, push, new_slope, new_push, v)
                        _respond(process, v, control[s], new_energy, new_slope, new_push)
                    kernel.finish_step(method, only, h, media, chance, z, old, new, books, scratch)
            if path.shape[0]:
                path[walked] = w
                walked += 1


def _respond(process: Langevin, w: Array, control: float, energy: Array, slope: Array, push: Array) -> None:
    at, held = np.ascontiguousarray(w.T), float(control) if process.controlled else None
    energy[:] = process.energies(at, held)
    slope[:] = process.slopes(at, held).T
    push[:] = process.pushes(at, held).T
