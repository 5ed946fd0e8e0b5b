"""Patterns to learn from: shipped handwritten digits, a reader for your own files, the scaling |xi|^2 = N."""

from .reading import Patterns, read_patterns
from .scaling import standardise
from .shipped import digit_images

__all__ = ["Patterns", "digit_images", "read_patterns", "standardise"]
