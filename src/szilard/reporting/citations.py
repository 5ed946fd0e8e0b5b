"""BibTeX of the software and of the papers that the numbers of a page rest on, each with what it is cited for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.metadata import version

from .doubts import answers_back
from .runs import Run


@dataclass(frozen=True)
class Source:
    """A BibTeX entry; why: what it is cited for."""

    kind: str
    key: str
    why: str
    fields: tuple[tuple[str, str], ...]

    def bibtex(self) -> str:
        """The entry, with what it is cited for as a comment above."""
        lines = [f"  {name} = {{{value}}}," for name, value in self.fields]
        return "\n".join([f"% {self.why}", f"@{self.kind}{{{self.key},", *lines, "}"])


def _article(
    key: str, why: str, author: str, title: str, journal: str, volume: int, pages: str, year: int, doi: str = ""
) -> Source:
    fields = [("author", author), ("title", title), ("journal", journal), ("volume", str(volume)), ("pages", pages)]
    fields += [("year", str(year))] + ([("doi", doi)] if doi else [])
    return Source("article", key, why, tuple(fields))


LEARNING = _article(
    "GoldtSeifert2017", "the model, the second law of learning, the efficiency", "Goldt, Sebastian and Seifert, Udo",
    "Stochastic Thermodynamics of Learning", "Physical Review Letters", 118, "010601", 2017,
    "10.1103/PhysRevLett.118.010601",
)  # fmt: skip
TEACHER = _article(
    "GoldtSeifert2017rule", "a teacher's labels", "Goldt, Sebastian and Seifert, Udo",
    "Thermodynamic efficiency of learning a rule in neural networks", "New Journal of Physics", 19, "113001", 2017,
)  # fmt: skip
ENERGETICS = Source(
    "book", "Sekimoto2010", "heat of a single trajectory: Stratonovich",
    (("author", "Sekimoto, Ken"), ("title", "Stochastic Energetics"), ("publisher", "Springer"), ("year", "2010")),
)  # fmt: skip
THERMODYNAMICS = _article(
    "Seifert2012", "entropy production and fluctuation theorems", "Seifert, Udo",
    "Stochastic thermodynamics, fluctuation theorems and molecular machines", "Reports on Progress in Physics", 75,
    "126001", 2012, "10.1088/0034-4885/75/12/126001",
)  # fmt: skip
FEEDBACK = _article(
    "SagawaUeda2010", "why a force that remembers the weights escapes the bound", "Sagawa, Takahiro and Ueda, Masahito",
    "Generalized Jarzynski Equality under Nonequilibrium Feedback Control", "Physical Review Letters", 104, "090602",
    2010, "10.1103/PhysRevLett.104.090602",
)  # fmt: skip
NEIGHBOURS = (
    _article(
        "KozachenkoLeonenko1987", "the entropy of a weight by nearest neighbours, where no enumeration gives it",
        "Kozachenko, L. F. and Leonenko, N. N.", "Sample Estimate of the Entropy of a Random Vector",
        "Problems of Information Transmission", 23, "95--101", 1987,
    ),
    _article(
        "Kraskov2004", "the same", "Kraskov, Alexander and St{\\\"o}gbauer, Harald and Grassberger, Peter",
        "Estimating mutual information", "Physical Review E", 69, "066138", 2004, "10.1103/PhysRevE.69.066138",
    ),
)  # fmt: skip
DIGITS = Source(
    "misc", "AlpaydinKaynak1998", "the handwritten digits",
    (("author", "Alpaydin, E. and Kaynak, C."), ("title", "Optical Recognition of Handwritten Digits"),
     ("howpublished", "UCI Machine Learning Repository"), ("year", "1998")),
)  # fmt: skip
SCREENING = (
    _article(
        "McKay1979", "ranks of a quantity over a random design", "McKay, M. D. and Beckman, R. J. and Conover, W. J.",
        "A Comparison of Three Methods for Selecting Values of Input Variables in the Analysis of Output from a "
        "Computer Code", "Technometrics", 21, "239--245", 1979,
    ),
    _article(
        "BonettWright2000", "the error of a rank correlation", "Bonett, Douglas G. and Wright, Thomas A.",
        "Sample size requirements for estimating Pearson, Kendall and Spearman correlations", "Psychometrika", 65,
        "23--28", 2000,
    ),
    _article(
        "FreedmanLane1983", "its probability by chance", "Freedman, David and Lane, David",
        "A Nonstochastic Interpretation of Reported Significance Levels",
        "Journal of Business and Economic Statistics", 1, "292--298", 1983,
    ),
)  # fmt: skip
OF_RULES = {
    "oja": _article(
        "Oja1982", "Oja's rule", "Oja, Erkki", "A simplified neuron model as a principal component analyzer",
        "Journal of Mathematical Biology", 15, "267--273", 1982,
    ),
    "bcm": _article(
        "Bienenstock1982", "the BCM rule", "Bienenstock, E. L. and Cooper, L. N. and Munro, P. W.",
        "Theory for the development of neuron selectivity: orientation specificity and binocular interaction in visual "
        "cortex", "Journal of Neuroscience", 2, "32--48", 1982,
    ),
    "stdp": _article(
        "Kempter1999", "spike timing as a rule of rates",
        "Kempter, Richard and Gerstner, Wulfram and van Hemmen, J. Leo", "Hebbian learning and spiking neurons",
        "Physical Review E", 59, "4498--4514", 1999,
    ),
    "optimal": _article(
        "KinouchiCaticha1992", "the optimal rule", "Kinouchi, Osame and Caticha, Nestor",
        "Optimal generalization in perceptrons", "Journal of Physics A", 25, "6243--6250", 1992,
    ),
    "gibbs": _article(
        "Gardner1988", "the version space", "Gardner, E.", "The space of interactions in neural network models",
        "Journal of Physics A", 21, "257--270", 1988,
    ),
}  # fmt: skip


def software() -> Source:
    """This library, in the version that made the page."""
    told = (
        ("author", "{The Szilard developers}"),
        ("title", "Szilard: what it costs, thermodynamically, for a neural network to learn"),
        ("version", version("szilard")),
    )
    return Source("software", "szilard", "the software", told)


def sources_of(runs: Sequence[Run], source: str = "", design: bool = False) -> tuple[Source, ...]:
    """What a study of these runs rests on. source: of its patterns; design: whether it ranks parameters."""
    found = [software(), LEARNING, THERMODYNAMICS, ENERGETICS, *NEIGHBOURS]
    if any(run.labelling == "teacher" for run in runs):
        found.append(TEACHER)
    if any(run.verdict == "not covered" and run.labelling != "true" or answers_back(run) for run in runs):
        found.append(FEEDBACK)
    found += [OF_RULES[rule] for rule in dict.fromkeys(run.rule for run in runs) if rule in OF_RULES]
    return tuple(found + [DIGITS] * (source == "digits") + list(SCREENING) * design)


def citations_section(sources: Sequence[Source]) -> str:
    """The entries as they go into a .bib file."""
    text = "\n\n".join(source.bibtex() for source in sources)
    return (
        "<h2>What to cite</h2><p>The software, and the papers on which these numbers rest; above each stands what it "
        f"is cited for.</p><pre tabindex=0>{escape(text)}</pre>"
    )
