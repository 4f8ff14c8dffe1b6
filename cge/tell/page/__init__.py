"""One self-contained HTML page from an output folder."""

from cge.tell.page.figures import write_figures
from cge.tell.page.shell import write_report

__all__ = ["write_figures", "write_report"]
