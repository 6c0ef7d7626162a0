// Runs a plan: what is not up to date, in an order that ends soonest, as much at once as the
// machine's resources and the tasks' locks allow. Every attempt has a folder and a process of its
// own; what it made is kept in the store, written in the journal and put in place, in that order. A
// driver may be killed at any moment: the next one takes over what still runs and what has ended.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lydia/atlas/licence.h"
#include "lydia/atlas/resolver.h"

namespace lydia::atlas {

struct RunOptions {
  std::vector<std::string> targets;  // tasks and groups, with all they need; empty: everything
  bool only = false;                 // just the targets; what they need must be up to date
  bool force = false;                // the targets run though they are up to date
  bool keep_going = false;           // a failure stops only what needs it
  // What there is; 0: the machine's cores and memory, and no GPU.
  double cpu = 0;
  uint64_t mem = 0;
  int gpu = 0;
  std::string today;  // for waivers, see LicenceOptions
  std::string store;  // folder of a store that machines share; empty: the plan's own
  // Results of tasks that ran elsewhere, their outputs in place: these tasks need nothing more.
  std::vector<std::pair<int, ActionRecord>> given;
};

enum class TaskState {
  NotNeeded,  // no target needs it, or an alternative that was not chosen
  Waiting,
  Running,
  Elsewhere,  // another driver, or the process of one that was killed, is at it
  Done,
  Cached,
  Failed,
  Skipped,  // something it needs has failed, or the run was stopped
  Blocked,  // the licence gate is shut
  Human,    // waits for somebody's evidence
};
std::string_view task_state_name(TaskState state);

struct RunEvent {
  int task = -1;  // -1: only time has passed
  TaskState state = TaskState::Waiting;
  int attempt = 0;
  double seconds = 0;
  std::string message;  // one line, or empty
  std::string folder;   // of a failed attempt: its log is there
};

struct RunSummary {
  std::vector<TaskState> states;  // by task
  double seconds = 0;
  // Processor time of this process alone: its own, and the system's for it (forks, flushes).
  double driver_user_seconds = 0, driver_system_seconds = 0;
  bool interrupted = false;

  int count(TaskState state) const;
  // Everything that the targets need is done or cached.
  bool complete() const;
};

// The task of that id, all copies of a foreach task, or all tasks of a group. ValueError for
// others.
std::vector<int> tasks_meant(const PlanGraph& graph, const std::string& name);

class Runner {
 public:
  Runner(const PlanGraph& graph, RunOptions options, std::function<void(const RunEvent&)> observe);
  ~Runner();

  // ValueError for unknown targets and cycles; IoError when the journal cannot be written. SIGINT
  // and SIGTERM stop it: running attempts are ended and journalled. Not for several threads at
  // once.
  RunSummary run();

  // How long tasks took before, by index.
  struct History {
    double seconds = 0;  // the median; 0: nothing is known
    double spread = 0;   // the standard deviation of the logarithm
  };
  std::vector<History> history();
  static History history_of(std::vector<double> seconds);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Closes a human task: notes who did it and the digest of the evidence file, then takes the task's
// outputs as they lie. `took`: seconds of work, beside the estimate; 0: the working hours since a
// run first said that it waits. ValueError when the task is not human, the person is no persona,
// inputs are not ready, outputs are missing or the licence gate is shut.
void close_human_task(const PlanGraph& graph, const std::string& task, const std::string& by,
                      const std::string& evidence_file, double took = 0);

struct GarbageReport {
  uint64_t bytes = 0;
  size_t attempts = 0;
};
// Removes results that no task's last run is, with their objects, and all attempts but the last
// `keep_attempts` of each task.
GarbageReport collect_garbage(const Plan& plan, int keep_attempts = 1);

}  // namespace lydia::atlas
