"""Reports of runs: tables for terminals and pages, plots as SVG, self-contained HTML pages.

    page = report.HtmlPage("Digits").paragraph("Three seeds.")
    page.table(report.Table(["seed", "accuracy"], "lr").row(0, "0.98"))
    page.figure(report.line_plot({"loss": ([1, 2, 3], [2.3, 1.1, 0.7])}, x_label="step"))
    report.save(page, "out/report.html")
"""
import os

from ._C import _report
from ._C._report import HtmlPage

__all__ = ["HtmlPage", "Table", "bar_plot", "line_plot", "save"]


class Table(_report._Table):
    """Rows of text under headers. `align` has a letter for each column: "l" (the default) or "r"."""

    def __init__(self, headers, align=""):
        if set(align) - {"l", "r"} or len(align) > len(headers):
            raise ValueError(f"Table: expected align to be a letter l or r for each of {len(headers)} "
                             f"columns, got {align!r}")
        super().__init__([str(header) for header in headers], [letter == "r" for letter in align])

    def row(self, *cells):
        """Adds a row; cells that are not text are put through str(). Gives the table."""
        self._row([str(cell) for cell in cells])
        return self

    def text(self, color=False):
        """The table as lines for a terminal."""
        return self._text(color)

    __str__ = text


def _numbers(values):
    return [float(value) for value in (values.tolist() if hasattr(values, "tolist") else values)]


def line_plot(lines, *, title="", x_label="", y_label="", log_x=False, log_y=False, width=720,
              height=400):
    """SVG of lines: {name: (x, y)}, or (x, y) alone. What is not finite leaves a gap."""
    if not isinstance(lines, dict):
        lines = {"": lines}
    return _report.line_plot([(str(name), (_numbers(x), _numbers(y))) for name, (x, y) in lines.items()],
                             _report._PlotOptions(title, x_label, y_label, log_x, log_y, width, height))


def bar_plot(categories, bars, *, title="", x_label="", y_label="", log_y=False, width=720, height=400):
    """SVG of groups of bars, one group a category: {name: values}, or values alone."""
    if not isinstance(bars, dict):
        bars = {"": bars}
    return _report.bar_plot([str(one) for one in categories],
                            [(str(name), _numbers(values)) for name, values in bars.items()],
                            _report._PlotOptions(title, x_label, y_label, False, log_y, width, height))


def save(page, path):
    """Writes a page; the file is the old one or the new one, whole. Makes the folder."""
    folder = os.path.dirname(os.fspath(path))
    if folder:
        os.makedirs(folder, exist_ok=True)
    page._save(os.fspath(path))
