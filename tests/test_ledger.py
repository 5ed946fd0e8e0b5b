"""Books that do not add up are not made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from szilard import InputError, Ledger

HEAT = np.array([[1.0, -0.5], [0.2, 0.3], [0.0, 2.0]])
ENERGY = np.array([0.5, -1.0, 0.25])
WORK = ENERGY + HEAT.sum(axis=1)
T = np.array([1.0, 2.0])
BOOKS: dict[str, Any] = {"heat": HEAT, "work": WORK, "energy_change": ENERGY, "temperatures": T}


def test_numbers_of_the_books() -> None:
    ledger = Ledger(**BOOKS, conditional_entropy_change=np.array([0.1, 0.2, -0.3]))
    assert ledger.first_law_residual < 1e-15
    assert ledger.mean_heat().value == pytest.approx(1.0)
    assert ledger.mean_work().value == pytest.approx(WORK.mean())
    assert ledger.mean_work().stderr == pytest.approx(WORK.std(ddof=1) / np.sqrt(3))
    np.testing.assert_allclose(ledger.entropy_production, [0.1 + 0.75, 0.2 + 0.35, -0.3 + 1.0], rtol=1e-15)
    assert "3 replicas" in repr(ledger)


@pytest.mark.parametrize("factor", [-1.0, 1.0 + 1e-9, 0.0])
def test_first_law_is_checked(factor: float) -> None:
    """A flipped, a slightly wrong and a forgotten heat, in one replica of three."""
    wrong = HEAT.copy()
    wrong[1] *= factor
    with pytest.raises(InputError, match="ledger: got residual"):
        Ledger(**(BOOKS | {"heat": wrong}))


def test_gross_is_the_scale_of_rounding() -> None:
    """Large terms that cancel round at their own size, not at that of what is left."""
    off = BOOKS | {"energy_change": ENERGY + 1e-7}
    with pytest.raises(InputError):
        Ledger(**off)
    assert Ledger(**off, gross=np.full(3, 1e4)).first_law_residual == pytest.approx(1e-11, rel=1e-3)


def test_entropy_that_is_not_known_is_not_made_up() -> None:
    with pytest.raises(InputError, match="system_entropy_change"):
        _ = Ledger(**BOOKS).entropy_production


def test_books_are_closed() -> None:
    heat = HEAT.copy()
    ledger = Ledger(**(BOOKS | {"heat": heat}))
    heat[0, 0] = 99.0
    assert ledger.heat[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        ledger.heat[0, 0] = 2.0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"heat": HEAT[:, 0]}, "heat"),
        ({"heat": HEAT[:, :1]}, "heat"),
        ({"heat": HEAT[:2]}, "heat"),
        ({"energy_change": ENERGY[:2]}, "energy_change"),
        ({"temperatures": np.array([1.0, 0.0])}, "temperatures"),
        ({"temperatures": np.array([1.0, -2.0])}, "temperatures"),
        ({"work": np.array([np.nan, 1.0, 1.0])}, "work"),
        ({"heat": np.where(HEAT == 0.3, np.inf, HEAT)}, "heat"),
        ({"gross": np.array([np.nan, 1.0, 1.0])}, "gross"),
    ],
)
def test_refusals(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        Ledger(**(BOOKS | wrong))
    assert caught.value.field == field
    assert caught.value.rule and caught.value.fix
