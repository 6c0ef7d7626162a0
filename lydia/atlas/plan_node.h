// The parts of a plan as value trees, keys in the order of the specification: what the YAML writer
// prints, and what the Markdown writer compares to see that nothing was lost.
#pragma once

#include "lydia/atlas/plan.h"
#include "lydia/config/node.h"

namespace lydia::atlas {

// Everything but groups, tasks and the text after them.
config::Node plan_head_node(const Plan& plan);
config::Node group_node(const Group& group);
config::Node task_node(const Task& task);
config::Node command_node(const Command& command);
config::Node needs_node(const Needs& needs);
config::Node waiver_node(const Waiver& waiver);

}  // namespace lydia::atlas
