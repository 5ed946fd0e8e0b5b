"""The definition of a Langevin process: what fits, what is refused, arrays and scalar functions alike."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.continuous import Linear
from tests.continuous.cases import bowl, moved, moved_of_arrays, sheared, stirred, swirl, well, well_slope

POINTS = np.random.default_rng(1).normal(size=(200, 2))


def test_forces_are_minus_the_slope_and_the_push() -> None:
    process = stirred()
    w, h = POINTS, 1e-6
    for i in range(2):
        shift = h * np.eye(2)[i]
        slope = -(process.energies(w + shift) - process.energies(w - shift)) / (2 * h)
        np.testing.assert_allclose(process.slopes(w)[:, i], slope, rtol=0, atol=1e-8)
    np.testing.assert_allclose(process.pushes(w), np.stack([0.9 * w[:, 1], -0.4 * w[:, 0] + 0.2], axis=1))
    np.testing.assert_array_equal(process.forces(w), process.slopes(w) + process.pushes(w))


def test_a_missing_gradient_is_found_from_the_potential() -> None:
    """Five points: U has fifth derivatives near 1 here, h = 1e-3: h^4/30 and rounding stay below 1e-11."""
    given = stirred()
    found = sz.Langevin(swirl, bowl, dim=2, compiled=True, temperature=0.8, mobility=[1.4, 0.6])
    np.testing.assert_allclose(found.slopes(POINTS), given.slopes(POINTS), rtol=0, atol=1e-11 * 50)
    np.testing.assert_allclose(found.slopes(POINTS[:3]), given.slopes(POINTS[:3]), rtol=0, atol=1e-11 * 50)
    settings: Any = {"replicas": 50, "seed": 1, "dt": 0.01}
    one, other = (sz.simulate(p, [0.1, 0.2], 0.5, **settings) for p in (given, found))
    np.testing.assert_allclose(one.final, other.final, rtol=0, atol=1e-9)


def test_scalar_functions_and_functions_of_arrays_agree() -> None:
    w = POINTS[:, :1]
    for control in (-0.3, 0.8):
        for verb in ("energies", "slopes", "pushes"):
            compiled, plain = getattr(moved(), verb)(w, control), getattr(moved_of_arrays(), verb)(w, control)
            np.testing.assert_allclose(compiled, plain, rtol=0, atol=1e-13 * 100)
            np.testing.assert_allclose(compiled[:5], getattr(moved(), verb)(w[:5], control), rtol=0, atol=1e-14)


def test_a_linear_process_is_what_its_matrices_say() -> None:
    process, at = sheared(), sheared().linear_at()
    w = np.random.default_rng(2).normal(size=(50, 3))
    np.testing.assert_allclose(
        process.energies(w), [0.5 * x @ at.hessian @ x - at.pull @ x + at.constant for x in w], rtol=1e-13
    )
    np.testing.assert_allclose(process.forces(w), at.offset - w @ at.matrix.T, rtol=0, atol=1e-14 * 10)
    assert not at.conservative and process.driven_at()


def test_it_says_what_it_is() -> None:
    assert repr(moved()) == "Langevin: 1 coordinate, T = 0.7, mobility 1.3, potential, manipulated"
    assert repr(stirred([1.7, 0.6])).startswith("Langevin: 2 coordinates, T = 1.7, 0.6, mobility [1.4, 0.6]")
    assert "driven" in repr(stirred())
    assert moved().controlled and not stirred().controlled
    assert stirred([1.7, 0.6]).reservoirs == ("bath 0", "bath 1")
    assert stirred().reservoirs == ("bath",)


def test_a_scalar_function_that_cannot_be_compiled_runs_in_python_and_says_so() -> None:
    process = sz.Langevin(potential=unusual, dim=1, compiled=True)
    with pytest.warns(RuntimeWarning, match="cannot be compiled"):
        run = sz.simulate(process, [0.3], 0.1, replicas=3, seed=1, dt=0.01, method="heun")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = sz.simulate(
            sz.Langevin(potential=lambda w: 0.5 * w[:, 0] ** 2, dim=1), [0.3], 0.1, replicas=3, seed=1, dt=0.01
        )
    np.testing.assert_allclose(run.final, plain.final, rtol=0, atol=1e-9)


def unusual(w: Any, control: Any, parameters: Any) -> Any:
    return float(f"{0.5 * w[0] ** 2:.17g}")


def not_finite(w: Any, control: Any, parameters: Any) -> Any:
    return math.log(w[0]) if w[0] > 0.0 else math.nan


def flat(w: Any) -> Any:
    return np.zeros(w.shape[0])


NUMBER = 2.0


def hidden_capture(w: Any, control: Any, parameters: Any) -> Any:
    return sum([NUMBER * x * x for x in w])


def hidden_control(w: Any, control: Any, parameters: Any) -> Any:
    return 0.5 * sum([(x - control) ** 2 for x in w])


def captured(w: Any, control: Any, parameters: Any) -> Any:
    return NUMBER * w[0] ** 2


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("dim", lambda: sz.Langevin(potential=flat, dim=0)),
        ("dim", lambda: sz.Langevin(potential=flat, dim=1.0)),  # type: ignore[arg-type]
        ("process", lambda: sz.Langevin(dim=1)),
        ("gradient", lambda: sz.Langevin(gradient=lambda w: w, dim=1)),
        ("temperature", lambda: sz.Langevin(potential=flat, dim=1, temperature=0.0)),
        ("temperature", lambda: sz.Langevin(potential=flat, dim=2, temperature=[1.0, -1.0])),
        ("temperature", lambda: sz.Langevin(potential=flat, dim=2, temperature=[1.0, 1.0, 1.0])),
        ("temperature", lambda: sz.Langevin(potential=flat, dim=1, temperature=np.nan)),
        ("temperature", lambda: sz.Langevin(potential=flat, dim=1, temperature="warm")),
        ("mobility", lambda: sz.Langevin(potential=flat, dim=1, mobility=0.0)),
        ("mobility", lambda: sz.Langevin(potential=flat, dim=1, mobility=np.inf)),
        ("mobility", lambda: sz.Langevin(potential=flat, dim=2, mobility=np.eye(2))),
        ("mobility", lambda: sz.Langevin(linear=Linear(np.eye(2), [0, 0]), dim=2, mobility=[[1.0, 2.0], [2.0, 1.0]])),
        ("mobility", lambda: sz.Langevin(linear=Linear(np.eye(2), [0, 0]), dim=2, mobility=[[1.0, 0.2], [0.0, 1.0]])),
        ("force", lambda: sz.Langevin(lambda w: w[:, 0], dim=2)),
        ("force", lambda: sz.Langevin(lambda w: np.ones((w.shape[0], 3)), dim=2)),
        ("force", lambda: sz.Langevin(lambda w: w[:, 5:6], dim=1)),
        ("force", lambda: sz.Langevin(lambda w: np.full_like(w, np.nan), dim=1)),
        ("force", lambda: sz.Langevin(lambda w, a, b: w, dim=1)),
        ("force", lambda: sz.Langevin(3.0, dim=1)),  # type: ignore[arg-type]
        ("potential", lambda: sz.Langevin(potential=lambda w: w, dim=1)),
        ("potential", lambda: sz.Langevin(potential=lambda w: 1.0 / 0.0, dim=1)),
        ("potential", lambda: sz.Langevin(potential=not_finite, dim=1, compiled=True)),
        ("potential", lambda: sz.Langevin(potential=captured, dim=1, compiled=True)),
        ("potential", lambda: sz.Langevin(potential=hidden_capture, dim=1, compiled=True)),
        ("potential", lambda: sz.Langevin(potential=lambda w: w[:, 0] ** 2 + 1j, dim=1)),
        ("parameters", lambda: sz.Langevin(potential=well, dim=1, compiled=True, parameters=3.0)),  # type: ignore[arg-type]
        ("parameters", lambda: sz.Langevin(potential=well, dim=1, compiled=True, parameters=np.eye(2))),  # type: ignore[arg-type]
        ("potential", lambda: sz.Langevin(potential=lambda w: w[0] ** 2, dim=1, compiled=True)),
        ("gradient", lambda: sz.Langevin(potential=lambda w: w[:, 0] ** 2, gradient=lambda w: -2 * w, dim=1)),
        ("gradient", lambda: sz.Langevin(potential=lambda w: (w**2).sum(axis=1), gradient=lambda w: w, dim=2)),
        ("parameters[1]", lambda: sz.Langevin(potential=well, dim=1, compiled=True, parameters=(1.0, np.nan))),
        ("period", lambda: sz.Langevin(potential=flat, dim=1, period=-1.0)),
        ("potential", lambda: sz.Langevin(potential=lambda w: w[:, 0] ** 2, dim=1, period=2.0)),
        ("linear", lambda: sz.Langevin(linear=Linear(np.eye(2), [0, 0]), dim=3)),
        ("linear", lambda: sz.Langevin(potential=flat, linear=Linear([[1.0]], [0]), dim=1)),
        ("linear", lambda: sz.Langevin(linear=[[1.0]], dim=1)),  # type: ignore[arg-type]
        ("hessian", lambda: Linear([[1.0, 0.5], [0.0, 1.0]], [0, 0])),
        ("hessian", lambda: Linear([[np.nan]], [0])),
        ("pull", lambda: Linear([[1.0]], [0, 0])),
        ("covariance", lambda: sz.Gaussian([0.0, 0.0], [[1.0, 2.0], [2.0, 1.0]])),
        ("covariance", lambda: sz.Gaussian(0.0, 0.0)),
        ("mean", lambda: sz.Gaussian(np.nan, 1.0)),
    ],
)
def test_bad_definitions(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(sz.InputError) as caught:
        call()
    assert caught.value.field == field
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("initial", {"initial": [np.nan]}),
        ("initial", {"initial": np.zeros((3, 1))}),
        ("initial", {"initial": "somewhere"}),
        ("initial", {"initial": sz.Gaussian([0.0, 0.0], 1.0)}),
        ("initial", {"initial": {"a": 1}}),
        ("duration", {"duration": -1.0}),
        ("duration", {"duration": np.nan}),
        ("protocol", {"protocol": None}),
        ("protocol", {"protocol": [0.0, 1.0]}),
        ("replicas", {"replicas": 0}),
        ("seed", {"seed": -1}),
        ("threads", {"threads": 0}),
        ("record", {"record": "everything"}),
        ("times", {"times": [0.5, 0.5]}),
        ("times", {"times": [2.0]}),
        ("paths", {"record": "paths", "replicas": 1000, "max_bytes": 5e5}),
        ("replicas x times", {"max_bytes": 100.0}),
        ("entropy", {"entropy": True}),
        ("entropy", {"entropy": "x"}),
        ("progress", {"progress": 3}),
        ("currents", {"currents": {"turns": [[0.0]]}}),
    ],
)
def test_bad_runs(field: str, changed: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "process": moved(), "initial": [0.1], "duration": 1.0, "replicas": 10, "seed": 1, "dt": 0.01,
        "protocol": sz.Protocol([0.0], [0.2]),
    }  # fmt: skip
    with pytest.raises(sz.InputError) as caught:
        sz.simulate(**(given | changed))
    assert caught.value.field == field


def test_a_gradient_of_a_controlled_potential_is_checked_when_the_control_is_known() -> None:
    wrong = sz.Langevin(
        potential=well, gradient=lambda w, control, parameters: 4.0 * w[0] ** 3 + control, dim=1, compiled=True,
        parameters=(1.5, 0.3),
    )  # fmt: skip
    with pytest.raises(sz.InputError, match="derivative of the potential"):
        sz.simulate(wrong, np.linspace(-1, 1, 10)[:, None], 1.0, replicas=10, seed=1, protocol=sz.Protocol([0], [0.1]))
    assert well_slope((0.5,), 0.0, (1.5, 0.3)) != 0.0


def test_a_control_that_a_comprehension_reads_is_seen() -> None:
    assert sz.Langevin(potential=hidden_control, dim=1, compiled=True).controlled


def test_a_gradient_that_is_wrong_between_two_nodes_is_refused() -> None:
    """Right at controls 0 and 1, of the wrong sign between them."""
    cycle = sz.Langevin(
        potential=lambda w, c: 0.5 * w[:, 0] ** 2 - 3.0 * np.sin(np.pi * c) * w[:, 0],
        gradient=lambda w, c: w + 3.0 * np.sin(np.pi * c), dim=1,
    )  # fmt: skip
    with pytest.raises(sz.InputError, match="derivative of the potential"):
        sz.simulate(cycle, [0.3], 2.0, replicas=10, seed=1, protocol=sz.Protocol([0.0, 2.0], [0.0, 1.0]))


def test_a_linear_force_that_fails_says_where() -> None:
    broken = sz.Langevin(linear=lambda c: Linear([[1.0 / c]], [0.0]), dim=1)
    with pytest.raises(sz.InputError, match="ZeroDivisionError"):
        sz.simulate(broken, [0.0], 1.0, replicas=2, seed=1, protocol=sz.Protocol([0.0, 1.0], [0.0, 1.0]))


def test_no_common_equilibrium_of_two_baths() -> None:
    with pytest.raises(sz.InputError, match="no common equilibrium"):
        sz.simulate(stirred([1.7, 0.6]), "equilibrium", 1.0, replicas=2, seed=1)


def test_what_is_no_process_is_refused_by_every_verb() -> None:
    for verb in (sz.simulate, sz.propagate, sz.stationary, sz.energetics, sz.entropy_production_rate):
        anything: Any = verb
        arguments = {"simulate": ("x", 1.0), "propagate": ("x", [1.0]), "energetics": ("x", 1.0)}
        extra = {"replicas": 1, "seed": 1} if verb is sz.simulate else {}
        with pytest.raises(sz.InputError, match="must be a JumpProcess or a Langevin process"):
            anything([[1.0]], *arguments.get(verb.__name__, ()), **extra)


def test_a_function_that_writes_into_its_states_is_refused() -> None:
    def greedy(w: Any) -> Any:
        w *= 2.0
        return w[:, 0] ** 2

    with pytest.raises(sz.InputError, match="read-only"):
        sz.Langevin(potential=greedy, dim=1)


def test_the_exact_routes_speak_of_states_not_of_jumps() -> None:
    for start, match in (("equilibrium", "no common equilibrium"), ("somewhere", "a distribution of states")):
        with pytest.raises(sz.InputError, match=match):
            sz.propagate(stirred([1.7, 0.6]), start, [1.0])
    with pytest.raises(sz.InputError, match="there is no potential"):
        sz.simulate(sz.Langevin(swirl, dim=2, compiled=True), "equilibrium", 1.0, replicas=2, seed=1)
