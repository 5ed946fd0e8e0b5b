"""Mistakes in what is stepped, what is known beforehand, and the arithmetic below both."""

from __future__ import annotations

from .case import mutant

KERNEL, REPLICAS, REACH = "_kernels/learning.py", "learning/replicas.py", "learning/reach.py"
CONTROLS, BLURRED, ENTROPY = "learning/controls.py", "information/blurred.py", "learning/weight_entropy.py"
SUMS = "_kernels/sums.py"

MUTANTS = (
    mutant(
        "heat beside the line dropped", "reach", (KERNEL, "books[HEAT, lane] += heat\n", "books[HEAT, lane] += 0.0\n")
    ),
    mutant(
        "heat on the line booked twice",
        "reach",
        (KERNEL, "fall[lane] = -(a - b) * (a + b)", "fall[lane] = 0.0"),
    ),
    mutant(
        "heat beside the reach dropped",
        "reach",
        (REPLICAS, "books[kernels.HEAT] += fall", "books[kernels.HEAT] += 0.0"),
    ),
    mutant(
        "free weights of the line never renewed",
        "reach",
        (KERNEL, "fill_normals(BESIDE, pair, step", "fill_normals(BESIDE, pair, 0"),
    ),
    mutant(
        "weights beside the reach rest where they were",
        "reach",
        (REACH, "decay * start + kick * noise", "start"),
    ),
    mutant(
        "place on the line taken from the weights, not from the steps",
        "reach",
        (KERNEL, "shift[lane] = (along[0, lane] - shift[lane] / length) / length", "shift[lane] = 0.0 / length"),
    ),
    mutant(
        "noise on a line drawn for every second step only",
        "reach",
        (KERNEL, "noise = odd if half or (alone and step % 2) else even", "noise = odd if half else even"),
    ),
    mutant(
        "line of another pattern",
        "reach",
        (REPLICAS, "s.law_of(late), self.order, steps // s.substeps", "s.law_of(late), self.order, 0"),
    ),
    mutant(
        "law of one step for a whole showing",
        "reach",
        (REPLICAS, "self.settings.law_of(self.settings.substeps)", "self.settings.law"),
    ),
    mutant(
        "twin pushed",
        "reach",
        (KERNEL, "row[lane] = decay * row[lane] + kick", "row[lane] = decay * w_row[lane] + kick"),
    ),
    mutant(
        "twin without noise",
        "controls",
        (KERNEL, "row[lane] = decay * row[lane] + kick * noise[lane]", "row[lane] = decay * row[lane]"),
    ),
    mutant(
        "patterns that add nothing add a direction",
        "reach",
        (REACH, "if size > DEPENDENT * sqrt(float((pattern * pattern).sum())):", "if size > 0.0:"),
    ),
    mutant(
        "products above the diagonal counted, those below not",
        "reach",
        (KERNEL, "add_lower(inputs, weights, fields)", "add_upper(inputs, weights, fields)"),
    ),
    mutant(
        "luck of the heat with the wrong mean",
        "controls",
        (CONTROLS, "known.append(run.initial_loss - mean)", "known.append(run.initial_loss)"),
    ),
    mutant(
        "luck of the twin's loss with the wrong mean",
        "controls",
        (CONTROLS, "known.append(responses[1] - mean)", "known.append(responses[1])"),
    ),
    mutant(
        "start forgotten in the twin's energy",
        "controls",
        (
            CONTROLS,
            "return run.initial_energy + run.settings.temperature * told",
            "return run.settings.temperature * told",
        ),
    ),
    mutant(
        "energy beside the span of all weights",
        "controls",
        (CONTROLS, "0.5 * (s.n_weights - len(basis)) * t", "0.5 * s.n_weights * t"),
    ),
    mutant(
        "twin's answers with the wrong mean",
        "controls",
        (CONTROLS, "(b > level) - ndtr(-level)", "(b > level) - ndtr(level)"),
    ),
    mutant(
        "labels push themselves",
        "controls",
        (
            CONTROLS,
            "np.fill_diagonal(overlaps, 0.0)\n        known.append(run.labels",
            "known.append(run.labels",
        ),
    ),
    mutant(
        "luck added instead of taken away",
        "estimate joint",
        (
            "estimate.py",
            "value=self.value + luck, influence=left - luck",
            "value=self.value - luck, influence=left - luck",
        ),
    ),
    mutant(
        "controls fitted to their own samples",
        "estimate",
        ("estimate.py", "for own, other in (halves, halves[::-1]):", "for own, other in (halves, halves):"),
    ),
    mutant(
        "no luck taken from the entropy that the heat has lost",
        "joint",
        (
            "learning/outcome.py",
            "return self._sampled_entropy.freed(self._heat_controls)",
            "return self._sampled_entropy",
        ),
    ),
    mutant("blurred entropy lies low", "blurred", (BLURRED, "value + 0.5 * (cells - 1.0) / m.size", "value")),
    mutant(
        "error of a blurred entropy as if the noise were sampled too",
        "blurred",
        (BLURRED, "each - value)", "-log_p.mean() - value + 0.0 * each)"),
    ),
    mutant(
        "noise beside the span as wide as everywhere",
        "controls",
        (ENTROPY, "shares = 1.0 - (basis * basis).sum(axis=0)", "shares = np.ones(s.n_weights)"),
    ),
    mutant(
        "last terms of a sum left out", "sums", (SUMS, "for j in range(whole, end):", "for j in range(whole, end - 1):")
    ),
    mutant(
        "triangle of the other side",
        "sums",
        (
            SUMS,
            "begin = max(start, i) if triangle == UPPER else start",
            "begin = max(start, i) if triangle == LOWER else start",
        ),
    ),
    mutant(
        "sums in another order",
        "sums",
        (
            SUMS,
            "r = r + ((matrix[i, j] * a + matrix[i, j + 1] * b) + (",
            "r = (r + (matrix[i, j] * a + matrix[i, j + 1] * b)) + ((",
        ),
    ),
)

FILES = {
    "reach": "tests/learning/test_reach.py",
    "controls": "tests/learning/test_controls.py",
    "joint": "tests/learning/test_joint_controls.py",
    "blurred": "tests/information/test_blurred.py",
    "sums": "tests/kernels/test_sums.py",
}
