#include "lydia/atlas/action_key.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "lydia/io/json.h"
#include "lydia/io/sha256.h"

namespace lydia::atlas {
namespace {

namespace fs = std::filesystem;

io::Json words_of(const Command& command) {
  io::Json::List words;
  for (const Text& word : command.argv) words.push_back(word.value);
  return words;
}

// The machine, as far as it may change a result: processor and its extensions, GPUs, kernel.
const std::string& device_fingerprint() {
  static const std::string fingerprint = [] {
    utsname names{};
    uname(&names);
    std::string text = std::string(names.machine) + " " + names.release;
    std::ifstream cpu("/proc/cpuinfo");
    for (std::string line; std::getline(cpu, line) && !line.empty();)
      if (line.starts_with("model name") || line.starts_with("flags")) text += "\n" + line;
    std::error_code none;
    std::vector<std::string> gpus;
    for (const auto& gpu : fs::directory_iterator("/proc/driver/nvidia/gpus", none)) {
      std::ifstream about(gpu.path() / "information");
      for (std::string line; std::getline(about, line);)
        if (line.starts_with("Model") || line.starts_with("Video BIOS")) gpus.push_back(line);
    }
    std::sort(gpus.begin(), gpus.end());
    for (const std::string& gpu : gpus) text += "\n" + gpu;
    return "sha256:" + io::sha256_hex(text);
  }();
  return fingerprint;
}

std::string self_path() {
  std::error_code none;
  return fs::read_symlink("/proc/self/exe", none).string();
}

// Files of the running program that decide what it does: itself and lydia's own library.
std::vector<std::string> own_files() {
  std::vector<std::string> files = {self_path()};
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const size_t slash = line.find('/');
    if (slash == line.npos || line.find("liblydia") == line.npos) continue;
    if (files.back() != line.substr(slash)) files.push_back(line.substr(slash));
  }
  return files;
}

}  // namespace

std::string find_program(const std::string& word, const std::string& root) {
  if (word == "lydia") return self_path();
  if (word.find('/') != word.npos) {
    const fs::path path = fs::path(root) / word;
    return access(path.c_str(), X_OK) == 0 ? path.string() : "";
  }
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/usr/local/bin:/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = (folder.empty() ? "." : folder) + "/" + word;
    if (access(file.c_str(), X_OK) == 0 && fs::is_regular_file(file)) return file;
  }
  return "";
}

KeyMaker::KeyMaker(const PlanGraph& graph, Journal& journal) : graph_(graph), journal_(journal) {}

std::string KeyMaker::tool_digest(const std::string& word) {
  const auto [at, is_new] = tools_.try_emplace(word);
  if (!is_new) return at->second;
  const std::string path = find_program(word, graph_.plan().resolve(""));
  if (path.empty()) return at->second = "missing";
  if (word != "lydia") return at->second = journal_.file_digest(fs::canonical(path).string());
  std::string all;
  for (const std::string& file : own_files()) all += journal_.file_digest(file);
  return at->second = "sha256:" + io::sha256_hex(all);
}

ActionKey KeyMaker::make(int index, const std::vector<FoundInput>& inputs) {
  const Plan& plan = graph_.plan();
  const Task& task = plan.tasks[static_cast<size_t>(index)];
  std::map<std::string, std::string> parts;
  parts["recipe.run"] = task.run ? io::to_json(words_of(*task.run)) : task.human ? "human" : "";
  for (size_t i = 0; i < task.checks.size(); ++i)
    parts["recipe.check." + std::to_string(i)] = io::to_json(words_of(task.checks[i]));
  for (const auto& [port, output] : task.out) parts["recipe.out." + port.value] = output.path.value;
  for (const Text& name : task.persist) parts["recipe.persist." + name.value] = "kept";
  for (const FoundInput& input : inputs)
    parts["in." + input.port] =
        input.path + " " + input.digest + (input.executable ? " executable" : "");
  const auto add_tool = [&](const Command& command) {
    if (!command.argv.empty())
      parts["tool." + command.argv[0].value] = tool_digest(command.argv[0].value);
  };
  if (task.run) add_tool(*task.run);
  for (const Command& check : task.checks) add_tool(check);
  for (const Use& use : task.uses)
    parts["uses." + use_name(use)] = use.purl.empty() ? use_version(use) : use.purl.value;
  for (const Module& module : task.modules) {
    const std::string path = plan.resolve(module.path.value);
    if (module.state != ModuleState::Create && fs::is_regular_file(path))
      parts["module." + module.path.value] = journal_.file_digest(path);
  }
  for (const Text& name : task.env) {
    const char* value = std::getenv(name.value.c_str());
    parts["env." + name.value] = value ? "=" + std::string(value) : "unset";
  }
  if (task.device_sensitive) parts["device"] = device_fingerprint();
  if (task.human) {
    const auto evidence = journal_.evidence(task.id.value);
    parts["evidence"] = evidence ? evidence->digest : "none";
  }
  ActionKey out;
  io::Json::Object canonical;
  for (const auto& [name, value] : parts) {
    out.parts.emplace_back(name, value);
    canonical.emplace_back(name, value);
  }
  out.key = io::sha256_hex("lydia atlas 1 " + task.id.value + io::to_json(canonical));
  return out;
}

std::vector<KeyChange> key_changes(const KeyParts& before, const KeyParts& now) {
  std::map<std::string, KeyChange> all;
  for (const auto& [name, value] : before) all[name] = {name, value, ""};
  for (const auto& [name, value] : now) {
    KeyChange& change = all[name];
    change.name = name;
    change.now = value;
  }
  std::vector<KeyChange> out;
  for (auto& [name, change] : all)
    if (change.before != change.now) out.push_back(std::move(change));
  return out;
}

}  // namespace lydia::atlas
