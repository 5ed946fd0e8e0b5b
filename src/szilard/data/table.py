"""Patterns from comma- or tab-separated text."""

from __future__ import annotations

import csv
import io
from array import array
from collections import Counter
from collections.abc import Iterator
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .labels import Classes, Labels, TwoClasses, excerpt, number

MAX_COLUMNS = 2**20
_LABEL = "label"


def parse_table(
    data: bytes, name: str, delimiter: str, labels: Labels
) -> tuple[NDArray[np.float64], NDArray[np.int8] | None, Classes | None]:
    """Inputs (P, N), labels and classes of one text file; its rules are those of read_patterns."""
    rows = lines_of(data, name, delimiter)
    first, fields, odd = next(rows, (1, [], False))
    header = _header(fields, f"{name}, line {first}")
    width = len(fields)
    column = _label_column(header, width, labels, name)
    values, classes = array("d"), TwoClasses()
    if header is None and width:
        _add(values, classes, fields, odd, column, labels, name, first)
    else:
        first += 1
    for line, fields, odd in rows:
        if len(fields) != width:
            rule = f"every line must have the same number of columns, {width} in line 1"
            got = f"{len(fields)} columns"
            raise InputError(f"{name}, line {line}", got, rule, "complete or remove the line")
        _add(values, classes, fields, odd, column, labels, name, line)
    inputs = width - (column is not None)
    if not values:
        got = f"no {'pattern' if inputs or not width else 'input column'}"
        raise InputError(name, got, "must hold at least one pattern of one input", "add one line per pattern")
    table = np.frombuffer(values, np.float64).reshape(-1, inputs)
    _check_finite(table, name, first)
    if labels == "none":
        return table, None, None
    return table, *classes.finish(name)


def lines_of(data: bytes, name: str, delimiter: str) -> Iterator[tuple[int, list[str], bool]]:
    """Line number, fields and whether a field needs a closer look, for each line but trailing blank ones."""
    if b"\0" in data:
        got = "a NUL byte"
        raise InputError(name, got, "must be UTF-8 text", "save it as plain text in UTF-8, not UTF-16")
    blank = 0
    try:
        for line, text in enumerate(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=None), 1):
            if not text.strip(" \n"):
                blank = blank or line
                continue
            if blank:
                rule = "blank lines may stand only at the end"
                raise InputError(f"{name}, line {blank}", "a blank line", rule, "remove the line")
            if text.count(delimiter) >= MAX_COLUMNS:
                got = f"{text.count(delimiter) + 1} columns"
                rule = f"at most {MAX_COLUMNS} columns are read"
                raise InputError(f"{name}, line {line}", got, rule, "store wide patterns as .npz")
            yield line, _split(text, name, line, delimiter), "_" in text or not text.isascii()
    except UnicodeDecodeError as error:
        got = f"bytes that are not UTF-8 in line {_broken_line(data)}"
        raise InputError(name, got, "must be UTF-8 text", "save it as plain text in UTF-8") from error


def _broken_line(data: bytes) -> int:
    """The line of the first byte that is not UTF-8; readers find it only when they fill a buffer."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(io.TextIOWrapper(io.BytesIO(data[: error.start] + b"."), "utf-8", newline=None).readlines())
    return 0


def _split(text: str, name: str, line: int, delimiter: str) -> list[str]:
    text = text.rstrip("\n")
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        rule = "a quoted field must open and close on one line and stay short"
        raise InputError(f"{name}, line {line}", excerpt(text), rule, "remove the quotes") from error


def _header(fields: list[str], where: str) -> list[str] | None:
    names = [field.strip() for field in fields]
    if _LABEL not in names and any(number(field) is not None for field in fields):
        return None
    if "" in names:
        got = f"no name for column {names.index('') + 1}"
        rule = "a header must name every column"
        raise InputError(where, got, rule, "name the column, or drop it if it only numbers the rows")
    if len(set(names)) < len(names):
        got = f"column {excerpt(Counter(names).most_common(1)[0][0])} twice"
        raise InputError(where, got, "a header must not repeat a name", "rename one of them")
    return names or None


def _label_column(header: list[str] | None, width: int, labels: Labels, name: str) -> int | None:
    """Index of the column that is no input; None if every column is one."""
    named = header.index(_LABEL) if header and _LABEL in header else None
    if labels == "none" or not width:
        return named
    if labels == "named" and named is None:
        got = "no column named label"
        rule = 'labels="named" takes the labels from the column that the header names label'
        raise InputError(name, got, rule, 'name it in a first line, or use labels="last" or labels="none"')
    if labels == "last" and named not in (None, width - 1):
        rule = 'labels="last" takes the last column, unless another one is named label'
        raise InputError(name, f"column {(named or 0) + 1} named label", rule, 'use labels="named"')
    return width - 1 if named is None else named


def _add(
    values: array[float],
    classes: TwoClasses,
    fields: list[str],
    odd: bool,
    column: int | None,
    labels: Labels,
    name: str,
    line: int,
) -> None:
    label = None if column is None else fields.pop(column)
    if odd and any(number(field) is None for field in fields):
        _refuse(fields, name, line)
    try:
        values.extend(map(float, fields))
    except ValueError:
        _refuse(fields, name, line)
    if label is not None and labels != "none":
        classes.add(label, f"{name}, line", line)


def _refuse(fields: list[str], name: str, line: int) -> NoReturn:
    index = next(i for i, field in enumerate(fields) if number(field) is None)
    where = f"{name}, line {line}, input {index + 1}"
    fix = "write 0.5 or 5e-1, one value between two delimiters, and names in the first line only"
    raise InputError(where, excerpt(fields[index]), "every input must be a number", fix)


def _check_finite(table: NDArray[np.float64], name: str, first: int) -> None:
    for row in range(0, table.shape[0], 4096):
        bad = np.argwhere(~np.isfinite(table[row : row + 4096]))
        if bad.size:
            i, j = int(bad[0, 0]) + row, int(bad[0, 1])
            where = f"{name}, line {first + i}, input {j + 1}"
            raise InputError(where, float(table[i, j]), "every input must be finite", "remove the line")
