"""The handwritten digits shipped with the package; source and licence stand in digits.md beside this file."""

from __future__ import annotations

import gzip
import hashlib
import io
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

FILE = "digits.csv.gz"
SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"


@cache
def digit_images() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """1797 images (1797, 64) with values 0 to 16, and their digits (1797,) from 0 to 9; both read-only.

    E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,
    DOI 10.24432/C50P49, CC BY 4.0. Raises InputError if the installed file is missing or altered.

    >>> images, digits = digit_images()
    >>> images.shape, int(digits[3]), float(images.max())
    ((1797, 64), 3, 16.0)
    """
    table = np.loadtxt(io.BytesIO(gzip.decompress(_verified())), dtype=np.int64, delimiter=",")
    images = np.frombuffer(table[:, :-1].astype(np.float64).tobytes(), np.float64).reshape(-1, 64)
    return images, np.frombuffer(table[:, -1].tobytes(), np.int64)


def _verified() -> bytes:
    try:
        data = (files(__package__) / FILE).read_bytes()
    except OSError as error:
        rule = "the shipped file must be readable"
        raise InputError(FILE, type(error).__name__, rule, "install the package again") from error
    got = hashlib.sha256(data).hexdigest()
    if got != SHA256:
        raise InputError(FILE, f"sha256 {got}", f"must have sha256 {SHA256}", "install the package again")
    return data
