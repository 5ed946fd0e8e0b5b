"""Trajectories of label feedback pass three oracles (first law, fluctuation theorem, exact means), bits however run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from szilard.continuous.feedback import LabelFeedback
from szilard.continuous.feedback_exact import feedback_stationary
from szilard.continuous.feedback_sampling import FeedbackRun, sample_feedback
from szilard.errors import InputError
from tests.statistics import assert_agrees, z_of_mean

Array = NDArray[np.float64]
LOPSIDED: dict[str, dict[str, Any]] = {
    "plain": {"push": 1.0, "feedback": 0.25, "field": 1.0, "flip_rate": 1.0},
    "two baths": {
        "push": 0.7, "feedback": 0.6, "field": -1.1, "flip_rate": 0.9, "stiffness": 1.7, "mobility": 0.6,
        "temperature": 0.8, "label_temperature": 1.3, "label": -1,
    },
}  # fmt: skip


def stationary_by_steps(p: LabelFeedback, dt: float, cells: int = 301) -> tuple[Array, Array]:
    """Heat per time of weight and label (reservoir,) of the chain of steps itself, by summing over cells of w."""
    w = np.linspace(-9.0 * p.width + p.centres.min(), 9.0 * p.width + p.centres.max(), cells)
    h, decay = w[1] - w[0], np.exp(-0.5 * p.mobility * p.stiffness * dt)
    spread = np.sqrt((1.0 - decay**2) * p.temperature / p.stiffness)
    move = np.zeros((2, cells, 2, cells))
    flip = np.zeros((2, cells, 2, cells))
    at = np.arange(cells)
    for i, sigma in enumerate((-1.0, 1.0)):
        aim = p.centres[i] + (w - p.centres[i]) * decay
        kernel = np.exp(-0.5 * ((w[:, None] - aim) / spread) ** 2)
        move[i, :, i] = kernel / kernel.sum(axis=0)
        leave, back = (p.flip_rate * np.exp(-0.5 * s * p.field * w / p.temperatures[1]) for s in (sigma, -sigma))
        chance = leave / (leave + back) * -np.expm1(-(leave + back) * dt)
        flip[1 - i, at, i, at] = chance
        flip[i, at, i, at] = 1.0 - chance
    M, F = move.reshape(2 * cells, -1), flip.reshape(2 * cells, -1)
    A = M @ F @ M - np.eye(2 * cells)
    A[0] = 1.0
    start = np.linalg.solve(A, np.eye(1, 2 * cells)[0])
    half, flipped = M @ start, F @ M @ start
    end = M @ flipped
    forces = np.array([p.push * p.label + p.feedback * s for s in (-1.0, 1.0)])[:, None]
    U = (0.5 * p.stiffness * w**2 - forces * w).ravel()
    heat = U @ (start - half) + U @ (flipped - end)
    label = 0.5 * p.field * np.concatenate([-w, w]) @ (flipped - half)
    assert h < 0.5 * spread  # sums over a Gaussian kernel are then exact to e^{-2 (pi / 0.5)^2}
    return np.array([heat, label]) / dt, flipped


def densities(process: LabelFeedback, weights: Array, labels: Array) -> Array:
    both = feedback_stationary(process).density(weights)
    return np.where(labels > 0.0, both[:, 1], both[:, 0])


@pytest.mark.parametrize("name", LOPSIDED)
def test_first_law_per_replica_at_every_look(name: str) -> None:
    """dE = W - Q_w - Q_sigma, the energy taken from the states."""
    process = LabelFeedback(**LOPSIDED[name])
    run = sample_feedback(process, 7.0, replicas=300, seed=2, dt=0.07, times=[0.5, 3.0])
    assert run.times.tolist() == [0.0, 0.5, 3.0, 7.0]
    for look in range(1, 4):
        book = run.ledger_at(look)
        broken = book.energy_change - book.work + book.heat.sum(axis=1)
        assert np.all(np.abs(broken) <= 1e-13 * (1.0 + run.books[:, look, 3]))
    assert np.all(np.abs(run.ledger.heat).max(axis=0) > 0.1) and np.abs(run.ledger.work).max() > 0.1


@pytest.mark.parametrize("initial", ["independent", "stationary"])
@pytest.mark.parametrize("name", LOPSIDED)
def test_entropy_production_obeys_the_integral_theorem(name: str, initial: str) -> None:
    """<e^{-ds - Q_w/T - Q_sigma/T_l}> = 1 at any step, here a long one, for any normalised final density."""
    process = LabelFeedback(**LOPSIDED[name])
    run = sample_feedback(process, 1.5, replicas=60_000, seed=4, dt=0.5, initial=initial)
    w, labels = run.weights, run.labels
    if initial == "stationary":
        before = densities(process, w[:, 0], labels[:, 0])
    else:
        width = process.width
        before = 0.5 * np.exp(-0.5 * (w[:, 0] / width) ** 2) / np.sqrt(2.0 * np.pi) / width
    after = densities(process, w[:, -1], labels[:, -1])
    produced = np.log(before / after) + (run.ledger.heat / run.ledger.temperatures).sum(axis=1)
    weights = np.exp(-produced)
    assert abs(z_of_mean(weights, 1.0)) <= 4.0
    assert weights.sum() ** 2 / (weights**2).sum() > 500.0
    assert produced.mean() > 0.03


@pytest.mark.parametrize(
    ("case", "exact"),
    [((1.0, 1.0, 3.0, 1.0), -0.04536088681992387), ((1.0, 0.25, 1.0, 1.0), -0.03018527412048841)],
)
def test_reference_values(case: tuple[float, float, float, float], exact: float) -> None:
    push, feedback, field, flip_rate = case
    process = LabelFeedback(push=push, feedback=feedback, field=field, flip_rate=flip_rate)
    run = sample_feedback(process, 200.0, replicas=4096, seed=6, dt=0.05, initial="stationary")
    weight, label = run.heat_rates()
    # the steps shift both by 3e-3 and 7e-4 of themselves (stationary_by_steps), a third of a standard error at most
    assert_agrees(weight, exact, relative=0.02)
    assert_agrees(label, -0.5 * field / feedback * exact, relative=0.02)


def test_exact_means_with_two_baths() -> None:
    process = LabelFeedback(**LOPSIDED["two baths"])
    exact = feedback_stationary(process)
    run = sample_feedback(process, 100.0, replicas=4096, seed=8, dt=0.05, times=[20.0])
    weight, label = run.heat_rates(20.0)
    assert_agrees(weight, exact.heat[0])
    assert_agrees(label, exact.heat[1])
    assert abs(z_of_mean(run.labels[:, -1], exact.mean_label)) <= 4.0
    assert abs(z_of_mean(run.weights[:, -1], exact.mean_weight)) <= 4.0
    assert abs(z_of_mean((run.weights[:, -1] - exact.mean_weight) ** 2, exact.variance_weight)) <= 4.0


def test_stationary_starts_are_drawn_from_the_exact_density() -> None:
    process = LabelFeedback(**LOPSIDED["two baths"])
    exact = feedback_stationary(process)
    run = sample_feedback(process, 0.1, replicas=100_000, seed=3, dt=0.1, initial="stationary")
    w, labels = run.weights[:, 0], run.labels[:, 0]
    assert abs(z_of_mean(labels, exact.mean_label)) <= 4.0
    assert abs(z_of_mean((labels - exact.mean_label) * (w - exact.mean_weight), exact.covariance)) <= 4.0
    below = w < exact.mean_weight
    fine = np.linspace(exact.points.weights[0], exact.mean_weight, 4001)
    share = float(np.trapezoid(exact.density(fine).sum(axis=1), fine))
    assert abs(z_of_mean(below, share)) <= 4.0


@pytest.mark.parametrize("name", LOPSIDED)
def test_the_chain_of_long_steps_has_the_heat_of_its_own_transition_matrix(name: str) -> None:
    process = LabelFeedback(**LOPSIDED[name])
    heat, _ = stationary_by_steps(process, 1.0)
    run = sample_feedback(process, 500.0, replicas=2048, seed=9, dt=1.0, times=[20.0])
    weight, label = run.heat_rates(20.0)
    assert_agrees(weight, heat[0], relative=0.02)
    assert_agrees(label, heat[1], relative=0.02)
    assert abs(heat[0] / feedback_stationary(process).heat[0] - 1.0) > 0.02


@pytest.mark.parametrize("name", LOPSIDED)
def test_means_err_by_the_square_of_the_step(name: str) -> None:
    """Weak order 2, without noise: from the transition matrices of the steps."""
    process = LabelFeedback(**LOPSIDED[name])
    exact = feedback_stationary(process).heat
    errors = np.array([stationary_by_steps(process, dt)[0] - exact for dt in (0.4, 0.2)])
    assert np.all(np.abs(errors[0] / errors[1] - 4.0) < 0.4)
    assert np.all(np.abs(errors[1] / 16.0) < 2e-3 * np.abs(exact))


def test_equilibrium_gives_no_work_and_jarzynski_of_nothing() -> None:
    """Reciprocal and one temperature: W = 0 in every replica, mean heats vanish from the stationary start."""
    process = LabelFeedback(
        push=0.7, feedback=0.9, field=1.8, flip_rate=0.3, stiffness=1.7, mobility=0.6, temperature=0.8
    )
    run = sample_feedback(process, 20.0, replicas=20_000, seed=1, dt=0.2, initial="stationary")
    assert np.all(run.ledger.work == 0.0)
    for heat in run.ledger.heat.T:
        assert abs(z_of_mean(heat, 0.0)) <= 4.0


def test_the_bits_are_the_same_for_any_number_of_threads() -> None:
    process = LabelFeedback(**LOPSIDED["two baths"])

    def run_of(replicas: int, threads: int) -> FeedbackRun:
        return sample_feedback(process, 2.0, replicas=replicas, seed=5, dt=0.1, times=[1.0], threads=threads)

    one, two, fewer = run_of(700, 1), run_of(700, 2), run_of(300, 2)
    assert np.array_equal(one.books, two.books) and np.array_equal(one.weights, two.weights)
    assert np.array_equal(one.books[:300], fewer.books) and np.array_equal(one.labels[:300], fewer.labels)
    other = sample_feedback(process, 2.0, replicas=300, seed=5, dt=0.1, times=[1.0], cell="other")
    assert not np.array_equal(other.weights, fewer.weights)


def test_given_starts_are_taken() -> None:
    process = LabelFeedback(**LOPSIDED["plain"])
    run = sample_feedback(process, 0.1, replicas=3, seed=5, dt=0.1, initial=([1.0, 2.0, 3.0], -1.0))
    assert run.weights[:, 0].tolist() == [1.0, 2.0, 3.0] and run.labels[:, 0].tolist() == [-1.0] * 3


def test_a_label_that_is_steep_takes_its_side_at_once() -> None:
    """Rates beyond floating point are held: the label follows the sign of its weight."""
    process = LabelFeedback(push=0.0, feedback=0.0, field=5000.0, flip_rate=1.0)
    run = sample_feedback(process, 1.0, replicas=50, seed=5, dt=0.01, initial=(np.linspace(-40.0, 40.0, 50), 1.0))
    far = np.abs(run.weights[:, -1]) > 3.0
    assert np.array_equal(run.labels[far, -1], np.sign(run.weights[far, -1]))
    assert float(expit(5000.0 * 3.0)) == 1.0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"duration": 0.0}, "duration"),
        ({"duration": np.nan}, "duration"),
        ({"dt": -0.1}, "dt"),
        ({"replicas": 0}, "replicas"),
        ({"replicas": 2.5}, "replicas"),
        ({"seed": -1}, "seed"),
        ({"threads": -2}, "threads"),
        ({"threads": 0}, "threads"),
        ({"times": [3.0]}, "times"),
        ({"times": "soon"}, "times"),
        ({"initial": "somewhere"}, "initial"),
        ({"initial": 3.0}, "initial"),
        ({"initial": ([1.0], 1.0)}, "initial weights"),
        ({"initial": (0.0, 0.5)}, "initial labels"),
        ({"process": None}, "process"),
    ],
)
def test_bad_arguments_are_named(wrong: dict[str, Any], field: str) -> None:
    good: dict[str, Any] = {
        "process": LabelFeedback(**LOPSIDED["plain"]), "duration": 1.0, "replicas": 4, "seed": 1, "dt": 0.1,
    }  # fmt: skip
    with pytest.raises(InputError) as caught:
        sample_feedback(**{**good, **wrong})
    assert caught.value.field == field


def test_texts_and_figures_tell_the_physics() -> None:
    run = sample_feedback(LabelFeedback(**LOPSIDED["plain"]), 1.0, replicas=50, seed=5, dt=0.1)
    assert "heat (weight" in repr(run) and "first law to" in repr(run)
    assert len(run.plot().lines) == 3
    with pytest.raises(InputError, match="must be one of the times before the last: 0"):
        run.heat_rates(0.5)
