"""The reference numbers, by the exact route to their accuracy and by sampling within 4 standard errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard import theory
from szilard.continuous import (
    LabelFeedback,
    Linear,
    Mixture,
    bit_erasure,
    feedback_stationary,
    fluctuations,
    generating_function,
    maintenance_ceiling,
    optimal_protocol,
    optimal_transport,
    sample_feedback,
    thermodynamic_length,
)
from szilard.estimate import Sampled

DRAGGED = sz.systems.moved_trap(2.0)
DRAG = sz.Protocol([0.0, 1.2], [0.0, 1.8])
STIFFENED = sz.systems.stiffened_trap()
QUENCH, RAMP = sz.Protocol([0.0, 0.0], [1.0, 3.0]), sz.Protocol([0.0, 0.8], [1.0, 3.0])
WEIGHT = sz.Langevin(linear=lambda force: Linear([[1.0]], [force]), dim=1)
"""One synapse in k w^2/2 - f w: the force of learning is the control."""
ROTATING = sz.systems.linear([[1.3, -0.7], [0.7, 1.3]], 1.0)
ASYMMETRIC = sz.systems.linear([[2.0, 0.8], [-0.1, 1.0]], 1.0)
NOISY = sz.systems.linear(0.1 * np.array([[2.0, 0.3], [0.3, 0.5]]), 0.01 / 16.0 * np.array([[1.0, 0.6], [0.6, 2.0]]))
"""Gradient descent on a quadratic loss, rate 0.1 and batches of 8, with noise of another shape; time in steps."""
RISING = sz.Protocol([0.0, 0.0, 0.3, 1.1, 2.0], [0.0, 0.5, 1.2, 1.4, 2.0], kind="constant")
TURNING = sz.Protocol([0.0, 0.0, 0.3, 1.1, 2.0], [0.0, 3.0, 1.0, 3.0, 2.0], kind="constant")
ALTERNATING = sz.Protocol([0.0, *(0.8 * np.arange(40))], [0.0, *np.resize([1.3, -1.3], 40)], kind="constant")
LABELS = Mixture([0.5, 0.5], [sz.Gaussian(-2.0, 1.0), sz.Gaussian(2.0, 1.0)])
"""A weight that has learned a label nobody tells."""
FEEDBACKS = [(1.0, 3.0), (0.25, 1.0), (0.5, 1.0), (0.0, 1.0)]

VALUES = {
    "moved trap, mean work": (1.6770576974505889, 1e-9),
    "moved trap, variance of the work": (3.3541153949011777, 1e-9),
    "stiffness quench, mean work": (1.0, 1e-9),
    "stiffness quench, <exp(-W)>": (0.5773502691896257, 1e-9),
    "stiffness quench, entropy production": (0.4506938556659451, 1e-9),
    "stiffness ramp, mean work": (0.7337394037448273, 1e-8),
    "stiffness ramp, <exp(-W)>": (0.5773502691896257, 1e-9),
    "heat in equilibrium, variance": (0.6321205588285577, 1e-7),
    "heat in equilibrium, <exp(-0.6 Q)>": (1.1378069403919604, 1e-7),
    "rotating trap, entropy production rate": (0.7538461538461537, 1e-10),
    "asymmetric rule, entropy production rate": (0.27000000000000013, 1e-10),
    "asymmetric rule, ceiling": (0.27000000000000013, 1e-8),
    "moved trap, optimal work": (1.1428571428571428, 1e-7),
    "transport of Gaussians, entropy production": (1.25, 1e-6),
    "thermodynamic length of a stiffness": (0.42264973081037416, 1e-9),
    "erasure of a box, coefficient": (0.3333333333333333, 1e-10),
    "erasure of a Gaussian, only the bit, coefficient": (0.5, 1e-9),
    "ramp of a learning force, heat": (1.604777990133956, 1e-9),
    "telegraph force, heat rate": (1.0, 2e-4),
    "rising steps, entropy production": (1.0915955648268245, 1e-10),
    "turning steps, entropy production": (3.9012232005437166, 1e-10),
    "alternating force, heat rate": (1.605284365528325, 1e-10),
    "noisy descent, entropy production rate": (0.0351219512195122, 1e-10),
    "label feedback 1, heat rate of the weight": (-0.04536088681992387, 2e-5),
    "label feedback 0.25, heat rate of the weight": (-0.03018527412048841, 2e-5),
    "label feedback 0.5, heat rate of the weight": (0.0, 2e-5),
    "label feedback 0, heat rate of the weight": (0.0, 2e-5),
    "efficiency within 1": (0.0596702548356844, 2e-5),
    "efficiency within 10": (0.278330595733964, 2e-5),
    "efficiency within 100": (0.67593, 2e-5),
    "efficiency within 1000": (0.9194746555442614, 2e-5),
    "blind reset, least heat": (0.6327201937369082, 1e-8),
    "sudden reset, entropy production": (1.3672798062630918, 1e-8),
}
"""Value and the relative accuracy to which two independent derivations of it agree."""


def rate_of_alternation() -> float:
    """From two spans of whole periods, the transient of which has died out."""
    late, early = (sz.energetics(WEIGHT, "equilibrium", 1.6 * n, ALTERNATING).heat[0] for n in (20, 15))
    return float(late - early) / 8.0


@cache
def exact() -> dict[str, float]:
    """Every value by the library's exact solution."""
    dragged = fluctuations(DRAGGED, "equilibrium", 1.2, DRAG).work
    rest = sz.systems.linear([[1.0]], 1.0)
    steps = {"rising": RISING, "turning": TURNING}
    found: dict[str, Any] = {
        "moved trap, mean work": sz.energetics(DRAGGED, "equilibrium", 1.2, DRAG).work,
        "moved trap, variance of the work": dragged.variance,
        "stiffness quench, mean work": sz.energetics(STIFFENED, "equilibrium", 0.0, QUENCH).work,
        "stiffness quench, <exp(-W)>": generating_function(STIFFENED, "equilibrium", 0.0, QUENCH, work=1.0),
        "stiffness quench, entropy production": sz.energetics(
            STIFFENED, "equilibrium", 60.0, QUENCH
        ).entropy_production,
        "stiffness ramp, mean work": sz.energetics(STIFFENED, "equilibrium", 0.8, RAMP).work,
        "stiffness ramp, <exp(-W)>": generating_function(STIFFENED, "equilibrium", 0.8, RAMP, work=1.0),
        "heat in equilibrium, variance": fluctuations(rest, "equilibrium", 0.5).heat[0].variance,
        "heat in equilibrium, <exp(-0.6 Q)>": generating_function(rest, "equilibrium", 0.5, heat=0.6),
        "rotating trap, entropy production rate": sz.entropy_production_rate(ROTATING),
        "asymmetric rule, entropy production rate": sz.entropy_production_rate(ASYMMETRIC),
        "asymmetric rule, ceiling": maintenance_ceiling(ASYMMETRIC).value,
        "moved trap, optimal work": optimal_protocol(sz.systems.moved_trap(), 0.0, 2.0, 1.5).work,
        "transport of Gaussians, entropy production": optimal_transport(
            sz.Gaussian(0.0, 1.0), sz.Gaussian(1.5, 0.25), 2.0
        ).dissipation,
        "thermodynamic length of a stiffness": thermodynamic_length(STIFFENED, 1.0, 3.0),
        "erasure of a box, coefficient": bit_erasure(1.0).coefficient,
        "erasure of a Gaussian, only the bit, coefficient": bit_erasure(
            1.0, density="gaussian", fixed="bit"
        ).coefficient,
        "ramp of a learning force, heat": sz.energetics(
            WEIGHT, "equilibrium", 60.0, sz.Protocol([0.0, 0.7], [0.0, 2.0])
        ).heat[0],
        "telegraph force, heat rate": feedback_stationary(telegraph()).heat[0],
        "alternating force, heat rate": rate_of_alternation(),
        "noisy descent, entropy production rate": sz.entropy_production_rate(NOISY),
        "blind reset, least heat": LABELS.entropy - sz.Gaussian(0.0, 1.0).entropy,
        "sudden reset, entropy production": sz.energetics(
            WEIGHT, LABELS, 60.0, sz.Protocol([0.0], [0.0])
        ).entropy_production,
    }
    for name, way in steps.items():
        found[f"{name} steps, entropy production"] = sz.energetics(WEIGHT, "equilibrium", 60.0, way).entropy_production
    for g, a in FEEDBACKS:
        found[f"label feedback {g:g}, heat rate of the weight"] = feedback_stationary(pseudo(g, a)).heat[0]
    for tau in (1.0, 10.0, 100.0, 1000.0):
        found[f"efficiency within {tau:g}"] = theory.speed_limited_efficiency(tau).efficiency
    return {name: float(value) for name, value in found.items()}


