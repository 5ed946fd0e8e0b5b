"""Numbers as HTML: value with the uncertainty of its last digits, its side, and the full value for sorting."""

from __future__ import annotations

from html import escape
from math import floor, isfinite, isnan, log10

from ..estimate import Estimate

DASH = "–"
NO_BITS = "no bits"
SMALLEST = 1e-99
"""Errors below it are shown as none."""
MARKS = {"two-sided": "", "upper": "≤", "lower": "≥", "none": "?", "": ""}


def number(value: float, stderr: float, side: str = "two-sided") -> str:
    """value(error in the last digit), with the mark of its side.

    >>> number(12.3456, 0.021)
    '12.346(21)'
    >>> number(12.3456, 0.021, "upper")
    '≤12.346(21)'
    """
    if isnan(value):
        return DASH
    mark = MARKS[side]
    if not isfinite(stderr):
        return f"{mark}{value:.3g}(?)"
    if not stderr > SMALLEST:
        return f"{mark}{value:.4g}"
    exponent = int(f"{stderr:.1e}".split("e")[1])
    digits = max(0, 1 - exponent)
    scaled = f"{round(stderr * 10**digits)}" if exponent < 1 else f"{stderr:.0f}"
    return f"{mark}{_fixed(value, digits)}({scaled})"


def _fixed(value: float, digits: int) -> str:
    """Decimals without the sign of a zero."""
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text


def shown(estimate: Estimate | None) -> str:
    """value(error in the last digits) as text, a dash where there is none.

    >>> shown(Estimate(12.3456, 0.021)), shown(None)
    ('12.346(21)', '–')
    """
    if estimate is None or not isfinite(estimate.value):
        return DASH
    return number(estimate.value, estimate.stderr, estimate.side).replace("-", "−")


def plus_minus(estimate: Estimate, factor: float = 1.0) -> str:
    """value ± error for a sentence.

    >>> plus_minus(Estimate(1.3941, 0.0214))
    '1.394 ± 0.021'
    """
    value, error = factor * estimate.value, factor * estimate.stderr
    if not isfinite(error):
        return f"{value:.3g} ± unknown".replace("-", "−")
    if not error > SMALLEST:
        return f"{value:.3g}"
    digits = max(0, 1 - int(f"{error:.1e}".split("e")[1]))
    return f"{_fixed(value, digits)} ± {error:.{digits}f}".replace("-", "−")


def power(value: float) -> str:
    """A number in scientific notation, as HTML.

    >>> power(5.772e-21)
    '5.77 × 10<sup>−21</sup>'
    """
    if value == 0.0 or not isfinite(value):
        return f"{value:g}"
    exponent = floor(log10(abs(value)))
    if f"{abs(value) / 10.0**exponent:.2f}" == "10.00":
        exponent += 1
    return f"{value / 10.0**exponent:.2f} × 10<sup>{str(exponent).replace('-', '−')}</sup>"


def cell(estimate: Estimate | None, missing: str = DASH) -> str:
    """A table cell that sorts by its value; the whole value and error show on hovering."""
    if estimate is None or not isfinite(estimate.value):
        return f'<td class="n none">{missing}</td>'
    title = f"{estimate.value!r} ± {estimate.stderr!r}" if estimate.stderr > 0.0 else f"{estimate.value!r}, exact"
    return f'<td class="n" data-v="{estimate.value!r}" title="{title}">{shown(estimate)}</td>'


def words(text: str, kind: str = "td") -> str:
    """A cell of text, escaped."""
    return f"<{kind}>{escape(text)}</{kind}>"
