"""Patterns from a file the user names."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..markup import table_of_fields
from .archive import parse_archive
from .labels import Classes, Labels
from .table import parse_table

MAX_BYTES = 256 * 2**20


@dataclass(frozen=True, eq=False)
class Patterns:
    """Patterns as read, unscaled, with where they came from.

    inputs: (P, N), read-only. labels: (P,) of -1 and +1, read-only, or None. source: the path as given.
    sha256: of the file's bytes. classes: the two values that the file had for -1 and +1, or None.
    """

    inputs: NDArray[np.float64]
    labels: NDArray[np.int8] | None
    source: str
    sha256: str
    classes: Classes | None = None

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def read_patterns(path: str | os.PathLike[str], *, labels: Labels = "named", max_bytes: int = MAX_BYTES) -> Patterns:
    """Patterns and labels of a .csv (commas), .tsv (tabs) or .npz file; InputError says what to correct.

    Text: UTF-8, one pattern per line, numbers with a decimal point. The first line is a header if one of its
    fields is ``label`` or none is a number; a header names every column, each once.
    .npz: an array ``patterns`` (P, N) and, if wanted, ``labels`` (P,), of numbers; other arrays are left out.

    labels="named" takes the column ``label`` or the array ``labels``; "last" the last column of a text;
    "none" reads no labels, and a column named ``label`` is no input either. Labels are two distinct values,
    both numbers or both texts; the smaller becomes -1, the larger +1.
    max_bytes bounds the file, and the arrays of an .npz as float64: nothing larger is taken into memory.
    """
    if not (isinstance(labels, str) and labels in get_args(Labels)):
        raise InputError("labels", labels, 'must be "named", "last" or "none"', "name one of them")
    file, name = checked_path(path, max_bytes)
    suffix = file.suffix.lower()
    if suffix not in (".csv", ".tsv", ".npz"):
        rule = "the name must end in .csv, .tsv or .npz"
        raise InputError(name, suffix or "no suffix", rule, "rename, unpack or convert the file")
    data = bytes_of(file, name, max_bytes)
    if suffix == ".npz":
        inputs, signs, classes = parse_archive(data, name, labels, max_bytes)
    else:
        inputs, signs, classes = parse_table(data, name, "," if suffix == ".csv" else "\t", labels)
    for made in (inputs, signs):
        if made is not None:
            made.flags.writeable = False
    return Patterns(inputs, signs, os.fspath(path), hashlib.sha256(data).hexdigest(), classes)


def checked_path(path: object, max_bytes: object) -> tuple[Path, str]:
    """The path and what errors call it; InputError unless both arguments make sense."""
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, int) or max_bytes < 1:
        raise InputError("max_bytes", max_bytes, "must be a whole number >= 1", "e.g. 256 * 2**20")
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(text, str):
        raise InputError("path", path, "must be text or a path", "give the file's name")
    file = Path(text)
    return file, "".join(c if c.isprintable() else "?" for c in file.name[-80:]) or "path"


def bytes_of(file: Path, name: str, max_bytes: int) -> bytes:
    """The bytes of a regular file of at most max_bytes; its size is checked before it is opened."""
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            got = "a directory" if stat.S_ISDIR(status.st_mode) else "a device, pipe or socket"
            raise InputError(name, got, "must be a regular file", "give the path of a file")
        if status.st_size > max_bytes:
            rule = f"the file must have at most max_bytes = {max_bytes} bytes"
            raise InputError(name, f"{status.st_size} bytes", rule, "use fewer patterns or raise max_bytes")
        with file.open("rb") as stream:
            data = stream.read(status.st_size + 1)
    except FileNotFoundError as error:
        raise InputError(name, "no such file", "the file must exist", "check the path") from error
    except InputError:
        raise
    except (OSError, ValueError) as error:
        got = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        rule = "the file must be readable"
        raise InputError(name, got, rule, "check the path and its permissions") from error
    if len(data) != status.st_size:
        rule = "the file must keep its size while it is read"
        raise InputError(name, f"{len(data)} bytes for {status.st_size}", rule, "wait until it is written")
    return data
