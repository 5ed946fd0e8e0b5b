"""Mistakes in Langevin dynamics: steps and books, exact solutions, label feedback, optimal control, systems."""

from __future__ import annotations

from .case import mutant

STEPS, PROCESS, RESPONSE = "_kernels/diffusion.py", "continuous/process.py", "_kernels/response.py"
ENSEMBLE, PLAN, SURPRISE = "continuous/ensemble.py", "continuous/steps.py", "continuous/surprise.py"
SIMULATION, TRANSITION, FORCE = "continuous/simulation.py", "continuous/transition.py", "continuous/linear_force.py"

MUTANTS = (
    mutant(
        "diffusion: heat of the wrong sign",
        "diffusion",
        (
            STEPS,
            "heat[lane] += (energy[lane] - new_energy[lane]) + given[lane]",
            "heat[lane] -= (energy[lane] - new_energy[lane]) + given[lane]",
        ),
    ),
    mutant(
        "diffusion: force forgotten in heat and work",  # the first law still holds
        "diffusion",
        (STEPS, "            given[lane] += work\n", "            given[lane] += 0.0 * work\n"),
    ),
    mutant(
        "diffusion: force forgotten in work",
        "diffusion",
        (STEPS, "books[baths + WORK, lane] += given[lane]", "books[baths + WORK, lane] += 0.0 * given[lane]"),
    ),
    mutant(
        "diffusion: force forgotten in the motion",
        "diffusion",
        (STEPS, "drift * (slope[i, lane] + push[i, lane]) + kick", "drift * slope[i, lane] + kick"),
    ),
    mutant(
        "diffusion: work of the force by Ito",
        "diffusion reference",
        (
            STEPS,
            "work = 0.5 * (push[i, lane] + new_push[i, lane]) * way\n            given",
            "work = push[i, lane] * way\n            given",
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
    mutant("diffusion: heun is euler", "order", (STEPS, "v[i, lane] += drift * gain", "v[i, lane] += 0.0 * gain")),
    mutant(
        "diffusion: every metropolised step is accepted",
        "diffusion",
        (STEPS, "if not chance[lane] < heat / warm + balance:", "if chance[lane] > 1.0:"),
    ),
    mutant(
        "diffusion: temperature lost in the acceptance",
        "diffusion",
        (STEPS, "if not chance[lane] < heat / warm + balance:", "if not chance[lane] < heat + balance:"),
    ),
    mutant(
        "diffusion: acceptance without the way back",
        "diffusion",
        (STEPS, "heat / warm + balance:", "heat / warm:"),
    ),
    mutant(
        "diffusion: acceptance without the force's work",
        "diffusion",
        (
            STEPS,
            "            heat += 0.5 * (push[i, lane] + new_push[i, lane]) * way\n            back",
            "            back",
        ),
    ),
    mutant(
        "diffusion: sweeps always upwards",
        "diffusion",
        (STEPS, "return turn if number % 2 == 0 else n - 1 - turn", "return turn"),
    ),
    mutant(
        "diffusion: both steps use one number of a pair",
        "diffusion",
        (STEPS, "                z[0, lane] = spare[lane]\n", "                z[0, lane] = z[0, lane]\n"),
    ),
    mutant(
        "diffusion: replicas share their random numbers",
        "diffusion",
        (STEPS, "number[s], first + begin, key0", "number[s], first, key0"),
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
        "diffusion",
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
        (SURPRISE, "(process.energies(w, control) - before) / warm", "(process.energies(w, control) - before)"),
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
)

FILES = {
    "diffusion": "tests/continuous/test_simulation.py",
    "order": "tests/continuous/test_order.py",
    "steps": "tests/continuous/test_steps.py",
    "process": "tests/continuous/test_process.py",
    "reference": "tests/continuous/test_reference.py",
}
