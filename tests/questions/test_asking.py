"""The frame of a question: pieces kept and taken up again, answers written, bad files refused."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from pydantic import Field
from typer.testing import CliRunner

import szilard as sz
from szilard.check import BoundCheck
from szilard.cli import app
from szilard.estimate import Estimate
from szilard.questions.asking import ask, seed_of
from szilard.questions.catalogue import QUESTIONS, Section
from szilard.questions.kept import key_of
from szilard.questions.part import Finding, Part, Picture, Piece, Record, Table, Variable, joined
from szilard.questions.question_file import Question
from szilard.study.strict import Strict

CALLS: list[float] = []


class CoinSettings(Strict):
    """Means of draws around each of the values."""

    values: Annotated[list[float], Field(min_length=1)] = [1.5, -2.5]
    draws: Annotated[int, Field(ge=2)] = 400
    limit: float = 9.0


def coin_part(settings: CoinSettings, time_step: float) -> Part:
    """One piece per value."""

    def piece(value: float) -> Piece:
        def work(seed: int, threads: int | None) -> Record:
            CALLS.append(value)
            sample = value + np.random.default_rng(seed).normal(size=settings.draws)
            return {"value": value, "mean": sample.mean(), "stderr": sample.std() / np.sqrt(settings.draws)}

        return Piece({"value": value, "draws": settings.draws, "time_step": time_step}, work, effort=2.0)

    def conclude(records: Sequence[Record]) -> Finding:
        means = [Estimate(r["mean"], r["stderr"], settings.draws) for r in records]

        def draw(figure: Figure) -> None:
            figure.subplots().plot(joined(records, "value"), joined(records, "mean"))

        limit = Estimate.exact(settings.limit)
        return Finding(
            text="Means | were [red]drawn[/red].",
            assumptions=("fair draws",),
            table=Table(("value", "mean (nat)"), tuple((r["value"], m) for r, m in zip(records, means, strict=True))),
            picture=Picture(draw, "what is seen"),
            checks=tuple(BoundCheck(f"mean of {r['value']}", m, limit) for r, m in zip(records, means, strict=True)),
            broken=(BoundCheck("a false law", Estimate.exact(2.0), Estimate.exact(1.0)),),
            arrays={
                "mean": Variable(("value",), joined(records, "mean"), "nat", "the means"),
                "side": Variable(("value",), ["heads" if r["mean"] > 0.0 else "a tail" for r in records]),
            },
        )

    return Part("coins", "Coins", tuple(piece(v) for v in settings.values), conclude)


TEXT = 'question = "ceiling"\nname = "a test"\nseed = 3\n[coins]\nvalues = [1.5, -2.5]\n[quick.coins]\ndraws = 50\n'


@pytest.fixture(autouse=True)
def coins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question of one small part."""
    monkeypatch.setitem(QUESTIONS, "ceiling", {"coins": Section(CoinSettings, coin_part)})
    CALLS.clear()


def test_an_answer_is_written_whole(tmp_path: Path) -> None:
    out = tmp_path / "answer"
    seen: list[tuple[int, int, float]] = []
    answer = ask(Question(TEXT), out, watch=lambda *a: seen.append(a))
    assert seen[0] == (0, 2, 0.0) and seen[-1] == (2, 2, 1.0)
    assert answer.violated == () and "2 hold, 0 violated" in answer.surely and "1 violated" in answer.surely
    page = (out / "answer.md").read_text()
    assert page.startswith("# What sets the maximum cost of learning?") and "fair draws" in page
    assert "| a false law | 2 | \\<= | 1 | violated |" in page
    rows = list(csv.DictReader((out / "tables" / "coins.csv").read_text().splitlines()))
    assert [row["mean (nat): side"] for row in rows] == ["two-sided"] * 2
    data = sz.load(out, part="coins")
    assert [repr(x) for x in data["mean"].values.tolist()] == [row["mean (nat)"] for row in rows]
    assert data["side"].values.tolist() == [1, 0]
    assert json.loads(data["side"].attrs["flag_meanings"]) == ["a tail", "heads"]
    assert data["mean"].attrs == {"units": "nat", "long_name": "the means"}
    assert json.loads(data.attrs["checks"])[0]["verdict"] == "holds"
    xr.testing.assert_identical(data, xr.open_zarr(out / "answer.zarr", group="coins", consolidated=False).load())
    for suffix in ("png", "svg", "pdf"):
        assert (out / "figures" / f"coins.{suffix}").stat().st_size > 1000


