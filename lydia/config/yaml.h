// YAML text to a value tree and back.
//
// Reading takes one document of YAML 1.1 as OmegaConf reads it (scalar.h), with anchors, aliases
// and merge keys (<<). It refuses what is not UTF-8, keys that come twice, keys that are not
// scalars, unknown tags, deep nesting, and files or expanded aliases beyond all use (64 levels, 4
// MiB, 100 000 values), each with a ValueError "file:line:column: ...".
#pragma once

#include <string>
#include <string_view>

#include "lydia/config/node.h"
#include "lydia/core/error.h"

namespace lydia::config {

// What a text may be at most. Without `sharing` anchors, aliases and merge keys are refused.
struct YamlLimits {
  size_t bytes = size_t{4} << 20;
  size_t values = 100'000;
  size_t keys = 10'000;  // of one map: looking a key up is a walk
  bool sharing = true;
  bool controls = true;  // escapes in quotes may give control characters
};

// What parse_yaml throws: "config: name:line:column: reason".
class YamlError : public ValueError {
 public:
  YamlError(const std::string& name, int line, int column, const std::string& reason);
  const int line, column;  // from 1
  const std::string reason;
};

// The value of a YAML text; `name` is the file that messages and places name. Nothing is null.
Node parse_yaml(std::string_view text, const std::string& name, const YamlLimits& limits = {});
// Reads the file `path`. Throws IoError when it cannot be opened or is not a regular file.
Node read_yaml(const std::string& path);
// The bytes of the file, checked as read_yaml does.
std::string read_text(const std::string& path, size_t max_bytes = YamlLimits().bytes);

// The value as YAML in block style, which parse_yaml reads back as the same value.
std::string to_yaml(const Node& node);
// The text as a double-quoted scalar on one line; what is not printable is escaped.
std::string yaml_quoted(const std::string& text);

}  // namespace lydia::config
