"""The ledger on the way: sums of every replica at times asked for, and what results of all kinds say of their books."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .ledger import Ledger
from .markup import table_of_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
UNITS = {
    "heat": {"units": "k_B T0", "sign": "> 0 into the bath"},
    "work": {"units": "k_B T0", "sign": "> 0 done on the system"},
    "energy_change": {"units": "k_B T0"},
    "system_entropy_change": {"units": "nat"},
    "entropy_production": {"units": "nat"},
}


@dataclass(frozen=True, repr=False)
class Books:
    """The ledger of every replica at times on the way, each sum from time 0 on; dE = W - sum_r Q_r at each.

    times: (time,); heat: (replica, time, reservoir), into the bath; work, energy_change: (replica, time), in k_B T0;
    system_entropy_change: (replica, time) in nats, or None where p(x, t) was not solved. What the protocol does
    at one of these times is booked at it.
    """

    times: Array
    heat: Array
    work: Array
    energy_change: Array
    temperatures: Array
    system_entropy_change: Array | None

    @property
    def entropy_production(self) -> Array:
        """ds + sum_r Q_r / T_r: (replica, time). Raises InputError where p(x, t) was not solved."""
        if self.system_entropy_change is None:
            raise InputError("system_entropy_change", None, "p(x, t) was not solved", "simulate with entropy=True")
        return np.asarray(self.system_entropy_change + (self.heat / self.temperatures).sum(axis=2))

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return f"Books of {self.work.shape[0]} replicas at {self.times.size} times"


def booked_samples(book: Ledger, reservoirs: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Name -> (replica,) of work, energy change, heat of each reservoir, and entropies where they are known."""
    found: dict[str, NDArray[Any]] = {"work": book.work, "energy change": book.energy_change}
    found |= {f"heat {name}": book.heat[:, r] for r, name in enumerate(reservoirs)}
    if book.conditional_entropy_change is not None:
        found["system entropy change"] = book.system_entropy_change
        found["entropy production"] = book.entropy_production
    return found


def booked_variables(book: Ledger, books: Books | None) -> dict[str, Any]:
    """The variables of a Dataset: dimensions, values, units and signs."""
    data: dict[str, Any] = {
        "heat": (("replica", "reservoir"), book.heat, UNITS["heat"]),
        "work": ("replica", book.work, UNITS["work"]),
        "energy_change": ("replica", book.energy_change, UNITS["energy_change"]),
    }
    if book.conditional_entropy_change is not None:
        data["system_entropy_change"] = ("replica", book.system_entropy_change, UNITS["system_entropy_change"])
        data["entropy_production"] = ("replica", book.entropy_production, UNITS["entropy_production"])
    if books is not None:
        data["heat_on_the_way"] = (("replica", "time", "reservoir"), books.heat, UNITS["heat"])
        for name in ("work", "energy_change"):
            data[f"{name}_on_the_way"] = (("replica", "time"), getattr(books, name), UNITS[name])
    return data


def booked_attributes(process: Any, times: tuple[float, ...], controls: tuple[float | None, ...]) -> dict[str, Any]:
    """What stands beside the variables of a Dataset: the process, how long, and the nodes of its control."""
    nodes = [(t, c) for t, c in zip(times, controls, strict=True) if c is not None]
    return {
        "process": repr(process),
        "duration": times[-1],
        "control_times": [t for t, _ in nodes],
        "control_values": [c for _, c in nodes],
    }


def booked_coordinates(process: Any, times: Array) -> dict[str, Any]:
    """The coordinates of a Dataset: times, reservoirs and their temperatures."""
    return {
        "time": times,
        "reservoir": list(process.reservoirs),
        "temperature": ("reservoir", process.temperatures, {"units": "T0"}),
    }


def draw_books(book: Ledger, reservoirs: tuple[str, ...], ax: Axes | None) -> Axes:
    """How work and heat are spread over replicas, their means dotted; on the Axes given or a new figure's."""
    from .plotting import axes_or_new, distributions, house_style

    samples = {"work": book.work} | {f"heat {name}": book.heat[:, r] for r, name in enumerate(reservoirs)}
    with house_style():
        ax = axes_or_new(ax)
        distributions(ax, {k: v for k, v in samples.items() if np.ptp(v) > 0.0} or samples, "k_B T0 per replica")
    return ax
