"""Patterns to learn from and recordings to analyse: shipped handwritten digits, readers for your own files."""

from .reading import Patterns, read_patterns
from .recording import Jumps, Recording
from .recordings import read_recording
from .scaling import standardise
from .shipped import digit_images
from .spines import example_spines

__all__ = [
    "Jumps",
    "Patterns",
    "Recording",
    "digit_images",
    "example_spines",
    "read_patterns",
    "read_recording",
    "standardise",
]


def __dir__() -> list[str]:
    return __all__
