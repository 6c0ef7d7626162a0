// Named numbers that a run reports, and where they are kept.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lydia::report {
class MetricsLog;
class EventFile;
}  // namespace lydia::report

namespace lydia::train {

// In order: {"loss", 2.31}, {"lr", 0.001}.
using Figures = std::vector<std::pair<std::string, double>>;
// The figure of that name; ValueError, with the names there are, when there is none.
double figure(const Figures& figures, const std::string& name);

// metrics.jsonl and TensorBoard's event file of one run.
class RunLog {
 public:
  // Goes on in `folder` behind `last_step`: what was logged of later steps is dropped.
  RunLog(const std::string& folder, int64_t last_step);
  ~RunLog();
  void write(int64_t step, const Figures& figures);

 private:
  std::unique_ptr<report::MetricsLog> metrics_;
  std::unique_ptr<report::EventFile> events_;
};

// The (step, value) pairs of one figure in a metrics.jsonl.
struct Curve {
  std::vector<double> steps, values;
};
Curve read_curve(const std::string& path, const std::string& name);

}  // namespace lydia::train
