"""Erasure of a bit within a given time, against a lattice driven through it and against other final densities."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.special import ndtri

from szilard.continuous import Gaussian
from szilard.continuous.optimal_density import below, boltzmann, box, normal
from szilard.continuous.optimal_erasure import BitErasure, bit_erasure
from szilard.continuous.optimal_passage import optimal_transport
from szilard.errors import InputError

Array = NDArray[np.float64]
MU, WARM, TAU = 1.3, 0.7, 1.5


def wells(x: Any) -> Any:
    return 2.5 * (x * x - 1.0) ** 2 + 0.3 * x


def double_well(**options: Any) -> BitErasure:
    memory = boltzmann(wells, -2.6, 2.6, temperature=WARM)
    return bit_erasure(TAU, density=memory, mobility=MU, temperature=WARM, **options)


def test_reference_values() -> None:
    assert bit_erasure(2.0).coefficient == pytest.approx(1 / 3, rel=1e-12)
    gaussian = bit_erasure(2.0, density="gaussian").coefficient
    truth = quad(lambda u: (ndtri(u) - ndtri(u / 2)) ** 2, 0.0, 1.0, epsabs=1e-10, limit=500)[0]
    assert gaussian == pytest.approx(truth, abs=1e-8)
    assert gaussian == pytest.approx(0.839273, abs=5e-7)
    # the mass moved to the boundary: half of the variance
    assert bit_erasure(2.0, density="gaussian", fixed="bit").coefficient == pytest.approx(0.5, rel=1e-9)
    assert bit_erasure(2.0, fixed="bit").coefficient == pytest.approx(1 / 6, rel=1e-9)


@pytest.mark.parametrize("fixed", ["full", "bit"])
def test_units(fixed: Any) -> None:
    """A memory three times as wide, in a colder bath: W = T ln 2 + C / (mu tau), C in units of length squared."""
    wide = bit_erasure(TAU, density=Gaussian(0.0, 9.0), fixed=fixed, mobility=MU, temperature=WARM)
    C = bit_erasure(1.0, density="gaussian", fixed=fixed).coefficient
    assert wide.work == pytest.approx(WARM * log(2.0) + 9.0 * C / (MU * TAU), rel=1e-10)
    assert wide.landauer == pytest.approx(WARM * log(2.0), rel=1e-12)


def test_a_lopsided_memory_has_a_smaller_free_energy_to_pay() -> None:
    found = bit_erasure(TAU, density=normal(-0.4, 1.0), boundary=0.3, temperature=WARM)
    share = 0.758036347776927  # Phi(0.7)
    assert found.landauer == pytest.approx(-WARM * log(share), rel=1e-12)
    # W = dE + T (Sigma - dS), with E = (w + 0.4)^2 T / 2 in the memory's own trap before and after
    moved = found.transport
    change = 0.5 * WARM * (moved.stop.variance + (moved.stop.mean + 0.4) ** 2 - 1.0)
    assert found.work == pytest.approx(moved.work(change), rel=1e-9)


def lattice_work(found: BitErasure, cells: int, stages: int) -> tuple[float, float]:
    """<W> and P(w > 0) of the master equation on a lattice, the potential held constant within short stages.

    Rates of Scharfetter and Gummel, in detailed balance: D/h^2 x/(e^x - 1), x the energy difference over T.
    """
    low, high = -2.3, 2.3
    h = (high - low) / cells
    x = low + h * (np.arange(cells) + 0.5)
    U = wells(x)
    p = np.exp(-U / WARM)
    p /= p.sum()
    edges = 1.0 - (1.0 - np.linspace(0.0, 1.0, stages + 1)) ** 3
    before, work = U, 0.0
    for a, b in zip(edges, edges[1:], strict=False):
        now = found.energies(x, TAU * 0.5 * (a + b))
        work += float(p @ (now - before))
        before = now
        rise = np.diff(now) / WARM
        rise = np.where(np.abs(rise) < 1e-9, 1e-9, rise)
        up, down = (MU * WARM / h**2 * y / np.expm1(y) for y in (rise, -rise))
        L = np.diag(up, -1) + np.diag(down, 1)
        p = expm((L - np.diag(L.sum(axis=0))) * TAU * (b - a)) @ p
    return work + float(p @ (U - before)), float(p[x > 0.0].sum())


def test_a_double_well_is_erased_for_the_work_claimed() -> None:
    found = double_well()
    share = float(quad(lambda x: np.exp(-wells(x) / WARM), -2.6, 0.0)[0])
    share /= float(quad(lambda x: np.exp(-wells(x) / WARM), -2.6, 2.6)[0])
    assert found.landauer == pytest.approx(-WARM * log(share), rel=1e-8)
    assert found.work == pytest.approx(found.landauer + found.coefficient / (MU * TAU), rel=1e-14)
    # jumps at both ends are part of the protocol
    assert found.protocol.values == (-1.0, 0.0, TAU, -1.0)
    x = np.linspace(-1.5, 1.4, 30)
    assert np.ptp(found.energies(x, -1.0) - wells(x)) < 1e-5
    coarse, _ = lattice_work(found, 40, 200)
    fine, wrong = lattice_work(found, 80, 200)
    finer, _ = lattice_work(found, 80, 400)
    assert wrong < 1e-9
    # the lattice pays for its spacing h and its stages dt, both positive and falling: first order in dt, second in h
    assert found.work < finer < fine < coarse
    # what the extrapolation leaves is of the next order: half of what it takes off is safe, 0.009
    limit = finer - (fine - finer) - (coarse - fine) / 3.0
    assert limit == pytest.approx(found.work, abs=0.009)
    assert coarse - found.work > 2.0 * (fine - found.work)


def test_less_time_costs_more_work() -> None:
    works = []
    for tau in (0.1, 1.0, 10.0, 1e6):
        memory = boltzmann(wells, -2.6, 2.6, temperature=WARM)
        works.append(bit_erasure(tau, density=memory, mobility=MU, temperature=WARM))
    assert np.all(np.diff([w.work for w in works]) < 0.0)
    assert works[-1].work == pytest.approx(works[-1].landauer, rel=1e-5)
    excess = [(w.work - w.landauer) * MU * t for w, t in zip(works[:3], (0.1, 1.0, 10.0), strict=True)]
    assert excess == pytest.approx([works[0].coefficient] * 3, rel=1e-12)


@pytest.mark.parametrize("tau", [1e-4, 0.3, 3.0, 1e4])
def test_no_final_density_beats_the_bound_of_the_bit(tau: float) -> None:
    """T KL(p_1 | p_0) + T W_2^2 / (D tau) for memories cut at many places, and for narrow boxes at the boundary."""
    bound = bit_erasure(tau, density="gaussian", fixed="bit", mobility=MU, temperature=WARM)
    full = bit_erasure(tau, density="gaussian", mobility=MU, temperature=WARM)
    assert bound.work <= full.work
    memory = normal()
    best = full.work
    for edge in (0.0, -0.1, -0.5, -1.5):
        final = below(memory, edge)
        way = optimal_transport(memory, final, tau, mobility=MU, temperature=WARM)
        work = -WARM * log(memory.share_below(edge)) + WARM * way.dissipation
        assert work >= bound.work - 1e-12
        best = min(best, work)
    for width in (1e-4, 0.03, 1.0):
        final = box(-width, 0.0)
        way = optimal_transport(memory, final, tau, mobility=MU, temperature=WARM)
        # KL = -S + <x^2>/2 + ln sqrt(2 pi)
        relative = -log(width) + width**2 / 6.0 + 0.5 * log(2.0 * np.pi)
        assert WARM * relative + WARM * way.dissipation >= bound.work


def test_the_bound_of_the_bit_is_reached_in_both_limits() -> None:
    slow = bit_erasure(1e8, density="gaussian", fixed="bit")
    assert slow.work == pytest.approx(bit_erasure(1e8, density="gaussian").work, rel=1e-7)
    # as tau -> 0: those on the left stay, those on the right go to the boundary, spread over a width that costs
    # T ln(1/width), small against C / (mu tau)
    tau, width = 1e-7, 1e-3
    z = np.linspace(-8.0, 8.0, 160_001)
    weight = np.exp(-0.5 * z * z) / np.exp(-0.5 * z * z).sum()
    end = np.where(z < 0.0, z, 0.0) - np.where(z >= 0.0, width * np.exp(-z), 0.0)
    square = float(weight @ (end - z) ** 2)
    fast = bit_erasure(tau, density="gaussian", fixed="bit")
    assert square / tau + 50.0 == pytest.approx(fast.work, rel=5e-3)


def test_results_tell_the_physics() -> None:
    assert repr(double_well()).startswith("BitErasure in the time 1.5: work = 0.676234")
    assert "work >= " in repr(double_well(fixed="bit"))
    asked = double_well(fixed="bit")
    assert asked.work < double_well().work


def test_bad_input() -> None:
    bad: Any = "bit"
    cases: list[tuple[str, Callable[[], Any]]] = [
        ("duration", lambda: bit_erasure(0.0)),
        ("density", lambda: bit_erasure(1.0, density=bad)),
        ("density", lambda: bit_erasure(1.0, density=Gaussian([0.0, 0.0], 1.0))),
        ("fixed", lambda: bit_erasure(1.0, fixed="mass")),  # type: ignore[arg-type]
        ("x", lambda: bit_erasure(1.0, boundary=2.0)),
        ("temperature", lambda: bit_erasure(1.0, temperature=-1.0)),
    ]
    for field, call in cases:
        with pytest.raises(InputError, match=f"^{field}"):
            call()


def test_the_process_of_an_erasure_is_the_memory_before_and_after() -> None:
    """U at rest is that of the double well, up to the constant T ln Z; the spline through it is good to 1e-6."""
    found = bit_erasure(4.0, density=boltzmann(lambda x: 3.0 * (x * x - 1.0) ** 2, -3.0, 3.0, temperature=0.8),
                        temperature=0.8, mobility=1.3)  # fmt: skip
    x = np.array([[-1.3], [-0.4], [0.2], [0.9], [1.25]])
    U = found.process.energies(x, -1.0)
    np.testing.assert_allclose(U - U[2], 3.0 * (x[:, 0] ** 2 - 1) ** 2 - 3.0 * (0.04 - 1) ** 2, rtol=0, atol=1e-6)
    for control in (-1.0, 0.0, 1.7, 4.0):
        found.process.check(x[1:3], control)
        driven = found.process.energies(x, control)
        np.testing.assert_array_equal(driven, found.energies(x[:, 0], control))
    with pytest.raises(InputError, match="is the time"):
        found.transport.process.energies(x, -1.0)