def test_finished_pieces_are_kept_and_only_new_ones_computed(tmp_path: Path) -> None:
    first = ask(Question(TEXT), tmp_path / "a")
    page = (tmp_path / "a" / "answer.md").read_bytes()
    assert CALLS == [1.5, -2.5]
    again = ask(Question(TEXT), tmp_path / "a")
    assert len(CALLS) == 2 and again.text == first.text and (tmp_path / "a" / "answer.md").read_bytes() == page
    ask(Question(TEXT.replace("-2.5]", "-2.5, 7.0]")), tmp_path / "a")
    assert CALLS == [1.5, -2.5, 7.0]
    ask(Question(TEXT.replace("values", "limit = 8.0\nvalues")), tmp_path / "a")  # concerns no piece
    assert len(CALLS) == 3
    ask(Question(TEXT), tmp_path / "b")
    pages = [(tmp_path / x / "pieces").glob("*.json") for x in "ab"]
    assert {p.name for p in pages[1]} < {p.name for p in pages[0]}


def test_an_interruption_loses_no_finished_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(done: int, total: int, share: float) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(Question(TEXT), tmp_path / "a", watch=interrupted)
    assert CALLS == [1.5]
    ask(Question(TEXT), tmp_path / "a")
    assert CALLS == [1.5, -2.5]
    ask(Question(TEXT), tmp_path / "b")
    same = [(tmp_path / x / "tables" / "coins.csv").read_bytes() for x in "ab"]
    assert same[0] == same[1]


@pytest.mark.parametrize("damage", [b"", b"{", b"[" * 100_000, b'{"seal": 1, "key": "x"}', b"\xff\xfe"])
def test_a_damaged_piece_is_computed_again(tmp_path: Path, damage: bytes) -> None:
    question = Question(TEXT)
    ask(question, tmp_path / "a")
    table = (tmp_path / "a" / "tables" / "coins.csv").read_bytes()
    key = key_of("coins", question.parts[0].pieces[1], question.seed)
    (tmp_path / "a" / "pieces" / f"{key}.json").write_bytes(damage)
    ask(question, tmp_path / "a")
    assert CALLS == [1.5, -2.5, -2.5]
    assert (tmp_path / "a" / "tables" / "coins.csv").read_bytes() == table


def test_changed_numbers_in_a_piece_are_not_believed(tmp_path: Path) -> None:
    question = Question(TEXT)
    ask(question, tmp_path / "a")
    for path in (tmp_path / "a" / "pieces").glob("*.json"):
        path.write_text(path.read_text().replace('"value": 1.5', '"value": 1.25'))
    ask(question, tmp_path / "a")
    assert CALLS == [1.5, -2.5, 1.5]


def test_seeds_and_settings_make_other_pieces() -> None:
    keys = set()
    for question in (
        Question(TEXT),
        Question(TEXT, quick=True),
        Question(TEXT, other_seed=4),
        Question(TEXT.replace("seed = 3", "seed = 3\ntime_step = 0.5")),
    ):
        keys |= {key_of(part.name, piece, question.seed) for part in question.parts for piece in part.pieces}
    assert len(keys) == 8 and len({seed_of(key) for key in keys}) == 8
    assert all(0 <= seed_of(key) < 2**31 for key in keys)


