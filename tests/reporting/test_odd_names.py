"""Names that a formula, a page or a figure might take for its own."""

from __future__ import annotations

from pathlib import Path

import szilard as sz
from szilard.plotting import house_style
from szilard.reporting import write_report
from szilard.reporting.figure_files import figure_file
from szilard.reporting.figures import _panel, bars
from szilard.reporting.runs import runs_of
from tests.reporting.faked import fake

ODD = "a$x_{$</script>]]>\"'"


def test_dollars_in_rules_and_conditions_are_no_formula(tmp_path: Path) -> None:
    points = [{"rule": ODD, "learning_rate": rate, "schedule": f"ramp:{ODD}"} for rate in (0.5, 1.0, 2.0)]
    out = fake(tmp_path / "results.zarr", points)
    text = write_report(out, tmp_path / "report.html").read_text("ascii")
    assert text.count("</script>") == text.count("<script")
    for name in ("budget", "cost", "efficiency"):
        figure_file(out, name, tmp_path / f"{name}.svg", "single")


def test_the_names_of_ten_bars_are_not_cut_off(tmp_path: Path) -> None:
    out = fake(tmp_path / "results.zarr", [{"rule": f"rule {i}", "learning_rate": 1.0} for i in range(10)])
    runs = runs_of(sz.load(out))
    with house_style():
        figure, ax = _panel(len(runs) / 5.0)
        bars(ax, runs, "bit")
        ax.tick_params(axis="x", labelsize=8.0)
        figure.canvas.draw()
        for label in ax.get_xticklabels():
            assert label.get_window_extent().y0 >= 0.0