def telegraph() -> LabelFeedback:
    return LabelFeedback(push=0.0, feedback=1.5, field=0.0, flip_rate=0.4)


def pseudo(g: float, a: float) -> LabelFeedback:
    """The weight is told the truth, and its own noisy answer."""
    return LabelFeedback(push=1.0, feedback=g, field=a, flip_rate=1.0)


@pytest.mark.parametrize("name", VALUES)
def test_by_the_exact_route(name: str) -> None:
    """A rate that vanishes is compared with the pace of the heat that flows to and fro, which is 1."""
    value, accuracy = VALUES[name]
    assert exact().keys() == VALUES.keys()
    assert exact()[name] == pytest.approx(value, rel=accuracy, abs=1e-10 if value == 0.0 else 0.0)


def test_the_label_heats_as_the_first_law_and_a_steady_covariance_say() -> None:
    """d<sigma w>/dt = 0: what <sigma dw> gains <w dsigma> loses, so that Q_label = -(a / 2g) Q_weight."""
    for g, a in FEEDBACKS[:2]:
        rates = feedback_stationary(pseudo(g, a))
        assert rates.heat[1] == pytest.approx(-a / (2.0 * g) * rates.heat[0], rel=1e-8)


def work(process: sz.Langevin, duration: float, way: sz.Protocol, n: int, seed: int) -> Any:
    return sz.simulate(process, "equilibrium", duration, replicas=n, seed=seed, protocol=way, dt=0.01).ledger.work


