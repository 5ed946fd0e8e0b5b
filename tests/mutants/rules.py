"""Mistakes in rules, plasticity, feedback, networks and measured synapses."""

from __future__ import annotations

from .case import mutant

KERNEL, SETTINGS, REPLICAS = "_kernels/learning.py", "learning/settings.py", "learning/replicas.py"
METROPOLIS, ANSWERS, SPIKES = "_kernels/metropolis.py", "_kernels/answers.py", "_kernels/spikes.py"
UNITS, FLIPS, LAYERS = "_kernels/unit_sweeps.py", "_kernels/flips.py", "_kernels/networks.py"
STDP, MOMENTS, STATE = "learning/spike_timing.py", "infer/synapse_moments.py", "learning/gibbs_state.py"

FILES = {
    "plasticity": "tests/learning/test_plasticity.py",
    "default_step": "tests/learning/test_default_step.py",
    "rule_engines": "tests/learning/test_engines.py",
    "rule_oracles": "tests/learning/test_oracles.py",
    "gibbs_steps": "tests/learning/test_gibbs_steps.py",
    "gibbs_state": "tests/learning/test_gibbs_state.py",
    "gibbs_costs": "tests/learning/test_gibbs_costs.py",
    "answers": "tests/learning/test_answers.py",
    "answer_costs": "tests/learning/test_answers_costs.py",
    "feedback": "tests/learning/test_feedback.py",
    "stdp": "tests/learning/test_stdp.py",
    "weight_density": "tests/learning/test_weight_density.py",
    "label_density": "tests/learning/test_weight_density_labels.py",
    "rate_rules": "tests/learning/test_weight_density_rules.py",
    "rbm": "tests/networks/test_rbm_machine.py",
    "annealing": "tests/networks/test_rbm_annealing.py",
    "contrastive": "tests/networks/test_rbm_contrastive.py",
    "feedforward": "tests/networks/test_feedforward.py",
    "network_path": "tests/networks/test_network_path.py",
    "train_networks": "tests/learning/test_train_networks.py",
    "hopfield": "tests/networks/test_hopfield.py",
    "mean_field": "tests/networks/test_mean_field.py",
    "storage": "tests/networks/test_storage.py",
    "sizes": "tests/infer/test_sizes.py",
    "size_synapse": "tests/infer/test_sizes_synapse.py",
}

