"""Whatever a law is given, it answers with finite numbers or says which field is wrong, why, and how to mend it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from math import isfinite, isnan
from typing import Any

import numpy as np
import pytest
import xarray as xr

import szilard as sz
from szilard.estimate import Estimate, Sampled, block_bootstrap
from szilard.laws.given import known

RNG = np.random.default_rng(501)
SAMPLES = RNG.normal(1.0, 0.5, 200)
OTHERS = RNG.normal(1.5, 0.5, 200)
STATES = RNG.normal(size=(200, 2))
EDGES = np.array([-1.0, 0.0, 1.0])
GOOD = Estimate(1.0, 0.1, 1000)
RUN = sz.simulate(sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0), "stationary", 0.5, replicas=10, seed=501)

LAWS: dict[str, dict[str, Any]] = {
    "certified_ceiling": {
        "states": STATES, "forces": -STATES, "mobility": 1.0, "temperature": 1.0, "functions": None, "period": None,
    },
    "cost_ceiling": {"entropy_production": SAMPLES, "activity": OTHERS, "largest_force": 1.0},
    "cost_ceiling, variation": {
        "entropy_production": SAMPLES, "total_variation": np.stack([SAMPLES, OTHERS], axis=1) ** 2,
        "temperature": 1.0, "stiffness": 1.0,
    },
    "cost_ceiling, certified": {"entropy_production": SAMPLES, "ceiling": GOOD},
    "cost_of_nostalgia": {
        "work": SAMPLES, "memory": SAMPLES, "prediction": OTHERS, "temperature": 1.0, "free_energy_change": 0.0,
    },
    "crooks": {"forward": SAMPLES, "reverse": OTHERS, "temperature": 1.0},
    "crooks, checked": {"forward": SAMPLES, "reverse": OTHERS, "temperature": 1.0, "free_energy_change": 0.1},
    "detailed_fluctuation_table": {"forward": SAMPLES, "reverse": OTHERS, "steady": False, "bins": EDGES},
    "detailed_fluctuation_theorem": {"forward": SAMPLES, "reverse": OTHERS, "steady": False, "bins": 4},
    "driven_uncertainty_relation": {"current": SAMPLES, "entropy_production": OTHERS, "response": 0.7},
    "entropy_from_traffic": {"traffic": [1.0, 2.0], "force": [0.5, -0.5]},
    "fourier": {"order": 1, "period": 2.0},
    "gallavotti_cohen": {"entropy_production": SAMPLES, "s": 0.25},
    "hatano_sasa": {"excess": SAMPLES, "missed": 0.0},
    "housekeeping_theorem": {"housekeeping": SAMPLES, "missed": 0.0},
    "information_flow": {"flow": SAMPLES, "entropy_change": 0.1, "heat": OTHERS, "temperature": 1.0},
    "information_flow, two baths": {
        "flow": 0.1, "entropy_change": OTHERS, "heat": [SAMPLES, OTHERS], "temperature": [1.0, 2.0],
    },
    "integral_fluctuation_theorem": {"entropy_production": SAMPLES, "reverse": OTHERS},
    "jarzynski": {"work": SAMPLES, "temperature": 1.0, "reverse": OTHERS},
    "jarzynski, checked": {"work": SAMPLES, "temperature": 1.0, "free_energy_change": 0.5},
    "kinetic_uncertainty_relation": {"current": SAMPLES, "activity": OTHERS, "response": None},
    "landauer": {"work": SAMPLES, "temperature": 1.0, "entropy_change": OTHERS, "energy_change": 0.0},
    "landauer, in time": {"work": SAMPLES, "temperature": 1.0, "coefficient": 0.3, "diffusion": 1.0, "duration": 2.0},
    "learning_rate_bound": {"flow": SAMPLES, "transfer_entropy": OTHERS},
    "nostalgia": {"dissipated_work": SAMPLES, "memory": OTHERS, "prediction": 0.1, "temperature": 1.0},
    "polynomials": {"degree": 2},
    "prediction_bound": {"prediction": SAMPLES, "memory": OTHERS},
    "sagawa_ueda": {"work": SAMPLES, "information": OTHERS, "temperature": 1.0, "free_energy_change": 0.0},
    "second_law_of_learning": {"information": GOOD, "cost": GOOD, "labels": "random", "quantity": "joint"},
    "second_law_of_work": {"work": SAMPLES, "temperature": 1.0, "free_energy_change": 0.5},
    "second_law_with_information": {
        "work": SAMPLES, "information": OTHERS, "temperature": 1.0, "free_energy_change": 0.0,
    },
    "sensory_capacity": {"flow": SAMPLES, "transfer_entropy": OTHERS},
    "slow_driving_limit": {"length": 1.0, "duration": 2.0, "work": SAMPLES, "free_energy_change": 0.1},
    "speed_limit": {"distance": 1.0, "duration": 2.0, "entropy_production": SAMPLES, "activity": OTHERS},
    "speed_limit, diffusion": {"distance": 1.0, "duration": 2.0, "entropy_production": SAMPLES, "diffusion": 1.0},
    "traffic_ceiling": {"activity": SAMPLES, "largest_force": 1.0},
    "two_level_erasure": {"error": 0.1, "duration": 5.0, "rate": 1.0, "temperature": 1.0, "pieces": 4},
    "uncertainty_relation": {"current": SAMPLES, "entropy_production": OTHERS, "form": "theorem"},
    "uncertainty_relation, steps": {
        "current": SAMPLES, "entropy_production": OTHERS, "form": "discrete time", "steps": 3,
    },
    "variation_ceiling": {"total_variation": [1.0, 2.0], "temperature": 1.0, "stiffness": 1.0},
    "wasserstein_distance": {"start": SAMPLES, "stop": OTHERS},
}  # fmt: skip
"""Every law with arguments that it accepts; after the comma: another way to call it."""

NO_NUMBERS: dict[str, Any] = {
    "text": "much",
    "texts": ["1.0", "2.0"],
    "dict": {"work": 1.0},
    "ragged": [[1.0], [1.0, 2.0]],
    "object": object(),
    "objects": np.array([1.0, None, GOOD]),
    "complex": SAMPLES + 1j,
    "one complex": 1.0 + 2.0j,
    "run": RUN,
    "ledger": RUN.ledger,
}
HOSTILE: dict[str, Any] = NO_NUMBERS | {
    "nan": float("nan"),
    "nans": np.full(200, np.nan),
    "inf": float("inf"),
    "minus inf": float("-inf"),
    "one inf": np.append(SAMPLES[1:], np.inf),
    "empty": [],
    "2-d": np.ones((200, 2)),
    "3-d": np.ones((2, 2, 2)),
    "one": [1.0],
    "zero": 0.0,
    "zeros": np.zeros(200),
    "equal": np.full(200, 0.1),
    "negative": -1.0,
    "large": 1e300,
    "minus large": -1e300,
    "larges": 1e300 * SAMPLES,
    "small": 1e-300,
    "smalls": 1e-300 * SAMPLES,
    "large estimate": Estimate(1e300, 1e299, 1000),
    "infinite error": Estimate(1.0, float("inf"), 1000),
    "yes": True,
    "nothing": None,
}


def numbers_in(found: Any) -> Iterator[float]:
    """Every number of an answer that must be finite."""
    if isinstance(found, sz.BoundCheck):
        assert found.verdict in ("holds", "holds, saturated", "violated", "inconclusive") and str(found)
        yield from (found.smaller.value, found.larger.value, found.slack)
        assert not isnan(found.margin)
    elif isinstance(found, Estimate | Sampled):
        assert str(found)
        yield found.value
    elif isinstance(found, sz.laws.DetailedTheorem):
        yield from numbers_in(found.check)
    elif isinstance(found, sz.laws.TwoLevelErasure):
        yield from (found.work, found.landauer, found.shortest, *found.protocol.times, *found.probabilities)
        yield from np.ravel(found.protocol.values)
    elif callable(found):
        yield from np.ravel(found(STATES)[0])
    else:
        yield found


def law_of(name: str) -> Callable[..., Any]:
    law: Callable[..., Any] = getattr(sz.laws, name.partition(",")[0])
    return law


def is_told_or_finite(call: Callable[[], Any]) -> bool:
    """Whether an InputError names field, rule and fix, or all numbers are finite; any other error passes through."""
    try:
        return all(isfinite(x) for x in numbers_in(call()))
    except sz.InputError as error:
        return bool(error.field and error.rule and error.fix)


@pytest.mark.parametrize("name", LAWS)
def test_hostile_values(name: str) -> None:
    law, accepted = law_of(name), LAWS[name]
    assert all(isfinite(x) for x in numbers_in(law(**accepted)))
    for field in accepted:
        for kind, value in HOSTILE.items():
            assert is_told_or_finite(partial(law, **accepted | {field: value})), f"{field}: {kind}"


@pytest.mark.parametrize("name", LAWS)
def test_what_is_no_number_is_refused(name: str) -> None:
    law, accepted = law_of(name), LAWS[name]
    for field in accepted:
        for kind, value in NO_NUMBERS.items():
            with pytest.raises(sz.InputError) as caught:
                law(**accepted | {field: value})
                pytest.fail(f"{field}: {kind}")
            assert caught.value.field


def test_the_table_holds_every_law() -> None:
    laws = {name for name in dir(sz.laws) if name[0] != "_" and inspect.isfunction(getattr(sz.laws, name))}
    assert laws == {name.partition(",")[0] for name in LAWS}
    for name, accepted in LAWS.items():
        assert set(accepted) <= set(inspect.signature(law_of(name)).parameters)


@pytest.mark.parametrize("whole", [RUN, RUN.ledger, sz.systems.demon(0.1).simulate(1.0, replicas=5, seed=502)])
def test_a_whole_run_is_told_which_array_to_give(whole: Any) -> None:
    with pytest.raises(sz.InputError, match=r"run\.ledger\.work"):
        known(whole, "work")


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint32, np.float32])
def test_real_arrays_of_other_types_are_numbers(dtype: Any) -> None:
    given = np.array([0, 1, 1, 0], dtype)
    for found in (known(given, "x"), known(xr.DataArray(given, dims="replica"), "x"), known(given.tolist(), "x")):
        assert isinstance(found, Sampled)
        assert found.value == 0.5
        assert found.estimate().stderr == pytest.approx(np.sqrt(1.0 / 12.0), rel=1e-15)


def test_samples_that_agree_are_no_certainty() -> None:
    """0.1 in every replica: what happens in none of n replicas may have a probability of 1/n."""
    for given in (np.full(1000, 0.1), np.zeros(1000), 0.1 + 1e-15 * SAMPLES):
        found = known(given, "work")
        assert isinstance(found, Sampled) and not found.estimate().trusted
        for slope in (-2.0, 0.0):
            law = sz.laws.prediction_bound(found.scaled(slope) if slope else found, 1.0)
            assert law.verdict == "inconclusive"
    assert sz.laws.landauer(np.full(1000, 0.6), temperature=1.0).verdict == "inconclusive"
    assert sz.laws.landauer(0.6, temperature=1.0).verdict == "violated"
    assert sz.laws.landauer(0.6 + 1e-3 * SAMPLES, temperature=1.0).verdict == "violated"
    capacity = sz.laws.sensory_capacity(0.0, np.full(1000, 0.1))
    assert capacity.value == 0.0 and not capacity.trusted


BLOCKS: dict[str, list[Any]] = {
    "series": [1.0, [], [np.nan], "text", {}, np.ones((3, 3, 3)), [[1.0], []]],
    "block": [0, 5, 1.0, "1", None, True],
    "resamples": [1, 2.0, "2", None],
    "seed": [-1, 1.0, "1", None],
    "statistic": [None, 1.0, "mean"],
}


@pytest.mark.parametrize("field", BLOCKS)
def test_block_bootstrap_refuses(field: str) -> None:
    accepted: dict[str, Any] = {"series": [1.0, 2.0, 1.0, 2.0], "statistic": np.mean, "block": 2, "seed": 1}
    for value in BLOCKS[field]:
        with pytest.raises(sz.InputError) as caught:
            block_bootstrap(**accepted | {field: value})
        assert caught.value.field.startswith(field)


@pytest.mark.parametrize("given", [None, np.nan, np.inf, [1.0, 2.0], "text", np.ones(2), 1.0j])
def test_block_bootstrap_refuses_a_statistic_that_gives_no_number(given: Any) -> None:
    with pytest.raises(sz.InputError) as caught:
        block_bootstrap([1.0, 2.0, 1.0, 2.0], lambda x: given, block=2, seed=1)
    assert caught.value.field == "statistic"
