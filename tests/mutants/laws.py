"""Mistakes in the laws, and in what they are held against: reversed runs, splits, information flows, demons."""

from __future__ import annotations

from .case import mutant

WORK, ENTROPY, PRECISION, SPEED = (
    "laws/work_relations.py",
    "laws/entropy_theorems.py",
    "laws/precision.py",
    "laws/speed.py",
)
ERASURE, MEASURED, FLOWS, CEILINGS = "laws/erasure.py", "laws/feedback.py", "laws/flows.py", "laws/ceilings.py"
CERTIFIED, APPLICABLE, ESTIMATE, CHECK = "laws/certified.py", "laws/applicable.py", "estimate.py", "check.py"
BACKWARD, SPLIT, PARTS, TRANSFER = (
    "discrete/backward.py",
    "discrete/split.py",
    "discrete/bipartite.py",
    "discrete/transfer_rate.py",
)
LANGEVIN_BACKWARD, LANGEVIN_SPLIT, LANGEVIN_PARTS, DEMONS = (
    "continuous/backward.py",
    "continuous/split.py",
    "continuous/bipartite.py",
    "systems/demons.py",
)
SENSORS = "systems/sensors.py"

MUTANTS = (
    mutant(
        "work: temperature lost in Jarzynski",
        "work-laws",
        (WORK, "exponential_average((w - given.value) / t)", "exponential_average(w - given.value)"),
    ),
    mutant("work: sizes exchanged in Bennett's M", "work-laws", (WORK, "m = log(n_f / n_r)", "m = log(n_r / n_f)")),
    mutant("work: reverse work of the wrong sign", "work-laws", (WORK, "-m + reverse + d)", "-m - reverse + d)")),
    mutant(
        "work: temperature lost in the error of Crooks",
        "work-laws",
        (WORK, "t * found.value, t * found.stderr", "t * found.value, found.stderr"),
    ),
    mutant(
        "work: paths never taken forgotten in the error of Jarzynski",
        "work-laws",
        ("estimate.py", "UNSEEN / n * mean", "0.0 / n * mean"),
    ),
    mutant(
        "work: paths never taken forgotten in the error of Crooks",
        "work-laws",
        (WORK, "f.size + (UNSEEN / f.size) ** 2)", "f.size)"),
    ),
    mutant(
        "entropy: unpaired error of Gallavotti",
        "entropy-laws",
        (ENTROPY, 'GALLAVOTTI_COHEN, stderr, "=")', 'GALLAVOTTI_COHEN, None, "=")'),
    ),
    mutant(
        "entropy: reverse not mirrored",
        "entropy-laws",
        (ENTROPY, "mirrored = -per_replica(reverse", "mirrored = per_replica(reverse"),
    ),
    mutant(
        "entropy: same half stands in for its reverse",
        "entropy-laws",
        (ENTROPY, "s, mirrored = s[::2], -s[1::2]", "s, mirrored = s[::2], -s[::2]"),
    ),
    mutant(
        "entropy: spread of the reverse runs forgotten",
        "entropy-laws",
        (ENTROPY, "counts), of_forward + of_reverse", "counts), of_forward"),
    ),
    mutant(
        "precision: factor 2 lost",
        "precision-laws",
        (PRECISION, '"2 <J>^2 / Var J <= Sigma", scaled(x, 2.0), sigma', '"2 <J>^2 / Var J <= Sigma", x, sigma'),
    ),
    mutant(
        "precision: mean and variance unpaired",
        "precision-laws",
        (PRECISION, "slope * r.influence - (r.value", "slope * r.influence + (r.value"),
    ),
    mutant(
        "precision: factor 2 lost in discrete time",
        "precision-laws",
        (PRECISION, "per_step = 2.0 * x.value / steps", "per_step = x.value / steps"),
    ),
    mutant(
        "precision: response ignored by counts",
        "precision-laws",
        (PRECISION, "x, ess = _precision(current, response)\n    what", "x, ess = _precision(current, None)\n    what"),
    ),
    mutant(
        "speed: factor 2 lost",
        "speed-laws",
        (SPEED, "square.value / (2.0 * jumps.value * tau)\n    by", "square.value / (jumps.value * tau)\n    by"),
    ),
    mutant("speed: samples paired as they come", "speed-laws", (SPEED, "a, b = x[place_x], y[place_y]", "a, b = x, y")),
    mutant(
        "erasure: entropy of the wrong sign",
        "erasure-laws",
        (ERASURE, '"entropy_change"), -T)', '"entropy_change"), T)'),
    ),
    mutant(
        "erasure: temperature lost in the cost of haste",
        "erasure-laws",
        (ERASURE, "known(T * square / (D * tau)", "known(square / (D * tau)"),
    ),
    mutant("erasure: temperature lost in the gap", "erasure-laws", (ERASURE, "-2.0 * T * np.log", "-2.0 * np.log")),
    mutant("measured: information of the wrong sign", "feedback-laws", (MEASURED, "/ T + i)", "/ T - i)")),
    mutant(
        "measured: temperature lost",
        "feedback-laws",
        (MEASURED, "exponential_average((W - dF) / T + i)", "exponential_average((W - dF) + i)"),
    ),
    mutant(
        "flows: all heat over the first temperature",
        "flow-laws",
        (FLOWS, '1.0 / positive(t, f"temperature[{r}]")', '1.0 / positive(temperature[0], "temperature")'),
    ),
    mutant("flows: prediction wasted too", "flow-laws", (FLOWS, '"prediction"), -T)', '"prediction"), T)')),
    mutant(
        "flows: free energy given up of the wrong sign",
        "flow-laws",
        (FLOWS, '"free_energy_change"), -1.0)', '"free_energy_change"), 1.0)'),
    ),
    mutant(
        "flows: learning rate above transfer entropy",
        "flow-laws",
        (FLOWS, 'known(flow, "flow"), taken', 'taken, known(flow, "flow")'),
    ),
    mutant(
        "ceilings: traffic with the whole force",
        "ceilings",
        (CEILINGS, "scaled(K, F * tanh(0.5 * F))", "scaled(K, F * tanh(F))"),
    ),
    mutant("ceilings: half of the variation lost", "ceilings", (CEILINGS, "(2.0 * k * T)", "(4.0 * k * T)")),
    mutant(
        "ceilings: temperature lost in the certified one", "ceilings", (CERTIFIED, "y = root * F / T", "y = root * F")
    ),
    mutant(
        "ceilings: judged on the half it was fitted to",
        "ceilings",
        (
            CERTIFIED,
            "squares[seen::2] = _residual(families[k], w[seen::2], y[seen::2], root, c)",
            "squares[fitted::2] = _residual(families[k], w[fitted::2], y[fitted::2], root, c)",
        ),
    ),
    mutant(
        "ceilings: family chosen on what it was fitted to",
        "ceilings",
        (CERTIFIED, "_residual(family, w[1::2], y[1::2], root, c)", "_residual(family, w[::2], y[::2], root, c)"),
    ),
    mutant(
        "variation: first change forgotten", "outcome", ("learning/additive.py", "abs(float(factors[0])) +", "0.0 +")
    ),
    mutant(
        "applicable: directions exchanged",
        "applicable",
        (APPLICABLE, "crooks(done.work, done.backward", "crooks(done.backward, done.work"),
    ),
    mutant(
        "applicable: response forgotten", "applicable", (APPLICABLE, "None if facts.steady else flow.response", "None")
    ),
    mutant(
        "applicable: steady law of a relaxation",
        "applicable",
        (APPLICABLE, "if flow.odd and S is not None and facts.steady:", "if flow.odd and S is not None:"),
    ),
    mutant(
        "exponential average upside down", "estimate", (ESTIMATE, "w = np.exp(-(x - shift))", "w = np.exp(x - shift)")
    ),
    mutant(
        "exponential average: long tails trusted",
        "estimate",
        (ESTIMATE, "return min(worth, SEEN_PRICE * seen) if exponential else worth", "return worth"),
    ),
    mutant(
        "equality: only too small is unequal", "check", (CHECK, " or (may_hold and self.margin > VIOLATED_SIGMAS)", "")
    ),
    mutant(
        "equality: holds on one side only",
        "check",
        (CHECK, "abs(self.margin) <= EQUAL_SIGMAS", "self.margin <= EQUAL_SIGMAS"),
    ),
    mutant(
        "backward: control not reversed",
        "jump-backward",
        (BACKWARD, "course = run.course.reversed()", "course = run.course"),
    ),
    mutant(
        "backward: started where the forward one was",
        "jump-backward",
        (BACKWARD, "states = drawn(rho,", "states = drawn(p0,"),
    ),
    mutant(
        "backward: temperature lost",
        "jump-backward",
        ("ledger.py", "(self.heat / self.temperatures)", "self.heat"),
    ),
    mutant(
        "split: excess of the wrong sign",
        "jump-split",
        (SPLIT, "bincount(paths.owner, fall,", "bincount(paths.owner, -fall,"),
    ),
    mutant(
        "split: last stationary state at both ends",
        "jump-split",
        (SPLIT, "last[run.final] - first[run.initial]", "last[run.final] - last[run.initial]"),
    ),
    mutant(
        "split: temperature lost", "jump-split", (SPLIT, "flow = ledger.entropy_flow", "flow = ledger.heat.sum(axis=1)")
    ),
    mutant(
        "parts: exchanged",
        "jump-parts",
        (
            PARTS,
            "part = (s // ny == t // ny).astype(np.int64)\n    table",
            "part = (s // ny != t // ny).astype(np.int64)\n    table",
        ),
    ),
    mutant(
        "parts: flow of the wrong sign",
        "jump-parts",
        (PARTS, "summed(told[part, t] - told[part, s])", "summed(told[part, s] - told[part, t])"),
    ),
    mutant(
        "transfer: transposed rates of x",
        "jump-parts",
        (TRANSFER, "np.add.at(k, (u[x != u], x[x != u],", "np.add.at(k, (x[x != u], u[x != u],"),
    ),
    mutant(
        "transfer: silence tells nothing",
        "jump-parts",
        (TRANSFER, "inner[x] - np.diag(k[:, x].sum(axis=0))", "inner[x]"),
    ),
    mutant(
        "langevin backward: control not reversed",
        "langevin-backward",
        (LANGEVIN_BACKWARD, "steps.control[real][::-1].copy()", "steps.control[real].copy()"),
    ),
    mutant(
        "langevin backward: ends exchanged",
        "langevin-backward",
        (
            LANGEVIN_BACKWARD,
            "rho.log_density(back.initial) - p0.log_density(back.final)",
            "p0.log_density(back.initial) - rho.log_density(back.final)",
        ),
    ),
    mutant(
        "langevin backward: free energy of the wrong sign",
        "langevin-backward",
        (
            LANGEVIN_BACKWARD,
            "free_energy(process, last, **shared) - free_energy(process, first, **shared)",
            "free_energy(process, first, **shared) - free_energy(process, last, **shared)",
        ),
    ),
    mutant(
        "langevin split: Y of the wrong sign",
        "langevin-split",
        (
            LANGEVIN_SPLIT,
            "bowls[control[i]].at(w) - bowls[control[i - 1]].at(w)",
            "bowls[control[i - 1]].at(w) - bowls[control[i]].at(w)",
        ),
    ),
    mutant(
        "langevin split: temperature lost",
        "langevin-split",
        (LANGEVIN_SPLIT, "(run.ledger.energy_change - shift) / warm[0]", "run.ledger.energy_change - shift"),
    ),
    mutant(
        "langevin parts: covariance transposed",
        "langevin-parts",
        (LANGEVIN_PARTS, "np.diag(at.matrix @ flux.T)", "np.diag(at.matrix @ flux)"),
    ),
    mutant(
        "langevin parts: filter transposed",
        "langevin-parts",
        (LANGEVIN_PARTS, "-A[np.ix_(y, y)].T, C.T", "-A[np.ix_(y, y)], C.T"),
    ),
    mutant(
        "demon: prior for posterior at the start",
        "demons",
        (DEMONS, "self.joint[:, m] / pm[m], duration", "px, duration"),
    ),
    mutant(
        "sensor: drive of the flips dropped",
        "sensors",
        (SENSORS, "own[above] - own[below], temp", "0.0 * own[above], temp"),
    ),
    mutant(
        "unseen: mirrored on the wrong side",
        "work-laws entropy-laws",
        ("laws/unseen.py", "(-back < x.min())", "(back < x.min())"),
    ),
    mutant(
        "unseen: what is missed forgotten",
        "entropy-laws",
        ("laws/unseen.py", "/ (2.0 * missed)) ** 2", "/ (2.0e-9 * missed)) ** 2"),
    ),
    mutant(
        "applicable: replicas for jumps",
        "applicable",
        (APPLICABLE, "ess=jumps if e.ess is None else min(e.ess, jumps)", "ess=e.ess"),
    ),
    mutant(
        "run: dual rates not mirrored",
        "run-laws",
        ("discrete/applicable.py", "rate[edges.reverse] * np.exp", "rate * np.exp"),
    ),
    mutant(
        "run: states that were seen for those that were not",
        "run-laws",
        ("discrete/applicable.py", "[~seen].sum()", "[seen].sum()"),
    ),
)

