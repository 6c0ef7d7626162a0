#include "lydia/train/figures.h"

#include "lydia/core/error.h"
#include "lydia/io/json.h"
#include "lydia/io/mapped_file.h"
#include "lydia/report/event_file.h"
#include "lydia/report/metrics_log.h"

namespace lydia::train {

double figure(const Figures& figures, const std::string& name) {
  std::string names;
  for (const auto& [key, value] : figures) {
    if (key == name) return value;
    names += (names.empty() ? "" : ", ") + key;
  }
  fail<ValueError>("monitor: expected one of ", names, ", got '", name, "'");
}

RunLog::RunLog(const std::string& folder, int64_t last_step)
    : metrics_(std::make_unique<report::MetricsLog>(folder + "/metrics.jsonl", last_step)),
      events_(std::make_unique<report::EventFile>(folder, last_step + 1)) {}

RunLog::~RunLog() = default;

void RunLog::write(int64_t step, const Figures& figures) {
  std::vector<report::Metric> metrics(figures.begin(), figures.end());
  metrics_->append(step, metrics);
  for (const auto& [name, value] : figures) events_->scalar(name, value, step);
}

Curve read_curve(const std::string& path, const std::string& name) {
  const io::MappedFile file(path);
  std::string_view text = file.text();
  Curve curve;
  for (size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    const io::Json line = io::parse_json(text.substr(0, end), path);
    const io::Json* value = line.find(name);
    if (!value || value->is_null()) continue;
    curve.steps.push_back(line.at("step").as_double());
    curve.values.push_back(value->as_double());
  }
  return curve;
}

}  // namespace lydia::train
