#include "lydia/atlas/resolver.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "lydia/atlas/plan_paths.h"
#include "lydia/core/error.h"
#include "lydia/io/atomic_file.h"

namespace lydia::atlas {
namespace {

namespace fs = std::filesystem;

std::string make_folders(const StateFolder& folder) {
  for (const std::string& path : {folder.path, folder.attempts(), folder.persist(), folder.locks()})
    fs::create_directories(path);
  // Backups and version control leave the folder alone.
  const std::string tag = folder.path + "/CACHEDIR.TAG", ignore = folder.path + "/.gitignore";
  if (!fs::exists(tag)) io::write_file_atomic(tag, "Signature: 8a477f597d28d172789f06886806bc55\n");
  if (!fs::exists(ignore)) io::write_file_atomic(ignore, "*\n");
  return folder.path;
}

}  // namespace

StateFolder state_folder(const Plan& plan) {
  return {(fs::path(fs::absolute(plan.resolve(""))) / kStateFolder).lexically_normal().string()};
}

io::FileDescriptor use_state(const StateFolder& folder, bool alone) {
  const std::string path = folder.state_lock();
  io::FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  LYDIA_CHECK(file.get() >= 0, IoError, path, ": cannot open: ", std::strerror(errno));
  LYDIA_CHECK(flock(file.get(), (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0, ValueError,
              "atlas: another command uses ", folder.path, "; wait until it has ended");
  return file;
}

Resolver::Resolver(const PlanGraph& graph, Access access, const std::string& shared)
    : graph_(graph),
      folder_{state_folder(graph.plan()).path, shared},
      look_(access == Access::Look),
      journal_(std::make_unique<Journal>(
          (look_ ? folder_.path : make_folders(folder_)) + "/state.db", access)),
      store_(std::make_unique<Store>(folder_.store(), look_)),
      keys_(graph, *journal_),
      actions_(static_cast<size_t>(graph.size())) {
  if (!shared.empty()) shared_.emplace(shared, look_);
}

std::string Resolver::digest(const std::string& path) {
  return digest_path(path, [this](const std::string& file) { return journal_->file_digest(file); });
}

// An input that cannot be read is its task's trouble, not the run's.
std::string Resolver::digest_of_input(const std::string& port, const std::string& path) {
  try {
    return digest(path);
  } catch (const std::exception& error) {
    fail<ValueError>("input '", port, "': ", error.what());
  }
}

// Where the path leads, links on its way followed as they are now, is below the root.
void Resolver::expect_inside(const std::string& path) const {
  LYDIA_CHECK(!leaves_root(RealPaths(graph_.plan()).of(path, false)), ValueError, path,
              " leads out of the plan's root, over a link");
}

std::vector<FoundInput> Resolver::find_inputs(int index) {
  const Plan& plan = graph_.plan();
  const Task& task = plan.tasks[static_cast<size_t>(index)];
  std::vector<FoundInput> found;
  for (size_t i = 0; i < task.in.size(); ++i) {
    const Link& link = graph_.link(index, static_cast<int>(i));
    const std::string& port = task.in[i].first.value;
    if (link.plan_input >= 0) {
      const auto& [name, input] = plan.inputs[static_cast<size_t>(link.plan_input)];
      const std::string path = plan.resolve(input.path.value);
      LYDIA_CHECK(fs::exists(path), ValueError, "input '", port, "': ", input.path.value,
                  " is not there");
      std::string digest = digest_of_input(port, path);
      LYDIA_CHECK(input.digest.empty() || input.digest.value == digest, ValueError, "input '", port,
                  "': ", input.path.value, " is ", digest, ", but the plan says ",
                  input.digest.value);
      found.push_back({port, input.path.value, std::move(digest), is_executable(path)});
      continue;
    }
    LYDIA_CHECK(!link.producers.empty(), ValueError, "input '", port, "' comes from nowhere");
    for (const OutputRef& from : link.producers) {
      const auto& action = actions_[static_cast<size_t>(from.task)];
      const Task& producer = plan.tasks[static_cast<size_t>(from.task)];
      const std::string& out = producer.out[static_cast<size_t>(from.output)].first.value;
      LYDIA_CHECK(action, ValueError, "input '", port, "': ", producer.id.value,
                  " has no result yet");
      for (const ActionOutput& o : action->outputs)
        if (o.port == out)
          found.push_back({link.producers.size() > 1 ? port + "." + producer.id.value : port,
                           o.path, o.digest, o.executable});
    }
  }
  return found;
}

std::vector<std::pair<std::string, std::vector<std::string>>> Resolver::input_paths(
    int index) const {
  const Plan& plan = graph_.plan();
  const Task& task = plan.tasks[static_cast<size_t>(index)];
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  for (size_t i = 0; i < task.in.size(); ++i) {
    const Link& link = graph_.link(index, static_cast<int>(i));
    std::vector<std::string> paths;
    const auto add = [&](const std::string& path) {
      paths.push_back(fs::absolute(plan.resolve(path)).lexically_normal().string());
    };
    if (link.plan_input >= 0)
      add(plan.inputs[static_cast<size_t>(link.plan_input)].second.path.value);
    for (const OutputRef& from : link.producers)
      add(plan.tasks[static_cast<size_t>(from.task)]
              .out[static_cast<size_t>(from.output)]
              .second.path.value);
    out.emplace_back(task.in[i].first.value, std::move(paths));
  }
  return out;
}

Resolver::Lookup Resolver::look_up(int task) {
  Lookup found;
  found.inputs = find_inputs(task);
  found.key = keys_.make(task, found.inputs);
  found.cached = result(task, found.key.key);
  return found;
}

// Another machine's record is taken only when it speaks of the outputs that the plan has.
std::optional<ActionRecord> Resolver::known_action(int task, const std::string& key) {
  std::optional<ActionRecord> action = journal_->action(key);
  if (action || !shared_) return action;
  action = shared_->action(key);
  if (!action) return {};
  const auto& outputs = graph_.plan().tasks[static_cast<size_t>(task)].out;
  const bool ours =
      std::equal(action->outputs.begin(), action->outputs.end(), outputs.begin(), outputs.end(),
                 [](const ActionOutput& made, const auto& output) {
                   return made.port == output.first.value && made.path == output.second.path.value;
                 });
  if (!ours) return {};
  if (!look_) journal_->add_action(*action);
  return action;
}

// What was made before there was a shared store is taken from its place.
bool Resolver::stored(const ActionOutput& output) {
  if (store_->has(output.digest)) return true;
  if (!shared_ || look_ || !is_in_place(output)) return false;
  store_->put(graph_.plan().resolve(output.path), output.digest);
  return true;
}

std::optional<ActionRecord> Resolver::result(int task, const std::string& key) {
  std::optional<ActionRecord> action = known_action(task, key);
  const bool whole = action && std::all_of(action->outputs.begin(), action->outputs.end(),
                                           [this](const ActionOutput& o) { return stored(o); });
  if (!whole) return {};
  if (shared_ && !look_ && !shared_->action(key)) shared_->add_action(*action);
  return action;
}

void Resolver::add_action(const ActionRecord& action) {
  if (shared_) shared_->add_action(action);
  journal_->add_action(action);
}

std::string Resolver::changed_input(const Lookup& then) {
  for (const FoundInput& input : then.inputs) {
    const std::string path = graph_.plan().resolve(input.path);
    if (!fs::exists(path) || digest(path) != input.digest) return input.port;
  }
  return "";
}

void Resolver::settle(int task, const ActionRecord& action) {
  actions_[static_cast<size_t>(task)] = action;
}

bool Resolver::is_in_place(const ActionOutput& output) {
  const std::string path = graph_.plan().resolve(output.path);
  return fs::exists(path) && digest(path) == output.digest;
}

bool Resolver::in_place(const ActionRecord& action) {
  return std::all_of(action.outputs.begin(), action.outputs.end(),
                     [this](const ActionOutput& o) { return is_in_place(o); });
}

std::vector<std::string> Resolver::put_in_place(const ActionRecord& action,
                                                const std::string& made) {
  std::vector<std::string> moved;
  const auto before = journal_->latest(action.task);
  for (const ActionOutput& o : action.outputs) {
    if (is_in_place(o)) continue;
    expect_inside(o.path);
    const std::string path = graph_.plan().resolve(o.path);
    if (fs::exists(fs::symlink_status(path))) {
      // Ours from an earlier run is replaced; what somebody else wrote is kept.
      const bool readable = fs::exists(path);  // else a link to nowhere
      const std::string found = readable ? digest(path) : "";
      const bool ours =
          before && std::any_of(before->outputs.begin(), before->outputs.end(),
                                [&](const ActionOutput& b) { return b.digest == found; });
      if (!ours) {
        const std::string aside = folder_.displaced() + "/" + now_utc() + "/" + o.path;
        fs::create_directories(fs::path(aside).parent_path());
        fs::rename(path, aside);
        moved.push_back(o.path + " -> " + aside);
      }
    }
    const std::string fresh = made + "/" + o.path;
    if (!made.empty() && fs::exists(fresh)) {
      publish(fresh, path);
    } else {
      store_->restore(o.digest, path);
      if (o.executable) chmod(path.c_str(), 0755);
    }
    if (o.digest.starts_with("sha256:")) journal_->remember_file(path, o.digest);
  }
  return moved;
}

}  // namespace lydia::atlas
