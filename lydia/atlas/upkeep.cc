// What is done to a plan's state beside running: people's tasks are closed, garbage is collected.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "lydia/atlas/attempt_spec.h"
#include "lydia/atlas/runner.h"
#include "lydia/atlas/schedule.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"

namespace lydia::atlas {

namespace fs = std::filesystem;

namespace {

// The id of the persona of that id or name. ValueError for a stranger, when the plan has personas.
std::string persona_of(const Plan& plan, const std::string& by) {
  std::vector<std::string_view> known;
  for (const auto& [id, persona] : plan.personas) {
    if (*id == by || *persona.name == by) return *id;
    known.push_back(*id);
  }
  LYDIA_CHECK(known.empty(), ValueError, "atlas done: --by: the plan has no persona '", by, "'",
              nearest_hint(by, known));
  return by;
}

// What the person took beside the estimate: `took` seconds of work when somebody says so, else the
// calendar since the task waited, of which `hours_per_day` are work.
std::optional<FinishedEffort> finished_effort(const Plan& plan, const Task& task,
                                              const std::string& who, double took,
                                              const std::string& since) {
  for (const auto& [persona, effort] : task.effort) {
    if (*persona != who) continue;
    if (took <= 0 && !since.empty()) {
      const double calendar = seconds_of_utc(now_utc()) - seconds_of_utc(since);
      for (const auto& [id, person] : plan.personas)
        if (*id == who) took = calendar * hours_per_day(person) / 24;
    }
    if (took <= 0) return {};
    if (effort.mean() > 0) return FinishedEffort{*task.id, who, effort.mean(), took};
  }
  return {};
}

// Removes a folder that may hold folders without permissions; the bytes that were in it.
uint64_t remove_tree(const std::string& path) {
  uint64_t bytes = 0;
  std::error_code error;
  const auto skip = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator at(path, skip, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_symlink()) continue;
    if (at->is_directory())
      fs::permissions(at->path(), fs::perms::owner_all, fs::perm_options::add, error);
    else if (at->is_regular_file())
      bytes += at->file_size();
  }
  fs::remove_all(path, error);
  return error ? 0 : bytes;
}

}  // namespace

void close_human_task(const PlanGraph& graph, const std::string& name, const std::string& by,
                      const std::string& evidence_file, double took) {
  const int index = graph.task(name);
  LYDIA_CHECK(index >= 0, ValueError, "atlas done: no task '", name, "'");
  const Task& task = graph.plan().tasks[static_cast<size_t>(index)];
  LYDIA_CHECK(task.human, ValueError, "atlas done: '", name,
              "' is run by a command; only tasks with `run: human` are closed by hand");
  LYDIA_CHECK(!by.empty(), ValueError, "atlas done: expected --by with the person's name");
  LYDIA_CHECK(fs::is_regular_file(evidence_file), ValueError, "atlas done: expected a file, got '",
              evidence_file, "'");
  Resolver resolver(graph);
  const io::FileDescriptor in_use = use_state(resolver.folder());
  const std::vector<TaskProbe> before = probe(resolver);  // settles what is up to date
  const TaskProbe& here = before[static_cast<size_t>(index)];
  LYDIA_CHECK(here.kind != TaskProbe::Kind::Blocked && here.kind != TaskProbe::Kind::Broken,
              ValueError, "atlas done: '", name, "': ", here.message);
  const std::string who = persona_of(graph.plan(), by);
  LYDIA_CHECK(here.kind != TaskProbe::Kind::After, ValueError, "atlas done: '", name,
              "' needs the result of '", here.message, "' first");
  Journal& journal = resolver.journal();
  Store& store = resolver.store();
  const Evidence evidence{name, by, evidence_file, digest_path(evidence_file), now_utc()};
  store.put(evidence_file, evidence.digest);
  std::vector<ActionOutput> outputs;
  for (const auto& [port, output] : task.out) {
    const std::string path = graph.plan().resolve(output.path.value);
    LYDIA_CHECK(fs::exists(path), ValueError, "atlas done: output '", port.value, "' (",
                output.path.value, ") is not there");
    const FileStamp stamp = stamp_of(path);
    outputs.push_back({port.value, output.path.value, resolver.digest(path),
                       std::max<int64_t>(stamp.bytes, 0), false});
    store.put(path, outputs.back().digest);
  }
  const auto effort =
      finished_effort(graph.plan(), task, who, took, journal.waiting_since(name).value_or(""));
  Journal::Batch batch(journal);
  if (effort) journal.add_effort(*effort);
  journal.add_evidence(evidence);
  const Resolver::Lookup found = resolver.look_up(index);  // its key has the evidence now
  journal.add_action({found.key.key, name, found.key.parts, outputs, 0, evidence.when, ""});
  journal.set_latest(name, found.key.key);
  batch.commit();
}

GarbageReport collect_garbage(const Plan& plan, int keep_attempts) {
  const StateFolder folder = state_folder(plan);
  GarbageReport report;
  if (!fs::exists(folder.path + "/state.db")) return report;
  const io::FileDescriptor alone = use_state(folder, true);
  Journal journal(folder.path + "/state.db");
  Store store(folder.path + "/store");
  for (const std::string& attempt : journal.forget(keep_attempts)) {
    report.bytes += remove_tree(attempt);
    ++report.attempts;
  }
  // Of an attempt that failed its log is kept, not what it wrote.
  for (const Attempt& attempt : journal.attempts())
    for (const char* part : {"/work", "/tmp"})
      if (attempt.state != AttemptState::Running)
        report.bytes += remove_tree(attempt.folder + part);
  std::set<std::string> keep;
  for (const std::string& key : journal.all_latest_keys())
    if (const auto action = journal.action(key))
      for (const ActionOutput& output : action->outputs) keep.insert(output.digest);
  for (const Task& task : plan.tasks)
    if (const auto evidence = journal.evidence(task.id.value)) keep.insert(evidence->digest);
  report.bytes += store.sweep(keep);
  return report;
}

Runner::History Runner::history_of(std::vector<double> seconds) {
  constexpr double kUnknownSpread = 0.3;  // of a task that has run once
  std::erase_if(seconds, [](double time) { return time <= 0; });
  if (seconds.empty()) return {};
  std::sort(seconds.begin(), seconds.end());
  History history;
  history.seconds = seconds[seconds.size() / 2];
  double squares = 0;
  for (const double time : seconds) squares += std::pow(std::log(time / history.seconds), 2);
  const auto others = static_cast<double>(seconds.size() - 1);
  history.spread = others > 0 ? std::sqrt(squares / others) : kUnknownSpread;
  return history;
}

}  // namespace lydia::atlas
