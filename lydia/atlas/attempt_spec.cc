#include "lydia/atlas/attempt_spec.h"

#include <cstdlib>
#include <filesystem>
#include <map>

#include "lydia/atlas/plan_expand.h"
#include "lydia/core/error.h"

namespace lydia::atlas {
namespace {

namespace fs = std::filesystem;

class Names {
 public:
  void set(const std::string& name, std::vector<std::string> values) {
    values_[name] = std::move(values);
  }

  // Adds the word, its names replaced, to `out`.
  void expand(const std::string& word, std::vector<std::string>& out) const {
    std::string text;
    size_t from = 0;
    for (const Variable& v : find_variables(word)) {
      const std::vector<std::string>* values = find(v);
      if (!values) continue;
      if (v.begin == 0 && v.end == word.size()) {
        out.insert(out.end(), values->begin(), values->end());
        return;
      }
      text += word.substr(from, v.begin - from);
      for (size_t i = 0; i < values->size(); ++i) text += (i ? " " : "") + (*values)[i];
      from = v.end;
    }
    out.push_back(text + word.substr(from));
  }

 private:
  const std::vector<std::string>* find(const Variable& v) const {
    const auto found = values_.find(v.name.empty() ? v.space : v.space + "." + v.name);
    if (found != values_.end()) return &found->second;
    const bool ours = v.space == "in" || v.space == "out" || v.space == "persist";
    LYDIA_CHECK(!ours, ValueError, "'{", v.space, ".", v.name, "}' is no port of the task");
    return nullptr;
  }

  std::map<std::string, std::vector<std::string>> values_;
};

std::vector<std::pair<std::string, std::string>> environment(const Task& task,
                                                             const std::string& folder) {
  std::vector<std::pair<std::string, std::string>> env;
  const auto pass = [&](const std::string& name) {
    if (const char* value = std::getenv(name.c_str())) env.emplace_back(name, value);
  };
  for (const char* name : {"HOME", "USER", "LANG", "LC_ALL", "TZ"}) pass(name);
  // `lydia` is this lydia in scripts too.
  const std::string own = fs::path(find_program("lydia", "")).parent_path().string();
  const char* path = std::getenv("PATH");
  env.emplace_back("PATH", own + ":" + (path ? path : "/usr/local/bin:/usr/bin:/bin"));
  for (const Text& name : task.env) pass(name.value);
  env.emplace_back("TMPDIR", folder + "/tmp");
  env.emplace_back("LYDIA_ATLAS_TASK", task.id.value);
  return env;
}

}  // namespace

std::string file_name(const std::string& id) {
  std::string out;
  for (const char c : id) out += c == '/' || c == '\0' ? '_' : c;
  return out == "." || out == ".." ? "_" : out;
}

std::string persist_folder(const StateFolder& folder, const std::string& task,
                           const ActionKey& key) {
  return folder.persist() + "/" + file_name(task) + "/" + key.key.substr(0, 16);
}

AttemptSpec attempt_spec(const Resolver& resolver, int index, const Attempt& attempt,
                         const ActionKey& key) {
  const Plan& plan = resolver.graph().plan();
  const Task& task = plan.tasks[static_cast<size_t>(index)];
  const std::string root = fs::absolute(plan.resolve("")).lexically_normal().string();
  AttemptSpec spec;
  spec.folder = attempt.folder;
  spec.timeout_seconds = task.timeout ? task.timeout->value : 0;
  spec.env = environment(task, attempt.folder);
  Names names;
  names.set("root", {root});
  for (auto& [port, paths] : resolver.input_paths(index)) names.set("in." + port, std::move(paths));
  for (const auto& [port, output] : task.out) {
    const std::string file = attempt.folder + "/work/" + output.path.value;
    spec.outputs.push_back({port.value, output.path.value, file});
    names.set("out." + port.value, {file});
  }
  for (const Text& name : task.persist) {
    const std::string path =
        persist_folder(resolver.folder(), task.id.value, key) + "/" + file_name(name.value);
    fs::create_directories(path);
    names.set("persist." + name.value, {path});
  }
  const auto add = [&](const Command& command) {
    std::vector<std::string> words;
    for (const Text& word : command.argv) names.expand(word.value, words);
    LYDIA_CHECK(!words.empty(), ValueError, "expected a command, got no word");
    if (words[0].find('/') != std::string::npos && words[0].front() != '/')
      words[0] = root + "/" + words[0];  // a program of the plan's own
    spec.commands.push_back(std::move(words));
  };
  add(*task.run);
  for (const Command& check : task.checks) add(check);
  return spec;
}

}  // namespace lydia::atlas
