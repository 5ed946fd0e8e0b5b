"""The reversed process of a Langevin run: its steps in reverse order, its paths the forward ones seen backwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

import szilard as sz
from szilard.continuous import Linear
from szilard.continuous.backward import turned
from szilard.continuous.course import course_of
from szilard.continuous.steps import steps_of
from tests.continuous.cases import WAY, moved, stirred
from tests.continuous.turning import START, SWIRLED
from tests.discrete.moved_rings import bins_apart, z


def test_the_steps_are_those_of_the_reversed_control() -> None:
    forward = course_of(moved(), WAY, 1.2)
    steps = steps_of(forward, 0.1, np.zeros(0))
    back, plain = turned(steps), steps_of(forward.reversed(), 0.1, np.zeros(0))
    np.testing.assert_allclose(back.control, plain.control, rtol=0, atol=1e-15)
    np.testing.assert_allclose(back.length, plain.length, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(back.number, plain.number)
    np.testing.assert_array_equal(back.look, plain.look)


def test_steps_cut_by_looks_are_cut_in_the_same_places() -> None:
    run = sz.simulate(moved(), [0.3], 1.2, replicas=3, seed=1, protocol=WAY, dt=0.25, times=[0.11, 0.37, 1.2],
                      method="metropolis")  # fmt: skip
    steps = run.plan
    back = turned(steps)
    real = steps.length > 0.0
    np.testing.assert_array_equal(back.length[back.length > 0.0], steps.length[real][::-1])
    np.testing.assert_array_equal(back.control[back.length > 0.0], steps.control[real][::-1])
    assert (back.control[0], back.control[-1]) == (WAY.values[-1], WAY.values[0])
    assert np.ptp(steps.length[real]) > 0.01 and np.all(back.look == -1)
    np.testing.assert_array_equal(turned(back).length[1:], steps.length[steps.look < 0][1:])


@pytest.mark.parametrize("looks", [None, [0.11, 0.37]])
def test_crooks_theorem_at_a_long_step(looks: Any) -> None:
    """Metropolised steps that refuse half, cut unevenly by looks, from equilibrium at either end of the control."""
    run = sz.simulate(
        moved(), "equilibrium", 1.2, replicas=30_000, seed=12, protocol=WAY, dt=0.2, method="metropolis", times=looks
    )
    back = run.backward(start="equilibrium")
    Z = [quad(lambda x, c=c: np.exp(-(1.5 * (x * x - 1) ** 2 + 0.3 * x - c * x) / 0.7), -5, 5)[0] for c in (0.0, -0.7)]
    free = -0.7 * np.log(Z[1] / Z[0])
    np.testing.assert_allclose(back.forward, (run.ledger.work - free) / 0.7, rtol=0, atol=1e-9)
    np.testing.assert_allclose(back.entropy_production, (back.work + free) / 0.7, rtol=0, atol=1e-9)
    assert max(map(abs, bins_apart(back.forward, back.entropy_production))) <= 4.0
    assert run.acceptance < 0.7 and abs(back.run.acceptance - run.acceptance) < 0.05


def test_explicit_steps_that_long_break_it() -> None:
    trap = sz.systems.moved_trap(2.0, temperature=0.8)
    run = sz.simulate(trap, "equilibrium", 1.2, replicas=30_000, seed=12, protocol=WAY, dt=0.3, method="euler")
    back = run.backward(start="equilibrium")
    assert max(map(abs, bins_apart(back.forward, back.entropy_production))) > 5.0


def test_the_detailed_theorem_of_exact_steps_at_any_length() -> None:
    """No driving, one temperature, linear: three steps of the whole way; the exact p of the staircase counts."""
    bent = sz.Langevin(
        linear=lambda c: Linear([[1.4 + 0.5 * c, 0.3], [0.3, 0.9]], [0.6 * c, -0.2]), dim=2, temperature=0.8,
        mobility=[1.3, 0.5],
    )  # fmt: skip
    run = sz.simulate(bent, START, 1.2, replicas=30_000, seed=3, protocol=WAY, dt=0.6)
    assert run.steps == 2
    back = run.backward()
    np.testing.assert_allclose(back.forward, run.ledger.entropy_production, rtol=0, atol=1e-12)
    assert max(map(abs, bins_apart(back.forward, back.entropy_production))) <= 4.0
    assert abs(z(np.exp(-back.entropy_production), 1.0)) <= 4.0
    wrong = sz.simulate(bent, run.ends[1], 1.2, replicas=30_000, seed=4, protocol=WAY, dt=0.6)  # type: ignore[index]
    own = back.entropy_production[: wrong.initial.shape[0]] * 0.0
    own += run.ends[1].log_density(wrong.initial) - run.ends[0].log_density(wrong.final)  # type: ignore[index]
    own += wrong.ledger.heat[:, 0] / 0.8
    assert max(map(abs, bins_apart(back.forward, own))) > 5.0


def test_the_detailed_theorem_of_a_driven_process_between_two_baths() -> None:
    run = sz.simulate(SWIRLED, START, 1.2, replicas=30_000, seed=5, protocol=WAY, dt=0.02)
    back = run.backward()
    np.testing.assert_allclose(back.forward, run.ledger.entropy_production, rtol=0, atol=1e-12)
    assert max(map(abs, bins_apart(back.forward, back.entropy_production))) <= 4.0


def test_the_density_on_a_lattice_serves_where_no_closed_form_does() -> None:
    """A well from a narrow Gaussian: p_tau by 400 cells, whose error of order 1e-3 is far below the statistics."""
    run = sz.simulate(moved(), sz.Gaussian(0.4, 0.3), 1.2, replicas=20_000, seed=6, protocol=WAY, dt=0.01, entropy=True)
    back = run.backward()
    assert max(map(abs, bins_apart(back.forward, back.entropy_production))) <= 4.0


def test_a_driven_ring_at_rest_is_its_own_reversed_process() -> None:
    ring = sz.systems.tilted_ring(0.6, 0.5, temperature=0.8, mobility=1.3)
    run = sz.simulate(ring, "stationary", 3.0, replicas=20_000, seed=7, dt=0.02)
    back = run.backward()
    assert max(map(abs, bins_apart(back.forward, back.entropy_production))) <= 4.0
    assert abs(z(back.entropy_production, float(back.forward.mean()))) <= 4.0 * np.sqrt(2.0)


def test_in_equilibrium_every_path_is_as_likely_backwards() -> None:
    held = sz.Protocol([0.0], [0.4])
    run = sz.simulate(moved(), "equilibrium", 1.0, replicas=100, seed=1, protocol=held, dt=0.02)
    for start in ("final", "equilibrium"):
        back = run.backward(start=start)
        np.testing.assert_allclose(back.forward, 0.0, atol=1e-12)
        np.testing.assert_allclose(back.entropy_production, 0.0, atol=1e-12)


def test_the_same_bits_every_time() -> None:
    run = sz.simulate(SWIRLED, START, 1.2, replicas=300, seed=5, protocol=WAY, dt=0.05, cell="a")
    one, two = run.backward(threads=1), run.backward(threads=2, record="paths")
    np.testing.assert_array_equal(one.entropy_production, two.entropy_production)
    np.testing.assert_array_equal(two.run.paths.states[:, 0], two.run.initial)
    assert one.run.cell == "abackward" and one.run.course.controls == run.course.controls[::-1]
    assert run.backward(replicas=7).run.final.shape == (7, 2)


def test_unknown_distributions_are_refused() -> None:
    given = sz.simulate(stirred(), [0.1, 0.2], 0.1, replicas=3, seed=1)
    with pytest.raises(sz.InputError, match="is not known"):
        given.backward()
    from_states = sz.simulate(moved(), [0.1], 0.1, replicas=3, seed=1, protocol=WAY)
    with pytest.raises(sz.InputError, match="states that were given"):
        from_states.backward(start="equilibrium")
    two = sz.simulate(SWIRLED, START, 1.2, replicas=3, seed=5, protocol=WAY, dt=0.05)
    with pytest.raises(sz.InputError, match="common equilibrium"):
        two.backward(start="equilibrium")
    for change in ({"start": "now"}, {"replicas": 0}, {"seed": np.nan}, {"record": "paths", "max_bytes": 1.0}):
        with pytest.raises(sz.InputError):
            two.backward(**change)
