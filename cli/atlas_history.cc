#include "cli/atlas_history.h"

#include <algorithm>
#include <string>

namespace lydia::cli {
namespace {

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

void add_history(atlas::Resolver& resolver, const std::vector<atlas::TaskProbe>& probes,
                 atlas::ShowOptions& options) {
  const atlas::PlanGraph& graph = resolver.graph();
  options.schedule.calibration = atlas::calibrate(resolver.journal().efforts());
  std::vector<atlas::ShownState> states;
  std::vector<double> medians;
  for (const atlas::TaskProbe& probe : probes) {
    const std::string& id = *graph.plan().tasks[states.size()].id;
    medians.push_back(median(resolver.journal().durations(id)));
    states.push_back({std::string(atlas::probe_name(probe.kind)), probe.done(),
                      probe.latest ? probe.latest->seconds : 0});
  }
  for (const atlas::Attempt& attempt : resolver.journal().attempts()) {
    const int task = graph.task(attempt.task);
    if (task >= 0)
      options.attempts.push_back({task, attempt.state, attempt.number,
                                  atlas::seconds_of_utc(attempt.started), attempt.seconds});
  }
  options.schedule.done = [states](int task) { return states[static_cast<size_t>(task)].done; };
  options.schedule.machine_seconds = [medians](int task) {
    return medians[static_cast<size_t>(task)];
  };
  options.state = [states](int task) { return states[static_cast<size_t>(task)]; };
}

}  // namespace lydia::cli
