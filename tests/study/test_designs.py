"""Designs: what is drawn, that more points leave the earlier ones alone, and what every axis does to a run."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

import szilard as sz
from szilard.errors import InputError
from szilard.study import Study
from szilard.study.axes import AXES, DEFAULTS, Range
from szilard.study.spec import apart
from szilard.study.work import arguments_of, planned, worked
from tests.study.tiny import MICRO, TINY, changed

DESIGN = """\
name = "drawn"
seed = 5
replicas = 60

[task]
source = "random"
inputs = 6
patterns = 3

[training]
duration = 0.5
dt = 0.05

[[design]]
kind = "random"
points = 512
rule = ["hebbian", "perceptron"]
learning_rate = { low = 0.1, high = 10.0, scale = "log" }
temperature = { low = 0.5, high = 2.0 }
patterns = { low = 2, high = 9 }
"""


def column(study: Study, name: str) -> list[object]:
    return [cell.coordinates[name] for cell in study.cells]


@pytest.mark.parametrize("kind", ["random", "sobol"])
def test_ranges_are_filled_evenly(kind: str) -> None:
    """In the number or in its logarithm; and no two axes hang together."""
    study = Study(changed(DESIGN, ('"random"\npoints', f'"{kind}"\npoints')))
    assert len(study.cells) == 1024
    rates = np.array(column(study, "learning_rate")[::2], dtype=float)
    heats = np.array(column(study, "temperature")[::2], dtype=float)
    patterns = np.array(column(study, "patterns")[::2])
    assert rates.min() >= 0.1 and rates.max() <= 10.0
    u, v = np.log(rates / 0.1) / np.log(100.0), (heats - 0.5) / 1.5
    assert kstest(u, "uniform").pvalue > 1e-3
    assert kstest(v, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(u, v)[0, 1]) < 4.0 / 512**0.5
    counts = np.bincount(patterns.astype(int))[2:]
    assert counts.size == 8
    assert chisquare(counts).pvalue > 1e-3, "ends as often as others"
    assert all(type(p) is int for p in column(study, "patterns"))


def test_every_draw_meets_every_combination() -> None:
    study = Study(DESIGN)
    pairs = [tuple(cell.coordinates[n] for n in ("learning_rate", "temperature", "patterns")) for cell in study.cells]
    assert pairs[::2] == pairs[1::2]
    assert column(study, "rule")[:2] == ["hebbian", "perceptron"]


@pytest.mark.parametrize("kind", ["random", "sobol"])
def test_more_points_leave_the_earlier_ones(kind: str) -> None:
    """So that a finished study goes on."""
    few = Study(changed(DESIGN, ('"random"\npoints = 512', f'"{kind}"\npoints = 64')))
    more = Study(changed(DESIGN, ('"random"\npoints = 512', f'"{kind}"\npoints = 128')))
    assert few.cells == more.cells[:128]


def test_another_seed_draws_others() -> None:
    other = Study(changed(DESIGN, ("seed = 5", "seed = 6")))
    assert not set(column(Study(DESIGN), "learning_rate")) & set(column(other, "learning_rate"))


def test_two_designs_draw_on_their_own() -> None:
    twice = Study(DESIGN + DESIGN[DESIGN.index("[[design]]") :])
    assert len(twice.cells) == 2048
    next_seed = Study(changed(DESIGN, ("seed = 5", "seed = 6")))
    both = set(column(twice, "temperature")) & set(column(next_seed, "temperature"))
    assert len(both) < 5, "six digits coincide now and then"
    assert twice.drawn(1)["temperature"] == column(twice, "temperature")[1024::2]


def test_a_ramp_has_one_name() -> None:
    grids = '[[grid]]\nschedule = ["ramp:0.25", "ramp:0.250"]\n[[grid]]\nramp = 0.25\n'
    study = Study(DESIGN[: DESIGN.index("[[design]]")] + grids)
    assert [cell.coordinates["schedule"] for cell in study.cells] == ["ramp:0.25"]
    assert study.cells[0].coordinates["ramp"] == 0.25


def test_saltelli_pairs() -> None:
    text = changed(
        DESIGN, ('"random"\npoints = 512', '"saltelli"\npoints = 16'), ('["hebbian", "perceptron"]', '"hebbian"')
    )
    study = Study(changed(text, ("patterns = { low = 2, high = 9 }\n", "")))
    assert len(study.cells) == 16 * (2 + 2)


@pytest.mark.parametrize(
    "edit, field, rule",
    [
        (("low = 0.1, high = 10.0", "low = 10.0, high = 0.1"), "design[0].learning_rate", "must have low < high"),
        (("low = 0.1", "low = 0.0"), "design[0].learning_rate", "must have low > 0"),
        (("low = 0.1", 'low = "a"'), "design[0].learning_rate.low", "must be a valid number"),
        (("low = 0.1", "low = nan"), "design[0].learning_rate.low", "finite"),
        (('scale = "log"', 'scale = "cubic"'), "design[0].learning_rate.scale", "must be 'linear' or 'log'"),
        (("low = 2, high = 9", "low = 2.5, high = 9"), "design[0].patterns", "must be a whole number"),
        (("low = 2, high = 9", "low = 0, high = 9"), "design[0].patterns", "greater than or equal to 1"),
        (("low = 2, high = 9", "low = 1, high = 1e15"), "design[0].patterns", "less than or equal to 1000000"),
        (("low = 0.5, high = 2.0", "low = -0.5, high = 2.0"), "design[0].temperature", "greater than 0"),
        (('scale = "log"', "step = 3"), "design[0].learning_rate.step", "is not a key"),
        (("points = 512", "points = 0"), "design[0].points", "greater than or equal to 1"),
        (("points = 512", "points = 60000"), "design[0]", "at most 100000 runs"),
        (('"random"\npoints = 512', '"sobol"\npoints = 100'), "design[0].points", "must be a power of 2"),
        (('"random"\npoints', '"latin"\npoints'), "design[0].kind", "must be 'sobol', 'random' or 'saltelli'"),
        (("duration = 0.5", "duration = { low = 0.5, high = 1.0 }"), "training.duration", "must stand in each"),
        (("[[design]]\nkind = \"random\"\npoints = 512", "[[grid]]"), "grid[0].learning_rate", "which a grid does not"),
        (("rule = [", 'ramp = 2.0\nschedule = "quench"\nrule = ['), "design[0].ramp", "say the same"),
        (("rule = [", "parameter = 2.0\nrule = ["), "parameter", "is of rules that have one"),
    ],
)  # fmt: skip
def test_refused(edit: tuple[str, str], field: str, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        study = Study(changed(DESIGN, edit))
        for cell in study.cells[:4]:
            planned(study, cell)
    assert caught.value.field.startswith(field)
    assert rule in str(caught.value)


def test_a_design_of_nothing_is_refused() -> None:
    text = DESIGN[: DESIGN.index("learning_rate")]
    with pytest.raises(InputError, match="no range; draws at least one parameter"):
        Study(text)


def test_the_ends_of_a_range() -> None:
    for scale in ("linear", "log"):
        r = Range.model_validate({"low": 0.3, "high": 7.0, "scale": scale})
        assert (r.at(0.0), r.at(1.0)) == (0.3, 7.0)


def test_one_more_axis_leaves_old_keys_alone() -> None:
    """Keys written by the first version; a parameter that is named with its default value is no other run."""
    keys = ["9d293a371e28a796", "726fbaaca98d5ad2", "174ac4c63eb1717c", "7159ddcbffb87201"]
    assert [cell.key for cell in Study(TINY).cells] == keys
    more = 'readout = "sign"\nnetwork = "perceptron"\nfeedback = 0.0\nramp = 0.0\ndrawing = 0\npatterns = 3'
    assert [cell.key for cell in Study(changed(TINY, ('readout = "sign"', more))).cells] == keys
    assert set(DEFAULTS) == set(AXES)


AXIS = [
    ("feedback", "[0.0, 0.3]"), ("answer_rate", "[0.5, 2.0]"), ("network", '["perceptron", "committee:2", "tree:3"]'),
    ("patterns", "[2, 3]"), ("inputs", "[6, 12]"), ("drawing", "[0, 1]"), ("ramp", "[0.0, 0.25]"),
    ("mobility", "[0.5, 1.0]"), ("labelling", '["random", "teacher"]'),
]  # fmt: skip


@pytest.mark.parametrize("name, values", AXIS)
def test_every_axis_reaches_the_run(name: str, values: str) -> None:
    """Each value is a run of its own, with numbers of its own, and what ``train`` is told is what the file says."""
    text = DESIGN[: DESIGN.index("[[design]]")] + f"[[grid]]\nlearning_rate = 2.0\n{name} = {values}\n"
    study = Study(text)
    found = [worked(study, cell) for cell in study.cells]
    assert len({cell.key for cell in study.cells}) == len(study.cells) >= 2
    heats = [record.estimates["heat"].value for record in found if hasattr(record, "estimates")]
    assert len(set(heats)) == len(study.cells)


def test_arguments() -> None:
    grid = '[[grid]]\nrule = "gradient"\nparameter = 2.5\nramp = 0.25\nnetwork = "multilayer:4,2"\nfeedback = 0.2\n'
    study = Study(DESIGN[: DESIGN.index("[[design]]")] + grid)
    at = study.cells[0].coordinates
    told = arguments_of(at, study.task(at))
    assert told["rule"].parameters == (2.5,)
    assert told["network"] == sz.networks.multilayer((4, 2))
    assert (told["schedule"], told["feedback"]) == ("ramp:0.25", 0.2)
    assert told["task"].inputs.shape == (3, 6)
    assert "patterns" not in told


@pytest.mark.parametrize(
    "network", ["committee", "committee:0", "committee:2,3", "tree:x", "multilayer", "net:3", "perceptron:2"]
)
def test_unknown_networks(network: str) -> None:
    study = Study(DESIGN[: DESIGN.index("[[design]]")] + f'[[grid]]\nnetwork = "{network}"\n')
    with pytest.raises(InputError, match="network|hidden"):
        planned(study, study.cells[0])


def test_drawings_of_patterns() -> None:
    """Drawing 0 is the study's own seed, others are others."""
    assert apart(7, "drawing", 0) == 7
    assert len({apart(seed, "drawing", drawing) for seed in range(20) for drawing in range(20)}) == 400
    study = Study(DESIGN[: DESIGN.index("[[design]]")] + "[[grid]]\ndrawing = [0, 1]\n")
    first, second = (study.task(cell.coordinates).inputs for cell in study.cells)
    assert not np.array_equal(first, second)
    assert np.array_equal(first, sz.tasks.random_labels(6, 3, seed=5).inputs)


def test_inputs_belong_to_random_patterns() -> None:
    study = Study(changed(TINY, ("[[grid]]", "[[grid]]\ninputs = 8")))
    with pytest.raises(InputError, match="have the inputs that they have"):
        planned(study, study.cells[0])


def test_tasks_are_shared_and_few_are_kept() -> None:
    study = Study(changed(MICRO, ("[[grid]]", f"[[grid]]\ndrawing = {list(range(30))}")))
    for cell in study.cells:
        study.task(cell.coordinates)
    assert len(study._tasks) == 8
    assert study.task(study.cells[-1].coordinates) is study.task(study.cells[-1].coordinates)
