"""Figures of the field: they take arrays and Axes and know nothing of where the numbers come from."""

from .agreement import agreement as agreement
from .between import cost_corridor as cost_corridor
from .bounds import bounds_panel as bounds_panel
from .curves import Curve as Curve
from .curves import cost_curves as cost_curves
from .curves import efficiency_curves as efficiency_curves
from .estimates import beside_exact as beside_exact
from .field import current_field as current_field
from .histogram import distributions as distributions
from .levels import level_trajectory as level_trajectory
from .lines import lines as lines
from .network import network as network
from .plane import track as track
from .potential import potential_trajectory as potential_trajectory
from .printed import paper_figure as paper_figure
from .printed import write_figure as write_figure
from .stack import budget_bars as budget_bars
from .style import axes_or_new as axes_or_new
from .style import house_style as house_style
from .surface import plane_map as plane_map
from .symmetry import mirrored as mirrored
from .theorems import crossing_histograms as crossing_histograms
from .theorems import fluctuation_symmetry as fluctuation_symmetry
from .theory_lines import beside_theory as beside_theory
