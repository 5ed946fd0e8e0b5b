"""Entropy production from the most precise current and from a linear fit, against exact values and exact moments."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

import szilard as sz
from szilard.continuous.process import Langevin
from szilard.data.recording import Recording
from szilard.infer.linear_fit import entropy_production_from_linear_fit, rate_of, two_looks
from szilard.infer.short_time import at_least, entropy_production_from_short_times
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
K, R, MU, T = 1.3, 0.9, 1.4, 0.7
TRAP = sz.systems.rotating_trap(K, R, mobility=MU, temperature=T)
SIGMA = sz.entropy_production_rate(TRAP)
DT = 0.04
Infer = Callable[[Recording], sz.Estimate]
SHORT_SEEDS = range(10, 40)


def seen(process: Langevin, dt: float, steps: int, replicas: int = 200, seed: int = 1) -> Recording:
    times = dt * np.arange(steps + 1)
    step = dt if process.is_linear else None  # a linear process is sampled without error at any step
    run = sz.simulate(
        process, "stationary", float(times[-1]), replicas=replicas, seed=seed, times=times.tolist(), dt=step,
        entropy=False,
    )  # fmt: skip
    return Recording.from_run(run)


TURNING = seen(TRAP, DT, 1000)


def of_angular_momentum(dt: float) -> float:
    """The bound at the interval dt of the best linear current, x0 y1 - y0 x1, from Isserlis' theorem: exact."""
    decay, angle = np.exp(-MU * K * dt), MU * R * dt
    q = 4.0 * decay**2 * np.sin(angle) ** 2 / (4.0 * decay**2 * np.sin(angle) ** 2 + 2.0 * (1.0 - decay**2))
    return float(at_least(np.array(q))) / dt


def linear_fields(w: Array) -> Array:
    return w


@pytest.mark.parametrize("s", [1e-3, 0.3, 2.0, 7.0])
def test_the_least_entropy_production_is_that_of_two_outcomes(s: float) -> None:
    """J = +1 and -1 with odds e^s attains the bound: sigma = s tanh(s/2)."""
    mean = np.tanh(s / 2.0)
    q = mean**2 / (1.0 - mean**2)
    assert float(at_least(np.array(q))) == pytest.approx(s * mean, rel=1e-12)
    assert float(at_least(np.array(q))) < 2.0 * q


@pytest.mark.parametrize("every", [1, 5, 15])
def test_a_linear_current_has_its_exact_precision_at_any_interval(every: int) -> None:
    found = entropy_production_from_short_times(TURNING, basis=linear_fields, every=every)
    assert_agrees(found, of_angular_momentum(every * DT), relative=0.05)
    assert found.side == "lower"


def test_short_times_reach_the_entropy_production() -> None:
    assert of_angular_momentum(1e-5) == pytest.approx(SIGMA, rel=1e-4)  # what is left: 1e-5 times rates below 10
    near, further = (entropy_production_from_short_times(TURNING, every=k, extrapolate=True) for k in (1, 2))
    for found in (near, further):
        assert_agrees(found, SIGMA, relative=0.05)
        assert found.side == "lower" and "second order in the interval" in found.assumptions[-1]
    plain = entropy_production_from_short_times(TURNING, every=2)
    assert plain.value < further.value


def test_an_interval_too_long_is_flagged() -> None:
    found = entropy_production_from_short_times(TURNING, every=15)
    assert found.value < SIGMA - 5.0 * found.stderr
    assert "twice the interval changes the bound by -" in found.note
    assert not entropy_production_from_short_times(TURNING).note


def test_what_is_extrapolated_over_an_interval_too_long_is_no_bound() -> None:
    process = sz.systems.tilted_ring(0.5, 1.5)
    exact = sz.entropy_production_rate(process)
    found = entropy_production_from_short_times(seen(process, 0.36, 300, replicas=300), extrapolate=True)
    assert found.value > exact + 5.0 * found.stderr
    assert found.side == "none" and "may exceed the truth" in found.note
    rough = entropy_production_from_short_times(seen(process, 0.2, 300, replicas=300), extrapolate=True)
    assert rough.side == "none"  # near it by chance: 4 dt shows that higher orders count
    short = seen(TRAP, DT, 3)
    assert entropy_production_from_short_times(short, extrapolate=True).side == "none"  # nothing at 4 dt
    assert entropy_production_from_short_times(short).side == "lower"


