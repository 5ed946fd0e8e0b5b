"""Names that a formula, a page or a figure might take for its own."""

from __future__ import annotations

from pathlib import Path

from szilard.reporting import write_report
from szilard.reporting.figure_files import figure_file
from tests.reporting.faked import fake

ODD = "a$x_{$</script>]]>\"'"


def test_dollars_in_rules_and_conditions_are_no_formula(tmp_path: Path) -> None:
    points = [{"rule": ODD, "learning_rate": rate, "schedule": f"ramp:{ODD}"} for rate in (0.5, 1.0, 2.0)]
    out = fake(tmp_path / "results.zarr", points)
    text = write_report(out, tmp_path / "report.html").read_text("ascii")
    assert text.count("</script>") == text.count("<script")
    for name in ("budget", "cost", "efficiency"):
        figure_file(out, name, tmp_path / f"{name}.svg", "single")
