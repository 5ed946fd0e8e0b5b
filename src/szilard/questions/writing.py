"""An answer on disk: a page in Markdown, a table and a figure of each part, and one store of all arrays.

DIR/question.toml      the question as it was given
DIR/answer.md          the paragraph, how surely, the assumptions, every table, figure and verdict
DIR/tables/PART.csv    the table with standard errors and sides in columns of their own
DIR/figures/PART.*     the figure as PNG, SVG and PDF
DIR/answer.zarr        a group per part, read by szilard.load(DIR, part=...) or xarray.open_zarr(..., group=PART)
DIR/pieces/KEY.json    every finished piece of work, sealed
"""

from __future__ import annotations

import csv
import io
import json
import os
import platform
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..check import BoundCheck
from ..estimate import Estimate
from ..plotting import house_style
from ..plotting.printed import UNDATED, write_figure
from ..sealed import unwritable, write_atomically
from ..study.quantities import CONVENTIONS
from ..study.table import checked_codec, coded_words
from .answer import Answer, Answered
from .answer_page import page_text
from .part import Picture, Table, Variable

if TYPE_CHECKING:
    import xarray


def write_answer(answer: Answer, out: Path) -> None:
    """Write page, tables, figures and store; what was there of an earlier answer is replaced."""
    try:
        for name in ("tables", "figures"):
            (out / name).mkdir(exist_ok=True)
        for answered in answer.parts:
            name = answered.part.name
            write_atomically(out / "tables" / f"{name}.csv", csv_text(answered.finding.table))
            write_picture(answered.finding.picture, out / "figures" / name)
        _write_store(answer, out)
        write_atomically(out / "answer.md", page_text(answer))
    except OSError as error:
        raise unwritable(out, error) from None


def csv_text(table: Table) -> str:
    """The table with every digit; a column of estimates is three: value, stderr, side."""
    estimated = [any(isinstance(row[i], Estimate) for row in table.rows) for i in range(len(table.heads))]
    heads: list[str] = []
    for head, three in zip(table.heads, estimated, strict=True):
        heads += [head, f"{head}: stderr", f"{head}: side"] if three else [head]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    for row in table.rows:
        cells: list[object] = []
        for entry, three in zip(row, estimated, strict=True):
            if isinstance(entry, Estimate):
                cells += [repr(entry.value), repr(entry.stderr), entry.side]
            else:
                cells += ["" if entry is None else entry, *(("", "") if three else ())]
        writer.writerow(cells)
    return text.getvalue()


def write_picture(picture: Picture, stem: Path) -> None:
    """The figure as STEM.pdf, STEM.svg and STEM.png, the same bytes for the same numbers."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=picture.size, layout="constrained")
        picture.draw(figure)
    for suffix in UNDATED:
        write_figure(figure, stem.with_suffix(suffix))


def _write_store(answer: Answer, out: Path) -> None:
    """All arrays anew beside the old store, then in its place."""
    import zarr

    partial, store = out / "answer.partial", out / "answer.zarr"
    shutil.rmtree(partial, ignore_errors=True)
    zarr.open_group(partial, mode="w", zarr_format=3, attributes=_attributes(answer))
    for answered in answer.parts:
        dataset = dataset_of(answered)
        encoding = {name: {"compressors": (checked_codec(),)} for name in dataset.variables}
        dataset.to_zarr(partial, group=answered.part.name, mode="a", consolidated=False, encoding=encoding)
    shutil.rmtree(store, ignore_errors=True)
    os.replace(partial, store)


def dataset_of(answered: Answered) -> xarray.Dataset:
    """The arrays of a part with their units and meaning; its text, verdicts and assumptions as attributes."""
    import xarray as xr

    finding = answered.finding
    variables = {name: _coded(name, variable) for name, variable in finding.arrays.items()}
    said = {
        "title": answered.part.title,
        "text": finding.text,
        "caption": finding.picture.caption,
        "assumptions": json.dumps(finding.assumptions),
        "checks": json.dumps([_said(check) for check in finding.checks]),
        "broken": json.dumps([_said(check) for check in finding.broken]),
    }
    return xr.Dataset(variables, attrs=said)


def _coded(name: str, variable: Variable) -> tuple[Any, ...]:
    """The array with its attributes; words as numbers of the list in flag_meanings, which every reader knows."""
    values, attributes = np.asarray(variable.values), {"units": variable.unit, "long_name": variable.about or name}
    if values.dtype.kind == "U":
        values, attributes["flag_meanings"] = coded_words(values)
    return variable.dims, values, attributes


def _said(check: BoundCheck) -> dict[str, Any]:
    sides = {"smaller": check.smaller, "larger": check.larger}
    numbers = {name: [each.value, each.stderr, each.side] for name, each in sides.items()}
    return {"name": check.name, "relation": check.relation, "verdict": check.verdict, **numbers}


def _attributes(answer: Answer) -> dict[str, Any]:
    packages = ("szilard", "numpy", "scipy", "numba", "zarr", "xarray")
    return {
        "question": answer.kind,
        "title": answer.title,
        "name": answer.name,
        "seed": answer.seed,
        "time_step": answer.time_step,
        "quick": answer.quick,
        "parts": [answered.part.name for answered in answer.parts],
        "text": answer.text,
        "surely": answer.surely,
        "conventions": CONVENTIONS,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in packages},
        "platform": f"{platform.system()} {platform.machine()}",
    }