def produced(process: sz.Langevin, initial: Any, duration: float, way: Any, n: int, seed: int) -> Any:
    run = sz.simulate(process, initial, duration, replicas=n, seed=seed, protocol=way, dt=0.01)
    return run.ledger.entropy_production


def heat(process: sz.Langevin, duration: float, way: Any, n: int, seed: int) -> Any:
    return sz.simulate(process, "equilibrium", duration, replicas=n, seed=seed, protocol=way, dt=0.01).ledger.heat[:, 0]


def rate(process: sz.Langevin, n: int, seed: int) -> Any:
    """Steady entropy production per time; the trapezoid leaves dt times the square of the fastest rate: 1e-3 here."""
    run = sz.simulate(process, "stationary", 4.0, replicas=n // 4, seed=seed, dt=0.001, method="exact")
    return run.ledger.entropy_production / 4.0


def noisy(n: int, seed: int) -> Any:
    """The same where all rates are ten times slower."""
    run = sz.simulate(NOISY, "stationary", 40.0, replicas=n // 4, seed=seed, dt=0.01)
    return run.ledger.entropy_production / 40.0


def ceiling(n: int, seed: int) -> Any:
    """sum_n <(F_n + d_n Phi)^2> at the best quadratic Phi, over sampled states."""
    best = maintenance_ceiling(ASYMMETRIC)
    w = sz.simulate(ASYMMETRIC, "stationary", 1.0, replicas=n, seed=seed).final
    return ((ASYMMETRIC.forces(w) + w @ best.matrix - best.vector) ** 2).sum(axis=1)


def alternation(n: int, seed: int) -> Any:
    times = [12.8, 25.6]
    run = sz.simulate(
        WEIGHT, "equilibrium", 25.6, replicas=n // 4, seed=seed, protocol=ALTERNATING, dt=0.8, times=times
    )
    assert run.books is not None
    return (run.books.heat[:, 1, 0] - run.books.heat[:, 0, 0]) / 12.8


def flipping(process: LabelFeedback, n: int, seed: int) -> Any:
    run = sample_feedback(process, 40.0, replicas=n // 10, seed=seed, dt=0.02, initial="stationary")
    return run.ledger.heat[:, 0] / 40.0


def optimal(n: int, seed: int) -> Any:
    best = optimal_protocol(sz.systems.moved_trap(), 0.0, 2.0, 1.5)
    return work(sz.systems.moved_trap(), 1.5, best.protocol, n, seed)


def transported(n: int, seed: int) -> Any:
    """The mean moves and the width shrinks at constant speed in the trap that makes them: Q/T + ds."""
    s, c = np.linspace(0.0, 1.0, 401), np.linspace(0.0, 1.0, 401) * 1.5
    width = 1.0 - 0.5 * s
    stiffness = 1.0 / width**2 + 0.5 / 2.0 / width
    pull = stiffness * c + 0.75

    def trap(x: float) -> Linear:
        return Linear([[float(np.interp(x, s, stiffness))]], [float(np.interp(x, s, pull))])

    process = sz.Langevin(linear=trap, dim=1)
    way = sz.Protocol([0.0, 2.0], [0.0, 1.0])
    run = sz.simulate(process, sz.Gaussian(0.0, 1.0), 2.0, replicas=n, seed=seed, protocol=way, dt=0.005)
    return run.ledger.entropy_production


def blind_reset(n: int, seed: int) -> Any:
    """-Delta S of the weight on its way back, label unknown."""
    run = sz.simulate(WEIGHT, LABELS, 12.0, replicas=n, seed=seed, protocol=sz.Protocol([0.0], [0.0]))
    return -run.ledger.system_entropy_change


def square(samples: Any) -> Sampled:
    return Sampled.mean((samples - samples.mean()) ** 2)


SAMPLED: dict[str, Callable[[int, int], Any]] = {
    "moved trap, mean work": partial(work, DRAGGED, 1.2, DRAG),
    "moved trap, variance of the work": lambda n, seed: square(work(DRAGGED, 1.2, DRAG, n, seed)),
    "stiffness quench, mean work": partial(work, STIFFENED, 0.0, QUENCH),
    "stiffness quench, <exp(-W)>": lambda n, seed: np.exp(-work(STIFFENED, 0.0, QUENCH, n, seed)),
    "stiffness quench, entropy production": partial(produced, STIFFENED, "equilibrium", 8.0, QUENCH),
    "stiffness ramp, mean work": partial(work, STIFFENED, 0.8, RAMP),
    "stiffness ramp, <exp(-W)>": lambda n, seed: np.exp(-work(STIFFENED, 0.8, RAMP, n, seed)),
    "heat in equilibrium, variance": lambda n, seed: square(heat(sz.systems.linear([[1.0]], 1.0), 0.5, None, n, seed)),
    "heat in equilibrium, <exp(-0.6 Q)>": lambda n, seed: np.exp(
        -0.6 * heat(sz.systems.linear([[1.0]], 1.0), 0.5, None, n, seed)
    ),
    "rotating trap, entropy production rate": partial(rate, ROTATING),
    "asymmetric rule, entropy production rate": partial(rate, ASYMMETRIC),
    "asymmetric rule, ceiling": ceiling,
    "moved trap, optimal work": optimal,
    "transport of Gaussians, entropy production": transported,
    "ramp of a learning force, heat": partial(heat, WEIGHT, 10.0, sz.Protocol([0.0, 0.7], [0.0, 2.0])),
    "telegraph force, heat rate": lambda n, seed: flipping(telegraph(), n, seed),
    "rising steps, entropy production": partial(produced, WEIGHT, "equilibrium", 10.0, RISING),
    "turning steps, entropy production": partial(produced, WEIGHT, "equilibrium", 10.0, TURNING),
    "alternating force, heat rate": alternation,
    "noisy descent, entropy production rate": noisy,
    "label feedback 1, heat rate of the weight": lambda n, seed: flipping(pseudo(1.0, 3.0), n, seed),
    "label feedback 0.25, heat rate of the weight": lambda n, seed: flipping(pseudo(0.25, 1.0), n, seed),
    "label feedback 0.5, heat rate of the weight": lambda n, seed: flipping(pseudo(0.5, 1.0), n, seed),
    "label feedback 0, heat rate of the weight": lambda n, seed: flipping(pseudo(0.0, 1.0), n, seed),
    "blind reset, least heat": blind_reset,
    "sudden reset, entropy production": partial(produced, WEIGHT, LABELS, 12.0, sz.Protocol([0.0], [0.0])),
}
BOUNDS = {
    "thermodynamic length of a stiffness",
    "erasure of a box, coefficient",
    "erasure of a Gaussian, only the bit, coefficient",
}
"""Lengths and coefficients: what they bound is sampled elsewhere, they are not means of a trajectory."""


def test_every_value_is_sampled_that_is_a_mean() -> None:
    limits = {name for name in VALUES if name.startswith("efficiency within")}
    assert SAMPLED.keys() == VALUES.keys() - BOUNDS - limits


@pytest.mark.parametrize("name", SAMPLED)
def test_by_sampling(name: str) -> None:
    """Within 4 standard errors, which are at most 3 % of the value (of 1 where it vanishes, of heat that flows)."""
    assert_sampled(name, 100_000, 41, 0.03)


def assert_sampled(name: str, replicas: int, seed: int, relative: float) -> float:
    value = VALUES[name][0]
    samples = SAMPLED[name](replicas, seed)
    found = (samples if isinstance(samples, Sampled) else Sampled.mean(samples)).estimate()
    assert found.stderr <= relative * max(abs(value), 0.1), found
    z = (found.value - value) / found.stderr
    assert abs(z) <= 4.0, f"{name}: {found!r} is {z:+.1f} sigma from {value}"
    return z


@pytest.mark.parametrize("tau", [1.0, 10.0])
def test_the_best_efficiency_within_a_time_is_reached_by_trajectories(tau: float) -> None:
    """The optimal force of a label moves the mean at constant speed; cost and information are sampled, label told."""
    best = theory.speed_limited_efficiency(tau)
    speed = best.nu / tau
    way = sz.Protocol([0.0, 0.0, tau], [0.0, speed, best.nu + speed])
    run = sz.simulate(WEIGHT, "equilibrium", tau, replicas=100_000, seed=43, protocol=way, dt=0.01)
    dissipated = Sampled.mean(run.ledger.entropy_production)
    assert abs(dissipated.value - best.nu**2 / tau) <= 4.0 * dissipated.estimate().stderr
    w = run.final[:, 0]
    right = 1.0 / (1.0 + np.exp(-w))
    p = right.mean()
    learned = np.log(2.0) + p * np.log(p) + (1.0 - p) * np.log(1.0 - p)
    known = np.log(2.0) - np.mean(np.logaddexp(0.0, -2.0 * best.nu * w))
    efficiency = learned / (known + dissipated.value)
    # errors of p and of the two means, added: the slope of the information is ln(p / (1 - p))
    error = np.log(p / (1 - p)) * right.std() / learned + np.logaddexp(0.0, -2.0 * best.nu * w).std() / known
    error += run.ledger.entropy_production.std() / (known + dissipated.value)
    assert abs(efficiency / best.efficiency - 1.0) <= 4.0 * error / np.sqrt(w.size)
