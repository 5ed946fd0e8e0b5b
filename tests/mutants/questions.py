"""Mistakes in the three questions: their exact formulas, their runs, their verdicts, and what keeps the pieces."""

from __future__ import annotations

from .case import mutant

CEILING, LIMIT, RULES = "questions/ceiling/", "questions/limit/", "questions/rules/"
SCHEDULES, CLASSES = CEILING + "corridor_schedules.py", CEILING + "corridor_classes.py"
PROCESSES, MAINTENANCE = CEILING + "maintenance_processes.py", CEILING + "maintenance.py"
EPISODE = CEILING + "episode.py"
CHAINS, WARMTH, NOISE = LIMIT + "breaks_chains.py", LIMIT + "breaks_temperature.py", LIMIT + "breaks_noise.py"
FOLLOWING, FORCED = LIMIT + "following.py", LIMIT + "breaks_heat_alone.py"
MARKOV, SYNAPTIC = LIMIT + "opponents_markov.py", LIMIT + "opponents_synaptic.py"
PHASES, FAST, DENSITY = LIMIT + "phases.py", LIMIT + "phases_limit.py", "learning/label_density.py"
TRAJECTORIES, CASES = LIMIT + "trajectories.py", LIMIT + "trajectories_cases.py"
FRONTS, ROWS, SCENES, MATCHING = RULES + "fronts.py", RULES + "fair_rows.py", RULES + "scenes.py", "study/matching.py"
KEPT, ASKING, FILE, ANSWER = (f"questions/{name}.py" for name in ("kept", "asking", "question_file", "answer"))

