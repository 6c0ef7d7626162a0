// What groups are made of: how much of each is done, the work in it, when it may be finished, and
// its worst licence verdict. Every task counts in its group and in all groups above it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lydia/atlas/plan_graph.h"
#include "lydia/atlas/schedule.h"

namespace lydia::atlas {

struct Rollup {
  int tasks = 0, done = 0;    // chosen ones only
  double work = 0, left = 0;  // persons' work in seconds (PERT means): all, and of what is not done
  double finish = 0;          // calendar seconds from now until its last task; 0: nothing is left
  std::string verdict;        // "" when no licence was judged
};

// By group index. `done` is by task; `verdicts` by task as well.
std::vector<Rollup> roll_up(const PlanGraph& graph, const Schedule& schedule,
                            const std::vector<bool>& done,
                            const std::vector<std::string>& verdicts);

// "allow" < "allow-with-obligations" < "waived" < "review" < "deny"; "" is below all.
int verdict_rank(std::string_view verdict);

}  // namespace lydia::atlas
