// What a task's result depends on, and the key of it all: the SHA-256 of the parts in canonical
// form. Two runs with the same key give the same result, so the second is taken from the store.
//
// In the key: the recipe (commands and checks as written, where outputs go), the digests of inputs,
// of the tool and of modules that the task uses, locked versions, the values of the environment
// variables it names, the machine when it is device-sensitive, the evidence of a person's work. Not
// in it: attempts, retries, time limits, effort, needs, owners, texts; nor where the plan lies.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lydia/atlas/journal.h"
#include "lydia/atlas/plan_graph.h"

namespace lydia::atlas {

struct ActionKey {
  std::string key;  // 64 hexadecimal digits
  KeyParts parts;   // "recipe.run" -> "[...]", "in.model" -> "path sha256:...", ...
};

// An input of a task, found: its path as the plan says it, and what is there.
struct FoundInput {
  std::string port, path, digest;
  bool executable = false;
};

class KeyMaker {
 public:
  KeyMaker(const PlanGraph& graph, Journal& journal);

  ActionKey make(int task, const std::vector<FoundInput>& inputs);

 private:
  std::string tool_digest(const std::string& program);

  const PlanGraph& graph_;
  Journal& journal_;
  std::unordered_map<std::string, std::string> tools_;
};

// The parts that differ: name, before, now ("" for one that is not there).
struct KeyChange {
  std::string name, before, now;
};
std::vector<KeyChange> key_changes(const KeyParts& before, const KeyParts& now);

// The file that a command's first word runs: itself when it has a slash, else found on PATH; the
// running program for "lydia". Empty when there is none.
std::string find_program(const std::string& word, const std::string& root);

}  // namespace lydia::atlas
