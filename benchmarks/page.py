"""The page of the manual about speed, and its figure, from docs/speed.json: python -m benchmarks.page"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

from .run import SAVED, read
from .table import Block, Curve

PAGE = SAVED.with_suffix(".md")
FIGURE = SAVED.parent / "images" / "speed_growth.png"
HEAD = (
    "# How fast it is",
    "{count} pieces of work, measured beside other programs that do the same where there are any. `make bench` repeats "
    "it on your machine: it puts the peers into an environment of their own and runs everything in turns, pinned to "
    "one core. `make bench BENCH='jumps start'` runs a part. This page is made from `docs/speed.json` by `python -m "
    "benchmarks.page`.",
    "A time is processor time of one thread, the smallest of several runs. A ratio is the peer's time over szilard's: "
    "3 means that the peer takes three times as long. In brackets stands the target, and whether it is met; what is "
    "not is marked **NOT MET**. Ratios are steadier than times, but they too belong to this machine and this day. "
    '"Normals alone" and "bare C loop" are limits: the random numbers without anything else, and jumps without a '
    "clock. Faster than a limit is possible only where the limit's work is avoided.",
    "An answer has to be right before its speed counts. Below each table it says how often a program was compared with "
    "what is known exactly, or with another program, and how far off it was at worst. Where two programs do not do the "
    "same it is said too: szilard, NumPy and the C loop book heat and work for every trajectory, which the others do "
    "not; and the others solve problems that szilard does not.",
)
ABOUT = {
    "jumps": "A particle that jumps on a ring, or between any two of its states, at rates that do not change.",
    "copies": "Molecules that come one at a time and are lost one at a time: what network solvers are made for.",
    "driven": "Rates that change while one waits for the next jump.",
    "master": "Probabilities instead of samples.",
    "steady": "Where probabilities come to rest, and how often rare currents are seen.",
    "learning": "What this library is for. The path that the library has chosen stands behind the colon: in `line` and "
    "`span` only what the rule can reach is moved in every step, with the same law; `steps` moves every weight. A run "
    "has 384 steps; 1920 for one weight, and only 32 for 10000, where what a run costs before its first step and after "
    "its last counts most.",
    "diffusion": "Forces that are not linear, or that a control moves.",
    "linear": "Forces that are linear: a step of any length is exact.",
    "precision": "What counts in the end: how long until a number is known to 1 %. Time per step and error per replica "
    "both enter.",
    "sweep": "Whole studies. These are seconds on the wall: other programs at work make them longer.",
    "start": "What one waits for before anything happens.",
    "memory": "Nothing is kept per jump or per step, unless asked for.",
    "growth": "A slope of 0 means: twice the work takes twice the time.",
}


def written(blocks: dict[str, Any]) -> str:
    """The page."""
    count = sum(Block.from_dict(found).jobs for found in blocks.values())
    parts = ["\n\n".join(HEAD).format(count=count) + "\n", _measured(blocks)]
    for name, found in blocks.items():
        parts.append("\n".join(_section(name, Block.from_dict(found))))
    return "\n".join(parts).rstrip("\n") + "\n"


def _measured(blocks: dict[str, Any]) -> str:
    """Where and when, once for all blocks that were measured in the same circumstances."""
    rows = ["| what | processor | versions | when | load before |", "|---|---|---|---|---|"]
    for name, found in blocks.items():
        seen = found["circumstances"]
        versions = ", ".join(f"{who} {number}" for who, number in seen["versions"].items())
        machine = f"{seen['processor']}, {seen['cores']} cores"
        rows.append(f"| {name} | {machine} | {versions} | {seen['date']} | {seen['load']} |")
    about = (
        "Where, with what and when it was measured. The load is the average number of programs at work in the minute "
        "before; this benchmark itself is one of them, except before its first block. Where there are more, times are "
        "too long and ratios less certain."
    )
    return "\n".join(["## The machine", "", about, "", *rows, ""])


def _section(name: str, block: Block) -> Iterator[str]:
    yield from (f"## {block.title}", "", ABOUT.get(name, ""), "")
    for head, *rows in block.tables():
        yield "| " + " | ".join(head) + " |"
        yield "|" + "---|" * len(head)
        for row in rows:
            yield "| " + " | ".join(_marked(cell) for cell in row) + " |"
        yield ""
    if block.curves:
        yield from (f"```{{image}} images/{FIGURE.name}", f":alt: {block.title}", ":width: 100%", "```", "")
    for note in block.notes:
        yield from (note, "")


def _marked(cell: str) -> str:
    """A cell that Markdown leaves alone, with what was missed in bold."""
    for sign in "\\`*_|<[":
        cell = cell.replace(sign, f"\\{sign}")
    for verdict in ("NOT MET", "DOES NOT AGREE"):
        cell = cell.replace(verdict, f"**{verdict}**")
    return cell


def draw(curves: list[Curve], path: Path) -> None:
    """Time per unit of work against its amount, a panel for each axis, on logarithmic scales."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from szilard.plotting.style import INK, MUTED, series_look

    axes = list(dict.fromkeys((curve.over, curve.unit) for curve in curves))
    figure, panels = plt.subplots(2, (len(axes) + 1) // 2, figsize=(10.0, 6.0), layout="constrained", squeeze=False)
    for panel in panels.flat[len(axes) :]:
        panel.set_visible(False)
    for (over, unit), panel in zip(axes, panels.flat, strict=False):
        for i, curve in enumerate(c for c in curves if (c.over, c.unit) == (over, unit)):
            colour, marker = series_look(i)
            label = f"{curve.what.split(', ')[-1]}: {curve.slope:+.2f}"
            panel.loglog(curve.x, curve.y, color=colour, marker=marker, label=label)
        panel.set_xlabel(over, color=INK)
        panel.set_ylabel(unit, color=INK)
        panel.tick_params(colors=MUTED)
        panel.grid(which="major", alpha=0.25)
        low, high = panel.get_ylim()
        panel.set_ylim(10.0 ** floor(log10(low)), 10.0 ** ceil(log10(4.0 * high)))  # whole decades, room above
        panel.legend(fontsize=8, frameon=False, loc="upper right", title="slope", title_fontsize=8)
    figure.savefig(path, dpi=160, metadata={"Software": None})
    plt.close(figure)


def main() -> None:
    """Write the page and its figure."""
    blocks = read(SAVED)
    PAGE.write_text(written(blocks), encoding="utf-8")
    curves = [curve for found in blocks.values() for curve in Block.from_dict(found).curves]
    if curves:
        draw(curves, FIGURE)
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
