"""Mistakes in learning, estimates and bounds."""

from __future__ import annotations

from .case import mutant

KERNEL, NORMALS, POSTERIOR = "_kernels/learning.py", "_kernels/random.py", "_kernels/posterior.py"
SETTINGS, REPLICAS, OUTCOME = "learning/settings.py", "learning/replicas.py", "learning/outcome.py"

MUTANTS = (
    mutant(
        "heat of the wrong sign",
        "oracles",
        (KERNEL, "books[HEAT, lane] += heat[lane]", "books[HEAT, lane] -= heat[lane]"),
    ),
    mutant(
        "drive forgotten in heat, work and energy",  # the first law still holds
        "oracles",
        (KERNEL, "fall[lane] + amount * (loss[lane] - new_loss[lane])", "fall[lane]"),
        (KERNEL, "work[lane] = strength * (s - last) * loss[lane] if flags & HAS_LOSS else 0.0", "work[lane] = 0.0"),
        (KERNEL, "work[lane] = strength * (s * new_loss[lane] - last * loss[lane])", "work[lane] = 0.0"),
        (REPLICAS, "work = work + (s.strength if s.answering is None else 1.0) * (closing - last) * loss", "pass"),
        (REPLICAS, "final += s.strength * closing * self._loss(steps, fields, labels, loss)", "pass"),
    ),
    mutant(
        "learning work dropped",
        "oracles",
        (KERNEL, "work[lane] = strength * (s - last) * loss[lane] if flags & HAS_LOSS else 0.0", "work[lane] = 0.0"),
    ),
    mutant(
        "switch of the shown pattern costs no work",
        "oracles",
        (KERNEL, "strength * (s * new_loss[lane] - last * loss[lane])", "strength * (s - last) * loss[lane]"),
    ),
    mutant(
        "books closed at the last step, not at the schedule's end",
        "oracles engines",
        (REPLICAS, "closing = float(s.schedule(s.duration)) if steps == s.steps else last", "closing = last"),
    ),
    mutant(
        "temperature lost in the noise",
        "oracles",
        (SETTINGS, "sqrt(-expm1(-2.0 * x) * self.temperature / self", "sqrt(-expm1(-2.0 * x) / self"),
    ),
    mutant("square root of 2 lost in the noise", "oracles", (SETTINGS, "sqrt(-expm1(-2.0 * x)", "sqrt(-expm1(-x)")),
    mutant("square root of 2 lost in the normals", "kernels", (NORMALS, "sqrt(-2.0 * log(", "sqrt(-log(")),
    mutant(
        "mobility lost", "oracles", (SETTINGS, "self.mobility * self.stiffness * self.dt", "self.stiffness * self.dt")
    ),
    mutant(
        "start at the wrong width",
        "oracles",
        (REPLICAS, "np.sqrt(s.temperature / s.stiffness)", "np.sqrt(s.temperature)"),
    ),
    mutant("wrong stiffness in the fall of energy", "oracles", (KERNEL, "0.5 * stiffness * (w - v)", "0.5 * (w - v)")),
    mutant(
        "schedule's factor dropped",
        "oracles",
        (KERNEL, "amount = strength * s\n        for lane", "amount = strength\n        for lane"),
        (KERNEL, "amount = strength * s\n        if i == 0", "amount = strength\n        if i == 0"),
    ),
    mutant(
        "staircase at the left end of each step",
        "oracles",
        (SETTINGS, "dtype=np.float64) + 0.5)", "dtype=np.float64))"),
    ),
    mutant(
        "midpoint at the left end",
        "engines",
        (KERNEL, "0.5 * amount * (force[n, lane] + before[n, lane])", "amount * before[n, lane]"),
    ),
    mutant(
        "temperature lost in Q/T",
        "oracles",
        (OUTCOME, "return heat.scaled(1.0 / self.settings.temperature)", "return heat"),
    ),
    mutant(
        "temperature lost in the conditional entropy",
        "oracles",
        (REPLICAS, ".sum(axis=1) - initial) / at.temperature", ".sum(axis=1) - initial)"),
    ),
    mutant(
        "conditional entropy of the wrong sign",
        "oracles",
        (
            REPLICAS,
            "(0.5 * at.stiffness * (away * away).sum(axis=1) - initial)",
            "(initial - 0.5 * at.stiffness * (away * away).sum(axis=1))",
        ),
    ),
    mutant(
        "entropy of the wrong sign in the cost",
        "oracles",
        (OUTCOME, "return self.entropy_change + self.heat_paid", "return self.heat_paid - self.entropy_change"),
    ),
    mutant("temperature lost in the initial entropy", "oracles", (OUTCOME, "np.e * s.temperature / s", "np.e / s")),
    mutant(
        "learns the wrong label",
        "oracles",
        ("learning/rules.py", "    return label\n", "    return -label\n"),
        ("learning/rules.py", "    return -label * field\n", "    return label * field\n"),
    ),
    mutant(
        "answers the wrong label", "oracles", (OUTCOME, "stability = fields * labels", "stability = -fields * labels")
    ),
    mutant(
        "temperature lost in the readout",
        "oracles",
        (OUTCOME, "np.tanh(stability / (2.0 * self.settings.temperature))", "np.tanh(stability / 2.0)"),
    ),
    mutant("temperature lost in the output", "engines", (KERNEL, "tanh(a / (2.0 * temperature))", "tanh(a / 2.0)")),
    mutant(
        "label of another pattern",
        "engines",
        (KERNEL, "label[0, lane] = labels[mu, lane]", "label[0, lane] = labels[0, lane]"),
    ),
    mutant(
        "impulse taken for a force",
        "online",
        (SETTINGS, "else self.learning_rate / self.dwell", "else self.learning_rate"),
    ),
    mutant("kick that follows the weight", "online", (REPLICAS, 's.substeps, s.online == "kick"', "s.substeps, False")),
    mutant(
        "one order for all replicas",
        "online",
        (KERNEL, "np.uint64(turn) >> U32, np.uint64(first + lane)", "np.uint64(turn) >> U32, np.uint64(first)"),
    ),
    mutant("order repeats", "online", (KERNEL, "philox(np.uint64(turn) & LOW", "philox(np.uint64(0) & LOW")),
    mutant(
        "labels and noise of one stream",
        "kernels",
        (NORMALS, "FREE = _STREAMS", "FREE = (*_STREAMS[:2], _STREAMS[3], *_STREAMS[3:])"),
    ),
    mutant(
        "mean weights remembered backwards",
        "online",
        ("learning/additive.py", "decay ** (steps[-1] - steps)", "decay**steps"),
    ),
    mutant("posterior with attracting labels", "budget", (POSTERIOR, "tilt[0] -= coupling", "tilt[0] += coupling")),
    mutant(
        "readout loss of the wrong sign",
        "budget",
        ("learning/decomposition.py", "k.of_each - learned", "learned - k.of_each"),
    ),
    mutant(
        "temperature lost in the dissipation by free energies",
        "budget",
        ("learning/equilibrium.py", "lost.scaled(1.0 / settings.temperature)", "lost.scaled(1.0)"),
    ),
    mutant(
        "bias of the information left in",
        "information",
        ("information/binary.py", "label_information(mean) - bias", "label_information(mean)"),
    ),
    mutant(
        "neighbours counted among R, not R - 1",
        "information",
        ("information/differential.py", "digamma(replicas) - digamma(k)", "digamma(replicas + 1) - digamma(k + 1)"),
    ),
    mutant(
        "rare paths trusted",
        "estimate",
        ("estimate.py", "if seen >= ENOUGH:", "if seen >= 0.0:"),
    ),
    mutant(
        "difference of correlated numbers as if independent",
        "estimate",
        ("estimate.py", "self.influence - other.influence", "np.hypot(self.influence, other.influence)"),
    ),
    mutant(
        "bound the wrong way round",
        "check",
        ("check.py", "self.larger.value - self.smaller.value", "self.smaller.value - self.larger.value"),
    ),
)

FILES = {
    "oracles": "tests/learning/test_oracles.py",
    "engines": "tests/learning/test_engines.py",
    "online": "tests/learning/test_online.py",
    "budget": "tests/learning/test_budget.py",
    "information": "tests/information",
    "kernels": "tests/kernels",
    "estimate": "tests/test_estimate.py",
    "check": "tests/test_check.py",
}
