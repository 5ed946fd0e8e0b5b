"""The lattice itself: local detailed balance against quadrature, the box it finds, what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

from szilard.continuous import Langevin, Linear
from szilard.continuous.lattice_cells import Lattice, lattice_of
from szilard.discrete import edge_currents, stationary
from szilard.errors import InputError

Array = NDArray[np.float64]
WARM, FAST = (0.7, 1.9), (1.3, 0.4)


def energy(x: float, y: float) -> float:
    return 0.25 * x**4 - x**2 + 0.3 * x + 0.8 * y**2 + 0.4 * x * y


def lopsided() -> Langevin:
    """Two baths, a double well that leans, and a force that curls."""
    return Langevin(
        lambda w: np.stack([0.6 * np.sin(w[:, 1]), -0.3 * w[:, 0] * w[:, 1]], axis=1),
        lambda w: energy(w[:, 0], w[:, 1]),
        dim=2, mobility=FAST, temperature=WARM,
    )  # fmt: skip


def test_rates_obey_local_detailed_balance_with_the_work_of_the_force() -> None:
    process = lopsided()
    lattice = lattice_of(process, box=((-3.0, 2.5), (-3.0, 3.0)), cells=(12, 16))
    e, w = lattice.process.edges, lattice.points
    rates = lattice.process.jump_rates(lattice.process.energies())
    checked = 0
    for k in range(0, e.source.size, 23):
        (x0, y0), (x1, y1) = w[e.source[k]], w[e.target[k]]
        along = int(x0 == x1)
        if along == 0:
            work = quad(lambda x, y=y0: 0.6 * np.sin(y), x0, x1)[0]
        else:
            work = quad(lambda y, x=x0: -0.3 * x * y, y0, y1)[0]
        assert e.channel[k] == along
        heat = energy(x0, y0) - energy(x1, y1) + work
        assert np.log(rates[k] / rates[e.reverse[k]]) == pytest.approx(heat / WARM[along], rel=1e-11, abs=1e-11)
        checked += 1
    assert checked > 30


def test_jumps_drift_and_spread_as_the_process_does() -> None:
    """<dx> / dt = mu F and <dx^2> / dt = 2 mu T to O(h^2): a quarter of the error on twice the cells."""
    process = lopsided()
    wrong = []
    for n in (40, 80):
        lattice = lattice_of(process, box=((-3.0, 3.0), (-3.0, 3.0)), cells=n)
        e, w = lattice.process.edges, lattice.points
        rates = lattice.process.jump_rates(lattice.process.energies())
        here = np.flatnonzero(np.all(np.abs(w - [0.6, -0.8]) < 0.16, axis=1))
        error = 0.0
        for s in here:
            out = slice(e.first[s], e.first[s + 1])
            step = w[e.target[out]] - w[s]
            drift, spread = rates[out] @ step, rates[out] @ step**2
            force = process.forces(w[[s]])[0]
            error = max(error, *np.abs(drift - np.array(FAST) * force), *np.abs(spread - 2 * np.multiply(FAST, WARM)))
        wrong.append(error)
    assert np.log2(wrong[0] / wrong[1]) == pytest.approx(2.0, abs=0.25)


def test_the_box_holds_what_forty_temperatures_reach() -> None:
    T = 0.7
    tilted = Langevin(potential=lambda w: (w[:, 0] ** 2 - 9.0) ** 2 / 20.0 + w[:, 0], dim=1, temperature=T)
    ((low, high),) = lattice_of(tilted).box
    x = np.linspace(-10.0, 10.0, 200_001)
    U = (x**2 - 9.0) ** 2 / 20.0 + x
    inside = x[U - U.min() < 40.0 * T]
    assert low == pytest.approx(inside[0], abs=0.02) and high == pytest.approx(inside[-1], abs=0.02)
    assert low <= inside[0] and high >= inside[-1]


def test_the_box_finds_a_narrow_trap_far_away() -> None:
    far = Langevin(potential=lambda w: 5e3 * (w[:, 0] - 137.0) ** 2, dim=1)
    p = stationary(lattice_of(far).process)
    x = lattice_of(far).points[:, 0]
    assert p @ x == pytest.approx(137.0, rel=1e-12)
    assert p @ (x - 137.0) ** 2 == pytest.approx(1e-4, rel=1e-9)


def test_walls_where_the_potential_ends() -> None:
    """U = w - 3 ln w is finite for w > 0 only: p is a Gamma density of mean 4 and variance 4."""
    process = Langevin(potential=lambda w, k: k * (w[:, 0] - 3.0 * np.log(w[:, 0])), dim=1)
    lattice = lattice_of(process, controls=(1.0,), cells=1600)
    p, x = stationary(lattice.process), lattice.points[:, 0]
    # p ~ w^3 / 6 at the wall: the midpoint rule errs by (7 / 5760) h^4 p''' there, some 1e-8 for h = 0.05
    assert p @ x == pytest.approx(4.0, rel=1e-6)
    assert p @ (x - 4.0) ** 2 == pytest.approx(4.0, rel=1e-6)


def test_corners_of_a_slanted_gaussian_are_no_states() -> None:
    H = np.array([[26.0, -24.0], [-24.0, 26.0]])
    slanted = Langevin(linear=Linear(H, np.zeros(2)), dim=2)
    lattice = lattice_of(slanted, cells=256)
    assert lattice.states.size < 0.5 * 256**2
    p, w = stationary(lattice.process), lattice.points
    assert (w * p[:, None]).T @ w == pytest.approx(np.linalg.inv(H), rel=1e-9)


def test_periodic_coordinates_wrap_around() -> None:
    ring = Langevin(potential=lambda w: np.cos(w[:, 0]), dim=1, period=2.0 * np.pi, mobility=2.0)
    lattice = lattice_of(ring, cells=32)
    flow = edge_currents(lattice.process)
    assert flow.current.size == 32 and lattice.wraps == (True,)
    assert repr(lattice) == "Lattice: 32 cells on [0, 6.28319), 32 states"
    shifted = lattice_of(ring, box=((-np.pi, np.pi),), cells=32)
    assert shifted.box[0] == pytest.approx((-np.pi, np.pi))


def test_a_mean_per_coordinate_and_no_other_shape() -> None:
    lattice = lattice_of(lopsided(), cells=(16, 24))
    assert lattice.shape == (16, 24) and lattice.dim == 2
    assert lattice.volume == pytest.approx(np.prod(lattice.spacing))
    assert isinstance(lattice, Lattice) and lattice.spread(np.ones(lattice.states.size)).shape == (16, 24)


@pytest.mark.parametrize(
    ("process", "given", "field"),
    [
        (Langevin(lambda w: -w, dim=1), {}, "box"),
        (Langevin(potential=lambda w: -(w[:, 0] ** 2), dim=1), {}, "box"),
        (Langevin(linear=Linear(-np.eye(1), np.zeros(1)), dim=1), {}, "process"),
        (Langevin(potential=lambda w: (w**2).sum(axis=1), dim=3), {}, "dim"),
        (Langevin(linear=Linear(np.eye(2), np.zeros(2)), dim=2, mobility=[[2.0, 1.0], [1.0, 2.0]]), {}, "mobility"),
        (lopsided(), {"cells": 4}, "cells"),
        (lopsided(), {"cells": (32, 32, 32)}, "cells"),
        (lopsided(), {"cells": 2000}, "cells"),
        (lopsided(), {"box": ((0.0, 1.0),)}, "box"),
        (lopsided(), {"box": ((0.0, 1.0), (2.0, 2.0))}, "box"),
        (lopsided(), {"box": ((0.0, 1.0), (0.0, np.nan))}, "box"),
        (lopsided(), {"controls": (1.0,)}, "control"),
        (Langevin(potential=lambda w, k: k * w[:, 0] ** 2, dim=1), {}, "control"),
        (Langevin(potential=lambda w: np.cos(w[:, 0]), dim=1, period=2 * np.pi), {"box": ((0.0, 6.0),)}, "box"),
    ],
)
def test_what_fits_no_lattice_is_refused(process: Langevin, given: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        lattice_of(process, **given)
    assert caught.value.field == field
