"""Mutated files end in an InputError or in valid patterns, within bounded memory; never in anything else."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from szilard.data import read_patterns
from szilard.data.labels import Labels
from szilard.errors import InputError

SEED = np.random.default_rng(7)
CSV = ("a,b,c,label\n" + "".join(f"{x:.3f},{y},1e-5,{x > 0:d}\n" for x, y in SEED.normal(size=(6, 2)))).encode()
TOKENS = [
    b",",
    b"\n",
    b"\r",
    b'"',
    b"\0",
    b"\t",
    b"nan",
    b"1e999",
    b"-",
    b"_",
    b"label",
    b"\xff",
    b"\xef\xbb\xbf",
]
TOKENS += [
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"\x93NUMPY",
    b"'",
    b"(",
    b"999999999",
    b"|O",
    b"<U9",
    b"\xff\xff\xff\xff",
]
LIMIT = 2**22


def saved(save: Callable[..., None]) -> bytes:
    stream = io.BytesIO()
    save(stream, patterns=SEED.normal(size=(6, 3)), labels=np.array([0, 1, 1, 0, 0, 1]))
    return stream.getvalue()


def npy(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


STORED, DEFLATED = saved(np.savez), saved(np.savez_compressed)
NPY, TEXT = npy(np.arange(6.0).reshape(2, 3)), npy(np.array(["on", "off"]))


def mutated(valid: bytes) -> st.SearchStrategy[bytes]:
    place = st.integers(0, len(valid))
    edit = st.tuples(place, st.integers(0, 8), st.sampled_from(TOKENS) | st.binary(max_size=4))

    def apply(edits: list[tuple[int, int, bytes]]) -> bytes:
        data = valid
        for start, gone, new in edits:
            data = data[:start] + new + data[start + gone :]
        return data

    same_length = st.tuples(place, st.binary(min_size=1, max_size=4)).map(lambda e: (e[0], len(e[1]), e[1]))
    return st.lists(edit | same_length, min_size=1, max_size=4).map(apply)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


def read_or_refuse(path: Path, data: bytes, labels: Labels) -> None:
    path.write_bytes(data)
    tracemalloc.start()
    try:
        got = read_patterns(path, labels=labels, max_bytes=LIMIT)
    except InputError as error:
        assert str(error).isprintable()
        return
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 8 * LIMIT
    assert got.inputs.dtype == np.float64
    assert got.inputs.ndim == 2
    assert min(got.inputs.shape) >= 1
    assert np.isfinite(got.inputs).all()
    assert got.sha256 == hashlib.sha256(data).hexdigest()
    if labels == "none":
        assert got.labels is None
    else:
        assert got.labels is not None
        assert got.labels.shape == (got.inputs.shape[0],)
        assert set(got.labels.tolist()) == {-1, 1}


CHOICES: st.SearchStrategy[Labels] = st.sampled_from(["named", "last", "none"])


@given(mutated(CSV) | st.binary(max_size=64) | st.text(max_size=64).map(str.encode), CHOICES)
@settings(max_examples=300)
def test_text(folder: Path, data: bytes, labels: Labels) -> None:
    read_or_refuse(folder / "x.csv", data, labels)
    read_or_refuse(folder / "x.tsv", data.replace(b",", b"\t"), labels)


@given(mutated(STORED) | mutated(DEFLATED) | st.binary(max_size=64), CHOICES)
@settings(max_examples=300)
def test_archive(folder: Path, data: bytes, labels: Labels) -> None:
    read_or_refuse(folder / "x.npz", data, labels)


@given(mutated(TEXT), st.booleans())
@settings(max_examples=300)
def test_text_labels_in_an_intact_archive(folder: Path, data: bytes, both: bool) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("patterns.npy", data if both else NPY)
        archive.writestr("labels.npy", data)
    read_or_refuse(folder / "z.npz", stream.getvalue(), "named")


@given(mutated(NPY), st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
@settings(max_examples=300)
def test_array_in_an_intact_archive(folder: Path, data: bytes, method: int) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("patterns.npy", data)
    read_or_refuse(folder / "y.npz", stream.getvalue(), "none")
