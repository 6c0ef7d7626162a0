// Plans as YAML ("atlas: 1"; docs/atlas.md lists the keys): read with every value's position, and
// written in one canonical form.
#pragma once

#include <string>
#include <string_view>

#include "lydia/atlas/finding.h"
#include "lydia/atlas/plan.h"

namespace lydia::config {
class Node;
}

namespace lydia::atlas {

// Never throws for what the text holds: what is no YAML, no plan or not allowed (anchors, aliases,
// merge keys, unknown or repeated keys, wrong types, text beyond all size) becomes findings
// `yaml`, `unknown-key`, `wrong-type`, `bad-value`; the rest is read.
Plan parse_plan_yaml(std::string_view text, const std::string& file, Findings& findings);

// The canonical form: keys in the order of the specification, short maps on one line, notes as
// blocks. parse_plan_yaml reads the same plan back.
std::string plan_yaml(const Plan& plan);

}  // namespace lydia::atlas
