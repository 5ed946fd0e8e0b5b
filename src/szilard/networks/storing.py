"""What it costs to store a bit in the synapses of a Hopfield network, and how good the couplings then are."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, inf, sqrt
from typing import Literal

from ..errors import InputError
from ..markup import table_of_text
from ..theory import hebbian

OWN_NAMES = {"nu": "force", "alpha": "load"}
"""What ``hebbian`` calls them, and what they are called here."""


@dataclass(frozen=True)
class StoragePrice:
    """Per synapse and per stored bit, N and P -> infinity at load = P/N: see ``storage_price``.

    cost, heat per synapse: nats, k_B T0. cost_per_bit: nats paid for each bit xi_i^mu of a pattern, heat_per_bit in
    k_B T0. information_per_bit: nats that the unit's answer tells of a bit, at most ln 2. efficiency: information /
    cost <= 1. coupling_noise: standard deviation of sqrt(N) J_ij about Hebb's, for ``hopfield(noise=..)``. overlap: <m>
    after one sweep of all units in parallel, each following its sign, from an error-free cue.
    """

    load: float
    cost: float
    heat: float
    cost_per_bit: float
    heat_per_bit: float
    information_per_bit: float
    efficiency: float
    coupling_noise: float
    overlap: float

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return "\n".join(
            (
                f"StoragePrice at {self.load:g} patterns per unit",
                f"  per synapse {self.cost:.6g} nats, of which heat {self.heat:.6g} k_B T0",
                f"  per bit     {self.cost_per_bit:.6g} nats, for {self.information_per_bit:.6g} nats that it tells: "
                f"efficiency {self.efficiency:.4g}",
                f"  recall      keeps {self.overlap:.4g} in one sweep, "
                f"coupling noise {self.coupling_noise:.4g} / sqrt(N)",
            )
        )


def storage_price(
    load: float,
    force: float,
    tau: float = inf,
    readout: Literal["thermal", "sign"] = "sign",
    *,
    temperature: float = 1.0,
    stiffness: float = 1.0,
    mobility: float = 1.0,
) -> StoragePrice:
    r"""J_ij = k w_ij/(nu sqrt(N)), dw_ij = mu [-k w_ij + nu s(t) N^{-1/2} sum_mu xi_i^mu xi_j^mu] dt + sqrt(2 mu T) dW.

    Every synapse of row i of the couplings learns by Hebb's rule: the inputs are the other units' states xi_j^mu, the
    label is the unit's own bit xi_i^mu. A row is a Hebbian neuron (``theory.hebbian``), and the network is N of them.
    At rest J_ij is Hebb's coupling plus thermal noise sqrt(k T)/(nu sqrt(N)), drawn apart for J_ij and J_ji:
    couplings that are stored by synapses at a temperature are not reciprocal, and recalling with them dissipates.
    The field of a bit is 1 + sqrt(load + k T/nu^2) z, so that one parallel sweep keeps the share
    m = erf[1 / sqrt(2 (load + k T/nu^2))].

    load = P/N > 0; force nu > 0; tau: rise time of the force, inf is quasi-static; readout, of the unit that answers
    during learning; temperature, of the synapses, stiffness, mobility > 0. Heat > 0 into the bath.
    Raises InputError for values outside these.

    Sources: Goldt and Seifert, Phys. Rev. Lett. 118, 010601 (2017); Hopfield, Proc. Natl. Acad. Sci. USA 79, 2554
    (1982).

    >>> price = storage_price(0.1, 4.0)
    >>> round(price.cost_per_bit, 3), round(price.efficiency, 3), round(price.overlap, 3)
    (4.778, 0.137, 0.987)
    """
    try:
        row = hebbian(force, load, tau, readout, temperature=temperature, stiffness=stiffness, mobility=mobility)
    except InputError as bad:
        raise InputError(OWN_NAMES.get(bad.field, bad.field), bad.got, bad.rule, bad.fix) from None
    if force == 0.0:
        raise InputError(
            "force", force, "must be > 0: without it nothing is stored", "give the strength of Hebb's force"
        )
    noise = sqrt(stiffness * temperature) / force
    return StoragePrice(
        load=float(load),
        cost=row.cost,
        heat=row.heat,
        cost_per_bit=row.cost / load,
        heat_per_bit=row.heat / load,
        information_per_bit=row.information,
        efficiency=row.efficiency,
        coupling_noise=noise,
        overlap=erf(1.0 / sqrt(2.0 * (load + noise**2))),
    )
