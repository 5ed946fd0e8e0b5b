"""Episodes of learning against energetics, training, closed forms and simulation; indices against known ones."""

from __future__ import annotations

import doctest
import json
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy.special import erf

import szilard as sz
from szilard import theory
from szilard.continuous import Langevin, Linear
from szilard.continuous.course import course_of
from szilard.continuous.gaussian_route import gaussian_propagate
from szilard.estimate import Estimate
from szilard.information import label_information
from szilard.learning.additive import pattern_gains
from szilard.learning.training import settings_for
from szilard.plotting import house_style
from szilard.questions.ceiling import episode, sensitivity, sensitivity_indices, sensitivity_verdict
from szilard.questions.ceiling.episode import EpisodeBooks, Episodes, shown_at_once, shown_in_turn
from szilard.questions.ceiling.episode_simulated import INPUTS, simulated_episode
from szilard.questions.ceiling.sensitivity import SensitivitySettings, sensitivity_part
from szilard.questions.ceiling.sensitivity_indices import (
    CEILING,
    CHARACTERISTICS,
    ceilings_of,
    outputs_of,
    partial_ranks,
    power_indices,
    replicated,
    within,
)
from szilard.questions.ceiling.sensitivity_verdict import Ranked
from szilard.questions.part import Finding, Part, Record
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
BATH: dict[str, Any] = {"temperature": 0.7, "stiffness": 1.4, "mobility": 0.6}
SMALL = SensitivitySettings(
    weights=[20.0, 60.0], dwell=[0.1, 0.5], duration=[2.0, 10.0], points=64, replications=6, replicas=400, dt=0.01
)


def run_of(part: Part) -> list[Record]:
    return [json.loads(json.dumps(piece.work(17 + i, 2))) for i, piece in enumerate(part.pieces)]


@pytest.fixture(scope="module")
def small() -> tuple[Part, list[Record]]:
    part = sensitivity_part(SMALL, 1.0)
    return part, run_of(part)


def test_examples_in_docstrings() -> None:
    for module in (episode, sensitivity_indices, sensitivity, sensitivity_verdict):
        assert doctest.testmod(module).failed == 0


# an episode


def one(rate: float = 1.1, load: float = 0.5, weights: float = 4.0, **changes: float) -> Episodes:
    rest = BATH | {"ramp": 0.8, "dwell": 0.3, "swirl": 0.9, "duration": 2.0} | changes
    return Episodes(rate, load, weights, *rest.values())


def averaged_over_labels(process_of: Callable[[Array], Langevin], duration: float, protocol: sz.Protocol) -> float:
    """Entropy production by the library's own moments of a Gaussian, mean over all labels of the two patterns."""
    found = [
        sz.energetics(process_of(np.array(labels)), "equilibrium", duration, protocol).entropy_production
        for labels in product((1.0, -1.0), repeat=2)
    ]
    return float(np.mean(found))


def rotating(pull: Callable[[float], Array], swirl: float) -> Langevin:
    turned = swirl * np.kron(np.eye(2), [[0.0, -1.0], [1.0, 0.0]])
    H = BATH["stiffness"] * np.eye(4)
    return Langevin(
        linear=lambda c: Linear(H, pull(c), swirl=turned), dim=4, temperature=BATH["temperature"],
        mobility=BATH["mobility"],
    )  # fmt: skip


@pytest.mark.parametrize("swirl", [0.0, 0.9])
@pytest.mark.parametrize("duration", [0.2, 1.3, 2.1])
def test_dissipation_in_turn_is_that_of_energetics(swirl: float, duration: float) -> None:
    rate, ramp, d = 1.1, 0.8, 0.3
    count = int(np.ceil(duration / d - 1e-9))

    def process(labels: Array) -> Langevin:
        def pull(i: float) -> Array:
            j = round(i) - 1
            held = min((j + 0.5) * d / ramp, 1.0)
            return np.zeros(4) if j < 0 else rate / d * held * labels[j % 2] * INPUTS[j % 2] / 2.0

        return rotating(pull, swirl)

    counter = sz.Protocol([0.0, *(i * d for i in range(count))], [float(i) for i in range(count + 1)], "constant")
    exact = averaged_over_labels(process, duration, counter)
    found = shown_in_turn(one(swirl=swirl, duration=duration)).dissipation[0]
    assert found == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize("swirl", [0.0, 0.9])
