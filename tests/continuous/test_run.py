"""What a run of Langevin trajectories holds, says and draws."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

import szilard as sz
from tests.continuous.cases import WAY, moved, sheared, stirred

RUN = sz.simulate(
    moved(), "equilibrium", 1.2, replicas=400, seed=21, protocol=WAY, dt=0.02, times=[0.0, 0.3, 1.2], record="paths"
)


def test_it_tells_its_physics() -> None:
    text = repr(RUN)
    assert text.startswith("Run of 400 trajectories for 1.2")
    assert "heun, 60 steps of 0.02 at most" in text
    for name in ("work", "energy change", "heat bath"):
        assert repr(RUN.means[name]) in text
    assert "first law to" in text
    assert f">{RUN.means['work']!r}</td>" in RUN._repr_html_()


def test_books_on_the_way_start_with_the_sudden_change_and_end_with_the_ledger() -> None:
    assert RUN.books is not None
    course = RUN.course
    jump = course.process.energies(RUN.initial, 0.6) - course.process.energies(RUN.initial, 0.0)
    np.testing.assert_allclose(RUN.books.work[:, 0], jump, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(RUN.books.heat[:, 0], 0.0)
    np.testing.assert_allclose(RUN.books.work[:, -1], RUN.ledger.work, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(RUN.books.heat[:, -1], RUN.ledger.heat)
    np.testing.assert_array_equal(RUN.states[:, -1], RUN.final)
    np.testing.assert_array_equal(RUN.states[:, 0], RUN.initial)


def test_paths_hold_every_step_and_can_be_turned_round() -> None:
    paths = RUN.trajectories()
    assert len(paths) == 400 and paths.states.shape == (400, 61, 1)
    np.testing.assert_allclose(paths.times, np.arange(61) * 0.02)
    np.testing.assert_array_equal(paths[7][0], RUN.initial[7])
    np.testing.assert_array_equal(paths[7][15], RUN.states[7, 1])
    back = paths.reversed()
    np.testing.assert_array_equal(back[7], paths[7][::-1])
    np.testing.assert_allclose(back.times, paths.times, atol=1e-14)
    assert back.course.at(0.3) == pytest.approx(paths.course.at(0.9))
    again = back.reversed()
    np.testing.assert_array_equal(again.states, paths.states)
    assert again.course.controls == paths.course.controls
    assert repr(paths) == "Paths: 400 trajectories of 60 steps in 1.2"


def test_heat_is_what_the_path_and_the_forces_say() -> None:
    """Summed from the recorded states: the fall of U at the control of the middle of every step."""
    paths = RUN.trajectories()
    process, heat = RUN.course.process, np.zeros(400)
    for i in range(60):
        control = RUN.course.at(float(paths.times[i]) + 0.01)
        heat += process.energies(paths.states[:, i], control) - process.energies(paths.states[:, i + 1], control)
    np.testing.assert_allclose(RUN.ledger.heat[:, 0], heat, rtol=0, atol=1e-12)


def test_no_path_no_film() -> None:
    run = sz.simulate(stirred(), [0.1, 0.2], 0.1, replicas=3, seed=1)
    with pytest.raises(sz.InputError, match="no path was recorded"):
        run.trajectories()
    assert run.books is None and run.paths is None


def test_it_becomes_a_dataset() -> None:
    data = RUN.to_xarray()
    assert data["heat"].dims == ("replica", "reservoir")
    assert data["states"].dims == ("replica", "time", "coordinate")
    assert data["work"].attrs == {"units": "k_B T0", "sign": "> 0 done on the system"}
    assert data.attrs["seed"] == 21 and data.attrs["method"] == "heun"
    np.testing.assert_array_equal(data["work_on_the_way"].values, RUN.books.work if RUN.books else 0)
    assert data.attrs["control_values"] == [0.0, 0.6, -0.5, 0.3, -0.7]


def test_it_draws_distributions_and_paths() -> None:
    ax = Figure(layout="constrained").subplots()
    RUN.plot(ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["work", "heat bath"]  # type: ignore[union-attr]
    for process in (moved(), stirred(), sheared()):
        ax = Figure(layout="constrained").subplots()
        way = WAY if process.controlled else None
        run = sz.simulate(process, [0.1] * process.dim, 1.2, replicas=2, seed=1, protocol=way, dt=0.02, record="paths")
        run.trajectories().plot(ax, replica=1)
        ax.figure.draw_without_rendering()  # type: ignore[union-attr]
        assert ax.lines or ax.collections


def test_progress_is_told() -> None:
    told: list[float] = []
    sz.simulate(moved(), [0.1], 1.0, replicas=50, seed=1, protocol=sz.Protocol([0], [0]), progress=told.append)
    assert told[-1] == 1.0
    assert all(0.0 <= share <= 1.0 for share in told)


def test_an_interruption_stops_all_threads() -> None:
    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sz.simulate(stirred(), [0.1, 0.2], 50.0, replicas=50_000, seed=1, dt=0.001, progress=stop, threads=2)


def test_bad_input_never_costs_memory() -> None:
    with pytest.raises(sz.InputError, match="more than max_bytes"):
        sz.simulate(stirred(), [0.1, 0.2], 1e6, replicas=10_000, seed=1, dt=0.001, record="paths")