MUTANTS = (
    mutant(
        "corridor: temperature lost in the floor",
        "corridor",
        (SCHEDULES, "floor=way**2 / (s.mobility * s.temperature * s", "floor=way**2 / (s.mobility * s"),
    ),
    mutant(
        "corridor: temperature lost in the ceiling",
        "corridor",
        (SCHEDULES, "unit = 2.0 * s.stiffness * s.temperature", "unit = 2.0 * s.stiffness"),
    ),
    mutant(
        "corridor: way left to go of the wrong sign",
        "corridor",
        (SCHEDULES, "(last - response) ** 2", "(last + response) ** 2"),
    ),
    mutant(
        "corridor: first jump left out of the variation",
        "corridor",
        (SCHEDULES, "variation = np.abs(s.factors[:, 0]) + ", "variation = "),
    ),
    mutant(
        "corridor: force of a showing without its dwell",
        "corridor",
        (SCHEDULES, "s.strength * (s.dwell or 1.0)", "s.strength"),
    ),
    mutant(
        "corridor: jumps of the best schedule forgotten",
        "corridor",
        (CLASSES, '/ (2.0 + self["relaxations"])', '/ (1.0 + self["relaxations"])'),
    ),
    mutant(
        "common noise: sum and difference exchanged",
        "breaks-two",
        (NOISE, 'v["correlation"] * np.array([1.0, -1.0])', 'v["correlation"] * np.array([-1.0, 1.0])'),
    ),
    mutant(
        "common noise: heat of one bath",
        "breaks-two",
        (NOISE, "by_modes + run.heat_over(list(warm))", "by_modes + spent"),
    ),
    mutant(
        "wrong thermometer: the mended cost for the naive one",
        "breaks-two",
        (WARMTH, "naive, mend = (change + heat / T", "mend, naive = (change + heat / T"),
        (WARMTH, "naive, mend = (change + run", "mend, naive = (change + run"),
    ),
    mutant(
        "chain: work of the force of the wrong sign",
        "breaks-two",
        (CHAINS, "- wide) - f * (mean - new)", "- wide) + f * (mean - new)"),
    ),
    mutant(
        "chain: proposals back and forth exchanged",
        "breaks-two",
        (CHAINS, "/ T + there.T - there", "/ T + there - there.T"),
    ),
    mutant(
        "chain: factor 2 lost in the noise",
        "breaks-two",
        (CHAINS, "return chain(v, 1.0 - a, 2.0 * a *", "return chain(v, 1.0 - a, a *"),
    ),
    mutant(
        "labels: factor 2 lost in the doubt",
        "breaks-two",
        (LIMIT + "breaks_labels.py", "expit(2.0 * mean_weight(v)", "expit(mean_weight(v)"),
    ),
    mutant(
        "several baths: heat times temperature",
        "breaks-two",
        (LIMIT + "breaks_labelled.py", "1.0 / np.asarray(temperatures)", "1.0 * np.asarray(temperatures)"),
    ),
    mutant(
        "answers: heat of the wrong sign", "breaks-one", (FOLLOWING, "warmed = f.gain * (m", "warmed = -f.gain * (m")
    ),
    mutant(
        "answers: half lost in the tilt",
        "breaks-one",
        (FOLLOWING, "alpha = 0.5 * f.gain * f.width", "alpha = f.gain * f.width"),
    ),
    mutant(
        "prior knowledge: what was known is paid for",
        "breaks-one",
        (LIMIT + "breaks_prior.py", "cost = gained + moved.dissipation", "cost = after + moved.dissipation"),
    ),
    mutant(
        "heat alone: half lost in the sudden cost",
        "breaks-one",
        (FORCED, "sudden = 0.5 * k * m * m / T", "sudden = k * m * m / T"),
    ),
    mutant(
        "readout: temperature lost in the answers' heat",
        "breaks-one",
        (LIMIT + "breaks_readout.py", "Sampled.mean(run.answers.heat / T)", "Sampled.mean(run.answers.heat)"),
    ),
    mutant(
        "matrix: sound rows for broken ones",
        "matrix",
        (LIMIT + "matrix.py", "if not row.sound for check in (*row", "if row.sound for check in (*row"),
    ),
    mutant(
        "maintenance: half lost in the information flow",
        "maintenance",
        (PROCESSES, "flow = 0.5 * (np.diag(", "flow = 1.0 * (np.diag("),
    ),
    mutant(
        "maintenance: slope of the wrong sign",
        "maintenance",
        (PROCESSES, "D * (F / T - slope / T.mean()) ** 2", "D * (F / T + slope / T.mean()) ** 2"),
    ),
    mutant(
        "maintenance: wrong weight of the finer step",
        "maintenance",
        (PROCESSES, "value=2.0 * heat.value - twice.value", "value=heat.value - twice.value"),
    ),
    mutant(
        "maintenance: information flow of the wrong sign",
        "maintenance",
        (MAINTENANCE, "exact.value + float(row.record", "exact.value - float(row.record"),
    ),
    mutant(
        "exponents: half lost in the heat of the showings",
        "exponents",
        (CEILING + "scaling_ladders.py", "/ stiffness * 0.5 * gone", "/ stiffness * gone"),
    ),
    mutant(
        "exponents: weights not squared",
        "exponents",
        ("study/power_law.py", "(points[1] / points[2]) ** 2", "points[1] / points[2]"),
    ),
    mutant(
        "jumps: heat of the drive of the wrong sign",
        "adversary",
        (MARKOV, "heat += fall + driven", "heat += fall - driven"),
    ),
    mutant(
        "jumps: time spent doubled without moving",
        "adversary",
        (MARKOV, "stay = stay + _product(step, stay)", "stay = stay + stay"),
    ),
    mutant(
        "opponent: temperature lost in Q/T",
        "adversary",
        (SYNAPTIC, "for q, _ in paid) / self.temperature", "for q, _ in paid)"),
    ),
    mutant(
        "opponent: every pattern as far as the one read",
        "adversary",
        (SYNAPTIC, "shift = signs @ (row * reach)", "shift = signs @ (row * reach[m])"),
    ),
    mutant(
        "opponent: heat times the wrong temperature",
        "adversary",
        (LIMIT + "opponents.py", "self.entropy + self.heat / factor", "self.entropy + self.heat * factor"),
    ),
    mutant(
        "opponent: prior knowledge left out of the sound law",
        "adversary",
        (LIMIT + "adversary_verdict.py", 'whole = found["knowledge"] + min', "whole = min"),
    ),
    mutant(
        "episode: rotation lost in the dissipation",
        "sensitivity",
        (EPISODE, "np.abs(e.rotation) ** 2 / (2.0 * e.stiffness * e.temp", "e.stiffness / (2.0 * e.temp"),
    ),
    mutant(
        "episode: the shown pattern decays twice",
        "sensitivity",
        (EPISODE, "others = total[at] - np.abs(start) ** 2", "others = total[at]"),
    ),
    mutant(
        "episode: turned response read in full",
        "sensitivity",
        (EPISODE, "erf(response.real / np", "erf(np.abs(response) / np"),
    ),
    mutant(
        "episode: forgets for one showing more",
        "sensitivity",
        (EPISODE, "(ago - 1) * d[:, None]", "ago * d[:, None]"),
    ),
    mutant(
        "indices: rotation lost in the ceiling",
        "sensitivity",
        (CEILING + "sensitivity_indices.py", "np.abs(e.rotation / e.stiffness) ** 2", "1.0"),
    ),
    mutant(
        "indices: scatter for the error of the mean",
        "sensitivity",
        (CEILING + "sensitivity_verdict.py", "x.std(ddof=1) / sqrt(x.size)", "x.std(ddof=1)"),
    ),
    mutant(
        "phases: field lost in the feedback",
        "phases",
        (FAST, "feedback=share * system.field", "feedback=share"),
    ),
    mutant(
        "phases: expected sign turned",
        "phases",
        (PHASES, "np.round(share * (share - 0.5), 12)", "np.round(share * (0.5 - share), 12)"),
    ),
    mutant(
        "phases: slacks of weight and answer exchanged",
        "phases",
        (PHASES, "found.slack_weight, found.slack_label", "found.slack_label, found.slack_weight"),
    ),
    mutant(
        "phases: heat of the answer for the weight's",
        "phases",
        (PHASES, "weight = run.heat_rates()[0]", "weight = run.heat_rates()[1]"),
    ),
    mutant(
        "phases: every system shows the first",
        "phases",
        (PHASES, "records[i * size : (i + 1) * size]", "records[:size]"),
    ),
    mutant(
        "phases: numerical noise counts as a sign",
        "phases",
        (PHASES, 'np.abs(found) > 2.0 * self.values["error"]', "np.abs(found) >= 0.0"),
    ),
    mutant(
        "phases: cooling inside tested as a law",
        "phases",
        (PHASES, "[sign > 0.0]", "[sign < 0.0]"),
    ),
    mutant(
        "phases: time step ignored",
        "phases",
        (PHASES, '"replicas": settings.replicas, "time_step": time_step,', '"replicas": settings.replicas,'),
    ),
    mutant(
        "phases: temperature lost in the process",
        "phases",
        (FAST, "temperature=system.temperature, stiffness", "stiffness"),
    ),
    mutant(
        "phases: mobility lost in the process",
        "phases",
        (FAST, "stiffness=system.stiffness, mobility=system.mobility,", "stiffness=system.stiffness,"),
    ),
    mutant(
        "fast answers: heat of the answer for the weight's", "phases", (FAST, "share, 1.0))[0])", "share, 1.0))[1])")
    ),
    mutant(
        "fast answers: factor 2 in the threshold",
        "phases",
        (DENSITY, "apart = p.feedback - 0.5 * p.field * warm", "apart = p.feedback - p.field * warm"),
    ),
    mutant(
        "fast answers: sign turned", "phases", (DENSITY, "p.mobility * apart * unsure", "-p.mobility * apart * unsure")
    ),
    mutant(
        "fast answers: deepest cooling beyond where it ends", "phases", (FAST, "bounds=(0.0, 0.5)", "bounds=(0.5, 1.0)")
    ),
    mutant(
        "trajectories: half lost in the share below zero",
        "trajectories",
        (CASES, "0.5 * erfc(0.5 * np.sqrt(paid))", "erfc(0.5 * np.sqrt(paid))"),
    ),
    mutant(
        "trajectories: variance taken for the mean",
        "trajectories",
        (CASES, "erfc(0.5 * np.sqrt(paid))", "erfc(np.sqrt(0.5 * paid))"),
    ),
    mutant(
        "trajectories: temperature lost in the exact mean",
        "trajectories",
        (CASES, 'mobility=at["mobility"]) / t', 'mobility=at["mobility"])'),
    ),
    mutant(
        "trajectories: temperature lost in the quench",
        "trajectories",
        (CASES, "(run.ledger.work - gap) / t", "run.ledger.work - gap"),
    ),
    mutant(
        "trajectories: free energy of the wrong sign",
        "trajectories",
        (CASES, "gap = -t * log(mean(False))", "gap = t * log(mean(False))"),
    ),
    mutant(
        "trajectories: the other side of the edge", "trajectories", (CASES, "ndtr(-edge / width)", "ndtr(edge / width)")
    ),
    mutant(
        "trajectories: readout's loss of the wrong sign",
        "trajectories",
        (CASES, "excess + known - told", "excess - known + told"),
    ),
    mutant(
        "trajectories: factor 2 lost in what the weight knows",
        "trajectories",
        (CASES, "-2.0 * k * centre * aligned / t", "-k * centre * aligned / t"),
    ),
    mutant(
        "trajectories: answers too sharp",
        "trajectories",
        (CASES, "draws < expit(aligned / t)", "draws < expit(2.0 * aligned / t)"),
    ),
    mutant(
        "trajectories: weights never met forgotten",
        "trajectories",
        (TRAJECTORIES, 'case.unseen if key == "answered" else 0.0', "0.0"),
    ),
    mutant(
        "trajectories: the wrong tail",
        "trajectories",
        (TRAJECTORIES, "np.count_nonzero(values <= -x)", "np.count_nonzero(values <= x)"),
    ),
    mutant(
        "trajectories: those above counted as below",
        "trajectories",
        (TRAJECTORIES, "np.count_nonzero(values < -ROUNDING)", "np.count_nonzero(values > ROUNDING)"),
    ),
    mutant(
        "trajectories: theorem of the wrong sign",
        "trajectories",
        (TRAJECTORIES, "exponential_average(values)", "exponential_average(-values)"),
    ),
    mutant(
        "trajectories: bound on the tail lost",
        "trajectories",
        (TRAJECTORIES, "share, Estimate.exact(float(np.exp(-x)))", "share, Estimate.exact(1.0)"),
    ),
    mutant(
        "trajectories: the farthest x for the closest",
        "trajectories",
        (TRAJECTORIES, "pair[1].value * np.exp(pair[0])", "pair[1].value"),
    ),
    mutant(
        "trajectories: square root lost in the error of a share",
        "trajectories",
        (TRAJECTORIES, "float(np.sqrt(p * (1.0 - p) / (n + 3.0)))", "float(p * (1.0 - p) / (n + 3.0))"),
    ),
    mutant(
        "front: the slower one dominates",
        "fair",
        (FRONTS, "time[:, None] <= time[None, :]", "time[:, None] >= time[None, :]"),
    ),
    mutant(
        "front: the dearer one dominates",
        "fair",
        (FRONTS, "cost[None, :] - cost[:, None]", "cost[:, None] - cost[None, :]"),
    ),
    mutant(
        "losses: what is learned added to the cost",
        "fair",
        (ROWS, 'open_ = found["cost"].value - found', 'open_ = found["cost"].value + found'),
    ),
    mutant(
        "at one error: the way from chance for the error",
        "scenes",
        (ROWS, "level = CHANCE - _round(common_level(tops))", "level = _round(common_level(tops))"),
    ),
    mutant(
        "scenes: time step ignored",
        "scenes",
        (SCENES, "ceil(span / (time_step * planned.dt) - 1e-9)", "ceil(span / planned.dt - 1e-9)"),
    ),
    mutant(
        "matching: what falls taken for rising",
        "matching",
        (MATCHING, "sign = -1.0 if falling else 1.0", "sign = 1.0"),
    ),
    mutant(
        "matching: ratio lost in its error",
        "matching",
        (MATCHING, "hypot(a.stderr, value * b.stderr) / b.value", "hypot(a.stderr, b.stderr) / b.value"),
    ),
    mutant("pieces: seed left out of the name", "asking", (KEPT, ', "seed": seed}', "}")),
    mutant(
        "pieces: coordinates left out of the name",
        "asking",
        (KEPT, '"piece": dict(piece.coordinates), "seed"', '"seed"'),
    ),
    mutant(
        "pieces: another piece's numbers believed",
        "asking",
        (KEPT, 'if content is not None and content.get("key") == key else', "if content is not None else"),
    ),
    mutant(
        "pieces: finished ones not read",
        "asking",
        (ASKING, "(found := read_piece(path, key)) is not None", "(found := read_piece(path, key)) is None"),
    ),
    mutant("pieces: computed again", "asking", (ASKING, "if key not in records:", "if True:")),
    mutant(
        "pieces: all with one seed", "asking", (ASKING, "piece.work(seed_of(key), threads)", "piece.work(1, threads)")
    ),
    mutant(
        "pieces: question's seed ignored where they are read",
        "asking",
        (ASKING, "key_of(part.name, piece, question.seed)", "key_of(part.name, piece, 0)"),
    ),
    mutant(
        "answer: written over another question's",
        "asking",
        (ASKING, '.get("question") != question.kind', '.get("question") is None'),
    ),
    mutant("question: quick ignored", "asking", (FILE, "return merged if self.quick else raw", "return raw")),
    mutant("question: always quick", "asking", (FILE, "return merged if self.quick else raw", "return merged")),
    mutant("question: what quick changes unchecked", "asking", (FILE, "_ = _checked(merged)", "pass")),
    mutant(
        "question: quick drops the rest of a table",
        "asking",
        (FILE, "_merged(merged[key], value) if both else value", "value"),
    ),
    mutant(
        "question: other seed ignored",
        "asking",
        (FILE, "int(self.file.seed) if self.other_seed is None else self.other_seed", "int(self.file.seed)"),
    ),
    mutant(
        "question: time step ignored",
        "asking",
        (FILE, "section.part(settings, self.file.time_step)", "section.part(settings, 1.0)"),
    ),
    mutant(
        "question: time step of many ignored",
        "asking",
        (FILE, "section.part(name, each, self.file.time_step)", "section.part(name, each, 1.0)"),
    ),
    mutant(
        "answer: laws without their assumptions cry alarm",
        "asking",
        (
            ANSWER,
            "every = [check for answered in self.parts for check in answered.finding.checks]",
            "every = [check for answered in self.parts for check in answered.finding.broken]",
        ),
    ),
)

FILES = {
    "corridor": "tests/questions/test_corridor.py",
    "maintenance": "tests/questions/test_maintenance.py",
    "exponents": "tests/questions/test_scaling_exponents.py",
    "sensitivity": "tests/questions/test_sensitivity.py",
    "breaks-one": "tests/questions/test_breaks_one.py",
    "breaks-two": "tests/questions/test_breaks_two.py",
    "matrix": "tests/questions/test_matrix.py",
    "phases": "tests/questions/test_phases.py",
    "trajectories": "tests/questions/test_trajectories.py",
    "adversary": "tests/questions/test_adversary.py",
    "fair": "tests/questions/test_fair.py",
    "scenes": "tests/questions/test_scenes.py",
    "matching": "tests/study/test_matching.py",
    "asking": "tests/questions/test_asking.py",
}
