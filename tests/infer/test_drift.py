"""Drift and diffusion found from trajectories alone, against the processes that made them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

import szilard as sz
from szilard.data.recording import Recording
from szilard.infer.drift_field import binned_drift, drift_diffusion
from szilard.infer.drift_linear import LinearDrift, linear_drift
from szilard.laws.trial_functions import polynomials

Array = NDArray[np.float64]
A = np.array([[1.0, 0.8], [-0.4, 1.5]])
D = np.array([0.5, 1.0])
LOPSIDED = sz.systems.linear(A, D, temperature=0.7)
GYRATOR = sz.systems.gyrator(1.3, 0.7, (0.5, 2.0), mobility=(0.7, 1.6))
WELL: dict[str, float] = {"well": 1.2, "mobility": 1.6, "temperature": 0.7}
WELLS = sz.systems.double_well(1.0, 0.4, **WELL)
CUBIC = 1.6 * np.array([0.4 / 1.2, 4.0 / 1.2**2, 0.0, -4.0 / 1.2**4])
TURN = 2.0 * np.pi
TILTED = sz.systems.tilted_ring(1.5, 0.8, mobility=1.4, temperature=0.7)


def walked(
    process: sz.Langevin, dt: float, steps: int, replicas: int, seed: int, start: Any = "stationary", fine: int = 1
) -> Array:
    """(replica, time, dim) every dt, simulated in steps of dt / fine."""
    run = sz.simulate(
        process, start, steps * dt, replicas=replicas, seed=seed, dt=dt / fine, entropy=False,
        times=(np.arange(1, steps + 1) * dt).tolist(),
    )  # fmt: skip
    return np.concatenate([run.initial[:, None], run.states], axis=1)


def off(found: Array, true: Any, stderr: Array) -> float:
    """The largest distance in standard errors."""
    return float(np.max(np.abs(found - true) / stderr))


def agrees(found: LinearDrift, drift_matrix: Array, diffusion: Array, relative: float) -> None:
    """Within 4 standard errors, which are small."""
    assert found.drift_matrix_stderr.max() < relative * np.abs(drift_matrix).max()
    assert found.diffusion_stderr.max() < relative * np.abs(diffusion).max()
    assert off(found.drift_matrix, drift_matrix, found.drift_matrix_stderr) < 4.0
    assert off(found.diffusion, diffusion, found.diffusion_stderr) < 4.0


@pytest.fixture(scope="module")
def coarse() -> Array:
    """Looks half a relaxation time apart: increments are far from short."""
    return walked(LOPSIDED, 0.5, 40, 1000, 931)


@pytest.fixture(scope="module")
def wells() -> Array:
    return walked(WELLS, 0.004, 120, 1500, 932, "equilibrium", fine=2)


# linear


def test_an_asymmetric_rule_seen_rarely(coarse: Array) -> None:
    found = linear_drift(coarse, 0.5)
    agrees(found, A, np.diag(D), 0.02)
    assert found.trusted and found.groups == 200 and found.note == ""
    assert off(found.offset, 0.0, found.offset_stderr) < 4.0
    states = np.array([[1.0, -2.0]])
    assert found.drift(states) == pytest.approx(found.offset - states @ found.drift_matrix.T, rel=1e-14)
    assert sz.entropy_production_rate(sz.systems.linear(found.drift_matrix, found.diffusion)) > 0.0
    left = found.drift_matrix @ found.covariance
    assert left + left.T == pytest.approx(2.0 * found.diffusion, rel=1e-12)
    assert "LinearDrift: A = " in repr(found) and "trusted" not in repr(found)


def test_two_temperatures_and_two_mobilities_from_a_start_far_away() -> None:
    states = walked(GYRATOR, 0.3, 10, 6000, 933, start=np.array([3.0, -2.0]))
    mobility = np.array([0.7, 1.6])
    stiff = np.array([[1.3, 0.7], [0.7, 1.3]])
    agrees(linear_drift(states, 0.3), mobility[:, None] * stiff, np.diag(mobility * [0.5, 2.0]), 0.03)


def test_a_shear_whose_matrix_has_one_eigenvector() -> None:
    shear = np.array([[1.0, 1.5], [0.0, 1.0]])
    found = linear_drift(walked(sz.systems.linear(shear, 0.8), 0.4, 20, 2000, 934), 0.4)
    agrees(found, shear, 0.8 * np.eye(2), 0.03)


def test_where_the_drift_vanishes() -> None:
    trap = sz.systems.moved_trap(2.0, mobility=0.6, temperature=0.7)
    run = sz.simulate(
        trap, "equilibrium", 8.0, replicas=1000, seed=935, dt=0.4, protocol=sz.Protocol([0.0], [1.3]), record="paths",
        entropy=False,
    )  # fmt: skip
    assert run.paths is not None
    found = linear_drift(run.paths.states, run.paths.times)
    assert off(found.offset, 0.6 * 2.0 * 1.3, found.offset_stderr) < 4.0
    # a mean over 1000 replicas and the time 8: variance T/k times 2/(rate x time) each, rate = 0.6 x 2
    spread = np.sqrt(0.7 / 2.0 * 2.0 / (1.2 * 8.0) / 1000)
    assert abs(found.mean[0] - 1.3) < 4.0 * spread
    agrees(found, np.array([[1.2]]), np.array([[0.42]]), 0.03)


def test_one_long_trajectory_is_cut_into_blocks() -> None:
    states = walked(LOPSIDED, 0.3, 30_000, 1, 936)
    found = linear_drift(states, 0.3)
    assert found.groups == 200
    agrees(found, A, np.diag(D), 0.05)


def test_gaps_are_stepped_over_and_never_bridged(coarse: Array) -> None:
    """Two recordings in one row, nothing seen between them: the sums are those of the two alone."""
    first, second = coarse[:500, :20], coarse[500:, :20]
    gap = np.full((500, 1, 2), np.nan)
    joined = linear_drift(np.concatenate([first, gap, 50.0 + second - 50.0], axis=1), 0.5)
    alone = linear_drift(np.concatenate([first, second]), 0.5)
    assert joined.drift_matrix == pytest.approx(alone.drift_matrix, rel=1e-9)
    assert joined.diffusion == pytest.approx(alone.diffusion, rel=1e-9)
    lost = np.where(np.random.default_rng(937).random(coarse.shape[:2])[:, :, None] < 0.2, np.nan, coarse)
    agrees(linear_drift(lost, 0.5), A, np.diag(D), 0.03)


def test_noise_of_the_looks_is_told_and_taken_out() -> None:
    clean, R = walked(LOPSIDED, 0.2, 60, 2000, 952), np.array([[0.15, 0.05], [0.05, 0.1]])
    seen = clean + np.random.default_rng(938).multivariate_normal([0.0, 0.0], R, clean.shape[:2])
    naive = linear_drift(seen, 0.2)
    assert not naive.trusted and "noise" in naive.note and "not to be trusted" in repr(naive)
    assert off(naive.diffusion, np.diag(D), naive.diffusion_stderr) > 5.0
    found = linear_drift(seen, 0.2, measurement_noise=True)
    agrees(found, A, np.diag(D), 0.04)
    assert found.trusted and found.measurement is not None and found.measurement_stderr is not None
    assert off(found.measurement, R, found.measurement_stderr) < 4.0
    assert found.measurement[0, 1] > 5.0 * found.measurement_stderr[0, 1]


def test_units_and_places_do_not_matter(coarse: Array) -> None:
    plain = linear_drift(coarse, 0.5)
    size, place = np.array([1e9, 1e-9]), np.array([3e9, -4e-9])
    found = linear_drift(place + size * coarse, 0.5)
    ratio = np.outer(size, 1.0 / size)
    assert found.drift_matrix == pytest.approx(ratio * plain.drift_matrix, rel=1e-6)
    assert found.drift_matrix_stderr == pytest.approx(ratio * plain.drift_matrix_stderr, rel=1e-5)
    # f(w) = size f_plain((w - place)/size)
    assert found.offset == pytest.approx(size * plain.offset + found.drift_matrix @ place, rel=1e-6)
    assert found.diffusion_stderr == pytest.approx(np.outer(size, size) * plain.diffusion_stderr, rel=1e-5)


def test_what_is_not_linear_is_told(wells: Array) -> None:
    found = linear_drift(wells[:, ::8], 0.032)
    assert not found.trusted and "dt and 2 dt disagree" in found.note


def test_looks_too_rare_to_mean_anything_are_refused() -> None:
    """A lasting alternation has no real logarithm."""
    w = np.random.default_rng(939).normal(size=(300, 11, 1)) * 0.1 + (-1.0) ** np.arange(11)[:, None]
    with pytest.raises(sz.InputError, match="real logarithm"):
        linear_drift(w, 1.0)


def test_a_fit_that_nothing_holds_has_no_covariance() -> None:
    growing = np.cumsum(np.random.default_rng(940).normal(size=(200, 30, 1)), axis=1) * 1.1 ** np.arange(30)[:, None]
    with pytest.raises(sz.InputError, match="positive real part"):
        _ = linear_drift(growing, 1.0).covariance


# not linear


def test_a_cubic_drift_between_two_wells(wells: Array) -> None:
    found = drift_diffusion(wells, 0.004, functions=polynomials(3))
    assert found.trusted and found.groups == 200
    assert off(found.coefficients[:, 0], CUBIC, found.coefficients_stderr[:, 0]) < 4.0
    assert off(found.diffusion, 1.12, found.diffusion_stderr) < 4.0
    assert found.diffusion_stderr[0, 0] < 0.005 * 1.12
    at = np.linspace(-1.5, 1.5, 13)[:, None]
    error = found.drift_stderr(at)
    assert off(found.drift(at), 1.6 * WELLS.forces(at), error) < 4.0
    assert error[6, 0] < 0.2 < 4.0 * error[0, 0]
    assert "DriftDiffusion: 4 functions" in repr(found)


def test_a_linear_rule_in_two_dimensions_seen_often() -> None:
    states = walked(LOPSIDED, 0.02, 150, 800, 941)
    found = drift_diffusion(states, 0.02)
    assert found.trusted
    assert off(found.coefficients[1:].T, -A, found.coefficients_stderr[1:].T) < 4.0
    assert off(found.diffusion, np.diag(D), found.diffusion_stderr) < 4.0


@pytest.fixture(scope="module")
def hills() -> Array:
    return walked(TILTED, 0.02, 100, 1500, 942, fine=4)


def test_a_ring_is_followed_the_short_way_around(hills: Array) -> None:
    """f = mobility (tilt + amplitude sin w), whether the angle is kept or wrapped."""
    found = drift_diffusion(np.mod(hills, TURN), 0.02, period=TURN)
    true = np.array([1.4 * 0.8, 0.0, 0.0, 0.0, 1.4 * 1.5, 0.0, 0.0])
    assert found.trusted
    assert off(found.coefficients[:, 0], true, found.coefficients_stderr[:, 0]) < 4.0
    assert off(found.diffusion, 0.98, found.diffusion_stderr) < 4.0
    assert found.diffusion_stderr[0, 0] < 0.01
    kept = drift_diffusion(hills, 0.02, period=TURN)
    assert kept.coefficients == pytest.approx(found.coefficients, rel=1e-7, abs=1e-9)


def test_without_its_period_a_wrapped_angle_leaps(hills: Array) -> None:
    wrong = drift_diffusion(np.mod(hills, TURN), 0.02, functions=polynomials(1))
    assert off(wrong.diffusion, 0.98, wrong.diffusion_stderr) > 5.0


def test_looks_too_far_apart_are_told(coarse: Array) -> None:
    plain = drift_diffusion(coarse, 0.5, extrapolate=False)
    assert off(plain.coefficients[1:].T, -A, plain.coefficients_stderr[1:].T) > 5.0
    assert not plain.trusted and "dt is too long" in plain.note
    better = drift_diffusion(coarse, 0.5)
    assert np.abs(better.diffusion - np.diag(D)).max() < np.abs(plain.diffusion - np.diag(D)).max()
    assert not better.trusted and "not to be trusted" in repr(better)


def test_the_bias_of_a_spacing_is_foreseen() -> None:
    """One trap: <dw|w>/dt = -w (1 - e^{-k dt})/dt exactly, and what is said to be left of dt is what is left.

    About it dw scatters by 2 D dt times (1 - e^{-2 k dt})/(2 k dt).
    """
    k, dt = 1.2, 0.15
    trap = sz.systems.linear([[k]], 0.5)
    states = walked(trap, dt, 60, 4000, 943)
    plain, better = (drift_diffusion(states, dt, extrapolate=e) for e in (False, True))

    def seen(t: float) -> float:
        return float(-(1.0 - np.exp(-k * t)) / t)

    assert off(plain.coefficients[1], seen(dt), plain.coefficients_stderr[1]) < 4.0
    assert off(better.coefficients[1], 2.0 * seen(dt) - seen(2.0 * dt), better.coefficients_stderr[1]) < 4.0
    # the bias of the plain one is seen(2 dt) - seen(dt) = k^2 dt/2 to leading order, of both to their errors
    assert off(plain.bias[1], seen(2.0 * dt) - seen(dt), 2.0 * plain.coefficients_stderr[1]) < 4.0
    assert not plain.trusted

    def scattered(t: float) -> float:
        return float(0.5 * (1.0 - np.exp(-2.0 * k * t)) / (2.0 * k * t))

    once, twice = (2.0 * scattered(t) - scattered(2.0 * t) for t in (dt, 2.0 * dt))
    assert off(plain.diffusion, scattered(dt), plain.diffusion_stderr) < 4.0
    assert off(better.diffusion, once, better.diffusion_stderr) < 4.0
    # extrapolated, a bias c t^2 is left, and from 2 dt four times as much
    assert off(better.diffusion_bias, (twice - once) / 3.0, 2.0 * better.diffusion_stderr) < 4.0
    # within a bin f varies by its width, 0.1: f'^2 0.1^2/12 dt/2 = 8e-5 is far below the error
    bins = binned_drift(states, dt, bins=np.linspace(-1.6, 1.6, 33), extrapolate=False)
    assert bins.low.size == 32 and np.max(bins.diffusion_stderr) < 0.05
    assert off(bins.diffusion, scattered(dt), bins.diffusion_stderr) < 4.0


def test_a_bias_that_is_several_errors_is_never_trusted() -> None:
    """One trajectory of 1000 looks, a quarter of the time unit apart: D[1, 1] is too small by 5 errors on average."""
    process = sz.systems.linear([[1.5, 0.6], [-0.4, 2.2]], [0.6, 1.5])
    paths = walked(process, 0.25, 1000, 20, 953)
    found = [drift_diffusion(w[None], 0.25) for w in paths]
    z = [(f.diffusion[1, 1] - 1.5) / f.diffusion_stderr[1, 1] for f in found]
    assert np.mean(z) < -4.0
    assert not any(f.trusted for f in found)
    bins = [binned_drift(w[:, :, 1], 0.25, bins=[-0.4, 0.4]) for w in paths.reshape(4, 5, 1001, 2)]
    assert np.mean([(b.diffusion[0] - 1.5) / b.diffusion_stderr[0] for b in bins]) < -4.0
    assert not any(b.trusted[0] for b in bins)
    close = [drift_diffusion(w[None], 0.02) for w in walked(process, 0.02, 1000, 12, 954)]
    assert np.mean([f.trusted for f in close]) > 0.85


def test_noise_of_the_looks_is_told(wells: Array) -> None:
    noisy = wells + np.random.default_rng(944).normal(scale=0.03, size=wells.shape)
    found = drift_diffusion(noisy, 0.004, functions=polynomials(3))
    assert off(found.diffusion, 1.12, found.diffusion_stderr) > 5.0
    assert not found.trusted


def test_uneven_times_are_used(coarse: Array) -> None:
    fine = walked(LOPSIDED, 0.01, 240, 800, 945)
    rng = np.random.default_rng(946)
    kept = np.sort(rng.choice(241, size=150, replace=False))
    found = drift_diffusion(fine[:, kept], 0.01 * kept)
    assert off(found.coefficients[1:].T, -A, found.coefficients_stderr[1:].T) < 4.0
    assert off(found.diffusion, np.diag(D), found.diffusion_stderr) < 4.0
    with pytest.raises(sz.InputError, match="evenly spaced"):
        linear_drift(fine[:, kept], 0.01 * kept)


def test_bins_need_no_form(wells: Array) -> None:
    found = binned_drift(wells, 0.004, bins=16)
    x = wells[:, :-1, 0].ravel()
    force = 1.6 * WELLS.forces(x[:, None])[:, 0]
    last = found.high[-1]
    inside = [(x >= a) & ((x < b) | (b == last)) for a, b in zip(found.low, found.high, strict=True)]
    true = np.array([force[i].mean() for i in inside])
    # of 30 numbers chance alone shows a bias in less than one
    assert found.trusted.sum() >= found.low.size - 1 and found.low.size >= 12
    assert off(found.drift, true, found.drift_stderr) < 4.0
    assert off(found.diffusion, 1.12, found.diffusion_stderr) < 4.0
    assert np.min(found.diffusion_stderr) < 0.02
    assert found.position == pytest.approx([x[i].mean() for i in inside], rel=1e-9)
    assert np.all(found.counts >= 100)


def test_bins_as_a_table_and_a_figure(wells: Array) -> None:
    found = binned_drift(wells, 0.004, bins=[-0.4, 0.0, 0.4, 0.8])
    head, titles, *rows = repr(found).splitlines()
    assert head == f"BinnedDrift: 3 bins, {found.trusted.sum()} to be trusted{'; ' * bool(found.note)}{found.note}"
    assert titles.split() == ["from", "to", "increments", "drift", "D"]
    for row, low, high, n, f, D in zip(
        rows, found.low, found.high, found.counts, found.drift, found.diffusion, strict=True
    ):
        cells = row.split()
        assert [float(c) for c in cells[:2]] == [low, high] and int(cells[2]) == n
        # two digits of the error are shown, and the value to the last of them: at most a tenth of the error
        assert float(cells[3]) == pytest.approx(f, abs=0.1 * float(cells[5]))
        assert float(cells[6]) == pytest.approx(D, abs=0.1 * float(cells[8]))
    doubted = replace(found, trusted=np.array([True, False, True]))
    assert [row.endswith("not to be trusted") for row in repr(doubted).splitlines()[2:]] == [False, True, False]
    assert "<table>" in found._repr_html_()
    for what, value, error in (
        ("drift", found.drift, found.drift_stderr),
        ("diffusion", found.diffusion, found.diffusion_stderr),
    ):
        ax = doubted.plot(what=what)  # type: ignore[arg-type]
        drawn = {c.get_label(): c.lines for c in ax.containers}  # type: ignore[attr-defined]
        for label, kept in (("in bins", [0, 2]), ("not to be trusted", [1])):
            points, _, (bars,) = drawn[label]
            assert points.get_xydata() == pytest.approx(np.stack([found.position, value], axis=1)[kept])
            ends = [segment[:, 1].tolist() for segment in bars.get_segments()]
            assert ends == pytest.approx(np.stack([value - 2 * error, value + 2 * error], axis=1)[kept])
        ax.figure.clear()
    with pytest.raises(sz.InputError, match="what"):
        found.plot(what="both")  # type: ignore[arg-type]


def test_a_table_of_many_bins_shows_their_ends(wells: Array) -> None:
    found = binned_drift(wells, 0.004, bins=np.linspace(-1.0, 1.0, 41))
    lines = repr(found).splitlines()
    assert found.low.size == 40 and len(lines) == 2 + 30 + 1
    assert lines[17] == "  ... 10 more ..." and float(lines[18].split()[0]) == round(found.low[25], 4)


def test_bins_around_a_ring(hills: Array) -> None:
    found = binned_drift(np.mod(hills, TURN), 0.02, bins=12, period=TURN)
    x = np.mod(hills[:, :-1, 0].ravel(), TURN)
    force = 1.4 * (0.8 + 1.5 * np.sin(x))
    true = np.array([force[(x >= a) & (x < b)].mean() for a, b in zip(found.low, found.high, strict=True)])
    assert found.low.size == 12 and found.low[0] == 0.0 and found.high[-1] == TURN
    assert off(found.drift, true, found.drift_stderr) < 4.0


def test_bins_show_a_diffusion_that_depends_on_the_state() -> None:
    """dw = -w dt + sqrt(2 (0.5 + w^2/4)) dB in Ito's sense, by small Euler steps."""
    rng = np.random.default_rng(947)
    w, looks = rng.normal(size=3000) * 0.7, []
    for step in range(240):
        if step % 4 == 0:
            looks.append(w.copy())
        w = w - w * 0.0025 + np.sqrt(2.0 * (0.5 + 0.25 * w * w) * 0.0025) * rng.normal(size=3000)
    found = binned_drift(np.array(looks).T, 0.01, bins=np.linspace(-2.0, 2.0, 9))
    x = np.array(looks[:-1]).ravel()
    true = [np.mean(0.5 + 0.25 * x[(x >= a) & (x < b)] ** 2) for a, b in zip(found.low, found.high, strict=True)]
    assert off(found.diffusion, true, found.diffusion_stderr) < 4.0
    assert found.diffusion[0] - found.diffusion[4] > 5.0 * np.hypot(found.diffusion_stderr[0], 0.01)


