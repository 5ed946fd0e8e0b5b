"""Mistakes in jump processes, exact and sampled."""

from __future__ import annotations

from .case import mutant

JUMPS, REST = "_kernels/jumps.py", "_kernels/jumps_at_rest.py"
PROCESS, CHANNEL = "discrete/process.py", "discrete/channel.py"
ENSEMBLE, THINNING, SIMULATION = "discrete/ensemble.py", "discrete/thinning.py", "discrete/simulation.py"
PATHS, COURSE = "discrete/paths.py", "discrete/course.py"

MUTANTS = (
    mutant(
        "jumps: heat of the wrong sign",
        "jumps",
        (JUMPS, "made[l] * (energy[x] - energy[y] + drive)", "made[l] * (energy[y] - energy[x] - drive)"),
        (JUMPS, "heat[l] += made[l] * ((slope[x] - slope[y])", "heat[l] -= made[l] * ((slope[x] - slope[y])"),
    ),
    mutant(
        "jumps: drive forgotten in heat and work",  # the first law still holds
        "jumps",
        (JUMPS, "made[l] * (energy[x] - energy[y] + drive)", "made[l] * (energy[x] - energy[y])"),
        (JUMPS, "lane_books[work, l] += made[l] * drive", "lane_books[work, l] += 0.0"),
    ),
    mutant(
        "jumps: drive forgotten in work",
        "jumps",
        (JUMPS, "lane_books[work, l] += made[l] * drive", "lane_books[work, l] += 0.0"),
    ),
    mutant(
        "jumps: drive forgotten in the rates",
        "core jumps",
        (
            PROCESS,
            "offset += [pull * forth * p.drive, -pull * back * p.drive]",
            "offset += [0.0 * p.drive, 0.0 * p.drive]",
        ),
    ),
    mutant(
        "jumps: drive of the wrong direction",
        "core jumps",
        (PROCESS, "drive += [p.drive, -p.drive]", "drive += [-p.drive, p.drive]"),
    ),
    mutant(
        "jumps: heat of levels that move taken at the start",
        "jumps",
        (JUMPS, "heat[l] += made[l] * ((slope[x] - slope[y])", "heat[l] += 0.0 * ((slope[x] - slope[y])"),
    ),
    mutant(
        "jumps: work along a level dropped",
        "jumps",
        (JUMPS, "rise = made[l] * (slope[x] * (t - lane_last[l]))", "rise = 0.0"),
        (JUMPS, "rise = slope[x] * (end - lane_last[l])", "rise = 0.0"),
    ),
    mutant(
        "jumps: work of a sudden change dropped",
        "jumps",
        (ENSEMBLE, "self.books[rows, work] += rise", "self.books[rows, work] += 0.0"),
    ),
    mutant(
        "jumps: heat booked in the first bath",
        "jumps",
        (JUMPS, "lane_books[edges[chosen[l]].channel, l] += heat[l]", "lane_books[0, l] += heat[l]"),
    ),
    mutant("jumps: every candidate is a jump", "jumps", (JUMPS, "1.0 if accept[l] * (", "1.0 if -accept[l] * (")),
    mutant(
        "jumps: bound from the start of a piece alone",
        "jumps",
        (THINNING, "bound = np.maximum(bound, process.jump_rates(piece.after))", "pass"),
    ),
    mutant(
        "jumps: rates move the wrong way",
        "jumps",
        (THINNING, "= (x - y) / (piece.end - piece.start)", "= (y - x) / (piece.end - piece.start)"),
    ),
    mutant(
        "jumps: alias table ignored",
        "jumps kernels",
        (REST, "drive[side]", "drive[0]"),
        (REST, "target[side]", "target[0]"),
    ),
    mutant(
        "jumps: alias table of rates that move ignored",
        "jumps",
        (JUMPS, ">> U63) * np.uint64(", ">> U63) * np.uint64(0 * "),
    ),
    mutant("jumps: waiting time of mean 1", "jumps", (JUMPS, "+ waiting[l] * wait[x]", "+ waiting[l]")),
    mutant("jumps: waiting time of mean 1 at rest", "jumps", (REST, "waiting[l] * lane_wait[l]", "waiting[l]")),
    mutant(
        "jumps: heat at rest of the wrong sign",
        "jumps",
        (REST, "lane_energy[l] - energy[l] + drive[l]", "energy[l] - lane_energy[l] - drive[l]"),
    ),
    mutant(
        "jumps: drive at rest forgotten in heat and work",  # the first law still holds
        "jumps",
        (REST, "lane_energy[l] - energy[l] + drive[l]", "lane_energy[l] - energy[l]"),
        (REST, "lane_books[work, l] += drive[l]", "lane_books[work, l] += 0.0"),
    ),
    mutant(
        "jumps: energy of the state left never renewed",
        "jumps",
        (REST, "lane_energy[l] = energy[l]", "lane_energy[l] = lane_energy[l]"),
    ),
    mutant(
        "jumps: heat at rest booked in the first bath",
        "jumps",
        (REST, "lane_books[edges[jump[l]].channel, l] += heat[l]", "lane_books[0, l] += heat[l]"),
    ),
    mutant(
        "jumps: the first jump of a slot twice",
        "rest",
        (THINNING, 'np.arange(slots.size) + slots["step"]', 'np.arange(slots.size) + 0 * slots["step"]'),
    ),
    mutant(
        "jumps: a trajectory at rest keeps its last, unfinished stay as a jump",
        "rest",
        (REST, "jumps[i] = n - 1 - lane_refused[l]", "jumps[i] = n - lane_refused[l]"),
    ),
    mutant(
        "jumps: sums at rest never added up",
        "rest",
        (REST, "        if step >= due:", "        if step < 0:"),
    ),
    mutant(
        "jumps: waiting and choice of one number",
        "jumps",
        (REST, "choice[l] = 1.0 - uniform(x2, x3)", "choice[l] = 1.0 - uniform(x0, x1)"),
    ),
    mutant(
        "jumps: replicas share their random numbers",
        "jumps",
        (
            JUMPS,
            "(first + lane_id[l]) & LOW, waits, key0, key1)\n                waiting[l] = 2.0",
            "(first) & LOW, waits, key0, key1)\n                waiting[l] = 2.0",
        ),
        (REST, "(first + lane_id[l]) & LOW", "(first) & LOW"),
    ),
    mutant(
        "jumps: blocks share their random numbers",
        "jumps",
        (ENSEMBLE, "(first, *self.key), (LANES, BUDGET)", "(0, *self.key), (LANES, BUDGET)"),
    ),
    mutant(
        "jumps: books on the way without the work since the last jump",
        "jumps",
        (JUMPS, "grid_books[i, g, work] += slope[x] * (lane_next[l] - lane_last[l])", "grid_books[i, g, work] += 0.0"),
    ),
    mutant(
        "jumps: entropy of the wrong sign",
        "jumps",
        (SIMULATION, "surprise[1:] - surprise[0]", "surprise[0] - surprise[1:]"),
    ),
    mutant(
        "jumps: temperature lost in the rates",
        "core jumps",
        (
            PROCESS,
            "        self._push = ",
            "        self._pull = self._pull * self.temperatures\n        self._push = ",
        ),
    ),
    mutant(
        "jumps: transposed generator",
        "core",
        (
            PROCESS,
            "np.concatenate([e.target, states]), np.concatenate([e.source, states])",
            "np.concatenate([e.source, states]), np.concatenate([e.target, states])",
        ),
    ),
    mutant(
        "jumps: load on the wrong side",
        "core",
        (CHANNEL, "np.where(drive >= 0.0, share, 1.0 - share)", "np.where(drive >= 0.0, 1.0 - share, share)"),
    ),
    mutant("jumps: energy flipped in an Arrhenius rate", "core", (PROCESS, "0.0, -self._pull)", "0.0, self._pull)")),
    mutant(
        "jumps: backward paths in the order of the forward ones",
        "paths",
        (
            PATHS,
            "np.lexsort((-np.arange(self.owner.size), self.owner))",
            "np.lexsort((np.arange(self.owner.size), self.owner))",
        ),
    ),
    mutant(
        "jumps: backward paths under the forward control",
        "paths",
        (PATHS, "course=self.course.reversed()", "course=self.course"),
    ),
    mutant(
        "jumps: a path's probability without its stays",
        "paths",
        (PATHS, "total -= np.bincount(owner[inside], stayed, len(self))", "pass"),
    ),
)

FILES = {
    "jumps": "tests/discrete/test_simulation.py",
    "rest": "tests/discrete/test_at_rest.py",
    "paths": "tests/discrete/test_paths.py",
    "core": "tests/discrete/test_process.py tests/discrete/test_channel.py",
}
