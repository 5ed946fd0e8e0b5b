"""How the manual is built: `make docs`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

import szilard

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "Szilard"
author = "The Szilard developers"
copyright = "The Szilard developers"
version = release = szilard.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build", "answers"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"exclude-members": "__new__"}
maximum_signature_line_length = 80
python_use_unqualified_type_names = True
smartquotes = False

html_theme = "furo"
html_title = "Szilard"
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False


ARRAY = re.compile(r"~?[\w.]*ndarray\[tuple\[~?[\w.]*Any, \.\.\.\], ~?[\w.]*dtype\[~?(?:\w+\.)*(\w+)\]\]")
ARRAY_LIKE = re.compile(r"~?[\w.]*_Buffer \| .*?_NestedSequence\[[^\[\]]*complex \| bytes \| str\]")


def as_written(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Docstrings are plain text with formulas as physicists type them: show them so, not as markup.

    Indented lines become a literal block; ``code`` and doctests stay; every other character that reStructuredText
    would take for markup is escaped.
    """
    found: list[str] = []
    literal = doctest = directive = False
    for line in lines:
        indented, blank = line.startswith("    "), not line.strip()
        doctest = (doctest and not blank) or line.lstrip().startswith(">>>")
        directive = (directive and (indented or blank)) or line.startswith(".. ")
        if doctest or directive or blank:
            literal = literal and (blank or indented)
            found.append(line)
            continue
        if indented and not literal:
            found += ["", "::", ""]
        elif not indented and literal:
            found.append("")
        literal = indented
        found.append(line if indented else _escaped(line))
    lines[:] = found


def _escaped(line: str) -> str:
    parts = re.split(r"(``[^`]+``)", line)
    text = "".join(part if part.startswith("``") else re.sub(r"([\\*`|_])", r"\\\1", part) for part in parts)
    return re.sub(r"^(\w+[.)])(?=\s|$)", r"\\\1", text)  # "P." is a sentence, not an item of a list


def short_types(app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: Any, returns: Any) -> Any:
    """The type names of the source, not what NumPy makes of them."""
    return tuple(
        None if text is None else ARRAY.sub(r"Array[\1]", ARRAY_LIKE.sub("ArrayLike", text))
        for text in (signature, returns)
    )


def mathml(block: bool) -> Any:
    """Formulas as MathML, which every browser draws by itself: the manual needs no network."""

    def visit(writer: Any, node: Any) -> None:
        tree = tex2mathml(node.astext(), as_block=block)
        writer.body.append(f'<div class="math">{tree}</div>' if block else tree)
        raise nodes.SkipNode

    return visit


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", as_written)
    app.connect("autodoc-process-signature", short_types)
    app.add_html_math_renderer("mathml", (mathml(False), None), (mathml(True), None))