def test_an_equilibrium_trap_is_found_to_rest() -> None:
    """D^{-1} A symmetric: the swirl of the fit is zero to its error."""
    trap = sz.systems.linear([[1.5, 0.4], [0.8, 1.0]], [0.5, 1.0])
    found = linear_drift(walked(trap, 0.4, 40, 1000, 948), 0.4)
    K = np.linalg.solve(found.diffusion, found.drift_matrix)
    error = np.hypot(found.drift_matrix_stderr[0, 1] / 0.5, found.drift_matrix_stderr[1, 0] / 1.0)
    assert abs(K[0, 1] - K[1, 0]) < 4.0 * error and error < 0.1


def test_a_recording_brings_its_times_and_its_period(hills: Array, tmp_path: Path) -> None:
    times = 0.02 * np.arange(hills.shape[1])
    np.savez(tmp_path / "ring.npz", states=np.mod(hills, TURN), times=times)
    ring = sz.data.read_recording(tmp_path / "ring.npz", period=TURN)
    for one, other in (
        (drift_diffusion(ring), drift_diffusion(np.mod(hills, TURN), times, period=TURN)),
        (binned_drift(ring, bins=9), binned_drift(np.mod(hills, TURN), times, bins=9, period=TURN)),
        (linear_drift(Recording(hills, times)), linear_drift(hills, times)),
    ):
        assert repr(one) == repr(other)
        assert np.array_equal(one.diffusion, other.diffusion)


