"""Study files with pieces changed at random: each is a valid study or one InputError, soon and in little memory."""

from __future__ import annotations

import time
import tracemalloc

from hypothesis import strategies as st

from szilard.errors import InputError
from szilard.study import Study
from szilard.study.designs import MAX_CELLS
from szilard.study.spec import template_text

EVERY_KEY = """\
name = "every key"
seed = 7
replicas = 60
kelvin = 310.0
[task]
source = "random"
classes = [3, 8]
labels = "none"
patterns = 4
inputs = 8
held_out = 3
[training]
readout = ["sign", "thermal"]
temperature = 1.0
stiffness = 2
mobility = [0.5, 1.0]
[[grid]]
labelling = ["random", "teacher"]
rule = ["hebbian", "perceptron", "adatron"]
learning_rate = [1.0, 4.0]
schedule = ["quench", "ramp:10"]
duration = 16.0
dt = 0.01
[[grid]]
mode = "online"
dwell = 0.5
order = "random"
online = "flow"
"""
EVERY_DESIGN = """\
name = "every design"
seed = 7
[precision]
quantity = "heat"
relative_error = 0.1
absolute_error = 0.2
block = 200
at_most = 1000
[task]
source = "random"
patterns = 4
inputs = 8
[[design]]
kind = "random"
points = 4
rule = ["gradient", "hebbian_decay"]
parameter = { low = 0.5, high = 2.0 }
learning_rate = { low = 0.1, high = 10.0, scale = "log" }
ramp = { low = 0.0, high = 2.0 }
feedback = { low = -0.5, high = 0.5 }
answer_rate = [0.5, 1.0]
answer_gain = 1.0
network = "committee:2"
[[design]]
kind = "sobol"
points = 8
patterns = { low = 1, high = 6 }
inputs = { low = 2, high = 9 }
drawing = { low = 0, high = 3 }
"""
TOKENS = [
    "[[design]]", "points = ", "{ low = 1, high = 2 }", "scale", "[precision]",
    "=", "[", "]", "[[", "]]", "{", "}", '"', "'", '"""', "'''", ",", ".", "\n", "\r", "\0", "#", " ", "\\", "\ufeff",
    "\\u0000", "\\ud800", "nan", "inf", "-", "-1", "0", "1e400", "1e308", "5e-324", "1_000_000_000_000", "9" * 4400,
    "0x" + "f" * 9999, "true", "1979-05-27", "[grid]", "[[grid]]", "[[task]]", "rule = []", "ramp:", "../..", "x.csv",
    "[" * 99, "a." * 40, "[0,1,2,3,4,5,6,7,8,9]", "\x1b[31m", "é", "\U0001f9e0", "digits", "last", "true", "[[0.5]]",
]  # fmt: skip


def mutated(valid: str) -> st.SearchStrategy[str]:
    """The text after a few cuts and insertions."""
    place = st.integers(0, len(valid))
    edit = st.tuples(place, st.integers(0, 12), st.sampled_from(TOKENS) | st.text(max_size=3))

    def apply(edits: list[tuple[int, int, str]]) -> str:
        text = valid
        for start, gone, new in edits:
            text = text[:start] + new + text[start + gone :]
        return text

    return st.lists(edit, min_size=1, max_size=4).map(apply)


def lines(valid: str) -> st.SearchStrategy[str]:
    """Its lines in another order, some twice, some gone; and values exchanged between keys."""
    every = valid.splitlines()
    values = [line.split(" = ", 1)[1] for line in every if " = " in line]

    def exchange(pairs: list[tuple[str, str | None]]) -> str:
        return "\n".join(
            line.split(" = ", 1)[0] + " = " + value if value and " = " in line else line for line, value in pairs
        )

    some = st.lists(st.tuples(st.sampled_from(every), st.none() | st.sampled_from(values)), max_size=2 * len(every))
    swapped = st.lists(st.none() | st.sampled_from(values), min_size=len(every), max_size=len(every))
    return some.map(exchange) | swapped.map(lambda new: exchange(list(zip(every, new, strict=True))))


def texts() -> st.SearchStrategy[str]:
    """All of these, and text that is no study at all."""
    return (
        mutated(EVERY_KEY)
        | lines(EVERY_KEY)
        | mutated(template_text("grid"))
        | mutated(template_text("precision"))
        | mutated(template_text("design"))
        | lines(EVERY_DESIGN)
        | st.text(max_size=80)
        | st.lists(st.sampled_from(TOKENS), max_size=9).map("".join)
    )


def taken(text: str) -> bool:
    """Whether the text is a valid study, after checking how it was taken or refused."""
    started = time.process_time()
    tracemalloc.start()
    try:
        study = Study(text)
    except InputError as error:
        assert error.field
        assert error.rule
        assert error.fix
        assert len(str(error)) < 600
        return False
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert time.process_time() - started < 5.0
        assert peak < 200 * 2**20
    assert 1 <= len(study.cells) <= MAX_CELLS
    assert len({cell.key for cell in study.cells}) == len(study.cells)
    assert study.name.isprintable()
    assert Study(text).cells == study.cells
    return True
