#include "cli/atlas_history.h"

#include <string>

#include "lydia/atlas/runner.h"

namespace lydia::cli {

void add_history(atlas::Resolver& resolver, const std::vector<atlas::TaskProbe>& probes,
                 atlas::ShowOptions& options) {
  const atlas::PlanGraph& graph = resolver.graph();
  options.schedule.calibration = atlas::calibrate(resolver.journal().efforts());
  std::vector<atlas::ShownState> states;
  std::vector<atlas::Runner::History> times;
  for (const atlas::TaskProbe& probe : probes) {
    const std::string& id = *graph.plan().tasks[states.size()].id;
    times.push_back(atlas::Runner::history_of(resolver.journal().durations(id)));
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
  options.schedule.machine_seconds = [times](int task) {
    return times[static_cast<size_t>(task)].seconds;
  };
  options.schedule.machine_spread = [times](int task) {
    return times[static_cast<size_t>(task)].spread;
  };
  options.state = [states](int task) { return states[static_cast<size_t>(task)]; };
}

}  // namespace lydia::cli
