"""A page on this machine that trains while one looks: controls, weights, heat and the budget as it fills up."""

from __future__ import annotations
