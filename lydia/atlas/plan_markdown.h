// Plans as Markdown, with Turkish or English labels (docs/atlas.md shows the form): read, and
// written so that reading gives the same plan back.
//
// The tree is built from labels and ids, not from how deep a block is nested: a heading that is
// indented into a list is a heading all the same. A field belongs to the task or group whose
// fields stand at its depth. What is neither is kept, in order, as notes. What no label can say
// stands in a fenced block of YAML: "yaml atlas" for the task or group before it, "yaml atlas plan"
// for the plan.
#pragma once

#include <string>
#include <string_view>

#include "lydia/atlas/finding.h"
#include "lydia/atlas/plan.h"

namespace lydia::atlas {

// Never throws for what the text holds; findings `markdown` and those of a fenced block's YAML.
Plan parse_plan_markdown(std::string_view text, const std::string& file, Findings& findings);

// Reading it gives the same plan: labels carry what they can, fenced YAML the rest. ValueError for
// ids that no heading can hold.
std::string plan_markdown(const Plan& plan, Language language);

// The plan with its groups and tasks as a tree lists them: parents before children, a group's own
// tasks before the groups below it.
void sort_as_tree(Plan& plan);

// The id that a heading gives a group: macro-1, micro-1.2, main, sub-1; `ordinal` counts the main
// or sub tasks from 1. Empty for a macro or micro task without number.
std::string derived_group_id(GroupKind kind, const std::string& number, int ordinal);
// "Dr. Elif Demir" -> "elif"
std::string persona_slug(std::string_view name);
// The name of an input or output that a text speaks of: "onnx" for `.onnx`, else the fallback.
std::string port_name(std::string_view text, std::string_view fallback);

}  // namespace lydia::atlas
