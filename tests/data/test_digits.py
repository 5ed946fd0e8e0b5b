"""The shipped digits: counts, checksum, and what happens to an altered copy."""

from __future__ import annotations

import gzip
import hashlib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from szilard.data import digit_images, shipped
from szilard.errors import InputError

COUNTS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_counts_shape_and_range() -> None:
    images, names = digit_images()
    assert images.shape == (1797, 64)
    assert images.dtype == np.float64
    assert names.dtype == np.int64
    assert np.bincount(names).tolist() == COUNTS
    assert images.min() == 0
    assert images.max() == 16
    assert np.array_equal(images, np.rint(images))
    assert images[0, :8].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]


def test_cached_and_read_only_for_good() -> None:
    for array, again in zip(digit_images(), digit_images(), strict=True):
        assert array is again
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.flags.writeable = True


def test_checksums_are_those_that_the_notice_states() -> None:
    package = files("szilard.data")
    data = (package / shipped.FILE).read_bytes()
    notice = (package / "digits.md").read_text(encoding="utf-8")
    assert hashlib.sha256(data).hexdigest() == shipped.SHA256
    assert shipped.SHA256 in notice
    assert hashlib.sha256(gzip.decompress(data)).hexdigest() in notice
    assert "10.24432/C50P49" in notice
    assert "CC BY 4.0" in notice


def test_an_altered_or_missing_copy_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "files", lambda package: tmp_path)
    with pytest.raises(InputError, match="must be readable"):
        shipped._verified()
    (tmp_path / shipped.FILE).write_bytes(gzip.compress(b"0,1\n"))
    with pytest.raises(InputError, match="must have sha256 09f66e6d"):
        shipped._verified()
