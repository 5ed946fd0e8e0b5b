"""read_patterns: what it takes, and one case for every rule that it states."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import sys
import tracemalloc
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.lib import format as npy

from szilard.data import read_patterns
from szilard.data.labels import EXACT
from szilard.errors import InputError

X = np.array([[0.1, -2.5, 1e-300], [3.0, 1 / 3, -0.0], [7.0, 0.0, 1e300]])
Y = np.array([-1, 1, 1], np.int8)


@contextmanager
def at_most(mebibytes: float) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < mebibytes * 2**20
    finally:
        tracemalloc.stop()


def text(tmp_path: Path, content: str | bytes, name: str = "x.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def archive(tmp_path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", method) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return path


def npz(tmp_path: Path, **arrays: Any) -> Path:
    path = tmp_path / "x.npz"
    np.savez(path, **arrays)
    return path


def array_bytes(array: Any) -> bytes:
    stream = io.BytesIO()
    npy.write_array(stream, np.asarray(array), allow_pickle=True)
    return stream.getvalue()


def header_bytes(header: str, version: int = 1, body: bytes = b"") -> bytes:
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header.encode("latin-1") + body


def refused(path: Any, message: str, **options: Any) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_patterns(path, **options)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 800


# what is taken


@pytest.mark.parametrize(("name", "delimiter"), [("x.csv", ","), ("x.TSV", "\t")])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_round_trip(tmp_path: Path, name: str, delimiter: str, end: str) -> None:
    lines = [["a", "b", "c", "label"]] + [[*(repr(float(v)) for v in x), str(y)] for x, y in zip(X, Y, strict=True)]
    content = "\ufeff" + end.join(delimiter.join(line) for line in lines) + end + end
    path = text(tmp_path, content, name)
    got = read_patterns(path)
    assert got.labels is not None
    assert got.inputs.dtype == np.float64
    assert got.labels.dtype == np.int8
    assert got.inputs.tobytes() == X.tobytes()
    assert got.labels.tolist() == Y.tolist()
    assert got.classes == (-1.0, 1.0)
    assert got.source == str(path)
    assert got.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    for made in (got.inputs, got.labels):
        assert not made.flags.writeable


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_round_trip(tmp_path: Path, order: Any, save: Any) -> None:
    path = tmp_path / "x.npz"
    save(path, patterns=np.asarray(X, order=order), labels=Y, more=np.arange(3))
    got = read_patterns(path)
    assert got.labels is not None
    assert got.inputs.tobytes() == X.tobytes()
    assert got.inputs.flags.c_contiguous
    assert got.labels.tolist() == Y.tolist()
    for made in (got.inputs, got.labels):
        assert not made.flags.writeable


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", ">i2", "<u4", ">i8", "u8", "f2", ">f4", ">f8"])
def test_npz_real_dtypes(tmp_path: Path, dtype: str) -> None:
    path = npz(tmp_path, patterns=np.array([[0, 1], [1, 1]], dtype), labels=np.array([1, 0], dtype))
    got = read_patterns(path)
    assert got.labels is not None
    assert got.inputs.tolist() == [[0.0, 1.0], [1.0, 1.0]]
    assert got.labels.tolist() == [1, -1]
    assert got.classes == (0.0, 1.0)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_npz_format_versions(tmp_path: Path, version: tuple[int, int]) -> None:
    stream = io.BytesIO()
    with warnings.catch_warnings(action="ignore"):
        npy.write_array(stream, X, version=version)
    got = read_patterns(archive(tmp_path, {"patterns.npy": stream.getvalue()}), labels="none")
    assert got.inputs.tobytes() == X.tobytes()


def test_labels_may_be_any_two_values(tmp_path: Path) -> None:
    for given, want, classes in [
        (["9", "10", "9.0"], [-1, 1, -1], (9.0, 10.0)),
        (["dog", "cat", " dog "], [1, -1, 1], ("cat", "dog")),
        (["0", "-0.0", "1e-5"], [-1, -1, 1], (0.0, 1e-5)),
        (["class_b", "café", "class_b"], [1, -1, 1], ("café", "class_b")),
        (['"a,b"', "c", "c"], [-1, 1, 1], ("a,b", "c")),
    ]:
        got = read_patterns(text(tmp_path, "".join(f"1,2,{label}\n" for label in given)), labels="last")
        assert got.labels is not None
        assert got.labels.tolist() == want
        assert got.classes == classes
        assert got.inputs.shape == (3, 2)
    got = read_patterns(npz(tmp_path, patterns=X, labels=np.array(["on", "off", "on"])))
    assert got.labels is not None
    assert got.labels.tolist() == [1, -1, 1]


def test_which_column_is_the_label(tmp_path: Path) -> None:
    path = text(tmp_path, "label,0,1\n1,5,6\n2,7,8\n")
    named, none = read_patterns(path), read_patterns(path, labels="none")
    assert named.inputs.tolist() == none.inputs.tolist() == [[5, 6], [7, 8]]
    assert none.labels is None
    assert none.classes is None
    refused(path, "column 1 named label", labels="last")
    plain = text(tmp_path, "1,5,6\n2,7,8")
    refused(plain, "no column named label")
    assert read_patterns(plain, labels="none").inputs.shape == (2, 3)
    assert read_patterns(plain, labels="last").inputs.tolist() == [[1, 5], [2, 7]]
    assert read_patterns(text(tmp_path, '"a", label \n1,2\n3,4\n'), labels="last").classes == (2.0, 4.0)


# the file itself


def test_options_are_checked(tmp_path: Path) -> None:
    path = text(tmp_path, "1,2\n")
    for wrong in ("yes", None, ["none"], np.arange(3)):
        refused(path, "^labels: ", labels=wrong)
    for limit in (0, -1, 1.5, True, None, "1"):
        refused(path, "^max_bytes: ", max_bytes=limit)
    for name in (5, None, b"x.csv", [1]):
        refused(name, "^path: ")
    assert read_patterns(path, labels="none", max_bytes=10**30).inputs.shape == (1, 2)


def test_what_is_no_readable_file(tmp_path: Path) -> None:
    refused(tmp_path / "none.csv", "no such file")
    (tmp_path / "d.csv").mkdir()
    refused(tmp_path / "d.csv", "a directory")
    text(tmp_path, "1\n")
    refused(tmp_path / "x.csv" / "y.csv", "readable|no such file")
    refused(tmp_path / ("n" * 5000 + ".csv"), "readable|no such file")
    refused("a\0b\x1b.csv", r"^a\?b\?\.csv: ")
    for name in ("", "x", "x.txt", "x.csv.gz", ".csv", "x.npy"):
        refused(name, "must end in")


@pytest.mark.skipif(sys.platform == "win32", reason="needs links, pipes and modes of POSIX")
def test_special_files(tmp_path: Path) -> None:
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    refused(tmp_path / "loop.csv", "readable")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    refused(tmp_path / "zero.csv", "a device")
    os.mkfifo(tmp_path / "pipe.npz")
    refused(tmp_path / "pipe.npz", "a device, pipe")
    if os.geteuid() != 0:
        text(tmp_path, "1\n").chmod(0)
        refused(tmp_path / "x.csv", "readable")


def test_unreadable_and_growing_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = text(tmp_path, "1,2\n")

    def denied(*_: Any) -> io.BytesIO:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    refused(path, "Permission denied")
    for content in (b"1,", b"1,2\n3,4\n"):
        monkeypatch.setattr(Path, "open", lambda *_, content=content: io.BytesIO(content))
        refused(path, "keep its size")


@pytest.mark.parametrize("name", ["big.csv", "big.npz"])
def test_files_over_the_limit_are_not_opened(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as stream:
        stream.truncate(256 * 2**20 + 1)
    with at_most(1):
        refused(tmp_path / name, "at most max_bytes = 268435456 bytes")
    refused(text(tmp_path, "1,2\n"), "max_bytes = 3", max_bytes=3)


# text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no pattern"),
        ("\n\n", "no pattern"),
        ("a,b\n", "no pattern"),
        ("a,label\n", "no pattern"),
        ("label\n1\n2\n", "no input column"),
        ("1,2\n3\n", "line 2: got 1 columns"),
        ("1,2\n3,4,5\n", "line 2: got 3 columns"),
        ("a,b\n1,2,3\n", "line 2: got 3 columns"),
        ("1,2\n\n3,4\n", "line 2: got a blank line"),
        ("\n1,2\n", "line 1: got a blank line"),
        ("1,nan\n", "line 1, input 2: got nan"),
        ("a\n1\n-inf\n", "line 3, input 1: got -inf"),
        ("1,1e400\n", "finite"),
        ("1,2\n3,x\n", "line 2, input 2: got 'x'"),
        ("1,\n", "input 2: got ''"),
        ("1,1_0\n", "got '1_0'"),
        ("1,\u0661\n", r"got '\\u0661'"),
        ("1,0x10\n", "got '0x10'"),
        ("1,1j\n", "got '1j'"),
        ("1;2\n3;4\n", "got '3;4'"),
        ("1\t2\n3\t4\n", "got '3.t4'"),
        ("1,\x1b[31m\n", r"got '.x1b\[31m'"),
        ("1," + "x" * 500 + "\n", r"x\.\.\.'"),
        ("a,a\n1,2\n", "column 'a' twice"),
        ("label,label\n1,2\n", "column 'label' twice"),
        (",a\n1,2\n", "no name for column 1"),
        ('1,"2\n3",4\n', "quoted field"),
        ('"1"2,3\n', "quoted field"),
        ('"' + "1" * 200_000 + '",3\n', "quoted field"),
        (b"1,2\0\n", "NUL"),
        ("1,2\n".encode("utf-16"), "NUL"),
        (b"1,2\n\xff,3\n", "not UTF-8"),
        ("caf\xe9,b\n1,2\n".encode("latin-1"), "not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x99", "not UTF-8"),
    ],
)
def test_text_without_labels(tmp_path: Path, content: str | bytes, message: str) -> None:
    refused(text(tmp_path, content), message, labels="none")


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (["1", "1", "1.0"], "only 1"),
        (["a", "a"], "only 'a'"),
        (["1"], "only 1"),
        (["1", "2", "3"], "line 3: got label '3' beside 1 and 2"),
        (["1", "a"], "label 'a' beside 1"),
        (["a", "1"], "label '1' beside 'a'"),
        (["1", "nan"], "label 'nan'"),
        (["1", "inf"], "label 'inf'"),
        (["1", ""], "label ''"),
        (["1", " "], "label ' '"),
        (["0", "9007199254740993", "9007199254740994"], "label '9007199254740994'"),
    ],
)
def test_text_labels(tmp_path: Path, column: list[str], message: str) -> None:
    refused(text(tmp_path, "".join(f"1,{label}\n" for label in column)), message, labels="last")
    named = text(tmp_path, "".join(["x,label\n", *(f"1,{label}\n" for label in column)]))
    if "line" not in message and column != ["0", "9007199254740993", "9007199254740994"]:
        refused(named, message)


def test_many_spellings_of_one_label_take_no_memory(tmp_path: Path) -> None:
    path = text(tmp_path, "".join(f"1,0e{k}\n" for k in range(100_000)) + "1,1\n")
    with at_most(8):
        got = read_patterns(path, labels="last")
    assert got.classes == (0.0, 1.0)


def test_ten_million_columns_are_refused_unsplit(tmp_path: Path) -> None:
    path = text(tmp_path, b"1," * 10**7 + b"1\n")
    with at_most(100):
        refused(path, "got 10000001 columns; at most 1048576", labels="none")


def test_a_long_file_without_line_ends(tmp_path: Path) -> None:
    path = text(tmp_path, b"1" * 10**7)
    with at_most(80):
        refused(path, "finite", labels="none")


# archives


def test_npz_arrays_that_must_be_there(tmp_path: Path) -> None:
    refused(npz(tmp_path, images=X), "patterns: got an archive of images")
    refused(npz(tmp_path, patterns=X), "labels: got an archive of patterns")
    assert read_patterns(npz(tmp_path, patterns=X), labels="none").labels is None
    refused(npz(tmp_path, patterns=X, labels=Y), "array of its own", labels="last")
    refused(archive(tmp_path, {}), "archive of nothing")


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        (X[0], r"shape \(3,\)"),
        (X[None], "shape"),
        (np.float64(1), r"shape \(\)"),
        (np.empty((0, 3)), r"shape \(0, 3\)"),
        (np.empty((3, 0)), "shape"),
        (X * 1j, "dtype '<c16'"),
        (X.astype("U"), "dtype '<U"),
        (X.astype("S"), "dtype '"),
        (np.zeros((2, 2), "M8[s]"), "dtype '<M8"),
        (X.astype(np.longdouble), "dtype '"),
        (np.zeros((2, 2), [("a", "f8")]), "plain array"),
        (np.where(X == 7, np.nan, X), r"patterns\[2, 0\]: got nan"),
        (np.where(X == 7, np.inf, X), "got inf"),
        (np.array([[2**53 + 1, 0]]), "integers from 0 to 9007199254740993"),
        (np.array([[-(2**63), 0]]), "integers from -9223372036854775808"),
        (np.array([[2**64 - 1, 0]], np.uint64), "18446744073709551615"),
    ],
)
def test_npz_patterns(tmp_path: Path, patterns: Any, message: str) -> None:
    path = npz(tmp_path, patterns=patterns)
    if patterns.dtype.kind == "f" and patterns.dtype.itemsize == 8 and message == "dtype '":
        pytest.skip("long double is double here")
    refused(path, message, labels="none")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([1, 1, 1]), "only 1"),
        (np.array([1, 2, 3]), "label 2: got label '3.0' beside 1 and 2"),
        (np.array([1.0, np.nan, 2.0]), "label 1: got label 'nan'"),
        (np.array([1, 2]), "2 labels for 3 patterns"),
        (Y[:, None], "shape"),
        (np.array([1j, 2, 2]), "dtype"),
        (np.array([0, 2**53 + 1, 2**53 + 1]), "2\\^53"),
        (np.array(["a", "b", ""]), "label ''"),
        (np.array(["a", "b", "c"]), "label 'c' beside 'a' and 'b'"),
        (np.array(["a", "1", "a"]), "beside 'a'"),
    ],
)
def test_npz_labels(tmp_path: Path, labels: Any, message: str) -> None:
    refused(npz(tmp_path, patterns=X, labels=labels), message)


def test_npz_text_beyond_unicode(tmp_path: Path) -> None:
    patterns = array_bytes([[1], [2]])
    for descr, points in [("<U1", (2**31, 97)), (">U1", (97, 0x110000)), ("<U1", (97, 0xD800))]:
        body = struct.pack(f"{descr[0]}2I", *points)
        labels = header_bytes(f"{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}", body=body)
        refused(archive(tmp_path, {"patterns.npy": patterns, "labels.npy": labels}), "beyond Unicode")
    body = struct.pack(">2I", 0x10FFFF, 97)
    labels = header_bytes("{'descr': '>U1', 'fortran_order': False, 'shape': (2,), }", body=body)
    got = read_patterns(archive(tmp_path, {"patterns.npy": patterns, "labels.npy": labels}))
    assert got.classes == ("a", "\U0010ffff")


def test_npz_objects_are_never_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (pytest.fail, ("unpickled",))

    path = archive(tmp_path, {"patterns.npy": array_bytes(np.array([[Trap()]], object))})
    refused(path, r"dtype '\|O'.*never unpickled", labels="none")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000), }", "1000000000000 values"),
        ("{'descr': '|b1', 'fortran_order': False, 'shape': (100000, 1000), }", "100000000 values of 1"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1000, 1000), }", "needs 8000000"),
        (f"{{'descr': '<f8', 'fortran_order': False, 'shape': (1, {10**18}), }}", "below 10\\^18"),
        (f"{{'descr': '<f8', 'fortran_order': False, 'shape': (1, {10**150}), }}", "below 10\\^18"),
        (f"{{'descr': '<f8', 'fortran_order': False, 'shape': (1, {'1' * 5000}), }}", "plain array"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 2), }", "plain array"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1,,2), }", "shape"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1 2), }", "shape"),
        ("{'descr': '<f8', 'fortran_order': False}", "plain array"),
        ("{'descr': '<f8', 'descr': '<f8', 'shape': (1, 2)}", "plain array"),
        ("{'descr': '<f9', 'fortran_order': False, 'shape': (1, 2), }", "dtype '<f9'"),
        ("{'descr': '<U999999999', 'fortran_order': False, 'shape': (1, 2), }", "dtype"),
        ("{'descr': '" + "(" * 5000 + "', 'fortran_order': False, 'shape': (1, 2), }", "plain array"),
        ("(" * 9000, "plain array"),
        ("__import__('os').getcwd()", "plain array"),
        (" " * 10_001, "header of 10001 bytes"),
        ("", "plain array"),
    ],
)
def test_npz_headers_are_judged_before_memory_is_taken(tmp_path: Path, header: str, message: str) -> None:
    path = archive(tmp_path, {"patterns.npy": header_bytes(header, body=b"\0" * 64)})
    with at_most(2):
        refused(path, message, labels="none")


def test_npz_labels_of_huge_text(tmp_path: Path) -> None:
    header = "{'descr': '<U999999', 'fortran_order': False, 'shape': (100,), }"
    members = {"patterns.npy": array_bytes(np.ones((100, 1))), "labels.npy": header_bytes(header)}
    with at_most(2):
        refused(archive(tmp_path, members), "100 values of 3999996 bytes")


def test_npz_bombs(tmp_path: Path) -> None:
    zeros = b"\0" * 2**26
    long_header = b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1) + zeros
    path = archive(tmp_path, {"patterns.npy": long_header})
    with at_most(2):
        refused(path, "header of 4294967295 bytes", labels="none")
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (8, 1048576), }"
    path = archive(tmp_path, {"patterns.npy": header_bytes(header, body=zeros)})
    assert path.stat().st_size < 2**17
    with at_most(2):
        refused(path, "max_bytes = 131072", labels="none", max_bytes=2**17)
    small = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }"
    path = archive(tmp_path, {"patterns.npy": header_bytes(small, body=zeros), "spare.npy": zeros})
    with at_most(2):
        refused(path, "needs 16", labels="none")


def test_npz_with_a_lying_directory(tmp_path: Path) -> None:
    """The directory says 16 bytes of values follow; the deflated stream holds 64 MiB."""
    small = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }"
    start = header_bytes(small)
    path = archive(tmp_path, {"patterns.npy": start + b"\0" * 2**26})
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", len(start) + 2**26), struct.pack("<I", len(start) + 16)))
    with at_most(2):
        refused(path, "intact|needs 16", labels="none")


def test_npz_with_a_stream_that_ends_early(tmp_path: Path) -> None:
    start = header_bytes("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }")
    path = archive(tmp_path, {"patterns.npy": start + b"\0" * 8})
    length = struct.pack("<I", len(start) + 8)
    path.write_bytes(path.read_bytes().replace(length, struct.pack("<I", len(start) + 16)))
    refused(path, "got 8 bytes; shape \\(1, 2\\) needs 16", labels="none")


def test_npz_with_too_many_members(tmp_path: Path) -> None:
    path = archive(tmp_path, {f"a{k}.npy": b"" for k in range(300)})
    refused(path, "more than 256 members")


@pytest.mark.parametrize(
    "name",
    [
        "../patterns.npy",
        "/patterns.npy",
        "a/patterns.npy",
        "..\\patterns.npy",
        "C:patterns.npy",
        "x/",
        "x.txt",
    ]
    + ["..npy", "a\x1b.npy"],
)
def test_npz_member_names(tmp_path: Path, name: str) -> None:
    before = sorted(tmp_path.parent.rglob("*"))
    path = archive(tmp_path, {"patterns.npy": array_bytes(X), name: array_bytes(X)})
    refused(path, "without folders", labels="none")
    assert sorted(tmp_path.parent.rglob("*")) == sorted([*before, path])


def test_npz_duplicate_member(tmp_path: Path) -> None:
    path = archive(tmp_path, {"patterns.npy": array_bytes(X), "pattern2.npy": array_bytes(X + 1)})
    path.write_bytes(path.read_bytes().replace(b"pattern2", b"patterns"))
    refused(path, "'patterns.npy' twice", labels="none")


def test_npz_that_is_damaged(tmp_path: Path) -> None:
    whole = npz(tmp_path, patterns=X).read_bytes()
    for content in (b"", b"PK", b"not a zip at all", whole[:-30], whole[: len(whole) // 2], b"\0" * 100):
        refused(text(tmp_path, content, "x.npz"), "intact", labels="none")
    flipped = bytearray(whole)
    flipped[whole.index(X.tobytes())] ^= 1
    refused(text(tmp_path, bytes(flipped), "x.npz"), "CRC", labels="none")
    encrypted = bytearray(whole)
    encrypted[whole.index(b"PK\x01\x02") + 8] |= 1
    refused(text(tmp_path, bytes(encrypted), "x.npz"), "not encrypted", labels="none")
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        refused(archive(tmp_path, {"patterns.npy": array_bytes(X)}, method), "deflated", labels="none")
    refused(archive(tmp_path, {"patterns.npy": b"NUMPY"}), "format 1, 2 or 3", labels="none")
    refused(archive(tmp_path, {"patterns.npy": b"\x93NUMPY\x09\x00"}), "format 1, 2 or 3", labels="none")
    refused(archive(tmp_path, {"patterns.npy": b"\x93NUMPY\x01\x00"}), "header", labels="none")


def test_integers_up_to_the_limit_are_exact(tmp_path: Path) -> None:
    got = read_patterns(npz(tmp_path, patterns=np.array([[2**53, -(2**53)]])), labels="none")
    assert got.inputs.tolist() == [[EXACT, -EXACT]]
