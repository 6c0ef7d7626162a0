// Logs of a run: metrics.jsonl and TensorBoard's event files.
#include <nanobind/stl/string_view.h>

#include "lydia/core/error.h"
#include "lydia/report/event_file.h"
#include "lydia/report/metrics_log.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {
namespace {

using report::EventFile;
using report::MetricsLog;

report::MetricValue to_metric(nb::handle value) {
  if (nb::isinstance<nb::bool_>(value)) return nb::cast<bool>(value);
  if (nb::isinstance<nb::int_>(value)) return nb::cast<int64_t>(value);
  if (nb::isinstance<nb::str>(value)) return nb::cast<std::string>(value);
  return nb::cast<double>(nb::float_(value));
}

EventFile::Setting to_setting(nb::handle value) {
  if (nb::isinstance<nb::bool_>(value)) return nb::cast<bool>(value);
  if (nb::isinstance<nb::str>(value)) return nb::cast<std::string>(value);
  return nb::cast<double>(nb::float_(value));
}

void append(MetricsLog& log, int64_t step, const nb::dict& values) {
  std::vector<std::string> names;
  for (const auto& [name, value] : values) names.push_back(nb::cast<std::string>(name));
  std::vector<report::Metric> metrics;
  for (const auto& [name, value] : values)
    metrics.emplace_back(names[metrics.size()], to_metric(value));
  log.append(step, metrics);
}

void settings(EventFile& file, const nb::dict& values, const std::vector<std::string>& metrics) {
  std::vector<std::pair<std::string, EventFile::Setting>> out;
  for (const auto& [name, value] : values)
    out.emplace_back(nb::cast<std::string>(name), to_setting(value));
  file.settings(out, metrics);
}

}  // namespace

void register_report(nb::module_& m) {
  nb::class_<MetricsLog>(m, "MetricsLog", "metrics.jsonl: one JSON object a line.")
      .def(nb::init<const std::string&, std::optional<int64_t>>(), "path"_a,
           "last_step"_a = nb::none())
      .def("append", &append, "step"_a, "values"_a, "Writes one line: the numbers of a step.")
      .def_prop_ro("path", &MetricsLog::path, "The file.");
  nb::class_<EventFile>(m, "_EventFile")
      .def(nb::init<const std::string&, std::optional<int64_t>>(), "folder"_a,
           "purge_from"_a = nb::none())
      .def("scalar", &EventFile::scalar, "tag"_a, "value"_a, "step"_a, "time"_a = 0.0)
      .def("text", &EventFile::text, "tag"_a, "text"_a, "step"_a, "time"_a = 0.0)
      .def(
          "histogram",
          [](EventFile& file, const std::string& tag, const std::vector<double>& values,
             int64_t step, double time) { file.histogram(tag, values, step, time); },
          "tag"_a, "values"_a, "step"_a, "time"_a = 0.0)
      .def("settings", &settings, "settings"_a, "metrics"_a)
      .def("flush", &EventFile::flush)
      .def_prop_ro("path", &EventFile::path);
}

}  // namespace lydia::python
