"""A rule of one's own: what it may be, that it runs as written, and never as it was written before."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard._kernels.flags import cache_directory
from tests.learning import cases

HERE = Path(sz.__file__).parent
GLOBAL = 3.0
RUN: dict[str, Any] = {"learning_rate": 1.0, "duration": 0.5, "dt": 0.05, "replicas": 20, "seed": 3}


def test_what_a_rule_reads_is_found_out() -> None:
    for rule, expected in (
        (sz.rules.hebbian, (False, False, True, True)),
        (sz.rules.perceptron, (False, False, False, True)),
        (cases.CORRECTING, (True, False, False, True)),
        (cases.FORGETTING, (False, True, False, True)),
        (cases.HALFWAY, (True, True, False, False)),
    ):
        assert (rule.uses_output, rule.uses_weight, rule.additive, rule.odd) == expected, rule.name
    assert sz.rules.adatron.growth == pytest.approx(1.0)
    assert sz.rules.perceptron.growth == cases.SOFT.growth == 0.0
    assert [r.convex for r in (sz.rules.hebbian, sz.rules.perceptron, sz.rules.adatron)] == [True] * 3


@pytest.mark.parametrize("name", ["hebbian", "perceptron", "adatron"])
def test_shipped_amplitudes_are_minus_the_slope_of_their_loss(name: str) -> None:
    """Both signs of field and label; central differences err by h^2 loss'''/6 = 0 and rounding 1e-16/h."""
    rule: sz.Rule = getattr(sz.rules, name)
    assert rule.loss is not None
    for field in (-2.3, -0.4, 0.7, 1.9):
        for label in (-1.0, 1.0):
            up, down = (rule.loss(field + h, label, 0.0, 0.0, ()) for h in (1e-4, -1e-4))
            assert rule.amplitude(field, label, 0.0, 0.0, ()) == pytest.approx((down - up) / 2e-4, abs=1e-11)


def _captured() -> Any:
    inner = 2.0
    return lambda field, label, output, weight, parameters: inner * label


def refused(role: str, amplitude: Any, **more: Any) -> str:
    with pytest.raises(sz.InputError) as caught:
        sz.Rule("mine", amplitude, **more)
    assert caught.value.field == role
    assert caught.value.fix
    return str(caught.value)


def test_functions_that_are_no_rule() -> None:
    assert "captures inner" in refused("mine.amplitude", _captured())
    assert "uses GLOBAL" in refused("mine.amplitude", lambda field, label, output, weight, parameters: GLOBAL * label)
    for function in (
        3,
        max,
        lambda field: field,
        lambda *all: 1.0,
        lambda field, label, output, weight, parameters, *, c=2.0: c * label,
        lambda field, label, output, weight, parameters, *more: label,
    ):
        assert "plain function" in refused("mine.amplitude", function)
    for function in (
        lambda field, label, output, weight, parameters: label / 0.0,
        lambda field, label, output, weight, parameters: math.sqrt(field),
        lambda field, label, output, weight, parameters: label * parameters[3],
        lambda field, label, output, weight, parameters: "push",
        lambda field, label, output, weight, parameters: np.array([1.0, 2.0]),
        lambda field, label, output, weight, parameters: math.nan,
    ):
        refused("mine.amplitude", function)


def _push(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return label


def test_loss_and_parameters_that_do_not_fit() -> None:
    def uphill(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
        return label * field

    def answering(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
        return label - output

    assert "minus the slope" in refused("mine.loss", _push, loss=uphill)
    assert "no gradient" in refused("mine.loss", answering, loss=uphill)
    for parameters in ((math.nan,), ("a",), 3.0, (math.inf,)):
        refused("parameters", _push, parameters=parameters)


def _summed(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return label * math.fsum([1.0, -0.25 * label * field])


def _worded(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return {"-": -1.0, "+": 1.0}[f"{label:+.0f}"[0]] - 0.25 * field


def _twin(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return label - 0.25 * field


@pytest.mark.parametrize("odd", [_summed, _worded])
def test_rule_that_cannot_be_compiled_runs_and_says_so(odd: Any) -> None:
    """And agrees with its compilable twin to rounding."""
    rule = sz.Rule("odd", odd)
    with pytest.warns(RuntimeWarning, match="'odd' cannot be compiled"):
        slow = sz.train(cases.task(3, 4), rule, **RUN, **cases.BATH)
    assert not slow.compiled
    assert "NumPy" in repr(slow)
    fast = sz.train(cases.task(3, 4), sz.Rule("twin", _twin), **RUN, **cases.BATH)
    assert fast.compiled
    np.testing.assert_allclose(slow.weights, fast.weights, rtol=0, atol=1e-13)
    np.testing.assert_allclose(slow.ledger.heat, fast.ledger.heat, rtol=0, atol=1e-12)


def test_parameters_reach_the_rule_without_compiling_anew() -> None:
    def scaled(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
        return parameters[0] * label - parameters[1] * field

    runs = [
        sz.train(cases.task(3, 4), sz.Rule("scaled", scaled, parameters=p), **RUN) for p in ((1.0, 0.25), (2.0, 0.5))
    ]
    twin = sz.train(cases.task(3, 4), sz.Rule("twin", _twin), **RUN)
    np.testing.assert_allclose(runs[0].weights, twin.weights, rtol=0, atol=1e-13)
    assert np.abs(runs[1].weights - twin.weights).max() > 0.01
    first, second = (sz.Rule("scaled", scaled, parameters=p) for p in ((1.0, 0.25), (2.0, 0.5)))
    assert first.stamp == second.stamp


SCRIPT = """
import sys
import szilard as sz
from szilard.errors import InputError

{definitions}

rules = [sz.Rule("mine", f) for f in ({names},)]
for rule in rules:
    rule.kernel
task = sz.tasks.random_labels(2, 3, seed=1)
for rule in rules:
    run = sz.train(task, rule, learning_rate=1.0, duration=0.5, dt=0.05, replicas=20, seed=3)
    assert run.compiled
    print(run.weights[0, 0].hex(), run.ledger.heat[0, 0].hex())
"""
DEFINITION = "def {name}(field, label, output, weight, parameters): return label - {c} * field\n"


def answers(tmp_path: Path, source: str, package: Path = HERE.parent, cache: Path | None = None) -> list[str]:
    """What a fresh interpreter prints; the same script path each time, as after an edit."""
    script = tmp_path / "script.py"
    script.write_text(source)
    environment = os.environ | {"PYTHONPATH": str(package), "SZILARD_CACHE_DIR": str(cache or cache_directory())}
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


def defined(*rules: tuple[str, float]) -> str:
    definitions = "".join(DEFINITION.format(name=name, c=c) for name, c in rules)
    return SCRIPT.format(definitions=definitions, names=", ".join(name for name, _ in rules))


def test_edited_rule_is_never_served_from_the_cache(tmp_path: Path) -> None:
    """Same name, same file, same line, one constant changed; then both in one process, in either order.

    Numba names machine code by name and a counter of the process: two rules cached by two processes once
    answered to one symbol, and whichever was loaded last ran for both.
    """
    before, after = answers(tmp_path, defined(("mine", 0.1))), answers(tmp_path, defined(("mine", 1.9)))
    assert before != after
    assert answers(tmp_path, defined(("mine", 0.1))) == before
    assert answers(tmp_path, defined(("mine", 0.1), ("other", 1.9))) == before + after
    assert answers(tmp_path, defined(("mine", 1.9), ("other", 0.1))) == after + before


def copied_package(tmp_path: Path) -> Path:
    package = tmp_path / "package"
    shutil.copytree(HERE, package / "szilard", ignore=shutil.ignore_patterns("__pycache__"))
    return package


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1, f"{file.name} no longer holds {old!r} once"
    file.write_text(text.replace(old, new))


NORMALS = """
from szilard._kernels.random import normals, stream_key
print(normals(3, 0, 0, stream_key(1), (2, 2)).tolist())
"""


def test_edited_kernel_is_never_served_from_the_cache(tmp_path: Path) -> None:
    """A function that is inlined into another file: Numba's own cache would not notice."""
    package, cache = copied_package(tmp_path), tmp_path / "cache"
    before = answers(tmp_path, NORMALS, package, cache)
    edit(package / "szilard/_kernels/scalar.py", "return e * LN2_HIGH + (", "return 4.0 * e * LN2_HIGH + 4.0 * (")
    after = answers(tmp_path, NORMALS, package, cache)
    doubled = (2.0 * np.array(eval(before[0]))).tolist()  # sqrt(4 ln u)
    np.testing.assert_allclose(eval(after[0]), doubled, rtol=1e-14)


def test_edited_wrapper_of_rules_is_never_served_from_the_cache(tmp_path: Path) -> None:
    package = copied_package(tmp_path)
    source = defined(("mine", 0.35))
    before = answers(tmp_path, source, package)
    assert before == answers(tmp_path, source)
    edit(
        package / "szilard/learning/compile.py",
        "fields[mu, lane], labels[mu, lane], outputs[mu, lane], weight[lane], parameters",
        "2.0 * fields[mu, lane], labels[mu, lane], outputs[mu, lane], weight[lane], parameters",
    )
    assert answers(tmp_path, source, package) == answers(tmp_path, defined(("mine", 0.7)))
