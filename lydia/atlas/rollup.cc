#include "lydia/atlas/rollup.h"

#include <algorithm>
#include <iterator>

namespace lydia::atlas {
namespace {

double work_of(const Task& task) {
  double work = 0;
  for (const auto& [person, effort] : task.effort) work += effort.mean();
  return work;
}

}  // namespace

int verdict_rank(std::string_view verdict) {
  constexpr std::string_view kRanks[] = {"allow", "allow-with-obligations", "waived", "review",
                                         "deny"};
  const auto found = std::find(std::begin(kRanks), std::end(kRanks), verdict);
  return found == std::end(kRanks) ? -1 : static_cast<int>(found - std::begin(kRanks));
}

std::vector<Rollup> roll_up(const PlanGraph& graph, const Schedule& schedule,
                            const std::vector<bool>& done,
                            const std::vector<std::string>& verdicts) {
  std::vector<Rollup> out(graph.plan().groups.size());
  for (int i = 0; i < graph.size(); ++i) {
    if (!graph.active(i)) continue;
    const auto task = static_cast<size_t>(i);
    const double work = work_of(graph.plan().tasks[task]);
    for (int g = graph.parent_of_task(i); g >= 0; g = graph.parent_of_group(g)) {
      Rollup& group = out[static_cast<size_t>(g)];
      ++group.tasks;
      group.done += done[task];
      group.work += work;
      group.left += done[task] ? 0 : work;
      group.finish = std::max(group.finish, schedule.tasks[task].finish);
      if (verdict_rank(verdicts[task]) > verdict_rank(group.verdict)) {
        group.verdict = verdicts[task];
      }
    }
  }
  return out;
}

}  // namespace lydia::atlas
