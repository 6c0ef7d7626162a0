// A value tree as YAML that people read: short maps and lists on one line, long texts as blocks.
// config's own writer is for machines: one value a line, any text in quotes on one line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lydia/config/node.h"

namespace lydia::atlas {

// A map, key by key. Maps and lists nested more than `block_levels` deep stand on one line when
// they fit; one level less when they hold scalars only.
std::string layout_yaml(const config::Node& map, int block_levels);

// [a, "b c", {d: e}]
std::string flow_yaml(const config::Node& node);

}  // namespace lydia::atlas
