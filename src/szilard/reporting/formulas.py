r"""The formulas of the pages: LaTeX here, MathML where they are written."""

from __future__ import annotations

from functools import cache

LATEX = {
    "second law": r"\sum_\mu I(\sigma_T^\mu \,:\, \sigma^\mu) \le \sum_n \left[ \Delta S(w_n) + \frac{Q_n}{T} \right]",
    "one label": r"I(\sigma_T^* \,:\, \sigma^*) \le \sum_n \left[ \Delta S(w_n) + \frac{Q_n}{T} \right]",
    "teacher": r"I(w \,:\, B) \le \sum_n \left[ \Delta S(w_n) + \frac{Q_n}{T} \right]",
    "budget": r"\sum_n \left[ \Delta S(w_n) + \frac{Q_n}{T} \right] = \text{learned} + \text{dissipation}"
    r" + \text{redundancy} + \text{interference} + \text{readout}",
    "joint budget": r"\Delta S(w) + \frac{Q}{T} = \text{learned} + \text{dissipation} + \text{interference}"
    r" + \text{readout}",
    "efficiency_marginal": r"\eta_\text{marginal} = \frac{\text{learned}}"
    r"{\sum_n \left[ \Delta S(w_n) + Q_n / T \right]} \le 1",
    "efficiency_joint": r"\eta_\text{joint} = \frac{\text{learned}}{\Delta S(w) + Q / T} \le 1",
    "price": r"\frac{k_B T \ln 2}{\eta_\text{marginal}} \ge k_B T \ln 2",
    "learned": r"\sum_\mu I(\sigma_T^\mu \,:\, \sigma^\mu)",
    "dissipation": r"\Delta S(w | \sigma_T) + \frac{Q}{T}",
    "redundancy": r"\sum_n S(w_n) - S(w)",
    "interference": r"I(w \,:\, \sigma_T) - \sum_\mu I(w \,:\, \sigma_T^\mu)",
    "readout": r"\sum_\mu \left[ I(w \,:\, \sigma_T^\mu) - I(\sigma_T^\mu \,:\, \sigma^\mu) \right]",
    "motion": r"dw_n = \mu \left( -k w_n + f_n \right) dt + \sqrt{2 \mu T} \, dW_n",
    "heat": r"dQ_n = \left( -k w_n + f_n \right) \circ dw_n",
    "first law": r"\Delta E = W - Q",
    "needed": r"n' = n \left( \frac{z \sigma}{\text{gap}} \right)^2",
    "temperature": r"T = \frac{\eta \, \text{tr} \, C}{2 N}",
    "entropy flow": r"\sum_k \frac{Q_k}{T_k}",
}
"""Labels: true sigma_T, answered sigma, of pattern mu, * of one never shown; B: the teacher; w: the weights."""
NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'


@cache
def mathml(name: str, block: bool = False) -> str:
    r"""<math> of the LaTeX formula of this name, as HTML wants it: without a namespace. block: on a line of its own.

    Raises KeyError for a name that is not in ``LATEX``.

    >>> mathml("first law")[:30]
    '<math display="inline"><mrow><'
    """
    from latex2mathml.converter import convert

    text = convert(LATEX[name], display="block" if block else "inline")
    return text.replace(NAMESPACE, "")
