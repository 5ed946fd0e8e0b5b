"""How the scripts of `examples/` become the gallery of the manual: in groups, each run and asked for its figure."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path
from typing import Any

from sphinx_gallery.scrapers import figure_rst

EXAMPLES = Path(__file__).parents[1] / "examples"
GALLERY = Path(__file__).parent / "gallery"
GROUPED = Path(__file__).parent / "_build" / "examples"
"""A copy of the scripts, one directory per group, as sphinx-gallery wants them."""

INTRODUCTION = """\
Gallery
=======

Short scripts that reproduce known results and end in a figure. Every page shows what its script printed: each number
with its standard error, and beside it what is known exactly, by how many standard errors they differ, and a verdict.
All of them were run when this manual was built, at the size that stands in the script. From a checkout
``python examples/plot_moved_trap.py figure.png`` makes the figure again; with ``SZILARD_FAST=1`` in the environment it
takes few replicas. The verdicts are explained in :doc:`/verdicts`, the units in :doc:`/conventions`.
"""
GROUPS = {
    "learning": (
        "Learning",
        "What it costs a neuron, or a synapse, to learn.",
        (
            "single_synapse",
            "rules_on_digits",
            "cost_corridor",
            "physical_quantities",
            "efficiency_map",
            "hebbian_chain",
            "online_learning",
            "weight_distributions",
            "phase_diagram",
            "heat_convergence",
        ),
    ),
    "jumps": (
        "Jump processes",
        "Discrete states: sampled without a time step, and solved exactly.",
        ("driven_ring", "manipulated_levels", "loschmidt", "mesoscopic"),
    ),
    "langevin": (
        "Langevin dynamics",
        "Continuous states: a colloid, a bit, a weight.",
        ("moved_trap", "gyrator", "bit_erasure", "tilted_ring", "time_steps"),
    ),
    "laws": (
        "Laws and information",
        "Theorems and bounds on what was measured, and what information is worth.",
        ("fluctuation_theorems", "bounds", "free_energy_intervals", "demon", "sensor"),
    ),
    "data": (
        "Data and machines",
        "Where there are only data: recordings, measured synapses, training runs, Boltzmann machines.",
        ("entropy_from_data", "spine_sizes", "training_run", "annealed_boltzmann"),
    ),
}
"""Directory: title, sentence, scripts in the order to show them."""

OTHERS = ("further", "Further figures", "Scripts that belong to none of these groups.")


def groups() -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Directory, title, sentence and scripts of every group; scripts that no group names come last."""
    found = [(room, title, sentence, names) for room, (title, sentence, names) in GROUPS.items()]
    named = {name for *_, names in found for name in names}
    there = sorted(path.stem.removeprefix("plot_") for path in EXAMPLES.glob("plot_*.py"))
    rest = tuple(name for name in there if name not in named)
    return [*found, (*OTHERS, rest)] if rest else found


def group_scripts() -> None:
    """Copy every script into the directory of its group."""
    shutil.rmtree(GROUPED, ignore_errors=True)
    GROUPED.mkdir(parents=True)
    rooms = {room: names for room, *_, names in groups()}
    for page in GALLERY.glob("*/plot_*.rst"):  # of an earlier build
        if page.stem.removeprefix("plot_") not in rooms.get(page.parent.name, ()):
            page.unlink()
    for room in GALLERY.glob("*/"):
        if room.name not in {*rooms, "images"}:
            shutil.rmtree(room)
    (GROUPED / "GALLERY_HEADER.rst").write_text(INTRODUCTION, encoding="utf-8")
    for room, title, sentence, names in groups():
        (GROUPED / room).mkdir()
        header = f"{title}\n{'-' * len(title)}\n\n{sentence}\n"
        (GROUPED / room / "GALLERY_HEADER.rst").write_text(header, encoding="utf-8")
        for name in names:
            shutil.copyfile(EXAMPLES / f"plot_{name}.py", GROUPED / room / f"plot_{name}.py")


def place_of_group(path: str) -> int:
    """Where a group stands."""
    return [room for room, *_ in groups()].index(Path(path).name)


def place_of_script(filename: str) -> int:
    """Where a script stands."""
    return [f"plot_{name}.py" for *_, names in groups() for name in names].index(filename)


class FigureArgument:
    """The argument of a script: where to save its figure."""

    def __repr__(self) -> str:
        return "FigureArgument"

    def __call__(self, gallery_conf: Any, script_vars: dict[str, Any]) -> list[str]:
        path = Path(script_vars["image_path_iterator"].image_path.format(1))
        path.unlink(missing_ok=True)
        return [str(path)]


def saved_figure(block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """The figure that the script has saved, once."""
    paths = block_vars["image_path_iterator"]
    if len(paths) or not Path(paths.image_path.format(1)).is_file():
        return ""
    return str(figure_rst([paths.next()], gallery_conf["src_dir"], fig_titles=told(block_vars["src_file"])))


def told(script: str) -> str:
    """What the script says of its figure: its title and its first paragraph, for those who cannot see it."""
    text = ast.get_docstring(ast.parse(Path(script).read_text(encoding="utf-8"))) or ""
    title = text.split("\n")[0]
    return ". ".join([title, *(" ".join(paragraph.split()) for paragraph in text.split("\n\n")[1:2])])


figure_argument = FigureArgument()
