"""What is to be learned: patterns, and where their labels come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..data import digit_images, standardise
from ..errors import InputError, is_whole
from ..markup import table
from ..networks.couplings import signs

__all__ = ["Task", "digits", "from_data", "random_labels", "storage_task", "teacher_student"]
Labelling = Literal["random", "teacher", "true"]
LABELLINGS = ("random", "teacher", "true")
Array = NDArray[np.float64]

COVERS = {
    "random": "labels independent and fair: the sum over labels, and the joint information, are bounded by the cost",
    "teacher": "labels of a random teacher depend on each other: the bound covers what the weights know of the "
    "teacher, or the label of ONE pattern, never the sum over labels",
    "true": "one fixed set of labels carries no entropy: the bound covers nothing learned here; accuracy is "
    "shown beside the untrained network",
}


@dataclass(frozen=True)
class Task:
    """P patterns xi^mu with |xi^mu|^2 = N, the same for every replica, and the law of their labels.

    inputs: (pattern, weight); labelling: "random" (each replica draws independent fair labels), "teacher"
    (each replica draws a teacher B ~ N(0, 1) and labels are sign(B xi)) or "true" (the given labels).
    labels: (pattern,) of +-1 for "true"; held_out_inputs, held_out_labels: patterns never shown.
    Raises InputError on wrong shapes, norms other than N, or labels other than +-1.
    """

    name: str
    inputs: Array
    labelling: Labelling = "random"
    labels: Array | None = None
    held_out_inputs: Array | None = None
    held_out_labels: Array | None = None

    def __post_init__(self) -> None:
        if self.labelling not in LABELLINGS:
            raise InputError("labelling", self.labelling, f"must be one of {', '.join(LABELLINGS)}", "name one")
        object.__setattr__(self, "inputs", _patterns(self.inputs, "inputs"))
        if self.held_out_inputs is not None:
            object.__setattr__(self, "held_out_inputs", _patterns(self.held_out_inputs, "held_out_inputs"))
            if self.held_out_inputs.shape[1] != self.n_inputs:
                rule = f"must have {self.n_inputs} inputs as the shown patterns have"
                raise InputError("held_out_inputs", self.held_out_inputs.shape, rule, "use one data set for both")
        if self.labelling == "true":
            object.__setattr__(self, "labels", _two_classes(self.labels, self.n_patterns, "labels"))
            if self.held_out_inputs is not None:
                held = _two_classes(self.held_out_labels, len(self.held_out_inputs), "held_out_labels")
                object.__setattr__(self, "held_out_labels", held)

    @property
    def n_patterns(self) -> int:
        """P."""
        return int(self.inputs.shape[0])

    @property
    def n_inputs(self) -> int:
        """N."""
        return int(self.inputs.shape[1])

    @property
    def covers(self) -> str:
        """What the second law of learning says about this labelling."""
        return COVERS[self.labelling]

    def _repr_html_(self) -> str:
        held = 0 if self.held_out_inputs is None else len(self.held_out_inputs)
        rows = [
            ["patterns", f"P = {self.n_patterns}"],
            ["inputs", f"N = {self.n_inputs}"],
            ["held out", f"{held}"],
            ["labels", f"{self.labelling}: {self.covers}"],
        ]
        return table(f"Task {self.name!r}", rows)

    def __repr__(self) -> str:
        held = 0 if self.held_out_inputs is None else len(self.held_out_inputs)
        return f"Task({self.name!r}, N = {self.n_inputs}, P = {self.n_patterns}, {self.labelling}, {held} held out)"


def random_labels(n_inputs: int, n_patterns: int, *, inputs: ArrayLike | None = None, seed: int | None = None) -> Task:
    """Random dichotomies: sigma_T^mu = +-1 independent and fair, drawn anew by every replica.

    inputs: (n_patterns, n_inputs), |xi|^2 = N; without them xi = +-1 are drawn from ``seed``.
    Raises InputError if neither inputs nor seed is given.

    >>> random_labels(3, 2, seed=1).inputs.shape
    (2, 3)
    """
    return Task("random labels", _given_or_drawn(n_inputs, n_patterns, inputs, seed), "random")


def teacher_student(
    n_inputs: int,
    n_patterns: int,
    *,
    inputs: ArrayLike | None = None,
    held_out: int = 100,
    seed: int | None = None,
) -> Task:
    """A linearly separable rule: sigma_T = sign(B xi), each replica its own teacher B ~ N(0, 1)^N.

    inputs: (n_patterns + held_out, n_inputs); without them xi = +-1 are drawn from ``seed``. The last
    ``held_out`` patterns are never shown.
    """
    if not is_whole(held_out, 0):
        raise InputError("held_out", held_out, "must be an integer >= 0", "give the number of patterns never shown")
    every = _given_or_drawn(n_inputs, n_patterns + held_out, inputs, seed)
    return Task("teacher", every[:n_patterns], "teacher", None, every[n_patterns:] if held_out else None)


def from_data(
    x: ArrayLike,
    y: ArrayLike | None = None,
    *,
    labelling: Labelling = "true",
    patterns: int | None = None,
    held_out: int = 0,
    seed: int = 0,
    name: str = "data",
) -> Task:
    """Real patterns: centred on their mean, scaled to |xi|^2 = N, shuffled by ``seed``, split into shown and held out.

    x: (sample, input); y: (sample,) of two classes, needed for labelling="true" (the smaller value is -1).
    patterns: how many to show (default: all that are not held out). The mean is that of the whole file.
    Raises InputError on NaN, wrong shapes, more patterns than there are, or labels that are not two classes.
    """
    features = standardise(_numbers(x, "inputs"))
    count = features.shape[0]
    shown = count - held_out if patterns is None else patterns
    if held_out < 0 or shown < 1 or shown + held_out > count:
        got = f"patterns = {shown}, held_out = {held_out}"
        raise InputError("patterns", got, f"together at most the {count} samples of {name}", "ask for fewer")
    order = np.random.Generator(np.random.Philox(seed)).permutation(count)
    first, rest = order[:shown], order[shown : shown + held_out]
    if labelling != "true":
        return Task(name, features[first], labelling, None, features[rest] if held_out else None)
    if y is None:
        raise InputError("labels", "none", 'labelling = "true" needs them', "give labels, or use random labels")
    signs = _signs(np.asarray(y), count)
    return Task(
        name,
        features[first],
        "true",
        signs[first],
        features[rest] if held_out else None,
        signs[rest] if held_out else None,
    )


def digits(
    a: int,
    b: int,
    *,
    patterns: int,
    labelling: Labelling = "random",
    held_out: int = 0,
    seed: int = 0,
) -> Task:
    """Handwritten digits a and b (UCI, 8 x 8 pixels) as patterns; the true classes are a -> -1, b -> +1.

    Raises InputError if a or b is no digit or the two are equal.
    """
    for value in (a, b):
        if value not in range(10):
            raise InputError("classes", (a, b), "must be two digits 0..9", "for instance 3 and 8")
    if a == b:
        raise InputError("classes", (a, b), "must be two different digits", "for instance 3 and 8")
    images, classes = digit_images()
    chosen = (classes == a) | (classes == b)
    y = np.where(classes[chosen] == b, 1, -1)
    return from_data(
        images[chosen],
        y,
        labelling=labelling,
        patterns=patterns,
        held_out=held_out,
        seed=seed,
        name=f"digits {a} and {b}",
    )


def storage_task(patterns: ArrayLike, unit: int = 0) -> Task:
    r"""Row i of Hopfield's couplings as a neuron: inputs xi_j^mu of the other units, labels the unit's bits xi_i^mu.

    With the Hebbian rule dw_ij = mu [-k w_ij + c N^{-1/2} sum_mu xi_i^mu xi_j^mu] dt + noise, what ``train`` books is
    the cost of the row's N - 1 synapses, and P times the information of a label is what they store. The bits of the
    unit itself are drawn anew by every replica, independent and fair, so that the second law covers their sum;
    ``networks.storage_price`` is the limit of many units. patterns: (pattern, unit) of +-1, at least two units.
    Raises InputError for other values, or a unit that there is not.

    Source: Hopfield, Proc. Natl. Acad. Sci. USA 79, 2554 (1982).

    >>> storage_task([[1, -1, 1], [1, 1, -1]], unit=1)
    Task('storage of unit 1', N = 2, P = 2, random, 0 held out)
    """
    xi = signs(patterns, "patterns")
    if xi.shape[1] < 2:
        raise InputError("patterns", xi.shape, "a unit stores what the others show: at least 2 units", "add units")
    if not is_whole(unit, 0) or unit >= xi.shape[1]:
        raise InputError("unit", unit, f"must be a unit 0 ... {xi.shape[1] - 1}", "0, for instance")
    return Task(f"storage of unit {unit}", np.delete(xi, int(unit), axis=1), "random")


def _given_or_drawn(n_inputs: int, n_patterns: int, inputs: ArrayLike | None, seed: int | None) -> Array:
    for name, value in (("n_inputs", n_inputs), ("n_patterns", n_patterns)):
        if not is_whole(value, 1):
            raise InputError(name, value, "must be an integer >= 1", "give a positive number")
    if inputs is not None:
        given = _numbers(inputs, "inputs")
        if given.shape != (n_patterns, n_inputs):
            raise InputError("inputs", given.shape, f"must be ({n_patterns}, {n_inputs})", "one row per pattern")
        return given
    if seed is None or not is_whole(seed, 0):
        raise InputError("seed", seed, "drawing inputs needs an integer >= 0", "give seed=..., or the inputs")
    draw = np.random.Generator(np.random.Philox(seed))
    return np.asarray(2.0 * draw.integers(0, 2, size=(n_patterns, n_inputs)) - 1.0)


def _numbers(values: ArrayLike, name: str) -> Array:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(name, values, "must be a table of numbers", "one row per pattern") from error


def _patterns(values: ArrayLike, name: str) -> Array:
    x = _numbers(values, name).copy()
    if x.ndim != 2 or x.shape[0] < 1 or x.shape[1] < 1:
        raise InputError(name, x.shape, "must have shape (pattern, input)", "one row per pattern")
    if not np.all(np.isfinite(x)):
        raise InputError(name, "NaN or infinity", "every input must be finite", "remove or fill those entries")
    norms = np.einsum("ij,ij->i", x, x)
    wrong = np.flatnonzero(np.abs(norms - x.shape[1]) > 1e-9 * x.shape[1])
    if wrong.size:
        rule = f"|xi|^2 must equal N = {x.shape[1]} for every pattern"
        raise InputError(f"{name}[{wrong[0]}]", f"|xi|^2 = {norms[wrong[0]]:.6g}", rule, "use data.standardise")
    x.flags.writeable = False
    return x


def _two_classes(values: ArrayLike | None, count: int, name: str) -> Array:
    if values is None:
        raise InputError(name, "none", 'labelling = "true" needs them', "give one label per pattern")
    y = np.array(values, dtype=np.float64)
    if y.shape != (count,) or not np.all(np.abs(y) == 1.0):
        raise InputError(name, y.shape, f"must be {count} values of +-1", "map the two classes to -1 and +1")
    y.flags.writeable = False
    return y


def _signs(y: NDArray[np.generic], count: int) -> Array:
    if y.shape != (count,):
        raise InputError("labels", y.shape, f"must have shape ({count},)", "one label per sample")
    classes = np.unique(y)
    if classes.size != 2:
        got = f"{classes.size} classes: {', '.join(str(c) for c in classes[:6])}"
        raise InputError("labels", got, "must be exactly two classes", "select two of them")
    return np.where(y == classes[1], 1.0, -1.0)


def __dir__() -> list[str]:
    return __all__