@pytest.mark.parametrize("duration", [0.5, 2.1])
def test_dissipation_at_once_is_that_of_energetics(swirl: float, duration: float) -> None:
    def process(labels: Array) -> Langevin:
        return rotating(lambda s: 1.1 * s * labels @ INPUTS / 2.0, swirl)

    exact = averaged_over_labels(process, duration, sz.Protocol([0.0, 0.8], [0.0, 1.0]))
    found = shown_at_once(one(swirl=swirl, duration=duration)).dissipation[0]
    assert found == pytest.approx(exact, rel=1e-11)


def test_rotation_alone_costs_what_a_stationary_state_costs() -> None:
    e = one(rate=1e-9, swirl=0.9, duration=2.0)
    steady = 2.0 * sz.entropy_production_rate(rotating(lambda c: np.zeros(4), 0.9), control=0.0)
    for books in (shown_at_once(e), shown_in_turn(e)):
        assert books.dissipation[0] == pytest.approx(steady, rel=1e-12)
    assert steady == pytest.approx(4 * 0.6 * 0.9**2 * 2.0 / 1.4, rel=1e-12)


@pytest.mark.parametrize("ramp", [0.0, 1e-3, 0.8, 5.0, 300.0])
@pytest.mark.parametrize("duration", [2.0, 40.0])
def test_without_rotation_all_books_at_once_are_those_of_the_limit(ramp: float, duration: float) -> None:
    e = one(rate=1.3, load=0.6, weights=20.0, ramp=ramp, swirl=0.0, duration=duration)
    found = shown_at_once(e)
    known = theory.hebbian(1.3, 0.6, ramp, "sign", duration=duration, **BATH)
    assert found.dissipation[0] == pytest.approx(20 * known.dissipation, rel=1e-11)
    assert found.cost[0] == pytest.approx(20 * known.cost, rel=1e-11)
    assert found.learned[0] == pytest.approx(12 * known.information, rel=1e-11)


def test_one_pattern_in_turn_is_additive_heat() -> None:
    """A single pattern is always shown: stairs of the height of the ramp in the middle of every dwell."""
    e = one(rate=1.1, load=0.25, swirl=0.0, duration=2.4)
    exact = theory.additive_heat(
        [0.0, 0.8], [0.0, 1.0], duration=2.4, amplitude_squared=(1.1 / 0.3) ** 2, staircase=0.3, **BATH
    ).dissipation  # fmt: skip
    assert shown_in_turn(e).dissipation[0] == pytest.approx(exact, rel=1e-12)


def test_trained_neurons_in_turn() -> None:
    """sz.train with dt = dwell, two cycles and a half of 9 patterns."""
    d, shows, n, p = 0.3, 23, 40, 9
    task = sz.tasks.random_labels(n, p, seed=3)
    run = sz.train(
        task, sz.rules.hebbian, learning_rate=1.1, duration=d * shows, dt=d, dwell=d, mode="online", replicas=20_000,
        schedule=sz.ramp(2.0), seed=5, **BATH,
    )  # fmt: skip
    e = one(load=p / n, weights=n, ramp=2.0, swirl=0.0, duration=d * shows)
    assert_agrees(run.heat_paid.estimate(), float(shown_in_turn(e).dissipation[0]))


def test_what_is_learned_in_turn_follows_the_gains_of_every_pattern() -> None:
    """g_mu of the trainer's own recursion, in the formulas of the limit, also for a cycle that is not finished."""
    for p, shows in ((4, 23), (30, 23)):
        d, n = 0.3, 20
        settings = settings_for(
            sz.tasks.random_labels(n, p, seed=3), sz.rules.hebbian, learning_rate=1.1, duration=d * shows, dt=d,
            dwell=d, mode="online", replicas=2, schedule=sz.ramp(2.0), seed=5, **BATH,
        )  # fmt: skip
        g = pattern_gains(settings)
        assert g is not None
        spread = np.sum(g**2) / n
        told = label_information(0.5 + 0.5 * erf(g / np.sqrt(2.0 * (BATH["temperature"] / 1.4 + spread))))
        e = one(load=p / n, weights=n, ramp=2.0, swirl=0.0, duration=d * shows)
        books = shown_in_turn(e)
        assert books.learned[0] == pytest.approx(told.sum(), rel=1e-10)
        entropy = 0.5 * n * np.log1p(1.4 * spread / BATH["temperature"])
        assert books.cost[0] - books.dissipation[0] == pytest.approx(entropy, rel=1e-10)


