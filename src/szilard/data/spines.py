"""Synthetic sizes of spines, shipped to try things out; how they were made stands in spines.md beside this file."""

from __future__ import annotations

from importlib.resources import as_file, files

from ..errors import InputError
from .recording import Recording
from .recordings import read_recording

FILE = "spines.csv"


def example_spines() -> Recording:
    r"""d ln w = -b (ln w - m) dt + sqrt(2 b s^2) dB: 200 SYNTHETIC spines on 21 days, made by a computer, not measured.

    b = 0.15 per day, m = -1.4, s = 0.65; before the look of day 11 an event adds 0.5 to every ln w; 6 % of the looks
    are missing. states: (200, 21, 1), sizes in no unit, NaN in gaps; times in days. The same file as a user's own:
    columns synapse_id, time, size. Raises InputError if the installed file is missing.

    >>> example_spines()
    Recording: 200 replicas of 1 coordinate at 21 times from 0 to 20, every 1, 250 gaps
    """
    with as_file(files(__package__) / FILE) as path:
        if not path.is_file():
            raise InputError(FILE, "missing", "the shipped file must be readable", "install the package again")
        return read_recording(path)