def test_units_places_and_bases_change_little_or_nothing() -> None:
    plain = entropy_production_from_short_times(TURNING, every=2)
    moved = Recording(1e3 * TURNING.states + 5e3, 2.0 * TURNING.times)
    assert entropy_production_from_short_times(moved, every=2).value == pytest.approx(plain.value / 2.0, rel=1e-6)
    part = Recording(TURNING.states[:, :400], TURNING.times[:400])
    found = entropy_production_from_short_times(part, basis="gaussians", order=3, every=2)
    assert 0.5 * SIGMA < found.value < SIGMA + 4.0 * found.stderr


@pytest.mark.parametrize("order", [1, 3])
def test_a_tilted_ring_with_positions_wrapped_or_not(order: int) -> None:
    process = sz.systems.tilted_ring(0.8, 1.5, mobility=1.3, temperature=0.7)
    walked = seen(process, 0.02, 500)
    wrapped = Recording(walked.states % (2.0 * np.pi), walked.times, period=2.0 * np.pi)
    one, other = (entropy_production_from_short_times(r, order=order) for r in (walked, wrapped))
    assert one.value == pytest.approx(other.value, rel=1e-9)
    exact = sz.entropy_production_rate(process)
    assert one.value < exact + 4.0 * one.stderr
    if order == 3:
        assert_agrees(entropy_production_from_short_times(walked, order=3, extrapolate=True), exact, relative=0.05)


@pytest.mark.parametrize("seed", range(6))
def test_random_linear_systems(seed: int) -> None:
    rng = np.random.default_rng(seed)
    dim = int(rng.integers(2, 4))
    A = rng.normal(0.0, 0.7, (dim, dim)) + 2.0 * np.eye(dim)
    process = sz.systems.linear(A, rng.uniform(0.3, 2.0, dim), temperature=0.6)
    exact = sz.entropy_production_rate(process)
    recording = seen(process, 0.03, 400, seed=seed)
    for found in (
        entropy_production_from_linear_fit(recording, every=5, complete=True),
        entropy_production_from_short_times(recording, order=1, extrapolate=True),
    ):
        assert found.trusted and not found.note
        assert abs(found.value - exact) < 4.0 * found.stderr < 0.6 * exact + 0.1


def test_the_fit_gives_the_exact_rate_of_exact_correlations() -> None:
    process = sz.systems.linear([[2.0, 0.8], [-0.6, 1.0]], [0.5, 0.9], temperature=0.5)
    C = np.asarray(sz.stationary(process).covariance)
    for dt in (0.01, 1.0):
        one = expm(-dt * np.array([[2.0, 0.8], [-0.6, 1.0]])) @ C
        assert rate_of(C[None], one[None], dt)[0] == pytest.approx(sz.entropy_production_rate(process), rel=1e-9)


def test_unequal_temperatures_and_a_coordinate_that_is_hidden() -> None:
    process = sz.systems.gyrator(1.0, 0.6, (0.5, 3.0), mobility=(1.0, 1.7))
    exact = sz.entropy_production_rate(process)
    recording = seen(process, 0.03, 1000)
    assert_agrees(entropy_production_from_linear_fit(recording, complete=True), exact, relative=0.06)
    assert_agrees(entropy_production_from_short_times(recording, extrapolate=True), exact, relative=0.06)
    alone = Recording(recording.states[:, :, :1], recording.times)
    found = entropy_production_from_short_times(alone)
    assert abs(found.value) < 4.0 * found.stderr and found.value < exact - 5.0 * found.stderr
    blind = entropy_production_from_linear_fit(alone)
    assert blind.value == 0.0 and blind.side == "lower" and "says nothing" in blind.note


