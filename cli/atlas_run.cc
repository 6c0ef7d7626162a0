// lydia atlas run, run-one, done, why, status, gc: what runs plans and looks at their runs.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "cli/atlas_history.h"
#include "cli/atlas_load.h"
#include "cli/atlas_view.h"
#include "lydia/atlas/node.h"
#include "lydia/atlas/runner.h"
#include "lydia/core/error.h"
#include "lydia/io/json.h"
#include "lydia/report/format.h"
#include "lydia/report/printable.h"
#include "lydia/report/table.h"
#include "lydia/report/terminal.h"

namespace lydia::cli {
namespace {

using namespace atlas;
namespace fs = std::filesystem;

RunOptions run_options(const AtlasArgs& args, std::vector<std::string> targets) {
  RunOptions options;
  options.targets = std::move(targets);
  options.force = args.has("--force");
  options.keep_going = args.has("--keep-going");
  const MachineOptions machine = machine_of(args);
  options.cpu = machine.cpu;
  options.gpu = machine.gpu;
  options.mem = machine.mem;
  options.today = today_of(args);
  if (const auto uri = args.value("--store")) options.store = store_folder(*uri);
  return options;
}

int exit_status(const RunSummary& summary) {
  if (summary.interrupted) return 130;
  if (summary.complete()) return 0;
  const bool wrong = summary.count(TaskState::Failed) > 0 || summary.count(TaskState::Blocked) > 0;
  return !wrong && summary.count(TaskState::Human) > 0 ? 3 : 1;
}

int run_plan(const AtlasArgs& args, const PlanGraph& graph, RunOptions options) {
  const RunViewMode mode = args.has("--json")                   ? RunViewMode::Json
                           : report::is_terminal(STDERR_FILENO) ? RunViewMode::Terminal
                                                                : RunViewMode::Lines;
  ScheduleOptions machine;
  machine.cpu = options.cpu > 0 ? options.cpu : static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
  machine.gpu = options.gpu;
  if (options.mem > 0) machine.mem = options.mem;
  std::unique_ptr<RunView> view;
  Runner runner(graph, std::move(options), [&](const RunEvent& e) { view->event(e); });
  view = std::make_unique<RunView>(graph, runner.history(), mode, machine);
  const RunSummary summary = runner.run();
  view->finish(summary);
  return exit_status(summary);
}

const std::string& id_of(const Plan& plan, int task) {
  return *plan.tasks[static_cast<size_t>(task)].id;
}

std::string changed_names(const std::string& before, const TaskProbe& p) {
  std::string names;
  for (const KeyChange& change : p.changes) names += (names.empty() ? "" : ", ") + change.name;
  return names.empty() ? "" : before + names;
}

std::string probe_text(const TaskProbe& p) {
  switch (p.kind) {
    case TaskProbe::Kind::Cached: return "cached since " + p.latest->finished;
    case TaskProbe::Kind::Restore: return "cached; its outputs come back from the store";
    case TaskProbe::Kind::After: return "would run after " + p.message;
    case TaskProbe::Kind::Human:
      return "waits for a person (lydia atlas done)" + changed_names(": changed: ", p);
    case TaskProbe::Kind::Broken: return p.message;
    case TaskProbe::Kind::Blocked: return "blocked by the " + p.message;
    case TaskProbe::Kind::Running: return "a process is at it";
    case TaskProbe::Kind::Unchosen: return "not chosen";
    case TaskProbe::Kind::Run: break;
  }
  if (!p.latest) return "would run: it never has";
  const std::string names = changed_names("would run: ", p);
  return names.empty() ? "would run: its outputs are not in the store" : names;
}

io::Json probe_json(const Plan& plan, const Task& task, const TaskProbe& p) {
  io::Json::List changes;
  for (const KeyChange& c : p.changes)
    changes.push_back(io::Json::Object{{"part", c.name}, {"before", c.before}, {"now", c.now}});
  return io::Json::Object{{"task", task.id.value},
                          {"state", std::string(probe_name(p.kind))},
                          {"since", p.latest ? p.latest->finished : ""},
                          {"message", p.message},
                          {"cause", p.cause < 0 ? "" : id_of(plan, p.cause)},
                          {"changes", std::move(changes)}};
}

// What would be done with every task that the targets need.
int dry_run(const AtlasArgs& args, const PlanGraph& graph,
            const std::vector<std::string>& targets) {
  const RunOptions options = run_options(args, targets);
  Resolver resolver(graph, Resolver::Access::Look, options.store);
  const std::vector<TaskProbe> probes = probe(resolver, options.today);
  std::vector<bool> wanted(static_cast<size_t>(graph.size()), targets.empty());
  std::vector<int> open;
  for (const std::string& target : targets) {
    const std::vector<int> tasks = tasks_meant(graph, target);
    open.insert(open.end(), tasks.begin(), tasks.end());
  }
  while (!open.empty()) {
    const int task = open.back();
    open.pop_back();
    if (wanted[static_cast<size_t>(task)]) continue;
    wanted[static_cast<size_t>(task)] = true;
    open.insert(open.end(), graph.previous(task).begin(), graph.previous(task).end());
  }
  for (const int task : graph.order()) {
    if (!wanted[static_cast<size_t>(task)]) continue;
    const TaskProbe& p = probes[static_cast<size_t>(task)];
    const Task& t = graph.plan().tasks[static_cast<size_t>(task)];
    if (args.has("--json"))
      std::cout << io::to_json(probe_json(graph.plan(), t, p)) << "\n";
    else
      std::cout << t.id.value << ": " << probe_text(p) << "\n";
  }
  return 0;
}

void print_why(const Plan& plan, const Task& task, const TaskProbe& p) {
  std::cout << task.id.value << ": " << probe_text(p);
  if (p.cause >= 0 && id_of(plan, p.cause) != p.message)
    std::cout << ", because of " << id_of(plan, p.cause);
  std::cout << "\n";
  for (const KeyChange& c : p.changes) {
    std::cout << "  " << c.name << "\n";
    std::cout << "    before: " << (c.before.empty() ? "-" : c.before) << "\n";
    std::cout << "    now:    " << (c.now.empty() ? "-" : c.now) << "\n";
  }
}

std::string last_text(Journal& journal, const Task& task) {
  const auto attempt = journal.last_attempt(task.id.value);
  if (!attempt) return "";
  std::string text(attempt_state_name(attempt->state));
  if (attempt->state == AttemptState::Done)
    text += " in " + report::format_duration(attempt->seconds);
  return attempt->message.empty() ? text : text + ": " + report::printable(attempt->message);
}

// A folder for one run, gone afterwards.
class Scratch {
 public:
  Scratch() : path_((fs::temp_directory_path() / "lydia_atlas_XXXXXX").string()) {
    LYDIA_CHECK(mkdtemp(path_.data()), IoError, path_, ": cannot make a folder for the run");
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// run-one KEY --store URI: a node of an emitted plan.
int run_from_store(const AtlasArgs& args) {
  LYDIA_CHECK(args.positional().size() == 1, ValueError,
              "lydia atlas run-one --store: expected one key, got ", args.positional().size());
  const std::string& key = args.positional()[0];
  RunOptions options = run_options(args, {});
  std::optional<Scratch> scratch;
  if (!args.value("--folder")) scratch.emplace();
  const std::string folder = scratch ? scratch->path() : *args.value("--folder");
  FetchedNode node = fetch_node(options.store, key, folder);
  options.targets = node.options.targets;
  options.only = true;
  options.given = std::move(node.options.given);
  const std::string store = options.store;
  const int status = run_plan(args, *node.graph, std::move(options));
  if (status == 0) finish_node(store, key, node);
  return status;
}

}  // namespace

int run_atlas_run(Args raw) {
  const AtlasArgs args(raw, {"--dry-run", "--force", "--keep-going", "--json"},
                       {"--plan", "--store", "--cpu", "--mem", "--gpu", "--today", kParam});
  const LoadedPlan loaded = load_plan(args);
  if (args.has("--dry-run")) return dry_run(args, *loaded.graph, loaded.names);
  return run_plan(args, *loaded.graph, run_options(args, loaded.names));
}

int run_atlas_run_one(Args raw) {
  const AtlasArgs args(
      raw, {"--force", "--json"},
      {"--plan", "--store", "--folder", "--cpu", "--mem", "--gpu", "--today", kParam});
  if (args.value("--store") && !args.value("--plan")) return run_from_store(args);
  const LoadedPlan loaded = load_plan(args);
  LYDIA_CHECK(loaded.names.size() == 1, ValueError, "lydia atlas run-one: expected one task, got ",
              loaded.names.size());
  RunOptions options = run_options(args, loaded.names);
  options.only = true;
  return run_plan(args, *loaded.graph, std::move(options));
}

int run_atlas_done(Args raw) {
  const AtlasArgs args(raw, {}, {"--plan", "--by", "--evidence", "--took", kParam});
  const LoadedPlan loaded = load_plan(args);
  LYDIA_CHECK(loaded.names.size() == 1, ValueError, "lydia atlas done: expected one task, got ",
              loaded.names.size());
  const auto evidence = args.value("--evidence");
  LYDIA_CHECK(evidence, ValueError, "lydia atlas done: expected --evidence FILE");
  const auto took = args.value("--took");
  close_human_task(*loaded.graph, loaded.names[0], args.value("--by").value_or(""), *evidence,
                   took ? parse_duration(*took) : 0);
  std::cout << loaded.names[0] << ": done\n";
  return 0;
}

int run_atlas_why(Args raw) {
  const AtlasArgs args(raw, {"--all", "--json"}, {"--plan", kParam});
  const LoadedPlan loaded = load_plan(args);
  LYDIA_CHECK(args.has("--all") || !loaded.names.empty(), ValueError,
              "lydia atlas why: expected a task, or --all");
  Resolver resolver(*loaded.graph, Resolver::Access::Look);
  const std::vector<TaskProbe> probes = probe(resolver);
  std::vector<int> tasks;  // causes before what they cause
  const auto add = [&](int task) {
    if (std::find(tasks.begin(), tasks.end(), task) == tasks.end()) tasks.push_back(task);
  };
  if (args.has("--all")) tasks = loaded.graph->order();
  for (const std::string& name : loaded.names) {
    for (const int task : tasks_meant(*loaded.graph, name)) {
      const int cause = probes[static_cast<size_t>(task)].cause;
      if (cause >= 0) add(cause);
      add(task);
    }
  }
  for (const int task : tasks) {
    const Task& t = loaded.plan->tasks[static_cast<size_t>(task)];
    const TaskProbe& p = probes[static_cast<size_t>(task)];
    if (args.has("--json"))
      std::cout << io::to_json(probe_json(*loaded.plan, t, p)) << "\n";
    else
      print_why(*loaded.plan, t, p);
  }
  return 0;
}

int run_atlas_status(Args raw) {
  const AtlasArgs args(raw, {"--json"}, {"--plan", kParam});
  const LoadedPlan loaded = load_plan(args);
  expect_no_names(loaded);
  Resolver resolver(*loaded.graph, Resolver::Access::Look);
  const std::vector<TaskProbe> probes = probe(resolver);
  report::Table table({"task", "state", "since", "last attempt"});
  for (int i = 0; i < loaded.graph->size(); ++i) {
    const Task& task = loaded.plan->tasks[static_cast<size_t>(i)];
    const TaskProbe& p = probes[static_cast<size_t>(i)];
    if (args.has("--json")) {
      std::cout << io::to_json(probe_json(*loaded.plan, task, p)) << "\n";
    } else {
      table.row({task.id.value, std::string(probe_name(p.kind)), p.latest ? p.latest->finished : "",
                 last_text(resolver.journal(), task)});
    }
  }
  ShowOptions options;
  add_history(resolver, probes, options);
  const PlanView view(*loaded.plan, options);
  const std::vector<Calibration>& people = options.schedule.calibration;
  if (args.has("--json")) {
    for (size_t i = 0; i < view.groups.size(); ++i) {
      const Rollup& r = view.groups[i];
      std::cout << io::to_json(io::Json::Object{{"group", loaded.plan->groups[i].id.value},
                                                {"tasks", int64_t{r.tasks}},
                                                {"done", int64_t{r.done}},
                                                {"work", r.work},
                                                {"left", r.left},
                                                {"finish", r.finish},
                                                {"verdict", r.verdict}})
                << "\n";
    }
    for (const Calibration& person : people)
      std::cout << io::to_json(io::Json::Object{{"persona", person.persona},
                                                {"factor", person.factor},
                                                {"finished", int64_t{person.tasks}}})
                << "\n";
    return 0;
  }
  report::Table groups({"group", "together"});
  for (size_t i = 0; i < view.groups.size(); ++i)
    groups.row({loaded.plan->groups[i].id.value, rollup_text(view, static_cast<int>(i))});
  std::cout << table.text(report::use_color(STDOUT_FILENO)) << "\n"
            << groups.text(report::use_color(STDOUT_FILENO));
  for (const Calibration& person : people)
    std::cout << person.persona << " takes " << report::format_number(person.factor, 3)
              << " of an estimate (" << person.tasks << " finished)\n";
  return 0;
}

int run_atlas_gc(Args raw) {
  const AtlasArgs args(raw, {}, {"--plan", "--keep-attempts", kParam});
  const LoadedPlan loaded = load_plan(args);
  expect_no_names(loaded);
  const GarbageReport report =
      collect_garbage(*loaded.plan, static_cast<int>(number_of(args, "--keep-attempts", 1)));
  std::cout << report::format_bytes(report.bytes) << " and " << report.attempts
            << " attempts removed\n";
  return 0;
}

}  // namespace lydia::cli
