#include "lydia/atlas/runner.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "lydia/atlas/attempt_spec.h"
#include "lydia/atlas/run_state.h"
#include "lydia/atlas/signal_scope.h"
#include "lydia/core/error.h"
#include "lydia/io/file_descriptor.h"

namespace lydia::atlas {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

rusage own_usage() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

std::string_view task_state_name(TaskState state) {
  static constexpr std::string_view kNames[] = {"not-needed", "waiting", "running", "elsewhere",
                                                "done",       "cached",  "failed",  "skipped",
                                                "blocked",    "human"};
  return kNames[static_cast<int>(state)];
}

int RunSummary::count(TaskState state) const {
  return static_cast<int>(std::count(states.begin(), states.end(), state));
}

bool RunSummary::complete() const {
  return std::all_of(states.begin(), states.end(), [](TaskState s) {
    return s == TaskState::NotNeeded || s == TaskState::Done || s == TaskState::Cached;
  });
}

std::vector<int> tasks_meant(const PlanGraph& graph, const std::string& name) {
  std::vector<int> tasks = graph.tasks_named(name);
  if (tasks.empty() && graph.group(name) >= 0) tasks = graph.tasks_in(graph.group(name));
  LYDIA_CHECK(!tasks.empty(), ValueError, "atlas: the plan has no task '", name,
              "', and no group of that name with tasks");
  return tasks;
}

// Which tasks the targets need.
void Runner::State::select() {
  const auto n = static_cast<size_t>(graph.size());
  summary.states.assign(n, TaskState::NotNeeded);
  target.assign(n, options.targets.empty());
  attempts.assign(n, 0);
  for (const std::string& name : options.targets) {
    const std::vector<int> named = tasks_meant(graph, name);
    LYDIA_CHECK(named.size() > 1 || graph.active(named[0]), ValueError, "atlas run: '", name,
                "' is an alternative that its group did not choose");
    for (const int task : named) target[static_cast<size_t>(task)] = true;
  }
  for (const auto& [task, action] : options.given) resolver.settle(task, action);
  std::vector<int> queue;
  for (int i = 0; i < graph.size(); ++i)
    if (target[static_cast<size_t>(i)] && graph.active(i)) queue.push_back(i);
  while (!queue.empty()) {
    const int task = queue.back();
    queue.pop_back();
    if (needed(task) || resolver.settled(task)) continue;
    state_of(task) = TaskState::Waiting;
    for (const int before : graph.previous(task))
      if (graph.active(before)) queue.push_back(before);
  }
}

// Upward rank: a task's own time and the longest way behind it.
void Runner::State::plan_order() {
  const std::vector<int> order = graph.order();
  std::vector<bool> there(static_cast<size_t>(graph.size()));
  for (const int i : order) there[static_cast<size_t>(i)] = true;
  rank.assign(static_cast<size_t>(graph.size()), 0);
  open.assign(static_cast<size_t>(graph.size()), 0);
  for (int i = 0; i < graph.size(); ++i) {
    LYDIA_CHECK(!needed(i) || there[static_cast<size_t>(i)], ValueError, "atlas run: '",
                task_at(i).id.value, "' waits for itself; see lydia atlas check");
    if (!needed(i)) continue;
    for (const int before : graph.previous(i)) open[static_cast<size_t>(i)] += needed(before);
  }
  for (auto at = order.rbegin(); at != order.rend(); ++at) {
    double behind = 0;
    for (const int next : graph.next(*at))
      behind = std::max(behind, rank[static_cast<size_t>(next)]);
    const double before = history_of(resolver.journal().durations(task_at(*at).id.value)).seconds;
    rank[static_cast<size_t>(*at)] = behind + (before > 0 ? before : 1.0);
  }
}

void Runner::State::check_needs(int task) const {
  if (Resources(options.cpu, options.mem, options.gpu).fits(task_at(task))) return;
  const Needs needs = task_at(task).needs.value_or(Needs{});
  fail<ValueError>("needs cpu ", needs.cpu, ", mem ", bytes_text(needs.mem), ", gpu ", needs.gpu,
                   "; this run has cpu ", options.cpu, ", mem ", bytes_text(options.mem), ", gpu ",
                   options.gpu, " (--cpu, --mem, --gpu)");
}

// All it waits for is settled: taken from the cache, or ready to run.
void Runner::State::consider(int task) {
  const auto at = static_cast<size_t>(task);
  try {
    Resolver::Lookup looked_up = resolver.look_up(task);
    const bool forced = options.force && target[at] && attempts[at] == 0;
    if (looked_up.cached && !forced && cached(task, *looked_up.cached)) return;
    if (options.only && !target[at])
      return give_up(task, TaskState::Failed, "is not up to date, and only targets run");
    if (const std::string shut = licences.gate(graph, task); !shut.empty())
      return give_up(task, TaskState::Blocked, shut);
    if (task_at(task).human) {
      resolver.journal().note_waiting(task_at(task).id.value);
      tell(task, TaskState::Human,
           "waits for evidence: lydia atlas done " + task_at(task).id.value);
      return skip_behind(task);
    }
    if (!task_at(task).run) return give_up(task, TaskState::Failed, "has no command to run");
    check_needs(task);
    found[task] = std::move(looked_up);
    ready.emplace(-rank[at], task);
  } catch (const ValueError& error) {
    give_up(task, TaskState::Failed, error.what());
  }
}

void Runner::State::unblock(int task) {
  for (const int next : graph.next(task))
    if (needed(next) && --open[static_cast<size_t>(next)] == 0) due.push_back(next);
}

void Runner::State::consider_due() {
  for (; !due.empty(); due.pop_front())
    if (state_of(due.front()) == TaskState::Waiting) consider(due.front());
}

void Runner::State::give_up(int task, TaskState state, const std::string& message, double seconds,
                            const std::string& folder) {
  tell(task, state, message, seconds, folder);
  skip_behind(task);
  if (!options.keep_going && state == TaskState::Failed) stopping = true;
}

void Runner::State::skip_behind(int task) {
  std::vector<int> queue = graph.next(task);
  for (size_t i = 0; i < queue.size(); ++i) {
    const int next = queue[i];
    if (state_of(next) != TaskState::Waiting) continue;
    tell(next, TaskState::Skipped, "needs " + task_at(task).id.value);
    queue.insert(queue.end(), graph.next(next).begin(), graph.next(next).end());
  }
}

// Starts what fits, the most urgent first; looks a little past what does not.
void Runner::State::launch() {
  constexpr int kLookAhead = 64;
  int passed = 0;
  for (auto at = ready.begin(); at != ready.end() && !stopping && passed < kLookAhead;) {
    const int task = at->second;
    if (!free.fits(task_at(task))) {
      ++at, ++passed;
      continue;
    }
    at = ready.erase(at);
    start(task);
  }
}

io::FileDescriptor Runner::State::lock(const std::string& key) const {
  const std::string path = resolver.folder().locks() + "/" + key;
  io::FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  LYDIA_CHECK(file.get() >= 0, IoError, path, ": cannot open: ", std::strerror(errno));
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) return io::FileDescriptor();
  return file;
}