# refusals

FEW = np.random.default_rng(949).normal(size=(40, 6, 2))
BAD: Any = {"cubes": 3}


@pytest.mark.parametrize("find", [linear_drift, drift_diffusion, binned_drift])
@pytest.mark.parametrize(
    ("states", "times", "field"),
    [
        (FEW[0, 0], 0.1, "states"),
        (FEW[:, :1], 0.1, "states"),
        (np.empty((0, 5, 1)), 0.1, "states"),
        (FEW * np.inf, 0.1, "states"),
        (FEW * np.nan, 0.1, "states"),
        ("words", 0.1, "states"),
        ({"states": 1}, 0.1, "states"),
        ([[0.0, 1.0], [0.0]], 0.1, "states"),
        (FEW * 1j, 0.1, "states"),
        (FEW.astype(str), 0.1, "states"),
        (FEW * 1e200, 0.1, "states"),
        (FEW, None, "times"),
        (FEW, 1e300, "times"),
        (FEW, 5e-324, "times"),
        (FEW, {"dt": 1}, "times"),
        (Recording(FEW, np.arange(6.0)), 0.1, "times"),
        (Recording([[0, 1, 1]] * 5, np.arange(3.0)), None, "states"),
        (FEW, 0.0, "times"),
        (FEW, -1.0, "times"),
        (FEW, np.nan, "times"),
        (FEW, [0.0, 1.0], "times"),
        (FEW, [0.0, 1.0, 2.0, 2.0, 3.0, 4.0], "times"),
        (FEW, "soon", "times"),
        (FEW[:1, :2], 0.1, "states"),
    ],
)
def test_recordings_that_are_none_are_refused(find: Any, states: Any, times: Any, field: str) -> None:
    with pytest.raises(sz.InputError) as caught:
        find(states, times)
    assert caught.value.field == field


