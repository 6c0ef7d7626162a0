// Parameters and `foreach`: {params.x} and {each.x} replaced, and one task made of every
// combination of a foreach task's values. Task `train` with `foreach: {seed: ["1", "2"]}` becomes
// train[1] and train[2]; "train.model" still names the outputs of both.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lydia/atlas/finding.h"
#include "lydia/atlas/plan.h"

namespace lydia::atlas {

// Findings: `foreach` for empty lists and for more tasks than a plan may have.
Plan expand_plan(const Plan& plan, Findings& findings);

// Gives a parameter of the plan another value. ValueError when it has no such parameter.
void set_param(Plan& plan, const std::string& name, const std::string& value);

// Whether `id` is the task `task`, or one of the copies of that foreach task.
bool is_copy_of(std::string_view id, std::string_view task);

// A variable in a text: "{in.model}" has the space "in" and the name "model".
struct Variable {
  std::string space, name;
  size_t begin = 0, end = 0;  // bytes, with the braces
};

// The variables of a text, in order. Braces around anything else ("{}", "{\"a\": 1}") are text.
std::vector<Variable> find_variables(std::string_view text);

}  // namespace lydia::atlas
