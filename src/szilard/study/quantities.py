"""What a study keeps of every run: names, units, conventions."""

from __future__ import annotations

QUANTITIES = (
    "learned", "heat", "work", "entropy", "cost", "cost_joint", "efficiency_marginal", "efficiency_joint",
    "error", "held_out_error", "fresh_information", "dissipation", "redundancy", "interference", "readout_loss",
    "unresolved", "margin", "first_law_residual",
)  # fmt: skip
PURE = ("efficiency_marginal", "efficiency_joint", "error", "held_out_error", "margin", "first_law_residual")
UNITS = dict.fromkeys(QUANTITIES, "nat") | {"heat": "k_B T0", "work": "k_B T0"} | dict.fromkeys(PURE, "1")
AXIS_UNITS = {
    "temperature": "T0", "duration": "time", "dt": "time", "dwell": "time", "ramp": "time", "answer_rate": "1/time",
}  # fmt: skip
CONVENTIONS = {
    "units": "k_B = 1; energies in k_B T0; information and entropy in nats; totals over all weights",
    "heat": "> 0 into the bath; dE = W - Q with W > 0 done on the system; Stratonovich",
    "cost": "sum_n [Delta S(w_n) + Q_n / T_n]; cost_joint: Delta S(w) + Q / T",
    "side": "two-sided: an estimate; upper / lower: a bound of the truth; none: neither",
}
