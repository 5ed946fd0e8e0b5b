"""Rates, heat and generator of a jump process against formulas written out jump by jump."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import exp
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from szilard.discrete import Channel, JumpProcess
from szilard.errors import InputError

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)
ENERGY = np.array([0.3, -1.1, 0.8, 2.0, -0.4])


def symmetric(e: Array, a: Array, d: Array, load: Array, t: float, x: int, y: int) -> float:
    """k[x, y] of the jump y -> x."""
    return float(a[x, y] * exp((e[y] - e[x] + d[x, y]) / (2.0 * t)))


def heat_bath(e: Array, a: Array, d: Array, load: Array, t: float, x: int, y: int) -> float:
    return float(a[x, y] / (1.0 + exp(-(e[y] - e[x] + d[x, y]) / t)))


def arrhenius(e: Array, a: Array, d: Array, load: Array, t: float, x: int, y: int) -> float:
    return float(a[x, y] * exp((e[y] + load[x, y] * d[x, y]) / t))


LAWS: dict[str, Callable[..., float]] = {"symmetric": symmetric, "heat_bath": heat_bath, "arrhenius": arrhenius}


class Written:
    """Three channels on five states with matrices of their own; some pairs have several channels, one has none."""

    def __init__(self, kinetics: tuple[str, ...] = ("symmetric", "heat_bath", "arrhenius"), seed: int = 5) -> None:
        draw = np.random.default_rng(seed)
        self.kinetics, self.temperatures, n = kinetics, (0.6, 1.7, 2.4), ENERGY.size
        self.attempts, self.drives, self.loads = [], [], []
        for r in range(len(kinetics)):
            a = np.triu(draw.uniform(0.2, 3.0, (n, n)), 1)
            a[r, r + 1] = a[1, 4] = 0.0
            d = np.triu(draw.normal(0.0, 1.0, (n, n)), 1) * (a > 0.0)
            share = np.triu(draw.uniform(-0.3, 1.3, (n, n)), 1)
            self.attempts.append(a + a.T)
            self.drives.append(d - d.T)
            self.loads.append(share + np.tril(1.0 - share.T, -1))

    def process(self, form: Callable[[Array], Any] = np.asarray, energy: Any = ENERGY) -> JumpProcess:
        channels = [
            Channel(
                form(self.attempts[r]), form(self.drives[r]), temperature=self.temperatures[r], name=f"bath {r}",
                kinetics=kind, load=form(self.loads[r]) if kind == "arrhenius" else 0.5,  # type: ignore[arg-type]
            )
            for r, kind in enumerate(self.kinetics)
        ]  # fmt: skip
        return JumpProcess(energy, channels)

    def jumps(self) -> Iterator[tuple[int, int, int]]:
        """Every (source, target, channel), by source, then target, then channel."""
        n = ENERGY.size
        for source in range(n):
            for target in range(n):
                for r in range(len(self.kinetics)):
                    if self.attempts[r][target, source] > 0.0:
                        yield source, target, r

    def rate(self, source: int, target: int, r: int, e: Array = ENERGY) -> float:
        law = LAWS[self.kinetics[r]]
        return law(e, self.attempts[r], self.drives[r], self.loads[r], self.temperatures[r], target, source)


SYSTEMS = {
    "one kinetics each": Written(),
    "symmetric": Written(("symmetric",) * 3, seed=1),
    "heat bath": Written(("heat_bath",) * 3, seed=2),
    "arrhenius": Written(("arrhenius",) * 3, seed=3),
}


@pytest.fixture(params=SYSTEMS)
def written(request: pytest.FixtureRequest) -> Written:
    return SYSTEMS[request.param]


def test_edges_are_all_jumps_in_the_order_of_their_source(written: Written) -> None:
    e = written.process().edges
    listed = list(zip(e.source.tolist(), e.target.tolist(), e.channel.tolist(), strict=True))
    assert listed == list(written.jumps())
    for x in range(ENERGY.size):
        assert np.all(e.source[e.first[x] : e.first[x + 1]] == x)
    assert (e.first[0], e.first[-1]) == (0, e.source.size)
    np.testing.assert_array_equal(e.attempt, [written.attempts[r][t, s] for s, t, r in listed])
    np.testing.assert_array_equal(e.drive, [written.drives[r][t, s] for s, t, r in listed])


def test_reverse_leads_back_through_the_same_channel(written: Written) -> None:
    e = written.process().edges
    np.testing.assert_array_equal(e.reverse[e.reverse], np.arange(e.source.size))
    np.testing.assert_array_equal(e.source[e.reverse], e.target)
    np.testing.assert_array_equal(e.target[e.reverse], e.source)
    np.testing.assert_array_equal(e.channel[e.reverse], e.channel)
    np.testing.assert_array_equal(e.attempt[e.reverse], e.attempt)
    np.testing.assert_array_equal(e.drive[e.reverse], -e.drive)


def test_rates_and_heat_are_those_of_their_definition(written: Written) -> None:
    """Few roundings of an exponent of size <= 10: 40 eps."""
    process = written.process()
    rates = [written.rate(*jump) for jump in written.jumps()]
    heat = [ENERGY[s] - ENERGY[t] + written.drives[r][t, s] for s, t, r in written.jumps()]
    np.testing.assert_allclose(process.jump_rates(ENERGY), rates, rtol=40 * EPS)
    np.testing.assert_array_equal(process.jump_heat(ENERGY), heat)


def test_local_detailed_balance_holds_in_every_channel(written: Written) -> None:
    """ln(k[x, x'] / k[x', x]) = q[x, x'] / T; the exponents are <= 20, so are their roundings in eps."""
    process = written.process()
    e, rates = process.edges, process.jump_rates(ENERGY)
    assert np.ptp(process.temperatures) > 1.0
    force = process.jump_heat(ENERGY) / process.temperatures[e.channel]
    assert 1.0 < np.abs(force).max() < 20.0
    np.testing.assert_allclose(np.log(rates / rates[e.reverse]), force, rtol=0.0, atol=60 * EPS)


def test_exponents_are_linear_in_the_energies(written: Written) -> None:
    process = written.process()
    draw = np.random.default_rng(3)
    a, b = draw.normal(size=(2, ENERGY.size))
    between = 0.3 * process.exponents(a) + 0.7 * process.exponents(b)
    np.testing.assert_allclose(process.exponents(0.3 * a + 0.7 * b), between, rtol=0.0, atol=60 * EPS)
    rates = process.jump_rates(a)
    for i, kind in enumerate(written.kinetics[r] for r in process.edges.channel):
        x, attempt = process.exponents(a)[i], process.edges.attempt[i]
        law = attempt / (1.0 + exp(-x)) if kind == "heat_bath" else attempt * exp(x)
        assert rates[i] == pytest.approx(law, rel=40 * EPS)


@pytest.mark.parametrize("form", [sparse.csr_array, sparse.csc_array, sparse.coo_array])
def test_sparse_and_dense_input_make_the_same_process(written: Written, form: Any) -> None:
    dense, thin = written.process().edges, written.process(form).edges
    for name, values in vars(dense).items():
        np.testing.assert_array_equal(getattr(thin, name), values, err_msg=name)


def test_columns_of_the_generator_sum_to_zero_and_lead_from_column_to_row(written: Written) -> None:
    L = written.process().generator().toarray()
    k = np.zeros_like(L)
    for source, target, r in written.jumps():
        k[target, source] += written.rate(source, target, r)
    assert np.abs(k - k.T).max() > 1.0
    off = ~np.eye(ENERGY.size, dtype=bool)
    np.testing.assert_allclose(L[off], k[off], rtol=40 * EPS)
    np.testing.assert_allclose(np.diag(L), -k.sum(axis=0), rtol=40 * EPS)
    assert np.all(np.abs(L.sum(axis=0)) <= 20 * EPS * k.sum(axis=0))


def test_three_reservoirs_on_one_pair_add_up() -> None:
    """Rates out of each state by hand: 0 -> 1 needs the energy 1, one agent gives 0.5 for it at T = 2."""
    pair = np.array([[0.0, 1.0], [1.0, 0.0]])
    cold = Channel(pair, temperature=0.5, name="cold", kinetics="heat_bath")
    hot = Channel(3.0 * pair, [[0.0, -0.5], [0.5, 0.0]], temperature=2.0, name="hot")
    slow = Channel(0.1 * pair, name="slow", kinetics="arrhenius")
    process = JumpProcess([0.0, 1.0], [cold, hot, slow])
    up = 1.0 / (1.0 + exp(1.0 / 0.5)) + 3.0 * exp(-0.5 / 4.0) + 0.1
    down = 1.0 / (1.0 + exp(-1.0 / 0.5)) + 3.0 * exp(0.5 / 4.0) + 0.1 * exp(1.0)
    np.testing.assert_allclose(process.generator().toarray(), [[-up, down], [up, -down]], rtol=8 * EPS)
    assert process.reservoirs == ("cold", "hot", "slow")
    np.testing.assert_array_equal(process.temperatures, [0.5, 2.0, 1.0])
    np.testing.assert_array_equal(process.jump_heat(process.energies()), [-1.0, -0.5, -1.0, 1.0, 0.5, 1.0])


def test_a_scalar_load_speeds_the_jump_along_the_drive() -> None:
    """Share 1: only the driven jump feels the drive; share 0: only its reverse. Both keep the ratio e^(q/T)."""
    push = [[0.0, 0.0, -0.9], [0.0, 0.0, 0.0], [0.9, 0.0, 0.0]]
    tries = [[0.0, 1.0, 2.0], [1.0, 0.0, 0.0], [2.0, 0.0, 0.0]]
    for load, along, back in ((1.0, exp(0.9 / 1.5), 1.0), (0.0, 1.0, exp(-0.9 / 1.5))):
        process = JumpProcess(np.zeros(3), Channel(tries, push, temperature=1.5, kinetics="arrhenius", load=load))
        L = process.generator().toarray()
        assert (L[2, 0], L[0, 2]) == pytest.approx((2.0 * along, 2.0 * back), rel=8 * EPS)
        assert (L[1, 0], L[0, 1]) == (1.0, 1.0)
        turned = JumpProcess(
            np.zeros(3), Channel(tries, -np.array(push), temperature=1.5, kinetics="arrhenius", load=load)
        )
        assert turned.generator().toarray()[0, 2] == pytest.approx(2.0 * along, rel=8 * EPS)


def test_generator_of_takes_rates_that_obey_nothing() -> None:
    process = SYSTEMS["symmetric"].process()
    e = process.edges
    rates = np.random.default_rng(0).uniform(0.0, 1.0, e.source.size)
    k = np.zeros((5, 5))
    for source, target, rate in zip(e.source, e.target, rates, strict=True):
        k[target, source] += rate
        k[source, source] -= rate
    np.testing.assert_allclose(process.generator_of(rates).toarray(), k, rtol=20 * EPS, atol=1e-300)


def test_energies_follow_the_control() -> None:
    process = SYSTEMS["one kinetics each"].process(energy=lambda control: ENERGY * control)
    assert process.controlled
    np.testing.assert_array_equal(process.energies(2.0), 2.0 * ENERGY)
    held = SYSTEMS["one kinetics each"].process(energy=-0.5 * ENERGY)
    assert not held.controlled
    np.testing.assert_array_equal(process.generator(-0.5).toarray(), held.generator().toarray())


def test_energies_are_kept_from_the_users_hands() -> None:
    given = ENERGY.copy()
    process = SYSTEMS["symmetric"].process(energy=given)
    given[0] = 99.0
    assert process.energies()[0] == ENERGY[0]
    with pytest.raises(ValueError, match="read-only"):
        process.energies()[0] = 1.0


def test_driven_means_that_an_agent_gives_energy() -> None:
    pair = [[0.0, 1.0], [1.0, 0.0]]
    assert not JumpProcess([0.0, 1.0], Channel(pair)).driven
    assert not JumpProcess([0.0, 1.0], Channel(pair, np.zeros((2, 2)))).driven
    assert JumpProcess([0.0, 1.0], [Channel(pair), Channel(pair, [[0, 0.1], [-0.1, 0]], name="agent")]).driven


def test_parts_that_no_jump_joins_are_told_apart() -> None:
    first, second = np.zeros((6, 6)), np.zeros((6, 6))
    first[0, 3] = first[3, 0] = second[3, 5] = second[5, 3] = second[1, 4] = second[4, 1] = 1.0
    parts = JumpProcess(np.arange(6.0), [Channel(first), Channel(second, name="other")]).components()
    assert parts[0] == parts[3] == parts[5]
    assert parts[1] == parts[4]
    assert sorted(set(parts.tolist())) == [0, 1, 2]
    assert parts[2] not in (parts[0], parts[1])
    np.testing.assert_array_equal(JumpProcess(np.zeros(5), Channel(SYSTEMS["symmetric"].attempts[0])).components(), 0)


def test_one_state_rests() -> None:
    process = JumpProcess([3.0], Channel([[0.0]]))
    assert process.generator().toarray().tolist() == [[0.0]]
    assert process.jump_rates(process.energies()).size == process.jump_heat(process.energies()).size == 0
    assert process.components().tolist() == [0]
    assert process.edges.first.tolist() == [0, 0]


def test_a_state_without_jumps_has_no_edges_and_a_zero_column() -> None:
    tries = np.zeros((3, 3))
    tries[0, 2] = tries[2, 0] = 1.5
    process = JumpProcess([0.0, 7.0, 0.5], Channel(tries, temperature=2.0))
    assert process.edges.first.tolist() == [0, 1, 1, 2]
    np.testing.assert_array_equal(process.generator().toarray()[:, 1], 0.0)


def test_rates_may_span_the_whole_of_floating_point() -> None:
    """q / T = 1400: the ratio of the rates is e^1400, though e^1400 itself is beyond floating point."""
    process = JumpProcess([0.0, 1400.0], Channel([[0.0, 1.0], [1.0, 0.0]]))
    up, down = process.jump_rates(process.energies())
    assert np.log(down) - np.log(up) == pytest.approx(1400.0, rel=4 * EPS)


def test_a_large_ladder_is_made_and_summed() -> None:
    n = 200_000
    steps = np.linspace(1.0, 2.0, n - 1)
    ladder = Channel(sparse.diags_array([steps, steps], offsets=[-1, 1]), temperature=0.5, kinetics="heat_bath")
    process = JumpProcess(np.sin(np.arange(n)), ladder)
    L = process.generator()
    assert L.nnz == 3 * n - 2
    assert np.abs(L.sum(axis=0)).max() <= 4 * EPS * 4.0
    x = 123_456
    q = np.sin(x) - np.sin(x + 1)
    assert L[x + 1, x] == pytest.approx(steps[x] / (1.0 + exp(-q / 0.5)), rel=20 * EPS)


def test_the_text_form_counts_what_there_is() -> None:
    pair = np.array([[0.0, 1.0], [1.0, 0.0]])
    hot = Channel(pair, [[0, 0.1], [-0.1, 0]], temperature=2.0, name="hot", kinetics="heat_bath")
    assert repr(JumpProcess([0.0, 1.0], Channel(pair))) == (
        "JumpProcess: 2 states, 1 reservoir (bath, T = 1, symmetric, 1 pair), not driven"
    )
    assert repr(JumpProcess(lambda x: [0.0, x], [hot, Channel(0.0 * pair, name="cold")])) == (
        "JumpProcess: 2 states, 2 reservoirs (hot, T = 2, heat_bath, 1 pair; cold, T = 1, symmetric, 0 pairs), "
        "manipulated and driven"
    )
    assert repr(JumpProcess([0.0], Channel([[0.0]]))).startswith("JumpProcess: 1 state, 1 reservoir (")


PAIR = Channel([[0.0, 1.0], [1.0, 0.0]])
REFUSED: dict[str, tuple[Callable[[], Any], str, str]] = {
    "no channel": (lambda: JumpProcess([0.0, 1.0], []), "channels", "one or several Channel"),
    "no Channel at all": (lambda: JumpProcess([0.0, 1.0], [[[0, 1], [1, 0]]]), "channels", "Channel"),  # type: ignore[list-item]
    "names twice": (lambda: JumpProcess([0.0, 1.0], [PAIR, PAIR]), "channels", "differ"),
    "sizes": (lambda: JumpProcess([0.0, 1.0], [PAIR, Channel([[0.0]], name="b")]), "channels", "same number"),
    "no states": (lambda: JumpProcess([], Channel(np.zeros((0, 0)))), "channels", "at least one state"),
    "too many energies": (lambda: JumpProcess([0.0, 1.0, 2.0], PAIR), "energy", "(2,)"),
    "a number": (lambda: JumpProcess(1.0, PAIR), "energy", "(2,)"),
    "a column": (lambda: JumpProcess([[0.0], [1.0]], PAIR), "energy", "(2,)"),
    "words": (lambda: JumpProcess(["low", "high"], PAIR), "energy", "2 numbers"),
    "NaN": (lambda: JumpProcess([0.0, np.nan], PAIR), "energy[1]", "finite"),
    "infinite": (lambda: JumpProcess([-np.inf, 0.0], PAIR), "energy[0]", "finite"),
    "no control": (lambda: JumpProcess(lambda x: [0.0, x], PAIR).energies(), "control", "function of the control"),
    "needless control": (lambda: JumpProcess([0.0, 1.0], PAIR).energies(0.5), "control", "does not depend"),
    "needless control, generator": (lambda: JumpProcess([0.0, 1.0], PAIR).generator(0.0), "control", "not depend"),
    "a function returning NaN": (lambda: JumpProcess(lambda x: [x, np.nan], PAIR).energies(0.5), "energy(0.5)[1]", ""),
    "a function returning too few": (lambda: JumpProcess(lambda x: [x], PAIR).energies(0.5), "energy(0.5)", "(2,)"),
    "a function returning words": (lambda: JumpProcess(lambda x: "ab", PAIR).energies(-1.0), "energy(-1)", "numbers"),
    "a function returning None": (lambda: JumpProcess(lambda x: None, PAIR).energies(2.0), "energy(2)", ""),  # type: ignore[arg-type,return-value]
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_breaks_a_rule_is_named(case: str) -> None:
    make, field, rule = REFUSED[case]
    with pytest.raises(InputError) as error:
        make()
    assert error.value.field == field
    assert rule in error.value.rule
    assert error.value.fix


@pytest.mark.parametrize(
    ("kinetics", "energy", "name", "rate"),
    [
        ("symmetric", [0.0, 1600.0], "rate of 0 -> 1 (hot)", 0.0),
        ("symmetric", [1600.0, 0.0], "rate of 0 -> 1 (hot)", np.inf),
        ("heat_bath", [800.0, 0.0], "rate of 1 -> 0 (hot)", 0.0),
        ("arrhenius", [0.0, -800.0], "rate of 1 -> 0 (hot)", 0.0),
        ("arrhenius", [0.0, 800.0], "rate of 1 -> 0 (hot)", np.inf),
    ],
)
def test_rates_beyond_floating_point_are_named(kinetics: Any, energy: list[float], name: str, rate: float) -> None:
    process = JumpProcess(energy, Channel([[0.0, 1.0], [1.0, 0.0]], name="hot", kinetics=kinetics))
    for ask in (process.generator, lambda: process.jump_rates(process.energies())):
        with pytest.raises(InputError, match="beyond floating point") as error:
            ask()
        assert error.value.field == name
        assert error.value.got == rate


@pytest.mark.parametrize("channels", [None, 5, "bath", [], [1.0], {1: 2}])
def test_channels_that_are_none_are_refused(channels: Any) -> None:
    with pytest.raises(InputError, match="channels"):
        JumpProcess([0.0, 1.0], channels)


@pytest.mark.parametrize("control", ["a", [0.5], np.nan, True, 1j])
def test_a_control_is_one_finite_number(control: Any) -> None:
    process = JumpProcess(lambda x: [0.0, x], Channel([[0, 1], [1, 0]]))
    with pytest.raises(InputError, match="control"):
        process.energies(control)


def test_complex_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="energy"):
        JumpProcess([0.0, 1j], Channel([[0, 1], [1, 0]]))
    with pytest.raises(InputError, match="attempt"):
        Channel([[0, 1j], [1j, 0]])


@pytest.mark.parametrize(
    "change", [{"kinetics": np.zeros(2)}, {"temperature": "2.0"}, {"temperature": True}, {"load": 1j}], ids=str
)
def test_options_of_the_wrong_kind_are_refused(change: Any) -> None:
    with pytest.raises(InputError, match=next(iter(change))):
        Channel([[0, 1], [1, 0]], **change)


def test_errors_show_numbers_as_they_are_typed() -> None:
    assert str(InputError("s", np.float64(0.5), "a rule", "a fix")) == "s: got 0.5; a rule. Fix: a fix."
