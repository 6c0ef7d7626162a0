"""Tables, plots and pages from Python."""
import re
from html.parser import HTMLParser

import pytest

import lydia
from lydia import report


def test_table():
    table = report.Table(["seed", "accuracy"], "lr").row(0, "0.98").row(10, 1.5)
    lines = str(table).splitlines()
    assert [line.split() for line in lines] == [["seed", "accuracy"], ["────", "────────"],
                                                ["0", "0.98"], ["10", "1.5"]]
    assert lines[2].endswith("    0.98")  # to the right
    assert "\033[" in table.text(color=True) and "\033[" not in table.text()
    with pytest.raises(ValueError):
        table.row(1)
    with pytest.raises(ValueError, match="align"):
        report.Table(["a"], "lr")
    with pytest.raises(ValueError, match="align"):
        report.Table(["a"], "c")


def test_line_plot_takes_tensors_and_lists():
    svg = report.line_plot({"loss": ([1, 2, 3], lydia.tensor([3.0, 2.0, 1.0])), "flat": ([1, 3], [2, 2])},
                           title="A & B", x_label="step", log_y=True, width=300, height=200)
    assert svg.startswith("<svg") and "A &amp; B" in svg and "loss" in svg and "flat" in svg
    assert len(re.findall("<polyline|<path", svg)) >= 2
    assert "loss" not in report.line_plot(([1, 2], [3, 4]))
    with pytest.raises(ValueError):
        report.line_plot({"a": ([1, 2], [1])})
    with pytest.raises(ValueError):
        report.line_plot(([1], [1]), width=10)


def test_bar_plot():
    one = report.bar_plot(["a", "b"], [1, 2])
    two = report.bar_plot(["a", "b"], {"x": [1, 2], "y": [3, 4]})
    assert two.count("<rect") > one.count("<rect") >= 2
    with pytest.raises(ValueError, match="2 values"):
        report.bar_plot(["a", "b"], [1])


class Texts(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.seen = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)

    def handle_data(self, data):
        self.seen.append(data.strip())


def test_page(tmp_path):
    page = report.HtmlPage("Ölçüm <1>", lang="tr").heading(2, "a & b").paragraph("p").preformatted("x\n y")
    page.table(report.Table(["k"]).row("<v>")).figure(report.bar_plot(["a"], [1]), "caption")
    seen = Texts(page.html()).seen
    for text in ("Ölçüm <1>", "a & b", "p", "x\n y", "k", "<v>", "caption", "svg", "table", "h2"):
        assert text in seen
    assert "script" not in seen and 'lang="tr"' in page.html()
    target = tmp_path / "new" / "report.html"
    report.save(page, target)
    assert target.read_text(encoding="utf-8") == page.html()
    with pytest.raises(ValueError):
        page.heading(1, "no")
    with pytest.raises(ValueError):
        report.HtmlPage("t", lang='"><script>')
