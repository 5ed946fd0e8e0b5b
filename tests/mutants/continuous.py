"""Mistakes in Langevin dynamics: steps and books, exact solutions, label feedback, optimal control, systems."""

from __future__ import annotations

from .case import mutant

STEPS, PROCESS, RESPONSE = "_kernels/diffusion.py", "continuous/process.py", "_kernels/response.py"
ENSEMBLE, PLAN, SURPRISE = "continuous/ensemble.py", "continuous/steps.py", "continuous/surprise.py"
SIMULATION, TRANSITION, FORCE = "continuous/simulation.py", "continuous/transition.py", "continuous/linear_force.py"
AVERAGES, LATTICE, FEEDBACK = "continuous/gaussian_averages.py", "continuous/lattice_cells.py", "_kernels/feedback.py"

MUTANTS = (
    mutant(
        "diffusion: heat of the wrong sign",
        "diffusion",
        (
            STEPS,
            "load(like, books, (bath, lane)) + ((U - V) + given)",
            "load(like, books, (bath, lane)) - ((U - V) + given)",
        ),
    ),
    mutant(
        "diffusion: force forgotten in heat and work",  # the first law still holds
        "diffusion",
        (STEPS, "gross, moved = given + done,", "gross, moved = given + 0.0 * done,"),
    ),
    mutant(
        "diffusion: force forgotten in work",
        "diffusion",
        (STEPS, "(baths + WORK, lane)) + given,", "(baths + WORK, lane)),"),
    ),
    mutant(
        "diffusion: force forgotten in the motion",
        "diffusion",
        (
            STEPS,
            "force = load(like, slope, (i, lane)) + load(like, push, (i, lane))",
            "force = load(like, slope, (i, lane))",
        ),
    ),
    mutant(
        "diffusion: work of the force by Ito",
        "diffusion reference",
        (
            STEPS,
            "done = 0.5 * (load(like, push, (i, lane)) + load(like, new_push, (i, lane))) * way",
            "done = load(like, push, (i, lane)) * way",
        ),
    ),
    mutant(
        "diffusion: work of a change of the control dropped",
        "diffusion",
        (STEPS, "        books[baths + WORK, lane] += rise\n", "        books[baths + WORK, lane] += 0.0 * rise\n"),
    ),
    mutant(
        "diffusion: temperature lost in the noise",
        "diffusion",
        (STEPS, "np.sqrt(2.0 * mobility[i] * temperature[i] * h)", "np.sqrt(2.0 * mobility[i] * h)"),
    ),
    mutant(
        "diffusion: mobility lost in the drift",
        "diffusion",
        (STEPS, "drift, kick = mobility[i] * h, np", "drift, kick = h, np"),
    ),
    mutant(
        "diffusion: heat of all coordinates into the first bath",
        "diffusion",
        (STEPS, "books[bath[i], lane] += lost + 0.5", "books[0, lane] += lost + 0.5"),
    ),
    mutant(
        "diffusion: what the trapezoid misses is dropped",
        "diffusion",
        (STEPS, "books[bath[i], lane] += missed[lane] * (", "books[bath[i], lane] += 0.0 * ("),
    ),
    mutant("diffusion: heun is euler", "order", (STEPS, "+ drift * gain, v, (i", "+ 0.0 * gain, v, (i")),
    mutant(
        "diffusion: every metropolised step is accepted",
        "diffusion",
        (STEPS, "heat[lane] = 1.0 if chance[lane] <", "heat[lane] = 1.0 if -1e300 <"),
    ),
    mutant(
        "diffusion: temperature lost in the acceptance",
        "diffusion",
        (STEPS, "< heat[lane] / warm + balance[lane]", "< heat[lane] + balance[lane]"),
    ),
    mutant(
        "diffusion: acceptance without the way back",
        "diffusion",
        (STEPS, "< heat[lane] / warm + balance[lane]", "< heat[lane] / warm"),
    ),
    mutant(
        "diffusion: acceptance without the force's work",
        "diffusion",
        (STEPS, "heat[lane] += 0.5 * (push[i, lane] + new_push[i, lane]) * way", "heat[lane] += 0.0 * way"),
    ),
    mutant(
        "diffusion: sweeps always upwards",
        "diffusion",
        (STEPS, "return turn if half == 0 else n - 1 - turn", "return turn"),
    ),
    mutant(
        "diffusion: both steps use one number of a pair",
        "diffusion",
        (STEPS, "                z[0, lane] = spare[lane]\n", "                z[0, lane] = z[0, lane]\n"),
    ),
    mutant(
        "diffusion: replicas share their random numbers",
        "diffusion",
        (STEPS, "half, first + begin, key0", "half, first, key0"),
    ),
    mutant(
        "diffusion: blocks share their random numbers",
        "diffusion",
        (ENSEMBLE, "(self.first[block], *self.key)", "(0, *self.key)"),
    ),
    mutant(
        "diffusion: decay transposed in the exact transition",
        "diffusion",
        (STEPS, "decay, root = law[i * n + j], law", "decay, root = law[j * n + i], law"),
    ),
    mutant(
        "diffusion: spread of a normal drift",
        "transition",
        (TRANSITION, "A @ spread + spread @ A.T", "A @ spread + spread @ A"),
    ),
    mutant(
        "diffusion: control held at the start of a step",
        "steps",
        (PLAN, "shares = np.split((np.arange(whole) + 0.5) / whole", "shares = np.split(np.arange(whole) / whole"),
    ),
    mutant(
        "diffusion: entropy of the wrong sign",
        "diffusion",
        (SURPRISE, "before - p.log_density(w)", "p.log_density(w) - before"),
    ),
    mutant(
        "diffusion: temperature lost in the entropy at rest",
        "diffusion",
        (SURPRISE, "(self.free_energy - energy) / warm", "self.free_energy - energy"),
    ),
    mutant(
        "diffusion: linear force transposed",
        "diffusion process",
        (
            STEPS,
            "parameters[i * n + j], parameters[swirl + i * n + j]",
            "parameters[i * n + j], parameters[swirl + j * n + i]",
        ),
    ),
    mutant(
        "diffusion: compiled gradient uphill",
        "process",
        (RESPONSE, "slope[i, lane] = -g[i]", "slope[i, lane] = g[i]"),
    ),
    mutant(
        "langevin exact: heat of a steady drift of the wrong sense",
        "gaussian",
        (AVERAGES, "0.5 * (turned - turned.T)", "0.5 * (turned.T - turned)"),
    ),
    mutant(
        "langevin exact: force forgotten in work",
        "gaussian",
        (AVERAGES, 'work = -float(np.einsum("ij,ji->", pushed, X[:, :n]))', "work = 0.0"),
        (
            AVERAGES,
            'work = np.sum(f * v, axis=1) - np.einsum("tij,tji->t", G, X)',
            "work = 0.0 * np.sum(f * v, axis=1)",
        ),
    ),
    mutant(
        "langevin exact: work of a sudden change dropped",
        "gaussian",
        (AVERAGES, "energy, work, gross = energy + step, work + step,", "energy, work, gross = energy + step, work,"),
    ),
    mutant(
        "langevin exact: temperatures lost in Q/T",
        "gaussian",
        (AVERAGES, "total = float(entropy + np.sum(into / T))", "total = float(entropy + np.sum(into))"),
    ),
    mutant(
        "langevin exact: entropy of the wrong sign",
        "gaussian",
        (AVERAGES, "entropy = last.entropy - first.entropy", "entropy = first.entropy - last.entropy"),
    ),
    mutant(
        "langevin exact: adiabatic part with the stationary state upside down",
        "gaussian",
        (AVERAGES, "R = A - D @ steady.precision", "R = A + D @ steady.precision"),
    ),
    mutant(
        "langevin exact: counted without the tilt of the noise",
        "gaussian-counting",
        ("continuous/gaussian_backward.py", "k @ M @ a + a @ D @ a - np.sum(D * B)", "k @ M @ a + a @ D @ a"),
    ),
    mutant(
        "lattice: force backwards",
        "lattice",
        (
            LATTICE,
            "drive = sparse.coo_array((np.concatenate([given, -given])",
            "drive = sparse.coo_array((np.concatenate([-given, given])",
        ),
    ),
    mutant(
        "lattice: mobility lost",
        "lattice",
        (LATTICE, "process.diffusion[i] / h**2 / mean", "process.temperature[i] / h**2 / mean"),
        (LATTICE, "np.full(low.size, process.diffusion[i] / h**2)", "np.full(low.size, process.temperature[i] / h**2)"),
    ),
    mutant(
        "lattice: every coordinate in the first bath",
        "lattice",
        (LATTICE, "temperature=float(process.temperatures[r])", "temperature=float(process.temperatures[0])"),
    ),
    mutant(
        "lattice: rates without their mean",
        "lattice",
        (LATTICE, "process.diffusion[i] / h**2 / mean)", "process.diffusion[i] / h**2 / np.sqrt(mean))"),
    ),
    mutant(
        "friction: temperature lost",
        "friction",
        ("continuous/lattice_friction.py", "/ (mu * T**2)", "/ mu"),
    ),
    mutant(
        "feedback: the label pushes backwards",
        "feedback",
        (FEEDBACK, "force = pull + feedback * label[lane]", "force = pull - feedback * label[lane]"),
    ),
    mutant(
        "feedback: heat of a flip of the wrong sign",
        "feedback",
        (FEEDBACK, "heat = -field * w[lane]", "heat = field * w[lane]"),
    ),
    mutant(
        "feedback: temperature of the label lost",
        "feedback",
        (FEEDBACK, "label[lane] / warm)", "label[lane])"),
    ),
    mutant(
        "feedback: work forgotten",
        "feedback",
        (FEEDBACK, "books[2, lane] += work", "books[2, lane] += 0.0"),
    ),
    mutant(
        "control: trap leads by half of what it should",
        "optimal",
        ("continuous/optimal_traps.py", "first, last = end / (2.0 + x)", "first, last = 0.5 * end / (2.0 + x)"),
    ),
    mutant(
        "control: best work without the lag",
        "optimal",
        ("continuous/optimal_traps.py", "work = k * end * end / (2.0 + x)", "work = k * end * end / (1.0 + x)"),
    ),
    mutant(
        "systems: vortex of a linear drift backwards",
        "continuous-systems",
        ("systems/drifts.py", "swirl=np.array([[0.0, -r], [r, 0.0]])", "swirl=np.array([[0.0, r], [-r, 0.0]])"),
    ),
)

FILES = {
    "gaussian": "tests/continuous/test_gaussian_averages.py",
    "gaussian-counting": "tests/continuous/test_gaussian_counting.py",
    "lattice": "tests/continuous/test_lattice.py tests/continuous/test_lattice_route.py "
    "tests/continuous/test_lattice_energetics.py",
    "friction": "tests/continuous/test_friction.py",
    "feedback": "tests/continuous/test_feedback_sampling.py",
    "optimal": "tests/continuous/test_optimal_protocols.py",
    "continuous-systems": "tests/systems/test_drifts.py tests/systems/test_diffusion_oracles.py",
    "diffusion": "tests/continuous/test_simulation.py",
    "order": "tests/continuous/test_order.py",
    "transition": "tests/continuous/test_transition.py",
    "steps": "tests/continuous/test_steps.py",
    "process": "tests/continuous/test_process.py",
    "reference": "tests/continuous/test_reference.py",
}
