"""The sliders reach every run, and what they show is what the store holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import szilard as sz
from szilard.reporting import write_report
from szilard.reporting.chooser import as_json, axes_of_runs, chooser_section
from szilard.reporting.runs import MOST_RUNS, runs_of, thinned
from tests.reporting.faked import fake
from tests.reporting.reading import Page


def data_of(page: str) -> Any:
    start = page.index('<script type="application/json" id="runs">') + len('<script type="application/json" id="runs">')
    return json.loads(page[start : page.index("</script>", start)])


def test_every_number_of_the_page_is_that_of_the_store(whole: Path) -> None:
    data = data_of(write_report(whole).read_text("ascii"))
    runs = runs_of(sz.load(whole))
    assert len(data["runs"]) == len(runs)
    for told, run in zip(data["runs"], runs, strict=True):
        stored = {(e.value, e.stderr, e.side) for e in run.estimates.values()}
        sides = data["sides"]
        numbers = [n for n in told["numbers"] if n is not None]
        assert len(numbers) >= 5
        assert all((value, error, sides[side]) in stored for value, error, side in numbers)
        assert told["verdict"] == run.verdict and told["number"] == run.number
        for axis, place in zip(data["axes"], told["at"], strict=True):
            value = axis["values"][place]
            assert value in {str(v) if isinstance(v, str) else f"{v:g}" for v in run.at.values()} | {"none"}


def test_axes_are_what_varies_and_does_not_follow_from_a_word(tmp_path: Path) -> None:
    points = [
        {"rule": rule, "learning_rate": rate, "schedule": schedule, "duration": 8.0 if schedule == "quench" else 20.0}
        for rule in ("oja", "hebbian")
        for rate in (3.0, 0.5, 2.0)
        for schedule in ("quench", "ramp:3")
    ]
    axes = axes_of_runs(runs_of(sz.load(fake(tmp_path / "results.zarr", points))))
    assert [axis.name for axis in axes] == ["rule", "learning_rate", "schedule"]
    assert [axis.ordered for axis in axes] == [False, True, False]
    assert axes[1].values == (0.5, 2.0, 3.0)
    assert axes[0].values == ("oja", "hebbian")


def test_all_parameters_of_a_design_have_a_slider(tmp_path: Path) -> None:
    points = [{"learning_rate": 1.0 + i, "temperature": 9.0 - 0.5 * i, "mobility": 1.0 + i % 3} for i in range(8)]
    axes = axes_of_runs(runs_of(sz.load(fake(tmp_path / "results.zarr", points))))
    assert [axis.name for axis in axes] == ["learning_rate", "temperature", "mobility"]
    assert all(axis.ordered for axis in axes)
    assert axes[1].values == tuple(5.5 + 0.5 * i for i in range(8))


def test_a_single_run_needs_no_slider(tmp_path: Path) -> None:
    runs = runs_of(sz.load(fake(tmp_path / "results.zarr", [{"learning_rate": 1.0}])))
    assert chooser_section(runs, 0) == ""


def test_names_cannot_leave_the_data(tmp_path: Path) -> None:
    bad = "</script><script>alert(1)</script>"
    points = [{"rule": bad, "learning_rate": 1.0}, {"rule": "<!--", "learning_rate": 1.0}]
    text = write_report(fake(tmp_path / "results.zarr", points), tmp_path / "page.html").read_text("ascii")
    assert "<script>alert" not in text and "<!--" not in text
    page = Page(text)
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert str(data_of(text)["runs"][0]["name"]).startswith(bad)
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json({"a": float("nan")})


def test_many_runs_are_thinned_and_none_that_matters_is_lost(tmp_path: Path) -> None:
    points = [{"learning_rate": 1.0 + i} for i in range(3 * MOST_RUNS)]
    out = fake(tmp_path / "results.zarr", points)
    runs = list(runs_of(sz.load(out)))
    kept = thinned(runs, always=[runs[1], runs[-1]])
    assert len(kept) == MOST_RUNS == len({run.number for run in kept})
    assert runs[1] in kept and runs[-1] in kept
    assert [run.number for run in kept] == sorted(run.number for run in kept)
    gaps = [b.number - a.number for a, b in zip(kept, kept[1:], strict=False)]
    assert max(gaps) <= 5
    text = write_report(out, tmp_path / "page.html").read_text("ascii")
    assert len(text) < 5_000_000
    assert f"{MOST_RUNS} of {len(points)} runs" in Page(text).words
    assert len(data_of(text)["runs"]) == MOST_RUNS
