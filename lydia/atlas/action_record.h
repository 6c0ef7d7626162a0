// What an action was made of and what it gave, and its form as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lydia/io/json.h"

namespace lydia::atlas {

struct ActionOutput {
  std::string port, path;  // path: as the plan says it
  std::string digest;
  int64_t bytes = 0;
  bool executable = false;
};

using KeyParts = std::vector<std::pair<std::string, std::string>>;

struct ActionRecord {
  std::string key, task;
  KeyParts parts;
  std::vector<ActionOutput> outputs;
  double seconds = 0;
  std::string finished;  // UTC, "2026-11-21T10:00:00Z"
  std::string verdict;   // of the licence gate: "allow", ...
};

// As JSON, and back (ValueError, TypeError for another).
io::Json outputs_json(const std::vector<ActionOutput>& outputs);
std::vector<ActionOutput> parse_outputs(const io::Json& list);
io::Json parts_json(const KeyParts& parts);
KeyParts parse_parts(const io::Json& object);
io::Json action_json(const ActionRecord& record);
ActionRecord parse_action(const io::Json& object);

}  // namespace lydia::atlas
