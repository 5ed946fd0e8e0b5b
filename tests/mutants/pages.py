"""Mistakes in what is shown: figures, HTML of results, progress, reports, answers, the explorer."""

from __future__ import annotations

from .case import mutant

FILES = {
    "pages_assumed": "tests/reporting/test_assumed.py",
    "pages_chooser": "tests/reporting/test_chooser.py",
    "pages_design": "tests/reporting/test_design_page.py",
    "pages_doubts": "tests/reporting/test_doubts.py",
    "pages_sentences": "tests/reporting/test_sentences.py",
    "pages_answer": "tests/questions/test_answer_report.py",
    "figures_theory": "tests/plotting/test_theory_figures.py",
    "figures_printed": "tests/plotting/test_printed.py",
    "figures_widths": "tests/plotting/test_page_widths.py",
    "explorer_gate": "tests/explorer/test_gate.py",
    "explorer_exact": "tests/explorer/test_closed_forms.py",
    "explorer_frames": "tests/explorer/test_frames.py",
    "shown_markup": "tests/test_markup.py",
    "shown_progress": "tests/test_progress.py",
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
    mutant(
        "figures: a theorem's line through the mirrored point",
        "figures_theory",
        ("plotting/theorems.py", "slope * (ends - crossing)", "slope * (ends + crossing)"),
    ),
    mutant(
        "figures: the error of one count alone",
        "figures_theory",
        ("plotting/theorems.py", "variance = 1.0 / c + 1.0 / d", "variance = 1.0 / c"),
    ),
    mutant(
        "figures: a sample as its own mirror image",
        "figures_theory",
        ("plotting/theorems.py", "b = -a if mirrored is None", "b = a if mirrored is None"),
    ),
    mutant(
        "figures: the corridor shaded as forbidden",
        "figures_theory",
        ("plotting/between.py", "ax.fill_between(a, bottom, low,", "ax.fill_between(a, bottom, high,"),
    ),
    mutant(
        "figures: a column too wide", "figures_printed", ("plotting/printed.py", '"single": 3.375', '"single": 3.75')
    ),
    mutant(
        "figures: print too small to read",
        "figures_widths",
        ("plotting/style.py", "PRINT = 8.0 / 9.0", "PRINT = 6.5 / 9.0"),
    ),
    mutant(
        "explorer: any Host will do",
        "explorer_gate",
        ("explorer/gate.py", "return known and asked and hosts == [here]", "return known and asked and True"),
    ),
    mutant(
        "explorer: a token of the right length will do",
        "explorer_gate",
        (
            "explorer/gate.py",
            "known = hmac.compare_digest(",
            "known = len(first) == len(token) or hmac.compare_digest(",
        ),
    ),
    mutant(
        "explorer: exact work of the wrong sign",
        "explorer_exact",
        (
            "explorer/closed_forms.py",
            "0.5 * books.response**2 - held * books.response",
            "0.5 * books.response**2 + held * books.response",
        ),
    ),
    mutant(
        "explorer: exact variance without its temperature",
        "explorer_exact",
        (
            "explorer/closed_forms.py",
            "variance = settings.temperature / settings.stiffness",
            "variance = 1.0 / settings.stiffness",
        ),
    ),
    mutant(
        "explorer: a frame on the way books the whole run",
        "explorer_frames",
        ("explorer/frames.py", "yield state.finish(done, pool)", "yield state.finish(settings.steps, pool)"),
    ),
    mutant(
        "explorer: labels exchanged",
        "explorer_frames",
        ("explorer/frames.py", "for label in (-1, 1)]", "for label in (1, -1)]"),
    ),
    mutant(
        "results: shares of themselves",
        "shown_markup",
        ("shares.py", "100.0 * size / width, total", "100.0 * size / total, total"),
    ),
    mutant(
        "results: names as markup",
        "shown_markup",
        ("markup.py", "return cell if isinstance(cell, Html) else escape(cell)", "return cell"),
    ),
    mutant(
        "results: the time left counts what was done before",
        "shown_progress",
        ("progress.py", "/ (self.share - self.begun[1])", "/ self.share"),
    ),
)