def test_information_of_simulated_fields_with_rotation() -> None:
    """Mean of every stability Re g_mu and its spread T/k + V, from the means of the weights by energetics' moments."""
    n, p, rate, duration = 40, 60, 1.1, 1.7
    rng = np.random.default_rng(2)
    inputs, labels = rng.choice([-1.0, 1.0], (p, n)), rng.choice([-1.0, 1.0], p)
    turned = 0.9 * np.kron(np.eye(n // 2), [[0.0, -1.0], [1.0, 0.0]])
    push = rate * labels @ inputs / np.sqrt(n)
    process = Langevin(
        linear=lambda s: Linear(BATH["stiffness"] * np.eye(n), s * push, swirl=turned), dim=n,
        temperature=BATH["temperature"], mobility=BATH["mobility"],
    )  # fmt: skip
    course = course_of(process, sz.Protocol([0.0, 0.8], [0.0, 1.0]), duration)
    mean = gaussian_propagate(course, "equilibrium", [duration]).means[-1]
    stability = labels * (inputs @ mean) / np.sqrt(n)
    rate_of = BATH["mobility"] * (1.4 - 0.9j)
    t = np.linspace(0.0, duration, 20_001)
    g = np.trapezoid(np.exp(-rate_of * (duration - t)) * BATH["mobility"] * rate * np.minimum(t / 0.8, 1.0), t)
    spread = p * abs(g) ** 2 / n
    assert abs(stability.mean() - g.real) < 4.0 * np.sqrt(spread / p)
    assert abs(np.sum(mean**2) / n - spread) < 4.0 * spread * np.sqrt(2.0 / n)
    e = one(rate=rate, load=p / n, weights=n, duration=duration)
    books = shown_at_once(e)
    assert books.cost[0] - books.dissipation[0] == pytest.approx(0.5 * n * np.log1p(1.4 * spread / 0.7), rel=1e-7)
    told = label_information(np.asarray(0.5 + 0.5 * erf(g.real / np.sqrt(2.0 * (0.7 / 1.4 + spread)))))
    assert books.learned[0] == pytest.approx(p * float(told), rel=1e-7)  # g by 20 000 trapezoids: to 1e-8
    assert abs(g.imag) > 0.1 * g.real


@pytest.mark.parametrize("shown", ["in turn", "at once"])
def test_simulated_weights_dissipate_what_is_exact(shown: str) -> None:
    v = BATH | {
        "rate": 1.6, "ramp": 0.8, "dwell": 0.3, "swirl": 1.0, "duration": 2.0, "replicas": 3000, "dt": 0.004,
        "shown": shown,
    }  # fmt: skip
    record = simulated_episode(v, 11, 2)
    assert_agrees(Estimate(*record["simulated"]), record["exact"], relative=0.025)
    assert simulated_episode(v, 11, 1) == record


def test_no_driving_exceeds_its_ceiling() -> None:
    x = within(SensitivitySettings().ranges, np.random.default_rng(3).random((10, 600)))
    x[6, :200], x[8, :300] = 1e-3 * x[6, :200], 20.0 * x[8, :300]
    e = Episodes(*x)
    for books, ceiling in zip((shown_in_turn(e), shown_at_once(e)), ceilings_of(e), strict=True):
        assert np.all(books.dissipation - e.kept <= ceiling * (1.0 + 1e-12))
    fast = one(load=0.75, ramp=0.0, dwell=1e-3, swirl=0.0, duration=5.0)
    assert shown_in_turn(fast).dissipation[0] / ceilings_of(fast)[0][0] > 0.66  # 1 - 1/P, what the mean force spares
    quench = one(ramp=0.0, duration=100.0)
    assert shown_at_once(quench).dissipation[0] - quench.kept[0] == pytest.approx(ceilings_of(quench)[1][0], rel=1e-12)


def test_many_episodes_are_each_their_own() -> None:
    x = within(SensitivitySettings().ranges, np.random.default_rng(4).random((10, 40)))
    together = shown_in_turn(Episodes(*x))
    for i in (0, 17, 39):
        alone = shown_in_turn(Episodes(*x[:, i]))
        for name in ("dissipation", "learned", "cost"):
            assert getattr(alone, name)[0] == pytest.approx(getattr(together, name)[i], rel=1e-12)


@pytest.mark.parametrize(
    ("field", "value"), [("rate", -1.0), ("swirl", -0.1), ("dwell", np.nan), ("duration", np.inf), ("ramp", -1.0)]
)
def test_episodes_refuse(field: str, value: float) -> None:
    with pytest.raises(sz.InputError) as refused:
        one(**{field: value})
    assert refused.value.field == field
    with pytest.raises(sz.InputError):
        Episodes(1.0, 2.0)


# indices


def design(settings: SensitivitySettings, points: int, count: int) -> list[Record]:
    return [replicated(settings.ranges, points, seed) for seed in range(count)]


def mean_and_error(x: Any) -> tuple[Array, Array]:
    x = np.asarray(x)
    return x.mean(axis=0), x.std(axis=0, ddof=1) / np.sqrt(len(x))


def test_indices_of_a_pure_power_are_known() -> None:
    wide = SMALL.model_copy(update={"load": [0.2, 8.0], "stiffness": [0.5, 2.0]})
    exact = power_indices(wide.ranges)
    logs = {"rate": 2.0 * np.log(10.0), "load": np.log(40.0), "stiffness": np.log(4.0)}
    assert exact[0] / exact[1] == pytest.approx((logs["rate"] / logs["load"]) ** 2)
    assert exact[4] / exact[1] == pytest.approx((logs["stiffness"] / logs["load"]) ** 2)
    records = design(wide, 128, 8)
    for name in ("first", "total"):
        value, error = mean_and_error([r[name][CEILING] for r in records])
        assert np.all(np.abs(value - exact)[:5] < 4.0 * error[:5]) and np.all(error[:5] < 0.02)
        assert np.all(value[5:] == 0.0)


def test_indices_against_nested_averages() -> None:
    """Var(E[y|x_i]) from pairs that share x_i alone; E[Var(y|rest)] from pairs that share all but x_i."""
    settings, n = SMALL, 60_000
    rng = np.random.default_rng(7)

    def y(u: Array) -> Array:
        return np.asarray(np.log(shown_at_once(Episodes(*within(settings.ranges, u))).dissipation))

    records = design(settings, 128, 8)
    a = rng.random((10, n))
    ya = y(a)
    for i in (0, 4, 8, 7):
        b = rng.random((10, n))
        b[i] = a[i]
        pairs = (ya - ya.mean()) * (y(b) - ya.mean()) / ya.var()
        c = a.copy()
        c[i] = rng.random(n)
        squares = 0.5 * (ya - y(c)) ** 2 / ya.var()
        for name, sample in (("first", pairs), ("total", squares)):
            value, error = mean_and_error([r[name][1][i] for r in records])
            apart = np.hypot(error, sample.std() / np.sqrt(n))
            assert abs(value - sample.mean()) <= 4.0 * apart < 0.08
    assert squares.max() == 0.0  # no dwell where all are shown at once


def test_partial_ranks_see_signs_behind_others() -> None:
    rng = np.random.default_rng(5)
    x = rng.random((3, 4000))
    y = np.exp(4.0 * x[0] - 0.4 * x[1] + 0.1 * rng.normal(size=4000))
    found = partial_ranks(x, np.stack([y, -y]))
    assert found[0, 0] > 0.99 and -0.9 < found[0, 1] < -0.6 and abs(found[0, 2]) < 4.0 / np.sqrt(4000)
    assert np.allclose(found[1], -found[0])
    # three variables: the textbook formula from plain rank correlations
    r: Any = np.corrcoef(np.argsort(np.argsort(np.vstack([x[:2], y]), axis=1), axis=1))
    plain = partial_ranks(x[:2], y[None])[0, 1]
    textbook = (r[1, 2] - r[0, 1] * r[0, 2]) / np.sqrt((1.0 - r[0, 1] ** 2) * (1.0 - r[0, 2] ** 2))
    assert plain == pytest.approx(textbook, abs=1e-9)
    with pytest.raises(sz.InputError):
        partial_ranks(x[:, :4], x[:, :4])


def test_signs_of_effects() -> None:
    """What can only raise or lower: more force and colder baths dissipate more, longer ramps less."""
    rank = np.mean([r["partial"] for r in design(SMALL, 256, 2)], axis=0)
    assert np.all(rank[:2, 0] > 0.4) and np.all(rank[:2, 3] < -0.2) and np.all(rank[:2, 6] < 0.0)
    assert rank[0, 7] < -0.6 and abs(rank[1, 7]) < 0.2


def test_an_output_that_nothing_varies_has_no_indices() -> None:
    held = {c.name: [2.0, 2.0] for c in CHARACTERISTICS} | {"weights": [20.0, 60.0]}
    record = replicated(SMALL.model_copy(update=held).ranges, 16, 3)
    assert np.all(np.array(record["first"])[3] == 0.0) and np.all(np.array(record["partial"])[3] == 0.0)
    assert np.array(record["total"])[CEILING, 2] > 0.5


def test_outputs_are_logarithms_of_the_books() -> None:
    e = Episodes(1.1, [0.5, 2.0], 20.0, *BATH.values(), 0.8, 0.3, 0.9, 2.0)
    turn, once = shown_in_turn(e), shown_at_once(e)
    y = np.exp(outputs_of(e, turn, once))
    assert np.allclose(y[0], turn.dissipation) and np.allclose(y[3], once.cost / once.learned)
    assert np.allclose(y[CEILING], 1.1**2 * np.array([0.5, 2.0]) * 20.0 / (2.0 * 1.4 * 0.7), rtol=1e-12)
    assert isinstance(turn, EpisodeBooks)


# the ranking


def test_ties_are_told_from_the_scatter_of_differences() -> None:
    rng = np.random.default_rng(1)
    common = 0.05 * rng.normal(size=(12, 1))
    total = np.array([[0.5, 0.44, 0.2, 0.2005]]) + common + 1e-3 * rng.normal(size=(12, 4))
    ranked = Ranked("x", total, total, np.zeros((12, 4)))
    assert [set(group) for group in ranked.groups] == [{0}, {1}, {2, 3}]
    noisy = total + 0.5 * rng.normal(size=(12, 4))
    assert len(Ranked("x", noisy, noisy, np.zeros((12, 4))).groups) < 3


def test_small_run_holds_and_draws(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    finding = part.conclude(records)
    assert not [check.name for check in finding.checks if check.verdict == "violated"]
    assert "VIOLATED" not in finding.text and "rate 0.5–5" in finding.picture.caption
    assert len(finding.table.rows) == 5 * (len(CHARACTERISTICS) + 1)
    assert all(len(row) == len(finding.table.heads) for row in finding.table.rows)
    assert finding.arrays["first_replicated"].values.shape == (6, 5, 10)  # type: ignore[union-attr]
    with house_style():
        figure = Figure(finding.picture.size)
        finding.picture.draw(figure)
    assert len(figure.axes) == 6 and len(figure.axes[0].get_yticklabels()) == 10


def test_first_in_the_table_is_first_in_the_text(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    finding = part.conclude(records)
    mean = np.mean([r["total"] for r in records[:-2]], axis=0)
    for name in ("Dissipation, shown in turn", "Cost per learned nat, at once"):
        o = [n.lower() for n in sensitivity_indices.OUTPUTS].index(name.lower())
        best = CHARACTERISTICS[int(np.argmax(mean[o]))].word
        assert finding.text.partition(name)[2].partition("): ")[2].startswith(f"{best} ")


def changed(records: list[Record], i: int, **changes: Any) -> list[Record]:
    return [dict(r) | changes if j == i else r for j, r in enumerate(records)]


def verdicts(finding: Finding) -> str:
    return finding.text.partition("VIOLATED: ")[2]


def test_what_contradicts_a_law_is_said(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    low = [dict(r) | {"total": (0.5 * np.array(r["total"])).tolist()} if "total" in r else r for r in records]
    assert "first-order index of" in verdicts(part.conclude(low))
    above = part.conclude(changed(records, 2, nearest=[0.5, 1.01]))
    assert "at once, every episode" in verdicts(above) and "101 % at once" in above.text
    hot = part.conclude(changed(records, len(records) - 2, simulated=[1e3, 1.0]))
    assert "in turn: heat/T of simulated weights = Sigma" in verdicts(hot)
    assert "1 of 2 simulated episodes agree with exact" in hot.text
    wrong = [
        dict(r) | {"first": [*r["first"][:4], (np.array(r["first"][4]) * 0.7).tolist()]} if "first" in r else r
        for r in records
    ]
    assert "ceiling of a rising force: interactions = 0" in verdicts(part.conclude(wrong))


def test_pieces_are_their_coordinates(small: tuple[Part, list[Record]]) -> None:
    part, records = small
    more = sensitivity_part(SMALL.model_copy(update={"replications": 7}), 1.0)
    kept = [dict(piece.coordinates) for piece in more.pieces]
    assert all(dict(piece.coordinates) in kept for piece in part.pieces) and len(kept) == len(part.pieces) + 1
    assert json.loads(json.dumps(part.pieces[1].work(18, 1))) == records[1]
    finer = sensitivity_part(SMALL, 0.5).pieces
    assert finer[-1].coordinates["dt"] == 0.5 * part.pieces[-1].coordinates["dt"]
    assert finer[0].coordinates == part.pieces[0].coordinates


def test_widest_ranges_stay_finite_and_hold() -> None:
    wide = SensitivitySettings(
        rate=[1e-3, 1e3], load=[0.05, 5.0], weights=[2.0, 100.0], temperature=[1e-3, 1e3], stiffness=[1e-2, 1e2],
        mobility=[1e-2, 1e2], ramp=[1e-3, 1e3], dwell=[1e-1, 1e2], swirl=[1e-3, 1e2], duration=[1e-2, 1e2], points=64,
        replications=4, replicas=100,
    )  # fmt: skip
    part = sensitivity_part(wide, 1.0)
    designs = run_of(Part(part.name, part.title, part.pieces[:-2], part.conclude))
    same = {"simulated": [2.0, 0.1], "exact": 2.0, "n": 400}
    finding = part.conclude([*designs, same, same])
    assert all(
        np.all(np.isfinite(variable.values)) for name, variable in finding.arrays.items() if "index" in variable.about
    )
    assert "VIOLATED" not in finding.text


def test_least_settings_with_everything_held_but_the_rate() -> None:
    held = {c.name: [getattr(SMALL, c.name)[0]] * 2 for c in CHARACTERISTICS[1:]}
    least = SMALL.model_copy(update=held | {"points": 16, "replications": 4, "replicas": 100})
    part = sensitivity_part(least, 1.0)
    finding = part.conclude(run_of(part))
    assert "VIOLATED" not in finding.text
    assert "learning rate 1" in finding.text and "ranges of different widths" in finding.text
    with house_style():
        finding.picture.draw(Figure(finding.picture.size))


@pytest.mark.parametrize(
    "change",
    [
        {"points": 100}, {"rate": [2.0, 1.0]}, {"rate": [0.0, 1.0]}, {"weights": [1.0, 9.0]}, {"replications": 3},
        {"load": [1.0, 90.0]}, {"duration": [1.0, 1e4]}, {"dt": 0.1}, {"swirl": [0.1, 0.2, 0.3]}, {"unknown": 1},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_settings_refuse(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SensitivitySettings(**change)


def test_settings_refuse_a_ceiling_that_nothing_varies() -> None:
    held: dict[str, Any] = {c.name: [20.0, 20.0] for c in CHARACTERISTICS if c.power}
    with pytest.raises(ValidationError, match="must have a range"):
        SensitivitySettings(**held)
