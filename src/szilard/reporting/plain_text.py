"""Text of unknown origin, as a terminal may show it."""

from __future__ import annotations


def printable(text: str, lines: bool = False) -> str:
    r"""The text with every character that does not print written out, so that none of it commands the terminal.

    lines: line ends stay.

    >>> printable("cost\x1b[31m \u202e\u00b5")
    'cost\\x1b[31m \\u202eµ'
    """
    return "".join(c if c.isprintable() or (lines and c == "\n") else ascii(c)[1:-1] for c in text)
