// lydia.report: tables, plots and self-contained HTML pages.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string_view.h>

#include "lydia/core/error.h"
#include "lydia/io/atomic_file.h"
#include "lydia/report/html.h"
#include "lydia/report/plot.h"
#include "lydia/report/table.h"
#include "lydia/train/training_report.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {
namespace {

using report::Align, report::HtmlPage, report::PlotOptions, report::Table;
using Numbers = std::vector<double>;
using NamedNumbers = std::pair<std::string, Numbers>;
using Line = std::pair<std::string, std::pair<Numbers, Numbers>>;

std::string line_plot(const std::vector<Line>& lines, const PlotOptions& options) {
  std::vector<report::Series> series;
  for (const auto& [name, points] : lines) series.push_back({name, points.first, points.second});
  return report::line_plot(series, options);
}

std::string bar_plot(const std::vector<std::string>& categories,
                     const std::vector<NamedNumbers>& bars, const PlotOptions& options) {
  std::vector<report::BarSeries> series;
  for (const auto& [name, values] : bars) series.push_back({name, values});
  return report::bar_plot(categories, series, options);
}

void register_page(nb::module_& m) {
  const auto self = nb::rv_policy::none;  // the object that is there already
  nb::class_<HtmlPage>(m, "HtmlPage",
                       "A self-contained HTML page: one file, nothing that runs. Text is escaped; "
                       "each method gives\nthe page, so that calls can be chained.")
      .def(nb::init<std::string_view, std::string_view>(), "title"_a, "lang"_a = "en")
      .def("heading", &HtmlPage::heading, "level"_a, "text"_a, self,
           "A heading of level 2 to 6; the title is level 1.")
      .def("paragraph", &HtmlPage::paragraph, "text"_a, self, "A paragraph.")
      .def("preformatted", &HtmlPage::preformatted, "text"_a, self,
           "Text whose spaces and line ends are kept.")
      .def("table", &HtmlPage::table, "table"_a, self, "A Table.")
      .def("figure", &HtmlPage::figure, "svg"_a, "caption"_a = "", self,
           "SVG text of line_plot, bar_plot or metrics.reliability_svg, as it is.")
      .def("html", &HtmlPage::html, "The whole page as text.")
      .def(
          "_save",
          [](const HtmlPage& page, const std::string& path) {
            io::write_file_atomic(path, page.html());
          },
          "path"_a);
}

}  // namespace

void register_report_pages(nb::module_& parent) {
  nb::module_ m = parent.def_submodule("_report", "Tables, plots and pages.");
  nb::class_<Table>(m, "_Table")
      .def(
          "__init__",
          [](Table* self, std::vector<std::string> headers, const std::vector<bool>& right) {
            std::vector<Align> aligns;
            for (const bool one : right) aligns.push_back(one ? Align::Right : Align::Left);
            new (self) Table(std::move(headers), std::move(aligns));
          },
          "headers"_a, "right"_a)
      .def(
          "_row", [](Table& table, std::vector<std::string> cells) { table.row(std::move(cells)); },
          "cells"_a)
      .def("_text", &Table::text, "color"_a);
  register_page(m);
  nb::class_<PlotOptions>(m, "_PlotOptions")
      .def("__init__",
           [](PlotOptions* self, const std::string& title, const std::string& x_label,
              const std::string& y_label, bool log_x, bool log_y, int width, int height) {
             new (self) PlotOptions{title, x_label, y_label, log_x, log_y, width, height};
           });
  m.def("line_plot", &line_plot, "lines"_a, "options"_a);
  m.def("bar_plot", &bar_plot, "categories"_a, "bars"_a, "options"_a);
  m.def(
      "write_training_report",
      [](const std::string& folder, const Table& summary) {
        train::write_training_report(folder, summary);
      },
      "folder"_a, "summary"_a);
}

}  // namespace lydia::python
