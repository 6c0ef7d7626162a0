// The plan that a subcommand of `lydia atlas` speaks of.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/atlas.h"
#include "lydia/atlas/plan_graph.h"
#include "lydia/atlas/runner.h"
#include "lydia/atlas/schedule.h"

namespace lydia::cli {

inline constexpr std::string_view kParam = "--param";

// The plan of --plan, or of the first positional argument when that names a file; else plan.yaml or
// atlas.yaml of this folder. `names`: the positional arguments after it. ValueError when there is
// no such file.
std::string plan_path(const AtlasArgs& args, std::vector<std::string>& names);
// The same for subcommands that take no names: ValueError when there are some.
std::string only_plan_path(const AtlasArgs& args);

// The settings of --param NAME=VALUE, in order.
std::vector<std::pair<std::string, std::string>> params_of(const AtlasArgs& args);

// A plan that can run: read, parameters set, foreach expanded, checked.
struct LoadedPlan {
  std::string path;
  std::unique_ptr<atlas::Plan> plan;  // the graph keeps its address
  std::unique_ptr<atlas::PlanGraph> graph;
  std::vector<std::string> names;  // positional arguments after the plan
};
// ValueError when the plan has errors, which are shown.
LoadedPlan load_plan(const AtlasArgs& args);
// ValueError when positional arguments stand beside the plan.
void expect_no_names(const LoadedPlan& loaded);

// A number that is not negative; `fallback` when the option is not given.
double number_of(const AtlasArgs& args, std::string_view option, double fallback);
// --cpu, --gpu, --mem: `fallback` in places that are not given.
struct MachineOptions {
  double cpu = 0;
  int gpu = 0;
  uint64_t mem = 0;  // 0: not given
};
MachineOptions machine_of(const AtlasArgs& args);
// --today: "" when not given; ValueError for what is no day.
std::string today_of(const AtlasArgs& args);

}  // namespace lydia::cli