MUTANTS = (
    mutant(
        "leak of the wrong sign",
        "plasticity",
        (KERNEL, "force[lane] -= weight[lane] * leak", "force[lane] += weight[lane] * leak"),
    ),
    mutant("leak not shared by the weights", "plasticity", (KERNEL, "leak[lane] / n_weights", "leak[lane]")),
    mutant(
        "threshold follows |A|, not A^2",
        "plasticity",
        (KERNEL, "square += fields[mu, lane] * fields[mu, lane]", "square += abs(fields[mu, lane])"),
    ),
    mutant(
        "threshold never moves", "plasticity", (KERNEL, "threshold[lane] += rate * (", "threshold[lane] += 0.0 * (")
    ),
    mutant(
        "lags exchanged",
        "plasticity",
        (
            KERNEL,
            "parameters[0] * fields[later, lane] - parameters[1] * fields[earlier, lane]",
            "parameters[0] * fields[earlier, lane] - parameters[1] * fields[later, lane]",
        ),
    ),
    mutant(
        "threshold starts at 0",
        "plasticity",
        (REPLICAS, "self.books[:, kernels.THRESHOLD] = settings.temperature / settings.stiffness", "pass"),
    ),
    mutant(
        "slope of the logistic loss forgotten in its energy",
        "rule_oracles",
        (
            "learning/rules.py",
            "(math.log(1.0 + math.exp(-abs(stability))) + max(0.0, -stability)) / parameters[0]",
            "0.0 * stability",
        ),
        ("learning/rule.py", "        if self.loss is not None:\n            self._check_loss()\n", ""),
    ),
    mutant(
        "order parameters of the optimal rule without decay",
        "plasticity",
        ("learning/optimal_rule.py", "r = decay * r + kick", "r = 0.0 * r + kick"),
    ),
    mutant(
        "refused moves warm the bath", "gibbs_steps", (METROPOLIS, "exp(-rise[lane] / temperature)", "exp(-rise[lane])")
    ),
    mutant(
        "loss of a move counted twice",
        "gibbs_steps",
        (METROPOLIS, "heat[lane] += fall[lane] - rise[lane]", "heat[lane] += fall[lane] + rise[lane]"),
    ),
    mutant(
        "work of the whole force at every step",
        "gibbs_steps",
        (METROPOLIS, "work = strength * (s - last) * loss[lane]", "work = strength * s * loss[lane]"),
    ),
    mutant(
        "free energy without temperature",
        "gibbs_steps",
        (STATE, "-self.temperature * (GROUPS * x[0]", "-(GROUPS * x[0]"),
    ),
    mutant(
        "conditional entropy added",
        "gibbs_state",
        (STATE, '"information": joint - conditional', '"information": joint + conditional'),
    ),
    mutant("one label for all", "gibbs_costs", ("learning/gibbs_costs.py", "state.n_patterns * log(2.0)", "log(2.0)")),
    mutant(
        "heat of answers of the wrong sign",
        "answers",
        (ANSWERS, "heat[lane] -= pull if turned else 0.0", "heat[lane] += pull if turned else 0.0"),
    ),
    mutant(
        "answers without temperature",
        "answers",
        (ANSWERS, "tilt = exp(0.5 * pull / temperature)", "tilt = exp(0.5 * pull)"),
    ),
    mutant(
        "half a step pushed without stiffness",
        "answers",
        ("learning/answering.py", "-expm1(-x) / settings.stiffness, kick", "-expm1(-x), kick"),
    ),
    mutant(
        "surprise of the wrong sign",
        "answer_costs",
        (
            "learning/answer_costs.py",
            "np.logaddexp(0.0, -gain * sigma * a / warm)",
            "np.logaddexp(0.0, gain * sigma * a / warm)",
        ),
    ),
    mutant(
        "feedback lost on the way",
        "feedback",
        (REPLICAS, "self.answers[block], a.feedback, a.answer_rate", "self.answers[block], 0.0, a.answer_rate"),
    ),
    mutant(
        "books closed with the learning rate twice",
        "feedback",
        (REPLICAS, "(s.strength if s.answering is None else 1.0)", "s.strength"),
    ),
    mutant(
        "energy of the answers forgotten at the end",
        "feedback",
        (REPLICAS, "final += s.feedback * closing * self._evaluate(fields, said.answers)", "pass"),
    ),
    mutant(
        "answers pay nothing",
        "feedback",
        (
            "learning/outcome.py",
            "return cost if self.answers is None else cost + self.answers.cost(self.settings.temperature)",
            "return cost",
        ),
    ),
    mutant(
        "depression strengthens",
        "stdp",
        (
            STDP,
            "chance = plus * self.potentiation_time - minus * self.depression_time",
            "chance = plus * self.potentiation_time + minus * self.depression_time",
        ),
    ),
    mutant(
        "spikes shared by pairs forgotten",
        "stdp",
        (STDP, "(R * k + q * r * k + q * once) ** 2", "(R * k + q * once) ** 2"),
    ),
    mutant(
        "output does not feel the weight", "stdp", (SPIKES, "z += feedback * w[lane] / tau_s", "z += feedback / tau_s")
    ),
    mutant(
        "diffusion left out of the density",
        "weight_density",
        ("learning/density_quadrature.py", "(force @ UP_TO.T) - np.log(D)", "(force @ UP_TO.T)"),
    ),
    mutant(
        "label's temperature lost",
        "label_density",
        (
            "learning/label_density.py",
            "apart = p.feedback - 0.5 * p.field * warm / cold",
            "apart = p.feedback - 0.5 * p.field",
        ),
    ),
    mutant(
        "swirl twice",
        "rate_rules",
        ("learning/rate_rules.py", "0.5 * c / w.shape[1] * (square * pulled", "c / w.shape[1] * (square * pulled"),
    ),
    mutant(
        "units at temperature 1", "rbm", (UNITS, "exp(-row[lane] / temperature)) <= 1.0", "exp(-row[lane])) <= 1.0")
    ),
    mutant(
        "heat of a sweep reversed",
        "annealing",
        (UNITS, "fall = books[ENERGY, lane] - energy[lane]", "fall = energy[lane] - books[ENERGY, lane]"),
    ),
    mutant(
        "contrastive gap without temperature",
        "contrastive",
        (
            "networks/contrastive.py",
            "self.entropy - self.entropy[0] + self.heat / self.temperature",
            "self.entropy - self.entropy[0] + self.heat",
        ),
    ),
    mutant(
        "free energy added to ln Z",
        "annealing",
        (
            "networks/annealing_importance.py",
            "value = self.start.log_partition() - f.value / self.temperature",
            "value = self.start.log_partition() + f.value / self.temperature",
        ),
    ),
    mutant(
        "gradient of a layer lost",
        "feedforward",
        (
            LAYERS,
            "slopes[under + i, mu, lane] *= scale * back[mu, lane]",
            "slopes[under + i, mu, lane] = scale * back[mu, lane]",
        ),
    ),
    mutant(
        "network's weights counted as inputs",
        "train_networks",
        (
            "learning/controls.py",
            "known = [run.initial_energy - 0.5 * s.n_weights * t]",
            "known = [run.initial_energy - 0.5 * s.task.n_inputs * t]",
        ),
    ),
    mutant(
        "flips push the wrong way",
        "hopfield",
        (FLIPS, "pushes[j] += 2.0 * s * row[j]", "pushes[j] -= 2.0 * s * row[j]"),
    ),
    mutant("flips at temperature 1", "hopfield", (FLIPS, "exp(-heat / temperature)", "exp(-heat)")),
    mutant(
        "driving couplings transposed",
        "hopfield",
        ("networks/associative.py", "work = -2.0 * s * (s @ self.driving.T)", "work = -2.0 * s * (s @ self.driving)"),
    ),
    mutant(
        "noise of all patterns squared once",
        "mean_field",
        ("networks/mean_field.py", "sigma**2 * (1.0 - c) ** 2 / q", "(1.0 - c) / q"),
    ),
    mutant(
        "noise of couplings",
        "storage",
        ("networks/storing.py", "sqrt(stiffness * temperature) / force", "sqrt(temperature / stiffness) / force"),
    ),
    mutant("moment of a decay", "size_synapse", (MOMENTS, "- r * (1.0 + B * B)", "+ r * (1.0 + B * B)")),
    mutant(
        "relaxation gains what it should lose",
        "size_synapse",
        ("infer/budget_of_synapse.py", "relaxed = change + heat", "relaxed = heat - change"),
    ),
    mutant(
        "looks at one synapse count as many",
        "sizes",
        ("infer/spine_sizes.py", "np.sum(d.sum(axis=1) ** 2)", "np.sum(d**2)"),
    ),
    mutant(
        "steps blind to how steep a mean answer is",
        "default_step",
        ("learning/steepness.py", "tanh(0.5 * field / temperature)", "tanh(0.5 * field)"),
    ),
    mutant(
        "steps blind to how fast weights turn",
        "default_step",
        (SETTINGS, "np.where(h.real > 0.0, h.real, np.abs(h)) / np.abs(h) ** 2", "1.0 / np.abs(h.real)"),
    ),
    mutant(
        "kicks that read the field have an energy",
        "plasticity",
        ("learning/classification.py", "if settings.holds_force:", "if False:"),
    ),
    mutant(
        "one bad state in many",
        "plasticity",
        ("learning/classification.py", "max(apart) / max(sizes)", "float(np.median(apart)) / max(sizes)"),
    ),
    mutant(
        "answers far from equilibrium counted as near",
        "feedback",
        ("learning/answer_costs.py", 'self.heat / temperature, "upper")', "self.heat / temperature)"),
    ),
    mutant(
        "forecasts of sizes without the fit's error",
        "size_synapse",
        ("infer/synapse_forecast.py", "sqrt(_error(whole) ** 2 + float(of_fit[k]))", "_error(whole)"),
    ),
    mutant(
        "noise of a look left out of its forecast",
        "size_synapse",
        ("infer/synapse_forecast.py", "variance + r * (1.0 - kept)", "variance + r * (1.0 + kept)"),
    ),
    mutant(
        "refuted forecasts called relaxations",
        "size_synapse",
        ("infer/budget_of_synapse.py", "for x in (check, *along))", "for x in (check,))"),
    ),
    mutant(
        "resets of chains booked backwards",
        "contrastive",
        ("networks/contrastive_training.py", "put - moved", "moved - put"),
    ),
    mutant(
        "machines descend what they should climb",
        "contrastive",
        ("networks/contrastive_training.py", "step * (x - y)", "step * (y - x)"),
    ),
    mutant(
        "work of a reset at temperature 1",
        "contrastive",
        ("networks/contrastive.py", "return self.temperature * self.gap", "return self.gap"),
    ),
)
