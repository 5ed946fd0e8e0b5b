"""Mistakes in what is shown: reports, answers, the explorer."""

from __future__ import annotations

from .case import mutant

FILES = {
    "pages_assumed": "tests/reporting/test_assumed.py",
    "pages_chooser": "tests/reporting/test_chooser.py",
    "pages_design": "tests/reporting/test_design_page.py",
    "pages_doubts": "tests/reporting/test_doubts.py",
    "pages_sentences": "tests/reporting/test_sentences.py",
    "pages_answer": "tests/questions/test_answer_report.py",
}
DOUBTS, SVG, ASSUMED, RUNS, CHOOSER, PROSE = (
    f"reporting/{name}.py" for name in ("doubts", "svg", "assumed", "runs", "chooser", "prose")
)

MUTANTS = (
    mutant(
        "pages: needed replicas without the square",
        "pages_doubts",
        (DOUBTS, "    return replicas * (error / aim) ** 2\n", "    return replicas * (error / aim)\n"),
    ),
    mutant(
        "pages: sigmas of holding and of violation exchanged",
        "pages_doubts",
        (
            DOUBTS,
            "wanted = HOLDS_SIGMAS if margin >= 0.0 else VIOLATED_SIGMAS",
            "wanted = VIOLATED_SIGMAS if margin >= 0.0 else HOLDS_SIGMAS",
        ),
    ),
    mutant("pages: marks upside down", "pages_design", (SVG, "POINTS * figure.get_figheight() - float(v)", "float(v)")),
    mutant(
        "pages: the assumptions of another law",
        "pages_assumed",
        (ASSUMED, 'else "one label" if held_out else "teacher"', 'else "teacher" if held_out else "one label"'),
    ),
    mutant(
        "pages: the noisiest run is the cheapest",
        "pages_design",
        (RUNS, "return sorted(sure or found,", "return sorted(found,"),
    ),
    mutant(
        "pages: a number as its own error",
        "pages_chooser",
        (
            CHOOSER,
            "return [estimate.value, _finite(estimate.stderr), SIDES",
            "return [estimate.value, _finite(estimate.value), SIDES",
        ),
    ),
    mutant(
        "pages: bits and nats exchanged",
        "pages_sentences",
        (PROSE, "times = price.value / log(2.0)", "times = price.value * log(2.0)"),
    ),
    mutant(
        "pages: figures of any size are embedded",
        "pages_answer",
        (
            "questions/answer_report.py",
            "if not (0.0 < width < 1e5 and 0.0 < height < 1e5):",
            "if 0.0 < width < 1e5 and 0.0 < height < 1e5:",
        ),
    ),
)
