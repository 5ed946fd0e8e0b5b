"""What a study says: on the console and as a page."""

from .figure_files import figure_file as figure_file
from .figure_files import figures_of as figures_of
from .page import write_report as write_report
