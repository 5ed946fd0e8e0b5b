"""Exact heat, work and entropy of linear systems, against small steps, closed forms and reference values."""

from __future__ import annotations

import numpy as np
import pytest

import szilard as sz
from szilard.continuous import Energetics, Gaussian, Langevin, Linear, Mixture
from szilard.continuous.course import course_of
from szilard.continuous.gaussian_averages import gaussian_energetics
from szilard.continuous.gaussian_route import gaussian_entropy_rate, gaussian_propagate, gaussian_stationary
from szilard.errors import InputError
from tests.continuous.gaussians import MOBILITY, START, WAY, force, gyrator, moved, told

TRAP = Langevin(linear=lambda at: force([[2.0]], [2.0 * at], at**2), dim=1)
STIFFENED = Langevin(linear=lambda k: force([[k]], [0.0]), dim=1)
LEARNER = Langevin(linear=lambda pull: force([[1.0]], [pull]), dim=1)


def spent(process: Langevin, start: object, duration: float, protocol: sz.Protocol | None = None) -> Energetics:
    return gaussian_energetics(course_of(process, protocol, duration), start)  # type: ignore[arg-type]


@pytest.mark.parametrize("temperature", [(0.5, 2.0), (0.7, 0.7)])
def test_heat_and_work_under_a_protocol_are_those_of_small_steps(temperature: tuple[float, float]) -> None:
    found, true = spent(gyrator(temperature), START, 2.5, WAY), told(np.array(temperature))
    assert found.heat == pytest.approx(true.heat, rel=1e-9)
    assert found.work == pytest.approx(true.work, rel=1e-9)
    last = Gaussian(true.mean, true.covariance)
    assert found.system_entropy_change == pytest.approx(last.entropy - START.entropy, rel=1e-9)
    assert found.entropy_production == pytest.approx(
        last.entropy - START.entropy + np.sum(true.heat / temperature), rel=1e-9
    )


def test_first_law_holds_between_separate_sums() -> None:
    found = spent(gyrator(), START, 2.5, WAY)
    assert found.first_law_residual < 1e-13
    assert abs(found.energy_change - found.work + found.heat.sum()) <= found.error


def test_entropy_production_is_the_integral_of_its_rate() -> None:
    """sigma = <nu.D^{-1} nu> of the moments of every time, by Gauss-Legendre rules within the smooth pieces."""
    course, total = course_of(gyrator(), WAY, 2.5), 0.0
    for start, end, a, b in course.pieces():
        nodes, weights = np.polynomial.legendre.leggauss(24)
        times = start + 0.5 * (end - start) * (1.0 + nodes)
        path = gaussian_propagate(course, START, times)
        assert a is not None and b is not None
        controls = a + (times - start) / (end - start) * (b - a)
        rates = [gaussian_entropy_rate(gyrator(), path.at(i), float(c)) for i, c in enumerate(controls)]
        total += 0.5 * (end - start) * float(weights @ rates)
    assert spent(gyrator(), START, 2.5, WAY).entropy_production == pytest.approx(total, rel=1e-10)


def test_nonadiabatic_part_of_a_held_control_is_the_fall_of_relative_entropy() -> None:
    """dS_na = D(p_0 || p_ss) - D(p_t || p_ss); what is left is the adiabatic part."""
    still = sz.Protocol([0.0], [0.4])
    steady = gaussian_stationary(gyrator(), 0.4)
    last = gaussian_propagate(course_of(gyrator(), still, 1.7), START, [1.7]).at(0)
    found = spent(gyrator(), START, 1.7, still)
    assert found.nonadiabatic == pytest.approx(
        START.relative_entropy(steady) - last.relative_entropy(steady), rel=1e-11
    )


def test_stationary_state_spends_the_adiabatic_part_only() -> None:
    found = spent(gyrator(), "stationary", 3.0, sz.Protocol([0.0], [0.4]))
    assert found.adiabatic == pytest.approx(3.0 * gaussian_entropy_rate(gyrator(), None, 0.4), rel=1e-12)
    assert abs(found.nonadiabatic or 0.0) < 1e-13
    slow = spent(gyrator(), "stationary", 2e4, sz.Protocol([0.0, 2e4], [0.4, 0.400001]))
    assert slow.entropy_production == pytest.approx(2e4 * gaussian_entropy_rate(gyrator(), None, 0.4), rel=1e-5)


