"""Bad study files: one sentence that names field, rule and fix; exit 2; nothing written, nothing started."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import szilard as sz
from szilard.errors import InputError
from szilard.study import Study
from tests.study.driver import Driver, Ended
from tests.study.tiny import TINY, changed

Edit = tuple[str, str]


def refusal(driver: Driver, folder: Path, *words: object) -> str:
    """What ``szilard run`` says in refusing, after checking all that holds for every refusal."""
    before = sorted(folder.rglob("*"))
    ended = driver.cli("run", *words, "--out", "out", cwd=folder)
    assert_refused(ended)
    assert sorted(folder.rglob("*")) == before
    return ended.err


def assert_refused(ended: Ended) -> None:
    assert ended.code == 2, ended
    assert ended.out == ""
    assert ended.err.startswith("szilard: ")
    assert ended.err.endswith(".\n")
    assert ended.err[:-1].isprintable()
    assert ended.err.count(": got ") == 1
    assert ended.err.count(" Fix: ") == 1
    assert len(ended.err) < 600
    assert ended.seconds < 1.0
    assert ended.peak < 500.0


def grid(key: str) -> Edit:
    """One more line in the grid."""
    return "[[grid]]", f"[[grid]]\n{key}"


REPLICAS, SEED, RATES, TIME = "replicas = 200", "seed = 5", "[0.5, 2.0]", "duration = 1.0"


def task(lines: str) -> Edit:
    return "patterns = 3", f"patterns = 3\n{lines}"


def shared(lines: str) -> Edit:
    return 'readout = "sign"', f'readout = "sign"\n{lines}'


CASES: list[tuple[str, list[Edit], str, str]] = [
    # what is wrong, edits, the field that must be named, part of the rule
    ("unknown key", [(SEED, SEED + "\ncolour = 1")], "colour", "is not a key of a study file"),
    ("unknown key of the task", [task("colour = 1")], "task.colour", "is not a key"),
    ("unknown key of the grid", [grid("colour = 1")], "grid[0].colour", "is not a key"),
    ("unknown key with an escape", [(SEED, SEED + '\n"a\\u001b[31m\\nb" = 1')], "a\\x1b[31m\\nb", "is not a key"),
    ("unknown table", [("[task]", "[tasks]")], "tasks", "is not a key"),
    ("wrong type", [(SEED, 'seed = "5"')], "seed", "must be a valid integer"),
    ("boolean as number", [(SEED, "seed = true")], "seed", "must be a valid integer"),
    ("fraction as number", [(REPLICAS, "replicas = 200.0")], "replicas", "must be a valid integer"),
    ("date as number", [(SEED, "seed = 1979-05-27T07:32:00Z")], "seed", "must be a valid integer"),
    ("text as rate", [(RATES, '"fast"')], "grid[0].learning_rate", "must be a valid number"),
    ("text among rates", [(RATES, '[0.5, "fast"]')], "grid[0].learning_rate", "must be a valid number"),
    ("list of lists", [(RATES, "[[0.5]]")], "grid[0].learning_rate", "must be a valid number"),
    ("table as rule", [('["hebbian", "perceptron"]', "{a = 1}")], "grid[0].rule", "must be a valid string"),
    ("no seed", [(SEED, "")], "seed", "is required"),
    ("no patterns", [("patterns = 3", "")], "task.patterns", "is required"),
    ("no grid", [("[[grid]]", "[training.x]")], "training.x", "is not a key"),
    ("negative seed", [(SEED, "seed = -5")], "seed", "greater than or equal to 0"),
    ("too few replicas", [(REPLICAS, "replicas = 39")], "replicas", "greater than or equal to 40"),
    ("10^12 replicas", [(REPLICAS, "replicas = 1_000_000_000_000")], "replicas", "less than or equal to 100000000"),
    ("replicas beyond memory", [(REPLICAS, "replicas = 100_000_000")], "replicas of rule = hebbian", "GiB are"),
    ("more digits than a number has", [(SEED, "seed = " + "9" * 5000)], "study", "must be valid TOML"),
    ("hundreds of digits", [(SEED, "seed = " + "9" * 400)], "seed", "less than or equal to 2147483648"),
    ("thousands of digits in hex", [(SEED, "seed = 0x" + "f" * 9000)], "seed", "must be"),
    ("a rate of hundreds of digits", [(RATES, "1" + "0" * 400)], "grid[0].learning_rate", "must be a valid number"),
    ("NaN", [(RATES, "nan")], "grid[0].learning_rate", "must be a finite number"),
    ("NaN among rates", [(RATES, "[0.5, nan]")], "grid[0].learning_rate", "must be a finite number"),
    ("infinity", [(TIME, "duration = inf")], "training.duration", "must be a finite number"),
    ("overflow to infinity", [(TIME, "duration = 1e400")], "training.duration", "must be a finite number"),
    ("infinite kelvin", [(SEED, SEED + "\nkelvin = inf")], "kelvin", "must be a finite number"),
    ("zero kelvin", [(SEED, SEED + "\nkelvin = 0.0")], "kelvin", "greater than 0"),
    ("negative rate", [(RATES, "-0.5")], "grid[0].learning_rate", "greater than or equal to 0"),
    ("negative among rates", [(RATES, "[0.5, -2.0]")], "grid[0].learning_rate", "greater than or equal to 0"),
    ("zero duration", [(TIME, "duration = 0.0")], "training.duration", "greater than 0"),
    ("T = 0", [shared("temperature = 0.0")], "training.temperature", "greater than 0"),
    ("T < 0", [shared("temperature = -1.0")], "training.temperature", "greater than 0"),
    ("k = 0", [shared("stiffness = 0")], "training.stiffness", "greater than 0"),
    ("mobility < 0", [shared("mobility = [1.0, -1.0]")], "training.mobility", "greater than 0"),
    ("no rates", [(RATES, "[]")], "grid[0].learning_rate", "an axis needs at least one value"),
    ("no shared rates", [shared("order = []")], "grid[0].order", "an axis needs at least one value"),
    ("empty grid", [("[[grid]]", "grid = []\n[training.x]")], "training.grid", "is not a key"),
    ("unknown rule", [('"perceptron"', '"telepathy"')], "grid[0].rule", "must be one of hebbian, perceptron, adatron"),
    ("rule with an escape", [('"perceptron"', '"\\u001b[31mred"')], "grid[0].rule", "must be printable text"),
    ("empty rule", [('"perceptron"', '""')], "grid[0].rule", "at least 1 character"),
    ("name of two lines", [('"tiny"', '"a\\nb"')], "name", "must be printable text on one line"),
    ("endless name", [('"tiny"', '"' + "x" * 300 + '"')], "name", "at most 200 characters"),
    ("unknown labelling", [grid('labelling = "guessed"')], "grid[0].labelling", "must be 'random', 'teacher'"),
    ("unknown readout", [('"sign"', '"loud"')], "training.readout", "must be 'thermal' or 'sign'"),
    ("unknown schedule", [shared('schedule = "slowly"')], "schedule of rule = hebbian", "ramp:TAU"),
    *(
        (f"schedule {ramp}", [shared(f'schedule = "ramp:{ramp}"')], "schedule of rule = hebbian", "ramp:TAU")
        for ramp in ("", "-1", "0", "nan", "inf", "1e400", "x", "1,5")
    ),
    ("dt beyond stability", [('["hebbian", "perceptron"]', '"adatron"'), (RATES, "500.0")],
     "dt of rule = adatron, learning_rate = 500", "the step is unstable"),
    ("dt that does not divide", [("dt = 0.05", "dt = 0.3")], "dt of rule = hebbian", "whole number of steps dt"),
    ("dt longer than the run", [("dt = 0.05", "dt = 5.0")], "dt of rule = hebbian", "whole number of steps dt"),
    ("online without dwell", [shared('mode = "online"')], "dwell of rule = hebbian", "the heat depends on it"),
    ("dwell that dt does not divide", [shared('mode = "online"\ndwell = 0.12')], "dt of rule", "dwell = 0.12"),
    ("kick with another dt", [shared('mode = "online"\nonline = "kick"\ndwell = 0.1')],
     "dt of rule = hebbian", "dt must equal dwell"),
    ("more steps than can be counted", [(TIME, "duration = 1e308"), ("dt = 0.05", "dt = 1e-10")],
     "duration of rule = hebbian", "more than 1e+15 steps"),
    ("a run that never ends", [(TIME, "duration = 1e17")], "duration of rule = hebbian", "more than 1e+15 steps"),
    ("more patterns than there are", [("patterns = 3", "patterns = 400")], "patterns", "at most the 357 samples"),
    ("more held out than there are", [task("held_out = 400")], "patterns", "together at most the 357 samples"),
    ("no patterns at all", [("patterns = 3", "patterns = 0")], "task.patterns", "greater than or equal to 1"),
    ("no such digit", [task("classes = [3, 11]")], "classes", "must be two digits 0..9"),
    ("one digit twice", [task("classes = [3, 3]")], "classes", "must be two different digits"),
    ("a digit of thousands of digits", [task("classes = [3, 0x" + "f" * 9000 + "]")], "task.classes", "must be"),
    ("a negative digit", [task("classes = [3, -1]")], "task.classes", "greater than or equal to 0"),
    ("three digits", [task("classes = [3, 8, 9]")], "task.classes", "at most 2 items"),
    ("random patterns of no size", [task('source = "random"')], "task.inputs", 'source = "random" needs it'),
    ("true labels of random patterns", [task('source = "random"\ninputs = 2'), grid('labelling = "true"')],
     "grid.labelling", "have no true classes"),
    ("10^12 random inputs", [("patterns = 3", 'patterns = 1_000_000\ninputs = 1_000_000\nsource = "random"')],
     "task.patterns", "GiB are free"),
    ("10^11 random held out",
     [task('inputs = 64\nheld_out = 2147483648\nsource = "random"'), grid('labelling = "teacher"')],
     "task.patterns", "GiB are free"),
    ("a grid of 10^9 runs", [(RATES, str([float(i) for i in range(1000)])), shared(
        f"temperature = {[1.0 + i for i in range(1000)]}\nmobility = {[1.0 + i for i in range(1000)]}")],
     "grid[0]", "at most 100000 runs"),
    ("no such file of patterns", [task('source = "mine.csv"')], "mine.csv", "the file must exist"),
    ("patterns of another suffix", [task('source = "../../../../etc/passwd"')], "passwd", "must end in .csv"),
    ("patterns far away", [task('source = "../../../../../../etc/shadow.csv"')], "shadow.csv", "the file must exist"),
    ("a NUL in a name", [task('source = "a\\u0000.csv"')], "task.source", "must be printable text"),
    ("a device as patterns", [task('source = "/dev/zero"')], "zero", "must end in .csv, .tsv or .npz"),
    ("broken TOML", [("[task]", "[task")], "study", "must be valid TOML"),
    ("the same key twice", [(SEED, SEED + "\nseed = 6")], "study", "must be valid TOML"),
    ("a NUL byte", [(SEED, SEED + "\0")], "study", "must be valid TOML"),
    ("100,000 lists in each other", [(SEED, "seed = " + "[" * 100_000)], "study", "is nested too deeply"),
    ("tables in each other", [(SEED, "seed = " + "{a = " * 20_000)], "study", "is nested too deeply"),
    ("a key of 100,000 parts", [(SEED, "a." * 100_000 + "a = 1")], "study", "is nested too deeply"),
    ("a table of 100,000 parts", [("[task]", "[" + "a." * 100_000 + "a]")], "study", "is nested too deeply"),
    ("a key of quoted parts", [(SEED, '"a" . ' * 50_000 + "a = 1")], "study", "is nested too deeply"),
]  # fmt: skip


@pytest.mark.parametrize("edits, field, rule", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_refused(driver: Driver, tmp_path: Path, edits: list[Edit], field: str, rule: str) -> None:
    (tmp_path / "study.toml").write_text(changed(TINY, *edits))
    told = refusal(driver, tmp_path, "study.toml")
    assert told.startswith(f"szilard: {field}"), told
    assert rule in told.split(" Fix: ")[0], told


def test_the_unchanged_study_is_taken(driver: Driver, tmp_path: Path) -> None:
    """So that every refusal above is for what was changed."""
    (tmp_path / "study.toml").write_text(TINY)
    ended = driver.cli("run", "study.toml", "--out", "out", "-q", cwd=tmp_path)
    assert (ended.code, ended.out, ended.err) == (0, "", "")


@pytest.mark.parametrize(
    "name, data, rule",
    [
        ("binary", bytes(range(256)) * 9, "must be UTF-8 text"),
        ("not UTF-8", TINY.replace("tiny", "f\xfcnf").encode("latin-1"), "must be UTF-8 text"),
        ("UTF-16", TINY.encode("utf-16"), "must be UTF-8 text"),
        ("empty", b"", "is required"),
        ("larger than 1 MiB", TINY.encode() + b"#" * (1 << 20), "at most 1 MiB"),
        ("1 GiB of nothing", None, "at most 1 MiB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_study(driver: Driver, tmp_path: Path, name: str, data: bytes | None, rule: str) -> None:
    path = tmp_path / "study.toml"
    if data is None:
        path.touch()
        os.truncate(path, 1 << 30)
    else:
        path.write_bytes(data)
    assert rule in refusal(driver, tmp_path, "study.toml")


def test_a_path_that_is_no_file(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert "cannot be read: Is a directory" in refusal(driver, tmp_path, "folder")
    assert "cannot be read: No such file" in refusal(driver, tmp_path, "missing.toml")
    assert "cannot be read: No such file" in refusal(driver, tmp_path, "\x1b[31m\nred.toml")
    assert "cannot be read: File name too long" in refusal(driver, tmp_path, "x" * 5000)


def test_a_place_for_results_that_is_none(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(TINY)
    (tmp_path / "out").write_text("a file")
    assert "is a file" in refusal(driver, tmp_path, "study.toml")
    (tmp_path / "out").unlink()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("ten years of work")
    assert "is not empty and holds no study" in refusal(driver, tmp_path, "study.toml")


def test_no_name_leads_out_of_the_results(driver: Driver, tmp_path: Path) -> None:
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    (inside / "study.toml").write_text(changed(TINY, ('"tiny"', '"../../escaped<script>[red]"')))
    ended = driver.cli("run", "study.toml", "--out", "out", cwd=inside)
    assert ended.code == 0, ended
    assert "../../escaped<script>[red]: random labels" in ended.out
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a"]
    assert sorted(p.name for p in inside.iterdir()) == ["out", "study.toml"]


def test_a_mark_of_byte_order(tmp_path: Path) -> None:
    """Some editors write one before UTF-8."""
    (tmp_path / "study.toml").write_bytes(b"\xef\xbb\xbf" + TINY.encode())
    assert Study.from_toml(tmp_path / "study.toml").cells == Study(TINY).cells


def test_a_value_given_twice_is_one_run() -> None:
    assert len(Study(changed(TINY, (RATES, "[0.5, 0.5, 2]"))).cells) == 4
    assert Study(changed(TINY, (RATES, "[0.5, 2]"))).cells == Study(TINY).cells
    assert Study(TINY + "\n[[grid]]\nlearning_rate = 0.5\n").cells == Study(TINY).cells


def test_many_grids_together() -> None:
    """The limit holds for all grids together, so that a small file cannot ask for hours of counting."""
    more = f"\n[[grid]]\nlearning_rate = {[float(i) for i in range(900)]}\n"
    assert len(Study(TINY + more).cells) == 903
    with pytest.raises(InputError, match=r"grid\[112\].*at most 100000 runs"):
        Study(TINY + more * 120)


def test_a_run_that_fails_is_named_and_the_others_are_kept(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(changed(TINY, (RATES, "[1e200, 0.5]"), ('"hebbian", ', "")))
    ended = driver.cli("run", "study.toml", "--out", "out", "-q", cwd=tmp_path)
    assert ended.code == 1
    assert ended.out == ""
    assert ended.err.startswith("szilard: 1 of 2 runs failed; the first: ")
    assert "of rule = perceptron, learning_rate = 1e+200: got " in ended.err
    assert ended.err.count("\n") == 1
    results = sz.load(tmp_path / "out")
    assert (results.sizes["cell"], results.attrs["unfinished"]) == (1, 0)
    assert "learning_rate = 1e+200" in results.attrs["failed"]
