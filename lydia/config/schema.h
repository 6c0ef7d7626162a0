// What a section of a configuration may hold, as a table:
//
//   constexpr Field kTraining[] = {{"max_steps", Type::Int}, {"lr", Type::Float},
//                                  {"schedule.warmup", Type::Int, Need::Optional}};
//   check_section(config, "training", kTraining);
#pragma once

#include <span>
#include <string_view>

#include "lydia/config/node.h"

namespace lydia::config {

// Any takes everything, Map a map with any keys.
enum class Type { Bool, Int, Float, String, List, Map, Any };
// A Nullable key must be there but may be null; an Optional one may be absent or null.
enum class Need { Required, Nullable, Optional };

struct Field {
  std::string_view key;  // dotted, below the section
  Type type = Type::Any;
  Need need = Need::Required;
};

// Checks the map at `path` ("" is the root) against its table. Throws ValueError for a key that no
// field names, suggesting the nearest, for one that is missing and for a mandatory value that is
// not given; TypeError for a value of another type. Call it on a resolved configuration.
void check_section(const Node& config, std::string_view path, std::span<const Field> fields);

}  // namespace lydia::config
