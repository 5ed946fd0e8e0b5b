"""Every script of the gallery runs, with few replicas, and leaves a figure."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("plot_*.py"))


def test_there_are_examples() -> None:
    assert EXAMPLES


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda script: script.stem)
def test_example_leaves_a_figure(script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SZILARD_FAST", "1")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    figure = tmp_path / "figure.png"
    monkeypatch.setattr("sys.argv", [str(script), str(figure)])
    runpy.run_path(str(script), run_name="__main__")
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda script: script.stem)
def test_example_opens_with_its_title(script: Path) -> None:
    title, line = (ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or "\n").splitlines()[:2]
    assert title and line == "=" * len(title)