def test_other_refusals() -> None:
    one = FEW[:, :, :1]
    for call, field in (
        (lambda: drift_diffusion(FEW, 0.1, period=-1.0), "period"),
        (lambda: drift_diffusion(FEW, 0.1, period=[1.0, 1.0, 1.0]), "period"),
        (lambda: drift_diffusion(FEW, 0.1, period=[1.0, np.inf]), "functions"),
        (lambda: drift_diffusion(FEW, 0.1, period="turn"), "period"),
        (lambda: drift_diffusion(FEW, 0.1, period=[[1.0], [1.0, 2.0]]), "period"),
        (lambda: drift_diffusion(Recording(FEW, np.arange(6.0)), period=1.0), "period"),
        (lambda: drift_diffusion(FEW, 0.1, functions=BAD), "functions"),
        (lambda: drift_diffusion(FEW, 0.1, functions=lambda w: BAD), "functions"),
        (lambda: linear_drift(Recording(FEW, np.arange(6.0), period=1.0)), "states"),
        (lambda: Recording(FEW, np.arange(6.0), period=BAD), "period"),
        (lambda: Recording(FEW, np.arange(6.0), names=BAD), "names"),
        (lambda: Recording(FEW, BAD), "times"),
        (lambda: Recording([[0, 1]], [0.0, 1.0], jumps=BAD), "jumps"),
        (lambda: binned_drift(one, 0.1, period=BAD), "period"),
        (lambda: binned_drift(one, 0.1, bins="many"), "bins"),
        (lambda: binned_drift(one, 0.1, bins=BAD), "bins"),
        (lambda: binned_drift(one, 0.1, bins=[[1.0], [2.0, 3.0]]), "bins"),
        (lambda: binned_drift(one, 0.1, bins=10**9), "bins"),
        (lambda: binned_drift(np.ones((40, 6, 1)), 0.1), "states"),
        (lambda: drift_diffusion(FEW, 0.1, functions=lambda w: (w[:, 0], w)), "functions"),
        (lambda: drift_diffusion(np.ones((40, 6, 1)), 0.1), "functions"),
        (lambda: drift_diffusion(FEW[:, :2], 0.1), "states"),
        (lambda: drift_diffusion(FEW[:2, :3], 0.1, functions=polynomials(5)), "states"),
        (lambda: linear_drift(np.ones((40, 6, 1)), 0.1), "states"),
        (lambda: linear_drift(np.concatenate([one, 0.3 - 7.0 * one], axis=2), 0.1), "states"),
        (lambda: binned_drift(FEW, 0.1), "states"),
        (lambda: binned_drift(one, 0.1, bins=0), "bins"),
        (lambda: binned_drift(one, 0.1, bins=[1.0, 0.0]), "bins"),
        (lambda: binned_drift(one, 0.1, bins=200), "bins"),
    ):
        with pytest.raises(sz.InputError) as caught:
            call()
        assert caught.value.field == field


