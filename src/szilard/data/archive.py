"""Patterns from a numpy archive (.npz), read without numpy's loader: sizes are checked before allocation."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .labels import EXACT, Classes, Labels, TwoClasses

MAX_MEMBERS = 256
_AGAIN = "save it again with numpy.savez"
_MAX_HEADER = 10_000
_ITEM = (
    r"(?:'descr'\s*:\s*'[^'\\]{1,32}'"
    r"|'fortran_order'\s*:\s*(?:True|False)"
    r"|'shape'\s*:\s*\([\d, ]{0,200}\))"
)
_HEADER = re.compile(rf"\{{\s*{_ITEM}\s*,\s*{_ITEM}\s*,\s*{_ITEM}\s*,?\s*\}}\s*")
REAL = re.compile(r"[<>|=]?(?:b1|i[1248]|u[1248]|f[248])")
TEXT = re.compile(r"[<>|=]?U[1-9]\d{0,5}")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    IndexError,
    KeyError,
    NotImplementedError,
    RuntimeError,
)


@dataclass(frozen=True)
class Wanted:
    """What an array must be: its kinds of numbers, of dimensions, and what to say where it is missing or too large."""

    allowed: tuple[re.Pattern[str], ...]
    ndim: tuple[int, ...]
    shape: str
    missing: str
    reshape: str
    fewer: str


_SAVE = "save it as numpy.savez(path, patterns=..., labels=...)"
_ROWS = "reshape it, one pattern per row"
PATTERNS = Wanted((REAL,), (2,), "(P, N)", _SAVE, _ROWS, "use fewer patterns")
LABELS = Wanted((REAL, TEXT), (1,), "(P,)", f'{_SAVE} or use labels="none"', _ROWS, "use fewer patterns")


@dataclass(frozen=True)
class Archive:
    """An open archive, its arrays by name, how errors call it, and how much may be taken into memory."""

    file: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo]
    name: str
    max_bytes: int


@contextmanager
def open_archive(data: bytes, name: str, max_bytes: int) -> Iterator[Archive]:
    """The archive in these bytes; InputError where it, or what is read from it, is broken."""
    if data.count(b"PK\x01\x02") > MAX_MEMBERS:
        got = f"more than {MAX_MEMBERS} members"
        raise InputError(name, got, f"at most {MAX_MEMBERS} arrays are read", "save only the arrays to be read")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            yield Archive(file, _members(file, name), name, max_bytes)
    except InputError:
        raise
    except _BROKEN as error:
        got = f"{type(error).__name__}: {error}"
        raise InputError(name, got, "must be an intact .npz archive", _AGAIN) from error


def parse_archive(
    data: bytes, name: str, labels: Labels, max_bytes: int
) -> tuple[NDArray[np.float64], NDArray[np.int8] | None, Classes | None]:
    """Inputs (P, N), labels and classes of one archive; its rules are those of read_patterns."""
    if labels == "last":
        fix = 'use labels="named" or labels="none"'
        raise InputError("labels", labels, "an .npz file keeps labels in an array of its own", fix)
    with open_archive(data, name, max_bytes) as archive:
        inputs = _inputs(archive)
        if labels == "none":
            return inputs, None, None
        return inputs, *_labels(archive, inputs.shape[0])


def _members(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        if not re.fullmatch(r"\w[\w. -]*\.npy", info.orig_filename):
            rule = "members must be arrays NAME.npy without folders"
            raise InputError(name, ascii(info.orig_filename), rule, _AGAIN)
        if info.filename in members:
            got = f"{ascii(info.filename)} twice"
            raise InputError(name, got, "member names must be distinct", _AGAIN)
        members[info.filename] = info
    return members


def _inputs(archive: Archive) -> NDArray[np.float64]:
    name = archive.name
    raw = read_array(archive, "patterns", PATTERNS)
    check_exact(raw, f"{name}, patterns")
    inputs = np.ascontiguousarray(raw, np.float64)
    for row in range(0, inputs.shape[0], 4096):
        bad = np.argwhere(~np.isfinite(inputs[row : row + 4096]))
        if bad.size:
            i, j = int(bad[0, 0]) + row, int(bad[0, 1])
            where = f"{name}, patterns[{i}, {j}]"
            raise InputError(where, float(inputs[i, j]), "every input must be finite", "drop the pattern")
    return inputs


def _labels(archive: Archive, patterns: int) -> tuple[NDArray[np.int8], Classes]:
    name = archive.name
    raw = read_array(archive, "labels", LABELS)
    if raw.shape[0] != patterns:
        got = f"{raw.shape[0]} labels for {patterns} patterns"
        raise InputError(f"{name}, labels", got, "each pattern needs one label", "save as many labels")
    check_exact(raw, f"{name}, labels")
    _check_unicode(raw, f"{name}, labels")
    classes = TwoClasses()
    for index in range(patterns):
        item = raw[index]
        classes.add(str(item) if raw.dtype.kind == "U" else repr(float(item)), f"{name}, label", index)
    return classes.finish(f"{name}, labels")


def read_array(archive: Archive, key: str, wanted: Wanted) -> NDArray[Any]:
    """One array of the archive, its type, shape and size checked before memory is taken for it."""
    members, name, max_bytes = archive.members, archive.name, archive.max_bytes
    where = f"{name}, {key}"
    info = members.get(f"{key}.npy")
    if info is None:
        found = ", ".join(sorted(member[:-4] for member in members)) or "nothing"
        raise InputError(where, f"an archive of {found}", f"the array {key} must be there", wanted.missing)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 0x1:
        rule = "must be stored or deflated, and not encrypted"
        raise InputError(where, f"compression {info.compress_type}", rule, _AGAIN)
    with archive.file.open(info) as member:
        start = _read_start(member, where)
        descr, fortran, shape = _header(start, where)
        if not any(pattern.fullmatch(descr) for pattern in wanted.allowed):
            rule = "must be boolean, integer or real, at most 64 bits" + (", or text" if TEXT in wanted.allowed else "")
            fix = f"convert it, e.g. {key}.astype(float); objects are never unpickled"
            raise InputError(where, f"dtype {ascii(descr)}", rule, fix)
        if len(shape) not in wanted.ndim or 0 in shape:
            rule = f"must have shape {wanted.shape} with no zero in it"
            raise InputError(where, f"shape {shape}", rule, wanted.reshape)
        dtype = np.dtype(descr)
        size = prod(shape) * dtype.itemsize
        if prod(shape) * max(8, dtype.itemsize) > max_bytes:
            got = f"{prod(shape)} values of {dtype.itemsize} bytes"
            rule = f"must take at most max_bytes = {max_bytes} bytes in memory, 8 or more a value"
            raise InputError(where, got, rule, f"{wanted.fewer} or raise max_bytes")
        if len(start) + size != info.file_size:
            got = f"{info.file_size - len(start)} bytes of values"
            raise InputError(where, got, f"shape {shape} needs {size}", _AGAIN)
        body = member.read(size)
        member.read(1)
    if len(body) != size:
        raise InputError(where, f"{len(body)} bytes", f"shape {shape} needs {size}", _AGAIN)
    return np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C")


def _read_start(member: Any, where: str) -> bytes:
    """Magic, version, length and header text of one array, at most 10 kB."""
    start: bytes = member.read(8)
    version = start[6:]
    width = 2 if version == b"\x01\x00" else 4
    if start[:6] != b"\x93NUMPY" or version not in (b"\x01\x00", b"\x02\x00", b"\x03\x00"):
        rule = "must be an array in numpy's format 1, 2 or 3"
        raise InputError(where, f"bytes {start!r}", rule, _AGAIN)
    length: bytes = member.read(width)
    count = int.from_bytes(length, "little")
    if len(length) < width or count > _MAX_HEADER:
        rule = f"the array's header must have at most {_MAX_HEADER} bytes"
        raise InputError(where, f"a header of {count} bytes", rule, _AGAIN)
    text: bytes = member.read(count)
    return start + length + text


def _header(start: bytes, where: str) -> tuple[str, bool, tuple[int, ...]]:
    text = start[10 if start[6:7] == b"\x01" else 12 :].decode("latin-1")
    keys = sorted(re.findall(r"'(descr|fortran_order|shape)'\s*:", text))
    if not _HEADER.fullmatch(text) or keys != ["descr", "fortran_order", "shape"]:
        rule = "must be a plain array: one dtype without fields, an order and a shape"
        raise InputError(where, ascii(text[:80]), rule, _AGAIN)
    descr = re.findall(r"'descr'\s*:\s*'([^']*)'", text)[0]
    order = re.findall(r"'fortran_order'\s*:\s*(\w+)", text)[0]
    shape = re.findall(r"'shape'\s*:\s*\(([^)]*)\)", text)[0]
    return descr, order == "True", _shape(shape, where)


def _shape(text: str, where: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if parts[-1] == "":
        parts.pop()
    if not all(re.fullmatch(r"\d{1,18}", part) for part in parts):
        rule = "the shape must be a tuple of whole numbers below 10^18"
        raise InputError(where, f"shape ({text})", rule, _AGAIN)
    return tuple(int(part) for part in parts)


def _check_unicode(raw: NDArray[Any], where: str) -> None:
    """Code points that no text may hold would break the interpreter's strings, not just the label."""
    if raw.dtype.kind == "U":
        points = raw.view(np.dtype(np.uint32).newbyteorder(raw.dtype.byteorder))
        if np.any((points > 0x10FFFF) | ((points >= 0xD800) & (points <= 0xDFFF))):
            raise InputError(where, "code points beyond Unicode", "text must be valid Unicode", _AGAIN)


def check_exact(raw: NDArray[Any], where: str) -> None:
    """Integers beyond 2^53 would change as they become float64."""
    if raw.dtype.kind in "iu" and raw.dtype.itemsize == 8:
        low, high = int(raw.min()), int(raw.max())
        if max(-low, high) > EXACT:
            got = f"integers from {low} to {high}"
            raise InputError(where, got, "integers must lie within +-2^53", "rescale them or save floats")
