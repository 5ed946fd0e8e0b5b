"""All laws of one result in one table: what it says, how it is read, what it refuses."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from matplotlib.figure import Figure

from szilard.check import BoundCheck
from szilard.errors import InputError
from szilard.estimate import Estimate
from szilard.laws.panel import Laws

HOLDS = BoundCheck("0 <= <S>", Estimate.exact(0.0), Estimate(1.263, 0.02, 1000))
EQUAL = BoundCheck("<e^{-S}> = 1", Estimate(1.01, 0.01, 1000, 400.0), Estimate.exact(1.0), relation="=")
BROKEN = BoundCheck("fast & far", Estimate(1.4, 0.05, 1000), Estimate(1.0, 0.05, 1000))
FEW = BoundCheck("of one replica", Estimate(1.0, float("inf"), 1, 1.0), Estimate.exact(2.0))
MET = BoundCheck("met <exactly>", Estimate.exact(0.25), Estimate.exact(0.25))
ZERO = BoundCheck("zero on the right", Estimate(-0.5, 0.1, 1000), Estimate.exact(0.0))
LAWS = Laws([HOLDS, EQUAL, BROKEN, FEW, MET, ZERO])


class _Cells(HTMLParser):
    """The text of every cell, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def test_it_holds_checks_in_their_order() -> None:
    assert list(LAWS) == [HOLDS, EQUAL, BROKEN, FEW, MET, ZERO] and len(LAWS) == 6
    assert LAWS.violated == (BROKEN,)
    assert len(Laws([])) == 0 and repr(Laws([])) == "0 laws"


def test_a_law_is_found_by_its_name_or_a_part_of_it() -> None:
    assert LAWS["<e^{-S}> = 1"] is EQUAL and LAWS["fast"] is BROKEN
    longer = BoundCheck("0 <= <S> of another", Estimate.exact(0.0), Estimate.exact(1.0))
    assert Laws([longer, HOLDS])["0 <= <S>"] is HOLDS
    for name in ("unknown", "e", 3.0):
        with pytest.raises(InputError, match="name"):
            LAWS[name]  # type: ignore[index]
    with pytest.raises(InputError, match="none"):
        Laws([])["a"]
    assert [LAWS[i] for i in range(len(LAWS))] == list(LAWS)


def test_what_is_left_out_and_what_little_is_worth_are_said() -> None:
    doubtful = BoundCheck("a = b", Estimate(1.0, 0.1, 900, ess=0.68), Estimate.exact(1.0), relation="=")
    text = repr(Laws([doubtful], ["integral theorem: no p(x, t)"]))
    assert "inconclusive: worth 0.68 samples" in text
    assert text.endswith("left out: integral theorem: no p(x, t)")
    assert "left out: &lt;a&gt;" in Laws([], ["<a>"])._repr_html_()


def test_the_table_says_what_was_measured_and_what_it_must_be() -> None:
    lines = repr(LAWS).splitlines()
    assert lines[0] == "6 laws: 3 holds, 1 violated, 1 inconclusive, 1 saturated"
    heads = ["law", "left", "side", "right", "side", "slack", "/", "sigma", "tightness", "verdict"]
    assert lines[1].split() == heads
    assert lines[2].split() == ["0", "<=", "<S>", "0", "<=", "1.263", "+-", "0.020", "+63.1", "0", "holds"]
    assert lines[3].split() == ["<e^{-S}>", "=", "1", "1.010", "+-", "0.010", "=", "1", "-1.0", "1.01", "holds"]
    assert lines[4].split()[-3:] == ["-5.7", "1.4", "violated"]
    assert lines[5].split()[-6:] == ["-", "0.5", "inconclusive:", "worth", "1", "samples"]
    assert lines[6].split()[-4:] == ["exact", "1", "holds,", "saturated"]
    assert lines[7].split()[-3:] == ["+5.0", "-", "holds"]
    column = lines[1].index("verdict")
    verdicts = [law.verdict for law in LAWS]
    assert [line[column:].partition(":")[0] for line in lines[2:]] == verdicts
    assert repr(Laws([MET])).startswith("1 law: 1 saturated\n")


def test_the_page_has_the_same_cells_and_no_markup_of_names() -> None:
    page = LAWS._repr_html_()
    assert "<exactly>" not in page and "fast &amp; far" in page
    reader = _Cells()
    reader.feed(page)
    assert len(reader.rows) == 7
    assert reader.rows[5] == ["met <exactly>", "0.25", "<=", "0.25", "exact", "1", "holds, saturated"]


def test_one_sided_numbers_keep_their_mark() -> None:
    law = BoundCheck("ceiling", Estimate(0.5, 0.01, 500, side="lower"), Estimate.exact(0.7, "upper"))
    assert ">= 0.500 +- 0.010" in repr(Laws([law])) and "<= 0.7" in repr(Laws([law]))


def test_it_draws_one_line_per_law() -> None:
    ax = Figure(layout="constrained").subplots()
    assert LAWS.plot(ax) is ax
    assert [text.get_text() for text in ax.get_yticklabels()][:2] == ["0 <= <S>", "<e^{-S}> = 1"]
    bars = [segment for bar in ax.collections for segment in getattr(bar, "get_segments", list)()]
    ends = next(bar[:, 0] for bar in bars if bar[0][1] == 1.0)
    assert ends == pytest.approx([1.01 - 0.02, 1.01 + 0.02]), "two standard errors of the slack to either side"
    assert LAWS.plot().figure is not None


@pytest.mark.parametrize("given", [HOLDS, [HOLDS, 3], [HOLDS, HOLDS], "laws", None, [None]], ids=str)
def test_what_is_no_list_of_laws_is_refused(given: Any) -> None:
    with pytest.raises(InputError, match="checks"):
        Laws(given)
