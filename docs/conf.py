"""How the manual is built: `make docs`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util.math import get_node_equation_number

import szilard

sys.path.insert(0, str(Path(__file__).parent))
from gallery_pages import GROUPED, group_scripts

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "Szilard"
author = "The Szilard developers"
copyright = "The Szilard developers"
version = release = szilard.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_gallery.gen_gallery"]
exclude_patterns = ["_build", "answers"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
autodoc_typehints = "signature"
autodoc_type_aliases = {"ArrayLike": "ArrayLike", "Array": "Array"}
autodoc_member_order = "bysource"
autodoc_default_options = {"exclude-members": "__new__"}
maximum_signature_line_length = 80
python_use_unqualified_type_names = True
smartquotes = False

sphinx_gallery_conf = {
    "examples_dirs": [str(GROUPED)],
    "gallery_dirs": ["gallery"],
    "filename_pattern": r"plot_\w+\.py",
    "subsection_order": "gallery_pages.place_of_group",
    "within_subsection_order": "gallery_pages.place_of_script",
    "notebook_extensions": set(),
    "reset_argv": "gallery_pages.figure_argument",
    "image_scrapers": ["gallery_pages.saved_figure"],
    "capture_repr": (),
    "thumbnail_size": (640, 300),
    "download_all_examples": False,
    "show_memory": False,
    "abort_on_example_error": True,
    "parallel": 2,
}

html_theme = "furo"
html_title = "Szilard"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["manual.css"]
html_copy_source = False
html_show_sourcelink = False


def equations_of() -> dict[str, list[str]]:
    """For every function that theory.md names below an equation, the labels of these equations."""
    found: dict[str, list[str]] = {}
    text = (Path(__file__).parent / "theory.md").read_text(encoding="utf-8")
    for label, names in re.findall(r"\$\$ \(([\w-]+)\)\n\nIn code: (.*)", text):
        for name in re.findall(r"<([\w.]+)>`", names):
            found.setdefault(name, []).append(label)
    return found


COMPUTES = equations_of()
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
    if name in COMPUTES:
        found += ["", "Theory: " + ", ".join(f":eq:`{label}`" for label in COMPUTES[name]) + "."]
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
        tree = convert(node.astext(), display="block" if block else "inline")
        if block:
            writer.body.append(f'<div class="math-line"><div class="math-scroll">{tree}</div>')
            if node.get("number"):
                number = get_node_equation_number(writer, node)
                writer.body.append(f'<a class="eqno" href="#equation-{node["label"]}">({number})</a>')
            writer.body.append("</div>")
        else:
            writer.body.append(tree)
        raise nodes.SkipNode

    return visit


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    group_scripts()
    app.connect("autodoc-process-docstring", as_written)
    app.connect("autodoc-process-signature", short_types)
    app.add_html_math_renderer("mathml", (mathml(False), None), (mathml(True), None))
