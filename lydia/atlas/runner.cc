#include "lydia/atlas/runner.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "lydia/atlas/attempt.h"
#include "lydia/atlas/attempt_spec.h"
#include "lydia/atlas/resources.h"
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

uint64_t machine_memory() {
  return static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
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

struct Runner::State {
  struct Job {
    int task;
    Attempt attempt;
    io::FileDescriptor lock;
    Clock::time_point begin;
  };

  const PlanGraph& graph;
  RunOptions options;
  std::function<void(const RunEvent&)> observe;
  Resolver resolver;
  LicenceReport licences;
  RunSummary summary;
  std::vector<bool> target;
  std::vector<int> open;      // by task: how many it waits for
  std::vector<int> attempts;  // by task, of this run
  std::vector<double> rank;
  std::set<std::pair<double, int>> ready;  // (-rank, task): the most urgent first
  std::deque<int> due;                     // nothing is left that they wait for
  std::map<int, Resolver::Lookup> found;   // of tasks that are ready, elsewhere or running
  std::set<int> elsewhere;                 // locked by another process
  std::map<pid_t, Job> running;
  Resources free;
  bool stopping = false;

  State(const PlanGraph& g, RunOptions o, std::function<void(const RunEvent&)> see)
      : graph(g), options(std::move(o)), observe(std::move(see)), resolver(g) {
    if (options.cpu <= 0) options.cpu = std::max(1u, std::thread::hardware_concurrency());
    if (options.mem == 0) options.mem = machine_memory();
  }

  const Task& task_at(int i) const { return graph.plan().tasks[static_cast<size_t>(i)]; }
  TaskState& state_of(int i) { return summary.states[static_cast<size_t>(i)]; }
  bool needed(int i) { return state_of(i) != TaskState::NotNeeded; }

  void tell(int task, TaskState state, std::string message = "", double seconds = 0,
            std::string folder = "") {
    if (task >= 0) state_of(task) = state;
    if (observe)
      observe({task, state, task >= 0 ? attempts[static_cast<size_t>(task)] : 0, seconds,
               std::move(message), std::move(folder)});
  }

  void select();
  void plan_order();
  void check_needs();
  void consider(int task);
  void unblock(int task);
  void consider_due();
  void give_up(int task, TaskState state, const std::string& message, double seconds = 0,
               const std::string& folder = "");
  void skip_behind(int task);
  void launch();
  void start(int task);
  bool adopt(int task);
  void keep(int task, Attempt attempt, const AttemptRecord& record);
  void cached(int task, const ActionRecord& action);
  void reap();
  void ended(Job job);
  void look_elsewhere();
  void stop();
  io::FileDescriptor lock(const std::string& key) const;
};

// Which tasks the targets need.
void Runner::State::select() {
  const auto n = static_cast<size_t>(graph.size());
  summary.states.assign(n, TaskState::NotNeeded);
  target.assign(n, options.targets.empty());
  attempts.assign(n, 0);
  for (const std::string& name : options.targets) {
    const int task = graph.task(name), group = task < 0 ? graph.group(name) : -1;
    LYDIA_CHECK(task >= 0 || group >= 0, ValueError, "atlas run: no task or group '", name, "'");
    if (task >= 0) {
      LYDIA_CHECK(graph.active(task), ValueError, "atlas run: '", name,
                  "' is an alternative that its group did not choose");
      target[static_cast<size_t>(task)] = true;
    } else {
      for (const int t : graph.tasks_in(group)) target[static_cast<size_t>(t)] = true;
    }
  }
  std::vector<int> queue;
  for (int i = 0; i < graph.size(); ++i)
    if (target[static_cast<size_t>(i)] && graph.active(i)) queue.push_back(i);
  while (!queue.empty()) {
    const int task = queue.back();
    queue.pop_back();
    if (needed(task)) continue;
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
    std::vector<double> times = resolver.journal().durations(task_at(*at).id.value);
    std::sort(times.begin(), times.end());
    rank[static_cast<size_t>(*at)] = behind + (times.empty() ? 1.0 : times[times.size() / 2]);
  }
}

void Runner::State::check_needs() {
  free = Resources(options.cpu, options.mem, options.gpu);
  for (int i = 0; i < graph.size(); ++i) {
    const Task& task = task_at(i);
    if (!needed(i) || free.fits(task)) continue;
    const Needs needs = task.needs.value_or(Needs{});
    fail<ValueError>("atlas run: '", task.id.value, "' needs cpu ", needs.cpu, ", mem ",
                     bytes_text(needs.mem), ", gpu ", needs.gpu, "; this run has cpu ", options.cpu,
                     ", mem ", bytes_text(options.mem), ", gpu ", options.gpu,
                     " (--cpu, --mem, --gpu)");
  }
}

// All it waits for is settled: taken from the cache, or ready to run.
void Runner::State::consider(int task) {
  const auto at = static_cast<size_t>(task);
  try {
    Resolver::Lookup looked_up = resolver.look_up(task);
    const bool forced = options.force && target[at] && attempts[at] == 0;
    if (looked_up.cached && !forced) return cached(task, *looked_up.cached);
    if (options.only && !target[at])
      return give_up(task, TaskState::Failed, "is not up to date, and only targets run");
    if (task_at(task).human) {
      tell(task, TaskState::Human,
           "waits for evidence: lydia atlas done " + task_at(task).id.value);
      return skip_behind(task);
    }
    if (!task_at(task).run) return give_up(task, TaskState::Failed, "has no command to run");
    if (task_at(task).delivery != Delivery::None) {
      const auto blockers = licences.blockers(graph, task);
      if (!blockers.empty())
        return give_up(
            task, TaskState::Blocked,
            "licence gate: '" + blockers[0]->name + "': " + blockers[0]->verdict.because.en);
    }
    found[task] = std::move(looked_up);
    ready.emplace(-rank[at], task);
  } catch (const ValueError& error) {
    give_up(task, TaskState::Failed, error.what());
  }
}

void Runner::State::cached(int task, const ActionRecord& action) {
  std::string message;
  for (const std::string& moved : resolver.put_in_place(action))
    message += (message.empty() ? "changed by hand, moved aside: " : "; ") + moved;
  resolver.journal().set_latest(task_at(task).id.value, action.key);
  resolver.settle(task, action);
  found.erase(task);
  tell(task, TaskState::Cached, std::move(message), action.seconds);
  unblock(task);
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
  while (!queue.empty()) {
    const int next = queue.back();
    queue.pop_back();
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

// Takes what another driver, or the process of one that was killed, has already done. We hold the
// action's lock, so nobody is at it now.
bool Runner::State::adopt(int task) {
  const std::string key = found.at(task).key.key;
  if (const auto done = resolver.result(key)) {
    cached(task, *done);
    return true;
  }
  for (Attempt& attempt : resolver.journal().open_attempts(key)) {
    std::optional<AttemptRecord> record;
    try {
      record = read_attempt_record(attempt.folder);
    } catch (const Error&) {  // damaged: as good as none
    }
    if (record && record->state == AttemptState::Done) {
      keep(task, attempt, *record);
      return true;
    }
    attempt.state = record ? record->state : AttemptState::Lost;
    attempt.message = record ? record->message : "its process and its driver were killed";
    resolver.journal().end_attempt(attempt);
  }
  return false;
}

// An attempt that went well: into the store, into the journal, into place.
void Runner::State::keep(int task, Attempt attempt, const AttemptRecord& record) {
  Journal& journal = resolver.journal();
  const Resolver::Lookup looked_up = std::move(found.at(task));
  found.erase(task);
  if (const std::string port = resolver.changed_input(looked_up); !port.empty()) {
    attempt.state = AttemptState::Failed;
    attempt.message = "its input '" + port + "' changed while it ran";
    attempt.seconds = record.seconds;
    journal.end_attempt(attempt);
    return give_up(task, TaskState::Failed, attempt.message, record.seconds, attempt.folder);
  }
  const ActionKey& key = looked_up.key;
  ActionRecord action{
      key.key, task_at(task).id.value, key.parts, record.outputs, record.seconds, now_utc(), ""};
  VerdictLevel verdict = VerdictLevel::Allow;
  for (const LicenceItem& item : licences.items)
    if (item.task == task && !item.waived) verdict = std::max(verdict, item.verdict.level);
  action.verdict = verdict_name(verdict);
  attempt.seconds = record.seconds;
  attempt.exit_code = 0;
  try {
    for (const ActionOutput& o : record.outputs) {
      const std::string file = attempt.folder + "/work/" + o.path;
      if (!resolver.store().has(o.digest)) resolver.store().put(file, o.digest);
    }
    attempt.state = AttemptState::Done;
    Journal::Batch batch(journal);
    journal.add_action(action);
    journal.end_attempt(attempt);
    batch.commit();
    std::string message;
    for (const std::string& moved : resolver.put_in_place(action, attempt.folder + "/work"))
      message += (message.empty() ? "changed by hand, moved aside: " : "; ") + moved;
    journal.set_latest(action.task, action.key);
    fs::remove_all(attempt.folder + "/work");
    fs::remove_all(attempt.folder + "/tmp");
    fs::remove_all(persist_folder(resolver.folder(), action.task));
    resolver.settle(task, action);
    tell(task, TaskState::Done, std::move(message), record.seconds);
    unblock(task);
  } catch (const std::exception& error) {
    attempt.state = AttemptState::Failed;
    attempt.message = std::string("its result could not be kept: ") + error.what();
    stopping = true;  // a full disk will not become emptier
    give_up(task, TaskState::Failed, attempt.message, record.seconds, attempt.folder);
    journal.end_attempt(attempt);
  }
}

void Runner::State::reap() {
  for (auto at = running.begin(); at != running.end();) {
    int status = 0;
    if (waitpid(at->first, &status, WNOHANG) != at->first) {
      ++at;
      continue;
    }
    Job job = std::move(at->second);
    at = running.erase(at);
    free.give_back(task_at(job.task));
    ended(std::move(job));
  }
}

void Runner::State::ended(Job job) {
  std::optional<AttemptRecord> record;
  std::string trouble = "its process ended without a record (killed, or the disk is full)";
  try {
    record = read_attempt_record(job.attempt.folder);
  } catch (const Error& error) {
    trouble = error.what();
  }
  if (record && record->state == AttemptState::Done)
    return keep(job.task, std::move(job.attempt), *record);
  Attempt& attempt = job.attempt;
  attempt.state = record ? record->state : AttemptState::Lost;
  attempt.exit_code = record ? record->exit_code : -1;
  attempt.message = record ? record->message : trouble;
  attempt.seconds = std::chrono::duration<double>(Clock::now() - job.begin).count();
  resolver.journal().end_attempt(attempt);
  if (attempt.state == AttemptState::Cancelled || stopping) {
    tell(job.task,
         attempt.state == AttemptState::Cancelled ? TaskState::Skipped : TaskState::Failed,
         attempt.message, attempt.seconds, attempt.folder);
    return skip_behind(job.task);
  }
  const auto& retries = task_at(job.task).retries;
  if (attempts[static_cast<size_t>(job.task)] <= (retries ? retries->value : 0)) {
    tell(job.task, TaskState::Waiting, "trying again: " + attempt.message, attempt.seconds,
         attempt.folder);
    ready.emplace(-rank[static_cast<size_t>(job.task)], job.task);
    return;
  }
  give_up(job.task, TaskState::Failed, attempt.message, attempt.seconds, attempt.folder);
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
  s.check_needs();
  s.licences = judge_licences(s.graph, {s.options.today});
  const io::FileDescriptor in_use = use_state(s.resolver.folder());
  const SignalScope signals;
  for (const int task : s.graph.order())
    if (s.needed(task)) s.tell(task, TaskState::Waiting);
  for (const int task : s.graph.order())
    if (s.needed(task) && s.open[static_cast<size_t>(task)] == 0) s.due.push_back(task);
  for (;;) {
    s.consider_due();
    if (!s.stopping) s.launch();
    if (!s.due.empty()) continue;  // what was taken over has set others free
    if (s.running.empty() && (s.stopping || (s.ready.empty() && s.elsewhere.empty()))) break;
    const auto patience = std::chrono::milliseconds(s.elsewhere.empty() ? 1000 : 100);
    const int signal = signals.wait(patience);
    if (signal == SIGINT || signal == SIGTERM) s.stop();
    s.reap();
    if (!s.stopping) s.look_elsewhere();
    s.tell(-1, TaskState::Running);
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