def test_quick_takes_the_changes_of_its_table() -> None:
    assert Question(TEXT, quick=True).file.coins.draws == 50
    assert Question(TEXT, quick=True).file.coins.values == [1.5, -2.5]
    assert Question(TEXT).file.coins.draws == 400


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('question = "ceiling"', 'question = "other"'), "question: got other; must be one of ceiling, limit, rules"),
        (('question = "ceiling"\n', ""), "question: got nothing"),
        (("values", "valeus"), "coins.valeus.*is not a key of a question's file"),
        (("[1.5, -2.5]", "[]"), "coins.values"),
        (("[1.5, -2.5]", '["a"]'), 'coins.values: got "a"; must be a valid number'),
        (("draws = 50", "draws = 1"), "coins.draws: got 1; must be greater than or equal to 2"),
        (("[coins]\nvalues = [1.5, -2.5]\n[quick.coins]\ndraws = 50\n", ""), "needs a table of at least one part"),
        (("seed = 3", "seed = -1"), "seed: got -1"),
        (("seed = 3", "seed = 3\ntime_step = 0.0"), "time_step"),
        (("values", "values = [[" * 2), "valid TOML"),
    ],
)
def test_bad_files_are_refused_by_name(change: tuple[str, str], message: str) -> None:
    with pytest.raises(sz.InputError, match=message):
        Question(TEXT.replace(*change))


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("ceiling", ("loads = [0.25, 0.5", "loads = [0.25, 1e308"), "exponents.loads: got 1e.308; must be less"),
        ("ceiling", ("stiffness = 1.6 ", "stiffness = nan "), "exponents.stiffness: got nan"),
        ("ceiling", ("temperature = 0.7 ", "temperature = 0.0 "), "exponents.temperature: got 0.0; must be greater"),
        ("limit", ("dt = 0.05 ", "dt = 1e-308 "), "matrix.dt: got 1e-308; must be greater"),
        (
            "limit",
            ('"adatron"]', '"hebbian"]'),
            "fluctuations.quenched: got \"hebbian\"; must be 'perceptron'",
        ),
        ("limit", ("shares = [-0.25, ", "shares = [nan, "), "phases.shares: got nan"),
        ("rules", ("patterns = 8 ", "patterns = 0 "), "scene.random.task.patterns: got 0"),
        ("rules", ("[scene.online]", '[scene."../x"]'), "scene"),
    ],
)
def test_what_no_part_can_use_is_refused_before_anything_runs(
    kind: str, change: tuple[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    text = Question.shipped(kind).text
    assert change[0] in text
    with pytest.raises(sz.InputError, match=message):
        Question(text.replace(*change))


def test_numbers_beyond_floating_point_are_told_with_their_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(seed: int, threads: int | None) -> Record:
        raise OverflowError("too large")

    def part(settings: CoinSettings, time_step: float) -> Part:
        return Part("coins", "Coins", (Piece({"value": 1e308}, work),), lambda records: None)  # type: ignore[arg-type, return-value]

    monkeypatch.setitem(QUESTIONS, "ceiling", {"coins": Section(CoinSettings, part)})
    with pytest.raises(sz.InputError, match="coins: got value = 1e.308; is beyond what floating point holds"):
        ask(Question(TEXT), tmp_path / "a")


def test_directories_of_something_else_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(sz.InputError, match="is not empty and holds no answer"):
        ask(Question(TEXT), tmp_path)
    ask(Question(TEXT), tmp_path / "a")
    other = (tmp_path / "a" / "question.toml").read_text().replace('"ceiling"', '"limit"')
    (tmp_path / "a" / "question.toml").write_text(other)
    with pytest.raises(sz.InputError, match="holds the answer to another question"):
        ask(Question(TEXT), tmp_path / "a")
    with pytest.raises(sz.InputError, match="must be one of coins"):
        sz.load(tmp_path / "a")
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["thesis.tex"]


def test_the_command_tells_the_answer_and_fails_with_a_law(tmp_path: Path) -> None:
    (tmp_path / "q.toml").write_text(TEXT)
    arguments = ["ask", "ceiling", str(tmp_path / "q.toml"), "--out", str(tmp_path / "a")]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0, told.output
    assert "Means | were [red]drawn[/red]." in told.output and "1.5" in told.output and "answer.md" in told.output
    (tmp_path / "q.toml").write_text(TEXT.replace("values", "limit = 0.5\nvalues"))
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 1 and "VIOLATED: mean of 1.5" in " ".join(told.output.split())


def test_a_file_of_another_question_is_named(tmp_path: Path) -> None:
    (tmp_path / "q.toml").write_text(TEXT)
    told: Any = CliRunner().invoke(app, ["ask", "limit", str(tmp_path / "q.toml")])
    assert isinstance(told.exception, sz.InputError) and "asks ceiling" in str(told.exception)


def test_shipped_files_spell_out_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for kind in ("ceiling", "limit"):
        file = Question.shipped(kind).file
        for key, section in QUESTIONS[kind].items():
            assert getattr(file, key) == section.settings(), f"{kind}.{key}"


@pytest.mark.parametrize("kind", ["ceiling", "limit", "rules"])
@pytest.mark.parametrize("quick", [False, True])
def test_shipped_files_make_pieces_that_are_all_different(
    kind: str, quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    question = Question.shipped(kind, quick)
    keys = [key_of(part.name, piece, question.seed) for part in question.parts for piece in part.pieces]
    assert len(set(keys)) == len(keys) > 10
    assert len({part.name for part in question.parts}) == len(question.parts)
    halved = Question(question.text.replace("\nseed = ", "\ntime_step = 0.5\nseed = ", 1), quick)
    finer = [key_of(part.name, piece, halved.seed) for part in halved.parts for piece in part.pieces]
    assert set(finer) != set(keys), "no piece is simulated"


def test_a_piece_under_another_name_is_not_believed(tmp_path: Path) -> None:
    question = Question(TEXT)
    ask(question, tmp_path / "a")
    first, second = sorted((tmp_path / "a" / "pieces").glob("*.json"))
    second.write_bytes(first.read_bytes())
    ask(question, tmp_path / "a")
    assert len(CALLS) == 3


def test_every_piece_has_noise_of_its_own(tmp_path: Path) -> None:
    ask(Question(TEXT.replace("[1.5, -2.5]", "[1.5, 2.5]")), tmp_path / "a")
    found = sz.load(tmp_path / "a", part="coins")["mean"].values
    assert abs((found[1] - 2.5) - (found[0] - 1.5)) > 1e-9
