"""Moving energies by collocation and by extrapolated midpoints, against closed forms and spectral solutions."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

import szilard as sz
from szilard.discrete import Channel, JumpProcess, generating_function
from szilard.discrete.collocation import radau
from szilard.discrete.course import course_of
from szilard.discrete.evolution import METHODS, Evolution, Method
from szilard.errors import InputError
from tests.discrete.master import JUMPY, lopsided, protocol_of
from tests.discrete.precise import carried, lattice

Array = NDArray[np.float64]


@pytest.mark.parametrize("stages", [2, 3, 8])
def test_radau_integrates_polynomials(stages: int) -> None:
    """b has degree 2 s - 2, A has degree s - 1; s = 2 is the table in every book."""
    c, b, inverse, z, t, t_inverse = radau(stages)
    for k in range(2 * stages - 1):
        assert b @ c**k == pytest.approx(1.0 / (k + 1), rel=1e-13)
    for k in range(stages):
        assert inverse @ c ** (k + 1) / (k + 1) == pytest.approx(c**k, rel=1e-10, abs=1e-10)
    if stages % 2 == 0:
        assert 2.0 * (t * z @ t_inverse).real == pytest.approx(inverse, rel=1e-9, abs=1e-9)
    if stages == 2:
        assert np.linalg.inv(inverse) == pytest.approx(np.array([[5 / 12, -1 / 12], [3 / 4, 1 / 4]]))


@pytest.mark.parametrize("method", METHODS)
def test_two_levels_in_closed_form(method: Method) -> None:
    """Heat bath of attempt a: rates add up to a, p(t) = p0 e^{-at} + a int e^{-a(t-s)} f(s) ds is one quadrature."""
    a, warm, rise = 1.7, 0.6, 3.0
    process = JumpProcess(lambda gap: [0.0, gap], Channel([[0.0, a], [a, 0.0]], kinetics="heat_bath", temperature=warm))
    for span in (0.1, 2.0, 40.0):
        course = course_of(process, sz.Protocol((0.0, span), (-1.0, rise)), span)

        def kernel(s: float, span: float = span) -> float:
            gap = -1.0 + (rise + 1.0) * s / span
            return a * float(np.exp(-a * (span - s)) / (1.0 + np.exp(gap / warm)))

        exact = 0.3 * np.exp(-a * span) + quad(kernel, max(0.0, span - 25.0), span, epsabs=1e-15, epsrel=1e-14)[0]
        found = Evolution(process, None, method).across(course, np.array([[0.7, 0.3]]))
        assert found[0, 1] == pytest.approx(exact, abs=3e-14)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", [7, 8])
def test_lopsided_against_spectral_collocation(seed: int, method: Method) -> None:
    system = lopsided(4, seed=seed)
    p = np.array([0.1, 0.2, 0.65, 0.05])
    none = np.zeros(1)
    exact, _ = carried(system, p, JUMPY, lambda energy, slope, p: none, lambda p, step: none)
    course = course_of(system.process, protocol_of(JUMPY), JUMPY[-1][0])
    found = Evolution(system.process, None, method).across(course, p[None])
    assert np.sum(np.abs(found[0] - exact)) < 2e-13


@pytest.mark.parametrize("attempt", [1e4, 1e8, 1e12])
def test_fast_states_follow(attempt: float) -> None:
    """p = pi - L^-1 dpi/dt + ... : after the first instants p is pi(t) up to one over the rate; driven, stiff."""
    slow = lattice(4, scale=1.0, drive=1.0)
    base, channel = slow.energies(), slow.channels[0]
    tilt = np.random.default_rng(4).normal(size=16)
    process = JumpProcess(
        lambda control: base + control * tilt,
        Channel(channel.attempt * attempt, channel.drive, temperature=channel.temperature),
    )
    course = course_of(process, sz.Protocol((0.0, 1.0), (0.0, 1.5)), 1.0)
    found = Evolution(process, None, "contour").across(course, np.eye(1, 16, 3))[0]
    pi = sz.stationary(process, 1.5)
    nudged = sz.stationary(process, 1.5 - 1e-4)
    delay = np.linalg.lstsq(process.generator(1.5).toarray(), 1.5 * (pi - nudged) / 1e-4, rcond=None)[0]
    delay -= pi * delay.sum()
    assert abs(found.sum() - 1.0) < 1e-15
    assert np.sum(np.abs(found - pi - delay)) < 2e-4 * np.sum(np.abs(delay)) + 100.0 / attempt**2 + 1e-13


def test_both_ways_agree_where_rates_are_large() -> None:
    slow = lattice(3, scale=2.0, drive=1.0, attempt=20.0)
    base, tilt = slow.energies(), np.linspace(-1.0, 1.0, 9)
    process = JumpProcess(lambda control: base + control * tilt, slow.channels)
    course = course_of(process, sz.Protocol((0.0, 0.7, 0.7, 1.0), (0.0, 2.0, 1.0, 1.2)), 1.0)
    a, b = (Evolution(process, None, method).across(course, np.eye(1, 9, 8)) for method in METHODS)
    assert np.sum(np.abs(a - b)) < 1e-12


def test_pieces_do_not_change_the_answer() -> None:
    system = lopsided(4)
    p = np.eye(1, 4, 2)
    whole = sz.Protocol((0.0, 2.0), (0.0, 1.5))
    one, many = (
        Evolution(system.process).across(course_of(system.process, protocol, 2.0), p)
        for protocol in (whole, whole.refine(23))
    )
    assert np.sum(np.abs(one - many)) < 1e-13


@pytest.mark.parametrize("method", METHODS)
def test_out_of_reach(method: Method) -> None:
    """A weight whose mean is beyond floating point ends in an error, not in a loop."""
    process = JumpProcess(lambda gap: [0.0, gap], Channel([[0.0, 1.0], [1.0, 0.0]], kinetics="heat_bath"))
    rise = sz.Protocol((0.0, 1.0), (0.0, 300.0))
    with pytest.raises(InputError):
        generating_function(process, 1, 1.0, rise, work=-20.0, method=method)
