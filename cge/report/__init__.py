"""One self-contained HTML page from an output folder."""

from cge.report.figures import write_figures
from cge.report.page import write_report

__all__ = ["write_figures", "write_report"]
