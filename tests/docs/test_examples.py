"""Every script of the gallery runs, with few replicas, says what it found and leaves a figure."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path

import pytest

GROUPS = runpy.run_path(str(Path(__file__).parents[2] / "docs/gallery_pages.py"))["GROUPS"]
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("plot_*.py"))


def test_every_name_of_a_group_is_that_of_one_script() -> None:
    named = [name for _, _, names in GROUPS.values() for name in names]
    assert len(named) == len(set(named)) > 20
    assert set(named) <= {script.stem.removeprefix("plot_") for script in EXAMPLES}


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda script: script.stem)
def test_example_says_what_it_found_and_leaves_a_figure(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SZILARD_FAST", "1")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    figure = tmp_path / "figure.png"
    monkeypatch.setattr("sys.argv", [str(script), str(figure)])
    runpy.run_path(str(script), run_name="__main__")
    assert re.search(r"\d", capsys.readouterr().out)
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda script: script.stem)
def test_example_opens_with_its_title(script: Path) -> None:
    title, line = (ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or "\n").splitlines()[:2]
    assert title and line == "=" * len(title)
