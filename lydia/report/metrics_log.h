// metrics.jsonl: one JSON object a line, one line a logged step, in the order of steps:
//   {"step":100,"loss":0.693,"lr":0.001}
// Lines are written whole or not at all. What a killed process left is mended when the file is
// opened again, and a run that goes on from a checkpoint drops the steps that came after it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "lydia/report/append_file.h"

namespace lydia::report {

using MetricValue = std::variant<double, int64_t, bool, std::string>;
using Metric = std::pair<std::string_view, MetricValue>;

class MetricsLog {
 public:
  // Opens or makes the file. `last_step`: lines of later steps are dropped.
  explicit MetricsLog(const std::string& path, std::optional<int64_t> last_step = std::nullopt);

  // Adds the line of `step`. Numbers that JSON does not have (nan, inf) become null. Throws
  // ValueError for a name that comes twice, IoError when the system refuses.
  void append(int64_t step, std::span<const Metric> metrics);
  void append(int64_t step, std::initializer_list<Metric> metrics) {
    append(step, std::span(metrics.begin(), metrics.size()));
  }
  const std::string& path() const { return file_.path(); }

 private:
  AppendFile file_;
};

}  // namespace lydia::report
