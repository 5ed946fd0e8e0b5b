"""A design has pictures, a headline that does not rest on noise, its sources and its formulas."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import szilard as sz
from szilard import Estimate
from szilard.reporting import write_report
from szilard.reporting.citations import sources_of
from szilard.reporting.formulas import LATEX, mathml
from szilard.reporting.runs import Run, extremes, priced, runs_of
from tests.reporting.faked import fake
from tests.reporting.reading import Page
from tests.reporting.test_figure_files import DESIGN


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(1)
    points = [{"learning_rate": float(x), "mobility": float(y)} for x, y in rng.uniform(0.5, 3.0, (24, 2))]
    return fake(tmp_path_factory.mktemp("design") / "results.zarr", points, grids=DESIGN)


@pytest.fixture(scope="module")
def text(out: Path) -> str:
    return write_report(out, out.parent / "page.html").read_text("ascii")


def test_a_design_says_what_matters_and_shows_it(out: Path, text: str) -> None:
    page = Page(text)
    assert "What matters" in page.words and "learning_rate" in page.words and "mobility" in page.words
    assert "Where the cost goes" in page.words and "Cost against what was learned" in page.words
    marks = [attributes for tag, attributes in page.tags if attributes.get("class") == "mark"]
    numbers = {int(a["data-run"] or -1) for a in marks if "data-run" in a and "cx" in a}
    assert numbers == set(range(24))
    assert sum("data-run" not in a for a in marks) >= 6  # the parameters in the rankings


def test_points_stand_where_their_numbers_are(out: Path, text: str) -> None:
    """On logarithmic axes the place of a mark is linear in the logarithm of its number."""
    first = text[text.index('class="marks"', text.index("Cost against what was learned")) :]
    marks = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"[^>]*data-run="(\d+)"', first[: first.index("</g>")])
    runs = runs_of(sz.load(out))
    assert len(marks) == 24
    x, y = np.array([[float(u), float(v)] for u, v, _ in marks]).T
    learned, cost = (np.log([runs[int(n)].estimates[name].value for *_, n in marks]) for name in ("learned", "cost"))
    for place, number, sign in ((x, learned, 1.0), (y, cost, -1.0)):
        slope, start = np.polyfit(number, place, 1)
        assert np.sign(slope) == sign
        np.testing.assert_allclose(place, start + slope * number, atol=0.06)  # written to a tenth


def test_the_cheapest_is_not_the_noisiest() -> None:
    runs = [
        Run("a", 1.0, "random", "q", 1.0, {"efficiency_marginal": Estimate(e, s)}, "holds", number=i)
        for i, (e, s) in enumerate([(1.2, 1.9), (0.4, 0.02), (0.2, 0.01), (0.1, 0.02)])
    ]
    assert [run.number for _, run in priced(runs)] == [1, 2, 3]
    assert [run.number for run in extremes(runs)] == [1, 2, 3]
    assert [run.number for _, run in priced(runs[:1])] == [0]


def test_sources_are_those_of_the_study(out: Path, whole: Path) -> None:
    page = Page(write_report(whole).read_text("ascii"))
    for word in ("@software{szilard,", "GoldtSeifert2017,", "AlpaydinKaynak1998", "GoldtSeifert2017rule"):
        assert word in page.words
    assert "McKay1979" not in page.words
    keys = [source.key for source in sources_of(runs_of(sz.load(out)), "random", True)]
    assert "McKay1979" in keys and "AlpaydinKaynak1998" not in keys
    assert len(keys) == len(set(keys))
    for source in sources_of(runs_of(sz.load(out)), "digits", True):
        entry = source.bibtex()
        assert entry.startswith("% ") and entry.count("{") == entry.count("}")


@pytest.mark.parametrize("name", LATEX)
def test_formulas_become_mathml(name: str) -> None:
    text = mathml(name, block=True)
    assert text.startswith('<math display="block">') and text.endswith("</math>") and "http" not in text
    Page(text)
    assert "\\" not in text