def test_moved_trap_spends_the_reference_work() -> None:
    found = spent(TRAP, "equilibrium", 1.2, sz.Protocol([0.0, 1.2], [0.0, 1.8]))
    assert found.work == pytest.approx(1.6770576974505889, rel=1e-11)
    assert found.adiabatic == 0.0


def test_sudden_and_slow_stiffening_spend_the_reference_values() -> None:
    sudden = spent(STIFFENED, "equilibrium", 40.0, sz.Protocol([0.0, 0.0], [1.0, 3.0]))
    assert sudden.work == pytest.approx(1.0, rel=1e-14)
    assert sudden.entropy_production == pytest.approx(0.4506938556659451, rel=1e-11)
    slow = spent(STIFFENED, "equilibrium", 0.8, sz.Protocol([0.0, 0.8], [1.0, 3.0]))
    assert slow.work == pytest.approx(0.7337394037448273, rel=1e-11)


@pytest.mark.parametrize(
    ("jumps", "cost"), [((0.5, 0.7, 0.2, 0.6), 1.0915955648268245), ((3.0, -2.0, 2.0, -1.0), 3.9012232005437166)]
)
def test_learning_in_steps_costs_the_reference_entropy(jumps: tuple[float, ...], cost: float) -> None:
    steps = sz.Protocol([0.0, 0.0, 0.3, 1.1, 2.0], [0.0, *np.cumsum(jumps)], "constant")
    assert spent(LEARNER, "equilibrium", 60.0, steps).entropy_production == pytest.approx(cost, rel=1e-11)


def test_alternating_force_heats_at_the_reference_rate() -> None:
    """The heat of the 21st to 40th period: by then transients have died out, as e^{-32}."""
    h, force_of = 0.8, 1.3

    def heat(periods: int) -> float:
        times = h * np.arange(2 * periods)
        values = force_of * (-1.0) ** np.arange(2 * periods)
        way = sz.Protocol(times.tolist(), values.tolist(), "constant")
        return float(spent(LEARNER, Gaussian(0.0, 1.0), 2 * periods * h, way).heat[0])

    assert (heat(40) - heat(20)) / (40.0 * h) == pytest.approx(1.605284365528325, rel=1e-10)


def test_free_diffusion_under_a_constant_push_heats_by_its_drift() -> None:
    """F = 2, mu = 0.5, T = 3: heat mu F^2 t; S grows by ln(C / C_0) / 2; no stationary state, so no adiabatic part."""
    free = Langevin(
        linear=Linear(np.zeros((1, 1)), np.zeros(1), push=np.array([2.0])), dim=1, mobility=0.5, temperature=3.0
    )
    found = spent(free, Gaussian(5.0, 0.4), 7.0)
    assert found.heat[0] == pytest.approx(0.5 * 4.0 * 7.0, rel=1e-13)
    assert found.work == pytest.approx(0.5 * 4.0 * 7.0, rel=1e-13)
    assert found.system_entropy_change == pytest.approx(0.5 * np.log(1.0 + 2.0 * 1.5 * 7.0 / 0.4), rel=1e-13)
    assert found.adiabatic is None and found.nonadiabatic is None


def test_equilibrium_at_rest_costs_nothing() -> None:
    trap = Langevin(linear=force([[3.0, 1.0], [1.0, 2.0]], [1.0, -1.0]), dim=2, mobility=MOBILITY, temperature=1.7)
    found = spent(trap, "equilibrium", 1e3)
    assert found.work == 0.0 and found.adiabatic == 0.0
    assert abs(found.entropy_production) <= found.error < 1e-9


