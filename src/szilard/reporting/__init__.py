"""What a study says: on the console and as a page."""

from .page import write_report as write_report