def test_a_hidden_coordinate_is_found_out_where_its_memory_shows() -> None:
    process = sz.systems.linear([[1.0, 1.5, 0.0], [-1.5, 1.2, 0.8], [0.4, -2.0, 0.9]], [0.5, 0.9, 1.3])
    whole = seen(process, 0.3, 300)
    assert_agrees(
        entropy_production_from_linear_fit(whole, complete=True), sz.entropy_production_rate(process), relative=0.06
    )
    found = entropy_production_from_linear_fit(Recording(whole.states[:, :, :2], whole.times), complete=True)
    assert found.side == "none" and "hidden" in found.note


def test_two_looks_bound_what_hidden_coordinates_produce() -> None:
    """Of exact correlations: a bound at any interval, which all coordinates meet as dt -> 0; the fit is none."""
    rng = np.random.default_rng(12)
    excess = []
    for _ in range(100):
        A, D = rng.normal(0.0, 0.9, (3, 3)) + 2.0 * np.eye(3), rng.uniform(0.3, 2.0, 3)
        if np.linalg.eigvals(A).real.min() < 0.2:
            continue
        process = sz.systems.linear(A, D)
        C, exact = np.asarray(sz.stationary(process).covariance), sz.entropy_production_rate(process)
        for dt in (1e-3, 0.1, 0.5, 1.5):
            one = expm(-dt * A) @ C
            seen = np.s_[None, :2, :2]
            assert -1e-9 < two_looks(C[seen], one[seen])[0] / dt < exact
            assert two_looks(C[None], one[None])[0] / dt < exact
            excess.append(rate_of(C[seen], one[seen], dt)[0] - exact)
            R = np.diag(rng.uniform(0.0, 1.0, 3))
            assert two_looks(C[None] + R, one[None])[0] / dt < exact  # looks that add a noise
        near = two_looks(C[None], (expm(-1e-4 * A) @ C)[None])[0] / 1e-4
        assert near == pytest.approx(exact, rel=0.01)  # what is left is of order dt times rates below 10
    assert np.nanmax(excess) > 0.0


def test_a_hidden_coordinate_that_does_not_show_leaves_a_lower_bound() -> None:
    process = sz.systems.linear([[2.0, 1.0, 0.0], [0.0, 2.0, 1.0], [-1.5, 0.0, 2.0]], 1.0)
    whole = seen(process, 0.02, 400)
    exact = sz.entropy_production_rate(process)
    part = entropy_production_from_linear_fit(Recording(whole.states[:, :, :2], whole.times))
    assert part.side == "lower" and part.trusted and not part.note
    assert part.value < exact - 5.0 * part.stderr
    fit = entropy_production_from_linear_fit(whole)
    assert fit.side == "lower" and 0.7 * exact < fit.value < exact + 4.0 * fit.stderr
    wrong = entropy_production_from_linear_fit(Recording(whole.states[:, :, :2], whole.times), complete=True)
    assert wrong.side == "two-sided" and wrong.value < exact - 5.0 * wrong.stderr  # hence complete is never assumed
    known = entropy_production_from_linear_fit(whole, complete=True)
    assert known.side == "two-sided" and any("every coordinate was seen" in said for said in known.assumptions)
    assert not any("every coordinate was seen" in said for said in fit.assumptions)
    assert_agrees(known, exact, relative=0.15)


def test_errors_of_short_recordings_grow_where_the_value_came_out_small() -> None:
    """A square of a normal root: chance that makes it small makes its own error small; 300 replicas of one time unit.

    Of 30 values a normal one strays beyond 3.5 errors once in 70 times; of the plain errors seed 16 is 6.3 away.
    """
    gyrator = sz.systems.gyrator(1.0, 0.5, (1.0, 3.0))
    exact = sz.entropy_production_rate(gyrator)
    found = [
        entropy_production_from_linear_fit(seen(gyrator, 0.01, 100, replicas=300, seed=s), complete=True)
        for s in SHORT_SEEDS
    ]
    z = np.array([(e.value - exact) / e.stderr for e in found])
    assert np.abs(z).max() < 3.5 and 0.5 < z.std() < 1.2