void Runner::State::start(int task) {
  const auto at = static_cast<size_t>(task);
  try {
    const ActionKey& key = found.at(task).key;
    io::FileDescriptor ours = lock(key.key);
    if (ours.get() < 0) {
      tell(task, TaskState::Elsewhere, "another process is at it");
      elsewhere.insert(task);
      return;
    }
    const bool forced = options.force && target[at] && attempts[at] == 0;
    if (!forced && adopt(task)) return;
    ++attempts[at];
    Journal& journal = resolver.journal();
    const Task& t = task_at(task);
    const Attempt attempt = journal.start_attempt(
        t.id.value, key.key, resolver.folder().attempts() + "/" + file_name(t.id.value));
    fs::remove_all(attempt.folder);  // of a state that was removed and begun anew
    const AttemptSpec spec = attempt_spec(resolver, task, attempt, key);
    const pid_t pid = start_attempt_process(spec, ours.get());
    free.take(t);
    running.emplace(pid, Job{task, attempt, std::move(ours), Clock::now()});
    tell(task, TaskState::Running, "", 0, attempt.folder);
  } catch (const ValueError& error) {
    give_up(task, TaskState::Failed, error.what());
  }
}

void Runner::State::look_elsewhere() {
  for (auto at = elsewhere.begin(); at != elsewhere.end();) {
    if (lock(found.at(*at).key.key).get() < 0) {
      ++at;
      continue;
    }
    ready.emplace(-rank[static_cast<size_t>(*at)], *at);
    at = elsewhere.erase(at);
  }
}

void Runner::State::stop() {
  stopping = summary.interrupted = true;
  for (const auto& [pid, job] : running) kill(pid, SIGTERM);
}

// One turn of the loop; false when there is nothing left to do.
bool Runner::State::step(const SignalScope& signals) {
  consider_due();
  if (!stopping) launch();
  if (!due.empty()) return true;  // what was taken over has set others free
  if (running.empty() && (stopping || (ready.empty() && elsewhere.empty()))) return false;
  const auto patience = std::chrono::milliseconds(elsewhere.empty() ? 1000 : 100);
  const int signal = signals.wait(patience);
  if (signal == SIGINT || signal == SIGTERM) stop();
  reap();
  if (!stopping) look_elsewhere();
  tell(-1, TaskState::Running);
  return true;
}

Runner::Runner(const PlanGraph& graph, RunOptions options,
               std::function<void(const RunEvent&)> observe)
    : state_(std::make_unique<State>(graph, std::move(options), std::move(observe))) {}
Runner::~Runner() = default;

RunSummary Runner::run() {
  State& s = *state_;
  const Clock::time_point begin = Clock::now();
  const rusage before = own_usage();
  s.select();
  s.plan_order();
  s.free = Resources(s.options.cpu, s.options.mem, s.options.gpu);
  s.licences = judge_licences(s.graph, {s.options.today});
  const io::FileDescriptor in_use = use_state(s.resolver.folder());
  const SignalScope signals;
  for (const int task : s.graph.order())
    if (s.needed(task)) s.tell(task, TaskState::Waiting);
  for (const int task : s.graph.order())
    if (s.needed(task) && s.open[static_cast<size_t>(task)] == 0) s.due.push_back(task);
  try {
    while (s.step(signals)) {
    }
  } catch (const IoError& error) {  // the journal or the store: nothing can be noted any more
    for (const auto& [pid, job] : s.running) kill(pid, SIGTERM);
    fail<IoError>("atlas run: stopped: ", error.what());
  }
  for (int i = 0; i < s.graph.size(); ++i)
    if (s.state_of(i) == TaskState::Waiting || s.state_of(i) == TaskState::Elsewhere)
      s.tell(i, TaskState::Skipped, "the run was stopped");
  const rusage after = own_usage();
  s.summary.driver_user_seconds = seconds_of(after.ru_utime) - seconds_of(before.ru_utime);
  s.summary.driver_system_seconds = seconds_of(after.ru_stime) - seconds_of(before.ru_stime);
  s.summary.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return s.summary;
}

std::vector<Runner::History> Runner::history() {
  std::vector<History> out;
  for (const Task& task : state_->graph.plan().tasks) {
    out.push_back(history_of(state_->resolver.journal().durations(task.id.value)));
  }
  return out;
}

}  // namespace lydia::atlas