SAMPLED = (
    "test_means_are_the_exact_ones",
    "test_both_parts_obey_their_integral_theorem",
    "test_no_paths_are_needed_while_nothing_moves",
    "test_without_drive_at_one_temperature_nothing_is_kept",
)
"""Of the split of jumps, those tests that draw no processes: a failing one need not be made smaller."""

FILES = {
    "work-laws": "tests/laws/test_work_relations.py",
    "entropy-laws": "tests/laws/test_entropy_theorems.py",
    "precision-laws": "tests/laws/test_precision.py",
    "speed-laws": "tests/laws/test_speed.py",
    "erasure-laws": "tests/laws/test_erasure.py",
    "feedback-laws": "tests/laws/test_feedback.py",
    "flow-laws": "tests/laws/test_flows.py",
    "ceilings": "tests/laws/test_ceilings.py",
    "outcome": "tests/learning/test_outcome.py",
    "applicable": "tests/laws/test_applicable.py",
    "run-laws": "tests/discrete/test_run_laws.py",
    "jump-backward": "tests/discrete/test_backward.py",
    "jump-split": " ".join(f"tests/discrete/test_split.py::{name}" for name in SAMPLED),
    "jump-parts": "tests/discrete/test_bipartite.py",
    "langevin-backward": "tests/continuous/test_backward.py",
    "langevin-split": "tests/continuous/test_split.py",
    "langevin-parts": "tests/continuous/test_bipartite.py",
    "demons": "tests/systems/test_demons.py",
    "sensors": "tests/systems/test_sensors.py",
}