def test_equilibrium_is_zero() -> None:
    still = sz.systems.linear([[2.0, 0.5], [0.5, 1.0]], 0.6)
    for seed in range(3):
        recording = seen(still, 0.05, 100, seed=seed)
        for found in (
            entropy_production_from_short_times(recording),
            entropy_production_from_short_times(recording, extrapolate=True),
            entropy_production_from_linear_fit(recording),
            entropy_production_from_linear_fit(recording, complete=True),
        ):
            assert abs(found.value) < 4.0 * found.stderr < 0.1


def test_many_functions_and_few_data_are_no_reason_for_entropy_production() -> None:
    still = sz.systems.linear([[2.0, 0.5], [0.5, 1.0]], 0.6)
    for seed in range(3):
        found = entropy_production_from_short_times(seen(still, 0.05, 40, replicas=100, seed=seed), order=6)
        assert found.value < 3.0 * found.stderr


def test_gaps_are_left_out() -> None:
    gaps = TURNING.states[:, :1000].copy()
    gaps[np.random.default_rng(5).random(gaps.shape[:2]) < 0.2, 0] = np.nan
    recording = Recording(gaps, TURNING.times[:1000])
    assert_agrees(entropy_production_from_short_times(recording, extrapolate=True), SIGMA, relative=0.08)
    assert_agrees(entropy_production_from_linear_fit(recording, complete=True), SIGMA, relative=0.08)


def test_one_long_trajectory() -> None:
    recording = seen(TRAP, 0.04, 40_000, replicas=1, seed=9)
    for found in (
        entropy_production_from_short_times(recording, extrapolate=True),
        entropy_production_from_linear_fit(recording, complete=True),
    ):
        assert found.n == 1 and found.trusted
        assert_agrees(found, SIGMA, relative=0.08)


# what breaks it


def test_noise_of_the_measurement_makes_every_number_too_small() -> None:
    noise = np.random.default_rng(6).normal(0.0, 0.3, TURNING.states.shape)
    blurred = Recording(TURNING.states + noise, TURNING.times)
    fit = entropy_production_from_linear_fit(blurred, complete=True)
    claim = sz.Estimate(fit.value, fit.stderr, fit.n, fit.ess)
    assert sz.BoundCheck("fit", claim, sz.Estimate.exact(SIGMA), relation="=").verdict == "violated"
    assert fit.side == "none" and "measured with noise" in fit.note
    bound = entropy_production_from_linear_fit(blurred)
    assert bound.side == "lower" and bound.value < SIGMA - 5.0 * bound.stderr
    least = entropy_production_from_short_times(blurred)
    assert least.value < SIGMA - 5.0 * least.stderr and least.side == "lower"
    assert "twice the interval changes the bound by +" in least.note


def test_a_force_that_is_not_linear_is_found_out() -> None:
    well = seen(sz.systems.double_well(2.0, 0.3, temperature=0.8), 0.02, 300)
    pair = Recording(np.concatenate([well.states[:100], well.states[100:]], axis=2), well.times)
    found = entropy_production_from_linear_fit(pair)
    assert found.side == "none" and "not Gaussian" in found.note
    least = entropy_production_from_short_times(well)
    assert abs(least.value) < 4.0 * least.stderr


def test_a_recording_on_its_way_is_found_out() -> None:
    times = 0.02 * np.arange(50)
    run = sz.simulate(TRAP, [3.0, 0.0], 1.0, replicas=1200, seed=2, times=times.tolist(), dt=0.02, entropy=False)
    moving = Recording.from_run(run)
    for found in (entropy_production_from_short_times(moving), entropy_production_from_linear_fit(moving)):
        assert found.side == "none" and "not stationary" in found.note
        assert abs(found.value - SIGMA) > 5.0 * found.stderr


def test_a_cloud_that_widens_about_one_place_is_found_out() -> None:
    times = 0.02 * np.arange(50)
    start = sz.Gaussian([0.0, 0.0], 0.1 * T / K * np.eye(2))
    run = sz.simulate(TRAP, start, 1.0, replicas=400, seed=3, times=times.tolist(), dt=0.02, entropy=False)
    found = entropy_production_from_short_times(Recording.from_run(run))
    assert found.side == "none" and "not stationary" in found.note


