"""The runs of a study on the page: every rule has a look of its own."""

from __future__ import annotations

from pathlib import Path

from bokeh.models import InlineStyleSheet

from szilard.explorer.stored import StoredStudy
from szilard.explorer.study_view import StudyView
from tests.reporting.faked import fake


def test_ten_rules_look_unlike(tmp_path: Path) -> None:
    out = fake(tmp_path / "results.zarr", [{"rule": f"rule {i}", "learning_rate": 1.0} for i in range(10)])
    view = StudyView(StoredStudy.at(out), InlineStyleSheet(css=""), dark=False, chosen=lambda number: None)
    data = view.source.data
    assert len(set(zip(data["colour"], data["marker"], strict=True))) == 10
