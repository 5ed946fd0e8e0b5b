"""The answer to a question as one page that needs nothing else, made from what lies in its directory."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import shlex
import stat
from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..estimate import SIDES, Estimate
from ..reporting.citations import ENERGETICS, FEEDBACK, LEARNING, THERMODYNAMICS, citations_section, software
from ..reporting.meaning import definitions
from ..reporting.numbers import cell, words
from ..reporting.page_frame import framed, write_page
from ..reporting.prose import SIDES as SIGNS
from ..reporting.tables import count_cell, row_of, table_of
from ..study import load
from ..study.strict import read_text
from .catalogue import TITLES

PART = re.compile(r"[a-z][a-z0-9_]{0,63}")
SIZE = re.compile(rb'<svg[^>]*?viewBox="0 0 ([0-9]{1,6}(?:\.[0-9]{1,9})?) ([0-9]{1,6}(?:\.[0-9]{1,9})?)"')
LARGEST_FIGURE, LARGEST_TABLE = 1 << 20, 1 << 21
HEAD = 4096
"""Bytes in which a drawing tells its size."""
MAX_ROWS = 500
WORDS = '<td class="words">'
BROKEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, csv.Error)
"""What a file may raise that is not as it was written."""
COUNTED = ("violated", "inconclusive", "holds, saturated", "holds")


def write_answer_report(out: str | Path, path: str | Path | None = None) -> Path:
    """Write the page of an answer that ``szilard ask`` left in ``out``: an HTML file, by default out/report.html.

    The paragraph, how surely, the assumptions; every part with figure, sortable table and verdicts; the question
    again. It loads nothing: figures are images inside it, and nothing that stands in the directory is taken for
    markup. Returns its path. Raises InputError if the directory holds no answer, a damaged one, or cannot be written.
    """
    place = Path(out)
    target = place / "report.html" if path is None else Path(path)
    text = _page(place)
    return write_page(target, text)


def _page(place: Path) -> str:
    about = _about(place)
    parts = [_part(place, name) for name in about["parts"]]
    sections = [_head(about), *(section for section, _ in parts)]
    assumptions = dict.fromkeys(text for _, told in parts for text in told)
    listed = "".join(f"<li>{escape(text)}</li>" for text in assumptions)
    sections.insert(1, f"<h2>What it assumes</h2><ul class=assumed>{listed}</ul>")
    sections += [_reading(), _provenance(place, about), _sources(str(about["question"]))]
    return framed(str(about["title"]), sections, images=True)


def _about(place: Path) -> dict[str, Any]:
    """What the store says of the answer as a whole, each entry of the kind that it was written with."""
    import zarr

    store = place / "answer.zarr"
    if not store.is_dir():
        raise InputError("out", str(place), "holds no answer to a question", "give the directory of szilard ask")
    try:
        found: dict[str, Any] = zarr.open_group(store, mode="r", zarr_format=3).attrs.asdict()
        kinds = {"title": str, "name": str, "text": str, "surely": str, "parts": list, "seed": int, "platform": str}
        for name, kind in kinds.items():
            if not isinstance(found[name], kind):
                raise ValueError(f"{name} is no {kind.__name__}")
        if found["question"] not in TITLES or not all(PART.fullmatch(str(part)) for part in found["parts"]):
            raise ValueError("question or parts are not as they were written")
        float(found.get("time_step", 1.0)), dict(found.get("versions", {})), dict(found.get("conventions", {}))
        return found
    except Exception as error:  # a damaged file may fail anywhere inside zarr
        raise _damaged(place, error) from None


def _damaged(place: Path, error: Exception) -> InputError:
    first = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(error).split("\n")[0])[:200]
    rule = f"its answer is damaged or not as it was written ({type(error).__name__}: {first})"
    return InputError("out", str(place), rule, "ask the question again: nothing finished is lost")


def _head(about: Mapping[str, Any]) -> str:
    step = float(about.get("time_step", 1.0))
    facts = [f"seed {about['seed']}"] + [f"{step:g} of the default time step"] * (step != 1.0)
    facts += ["quick"] * bool(about.get("quick"))
    return (
        f'<p class="kicker">{escape(str(about["name"]))}</p><h1>{escape(str(about["title"]))}</h1>'
        f'<p class="meta">{escape(" · ".join(facts))}</p><p class="lead">{escape(signed(str(about["text"])))}</p>'
        f'<p class="law">{escape(str(about["surely"]))}</p>'
    )


def signed(text: str) -> str:
    """A sentence with signs in place of the letters that stand for them.

    >>> signed("I <= -2 +- 1, 3-4")
    'I ≤ −2 ± 1, 3-4'
    """
    text = text.replace("<=", "≤").replace(">=", "≥").replace("+-", "±")
    return re.sub(r"(?<![\w)])-(?=\d)", "−", text)


def _part(place: Path, name: str) -> tuple[str, Sequence[str]]:
    """A part of the page, and what it assumes."""
    told = load(place, part=name).attrs
    try:
        title, text, caption = (str(told[key]) for key in ("title", "text", "caption"))
        assumptions = [str(each) for each in json.loads(told["assumptions"])]
        checks = {
            "Laws whose assumptions are met": json.loads(told["checks"]),
            "Laws without their assumptions": json.loads(told["broken"]),
        }
        verdicts = "".join(_verdicts(head, rows) for head, rows in checks.items() if rows)
        table = _table(place / "tables" / f"{name}.csv", title)
    except BROKEN as error:
        raise _damaged(place, error) from None
    figure = _figure(place / "figures", name, title)
    print_it = f'<p class="command">For print: <code>{escape(str(place / "figures" / name))}.pdf</code></p>'
    return (
        f"<h2>{escape(title)}</h2><p>{escape(signed(text))}</p><figure>{figure}"
        f"<figcaption>{escape(signed(caption))}</figcaption>{print_it if figure else ''}</figure>{table}{verdicts}"
    ), assumptions


def _figure(folder: Path, name: str, title: str) -> str:
    """The drawing as an image: what an image holds runs no script and asks for nothing. Else its pixels, or nothing."""
    drawing = _bytes(folder / f"{name}.svg", LARGEST_FIGURE)
    if drawing is not None and (size := SIZE.search(drawing[:HEAD])):
        width, height, kind = float(size[1]), float(size[2]), "svg+xml"
    else:
        drawing = _bytes(folder / f"{name}.png", LARGEST_FIGURE)
        if drawing is None or drawing[:8] != b"\x89PNG\r\n\x1a\n" or len(drawing) < 24:
            return ""
        width, height, kind = *(float(int.from_bytes(drawing[i : i + 4])) for i in (16, 20)), "png"
    if not (0.0 < width < 1e5 and 0.0 < height < 1e5):
        return ""
    data = base64.b64encode(drawing).decode()
    return (
        f'<div class="panels"><div class="panel drawn"><svg viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(title)}"><image width="{width:g}" height="{height:g}" '
        f'href="data:image/{kind};base64,{data}"/></svg></div></div>'
    )


def _bytes(path: Path, most: int) -> bytes | None:
    """What a regular file holds, if it is there and not too large."""
    try:
        found = path.lstat()  # a link could lead to any file of the reader
        return path.read_bytes() if stat.S_ISREG(found.st_mode) and found.st_size <= most else None
    except OSError:
        return None


def _table(path: Path, title: str) -> str:
    """A sortable table of a CSV file, where an estimate is three columns: value, stderr and side."""
    content = _bytes(path, LARGEST_TABLE)
    if content is None:
        return ""
    heads, *rows = list(csv.reader(io.StringIO(content.decode("utf-8"))))
    shown = [i for i, head in enumerate(heads) if not head.endswith((": stderr", ": side"))]
    cells = [[_entry(row, heads, i) for i in shown] for row in rows[:MAX_ROWS]]
    texts = {escape(signed(heads[i])) for place, i in enumerate(shown) if any(WORDS in row[place] for row in cells)}
    made = [row_of(row) for row in cells]
    caption = f"{title}: click a column head to sort"
    if len(rows) > MAX_ROWS:
        caption = f"{title}: {MAX_ROWS} of {len(rows)} rows; all of them are in {path.name}"
    return table_of([escape(signed(heads[i])) for i in shown], made, caption, sortable=True, texts=texts)


def _entry(row: Sequence[str], heads: Sequence[str], i: int) -> str:
    text = row[i]
    if heads[i + 1 : i + 3] == [f"{heads[i]}: stderr", f"{heads[i]}: side"] and row[i + 2]:
        return cell(_estimate((text, row[i + 1], row[i + 2])))
    if text.isdecimal():
        return count_cell(int(text[:18]))
    try:
        return cell(Estimate.exact(float(text)))
    except (ValueError, InputError):
        return f"{WORDS}{escape(signed(text))}</td>" if text else cell(None)


def _verdicts(title: str, checks: Sequence[Mapping[str, Any]]) -> str:
    """The checks, those that do not hold first; folded where all hold."""
    order = sorted(checks, key=lambda check: COUNTED.index(check["verdict"]))
    rows = []
    for check in order:
        verdict = str(check["verdict"])
        mark = f'<td class="verdict {verdict.split(",", maxsplit=1)[0].replace(" ", "-")}">{escape(verdict)}</td>'
        sides = [cell(_estimate(check[name])) for name in ("smaller", "larger")]
        relation = words(signed(str(check["relation"])))
        rows.append(row_of([words(signed(str(check["name"])), "th"), sides[0], relation, sides[1], mark]))
    counts = {name: sum(check["verdict"] == name for check in order) for name in COUNTED}
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    table = table_of(("law", "smaller", "", "larger", "verdict"), rows[:MAX_ROWS], title, sortable=True)
    return f"<details><summary>{escape(title)}: {said}</summary>{table}</details>"


def _estimate(told: Sequence[Any]) -> Estimate | None:
    value, stderr, side = told
    if not isfinite(float(value)):
        return None
    return Estimate(float(value), float(stderr), side=SIDES[SIDES.index(side)])


def _reading() -> str:
    return f"<h2>How to read the numbers</h2>{definitions({escape(k): escape(v) for k, v in SIGNS.items()})}"


def _provenance(place: Path, about: Mapping[str, Any]) -> str:
    versions, conventions = about.get("versions", {}), about.get("conventions", {})
    facts = {
        "seed": str(about["seed"]),
        "versions": ", ".join(f"{name} {number}" for name, number in dict(versions).items()),
        "platform": str(about["platform"]),
    } | {str(name): str(text) for name, text in dict(conventions).items()}
    quick = " --quick" if about.get("quick") else ""
    command = f"szilard ask {about['question']} question.toml --seed {about['seed']}{quick} --out DIR"
    question = place / "question.toml"
    shown = (
        f"<pre tabindex=0>{escape(read_text(question))}</pre>"
        if question.is_file() and not question.is_symlink()
        else ""
    )
    return (
        f"<h2>Where these numbers come from</h2>{definitions({escape(k): escape(v) for k, v in facts.items()})}"
        f"<p>To do it again, and to make this page:</p><pre tabindex=0>{escape(command)}\n"
        f"szilard report {escape(shlex.quote(str(place)))}</pre>{shown}"
    )


def _sources(question: str) -> str:
    return citations_section([software(), LEARNING, THERMODYNAMICS, ENERGETICS] + [FEEDBACK] * (question == "limit"))
