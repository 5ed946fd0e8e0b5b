"""One HTML file that needs nothing else: style, script and colours around what a report has to say."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from ..errors import InputError
from ..sealed import write_atomically
from .svg import colour_variables

SCRIPTS = ("page.js", "page_figures.js", "page_chooser.js")
"""Tables that sort, figures that zoom and answer, a run to be chosen."""


def framed(title: str, sections: Iterable[str], images: bool = False) -> str:
    """The page in ASCII, so that no reader can mistake its encoding; title: plain text; sections: HTML.

    images: whether it may show images that it holds itself; from elsewhere nothing is ever shown.
    """
    here = files("szilard.reporting")
    style = (here / "page.css").read_text("utf-8")
    script = "".join((here / name).read_text("utf-8") for name in SCRIPTS)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = Template((here / "page.html").read_text("utf-8")).substitute(
        title=escape(title),
        script_hash=f"sha256-{digest}",
        images="; img-src data:" if images else "",
        light=colour_variables(dark=False),
        dark=colour_variables(dark=True),
        style=style,
        script=script,
        body="\n".join(sections),
    )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


def write_page(path: Path, text: str) -> Path:
    """Write the whole page or nothing; returns its path. Raises InputError where it cannot be written."""
    try:
        write_atomically(path, text)
    except OSError as error:
        rule = f"cannot be written: {error.strerror or error}"
        raise InputError("path", str(path), rule, "name a file in a directory you may write to") from None
    return path