def test_too_few_times_for_a_judgement_are_told() -> None:
    short = walked(LOPSIDED, 0.1, 2, 3000, 950)
    assert "too few times" in drift_diffusion(short, 0.1).note
    assert "too few times" in drift_diffusion(short[:, :2], 0.1, extrapolate=False).note
    assert "too few times" in linear_drift(short[:, :2], 0.1).note
    assert "groups" in linear_drift(walked(LOPSIDED, 0.5, 30, 3, 951), 0.5).note


def test_the_regression_is_that_of_scikit_learn() -> None:
    """w(t + dt) on w(t), all looks of all replicas together: B = e^{-A dt} and the constant."""
    from sklearn.linear_model import LinearRegression

    process = sz.systems.linear([[1.0, 0.8], [-0.4, 1.5]], [0.5, 1.0])
    times = np.arange(0.0, 3.0, 0.3)
    run = sz.simulate(process, "stationary", 2.7, replicas=150, seed=71, dt=0.3, times=times.tolist())
    before, after = (run.states[:, a:b].reshape(-1, 2) for a, b in ((0, -1), (1, None)))
    theirs = LinearRegression().fit(before, after)
    ours = linear_drift(run.states, run.times)
    B = expm(-0.3 * ours.drift_matrix)
    np.testing.assert_allclose(B, theirs.coef_, rtol=1e-9, atol=1e-12)
    constant = np.linalg.solve(ours.drift_matrix, (np.eye(2) - B)) @ ours.offset
    np.testing.assert_allclose(constant, theirs.intercept_, rtol=1e-8, atol=1e-12)
