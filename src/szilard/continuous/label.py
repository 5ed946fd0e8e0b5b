"""What a continuous state knows of a label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from ..errors import InputError
from .density import Density
from .gaussian import Gaussian
from .mixture import Mixture

Array = NDArray[np.float64]


def information_with_label(
    densities_given_label: Sequence[Density] | Sequence[Gaussian], label_probabilities: ArrayLike
) -> float:
    r"""I(w; label) = S(sum_l p_l rho_l) - sum_l p_l S(rho_l) = sum_l p_l D(rho_l || sum_m p_m rho_m) >= 0, in nats.

    densities_given_label: rho_l(w), Densities on the same cells or Gaussians, one per label.
    label_probabilities: (label,), >= 0, sum 1. Integrals are sums over the cells of Densities; those of Gaussians are
    the quadrature of ``Mixture``. At most the entropy of the labels.

    Raises InputError for densities on different cells or of different kinds, or probabilities that do not fit.

    Cover and Thomas, Elements of Information Theory (2006), chapter 8.

    >>> round(information_with_label([Gaussian(2.0, 1.0), Gaussian(-2.0, 1.0)], [0.5, 0.5]), 9)
    0.632720194
    """
    given = list(densities_given_label)
    p = _weights(label_probabilities, len(given))
    if given and all(isinstance(d, Gaussian) for d in given):
        return max(0.0, Mixture(p, [d for d in given if isinstance(d, Gaussian)]).information)
    if given and all(isinstance(d, Density) for d in given):
        lattices = [d.lattice for d in given if isinstance(d, Density)]
        if not all(lattice.same_cells(lattices[0]) for lattice in lattices):
            raise InputError(
                "densities_given_label", "different cells", "must share their cells", "give box= and cells="
            )
        rho = np.stack([d.probabilities / d.lattice.volume for d in given if isinstance(d, Density)])
        volume = lattices[0].volume
    else:
        rule = "must be Gaussians or Densities, one per label and all of a kind"
        raise InputError("densities_given_label", given, rule, "[sz.continuous.Gaussian(1.0, 1.0), ...]")
    mixed = p @ rho
    some = mixed > 0.0
    parts = entr(mixed[some]) - p @ entr(rho[:, some])
    return max(0.0, float(parts.sum()) * volume)


def _weights(given: ArrayLike, labels: int) -> Array:
    try:
        p = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        p = np.array(np.nan)
    if p.shape != (labels,) or not np.all(p >= 0.0) or not abs(float(p.sum()) - 1.0) <= 1e-9:
        rule = f"must be {labels} probabilities >= 0 of sum 1"
        raise InputError("label_probabilities", given, rule, "one per density")
    return np.asarray(p / p.sum())