def test_mobility_matrix_heats_one_bath_by_all_coordinates() -> None:
    """Turned coordinates w = R x with mobilities of x along R: heat is that of x."""
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    at = moved(0.4)

    def turned(matrix: object) -> np.ndarray:
        return np.asarray(turn @ np.asarray(matrix) @ turn.T)

    one = Langevin(linear=at, dim=2, mobility=MOBILITY, temperature=0.7)
    H, M = turned(at.hessian), turned(np.diag(MOBILITY))
    other = Linear(0.5 * (H + H.T), turn @ at.pull, at.constant, turned(at.swirl), turn @ np.asarray(at.push))
    two = Langevin(linear=other, dim=2, mobility=0.5 * (M + M.T), temperature=0.7)
    found = spent(one, START, 1.7), spent(two, Gaussian(turn @ START.mean, turned(START.covariance)), 1.7)
    assert found[1].heat == pytest.approx(found[0].heat, rel=1e-12)
    assert found[1].entropy_production == pytest.approx(found[0].entropy_production, rel=1e-12)
    assert found[1].adiabatic == pytest.approx(found[0].adiabatic, rel=1e-12)


def test_sudden_reset_of_a_learned_label_produces_the_reference_entropy() -> None:
    """The state is +-2 by a hidden label: nu^2 / 2 of heat, of which I(w; label) is not lost but spread."""
    learned = Mixture([0.5, 0.5], [Gaussian(-2.0, 1.0), Gaussian(2.0, 1.0)])
    found = spent(LEARNER, learned, 60.0, sz.Protocol([0.0], [0.0]))
    assert found.heat[0] == pytest.approx(2.0, rel=1e-13)
    assert found.entropy_production == pytest.approx(1.3672798062630918, rel=1e-10)
    assert found.system_entropy_change == pytest.approx(-0.6327201937369082, rel=1e-10)


def test_mixture_spends_what_its_components_do() -> None:
    other = Gaussian([-1.5, 0.7], [0.3, 0.6])
    both = spent(gyrator(), Mixture([0.3, 0.7], [START, other]), 2.5, WAY)
    each = [spent(gyrator(), start, 2.5, WAY) for start in (START, other)]
    assert both.heat == pytest.approx(0.3 * each[0].heat + 0.7 * each[1].heat, rel=1e-11)
    assert both.work == pytest.approx(0.3 * each[0].work + 0.7 * each[1].work, rel=1e-11)
    adiabatic = [found.adiabatic or np.nan for found in each]
    assert both.adiabatic == pytest.approx(0.3 * adiabatic[0] + 0.7 * adiabatic[1], rel=1e-11)


def test_a_point_is_no_start_of_an_entropy_balance() -> None:
    with pytest.raises(InputError, match="a point has no entropy"):
        spent(TRAP, [1.0], 1.0, sz.Protocol([0.0], [0.0]))


def test_a_kink_costs_the_same_inside_a_piece_as_at_a_node() -> None:
    """|c| is smooth on both sides of a node at 0; inside one piece the work follows from the first law."""
    process = Langevin(linear=lambda c: force([[1.0 + abs(c)]], [c]), dim=1, mobility=0.6, temperature=1.4)
    start = Gaussian(0.7, 0.5)
    inside = spent(process, start, 3.0, sz.Protocol([0.0, 3.0], [-1.0, 2.0]))
    split = spent(process, start, 3.0, sz.Protocol([0.0, 1.0, 3.0], [-1.0, 0.0, 2.0]))
    assert inside.heat == pytest.approx(split.heat, rel=1e-10)
    assert inside.work == pytest.approx(split.work, rel=1e-10)


def test_a_slow_stiff_ramp_keeps_its_digits() -> None:
    """A trap of rate k = 1e5 moved at speed v for t = 1e3 beside one of rate 1: W = v^2 [t - (1 - e^{-kt}) / k].

    The mean x, up to 5, is known to 1e-13, and so the lag force k(x - c) to 1e-8 and W to v t times that.
    """
    process = Langevin(linear=lambda c: force(np.diag([1e5, 1.0]), [1e5 * c, 0.0], 0.5e5 * c**2), dim=2)
    found = spent(process, "equilibrium", 1e3, sz.Protocol([0.0, 1e3], [0.0, 5.0]))
    speed = 5e-3
    assert found.work == pytest.approx(speed**2 * (1e3 - 1e-5), abs=1e-8 * speed * 1e3)
    assert abs(found.energy_change - found.work + found.heat.sum()) <= found.error
