"""Mistakes in the exact solution of jump processes, their statistics, and the ready-made systems."""

from __future__ import annotations

from .case import mutant

AVERAGES, EVOLUTION, STEADY = "discrete/averages.py", "discrete/evolution.py", "discrete/steady.py"
RATIONAL, SERIES, MARCHING = "discrete/rational.py", "discrete/uniformised.py", "_kernels/marching.py"
CURRENTS, CYCLES, LARGE = "discrete/currents.py", "discrete/cycles.py", "discrete/large_deviations.py"
ELIMINATION = "_kernels/propagation.py"

MUTANTS = (
    mutant("exact: drive forgotten in the work", "averages", (AVERAGES, "work = float(net @ drive)", "work = 0.0")),
    mutant("exact: work along a level dropped", "averages", (AVERAGES, "work += float(moved @ mean)", "work += 0.0")),
    mutant(
        "exact: work of a sudden change dropped", "averages", (AVERAGES, "return work + float(p @ step)", "return work")
    ),
    mutant(
        "exact: temperatures lost in Q/T",
        "averages",
        (AVERAGES, "system + float(np.sum(heat / t))", "system + float(np.sum(heat))"),
    ),
    mutant(
        "exact: entropy of the wrong sign",
        "averages",
        (AVERAGES, "entropies[0] - entropies[1]", "entropies[1] - entropies[0]"),
    ),
    mutant(
        "exact: adiabatic part with the stationary state upside down",
        "averages",
        (AVERAGES, "+ (log_pi[e.source] - log_pi[e.target])", "- (log_pi[e.source] - log_pi[e.target])"),
    ),
    mutant(
        "exact: temperature lost in the adiabatic part",
        "averages",
        (AVERAGES, "process.jump_heat(energy) / t[e.channel] + (log_pi", "process.jump_heat(energy) + (log_pi"),
    ),
    mutant(
        "exact: heat of levels that move taken at the start",
        "averages",
        (AVERAGES, "weights=late_net * (ends[1] - q)", "weights=0.0 * late_net"),
    ),
    mutant(
        "exact: what is gained beyond a branch flows the wrong way",
        "averages",
        ("discrete/conservation.py", "np.where(order > up, 1.0, -1.0)", "np.where(order > up, -1.0, 1.0)"),
    ),
    mutant(
        "exact: drive forgotten in counted work",
        "counting",
        (EVOLUTION, "self.process.jump_heat(energy) + c.work * e.drive", "self.process.jump_heat(energy)"),
    ),
    mutant(
        "exact: moving levels forgotten in counted work",
        "counting",
        (EVOLUTION, "else c.work * slope)", "else 0.0 * slope)"),
    ),
    mutant("exact: counted with the wrong sign", "counting", (EVOLUTION, "k * np.expm1(-x)", "k * np.expm1(x)")),
    mutant(
        "exact: temperature lost in the rate of entropy production",
        "steady",
        (
            STEADY,
            "process.jump_heat(energy)[once] / process.temperatures[e.channel[once]]",
            "process.jump_heat(energy)[once]",
        ),
    ),
    mutant(
        "exact: net flow backwards",
        "propagation evolution",
        (ELIMINATION, "flow = forth[i] * v[s] - back[i] * v[t]", "flow = back[i] * v[s] - forth[i] * v[t]"),
    ),
    mutant(
        "exact: any number of vectors will do",
        "rational",
        (RATIONAL, "2 * now.parts), now.row) <= limit", "2 * now.parts), now.row) <= 1e9 * limit"),
        (RATIONAL, "space.change(before.row, now.row) > limit", "space.change(before.row, now.row) > 1e9 * limit"),
    ),
    mutant(
        "exact: time of a shortened step counted as that of the whole",
        "rational",
        (RATIONAL, "spent += taken * during", "spent += step * during"),
    ),
    mutant(
        "exact: pole on the wrong side",
        "rational",
        (RATIONAL, "matrices = (z - x)[:, None, None] * h", "matrices = (z + x)[:, None, None] * h"),
    ),
    mutant(
        "exact: bands transposed",
        "marching",
        ("discrete/elimination.py", "away = source - target + self.n", "away = target - source + self.n"),
    ),
    mutant(
        "exact: what rounding leaves on the diagonal of the wrong sign",
        "marching propagation evolution",
        (
            SERIES,
            "rest = np.asarray(1.0 - whole, dtype=np.float64)",
            "rest = np.asarray(whole - 1.0, dtype=np.float64)",
        ),
    ),
    mutant(
        "exact: bands added in another order",
        "marching",
        (
            MARCHING,
            "y[i] = (a[i] * x[i] + b[i] * u[i]) + c[i] * w[i]",
            "y[i] = a[i] * x[i] + (b[i] * u[i] + c[i] * w[i])",
        ),
    ),
    mutant(
        "exact: temperature lost in a force",
        "currents",
        (CURRENTS, "0.0, q / process.temperatures[e.channel[forth]])", "0.0, q)"),
    ),
    mutant(
        "exact: temperature lost in the entropy flow",
        "currents",
        (CURRENTS, "return q / process.temperatures[e.channel]", "return q"),
    ),
    mutant(
        "exact: affinity without what the tree gives",
        "cycles",
        (CYCLES, "affinity=push[chord] - (potential[t] - potential[s])", "affinity=push[chord]"),
    ),
    mutant(
        "exact: temperature lost in affinities",
        "cycles",
        (CYCLES, "beta = 1.0 / process.temperatures[e.channel]", "beta = 1.0 / process.temperatures[0 * e.channel]"),
    ),
    mutant(
        "systems: ring driven backwards",
        "systems",
        ("systems/rings.py", 'drive = number("affinity", affinity) / n', 'drive = -number("affinity", affinity) / n'),
    ),
    mutant(
        "systems: rates transposed",
        "systems",
        ("systems/rates.py", 'off if convention == "column" else off.T', 'off.T if convention == "column" else off'),
    ),
    mutant(
        "systems: temperature lost in heat inferred from rates",
        "systems",
        ("systems/rates.py", "temperature * (logs[0] - logs[1])", "(logs[0] - logs[1])"),
    ),
    mutant(
        "systems: motor burns fuel backwards on the left", "systems", ("systems/motors.py", "left + mu)", "left - mu)")
    ),
    mutant("systems: chemical work of the wrong sign", "systems", ("systems/dots.py", "mu if rate", "-mu if rate")),
    mutant(
        "systems: entropy of arrangements of the wrong sign",
        "systems",
        ("systems/spins.py", "- warm * choices", "+ warm * choices"),
    ),
    mutant("systems: volume to the wrong power", "systems", ("systems/networks.py", "(1.0 - order)", "(order - 1.0)")),
)

FILES = {
    "averages": "tests/discrete/test_averages.py",
    "counting": "tests/discrete/test_counting.py",
    "steady": "tests/discrete/test_steady.py",
    "propagation": "tests/discrete/test_propagation.py",
    "evolution": "tests/discrete/test_evolution.py",
    "rational": "tests/discrete/test_rational.py",
    "marching": "tests/discrete/test_marching.py",
    "currents": "tests/discrete/test_currents.py",
    "cycles": "tests/discrete/test_cycles.py",
    "systems": "tests/systems",
}
