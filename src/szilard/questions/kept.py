"""Pieces on disk: each is kept as soon as it is finished, and read back only if it is whole."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from ..sealed import read_sealed, unwritable, write_sealed
from .part import Piece, Record

LARGEST = 16 << 20
"""Bytes of one piece's file."""


def key_of(part: str, piece: Piece, seed: int) -> str:
    """The name of a piece: a hash of all that decides its numbers."""
    named = {"version": __version__, "part": part, "piece": dict(piece.coordinates), "seed": seed}
    return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()[:16]


def read_piece(out: Path, key: str) -> Record | None:
    """The numbers of a finished piece, or None if it is missing or damaged."""
    content = read_sealed(_path(out, key), LARGEST)
    record = content.get("record") if content is not None and content.get("key") == key else None
    return record if isinstance(record, dict) else None


def write_piece(out: Path, key: str, piece: Piece, record: Record) -> None:
    """Keep the numbers of a finished piece."""
    content = {"key": key, "coordinates": dict(piece.coordinates), "record": {k: _plain(v) for k, v in record.items()}}
    path = _path(out, key)
    try:
        path.parent.mkdir(exist_ok=True)
        write_sealed(path, content)
    except OSError as error:
        raise unwritable(out, error) from None


def _path(out: Path, key: str) -> Path:
    return out / "pieces" / f"{key}.json"


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