def test_correlations_of_no_drift_give_no_number() -> None:
    white = Recording(np.random.default_rng(4).normal(size=(200, 50, 2)), np.arange(50.0))
    found = entropy_production_from_linear_fit(white, complete=True)
    assert found.side == "none" and not found.trusted and "no linear drift" in found.note


def test_bad_input() -> None:
    for infer in (entropy_production_from_short_times, entropy_production_from_linear_fit):
        for every in (0, 3000, 1.5):
            with pytest.raises(sz.InputError, match="every"):
                infer(TURNING, every=every)  # type: ignore[arg-type]
        with pytest.raises(sz.InputError, match="must be a Recording"):
            infer(TURNING.states)  # type: ignore[arg-type]
        with pytest.raises(sz.InputError, match="must be even"):
            infer(Recording(np.zeros((5, 4, 2)), [0.0, 1.0, 3.0, 9.0]))
    for basis, message in (
        ("cubes", "basis"),
        (lambda w: w[:, 0], "must give finite numbers of shape"),
        (lambda w: w * np.nan, "must give finite numbers of shape"),
    ):
        with pytest.raises(sz.InputError, match=message):
            entropy_production_from_short_times(TURNING, basis=basis)  # type: ignore[arg-type]
    for order in (0, 1.5):
        with pytest.raises(sz.InputError, match="order"):
            entropy_production_from_short_times(TURNING, order=order)  # type: ignore[arg-type]
    with pytest.raises(sz.InputError, match="at most 400 currents"):
        entropy_production_from_short_times(TURNING, order=30)
    angle = Recording(np.zeros((5, 9, 1)), np.arange(9.0), period=1.0)
    with pytest.raises(sz.InputError, match="periodic"):
        entropy_production_from_linear_fit(angle)
    with pytest.raises(sz.InputError, match="fourier"):
        entropy_production_from_short_times(angle, basis="polynomial")
    with pytest.raises(sz.InputError, match="period"):
        entropy_production_from_linear_fit(Recording([[0, 1]] * 5, [0.0, 1.0]))
    with pytest.raises(sz.InputError, match="complete"):
        entropy_production_from_linear_fit(TURNING, complete="yes")  # type: ignore[arg-type]
    with pytest.raises(sz.InputError, match="12"):
        entropy_production_from_linear_fit(Recording(np.zeros((5, 9, 13)), np.arange(9.0)))


@pytest.mark.parametrize("infer", [entropy_production_from_linear_fit, entropy_production_from_short_times])
@pytest.mark.parametrize(
    ("size", "pace", "field"),
    [(1e200, 1.0, "states"), (1e-200, 1.0, "states"), (1.0, 1e300, "times"), (1.0, 1e-300, "times")],
)
def test_numbers_whose_squares_are_none(infer: Infer, size: float, pace: float, field: str) -> None:
    with pytest.raises(sz.InputError) as caught:
        infer(Recording(size * TURNING.states[:, :50], pace * TURNING.times[:50]))
    assert caught.value.field == field


@pytest.mark.parametrize("complete", [False, True])
def test_coordinates_that_do_not_vary_by_themselves(complete: bool) -> None:
    x = TURNING.states[:, :60]
    for second in (np.full_like(x[:, :, 0], 3.0), x[:, :, 0], 2.0 - 5.0 * x[:, :, 0]):
        pair = Recording(np.stack([x[:, :, 0], second], axis=2), TURNING.times[:60])
        with pytest.raises(sz.InputError, match="independently") as caught:
            entropy_production_from_linear_fit(pair, complete=complete)
        assert caught.value.field == "recording"


def test_replicas_that_saw_nothing_do_not_count() -> None:
    empty = TURNING.states[:, :200].copy()
    empty[20:] = np.nan
    for infer in (entropy_production_from_short_times, entropy_production_from_linear_fit):
        found = infer(Recording(empty, TURNING.times[:200]))
        assert np.isfinite(found.stderr) and not found.trusted and found.ess == 20.0
    empty[2:] = np.nan
    for infer in (entropy_production_from_short_times, entropy_production_from_linear_fit):
        with pytest.raises(sz.InputError, match="pieces"):
            infer(Recording(empty, TURNING.times[:200]))
