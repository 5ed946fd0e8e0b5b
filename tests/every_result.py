"""One result of every kind that a public function returns, small and quickly made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import szilard as sz
from szilard import continuous, data, discrete, infer, laws, networks, study, systems, theory
from szilard.continuous import LabelFeedback, Langevin, Linear
from szilard.estimate import Estimate, Sampled
from szilard.laws.panel import Laws
from szilard.learning.answers_exact import exact_answers
from szilard.learning.gibbs_state import version_space
from szilard.learning.label_density import label_feedback_costs
from szilard.learning.modes_sweep import weight_modes
from szilard.learning.spike_sampling import stdp_by_spikes
from szilard.learning.spike_timing import SpikeTiming
from szilard.learning.synapse_model import Plasticity
from szilard.questions.answer import Answer, Answered
from szilard.questions.part import Finding, Part, Picture, Table
from szilard.questions.question_file import Question
from szilard.study.sobol_indices import saltelli_points

from .study.made_results import grid, results_of
from .study.tiny import MICRO


def every_result(folder: Path) -> Iterator[Any]:
    """All of them, one after the other; studies are kept in the folder."""
    yield from estimates()
    yield from jumps()
    yield from diffusion()
    yield from controls()
    yield from training()
    yield from synapses()
    yield from machines()
    yield from closed_forms()
    yield from recordings()
    yield from studies(folder)
    yield from answers()


def estimates() -> Iterator[Any]:
    yield Estimate(0.7, 0.03, 80, 60.0, "upper", "worth little", ("fair draws",), "A paper (2020)")
    yield Sampled.mean([1.0, 2.0, 4.0])
    check = sz.BoundCheck(
        "I <= cost", Estimate(0.3, 0.01, 500), Estimate(0.7, 0.01, 500), ("fair labels",), "G", 0.0123
    )
    yield check
    yield Laws([check], ["Jarzynski: no equilibrium at the start"])
    yield sz.Protocol([0.0, 1.0, 1.0, 2.5], [0.0, 1.0, 3.0, 0.5])
    yield laws.detailed_fluctuation_table([1.0] * 731 + [-1.0] * 269, [1.0] * 731 + [-1.0] * 269)
    yield laws.two_level_erasure(0.01, 5.0)


def jumps() -> Iterator[Any]:
    ring = systems.ring([0.0, 0.5, 1.2], affinity=2.0, temperature=0.8)
    yield from (ring, ring.channels[0])
    run = sz.simulate(
        ring,
        "stationary",
        2.0,
        replicas=300,
        seed=1,
        times=[0.5, 1.0],
        record="paths",
        currents={"net": np.eye(3, k=1)},
    )
    yield from (run, run.ledger, run.books, run.paths, run.time_reversal(), run.backward(), run.split())
    yield sz.energetics(ring, [0.2, 0.3, 0.5], 1.5)
    yield sz.propagate(ring, 0, [0.0, 1.0])
    counted = discrete.fluctuations(ring, [0.2, 0.3, 0.5], 1.5)
    yield from (counted, counted.work)
    yield from (discrete.edge_currents(ring), discrete.current_noise(ring))
    cycles = discrete.cycle_affinities(ring)
    yield from (cycles, cycles[0], discrete.detailed_balance(ring))
    yield from (discrete.scgf(ring, [0.0, 0.3]), discrete.rate_function(ring, [0.2, 0.4]))
    yield from (discrete.first_passage(ring, 1), discrete.convergence(ring, [0.1, 2.0]))
    yield discrete.relaxation_spectrum(ring)
    sensor = systems.sensor(2.0, environment=0.1)
    yield discrete.information_flows(sensor, (2, 2))
    seen = sz.simulate(sensor, "stationary", 2.0, replicas=50, seed=1, record="paths")
    yield discrete.flow_samples(seen, (2, 2))
    watched = systems.demon(0.1)
    yield from (watched, watched.energetics(5.0), watched.simulate(5.0, replicas=100, seed=1))
    network = systems.ReactionNetwork([systems.Reaction("A <-> B", 2.0, 1.0)], limits=5, start={"A": 5})
    yield from (network.reactions[0], network, network.moments({"A": 5}, [0.0, 2.0]))


def diffusion() -> Iterator[Any]:
    turning = systems.rotating_trap(1.3, 0.7)
    run = sz.simulate(turning, "stationary", 1.0, replicas=100, seed=1, dt=0.05, times=[0.5], record="paths")
    yield from (turning, run, run.paths, run.backward())
    yield Linear([[2.0, 0.0], [0.0, 1.0]], [0.0, 0.5], swirl=[[0.0, -0.8], [0.1, 0.0]])
    yield sz.stationary(systems.linear([[2.0]], 3.0))
    trap = systems.stiffened_trap()
    jump = sz.Protocol([0.0, 0.0], [1.0, 3.0])
    yield from (sz.energetics(trap, "equilibrium", 40.0, jump), sz.propagate(trap, "equilibrium", [0.0, 1.0], jump))
    well = systems.double_well(2.0)
    yield from (
        sz.stationary(well),
        sz.propagate(well, "equilibrium", [0.0, 0.2]),
        continuous.lattice_of(well, cells=64),
    )
    yield continuous.probability_current(systems.tilted_ring(0.5, 1.0), cells=64)
    yield continuous.maintenance_ceiling(turning)
    yield continuous.Mixture([0.25, 0.75], [sz.Gaussian(3.0, 1.0), sz.Gaussian(-1.0, 1.0)])
    yield continuous.fluctuations(Langevin(linear=Linear([[1.0]], [0.0]), dim=1), "equilibrium", 0.5)
    learner = LabelFeedback(push=1.0, feedback=0.25, field=1.0, flip_rate=1.0)
    yield from (learner, continuous.feedback_evolve(learner, [0.0, 1.0]), continuous.feedback_stationary(learner))
    yield from (continuous.feedback_on_lattice(learner), exact_answers(learner, [0.0, 4.0]))
    yield continuous.sample_feedback(learner, 2.0, replicas=100, seed=1, dt=0.1)
    yield label_feedback_costs(learner, [0.0, 0.4])


def controls() -> Iterator[Any]:
    yield from (continuous.bit_erasure(2.0), continuous.optimal_learning_force(1.5, 2.0))
    yield from (continuous.optimal_moved_trap(2.0, 1.5), continuous.normal(0.5, 2.0))
    yield continuous.optimal_transport(sz.Gaussian(0.0, 1.0), sz.Gaussian(1.5, 0.25), 2.0)
    yield continuous.optimal_transport(continuous.box(0.0, 1.0), continuous.normal(), 2.0)


def training() -> Iterator[Any]:
    task = sz.tasks.digits(3, 8, patterns=4)
    run = sz.train(task, sz.rules.hebbian, learning_rate=1.0, duration=2.0, replicas=200, seed=1, times=[1.0, 2.0])
    yield from (task, sz.rules.hebbian, run, run.settings, run.snapshots[0], run.classification, sz.budget(run))
    answering = sz.train(
        sz.tasks.random_labels(2, 1, seed=1), sz.rules.perceptron, learning_rate=1.0, duration=0.2, dt=0.1, replicas=60,
        seed=1, feedback=0.5,
    )  # fmt: skip
    yield from (answering.answers, answering.settings.answering)
    yield from (sz.rules.bcm, sz.rules.stdp, sz.rules.optimal)
    yield version_space([[1.0]], strength=1.1)


def synapses() -> Iterator[Any]:
    leaky = Plasticity(lambda w: -w, lambda w: np.full_like(w, 2.0), name="a <script>alert(1)</script> synapse")
    yield from (leaky, leaky.stationary())
    noise = np.ones_like
    wells = Plasticity(lambda w: -0.8 * w - w**3, noise), Plasticity(lambda w: 0.2 * w - w**3, noise)
    yield weight_modes(lambda strength: wells[int(strength > 0)], [-0.5, 0.5], accuracy=0.1)
    rule = SpikeTiming(kind="multiplicative", pre_rate=20.0, rest_rate=20.0, feedback=0.1, step=0.02)
    yield from (rule, stdp_by_spikes(rule, [2.0], replicas=50, seed=1))


def machines() -> Iterator[Any]:
    end = networks.rbm([[1.0, 2.0], [-1.0, 0.5]], temperature=2.0)
    path = networks.straight_path(end.without_weights(), end, 10)
    yield from (end, end.means(), path, networks.anneal(path, replicas=100, seed=1), networks.exact_annealing(path))
    yield networks.annealing_budget(end, steps=[1, 20], replicas=200, seed=1)
    yield networks.annealed_importance(end, steps=20, replicas=200, seed=1)
    yield networks.gibbs_sweeps(end, [[0, 1]], sweeps=5, replicas=100, seed=1)
    yield networks.contrastive_gap(end, [[1, 1], [0, 1]], sweeps=3)
    yield networks.train_rbm([[1, 1, 0], [0, 0, 1]] * 4, hidden=2, learning_rate=0.5, updates=10, seed=1)
    memory = networks.hopfield([[1, -1] * 20], temperature=0.4)
    yield from (
        memory,
        memory.recall(1.0, replicas=20, seed=1),
        networks.committee(3),
        networks.storage_price(0.1, 4.0),
    )
    yield networks.retrieval_curve(60, [0.05, 0.3], temperature=0.1, samples=3, replicas=4, duration=2.0, seed=1)


def closed_forms() -> Iterator[Any]:
    yield from (theory.online_asymptote("adatron", 1.5), theory.online("hebbian", 1.0, [0.0, 10.0], temperature=0.5))
    yield theory.sgd_entropy_production([[2.0, 0.3], [0.3, 0.5]], [[1.0, 0.6], [0.6, 2.0]], 0.1, 8)
    yield theory.hebbian_finite(np.array([[1.0, 1.0], [1.0, -1.0]]), 1.0, tau=0.0)
    yield theory.additive_heat([0.0], [1.0], amplitude_squared=4.0)
    yield from (theory.hebbian(1.0, 1.0), theory.hebbian_joint(1.0, 1.0), theory.hebbian_chain(1.0, 1.0))
    yield from (theory.speed_limited_efficiency(10.0), theory.single_synapse(8.0, 1e5))
    yield from (theory.online_stationary("perceptron", 1.0), theory.RestPoint(0.8, 1.7, 0.29, True))
    yield theory.kick_averages("hebbian", 0.4)


def recordings() -> Iterator[Any]:
    days = data.example_spines()
    before = infer.Recording(days.states[:, :11], days.times[:11])
    fit = infer.fit_synapse(before)
    yield from (days, fit, infer.synapse_budget(fit, days, between=(10, 11)))
    sizes = infer.fit_sizes(np.random.default_rng(1).gamma(1.5, 0.2, 200), seed=1, resamples=20, simulations=20)
    yield from (sizes, sizes.fits[0])
    ring = systems.ring([0.0, 0.5, 1.2], affinity=4.0)
    run = sz.simulate(ring, "stationary", 20.0, replicas=60, seed=1, times=np.arange(0.0, 20.0, 0.2).tolist())
    yield infer.growth_with_words(infer.Recording.from_run(run), longest=3)
    yield infer.side_by_side(ring, seed=1)
    walk = sz.simulate(
        systems.moved_trap(2.0), "equilibrium", 1.0, protocol=sz.Protocol([0], [0]), replicas=400, seed=1, dt=0.05,
        record="paths", entropy=False,
    )  # fmt: skip
    assert isinstance(walk, continuous.Run) and walk.paths is not None
    yield infer.drift_diffusion(walk.paths.states, walk.paths.times)
    yield infer.linear_drift(walk.paths.states, walk.paths.times)
    yield infer.binned_drift(walk.paths.states, walk.paths.times, bins=6)
    yield infer.extrapolate([10, 20, 40], [Estimate(1.31, 0.01), Estimate(1.145, 0.01), Estimate(1.08, 0.01)])
    trained = infer.TrainingRecording(learning_rate=0.1)
    w = np.array([2.0, -1.0])
    for _ in range(50):
        trained.step(w, loss=float(0.5 * w @ w), gradients=w)
        w = w - 0.1 * w
    yield from (trained, trained.ledger())
    path = sz.simulate(ring, "stationary", 2.0, replicas=10, seed=1, record="paths")
    yield infer.Recording.from_run(path).jumps


def studies(folder: Path) -> Iterator[Any]:
    asked = sz.Study(MICRO)
    yield from (asked, study.plan_of(asked, folder / "out"))
    sz.run_study(asked, folder / "out", threads=1)
    yield study.status_of(folder / "out")
    (folder / "own.csv").write_text("1,0,1,a\n0,1,1,b\n1,1,0,a\n0,0,1,b\n")
    yield data.read_patterns(folder / "own.csv", labels="last")
    yield study.power_fit([1.0, 2.0, 4.0], [1.0, 4.1, 15.8], [0.1, 0.1, 0.2])
    rates = grid(learning_rate=[0.5, 1.0, 2.0, 4.0], temperature=[0.5, 1.0, 2.0])
    cost = rates["learning_rate"] ** 2 / rates["temperature"]
    made = results_of(rates, cost=(cost, 0.01 + 0.0 * cost))
    yield from (study.screen(made, "cost"), study.exponents(made, "cost", "learning_rate"))
    x = saltelli_points(2, 64, seed=1)
    design = {"temperature": x[:, 0], "learning_rate": x[:, 1]}
    yield study.sobol(results_of(design, cost=(x[:, 0] + 2.0 * x[:, 1], 0.0 * x[:, 0])), "cost", design)
    axes = {"learning_rate": rates["learning_rate"], "temperature": rates["temperature"], "rule": ["hebbian"] * 12}
    axes |= {"schedule": ["quench"] * 12, "labelling": ["random"] * 12}
    known = np.log1p(rates["learning_rate"])
    errors = 1e-3 + 0.0 * cost
    matchable = results_of(axes, learned=(known, errors), heat=(cost, errors), cost=(cost, errors))
    yield study.matched(matchable, 0.9)[1][0]
    yield study.compare_results(made, results_of(rates, cost=(cost + 0.003, 0.01 + 0.0 * cost)))


def answers() -> Iterator[Any]:
    def draw(figure: Any) -> None:
        figure.subplots()

    check = sz.BoundCheck("mean <= 9", Estimate(1.5, 0.1, 400), Estimate.exact(9.0))
    finding = Finding(
        "Means were drawn <script>alert(1)</script>.",
        ("fair draws",),
        Table(("a",), ((1.0,),)),
        Picture(draw, "x"),
        (check,),
    )
    part = Part("coins", "What <b>coins</b> say", (), lambda records: finding)
    yield Answer("A question", "a test", "ceiling", 3, 1.0, True, (Answered(part, finding),))
    yield Question.shipped("limit", quick=True)
