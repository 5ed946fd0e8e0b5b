"""Label feedback as a jump process on cells of the weight times two labels: a check that shares no solver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..discrete import Channel, JumpProcess, stationary
from ..errors import InputError, is_whole
from ..markup import table
from .feedback import LABELS, LabelFeedback

Array = NDArray[np.float64]
FAR = 8.0
"""How far beyond the outermost centre the cells reach, in widths: beyond lies a share of 1e-15."""
SMALLEST = 8


@dataclass(frozen=True, repr=False)
class LatticeRates:
    """Stationary heat (reservoir,) and information_flow (reservoir,) per time, and mean_label, beyond every lattice.

    error: the largest difference to the value that one lattice less would give, absolute.
    """

    heat: Array
    information_flow: Array
    mean_label: float
    error: float
    cells: tuple[int, ...]

    def _repr_html_(self) -> str:
        named = {"heat into the bath": self.heat, "flow of information": self.information_flow}
        rows = [[name, f"{weight:.9g}", f"{label:.9g}"] for name, (weight, label) in named.items()]
        below = f"from {', '.join(map(str, self.cells))} cells, error {self.error:.1g}"
        return table("LatticeRates per time", rows, ("", "weight", "label"), [below])

    def __repr__(self) -> str:
        return (
            f"LatticeRates per time: heat (weight {self.heat[0]:.9g}, label {self.heat[1]:.9g}), flow of information "
            f"(weight {self.information_flow[0]:.9g}, label {self.information_flow[1]:.9g}); "
            f"from {', '.join(map(str, self.cells))} cells, error {self.error:.1g}"
        )


def feedback_jump_process(process: LabelFeedback, cells: int) -> JumpProcess:
    r"""k(w -> w +- h) = (mu T / h^2) e^{q/2T},  k(sigma -> -sigma) = gamma e^{q/2 T_l}.

    State x is cell x with label -1, state cells + x the same cell with label +1. q is the heat of the jump: of the
    weight's, the fall of E = k w^2/2 - nu s_T w - a sigma w/2 and the drive (g - a/2) sigma (w' - w); of a flip, the
    fall of E alone. Channels "weight" and "label", symmetric kinetics; means differ from those of the continuous
    weight by h^2. The cells reach 8 sqrt(T/k) beyond the centres.
    Raises InputError for fewer than 8 cells.

    >>> feedback_jump_process(LabelFeedback(push=1.0, feedback=0.25, field=1.0, flip_rate=1.0), 40).reservoirs
    ('weight', 'label')
    """
    if not is_whole(cells, SMALLEST):
        raise InputError("cells", cells, f"must be a whole number >= {SMALLEST}", "some hundred, for instance")
    w, h = _cells(process, cells)
    step = sparse.diags_array([np.ones(cells - 1)] * 2, offsets=[-1, 1])
    tries = process.mobility * process.temperature / h**2 * sparse.kron(np.eye(2), step)
    forward = sparse.diags_array([np.ones(cells - 1), -np.ones(cells - 1)], offsets=[-1, 1])
    drive = (process.feedback - 0.5 * process.field) * h * sparse.kron(np.diag(LABELS), forward)
    flips = process.flip_rate * sparse.kron(np.array([[0.0, 1.0], [1.0, 0.0]]), sparse.eye_array(cells))
    warm, cold = process.temperatures
    channels = [
        Channel(sparse.coo_array(tries), sparse.coo_array(drive), temperature=float(warm), name="weight"),
        Channel(sparse.coo_array(flips), temperature=float(cold), name="label"),
    ]
    return JumpProcess(np.concatenate([process.energies(w, label) for label in LABELS]), channels)


def feedback_on_lattice(process: LabelFeedback, cells: int = 100, levels: int = 4) -> LatticeRates:
    r"""Q_r = sum k pi q,  Idot_r = sum k pi (i' - i) over the jumps of channel r,  i = ln[pi / P(w) P(sigma)].

    Stationary rates per time, extrapolated from ``levels`` lattices to h = 0. They have cells, 2 cells, 4 cells, ...
    cells; errors in h^2, h^4, ... are extrapolated away (Richardson).
    Raises InputError for fewer than 8 cells or 2 levels.

    >>> rates = feedback_on_lattice(LabelFeedback(push=1.0, feedback=0.25, field=1.0, flip_rate=1.0))
    >>> rates.heat.round(6)
    array([-0.030185,  0.060371])
    """
    if not is_whole(levels, 2):
        raise InputError("levels", levels, "must be a whole number >= 2", "one lattice cannot be extrapolated")
    sizes = tuple(cells * 2**level for level in range(levels))
    rows = [_measured(process, size) for size in sizes]
    for order in range(1, levels):
        before = rows[-1]
        rows = [b + (b - a) / (4.0**order - 1.0) for a, b in zip(rows[:-1], rows[1:], strict=True)]
    found = rows[0]
    return LatticeRates(found[:2], found[2:4], float(found[4]), float(np.abs(found - before).max()), sizes)


def _cells(process: LabelFeedback, cells: int) -> tuple[Array, float]:
    low, high = min(process.centres) - FAR * process.width, max(process.centres) + FAR * process.width
    h = (high - low) / cells
    return low + h * (np.arange(cells) + 0.5), h


def _measured(process: LabelFeedback, cells: int) -> Array:
    """Heat and flow of information of weight and label, and the mean label, on one lattice."""
    lattice = feedback_jump_process(process, cells)
    pi = stationary(lattice)
    e, energy = lattice.edges, lattice.energies()
    jumps = lattice.jump_rates(energy) * pi[e.source]
    joint = pi.reshape(2, cells)
    told = np.log(np.maximum(joint, 1e-300) / (joint.sum(axis=0) * joint.sum(axis=1, keepdims=True) + 1e-300)).ravel()
    heat = np.bincount(e.channel, jumps * lattice.jump_heat(energy), 2)
    flow = np.bincount(e.channel, jumps * (told[e.target] - told[e.source]), 2)
    return np.array([*heat, *flow, joint[1].sum() - joint[0].sum()])
